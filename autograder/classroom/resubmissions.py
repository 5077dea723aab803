"""What each of several submissions of one student would earn, for courses in which the best one counts."""

from __future__ import annotations

import tempfile
from pathlib import Path
from types import TracebackType

from autograder.classroom.worker import Graders
from autograder.config import Course


class Scorer:
    """Grades notebooks that are not in place yet; nothing of it goes into the journal. A context manager.

    Parameters
    ----------
    course : Course
    stem : str
        The topic.
    """

    def __init__(self, course: Course, stem: str) -> None:
        self._graders = Graders(course)
        self._stem = stem
        self._folder = tempfile.TemporaryDirectory()

    def __call__(self, student: str, raw: bytes) -> float | None:
        """The points of a notebook, or None if the grader could not say."""
        path = Path(self._folder.name) / f"{self._stem}.ipynb"
        path.write_bytes(raw)
        result = self._graders.grade(self._stem, student, path)
        return None if result.needs_a_human else result.score

    def __enter__(self) -> Scorer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._graders.close()
        self._folder.cleanup()
