"""The results that count today: of each submission in place the newest, and what has none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.classroom.journal import read_journal
from autograder.classroom.submissions import Handed, find_submissions
from autograder.records import Result


@dataclass(frozen=True)
class Current:
    """What a class stands at.

    `ungraded` are files in place that no result belongs to, because they were never graded or have changed since;
    `gone` are students (with topic) whose file is no longer in place: the last result stands for them.
    """

    results: tuple[Result, ...]
    ungraded: tuple[Handed, ...]
    gone: tuple[Result, ...]


def current_results(class_dir: Path, stems: Sequence[str]) -> Current:
    """The result of each submission, whichever grader it was made with.

    The last line of the journal is not enough: a student who goes back to an earlier file has the earlier result.
    """
    history = read_journal(class_dir)
    by_file = {(result.topic, result.student, result.submission_sha256): result for result in history.results}
    handed = find_submissions(class_dir, stems) if (class_dir / "submitted").is_dir() else []
    results, ungraded = [], []
    for file in handed:
        result = by_file.get((file.topic, file.student, file.sha256))
        if result is None:
            ungraded.append(file)
        else:
            results.append(result)
    there = {(file.topic, file.student) for file in handed}
    gone = [result for key, result in history.latest().items() if key not in there and key[0] in stems]
    return Current((*results, *gone), tuple(ungraded), tuple(gone))
