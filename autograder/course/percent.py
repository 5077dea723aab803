"""Read a topic file (py:percent) into cells."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path

from autograder.course.cells import Cell, Topic, TopicError
from autograder.course.stubs import check_regions, solution_source, stub_source

__all__ = ["Cell", "Topic", "TopicError", "read_topic", "solution_source", "stub_source"]

HEADER = re.compile(r"# %%(?P<markdown>\s*\[markdown\])?(?P<rest>.*)")
PAIR = re.compile(r"""\s*(?P<key>\w+)=(?P<value>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|-?\d+(?:\.\d+)?)(?=\s|$)""")
COVERS = re.compile(r"\s*# covers:(?P<items>.*)")
NAMED_CODE = ("exercise", "try", "see", "given", "recall")
NAMED_MARKDOWN = ("conventions", "written", "diary")
EXTRAS = {"exercise": {"points", "uses", "hint"}, "written": {"points"}}
CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,58}")


def read_topic(path: Path) -> Topic:
    """Read one topic file.

    Raises
    ------
    TopicError
        With file, line, what was seen and what to do about it.
    """
    where = f"{path.parent.name}/{path.name}"
    try:
        text = path.read_text(encoding="utf-8").replace("\r\n", "\n")
    except FileNotFoundError:
        raise TopicError(f"{where} is missing. Start it: ./course new {path.stem}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise TopicError(f"{where} cannot be read ({error}). Restore it, or save it as UTF-8.") from error
    lines = text.split("\n")
    starts = [number for number, line in enumerate(lines, start=1) if line.startswith("# %%")]
    preamble = "\n".join(lines[: starts[0] - 1] if starts else lines)
    docstring = _docstring(preamble, where)
    cells: list[Cell] = []
    for start, following in zip(starts, [*starts[1:], len(lines) + 1], strict=True):
        cells.append(_cell(lines[start - 1], lines[start : following - 1], f"{where}:{start}", start, cells))
    title = docstring.split("\n", 1)[0].strip().rstrip(".")
    return Topic(path.stem, title, path, docstring, tuple(cells))


def _docstring(preamble: str, where: str) -> str:
    try:
        docstring = ast.get_docstring(ast.parse(preamble))
    except SyntaxError as error:
        raise TopicError(
            f"{where}:{error.lineno}: not Python ({error.msg}). Mend the lines above the first # %%."
        ) from None
    if not docstring:
        raise TopicError(f'{where}:1: no module docstring. Start the file with """Title of the topic.')
    return docstring


def _cell(header: str, body: list[str], where: str, line: int, before: list[Cell]) -> Cell:
    markdown, attributes = _header(header, where)
    kind = _kind(attributes, markdown, where)
    if kind in attributes:
        name = str(attributes[kind])
    else:
        name = f"cell-{sum(cell.kind in ('markdown', 'setup') for cell in before) + 1:02d}"
    if not CELL_ID.fullmatch(name) or (kind == "exercise" and not name.isidentifier()):
        raise TopicError(f"{where}: the name {name!r} will not do as a cell id. Use letters, digits and _, at most 58.")
    if any(cell.kind == kind and cell.name == name for cell in before):
        raise TopicError(f"{where}: a second {kind} cell named {name!r}. Give it another name.")
    marks = [mark["items"] for text in body if (mark := COVERS.fullmatch(text))]
    text = "\n".join(_uncommented(body, where, line) if markdown else [each.rstrip() for each in body])
    raw = _without_marks(text)
    source = raw if markdown else _without_marks(_without_guard(text, where, line))
    check_regions(source, where)
    return Cell(
        kind=kind,
        name=name,
        source=source,
        points=_points(attributes, kind, where),
        uses=tuple(part.strip() for part in str(attributes.get("uses", "")).split(",") if part.strip()),
        hint=str(attributes.get("hint", "")),
        line=line,
        raw=raw,
        covers=tuple(item.strip() for mark in marks for item in mark.split(";") if item.strip()),
    )


def _header(header: str, where: str) -> tuple[bool, dict[str, object]]:
    match = HEADER.fullmatch(header)
    assert match is not None  # only lines that start with the marker come here
    attributes: dict[str, object] = {}
    rest = match["rest"]
    position = 0
    while rest[position:].strip():
        pair = PAIR.match(rest, position)
        if pair is None:
            seen = rest[position:].strip()
            raise TopicError(
                f'{where}: cannot read {seen!r} in the header. Write key="text" or key=10, with a space between.'
            )
        if pair["key"] in attributes:
            raise TopicError(f"{where}: {pair['key']}= stands twice in the header. Remove one.")
        attributes[pair["key"]] = ast.literal_eval(pair["value"])
        position = pair.end()
    return match["markdown"] is not None, attributes


def _kind(attributes: Mapping[str, object], markdown: bool, where: str) -> str:
    known = NAMED_MARKDOWN if markdown else NAMED_CODE
    kinds = [key for key in attributes if key in known]
    if len(kinds) > 1:
        raise TopicError(f"{where}: a cell is either {' or '.join(kinds)}. Keep one of them.")
    kind = kinds[0] if kinds else ("markdown" if markdown else "setup")
    unknown = set(attributes) - {kind} - EXTRAS.get(kind, set())
    if unknown:
        cell = "markdown cell" if markdown else "code cell"
        raise TopicError(
            f"{where}: {', '.join(sorted(unknown))}= is not known in the header of a {kind} {cell}. "
            f"A {cell} can be: {', '.join(known)}; points= goes with exercise= and written=."
        )
    return kind


def _points(attributes: Mapping[str, object], kind: str, where: str) -> float:
    if kind not in EXTRAS:
        return 0.0
    points = attributes.get("points")
    if not isinstance(points, int | float) or points <= 0:
        raise TopicError(f"{where}: {kind} cell without points. Add points=10 to the header.")
    return float(points)


def _without_marks(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if not COVERS.fullmatch(line)).strip("\n")


def _uncommented(body: list[str], where: str, line: int) -> list[str]:
    plain = []
    for number, text in enumerate(body, start=line + 1):
        if text and not text.startswith("#"):
            place = f"{where.rsplit(':', 1)[0]}:{number}"
            raise TopicError(
                f"{place}: a line of a markdown cell without '# ' before it. Add it, or start a cell: # %%"
            )
        if not COVERS.fullmatch(text):
            plain.append((text[2:] if text.startswith("# ") else text[1:]).rstrip())
    return plain


def _without_guard(source: str, where: str, line: int) -> str:
    """Strip each top-level `if __name__ == "__main__":` and dedent what it guards."""
    if "__main__" not in source:
        return source
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        place = f"{where.rsplit(':', 1)[0]}:{line + (error.lineno or 0)}"
        raise TopicError(f"{place}: not Python ({error.msg}). Mend that line.") from None
    lines = source.split("\n")
    for node in reversed(tree.body):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'" and not node.orelse:
            end = node.end_lineno or node.lineno
            while end < len(lines) and lines[end].startswith("    "):  # comments after the last statement
                end += 1
            lines[node.lineno - 1 : end] = [text.removeprefix("    ") for text in lines[node.lineno : end]]
    return "\n".join(lines)
