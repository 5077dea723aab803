"""The table of a collection: printed in short, written in full."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from pathlib import Path

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would compute a cell that begins so
WIDEST = 48


@dataclass(frozen=True)
class Row:
    """One file, or one student without any.

    `state` is taken, replaced, unchanged, not taken, absent, or refused for a whole archive. `file` is the name in
    the download, which some systems want back with the feedback.
    """

    student: str
    state: str
    file: str
    source: str
    late: bool
    handed_in: datetime | None
    why: str


def print_table(rows: Sequence[Row], stem: str, *, without_roster: bool, due: datetime | None = None) -> None:
    """Say how many were taken, and name everything that asks for attention."""
    counts = Counter(row.state for row in rows)
    late = sum(row.late for row in rows if row.state in ("taken", "replaced", "unchanged"))
    words = [f"{counts[state]} {state}" for state in ("taken", "replaced", "unchanged", "not taken", "absent")]
    refused = f", {counts['refused']} archives refused" if counts["refused"] else ""
    deadline = f" (due {due:%Y-%m-%d %H:%M} UTC)" if due else ""
    print(f"{stem}: {', '.join(words)}; {late} late{deadline}{refused}")
    if without_roster:
        print("no roster.csv: students are called as in the download. With one (student,first_name,last_name,email,")
        print("canvas_id), they are joined to your ids.")
    for row in rows:
        if row.why or row.late:
            remarks = "; ".join(part for part in ("late" if row.late else "", row.why) if part)
            print(f"  {row.state:<9}  {_shown(row.student):<24}  {_shown(row.file):<{WIDEST}}  {_shown(remarks, 200)}")


def write_table(rows: Iterable[Row], path: Path) -> Path:
    """Write all rows as CSV that no spreadsheet mistakes for formulas."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(field.name for field in fields(Row))
    for row in rows:
        writer.writerow(_harmless(value) for value in astuple(row))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.getvalue(), encoding="utf-8", errors="replace")
    return path


def _harmless(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S UTC")
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _shown(text: str, widest: int = WIDEST) -> str:
    """Text of unknown origin for a terminal: nothing that moves the cursor, nothing without end."""
    plain = "".join(letter if letter.isprintable() else "?" for letter in text)
    return plain if len(plain) <= widest else f"{plain[: widest - 3]}..."
