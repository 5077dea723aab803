"""One submitted file to one `Submission`, or to one sentence that says why not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from autograder.config import ConfigError, LimitSettings, load_course
from autograder.course.release import Release
from autograder.intake.analysis import delays_annotations
from autograder.intake.cells import Placed, arrange
from autograder.intake.files import read_regular
from autograder.intake.label import Index, index_of
from autograder.intake.notebook import read_notebook
from autograder.intake.othertopic import refuse_other_topic
from autograder.intake.records import RawFile, Submission, SubmittedCell, Unreadable
from autograder.intake.script import read_script
from autograder.intake.skip import without_demonstrations

MOST_SOURCE = 2_000_000  # characters
MOST_NAMED = 8  # commands in one notice
DELAYED = "from __future__ import annotations"


def read_submission(path: Path, release: Release, student: str, *, notebook_mb: float | None = None) -> Submission:
    """Read what a student handed in for a topic.

    Nothing of it is run, and nothing that it says about itself is believed: cells are matched with the release,
    locked ones come from there, and what was changed is a notice.

    Parameters
    ----------
    path : Path
        A notebook, or a topic-style `.py` file.
    release : Release
        What was given out.
    student : str
        Who handed it in.
    notebook_mb : float, optional
        Largest file that is read; by default `notebook_mb` of course.toml.

    Raises
    ------
    Unreadable
        If the file cannot be read as a notebook of this topic; the message can be shown to the student.
    """
    raw = read_regular(path, notebook_mb if notebook_mb is not None else _configured_mb())
    index = index_of(release)
    read = read_script if path.suffix == ".py" else read_notebook
    file = read(raw, path.name)
    _refuse_floods(file, path.name)
    arranged = arrange(file, index)
    if set(arranged.missing) == {*index.exercises, *index.written}:
        refuse_other_topic(file, release, path.name)
    cells = without_demonstrations(arranged.cells)
    named = tuple(_named(cells, index))
    commands = _left_out(cells, named) if file.is_notebook else ()
    return Submission(
        topic=release.stem,
        student=student,
        path=path,
        sha256=hashlib.sha256(raw).hexdigest(),
        cells=named,
        written=arranged.written,
        missing=arranged.missing,
        notices=(*arranged.notices, *_absent(file, arranged.missing), *commands),
    )


def _absent(file: RawFile, missing: Sequence[str]) -> tuple[str, ...]:
    """A cell that is gone from a notebook was deleted, or the file is another one; a script may hold what it likes."""
    if not file.is_notebook or not missing:
        return ()
    return (f"cells are missing: {', '.join(missing)}. They count as not answered.",)


@lru_cache(maxsize=1)
def _configured_mb() -> float:
    try:
        return load_course().limits.notebook_mb
    except ConfigError:
        return LimitSettings().notebook_mb


def _refuse_floods(file: RawFile, name: str) -> None:
    """Source is looked into, which takes a hundred times its size; nobody writes that much of it."""
    size = sum(len(cell.source) for cell in file.cells)
    if size > MOST_SOURCE:
        raise Unreadable(
            f"{name}: {size / 1e6:.1f} million characters in its cells, and at most {MOST_SOURCE / 1e6:g} are read. "
            "Were data pasted into a cell? Load them from a file instead."
        )


def _named(cells: Sequence[Placed], index: Index) -> Iterator[SubmittedCell]:
    """Number the student's own cells, and let delayed annotations hold for all later cells, as in a notebook."""
    extra = 0
    delayed = False
    for cell in cells:
        extra += not cell.name
        source = f"{DELAYED}\n{cell.source}" if delayed and not cell.untouched else cell.source
        delayed = delayed or delays_annotations(cell.source)
        yield SubmittedCell(cell.name or f"extra-{extra:02d}", source, "code", cell.name in index.cells)


def _left_out(cells: Sequence[Placed], named: Sequence[SubmittedCell]) -> tuple[str, ...]:
    words = [
        f"{command[:20]} in {cell.name}"
        for placed, cell in zip(cells, named, strict=True)
        for command in dict.fromkeys(placed.dropped)
    ]
    more = f" and {len(words) - MOST_NAMED} more" if len(words) > MOST_NAMED else ""
    return (f"commands of the notebook were left out: {', '.join(words[:MOST_NAMED])}{more}",) if words else ()
