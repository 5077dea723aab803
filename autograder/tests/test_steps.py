"""The page says in a few words what to do next, and never sends anybody the wrong way."""

from __future__ import annotations

from dataclasses import replace

from autograder.reports.content import Mark, view
from autograder.reports.steps import MOST_STEPS, next_steps
from autograder.reports.text import render_markdown, render_text
from autograder.tests.sample_results import (
    NO_CORRECTION,
    a_test,
    broken,
    exercise,
    half_right,
    perfect,
    result,
    unreadable,
)

WAITING = Mark("why_fast", 10.0, waiting=True, written=True)
EMPTY = Mark("why_fast", 10.0, written=True)


def test_the_exercise_with_most_points_open_comes_first_with_its_diagnosis_and_question() -> None:
    steps = next_steps(view(half_right())).steps
    assert [(step.place, step.name, step.points) for step in steps] == [
        (2, "Adam", "20 points open"),
        (3, "adam_first_step", "8 points open"),
    ]
    assert steps[0].text.startswith("The moving averages are used as they are")
    assert steps[0].text.endswith("and how large should it be?")
    assert steps[1].text == "`adam_first_step` is not written yet."


def test_a_failure_without_a_name_is_told_by_what_was_asked_for() -> None:
    outcome = exercise("Adam", a_test("a"), a_test("b", "failed", 1.0, "off by 2", "The first step is lr long."))
    step = next_steps(view(result("ada", outcome))).steps[0]
    assert (step.points, step.text) == ("1 point open", "Asked for: The first step is lr long.")


def test_of_equal_worth_a_known_mistake_comes_first_and_then_the_order_of_the_notebook() -> None:
    failed = [exercise(name, a_test("a", "failed")) for name in "abcde"]
    failed[3] = replace(failed[3], diagnosis=NO_CORRECTION)
    ahead = next_steps(view(result("ada", *failed, exercise("f", a_test("a")))))
    assert len(ahead.steps) == MOST_STEPS
    assert [step.name for step in ahead.steps] == ["d", "a", "b"]
    assert ahead.sentence == "5 exercises are left to mend or to write. The 3 with most points open are these."


def test_somebody_who_is_done_is_not_sent_anywhere() -> None:
    assert next_steps(view(perfect())).sentence == "All done: nothing is left to mend."
    ahead = next_steps(view(perfect(), marks=(WAITING,)))
    assert ahead.steps == ()
    assert ahead.sentence.endswith("is complete. A person still reads your written answer (10 points).")


def test_a_question_without_an_answer_is_named_whatever_else_is_open() -> None:
    words = "The written question `why_fast` has no answer (10 points)."
    assert words in next_steps(view(perfect(), marks=(EMPTY,))).sentence
    assert words in next_steps(view(half_right(), marks=(EMPTY,))).sentence


def test_an_untouched_file_raises_the_question_whether_it_is_the_right_one() -> None:
    stub = [exercise(name, a_test("a", "not_run", 5.0, f"{name} is not written yet.")) for name in ("one", "two")]
    ahead = next_steps(view(result("ada", *stub)))
    assert "is this the file that you saved?" in ahead.sentence
    assert [(step.name, step.text) for step in ahead.steps] == [("one", "one is not written yet.")]


def test_an_unreadable_file_is_to_be_handed_in_again() -> None:
    ahead = next_steps(view(unreadable()))
    assert ahead.steps == ()
    assert ahead.sentence.startswith("Hand the notebook in again")


def test_a_fault_of_the_grader_is_nobodys_homework() -> None:
    ahead = next_steps(view(broken()))
    assert ahead.steps == ()
    assert "Where the grader failed, a person looks at your work." in ahead.sentence


def test_what_a_person_has_marked_is_settled() -> None:
    ahead = next_steps(view(half_right(), marks=(Mark("Adam", 22.0, score=15.0),)))
    assert [step.name for step in ahead.steps] == ["adam_first_step"]


def test_text_and_markdown_begin_with_the_same_steps() -> None:
    assert "Next: 2 exercises are left" in render_text(half_right())
    assert "  1. Adam (20 points open): The moving averages" in render_text(half_right())
    assert "1. Adam (20 points open): The moving averages" in render_markdown(half_right())
