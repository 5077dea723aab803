"""Where the time of one submission goes, in one process."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator
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
        asked, looked_up = Stopwatch(), Stopwatch()
        with asked.on([(Child, "_exchange")], _cell_or_call):
            whole = _median_ms(lambda: grader.grade(submission))
        with looked_up.on(_functions_of(grader.setting.reference), lambda *_, **__: "reference"):
            _median_ms(lambda: grader.grade(submission))
        in_cells, in_calls = asked.total_ms("cell") / TIMES, asked.total_ms("call") / TIMES
        in_reference = looked_up.total_ms("reference") / TIMES
        calls = sum(what == "call" for what, _ in asked.noted) / TIMES
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


class Stopwatch:
    """How long functions take: (what for, seconds) of each outermost call, nested ones within it."""

    def __init__(self) -> None:
        self.noted: list[tuple[str, float]] = []
        self._depth = 0

    def total_ms(self, what: str) -> float:
        """Milliseconds of all calls for this."""
        return 1e3 * sum(seconds for each, seconds in self.noted if each == what)

    @contextmanager
    def on(self, functions: Iterable[tuple[Any, str]], what: Callable[..., str]) -> Iterator[None]:
        """Time functions, each the attribute of an owner; `what` tells from the arguments what a call is for."""
        with ExitStack() as patches:
            for owner, name in functions:
                patches.enter_context(patch.object(owner, name, self._timing(getattr(owner, name), what)))
            yield

    def _timing(self, function: Callable[..., Any], what: Callable[..., str]) -> Callable[..., Any]:
        @wraps(function)
        def timed(*args: Any, **kwargs: Any) -> Any:
            self._depth += 1
            started = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                self._depth -= 1
                if not self._depth:
                    self.noted.append((what(*args, **kwargs), time.perf_counter() - started))

        return timed


def _cell_or_call(_child: Child, request: tuple[Any, ...], _seconds: float) -> str:
    return "cell" if request[0] == "exec" else "call"


def _functions_of(module: ModuleType) -> list[tuple[Any, str]]:
    """The functions of a module and the methods of its classes, with their owners."""
    own = [each for each in vars(module).values() if isclass(each) and each.__module__ == module.__name__]
    return [
        (owner, name)
        for owner in (module, *own)
        for name, value in vars(owner).items()
        if isfunction(value) and value.__module__ == module.__name__
    ]


def one_try(course: Course, folder: Path, _students: int) -> list[str]:
    """One `./course try`, as a whole process, on a warm disk."""
    command = [sys.executable, "-m", "autograder", "try", STEM, str(course.source(STEM)), "--json"]
    costs = [ways.measured(command, folder) for _ in range(6)][1:]
    return [f"one try: median {statistics.median(cost.wall for cost in costs):.2f} s wall"]
