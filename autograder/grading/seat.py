"""Who is graded at the moment, and what the fixtures of a hidden test hand out."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.grading.seeds import rng_of

if TYPE_CHECKING:
    from autograder.grading.catches import CandidateServer, Lineup


@dataclass
class Seat:
    """The place of a student: the process that answers, the seed, and what the running test has awarded.

    Parameters
    ----------
    student : callable
        Gives the proxy of a living process in which the student's cells have run.
    reference : module
        The reference, in this process.
    seed : int
        Seed of the submission.
    earned : callable
        Share of its points that an exercise has got so far.
    server : CandidateServer or None
        Serves known mistakes and right answers to write-the-test exercises.
    twin : callable or None
        Gives the proxy of a further process in which nothing has been called yet, for a `with` statement.
    """

    student: Callable[[], Any]
    reference: ModuleType
    seed: int
    earned: Callable[[str], float] = field(default=lambda exercise: 1.0)
    server: CandidateServer | None = None
    twin: Callable[[], AbstractContextManager[Any]] | None = None
    fraction: float | None = None
    words: str = ""

    def rng(self, test: str) -> np.random.Generator:
        """The generator of one test."""
        return rng_of(self.seed, test)

    def award(self, fraction: float, words: str = "") -> None:
        """Give a share of the running test's points.

        Raises
        ------
        ValueError
            If the share is not between 0 and 1.
        """
        if not 0.0 <= fraction <= 1.0:
            raise ValueError(f"award({fraction}): a share between 0 and 1 is needed")
        self.fraction, self.words = float(fraction), words

    def candidates(self, exercise: str, names: Collection[str] | None = None) -> Lineup:
        """Known mistakes and right answers of an exercise (some, or those named), in an order that the seed decides."""
        from autograder.grading.catches import Lineup

        if self.server is None:
            raise ValueError(f"the bank has no entries for {exercise}")
        served = self.server.candidates(exercise, names, self.rng(f"candidates for {exercise}"))
        return Lineup(served, self.afresh)

    def afresh(self) -> AbstractContextManager[Any]:
        """The student's code in a process in which nothing has been called yet, for a `with` statement."""
        assert self.twin is not None
        return self.twin()

    def close_candidates(self) -> None:
        """End the process that serves them."""
        if self.server is not None:
            self.server.close()
