"""Feedback as plain text for the terminal, and as Markdown."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from functools import lru_cache

from autograder.late import Late
from autograder.records import ExerciseResult, Result
from autograder.reports.clean import SHARED, counted
from autograder.reports.content import (
    ExerciseView,
    Feedback,
    Finding,
    Mark,
    WrittenView,
    points_of,
    view,
    view_exercise,
)
from autograder.reports.steps import next_steps

WIDTH = 88
SIGNS = {"complete": "[x]", "partly": "[~]", "wrong": "[ ]", "untested": "[ ]", "checking": "[?]"}


def render_text(result: Result, title: str = "", marks: Sequence[Mark] = (), late: Late | None = None) -> str:
    """What `./course try` prints: the content of the feedback page, for a terminal.

    Parameters
    ----------
    result : Result
    title : str
        The topic's title.
    marks : sequence of Mark
        Marks and comments that people gave, if there is a gradebook.
    late : Late, optional
        If it came late.
    """
    feedback = view(result, title, marks, late)
    lines = [feedback.title, f"{feedback.student}: {feedback.headline}", *_wrapped(feedback.late, "")]
    lines.append("")
    if feedback.trouble:
        lines += [*_wrapped(feedback.trouble, ""), ""]
    lines += [*_next(feedback), ""]
    for exercise in feedback.exercises:
        lines += [*_exercise(exercise), ""]
    lines += _written(feedback)
    if feedback.diary:
        lines += ["For your error diary (what gave it away, how will I notice it next time?):"]
        for line in feedback.diary:
            lines += _wrapped(line, "  - ")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _next(feedback: Feedback) -> Iterator[str]:
    ahead = next_steps(feedback)
    yield from _wrapped(ahead.sentence, "Next: ")
    for number_of_step, step in enumerate(ahead.steps, start=1):
        yield from _wrapped(f"{step.name} ({step.points}): {step.text}", f"  {number_of_step}. ")


def exercise_text(exercise: ExerciseResult) -> str:
    """Everything about one exercise as plain text: what nbgrader's pages show under the student's cell."""
    return "\n".join(_exercise(view_exercise(exercise))) + "\n"


def comment_text(exercise: ExerciseResult) -> str:
    """One or two sentences on an exercise, for the comment box in which a marker goes on writing."""
    seen = view_exercise(exercise)
    reasons = [finding.seen for finding in seen.untested]
    parts = [f"{_points(seen)}: {seen.word}.", seen.summary, *reasons, seen.diagnosis]
    return " ".join(part for part in parts if part)


def _points(exercise: ExerciseView) -> str:
    return points_of(exercise.score, exercise.max_score)


def _exercise(exercise: ExerciseView) -> Iterator[str]:
    yield f"{SIGNS[exercise.state]} {exercise.name}: {_points(exercise)}, {exercise.word}"
    yield from _wrapped(exercise.summary, "    ")
    for finding in exercise.failed:
        yield from _failure(finding)
    for finding in exercise.untested:
        if finding.seen:
            yield from _wrapped(finding.seen, "    Not run: ")
    if exercise.diagnosis:
        yield from _wrapped(exercise.diagnosis, "    It behaves like a known mistake: ")
    if exercise.question:
        yield from _wrapped(exercise.question, "    To think about: ")
    if exercise.comment:
        yield from _wrapped(exercise.comment, "    Comment: ")


def _failure(finding: Finding) -> Iterator[str]:
    yield from _wrapped(finding.title, "  - Asked for: ")
    if finding.seen:
        yield from _wrapped(finding.seen, "    Seen: ")
    if finding.points:
        yield f"    Earned {finding.points}."


def _written(feedback: Feedback) -> Iterator[str]:
    for question in feedback.written:
        yield f"[w] {question.name}: {_written_points(question)}, {question.word}"
        if question.comment:
            yield from _wrapped(question.comment, "    Comment: ")
        yield ""


def _written_points(question: WrittenView) -> str:
    if question.score is None:
        return counted(question.max_score, "point")
    return points_of(question.score, question.max_score)


def _wrapped(text: str, start: str) -> Iterator[str]:
    """Lines under a first one; those that continue stand as far in as the words of the first."""
    margin = " " * (len(start) - len(start.lstrip()) + (2 if start.lstrip().startswith("- ") else 0))
    for number_of_line, line in enumerate(text.splitlines() or [""]):
        first = start if number_of_line == 0 else margin
        yield from textwrap.wrap(
            line, WIDTH, initial_indent=first, subsequent_indent=margin, break_on_hyphens=False, break_long_words=False
        )


def render_markdown(result: Result, title: str = "", marks: Sequence[Mark] = (), late: Late | None = None) -> str:
    """The content of the feedback page as Markdown, for LMS comments and job summaries."""
    feedback = view(result, title, marks, late)
    lines = [f"# {escape_markdown(feedback.title)}", "", f"**{feedback.headline}**", ""]
    lines += [escape_markdown(feedback.late), ""] if feedback.late else []
    if feedback.trouble:
        lines += [feedback.trouble, ""]
    ahead = next_steps(feedback)
    lines += ["## What to do next", "", escape_markdown(ahead.sentence), ""]
    for number_of_step, step in enumerate(ahead.steps, start=1):
        lines.append(f"{number_of_step}. {escape_markdown(f'{step.name} ({step.points}): {step.text}')}")
    lines += [""] if ahead.steps else []
    for exercise in feedback.exercises:
        lines += [
            f"## {escape_markdown(exercise.name)}: {_points(exercise)}, {exercise.word}",
            "",
            exercise.summary,
            "",
        ]
        lines += _markdown_findings(exercise)
        if exercise.diagnosis:
            lines += [f"It behaves like a known mistake: {escape_markdown(exercise.diagnosis)}", ""]
        if exercise.question:
            lines += [f"To think about: *{escape_markdown(exercise.question)}*", ""]
        if exercise.comment:
            lines += [f"Comment: {escape_markdown(exercise.comment)}", ""]
    for question in feedback.written:
        lines += [f"## {escape_markdown(question.name)}: {_written_points(question)}, {question.word}", ""]
        if question.comment:
            lines += [f"Comment: {escape_markdown(question.comment)}", ""]
    if feedback.diary:
        lines += ["## For your error diary", "", *(f"- {escape_markdown(line)}" for line in feedback.diary), ""]
    return "\n".join(lines).rstrip() + "\n"


def _markdown_findings(exercise: ExerciseView) -> Iterator[str]:
    for finding in exercise.failed:
        seen = " ".join(finding.seen.split())
        yield f"- Asked for: {escape_markdown(finding.title)}" + (f" Seen: {escape_markdown(seen)}" if seen else "")
    reasons = [finding.seen for finding in exercise.untested if finding.seen]
    for reason in reasons:
        yield f"- Not run: {escape_markdown(' '.join(reason.split()))}"
    if exercise.passed:
        yield f"- Passed: {' '.join(escape_markdown(finding.title) for finding in exercise.passed)}"
    if exercise.failed or reasons or exercise.passed:
        yield ""


ENTITIES = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        "[": "&#91;",
        "*": "&#42;",
        "$": "&#36;",
        "~": "&#126;",
        "|": "&#124;",
    }
)
AT_AN_EDGE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")  # of a word: an underscore that may mean emphasis


@lru_cache(SHARED)
def escape_markdown(text: str) -> str:
    """Text that a Markdown renderer shows as it is: no HTML, no links, no maths, no emphasis.

    Underscores inside a word stay, because no renderer takes them for emphasis and `ema_weights` should be
    readable where the source is shown, too.
    """
    return AT_AN_EDGE.sub("&#95;", text.translate(ENTITIES))
