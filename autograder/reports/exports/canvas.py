"""Canvas: the instructor's own gradebook export, filled for our topics and ready to be imported.

Canvas finds students by its ID and assignments by the number in the heading, so both go back as they came. Other
assignments are left out, because an old value in them would overwrite a new one.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.config import TopicSettings
from autograder.errors import UserError
from autograder.intake.roster import Person, folded
from autograder.intake.safejson import decode
from autograder.reports.clean import number
from autograder.reports.exports.columns import find_column
from autograder.reports.exports.grades import Filling, Finder, Grade
from autograder.reports.table import harmless

ASSIGNMENT = re.compile(r"(?P<title>.*?)\s*\((?P<number>\d+)\)\s*")
KEYS = {"id": "canvas_id", "sis user id": "sis_id", "sis login id": "login", "integration id": "sis_id"}
POINTS = "points possible"
EXCUSED = "EX"


@dataclass(frozen=True)
class Sheet:
    """A gradebook export: its lines, how many of them are headings, and how it is written."""

    rows: tuple[tuple[str, ...], ...]
    headings: int
    people: int  # leading columns that say who it is
    points: int | None  # the line with the points possible
    delimiter: str
    bom: bool
    newline: str


def fill_canvas(
    path: Path,
    topics: Sequence[TopicSettings],
    grades: Mapping[str, Sequence[Grade]],
    finder: Finder,
    unfinished: str,
    column: str = "",
) -> tuple[str, list[str]]:
    """Fill the columns of some topics.

    Parameters
    ----------
    path : Path
        The instructor's export.
    topics : sequence of TopicSettings
        Those that are wanted; one without a column is named.
    grades : mapping
        Grades by topic.
    finder : Finder
    unfinished : str
        "leave out" or "mark".
    column : str
        The heading of the column, where names don't say it; for one topic.

    Returns
    -------
    tuple
        The text of the file to import, and notes for the instructor.

    Raises
    ------
    UserError
        If this is no export of a Canvas gradebook, or none of the topics has a column in it.
    """
    sheet = read_sheet(path)
    found, notes = _columns(path, sheet, topics, column)
    out = [[*row[: sheet.people], *(row[place] for place in found)] for row in sheet.rows]
    people = [_person(row, sheet) for row in sheet.rows[sheet.headings :]]
    students = finder.find_all(people)
    for offset, (place, topic) in enumerate(found.items()):
        filling = Filling(grades.get(topic.stem, ()), unfinished)
        most = _points(sheet, place)
        for line, (person, _), student in zip(out[sheet.headings :], people, students, strict=True):
            _fill(line, sheet.people + offset, person.name, student, filling, most)
        notes += [f"{topic.stem}: {filling.filled} grades into {sheet.rows[0][place]!r}{_scale(grades, topic, most)}"]
        notes += [f"{topic.stem}: {note}" for note in filling.notes("Canvas")]
    return _text(sheet, out), notes


def _columns(
    path: Path, sheet: Sheet, topics: Sequence[TopicSettings], column: str
) -> tuple[dict[int, TopicSettings], list[str]]:
    """The topic of each column that is wanted, and a note for each topic that has none."""
    found: dict[int, TopicSettings] = {}
    notes: list[str] = []
    headings = {
        place: _title(cell)
        for place, cell in enumerate(sheet.rows[0])
        if place >= sheet.people and ASSIGNMENT.fullmatch(cell)
    }
    for topic in topics:
        place = find_column(topic, headings, column, sheet.rows[0])
        if place is None:
            mend = "create the assignment in Canvas, or name it: lms = ..."
            notes.append(f"{topic.stem}: no column in {path.name}; {mend}")
        else:
            found[place] = topic
    if not found:
        titles = ", ".join(headings.values()) or "none"
        raise UserError(
            f"{path}: no column for {', '.join(topic.stem for topic in topics)}. Assignments in it: {titles}. "
            'Name one with --column, or write lms = "..." beside the topic in course.toml.'
        )
    return found, notes


def read_sheet(path: Path) -> Sheet:
    """Read a gradebook export.

    Raises
    ------
    UserError
        If it is none.
    """
    text, _ = decode(path.read_bytes(), path.name)
    delimiter = _delimiter(text)
    rows = tuple(tuple(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row)
    wrong = UserError(
        f"{path}: this is no gradebook export of Canvas (Student, ID, ... Section, assignments). "
        "Get one there: Grades, Export."
    )
    if not rows or not _is_header(rows[0]):
        raise wrong
    sections = [place for place, cell in enumerate(rows[0]) if "Section" in cell and not ASSIGNMENT.fullmatch(cell)]
    if not sections:
        raise wrong
    width = len(rows[0])
    rows = tuple((*row, *("",) * (width - len(row)))[:width] for row in rows)
    points = next((place for place, row in enumerate(rows) if place and POINTS in row[0].casefold()), None)
    headings = 1 if points is None else points + 1
    newline = "\r\n" if "\r\n" in text else "\n"
    bom = path.read_bytes().startswith(b"\xef\xbb\xbf")
    return Sheet(rows, headings, max(sections[:1]) + 1, points, delimiter, bom, newline)


def _is_header(cells: Sequence[str]) -> bool:
    first = [cell.strip().casefold() for cell in cells[:3]]
    return len(cells) > 2 and (
        ("student" in first[0] and "id" in first[1])
        or first[:2] in (["lastname", "firstname"], ["last name", "first name"])
    )


def _delimiter(text: str) -> str:
    """Comma or semicolon, whichever gives the first three lines as many fields each."""
    lines = text.splitlines()[:3]
    for mark in (",", ";"):
        counts = {len(row) for row in csv.reader(lines, delimiter=mark)}
        if len(counts) == 1 and counts.pop() > 1:
            return mark
    return ";" if text.count(";") > text.count(",") else ","


def _title(cell: str) -> str:
    match = ASSIGNMENT.fullmatch(cell)
    return match["title"] if match else cell


def _points(sheet: Sheet, place: int) -> float | None:
    if sheet.points is None:
        return None
    try:
        most = float(sheet.rows[sheet.points][place].replace(",", "."))
    except ValueError:
        return None
    return most if most > 0 else None


def _scale(grades: Mapping[str, Sequence[Grade]], topic: TopicSettings, most: float | None) -> str:
    ours = next((grade.seen.max_score for grade in grades.get(topic.stem, ())), most)
    if most is None or ours is None or abs(ours - most) < 1e-9:
        return ""
    return f"; Canvas says {number(most)} points, the topic has {number(ours)}: scores are scaled"


def _fill(line: list[str], place: int, label: str, student: str, filling: Filling, most: float | None) -> None:
    if folded(label) in ("studenttest", "teststudent"):
        return
    if line[place].strip().upper() == EXCUSED:
        filling.keep(student, label, "excused in Canvas")
        return
    grade = filling.grade_for(student, label)
    if grade is not None:
        line[place] = number(grade.scaled(most))


def _person(row: Sequence[str], sheet: Sheet) -> tuple[Person, str]:
    """Who a row is about, and the Canvas ID."""
    keys = [
        (KEYS[heading.casefold()], cell.strip())
        for heading, cell in zip(sheet.rows[0][: sheet.people], row, strict=False)
        if heading.casefold() in KEYS and cell.strip()
    ]
    canvas_id = next((value for column, value in keys if column == "canvas_id"), "")
    return Person(_name(row, sheet), tuple(keys)), canvas_id


def _name(row: Sequence[str], sheet: Sheet) -> str:
    if "student" in sheet.rows[0][0].casefold():
        return row[0].strip()
    return f"{row[0].strip()}, {row[1].strip()}"


def _text(sheet: Sheet, rows: Sequence[Sequence[str]]) -> str:
    """The file; a name that a spreadsheet would compute gets an apostrophe, and Canvas goes by the ID anyway."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=sheet.delimiter, lineterminator=sheet.newline)
    ids = {place for place, heading in enumerate(sheet.rows[0]) if heading.casefold() in KEYS}
    writer.writerows(rows[: sheet.headings])
    for row in rows[sheet.headings :]:
        writer.writerow([cell if place in ids else harmless(cell) for place, cell in enumerate(row)])
    return ("\ufeff" if sheet.bom else "") + text.getvalue()
