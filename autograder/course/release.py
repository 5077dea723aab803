"""What was released to students, derived from the topic file, so that intake needs neither notebook nor nbgrader."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from autograder.course.cells import Cell, Topic
from autograder.course.stubs import stub_source

LOCKED_KINDS = ("markdown", "conventions", "try", "given")


@dataclass(frozen=True)
class ReleasedCell:
    """One cell as students get it; `name` is its id in the notebook (for exercises and questions their name)."""

    name: str
    kind: str
    cell_type: str
    source: str
    sha256: str
    points: float
    locked: bool


@dataclass(frozen=True)
class Release:
    """The student notebook of a topic, cell by cell."""

    stem: str
    cells: tuple[ReleasedCell, ...]


def release_of(topic: Topic) -> Release:
    """What students get of a topic. The build asserts that nbgrader's release says the same."""
    return Release(topic.stem, tuple(_released(cell) for cell in topic.cells))


def normalised_sha256(source: str) -> str:
    """Hash of a cell that does not notice line ends and white space at the ends of lines and of the cell."""
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return hashlib.sha256("\n".join(line.rstrip() for line in lines).strip().encode()).hexdigest()


def _released(cell: Cell) -> ReleasedCell:
    source = stub_source(cell)
    return ReleasedCell(
        name=cell.id,
        kind=cell.kind,
        cell_type="code" if cell.is_code else "markdown",
        source=source,
        sha256=normalised_sha256(source),
        points=cell.points,
        locked=cell.kind in LOCKED_KINDS,
    )
