"""Sentences for students: what was seen, then a question; of student-made text only what stands in the submission."""

from __future__ import annotations

import builtins
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from autograder.sandbox import StudentError

Frame = tuple[str, int]  # a cell of the student and a 1-based line in it

MAX_LINE = 90
WORD = re.compile(r"[^\W\d]\w*")
RAISES = re.compile(r"(if\b.*:\s*)?raise\b")  # a line that refuses something on purpose
PLACE_IN_TEXT = re.compile(r" \(cell [^()]*, line \d+\)$")  # as a SyntaxError says it
BUILTIN_WORDS = frozenset(dir(builtins)) | frozenset(dir(np))
BUILTIN_WORDS |= {"LinAlgError", "generator", "function", "method", "NoneType", "args", "kwargs"}
SHORT = 2  # letters of a word that is too short to carry anything

CAUSES = {
    "ValueError": "Do the shapes of the arrays in it fit together?",
    "TypeError": "Which types do the values in it have, and does the call have the arguments that the docstring names?",
    "IndexError": "How long is the array there, and which index is the largest?",
    "KeyError": "Which keys does the dictionary have at that point, on the very first call too?",
    "NameError": "Is the name defined in the function itself, or in a cell above it?",
    "UnboundLocalError": "Is the name assigned on every way through the function?",
    "AttributeError": "Is the attribute set before it is used, in __init__ for instance?",
    "ZeroDivisionError": "Which input makes the divisor 0?",
    "RecursionError": "What ends the recursion?",
    "SyntaxError": "Does the cell run in your own notebook?",
    "IndentationError": "Does the cell run in your own notebook?",
    "ModuleNotFoundError": "Graded notebooks have numpy, matplotlib and the course kit. Can it be done with these?",
    "ImportError": "Graded notebooks have numpy, matplotlib and the course kit. Can it be done with these?",
    "KeyboardInterrupt": "Should a function end the whole program?",
    "SystemExit": "Should a function end the whole program?",
    "EOFError": "Does the code wait for input()? Nobody can type during grading.",
}
IN_INTEGERS = "An array of integers cannot hold fractions. Does an operator such as *= work in the array it is given?"
CAST = re.compile(r"Cannot cast ufunc '\w+' output from dtype\('float")
CALLERS_ARRAY = "The array that it changes belongs to the caller, and may not be written to. Is a new one needed?"
KNOWN_TEXTS = {
    "assignment destination is read-only": CALLERS_ARRAY,
    "output array is read-only": CALLERS_ARRAY,
    "sort array is read-only": CALLERS_ARRAY,
    "math domain error": "Which number does the function of the math module get?",
    "math range error": "Which number does the function of the math module get?",
}


@dataclass(frozen=True)
class Allowed:
    """The limits that a message may have to name."""

    seconds: float
    memory_mb: float


class Submitted:
    """The text of a submission's cells, for quoting a line and for telling a name from a smuggled value."""

    def __init__(self, cells: Mapping[str, str]) -> None:
        self._lines = {name: source.splitlines() for name, source in cells.items()}
        self._words: frozenset[str] | None = None

    def knows(self, name: str) -> bool:
        """Whether a name is Python's, NumPy's or stands in the submission; nothing else is ever shown."""
        if self._words is None:
            text = "\n".join("\n".join(lines) for lines in self._lines.values())
            self._words = BUILTIN_WORDS | frozenset(WORD.findall(text))
        return len(name) <= SHORT or name in self._words

    def place(self, frames: Sequence[Frame]) -> str:
        """Where the innermost of the student's own frames is, with the line as it was handed in."""
        cell, number, line = self._innermost(frames)
        return f"line {number} of the cell {cell} (`{_clipped(line)}`)" if cell else ""

    def refuses(self, frames: Sequence[Frame]) -> bool:
        """Whether the student's own code raised there, in so many words."""
        return RAISES.match(self._innermost(frames)[2].strip()) is not None

    def _innermost(self, frames: Sequence[Frame]) -> tuple[str, int, str]:
        for cell, number in reversed(list(frames)):
            lines = self._lines.get(cell, [])
            if 1 <= number <= len(lines):
                return cell, number, lines[number - 1]
        return "", 0, ""


def _clipped(line: str) -> str:
    line = "".join(letter if letter.isprintable() else " " for letter in line).strip()
    return line if len(line) <= MAX_LINE else f"{line[: MAX_LINE - 3]}..."


def no_cell(exercise: str) -> str:
    """The exercise's cell is not in the notebook."""
    return (
        f"The notebook that was handed in has no cell for {exercise}. Was it deleted? "
        "A fresh copy of the notebook has it; put your code there."
    )


def no_name(exercise: str) -> str:
    """All cells ran, but the name does not exist."""
    return f"After all cells have run there is no {exercise}. Is the name spelled exactly so, and not indented?"


