"""Some mechanical mutants of every topic's reference; `./course mutants` takes them all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autograder.config import load_course
from autograder.grading.mutants import Fate, MutantReport, render, run_mutants

COURSE = load_course()
KILLED = Fate("Adam", 3, "Add -> Sub", "killed", "test_steps")


@pytest.mark.parametrize("stem", [topic.stem for topic in COURSE.topics])
def test_a_subset_of_the_mutants_of_each_topic_is_killed_or_equivalent(stem: str) -> None:
    report = run_mutants(COURSE, stem, jobs=1, inputs=100, every=25)
    assert report.fates
    assert [each for each in report.fates if each.fate in ("survived", "fault")] == []


def test_a_report_holds_only_if_nothing_survives_and_few_are_equivalent() -> None:
    good = MutantReport("hw99", (KILLED,) * 20, 1.0)
    assert good.holds
    for fate in ("survived", "fault"):
        assert not MutantReport("hw99", (*good.fates, replace(KILLED, fate=fate)), 1.0).holds
    equal = replace(KILLED, fate="equivalent")
    assert MutantReport("hw99", (*good.fates, equal), 1.0).holds
    assert not MutantReport("hw99", (*good.fates, equal, equal), 1.0).holds


def test_the_report_gives_the_figures_and_the_reason_of_everything_that_was_not_killed() -> None:
    survivor = Fate("Adam", 7, "0 -> 1", "survived", "differs in the look 'six steps'")
    text = render(MutantReport("hw99", (KILLED, survivor), 2.0))
    assert "2 mutants in 2 s: 1 killed, 0 equivalent, 1 survived, 0 fault" in text
    assert "Adam, line 7 of its solution: 0 -> 1: differs in the look 'six steps'" in text
    assert "Add a hidden test" in text
