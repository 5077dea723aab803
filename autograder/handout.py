"""After grading: gradebook, feedback pages and grade table, all made from the results."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from autograder.classroom.grade import Graded
from autograder.config import Course
from autograder.course.percent import read_topic
from autograder.course.predictions import Prediction, predictions_of
from autograder.intake.roster import RosterError
from autograder.late import Lates
from autograder.records import Result
from autograder.reports.content import Mark
from autograder.reports.files import write_whole

MOST_ROWS, MOST_NOTES = 60, 20  # that anybody reads on a terminal; files have them all
Marks = dict[tuple[str, str], Sequence[Mark]]


def hand_out(course: Course, class_dir: Path, graded: Graded) -> None:
    """Bring everything that people read up to date and print the summary an instructor wants."""
    from autograder.gradebook.store import write_results
    from autograder.reports.classreport import write_class_report
    from autograder.reports.grid import render_grid
    from autograder.reports.summary import run_summary
    from autograder.reports.table import render_table, write_exports

    results = graded.results
    known = titles(course)
    whole = {(result.topic, result.student): result for result in (*graded.everything, *results)}
    everything = [result for result in whole.values() if result.topic in known]
    notes = [*graded.notes, *write_results(course, class_dir, results)]
    marks, lates = marks_of(course, class_dir, everything), lates_of(course, class_dir, everything)
    write_pages(course, class_dir, results, marks, lates)
    write_exports(everything, class_dir / "reports", marks, lates, _names(class_dir, notes))
    write_class_report(everything, class_dir / "reports", known, questions=questions(course, everything))
    render = render_table if len(results) <= MOST_ROWS else render_grid
    print(render(results, marks, lates))
    _say(notes, class_dir / "reports" / "notes.txt")
    asked = {(result.topic, result.student) for result in results}
    print(run_summary(graded, class_dir, {key: found for key, found in marks.items() if key in asked}))
    if graded.pending:
        print(f"{len(graded.pending)} submissions are not graded yet; the same command does them.", file=sys.stderr)


def _say(notes: Sequence[str], path: Path) -> None:
    """Print the first notes of a run; all of them are in a file."""
    write_whole(path, "".join(f"{note}\n" for note in notes))
    for note in notes[:MOST_NOTES]:
        print(f"note: {note}")
    if len(notes) > MOST_NOTES:
        print(f"note: and {len(notes) - MOST_NOTES} more, all in {path}")


def write_pages(course: Course, class_dir: Path, results: Sequence[Result], marks: Marks, lates: Lates) -> None:
    """One feedback page for each submission, and the same as Markdown."""
    from autograder.gradebook.artefacts import artefact_path
    from autograder.reports.answers import read_answers
    from autograder.reports.feedback import write_feedback

    names, address = titles(course), course.notebook_address
    for result in results:
        key = (result.topic, result.student)
        folder, given = class_dir / "feedback", marks.get(key, ())
        answers = read_answers(artefact_path(class_dir, result.student, result.topic))
        write_feedback(result, folder, names[result.topic], given, address, lates.get(key), answers)


def marks_of(course: Course, class_dir: Path, results: Sequence[Result]) -> Marks:
    """What people wrote into the gradebook about these submissions."""
    from autograder.gradebook.marks import read_marks

    found: Marks = {}
    for stem in {result.topic for result in results}:
        found |= {(stem, student): marks for student, marks in read_marks(course, class_dir, stem).items()}
    return found


def lates_of(course: Course, class_dir: Path, results: Sequence[Result]) -> Lates:
    """Who is late, worked out anew from today's deadlines, extensions and marks."""
    from autograder.gradebook.late import settle_lates

    return settle_lates(course, class_dir, sorted({result.topic for result in results}))


def _names(class_dir: Path, notes: list[str]) -> dict[str, str]:
    """Names of the students by id, where there is a class list; one that cannot be used stops no grading."""
    from autograder.intake.roster import read_roster

    try:
        roster = read_roster(class_dir / "roster.csv")
    except RosterError as error:
        notes.append(str(error))
        return {}
    return {} if roster is None else dict(roster.students)


def titles(course: Course) -> dict[str, str]:
    """Titles of the topics by stem."""
    return {topic.stem: topic.title for topic in course.topics}


def questions(course: Course, results: Sequence[Result]) -> dict[str, dict[str, Prediction]]:
    """The predict-first questions of the topics that were handed in."""
    stems = {result.topic for result in results}
    known = [topic.stem for topic in course.topics if topic.stem in stems and course.source(topic.stem).is_file()]
    return {stem: predictions_of(read_topic(course.source(stem))) for stem in known}
