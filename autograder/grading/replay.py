"""Grade a submission once more as it was graded, and write down what the tests of one exercise saw."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Collection
from dataclasses import dataclass, replace

from autograder.grading.run import TopicGrader
from autograder.grading.sitting import Sitting
from autograder.grading.witness import Notebook, Run, WatchedServer, WatchedTests, watched_attempts
from autograder.intake import Submission
from autograder.records import Result, TestResult


@dataclass(frozen=True)
class Witnessed:
    """One test: how it came out now, its code and place, and what it saw of the student and of the reference."""

    result: TestResult
    code: str
    line: int
    student: Run | None
    reference: Run


@dataclass(frozen=True)
class Replayed:
    """The result of today's run, and the tests that were asked for."""

    result: Result
    tests: tuple[Witnessed, ...]


def replay(
    grader: TopicGrader, submission: Submission, seed: int, exercise: str, names: Collection[str] = ()
) -> Replayed:
    """Grade a submission with a seed of before.

    Parameters
    ----------
    grader : TopicGrader
    submission : Submission
    seed : int
        From the stored result: it gives the same hidden inputs.
    exercise : str
        Whose tests are written down; the others run too, because what they earn decides on second looks.
    names : collection of str
        Tests to show; by default those that were not passed.
    """
    notebook = Notebook(exercise)
    setting = grader.setting
    watched = replace(
        setting,
        tests=WatchedTests(setting.tests, notebook),
        make=watched_attempts(setting.make, notebook),
        candidates=WatchedServer(setting.candidates, notebook) if setting.candidates else None,
    )
    sitting = Sitting(watched, submission, seed)
    try:
        result = sitting.result()
        marked = next(item for item in result.exercises if item.name == exercise)
        wanted = [test for test in marked.tests if (test.name in names if names else test.state != "passed")]
        looked_twice = any(notice.startswith(f"{exercise}: graded with the reference's") for notice in result.notices)
        shown = tuple(_witnessed(watched.tests, notebook, sitting, test, looked_twice) for test in wanted)
        return Replayed(result, shown)
    finally:
        sitting.close()


def _witnessed(
    tests: object, notebook: Notebook, sitting: Sitting, result: TestResult, looked_twice: bool
) -> Witnessed:
    assert isinstance(tests, WatchedTests)
    hidden = next(test for test in tests.of(notebook.exercise) if test.name == result.name)
    student, checker = sitting.seats
    runs = [run for run in notebook.runs if run.test.name == result.name and run.seat is student]
    tests.run(hidden, checker)
    code = textwrap.dedent(inspect.getsource(hidden.item.function)).rstrip()
    mine = (runs[-1] if looked_twice else runs[0]) if runs else None
    return Witnessed(result, code, hidden.line, mine, notebook.runs[-1])
