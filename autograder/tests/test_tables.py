"""Grade tables: nothing cut that counts, nothing that a spreadsheet would run, and every export read back."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.records import Result, result_from_json
from autograder.reports.content import Mark
from autograder.reports.grid import LEGEND, MOST_STUDENTS, render_grid
from autograder.reports.table import COLUMNS, Marks, grades_csv, render_table, safe_field, write_exports
from autograder.tests.sample_results import broken, half_right, perfect, unreadable

WAITING: Marks = {
    ("hw04_adam", "ada"): (Mark("why", 10.0, waiting=True, written=True),),
    ("hw04_adam", "grace"): (Mark("why", 10.0, score=7.0, written=True),),
}
CLASS = [half_right(), perfect(), broken(), unreadable()]


def read(results: list[Result], marks: Marks = WAITING) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(grades_csv(results, marks))))


def test_the_table_has_one_line_for_each_submission_and_fits_its_width() -> None:
    lines = render_table(CLASS, WAITING, width=100).splitlines()
    assert lines[0].split() == list(COLUMNS)
    assert [line.split()[0] for line in lines[2:]] == ["ada", "edsger", "grace", "tony"]
    assert max(len(line) for line in lines) <= 100
    assert "to mark: why" in lines[2]
    assert "no_bias_correction" in lines[4]


def test_a_failure_of_the_grader_stands_out_in_the_table() -> None:
    assert "GRADER ERROR" in render_table([broken()])


def test_an_empty_class_has_a_table_with_its_heading_only() -> None:
    assert len(render_table([]).splitlines()) == 2


def test_the_grid_has_a_line_for_each_student_and_a_column_for_each_topic() -> None:
    second = replace(perfect("grace"), topic="hw05_initialization")
    lines = render_grid([*CLASS, second, replace(perfect(), topic="capstone")], WAITING).splitlines()
    assert lines[0].split() == ["student", "hw04", "hw05", "capstone", "points"]
    rows = {line.split()[0]: line.split()[1:] for line in lines[2:-1]}
    assert rows == {
        "ada": ["40", "-", "40", "80"],
        "edsger": ["0*", "-", "-", "0"],
        "grace": ["19", "40", "-", "59"],
        "tony": ["20*", "-", "-", "20"],
    }
    assert lines[-1] == LEGEND


def test_the_grid_of_a_large_class_has_a_line_for_each_topic() -> None:
    many = [half_right(f"s{number}") for number in range(MOST_STUDENTS)] + [perfect()]
    lines = render_grid(many).splitlines()
    assert lines[0].startswith("topic")
    assert lines[2].split() == ["hw04_adam", "61", "12", "12", "40", "40", "Adam:", "no_bias_correction", "(60)"]
    assert len(lines) == 3


def test_the_csv_has_a_column_for_each_exercise_and_question() -> None:
    rows = {row["student"]: row for row in read(CLASS)}
    assert rows["ada"]["hw04_adam: Adam"] == "22"
    assert rows["ada"]["hw04_adam: why"] == ""
    assert rows["grace"]["hw04_adam: why"] == "7"
    assert (rows["grace"]["score"], rows["grace"]["of"]) == ("19", "50")
    assert (rows["ada"]["score"], rows["ada"]["waiting"]) == ("40", "10")


def test_an_exercise_that_a_person_must_look_at_has_no_number() -> None:
    row = read([broken()])[0]
    assert (row["hw04_adam: Adam"], row["waiting"]) == ("", "22")


@pytest.mark.parametrize("name", ["=cmd()|x", "@sum", "+1+1", "-2+3", "\t=1"])
def test_names_that_a_spreadsheet_would_run_are_quoted(name: str) -> None:
    field = read([perfect(name)], {})[0]["student"]
    assert field[0] == "'" or field.strip()[0] not in "=+-@"


@pytest.mark.parametrize("name", ['Doe, "J"', "O'Neil", "Łukasz; 李", "a\nb"])
def test_names_with_commas_quotes_and_any_alphabet_come_back(name: str) -> None:
    assert read([perfect(name)], {})[0]["student"] == " ".join(name.split())


def test_negative_numbers_stay_numbers() -> None:
    assert safe_field("-2.5") == "-2.5"
    assert safe_field("-2.5x") == "'-2.5x"


def test_exports_are_the_records_themselves_and_are_the_same_for_any_order(tmp_path: Path) -> None:
    paths = write_exports(CLASS, tmp_path / "one", WAITING)
    again = write_exports(list(reversed(CLASS)), tmp_path / "two", WAITING)
    assert [path.name for path in paths] == ["grades.csv", "results.json"]
    assert [path.read_bytes() for path in paths] == [path.read_bytes() for path in again]
    records = [result_from_json(json.dumps(record)) for record in json.loads(paths[1].read_text())]
    assert sorted(records, key=lambda r: r.student) == sorted(CLASS, key=lambda r: r.student)
