"""Who is graded at the moment, and what the fixtures of a hidden test hand out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.grading.seeds import rng_of

if TYPE_CHECKING:
    from autograder.grading.catches import Candidate, CandidateServer


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
    """

    student: Callable[[], Any]
    reference: ModuleType
    seed: int
    earned: Callable[[str], float] = field(default=lambda exercise: 1.0)
    server: CandidateServer | None = None
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

    def candidates(self, exercise: str, names: Collection[str] | None = None) -> Iterator[tuple[Candidate, bool]]:
        """Known mistakes and right answers of an exercise (some, or those named), in an order that the seed decides."""
        if self.server is None:
            raise ValueError(f"the bank has no entries for {exercise}")
        return self.server.candidates(exercise, names, self.rng(f"candidates for {exercise}"))

    def close_candidates(self) -> None:
        """End the process that serves them."""
        if self.server is not None:
            self.server.close()
