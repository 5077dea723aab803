"""The students' notebook of a topic as it was given out, which decides what the gradebook holds."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from autograder.config import Course
from autograder.errors import UserError

Notebook = dict[str, Any]


class GradebookError(UserError):
    """The gradebook cannot be used as it is; the message names the file and the way out."""


@dataclass(frozen=True)
class Released:
    """The released notebook, and its cells that nbgrader knows, in order.

    `graded` are the cells that carry points: exercises (code) and written questions (markdown).
    """

    stem: str
    notebook: Notebook
    graded: tuple[Notebook, ...]
    known: tuple[Notebook, ...]

    def written(self) -> tuple[str, ...]:
        """Names of the questions that a person marks."""
        return tuple(grade_id(cell) for cell in self.graded if cell["cell_type"] == "markdown")


def source_of(cell: Notebook) -> str:
    """The text of a cell, which a notebook may hold as one string or as lines."""
    source = cell.get("source", "")
    return "".join(source) if isinstance(source, list) else str(source)


def grade_id(cell: Notebook) -> str:
    """nbgrader's name of a cell; empty if it has none."""
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    name = marks.get("grade_id") if isinstance(marks, dict) else None
    return name if isinstance(name, str) else ""


def read_released(course: Course, stem: str) -> Released:
    """Read `assignments/<stem>/<stem>.ipynb`.

    Raises
    ------
    GradebookError
        If it was never built, or is no notebook.
    """
    path = course.root / "assignments" / stem / f"{stem}.ipynb"
    try:
        return _read(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        raise GradebookError(f"{path} does not exist yet. Make it: ./course build {stem}") from None


@lru_cache(maxsize=32)
def _read(path: Path, _changed: int) -> Released:
    try:
        notebook = json.loads(path.read_bytes())
        known = tuple(cell for cell in notebook["cells"] if grade_id(cell))
        graded = tuple(cell for cell in known if cell["metadata"]["nbgrader"]["grade"])
    except (ValueError, KeyError, TypeError) as error:
        raise GradebookError(f"{path} is no released notebook ({error!r}). Make it again: ./course build") from error
    return Released(path.stem, notebook, graded, known)
