"""How often diagnosis by probe names right, wrong and not at all: the confusion matrix of a topic.

Tried are the bank's own mistakes (to be named), its right answers (not to be named) and unknown wrong answers: mutants
of the reference, and mutants of mistakes, which are two mistakes at once. An unknown answer may turn out to be a known
mistake by another way; then the name is true. That counts only if it fails the same hidden tests with the same
messages as the named mistake, on `WITNESSES` seeds. Any other name is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from autograder.course.percent import solution_source
from autograder.grading.bank import Entry
from autograder.grading.mutate import Mutant, mutants_of
from autograder.grading.probe import REFERENCE, Diagnoser
from autograder.grading.trial import Trial

WITNESSES = (0, 1, 2)
PLACE = re.compile(r" (in|at) line \d+ of the cell \w+ \(`.*`\)")  # the same mistake may be written elsewhere
KINDS = ("mistake", "right answer", "unknown", "two at once")


@dataclass(frozen=True)
class Named:
    """One row of the confusion matrix: what was tried, and how it was named."""

    kind: str
    tried: int
    right: int  # for an unknown answer: it is that mistake, by another way
    none: int
    wrong: tuple[str, ...]
    unnamed: tuple[str, ...] = ()  # known mistakes among those not named, with the seed


def confusion(trial: Trial, exercise: str, seeds: Sequence[int], unknown: int) -> tuple[Named, ...]:
    """Try to name everything that an exercise may meet.

    Parameters
    ----------
    trial : Trial
    exercise : str
    seeds : sequence of int
        Seeds of the probe; the bank is tried with each, unknown answers take turns.
    unknown : int
        How many unknown wrong answers of each kind to try; 0 tries nothing at all.
    """
    if not unknown or exercise not in trial.bank.probes:
        return ()
    if not trial.diagnoser(seeds[0]).traces(exercise)[REFERENCE].is_evidence:
        return ()  # answers of yes and no, as a write-the-test exercise gives them, are never named
    matrix = _Matrix(trial, exercise, seeds)
    for entry in (*trial.bank.mistakes(exercise), *trial.bank.right_answers(exercise)):
        matrix.try_entry(entry)
    for number, (kind, origin, mutant) in enumerate(_unknown(trial, exercise, unknown)):
        matrix.try_unknown(kind, origin, mutant, number)
    return matrix.rows()


def together(matrices: Iterable[tuple[Named, ...]]) -> tuple[Named, ...]:
    """The confusion matrix of a topic from those of its exercises."""
    rows = [row for matrix in matrices for row in matrix]
    found = []
    for kind in KINDS if rows else ():
        same = [row for row in rows if row.kind == kind]
        wrong = tuple(line for row in same for line in row.wrong)
        tried, right, none = (sum(getattr(row, name) for row in same) for name in ("tried", "right", "none"))
        found.append(Named(kind, tried, right, none, wrong, tuple(line for row in same for line in row.unnamed)))
    return tuple(found)


def _unknown(trial: Trial, exercise: str, most: int) -> Iterator[tuple[str, str, Mutant]]:
    """Kind, what was changed, and the mutant."""
    single = mutants_of(solution_source(trial.topic.cell(exercise)), most)
    yield from (("unknown", "the solution", mutant) for mutant in single[:most])
    mistakes = trial.bank.mistakes(exercise)
    chosen = mistakes[:: max(1, len(mistakes) // most)]
    each = -(-most // len(chosen)) if chosen else 0
    double = [(entry.name, mutant) for entry in chosen for mutant in mutants_of(entry.source, each)]
    yield from (("two at once", name, mutant) for name, mutant in double[:: max(1, len(double) // most)][:most])


class _Matrix:
    def __init__(self, trial: Trial, exercise: str, seeds: Sequence[int]) -> None:
        self._trial = trial
        self._exercise = exercise
        self._diagnosers = [trial.diagnoser(seed) for seed in seeds]
        self._counts = {kind: {"right": 0, "none": 0} for kind in KINDS}
        self._wrong: dict[str, list[str]] = {kind: [] for kind in KINDS}
        self._unnamed: list[str] = []
        self._verdicts: dict[tuple[str, int], object] = {}

    def rows(self) -> tuple[Named, ...]:
        rows = []
        for kind, counts in self._counts.items():
            wrong = tuple(self._wrong[kind])
            unnamed = tuple(self._unnamed) if kind == "mistake" else ()
            rows.append(Named(kind, sum(counts.values()) + len(wrong), counts["right"], counts["none"], wrong, unnamed))
        return tuple(rows)

    def try_entry(self, entry: Entry) -> None:
        """A fresh child for each seed, as a student would have."""
        kind = "mistake" if entry.is_mistake else "right answer"
        for diagnoser in self._diagnosers:
            name = self._name(diagnoser, entry.source)
            if name is None:
                self._counts[kind]["none"] += 1
                if entry.is_mistake:
                    self._unnamed.append(f"{self._exercise}: {entry.name} (seed {diagnoser.seed})")
            elif entry.is_mistake and name == entry.name:
                self._counts[kind]["right"] += 1
            else:
                self._wrong[kind].append(f"{self._exercise}: {entry.name} was named {name} (seed {diagnoser.seed}).")

    def try_unknown(self, kind: str, origin: str, mutant: Mutant, number: int) -> None:
        diagnoser = self._diagnosers[number % len(self._diagnosers)]
        name = self._name(diagnoser, mutant.source)
        if name is None:
            self._counts[kind]["none"] += 1
            return
        known = next(entry for entry in self._trial.bank.mistakes(self._exercise) if entry.name == name)
        if all(self._verdict(mutant.source, seed) == self._verdict(known.source, seed) for seed in WITNESSES):
            self._counts[kind]["right"] += 1
        else:
            change = f"{origin} with {mutant.change!r} in line {mutant.line}"
            self._wrong[kind].append(f"{self._exercise}: {change} was named {name} (seed {diagnoser.seed}).")

    def _name(self, diagnoser: Diagnoser, source: str) -> str | None:
        found = diagnoser.match(diagnoser.trace_of(self._exercise, source), self._exercise)
        return found.mistake if found else None

    def _verdict(self, source: str, seed: int) -> object:
        key = source, seed
        if key not in self._verdicts:
            tests = self._trial.grade(self._exercise, source, seed).tests
            self._verdicts[key] = tuple((test.name, test.state, PLACE.sub("", test.message)) for test in tests)
        return self._verdicts[key]
