"""Pairs of submissions whose exercise cells are alike, for a person to read side by side. Never a grade.

copydetect compares the code with names, strings and comments taken out (winnowing, Schleimer, Wilkerson and Aiken,
SIGMOD 2003). What everybody was given, what the solution and the bank's right answers say, and what a good part of the
class wrote counts for nothing: there are few ways to write a short formula.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from copydetect import CodeFingerprint, compare_files
from copydetect.utils import get_token_coverage

from autograder.config import Course
from autograder.course.percent import read_topic, solution_source, stub_source
from autograder.course.release import release_of
from autograder.errors import UserError
from autograder.intake import Unreadable, read_submission
from autograder.reports.files import write_whole
from autograder.reports.pages import template

LENGTH, WINDOW = 25, 6  # characters of a fingerprint, and how many of them choose one: copydetect's own defaults
COMMON = 0.1  # what this share of a class has (but at least FEW of them) is no sign of anything
FEW = 4
LEAST_SHARE, LEAST_LENGTH = 0.3, 80  # of one's own code; characters of it
MOST_PAIRS = 60


Pieces = Sequence[tuple[str, bool]]
Prints = Mapping[str, CodeFingerprint]


@dataclass(frozen=True)
class Pair:
    """Two students and what is alike: characters, their share of one's own code, the texts by exercise in pieces."""

    first: str
    second: str
    length: int
    share: float
    texts: Mapping[str, tuple[Pieces, Pieces]]


def similar_pairs(texts: Mapping[str, Mapping[str, str]], known: Iterable[str]) -> list[Pair]:
    """The pairs of students whose code is alike beyond what is known or common, most of it first.

    Parameters
    ----------
    texts : mapping of str to mapping of str to str
        Each student's own code by exercise.
    known : iterable of str
        Code that nobody needs to have copied from a neighbour.
    """
    ignored = {value for text in known for value in _fingerprint(text, window=1).hashes}
    prints = {student: {name: _fingerprint(text) for name, text in own.items()} for student, own in texts.items()}
    counts = Counter(value for own in prints.values() for value in _hashes(own))
    ignored |= {value for value, count in counts.items() if count > max(FEW, COMMON * len(texts))}
    for fingerprint in (fingerprint for own in prints.values() for fingerprint in own.values()):
        _ignore(fingerprint, ignored)
    holders: dict[int, list[str]] = {}
    for student, own in prints.items():
        for value in _hashes(own):
            holders.setdefault(value, []).append(student)
    candidates = {pair for students in holders.values() for pair in combinations(sorted(students), 2)}
    pairs = [pair for first, second in candidates if (pair := _pair(first, second, prints)) is not None]
    return sorted(pairs, key=lambda pair: (-pair.share * pair.length, pair.first, pair.second))


def write_similarity(course: Course, class_dir: Path, stem: str) -> Path:
    """Write `reports/similarity-<topic>.html` for a class.

    Raises
    ------
    UserError
        If there are no two readable submissions to compare.
    """
    texts = own_code(course, class_dir, stem)
    if len(texts) < 2:
        raise UserError(
            f"{class_dir / 'submitted'}: {len(texts)} readable submissions of {stem}; it takes two to compare. "
            "Put notebooks at submitted/STUDENT/TOPIC/TOPIC.ipynb, or: ./course collect"
        )
    pairs = similar_pairs(texts, known_code(course, stem))
    path = class_dir / "reports" / f"similarity-{stem}.html"
    title = course.topic(stem).title
    page = template("similarity.html.j2").render(
        title=title, pairs=pairs[:MOST_PAIRS], found=len(pairs), submissions=len(texts)
    )
    write_whole(path, page)
    return path


def own_code(course: Course, class_dir: Path, stem: str) -> dict[str, dict[str, str]]:
    """What each student wrote into the exercise cells; untouched cells and unreadable files are left out."""
    topic = read_topic(course.source(stem))
    release = release_of(topic)
    given = {cell.name: cell.source.strip() for cell in release.cells}
    exercises = {cell.name for cell in topic.exercises()}
    texts = {}
    for path in sorted((class_dir / "submitted").glob(f"*/{stem}/{stem}.ipynb")):
        student = path.parts[-3]
        try:
            cells = read_submission(path, release, student).cells
        except Unreadable:
            continue
        own = [cell for cell in cells if cell.name in exercises or not cell.known]
        texts[student] = {cell.name: cell.source for cell in own if cell.source.strip() != given.get(cell.name)}
    return {student: own for student, own in texts.items() if own}


def known_code(course: Course, stem: str) -> list[str]:
    """Stubs, solutions and the bank's right answers."""
    from autograder.grading.bank import read_bank

    exercises = read_topic(course.source(stem)).exercises()
    known = [text for cell in exercises for text in (stub_source(cell), solution_source(cell))]
    return known + [entry.source for entry in read_bank(course.bank(stem)).right_answers()]


def _fingerprint(text: str, window: int = WINDOW) -> CodeFingerprint:
    """A window of 1 chooses every fingerprint, for what must not be found whatever stands around it."""
    return CodeFingerprint("cells.py", LENGTH, window, fp=io.StringIO(text))


def _ignore(fingerprint: CodeFingerprint, ignored: Set[int]) -> None:
    """Leave out what counts for nothing, as copydetect does with boilerplate, but without reading the text again."""
    fingerprint.hashes -= ignored
    fingerprint.hash_idx = {value: fingerprint.hash_idx[value] for value in fingerprint.hashes}
    length = len(fingerprint.filtered_code)
    fingerprint.token_coverage = get_token_coverage(fingerprint.hash_idx, LENGTH, length)


def _hashes(own: Prints) -> set[int]:
    return {value for fingerprint in own.values() for value in fingerprint.hashes}


def _pair(first: str, second: str, prints: Mapping[str, Prints]) -> Pair | None:
    one, other = prints[first], prints[second]
    length, texts = 0, {}
    for name in one.keys() & other.keys():
        overlap, _, slices = compare_files(one[name], other[name])
        if overlap:
            length += int(overlap)
            texts[name] = (_pieces(one[name].raw_code, slices[0]), _pieces(other[name].raw_code, slices[1]))
    own = min(sum(float(fingerprint.token_coverage) for fingerprint in each.values()) for each in (one, other))
    share = min(length / max(own, 1.0), 1.0)
    if share < LEAST_SHARE or length < LEAST_LENGTH:
        return None
    return Pair(first, second, length, share, dict(sorted(texts.items())))


def _pieces(text: str, slices: Sequence[Sequence[float]]) -> Pieces:
    """The text cut at the ends of what is alike."""
    pieces, place = [], 0
    for start, end in zip(*slices, strict=True):
        pieces += [(text[place : int(start)], False), (text[max(place, int(start)) : int(end)], True)]
        place = int(end)
    return [piece for piece in (*pieces, (text[place:], False)) if piece[0]]
