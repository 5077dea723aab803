"""Digits with a 64-64-10 network: training loss and test accuracy of plain gradient descent after twenty epochs."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable

import numpy as np

from autograder.config import ROOT
from autograder.course.percent import read_topic
from autograder.course.reference import load_reference

SIZES, EPOCHS, BATCH, RATE = (64, 64, 10), 20, 32, 0.05  # as in the cell `digits` of the notebook


def measure(seeds: Iterable[int] = range(20)) -> dict[str, dict[str, float]]:
    """Train as the notebook does, with the reference's parts.

    Parameters
    ----------
    seeds : iterable of int
        Each draws the first weights and then the orders of the examples.

    Returns
    -------
    dict of str to dict of str to float
        For each figure its mean, std (ddof 1), min and max over the seeds.
    """
    topic = load_reference(read_topic(ROOT / "solutions" / "hw02_backprop.py"))
    kit = str(ROOT / "assignments")
    sys.path.insert(0, kit)
    try:
        data = importlib.import_module("coursekit.data")
    finally:
        sys.path.remove(kit)
    X, y, X_test, y_test = data.split(data.load("digits"))
    losses, accuracies = [], []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        start = topic.random_params(SIZES, rng)
        (first, last), history = topic.train_network(start, X, y, "relu", EPOCHS, BATCH, RATE, rng)
        scores = topic.activation("relu", X_test @ first[0] + first[1]) @ last[0] + last[1]
        losses.append(history[-1])
        accuracies.append(float(np.mean(scores.argmax(axis=1) == y_test)))
    return {
        f"training loss after {EPOCHS} epochs": _summary(np.array(losses)),
        f"test accuracy after {EPOCHS} epochs": _summary(np.array(accuracies)),
    }


def _summary(values: np.ndarray) -> dict[str, float]:
    return {
        "mean": float(values.mean()),
        "std": float(values.std(ddof=1)),
        "min": float(values.min()),
        "max": float(values.max()),
    }
