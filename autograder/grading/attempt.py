"""One way of running a submission's cells: a student process that is made again after each fatal event."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from autograder.grading.seeds import process_seed
from autograder.sandbox import Child, Outcome, Stopped, Zygote, clock

INSTALL = "_put_in_place"  # a helper in the student's namespace, gone again before the next cell runs
INSTALLER = f"""
def {INSTALL}(name, function):
    globals().pop("{INSTALL}")
    globals()[name] = function
"""


class Attempt:
    """The cells of a submission, run in order in one process for as long as that lives.

    A cell that ends the process (an endless loop, a crash) is left out from then on, so that it costs its own
    exercise and no other.

    Parameters
    ----------
    zygote : Zygote
        Makes the processes.
    cells : sequence of (name, source)
        The cells to run.
    replaced : mapping
        Functions of the grader that stand in for the cells of these names, as counted call-backs.
    seed : int
        Of the submission; what the global generators of the process start from follows from it.
    """

    def __init__(
        self,
        zygote: Zygote,
        cells: Sequence[tuple[str, str]],
        replaced: Mapping[str, Callable[..., Any]],
        seed: int,
    ) -> None:
        present = {name for name, _ in cells}
        self._zygote = zygote
        self._cells = (*((name, "") for name in replaced if name not in present), *cells)
        self._replaced = dict(replaced)
        self._seed = seed
        self._deadline = math.inf
        self._cell_seconds_left = zygote.limits.cpu_seconds  # for all cells together, run again or not
        self._twin_seconds_left = zygote.limits.cpu_seconds  # the same for those of all twins
        self._child: Child | None = None
        self._left_out: set[str] = set()
        self.outcomes: dict[str, Outcome] = {}  # of the first run of each cell, or of the fatal one
        self.fatal: list[str] = []  # statuses in the order in which they came

    def start(self) -> None:
        """Run the cells, whether or not anything will be called: how they end belongs to the result."""
        self.student()

    def student(self) -> Any:
        """The proxy of a living process in which the cells have run."""
        while self._child is None or not self._child.alive:
            self.close()
            self._start()
        return self._child.student

    @contextmanager
    def twin(self) -> Iterator[Any]:
        """The proxy of a further process in which the cells have run and nothing has been called yet.

        It ends with the `with` statement. What happens in it leaves no trace in the other one, nor the other way
        round; the time that its cells take is not taken off the calls'.
        """
        twin = copy.copy(self)
        twin._child, twin.outcomes, twin.fatal = None, {}, []
        twin._cell_seconds_left = self._twin_seconds_left
        began = clock.now()
        try:
            student = twin.student()
            self._twin_seconds_left = twin._cell_seconds_left
            self._deadline = twin._deadline = self._deadline + clock.now() - began
            yield student
        finally:
            twin.close()

    def spare(self, seconds: float) -> None:
        """Let the cells take no longer than this, all of them together."""
        self._cell_seconds_left = min(self._cell_seconds_left, seconds)
        self._twin_seconds_left = min(self._twin_seconds_left, seconds)

    def allow(self, seconds: float = math.inf) -> None:
        """Let all calls from now on take this long together; a single one at most what the sandbox allows."""
        self._deadline = clock.now() + seconds

    @property
    def out_of_time(self) -> bool:
        """Whether what was allowed is used up."""
        return clock.now() > self._deadline

    def note(self, status: str) -> None:
        """Record that the process has ended in a call."""
        self.fatal.append(status)

    def close(self) -> None:
        """End the process."""
        if self._child is not None:
            self._child.close()
            self._child = None

    def _start(self) -> None:
        self._child = child = self._zygote.spawn(process_seed(self._seed))
        self._watch_the_clock(child)
        for name, source in self._cells:
            if name in self._left_out:
                continue
            if self._cell_seconds_left <= 0:
                self._left_out.add(name)
                self.outcomes.setdefault(name, Outcome("time_limit"))
                continue
            outcome = self._run(child, name, source)
            if outcome is not None and (name not in self.outcomes or not child.alive):
                self.outcomes[name] = outcome
            if not child.alive:
                self._left_out.add(name)
                self.fatal.append(child.status)
                return

    def _watch_the_clock(self, child: Child) -> None:
        """Look at the clock before each call: a test may make many, each of them just within its own limit."""
        request = child.request

        def timed(verb: str, *arguments: Any) -> Any:
            left = max(self._deadline - clock.now(), 0.01)
            child.call_seconds = min(left, child.limits.call_seconds)
            return request(verb, *arguments)

        child.request = timed  # type: ignore[method-assign]

    def _run(self, child: Child, name: str, source: str) -> Outcome | None:
        if name not in self._replaced:
            started = clock.now()
            outcome = child.run_cell(source, name, min(child.cell_seconds, self._cell_seconds_left))
            self._cell_seconds_left -= clock.now() - started
            return outcome
        child.run_cell(INSTALLER, name)
        with suppress(Stopped):
            getattr(child.student, INSTALL)(name, self._replaced[name])
        return None
