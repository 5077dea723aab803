"""What students hand in, read as data: cells by name, safely, with everything odd noted for the instructor."""

from autograder.intake.records import Submission, SubmittedCell, Unreadable
from autograder.intake.submission import read_submission

__all__ = ["Submission", "SubmittedCell", "Unreadable", "read_submission"]
