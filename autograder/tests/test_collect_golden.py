"""What an instructor reads after each kind of download, whole; and which of several submissions counts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from autograder.classroom.resubmissions import Scorer
from autograder.config import Course, LateSettings, load_course
from autograder.errors import UserError
from autograder.intake.archives import Entry
from autograder.intake.collect import collect
from autograder.intake.extensions import read_extensions
from autograder.intake.formats import recognise
from autograder.intake.formats.moodletime import moodle_time
from autograder.tests.lms_downloads import DOWNLOADS, WORKSHEET, class_of, notebook, packed
from autograder.tests.tiny_course import tiny_course

STEM = "hw04_adam"
GOLDEN = Path(__file__).with_name("golden")


def with_due(course: Course, due: str, late: LateSettings | None = None) -> Course:
    topics = tuple(replace(topic, due=due) if topic.stem == STEM else topic for topic in course.topics)
    return replace(course, topics=topics, late=late or LateSettings())


@pytest.fixture
def course() -> Course:
    return with_due(load_course(), "2026-10-05 12:00+00:00")


@pytest.fixture
def class_dir(tmp_path: Path) -> Path:
    return class_of(tmp_path / "class")


def in_place(class_dir: Path, student: str) -> str:
    path = class_dir / "submitted" / student / STEM / f"{STEM}.ipynb"
    return str(json.loads(path.read_bytes())["cells"][0]["source"]) if path.exists() else ""


def why(class_dir: Path) -> str:
    return (class_dir / "reports" / f"collect_{STEM}.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", DOWNLOADS)
def test_the_table_of_each_kind_of_download_is_the_stored_one(
    kind: str, tmp_path: Path, class_dir: Path, course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [packed(tmp_path / f"{kind}.zip", DOWNLOADS[kind])]
    if kind == "moodle":
        (tmp_path / "worksheet.csv").write_text(WORKSHEET, encoding="utf-8", newline="")
        given.append(tmp_path / "worksheet.csv")
    assert collect(course, class_dir, STEM, given) == 0
    printed = capsys.readouterr().out.replace(str(class_dir), "CLASS")
    assert printed.split() == (GOLDEN / f"collect_{kind}.txt").read_text(encoding="utf-8").split()
    written = why(class_dir)
    assert written == (GOLDEN / f"collect_{kind}.csv").read_text(encoding="utf-8")


def test_two_people_of_one_name_stay_two_without_a_roster(tmp_path: Path, class_dir: Path, course: Course) -> None:
    (class_dir / "roster.csv").unlink()
    names = ("Dan Twin_21", "Dan Twin_22", "Ada Lovelace_23", "Participant_24", "Participant_25")
    files = {f"{name}_assignsubmission_file/hw04_adam.ipynb": notebook(name) for name in names}
    assert collect(course, class_dir, STEM, [packed(tmp_path / "m.zip", files)]) == 0
    students = sorted(path.name for path in (class_dir / "submitted").iterdir())
    assert students == ["ada-lovelace", "dan-twin-21", "dan-twin-22", "participant-24", "participant-25"]


@pytest.mark.parametrize(
    "cell",
    [
        "Monday, 5 October 2026, 11:00 PM",
        "Montag, 5. Oktober 2026, 23:00",
        "lundi 5 octobre 2026, 23:00",
        "lunes, 5 de octubre de 2026, 23:00",
        "5 October 2026, 11:00 PM",
        "2026-10-05 23:00",
        "2026-10-05 21:00+00:00",
    ],
)
def test_times_of_a_worksheet_are_in_the_zone_of_the_course_in_any_known_language(cell: str) -> None:
    assert moodle_time(cell, ZoneInfo("Europe/Berlin")) == datetime(2026, 10, 5, 21, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "student"),
    [
        ("lovelace_ada_101_9001_hw04_adam.ipynb", "ada"),
        ("lovelaceada_LATE_101_9001_hw_04_final_2.ipynb", "ada"),
        ("anon_aB3_9001_hw04_adam.ipynb", ""),
        ("anon_aB3_text.html", ""),
    ],
)
def test_every_name_that_canvas_gives_is_read(name: str, student: str) -> None:
    entry = Entry(name, 1, None, "", lambda most: b"")
    kind, (found,) = recognise([entry], {})
    assert kind == "Canvas"
    assert (("canvas_id", "101") in found.person.keys) == bool(student)
    assert bool(found.problem) == (not student)


@pytest.mark.parametrize(
    "cell", ["-", "", "101", "20261005", "Submitted", "5 Smarch 2026, 23:00", "41 October 2026, 23:00"]
)
def test_what_is_no_time_gives_none(cell: str) -> None:
    assert moodle_time(cell, UTC) is None


FIRST, SECOND = "lovelaceada_101_1_hw04_adam.ipynb", "lovelaceada_101_2_hw04_adam.ipynb"


def points_by_mark(points: Mapping[str, float | None]) -> object:
    return lambda student, raw: points[json.loads(raw)["cells"][0]["source"]]


@pytest.mark.parametrize(
    ("points", "taken", "words"),
    [
        ({"one": 9.0, "two": 5.0}, "one", "it earns 9, this one 5"),
        ({"one": 5.0, "two": 9.0}, "two", "it earns 9, this one 5"),
        ({"one": 7.0, "two": 7.0}, "two", "it earns 7, this one 7"),
        ({"one": 9.0, "two": None}, "two", "could not compare"),
    ],
)
def test_where_the_best_counts_the_best_is_taken(
    points: dict[str, float | None], taken: str, words: str, tmp_path: Path, class_dir: Path, course: Course
) -> None:
    archive = packed(tmp_path / "c.zip", {FIRST: notebook("one"), SECOND: notebook("two")})
    assert collect(course, class_dir, STEM, [archive], points_by_mark(points)) == 0  # type: ignore[arg-type]
    assert in_place(class_dir, "ada") == taken
    assert words in why(class_dir)


def test_a_better_one_in_place_stays_and_a_worse_one_is_replaced_whatever_the_order(
    tmp_path: Path, class_dir: Path, course: Course
) -> None:
    score = points_by_mark({"four": 4.0, "six": 6.0, "five": 5.0, "six again": 6.0})
    states = []
    for mark in ("four", "six", "five", "six again", "six again"):
        archive = packed(tmp_path / "c.zip", {FIRST: notebook(mark)})
        assert collect(course, class_dir, STEM, [archive], score) == 0  # type: ignore[arg-type]
        states.append(in_place(class_dir, "ada"))
    assert states == ["four", "six", "six", "six again", "six again"]


def test_lateness_counts_when_the_best_is_chosen(tmp_path: Path, class_dir: Path, course: Course) -> None:
    late = with_due(course, "2026-10-05 12:00+00:00", LateSettings(penalty_per_day=0.5))
    folder = "assignment_1_export"
    metadata = "".join(
        f"submission_{n}:\n  :submitters:\n  - :sid: S1\n  :created_at: 2026-10-0{day} 11:00:00 Z\n"
        for n, day in ((1, 5), (2, 6))
    )
    files = {f"{folder}/submission_metadata.yml": metadata.encode()}
    files |= {f"{folder}/submission_{n}/hw04_adam.ipynb": notebook(mark) for n, mark in ((1, "on time"), (2, "late"))}
    archive = packed(tmp_path / "g.zip", files)
    score = points_by_mark({"on time": 6.0, "late": 10.0})
    assert collect(late, class_dir, STEM, [archive], score) == 0  # type: ignore[arg-type]
    assert in_place(class_dir, "ada") == "on time"
    assert collect(course, class_dir, STEM, [archive], score) == 0  # type: ignore[arg-type]
    assert in_place(class_dir, "ada") == "late"


def test_a_single_submission_is_taken_without_grading_it(tmp_path: Path, class_dir: Path, course: Course) -> None:
    archive = packed(tmp_path / "c.zip", {FIRST: notebook("one")})
    assert collect(course, class_dir, STEM, [archive], points_by_mark({})) == 0  # type: ignore[arg-type]
    assert in_place(class_dir, "ada") == "one"


def test_the_scorer_grades_a_notebook_as_the_grader_does(tmp_path: Path) -> None:
    course = tiny_course(tmp_path)
    stem = course.topics[0].stem
    right = "def moving(x, beta):\n    return (1 - beta) * beta ** np.arange(len(x))[::-1] @ x"
    with Scorer(course, stem) as score:
        points = [score("ada", notebook("", (exercise(text),))) for text in (right, "def moving(x, beta): return 0.0")]
    assert points == [10.0, 1.0]


def exercise(source: str) -> dict[str, object]:
    marks = {"nbgrader": {"grade": True, "solution": True, "grade_id": "moving", "points": 10, "schema_version": 3}}
    return {"cell_type": "code", "source": source, "metadata": marks, "outputs": [], "execution_count": None}


def test_a_student_with_an_extension_is_late_only_after_it(tmp_path: Path, class_dir: Path, course: Course) -> None:
    (class_dir / "extensions.csv").write_text(f"student,topic,due\nada,{STEM},2026-10-08\n")
    (tmp_path / "w.csv").write_text(WORKSHEET.replace("5 October", "7 October"), encoding="utf-8")
    archive = packed(tmp_path / "m.zip", DOWNLOADS["moodle"])
    assert collect(course, class_dir, STEM, [archive, tmp_path / "w.csv"]) == 0
    late = {line.split(",")[0]: ",yes," in line for line in why(class_dir).splitlines() if ",taken," in line}
    assert late == {"ada": False, "bob": True, "李娜": True}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("who,topic,due\n", ":1: start the file with"),
        ("student,topic,due\nada,hw99,2026-10-08\n", ":2: no topic 'hw99'"),
        (f"student,topic,due\nada,{STEM},soon\n", ":2: due = 'soon' is no time"),
        (f"student,topic,due\nada,{STEM},2026-10-08\nada,{STEM},2026-10-09\n", ":3: ada stands there twice"),
        ("student,topic,due\nada,hw01_mle_losses,2026-10-08\n", ":2: hw01_mle_losses has no deadline"),
    ],
)
def test_an_extension_that_cannot_be_used_is_named_with_its_line(
    text: str, words: str, class_dir: Path, course: Course
) -> None:
    (class_dir / "extensions.csv").write_text(text)
    with pytest.raises(UserError, match=words):
        read_extensions(course, class_dir)
