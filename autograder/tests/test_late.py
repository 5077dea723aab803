"""Late penalties: the rule, the gradebook, feedback and exports say the same, and what a person decided stays."""

from __future__ import annotations

import csv
import io
import sqlite3
import warnings
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_notebook

from autograder.config import ROOT, ConfigError, Course, LateSettings, load_course
from autograder.gradebook.database import database_path, gradebook
from autograder.gradebook.late import settle_lates
from autograder.gradebook.store import write_results
from autograder.late import Late, late_of
from autograder.reports.feedback import render_feedback
from autograder.reports.lateness import duration, late_sentence
from autograder.reports.table import grades_csv, render_table
from autograder.reports.text import render_markdown, render_text
from autograder.tests.sample_results import perfect
from autograder.tests.scratch_course import STEM, filled, graded, hand_in, make_course

RULE = LateSettings(grace_minutes=15, penalty_per_day=0.1, max_days=3, floor=0.75)
HOUR, DAY = 3600, 86_400
ON_TIME, TWO_DAYS = "2026-10-05 11:59:00 UTC\n", "2026-10-07 09:00:00 UTC\n"


@pytest.mark.parametrize(
    ("seconds", "kept"),
    [
        (0, None),
        (15 * 60, None),
        (15 * 60 + 1, 0.9),
        (DAY + 15 * 60, 0.9),
        (DAY + 15 * 60 + 1, 0.8),
        (2 * DAY + HOUR, 0.75),
        (3 * DAY + 15 * 60, 0.75),
        (3 * DAY + 15 * 60 + 1, 0.0),
    ],
)
def test_each_started_day_costs_its_share_down_to_the_floor_and_after_the_last_day_all(
    seconds: float, kept: float | None
) -> None:
    late = late_of(RULE, seconds)
    assert (late and round(late.kept, 9)) == kept


def test_without_a_rule_lateness_is_noted_and_costs_nothing() -> None:
    late = late_of(LateSettings(), 100 * DAY)
    assert late == Late(100 * DAY, 1.0)
    assert late.penalty(50.0) == 0.0


def test_a_penalty_is_in_hundredths_and_never_more_than_the_score() -> None:
    assert Late(1, 0.9).penalty(33.33) == 3.33
    assert Late(1, 1.0, by_hand=10.0).penalty(4.0) == 4.0
    assert Late(1, 0.0).penalty(0.0) == 0.0


def test_lateness_in_words() -> None:
    assert duration(2 * DAY + 3 * HOUR + 59) == "2 days 3 hours"
    assert duration(59) == "less than a minute"
    words = "Handed in 1 hour after the deadline, which costs 10 % of the points earned: 4 points."
    assert late_sentence(Late(HOUR, 0.9), 40.0) == words
    assert "could not earn points any more" in late_sentence(Late(HOUR, 0.0), 40.0)
    assert late_sentence(Late(0, 1.0, by_hand=1.0), 40.0) == "For lateness an instructor takes off 1 point."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[late]\npenalty_per_day = 10", r"penalty_per_day = 10: use a share between 0 and 1"),
        ("[late]\ngrace_minutes = -1", r"grace_minutes = -1: use 0 or a positive"),
        ("[late]\ndays = 3", r"\[late\]: unknown key 'days'. Known: floor, grace_minutes, max_days, penalty_per_day"),
        ("[collect]\nresubmissions = 'first'", r"resubmissions = 'first': use \"latest\" or \"best\""),
        ("[export]\nunfinished = 'zero'", r"unfinished = 'zero': use \"leave out\" or \"mark\""),
        ("[[topic]]\nstem = 'hw01_x'\ntitle = 'X'\ndue = 'Monday'", r"hw01_x: due = 'Monday' is no time. Write"),
    ],
)
def test_settings_that_cannot_be_used_are_named_with_a_mend(text: str, words: str, tmp_path: Path) -> None:
    topic = "" if "topic" in text else "[[topic]]\nstem = 'hw01_x'\ntitle = 'X'\n"
    (tmp_path / "course.toml").write_text(f"[course]\nid = 'c'\ntitle = 'C'\n{topic}{text}\n")
    with pytest.raises(ConfigError, match=words):
        load_course(tmp_path)


