"""A mistake is named only if exactly one known mistake behaves the same; anything in doubt is not named."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from autograder.course.percent import Topic, read_topic
from autograder.grading.bank import Bank, read_bank
from autograder.grading.observations import Likeness, Observation, Trace, compare, likeness, plain
from autograder.grading.probe import OUTSIDE, REFERENCE, Diagnoser, Look, run_probe
from autograder.sandbox import Stopped

TOPIC = '''"""A topic for tests."""
# %%
import numpy as np
# %% exercise="scaled" points=4
def scaled(x, factor):
    """x times factor."""
    ### BEGIN SOLUTION
    return x * factor
    ### END SOLUTION
'''
BANK = '''"""Known mistakes and right answers."""
from autograder.grading.bank import mistake, probe, right_answer


@mistake("scaled", caught_by="test_value", severity="concept")
def divides(x, factor):
    """It divides.

    What is 3 scaled by 2?
    """
    return x / factor


@mistake("scaled", caught_by="test_sum", severity="concept")
def adds(x, factor):
    """It adds.

    What is 3 scaled by 1?
    """
    return x + factor


@right_answer("scaled")
def loops(x, factor):
    """Loop."""
    return np.array([each * factor for each in x])


@probe("scaled")
def probe_scaled(student, look, rng):
    x = rng.normal(size=4)
    look("by 3", lambda: student.scaled(x, 3.0))
    look("by 0", lambda: student.scaled(x, 0.7))
'''


class Child:
    """Stands for a child: runs cells in this process."""

    def __init__(self) -> None:
        self.space: dict[str, Any] = {}
        self.student = SimpleNamespace()
        self.alive = True

    def run_cell(self, source: str, name: str) -> None:
        exec(source, self.space)
        vars(self.student).update(self.space)

    def close(self) -> None:
        self.alive = False


class Zygote:
    """Counts how many children there were."""

    spawned = 0

    def spawn(self) -> Child:
        self.spawned += 1
        return Child()


@pytest.fixture
def topic(tmp_path: Path) -> Topic:
    (tmp_path / "hw99_scaled.py").write_text(TOPIC)
    return read_topic(tmp_path / "hw99_scaled.py")


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    (tmp_path / "mistakes.py").write_text(BANK)
    return read_bank(tmp_path / "mistakes.py")


@pytest.fixture
def diagnoser(topic: Topic, bank: Bank) -> Diagnoser:
    zygote: Any = Zygote()
    return Diagnoser(topic, bank, zygote)


def student(code: str) -> Any:
    space: dict[str, Any] = {"np": np}
    exec(f"def scaled(x, factor):\n    {code}", space)
    return SimpleNamespace(**space)


def name_of(diagnoser: Diagnoser, code: str) -> str | None:
    found = diagnoser.name(student(code), "scaled")
    return found.mistake if found else None


def test_a_known_mistake_is_named_with_its_diagnosis_and_its_question(diagnoser: Diagnoser) -> None:
    found = diagnoser.name(student("return (x.T / factor).T"), "scaled")
    assert found is not None
    assert found.mistake == "divides"
    assert found.text == "It divides.\n\nWhat is 3 scaled by 2?"


@pytest.mark.parametrize(
    "code",
    [
        "return factor * x",  # right
        "return x * factor + 1",  # unknown
        "return list(x / factor)",  # another container
        "return (x / factor)[:, None]",  # another shape
        "return x / factor * (1 + 1e-5)",  # near, and yet not the same
        "x /= factor; raise ValueError",  # no value at all
        "return None",
        "return x / factor if factor > 1 else x + factor",  # two mistakes at once
    ],
)
def test_anything_else_is_named_as_nothing(diagnoser: Diagnoser, code: str) -> None:
    assert name_of(diagnoser, code) is None


def test_float32_inside_hides_no_mistake(diagnoser: Diagnoser) -> None:
    assert name_of(diagnoser, "return (x.astype(np.float32) / np.float32(factor)).astype(float)") == "divides"


def test_a_student_who_ran_into_a_limit_is_not_named(diagnoser: Diagnoser) -> None:
    def scaled(x: Any, factor: float) -> Any:
        if factor < 1:
            raise Stopped("time_limit")
        return x / factor

    assert diagnoser.name(SimpleNamespace(scaled=scaled), "scaled") is None


def test_a_mistake_whose_own_test_was_passed_is_not_named(diagnoser: Diagnoser) -> None:
    wrong = student("return x / factor")
    assert diagnoser.name(wrong, "scaled", failed={"test_sum"}) is None
    assert diagnoser.name(wrong, "scaled", failed={"test_value", "test_sum"}) is not None


def test_an_exercise_without_a_probe_is_never_named(diagnoser: Diagnoser) -> None:
    assert diagnoser.name(SimpleNamespace(), "predict_it") is None


def test_two_mistakes_that_look_alike_name_nothing(topic: Topic, tmp_path: Path) -> None:
    twin = BANK.replace("return x + factor", "return x * (1 / factor)")
    (tmp_path / "twins.py").write_text(twin)
    zygote: Any = Zygote()
    assert name_of(Diagnoser(topic, read_bank(tmp_path / "twins.py"), zygote), "return x / factor") is None


def test_the_traces_of_the_bank_are_computed_once_each_in_a_fresh_child(topic: Topic, bank: Bank) -> None:
    zygote: Any = Zygote()
    diagnoser = Diagnoser(topic, bank, zygote)
    for _ in range(3):
        name_of(diagnoser, "return x / factor")
    assert zygote.spawned == 4
    assert set(diagnoser.traces("scaled")) == {REFERENCE, "divides", "adds", "loops"}


def test_traces_are_kept_on_disk_for_the_next_process_and_a_torn_file_is_no_harm(
    topic: Topic, bank: Bank, tmp_path: Path
) -> None:
    first: Any = Zygote()
    one = Diagnoser(topic, bank, first, cache=tmp_path / "build").traces("scaled")
    second: Any = Zygote()
    assert Diagnoser(topic, bank, second, cache=tmp_path / "build").traces("scaled") == one
    assert second.spawned == 0
    for file in (tmp_path / "build").iterdir():
        file.write_text(file.read_text()[:-40])
    assert Diagnoser(topic, bank, second, cache=tmp_path / "build").traces("scaled") == one
    assert second.spawned == 4


def test_another_seed_gives_other_inputs(topic: Topic, bank: Bank) -> None:
    zygote: Any = Zygote()
    one, other = (Diagnoser(topic, bank, zygote, seed=seed).traces("scaled") for seed in (0, 1))
    assert compare(one["divides"], other["divides"]) is Likeness.APART


def test_a_look_records_value_exception_and_modified_arguments() -> None:
    report = SimpleNamespace(modified=("params['w']",), warnings=(("RuntimeWarning", "overflow"),))
    look = Look(SimpleNamespace(last=report))
    assert look("value", lambda: 3) == 3
    assert look("exception", lambda: dict[str, int]()["key"]) is None
    look("warnings", lambda: 0, warnings=True)
    assert [each.outcome for each in look.looks] == ["value", "KeyError", "value"]
    assert look.looks[0].modified == ("params['w']",)
    assert look.looks[0].warned == ()
    assert look.looks[2].warned == ("RuntimeWarning",)


def test_a_look_records_whether_a_generator_was_advanced_and_not_how_far() -> None:
    look = Look(None)
    rng = np.random.default_rng(0)
    look("draws", lambda: rng.random() and None, generator=rng)
    look("draws more", lambda: rng.random(9) is None or None, generator=rng)
    look("draws nothing", lambda: None, generator=rng)
    assert [each.advanced for each in look.looks] == [True, True, False]
    assert likeness(look.looks[0], Observation("draws", "value", plain(None), advanced=True)) is Likeness.AGREE


def test_a_probe_that_fails_outside_of_its_looks_is_noticed() -> None:
    def probe(student: Any, look: Look, rng: np.random.Generator) -> None:
        student.missing()

    assert run_probe(probe, SimpleNamespace(), 0).looks[-1] == Observation(OUTSIDE, "AttributeError")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (np.float32(2), 2.0),
        (np.array(2.0), 2),
        ([1, 2], (1, 2)),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (np.array([1, 2], dtype=np.int8), np.array([1, 2])),
        (np.array([np.nan, np.inf, 1.0]), np.array([np.nan, np.inf, 1.0 + 1e-9])),
        (np.zeros(3), np.zeros(3)),
        (np.array(["x", "y"]), np.array(["x", "y"])),
        (True, np.True_),
    ],
)
def test_what_a_right_answer_is_free_to_choose_is_alike(one: Any, other: Any) -> None:
    assert likeness(Observation("", "value", plain(one)), Observation("", "value", plain(other))) is Likeness.AGREE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1.0, 1.001),
        (1, True),
        (None, 0.0),
        (np.zeros(3), np.zeros((1, 3))),
        (np.zeros(3), [0.0, 0.0, 0.0]),
        (np.array([0, 1]), np.array([0.0, 1.0])),
        ({"a": 1}, {"b": 1}),
        ([1], [1, 2]),
        (np.array([np.nan]), np.array([1.0])),
        (np.array([np.inf]), np.array([-np.inf])),
        ("a", "b"),
        (object(), 1),
    ],
)
def test_what_differs_in_kind_shape_or_clearly_in_size_is_apart(one: Any, other: Any) -> None:
    assert likeness(Observation("", "value", plain(one)), Observation("", "value", plain(other))) is Likeness.APART


def test_a_small_difference_is_neither_alike_nor_apart() -> None:
    one, other = (Observation("", "value", plain(value)) for value in (1.0, 1.00002))
    assert likeness(one, other) is Likeness.UNCLEAR


@pytest.mark.parametrize(
    ("shares", "expected"),
    [((0.2, 0.21), Likeness.AGREE), ((0.2, 0.24), Likeness.UNCLEAR), ((0.2, 0.8), Likeness.APART)],
)
def test_a_statistic_is_compared_within_its_band(shares: tuple[float, float], expected: Likeness) -> None:
    one, other = (Observation("share of zeros", "value", plain(share), band=0.02) for share in shares)
    assert likeness(one, other) is expected


def test_answers_of_yes_and_no_alone_are_no_evidence() -> None:
    yes, number = (Observation("", "value", plain(value)) for value in (True, 0.5))
    assert not Trace((yes, Observation("", "ValueError"), yes)).is_evidence
    assert Trace((yes, number)).is_evidence


def test_traces_with_another_number_of_looks_are_apart() -> None:
    assert compare(Trace((Observation("", "value"),)), Trace(())) is Likeness.APART
