"""Feedback pages and class report pass axe-core in a real browser, in a light and in a dark scheme."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from autograder.reports.classreport import all_statistics, render_class_report
from autograder.reports.content import Mark
from autograder.reports.feedback import render_feedback
from autograder.tests.browser import violations, why_no_browser
from autograder.tests.sample_results import a_test, broken, exercise, half_right, perfect, result, unreadable
from autograder.tests.test_classreport import class_of

ADDRESS = "http://localhost:8888/lab/tree/assignments/{topic}/{topic}.ipynb#cell-id={exercise}"
MARKS = (
    Mark("why_divide", 10.0, waiting=True, written=True),
    Mark("why_fast", 5.0, score=3.5, comment="Good, but\nsay what v is.", written=True),
    Mark("Adam", 22.0, score=20.0, comment="Nearly."),
)


def untouched() -> str:
    names = ("ema_weights", "Adam", "adam_first_step")
    stubs = (
        exercise(name, *(a_test(f"t{n}", "not_run", 4, f"{name} is not written yet.") for n in "ab")) for name in names
    )
    return render_feedback(result("bela", *stubs), "Adam", (), ADDRESS)


def crashes() -> str:
    limit = "The call did not end within 10 s. It was at line 2 of the cell Adam (`while True: pass`)."
    outcome = exercise("Adam", a_test("a"), a_test("b", "failed"), a_test("c", "not_run", message=limit))
    return render_feedback(replace(result("sara", outcome), status="time_limit"), "Adam", MARKS, ADDRESS)


def report_of_two_topics() -> str:
    other = [replace(each, topic="hw05_initialization") for each in class_of(3)]
    return render_class_report(all_statistics([*class_of(60), broken(), unreadable(), *other]), {"hw04_adam": "Adam"})


PAGES: dict[str, Callable[[], str]] = {
    "perfect": lambda: render_feedback(perfect(), "Adam", MARKS, ADDRESS),
    "untouched": untouched,
    "mistakes": lambda: render_feedback(
        half_right(), "Adam", MARKS, ADDRESS, answers={"Adam": "class Adam:\n    pass"}
    ),
    "crashes": crashes,
    "unreadable": lambda: render_feedback(unreadable(), "Adam", MARKS[:1]),
    "grader error": lambda: render_feedback(broken(), "Adam", MARKS, ADDRESS),
    "class report": report_of_two_topics,
    "class report of nobody": lambda: render_class_report([]),
}


@pytest.fixture(scope="module")
def browser(pytestconfig: pytest.Config) -> bool:
    """Whether there is one; if not it is said once, and what needs none is tested in test_feedback."""
    reason = why_no_browser()
    if reason:
        capture = pytestconfig.pluginmanager.getplugin("capturemanager")
        with capture.global_and_fixture_disabled():
            print(f"\nPages in a browser with axe-core: not tried ({reason}).")
    return not reason


@pytest.mark.parametrize("kind", PAGES)
def test_axe_finds_nothing_to_object_to(kind: str, browser: bool) -> None:
    page = PAGES[kind]()
    assert '<html lang="en">' in page
    if browser:
        assert violations(page) == []


@pytest.mark.parametrize("kind", ["mistakes", "class report"])
def test_axe_finds_nothing_to_object_to_in_the_dark(kind: str, browser: bool) -> None:
    page = PAGES[kind]()
    assert "prefers-color-scheme: dark" in page
    if browser:
        assert violations(page, dark=True) == []


def test_axe_does_object_to_a_page_that_is_wrong(browser: bool) -> None:
    page = PAGES["mistakes"]().replace('lang="en"', "").replace("--soft: #4f5862", "--soft: #c0c0c0")
    if browser:
        found = " ".join(violations(page))
        assert "html-has-lang" in found
        assert "color-contrast" in found
