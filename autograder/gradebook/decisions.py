"""What a result means for each cell of the gradebook, before anything that people wrote there is looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from autograder.records import ExerciseResult, Result
from autograder.reports.clean import number
from autograder.reports.content import BEING_CHECKED
from autograder.reports.text import comment_text, escape_markdown

ANSWERED, UNTOUCHED, MISSING = "answered", "untouched", "missing"
NO_RESPONSE = "No response."  # nbgrader's own words for a cell that is as it was given out
MISSING_COMMENT = "The cell of this question is missing from the notebook that was handed in."


@dataclass(frozen=True)
class CellGrade:
    """What the grading says about one cell.

    `auto_score` is None where only a person can say; then `needs_person` is set, and nbgrader counts 0 for now.
    `comment` is Markdown, because nbgrader renders it as HTML.
    """

    name: str
    auto_score: float | None
    needs_person: bool
    comment: str | None


def decide(
    result: Result, written: Mapping[str, str], cells: Iterable[tuple[str, float]]
) -> tuple[tuple[CellGrade, ...], tuple[str, ...]]:
    """Grades for every cell that the gradebook lists, and notices for the instructor.

    Parameters
    ----------
    result : Result
        The result of one submission.
    written : mapping of str to str
        For each written question whether it was answered, left untouched, or is missing.
    cells : iterable of (str, float)
        Name and points of each graded cell in the database. Every one gets a grade: a cell without one would wait
        for a marker for ever.

    Returns
    -------
    tuple
        The grades, and the notices.
    """
    exercises = {exercise.name: exercise for exercise in result.exercises}
    grades, notices = [], []
    for name, points in cells:
        if name in exercises:
            exercise = exercises.pop(name)
            grades.append(_exercise(result, exercise, points))
            if abs(exercise.max_score - points) > 1e-9:
                got, held = number(exercise.max_score), number(points)
                notices.append(f"{name} was graded out of {got} points, but the gradebook says {held}: ./course build")
        elif name in written:
            grades.append(_written(name, written[name]))
            if written[name] == MISSING and result.status != "unreadable":
                notices.append(f"the cell of the written question {name} is missing: 0 points")
        else:
            grades.append(CellGrade(name, 0.0, False, None))
            notices.append(f"{name} is in the gradebook but not in the topic: 0 points for everybody")
    notices += [f"{name} was graded, but the gradebook has no cell for it: ./course build" for name in exercises]
    return tuple(grades), tuple(notices)


def _exercise(result: Result, exercise: ExerciseResult, points: float) -> CellGrade:
    failed_grader = any(test.state == "grader_error" for test in exercise.tests)
    if failed_grader or result.status == "grader_error":
        return CellGrade(exercise.name, None, True, BEING_CHECKED)
    score = min(max(float(exercise.score), 0.0), points)
    return CellGrade(exercise.name, score, False, escape_markdown(comment_text(exercise)))


def _written(name: str, state: str) -> CellGrade:
    if state == ANSWERED:
        return CellGrade(name, None, True, None)
    return CellGrade(name, 0.0, False, NO_RESPONSE if state == UNTOUCHED else MISSING_COMMENT)
