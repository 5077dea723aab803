"""What a bank must look like before anything is measured: complete, distinct, and said so that a student can use it."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping

from autograder.course.percent import Topic, solution_source
from autograder.course.reference import is_variable
from autograder.grading.bank import SEVERITIES, Bank, Entry

MISTAKES = 3  # at least, for each exercise
RIGHT_ANSWERS = 2


def bank_problems(bank: Bank, topic: Topic, tests: Mapping[str, Collection[str]]) -> list[str]:
    """Everything in a bank that breaks a rule of form, each as file, line, what was seen and the mend.

    Parameters
    ----------
    bank, topic
        The topic and its bank.
    tests
        Names of the hidden tests of each exercise.
    """
    coded = [cell.name for cell in topic.exercises() if not is_variable(cell)]
    problems = [*_unknown(bank, coded), *_missing(bank, coded), *_alike(bank, topic)]
    for entry in bank.entries:
        problems += _badly_said(entry, bank, tests.get(entry.exercise, ()))
    return problems


def _unknown(bank: Bank, coded: Collection[str]) -> Iterator[str]:
    for entry in bank.entries:
        if entry.exercise not in coded:
            yield f"{_at(bank, entry)}: {entry.exercise!r} is no coded exercise. Name one of: {', '.join(coded)}."
    for exercise in bank.probes:
        if exercise not in coded:
            yield f"{_file(bank)}: a probe for {exercise!r}, which is no coded exercise. Rename or remove it."


def _missing(bank: Bank, coded: Collection[str]) -> Iterator[str]:
    for exercise in coded:
        few, right = len(bank.mistakes(exercise)), len(bank.right_answers(exercise))
        if few < MISTAKES:
            yield f"{_file(bank)}: {few} mistakes for {exercise}. Add at least {MISTAKES - few}."
        if right < RIGHT_ANSWERS:
            yield f"{_file(bank)}: {right} right answers for {exercise}. Add at least {RIGHT_ANSWERS - right}."
        if exercise not in bank.probes:
            yield f'{_file(bank)}: no probe for {exercise}. Add a function marked @probe("{exercise}").'


def _alike(bank: Bank, topic: Topic) -> Iterator[str]:
    """Entries that are the same code as another one or as the reference, whatever their variables are called."""
    seen: dict[tuple[str, str], str] = {}
    names: set[tuple[str, str]] = set()
    for cell in topic.exercises():
        seen[cell.name, normalised(solution_source(cell), cell.name)] = "the reference"
    for entry in bank.entries:
        key = entry.exercise, normalised(entry.source, entry.exercise)
        if key in seen:
            yield f"{_at(bank, entry)}: {entry.name} is the same code as {seen[key]}. Change or remove it."
        seen.setdefault(key, entry.name)
        if (entry.exercise, entry.name) in names:
            yield f"{_at(bank, entry)}: a second entry {entry.name} for {entry.exercise}. Rename it."
        names.add((entry.exercise, entry.name))


def _badly_said(entry: Entry, bank: Bank, tests: Collection[str]) -> Iterator[str]:
    where = f"{_at(bank, entry)}: {entry.name}"
    if not entry.diagnosis:
        yield f"{where} has no docstring. Say in one line what it does."
    if not entry.is_mistake:
        return
    if entry.severity not in SEVERITIES:
        yield f"{where}: severity {entry.severity!r}. Use one of: {', '.join(SEVERITIES)}."
    if tests and entry.caught_by not in tests:
        yield f"{where}: caught_by names {entry.caught_by!r}, no test of {entry.exercise}. It has: {', '.join(tests)}."
    if not entry.question.endswith("?"):
        yield f"{where}: no question. End its docstring with one that leads on, after an empty line."


def normalised(source: str, keep: str) -> str:
    """A source's tree without docstrings and with local names numbered, so that renaming changes nothing.

    Parameters
    ----------
    source : str
    keep : str
        The name of the exercise; of the code only its definition counts.
    """
    tree = ast.parse(source)
    definitions = [node for node in tree.body if getattr(node, "name", None) == keep]
    numbers: dict[str, str] = {}
    for root in definitions:
        bound = {node.id for node in ast.walk(root) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        for node in ast.walk(root):
            if isinstance(node, ast.Name) and node.id in bound:
                node.id = numbers.setdefault(node.id, f"local{len(numbers)}")
            elif isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
                node.body = node.body[1:]
            elif isinstance(node, ast.arg):
                node.annotation = None
            if isinstance(node, ast.FunctionDef):
                node.returns = None
    return "\n".join(ast.dump(node) for node in definitions)


def _file(bank: Bank) -> str:
    return f"{bank.path.parent.name}/{bank.path.name}"


def _at(bank: Bank, entry: Entry) -> str:
    return f"{_file(bank)}:{entry.line}"
