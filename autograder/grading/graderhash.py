"""The hash that a result carries: of everything that could change a score, so that stale results are seen."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from autograder.config import Course

ROOMS = ("course", "intake", "sandbox", "grading")  # the rooms that have a say in a score
LEAVES = ("records.py", "config.py")


def grader_sha256(course: Course, stem: str, isolation: str) -> str:
    """Hash of engine, graders, reference, bank, students' kit, limits, lock file, Python and isolation level.

    Parameters
    ----------
    course : Course
    stem : str
        The topic.
    isolation : str
        The level observed, not the one asked for.
    """
    digest = hashlib.sha256()
    for label, path in _files(course, stem):
        digest.update(f"{label}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes() if path.is_file() else b"").digest())
    settings = {"limits": asdict(course.limits), "isolation": isolation, "python": platform.python_version_tuple()[:2]}
    digest.update(json.dumps(settings, sort_keys=True).encode())
    return digest.hexdigest()


def _files(course: Course, stem: str) -> Iterator[tuple[str, Path]]:
    engine = Path(__file__).resolve().parents[1]
    paths = [engine / name for name in LEAVES]
    for room in ROOMS:
        paths += sorted((engine / room).rglob("*.py"))
    for path in paths:
        yield path.relative_to(engine).as_posix(), path
    for path in sorted((course.root / "assignments" / "coursekit").rglob("*.py")):
        yield path.relative_to(course.root).as_posix(), path
    topics = [topic.stem for topic in course.topics]
    for earlier in topics[: topics.index(stem) + 1] if stem in topics else [stem]:
        yield f"solution {earlier}", course.source(earlier)
    yield "graders", course.grader(stem)
    yield "bank", course.bank(stem)
    yield "data", course.root / "datasets" / "SHA256SUMS"
    yield "lock", course.root / "requirements.lock"
