"""One submission through the hidden tests: what each kind of trouble costs, and what it does not cost."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.config import Course
from autograder.course.percent import read_topic
from autograder.errors import RefusedError
from autograder.grading.collect import GraderFileError
from autograder.grading.graderhash import grader_sha256
from autograder.grading.marking import Marking
from autograder.grading.opening import open_zygote
from autograder.grading.run import TopicGrader
from autograder.grading.sitting import Sitting
from autograder.records import Result, result_from_json
from autograder.tests.grading_course import GRADERS, STEM, exercise, handed_in, lay_out, open_grader, outcome

EXERCISES = ("mean", "centre", "Counter", "guess", "catches_mean")


class Class:
    """The course and its grader, for the tests of this file."""

    def __init__(self, course: Course, grader: TopicGrader) -> None:
        self.course = course
        self.grader = grader

    def grade(self, **changes: str | None) -> Result:
        """Grade the reference with some cells changed."""
        return self.grader.grade(handed_in(self.course, changes), seed=1)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    with open_grader(tmp_path_factory.mktemp("course")) as (course, grader):
        yield Class(course, grader)


def scores(result: Result) -> dict[str, float]:
    return {each.name: each.score for each in result.exercises}


FULL = {"mean": 10.0, "centre": 10.0, "Counter": 10.0, "guess": 1.0, "catches_mean": 8.0}


def test_the_reference_earns_everything(room: Class) -> None:
    result = room.grade()
    assert scores(result) == FULL
    assert (result.score, result.max_score, result.status, result.notices) == (39.0, 39.0, "ok", ())
    assert {test.message for each in result.exercises for test in each.tests} == {"", "You chose a."}
    assert [each.name for each in result.exercises if each.choice] == ["guess"]
    assert result_from_json(result.to_json()) == result


def test_untouched_stubs_earn_nothing_and_are_called_by_nobody(room: Class) -> None:
    result = room.grade(**dict.fromkeys(EXERCISES, "stub"))
    assert (result.score, result.status) == (0.0, "ok")
    assert {test.state for each in result.exercises for test in each.tests} == {"not_run"}
    assert outcome(result, "test_the_mean_is_right").message == "mean is not implemented yet."
    assert outcome(result, "test_a_guess_was_made").message == "guess is not answered yet."


def test_code_given_out_for_mending_earns_nothing_as_it_is(tmp_path: Path) -> None:
    lay_out(tmp_path)
    with open_grader(tmp_path) as (course, other):
        stub = '    ### BEGIN STUB\n    # return x + mean(x)\n    ### END STUB\n\n# %% exercise="Counter"'
        text = course.source(STEM).read_text(encoding="utf-8").replace('\n# %% exercise="Counter"', stub)
        course.source(STEM).write_text(text, encoding="utf-8")
        grader = TopicGrader(course, STEM, other.zygote)
        try:
            result = grader.grade(handed_in(course, {"centre": "stub"}))
        finally:
            grader.close()
    assert exercise(result, "centre").score == 0.0
    assert outcome(result, "test_the_centre_is_right").message.startswith("centre is still as it was given out.")


def test_a_stub_that_another_cell_fills_is_graded(room: Class) -> None:
    result = room.grade(mean="stub", extra="def mean(x):\n    return x.mean() if x.size else int('')\n")
    assert scores(result)["mean"] == 10.0


def test_a_half_written_class_loses_only_what_is_missing(room: Class) -> None:
    source = "class Counter:\n    def __init__(self, start=0.0):\n        pass\n    def add(self, x):\n"
    result = room.grade(Counter=source + "        raise NotImplementedError('Counter')\n")
    assert {test.state for test in exercise(result, "Counter").tests} == {"not_run"}
    assert result.status == "ok"


def test_a_missing_cell_earns_nothing_but_its_own_points(room: Class) -> None:
    result = room.grade(Counter=None)
    assert scores(result) == FULL | {"Counter": 0.0}
    assert "no cell for Counter" in outcome(result, "test_numbers_add_up[from zero]").message


def test_a_misspelt_name_is_asked_about(room: Class) -> None:
    result = room.grade(Counter="class Kounter:\n    pass\n")
    assert "there is no Counter" in outcome(result, "test_numbers_add_up[from zero]").message


def test_a_syntax_error_is_quoted_and_costs_its_own_cell(room: Class) -> None:
    result = room.grade(Counter="class Counter\n    pass\n")
    message = outcome(result, "test_numbers_add_up[from zero]").message
    assert result.status == "exception"
    assert scores(result) == FULL | {"Counter": 0.0}
    assert "SyntaxError" in message
    assert "line 1 of the cell Counter (`class Counter`)" in message


def test_an_exception_is_told_by_type_and_line_and_never_by_its_text(room: Class) -> None:
    result = room.grade(mean="def mean(x):\n    raise KeyError(repr(x))\n")
    message = outcome(result, "test_the_mean_is_right").message
    assert message.startswith("Your code raised KeyError in line 2 of the cell mean (`raise KeyError(repr(x))`).")
    assert "array(" not in message


def test_names_made_from_hidden_inputs_are_not_shown(room: Class) -> None:
    smuggle = "def mean(x):\n    raise type('x' + x.tobytes().hex(), (Exception,), {})\n"
    message = outcome(room.grade(mean=smuggle), "test_the_mean_is_right").message
    assert message.startswith("Your code raised an exception of your own in line 2")
    smuggle = "def mean(x):\n    return type('x' + x.tobytes().hex(), (), {})()\n"
    message = outcome(room.grade(mean=smuggle), "test_the_mean_is_right").message
    assert message == "Seven numbers: an object of type your own came back where a single number was expected."


def test_a_changed_argument_costs_its_own_small_test(room: Class) -> None:
    source = "def mean(x):\n    if not x.size:\n        raise ValueError\n    x *= 2\n    return x.mean() / 2\n"
    assert exercise(room.grade(mean=source), "mean").score == 7.0


def test_an_endless_loop_is_given_up_after_two_calls_and_costs_no_other_exercise(room: Class) -> None:
    result = room.grade(mean="def mean(x):\n    while True:\n        pass\n")
    assert result.status == "time_limit"
    assert scores(result) == FULL | {"mean": 0.0}
    messages = [test.message for test in exercise(result, "mean").tests]
    assert "did not end within 0.5 s. It was at line" in messages[0]
    assert messages[2].startswith("mean had ended the process twice")


def test_many_slow_calls_use_up_the_exercises_own_time_only(room: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = dataclasses.replace(room.course.limits, exercise_seconds=0.6)
    monkeypatch.setattr(room.grader, "_setting", dataclasses.replace(room.grader._setting, limits=limits))
    slow = "import time\nclass Counter:\n    def __init__(self, start):\n        self.total = start\n"
    slow += "    def add(self, x):\n        time.sleep(0.4)\n        self.total += x\n        return self.total\n"
    result = room.grade(Counter=slow)
    assert scores(result) == FULL | {"Counter": 0.0}
    messages = {test.message for test in exercise(result, "Counter").tests}
    assert len(messages) == 1
    assert "have used up the 0.6 seconds" in messages.pop()


def test_a_cell_that_never_ends_is_left_out_from_then_on(room: Class) -> None:
    result = room.grade(Counter="while True:\n    pass\n")
    assert result.status == "time_limit"
    assert scores(result) == FULL | {"Counter": 0.0}
    assert "The cell of Counter did not end within 1 s" in outcome(result, "test_numbers_add_up[from zero]").message


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("import os; os._exit(0)", "crashed"),
        ("kept = bytearray(2**30)", "memory_limit"),
        ("import sys; sys.exit(0)", "ok"),
        ("raise KeyboardInterrupt", "ok"),
        ("print('x' * 10**7)", "ok"),
    ],
)
def test_a_function_that_misbehaves_costs_itself_only(room: Class, line: str, status: str) -> None:
    result = room.grade(Counter=f"class Counter:\n    def __init__(self, start):\n        {line}\n")
    assert result.status == status
    assert scores(result) == FULL | {"Counter": 0.0}


def test_an_odd_value_that_trips_the_test_is_the_students_failure_with_a_notice(room: Class) -> None:
    result = room.grade(centre="def centre(x):\n    return None\n")
    test = outcome(result, "test_the_centre_is_right")
    assert test.state == "failed"
    assert test.message.startswith("None came back where a value was needed.")
    assert "test_the_centre_is_right (AttributeError) stumbled over what came back" in result.notices[0]
    assert not result.needs_a_human


def test_a_broken_test_is_a_grader_error_and_never_a_silent_zero(tmp_path: Path) -> None:
    lay_out(tmp_path)
    with open_grader(tmp_path) as (course, grader):
        path = course.grader(STEM)
        path.write_text(GRADERS.replace("counter = student", "counter = undefined.student"), encoding="utf-8")
        broken = TopicGrader(course, STEM, grader.zygote)
        try:
            result = broken.grade(handed_in(course))
        finally:
            broken.close()
    assert {test.state for test in exercise(result, "Counter").tests} == {"grader_error"}
    assert scores(result) == FULL | {"Counter": 0.0}
    assert result.needs_a_human
    assert "Mend the test" in result.notices[0]


def test_a_known_mistake_is_named(room: Class) -> None:
    wrong = "def mean(x):\n    if len(x) == 0:\n        raise ValueError('none')\n    return sum(list(x))\n"
    result = room.grade(mean=wrong)
    diagnosis = exercise(result, "mean").diagnosis
    assert diagnosis is not None
    assert diagnosis.mistake == "sum_instead"
    assert diagnosis.text == "The sum is not divided by anything.\n\nHow many numbers are there?"


def test_when_the_time_of_a_submission_is_used_up_its_cells_are_run_no_more(
    room: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = {"mean": "def mean(x):\n    return np.sum(x)\n", "centre": "def centre(x):\n    return x - 2 * mean(x)\n"}
    sitting = Sitting(room.grader.setting, handed_in(room.course, wrong), 1, ("mean", "centre"))
    monkeypatch.setattr(Marking, "left", lambda self: 0.0 if "centre" in sitting._marked else 60.0)
    try:
        result = sitting.result()
    finally:
        sitting.close()
    assert [each.diagnosis for each in result.exercises] == [None, None]
    assert exercise(result, "mean").score > 0


def test_a_diagnosis_that_fails_costs_no_score_and_is_noticed(room: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("out of order")

    monkeypatch.setattr(room.grader, "_setting", dataclasses.replace(room.grader._setting, diagnose=broken))
    result = room.grade(mean="def mean(x):\n    return x.sum()\n")
    assert scores(result) == FULL | {"mean": 3.0}
    assert "mean: no diagnosis (RuntimeError: out of order)" in result.notices


def test_a_right_exercise_and_an_unknown_mistake_get_no_name(room: Class) -> None:
    result = room.grade(mean="def mean(x):\n    if not x.size:\n        raise ValueError\n    return 0.5\n")
    assert [each.diagnosis for each in result.exercises] == [None] * 5


def test_a_seed_gives_the_same_result_again_and_follows_from_student_and_file(room: Class) -> None:
    first = room.grader.grade(handed_in(room.course))
    again = room.grader.grade(handed_in(room.course))
    other = room.grader.grade(handed_in(room.course, student="bob"))
    assert first.seed == again.seed != other.seed
    assert dataclasses.replace(first, seconds=0.0) == dataclasses.replace(again, seconds=0.0)


def test_some_exercises_can_be_graded_alone(room: Class) -> None:
    result = room.grader.grade(handed_in(room.course), seed=1, exercises=("centre",))
    assert scores(result) == {"centre": 10.0}


def test_a_submission_that_cannot_be_read_still_has_all_its_tests(room: Class) -> None:
    empty = room.grader.empty_exercises()
    assert [each.name for each in empty] == list(EXERCISES)
    assert sum(test.max_score for each in empty for test in each.tests) == 39.0


def test_the_grader_hash_follows_graders_bank_limits_and_isolation(tmp_path: Path) -> None:
    course = lay_out(tmp_path)
    before = grader_sha256(course, STEM, "B")
    assert before == grader_sha256(course, STEM, "B")
    hashes = {before, grader_sha256(course, STEM, "none")}
    for path in (course.grader(STEM), course.bank(STEM), course.source(STEM), tmp_path / "requirements.lock"):
        path.write_text(path.read_text() + "\n")
        hashes.add(grader_sha256(course, STEM, "B"))
    limits = dataclasses.replace(course.limits, call_seconds=99.0)
    hashes.add(grader_sha256(dataclasses.replace(course, limits=limits), STEM, "B"))
    assert len(hashes) == 7


def test_too_little_isolation_is_refused_with_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    course = dataclasses.replace(lay_out(tmp_path), isolation="A")
    monkeypatch.setattr("autograder.sandbox.host.observed_level", lambda: "none")
    with pytest.raises(RefusedError, match=r"at level none.*asks for A.*doctor"):
        TopicGrader(course, STEM)
    zygote = open_zygote(course, read_topic(course.source(STEM)), unsafe=True)
    zygote.close()


KEPT_FIXTURE = """

@pytest.fixture(scope="module")
def student():
    return None
"""


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("points(4, exercise", "points(5, exercise", "tests of mean add up to 11 points.*says 10"),
        ('exercise="guess"', 'exercise="gues"', "no exercise 'gues'"),
        ('@pytest.mark.points(1, exercise="guess", spec="guess")\n', "", "test_a_guess_was_made: no points"),
        ("points(1, exercise", 'points("1", exercise', "cannot be read"),
        ('    """Any letter counts."""\n', "", "no docstring"),
        ("import numpy as np\n", "import numpy as np\nimport nothing_of_this_name\n", "cannot be imported"),
        ("\n\n@pytest", KEPT_FIXTURE + "\n\n@pytest", "fixture student outlives the test"),
    ],
)
def test_a_grader_file_that_is_not_right_is_refused(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    course = lay_out(tmp_path)
    course.grader(STEM).write_text(GRADERS.replace(old, new), encoding="utf-8")
    with pytest.raises(GraderFileError, match=complaint):
        TopicGrader(course, STEM)
