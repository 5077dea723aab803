"""What a grading process does: from the path of a submission to its result, whatever is in the file."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from autograder.classroom.submissions import identity
from autograder.classroom.task import Task
from autograder.config import Course
from autograder.course.percent import read_topic
from autograder.course.release import Release, release_of
from autograder.grading import messages
from autograder.grading.run import TopicGrader
from autograder.intake import Unreadable, read_submission
from autograder.records import ExerciseResult, Result

NO_SEEDS: Mapping[str, int | None] = {}


class Graders:
    """The grader of one topic at a time, made when its first submission comes: each holds a warm interpreter."""

    def __init__(self, course: Course, unsafe: bool = False) -> None:
        self.course = course
        self.unsafe = unsafe
        self._open: dict[str, tuple[TopicGrader, Release]] = {}

    def do(self, task: Task) -> Result:
        """Grade what the task names, or record why it is not graded."""
        if task.status:
            return self.ungraded(task.topic, task.student, task.sha256, task.status, task.message)
        return self.grade(task.topic, task.student, Path(task.path), {task.sha256: task.seed})

    def grade(self, stem: str, student: str, path: Path, seeds: Mapping[str, int | None] = NO_SEEDS) -> Result:
        """Grade one file; one that cannot be read gets a result that says why.

        Parameters
        ----------
        stem, student, path
            Topic, who handed it in, and the file.
        seeds : mapping
            Seeds of hidden inputs by the hash of a file; for others the course's secret decides.
        """
        grader, release = self._grader(stem)
        started = time.monotonic()
        try:
            submission = read_submission(path, release, student)
        except Unreadable as error:
            result = self.ungraded(stem, student, identity(path)[0], "unreadable", str(error))
            return replace(result, seconds=round(time.monotonic() - started, 4))
        return grader.grade(submission, seed=seeds.get(submission.sha256))

    def ungraded(self, stem: str, student: str, sha256: str, status: str, message: str) -> Result:
        """The result of a submission that no test was run on, and the reason for students and instructors."""
        grader, _ = self._grader(stem)
        ours = status == "grader_error"
        state, words = ("grader_error", messages.grader_fault()) if ours else ("not_run", message)
        exercises = tuple(_all_tests(exercise, state, words) for exercise in grader.empty_exercises())
        return Result(
            topic=stem,
            student=student,
            submission_sha256=sha256,
            grader_sha256=grader.grader_sha256,
            seed=0,
            isolation=grader.isolation,
            status=status,
            score=0.0,
            max_score=sum(exercise.max_score for exercise in exercises),
            exercises=exercises,
            notices=(message,),
            seconds=0.0,
        )

    def _grader(self, stem: str) -> tuple[TopicGrader, Release]:
        if stem not in self._open:
            self.close()
            release = release_of(read_topic(self.course.source(stem)))
            self._open[stem] = (TopicGrader(self.course, stem, unsafe=self.unsafe), release)
        return self._open[stem]

    def close(self) -> None:
        """End the student processes."""
        for grader, _ in self._open.values():
            grader.close()
        self._open.clear()


def _all_tests(exercise: ExerciseResult, state: str, message: str) -> ExerciseResult:
    tests = tuple(replace(test, state=state, score=0.0, message=message) for test in exercise.tests)
    return replace(exercise, score=0.0, tests=tests)
