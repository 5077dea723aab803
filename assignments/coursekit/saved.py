"""A saved notebook as `coursekit.ready` sees it: which of its cells is which. Standard library only."""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RELEASED = Path(__file__).with_name("released")
COMMAND = re.compile(r"^([ \t]*)(?:[%!].*|[\w.]+\?{1,2}\s*)$", re.MULTILINE)


@dataclass(frozen=True)
class Given:
    """One cell as it was given out."""

    name: str
    kind: str
    points: float
    sha256: str


@dataclass(frozen=True)
class Topic:
    """What was given out: the cells by name, and how large a file may be."""

    stem: str
    megabytes: float
    cells: Mapping[str, Given]

    def named(self, kind: str) -> list[Given]:
        """The cells of a kind, in order."""
        return [cell for cell in self.cells.values() if cell.kind == kind]


@dataclass(frozen=True)
class Saved:
    """One cell of the file; `name` is that of the cell as given out, or empty for the student's own."""

    number: int
    kind: str
    source: str
    name: str
    unchanged: bool

    @property
    def is_code(self) -> bool:
        """Whether it is a code cell."""
        return self.kind == "code"

    def tree(self) -> ast.Module | SyntaxError:
        """The cell as Python without commands of the notebook, or what is wrong with it."""
        try:
            return ast.parse(self.source)
        except (SyntaxError, ValueError):
            pass
        try:
            return ast.parse(COMMAND.sub(r"\1pass", self.source))
        except SyntaxError as error:
            return error
        except ValueError as error:  # a null character
            return SyntaxError(str(error))

    def commands(self) -> list[str]:
        """The notebook's commands (`%...`, `!...`) in a cell that is no plain Python."""
        try:
            ast.parse(self.source)
        except (SyntaxError, ValueError):
            return [match[0].strip() for match in COMMAND.finditer(self.source)]
        return []

    def binds(self) -> set[str]:
        """Names that the cell gives a value to at its top level."""
        tree = self.tree()
        names: set[str] = set()
        for node in tree.body if isinstance(tree, ast.Module) else []:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                names.add(node.name)
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names |= {part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)}
        return names


def topics() -> dict[str, Topic]:
    """What was given out, by topic."""
    found = {}
    for path in sorted(RELEASED.glob("*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        cells = {row[0]: Given(*row) for row in data["cells"]}
        found[path.stem] = Topic(path.stem, data["notebook_mb"], cells)
    return found


def which(stem: str, names: set[str], there: Mapping[str, Topic]) -> Topic | None:
    """The topic that a file belongs to: the one that most of its cells come from, else the one of its name."""
    shared = {each.stem: len(names & _graded(each)) for each in there.values()}
    best = max(shared, key=lambda each: (shared[each], each == stem), default="")
    return there[best] if best and shared[best] else there.get(stem)


def _graded(topic: Topic) -> set[str]:
    return {cell.name for cell in topic.cells.values() if cell.kind in ("exercise", "written")}


def labels(cells: list[Any]) -> set[str]:
    """Every name that a cell of the file claims."""
    return {label for cell in cells if isinstance(cell, dict) for label in _claims(cell)}


def read_cells(cells: list[Any], topic: Topic | None) -> list[Saved]:
    """The cells of a file with the names under which they were given out."""
    given = topic.cells if topic else {}
    by_text = {cell.sha256: cell.name for cell in given.values()}
    saved = []
    for number, cell in enumerate(cells, start=1):
        if isinstance(cell, dict):
            source = _text(cell.get("source", ""))
            digest = hashed(source)
            claim = next((label for label in _claims(cell) if label in given), "")
            name = by_text.get(digest, claim)
            if claim and given[claim].sha256 == digest:  # several cells may say the same
                name = claim
            unchanged = bool(name) and given[name].sha256 == digest
            saved.append(Saved(number, str(cell.get("cell_type", "")), source, name, unchanged))
    return saved


def hashed(source: str) -> str:
    """Hash of a cell that does not notice line ends and white space at the ends of lines and of the cell."""
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    text = "\n".join(line.rstrip() for line in lines).strip()
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def _claims(cell: Mapping[str, Any]) -> list[str]:
    metadata = cell.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    marks = metadata.get("nbgrader")
    found = [marks.get("grade_id") if isinstance(marks, dict) else None, cell.get("id"), metadata.get("id")]
    return [label for label in found if isinstance(label, str)]


def _text(source: Any) -> str:
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return source.replace("\r\n", "\n").replace("\r", "\n") if isinstance(source, str) else ""
