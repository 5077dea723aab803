"""The students' notebooks: what nbgrader releases, the same bytes every time, and what `build --check` notices."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.config import ConfigError, Course, load_course
from autograder.course.build import build, differences, marking_guide, write
from autograder.course.notebook import notebook_of, notebook_text
from autograder.course.percent import read_topic
from autograder.course.release import release_of
from autograder.errors import UserError
from autograder.gradebook.assign import generate_assignments
from autograder.tests.two_topics import FIRST, SECOND, change, make_two_topics

NOTEBOOK = Path("assignments") / FIRST / f"{FIRST}.ipynb"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Course:
    course = make_two_topics(tmp_path_factory.mktemp("course"))
    assert build(course, [], False, generate_assignments) == 0
    return course


@pytest.fixture
def course(built: Course, tmp_path: Path) -> Course:
    shutil.copytree(built.root, tmp_path / "course")
    return load_course(tmp_path / "course")


def cells(course: Course) -> dict[str, Any]:
    notebook = json.loads((course.root / NOTEBOOK).read_text(encoding="utf-8"))
    return {cell["id"]: cell for cell in notebook["cells"]}


def test_nbgrader_releases_what_the_topic_file_says(built: Course) -> None:
    for stem in (FIRST, SECOND):
        path = built.root / "assignments" / stem / f"{stem}.ipynb"
        assert list(differences(path, release_of(read_topic(built.source(stem))))) == []


def test_a_second_build_in_another_place_gives_the_same_bytes(built: Course, course: Course) -> None:
    for path in (course.root / NOTEBOOK, course.root / "build", course.root / "gradebook.db"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert build(course, [FIRST], False, generate_assignments) == 0
    assert (course.root / NOTEBOOK).read_bytes() == (built.root / NOTEBOOK).read_bytes()


def test_points_hang_on_the_student_s_own_cell(built: Course) -> None:
    exercise = cells(built)["first"]["metadata"]["nbgrader"]
    assert {key: exercise[key] for key in ("grade", "solution", "locked", "points", "grade_id", "schema_version")} == {
        "grade": True,
        "solution": True,
        "locked": False,
        "points": 81,
        "grade_id": "first",
        "schema_version": 3,
    }


def test_checks_are_put_back_before_grading_and_prose_can_be_mended_after_the_release(built: Course) -> None:
    released = cells(built)
    assert released["try-first"]["metadata"]["nbgrader"]["locked"] is True
    prose = released["cell-01"]["metadata"]
    assert prose == {"deletable": False, "editable": False}
    for editable in ("cell-02", "recall-recall_first", "diary-diary", "see-plot_first"):
        assert released[editable]["metadata"] == {}


def test_a_notebook_has_no_outputs_and_is_written_as_nbformat_writes(built: Course) -> None:
    text = (built.root / NOTEBOOK).read_text(encoding="utf-8")
    notebook = json.loads(text)
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    assert notebook_text(notebook) == text


def test_the_gradebook_knows_every_graded_cell_and_its_points(built: Course) -> None:
    with sqlite3.connect(built.root / "gradebook.db") as database:
        rows = database.execute("select sum(max_score) from grade_cells").fetchall()
    database.close()
    assert rows == [(200.0,)]


def test_markers_get_model_answers_and_mark_schemes_in_a_file_of_their_own(built: Course) -> None:
    guide = (built.root / "build" / "marking" / f"{FIRST}.md").read_text(encoding="utf-8")
    assert guide == marking_guide(read_topic(built.source(FIRST)))
    assert "Because doubling" in guide
    assert "Five points for the word linear" in guide


def test_what_lies_beside_the_instructor_s_notebook_is_not_released(course: Course) -> None:
    write(course.root / "build" / "source" / FIRST / "reference.py", "answer = 42")
    write(course.root / "build" / "source" / FIRST / "notes.txt", "answer = 42")
    assert build(course, [FIRST], False, generate_assignments) == 0
    assert [path.name for path in (course.root / NOTEBOOK).parent.iterdir()] == [NOTEBOOK.name]


def test_check_is_content_after_a_build_and_writes_nothing(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(course.root / "build")
    assert build(course, [], True, generate_assignments) == 0
    assert "up to date" in capsys.readouterr().out
    assert not (course.root / "build").exists()


@pytest.mark.parametrize("spoil", ["source", "metadata", "missing", "not a notebook"])
def test_check_names_the_stale_file_and_the_command(
    course: Course, capsys: pytest.CaptureFixture[str], spoil: str
) -> None:
    path = course.root / NOTEBOOK
    if spoil == "source":
        change(course.source(FIRST), "Three questions", "Some questions")
    elif spoil == "metadata":
        change(path, '"points": 81', '"points": 80')
    elif spoil == "missing":
        path.unlink()
    else:
        path.write_text("[]")
    assert build(course, [], True, generate_assignments) == 1
    said = capsys.readouterr().out
    assert f"{NOTEBOOK} is not what solutions/{FIRST}.py makes" in said
    assert f"./course build {FIRST}" in said
    assert SECOND not in said


def test_check_notices_a_stale_coverage_table(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    write(course.root / "coverage.csv", "section\n")
    assert build(course, [], True, generate_assignments) == 1
    assert "coverage.csv" in capsys.readouterr().out
    assert build(course, [FIRST], False, generate_assignments) == 0
    assert build(course, [], True, generate_assignments) == 0


def test_a_notebook_is_kept_when_nbgrader_refuses_because_students_have_handed_in(course: Course) -> None:
    before = (course.root / NOTEBOOK).read_bytes()
    with sqlite3.connect(course.root / "gradebook.db") as database:
        assignment, notebook = database.execute(
            "select notebook.assignment_id, notebook.id from notebook where name = ?", (FIRST,)
        ).fetchone()
        database.execute("insert into student (id) values ('ada')")
        database.execute(
            "insert into submitted_assignment (id, assignment_id, student_id) values ('s', ?, 'ada')", (assignment,)
        )
        database.execute(
            "insert into submitted_notebook (id, assignment_id, notebook_id) values ('n', 's', ?)", (notebook,)
        )
    database.close()
    change(course.source(FIRST), 'exercise="predict_first"', 'exercise="predict_again"')
    with pytest.raises(UserError, match=r"holds submissions for.* build and grade again"):
        build(course, [FIRST], False, generate_assignments)
    assert (course.root / NOTEBOOK).read_bytes() == before


def test_a_topic_that_the_course_does_not_have_is_refused_with_those_it_has(course: Course) -> None:
    shutil.copy(course.source(FIRST), course.source("hw09_other"))
    with pytest.raises(ConfigError, match=f"It has: {FIRST}, {SECOND}"):
        build(course, ["hw09_other"], False, generate_assignments)


def test_a_release_that_differs_from_the_prediction_is_an_error(course: Course) -> None:
    def other_program(source: Path, target: Path, stems: Sequence[str], _gradebook: Path | None) -> None:
        for stem in stems:
            text = (source / stem / f"{stem}.ipynb").read_text(encoding="utf-8")
            write(target / stem / f"{stem}.ipynb", text.replace("Three questions", "No questions"))

    with pytest.raises(UserError, match="nbgrader released something else than the topic file says: cell "):
        build(course, [FIRST], False, other_program)


def test_the_instructor_s_notebook_is_valid_and_holds_the_solutions(built: Course) -> None:
    path = built.root / "build" / "source" / FIRST / f"{FIRST}.ipynb"
    text = path.read_text(encoding="utf-8")
    assert text == notebook_text(notebook_of(read_topic(built.source(FIRST))))
    assert "### BEGIN SOLUTION" in text
    nbformat.validate(json.loads(text))


def test_the_committed_notebooks_are_what_the_topic_files_make(capsys: pytest.CaptureFixture[str]) -> None:
    assert build(load_course(), [], True, generate_assignments) == 0, capsys.readouterr().out


def test_every_code_cell_that_students_get_is_python() -> None:
    course = load_course()
    for topic in course.topics:
        for cell in release_of(read_topic(course.source(topic.stem))).cells:
            if cell.cell_type == "code":
                compile(cell.source, f"{topic.stem}/{cell.name}", "exec")
