"""The server loop of one student process: run cells, make calls, answer in values.

It runs beside student code in the same interpreter, so nothing here is secret and nothing that it says is a verdict:
the other side believes only that *a* value came back. One request is in work at a time. While it is, the only frames
sent are call-back requests and, last, one answer; while a call-back is pending, further requests may come in.

Requests are tuples `(serial, verb, released handles, ...)`; answers are `(kind, serial, ...)`.
"""

from __future__ import annotations

import builtins
import ctypes
import itertools
import mmap
import os
import socket
import sys
import types
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.sandbox import report, stubs, wire
from autograder.sandbox.ledger import Borrower
from autograder.sandbox.limits import NO_MEMORY_EXIT
from autograder.sandbox.served import VERBS

MODULE = "__student__"
_MT19937_BYTES = 4 * 624 + 4
MAX_WARNINGS, MAX_HANDLES, NAMESPACE = 20, 100_000, 0
READY = wire.encode(("ready", 0), lambda value: (), wire.Caps())
_PAIR_BYTES = len(wire.encode((), lambda value: (), wire.Caps()))  # what stands before the two items of a pair
_REQUEST = ord("i")  # a request starts with its serial number, the answer to a call-back with a word
_IMMUTABLE = frozenset((type(None), bool, int, float, complex, str, bytes))


class GoneError(BaseException):
    """The other side has closed the connection: nothing is left to do."""


