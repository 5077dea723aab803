"""Promises of the repository itself: structure, style, size, and nothing that belongs to one machine."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder import suite

ROOT = Path(__file__).resolve().parents[2]
ENGINE = ROOT / "autograder"

# Rooms in the order in which data flows; a room imports only itself and rooms before it.
ROOMS = (
    "errors",
    "records",
    "config",
    "late",
    "course",
    "intake",
    "sandbox",
    "grading",
    "classroom",
    "reports",
    "gradebook",
    "handout",
    "export",
    "explain",
    "demo",
    "bench",
    "suite",
    "verbs",
    "cli",
    "__main__",
)
NOT_ENGINE = {"tests", "graders", "mistakes", "attacks"}


def tracked(*patterns: str) -> list[Path]:
    """Files that git tracks or would track."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file()]


def engine_files() -> list[Path]:
    return [path for path in tracked("autograder/*.py") if path.relative_to(ENGINE).parts[0] not in NOT_ENGINE]


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of everything a file imports, at its top or inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def room_of(path: Path) -> str:
    return path.relative_to(ENGINE).parts[0].removesuffix(".py")


def test_imports_between_rooms_go_one_way() -> None:
    upward = []
    for path in engine_files():
        room = room_of(path)
        if room == "__init__":
            continue
        for line, name in imported(path):
            parts = name.split(".")
            if parts[0] == "autograder" and len(parts) > 1 and ROOMS.index(parts[1]) > ROOMS.index(room):
                upward.append(f"{path.relative_to(ROOT)}:{line} imports {name}")
    assert upward == []


def test_only_the_gradebook_room_imports_nbgrader() -> None:
    others = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in engine_files()
        for line, name in imported(path)
        if name.split(".")[0] in {"nbgrader", "nbconvert", "sqlalchemy"} and room_of(path) != "gradebook"
    ]
    assert others == []


def test_only_one_module_imports_pytest_internals() -> None:
    importers = {
        str(path.relative_to(ENGINE))
        for path in engine_files()
        for _, name in imported(path)
        if name.split(".")[0] in {"_pytest", "pluggy"} or name.startswith("pytest.")
    }
    assert importers <= {"grading/plugin.py"}


def test_the_student_process_can_load_nothing_but_the_standard_library_and_numpy() -> None:
    allowed = {"numpy", "matplotlib", "autograder"}
    strangers = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in engine_files()
        if room_of(path) == "sandbox"
        for line, name in imported(path)
        if name.split(".")[0] not in sys.stdlib_module_names | allowed
    ]
    assert strangers == []


def test_no_engine_file_is_longer_than_300_lines() -> None:
    long = [f"{path}: {n}" for path in engine_files() if (n := len(path.read_text().splitlines())) > 300]
    assert long == []


def test_no_function_of_the_engine_is_longer_than_40_lines() -> None:
    long = []
    for path in engine_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1 - _docstring_lines(node)
                if lines > 40:
                    long.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {lines}")
    assert long == []


def _docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return (first.end_lineno or 0) - first.lineno + 1
    return 0


def test_every_module_of_the_engine_says_what_it_does() -> None:
    silent = [str(path) for path in engine_files() if not ast.get_docstring(ast.parse(path.read_text()))]
    assert silent == []


def test_no_tracked_file_is_larger_than_a_mebibyte() -> None:
    assert [str(path) for path in tracked() if path.stat().st_size > 2**20] == []


def test_no_tracked_file_names_a_package_index_or_a_home_folder() -> None:
    pattern = re.compile(r"--(extra-)?index-url|https?://\S+/simple(/|\b)|/(home|root|Users)/[a-z]\w*/")
    found = []
    for path in tracked():
        if path.suffix in {".npz", ".png", ".zip"} or path == Path(__file__):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in pattern.finditer(text)]
    assert found == []


def test_environment_yml_installs_exactly_the_lock_file() -> None:
    text = (ROOT / "environment.yml").read_text()
    assert re.findall(r"^\s+- (\S+)", text, re.MULTILINE) == ["python", "pip", "pip:", "-r"]


def test_the_lock_file_pins_every_package_by_hash() -> None:
    text = (ROOT / "requirements.lock").read_text()
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)
    assert [block.split("=")[0] for block in blocks if "==" in block and "--hash=sha256:" not in block] == []


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "--quiet", "."],
        ["ruff", "format", "--check", "--quiet", "."],
        ["mypy", "--no-error-summary"],
    ],
    ids=["ruff finds nothing", "ruff would format nothing", "the types hold"],
)
def test_the_code_is_clean(command: list[str]) -> None:
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    nobody_reads, ours = os.pipe()
    os.close(nobody_reads)
    command = [sys.executable, "-m", "autograder", "doctor"]
    done = subprocess.run(command, cwd=ROOT, stdout=ours, stderr=subprocess.PIPE, text=True, check=False)
    os.close(ours)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_suite_runs_every_test_file_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[list[str]] = []

    class Recorded:
        def __init__(self, command: list[str], **_how: object) -> None:
            calls.append(command[4:])

        def wait(self) -> int:
            return len(calls) - 1

    monkeypatch.setattr("subprocess.Popen", Recorded)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert suite.run_suite([]) != 0, "one of the two failed"
    long, others = calls
    assert others == [f"--ignore={name}" for name in long]
    assert all((ROOT / name).is_file() for name in long)
    assert suite.run_suite(["-k", "adam"]) == 2
    assert calls[2] == ["-k", "adam"]
