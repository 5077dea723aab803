"""`./course check`, first half: the rules of form. The second half measures the graders and comes from another room."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.config import Course
from autograder.course.build import differences
from autograder.course.cells import Topic, TopicError
from autograder.course.coverage import coverage_text
from autograder.course.grading_rules import GRADING_RULES
from autograder.course.inventory import load_inventory
from autograder.course.material import Complaint, read_material, relative
from autograder.course.percent import read_topic
from autograder.course.release import release_of
from autograder.course.rules import TOPIC_RULES
from autograder.course.secrecy import leaks, secrets_of

IGNORED = {"__pycache__", ".ipynb_checkpoints", "__init__.py", "conftest.py", "README.md"}
KIT = "coursekit"


def check(course: Course, stems: Sequence[str]) -> int:
    """Print every complaint about the course and these topics.

    Returns
    -------
    int
        0 if there are none, 1 otherwise.
    """
    found = list(check_course(course))
    for stem in stems:
        found += check_topic(course, stem)
    for complaint in sorted(found, key=lambda complaint: (complaint.path, complaint.line)):
        print(complaint)
    topics = ", ".join(stems)
    count = f"{len(found)} complaint{'s' if len(found) > 1 else ''} about {topics}"
    print(count if found else f"{topics}: nothing to complain about in the text")
    return 1 if found else 0


def check_topic(course: Course, stem: str) -> list[Complaint]:
    """Everything that a topic's files, read as text, do wrong."""
    try:
        material = read_material(course, stem)
    except TopicError as error:
        return [_from_error(course, stem, str(error))]
    complaints = [complaint for rule in (*TOPIC_RULES, *GRADING_RULES) for complaint in rule(material)]
    return [*complaints, *_stale_notebook(course, material.topic)]


def check_course(course: Course) -> list[Complaint]:
    """What concerns the course as a whole: stray files, names used twice, coverage.csv, secrets in `assignments/`."""
    topics = list(_readable(course))
    return [
        *_stray_files(course),
        *_names_used_twice(course, topics),
        *_stale_coverage(course, topics),
        *_secrets(course, topics),
    ]


def _from_error(course: Course, stem: str, text: str) -> Complaint:
    """A topic file that cannot be read, as a complaint; its message has place, fault and mend already."""
    match = re.match(r"[^:]+:(\d+): (?P<rest>.*)", text, re.DOTALL)
    line, rest = (int(match[1]), match["rest"]) if match else (1, text)
    fault, _, mend = rest.partition(". ")
    return Complaint(relative(course, course.source(stem)), line, fault.rstrip("."), mend)


def _readable(course: Course) -> Iterator[Topic]:
    for settings in course.topics:
        try:
            yield read_topic(course.source(settings.stem))
        except TopicError:
            continue  # check_topic complains


def _stale_notebook(course: Course, topic: Topic) -> Iterator[Complaint]:
    path = course.root / "assignments" / topic.stem / f"{topic.stem}.ipynb"
    for difference in differences(path, release_of(topic)):
        text = f"not what solutions/{topic.stem}.py makes: {difference}"
        yield Complaint(relative(course, path), 1, text, f"Run: ./course build {topic.stem}")
        return


def _stray_files(course: Course) -> Iterator[Complaint]:
    stems = [topic.stem for topic in course.topics]
    expected = {
        Path("solutions"): {f"{stem}.py" for stem in stems},
        Path("autograder/graders"): {f"test_{stem}.py" for stem in stems},
        Path("autograder/mistakes"): {f"{stem}.py" for stem in stems},
        Path("assignments"): {*stems, KIT},
    } | {Path("assignments") / stem: {f"{stem}.ipynb"} for stem in stems}
    for folder, names in expected.items():
        if not (course.root / folder).is_dir():
            continue
        for path in sorted((course.root / folder).iterdir()):
            if path.name not in names | IGNORED and not path.name.startswith("."):
                mend = "Remove it, or give it a [[topic]] in course.toml."
                yield Complaint(relative(course, path), 1, "belongs to no topic of course.toml", mend)


def _names_used_twice(course: Course, topics: Sequence[Topic]) -> Iterator[Complaint]:
    """Exercises share the module `earlier`, so a name may be used once in the course."""
    owners: dict[str, str] = {}
    for topic in topics:
        for cell in (*topic.exercises(), *topic.written()):
            owner = owners.setdefault(cell.name, topic.stem)
            if owner != topic.stem:
                text = f"{cell.name} is the name of a cell of {owner} too"
                yield Complaint(relative(course, topic.path), cell.line, text, "Rename one of them.")


def _stale_coverage(course: Course, topics: Sequence[Topic]) -> Iterator[Complaint]:
    path = course.root / "coverage.csv"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    if text != coverage_text(topics, load_inventory()):
        yield Complaint("coverage.csv", 1, "not what the '# covers:' lines make", "Run: ./course build")


def _secrets(course: Course, topics: Sequence[Topic]) -> Iterator[Complaint]:
    for leak in leaks(course.root / "assignments", secrets_of(course, topics)):
        text = f"holds a line of the {leak.secret.what} at {leak.secret.where}"
        yield Complaint(f"assignments/{leak.path}", 1, text, "Take it out, then: ./course build")
