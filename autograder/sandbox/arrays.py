"""NumPy values on the wire: dtypes that may travel, layouts that survive the journey, generators by their state."""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.sandbox.caps import MAX_DIMS

C_ORDER, F_ORDER, STRIDED = 0, 1, 2
LONGS = tuple(struct.Struct(f"<{count}q") for count in range(2 * MAX_DIMS + 1))

Array = NDArray[Any]

# Everything else (object, structured, void) is refused: it holds pointers or padding. A long double is sent shortened.
_DTYPE = re.compile(
    r"[<>|](b1|[iu][1248]|f[248]|c(8|16)|[US][0-9]{1,6}|[mM]8(\[[0-9]{0,6}(Y|M|W|D|h|m|s|ms|us|ns|ps|fs|as)\])?)"
)
_BIT_GENERATORS: dict[str, Any] = {
    "PCG64": np.random.PCG64,
    "Philox": np.random.Philox,
    "SFC64": np.random.SFC64,
    "MT19937": np.random.MT19937,
}
_PHILOX_BUFFER, _MT_WORDS = 4, 624


class Tagged(np.ndarray[Any, np.dtype[Any]]):
    """An array that was of a subclass in the child; only the subclass's name travels, never its behaviour.

    Attributes
    ----------
    student_type
        The name, such as "matrix", for a message.
    """

    student_type: str = "ndarray"

    def __array_finalize__(self, other: object) -> None:
        """Carry the name into views."""
        self.student_type = getattr(other, "student_type", "ndarray")


def tagged(array: Array, name: str) -> Tagged:
    """The array as one that was of a subclass of this name."""
    view = array.view(Tagged)
    view.student_type = name
    return view


@lru_cache(maxsize=256)
def dtype_of(text: str) -> np.dtype[Any] | None:
    """The dtype that a code such as "<f8" names, or None if it may not travel."""
    if not _DTYPE.fullmatch(text):
        return None
    try:
        return np.dtype(text)
    except TypeError:
        return None


@lru_cache(maxsize=256)
def code_of(dtype: np.dtype[Any]) -> bytes | None:
    """A dtype's code with its length before it, or None if values of it may not be sent."""
    return None if dtype_of(dtype.str) is None else bytes((len(dtype.str),)) + dtype.str.encode()


LONG_FLOATS = "gG"  # long double and its complex twin: other machines have another one, or none


def shortened(array: Array) -> Array:
    """Long doubles in double precision, which is all that travels; other arrays as they are."""
    if array.dtype.char not in LONG_FLOATS:
        return array
    with np.errstate(all="ignore"):
        return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


