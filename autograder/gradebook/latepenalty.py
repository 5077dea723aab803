"""The late rule of `course.toml` as nbgrader's plugin, so that `nbgrader autograde` takes off what we take off."""

from __future__ import annotations

from nbgrader.plugins import LateSubmissionPlugin

from autograder.config import load_course
from autograder.late import late_of


class CourseLatePenalty(LateSubmissionPlugin):  # type: ignore[misc]  # nbgrader has no types
    """Penalty by started day, with grace, floor and last day."""

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> float | None:
        """Points to take off one notebook; None if it counts as in time.

        Parameters
        ----------
        student_id : str
        score : float
            What the notebook earned.
        total_seconds_late : float
            After the student's deadline, an extension included.
        """
        late = late_of(load_course().late, total_seconds_late)
        return None if late is None else late.penalty(score) or None
