"""Leave the zygote's user: a slot uid when it is root, and no capabilities in any case."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable
from functools import lru_cache
from pathlib import PurePosixPath

from . import kernel


def drop(uid: int | None, needed: Iterable[str] = ()) -> None:
    """Become `uid` (if given) and give up every capability.

    Where the interpreter lies in a folder that others may not enter (an administrator's home), one right is kept: to
    search and read any folder. Landlock then is what keeps the child from other people's files, and `doctor` says so.

    Raises
    ------
    OSError
        If the kernel refuses.
    """
    keep = 0
    if uid is not None and not reachable_by_others(tuple(needed)):
        keep = 1 << kernel.CAP_DAC_READ_SEARCH & kernel.capabilities()
    kernel.clear_ambient()
    if uid is not None:
        if keep:
            kernel.prctl(kernel.PR_SET_KEEPCAPS, 1)
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    kernel.set_capabilities(keep)


@lru_cache(maxsize=8)
def reachable_by_others(needed: tuple[str, ...] = ()) -> bool:
    """Whether any user may enter the interpreter's folders and those in `needed`."""
    return not closed_folder(needed)


def closed_folder(needed: tuple[str, ...] = ()) -> str:
    """The first file or folder on the way to those that other users may not enter; "" if there is none."""
    for path in (sys.base_prefix, sys.prefix, *needed):
        real = os.path.realpath(path)
        way = [real, *(str(folder) for folder in PurePosixPath(real).parents)]
        for step in reversed(way):
            if not _open_to_others(step):
                return step
    return ""


def _open_to_others(path: str) -> bool:
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return False
    return bool(mode & (stat.S_IXOTH if stat.S_ISDIR(mode) else stat.S_IROTH))
