"""Every bank of the course holds against its graders: rejected, accepted, named, and nothing left unproven.

One student's seed here; `./course check --seeds 50` does the same for more, with the confusion matrix.
"""

from __future__ import annotations

import pytest

from autograder.config import load_course
from autograder.grading.bank import read_bank, submission_with
from autograder.grading.measured import TopicProof, in_band, proof_problems, rejected
from autograder.grading.mutants import WRITE_THE_TEST
from autograder.grading.proof import Plan, prove_topics
from autograder.grading.run import TopicGrader

COURSE = load_course()
STEMS = [topic.stem for topic in COURSE.topics]


@pytest.fixture(scope="module", params=STEMS)
def proof(request: pytest.FixtureRequest) -> TopicProof:
    return next(prove_topics(COURSE, [request.param], Plan(seeds=(0,), unknown=0)))


def test_every_mistake_fails_the_test_it_names(proof: TopicProof) -> None:
    assert [each.entry.name for each in proof.mistakes() if not rejected(each)] == []


def test_every_mistake_loses_what_its_severity_says(proof: TopicProof) -> None:
    assert [(each.entry.name, each.entry.severity, each.lost) for each in proof.mistakes() if not in_band(each)] == []


def test_every_right_answer_earns_everything(proof: TopicProof) -> None:
    assert [(each.entry.name, each.failed) for each in proof.right_answers() if each.failed] == []


def test_every_hidden_test_is_failed_by_some_mistake(proof: TopicProof) -> None:
    assert proof.unfailed() == ()


def test_no_two_entries_look_alike_to_the_probe(proof: TopicProof) -> None:
    assert proof.alike == ()


def test_no_other_rule_is_broken(proof: TopicProof) -> None:
    assert proof_problems(proof) == []


@pytest.mark.parametrize("stem", STEMS)
def test_grading_names_known_mistakes_and_no_right_answer(stem: str) -> None:
    grader, bank = TopicGrader(COURSE, stem), read_bank(COURSE.bank(stem))
    try:
        for entry in (*bank.mistakes()[::5], *bank.right_answers()[::5]):
            submission = submission_with(grader.topic, entry.exercise, entry.source)
            record = grader.grade(submission, seed=1, exercises=(entry.exercise,))
            (result,) = record.exercises
            found = result.diagnosis.mistake if result.diagnosis else None
            named = entry.is_mistake and not entry.exercise.startswith(WRITE_THE_TEST)
            named = named and record.status != "time_limit"  # what did not end in time is never named
            written = entry.is_mistake and entry.exercise.startswith(WRITE_THE_TEST)
            assert found == (entry.name if named or (written and found) else None)
    finally:
        grader.close()
