"""Take in what an LMS gives out: notebooks and time stamps below `submitted/`, and a table of everything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from autograder.config import Course
from autograder.errors import UserError
from autograder.intake.archives import UnsafeArchiveError, opened
from autograder.intake.best import Score, best_of
from autograder.intake.choose import Candidate, candidates, latest_first
from autograder.intake.extensions import read_extensions
from autograder.intake.formats import recognise
from autograder.intake.formats.moodle import read_worksheet
from autograder.intake.notebook import read_notebook
from autograder.intake.place import Place
from autograder.intake.records import Unreadable
from autograder.intake.roster import Person, Roster, read_roster
from autograder.intake.table import Row, print_table, write_table

REFUSED = 3


def collect(course: Course, class_dir: Path, stem: str, archives: Sequence[Path], score: Score | None = None) -> int:
    """Take in downloads of Canvas, Moodle and Gradescope, zips and folders.

    Of several files of a student the latest counts; what is in place already is replaced by a later one only. With
    `score` it is the best one instead. Nothing that is odd about one file stops the others: everything is a row of
    the table, printed and kept in `reports/collect_<topic>.csv`.

    Parameters
    ----------
    course : Course
    class_dir : Path
        Folder of the class; `roster.csv` in it says who is who.
    stem : str
        The topic.
    archives : sequence of Path
        Zip archives and folders; a Moodle grading worksheet (`.csv`) adds addresses and times.
    score : callable, optional
        Grades a notebook, for courses in which the best submission counts.

    Returns
    -------
    int
        0, or 3 if an archive was refused as unsafe.

    Raises
    ------
    UserError
        If an argument does not exist, or the roster or a worksheet cannot be read.
    """
    for path in archives:
        if not path.exists():
            raise UserError(f"{path}: there is no such file. Give the zip that the LMS made, or a folder.")
    roster = read_roster(class_dir / "roster.csv")
    rows: list[Row] = []
    with ExitStack() as stack:
        found = list(_found(course, stem, archives, roster, stack, rows))
        rows += _taken(course, class_dir, stem, found, score)
    if roster is not None:
        rows += _absent(roster, class_dir, stem, rows)
    print_table(rows, stem, without_roster=roster is None, due=course.deadline(stem))
    print(write_table(rows, class_dir / "reports" / f"collect_{stem}.csv"))
    return REFUSED if any(row.state == "refused" for row in rows) else 0


def _found(
    course: Course, stem: str, archives: Sequence[Path], roster: Roster | None, stack: ExitStack, rows: list[Row]
) -> Iterator[Candidate]:
    worksheet: dict[str, tuple[Person, datetime | None]] = {}
    for path in archives:
        if path.suffix.lower() == ".csv":
            worksheet.update(read_worksheet(path, course.zone))
    for path in archives:
        if path.suffix.lower() == ".csv":
            continue
        try:
            entries = stack.enter_context(opened(path))
        except UnsafeArchiveError as error:
            rows.append(Row("", "refused", path.name, path.name, False, None, str(error)))
            continue
        kind, found = recognise(entries, worksheet)
        print(f"{path.name}: {kind}, {len(found)} files")
        yield from candidates(found, path.name, stem, course, roster)


def _taken(
    course: Course, class_dir: Path, stem: str, found: Sequence[Candidate], score: Score | None
) -> Iterator[Row]:
    by_student: dict[str, list[Candidate]] = {}
    for item in found:
        if item.why or not item.student:
            yield _row(item, "not taken", item.why)
        else:
            by_student.setdefault(item.student, []).append(item)
    extensions = read_extensions(course, class_dir)
    for student, mine in sorted(by_student.items()):
        due = extensions.get((stem, student), course.deadline(stem))
        folder = class_dir / "submitted" / student / stem
        place = Place(folder, stem, course.limits.notebook_mb, due, course.late)
        ranked = latest_first(mine, stem)
        yield from _latest(ranked, place) if score is None else _best(ranked, place, score)


def _latest(ranked: Sequence[Candidate], place: Place) -> Iterator[Row]:
    first, *older = ranked
    yield _put(first, place)
    for item in older:
        yield _row(item, "not taken", f"{first.found.file} counts: later, or named as the topic")


def _best(ranked: Sequence[Candidate], place: Place, score: Score) -> Iterator[Row]:
    choice = best_of(ranked, place, score)
    if choice.first is not None:
        yield _put(choice.first, place, whatever_is_there=True)
    for item, why in choice.others:
        yield _row(item, "not taken", why, place.late(item))


def _put(item: Candidate, place: Place, *, whatever_is_there: bool = False) -> Row:
    """Put one file in its place, whole or not at all."""
    late = place.late(item)
    try:
        raw = item.found.entry.read(place.most_mb)
        place.refuse_links()
        state = place.state(raw, item)
        if state == "older" and not whatever_is_there:
            return _row(item, "not taken", "what is in place was handed in later", late)
        if state != "unchanged":
            place.write(raw)
        place.write_stamp(item)
    except Unreadable as error:
        return _row(item, "not taken", str(error), late)
    except OSError as error:
        return _row(item, "not taken", f"it could not be written ({error.strerror}); collect again", late)
    return _row(item, "replaced" if state == "older" else state, _remark(raw, item), late)


def _remark(raw: bytes, item: Candidate) -> str:
    """What the instructor should know at once about a file that was taken."""
    try:
        read_notebook(raw, item.found.file)
    except Unreadable as error:
        return f"will not be gradable: {error}"
    if item.found.late and item.found.handed_in is None:
        return "the download says late, not by how much; where days count, write the time into its timestamp.txt"
    return ""


def _absent(roster: Roster, class_dir: Path, stem: str, rows: Sequence[Row]) -> Iterator[Row]:
    """A row for each student of the roster of whom nothing is in place."""
    for student in roster.students:
        if not (class_dir / "submitted" / student / stem / f"{stem}.ipynb").exists():
            tried = any(row.student == student for row in rows)
            yield Row(student, "absent", "", "", False, None, "see above" if tried else "nothing was handed in")


def _row(item: Candidate, state: str, why: str, late: bool | None = None) -> Row:
    found = item.found
    return Row(
        student=item.student or found.person.name,
        state=state,
        file=found.entry.name,
        source=item.source,
        late=found.late if late is None else late,
        handed_in=found.handed_in,
        why=why,
    )
