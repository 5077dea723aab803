"""What the tests of the student process share: limits, a notebook to play with, ways to run and to end a child."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.sandbox import Child, Limits, Stopped

LIMITS = Limits(
    cell_seconds=5, call_seconds=5, cpu_seconds=20, memory_mb=300, output_kb=4, file_mb=1, callbacks=50, value_mb=8
)
SHORT = 0.3

OPTIMISER = """
import numpy as np
import warnings

class Optimiser:
    count = 0

    def __init__(self, lr=0.1, rng=None):
        self.lr, self.rng, self.t = lr, rng, 0
        self.state = {"m": np.zeros(2)}

    def step(self, params, grads):
        self.t += 1
        return {key: params[key] - self.lr * grads[key] for key in params}

    def itself(self):
        return self

    def __add__(self, other):
        return ("add", self.lr, other)

    def __radd__(self, other):
        return ("radd", other, self.lr)

    def __neg__(self):
        return -self.lr

    def __len__(self):
        return 7

    def __getitem__(self, key):
        return self.state[key]

    def __setitem__(self, key, value):
        self.state[key] = value

    @property
    def broken(self):
        raise KeyError("no such thing")

def double(x):
    return 2 * x

def spoil(w, b=None, *, rest=()):
    w += 1
    if b is not None:
        b["inner"][1][0] = 5.0
        b["new"] = 1
    return w

def echo(x):
    return x

def batches(n):
    for start in range(n):
        yield np.full(2, float(start))

def endless():
    while True:
        yield 1
"""


def run(child: Child, source: str, name: str = "answer") -> Any:
    """Run a cell that defines a function of this name; returns its handle."""
    outcome = child.run_cell(source, name)
    assert outcome.status == "ok", outcome
    return getattr(child.student, name)


def stopped(child: Child, source: str, seconds: float = 5) -> Stopped:
    """Run the source as a function's body; it must end the child."""
    indented = "\n    ".join(source.splitlines())
    answer = run(child, f"def answer(f=None):\n    {indented}")
    child.call_seconds = seconds
    with pytest.raises(Stopped) as caught:
        answer(lambda *args: None)
    assert not child.alive
    assert child.status == caught.value.status
    with pytest.raises(Stopped):
        child.student.has("answer")
    assert child.run_cell("1", "later").status == child.status
    return caught.value
