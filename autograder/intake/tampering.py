"""Notices about cells that students were not to change, and about marks that claim something else than the course."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from autograder.course.cells import GRADED_KINDS
from autograder.course.release import ReleasedCell
from autograder.intake.label import Index, Item, is_code_kind

READ_ONLY_KINDS = ("try", "given", "conventions")  # prose is free for a reader's notes


def notices_about(items: Sequence[Item], index: Index) -> Iterator[str]:
    """What an instructor should know about changed, re-typed, deleted and re-marked cells."""
    edited = _names(item for item in items if index.kind(item.name) in READ_ONLY_KINDS and not item.unchanged)
    if edited:
        yield f"locked cells were edited: {edited}. What was given out counts; added code ran as the student's own."
    retyped = _names(item for item in items if item.name and item.is_code != is_code_kind(index.kind(item.name)))
    if retyped:
        yield f"the type of cells was changed (code, text): {retyped}. They were read as what they were."
    there = {item.name for item in items}
    gone = [name for name, cell in index.cells.items() if cell.kind in ("setup", "given") and name not in there]
    if gone:
        yield f"cells that others build on were deleted: {', '.join(gone)}. They ran as they were given out."
    marks = [words for item in items if item.raw.label in index.cells for words in _changed_marks(item, index)]
    if marks:
        yield f"nbgrader's marks were changed: {'; '.join(dict.fromkeys(marks))}. The course's own count."


def _names(items: Iterator[Item]) -> str:
    return ", ".join(dict.fromkeys(item.name for item in items))


def _changed_marks(item: Item, index: Index) -> Iterator[str]:
    name = item.raw.label
    released = index.cells[name]
    marks = item.raw.marks
    points = marks.get("points", released.points)
    if points is not None and not _same(points, released.points):
        yield f"points of {name} are {_number(points)} instead of {released.points:g}"
    wrong = [key for key, value in _flags(released).items() if key in marks and marks[key] is not value]
    if wrong:
        yield f"{', '.join(wrong)} of {name}"


def _flags(released: ReleasedCell) -> Mapping[str, bool]:
    if released.kind in GRADED_KINDS:
        return {"grade": True, "solution": True, "locked": False}
    if released.kind in ("try", "given"):
        return {"grade": False, "solution": False, "locked": True}
    return {"grade": False, "solution": False}


def _same(claimed: object, points: float) -> bool:
    return isinstance(claimed, int | float) and not isinstance(claimed, bool) and claimed == points


def _number(claimed: object) -> str:
    if isinstance(claimed, bool) or not isinstance(claimed, int | float):
        return "no number"
    return f"{claimed:g}" if abs(claimed) < 1e9 and math.isfinite(claimed) else "beyond all bounds"
