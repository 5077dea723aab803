"""How the class split on the predictions: every option with its words, how many chose it, and what it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from autograder.course.predictions import Prediction
from autograder.reports.clean import clean_line
from autograder.reports.items import ChoiceCount, TopicStatistics

Questions = Mapping[str, Mapping[str, Prediction]]
"""The predictions of each topic by their name."""

UNKNOWN = Prediction("", {}, "")
NO_QUESTIONS: Questions = {}


@dataclass(frozen=True)
class Option:
    """One letter: what it stands for, how many chose it, their share of those who chose, and whether it was so."""

    letter: str
    text: str
    students: int
    share: float
    right: bool


@dataclass(frozen=True)
class Split:
    """One prediction."""

    exercise: str
    question: str
    options: tuple[Option, ...]
    nothing: int


def splits_of(topic: TopicStatistics, questions: Questions = NO_QUESTIONS) -> tuple[Split, ...]:
    """The predictions of a topic in the order of the notebook.

    Parameters
    ----------
    topic : TopicStatistics
    questions : mapping
        Words of the questions; without them there are letters only.
    """
    known = questions.get(topic.topic, {})
    return tuple(_split(count, known.get(count.exercise, UNKNOWN)) for count in topic.choices)


def _split(count: ChoiceCount, asked: Prediction) -> Split:
    chosen = dict(count.letters)
    total = sum(chosen.values())
    options = tuple(
        Option(letter, clean_line(asked.options.get(letter, ""), 200), n, n / total, letter == asked.answer)
        for letter in sorted({*asked.options, *chosen})
        for n in (chosen.get(letter, 0),)
    )
    return Split(count.exercise, clean_line(asked.question, 600), options, count.nothing)
