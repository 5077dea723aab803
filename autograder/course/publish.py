"""`./course publish DIR`: the students' tree and its zip, from a white list.

Everything is put together and searched for secrets in a temporary folder first; DIR is touched only after that.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from autograder.config import Course
from autograder.course.build import differences, write
from autograder.course.cells import Topic
from autograder.course.listing import listing_path, listing_text
from autograder.course.percent import read_topic
from autograder.course.reference import earlier_source
from autograder.course.release import release_of
from autograder.course.secrecy import leaks, secrets_of
from autograder.course.surroundings import surroundings
from autograder.errors import RefusedError, UserError

LISTING = ".published.json"  # what an earlier publish wrote; only that is ever replaced
KIT_FILES = "*.py"
DATA_FILES = ("*.npz", "README.md", "SHA256SUMS")
ZIP_TIME = (2020, 1, 1, 0, 0, 0)  # fixed, so that the same tree makes the same archive


def publish(course: Course, target: Path, through: str | None = None) -> int:
    """Write what students may see up to and including topic `through` (default: the last topic).

    Returns
    -------
    int
        0. The files and `target`.zip beside them are there.

    Raises
    ------
    RefusedError
        If `target` holds files that publish did not write, or if a secret would become public.
    UserError
        If a notebook is not up to date.
    """
    published, later = _topics(course, through)
    _refuse_foreign(target)
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        _assemble(course, published, tree)
        found = list(leaks(tree, secrets_of(course, [*published, *later]), due=[t.stem for t in published[:-1]]))
        if found:
            raise RefusedError("a secret would be published:\n" + "\n".join(str(leak) for leak in found[:20]))
        files = sorted(path.relative_to(tree).as_posix() for path in tree.rglob("*") if path.is_file())
        _replace(tree, target, files)
        archive = target.parent / f"{target.name}.zip"
        _zip(tree, archive, target.name, files)
    count = f"{len(published)} topic{'s' if len(published) > 1 else ''}"
    print(f"published {count}, {len(files)} files: {target} and {archive}")
    if len(published) > 1:
        print(f"assignments/earlier.py holds the reference parts up to {published[-2].stem}; those must be due by now.")
    return 0


def _topics(course: Course, through: str | None) -> tuple[list[Topic], list[Topic]]:
    stems = [topic.stem for topic in course.topics]
    last = stems.index(course.topic(through).stem) if through else len(stems) - 1
    published = [read_topic(course.source(stem)) for stem in stems[: last + 1]]
    later = [read_topic(course.source(stem)) for stem in stems[last + 1 :] if course.source(stem).is_file()]
    return published, later


def _refuse_foreign(target: Path) -> None:
    if target.exists() and not target.is_dir():
        raise RefusedError(f"{target} is a file. Name a folder: ./course publish public")
    if target.is_dir() and any(target.iterdir()) and not (target / LISTING).is_file():
        raise RefusedError(f"{target} is not empty and was not made by publish. Name a new folder, or empty this one.")


def _assemble(course: Course, published: Sequence[Topic], tree: Path) -> None:
    assignments = course.root / "assignments"
    for topic in published:
        name = Path(topic.stem) / f"{topic.stem}.ipynb"
        difference = next(differences(assignments / name, release_of(topic)), "")
        if difference:
            raise UserError(f"assignments/{name} is not up to date: {difference}. Run: ./course build {topic.stem}")
        _copy(assignments / name, tree / "assignments" / name)
    stems = {topic.stem for topic in course.topics} - {topic.stem for topic in published}
    for path in _kit_files(assignments / "coursekit", stems):
        _copy(path, tree / "assignments" / path.relative_to(assignments))
    for pattern in DATA_FILES:
        for path in sorted((course.root / "datasets").glob(pattern)):
            _copy(path, tree / "datasets" / path.name)
    if len(published) > 1:
        write(tree / "assignments" / "earlier.py", earlier_source(published, published[-1].stem))
    for topic in published:
        write(tree / "assignments" / listing_path(topic.stem), listing_text(course, topic))
    for file, text in surroundings(course, published).items():
        write(tree / file, text)


def _kit_files(kit: Path, withheld: Collection[str]) -> Iterator[Path]:
    """The course kit without tests and without modules that belong to topics which are not published yet."""
    for path in sorted(kit.rglob(KIT_FILES)):
        if path.stem not in withheld and not any(
            part.startswith((".", "test")) for part in path.relative_to(kit).parts
        ):
            yield path


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(source.read_bytes())


def _replace(tree: Path, target: Path, files: Sequence[str]) -> None:
    """Bring the new files into the target; what an earlier publish wrote and this one did not goes away."""
    target.mkdir(parents=True, exist_ok=True)
    listing = target / LISTING
    before = _listed(listing)
    listing.write_text(json.dumps(sorted({*before, *files}), indent=1) + "\n", encoding="utf-8")
    for name in files:
        fresh = target / f"{name}.new"
        fresh.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(tree / name, fresh)
        os.replace(fresh, target / name)
    for name in set(before) - set(files):
        (target / name).unlink(missing_ok=True)
    listing.write_text(json.dumps(list(files), indent=1) + "\n", encoding="utf-8")


def _listed(listing: Path) -> list[str]:
    if not listing.is_file():
        return []
    try:
        names = [Path(str(name)) for name in json.loads(listing.read_text(encoding="utf-8"))]
    except (ValueError, TypeError):
        names = [Path("..")]
    if any(".." in name.parts or name.is_absolute() or not name.parts for name in names):
        raise RefusedError(
            f"{listing} is damaged, so it is not known which files are publish's own. Name a new folder."
        )
    return [name.as_posix() for name in names]


def _zip(tree: Path, archive: Path, top: str, files: Sequence[str]) -> None:
    fresh = archive.with_name(archive.name + ".new")
    with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name in files:
            entry = zipfile.ZipInfo(f"{top}/{name}", ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            bundle.writestr(entry, (tree / name).read_bytes())
    os.replace(fresh, archive)
