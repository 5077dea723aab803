"""GitHub Actions: JUnit XML for test reporters, and a Markdown summary for the page of the run."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from autograder.records import Result, TestResult
from autograder.reports.clean import clean, clean_line, number
from autograder.reports.exports.grades import Grade, shown
from autograder.reports.files import write_whole
from autograder.reports.table import status_words
from autograder.reports.text import escape_markdown

MOST_BYTES = 1_000_000  # GitHub refuses a summary of more than 1 MiB


def write_for_actions(results: Sequence[Result], summary: str, folder: Path) -> list[Path]:
    """Write `junit.xml` and `summary.md`, and add the summary to the page of the run if this is one.

    Parameters
    ----------
    results : sequence of Result
    summary : str
        Markdown.
    folder : Path
        Made if it is not there.
    """
    junit, page = folder / "junit.xml", folder / "summary.md"
    write_whole(junit, junit_xml(results))
    write_whole(page, summary)
    step = os.environ.get("GITHUB_STEP_SUMMARY")
    if step:
        with open(step, "a", encoding="utf-8") as file:
            file.write(summary)
    return [junit, page]


def junit_xml(results: Sequence[Result]) -> str:
    """One suite for each submission, one case for each hidden test; the grader's own faults are errors."""
    top = ET.Element("testsuites")
    for result in sorted(results, key=lambda item: (item.topic, item.student)):
        tests = [(exercise.name, test) for exercise in result.exercises for test in exercise.tests]
        states = [test.state for _, test in tests]
        suite = ET.SubElement(
            top,
            "testsuite",
            name=_attribute(f"{result.topic} {result.student}"),
            tests=str(len(tests)),
            failures=str(states.count("failed") + states.count("not_run")),
            errors=str(states.count("grader_error")),
            skipped="0",
            time=f"{result.seconds:.3f}",
        )
        for exercise, test in tests:
            _case(suite, result, exercise, test)
    ET.indent(top)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(top, encoding="unicode") + "\n"


def _case(suite: ET.Element, result: Result, exercise: str, test: TestResult) -> None:
    name = f"{result.topic}.{clean_line(exercise, 80)}"
    case = ET.SubElement(suite, "testcase", classname=_attribute(name), name=_attribute(test.title), time="0")
    properties = ET.SubElement(case, "properties")
    for key, value in (("score", test.score), ("max_score", test.max_score)):
        ET.SubElement(properties, "property", name=key, value=number(value))
    if test.state != "passed":  # what could not be run earned nothing either; "skipped" would look like no loss
        kind = "error" if test.state == "grader_error" else "failure"
        found = ET.SubElement(case, kind, type=test.state, message=_attribute(test.message or test.title))
        found.text = _xml(clean(test.message, 2000))


def _attribute(text: str) -> str:
    return _xml(clean_line(text, 300))


def _xml(text: str) -> str:
    """Without what XML 1.0 cannot hold."""
    return "".join(
        letter for letter in text if letter in "\n\t" or 0x20 <= ord(letter) < 0xFFFE or ord(letter) > 0xFFFF
    )


def summary_markdown(grades: Sequence[Grade], titles: dict[str, str]) -> str:
    """A table of the grades for each topic, and under it what asks for a person."""
    lines: list[str] = []
    for topic in dict.fromkeys(grade.result.topic for grade in grades):
        mine = [grade for grade in grades if grade.result.topic == topic]
        lines += [f"## {escape_markdown(titles.get(topic, topic))}", ""]
        lines += ["| student | score | of | state | waits for |", "| --- | ---: | ---: | --- | --- |"]
        lines += [_row(grade) for grade in mine]
        finals = sum(grade.final for grade in mine)
        lines += ["", f"{len(mine)} submissions, {finals} of them final.", ""]
    text = "\n".join(lines).rstrip() + "\n"
    return text if len(text.encode()) <= MOST_BYTES else _shorter(text)


def _row(grade: Grade) -> str:
    cells = [
        clean_line(shown(grade), 60),
        number(grade.seen.score),
        number(grade.seen.max_score),
        status_words(grade.result),
        "" if grade.final else grade.why_open,
    ]
    return "| " + " | ".join(escape_markdown(cell) for cell in cells) + " |"


def _shorter(text: str) -> str:
    cut = text.encode()[: MOST_BYTES - 200].decode("utf-8", "ignore").rpartition("\n")[0]
    return f"{cut}\n\nCut here: GitHub shows no more. Everything is in grades.csv.\n"
