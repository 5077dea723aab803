"""Lend an object of the grader to code under test, in the student's process or, as the reference's, in this one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograder.sandbox import Exposed


class Lent(Exposed):
    """An exposed object that offers the same methods and attributes here as it does on the other side."""

    def __getattr__(self, name: str) -> Any:
        """A declared method or attribute; nothing else of the object is there."""
        offered = (*self.__dict__.get("methods", ()), *self.__dict__.get("attributes", ()))  # a copy starts out empty
        if name in offered:
            return getattr(self.object, name)
        raise AttributeError(f"what was lent does not offer {name!r}")


def expose(obj: Any, methods: Sequence[str] = (), attributes: Sequence[str] = ()) -> Lent:
    """Lend an object with some of its methods and attributes; calls of them are counted and served from here.

    Parameters
    ----------
    obj
        The object. If a method returns it, or another object of its type, that is lent in the same way.
    methods : sequence of str
        Names of methods that may be called, special ones such as `__deepcopy__` too.
    attributes : sequence of str
        Names of attributes that may be read.
    """
    return Lent(obj, tuple(methods), tuple(attributes))
