"""`./course export`: the grades of today for other systems, with everybody who is not in them named."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.classroom.current import Current, current_results
from autograder.config import Course, TopicSettings
from autograder.errors import UserError
from autograder.handout import Marks, lates_of, marks_of, titles, write_pages
from autograder.intake.formats import canvas as canvas_names
from autograder.intake.formats import moodle as moodle_names
from autograder.intake.roster import Roster, read_roster
from autograder.late import Lates
from autograder.reports.exports.canvas import fill_canvas, read_sheet
from autograder.reports.exports.github import summary_markdown, write_for_actions
from autograder.reports.exports.grades import Finder, Grade, by_reason, grades_of
from autograder.reports.exports.gradescope import results_json
from autograder.reports.exports.gradescopezip import write_zip
from autograder.reports.exports.moodle import fill_worksheet
from autograder.reports.files import write_bytes_whole, write_whole
from autograder.reports.table import write_exports

NEED_TEMPLATE = {"canvas": "Grades, Export", "moodle": "View all submissions, Download grading worksheet"}


@dataclass(frozen=True)
class Wanted:
    """What was asked for; without a form, what the template looks like, or tables."""

    folder: Path
    form: str
    template: Path | None
    topics: tuple[str, ...]
    column: str = ""


@dataclass(frozen=True)
class Standing:
    """What a class stands at: results, what people added, and who is who."""

    course: Course
    class_dir: Path
    current: Current
    marks: Marks
    lates: Lates
    roster: Roster | None
    grades: Mapping[str, Sequence[Grade]]

    @property
    def all_grades(self) -> list[Grade]:
        """The grades of all topics."""
        return [grade for grades in self.grades.values() for grade in grades]


def export(course: Course, class_dir: Path, wanted: Wanted) -> int:
    """Write the grades in one form and say what is in it and what is not.

    The feedback pages are made again, too: marks, extensions and penalties may have changed since they were written.

    Raises
    ------
    UserError
        If nothing is graded, or the template is missing or none.
    """
    form = wanted.form or _form_of(wanted.template)
    topics = [course.topic(stem) for stem in wanted.topics] or list(course.topics)
    if form == "autograder":
        return _autograder(course, wanted, topics)
    standing = _standing(course, class_dir, topics)
    graded = [topic for topic in topics if standing.grades.get(topic.stem)]
    paths, notes = _written(standing, wanted, form, graded)
    write_pages(course, class_dir, standing.current.results, standing.marks, standing.lates)
    for path in paths:
        print(path)
    for note in [*notes, *_absent(standing, graded)]:
        print(f"note: {note}")
    return 0


def _standing(course: Course, class_dir: Path, topics: Sequence[TopicSettings]) -> Standing:
    current = current_results(class_dir, [topic.stem for topic in topics])
    if not current.results:
        which = f" of {topics[0].stem}" if len(topics) == 1 else ""
        raise UserError(f"{class_dir}: nothing{which} is graded yet. First: ./course grade")
    marks, lates = marks_of(course, class_dir, current.results), lates_of(course, class_dir, current.results)
    roster = read_roster(class_dir / "roster.csv")
    grades: dict[str, list[Grade]] = {}
    for grade in grades_of(current.results, marks, lates, roster):
        grades.setdefault(grade.result.topic, []).append(grade)
    return Standing(course, class_dir, current, marks, lates, roster, grades)


def _form_of(template: Path | None) -> str:
    """The format, where none is named: what the template looks like, or tables."""
    if template is None:
        return "tables"
    try:
        read_sheet(template)
    except UserError:
        return "moodle"
    return "canvas"


def _written(
    standing: Standing, wanted: Wanted, form: str, topics: Sequence[TopicSettings]
) -> tuple[list[Path], list[str]]:
    if form in NEED_TEMPLATE and wanted.template is None:
        raise UserError(
            f"--format {form} fills a file that {form.capitalize()} gives you. Download it there "
            f"({NEED_TEMPLATE[form]}) and name it: --template FILE"
        )
    if wanted.template is not None and not wanted.template.is_file():
        raise UserError(f"{wanted.template}: there is no such file. Give the one that the LMS made.")
    writers = {"canvas": _canvas, "moodle": _moodle, "gradescope": _gradescope, "github": _github}
    if form in writers:
        return writers[form](standing, wanted, topics)
    return _tables(standing, wanted, {"csv": (".csv",), "json": (".json",)}.get(form, (".csv", ".json")))


def _canvas(standing: Standing, wanted: Wanted, topics: Sequence[TopicSettings]) -> tuple[list[Path], list[str]]:
    assert wanted.template is not None
    if wanted.column and len(topics) != 1:
        raise UserError("--column names the column of one topic: say which with --topic.")
    numbers = _numbers(standing, [topic.stem for topic in topics], canvas_names.NAME, "user")
    finder = _finder(standing, numbers)
    text, notes = fill_canvas(
        wanted.template, topics, standing.grades, finder, standing.course.unfinished, wanted.column
    )
    name = topics[0].stem if len(topics) == 1 else "grades"
    path = _target(wanted, f"canvas_{name}.csv")
    write_bytes_whole(path, text.encode())
    return [path], notes


def _moodle(standing: Standing, wanted: Wanted, topics: Sequence[TopicSettings]) -> tuple[list[Path], list[str]]:
    assert wanted.template is not None
    topic = _one_topic(wanted.template, topics)
    finder = _finder(standing, _numbers(standing, [topic.stem], moodle_names.NAME, "participant"))
    content, notes = fill_worksheet(
        wanted.template, topic, standing.grades[topic.stem], finder, standing.course.unfinished, wanted.column
    )
    path = _target(wanted, f"moodle_{topic.stem}.csv")
    write_bytes_whole(path, content)
    return [path], notes


def _one_topic(template: Path, topics: Sequence[TopicSettings]) -> TopicSettings:
    """A worksheet is of one assignment: the only topic, or the one in the file's name."""
    named = [topic for topic in topics if topic.stem in template.name or (topic.lms and topic.lms in template.name)]
    found = topics if len(topics) == 1 else named
    if len(found) != 1:
        stems = ", ".join(topic.stem for topic in topics)
        raise UserError(f"{template.name}: a worksheet is of one assignment. Say which with --topic: {stems}")
    return found[0]


