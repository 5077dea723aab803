"""A small course in a temporary folder, for tests of the grading room: one topic, its hidden tests and its bank."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from autograder.config import Course, load_course
from autograder.course.percent import read_topic, solution_source, stub_source
from autograder.grading.opening import limits_of
from autograder.grading.run import TopicGrader
from autograder.intake import Submission, SubmittedCell
from autograder.records import ExerciseResult, Result, TestResult
from autograder.sandbox import Zygote

STEM = "hw_scratch"

COURSE = """
[course]
id = "scratch"
title = "Scratch"
isolation = "none"

[limits]
cell_seconds = 1
call_seconds = 0.5
exercise_seconds = 20
submission_seconds = 60
memory_mb = 256

[[topic]]
stem = "hw_scratch"
title = "Scratch"
"""

TOPIC = '''"""Scratch topic."""

# %%
import numpy as np

# %% exercise="mean" points=10
def mean(x):
    """Mean of an array; an empty one raises ValueError. The array is not modified."""
    ### BEGIN SOLUTION
    if x.size == 0:
        raise ValueError("empty")
    return np.sum(x) / x.size
    ### END SOLUTION

# %% exercise="centre" points=10 uses="mean"
def centre(x):
    """The array with its mean taken off."""
    ### BEGIN SOLUTION
    return x - mean(x)
    ### END SOLUTION

# %% exercise="Counter" points=10
class Counter:
    """Adds numbers up."""
    ### BEGIN SOLUTION
    def __init__(self, start=0.0):
        self.total = start

    def add(self, x):
        self.total = self.total + x
        return self.total
    ### END SOLUTION
    ### BEGIN STUB
    # def __init__(self, start=0.0):
    #     raise NotImplementedError("Counter")
    #
    # def add(self, x):
    #     raise NotImplementedError("Counter")
    ### END STUB

# %% exercise="guess" points=1
### BEGIN SOLUTION
guess = "a"
### END SOLUTION
### BEGIN STUB
# guess = None
### END STUB

# %% exercise="catches_mean" points=8
def catches_mean(candidate):
    """Whether the candidate is no mean."""
    ### BEGIN SOLUTION
    return not np.isclose(candidate(np.array([1.0, 2.0, 6.0])), 3.0)
    ### END SOLUTION
'''

GRADERS = '''"""Hidden tests of the scratch topic."""

import numpy as np
import pytest

from autograder.grading import assert_matches, assert_unchanged, judge_catcher, raises


@pytest.mark.points(4, exercise="mean", spec="Mean of an array")
def test_the_mean_is_right(student, reference, rng):
    """The mean of random numbers is right."""
    x = rng.standard_normal(7)
    assert_matches(student.mean(x), reference.mean(x), case="seven numbers")


@pytest.mark.points(3, exercise="mean", spec="not modified")
def test_the_array_stays_as_it_is(student, rng):
    """The array is left as it was."""
    student.mean(rng.standard_normal(3))
    assert_unchanged(student)


@pytest.mark.points(3, exercise="mean", spec="raises ValueError")
def test_an_empty_array_is_refused(student):
    """An empty array raises ValueError."""
    with raises(ValueError):
        student.mean(np.zeros(0))


@pytest.mark.points(6, exercise="centre", spec="mean taken off")
def test_the_centre_is_right(student, reference, rng):
    """The mean is taken off."""
    x = rng.standard_normal(5)
    got = student.centre(x)
    assert got.shape == x.shape
    assert_matches(got, x - np.mean(x), atol=1e-12)


@pytest.mark.points(4, exercise="centre", spec="mean taken off")
def test_the_centre_of_a_matrix_is_right(student, rng):
    """A matrix loses its overall mean."""
    x = rng.standard_normal((2, 3))
    assert_matches(student.centre(x), x - np.mean(x), atol=1e-12)


@pytest.mark.points(5, exercise="Counter", spec="Adds numbers up")
@pytest.mark.parametrize("start", [0.0, 2.5], ids=["from zero", "from another start"])
def test_numbers_add_up(student, start):
    """Numbers add up."""
    counter = student.Counter(start)
    assert_matches([counter.add(1.0), counter.add(2.0)], [start + 1.0, start + 3.0])


@pytest.mark.points(1, exercise="guess", spec="guess")
def test_a_guess_was_made(student):
    """Any letter counts."""
    assert student.guess in ("a", "b"), "One of the letters is needed."


@pytest.mark.points(8, exercise="catches_mean", spec="no mean")
def test_the_test_catches(student, candidates, award):
    """The test tells wrong means from right ones."""
    catch = judge_catcher(student.catches_mean, candidates("mean"))
    award(catch.fraction, catch.words)
'''

BANK = '''"""Known mistakes of the scratch topic."""

import numpy as np

from autograder.grading.bank import mistake, probe, right_answer


@mistake("mean", caught_by="test_the_mean_is_right", severity="concept")
def sum_instead(x):
    """The sum is not divided by anything.

    How many numbers are there?
    """
    if x.size == 0:
        raise ValueError("empty")
    return np.sum(x)


@mistake("mean", caught_by="test_the_mean_is_right", severity="concept")
def one_too_few(x):
    """The sum is divided by n - 1.

    When is that the better choice?
    """
    if x.size == 0:
        raise ValueError("empty")
    return np.sum(x) / (x.size - 1)


@right_answer("mean")
def by_loop(x):
    """A loop."""
    if x.size == 0:
        raise ValueError("empty")
    total = 0.0
    for value in x.ravel():
        total += value
    return total / x.size


@right_answer("mean")
def by_numpy(x):
    """NumPy's own."""
    if not x.size:
        raise ValueError("empty")
    return x.mean()


