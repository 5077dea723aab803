"""Which processor a grader and its student processes stay on."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

KERNEL = (0, 2)  # parents of the kernel's own threads


def keep_on_one_processor(pid: int) -> None:
    """Keep a process, and those that it will start, on the processor that is freest.

    Grader and student take turns, so both stay on one processor: to wake a process on another one costs more than
    most calls. It only saves time, so a process that is gone already, or a machine that does not allow it, is no error.
    """
    with suppress(OSError):
        os.sched_setaffinity(pid, {free_processor(pid)})


def free_processor(pid: int) -> int:
    """The processor that the fewest siblings of a process are kept on, and of those the one with the fewest of all.

    Other runs may be over before this one, and must not leave its grading processes on one processor together.
    """
    family, kept = parent_of(pid), {processor: [0, 0] for processor in sorted(os.sched_getaffinity(0))}
    for other in map(int, filter(str.isdigit, os.listdir("/proc"))):
        with suppress(OSError):
            allowed = os.sched_getaffinity(other)
            if other != pid and len(allowed) == 1 and allowed <= kept.keys():
                parent, counts = parent_of(other), kept[allowed.pop()]
                counts[0] += parent == family
                counts[1] += parent not in KERNEL
    return min(kept, key=kept.__getitem__)


def parent_of(pid: int) -> int:
    """The number of the process that has started another one."""
    after_the_name = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2]
    return int(after_the_name.split()[1])
