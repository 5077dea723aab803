"""Visible checks: instant feedback on an exercise, in words, without a traceback.

A *try it* cell ends with one `report(...)`. Each check takes a function to call, so that an exercise that is not
written yet, or raises, is reported like everything else and the notebook runs on.
"""

from __future__ import annotations

import linecache
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from coursekit.compare import describe, differences

PASSED, FAILED, UNWRITTEN = "passed", "failed", "unwritten"
SIGNS = {
    PASSED: ("✓", "ok", "#009E73"),
    FAILED: ("✗", "not yet", "#D55E00"),
    UNWRITTEN: ("-", "not written yet", "#777777"),
}
KIT = str(Path(__file__).resolve().parent)


@dataclass(frozen=True)
class Check:
    """One thing that was tried and how it went."""

    name: str
    state: str
    lines: tuple[str, ...] = ()
    hint: str = ""


@dataclass(frozen=True)
class Report:
    """The checks of one exercise; a notebook shows it when it ends a cell."""

    exercise: str
    checks: tuple[Check, ...]
    left: str = ""
    hint: str = ""

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(check.state == PASSED for check in self.checks)

    def __str__(self) -> str:
        lines = [f"{self.exercise}: {self._summary()}"]
        for check in self._shown():
            sign, word, _ = SIGNS[check.state]
            lines.append(f"  {sign} {word}: {check.name}")
            lines += [f"      {line}" for line in check.lines]
            lines += [f"      hint: {check.hint}"] if check.hint and check.state == FAILED else []
        return "\n".join([*lines, *([f"  Hint: {self.hint}"] if self._stuck() else [])])

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        return f"```text\n{self}\n```"

    def _repr_html_(self) -> str:
        rows = "".join(_row(check) for check in self._shown())
        rows += f"<div>Hint: {escape(self.hint)}</div>" if self._stuck() else ""
        return (
            '<div style="border-left:4px solid #999;padding:2px 12px;margin:4px 0;line-height:1.5">'
            f"<div><b>{escape(self.exercise)}</b>: {escape(self._summary())}</div>{rows}</div>"
        )

    def _shown(self) -> tuple[Check, ...]:
        untouched = all(check.state == UNWRITTEN for check in self.checks)
        return () if untouched else self.checks

    def _stuck(self) -> bool:
        return bool(self.hint) and any(check.state == FAILED for check in self.checks)

    def _summary(self) -> str:
        good = sum(check.state == PASSED for check in self.checks)
        if self.passed:
            return f"{good} of {good} visible checks passed." + (
                f" Not checked here: {self.left}." if self.left else ""
            )
        if not self._shown():
            needed = dict.fromkeys(line for check in self.checks for line in check.lines if self.exercise not in line)
            return " ".join(["not written yet.", *needed])
        return f"{good} of {len(self.checks)} visible checks passed."


def equal(
    name: str, call: Callable[[], Any], want: Any, *, rtol: float = 1e-6, atol: float = 1e-9, hint: str = ""
) -> Check:
    """Check that a call gives the expected value.

    Parameters
    ----------
    name : str
        What is checked, in the student's words.
    call : callable
        Makes the value; nothing that it raises gets out.
    want : number, array, text, or a dict, list or tuple of these
    rtol, atol : float
        Allowed error of each number: `atol + rtol * abs(want)`.
    hint : str
        Shown if the check fails: a question or a place to look, not the answer.
    """
    return _run(name, call, lambda got: differences(got, want, rtol, atol), hint)


def holds(name: str, call: Callable[[], Any], *, hint: str = "") -> Check:
    """Check that a call gives something true. A text instead says what is wrong."""

    def judge(got: Any) -> list[str]:
        if isinstance(got, str):
            return [got]
        return [] if bool(got) else ["this does not hold"]

    return _run(name, call, judge, hint)


def raises(name: str, call: Callable[[], Any], error: type[Exception], *, hint: str = "") -> Check:
    """Check that a call raises an error of the given type."""

    def attempt() -> Any:
        try:
            got = call()
        except NotImplementedError:
            raise
        except error:
            return None
        return got if got is not None else "nothing"

    return _run(name, attempt, lambda got: [] if got is None else [f"no {error.__name__}, got {describe(got)}"], hint)


def report(exercise: str, *checks: Check, left: str = "", hint: str = "") -> Report:
    """Collect the checks of an exercise. End the cell with it.

    Parameters
    ----------
    exercise : str
    *checks : Check
        From `equal`, `holds` and `raises`, already made.
    left : str
        The kinds of tests that only the grader makes: shown when all is well, so that it is no surprise.
    hint : str
        Shown once if any check failed; a hint of a single check stands with that check.
    """
    return Report(exercise, checks, left, hint)


def _run(name: str, call: Callable[[], Any], judge: Callable[[Any], list[str]], hint: str) -> Check:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            lines = judge(call())
        except NotImplementedError as error:
            text = str(error)
            return Check(name, UNWRITTEN, (f"First write `{text}`.",) if text.isidentifier() else ())
        except NameError as error:
            return Check(name, FAILED, (f"{error}: run the cell that defines it", *_place(error)), hint)
        except Exception as error:  # whatever a student's code raises is shown, in one line
            return Check(
                name, FAILED, (f"raised {type(error).__name__}: {describe_error(error)}", *_place(error)), hint
            )
    if not lines:
        return Check(name, PASSED)
    noted = dict.fromkeys(f"NumPy warned: {w.message}" for w in caught if issubclass(w.category, RuntimeWarning))
    return Check(name, FAILED, (*lines, *noted), hint)


def describe_error(error: Exception) -> str:
    """The text of an error on one line of at most 200 characters."""
    text = " ".join(str(error).split())
    return text if len(text) <= 200 else text[:196] + " ..."


def _place(error: Exception) -> tuple[str, ...]:
    """The student's own line in which the error arose: the innermost that is neither in this kit nor in a library."""
    found: tuple[str, ...] = ()
    trace = error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if not file.startswith(KIT) and "site-packages" not in file:
            source = linecache.getline(file, trace.tb_lineno).strip()
            found = (f"in line {trace.tb_lineno} of the cell: {source}",) if source else ()
        trace = trace.tb_next
    return found


def _row(check: Check) -> str:
    sign, word, colour = SIGNS[check.state]
    detail = "".join(f"{escape(line)}\n" for line in check.lines)
    hint = f"<div>Hint: {escape(check.hint)}</div>" if check.hint and check.state == FAILED else ""
    body = f'<pre style="margin:0;white-space:pre-wrap">{detail}</pre>' if detail else ""
    head = f'<b style="color:{colour}">{sign}</b> <b>{word}</b>: {escape(check.name)}'
    return f'<div>{head}<div style="margin-left:1.6em">{body}{hint}</div></div>'