@probe("mean")
def probe_mean(student, look, rng):
    x = rng.standard_normal(6)
    look("six numbers", lambda: student.mean(x))
    look("none", lambda: student.mean(np.zeros(0)))
'''


def lay_out(root: Path) -> Course:
    """Write the course's files and load it."""
    files = {
        "course.toml": COURSE,
        f"solutions/{STEM}.py": TOPIC,
        f"autograder/graders/test_{STEM}.py": GRADERS,
        f"autograder/mistakes/{STEM}.py": BANK,
        "requirements.lock": "",
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return load_course(root)


def handed_in(
    course: Course, changes: Mapping[str, str | None] | None = None, *, student: str = "ada", sha256: str = "0" * 64
) -> Submission:
    """The reference as a submission, with some cells replaced; "stub" puts the stub back, `None` removes the cell.

    A name that is no cell of the topic is added at the end.
    """
    changes = dict(changes or {})
    topic = read_topic(course.source(STEM))
    cells, missing = [], []
    for cell in topic.cells:
        source = changes.pop(cell.name, solution_source(cell))
        if source is None:
            missing.append(cell.name)
        else:
            text = stub_source(cell) if source == "stub" else source
            cells.append(SubmittedCell(cell.name, text, "code", True))
    cells += [SubmittedCell(name, str(source), "code", False) for name, source in changes.items()]
    return Submission(STEM, student, topic.path, sha256, tuple(cells), {}, tuple(missing), ())


def exercise(result: Result, name: str) -> ExerciseResult:
    """One exercise of a result."""
    return next(each for each in result.exercises if each.name == name)


def outcome(result: Result, name: str) -> TestResult:
    """One test of a result."""
    return next(test for each in result.exercises for test in each.tests if test.name == name)


@contextmanager
def open_grader(root: Path, *, diagnose: bool = True) -> Iterator[tuple[Course, TopicGrader]]:
    """The course laid out and its grader open, without matplotlib in the student processes."""
    course = lay_out(root)
    with Zygote(limits_of(course), plotting=False) as zygote:
        grader = TopicGrader(course, STEM, zygote, diagnose=diagnose)
        try:
            yield course, grader
        finally:
            grader.close()
