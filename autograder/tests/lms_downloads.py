"""Downloads as Canvas, Moodle, Gradescope and a colleague's folder look, built small, for tests of what is taken in."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

ROSTER = """student,first_name,last_name,email,canvas_id,sid
ada,Ada,Lovelace,ada@example.org,101,S1
bob,Bob,Müller-Örs,bob@example.org,102,S2
cyd,Cyd,"O'Neil, Jr.",cyd@example.org,103,S3
李娜,娜,李,lina@example.org,104,S4
dov,=Dov,@Formula,dov@example.org,105,S5
eve,Eve,Absent,eve@example.org,106,S6
"""


def notebook(mark: str, cells: tuple[dict[str, object], ...] = ()) -> bytes:
    """A notebook with one line that says which one it is."""
    first = {"cell_type": "markdown", "source": mark, "metadata": {}}
    return json.dumps({"cells": [first, *cells], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


CANVAS = {
    "lovelaceada_101_9001_hw04_adam.ipynb": notebook("ada, first"),
    "lovelaceada_101_9005_hw04_adam-1.ipynb": notebook("ada, second"),
    "müllerörsbob_LATE_102_9002_hw04_adam (3).ipynb": notebook("bob"),
    "oneiljrcyd_103_text.html": b"<p>my laptop broke</p>",
    "李娜_104_9003_hw04_adam.ipynb": notebook("lina"),
    "formuladov_105_9006_hw04_adam.ipynb": b"%PDF-1.7",
    "formuladov_105_9007_plot.png": b"\x89PNG",
    "anon_Xy1z2_9008_hw04_adam.ipynb": notebook("whose?"),
    "stranger_999_9009_hw04_adam.ipynb": notebook("not in the class"),
}
MOODLE = {
    "Ada Lovelace_21_assignsubmission_file/hw04_adam.ipynb": notebook("ada"),
    "Ada Lovelace_21_assignsubmission_file/data/notes.txt": b"notes",
    "Bob Müller-Örs_22_assignsubmission_file_/hw04_adam.ipynb": notebook("bob"),
    "Cyd O'Neil, Jr._23_assignsubmission_onlinetext/onlinetext.html": b"<p>hi</p>",
    "娜 李_24_assignsubmission_file_hw04_adam.ipynb": notebook("lina"),
    "Participant_26_assignsubmission_file/hw04_adam.ipynb": notebook("blind"),
}
WORKSHEET = (
    "\ufeffIdentifier,Full name,Email address,Status,Grade,Maximum grade,Last modified (submission)\r\n"
    'Participant 21,Ada Lovelace,ada@example.org,Submitted,,100.00,"Monday, 5 October 2026, 11:00 AM"\r\n'
    'Participant 22,Bob Müller-Örs,bob@example.org,Submitted,,100.00,"Tuesday, 6 October 2026, 1:00 PM"\r\n'
    'Participant 24,娜 李,lina@example.org,Submitted,,100.00,"Monday, 5 October 2026, 9:30 AM"\r\n'
)
METADATA = """---
submission_301:
  :submitters:
  - :name: Ada Lovelace
    :sid: S1
    :email: ada@example.org
  :created_at: 2026-10-05 10:00:00.000000000 Z
  :score: 0.0
  :status: processed
submission_302:
  :submitters:
  - :name: Bob Müller-Örs
    :email: bob@example.org
  - :name: Cyd O'Neil, Jr.
    :sid: S3
  :created_at: 2026-10-07 13:00:00.000000000 Z
submission_303:
  :submitters:
  - :name: Somebody Else
    :sid: S99
  :created_at: 2026-10-05 09:00:00 UTC
submission_304:
  :submitters: []
  :created_at: 2026-10-05 09:00:00 UTC
"""
GRADESCOPE = {
    "assignment_77_export/submission_metadata.yml": METADATA.encode(),
    "assignment_77_export/submission_301/hw04_adam.ipynb": notebook("ada"),
    "assignment_77_export/submission_302/hw04_adam.ipynb": notebook("a group of two"),
    "assignment_77_export/submission_303/hw04_adam.ipynb": notebook("not in the class"),
    "assignment_77_export/submission_304/hw04_adam.ipynb": notebook("nobody"),
    "__MACOSX/assignment_77_export/submission_301/._hw04_adam.ipynb": b"junk",
}
FOLDER = {
    "ada/hw04_adam.ipynb": notebook("ada"),
    "bob@example.org/final version.ipynb": notebook("bob"),
    "李娜/hw04_adam.ipynb": notebook("lina"),
    "cyd/hw04_adam.zip": b"PK\x03\x04",
    "../evil/hw04_adam.ipynb": notebook("a name that leads out"),
}
DOWNLOADS = {"canvas": CANVAS, "moodle": MOODLE, "gradescope": GRADESCOPE, "folder": FOLDER}


def packed(path: Path, files: Mapping[str, bytes]) -> Path:
    """A zip archive of these files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 10, 1, 12, 0, 0)), content)
    return path


def class_of(folder: Path) -> Path:
    """The folder of a class with the roster."""
    folder.mkdir()
    (folder / "roster.csv").write_text(ROSTER, encoding="utf-8")
    return folder
