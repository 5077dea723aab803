"""The three ways of grading a class that the bench compares, each measured as whole processes."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.bench.inprocess import exercises
from autograder.config import ROOT, Course
from autograder.course.notebook import notebook_with
from autograder.course.percent import read_topic
from autograder.course.stubs import solution_source, stub_source

Notebook = dict[str, Any]


@dataclass(frozen=True)
class Cost:
    """Seconds of processor time and of wall time for a whole class."""

    cpu: float
    wall: float


def measured(command: Sequence[str], cwd: Path) -> Cost:
    """Run a command to its end and say what it and all its processes cost.

    Raises
    ------
    RuntimeError
        If it fails; with the end of what it printed.
    """
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    env = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",  # nbgrader starts alembic by name
        "OPENBLAS_NUM_THREADS": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "MPLBACKEND": "Agg",
    }
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    wall, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{(done.stdout + done.stderr)[-2000:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu, wall)


def lay_out(folder: Path, stem: str, notebook: Notebook, students: int) -> None:
    """The same notebook handed in by several students, each file with a mark of its own."""
    for number in range(students):
        path = folder / "submitted" / f"s{number:04}" / stem / f"{stem}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        marked = {**notebook, "metadata": {**notebook["metadata"], "number": number}}
        path.write_text(json.dumps(marked), encoding="utf-8")


def ours(_course: Course, folder: Path, stem: str) -> Cost:
    """`./course grade` with one worker, gradebook and feedback included."""
    command = [sys.executable, "-m", "autograder", "grade", stem, "--class-dir", str(folder), "--jobs", "1"]
    return measured(command, ROOT)


def floor(_course: Course, folder: Path, stem: str) -> Cost:
    """A warm interpreter that forks per submission and runs cells and tests there, with no isolation at all."""
    return measured([sys.executable, "-m", "autograder.bench.floor", stem, str(folder / "submitted")], ROOT)


def stock_assignment(course: Course, folder: Path, stem: str) -> None:
    """Lay out an nbgrader course whose hidden test cells make the same checks in the kernel."""
    topic = read_topic(course.source(stem))
    notebook = notebook_with(topic, stub_source)
    tested = exercises(stem)
    cells = []
    for cell in notebook["cells"]:
        marks = cell["metadata"].get("nbgrader", {})
        name = marks.get("grade_id", "")
        if marks.get("solution"):
            marks |= {"grade": cell["cell_type"] == "markdown"}
            if cell["cell_type"] == "code":
                marks.pop("points", None)
        cells.append(cell)
        if name in tested:
            cells.append(_test_cell(stem, name, topic.cell(name).points))
    source = folder / "source" / stem / f"{stem}.ipynb"
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text(json.dumps({**notebook, "cells": cells}), encoding="utf-8")
    (folder / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'bench'\nc.ClearSolutions.enabled = False\n", encoding="utf-8"
    )
    measured([sys.executable, "-m", "nbgrader", "generate_assignment", stem, "--create", "--force"], folder)


def _test_cell(stem: str, name: str, points: float) -> Notebook:
    code = (
        f"### BEGIN HIDDEN TESTS\nfrom autograder.bench.inprocess import check_exercise\n"
        f"assert check_exercise({stem!r}, {name!r}, globals()) > 0\n### END HIDDEN TESTS\n"
    )
    marks = {"grade": True, "solution": False, "locked": True, "grade_id": f"test-{name}", "points": points}
    marks |= {"schema_version": 3, "task": False}
    return {
        "cell_type": "code",
        "id": f"test-{name}",
        "metadata": {"nbgrader": marks},
        "source": code,
        "outputs": [],
        "execution_count": None,
    }


def stock(_course: Course, folder: Path, stem: str) -> Cost:
    """Stock `nbgrader autograde` followed by its `generate_feedback`."""
    python = [sys.executable, "-m", "nbgrader"]
    graded = measured([*python, "autograde", stem, "--create", "--force"], folder)
    pages = measured([*python, "generate_feedback", stem, "--force"], folder)
    return Cost(graded.cpu + pages.cpu, graded.wall + pages.wall)


def stock_notebook(course: Course, folder: Path, stem: str, sources: dict[str, str]) -> Notebook:
    """The released stock notebook with these sources in the students' cells."""
    released: Notebook = json.loads((folder / "release" / stem / f"{stem}.ipynb").read_text(encoding="utf-8"))
    for cell in released["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        if name in sources:
            cell["source"] = sources[name]
    return released


def class_sources(course: Course, stem: str) -> dict[str, Callable[[], dict[str, str]]]:
    """What the students of each kind of class write, by exercise."""
    topic = read_topic(course.source(stem))
    right = {cell.name: solution_source(cell) for cell in topic.exercises()}

    def wrong() -> dict[str, str]:
        return {
            name: source if "=" in source.split("\n")[0] else f"def {name}(*args, **kwargs):\n    return 0.125\n"
            for name, source in right.items()
        }

    return {"perfect": lambda: right, "stub": dict, "all wrong": wrong}
