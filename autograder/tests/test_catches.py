"""Write-the-test exercises: what catches what, and that candidates give nothing of themselves away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.config import Course
from autograder.grading.catches import Catch, judge_catcher
from autograder.grading.run import TopicGrader
from autograder.records import Result
from autograder.tests.grading_course import BANK, GRADERS, STEM, exercise, handed_in, lay_out, open_grader, outcome

COUNTERS = (
    BANK
    + '''

@mistake("Counter", caught_by="test_numbers_add_up[from zero]", severity="concept")
class forgets:
    """Forgets what it had.

    What is kept?
    """
    def __init__(self, start=0.0):
        self.total = start

    def add(self, x):
        return self.total + x


@mistake("Counter", caught_by="test_numbers_add_up[from zero]", severity="detail")
class dies:
    """Leaves Python.

    Why?
    """
    def __init__(self, start=0.0):
        self.total = start

    def add(self, x):
        import os
        os._exit(1)


@right_answer("Counter")
class keeps_a_list:
    """A list."""
    def __init__(self, start=0.0):
        self.parts = [start]

    def add(self, x):
        self.parts.append(x)
        return sum(self.parts)
'''
)

CATCHER = """def catches_mean(candidate):
    counter = candidate(1.0)
    try:
        return [counter.add(2.0), counter.add(3.0)] != [3.0, 6.0]
    except RuntimeError:
        return True
"""


# What a test could know without looking at what a candidate does.
REMEMBERS = """seen = []


def catches_mean(candidate):
    answer = candidate(np.array([1.0, 2.0, 6.0]))
    known = any(np.isclose(answer, each) for each in seen)
    seen.append(answer)
    return not known
"""


class Class:
    """The course and its grader, for the tests of this file."""

    def __init__(self, course: Course, grader: TopicGrader) -> None:
        self.course = course
        self.grader = grader

    def grade(self, **changes: str | None) -> Result:
        """Grade the reference with some cells changed."""
        return self.grader.grade(handed_in(self.course, changes), seed=1, exercises=("catches_mean",))


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    with open_grader(tmp_path_factory.mktemp("course")) as (course, grader):
        yield Class(course, grader)


def test_always_crying_wolf_earns_nothing(room: Class) -> None:
    for answer in ("True", "False", "None", "candidate"):
        result = room.grade(catches_mean=f"def catches_mean(candidate):\n    return {answer}\n")
        assert exercise(result, "catches_mean").score == 0.0, answer


def test_a_test_that_misses_a_mistake_earns_part(room: Class) -> None:
    source = "def catches_mean(candidate):\n    return candidate(np.array([4.0, 4.0, 4.0])) > 10\n"
    result = room.grade(catches_mean=source)
    test = outcome(result, "test_the_test_catches")
    assert (test.score, test.state) == (4.0, "failed")
    assert test.message.startswith("Your test caught 1 of 2 wrong implementations, with no false alarm.")


def test_a_test_with_a_memory_cannot_tell_right_answers_by_their_number(room: Class) -> None:
    assert exercise(room.grade(catches_mean=REMEMBERS), "catches_mean").score == 0.0


def test_the_student_process_does_not_know_the_seed_of_the_submission(room: Class) -> None:
    source = "import sys\n\n\ndef catches_mean(candidate):\n    frame, found = sys._getframe(), set()\n"
    source += "    while frame is not None:\n        found |= set(map(repr, frame.f_locals.values()))\n"
    source += "        frame = frame.f_back\n    assert found\n"
    source += "    return 'SEED' in ' '.join(found) or np.random.get_state()[1][0] == SEED\n"
    result = room.grader.grade(
        handed_in(room.course, {"catches_mean": source.replace("SEED", "2718281")}),
        seed=2718281,
        exercises=("catches_mean",),
    )
    assert (
        "caught 0 of 2 wrong implementations, with no false alarm" in outcome(result, "test_the_test_catches").message
    )


def test_candidates_show_nothing_of_themselves(room: Class) -> None:
    source = "def catches_mean(candidate):\n    import inspect\n    inspect.getsource(candidate)\n    return True\n"
    spying = room.grade(catches_mean=source.replace("inspect.getsource(candidate)", "len(candidate.__closure__) / 0"))
    assert exercise(spying, "catches_mean").score == 0.0
    named = "def catches_mean(candidate):\n    return candidate.__name__ not in ('function', 'mean')\n"
    assert exercise(room.grade(catches_mean=named), "catches_mean").score == 0.0


def test_catching_everything_is_worth_full_points_and_false_alarms_cost() -> None:
    assert Catch(4, 4, 0, 3).fraction == 1.0
    assert Catch(4, 4, 3, 3).fraction == 0.0
    assert Catch(2, 4, 0, 3).fraction == 0.5
    assert Catch(1, 4, 2, 3).fraction == 0.0
    assert "1 of 3 right ones called wrong" in Catch(4, 4, 1, 3).words


def test_an_exception_of_a_candidate_reaches_the_test_by_its_type(room: Class) -> None:
    source = "def catches_mean(candidate):\n    try:\n        candidate(np.zeros(0))\n    except ValueError:\n"
    source += "        return False\n    return True\n"
    catch = outcome(room.grade(catches_mean=source), "test_the_test_catches").message
    assert catch.startswith("Your test caught 0 of 2 wrong implementations, with no false alarm.")


def test_a_grader_can_choose_the_candidates(room: Class) -> None:
    server = room.grader._candidates
    assert server is not None
    rng = np.random.default_rng(0)
    chosen = [wrong for _, wrong in server.candidates("mean", ("one_too_few", "by_loop"), rng)]
    assert sorted(chosen) == [False, False, True]
    for names in (("nobody", "one_too_few"), ("by_loop",)):
        with pytest.raises(ValueError, match="the bank has no"):
            list(server.candidates("mean", names, rng))
    server.close()


def test_objects_of_a_candidate_offer_the_methods_of_the_reference(tmp_path: Path) -> None:
    lay_out(tmp_path)
    with open_grader(tmp_path) as (course, other):
        course.bank(STEM).write_text(COUNTERS, encoding="utf-8")
        course.grader(STEM).write_text(GRADERS.replace('candidates("mean")', 'candidates("Counter")'), encoding="utf-8")
        grader = TopicGrader(course, STEM, other.zygote)
        try:
            result = Class(course, grader).grade(catches_mean=CATCHER)
            hidden = Class(course, grader).grade(catches_mean=CATCHER.replace("counter.add(3.0)", "counter.total"))
        finally:
            grader.close()
    assert exercise(result, "catches_mean").score == 8.0, result
    assert exercise(hidden, "catches_mean").score == 0.0


@pytest.mark.parametrize("yes", [True, 1, np.True_, np.int64(1), np.array(True)], ids=repr)
def test_every_usual_way_of_saying_true_counts(yes: Any) -> None:
    no = np.logical_not(yes)
    found = judge_catcher(lambda wrong: yes if wrong() else no, [(lambda: True, True), (lambda: False, False)])  # type: ignore[list-item]
    assert (found.caught, found.alarms) == (1, 0)


@pytest.mark.parametrize("answer", ["yes", None, 2, 1.0, np.array([True])], ids=repr)
def test_what_is_no_truth_value_catches_nothing(answer: object) -> None:
    found = judge_catcher(lambda wrong: answer, [(lambda: True, True), (lambda: False, False)])  # type: ignore[list-item]
    assert (found.caught, found.alarms) == (0, 1)
