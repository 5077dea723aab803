"""Whole classes of different sizes: the exponent of their cost, and the memory of the grading processes meanwhile."""

from __future__ import annotations

import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from autograder.bench.ways import adopting_orphans
from autograder.classroom.journal import read_journal
from autograder.config import ROOT, Course
from autograder.demo import population
from autograder.demo.sample import material

STEM = "hw04_adam"
EVERY = 1.0  # seconds between two looks at the memory


@dataclass(frozen=True)
class Watched:
    """A run of `./course grade`: processor and clock seconds, and the unshared memory of all its processes (MB)."""

    cpu: float
    wall: float
    memory: tuple[float, ...]

    def memory_at(self, share: float) -> float:
        """The median of the looks around a share of the run."""
        middle = round(share * (len(self.memory) - 1))
        return statistics.median(self.memory[max(0, middle - 5) : middle + 6]) if self.memory else math.nan

    def memory_words(self) -> str:
        """The columns of a table for three moments of the run."""
        return " | ".join(f"{self.memory_at(share):.0f} MB" for share in (0.1, 0.5, 0.95))


def growth(course: Course, folder: Path, students: int) -> Iterator[str]:
    """A row for classes of a tenth, once and ten times so many students, and the exponent fitted through them."""
    made_from = material(course, STEM)
    yield "| submissions | CPU s each | wall s each | rows in the journal | memory after 10 % | 50 % | 95 % |"
    yield "|---|---|---|---|---|---|---|"
    points = []
    for size in (students // 10, students, 10 * students):
        place = folder / str(size)
        population.lay_out(place, STEM, population.class_of(made_from, population.numbered(size)))
        run = watched(place, [STEM])
        kept = len(read_journal(place).latest())
        points.append((math.log(size), math.log(run.cpu)))
        yield f"| {size} | {run.cpu / size:.3f} | {run.wall / size:.3f} | {kept} | {run.memory_words()} |"
    slope = statistics.linear_regression(*zip(*points, strict=True)).slope
    yield from ("", f"CPU seconds grow as size ** {slope:.2f}, {os.cpu_count()} workers, mixed class.")


def watched(class_dir: Path, topics: Sequence[str], root: Path = ROOT) -> Watched:
    """Grade a class with all processors, and look at the memory of all processes once a second.

    Raises
    ------
    RuntimeError
        If the run fails; with what it said.
    """
    command = [sys.executable, "-m", "autograder", "grade", *topics, "--class-dir", str(class_dir)]
    env = {**os.environ, "PYTHONPATH": str(root), "OPENBLAS_NUM_THREADS": "1"}
    log = class_dir / "grade.log"
    memory: list[float] = []
    with log.open("wb") as said, adopting_orphans() as cpu_of_orphans:
        started = time.monotonic()
        process = subprocess.Popen(command, cwd=root, env=env, stdout=said, stderr=subprocess.STDOUT)
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            memory.append(_unshared_mb(process.pid))
            time.sleep(EVERY)
        wall = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        cpu = usage.ru_utime + usage.ru_stime + cpu_of_orphans()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{log.read_text()[-2000:]}")
    return Watched(cpu, wall, tuple(memory))


def _unshared_mb(pid: int) -> float:
    """Memory that a process and its descendants share with nobody."""
    total = 0.0
    try:
        tree = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return total
    for process in tree:
        try:
            total += process.memory_full_info().uss / (1 << 20)
        except (psutil.NoSuchProcess, psutil.AccessDenied):  # it has just ended, or hides itself
            continue
    return total
