"""A student process that says anything at any time: the grader gets a value or an error, and never hangs."""

from __future__ import annotations

import os
import resource
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from hypothesis import event, example, given
from hypothesis import strategies as st

from autograder.sandbox import Child, Limits, Refused, Stopped, StudentError, expose, wire
from autograder.sandbox.channel import Channel
from autograder.sandbox.ending import Ending
from autograder.tests.fuzzing import FUZZ
from autograder.tests.test_wire import VALUES

pytestmark = pytest.mark.fuzz
LIMITS = Limits(call_seconds=0.04, cell_seconds=0.04, callbacks=20, value_mb=1)
FRAME_BYTES = 2 << 20
FIRST = 1  # serial number of the first request

NOTES: st.SearchStrategy[Any] = st.just(((), (), {}, False)) | st.tuples(VALUES, VALUES, VALUES, VALUES)
DETAILS = (
    VALUES
    | st.tuples(st.sampled_from(["ValueError", "KeyboardInterrupt", ""]), st.text(max_size=9), st.just(()), st.just(()))
    | st.tuples(st.sampled_from(["wrong_type", "too_big", "verdict"]), st.text(max_size=9))
)
KINDS = st.sampled_from(["return", "exception", "refused", "ready", "verdict", "callback", "raise", ""])
SERIALS = st.sampled_from([FIRST, 0, 2, -1]) | VALUES
ANSWERS = st.builds(lambda kind, serial, detail, notes: (kind, serial, detail, *notes), KINDS, SERIALS, DETAILS, NOTES)
CALLS: st.SearchStrategy[Any] = st.builds(
    lambda number, method, args: ("callback", {}, (number, method, args, {})),
    st.integers(-1, 3),
    st.sampled_from(["__call__", "fit", "get", "__init__", "__class__", ""]),
    st.lists(VALUES, max_size=2).map(tuple),
)
MESSAGES = ANSWERS | CALLS | VALUES


def encoded(message: Any) -> bytes:
    return wire.encode(message, lambda value: ("handle", 1, "x", True), wire.Caps(size=FRAME_BYTES))


def damaged(frame: bytes, places: list[tuple[int, int]]) -> bytes:
    changed = bytearray(frame)
    for place, value in places:
        changed[place % len(changed)] = value
    return bytes(changed)


FRAMES = (
    VALUES.map(lambda value: encoded(("return", FIRST, value, (), (), {}, False)))
    | MESSAGES.map(encoded)
    | st.builds(
        damaged, MESSAGES.map(encoded), st.lists(st.tuples(st.integers(0, 999), st.integers(0, 255)), max_size=3)
    )
    | st.builds(lambda frame, cut: frame[: -1 - cut % len(frame)], MESSAGES.map(encoded), st.integers(0, 99))
    | st.binary(max_size=40)
    | st.builds(lambda size, rest: wire.HEADER.pack(size) + rest, st.integers(0, 2**64 - 1), st.binary(max_size=20))
)


@pytest.fixture(scope="module")
def gone() -> Iterator[int]:
    """A process that has ended and is not reaped: it stands for the student's in what needs one."""
    pid = os.fork()
    if not pid:
        os._exit(0)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    yield pid
    os.waitpid(pid, 0)


@contextmanager
def hostile(pid: int, replies: list[bytes]) -> Iterator[Child]:
    """A child whose other end sends one of these after each frame that it gets, then closes."""
    ours, theirs = socket.socketpair()
    output, trace = os.pipe(), os.pipe()
    channel = Channel(ours, output[0], trace[0], FRAME_BYTES, 1 << 10)
    child = Child(channel, os.pidfd_open(pid), lambda: Ending(0, 0.0), LIMITS)
    send: Callable[[bytes, float], None] = channel.send
    left = list(replies)

    def answered(frame: bytes, deadline: float) -> None:
        send(frame, deadline)
        theirs.recv(1 << 20)
        if left:
            theirs.sendall(left.pop(0))
        else:
            theirs.close()

    channel.send = answered  # type: ignore[method-assign]
    try:
        yield child
    finally:
        child.close()
        theirs.close()
        for end in (output[1], trace[1]):
            os.close(end)


NO_NUMBER, MANY = np.array([], dtype=bool), np.array([1, 1])


@FUZZ
@example(replies=[encoded(("return", NO_NUMBER, None, (), (), {}, False))])
@example(replies=[encoded(("refused", FIRST, (MANY, "text"), (), (), {}, False))])
@given(replies=st.lists(FRAMES, min_size=1, max_size=4))
def test_whatever_comes_back_a_call_ends_with_a_value_or_an_error(gone: int, replies: list[bytes]) -> None:
    spy = expose(np.array([1.0]), methods=("fit", "get"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with hostile(gone, replies) as child:
        try:
            child.request("call", child.student.model, (spy, len), {})
            event("value")
        except (Stopped, StudentError, Refused) as error:
            event(type(error).__name__)
        assert child.alive or child.status in ("protocol_error", "crashed", "time_limit", "too_big", "memory_limit")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 64 << 10, "memory for what a frame claims"


@FUZZ
@given(replies=st.lists(FRAMES, min_size=2, max_size=3))
def test_a_child_that_has_been_ended_is_not_asked_again(gone: int, replies: list[bytes]) -> None:
    with hostile(gone, replies) as child:
        outcomes = [child.run_cell("x = 1", "cell").status for _ in range(3)]
    dead = [status for status in outcomes if status not in ("ok", "exception", "memory_limit")]
    assert len(set(dead)) <= 1
    assert outcomes[len(outcomes) - len(dead) :] == dead
