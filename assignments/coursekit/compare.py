"""Say in words how a value differs from the expected one. Used by the visible checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

MOST_CHARACTERS = 300


def differences(got: Any, want: Any, rtol: float, atol: float, where: str = "") -> list[str]:
    """Lines that tell how `got` differs from `want`; none if it does not.

    Parameters
    ----------
    got, want : number, array, text, or a dict, list or tuple of these
        A list of numbers is taken for an array where an array is wanted.
    rtol, atol : float
        Allowed error of each number: `atol + rtol * abs(want)`.
    where : str
        How to get at these two values inside a larger one, such as `['w']`.
    """
    if got is None and want is not None:
        return [f"got{_at(where)} None. Is there a `return`?"]
    if isinstance(want, Mapping):
        return _of_mappings(got, want, rtol, atol, where)
    if isinstance(want, list | tuple) and not _numeric(want):
        return _of_sequences(got, want, rtol, atol, where)
    if isinstance(want, str | bool) or want is None:
        return [] if type(got) is type(want) and got == want else _both(got, want, where)
    return _of_arrays(got, want, rtol, atol, where)


def describe(value: Any) -> str:
    """A value on one line, with shape and dtype if it is an array."""
    if isinstance(value, np.ndarray):
        text = np.array2string(value, precision=6, threshold=20, max_line_width=200)
        return f"{_short(text)}   shape {value.shape}, {value.dtype}"
    if isinstance(value, float | np.floating):
        return f"{value:.8g}"
    return _short(repr(value))


def _of_mappings(got: Any, want: Mapping[Any, Any], rtol: float, atol: float, where: str) -> list[str]:
    if not isinstance(got, Mapping):
        return [f"expected{_at(where)} a dict with keys {sorted(want)}", f"got      {describe(got)}"]
    if set(got) != set(want):
        return [f"expected{_at(where)} the keys {sorted(want)}", f"got      the keys {sorted(got, key=str)}"]
    return _first(differences(got[key], want[key], rtol, atol, f"{where}[{key!r}]") for key in want)


def _of_sequences(got: Any, want: Sequence[Any], rtol: float, atol: float, where: str) -> list[str]:
    if not isinstance(got, list | tuple):
        return [f"expected{_at(where)} {len(want)} values", f"got      {describe(got)}"]
    if len(got) != len(want):
        return [f"expected{_at(where)} {len(want)} values", f"got      {len(got)} values"]
    return _first(differences(got[i], want[i], rtol, atol, f"{where}[{i}]") for i in range(len(want)))


def _of_arrays(got: Any, want: Any, rtol: float, atol: float, where: str) -> list[str]:
    want_array = np.asarray(want)
    try:
        got_array = np.asarray(got)
    except ValueError:  # rows of unequal length
        return _both(got, want_array, where)
    if got_array.dtype.kind not in "biufc" or got_array.shape != want_array.shape:
        return _both(got, want_array if want_array.ndim else want, where)
    with np.errstate(invalid="ignore"):
        bad = ~np.isclose(got_array, want_array, rtol=rtol, atol=atol, equal_nan=True)
    if not bad.any():
        return []
    lines = _both(got, want_array if want_array.ndim else want, where)
    if want_array.ndim:
        first = tuple(int(i) for i in np.argwhere(bad)[0])
        lines.append(f"{int(bad.sum())} of {bad.size} entries differ, the first at index {list(first)}")
    return lines


def _both(got: Any, want: Any, where: str) -> list[str]:
    if where:
        return [f"at {where}", *_both(got, want, "")]
    return [f"expected {describe(want)}", f"got      {describe(got)}"]


def _numeric(values: Sequence[Any]) -> bool:
    try:
        return np.asarray(values).dtype.kind in "biufc"
    except ValueError:
        return False


def _first(found: Any) -> list[str]:
    return next((lines for lines in found if lines), [])


def _at(where: str) -> str:
    return f" at {where}" if where else ""


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - 4] + " ..."
