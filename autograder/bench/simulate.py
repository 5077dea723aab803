"""A whole course: every topic for many students, then a second run, a re-grade after one grader is mended, a report."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

from autograder.bench.growth import Watched, watched
from autograder.classroom.journal import read_journal
from autograder.config import ROOT, Course, load_course
from autograder.demo import population
from autograder.demo.sample import material

MENDED = "hw04_adam"


def simulate(_course: Course, folder: Path, students: int) -> Iterator[str]:
    """A table of the runs, and whether every row is there once."""
    root = folder / "course"
    _copy(root)
    course, class_dir = load_course(root), folder / "class"
    stems = [topic.stem for topic in course.topics]
    for stem in stems:
        made_from = material(course, stem)
        population.lay_out(class_dir, stem, population.class_of(made_from, population.numbered(students)))
    yield "| run | graded now | CPU s | wall s | memory after 10 % | 50 % | 95 % |"
    yield "|---|---|---|---|---|---|---|"
    yield _row("everything", class_dir, 0, watched(class_dir, stems, root))
    before = len(read_journal(class_dir).by_key())
    yield _row("again, nothing new", class_dir, before, watched(class_dir, stems, root))
    grader = course.grader(MENDED)
    grader.write_text(grader.read_text(encoding="utf-8") + "\n# a grader is mended\n", encoding="utf-8")
    yield _row(f"after {MENDED}'s grader is mended", class_dir, before, watched(class_dir, stems, root))
    current = read_journal(class_dir).latest()
    with sqlite3.connect(class_dir / "gradebook.db") as database:
        (stored,) = database.execute("SELECT COUNT(*) FROM submitted_assignment").fetchone()
    human = sum(result.needs_a_human for result in current.values())
    summary = f"{len(current)} current results in the journal, {stored} submissions in the gradebook, of "
    summary += f"{students} x {len(stems)}; {human} need a human; the journal holds "
    yield from ("", summary + f"{(class_dir / 'journal' / 'results.jsonl').stat().st_size >> 20} MB.")


def _row(name: str, class_dir: Path, before: int, run: Watched) -> str:
    now = len(read_journal(class_dir).by_key()) - before
    return f"| {name} | {now} | {run.cpu:.0f} | {run.wall:.0f} | {run.memory_words()} |"


def _copy(root: Path) -> None:
    """The course's own files, so that a grader can be changed."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, root / name)
