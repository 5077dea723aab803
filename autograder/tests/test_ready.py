"""The students' own check agrees with the grader about what will be accepted, and says what to do in plain words."""

from __future__ import annotations

import copy
import importlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.config import ROOT, load_course
from autograder.course.percent import read_topic
from autograder.course.release import release_of
from autograder.demo.sample import Material, Pupil, cell_named, handed_in, material, read_table
from autograder.intake import submission as intake
from autograder.intake.notebook import MOST_CELLS
from autograder.intake.records import Unreadable

COURSE = load_course()
KIT = ROOT / "assignments"
STEM = "hw04_adam"
PUPILS = {pupil.does: pupil for pupil in read_table() if pupil.topic == STEM}
Notebook = dict[str, Any]


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(KIT))


@pytest.fixture(scope="module")
def made() -> Material:
    return material(COURSE, STEM)


def kit(name: str) -> Any:
    return importlib.import_module(f"coursekit.{name}")


def look(tmp_path: Path, content: bytes | Notebook, name: str = f"{STEM}.ipynb") -> Any:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return kit("ready").look(path)


def pupil_of(kind: str) -> Pupil:
    return PUPILS[kind]


@pytest.mark.parametrize("kind", sorted(PUPILS))
def test_it_accepts_what_the_grader_accepts_and_misses_the_same_cells(
    kind: str, made: Material, tmp_path: Path
) -> None:
    found = look(tmp_path, handed_in(made, pupil_of(kind)))
    try:
        read = intake.read_submission(tmp_path / f"{STEM}.ipynb", release_of(made.topic), "ada")
    except Unreadable:
        assert not found.accepted
        return
    assert found.accepted
    missing = [line for line in str(found).splitlines() if "Cells are missing" in line]
    assert bool(missing) == bool(read.missing)
    assert all(name in missing[0] for name in read.missing)


def test_a_finished_notebook_has_nothing_to_look_at(made: Material, tmp_path: Path) -> None:
    found = look(tmp_path, handed_in(made, pupil_of("perfect")))
    assert found.findings == ()
    assert str(found).startswith(f"{STEM}.ipynb: it will be accepted.\n  Saved at ")


def test_what_is_as_it_was_given_out_is_listed_once_with_its_points(made: Material, tmp_path: Path) -> None:
    text = str(look(tmp_path, made.released))
    assert text.count("Still as they were given out") == 1
    assert "ema_weights (6 points)" in text
    assert "predict_race (1 point)" in text
    assert "why_faster (10 points)" in text


def changed(exercise: str, source: str) -> Callable[[Notebook], None]:
    def change(notebook: Notebook) -> None:
        cell_named(notebook, exercise)["source"] = source

    return change


def without(exercise: str, extra: str = "") -> Callable[[Notebook], None]:
    def change(notebook: Notebook) -> None:
        notebook["cells"].remove(cell_named(notebook, exercise))
        if extra:
            notebook["cells"].append({"cell_type": "code", "metadata": {}, "source": extra, "id": "own"})

    return change


def own(source: str) -> Callable[[Notebook], None]:
    def change(notebook: Notebook) -> None:
        notebook["cells"].append({"cell_type": "code", "metadata": {}, "source": source, "id": "own"})

    return change


