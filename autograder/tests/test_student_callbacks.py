"""What is passed to student code and used by it, and what it says out of turn."""

from __future__ import annotations

import resource
import signal
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from autograder.sandbox import (
    Child,
    Handle,
    Stopped,
    Student,
    Zygote,
    expose,
    wire,
)
from autograder.tests.student_world import LIMITS, OPTIMISER, SHORT, run, stopped


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with Zygote(LIMITS, plotting=False) as started:
        yield started


@pytest.fixture
def child(zygote: Zygote) -> Iterator[Child]:
    spawned = zygote.spawn()
    yield spawned
    spawned.close()


@pytest.fixture
def student(child: Child) -> Student:
    assert child.run_cell(OPTIMISER, "Optimiser").status == "ok"
    return child.student


def test_functions_of_the_grader_are_called_back(child: Child) -> None:
    source = """
def answer(f, x):
    return f.__name__, f(x, power=2), callable(f)
def same(f, g):
    return f is g, f
def catches(f):
    try:
        f()
    except ValueError as error:
        return str(error)
def hands_over(f):
    return f(lambda y: y + 1)
def makes(f):
    return f()(2)
"""
    answer = run(child, source)

    def power(x: int, power: int) -> int:
        return int(x**power)

    assert answer(power, 3) == ("power", 9, True)
    identical, itself = child.student.same(power, power)
    assert identical
    assert itself is power

    def fails() -> None:
        raise ValueError("the secret is 42")

    assert "42" not in child.student.catches(fails)
    assert child.student.hands_over(lambda function: function(1)) == 2
    assert child.student.makes(lambda: lambda x: 3 * x) == 6


class Model:
    """A recording estimator, as a grader would pass it."""

    def __init__(self) -> None:
        self.seen: list[Any] = []
        self.rate = 0.5

    def fit(self, x: Any) -> Model:
        self.seen.append(x)
        return self

    def secret(self) -> int:
        return 42

    def __deepcopy__(self, memo: Any) -> Model:
        return Model()


def test_an_exposed_object_offers_what_was_declared_and_nothing_else(child: Child) -> None:
    source = """
import copy
def answer(model, x):
    clone = copy.deepcopy(model)
    clone.fit(x)
    assert model.fit(x) is model
    return type(model).__name__, model.rate, hasattr(model, "secret"), clone is model
def hands_back(model):
    return model
"""
    answer = run(child, source)
    model = Model()
    exposed = expose(model, methods=("fit", "__deepcopy__"), attributes=("rate",))
    assert answer(exposed, np.ones(2)) == ("Model", 0.5, False, False)
    assert len(model.seen) == 1
    assert child.student.hands_back(exposed) is model


def test_what_is_no_value_cannot_be_passed_by_accident(student: Student, zygote: Zygote) -> None:
    with pytest.raises(TypeError, match="expose"):
        student.echo(Model())
    other = zygote.spawn()
    optimiser, echo = student.Optimiser(), run(other, "def answer(x): return x")
    with pytest.raises(TypeError, match="another"):
        echo(optimiser)
    other.close()


def test_an_exception_of_the_grader_in_a_call_back_that_is_no_exception_ends_the_child(child: Child) -> None:
    class Interrupt(BaseException):
        pass

    def interrupted() -> None:
        raise Interrupt

    with pytest.raises(Interrupt):
        run(child, "def answer(f):\n    return f()")(interrupted)
    assert not child.alive


def test_call_backs_are_counted_and_their_depth_is_bounded(zygote: Zygote) -> None:
    child = zygote.spawn()
    assert stopped(child, "for _ in range(51): f()").status == "too_big"
    child = zygote.spawn()
    answer = run(child, "def answer(f):\n    return f(answer)")

    def again(function: Handle) -> Any:
        return function(again)

    with pytest.raises(Stopped) as caught:
        answer(again)
    assert caught.value.status == "too_big"


def test_time_in_a_call_back_is_the_graders(child: Child) -> None:
    answer = run(child, "def answer(f):\n    f()\n    return 1")
    child.call_seconds = SHORT
    assert answer(lambda: time.sleep(2 * SHORT)) == 1


