"""The reference of a topic as a module, and the parts of earlier topics that later ones build on."""

from __future__ import annotations

import ast
import linecache
import sys
import types
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from autograder.config import load_course
from autograder.course.cells import Cell, Topic
from autograder.course.percent import read_topic
from autograder.course.stubs import assigned_name, solution_source

REFERENCE_KINDS = ("setup", "given", "exercise")


def reference_source(topic: Topic) -> str:
    """The set-up, given and exercise cells with their solutions, as one module text.

    What a given cell does under `if __name__ == "__main__":` stays guarded, so that loading the module is cheap.
    """
    return _module_text(cell for cell in topic.cells if cell.kind in REFERENCE_KINDS)


def load_reference(topic: Topic, earlier: str | None = None) -> types.ModuleType:
    """Execute the reference in a fresh module; nothing is kept in `sys.modules`.

    Parameters
    ----------
    topic : Topic
    earlier : str, optional
        Text of the module `earlier`. Without it, the topics that course.toml lists before this one, if the
        reference imports it at all.
    """
    source = reference_source(topic)
    if earlier is None:
        earlier = _earlier_by_course(topic) if _imports(source, "earlier") else ""
    with _importable(topic.path.resolve().parents[1] / "assignments", earlier):
        return _execute(topic.stem, source)


def earlier_source(topics: Sequence[Topic], stem: str) -> str:
    """The module `earlier`: functions and classes of the topics before `stem`, in the order given.

    Predictions and test-writing exercises are answers rather than parts, so they are left out.
    """
    texts = ['"""Reference parts of earlier topics, for later ones to build on."""']
    for topic in topics:
        if topic.stem == stem:
            break
        parts = [cell for cell in topic.cells if cell.kind in REFERENCE_KINDS and _is_part(cell)]
        texts.append(_module_text(parts))
    return "\n\n\n".join(text.strip("\n") for text in texts if text.strip()) + "\n"


def is_variable(cell: Cell) -> bool:
    """Whether an exercise is answered by a value (predict first) rather than by a function or class."""
    return cell.kind == "exercise" and assigned_name(solution_source(cell)) == cell.name


def _is_part(cell: Cell) -> bool:
    return cell.kind != "exercise" or not (cell.name.startswith("catches") or is_variable(cell))


def _module_text(cells: Iterator[Cell] | Sequence[Cell]) -> str:
    return "\n\n\n".join(solution_source(replace(cell, source=cell.raw or cell.source)) for cell in cells) + "\n"


def _earlier_by_course(topic: Topic) -> str:
    course = load_course(topic.path.resolve().parents[1])
    stems = [settings.stem for settings in course.topics]
    if topic.stem in stems:
        stems = stems[: stems.index(topic.stem)]
    written = [course.source(stem) for stem in stems if course.source(stem).is_file()]
    return earlier_source([read_topic(path) for path in written], topic.stem)


def _imports(source: str, module: str) -> bool:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import) and any(alias.name == module for alias in node.names):
            return True
        if isinstance(node, ast.ImportFrom) and node.module == module:
            return True
    return False


@contextmanager
def _importable(kit: Path, earlier: str) -> Iterator[None]:
    """Put the students' kit on the path and `earlier` in the module table while a reference is loaded."""
    before = sys.modules.get("earlier")
    sys.path.insert(0, str(kit))
    try:
        if earlier:
            sys.modules["earlier"] = _execute("earlier", earlier)
        yield
    finally:
        sys.path.remove(str(kit))
        sys.modules.pop("earlier", None)
        if before is not None:
            sys.modules["earlier"] = before


def _execute(name: str, source: str) -> types.ModuleType:
    module = types.ModuleType(name)
    filename = f"<reference {name}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    exec(compile(source, filename, "exec", dont_inherit=True), module.__dict__)
    return module
