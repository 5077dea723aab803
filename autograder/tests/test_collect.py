"""Downloads of every LMS become submissions of the right students, and nothing in them does harm."""

from __future__ import annotations

import csv
import io
import json
import os
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.config import Course, load_course
from autograder.errors import UserError
from autograder.intake.archives import UnsafeArchiveError, opened
from autograder.intake.collect import collect
from autograder.intake.formats import recognise
from autograder.intake.formats.moodle import read_worksheet
from autograder.intake.roster import Person, RosterError, folded, read_roster

STEM = "hw04_adam"
ROSTER = """student,first_name,last_name,email,canvas_id,sid
ada,Ada,Lovelace,ada@example.org,101,S1
bob,Bob,Müller-Örs,bob@example.org,102,S2
cyd,Cyd,"O'Neil, Jr.",cyd@example.org,103,S3
dan,Dan,Twin,dan@example.org,,
dee,Dan,Twin,dee@example.org,,
"""


def notebook(mark: str) -> bytes:
    return json.dumps({"cells": [{"cell_type": "markdown", "source": mark, "metadata": {}}], "nbformat": 4}).encode()


def packed(path: Path, files: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 10, 1, 12, 0, 0)), content)
    return path


@pytest.fixture
def course() -> Course:
    loaded = load_course()
    topics = tuple(
        replace(topic, due="2026-10-05 12:00+00:00") if topic.stem == STEM else topic for topic in loaded.topics
    )
    return replace(loaded, topics=topics)


@pytest.fixture
def class_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "class"
    folder.mkdir()
    (folder / "roster.csv").write_text(ROSTER, encoding="utf-8")
    return folder


def rows(class_dir: Path) -> dict[tuple[str, str], dict[str, str]]:
    text = (class_dir / "reports" / f"collect_{STEM}.csv").read_text(encoding="utf-8")
    return {(row["student"], row["file"]): row for row in csv.DictReader(io.StringIO(text))}


def handed_in(class_dir: Path) -> dict[str, str]:
    found = {}
    for path in sorted((class_dir / "submitted").rglob("*")):
        if path.is_file() and path.name != "timestamp.txt":
            student, stem, name = path.relative_to(class_dir / "submitted").parts
            assert (stem, name) == (STEM, f"{STEM}.ipynb")
            found[student] = json.loads(path.read_bytes())["cells"][0]["source"]
    return found


