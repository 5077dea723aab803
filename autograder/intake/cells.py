"""Submitted cells to named cells: what counts, what is put back, what is left out, and what an instructor should know.

The rule behind every choice: a right answer is never lost, and nothing that a file claims about itself is believed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.intake.analysis import parsed, split_by_name
from autograder.intake.label import Index, Item, is_code_kind, label
from autograder.intake.records import RawFile
from autograder.intake.source import plain_python
from autograder.intake.tampering import notices_about
from autograder.intake.written import written_answers

SKIPPED_KINDS = ("try", "see", "recall")  # demo, plot and check cells of the course's authors
RESTORED_KINDS = ("setup", "given")  # other cells build on them


@dataclass(frozen=True)
class Placed:
    """A cell in the order of running; `name` is "" for a student's own, `skippable` says it is as it was given out."""

    name: str
    source: str
    skippable: bool = False
    untouched: bool = False
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True)
class Arranged:
    """Everything that matching found out."""

    cells: tuple[Placed, ...]
    written: dict[str, str]
    missing: tuple[str, ...]
    notices: tuple[str, ...]


def arrange(file: RawFile, index: Index) -> Arranged:
    """Match a file's cells with the release.

    Parameters
    ----------
    file : RawFile
    index : Index
        Of the release.
    """
    items = [label(number, raw, index) for number, raw in enumerate(file.cells, start=1)]
    notices: list[str] = list(file.notices)
    missing: list[str] = []
    for name in index.exercises:
        if not _settle(name, items, notices, file.is_notebook):
            missing.append(name)
    written, absent, words = written_answers(items, index)
    missing += absent
    placed = [cell for item in _first_of_each(items) for cell in _run(item, index)]
    if file.is_notebook:
        notices += [*words, *notices_about(items, index)]
    return Arranged(tuple(_restored(placed, index)), written, tuple(missing), tuple(notices))


def _settle(name: str, items: Sequence[Item], notices: list[str], is_notebook: bool) -> bool:
    """Decide which cell answers an exercise; False if none does."""
    mine = [item for item in items if item.name == name]
    chosen = _choose(name, mine)
    for item in mine:
        if item is chosen:
            continue
        item.left_out = item.unchanged or item.defines(name)
        item.name = ""  # the other half of a cell that was split runs as the student's own
    if len(mine) > 1 and chosen is not None:
        notices.append(
            f"{name}: duplicated, {len(mine)} cells carry this name. Cell {chosen.number} of the file counts, the "
            "first that holds an answer; other versions were left out."
        )
    if chosen is not None and not chosen.unchanged:
        return True
    others = [item for item in items if not item.unchanged and not item.left_out and _may_answer(item, name)]
    if not others:
        return chosen is not None
    others[-1].adopted.append(name)  # the last one is in force when all cells have run
    if chosen is not None:
        chosen.left_out = True
    if is_notebook:
        how = "is missing" if chosen is None else "is as it was given out"
        notices.append(f"{name}: its cell {how}, but cell {others[-1].number} of the file defines it and counts.")
    return True


def _choose(name: str, mine: Sequence[Item]) -> Item | None:
    """The first of those cells that look most like an answer."""
    if len(mine) < 2:
        return next(iter(mine), None)
    return max(mine, key=lambda item: (_likeness(item, name), -item.number))


def _likeness(item: Item, name: str) -> int:
    """How much a cell looks like an answer to an exercise."""
    if item.unchanged or not item.defines(name):
        return 0 if item.unchanged else 1
    if parsed(item.plain.source) is None:
        return 2
    return 3 if f'raise NotImplementedError("{name}")' in item.plain.source else 4


def _may_answer(item: Item, name: str) -> bool:
    """Whether a cell of another name or none defines an exercise; a text cell must be Python throughout."""
    return item.name != name and item.defines(name) and (item.is_code or parsed(item.plain.source) is not None)


def _first_of_each(items: Sequence[Item]) -> list[Item]:
    """The items that can run, with names only on the first cell that claims one."""
    seen: set[str] = set()
    kept = []
    for item in items:
        if item.left_out or (item.name in seen and item.unchanged):
            continue
        if item.name in seen:
            item.name = ""
        elif item.name:
            seen.add(item.name)
        kept.append(item)
    return kept


def _run(item: Item, index: Index) -> list[Placed]:
    """What runs in the place of a submitted cell."""
    kind = index.kind(item.name)
    if item.adopted or kind == "exercise":
        return _answers(item, kind)
    if kind in RESTORED_KINDS:
        return _with_own_changes(item, index, kind)
    if not item.is_code or not item.plain.source.strip() or kind == "written":
        return []
    if kind in SKIPPED_KINDS:
        return [_placed(item, item.name, skippable=item.unchanged)]
    if item.unchanged and not is_code_kind(kind):  # prose that was made a code cell
        return []
    return [_placed(item, "")]


def _placed(item: Item, name: str, skippable: bool = False) -> Placed:
    dropped = () if item.unchanged else item.plain.dropped
    return Placed(name, item.plain.source, skippable, item.unchanged, dropped)


def _answers(item: Item, kind: str) -> list[Placed]:
    names = [item.name, *item.adopted] if kind == "exercise" else item.adopted
    if len(names) == 1:
        return [_placed(item, names[0])]
    pieces = split_by_name(item.plain.source, names)
    return [
        Placed(name, source, dropped=item.plain.dropped if not number else ())
        for number, (name, source) in enumerate(pieces)
    ]


def _with_own_changes(item: Item, index: Index, kind: str) -> list[Placed]:
    """The released text runs in any case, and what a student added to it runs too.

    In a set-up cell the student's version comes second, so that added imports count. A given cell is locked: the
    student's version comes first, and what others build on is as it was given out.
    """
    released = Placed(item.name, plain_python(index.cells[item.name].source).source, untouched=True)
    if item.unchanged or not item.is_code or not item.plain.source.strip():
        return [released]
    own = _placed(item, "")
    return [released, own] if kind == "setup" else [own, released]


def _restored(placed: Sequence[Placed], index: Index) -> list[Placed]:
    """The cells, with set-up and given cells that are not in the file put back where they stood."""
    cells = list(placed)
    before = 0  # where a cell belongs that is restored now: after the released cells that stood before it
    for name, released in index.cells.items():
        position = next((number for number, cell in enumerate(cells) if cell.name == name), None)
        if position is not None:
            before = position + 1
        elif released.kind in RESTORED_KINDS:
            cells.insert(before, Placed(name, plain_python(released.source).source, untouched=True))
            before += 1
    return cells
