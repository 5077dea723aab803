"""What is in a downloaded archive or folder, without unpacking it: no name in it ever becomes a path here."""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path, PurePosixPath

from autograder.errors import UserError
from autograder.intake.files import MEBIBYTE, read_regular
from autograder.intake.records import Unreadable

MOST_ENTRIES = 100_000
MOST_TOTAL = 50 * 2**30  # bytes that an archive may claim to hold
UNSEEN = {"__MACOSX", ".ipynb_checkpoints", ".DS_Store", "Thumbs.db", ".git"}
DAMAGE = (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError, ValueError)


class UnsafeArchiveError(UserError):
    """An archive that is not opened at all; the message says what was seen in it."""


@dataclass(frozen=True)
class Entry:
    """One file of an archive or folder.

    Parameters
    ----------
    name : str
        Its path inside, with `/`.
    size : int
        Bytes, as the archive claims.
    changed : datetime or None
        When it was last changed, in UTC, if that is known.
    problem : str
        Why it must not be read; empty if it may be.
    read : callable
        Gives its bytes, at most so many MiB; raises `Unreadable`.
    """

    name: str
    size: int
    changed: datetime | None
    problem: str
    read: Callable[[float], bytes]

    @property
    def file(self) -> str:
        """The last part of its name."""
        return PurePosixPath(self.name).name


@contextmanager
def opened(path: Path) -> Iterator[list[Entry]]:
    """The files of a zip archive or of a folder, for as long as the context lasts.

    Raises
    ------
    UnsafeArchiveError
        For what is no zip archive, or one that is built to do harm.
    """
    if path.is_dir():
        yield list(_of_folder(path))
        return
    try:
        archive = zipfile.ZipFile(path)
    except DAMAGE as error:
        raise UnsafeArchiveError(f"{path.name}: this is no zip archive ({error}). Download it again.") from None
    with archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        _refuse_bombs(path, infos)
        yield [_of_zip(archive, info) for info in infos if not _unseen(_name_of(info))]


def _refuse_bombs(path: Path, infos: list[zipfile.ZipInfo]) -> None:
    if len(infos) > MOST_ENTRIES:
        raise UnsafeArchiveError(f"{path.name}: {len(infos):,} files, and at most {MOST_ENTRIES:,} are read.")
    total = sum(info.file_size for info in infos)
    if total > MOST_TOTAL:
        raise UnsafeArchiveError(f"{path.name}: it would unpack to {total / 2**30:.0f} GB. Is it the right file?")
    ordered = sorted(infos, key=lambda info: info.header_offset)
    for info, following in pairwise(ordered):
        if info.header_offset + info.compress_size > following.header_offset:
            raise UnsafeArchiveError(f"{path.name}: files inside overlap, as in a zip bomb. Download it again.")


def _of_zip(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Entry:
    name = _name_of(info)

    def read(most_mb: float) -> bytes:
        if info.file_size > most_mb * MEBIBYTE:
            raise Unreadable(f"{info.file_size / MEBIBYTE:.1f} MB, and at most {most_mb:g} MB are read")
        try:
            return archive.read(info)  # never more than the size that it claims
        except DAMAGE as error:
            raise Unreadable(f"damaged inside the archive ({type(error).__name__})") from None

    return Entry(name, info.file_size, _zip_time(info), _problem(name, info), read)


def _name_of(info: zipfile.ZipInfo) -> str:
    name = info.filename
    if not info.flag_bits & 0x800:  # not marked as UTF-8, which it may be all the same
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _problem(name: str, info: zipfile.ZipInfo) -> str:
    mode = info.external_attr >> 16
    if stat.S_ISLNK(mode):
        return "a link, not a file"
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "no regular file"
    if info.flag_bits & 1:
        return "encrypted"
    parts = name.split("/")
    if name.startswith("/") or ".." in parts or name[1:2] == ":" or any(ord(letter) < 32 for letter in name):
        return "a name that leads out of the archive or hides something"
    return ""


def _unseen(name: str) -> bool:
    parts = name.split("/")
    return not UNSEEN.isdisjoint(parts) or parts[-1].startswith("._")


def _zip_time(info: zipfile.ZipInfo) -> datetime | None:
    try:
        return datetime(*info.date_time).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _of_folder(folder: Path) -> Iterator[Entry]:
    """Files below a folder; links are named but never followed."""
    count = 0
    for top, folders, files in os.walk(folder):
        linked = [name for name in folders if os.path.islink(os.path.join(top, name))]
        folders[:] = sorted(set(folders) - set(linked))
        for file in sorted([*files, *linked]):
            path = Path(top, file)
            name = path.relative_to(folder).as_posix()
            if _unseen(name):
                continue
            count += 1
            if count > MOST_ENTRIES:
                raise UnsafeArchiveError(f"{folder}: more than {MOST_ENTRIES:,} files. Is it the right folder?")
            status = path.lstat()
            problem = "" if stat.S_ISREG(status.st_mode) else "a link or no regular file"
            changed = datetime.fromtimestamp(status.st_mtime, UTC)
            yield Entry(name, status.st_size, changed, problem, lambda most, path=path: read_regular(path, most))  # type: ignore[misc]
