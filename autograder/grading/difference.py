"""Find how a value differs from what was expected, and say it without giving either value away."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SLOT = "<name>"  # stands in a sentence where a name of the student's own making would stand
SCALARS = (bool, int, float, complex, np.generic)
NUMERIC = "biufc"
MOST_AXES = 4  # of a shape that is told


@dataclass(frozen=True)
class Difference:
    """What differs, in words; `name` is text that a student may have made up, for `SLOT`."""

    words: str
    name: str = ""


@dataclass(frozen=True)
class Rule:
    """How close is close enough.

    `loose` accepts another number of axes of length 1 (and a list for an array), so that such a slip can cost a
    test of its own and no other. `told` are lengths that the student reads anyway.
    """

    rtol: float
    atol: float
    loose: bool = False
    told: tuple[int, ...] = ()


def difference(got: Any, want: Any, rule: Rule) -> Difference | None:
    """How `got` differs from `want`, or `None` if it does not.

    Numbers may be Python's, NumPy's or 0-d arrays; a list may stand for a tuple and the other way round; dtype and
    order of keys are free, the kind of container and the shape are not.
    """
    if isinstance(want, Mapping):
        return _mappings(got, want, rule)
    if isinstance(want, list | tuple):
        return _sequences(got, want, rule)
    if want is None or isinstance(want, str | bytes):
        return _words(got, want)
    if isinstance(want, bool | np.bool_):
        return _truth(got, bool(want))
    expected = np.asarray(want)
    if expected.dtype.kind not in NUMERIC:
        raise TypeError(f"assert_matches cannot compare with {type(want).__name__}")
    return _arrays(got, expected, rule)


def describe(value: Any, like: tuple[int, ...] = (), told: tuple[int, ...] = ()) -> Difference:
    """What kind of thing a value is, with its shape.

    Lengths are a student's to choose, and could hold a hidden number: only those are told that are near to one of the
    expected shape `like`, or 0, 1 or its number of entries, or one of `told`.
    """
    if value is None:
        return Difference("None")
    if tag := array_type(value):
        return Difference(f"an array of type {SLOT}", tag)
    if isinstance(value, np.ndarray) and value.ndim:
        return Difference(f"an array of shape {_shape_words(value.shape, like, told)}{_dtype_words(value)}")
    if isinstance(value, str | bytes):
        return Difference("a text")
    if isinstance(value, bool | np.bool_):
        return Difference("a truth value")
    if isinstance(value, SCALARS) or (isinstance(value, np.ndarray) and value.dtype.kind in NUMERIC):
        return Difference("a single number")
    if isinstance(value, list | tuple):
        length = f" of {len(value)}" if _may_be_told(len(value), like) else ""
        return Difference(f"a {'list' if isinstance(value, list) else 'tuple'}{length}")
    if isinstance(value, Mapping):
        return Difference("a dictionary")
    return Difference(f"an object of type {SLOT}", type_name(value))


def type_name(value: Any) -> str:
    """The name of a value's type; of an object that lives in the student's process, the name that it has there."""
    from autograder.sandbox.verbs import kind

    return str(kind(value))


def array_type(value: Any) -> str:
    """The name of a subclass of ndarray that a student used (`matrix`), or ""; it travels as a plain array."""
    name = str(getattr(value, "student_type", "")) if isinstance(value, np.ndarray) else ""
    return "" if name == "ndarray" else name


def _may_be_told(length: int, like: tuple[int, ...]) -> bool:
    """Whether a length says no more than how the expected shape was missed."""
    return length <= 1 or length == math.prod(like) or any(abs(length - each) <= 1 for each in like)


def _shape_words(shape: tuple[int, ...], like: tuple[int, ...], told: tuple[int, ...]) -> str:
    """A shape as Python writes it, with a question mark for each length that is not told."""
    if len(shape) > MOST_AXES:
        return f"with more than {MOST_AXES} axes"
    lengths = [str(each) if each in told or _may_be_told(each, like) else "?" for each in shape]
    return f"({', '.join(lengths)}{',' if len(lengths) == 1 else ''})"


def _dtype_words(value: NDArray[Any]) -> str:
    kinds = {"c": " of complex numbers", "b": " of truth values", "U": " of text", "S": " of text"}
    return "" if value.dtype.kind in "iuf" else kinds.get(value.dtype.kind, " of no numbers")


def _instead(got: Any, wanted: str, like: tuple[int, ...] = (), told: tuple[int, ...] = ()) -> Difference:
    seen = describe(got, like, told)
    return Difference(f"{seen.words} came back where {wanted} was expected", seen.name)


def _within(place: str, found: Difference | None) -> Difference | None:
    return None if found is None else Difference(f"{place}: {found.words}", found.name)


def _mappings(got: Any, want: Mapping[Any, Any], rule: Rule) -> Difference | None:
    if not isinstance(got, Mapping):
        return _instead(got, "a dictionary")
    missing = [key for key in want if key not in got]
    if missing:
        return Difference(f"the dictionary has no entry {missing[0]!r}")
    if len(got) > len(want):
        return Difference("the dictionary has an entry too many")
    places = ((f"entry {key!r}", difference(got[key], value, rule)) for key, value in want.items())
    return next((_within(place, found) for place, found in places if found), None)


def _sequences(got: Any, want: list[Any] | tuple[Any, ...], rule: Rule) -> Difference | None:
    name = "list" if isinstance(want, list) else "tuple"
    if isinstance(got, np.ndarray) and want and all(isinstance(value, SCALARS) for value in want):
        return _arrays(got, np.asarray(want), rule)
    if not isinstance(got, list | tuple):
        return _instead(got, f"a {name} of {len(want)}", (len(want),))
    if len(got) != len(want):
        seen = _entries(len(got)) if _may_be_told(len(got), (len(want),)) else "another number of entries"
        return Difference(f"{seen} came back where {len(want)} were expected")
    for number, (one, other) in enumerate(zip(got, want, strict=True)):
        if found := difference(one, other, rule):
            return _within(f"entry {number}", found)
    return None


def _entries(number: int) -> str:
    return "1 entry" if number == 1 else f"{number} entries"


def _words(got: Any, want: str | bytes | None) -> Difference | None:
    if want is None:
        return None if got is None else _instead(got, "None")
    if not isinstance(got, type(want)):
        return _instead(got, "a text")
    return None if got == want else Difference("another text came back than was expected")


def _truth(got: Any, want: bool) -> Difference | None:
    single = isinstance(got, np.ndarray) and got.ndim == 0 and got.dtype.kind == "b"
    if not (single or isinstance(got, bool | np.bool_)):
        return _instead(got, "True or False")
    return None if bool(got) is want else Difference(f"{bool(got)} came back where {want} was expected")


def _arrays(got: Any, want: NDArray[Any], rule: Rule) -> Difference | None:
    array = _as_array(got, want, rule)
    wanted = f"an array of shape {want.shape}" if want.ndim else "a single number"
    if array is None or array.dtype.kind not in _kinds(want):
        return _instead(got, wanted, want.shape, rule.told)
    if array.shape != want.shape:
        if not (rule.loose and _squeezed(array.shape) == _squeezed(want.shape)):
            return _instead(got, wanted, want.shape, rule.told)
        array = array.reshape(want.shape)
    return _numbers(array, want, rule)


def _as_array(got: Any, want: NDArray[Any], rule: Rule) -> NDArray[Any] | None:
    if isinstance(got, np.ndarray):
        return None if array_type(got) and not rule.loose else np.asarray(got)
    if isinstance(got, SCALARS) and (want.ndim == 0 or rule.loose):
        return None if isinstance(got, bool) and want.dtype.kind != "b" else _number(got)
    if rule.loose and isinstance(got, list | tuple):
        try:
            return np.asarray(got)
        except (ValueError, TypeError):
            return None
    return None


def _number(value: Any) -> NDArray[Any]:
    """A number as a 0-d array; an integer beyond 64 bits as the float nearest to it."""
    array = np.asarray(value)
    if array.dtype.kind in NUMERIC or not isinstance(value, int):
        return array
    return np.asarray(float(value) if abs(value) < 2**1000 else np.inf)


def _kinds(want: NDArray[Any]) -> str:
    """The families of dtypes that may stand for the expected one; the width is always free."""
    if want.dtype.kind == "c":
        return "iufc"
    return "biuf" if want.dtype.kind == "b" else "iuf"


def _squeezed(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(length for length in shape if length != 1)


def _numbers(got: NDArray[Any], want: NDArray[Any], rule: Rule) -> Difference | None:
    wide = np.complex128 if "c" in (got.dtype.kind, want.dtype.kind) else np.float64
    one, other = got.astype(wide), want.astype(wide)
    with np.errstate(all="ignore"):
        error = np.abs(one - other)
        bad = ~(error <= rule.atol + rule.rtol * np.abs(other)) | np.isinf(other)  # infinity is within no tolerance
    bad &= ~((one == other) | (np.isnan(one) & np.isnan(other)))
    if not bad.any():
        return None
    return Difference(_pattern(one, other) or _size(error, other, bad))


def _pattern(got: NDArray[Any], want: NDArray[Any]) -> str:
    """Where NaN and infinity stand differently, in words."""
    for name, test in (("NaN", np.isnan), ("infinity", np.isinf)):
        extra, lacking = int((test(got) & ~test(want)).sum()), int((test(want) & ~test(got)).sum())
        place = f" in {extra or lacking} of {got.size} entries" if got.ndim else ""
        if extra:
            return f"{name} came back{place} where it does not belong"
        if lacking:
            return f"{name} was expected{place} and did not come back"
    both = np.isinf(got) & np.isinf(want)
    return "an infinity has the other sign" if (got[both] != want[both]).any() else ""


def _size(error: NDArray[Any], want: NDArray[Any], bad: NDArray[np.bool_]) -> str:
    finite = np.isfinite(error)
    largest, scale = float(error[finite].max()), float(np.abs(want[np.isfinite(want)]).max())
    where = _how_many(int(bad.sum()), bad.size) if bad.ndim else "the number is off"
    if scale == 0.0:
        return where
    of = "the largest expected entry" if bad.size > 1 else "the expected one"
    return f"{where} by {'up to ' if bad.size > 1 else ''}{_share(largest / scale)} {of}"


def _how_many(bad: int, size: int) -> str:
    if size == 1:
        return "the only entry is off"
    return f"{bad} of {size} entries {'is' if bad == 1 else 'are'} off"


def _share(ratio: float) -> str:
    if ratio >= 1.95:
        return f"{ratio:.0f} times" if 9.5 < ratio < 1e4 else f"{ratio:.2g} times"
    if ratio >= 0.095:
        return f"{100 * ratio:.0f} % of"
    return f"{100 * ratio:.2g} % of" if ratio >= 0.001 else f"{ratio:.1e} of"
