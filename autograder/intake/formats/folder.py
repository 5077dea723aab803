"""Plain folders and zips: `ada/hw.ipynb`, `submitted/ada/hw04_adam/hw04_adam.ipynb`, or `ada.ipynb`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autograder.intake.archives import Entry
from autograder.intake.formats.found import Found
from autograder.intake.roster import KEY_COLUMNS, Person


def found(entries: Sequence[Entry]) -> Iterator[Found]:
    """Everything in a folder.

    With a roster, the student is whoever any folder above the file, or the file, is named after. Without one it is the
    outermost folder that is not common to all files, or the file's own name where there is none.
    """
    common = _common_folders(entries)
    for entry in entries:
        *folders, file = entry.name.split("/")
        own = [*folders[common:], file.rsplit(".", 1)[0]]
        keys = [(column, part) for part in [*folders, own[-1]] for column in ("student", *KEY_COLUMNS)]
        yield Found(entry, Person(own[0], tuple(keys)), entry.file, handed_in=entry.changed)


def _common_folders(entries: Sequence[Entry]) -> int:
    """How many leading folders name no student, because all files share them."""
    paths = [entry.name.split("/")[:-1] for entry in entries if not entry.problem]
    if all("submitted" in path for path in paths):
        return max((path.index("submitted") + 1 for path in paths), default=0)
    depth = 0
    while len(paths) > 1 and all(len(path) > depth for path in paths) and len({path[depth] for path in paths}) == 1:
        depth += 1
    return depth
