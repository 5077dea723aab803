"""Run student code in a process of its own and talk to it in values."""

from __future__ import annotations

from autograder.sandbox.client import Child, ErrorInfo, Outcome
from autograder.sandbox.errors import Refused, Stopped, StudentError, ZygoteError
from autograder.sandbox.host import Zygote
from autograder.sandbox.limits import Isolation, Limits
from autograder.sandbox.student import CallReport, Exposed, Handle, Student, expose

__all__ = [
    "CallReport",
    "Child",
    "ErrorInfo",
    "Exposed",
    "Handle",
    "Isolation",
    "Limits",
    "Outcome",
    "Refused",
    "Stopped",
    "Student",
    "StudentError",
    "Zygote",
    "ZygoteError",
    "expose",
]
