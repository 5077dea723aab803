"""The trusted side of one child: requests with time limits, call-backs, and a status decided from outside.

The child may send a value, an exception, a refusal or a call-back request, each only in its turn. Everything else, at
any time, ends it. Nothing that it sends is a verdict.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from autograder.sandbox import clock, messages, wire
from autograder.sandbox.callbacks import CallBacks
from autograder.sandbox.channel import Channel, FatalError
from autograder.sandbox.ending import Ending, cpu_seconds_of, how_it_ended, is_runnable, wait_for_exit
from autograder.sandbox.errors import Frames, Stopped, refusal, student_error
from autograder.sandbox.ledger import Ledger
from autograder.sandbox.limits import Limits
from autograder.sandbox.student import CallReport, Student

MAX_DEPTH = 16
_PATIENCE = 5  # how many times its own limit a call may be prolonged by the grader's functions
_QUIET = frozenset(("look", "has", "names", "kind", "length", "fetch", "keep"))  # these leave the last report alone


@dataclass(frozen=True)
class ErrorInfo:
    """An exception that a cell raised, in plain text."""

    type_name: str
    text: str
    frames: Frames


@dataclass(frozen=True)
class Outcome:
    """How a cell went: "ok", "exception", or the status that ended the child."""

    status: str
    error: ErrorInfo | None = None
    output: str = ""


class Child:
    """One student process.

    Parameters
    ----------
    channel
        The connection.
    pidfd
        A descriptor of the process, safe against reuse of its number.
    reap
        Asks the zygote to end the process and say how it ended.
    limits
        What it may use. `call_seconds` and `cell_seconds` of the child can be lowered while it lives.

    Attributes
    ----------
    status
        "ok" as long as it lives; then what ended it ("ok" after `close`).
    text
        What was seen when it ended, for the instructor.
    last
        What the last call did beside returning.
    functions
        Which names stood for functions when they were looked up, by the type of the object that has them.
    defined
        Names that the cells had defined when it was asked for them.
    """

    def __init__(self, channel: Channel, pidfd: int, reap: Callable[[], Ending], limits: Limits) -> None:
        self.limits = limits
        self.call_seconds, self.cell_seconds = limits.call_seconds, limits.cell_seconds
        self.status, self.text = "ok", ""
        self.frames: Frames = ()
        self.last = CallReport()
        self.student = Student(self)
        self.released: list[int] = []
        self.functions: set[tuple[str, tuple[str, ...]]] = set()
        self.defined: set[str] = set()
        self._channel, self._pidfd, self._reap = channel, pidfd, reap
        self._ending: Ending | None = None
        self._serial = 0
        self._depth = 0
        self._waited = 0.0
        self._caps = wire.Caps(size=limits.value_mb << 20)
        self._callbacks = CallBacks(self, limits.callbacks, limits.memory_mb << 20)
        self._ledger = Ledger()

    @property
    def alive(self) -> bool:
        """Whether it can still be asked anything."""
        return self._ending is None

    @property
    def output(self) -> str:
        """What was printed so far, up to the cap."""
        return self._channel.output.decode("utf-8", "replace")

    @property
    def cpu_seconds(self) -> float:
        """Processor time that it has used."""
        return self._ending.cpu_seconds if self._ending is not None else cpu_seconds_of(self._pidfd)

    def run_cell(self, source: str, name: str, seconds: float | None = None) -> Outcome:
        """Run a cell in the notebook's namespace; an exception in it does not stop later cells.

        Parameters
        ----------
        source
            The cell's text.
        name
            Names it in tracebacks.
        seconds
            A limit of its own, instead of the child's `cell_seconds`.
        """
        if not self.alive:
            return Outcome(self.status)
        source, name = (text.encode("utf-8", "replace").decode() for text in (source, name))  # no half characters
        before = len(self._channel.output)
        status, error = "ok", None
        self.functions.clear()
        self.defined.clear()
        try:
            kind, detail = self._exchange(("exec", name, source), self.cell_seconds if seconds is None else seconds)
            if kind == "exception":
                type_name, text, frames, _ = detail
                error = ErrorInfo(type_name, text, frames)
                status = "memory_limit" if type_name == "MemoryError" else "exception"
        except Stopped as stopped:
            status = stopped.status
            error = ErrorInfo(status, stopped.text, stopped.frames)
        return Outcome(status, error, self._channel.output[before:].decode("utf-8", "replace"))

    def request(self, verb: str, *arguments: Any) -> Any:
        """Make one request and wait for its value.

        Raises
        ------
        StudentError
            What the student's code raised.
        Refused
            If the result cannot be passed on.
        Stopped
            If the child ended, now or earlier.
        """
        kind, detail = self._exchange((verb, *arguments), self.call_seconds)
        if kind == "return":
            return detail
        if kind == "refused":
            raise refusal(*detail)
        type_name, text, frames, built_in = detail
        if type_name == "MemoryError":
            raise self.stop("memory_limit", "out of memory", frames)
        raise student_error(type_name, text, frames, built_in)

    def _exchange(self, request: tuple[Any, ...], seconds: float) -> tuple[str, Any]:
        """Send a request, serve what it asks for, and return the answer's kind and content."""
        if not self.alive:
            raise Stopped(self.status, self.text, self.frames)
        self._serial += 1
        serial = self._serial
        released, self.released = self.released, []
        frame = self._encode((serial, request[0], released, self._ledger.changes(), *request[1:]))
        self._depth += 1
        start, waited = clock.now(), self._waited
        try:
            if self._depth > MAX_DEPTH:
                raise FatalError("too_big", "call-backs nested too deeply")
            self._channel.send(frame, start + seconds)
            kind, detail, report = self._answer(serial, start + seconds, seconds)
            if request[0] not in _QUIET:
                self.last = report
            return kind, detail
        except (FatalError, wire.WireError, messages.MalformedError) as error:
            raise self._fail(error) from None
        except BaseException:
            if self.alive:
                self.close()  # the grader itself was interrupted in the middle of a conversation
            raise
        finally:
            self._depth -= 1
            self._waited = waited + clock.now() - start

    def _answer(self, serial: int, deadline: float, seconds: float) -> tuple[str, Any, CallReport]:
        """Serve call-backs until the answer to this request is there.

        The time that the grader's own functions take is added to the deadline, up to a multiple of `seconds` in all;
        time in which they wait for this child again is not.
        """
        served, patience, extended = 0, _PATIENCE * seconds, False
        while True:
            if not extended and self._was_starved(deadline, seconds):
                deadline, extended = deadline + seconds, True
            message = self._receive(deadline)
            if message[0] == "callback":
                served += 1
                start, waited = clock.now(), self._waited
                if start > deadline:  # its requests may always be there before anybody waits for them
                    raise FatalError("time_limit")
                answer = self._serve(message, served, max(deadline - start, 0.0) + patience)
                self._channel.send(answer, deadline + patience)
                own = min(clock.now() - start - (self._waited - waited), patience)
                deadline, patience = deadline + own, patience - own
                continue
            if type(message[1]) is not int or message[1] != serial:  # an array would compare to an array
                raise FatalError("protocol_error", "an answer to another question")
            modified, warned, states, touched = messages.checked(message)
            self._ledger.update(states)
            return message[0], message[2], CallReport(modified, warned, touched)

    def _was_starved(self, deadline: float, seconds: float) -> bool:
        """Wait for the next message; whether its time is up because a busy machine gave the process too little of it.

        Processor time is the judge, not the clock: who could compute for less than half of the time, and wants to,
        gets it once more.
        """
        if self._channel.waits_until(deadline - seconds / 2):
            return False
        used = cpu_seconds_of(self._pidfd)
        if self._channel.waits_until(deadline):
            return False
        return is_runnable(self._pidfd) and cpu_seconds_of(self._pidfd) - used < seconds / 4

    def _serve(self, message: tuple[Any, ...], count: int, seconds: float) -> bytes:
        request = messages.callback(message)
        self._ledger.update(message[1])
        kind, *detail = self._callbacks.serve(request, count, seconds)
        try:
            return self._encode((kind, self._ledger.changes(), *detail))
        except (wire.UnsendableError, TypeError) as error:
            return self._encode(("raise", {}, "TypeError", str(error)))

    def _encode(self, message: tuple[Any, ...]) -> bytes:
        return wire.encode(message, self._callbacks.refer, self._caps, self._ledger)

    def _receive(self, deadline: float) -> tuple[Any, ...]:
        self._ledger.dismiss()
        message = wire.decode(self._channel.receive(deadline), self._callbacks.resolve, self._caps, self._ledger)
        if type(message) is not tuple or len(message) < 3 or type(message[0]) is not str:
            raise messages.MalformedError("a message of the wrong form")
        return message

    def _fail(self, error: Exception) -> Stopped:
        status = error.status if isinstance(error, FatalError) else "protocol_error"
        text = str(error)
        frames: Frames = ()
        if status == "time_limit":
            with suppress(OSError):
                signal.pidfd_send_signal(self._pidfd, signal.SIGUSR1)
            frames = self._channel.last_words(0.05)
        elif status == "ended":
            frames = self._channel.last_words(0.0)
        return self.stop(status, text, frames)

    def stop(self, status: str, text: str, frames: Frames = ()) -> Stopped:
        """End the child for a reason; returns the exception that says so."""
        if status == "ended":
            status, text = how_it_ended(self._end(wait=0.5), self.limits)
        else:
            self._end()
        self.status, self.text, self.frames = status, text, frames
        return Stopped(status, text, frames)

    def close(self) -> None:
        """End the child and release everything that belongs to it."""
        self._end()

    def _end(self, wait: float = 0.0) -> Ending:
        if self._ending is not None:
            return self._ending
        ended_itself = wait_for_exit(self._pidfd, wait)
        if not ended_itself:
            with suppress(OSError):
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        self._channel.close()
        self._ending = Ending(None, 0.0)
        try:
            self._ending = self._reap()
        finally:
            os.close(self._pidfd)
        return self._ending if ended_itself else Ending(None, self._ending.cpu_seconds)
