"""What goes to Canvas and Moodle is read back as they read it; nothing else in their files changes, nobody is lost."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.config import Course, TopicSettings
from autograder.errors import UserError
from autograder.reports.exports.columns import find_column
from autograder.reports.exports.fields import read_fields
from autograder.tests.exchange_class import exchange_class, exported, with_rules
from autograder.tests.scratch_course import STEM, make_course

CANVAS = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Notes,Homework 1 (4001),hw04_adam (4004),Current Score\r\n"
    ",,,,,,,Manual Posting,\r\n"
    "    Points Possible,,,,,,10.00,50.00,(read only)\r\n"
    '"Lovelace, Ada",101,S1,ada@example.org,"Mon, ""early""",,9.00,,95.1\r\n'
    '"Müller-Örs, Bob",102,S2,bob@example.org,Tue,,8.00,,90\r\n'
    '"O\'Neil, Jr., Cyd",103,S3,cyd@example.org,Tue,,7.00,,80\r\n'
    "李 娜,104,S4,lina@example.org,Tue,,7.00,,80\r\n"
    '"@Formula, =Dov",105,-S5,dov@example.org,=1+1,,7.00,3.00,80\r\n'
    '"=Absent, Eve",106,S6,eve@example.org,Tue,,7.00,,80\r\n'
    '"Stranger, Sam",999,S9,sam@example.org,Tue,,7.00,,80\r\n'
    '"Student, Test",1000,,test,Tue,,,,\r\n'
)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return with_rules(make_course(tmp_path_factory.mktemp("course")))


