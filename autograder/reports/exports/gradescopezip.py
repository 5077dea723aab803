"""Gradescope's autograder zip: the course as far as one topic needs it, and the two scripts that Gradescope starts."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from autograder.config import Course

ZIP_TIME = (2020, 1, 1, 0, 0, 0)  # fixed, so that the same course makes the same archive
LEFT_OUT = {"tests", "attacks", "demo", "bench", "milestones", "graders", "mistakes", "__pycache__"}
TOP_FILES = ("course", "course.toml", "requirements.lock", "environment.yml", "pyproject.toml", "LICENSE")

SETUP = """\
#!/usr/bin/env bash
# Runs once, when Gradescope builds the image: Python, the locked packages, and a look at how well code is isolated.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y --no-install-recommends python3 python3-venv bubblewrap
python=python3
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  apt-get install -y --no-install-recommends python3.11 python3.11-venv
  python=python3.11
fi
cd "$(dirname "${BASH_SOURCE[0]}")"
[ -f course ] || cd /autograder/source
"$python" course doctor
chmod -R go-rwx .
"""

RUN = """\
#!/usr/bin/env bash
# Grades what was handed in. Students see results.json; what is printed here only instructors see.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for base in "${AUTOGRADER_ROOT:-}" "$here" "$(dirname "$here")" "$PWD" /autograder; do
  [ -n "$base" ] && [ -f "$base/source/course" ] && [ -d "$base/submission" ] && break
done
cd "$base/source" || exit 1
PYTHONPATH=. exec .venv/bin/python -m autograder.reports.exports.ongradescope "$base" TOPIC
"""


def write_zip(course: Course, stem: str, path: Path) -> Path:
    """Write the zip to upload under "Configure Autograder".

    It holds hidden tests and solutions of this topic and those before it: it is for Gradescope, not for students.

    Parameters
    ----------
    course : Course
    stem : str
        The topic.
    path : Path
        The archive; replaced if it is there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, "setup.sh", SETUP.encode(), executable=True)
        _add(archive, "run_autograder", RUN.replace("TOPIC", stem).encode(), executable=True)
        for name, source in sorted(_files(course, stem)):
            _add(archive, name, source.read_bytes(), executable=name == "course")
    part.replace(path)
    return path


def _add(archive: zipfile.ZipFile, name: str, content: bytes, *, executable: bool) -> None:
    info = zipfile.ZipInfo(name, ZIP_TIME)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = (0o100755 if executable else 0o100644) << 16
    archive.writestr(info, content)


def _files(course: Course, stem: str) -> Iterator[tuple[str, Path]]:
    root = course.root
    for name in TOP_FILES:
        if (root / name).is_file():
            yield name, root / name
    stems = [topic.stem for topic in course.topics]
    needed = [course.grader(stem), course.bank(stem)]
    needed += [course.source(each) for each in stems[: stems.index(stem) + 1]]
    needed += [course.grader(stem).with_name("__init__.py"), course.bank(stem).with_name("__init__.py")]
    for path in needed:
        if path.is_file():
            yield path.relative_to(root).as_posix(), path
    for folder in ("autograder", "assignments/coursekit", "datasets"):
        for path in sorted((root / folder).rglob("*")):
            parts = path.relative_to(root).parts
            if path.is_file() and LEFT_OUT.isdisjoint(parts) and not path.name.startswith("."):
                yield "/".join(parts), path
