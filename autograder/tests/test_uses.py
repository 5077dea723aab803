"""Follow-through: an earlier mistake is paid for once, and lends nobody the points of a later exercise."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.grading.marking import Marked
from autograder.grading.run import TopicGrader
from autograder.grading.uses import better
from autograder.records import ExerciseResult, Result, TestResult
from autograder.tests.grading_course import exercise, handed_in, open_grader, outcome

WRONG = "def mean(x):\n    return np.sum(x) * 2\n"


@pytest.fixture(scope="module")
def grader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TopicGrader]:
    with open_grader(tmp_path_factory.mktemp("course"), diagnose=False) as (_, grader):
        yield grader


def grade(grader: TopicGrader, **changes: str | None) -> Result:
    return grader.grade(handed_in(grader.course, changes), seed=1, exercises=("mean", "centre"))


@pytest.mark.parametrize(
    "mean",
    [
        WRONG,
        "stub",
        None,
        "def mean(x)\n",
        "def average(x):\n    return x.mean()\n",
        "def mean(x):\n    import os\n    os._exit(0)\n",
        "while True:\n    pass\n",
        "mean = 3\n",
    ],
    ids=["wrong", "stub", "missing", "syntax error", "misspelt", "crash", "endless cell", "no function"],
)
def test_a_right_exercise_gets_full_points_on_top_of_a_wrong_one(grader: TopicGrader, mean: str | None) -> None:
    result = grade(grader, mean=mean)
    assert exercise(result, "mean").score < 10.0
    assert exercise(result, "centre").score == 10.0
    assert "Passed with the course's own mean in place of yours." in outcome(result, "test_the_centre_is_right").message
    assert any("graded with the reference's mean" in notice for notice in result.notices)


def test_the_stand_in_gives_the_earlier_exercise_no_points(grader: TopicGrader) -> None:
    assert exercise(grade(grader, mean=None), "mean").score == 0.0


def test_passing_on_the_answer_of_the_stand_in_earns_nothing(grader: TopicGrader) -> None:
    result = grade(grader, mean=WRONG, centre="def centre(x):\n    return mean(x)\n")
    assert exercise(result, "centre").score == 0.0


def test_a_wrong_later_exercise_stays_wrong(grader: TopicGrader) -> None:
    result = grade(grader, mean=WRONG, centre="def centre(x):\n    return x + mean(x)\n")
    assert exercise(result, "centre").score == 0.0
    assert result.notices == ()


def test_an_untouched_later_exercise_is_not_tried_again(grader: TopicGrader) -> None:
    result = grade(grader, mean=WRONG, centre="stub")
    assert {test.state for test in exercise(result, "centre").tests} == {"not_run"}


def test_the_better_whole_result_counts_and_never_a_mixture(grader: TopicGrader) -> None:
    own = "def mean(x):\n    return np.asarray(x).mean(axis=0)\n"  # right for (5,), not for (2, 3); empty gives NaN
    centre = "def centre(x):\n    m = mean(x)\n    return x - m if np.ndim(x) == 1 else x - 2 * m\n"
    result = grade(grader, mean=own, centre=centre)
    assert [test.score for test in exercise(result, "centre").tests] == [6.0, 0.0]
    assert outcome(result, "test_the_centre_is_right").message == ""


def test_the_stand_in_counts_its_calls(grader: TopicGrader) -> None:
    greedy = "def centre(x):\n    for _ in range(10**6):\n        m = mean(x)\n    return x - m\n"
    result = grade(grader, mean=WRONG, centre=greedy)
    assert exercise(result, "centre").score == 0.0


def test_the_texts_of_a_student_do_not_pass_through_the_second_look(grader: TopicGrader) -> None:
    spy = "def centre(x):\n    raise ValueError(repr(mean(x)))\n"
    result = grade(grader, mean=WRONG, centre=spy)
    for test in exercise(result, "centre").tests:
        assert "np.float64" not in test.message


def test_better_needs_more_points() -> None:
    def marked(state: str, score: float) -> Marked:
        tests = (TestResult("test_a", "A.", state, score, 2.0),)
        return Marked(ExerciseResult("centre", score, 2.0, None, tests))

    failed, passed = marked("failed", 0.0), marked("passed", 2.0)
    assert better(failed, marked("failed", 0.0), ("mean",)) is failed
    assert better(passed, failed, ("mean",)) is passed
    assert better(failed, passed, ("mean",)).result.tests[0].message.startswith("Passed with")
