"""Optimisers on digits, averages of noisy iterates, and the Robbins-Monro conditions, as printed in the notebook."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from autograder.config import ROOT
from autograder.course.percent import read_topic
from autograder.course.reference import load_reference

ESTIMATES, STEPS = 400, 2000
RATES: dict[str, Callable[[int], float]] = {
    "1/t": lambda t: 1 / t,
    "1/sqrt(t)": lambda t: 1 / np.sqrt(t),
    "0.1": lambda t: 0.1,
    "0.5/t^2": lambda t: 0.5 / t**2,
}


def measure(seeds: Iterable[int] = range(20)) -> dict[str, dict[str, float]]:
    """Run the notebook's race and its noisy descents with the reference's parts.

    Parameters
    ----------
    seeds : iterable of int
        Each draws the first weights and then the orders of the examples, or the noise.

    Returns
    -------
    dict of str to dict of str to float
        For each figure its mean, std (ddof 1), min and max over the seeds; of the estimates, the root mean square error
        as mean, over runs of one seed.
    """
    source = read_topic(ROOT / "solutions" / "hw03_sgd_variants.py")
    topic = load_reference(source)
    exec(source.cell("digits", "see").raw, topic.__dict__)  # the race itself is a figure of the notebook
    seeds = tuple(seeds)
    figures = {}
    for name, make in topic.RACERS.items():
        runs = [topic.digits_race(make, seed) for seed in seeds]
        figures[f"training loss, {name}"] = np.array([losses[-1] for losses, _ in runs])
        figures[f"test accuracy, {name}"] = np.array([accuracy for _, accuracy in runs])
    paths = [topic.noisy_path("constant", seed=seed) for seed in seeds]
    figures["second quadratic, last point"] = np.array([_distance(path[-1]) for path in paths])
    figures["second quadratic, average"] = np.array([_distance(topic.second_half_means(path)[-1]) for path in paths])
    for name, rate in RATES.items():
        for start in (10.0, 1000.0):
            figures[f"mean estimated with {name} from {start:g}"] = np.array([_estimation_error(rate, start)])
    return {name: _summary(values) for name, values in figures.items()}


def _distance(point: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(point - np.array([-6.0, 8.0])))


def _estimation_error(rate: Callable[[int], float], start: float) -> float:
    """Root mean square error of the mean of N(3, 1), estimated by descent on half squared distances."""
    rng, theta = np.random.default_rng(0), np.full(ESTIMATES, start)
    for t in range(1, STEPS + 1):
        theta = theta - rate(t) * (theta - rng.normal(3.0, 1.0, ESTIMATES))
    return float(np.sqrt(np.mean((theta - 3.0) ** 2)))


def _summary(values: NDArray[np.float64]) -> dict[str, float]:
    return {
        "mean": float(values.mean()),
        "std": float(values.std(ddof=1)) if len(values) > 1 else 0.0,
        "min": float(values.min()),
        "max": float(values.max()),
    }
