"""How a process ended, told from its exit status and its use of the processor; never from what it says."""

from __future__ import annotations

import os
import re
import select
import signal
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox.limits import NO_MEMORY_EXIT, Limits


@dataclass(frozen=True)
class Ending:
    """The wait status (None if we killed it ourselves) and what it had used."""

    status: int | None
    cpu_seconds: float
    max_rss_kb: int = 0


def how_it_ended(ending: Ending, limits: Limits) -> tuple[str, str]:
    """The result status of a child that ended itself, and a sentence for the instructor."""
    if ending.status is None:
        return "crashed", "it closed its connection"
    code = os.waitstatus_to_exitcode(ending.status)
    if code == NO_MEMORY_EXIT:
        return "memory_limit", "out of memory"
    if code >= 0:
        return "crashed", f"it ended itself with exit code {code}"
    number = -code
    if number == signal.SIGXCPU or (number == signal.SIGKILL and ending.cpu_seconds >= limits.cpu_seconds):
        return "time_limit", f"it used {ending.cpu_seconds:.0f} s of processor time"
    if number == signal.SIGKILL:
        return "memory_limit", "the system ended it, most likely for want of memory"
    try:
        return "crashed", f"ended by {signal.Signals(number).name}"
    except ValueError:
        return "crashed", f"ended by signal {number}"


def wait_for_exit(pidfd: int, seconds: float) -> bool:
    """Whether the process ends within this time."""
    waiter = select.poll()
    waiter.register(pidfd, select.POLLIN)
    return bool(waiter.poll(seconds * 1000))


def cpu_seconds_of(pidfd: int) -> float:
    """Processor time of a process that lives; 0.0 where the system does not tell."""
    return _state_and_cpu(pidfd)[1]


def is_runnable(pidfd: int) -> bool:
    """Whether a process computes or waits for a processor, rather than for time to pass."""
    return _state_and_cpu(pidfd)[0] == "R"


def _state_and_cpu(pidfd: int) -> tuple[str, float]:
    try:
        found = re.search(r"^Pid:\s*(\d+)", Path(f"/proc/self/fdinfo/{pidfd}").read_text(), re.MULTILINE)
        fields = Path(f"/proc/{found[1]}/stat").read_text().rpartition(")")[2].split() if found else []
        return fields[0], (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError, ValueError):
        return "", 0.0
