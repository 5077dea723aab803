"""What a submission may use, and how well it is shut in: plain records that every part of this room reads."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

NO_MEMORY_EXIT = 77  # exit code of a child that could not even report a MemoryError


class Isolation(StrEnum):
    """How much stands between student code and the machine; stored in every result, strongest first."""

    A = "A"
    B = "B"
    C = "C"
    NONE = "none"


@dataclass(frozen=True)
class Limits:
    """Limits of one child process; each is enforced from outside or by the kernel, never by the child's word.

    Parameters
    ----------
    cell_seconds, call_seconds
        Wall clock of one cell and of one call; time that the grader itself spends in call-backs is not counted.
    cpu_seconds
        Processor time of the child's whole life.
    memory_mb
        What it may take beyond the warm interpreter.
    output_kb
        Printed text that is kept; the rest is read and dropped.
    file_mb
        Largest file that it may write.
    callbacks
        How often one call may use the functions and objects that it was given.
    value_mb
        Largest value that is passed in either direction.
    """

    cell_seconds: float = 20.0
    call_seconds: float = 10.0
    cpu_seconds: float = 60.0
    memory_mb: int = 1024
    output_kb: int = 64
    file_mb: int = 16
    callbacks: int = 10_000
    value_mb: int = 64
