"""Say how far the grading is: a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from typing import TextIO

PLAIN_EVERY = 10.0  # seconds between two lines where the output is not a terminal


@dataclass
class Progress:
    """Counts finished submissions of `total` and prints rate, time left and what went wrong so far."""

    total: int
    stream: TextIO = field(default_factory=lambda: sys.stderr)
    done: int = 0
    troubled: int = 0
    _started: float = field(default_factory=time.monotonic)
    _printed: float = field(default_factory=time.monotonic)

    def advance(self, troubled: bool = False) -> None:
        """One more submission is finished; `troubled` if it needs a human."""
        self.done += 1
        self.troubled += troubled
        live = self.stream.isatty()
        now = time.monotonic()
        if live:
            self.stream.write(f"\r\x1b[K{self.line()}")
        elif now - self._printed >= PLAIN_EVERY or self.done == self.total:
            self.stream.write(self.line() + "\n")
            self._printed = now
        if live and self.done == self.total:
            self.stream.write("\n")
        self.stream.flush()

    def line(self) -> str:
        """The state as one line."""
        elapsed = max(time.monotonic() - self._started, 1e-9)
        rate = self.done / elapsed
        left = (self.total - self.done) / rate if self.done else 0.0
        share = self.done / self.total if self.total else 1.0
        bar = "#" * round(20 * share)
        text = f"[{bar:<20}] {self.done}/{self.total} graded, {rate:.1f}/s, {_clock(left)} left"
        return text + (f", {self.troubled} need a human" if self.troubled else "")


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
