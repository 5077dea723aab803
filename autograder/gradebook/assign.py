"""nbgrader's generate_assignment, run in this process on the notebooks in build/source."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from traitlets.config.loader import PyFileConfigLoader

from autograder.config import ROOT
from autograder.errors import UserError

SOURCE = Path("build") / "source"


class AssignError(UserError):
    """nbgrader would not make the students' notebook; the message says why and what to do."""


def generate_assignments(source: Path, target: Path, stems: Sequence[str], gradebook: Path | None = None) -> None:
    """Make `target/<stem>/<stem>.ipynb` from `source/<stem>/<stem>.ipynb`, as stock nbgrader with our config does.

    Parameters
    ----------
    source, target : Path
        Folders of instructor's and of students' notebooks. Nothing else in `target` is touched, and an existing
        notebook is replaced only when its successor is complete.
    stems : sequence of str
        The topics to make.
    gradebook : Path, optional
        Database in which the cells and their points are entered; made if it is not there. Without it, none is.

    Raises
    ------
    AssignError
        With nbgrader's own complaint and the mend.
    """
    with tempfile.TemporaryDirectory() as folder:
        workshop = Path(folder).resolve()
        for stem in stems:
            shutil.copytree(source / stem, workshop / SOURCE / stem)
        with _alembic_on_path():
            _run(workshop, stems, gradebook)
        for stem in stems:
            made = workshop / "assignments" / stem / f"{stem}.ipynb"
            (target / stem).mkdir(parents=True, exist_ok=True)
            fresh = target / stem / f".{stem}.ipynb.new"
            fresh.write_bytes(made.read_bytes())
            os.replace(fresh, target / stem / f"{stem}.ipynb")


def _run(workshop: Path, stems: Sequence[str], gradebook: Path | None) -> None:
    config = _config(workshop, gradebook)
    text = io.StringIO()
    log = logging.Logger("nbgrader", logging.WARNING)  # not registered: nothing else hears it
    log.addHandler(logging.StreamHandler(text))
    for stem in stems:
        course = CourseDirectory(config=config, log=log, assignment_id=stem)
        converter = GenerateAssignment(coursedir=course, config=config, log=log)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # those of nbgrader's own dependencies
                converter.start()
        except NbGraderException as error:
            raise AssignError(_complaint(stem, text.getvalue(), gradebook)) from error


def _config(workshop: Path, gradebook: Path | None) -> Any:
    config = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()
    config.CourseDirectory.root = str(workshop)
    if gradebook is None:
        steps = config.GenerateAssignment.preprocessors
        config.GenerateAssignment.preprocessors = [step for step in steps if not step.endswith(".SaveCells")]
        config.GenerateAssignment.no_database = True
    else:
        config.CourseDirectory.db_url = f"sqlite:///{gradebook.resolve()}"
    return config


def _complaint(stem: str, log: str, gradebook: Path | None) -> str:
    if "there are submissions associated" in log:
        return (
            f"{stem} has other graded or given cells than {gradebook} holds submissions for. Undo the change of names, "
            f"or move {gradebook} away and build and grade again (marks given by hand are in it)."
        )
    reasons = [line for line in log.strip().splitlines() if "Error" in line] or log.strip().splitlines()[-1:]
    return f"nbgrader would not make the notebook of {stem}: {' '.join(reasons[-1:])}. Mend solutions/{stem}.py."


@contextlib.contextmanager
def _alembic_on_path() -> Iterator[None]:
    """nbgrader starts `alembic` by its bare name, so the environment's programs must come first on PATH."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before])
    try:
        yield
    finally:
        os.environ["PATH"] = before
