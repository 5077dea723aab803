"""The whole notebook with the solutions in, run once as a student would: its length, and the time it takes."""

from __future__ import annotations

import time
from dataclasses import dataclass

from autograder.config import Course
from autograder.course.percent import read_topic
from autograder.course.release import release_of
from autograder.course.rules import lines_to_read
from autograder.course.stubs import solution_source
from autograder.grading.opening import open_zygote


@dataclass(frozen=True)
class Rehearsal:
    """Lines of the topic file, lines that a student reads, and seconds by code cell."""

    stem: str
    lines: int
    to_read: int
    seconds: tuple[tuple[str, float], ...]
    failed: tuple[str, ...]  # cells that did not end well, and how they ended


def rehearse(course: Course, stem: str) -> Rehearsal:
    """Run every code cell of a topic, plots and checks too, in one student process."""
    topic = read_topic(course.source(stem))
    seconds, failed = [], []
    with open_zygote(course, topic) as zygote:
        child = zygote.spawn()
        for cell in topic.cells:
            if cell.is_code:
                started = time.monotonic()
                outcome = child.run_cell(solution_source(cell), cell.id)
                seconds.append((cell.id, time.monotonic() - started))
                if outcome.status != "ok":
                    failed.append(f"{cell.id} ends with {outcome.error.type_name if outcome.error else outcome.status}")
        child.close()
    lines = len(topic.path.read_text(encoding="utf-8").splitlines())
    return Rehearsal(stem, lines, lines_to_read(release_of(topic)), tuple(seconds), tuple(failed))


def render(rehearsal: Rehearsal) -> str:
    """Two lines, and one for each cell that failed."""
    slowest, longest = max(rehearsal.seconds, key=lambda pair: pair[1], default=("none", 0.0))
    whole = sum(seconds for _, seconds in rehearsal.seconds)
    return "\n".join(
        [
            f"{rehearsal.stem}: {rehearsal.to_read} lines to read in a source of {rehearsal.lines}",
            f"  the solved notebook runs in {whole:.1f} s, its slowest cell {slowest} in {longest:.1f} s",
            *(f"  {words}. Mend that cell." for words in rehearsal.failed),
        ]
    )
