"""What a student sees of a cell, and what the solution is: the regions between `### BEGIN` and `### END`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from autograder.course.cells import Cell, TopicError

MARKER = re.compile(r"(?P<indent>\s*)### (?P<edge>BEGIN|END) (?P<name>SOLUTION|STUB|MARK SCHEME)\s*")
COMMENTED = re.compile(r"(?P<indent>\s*)# ?(?P<text>.*)")


def check_regions(source: str, where: str) -> None:
    """Raise unless every region of a cell is closed, not nested, and a stub stands right after its solution.

    Raises
    ------
    TopicError
        With the mend.
    """
    inside, previous = "", ""
    for _, edge, name in _edges(source):
        if edge == "BEGIN" and inside:
            raise TopicError(f"{where}: ### BEGIN {name} inside a region. Close it first: ### END {inside}")
        if edge == "END" and inside != name:
            raise TopicError(f"{where}: ### END {name} without its ### BEGIN {name}. Add or remove one.")
        if edge == "BEGIN" and name == "STUB" and previous != "SOLUTION":
            raise TopicError(f"{where}: ### BEGIN STUB must follow right after ### END SOLUTION. Move it there.")
        inside, previous = (name, previous) if edge == "BEGIN" else ("", name)
    if inside:
        raise TopicError(f"{where}: ### BEGIN {inside} is never closed. Add ### END {inside}")


def _edges(source: str) -> Iterator[tuple[str, str, str]]:
    for line in source.split("\n"):
        if marker := MARKER.fullmatch(line):
            yield marker["indent"], marker["edge"], marker["name"]


def _parts(source: str) -> Iterator[tuple[str, str, list[str]]]:
    """The cell as (region, indent, lines); the region of ordinary lines is the empty string."""
    region, indent, lines = "", "", list[str]()
    for line in source.split("\n"):
        marker = MARKER.fullmatch(line)
        if marker is None:
            lines.append(line)
            continue
        if lines or region:
            yield region, indent, lines
        region, indent, lines = (marker["name"], marker["indent"], []) if marker["edge"] == "BEGIN" else ("", "", [])
    if lines or region:
        yield region, indent, lines


def regions(source: str, name: str) -> tuple[str, ...]:
    """The texts of the regions of one name (SOLUTION, STUB, MARK SCHEME), as they stand in the cell."""
    return tuple("\n".join(lines) for region, _, lines in _parts(source) if region == name)


def solution_source(cell: Cell) -> str:
    """The cell with its solution and without markers, stub text and mark scheme."""
    lines = [line for region, _, part in _parts(cell.source) if region in ("", "SOLUTION") for line in part]
    return "\n".join(lines).strip("\n")


def stub_source(cell: Cell) -> str:
    """What the student sees: every solution region replaced by its stub, every mark scheme gone."""
    parts = list(_parts(cell.source))
    lines: list[str] = []
    first = True
    for number, (region, indent, part) in enumerate(parts):
        if not region:
            lines += part
        elif region == "SOLUTION":
            following = parts[number + 1] if number + 1 < len(parts) else ("", "", [])
            stub = following[2] if following[0] == "STUB" else None
            lines += [indent + text if text else "" for text in _stub_lines(cell, indent, part, stub, first)]
            first = False
    return "\n".join(lines).strip("\n")


def _stub_lines(cell: Cell, indent: str, solution: list[str], stub: list[str] | None, first: bool) -> list[str]:
    worth = f" ({_points(cell.points)})" if first and cell.points else ""
    if not cell.is_code:
        return [f"*Your answer here{worth}.*"]
    comment = f"# Your code here{worth}."
    if stub is not None:
        return [comment, *(_uncommented(line).removeprefix(indent) for line in stub)]
    if not indent and assigned_name("\n".join(solution)) == cell.name:
        return [comment, f"{cell.name} = None"]
    return [comment, f'raise NotImplementedError("{cell.name}")']


def assigned_name(source: str) -> str:
    """The last name that top-level assignments of some source bind; empty if there is none, or it is not Python."""
    names = [""]
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return ""
    for node in body:
        if isinstance(node, ast.Assign):
            names += [target.id for target in node.targets if isinstance(target, ast.Name)]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.append(node.target.id)
    return names[-1]


def _points(points: float) -> str:
    return f"{points:g} point" if points == 1 else f"{points:g} points"


def _uncommented(line: str) -> str:
    match = COMMENTED.fullmatch(line)
    return match["indent"] + match["text"] if match else line