def _gradescope(standing: Standing, wanted: Wanted, topics: Sequence[TopicSettings]) -> tuple[list[Path], list[str]]:
    """One `results.json` for each submission."""
    names: dict[str, str] = titles(standing.course)
    left_out: list[Grade] = []
    folder = wanted.folder / "gradescope"
    written = 0
    for grade in standing.all_grades:
        if grade.fault or (not grade.final and standing.course.unfinished == "leave out"):
            left_out.append(grade)
            continue
        text = results_json(grade.result, names[grade.result.topic], grade.seen)
        write_whole(folder / grade.result.topic / grade.student / "results.json", text)
        written += 1
    notes = [f"{written} results.json written"]
    if left_out:
        notes.append(f"{len(left_out)} left out, because they are not final: {by_reason(left_out)}")
    return [folder], notes


def _github(standing: Standing, wanted: Wanted, topics: Sequence[TopicSettings]) -> tuple[list[Path], list[str]]:
    summary = summary_markdown(standing.all_grades, titles(standing.course))
    return write_for_actions([grade.result for grade in standing.all_grades], summary, wanted.folder), []


def _tables(standing: Standing, wanted: Wanted, endings: Sequence[str]) -> tuple[list[Path], list[str]]:
    names = dict(standing.roster.students) if standing.roster else {}
    results = [grade.result for grade in standing.all_grades]
    paths = write_exports(results, wanted.folder, standing.marks, standing.lates, names, endings)
    notes = []
    for stem, grades in standing.grades.items():
        open_ = [grade for grade in grades if not grade.final]
        if open_:
            notes.append(f"{stem}: {len(open_)} are not final (column final): {by_reason(open_)}")
    return paths, notes


def _autograder(course: Course, wanted: Wanted, topics: Sequence[TopicSettings]) -> int:
    if len(wanted.topics) != 1:
        raise UserError("an autograder zip is of one topic: ./course export --format autograder --topic TOPIC")
    path = write_zip(course, topics[0].stem, wanted.folder / f"gradescope_{topics[0].stem}.zip")
    print(path)
    print("note: it holds solutions and hidden tests; upload it to Gradescope and give it to nobody else")
    return 0


def _target(wanted: Wanted, name: str) -> Path:
    path = wanted.folder / name
    if wanted.template is not None and path.resolve() == wanted.template.resolve():
        raise UserError(f"{path} is the template itself. Name another folder to write to.")
    return path


def _finder(standing: Standing, numbers: Mapping[str, str]) -> Finder:
    return Finder(standing.roster, sorted({grade.student for grade in standing.all_grades}), numbers)


def _numbers(standing: Standing, stems: Sequence[str], name: re.Pattern[str], group: str) -> dict[str, str]:
    """Students by the LMS's number in the names of the files that were collected."""
    numbers: dict[str, str] = {}
    for stem in stems:
        path = standing.class_dir / "reports" / f"collect_{stem}.csv"
        if not path.is_file():
            continue
        with open(path, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                match = name.fullmatch(row["file"]) if row["state"] in ("taken", "replaced", "unchanged") else None
                if match is not None:
                    numbers[match[group]] = row["student"]
    return numbers


def _stamp(standing: Standing, topic: TopicSettings, student: str) -> Path:
    return standing.class_dir / "submitted" / student / topic.stem / "timestamp.txt"


def _absent(standing: Standing, topics: Sequence[TopicSettings]) -> list[str]:
    """Everybody who has no grade, and every grade that stands on its own."""
    notes = []
    for topic in topics:
        graded = {grade.student for grade in standing.grades[topic.stem]}
        ungraded = [file.student for file in standing.current.ungraded if file.topic == topic.stem]
        clocked = {*ungraded} | {student for student in graded if _stamp(standing, topic, student).exists()}
        timeless = sorted(graded - clocked) if standing.course.deadline(topic.stem) else []
        gone = [result.student for result in standing.current.gone if result.topic == topic.stem]
        roster = standing.roster.students if standing.roster else {}
        missing = [f"{student} ({name})" for student, name in roster.items() if student not in {*graded, *ungraded}]
        strangers = sorted(graded - set(roster)) if roster else []
        for words, who in (
            ("handed in and not graded; first ./course grade", ungraded),
            ("in roster.csv without a submission", missing),
            ("graded, but not in roster.csv", strangers),
            ("without a timestamp.txt, so that they count as in time", timeless),
            ("whose file is gone from submitted/; the last result stands", gone),
        ):
            if who:
                notes.append(f"{topic.stem}: {len(who)} {words}: {', '.join(who)}")
    return notes
