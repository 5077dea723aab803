"""What people put into the gradebook: marks, comments and extra credit, for feedback pages and exports."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.config import Course
from autograder.gradebook.database import api, database_path, gradebook
from autograder.gradebook.released import grade_id, read_released
from autograder.reports.content import Mark


def read_marks(course: Course, class_dir: Path, stem: str) -> dict[str, tuple[Mark, ...]]:
    """The marks of a topic by student: every written question, and each exercise that a person touched.

    Parameters
    ----------
    course : Course
    class_dir : Path
        Folder of the class; without a database there are no marks.
    stem : str
        The topic.

    Returns
    -------
    dict of str to tuple of Mark
        In the order of the notebook.
    """
    if not database_path(class_dir).exists():
        return {}
    order = [grade_id(cell) for cell in read_released(course, stem).graded]
    with gradebook(course, class_dir) as book:
        comments = {(row["student"], row["name"]): row["manual_comment"] for row in _rows(book, stem, "Comment")}
        marks: dict[str, list[Mark]] = {}
        for row in _rows(book, stem, "Grade"):
            mark = _mark(row, comments.get((row["student"], row["name"])))
            if mark.written or mark.comment or mark.extra or mark.score is not None:
                marks.setdefault(row["student"], []).append(mark)
    place = {name: number for number, name in enumerate(order)}
    return {
        student: tuple(sorted(items, key=lambda mark: (place.get(mark.name, len(place)), mark.name)))
        for student, items in sorted(marks.items())
    }


def _mark(row: Mapping[str, Any], comment: str | None) -> Mark:
    return Mark(
        name=row["name"],
        max_score=row["max_score"],
        score=row["manual_score"],
        extra=row["extra_credit"] or 0.0,
        comment=comment or "",
        waiting=bool(row["needs_manual_grade"]),
        written=row["cell_type"] == "markdown",
    )


def _rows(book: Any, stem: str, what: str) -> list[Mapping[str, Any]]:
    """Grades or comments of one assignment, with the student and the name of the cell."""
    from sqlalchemy import select

    nbgrader = api()
    main = getattr(nbgrader, what).__table__
    cell, graded = nbgrader.BaseCell.__table__, nbgrader.GradeCell.__table__
    opened, handed = nbgrader.SubmittedNotebook.__table__, nbgrader.SubmittedAssignment.__table__
    assignment = nbgrader.Assignment.__table__
    joined = main.join(cell, main.c.cell_id == cell.c.id).join(opened, main.c.notebook_id == opened.c.id)
    joined = joined.join(handed, opened.c.assignment_id == handed.c.id)
    joined = joined.join(assignment, handed.c.assignment_id == assignment.c.id)
    columns = [main, cell.c.name, handed.c.student_id.label("student")]
    if what == "Grade":
        joined = joined.join(graded, graded.c.id == cell.c.id)
        columns += [graded.c.max_score, graded.c.cell_type]
    query = select(*columns).select_from(joined).where(assignment.c.name == stem)
    return [dict(row) for row in book.db.execute(query).mappings()]
