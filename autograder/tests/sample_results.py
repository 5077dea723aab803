"""Result records made by hand: one submission of every kind that reports and gradebook must cope with."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from autograder.records import Diagnosis, ExerciseResult, Result, TestResult

NO_CORRECTION = Diagnosis(
    "no_bias_correction",
    "The moving averages are used as they are, without correction for their start at zero.\n\n"
    "How large is the first average of a constant gradient g, and how large should it be?",
)


def a_test(name: str, state: str = "passed", points: float = 5.0, message: str = "", title: str = "") -> TestResult:
    """A test that earned all its points or none."""
    sentence = title or f"The property that is called {name} holds."
    return TestResult(name, sentence, state, points if state == "passed" else 0.0, points, message)


def exercise(name: str, *tests: TestResult, diagnosis: Diagnosis | None = None) -> ExerciseResult:
    """An exercise whose score is the sum of its tests."""
    return ExerciseResult(name, sum(t.score for t in tests), sum(t.max_score for t in tests), diagnosis, tests)


def result(
    student: str,
    *exercises: ExerciseResult,
    status: str = "ok",
    notices: Sequence[str] = (),
    topic: str = "hw04_adam",
    sha256: str = "",
) -> Result:
    """A result whose score is the sum of its exercises."""
    return Result(
        topic=topic,
        student=student,
        submission_sha256=sha256 or hashlib.sha256(student.encode("utf-8", "replace")).hexdigest(),
        grader_sha256="0" * 64,
        seed=7,
        isolation="B",
        status=status,
        score=sum(item.score for item in exercises),
        max_score=sum(item.max_score for item in exercises),
        exercises=exercises,
        notices=tuple(notices),
        seconds=0.05,
    )


def half_right(student: str = "grace") -> Result:
    """Some tests passed, two failed with a diagnosis, one exercise untouched."""
    first = "The first step has the length of the learning rate."
    six = "Six steps with changing gradients follow the formula, with `eps` outside the root."
    error = "the largest error is 0.37 (relative), in the case: first step, large eps"
    untouched = "`adam_first_step` is not written yet."
    return result(
        student,
        exercise("ema_weights", a_test("weights"), a_test("order")),
        exercise(
            "Adam",
            a_test("first_step", "failed", 10, error, first),
            a_test("six_steps", "failed", 10, "shape (3,) where (3, 1) was asked for", six),
            a_test("inputs", "passed", 2, title="The parameters that come in are not changed."),
            diagnosis=NO_CORRECTION,
        ),
        exercise("adam_first_step", *(a_test(name, "not_run", 4, untouched) for name in ("sign", "zero"))),
    )


def perfect(student: str = "ada") -> Result:
    """Every test passed."""
    names = {"ema_weights": 10.0, "Adam": 22.0, "adam_first_step": 8.0}
    return result(student, *(exercise(name, a_test("a", points=points)) for name, points in names.items()))


def broken(student: str = "tony") -> Result:
    """The grader itself failed in one exercise."""
    return result(
        student,
        exercise("ema_weights", a_test("weights", points=10)),
        exercise("Adam", a_test("a", "grader_error", 20, "KeyError"), a_test("b", points=2)),
        exercise("adam_first_step", a_test("sign", points=8)),
    )


def unreadable(student: str = "edsger") -> Result:
    """A file that is no notebook."""
    message = "hw04_adam.ipynb is not JSON (line 1). Download it again, and hand in the file that Jupyter saved."
    tests = {"ema_weights": 10.0, "Adam": 22.0, "adam_first_step": 8.0}
    return result(
        student,
        *(exercise(name, a_test("a", "not_run", points, message)) for name, points in tests.items()),
        status="unreadable",
        notices=(message,),
    )