def not_implemented(exercise: str) -> str:
    """The stub is still there."""
    return f"{exercise} is not implemented yet."


def untouched(exercise: str) -> str:
    """Code that was given out with a mistake in it was handed in as it was."""
    return f"{exercise} is still as it was given out. Which of its lines does not do what the text says?"


def not_answered(exercise: str) -> str:
    """A question with a variable to set was left as it was."""
    return f"{exercise} is not answered yet."


def cell_raised(exercise: str, kind: str, text: str, frames: Sequence[Frame], submitted: Submitted) -> str:
    """The exercise's cell stopped. It ran before any hidden test, so that even its message can be shown."""
    where = submitted.place(frames)
    shown = PLACE_IN_TEXT.sub("", _clipped(text))
    words = f"The cell of {exercise} stopped with {kind}" + (f", {shown}," if shown else "")
    words = f"{words} in {where}." if where else f"{words.rstrip(',')}."
    return f"{words} {CAUSES.get(kind, 'Does the cell run in your own notebook?')}"


def raised(error: StudentError, submitted: Submitted) -> str:
    """The student's code raised during a hidden test: the type and the student's own line, never the text.

    Of the text only this is told: whether it is one of a few that Python and NumPy write.
    """
    kind, name = error.type_name, error.type_name
    if not submitted.knows(kind):  # nor is the base to be believed: of it only what stands in CAUSES is shown
        kind = error.base
        name = f"a kind of {kind}" if kind in CAUSES else "an exception of your own"
    where = submitted.place(error.frames)
    words = f"Your code raised {name}" + (f" in {where}." if where else ".")
    if error.expected:
        return f"{words} What does the docstring say is to be raised here?"
    if submitted.refuses(error.frames):
        return f"{words} Does the docstring say that what this test passes in is to be refused?"
    known = IN_INTEGERS if CAST.match(error.text) else KNOWN_TEXTS.get(error.text)
    return f"{words} {known or CAUSES.get(kind, 'What is different about this case?')}"


def stopped(status: str, frames: Sequence[Frame], submitted: Submitted, allowed: Allowed, what: str = "call") -> str:
    """A limit or a crash ended the student's process in a call of the student's code, or in a cell."""
    where = submitted.place(frames)
    at = f" It was at {where}." if where else ""
    said, question = {
        "time_limit": (
            f"The {what} did not end within {allowed.seconds:.3g} s.",
            "Is there a loop that never ends, or one over single entries where whole arrays would do?",
        ),
        "memory_limit": (
            f"The {what} needed more than {allowed.memory_mb:g} MB of memory.",
            "Does a list grow for ever, or an array get a row for every pair of examples?",
        ),
        "crashed": (
            f"The Python process ended in the middle of the {what}.",
            "Does the code leave Python, or call itself without end?",
        ),
        "too_big": (
            f"The {what} used what it was given too often, or gave back too much.",
            "Is there a loop that never ends?",
        ),
    }.get(
        status,
        (
            f"In the middle of the {what} the process sent something that is no answer, and was ended.",
            "Does the code write to files that it found open?",
        ),
    )
    return f"{said}{at} {question}"


def refused(status: str) -> str:
    """A value came back that cannot travel."""
    if status == "too_big":
        return "The value that came back is too large to be looked at. Is its shape the one in the docstring?"
    return (
        "What came back is no plain array of numbers: an array of Python objects or a masked one, for instance. "
        "Is it made from rows of different lengths?"
    )


def gave_up(exercise: str) -> str:
    """Not tried any more after two fatal events."""
    return f"{exercise} had ended the process twice by then. The messages of those two tests say how."


def out_of_time(exercise: str, seconds: float) -> str:
    """The exercise's budget is used up."""
    return (
        f"The tests of {exercise} have used up the {seconds:g} seconds that there are for all of them. "
        "Is there a loop over single entries where whole arrays would do?"
    )


def all_out_of_time(seconds: float) -> str:
    """The submission's budget is used up."""
    return f"The whole notebook had used up its {seconds:g} seconds by then."


def failed_plainly(title: str) -> str:
    """A test failed and has nothing more to say than its own sentence."""
    return f"This does not hold for your code: {title}"


def grader_fault() -> str:
    """The test itself is broken: nobody's fault but ours."""
    return "This test could not be run; the fault is ours, and your instructor has been told."


def odd_value(title: str, nothing: bool) -> str:
    """The test stumbled over the value that came back, or over `None`, and does not with the reference's."""
    if nothing:
        return "None came back where a value was needed. Does every way through the function end in a return?"
    words = "The value that came back could not be used as the docstring says"
    return f"{words} ({title.rstrip('.')}). Is it of the type and shape named there?"


def with_reference(names: Sequence[str]) -> str:
    """A test that counts because earlier exercises were replaced by the reference's."""
    return f"Passed with the course's own {' and '.join(names)} in place of yours."
