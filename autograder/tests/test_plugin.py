"""The pytest plugin: a bare `pytest` runs graders with the reference, and the grading path formats nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder.config import ROOT
from autograder.grading.collect import GraderFile
from autograder.grading.seat import Seat
from autograder.tests.grading_course import GRADERS, STEM, TOPIC, lay_out


def bare_pytest(root: Path) -> subprocess.CompletedProcess[str]:
    """Type `pytest` in a course."""
    command = [sys.executable, "-m", "pytest", "-p", "autograder.grading.plugin", "-p", "no:cacheprovider", "-q"]
    command += ["--strict-markers", "--import-mode=importlib", "-W", "error", "autograder/graders"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)


def test_a_bare_pytest_passes_with_the_reference_in_the_students_place(tmp_path: Path) -> None:
    lay_out(tmp_path)
    done = bare_pytest(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "9 passed" in done.stdout


def test_a_bare_pytest_shows_where_a_wrong_reference_fails(tmp_path: Path) -> None:
    course = lay_out(tmp_path)
    wrong = TOPIC.replace("self.total = self.total + x", "self.total = x")
    wrong = wrong.replace("return not np.isclose", "return np.isclose")
    course.source(STEM).write_text(wrong, encoding="utf-8")
    done = bare_pytest(tmp_path)
    assert "3 failed, 6 passed" in done.stdout, done.stdout + done.stderr
    assert "the reference was awarded 0% of the points" in done.stdout.lower()


class Student:
    """Stands in for a student process."""

    def __init__(self, value: object) -> None:
        self._value = value

    def __getattr__(self, name: str) -> object:
        return lambda *args: self._value


FILE = '''import numpy as np
import pytest
from autograder.grading import assert_matches


@pytest.mark.points(2, exercise="f")
def test_it(student, reference, rng, award, earned):
    """It is so."""
    np.testing.assert_allclose(np.ones(5) * student.f(), reference.f())


@pytest.mark.points(1, exercise="f")
def test_words(student):
    """It has words."""
    assert student.f() == 1.0, "One is needed."


@pytest.mark.points(1, exercise="f")
def test_rng(rng, award):
    """It draws."""
    award(0.5, f"{rng.random():.12f}")
'''


@pytest.fixture
def grader_file(tmp_path: Path) -> GraderFile:
    path = tmp_path / "test_file.py"
    path.write_text(FILE, encoding="utf-8")
    return GraderFile(path)


def seat(value: object, seed: int = 0) -> Seat:
    return Seat(lambda: Student(value), SimpleNamespace(f=lambda: 1.0), seed)  # type: ignore[arg-type]


def test_the_same_items_run_again_and_again(grader_file: GraderFile) -> None:
    for value, passes in ((1.0, True), (2.0, False), (1.0, True)) * 3:
        ending = grader_file.run(grader_file.tests[0], seat(value))
        assert (ending.error is None) is passes
    grader_file.close()


def test_an_assertion_of_the_file_itself_is_told_apart_from_one_of_numpy(grader_file: GraderFile) -> None:
    numpys, own, _ = grader_file.tests
    assert not grader_file.run(numpys, seat(2.0)).stated
    ending = grader_file.run(own, seat(2.0))
    assert ending.stated
    assert str(ending.error) == "One is needed."
    grader_file.close()


def test_an_ending_keeps_no_frames_alive(grader_file: GraderFile) -> None:
    ending = grader_file.run(grader_file.tests[0], seat(2.0))
    assert ending.error is not None
    assert ending.error.__traceback__ is None
    grader_file.close()


def test_each_seed_and_test_has_its_own_numbers(grader_file: GraderFile) -> None:
    test = grader_file.tests[2]
    drawn = [grader_file.run(test, seat(1.0, seed)).words for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    grader_file.close()


def test_an_award_does_not_leak_into_the_next_test(grader_file: GraderFile) -> None:
    place = seat(1.0)
    assert grader_file.run(grader_file.tests[2], place).fraction == 0.5
    assert grader_file.run(grader_file.tests[0], place).fraction is None
    grader_file.close()


def test_the_environment_of_a_pytest_around_it_is_left_alone(grader_file: GraderFile) -> None:
    before = os.environ["PYTEST_CURRENT_TEST"]
    grader_file.run(grader_file.tests[0], seat(1.0))
    assert os.environ["PYTEST_CURRENT_TEST"] == before
    grader_file.close()


def test_titles_points_and_places_come_from_the_file(tmp_path: Path) -> None:
    course = lay_out(tmp_path)
    grader_file = GraderFile(course.grader(STEM))
    cases = [test.title for test in grader_file.of("Counter")]
    assert cases == ["Numbers add up. (from zero)", "Numbers add up. (from another start)"]
    first = grader_file.tests[0]
    assert (first.name, first.points, first.spec) == ("test_the_mean_is_right", 4.0, "Mean of an array")
    assert GRADERS.splitlines()[first.line - 1].startswith(("@pytest", "def test_the_mean"))
    grader_file.close()
