"""What an instructor sees while a class is graded, and what there is to read at the end."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.classroom.grade import Graded
from autograder.classroom.progress import Progress
from autograder.classroom.shard import Shard
from autograder.classroom.submissions import Handed
from autograder.reports.content import Mark
from autograder.reports.summary import run_summary, shard_summary
from autograder.tests.sample_results import broken, perfect


class Terminal(io.StringIO):
    """A stream that says that somebody is watching."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, to be set by hand."""
    now = [0.0]
    monkeypatch.setattr("autograder.classroom.progress.time.monotonic", lambda: now[0])
    return now


def count(stream: io.StringIO, clock: list[float], finished: int, total: int = 100) -> str:
    with Progress(total, stream, _started=0.0, _printed=0.0) as progress:
        for number in range(finished):
            clock[0] += 0.5
            progress.advance(troubled=number == 2)
    return stream.getvalue()


def test_a_terminal_shows_one_living_line_with_rate_time_left_and_trouble(clock: list[float]) -> None:
    shown = count(Terminal(), clock, 40)
    assert shown.endswith("\r\x1b[K[########            ] 40/100 graded, 2.0/s, 0:30 left, 1 need a human\n")
    assert shown.count("\n") == 1


def test_elsewhere_there_is_a_plain_line_every_ten_seconds_and_a_last_one(clock: list[float]) -> None:
    lines = count(io.StringIO(), clock, 45, total=45).splitlines()
    assert [line.split("] ")[1].split(" graded")[0] for line in lines] == ["0/45", "20/45", "40/45", "45/45"]
    assert "\r" not in "".join(lines)


def test_a_run_with_nothing_to_do_shows_nothing(clock: list[float]) -> None:
    assert count(Terminal(), clock, 0, total=0) == ""


def test_the_summary_counts_and_says_where_everything_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    graded = Graded((perfect("ada"), perfect("bob"), perfect("cyd")), (perfect("cyd"),), (), (), seconds=0.5)
    assert run_summary(graded, tmp_path).splitlines() == [
        "3 submissions: 1 graded now in 0.5 s (2.0/s), 2 graded before; nobody needs a human.",
        "Gradebook     gradebook.db",
        "Feedback      feedback/STUDENT/TOPIC.html",
        "Class report  reports/class_report.html",
        "Grades        reports/grades.csv",
        "Journal       journal/results.jsonl",
        "Next: hand back the feedback, or ./course export --class-dir . for grades in other formats",
    ]


def test_who_needs_a_human_is_named_with_the_reason_and_the_command_to_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    troubled = broken("tony")
    text = run_summary(Graded((perfect("ada"), troubled), (troubled,), (), (), seconds=100.0), tmp_path)
    assert "1 graded now in 1 min 40 s (0.0/s), 1 graded before; 1 NEED A HUMAN." in text
    assert "  tony  hw04_adam: Adam, a could not be run" in text
    said = replace(troubled, notices=("the grading process died 3 times on it",))
    assert "  tony  hw04_adam: the grading process died 3 times on it" in run_summary(
        Graded((said,), (), (), ()), tmp_path
    )
    assert text.endswith("Next: ./course try hw04_adam submitted/tony/hw04_adam/hw04_adam.ipynb")


def test_of_many_who_need_a_human_the_first_are_named(tmp_path: Path) -> None:
    troubled = tuple(broken(f"s{number}") for number in range(45))
    text = run_summary(Graded(troubled, troubled, (), ()), tmp_path)
    assert text.count("  hw04_adam: ") == 20
    assert "  and 25 more: status GRADER ERROR in grades.csv" in text


def test_answers_that_wait_for_a_mark_are_counted_and_come_next(tmp_path: Path) -> None:
    waiting = {("hw04_adam", name): (Mark("why", 10.0, waiting=True, written=True),) for name in ("ada", "bob")}
    text = run_summary(Graded((perfect("ada"), perfect("bob")), (), (), ()), tmp_path, waiting)
    assert "Written answers to mark: 2 (why 2)" in text
    assert "Next: mark the written answers in formgrader" in text


def test_after_an_interruption_the_same_command_comes_next(tmp_path: Path) -> None:
    pending = tuple(Handed(name, "hw04_adam", tmp_path, "", 0) for name in ("bob", "cyd"))
    text = run_summary(Graded((perfect("ada"),), (perfect("ada"),), pending, ()), tmp_path)
    assert "0 graded before; 2 not graded yet; nobody needs a human." in text
    assert text.endswith("Next: the same command again; it does only the 2 that are missing")


def test_a_part_of_a_class_says_where_its_results_are_and_how_they_are_merged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    graded = Graded((perfect("ada"),), (perfect("ada"),), (), ("a note",))
    assert shard_summary(graded, Shard(2, 5), tmp_path / "journal" / Shard(2, 5).journal).splitlines() == [
        "Part 2 of 5: 1 submission: 1 graded now, 0 graded before; nobody needs a human.",
        "note: a note",
        "Results       journal/shard-2-of-5.jsonl",
        "Next: when all are done: ./course merge journal",
    ]
