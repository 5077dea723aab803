"""Tell a notebook of another topic from one whose cells were all deleted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache

from autograder.config import load_course
from autograder.course.percent import read_topic
from autograder.course.release import Release, release_of
from autograder.errors import UserError
from autograder.intake.analysis import binds
from autograder.intake.records import RawFile, Unreadable

LONGEST_TITLE = 60


def refuse_other_topic(file: RawFile, release: Release, name: str) -> None:
    """Raise if a file without any exercise of this topic has those of another one.

    Raises
    ------
    Unreadable
        Naming the topic that it seems to be.
    """
    claims = {text for cell in file.cells for text in (cell.label, cell.cell_id) if text}
    defined = {text for cell in file.cells if cell.cell_type == "code" for text in binds(cell.source)}
    stem = max(_shared(release.stem, claims | defined), default=(0, ""))[1]
    if stem:
        seems = f"it seems to be {stem}"
    elif (labels := {cell.label for cell in file.cells} - {""}) and not labels & {cell.name for cell in release.cells}:
        title = _title(file)
        seems = f"it seems to be something else, titled {title!r}" if title else "it seems to be something else"
    else:
        return
    raise Unreadable(
        f"{name}: none of the exercises of {release.stem} is in it; {seems}. Hand in the notebook of {release.stem}."
    )


def _shared(own: str, names: set[str]) -> Iterator[tuple[int, str]]:
    """How many graded names a file has in common with each other topic of the course."""
    for stem, graded in _graded_names().items():
        count = len(names & graded)
        if count and stem != own:
            yield count, stem


@cache
def _graded_names() -> Mapping[str, frozenset[str]]:
    """The names of each topic's exercises and questions; to read all topics takes longer than any notebook."""
    found: dict[str, frozenset[str]] = {}
    try:
        course = load_course()
    except UserError:
        return found
    for topic in course.topics:
        with suppress(UserError):
            released = release_of(read_topic(course.source(topic.stem)))
            graded = (cell.name for cell in released.cells if cell.kind in ("exercise", "written"))
            found[topic.stem] = frozenset(graded)
    return found


def _title(file: RawFile) -> str:
    """The first heading of a notebook."""
    for cell in file.cells:
        if cell.cell_type == "markdown":
            for line in cell.source.split("\n"):
                if line.startswith("#") and line.strip("# "):
                    return line.strip("# ")[:LONGEST_TITLE]
    return ""
