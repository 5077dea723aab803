"""Grade submissions of one topic: the tests collected once, a warm sandbox, one result record for each."""

from __future__ import annotations

import os
import warnings
from collections.abc import Collection
from functools import cached_property, partial
from pathlib import Path

from autograder.config import Course
from autograder.course.percent import Cell, Topic, read_topic, solution_source
from autograder.course.reference import REFERENCE_KINDS, load_reference
from autograder.course.release import release_of
from autograder.grading.attempt import Attempt
from autograder.grading.bank import read_bank
from autograder.grading.catches import CandidateServer
from autograder.grading.collect import GraderFile, GraderFileError
from autograder.grading.graderhash import grader_sha256
from autograder.grading.opening import open_zygote
from autograder.grading.probe import Diagnoser
from autograder.grading.seeds import course_secret, submission_seed
from autograder.grading.sitting import Setting, Sitting
from autograder.intake import Submission, read_submission
from autograder.records import Diagnosis, ExerciseResult, Result, TestResult
from autograder.sandbox import Zygote


class TopicGrader:
    """Grades submissions of one topic, one after the other; one for each worker and topic.

    Parameters
    ----------
    course : Course
    stem : str
        The topic.
    zygote : Zygote, optional
        A warm sandbox to use; without one the grader opens its own and ends it on `close`.
    unsafe : bool
        Grade below the configured isolation level.
    diagnose : bool
        Look for known mistakes in exercises that fail.

    Raises
    ------
    UserError
        If topic file, grader file or bank cannot be used; with file and mend.
    RefusedError
        If this machine isolates less than the course asks for.
    """

    def __init__(
        self, course: Course, stem: str, zygote: Zygote | None = None, *, unsafe: bool = False, diagnose: bool = True
    ) -> None:
        self.course = course
        self.stem = stem
        self.topic = read_topic(course.source(stem))
        reference = load_reference(self.topic)
        self._tests = GraderFile(course.grader(stem))
        try:
            _check_points(self._tests, self.topic.exercises())
        except GraderFileError:
            self._tests.close()
            raise
        self._own_zygote = zygote is None
        self.zygote = zygote if zygote is not None else open_zygote(course, self.topic, unsafe=unsafe)
        self.isolation = str(self.zygote.isolation)
        self.grader_sha256 = grader_sha256(course, stem, self.isolation)
        bank = read_bank(course.bank(stem)) if course.bank(stem).is_file() else None
        self._candidates = CandidateServer(self.topic, bank, reference, self.zygote) if bank else None
        diagnoser = Diagnoser(self.topic, bank, self.zygote, cache=_cache(course.root)) if bank and diagnose else None
        self._setting = Setting(
            topic=self.topic,
            reference=reference,
            tests=self._tests,
            limits=course.limits,
            released={cell.name: cell.source for cell in release_of(self.topic).cells},
            make=partial(Attempt, self.zygote),
            reference_cells=reference_cells(self.topic),
            candidates=self._candidates,
            diagnose=diagnoser.name if diagnoser is not None else _no_diagnosis,
            isolation=self.isolation,
            grader_sha256=self.grader_sha256,
        )

    @property
    def setting(self) -> Setting:
        """What all submissions have in common."""
        return self._setting

    @cached_property
    def secret(self) -> bytes:
        """The course's secret."""
        return course_secret(self.course.root)

    def grade(
        self, submission: Submission, *, seed: int | None = None, exercises: Collection[str] | None = None
    ) -> Result:
        """Grade one submission.

        Parameters
        ----------
        submission : Submission
            As intake read it.
        seed : int, optional
            Of the hidden inputs; without one it follows from secret, topic, student and file.
        exercises : collection of str, optional
            Grade only these.
        """
        if seed is None:
            seed = submission_seed(self.secret, self.stem, submission.student, submission.sha256)
        sitting = Sitting(self._setting, submission, seed, exercises)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # NumPy's, about hidden inputs: nobody on the grading path reads them
                return sitting.result()
        finally:
            sitting.close()

    def empty_exercises(self) -> tuple[ExerciseResult, ...]:
        """Every exercise with every test not run, for a submission that cannot be read."""
        return tuple(
            ExerciseResult(
                cell.name,
                0.0,
                cell.points,
                None,
                tuple(TestResult(t.name, t.title, "not_run", 0.0, t.points) for t in self._tests.of(cell.name)),
            )
            for cell in self.topic.exercises()
        )

    def close(self) -> None:
        """End the sandbox, if it is this grader's own, and pytest's session."""
        if self._candidates is not None:
            self._candidates.close()
        if self._own_zygote:
            self.zygote.close()
        self._tests.close()


def reference_cells(topic: Topic) -> tuple[tuple[str, str], ...]:
    """The reference's cells, as if a student had handed them in."""
    return tuple((cell.name, solution_source(cell)) for cell in topic.cells if cell.kind in REFERENCE_KINDS)


def _no_diagnosis(student: object, exercise: str, failed: Collection[str]) -> Diagnosis | None:
    return None


def _check_points(tests: GraderFile, exercises: tuple[Cell, ...]) -> None:
    """Points of tests and headers must agree, or a full score would not be full."""
    names = {cell.name for cell in exercises}
    for test in tests.tests:
        if test.exercise not in names:
            raise GraderFileError(f"{tests.path}:{test.line} {test.name}: the topic has no exercise {test.exercise!r}.")
    for cell in exercises:
        total = sum(test.points for test in tests.of(cell.name))
        if abs(total - cell.points) > 1e-9:
            raise GraderFileError(
                f"{tests.path}: the tests of {cell.name} add up to {total:g} points, its header in the topic file says "
                f"{cell.points:g}. Make them agree."
            )


def _cache(root: Path) -> Path | None:
    """Where traces of the bank are kept between runs, if the course's folder can be written."""
    return root / "build" / "traces" if os.access(root, os.W_OK) else None


def try_file(course: Course, stem: str, path: Path, *, student: str = "try", unsafe: bool = False) -> Result:
    """Grade one notebook or topic-style file, outside any class.

    Raises
    ------
    Unreadable
        If the file is no submission of this topic.
    """
    grader = TopicGrader(course, stem, unsafe=unsafe)
    try:
        return grader.grade(read_submission(path, release_of(grader.topic), student))
    finally:
        grader.close()
