"""What feedback says, worked out once: pages, plain text and Markdown only lay it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from autograder.late import Late
from autograder.records import ExerciseResult, Result, TestResult
from autograder.reports.clean import clean, clean_line, counted, number
from autograder.reports.lateness import late_sentence

STATUS_SENTENCES = {
    "ok": "",
    "exception": "A cell of your notebook stopped with an error. All that could still run was graded.",
    "wrong_type": "Part of your code gave back a kind of value that cannot be compared.",
    "too_big": "Part of your code gave back far more data than the exercise asks for.",
    "time_limit": "Part of your code ran into the time limit and was stopped. The other parts were graded.",
    "memory_limit": "Part of your code ran out of the memory it may use and was stopped. The other parts were graded.",
    "crashed": "The process that runs your code ended unexpectedly. The other parts were graded in a new one.",
    "protocol_error": "Your code interfered with the program that runs it, and was stopped there.",
    "unreadable": "The file that you handed in could not be read as a notebook of this topic, so nothing was tested.",
    "grader_error": "The grader itself failed. That is our fault, not yours: an instructor will look at your work.",
}
NEARLY = 0.85  # share of the points from which "partly right" would be too little to say
BEING_CHECKED = "The grader itself failed here. That is our fault, not yours: an instructor will look at this exercise."


@dataclass(frozen=True)
class Mark:
    """What a person put into the gradebook for one cell.

    `score` is None until a mark is given. `waiting` says that a person still has to look at it.
    """

    name: str
    max_score: float
    score: float | None = None
    extra: float = 0.0
    comment: str = ""
    waiting: bool = False
    written: bool = False


@dataclass(frozen=True)
class Finding:
    """One test: its sentence, and what was seen if it did not pass."""

    title: str
    seen: str
    points: str = ""


@dataclass(frozen=True)
class ExerciseView:
    """One exercise in the words of its reader.

    `state` is one of complete, partly, wrong, untested, checking; `word` says it in words.
    """

    name: str
    state: str
    word: str
    summary: str
    score: float
    max_score: float
    failed: tuple[Finding, ...]
    untested: tuple[Finding, ...]
    passed: tuple[Finding, ...]
    diagnosis: str
    question: str
    comment: str = ""
    marked: bool = False

    @property
    def waiting(self) -> bool:
        """Whether a person still has to say what this exercise is worth."""
        return self.state == "checking" and not self.marked


@dataclass(frozen=True)
class WrittenView:
    """A written question: its mark, or that it waits for one."""

    name: str
    word: str
    score: float | None
    max_score: float
    comment: str


@dataclass(frozen=True)
class Feedback:
    """All that a student reads about one submission."""

    topic: str
    title: str
    student: str
    score: float
    max_score: float
    waiting: float
    headline: str
    trouble: str
    unreadable: bool
    exercises: tuple[ExerciseView, ...]
    written: tuple[WrittenView, ...]
    diary: tuple[str, ...]
    late: str = ""
    penalty: float = 0.0


WORDS = {
    "complete": "complete",
    "partly": "partly right",
    "wrong": "not right yet",
    "untested": "not tested",
    "checking": "being checked by a person",
}


def view_exercise(exercise: ExerciseResult, mark: Mark | None = None) -> ExerciseView:
    """Sort the tests of an exercise into what the student should read first, second and only if they like."""
    by_state = {
        state: [test for test in exercise.tests if test.state == state]
        for state in ("passed", "failed", "not_run", "grader_error")
    }
    state = _state(exercise, by_state)
    summary, untested = _summary(state, by_state), _untested(by_state["not_run"])
    if state == "untested" and len(untested) == 1:  # the reason says it all
        summary, untested = untested[0].seen, (replace(untested[0], seen=""),)
    diagnosis, question = _diagnosis(exercise)
    marked = mark is not None and (mark.score is not None or bool(mark.extra))
    return ExerciseView(
        name=clean_line(exercise.name, 80),
        state=state,
        word="marked by a person" if marked else _word(state, exercise),
        summary=summary,
        score=_final(exercise.score, mark),
        max_score=exercise.max_score,
        failed=tuple(_finding(test) for test in by_state["failed"]),
        untested=untested,
        passed=tuple(_finding(test) for test in by_state["passed"]),
        diagnosis=diagnosis,
        question=question,
        comment=clean(mark.comment, 4000) if mark else "",
        marked=marked,
    )


def _word(state: str, exercise: ExerciseResult) -> str:
    nearly = state == "partly" and exercise.score >= NEARLY * exercise.max_score
    return "nearly complete" if nearly else WORDS[state]


def _final(score: float, mark: Mark | None) -> float:
    if mark is None:
        return score
    return (score if mark.score is None else mark.score) + mark.extra


def _state(exercise: ExerciseResult, by_state: Mapping[str, Sequence[TestResult]]) -> str:
    if by_state["grader_error"]:
        return "checking"
    if exercise.tests and len(by_state["passed"]) == len(exercise.tests):
        return "complete"
    if by_state["passed"] or exercise.score > 0:
        return "partly"
    return "wrong" if by_state["failed"] else "untested"


def _summary(state: str, by_state: Mapping[str, Sequence[TestResult]]) -> str:
    passed, total = len(by_state["passed"]), sum(len(tests) for tests in by_state.values())
    tests = counted(total, "test")
    if state == "checking":
        return BEING_CHECKED
    if state == "complete":
        return {1: "The test passed.", 2: "Both tests passed."}.get(total, f"All {tests} passed.")
    if state == "untested":
        return "No test could be run."
    if state == "wrong" and not by_state["not_run"]:
        return {1: "The test did not pass.", 2: "Neither test passed."}.get(total, f"None of the {tests} passed.")
    parts = [f"{passed} of {tests} passed"]
    if by_state["not_run"]:
        parts.append(f"{len(by_state['not_run'])} could not be run")
    return ", ".join(parts) + "."


def _finding(test: TestResult) -> Finding:
    points = points_of(test.score, test.max_score) if 0 < test.score < test.max_score else ""
    return Finding(clean_line(test.title, 300), clean(test.message), points)


def _untested(tests: Sequence[TestResult]) -> tuple[Finding, ...]:
    """One finding for each reason, because a stub gives every test the same one."""
    reasons: dict[str, list[str]] = {}
    for test in tests:
        reasons.setdefault(clean(test.message) or "The tests before it left nothing to test.", []).append(
            clean_line(test.title, 300)
        )
    return tuple(Finding("\n".join(titles), reason) for reason, titles in reasons.items())


def _diagnosis(exercise: ExerciseResult) -> tuple[str, str]:
    """The diagnosis sentence and the question that leads on: first paragraph and the rest."""
    if exercise.diagnosis is None:
        return "", ""
    first, _, rest = clean(exercise.diagnosis.text, 2000).partition("\n\n")
    return " ".join(first.split()), " ".join(rest.split())


def view_written(mark: Mark) -> WrittenView:
    """A written question in words."""
    name, comment = clean_line(mark.name, 80), clean(mark.comment, 4000)
    if mark.waiting:
        return WrittenView(name, "waiting for a marker", None, mark.max_score, comment)
    if mark.score is None and not mark.extra:
        return WrittenView(name, "no answer", 0.0, mark.max_score, comment)
    return WrittenView(name, "marked", (mark.score or 0.0) + mark.extra, mark.max_score, comment)


def view(result: Result, title: str = "", marks: Sequence[Mark] = (), late: Late | None = None) -> Feedback:
    """Everything that a student reads about a submission.

    Parameters
    ----------
    result : Result
        What grading found.
    title : str
        The topic's title; its stem if there is none.
    marks : sequence of Mark
        What the gradebook holds from people, for exercises and written questions.
    late : Late, optional
        If it came late; the score is what remains.
    """
    by_name = {mark.name: mark for mark in marks}
    exercises = tuple(view_exercise(exercise, by_name.get(exercise.name)) for exercise in result.exercises)
    trouble = STATUS_SENTENCES.get(result.status, "")
    if result.status == "unreadable":
        trouble = " ".join([trouble, *dict.fromkeys(item.summary for item in exercises)])
        exercises = tuple(replace(item, summary="No test could be run.", untested=()) for item in exercises)
    written = tuple(view_written(mark) for mark in marks if mark.written)
    waiting = sum(item.max_score for item in written if item.score is None)
    checked = sum(item.max_score for item in exercises if item.waiting)
    earned = sum(item.score for item in exercises) + sum(item.score or 0.0 for item in written)
    penalty = late.penalty(earned) if late else 0.0
    max_score = sum(item.max_score for item in exercises) + sum(item.max_score for item in written)
    return Feedback(
        topic=result.topic,
        title=clean_line(title) or result.topic,
        student=clean_line(result.student, 80),
        score=earned - penalty,
        max_score=max_score,
        waiting=waiting + checked,
        headline=_headline(earned - penalty, max_score, waiting + checked),
        trouble=trouble,
        unreadable=result.status == "unreadable",
        exercises=exercises,
        written=written,
        diary=tuple(f"{item.name}: {item.diagnosis}" for item in exercises if item.diagnosis),
        late=late_sentence(late, earned) if late else "",
        penalty=penalty,
    )


def points_of(score: float, max_score: float) -> str:
    """A score with its noun: 2 of 22 points, 0 of 1 point."""
    return f"{number(score)} of {number(max_score)} {'point' if max_score == 1 else 'points'}"


def _headline(score: float, max_score: float, waiting: float) -> str:
    points = points_of(score, max_score)
    return f"{points} so far; {number(waiting)} still wait for a person" if waiting else points
