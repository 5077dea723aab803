"""The result of grading one submission, as frozen records and as versioned JSON (`autograder/result/1`)."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

SCHEMA = "autograder/result/1"

TEST_STATES = ("passed", "failed", "not_run", "grader_error")
SHARED = 20_000  # parts that are remembered: far more than the tests of a course have ways to end
CHOICE = re.compile(r"You chose ([a-z])\.")  # what the test of a prediction says, in the record and to the student
STATUSES = (
    "ok",
    "exception",
    "wrong_type",
    "too_big",
    "time_limit",
    "memory_limit",
    "crashed",
    "protocol_error",
    "unreadable",
    "grader_error",
)


@dataclass(frozen=True)
class TestResult:
    """What one hidden test found; `message` is written for the student."""

    __test__ = False  # not a pytest class

    name: str
    title: str
    state: str
    score: float
    max_score: float
    message: str = ""


@dataclass(frozen=True)
class Diagnosis:
    """A known mistake that behaves exactly as the submission does, and the question that leads on."""

    mistake: str
    text: str


@dataclass(frozen=True)
class ExerciseResult:
    """The tests of one exercise and what they earned."""

    name: str
    score: float
    max_score: float
    diagnosis: Diagnosis | None
    tests: tuple[TestResult, ...]

    @property
    def choice(self) -> str:
        """The letter that was chosen, if this is a prediction and a choice was made."""
        found = (CHOICE.fullmatch(test.message) for test in self.tests if test.message and test.state == "passed")
        return next((match[1] for match in found if match), "")


@dataclass(frozen=True)
class Result:
    """Everything that grading one submission found out.

    `notices` are for the instructor. `seed` with the submission and the grader reproduces the run.
    """

    topic: str
    student: str
    submission_sha256: str
    grader_sha256: str
    seed: int
    isolation: str
    status: str
    score: float
    max_score: float
    exercises: tuple[ExerciseResult, ...]
    notices: tuple[str, ...]
    seconds: float
    schema: str = SCHEMA

    @property
    def needs_a_human(self) -> bool:
        """Whether the grader itself failed somewhere, so that no number can be trusted."""
        return self.status == "grader_error" or any(
            test.state == "grader_error" for exercise in self.exercises for test in exercise.tests
        )

    def to_json(self) -> str:
        """One line of JSON with the schema's key first."""
        ordered = {"schema": self.schema, **vars(self)}  # `asdict` would copy every part first
        return json.dumps(ordered, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=vars)


def result_from_json(text: str | bytes) -> Result:
    """Read a record back.

    A class has ten thousand results whose parts are mostly the same: equal exercises, tests and names are one object,
    or those results would fill the memory.

    Raises
    ------
    ValueError
        If the text is not a record of this schema.
    """
    record = json.loads(text)
    if not isinstance(record, dict) or record.get("schema") != SCHEMA:
        raise ValueError(f"not a record of schema {SCHEMA}")
    try:
        return _result(record)
    except (KeyError, TypeError) as error:
        raise ValueError(f"a damaged record of schema {SCHEMA}: {error!r}") from error


_shared_test = lru_cache(SHARED, typed=True)(TestResult)
_shared_diagnosis = lru_cache(SHARED, typed=True)(Diagnosis)
_shared_exercise = lru_cache(SHARED, typed=True)(ExerciseResult)


def _result(record: Mapping[str, Any]) -> Result:
    exercises = tuple(
        _shared_exercise(
            name=exercise["name"],
            score=exercise["score"],
            max_score=exercise["max_score"],
            diagnosis=_shared_diagnosis(**exercise["diagnosis"]) if exercise["diagnosis"] else None,
            tests=tuple(_shared_test(**test) for test in exercise["tests"]),
        )
        for exercise in record["exercises"]
    )
    names = {key: sys.intern(record[key]) for key in ("topic", "student", "submission_sha256", "grader_sha256")}
    return Result(**{**record, **names, "exercises": exercises, "notices": tuple(record["notices"])})
