"""A class graded by a real Dask cluster of processes: workers are killed, and nothing is lost, doubled or left over."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import dask
import distributed
import psutil
import pytest

from autograder.classroom.cluster import Cluster
from autograder.classroom.grade import Graded, grade_class
from autograder.classroom.journal import Journal, read_journal
from autograder.classroom.submissions import find_submissions, largest_first
from autograder.classroom.task import Task
from autograder.config import Course
from autograder.errors import UserError
from autograder.grading.seeds import SECRET_NAME
from autograder.records import Result
from autograder.tests.restless_class import (
    hand_in,
    open_gates,
    restless_course,
    rows,
    seen,
    stem_of,
    wait_until,
)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two workers that are processes, each under its nanny; a task may lose one worker and no more."""
    with dask.config.set({"distributed.scheduler.allowed-failures": 1}):
        with distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as started:
            yield started


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    before = chunk_folders()
    yield
    wait_until(lambda: not grading_processes(), "grading processes are left")
    assert chunk_folders() <= before


def chunk_folders() -> set[Path]:
    """Folders of submissions outside those that Dask looks after."""
    return set(Path(tempfile.gettempdir()).glob("course-chunk-*"))


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return restless_course(tmp_path / "course")


def grade(course: Course, class_dir: Path, cluster: Any) -> Graded:
    return grade_class(course, class_dir, [stem_of(course)], scheduler=cluster.scheduler_address)


def by_student(class_dir: Path) -> dict[str, Result]:
    return {result.student: result for result in read_journal(class_dir).results}


def tasks_of(course: Course, class_dir: Path) -> list[Task]:
    """The tasks of a class, largest first."""
    found = largest_first(find_submissions(class_dir, [stem_of(course)]))
    return [Task(handed.topic, handed.student, handed.sha256, str(handed.path)) for handed in found]


GRADING = {"autograder.classroom.serve", "bwrap", "zygote.py"}


def words_of(process: psutil.Process) -> list[str]:
    """Its command line, which is empty once it has ended."""
    with suppress(psutil.Error):
        return list(process.cmdline())
    return []


def grading_processes() -> list[psutil.Process]:
    """Every grading process below this one, and what it has started."""
    return [
        process
        for process in psutil.Process().children(recursive=True)
        if GRADING & {Path(part).name for part in words_of(process)}
    ]


def test_a_class_is_graded_and_the_workers_end_their_grading_processes(
    course: Course, tmp_path: Path, cluster: Any
) -> None:
    hand_in(course, tmp_path, **{f"s{number}": "plain" for number in range(11)})
    (tmp_path / "submitted" / "s3" / stem_of(course) / f"{stem_of(course)}.ipynb").write_text("Dear teacher,")
    path = tmp_path / "submitted" / "s4" / stem_of(course) / f"{stem_of(course)}.ipynb"
    path.unlink()
    path.symlink_to(course.root / SECRET_NAME)
    graded = grade(course, tmp_path, cluster)
    assert rows(tmp_path) == sorted(f"s{number}" for number in range(11))
    results = by_student(tmp_path)
    assert {results.pop(name).status for name in ("s3", "s4")} == {"unreadable"}
    assert {(result.status, result.score) for result in results.values()} == {("ok", 10.0)}
    assert graded.notes == ()
    assert grade(course, tmp_path, cluster).fresh == ()


def test_a_killed_worker_leaves_no_process_and_its_submissions_are_graded_again(
    course: Course, tmp_path: Path, cluster: Any
) -> None:
    hand_in(course, tmp_path, ("ada",), ada="wait", bob="plain", cyd="plain", dan="plain", eve="plain")
    engine = Cluster(course, cluster.scheduler_address)
    results = engine.run(tasks_of(course, tmp_path))
    first = next(results)
    wait_until(lambda: seen(course, "ada"), "ada's turn")
    grader = psutil.Process(seen(course, "ada")[0])
    family = [grader, *grader.children(recursive=True)]
    worker = grader.parent()
    assert worker is not None
    assert len(family) > 2
    worker.kill()
    wait_until(lambda: not any(process.is_running() for process in family), "the killed worker's grading processes")
    open_gates(course)
    everybody = [first, *results]
    engine.close()
    assert sorted(result.student for result in everybody) == ["ada", "bob", "cyd", "dan", "eve"]
    assert {result.score for result in everybody} == {10.0}


