"""The journal loses nothing, whatever happens while it is written."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.classroom.journal import SYNC_EVERY, Journal, JournalError, journal_path, key_of, read_journal
from autograder.records import Diagnosis, ExerciseResult, Result, TestResult, result_from_json


def a_result(student: str = "ada", score: float = 3.0) -> Result:
    test = TestResult("test_x", "A title, with umlauts: äöü", "failed", 0.0, 2.0, "line one\nline two")
    exercise = ExerciseResult("Adam", score, 5.0, Diagnosis("no_bias_correction", "why?"), (test,))
    return Result("hw04", student, "aa", "bb", 7, "A", "ok", score, 5.0, (exercise,), ("a notice",), 0.25)


def test_a_record_comes_back_from_json_as_it_was() -> None:
    assert result_from_json(a_result().to_json()) == a_result()


def test_records_read_back_share_what_is_equal_so_that_ten_thousand_fit_in_memory() -> None:
    one, other = (result_from_json(a_result(student).to_json()) for student in ("ada", "bob"))
    assert one.exercises[0] is other.exercises[0]
    assert one.topic is other.topic


def test_a_record_that_needs_a_human_says_so() -> None:
    broken = replace(a_result().exercises[0].tests[0], state="grader_error")
    result = replace(a_result(), exercises=(replace(a_result().exercises[0], tests=(broken,)),))
    assert result.needs_a_human
    assert not a_result().needs_a_human


def test_what_was_appended_is_read_back_and_the_newest_wins(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.append(a_result(score=1.0))
        journal.append(a_result("bob"))
        journal.append(a_result(score=2.0))
    history = read_journal(tmp_path)
    assert len(history.results) == 3
    assert history.by_key()[key_of(a_result())].score == 2.0
    assert set(history.latest()) == {("hw04", "ada"), ("hw04", "bob")}


def test_cutting_the_last_record_at_every_byte_loses_only_that_record(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.append(a_result("ada"))
        journal.append(a_result("bob"))
    path = journal_path(tmp_path)
    whole = path.read_bytes()
    first = whole.index(b"\n") + 1
    for cut in range(first, len(whole)):
        path.write_bytes(whole[:cut])
        with Journal(tmp_path) as journal:
            kept = len(read_journal(tmp_path).results)
            assert kept == (2 if cut == len(whole) - 1 else 1)
            journal.append(a_result("cyd"))
        students = [result.student for result in read_journal(tmp_path).results]
        assert students == [*["ada", "bob"][:kept], "cyd"]
        assert not read_journal(tmp_path).damage


def test_a_damaged_line_in_the_middle_is_reported_and_the_rest_is_read(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        for student in ("ada", "bob", "cyd"):
            journal.append(a_result(student))
    path = journal_path(tmp_path)
    lines = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join([lines[0], b'{"schema": "autograder/result/1"}', lines[2], b""]))
    history = read_journal(tmp_path)
    assert [result.student for result in history.results] == ["ada", "cyd"]
    assert [spot.line for spot in history.damage] == [2]


def test_a_second_writer_is_refused_while_the_first_one_writes(tmp_path: Path) -> None:
    with Journal(tmp_path), pytest.raises(JournalError, match="another run is grading this class"), Journal(tmp_path):
        pass


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("a file where the folder should be")
    with pytest.raises(JournalError, match=r"results\.jsonl"), Journal(tmp_path):
        pass


def test_a_full_disk_keeps_every_earlier_record_whole(tmp_path: Path) -> None:
    script = f"""
import signal, sys
from dataclasses import replace
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from autograder.classroom.journal import Journal, JournalError
from autograder.tests.test_journal import a_result
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with Journal(Path({str(tmp_path)!r})) as journal:
    try:
        for number in range(1000):
            journal.append(a_result(f"student{{number}}"))
    except JournalError as error:
        print(number, error)
"""
    limit = 4096
    done = subprocess.run(
        [sys.executable, "-B", "-c", script],  # a compiled file cut short would spoil later tests
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    number = int(done.stdout.split()[0])
    assert 0 < number < 1000
    assert "Make room" in done.stdout
    history = read_journal(tmp_path)
    assert len(history.results) == number
    assert not history.damage
    assert journal_path(tmp_path).read_bytes().endswith(b"\n")


def test_a_killed_writer_leaves_whole_records_and_no_lock(tmp_path: Path) -> None:
    script = f"""
import sys
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from autograder.classroom.journal import Journal
from autograder.tests.test_journal import a_result
with Journal(Path({str(tmp_path)!r})) as journal:
    journal.append(a_result("ada"))
    print("written", flush=True)
    sys.stdin.read()
"""
    writer = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    assert writer.stdin is not None
    assert writer.stdout.readline() == "written\n"
    os.kill(writer.pid, signal.SIGKILL)
    writer.wait()
    writer.stdout.close()
    writer.stdin.close()
    with Journal(tmp_path) as journal:
        journal.append(a_result("bob"))
    assert [result.student for result in read_journal(tmp_path).results] == ["ada", "bob"]


def test_records_reach_the_disk_in_batches_and_the_rest_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    with Journal(tmp_path) as journal:
        monkeypatch.setattr(os, "fsync", lambda _file: synced.append(len(read_journal(tmp_path).results)))
        for number in range(2 * SYNC_EVERY + 3):
            journal.append(a_result(f"s{number}"))
    assert synced == [SYNC_EVERY, 2 * SYNC_EVERY, 2 * SYNC_EVERY + 3]


def test_a_disk_that_does_not_take_a_batch_is_named_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_file: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    journal = Journal(tmp_path).__enter__()
    journal.append(a_result())
    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(JournalError, match=r"could not be written \(Input/output error\)"):
        journal.__exit__(None, None, None)
    monkeypatch.undo()
    with Journal(tmp_path) as journal:
        journal.append(a_result("bob"))
    assert [result.student for result in read_journal(tmp_path).results] == ["ada", "bob"]
