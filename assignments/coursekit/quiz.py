"""Questions that check themselves, and predictions that are only noted.

The right answers are not in the notebook, only their salted hashes: enough to keep the eye from falling on them.
`python -m coursekit.quiz "question" answer` prints the hash for authors.
"""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from html import escape
from typing import Any

SIGNS = {"right": ("✓", "#009E73"), "not yet": ("✗", "#D55E00"), "open": ("-", "#777777"), "noted": ("✓", "#0072B2")}


@dataclass(frozen=True)
class Line:
    """What is said about one question: right, not yet, open, or noted."""

    question: str
    state: str
    text: str


@dataclass(frozen=True)
class Answers:
    """The lines of one quiz cell; a notebook shows it when it ends a cell."""

    lines: tuple[Line, ...]

    @property
    def passed(self) -> bool:
        """Whether every question has its right (or any noted) answer."""
        return all(line.state in ("right", "noted") for line in self.lines)

    def __str__(self) -> str:
        return "\n".join(f"{SIGNS[line.state][0]} {line.question}: {line.text}" for line in self.lines)

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        return f"```text\n{self}\n```"

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<div><b style="color:{SIGNS[line.state][1]}">{SIGNS[line.state][0]}</b> '
            f"<b>{escape(line.question)}</b>: {escape(line.text)}</div>"
            for line in self.lines
        )
        return f'<div style="border-left:4px solid #999;padding:2px 12px;margin:4px 0;line-height:1.5">{rows}</div>'


def ask(question: str, answer: Any, key: str, hint: str = "") -> Line:
    """Compare an answer with a hashed one.

    Parameters
    ----------
    question : str
        Name of the question; it is the salt of the hash too.
    answer : number or str or None
        The student's answer. Numbers count to three significant digits; of a text neither blanks nor capitals count.
    key : str
        Hashes of the answers that are right, separated by blanks.
    hint : str
        Shown beside an answer that is not right.
    """
    if answer is None or answer is ...:
        return Line(question, "open", "no answer yet")
    if hashed(question, answer) in key.split():
        return Line(question, "right", f"right, {answer}")
    return Line(question, "not yet", f"not {answer}. {hint}".rstrip())


def recall(*lines: Line) -> Answers:
    """Collect the questions of a quiz cell."""
    return Answers(lines)


def predict(name: str, choice: Any, choices: str) -> Answers:
    """Note a prediction without judging it.

    Parameters
    ----------
    name : str
        Name of the prediction.
    choice : str or None
        The letter that the student chose.
    choices : str
        The letters there are, such as `"abc"`.
    """
    if isinstance(choice, str) and len(choice) == 1 and choice in choices:
        return Answers((Line(name, "noted", f"you say {choice}. Now run on and see."),))
    letters = ", ".join(choices[:-1]) + f" or {choices[-1]}"
    return Answers((Line(name, "open", f'choose {letters}, written as text: "{choices[0]}"'),))


def hashed(question: str, answer: Any) -> str:
    """The salted hash of an answer, ten hexadecimal digits."""
    return hashlib.sha256(f"{question}|{_normal(answer)}".encode()).hexdigest()[:10]


def _normal(answer: Any) -> str:
    try:
        return f"{float(answer) + 0.0:.3g}"  # + 0.0 turns -0 into 0
    except (TypeError, ValueError):
        return "".join(str(answer).split()).casefold()


if __name__ == "__main__":
    print(hashed(sys.argv[1], sys.argv[2]))
