"""Ten hidden layers on digits by scheme and activation; and how the graders' statistics of random weights behave."""

from __future__ import annotations

import importlib.util
import math
import sys
from collections.abc import Callable, Iterable
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.config import ROOT
from autograder.course.percent import read_topic
from autograder.course.reference import load_reference
from autograder.course.stubs import solution_source

STEM = "hw05_initialization"
STOCHASTIC = (
    "lecun_weights",
    "glorot_weights",
    "he_weights",
    "normal_weights",
    "uniform_weights",
    "own_fans",
)  # words in the names of the tests


def measure(seeds: Iterable[int] = range(20)) -> dict[str, dict[str, float]]:
    """Run the notebook's milestone with the reference's parts, and the graders' statistics on its weights.

    Parameters
    ----------
    seeds : iterable of int
        Each draws the first weights and then the orders of the examples; the data set is standardised by its
        training part.

    Returns
    -------
    dict of str to dict of str to float
        For each figure its mean, std (ddof 1), min and max over the seeds. The statistics of random weights are
        standard normal for a right answer; `false positives` is how often one of them lies outside the limit.
    """
    topic = read_topic(ROOT / "solutions" / f"{STEM}.py")
    reference, seeds = load_reference(topic), tuple(seeds)
    kit = str(ROOT / "assignments")
    sys.path.insert(0, kit)
    try:
        exec(solution_source(topic.cell("histograms", "see")).partition("if __name__")[0], vars(reference))
        cell = solution_source(topic.cell("milestone", "see"))
        exec(cell.replace("plot.see(", "(lambda *_: None)("), vars(reference))
    finally:
        sys.path.remove(kit)
    found: dict[str, NDArray[np.float64]] = {}
    for activation, scheme in reference.RUNS:
        runs = [reference.milestone_run(activation, scheme, seed) for seed in seeds]
        found[f"training loss, {activation}, {scheme}"] = np.array([run[0][-1] for run in runs])
        found[f"test accuracy, {activation}, {scheme}"] = np.array([run[1] for run in runs])
    scores = [statistics_of_weights(reference, seed) for seed in seeds]
    count = len(scores[0])
    found["statistics of random weights"] = np.concatenate(scores)
    found["false positives of the whole topic"] = np.full(2, count * math.erfc(6 / math.sqrt(2)))
    found["statistics for each submission"] = np.full(2, float(count))
    return {name: _summary(values) for name, values in found.items()}


def statistics_of_weights(reference: ModuleType, seed: int) -> NDArray[np.float64]:
    """All numbers that the hidden tests compare with their limit, for the reference's weights."""
    path = ROOT / "autograder" / "graders" / f"test_{STEM}.py"
    spec = importlib.util.spec_from_file_location("statistics_of_hw05", path)
    assert spec is not None
    assert spec.loader is not None
    grader = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(grader)
    scores: list[float] = []
    vars(grader)["within"] = lambda z, words: scores.append(float(z))
    student = SimpleNamespace(init_weights=reference.init_weights, init_mlp=reference.init_mlp)
    rng = np.random.default_rng(seed)
    for name, test in vars(grader).items():
        if name.startswith("test_") and any(word in name for word in STOCHASTIC):
            _call(test, student, rng)
    return np.array(scores)


def _call(test: Callable[..., Any], student: SimpleNamespace, rng: np.random.Generator) -> None:
    names = test.__code__.co_varnames[: test.__code__.co_argcount]
    if set(names) == {"student", "rng"}:
        test(student, rng)


def _summary(values: NDArray[np.float64]) -> dict[str, float]:
    return {
        "mean": float(values.mean()),
        "std": float(values.std(ddof=1)),
        "min": float(values.min()),
        "max": float(values.max()),
    }
