"""Three tasks trained by one loop: loss and success on the test part after 300 steps, over random splits."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from autograder.config import ROOT
from autograder.course.percent import read_topic
from autograder.course.reference import load_reference

SUCCESS = {"digits": "test accuracy", "breast_cancer": "test accuracy", "diabetes": "explained variance in the test"}


def measure(seeds: Iterable[int] = range(20)) -> dict[str, dict[str, float]]:
    """Run the notebook's three tasks with the reference's parts.

    Parameters
    ----------
    seeds : iterable of int
        Each draws a split into training and test part; the start is always zero.

    Returns
    -------
    dict of str to dict of str to float
        For each figure its mean, std (ddof 1), min and max over the seeds.
    """
    topic = load_reference(read_topic(ROOT / "solutions" / "hw01_mle_losses.py"))
    runs = [topic.three_tasks(seed) for seed in seeds]
    figures = {}
    for name, success in SUCCESS.items():
        parts = [run[name] for run in runs]
        figures[f"{name}: training loss before the last step"] = np.array([losses[-1] for losses, _, _ in parts])
        figures[f"{name}: test loss"] = np.array([loss for _, loss, _ in parts])
        figures[f"{name}: {success}"] = np.array([good for _, _, good in parts])
    return {name: _summary(values) for name, values in figures.items()}


def _summary(values: np.ndarray) -> dict[str, float]:
    return {
        "mean": float(values.mean()),
        "std": float(values.std(ddof=1)),
        "min": float(values.min()),
        "max": float(values.max()),
    }
