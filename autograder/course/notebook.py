"""The instructor's notebook of a topic, as plain JSON: nbgrader makes the students' notebook from it.

Nothing in it is random or depends on the machine: ids come from names, there are no outputs and no times.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from autograder.course.cells import GRADED_KINDS, Cell, Topic

NBGRADER_SCHEMA = 3
READ_ONLY_KINDS = ("try", "given")  # nbgrader puts their text back before grading
FIXED_KINDS = ("markdown", "conventions")  # a hint to editors only, so that prose may be mended after the release


def notebook_of(topic: Topic) -> dict[str, Any]:
    """The instructor's notebook (nbformat 4.5): solutions and mark schemes in, between their markers."""
    return notebook_with(topic, lambda cell: cell.source)


def notebook_with(topic: Topic, text_of: Callable[[Cell], str]) -> dict[str, Any]:
    """A notebook of the topic with other texts in its cells: solutions, or somebody's answers."""
    return {
        "cells": [_cell(cell, text_of(cell)) for cell in topic.cells],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def notebook_text(notebook: Mapping[str, Any]) -> str:
    """The file's text as nbformat itself would write it."""
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _cell(cell: Cell, text: str) -> dict[str, Any]:
    common = {
        "cell_type": "code" if cell.is_code else "markdown",
        "id": cell.id,
        "metadata": _metadata(cell),
        "source": text.splitlines(keepends=True),
    }
    return {**common, "execution_count": None, "outputs": []} if cell.is_code else common


def _metadata(cell: Cell) -> dict[str, Any]:
    if cell.kind in GRADED_KINDS:
        return {"nbgrader": _nbgrader(cell, graded=True)}
    if cell.kind in READ_ONLY_KINDS:
        return {"nbgrader": _nbgrader(cell, graded=False)}
    if cell.kind in FIXED_KINDS:
        return {"deletable": False, "editable": False}
    return {}


def _nbgrader(cell: Cell, *, graded: bool) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "grade": graded,
        "grade_id": cell.id,
        "locked": not graded,
        "schema_version": NBGRADER_SCHEMA,
        "solution": graded,
        "task": False,
    }
    if graded:
        metadata["points"] = int(cell.points) if cell.points == int(cell.points) else cell.points
    return metadata
