"""A class is graded whole: workers may die, runs may be cut short, and no result is lost or doubled."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.classroom.grade import grade_class
from autograder.classroom.journal import journal_path, read_journal
from autograder.classroom.submissions import NothingToGradeError, find_submissions
from autograder.config import Course, load_course
from autograder.demo.sample import Pupil, lay_out

STEM = "hw04_adam"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def course() -> Course:
    return load_course()


@pytest.fixture
def class_dir(tmp_path: Path, course: Course) -> Iterator[Path]:
    """A class of four: two perfect, one untouched, one that is no notebook."""
    does = {"ada": "perfect", "bob": "stub", "cyd": "perfect", "dan": "not json"}
    lay_out(course, tmp_path, [Pupil(id=name, topic=STEM, does=kind) for name, kind in does.items()])
    yield tmp_path
    left = subprocess.run(["pgrep", "-f", str(tmp_path)], capture_output=True, text=True, check=False).stdout
    assert left == "", "processes of the class are still alive"


def run_grade(class_dir: Path, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "autograder", "grade", STEM, "--class-dir", str(class_dir), *more]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    """Pids of the grading processes (children that multiprocessing started, but for its resource tracker)."""
    listed = subprocess.run(
        ["pgrep", "-P", str(process.pid), "-f", "spawn_main"], capture_output=True, text=True, check=False
    )
    return [int(pid) for pid in listed.stdout.split()]


def wait_for_record(class_dir: Path, number: int = 1) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if len(read_journal(class_dir).results) >= number:
            return
        time.sleep(0.02)
    raise AssertionError("no result came")


def test_a_class_is_graded_and_a_second_run_has_nothing_to_do(class_dir: Path, course: Course) -> None:
    first = grade_class(course, class_dir, [STEM], jobs=2)
    assert {result.student: result.status for result in first.results} == {
        "ada": "ok",
        "bob": "ok",
        "cyd": "ok",
        "dan": "unreadable",
    }
    before = journal_path(class_dir).read_bytes()
    second = grade_class(course, class_dir, [STEM], jobs=2)
    assert second.fresh == ()
    assert second.results == first.results
    assert journal_path(class_dir).read_bytes() == before


def test_changing_one_submission_grades_exactly_that_one_again(class_dir: Path, course: Course) -> None:
    grade_class(course, class_dir, [STEM])
    lay_out(course, class_dir, [Pupil(id="bob", topic=STEM, does="half")])
    again = grade_class(course, class_dir, [STEM])
    assert [result.student for result in again.fresh] == ["bob"]
    assert len(again.results) == 4


def test_two_students_with_the_same_file_get_a_result_each_and_the_same_score(class_dir: Path, course: Course) -> None:
    results = {result.student: result for result in grade_class(course, class_dir, [STEM]).results}
    assert results["ada"].submission_sha256 == results["cyd"].submission_sha256
    assert results["ada"].score == results["cyd"].score == results["ada"].max_score
    assert results["ada"].seed != results["cyd"].seed


def test_a_missing_folder_and_an_unknown_student_are_named(tmp_path: Path, class_dir: Path) -> None:
    with pytest.raises(NothingToGradeError, match="submitted"):
        find_submissions(tmp_path / "nowhere", [STEM])
    with pytest.raises(NothingToGradeError, match=r"no student 'ad'.*ada"):
        find_submissions(class_dir, [STEM], "ad")


def test_a_killed_worker_is_replaced_and_nothing_is_lost(class_dir: Path) -> None:
    process = run_grade(class_dir, "--jobs", "1")
    deadline = time.monotonic() + 60
    while not (pids := workers_of(process)) and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(pids[0], signal.SIGKILL)
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert "died and were replaced" in output
    students = sorted(result.student for result in read_journal(class_dir).results)
    assert students == ["ada", "bob", "cyd", "dan"]


def test_after_a_kill_of_the_whole_run_the_next_one_does_only_what_is_missing(class_dir: Path, course: Course) -> None:
    process = run_grade(class_dir, "--jobs", "1")
    wait_for_record(class_dir)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    done = len(read_journal(class_dir).results)
    graded = grade_class(course, class_dir, [STEM])
    assert len(graded.fresh) == 4 - done
    students = [result.student for result in read_journal(class_dir).results]
    assert sorted(students) == ["ada", "bob", "cyd", "dan"]


def test_ctrl_c_finishes_what_is_in_hand_and_says_how_to_go_on(class_dir: Path, course: Course) -> None:
    names = [f"student{number:02}" for number in range(30)]
    lay_out(course, class_dir, [Pupil(id=name, topic=STEM, does="perfect") for name in names])
    process = run_grade(class_dir, "--jobs", "1")
    wait_for_record(class_dir)
    os.kill(process.pid, signal.SIGINT)
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 130, errors
    assert "stopping after the submissions in hand" in output
    assert "the same command does them" in errors
    history = read_journal(class_dir)
    assert 0 < len(history.results) < 34
    assert not history.damage
    assert len(grade_class(course, class_dir, [STEM], jobs=2).results) == 34
    students = [json.loads(line)["student"] for line in journal_path(class_dir).read_text().splitlines()]
    assert len(students) == len(set(students)) == 34
