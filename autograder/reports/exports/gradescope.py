"""Gradescope: a result as its `results.json`, which students see test by test."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from autograder.records import Result, TestResult
from autograder.reports.clean import clean, clean_line
from autograder.reports.content import ExerciseView, Feedback, view

STATUS = {"passed": "passed", "failed": "failed", "not_run": "failed"}


def results_json(result: Result, title: str = "", seen: Feedback | None = None) -> str:
    """The text of `results.json`.

    Parameters
    ----------
    result : Result
        One in which the grader failed must not come here: Gradescope would show its number as a grade.
    title : str
        The topic's title.
    seen : Feedback, optional
        With marks of people and lateness; without it, as the grader left it.

    Returns
    -------
    str
        JSON. Only what students may see: titles and messages, never inputs or expected values.
    """
    feedback = seen if seen is not None else view(result, title)
    record: dict[str, Any] = {
        "score": round(feedback.score, 2),
        "execution_time": round(result.seconds, 2),
        "output": _summary(feedback, title or feedback.title),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": list(_tests(result, feedback)),
        "extra_data": {"topic": result.topic, "submission": result.submission_sha256, "isolation": result.isolation},
    }
    return json.dumps(record, ensure_ascii=False, indent=1) + "\n"


def _summary(feedback: Feedback, title: str) -> str:
    parts = [f"{title}: {feedback.headline}.", feedback.late, feedback.trouble]
    return "\n".join(part for part in parts if part)


def _tests(result: Result, feedback: Feedback) -> Iterator[dict[str, Any]]:
    for place, (exercise, shown) in enumerate(zip(result.exercises, feedback.exercises, strict=True), start=1):
        for number, test in enumerate(exercise.tests, start=1):
            first = number == 1 + next((i for i, one in enumerate(exercise.tests) if one.state != "passed"), -1)
            yield _test(f"{place}.{number}", test, shown, hint=first)
        if shown.marked:
            yield _marked(f"{place}.{len(exercise.tests) + 1}", shown, sum(test.score for test in exercise.tests))
    for number, question in enumerate(feedback.written, start=1):
        yield {
            "name": question.name,
            "number": f"{len(result.exercises) + number}",
            "score": round(question.score or 0.0, 2),
            "max_score": round(question.max_score, 2),
            "output": clean(f"{question.word}. {question.comment}", 4000),
            "visibility": "visible",
        }


def _test(number: str, test: TestResult, exercise: ExerciseView, *, hint: bool) -> dict[str, Any]:
    """One test; the first that was not passed also carries the diagnosis and its question."""
    words = [clean(test.message)] if test.message else []
    if hint and exercise.diagnosis:
        words += [f"It behaves like a known mistake: {exercise.diagnosis}", f"To think about: {exercise.question}"]
    return {
        "name": f"{exercise.name}: {clean_line(test.title, 300)}",
        "number": number,
        "score": round(test.score, 2),
        "max_score": round(test.max_score, 2),
        "status": STATUS[test.state],
        "output": "\n".join(word for word in words if word.strip()),
        "visibility": "visible",
    }


def _marked(number: str, exercise: ExerciseView, tests: float) -> dict[str, Any]:
    return {
        "name": f"{exercise.name}: marked by a person",
        "number": number,
        "score": round(exercise.score - tests, 2),
        "output": exercise.comment,
        "visibility": "visible",
    }
