"""Tell without calling anything that an exercise has no code to grade, and why."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import lru_cache

from autograder.course.percent import Cell
from autograder.course.reference import is_variable
from autograder.course.release import normalised_sha256
from autograder.grading import messages
from autograder.grading.attempt import Attempt
from autograder.grading.messages import WORD, Allowed, Submitted


def why_not(
    cell: Cell,
    attempt: Attempt,
    cells: Mapping[str, str],
    released: Mapping[str, str],
    submitted: Submitted,
    allowed: Allowed,
) -> str:
    """The sentence that explains why the tests of an exercise need not run, or "".

    An untouched stub is seen in its text, so that thirty tests of it cost no round trip. Whatever else is wrong
    shows in the namespace after the cells have run.
    """
    name = cell.name
    source = cells.get(name)
    if source is not None and _is_stub(name, source, released[name]) and not _bound_elsewhere(name, cells, released):
        if is_variable(cell):
            return messages.not_answered(name)
        given_out = "NotImplementedError" not in released[name]
        return messages.untouched(name) if given_out else messages.not_implemented(name)
    if attempt.student().has(name):
        return ""
    if source is None:
        return messages.no_cell(name)
    outcome = attempt.outcomes.get(name)
    if outcome is None or outcome.status == "ok":
        return messages.no_name(name)
    error = outcome.error
    if outcome.status == "exception" and error is not None:
        return messages.cell_raised(name, error.type_name, error.text, error.frames, submitted)
    return messages.stopped(
        outcome.status, error.frames if error is not None else (), submitted, allowed, f"cell of {name}"
    )


def _is_stub(name: str, source: str, released: str) -> bool:
    if normalised_sha256(source) == normalised_sha256(released):
        return True
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name]
    return len(functions) == 1 and all(_says_nothing(node) for node in functions[0].body)


def _says_nothing(node: ast.stmt) -> bool:
    if isinstance(node, ast.Raise) and node.exc is not None:
        raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
    return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _bound_elsewhere(name: str, cells: Mapping[str, str], released: Mapping[str, str]) -> bool:
    """Whether a cell that is not as it was released may bind the name; to say yes wrongly only costs time."""
    changed = (source for other, source in cells.items() if other != name and source != released.get(other))
    return any(name in source and name in _bound(source) for source in changed)


@lru_cache(maxsize=64)
def _bound(source: str) -> frozenset[str]:
    """The names that a cell may bind; none if it does not parse, as it never ran then."""
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    names = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    names |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    names |= {(node.asname or node.name).split(".")[0] for node in nodes if isinstance(node, ast.alias)}
    if {"exec", "eval", "globals", "setattr", "vars"} & {node.id for node in nodes if isinstance(node, ast.Name)}:
        names |= set(WORD.findall(source))
    return frozenset(names)