def layout_of(array: Array) -> tuple[int, tuple[int, ...]]:
    """How an array lies in memory: in C order, in Fortran order, or with these strides (in elements).

    A broadcast or overlapping array keeps its strides too, so that the receiver sees what the sender had. Strides
    that are no multiple of the element size (a field of a structured array) cannot be kept and become C order.
    """
    if array.flags.c_contiguous:
        return C_ORDER, ()
    if array.flags.f_contiguous:
        return F_ORDER, ()
    if array.size == 0 or any(step % array.itemsize for step in array.strides):
        return C_ORDER, ()
    return STRIDED, tuple(step // array.itemsize for step in array.strides)


def span_of(shape: Sequence[int], strides: Sequence[int]) -> tuple[int, int]:
    """How many elements lie before and after the first one in memory."""
    ends = [(size - 1) * step for size, step in zip(shape, strides, strict=True)]
    return -sum(end for end in ends if end < 0), sum(end for end in ends if end > 0)


def strided(flat: Array, shape: Sequence[int], strides: Sequence[int]) -> Array:
    """Lay out elements given in C order with these strides, zeros in the gaps."""
    before, after = span_of(shape, strides)
    room = np.zeros(before + after + 1, dtype=flat.dtype)
    steps = [step * flat.itemsize for step in strides]
    view: Array = np.lib.stride_tricks.as_strided(room[before:], tuple(shape), steps)
    view[...] = flat.reshape(tuple(shape))
    return view


def canonical(array: Array) -> Array:
    """Make foreign bytes mean what the dtype says: truth values are 0 or 1, text holds characters only.

    Raises
    ------
    ValueError
        If text holds a number that is no character.
    """
    if array.dtype.kind == "b":
        return np.asarray(array.view(np.uint8) != 0)
    if array.dtype.kind == "U" and array.size and array.dtype.itemsize:
        codes = np.ascontiguousarray(array).reshape(-1).view(array.dtype.byteorder + "u4")
        if (codes > 0x10FFFF).any() or ((codes >= 0xD800) & (codes < 0xE000)).any():
            raise ValueError("text with a number that is no character")
    return array


def state_of(generator: np.random.Generator) -> dict[str, Any] | None:
    """The state of a generator as plain values, or None if its bit generator may not travel."""
    bits = generator.bit_generator
    if _BIT_GENERATORS.get(type(bits).__name__) is not type(bits):
        return None
    return dict(bits.state)


def checked_state(state: Any) -> dict[str, Any]:
    """Check every field of a foreign state: NumPy reads a position beyond the buffer without looking.

    Raises
    ------
    ValueError
        If it is not the state of a known bit generator.
    """
    try:
        name, inner = state["bit_generator"], state["state"]
        if name not in _BIT_GENERATORS or not isinstance(inner, dict):
            raise ValueError("an unknown bit generator")
        clean: dict[str, Any] = {"bit_generator": name, "state": _inner_state(name, inner)}
        if name != "MT19937":
            clean["has_uint32"] = _whole(state["has_uint32"], 2)
            clean["uinteger"] = _whole(state["uinteger"], 1 << 32)
        if name == "Philox":
            clean["buffer"] = _words(state["buffer"], _PHILOX_BUFFER, np.uint64)
            clean["buffer_pos"] = _whole(state["buffer_pos"], _PHILOX_BUFFER + 1)
    except (KeyError, TypeError) as error:
        raise ValueError("not the state of a generator") from error
    return clean


def _inner_state(name: str, inner: Mapping[str, Any]) -> dict[str, Any]:
    if name == "PCG64":
        return {key: _whole(inner[key], 1 << 128) for key in ("state", "inc")}
    if name == "SFC64":
        return {"state": _words(inner["state"], 4, np.uint64)}
    if name == "Philox":
        return {"counter": _words(inner["counter"], 4, np.uint64), "key": _words(inner["key"], 2, np.uint64)}
    return {"key": _words(inner["key"], _MT_WORDS, np.uint32), "pos": _whole(inner["pos"], _MT_WORDS + 1)}


def _whole(value: Any, below: int) -> int:
    if type(value) is not int or not 0 <= value < below:
        raise ValueError("a generator's number out of range")
    return value


def _words(value: Any, count: int, dtype: type[np.generic]) -> Array:
    if type(value) is not np.ndarray or value.shape != (count,) or value.dtype != dtype:
        raise ValueError("a generator's words of another size")
    return value


def generator_from(state: Any) -> np.random.Generator:
    """A generator in a given state.

    Raises
    ------
    ValueError
        If the state is not one.
    """
    clean = checked_state(state)
    # What `spawn` makes of a generator hangs on its seed, which does not travel: let other states have other ones.
    words = (value.tobytes() if isinstance(value, np.ndarray) else b"%d," % value for value in clean["state"].values())
    seed = int.from_bytes(blake2b(b"".join(words), digest_size=16).digest(), "little")
    bits = _BIT_GENERATORS[clean["bit_generator"]](seed)
    bits.state = clean
    return np.random.Generator(bits)


def set_state(generator: np.random.Generator, state: Any) -> None:
    """Put an existing generator into a foreign state of its own kind.

    Raises
    ------
    ValueError
        If the state is not one, or of another bit generator.
    """
    clean = checked_state(state)
    if clean["bit_generator"] != type(generator.bit_generator).__name__:
        raise ValueError("the state of another bit generator")
    generator.bit_generator.state = clean