def stamp(class_dir: Path, student: str) -> str:
    path = class_dir / "submitted" / student / STEM / "timestamp.txt"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def test_a_canvas_download_is_joined_by_id_and_by_name(
    tmp_path: Path, class_dir: Path, course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = packed(
        tmp_path / "submissions.zip",
        {
            "lovelaceada_101_9001_hw04_adam.ipynb": notebook("ada, first"),
            "lovelaceada_101_9005_hw04_adam-1.ipynb": notebook("ada, second"),
            "lovelaceada_101_9007_plot.png": b"\x89PNG",
            "müllerörsbob_LATE_999_9002_my homework.ipynb": notebook("bob"),
            "oneiljrcyd_103_text.html": b"<p>I cannot upload</p>",
            "strangereve_104_9003_hw04_adam.ipynb": notebook("eve"),
            "twindan_105_9004_hw04_adam.ipynb": notebook("a twin"),
            "notes.txt": b"",
        },
    )
    assert collect(course, class_dir, STEM, [archive]) == 0
    assert handed_in(class_dir) == {"ada": "ada, second", "bob": "bob"}
    table = rows(class_dir)
    assert table["ada", "lovelaceada_101_9005_hw04_adam-1.ipynb"]["state"] == "taken"
    assert "counts: later" in table["ada", "lovelaceada_101_9001_hw04_adam.ipynb"]["why"]
    assert table["ada", "lovelaceada_101_9007_plot.png"]["why"] == "not a notebook (.ipynb)"
    assert table["bob", "müllerörsbob_LATE_999_9002_my homework.ipynb"]["late"] == "yes"
    assert "typed into Canvas" in table["cyd", "oneiljrcyd_103_text.html"]["why"]
    assert "not in roster.csv" in table["strangereve", "strangereve_104_9003_hw04_adam.ipynb"]["why"]
    assert "dan and dee have this name" in table["twindan", "twindan_105_9004_hw04_adam.ipynb"]["why"]
    assert "put it in place by hand" in table["", "notes.txt"]["why"]
    assert table["cyd", ""]["state"] == "absent"
    assert (stamp(class_dir, "ada"), stamp(class_dir, "bob")) == ("", "2026-10-05 12:00:01 UTC\n")
    printed = capsys.readouterr().out
    assert "submissions.zip: Canvas, 8 files" in printed
    assert "hw04_adam: 2 taken, 0 replaced, 0 unchanged, 6 not taken, 3 absent; 1 late" in printed


def test_an_anonymous_canvas_download_is_nobodys(tmp_path: Path, class_dir: Path, course: Course) -> None:
    archive = packed(tmp_path / "a.zip", {"anon_Xy1z_9001_hw04_adam.ipynb": notebook("?")})
    assert collect(course, class_dir, STEM, [archive]) == 0
    assert rows(class_dir)["anonymous Xy1z", "anon_Xy1z_9001_hw04_adam.ipynb"]["state"] == "not taken"


MOODLE_NAMES = (
    "Ada Lovelace_11_assignsubmission_file/hw04_adam.ipynb",
    "Ada Lovelace_11_assignsubmission_file_/hw04_adam.ipynb",
    "Ada Lovelace_11_assignsubmission_file/homework/final/hw04_adam.ipynb",
    "Ada Lovelace_11_assignsubmission_file_hw04_adam.ipynb",
    "Lovelace Ada_11_assignsubmission_file_hw04_adam.ipynb",
)


@pytest.mark.parametrize("name", MOODLE_NAMES)
def test_every_layout_of_a_moodle_download_is_read(tmp_path: Path, class_dir: Path, course: Course, name: str) -> None:
    files = {name: notebook("ada"), "Bob Müller-Örs_12_assignsubmission_onlinetext/onlinetext.html": b"<p>hi</p>"}
    assert collect(course, class_dir, STEM, [packed(tmp_path / "m.zip", files)]) == 0
    assert handed_in(class_dir) == {"ada": "ada"}
    typed = rows(class_dir)["bob", "Bob Müller-Örs_12_assignsubmission_onlinetext/onlinetext.html"]
    assert "typed into Moodle" in typed["why"]


def test_a_moodle_worksheet_adds_addresses_and_times(tmp_path: Path, class_dir: Path, course: Course) -> None:
    worksheet = tmp_path / "grades.csv"
    worksheet.write_text(
        "\ufeffIdentifier,Full name,Email address,Status,Grade,Last modified (submission)\n"
        'Participant 21,Dan Twin,dan@example.org,Submitted,,"Monday, 5 October 2026, 11:00 AM"\n'
        'Participant 22,Dan Twin,dee@example.org,Submitted,,"Monday, 5 October 2026, 1:00 PM"\n',
        encoding="utf-8",
    )
    files = {f"Dan Twin_{n}_assignsubmission_file/hw04_adam.ipynb": notebook(str(n)) for n in (21, 22)}
    assert collect(course, class_dir, STEM, [packed(tmp_path / "m.zip", files), worksheet]) == 0
    assert handed_in(class_dir) == {"dan": "21", "dee": "22"}
    assert stamp(class_dir, "dan") == "2026-10-05 11:00:00 UTC\n"
    late = {student: row["late"] for (student, _), row in rows(class_dir).items()}
    assert (late["dan"], late["dee"]) == ("", "yes")


def test_a_worksheet_in_another_language_still_gives_addresses(tmp_path: Path) -> None:
    path = tmp_path / "w.csv"
    text = "ID;Vollständiger Name;E-Mail\nTeilnehmer/in 7;Ada L;ada@x.org\n"
    path.write_bytes(text.encode("latin-1"))
    assert read_worksheet(path) == {"7": (Person("Ada L", (("email", "ada@x.org"),)), None)}
    path.write_text("a,b\nc,d\n")
    with pytest.raises(UserError, match="no participant numbers"):
        read_worksheet(path)


METADATA = """
submission_1:
  :submitters:
  - :name: Ada Lovelace
    :sid: S1
    :email: other@example.org
  :created_at: 2026-10-05 11:00:00.000000000 Z
  :score: 3.0
submission_2:
  :submitters:
  - :name: Somebody
    :email: bob@example.org
  - :name: Cyd O'Neil, Jr.
  :created_at: !ruby/object:ActiveSupport::TimeWithZone
    utc: 2026-10-05 13:00:00.000000000 Z
    zone: !ruby/object:ActiveSupport::TimeZone
      name: UTC
submission_3:
  :submitters: []
  :created_at: 2026-10-05 11:00:00 UTC
submission_5:
  :submitters:
  - :name: Ada Lovelace
    :sid: S1
  :created_at: 2026-10-05 11:30:00 UTC
"""


def gradescope_files(metadata: str = METADATA) -> dict[str, bytes]:
    files = {f"assignment_7_export/submission_{n}/hw04_adam.ipynb": notebook(f"number {n}") for n in (1, 2, 3, 5)}
    return {
        "assignment_7_export/submission_metadata.yml": metadata.encode(),
        **files,
        "__MACOSX/assignment_7_export/submission_1/._hw04_adam.ipynb": b"junk",
    }


def test_a_gradescope_export_is_joined_and_a_group_gets_one_copy_each(
    tmp_path: Path, class_dir: Path, course: Course
) -> None:
    assert collect(course, class_dir, STEM, [packed(tmp_path / "g.zip", gradescope_files())]) == 0
    assert handed_in(class_dir) == {"ada": "number 5", "bob": "number 2", "cyd": "number 2"}
    assert stamp(class_dir, "ada") == "2026-10-05 11:30:00 UTC\n"
    table = rows(class_dir)
    assert table["bob", "assignment_7_export/submission_2/hw04_adam.ipynb"]["late"] == "yes"
    assert "anonymous export" in table["", "assignment_7_export/submission_3/hw04_adam.ipynb"]["why"]


def test_a_gradescope_export_may_be_a_folder(tmp_path: Path, class_dir: Path, course: Course) -> None:
    for name, content in gradescope_files().items():
        path = tmp_path / "export" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    assert collect(course, class_dir, STEM, [tmp_path / "export"]) == 0
    assert handed_in(class_dir)["ada"] == "number 5"


@pytest.mark.parametrize("metadata", ["- a list", "a: [", "", "x: !!python/object/apply:os.system ['false']"])
def test_a_gradescope_list_that_cannot_be_read_is_named(
    tmp_path: Path, class_dir: Path, course: Course, metadata: str
) -> None:
    with pytest.raises(UserError, match=r"submission_metadata\.yml: no"):
        collect(course, class_dir, STEM, [packed(tmp_path / "g.zip", gradescope_files(metadata))])


@pytest.mark.parametrize(
    "names",
    [
        ("ada/hw04_adam.ipynb", "bob/hw04_adam.ipynb"),
        ("all/ada/hw04_adam.ipynb", "all/bob/hw04_adam.ipynb"),
        ("submitted/ada/hw04_adam/hw04_adam.ipynb", "submitted/bob/hw04_adam/hw04_adam.ipynb"),
        ("ada.ipynb", "bob.ipynb"),
        ("all/ada@example.org.ipynb", "all/Bob Müller-Örs.ipynb"),
        ("ADA\\hw04_adam.ipynb", "bob\\hw04_adam.ipynb"),
    ],
)
@pytest.mark.parametrize("with_roster", [True, False])
def test_plain_folders_and_zips_are_read(
    tmp_path: Path, class_dir: Path, course: Course, names: tuple[str, str], with_roster: bool
) -> None:
    if not with_roster:
        (class_dir / "roster.csv").unlink()
    files = {name: notebook(name) for name in names}
    assert collect(course, class_dir, STEM, [packed(tmp_path / "p.zip", files)]) == 0
    assert list(handed_in(class_dir).values()) == list(names)
    if with_roster:
        assert list(handed_in(class_dir)) == ["ada", "bob"]


def test_without_a_roster_ids_come_from_names(
    tmp_path: Path, class_dir: Path, course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    (class_dir / "roster.csv").unlink()
    canvas = packed(tmp_path / "c.zip", {"lovelaceada_101_9_x.ipynb": notebook("canvas")})
    moodle = packed(tmp_path / "m.zip", {"Bob Müller-Örs_1_assignsubmission_file/x.ipynb": notebook("moodle")})
    assert collect(course, class_dir, STEM, [canvas, moodle]) == 0
    assert handed_in(class_dir) == {"bob-müller-örs": "moodle", "lovelaceada-101": "canvas"}
    assert "no roster.csv" in capsys.readouterr().out


def test_collecting_again_changes_nothing_and_a_later_file_replaces(
    tmp_path: Path, class_dir: Path, course: Course
) -> None:
    folder = tmp_path / "in" / "ada"
    folder.mkdir(parents=True)
    (tmp_path / "in" / "bob").mkdir()
    path = folder / "hw04_adam.ipynb"
    states = []
    for mark, hour in (("one", 10), ("one", 10), ("two", 11), ("older", 9)):
        path.write_bytes(notebook(mark))
        seconds = datetime(2026, 10, 5, hour, tzinfo=UTC).timestamp()
        os.utime(path, (seconds, seconds))
        assert collect(course, class_dir, STEM, [tmp_path / "in"]) == 0
        states.append(rows(class_dir)["ada", "ada/hw04_adam.ipynb"]["state"])
    assert states == ["taken", "unchanged", "replaced", "not taken"]
    assert handed_in(class_dir) == {"ada": "two"}
    assert stamp(class_dir, "ada") == "2026-10-05 11:00:00 UTC\n"


def test_notebooks_of_other_topics_stay_out(tmp_path: Path, class_dir: Path, course: Course) -> None:
    other = replace(course.topics[0], stem="hw05_other")
    course = replace(course, topics=(*course.topics, other))
    files = {
        "ada/hw05_other.ipynb": notebook("other"),
        "ada/hw04_adam (2).ipynb": notebook("this"),
        "bob/hw05_other.ipynb": notebook("other"),
    }
    assert collect(course, class_dir, STEM, [packed(tmp_path / "p.zip", files)]) == 0
    assert handed_in(class_dir) == {"ada": "this"}
    assert "./course collect hw05_other" in rows(class_dir)["bob", "bob/hw05_other.ipynb"]["why"]


def test_a_file_that_is_no_notebook_inside_is_taken_with_a_remark(
    tmp_path: Path, class_dir: Path, course: Course
) -> None:
    archive = packed(tmp_path / "p.zip", {"ada/hw04_adam.ipynb": b"Dear teacher", "bob/hw04_adam.zip": b"PK"})
    assert collect(course, class_dir, STEM, [archive]) == 0
    assert "will not be gradable" in rows(class_dir)["ada", "ada/hw04_adam.ipynb"]["why"]
    assert "unpack it by hand" in rows(class_dir)["bob", "bob/hw04_adam.zip"]["why"]


def test_names_that_lead_out_links_and_locked_files_are_not_taken_and_the_rest_is(
    tmp_path: Path, class_dir: Path, course: Course
) -> None:
    path = tmp_path / "evil.zip"
    names = ["../../ada/hw04_adam.ipynb", "/etc/bob.ipynb", "C:/bob.ipynb", "a/../../bob.ipynb", "..\\bob.ipynb"]
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, notebook("evil"))
        link = zipfile.ZipInfo("bob/hw04_adam.ipynb")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        pipe = zipfile.ZipInfo("bob/pipe.ipynb")
        pipe.external_attr = 0o010666 << 16
        archive.writestr(pipe, "")
        archive.writestr("cyd/hw04_adam.ipynb", notebook("honest"))
        archive.writestr("ada/\x1b[2J.ipynb", notebook("escape"))
    before = sorted(tmp_path.rglob("*"))
    assert collect(course, class_dir, STEM, [path]) == 0
    assert handed_in(class_dir) == {"cyd": "honest"}
    new = {path.relative_to(class_dir).parts[0] for path in set(tmp_path.rglob("*")) - set(before)}
    assert new == {"submitted", "reports"}
    whys = [row["why"] for row in rows(class_dir).values() if row["state"] == "not taken"]
    assert sum("leads out of the archive" in why for why in whys) == len(names) + 1
    assert {"a link, not a file", "no regular file"} <= set(whys)


def test_an_encrypted_or_damaged_file_costs_only_itself(tmp_path: Path, class_dir: Path, course: Course) -> None:
    names = ("ada/hw04_adam.ipynb", "bob/hw04_adam.ipynb", "cyd/hw04_adam.ipynb")
    path = tmp_path / "d.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, notebook(name))
        offsets = [(info.header_offset, len(info.filename)) for info in archive.infolist()]
    raw = bytearray(path.read_bytes())
    raw[offsets[0][0] + 30 + offsets[0][1] + 5] ^= 0xFF  # a byte of ada's content
    central = raw.index(b"PK\x01\x02", raw.index(b"PK\x01\x02") + 4)
    raw[central + 8] |= 1  # bob's is marked as encrypted
    path.write_bytes(raw)
    assert collect(course, class_dir, STEM, [path]) == 0
    assert list(handed_in(class_dir)) == ["cyd"]
    assert "damaged inside the archive" in rows(class_dir)["ada", names[0]]["why"]
    assert rows(class_dir)["bob", names[1]]["why"] == "encrypted"


def test_a_large_file_inside_is_not_unpacked(tmp_path: Path, class_dir: Path, course: Course) -> None:
    with zipfile.ZipFile(tmp_path / "l.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("ada/hw04_adam.ipynb", "w") as file:
            for _ in range(30):
                file.write(bytes(2**20))
        archive.writestr("bob/hw04_adam.ipynb", notebook("bob"))
    assert collect(course, class_dir, STEM, [tmp_path / "l.zip"]) == 0
    assert list(handed_in(class_dir)) == ["bob"]
    assert "30.0 MB, and at most 20 MB" in rows(class_dir)["ada", "ada/hw04_adam.ipynb"]["why"]


def test_a_size_that_lies_gives_no_more_than_it_claims(tmp_path: Path) -> None:
    path = packed(tmp_path / "liar.zip", {"ada.ipynb": bytes(2**22)})
    raw = bytearray(path.read_bytes())
    central = raw.index(b"PK\x01\x02")
    raw[central + 24 : central + 28] = struct.pack("<I", 10)
    path.write_bytes(raw)
    with opened(path) as entries:
        assert entries[0].size == 10
        with pytest.raises(Exception, match="damaged inside the archive"):
            entries[0].read(1)


def test_bombs_are_refused_whole_and_other_archives_are_taken(
    tmp_path: Path, class_dir: Path, course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    good = packed(tmp_path / "good.zip", {"ada/hw04_adam.ipynb": notebook("ada")})
    bomb = packed(tmp_path / "bomb.zip", {f"{n}/hw04_adam.ipynb": bytes(1000) for n in ("bob", "cyd")})
    raw = bytearray(bomb.read_bytes())
    second = raw.index(b"PK\x01\x02", raw.index(b"PK\x01\x02") + 4)
    raw[second + 42 : second + 46] = struct.pack("<I", 4)  # its content overlaps the first one's
    bomb.write_bytes(raw)
    not_zip = tmp_path / "not.zip"
    not_zip.write_bytes(b"hello")
    assert collect(course, class_dir, STEM, [bomb, not_zip, good]) == 3
    assert handed_in(class_dir) == {"ada": "ada"}
    assert "files inside overlap" in rows(class_dir)["", "bomb.zip"]["why"]
    assert "no zip archive" in rows(class_dir)["", "not.zip"]["why"]
    assert "2 archives refused" in capsys.readouterr().out


def test_too_many_files_or_bytes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = packed(tmp_path / "many.zip", {f"{n}.ipynb": b"x" for n in range(4)})
    for name, words in (("MOST_ENTRIES", "4 files"), ("MOST_TOTAL", "would unpack")):
        with monkeypatch.context() as patch:
            patch.setattr(f"autograder.intake.archives.{name}", 3)
            with pytest.raises(UnsafeArchiveError, match=words), opened(path):
                pass


def test_nothing_is_written_or_read_through_links(tmp_path: Path, class_dir: Path, course: Course) -> None:
    secret = tmp_path / "secret.ipynb"
    secret.write_bytes(notebook("secret"))
    folder = tmp_path / "in"
    (folder / "bob").mkdir(parents=True)
    (folder / "bob" / "hw04_adam.ipynb").symlink_to(secret)
    (folder / "cyd").symlink_to(tmp_path)
    (folder / "ada").mkdir()
    (folder / "ada" / "hw04_adam.ipynb").write_bytes(notebook("ada"))
    outside = tmp_path / "outside"
    outside.mkdir()
    (class_dir / "submitted").mkdir()
    (class_dir / "submitted" / "ada").symlink_to(outside)
    assert collect(course, class_dir, STEM, [folder]) == 0
    assert list(outside.iterdir()) == []
    table = rows(class_dir)
    assert "nothing is written through links" in table["ada", "ada/hw04_adam.ipynb"]["why"]
    assert "a link" in table["bob", "bob/hw04_adam.ipynb"]["why"]
    assert not (class_dir / "submitted" / "cyd").exists()


def test_a_student_whose_file_cannot_be_written_does_not_stop_the_others(
    tmp_path: Path, class_dir: Path, course: Course
) -> None:
    (class_dir / "submitted").mkdir()
    (class_dir / "submitted" / "ada").write_text("a file where the folder should be")
    files = {f"{student}/hw04_adam.ipynb": notebook(student) for student in ("ada", "bob")}
    assert collect(course, class_dir, STEM, [packed(tmp_path / "p.zip", files)]) == 0
    assert (class_dir / "submitted" / "bob" / STEM / f"{STEM}.ipynb").exists()
    assert "could not be written" in rows(class_dir)["ada", "ada/hw04_adam.ipynb"]["why"]


def test_what_a_spreadsheet_would_compute_is_text(tmp_path: Path, class_dir: Path, course: Course) -> None:
    archive = packed(tmp_path / "p.zip", {'=HYPERLINK("x")/hw04_adam.ipynb': notebook("x"), "ada/x.ipynb": b"{}"})
    collect(course, class_dir, STEM, [archive])
    text = (class_dir / "reports" / f"collect_{STEM}.csv").read_text()
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in csv.reader(io.StringIO(text)) for cell in row)


def test_what_does_not_exist_is_named(class_dir: Path, course: Course, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no such file"):
        collect(course, class_dir, STEM, [tmp_path / "nowhere.zip"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no column named student"),
        ("name,email\nAda,a@x\n", "no column named student"),
        ("student\nada\nada\n", r"roster\.csv:3: ada stands there twice"),
        ("student\n../ada\n", "will not do as a student's id"),
        ("student\n.hidden\n", "will not do as a student's id"),
        ("student,email\nada,a@x\nbob,A@x\n", "email A@x belongs to ada already"),
    ],
)
def test_a_roster_that_cannot_be_used_is_named_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "roster.csv").write_text(text)
    with pytest.raises(RosterError, match=words):
        read_roster(tmp_path / "roster.csv")


def test_the_student_list_of_nbgrader_and_of_a_spreadsheet_are_rosters(tmp_path: Path) -> None:
    path = tmp_path / "roster.csv"
    path.write_text("id,first_name,last_name,email\nada,Ada,Lovelace,a@x\n\n")
    roster = read_roster(path)
    assert roster is not None
    assert roster.find(Person("LOVELACE, Ada")) == ("ada", "")
    path.write_bytes("Student;Name\r\nöj;Öjvind Å\r\n".encode("cp1252"))
    roster = read_roster(path)
    assert roster is not None
    assert roster.find(Person("", (("student", "ÖJ"),))) == ("öj", "")
    assert folded("Ö'Neil-Å ") == "oneila"


def test_an_empty_archive_is_an_empty_folder(tmp_path: Path) -> None:
    with opened(packed(tmp_path / "e.zip", {})) as entries:
        assert recognise(entries, {}) == ("folder", [])
