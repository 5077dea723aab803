"""Every attack of the corpus in every mode that this machine offers, and each without the layer that stops it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from autograder.tests import attack_corpus

ROOT = Path(__file__).resolve().parents[2]
MODES = ("root plain", "root view", "user plain", "user view")
ABLATIONS = ("user", "root")

# Rows of the catalogue that no submission can try in the sandbox: frames made by hand (9), values that are right (12),
# rules of grading (53-55, 57), files that intake reads (58, 59, 61).
NOT_FOR_THE_CORPUS = {9, 12, 53, 54, 55, 57, 58, 59, 61}


def _run(module: str, words: str) -> dict[str, Any]:
    command = [sys.executable, "-m", f"autograder.tests.{module}", *words.split()]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, f"{module} {words} ended with {done.returncode}:\n{done.stderr[-3000:]}"
    said: dict[str, Any] = json.loads(done.stdout)
    return said


@pytest.fixture(scope="module")
def runs() -> Iterator[dict[str, dict[str, Any]]]:
    """All modes and ablations, two at a time."""
    jobs = [*(("attack_modes", mode) for mode in MODES), *(("attack_ablation", who) for who in ABLATIONS)]
    with ThreadPoolExecutor(2) as pool:
        yield {f"{module} {words}": said for (module, words), said in zip(jobs, pool.map(_job, jobs), strict=True)}


def _job(job: tuple[str, str]) -> dict[str, Any]:
    return _run(*job)


@pytest.mark.parametrize("mode", MODES)
def test_no_attack_reaches_anything(
    mode: str, runs: dict[str, dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    run = runs[f"attack_modes {mode}"]
    if "not offered" in run:
        with capsys.disabled():
            print(f"\nAttacks as {mode}: not offered by this machine ({run['not offered']}).")
        return
    allowed = [found["name"] for found in run["attacks"] if found["gained"]]
    print(f"Attacks as {mode}: {len(run['attacks'])} tried, {len(allowed)} that this mode does not promise to stop.")
    assert [(found["name"], found["wrong"]) for found in run["attacks"] if found["wrong"]] == []
    unpromised = {"exists", "size_of_a_hidden_file"} if mode.endswith("plain") else set()
    assert set(allowed) <= unpromised | ({"many_bytes", "many_files"} if "disk" not in run["layers"] else set())


@pytest.mark.parametrize("who", ABLATIONS)
def test_each_attack_succeeds_without_the_layer_that_stops_it(
    who: str, runs: dict[str, dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    run = runs[f"attack_ablation {who}"]
    if "not offered" in run:
        with capsys.disabled():
            print(f"\nAblation as {who}: not offered by this machine ({run['not offered']}).")
        return
    print(f"Ablation as {who}: {len(run['attacks'])} attacks without their layers.")
    assert [(found["name"], found["said"]) for found in run["attacks"] if not found["succeeded"]] == []


def test_this_machine_offers_some_mode(runs: dict[str, dict[str, Any]]) -> None:
    assert [mode for mode in MODES if "attacks" in runs[f"attack_modes {mode}"]] != []


def test_the_corpus_covers_every_row_that_a_submission_can_try() -> None:
    attacks = attack_corpus.load()
    assert len(attacks) >= 55
    assert {attack.row for attack in attacks} >= set(range(1, 65)) - NOT_FOR_THE_CORPUS


def test_every_attack_does_what_the_runner_looks_for() -> None:
    for attack in attack_corpus.load():
        in_the_cell = "returned" not in attack.status and "def attack" not in attack.source
        assert in_the_cell or any(f"def {name}(" in attack.source for name in ("attack", "answer", "use")), attack.name
        if attack.kernel_layers:
            assert "def attack(" in attack.source, attack.name
