"""The grade table of a class: for the terminal, and as CSV and JSON for other programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from autograder.late import NO_LATES, Lates
from autograder.records import Result
from autograder.reports.clean import clean_line, number
from autograder.reports.content import Feedback, Mark, view
from autograder.reports.files import replacing
from autograder.reports.lateness import duration

STATUS_WORDS = {
    "ok": "graded",
    "exception": "a cell stopped with an error",
    "wrong_type": "a value of the wrong kind",
    "too_big": "a value that is too big",
    "time_limit": "time limit",
    "memory_limit": "memory limit",
    "crashed": "crashed",
    "protocol_error": "interfered with the grader",
    "unreadable": "not a notebook",
    "grader_error": "GRADER ERROR",
}
COLUMNS = ("student", "topic", "score", "of", "status", "notes")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
Marks = Mapping[tuple[str, str], Sequence[Mark]]
"""What people wrote into the gradebook, by (topic, student)."""

NO_MARKS: Marks = {}
NO_NAMES: Mapping[str, str] = {}


def render_table(results: Sequence[Result], marks: Marks = NO_MARKS, lates: Lates = NO_LATES, width: int = 110) -> str:
    """The class as a table of plain text, one line for each submission.

    Parameters
    ----------
    results : sequence of Result
    marks : mapping
        Marks of people, which count in the score.
    lates : mapping
        Late submissions; their scores are what remains.
    width : int
        Columns of the terminal; notes are cut to fit, the rest never is.
    """
    rows = [_row(result, marks, lates) for result in sorted(results, key=lambda item: (item.topic, item.student))]
    table = [list(COLUMNS), *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(COLUMNS))]
    widths[-1] = max(width - sum(widths[:-1]) - 2 * (len(COLUMNS) - 1), 20)
    lines = [_line(row, widths) for row in table]
    lines.insert(1, _line(["-" * min(size, width) for size in widths], widths))
    return "\n".join(lines)


def _row(result: Result, marks: Marks, lates: Lates) -> list[str]:
    seen = seen_of(result, marks, lates)
    return [
        clean_line(result.student, 32),
        result.topic,
        number(seen.score),
        number(seen.max_score),
        status_words(result),
        notes(result, marks, lates),
    ]


def seen_of(result: Result, marks: Marks, lates: Lates) -> Feedback:
    """What a student reads about a submission, with the marks and the lateness that belong to it."""
    key = (result.topic, result.student)
    return view(result, marks=marks.get(key, ()), late=lates.get(key))


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = []
    for column, (text, size) in enumerate(zip(row, widths, strict=True)):
        short = text if len(text) <= size else text[: size - 3] + "..."
        cells.append(short.rjust(size) if COLUMNS[column] in ("score", "of") else short.ljust(size))
    return "  ".join(cells).rstrip()


def status_words(result: Result) -> str:
    """The state of a submission in a few words; a failure of the grader comes before everything else."""
    return STATUS_WORDS["grader_error"] if result.needs_a_human else STATUS_WORDS.get(result.status, result.status)


def is_final(result: Result, seen: Feedback) -> bool:
    """Whether no person has a say any more: nothing waits to be marked, and no fault of the grader stands."""
    settled = result.status != "grader_error" or all(item.marked for item in seen.exercises)
    return settled and not seen.waiting


def notes(result: Result, marks: Marks = NO_MARKS, lates: Lates = NO_LATES) -> str:
    """What an instructor would look at: what waits for a person, known mistakes, and what the grader noticed."""
    waiting = [mark.name for mark in marks.get((result.topic, result.student), ()) if mark.waiting]
    parts = [f"to mark: {', '.join(waiting)}"] if waiting else []
    late = lates.get((result.topic, result.student))
    if late is not None:
        penalty = seen_of(result, marks, lates).penalty
        words = f"late by {duration(late.seconds)}" if late.by_hand is None else "late penalty set by hand"
        parts.append(f"{words} ({number(-penalty)})" if penalty else words)
    parts += [f"{item.name}: {item.diagnosis.mistake}" for item in result.exercises if item.diagnosis]
    parts += [clean_line(notice, 200) for notice in result.notices]
    return "; ".join(parts)


def grades_csv(
    results: Sequence[Result],
    marks: Marks = NO_MARKS,
    lates: Lates = NO_LATES,
    names: Mapping[str, str] = NO_NAMES,
) -> str:
    """The grades as CSV: one line for each submission, one column for each exercise and written question.

    `score` is what counts: `late_penalty` is taken off already. `final` says "no" where a person still has a say.
    Numbers have a point and no thousands separators; a field that a spreadsheet would run as a formula starts with
    an apostrophe.
    """
    ordered = sorted(results, key=lambda item: (item.topic, item.student))
    cells = _cells(ordered, marks)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    exercises = [f"{topic}: {name}" for topic, name in cells]
    writer.writerow([*COLUMNS[:5], "waiting", *exercises, "notes", "submission", "name", "late_penalty", "final"])
    for result in ordered:
        seen = seen_of(result, marks, lates)
        scores = {item.name: "" if item.waiting else number(item.score) for item in seen.exercises}
        scores |= {item.name: "" if item.score is None else number(item.score) for item in seen.written}
        row = [result.student, result.topic, number(seen.score), number(seen.max_score), status_words(result)]
        row += [number(seen.waiting), *(scores.get(name, "") if topic == result.topic else "" for topic, name in cells)]
        row += [notes(result, marks, lates), result.submission_sha256, names.get(result.student, "")]
        row += [number(seen.penalty), "yes" if is_final(result, seen) else "no"]
        writer.writerow([safe_field(field) for field in row])
    return text.getvalue()


def _cells(results: Sequence[Result], marks: Marks) -> list[tuple[str, str]]:
    found: dict[tuple[str, str], None] = {}
    for result in results:
        found |= dict.fromkeys((result.topic, item.name) for item in result.exercises)
    for topic, student in sorted(marks):
        found |= dict.fromkeys((topic, mark.name) for mark in marks[topic, student] if mark.written)
    return sorted(found, key=lambda cell: cell[0])


def safe_field(text: str) -> str:
    """A field that no spreadsheet takes for a formula; numbers stay numbers."""
    return harmless(clean_line(text, 1000))


def harmless(text: str) -> str:
    """The text itself, or with an apostrophe before it what a spreadsheet would compute."""
    if not text.startswith(FORMULA_STARTS):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text


def write_exports(
    results: Sequence[Result],
    folder: Path,
    marks: Marks = NO_MARKS,
    lates: Lates = NO_LATES,
    names: Mapping[str, str] = NO_NAMES,
    endings: Sequence[str] = (".csv", ".json"),
) -> list[Path]:
    """Write `grades.csv` and `results.json` (the records themselves) and say where they are.

    Parameters
    ----------
    results : sequence of Result
    folder : Path
        Made if it is not there; files of these names are replaced.
    marks : mapping
        Marks of people by (topic, student).
    lates : mapping
        Late submissions by (topic, student).
    names : mapping
        Names of the students, where a class list tells them.
    endings : sequence of str
        Which of the two files.
    """
    ordered = sorted(results, key=lambda item: (item.topic, item.student))
    paths = [path for path in (folder / "grades.csv", folder / "results.json") if path.suffix in endings]
    for path in paths:
        with replacing(path) as file:
            if path.suffix == ".json":
                file.writelines(_records(ordered))
            else:
                file.write(grades_csv(ordered, marks, lates, names).encode("utf-8", "replace"))
    return paths


def _records(results: Sequence[Result]) -> Iterator[bytes]:
    """A JSON list with a record on each line, never all of them in memory."""
    yield b"["
    for place, result in enumerate(results):
        yield (b",\n" if place else b"\n") + result.to_json().encode("utf-8", "replace")
    yield b"\n]\n"
