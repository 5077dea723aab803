"""Lateness in words, the same for students and instructors."""

from __future__ import annotations

from autograder.late import Late
from autograder.reports.clean import counted, number

UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))


def late_sentence(late: Late, score: float) -> str:
    """What a late submission with this score reads about it."""
    taken = counted(late.penalty(score), "point") if late.penalty(score) else "no points"
    if late.by_hand is not None:
        return f"For lateness an instructor takes off {taken}."
    when = f"Handed in {duration(late.seconds)} after the deadline"
    if late.kept == 1.0:
        return f"{when}; that costs nothing."
    if late.kept == 0.0:
        return f"{when}, when it could not earn points any more."
    return f"{when}, which costs {number(100 * (1.0 - late.kept))} % of the points earned: {taken}."


def duration(seconds: float) -> str:
    """A stretch of time in its two largest units: 1 day 3 hours."""
    parts, left = [], int(seconds)
    for name, size in UNITS:
        amount, left = divmod(left, size)
        if amount:
            parts.append(counted(amount, name))
    return " ".join(parts[:2]) or "less than a minute"
