"""Mechanical mutants of every reference: each must fail a hidden test, or be shown to do the same as the reference.

"The same" is shown by the probe: from fresh inputs, until it has compared at least `INPUTS` different values of mutant
and reference, with never an observation that does not agree. What fails no test and yet differs is a survivor: a hole
in the tests, and the report says in which look it differs.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from autograder.config import Course
from autograder.course.percent import read_topic, solution_source
from autograder.course.reference import is_variable
from autograder.grading.mutate import Mutant, mutants_of
from autograder.grading.observations import Likeness, Trace, compare, first_difference
from autograder.grading.probe import run_probe
from autograder.grading.trial import Trial
from autograder.grading.workers import JOBS, in_parallel

INPUTS = 1_000
EQUIVALENT_SHARE = 0.05  # CONTENT 1: more than this, and the reference says things that no call can see
WRITE_THE_TEST = "catches"  # a changed test that still tells right from wrong is right: its numbers are free
FATES = ("killed", "equivalent", "survived", "fault")


@dataclass(frozen=True)
class Fate:
    """What became of one mutant, and why."""

    exercise: str
    line: int  # of the exercise's solution
    change: str
    fate: str
    reason: str


@dataclass(frozen=True)
class MutantReport:
    """The fates of a topic's mutants."""

    topic: str
    fates: tuple[Fate, ...]
    seconds: float

    def count(self, fate: str) -> int:
        """How many mutants met this fate."""
        return sum(each.fate == fate for each in self.fates)

    @property
    def holds(self) -> bool:
        """Whether nothing survived and few mutants are equivalent."""
        few = self.count("equivalent") <= EQUIVALENT_SHARE * len(self.fates)
        return few and not self.count("survived") and not self.count("fault")


def mutants(course: Course, stems: Sequence[str]) -> int:
    """The command: print the fates of all mutants of each topic; 0 if every report holds."""
    good = True
    for stem in stems:
        report = run_mutants(course, stem)
        print(render(report), flush=True)
        good = good and report.holds
    return 0 if good else 1


def run_mutants(course: Course, stem: str, *, jobs: int = JOBS, inputs: int = INPUTS, every: int = 1) -> MutantReport:
    """Grade the mutants of a topic.

    Parameters
    ----------
    jobs : int
        Processes; with 1 everything happens in this one.
    inputs : int
        Different values that an equivalent mutant must share with the reference.
    every : int
        Take each mutant whose number is divisible by this; 1 takes all.
    """
    started = time.monotonic()
    topic = read_topic(course.source(stem))
    work = [
        (stem, (cell.name, mutant))
        for cell in topic.exercises()
        if not (is_variable(cell) or cell.name.startswith(WRITE_THE_TEST))
        for mutant in mutants_of(solution_source(cell))
    ][::every]
    fates = tuple(in_parallel(course, partial(judge, inputs=inputs), work, jobs, chunk=4))
    return MutantReport(stem, fates, time.monotonic() - started)


def judge(trial: Trial, work: tuple[str, Mutant], inputs: int) -> Fate:
    """Decide the fate of one mutant of an exercise."""
    exercise, mutant = work
    fate, reason = _verdict(trial, exercise, mutant.source, inputs)
    return Fate(exercise, mutant.line, mutant.change, fate, reason)


def _verdict(trial: Trial, exercise: str, source: str, inputs: int) -> tuple[str, str]:
    tests = trial.grade(exercise, source).tests
    for test in tests:
        if test.state == "grader_error":
            return "fault", f"{test.name}: {test.message}"
    for test in tests:
        if test.state != "passed":
            return "killed", test.name
    if exercise not in trial.bank.probes:
        return "survived", "no test fails, and there is no probe to compare it with the reference"
    return _compared(trial, exercise, source, inputs)


def _compared(trial: Trial, exercise: str, source: str, inputs: int) -> tuple[str, str]:
    reference = _reference_traces(trial, exercise, inputs)
    with trial.child(exercise, source) as child:
        for seed, expected in enumerate(reference):
            seen = run_probe(trial.bank.probes[exercise], child.student, seed)
            if compare(seen, expected) is not Likeness.AGREE:
                return "survived", f"differs in the look {first_difference(seen, expected) or 'of all, a little'!r}"
    values = len(set[str]().union(*map(_values, reference)))
    if values < inputs:
        return "survived", f"agrees with the reference, but in {values} values only: give the probe more random inputs"
    return "equivalent", f"agrees with the reference in {values} values"


@lru_cache(maxsize=16)
def _reference_traces(trial: Trial, exercise: str, inputs: int) -> tuple[Trace, ...]:
    """The reference's traces from as many seeds as it takes to see enough different values."""
    traces: list[Trace] = []
    values: set[str] = set()
    with trial.child(exercise, None) as child:
        while len(values) < inputs and len(traces) < inputs:
            traces.append(run_probe(trial.bank.probes[exercise], child.student, seed=len(traces)))
            values |= _values(traces[-1])
    return tuple(traces)


def _values(trace: Trace) -> set[str]:
    """What the looks saw; one that sees the same for every seed counts once."""
    return {f"{look.label} {look.value}" for look in trace.looks if look.outcome == "value"}


def render(report: MutantReport) -> str:
    """The figures, and every mutant that was not killed with the reason."""
    total = len(report.fates)
    counts = ", ".join(f"{report.count(fate)} {fate}" for fate in FATES)
    lines = [f"{report.topic}: {total} mutants in {report.seconds:.0f} s: {counts}"]
    for each in report.fates:
        if each.fate != "killed":
            lines.append(
                f"  {each.fate}: {each.exercise}, line {each.line} of its solution: {each.change}: {each.reason}"
            )
    if report.count("survived"):
        lines.append("  Add a hidden test, or a case to one, that each survivor fails.")
    if report.count("equivalent") > EQUIVALENT_SHARE * total:
        lines.append(f"  More than {EQUIVALENT_SHARE:.0%} are equivalent: say the same with less in the solution.")
    return "\n".join(lines)
