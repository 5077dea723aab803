"""What was given out, cell by cell, for the students' own check `coursekit.ready`: names, points and hashes."""

from __future__ import annotations

import json
from pathlib import Path

from autograder.config import Course
from autograder.course.cells import Topic
from autograder.course.release import release_of

FOLDER = Path("coursekit") / "released"  # below assignments/
PROSE = ("markdown", "diary")
DIGITS = 16  # of each hash


def listing_path(stem: str) -> Path:
    """Where the listing of a topic lies, below `assignments/`."""
    return FOLDER / f"{stem}.json"


def listing_text(course: Course, topic: Topic) -> str:
    """One line for each cell but prose, so that a change is a line of a diff."""
    cells = [cell for cell in release_of(topic).cells if cell.kind not in PROSE]
    rows = [[cell.name, cell.kind, cell.points, cell.sha256[:DIGITS]] for cell in cells]
    lines = ",\n".join(f"  {json.dumps(row, ensure_ascii=False)}" for row in rows)
    return f'{{"notebook_mb": {json.dumps(course.limits.notebook_mb)}, "cells": [\n{lines}\n]}}\n'
