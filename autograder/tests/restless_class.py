"""A small class whose hidden test does to its grading process what a file asks for: wait, die, kill the sandbox."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from autograder.classroom.journal import RESULTS, read_journal
from autograder.config import Course
from autograder.course.notebook import notebook_with
from autograder.course.percent import read_topic
from autograder.course.stubs import solution_source
from autograder.tests.tiny_course import GRADER, tiny_course

PR_SET_CHILD_SUBREAPER = 36
PATIENCE = 600.0  # seconds in vain; a busy machine needs many

ACT = '''
import os
import signal
import time
from pathlib import Path

import psutil

GATES = Path("GATES")


def act(student):
    """What the file asks for, before its answer is looked at."""
    what, _, name = student.WISH.partition(" ")
    seen = GATES / f"{name}.seen"
    again = seen.exists()
    with seen.open("a") as file:
        file.write(f"{os.getpid()}\\n")
    if what == "wait":
        while not (GATES / "open").exists():
            time.sleep(0.01)
    elif what == "die" or (what == "die-once" and not again):
        os.kill(os.getpid(), signal.SIGKILL)
    elif what == "hang-once" and not again:
        while True:
            time.sleep(1)
    elif what == "fault-once" and not again:
        raise SystemExit("a fault of the engine")
    elif what == "kill-launcher-once" and not again:
        psutil.Process().children()[0].kill()
    elif what == "kill-sandbox-once" and not again:
        descendants = psutil.Process().children(recursive=True)
        next(each for each in descendants if each.name().startswith("python")).kill()
    elif what == "kill-parent":
        os.kill(os.getppid(), signal.SIGKILL)
        while True:
            time.sleep(1)

'''


def restless_course(root: Path) -> Course:
    """The tiny course, its first hidden test doing what the submission wishes."""
    gates = root / "gates"
    gates.mkdir(parents=True)
    act = ACT.replace('GATES = Path("GATES")', f"GATES = Path({str(gates)!r})")
    grader = GRADER.replace("import numpy as np", act + "import numpy as np", 1)
    grader = grader.replace("    x = rng.normal(1, 1, 6)\n", "    act(student)\n    x = rng.normal(1, 1, 6)\n", 1)
    return tiny_course(root, grader=grader)


def stem_of(course: Course) -> str:
    """The course's only topic."""
    return course.topics[0].stem


def hand_in(course: Course, class_dir: Path, first: Sequence[str] = (), **wishes: str) -> None:
    """One right notebook for each student, with a wish: "plain", "wait", "die" and so on; large files for some."""
    stem = stem_of(course)
    for student, wish in wishes.items():
        notebook = notebook_with(read_topic(course.source(stem)), solution_source)
        for cell in notebook["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade_id") == "moving":
                cell["source"] = [*cell["source"], f"\nWISH = '{wish} {student}'  #{' ' * 999 * (student in first)}\n"]
        path = class_dir / "submitted" / student / stem / f"{stem}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(notebook), encoding="utf-8")


def open_gates(course: Course) -> None:
    """Let everybody who waits go on."""
    (course.root / "gates" / "open").touch()


def seen(course: Course, student: str) -> list[int]:
    """The grading processes that came to this student's first hidden test."""
    try:
        lines = (course.root / "gates" / f"{student}.seen").read_text().split("\n")
    except FileNotFoundError:
        return []
    return [int(line) for line in lines[:-1]]


def wait_until(happened: Callable[[], object], what: str) -> None:
    """Wait for an event that can be observed."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.01)


def start_run(course: Course, class_dir: Path, *more: str, **options: Any) -> subprocess.Popen[str]:
    """`./course grade` for this course, as a process of its own group; it prints who was graded."""
    command = [sys.executable, "-m", "autograder.tests.restless_class", str(course.root)]
    run: subprocess.Popen[str] = subprocess.Popen(
        [*command, "grade", "--class-dir", str(class_dir), *more],
        cwd=Path(__file__).resolve().parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **options,
    )
    return run


def interrupt(run: subprocess.Popen[str]) -> None:
    """Press Ctrl-C, which a terminal passes on to the whole group, and wait for the answer."""
    os.killpg(run.pid, signal.SIGINT)
    output = run.stdout
    assert output is not None
    wait_until(lambda: "stopping after the submissions in hand" in output.readline(), "the answer to Ctrl-C")


def finish(run: subprocess.Popen[str], code: int = 0) -> tuple[list[str], str]:
    """Who was graded by a run, and what it said, once it has ended with this code."""
    output, errors = run.communicate(timeout=PATIENCE)
    assert run.returncode == code, (run.returncode, output, errors)
    lines = [line for line in output.splitlines() if line.startswith("fresh: ")]
    return lines[-1].split()[1:] if lines else [], output + errors


def rows(class_dir: Path, name: str = RESULTS) -> list[str]:
    """The students in the journal, one for each row."""
    history = read_journal(class_dir, name)
    assert not history.damage
    return sorted(result.student for result in history.results)


@contextmanager
def nobody_left() -> Iterator[None]:
    """Become the parent of everything that is left behind, and insist that it ends by itself."""
    libc = ctypes.CDLL(None)
    before = set(psutil.Process().children(recursive=True))
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
        wait_until(lambda: not _left(before), "processes are left")
    finally:
        for process in _left(before):
            process.kill()
        libc.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def _left(before: set[psutil.Process]) -> Sequence[psutil.Process]:
    left = [each for each in psutil.Process().children(recursive=True) if each not in before]
    for process in left:
        with suppress(OSError, psutil.Error):
            if process.status() == psutil.STATUS_ZOMBIE:
                os.waitpid(process.pid, os.WNOHANG)
    return left


def main() -> None:
    """The command line with another course behind it, and without gradebook and feedback."""
    from argparse import Namespace

    from autograder import cli, verbs
    from autograder.classroom.grade import grade_class
    from autograder.config import load_course

    course = load_course(Path(sys.argv[1]))

    def grade(options: Namespace) -> int:
        where = {"jobs": options.jobs, "scheduler": options.scheduler}
        graded = grade_class(course, options.class_dir, [stem_of(course)], force=options.force, **where)
        print("fresh:", *sorted(result.student for result in graded.fresh))
        print(*graded.notes, sep="\n")
        return 130 if graded.pending else 0

    verbs.VERBS["grade"] = grade
    sys.exit(cli.main(sys.argv[2:]))


if __name__ == "__main__":
    main()