@pytest.fixture(scope="module")
def class_dir(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exchange_class(course, tmp_path_factory.mktemp("class") / "class")


def template(tmp_path: Path, text: str | bytes, name: str = "export.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def canvas_import(raw: bytes) -> Mapping[str, Mapping[str, float]]:
    """Scores by Canvas ID and assignment number, as Canvas' own importer finds them."""
    text = raw.decode("utf-8-sig")
    first = text.splitlines()[:3]
    separator = next(mark for mark in ",;" if len({len(row) for row in csv.reader(first, delimiter=mark)}) == 1)
    header, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    assert "Student" in header[0]
    assert "ID" in header[1]
    last = max(place for place, cell in enumerate(header) if "Section" in cell)
    scores: dict[str, dict[str, float]] = {}
    for row in rows:
        if not row[0].strip() or "Points Possible" in row[0]:
            continue
        for heading, cell in zip(header[last + 1 :], row[last + 1 :], strict=True):
            number = heading.rsplit("(", 1)[1].rstrip(")")
            if cell:
                scores.setdefault(row[1], {})[number] = float(cell)
    return scores


def rows(raw: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


def test_canvas_reads_every_final_grade_under_its_own_id_and_nothing_else(
    course: Course, class_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = exported(course, class_dir, "canvas", template(tmp_path, CANVAS))
    raw = (folder / f"canvas_{STEM}.csv").read_bytes()
    assert canvas_import(raw) == {"101": {"4004": 40.0}, "102": {"4004": 36.0}, "105": {"4004": 12.0}}
    before, after = rows(CANVAS.encode()), rows(raw)
    assert after[:3] == [[*row[:5], row[7]] for row in before[:3]], "headings and points possible changed"
    assert [row[1:4] for row in after] == [row[1:4] for row in before], "an ID changed"
    assert [row[0] for row in after[3:7]] == [row[0] for row in before[3:7]]
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\r\n") == len(before)
    said = capsys.readouterr().out
    for words in (
        "3 grades into 'hw04_adam (4004)'",
        "2 left out, because they are not final: cyd (Cyd O'Neil, Jr.)",
        "the grader failed",
        "10 points wait for a marker",
        "1 graded, but not in the file of Canvas: zed",
        "1 in the file of Canvas, but no student of ours: Stranger, Sam",
        "1 in the file of Canvas, but nothing is graded: =Absent, Eve",
        "1 in roster.csv without a submission: eve (Eve Absent)",
        "1 graded, but not in roster.csv: zed",
    ):
        assert words in " ".join(said.split()), words
    assert "Student, Test" not in said


def test_a_spreadsheet_computes_nothing_in_the_file_for_canvas(course: Course, class_dir: Path, tmp_path: Path) -> None:
    folder = exported(course, class_dir, "canvas", template(tmp_path, CANVAS))
    names = [(row[0], row[4]) for row in rows((folder / f"canvas_{STEM}.csv").read_bytes())[3:]]
    assert ("'@Formula, =Dov", "'=1+1") in names
    assert not any(cell.startswith(("=", "+", "-", "@")) for pair in names for cell in pair)


def test_where_they_are_to_be_marked_provisional_grades_go_out_and_are_named_but_no_fault_of_ours(
    course: Course, class_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = exported(replace(course, unfinished="mark"), class_dir, "canvas", template(tmp_path, CANVAS))
    scores = canvas_import((folder / f"canvas_{STEM}.csv").read_bytes())
    assert scores["104"] == {"4004": 40.0}
    assert "103" not in scores
    said = capsys.readouterr().out
    assert "1 written although they are not final: 李娜 (娜 李) (10 points wait for a marker)" in said


def test_an_excused_student_stays_excused_and_an_old_grade_stays_where_there_is_no_new_one(
    course: Course, class_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = CANVAS.replace(",9.00,,95.1", ",9.00,EX,95.1").replace(",7.00,,80\r\n李", ",7.00,12.00,80\r\n李")
    folder = exported(course, class_dir, "canvas", template(tmp_path, text))
    after = {row[1]: row[5] for row in rows((folder / f"canvas_{STEM}.csv").read_bytes())}
    assert (after["101"], after["103"]) == ("EX", "12.00")
    said = capsys.readouterr().out
    assert "1 left as they are: Lovelace, Ada: excused in Canvas" in said
    assert "not in the file of Canvas: zed\n" in said, "an excused student counts as missing"


def test_a_grade_never_goes_to_a_namesake(
    course: Course, class_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = '"Lovelace, Ada",101,S1,ada@example.org,"Mon, ""early""",,9.00,,95.1\r\n'
    namesake = '"Lovelace, Ada",901,S77,other@example.org,Mon,,9.00,,\r\n'
    folder = exported(course, class_dir, "canvas", template(tmp_path, CANVAS.replace(first, namesake + first)))
    scores = canvas_import((folder / f"canvas_{STEM}.csv").read_bytes())
    assert scores["101"] == {"4004": 40.0}
    assert "901" not in scores
    two = CANVAS.replace(first, namesake + namesake.replace("901", "902"))
    folder = exported(course, class_dir, "canvas", template(tmp_path, two))
    assert not {"901", "902"} & set(canvas_import((folder / f"canvas_{STEM}.csv").read_bytes()))
    assert "3 in the file of Canvas, but no student of ours: Lovelace, Ada; Lovelace, Ada" in capsys.readouterr().out


def test_a_student_whose_numbers_are_unknown_is_found_by_a_name_that_is_alone(
    course: Course, class_dir: Path, tmp_path: Path
) -> None:
    text = CANVAS.replace(",101,S1,ada@example.org", ",901,S77,a.lovelace@example.org")
    folder = exported(course, class_dir, "canvas", template(tmp_path, text))
    assert canvas_import((folder / f"canvas_{STEM}.csv").read_bytes())["901"] == {"4004": 40.0}


def test_scores_are_scaled_to_the_points_of_canvas_and_that_is_said(
    course: Course, class_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = CANVAS.replace("10.00,50.00", "10.00,10.00")
    folder = exported(course, class_dir, "canvas", template(tmp_path, text))
    assert canvas_import((folder / f"canvas_{STEM}.csv").read_bytes())["102"] == {"4004": 7.2}
    assert "Canvas says 10 points, the topic has 50: scores are scaled" in capsys.readouterr().out


def test_semicolons_and_separate_names_are_read_and_written_as_they_came(
    course: Course, class_dir: Path, tmp_path: Path
) -> None:
    text = (
        "LastName;FirstName;ID;SIS Login ID;Section;Homework 4 (7)\n"
        "    Points Possible;;;;;50\n"
        "Lovelace;Ada;77;ada@example.org;A;\n"
    )
    folder = exported(course, class_dir, "canvas", template(tmp_path, text))
    written = (folder / f"canvas_{STEM}.csv").read_text(encoding="utf-8")
    assert written.splitlines()[2] == "Lovelace;Ada;77;ada@example.org;A;40"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b,c\n1,2,3\n", "no gradebook export of Canvas"),
        ("", "no gradebook export of Canvas"),
        (
            CANVAS.replace("hw04_adam (4004)", "Essay (4004)"),
            "no column for hw04_adam. Assignments in it: Homework 1, Essay",
        ),
        (CANVAS.replace("Homework 1", "hw04_adam"), "it could be hw04_adam, hw04_adam. Name one with --column"),
    ],
)
def test_what_is_no_export_or_has_no_column_is_said(
    text: str, words: str, course: Course, class_dir: Path, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=words.replace(".", r"\.")):
        exported(course, class_dir, "canvas", template(tmp_path, text))


def test_a_column_can_be_named(course: Course, class_dir: Path, tmp_path: Path) -> None:
    folder = exported(course, class_dir, "canvas", template(tmp_path, CANVAS), column="Homework 1")
    assert canvas_import((folder / f"canvas_{STEM}.csv").read_bytes())["101"] == {"4001": 40.0 * 10 / 50}


@pytest.mark.parametrize(
    ("titles", "found"),
    [
        (["hw04_adam", "hw04_adam again"], 0),
        (["Essay", "Adam in short"], 1),
        (["Week 4: hw04_adam", "Essay"], 0),
        (["Homework 04", "Homework 40"], 0),
        (["HW 3", "hw_4"], 1),
        (["Essay 4", "Exam"], None),
    ],
)
def test_the_column_of_a_topic_is_found_by_name_or_number(titles: list[str], found: int | None) -> None:
    topic = TopicSettings(STEM, "Adam in short")
    assert find_column(topic, dict(enumerate(titles)), "", titles) == found
    named = replace(topic, lms="Essay")
    assert find_column(named, dict(enumerate(titles)), "", titles) == (
        titles.index("Essay") if "Essay" in titles else None
    )


ENGLISH = (
    "Identifier,Full name,Email address,Status,Grade,Maximum grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\r\n"
)
GERMAN = (
    "ID;Vollständiger Name;E-Mail-Adresse;Status;Bewertung;Bestwertung;Bewertung kann geändert werden;"
    "Zuletzt geändert (Abgabe);Zuletzt geändert (Bewertung);Feedback als Kommentar\n"
)


def english(ada: str, bob: str, dov: str) -> bytes:
    submitted = '"Monday, 5 October 2026, 11:00 AM"'
    return (
        "\ufeff" + ENGLISH + f"Participant 21,Ada Lovelace,ada@example.org,Submitted,{ada},50.00,Yes,{submitted},-,\r\n"
        f'Participant 22,"Müller-Örs, ""Bob""",bob@example.org,"Submitted",{bob},50.00,Yes,{submitted},-,"two\r\n'
        'lines"\r\n'
        f"Participant 23,Cyd,cyd@example.org,Submitted,,50.00,Yes,{submitted},-,\r\n"
        f"Participant 25,=Dov @Formula,dov@example.org,Submitted,{dov},50.00,Yes,{submitted},- ,  spaces  \r\n"
        "Participant 29,Sam Stranger,sam@example.org,No submission,,50.00,Yes,-,-,\r\n"
    ).encode()


def german(ada: str, bob: str, lina: str) -> bytes:
    return (
        GERMAN + f"Teilnehmer/in 21;Ada Lovelace;ada@example.org;Zur Bewertung abgegeben;{ada};50,00;Ja;-;-;\n"
        f"Teilnehmer/in 22;Bob Müller-Örs;bob@example.org;Zur Bewertung abgegeben;{bob};50,00;Ja;-;-;Öl\n"
        f"Teilnehmer/in 24;Na Li;li.na@example.org;Zur Bewertung abgegeben;{lina};50,00;Ja;-;-;"
    ).encode("cp1252")


def test_only_the_grades_of_a_moodle_worksheet_change(
    course: Course, class_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = exported(course, class_dir, "moodle", template(tmp_path, english("", "", "7.00")))
    assert (folder / f"moodle_{STEM}.csv").read_bytes() == english("40.00", "36.00", "12.00")
    said = " ".join(capsys.readouterr().out.split())
    for words in (
        "3 grades into 'Grade'",
        "1 left out, because they are not final: cyd",
        "2 graded, but not in the file of Moodle: zed; 李娜 (娜 李)",
        "1 in the file of Moodle, but no student of ours: Sam Stranger (Participant 29)",
        "names that begin as a formula stay as Moodle wrote them",
    ):
        assert words in said, words


def test_a_german_worksheet_keeps_its_headings_encoding_and_comma(
    course: Course, class_dir: Path, tmp_path: Path
) -> None:
    folder = exported(course, class_dir, "moodle", template(tmp_path, german("", "", "")))
    assert (folder / f"moodle_{STEM}.csv").read_bytes() == german("40,00", "36,00", "")


def test_a_comma_in_a_grade_is_quoted_where_commas_separate(course: Course, class_dir: Path, tmp_path: Path) -> None:
    text = 'ID,Name,Bewertung,Bestwertung\nTeilnehmer/in 1,Ada Lovelace,,"50,00"\n'
    text += 'Teilnehmer/in 2,Bob Müller-Örs,"1,00","50,00"\n'
    folder = exported(course, class_dir, "moodle", template(tmp_path, text))
    written = (folder / f"moodle_{STEM}.csv").read_text(encoding="utf-8").splitlines()
    assert written[1:] == [
        'Teilnehmer/in 1,Ada Lovelace,"40,00","50,00"',
        'Teilnehmer/in 2,Bob Müller-Örs,"36,00","50,00"',
    ]


def test_headings_in_an_unknown_language_are_understood_by_what_stands_under_them(
    course: Course, class_dir: Path, tmp_path: Path
) -> None:
    text = "Auðkenni,Nafn,Netfang,Staða,Einkunn,Hámark,Má breyta\n"
    text += "Þátttakandi 3,Ada Lovelace,ada@example.org,Skilað,,50.00,Já\n"
    folder = exported(course, class_dir, "moodle", template(tmp_path, text))
    assert ",Skilað,40.00,50.00,Já" in (folder / f"moodle_{STEM}.csv").read_text(encoding="utf-8")
    two = "a,b,c,d,e\nP 1,Ada,,,x\n"
    with pytest.raises(UserError, match="which column holds the grades"):
        exported(course, class_dir, "moodle", template(tmp_path, two))
    exported(course, class_dir, "moodle", template(tmp_path, two), column="c")


def test_the_number_in_the_collected_download_finds_whom_no_name_finds(
    course: Course, class_dir: Path, tmp_path: Path
) -> None:
    table = class_dir / "reports" / f"collect_{STEM}.csv"
    table.parent.mkdir(exist_ok=True)
    table.write_text("student,state,file\nada,taken,Participant_31_assignsubmission_file/x.ipynb\n")
    text = ENGLISH + "Participant 31,Participant 31,,Submitted,,50.00,Yes,-,-,\r\n"
    try:
        folder = exported(course, class_dir, "moodle", template(tmp_path, text))
    finally:
        table.unlink()
    assert b"Submitted,40.00,50.00" in (folder / f"moodle_{STEM}.csv").read_bytes()


def test_more_than_the_maximum_is_written_as_the_maximum_and_said(
    course: Course, class_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = class_dir / "gradebook.db"
    before = database.read_bytes()
    with sqlite3.connect(database) as connection:
        connection.execute("update grade set extra_credit = 20 where auto_score = 22")
    text = ENGLISH + "Participant 21,Ada Lovelace,ada@example.org,Submitted,,50.00,Yes,-,-,\r\n"
    try:
        folder = exported(course, class_dir, "moodle", template(tmp_path, text))
    finally:
        database.write_bytes(before)
    assert b"Submitted,50.00,50.00" in (folder / f"moodle_{STEM}.csv").read_bytes()
    assert "more than the maximum of Moodle, which is written instead: Ada Lovelace" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\nc,d\n", "holds no participant numbers"),
        (ENGLISH + "Participant 1,Ada,a@x,Submitted,,Good/Bad,Yes,-,-,\r\n", "graded by a scale"),
    ],
)
def test_what_is_no_worksheet_of_points_is_said(
    text: str, words: str, course: Course, class_dir: Path, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=words):
        exported(course, class_dir, "moodle", template(tmp_path, text))


def test_the_template_tells_the_format_and_is_never_written_over(
    course: Course, class_dir: Path, tmp_path: Path
) -> None:
    folder = exported(course, class_dir, "", template(tmp_path, CANVAS))
    assert (folder / f"canvas_{STEM}.csv").exists()
    exported(course, class_dir, "", template(tmp_path, english("", "", "")))
    itself = template(folder, CANVAS, f"canvas_{STEM}.csv")
    with pytest.raises(UserError, match="is the template itself"):
        exported(course, class_dir, "canvas", itself)
    assert itself.read_bytes() == CANVAS.encode()


@pytest.mark.parametrize("form", ["canvas", "moodle"])
def test_a_missing_template_is_asked_for(form: str, course: Course, class_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="name it: --template FILE"):
        exported(course, class_dir, form)
    with pytest.raises(UserError, match="there is no such file"):
        exported(course, class_dir, form, tmp_path / "nowhere.csv")


CELL = st.text(max_size=8)


@settings(derandomize=True, deadline=None, max_examples=150)
@given(st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=4), CELL, st.sampled_from(",;"))
def test_whatever_stands_in_a_sheet_only_the_replaced_field_changes(
    cells: list[list[str]], value: str, separator: str
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, lineterminator="\r\n").writerows([["a", "b", "c"], *cells])
    fields = read_fields(text.getvalue().encode())
    target = fields.rows[1][1]
    raw = fields.replaced({target: value})
    got = list(csv.reader(io.StringIO(raw.decode(), newline=""), delimiter=separator))
    assert got == [["a", "b", "c"], [cells[0][0], value, cells[0][2]], *cells[1:]]
    assert fields.replaced({target: target.value}) == text.getvalue().encode()


@pytest.mark.parametrize(
    "text",
    ["", "a", "a,b\r\n", 'x,"a ""b"" c",\n,,\n', '"two\nlines";b\n\nlast', '\ufeff"q"\t"r"\n', "a,b\nc"],
)
def test_fields_put_together_again_are_the_file(text: str) -> None:
    fields = read_fields(text.encode())
    assert fields.replaced({}) == text.encode()
    separator = fields.separator
    expected = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=separator))
    got = [[field.value for field in row] for row in fields.rows]
    assert [row for row in got if row != [""]] == [row for row in expected if row]
