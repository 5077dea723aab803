"""Whoever is killed takes all below along, at every isolation level: no student process outlives its grader."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from autograder.sandbox.confine.levels import observed_level
from autograder.tests.restless_class import nobody_left, wait_until

LEVELS = ("none", "C", "B", "A")
GRADER = """
import sys
from autograder.sandbox import Zygote
with Zygote(level=sys.argv[1], plotting=False) as zygote:
    child = zygote.spawn()
    child.run_cell("x = 1", "cell")
    print("ready", flush=True)
    child.run_cell("while True: pass", "cell", 600.0)
"""


def levels_here() -> tuple[str, ...]:
    """The levels that this machine can be asked for."""
    return LEVELS[: LEVELS.index(observed_level()) + 1]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for temporary files that other users may pass through, and in which nothing must be left."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o711)
        yield Path(name)


def start(level: str, folder: Path) -> subprocess.Popen[str]:
    """A grader with a student in an endless loop."""
    root = Path(__file__).resolve().parents[2]
    command, env = [sys.executable, "-c", GRADER, level], {**os.environ, "TMPDIR": str(folder)}
    grader = subprocess.Popen(command, cwd=root, env=env, stdout=subprocess.PIPE, text=True)
    assert grader.stdout is not None
    assert grader.stdout.readline() == "ready\n"
    return grader


def ended(process: psutil.Process) -> bool:
    """Whether a process computes no more, reaped or not."""
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


@pytest.mark.parametrize("level", levels_here())
def test_a_killed_grader_takes_its_student_processes_along(level: str, folder: Path) -> None:
    with nobody_left():
        grader = start(level, folder)
        family = psutil.Process(grader.pid).children(recursive=True)
        assert len(family) >= 2
        grader.kill()
        grader.communicate()
        wait_until(lambda: all(ended(process) for process in family), "student processes outlive their grader")
    wait_until(lambda: not list(folder.iterdir()), "folders of the killed grader are left")


@pytest.mark.parametrize("level", levels_here())
def test_a_killed_sandbox_takes_its_student_processes_along(level: str, folder: Path) -> None:
    with nobody_left():
        grader = start(level, folder)
        family = psutil.Process(grader.pid).children(recursive=True)
        sandbox = next(process for process in family if process.name().startswith("python"))
        students = sandbox.children(recursive=True)
        assert students
        sandbox.kill()
        wait_until(lambda: all(ended(process) for process in students), "student processes outlive their sandbox")
        grader.kill()
        grader.communicate()


MEASURER = """
import sys
from autograder.config import load_course
from autograder.grading.workers import in_parallel
if __name__ == "__main__":
    from autograder.tests.test_orphans import lasts_forever
    list(in_parallel(load_course(), lasts_forever, [("hw04_adam", place) for place in sys.argv[1:]], jobs=2))
"""


def lasts_forever(_trial: object, place: str) -> None:
    """A measurement that says that it has begun, and does not end."""
    Path(place).touch()
    while True:
        time.sleep(1)


def test_a_killed_check_takes_its_measuring_processes_along(tmp_path: Path) -> None:
    root, script, begun = Path(__file__).resolve().parents[2], tmp_path / "measure.py", [tmp_path / "a", tmp_path / "b"]
    script.write_text(MEASURER)
    with nobody_left():
        command = [sys.executable, str(script), *map(str, begun)]
        check = subprocess.Popen(command, cwd=root, env={**os.environ, "PYTHONPATH": str(root)})
        wait_until(lambda: all(place.exists() for place in begun), "the two measurements have not begun")
        family = psutil.Process(check.pid).children(recursive=True)
        check.kill()
        check.wait()
        wait_until(lambda: all(ended(process) for process in family), "measuring processes outlive the check")
