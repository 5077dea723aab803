"""CPU seconds of one more submission by each way, paired: every round runs all ways in turn, ratios are within it."""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from autograder.bench import ways
from autograder.bench.inprocess import exercises
from autograder.bench.otter import otter_way
from autograder.config import Course
from autograder.demo import population
from autograder.demo.sample import material

STEM = "hw04_adam"
ROUNDS = 2
COMPUTE = """import time as _time
_until = _time.process_time() + 0.5
while _time.process_time() < _until:
    pass
"""

Notebook = dict[str, Any]
Touch = Callable[[Notebook], Notebook]
Answered = Callable[[population.Sources], population.Sources]


@dataclass(frozen=True)
class Spent:
    """What one more submission costs by one way: seconds of processor and clock; and the largest process."""

    cpu: float
    wall: float
    peak_mb: float


def compare(course: Course, folder: Path, _students: int) -> Iterator[str]:
    """The table: a row for each kind of class."""
    made_from = material(course, STEM)
    few = (ways.stock_way(course, folder / "stock", STEM), otter_way(course, folder / "otter", STEM))
    every = [way for way in few if way is not None]
    every.append(ways.Way("ours", made_from.released, partial(ways.ours, stem=STEM), (2, 42)))
    every.append(ways.Way("floor", made_from.released, partial(ways.floor, stem=STEM), (2, 42)))
    yield from (HEAD, "|" + "---|" * (HEAD.count("|") - 1))
    for name, (kind, answered, touch) in CLASSES.items():
        rounds = []
        for turn in range(ROUNDS):
            rng = np.random.default_rng(turn)
            number = max(way.sizes[1] for way in every)
            answers = [answered(population.KINDS[kind](made_from, rng)) for _ in range(number)]
            place = folder / f"{name} {turn}"
            rounds.append({way.name: _marginal(place / way.name, way, touch, answers) for way in every})
        yield _row(name, rounds)
    yield from ("", NOTE)


HEAD = (
    "| class | stock / ours, CPU | stock / ours, wall | otter / ours, CPU | ours / floor, CPU | ours - floor, CPU "
    "| ours, CPU | largest process: stock, otter, ours |"
)
NOTE = (
    "One more submission each (marginal cost of a larger class), one worker, medians of "
    f"{ROUNDS} rounds; feedback included, for ours also gradebook, exports and class report. The write-the-test "
    "exercise, which takes further student processes and which the others cannot grade, is answered in one row only."
)


def _row(name: str, rounds: Sequence[Mapping[str, Spent]]) -> str:
    def ratio(way: str, other: str, what: str = "cpu") -> str:
        if way not in rounds[0]:
            return "-"
        return f"{statistics.median(getattr(each[way], what) / getattr(each[other], what) for each in rounds):.1f}"

    def median(way: str, what: str) -> float:
        return statistics.median(getattr(each[way], what) for each in rounds) if way in rounds[0] else float("nan")

    added = statistics.median(each["ours"].cpu - each["floor"].cpu for each in rounds)
    memory = ", ".join(f"{median(way, 'peak_mb'):.0f}" for way in ("stock nbgrader", "otter run", "ours"))
    return (
        f"| {name} | {ratio('stock nbgrader', 'ours')} | {ratio('stock nbgrader', 'ours', 'wall')} "
        f"| {ratio('otter run', 'ours')} | {ratio('ours', 'floor')} | {1e3 * added:+.0f} ms "
        f"| {1e3 * median('ours', 'cpu'):.0f} ms | {memory} MB |"
    )


def _marginal(folder: Path, way: ways.Way, touch: Touch, answers: Sequence[population.Sources]) -> Spent:
    costs = []
    for size in way.sizes:
        place = folder / str(size)
        if way.template is not None:
            shutil.copytree(way.template, place)
        made = {f"s{n:04}": touch(population.filled_in(way.released, answers[n])) for n in range(size)}
        population.lay_out(place, STEM, made)
        costs.append(way.run(place))
    fewer, more = costs
    each = way.sizes[1] - way.sizes[0]
    return Spent((more.cpu - fewer.cpu) / each, (more.wall - fewer.wall) / each, more.peak_mb)


def untouched(notebook: Notebook) -> Notebook:
    """As it is."""
    return notebook


def with_demos_run(notebook: Notebook) -> Notebook:
    """With a remark in each cell that is no exercise, so that our grading runs those cells too."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and not cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["source"] = "".join(cell["source"]) + "\n# read it\n"
    return notebook


def with_compute(notebook: Notebook) -> Notebook:
    """With half a second of computing in the first exercise cell."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["source"] = COMPUTE + "".join(cell["source"])
            break
    return notebook


def same_checks(answers: population.Sources) -> population.Sources:
    """Only what every way can grade."""
    return {name: source for name, source in answers.items() if name in exercises(STEM)}


def all_checks(answers: population.Sources) -> population.Sources:
    """Write-the-test too."""
    return answers


CLASSES: Mapping[str, tuple[str, Answered, Touch]] = {
    "perfect": ("perfect", same_checks, untouched),
    "perfect, write-the-test too": ("perfect", all_checks, untouched),
    "perfect, demo cells run by us too": ("perfect", same_checks, with_demos_run),
    "perfect, 0.5 s of computing in a cell": ("perfect", same_checks, with_compute),
    "mixed": ("mixed", same_checks, untouched),
    "untouched": ("stub", same_checks, untouched),
    "all wrong": ("all wrong", same_checks, untouched),
}
