"""Random generators that both sides hold: the student's code and the test draw from one and the same stream.

A generator travels by its state. The two copies share a number from then on, and whoever hands over control tells the
other side of every state that has changed since. A test may so build a layer with a generator, draw inputs from it,
and call the layer again, and see what it would see with everything in one process. The student's own generators are
shared as long as a call-back that they are passed to is served, and travel as copies otherwise: what a test has in its
hands must not change behind its back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograder.sandbox import arrays
from autograder.sandbox.caps import WireError

DRAWS_BITS = 48
_PCG64_MULTIPLIER, _WORD = 0x2360ED051FC65DA44385DF649FCCF645, (1 << 128) - 1
MOST = 8  # of the latest generators are kept in step; each costs a microsecond or two per message


class Ledger:
    """The grader's side: it gives the numbers, and only its own mean anything to it."""

    def __init__(self) -> None:
        self._known: dict[int, np.random.Generator] = {}
        self._seen: dict[int, Any] = {}
        self._guests: dict[int, tuple[np.random.Generator, Any]] = {}  # the other side's, with the states they came in
        self._last = 0

    def number_of(self, generator: np.random.Generator) -> int | None:
        """The number of a generator that both sides hold."""
        return next((number for number, known in self._known.items() if known is generator), None)

    def lend(self, generator: np.random.Generator) -> int | None:
        """The number of a generator that is about to be sent."""
        number = self.number_of(generator)
        if number is None:
            self._last += 1
            number = self._last
        self._keep(number, generator)
        return number

    def receive(self, number: Any, state: Any) -> np.random.Generator:
        """Our own generator come back, put into this state; or a guest or a copy of one of the other side's.

        Raises
        ------
        ValueError
            If the state is none.
        """
        if type(number) is int and number in self._guests:
            return self._guests[number][0]
        generator = self._known.get(number) if type(number) is int else None
        if generator is None:
            generator = arrays.generator_from(state)
            if type(number) is int and number < 0 and len(self._guests) < MOST:
                self._guests[number] = (generator, _freeze(generator.bit_generator.state))
            return generator
        if is_ahead(generator, state):
            arrays.set_state(generator, state)
            self._keep(number, generator)
        else:
            self._seen[number] = None  # ours stands as it is, and goes back with what is sent next
        return generator

    def dismiss(self) -> None:
        """Share the other side's generators no longer."""
        self._guests.clear()

    def _keep(self, number: int, generator: np.random.Generator) -> None:
        """Both sides do this in the same order, so that they forget the same generators."""
        self._known[number] = generator
        self._seen[number] = _freeze(generator.bit_generator.state)
        while len(self._known) > MOST:
            oldest = next(iter(self._known))
            del self._known[oldest], self._seen[oldest]

    def changes(self) -> dict[int, Any]:
        """State by number of every generator that was used since the two sides last agreed."""
        changed = {}
        for number, generator in self._known.items():
            state = generator.bit_generator.state
            now = _freeze(state)
            if now != self._seen[number]:
                self._seen[number] = now
                changed[number] = state
        for number, (guest, came) in self._guests.items():
            state = guest.bit_generator.state
            if _freeze(state) != came:
                changed[number] = state
        return changed

    def update(self, changed: Any) -> None:
        """Take over what the other side says has changed; a number that is no longer kept is passed over.

        Raises
        ------
        WireError
            If a state is none.
        """
        if type(changed) is not dict:
            raise WireError("states that are no dict")
        try:
            for number, state in changed.items():
                if self._is_kept(number):
                    self.receive(number, state)
        except ValueError as error:
            raise WireError(str(error)) from error

    def _is_kept(self, number: Any) -> bool:
        return number in self._known


class Borrower(Ledger):
    """The student's side: what it was lent goes back by number; its own have one below 0, and in call-backs only."""

    def __init__(self) -> None:
        super().__init__()
        self._own: dict[int, np.random.Generator] = {}
        self._asking = False

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Number the student's own generators too, while a call-back request is written."""
        self._asking = True
        try:
            yield
        finally:
            self._asking = False

    def lend(self, generator: np.random.Generator) -> int | None:
        """The number of a generator, if it has one."""
        number = self.number_of(generator)
        if number is None and self._asking:
            number = next((number for number, own in self._own.items() if own is generator), None)
            if number is None:
                self._last -= 1
                number = self._last
                self._own[number] = generator
                self._own.pop(number + MOST, None)
        return number

    def receive(self, number: Any, state: Any) -> np.random.Generator:
        """The generator of this number, put into this state; a new number is a new generator."""
        generator = self._own.get(number) or self._known.get(number)
        if generator is None:
            generator = arrays.generator_from(state)
        else:
            arrays.set_state(generator, state)
        if number is not None and number > 0:
            self._keep(number, generator)
        return generator

    def _is_kept(self, number: Any) -> bool:
        return number in self._known or number in self._own


class Copies(Ledger):
    """Keeps nothing: every generator travels as a copy."""

    def lend(self, generator: np.random.Generator) -> int | None:
        """No number."""
        return None

    def receive(self, number: Any, state: Any) -> np.random.Generator:
        """A new generator in this state."""
        return arrays.generator_from(state)


def is_ahead(generator: np.random.Generator, state: Any) -> bool:
    """Whether draws lead from where a generator is to a foreign state of it; only a forger has another.

    Whoever could put a test's generator anywhere could choose what the test draws next: a PCG64 of increment 0 draws
    nothing but zeros. What cannot be told of the other bit generators is let through.

    Raises
    ------
    ValueError
        If the state is none, or of another bit generator.
    """
    clean, here = arrays.checked_state(state), generator.bit_generator.state
    if clean["bit_generator"] != here["bit_generator"]:
        raise ValueError("the state of another bit generator")
    if clean["bit_generator"] != "PCG64":
        return True
    now, then = here["state"], clean["state"]
    return now["inc"] == then["inc"] and _is_within_reach(now["state"], then["state"], now["inc"])


def _is_within_reach(now: int, then: int, increment: int) -> bool:
    """Whether a linear congruential generator gets from one state to the other in fewer than 2**DRAWS_BITS steps.

    Bit n of a state has period 2**(n + 1), so that the lowest bits tell the number of steps from its lowest bit on
    (Brown, "Random number generation with arbitrary strides", 1994).
    """
    multiplier, step = _PCG64_MULTIPLIER, increment
    for bit in range(DRAWS_BITS):
        if now == then:
            return True
        if (now ^ then) >> bit & 1:
            now = (now * multiplier + step) & _WORD
        step = (multiplier + 1) * step & _WORD
        multiplier = multiplier * multiplier & _WORD
    return now == then


def _freeze(state: Any) -> tuple[Any, ...]:
    return tuple(
        _freeze(value) if type(value) is dict else value.tobytes() if isinstance(value, np.ndarray) else value
        for value in state.values()
    )
