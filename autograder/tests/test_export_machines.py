"""What goes to Gradescope and GitHub is read by others' rules, and the autograder zip grades in a tree like theirs."""

from __future__ import annotations

import csv
import json
import os
import sqlite3
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from autograder import cli
from autograder.classroom.current import current_results
from autograder.config import ROOT, Course, load_course
from autograder.demo.sample import Pupil, handed_in, material
from autograder.errors import UserError
from autograder.export import Wanted, export
from autograder.records import Result, result_from_json
from autograder.reports.exports import github
from autograder.reports.exports.github import junit_xml, summary_markdown
from autograder.reports.exports.grades import grades_of
from autograder.reports.exports.gradescope import results_json
from autograder.reports.exports.gradescopezip import write_zip
from autograder.reports.exports.ongradescope import choose, student_of
from autograder.tests.exchange_class import exchange_class, exported, with_rules
from autograder.tests.sample_results import a_test, broken, exercise, half_right, perfect, result, unreadable
from autograder.tests.scratch_course import STEM, hand_in, make_course


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return with_rules(make_course(tmp_path_factory.mktemp("course")))


@pytest.fixture(scope="module")
def class_dir(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exchange_class(course, tmp_path_factory.mktemp("class") / "class")


TOP = {
    "score": float,
    "execution_time": float,
    "output": str,
    "output_format": str,
    "test_output_format": str,
    "test_name_format": str,
    "visibility": str,
    "stdout_visibility": str,
    "tests": list,
    "extra_data": dict,
}
TEST = {
    "name": str,
    "number": str,
    "score": float,
    "max_score": float,
    "status": str,
    "output": str,
    "visibility": str,
}


def as_gradescope_reads(text: str) -> dict[str, Any]:
    """Parse `results.json` and hold it against the specification."""
    record: dict[str, Any] = json.loads(text)
    assert set(record) <= set(TOP)
    assert all(
        isinstance(record[key], (kind, int) if kind is float else kind) for key, kind in TOP.items() if key in record
    )
    assert {record[key] for key in record if key.endswith("_format")} <= {"text", "html", "simple_format", "md", "ansi"}
    for test in record.get("tests", []):
        assert set(test) <= set(TEST)
        assert test.get("status", "passed") in ("passed", "failed")
        assert test["visibility"] == "visible", "one hidden test hides the whole score"
        assert all(
            isinstance(test[key], (kind, int) if kind is float else kind) for key, kind in TEST.items() if key in test
        )
    return record


def test_gradescope_reads_score_tests_and_the_first_hint() -> None:
    record = as_gradescope_reads(results_json(half_right(), "Adam in short"))
    assert record["score"] == 12
    assert sum(test["score"] for test in record["tests"]) == 12
    failed = [test for test in record["tests"] if test["status"] == "failed"]
    assert [test["number"] for test in failed] == ["2.1", "2.2", "3.1", "3.2"]
    hints = [test["number"] for test in record["tests"] if "known mistake" in test["output"]]
    assert hints == ["2.1"]
    assert "Adam in short: 12 of 40 points" in record["output"]


def test_every_final_submission_gets_its_results_json_and_the_others_are_named(
    course: Course, class_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = exported(course, class_dir, "gradescope") / "gradescope" / STEM
    assert sorted(path.name for path in folder.iterdir()) == ["ada", "bob", "dov", "zed"]
    record = as_gradescope_reads((folder / "bob" / "results.json").read_text(encoding="utf-8"))
    assert record["score"] == 36
    assert "which costs 10 % of the points earned: 4 points" in record["output"]
    said = capsys.readouterr().out
    assert "4 results.json written" in said
    assert "2 left out, because they are not final: cyd" in said


def test_junit_counts_what_was_lost_and_keeps_the_graders_faults_apart() -> None:
    odd = result("o\x00dd <&> \ud800", exercise("a", a_test("x", "failed", message="bad \x1b[31m & \uffff <b>")))
    top = ET.fromstring(junit_xml([half_right(), broken(), odd]).encode("utf-8"))
    suites = {suite.get("name", "").split()[1]: suite for suite in top}
    assert suites["grace"].attrib["tests"] == "7"
    assert (suites["grace"].get("failures"), suites["grace"].get("errors")) == ("4", "0")
    assert (suites["tony"].get("failures"), suites["tony"].get("errors")) == ("0", "1")
    for suite in top:
        cases = suite.findall("testcase")
        assert len(cases) == int(suite.get("tests", ""))
        assert len(suite.findall("testcase/failure")) == int(suite.get("failures", ""))
        assert len(suite.findall("testcase/error")) == int(suite.get("errors", ""))
        assert all(case.get("classname") and case.get("name") for case in cases)
    failure = suites["odd"].find("testcase/failure")
    assert failure is not None
    assert failure.text == "bad  &  <b>"


def test_the_summary_is_a_table_that_no_name_breaks_and_that_github_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    grades = grades_of([perfect("a|b *c* <i>"), broken("tony")])
    rows = summary_markdown(grades, {STEM: "Adam"}).splitlines()
    assert rows[0] == "## Adam"
    table = [row for row in rows if row.startswith("|")]
    assert {row.count("|") for row in table} == {6}
    assert "GRADER ERROR" in rows[5]
    monkeypatch.setattr(github, "MOST_BYTES", 2000)
    text = summary_markdown(grades_of([perfect(f"student-{number:06}") for number in range(100)]), {})
    assert len(text.encode()) <= 2000
    assert text.splitlines()[-3].startswith("| student-")
    assert "Cut here" in text


def test_the_summary_is_added_to_the_page_of_the_run(
    course: Course, class_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "summary"
    page.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    folder = exported(course, class_dir, "github")
    assert page.read_text(encoding="utf-8") == "before\n" + (folder / "summary.md").read_text(encoding="utf-8")
    assert len(ET.parse(folder / "junit.xml").getroot()) == 6


def test_the_plain_table_has_names_penalties_and_says_what_is_final(
    course: Course, class_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = exported(course, class_dir, "csv")
    with open(folder / "grades.csv", encoding="utf-8", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert (rows["bob"]["score"], rows["bob"]["late_penalty"], rows["bob"]["final"]) == ("36", "4", "yes")
    assert rows["bob"]["notes"] == "late by 1 hour (-4)"
    assert rows["dov"]["name"] == "'=Dov @Formula"
    assert rows["李娜"]["name"] == "娜 李"
    assert [student for student, row in rows.items() if row["final"] == "no"] == ["cyd", "李娜"]
    assert not (folder / "results.json").exists()
    exported(course, class_dir, "json")
    records = [result_from_json(json.dumps(record)) for record in json.loads((folder / "results.json").read_text())]
    assert [record.student for record in records] == sorted(rows)
    assert "2 are not final (column final)" in capsys.readouterr().out


def test_a_result_counts_only_for_the_file_that_is_in_place(course: Course, tmp_path: Path) -> None:
    class_dir = exchange_class(course, tmp_path / "class")
    with_text = json.loads((class_dir / "submitted" / "ada" / STEM / f"{STEM}.ipynb").read_text())
    with_text["cells"][0]["source"] = ["handed in again"]
    hand_in(class_dir, "ada", with_text)
    (class_dir / "submitted" / "bob" / STEM / f"{STEM}.ipynb").unlink()
    current = current_results(class_dir, [STEM])
    assert [file.student for file in current.ungraded] == ["ada"]
    assert [result.student for result in current.gone] == ["bob"]
    assert sorted(result.student for result in current.results) == ["bob", "cyd", "dov", "zed", "李娜"]


def test_what_is_not_in_an_export_is_said(course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    class_dir = exchange_class(course, tmp_path / "class")
    hand_in(class_dir, "ada", b"another file")
    (class_dir / "submitted" / "bob" / STEM / f"{STEM}.ipynb").unlink()
    exported(course, class_dir, "", topic="")
    said = capsys.readouterr().out
    assert "1 handed in and not graded; first ./course grade: ada" in said
    assert "1 whose file is gone from submitted/; the last result stands: bob" in said


def test_feedback_pages_show_the_marks_and_penalties_of_today(course: Course, tmp_path: Path) -> None:
    class_dir = exchange_class(course, tmp_path / "class")
    with sqlite3.connect(class_dir / "gradebook.db") as connection:
        cells = "select id from base_cell where name = 'why_divide'"
        given = "manual_score = 7, needs_manual_grade = 0"
        connection.execute(f"update grade set {given} where needs_manual_grade = 1 and cell_id in ({cells})")
    exported(course, class_dir, "csv")
    assert "47 of 50 points" in (class_dir / "feedback" / "李娜" / f"{STEM}.html").read_text(encoding="utf-8")
    bob = class_dir / "feedback" / "bob" / f"{STEM}.html"
    assert "36 of 50 points" in bob.read_text(encoding="utf-8")
    (class_dir / "extensions.csv").write_text(f"student,topic,due\nbob,{STEM},2026-10-06\n")
    exported(course, class_dir, "csv")
    assert "40 of 50 points" in bob.read_text(encoding="utf-8")
    assert "after the deadline" not in bob.read_text(encoding="utf-8")


def test_a_class_without_grades_is_told_to_grade_first(course: Course, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nothing of hw04_adam is graded yet\. First: \./course grade"):
        export(course, tmp_path, Wanted(tmp_path, "", None, ()))


HW = "hw04_adam"


def test_one_notebook_that_is_tried_in_actions_has_its_own_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "page"))
    (tmp_path / "mine.ipynb").write_bytes(sample("stub"))
    assert cli.main(["try", HW, str(tmp_path / "mine.ipynb"), "--github", str(tmp_path / "out")]) == 0
    suite = ET.parse(tmp_path / "out" / "junit.xml").getroot()[0]
    assert suite.get("failures") == suite.get("tests")
    assert (tmp_path / "page").read_text(encoding="utf-8").startswith("# Adam and its bias correction")


@pytest.fixture(scope="module")
def gradescope(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree like the one in Gradescope's container, with this course's environment where setup.sh would make it."""
    base = tmp_path_factory.mktemp("autograder")
    archive = write_zip(load_course(), HW, base / "upload.zip")
    with zipfile.ZipFile(archive) as opened:
        for info in opened.infolist():
            target = base / "source" / info.filename
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(opened.read(info))
            target.chmod((info.external_attr >> 16) & 0o777)
    (base / "source" / ".venv").symlink_to(ROOT / ".venv")
    run = base / "run_autograder"
    run.write_bytes((base / "source" / "run_autograder").read_bytes())
    run.chmod(0o755)
    for name in ("submission", "results"):
        (base / name).mkdir()
    metadata = {"id": 7, "users": [{"email": "ada@example.org", "id": 1, "name": "Ada"}], "previous_submissions": []}
    (base / "submission_metadata.json").write_text(json.dumps(metadata))
    return base


def run_there(base: Path, files: dict[str, bytes]) -> tuple[int, str, dict[str, Any] | None]:
    """Start `run_autograder` as Gradescope does; gives its code, what it printed, and the results it left."""
    for old in [*(base / "submission").rglob("*"), base / "results" / "results.json"]:
        if old.is_file():
            old.unlink()
    for name, content in files.items():
        (base / "submission" / name).write_bytes(content)
    env = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        [str(base / "run_autograder")], cwd=base, env=env, capture_output=True, text=True, check=False
    )
    path = base / "results" / "results.json"
    found = as_gradescope_reads(path.read_text(encoding="utf-8")) if path.exists() else None
    return done.returncode, done.stdout + done.stderr, found


def sample(does: str) -> bytes:
    return handed_in(material(load_course(), HW), Pupil("ada", HW, does, "ema_weights"))


def test_the_zip_has_its_scripts_at_the_root_and_nothing_that_it_does_not_need(gradescope: Path) -> None:
    with zipfile.ZipFile(gradescope / "upload.zip") as archive:
        modes = {info.filename: (info.external_attr >> 16) & 0o777 for info in archive.infolist()}
    assert (modes["setup.sh"], modes["run_autograder"], modes["course"]) == (0o755, 0o755, 0o755)
    assert not [name for name in modes if "/tests/" in name or "/attacks/" in name or name.endswith(".secret")]
    later = [topic.stem for topic in load_course().topics if topic.stem > HW]
    ours = [name for name in modes if not name.startswith("assignments/coursekit/")]
    assert not [name for name in ours for stem in later if stem in name]
    for script in ("setup.sh", "run_autograder"):
        done = subprocess.run(["bash", "-n", str(gradescope / "source" / script)], check=False)
        assert done.returncode == 0


def test_a_notebook_is_graded_there_as_it_is_here(gradescope: Path) -> None:
    code, said, found = run_there(gradescope, {"my homework.ipynb": sample("perfect"), "plot.png": b"x"})
    assert code == 0, said
    assert found is not None
    assert found["score"] == 90
    assert {test["status"] for test in found["tests"]} == {"passed"}


def test_a_missing_notebook_is_said_to_the_student(gradescope: Path) -> None:
    code, _, found = run_there(gradescope, {"a.ipynb": b"{}", "b.ipynb": b"{}"})
    assert code == 0
    assert found is not None
    assert found["score"] == 0
    assert (
        "Hand in one notebook, called hw04_adam.ipynb. Notebooks in what you handed in: a.ipynb, b.ipynb"
        in found["output"]
    )


def test_a_failure_of_the_grader_leaves_no_grade_behind(gradescope: Path) -> None:
    grader = gradescope / "source" / "autograder" / "graders" / f"test_{HW}.py"
    text = grader.read_text(encoding="utf-8")
    grader.write_text(text + "\nraise RuntimeError('a fault of ours')\n", encoding="utf-8")
    try:
        code, said, found = run_there(gradescope, {f"{HW}.ipynb": sample("stub")})
    finally:
        grader.write_text(text, encoding="utf-8")
    assert (code, found) == (1, None)
    assert "a fault of ours" in said


def test_the_notebook_of_the_topic_is_chosen_and_its_student_named(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("other.ipynb", "hw04_adam-1.ipynb")]
    assert choose(files, HW) == files[1]
    assert choose([*files, tmp_path / "hw04_adam.ipynb"], HW) == tmp_path / "hw04_adam.ipynb"
    assert choose(files[:1], HW) == files[0]
    assert choose([], HW) is None
    (tmp_path / "m.json").write_text('{"users": [{"name": "Ada"}]}')
    assert student_of(tmp_path / "m.json") == "Ada"
    assert student_of(tmp_path / "nowhere.json") == "gradescope"


def test_an_autograder_zip_is_of_one_topic_and_the_same_each_time(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--format autograder --topic TOPIC"):
        export(load_course(), tmp_path, Wanted(tmp_path, "autograder", None, ()))
    arguments = ["export", str(tmp_path), "--format", "autograder", "--topic", HW]
    assert cli.main(arguments) == 0
    first = (tmp_path / f"gradescope_{HW}.zip").read_bytes()
    assert cli.main(arguments) == 0
    assert (tmp_path / f"gradescope_{HW}.zip").read_bytes() == first


def test_a_mark_of_a_person_settles_a_fault_of_the_grader() -> None:
    from autograder.reports.content import Mark

    marks = {(STEM, "tony"): (Mark("Adam", 22.0, score=20.0),)}
    before, after = grades_of([broken()])[0], grades_of([broken()], marks)[0]
    assert (before.final, before.fault) == (False, True)
    assert (after.final, after.fault, after.seen.score) == (True, False, 38.0)


def test_a_whole_submission_on_which_the_grader_failed_is_no_grade() -> None:
    lost: Result = replace(unreadable(), status="grader_error")
    grade = grades_of([lost])[0]
    assert (grade.final, grade.fault) == (False, True)
