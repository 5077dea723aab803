"""The feedback page: one self-contained HTML file for a submission, readable offline, on a phone and on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from autograder.late import Late
from autograder.records import Result
from autograder.reports.answers import NO_ANSWERS, Answers, lines_of
from autograder.reports.clean import clean_line
from autograder.reports.content import ExerciseView, Mark, points_of, view
from autograder.reports.files import write_whole
from autograder.reports.pages import style_sheet, template
from autograder.reports.steps import next_steps
from autograder.reports.text import render_markdown


@dataclass(frozen=True)
class Placed:
    """An exercise with its number on the page, the address of its cell, and the cell's lines as handed in."""

    place: int
    view: ExerciseView
    address: str
    code: tuple[str, ...]


def render_feedback(
    result: Result,
    title: str = "",
    marks: Sequence[Mark] = (),
    notebook: str = "",
    late: Late | None = None,
    answers: Answers = NO_ANSWERS,
) -> str:
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
        Address of an exercise in the student's notebook, with `{topic}` and `{exercise}` in it; without it there are
        no links.
    late : Late, optional
        If it came late.
    answers : mapping
        The student's own cells, shown beside what was found in them.

    Returns
    -------
    str
        No part of it comes from another file or server.
    """
    page = view(result, title, marks, late)
    percent = _percent(page.score, page.max_score)
    placed = [
        Placed(place, item, _address(notebook, page.topic, item.name), lines_of(item.name, answers.get(item.name, "")))
        for place, item in enumerate(page.exercises, start=1)
    ]
    return template("feedback.html.j2").render(
        page=page,
        next=next_steps(page),
        groups=_groups(placed),
        percent=percent,
        open=min(_percent(page.waiting, page.max_score), 100 - percent),
        reference=clean_line(f"{result.topic} {result.student} {result.submission_sha256[:12]}"),
        linked=bool(notebook) and not page.unreadable,
        points=points_of,
        style=style_sheet("feedback.css"),
    )


def _groups(placed: Sequence[Placed]) -> list[tuple[str, list[Placed]]]:
    """What there is to do stands before what is done; within each the order of the notebook is kept."""
    done = [item for item in placed if item.view.state == "complete"]
    rest = [item for item in placed if item.view.state != "complete"]
    return [("To work on", rest), ("Complete", done)]


def _address(notebook: str, topic: str, exercise: str) -> str:
    return notebook.replace("{topic}", quote(topic)).replace("{exercise}", quote(exercise))


def _percent(part: float, whole: float) -> float:
    return 100 * min(max(part / whole, 0.0), 1.0) if whole else 0.0


def feedback_path(folder: Path, student: str, topic: str) -> Path:
    """Where the page of a submission lies in the feedback folder of a class.

    It is beside the folder of the same name, which belongs to nbgrader: `nbgrader generate_feedback` passes over a
    submission whose folder exists, and with `--force` empties it.
    """
    return folder / student / f"{topic}.html"


def write_feedback(
    result: Result,
    folder: Path,
    title: str = "",
    marks: Sequence[Mark] = (),
    notebook: str = "",
    late: Late | None = None,
    answers: Answers = NO_ANSWERS,
) -> Path:
    """Write the page of one submission and, beside it, the same as Markdown.

    An interruption leaves each file as it was or as it is to be, never half of one.

    Parameters
    ----------
    result : Result
    folder : Path
        The feedback folder of a class.
    title, marks, notebook, late, answers
        As in `render_feedback`.

    Returns
    -------
    Path
        The page.
    """
    path = feedback_path(folder, result.student, result.topic)
    write_whole(path, render_feedback(result, title, marks, notebook, late, answers))
    write_whole(path.with_suffix(".md"), render_markdown(result, title, marks, late))
    return path
