"""Each rule of the measured check, broken once: the complaint names the file, what was seen and the mend."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from autograder.grading import difference
from autograder.grading.bank import Entry
from autograder.grading.measured import Graded, TopicProof, in_band, proof_problems
from autograder.grading.naming import Named
from autograder.grading.proof import specs_of
from autograder.grading.report_check import render
from autograder.grading.tolerances import Spread, Tolerance, current_test, recording
from autograder.grading.visible import LINE, Visible, printing

MISTAKE = Entry("half", "doubles", "concept", "test_half", "It doubles.", "What is half of two?", "", 9)
RIGHT = Entry("half", "by_shift", "", "", "By an exponent.", "", "", 20)
CAUGHT = Graded(MISTAKE, 0.8, ("test_half",), (), ())
ACCEPTED = Graded(RIGHT, 0.0, (), (), ())
GOOD = TopicProof(
    stem="hw99_half",
    bank_file="autograder/mistakes/hw99_half.py",
    grader_file="autograder/graders/test_hw99_half.py",
    points={"half": 10.0},
    tests={"half": ("test_half",)},
    graded=(CAUGHT, ACCEPTED),
    reference=(),
    form=(),
    alike=(),
    tolerances=(Tolerance("test_half", 0.01, 400.0, "doubles"),),
    unannounced=(),
    visible=(Visible("half", {"doubles": "half of 2", "adds": "half of 2"}, ("floors",), ()),),
    names=(Named("mistake", 10, 10, 0, ()),),
    hidden=1,
    seeds=1,
    seconds=1.5,
)


def test_a_proof_without_a_flaw_has_no_problem() -> None:
    assert proof_problems(GOOD) == []
    assert "Every rule holds." in render(GOOD)


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        (replace(GOOD, form=("mistakes/hw99_half.py: no probe for half.",)), "no probe"),
        (replace(GOOD, reference=("test_half",)), "the reference fails test_half"),
        (replace(GOOD, tests={"half": ("test_half", "test_zero")}), "no mistake fails test_zero"),
        (replace(GOOD, unannounced=("test_half",)), "spec="),
        (replace(GOOD, alike=("half: adds and doubles look alike to the probe",)), "look alike"),
        (replace(GOOD, names=(Named("mistake", 10, 9, 1, (), ("half: doubles (seed 3)",)),)), "doubles (seed 3)"),
        (replace(GOOD, names=(Named("unknown", 5, 0, 4, ("half: a wrong answer was named doubles",)),)), "was named"),
        (replace(GOOD, visible=(Visible("half", {"doubles": "x"}, ("floors",), ()),)), "catch too few"),
        (replace(GOOD, visible=(replace(GOOD.visible[0], wronged=("by_shift",)),)), "cross by_shift"),
        (replace(GOOD, graded=(CAUGHT, replace(ACCEPTED, failed=("test_half",)))), "is right and fails test_half"),
        (replace(GOOD, graded=(CAUGHT, replace(CAUGHT, failed=("test_zero",)))), "does not fail test_half"),
        (replace(GOOD, graded=(replace(CAUGHT, lost=0.3), ACCEPTED)), "loses 30% of the points; concept means 40%"),
        (replace(GOOD, graded=(replace(CAUGHT, unsteady=("test_half",)),)), "judged otherwise with other seeds"),
        (replace(GOOD, graded=(replace(CAUGHT, faults=("test_half",)),)), "breaks the grader in test_half"),
    ],
)
def test_a_broken_rule_is_named(broken: TopicProof, complaint: str) -> None:
    problems = proof_problems(broken)
    assert len(problems) == 1
    assert complaint in problems[0]
    assert "1 to mend." in render(broken)


@pytest.mark.parametrize(
    ("severity", "lost", "good"),
    [
        ("concept", 0.4, True),
        ("concept", 0.39, False),
        ("detail", 0.1, True),
        ("detail", 0.09, False),
        ("detail", 0.41, False),
        ("robustness", 0.1, True),
        ("robustness", 0.11, False),
        ("trivial", 0.9, True),
        ("trivial", 0.89, False),
    ],
)
def test_a_severity_is_a_band_of_points(severity: str, lost: float, good: bool) -> None:
    assert in_band(Graded(replace(MISTAKE, severity=severity), lost, (), (), ())) is good


def test_the_report_shows_what_each_mistake_keeps_and_what_catches_it() -> None:
    text = render(GOOD)
    assert "2 of 10" in text
    assert "400 (doubles)" in text
    assert "2 of 3" in text


def test_errors_are_recorded_in_tolerances_and_only_while_recording() -> None:
    rule = difference.Rule(rtol=1e-3, atol=0.0)
    with recording() as errors:
        assert difference.difference(np.array([1.0, 2.001]), np.array([1.0, 2.0]), rule) is None
        assert difference.difference(1.1, 1.0, rule) is not None
        seen = errors.take()
        assert errors.take() == {}
    assert seen == {current_test(): pytest.approx(100.0)}
    difference.difference(1.1, 1.0, rule)
    assert errors.take() == {}


def test_the_spread_lies_below_the_tolerance_and_the_nearest_mistake_above() -> None:
    spread = Spread()
    spread.add("", {"test_half": 0.1})
    spread.add("", {"test_half": 0.3, "test_shape": 0.0})
    spread.add("doubles", {"test_half": 50.0})
    spread.add("adds", {"test_half": 7.0, "test_shape": 0.5})
    assert spread.tolerances() == (Tolerance("test_half", 0.3, 7.0, "adds"), Tolerance("test_shape", 0.0, np.inf, ""))


def test_a_visible_check_prints_what_a_notebook_would_show() -> None:
    assert printing("x = 1\nreport('half', x)") == "x = 1\nprint(report('half', x))"
    assert printing("x = 1") == "x = 1"
    cross = LINE.search("half: 1 of 2\n  ✓ ok: shape\n  ✗ not yet: half of two\n      hint: none")
    assert cross is not None
    assert cross[1] == "half of two"


def test_the_announcing_phrase_of_each_test_is_read_from_its_marker() -> None:
    text = '@pytest.mark.points(2, exercise="half", spec="half of x")\ndef test_a(): ...\n\n\ndef test_b(): ...\n'
    assert specs_of(text) == {"test_a": "half of x", "test_b": ""}
