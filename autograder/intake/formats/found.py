"""One handed-in file as a download describes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from autograder.intake.archives import Entry
from autograder.intake.roster import Person


@dataclass(frozen=True)
class Found:
    """A file and its author.

    Parameters
    ----------
    entry : Entry
    person : Person
    file : str
        Name of the file as the student gave it.
    late : bool
        Whether the LMS itself says so.
    handed_in : datetime or None
        When, in UTC, if the download tells.
    order : int
        Larger for a later upload of the same student, where there is no time.
    number : str
        The person's number in the LMS, where a name alone may stand for two people.
    problem : str
        Why it cannot be taken; empty if it can.
    """

    entry: Entry
    person: Person
    file: str
    late: bool = False
    handed_in: datetime | None = None
    order: int = 0
    problem: str = ""
    number: str = ""
