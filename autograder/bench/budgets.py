"""What has a budget in the design and is no part of a submission's grading: processes, visible checks, the suite."""

from __future__ import annotations

import multiprocessing
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import psutil

from autograder.bench import ways
from autograder.config import ROOT, Course, load_course
from autograder.course.percent import Topic, read_topic
from autograder.grading.bank import submission_with
from autograder.grading.opening import open_zygote
from autograder.grading.probe import implementation
from autograder.grading.run import TopicGrader
from autograder.grading.visible import try_source
from autograder.sandbox import Child

STEM = "hw04_adam"
SPAWNS, IMPORTS, PROCESSES = 100, 15, 2
IMPORT = """import numpy, time
started = time.perf_counter()
from coursekit import check, data, plot, quiz, toys
print(time.perf_counter() - started)"""


def budgets(course: Course, _folder: Path, _students: int) -> list[str]:
    """A table of the small things, and the time in which all solutions go through their graders."""
    topic = read_topic(course.source(STEM))
    rows = ["| what | measured |", "|---|---|", *_of_processes(course, topic)]
    rows.append(f"| import of the course kit after NumPy | {1e3 * _import_seconds(course):.0f} ms |")
    number, seconds = len(course.topics), _all_solutions(course)
    rows.append(f"| all solutions of {number} topics through their graders, {PROCESSES} processes | {seconds:.1f} s |")
    return rows


def suite(_course: Course, _folder: Path, _students: int) -> list[str]:
    """The whole test suite, once."""
    cost = ways.measured([sys.executable, "-m", "autograder", "test"], ROOT)
    return [f"./course test: {cost.wall / 60:.1f} minutes, {cost.cpu / 60:.1f} of processors"]


def _of_processes(course: Course, topic: Topic) -> list[str]:
    with open_zygote(course, topic) as zygote:
        spawned = statistics.median(_seconds(lambda: zygote.spawn().close()) for _ in range(SPAWNS))
        with implementation(zygote, topic, "", None) as child:
            size = psutil.Process(_pid(child)).memory_full_info().uss / (1 << 20)
            sources = (try_source(topic, cell.name) for cell in topic.exercises())
            found = [_seconds(partial(child.run_cell, source, "try")) for source in sources if source is not None]
    return [
        f"| spawn and end a student process, median of {SPAWNS} | {1e3 * spawned:.1f} ms |",
        f"| memory that a live student process shares with nobody | {size:.1f} MB |",
        f"| the visible checks of one exercise: median, longest | {1e3 * statistics.median(found):.1f}, "
        f"{1e3 * max(found):.1f} ms |",
    ]


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _pid(child: Child) -> int:
    """The number of a student process as this machine knows it."""
    described = Path(f"/proc/self/fdinfo/{child._pidfd}").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in described.splitlines() if line.startswith("Pid:")))


def _import_seconds(course: Course) -> float:
    command = [sys.executable, "-c", IMPORT]
    folder = course.root / "assignments"
    runs = [subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True) for _ in range(IMPORTS)]
    return statistics.median(float(run.stdout) for run in runs)


def _all_solutions(course: Course) -> float:
    """Two processes at a time, as in CI."""
    work = partial(_grade_solution, course.root)
    with ProcessPoolExecutor(PROCESSES, multiprocessing.get_context("spawn")) as pool:
        return _seconds(lambda: list(pool.map(work, [settings.stem for settings in course.topics])))


def _grade_solution(root: Path, stem: str) -> float:
    grader = TopicGrader(load_course(root), stem, diagnose=False)
    try:
        return grader.grade(submission_with(grader.topic, "", None)).score
    finally:
        grader.close()
