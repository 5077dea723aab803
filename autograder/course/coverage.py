"""coverage.csv: which cell teaches, derives or grades each item of the inventory."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Iterator, Sequence

from autograder.course.cells import Topic
from autograder.course.inventory import Item

HEADER = ("section", "item", "topic", "cell")


def coverage_text(topics: Sequence[Topic], inventory: Sequence[Item]) -> str:
    """The table as CSV: a row per item and covering cell, with empty fields where nothing covers an item yet."""
    places: dict[str, list[tuple[str, str]]] = {item.mark: [] for item in inventory}
    for topic in topics:
        for cell in topic.cells:
            for mark in cell.covers:
                places.setdefault(mark, []).append((topic.stem, cell.id))
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(HEADER)
    for item in inventory:
        for stem, cell_id in places[item.mark] or [("", "")]:
            table.writerow([item.section, item.name, stem, cell_id])
    return text.getvalue()


def unknown_marks(topic: Topic, inventory: Sequence[Item]) -> Iterator[tuple[int, str, str]]:
    """Marks of a topic that no item answers to, as (line of the cell, mark, nearest known mark or nothing)."""
    known = [item.mark for item in inventory]
    for cell in topic.cells:
        for mark in cell.covers:
            if mark not in known:
                yield cell.line, mark, next(iter(difflib.get_close_matches(mark, known, 1, 0.6)), "")
