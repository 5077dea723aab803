"""The files around the notebooks that students get: how to start, what to install, and what browsers start from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from autograder.config import Course
from autograder.course.cells import Topic

PYTHON = "3.12"  # where the students' Python is started for them
LIBRARIES = ("numpy>=2", "matplotlib")
JUPYTER = ("jupyterlab", "notebook")
README = Path(__file__).with_name("templates") / "students.md"


def surroundings(course: Course, topics: Sequence[Topic]) -> dict[str, str]:
    """Their texts by path in the students' tree.

    Parameters
    ----------
    course : Course
    topics : sequence of Topic
        Those that are published.
    """
    rows = "\n".join(f"* `assignments/{topic.stem}/{topic.stem}.ipynb`: {topic.title}" for topic in topics)
    text = README.read_text(encoding="utf-8")
    for mark, value in {
        "TITLE": course.title,
        "NAME": course.id,
        "TOPICS": rows,
        "FIRST": topics[0].stem,
        "LIBRARIES": " ".join(f'"{name}"' if ">" in name else name for name in (*LIBRARIES, *JUPYTER)),
        "MEGABYTES": f"{course.limits.notebook_mb:g}",
    }.items():
        text = text.replace(f"@{mark}@", value)
    return {
        "README.md": text,
        "environment.yml": _environment(course.id),
        "requirements.txt": "\n".join((*LIBRARIES, *JUPYTER)) + "\n",
        "binder/requirements.txt": "\n".join(LIBRARIES) + "\n",  # Jupyter is there already
        "binder/runtime.txt": f"python-{PYTHON}\n",
        ".devcontainer/devcontainer.json": _container(course.title),
    }


def _environment(name: str) -> str:
    packages = [f"  - {package.replace('>', ' >', 1)}" for package in ("python>=3.11", *LIBRARIES, *JUPYTER)]
    return "\n".join([f"name: {name}", "channels: [conda-forge]", "dependencies:", *packages]) + "\n"


def _container(title: str) -> str:
    """For VS Code (Reopen in Container) and GitHub Codespaces."""
    settings = {
        "name": title,
        "image": f"python:{PYTHON}",
        "postCreateCommand": "python -m pip install -r requirements.txt",
        "customizations": {"vscode": {"extensions": ["ms-python.python", "ms-toolsai.jupyter"]}},
    }
    return json.dumps(settings, indent=2) + "\n"
