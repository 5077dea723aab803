"""What the proof of a topic measured, and what of it breaks a rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from autograder.grading.bank import Entry
from autograder.grading.naming import Named
from autograder.grading.tolerances import Tolerance
from autograder.grading.visible import CAUGHT_AT_LEAST, Visible

BANDS = {  # share of the exercise's points that a mistake loses, least and most
    "concept": (0.40, 1.00),
    "detail": (0.10, 0.40),
    "robustness": (0.00, 0.10),
    "trivial": (0.90, 1.00),
}
ROUNDING = 1e-9


@dataclass(frozen=True)
class Graded:
    """How one entry was graded, first with the first seed."""

    entry: Entry
    lost: float  # share of the exercise's points
    failed: tuple[str, ...]
    faults: tuple[str, ...]  # tests that ended in grader_error
    unsteady: tuple[str, ...]  # tests whose verdict another seed changed


@dataclass(frozen=True)
class TopicProof:
    """Everything measured about one topic."""

    stem: str
    bank_file: str
    grader_file: str
    points: Mapping[str, float]
    tests: Mapping[str, tuple[str, ...]]  # names by exercise
    graded: tuple[Graded, ...]
    reference: tuple[str, ...]  # tests that the reference fails
    form: tuple[str, ...]  # broken rules of form
    alike: tuple[str, ...]  # pairs that the probe cannot tell apart
    tolerances: tuple[Tolerance, ...]
    unannounced: tuple[str, ...]  # tests whose spec= does not stand in the notebook
    visible: tuple[Visible, ...]
    names: tuple[Named, ...]
    hidden: int  # tests in all, those of predictions too
    seeds: int
    seconds: float

    def mistakes(self) -> tuple[Graded, ...]:
        """How the mistakes were graded."""
        return tuple(each for each in self.graded if each.entry.is_mistake)

    def right_answers(self) -> tuple[Graded, ...]:
        """How the right answers were graded."""
        return tuple(each for each in self.graded if not each.entry.is_mistake)

    def unfailed(self) -> tuple[str, ...]:
        """Hidden tests that no mistake of their exercise fails."""
        failed = {(each.entry.exercise, test) for each in self.mistakes() for test in each.failed}
        return tuple(test for name, tests in self.tests.items() for test in tests if (name, test) not in failed)


def rejected(graded: Graded) -> bool:
    """Whether a mistake fails the test that it names (any case of it, where the test has several)."""
    return any(test.split("[")[0] == graded.entry.caught_by.split("[")[0] for test in graded.failed)


def in_band(graded: Graded) -> bool:
    """Whether a mistake loses what its severity says."""
    least, most = BANDS.get(graded.entry.severity, (0.0, 1.0))
    return least - ROUNDING <= graded.lost <= most + ROUNDING


def proof_problems(proof: TopicProof) -> list[str]:
    """Every broken rule, as file, line, what was seen and the mend."""
    problems = [*proof.form]
    for graded in proof.graded:
        where = f"{proof.bank_file}:{graded.entry.line}: {graded.entry.name}"
        problems += [f"{where} {words}" for words in _complaints(graded)]
    grader, bank = proof.grader_file, proof.bank_file
    problems += [f"{grader}: the reference fails {test}. Mend the test or the solution." for test in proof.reference]
    problems += [f"{grader}: no mistake fails {test}. Add one, or drop the test." for test in proof.unfailed()]
    problems += [f"{grader}: {test}: its spec= does not stand in the notebook. Quote it." for test in proof.unannounced]
    problems += [f"{bank}: {words}" for words in proof.alike]
    problems += [f"{bank}: {line} Add a look that would show it." for row in proof.names for line in row.wrong]
    problems += [f"{bank}: {words}" for words in _unnamed(proof)]
    for visible in proof.visible:
        problems += [f"solutions/{proof.stem}.py: {words}" for words in _unseen(visible)]
    return problems


def _complaints(graded: Graded) -> Iterator[str]:
    entry = graded.entry
    if graded.faults:
        yield f"breaks the grader in {', '.join(graded.faults)}. Mend that test."
    if graded.unsteady:
        yield f"is judged otherwise with other seeds in {', '.join(graded.unsteady)}. Make that test surer."
    if not entry.is_mistake:
        if graded.failed:
            yield f"is right and fails {', '.join(graded.failed)}. Make that test fair, or correct the answer."
        return
    if not rejected(graded):
        fails = ", ".join(graded.failed) or "nothing"
        yield f"does not fail {entry.caught_by} (it fails {fails}). Strengthen the test or name another."
    if not in_band(graded):
        least, most = BANDS.get(entry.severity, (0.0, 1.0))
        yield (
            f"loses {graded.lost:.0%} of the points; {entry.severity} means {least:.0%} to {most:.0%}. "
            "Move points between the tests, or change its severity."
        )


def _unnamed(proof: TopicProof) -> Iterator[str]:
    for row in proof.names:
        if row.unnamed:
            which = "; ".join(row.unnamed)
            yield f"the probes leave unnamed in {len(row.unnamed)} of {row.tried} tries: {which}. Is this repeatable?"


def _unseen(visible: Visible) -> Iterator[str]:
    if len(visible.caught) < CAUGHT_AT_LEAST:
        caught = ", ".join(visible.caught) or "none"
        yield f"the visible checks of {visible.exercise} catch too few mistakes ({caught}). Check one thing more."
    for name in visible.wronged:
        yield f"the visible checks of {visible.exercise} cross {name}, which is right. Make them fair."
