"""Where a submission lies, and when it was handed in."""

from __future__ import annotations

import datetime
from pathlib import Path


def submitted_folder(class_dir: Path, student: str, stem: str) -> Path:
    """Where a submission lies."""
    return class_dir / "submitted" / student / stem


def read_timestamp(folder: Path) -> tuple[datetime.datetime | None, tuple[str, ...]]:
    """When a submission was handed in, from its `timestamp.txt`, in UTC; and a notice if that makes no sense."""
    from nbgrader.utils import parse_utc

    try:
        text = (folder / "timestamp.txt").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None, ()
    except (OSError, UnicodeDecodeError):
        text = ""
    try:
        parsed: datetime.datetime = parse_utc(text)
    except (ValueError, OverflowError):
        return None, (f"timestamp.txt says {text[:40]!r}, which is no time; write one like 2026-11-20 14:30:00 UTC",)
    return parsed, ()
