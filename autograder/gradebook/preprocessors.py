"""What stock `nbgrader autograde` runs here in place of its own steps, so that both doors give the same score.

nbgrader reads, executes and scores a notebook in one kernel with the tests, and one copied cell ends its whole
batch. These two steps read the file that was handed in through intake, grade it as `./course grade` does, and write
what that writes.
"""

from __future__ import annotations

import atexit
import warnings
from functools import cache
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode, reads
from nbformat.v4 import new_notebook
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.classroom.journal import Journal, JournalError
from autograder.classroom.worker import Graders
from autograder.config import Course, load_course
from autograder.course.percent import read_topic
from autograder.course.release import release_of
from autograder.gradebook.artefacts import (
    Stamp,
    graded_notebook,
    notebook_text,
    result_digest,
    written_states,
)
from autograder.gradebook.released import Notebook, Released, read_released
from autograder.gradebook.store import write_results
from autograder.intake import Submission, Unreadable, read_submission

Resources = dict[str, Any]
"""nbgrader's note of what is being converted; `nbgrader` in it names student, assignment and database."""


@cache
def _course() -> Course:
    return load_course()


@cache
def _graders() -> Graders:
    """The graders of this process; they end with it."""
    graders = Graders(_course())
    atexit.register(graders.close)
    return graders


def _node(notebook: Notebook) -> NotebookNode:
    node: NotebookNode = reads(notebook_text(notebook), as_version=4)  # type: ignore[no-untyped-call]
    return node


class AnyFile(NotebookExporter):  # type: ignore[misc]  # nbconvert has no types
    """Lets a file that is no notebook through to our steps, which know what it is worth; nbgrader's would not."""

    def from_filename(self, filename: str, resources: Resources | None = None, **options: Any) -> Any:
        """Convert the file, or an empty notebook in the place of one that cannot be read."""
        try:
            return super().from_filename(filename, resources=resources, **options)
        except (ValueError, OSError, RecursionError, AttributeError, KeyError, TypeError) as error:
            self.log.warning("%s: %s", filename, error)
            empty = new_notebook()  # type: ignore[no-untyped-call]
            return self.from_notebook_node(empty, resources=resources, **options)


class _Handed(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
    """A step that works on the file that was handed in, whatever nbgrader made of it."""

    def _class_dir(self) -> Path:
        root = str(self.parent.parent.coursedir.root)  # exporter, then converter
        return Path(root).resolve()

    def _path(self, resources: Resources) -> Path:
        note = resources["nbgrader"]
        folder: Path = self._class_dir() / "submitted" / note["student"] / note["assignment"]
        return folder / f"{note['notebook']}.ipynb"

    def _read(self, resources: Resources) -> tuple[Released, Submission | None, bytes]:
        note, path = resources["nbgrader"], self._path(resources)
        released = read_released(_course(), note["assignment"])
        release = release_of(read_topic(_course().source(note["assignment"])))
        try:
            return released, read_submission(path, release, note["student"]), path.read_bytes()
        except (Unreadable, OSError) as error:
            self.log.warning("%s", error)
            return released, None, b""


class Restore(_Handed):
    """First pass, instead of nbgrader's sanitizing: the released notebook with the student's cells in it."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Put the notebook together anew; copied, changed and missing cells cannot stop anything."""
        released, submission, raw = self._read(resources)
        return _node(graded_notebook(released, submission, raw, None, None)), resources


class GradeConfined(_Handed):
    """Second pass, instead of executing: grade in confined student processes, and fill the gradebook."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Grade one submission, write scores and comments, and give back the notebook that shows them."""
        note, class_dir = resources["nbgrader"], self._class_dir()
        with warnings.catch_warnings():
            warnings.simplefilter("default")
            result = _graders().grade(note["assignment"], note["student"], self._path(resources))
        try:
            with Journal(class_dir) as journal:
                journal.append(result)
        except JournalError as error:
            self.log.warning("the result is in the gradebook only: %s", error)
        for notice in write_results(_course(), class_dir, [result], notebooks=False):
            self.log.warning("%s", notice)
        released, submission, raw = self._read(resources)
        stamp = Stamp(result.submission_sha256, result_digest(result, released), written_states(released, submission))
        return _node(graded_notebook(released, submission, raw, result, stamp)), resources
