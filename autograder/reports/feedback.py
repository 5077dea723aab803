"""The feedback page: one self-contained HTML file for a submission, readable offline, on a phone and on paper."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograder.records import Result
from autograder.reports.clean import clean_line
from autograder.reports.content import Mark, points_of, view
from autograder.reports.files import write_whole
from autograder.reports.pages import template


def render_feedback(result: Result, title: str = "", marks: Sequence[Mark] = (), notebook: str = "") -> str:
    """The page as HTML.

    Parameters
    ----------
    result : Result
        What grading found.
    title : str
        The topic's title.
    marks : sequence of Mark
        Marks and comments of people, from the gradebook.
    notebook : str
        Relative address of the notebook, if the page travels with it; exercises then link to their cells.

    Returns
    -------
    str
        No part of it comes from another file or server.
    """
    page = view(result, title, marks)
    percent = _percent(page.score, page.max_score)
    open_percent = min(_percent(page.waiting, page.max_score), 100 - percent)
    reference = clean_line(f"{result.topic} {result.student} {result.submission_sha256[:12]}")
    return template("feedback.html.j2").render(
        page=page, percent=percent, open=open_percent, reference=reference, notebook=notebook, points=points_of
    )


def _percent(part: float, whole: float) -> float:
    return 100 * min(max(part / whole, 0.0), 1.0) if whole else 0.0


def feedback_path(folder: Path, student: str, topic: str) -> Path:
    """Where the page of a submission lies in the feedback folder of a class.

    It is beside the folder of the same name, which belongs to nbgrader: `nbgrader generate_feedback` passes over a
    submission whose folder exists, and with `--force` empties it.
    """
    return folder / student / f"{topic}.html"


def write_feedback(result: Result, folder: Path, title: str = "", marks: Sequence[Mark] = ()) -> Path:
    """Write the page of one submission; an interruption leaves the old page or the new one, never half of one.

    Parameters
    ----------
    result : Result
    folder : Path
        The feedback folder of a class.
    title, marks
        As in `render_feedback`.
    """
    path = feedback_path(folder, result.student, result.topic)
    write_whole(path, render_feedback(result, title, marks))
    return path
