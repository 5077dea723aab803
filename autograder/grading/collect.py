"""The hidden tests of a topic: collected once, run as often as there are submissions."""

from __future__ import annotations

import inspect
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import UserError
from autograder.grading.seat import Seat
from autograder.grading.verdict import Ending
from autograder.sandbox import ZygoteError

CURRENT_TEST = "PYTEST_CURRENT_TEST"  # set by every pytest session, also by one that runs around this one


class GraderFileError(UserError):
    """A grader file that cannot be used; the message names file, test and mend."""


@dataclass(frozen=True)
class HiddenTest:
    """One hidden test: its public sentence, its points, and the published phrase that announces it."""

    name: str
    title: str
    exercise: str
    points: float
    spec: str
    line: int
    item: Any


class GraderFile:
    """The collected tests of one grader file.

    Parameters
    ----------
    path : Path
        `autograder/graders/test_<stem>.py`.

    Raises
    ------
    GraderFileError
        If the file cannot be imported or one of its tests is not marked as it should be.
    """

    def __init__(self, path: Path) -> None:
        from autograder.grading import plugin

        self.path = path
        self._run_item = plugin.run_item
        self._close_session = plugin.close_session
        if not path.is_file():
            raise GraderFileError(f"{path} is missing. Start it: ./course new {path.stem.removeprefix('test_')}")
        try:
            self._session, self._chair = plugin.open_session(path)
        except Exception as error:
            reason = f"{type(error).__name__}: {error}".splitlines()[0]
            raise GraderFileError(f"{path}: cannot be imported ({reason}). Mend it, then: pytest {path}") from error
        try:
            self.tests = tuple(_hidden_test(item, path) for item in self._session.items)
            if not self.tests:
                raise GraderFileError(f"{path}: holds no test. Add one, or see why pytest finds none: pytest {path}")
        except GraderFileError:
            self.close()
            raise

    def of(self, exercise: str) -> tuple[HiddenTest, ...]:
        """The tests of one exercise, in the order of the file."""
        return tuple(test for test in self.tests if test.exercise == exercise)

    def run(self, test: HiddenTest, seat: Seat) -> Ending:
        """Run one test with whoever sits in the seat.

        Raises
        ------
        KeyboardInterrupt
            If somebody presses Ctrl-C.
        ZygoteError
            If the sandbox itself failed: the submission has to be graded again. Nothing else comes out of a test.
        """
        chair = self._chair
        chair.seat = seat
        chair.clear()
        seat.fraction, seat.words = None, ""
        outer = os.environ.get(CURRENT_TEST)
        try:
            self._run_item(test.item, self._another(test))
            error = chair.error
            if isinstance(error, ZygoteError):
                raise error
            if error is not None:
                error.__traceback__ = error.__context__ = error.__cause__ = None
            return Ending(error, chair.stated, chair.when, seat.fraction, seat.words)
        finally:
            chair.seat = None
            chair.clear()
            if outer is not None:
                os.environ[CURRENT_TEST] = outer

    def _another(self, test: HiddenTest) -> Any:
        """What pytest is told comes next: another test of the file, or it would set up file and folders each time."""
        return next((other.item for other in self.tests if other is not test), None)

    def close(self) -> None:
        """Take pytest's session down."""
        self._close_session(self._session)


def _hidden_test(item: Any, path: Path) -> HiddenTest:
    marker = item.get_closest_marker("points")
    line = item.location[1] + 1
    where = f"{path}:{line} {item.name}"
    if marker is None:
        raise GraderFileError(f'{where}: no points. Add @pytest.mark.points(2, exercise="...", spec="...") above it.')
    form = '@pytest.mark.points(2, exercise="Adam", spec="a published phrase")'
    unknown = set(marker.kwargs) - {"exercise", "spec"}
    exercise, spec = marker.kwargs.get("exercise"), marker.kwargs.get("spec", "")
    numbers: Sequence[Any] = marker.args
    if unknown or len(numbers) != 1 or not isinstance(numbers[0], int | float) or not isinstance(exercise, str):
        raise GraderFileError(f"{where}: the points marker cannot be read. Write {form}.")
    for fixture in _kept_fixtures(item, path):
        mend = "Take its scope away: what one submission leaves in it would be there for the next."
        raise GraderFileError(f"{where}: the fixture {fixture} outlives the test. {mend}")
    document = inspect.getdoc(item.function) or ""
    title = document.split("\n", 1)[0].strip()
    if not title:
        raise GraderFileError(f"{where}: no docstring. Its first line is the sentence that students read.")
    case = getattr(getattr(item, "callspec", None), "id", "")
    title = f"{title} ({case})" if case else title
    return HiddenTest(item.name, title, exercise, float(numbers[0]), str(spec), line, item)


def _kept_fixtures(item: Any, path: Path) -> list[str]:
    """Fixtures of the file that a test uses and that live longer than one test."""
    used = (definition for found in item._fixtureinfo.name2fixturedefs.values() for definition in found)
    return [each.argname for each in used if each.scope != "function" and each.func.__module__.endswith(path.stem)]
