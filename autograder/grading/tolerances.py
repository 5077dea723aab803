"""How close right answers and mistakes come to the tolerance of each hidden test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.grading import difference


@dataclass
class Errors:
    """The largest error of each test, in units of its tolerance: 1 is the most that passes."""

    largest: dict[str, float] = field(default_factory=dict)

    def take(self) -> dict[str, float]:
        """What was recorded since the last call."""
        taken, self.largest = self.largest, {}
        return taken


@contextmanager
def recording() -> Iterator[Errors]:
    """Record the errors that the comparison of numbers sees, by the test that is running."""
    errors = Errors()
    original = difference._numbers

    def numbers(got: NDArray[Any], want: NDArray[Any], rule: difference.Rule) -> difference.Difference | None:
        test = current_test()
        errors.largest[test] = max(errors.largest.get(test, 0.0), _in_tolerances(got, want, rule))
        return original(got, want, rule)

    difference._numbers = numbers
    try:
        yield errors
    finally:
        difference._numbers = original


def current_test() -> str:
    """The name of the test that pytest is running."""
    return os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")[0].rpartition("::")[2]


def _in_tolerances(got: NDArray[Any], want: NDArray[Any], rule: difference.Rule) -> float:
    with np.errstate(all="ignore"):
        error = np.abs(np.asarray(got, dtype=complex) - np.asarray(want, dtype=complex))
        allowed = rule.atol + rule.rtol * np.abs(want)
        ratio = np.where(error == 0, 0.0, error / allowed)
    finite = ratio[np.isfinite(ratio)]
    return float(finite.max()) if finite.size else 0.0


@dataclass(frozen=True)
class Tolerance:
    """One test's tolerance between the largest error of a right answer and the smallest of a mistake it fails."""

    test: str
    right: float  # in tolerances, at most 1
    nearest: float  # in tolerances, above 1; infinite if no mistake fails this test by a number
    mistake: str


class Spread:
    """Gathers tolerances while entries are graded."""

    def __init__(self) -> None:
        self._right: dict[str, float] = {}
        self._nearest: dict[str, tuple[float, str]] = {}

    def add(self, mistake: str, errors: dict[str, float]) -> None:
        """The errors of a mistake, or, without a name, of a right answer.

        A mistake whose error is within the tolerance says nothing about it.
        """
        for test, error in errors.items():
            if not mistake:
                self._right[test] = max(self._right.get(test, 0.0), error)
            elif error > 1.0:
                self._nearest[test] = min(self._nearest.get(test, (np.inf, "")), (error, mistake))

    def tolerances(self) -> tuple[Tolerance, ...]:
        """All tests that compare numbers, in the order in which they were first seen."""
        return tuple(
            Tolerance(test, right, *self._nearest.get(test, (np.inf, ""))) for test, right in self._right.items()
        )
