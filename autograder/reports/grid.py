"""The grades of a class at a glance on a terminal: students by topics, or topics alone where the class is large."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence

from autograder.late import NO_LATES, Lates
from autograder.records import Result
from autograder.reports.clean import clean_line, number
from autograder.reports.table import NO_MARKS, Marks, seen_of

MOST_STUDENTS = 60  # lines that anybody reads


def render_grid(results: Sequence[Result], marks: Marks = NO_MARKS, lates: Lates = NO_LATES) -> str:
    """A line for each student and a column for each topic; for a large class, a line for each topic.

    Parameters
    ----------
    results : sequence of Result
    marks : mapping
        Marks of people, which count in the score.
    lates : mapping
        Late submissions; their scores are what remains.
    """
    students = sorted({result.student for result in results})
    if len(students) > MOST_STUDENTS:
        return _aligned(_by_topic(results, marks, lates), left=1)
    return "\n".join([_aligned(_by_student(students, results, marks, lates), left=1), LEGEND])


LEGEND = "-: nothing handed in; * : not an ordinary run, see grades.csv and the feedback page"


def _by_student(students: Sequence[str], results: Sequence[Result], marks: Marks, lates: Lates) -> list[list[str]]:
    topics = sorted({result.topic for result in results}, key=_place)
    cells = {(result.student, result.topic): _score(result, marks, lates) for result in results}
    points = dict.fromkeys(students, 0.0)
    for result in results:
        points[result.student] += seen_of(result, marks, lates).score
    rows = [["student", *(topic.split("_")[0] for topic in topics), "points"]]
    for student in students:
        scores = [cells.get((student, topic), "- ") for topic in topics]
        rows.append([clean_line(student, 32), *scores, number(points[student])])
    return rows


def _by_topic(results: Sequence[Result], marks: Marks, lates: Lates) -> list[list[str]]:
    rows = [["topic", "submissions", "lowest", "median", "highest", "of", "most frequent mistake"]]
    for topic in sorted({result.topic for result in results}, key=_place):
        own = [result for result in results if result.topic == topic]
        scores = sorted(seen_of(result, marks, lates).score for result in own)
        summary = (number(value) for value in (scores[0], statistics.median(scores), scores[-1], own[0].max_score))
        rows.append([topic, str(len(own)), *summary, _most_frequent(own)])
    return rows


def _most_frequent(results: Sequence[Result]) -> str:
    mistakes = Counter(
        f"{item.name}: {item.diagnosis.mistake}" for result in results for item in result.exercises if item.diagnosis
    )
    return "{} ({})".format(*mistakes.most_common(1)[0]) if mistakes else "none named"


def _score(result: Result, marks: Marks, lates: Lates) -> str:
    odd = result.status != "ok" or result.needs_a_human
    return number(round(seen_of(result, marks, lates).score, 1)) + ("*" if odd else " ")


def _place(topic: str) -> tuple[bool, str]:
    """Numbered topics first."""
    return not topic.startswith("hw"), topic


def _aligned(rows: Sequence[Sequence[str]], left: int) -> str:
    """Columns of equal width, the first ones and a last one of words to the left."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    words = len(rows[0]) - 1 if rows[0][-1] == "most frequent mistake" else len(rows[0])
    lines = [
        "  ".join(
            text.ljust(size) if column < left or column == words else text.rjust(size)
            for column, (text, size) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    lines.insert(1, "  ".join("-" * size for size in widths))
    return "\n".join(lines)
