"""The grader's functions and objects as the student's code may use them: by number, counted, on declared names only."""

from __future__ import annotations

import copy
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from autograder.sandbox import wire
from autograder.sandbox.bounds import bounded
from autograder.sandbox.channel import FatalError
from autograder.sandbox.confine.rlimits import address_space
from autograder.sandbox.errors import StudentError
from autograder.sandbox.student import Exposed, Handle

_COPIES: dict[str, Callable[[Any], Any]] = {"__copy__": copy.copy, "__deepcopy__": copy.deepcopy}

if TYPE_CHECKING:
    from autograder.sandbox.client import Child


class CallBacks:
    """What has been passed to one child, and how its requests are served.

    Parameters
    ----------
    child
        Handles that come with a request belong to it.
    most
        How many requests one call may make.
    memory_bytes
        What serving one request may take beyond what the grader has now.
    """

    def __init__(self, child: Child, most: int, memory_bytes: int) -> None:
        self._child = child
        self._most = most
        self._address_bytes = address_space() + memory_bytes
        self._lent: list[Exposed] = []
        self._numbers: dict[tuple[int, tuple[str, ...]], int] = {}

    def refer(self, value: Any) -> tuple[Any, ...]:
        """The reference that stands for a handle, a function or an exposed object; refuses everything else."""
        if isinstance(value, Handle):
            if value._child is not self._child:
                raise TypeError(f"{value!r} belongs to another student process. Make it anew in this one.")
            return ("handle", value._root, value._names)
        if isinstance(value, Exposed):
            number = self._number(value)
            return ("object", number, type(value.object).__name__, value.methods, value.attributes)
        if callable(value):
            number = self._number(Exposed(value, ("__call__",), ()))
            return ("function", number, getattr(value, "__name__", "function"))
        raise TypeError(f"a {type(value).__name__} cannot be passed to student code. Use values, or expose(...).")

    def _number(self, exposed: Exposed) -> int:
        key = (id(exposed.object), (*exposed.methods, "", *exposed.attributes))
        if key not in self._numbers:
            self._numbers[key] = len(self._lent)
            self._lent.append(exposed)  # keeps it alive, so that its id stays its own
        return self._numbers[key]

    def resolve(self, reference: tuple[Any, ...]) -> Any:
        """What a reference from the child stands for: a handle of its object, or our own object come back."""
        if reference[0] == "handle" and tuple(map(type, reference)) == (str, int, str, bool):
            return Handle(self._child, reference[1], (), reference[2], reference[3])
        if reference[0] == "own" and tuple(map(type, reference)) == (str, int):
            exposed = self._exposed(reference[1])
            return exposed.object
        raise wire.WireError("a reference of an unknown kind")

    def _exposed(self, number: int) -> Exposed:
        if not 0 <= number < len(self._lent):
            raise wire.WireError("a reference to something that was never passed")
        return self._lent[number]

    def serve(
        self, request: tuple[int, str, tuple[Any, ...], dict[str, Any]], count: int, seconds: float
    ) -> tuple[Any, ...]:
        """Do what a call-back request asks: `("result", value)` or `("raise", type name, text)`.

        Of an exception only its type's name goes back: its text could hold what a student must not see.

        Raises
        ------
        FatalError
            If there were too many, the request is not one that was offered, or it takes longer than these seconds.
        """
        number, method, args, kwargs = request
        if count > self._most:
            raise FatalError("too_big", f"more than {self._most} uses of what was passed to it")
        exposed = self._exposed(number)
        try:
            with bounded(seconds, self._address_bytes):
                return "result", self._wrapped(self._perform(exposed, method, args, kwargs), exposed)
        except StudentError as error:
            return "raise", error.type_name, error.text
        except FatalError:
            raise
        except Exception as error:
            return "raise", type(error).__name__, f"raised by {exposed_name(exposed)}"

    def _perform(self, exposed: Exposed, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if method == "__getattribute__":
            if kwargs or len(args) != 1 or args[0] not in exposed.attributes:
                raise FatalError("protocol_error", "an attribute that was not offered")
            return getattr(exposed.object, args[0])
        if method not in exposed.methods:
            raise FatalError("protocol_error", "a method that was not offered")
        if method == "__call__":
            return exposed.object(*args, **kwargs)
        if method in _COPIES:
            return _COPIES[method](exposed.object)
        return operator.methodcaller(method, *args, **kwargs)(exposed.object)

    def _wrapped(self, result: Any, exposed: Exposed) -> Any:
        """A method that returns its object (`fit`), or a copy of it, passes that on as the same kind of thing."""
        if type(result) is type(exposed.object) and not wire.is_value(result) and exposed.methods != ("__call__",):
            return Exposed(result, exposed.methods, exposed.attributes)
        return result


def exposed_name(exposed: Exposed) -> str:
    """What to call an object in a message to the student's code."""
    return str(getattr(exposed.object, "__name__", type(exposed.object).__name__))
