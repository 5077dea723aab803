"""The codec between grader and student process: values only, no pickle, no class is ever looked up by name.

A frame is eight bytes of length and one encoded value. Each value is a tag byte and its payload; sizes are checked
against the bytes that are there before anything is allocated. What is not a value (a student's object, a grader's
function) travels as a reference: a tuple of plain values that the two sides give a meaning to.
"""

from __future__ import annotations

import struct
from typing import Any

from autograder.sandbox.caps import Caps, Refer, Resolve, UnsendableError, WireError
from autograder.sandbox.ledger import Copies, Ledger
from autograder.sandbox.reader import Reader
from autograder.sandbox.writer import HEADER, Writer, is_value

__all__ = ["HEADER", "Caps", "UnsendableError", "WireError", "copies", "decode", "encode", "is_value"]

COPIES = Copies()


def encode(value: Any, refer: Refer, caps: Caps, ledger: Ledger = COPIES) -> bytes:
    """Make a frame of a value.

    Parameters
    ----------
    value
        What to send.
    refer
        Turns what is not a value into a reference; raises `UnsendableError` if it will not.
    caps
        Limits of size.
    ledger
        Knows the generators that both sides hold; without one, they travel as copies.

    Raises
    ------
    UnsendableError
        If something in it may not travel or is too large.
    """
    writer = Writer(refer, caps, ledger)
    writer.write(value, 0)
    return writer.frame()


def copies(value: Any, caps: Caps) -> tuple[Any, Any]:
    """What would arrive if the value were sent, twice; what is not a value raises `UnsendableError`."""
    body = encode(value, _refuse, caps)[HEADER.size :]
    return decode(body, _refuse, caps), decode(body, _refuse, caps)


def same_form(one: Any, other: Any) -> bool:
    """Whether two values are of one type, and two dicts have the same keys."""
    return type(one) is type(other) and (type(one) is not dict or one.keys() == other.keys())


def _refuse(value: Any) -> Any:
    raise UnsendableError("wrong_type", f"an object of type {type(value).__name__[:100]}, which is not a value")


def decode(body: bytes | bytearray, resolve: Resolve, caps: Caps, ledger: Ledger = COPIES) -> Any:
    """Read the value of a frame (without its header); the parameters mirror those of `encode`.

    Raises
    ------
    WireError
        Whatever is wrong with the bytes.
    """
    reader = Reader(body, resolve, caps, ledger)
    try:
        value = reader.read(0)
    except (struct.error, ValueError, TypeError, OverflowError, IndexError, RecursionError) as error:
        raise WireError(f"{type(error).__name__}: {error}") from error
    if reader.pos != len(body):
        raise WireError("bytes after the value")
    return value
