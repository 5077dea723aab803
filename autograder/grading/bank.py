"""The bank of a topic: known mistakes, right answers written otherwise, and the probe that tells them apart.

`autograder/mistakes/<stem>.py` is read as source. Its entries never run in the grader's process: each is renamed to
the exercise it stands for and runs in the sandbox, after the reference's cells, as a student's cell would.
"""

from __future__ import annotations

import ast
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from autograder.course.percent import Topic, solution_source
from autograder.errors import UserError
from autograder.intake import Submission, SubmittedCell

SEVERITIES = ("concept", "detail", "robustness", "trivial")
RUNNING_KINDS = ("setup", "given", "exercise")  # the cells of a topic that an entry finds around it

T = TypeVar("T")
Definition = ast.FunctionDef | ast.ClassDef
Probe = Callable[..., None]


class BankError(UserError):
    """A bank file that cannot be read; the message names file, line and mend."""


def mistake(exercise: str, *, caught_by: str, severity: str) -> Callable[[T], T]:
    """Mark a wrong implementation of an exercise; the docstring is its diagnosis and a question that leads on."""
    return _unchanged


def right_answer(exercise: str) -> Callable[[T], T]:
    """Mark an implementation that is right but written otherwise; the docstring says what differs."""
    return _unchanged


def probe(exercise: str) -> Callable[[T], T]:
    """Mark the fixed course of calls `probe(student, look, rng)` by which mistakes of an exercise are told apart."""
    return _unchanged


def _unchanged(entry: T) -> T:
    return entry


@dataclass(frozen=True)
class Entry:
    """One known mistake (`severity` set) or right answer (`severity` empty) of an exercise."""

    exercise: str
    name: str
    severity: str
    caught_by: str
    diagnosis: str
    question: str
    source: str  # what it needs of the prelude, and the definition renamed to the exercise
    line: int

    @property
    def is_mistake(self) -> bool:
        """Whether the entry is to be rejected."""
        return bool(self.severity)


@dataclass(frozen=True)
class Bank:
    """The entries and probes of one topic, in the order of the file."""

    stem: str
    path: Path
    text: str
    entries: tuple[Entry, ...]
    probes: Mapping[str, Probe] = field(default_factory=dict, compare=False)

    def mistakes(self, exercise: str | None = None) -> tuple[Entry, ...]:
        """The known mistakes, of one exercise or of all."""
        return tuple(entry for entry in self.entries if entry.is_mistake and exercise in (None, entry.exercise))

    def right_answers(self, exercise: str | None = None) -> tuple[Entry, ...]:
        """The right answers written otherwise, of one exercise or of all."""
        return tuple(entry for entry in self.entries if not entry.is_mistake and exercise in (None, entry.exercise))

    def exercises(self) -> tuple[str, ...]:
        """The exercises that have entries, in the order of the file."""
        return tuple(dict.fromkeys(entry.exercise for entry in self.entries))


def read_bank(path: Path) -> Bank:
    """Read a bank file.

    The file is parsed, not imported: of its code only the probes, and what they need at top level, run here.

    Raises
    ------
    BankError
        Where the file is no Python, or a decorator does not say what it must.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BankError(f"{path}: {error.strerror}. Start it: ./course new {path.stem}") from error
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise BankError(f"{path}:{error.lineno}: no Python ({error.msg}). Mend that line.") from error
    marked = [(node, mark) for node in tree.body if (mark := _mark(node, path)) is not None]
    definitions = {id(node) for node, _ in marked}
    prelude = [node for node in _statements(tree) if id(node) not in definitions and not _imports_engine(node)]
    entries = tuple(_entry(node, mark, prelude, path) for node, mark in marked if mark.verb != "probe")
    return Bank(path.stem, path, text, entries, _probes(tree, marked, path))


@dataclass(frozen=True)
class _Mark:
    verb: str
    exercise: str
    options: Mapping[str, str]


def _mark(node: ast.stmt, path: Path) -> _Mark | None:
    """The bank's decorator on a top-level definition, if it has one."""
    for call in getattr(node, "decorator_list", ()):
        verb = call.func.id if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) else ""
        if verb not in ("mistake", "right_answer", "probe"):
            continue
        options = {str(keyword.arg): keyword.value for keyword in call.keywords}
        wanted = {"caught_by", "severity"} if verb == "mistake" else set()
        values = [*call.args, *options.values()]
        if len(call.args) != 1 or set(options) != wanted or not all(_is_text(value) for value in values):
            form = f'@{verb}("Exercise"' + (', caught_by="test_name", severity="concept")' if wanted else ")")
            raise BankError(f"{path}:{call.lineno}: the decorator cannot be read. Write {form}, with literal strings.")
        return _Mark(verb, ast.literal_eval(call.args[0]), {k: ast.literal_eval(v) for k, v in options.items()})
    return None


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _statements(tree: ast.Module) -> list[ast.stmt]:
    """The top-level statements without the module's docstring."""
    return tree.body[1:] if ast.get_docstring(tree) is not None else tree.body


