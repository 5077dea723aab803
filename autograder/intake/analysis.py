"""What a cell binds and needs, read from its syntax; nothing of it is ever run here."""

from __future__ import annotations

import ast
import re
import symtable
import warnings
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

LONGEST = 50_000  # characters; a longer cell is run, but not looked into
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
DEFINITION = re.compile(r"^(?:(?:async[ ]+)?def[ ]+|class[ ]+|(?=\w+[ ]*=(?!=)))(?P<name>\w+)", re.MULTILINE)
INSIDE = ("", " ", "\t", "#", ")", "]", "}")  # how a line begins that goes on with a definition
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@lru_cache(maxsize=16)  # trees are large; the same cell is asked for several times in a row
def parsed(source: str) -> ast.Module | None:
    """The syntax tree of a cell; None if it is no Python, too long or too deep."""
    if len(source) > LONGEST:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd escapes in strings are the student's business
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


@lru_cache(maxsize=256)
def binds(source: str) -> frozenset[str]:
    """Names that a cell binds at its top level, inside `if`, `try`, `for` and `with` too.

    Of a cell that is no Python, the names of what looks like definitions: it is to be reported under its own name.
    """
    tree = parsed(source)
    if tree is not None:
        return frozenset(bound_by(tree.body))
    return frozenset(match["name"] for match in DEFINITION.finditer(source[:LONGEST]))


@lru_cache(maxsize=256)
def imports(source: str) -> frozenset[str]:
    """Names that a cell binds by import statements at its top level."""
    tree = parsed(source)
    if tree is None:
        return frozenset()
    return frozenset(name for node in _executed(tree.body) for name in _imported(node))


def bound_by(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Names that statements bind in their own scope."""
    for node in _executed(nodes):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name
        elif isinstance(node, ast.MatchMapping) and node.rest:
            yield node.rest
        else:
            yield from _imported(node)


@lru_cache(maxsize=256)
def needs(source: str, offered: frozenset[str]) -> frozenset[str]:
    """Which of some names a cell takes from elsewhere: read inside its functions, or before it binds them itself."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            top = symtable.symtable(source[:LONGEST], "cell", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    needed: set[str] = set()
    tables = top.get_children()
    while tables:
        table = tables.pop()
        needed |= {name for name in offered.intersection(table.get_identifiers()) if table.lookup(name).is_global()}
        tables += table.get_children()
    here = {name: top.lookup(name) for name in offered.intersection(top.get_identifiers())}
    bound = {name for name, symbol in here.items() if symbol.is_assigned() or symbol.is_imported()}
    read = {name for name, symbol in here.items() if symbol.is_referenced()}
    if bound:
        read = (read - bound) | (bound & _read_first(source))
    return frozenset((needed - bound) | read)


def _read_first(source: str) -> set[str]:
    """Names that a cell's statements read before one of them has bound them for certain."""
    tree = parsed(source)
    bound: set[str] = set()
    read: set[str] = set()
    for statement in tree.body if tree is not None else []:
        names = [node for node in _executed([statement], into_comprehensions=True) if isinstance(node, ast.Name)]
        read |= {node.id for node in names if not isinstance(node.ctx, ast.Store)} - bound
        if isinstance(statement, ast.AugAssign):
            read |= set(bound_by([statement])) - bound
        if not isinstance(statement, ast.If | ast.Try | ast.While | ast.Match):
            bound |= set(bound_by([statement]))
    return read


def split_by_name(source: str, wanted: Collection[str]) -> list[tuple[str, str]]:
    """Cut a cell that defines several exercises into one piece each.

    Parameters
    ----------
    source : str
    wanted : collection of str
        Names to give a piece of its own, which is the last statement that binds the name.

    Returns
    -------
    list of (name, source)
        In order, comments with the statement after them; the name is "" for what stands between.
    """
    tree = parsed(source)
    if tree is None:
        return _split_text(source, wanted)
    owner: dict[str, int] = {}
    for number, statement in enumerate(tree.body):
        owner |= dict.fromkeys(set(bound_by([statement])) & set(wanted), number)
    named = {number: name for name, number in owner.items()}
    lines = source.split("\n")
    pieces: list[tuple[str, list[str]]] = []
    start = 0
    for number, statement in enumerate(tree.body):
        end = (statement.end_lineno or start) if number + 1 < len(tree.body) else len(lines)
        name = named.get(number, "")
        if end <= start:  # after a semicolon on a line that is taken already
            if name and pieces:
                pieces[-1] = (pieces[-1][0] or name, pieces[-1][1])
            continue
        if pieces and not name and not pieces[-1][0]:
            pieces[-1][1].extend(lines[start:end])
        else:
            pieces.append((name, lines[start:end]))
        start = end
    return [(name, "\n".join(part).strip("\n")) for name, part in pieces]


def _split_text(source: str, wanted: Collection[str]) -> list[tuple[str, str]]:
    """The same by indentation, for a cell that is no Python, so that an error in one exercise spares the others."""
    pieces: list[tuple[str, list[str]]] = [("", [])]
    waiting: list[str] = []  # decorators, which belong to what comes next
    for line in source.split("\n"):
        match = DEFINITION.match(line)
        if match is not None and match["name"] in wanted:
            pieces.append((match["name"], [*waiting, line]))
        elif line.startswith("@"):
            waiting.append(line)
            continue
        elif line[:1] in INSIDE or not pieces[-1][0]:
            pieces[-1][1].extend([*waiting, line])
        else:
            pieces.append(("", [*waiting, line]))
        waiting = []
    pieces[-1][1].extend(waiting)
    return [(name, text) for name, part in pieces if (text := "\n".join(part).strip("\n"))]


def delays_annotations(source: str) -> bool:
    """Whether a cell says `from __future__ import annotations`; in a notebook that holds for all later cells."""
    if "__future__" not in source:
        return False
    tree = parsed(source)
    nodes = [node for node in tree.body if isinstance(node, ast.ImportFrom)] if tree is not None else []
    return any(node.module == "__future__" and alias.name == "annotations" for node in nodes for alias in node.names)


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        for alias in node.names:
            yield alias.asname or alias.name.split(".")[0]


def _executed(nodes: Iterable[ast.AST], into_comprehensions: bool = False) -> Iterator[ast.AST]:
    """Nodes that run with the cell itself, in no special order: not the bodies of functions and classes."""
    stack = list(nodes)
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, SCOPES):
            stack += _around(node)
        elif into_comprehensions or not isinstance(node, COMPREHENSIONS):
            stack += ast.iter_child_nodes(node)


def _around(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a definition that are evaluated where it stands: decorators, defaults, annotations, bases."""
    for field, value in ast.iter_fields(node):
        if field != "body":
            yield from (item for item in (value if isinstance(value, list) else [value]) if isinstance(item, ast.AST))
