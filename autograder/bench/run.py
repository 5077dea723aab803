"""`./course bench`: ratios against stock nbgrader and the floor, growth with class size, and where the time goes."""

from __future__ import annotations

import json
import math
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder.bench import ways
from autograder.config import Course

STEM = "hw04_adam"
FEW, MANY = 2, 12  # class sizes; the difference of their costs is the cost of MANY - FEW submissions
STOCK_FEW, STOCK_MANY = 1, 4
GROWTH = (30, 100, 300)


def bench(course: Course, parts: Sequence[str]) -> int:
    """Measure the parts asked for (all without a name) and print a table for each.

    Raises
    ------
    KeyError
        For a part that does not exist.
    """
    for part in parts or PARTS:
        print(f"## {part}\n", flush=True)
        with tempfile.TemporaryDirectory(prefix="course-bench-") as folder:
            for row in PARTS[part](course, Path(folder)):
                print(row, flush=True)
        print()
    return 0


def compare(course: Course, folder: Path) -> list[str]:
    """CPU seconds of one more submission, by three ways, for three kinds of class."""
    stock_folder = folder / "stock"
    stock_folder.mkdir()
    ways.stock_assignment(course, stock_folder, STEM)
    rows = ["| class | stock nbgrader | ours | floor | stock / ours | ours / floor |", "|---|---|---|---|---|---|"]
    for name, sources in ways.class_sources(course, STEM).items():
        stock = _stock(course, stock_folder, sources())
        released = _released(course, sources())
        ours = _marginal(course, folder / f"ours {name}", released, ways.ours, FEW, MANY)
        floor = _marginal(course, folder / f"floor {name}", released, ways.floor, FEW, MANY)
        rows.append(
            f"| {name} | {stock:.2f} s | {1e3 * ours:.0f} ms | {1e3 * floor:.0f} ms "
            f"| {stock / ours:.1f} | {ours / floor:.1f} (+{1e3 * (ours - floor):.0f} ms) |"
        )
    return rows


def _stock(course: Course, folder: Path, sources: Mapping[str, str]) -> float:
    notebook = ways.stock_notebook(course, folder, STEM, dict(sources))
    costs = []
    for size in (STOCK_FEW, STOCK_MANY):
        ways.lay_out(folder, STEM, notebook, size)
        costs.append(ways.stock(course, folder, STEM).cpu)
    return (costs[1] - costs[0]) / (STOCK_MANY - STOCK_FEW)


def _released(course: Course, sources: Mapping[str, str]) -> dict[str, Any]:
    path = course.root / "assignments" / STEM / f"{STEM}.ipynb"
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        cell["source"] = sources.get(name, cell["source"])
    return notebook


def _marginal(
    course: Course,
    folder: Path,
    notebook: dict[str, Any],
    way: Callable[[Course, Path, str], ways.Cost],
    few: int,
    many: int,
) -> float:
    costs = []
    for size in (few, many):
        ways.lay_out(folder / str(size), STEM, notebook, size)
        costs.append(way(course, folder / str(size), STEM).cpu)
    return (costs[1] - costs[0]) / (many - few)


def growth(course: Course, folder: Path) -> list[str]:
    """Time of whole classes of different sizes, and the exponent that fits them."""
    notebook = _released(course, ways.class_sources(course, STEM)["perfect"]())
    rows = ["| submissions | CPU s | wall s |", "|---|---|---|"]
    points = []
    for size in GROWTH:
        ways.lay_out(folder / str(size), STEM, notebook, size)
        cost = ways.ours(course, folder / str(size), STEM)
        points.append((math.log(size), math.log(cost.cpu)))
        rows.append(f"| {size} | {cost.cpu:.1f} | {cost.wall:.1f} |")
    slope = statistics.linear_regression(*zip(*points, strict=True)).slope
    return [*rows, "", f"fitted exponent {slope:.2f} (the fixed start of a run lowers it)"]


def breakdown(course: Course, folder: Path) -> list[str]:
    """Where the wall time of a perfect submission goes, in one process."""
    from autograder.classroom.journal import Journal
    from autograder.course.percent import read_topic
    from autograder.course.release import release_of
    from autograder.grading.run import TopicGrader
    from autograder.intake import read_submission
    from autograder.reports.feedback import write_feedback

    notebook = _released(course, ways.class_sources(course, STEM)["perfect"]())
    ways.lay_out(folder, STEM, notebook, 1)
    path = folder / "submitted" / "s0000" / STEM / f"{STEM}.ipynb"
    release = release_of(read_topic(course.source(STEM)))
    grader = TopicGrader(course, STEM)
    try:
        submission = read_submission(path, release, "s0000")
        result = grader.grade(submission)
        parts = {
            "intake": lambda: read_submission(path, release, "s0000"),
            "spawn and end a student process": lambda: grader.zygote.spawn().close(),
            "grade (cells, tests, reference)": lambda: grader.grade(submission),
            "feedback page": lambda: write_feedback(result, folder / "feedback"),
        }
        times = {name: _median_ms(work) for name, work in parts.items()}
        with Journal(folder) as journal:
            times["journal"] = _median_ms(lambda: journal.append(result))
    finally:
        grader.close()
    return ["| part | median ms |", "|---|---|", *(f"| {name} | {value:.1f} |" for name, value in times.items())]


def _median_ms(work: Callable[[], object], times: int = 15) -> float:
    def once() -> float:
        started = time.perf_counter()
        work()
        return 1e3 * (time.perf_counter() - started)

    return statistics.median(once() for _ in range(times))


def one_try(course: Course, folder: Path) -> list[str]:
    """One `./course try`, as a whole process."""
    path = course.source(STEM)
    command = [sys.executable, "-m", "autograder", "try", STEM, str(path), "--json"]
    costs = [ways.measured(command, folder) for _ in range(5)]
    return [f"one try: median {statistics.median(cost.wall for cost in costs):.2f} s wall"]


PARTS: dict[str, Callable[[Course, Path], list[str]]] = {
    "compare": compare,
    "growth": growth,
    "breakdown": breakdown,
    "try": one_try,
}
