"""An appeal is answered with what the hidden tests saw: the same inputs again, what was expected, and the code."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from autograder import cli
from autograder.classroom.journal import Journal, read_journal
from autograder.classroom.worker import Graders
from autograder.config import Course
from autograder.errors import RefusedError, UserError
from autograder.explain import Asked, _calls, explain
from autograder.grading.collect import HiddenTest
from autograder.grading.compare import Mismatch, assert_matches, assert_shape, assert_within_z, witnessed
from autograder.grading.seat import Seat
from autograder.grading.seeds import rng_of
from autograder.grading.witness import Run, in_words
from autograder.tests.lms_downloads import notebook
from autograder.tests.tiny_course import tiny_course

SWAPPED = """def moving(x, beta):
    s = 0.0
    for value in x:
        s = (1 - beta) * s + beta * value
    return s
"""
RIGHT = "def moving(x, beta):\n    return (1 - beta) * beta ** np.arange(len(x))[::-1] @ x\n"
CRASH = "def moving(x, beta):\n    raise KeyError('oh')\n"


@dataclass(frozen=True)
class Class:
    course: Course
    folder: Path

    @property
    def stem(self) -> str:
        return self.course.topics[0].stem

    def path(self, student: str) -> Path:
        return self.folder / "submitted" / student / self.stem / f"{self.stem}.ipynb"

    def hand_in(self, student: str, source: str | bytes) -> None:
        marks = {"nbgrader": {"grade": True, "solution": True, "grade_id": "moving", "points": 10, "schema_version": 3}}
        cell: dict[str, object] = {"cell_type": "code", "metadata": marks, "outputs": [], "execution_count": None}
        self.path(student).parent.mkdir(parents=True, exist_ok=True)
        raw = source if isinstance(source, bytes) else notebook("", ({**cell, "source": source},))
        self.path(student).write_bytes(raw)

    def grade(self, *students: str) -> None:
        graders = Graders(self.course)
        try:
            with Journal(self.folder) as journal:
                for student in students:
                    journal.append(graders.grade(self.stem, student, self.path(student)))
        finally:
            graders.close()

    def explain(self, student: str, exercise: str = "moving", test: str = "") -> str:
        return explain(self.course, self.folder, Asked(student, self.stem, exercise, test))


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Class:
    there = Class(tiny_course(tmp_path_factory.mktemp("course")), tmp_path_factory.mktemp("class"))
    for student, source in (("ada", SWAPPED), ("bob", RIGHT), ("cyd", CRASH), ("dan", b"no notebook")):
        there.hand_in(student, source)
    there.grade("ada", "bob", "cyd", "dan")
    return there


@pytest.fixture(scope="module")
def of_ada(graded: Class) -> str:
    before = {path: path.read_bytes() for path in graded.folder.rglob("*") if path.is_file()}
    text = graded.explain("ada")
    assert {path: path.read_bytes() for path in graded.folder.rglob("*") if path.is_file()} == before, "it wrote a file"
    return text


def numbers(text: str) -> list[float]:
    return [float(word) for word in re.findall(r"-?\d+\.\d+(?:e-?\d+)?", text)]


def test_input_expected_and_answer_are_those_of_the_stored_seed(graded: Class, of_ada: str) -> None:
    text = " ".join(of_ada.split())
    seed = next(result.seed for result in read_journal(graded.folder).results if result.student == "ada")
    x = rng_of(seed, "test_every_value_counts").normal(1, 1, 6)
    want = got = 0.0
    for value in x:
        want, got = 0.7 * want + 0.3 * value, 0.3 * got + 0.7 * value
    call = re.search(r"moving\(float64 array of shape \(6,\): \[(.*?)\], 0.7\) expected: (\S+) student: (\S+)", text)
    assert call is not None, text
    np.testing.assert_allclose(numbers(call[1]), x, rtol=1e-8)
    np.testing.assert_allclose([float(call[2]), float(call[3])], [want, got], rtol=1e-8)
    compared = re.search(r"compared: expected: (\S+) student: (\S+)", text)
    assert compared is not None
    np.testing.assert_allclose([float(compared[1]), float(compared[2])], [want, got], rtol=1e-8)


def test_the_code_its_place_and_the_sentence_are_shown(graded: Class, of_ada: str) -> None:
    text = of_ada
    assert "FAILED  test_every_value_counts, 0 of 9 points" in text
    assert "Every value counts, the newest most." in text
    assert "assert_matches(student.moving(x, 0.7), reference.moving(x, 0.7), rtol=1e-9)" in text
    place = re.search(r"code \((\S+):(\d+)\):", text)
    assert place is not None
    line = (graded.course.root / place[1]).read_text().splitlines()[int(place[2]) - 1]
    assert line.startswith(("@pytest.mark.points(9", "def test_every_value_counts"))
    assert "1 of 10 points when it was graded" in text
    assert "replayed now: 1 of 10 points" in text
    assert text.startswith("For instructors")
    assert "test_the_series_stays" not in text, "a test that was passed is shown without being asked for"


def test_a_test_that_was_passed_is_shown_when_it_is_named(graded: Class) -> None:
    assert "Every test is passed" in graded.explain("bob")
    text = graded.explain("bob", test="stays")
    assert "PASSED  test_the_series_stays" in text
    assert "both:" in text


def test_of_many_calls_the_first_and_the_last_are_shown_each_beside_the_references(graded: Class) -> None:
    hidden = HiddenTest("test_x", "X.", "moving", 1.0, "", 1, None)
    student, reference = (Run(hidden, cast(Seat, None)) for _ in range(2))
    for number in range(40):
        reference.add(f"f({number})", str(number))
        if number < 30:
            student.add(f"f({number})", str(number if number < 29 else -1))
    text = "\n".join(_calls(student, reference))
    assert "(30 in all)" in text
    assert "... 15 calls are left out" in text
    assert text.count("both:") == 14
    assert text.splitlines()[-2:] == ["       expected: 29", "       student:  -1"]


def test_an_exception_of_the_student_is_shown_with_its_text(graded: Class) -> None:
    text = graded.explain("cyd")
    assert "KeyError: 'oh'" in text
    assert "expected: " in text, "what the reference gives is missing"


def test_what_could_not_be_read_is_explained_without_running_anything(graded: Class) -> None:
    assert "Nothing was run: " in graded.explain("dan")


def test_a_file_that_has_changed_since_is_refused(graded: Class) -> None:
    graded.hand_in("eve", SWAPPED)
    graded.grade("eve")
    graded.hand_in("eve", RIGHT)
    with pytest.raises(RefusedError, match=r"is not the file that was graded .*--student eve"):
        graded.explain("eve")
    graded.path("eve").unlink()
    with pytest.raises(RefusedError, match="is not the file that was graded"):
        graded.explain("eve")


def test_a_student_who_went_back_to_an_earlier_file_gets_its_result(graded: Class) -> None:
    for source in (SWAPPED, RIGHT):
        graded.hand_in("fay", source)
        graded.grade("fay")
    graded.hand_in("fay", SWAPPED)
    assert "1 of 10 points when it was graded" in graded.explain("fay")


def test_what_is_not_graded_or_not_there_is_said(graded: Class) -> None:
    with pytest.raises(RefusedError, match=r"nothing of zoe is graded .*ada.*First: ./course grade"):
        graded.explain("zoe")
    with pytest.raises(UserError, match=r"no exercise 'standing'\. It has: moving"):
        graded.explain("ada", "standing")
    with pytest.raises(UserError, match=r"0 tests are called 'x9'\. There are: test_every"):
        graded.explain("ada", test="x9")


def test_a_changed_grader_is_said(graded: Class, of_ada: str) -> None:
    assert "have changed since" not in of_ada
    bank = graded.course.bank(graded.stem)
    before = bank.read_text()
    try:
        bank.write_text(before + "\n# one line more\n")
        assert "have changed since" in graded.explain("ada")
    finally:
        bank.write_text(before)


def test_the_command_refuses_with_code_3_what_is_not_graded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "submitted").mkdir()
    assert cli.main(["explain", "ada", "hw04_adam", "Adam", "--class-dir", str(tmp_path)]) == 3
    assert "First: ./course grade hw04_adam --student ada" in capsys.readouterr().err


def test_only_comparisons_that_fail_are_told_and_only_while_somebody_looks() -> None:
    told: list[tuple[str, object, object]] = []

    def see(case: str, got: object, want: object) -> None:
        told.append((case, got, want))

    with witnessed(see):
        assert_matches(1.0, 1.0)
        fails: Callable[[], None]
        for fails in (
            lambda: assert_matches(1.0, 2.0, case="one"),
            lambda: assert_shape(np.zeros(2), (3,), case="two"),
            lambda: assert_within_z(9.0, 0.0, 1.0, 4, case="three"),
        ):
            with pytest.raises(Mismatch):
                fails()
    with pytest.raises(Mismatch):
        assert_matches(1.0, 3.0)
    assert [(case, in_words(got)) for case, got, _ in told] == [
        ("one", "1"),
        ("two", "float64 array of shape (2,): [0., 0.]"),
        ("three", "9"),
    ]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.float64(2.5), "2.5"),
        ({"w": np.array([1, 2])}, "{'w': int64 array of shape (2,): [1, 2]}"),
        ((np.zeros(1), 3), "(float64 array of shape (1,): [0.], 3)"),
        (np.arange(1000.0), "float64 array of shape (1000,): [ 0., 1., 2., ..., 997., 998., 999.]"),
        ("x" * 5000, "'" + "x" * 1199 + "..."),
        (len, "<the grader's len>"),
        ([(np.zeros(1), 2)], "[(float64 array of shape (1,): [0.], 2)]"),
    ],
)
def test_values_are_put_into_words_that_fit(value: object, words: str) -> None:
    assert in_words(value) == words
