"""Take in what an LMS gives out: notebooks and time stamps below `submitted/`, and a table of everything."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from autograder.config import Course
from autograder.errors import UserError
from autograder.intake.archives import UnsafeArchiveError, opened
from autograder.intake.choose import Candidate, candidates, latest_first
from autograder.intake.formats import recognise
from autograder.intake.formats.moodle import read_worksheet
from autograder.intake.notebook import read_notebook
from autograder.intake.records import Unreadable
from autograder.intake.roster import Person, Roster, read_roster
from autograder.intake.table import Row, print_table, write_table

REFUSED = 3
STAMP = "%Y-%m-%d %H:%M:%S UTC"


@dataclass(frozen=True)
class Place:
    """Where one student's submission goes, and what a download may hold at most."""

    folder: Path
    stem: str
    most_mb: float
    due: datetime | None

    @property
    def notebook(self) -> Path:
        """The notebook's path."""
        return self.folder / f"{self.stem}.ipynb"

    @property
    def stamp(self) -> Path:
        """The path of the time stamp that nbgrader reads."""
        return self.folder / "timestamp.txt"


def collect(course: Course, class_dir: Path, stem: str, archives: Sequence[Path]) -> int:
    """Take in downloads of Canvas, Moodle and Gradescope, zips and folders.

    Of several files of a student the latest counts; what is in place already is replaced by a later one only. Nothing
    that is odd about one file stops the others: everything is a row of the table, printed and kept in
    `reports/collect_<topic>.csv`.

    Parameters
    ----------
    course : Course
    class_dir : Path
        Folder of the class; `roster.csv` in it says who is who.
    stem : str
        The topic.
    archives : sequence of Path
        Zip archives and folders; a Moodle grading worksheet (`.csv`) adds addresses and times.

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
        rows += _taken(course, class_dir, stem, found)
    if roster is not None:
        rows += _absent(roster, class_dir, stem, rows)
    print_table(rows, stem, without_roster=roster is None)
    print(write_table(rows, class_dir / "reports" / f"collect_{stem}.csv"))
    return REFUSED if any(row.state == "refused" for row in rows) else 0


def _found(
    course: Course, stem: str, archives: Sequence[Path], roster: Roster | None, stack: ExitStack, rows: list[Row]
) -> Iterator[Candidate]:
    worksheet: dict[str, tuple[Person, datetime | None]] = {}
    for path in archives:
        if path.suffix.lower() == ".csv":
            worksheet.update(read_worksheet(path))
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


def _taken(course: Course, class_dir: Path, stem: str, found: Sequence[Candidate]) -> Iterator[Row]:
    by_student: dict[str, list[Candidate]] = {}
    for item in found:
        if item.why or not item.student:
            yield _row(item, "not taken", item.why)
        else:
            by_student.setdefault(item.student, []).append(item)
    for student, mine in sorted(by_student.items()):
        place = Place(class_dir / "submitted" / student / stem, stem, course.limits.notebook_mb, _due(course, stem))
        first, *older = latest_first(mine, stem)
        yield _put(first, place)
        for item in older:
            yield _row(item, "not taken", f"{first.found.file} counts: later, or named as the topic")


def _put(item: Candidate, place: Place) -> Row:
    """Put one file in its place, whole or not at all."""
    late = item.found.late or bool(place.due and item.found.handed_in and item.found.handed_in > place.due)
    try:
        raw = item.found.entry.read(place.most_mb)
        _refuse_links(place)
        state = _state(place, raw, item)
        if state == "older":
            return _row(item, "not taken", "what is in place was handed in later", late)
        if state != "unchanged":
            place.folder.mkdir(parents=True, exist_ok=True)
            _write(place.notebook, raw)
        _write_stamp(place, item, late)
    except Unreadable as error:
        return _row(item, "not taken", str(error), late)
    except OSError as error:
        return _row(item, "not taken", f"it could not be written ({error.strerror}); collect again", late)
    return _row(item, state, _remark(raw, item), late)


def _refuse_links(place: Place) -> None:
    for path in (place.notebook, place.folder, place.folder.parent):
        if path.is_symlink():
            raise Unreadable(f"{path} is a link, and nothing is written through links; remove it")


def _state(place: Place, raw: bytes, item: Candidate) -> str:
    if not place.notebook.exists():
        return "taken"
    if place.notebook.is_file() and place.notebook.read_bytes() == raw:
        return "unchanged"
    before = _read_stamp(place.stamp)
    if before and item.found.handed_in and item.found.handed_in < before:
        return "older"
    return "replaced"


def _remark(raw: bytes, item: Candidate) -> str:
    """What the instructor should know at once about a file that was taken."""
    try:
        read_notebook(raw, item.found.file)
    except Unreadable as error:
        return f"will not be gradable: {error}"
    return ""


def _write(path: Path, content: bytes) -> None:
    """Write a file beside its place and move it there, so that an interruption leaves the old one or the new one."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        beside.write_bytes(content)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def _write_stamp(place: Place, item: Candidate, late: bool) -> None:
    """The time of handing in; where only its lateness is known, the first second after the deadline."""
    handed_in = item.found.handed_in
    if handed_in is None and late and place.due:
        handed_in = place.due + timedelta(seconds=1)
    if handed_in is not None:
        _write(place.stamp, f"{handed_in.strftime(STAMP)}\n".encode())
    else:
        place.stamp.unlink(missing_ok=True)


def _read_stamp(path: Path) -> datetime | None:
    try:
        return datetime.strptime(path.read_text(encoding="utf-8").strip(), STAMP).replace(tzinfo=UTC)
    except (OSError, ValueError):
        return None


def _due(course: Course, stem: str) -> datetime | None:
    """The deadline, in UTC where course.toml names no zone."""
    text = course.topic(stem).due
    if not text:
        return None
    try:
        due = datetime.fromisoformat(text)
    except ValueError:
        raise UserError(f'course.toml [[topic]] {stem}: due = {text!r} is no time. Write "2026-10-05 23:59".') from None
    return due.replace(tzinfo=UTC) if due.tzinfo is None else due.astimezone(UTC)


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
