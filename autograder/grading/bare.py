"""Who sits in the student's place when somebody types `pytest`: the reference, in a student process all the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.config import load_course
from autograder.grading.attempt import Attempt
from autograder.grading.bank import read_bank
from autograder.grading.catches import CandidateServer
from autograder.grading.compare import check
from autograder.grading.opening import open_zygote
from autograder.grading.seat import Seat

SEED = 0  # a bare run is the same every time; graded runs are not


class ReferenceSeat(Seat):
    """The reference's seat: it has to earn everything."""

    def award(self, fraction: float, words: str = "") -> None:
        """Fail the test if it gives less than all its points."""
        super().award(fraction, words)
        check(fraction == 1.0, f"the reference was awarded {fraction:.0%} of the points. {words}")


class Bare:
    """Seats of a bare pytest session, one for each grader file."""

    def __init__(self) -> None:
        self._seats: dict[Path, Seat] = {}
        self._closing: list[Callable[[], Any]] = []

    def seat(self, path: Path) -> Seat:
        """The seat for the tests of one grader file, `<course>/autograder/graders/test_<stem>.py`."""
        if path not in self._seats:
            self._seats[path] = self._open(path)
        seat = self._seats[path]
        seat.fraction, seat.words = None, ""
        return seat

    def _open(self, path: Path) -> Seat:
        from autograder.course.percent import read_topic
        from autograder.course.reference import load_reference
        from autograder.grading.run import reference_cells

        course = load_course(path.resolve().parents[2])
        stem = path.stem.removeprefix("test_")
        topic = read_topic(course.source(stem))
        reference = load_reference(topic)
        zygote = open_zygote(course, topic, unsafe=True)
        attempt = Attempt(zygote, reference_cells(topic), {}, SEED)
        self._closing += [zygote.close, attempt.close]
        server = None
        if course.bank(stem).is_file():
            server = CandidateServer(topic, read_bank(course.bank(stem)), reference, zygote)
            self._closing.append(server.close)
        return ReferenceSeat(attempt.student, reference, SEED, server=server, twin=attempt.twin)

    def close(self) -> None:
        """End all processes."""
        while self._closing:
            self._closing.pop()()
