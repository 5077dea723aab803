"""Grade a class: do what the journal does not have yet, then bring gradebook and feedback up to date."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from autograder.classroom.journal import Journal, read_journal
from autograder.classroom.pool import TRIES, Lost, Pool
from autograder.classroom.progress import Progress
from autograder.classroom.submissions import Handed, find_submissions
from autograder.classroom.worker import Graders
from autograder.config import Course
from autograder.grading.graderhash import grader_sha256
from autograder.grading.opening import require_isolation
from autograder.records import Result


@dataclass(frozen=True)
class Graded:
    """What a run did.

    `results` holds the current result of every submission found, old and new; `fresh` those of this run;
    `pending` those that an interruption left for the next run.
    """

    results: tuple[Result, ...]
    fresh: tuple[Result, ...]
    pending: tuple[Handed, ...]
    notes: tuple[str, ...]


def grade_class(
    course: Course,
    class_dir: Path,
    stems: Sequence[str],
    *,
    student: str | None = None,
    jobs: int = 1,
    force: bool = False,
    unsafe: bool = False,
) -> Graded:
    """Grade every submission whose result is not in the journal yet.

    Parameters
    ----------
    stems : sequence of str
        Topics to grade.
    student : str, optional
        Only this one.
    force : bool
        Grade again what the journal has.

    Raises
    ------
    NothingToGradeError, JournalError
        With a message for the terminal.
    """
    found = find_submissions(class_dir, stems, student)
    level = require_isolation(course, unsafe=unsafe)
    hashes = {stem: grader_sha256(course, stem, level) for stem in {handed.topic for handed in found}}
    history = read_journal(class_dir)
    known = {} if force else history.by_key()
    keys = {handed: (handed.topic, handed.student, handed.sha256, hashes[handed.topic]) for handed in found}
    todo = [handed for handed in found if keys[handed] not in known]
    notes = [f"journal line {spot.line} is damaged ({spot.reason}); graded again" for spot in history.damage]
    fresh = _grade(course, class_dir, todo, jobs, unsafe, notes)
    current = {**history.by_key(), **{(r.topic, r.student, r.submission_sha256, r.grader_sha256): r for r in fresh}}
    results = tuple(current[keys[handed]] for handed in found if keys[handed] in current)
    pending = tuple(handed for handed in found if keys[handed] not in current)
    return Graded(results, tuple(fresh), pending, tuple(notes))


def _grade(
    course: Course, class_dir: Path, todo: Sequence[Handed], jobs: int, unsafe: bool, notes: list[str]
) -> list[Result]:
    fresh: list[Result] = []
    pool = Pool(course.root, jobs, unsafe)
    progress = Progress(len(todo))
    with Journal(class_dir) as journal, _interruptible(pool):
        for answer in pool.run(todo):
            if isinstance(answer, Lost):
                answer = _lost(course, answer.handed, unsafe)
                notes.append(answer.notices[0])
            journal.append(answer)
            fresh.append(answer)
            progress.advance(troubled=answer.needs_a_human)
    if pool.replaced:
        notes.append(f"{pool.replaced} grading processes died and were replaced")
    return fresh


def _lost(course: Course, handed: Handed, unsafe: bool) -> Result:
    """The result of a submission on which the grading process died every time: a human has to look, never a zero."""
    graders = Graders(course, unsafe)
    try:
        message = f"{handed.path}: the grading process died {TRIES} times on it. Look at it by hand."
        return graders.ungraded(handed.topic, handed.student, handed.sha256, "grader_error", message)
    finally:
        graders.close()


@contextmanager
def _interruptible(pool: Pool) -> Iterator[None]:
    """Ctrl-C lets the submissions in hand finish; a second one stops at once, and loses only those."""

    def first(_number: int, _frame: FrameType | None) -> None:
        pool.stop()
        print("\nstopping after the submissions in hand; Ctrl-C again to stop at once", flush=True)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    try:
        before = signal.signal(signal.SIGINT, first)
    except ValueError:  # not the main thread: nobody presses Ctrl-C there
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
