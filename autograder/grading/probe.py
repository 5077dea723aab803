"""Diagnosis by probe: name a student's mistake if, and only if, exactly one known mistake behaves the same.

A probe is a fixed course of calls written beside the bank; it asserts nothing and only looks. Grading by the same
calls would not do: a test ends at its first failure, and state left by one test leaks into the next. The bank's
traces are computed once for each topic and seed, every entry in a child of its own, and can be kept on disk.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from autograder.course.percent import Topic
from autograder.grading.bank import Bank, Entry, Probe, cells_with
from autograder.grading.observations import Likeness, Observation, Trace, compare, plain
from autograder.records import Diagnosis
from autograder.sandbox import Child, Stopped, Zygote

REFERENCE = ""  # the reference's key among the traces of an exercise
OUTSIDE = "outside of any look"  # where a probe itself failed


class Look:
    """Records what calls do: `look("six steps", lambda: ...)` keeps the value, or the type of the exception.

    It returns the value, so that a later call can build on it, and `None` after an exception.
    """

    def __init__(self, student: Any) -> None:
        self._student = student
        self.looks: list[Observation] = []

    def __call__(
        self,
        label: str,
        call: Callable[[], Any],
        *,
        generator: np.random.Generator | None = None,
        band: float = 0.0,
        warnings: bool = False,
    ) -> Any:
        """Make one call and record it.

        Parameters
        ----------
        label : str
            Names the look in reports.
        call : callable
            Makes the call; values of the student's own types are recorded as "object" only.
        generator : np.random.Generator, optional
            Record whether the call advanced it. How far is not recorded: that is free.
        band : float
            For a statistic whose draw order is free: the half-width within which values count as the same.
        warnings : bool
            Record the categories of warnings; only where the docstring forbids them.
        """
        before = repr(generator.bit_generator.state) if generator is not None else ""
        outcome, value = "value", None
        try:
            value = call()
        except Stopped:
            self.looks.append(Observation(label, "stopped"))
            raise
        except Exception as error:
            outcome = str(getattr(error, "type_name", type(error).__name__))
        report = getattr(self._student, "last", None)
        self.looks.append(
            Observation(
                label=label,
                outcome=outcome,
                value=plain(value) if outcome == "value" else None,
                modified=tuple(sorted(getattr(report, "modified", ()))),
                advanced=repr(generator.bit_generator.state) != before if generator is not None else None,
                global_random=bool(getattr(report, "global_random", False)),
                warned=_categories(report) if warnings else (),
                band=band,
            )
        )
        return value


def _categories(report: object) -> tuple[str, ...]:
    return tuple(sorted({str(warning[0]) for warning in getattr(report, "warnings", ())}))


def run_probe(probe: Probe, student: Any, seed: int) -> Trace:
    """Run a probe at one implementation, from its own generator; a limit or a crash ends it."""
    look = Look(student)
    try:
        with suppress(Stopped), np.errstate(all="ignore"):  # a probe's own functions may be asked at odd points
            probe(student, look, np.random.default_rng([seed, 0x9E3779B9]))
    except Exception as error:  # odd code of a student must not end the grading; of a probe, `check` reports it
        look.looks.append(Observation(OUTSIDE, type(error).__name__))
    return Trace(tuple(look.looks))


@contextmanager
def implementation(zygote: Zygote, topic: Topic, exercise: str, source: str | None) -> Iterator[Child]:
    """A fresh child in which the reference's cells have run, with one exercise replaced (none for `None`)."""
    child = zygote.spawn()
    try:
        for name, text in cells_with(topic, exercise, source):
            if child.alive:
                child.run_cell(text, name)
        yield child
    finally:
        child.close()


