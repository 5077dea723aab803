"""The predict-first questions of a topic: what is asked, what there is to choose from, and what it was."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass

from autograder.course.cells import Topic
from autograder.course.reference import is_variable
from autograder.course.stubs import solution_source

OPTION = re.compile(r'"([a-z])"\s+(.*?)(?=,?;?\s*(?:or\s+)?"[a-z]"\s|$)')
EMPHASIS = re.compile(r"(?<![\w*])\*([^\s*][^*]*)\*(?![\w*])")
OPENING = re.compile(r"^Predict first\.\s*")


@dataclass(frozen=True)
class Prediction:
    """One question; `options` maps letters to what they stand for."""

    question: str
    options: Mapping[str, str]
    answer: str


def predictions_of(topic: Topic) -> dict[str, Prediction]:
    """The predictions of a topic by name; a question whose options cannot be read from its comment has none."""
    return {
        cell.name: _prediction(solution_source(cell))
        for cell in topic.exercises()
        if cell.name.startswith("predict") and is_variable(cell)
    }


def _prediction(source: str) -> Prediction:
    lines = [line.lstrip("# ").rstrip() for line in source.split("\n") if line.startswith("#")]
    text = EMPHASIS.sub(r"\1", OPENING.sub("", " ".join(lines)))
    found = [(match[1], match[2].strip(" ,;"), match.start()) for match in OPTION.finditer(text)]
    question = text[: found[0][2]].strip() if found else text
    return Prediction(question, {letter: words for letter, words, _ in found}, _answer(source))


def _answer(source: str) -> str:
    last = ast.parse(source).body[-1]
    value = last.value if isinstance(last, ast.Assign | ast.AnnAssign) else None
    return str(value.value) if isinstance(value, ast.Constant) else ""
