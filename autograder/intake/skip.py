"""Leave out demo, plot and check cells that are as they were given out, unless a cell that runs builds on them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.intake.analysis import binds, imports, needs
from autograder.intake.cells import Placed


def without_demonstrations(cells: Sequence[Placed]) -> list[Placed]:
    """The cells to run.

    Whether a cell is an unchanged one of the course's was found by the hash of its text. Such a cell stays if it binds
    a name that a cell which runs takes from elsewhere; a module that another cell imports as well is no such name.
    """
    open_cells = [number for number, cell in enumerate(cells) if cell.skippable]
    kept = [cell for cell in cells if not cell.skippable]
    imported = frozenset[str]().union(*(imports(cell.source) for cell in kept if cell.untouched))
    offers = {number: binds(cells[number].source) - (imports(cells[number].source) & imported) for number in open_cells}
    taken: set[int] = set()
    fresh = kept
    while fresh:
        wanted = _wanted(fresh, frozenset[str]().union(*offers.values()))
        now = [number for number in open_cells if number not in taken and offers[number] & wanted]
        taken.update(now)
        fresh = [cells[number] for number in now]
    return [cell for number, cell in enumerate(cells) if not cell.skippable or number in taken]


def _wanted(cells: Sequence[Placed], offered: frozenset[str]) -> frozenset[str]:
    """Offered names that the cells need; syntax is looked at only where such a name occurs at all."""
    if not offered:
        return frozenset()
    word = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(offered)))})\b")
    return frozenset(name for cell in cells if word.search(cell.source) for name in needs(cell.source, offered))
