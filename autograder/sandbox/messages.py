"""The form of what a child may say, checked field by field before anything is used."""

from __future__ import annotations

from typing import Any

_REFUSALS = ("wrong_type", "too_big")

Notes = tuple[tuple[str, ...], tuple[tuple[str, str], ...], dict[Any, Any], bool]


class MalformedError(Exception):
    """A message that is a value, but not one that the protocol has."""


def checked(message: tuple[Any, ...]) -> Notes:
    """Check an answer: `(kind, serial, detail, modified, warnings, generator states, random touched)`.

    Returns
    -------
    tuple
        The last four.

    Raises
    ------
    MalformedError
        If any field is not what it should be.
    """
    if len(message) != 7:
        raise MalformedError("an answer of the wrong length")
    kind, _, detail, modified, warned, states, touched = message
    well_formed = (
        (kind == "return" or (kind == "exception" and _exception(detail)) or (kind == "refused" and _refusal(detail)))
        and _texts(modified)
        and type(warned) is tuple
        and all(_texts(warning) and len(warning) == 2 for warning in warned)
        and type(states) is dict
        and type(touched) is bool
    )
    if not well_formed:
        raise MalformedError("an answer of the wrong form")
    return modified, warned, states, touched


def callback(message: tuple[Any, ...]) -> tuple[int, str, tuple[Any, ...], dict[str, Any]]:
    """Check a call-back request: `("callback", states, (number, method, args, kwargs))`; returns the last.

    Raises
    ------
    MalformedError
        If it is not that.
    """
    _, states, detail, *rest = message
    if (
        type(states) is not dict
        or rest
        or type(detail) is not tuple
        or tuple(map(type, detail)) != (int, str, tuple, dict)
        or not _texts(tuple(detail[3]))
    ):
        raise MalformedError("a call-back request of the wrong form")
    number, method, args, kwargs = detail
    return number, method, args, kwargs


def _texts(value: Any) -> bool:
    return type(value) is tuple and all(type(each) is str for each in value)


def _exception(detail: Any) -> bool:
    if type(detail) is not tuple or len(detail) != 4:
        return False
    type_name, text, frames, built_in = detail
    return type(type_name) is str and type(text) is str and _frames(frames) and _texts(built_in)


def _frames(frames: Any) -> bool:
    return type(frames) is tuple and all(
        type(frame) is tuple and len(frame) == 2 and type(frame[0]) is str and type(frame[1]) is int for frame in frames
    )


def _refusal(detail: Any) -> bool:
    return type(detail) is tuple and len(detail) == 2 and _texts(detail) and detail[0] in _REFUSALS
