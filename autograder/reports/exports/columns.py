"""Which column of somebody else's table belongs to a topic."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from autograder.config import TopicSettings
from autograder.errors import UserError
from autograder.intake.roster import folded

SHEET = r"(?:hw|homework|assignment|exercises?|exercise sheet|problem set|ps|blatt|aufgabenblatt|devoir)"
NUMBER = re.compile(r"\D*0*(\d+)")


def find_column(topic: TopicSettings, titles: Mapping[int, str], asked: str, headings: Sequence[str]) -> int | None:
    """The place of the column, or None.

    What course.toml says under `lms` decides; else the first of these that fits one column: it is called as the
    topic's file or title; it holds one of them; it has its number, as in `Homework 4`.

    Parameters
    ----------
    topic : TopicSettings
    titles : mapping
        Titles of the columns that could be it, by place.
    asked : str
        What `--column` says: a whole heading or its title.
    headings : sequence of str
        All headings.

    Raises
    ------
    UserError
        If no column is called as asked, or several fit equally well.
    """
    if asked:
        found = [place for place, heading in enumerate(headings) if asked in (heading, titles.get(place))]
        if len(found) != 1:
            raise UserError(
                f"--column {asked!r}: {len(found)} columns are called so. There are: {', '.join(headings)}."
            )
        return found[0]
    for fits in _rules(topic):
        found = [place for place, title in titles.items() if fits(title)]
        if len(found) == 1:
            return found[0]
        if found:
            several = ", ".join(titles[place] for place in found)
            raise UserError(f"{topic.stem}: it could be {several}. Name one with --column.")
    return None


def _rules(topic: TopicSettings) -> Iterator[Callable[[str], bool]]:
    names = [folded(name) for name in ((topic.lms,) if topic.lms else (topic.stem, topic.title))]
    yield lambda title: folded(title) in names
    if topic.lms:
        return
    yield lambda title: any(name in folded(title) for name in names)
    start = NUMBER.match(topic.stem)
    if start:
        form = re.compile(rf"(?<![^\W_]){SHEET}[\s_#-]*0*{start[1]}(?![^\W_])", re.IGNORECASE)
        yield lambda title: form.search(title.replace("_", " ")) is not None
