"""One submission in front of the hidden tests of its topic: mark, look again, diagnose, put the record together."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

from autograder.config import LimitSettings
from autograder.course.percent import Cell, Topic
from autograder.grading import messages
from autograder.grading.attempt import Attempt
from autograder.grading.collect import GraderFile
from autograder.grading.marking import Marked, Marking
from autograder.grading.messages import Submitted
from autograder.grading.seat import Seat
from autograder.grading.uses import better, replaceable, stand_ins
from autograder.intake import Submission
from autograder.records import Diagnosis, ExerciseResult, Result
from autograder.sandbox import Stopped, clock

Diagnose = Callable[[Any, str, Collection[str]], Diagnosis | None]
Make = Callable[[Sequence[tuple[str, str]], Mapping[str, Callable[..., Any]], int], Attempt]


@dataclass(frozen=True)
class Setting:
    """What all submissions of a topic have in common.

    Parameters
    ----------
    released : mapping
        The cells as students got them, by name.
    make : callable
        Makes an attempt at running cells, with some of them replaced by functions of the reference, from a seed.
    reference_cells : sequence of (name, source)
        The reference as if a student had handed it in.
    candidates : object
        Serves write-the-test exercises, or `None`.
    diagnose : callable
        Names a known mistake, given a student proxy, an exercise and the tests that it failed.
    """

    topic: Topic
    reference: ModuleType
    tests: GraderFile
    limits: LimitSettings
    released: Mapping[str, str]
    make: Make
    reference_cells: Sequence[tuple[str, str]]
    candidates: Any
    diagnose: Diagnose
    isolation: str
    grader_sha256: str


class Sitting:
    """Grades one submission.

    Parameters
    ----------
    setting : Setting
    submission : Submission
    seed : int
        Of the hidden inputs.
    exercises : collection of str, optional
        Only these; all by default.
    """

    def __init__(
        self, setting: Setting, submission: Submission, seed: int, exercises: Collection[str] | None = None
    ) -> None:
        self.setting = setting
        self.submission = submission
        self.seed = seed
        self._exercises = [cell for cell in setting.topic.exercises() if exercises is None or cell.name in exercises]
        self._cells = {cell.name: cell.source for cell in submission.cells}
        self._marked: dict[str, Marked] = {}
        self._attempt = setting.make(tuple(self._cells.items()), {}, seed)
        self._right = setting.make(setting.reference_cells, {}, seed)
        self._untested: Attempt | None = None
        seat, checker = (
            Seat(attempt.student, setting.reference, seed, self._earned, setting.candidates, attempt.twin)
            for attempt in (self._attempt, self._right)
        )
        self._marking = Marking(setting.tests, seat, checker, Submitted(self._cells), setting.limits)

    def result(self) -> Result:
        """Mark every exercise, look again where an earlier mistake was in the way, and name known mistakes."""
        began = time.monotonic()
        self._attempt.start()
        self._marking.began = clock.now()  # a cell that never ends is no reason to run no test
        for cell in self._exercises:
            self._marked[cell.name] = self._first_look(cell)
            self._marked[cell.name] = self._second_look(cell)
        results = tuple(self._diagnosed(cell) for cell in self._exercises)
        return Result(
            topic=self.setting.topic.stem,
            student=self.submission.student,
            submission_sha256=self.submission.sha256,
            grader_sha256=self.setting.grader_sha256,
            seed=self.seed,
            isolation=self.setting.isolation,
            status=self._status(),
            score=round(sum(exercise.score for exercise in results), 6),
            max_score=sum(exercise.max_score for exercise in results),
            exercises=results,
            notices=(*self.submission.notices, *self._marking.all_notices()),
            seconds=round(time.monotonic() - began, 4),
        )

    @property
    def seats(self) -> tuple[Seat, Seat]:
        """The student's and the reference's."""
        return self._marking.seat, self._marking.checker

    def _mark(self, cell: Cell, attempt: Attempt) -> Marked:
        return self._marking.exercise(cell, attempt, self._cells, self.setting.released)

    def _first_look(self, cell: Cell) -> Marked:
        """Mark an exercise as it is, unless what it uses would only end the process again and again."""
        blocked = [name for name in cell.uses if name in self._marked and self._marked[name].given_up]
        if blocked and stand_ins(blocked, self.setting.reference):
            skipped = self._marking.not_run(cell, messages.gave_up(blocked[0]))
            return replace(skipped, started=True)
        return self._mark(cell, self._attempt)

    def _second_look(self, cell: Cell) -> Marked:
        """Mark an exercise again with the reference's parts in place of earlier ones that lost points."""
        first = self._marked[cell.name]
        functions = self._stand_ins(cell)
        if not functions:
            return first
        attempt = self._attempt_with(functions)
        try:
            chosen = better(first, self._mark(cell, attempt), tuple(functions))
        finally:
            attempt.close()
        if chosen is not first:
            self._marking.notices.append(
                f"{cell.name}: graded with the reference's {', '.join(functions)}, "
                f"{chosen.result.score:g} instead of {first.result.score:g} points"
            )
        return chosen

    def _stand_ins(self, cell: Cell) -> Mapping[str, Callable[..., Any]]:
        names = replaceable(cell, self.setting.topic.exercises(), self._marked)
        return stand_ins(names, self.setting.reference)

    def _attempt_with(self, functions: Mapping[str, Callable[..., Any]]) -> Attempt:
        attempt = self.setting.make(tuple(self._cells.items()), functions, self.seed)
        attempt.spare(self._marking.left())
        return attempt

    def _diagnosed(self, cell: Cell) -> ExerciseResult:
        """Add the name of a known mistake, if the exercise failed in a way that a probe can look at.

        The probe looks at it on top of what is right, in a process that no test has used: the bank's mistakes were
        looked at in the same way.
        """
        marked = self._marked[cell.name]
        if marked.full or not marked.failed or marked.statuses or not self._marking.left():
            return marked.result
        functions = self._stand_ins(cell)
        attempt = self._attempt_with(functions) if functions else self._not_yet_tested()
        attempt.allow(self.setting.limits.call_seconds)
        try:
            found = self.setting.diagnose(attempt.student(), cell.name, marked.failed)
            return replace(marked.result, diagnosis=found)
        except Stopped:
            return marked.result
        except Exception as error:  # the score stands without a name for the mistake
            self._marking.notices.append(f"{cell.name}: no diagnosis ({type(error).__name__}: {error})")
            return marked.result
        finally:
            if attempt is not self._untested:
                attempt.close()

    def _not_yet_tested(self) -> Attempt:
        """The student's cells in a process for the probes of all exercises."""
        if self._untested is None:
            self._untested = self._attempt_with({})
        return self._untested

    def _earned(self, exercise: str) -> float:
        """The share of its points that an exercise has got so far."""
        if exercise not in self._marked:
            return 0.0
        result = self._marked[exercise].result
        return result.score / result.max_score if result.max_score else 0.0

    def _status(self) -> str:
        """The first fatal status; else "exception", if a cell raised anything but NotImplementedError."""
        if self._attempt.fatal:
            return self._attempt.fatal[0]
        for outcome in self._attempt.outcomes.values():
            unfinished = outcome.error is not None and outcome.error.type_name == "NotImplementedError"
            if outcome.status != "ok" and not unfinished:
                return outcome.status
        return "ok"

    def close(self) -> None:
        """End the processes of this submission."""
        if self._untested is not None:
            self._untested.close()
        self._attempt.close()
        self._right.close()
