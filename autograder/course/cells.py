"""What a topic file consists of, as frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UserError

CODE_KINDS = ("setup", "exercise", "try", "see", "given", "recall")
GRADED_KINDS = ("exercise", "written")


class TopicError(UserError):
    """A topic file that cannot be read; the message starts with file and line and ends with the mend."""


@dataclass(frozen=True)
class Cell:
    """One cell of a topic file.

    Parameters
    ----------
    kind : str
        markdown, setup, exercise, try, see, given, recall, conventions, written or diary.
    name : str
        The header's value (`exercise="Adam"`); "cell-NN" for cells without one, NN counting those.
    source : str
        As in the topic file with the solution in, the `__main__` guard stripped and markdown uncommented.
    raw : str
        The same with the guard still there, which is what an import of the topic file runs.
    covers : tuple of str
        Items of the inventory that this cell teaches, from its `# covers:` lines (which are in neither text).
    line : int
        1-based line of the header in the topic file.
    """

    kind: str
    name: str
    source: str
    points: float = 0.0
    uses: tuple[str, ...] = ()
    hint: str = ""
    line: int = 0
    raw: str = ""
    covers: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The id of the cell in the notebook: unique in its topic and the same in every build."""
        plain = self.kind in GRADED_KINDS or self.kind in ("markdown", "setup")
        return self.name if plain else f"{self.kind}-{self.name}"

    @property
    def is_code(self) -> bool:
        """Whether the cell is a code cell."""
        return self.kind in CODE_KINDS


@dataclass(frozen=True)
class Topic:
    """One topic file, read."""

    stem: str
    title: str
    path: Path
    docstring: str
    cells: tuple[Cell, ...]

    def exercises(self) -> tuple[Cell, ...]:
        """The exercises in the order of the file."""
        return tuple(cell for cell in self.cells if cell.kind == "exercise")

    def written(self) -> tuple[Cell, ...]:
        """The questions that are marked by hand."""
        return tuple(cell for cell in self.cells if cell.kind == "written")

    def cell(self, name: str, kind: str = "exercise") -> Cell:
        """The cell of a kind and name.

        Raises
        ------
        KeyError
            If there is none; the message lists the names of that kind.
        """
        names = []
        for cell in self.cells:
            if cell.kind == kind:
                names.append(cell.name)
                if cell.name == name:
                    return cell
        raise KeyError(f"{self.stem} has no {kind} cell {name!r}; it has {', '.join(names) or 'none'}")
