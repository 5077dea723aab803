"""Rows of nbgrader's database, a batch at a time: one transaction instead of several for every submission."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.gradebook.database import api
from autograder.gradebook.decisions import CellGrade

Row = dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """All that the database is to hold of one submission.

    `changed` says that the submission is another than the one that people may have marked.
    """

    student: str
    timestamp: datetime.datetime | None
    grades: tuple[CellGrade, ...]
    changed: bool


@dataclass(frozen=True)
class Cells:
    """The cells of one assignment in the database: ids of the notebook, of graded and of commented cells by name."""

    assignment: str
    notebook: str
    points: Mapping[str, float]
    grade_ids: Mapping[str, str]
    comment_ids: Mapping[str, str]


def read_cells(book: Any, stem: str) -> Cells:
    """The database's own list of cells."""
    assignment, notebook = book.find_assignment(stem), book.find_notebook(stem, stem)
    graded = sorted(notebook.grade_cells, key=lambda cell: str(cell.name))
    return Cells(
        assignment=assignment.id,
        notebook=notebook.id,
        points={cell.name: cell.max_score for cell in graded},
        grade_ids={cell.name: cell.id for cell in graded},
        comment_ids={cell.name: cell.id for cell in notebook.solution_cells},
    )


def write_entries(book: Any, cells: Cells, entries: Sequence[Entry]) -> None:
    """Write one batch and commit it; nothing of it is kept if something goes wrong."""
    try:
        notebooks = _submissions(book, cells, entries)
        for write, name in ((_write_grades, "Grade"), (_write_comments, "Comment")):
            held = _held(book, _table(name), notebooks.values())
            new = [row for entry in entries for row in write(book, cells, notebooks[entry.student], entry, held)]
            _insert(book, _table(name), new)
        book.db.commit()
    except BaseException:
        book.db.rollback()
        raise


def _submissions(book: Any, cells: Cells, entries: Sequence[Entry]) -> dict[str, str]:
    """Have a student, a submission and a submitted notebook for every entry; gives the notebooks' ids by student."""
    students, handed, notebooks = (_table(name) for name in ("Student", "SubmittedAssignment", "SubmittedNotebook"))
    names = [entry.student for entry in entries]
    there = {row["id"] for row in _rows(book, students, students.c.id, names)}
    _insert(book, students, [{"id": name} for name in names if name not in there])
    held = {
        row["student_id"]: row
        for row in _rows(book, handed, handed.c.student_id, names)
        if row["assignment_id"] == cells.assignment
    }
    new = [entry for entry in entries if entry.student not in held]
    _insert(book, handed, [_submission(cells, entry) for entry in new])
    for entry in entries:
        if entry.student in held and held[entry.student]["timestamp"] != entry.timestamp:
            _update(book, handed, held[entry.student]["id"], {"timestamp": entry.timestamp})
    ids = {entry.student: held.get(entry.student, _submission(cells, entry))["id"] for entry in entries}
    opened = {
        row["assignment_id"]: row["id"]
        for row in _rows(book, notebooks, notebooks.c.assignment_id, list(ids.values()))
        if row["notebook_id"] == cells.notebook
    }
    missing = [handed_id for handed_id in ids.values() if handed_id not in opened]
    fresh = {handed_id: _id(handed_id, cells.notebook) for handed_id in missing}
    _insert(book, notebooks, [_notebook(cells, handed_id, made) for handed_id, made in fresh.items()])
    return {student: {**opened, **fresh}[handed_id] for student, handed_id in ids.items()}


def _submission(cells: Cells, entry: Entry) -> Row:
    return {
        "id": _id(cells.assignment, entry.student),
        "assignment_id": cells.assignment,
        "student_id": entry.student,
        "timestamp": entry.timestamp,
    }


def _notebook(cells: Cells, handed_id: str, made: str) -> Row:
    return {"id": made, "assignment_id": handed_id, "notebook_id": cells.notebook, "flagged": False}


Held = dict[tuple[str, str], Row]
"""Rows that are there, by notebook and cell."""


def _held(book: Any, table: Any, notebooks: Iterable[str]) -> Held:
    rows = _rows(book, table, table.c.notebook_id, notebooks)
    return {(row["notebook_id"], row["cell_id"]): row for row in rows}


def _write_grades(book: Any, cells: Cells, notebook: str, entry: Entry, held: Held) -> Iterator[Row]:
    """Update the grades of an entry that have changed, and yield those that are new."""
    for grade in entry.grades:
        cell = cells.grade_ids[grade.name]
        old = held.get((notebook, cell))
        values = {"auto_score": grade.auto_score, "needs_manual_grade": needs_person(grade, old, entry.changed)}
        if old is None:
            yield {"id": _id(notebook, cell), "notebook_id": notebook, "cell_id": cell, **values}
        elif any(old[key] != value for key, value in values.items()):
            _update(book, _table("Grade"), old["id"], values)


def needs_person(grade: CellGrade, old: Mapping[str, Any] | None, changed: bool) -> bool:
    """Whether a cell waits for a marker.

    A mark that a person gave settles it, until the submission or the automatic score that they saw is another one.
    """
    if old is None or (old["manual_score"] is None and not old["extra_credit"]):
        return grade.needs_person
    if grade.needs_person and old["manual_score"] is None:
        return True
    return bool(old["needs_manual_grade"]) or changed or old["auto_score"] != grade.auto_score


def _write_comments(book: Any, cells: Cells, notebook: str, entry: Entry, held: Held) -> Iterator[Row]:
    """Update the comments of an entry that have changed, and yield those that are new."""
    texts = {grade.name: grade.comment for grade in entry.grades}
    for name, cell in cells.comment_ids.items():
        old, text = held.get((notebook, cell)), texts.get(name)
        if old is None:
            yield {"id": _id(notebook, cell), "notebook_id": notebook, "cell_id": cell, "auto_comment": text}
        elif old["auto_comment"] != text:
            _update(book, _table("Comment"), old["id"], {"auto_comment": text})


def _table(name: str) -> Any:
    return getattr(api(), name).__table__


def _rows(book: Any, table: Any, column: Any, values: Iterable[str]) -> list[Row]:
    return [dict(row) for row in book.db.execute(table.select().where(column.in_(list(values)))).mappings()]


def _insert(book: Any, table: Any, rows: Sequence[Row]) -> None:
    if rows:
        book.db.execute(table.insert(), list(rows))


def _update(book: Any, table: Any, row: str, values: Row) -> None:
    book.db.execute(table.update().where(table.c.id == row).values(**values))


def _id(*parts: str) -> str:
    """An id that is the same in every run, of the length that nbgrader uses."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
