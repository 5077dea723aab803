"""Who is in the class: `roster.csv`, and the student behind what an LMS calls somebody."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UserError
from autograder.intake.safejson import decode

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "student": ("student", "student_id", "id", "username"),  # `id` is what nbgrader's own student list calls it
    "first_name": ("first_name", "firstname", "first"),
    "last_name": ("last_name", "lastname", "last", "surname"),
    "name": ("name", "full_name", "fullname"),
}
KEY_COLUMNS = ("email", "login", "canvas_id", "sis_id", "sid")
SAME_THING = {"sid": ("sis_id", "student"), "email": ("login", "student"), "canvas_id": ("student",)}
STUDENT_ID = re.compile(r"[^\W_][\w.@-]{0,63}")


class RosterError(UserError):
    """`roster.csv` cannot be used; the message names the line and the mend."""


@dataclass(frozen=True)
class Person:
    """What a download says about who handed in: a name as written there, and (column of the roster, value) pairs."""

    name: str
    keys: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Roster:
    """Students by any of their keys and by name; a name that two students share finds neither."""

    students: Mapping[str, str]
    by_key: Mapping[tuple[str, str], str]
    by_name: Mapping[str, tuple[str, ...]]

    def find(self, person: Person) -> tuple[str, str]:
        """The student's id, or "" and the reason why nobody was found."""
        for column, value in person.keys:
            for name in (column, *SAME_THING.get(column, ())):
                if (name, value.casefold()) in self.by_key:
                    return self.by_key[name, value.casefold()], ""
        found = self.by_name.get(folded(person.name), ())
        if len(found) == 1:
            return found[0], ""
        if found:
            return "", f"{' and '.join(found)} have this name; give them a column such as canvas_id in roster.csv"
        return "", "not in roster.csv; add a line for this student and collect again"


def read_roster(path: Path) -> Roster | None:
    """Read the class list; None if there is none.

    The first line names the columns: `student` (the id that the course uses), `first_name`, `last_name` or `name`,
    and any of email, login, canvas_id, sis_id, sid (the last is Gradescope's).

    Raises
    ------
    RosterError
        If there is no column for the student, or an id is doubled or will not do as the name of a folder.
    """
    if not path.is_file():
        return None
    text, _ = decode(path.read_bytes(), path.name)
    first = text.split("\n", 1)[0]
    rows = list(csv.reader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ","))
    header = [cell.strip().casefold().replace(" ", "_") for cell in rows[0]] if rows else []
    places = {field: header.index(name) for field, names in COLUMNS.items() for name in names[::-1] if name in header}
    if "student" not in places:
        raise RosterError(f"{path}:1: no column named student. Start the file with: student,first_name,last_name,email")
    return _roster(path, header, places, rows[1:])


def _roster(path: Path, header: Sequence[str], places: Mapping[str, int], rows: Sequence[Sequence[str]]) -> Roster:
    students: dict[str, str] = {}
    by_key: dict[tuple[str, str], str] = {}
    by_name: dict[str, tuple[str, ...]] = {}
    for line, row in enumerate(rows, start=2):
        cells = [cell.strip() for cell in row] + [""] * (len(header) - len(row))
        field = {name: cells[place] for name, place in places.items()}
        if not any(cells):
            continue
        student = field["student"]
        if not valid_student(student):
            raise RosterError(f"{path}:{line}: {student!r} will not do as a student's id. Use letters, digits, . _ @ -")
        if student in students:
            raise RosterError(f"{path}:{line}: {student} stands there twice. Remove one line.")
        first, last = field.get("first_name", ""), field.get("last_name", "")
        students[student] = field.get("name", "") or f"{first} {last}".strip() or student
        keys = [(name, cell) for name, cell in zip(header, cells, strict=False) if name in KEY_COLUMNS and cell]
        for column, value in (("student", student), *keys):
            other = by_key.setdefault((column, value.casefold()), student)
            if other != student:
                raise RosterError(f"{path}:{line}: {column} {value} belongs to {other} already. Mend one of them.")
        for name in {folded(first + last), folded(last + first), folded(field.get("name", ""))} - {""}:
            by_name[name] = (*by_name.get(name, ()), student)
    return Roster(students, by_key, by_name)


def valid_student(student: str) -> bool:
    """Whether a text can be the name of a student's folder."""
    return STUDENT_ID.fullmatch(student) is not None and ".." not in student


def folded(name: str) -> str:
    """A name without case, accents, spaces and signs, as an LMS may have written it."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in letters if letter.isalnum())


def invented(person: Person) -> str:
    """An id made from a name, for classes without a roster; "" if nothing is left of it."""
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", person.name.casefold()))
    return "-".join(words)[:64].rstrip("-")
