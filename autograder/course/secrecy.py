"""What students must not see, and a search for it: solutions, mark schemes, hidden tests and the bank.

A secret is a distinctive line: long enough not to be met by chance, and not in the public part of any topic file.
Lines are compared without white space, so that quoting, indentation and line breaks do not hide them.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.config import Course
from autograder.course.cells import Topic
from autograder.course.stubs import regions, stub_source

SHORTEST = 20  # characters without white space
SHORTEST_BY_HAND = {
    True: 30,
    False: 45,
}  # sentences, code; in the course kit and the like, where code often looks alike
EARLIER = "assignments/earlier.py"
GENERATED = (".ipynb",)


@dataclass(frozen=True)
class Secret:
    """One line that must stay hidden, and where it comes from."""

    text: str  # without white space
    what: str  # solution, mark scheme, hidden test or bank
    topic: str
    where: str
    is_sentence: bool = False


@dataclass(frozen=True)
class Leak:
    """A secret that was found in a file."""

    path: str
    secret: Secret

    def __str__(self) -> str:
        return (
            f"{self.path}: holds a line of the {self.secret.what} at {self.secret.where} ({self.secret.text[:40]}...). "
            "Take it out there, then: ./course build"
        )


class Haystack:
    """A text in which many secrets are looked for: most are ruled out by their first characters, without a search."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = {text[place : place + SHORTEST] for place in range(len(text) - SHORTEST + 1)}

    def __contains__(self, secret: str) -> bool:
        return secret[:SHORTEST] in self._starts and secret in self._text


def secrets_of(course: Course, topics: Sequence[Topic]) -> list[Secret]:
    """All secrets of some topics; what stands in the public part of any of them is none."""
    public = squeezed("\n".join(stub_source(cell) for topic in topics for cell in topic.cells))
    public += squeezed("\n".join(title for topic in topics for title in _titles(course.grader(topic.stem))))
    found = [secret for topic in topics for secret in _of_topic(course, topic)]
    known = Haystack(public)
    return [secret for secret in found if len(secret.text) >= SHORTEST and secret.text not in known]


def leaks(tree: Path, secrets: Sequence[Secret], due: Sequence[str] = ()) -> Iterator[Leak]:
    """Search every file below `tree`.

    Parameters
    ----------
    tree : Path
        Folder as students get it, or one that holds `assignments/`.
    secrets : sequence of Secret
    due : sequence of str
        Topics whose solutions `assignments/earlier.py` may hold.
    """
    # Of a mistake's lines, too, those that are part of a solution: they stand in `earlier` for the solution's sake.
    solved = "\n".join(secret.text for secret in secrets if secret.what == "solution" and secret.topic in due)
    given_away = Haystack(solved)
    for path in sorted(tree.rglob("*")):
        if not path.is_file() or "__pycache__" in path.parts:
            continue
        name = path.relative_to(tree).as_posix()
        text = Haystack(squeezed(_text(path)))
        generated = path.suffix in GENERATED or name == EARLIER
        for secret in secrets:
            if name == EARLIER and secret.text in given_away:
                continue
            shortest = SHORTEST if generated else SHORTEST_BY_HAND[secret.is_sentence]
            if len(secret.text) >= shortest and secret.text in text:
                yield Leak(name, secret)


def squeezed(text: str) -> str:
    """Text without white space."""
    return re.sub(r"\s+", "", text)


def _text(path: Path) -> str:
    text = path.read_bytes().decode("utf-8", errors="replace")
    if path.suffix != ".ipynb":
        return text
    try:
        return "\n".join(_strings(json.loads(text)))
    except ValueError:
        return text


def _strings(value: object) -> Iterator[str]:
    """Every string in JSON data; a list of strings is one text, as notebooks cut their sources into lines."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield str(key)
            yield from _strings(item)
    elif isinstance(value, list):
        if all(isinstance(item, str) for item in value):
            yield "".join(value)
        else:
            for item in value:
                yield from _strings(item)


def _of_topic(course: Course, topic: Topic) -> Iterator[Secret]:
    for cell in topic.cells:
        kinds = {"SOLUTION": "solution" if cell.is_code else "model answer", "MARK SCHEME": "mark scheme"}
        for region, what in kinds.items():
            for text in regions(cell.source, region):
                for _, line in _lines(text):
                    yield Secret(line, what, topic.stem, f"solutions/{topic.stem}.py:{cell.line}", not cell.is_code)
    for path, what in ((course.grader(topic.stem), "hidden test"), (course.bank(topic.stem), "bank")):
        if path.is_file():
            name = path.relative_to(course.root).as_posix()
            text = path.read_text(encoding="utf-8")
            for number, line in _lines(text):
                yield Secret(line, what, topic.stem, f"{name}:{number}")
            for number, sentence in _sentences(text):
                yield Secret(sentence, what, topic.stem, f"{name}:{number}", True)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.lstrip().startswith(("import ", "from ")):
            yield number, squeezed(line).strip('"')


def _sentences(text: str) -> Iterator[tuple[int, str]]:
    """Sentences of docstrings, which may run over several lines."""
    for node in ast.walk(_tree(text)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
            for sentence in re.split(r"(?<=[.?!])\s+", ast.get_docstring(node) or ""):
                yield getattr(node, "lineno", 1), squeezed(sentence)


def _tree(text: str) -> ast.Module:
    """The file's tree; a file that is no Python has no sentences, and the linter says what is wrong with it."""
    try:
        return ast.parse(text)
    except SyntaxError:
        return ast.Module([], [])


def _titles(grader: Path) -> Iterator[str]:
    """What a grader file says that is public: the first line of each test's docstring and the phrases in `spec=`."""
    if not grader.is_file():
        return
    for node in ast.walk(_tree(grader.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield (ast.get_docstring(node) or "").split("\n", 1)[0]
        elif isinstance(node, ast.keyword) and node.arg == "spec" and isinstance(node.value, ast.Constant):
            yield str(node.value.value)
