"""The hidden tests run in the student's own process, without any isolation: what others do, and the floor of cost.

Only the bench uses this. It imports neither pytest's machinery nor the sandbox's, so that stock nbgrader and the floor
pay for nothing but the same checks.
"""

from __future__ import annotations

import importlib.util
import inspect
import types
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np

from autograder.config import load_course
from autograder.course.percent import read_topic
from autograder.course.reference import load_reference
from autograder.sandbox.student import CallReport

LEFT_OUT = ("candidates",)  # fixtures that need a second student process; their tests are left out everywhere


class LocalStudent:
    """A notebook's namespace in the place of the proxy."""

    last = CallReport()

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self._namespace = namespace

    def __getattr__(self, name: str) -> Any:
        try:
            return self._namespace[name]
        except KeyError:
            raise AttributeError(name) from None

    def has(self, name: str) -> bool:
        """Whether a cell has defined this name."""
        return name in self._namespace

    def array(self, value: Any) -> Any:
        """A copy, which calls can change."""
        return np.array(value)


@cache
def _tests(stem: str) -> dict[str, list[tuple[float, Callable[..., None]]]]:
    path = load_course().grader(stem)
    spec = importlib.util.spec_from_file_location(f"bench_{stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: dict[str, list[tuple[float, Callable[..., None]]]] = {}
    for function in vars(module).values():
        for mark in getattr(function, "pytestmark", ()):
            if mark.name == "points" and not set(LEFT_OUT) & set(inspect.signature(function).parameters):
                found.setdefault(mark.kwargs["exercise"], []).append((mark.args[0], function))
    return found


@cache
def _reference(stem: str) -> types.ModuleType:
    return load_reference(read_topic(load_course().source(stem)))


def exercises(stem: str) -> list[str]:
    """The exercises whose tests can be run this way."""
    return list(_tests(stem))


def check_exercise(stem: str, exercise: str, namespace: Mapping[str, Any]) -> float:
    """Run the tests of an exercise against a namespace.

    Returns
    -------
    float
        The points earned.
    """
    available = {"student": LocalStudent(namespace), "reference": _reference(stem), "rng": None}
    earned = 0.0
    for points, function in _tests(stem)[exercise]:
        given = {name: available[name] for name in inspect.signature(function).parameters}
        if "rng" in given:
            given["rng"] = np.random.default_rng(0)
        try:
            function(**given)
        except Exception:
            continue
        earned += points
    return earned
