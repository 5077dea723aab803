"""The notebook that nbgrader's pages show of a graded submission: the student's cells with our words under them.

It is put together from the released notebook, so that no metadata of a student, no output that could carry a
script and no changed locked cell gets into a page that an instructor opens.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.gradebook.decisions import ANSWERED, MISSING, UNTOUCHED
from autograder.gradebook.harmless import harmless_markdown
from autograder.gradebook.released import Notebook, Released, grade_id, source_of
from autograder.intake import Submission
from autograder.records import Result
from autograder.reports.clean import clean
from autograder.reports.text import exercise_text

LAYOUT = 1  # raised when the notebooks made here change, so that old ones are made again
MOST_FOREIGN_CELLS = 200
MOST_CHARACTERS = 200_000  # of one cell
MISSING_NOTE = "This cell is missing from the notebook that was handed in. What stands here is what was given out."


@dataclass(frozen=True)
class Stamp:
    """What an autograded notebook was made from; kept in its metadata.

    `written` says for each written question whether it was answered, untouched or missing.
    """

    submission: str
    result: str
    written: Mapping[str, str]


def result_digest(result: Result, released: Released) -> str:
    """Hash of everything that shows in the notebook; the seconds that grading took do not."""
    record = json.loads(result.to_json())
    del record["seconds"]
    material = json.dumps([LAYOUT, record, released.notebook], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(material.encode("utf-8", "surrogatepass")).hexdigest()


def artefact_path(class_dir: Path, student: str, stem: str) -> Path:
    """Where nbgrader expects the graded notebook."""
    return class_dir / "autograded" / student / stem / f"{stem}.ipynb"


def read_stamp(path: Path) -> Stamp | None:
    """What an existing autograded notebook was made from; None if it is not there or not ours."""
    try:
        stamp = json.loads(path.read_bytes())["metadata"]["autograder"]
        return Stamp(str(stamp["submission"]), str(stamp["result"]), dict(stamp["written"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def written_states(released: Released, submission: Submission | None) -> dict[str, str]:
    """For each written question whether it was answered, left as it was given out, or is missing."""
    from autograder.course.release import normalised_sha256

    states = {}
    for cell in released.graded:
        name = grade_id(cell)
        if cell["cell_type"] != "markdown":
            continue
        if submission is None or name in submission.missing or name not in submission.written:
            states[name] = MISSING
        elif normalised_sha256(submission.written[name]) == normalised_sha256(source_of(cell)):
            states[name] = UNTOUCHED
        else:
            states[name] = ANSWERED
    return states


def graded_notebook(
    released: Released, submission: Submission | None, raw: bytes, result: Result | None, stamp: Stamp | None
) -> Notebook:
    """The notebook that nbgrader shows.

    Parameters
    ----------
    released : Released
        The notebook that was given out: order, locked cells and metadata come from it.
    submission : Submission or None
        The student's cells; None if the file could not be read.
    raw : bytes
        The file that was handed in; cells of the student's own are taken from it.
    result : Result or None
        Whose text stands under the exercises; without it there are no outputs.
    stamp : Stamp or None
        What to keep in the metadata.
    """
    mine = _own_sources(submission)
    foreign, seen = _walk(released, mine, raw) if submission else ({}, {})
    texts = {exercise.name: exercise_text(exercise) for exercise in result.exercises} if result else {}
    cells = list(foreign.get("", ()))
    for cell in released.notebook["cells"]:
        cells.append(_restored(cell, {**seen, **mine}, submission, texts))
        cells += foreign.get(_name(cell), ())
    notebook = copy.deepcopy({**released.notebook, "cells": []})
    notebook["cells"] = cells
    if stamp is not None:
        notebook["metadata"]["autograder"] = {
            "submission": stamp.submission,
            "result": stamp.result,
            "written": dict(sorted(stamp.written.items())),
        }
    return notebook


def notebook_text(notebook: Notebook) -> str:
    """The file's text; half characters that JSON may hold but a file may not become question marks."""
    text = json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    return text.encode("utf-8", "replace").decode("utf-8")


def _own_sources(submission: Submission | None) -> dict[str, str]:
    """What the student's version of each released cell says, as the grader read it."""
    if submission is None:
        return {}
    sources = {cell.name: cell.source for cell in submission.cells if cell.known}
    return {**sources, **submission.written}


def _name(cell: Notebook) -> str:
    return grade_id(cell) or str(cell.get("id", ""))


def _restored(
    cell: Notebook, mine: Mapping[str, str], submission: Submission | None, texts: Mapping[str, str]
) -> Notebook:
    name = _name(cell)
    made = copy.deepcopy(cell)
    if name in mine and not _fixed(cell):
        made["source"] = shown(mine[name], cell["cell_type"], source_of(cell)).splitlines(keepends=True)
    if cell["cell_type"] == "code":
        made["execution_count"] = None
        text = texts.get(name, "")
        if text and submission is not None and name in submission.missing:
            text = f"{MISSING_NOTE}\n{text}"
        lines = text.splitlines(keepends=True)
        made["outputs"] = [{"output_type": "stream", "name": "stdout", "text": lines}] if text else []
    return made


def shown(source: str, cell_type: str, given_out: str = "") -> str:
    """A student's text as a page may show it; what is as it was given out stays so."""
    if source == given_out:
        return source
    plain = clean(source, MOST_CHARACTERS)
    return plain if cell_type == "code" else harmless_markdown(plain)


def _fixed(cell: Notebook) -> bool:
    """Whether students were not to edit a released cell: its text is put back."""
    metadata = cell["metadata"]
    return bool(metadata.get("nbgrader", {}).get("locked", False)) or metadata.get("editable") is False


def _walk(released: Released, mine: Mapping[str, str], raw: bytes) -> tuple[dict[str, list[Notebook]], dict[str, str]]:
    """Go through the file for what the grader has no use for, but a marker wants to see.

    Returns
    -------
    tuple
        The student's own cells by the released cell after which they stand ("" for those before the first), and
        the texts of released cells that carry no points, such as the error diary.
    """
    open_names = {_name(cell): not grade_id(cell) for cell in released.notebook["cells"]}
    texts = {source.strip() for source in mine.values()}
    texts |= {source_of(cell).strip() for cell in released.notebook["cells"]} | {""}
    placed: dict[str, list[Notebook]] = {}
    taken: set[str] = set()
    seen: dict[str, str] = {}
    anchor, count = "", 0
    for cell in _raw_cells(raw):
        source, name = source_of(cell), _name(cell)
        if name in open_names and name not in taken:
            taken.add(name)
            anchor = name
            if open_names[name]:
                seen[name] = source
        elif source.strip() not in texts and count < MOST_FOREIGN_CELLS:
            count += 1
            placed.setdefault(anchor, []).append(_foreign(cell, source, f"extra-{count:03d}"))
    return placed, seen


def _raw_cells(raw: bytes) -> Iterator[dict[str, Any]]:
    try:
        cells = json.loads(raw)["cells"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return
    if isinstance(cells, list):
        yield from (cell for cell in cells if isinstance(cell, dict))


def _foreign(cell: Notebook, source: str, name: str) -> Notebook:
    kind = "code" if cell.get("cell_type") == "code" else "markdown"
    lines = shown(source, kind).splitlines(keepends=True)
    made: Notebook = {"cell_type": kind, "id": name, "metadata": {}, "source": lines}
    return {**made, "execution_count": None, "outputs": []} if kind == "code" else made
