"""Get the bytes of a submitted file, and nothing else: no link is followed, no pipe waited for, no disk filled."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from autograder.intake.records import Unreadable

MEBIBYTE = 2**20
KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
PORTABLE_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0)
CAREFUL_FLAGS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)


def read_regular(path: Path, most_mb: float) -> bytes:
    """The bytes of a regular file.

    Parameters
    ----------
    path : Path
        Below `submitted/` neither the file nor the folders of student and topic may be links: a link there would
        hand in what belongs to somebody else.
    most_mb : float
        Largest size in MiB; it is looked at before anything is read.

    Raises
    ------
    Unreadable
        For anything but a regular file of that size at most.
    """
    if path.parts[-4:-3] == ("submitted",):
        for folder in (path.parent, path.parent.parent):
            if folder.is_symlink():
                raise Unreadable(f"{path.name}: its folder {folder.name} is a link. Put the file itself there.")
    try:
        descriptor = os.open(path, PORTABLE_FLAGS | CAREFUL_FLAGS)
    except OSError as error:
        raise Unreadable(f"{path.name}: {_refusal(error)}") from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            kind = next((words for test, words in KINDS if test(status.st_mode)), "no regular file")
            raise Unreadable(f"{path.name}: this is {kind}, not a notebook. Put the notebook file itself there.")
        if status.st_size > most_mb * MEBIBYTE:
            raise Unreadable(_too_large(path, status.st_size, most_mb))
        return _all(descriptor, path, most_mb)
    except OSError as error:
        raise Unreadable(f"{path.name}: reading it failed ({error.strerror}). Copy it here again.") from None
    finally:
        os.close(descriptor)


def _all(descriptor: int, path: Path, most_mb: float) -> bytes:
    """Read to the end, but never past the cap: the file may grow while it is read."""
    most = int(most_mb * MEBIBYTE)
    parts: list[bytes] = []
    size = 0
    while part := os.read(descriptor, most + 1 - size):
        parts.append(part)
        size += len(part)
        if size > most:
            raise Unreadable(_too_large(path, size, most_mb))
    return b"".join(parts)


def _too_large(path: Path, size: int, most_mb: float) -> str:
    return (
        f"{path.name}: {size / MEBIBYTE:.1f} MB, and at most {most_mb:g} MB are read. "
        "Clear its outputs (Edit > Clear Outputs of All Cells), save it and hand it in again."
    )


def _refusal(error: OSError) -> str:
    if error.errno == errno.ENOENT:
        return "there is no such file. Was it renamed or moved?"
    if error.errno in (errno.ELOOP, getattr(errno, "EMLINK", errno.ELOOP)):
        return "this is a link, not a file. Put the notebook file itself there."
    if error.errno in (errno.EACCES, errno.EPERM):
        return "it may not be read here (permission denied). Mend it: chmod u+r FILE"
    if error.errno == errno.ENXIO:
        return "this is a socket or a device, not a notebook. Put the notebook file itself there."
    return f"it cannot be opened ({error.strerror}). Copy it here again."
