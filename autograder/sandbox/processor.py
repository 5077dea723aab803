"""Which processor a grader and its student processes stay on."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def keep_on_one_processor(pid: int) -> None:
    """Keep a process, and those that it will start, on the processor that is freest.

    Grader and student take turns, so both stay on one processor: to wake a process on another one costs more than
    most calls. It only saves time, so a process that is gone already, or a machine that does not allow it, is no error.
    """
    with suppress(OSError):
        os.sched_setaffinity(pid, {free_processor()})


def free_processor() -> int:
    """The processor that the fewest processes are kept on, those of other runs included."""
    kept = dict.fromkeys(sorted(os.sched_getaffinity(0)), 0)
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with suppress(OSError):
            allowed = os.sched_getaffinity(int(pid))
            if len(allowed) == 1 and allowed <= kept.keys() and Path(f"/proc/{pid}/cmdline").read_bytes():
                kept[allowed.pop()] += 1
    return min(kept, key=kept.__getitem__)
