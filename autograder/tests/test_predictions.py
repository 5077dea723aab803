"""Predictions: what a cell commits to, what the questions are, and how the class split on them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from autograder.classroom.journal import Journal
from autograder.cli import main
from autograder.config import load_course
from autograder.course.percent import read_topic
from autograder.course.predictions import Prediction, predictions_of
from autograder.grading.chosen import chosen
from autograder.records import Result
from autograder.reports.classreport import predictions_csv, render_class_report
from autograder.reports.items import topic_statistics
from autograder.reports.splits import splits_of
from autograder.tests.sample_results import a_test, exercise, result
from autograder.tests.test_feedback import Page

COURSE = load_course()
QUESTIONS = {"hw04_adam": {"predict_race": Prediction("Who wins?", {"a": "the tortoise", "b": "Achilles"}, "a")}}


def choosing(letter: str, student: str = "ada") -> Result:
    message = f"You chose {letter}." if letter else "predict_race is not answered yet."
    return result(student, exercise("predict_race", a_test("t", "passed" if letter else "not_run", 1.0, message)))


@pytest.mark.parametrize(
    ("source", "letter"),
    [
        ('predict_race = "b"', "b"),
        ("# Predict first.\npredict_race = 'C '  # slower", "c"),
        ('predict_race = "a"\npredict_race = "b"\n', "b"),
        ("predict_race = None", ""),
        ('predict_race = "both"', ""),
        ('predict_race = "a" if luck() else "b"', ""),
        ('other = "a"', ""),
        ("", ""),
    ],
)
def test_only_a_letter_that_stands_in_the_cell_is_taken_for_a_choice(source: str, letter: str) -> None:
    assert chosen("predict_race", source) == (f"You chose {letter}." if letter else "")


def test_a_record_knows_its_choice_and_no_other_message_is_one() -> None:
    assert choosing("b").exercises[0].choice == "b"
    assert choosing("").exercises[0].choice == ""
    failed = exercise("predict_race", a_test("t", "failed", 1.0, "You chose b."))
    assert failed.choice == ""


@pytest.mark.parametrize("stem", [topic.stem for topic in COURSE.topics if topic.kind == "lesson"])
def test_every_question_of_this_course_has_its_options_and_answer(stem: str) -> None:
    found = predictions_of(read_topic(COURSE.source(stem)))
    assert len(found) >= 2
    for name, asked in found.items():
        assert "".join(asked.options) in ("abc", "abcd"), name
        assert asked.answer in asked.options, name
        assert asked.question, name
        assert all(asked.options.values()), name


def test_the_report_says_how_the_class_split_and_what_it_was() -> None:
    letters = ["b", "b", "a", ""]
    topic = topic_statistics("hw04_adam", [choosing(letter, f"s{n}") for n, letter in enumerate(letters)])
    split = splits_of(topic, QUESTIONS)[0]
    assert [(option.letter, option.students, option.right) for option in split.options] == [
        ("a", 1, True),
        ("b", 2, False),
    ]
    assert split.nothing == 1
    words = Page(render_class_report([topic], questions=QUESTIONS)).words()
    assert "predict_race: Who wins? (1 made no choice)" in words
    assert "a: the tortoise133 %✓ this" in words
    assert "b: Achilles267 %-" in words


def test_an_option_that_nobody_chose_is_shown_and_letters_do_without_words() -> None:
    topic = topic_statistics("hw04_adam", [choosing("b")])
    assert [option.students for option in splits_of(topic, QUESTIONS)[0].options] == [0, 1]
    assert [option.letter for option in splits_of(topic)[0].options] == ["b"]


def test_the_csv_has_a_line_for_each_option_and_for_those_without_a_choice() -> None:
    topic = topic_statistics("hw04_adam", [choosing("b"), choosing("", "bo")])
    rows = list(csv.DictReader(io.StringIO(predictions_csv([topic], QUESTIONS))))
    assert [(row["choice"], row["students"], row["right"]) for row in rows] == [
        ("a", "0", "yes"),
        ("b", "1", "no"),
        ("", "1", ""),
    ]


def test_a_prediction_is_not_called_too_easy() -> None:
    topic = topic_statistics("hw04_adam", [choosing("b", f"s{n}") for n in range(20)])
    assert topic.items[0].flags == ()


def test_the_command_writes_titles_and_questions_of_the_course(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Journal(tmp_path) as journal:
        journal.append(choosing("b"))
    assert main(["report", "--class-dir", str(tmp_path)]) == 0
    page = tmp_path / "reports" / "class_report.html"
    assert str(page) in capsys.readouterr().out
    words = Page(page.read_text(encoding="utf-8")).words()
    assert COURSE.topic("hw04_adam").title in words
    assert "b: about the same" in words
