"""What `run_autograder` does in Gradescope's container: find the notebook, run `./course try`, write `results.json`.

Where the grader itself fails nothing is written and the exit code is 1: Gradescope then shows a failure of the
autograder, never a zero.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from autograder.config import ROOT, load_course
from autograder.intake.choose import stems
from autograder.records import Result, result_from_json
from autograder.reports.exports.gradescope import results_json
from autograder.reports.files import write_whole

HIDDEN = (".ipynb_checkpoints", "__MACOSX")


def run(base: Path, stem: str) -> int:
    """Grade `base/submission` and write `base/results/results.json`."""
    target = base / "results" / "results.json"
    found = notebooks(base / "submission")
    chosen = choose(found, stem)
    if chosen is None:
        names = ", ".join(path.name for path in found) or "none"
        words = f"Hand in one notebook, called {stem}.ipynb. Notebooks in what you handed in: {names}."
        write_whole(target, json.dumps({"score": 0, "output": words, "stdout_visibility": "hidden"}) + "\n")
        return 0
    result = graded(stem, chosen, student_of(base / "submission_metadata.json"))
    if result is None or result.needs_a_human:
        print("The grader failed; no grade was given. Notices:", *(result.notices if result else ()), sep="\n")
        return 1
    write_whole(target, results_json(result, load_course().topic(stem).title))
    return 0


def notebooks(folder: Path) -> list[Path]:
    """The notebooks that were handed in; links are not followed."""
    found = [path for path in sorted(folder.rglob("*.ipynb")) if path.is_file() and not path.is_symlink()]
    return [path for path in found if not path.name.startswith("._") and not set(HIDDEN) & set(path.parts)]


def choose(found: list[Path], stem: str) -> Path | None:
    """The one that is called as the topic, else the only one."""
    named = [path for path in found if path.stem == stem] or [path for path in found if stem in stems(path.name)]
    if len(named) == 1:
        return named[0]
    return found[0] if len(found) == 1 else None


def student_of(metadata: Path) -> str:
    """Whose hidden inputs are drawn: the first user's address."""
    try:
        users = json.loads(metadata.read_bytes())["users"]
        return str(users[0].get("email") or users[0].get("id") or users[0]["name"])
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError):
        return "gradescope"


def graded(stem: str, notebook: Path, student: str) -> Result | None:
    """The record that `./course try` prints; its messages go to the instructor."""
    command = [sys.executable, "course", "try", stem, str(notebook.resolve()), "--json", f"--student={student}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    print(done.stderr, end="")
    try:
        return result_from_json(done.stdout)
    except ValueError:
        print(f"./course try ended with code {done.returncode} and no result.", done.stdout[-2000:], sep="\n")
        return None


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1]).resolve(), sys.argv[2]))
