"""Digits with and without bias correction: training loss after two epochs and test accuracy after five."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from autograder.config import ROOT
from autograder.course.percent import read_topic
from autograder.course.reference import load_reference

EPOCH = 2


def measure(seeds: Iterable[int] = range(20)) -> dict[str, dict[str, float]]:
    """Run the notebook's race with the reference's parts.

    Parameters
    ----------
    seeds : iterable of int
        Each draws the first weights and then the orders of the examples.

    Returns
    -------
    dict of str to dict of str to float
        For each figure its mean, std (ddof 1), min and max over the seeds.
    """
    topic = load_reference(read_topic(ROOT / "solutions" / "hw04_adam.py"))
    kit = str(ROOT / "assignments")
    sys.path.insert(0, kit)
    try:
        figures = importlib.import_module("coursekit.figures.hw04_adam")
    finally:
        sys.path.remove(kit)
    seeds = tuple(seeds)
    kinds = {"corrected": topic.Adam, "uncorrected": topic.Uncorrected}
    parts = (topic.training_curve, topic.small_network, topic.network_loss)
    losses, accuracies = {}, {}
    for kind, lr in figures.RACERS:
        name = f"{kind}, lr {lr}"
        runs = [figures.run(kinds[kind], lr, seed, *parts) for seed in seeds]
        losses[f"training loss after {EPOCH} epochs, {name}"] = np.array([run[0][EPOCH - 1] for run in runs])
        accuracies[f"test accuracy after {figures.EPOCHS} epochs, {name}"] = np.array([run[1] for run in runs])
    corrected, uncorrected, _ = losses.values()
    all_figures = {**losses, "ratio of the first two": corrected / uncorrected, **accuracies}
    return {name: _summary(values) for name, values in all_figures.items()}


def _summary(values: NDArray[np.float64]) -> dict[str, float]:
    return {
        "mean": float(values.mean()),
        "std": float(values.std(ddof=1)),
        "min": float(values.min()),
        "max": float(values.max()),
    }
