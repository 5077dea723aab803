"""The data sets are what their list of checksums says, and what scikit-learn has."""

from __future__ import annotations

import hashlib
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.config import ROOT

FOLDER = ROOT / "datasets"
NAMES = ("breast_cancer", "diabetes", "digits", "iris", "wine")
SIZES = {
    "breast_cancer": (569, 30),
    "diabetes": (442, 10),
    "digits": (1797, 64),
    "iris": (150, 4),
    "wine": (178, 13),
}


def listed() -> dict[str, str]:
    """Checksum of each file by name."""
    lines = (FOLDER / "SHA256SUMS").read_text(encoding="ascii").splitlines()
    return {name: checksum for checksum, name in (line.split("  ") for line in lines)}


@pytest.fixture(scope="module")
def exporter() -> dict[str, Any]:
    return runpy.run_path(str(FOLDER / "export.py"))


def test_every_file_has_the_checksum_in_the_list_and_in_the_readme() -> None:
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in FOLDER.glob("*.npz")}
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert files == listed()
    assert set(files) == {f"{name}.npz" for name in NAMES}
    assert [name for name, checksum in files.items() if f"| `{name}` | `{checksum}` |" not in readme] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_file_holds_four_plain_arrays(name: str) -> None:
    with np.load(FOLDER / f"{name}.npz", allow_pickle=False) as file:
        arrays = {key: file[key] for key in file}
    assert set(arrays) == {"X", "y", "feature_names", "target_names"}
    assert arrays["X"].shape == SIZES[name]
    assert arrays["y"].shape == SIZES[name][:1]
    assert arrays["feature_names"].shape == SIZES[name][1:]
    assert arrays["X"].dtype == (np.uint8 if name == "digits" else np.float64)
    if name != "diabetes":
        assert arrays["y"].dtype == np.int64
        assert set(arrays["y"].tolist()) == set(range(len(arrays["target_names"])))


@pytest.mark.parametrize("name", NAMES)
def test_the_export_gives_these_arrays_again(name: str, exporter: dict[str, Any]) -> None:
    fresh = exporter["arrays_of"](name)
    with np.load(FOLDER / f"{name}.npz", allow_pickle=False) as file:
        assert all(np.array_equal(file[key], fresh[key]) for key in fresh)


def test_the_export_writes_files_and_list_into_any_folder(tmp_path: Path, exporter: dict[str, Any]) -> None:
    exporter["export"](tmp_path)
    names = {line.split("  ")[1] for line in (tmp_path / "SHA256SUMS").read_text(encoding="ascii").splitlines()}
    assert names == set(listed())
    assert all((tmp_path / name).is_file() for name in names)


@pytest.mark.parametrize("name", NAMES)
def test_source_and_licence_of_every_file_are_in_the_readme(name: str) -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert f"| `{name}.npz` |" in readme
    assert f"* **{name}**:" in readme
