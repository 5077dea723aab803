"""`./course grade` and stock `nbgrader autograde` lead to the same gradebook, whatever was handed in."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.classroom.worker import Graders
from autograder.config import Course, load_course
from autograder.demo.sample import Pupil, lay_out, read_table
from autograder.gradebook.database import ensure_assignment
from autograder.gradebook.store import write_results

STEM = "hw04_adam"
SLOW = {
    "endless loop",
    "memory hog",
    "prints 50 MB",
}  # held by the tests of the sample class; here they would cost minutes
ODD = ("stub", "half", "tampered", "duplicated", "missing", "no ids", "windows", "not json", "os._exit", "syntax error")


def samples() -> list[Pupil]:
    """Every quick row of the sample class, and the odd kinds of file whether or not the class has them."""
    rows = [pupil for pupil in read_table() if pupil.topic == STEM and pupil.does not in SLOW]
    there = {pupil.does for pupil in rows}
    extra = [Pupil(f"odd-{kind.replace(' ', '-')}", STEM, kind, "ema_weights") for kind in ODD if kind not in there]
    return [*rows, *extra]


def gradebook(class_dir: Path) -> list[tuple[object, ...]]:
    """Every score, flag and comment of a class."""
    with sqlite3.connect(class_dir / "gradebook.db") as connection:
        return connection.execute(
            "select a.student_id, b.name, g.auto_score, g.needs_manual_grade, c.auto_comment, a.timestamp "
            "from grade g join base_cell b on b.id = g.cell_id join submitted_notebook n on n.id = g.notebook_id "
            "join submitted_assignment a on a.id = n.assignment_id "
            "join base_cell s on s.name = b.name and s.notebook_id = b.notebook_id and s.type = 'SolutionCell' "
            "join comment c on c.cell_id = s.id and c.notebook_id = n.id order by 1, 2"
        ).fetchall()


def notebooks(class_dir: Path) -> dict[str, object]:
    """Every file that formgrader shows; the digest of the result also holds the grader's hash and is left out."""
    folder, shown = class_dir / "autograded", {}
    for path in folder.rglob("*"):
        if path.suffix == ".ipynb":
            shown[str(path.relative_to(folder))] = json.loads(path.read_text(encoding="utf-8"))
            del shown[str(path.relative_to(folder))]["metadata"]["autograder"]["result"]
        elif path.is_file():
            shown[str(path.relative_to(folder))] = path.read_text(encoding="utf-8")
    return shown


def through_our_door(course: Course, class_dir: Path, pupils: list[Pupil]) -> None:
    graders = Graders(course)
    try:
        results = [
            graders.grade(STEM, pupil.id, class_dir / "submitted" / pupil.id / STEM / f"{STEM}.ipynb")
            for pupil in pupils
        ]
    finally:
        graders.close()
    write_results(course, class_dir, results)


def through_the_stock_door(course: Course, class_dir: Path) -> subprocess.CompletedProcess[str]:
    ensure_assignment(course, class_dir, STEM)
    programs = str(Path(sys.executable).parent)
    env = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "OPENBLAS_NUM_THREADS": "1"}
    command = [str(Path(programs) / "nbgrader"), "autograde", STEM]
    return subprocess.run(command, cwd=class_dir, env=env, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    course, pupils = load_course(), samples()
    ours, stock = (tmp_path_factory.mktemp(name) for name in ("ours", "stock"))
    for class_dir in (ours, stock):
        lay_out(course, class_dir, pupils)
    through_our_door(course, ours, pupils)
    done = through_the_stock_door(course, stock)
    assert done.returncode == 0, done.stderr[-3000:]
    return ours, stock


def test_both_doors_write_the_same_scores_flags_and_comments(doors: tuple[Path, Path]) -> None:
    ours, stock = (gradebook(class_dir) for class_dir in doors)
    assert len(ours) == len(samples()) * 12
    assert ours == stock


def test_both_doors_write_the_same_notebooks(doors: tuple[Path, Path]) -> None:
    ours, stock = (notebooks(class_dir) for class_dir in doors)
    assert len(ours) == 2 * len(samples())
    assert ours == stock


def test_a_copied_cell_does_not_stop_the_students_after_it(doors: tuple[Path, Path]) -> None:
    graded = {row[0] for row in gradebook(doors[1]) if row[2] is not None}
    assert graded == {pupil.id for pupil in samples()}


def test_the_stock_door_writes_the_journal_too(doors: tuple[Path, Path]) -> None:
    lines = (doors[1] / "journal" / "results.jsonl").read_text().splitlines()
    assert len(lines) == len(samples())
