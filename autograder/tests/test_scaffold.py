"""`./course new`: a start that parses and runs, and of which the linter says what is missing and where."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from autograder.config import Course, load_course
from autograder.course.build import write
from autograder.course.check import check_topic
from autograder.course.material import folded, read_material
from autograder.course.percent import read_topic
from autograder.course.reference import load_reference
from autograder.course.scaffold import new
from autograder.errors import UserError
from autograder.grading.bank import read_bank
from autograder.grading.bank_rules import bank_problems
from autograder.grading.proof import specs_of

STEM = "hw09_label_smoothing"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    write(tmp_path / "course.toml", '[course]\nid = "x"\ntitle = "X"\n\n[[topic]]\nstem = "hw01_a"\ntitle = "A"\n')
    course = load_course(tmp_path)
    assert new(course, STEM) == 0
    return load_course(tmp_path)


def test_a_new_topic_has_its_files_and_its_line_in_course_toml(course: Course) -> None:
    assert course.topic(STEM).title == "Label smoothing"
    assert course.source(STEM).is_file()
    for path in (course.grader(STEM), course.bank(STEM)):
        ast.parse(path.read_text())
    assert [cell.name for cell in read_topic(course.source(STEM)).exercises()] == [
        "label_smoothing",
        "predict_label_smoothing",
        "catches_label_smoothing",
    ]


def test_the_linter_says_what_a_new_topic_lacks_and_where(course: Course) -> None:
    said = [str(complaint) for complaint in check_topic(course, STEM)]
    for words in (
        f"solutions/{STEM}.py:1: 1 of 3 recall questions",
        "lines to read",
        "'# covers: 0.0 name of an item",
        f"autograder/mistakes/{STEM}.py:1: 1 of 3 @mistake entries for label_smoothing",
        f"assignments/{STEM}/{STEM}.ipynb:1: not what solutions/{STEM}.py makes",
    ):
        assert any(words in text for text in said), said
    assert len(said) == 6


@pytest.mark.parametrize("gone", ["", "everybody_is_right", "compared_with_own", "probe_catches_label_smoothing"])
def test_the_linter_asks_of_a_bank_all_that_the_proof_asks_of_its_form(course: Course, gone: str) -> None:
    bank = course.bank(STEM)
    parts = bank.read_text().split("\n\n\n")
    bank.write_text("\n\n\n".join(part for part in parts if not gone or f"def {gone}(" not in part))
    tests: dict[str, list[str]] = {}
    for test in read_material(course, STEM).tests:
        tests.setdefault(test.exercise, []).append(test.name)
    asked = bank_problems(read_bank(bank), read_topic(course.source(STEM)), tests)
    said = [each for each in check_topic(course, STEM) if each.path.startswith("autograder/mistakes")]
    assert len(said) == len(asked) == (3 if gone else 2), (said, asked)


def test_every_hidden_test_of_a_new_topic_quotes_the_notebook(course: Course) -> None:
    read = folded("\n".join(cell.source for cell in read_material(course, STEM).release.cells))
    for name, spec in specs_of(course.grader(STEM).read_text()).items():
        assert spec, name
        assert folded(spec) in read, name


def test_the_reference_of_a_new_topic_runs_and_its_test_writer_catches(course: Course, tmp_path: Path) -> None:
    kit = tmp_path / "assignments" / "coursekit"
    repository = Path(__file__).resolve().parents[2]
    for path in (repository / "assignments" / "coursekit").glob("*.py"):
        write(kit / path.name, path.read_text(encoding="utf-8"))
    module = load_reference(read_topic(course.source(STEM)))
    assert module.catches_label_smoothing(lambda x: x)
    assert not module.catches_label_smoothing(module.label_smoothing)


def test_files_that_are_there_are_left_alone_and_missing_ones_are_written(course: Course) -> None:
    write(course.source(STEM), "mine")
    course.bank(STEM).unlink()
    before = (course.root / "course.toml").read_bytes()
    assert new(course, STEM) == 0
    assert course.source(STEM).read_text() == "mine"
    assert course.bank(STEM).is_file()
    assert (course.root / "course.toml").read_bytes() == before


@pytest.mark.parametrize("stem", ["hw09", "Hw09_x", "../hw09_x", "hw09_x.py", "hw09_", "hw09_" + "x" * 60])
def test_a_name_that_will_not_do_is_refused_with_one_that_will(course: Course, stem: str) -> None:
    with pytest.raises(UserError, match="such as hw09_label_smoothing"):
        new(course, stem)
