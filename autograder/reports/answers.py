"""A student's own cells, for the feedback page: read from the graded notebook."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from autograder.reports.clean import clean

MOST_CHARACTERS = 12_000
MOST_LINES = 250
Answers = Mapping[str, str]
"""The text of each exercise's cell."""

NO_ANSWERS: Answers = {}


def read_answers(notebook: Path) -> dict[str, str]:
    """The exercise cells of a graded notebook by name; none if there is no such file."""
    try:
        cells = json.loads(notebook.read_bytes())["cells"]
        return {
            cell["metadata"]["nbgrader"]["grade_id"]: "".join(cell["source"])
            for cell in cells
            if cell["cell_type"] == "code" and cell["metadata"].get("nbgrader", {}).get("grade")
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def lines_of(name: str, source: str) -> tuple[str, ...]:
    """The lines of a cell as a page may show them; none of a cell in which nothing was written."""
    if not source or f'raise NotImplementedError("{name}")' in source or f"\n{name} = None" in source:
        return ()
    lines = source[:MOST_CHARACTERS].split("\n")[:MOST_LINES]
    return tuple(clean(f"|{line}", 400)[1:] or " " for line in lines)  # a first sign, so that indentation stays
