"""The system of record: an append-only file of results, one line each, that survives a crash at any byte."""

from __future__ import annotations

import fcntl
import os
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from autograder.errors import UserError
from autograder.records import Result, result_from_json

Key = tuple[str, str, str, str]

RESULTS = "results.jsonl"

SYNC_EVERY = 32  # results between two fsyncs: what a power cut may cost, and a second run does again


class JournalError(UserError):
    """The journal cannot be read or written; the message names the file and the way out."""


def key_of(result: Result) -> Key:
    """What makes a result current: topic, student, submission and grader."""
    return (result.topic, result.student, result.submission_sha256, result.grader_sha256)


def journal_path(class_dir: Path, name: str = RESULTS) -> Path:
    """Where the journal of a class lies, or that of one of its shards."""
    return class_dir / "journal" / name


@dataclass(frozen=True)
class Damage:
    """A line that could not be read: its submission is simply graded again."""

    line: int
    reason: str


@dataclass(frozen=True)
class History:
    """All results of a class in the order in which they were written; a later one replaces an earlier one."""

    results: tuple[Result, ...]
    damage: tuple[Damage, ...] = ()

    def by_key(self) -> dict[Key, Result]:
        """The result of each submission and grader."""
        return {key_of(result): result for result in self.results}

    def latest(self) -> dict[tuple[str, str], Result]:
        """The newest result of each (topic, student)."""
        return {(result.topic, result.student): result for result in self.results}


def read_journal(class_dir: Path, name: str = RESULTS) -> History:
    """Read every whole line of a class's journal; see `read_records`."""
    return read_records(journal_path(class_dir, name))


def read_records(path: Path) -> History:
    """Read every whole line; a file that is not there has none.

    A last line without its end is what a crash leaves behind. It counts if it is a whole record all the same, and
    is passed over otherwise. A damaged line in the middle is reported, never guessed at.
    """
    results: list[Result] = []
    damage: list[Damage] = []
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    if line != b"\n":
                        results.append(result_from_json(line))
                except ValueError as error:
                    if line.endswith(b"\n"):
                        damage.append(Damage(number, str(error)))
    except FileNotFoundError:
        return History(())
    except OSError as error:
        raise JournalError(f"{path}: cannot be read ({error.strerror}). Check its permissions.") from error
    return History(tuple(results), tuple(damage))


@dataclass
class Journal:
    """The one writer of a class's journal, as a context manager.

    Parameters
    ----------
    class_dir : Path
        Folder of the class.
    name : str
        Name of the file: a shard has its own.

    Raises
    ------
    JournalError
        If another run holds the journal, or it cannot be written (a full disk, a read-only folder).
    """

    class_dir: Path
    name: str = RESULTS
    _file: int = field(default=-1, init=False)
    _unsynced: int = field(default=0, init=False)

    @property
    def path(self) -> Path:
        """The file."""
        return journal_path(self.class_dir, self.name)

    def __enter__(self) -> Journal:
        path = self.path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as error:
            raise JournalError(f"{path}: cannot be written ({error.strerror}). Choose a folder of your own.") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._file)
            raise JournalError(f"{path}: another run is grading this class. Wait for it, or stop it.") from None
        try:
            self._mend_last_line()
            _sync_folder(path.parent)
        except BaseException:
            os.close(self._file)
            raise
        return self

    def _mend_last_line(self) -> None:
        """Cut off what a crash left of the last record, so that the next one starts on a line of its own."""
        with self.path.open("rb") as lines:
            last = next(iter(deque(lines, maxlen=1)), b"\n")
        if last.endswith(b"\n"):
            return
        try:
            result_from_json(last)
        except ValueError:
            os.ftruncate(self._file, os.fstat(self._file).st_size - len(last))
        else:
            self._write(b"\n")

    def append(self, result: Result) -> None:
        """Add one result; at most `SYNC_EVERY` of them are not yet on the disk."""
        self._write(result.to_json().encode() + b"\n")
        self._unsynced += 1
        if self._unsynced >= SYNC_EVERY:
            self.sync()

    def _write(self, data: bytes) -> None:
        start = os.fstat(self._file).st_size
        try:
            while data:
                data = data[os.write(self._file, data) :]
        except OSError as error:
            os.ftruncate(self._file, start)
            raise self._unwritten(error) from error

    def _unwritten(self, error: OSError) -> JournalError:
        return JournalError(
            f"{self.path}: the last result could not be written ({error.strerror}). All before it are safe. "
            "Make room, then run the same command again: it does only what is missing."
        )

    def sync(self) -> None:
        """Have the disk hold all that was appended."""
        if self._unsynced:
            try:
                os.fsync(self._file)
            except OSError as error:
                raise self._unwritten(error) from error
            self._unsynced = 0

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.sync()
        finally:
            os.close(self._file)


def _sync_folder(folder: Path) -> None:
    """Have the disk hold the name of a new file too, or a power cut takes the file with all that is in it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    with suppress(OSError):  # some network file systems know no such thing
        os.fsync(descriptor)
    os.close(descriptor)