class Diagnoser:
    """Names mistakes of one topic by comparing a student's trace with those of the bank.

    Parameters
    ----------
    topic, bank
        The topic and its bank.
    zygote
        Where the bank's entries run, each in a fresh child.
    seed
        The seed of the probes' inputs.
    cache
        A folder in which traces are kept between processes, or `None`.
    """

    def __init__(self, topic: Topic, bank: Bank, zygote: Zygote, *, seed: int = 0, cache: Path | None = None) -> None:
        self.topic = topic
        self.bank = bank
        self.seed = seed
        self._zygote = zygote
        self._cache = cache
        self._traces: dict[str, dict[str, Trace]] = {}

    def name(self, student: Any, exercise: str, failed: Collection[str] | None = None) -> Diagnosis | None:
        """The one known mistake that the student's code behaves as, or `None`.

        Parameters
        ----------
        student
            A proxy of a child in which the student's cells have run.
        exercise
            Which exercise to look at.
        failed
            The hidden tests that the student failed, if known: a mistake whose own test was passed is not named.
        """
        if exercise not in self.bank.probes or not self.bank.mistakes(exercise):
            return None
        return self.match(run_probe(self.bank.probes[exercise], student, self.seed), exercise, failed)

    def match(self, seen: Trace, exercise: str, failed: Collection[str] | None = None) -> Diagnosis | None:
        """The one known mistake that a trace agrees with.

        Named is only what agrees with exactly one entry and is clearly apart from all others and from the reference,
        if nothing ran into a limit and the trace is evidence.
        """
        if seen.stopped or not seen.is_evidence:
            return None
        traces = self.traces(exercise)
        agreeing = []
        for name, trace in traces.items():
            verdict = compare(seen, trace)
            if verdict is Likeness.UNCLEAR:
                return None
            if verdict is Likeness.AGREE:
                agreeing.append(name)
        named = {entry.name: entry for entry in self.bank.mistakes(exercise)}
        if len(agreeing) != 1 or agreeing[0] not in named:
            return None
        entry = named[agreeing[0]]
        if traces[entry.name].stopped or compare(traces[entry.name], traces[REFERENCE]) is not Likeness.APART:
            return None
        if failed is not None and entry.caught_by not in failed:
            return None
        return Diagnosis(entry.name, f"{entry.diagnosis}\n\n{entry.question}".strip())

    def traces(self, exercise: str) -> Mapping[str, Trace]:
        """The traces of the reference (under "") and of every entry of an exercise."""
        if exercise not in self._traces:
            self._traces[exercise] = self._stored(exercise) or self._computed(exercise)
        return self._traces[exercise]

    def trace_of(self, exercise: str, source: str | None) -> Trace:
        """Run the probe at one source of an exercise, amid the reference's other cells, in a fresh child."""
        with implementation(self._zygote, self.topic, exercise, source) as child:
            if not child.alive:
                return Trace((Observation("the cells", "stopped"),))
            return run_probe(self.bank.probes[exercise], child.student, self.seed)

    def _computed(self, exercise: str) -> dict[str, Trace]:
        entries: tuple[Entry, ...] = self.bank.mistakes(exercise) + self.bank.right_answers(exercise)
        traces = {REFERENCE: self.trace_of(exercise, None)}
        traces |= {entry.name: self.trace_of(exercise, entry.source) for entry in entries}
        if self._cache is not None and not any(trace.stopped for trace in traces.values()):
            self._cache.mkdir(parents=True, exist_ok=True)
            target = self._file(exercise)
            fresh = target.with_suffix(f".{os.getpid()}.part")
            fresh.write_text(json.dumps({name: asdict(trace) for name, trace in traces.items()}), encoding="utf-8")
            fresh.replace(target)
        return traces

    def _stored(self, exercise: str) -> dict[str, Trace] | None:
        if self._cache is None or not self._file(exercise).is_file():
            return None
        try:
            record = json.loads(self._file(exercise).read_text(encoding="utf-8"))
            return {name: _trace(each) for name, each in record.items()}
        except (ValueError, TypeError, KeyError):  # a torn or older file is as good as none
            return None

    def _file(self, exercise: str) -> Path:
        assert self._cache is not None
        here = Path(__file__).parent
        engine = [(here / name).read_text("utf-8") for name in ("probe.py", "observations.py")]
        parts = (*engine, np.__version__, self.bank.text, "\n".join(t for _, t in cells_with(self.topic, "", None)))
        key = hashlib.sha256("\0".join((*parts, exercise, str(self.seed))).encode()).hexdigest()[:24]
        return self._cache / f"{self.topic.stem}-{exercise}-{key}.json"


def _trace(record: Mapping[str, Any]) -> Trace:
    looks = (
        Observation(**{**look, "modified": tuple(look["modified"]), "warned": tuple(look["warned"])})
        for look in record["looks"]
    )
    return Trace(tuple(looks))
