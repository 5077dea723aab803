"""Bring results into nbgrader's database and folders: whole batches at once, and nothing that people wrote is lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path

from autograder.config import Course
from autograder.course.percent import read_topic
from autograder.course.release import Release, release_of
from autograder.gradebook.artefacts import (
    Stamp,
    artefact_path,
    graded_notebook,
    notebook_text,
    read_stamp,
    result_digest,
    written_states,
)
from autograder.gradebook.database import gradebook, sync_cells, write_class_config
from autograder.gradebook.decisions import decide
from autograder.gradebook.late import settle
from autograder.gradebook.released import Released, read_released
from autograder.gradebook.rows import Cells, Entry, read_cells, write_entries
from autograder.gradebook.timestamps import read_timestamp, submitted_folder
from autograder.intake import Submission, Unreadable, read_submission
from autograder.records import Result
from autograder.reports.files import write_whole

BATCH = 200  # submissions in one transaction


@dataclass(frozen=True)
class Prepared:
    """One result on its way: what the database gets, and the notebook's text unless the one there is made from it."""

    result: Result
    entry: Entry | None
    notebook: str | None
    notices: tuple[str, ...]


def write_results(
    course: Course, class_dir: Path, results: Iterable[Result], *, notebooks: bool = True
) -> tuple[str, ...]:
    """Write results into the gradebook, and the notebooks that formgrader and nbgrader's feedback show.

    Every cell of the database's list gets its score; marks, comments and extra credit given by people stay, and a
    mark whose grounds have changed is put forward for review. A second call with the same results changes nothing.

    Parameters
    ----------
    course : Course
    class_dir : Path
        Folder of the class: `submitted/` is read; `gradebook.db` and `autograded/` are written.
    results : iterable of Result
        In any order; of two results for the same topic and student the later one counts.
    notebooks : bool
        False leaves the notebooks to nbgrader, which is then the one who called.

    Returns
    -------
    tuple of str
        A notice for every cell or file that was not as expected; each starts with topic and student.

    Raises
    ------
    GradebookError
        If the database or the released notebook cannot be used. A batch of submissions is in it whole or not at all.
    """
    latest = {(result.topic, result.student): result for result in results}
    notices: list[str] = []
    write_class_config(course, class_dir)
    with gradebook(course, class_dir) as book:
        for stem, keys in groupby(sorted(latest), key=lambda key: key[0]):
            released = read_released(course, stem)
            notices += [f"{stem}: {text}" for text in sync_cells(book, released)]
            writer = _Topic(class_dir, released, release_of(read_topic(course.source(stem))), read_cells(book, stem))
            for batch in _batches(latest[key] for key in keys):
                prepared = [writer.prepare(result) for result in batch]
                write_entries(book, writer.cells, [item.entry for item in prepared if item.entry])
                if notebooks:
                    _write_notebooks(class_dir, prepared)
                notices += [f"{stem} {item.result.student}: {text}" for item in prepared for text in item.notices]
            settle(book, course, class_dir, [stem], {student for topic, student in latest if topic == stem})
    return tuple(notices)


def _batches(results: Iterable[Result]) -> Iterator[list[Result]]:
    ordered = iter(results)
    while batch := list(islice(ordered, BATCH)):
        yield batch


@dataclass(frozen=True)
class _Topic:
    """What all submissions of a topic have in common."""

    class_dir: Path
    released: Released
    release: Release
    cells: Cells

    def prepare(self, result: Result) -> Prepared:
        """Read the submission, unless a notebook made from the same result says all there is to know."""
        old = read_stamp(artefact_path(self.class_dir, result.student, result.topic))
        digest = result_digest(result, self.released)
        if old is not None and old.result == digest and old.submission == result.submission_sha256:
            return self._prepared(result, old, None, changed=False)
        try:
            submission, raw = self._read(result)
        except _ChangedError:
            text = "the file changed after it was graded, so nothing was written: run ./course grade again"
            return Prepared(result, None, None, (text,))
        stamp = Stamp(result.submission_sha256, digest, written_states(self.released, submission))
        notebook = notebook_text(graded_notebook(self.released, submission, raw, result, stamp))
        changed = old is None or old.submission != result.submission_sha256
        return self._prepared(result, stamp, notebook, changed=changed)

    def _read(self, result: Result) -> tuple[Submission | None, bytes]:
        path = submitted_folder(self.class_dir, result.student, result.topic) / f"{result.topic}.ipynb"
        try:
            submission = read_submission(path, self.release, result.student)
            raw = path.read_bytes()
        except (Unreadable, OSError):
            if result.status == "unreadable":
                return None, b""
            raise _ChangedError from None
        if submission.sha256 != result.submission_sha256:
            raise _ChangedError
        return submission, raw

    def _prepared(self, result: Result, stamp: Stamp, notebook: str | None, *, changed: bool) -> Prepared:
        grades, notices = decide(result, stamp.written, self.cells.points.items())
        folder = submitted_folder(self.class_dir, result.student, result.topic)
        timestamp, trouble = read_timestamp(folder)
        return Prepared(result, Entry(result.student, timestamp, grades, changed), notebook, (*notices, *trouble))


class _ChangedError(Exception):
    """The file is not the one that was graded."""


def _write_notebooks(class_dir: Path, prepared: Iterable[Prepared]) -> None:
    for item in prepared:
        if item.notebook is None:
            continue
        path = artefact_path(class_dir, item.result.student, item.result.topic)
        stamp = submitted_folder(class_dir, item.result.student, item.result.topic) / "timestamp.txt"
        if stamp.is_file() and not stamp.is_symlink():
            write_whole(path.with_name("timestamp.txt"), stamp.read_text(encoding="utf-8", errors="replace"))
        else:
            path.with_name("timestamp.txt").unlink(missing_ok=True)
        write_whole(path, item.notebook)
