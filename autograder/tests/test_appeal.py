"""An appeal from end to end: grade one student again, keep what people wrote, and explain what was lost."""

from __future__ import annotations

import csv
import sqlite3
from pathlib import Path

import pytest

from autograder import cli
from autograder.classroom.journal import read_journal
from autograder.config import load_course
from autograder.demo.sample import Pupil, lay_out

STEM = "hw04_adam"
MISTAKE = Pupil("bob", STEM, "mistake", "adam_first_step", entry="first_eps_inside")


@pytest.fixture(scope="module")
def class_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("class")
    lay_out(load_course(), folder, [Pupil("ada", STEM, "perfect"), MISTAKE])
    assert cli.main(["grade", STEM, "--class-dir", str(folder), "--jobs", "1"]) == 0
    return folder


def table(class_dir: Path) -> dict[str, dict[str, str]]:
    with open(class_dir / "reports" / "grades.csv", encoding="utf-8", newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def test_one_student_is_graded_again_and_everything_else_stays(class_dir: Path) -> None:
    with sqlite3.connect(class_dir / "gradebook.db") as connection:
        connection.execute(
            "update grade set manual_score = 7, needs_manual_grade = 0 where needs_manual_grade = 1 "
            "and cell_id in (select id from base_cell where name = 'why_faster')"
        )
    before = read_journal(class_dir).results
    command = ["grade", STEM, "--force", "--student", "ada", "--class-dir", str(class_dir), "--jobs", "1"]
    assert cli.main(command) == 0
    after = read_journal(class_dir).results
    assert after[: len(before)] == before
    assert [result.student for result in after[len(before) :]] == ["ada"]
    old = next(result for result in before if result.student == "ada")
    assert (after[-1].seed, after[-1].score, after[-1].submission_sha256) == (
        old.seed,
        old.score,
        old.submission_sha256,
    )
    rows = table(class_dir)
    assert sorted(rows) == ["ada", "bob"], "a run for one student dropped the others from the table"
    assert (rows["ada"]["score"], rows["ada"][f"{STEM}: why_faster"], rows["ada"]["final"]) == ("97", "7", "yes")


def test_what_was_lost_is_explained_and_nothing_of_it_gets_near_students(
    class_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {path: path.read_bytes() for path in class_dir.rglob("*") if path.is_file()}
    assert cli.main(["explain", "bob", STEM, "adam_first_step", "--class-dir", str(class_dir)]) == 0
    said = capsys.readouterr().out
    assert "diagnosis: first_eps_inside" in said
    assert "FAILED  test_first_update_with_a_large_eps" in said
    assert said.count("expected: ") >= 2
    assert {path: path.read_bytes() for path in class_dir.rglob("*") if path.is_file()} == files
    hidden = next(line for line in said.splitlines() if "expected: float64 array" in line).split("[")[1].split(",")[0]
    shown = [path for path, content in files.items() if hidden.strip().encode() in content]
    assert shown == [], "a file of the class holds an expected answer"
