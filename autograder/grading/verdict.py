"""What the end of a hidden test means: passed, failed, not_run or grader_error, and what the student is told."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from autograder.grading import messages
from autograder.grading.compare import Mismatch
from autograder.grading.messages import Allowed, Submitted
from autograder.sandbox import Refused, Stopped, StudentError


@dataclass(frozen=True)
class Ending:
    """How one run of a hidden test ended.

    Parameters
    ----------
    error : BaseException or None
        What came out of the test, without its traceback.
    stated : bool
        Whether the grader file itself raised it (by `assert` or `raise`), rather than something that it called.
    when : str
        "setup", "call" or "teardown".
    fraction : float or None
        Share of the points that the test awarded, if it did.
    words : str
        What the test said with the award.
    """

    error: BaseException | None = None
    stated: bool = False
    when: str = "call"
    fraction: float | None = None
    words: str = ""


@dataclass(frozen=True)
class Verdict:
    """State, share of the points and message of one test.

    `status` is the fatal status, if the student's process did not survive; `doubtful` says that the error may be
    the grader's own, so that the test has to be run again with the reference.
    """

    state: str
    fraction: float = 0.0
    message: str = ""
    status: str = ""
    doubtful: bool = False


def verdict(ending: Ending, title: str, exercise: str, submitted: Submitted, allowed: Allowed) -> Verdict:
    """Judge one ending.

    Parameters
    ----------
    title : str
        The test's public sentence.
    submitted : Submitted
        The student's text, for quoting lines.
    allowed : Allowed
        The limits that it ran under.
    """
    error = ending.error
    if error is None:
        return _finished(ending)
    if isinstance(error, Mismatch):
        return Verdict("failed", message=error.sentence(submitted.knows))
    if isinstance(error, Stopped):
        message = messages.stopped(error.status, error.frames, submitted, allowed)
        return Verdict("not_run", message=message, status=error.status)
    if isinstance(error, Refused):
        return Verdict("failed", message=messages.refused(error.status))
    if isinstance(error, StudentError):
        return _student_error(error, exercise, submitted)
    if isinstance(error, AssertionError | pytest.fail.Exception):
        text = str(error) if ending.stated else ""
        return Verdict("failed", message=text or messages.failed_plainly(title))
    return Verdict("failed", message=messages.odd_value(title, _about_none(error)), doubtful=True)


def _finished(ending: Ending) -> Verdict:
    fraction = 1.0 if ending.fraction is None else ending.fraction
    return Verdict("passed" if fraction == 1.0 else "failed", fraction, ending.words if fraction < 1.0 else "")


def _student_error(error: StudentError, exercise: str, submitted: Submitted) -> Verdict:
    if error.type_name == "NotImplementedError":
        return Verdict("not_run", message=messages.not_implemented(exercise))
    return Verdict("failed", message=messages.raised(error, submitted))


def _about_none(error: BaseException) -> bool:
    """Whether Python's own complaint is about `None`."""
    return isinstance(error, TypeError | AttributeError) and "NoneType" in str(error)


def settled(first: Verdict, again: Ending) -> Verdict:
    """A doubtful verdict after the same test has run with the reference: the student's failure, or ours."""
    if again.error is None:
        return replace(first, doubtful=False)
    return Verdict("grader_error", message=messages.grader_fault())
