"""How things that go wrong in a student process appear in a hidden test."""

from __future__ import annotations

import builtins
from typing import Any

Frames = tuple[tuple[str, int], ...]

# Only these built-in types are raised as themselves; a student's KeyboardInterrupt must not end the grading.
_AS_ITSELF = (
    "ValueError",
    "TypeError",
    "KeyError",
    "IndexError",
    "ZeroDivisionError",
    "NotImplementedError",
    "AttributeError",
    "ArithmeticError",
    "OverflowError",
    "FloatingPointError",
    "RuntimeError",
    "LookupError",
    "NameError",
    "RecursionError",
)


class StudentError(Exception):
    """An exception that the student's code raised. For common built-in types, a subclass of that type too.

    Attributes
    ----------
    type_name, text
        Its type's name and message, both by the student's choice.
    frames
        The student's own frames, outermost first: (cell, line).
    base
        The nearest built-in type that it descends from, by the child's word.
    expected
        The type that the test was waiting for instead, if it was.
    """

    type_name: str = "Exception"
    text: str = ""
    frames: Frames = ()
    base: str = ""
    expected: str = ""

    def __str__(self) -> str:
        """Type and text in one line."""
        return f"{self.type_name}: {self.text}" if self.text else self.type_name


class Refused(StudentError):  # noqa: N818 (it is no error of the student's)
    """What the student's code returned cannot be passed on: `status` is "wrong_type" or "too_big"."""

    status: str = "wrong_type"


class Stopped(BaseException):
    """The student process has ended, by a limit, a crash or a broken protocol; nothing more can be asked of it.

    A `BaseException`, so that no `except Exception` and no `pytest.raises` in a test takes it for an answer.

    Attributes
    ----------
    status
        "time_limit", "memory_limit", "crashed", "protocol_error" or "too_big".
    text
        What was seen, for the instructor.
    frames
        Where the student's code was, if that could be found out.
    """

    def __init__(self, status: str, text: str = "", frames: Frames = ()) -> None:
        super().__init__(f"{status}: {text}" if text else status)
        self.status, self.text, self.frames = status, text, frames


class ZygoteError(BaseException):
    """The machinery itself failed; never a student's fault.

    A `BaseException`, like `Stopped`: no test and no `except Exception` may turn it into a verdict on the student.
    """


def _subclass(name: str) -> type[StudentError]:
    members = {"__doc__": f"A student's {name}.", "__str__": StudentError.__str__, "__module__": __name__}
    made: Any = type(f"Student{name}", (StudentError, getattr(builtins, name)), members)
    kind: type[StudentError] = made
    return kind


_KINDS = {name: _subclass(name) for name in _AS_ITSELF}


def student_error(type_name: str, text: str, frames: Frames, built_in: tuple[str, ...] = ()) -> StudentError:
    """Make the exception to raise in a test.

    Parameters
    ----------
    type_name, text, frames
        As for `StudentError`.
    built_in
        Names of the built-in classes that the student's exception descends from, nearest first.
    """
    kind = next((_KINDS[name] for name in built_in if name in _KINDS), StudentError)
    error = kind(text)
    error.type_name, error.text, error.frames = type_name, text, frames
    error.base = built_in[0] if built_in else ""
    return error


def refusal(status: str, text: str) -> Refused:
    """Make the exception for a value that cannot be passed on."""
    error = Refused(text)
    error.type_name, error.text, error.status = "Refused", text, status
    return error
