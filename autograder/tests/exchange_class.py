"""A graded class of six with awkward names, for tests of what is exported."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from autograder.classroom.journal import Journal
from autograder.config import Course
from autograder.export import Wanted, export
from autograder.gradebook.store import write_results
from autograder.records import Result
from autograder.tests.lms_downloads import class_of
from autograder.tests.sample_results import broken, half_right, perfect
from autograder.tests.scratch_course import STEM, filled, graded, hand_in

ON_TIME, LATE = "2026-10-05 11:00:00 UTC\n", "2026-10-05 13:00:00 UTC\n"
ANSWER = {"why_divide": "The average starts at zero and is too small at first."}


def with_rules(course: Course, unfinished: str = "leave out") -> Course:
    """The course with a deadline, and a tenth off for each day after it."""
    topics = tuple(replace(topic, due="2026-10-05 12:00+00:00") for topic in course.topics)
    return replace(course, topics=topics, late=replace(course.late, penalty_per_day=0.1), unfinished=unfinished)


def exchange_class(course: Course, folder: Path) -> Path:
    """Ada has 40 of 50, Bob 40 less 4 for lateness, Cyd a fault of the grader, Lina waits for a marker, Dov has 19.

    Eve is in the class list and has handed in nothing; Zed has a grade and is in no list.
    """
    class_dir = class_of(folder)
    plan: list[tuple[Result, str, dict[str, str]]] = [
        (perfect("ada"), ON_TIME, {}),
        (perfect("bob"), LATE, {}),
        (broken("cyd"), ON_TIME, {}),
        (half_right("dov"), ON_TIME, {}),
        (perfect("李娜"), ON_TIME, ANSWER),
        (half_right("zed"), ON_TIME, {}),
    ]
    results = []
    with Journal(class_dir) as journal:
        for result, stamp, answers in plan:
            path = hand_in(class_dir, result.student, filled(course, answers), stamp)
            results.append(graded(path, result))
            journal.append(results[-1])
    write_results(course, class_dir, results)
    return class_dir


def exported(
    course: Course, class_dir: Path, form: str, template: Path | None = None, column: str = "", topic: str = STEM
) -> Path:
    """Run the export into a folder of its own."""
    folder = class_dir / "out"
    topics = (topic,) if topic else ()
    assert export(course, class_dir, Wanted(folder, form, template, topics, column)) == 0
    return folder
