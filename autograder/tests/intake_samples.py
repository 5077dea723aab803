"""A small topic, its release, and notebooks of it that tests may spoil."""

from __future__ import annotations

import copy
import functools
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.course.notebook import notebook_of
from autograder.course.percent import Topic, read_topic
from autograder.course.release import Release, release_of
from autograder.intake import Submission, read_submission

Notebook = dict[str, Any]
STEM = "hw90_sample"
TOPIC = '''"""A sample.

Out of scope: everything.
"""
# %% [markdown]
# # A sample
# Read me.

# %%
import numpy as np

# %% exercise="double" points=40
def double(x):
    """Twice x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION


# %% try="double"
if __name__ == "__main__":
    print("check", double(2) == 4)

# %% given="offset"
OFFSET = 3


# %% exercise="Shift" points=30 uses="double"
class Shift:
    """Add an offset."""

    ### BEGIN SOLUTION
    def __call__(self, x):
        return double(x) + OFFSET
    ### END SOLUTION


# %% exercise="guess" points=10
### BEGIN SOLUTION
guess = "b"
### END SOLUTION

# %% see="picture"
if __name__ == "__main__":
    curve = [double(value) for value in range(5)]
    print(curve)

# %% [markdown] conventions="shift"
# The offset is added last.

# %% [markdown] written="why" points=20
# ## Why?
# Why is the offset added last?
# ### BEGIN SOLUTION
# Because.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# 20 points for anything.
# ### END MARK SCHEME

# %% [markdown] diary="diary"
# Write here.
'''
ANSWERS = {
    "double": "def double(x):\n    return x + x\n",
    "Shift": "class Shift:\n    def __call__(self, x):\n        return x + x + OFFSET\n",
    "guess": 'guess = "a"\n',
    "why": "## Why?\nWhy is the offset added last?\nIt looks better.",
}


@functools.cache
def topic() -> Topic:
    """The sample topic."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{STEM}.py"
        path.write_text(TOPIC, encoding="utf-8")
        return read_topic(path)


@functools.cache
def release() -> Release:
    """What students got of it."""
    return release_of(topic())


def untouched() -> Notebook:
    """The notebook as it was given out."""
    notebook = copy.deepcopy(notebook_of(topic()))
    for cell, released in zip(notebook["cells"], release().cells, strict=True):
        cell["source"] = released.source.splitlines(keepends=True)
    return notebook


def answered(**sources: str) -> Notebook:
    """The notebook with every answer filled in; keyword arguments replace the text of cells."""
    notebook = untouched()
    for name, source in {**ANSWERS, **sources}.items():
        cell_of(notebook, name)["source"] = source.splitlines(keepends=True)
    return notebook


def cell_of(notebook: Notebook, name: str) -> dict[str, Any]:
    """The cell with an id."""
    found: dict[str, Any] = next(cell for cell in notebook["cells"] if cell.get("id") == name.replace("__", "-"))
    return found


def position(notebook: Notebook, name: str) -> int:
    """The place of a cell."""
    place: int = notebook["cells"].index(cell_of(notebook, name))
    return place


def code(source: str, **more: Any) -> dict[str, Any]:
    """A code cell of a student's own."""
    cell = {"cell_type": "code", "id": "own", "metadata": {}, "source": source, "outputs": [], "execution_count": 1}
    return {**cell, **more}


def prose(source: str) -> dict[str, Any]:
    """A text cell of a student's own."""
    return {"cell_type": "markdown", "id": "own-text", "metadata": {}, "source": source}


def without_metadata(notebook: Notebook) -> Notebook:
    """The notebook as a tool leaves it that keeps neither ids nor metadata."""
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        cell.pop("id", None)
    return notebook


def submit(
    folder: Path, notebook: Notebook | bytes | str, suffix: str = ".ipynb", encode: Callable[[str], bytes] = str.encode
) -> Submission:
    """Write a file and read it."""
    path = folder / f"{STEM}{suffix}"
    text = json.dumps(notebook, indent=1) if isinstance(notebook, dict) else notebook
    path.write_bytes(text if isinstance(text, bytes) else encode(text))
    return read_submission(path, release(), "ada")


def sources(submission: Submission) -> dict[str, str]:
    """The cells that run, by name."""
    assert len({cell.name for cell in submission.cells}) == len(submission.cells)
    return {cell.name: cell.source for cell in submission.cells}


def namespace(submission: Submission) -> dict[str, Any]:
    """What a harmless submission defines; a cell that raises loses the rest of itself, as in the student process."""
    names: dict[str, Any] = {"__name__": "__main__"}
    for cell in submission.cells:
        try:
            exec(compile(cell.source, cell.name, "exec", dont_inherit=True), names)
        except Exception as error:
            names.setdefault("errors", []).append((cell.name, error))
    return names
