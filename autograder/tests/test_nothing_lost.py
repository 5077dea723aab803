"""Runs are killed, interrupted, cut short by a full disk and doubled; the next one does exactly what is missing."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.classroom.grade import grade_class
from autograder.classroom.journal import Journal, journal_path, read_journal
from autograder.config import Course
from autograder.grading.graderhash import grader_sha256
from autograder.tests.restless_class import (
    finish,
    hand_in,
    interrupt,
    nobody_left,
    open_gates,
    restless_course,
    rows,
    seen,
    start_run,
    stem_of,
    wait_until,
)
from autograder.tests.test_journal import a_result
from autograder.tests.two_topics import FIRST, SECOND, make_two_topics

CLASS = {"ada": "plain", "bob": "wait", "cyd": "plain", "dan": "wait", "eve": "plain"}
EVERYBODY = sorted(CLASS)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return restless_course(tmp_path / "course")


@pytest.fixture(autouse=True)
def nobody_is_left() -> Iterator[None]:
    with nobody_left():
        yield


def waiting(course: Course) -> bool:
    """Whether two processes are busy with the two who wait."""
    return bool(seen(course, "bob") and seen(course, "dan"))


def test_after_a_killed_run_the_next_one_does_only_what_is_missing(course: Course, tmp_path: Path) -> None:
    hand_in(course, tmp_path, **CLASS)
    run = start_run(course, tmp_path, "--jobs", "2")
    wait_until(lambda: waiting(course), "both processes busy")
    os.kill(run.pid, signal.SIGKILL)
    finish(run, code=-signal.SIGKILL)
    done = rows(tmp_path)
    open_gates(course)
    fresh, _ = finish(start_run(course, tmp_path, "--jobs", "1"))
    assert sorted([*done, *fresh]) == rows(tmp_path) == EVERYBODY


def test_one_ctrl_c_finishes_what_is_in_hand(course: Course, tmp_path: Path) -> None:
    hand_in(course, tmp_path, ("bob", "dan"), **CLASS, **{f"s{number:02}": "plain" for number in range(20)})
    run = start_run(course, tmp_path, "--jobs", "2")
    wait_until(lambda: waiting(course), "both processes busy")
    interrupt(run)
    open_gates(course)
    fresh, said = finish(run, code=130)
    assert fresh == rows(tmp_path) == ["bob", "dan"]
    assert "died" not in said
    rest, _ = finish(start_run(course, tmp_path, "--jobs", "1"))
    assert sorted([*fresh, *rest]) == rows(tmp_path)
    assert len(set(rows(tmp_path))) == 25


def test_ctrl_c_twice_stops_at_once_and_loses_only_what_was_in_hand(course: Course, tmp_path: Path) -> None:
    hand_in(course, tmp_path, **CLASS)
    run = start_run(course, tmp_path, "--jobs", "2")
    wait_until(lambda: waiting(course), "both processes busy")
    interrupt(run)
    os.killpg(run.pid, signal.SIGINT)
    _, said = finish(run, code=130)
    assert "What was finished is kept; the same command does the rest." in said
    done = rows(tmp_path)
    assert not {"bob", "dan"} & set(done)
    open_gates(course)
    fresh, _ = finish(start_run(course, tmp_path, "--jobs", "1"))
    assert sorted([*done, *fresh]) == rows(tmp_path) == EVERYBODY


def test_a_full_disk_loses_no_finished_result_and_says_what_to_do(course: Course, tmp_path: Path) -> None:
    """The limit on the size of a file stands for the disk: it needs no rights and meets the journal only."""
    hand_in(course, tmp_path, ada="plain")
    grade_class(course, tmp_path, [stem_of(course)])
    record = journal_path(tmp_path).stat().st_size
    with Journal(tmp_path) as journal:
        while (size := journal_path(tmp_path).stat().st_size) < 1 << 20:  # nothing else that is written is as large
            journal.append(a_result(f"s{size}"))
    before = rows(tmp_path)
    hand_in(course, tmp_path, bob="plain", cyd="plain", dan="plain", eve="plain")
    limit = size + record * 5 // 2
    full = {
        "preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        "env": {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},  # a compiled file cut short would spoil later tests
    }
    _, said = finish(start_run(course, tmp_path, "--jobs", "1", **full), code=2)
    assert "results.jsonl: the last result could not be written (File too large). All before it are safe." in said
    assert "Make room, then run the same command again" in said
    assert journal_path(tmp_path).read_bytes().endswith(b"\n")
    done = [student for student in rows(tmp_path) if student not in before]
    assert len(done) == 2
    fresh, _ = finish(start_run(course, tmp_path, "--jobs", "1"))
    assert sorted([*done, *fresh]) == ["bob", "cyd", "dan", "eve"]
    assert rows(tmp_path) == sorted([*before, *done, *fresh])


def test_a_journal_cut_at_any_byte_of_its_last_record_misses_that_submission_only(
    course: Course, tmp_path: Path
) -> None:
    hand_in(course, tmp_path, ada="plain", bob="plain", cyd="plain")
    stem = stem_of(course)
    grade_class(course, tmp_path, [stem])
    path = journal_path(tmp_path)
    whole = path.read_bytes()
    *_, last = read_journal(tmp_path).results
    start = whole.rindex(b"\n", 0, -1) + 1
    for cut in range(start, len(whole) - 1):
        path.write_bytes(whole[:cut])
        with Journal(tmp_path):
            history = read_journal(tmp_path)
        assert len(history.results) == 2
        assert not history.damage
        assert last.student not in {result.student for result in history.results}
    path.write_bytes(whole[: (start + len(whole)) // 2])
    assert [result.student for result in grade_class(course, tmp_path, [stem]).fresh] == [last.student]
    assert rows(tmp_path) == ["ada", "bob", "cyd"]
    path.write_bytes(whole[:-1])  # the record is whole, only its line is not ended
    assert grade_class(course, tmp_path, [stem]).fresh == ()
    assert rows(tmp_path) == ["ada", "bob", "cyd"]


def test_of_two_runs_at_once_the_second_is_refused_and_doubles_nothing(course: Course, tmp_path: Path) -> None:
    hand_in(course, tmp_path, ada="plain", bob="wait")
    first = start_run(course, tmp_path, "--jobs", "1")
    wait_until(lambda: seen(course, "bob"), "bob's turn")
    _, said = finish(start_run(course, tmp_path, "--jobs", "1"), code=2)
    assert "another run is grading this class. Wait for it, or stop it." in said
    open_gates(course)
    finish(first)
    assert rows(tmp_path) == ["ada", "bob"]
    assert len(seen(course, "bob")) == 1


def test_a_changed_grader_concerns_its_topic_and_a_changed_solution_all_that_follow(tmp_path: Path) -> None:
    course = make_two_topics(tmp_path)

    def hashes() -> tuple[str, str]:
        return grader_sha256(course, FIRST, "A"), grader_sha256(course, SECOND, "A")

    before = hashes()
    with course.grader(SECOND).open("a") as file:
        file.write("# changed\n")
    second_changed = hashes()
    assert second_changed[0] == before[0]
    assert second_changed[1] != before[1]
    with course.grader(FIRST).open("a") as file:
        file.write("# changed\n")
    assert hashes()[0] != before[0]
    assert hashes()[1] == second_changed[1]
    with course.source(FIRST).open("a") as file:  # later topics import it
        file.write("# changed\n")
    assert hashes()[1] != second_changed[1]


def test_changing_the_grader_grades_every_submission_again_once(course: Course, tmp_path: Path) -> None:
    hand_in(course, tmp_path, ada="plain", bob="plain")
    stem = stem_of(course)
    grade_class(course, tmp_path, [stem])
    with course.grader(stem).open("a") as file:
        file.write("\n# a comment may change nothing, but who could tell\n")
    again = grade_class(course, tmp_path, [stem])
    assert sorted(result.student for result in again.fresh) == ["ada", "bob"]
    assert grade_class(course, tmp_path, [stem]).fresh == ()
    assert rows(tmp_path) == ["ada", "ada", "bob", "bob"]
    assert len(again.everything) == 2
    assert {result.grader_sha256 for result in again.everything} == {again.fresh[0].grader_sha256}
