"""Shards into the journal of the class: each result once, none of another grader, and what disagrees is said."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from autograder.classroom.grade import Graded, standing
from autograder.classroom.journal import History, Journal, Key, key_of, read_journal, read_records
from autograder.classroom.submissions import find_submissions
from autograder.config import Course
from autograder.errors import RefusedError, UserError
from autograder.grading.graderhash import grader_sha256
from autograder.grading.seeds import course_secret, submission_seed
from autograder.records import Result

PATTERN = "shard-*-of-*.jsonl"


def merge_shards(course: Course, journal: Journal, sources: Sequence[Path]) -> Graded:
    """Bring the results of shards into the journal of the class.

    A second call with the same shards changes nothing. Of two results for the same submission the one in the journal
    counts, else that of the shard named first; where they disagree, a note says so.

    Parameters
    ----------
    course : Course
    journal : Journal
        Of the class, open.
    sources : sequence of Path
        Journals of shards, or folders that hold some.

    Raises
    ------
    UserError
        If there is nothing to merge.
    RefusedError
        If a shard was graded by another grader, or with another secret, than this checkout has. Nothing is merged
        then.
    """
    started = time.monotonic()
    shards = {path: read_records(path) for path in _files(sources)}
    merging = _Merging(course, read_journal(journal.class_dir))
    for path, history in shards.items():
        merging.check(path, history)
    for path, history in shards.items():
        merging.add(path, history)
    for result in merging.fresh:
        journal.append(result)
    found = find_submissions(journal.class_dir, sorted(merging.graders))
    keys = {handed: (handed.topic, handed.student, handed.sha256, merging.graders[handed.topic][0]) for handed in found}
    history = History((*merging.history.results, *merging.fresh))
    return standing(found, keys, history, merging.fresh, merging.notes, time.monotonic() - started)


def _files(sources: Sequence[Path]) -> Iterator[Path]:
    """The journals of shards that the sources are or hold, each once."""
    seen: set[Path] = set()
    for source in sources:
        files = [source]
        if source.is_dir():
            files = sorted({*source.glob(PATTERN), *source.glob(f"journal/{PATTERN}")})
        if not files or not files[0].is_file():
            raise UserError(f"{source}: holds no {PATTERN}. Make one: ./course grade --shard 1/2")
        yield from (path for path in files if path.resolve() not in seen)
        seen |= {path.resolve() for path in files}


@dataclass
class _Merging:
    """What is known so far: by key the results, by topic the grader's hash and the shard that brought it."""

    course: Course
    history: History
    fresh: list[Result] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    graders: dict[str, tuple[str, Path]] = field(default_factory=dict)
    _known: dict[Key, tuple[Result, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._known = {key: (result, "the journal") for key, result in self.history.by_key().items()}
        self._expected = cache(lambda stem, level: grader_sha256(self.course, stem, level))
        self._secret = course_secret(self.course.root)

    def check(self, path: Path, history: History) -> None:
        """Refuse a shard whose results do not belong together with those of this checkout and the other shards."""
        for result in history.latest().values():
            stem = self.course.topic(result.topic).stem
            expected = self._expected(stem, result.isolation)
            if result.grader_sha256 != expected:
                raise RefusedError(
                    f"{path}: graded {stem} with grader {result.grader_sha256[:12]}, and this checkout has "
                    f"{expected[:12]}. Use the same commit and Python everywhere, then grade that shard again."
                )
            hash_before, before = self.graders.setdefault(stem, (expected, path))
            if hash_before != expected:
                raise RefusedError(
                    f"{path}: graded {stem} at isolation level {result.isolation}, and {before} at another one. "
                    "Use machines of one level (./course doctor), then grade one of them again."
                )
            seed = submission_seed(self._secret, stem, result.student, result.submission_sha256)
            if result.seed not in (0, seed):  # 0: nothing was run
                raise RefusedError(
                    f"{path}: graded {result.student} with another course.secret. Copy the file of this checkout "
                    "to the machines of the shards, then grade that shard again."
                )

    def add(self, path: Path, history: History) -> None:
        """Take what is new."""
        for spot in history.damage:
            self.notes.append(f"{path} line {spot.line} is damaged ({spot.reason}); its submission is not merged")
        for result in history.latest().values():
            before, source = self._known.setdefault(key_of(result), (result, path.name))
            if before is result:
                self.fresh.append(result)
            elif replace(before, seconds=0.0) != replace(result, seconds=0.0):
                self.notes.append(
                    f"{result.topic} {result.student}: {path.name} says {_words(result)}, {source} says "
                    f"{_words(before)}, which stays. Settle it: ./course grade {result.topic} --student "
                    f"{result.student} --force"
                )


def _words(result: Result) -> str:
    return f"{result.score:g} of {result.max_score:g} points ({result.status})"
