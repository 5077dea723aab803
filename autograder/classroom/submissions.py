"""Find what students handed in: `submitted/<student>/<topic>/<topic>.ipynb`."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UserError


class NothingToGradeError(UserError):
    """There is no submission where one was asked for; the message says where it looked."""


@dataclass(frozen=True)
class Handed:
    """One file that a student handed in, not yet read."""

    student: str
    topic: str
    path: Path
    sha256: str
    size: int


def find_submissions(class_dir: Path, stems: Sequence[str], student: str | None = None) -> list[Handed]:
    """All submissions of a class for some topics, in order of student and topic.

    Raises
    ------
    NothingToGradeError
        If the folder or the student does not exist.
    """
    folder = class_dir / "submitted"
    if not folder.is_dir():
        raise NothingToGradeError(f"{folder} does not exist. Put notebooks at submitted/STUDENT/TOPIC/TOPIC.ipynb.")
    students = sorted(entry.name for entry in folder.iterdir() if entry.is_dir() and not entry.is_symlink())
    if student is not None:
        if student not in students:
            near = ", ".join(name for name in students if student[:3].lower() in name.lower()) or ", ".join(
                students[:5]
            )
            raise NothingToGradeError(f"no student {student!r} in {folder}. Did you mean: {near}?")
        students = [student]
    found = []
    for name in students:
        for stem in stems:
            path = folder / name / stem / f"{stem}.ipynb"
            if os.path.lexists(path):
                found.append(Handed(name, stem, path, *identity(path)))
    return found


def largest_first(found: Iterable[Handed]) -> list[Handed]:
    """Topic by topic, so that few topics are open at a time, and the largest file of each first."""
    return sorted(found, key=lambda handed: (handed.topic, -handed.size))


def identity(path: Path) -> tuple[str, int]:
    """Digest and size of a regular file; of anything else (a link, a pipe) only of its name.

    Intake says what is wrong with those; nothing here may follow a link or wait for a pipe.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        return hashlib.sha256(f"unreadable {error.errno}".encode()).hexdigest(), 0
    with os.fdopen(descriptor, "rb") as file:
        size = os.fstat(descriptor).st_size
        if not os.path.isfile(f"/proc/self/fd/{descriptor}"):
            return hashlib.sha256(b"not a regular file").hexdigest(), 0
        return hashlib.file_digest(file, "sha256").hexdigest(), size
