"""A large class of made-up results; `python -m autograder.tests.big_class 10000` measures its class report."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from autograder.records import Diagnosis, ExerciseResult, Result
from autograder.reports.classreport import write_class_report
from autograder.tests.sample_results import a_test, exercise, result

TOPICS = tuple(f"hw{number:02d}_topic" for number in range(1, 9))
EXERCISES, TESTS, MISTAKES = 10, 6, 5
WORDS = "The moving averages are used as they are, although both start at zero, which makes the first steps too long."


def big_class(students: int, topics: tuple[str, ...] = TOPICS, seed: int = 0) -> Iterator[Result]:
    """Results of every student in every topic: half of the exercises right, most others a known mistake."""
    rng = np.random.default_rng(seed)
    for topic in topics:
        outcomes = [_outcomes(topic, number) for number in range(EXERCISES)]
        template = result("nobody", topic=topic)
        for student in range(students):
            chosen = tuple(
                options[int(pick)] for options, pick in zip(outcomes, _picks(rng, len(outcomes[0])), strict=True)
            )
            prediction = _prediction("abc"[int(rng.integers(3))])
            exercises = (*chosen, prediction)
            yield replace(
                template,
                student=f"student-{student:05d}@university.example",
                exercises=exercises,
                score=sum(each.score for each in exercises),
                max_score=sum(each.max_score for each in exercises),
                status="time_limit" if rng.random() < 0.02 else "ok",
            )


def _picks(rng: np.random.Generator, options: int) -> np.ndarray:
    """0 (all right) in half of the cases."""
    return np.where(rng.random(EXERCISES) < 0.5, 0, rng.integers(1, options, EXERCISES))


def _outcomes(topic: str, number: int) -> list[ExerciseResult]:
    """An exercise done right, not begun, failed without a name, and with each of its known mistakes."""
    name = f"exercise_{number:02d}"
    titles = [f"Property {place} of {name} in {topic} holds for every shape and dtype." for place in range(TESTS)]

    def made(failing: int, state: str, mistake: Diagnosis | None = None) -> ExerciseResult:
        tests = (
            a_test(f"test_{place}", state if place < failing else "passed", 1.5, title=title)
            for place, title in enumerate(titles)
        )
        return exercise(name, *tests, diagnosis=mistake)

    mistakes = [Diagnosis(f"mistake_{place}_of_{name}", f"{WORDS} {place}\n\nWhy?") for place in range(MISTAKES)]
    named = [made(2 + place % 3, "failed", mistake) for place, mistake in enumerate(mistakes)]
    return [made(0, "failed"), made(TESTS, "not_run"), made(1, "failed"), *named]


def _prediction(letter: str) -> ExerciseResult:
    return exercise("predict_first", a_test("test_choice", "passed", 1.0, f"You chose {letter}."))


def main(students: int) -> None:
    """Print how long the report takes and how large its files are."""
    results = list(big_class(students))
    with tempfile.TemporaryDirectory() as folder:
        started = time.process_time()
        paths = write_class_report(results, Path(folder))
        seconds = time.process_time() - started
        for path in paths:
            print(f"{path.name:<20}{path.stat().st_size / 1e6:8.2f} MB")
        if len(sys.argv) > 2:
            Path(sys.argv[2]).write_bytes((Path(folder) / "class_report.html").read_bytes())
    print(f"{len(results):,} results, {seconds:.1f} CPU s")


if __name__ == "__main__":
    main(int(sys.argv[1]))
