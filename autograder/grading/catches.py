"""Write-the-test exercises: known mistakes and right answers stand before the student's own test.

The candidates' code runs in a process of its own, neither the grader's nor the student's. What the student's test
gets are counted call-backs to it, so that there is no source to read and no type to recognise. Right answers are alike
and mistakes are not, so that a test with a memory would know the right ones from their number: it meets one right
answer and some mistakes, and the next ones in a new process.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np

from autograder.course.percent import Topic
from autograder.grading.bank import Bank, Entry, cells_with
from autograder.sandbox import Child, Handle, Stopped, StudentError, Zygote, expose
from autograder.sandbox.student import named_alike

HAND_OVER = "_hand_over"  # what a name stands for now; a plain handle of the name would follow the next entry
SEVERITY = "concept"  # what a student's test can be asked to catch, where the grader file names no mistakes
MOST_MISTAKES, MOST_RIGHT = 8, 3  # each candidate costs a student's test as many calls as it makes


PLAIN = (ValueError, TypeError, KeyError, IndexError, ZeroDivisionError, AttributeError, ArithmeticError)


class CandidateError(RuntimeError):
    """A candidate that gave no answer; the student's test sees a RuntimeError."""


class Candidate:
    """Stands for one implementation of an exercise; calls go to the process in which it runs.

    Parameters
    ----------
    function
        Handle of the function or class in that process.
    methods, attributes : tuple of str
        What its objects offer, as the reference's do.
    leads : bool
        Whether the student's test is to meet it, and those that follow, without a memory of those before.
    """

    def __init__(
        self, function: Any, methods: tuple[str, ...], attributes: tuple[str, ...], leads: bool = False
    ) -> None:
        self._function = function
        self._methods = methods
        self._attributes = attributes
        self.leads = leads

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it; an object that comes back is exposed with the methods of the reference's."""
        with _plain_errors():
            value = self._function(*args, **kwargs)
        return expose(Made(value), self._methods, self._attributes) if isinstance(value, Handle) else value


class Made:
    """An object that a candidate made; it stays where the candidate runs."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def __getattr__(self, name: str) -> Any:
        """The value of an attribute, or a method to call."""
        with _plain_errors():
            value = getattr(self._handle, name)
        return partial(_called, value) if isinstance(value, Handle) else value


def _called(method: Handle, *args: Any, **kwargs: Any) -> Any:
    with _plain_errors():
        value = method(*args, **kwargs)
    return Made(value) if isinstance(value, Handle) else value


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Pass on of a candidate's exception only the type, if it is one of Python's."""
    try:
        yield
    except (StudentError, Stopped) as error:
        for kind in PLAIN:
            if isinstance(error, kind):
                raise kind("raised by the implementation under test") from None
        raise CandidateError("the implementation under test gave no answer") from None


class CandidateServer:
    """Serves the entries of a topic's bank, each under the exercise's name, from one process.

    Parameters
    ----------
    topic, bank, reference
        The topic, its bank and its reference.
    zygote
        Makes the process.
    """

    def __init__(self, topic: Topic, bank: Bank, reference: ModuleType, zygote: Zygote) -> None:
        self._topic = topic
        self._bank = bank
        self._reference = reference
        self._zygote = zygote
        self._child: Child | None = None

    def candidates(
        self, exercise: str, names: Collection[str] | None, rng: np.random.Generator
    ) -> Iterator[tuple[Candidate, bool]]:
        """Pairs of a candidate and whether it is a known mistake, in random order; the reference is among them.

        They come in groups with one right answer in each.

        Parameters
        ----------
        exercise : str
            Whose bank.
        names : collection of str or None
            The entries to serve. By default some mistakes of concept and some right answers, the same for everybody.
        rng : np.random.Generator
            Decides the order.

        Raises
        ------
        ValueError
            If there is no mistake among them, or the bank has no entry of one of the names.
        """
        methods, attributes = _interface(getattr(self._reference, exercise, None))
        for group in self.groups(exercise, names, rng):
            for place, entry in enumerate(group):
                function = self._function(exercise, None if entry is None else entry.source)
                candidate = Candidate(function, methods, attributes, leads=place == 0)
                yield candidate, entry is not None and entry.is_mistake

    def groups(
        self, exercise: str, names: Collection[str] | None, rng: np.random.Generator
    ) -> list[list[Entry | None]]:
        """The entries in the order in which they come, in groups; None stands for the reference."""
        chosen = self._chosen(exercise, names)
        right = _shuffled([None, *(entry for entry in chosen if not entry.is_mistake)], rng)
        mistakes = _shuffled([entry for entry in chosen if entry.is_mistake], rng)
        return [_shuffled([one, *mistakes[place :: len(right)]], rng) for place, one in enumerate(right)]

    def _chosen(self, exercise: str, names: Collection[str] | None) -> Sequence[Entry]:
        mistakes, right = self._bank.mistakes(exercise), self._bank.right_answers(exercise)
        if names is None:
            concepts = [entry for entry in mistakes if entry.severity == SEVERITY]
            chosen = [*_spread(concepts, MOST_MISTAKES), *_spread(right, MOST_RIGHT)]
        else:
            chosen = [entry for entry in (*mistakes, *right) if entry.name in names]
            unknown = set(names) - {entry.name for entry in chosen}
            if unknown:
                raise ValueError(f"the bank has no entry {', '.join(sorted(unknown))} of {exercise}")
        if not any(entry.is_mistake for entry in chosen):
            raise ValueError(f"the bank has no mistake of {exercise} that a test could catch")
        return chosen

    def close(self) -> None:
        """End the process."""
        if self._child is not None:
            self._child.close()
            self._child = None

    def _function(self, exercise: str, source: str | None) -> Any:
        """A handle of one entry; entries before it live on under their own handles."""
        if self._child is None or not self._child.alive:
            self.close()
            self._child = self._zygote.spawn()
            for name, text in cells_with(self._topic, exercise, None):
                self._child.run_cell(text, name)
        text = dict(cells_with(self._topic, exercise, source))[exercise]
        self._child.run_cell(f"{text}\n\ndef {HAND_OVER}():\n    return {exercise}\n", exercise)
        return getattr(self._child.student, HAND_OVER)()


