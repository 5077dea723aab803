"""Which released cell a submitted one is: by its text, then by what it claims to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from autograder.course.cells import CODE_KINDS
from autograder.course.release import Release, ReleasedCell, normalised_sha256
from autograder.intake.analysis import binds
from autograder.intake.records import RawCell
from autograder.intake.source import Plain, plain_python


@dataclass(frozen=True)
class Index:
    """A release by name and by text."""

    cells: Mapping[str, ReleasedCell]
    by_sha: Mapping[str, str]
    exercises: tuple[str, ...]
    written: tuple[str, ...]

    def kind(self, name: str) -> str:
        """The kind of the released cell of that name; "" if there is none."""
        cell = self.cells.get(name)
        return cell.kind if cell is not None else ""


@lru_cache(maxsize=32)
def index_of(release: Release) -> Index:
    """The release, ready for look-ups."""
    by_sha: dict[str, str] = {}
    for cell in release.cells:
        if cell.source.strip():
            by_sha.setdefault(cell.sha256, cell.name)
    return Index(
        cells={cell.name: cell for cell in release.cells},
        by_sha=by_sha,
        exercises=tuple(cell.name for cell in release.cells if cell.kind == "exercise"),
        written=tuple(cell.name for cell in release.cells if cell.kind == "written"),
    )


@dataclass(eq=False)
class Item:
    """A submitted cell while its place is being found.

    Parameters
    ----------
    number : int
        1-based place in the file.
    name : str
        The released cell that it stands for; "" for a cell of the student's own.
    unchanged : bool
        Whether it says what that released cell says.
    left_out : bool
        Whether another cell counts in its place.
    adopted : list of str
        Exercises that this cell answers although it is not their own cell.
    """

    number: int
    raw: RawCell
    name: str
    unchanged: bool
    left_out: bool = False
    adopted: list[str] = field(default_factory=list)

    @property
    def is_code(self) -> bool:
        """Whether it is a code cell in the file."""
        return self.raw.cell_type == "code"

    @cached_property
    def plain(self) -> Plain:
        """The cell as Python."""
        return plain_python(self.raw.source)

    def defines(self, name: str) -> bool:
        """Whether the cell binds a name at its top level."""
        return name in self.raw.source and name in binds(self.plain.source)


def label(number: int, raw: RawCell, index: Index) -> Item:
    """Find the released cell that a submitted cell stands for.

    The text decides where it is a released one: ids and tags are copied with a cell, by accident and on purpose.
    """
    claims = [name for name in (raw.label, raw.cell_id) if name in index.cells]
    claim = next((name for name in claims if index.cells[name].cell_type == raw.cell_type), next(iter(claims), ""))
    if claim and raw.source == index.cells[claim].source:
        return Item(number, raw, claim, True)
    sha256 = normalised_sha256(raw.source)
    if claim and sha256 == index.cells[claim].sha256:
        return Item(number, raw, claim, True)
    known = index.by_sha.get(sha256, "")
    return Item(number, raw, known or claim, bool(known))


def is_code_kind(kind: str) -> bool:
    """Whether cells of a kind are code in the release."""
    return kind in CODE_KINDS
