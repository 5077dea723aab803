"""What to do next, in a few words: the page's first answer to the reader's first question."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from autograder.reports.clean import counted, number
from autograder.reports.content import ExerciseView, Feedback

MOST_STEPS = 3
TO_DO = ("partly", "wrong", "untested")


@dataclass(frozen=True)
class Step:
    """One thing to do: the exercise with its place in the notebook, how many points are open, where to begin."""

    place: int
    name: str
    points: str
    text: str


@dataclass(frozen=True)
class Next:
    """A sentence on where the submission stands, and at most three steps from there."""

    sentence: str
    steps: tuple[Step, ...] = ()


def next_steps(feedback: Feedback) -> Next:
    """What the student should do now.

    Parameters
    ----------
    feedback : Feedback

    Returns
    -------
    Next
        The exercises with most points open come first, those whose mistake is known before others of their worth.
    """
    open_ones = [
        (place, item)
        for place, item in enumerate(feedback.exercises, start=1)
        if item.state in TO_DO and not item.marked and item.score < item.max_score
    ]
    if not open_ones:
        return Next(_all_done(feedback))
    if feedback.unreadable:
        return Next("Hand the notebook in again, as the note above says. Nothing was tested, so nothing is judged yet.")
    chosen = sorted(open_ones, key=lambda pair: (-_open(pair[1]), not pair[1].diagnosis, pair[0]))[:MOST_STEPS]
    steps = tuple(Step(place, item.name, _worth(item), _where_to_begin(item)) for place, item in chosen)
    if all(item.state == "untested" for item in feedback.exercises):
        return Next(
            "Nothing in this file could be tested. If you have worked on it: is this the file that you saved? "
            "If not, begin here.",
            tuple(Step(place, item.name, _worth(item), item.summary) for place, item in open_ones[:1]),
        )
    return Next(" ".join([_how_many(len(open_ones), len(steps)), *_unanswered(feedback)]), steps)


def _open(item: ExerciseView) -> float:
    return round(item.max_score - item.score, 6)


def _worth(item: ExerciseView) -> str:
    return f"{counted(_open(item), 'point')} open"


def _where_to_begin(item: ExerciseView) -> str:
    if item.diagnosis:
        return f"{item.diagnosis} {item.question}".rstrip()
    if item.failed:
        return f"Asked for: {item.failed[0].title}"
    return item.untested[0].seen or item.summary if item.untested else item.summary


def _how_many(there: int, shown: int) -> str:
    if there == 1:
        return "One exercise is left to mend."
    begin = f" The {shown} with most points open are these." if shown < there else ""
    return f"{there} exercises are left to mend or to write.{begin}"


def _all_done(feedback: Feedback) -> str:
    parts = list(_still_open(feedback))
    if not parts:
        return "All done: nothing is left to mend."
    return " ".join(["Every exercise that a program can test is complete.", *parts])


def _still_open(feedback: Feedback) -> Iterator[str]:
    if any(item.waiting for item in feedback.exercises):
        yield "Where the grader failed, a person looks at your work."
    waiting = sum(item.max_score for item in feedback.written if item.score is None)
    if waiting:
        yield f"A person still reads your written answer ({number(waiting)} points)."
    yield from _unanswered(feedback)


def _unanswered(feedback: Feedback) -> Iterator[str]:
    for item in feedback.written:
        if item.word == "no answer":
            yield f"The written question `{item.name}` has no answer ({counted(item.max_score, 'point')})."
