"""Answers in prose: found by name, by the question's text, or in the cell right below the question."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.intake.label import Index, Item, is_code_kind

PLACEHOLDER = "*Your answer here"


def written_answers(items: Sequence[Item], index: Index) -> tuple[dict[str, str], list[str], list[str]]:
    """The answers to the written questions.

    Returns
    -------
    tuple
        Text by name, names of questions that are not in the file, and notices.
    """
    answers: dict[str, str] = {}
    missing: list[str] = []
    notices: list[str] = []
    for name in index.written:
        mine = [item for item in items if item.name == name] or _by_question(name, items, index)
        touched = [item for item in mine if not item.unchanged]
        if not mine:
            missing.append(name)
        elif touched:
            answers[name] = "\n\n".join(dict.fromkeys(item.raw.source for item in touched))
            if len(touched) > 1:
                notices.append(f"{name}: duplicated, {len(touched)} cells carry this name. All of them are the answer.")
        else:
            below = _below(items, mine[0])
            answers[name] = "\n\n".join(item.raw.source for item in [mine[0], *below])
            if below:
                notices.append(f"{name}: the answer is not in the question's cell; text right below it was taken.")
    return answers, missing, notices


def _by_question(name: str, items: Sequence[Item], index: Index) -> list[Item]:
    """Cells without a name that begin as the question does, in notebooks that lost their metadata."""
    question = _folded(index.cells[name].source.split(PLACEHOLDER)[0])
    texts = [item for item in items if not item.is_code and (not item.name or is_code_kind(index.kind(item.name)))]
    return [item for item in texts if question and _folded(item.raw.source).startswith(question)]


def _below(items: Sequence[Item], question: Item) -> list[Item]:
    """The student's own text cells between an untouched question and the next released cell."""
    found: list[Item] = []
    for item in items[question.number :]:
        if item.name:
            break
        if not item.is_code and item.raw.source.strip():
            found.append(item)
    return found


def _folded(text: str) -> str:
    return " ".join(text.split())
