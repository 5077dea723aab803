"""The ways of grading a class that the bench compares, each measured as whole processes."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from autograder.bench.inprocess import exercises
from autograder.config import ROOT, Course
from autograder.course.notebook import notebook_with
from autograder.course.percent import read_topic
from autograder.course.stubs import stub_source

Notebook = dict[str, Any]
PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Cost:
    """What a command and all its processes took: seconds of processor and clock, and the largest one's memory."""

    cpu: float
    wall: float
    peak_mb: float

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.cpu + other.cpu, self.wall + other.wall, max(self.peak_mb, other.peak_mb))


def measured(command: Sequence[str], cwd: Path, bin_folder: Path = Path(sys.executable).parent) -> Cost:
    """Run a command to its end, with `bin_folder` first on PATH, and say what it cost.

    Raises
    ------
    RuntimeError
        If it fails; with the end of what it printed.
    """
    env = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}",  # nbgrader starts alembic by its bare name
        "OPENBLAS_NUM_THREADS": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "MPLBACKEND": "Agg",
    }
    with tempfile.TemporaryFile() as said, adopting_orphans() as cpu_of_orphans:
        started = time.monotonic()
        process = subprocess.Popen(command, cwd=cwd, env=env, stdout=said, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise RuntimeError(f"{' '.join(command)} failed:\n{said.read().decode(errors='replace')[-2000:]}")
        return Cost(usage.ru_utime + usage.ru_stime + cpu_of_orphans(), wall, usage.ru_maxrss / 1024)


@contextmanager
def adopting_orphans() -> Iterator[Callable[[], float]]:
    """Become the parent of processes whose own parent ends first.

    Bubblewrap does not wait for what it has started, so that the processor time of all students would be nobody's.

    Yields
    ------
    callable
        Waits until all adopted processes have ended; gives their processor seconds, with those of all that they had
        waited for.
    """
    own = set(_children())

    def cpu() -> float:
        total = 0.0
        while adopted := [pid for pid in _children() if pid not in own]:
            for pid in adopted:
                _, _, usage = os.wait4(pid, 0)
                total += usage.ru_utime + usage.ru_stime
        return total

    _adopt(True)
    try:
        yield cpu
    finally:
        _adopt(False)


def _adopt(yes: bool) -> None:
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, int(yes), 0, 0, 0)


def _children() -> list[int]:
    return [child.pid for child in psutil.Process().children()]


@dataclass(frozen=True)
class Way:
    """One way of grading: what students get, how a class folder is made ready, and the run itself.

    `sizes` are the two class sizes whose difference in cost is that of the submissions between them.
    """

    name: str
    released: Notebook
    run: Callable[[Path], Cost]
    sizes: tuple[int, int]
    template: Path | None = None  # a folder that every class starts as a copy of


def ours(folder: Path, stem: str, jobs: int = 1) -> Cost:
    """`./course grade`, gradebook, feedback and class report included."""
    command = [sys.executable, "-m", "autograder", "grade", stem, "--class-dir", str(folder), "--jobs", str(jobs)]
    return measured(command, ROOT)


def floor(folder: Path, stem: str) -> Cost:
    """A warm interpreter that forks per submission and runs cells and tests there, with no isolation at all."""
    return measured([sys.executable, "-m", "autograder.bench.floor", stem, str(folder / "submitted")], ROOT)


def stock(folder: Path, stem: str) -> Cost:
    """Stock `nbgrader autograde` followed by its `generate_feedback`, in a folder made by `stock_assignment`."""
    python = [sys.executable, "-m", "nbgrader"]
    graded = measured([*python, "autograde", stem, "--create", "--force"], folder)
    return graded + measured([*python, "generate_feedback", stem, "--force"], folder)


def stock_way(course: Course, folder: Path, stem: str) -> Way:
    """An nbgrader course whose hidden test cells make the same checks in the kernel."""
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
    released: Notebook = json.loads((folder / "release" / stem / f"{stem}.ipynb").read_text(encoding="utf-8"))
    return Way("stock nbgrader", released, partial(stock, stem=stem), (1, 4), folder)


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
