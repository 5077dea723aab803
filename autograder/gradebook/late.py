"""Deadlines, extensions and late penalties in nbgrader's database, worked out anew from today's marks.

What was written here is remembered beside the journal, so that a penalty or an extension that a person put into the
gradebook is told from ours: the person's stays.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from autograder.config import Course
from autograder.gradebook.database import api, database_path, gradebook
from autograder.gradebook.timestamps import read_timestamp, submitted_folder
from autograder.intake.extensions import read_extensions
from autograder.late import Late, late_of
from autograder.reports.files import write_whole

MEMORY = Path("journal") / "late.json"
CENT = 0.005  # penalties are rounded to hundredths


@dataclass(frozen=True)
class Ours:
    """What was written here about one submission: penalty in points, extension in seconds."""

    penalty: float | None = None
    extension: float | None = None


@dataclass(frozen=True)
class Memory:
    """Everything that was written here: deadlines by topic, and by (topic, student) the rest."""

    deadlines: Mapping[str, str] = field(default_factory=dict)
    submissions: Mapping[tuple[str, str], Ours] = field(default_factory=dict)


def settle_lates(course: Course, class_dir: Path, stems: Sequence[str]) -> dict[tuple[str, str], Late]:
    """Bring deadlines, extensions and penalties of some topics up to date, and say who is late.

    Parameters
    ----------
    course : Course
        Deadlines and the rule; a topic without a deadline keeps the one that `nbgrader db` gave it.
    class_dir : Path
        `extensions.csv` in it gives single students another deadline.
    stems : sequence of str
        The topics.

    Returns
    -------
    dict
        The late submissions by (topic, student), and those whose penalty a person decided.
    """
    if not database_path(class_dir).exists():
        return {}
    with gradebook(course, class_dir) as book:
        return settle(book, course, class_dir, stems)


def settle(
    book: Any, course: Course, class_dir: Path, stems: Sequence[str], students: Collection[str] | None = None
) -> dict[tuple[str, str], Late]:
    """The same in an open gradebook, for all students or some."""
    extensions = read_extensions(course, class_dir)
    before = _read_memory(class_dir / MEMORY)
    deadlines, submissions = dict(before.deadlines), dict(before.submissions)
    lates: dict[tuple[str, str], Late] = {}
    for stem in stems:
        due = _deadline(book, course, stem, deadlines)
        for row in _rows(book, stem):
            key = (stem, row["student"])
            if students is None or row["student"] in students:
                settled = _Settled(book, course, class_dir, row, due)
                late, submissions[key] = settled.settled(extensions.get(key), submissions.get(key, Ours()))
                if late is not None:
                    lates[key] = late
    book.db.commit()
    after = Memory(deadlines, {key: ours for key, ours in submissions.items() if ours != Ours()})
    if after != before:
        _write_memory(class_dir / MEMORY, after)
    return lates


def _deadline(book: Any, course: Course, stem: str, ours: dict[str, str]) -> datetime | None:
    """The deadline of a topic as the database holds it: in UTC, without a zone."""
    try:
        assignment = book.find_assignment(stem)
    except api().MissingEntry:
        return None
    deadline = course.deadline(stem)
    if deadline is not None:
        assignment.duedate = deadline.astimezone(UTC).replace(tzinfo=None)
        ours[stem] = assignment.duedate.isoformat()
    elif assignment.duedate is not None and ours.pop(stem, "") == assignment.duedate.isoformat():
        assignment.duedate = None
    due: datetime | None = assignment.duedate
    return due


@dataclass(frozen=True)
class _Settled:
    """One submission in the database."""

    book: Any
    course: Course
    class_dir: Path
    row: Mapping[str, Any]
    due: datetime | None

    def settled(self, own_due: datetime | None, ours: Ours) -> tuple[Late | None, Ours]:
        """Write what has changed; gives the lateness, and what is ours in the database now."""
        extension, our_extension = self._extension(own_due, ours)
        timestamp = self._timestamp()
        held = self.row["penalty"]
        if not _same(held, ours.penalty):
            by_hand = Late(self._seconds(timestamp, extension), 1.0, by_hand=held or 0.0)
            return by_hand, Ours(ours.penalty, our_extension)
        late = late_of(self.course.late, self._seconds(timestamp, extension))
        penalty = None
        if late is not None or held:
            penalty = (late.penalty(self.row["score"] or 0.0) if late else 0.0) or None
            if not _same(held, penalty):
                table = api().SubmittedNotebook.__table__
                change = table.update().where(table.c.id == self.row["notebook"])
                self.book.db.execute(change.values(late_submission_penalty=penalty))
        return late, Ours(penalty, our_extension)

    def _seconds(self, timestamp: datetime | None, extension: timedelta | None) -> float:
        if timestamp is None or self.due is None:
            return 0.0
        return max((timestamp - self.due - (extension or timedelta())).total_seconds(), 0.0)

    def _extension(self, own_due: datetime | None, ours: Ours) -> tuple[timedelta | None, float | None]:
        """The extension that holds, and how much of it is ours to take back."""
        held: timedelta | None = self.row["extension"]
        if own_due is not None and self.due is not None:
            wanted = own_due.astimezone(UTC).replace(tzinfo=None) - self.due
            self._write(extension=wanted)
            return wanted, wanted.total_seconds()
        if held is not None and held.total_seconds() == ours.extension:
            self._write(extension=None)
            return None, None
        return held, None

    def _timestamp(self) -> datetime | None:
        """When it was handed in: as the file says now, if the submission is still there."""
        held: datetime | None = self.row["timestamp"]
        folder = submitted_folder(self.class_dir, self.row["student"], self.row["topic"])
        if not folder.is_dir():
            return held
        timestamp, _ = read_timestamp(folder)
        self._write(timestamp=timestamp)
        return timestamp

    def _write(self, **values: object) -> None:
        if any(self.row[name] != value for name, value in values.items()):
            table = api().SubmittedAssignment.__table__
            self.book.db.execute(table.update().where(table.c.id == self.row["id"]).values(**values))


def _rows(book: Any, stem: str) -> list[Mapping[str, Any]]:
    """Every submission of a topic with its score, in one question to the database."""
    from sqlalchemy import func, select

    nbgrader = api()
    handed, opened = nbgrader.SubmittedAssignment.__table__, nbgrader.SubmittedNotebook.__table__
    assignment = nbgrader.Assignment.__table__
    joined = opened.join(handed, opened.c.assignment_id == handed.c.id)
    joined = joined.join(assignment, handed.c.assignment_id == assignment.c.id)
    scores = select(nbgrader.Grade.notebook_id, func.sum(nbgrader.Grade.score).label("score"))
    sums = scores.group_by(nbgrader.Grade.notebook_id).subquery()
    joined = joined.outerjoin(sums, sums.c.notebook_id == opened.c.id)
    columns = [
        sums.c.score,
        handed.c.id,
        handed.c.timestamp,
        handed.c.extension,
        handed.c.student_id.label("student"),
        assignment.c.name.label("topic"),
        opened.c.id.label("notebook"),
        opened.c.late_submission_penalty.label("penalty"),
    ]
    query = select(*columns).select_from(joined).where(assignment.c.name == stem)
    return [dict(row) for row in book.db.execute(query).mappings()]


def _same(one: float | None, other: float | None) -> bool:
    return abs((one or 0.0) - (other or 0.0)) < CENT


def _read_memory(path: Path) -> Memory:
    """What was written here before; a file that cannot be read counts as nothing remembered."""
    try:
        data = json.loads(path.read_bytes())
        submissions = {
            (row["topic"], row["student"]): Ours(row["penalty"], row["extension"]) for row in data["submissions"]
        }
        return Memory(dict(data["deadlines"]), submissions)
    except (OSError, ValueError, KeyError, TypeError):
        return Memory()


def _write_memory(path: Path, memory: Memory) -> None:
    submissions = [
        {"topic": topic, "student": student, "penalty": ours.penalty, "extension": ours.extension}
        for (topic, student), ours in sorted(memory.submissions.items())
    ]
    data = {"deadlines": dict(sorted(memory.deadlines.items())), "submissions": submissions}
    write_whole(path, json.dumps(data, ensure_ascii=False, indent=1) + "\n")
