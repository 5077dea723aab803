"""Load the data sets of the course and split them as all figures in the notebooks do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

# Examples in the standard test part: a quarter of each set.
TEST_ROWS = {"breast_cancer": 142, "diabetes": 110, "digits": 450, "iris": 37, "wine": 44}


@dataclass(frozen=True)
class Dataset:
    """One data set: `X` has an example in each row, `y` its class or value."""

    name: str
    X: np.ndarray
    y: np.ndarray
    feature_names: tuple[str, ...]
    target_names: tuple[str, ...]


@dataclass(frozen=True)
class Split:
    """A data set cut in two; unpacks as `X_train, y_train, X_test, y_test`."""

    X_train: np.ndarray
    y_train: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray

    def __iter__(self) -> Iterator[np.ndarray]:
        return iter((self.X_train, self.y_train, self.X_test, self.y_test))


def load(name: str) -> Dataset:
    """Load a data set that travels with the course.

    Pixels of the digits are scaled to the range 0 to 1; all other features are the raw measurements.

    Parameters
    ----------
    name : {"breast_cancer", "diabetes", "digits", "iris", "wine"}

    Returns
    -------
    Dataset
        With fresh arrays: `X` float64 of shape (n, d), `y` int64 classes (float64 for diabetes) of shape (n,).

    Raises
    ------
    ValueError
        If there is no data set of that name.
    FileNotFoundError
        If the folder `datasets` is not beside or above the notebook; the message lists the places searched.
    """
    if name not in TEST_ROWS:
        raise ValueError(f"no data set {name!r}. There are: {', '.join(TEST_ROWS)}.")
    with np.load(_find(f"{name}.npz"), allow_pickle=False) as file:
        X = file["X"].astype(np.float64)
        y = file["y"]
        names = [tuple(str(text) for text in file[key]) for key in ("feature_names", "target_names")]
    return Dataset(name, X / 16 if name == "digits" else X, y, *names)


def split(dataset: Dataset, seed: int = 0) -> Split:
    """Cut a data set into a training and a test part, the same for everybody.

    The rows are put in the order `default_rng(seed).permutation(n)`; the first quarter is the test part. Figures
    printed in the notebooks use seed 0.

    Parameters
    ----------
    dataset : Dataset
    seed : int, default 0

    Returns
    -------
    Split
        Unpacks as `X_train, y_train, X_test, y_test`.

    Examples
    --------
    >>> X_train, y_train, X_test, y_test = split(load("digits"))
    >>> X_train.shape, X_test.shape
    ((1347, 64), (450, 64))
    """
    order = np.random.default_rng(seed).permutation(len(dataset.X))
    test, train = np.split(order, [TEST_ROWS[dataset.name]])
    return Split(dataset.X[train], dataset.y[train], dataset.X[test], dataset.y[test])


def _find(file: str) -> Path:
    starts = (Path.cwd(), Path(__file__).resolve().parent)
    folders = dict.fromkeys(place for start in starts for place in (start, *start.parents))
    for folder in folders:
        for path in (folder / "datasets" / file, folder / file):
            if _readable(path):
                return path
    raise FileNotFoundError(
        f"{file} was not found. Put the course's folder `datasets` beside this notebook or in a folder above it. "
        f"Looked in and above: {', '.join(str(start) for start in starts)}."
    )


def _readable(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a folder above that may not be looked into
        return False
