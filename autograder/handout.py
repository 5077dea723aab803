"""After grading: gradebook, feedback pages and grade table, all made from the results."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from autograder.classroom.grade import Graded
from autograder.config import Course
from autograder.course.percent import read_topic
from autograder.course.predictions import Prediction, predictions_of
from autograder.records import Result
from autograder.reports.content import Mark

Marks = dict[tuple[str, str], Sequence[Mark]]


def hand_out(course: Course, class_dir: Path, graded: Graded) -> None:
    """Bring everything that people read up to date and print the summary an instructor wants."""
    from autograder.gradebook.store import write_results
    from autograder.reports.classreport import write_class_report
    from autograder.reports.table import render_table, write_exports

    results = graded.results
    notes = [*graded.notes, *write_results(course, class_dir, results)]
    marks = marks_of(course, class_dir, results)
    write_pages(course, class_dir, results, marks)
    write_exports(results, class_dir / "reports", marks)
    write_class_report(results, class_dir / "reports", titles(course), questions=questions(course, results))
    print(render_table(results, marks))
    for note in notes:
        print(f"note: {note}")
    print(summary(results, graded))
    if graded.pending:
        print(f"{len(graded.pending)} submissions are not graded yet; the same command does them.", file=sys.stderr)


def write_pages(course: Course, class_dir: Path, results: Sequence[Result], marks: Marks) -> None:
    """One feedback page for each submission, and the same as Markdown."""
    from autograder.reports.feedback import write_feedback

    names = titles(course)
    for result in results:
        key = (result.topic, result.student)
        write_feedback(result, class_dir / "feedback", names[result.topic], marks.get(key, ()), course.notebook_address)


def marks_of(course: Course, class_dir: Path, results: Sequence[Result]) -> Marks:
    """What people wrote into the gradebook about these submissions."""
    from autograder.gradebook.marks import read_marks

    found: Marks = {}
    for stem in {result.topic for result in results}:
        found |= {(stem, student): marks for student, marks in read_marks(course, class_dir, stem).items()}
    return found


def titles(course: Course) -> dict[str, str]:
    """Titles of the topics by stem."""
    return {topic.stem: topic.title for topic in course.topics}


def questions(course: Course, results: Sequence[Result]) -> dict[str, dict[str, Prediction]]:
    """The predict-first questions of the topics that were handed in."""
    stems = {result.topic for result in results}
    known = [topic.stem for topic in course.topics if topic.stem in stems and course.source(topic.stem).is_file()]
    return {stem: predictions_of(read_topic(course.source(stem))) for stem in known}


def summary(results: Sequence[Result], graded: Graded) -> str:
    """How many were graded, now and before, and how many need a human."""
    human = sum(result.needs_a_human for result in results)
    text = f"{len(results)} submissions graded, {len(graded.fresh)} of them now"
    return f"{text}; {human} need a human (grader_error)." if human else f"{text}; none needs a human."
