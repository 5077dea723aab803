"""The bench: classes made by a seed, and costs of commands that are believed only if the command succeeded."""

import sys
from pathlib import Path

import numpy as np
import pytest

from autograder.bench import budgets, ways
from autograder.bench.compare import with_compute, with_demos_run
from autograder.bench.run import PARTS
from autograder.config import load_course
from autograder.demo import population
from autograder.demo.sample import Material, material

STEM = "hw04_adam"


@pytest.fixture(scope="module")
def adam() -> Material:
    return material(load_course(), STEM)


def test_a_class_follows_from_its_seed(adam: Material) -> None:
    first, again, other = (population.class_of(adam, population.numbered(3), seed) for seed in (0, 0, 1))
    assert list(first) == ["s00000", "s00001", "s00002"]
    assert first == again
    assert first != other


def test_skill_decides_how_much_is_right(adam: Material) -> None:
    rng = np.random.default_rng(0)

    def solved(skill: float) -> int:
        made = [population.mixed(adam, rng, skill) for _ in range(20)]
        return sum(sources.get(name) == right for sources in made for name, right in adam.right.items())

    assert solved(-2.0) < solved(0.0) < solved(2.0)


def test_an_untouched_class_hands_in_the_released_notebook(adam: Material) -> None:
    untouched = population.filled_in(adam.released, population.stub(adam, np.random.default_rng(0)))
    assert untouched == adam.released


def test_touched_demo_cells_and_added_computing_leave_the_exercises_alone(adam: Material) -> None:
    notebook = population.filled_in(adam.released, adam.right)
    touched = with_demos_run(population.filled_in(adam.released, adam.right))
    slow = with_compute(population.filled_in(adam.released, adam.right))
    pairs = list(zip(notebook["cells"], touched["cells"], slow["cells"], strict=True))
    changed = [plain for plain, other, _ in pairs if plain["source"] != other["source"]]
    assert changed
    assert all(not plain["metadata"].get("nbgrader", {}).get("solution") for plain in changed)
    assert sum(plain["source"] != late["source"] for plain, _, late in pairs) == 1


def test_a_command_that_fails_has_no_cost(tmp_path: Path) -> None:
    assert ways.measured([sys.executable, "-c", "pass"], tmp_path).cpu > 0
    with pytest.raises(RuntimeError, match="no such luck"):
        ways.measured([sys.executable, "-c", "raise SystemExit('no such luck')"], tmp_path)


def test_where_the_time_of_a_submission_goes_is_told(tmp_path: Path) -> None:
    rows = list(PARTS["breakdown"](load_course(), tmp_path, 1))
    parts = {row.split("|")[1].strip() for row in rows if not row.endswith(" 0.0 |")}
    assert {"intake", "grade: all of it", "of that, the reference's functions", "gradebook", "journal"} <= parts


def test_a_process_whose_parent_does_not_wait_for_it_costs_all_the_same(tmp_path: Path) -> None:
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    leave = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {burn!r}])"
    assert ways.measured([sys.executable, "-c", leave], tmp_path).cpu > 0.3


def test_small_things_with_a_budget_are_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "SPAWNS", 2)
    monkeypatch.setattr(budgets, "IMPORTS", 1)
    monkeypatch.setattr(budgets, "_all_solutions", lambda _: 1.25)
    rows = list(PARTS["budgets"](load_course(), tmp_path, 1))
    assert [row.split(" |")[0][2:20] for row in rows[2:]] == [
        "spawn and end a st",
        "memory that a live",
        "the visible checks",
        "import of the cour",
        "all solutions of 9",
    ]
    assert rows[-1].endswith("| 1.2 s |")
