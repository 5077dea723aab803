"""`./course bench`: ratios against other ways of grading, growth with class size, and where the time goes."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path

from autograder.bench.breakdown import breakdown, one_try
from autograder.bench.budgets import budgets, suite
from autograder.bench.compare import compare
from autograder.bench.growth import growth
from autograder.bench.simulate import simulate
from autograder.config import Course
from autograder.sandbox.confine.levels import observed_level

Part = Callable[[Course, Path, int], Iterable[str]]
PARTS: dict[str, Part] = {
    "compare": compare,
    "growth": growth,
    "breakdown": breakdown,
    "try": one_try,
    "course": simulate,
    "budgets": budgets,
    "test": suite,
}


def bench(course: Course, parts: Sequence[str], students: int) -> int:
    """Measure the parts asked for (all without a name) and print a table for each.

    Raises
    ------
    KeyError
        For a part that does not exist.
    """
    words = f"{os.cpu_count()} processors, {platform.machine()}, Python {platform.python_version()}"
    print(f"{date.today()}, {words}, isolation {observed_level()}\n", flush=True)
    for part in parts or PARTS:
        print(f"## ./course bench {part}\n", flush=True)
        with tempfile.TemporaryDirectory(prefix="course-bench-") as folder:
            for row in PARTS[part](course, Path(folder), students):
                print(row, flush=True)
        print(flush=True)
    print(f"load at the end: {os.getloadavg()[0]:.1f}", file=sys.stderr)
    return 0
