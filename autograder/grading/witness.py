"""Write down what a hidden test asks of the student's code and what comes back, in words for the instructor.

Everything is put into words at once, because arrays are changed by what follows. Nothing of this is for students.
"""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.grading.attempt import Attempt
from autograder.grading.catches import Candidate, CandidateServer
from autograder.grading.collect import GraderFile, HiddenTest
from autograder.grading.compare import witnessed
from autograder.grading.seat import Seat
from autograder.grading.verdict import Ending
from autograder.sandbox import Child, Handle, Stopped, StudentError
from autograder.sandbox.student import Exposed, Student

FIRST, LAST = 300, 12  # calls of a test that are kept
SIGNS = {
    "keep": "student.array({})",
    "getitem": "{}[{}]",
    "setitem": "{}[{}] = {}",
    "setattr": "{}.{} = {}",
    "take": "take({}, {})",
    "accumulate": "accumulate({}, {}, {})",
    "repeat": "repeat({}, {}, *{}, most={})",
}
SILENT = ("has", "names", "kind", "length")
MOST = 1200  # characters of one value


@dataclass(frozen=True)
class Call:
    """One request: its place among the test's, what was asked with which input, and what came back."""

    place: int
    asked: str
    answer: str


@dataclass
class Run:
    """One run of one test in one seat."""

    test: HiddenTest
    seat: Seat
    first: list[Call] = field(default_factory=list)
    last: deque[Call] = field(default_factory=lambda: deque(maxlen=LAST))
    count: int = 0
    compared: list[tuple[str, str, str]] = field(default_factory=list)
    candidate: str = ""
    made: dict[tuple[int, int], str] = field(default_factory=dict)
    ending: Ending = field(default_factory=Ending)

    def add(self, asked: str, answer: str) -> None:
        """Write down a call."""
        self.count += 1
        about = f" [{self.candidate}]" if self.candidate else ""
        call = Call(self.count, asked + about, answer)
        if len(self.first) < FIRST:
            self.first.append(call)
        else:
            self.last.append(call)

    def name_of(self, child: Child, handle: Handle) -> str:
        """What an object is called here: by its type and how many of them the test has made."""
        key = (id(child), handle._root)
        if key not in self.made:
            number = 1 + sum(name.startswith(f"{handle._type_name}_") for name in self.made.values())
            self.made[key] = f"{handle._type_name}_{number}"
        return self.made[key]

    @property
    def calls(self) -> list[Call]:
        """Those that were kept, in order."""
        return [*self.first, *self.last]


class Notebook:
    """All runs of the tests of one exercise.

    Parameters
    ----------
    exercise : str
        Runs of other exercises' tests are not written down.
    """

    def __init__(self, exercise: str) -> None:
        self.exercise = exercise
        self.runs: list[Run] = []
        self.current: Run | None = None

    def watch(self, child: Child) -> None:
        """Write down the requests of a child from now on."""
        request = child.request

        def watched(verb: str, *arguments: Any) -> Any:
            run = self.current
            if run is None or verb in SILENT:
                return request(verb, *arguments)
            asked = _asked(run, child, verb, arguments)
            try:
                answer = request(verb, *arguments)
            except (Exception, Stopped) as error:
                run.add(asked, str(error) if isinstance(error, StudentError) else f"{type(error).__name__}: {error}")
                raise
            self._answered(run, child, verb, asked, answer)
            return answer

        child.request = watched  # type: ignore[method-assign]

    def _answered(self, run: Run, child: Child, verb: str, asked: str, answer: Any) -> None:
        if isinstance(answer, Handle):
            if verb == "look":
                return
            run.add(asked, run.name_of(child, answer))
            return
        modified = child.last.modified if verb == "call" else ()
        run.add(asked, in_words(answer) + (f"  (changed in place: {', '.join(modified)})" if modified else ""))

    def see(self, case: str, got: Any, want: Any) -> None:
        """Write down a comparison that failed."""
        if self.current is not None:
            self.current.compared.append((case, in_words(got), in_words(want)))


