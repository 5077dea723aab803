"""The place of one student's submission below `submitted/`: written whole or not at all, and never through a link."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from autograder.config import LateSettings
from autograder.intake.choose import Candidate
from autograder.intake.records import Unreadable
from autograder.late import late_of

STAMP = "%Y-%m-%d %H:%M:%S UTC"


@dataclass(frozen=True)
class Place:
    """Where one student's submission goes, what a download may hold at most, and this student's own deadline."""

    folder: Path
    stem: str
    most_mb: float
    due: datetime | None
    rule: LateSettings

    @property
    def notebook(self) -> Path:
        """The notebook's path."""
        return self.folder / f"{self.stem}.ipynb"

    @property
    def stamp(self) -> Path:
        """The path of the time stamp that nbgrader reads."""
        return self.folder / "timestamp.txt"

    def seconds_late(self, item: Candidate) -> float:
        """How long after the deadline a file came; the least possible where the LMS only says that it was late."""
        if item.found.handed_in is None or self.due is None:
            return 1.0 if item.found.late else 0.0
        return max((item.found.handed_in - self.due).total_seconds(), 0.0)

    def late(self, item: Candidate) -> bool:
        """Whether the LMS or the clock says that a file came late."""
        return item.found.late or late_of(self.rule, self.seconds_late(item)) is not None

    def state(self, raw: bytes, item: Candidate) -> str:
        """What putting a file here would be: taken, replaced, unchanged, or older than what is there."""
        if not self.notebook.exists():
            return "taken"
        if self.notebook.is_file() and self.notebook.read_bytes() == raw:
            return "unchanged"
        before = self.handed_in()
        if before and item.found.handed_in and item.found.handed_in < before:
            return "older"
        return "replaced"

    def refuse_links(self) -> None:
        """Have no link in the way.

        Raises
        ------
        Unreadable
            Naming the link.
        """
        for path in (self.notebook, self.folder, self.folder.parent):
            if path.is_symlink():
                raise Unreadable(f"{path} is a link, and nothing is written through links; remove it")

    def write(self, raw: bytes) -> None:
        """Put the notebook here."""
        self.folder.mkdir(parents=True, exist_ok=True)
        _write(self.notebook, raw)

    def write_stamp(self, item: Candidate) -> None:
        """The time of handing in; where only its lateness is known, the first second after the deadline."""
        handed_in = item.found.handed_in
        if handed_in is None and item.found.late and self.due:
            handed_in = self.due + timedelta(seconds=1)
        if handed_in is not None:
            _write(self.stamp, f"{handed_in.strftime(STAMP)}\n".encode())
        else:
            self.stamp.unlink(missing_ok=True)

    def handed_in(self) -> datetime | None:
        """When what is here was handed in, if that is known."""
        try:
            text = self.stamp.read_text(encoding="utf-8").strip()
            return datetime.strptime(text, STAMP).replace(tzinfo=UTC)
        except (OSError, ValueError):
            return None


def _write(path: Path, content: bytes) -> None:
    """Write a file beside its place and move it there, so that an interruption leaves the old one or the new one."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        beside.write_bytes(content)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
