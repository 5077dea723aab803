"""Digits with spoilt labels, with and without dropout; and how the graders' statistics of random masks behave."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.config import ROOT
from autograder.course.percent import read_topic
from autograder.course.reference import load_reference

STEM = "hw06_dropout"
RATES = (0.0, 0.25, 0.5, 0.7)
STOCHASTIC = (
    "the_share_of_dropped",
    "on_average",
    "dropped_independently",
    "share_that_the_classic",
    "each_hidden_layer",
    "a_whole_step",
)  # words in the names of the tests


def measure(seeds: Iterable[int] = range(20)) -> dict[str, dict[str, float]]:
    """Run the notebook's milestone with the reference's parts, and the graders' statistics on its masks.

    Parameters
    ----------
    seeds : iterable of int
        Each draws the training examples, the noise of their labels, the first weights, the orders and the masks. All
        rates of a seed share everything but the masks, so that gains are differences of pairs.

    Returns
    -------
    dict of str to dict of str to float
        For each figure its mean, std (ddof 1), min and max over the seeds. The statistics of random masks are standard
        normal for a right answer; `false positives` is how often one of them lies outside the limit.
    """
    reference, seeds = load_reference(read_topic(ROOT / "solutions" / f"{STEM}.py")), tuple(seeds)
    found: dict[str, NDArray[np.float64]] = {}
    for noise in reference.NOISES:
        accuracies = {}
        for rate in RATES:
            runs = [_run(reference, rate, noise, seed) for seed in seeds]
            accuracies[rate], left_on, changed = np.array(runs).T
            place = f"noise {noise:g}, rate {rate:g}"
            found[f"test accuracy, {place}"] = accuracies[rate]
            if rate:
                found[f"gain over rate 0, {place}"] = accuracies[rate] - accuracies[0.0]
                found[f"left on: test accuracy, {place}"] = left_on
                found[f"left on: answers that change, {place}"] = changed
    scores = [statistics_of_masks(reference, seed) for seed in seeds]
    count = len(scores[0])
    found["statistics of random masks"] = np.concatenate(scores)
    found["false positives of the whole topic"] = np.full(2, count * math.erfc(6 / math.sqrt(2)))
    found["statistics for each submission"] = np.full(2, float(count))
    return {name: _summary(values) for name, values in found.items()}


def _run(reference: ModuleType, rate: float, noise: float, seed: int) -> tuple[float, float, float]:
    """Test accuracy after training, the same with dropout left on, and the share of answers that then change."""
    learner, accuracies = reference.dropout_run(rate, noise, seed)
    _, _, X, y = reference.noisy_digits(noise, seed)
    learner.train()
    answers = [np.argmax(learner.net.forward(X), axis=1) for _ in range(2)]
    return accuracies[-1], float(np.mean(answers[0] == y)), float(np.mean(answers[0] != answers[1]))


def statistics_of_masks(reference: ModuleType, seed: int) -> NDArray[np.float64]:
    """All numbers that the hidden tests compare with their limit, for the reference's masks."""
    path = ROOT / "autograder" / "graders" / f"test_{STEM}.py"
    spec = importlib.util.spec_from_file_location("statistics_of_hw06", path)
    assert spec is not None
    assert spec.loader is not None
    grader = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(grader)
    scores: list[float] = []
    vars(grader)["within"] = lambda z, words: scores.append(float(z))
    given = {
        "student": reference,
        "reference": reference,
        "rng": np.random.default_rng(seed),
        "earned": lambda _: 1.0,
        "afresh": lambda: nullcontext(reference),
    }
    for name, test in vars(grader).items():
        if name.startswith("test_") and any(words in name for words in STOCHASTIC):
            _call(test, given)
    return np.array(scores)


def _call(test: Callable[..., Any], given: dict[str, Any]) -> None:
    names = test.__code__.co_varnames[: test.__code__.co_argcount]
    test(*(given[name] for name in names))


def _summary(values: NDArray[np.float64]) -> dict[str, float]:
    return {
        "mean": float(values.mean()),
        "std": float(values.std(ddof=1)),
        "min": float(values.min()),
        "max": float(values.max()),
    }
