"""How often chance fails a right answer is what the grader of a random topic says."""

from __future__ import annotations

import pytest

from autograder.config import load_course
from autograder.course.milestones import hw05_initialization, hw08_cross_validation
from autograder.course.percent import read_topic
from autograder.course.reference import load_reference


def test_the_shares_of_hw08_fail_a_right_answer_as_rarely_as_its_grader_says() -> None:
    shares, draws = hw08_cross_validation.shares_looked_at()
    chance = sum(hw08_cross_validation.beyond(share, draws) for share in shares)
    said = load_course().grader("hw08_cross_validation").read_text(encoding="utf-8").partition("import")[0]
    assert f"{len(shares)} shares in all" in said
    assert f"add up to {chance:.1e}".replace("e-0", "e-") in said


def test_a_share_beyond_six_standard_errors_is_as_rare_as_the_binomial_law_says() -> None:
    assert hw08_cross_validation.beyond(0.5, 10, z=3.0) == pytest.approx(2 / 2**10)


def test_the_grader_of_hw05_looks_at_as_many_statistics_as_it_says() -> None:
    course = load_course()
    reference = load_reference(read_topic(course.source("hw05_initialization")))
    count = len(hw05_initialization.statistics_of_weights(reference, seed=0))
    said = course.grader("hw05_initialization").read_text(encoding="utf-8").partition("import")[0]
    assert f"The tests look at {count} such numbers" in said
