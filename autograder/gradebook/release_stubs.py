"""The nbgrader step that takes solutions out of a notebook: our stub texts in place of ClearSolutions."""

from __future__ import annotations

from typing import Any

from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.course.cells import Cell
from autograder.course.stubs import MARKER, stub_source


class ReleaseStubs(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
    """Replace each solution region by the exercise's stub, and drop mark schemes."""

    def preprocess_cell(self, cell: Any, resources: Any, index: int) -> tuple[Any, Any]:
        """Rewrite one cell; the same text as `course.release` predicts."""
        if any(MARKER.fullmatch(line) for line in cell.source.split("\n")):
            marks = cell.metadata.get("nbgrader", {})
            kind = "exercise" if cell.cell_type == "code" else "written"
            name = str(marks.get("grade_id", cell.get("id", "")))
            cell.source = stub_source(Cell(kind, name, cell.source, points=float(marks.get("points", 0))))
        return cell, resources