def _shuffled(entries: Sequence[Entry | None], rng: np.random.Generator) -> list[Entry | None]:
    return [entries[index] for index in rng.permutation(len(entries)).tolist()]


def _spread(entries: Sequence[Entry], most: int) -> Sequence[Entry]:
    """At most so many entries, evenly from the whole list."""
    step = max(1.0, len(entries) / most)
    return [entries[int(number * step)] for number in range(min(most, len(entries)))]


def _interface(reference: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The public methods and properties of a class."""
    if not inspect.isclass(reference):
        return (), ()
    public = {name: value for name, value in vars(reference).items() if not name.startswith("_")}
    methods = tuple(name for name, value in public.items() if callable(value))
    return methods, tuple(name for name in public if name not in methods)


@dataclass(frozen=True)
class Lineup:
    """Candidates, and where a student's test can meet them without a memory of those before.

    Parameters
    ----------
    pairs : iterator
        Candidates, each with whether it is a known mistake.
    afresh : callable, optional
        Gives the student's code in a new process, for a `with` statement; without it one process meets them all.
    """

    pairs: Iterator[tuple[Candidate, bool]]
    afresh: Callable[[], AbstractContextManager[Any]] | None = None

    def __iter__(self) -> Iterator[tuple[Candidate, bool]]:
        return self.pairs

    def met_by(
        self, catches: Callable[[Any], Any]
    ) -> Generator[tuple[Callable[[Any], Any], Candidate, bool], None, None]:
        """The pairs, each with the student's test as it is to meet them."""
        with ExitStack() as others:
            mine = catches
            for number, (candidate, is_mistake) in enumerate(self.pairs):
                if self.afresh is not None and number and candidate.leads and isinstance(catches, Handle):
                    others.close()
                    mine = named_alike(catches, others.enter_context(self.afresh()))
                yield mine, candidate, is_mistake


@dataclass(frozen=True)
class Catch:
    """How well a student's test tells wrong from right: mistakes caught and false alarms, of how many."""

    caught: int
    mistakes: int
    alarms: int
    right: int

    @property
    def fraction(self) -> float:
        """Share of mistakes caught minus share of false alarms, at least 0: to cry wolf always earns nothing."""
        return max(0.0, self.caught / self.mistakes - self.alarms / self.right)

    @property
    def words(self) -> str:
        """The sentence for the student."""
        alarms = "no false alarm" if not self.alarms else f"{self.alarms} of {self.right} right ones called wrong"
        question = "Which property of a right answer does it not look at yet?"
        if self.alarms:
            question = "What does it ask of them that the docstring leaves free?"
        return f"Your test caught {self.caught} of {self.mistakes} wrong implementations, with {alarms}. {question}"


def judge_catcher(catches: Callable[[Any], Any], candidates: Lineup | Iterable[tuple[Candidate, bool]]) -> Catch:
    """Put the candidates before a student's test `catches(candidate) -> bool`.

    An answer that is no truth value, or an exception of any kind, is a miss for a mistake and a false alarm for a
    right answer.

    Raises
    ------
    StudentError
        What the student's test raised, if it never gave an answer.
    """
    caught = alarms = mistakes = right = answered = 0
    raised: StudentError | None = None
    lineup = candidates if isinstance(candidates, Lineup) else Lineup(iter(candidates))
    with closing(lineup.met_by(catches)) as met:
        for test, candidate, is_mistake in met:
            try:
                answer = test(candidate)
            except StudentError as error:
                if error.type_name == "NotImplementedError":
                    raise
                answer, raised = None, error
            said = _truth(answer)
            answered += said is not None
            if is_mistake:
                mistakes += 1
                caught += said is True
            else:
                right += 1
                alarms += said is not False
    if raised is not None and not answered:
        raise raised
    return Catch(caught, mistakes, alarms, right)


def _truth(answer: object) -> bool | None:
    """True or False, also as 1 or 0 or as an array of one truth value; None for anything else."""
    if isinstance(answer, np.ndarray) and answer.ndim == 0:
        answer = answer[()]
    if isinstance(answer, bool | np.bool_):
        return bool(answer)
    return bool(answer) if isinstance(answer, int | np.integer) and answer in (0, 1) else None
