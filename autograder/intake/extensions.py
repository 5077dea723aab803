"""Deadlines of single students: `extensions.csv` of a class, which nothing here ever writes."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from autograder.config import Course, moment
from autograder.errors import UserError
from autograder.intake.safejson import decode

NAME = "extensions.csv"
COLUMNS = ["student", "topic", "due"]
Extensions = Mapping[tuple[str, str], datetime]
"""The deadline by (topic, student), in UTC."""


def read_extensions(course: Course, class_dir: Path) -> Extensions:
    """Read the deadlines that single students were given; none if there is no such file.

    Raises
    ------
    UserError
        Naming the line that cannot be used.
    """
    path = class_dir / NAME
    if not path.is_file():
        return {}
    text, _ = decode(path.read_bytes(), path.name)
    rows = list(csv.reader(io.StringIO(text), delimiter=";" if ";" in text.split("\n", 1)[0] else ","))
    if not rows or [cell.strip().casefold() for cell in rows[0][:3]] != COLUMNS:
        raise UserError(f"{path}:1: start the file with: {','.join(COLUMNS)}")
    known = {topic.stem for topic in course.topics}
    found: dict[tuple[str, str], datetime] = {}
    for line, row in enumerate(rows[1:], start=2):
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        student, stem, due = (*cells, "", "", "")[:3]
        if stem not in known:
            raise UserError(f"{path}:{line}: no topic {stem!r} in course.toml. It has: {', '.join(sorted(known))}.")
        if course.deadline(stem) is None:
            raise UserError(f"{path}:{line}: {stem} has no deadline to extend. Give it a due in course.toml.")
        if (stem, student) in found:
            raise UserError(f"{path}:{line}: {student} stands there twice for {stem}. Remove one line.")
        try:
            found[stem, student] = moment(due, course.zone)
        except ValueError:
            mend = "Write one like 2026-10-12 23:59+02:00."
            raise UserError(f"{path}:{line}: due = {due!r} is no time. {mend}") from None
    return found
