"""What students get works with what students have: numpy, matplotlib and Jupyter, and nothing else of this course."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from autograder.config import load_course
from autograder.course.percent import read_topic
from autograder.course.publish import publish
from autograder.course.stubs import solution_source
from autograder.course.surroundings import JUPYTER, LIBRARIES

COURSE = load_course()
STEMS = ("hw02_backprop", "hw04_adam")  # one that builds on an earlier topic and one that does not
EXECUTE = "from nbclient.cli import main; main()"
BLOCKER = """
import sys

class Absent:
    names = frozenset(NAMES)

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
"""


def not_for_students() -> list[str]:
    """Modules of this environment that none of the students' packages brings along."""
    wanted = [package.partition(">")[0] for package in (*LIBRARIES, *JUPYTER)]
    at_hand: set[str] = set()
    while wanted:
        name = _normal(wanted.pop())
        if name in at_hand:
            continue
        at_hand.add(name)
        try:
            required = metadata.requires(name) or []
        except metadata.PackageNotFoundError:  # needed on another system only
            continue
        wanted += [_name(line) for line in required if "extra ==" not in line]
    modules = metadata.packages_distributions()
    return sorted(module for module, owners in modules.items() if not at_hand & {_normal(owner) for owner in owners})


def _name(requirement: str) -> str:
    for sign in " ;[(<>=!~":
        requirement = requirement.partition(sign)[0]
    return requirement


def _normal(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published course."""
    folder = tmp_path_factory.mktemp("students")
    publish(COURSE, folder / "course")
    blocker = folder / "absent" / "sitecustomize.py"
    blocker.parent.mkdir()
    blocker.write_text(BLOCKER.replace("NAMES", repr([*not_for_students(), "autograder"])), encoding="utf-8")
    return folder


def run(tree: Path, stem: str, *, solved: bool) -> dict[str, Any]:
    """The notebook after a real kernel has run it from top to bottom; a cell that raises ends the run."""
    folder = tree / "course" / "assignments" / stem
    path = folder / f"{stem}.ipynb"
    if solved:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        answers = {cell.id: solution_source(cell) for cell in read_topic(COURSE.source(stem)).exercises()}
        for cell in notebook["cells"]:
            cell["source"] = answers.get(cell["id"], cell["source"])
        path = folder / "solved.ipynb"
        path.write_text(json.dumps(notebook), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(tree / "absent"), "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-c", EXECUTE, "--output", "ran.ipynb", path.name]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    ran: dict[str, Any] = json.loads((folder / "ran.ipynb").read_text(encoding="utf-8"))
    return ran


def shown(notebook: dict[str, Any], kind: str) -> dict[str, str]:
    """What the cells of a kind show, as plain text, by their id."""
    found = {}
    for cell in notebook["cells"]:
        if cell["id"].startswith(f"{kind}-"):
            texts = [output["data"].get("text/plain", "") for output in cell["outputs"] if "data" in output]
            found[cell["id"]] = "".join("".join(text) for text in texts)
    return found


def test_the_packages_of_this_course_are_not_there(tree: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(tree / "absent")}
    for module in ("nbgrader", "pytest", "sklearn", "autograder"):
        command = [sys.executable, "-c", f"import {module}"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert "ModuleNotFoundError" in done.stderr, module


@pytest.mark.parametrize("stem", STEMS)
def test_an_untouched_notebook_runs_to_its_end_and_says_what_is_not_written(tree: Path, stem: str) -> None:
    notebook = run(tree, stem, solved=False)
    checks = shown(notebook, "try")
    assert len(checks) >= 4
    unfinished = ("not written yet", "First write", "✗ not yet")
    assert [name for name, text in checks.items() if not any(words in text for words in unfinished)] == []
    assert all("Traceback" not in text for text in checks.values())


@pytest.mark.parametrize("stem", STEMS)
def test_a_solved_notebook_passes_its_checks_and_draws_its_figures(tree: Path, stem: str) -> None:
    notebook = run(tree, stem, solved=True)
    checks, figures = shown(notebook, "try"), shown(notebook, "see")
    assert {name for name, text in checks.items() if "visible checks passed. Not checked here" not in text} == set()
    assert {name for name, text in figures.items() if "[figure]" not in text} == set()


def test_the_kit_says_whether_a_notebook_will_be_accepted(tree: Path) -> None:
    folder = tree / "course" / "assignments"
    environment = {**os.environ, "PYTHONPATH": str(tree / "absent")}
    command = [sys.executable, "-m", "coursekit.ready", f"{STEMS[0]}/{STEMS[0]}.ipynb"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "it will be accepted, but look at this first" in done.stdout
    assert "Still as they were given out" in done.stdout