def test_a_deadline_is_in_the_zone_of_the_course_and_a_day_means_its_end(tmp_path: Path) -> None:
    text = "[course]\nid = 'c'\ntitle = 'C'\ntimezone = 'Europe/Berlin'\n[late]\nmax_days = 2\n"
    for number, due in enumerate(("2026-10-05 12:00", "2026-10-05", "2026-10-05 12:00+00:00")):
        text += f"[[topic]]\nstem = 'hw0{number}'\ntitle = 'X'\ndue = '{due}'\n"
    (tmp_path / "course.toml").write_text(text)
    course = load_course(tmp_path)
    due_times = [course.deadline(topic.stem) for topic in course.topics]
    assert [f"{due:%d %H:%M}" for due in due_times if due] == ["05 10:00", "05 21:59", "05 12:00"]
    assert (course.late.max_days, course.late.floor) == (2.0, 0.0)


def test_an_unknown_zone_is_named(tmp_path: Path) -> None:
    (tmp_path / "course.toml").write_text(
        "[course]\nid = 'c'\ntitle = 'C'\ntimezone = 'Mars/Olympus'\n[[topic]]\nstem = 'hw01_x'\ntitle = 'X'\n"
    )
    with pytest.raises(ConfigError, match="Mars/Olympus"):
        load_course(tmp_path)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    made = make_course(tmp_path_factory.mktemp("course"))
    topics = tuple(replace(topic, due="2026-10-05 12:00+00:00") for topic in made.topics)
    return replace(made, topics=topics, late=RULE)


@pytest.fixture
def class_dir(tmp_path: Path, course: Course) -> Path:
    """Ada in time, Bob 45 hours late; both earned 40 of 50, and the written question is not answered."""
    results = []
    for student, stamp in (("ada", ON_TIME), ("bob", TWO_DAYS)):
        results.append(graded(hand_in(tmp_path, student, filled(course, {}), stamp), perfect(student)))
    write_results(course, tmp_path, results)
    return tmp_path


def held(class_dir: Path) -> dict[str, float | None]:
    """The penalties in nbgrader's database, by student."""
    with sqlite3.connect(database_path(class_dir)) as connection:
        return dict(
            connection.execute(
                "select a.student_id, n.late_submission_penalty from submitted_notebook n "
                "join submitted_assignment a on n.assignment_id = a.id"
            )
        )


def change(class_dir: Path, sql: str, *values: object) -> None:
    with sqlite3.connect(database_path(class_dir)) as connection:
        connection.execute(sql, values)


def test_writing_results_settles_deadline_and_penalty_in_the_gradebook(class_dir: Path, course: Course) -> None:
    assert held(class_dir) == {"ada": None, "bob": 8.0}
    with gradebook(course, class_dir) as book:
        assert str(book.find_assignment(STEM).duedate) == "2026-10-05 12:00:00"
        assert book.find_submission(STEM, "bob").late_submission_penalty == 8.0


def test_penalties_are_worked_out_anew_from_marks_stamps_and_rule(class_dir: Path, course: Course) -> None:
    change(
        class_dir,
        "update grade set manual_score = 10 where cell_id in (select id from base_cell where name = 'why_divide')",
    )
    assert settle_lates(course, class_dir, [STEM])[STEM, "bob"].penalty(50) == 10.0
    assert held(class_dir) == {"ada": None, "bob": 10.0}
    (class_dir / "submitted" / "bob" / STEM / "timestamp.txt").write_text("2026-10-05 13:00:00 UTC\n")
    settle_lates(course, class_dir, [STEM])
    assert held(class_dir) == {"ada": None, "bob": 5.0}
    settle_lates(replace(course, late=LateSettings()), class_dir, [STEM])
    assert held(class_dir) == {"ada": None, "bob": None}
    with gradebook(course, class_dir) as book:
        assert book.find_submission(STEM, "bob").score == 50.0, "a person's mark was lost"


@pytest.mark.parametrize(("value", "counts"), [(1.5, 1.5), (None, 0.0)])
def test_a_penalty_that_a_person_changed_stays(
    value: float | None, counts: float, class_dir: Path, course: Course
) -> None:
    change(
        class_dir, "update submitted_notebook set late_submission_penalty = ? where late_submission_penalty > 0", value
    )
    for _ in range(2):
        late = settle_lates(course, class_dir, [STEM])[STEM, "bob"]
        assert (late.by_hand, held(class_dir)["bob"]) == (counts, value)


