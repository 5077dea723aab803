"""Ridge on diabetes: the penalty chosen by the rule and its errors; and how often chance fails a right answer."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Iterable
from types import SimpleNamespace

import numpy as np
from numpy.typing import NDArray

from autograder.config import ROOT
from autograder.course.percent import read_topic
from autograder.course.reference import load_reference

STEM = "hw08_cross_validation"
SPLITS = ("kfold_indices", "stratified_kfold_indices", "train_val_test_split")
ROWS, TEST_ROWS, FOLDS = 442, 112, 5
LAMS = (3000.0, 1000.0, 300.0, 100.0, 30.0, 10.0, 3.0, 1.0, 0.1, 0.0)


def measure(seeds: Iterable[int] = range(20)) -> dict[str, dict[str, float]]:
    """Run the notebook's study with the reference's parts.

    Parameters
    ----------
    seeds : iterable of int
        Each draws the order of the rows: the first 112 are the test rows, the others the development rows.

    Returns
    -------
    dict of str to dict of str to float
        For each figure its mean, std (ddof 1), min and max over the seeds. `false positives` is the probability that
        a right answer fails a hidden test by chance.
    """
    studies = np.array([_study(seed) for seed in seeds])
    names = (
        "lam of the rule",
        "lam of the smallest mean",
        "cross-validated error of the rule's lam",
        "test error of the rule's lam",
        "test error of the lam of the smallest mean",
        "test error of the mean as a prediction",
    )
    figures = dict(zip(names, studies.T, strict=True))
    figures["ratio of the test errors, rule over smallest mean"] = studies[:, 3] / studies[:, 4]
    shares, draws = shares_looked_at()
    figures["false positives of the whole topic"] = np.full(2, sum(beyond(share, draws) for share in shares))
    figures["shares looked at in each submission"] = np.full(2, float(len(shares)))
    return {name: _summary(values) for name, values in figures.items()}


def shares_looked_at() -> tuple[list[float], int]:
    """The expected shares that the hidden tests compare with observed ones, and in how many draws."""
    path = ROOT / "autograder" / "graders" / f"test_{STEM}.py"
    spec = importlib.util.spec_from_file_location("shares_of_hw08", path)
    assert spec is not None
    assert spec.loader is not None
    grader = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(grader)
    shares: list[float] = []
    vars(grader)["assert_shares"] = lambda hits, expected, words: shares.extend(expected)
    reference = load_reference(read_topic(ROOT / "solutions" / f"{STEM}.py"))
    student = SimpleNamespace(**{name: getattr(reference, name) for name in SPLITS})
    for name, test in vars(grader).items():
        if name.startswith("test_") and "assert_shares" in test.__code__.co_names:
            test(student, np.random.default_rng(0))
    return shares, grader.DRAWS


def beyond(share: float, draws: int, z: float = 6.0) -> float:
    """How often a share of so many draws is more than z standard errors off, by the exact binomial law."""
    limit = z * math.sqrt(share * (1 - share) / draws)
    far = [count for count in range(draws + 1) if abs(count / draws - share) > limit]
    return sum(math.comb(draws, n) * share**n * (1 - share) ** (draws - n) for n in far)


def _study(seed: int) -> tuple[float, ...]:
    """The figures of one cut, in the order of their names."""
    topic = load_reference(read_topic(ROOT / "solutions" / f"{STEM}.py"))
    X, y = _diabetes()
    test, dev = np.split(np.random.default_rng(seed).permutation(ROWS), [TEST_ROWS])

    def make_model(lam: float) -> object:
        return topic.Standardised(topic.Ridge(lam))

    lam, table, error = topic.tune_and_test(list(LAMS), make_model, X, y, dev, test, FOLDS, topic.mse)
    lowest = LAMS[int(table[:, 0].argmin())]
    other = topic.Standardised(topic.Ridge(lowest)).fit(X[dev], y[dev]).predict(X[test])
    baseline = topic.mse(y[test], y[dev].mean())
    return lam, lowest, table[LAMS.index(lam), 0], error, topic.mse(y[test], other), baseline


def _diabetes() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    with np.load(ROOT / "datasets" / "diabetes.npz", allow_pickle=False) as file:
        return file["X"].astype(np.float64), file["y"].astype(np.float64)


def _summary(values: NDArray[np.float64]) -> dict[str, float]:
    return {
        "mean": float(values.mean()),
        "std": float(values.std(ddof=1)),
        "min": float(values.min()),
        "max": float(values.max()),
    }
