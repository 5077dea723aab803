"""Item statistics of a topic: how hard each exercise was, whether it separates, and what went wrong how often."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autograder.records import ExerciseResult, Result
from autograder.reports.clean import clean, clean_line

TOO_FEW = 10  # submissions below which a correlation says nothing
GROUP = 0.27  # share of the class in the upper and in the lower group


@dataclass(frozen=True)
class Item:
    """One exercise over the class.

    `difficulty` is the mean share of its points; `correlation` the corrected item-total correlation (with the total
    of the other exercises); `upper_lower` the difference of the mean shares of the best and the weakest 27 %. The
    last two are None where they say nothing.
    """

    name: str
    points: float
    number: int
    difficulty: float
    full: float
    untouched: float
    correlation: float | None
    upper_lower: float | None
    flags: tuple[str, ...]


@dataclass(frozen=True)
class MistakeCount:
    """A diagnosed mistake and who made it."""

    exercise: str
    mistake: str
    text: str
    students: tuple[str, ...]


@dataclass(frozen=True)
class TestCount:
    """A test over the class: how many passed, failed and could not be tested."""

    __test__ = False  # not a pytest class

    exercise: str
    name: str
    title: str
    passed: int
    failed: int
    not_run: int


@dataclass(frozen=True)
class ChoiceCount:
    """A prediction over the class: how many chose which letter, and how many chose none."""

    exercise: str
    letters: tuple[tuple[str, int], ...]
    nothing: int


@dataclass(frozen=True)
class TopicStatistics:
    """All that the class report says of one topic.

    `counted` submissions enter the figures: those that could be read and in which the grader did not fail.
    `trouble` maps a status to the students who have it; `grader_errors` are (student, exercise, test).
    """

    topic: str
    submissions: int
    counted: int
    max_score: float
    scores: tuple[float, ...]
    alpha: float | None
    items: tuple[Item, ...]
    mistakes: tuple[MistakeCount, ...]
    tests: tuple[TestCount, ...]
    choices: tuple[ChoiceCount, ...]
    trouble: tuple[tuple[str, tuple[str, ...]], ...]
    grader_errors: tuple[tuple[str, str, str], ...]


def topic_statistics(topic: str, results: Sequence[Result]) -> TopicStatistics:
    """Statistics of one topic.

    Parameters
    ----------
    topic : str
    results : sequence of Result
        One result for each student.
    """
    ordered = sorted(results, key=lambda result: result.student)
    counted = [result for result in ordered if result.status != "unreadable" and not result.needs_a_human]
    names = list(dict.fromkeys(item.name for result in counted for item in result.exercises))
    points = {item.name: item.max_score for result in counted for item in result.exercises}
    scores = np.array([[_scores(result).get(name, 0.0) for name in names] for result in counted])
    scores = scores.reshape(len(counted), len(names))
    return TopicStatistics(
        topic=topic,
        submissions=len(ordered),
        counted=len(counted),
        max_score=sum(points.values()),
        scores=tuple(float(total) for total in scores.sum(axis=1)),
        alpha=cronbach_alpha(scores),
        items=tuple(_item(name, points[name], scores, column, counted) for column, name in enumerate(names)),
        mistakes=_mistakes(ordered),
        tests=_tests(counted),
        choices=_choices(counted),
        trouble=_trouble(ordered),
        grader_errors=_grader_errors(ordered),
    )


def _scores(result: Result) -> dict[str, float]:
    return {item.name: item.score for item in result.exercises}


def cronbach_alpha(scores: NDArray[np.float64]) -> float | None:
    """Cronbach's alpha, k / (k - 1) * (1 - sum of the items' variances / variance of the total).

    Parameters
    ----------
    scores : ndarray of shape (n_students, n_items)

    Returns
    -------
    float or None
        None for fewer than ten students or two items, or if all have the same total.
    """
    students, items = scores.shape
    if students < TOO_FEW or items < 2:
        return None
    total = float(scores.sum(axis=1).var(ddof=1))
    if total <= 1e-12:
        return None
    return float(items / (items - 1) * (1 - scores.var(axis=0, ddof=1).sum() / total))


def item_total_correlation(scores: NDArray[np.float64], column: int) -> float | None:
    """Correlation of an item with the total of all other items; None if either does not vary or there are too few."""
    item, rest = scores[:, column], scores.sum(axis=1) - scores[:, column]
    if len(scores) < TOO_FEW or np.ptp(item) < 1e-12 or np.ptp(rest) < 1e-12:
        return None
    return float(np.corrcoef(item, rest)[0, 1])


def upper_lower_index(scores: NDArray[np.float64], column: int, points: float) -> float | None:
    """Mean share of an item among the best 27 % of the class minus that among the weakest 27 %."""
    if len(scores) < TOO_FEW or points <= 0:
        return None
    order = np.argsort(scores.sum(axis=1), kind="stable")
    size = max(round(GROUP * len(scores)), 1)
    difference: float = scores[order[-size:], column].mean() - scores[order[:size], column].mean()
    return float(difference) / points


def _item(name: str, points: float, scores: NDArray[np.float64], column: int, results: Sequence[Result]) -> Item:
    shares = scores[:, column] / points if points > 0 else np.zeros(len(scores))
    untouched = [_untouched(item) for result in results for item in result.exercises if item.name == name]
    correlation = item_total_correlation(scores, column)
    difficulty = float(shares.mean())
    is_prediction = any(item.choice for result in results for item in result.exercises if item.name == name)
    return Item(
        name=name,
        points=points,
        number=len(shares),
        difficulty=difficulty,
        full=float((shares >= 1 - 1e-9).mean()),
        untouched=sum(untouched) / len(untouched) if untouched else 0.0,
        correlation=correlation,
        upper_lower=upper_lower_index(scores, column, points),
        flags=() if is_prediction else _flags(difficulty, correlation, len(shares)),  # any prediction earns its point
    )


def _untouched(exercise: ExerciseResult) -> bool:
    return bool(exercise.tests) and all(test.state == "not_run" for test in exercise.tests)


def _flags(difficulty: float, correlation: float | None, number: int) -> tuple[str, ...]:
    if number < TOO_FEW:
        return ()
    flags = []
    if difficulty < 0.2:
        flags.append("very hard: is the text clear, and are the tests right?")
    if difficulty > 0.95:
        flags.append("very easy: nearly everybody has it")
    if correlation is not None and correlation < 0.2:
        flags.append("does not go with the rest: strong students miss it as often as weak ones")
    return tuple(flags)


def _mistakes(results: Sequence[Result]) -> tuple[MistakeCount, ...]:
    students: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    texts: dict[tuple[str, str], str] = {}
    for result in results:
        for item in result.exercises:
            if item.diagnosis:
                key = (item.name, item.diagnosis.mistake)
                students[key].append(result.student)
                if key not in texts:
                    texts[key] = " ".join(clean(item.diagnosis.text, 2000).partition("\n\n")[0].split())
    counts = [MistakeCount(*key, texts[key], tuple(names)) for key, names in students.items()]
    return tuple(sorted(counts, key=lambda count: (-len(count.students), count.exercise, count.mistake)))


def _tests(results: Sequence[Result]) -> tuple[TestCount, ...]:
    states = Counter(
        (item.name, test.name, test.state) for result in results for item in result.exercises for test in item.tests
    )
    titles = {
        (item.name, test.name): test.title for result in results for item in result.exercises for test in item.tests
    }
    return tuple(
        TestCount(*key, clean_line(title, 300), *(states[*key, state] for state in ("passed", "failed", "not_run")))
        for key, title in titles.items()
    )


def _choices(results: Sequence[Result]) -> tuple[ChoiceCount, ...]:
    """The exercises in which somebody chose a letter."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for result in results:
        for item in result.exercises:
            counts[item.name][item.choice] += 1
    return tuple(
        ChoiceCount(name, tuple(sorted((letter, n) for letter, n in count.items() if letter)), count[""])
        for name, count in counts.items()
        if any(count)
    )


def _trouble(results: Sequence[Result]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    by_status: defaultdict[str, list[str]] = defaultdict(list)
    for result in results:
        if result.status not in ("ok", "grader_error"):
            by_status[result.status].append(result.student)
    ordered = sorted(by_status.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return tuple((status, tuple(students)) for status, students in ordered)


def _grader_errors(results: Sequence[Result]) -> tuple[tuple[str, str, str], ...]:
    found = [
        (result.student, item.name, test.name)
        for result in results
        for item in result.exercises
        for test in item.tests
        if test.state == "grader_error"
    ]
    named = {student for student, _, _ in found}
    whole = [r.student for r in results if r.status == "grader_error" and r.student not in named]
    return (*found, *((student, "all", "") for student in whole))
