"""The class report: one self-contained page and its figures as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from markupsafe import Markup, escape

from autograder.records import Result
from autograder.reports.charts import bars, histogram
from autograder.reports.clean import clean_line, number
from autograder.reports.files import write_whole
from autograder.reports.items import TOO_FEW, Item, TopicStatistics, topic_statistics
from autograder.reports.pages import style_sheet, template
from autograder.reports.splits import NO_QUESTIONS, Questions, splits_of
from autograder.reports.table import STATUS_WORDS, safe_field

FEWEST_NAMES, MOST_NAMES, ALL_NAMES = 30, 200, 12_000  # under one mistake, and in the page; the CSV has all
MOST_MISTAKES = 12  # rarer ones are folded
NO_TITLES: Mapping[str, str] = {}


def write_class_report(
    results: Sequence[Result],
    folder: Path,
    titles: Mapping[str, str] = NO_TITLES,
    feedback: str = "../feedback",
    questions: Questions = NO_QUESTIONS,
) -> list[Path]:
    """Write `class_report.html` and its figures as CSV files beside it, and say where they are.

    Parameters
    ----------
    results : sequence of Result
        The current result of every submission; works for three students and for ten thousand.
    folder : Path
        Made if it is not there; files of these names are replaced.
    titles : mapping of str to str
        Titles of the topics.
    feedback : str
        Address of the feedback pages, seen from the report.
    questions : mapping
        The predictions of each topic, for their words.
    """
    statistics = all_statistics(results)
    files = {
        "class_report.html": render_class_report(statistics, titles, feedback, questions),
        "items.csv": items_csv(statistics),
        "tests.csv": tests_csv(statistics),
        "mistakes.csv": mistakes_csv(statistics),
        "predictions.csv": predictions_csv(statistics, questions),
    }
    for name, text in files.items():
        write_whole(folder / name, text)
    return [folder / name for name in files]


def all_statistics(results: Sequence[Result]) -> list[TopicStatistics]:
    """The statistics of every topic that somebody handed in."""
    topics = sorted({result.topic for result in results})
    return [topic_statistics(topic, [result for result in results if result.topic == topic]) for topic in topics]


def render_class_report(
    statistics: Sequence[TopicStatistics],
    titles: Mapping[str, str] = NO_TITLES,
    feedback: str = "../feedback",
    questions: Questions = NO_QUESTIONS,
) -> str:
    """The page as HTML; no part of it comes from another file or server."""
    title = ", ".join(titles.get(topic.topic, topic.topic) for topic in statistics)
    return template("classreport.html.j2").render(
        title=clean_line(title, 300) or "No submissions",
        topics=[_context(topic, titles.get(topic.topic, topic.topic), questions) for topic in statistics],
        link=_linker(feedback),
        most=names_shown(statistics),
        most_mistakes=MOST_MISTAKES,
        style=style_sheet("classreport.css"),
        too_few=TOO_FEW,
        status_words=STATUS_WORDS,
    )


def names_shown(statistics: Sequence[TopicStatistics]) -> int:
    """How many students are listed under one mistake, so that the page stays of a size that opens at once."""
    lists = sum(len(topic.mistakes) + len(topic.trouble) for topic in statistics)
    return min(max(ALL_NAMES // max(lists, 1), FEWEST_NAMES), MOST_NAMES)


def _context(topic: TopicStatistics, title: str, questions: Questions) -> dict[str, Any]:
    scores = np.array(topic.scores) if topic.scores else np.zeros(1)
    low, middle, high = (number(float(value)) for value in np.percentile(scores, [25, 50, 75]))
    reached = [test for test in topic.tests if test.passed + test.failed]
    return {
        **{name: getattr(topic, name) for name in topic.__dataclass_fields__},
        "exercises": topic.items,
        "splits": splits_of(topic, questions),
        "title": clean_line(title),
        "median": middle if topic.scores else "-",
        "quartiles": f"{low} to {high}" if topic.scores else "-",
        "alpha_words": "too few" if topic.alpha is None else f"{topic.alpha:.2f}",
        "spread": histogram(topic.scores, topic.max_score, f"Scores in {clean_line(title)}"),
        "difficulty": bars([(item.name, item.difficulty) for item in topic.items], "Mean share of the points"),
        "nobody": [test for test in reached if not test.passed],
        "everybody": [test for test in reached if not test.failed],
    }


def _linker(feedback: str) -> Callable[[str, str], Markup]:
    def link(topic: str, student: str) -> Markup:
        address = f"{feedback}/{quote(student, safe='')}/{quote(topic, safe='')}.html"
        return Markup(f'<a href="{escape(address)}"><bdi>{escape(clean_line(student, 80))}</bdi></a>')

    return link


def items_csv(statistics: Sequence[TopicStatistics]) -> str:
    """One line for each exercise."""
    header = "topic,exercise,points,n,mean_share,full_share,not_tested_share,item_total_correlation,upper_lower,flags"
    return _csv(header.split(","), (_item_row(topic.topic, item) for topic in statistics for item in topic.items))


def _item_row(topic: str, item: Item) -> list[str]:
    figures = (item.difficulty, item.full, item.untouched, item.correlation, item.upper_lower)
    return [topic, item.name, number(item.points), str(item.number), *map(_raw, figures), "; ".join(item.flags)]


def tests_csv(statistics: Sequence[TopicStatistics]) -> str:
    """One line for each test."""
    return _csv(
        ["topic", "exercise", "test", "passed", "failed", "not_run", "title"],
        (
            [topic.topic, test.exercise, test.name, str(test.passed), str(test.failed), str(test.not_run), test.title]
            for topic in statistics
            for test in topic.tests
        ),
    )


def mistakes_csv(statistics: Sequence[TopicStatistics]) -> str:
    """One line for each student and mistake."""
    return _csv(
        ["topic", "exercise", "mistake", "students_with_it", "student", "diagnosis"],
        (
            [topic.topic, count.exercise, count.mistake, str(len(count.students)), student, count.text]
            for topic in statistics
            for count in topic.mistakes
            for student in count.students
        ),
    )


def predictions_csv(statistics: Sequence[TopicStatistics], questions: Questions = NO_QUESTIONS) -> str:
    """One line for each option of each prediction; an empty choice stands for those who made none."""
    rows = []
    for topic in statistics:
        for split in splits_of(topic, questions):
            for option in split.options:
                right = "yes" if option.right else "no"
                rows.append([topic.topic, split.exercise, option.letter, str(option.students), right, option.text])
            rows.append([topic.topic, split.exercise, "", str(split.nothing), "", "no choice"])
    return _csv(["topic", "exercise", "choice", "students", "right", "text"], rows)


def _raw(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    safe = cache(safe_field)  # most fields come again and again
    writer.writerows([safe(field) for field in row] for row in rows)
    return text.getvalue()