@pytest.mark.parametrize("late", [0.0, 0.02])
def test_time_in_which_a_call_back_waits_for_the_student_is_the_students(
    child: Child, late: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = run(child, "import time\ndef answer(f):\n    while True:\n        f()\ndef nap():\n    time.sleep(0.1)")
    nap = child.student.nap
    child.call_seconds = SHORT
    send = child._channel.send

    def busy(frame: bytes, deadline: float) -> None:
        send(frame, deadline)
        time.sleep(late)  # so that the next request is there before anybody waits for it

    monkeypatch.setattr(child._channel, "send", busy)
    with pytest.raises(Stopped) as caught:
        answer(lambda: nap())
    assert caught.value.status == "time_limit"


RAW = """
import socket, struct
call = socket.socket(fileno=3)
def say(body):
    call.send(struct.pack("<Q", len(body)) + body)
"""


def forged(message: Any) -> str:
    return f"say({wire.encode(message, lambda value: ('handle', 0), wire.Caps())[8:]!r})"


NOTES: tuple[Any, ...] = ((), (), {}, False)


@pytest.mark.parametrize(
    "source",
    [
        "call.send(b'garbage garbage garbage')",
        "call.send(b'\\xff' * 8)",
        "call.send(struct.pack('<Q', 2**40))",
        "call.send(struct.pack('<Q', 4) + b'????' + b'more')",
        "say(b'')",
        "say(b'l\\x01\\0\\0\\0' * 5000 + b'N')",
        forged("passed"),
        forged(("verdict", 1, "passed", *NOTES)),
        forged(("return", 10**6, 1, *NOTES)),
        forged(("return", 2, 1)),
        forged(("exception", 2, ("ValueError",), *NOTES)),
        forged(("exception", 2, ("ValueError", "", (("cell", "1"),), ()), *NOTES)),
        forged(("refused", 2, ("passed", ""), *NOTES)),
        forged(("return", 2, 1, ([],), (), {}, False)),
        forged(("return", 2, 1, (), (("a",),), {}, False)),
        forged(("return", 2, 1, (), (), [], False)),
        forged(("return", 2, 1, (), (), {}, 1)),
        forged(("callback", {}, (99, "__call__", (), {}))),
        forged(("callback", {}, (0, "secret", (), {}))),
        forged(("callback", {}, (0, "__getattribute__", ("__globals__",), {}))),
        forged(("callback", {}, (0, "__call__", (), {1: 2}))),
        forged(("callback", {}, (True, "__call__", (), {}))),
        forged(("callback", [], (0, "__call__", (), {}))),
        forged(("callback", {}, (0, "__call__", ()))),
        forged(("return", 2, {"reference": object()}, *NOTES)),
    ],
)
def test_any_other_message_ends_the_child_as_a_protocol_error(child: Child, source: str) -> None:
    child.run_cell(RAW, "raw")
    assert stopped(child, f"{source}\nwhile True: pass").status == "protocol_error"


def test_an_answer_given_twice_ends_the_child_at_the_next_question(child: Child) -> None:
    serial = 3  # the cells take 1 and 2, looking `answer` up takes 3, the call 4
    child.run_cell(RAW, "raw")
    answer = run(child, f"def answer():\n    {forged(('return', serial + 1, 'early', *NOTES))}")

    def ask_again_and_again() -> None:
        while True:  # the first answer is taken for the answer; the second is one too many
            assert answer() == "early"

    with pytest.raises(Stopped) as caught:
        ask_again_and_again()
    assert caught.value.status == "protocol_error"


def test_a_slow_drip_ends_at_the_time_limit(child: Child) -> None:
    child.run_cell(RAW + "import time", "raw")
    source = "call.send(struct.pack('<Q', 10**6))\nwhile True:\n    call.send(b'x')\n    time.sleep(0.01)"
    assert stopped(child, source, SHORT).status == "time_limit"


def test_a_function_of_the_grader_cannot_be_kept_busy_for_ever(zygote: Zygote) -> None:
    def for_ever(function: Any) -> None:
        while True:
            function()

    for source in ("def answer(f):\n    f(int)\n", "def answer(f):\n    f(lambda: 1)\n"):
        child = zygote.spawn()
        child.call_seconds = 0.1
        with pytest.raises(Stopped, match="time_limit"):
            run(child, source)(for_ever if "lambda" in source else lambda _: for_ever(int))
        assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
        assert not child.alive


def test_a_function_of_the_grader_cannot_be_made_to_take_all_memory(child: Child) -> None:
    source = "def answer(f):\n    try:\n        f(1 << 40)\n    except MemoryError:\n        return f(3)\n"
    before = resource.getrlimit(resource.RLIMIT_AS)
    assert run(child, source)(np.ones).tolist() == [1.0, 1.0, 1.0]
    few = LIMITS.memory_mb << 19
    assert run(child, f"def answer(f):\n    return f({few})\n")(lambda size: np.zeros(size, np.uint8).size) == few
    more = LIMITS.memory_mb << 21
    with pytest.raises(Stopped, match="memory_limit"):
        run(child, f"def answer(f):\n    return f({more})\n")(lambda size: np.zeros(size, np.uint8).size)
    assert resource.getrlimit(resource.RLIMIT_AS) == before
