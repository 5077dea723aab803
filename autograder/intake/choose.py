"""Of everything that came in for a topic: which file is whose, and which of several counts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from autograder.config import Course
from autograder.intake.formats.found import Found
from autograder.intake.roster import Roster, invented, valid_student

NOTEBOOK = ".ipynb"
ARCHIVES = (".zip", ".gz", ".tar", ".7z", ".rar")
COPY_MARK = re.compile(r"(?:[-_ ]\d{1,3}|[-_ ]?\(\d+\)|[-_ ]copy\d*)$", re.IGNORECASE)  # `hw04_adam-1`, `hw04_adam (2)`

PARTICIPANT = "participant"  # what Moodle calls everybody under blind marking
BLIND = "blind marking hides whose it is; reveal the identities in Moodle and download again"


@dataclass(frozen=True)
class Candidate:
    """A file with its student, or with the reason why it is nobody's or cannot be taken."""

    found: Found
    source: str
    student: str
    why: str


def candidates(
    found: Iterable[Found], source: str, stem: str, course: Course, roster: Roster | None
) -> Iterator[Candidate]:
    """Join what a download holds with the roster.

    Parameters
    ----------
    found : iterable of Found
    source : str
        Name of the archive, for the table.
    stem : str
        The topic that is being collected.
    course : Course
        Knows the other topics' names.
    roster : Roster or None
        Without one, students get ids made from their names in the download.
    """
    others = {topic.stem for topic in course.topics} - {stem}
    found = list(found)
    namesakes = _namesakes(found)
    for item in found:
        if roster is not None:
            student, why = roster.find(item.person)
            why = BLIND if why and invented(item.person) == PARTICIPANT else why
        else:
            student = _id_without_roster(item, namesakes)
            why = "" if student else "no name from which an id could be made; write a roster.csv"
        trouble = item.problem or item.entry.problem or _wrong_kind(item.file) or _other_topic(item.file, stem, others)
        yield Candidate(item, source, student, trouble or why)


def _namesakes(found: Sequence[Found]) -> set[str]:
    """Names under which a download has several people, as their numbers say."""
    numbers: dict[str, set[str]] = {}
    for item in found:
        numbers.setdefault(invented(item.person), set()).add(item.number)
    return {name for name, several in numbers.items() if len(several) > 1}


def _id_without_roster(item: Found, namesakes: set[str]) -> str:
    """The name in the download; with the LMS's number where two people share it.

    With Canvas' number always, because there names have lost their spaces. Moodle's is another one for each topic.
    """
    name, made = item.person.name, invented(item.person)
    canvas = any(column == "canvas_id" and value == item.number for column, value in item.person.keys)
    if valid_student(name) and not item.number:
        return name
    numbered = item.number and (canvas or made in namesakes or made == PARTICIPANT)
    return "-".join([part for part in (made[:50], item.number if numbered else "") if part])


def _wrong_kind(file: str) -> str:
    if file.lower().endswith(NOTEBOOK):
        return ""
    if file.lower().endswith(ARCHIVES):
        return "an archive inside the archive; unpack it by hand"
    return "not a notebook (.ipynb)"


def _other_topic(file: str, stem: str, others: set[str]) -> str:
    names = stems(file)
    other = next((name for name in names if name in others), "")
    if not other or stem in names:
        return ""
    return f"the notebook of another topic; collect it with: ./course collect {other}"


def stems(file: str) -> tuple[str, str]:
    """A file's name without its ending, and also without what a browser or an LMS adds to a second copy."""
    name = file[: -len(NOTEBOOK)] if file.lower().endswith(NOTEBOOK) else file
    return name, COPY_MARK.sub("", name)


def latest_first(mine: Sequence[Candidate], stem: str) -> list[Candidate]:
    """One student's files, the one that counts first: named as the topic, then the latest."""

    def rank(item: Candidate) -> tuple[bool, datetime, int, str]:
        handed_in = item.found.handed_in or datetime.min.replace(tzinfo=UTC)
        return stem in stems(item.found.file), handed_in, item.found.order, item.found.file

    return sorted(mine, key=rank, reverse=True)
