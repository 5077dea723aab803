"""What an exercise's docstring has to say, and in which order (numpydoc)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

ORDER = ("Parameters", "Attributes", "Returns", "Yields", "Raises", "Warns", "Notes", "Examples", "References")
SECTION = re.compile(r"^(?P<name>[A-Z][A-Za-z ]+)\n-{3,}[ ]*$", re.MULTILINE)
Problem = tuple[str, str, str]  # how the definition starts, what was seen, mend


def docstring_problems(source: str, name: str, needs_example: bool) -> Iterator[Problem]:
    """What is missing from the docstrings of a function or class, and of the public methods of a class.

    Raises
    ------
    SyntaxError
        If the source is not Python.
    """
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
            yield from _of(node, name, needs_example)
            for method in node.body if isinstance(node, ast.ClassDef) else ():
                if isinstance(method, ast.FunctionDef) and not method.name.startswith("_"):
                    yield from _of(method, f"{name}.{method.name}", False)


def _of(node: ast.FunctionDef | ast.ClassDef, name: str, needs_example: bool) -> Iterator[Problem]:
    start = f"{'class' if isinstance(node, ast.ClassDef) else 'def'} {node.name}"
    docstring = ast.get_docstring(node)
    if not docstring:
        yield start, f"{name} has no docstring", "Add one: a sentence, parameters with shapes, an example."
        return
    if not docstring.split("\n\n", 1)[0].rstrip().endswith("."):
        yield (
            start,
            f"{name}: the docstring does not start with a sentence",
            "End its first paragraph with a stop.",
        )
    sections = [match["name"] for match in SECTION.finditer(docstring)]
    known = [section for section in sections if section in ORDER]
    for section in sections:
        if section not in ORDER:
            yield start, f"{name}: section {section!r} in the docstring", f"Use these: {', '.join(ORDER)}."
    if known != sorted(known, key=ORDER.index):
        yield start, f"{name}: sections in the order {', '.join(known)}", f"The order is: {', '.join(ORDER)}."
    for argument in _arguments(node):
        if not re.search(rf"^\s*(\w+, )*\*{{0,2}}{argument}(, \*{{0,2}}\w+)* ?:", docstring, re.MULTILINE):
            yield start, f"{name}: {argument} is not described", f"Add '{argument} : type, shape' to Parameters."
    if needs_example and ">>>" not in docstring:
        yield start, f"{name}: no example in the docstring", "Add an Examples section with >>> lines."


def _arguments(node: ast.FunctionDef | ast.ClassDef) -> list[str]:
    """Names of what a caller passes: of a class those of its `__init__`."""
    if isinstance(node, ast.ClassDef):
        made = [each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == "__init__"]
        return _arguments(made[0]) if made else []
    spec = node.args
    names = [each.arg for each in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)]
    return [name for name in names if name not in ("self", "cls")]
