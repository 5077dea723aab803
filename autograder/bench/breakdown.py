"""Where the time of one submission goes, in one process."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from inspect import isclass, isfunction
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

import numpy as np

from autograder.bench import ways
from autograder.classroom.journal import Journal
from autograder.config import Course
from autograder.course.percent import read_topic
from autograder.course.release import release_of
from autograder.demo import population
from autograder.demo.sample import material
from autograder.gradebook.store import write_results
from autograder.grading.run import TopicGrader
from autograder.intake import read_submission
from autograder.reports.feedback import write_feedback
from autograder.sandbox.client import Child

STEM = "hw04_adam"


def breakdown(course: Course, folder: Path, _students: int) -> list[str]:
    """A table of milliseconds for a perfect submission."""
    made_from = material(course, STEM)
    sources = population.perfect(made_from, np.random.default_rng(0))
    population.lay_out(folder, STEM, {"s": population.filled_in(made_from.released, sources)})
    path = folder / "submitted" / "s" / STEM / f"{STEM}.ipynb"
    release = release_of(read_topic(course.source(STEM)))
    grader = TopicGrader(course, STEM)
    try:
        submission = read_submission(path, release, "s")
        result = grader.grade(submission)
        spent: dict[str, list[float]] = {}
        with _timed_children(spent):
            whole = _median_ms(lambda: grader.grade(submission))
        with _timed_reference(grader.setting.reference, spent):
            _median_ms(lambda: grader.grade(submission))
        in_cells, in_calls, in_reference = (
            1e3 * sum(spent.get(name, ())) / TIMES for name in ("cell", "call", "reference")
        )
        calls = len(spent.get("call", ())) / TIMES
        times = {
            "intake": _median_ms(lambda: read_submission(path, release, "s")),
            "spawn and end one student process": _median_ms(lambda: grader.zygote.spawn().close()),
            "grade: all of it": whole,
            "of that, the student's cells": in_cells,
            f"of that, {calls:.0f} requests to student processes": in_calls,
            "of that, the reference's functions": in_reference,
            "of that, the rest (tests, pytest)": whole - in_cells - in_calls - in_reference,
            "feedback page": _median_ms(lambda: write_feedback(result, folder / "feedback")),
            "gradebook": _median_ms(lambda: write_results(course, folder, [result])),
        }
        with Journal(folder) as journal:
            times["journal"] = _median_ms(lambda: journal.append(result))
    finally:
        grader.close()
    return ["| part | median ms |", "|---|---|", *(f"| {name} | {value:.1f} |" for name, value in times.items())]


TIMES = 15


def _median_ms(work: Callable[[], object]) -> float:
    def once() -> float:
        started = time.perf_counter()
        work()
        return 1e3 * (time.perf_counter() - started)

    return statistics.median(once() for _ in range(TIMES))


@contextmanager
def _timed_children(spent: dict[str, list[float]]) -> Iterator[None]:
    """Note how long the grader waits for student processes, nested requests within the outermost one."""
    original, depth = Child._exchange, 0

    def timed(child: Child, request: tuple[Any, ...], seconds: float) -> tuple[str, Any]:
        nonlocal depth
        depth += 1
        started = time.perf_counter()
        try:
            return original(child, request, seconds)
        finally:
            depth -= 1
            if not depth:
                name = "cell" if request[0] == "exec" else "call"
                spent.setdefault(name, []).append(time.perf_counter() - started)

    Child._exchange = timed  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        Child._exchange = original  # type: ignore[method-assign]


@contextmanager
def _timed_reference(reference: ModuleType, spent: dict[str, list[float]]) -> Iterator[None]:
    """Note how long functions and methods of the reference take, those that they call within the outermost one."""
    depth = 0

    def timing(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def timed(*args: Any, **kwargs: Any) -> Any:
            nonlocal depth
            depth += 1
            started = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                depth -= 1
                if not depth:
                    spent.setdefault("reference", []).append(time.perf_counter() - started)

        return timed

    own = [value for value in vars(reference).values() if getattr(value, "__module__", "") == reference.__name__]
    with ExitStack() as patches:
        for owner in (reference, *filter(isclass, own)):
            for name, value in list(vars(owner).items()):
                if isfunction(value) and value.__module__ == reference.__name__:
                    patches.enter_context(patch.object(owner, name, timing(value)))
        yield


def one_try(course: Course, folder: Path, _students: int) -> list[str]:
    """One `./course try`, as a whole process, on a warm disk."""
    command = [sys.executable, "-m", "autograder", "try", STEM, str(course.source(STEM)), "--json"]
    costs = [ways.measured(command, folder) for _ in range(6)][1:]
    return [f"one try: median {statistics.median(cost.wall for cost in costs):.2f} s wall"]
