"""Whoever is killed takes all below along, at every isolation level: no student process outlives its grader."""

from __future__ import annotations

import subprocess
import sys
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


def start(level: str) -> subprocess.Popen[str]:
    """A grader with a student in an endless loop."""
    root = Path(__file__).resolve().parents[2]
    grader = subprocess.Popen([sys.executable, "-c", GRADER, level], cwd=root, stdout=subprocess.PIPE, text=True)
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
def test_a_killed_grader_takes_its_student_processes_along(level: str) -> None:
    with nobody_left():
        grader = start(level)
        family = psutil.Process(grader.pid).children(recursive=True)
        assert len(family) >= 2
        grader.kill()
        grader.communicate()
        wait_until(lambda: all(ended(process) for process in family), "student processes outlive their grader")


@pytest.mark.parametrize("level", levels_here())
def test_a_killed_sandbox_takes_its_student_processes_along(level: str) -> None:
    with nobody_left():
        grader = start(level)
        family = psutil.Process(grader.pid).children(recursive=True)
        sandbox = next(process for process in family if process.name().startswith("python"))
        students = sandbox.children(recursive=True)
        assert students
        sandbox.kill()
        wait_until(lambda: all(ended(process) for process in students), "student processes outlive their sandbox")
        grader.kill()
        grader.communicate()
