"""What an instructor reads when a run is over: how many, who needs a human and why, where everything is, what next."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.classroom.grade import Graded
from autograder.classroom.shard import Shard
from autograder.config import ROOT
from autograder.records import Result
from autograder.reports.clean import clean_line, counted
from autograder.reports.table import NO_MARKS, Marks

MOST_NAMED = 20  # submissions that are listed one by one


def run_summary(graded: Graded, class_dir: Path, marks: Marks = NO_MARKS) -> str:
    """The summary of a run.

    Parameters
    ----------
    graded : Graded
        What the run did.
    class_dir : Path
        Folder of the class, in which everything lies.
    marks : mapping
        Marks of people by (topic, student).
    """
    human = [result for result in graded.results if result.needs_a_human]
    waiting = Counter(mark.name for found in marks.values() for mark in found if mark.waiting and mark.written)
    lines = [_counts(graded, len(human)), *_who(human), *_to_mark(waiting), *_where(class_dir)]
    return "\n".join([*lines, f"Next: {_next(graded, human, waiting, class_dir)}"])


def shard_summary(graded: Graded, shard: Shard, journal: Path) -> str:
    """The summary of a run that graded one part of a class."""
    human = [result for result in graded.results if result.needs_a_human]
    lines = [f"Part {shard.number} of {shard.of}: {_counts(graded, len(human))}", *_who(human)]
    lines += [f"note: {note}" for note in graded.notes]
    ahead = "the same command again" if graded.pending else f"when all are done: ./course merge {shown(journal.parent)}"
    return "\n".join([*lines, f"{'Results':<14}{shown(journal)}", f"Next: {ahead}"])


def _counts(graded: Graded, human: int) -> str:
    now, before = len(graded.fresh), max(len(graded.results) - len(graded.fresh), 0)
    rate = f" in {clock(graded.seconds)} ({now / graded.seconds:.1f}/s)" if now and graded.seconds else ""
    parts = [f"{counted(len(graded.results), 'submission')}: {now} graded now{rate}, {before} graded before"]
    if graded.pending:
        parts.append(f"{len(graded.pending)} not graded yet")
    parts.append(f"{human} NEED A HUMAN" if human else "nobody needs a human")
    return "; ".join(parts) + "."


def clock(seconds: float) -> str:
    """A duration in the units that fit it."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"


def _who(human: Sequence[Result]) -> Iterator[str]:
    """Who needs a human, and why: the grader failed there, so no number can be trusted."""
    for result in human[:MOST_NAMED]:
        why = "; ".join(clean_line(notice, 200) for notice in result.notices) or _failing(result)
        yield f"  {clean_line(result.student, 32)}  {result.topic}: {why}"
    if len(human) > MOST_NAMED:
        yield f"  and {len(human) - MOST_NAMED} more: status GRADER ERROR in grades.csv"


def _failing(result: Result) -> str:
    """The tests that could not be run."""
    tests = [(part.name, test) for part in result.exercises for test in part.tests if test.state == "grader_error"]
    return "; ".join(f"{exercise}, {test.name} could not be run" for exercise, test in tests)


def _to_mark(waiting: Counter[str]) -> Iterator[str]:
    if waiting:
        names = ", ".join(f"{name} {count}" for name, count in sorted(waiting.items()))
        yield f"Written answers to mark: {waiting.total()} ({names})"


def _where(class_dir: Path) -> Iterator[str]:
    for what, place in (
        ("Gradebook", "gradebook.db"),
        ("Feedback", "feedback/STUDENT/TOPIC.html"),
        ("Class report", "reports/class_report.html"),
        ("Grades", "reports/grades.csv"),
        ("Journal", "journal/results.jsonl"),
    ):
        yield f"{what:<14}{shown(class_dir / place)}"


def shown(path: Path) -> str:
    """A path as its reader would type it here."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def _next(graded: Graded, human: Sequence[Result], waiting: Counter[str], class_dir: Path) -> str:
    where = "" if class_dir.resolve() == ROOT else f" --class-dir {shown(class_dir)}"
    if graded.pending:
        return f"the same command again; it does only the {len(graded.pending)} that are missing"
    if human:
        first = human[0]
        file = shown(class_dir / "submitted" / first.student / first.topic / f"{first.topic}.ipynb")
        return f"./course try {first.topic} {file}"
    if waiting:
        return (
            f"mark the written answers in formgrader (jupyter lab in {shown(class_dir)}), then ./course export{where}"
        )
    return f"hand back the feedback, or ./course export{where} for grades in other formats"
