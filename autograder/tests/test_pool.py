"""Grading processes die, and nothing is lost, doubled or left behind."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.classroom.grade import grade_class
from autograder.classroom.journal import read_journal
from autograder.classroom.process import GradingProcess
from autograder.classroom.task import Task
from autograder.classroom.waiting import Waiting
from autograder.config import Course
from autograder.errors import UserError
from autograder.records import Result
from autograder.sandbox import processor
from autograder.sandbox.processor import free_processor
from autograder.tests.restless_class import (
    finish,
    hand_in,
    nobody_left,
    open_gates,
    restless_course,
    rows,
    seen,
    start_run,
    stem_of,
    wait_until,
)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return restless_course(tmp_path / "course")


@pytest.fixture(autouse=True)
def nobody_is_left() -> Iterator[None]:
    with nobody_left():
        yield


def by_student(class_dir: Path) -> dict[str, Result]:
    return {result.student: result for result in read_journal(class_dir).results}


def test_a_killed_process_is_replaced_and_its_submission_is_tried_again(course: Course, tmp_path: Path) -> None:
    hand_in(course, tmp_path, ada="wait", bob="plain", cyd="plain")
    run = start_run(course, tmp_path, "--jobs", "1")
    wait_until(lambda: seen(course, "ada"), "ada's turn")
    os.kill(seen(course, "ada")[0], signal.SIGKILL)
    wait_until(lambda: len(seen(course, "ada")) == 2, "ada's second turn")
    open_gates(course)
    fresh, said = finish(run)
    assert fresh == rows(tmp_path) == ["ada", "bob", "cyd"]
    assert "processes that died and were replaced: 1" in said
    assert {result.score for result in by_student(tmp_path).values()} == {10.0}


def test_a_submission_that_kills_its_process_three_times_waits_for_a_human(course: Course, tmp_path: Path) -> None:
    hand_in(course, tmp_path, ada="plain", bob="die", cyd="plain", dan="plain")
    fresh, _ = finish(start_run(course, tmp_path, "--jobs", "2"))
    assert fresh == rows(tmp_path) == ["ada", "bob", "cyd", "dan"]
    assert len(seen(course, "bob")) == 3
    results = by_student(tmp_path)
    poison = results.pop("bob")
    assert poison.status == "grader_error"
    assert poison.needs_a_human
    assert {test.state for exercise in poison.exercises for test in exercise.tests} == {"grader_error"}
    assert "died 3 times on it, the last time: killed by SIGKILL. Look at this file by hand." in poison.notices[0]
    assert str(tmp_path) not in poison.to_json()
    assert {(result.status, result.score) for result in results.values()} == {("ok", 10.0)}


@pytest.mark.parametrize("wish", ["kill-sandbox-once", "kill-launcher-once", "die-once"])
def test_the_end_of_the_sandbox_or_the_process_costs_no_point(course: Course, tmp_path: Path, wish: str) -> None:
    hand_in(course, tmp_path, ada="plain", bob=wish)
    finish(start_run(course, tmp_path, "--jobs", "1"))
    assert len(seen(course, "bob")) == 2
    results = by_student(tmp_path)
    assert {student: (result.status, result.score) for student, result in results.items()} == {
        "ada": ("ok", 10.0),
        "bob": ("ok", 10.0),
    }
    assert results["bob"].notices == ()


def test_a_stuck_process_is_taken_for_dead(course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hand_in(course, tmp_path, ada="hang-once", bob="plain")
    stuck = property(lambda process: math.inf if process.pid in seen(course, "ada")[:1] else 0.0)
    monkeypatch.setattr(GradingProcess, "seconds", stuck)
    graded = grade_class(course, tmp_path, [stem_of(course)])
    assert rows(tmp_path) == ["ada", "bob"]
    assert {result.score for result in graded.results} == {10.0}
    assert graded.notes == ("grading processes that died and were replaced: 1",)


def test_processes_that_die_before_they_run_anything_end_the_run_with_a_reason(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(course, tmp_path, ada="plain")
    monkeypatch.setattr("autograder.classroom.process.PROGRAM", "autograder.no_such_module")
    with pytest.raises(UserError, match=r"die before they run anything \(exit code 1\).*course doctor"):
        grade_class(course, tmp_path, [stem_of(course)])
    assert rows(tmp_path) == []


def test_a_broken_grader_file_ends_the_run_with_its_name_and_no_row(course: Course, tmp_path: Path) -> None:
    hand_in(course, tmp_path, ada="plain", bob="plain")
    course.grader(stem_of(course)).write_text("import nothing_of_this_name\n")
    _, said = finish(start_run(course, tmp_path, "--jobs", "2"), code=2)
    assert "cannot be imported (ModuleNotFoundError" in said
    assert "Traceback" not in said
    assert rows(tmp_path) == []


def test_a_grading_process_is_kept_where_the_fewest_of_its_run_are_and_then_the_fewest_of_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = {11: {0}, 12: {2}, 13: {0, 1, 2}, 14: {1}, 15: {0}, 16: {1}, 17: {2}, 20: {0, 1, 2}, 0: {0, 1, 2}}
    parents = {17: 2, 20: 7}
    monkeypatch.setattr(os, "listdir", lambda _folder: ["self", "99", *(str(pid) for pid in kept if pid)])
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(kept[pid]) if pid in kept else _gone())
    monkeypatch.setattr(processor, "parent_of", lambda pid: parents.get(pid, 1))
    assert free_processor(20) == 2
    parents[12] = 7
    assert free_processor(20) == 0
    parents[14] = parents[11] = 7
    kept[12] = {1}
    assert free_processor(20) == 2


def test_the_parent_of_a_process_is_found() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert processor.parent_of(child.pid) == os.getpid()


def _gone() -> set[int]:
    raise ProcessLookupError


def test_a_process_goes_on_with_its_topic_and_then_begins_one_that_nobody_has() -> None:
    waiting = Waiting()
    tasks = [Task(topic, student, "", "") for topic in ("a", "b", "c") for student in ("ada", "bob", "cyd")]
    for task in tasks:
        waiting.add(task)
    assert [waiting.take("", ()), waiting.take("", ("a",))] == [tasks[0], tasks[3]]
    assert [waiting.take("a", ("b",)) for _ in range(2)] == tasks[1:3]
    waiting.put_back(tasks[1:3])
    assert [waiting.take("a", ("b",)) for _ in range(3)] == [*tasks[1:3], tasks[6]]
    assert waiting.take("d", ("b", "c")) in (tasks[4], tasks[7])
    assert len(waiting) == 3
    while waiting:
        waiting.take("c", ("b",))
    with pytest.raises(IndexError, match="no task waits"):
        waiting.take("c", ())
