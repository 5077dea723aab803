"""A whole course in four small files, for tests of what measures graders."""

from __future__ import annotations

from itertools import count
from pathlib import Path

from autograder.config import Course, load_course

NUMBERS = count()

SETTINGS = """[course]
id = "tiny"
title = "Tiny"
isolation = "none"

[limits]
call_seconds = 0.5

[[topic]]
stem = "STEM"
title = "Moving averages"
"""

SOLUTION = '''"""Moving averages.

Out of scope: everything else.
"""

# %%
import numpy as np

# %% exercise="moving" points=10 hint="What is kept?"
def moving(x, beta):
    """The moving average of a series, starting from 0.

    It keeps a share beta of what it was. The series is not modified.
    """
    ### BEGIN SOLUTION
    s = 0.0
    for value in x:
        s = beta * s + (1 - beta) * value
    return s
    ### END SOLUTION


# %% try="moving"
if __name__ == "__main__":
    ok = abs(moving(np.array([2.0, 4.0]), 0.8) - 1.12) < 1e-9
    print("  ok: two values" if ok else "  \\u2717 not yet: two values")
'''

GRADER = '''"""Hidden tests."""
import numpy as np
import pytest

from autograder.grading import assert_matches, assert_unchanged


@pytest.mark.points(9, exercise="moving", spec="keeps a share beta of what it was")
def test_every_value_counts(student, reference, rng):
    """Every value counts, the newest most."""
    x = rng.normal(1, 1, 6)
    assert_matches(student.moving(x, 0.7), reference.moving(x, 0.7), rtol=1e-9)


@pytest.mark.points(1, exercise="moving", spec="The series is not modified.")
def test_the_series_stays(student, reference, rng):
    """The series stays as it is."""
    student.moving(rng.normal(1, 1, 6), 0.7)
    assert_unchanged(student)
'''

BANK = '''"""Known mistakes and right answers."""
from autograder.grading.bank import mistake, probe, right_answer


@mistake("moving", caught_by="test_every_value_counts", severity="concept")
def swapped(x, beta):
    """The shares of the old average and the new value are swapped.

    What is left of the old average if beta is 1?
    """
    s = 0.0
    for value in x:
        s = (1 - beta) * s + beta * value
    return s


@mistake("moving", caught_by="test_every_value_counts", severity="trivial")
def last(x, beta):
    """The last value comes back.

    Where did the others go?
    """
    x[:] = x
    x[0] += 1
    return x[-1]


@mistake("moving", caught_by="test_the_series_stays", severity="robustness")
def in_place(x, beta):
    """The series is overwritten.

    Whose array is it?
    """
    x *= 1 - beta
    s = 0.0
    for value in x:
        s = beta * s + value
    return s


@right_answer("moving")
def by_weights(x, beta):
    """A dot product."""
    return (1 - beta) * beta ** np.arange(len(x))[::-1] @ x


@right_answer("moving")
def step_towards(x, beta):
    """Another form of the recursion."""
    s = 0.0
    for value in x:
        s += (1 - beta) * (value - s)
    return s


@probe("moving")
def probe_moving(student, look, rng):
    x = rng.normal(1, 1, 6)
    look("six values", lambda: student.moving(x, 0.7))
    look("no value", lambda: student.moving(x[:0], 0.7))
    look("integers", lambda: student.moving(x[:3].round(), 0.2))
'''


def tiny_course(root: Path, *, grader: str = GRADER, bank: str = BANK, solution: str = SOLUTION) -> Course:
    """Write the course into a folder, with any of its files changed.

    Its stem is a new one each time, because Python imports a grader file of one name only once.
    """
    stem = f"hw99_moving{next(NUMBERS)}"
    for name, text in (
        ("course.toml", SETTINGS.replace("STEM", stem)),
        (f"solutions/{stem}.py", solution),
        (f"autograder/graders/test_{stem}.py", grader),
        (f"autograder/mistakes/{stem}.py", bank),
    ):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (root / "assignments").mkdir(exist_ok=True)
    return load_course(root)