FAULTS: dict[str, tuple[Callable[[Notebook], None], str, str]] = {
    "syntax error": (
        changed("Adam", "class Adam:\n    def step(self:\n        pass"),
        "loses",
        "Adam: Python cannot read the cell in line 2",
    ),
    "stub left in": (
        changed("ema_weights", 'def ema_weights(beta, t):\n    t = 2\n    raise NotImplementedError("ema_weights")'),
        "loses",
        'ema_weights: the line `raise NotImplementedError("ema_weights")` is still there (6 points).',
    ),
    "renamed": (changed("ema_weights", "def weights(beta, t): ..."), "loses", "the cell defines no ema_weights"),
    "deleted": (without("adam_first_step"), "loses", "Cells are missing: adam_first_step (8 points)."),
    "moved": (
        without("adam_first_step", "def adam_first_step(g, lr, eps): return -lr"),
        "note",
        "adam_first_step: its own cell has no answer, so cell",
    ),
    "import": (own("import torch.nn as nn"), "loses", "imports torch, which need not be there"),
    "question": (own("beta = float(input('beta? '))"), "loses", "calls input(): nobody is there to answer"),
    "own file": (own("open('C:/data/numbers.csv')"), "note", "names a file of your own computer (C:/data"),
    "command": (own("%pip install torch\nx = 1"), "note", "left out when it is graded: %pip install torch"),
    "locked cell": (changed("try-Adam", "print('all passed')"), "note", "You changed try-Adam."),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_each_fault_is_named_with_what_to_do(kind: str, made: Material, tmp_path: Path) -> None:
    change, weight, words = FAULTS[kind]
    notebook = json.loads(handed_in(made, pupil_of("perfect")))
    change(notebook)
    found = look(tmp_path, notebook)
    assert found.accepted
    assert [finding.weight for finding in found.findings] == [weight], str(found)
    assert words in str(found)


def test_what_python_brings_along_and_percent_signs_in_text_are_no_faults(made: Material, tmp_path: Path) -> None:
    notebook = json.loads(handed_in(made, pupil_of("perfect")))
    own("import json, os.path\nfrom matplotlib import ticker\ntext = '''\n%pip install\n'''\n")(notebook)
    assert look(tmp_path, notebook).findings == ()


def test_a_file_that_is_too_large_is_refused_with_the_way_to_shrink_it(made: Material, tmp_path: Path) -> None:
    notebook = copy.deepcopy(made.released)
    notebook["metadata"]["padding"] = "x" * (COURSE.limits.notebook_mb * 2**20)
    found = look(tmp_path, notebook)
    assert not found.accepted
    assert f"at most {COURSE.limits.notebook_mb} MB are read. Clear the outputs" in str(found)
    many = {**made.released, "cells": made.released["cells"] * 60}
    assert not look(tmp_path, many).accepted


def test_the_bounds_are_those_of_the_grader() -> None:
    findings = kit("findings")
    assert (findings.MOST_CELLS, findings.MOST_CHARACTERS) == (MOST_CELLS, intake.MOST_SOURCE)


def test_another_name_and_another_topic_are_noticed(made: Material, tmp_path: Path) -> None:
    renamed = look(tmp_path, handed_in(made, pupil_of("perfect")), "my homework (1).ipynb")
    assert "It holds the cells of hw04_adam. Name it hw04_adam.ipynb" in str(renamed)
    other = (ROOT / "assignments" / "hw02_backprop" / "hw02_backprop.ipynb").read_bytes()
    assert "It holds the cells of hw02_backprop" in str(look(tmp_path, other))
    assert not look(tmp_path, {"cells": [], "metadata": {}}, "essay.ipynb").accepted
    assert not look(tmp_path, handed_in(made, pupil_of("perfect")), f"{STEM}.txt").accepted


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"cells": 3}', b'{"cells": [1, null, {}]}', b"\xff\xfe", b"[" * 90_000]
)
def test_nothing_that_a_file_may_hold_makes_it_stumble(content: bytes, tmp_path: Path) -> None:
    found = look(tmp_path, content)
    assert "Traceback" not in str(found)
    assert found._repr_html_()


def test_in_a_notebook_it_finds_the_file_that_was_saved_last(
    made: Material, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "There is no .ipynb file in this folder" in str(kit("ready").look())
    assert "cannot be read" in str(kit("ready").look("gone.ipynb"))
    look(tmp_path, made.released)
    assert kit("ready").look().file == f"{STEM}.ipynb"


def test_the_program_ends_with_0_only_if_all_will_be_accepted(made: Material, tmp_path: Path) -> None:
    good, bad = tmp_path / f"{STEM}.ipynb", tmp_path / "bad.ipynb"
    good.write_text(json.dumps(made.released))
    bad.write_text("Dear teacher")
    codes = []
    for names in ([good], [good, bad], [tmp_path / "gone.ipynb"], []):
        command = [sys.executable, "-m", "coursekit.ready", *map(str, names)]
        codes.append(subprocess.run(command, cwd=KIT, capture_output=True, check=False).returncode)
    assert codes == [0, 1, 1, 2]


def test_it_needs_nothing_but_the_standard_library() -> None:
    code = "import sys; sys.path.insert(0, sys.argv[1]); import coursekit.ready; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-I", "-c", code, str(KIT)], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize("stem", [topic.stem for topic in COURSE.topics])
def test_the_listing_that_travels_with_the_kit_is_that_of_the_release(stem: str) -> None:
    topic = kit("saved").topics()[stem]
    graded = [cell for cell in read_topic(COURSE.source(stem)).cells if cell.points]
    assert {(cell.name, cell.points) for cell in graded} == {
        (c.name, c.points) for c in topic.cells.values() if c.points
    }