def test_a_penalty_that_a_person_gave_to_somebody_in_time_stays(class_dir: Path, course: Course) -> None:
    change(class_dir, "update submitted_notebook set late_submission_penalty = 3 where late_submission_penalty is null")
    assert settle_lates(course, class_dir, [STEM])[STEM, "ada"].by_hand == 3.0
    assert held(class_dir) == {"ada": 3.0, "bob": 8.0}


def test_an_extension_in_the_file_counts_and_is_taken_back_with_its_line(class_dir: Path, course: Course) -> None:
    path = class_dir / "extensions.csv"
    path.write_text(f"student,topic,due\nbob,{STEM},2026-10-07 08:00+00:00\n")
    assert settle_lates(course, class_dir, [STEM])[STEM, "bob"].seconds == HOUR
    assert held(class_dir)["bob"] == 4.0
    with gradebook(course, class_dir) as book:
        assert book.find_submission(STEM, "bob").extension == timedelta(hours=44)
    path.write_text("student,topic,due\n")
    settle_lates(course, class_dir, [STEM])
    assert held(class_dir)["bob"] == 8.0


def test_an_extension_that_nbgrader_granted_counts_and_stays(class_dir: Path, course: Course) -> None:
    with gradebook(course, class_dir) as book:
        book.grant_extension(STEM, "bob", days=2)
    for _ in range(2):
        assert settle_lates(course, class_dir, [STEM]) == {}
        assert held(class_dir)["bob"] is None


def test_a_deadline_that_nbgrader_was_told_counts_where_the_course_has_none(class_dir: Path, course: Course) -> None:
    none = replace(course, topics=tuple(replace(topic, due="") for topic in course.topics))
    change(class_dir, "update assignment set duedate = '2026-10-06 12:00:00.000000'")
    settle_lates(none, class_dir, [STEM])
    assert held(class_dir)["bob"] == 4.0


def test_a_deadline_that_the_course_takes_back_is_gone(class_dir: Path, course: Course) -> None:
    none = replace(course, topics=tuple(replace(topic, due="") for topic in course.topics))
    assert settle_lates(none, class_dir, [STEM]) == {}
    assert held(class_dir) == {"ada": None, "bob": None}
    with gradebook(course, class_dir) as book:
        assert book.find_assignment(STEM).duedate is None


def test_without_a_gradebook_nobody_is_late(tmp_path: Path, course: Course) -> None:
    assert settle_lates(course, tmp_path, [STEM]) == {}
    assert not database_path(tmp_path).exists()


def test_nbgraders_own_step_takes_off_the_same(
    class_dir: Path, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from nbgrader.preprocessors import AssignLatePenalties
        from traitlets.config.loader import PyFileConfigLoader

        from autograder.gradebook import latepenalty

        monkeypatch.setattr(latepenalty, "load_course", lambda: course)
        config = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()
        change(class_dir, "update submitted_notebook set late_submission_penalty = null")
        for student in ("ada", "bob"):
            note = {"notebook": STEM, "assignment": STEM, "student": student}
            resources: Mapping[str, Any] = {"nbgrader": {**note, "db_url": f"sqlite:///{database_path(class_dir)}"}}
            AssignLatePenalties(config=config).preprocess(new_notebook(), resources)  # type: ignore[no-untyped-call]
    assert held(class_dir) == {"ada": None, "bob": 8.0}
    assert settle_lates(course, class_dir, [STEM])[STEM, "bob"].by_hand is None


def test_feedback_table_and_export_show_what_is_taken_off() -> None:
    result, late = perfect("bob"), Late(45 * HOUR, 0.8)
    sentence = "Handed in 1 day 21 hours after the deadline, which costs 20 % of the points earned: 8 points."
    for text in (
        render_text(result, late=late),
        render_markdown(result, late=late),
        render_feedback(result, late=late),
    ):
        assert sentence in " ".join(text.split())
        assert "32 of 40 points" in text
    lates = {(STEM, "bob"): late}
    row = next(csv.DictReader(io.StringIO(grades_csv([result], lates=lates))))
    assert (row["score"], row["of"], row["late_penalty"], row["final"]) == ("32", "40", "8", "yes")
    assert "late by 1 day 21 hours (-8)" in render_table([result], lates=lates)
    by_hand = {(STEM, "bob"): Late(0, 1.0, by_hand=5.0)}
    assert "late penalty set by hand (-5)" in render_table([result], lates=by_hand)
