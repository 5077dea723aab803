"""The clock of all limits: it stands still while the machine sleeps or the grading is stopped.

A laptop that is closed, a virtual machine that is moved or Ctrl-Z would else use up what a student's code may take.
"""

from __future__ import annotations

import time

LONGEST_STEP = 0.2  # seconds between two looks that count at most; every wait looks more often
LOOK_EVERY = 0.1


class Clock:
    """Seconds that passed while somebody looked."""

    def __init__(self) -> None:
        self._seen = time.monotonic()
        self._counted = 0.0

    def now(self) -> float:
        """Seconds since it was made; a longer time without a look counts as `LONGEST_STEP`."""
        seen = time.monotonic()
        self._counted += min(max(seen - self._seen, 0.0), LONGEST_STEP)
        self._seen = seen
        return self._counted


now = Clock().now
