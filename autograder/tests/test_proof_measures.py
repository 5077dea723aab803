"""The measurements on a small course, whole and with one thing broken at a time; everything runs in the sandbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.config import Course
from autograder.course.percent import solution_source
from autograder.grading.measured import TopicProof, proof_problems
from autograder.grading.mutants import render, run_mutants
from autograder.grading.proof import Plan, prove, prove_topics
from autograder.grading.trial import Trial
from autograder.tests.tiny_course import BANK, GRADER, SOLUTION, tiny_course


def stem(course: Course) -> str:
    return course.topics[0].stem


def one_proof(course: Course, plan: Plan) -> TopicProof:
    return next(prove_topics(course, [stem(course)], plan))


@pytest.fixture(scope="module")
def proof(tmp_path_factory: pytest.TempPathFactory) -> TopicProof:
    course = tiny_course(tmp_path_factory.mktemp("tiny"))
    return one_proof(course, Plan(seeds=(0, 1, 2), probe_seeds=(0, 1), unknown=10))


def test_a_course_that_holds_has_no_problem(proof: TopicProof) -> None:
    assert proof_problems(proof) == []


def test_what_each_mistake_keeps_and_fails_is_measured(proof: TopicProof) -> None:
    seen = {each.entry.name: (round(each.lost, 6), len(each.failed)) for each in proof.graded}
    assert seen == {
        "swapped": (0.9, 1),
        "last": (1.0, 2),
        "in_place": (0.1, 1),
        "by_weights": (0.0, 0),
        "step_towards": (0.0, 0),
    }


def test_the_tolerance_lies_between_right_answers_and_mistakes(proof: TopicProof) -> None:
    (tolerance,) = proof.tolerances
    assert tolerance.test == "test_every_value_counts"
    assert 0 <= tolerance.right < 1e-3
    assert tolerance.nearest > 1e3


def test_the_visible_check_is_tried_with_every_entry(proof: TopicProof) -> None:
    (visible,) = proof.visible
    assert dict(visible.caught) == {"swapped": "two values", "last": "two values"}
    assert visible.missed == ("in_place",)
    assert visible.wronged == ()


def test_every_mistake_is_named_and_nothing_is_named_wrong(proof: TopicProof) -> None:
    rows = {row.kind: row for row in proof.names}
    assert (rows["mistake"].tried, rows["mistake"].right) == (6, 6)
    assert (rows["right answer"].tried, rows["right answer"].none) == (4, 4)
    assert rows["unknown"].tried == rows["two at once"].tried == 10
    assert [row.wrong for row in proof.names] == [(), (), (), ()]


@pytest.mark.parametrize(
    ("change", "complaints"),
    [
        ({"grader": GRADER.replace("rtol=1e-9", "rtol=999.0")}, ["swapped does not fail"]),
        ({"grader": GRADER.replace("rtol=1e-9", "rtol=1e-16")}, ["is right and fails test_every_value_counts"]),
        ({"grader": GRADER.replace("assert_unchanged(student)", "pass")}, ["no mistake fails test_the_series_stays"]),
        ({"grader": GRADER.replace("a share beta", "a part")}, ["spec= does not stand in the notebook"]),
        ({"grader": GRADER.replace("x = rng", "x = rng.integers(2) * rng")}, ["judged otherwise with other seeds"]),
        ({"bank": BANK.replace("x = rng.normal(1, 1, 6)\n    look", "x = np.zeros(6)\n    look")}, ["fails with the"]),
        ({"bank": BANK + '    look("marked", lambda: swapped(x, 0.5))\n'}, ["NameError with", "look 'marked'. A"]),
        ({"bank": BANK.replace("x[0] += 1", "pass").replace('"trivial"', '"detail"')}, ["loses 90%"]),
        ({"solution": SOLUTION.replace("- 1.12", "- 9.99")}, ["cross the reference, which is right"]),
    ],
)
def test_a_broken_rule_is_measured(tmp_path: Path, change: dict[str, str], complaints: list[str]) -> None:
    course = tiny_course(tmp_path, **change)
    problems = "\n".join(proof_problems(one_proof(course, Plan(seeds=(0, 1, 2, 3), unknown=0))))
    for complaint in complaints:
        assert complaint in problems


def test_the_command_prints_the_report_and_says_by_its_exit_code_whether_all_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    course = tiny_course(tmp_path, bank=BANK.replace('severity="concept"', 'severity="detail"'))
    assert prove(course, [stem(course)]) == 1
    printed = capsys.readouterr().out
    assert "swapped loses 90% of the points; detail means 10% to 40%" in printed
    assert "named right" in printed
    assert "0 survived" in printed
    assert "lines to read in a source of" in printed
    assert "the solved notebook runs in" in printed


def test_mutants_of_the_reference_are_killed_or_shown_equivalent(tmp_path: Path) -> None:
    course = tiny_course(tmp_path)
    report = run_mutants(course, stem(course), jobs=1, inputs=60)
    assert report.count("killed") >= 15
    assert report.count("survived") == report.count("fault") == 0


def test_a_hole_in_the_tests_lets_mutants_survive_and_the_report_says_which(tmp_path: Path) -> None:
    course = tiny_course(tmp_path, grader=GRADER.replace("0.7), rtol=1e-9", "0.7), rtol=999.0, atol=999.0"))
    report = run_mutants(course, stem(course), jobs=2, inputs=30)
    assert not report.holds
    printed = render(report)
    assert "survived: moving, line" in printed
    assert "differs in the look 'six values'" in printed


@pytest.mark.parametrize(
    ("bank", "fate", "words"),
    [
        (BANK, "equivalent", "agrees with the reference in 6"),
        (BANK.replace("rng.normal(1, 1, 6)", "np.arange(6.0)"), "survived", "give the probe more random inputs"),
    ],
)
def test_a_mutant_is_equivalent_only_if_random_inputs_show_it(tmp_path: Path, bank: str, fate: str, words: str) -> None:
    course = tiny_course(tmp_path, solution=SOLUTION.replace("return s", "return s + 0.0"), bank=bank)
    report = run_mutants(course, stem(course), jobs=1, inputs=60)
    unkilled = [each for each in report.fates if each.fate != "killed"]
    assert {each.change for each in unkilled} == {"Add -> Sub", "only the left of s + 0.0"}
    assert {each.fate for each in unkilled} == {fate}
    assert all(words in each.reason for each in unkilled)


def test_an_endless_loop_is_stopped_and_costs_its_own_mutant_only(tmp_path: Path) -> None:
    course = tiny_course(tmp_path)
    with Trial(course, stem(course)) as trial:
        endless = solution_source(trial.topic.cell("moving")).replace("    s = 0.0", "    while True: pass")
        assert {test.state for test in trial.grade("moving", endless).tests} == {"not_run"}
        assert trial.grade("moving", None).score == 10