def _asked(run: Run, child: Child, verb: str, arguments: tuple[Any, ...]) -> str:
    if verb == "call":
        handle, positional, named = arguments
        inside = [_word(run, child, value) for value in positional]
        inside += [f"{name}={_word(run, child, value)}" for name, value in named.items()]
        return f"{_word(run, child, handle)}({', '.join(inside)})"
    words = [value if isinstance(value, str) else _word(run, child, value) for value in arguments]
    if verb == "operate":
        return f"{words[0]}({', '.join(words[1:])})"
    return SIGNS.get(verb, "{}").format(*words)


def _word(run: Run, child: Child, value: Any) -> str:
    if not isinstance(value, Handle):
        return in_words(value)
    root = run.made.get((id(child), value._root), "")
    return ".".join(part for part in (root, *value._names) if part) or repr(value)


class WatchedTests(GraderFile):
    """The hidden tests, each of whose runs is written down."""

    def __init__(self, tests: GraderFile, notebook: Notebook) -> None:
        self.__dict__.update(tests.__dict__)
        self._notebook = notebook

    def run(self, test: HiddenTest, seat: Seat) -> Ending:
        """Run one test."""
        if test.exercise != self._notebook.exercise:
            return super().run(test, seat)
        run = self._notebook.current = Run(test, seat)
        self._notebook.runs.append(run)
        try:
            with witnessed(self._notebook.see):
                run.ending = super().run(test, seat)
            return run.ending
        finally:
            self._notebook.current = None


class WatchedAttempt(Attempt):
    """A way of running cells whose processes are watched."""

    notebook: Notebook

    def _watch_the_clock(self, child: Child) -> None:
        super()._watch_the_clock(child)
        self.notebook.watch(child)


def watched_attempts(make: Callable[..., Attempt], notebook: Notebook) -> Callable[..., Attempt]:
    """Attempts as `make` makes them, watched."""

    def made(*arguments: Any) -> Attempt:
        attempt = make(*arguments)
        watched = WatchedAttempt.__new__(WatchedAttempt)
        watched.__dict__.update(attempt.__dict__)
        watched.notebook = notebook
        return watched

    return made


class WatchedServer:
    """Serves candidates and says which one is at hand."""

    def __init__(self, server: CandidateServer, notebook: Notebook) -> None:
        self._server = server
        self._notebook = notebook

    def candidates(
        self, exercise: str, names: Collection[str] | None, rng: np.random.Generator
    ) -> Iterator[tuple[Candidate, bool]]:
        """The candidates in their order."""
        groups = self._server.groups(exercise, names, copy.deepcopy(rng))
        order = [entry for group in groups for entry in group]
        served = self._server.candidates(exercise, names, rng)
        for entry, (candidate, is_mistake) in zip(order, served, strict=True):
            if self._notebook.current is not None:
                name = "the reference" if entry is None else entry.name
                self._notebook.current.candidate = f"{name}, {'a mistake' if is_mistake else 'right'}"
            yield candidate, is_mistake

    def close(self) -> None:
        """End the process that serves them."""
        self._server.close()


def in_words(value: Any) -> str:
    """A value as an instructor wants to see it: whole if it is small, its shape and corners if not."""
    if isinstance(value, np.ndarray):
        kind = f"{value.dtype} array of shape {value.shape}: " if value.size != 1 or value.ndim else ""
        text = np.array2string(np.asarray(value), precision=10, threshold=40, separator=", ", floatmode="maxprec")
        return kind + " ".join(text.split())
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key!r}: {in_words(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple) and any(
        isinstance(item, np.ndarray | Handle | dict | list | tuple) for item in value
    ):
        inside = ", ".join(map(in_words, value))
        return f"[{inside}]" if isinstance(value, list) else f"({inside})"
    if isinstance(value, Exposed):
        return f"<the grader's {type(value.object).__name__}>"
    if isinstance(value, Handle | Student):
        return repr(value)
    if isinstance(value, np.random.Generator):
        return "<a random generator>"
    if callable(value):
        return f"<the grader's {getattr(value, '__name__', type(value).__name__)}>"
    if isinstance(value, float | np.floating):
        return f"{float(value):.10g}"
    text = repr(value.item() if isinstance(value, np.generic) else value)
    return text if len(text) <= MOST else f"{text[:MOST]}..."
