"""The sending half of the codec: a value becomes bytes, or is refused."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from autograder.sandbox import arrays
from autograder.sandbox.caps import Caps, Refer, UnsendableError, plausible
from autograder.sandbox.ledger import Ledger

HEADER = struct.Struct("<Q")
_LARGE = 1 << 14
_COUNT, _LONG, _DOUBLE, _COMPLEX = struct.Struct("<I"), struct.Struct("<q"), struct.Struct("<d"), struct.Struct("<dd")


class Writer:
    def __init__(self, refer: Refer, caps: Caps, ledger: Ledger) -> None:
        self.out = bytearray()
        self.parts: list[Any] = []  # what comes before `out`; large arrays are not copied into it
        self.size = 0
        self.refer, self.caps, self.ledger = refer, caps, ledger
        self.items = 0

    def write(self, value: Any, depth: int) -> None:
        self.items += 1
        if depth > self.caps.depth or self.items > self.caps.items or self.size + len(self.out) > self.caps.size:
            raise UnsendableError("too_big", "the value is nested too deeply or too large")
        kind = type(value)
        write = _WRITERS.get(kind)
        if write is None:
            for base in _BASES:
                if issubclass(kind, base):
                    write = _WRITERS[base]
                    break
            else:
                write = Writer.reference
        write(self, value, depth)

    def none(self, _value: None, _depth: int) -> None:
        self.out += b"N"

    def truth(self, value: bool, _depth: int) -> None:
        self.out += b"T" if value else b"F"

    def whole(self, value: int, _depth: int) -> None:
        value = int.__int__(value)
        if -(1 << 63) <= value < 1 << 63:
            self.out += b"i" + _LONG.pack(value)
        elif value.bit_length() > self.caps.bits:
            raise UnsendableError("too_big", f"an integer of {value.bit_length()} bits")
        else:
            self.chunk(b"I", value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True))

    def real(self, value: float, _depth: int) -> None:
        self.out += b"d" + _DOUBLE.pack(float.__float__(value))

    def complex(self, value: complex, _depth: int) -> None:
        value = complex.__complex__(value)
        self.out += b"c" + _COMPLEX.pack(value.real, value.imag)

    def text(self, value: str, _depth: int) -> None:
        try:
            self.chunk(b"s", str.encode(value))
        except UnicodeEncodeError:
            raise UnsendableError("wrong_type", "text with half a character (a lone surrogate)") from None

    def raw(self, value: bytes, _depth: int) -> None:
        self.chunk(b"b", bytes.__getitem__(value, slice(None)))

    def chunk(self, tag: bytes, data: bytes) -> None:
        if len(data) > self.caps.size:
            raise UnsendableError("too_big", f"a text of {len(data)} bytes")
        self.out += tag + _COUNT.pack(len(data)) + data

    def many(self, value: list[Any], depth: int) -> None:
        self.sequence(b"l", list.__getitem__(value, slice(None)), depth)

    def fixed(self, value: tuple[Any, ...], depth: int) -> None:
        self.sequence(b"t", tuple.__getitem__(value, slice(None)), depth)

    def sequence(self, tag: bytes, value: Any, depth: int) -> None:
        self.out += tag + _COUNT.pack(len(value))
        for item in value:
            self.write(item, depth + 1)

    def mapping(self, value: dict[Any, Any], depth: int) -> None:
        pairs = list(dict.items(value))
        if len(pairs) > self.caps.keys:
            raise UnsendableError("too_big", f"a dict of {len(pairs)} keys")
        self.out += b"D" + _COUNT.pack(len(pairs))
        for key, item in pairs:
            self.write(key, depth + 1)
            self.write(item, depth + 1)

    def array(self, value: arrays.Array, _depth: int) -> None:
        name = b""
        if type(value) is not np.ndarray:
            name = _subclass(type(value))
            value = np.ndarray.view(value, np.ndarray)
        value = arrays.shortened(value)
        code, shape = self.dtype(value.dtype), value.shape
        if value.nbytes > self.caps.size or not plausible(shape, value.itemsize, self.caps):
            raise UnsendableError("too_big", f"an array of shape {shape}")
        order, strides = arrays.layout_of(value)
        if order == arrays.STRIDED and (sum(arrays.span_of(shape, strides)) + 1) * value.itemsize > self.caps.size:
            order, strides = arrays.C_ORDER, ()
        flags = bytes((order, value.flags.writeable, len(shape)))
        numbers = arrays.LONGS[len(shape) + len(strides)].pack(*shape, *strides)
        self.out += b"".join((b"a", code, bytes((len(name),)), name, flags, numbers))
        self.elements(value, "F" if order == arrays.F_ORDER else "C", order == arrays.STRIDED)

    def elements(self, value: arrays.Array, letter: Literal["C", "F"], scattered: bool) -> None:
        if value.nbytes < _LARGE or scattered:
            self.out += value.tobytes(letter)
            return
        self.parts += [self.out, value.reshape(-1, order=letter).view(np.uint8).data]
        self.size += len(self.out) + value.nbytes
        self.out = bytearray()

    def frame(self) -> bytes:
        """All of it, with the length before it."""
        body = (*self.parts, self.out)
        return b"".join((HEADER.pack(sum(map(len, body))), *body))

    def scalar(self, value: np.generic, _depth: int) -> None:
        if value.dtype.char in arrays.LONG_FLOATS:
            with np.errstate(all="ignore"):
                value = np.complex128(value) if value.dtype.kind == "c" else np.float64(value)
        self.out += b"g" + self.dtype(value.dtype)
        self.out += value.tobytes()[: value.dtype.itemsize]  # NumPy gives four bytes for an empty text

    def dtype(self, dtype: np.dtype[Any]) -> bytes:
        code = arrays.code_of(dtype)
        if code is None:
            raise UnsendableError("wrong_type", f"an array or number of dtype {dtype.name[:60]}")
        return code

    def generator(self, value: np.random.Generator, depth: int) -> None:
        state = arrays.state_of(value)
        if state is None:
            raise UnsendableError("wrong_type", "a random generator of an unusual kind")
        self.out += b"G"
        self.write(self.ledger.lend(value), depth + 1)
        self.write(state, depth + 1)

    def reference(self, value: Any, depth: int) -> None:
        referred = self.refer(value)
        self.out += b"r"
        self.write(referred, depth + 1)


_WRITERS: dict[type, Callable[[Writer, Any, int], None]] = {
    type(None): Writer.none,
    bool: Writer.truth,
    int: Writer.whole,
    float: Writer.real,
    complex: Writer.complex,
    str: Writer.text,
    bytes: Writer.raw,
    tuple: Writer.fixed,
    list: Writer.many,
    dict: Writer.mapping,
    np.ndarray: Writer.array,
    np.generic: Writer.scalar,
    np.random.Generator: Writer.generator,
}
# In this order: np.float64 is a float too, and must stay an np.float64.
_BASES = (np.generic, np.ndarray, int, float, complex, str, bytes, tuple, list, dict)


def _subclass(kind: type) -> bytes:
    """The name that an array's subclass is known by; masks would be lost on the way, so these are refused."""
    if kind is arrays.Tagged:
        return b""
    name: str = type.__dict__["__name__"].__get__(kind)
    if issubclass(kind, np.ma.MaskedArray):
        raise UnsendableError("wrong_type", f"an array of type {name[:60]}")
    return name.encode("ascii", "replace")[:60]


def is_value(value: Any) -> bool:
    """Whether this travels by value (if its dtype and size allow), not as a reference."""
    return value is None or issubclass(type(value), (*_BASES, np.random.Generator))
