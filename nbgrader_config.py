"""Where nbgrader finds things here, and which of its steps are ours. Read by every nbgrader command and formgrader."""

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))  # nbgrader imports our steps by dotted name

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = tomllib.loads((ROOT / "course.toml").read_text(encoding="utf-8"))["course"]["id"]
c.CourseDirectory.source_directory = "build/source"  # written by ./course build; submitted/ and the rest at the root
c.CourseDirectory.release_directory = "assignments"
c.CourseDirectory.ignore = [".ipynb_checkpoints", "__pycache__", "*.pyc", "*.py"]  # only notebooks are copied

# nbgrader's own list, with its ClearSolutions replaced and the two steps that nothing here uses left out.
c.GenerateAssignment.preprocessors = [
    "nbgrader.preprocessors.LockCells",
    "autograder.gradebook.release_stubs.ReleaseStubs",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# Both of nbgrader's autograding lists are replaced: with its own first one, a copied cell would end the whole batch.
c.Autograde.exporter_class = "autograder.gradebook.preprocessors.AnyFile"
c.Autograde.sanitize_preprocessors = ["autograder.gradebook.preprocessors.Restore"]
c.Autograde.autograde_preprocessors = [
    "autograder.gradebook.preprocessors.GradeConfined",
    "nbgrader.preprocessors.AssignLatePenalties",
]
c.AssignLatePenalties.plugin_class = "autograder.gradebook.latepenalty.CourseLatePenalty"  # [late] of course.toml
