"""Write the data sets of the course as `.npz` files, once, from the copies that scikit-learn ships.

Students and graders read the files and never need scikit-learn. Run again after a change here:
`python datasets/export.py`, then look at the difference in `SHA256SUMS`.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
NAMES = ("breast_cancer", "diabetes", "digits", "iris", "wine")


def arrays_of(name: str) -> dict[str, Any]:
    """The arrays of one data set, in the types in which they are stored.

    Pixels of the digits are whole numbers from 0 to 16, so they are kept as bytes; the loader of the course kit
    divides by 16. The features of diabetes are the raw measurements, not the scaled ones of scikit-learn's default.
    """
    from sklearn import datasets

    options = {"scaled": False} if name == "diabetes" else {}
    bunch = getattr(datasets, f"load_{name}")(**options)
    regression = name == "diabetes"
    return {
        "X": bunch.data.astype(np.uint8 if name == "digits" else np.float64),
        "y": bunch.target.astype(np.float64 if regression else np.int64),
        "feature_names": np.array([str(feature) for feature in bunch.feature_names]),
        "target_names": np.array(["progression"] if regression else [str(target) for target in bunch.target_names]),
    }


def export(folder: Path = HERE) -> None:
    """Write every data set and the list of checksums into `folder`."""
    lines = []
    for name in NAMES:
        path = folder / f"{name}.npz"
        np.savez_compressed(path, **arrays_of(name))
        lines.append(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n")
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="ascii")


if __name__ == "__main__":
    export(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
