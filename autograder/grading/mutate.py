"""Small mechanical changes to a Python source, one at a time: what a grader must notice and a bank may have missed.

Changed are operators, comparisons, constants, keyword arguments (axis, ddof, keepdims), defaults, well-known numpy
functions, conditions, arguments (swapped, or replaced by another parameter), copies (dropped) and statements
(dropped, or `=` for `+=`). Docstrings, annotations and the texts of errors stay as they are.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.FloorDiv: (ast.Div,),
    ast.Mod: (ast.FloorDiv,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
}
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
SIBLINGS = {
    "maximum": "minimum",
    "minimum": "maximum",
    "max": "min",
    "min": "max",
    "argmax": "argmin",
    "argmin": "argmax",
    "mean": "sum",
    "sum": "mean",
    "std": "var",
    "var": "std",
    "zeros": "ones",
    "ones": "zeros",
    "zeros_like": "ones_like",
    "ones_like": "zeros_like",
    "cumsum": "cumprod",
    "log": "log1p",
    "log1p": "log",
    "exp": "expm1",
    "expm1": "exp",
    "random": "standard_normal",
    "standard_normal": "random",
}
UNWRAPPED = ("sqrt", "abs", "absolute", "exp", "log", "square", "array", "asarray", "float", "copy", "dict", "list")
DROPPED = (ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Raise, ast.If, ast.For)


@dataclass(frozen=True)
class Mutant:
    """One changed source and what was changed where."""

    line: int
    change: str
    source: str


Variant = tuple[str, ast.AST | list[ast.stmt]]
Site = tuple[ast.AST, str, int | None, ast.AST]


def mutants_of(source: str, most: int | None = None) -> tuple[Mutant, ...]:
    """All mutants of a source, without duplicates, in the order of its lines.

    Parameters
    ----------
    source : str
        A module's text, such as the reference solution of an exercise.
    most : int, optional
        Make only about so many, spread evenly over the source.

    Returns
    -------
    tuple of Mutant
        Their sources are unparsed, so they differ from `source` in layout, too.
    """
    tree = ast.parse(source)
    original = ast.unparse(tree)
    found: dict[str, Mutant] = {}
    changes = [(site, *each) for site in _sites(tree) for each in _variants(site[3], site[0], site[1], tree)]
    for site, change, variant in changes[:: max(1, len(changes) // most) if most else 1]:
        text = _replaced(tree, site, variant)
        if text != original and text not in found and _compiles(text):
            line = getattr(site[3], "lineno", getattr(site[0], "lineno", 0))
            found[text] = Mutant(line, change, text)
    return tuple(sorted(found.values(), key=lambda mutant: mutant.line))


def _compiles(text: str) -> bool:
    try:
        compile(text, "mutant", "exec")
    except (SyntaxError, ValueError):
        return False
    return True


def _sites(node: ast.AST) -> Iterator[Site]:
    """Every node that may be changed, with the place where it hangs."""
    for field, value in ast.iter_fields(node):
        if field in ("annotation", "returns", "decorator_list", "type_params", "ctx", "type_comment"):
            continue
        if isinstance(node, ast.Raise):  # what the error says is free
            continue
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(child, ast.AST) and not _is_docstring(child) and not isinstance(child, ast.JoinedStr):
                yield node, field, index, child
                yield from _sites(child)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _replaced(tree: ast.Module, site: Site, variant: ast.AST | list[ast.stmt]) -> str:
    """The text with one node replaced; the tree is as before afterwards."""
    parent, field, index, _ = site
    held = getattr(parent, field)
    if index is None:
        setattr(parent, field, variant)
    else:
        new = list(held)
        new[index : index + 1] = variant if isinstance(variant, list) else [variant]
        setattr(parent, field, new)
    try:
        return ast.unparse(ast.fix_missing_locations(tree))
    finally:
        setattr(parent, field, held)


def _variants(node: ast.AST, parent: ast.AST, field: str, tree: ast.Module) -> Iterator[Variant]:
    if isinstance(node, ast.operator):
        yield from ((f"{type(node).__name__} -> {new.__name__}", new()) for new in OPERATORS.get(type(node), ()))
    elif isinstance(node, ast.cmpop):
        yield from ((f"{type(node).__name__} -> {new.__name__}", new()) for new in COMPARISONS.get(type(node), ()))
    elif isinstance(node, ast.boolop):
        yield "and <-> or", ast.Or() if isinstance(node, ast.And) else ast.And()
    elif isinstance(node, ast.stmt):
        yield from _statements(node, parent)
    elif isinstance(node, ast.keyword):
        yield from _keywords(node)
    elif isinstance(node, ast.expr):
        yield from _expressions(node, parent, field, tree)


def _statements(node: ast.stmt, parent: ast.AST) -> Iterator[Variant]:
    if isinstance(node, DROPPED) and not isinstance(parent, ast.Module):
        yield f"dropped: {_short(node)}", ast.Pass()
    if isinstance(node, ast.AugAssign):
        yield f"= in {_short(node)}", ast.Assign([node.target], node.value)
    if isinstance(node, ast.If):
        yield f"always {_short(node.test)}", list(node.body)
        if node.orelse:
            yield f"never {_short(node.test)}", list(node.orelse)
    if isinstance(node, ast.Return) and node.value is not None:
        yield "returns nothing", ast.Return(None)
    if isinstance(node, ast.Break):
        yield "break -> continue", ast.Continue()


def _keywords(node: ast.keyword) -> Iterator[Variant]:
    if node.arg == "axis" and isinstance(node.value, ast.Constant):
        new = 1 if node.value.value == 0 else 0
        yield f"{_short(node)} -> {new}", ast.keyword("axis", ast.Constant(new))
        yield "axis=None", ast.keyword("axis", ast.Constant(None))


def _expressions(node: ast.expr, parent: ast.AST, field: str, tree: ast.Module) -> Iterator[Variant]:
    if isinstance(node, ast.Constant):
        yield from _constants(node, parent)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
        yield f"sign or not dropped in {_short(node)}", node.operand
    elif isinstance(node, ast.BinOp):
        yield from _operands(node)
    elif isinstance(node, ast.Call):
        yield from _calls(node)
    elif isinstance(node, ast.IfExp):
        yield f"always {_short(node.body)}", node.body
        yield f"always {_short(node.orelse)}", node.orelse
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        yield f"transpose dropped in {_short(node)}", node.value
    elif isinstance(node, ast.Attribute | ast.Name) and field != "func" and isinstance(node.ctx, ast.Load):
        yield from _neighbours(node, tree)


def _constants(node: ast.Constant, parent: ast.AST) -> Iterator[Variant]:
    value = node.value
    if isinstance(value, bool):
        yield f"{value} -> {not value}", ast.Constant(not value)
    elif isinstance(value, int):
        for new in (value + 1, value - 1):
            yield f"{value} -> {new}", ast.Constant(new)
    elif isinstance(value, float):
        for changed in (value * 2, value / 2, 1 - value):
            yield f"{value} -> {changed:.4g}", ast.Constant(changed)
    elif isinstance(value, str) and value and isinstance(parent, ast.Compare):
        yield "another word", ast.Constant(value + "_")


def _operands(node: ast.BinOp) -> Iterator[Variant]:
    if isinstance(node.op, ast.Sub | ast.Div | ast.Pow | ast.MatMult | ast.FloorDiv):
        yield f"operands swapped in {_short(node)}", ast.BinOp(node.right, node.op, node.left)
    if isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div | ast.Pow):
        yield f"only the left of {_short(node)}", node.left
        if not isinstance(node.op, ast.Pow | ast.Div):
            right = ast.UnaryOp(ast.USub(), node.right) if isinstance(node.op, ast.Sub) else node.right
            yield f"only the right of {_short(node)}", right


def _calls(node: ast.Call) -> Iterator[Variant]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if len(node.args) == 2:
        yield f"arguments swapped in {_short(node)}", ast.Call(node.func, node.args[::-1], node.keywords)
    if isinstance(node.func, ast.Attribute):
        if name in SIBLINGS:
            sibling = ast.Attribute(node.func.value, SIBLINGS[name], ast.Load())
            yield f"{name} -> {SIBLINGS[name]}", ast.Call(sibling, node.args, node.keywords)
        if name == "copy" and not node.args:
            yield f"copy dropped in {_short(node)}", node.func.value
    if name in UNWRAPPED and node.args:
        yield f"{name} dropped in {_short(node)}", node.args[0]
    if name in ("std", "var"):
        old = [each.value for each in node.keywords if each.arg == "ddof"]
        new = ast.Constant(int(not (old and isinstance(old[0], ast.Constant) and old[0].value)))
        kept = [each for each in node.keywords if each.arg != "ddof"]
        yield f"ddof changed in {_short(node)}", ast.Call(node.func, node.args, [*kept, ast.keyword("ddof", new)])
    if name == "range" and node.args:
        last = ast.BinOp(node.args[-1], ast.Sub(), ast.Constant(1))
        yield f"one shorter: {_short(node)}", ast.Call(node.func, [*node.args[:-1], last], node.keywords)
        if len(node.args) == 1:
            yield f"from 1: {_short(node)}", ast.Call(node.func, [ast.Constant(1), *node.args], node.keywords)


def _neighbours(node: ast.Attribute | ast.Name, tree: ast.Module) -> Iterator[Variant]:
    """The next parameter of the function, or the next attribute of the object, in a name's place."""
    if isinstance(node, ast.Name):
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef) and any(part is node for part in ast.walk(function)):
                names = [each.arg for each in (*function.args.args, *function.args.kwonlyargs) if each.arg != "self"]
                if node.id in names and len(names) > 1:
                    new = names[(names.index(node.id) + 1) % len(names)]
                    yield f"{node.id} -> {new}", ast.Name(new, ast.Load())
    elif isinstance(node.value, ast.Name) and node.value.id == "self":
        names = sorted({part.attr for part in ast.walk(tree) if isinstance(part, ast.Attribute) and _of_self(part)})
        new = names[(names.index(node.attr) + 1) % len(names)]
        if new != node.attr:
            yield f"self.{node.attr} -> self.{new}", ast.Attribute(node.value, new, ast.Load())


def _short(node: ast.AST) -> str:
    """A node's code in at most 40 characters."""
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 40 else f"{text[:37]}..."


def _of_self(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "self"
