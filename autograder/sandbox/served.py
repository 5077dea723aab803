"""What each verb of a request does in the student process; its answer is the function's value."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.sandbox import report, stubs, wire

if TYPE_CHECKING:
    from autograder.sandbox.child import Server


def exec_cell(server: Server, name: str, source: str) -> None:
    """Run a cell in the notebook's namespace."""
    code = compile(source, report.remember_source(name, source), "exec", dont_inherit=True)
    exec(code, server.module.__dict__)


def operate(server: Server, name: str, *operands: Any) -> Any:
    """Apply an operator by name; "radd" and the like put the operands the other way round."""
    function = getattr(operator, name, None)
    if function is None and name.startswith("r"):
        function, operands = getattr(operator, name[1:]), operands[::-1]
    return function(*operands)  # type: ignore[misc]


def fetch(server: Server, value: Any) -> Any:
    """A handle's object by value."""
    if wire.is_value(value):
        return value
    raise wire.UnsendableError("wrong_type", f"an object of type {report.type_name(type(value))}, which is not a value")


def accumulate(server: Server, function: Any, state: Any, items: Any) -> list[Any]:
    """The states after each item, every one as fresh as if it had been sent to and fro; one of another form ends it."""
    states, start = [], state
    for item in items:
        kept, state = wire.copies(function(state, item), server.caps)
        states.append(kept)
        if not wire.same_form(kept, start):
            break
    return states


def repeat(server: Server, function: Any, number: int, args: Any, most: int) -> list[Any]:
    """What the same call gives, time after time, as if all had been sent to and fro; generators go on."""

    def anew(value: Any) -> Any:
        return value if isinstance(value, np.random.Generator) else wire.copies(value, server.caps)[0]

    answers = []
    for _ in range(number):
        answer = function(*map(anew, args))
        answers.append(anew(list(itertools.islice(answer, most)) if isinstance(answer, Iterator) else answer))
    return answers


def names(server: Server) -> tuple[str, ...]:
    """The names that the cells have defined."""
    return tuple(name for name in server.module.__dict__ if type(name) is str and not name.startswith("__"))


VERBS: dict[str, Callable[..., Any]] = {
    "exec": exec_cell,
    "call": lambda server, target, args, kwargs: target(*args, **kwargs),
    "look": lambda server, target: target,
    "setattr": lambda server, target, name, value: setattr(target, name, value),
    "getitem": lambda server, target, key: target[key],
    "setitem": lambda server, target, key, value: operator.setitem(target, key, value),
    "take": lambda server, target, count: list(itertools.islice(iter(target), count)),
    "operate": operate,
    "length": lambda server, target: len(target),
    "kind": lambda server, target: report.type_name(type(target)),
    "keep": lambda server, value: stubs.Kept(value),
    "hold": lambda server, verb, *rest: stubs.Kept(VERBS[verb](server, *rest)),
    "fetch": fetch,
    "accumulate": accumulate,
    "repeat": repeat,
    "names": names,
    "has": lambda server, name: name in server.module.__dict__,
}
