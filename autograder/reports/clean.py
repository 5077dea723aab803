"""Make text from elsewhere safe to show: no terminal escapes, no invisible characters, no walls of text."""

from __future__ import annotations

import re
from functools import lru_cache

SHARED, LONG = 10_000, 1000  # so many texts of at most this length are remembered: most of a class are the same
ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_]?)")
# Directional overrides and zero-width characters can make a line read as something that it is not.
INVISIBLE = dict.fromkeys(
    [
        *range(0x20),
        *range(0x7F, 0xA0),
        0xAD,
        *range(0x200B, 0x2010),
        *range(0x2028, 0x202F),
        *range(0x2060, 0x2070),
        0xFEFF,
    ]
)
del INVISIBLE[0x0A]


def clean(text: str, limit: int = 600) -> str:
    """Text without control characters, at most `limit` characters long.

    Parameters
    ----------
    text : str
        Anything, a student's own words included.
    limit : int
        Longer text is cut, and says so.

    Returns
    -------
    str
        Line breaks are kept, tabs become spaces, half characters (lone surrogates) become question marks.
    """
    return _cleaned(text, limit) if len(text) <= LONG else _cleaned.__wrapped__(text, limit)


@lru_cache(SHARED)
def _cleaned(text: str, limit: int) -> str:
    plain = ESCAPES.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    "))
    plain = plain.translate(INVISIBLE).encode("utf-8", "replace").decode("utf-8").strip()
    return plain if len(plain) <= limit else plain[: max(limit - 10, 0)].rstrip() + " ... (cut)"


def clean_line(text: str, limit: int = 120) -> str:
    """The same as one line."""
    return clean(" ".join(clean(text, 10 * limit).split()), limit)


def number(value: float) -> str:
    """A score with at most two decimals and none that are not needed: 7.5, 30, 6.67."""
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")


def counted(amount: float, noun: str) -> str:
    """An amount with its noun: 1 test, 3 tests, 2.5 points."""
    return f"{number(amount)} {noun if amount == 1 else noun + 's'}"
