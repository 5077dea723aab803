"""What the linter looks at: a topic file, its grader and its bank, read as text and never run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from autograder.config import Course
from autograder.course.cells import Topic
from autograder.course.percent import read_topic
from autograder.course.release import Release, release_of


@dataclass(frozen=True)
class Complaint:
    """One thing that is not as it should be, where it is, and what mends it."""

    path: str
    line: int
    text: str
    mend: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}. {self.mend}"


@dataclass(frozen=True)
class HiddenTest:
    """A test function of a grader file; `points` is None if its marker is missing or cannot be read."""

    name: str
    line: int
    title: str
    points: float | None
    exercise: str
    spec: str


@dataclass(frozen=True)
class BankEntry:
    """An entry of a bank file; `verb` is mistake, right_answer or probe."""

    verb: str
    exercise: str
    name: str
    line: int
    docstring: str
    caught_by: str
    severity: str


@dataclass(frozen=True)
class Material:
    """Everything about one topic that the textual rules need."""

    course: Course
    topic: Topic
    release: Release
    text: str
    tests: tuple[HiddenTest, ...] = ()
    bank: tuple[BankEntry, ...] = ()
    unreadable: tuple[Complaint, ...] = field(default=())

    @property
    def is_capstone(self) -> bool:
        """Whether the topic asks for the causes of faults in place of predictions."""
        return self.course.topic(self.topic.stem).kind == "capstone"

    @property
    def source(self) -> str:
        """The topic file as complaints name it."""
        return relative(self.course, self.topic.path)

    @property
    def grader(self) -> str:
        """The grader file as complaints name it."""
        return relative(self.course, self.course.grader(self.topic.stem))

    @property
    def bank_file(self) -> str:
        """The bank file as complaints name it."""
        return relative(self.course, self.course.bank(self.topic.stem))


def relative(course: Course, path: Path) -> str:
    """A path as complaints name it: from the root of the course."""
    return path.relative_to(course.root).as_posix() if path.is_relative_to(course.root) else str(path)


def read_material(course: Course, stem: str) -> Material:
    """Read the three files of a topic; what is wrong with grader or bank as a whole becomes a complaint.

    Raises
    ------
    TopicError
        If the topic file itself cannot be read.
    """
    topic = read_topic(course.source(stem))
    grader, grader_problems = _parsed(course, course.grader(stem), stem)
    bank, bank_problems = _parsed(course, course.bank(stem), stem)
    return Material(
        course=course,
        topic=topic,
        release=release_of(topic),
        text=topic.path.read_text(encoding="utf-8"),
        tests=tuple(_tests(grader)),
        bank=tuple(_entries(bank)),
        unreadable=(*grader_problems, *bank_problems),
    )


def folded(text: str) -> str:
    """Text with every stretch of white space made one blank."""
    return re.sub(r"\s+", " ", text).strip()


def _parsed(course: Course, path: Path, stem: str) -> tuple[ast.Module, list[Complaint]]:
    name = relative(course, path)
    try:
        return ast.parse(path.read_text(encoding="utf-8")), []
    except FileNotFoundError:
        complaint = Complaint(name, 1, "it is not there", f"Run: ./course new {stem}")
    except SyntaxError as error:
        complaint = Complaint(name, error.lineno or 1, f"not Python ({error.msg})", "Mend that line.")
    except (OSError, UnicodeDecodeError) as error:
        complaint = Complaint(name, 1, f"it cannot be read ({error})", "Restore it, or save it as UTF-8.")
    return ast.Module([], []), [complaint]


def _tests(tree: ast.Module) -> Iterator[HiddenTest]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            marker = _decorator(node, "pytest.mark.points")
            arguments = [] if marker is None else [_literal(each) for each in marker.args]
            options = {} if marker is None else {key.arg or "": _literal(key.value) for key in marker.keywords}
            points = arguments[0] if arguments else None
            yield HiddenTest(
                name=node.name,
                line=node.lineno,
                title=(ast.get_docstring(node) or "").split("\n", 1)[0].strip(),
                points=float(points) if isinstance(points, int | float) else None,
                exercise=str(options.get("exercise") or ""),
                spec=str(options.get("spec") or ""),
            )


def _entries(tree: ast.Module) -> Iterator[BankEntry]:
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            continue
        for verb in ("mistake", "right_answer", "probe"):
            if (marker := _decorator(node, verb)) is not None:
                options = {key.arg or "": str(_literal(key.value) or "") for key in marker.keywords}
                exercise = str(_literal(marker.args[0]) or "") if marker.args else ""
                caught_by, severity = options.get("caught_by", ""), options.get("severity", "")
                docstring = ast.get_docstring(node) or ""
                yield BankEntry(verb, exercise, node.name, node.lineno, docstring, caught_by, severity)


def _decorator(node: ast.FunctionDef | ast.ClassDef, name: str) -> ast.Call | None:
    for each in node.decorator_list:
        if isinstance(each, ast.Call) and ast.unparse(each.func) == name:
            return each
    return None


def _literal(node: ast.expr) -> object:
    try:
        value: object = ast.literal_eval(node)
    except ValueError:
        return None
    return value
