"""What `coursekit.ready` looks for in a saved notebook, and what it says about it. Nothing of it is run."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coursekit.saved import Given, Saved, Topic, read_cells

MEGABYTES = 20.0  # where the topic is not known
MOST_CELLS, MOST_CHARACTERS = 2_000, 2_000_000
AT_HAND = {"numpy", "matplotlib", "coursekit", "earlier", "IPython"}
OWN_FILES = re.compile(r"^(?:/home/|/Users/|/content/|~/|[A-Za-z]:[\\/])")
LOCKED = ("conventions", "given", "try")


@dataclass(frozen=True)
class Finding:
    """One thing about the notebook: stop, loses or note, and what to do about it."""

    weight: str
    text: str


def too_large(size: float, most: float) -> Finding:
    """A file that is not read because of its size."""
    return Finding(
        "stop",
        f"It has {size:.1f} MB, and at most {most:g} MB are read. Clear the outputs (Edit, Clear Outputs of All "
        "Cells), save it, and look again.",
    )


def of_the_file(path: Path, size: float, cells: Sequence[Any], topic: Topic | None) -> Iterator[Finding]:
    """Size, name and topic."""
    most = topic.megabytes if topic else MEGABYTES
    if size > most:
        yield too_large(size, most)
    if len(cells) > MOST_CELLS:
        yield Finding(
            "stop", f"It has {len(cells):,} cells, and at most {MOST_CELLS:,} are read. Remove what is not yours."
        )
    characters = sum(len(cell.source) for cell in read_cells(list(cells), None))
    if characters > MOST_CHARACTERS:
        yield Finding(
            "stop",
            f"Its cells hold {characters / 1e6:.1f} million characters. Were data pasted in? Load them from a file.",
        )
    if topic is None:
        yield Finding("stop", "None of its cells belongs to a topic of this course. Is it the right file?")
    elif path.stem != topic.stem:
        yield Finding("loses", f"It holds the cells of {topic.stem}. Name it {topic.stem}.ipynb before you hand it in.")
    if path.suffix != ".ipynb":
        yield Finding("stop", f"Its name ends in {path.suffix or 'nothing'}, not in .ipynb.")


def of_the_cells(cells: Sequence[Saved], topic: Topic) -> Iterator[Finding]:
    """What is missing, not done, not Python, or left over."""
    missing: list[Given] = []
    undone: list[Given] = []
    for given in topic.named("exercise"):
        mine = [cell for cell in cells if cell.name == given.name]
        others = [cell for cell in cells if cell.is_code and not cell.unchanged and cell.name != given.name]
        elsewhere = [cell for cell in others if given.name in cell.source and given.name in cell.binds()]
        answers = [cell for cell in mine if not cell.unchanged]
        if answers or elsewhere:
            yield from _exercise(given, mine, answers, elsewhere)
        else:
            (undone if mine else missing).append(given)
    for given in topic.named("written"):
        mine = [cell for cell in cells if cell.name == given.name]
        if all(cell.unchanged for cell in mine):
            (undone if mine else missing).append(given)
    if missing:
        yield Finding(
            "loses",
            f"Cells are missing: {_listed(missing)}. Undo the deletion, or copy your work into a fresh notebook; a new "
            "cell that defines the name counts too.",
        )
    if undone:
        yield Finding("loses", f"Still as they were given out: {_listed(undone)}.")
    yield from _changed([cell for cell in cells if cell.name and not cell.unchanged], topic)
    yield from _leftovers([cell for cell in cells if cell.is_code and not cell.unchanged])


def _changed(cells: Sequence[Saved], topic: Topic) -> Iterator[Finding]:
    names = ", ".join(cell.name for cell in cells if topic.cells[cell.name].kind in LOCKED)
    if names:
        yield Finding("note", f"You changed {names}. For the grading they are put back as they were given out.")


def _exercise(
    given: Given, mine: Sequence[Saved], answers: Sequence[Saved], elsewhere: Sequence[Saved]
) -> Iterator[Finding]:
    name = given.name
    if len(mine) > 1:
        yield Finding(
            "note", f"{name}: {len(mine)} cells carry this name. The first with an answer counts; delete the others."
        )
    if not answers:
        yield Finding("note", f"{name}: its own cell has no answer, so cell {elsewhere[-1].number} counts instead.")
    for cell in answers[:1]:
        tree = cell.tree()
        if isinstance(tree, SyntaxError):
            line = f" in line {tree.lineno}" if tree.lineno else ""
            yield Finding(
                "loses", f"{name}: Python cannot read the cell{line} ({tree.msg}). It earns nothing so{_worth(given)}."
            )
        elif f'raise NotImplementedError("{name}")' in cell.source:
            yield Finding(
                "loses", f'{name}: the line `raise NotImplementedError("{name}")` is still there{_worth(given)}.'
            )
        elif name not in cell.binds():
            yield Finding("loses", f"{name}: the cell defines no {name}. Is it spelled exactly so, and not indented?")


def _leftovers(cells: Sequence[Saved]) -> Iterator[Finding]:
    commands = [command for cell in cells for command in cell.commands()]
    if commands:
        yield Finding("note", f"Commands of the notebook are left out when it is graded: {', '.join(commands[:5])}.")
    trees = [(cell, tree) for cell in cells for tree in [cell.tree()] if isinstance(tree, ast.Module)]
    seen: dict[Finding, None] = {}
    for cell, tree in trees:
        where = cell.name or f"cell {cell.number}"
        for node in ast.walk(tree):
            seen |= dict.fromkeys(_of_a_node(node, where))
    yield from seen


def _of_a_node(node: ast.AST, where: str) -> Iterator[Finding]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
        for name in names:
            top = name.partition(".")[0]
            if top and top not in AT_HAND and top not in sys.stdlib_module_names:
                yield Finding("loses", f"{where} imports {top}, which need not be there when it is graded.")
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("input", "breakpoint"):
        yield Finding("loses", f"{where} calls {node.func.id}(): nobody is there to answer when it is graded.")
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and OWN_FILES.match(node.value):
        yield Finding(
            "note", f"{where} names a file of your own computer ({node.value[:40]}), which the grader has not."
        )


def _listed(cells: Sequence[Given]) -> str:
    return ", ".join(f"{given.name}{_worth(given)}" for given in cells)


def _worth(given: Given) -> str:
    return f" ({given.points:g} {'point' if given.points == 1 else 'points'})" if given.points else ""
