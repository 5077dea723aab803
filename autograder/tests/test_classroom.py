"""A class is graded whole: workers may die, runs may be cut short, and no result is lost or doubled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.classroom.grade import grade_class
from autograder.classroom.journal import journal_path, read_journal
from autograder.classroom.submissions import NothingToGradeError, find_submissions
from autograder.config import Course, load_course
from autograder.demo.sample import Pupil, lay_out
from autograder.tests.restless_class import PATIENCE, nobody_left, wait_until
from autograder.tests.two_records import in_the_gradebook, in_the_journal

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
    with nobody_left():
        yield tmp_path


def run_grade(class_dir: Path, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "autograder", "grade", STEM, "--class-dir", str(class_dir), *more]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


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


def test_after_a_kill_in_the_middle_the_gradebook_comes_to_equal_the_journal(class_dir: Path) -> None:
    first = run_grade(class_dir, "--jobs", "1")
    wait_until(lambda: read_journal(class_dir).results, "the first result")
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate(timeout=PATIENCE)
    kept = journal_path(class_dir).read_bytes()
    second = run_grade(class_dir, "--jobs", "2")
    output, errors = second.communicate(timeout=PATIENCE)
    assert second.returncode == 0, errors
    assert journal_path(class_dir).read_bytes().startswith(kept[: kept.rfind(b"\n") + 1])
    assert sorted(result.student for result in read_journal(class_dir).results) == ["ada", "bob", "cyd", "dan"]
    assert in_the_gradebook(class_dir) == in_the_journal(class_dir)
    assert {student for student, _ in in_the_journal(class_dir)} == {"ada", "bob", "cyd", "dan"}
    assert all((class_dir / "feedback" / name / f"{STEM}.html").is_file() for name in ("ada", "bob", "cyd", "dan"))
    assert "nobody needs a human" in output
