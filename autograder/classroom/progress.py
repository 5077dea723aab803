"""Say how far the grading is: a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import TextIO

PLAIN_EVERY = 10.0  # seconds between two lines where the output is not a terminal
LIVE_EVERY = 0.1


@dataclass
class Progress:
    """Counts finished submissions of `total` and prints rate, time left and what went wrong so far."""

    total: int
    stream: TextIO = field(default_factory=lambda: sys.stderr)
    done: int = 0
    troubled: int = 0
    _started: float = field(default_factory=time.monotonic)
    _printed: float = field(default_factory=time.monotonic)

    def __enter__(self) -> Progress:
        if self.total:
            self._show()
        return self

    def advance(self, troubled: bool = False) -> None:
        """One more submission is finished; `troubled` if it needs a human."""
        self.done += 1
        self.troubled += troubled
        every = LIVE_EVERY if self.stream.isatty() else PLAIN_EVERY
        if self.done == self.total or time.monotonic() - self._printed >= every:
            self._show()

    def _show(self) -> None:
        self._printed = time.monotonic()
        self.stream.write(f"\r\x1b[K{self.line()}" if self.stream.isatty() else f"{self.line()}\n")
        self.stream.flush()

    def line(self) -> str:
        """The state as one line."""
        share = self.done / self.total if self.total else 1.0
        text = f"[{'#' * round(20 * share):<20}] {self.done}/{self.total} graded"
        if self.done:
            rate = self.done / max(time.monotonic() - self._started, 1e-9)
            text += f", {rate:.1f}/s, {_clock((self.total - self.done) / rate)} left"
        return text + (f", {self.troubled} need a human" if self.troubled else "")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.total and self.stream.isatty():
            self.stream.write("\n")
            self.stream.flush()


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}" if minutes >= 60 else f"{minutes}:{rest:02d}"
