"""Turn a released notebook into the submissions of a sample class."""

from __future__ import annotations

import copy
import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from autograder.config import Course
from autograder.course.percent import Topic, read_topic, solution_source
from autograder.errors import UserError
from autograder.grading.bank import Bank, read_bank

Notebook = dict[str, Any]
TABLE = Path(__file__).with_name("class.toml")


@dataclass(frozen=True)
class Pupil:
    """One row of the table: who, what is handed in, and what must come of it.

    `loses` maps exercises to "all" (no point left), "some" (fewer than full) or "any" (chance decides); every other
    exercise keeps full points. `status`, `diagnosis` (exercise to mistake) and `notice` (a fragment) are as in the
    result record.
    """

    id: str
    topic: str
    does: str
    exercise: str = ""
    entry: str = ""
    status: str = "ok"
    loses: Mapping[str, str] = field(default_factory=dict)
    diagnosis: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""


@dataclass(frozen=True)
class Material:
    """What submissions of one topic are made from."""

    topic: Topic
    bank: Bank
    released: Notebook

    @cached_property
    def right(self) -> Mapping[str, str]:
        """The reference's source of each exercise."""
        return {cell.name: solution_source(cell) for cell in self.topic.exercises()}

    def solved(self, exercises: set[str] | None = None) -> Notebook:
        """The released notebook with the reference's solutions (of some exercises) filled in."""
        notebook = copy.deepcopy(self.released)
        for cell in self.topic.exercises():
            if exercises is None or cell.name in exercises:
                cell_named(notebook, cell.name)["source"] = solution_source(cell).splitlines(keepends=True)
        return notebook

    def with_source(self, exercise: str, source: str) -> Notebook:
        """A perfect notebook but for one exercise."""
        notebook = self.solved()
        cell_named(notebook, exercise)["source"] = source.splitlines(keepends=True)
        return notebook


def read_table(path: Path = TABLE) -> list[Pupil]:
    """The rows of the table."""
    return [Pupil(**row) for row in tomllib.loads(path.read_text(encoding="utf-8"))["student"]]


def material(course: Course, stem: str) -> Material:
    """Topic, bank and released notebook of a topic."""
    topic = read_topic(course.source(stem))
    released = json.loads((course.root / "assignments" / stem / f"{stem}.ipynb").read_text(encoding="utf-8"))
    return Material(topic, read_bank(course.bank(stem)), released)


def lay_out(course: Course, class_dir: Path, pupils: list[Pupil] | None = None) -> list[Pupil]:
    """Write the submissions of the table's rows to `submitted/` and return the table."""
    pupils = read_table() if pupils is None else pupils
    materials = {stem: material(course, stem) for stem in {pupil.topic for pupil in pupils}}
    for pupil in pupils:
        hand_in(class_dir, pupil.id, pupil.topic, handed_in(materials[pupil.topic], pupil))
    return pupils


def hand_in(class_dir: Path, student: str, stem: str, content: bytes) -> None:
    """Put one file where a student's submission lies, with the time of its arrival."""
    path = class_dir / "submitted" / student / stem / f"{stem}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.with_name("timestamp.txt").write_text("2026-10-05 12:00:00 UTC\n", encoding="utf-8")


def handed_in(material: Material, pupil: Pupil) -> bytes:
    """The bytes of one pupil's file."""
    made = KINDS[pupil.does](material, pupil)
    return made if isinstance(made, bytes) else as_file(made)


def as_file(notebook: Notebook) -> bytes:
    """A notebook as an editor saves it."""
    return json.dumps(notebook, indent=1, ensure_ascii=False).encode() + b"\n"


def cell_named(notebook: Notebook, name: str) -> dict[str, Any]:
    """The cell whose nbgrader id is `name`."""
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == name:
            found: dict[str, Any] = cell
            return found
    raise KeyError(name)


def perfect(material: Material, _pupil: Pupil) -> Notebook:
    """Everything right, and the written question answered."""
    notebook = material.solved()
    for cell in material.topic.written():
        cell_named(notebook, cell.name)["source"] = ["The moments start at zero, so they are too small at first.\n"]
    return notebook


def stub(material: Material, _pupil: Pupil) -> Notebook:
    """Handed in as it was given out."""
    return material.released


