"""Classes made by a seed: students of different skill, who answer right, otherwise right, wrong or not at all."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autograder.demo.sample import Material

Notebook = dict[str, Any]
Sources = Mapping[str, str]

EASE = 1.4  # log odds that a student of middling skill gets an exercise right
OTHERWISE = 0.3  # share of the right answers that are written otherwise
STUB = 0.25  # share of the others that were not begun
ODD = 0.004  # share of the exercises that end the process or do not parse
ODD_BODIES = ("import os; os._exit(0)", "return (", "while True: pass", "raise KeyboardInterrupt")
ANSWER = "Because both averages start at zero, the first of them are too small.\n"


def perfect(made_from: Material, _rng: np.random.Generator) -> Sources:
    """Every exercise as in the solution."""
    return made_from.right


def stub(_made_from: Material, _rng: np.random.Generator) -> Sources:
    """Nothing begun."""
    return {}


def all_wrong(made_from: Material, _rng: np.random.Generator) -> Sources:
    """Functions that always return the same number; answers that are no functions stay right."""
    return {
        name: source if "=" in source.split("\n")[0] else f"def {name}(*args, **kwargs):\n    return 0.125\n"
        for name, source in made_from.right.items()
    }


def mixed(made_from: Material, rng: np.random.Generator, skill: float | None = None, odd: float = ODD) -> Sources:
    """A student of some skill: the more of it, the more exercises are right."""
    skill = rng.normal() if skill is None else skill
    answers = {name: _answer(made_from, name, skill, rng, odd) for name in made_from.right}
    return {name: source for name, source in answers.items() if source is not None}


def _answer(made_from: Material, name: str, skill: float, rng: np.random.Generator, odd: float) -> str | None:
    if rng.random() < odd:
        return f"def {name}(*args, **kwargs):\n    {rng.choice(ODD_BODIES)}\n"
    if rng.random() < 1 / (1 + math.exp(-EASE - skill)):
        pool = made_from.bank.right_answers(name) if rng.random() < OTHERWISE else ()
        return pool[rng.integers(len(pool))].source if pool else made_from.right[name]
    pool = made_from.bank.mistakes(name)
    return None if not pool or rng.random() < STUB else pool[rng.integers(len(pool))].source


def finite(made_from: Material, rng: np.random.Generator) -> Sources:
    """Mixed, and every cell comes to an end: not every way of grading has limits."""
    return mixed(made_from, rng, odd=0.0)


KINDS: Mapping[str, Callable[[Material, np.random.Generator], Sources]] = {
    "perfect": perfect,
    "mixed": finite,
    "stub": stub,
    "all wrong": all_wrong,
}


def filled_in(notebook: Notebook, sources: Sources, written: tuple[str, ...] = ()) -> Notebook:
    """A notebook with these sources in the cells of these names, and the written questions answered."""
    made = copy.deepcopy(notebook)
    for cell in made["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        if name in sources:
            cell["source"] = sources[name]
        elif name in written:
            cell["source"] = ANSWER
    return made


def lay_out(folder: Path, stem: str, notebooks: Mapping[str, Notebook]) -> None:
    """Hand in notebooks by student; each file carries its student's name, so that no two are the same."""
    for student, notebook in notebooks.items():
        path = folder / "submitted" / student / stem / f"{stem}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        marked = {**notebook, "metadata": {**notebook["metadata"], "author": student}}
        path.write_text(json.dumps(marked), encoding="utf-8")


def class_of(made_from: Material, students: Sequence[str], seed: int = 0, odd: float = ODD) -> dict[str, Notebook]:
    """A mixed class; a student has the same skill in every topic."""
    stem = made_from.topic.stem
    written = tuple(cell.name for cell in made_from.topic.written())
    notebooks = {}
    for student in students:
        skill = float(np.random.default_rng([seed, *student.encode()]).normal())
        rng = np.random.default_rng([seed, *student.encode(), *stem.encode()])
        notebooks[student] = filled_in(made_from.released, mixed(made_from, rng, skill, odd), written)
    return notebooks


def numbered(size: int) -> list[str]:
    """Names of so many students."""
    return [f"s{number:05}" for number in range(size)]
