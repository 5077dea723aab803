"""The gradebook holds every score and every word that a person wrote, whatever is graded how often."""

from __future__ import annotations

import contextlib
import json
import logging
import re
import resource
import sqlite3
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.config import Course
from autograder.course.build import BUILD
from autograder.gradebook.artefacts import artefact_path
from autograder.gradebook.assign import generate_assignments
from autograder.gradebook.database import ensure_assignment, gradebook
from autograder.gradebook.decisions import ANSWERED, MISSING, decide
from autograder.gradebook.harmless import harmless_markdown
from autograder.gradebook.late import settle_lates
from autograder.gradebook.marks import read_marks
from autograder.gradebook.released import GradebookError
from autograder.gradebook.rows import needs_person
from autograder.gradebook.store import write_results
from autograder.records import Result
from autograder.reports.content import Mark
from autograder.tests.sample_results import a_test, broken, exercise, half_right, perfect, result, unreadable
from autograder.tests.scratch_course import SECRET, STEM, TOPIC, filled, graded, hand_in, make_course, released

ANSWER = {"why_divide": "The average starts at zero and is too small at first."}
TIME = "2026-10-05 12:00:00 UTC\n"


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return make_course(tmp_path_factory.mktemp("course"))


def query(class_dir: Path, sql: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(class_dir / "gradebook.db") as connection:
        return connection.execute(sql).fetchall()


def grades(class_dir: Path, student: str) -> dict[str, tuple[float | None, float | None, float | None, int]]:
    """Automatic and manual score, extra credit and whether a person is needed, by cell."""
    rows = query(
        class_dir,
        "select b.name, g.auto_score, g.manual_score, g.extra_credit, g.needs_manual_grade from grade g "
        "join base_cell b on g.cell_id = b.id join submitted_notebook n on g.notebook_id = n.id "
        f"join submitted_assignment a on n.assignment_id = a.id where a.student_id = '{student}'",
    )
    return {name: (auto, manual, extra, needs) for name, auto, manual, extra, needs in rows}


def comments(class_dir: Path, student: str) -> dict[str, str | None]:
    return dict(
        query(
            class_dir,
            "select b.name, c.auto_comment from comment c join base_cell b on c.cell_id = b.id "
            "join submitted_notebook n on c.notebook_id = n.id join submitted_assignment a on n.assignment_id = a.id "
            f"where a.student_id = '{student}'",
        )
    )


def mark(class_dir: Path, cell: str, score: float, comment: str = "", extra: float | None = None) -> None:
    """What formgrader does when a person marks a cell."""
    with sqlite3.connect(class_dir / "gradebook.db") as connection:
        cells = f"(select id from base_cell where name = '{cell}')"
        connection.execute(
            f"update grade set manual_score = ?, extra_credit = ?, needs_manual_grade = 0 where cell_id in {cells}",
            (score, extra),
        )
        connection.execute(f"update comment set manual_comment = ? where cell_id in {cells}", (comment,))


def hand_in_and_write(course: Course, class_dir: Path, outcome: Result, **sources: str) -> tuple[str, ...]:
    path = hand_in(class_dir, outcome.student, filled(course, sources), TIME)
    return write_results(course, class_dir, [graded(path, outcome)])


def test_the_database_gets_the_same_rows_as_from_nbgrader_itself(course: Course, tmp_path: Path) -> None:
    stock = tmp_path / "stock"
    stock.mkdir()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        target = stock / "assignments"
        generate_assignments(course.root / BUILD / "source", target, [STEM], stock / "gradebook.db")
    assert ensure_assignment(course, tmp_path / "ours", STEM) == ()
    for sql in (
        "select name from assignment",
        "select name, kernelspec from notebook",
        "select b.name, b.type, g.max_score, g.cell_type from base_cell b left join grade_cells g on g.id = b.id "
        "order by 1, 2",
        "select name, cell_type, locked, source, checksum from source_cell order by 1",
    ):
        assert query(tmp_path / "ours", sql) == query(stock, sql)


def test_scores_stand_on_the_exercises_and_an_answered_question_waits(course: Course, tmp_path: Path) -> None:
    assert hand_in_and_write(course, tmp_path, half_right(), **ANSWER) == ()
    assert grades(tmp_path, "grace") == {
        "ema_weights": (10.0, None, None, 0),
        "Adam": (2.0, None, None, 0),
        "adam_first_step": (0.0, None, None, 0),
        "why_divide": (None, None, None, 1),
    }
    said = comments(tmp_path, "grace")
    assert said["why_divide"] is None
    assert said["Adam"].startswith("2 of 22 points: partly right. 1 of 3 tests passed. The moving averages")  # type: ignore[union-attr]


def test_an_untouched_question_gets_zero_and_the_words_that_nbgrader_uses(course: Course, tmp_path: Path) -> None:
    hand_in_and_write(course, tmp_path, perfect())
    assert grades(tmp_path, "ada")["why_divide"] == (0.0, None, None, 0)
    assert comments(tmp_path, "ada")["why_divide"] == "No response."


def test_a_question_with_other_line_ends_is_still_untouched(course: Course, tmp_path: Path) -> None:
    question = next("".join(cell["source"]) for cell in released(course)["cells"] if cell["id"] == "why_divide")
    hand_in_and_write(course, tmp_path, perfect(), why_divide=question.replace("\n", " \r\n"))
    assert comments(tmp_path, "ada")["why_divide"] == "No response."


def test_a_grader_error_waits_for_a_person_and_is_no_zero(course: Course, tmp_path: Path) -> None:
    hand_in_and_write(course, tmp_path, broken())
    assert grades(tmp_path, "tony")["Adam"] == (None, None, None, 1)
    assert "our fault" in (comments(tmp_path, "tony")["Adam"] or "")


def test_a_file_that_cannot_be_read_gets_zeros_everywhere_and_says_why(course: Course, tmp_path: Path) -> None:
    path = hand_in(tmp_path, "edsger", b"Dear teacher,")
    assert write_results(course, tmp_path, [graded(path, unreadable())]) == ()
    assert {row[0] for row in grades(tmp_path, "edsger").values()} == {0.0}
    assert not any(row[3] for row in grades(tmp_path, "edsger").values())
    assert "is not JSON" in (comments(tmp_path, "edsger")["Adam"] or "")
    assert artefact_path(tmp_path, "edsger", STEM).exists()


def test_marks_comments_and_extra_credit_of_people_survive_every_regrade(course: Course, tmp_path: Path) -> None:
    hand_in_and_write(course, tmp_path, half_right(), **ANSWER)
    mark(tmp_path, "why_divide", 7.5, "Well put.", extra=1.0)
    mark(tmp_path, "Adam", 20.0, "A slip only.")
    before = grades(tmp_path, "grace")
    for _ in range(2):
        hand_in_and_write(course, tmp_path, half_right(), **ANSWER)
        artefact_path(tmp_path, "grace", STEM).unlink()
    after = grades(tmp_path, "grace")
    assert after["why_divide"][:3] == before["why_divide"][:3] == (None, 7.5, 1.0)
    assert after["Adam"][:3] == before["Adam"][:3] == (2.0, 20.0, None)
    assert read_marks(course, tmp_path, STEM)["grace"] == (
        Mark("Adam", 22.0, 20.0, 0.0, "A slip only.", waiting=True),
        Mark("why_divide", 10.0, 7.5, 1.0, "Well put.", waiting=True, written=True),
    )


def test_what_people_gave_survives_graders_that_find_otherwise(course: Course, tmp_path: Path) -> None:
    hand_in_and_write(course, tmp_path, half_right(), **ANSWER)
    mark(tmp_path, "why_divide", 7.5, "Well put.", extra=1.0)
    mark(tmp_path, "Adam", 20.0, "A slip only.")
    with contextlib.closing(sqlite3.connect(tmp_path / "gradebook.db")) as connection, connection:
        connection.execute("update submitted_notebook set late_submission_penalty = 3.25")
    by_people = (
        "select b.name, g.manual_score, g.extra_credit, n.late_submission_penalty from grade g "
        "join base_cell b on g.cell_id = b.id join submitted_notebook n on g.notebook_id = n.id union "
        "select b.name, c.manual_comment, null, null from comment c join base_cell b on c.cell_id = b.id order by 1, 2"
    )
    before = query(tmp_path, by_people)
    assert {("why_divide", 7.5, 1.0, 3.25), ("why_divide", "Well put.", None, None)} < set(before)
    for number, outcome in enumerate((perfect("grace"), broken("grace"), unreadable("grace"), half_right("grace"))):
        hand_in_and_write(course, tmp_path, replace(outcome, grader_sha256=f"{number:064}"), **ANSWER)
        settle_lates(course, tmp_path, [STEM])
        assert query(tmp_path, by_people) == before
    assert grades(tmp_path, "grace")["ema_weights"][0] == 10.0


def test_a_mark_settles_a_cell_until_the_submission_is_another_one(course: Course, tmp_path: Path) -> None:
    hand_in_and_write(course, tmp_path, half_right(), **ANSWER)
    mark(tmp_path, "why_divide", 7.5)
    hand_in_and_write(course, tmp_path, half_right(), **ANSWER)
    assert grades(tmp_path, "grace")["why_divide"] == (None, 7.5, None, 0)
    hand_in_and_write(course, tmp_path, half_right(), why_divide="A second thought.")
    assert grades(tmp_path, "grace")["why_divide"] == (None, 7.5, None, 1)


def test_a_mark_is_put_forward_when_the_score_that_it_replaced_has_changed() -> None:
    outcome = decide(half_right(), {}, [("ema_weights", 10.0)])[0][0]
    row = {"manual_score": 3.0, "extra_credit": None, "needs_manual_grade": False, "auto_score": 4.0}
    assert needs_person(outcome, row, changed=False)
    assert not needs_person(outcome, {**row, "auto_score": 10.0}, changed=False)


def test_writing_the_same_results_again_changes_nothing(course: Course, tmp_path: Path) -> None:
    outcomes = [graded(hand_in(tmp_path, r.student, filled(course, ANSWER), TIME), r) for r in (perfect(), broken())]
    write_results(course, tmp_path, outcomes)
    database, notebook = tmp_path / "gradebook.db", artefact_path(tmp_path, "ada", STEM)
    before = (database.read_bytes(), notebook.stat().st_mtime_ns)
    write_results(course, tmp_path, reversed(outcomes))
    assert (database.read_bytes(), notebook.stat().st_mtime_ns) == before


def test_two_classes_graded_in_another_order_have_equal_gradebooks(course: Course, tmp_path: Path) -> None:
    dumps = []
    for name, outcomes in (("one", [perfect(), half_right()]), ("two", [half_right(), perfect()])):
        ready = [graded(hand_in(tmp_path / name, r.student, filled(course, ANSWER)), r) for r in outcomes]
        write_results(course, tmp_path / name, ready)
        sql = "select student_id, auto_score, needs_manual_grade from grade g join submitted_notebook n on "
        sql += "n.id = g.notebook_id join submitted_assignment a on a.id = n.assignment_id order by 1, 2, 3"
        dumps.append((query(tmp_path / name, sql), artefact_path(tmp_path / name, "ada", STEM).read_bytes()))
    assert dumps[0] == dumps[1]


def test_a_file_that_changed_after_it_was_graded_is_left_alone(course: Course, tmp_path: Path) -> None:
    path = hand_in(tmp_path, "ada", filled(course, {}))
    outcome = graded(path, perfect())
    hand_in(tmp_path, "ada", filled(course, ANSWER))
    notices = write_results(course, tmp_path, [outcome])
    assert notices == (
        "hw04_adam ada: the file changed after it was graded, so nothing was written: run ./course grade again",
    )
    assert query(tmp_path, "select * from grade") == []


def test_cells_that_only_one_side_knows_get_zero_or_a_notice() -> None:
    outcome = result("ada", exercise("ema_weights", a_test("a", points=12.0)), exercise("new", a_test("b")))
    found, notices = decide(outcome, {"why": MISSING}, [("ema_weights", 10.0), ("gone", 5.0), ("why", 10.0)])
    assert [(grade.name, grade.auto_score) for grade in found] == [("ema_weights", 10.0), ("gone", 0.0), ("why", 0.0)]
    assert notices == (
        "ema_weights was graded out of 12 points, but the gradebook says 10: ./course build",
        "gone is in the gradebook but not in the topic: 0 points for everybody",
        "the cell of the written question why is missing: 0 points",
        "new was graded, but the gradebook has no cell for it: ./course build",
    )


def test_text_of_a_student_reaches_no_page_as_markup() -> None:
    message = "<script>alert(1)</script> [x](javascript:alert(1)) $\\frac{1}{2}$ **bold** __init__ `Adam`"
    outcome = result("ada", exercise("Adam", a_test("a", "not_run", message=message)))
    comment = decide(outcome, {"why": ANSWERED}, [("Adam", 5.0)])[0][0].comment or ""
    assert not set("<>[*$") & set(comment)
    assert "&lt;script&gt;" in comment
    assert "&#95;&#95;init" in comment


@pytest.mark.parametrize(
    "attack",
    [
        "<script>fetch('/grades')</script>",
        "<img src=x onerror=alert(1)>",
        "<!--><svg onload=alert(1)>",
        "[click](javascript:alert(1)) ![see](x)",
        "[click][1]\n\n[1]: javascript:alert(1)",
        r"$\href{javascript:alert(1)}{x}$",
        "    <b>indented code</b>\n> <i>quoted</i>",
    ],
)
def test_markdown_of_a_student_becomes_no_element_that_acts(attack: str) -> None:
    from nbconvert.filters import markdown2html

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        page = markdown2html(harmless_markdown(attack))
    assert set(re.findall(r"<(\w+)", page)) <= {"p", "pre", "code", "blockquote", "div", "span"}
    assert "\\href" not in page


def test_new_and_dropped_exercises_reach_submissions_that_were_graded_before(tmp_path: Path) -> None:
    course = make_course(tmp_path / "course")
    hand_in_and_write(course, tmp_path, perfect(), **ANSWER)
    mark(tmp_path, "Adam", 21.0)
    changed = TOPIC.replace('exercise="Adam"', 'exercise="Adamax"').replace("class Adam:", "class Adamax:")
    changed = changed.replace('exercise="ema_weights"', 'exercise="weights"').replace("def ema_weights", "def weights")
    course = make_course(tmp_path / "course", changed)
    outcome = result("ada", exercise("weights", a_test("a", points=10.0)), exercise("Adamax", a_test("a", points=22.0)))
    notices = hand_in_and_write(course, tmp_path, outcome, **ANSWER)
    assert (
        notices[0] == "hw04_adam: hw04_adam no longer has Adam, but people marked it; its points stay in the gradebook"
    )
    assert "ema_weights" not in grades(tmp_path, "ada")
    assert grades(tmp_path, "ada")["weights"] == (10.0, None, None, 0)
    assert grades(tmp_path, "ada")["Adam"][1] == 21.0


def test_a_class_of_hundreds_is_written_in_a_few_transactions(course: Course, tmp_path: Path) -> None:
    ready = [graded(hand_in(tmp_path, f"s{n}", filled(course, {})), perfect(f"s{n}")) for n in range(203)]
    commits = []
    with gradebook(course, tmp_path) as book:
        from sqlalchemy import event

        event.listen(type(book.engine), "commit", lambda _connection: commits.append(1))
    ensure_assignment(course, tmp_path, STEM)
    commits.clear()
    write_results(course, tmp_path, ready)
    assert len(commits) < 12
    assert query(tmp_path, "select count(*) from grade") == [(203 * 4,)]


def test_a_full_disk_leaves_the_gradebook_as_it_was_and_the_next_run_completes_it(
    course: Course, tmp_path: Path
) -> None:
    """The limit on the size of a file stands for the disk; the database is the largest file here."""
    ready = [graded(hand_in(tmp_path, f"s{n}", filled(course, {})), perfect(f"s{n}")) for n in range(120)]
    write_results(course, tmp_path, ready[:1])
    size, limits = (tmp_path / "gradebook.db").stat().st_size, resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        with pytest.raises(GradebookError, match=r"gradebook\.db: .*The results are safe in the journal"):
            write_results(course, tmp_path, ready)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert query(tmp_path, "select count(*) from grade") == [(4,)]
    write_results(course, tmp_path, ready)
    assert query(tmp_path, "select count(*), sum(auto_score) from grade") == [(120 * 4, 120 * 40.0)]


def test_the_notebook_shows_our_words_and_nothing_that_could_run(course: Course, tmp_path: Path) -> None:
    notebook = filled(course, {**ANSWER, "given-gravity": "GRAVITY = 0", "Adam": "class Adam:\n    mine = 1"})
    twin = {"cell_type": "code", "id": "twin", "metadata": {"nbgrader": {"grade_id": "Adam"}}, "source": "hers = 2"}
    note = {"cell_type": "markdown", "id": "note", "metadata": {}, "source": "See below."}
    script = {"output_type": "display_data", "data": {"text/html": "<script>"}, "metadata": {}}
    notebook["cells"][-1]["source"] = ["I believed otherwise."]
    notebook["cells"] += [{**twin, "outputs": [script], "execution_count": 1}, note]
    path = hand_in(tmp_path, "grace", notebook, TIME)
    write_results(course, tmp_path, [graded(path, half_right())])
    made = json.loads(artefact_path(tmp_path, "grace", STEM).read_text())
    cells = {cell["id"]: cell for cell in made["cells"]}
    assert "".join(cells["given-gravity"]["source"]) == "GRAVITY = 9.81"
    assert cells["Adam"]["source"] == ["class Adam:\n", "    mine = 1"]
    assert "    Seen: shape (3,) where (3, 1) was asked for\n" in cells["Adam"]["outputs"][0]["text"]
    assert cells["diary-diary"]["source"] == ["I believed otherwise."]
    assert [cell["source"] for cell in made["cells"][-2:]] == [["hers = 2"], ["See below."]]
    assert all(cell["metadata"] == {} for cell in made["cells"][-2:])
    assert "<script>" not in json.dumps(made)
    assert artefact_path(tmp_path, "grace", STEM).with_name("timestamp.txt").read_text() == TIME


def test_formgrader_and_nbgraders_feedback_show_a_graded_submission(course: Course, tmp_path: Path) -> None:
    hand_in_and_write(course, tmp_path, half_right(), **ANSWER)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from nbgrader.apps.api import NbGraderAPI
        from nbgrader.converters import GenerateFeedback
        from nbgrader.coursedir import CourseDirectory
        from traitlets.config import Config

        config = Config()
        config.CourseDirectory.root = str(tmp_path)
        log = logging.Logger("quiet", logging.CRITICAL)
        directory = CourseDirectory(config=config, log=log, assignment_id=STEM)
        seen = NbGraderAPI(directory, config=config, log=log).get_submission(STEM, "grace")
        GenerateFeedback(coursedir=directory, config=config, log=log).start()
    assert seen["autograded"]
    assert seen["needs_manual_grade"]
    assert (seen["score"], seen["max_score"]) == (12.0, 50.0)
    page = (tmp_path / "feedback" / "grace" / STEM / f"{STEM}.html").read_text()
    assert "Seen: shape (3,) where (3, 1) was asked for" in page
    assert SECRET not in page


def test_a_damaged_database_is_named_with_the_way_out(course: Course, tmp_path: Path) -> None:
    (tmp_path / "gradebook.db").write_bytes(b"not a database at all, but long enough to look like one" * 40)
    with pytest.raises(GradebookError, match=r"gradebook\.db: file is not a database\. It is damaged: move it away"):
        ensure_assignment(course, tmp_path, STEM)


def test_a_topic_that_was_never_built_says_which_command_builds_it(course: Course, tmp_path: Path) -> None:
    with pytest.raises(GradebookError, match=r"does not exist yet\. Make it: \./course build hw99_none"):
        ensure_assignment(course, tmp_path, "hw99_none")
