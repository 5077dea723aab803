"""The cells of a notebook of any age (nbformat 2 to 4.5), from data that may hold anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from autograder.intake.records import RawCell, RawFile, Unreadable
from autograder.intake.safejson import parse_json

MOST_CELLS = 2_000
NOTHING: Mapping[str, object] = {}


def read_notebook(raw: bytes, name: str) -> RawFile:
    """Read the bytes of an `.ipynb` file.

    Raises
    ------
    Unreadable
        If they are no notebook.
    """
    data, notices = parse_json(raw, name)
    listed = _listed(data, name)
    if len(listed) > MOST_CELLS:
        raise Unreadable(
            f"{name}: {len(listed):,} cells, and at most {MOST_CELLS:,} are read. Remove those that are not yours."
        )
    odd = sum(not isinstance(item, dict) for item in listed)
    if odd:
        notices += (f"{odd} of the notebook's cells are no cells and were passed over",)
    cells = tuple(_cell(item) for item in listed if isinstance(item, dict))
    return RawFile(cells, notices, is_notebook=True)


def _listed(data: Any, name: str) -> list[Any]:
    """The list of cells: at the top since nbformat 4, in worksheets before."""
    if not isinstance(data, dict):
        kind = "a list" if isinstance(data, list) else "a single value"
        raise Unreadable(f"{name}: JSON, but {kind} and no notebook. Hand in the .ipynb file that Jupyter saves.")
    if isinstance(data.get("cells"), list):
        cells: list[Any] = data["cells"]
        return cells
    if isinstance(data.get("worksheets"), list):
        return [cell for sheet in data["worksheets"] for cell in _of_sheet(sheet)]
    keys = ", ".join(ascii(key[:20]) for key in list(data)[:4]) or "nothing"
    raise Unreadable(
        f"{name}: JSON, but no notebook: it has {keys} and no list of cells. "
        "Hand in the .ipynb file that Jupyter saves."
    )


def _of_sheet(sheet: Any) -> list[Any]:
    cells = sheet.get("cells") if isinstance(sheet, dict) else None
    return cells if isinstance(cells, list) else []


def _cell(item: Mapping[str, Any]) -> RawCell:
    metadata = item.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else NOTHING
    marks = metadata.get("nbgrader")
    marks = marks if isinstance(marks, dict) else NOTHING
    source = clean_text(_text(item["input"] if "input" in item and "source" not in item else item.get("source")))
    kind = item.get("cell_type")
    if kind == "heading":
        kind, source = "markdown", f"# {source}"
    elif kind not in ("code", "markdown", "raw"):
        kind = "code" if "outputs" in item or "input" in item else "raw"
    return RawCell(kind, source, _first_text(marks.get("grade_id")), _first_text(*_ids(item, metadata)), marks)


def _ids(item: Mapping[str, Any], metadata: Mapping[str, object]) -> Iterator[object]:
    yield item.get("id")
    yield metadata.get("id")  # where Colab keeps it


def _first_text(*values: object) -> str:
    return next((value for value in values if isinstance(value, str) and value), "")


def _text(source: object) -> str:
    """A source is one string or a list of lines, which some tools write without their line ends."""
    if isinstance(source, str):
        return source
    if not isinstance(source, list):
        return ""
    lines = [line for line in source if isinstance(line, str)]
    bare = len(lines) > 1 and not any(line.endswith("\n") for line in lines[:-1])
    return ("\n" if bare else "").join(lines)


def clean_text(text: str) -> str:
    """The text with Unix line ends, and without half characters, which neither a file nor a compiler takes."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