class Server:
    """Everything that lives as long as the child."""

    def __init__(self, connection: socket.socket, value_bytes: int) -> None:
        self.connection = connection
        self.caps = wire.Caps(size=value_bytes)
        self.module = types.ModuleType(MODULE)
        builtins.display = print  # type: ignore[attr-defined]  # notebooks have it
        sys.modules[MODULE] = sys.modules["__main__"] = self.module
        self.handles: dict[int, Any] = {}
        self.numbers = itertools.count(1)
        self.stubs = stubs.Stubs(self.call_back)
        self.spare: mmap.mmap | None = mmap.mmap(-1, 1 << 20)  # lets the report of a MemoryError be made
        self.ledger = Borrower()
        self.random = _random_state()
        self.unresolved: BaseException | None = None

    def serve(self) -> None:
        """Answer requests until the connection closes."""
        while True:
            self.answer(self.receive())

    def receive(self) -> bytes | bytearray:
        """One frame's body."""
        data = b""
        while len(data) < wire.HEADER.size:
            more = self.connection.recv(1 << 16)
            if not more:
                raise GoneError
            data += more
        (size,) = wire.HEADER.unpack_from(data)
        data = data[wire.HEADER.size :]
        if len(data) == size:
            return data
        whole, place = bytearray(size), len(data)
        whole[:place] = data
        with memoryview(whole) as view:
            while place < size:
                count = self.connection.recv_into(view[place:])
                if not count:
                    raise GoneError
                place += count
        return whole

    def answer(self, body: bytes | bytearray) -> None:
        """Do what one request asks and send one answer, whatever the student's code does."""
        self.unresolved = None
        serial, verb, released, states, *rest = wire.decode(body, self.resolve, self.caps, self.ledger)
        self.ledger.update(states)
        for number in released:
            self.handles.pop(number, None)
        seen: list[tuple[str, str]] = []
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.showwarning = _collector(seen)
            try:
                if self.unresolved is not None:
                    raise self.unresolved
                result, kind = VERBS[verb](self, *rest), "return"
            except GoneError:
                raise
            except wire.UnsendableError as error:
                result, kind = (error.status, str(error)), "refused"
            except BaseException as error:
                result, kind = self.failure(error), "exception"
        changed = self.modified(body, rest) if verb == "call" else ()
        notes = (changed, tuple(seen), self.ledger.changes(), self.random_touched())
        _flush()
        self.send((kind, serial, result, *notes))

    def failure(self, error: BaseException) -> tuple[Any, ...]:
        """Describe an exception; if even that fails for want of memory, end with a status that says so."""
        if issubclass(type(error), MemoryError) and self.spare is not None:
            self.spare.close()
            self.spare = None
        try:
            return report.describe(error)
        except MemoryError:
            os._exit(NO_MEMORY_EXIT)
        except BaseException:
            return report.type_name(type(error)), report.UNPRINTABLE, (), ()

    def modified(self, body: bytes | bytearray, rest: list[Any]) -> tuple[str, ...]:
        """Compare the arguments of a call with a second decoding of what was sent."""
        target, args, kwargs = rest
        if all(type(each) in _IMMUTABLE for each in (*args, *kwargs.values())):
            return ()
        try:
            if body.endswith(wire.encode((args, kwargs), self.stubs.reference, self.caps, self.ledger)[_PAIR_BYTES:]):
                return ()
        except BaseException:  # a handle among the arguments, or a value that is not even sendable any more
            pass
        try:
            *_, sent_args, sent_kwargs = wire.decode(body, lambda reference: report.OPAQUE, self.caps)
            return report.modified(target, args, kwargs, (sent_args, sent_kwargs))
        except BaseException:
            return ()

    def send(self, answer: tuple[Any, ...]) -> None:
        """Send an answer; a value that may not travel becomes a refusal."""
        try:
            frame = wire.encode(answer, self.refer, self.caps, self.ledger)
        except MemoryError:
            os._exit(NO_MEMORY_EXIT)
        except BaseException as error:
            status = error.status if type(error) is wire.UnsendableError else "wrong_type"
            refusal = ("refused", answer[1], (status, report.message_of(error)), *answer[3:])
            frame = wire.encode(refusal, self.refer, self.caps, self.ledger)
        self.connection.sendall(frame)

    def call_back(self, number: int, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Ask the other side to call one of its functions, and answer its requests until the result is there."""
        request = ("callback", self.ledger.changes(), (number, method, args, kwargs))
        try:
            with self.ledger.asking():
                frame = wire.encode(request, self.refer, self.caps, self.ledger)
        except wire.UnsendableError as error:
            raise TypeError(f"this cannot be passed to the function: {error}") from None
        self.connection.sendall(frame)
        while True:
            body = self.receive()
            if body[_PAIR_BYTES - wire.HEADER.size] == _REQUEST:
                self.answer(body)
                continue
            kind, states, *rest = wire.decode(body, self.resolve, self.caps, self.ledger)
            self.ledger.update(states)
            if kind == "raise":
                raise stubs.exception(*rest)
            return rest[0]

    def refer(self, value: Any) -> tuple[Any, ...]:
        """Keep an object that is not a value and name it by a number."""
        if type(value) is stubs.Kept:
            value = value.value
        own = self.stubs.number_of(value)
        if own is not None:
            return ("own", own)
        if len(self.handles) >= MAX_HANDLES:
            raise wire.UnsendableError("too_big", "too many objects at once")
        number = next(self.numbers)
        self.handles[number] = value
        return ("handle", number, report.type_name(type(value)), callable(value))

    def resolve(self, reference: tuple[Any, ...]) -> Any:
        """What a reference of the other side stands for."""
        if reference[0] == "handle":
            try:
                return self.follow(reference[1], reference[2])
            except BaseException as error:  # a property of the student's; reported as the call's own exception
                self.unresolved = error
                return None
        return self.stubs.make(reference)

    def follow(self, root: int, names: tuple[str, ...]) -> Any:
        """A handle's object, or an attribute of it by way of these names."""
        if root != NAMESPACE:
            found = self.handles[root]
        elif not names:
            return self.module
        else:
            if names[0] not in self.module.__dict__:
                raise AttributeError(f"the notebook defines no {names[0]!r}")
            found, names = self.module.__dict__[names[0]], names[1:]
        for name in names:
            found = getattr(found, name)
        return found

    def random_touched(self) -> bool:
        """Whether the global random state has changed since the last answer."""
        before = self.random
        try:
            self.random = _random_state()
        except Exception:  # the student's code has put something else in its place
            return True
        return before != self.random


def _random_state() -> tuple[int, bytes]:
    """The state of `np.random`'s global generator, read from memory: asking for it properly costs 40 microseconds."""
    address: int = np.random.mtrand._rand._bit_generator.ctypes.state_address
    return address, ctypes.string_at(address, _MT19937_BYTES)


def _collector(seen: list[tuple[str, str]]) -> Callable[..., None]:
    """A `warnings.showwarning` that keeps the first few warnings of one request."""

    def show(message: Warning | str, category: type[Warning], *_where: object) -> None:
        if len(seen) < MAX_WARNINGS:
            seen.append((report.type_name(category), report.message_of(message)))

    return show


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:
            continue