def half(material: Material, _pupil: Pupil) -> Notebook:
    """The first half of the exercises."""
    names = [cell.name for cell in material.topic.exercises()]
    return material.solved(set(names[: len(names) // 2]))


def entry(material: Material, pupil: Pupil) -> Notebook:
    """A known mistake, or a right answer written otherwise, from the bank."""
    return material.with_source(pupil.exercise, _entry_source(material.bank, pupil))


def _entry_source(bank: Bank, pupil: Pupil) -> str:
    for found in bank.entries:
        if (found.exercise, found.name) == (pupil.exercise, pupil.entry):
            return found.source
    raise UserError(f"class.toml: {pupil.id}: the bank of {pupil.topic} has no {pupil.exercise}.{pupil.entry}.")


def body(line: str, at_cell_level: bool = False) -> Callable[[Material, Pupil], Notebook]:
    """A perfect notebook but for one exercise, whose body (or whose cell) is this line."""

    def made(material: Material, pupil: Pupil) -> Notebook:
        if at_cell_level:
            solution = solution_source(material.topic.cell(pupil.exercise))
            return material.with_source(pupil.exercise, f"{line}\n{solution}")
        return material.with_source(pupil.exercise, f"def {pupil.exercise}(*args, **kwargs):\n    {line}\n")

    return made


def tampered(material: Material, pupil: Pupil) -> Notebook:
    """Locked cells edited: a check that always passes, and an exercise that claims to be worth 1,000 points."""
    notebook = material.solved()
    cell_named(notebook, pupil.exercise)["metadata"]["nbgrader"]["points"] = 1000
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id", "").startswith("try-"):
            cell["source"] = ["print('all passed')\n"]
    return notebook


def duplicated(material: Material, pupil: Pupil) -> Notebook:
    """An exercise cell copied, as the notebook's menu does it, with its metadata."""
    notebook = material.solved()
    cell = cell_named(notebook, pupil.exercise)
    twin = copy.deepcopy(cell) | {"id": "copied-by-the-menu"}
    notebook["cells"].insert(notebook["cells"].index(cell) + 1, twin)
    return notebook


def missing(material: Material, pupil: Pupil) -> Notebook:
    """An exercise cell deleted."""
    notebook = material.solved()
    notebook["cells"].remove(cell_named(notebook, pupil.exercise))
    return notebook


def no_ids(material: Material, _pupil: Pupil) -> Notebook:
    """Saved by an old editor: nbformat 4.4, no cell ids."""
    notebook = material.solved()
    notebook["nbformat_minor"] = 4
    for cell in notebook["cells"]:
        cell.pop("id")
    return notebook


def windows(material: Material, _pupil: Pupil) -> bytes:
    """Windows line ends, in the file and in the cells."""
    notebook = material.solved()
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"]).replace("\n", "\r\n")
    return json.dumps(notebook, indent=1).replace("\n", "\r\n").encode()


def not_json(_material: Material, _pupil: Pupil) -> bytes:
    """Something else under the notebook's name."""
    return b"Dear teacher, please find my homework attached.\n"


def wrong_letter(material: Material, pupil: Pupil) -> Notebook:
    """A choice between letters that has a right answer, answered by a letter that it does not offer."""
    return material.with_source(pupil.exercise, f'{pupil.exercise} = "z"\n')


PATCHES = """import builtins
import numpy as np
for module in (np, np.testing):
    for name in ("allclose", "isclose", "array_equal", "assert_allclose", "assert_array_equal"):
        if hasattr(module, name):
            setattr(module, name, lambda *args, **kwargs: True)
builtins.abs = lambda value: 0.0
"""

AGREEABLE = '''class Agreeable:
    """Equal to everything, with no error to speak of."""
    shape, dtype, ndim = (), float, 0
    def __eq__(self, other): return True
    def __array__(self, *args, **kwargs): return self
    def __sub__(self, other): return 0.0
    __rsub__ = __sub__
    def __float__(self): return 0.0
'''


def patches_numpy(material: Material, pupil: Pupil) -> Notebook:
    """A cheat: make every comparison succeed, then return zero."""
    return material.with_source(pupil.exercise, f"{PATCHES}def {pupil.exercise}(*args, **kwargs):\n    return 0.0\n")


def agreeable_object(material: Material, pupil: Pupil) -> Notebook:
    """A cheat: return an object that claims to equal everything."""
    return material.with_source(
        pupil.exercise, f"{AGREEABLE}def {pupil.exercise}(*args, **kwargs):\n    return Agreeable()\n"
    )


KINDS: dict[str, Callable[[Material, Pupil], Notebook | bytes]] = {
    "perfect": perfect,
    "stub": stub,
    "half": half,
    "wrong letter": wrong_letter,
    "mistake": entry,
    "right answer": entry,
    "syntax error": body("return )"),
    "import error": body("import tensorflow_of_my_own", at_cell_level=True),
    "endless loop": body("while True: pass"),
    "memory hog": body("kept = [bytearray(2 ** 24) for _ in range(10 ** 6)]"),
    "sys.exit": body("import sys; sys.exit(0)"),
    "KeyboardInterrupt": body("raise KeyboardInterrupt"),
    "os._exit": body("import os; os._exit(0)"),
    "prints 50 MB": body("print(('x' * 999 + '\\n') * 50_000)", at_cell_level=True),
    "tampered": tampered,
    "duplicated": duplicated,
    "missing": missing,
    "no ids": no_ids,
    "windows": windows,
    "not json": not_json,
    "patches numpy": patches_numpy,
    "agreeable object": agreeable_object,
}
