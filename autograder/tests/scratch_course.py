"""A small course of one topic and its class, for tests of what happens after grading."""

from __future__ import annotations

import copy
import hashlib
import json
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.config import Course, load_course
from autograder.course.build import make
from autograder.course.percent import read_topic
from autograder.gradebook.assign import generate_assignments
from autograder.records import Result

STEM = "hw04_adam"
SECRET = "the mark scheme of this question"
TOPIC = f'''"""Adam in short.

Out of scope: everything else.
"""
# %% [markdown]
# # Adam in short

# %%
import numpy as np

# %% exercise="ema_weights" points=10
def ema_weights(beta, t):
    """Weights of a moving average."""
    ### BEGIN SOLUTION
    return (1 - beta) * beta ** np.arange(t)[::-1]
    ### END SOLUTION

# %% given="gravity"
GRAVITY = 9.81

# %% exercise="Adam" points=22
class Adam:
    """An optimiser."""
    ### BEGIN SOLUTION
    rate = 0.1
    ### END SOLUTION

# %% exercise="adam_first_step" points=8
def adam_first_step(g):
    """The first step."""
    ### BEGIN SOLUTION
    return -np.sign(g)
    ### END SOLUTION

# %% [markdown] written="why_divide" points=10
# Why is the average divided by `1 - beta**t`?
#
# ### BEGIN SOLUTION
# Because it starts at zero.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# {SECRET}
# ### END MARK SCHEME

# %% [markdown] diary="diary"
# What did I believe?
'''


def make_course(root: Path, topic: str = TOPIC) -> Course:
    """Write the course, and have nbgrader make the students' notebook."""
    (root / "solutions").mkdir(parents=True, exist_ok=True)
    (root / "solutions" / f"{STEM}.py").write_text(topic, encoding="utf-8")
    (root / "course.toml").write_text(
        f'[course]\nid = "scratch"\ntitle = "Scratch"\n[[topic]]\nstem = "{STEM}"\ntitle = "Adam in short"\n',
        encoding="utf-8",
    )
    course = load_course(root)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        make([read_topic(course.source(STEM))], root / "build", root / "assignments", generate_assignments, None)
    return course


def released(course: Course) -> dict[str, Any]:
    """The students' notebook."""
    path = course.root / "assignments" / STEM / f"{STEM}.ipynb"
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return notebook


def filled(course: Course, sources: Mapping[str, str]) -> dict[str, Any]:
    """The students' notebook with some cells filled in, by name."""
    notebook = copy.deepcopy(released(course))
    for cell in notebook["cells"]:
        if cell["id"] in sources:
            cell["source"] = sources[cell["id"]].splitlines(keepends=True)
    return notebook


def hand_in(class_dir: Path, student: str, notebook: Mapping[str, Any] | bytes, timestamp: str = "") -> Path:
    """Put a file where submissions are expected."""
    path = class_dir / "submitted" / student / STEM / f"{STEM}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode())
    if timestamp:
        path.with_name("timestamp.txt").write_text(timestamp, encoding="utf-8")
    return path


def graded(path: Path, result: Result) -> Result:
    """A result as the grader would have it for this file."""
    return replace(result, submission_sha256=hashlib.sha256(path.read_bytes()).hexdigest())
