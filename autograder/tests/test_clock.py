"""A machine that sleeps, or a run that is stopped for a while, costs no student anything."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import pytest

from autograder.sandbox import Zygote, clock
from autograder.tests.grading_course import handed_in, open_grader

AN_HOUR = 3600.0


def sleeping_machine(monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    """From now on the machine's clock leaps by an hour when it is looked at for the time of this number."""
    real, looks = time.monotonic, itertools.count(1)
    monkeypatch.setattr(time, "monotonic", lambda: real() + AN_HOUR * (next(looks) >= at))


def test_the_clock_counts_what_passes_between_two_looks_up_to_its_longest_step(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = iter((100.0, 100.125, 100.25, 100.25, 100.5 + AN_HOUR, 100.625 + AN_HOUR))
    monkeypatch.setattr(time, "monotonic", lambda: next(shown))
    watched = clock.Clock()
    assert [watched.now() for _ in range(5)] == pytest.approx([0.125, 0.25, 0.25, 0.45, 0.575])
    assert clock.LOOK_EVERY < clock.LONGEST_STEP


def test_a_call_goes_on_when_the_machine_wakes_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with Zygote(plotting=False) as zygote:
        child = zygote.spawn()
        child.run_cell("import time\ndef answer(ask): time.sleep(0.02); return ask() + 1", "cell")
        answer = child.student.answer
        for at in range(1, 20):
            sleeping_machine(monkeypatch, at)
            assert answer(lambda: 41) == 42
            monkeypatch.undo()


def test_the_score_is_the_same_wherever_the_machine_sleeps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_grader(tmp_path) as (course, grader):
        submission = handed_in(course, {"centre": "def centre(x):\n    return x + mean(x)\n"})
        awake = grader.grade(submission, seed=1)
        for at in (1, 30, 100, 200, 300, 400):
            sleeping_machine(monkeypatch, at)
            slept = grader.grade(submission, seed=1)
            monkeypatch.undo()
            assert (slept.exercises, slept.status) == (awake.exercises, awake.status)