def test_a_stop_finishes_what_is_on_its_way_and_the_next_run_does_the_rest(
    course: Course, tmp_path: Path, cluster: Any
) -> None:
    hand_in(course, tmp_path, **{f"s{number:02}": "plain" for number in range(50)})
    engine = Cluster(course, cluster.scheduler_address)
    results = engine.run(tasks_of(course, tmp_path))
    first = next(results)
    engine.stop()
    with Journal(tmp_path) as journal:
        for result in (first, *results):
            journal.append(result)
    engine.close()
    done = len(rows(tmp_path))
    assert 0 < done < 50
    assert len(grade(course, tmp_path, cluster).fresh) == 50 - done
    assert rows(tmp_path) == [f"s{number:02}" for number in range(50)]


def test_poison_waits_for_a_human_whether_it_kills_its_process_or_the_worker(
    course: Course, tmp_path: Path, cluster: Any
) -> None:
    hand_in(course, tmp_path, ada="plain", bob="die", cyd="plain", dan="kill-parent", eve="plain", fay="plain")
    grade(course, tmp_path, cluster)
    assert rows(tmp_path) == ["ada", "bob", "cyd", "dan", "eve", "fay"]
    results = by_student(tmp_path)
    poison = {name: results.pop(name) for name in ("bob", "dan")}
    assert {result.status for result in poison.values()} == {"grader_error"}
    assert all(result.needs_a_human for result in poison.values())
    assert "died 3 times on it, the last time: killed by SIGKILL" in poison["bob"].notices[0]
    assert "workers were killed whenever they graded it" in poison["dan"].notices[0]
    assert {(result.status, result.score) for result in results.values()} == {("ok", 10.0)}


def test_a_fault_of_the_course_ends_the_run_with_its_message_and_no_row(
    course: Course, tmp_path: Path, cluster: Any
) -> None:
    hand_in(course, tmp_path, ada="plain")
    course.grader(stem_of(course)).write_text("import nothing_of_this_name\n")
    with pytest.raises(UserError, match=r"cannot be imported \(ModuleNotFoundError"):
        grade(course, tmp_path, cluster)
    assert rows(tmp_path) == []


def test_a_worker_with_another_grader_is_refused(
    course: Course, tmp_path: Path, cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(course, tmp_path, ada="plain")
    monkeypatch.setattr("autograder.classroom.grade.grader_sha256", lambda *_: "0" * 64)
    with pytest.raises(UserError, match=r"here it is 000000000000\. Have the same commit, Python and isolation level"):
        grade(course, tmp_path, cluster)
    assert rows(tmp_path) == []


def test_a_scheduler_that_does_not_answer_is_named_with_the_way_out(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(course, tmp_path, ada="plain")
    monkeypatch.setattr("autograder.classroom.cluster.CONNECT_SECONDS", 1)
    with pytest.raises(UserError, match=r"tcp://127\.0\.0\.1:9: no Dask scheduler answers .*Start one: dask scheduler"):
        grade_class(course, tmp_path, [stem_of(course)], scheduler="tcp://127.0.0.1:9")


def test_without_dask_the_extra_to_install_is_named(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(course, tmp_path, ada="plain")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UserError, match=r"--scheduler needs Dask, the extra \[cluster\]: pip install distributed"):
        grade_class(course, tmp_path, [stem_of(course)], scheduler="tcp://127.0.0.1:9")


def test_nothing_of_dask_is_loaded_unless_a_scheduler_is_named() -> None:
    script = "import sys, autograder.verbs, autograder.classroom.grade; print('distributed' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
