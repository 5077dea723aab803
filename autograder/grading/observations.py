"""What a probe saw, in a plain form that can be compared and stored, and the rule by which two are alike.

The rule has three answers, because a name must never rest on a close call. Two traces *agree* if every observation
has the same kind and its numbers differ by at most `AGREE` of the largest of them: float64 in any order of operations
is far below that, and float32 inside stays below it over a few steps. They are *apart* if some observation differs in
kind, type, shape, exception, modified arguments or use of the generator, or its numbers by more than `APART`, a
hundred times as much. Anything between is *unclear*, and then nothing is named. An observation of a statistic carries
a band of its own in place of `AGREE`, and is apart beyond three bands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

AGREE = 2e-6
APART = 2e-4
BANDS_APART = 3.0
YES_OR_NO = [["word", "True"], ["word", "False"], ["word", "None"]]  # as `plain` gives them


class Likeness(IntEnum):
    """How two traces compare; the larger is the weightier when observations are put together."""

    AGREE = 0
    UNCLEAR = 1
    APART = 2


@dataclass(frozen=True)
class Observation:
    """One look: `outcome` is "value", an exception's type name, or "stopped".

    `modified` are the arguments that the call changed, `advanced` says whether it used the generator it was given,
    `global_random` whether it used NumPy's global one.
    """

    label: str
    outcome: str
    value: Any = None
    modified: tuple[str, ...] = ()
    advanced: bool | None = None
    global_random: bool = False
    warned: tuple[str, ...] = ()
    band: float = 0.0


@dataclass(frozen=True)
class Trace:
    """All looks of one probe at one implementation."""

    looks: tuple[Observation, ...]

    @property
    def stopped(self) -> bool:
        """Whether a limit or a crash ended a look, so that the trace says nothing about what the code means."""
        return any(look.outcome == "stopped" for look in self.looks)

    @property
    def has_value(self) -> bool:
        """Whether at least one look came back with a value."""
        return any(look.outcome == "value" for look in self.looks)

    @property
    def is_evidence(self) -> bool:
        """Whether at least one value says more than yes, no or nothing.

        A few answers of that kind agree by accident, as those of write-the-test exercises do.
        """
        return any(look.outcome == "value" and look.value not in YES_OR_NO for look in self.looks)


def plain(value: Any) -> Any:
    """A value as nested lists of numbers and words, without what a right answer is free to choose.

    The width of a number, list or tuple, and the order of a dictionary's keys are free; shape and kind are not.
    What is not a plain value (a student's own object) counts as "object".
    """
    if value is None or isinstance(value, bool | np.bool_ | str | bytes):
        return ["word", repr(value.item() if isinstance(value, np.bool_) else value)]
    if isinstance(value, Mapping):
        items = sorted((repr(key), plain(item)) for key, item in value.items())
        return ["mapping", [key for key, _ in items], [item for _, item in items]]
    if isinstance(value, list | tuple):
        return ["sequence", [plain(item) for item in value]]
    if isinstance(value, int | float | complex | np.number):
        return _numbers("number", np.asarray(value if not isinstance(value, int) else float(value)))
    if isinstance(value, np.ndarray):
        if value.ndim == 0 and value.dtype.kind in "iufc":
            return _numbers("number", value)
        if value.dtype.kind in "biufc":
            kind = {"b": "truths", "i": "integers", "u": "integers"}.get(value.dtype.kind, "numbers")
            return _numbers(kind, value)
        return ["words", list(value.shape), [repr(item) for item in value.ravel().tolist()]]
    return ["object"]


def _numbers(kind: str, value: NDArray[Any]) -> Any:
    flat = value.ravel()
    if flat.dtype.kind == "c":
        flat = np.concatenate([flat.real, flat.imag])
        kind = f"complex {kind}"
    return [kind, list(value.shape), flat.astype(np.float64).tolist()]


def compare(left: Trace, right: Trace) -> Likeness:
    """Compare two traces of the same probe by the rule at the top of this file."""
    if len(left.looks) != len(right.looks):
        return Likeness.APART
    verdict = Likeness.AGREE
    for one, other in zip(left.looks, right.looks, strict=True):
        verdict = max(verdict, likeness(one, other))
        if verdict is Likeness.APART:
            break
    return verdict


def likeness(one: Observation, other: Observation) -> Likeness:
    """Compare two observations of the same look."""
    if replace(one, value=None) != replace(other, value=None):
        return Likeness.APART
    distance = _distance(one.value, other.value, relative=not one.band)
    agree, apart = (one.band, BANDS_APART * one.band) if one.band else (AGREE, APART)
    if distance <= agree:
        return Likeness.AGREE
    return Likeness.APART if distance > apart else Likeness.UNCLEAR


def first_difference(left: Trace, right: Trace) -> str:
    """The label of the first look that sets two traces apart, or "" if none does."""
    for one, other in zip(left.looks, right.looks, strict=False):
        if likeness(one, other) is Likeness.APART:
            return one.label
    return "" if len(left.looks) == len(right.looks) else "the number of looks"


def _distance(one: Any, other: Any, *, relative: bool) -> float:
    """The largest difference of two plain values; infinite where they differ in more than size."""
    if not (isinstance(one, list) and isinstance(other, list)):
        return 0.0 if one == other else np.inf
    if len(one) != len(other) or one[:1] != other[:1]:
        return np.inf
    if one and isinstance(one[0], str) and one[0].split()[-1] in ("number", "numbers", "integers", "truths"):
        return _difference(one, other, relative=relative) if one[1] == other[1] else np.inf
    if one[:1] == ["mapping"] and one[1] != other[1]:
        return np.inf
    if one[:1] in (["mapping"], ["sequence"]) and len(one[-1]) == len(other[-1]):
        parts = zip(one[-1], other[-1], strict=True)
        return max([_distance(a, b, relative=relative) for a, b in parts], default=0.0)
    return 0.0 if one == other else np.inf


def _difference(one: list[Any], other: list[Any], *, relative: bool) -> float:
    a, b = np.asarray(one[2], dtype=np.float64), np.asarray(other[2], dtype=np.float64)
    finite = np.isfinite(a)
    if not np.array_equal(finite, np.isfinite(b)) or not np.array_equal(a[~finite], b[~finite], equal_nan=True):
        return np.inf
    if not finite.any():
        return 0.0
    a, b = a[finite], b[finite]
    scale = max(float(np.abs(a).max()), float(np.abs(b).max())) if relative else 1.0
    with np.errstate(over="ignore"):
        return float(np.abs(a - b).max()) / scale if scale else 0.0
