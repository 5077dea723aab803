"""What handing in late costs: one rule, used by gradebook, feedback and exports, so that all say the same."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from autograder.config import LateSettings

DAY = 86_400
UNITS = (("day", DAY), ("hour", 3_600), ("minute", 60))


@dataclass(frozen=True)
class Late:
    """A submission that came after the deadline: by how much, and the share of its points that it keeps."""

    seconds: float
    kept: float

    def penalty(self, score: float) -> float:
        """The points that are taken off a score, to two decimals."""
        return max(round(score * (1.0 - self.kept), 2), 0.0)

    def sentence(self, score: float) -> str:
        """What the student reads about it."""
        when = f"Handed in {duration(self.seconds)} after the deadline"
        if self.kept == 0.0:
            return f"{when}, when it could not earn points any more."
        if self.kept == 1.0:
            return f"{when}; that costs nothing."
        share = f"{100 * (1.0 - self.kept):.3g} %"
        return f"{when}, which costs {share} of the points: {self.penalty(score):.4g} of {score:.4g}."


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


def duration(seconds: float) -> str:
    """A stretch of time in its two largest units: 1 day 3 hours."""
    parts, left = [], int(seconds)
    for name, size in UNITS:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {name}{'' if count == 1 else 's'}")
    return " ".join(parts[:2]) or "less than a minute"