def _imports_engine(node: ast.stmt) -> bool:
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").split(".")[0] == "autograder"
    return isinstance(node, ast.Import) and any(name.name.split(".")[0] == "autograder" for name in node.names)


def _entry(node: ast.stmt, mark: _Mark, prelude: Sequence[ast.stmt], path: Path) -> Entry:
    if not isinstance(node, Definition):
        raise BankError(f"{path}:{node.lineno}: an entry is a function or a class. Write it as one.")
    text = ast.get_docstring(node) or ""
    diagnosis, _, question = text.partition("\n")
    body = [*_needed(prelude, node), _renamed(node, mark.exercise)]
    return Entry(
        exercise=mark.exercise,
        name=node.name,
        severity=mark.options.get("severity", ""),
        caught_by=mark.options.get("caught_by", ""),
        diagnosis=diagnosis.strip(),
        question=" ".join(question.split()),
        source="\n\n".join(ast.unparse(statement) for statement in body) + "\n",
        line=node.lineno,
    )


def _needed(prelude: Sequence[ast.stmt], definition: ast.stmt) -> list[ast.stmt]:
    """The statements of the prelude that bind a name which the definition uses, directly or through others."""
    used = _names(definition, ast.Load)
    kept: set[int] = set()
    grown = True
    while grown:
        grown = False
        for number, statement in enumerate(prelude):
            if number not in kept and (not (bound := _bound(statement)) or bound & used):
                kept.add(number)
                used |= _names(statement, ast.Load)
                grown = True
    return [statement for number, statement in enumerate(prelude) if number in kept]


def _bound(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name.split(".")[0] for alias in statement.names}
    return {statement.name} if isinstance(statement, Definition) else _names(statement, ast.Store)


def _names(node: ast.AST, context: type[ast.expr_context]) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, context)}


def _renamed(node: Definition, name: str) -> Definition:
    """The definition under the exercise's name, without decorators of the bank and without its docstring."""
    copy = ast.parse(ast.unparse(node)).body[0]
    assert isinstance(copy, Definition)
    old = copy.name
    for part in ast.walk(copy):
        if isinstance(part, ast.Name) and part.id == old:
            part.id = name
    copy.name = name
    copy.decorator_list = [each for each in copy.decorator_list if not _is_bank_decorator(each)]
    if ast.get_docstring(copy) is not None:
        copy.body = copy.body[1:] or [ast.Pass()]
    return copy


def _is_bank_decorator(node: ast.expr) -> bool:
    name = node.func if isinstance(node, ast.Call) else node
    return isinstance(name, ast.Name) and name.id in ("mistake", "right_answer", "probe")


def _probes(tree: ast.Module, marked: Sequence[tuple[ast.stmt, _Mark]], path: Path) -> Mapping[str, Probe]:
    """Run the file without its entries, and take the probes from it."""
    left_out = {id(node) for node, mark in marked if mark.verb != "probe"}
    module = ast.Module([node for node in tree.body if id(node) not in left_out], type_ignores=[])
    space: dict[str, Any] = types.ModuleType(path.stem).__dict__
    found: dict[str, Probe] = {}
    exec(compile(module, str(path), "exec"), space)
    for node, mark in marked:
        if mark.verb == "probe":
            if mark.exercise in found:
                raise BankError(f"{path}:{node.lineno}: a second probe for {mark.exercise}. Keep one.")
            found[mark.exercise] = space[getattr(node, "name", "")]
    return found


def cells_with(topic: Topic, exercise: str, source: str | None) -> tuple[tuple[str, str], ...]:
    """Id and source of the reference's running cells, with one exercise's cell replaced (none for `None`).

    What a given cell does under `if __name__ == "__main__":` is for the notebook and stays guarded.
    """
    cells = []
    for cell in topic.cells:
        if cell.kind in RUNNING_KINDS:
            replaced = source is not None and (cell.kind, cell.name) == ("exercise", exercise)
            text = (
                source
                if replaced and source is not None
                else solution_source(replace(cell, source=cell.raw or cell.source))
            )
            cells.append((cell.id, text))
    return tuple(cells)


def submission_with(topic: Topic, exercise: str, source: str | None) -> Submission:
    """A submission in memory: the reference's cells, with one exercise's cell replaced."""
    cells = tuple(SubmittedCell(name, text, "code", True) for name, text in cells_with(topic, exercise, source))
    return Submission(
        topic=topic.stem,
        student="bank",
        path=topic.path,
        sha256="0" * 64,
        cells=cells,
        written={},
        missing=(),
        notices=(),
    )
