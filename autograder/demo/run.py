"""`./course demo`: the sample class through the real pipeline, in a folder of its own."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from autograder.classroom.grade import grade_class
from autograder.config import Course
from autograder.demo.population import class_of
from autograder.demo.sample import Pupil, as_file, hand_in, lay_out, material, read_table
from autograder.errors import UserError
from autograder.handout import hand_out
from autograder.records import Result

FULLEST = "hw04_adam"  # the topic in which the table has every kind of submission
OTHERS = ("abel", "bruna", "ciro", "dara", "emil", "fen", "gwen")  # of the class of 40, with no row in the table
MARKER = "made by ./course demo, which may empty this folder\n"


def run_demo(course: Course, folder: Path, jobs: int, grade: bool = True) -> int:
    """Build the course, lay out the class, grade it (unless that is left to others) and say where everything is.

    Returns
    -------
    int
        0 if every submission came out as its row of the table says, else 1.
    """
    from autograder.course.build import build
    from autograder.gradebook.assign import generate_assignments

    started = time.monotonic()
    prepare(folder)
    pupils = read_table()
    stems = [topic.stem for topic in course.topics]
    students = sorted({pupil.id for pupil in pupils if pupil.topic == FULLEST} | set(OTHERS))
    lessons = [topic.stem for topic in course.topics if topic.kind == "lesson"]
    print(f"1. building the notebooks of {len(stems)} topics", flush=True)
    code = build(course, stems, False, generate_assignments)
    if code:
        return code
    print(f"2. laying out a class of {len(students)} students in {folder}", flush=True)
    lay_out(course, folder, pupils)
    fill_up(course, folder, students, lessons)
    if not grade:
        return 0
    print(f"3. grading with {jobs} workers", flush=True)
    graded = grade_class(course, folder, stems, jobs=jobs)
    hand_out(course, folder, graded)
    surprises = unlike_the_table(pupils, graded.results)
    for surprise in surprises:
        print(f"UNEXPECTED: {surprise}")
    print(f"Done in {time.monotonic() - started:.0f} s.")
    return 1 if surprises or graded.pending else 0


def fill_up(course: Course, folder: Path, students: Sequence[str], stems: Sequence[str]) -> None:
    """Hand in the topics for which a student has no row in the table: some right, some wrong, some not begun."""
    for stem in stems:
        made_from = material(course, stem)
        missing = [student for student in students if not (folder / "submitted" / student / stem).exists()]
        for student, notebook in class_of(made_from, missing, odd=0.0).items():
            hand_in(folder, student, stem, as_file(notebook))


def prepare(folder: Path) -> None:
    """Make the folder, or empty it if an earlier demo made it."""
    marker = folder / "README.txt"
    if folder.exists() and any(folder.iterdir()):
        if not marker.exists() or marker.read_text(encoding="utf-8") != MARKER:
            raise UserError(f"{folder} holds files that no demo made. Name an empty folder: ./course demo FOLDER")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    marker.write_text(MARKER, encoding="utf-8")


def unlike_the_table(pupils: Sequence[Pupil], results: Sequence[Result]) -> list[str]:
    """What came out otherwise than the table says, in words."""
    by_id = {(result.student, result.topic): result for result in results}
    surprises: list[str] = []
    for pupil in pupils:
        result = by_id.get((pupil.id, pupil.topic))
        if result is None:
            surprises.append(f"{pupil.id}: no result")
        else:
            surprises += [f"{pupil.id} ({pupil.does}): {what}" for what in _differences(pupil, result)]
    return surprises


def _differences(pupil: Pupil, result: Result) -> list[str]:
    found = []
    if result.status != pupil.status:
        found.append(f"status {result.status}, expected {pupil.status}")
    for exercise in result.exercises:
        loses = pupil.loses.get(exercise.name, pupil.loses.get("*", "nothing"))
        seen = _share(exercise.score, exercise.max_score)
        if loses != "any" and seen != loses:
            found.append(f"{exercise.name} loses {seen} ({exercise.score:g}/{exercise.max_score:g}), expected {loses}")
        named = exercise.diagnosis.mistake if exercise.diagnosis else ""
        if exercise.name in pupil.diagnosis and named != pupil.diagnosis[exercise.name]:
            found.append(f"{exercise.name} diagnosed as {named!r}, expected {pupil.diagnosis[exercise.name]!r}")
    if pupil.notice and not any(pupil.notice in notice for notice in result.notices):
        found.append(f"no notice with {pupil.notice!r}, but {result.notices}")
    if not pupil.notice and result.notices and pupil.status == "ok":
        found.append(f"unexpected notices {result.notices}")
    return found


def _share(score: float, max_score: float) -> str:
    if score >= max_score:
        return "nothing"
    return "all" if score <= 0 else "some"
