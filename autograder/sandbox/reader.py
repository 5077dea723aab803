"""The receiving half of the codec: bytes become a value, or the reason why they are none."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from autograder.sandbox import arrays
from autograder.sandbox.caps import MAX_DIMS, Caps, Resolve, WireError, plausible
from autograder.sandbox.ledger import Ledger

_FLAGS = struct.Struct("<3B")
_COUNT, _LONG, _DOUBLE, _COMPLEX = struct.Struct("<I"), struct.Struct("<q"), struct.Struct("<d"), struct.Struct("<dd")


class Reader:
    def __init__(self, body: bytes | bytearray, resolve: Resolve, caps: Caps, ledger: Ledger) -> None:
        self.body, self.resolve, self.caps, self.ledger = body, resolve, caps, ledger
        self.pos = self.items = self.keys = 0

    def read(self, depth: int) -> Any:
        """The next value."""
        self.items += 1
        if depth > self.caps.depth + 1 or self.items > self.caps.items:
            raise WireError("nested too deeply or too many items")
        read = _READERS.get(self.body[self.pos])
        if read is None:
            raise WireError(f"unknown tag {self.body[self.pos]}")
        self.pos += 1
        return read(self, depth)

    def take(self, size: int) -> bytes | bytearray:
        """The next bytes as they are."""
        start, self.pos = self.pos, self.pos + size
        if self.pos > len(self.body):
            raise WireError("the frame is too short")
        return self.body[start : self.pos]

    def fixed(self, form: struct.Struct) -> tuple[Any, ...]:
        """The next numbers of a fixed form."""
        start, self.pos = self.pos, self.pos + form.size
        return form.unpack_from(self.body, start)

    def count(self) -> int:
        """How many items or bytes follow."""
        count: int = self.fixed(_COUNT)[0]
        if count > len(self.body) - self.pos:  # every item takes at least one byte
            raise WireError("the frame is too short")
        return count

    def short(self) -> str:
        """A text of at most 255 plain characters."""
        start = self.pos + 1
        self.pos = start + self.body[self.pos]
        if self.pos > len(self.body):
            raise WireError("the frame is too short")
        return self.body[start : self.pos].decode("ascii")

    def sequence(self, depth: int) -> list[Any]:
        return [self.read(depth + 1) for _ in range(self.count())]

    def big(self, _depth: int) -> int:
        data = self.take(self.count())
        if len(data) > self.caps.bits // 8 + 1:
            raise WireError("an integer of too many bits")
        return int.from_bytes(data, "little", signed=True)

    def mapping(self, depth: int) -> dict[Any, Any]:
        count = self.count()
        self.keys += count
        if self.keys > self.caps.keys:
            raise WireError("too many keys")
        return {self.read(depth + 1): self.read(depth + 1) for _ in range(count)}

    def dtype(self) -> np.dtype[Any]:
        dtype = arrays.dtype_of(self.short())
        if dtype is None:
            raise WireError("a dtype that may not travel")
        return dtype

    def array(self, _depth: int) -> arrays.Array:
        dtype, name = self.dtype(), self.short()
        order, writeable, dims = self.fixed(_FLAGS)
        if dims > MAX_DIMS or order > arrays.STRIDED or writeable > 1:
            raise WireError("an array with too many axes or an unknown layout")
        shape = self.fixed(arrays.LONGS[dims])
        strides = self.fixed(arrays.LONGS[dims]) if order == arrays.STRIDED else ()
        if not plausible(shape, dtype.itemsize, self.caps):
            raise WireError("an array of an impossible shape")
        flat = self.elements(dtype, math.prod(shape))
        if order == arrays.STRIDED:
            value = self.strided(flat, shape, strides)
        else:
            letter: Literal["C", "F"] = "F" if order == arrays.F_ORDER else "C"
            value = flat.reshape(shape, order=letter).copy(letter)  # its own memory, as the sender's has
        if name:
            value = arrays.tagged(value, name)
        if not writeable:
            value.flags.writeable = False
        return value

    def elements(self, dtype: np.dtype[Any], count: int) -> arrays.Array:
        """The next elements, seen in the frame itself."""
        size = count * dtype.itemsize
        if size > len(self.body) - self.pos:
            raise WireError("the frame is too short")
        if not size:
            return np.zeros(count, dtype)
        flat = np.frombuffer(self.body, dtype, count, self.pos)
        self.pos += size
        return arrays.canonical(flat) if dtype.kind in "bU" else flat

    def strided(self, flat: arrays.Array, shape: tuple[int, ...], strides: tuple[int, ...]) -> arrays.Array:
        if (sum(arrays.span_of(shape, strides)) + 1) * flat.itemsize > self.caps.size or 0 in shape:
            raise WireError("an array with impossible strides")
        return arrays.strided(flat, shape, strides)

    def scalar(self, _depth: int) -> np.generic:
        scalar: np.generic = self.elements(self.dtype(), 1)[0]
        return scalar

    def generator(self, depth: int) -> np.random.Generator:
        return self.ledger.receive(self.read(depth + 1), self.read(depth + 1))

    def reference(self, depth: int) -> Any:
        referred = self.read(depth + 1)
        if type(referred) is not tuple or not referred:
            raise WireError("a reference that is no tuple")
        return self.resolve(referred)


_READERS: dict[int, Callable[[Reader, int], Any]] = {
    ord("N"): lambda reader, depth: None,
    ord("T"): lambda reader, depth: True,
    ord("F"): lambda reader, depth: False,
    ord("i"): lambda reader, depth: reader.fixed(_LONG)[0],
    ord("I"): Reader.big,
    ord("d"): lambda reader, depth: reader.fixed(_DOUBLE)[0],
    ord("c"): lambda reader, depth: complex(*reader.fixed(_COMPLEX)),
    ord("s"): lambda reader, depth: reader.take(reader.count()).decode(),
    ord("b"): lambda reader, depth: bytes(reader.take(reader.count())),
    ord("t"): lambda reader, depth: tuple(reader.sequence(depth)),
    ord("l"): Reader.sequence,
    ord("D"): Reader.mapping,
    ord("a"): Reader.array,
    ord("g"): Reader.scalar,
    ord("G"): Reader.generator,
    ord("r"): Reader.reference,
}
