"""A work folder of bounded size, where the zygote may mount one, and a way to remove a folder that is not bounded."""

from __future__ import annotations

import itertools
import math
import os
import stat
import time
from contextlib import suppress

from . import kernel


def can_mount() -> bool:
    """Whether this process holds the capability; containers often withhold it even from root."""
    return bool(kernel.capabilities() >> kernel.CAP_SYS_ADMIN & 1)


def mount(folder: str, uid: int | None, size: int, files: int) -> bool:
    """Put an empty file system over `folder` that only this process sees, and that vanishes with it.

    Limits on one file's size do not bound how many there are; this bounds both, and costs about 0.4 ms.

    Returns
    -------
    bool
        False where mounting is not allowed: the folder is then used as it is, bounded per file only.
    """
    if not can_mount():
        return False
    owner, group = (os.getuid(), os.getgid()) if uid is None else (uid, uid)
    options = f"size={size},nr_inodes={files},mode=0700,uid={owner},gid={group}"
    try:
        kernel.private_mounts()
        kernel.mount_tmpfs(folder, options)
    except OSError:
        return False
    return True


def remove(folder: str, seconds: float = math.inf) -> bool:
    """Remove a folder that a submission has filled, as far as it can be; false if that takes longer than this.

    `shutil.rmtree` descends by recursion, so that a few thousand nested folders would end the process that cleans up.
    Here every inner folder is first moved to the top, and one that was locked is unlocked. Links are never followed.
    Nothing may be at work in the folder any more.
    """
    until = time.monotonic() + seconds
    try:
        top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return True
    try:
        numbers = itertools.count()
        while inner := _empty(top, "", until):
            for name in inner:
                for below in _empty(top, name, until):
                    with suppress(OSError):
                        os.rename(
                            f"{name}/{below}", f".removed-{os.getpid()}-{next(numbers)}", src_dir_fd=top, dst_dir_fd=top
                        )
                with suppress(OSError):
                    os.rmdir(name, dir_fd=top)
            if time.monotonic() > until:
                return False
            if _empty(top, "", until) == inner:
                break  # what cannot be removed must not keep this busy for ever
    finally:
        os.close(top)
    with suppress(OSError):
        os.rmdir(folder)
    return time.monotonic() <= until


def _empty(top: int, name: str, until: float) -> list[str]:
    """Remove the files of a folder directly below `top` (or of `top` itself); returns the names of its folders."""
    inner = []
    with suppress(OSError):
        here = os.open(name or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=top)
        try:
            for number, entry in enumerate(os.listdir(here)):
                if number % 1000 == 999 and time.monotonic() > until:
                    break
                if stat.S_ISDIR(os.lstat(entry, dir_fd=here).st_mode):
                    inner.append(entry)
                    os.chmod(entry, 0o700, dir_fd=here)  # a locked folder can neither be read nor moved
                    continue
                with suppress(OSError):
                    os.unlink(entry, dir_fd=here)
        finally:
            os.close(here)
    return inner
