"""Topic-style `.py` files as submissions: py:percent with or without our headers, or plain Python."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from autograder.intake.analysis import parsed
from autograder.intake.notebook import NOTHING, clean_text
from autograder.intake.records import RawCell, RawFile, Unreadable
from autograder.intake.safejson import LOOKS_LIKE, decode

HEADER = re.compile(r"^#[ \t]?%%(?P<rest>.*)$", re.MULTILINE)
NAMED = re.compile(r"""\b(?P<kind>exercise|written|try|see|given|recall|diary|conventions)=(["'])(?P<name>.+?)\2""")
GRADE_ID = re.compile(r'"grade_id":\s*"(?P<name>[^"]+)"')  # where jupytext puts the notebook's metadata
MARKDOWN = re.compile(r"\[(?:markdown|md)\]")
RAW = re.compile(r"\[raw\]")
SCHEME = re.compile(r"^### BEGIN MARK SCHEME\n.*?^### END MARK SCHEME\n?", re.MULTILINE | re.DOTALL)
MARKER = re.compile(r"^### (?:BEGIN|END) SOLUTION\n?", re.MULTILINE)
MAIN = ("__name__ == '__main__'", "'__main__' == __name__")
PLAIN_KINDS = ("exercise", "written")  # the others carry their kind in the cell's id


def read_script(raw: bytes, name: str) -> RawFile:
    """Read the bytes of a `.py` file as cells.

    A file without any `# %%` is one cell. What stands under `if __name__ == "__main__":` is left out.

    Raises
    ------
    Unreadable
        If it is empty, or something else under that name.
    """
    start = raw[:64].lstrip().lower()
    for signature, kind, _ in LOOKS_LIKE:
        if start.startswith(signature.lower()):
            raise Unreadable(f"{name}: this is {kind}, not a Python file. Give a notebook or a .py file.")
    text, notices = decode(raw, name)
    text = clean_text(text)
    if not text.strip():
        raise Unreadable(f"{name}: the file is empty ({len(raw)} bytes). Save it and try again.")
    return RawFile(tuple(_cells(text)), notices, is_notebook=False)


def _cells(text: str) -> Iterator[RawCell]:
    headers = list(HEADER.finditer(text))
    preamble = text[: headers[0].start()] if headers else text
    if not _is_docstring(preamble):
        yield from _cell("", preamble)
    for number, header in enumerate(headers, start=1):
        end = headers[number].start() if number < len(headers) else len(text)
        yield from _cell(header["rest"], text[header.end() : end])


def _cell(header: str, body: str) -> Iterator[RawCell]:
    named = NAMED.search(header)
    label = cell_id = ""
    if named is not None:
        name = named["name"]
        label, cell_id = (name, name) if named["kind"] in PLAIN_KINDS else ("", f"{named['kind']}-{name}")
    elif grade_id := GRADE_ID.search(header):
        label = grade_id["name"]
    if MARKDOWN.search(header) or RAW.search(header):
        yield RawCell("markdown", _uncommented(body), label, cell_id, NOTHING)
        return
    source = _without_main(body.strip("\n"))
    if source.strip():
        yield RawCell("code", source.strip("\n"), label, cell_id, NOTHING)


def _is_docstring(preamble: str) -> bool:
    """Whether there is nothing to run: comments, and strings on their own."""
    tree = parsed(preamble)
    return tree is not None and all(
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in tree.body
    )


def _uncommented(body: str) -> str:
    lines = (line.removeprefix("#").removeprefix(" ") if line.startswith("#") else line for line in body.split("\n"))
    return MARKER.sub("", SCHEME.sub("", "\n".join(lines).strip("\n") + "\n")).strip("\n")


def _without_main(source: str) -> str:
    """The cell without what an import of the file would not run; line numbers stay."""
    tree = parsed(source) if "__main__" in source else None
    if tree is None:
        return source
    lines = source.split("\n")
    for node in tree.body:
        if not isinstance(node, ast.If) or ast.unparse(node.test) not in MAIN:
            continue
        end = node.end_lineno or node.lineno
        if node.orelse:
            continue
        while end < len(lines) and lines[end].startswith((" ", "\t")):  # comments after the last statement
            end += 1
        lines[node.lineno - 1 : end] = [""] * (end - node.lineno + 1)
    return "\n".join(lines)
