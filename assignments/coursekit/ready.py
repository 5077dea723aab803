"""Will my notebook be accepted? A look at the saved file before it is handed in; nothing of it is run.

In a terminal, in the folder `assignments`:

    python -m coursekit.ready hw04_adam/hw04_adam.ipynb

In the notebook itself, after saving it:

    from coursekit import ready
    ready.look("hw04_adam.ipynb")
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from coursekit.findings import Finding, of_the_cells, of_the_file, too_large
from coursekit.saved import labels, read_cells, topics, which

NO_NOTEBOOK = (
    "This is not a notebook as Jupyter saves it. Hand in the .ipynb file itself, not a copy of its text or an archive."
)
HOPELESS = 500  # megabytes; such a file is not even opened
SIGNS = {"stop": "✗ not accepted", "loses": "! loses points", "note": "- note"}


@dataclass(frozen=True)
class Ready:
    """What was found; a notebook shows it when it ends a cell."""

    file: str
    findings: tuple[Finding, ...]
    done: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the file will be read and graded."""
        return all(finding.weight != "stop" for finding in self.findings)

    def __str__(self) -> str:
        lines = [f"{self.file}: {self._verdict()}", *([f"  {self.done}"] if self.done else [])]
        return "\n".join([*lines, *(f"  {SIGNS[finding.weight]}: {finding.text}" for finding in self.findings)])

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        return f"```text\n{self}\n```"

    def _repr_html_(self) -> str:
        rows = "".join(f"<div><b>{SIGNS[each.weight]}</b>: {escape(each.text)}</div>" for each in self.findings)
        return (
            '<div style="border-left:4px solid #999;padding:2px 12px;margin:4px 0;line-height:1.5">'
            f"<div><b>{escape(self.file)}</b>: {escape(self._verdict())}</div>"
            f"<div>{escape(self.done)}</div>{rows}</div>"
        )

    def _verdict(self) -> str:
        if not self.accepted:
            return "this file will NOT be accepted as it is."
        if any(finding.weight == "loses" for finding in self.findings):
            return "it will be accepted, but look at this first."
        return "it will be accepted."


def look(file: str | Path | None = None) -> Ready:
    """Look at a saved notebook. End the cell with it.

    Parameters
    ----------
    file : str or Path, optional
        The notebook; without it, the one in this folder that was saved last.

    Returns
    -------
    Ready
        `accepted` says whether the file can be graded at all. What is in it may still be wrong.
    """
    path = Path(file) if file is not None else _newest()
    if path is None:
        return Ready("no notebook", (Finding("stop", "There is no .ipynb file in this folder. Name the file."),))
    try:
        size = path.stat().st_size / 2**20
        if size > HOPELESS:
            return Ready(path.name, (too_large(size, HOPELESS),))
        raw, at = path.read_bytes(), time.localtime(path.stat().st_mtime)
    except OSError as error:
        return Ready(path.name, (Finding("stop", f"It cannot be read: {error.strerror}. Is the name right?"),))
    cells = _cells(raw)
    if cells is None:
        return Ready(path.name, (Finding("stop", NO_NOTEBOOK),))
    topic = which(path.stem, labels(cells), topics())
    findings = list(of_the_file(path, size, cells, topic))
    if topic is not None:
        findings += of_the_cells(read_cells(cells, topic), topic)
    order = sorted(findings, key=lambda finding: list(SIGNS).index(finding.weight))
    saved = f"Saved at {time.strftime('%H:%M on %d %B', at)}; later changes are not in it."
    return Ready(path.name, tuple(order), saved)


def _cells(raw: bytes) -> list[Any] | None:
    try:
        cells = json.loads(raw)["cells"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return cells if isinstance(cells, list) else None


def _newest() -> Path | None:
    return max(Path.cwd().glob("*.ipynb"), key=lambda path: path.stat().st_mtime, default=None)


def main(arguments: Sequence[str]) -> int:
    """Look at the files and print what was found; 0 if all of them will be accepted."""
    if not arguments or arguments[0].startswith("-"):
        print(__doc__)
        return 2
    looks = [look(path) for path in arguments]
    print("\n".join(str(found) for found in looks))
    return 0 if all(found.accepted for found in looks) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
