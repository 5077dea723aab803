"""Moodle: the offline grading worksheet with nothing changed but the grades.

Its headings are in the language of the site, and Moodle reads them again; so the sheet that was downloaded is the
template, and every byte outside the grades stays.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from autograder.config import TopicSettings
from autograder.errors import UserError
from autograder.intake.roster import Person, folded
from autograder.reports.clean import number
from autograder.reports.exports.fields import Field, Fields, read_fields
from autograder.reports.exports.grades import Filling, Finder, Grade
from autograder.reports.table import FORMULA_STARTS

PARTICIPANT = re.compile(r"\D*(\d+)")
AMOUNT = re.compile(r"-?\d+(?:[.,]\d+)?")
GRADE_HEADINGS = frozenset(
    folded(name)
    for name in (
        *("Grade", "Bewertung", "Note", "Calificación", "Valutazione", "Nota", "Avaliação", "Cijfer", "Ocena"),
        *("Betyg", "Karakter", "Arvosana", "Známka", "Not", "Оценка", "Оцінка", "成绩", "評点", "Qualificació"),
    )
)


def fill_worksheet(
    path: Path, topic: TopicSettings, grades: Sequence[Grade], finder: Finder, unfinished: str, column: str = ""
) -> tuple[bytes, list[str]]:
    """Fill the grades of one topic into a worksheet.

    Parameters
    ----------
    path : Path
        As Moodle gave it.
    topic : TopicSettings
    grades : sequence of Grade
    finder : Finder
    unfinished : str
        "leave out" or "mark".
    column : str
        The heading of the grades, in a language that is not known here.

    Returns
    -------
    tuple
        The file to upload, and notes for the instructor.

    Raises
    ------
    UserError
        If this is no worksheet, or the column of grades cannot be told.
    """
    try:
        fields = read_fields(path.read_bytes())
    except ValueError as error:
        raise UserError(f"{path}: {error}. Download the grading worksheet again.") from None
    rows = [row for row in fields.rows[1:] if len(row) > 2 and PARTICIPANT.fullmatch(row[0].value.strip())]
    if not rows:
        raise UserError(f"{path}: no grading worksheet of Moodle: its first column holds no participant numbers.")
    headings = [field.value.strip() for field in fields.rows[0]]
    place = _grade_column(path, headings, rows, column)
    most, comma = _maximum(rows, place)
    filling = Filling(grades, unfinished)
    values: dict[Field, str] = {}
    over: list[str] = []
    rows = [row for row in rows if len(row) > place]
    for row, student in zip(rows, finder.find_all([_person(row, place) for row in rows]), strict=True):
        grade = filling.grade_for(student, _label(row))
        if grade is not None:
            score = grade.scaled(most)
            if most is not None and score > most:  # with extra credit; Moodle passes over such a row
                over.append(_label(row))
                score = most
            values[row[place]] = _amount(score, comma)
    ours = next((grade.seen.max_score for grade in grades), most)
    scaled = most is not None and ours is not None and abs(ours - most) > 1e-9
    scale = (
        f"; Moodle says {number(most or 0)} points, the topic has {number(ours or 0)}: scores are scaled"
        if scaled
        else ""
    )
    notes = [f"{topic.stem}: {filling.filled} grades into {headings[place]!r}{scale}"]
    notes += [f"{topic.stem}: {note}" for note in [*filling.notes("Moodle"), *_over(over), *_warnings(fields)]]
    return fields.replaced(values), notes


def _grade_column(path: Path, headings: Sequence[str], rows: Sequence[Sequence[Field]], asked: str) -> int:
    """The column of grades: as asked, or by its heading in a known language, or the one before the maximum."""
    if asked:
        found = [place for place, heading in enumerate(headings) if heading == asked]
    else:
        found = [place for place, heading in enumerate(headings) if folded(heading) in GRADE_HEADINGS]
        found = found or [place for place in range(2, len(headings) - 1) if _fits(rows, place)]
    if len(found) != 1:
        raise UserError(
            f"{path}: which column holds the grades? It has: {', '.join(headings)}. Name it: --column HEADING"
        )
    return found[0]


def _fits(rows: Sequence[Sequence[Field]], place: int) -> bool:
    """Whether a column holds grades or nothing, and the next one the same number in every line: the maximum."""
    most = {row[place + 1].value.strip() for row in rows if len(row) > place + 1}
    if len(most) != 1 or not AMOUNT.fullmatch(next(iter(most))):
        return False
    values = [row[place].value.strip() for row in rows]
    return all(not value or value == "-" or AMOUNT.fullmatch(value) for value in values)


def _maximum(rows: Sequence[Sequence[Field]], place: int) -> tuple[float | None, bool]:
    """The points that Moodle gives at most, and whether its decimals stand after a comma."""
    cells = [row[place + 1].value.strip() for row in rows if len(row) > place + 1]
    held = [row[place].value.strip() for row in rows if len(row) > place]
    amounts = [cell for cell in cells if AMOUNT.fullmatch(cell)]
    comma = any("," in cell for cell in (*amounts, *held) if AMOUNT.fullmatch(cell))
    if cells and not amounts and any(cells):
        raise UserError("this assignment is graded by a scale in Moodle, not by points: change that, download it again")
    most = float(amounts[0].replace(",", ".")) if len(amounts) == len(cells) and len(set(amounts)) == 1 else None
    return most, comma


def _over(who: Sequence[str]) -> list[str]:
    return [f"more than the maximum of Moodle, which is written instead: {'; '.join(who)}"] if who else []


def _person(row: Sequence[Field], place: int) -> tuple[Person, str]:
    """Who a line is about, as what stands before the grades says, and the participant's number."""
    match = PARTICIPANT.fullmatch(row[0].value.strip())
    participant = match[1] if match else ""
    identity = [field.value.strip() for field in row[1:place]]
    columns = ("email", "login", "sis_id", "sid", "student")
    keys = tuple((column, value) for value in identity for column in columns if value)
    blind = folded(identity[0]) == folded(row[0].value)
    name = re.sub(r"\W*\d+$", "", identity[0]) if blind else identity[0]
    return Person(name, keys), participant


def _label(row: Sequence[Field]) -> str:
    return f"{row[1].value.strip()} ({row[0].value.strip()})"


def _amount(score: float, comma: bool) -> str:
    text = f"{score:.2f}"
    return text.replace(".", ",") if comma else text


def _warnings(fields: Fields) -> list[str]:
    """Names in Moodle's own file that a spreadsheet would compute; they have to stay as they are."""
    risky = [row[1].value for row in fields.rows[1:] if len(row) > 1 and row[1].value.startswith(FORMULA_STARTS)]
    words = (
        "names that begin as a formula stay as Moodle wrote them; upload the file without opening it in a spreadsheet"
    )
    return [f"{words}: {'; '.join(risky)}"] if risky else []
