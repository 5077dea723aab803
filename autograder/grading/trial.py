"""Try one implementation of one exercise: confined, amid the reference's other cells, against its hidden tests only."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace

from autograder.config import Course
from autograder.course.reference import is_variable
from autograder.grading.bank import Bank, read_bank, submission_with
from autograder.grading.probe import Diagnoser, implementation
from autograder.grading.run import TopicGrader
from autograder.records import ExerciseResult
from autograder.sandbox import Child, Zygote

PATIENCE = 3.0  # seconds for a call; a loop without end is found, and nobody's points hang on it


class Trial:
    """The grader of one topic, for implementations that stand in no notebook: bank entries and mutants.

    Parameters
    ----------
    course : Course
    stem : str
        Which topic.
    """

    def __init__(self, course: Course, stem: str) -> None:
        limits = replace(course.limits, call_seconds=min(PATIENCE, course.limits.call_seconds))
        self._grader = TopicGrader(replace(course, limits=limits), stem, diagnose=False)
        self.topic = self._grader.topic
        self.bank: Bank = read_bank(course.bank(stem))
        self._diagnosers: dict[int, Diagnoser] = {}

    @property
    def zygote(self) -> Zygote:
        """Where implementations run."""
        return self._grader.zygote

    def exercises(self) -> tuple[str, ...]:
        """The exercises that are answered by code, in the order of the topic; predictions have no bank."""
        return tuple(cell.name for cell in self.topic.exercises() if not is_variable(cell))

    def grade(self, exercise: str, source: str | None, seed: int = 0) -> ExerciseResult:
        """The result of one exercise; `None` tries the reference."""
        submission = submission_with(self.topic, exercise, source)
        return self._grader.grade(submission, seed=seed, exercises=(exercise,)).exercises[0]

    def child(self, exercise: str, source: str | None) -> AbstractContextManager[Child]:
        """A fresh child in which the cells have run."""
        return implementation(self.zygote, self.topic, exercise, source)

    def diagnoser(self, seed: int) -> Diagnoser:
        """What names mistakes with the probe's inputs from this seed; made once."""
        if seed not in self._diagnosers:
            self._diagnosers[seed] = Diagnoser(self.topic, self.bank, self.zygote, seed=seed)
        return self._diagnosers[seed]

    def close(self) -> None:
        """End the processes."""
        self._grader.close()

    def __enter__(self) -> Trial:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
