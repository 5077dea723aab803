"""The linter: a whole course has nothing to complain about; each rule, broken once, says where and what mends it."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.config import Course, load_course
from autograder.course.build import write
from autograder.course.check import check, check_course, check_topic
from autograder.course.coverage import coverage_text, unknown_marks
from autograder.course.inventory import load_inventory
from autograder.course.percent import read_topic
from autograder.tests.two_topics import FIRST, SECOND, change, make_two_topics, release

SOURCE = f"solutions/{FIRST}.py"
GRADER = f"autograder/graders/test_{FIRST}.py"
BANK = f"autograder/mistakes/{FIRST}.py"
NOTEBOOK = f"assignments/{FIRST}/{FIRST}.ipynb"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return make_two_topics(tmp_path_factory.mktemp("course"))


@pytest.fixture
def course(whole: Course, tmp_path: Path) -> Course:
    shutil.copytree(whole.root, tmp_path / "course")
    return load_course(tmp_path / "course")


def test_this_course_has_nothing_to_complain_about(capsys: pytest.CaptureFixture[str]) -> None:
    course = load_course()
    assert check(course, [topic.stem for topic in course.topics]) == 0, capsys.readouterr().out


def test_a_whole_course_has_nothing_to_complain_about(whole: Course, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(whole, [FIRST, SECOND]) == 0
    assert "nothing to complain about" in capsys.readouterr().out


FILES = {"source": SOURCE, "grader": GRADER, "bank": BANK}
BROKEN = tomllib.loads((Path(__file__).with_name("broken_rules.toml")).read_text(encoding="utf-8"))


@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_rule_is_named_with_line_and_mend(course: Course, rule: str) -> None:
    broken = BROKEN[rule]
    for old, new in broken["change"]:
        change(course.root / FILES[broken["file"]], old, new)
    complaints = check_topic(course, FIRST)
    found = [each for each in complaints if broken["says"] in each.text and broken["mend"] in each.mend]
    assert found, "\n".join(map(str, complaints))
    complaint = found[-1]
    assert broken["at"] in (course.root / complaint.path).read_text().split("\n")[complaint.line - 1]
    assert str(complaint).startswith(f"{complaint.path}:{complaint.line}: ")


def test_every_complaint_of_a_missing_file_names_the_command_that_makes_it(course: Course) -> None:
    for path in (course.grader(FIRST), course.bank(FIRST)):
        path.unlink()
    found = [complaint for complaint in check_topic(course, FIRST) if complaint.text == "it is not there"]
    assert [complaint.path for complaint in found] == [GRADER, BANK]
    assert {complaint.mend for complaint in found} == {f"Run: ./course new {FIRST}"}
    course.source(FIRST).unlink()
    assert [str(complaint) for complaint in check_topic(course, FIRST)] == [
        f"{SOURCE}:1: {SOURCE} is missing. Start it: ./course new {FIRST}"
    ]


def test_an_unreadable_topic_is_one_complaint_with_its_line(course: Course) -> None:
    change(course.source(FIRST), "points=81", "points=many")
    (complaint,) = check_topic(course, FIRST)
    assert "cannot read 'points=many" in complaint.text
    assert 'exercise="first"' in course.source(FIRST).read_text().split("\n")[complaint.line - 1]
    assert check(course, [FIRST]) == 1


def test_a_stale_notebook_is_noticed_with_its_first_cell(course: Course) -> None:
    change(course.source(FIRST), "One sentence that says", "One sentence which says")
    (found,) = [each for each in check_topic(course, FIRST) if each.path == NOTEBOOK]
    assert "cell first" in found.text
    assert found.mend == f"Run: ./course build {FIRST}"


def _stray(course: Course) -> None:
    write(course.root / "solutions" / "notes.py", "")
    write(course.root / "assignments" / FIRST / "solution.py", "")


def _same_name(course: Course) -> None:
    change(course.source(SECOND), 'written="why_second"', 'written="why_first"')
    release(course)


def _uncovered(course: Course) -> None:
    change(course.source(SECOND), "# covers: 1.6 Adam", "# covers: 1.6 AdaGrad")


def _leak(course: Course) -> None:
    write(
        course.root / "assignments" / "coursekit" / "check.py",
        "# Because doubling a number of the topic first is linear.",
    )


@pytest.mark.parametrize(
    ("spoil", "words", "mend"),
    [
        (_stray, ["solutions/notes.py", f"assignments/{FIRST}/solution.py"], "Remove it"),
        (_same_name, ["why_first is the name of a cell of hw01_first too"], "Rename"),
        (_uncovered, ["coverage.csv"], "./course build"),
        (_leak, ["assignments/coursekit/check.py", "model answer at solutions/hw01_first.py"], "Take it out"),
    ],
    ids=["stray files", "a name used twice", "coverage.csv is stale", "a model answer in the course kit"],
)
def test_the_course_as_a_whole_is_looked_at(
    course: Course, spoil: Callable[[Course], None], words: list[str], mend: str
) -> None:
    spoil(course)
    found = [str(complaint) for complaint in check_course(course)]
    assert all(any(word in text for text in found) for word in words)
    assert all(mend in text for text in found)


def test_the_coverage_table_has_a_row_for_every_item_and_names_the_cell(whole: Course) -> None:
    topic = read_topic(whole.source(FIRST))
    rows = coverage_text([topic], load_inventory()).splitlines()
    assert len(rows) == 1 + len(load_inventory())
    assert f"1.6,Adam,{FIRST},first" in rows
    assert "1.6,AdaGrad,," in rows
    assert list(unknown_marks(topic, load_inventory())) == []


def test_items_of_the_inventory_have_names_of_their_own() -> None:
    marks = [item.mark for item in load_inventory()]
    assert len(marks) == len(set(marks))
    assert not [mark for mark in marks if ";" in mark]
