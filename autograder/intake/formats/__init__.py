"""Downloads of each LMS: who handed in which file, and when."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.intake.archives import Entry
from autograder.intake.formats import canvas, folder, gradescope, moodle
from autograder.intake.formats.found import Found


def recognise(entries: Sequence[Entry], worksheet: moodle.Worksheet) -> tuple[str, list[Found]]:
    """The name of the format, and everything that was handed in.

    Parameters
    ----------
    entries : sequence of Entry
        Files of one archive or folder.
    worksheet : mapping
        Moodle's grading worksheet, if it was given: people by participant number.
    """
    if gradescope.matches(entries):
        return "Gradescope", list(gradescope.found(entries))
    if moodle.matches(entries):
        return "Moodle", list(moodle.found(entries, worksheet))
    if canvas.matches(entries):
        return "Canvas", list(canvas.found(entries))
    return "folder", list(folder.found(entries))
