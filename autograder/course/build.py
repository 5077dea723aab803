"""`./course build`: topic files -> instructor's notebooks -> nbgrader -> the students' notebooks."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from autograder.config import Course
from autograder.course.cells import Topic
from autograder.course.coverage import coverage_text
from autograder.course.inventory import load_inventory
from autograder.course.listing import listing_path, listing_text
from autograder.course.notebook import notebook_of, notebook_text
from autograder.course.percent import read_topic
from autograder.course.release import Release, release_of
from autograder.course.stubs import regions, solution_source
from autograder.errors import UserError

Assign = Callable[[Path, Path, Sequence[str], Path | None], None]
"""(folder of instructor's notebooks, folder of students' notebooks, stems, gradebook or None): nbgrader's part.

It is handed in because only the gradebook room may import nbgrader.
"""

BUILD = Path("build")


def build(course: Course, stems: Sequence[str], check: bool, assign: Assign) -> int:
    """Make the students' notebooks and coverage.csv, or say which of them are not up to date.

    Parameters
    ----------
    course : Course
    stems : sequence of str
        Topics; none means all.
    check : bool
        Build into a temporary folder and compare bytes; nothing in the course is written.
    assign : Assign
        `autograder.gradebook.assign.generate_assignments`.

    Returns
    -------
    int
        0, or 1 if something is not up to date.
    """
    topics = [read_topic(course.source(stem)) for stem in stems or [topic.stem for topic in course.topics]]
    for topic in topics:
        course.topic(topic.stem)  # raises for a stem that course.toml does not have
    if check:
        return _check(course, topics, assign)
    make(topics, course.root / BUILD, course.root / "assignments", assign, course.root / "gradebook.db")
    for topic in topics:
        worth = sum(cell.points for cell in topic.cells)
        print(f"built assignments/{topic.stem}/{topic.stem}.ipynb ({len(topic.cells)} cells, {worth:g} points)")
    for path, text in _derived(course, topics).items():
        if not path.is_file() or path.read_bytes() != text.encode():
            write(path, text)
            print(f"wrote {path.relative_to(course.root)}")
    return 0


def make(topics: Sequence[Topic], build_folder: Path, target: Path, assign: Assign, gradebook: Path | None) -> None:
    """Write instructor's notebooks and marking guides under `build_folder` and students' notebooks under `target`.

    Raises
    ------
    UserError
        If nbgrader refuses, or if what it released is not what `course.release` predicts.
    """
    source = build_folder / "source"
    for topic in topics:
        folder = source / topic.stem
        shutil.rmtree(folder, ignore_errors=True)  # nbgrader releases whatever lies here
        folder.mkdir(parents=True)
        write(folder / f"{topic.stem}.ipynb", notebook_text(notebook_of(topic)))
        write(build_folder / "marking" / f"{topic.stem}.md", marking_guide(topic))
    assign(source, target, [topic.stem for topic in topics], gradebook)
    for topic in topics:
        difference = next(differences(target / topic.stem / f"{topic.stem}.ipynb", release_of(topic)), "")
        if difference:
            raise UserError(
                f"nbgrader released something else than the topic file says: {difference}. Compare nbgrader_config.py "
                "and autograder/gradebook/release_stubs.py with their last good version."
            )


def differences(notebook: Path, release: Release) -> Iterator[str]:
    """In which cells a student notebook differs from what the topic file says; no nbgrader needed."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        found = [(cell["id"], cell["cell_type"], "".join(cell["source"])) for cell in cells]
    except FileNotFoundError:
        yield "it is not there"
        return
    except (ValueError, KeyError, TypeError) as error:
        yield f"it is not a notebook ({error!r})"
        return
    wanted = [(cell.name, cell.cell_type, cell.source) for cell in release.cells]
    for seen, due in zip(found, wanted, strict=False):
        if seen != due:
            yield f"cell {due[0]}" if seen[0] == due[0] else f"cell {seen[0]} stands where {due[0]} belongs"
    if len(found) != len(wanted):
        yield f"it has {len(found)} cells, not {len(wanted)}"


def marking_guide(topic: Topic) -> str:
    """Questions, model answers and mark schemes of a topic, for those who mark by hand."""
    parts = [f"# {topic.title}: marking the written questions\n"]
    for cell in topic.written():
        scheme = "\n".join(regions(cell.source, "MARK SCHEME"))
        parts.append(
            f"## {cell.name} ({cell.points:g} points)\n\n{solution_source(cell)}\n\n### Mark scheme\n\n{scheme}\n"
        )
    return "\n".join(parts)


def write(path: Path, text: str) -> None:
    """Write a file with the same bytes on every system."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


def _check(course: Course, topics: Sequence[Topic], assign: Assign) -> int:
    stale = 0
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "assignments"
        make(topics, Path(folder) / "build", made, assign, None)
        for topic in topics:
            name = Path(topic.stem) / f"{topic.stem}.ipynb"
            committed = course.root / "assignments" / name
            if committed.is_file() and committed.read_bytes() == (made / name).read_bytes():
                continue
            stale += 1
            reason = next(differences(committed, release_of(topic)), "its metadata differ")
            print(f"assignments/{name} is not what solutions/{topic.stem}.py makes: {reason}. "
                  f"Run: ./course build {topic.stem}")  # fmt: skip
    for path, text in _derived(course, topics).items():
        if not path.is_file() or path.read_bytes() != text.encode():
            stale += 1
            print(f"{path.relative_to(course.root)} is not what solutions/ makes. Run: ./course build")
    if not stale:
        print(f"up to date: {', '.join(topic.stem for topic in topics)}, coverage.csv")
    return 1 if stale else 0


def _derived(course: Course, topics: Sequence[Topic]) -> dict[Path, str]:
    """The files beside the notebooks: what the kit knows of each topic, and the coverage of the whole course."""
    listings = {course.root / "assignments" / listing_path(topic.stem): listing_text(course, topic) for topic in topics}
    return {**listings, course.root / "coverage.csv": _coverage(course)}


def _coverage(course: Course) -> str:
    topics = [read_topic(course.source(topic.stem)) for topic in course.topics if course.source(topic.stem).is_file()]
    return coverage_text(topics, load_inventory())
