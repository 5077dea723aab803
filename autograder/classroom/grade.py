"""Grade a class: do what the journal does not have yet, on this machine or on a cluster."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Protocol

from autograder.classroom.journal import RESULTS, History, Journal, Key, read_journal
from autograder.classroom.pool import Pool
from autograder.classroom.progress import Progress
from autograder.classroom.shard import Shard
from autograder.classroom.submissions import Handed, find_submissions, largest_first
from autograder.classroom.task import Task
from autograder.config import Course
from autograder.errors import UserError
from autograder.grading.graderhash import grader_sha256
from autograder.grading.opening import require_isolation
from autograder.records import Result


@dataclass(frozen=True)
class Graded:
    """What a run did.

    `results` holds the current result of every submission found, old and new; `fresh` those of this run;
    `pending` those that an interruption left for the next run; `everything` the newest result of each student and
    topic of the class, asked for or not.
    """

    results: tuple[Result, ...]
    fresh: tuple[Result, ...]
    pending: tuple[Handed, ...]
    notes: tuple[str, ...]
    everything: tuple[Result, ...] = ()
    seconds: float = 0.0


class Engine(Protocol):
    """Who grades: processes of this machine, or a cluster."""

    replaced: int

    def stop(self) -> None:
        """Begin nothing new."""

    def run(self, tasks: Sequence[Task]) -> Iterator[Result]:
        """One result for each task, as they are finished."""

    def close(self) -> None:
        """End what is still at work."""


def grade_class(
    course: Course,
    class_dir: Path,
    stems: Sequence[str],
    *,
    student: str | None = None,
    jobs: int = 1,
    force: bool = False,
    unsafe: bool = False,
    shard: Shard | None = None,
    scheduler: str = "",
    journal: Journal | None = None,
) -> Graded:
    """Grade every submission whose result is not in the journal yet.

    Parameters
    ----------
    stems : sequence of str
        Topics to grade.
    student : str, optional
        Only this one.
    jobs : int
        Grading processes on this machine.
    force : bool
        Grade again what the journal has.
    shard : Shard, optional
        Only this part of the class, into a journal of its own.
    scheduler : str
        Address of a Dask scheduler whose workers grade instead of this machine.
    journal : Journal, optional
        The open journal, for callers who go on under its lock; without one it is opened for this call.

    Raises
    ------
    NothingToGradeError, JournalError, UserError, RefusedError
        With a message for the terminal.
    """
    started = time.monotonic()
    with ExitStack() as stack:
        if journal is None:
            journal = stack.enter_context(Journal(class_dir, shard.journal if shard else RESULTS))
        found = find_submissions(class_dir, stems, student)
        found = [handed for handed in found if shard is None or shard.takes(handed.student, handed.topic)]
        engine, level = _engine(course, jobs, unsafe, scheduler)
        stack.enter_context(closing(engine))
        hashes = {stem: grader_sha256(course, stem, level) for stem in {handed.topic for handed in found}}
        history = _history(class_dir, shard)
        keys = {handed: (handed.topic, handed.student, handed.sha256, hashes[handed.topic]) for handed in found}
        known = {} if force else history.by_key()
        todo = largest_first(handed for handed in found if keys[handed] not in known)
        fresh = _grade(engine, journal, todo, hashes if scheduler else {})
    notes = [f"journal line {spot.line} is damaged ({spot.reason}); graded again" for spot in history.damage]
    if engine.replaced:
        notes.append(f"grading processes that died and were replaced: {engine.replaced}")
    return standing(found, keys, History((*history.results, *fresh)), fresh, notes, time.monotonic() - started)


def standing(
    found: Sequence[Handed],
    keys: Mapping[Handed, Key],
    history: History,
    fresh: Sequence[Result],
    notes: Sequence[str],
    seconds: float = 0.0,
) -> Graded:
    """How the class stands, now that `history` is all there is."""
    current = history.by_key()
    return Graded(
        results=tuple(current[keys[handed]] for handed in found if keys[handed] in current),
        fresh=tuple(fresh),
        pending=tuple(handed for handed in found if keys[handed] not in current),
        notes=tuple(notes),
        everything=tuple(history.latest().values()),
        seconds=seconds,
    )


def _engine(course: Course, jobs: int, unsafe: bool, scheduler: str) -> tuple[Engine, str]:
    """Who grades, and the isolation level there."""
    if not scheduler:
        return Pool(course.root, jobs, unsafe), require_isolation(course, unsafe=unsafe)
    from autograder.classroom.cluster import Cluster

    cluster = Cluster(course, scheduler, unsafe)
    try:
        return cluster, require_isolation(course, unsafe=unsafe, level=cluster.level())
    except BaseException:
        cluster.close()
        raise


def _history(class_dir: Path, shard: Shard | None) -> History:
    history = read_journal(class_dir)
    if shard is None:
        return history
    own = read_journal(class_dir, shard.journal)
    return History((*history.results, *own.results), own.damage)


def _grade(engine: Engine, journal: Journal, todo: Sequence[Handed], expected: Mapping[str, str]) -> list[Result]:
    """Grade, and have each result in the journal before anything else happens to it."""
    fresh: list[Result] = []
    tasks = [Task(handed.topic, handed.student, handed.sha256, str(handed.path)) for handed in todo]
    with Progress(len(todo)) as progress, _interruptible(engine):
        for result in engine.run(tasks):
            _require_same_grader(result, expected)
            journal.append(result)
            fresh.append(result)
            progress.advance(troubled=result.needs_a_human)
    return fresh


def _require_same_grader(result: Result, expected: Mapping[str, str]) -> None:
    if result.grader_sha256 != expected.get(result.topic, result.grader_sha256):
        raise UserError(
            f"a worker of the cluster graded {result.topic} with grader {result.grader_sha256[:12]}, and here it is "
            f"{expected[result.topic][:12]}. Have the same commit, Python and isolation level everywhere."
        )


@contextmanager
def _interruptible(engine: Engine) -> Iterator[None]:
    """Ctrl-C lets the submissions in hand finish; a second one stops at once, and loses only those."""

    def first(_number: int, _frame: FrameType | None) -> None:
        engine.stop()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        print("\nstopping after the submissions in hand; Ctrl-C again to stop at once", flush=True)

    try:
        before = signal.signal(signal.SIGINT, first)
    except ValueError:  # not the main thread: nobody presses Ctrl-C there
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
