"""One grading process: takes the path of a submission, gives back its result, never stops for a bad one."""

from __future__ import annotations

import json
import os
import signal
import time
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

from autograder.classroom.submissions import identity
from autograder.config import Course, load_course
from autograder.course.percent import read_topic
from autograder.course.release import Release, release_of
from autograder.grading.run import TopicGrader
from autograder.intake import Unreadable, read_submission
from autograder.records import ExerciseResult, Result
from autograder.sandbox.confine import harden_self


def serve(connection: Connection, root: str, unsafe: bool, processor: int) -> None:
    """Answer requests until the connection closes.

    Grader and student take turns, so both stay on one processor: to wake a process on another one costs more than
    most calls.

    A request is JSON: topic, student, path. The answer is a result record as JSON. Ctrl-C is for the supervisor,
    who lets the submission in hand finish.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.sched_setaffinity(0, {processor})
    harden_self()
    graders = Graders(load_course(Path(root)), unsafe)
    try:
        while True:
            request = json.loads(connection.recv_bytes())
            result = graders.grade(request["topic"], request["student"], Path(request["path"]))
            connection.send_bytes(result.to_json().encode())
    except EOFError:
        return
    finally:
        graders.close()


class Graders:
    """The grader of one topic at a time, made when its first submission comes: each holds a warm interpreter."""

    def __init__(self, course: Course, unsafe: bool = False) -> None:
        self.course = course
        self.unsafe = unsafe
        self._open: dict[str, tuple[TopicGrader, Release]] = {}

    def grade(self, stem: str, student: str, path: Path) -> Result:
        """Grade one file; one that cannot be read gets a result that says why."""
        grader, release = self._grader(stem)
        started = time.monotonic()
        try:
            submission = read_submission(path, release, student)
        except Unreadable as error:
            result = self.ungraded(stem, student, identity(path)[0], "unreadable", str(error))
            return replace(result, seconds=time.monotonic() - started)
        return grader.grade(submission)

    def ungraded(self, stem: str, student: str, sha256: str, status: str, message: str) -> Result:
        """The result of a submission that no test was run on, and the reason for students and instructors."""
        grader, _ = self._grader(stem)
        state = "grader_error" if status == "grader_error" else "not_run"
        exercises = tuple(_all_tests(exercise, state, message) for exercise in grader.empty_exercises())
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
