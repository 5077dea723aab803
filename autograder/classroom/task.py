"""What a grading process is asked to do: one small record that travels as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace


@dataclass(frozen=True)
class Task:
    """One submission to grade.

    Parameters
    ----------
    topic, student, sha256
        As in the result's key.
    path : str
        The file, as the process that grades it sees it.
    seed : int or None
        Of the hidden inputs of exactly this file; without one the course's secret decides, where it is at hand.
    status, message : str
        If given, nothing is run: the result has this status ("unreadable", "grader_error") and says this.
    """

    topic: str
    student: str
    sha256: str
    path: str
    seed: int | None = None
    status: str = ""
    message: str = ""

    def to_json(self) -> bytes:
        """The record as JSON."""
        return json.dumps(asdict(self)).encode()

    def given_up(self, reason: str) -> Task:
        """The same submission, to be recorded as one that a human has to look at."""
        return replace(self, status="grader_error", message=f"{reason}. Look at this file by hand.")


def task_from_json(text: bytes) -> Task:
    """Read a task back."""
    return Task(**json.loads(text))
