"""`./course explain`: why a submission lost its points, for the instructor who answers an appeal.

It shows hidden inputs, expected answers and the code of tests. It is printed and written nowhere.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.classroom.journal import read_journal
from autograder.classroom.submissions import identity
from autograder.config import Course
from autograder.course.release import release_of
from autograder.errors import RefusedError, UserError
from autograder.grading.compare import Mismatch
from autograder.grading.replay import Replayed, Witnessed, replay
from autograder.grading.run import TopicGrader
from autograder.grading.witness import Call, Run
from autograder.intake import read_submission
from autograder.records import ExerciseResult, Result
from autograder.reports.clean import clean
from autograder.reports.content import points_of
from autograder.sandbox import StudentError

WIDTH = 110
FIRST, LAST = 3, 12  # calls that are shown where there are more


@dataclass(frozen=True)
class Asked:
    """Whose work, and what of it."""

    student: str
    stem: str
    exercise: str
    test: str = ""


def explain(course: Course, class_dir: Path, asked: Asked, *, unsafe: bool = False) -> str:
    """The explanation as text.

    Raises
    ------
    RefusedError
        If nothing is graded, or the file is not the one that was graded.
    UserError
        If there is no such exercise or test.
    """
    path = class_dir / "submitted" / asked.student / asked.stem / f"{asked.stem}.ipynb"
    stored = stored_result(class_dir, asked, path)
    exercise = _exercise(stored, asked)
    if stored.status == "unreadable":
        return f"{_head(stored, exercise)}\nNothing was run: {'; '.join(stored.notices)}\n"
    names = _tests(exercise, asked.test)
    grader = TopicGrader(course, asked.stem, unsafe=unsafe)
    try:
        submission = read_submission(path, release_of(grader.topic), asked.student)
        replayed = replay(grader, submission, stored.seed, asked.exercise, names)
        return "\n".join(_text(course, stored, exercise, replayed, grader.grader_sha256)) + "\n"
    finally:
        grader.close()


def stored_result(class_dir: Path, asked: Asked, path: Path) -> Result:
    """The newest result of the file that is in place.

    Raises
    ------
    RefusedError
        Saying what is in the way, and the command that mends it.
    """
    results = [result for result in read_journal(class_dir).results if result.topic == asked.stem]
    mine = [result for result in results if result.student == asked.student]
    again = f"./course grade {asked.stem} --student {asked.student}"
    if not mine:
        known = ", ".join(sorted({result.student for result in results})[:10]) or "nobody"
        raise RefusedError(f"nothing of {asked.student} is graded in {asked.stem}. Graded are: {known}. First: {again}")
    sha256, _ = identity(path)
    same = [result for result in mine if result.submission_sha256 == sha256]
    if not same:
        raise RefusedError(
            f"{path} is not the file that was graded (sha256 {sha256[:12]}, graded was "
            f"{mine[-1].submission_sha256[:12]}). Put that one back, or grade this one: {again}"
        )
    return same[-1]


def _exercise(stored: Result, asked: Asked) -> ExerciseResult:
    for exercise in stored.exercises:
        if exercise.name == asked.exercise:
            return exercise
    known = ", ".join(exercise.name for exercise in stored.exercises)
    raise UserError(f"{asked.stem} has no exercise {asked.exercise!r}. It has: {known}.")


def _tests(exercise: ExerciseResult, asked: str) -> list[str]:
    """The test that was named, in full or in part; none stands for those that were not passed."""
    if not asked:
        return []
    names = [test.name for test in exercise.tests]
    found = [name for name in names if name == asked] or [name for name in names if asked in name]
    if len(found) != 1:
        raise UserError(f"{exercise.name}: {len(found)} tests are called {asked!r}. There are: {', '.join(names)}.")
    return found


def _head(stored: Result, exercise: ExerciseResult) -> str:
    points = points_of(exercise.score, exercise.max_score)
    lines = [
        "For instructors: what follows holds hidden inputs, expected answers and the code of tests.",
        f"{stored.student}, {stored.topic}, {exercise.name}: {points} when it was graded",
        f"submission {stored.submission_sha256[:12]}, seed {stored.seed}, isolation {stored.isolation}",
    ]
    if exercise.diagnosis:
        lines.append(f"diagnosis: {exercise.diagnosis.mistake}")
    return "\n".join(lines)


def _text(
    course: Course, stored: Result, before: ExerciseResult, replayed: Replayed, grader_sha256: str
) -> Iterator[str]:
    yield _head(stored, before)
    now = next(item for item in replayed.result.exercises if item.name == before.name)
    yield f"replayed now: {points_of(now.score, now.max_score)}"
    if grader_sha256 != stored.grader_sha256:
        yield "The grader, its tests or the course's limits have changed since: this is how it is graded today."
    yield from (f"notice: {notice}" for notice in replayed.result.notices if notice.startswith(before.name))
    states = {test.name: test.state for test in before.tests}
    if not replayed.tests:
        yield f"Every test is passed. To see one all the same: --test NAME, one of {', '.join(states)}."
    for test in replayed.tests:
        yield ""
        yield from _test(course, before.name, stored.topic, test, states.get(test.result.name, ""))


def _test(course: Course, exercise: str, stem: str, test: Witnessed, state: str) -> Iterator[str]:
    result = test.result
    words = result.state.replace("_", " ").upper()
    yield f"{words}  {result.name}, {points_of(result.score, result.max_score)}"
    yield f"  {result.title}"
    if state and state != result.state:
        yield f"  When it was graded it was {state}: the limits of time and memory, or a change of the grader since."
    if result.message:
        yield from _wrapped("the student reads: ", clean(result.message))
    place = course.grader(stem).relative_to(course.root)
    yield f"  code ({place}:{test.line}):"
    yield textwrap.indent(test.code, "    ")
    if test.student is None:
        yield "  The student's code was not called."
        return
    yield from _calls(test.student, test.reference)
    for case, got, want in test.student.compared:
        yield f"  compared{f', {case}' if case else ''}:"
        yield from _wrapped("expected: ", clean(want, 4000), "    ")
        yield from _wrapped("student:  ", clean(got, 4000), "    ")
    if test.student.ending.error is not None:
        error = test.student.ending.error
        kind = "" if isinstance(error, StudentError | Mismatch) else f"{type(error).__name__}: "
        yield from _wrapped("ended with ", kind + clean(str(error)))


def _calls(student: Run, reference: Run) -> Iterator[str]:
    """Each call with the hidden input, the student's answer and the reference's to the same call."""
    right = {call.place: call for call in reference.calls}
    yield f"  calls of the student's code ({student.count} in all):" if student.count else "  no call was made."
    calls, place = student.calls, 0
    for call in calls if len(calls) <= FIRST + LAST else [*calls[:FIRST], *calls[-LAST:]]:
        if call.place > place + 1:
            yield f"    ... {call.place - place - 1} calls are left out"
        place = call.place
        yield from _wrapped(f"{call.place}. ", clean(call.asked, 4000), "    ")
        yield from _answers(call, right.get(call.place))


def _answers(call: Call, right: Call | None) -> Iterator[str]:
    if right is not None and right.asked == call.asked and right.answer != call.answer:
        yield from _wrapped("expected: ", clean(right.answer, 4000), "       ")
        yield from _wrapped("student:  ", clean(call.answer, 4000), "       ")
    else:
        same = right is not None and right.asked == call.asked
        yield from _wrapped("both:     " if same else "student:  ", clean(call.answer, 4000), "       ")


def _wrapped(start: str, text: str, margin: str = "  ") -> Sequence[str]:
    inside = margin + " " * len(start)
    lines: list[str] = []
    for line in text.splitlines() or [""]:
        first = inside if lines else margin + start
        lines += textwrap.wrap(line, WIDTH, initial_indent=first, subsequent_indent=inside) or [first]
    return lines
