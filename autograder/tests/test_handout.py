"""After grading: what was asked for is handed out, and the tables keep the whole class."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from autograder.classroom.grade import Graded
from autograder.config import Course
from autograder.handout import MOST_NOTES, MOST_ROWS, hand_out
from autograder.records import Result
from autograder.tests.sample_results import perfect
from autograder.tests.scratch_course import filled, graded, hand_in, make_course


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return make_course(tmp_path_factory.mktemp("course"))


def results_of(course: Course, class_dir: Path, *students: str) -> list[Result]:
    return [graded(hand_in(class_dir, name, filled(course, {})), perfect(name)) for name in students]


def students_in(path: Path) -> list[str]:
    with path.open(encoding="utf-8") as file:
        return [row["student"] for row in csv.DictReader(file)]


def test_grading_one_student_again_keeps_everybody_in_the_tables(course: Course, tmp_path: Path) -> None:
    ada, bob = results_of(course, tmp_path, "ada", "bob")
    hand_out(course, tmp_path, Graded((ada, bob), (ada, bob), (), (), everything=(ada, bob)))
    hand_out(course, tmp_path, Graded((bob,), (bob,), (), (), everything=(ada, bob)))
    assert students_in(tmp_path / "reports" / "grades.csv") == ["ada", "bob"]


def test_a_large_class_is_no_wall_of_text_and_nothing_is_left_out_of_the_files(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [f"s{number:03}" for number in range(MOST_ROWS + 1)]
    notes = tuple(f"note {number}" for number in range(MOST_NOTES + 5))
    results = tuple(results_of(course, tmp_path, *names))
    hand_out(course, tmp_path, Graded(results, results, (), notes, everything=results))
    said = capsys.readouterr().out
    assert len(said.splitlines()) < MOST_NOTES + 12
    assert f"note: and 5 more, all in {tmp_path / 'reports' / 'notes.txt'}" in said
    assert (tmp_path / "reports" / "notes.txt").read_text().splitlines() == list(notes)
    assert students_in(tmp_path / "reports" / "grades.csv") == names
