"""What graders assert with. Every message can be shown to a student: it holds no hidden input and no expected value."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograder.grading.difference import SLOT, Difference, Rule, describe, difference
from autograder.sandbox import StudentError

WORD = re.compile(r"\w+")
MAX_NAME = 60
Witness = Callable[[str, Any, Any], None]
_WITNESSES: list[Witness] = []


class Mismatch(AssertionError):  # noqa: N818 - what it says is no error of anybody's code
    """An assertion whose text is written for students.

    Parameters
    ----------
    words : str
        The sentence; where it would say a name of the student's own making (a type, an argument) it holds `SLOT`.
    name : str
        That name. A student could hide a hidden input in it, so that it is shown only if its words stand in the
        submission.
    otherwise : str
        What stands there if they don't.
    """

    def __init__(self, words: str, name: str = "", otherwise: str = "your own") -> None:
        super().__init__(words.replace(SLOT, name))
        self.words = words
        self.name = name
        self.otherwise = otherwise

    def sentence(self, known: Callable[[str], bool]) -> str:
        """The text, with the student's name for the thing if `known` says that each word of it was handed in."""
        shown = len(self.name) <= MAX_NAME and all(map(known, WORD.findall(self.name)))
        return self.words.replace(SLOT, self.name if shown else self.otherwise)


@contextmanager
def witnessed(see: Witness) -> Iterator[None]:
    """Tell the instructor's side of every comparison that fails: its case, what came back and what was expected."""
    _WITNESSES.append(see)
    try:
        yield
    finally:
        _WITNESSES.remove(see)


def _tell(case: str, got: Any, want: Any) -> None:
    for see in _WITNESSES:
        see(case, got, want)


def _fail(case: str, found: Difference, otherwise: str = "your own") -> None:
    case = re.sub(r"(^|, )1 ([a-z]+)s\b", r"\g<1>1 \2", case)  # a grader writes f"{n} examples" for every n
    words = f"{case}: {found.words}" if case else found.words
    raise Mismatch(f"{words[:1].upper()}{words[1:]}.", found.name, otherwise)


def _numbers_in(case: str) -> tuple[int, ...]:
    """The whole numbers of a case ("4 examples"), which may stand in what is said about a shape, too."""
    return tuple(int(number) for number in re.findall(r"\d{1,4}", case))


def check(condition: object, words: str) -> None:
    """Assert a property that the other helpers don't know, in words for the student (no values in them)."""
    if not condition:
        _fail("", Difference(words.rstrip(".")))


def assert_matches(
    got: Any, want: Any, *, rtol: float = 1e-9, atol: float = 0.0, case: str = "", loose_shape: bool = False
) -> None:
    """Assert that a returned value is the expected one: type, shape, finite pattern, then size of the error.

    Parameters
    ----------
    got, want
        Numbers, arrays, text, None, or lists, tuples and dictionaries of them.
    rtol, atol : float
        Each entry may be off by `atol + rtol * abs(want)`.
    case : str
        Which case this is, in words ("third step, large eps"); the student reads them.
    loose_shape : bool
        Accept axes of length 1 too many or too few, and a list for an array.

    Raises
    ------
    Mismatch
        Naming kind, shape and relative size of the largest error, never a value.
    """
    if found := difference(got, want, Rule(rtol, atol, loose_shape, _numbers_in(case))):
        _tell(case, got, want)
        _fail(case, found)


def assert_shape(got: Any, shape: tuple[int, ...], *, case: str = "") -> None:
    """Assert that a value is an array of this shape; `()` stands for a single number of any kind."""
    seen = np.shape(got) if isinstance(got, np.ndarray | np.generic | int | float | complex) else None
    if seen != shape:
        _tell(case, got, f"shape {shape}")
        wanted = f"an array of shape {shape}" if shape else "a single number"
        found = describe(got, shape, _numbers_in(case))
        _fail(case, Difference(f"{found.words} came back where {wanted} was expected", found.name))


def assert_unchanged(student: Any, *, case: str = "") -> None:
    """Assert that the last call left its arguments as they were."""
    modified = tuple(getattr(student.last, "modified", ()))
    if modified:
        words = f"the call changed {SLOT} in place, which still belongs to the caller"
        _fail(case, Difference(words, str(modified[0])), otherwise="an argument")


def assert_within_z(statistic: Any, mean: float, std: float, n: int, *, z: float = 6.0, case: str = "") -> None:
    """Assert that a mean of `n` draws lies within `z` standard errors of its expectation.

    At z = 6 a right answer fails in two of 10**9 submissions.

    Parameters
    ----------
    statistic
        The mean of the draws, a single number.
    mean, std : float
        Expectation and standard deviation of one draw.
    n : int
        Number of draws.
    """
    if not isinstance(statistic, np.ndarray | np.generic | int | float) or np.size(statistic) != 1:
        found = describe(statistic)
        _fail(case, Difference(f"{found.words} came back where a single number was expected", found.name))
    error = abs(float(np.asarray(statistic).reshape(())) - mean) / (std / math.sqrt(n))
    if not error <= z:
        _tell(case, statistic, f"{mean:.8g} within {z:g} standard errors of {std / math.sqrt(n):.3g}")
        size = "is not finite" if not math.isfinite(error) else f"is {error:.0f} standard errors from its expectation"
        _fail(case, Difference(f"the share or mean of {n} draws {size}"))


@contextmanager
def raises(kind: type[Exception], *, case: str = "") -> Iterator[None]:
    """Assert that the student's code raises an exception of this kind inside the block."""
    try:
        yield
    except kind:
        return
    except StudentError as error:
        error.expected = kind.__name__
        raise
    _fail(case, Difference(f"a {kind.__name__} was expected, and nothing was raised"))
