"""What reading a submitted file yields: its cells by name, or one sentence that says why it could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class Unreadable(Exception):  # noqa: N818 - the name of a result's status
    """A file that is no notebook of the topic; the message names the file, what was seen and what to do."""


@dataclass(frozen=True)
class SubmittedCell:
    """One code cell as it is to be run.

    `known` says that `name` is a name of the release; other cells are called extra-01, extra-02 and so on.
    """

    name: str
    source: str
    cell_type: str
    known: bool


@dataclass(frozen=True)
class Submission:
    """What a student handed in for one topic, by name.

    Parameters
    ----------
    sha256 : str
        Of the file's bytes as they were handed in.
    cells : tuple of SubmittedCell
        Code cells to run, in order; names are unique. Demo, plot and check cells that are as they were given out
        are left out already.
    written : mapping
        Written answers (markdown) by name of the question.
    missing : tuple of str
        Exercises and written questions that the file has no cell for.
    notices : tuple of str
        For the instructor: what was found that should not be so.
    """

    topic: str
    student: str
    path: Path
    sha256: str
    cells: tuple[SubmittedCell, ...]
    written: Mapping[str, str]
    missing: tuple[str, ...]
    notices: tuple[str, ...]


@dataclass(frozen=True)
class RawCell:
    """A cell as it stands in the file.

    `label` and `cell_id` are what the cell claims to be (nbgrader's `grade_id`, the notebook's id); `marks` is
    nbgrader's metadata. None of it is trusted.
    """

    cell_type: str
    source: str
    label: str
    cell_id: str
    marks: Mapping[str, object]


@dataclass(frozen=True)
class RawFile:
    """The cells of a file, what was odd about it, and whether it is a notebook (or a script)."""

    cells: tuple[RawCell, ...]
    notices: tuple[str, ...]
    is_notebook: bool
