"""Moodle, "Download all submissions" (with or without folders), and its offline grading worksheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from autograder.errors import UserError
from autograder.intake.archives import Entry
from autograder.intake.formats.found import Found
from autograder.intake.formats.moodletime import moodle_time
from autograder.intake.roster import Person
from autograder.intake.safejson import decode

NAME = re.compile(
    r"(?P<name>[^/]*?)_(?P<participant>\d+)_assignsubmission_(?P<kind>file|onlinetext)(?:_/|/|_)(?P<file>.+)"
)
NUMBER = re.compile(r"\D*(\d+)")
ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")

Worksheet: TypeAlias = Mapping[str, tuple[Person, datetime | None]]  # by participant number


def matches(entries: Sequence[Entry]) -> bool:
    """Whether any name looks like Moodle's."""
    return any(NAME.fullmatch(entry.name) for entry in entries)


def found(entries: Sequence[Entry], worksheet: Worksheet) -> Iterator[Found]:
    """Everything in a Moodle download; the worksheet, if there is one, adds addresses and times."""
    for entry in entries:
        match = NAME.fullmatch(entry.name)
        if match is None:
            yield Found(entry, Person(""), entry.file, problem="not a name that Moodle gives; put it in place by hand")
            continue
        known, handed_in = worksheet.get(match["participant"], (Person(""), None))
        name = match["name"].rsplit("/", 1)[-1].replace("_", " ")
        typed = match["kind"] == "onlinetext"
        yield Found(
            entry,
            Person(known.name or name, known.keys),
            PurePosixPath(match["file"]).name,
            handed_in=handed_in,
            problem="a text typed into Moodle; ask for the notebook" if typed else "",
            number=match["participant"],
        )


def read_worksheet(path: Path, zone: tzinfo = UTC) -> Worksheet:
    """Read the grading worksheet, in any language: its first column ends in the participant's number.

    Parameters
    ----------
    path : Path
    zone : tzinfo
        Moodle writes its times in the zone of whoever downloads them, and does not say which.

    Raises
    ------
    UserError
        If it has no such column.
    """
    text, _ = decode(path.read_bytes(), path.name)
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    people: dict[str, tuple[Person, datetime | None]] = {}
    for row in list(csv.reader(io.StringIO(text), delimiter=separator))[1:]:
        number = NUMBER.fullmatch(row[0].strip()) if len(row) > 1 else None
        if number is not None:
            addresses = tuple(("email", cell.strip()) for cell in row if ADDRESS.fullmatch(cell.strip()))
            times = [time for cell in row if (time := moodle_time(cell.strip(), zone)) is not None]
            people[number[1]] = (Person(row[1].strip(), addresses), times[0] if times else None)
    if not people:
        raise UserError(f"{path}: no grading worksheet of Moodle: its first column holds no participant numbers.")
    return people
