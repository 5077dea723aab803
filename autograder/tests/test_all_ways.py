"""However a class is graded, every record is the same: one process, two, two shards merged, or a Dask cluster."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import distributed
import pytest

from autograder.classroom.grade import grade_class
from autograder.classroom.journal import read_journal
from autograder.config import Course, load_course
from autograder.demo.sample import lay_out, read_table
from autograder.records import Result
from autograder.tests.two_records import in_the_gradebook, in_the_journal

STEM = "hw04_adam"
KINDS = ("perfect", "stub", "half", "mistake", "right answer", "syntax error", "os._exit", "tampered", "not json")


@pytest.fixture(scope="module")
def course() -> Course:
    return load_course()


@pytest.fixture(scope="module")
def class_dir(tmp_path_factory: pytest.TempPathFactory, course: Course) -> Path:
    """One submission of each of nine kinds, from the sample class."""
    folder = tmp_path_factory.mktemp("class")
    table = {row.does: row for row in reversed(read_table()) if row.topic == STEM}
    lay_out(course, folder, [table[kind] for kind in KINDS])
    return folder


@pytest.fixture(scope="module")
def one_process(class_dir: Path, course: Course, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    return records(course, class_dir, tmp_path_factory.mktemp("one"), jobs=1)


def beside(class_dir: Path, folder: Path) -> Path:
    """Another class folder with the same submissions."""
    (folder / "submitted").symlink_to(class_dir / "submitted")
    return folder


def records(course: Course, class_dir: Path, folder: Path, jobs: int = 1, scheduler: str = "") -> dict[str, Result]:
    graded = grade_class(course, beside(class_dir, folder), [STEM], jobs=jobs, scheduler=scheduler)
    assert len(graded.fresh) == len(KINDS)
    return timeless(folder)


def timeless(folder: Path) -> dict[str, Result]:
    """Every record of a journal but for the time that it took."""
    results = read_journal(folder).results
    assert len({result.student for result in results}) == len(results)
    return {result.student: replace(result, seconds=0.0) for result in results}


def course_command(*arguments: str | Path) -> str:
    command = [sys.executable, "-m", "autograder", *map(str, arguments)]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_class_is_mixed(one_process: dict[str, Result]) -> None:
    assert {result.status for result in one_process.values()} >= {"ok", "exception", "crashed", "unreadable"}
    assert len({result.score for result in one_process.values()}) > 3


def test_two_processes_write_the_same_records(
    course: Course, class_dir: Path, one_process: dict[str, Result], tmp_path: Path
) -> None:
    assert records(course, class_dir, tmp_path, jobs=2) == one_process


def test_a_dask_cluster_writes_the_same_records(
    course: Course, class_dir: Path, one_process: dict[str, Result], tmp_path: Path
) -> None:
    with distributed.LocalCluster(n_workers=1, threads_per_worker=2, processes=True, dashboard_address=None) as cluster:
        assert records(course, class_dir, tmp_path, scheduler=cluster.scheduler_address) == one_process


def test_two_shards_merged_write_the_same_records_and_the_gradebook_equals_them(
    class_dir: Path, one_process: dict[str, Result], tmp_path: Path
) -> None:
    folder = beside(class_dir, tmp_path)
    for part in ("1/2", "2/2"):
        said = course_command("grade", STEM, "--class-dir", folder, "--shard", part)
        assert f"Next: when all are done: ./course merge {folder / 'journal'}" in said
    assert not (folder / "gradebook.db").exists()
    assert "9 submissions: 9 graded now" in course_command("merge", folder / "journal", "--class-dir", folder)
    assert timeless(folder) == one_process
    assert in_the_gradebook(folder) == in_the_journal(folder)
