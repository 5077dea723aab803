"""From what was observed to a level: A, B, C or none."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from functools import lru_cache

from . import landlock, seccomp

LAYERS = ("rlimits", "disk", "uid", "no_new_privs", "landlock", "seccomp")

MEANING = {
    "A": "a submission sees nothing but its own folder and the course kit, and can fill no disk",
    "B": "a submission reads and changes nothing outside its own folder; it can tell whether a guessed path exists",
    "C": "files are safe only as far as their permissions go: keep hidden tests unreadable for other users",
    "none": "nothing holds a submission back: for code that you trust (practice mode)",
}

# What must have been stopped. A level needs its own probes and those of the levels below it.
NEEDED = {
    "C": ("open_private", "write_outside", "chmod", "signal", "ptrace", "grader_proc", "memory", "file_size"),
    "B": ("open_public", "fork", "socket", "memfd", "foreign_call", "privileges"),
    "A": ("stat", "disk"),
}


def level_of(stopped: Mapping[str, bool]) -> str:
    """The strongest level whose probes were all stopped.

    Parameters
    ----------
    stopped
        Probe name to whether the machine stopped it. A probe that is missing counts as not stopped.
    """
    level = "none"
    for name in ("C", "B", "A"):
        if not all(stopped.get(probe, False) for probe in NEEDED[name]):
            return level
        level = name
    return level


@lru_cache(maxsize=1)
def available_layers() -> tuple[str, ...]:
    """The layers that this machine can be asked for, in the order in which they are applied."""
    if not sys.platform.startswith("linux"):
        return ("rlimits",)
    missing = set()
    if os.geteuid() != 0:
        missing.add("uid")
    if not landlock.abi():
        missing.add("landlock")
    if not seccomp.supported():
        missing.add("seccomp")
    return tuple(layer for layer in LAYERS if layer not in missing)


@lru_cache(maxsize=1)
def observed_level() -> str:
    """What `doctor` finds on this machine, looked at once per process."""
    from .doctor import doctor

    return doctor().level
