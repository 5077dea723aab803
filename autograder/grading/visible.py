"""Which mistakes the visible checks of a notebook catch: the *try it* cell of an exercise, run with each in place."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass

from autograder.course.percent import Topic, solution_source
from autograder.grading.bank import Entry
from autograder.grading.trial import Trial

CAUGHT_AT_LEAST = 2
LINE = re.compile(r"^\s*✗ not yet: (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Visible:
    """What one *try it* cell shows for the entries of its exercise.

    `caught` gives for each mistake that it crosses the first check crossed; `missed` the mistakes that it does not
    cross; `wronged` what it crosses though it is right ("the reference" included).
    """

    exercise: str
    caught: Mapping[str, str]
    missed: tuple[str, ...]
    wronged: tuple[str, ...]


def visible_check(trial: Trial, exercise: str) -> Visible | None:
    """Run the *try it* cell of an exercise, if it has one, with the reference and with each entry of the bank."""
    source = try_source(trial.topic, exercise)
    return None if source is None else _seen(trial, exercise, source)


def try_source(topic: Topic, exercise: str) -> str | None:
    """The *try it* cell of an exercise, printing what a notebook would show; None if it has none."""
    found = (cell for cell in topic.cells if (cell.kind, cell.name) == ("try", exercise))
    return next((printing(solution_source(cell)) for cell in found), None)


def _seen(trial: Trial, exercise: str, check: str) -> Visible:
    caught: dict[str, str] = {}
    missed: list[str] = []
    wronged: list[str] = []
    entries: list[Entry | None] = [None, *trial.bank.mistakes(exercise), *trial.bank.right_answers(exercise)]
    for entry in entries:
        crossed = _crossed(trial, exercise, entry.source if entry else None, check)
        if entry is None or not entry.is_mistake:
            wronged += [entry.name if entry else "the reference"] if crossed else []
        elif crossed:
            caught[entry.name] = crossed
        else:
            missed.append(entry.name)
    return Visible(exercise, caught, tuple(missed), tuple(wronged))


def _crossed(trial: Trial, exercise: str, source: str | None, check: str) -> str:
    """The first check with a cross, or how the cell ended, or "" if all is well."""
    with trial.child(exercise, source) as child:
        if not child.alive:
            return "the cells did not run"
        outcome = child.run_cell(check, f"try-{exercise}")
    if outcome.status != "ok":
        return f"the cell ended with {outcome.status}"
    cross = LINE.search(outcome.output)
    return cross[1].strip() if cross else ""


def printing(source: str) -> str:
    """A cell that prints its last expression, as a notebook would show it."""
    tree = ast.parse(source)
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        shown = ast.Call(ast.Name("print", ast.Load()), [tree.body[-1].value], [])
        tree.body[-1] = ast.Expr(shown)
    return ast.unparse(ast.fix_missing_locations(tree))
