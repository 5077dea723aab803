"""What a hidden test may do with an object of the student's beside calling it; the same on the reference's own objects.

Each verb is one bounded request. Handles are passed by reference, everything else is used as it is, so that one test
runs against the student's process and against the reference in the grader's.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder.sandbox.arrays import Tagged
from autograder.sandbox.errors import Refused
from autograder.sandbox.student import Handle
from autograder.sandbox.wire import same_form

BLOCK = 50  # calls that may take as long together as one; slow answers are right answers too


def take(iterator: Any, n: int) -> list[Any]:
    """The first (or next) n items of something that can be iterated over; fewer if it ends."""
    if isinstance(iterator, Handle):
        found = iterator._child.request("take", iterator, n)
        return found if isinstance(found, list) else []
    return list(itertools.islice(iter(iterator), n))


def item(obj: Any, key: Any) -> Any:
    """`obj[key]`."""
    return obj._child.request("getitem", obj, key) if isinstance(obj, Handle) else obj[key]


def held_call(function: Any, *args: Any) -> Any:
    """Call a function and leave what comes back where it is, as it is: a class of the student's own stays what it was.

    On the way through the wire a named tuple becomes a plain one.
    """
    if isinstance(function, Handle):
        return function._child.request("hold", "call", function, args, {})
    return function(*args)


def held_item(obj: Any, key: Any) -> Any:
    """`obj[key]`, left where it is."""
    return obj._child.request("hold", "getitem", obj, key) if isinstance(obj, Handle) else obj[key]


def set_item(obj: Any, key: Any, value: Any) -> None:
    """`obj[key] = value`."""
    if isinstance(obj, Handle):
        obj._child.request("setitem", obj, key, value)
    else:
        obj[key] = value


def set_attr(obj: Any, name: str, value: Any) -> None:
    """`obj.name = value`."""
    if isinstance(obj, Handle):
        obj._child.request("setattr", obj, name, value)
    else:
        setattr(obj, name, value)


def operate(name: str, *operands: Any) -> Any:
    """Apply an operator by its name in the `operator` module; "radd" puts the operands of "add" the other way round.

    Parameters
    ----------
    name
        Such as "add", "matmul", "neg", "eq", "contains"; with an "r" before it for the reflected one.
    operands
        One or two, in the order of the name: `operate("radd", value, 2.0)` is `2.0 + value`.
    """
    for operand in operands:
        if isinstance(operand, Handle):
            return operand._child.request("operate", name, *operands)
    if not hasattr(operator, name) and name.startswith("r"):
        name, operands = name[1:], operands[::-1]
    return getattr(operator, name)(*operands)


def accumulate(function: Any, start: Any, items: list[Any]) -> list[Any]:
    """The states after each item, `state = function(state, item)` from `start` on: one journey for a whole path.

    Each call gets a fresh copy of the state before. A state of another type, or a dict with other keys, is the last.
    """
    if isinstance(function, Handle):
        states = function._child.request("accumulate", function, start, items)
        if not isinstance(states, list) or not _complete(states, start, len(items)):
            raise function._child.stop("protocol_error", "a path of the wrong length")
        return states
    return list(itertools.accumulate(items, function, initial=start))[1:]


def repeat(function: Any, number: int, *args: Any, most: int = 0) -> list[Any]:
    """What the same call gives, time after time: one journey for up to `BLOCK` of them.

    Parameters
    ----------
    function, number, args
        What to call, how often, with which arguments: fresh ones each time, but a generator goes on from call to call.
    most
        Of an iterator that comes back, so many items are taken.
    """
    if not isinstance(function, Handle):
        return [_taken(function(*args), most) for _ in range(number)]
    found: list[Any] = []
    generators = [each.bit_generator for each in args if isinstance(each, np.random.Generator)]
    while len(found) < number:
        block = min(BLOCK, number - len(found))
        states = [each.state for each in generators]
        try:
            answers = function._child.request("repeat", function, block, args, most)
        except Refused:  # it returns what is no value; each answer then comes by itself
            for each, state in zip(generators, states, strict=True):
                each.state = state
            return [*found, *(function(*args) for _ in range(number - len(found)))]
        if not isinstance(answers, list) or len(answers) != block:
            raise function._child.stop("protocol_error", "not as many answers as questions")
        found += answers
    return found


def _taken(answer: Any, most: int) -> Any:
    return list(itertools.islice(answer, most)) if isinstance(answer, Iterator) else answer


def _complete(states: list[Any], start: Any, number: int) -> bool:
    """Whether all states are there, or those up to one of another form: nothing passes by saying less."""
    return len(states) == number or (0 < len(states) < number and not same_form(states[-1], start))


def length(obj: Any) -> int:
    """`len(obj)`."""
    if isinstance(obj, Handle):
        found = obj._child.request("length", obj)
        return found if isinstance(found, int) else 0
    return len(obj)


def kind(obj: Any) -> str:
    """The name of an object's type; for an array of a subclass, the subclass's."""
    if isinstance(obj, Handle):
        return str(obj._child.request("kind", obj))
    return obj.student_type if isinstance(obj, Tagged) else type(obj).__name__


def value(obj: Any) -> Any:
    """A copy of what a handle stands for, as a value; anything else as it is.

    Raises
    ------
    Refused
        If it is no value.
    """
    return obj._child.request("fetch", obj) if isinstance(obj, Handle) else obj
