"""Classes made by a seed: students of different skill, who answer right, otherwise right, wrong or not at all."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autograder.config import Course
from autograder.course.percent import read_topic, solution_source
from autograder.grading.bank import Entry, read_bank

Notebook = dict[str, Any]
Sources = Mapping[str, str]

EASE = 1.4  # log odds that a student of middling skill gets an exercise right
OTHERWISE = 0.3  # share of the right answers that are written otherwise
STUB = 0.25  # share of the others that were not begun
ODD = 0.004  # share of the exercises that end the process or do not parse
ODD_BODIES = ("import os; os._exit(0)", "return (", "while True: pass", "raise KeyboardInterrupt")
ANSWER = "Because both averages start at zero, the first of them are too small.\n"


@dataclass(frozen=True)
class Material:
    """What the submissions of one topic are made from."""

    stem: str
    released: Notebook
    right: Sources
    otherwise: Mapping[str, tuple[Entry, ...]]
    mistakes: Mapping[str, tuple[Entry, ...]]
    written: tuple[str, ...]


def material(course: Course, stem: str) -> Material:
    """Released notebook, solutions and bank of a topic."""
    topic, bank = read_topic(course.source(stem)), read_bank(course.bank(stem))
    released = json.loads((course.root / "assignments" / stem / f"{stem}.ipynb").read_text(encoding="utf-8"))
    right = {cell.name: solution_source(cell) for cell in topic.exercises()}
    otherwise = {name: bank.right_answers(name) for name in right}
    mistakes = {name: bank.mistakes(name) for name in right}
    return Material(stem, released, right, otherwise, mistakes, tuple(cell.name for cell in topic.written()))


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


def mixed(made_from: Material, rng: np.random.Generator, skill: float | None = None) -> Sources:
    """A student of some skill: the more of it, the more exercises are right."""
    skill = rng.normal() if skill is None else skill
    return {name: source for name in made_from.right if (source := _answer(made_from, name, skill, rng)) is not None}


def _answer(made_from: Material, name: str, skill: float, rng: np.random.Generator) -> str | None:
    if rng.random() < ODD:
        return f"def {name}(*args, **kwargs):\n    {rng.choice(ODD_BODIES)}\n"
    if rng.random() < 1 / (1 + math.exp(-EASE - skill)):
        pool = made_from.otherwise[name] if rng.random() < OTHERWISE else ()
        return pool[rng.integers(len(pool))].source if pool else made_from.right[name]
    pool = made_from.mistakes[name]
    return None if not pool or rng.random() < STUB else pool[rng.integers(len(pool))].source


KINDS: Mapping[str, Callable[[Material, np.random.Generator], Sources]] = {
    "perfect": perfect,
    "mixed": mixed,
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


def class_of(made_from: Material, size: int, seed: int = 0) -> dict[str, Notebook]:
    """A mixed class; a student has the same skill in every topic."""
    skills = np.random.default_rng([seed, 1]).normal(size=size)
    notebooks = {}
    for number, skill in enumerate(skills):
        rng = np.random.default_rng([seed, number, *made_from.stem.encode()])
        sources = mixed(made_from, rng, float(skill))
        notebooks[f"s{number:05}"] = filled_in(made_from.released, sources, made_from.written)
    return notebooks
