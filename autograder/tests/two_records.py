"""The points of a class as its journal and as its gradebook have them; the two must be equal."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from autograder.classroom.journal import read_journal


def in_the_journal(class_dir: Path) -> dict[tuple[str, str], float]:
    """Points of each student and exercise, by the newest results."""
    newest = read_journal(class_dir).latest().values()
    return {(result.student, exercise.name): exercise.score for result in newest for exercise in result.exercises}


def in_the_gradebook(class_dir: Path) -> dict[tuple[str, str], float]:
    """The same as the database holds it; questions that people mark are left out."""
    sql = (
        "select a.student_id, b.name, g.auto_score from grade g join base_cell b on g.cell_id = b.id "
        "join grade_cells c on c.id = b.id join submitted_notebook n on g.notebook_id = n.id "
        "join submitted_assignment a on n.assignment_id = a.id where c.cell_type = 'code'"
    )
    with contextlib.closing(sqlite3.connect(class_dir / "gradebook.db")) as connection:
        return {(student, name): score for student, name, score in connection.execute(sql)}
