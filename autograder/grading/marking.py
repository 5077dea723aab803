"""Mark one submission: every hidden test of every exercise, within budgets that keep the exercises apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from autograder.config import LimitSettings
from autograder.course.percent import Cell
from autograder.grading import messages
from autograder.grading.attempt import Attempt
from autograder.grading.chosen import chosen
from autograder.grading.collect import GraderFile, HiddenTest
from autograder.grading.messages import Allowed, Submitted
from autograder.grading.seat import Seat
from autograder.grading.unstarted import why_not
from autograder.grading.verdict import Verdict, settled, verdict
from autograder.records import ExerciseResult, TestResult
from autograder.sandbox import clock

FATAL_EVENTS = 2  # after so many in one exercise its remaining tests are not run


@dataclass(frozen=True)
class Marked:
    """One exercise, marked. `statuses` are its fatal events; `started` says that its code could be called at all."""

    result: ExerciseResult
    statuses: tuple[str, ...] = ()
    started: bool = True

    @property
    def full(self) -> bool:
        """Whether it earned everything."""
        return self.result.score >= self.result.max_score

    @property
    def failed(self) -> tuple[str, ...]:
        """The tests that ran and were not passed."""
        return tuple(test.name for test in self.result.tests if test.state == "failed")

    @property
    def given_up(self) -> bool:
        """Whether its code ended the process so often that nobody calls it any more."""
        return len(self.statuses) >= FATAL_EVENTS


@dataclass
class Marking:
    """The state of marking one submission.

    Parameters
    ----------
    tests : GraderFile
        The hidden tests.
    seat : Seat
        What the tests' fixtures hand out.
    checker : Seat
        The same with the reference as the student, for tests whose own code is in doubt.
    submitted : Submitted
        The student's text.
    limits : LimitSettings
        Budgets.
    """

    tests: GraderFile
    seat: Seat
    checker: Seat
    submitted: Submitted
    limits: LimitSettings
    began: float = field(default_factory=clock.now)
    notices: list[str] = field(default_factory=list)
    _stumbles: dict[str, dict[str, str]] = field(default_factory=dict)

    def exercise(self, cell: Cell, attempt: Attempt, cells: Mapping[str, str], released: Mapping[str, str]) -> Marked:
        """Mark one exercise.

        Parameters
        ----------
        cell : Cell
            The exercise in the topic file.
        attempt : Attempt
            The process in which the student's cells run.
        cells : mapping
            The submitted cells by name.
        released : mapping
            The cells as students got them.
        """
        in_cell = Allowed(self.limits.cell_seconds, self.limits.memory_mb)
        attempt.allow()
        reason = self._spent() or why_not(cell, attempt, cells, released, self.submitted, in_cell)
        if reason:
            return self.not_run(cell, reason)
        self.seat.student, self.seat.twin = attempt.student, attempt.twin
        results: list[TestResult] = []
        statuses: list[str] = []
        attempt.allow(self.limits.exercise_seconds)
        for test in self.tests.of(cell.name):
            reason = self._why_stop(cell.name, statuses, attempt)
            if reason:
                results.append(_not_run(test, reason))
                continue
            found = self._test(test)
            if found.status:
                statuses.append(found.status)
                attempt.note(found.status)
            if found.status == "time_limit" and attempt.out_of_time:
                found = replace(found, message=messages.out_of_time(cell.name, self.limits.exercise_seconds))
            elif found.state == "passed":
                found = replace(found, message=chosen(cell.name, cells.get(cell.name, "")))
            results.append(_result(test, found))
        return _marked(cell, results, tuple(statuses), started=True)

    def not_run(self, cell: Cell, reason: str) -> Marked:
        """An exercise whose code is not called at all, for one reason."""
        return _marked(cell, [_not_run(test, reason) for test in self.tests.of(cell.name)], (), started=False)

    def _why_stop(self, exercise: str, statuses: Sequence[str], attempt: Attempt) -> str:
        if len(statuses) >= FATAL_EVENTS:
            return messages.gave_up(exercise)
        if attempt.out_of_time:
            return messages.out_of_time(exercise, self.limits.exercise_seconds)
        return self._spent()

    def left(self) -> float:
        """Seconds of the submission's budget that are not used up."""
        return max(0.0, self.began + self.limits.submission_seconds - clock.now())

    def _spent(self) -> str:
        return "" if self.left() else messages.all_out_of_time(self.limits.submission_seconds)

    def _test(self, test: HiddenTest) -> Verdict:
        ending = self.tests.run(test, self.seat)
        allowed = Allowed(self.limits.call_seconds, self.limits.memory_mb)
        found = verdict(ending, test.title, test.exercise, self.submitted, allowed)
        if not found.doubtful:
            return found
        again = self.tests.run(test, self.checker)
        kind = type(ending.error).__name__
        if again.error is None:
            self._stumbles.setdefault(test.exercise, {})[test.name] = kind
        else:
            words = f"{kind} inside the test, and {type(again.error).__name__} with the reference. Mend the test."
            self.notices.append(f"{test.exercise}, {test.name}: {words}")
        return settled(found, again)

    def all_notices(self) -> tuple[str, ...]:
        """What the instructor should know, each thing once."""
        stumbles = (
            f"{exercise}: {', '.join(f'{name} ({kind})' for name, kind in tests.items())} stumbled over what came back "
            "and did not with the reference. Counted as failed; have a look."
            for exercise, tests in self._stumbles.items()
        )
        return (*dict.fromkeys(self.notices), *stumbles)


def _marked(cell: Cell, tests: Sequence[TestResult], statuses: tuple[str, ...], started: bool) -> Marked:
    score = min(round(sum(test.score for test in tests), 6), cell.points)
    return Marked(ExerciseResult(cell.name, score, cell.points, None, tuple(tests)), statuses, started)


def _not_run(test: HiddenTest, message: str) -> TestResult:
    return TestResult(test.name, test.title, "not_run", 0.0, test.points, message)


def _result(test: HiddenTest, found: Verdict) -> TestResult:
    return TestResult(test.name, test.title, found.state, test.points * found.fraction, test.points, found.message)
