"""nbgrader's database of a class: opened late, because importing nbgrader takes seconds, and kept like the release."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from autograder.config import Course
from autograder.gradebook.released import GradebookError, Notebook, Released, grade_id, read_released, source_of


def api() -> ModuleType:
    """nbgrader's database module."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # those of nbgrader's own dependencies
        import nbgrader.api
    module: ModuleType = nbgrader.api
    return module


def database_path(class_dir: Path) -> Path:
    """Where the database of a class lies."""
    return class_dir / "gradebook.db"


@contextlib.contextmanager
def gradebook(course: Course, class_dir: Path) -> Iterator[Any]:
    """nbgrader's Gradebook of a class, made if it is not there.

    Raises
    ------
    GradebookError
        If the file cannot be opened, read or written; what was not committed is as it was before.
    """
    path = database_path(class_dir.resolve())
    book = api().Gradebook
    from sqlalchemy.exc import DatabaseError

    failures = (DatabaseError, sqlite3.Error, OSError)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if not path.exists():
                _begin(path)
            with book(f"sqlite:///{path}", course.id) as opened:
                yield opened
    except failures as error:
        raise GradebookError(_complaint(path, str(getattr(error, "orig", "") or error))) from error


def _begin(path: Path) -> None:
    """Write down the version of nbgrader's tables in a new database.

    For a database without one nbgrader asks a process of its own, `alembic heads`: four seconds, and only if
    `alembic` is found by its bare name.
    """
    from alembic.script import ScriptDirectory

    version = ScriptDirectory(str(Path(str(api().__file__)).with_name("alembic"))).get_current_head()
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.execute("INSERT INTO alembic_version VALUES (?)", (version,))


def _complaint(path: Path, reason: str) -> str:
    mend = "The results are safe in the journal; mend this and run the same command again."
    if "locked" in reason:
        mend = "Another program holds it, perhaps formgrader: wait or close it, and run the same command again."
    elif "not a database" in reason or "malformed" in reason:
        mend = "It is damaged: move it away and run the same command again; marks given by hand must come from a copy."
    return f"{path}: {reason}. {mend}"


def ensure_assignment(course: Course, class_dir: Path, stem: str) -> tuple[str, ...]:
    """Have the database hold the topic's assignment with exactly the released cells.

    The same rows as `nbgrader generate_assignment` makes, without its start of several seconds.

    Parameters
    ----------
    course : Course
    class_dir : Path
        Folder of the class, in which `gradebook.db` lies.
    stem : str
        The topic.

    Returns
    -------
    tuple of str
        Notices: cells that the release no longer has, but which hold marks given by hand and therefore stay.

    Raises
    ------
    GradebookError
        If the notebook was never built, or the database cannot be used.
    """
    released = read_released(course, stem)
    write_class_config(course, class_dir)
    with gradebook(course, class_dir) as book:
        return sync_cells(book, released)


def sync_cells(book: Any, released: Released) -> tuple[str, ...]:
    """Bring the cells of one assignment up to date; an assignment that is so already costs one look."""
    nbgrader, stem = api(), released.stem
    try:
        book.find_notebook(stem, stem)
    except nbgrader.MissingEntry:
        book.update_or_create_assignment(stem)
        kernel = json.dumps(released.notebook["metadata"].get("kernelspec", {}))
        book.update_or_create_notebook(stem, stem, kernelspec=kernel)
    wanted = {key: row for cell in released.known for key, row in _rows(cell).items()}
    held = _held(book, stem)
    for (kind, name), values in wanted.items():
        if held.get((kind, name)) != values:
            getattr(book, f"update_or_create_{kind}_cell")(name, stem, stem, **values)
    return _drop(book, stem, [key for key in held if key not in wanted])


def _rows(cell: Notebook) -> dict[tuple[str, str], dict[str, Any]]:
    """What nbgrader's SaveCells would store of one cell, by kind and name."""
    marks, name = cell["metadata"]["nbgrader"], grade_id(cell)
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    if marks.get("grade"):
        rows["grade", name] = {"max_score": float(marks["points"]), "cell_type": cell["cell_type"]}
    if marks.get("solution"):
        rows["solution", name] = {}
    rows["source", name] = {
        "cell_type": cell["cell_type"],
        "locked": bool(marks.get("locked")) and not marks.get("solution"),
        "source": source_of(cell),
        "checksum": marks.get("checksum"),
    }
    return rows


def _held(book: Any, stem: str) -> dict[tuple[str, str], dict[str, Any]]:
    notebook = book.find_notebook(stem, stem)
    held: dict[tuple[str, str], dict[str, Any]] = {}
    for cell in notebook.grade_cells:
        held["grade", cell.name] = {"max_score": cell.max_score, "cell_type": cell.cell_type}
    for cell in notebook.solution_cells:
        held["solution", cell.name] = {}
    for cell in notebook.source_cells:
        fields = ("cell_type", "locked", "source", "checksum")
        held["source", cell.name] = {field: getattr(cell, field) for field in fields}
    return held


def _drop(book: Any, stem: str, keys: list[tuple[str, str]]) -> tuple[str, ...]:
    """Remove cells that the release no longer has, unless a person has marked one of them."""
    nbgrader, notices = api(), []
    for kind, name in keys:
        cell = getattr(book, f"find_{kind}_cell")(name, stem, stem)
        if kind != "source":
            grades = book.db.query(nbgrader.Grade).filter_by(cell_id=cell.id).all()
            comments = book.db.query(nbgrader.Comment).filter_by(cell_id=cell.id).all()
            marked = any(row.manual_score is not None or row.extra_credit for row in grades)
            if marked or any(row.manual_comment for row in comments):
                notices.append(f"{stem} no longer has {name}, but people marked it; its points stay in the gradebook")
                continue
            for row in (*grades, *comments):
                book.db.delete(row)
            book.db.flush()
        book.db.delete(cell)
    book.db.commit()
    return tuple(notices)


def write_class_config(course: Course, class_dir: Path) -> None:
    """Let nbgrader and formgrader, started in a class folder elsewhere, use the course's configuration.

    A configuration that is there already is left alone.
    """
    path = class_dir / "nbgrader_config.py"
    if class_dir.resolve() == course.root.resolve() or path.exists():
        return
    class_dir.mkdir(parents=True, exist_ok=True)
    path.write_text(
        '"""The class in this folder, for nbgrader and formgrader: everything else is the course\'s own."""\n\n'
        f"load_subconfig('nbgrader_config.py', path={str(course.root.resolve())!r})  # noqa: F821\n"
        "c = get_config()  # noqa: F821\n"
        f"c.CourseDirectory.root = {str(class_dir.resolve())!r}\n"
        f"c.CourseDirectory.source_directory = {str(course.root.resolve() / 'build' / 'source')!r}\n"
        f"c.CourseDirectory.release_directory = {str(course.root.resolve() / 'assignments')!r}\n",
        encoding="utf-8",
    )
