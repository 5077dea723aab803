"""How large a value on the wire may be, and what is said about one that is too large or no value."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

MAX_DIMS = 32

Refer = Callable[[Any], tuple[Any, ...]]
Resolve = Callable[[tuple[Any, ...]], Any]


@dataclass(frozen=True)
class Caps:
    """How large a value may be. `keys` bounds what colliding hashes can cost; `bits` keeps integers printable."""

    size: int = 64 << 20
    depth: int = 32
    items: int = 500_000
    keys: int = 20_000
    bits: int = 14_000


class WireError(Exception):
    """The bytes are not a value."""


class UnsendableError(Exception):
    """A value cannot be sent; `status` is "wrong_type" or "too_big"."""

    def __init__(self, status: str, text: str) -> None:
        super().__init__(text)
        self.status = status


def plausible(shape: Sequence[int], itemsize: int, caps: Caps) -> bool:
    """Whether a later sum over an axis of this array stays small too, whatever sizes stand beside a zero."""
    if len(shape) > MAX_DIMS or min(shape, default=0) < 0:
        return False
    return math.prod(filter(None, shape)) * (itemsize or 1) <= caps.size
