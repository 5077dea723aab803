"""The measured half of `./course check`: a grader is a classifier, and here it is measured on the bank.

Every mistake must fail the test it names and lose what its severity says, every right answer must earn everything,
every hidden test must be failed by some mistake, and the verdicts must be the same for every student's seed.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from autograder.config import Course
from autograder.course.percent import Topic, read_topic, stub_source
from autograder.course.reference import is_variable
from autograder.grading import mutants, rehearsal
from autograder.grading.bank import Bank, Entry, read_bank
from autograder.grading.bank_rules import bank_problems
from autograder.grading.measured import Graded, TopicProof, proof_problems
from autograder.grading.naming import Named, confusion, together
from autograder.grading.observations import Likeness, compare
from autograder.grading.probe import OUTSIDE, REFERENCE
from autograder.grading.report_check import render
from autograder.grading.tolerances import Spread, Tolerance, recording
from autograder.grading.trial import Trial
from autograder.grading.visible import Visible, visible_check
from autograder.grading.workers import JOBS, in_parallel
from autograder.records import ExerciseResult


@dataclass(frozen=True)
class Plan:
    """How much to measure.

    Parameters
    ----------
    seeds : tuple of int
        Students' seeds under which the verdicts must be the same.
    probe_seeds : tuple of int
        Seeds of the probe for the confusion matrix.
    unknown : int
        Unknown wrong answers of each kind to try to name, for each exercise; 0 leaves out the confusion matrix.
    """

    seeds: tuple[int, ...] = (0,)
    probe_seeds: tuple[int, ...] = tuple(range(10))
    unknown: int = 20


@dataclass(frozen=True)
class ExerciseProof:
    """Everything measured about one exercise; see `TopicProof`."""

    points: float
    tests: tuple[str, ...]
    reference: tuple[str, ...]
    graded: tuple[Graded, ...]
    tolerances: tuple[Tolerance, ...]
    alike: tuple[str, ...]
    visible: Visible | None
    names: tuple[Named, ...]
    seconds: float


def prove(course: Course, stems: Sequence[str], seeds: int = 1) -> int:
    """The command: measure and print each topic, its mutants and its notebook; 0 if nothing breaks a rule."""
    good = True
    for proof in prove_topics(course, stems, Plan(seeds=tuple(range(seeds)))):
        print(render(proof), flush=True)
        mutated = mutants.run_mutants(course, proof.stem)
        print(mutants.render(mutated), flush=True)
        rehearsed = rehearsal.rehearse(course, proof.stem)
        print(rehearsal.render(rehearsed), end="\n\n", flush=True)
        good = good and not proof_problems(proof) and mutated.holds and not rehearsed.failed
    return 0 if good else 1


def prove_topics(course: Course, stems: Sequence[str], plan: Plan, jobs: int = JOBS) -> Iterator[TopicProof]:
    """Measure topics, each exercise in whichever of the processes is free."""
    banks = {stem: read_bank(course.bank(stem)) for stem in stems}
    topics = {stem: read_topic(course.source(stem)) for stem in stems}
    coded = {stem: [c.name for c in topic.exercises() if not is_variable(c)] for stem, topic in topics.items()}
    items = [(stem, name) for stem in stems for name in coded[stem]]
    measured = in_parallel(course, partial(prove_exercise, plan=plan), items, jobs)
    for stem in stems:
        proofs = {name: next(measured) for name in coded[stem]}
        yield _whole(course, topics[stem], banks[stem], proofs, plan)


def prove_exercise(trial: Trial, exercise: str, plan: Plan) -> ExerciseProof:
    """Measure one exercise."""
    started = time.monotonic()
    reference, spread = trial.grade(exercise, None, plan.seeds[0]), Spread()
    return ExerciseProof(
        points=reference.max_score,
        tests=tuple(test.name for test in reference.tests),
        reference=failed_tests(reference),
        graded=tuple(_grade_all(trial, exercise, plan.seeds, spread)),
        tolerances=spread.tolerances(),
        alike=tuple(look_alikes(trial, exercise)),
        visible=visible_check(trial, exercise),
        names=confusion(trial, exercise, plan.probe_seeds, plan.unknown),
        seconds=time.monotonic() - started,
    )


def _whole(course: Course, topic: Topic, bank: Bank, proofs: Mapping[str, ExerciseProof], plan: Plan) -> TopicProof:
    grader = course.grader(topic.stem)
    specs = specs_of(grader.read_text(encoding="utf-8"))
    tests = {name: proof.tests for name, proof in proofs.items()}
    parts = list(proofs.values())
    return TopicProof(
        stem=topic.stem,
        bank_file=str(bank.path.relative_to(course.root)),
        grader_file=str(grader.relative_to(course.root)),
        points={name: proof.points for name, proof in proofs.items()},
        tests=tests,
        graded=tuple(each for part in parts for each in part.graded),
        reference=tuple(each for part in parts for each in part.reference),
        form=tuple(bank_problems(bank, topic, tests)),
        alike=tuple(each for part in parts for each in part.alike),
        tolerances=tuple(each for part in parts for each in part.tolerances),
        unannounced=tuple(_unannounced(topic, specs)),
        visible=tuple(part.visible for part in parts if part.visible is not None),
        names=together(part.names for part in parts),
        hidden=len(specs),
        seeds=len(plan.seeds),
        seconds=sum(part.seconds for part in parts),
    )


def failed_tests(result: ExerciseResult) -> tuple[str, ...]:
    """Names of the tests that did not pass."""
    return tuple(test.name for test in result.tests if test.state != "passed")


def _grade_all(trial: Trial, exercise: str, seeds: Sequence[int], spread: Spread) -> Iterator[Graded]:
    with recording() as errors:
        for entry in (*trial.bank.mistakes(exercise), *trial.bank.right_answers(exercise)):
            first = trial.grade(exercise, entry.source, seeds[0])
            spread.add(entry.name if entry.is_mistake else "", errors.take())
            others = [trial.grade(exercise, entry.source, seed) for seed in seeds[1:]]
            errors.take()
            yield _graded(entry, first, others)


def _graded(entry: Entry, first: ExerciseResult, others: Sequence[ExerciseResult]) -> Graded:
    states = {test.name: test.state for test in first.tests}
    unsteady = {test.name for other in others for test in other.tests if test.state != states[test.name]}
    return Graded(
        entry=entry,
        lost=1.0 - first.score / first.max_score if first.max_score else 0.0,
        failed=failed_tests(first),
        faults=tuple(name for name, state in states.items() if state == "grader_error"),
        unsteady=tuple(sorted(unsteady)),
    )


def look_alikes(trial: Trial, exercise: str, seed: int = 0) -> Iterator[str]:
    """Pairs that the probe cannot tell apart, at least one of which is a mistake, and a probe that fails itself."""
    if exercise not in trial.bank.probes:
        return
    traces = trial.diagnoser(seed).traces(exercise)
    if any(look.label == OUTSIDE for look in traces[REFERENCE].looks) or not traces[REFERENCE].has_value:
        yield f"the probe of {exercise} fails with the reference. Mend the probe."
    unknown = [look.label for look in traces[REFERENCE].looks if look.outcome == "NameError"]
    if unknown:
        mend = "A probe can call what it defines and unmarked functions of its file, not marked entries."
        yield f"{exercise}: NameError with the reference in the probe's look {', '.join(map(repr, unknown))}. {mend}"
    names = list(traces)
    mistakes = {entry.name for entry in trial.bank.mistakes(exercise)}
    for number, one in enumerate(names):
        for other in names[:number]:
            if {one, other} & mistakes and compare(traces[one], traces[other]) is not Likeness.APART:
                pair = f"{one or 'the reference'} and {other or 'the reference'}"
                yield f"{exercise}: {pair} look alike to the probe. Add a look that tells them apart."


def _unannounced(topic: Topic, specs: Mapping[str, str]) -> Iterator[str]:
    """Hidden tests without a `spec=` phrase that stands in the released notebook."""
    released = _folded("\n".join(stub_source(cell) for cell in topic.cells))
    for name, spec in specs.items():
        if not spec or _folded(spec) not in released:
            yield name


def _folded(text: str) -> str:
    return " ".join(text.split())


def specs_of(text: str) -> dict[str, str]:
    """The `spec=` phrase of each test in the text of a grader file."""
    found = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            keywords = [word for mark in node.decorator_list if isinstance(mark, ast.Call) for word in mark.keywords]
            values = [word.value for word in keywords if word.arg == "spec"]
            found[node.name] = str(values[0].value) if values and isinstance(values[0], ast.Constant) else ""
    return found
