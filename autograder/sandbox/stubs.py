"""Stand-ins in the student process for functions and objects of the grader: all they hold is a number."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

CallBack = Callable[[int, str, tuple[Any, ...], dict[str, Any]], Any]
_COPIES = ("__copy__", "__deepcopy__")


class Kept:
    """Wraps a value that is to stay in the child and be named by a handle, not sent."""

    def __init__(self, value: Any) -> None:
        self.value = value


class Stubs:
    """Makes stand-ins and remembers them, so that the same thing sent twice is the same object twice."""

    def __init__(self, call_back: CallBack) -> None:
        self._call_back = call_back
        self._by_number: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self._references: dict[int, tuple[Any, ...]] = {}
        self._classes: dict[tuple[Any, ...], type] = {}

    def make(self, reference: tuple[Any, ...]) -> Any:
        """The stand-in for `("function", number, name)` or `("object", number, type, methods, attributes)`."""
        kind, number, *rest = reference
        if number not in self._by_number:
            made = self._function(number, *rest) if kind == "function" else self._object(number, *rest)
            self._by_number[number] = made
            self._numbers[id(made)] = number
            self._references[number] = reference
        return self._by_number[number]

    def number_of(self, value: Any) -> int | None:
        """The number behind a stand-in; None for any other object."""
        return self._numbers.get(id(value))

    def reference(self, value: Any) -> tuple[Any, ...]:
        """The reference that a stand-in was made for; KeyError for any other object."""
        return self._references[self._numbers[id(value)]]

    def _function(self, number: int, name: str) -> Callable[..., Any]:
        call_back = self._call_back

        def function(*args: Any, **kwargs: Any) -> Any:
            return call_back(number, "__call__", args, kwargs)

        function.__name__ = function.__qualname__ = name
        return function

    def _object(self, number: int, type_name: str, methods: tuple[str, ...], attributes: tuple[str, ...]) -> Any:
        key = (type_name, methods, attributes)
        if key not in self._classes:
            members: dict[str, Any] = {name: _method(self._call_back, name) for name in methods}
            members |= {name: _attribute(self._call_back, name) for name in attributes}
            self._classes[key] = type(type_name, (), members)
        made = self._classes[key]()
        object.__setattr__(made, "_number", number)
        return made


def _method(call_back: CallBack, name: str) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if name in _COPIES:  # the memo of a deep copy means nothing on the other side
            args = ()
        return call_back(self._number, name, args, kwargs)

    method.__name__ = method.__qualname__ = name
    return method


def _attribute(call_back: CallBack, name: str) -> property:
    return property(lambda self: call_back(self._number, "__getattribute__", (name,), {}))


def exception(type_name: str, text: str) -> Exception:
    """The built-in exception of this name, or a RuntimeError."""
    kind = getattr(builtins, type_name, RuntimeError)
    if not (isinstance(kind, type) and issubclass(kind, Exception)):
        kind = RuntimeError
    return kind(text)
