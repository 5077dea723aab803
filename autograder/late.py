"""What handing in late costs: one rule, used by gradebook, feedback and exports, so that all say the same."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from autograder.config import LateSettings

DAY = 86_400


@dataclass(frozen=True)
class Late:
    """A submission that came after the deadline: by how much, and the share of its points that it keeps.

    `by_hand` are the points that a person decided to take off, in the gradebook and whatever the rule says.
    """

    seconds: float
    kept: float
    by_hand: float | None = None

    def penalty(self, score: float) -> float:
        """The points that are taken off a score, to two decimals."""
        taken = score * (1.0 - self.kept) if self.by_hand is None else min(self.by_hand, score)
        return max(round(taken, 2), 0.0)


Lates = Mapping[tuple[str, str], Late]
"""Late submissions by (topic, student); who is not there was in time."""

NO_LATES: Lates = {}


def late_of(rule: LateSettings, seconds: float) -> Late | None:
    """What a submission loses that came so many seconds after its deadline; None if it counts as in time.

    Parameters
    ----------
    rule : LateSettings
        From course.toml.
    seconds : float
        After the deadline of this student, an extension included.
    """
    counted = seconds - rule.grace_minutes * 60  # the grace also holds at the end of each further day
    if counted <= 0:
        return None
    days = math.ceil(counted / DAY)
    if days > rule.max_days:
        return Late(seconds, 0.0)
    return Late(seconds, max(1.0 - rule.penalty_per_day * days, rule.floor, 0.0))
