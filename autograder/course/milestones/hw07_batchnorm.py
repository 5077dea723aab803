"""Digits with and without batch normalisation, and with a short last batch: loss and accuracy after five epochs."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from autograder.config import ROOT
from autograder.course.percent import read_topic
from autograder.course.reference import load_reference

EPOCHS = 5
RATE = 0.5
GUESSING = float(np.log(10))  # the loss of a run that diverges
EXTRAS = (("full batches", ""), ("three more, forward only", "forward"), ("three more, step", "step"))


def measure(seeds: Iterable[int] = range(20)) -> dict[str, dict[str, float]]:
    """Run the notebook's milestone with the reference's parts.

    Parameters
    ----------
    seeds : iterable of int
        Each draws the first weights and then the orders of the examples.

    Returns
    -------
    dict of str to dict of str to float
        For each figure its mean, std (ddof 1), min and max over the seeds. The loss of a run that diverges counts as
        that of guessing among ten classes.
    """
    topic = load_reference(read_topic(ROOT / "solutions" / "hw07_batchnorm.py"))
    seeds = tuple(seeds)
    kinds = [("without BatchNorm1d", None, ""), *((name, topic.BatchNorm1d, extra) for name, extra in EXTRAS)]
    found: dict[str, dict[str, float]] = {}
    for name, norm, extra in kinds:
        runs = [topic.normnet_run(norm, RATE, seed, EPOCHS, extra) for seed in seeds]
        for figure, values in zip(("training loss", "test accuracy"), zip(*runs, strict=True), strict=True):
            last = np.nan_to_num(np.array([each[-1] for each in values]), nan=GUESSING)
            found[f"{figure} after {EPOCHS} epochs, {name}"] = _summary(last)
    return found


def _summary(values: NDArray[np.float64]) -> dict[str, float]:
    return {
        "mean": float(values.mean()),
        "std": float(values.std(ddof=1)),
        "min": float(values.min()),
        "max": float(values.max()),
    }
