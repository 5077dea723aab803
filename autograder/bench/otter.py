"""The same assignment and the same checks for otter-grader, in an environment of its own, where one can be made."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

from autograder.bench.inprocess import exercises
from autograder.bench.ways import Cost, Way, measured
from autograder.config import ROOT, Course
from autograder.course.cells import GRADED_KINDS, Cell, Topic
from autograder.course.percent import read_topic, stub_source

PACKAGES = ("otter-grader==7.0.0", "numpy", "matplotlib", "pytest", "ipykernel")
CONFIG = "# ASSIGNMENT CONFIG\nexport_cell: false\nsolutions_pdf: false\nrun_tests: false\n"
SIZES = (1, 3)


def otter_way(course: Course, folder: Path, stem: str) -> Way | None:
    """`otter run` on each submission, or None where otter-grader cannot be installed."""
    folder.mkdir(parents=True)
    environment = _environment(folder / "environment")
    if environment is None:
        return None
    otter = environment / "bin" / "otter"
    master = folder / f"{stem}.ipynb"
    master.write_text(json.dumps(_master(read_topic(course.source(stem)))), encoding="utf-8")
    measured(
        [str(otter), "assign", "--no-run-tests", str(master), str(folder / "dist")], folder, bin_folder=otter.parent
    )
    released = json.loads((folder / "dist" / "student" / f"{stem}.ipynb").read_text(encoding="utf-8"))
    (archive,) = (folder / "dist" / "autograder").glob("*.zip")
    return Way("otter run", released, partial(_run, otter=otter, archive=archive, stem=stem), SIZES)


def _environment(folder: Path) -> Path | None:
    """A virtual environment with otter-grader and what the checks import."""
    steps = ([sys.executable, "-m", "venv", str(folder)], [str(folder / "bin" / "pip"), "install", "-q", *PACKAGES])
    if any(subprocess.run(step, capture_output=True, check=False).returncode for step in steps):
        return None
    return folder


def _run(folder: Path, otter: Path, archive: Path, stem: str) -> Cost:
    total = Cost(0.0, 0.0, 0.0)
    for path in sorted(folder.glob(f"submitted/*/{stem}/{stem}.ipynb")):
        command = [str(otter), "run", "--no-logo", "-a", str(archive), "-o", str(path.parent), str(path)]
        total += measured(command, ROOT / "assignments", bin_folder=otter.parent)
    return total


def _master(topic: Topic) -> dict[str, Any]:
    """The notebook that `otter assign` makes everything from."""
    tested = exercises(topic.stem)
    cells = [_cell("raw", CONFIG)]
    for cell in topic.cells:
        stub = _cell("code" if cell.is_code else "markdown", stub_source(cell), cell)
        cells += _question(cell, stub, topic.stem) if cell.id in tested else [stub]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 4}


def _question(cell: Cell, stub: dict[str, Any], stem: str) -> list[dict[str, Any]]:
    check = "# HIDDEN\nfrom autograder.bench.inprocess import check_exercise\n"
    check += f"assert check_exercise({stem!r}, {cell.name!r}, globals()) > 0"
    return [
        _cell("raw", f"# BEGIN QUESTION\nname: {cell.name}\npoints: {cell.points:g}"),
        stub,
        _cell("raw", "# BEGIN TESTS"),
        _cell("code", check),
        _cell("raw", "# END TESTS"),
        _cell("raw", "# END QUESTION"),
    ]


def _cell(cell_type: str, source: str, cell: Cell | None = None) -> dict[str, Any]:
    marks = {"nbgrader": {"grade_id": cell.id, "solution": cell.kind in GRADED_KINDS}} if cell else {}
    made = {"cell_type": cell_type, "metadata": marks, "source": source.splitlines(keepends=True)}
    return made | ({"outputs": [], "execution_count": None} if cell_type == "code" else {})
