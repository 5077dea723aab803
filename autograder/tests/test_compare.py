"""What graders assert with: what counts as equal, and that no message gives a hidden value away."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from autograder.grading import (
    Mismatch,
    assert_matches,
    assert_shape,
    assert_unchanged,
    assert_within_z,
    check,
    raises,
)


class Gizmo:
    """An object of a student's own type."""


def complaint(got: Any, want: Any, **options: Any) -> str:
    with pytest.raises(Mismatch) as caught:
        assert_matches(got, want, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (1.0, 1.0),
        (1, 1.0),
        (np.float32(0.5), 0.5),
        (np.array(2.0), 2.0),
        (np.array([1, 2]), np.array([1.0, 2.0])),
        (np.array([1.0, np.nan, np.inf]), np.array([1.0, np.nan, np.inf])),
        ([1.0, np.zeros(2)], (1.0, np.zeros(2))),
        ({"w": np.ones(2), "b": 0.0}, {"b": 0.0, "w": np.ones(2)}),
        (np.array([True, False]), np.array([True, False])),
        (np.array([1.0, 0.0]), np.array([True, False])),
        (np.bool_(True), True),
        (None, None),
        ("relu", "relu"),
        (np.array([3, 4], dtype=np.uint8), [3, 4]),
        (1 + 1e-12, 1.0),
        (np.zeros((0, 3)), np.zeros((0, 3))),
        (2**70, float(2**70)),
    ],
)
def test_what_means_the_same_matches(got: Any, want: Any) -> None:
    assert_matches(got, want)


@pytest.mark.parametrize(
    ("got", "want", "words"),
    [
        (np.ones((1, 3)), np.ones(3), "An array of shape (1, 3) came back where an array of shape (3,) was expected."),
        (np.float64(1.0), np.ones(3), "A single number came back where an array of shape (3,) was expected."),
        ([1.0, 1.0], np.ones(2), "A list of 2 came back where an array of shape (2,) was expected."),
        (None, np.ones(3), "None came back where an array of shape (3,) was expected."),
        ("1.0", 1.0, "A text came back where a single number was expected."),
        (True, 1.0, "A truth value came back where a single number was expected."),
        (1.0, True, "A single number came back where True or False was expected."),
        (np.array([1 + 0j]), np.ones(1), "An array of shape (1,) of complex numbers came back"),
        (np.array(["a"]), np.ones(1), "An array of shape (1,) of text came back"),
        (Gizmo(), np.ones(3), "An object of type Gizmo came back where an array of shape (3,) was expected."),
        ((1.0,), (1.0, 2.0), "1 entry came back where 2 were expected."),
        ({"w": 1.0}, {"w": 1.0, "b": 0.0}, "The dictionary has no entry 'b'."),
        ({"w": 1.0, "x": 0.0}, {"w": 1.0}, "The dictionary has an entry too many."),
        ({"w": np.ones(2)}, {"w": np.ones(3)}, "Entry 'w': an array of shape (2,) came back"),
        (7.0, None, "A single number came back where None was expected."),
        ("sigmoid", "relu", "Another text came back than was expected."),
        (np.array([1.0, np.nan]), np.ones(2), "NaN came back in 1 of 2 entries where it does not belong."),
        (np.ones(2), np.array([1.0, np.inf]), "Infinity was expected in 1 of 2 entries and did not come back."),
        (np.array([1.0, -np.inf]), np.array([2.0, -np.inf]), "1 of 2 entries is off by up to 50 % of the largest"),
        (-np.inf, np.inf, "An infinity has the other sign."),
        (np.nan, 1.0, "NaN came back where it does not belong."),
    ],
)
def test_what_differs_is_said_in_words(got: Any, want: Any, words: str) -> None:
    assert words in complaint(got, want)


@pytest.mark.parametrize(
    "got",
    [
        np.ones(4711),
        np.ones((3, 4711)),
        np.full((3, 2), "x", dtype="U4711"),
        np.zeros((3, 2), dtype="V4711"),
        [0.0] * 4711,
        (0.0,) * 4711,
        dict.fromkeys(range(4711)),
        np.ones((1,) * 30),
    ],
    ids=lambda got: type(got).__name__,
)
@pytest.mark.parametrize("want", [np.ones((3, 2)), 1.0, [1.0, np.ones(3)], None, {"w": 1.0}], ids=str)
def test_what_came_back_cannot_carry_a_number_into_a_message(got: Any, want: Any) -> None:
    words = complaint(got, want)
    assert "47" not in words
    assert len(words) < 150


def test_a_shape_that_was_nearly_hit_is_told_in_full() -> None:
    assert "shape (4, 2) came back" in complaint(np.ones((4, 2)), np.ones((3, 2)))
    assert "shape (6,) came back" in complaint(np.ones(6), np.ones((3, 2)))
    assert "shape (3, ?) came back" in complaint(np.ones((3, 40)), np.ones((3, 2)))
    assert "shape (40, 2) came back" in complaint(np.ones((40, 2)), np.ones(2), case="40 examples, 2 outputs")


def test_the_size_of_an_error_is_relative_and_comes_with_the_case() -> None:
    words = complaint(np.array([1.0, 2.0, 5.0]), np.array([1.0, 2.0, 4.0]), case="third step, large eps")
    assert words == "Third step, large eps: 1 of 3 entries is off by up to 25 % of the largest expected entry."


def test_one_is_told_in_the_singular() -> None:
    words = complaint(np.array([[2.0]]), np.array([[1.0]]), case="1 examples, 1 features")
    assert words == "1 example, 1 feature: the only entry is off by 100 % of the expected one."


def test_a_large_error_is_told_in_times_and_a_small_one_in_powers() -> None:
    assert complaint(50.0, 2.0) == "The number is off by 24 times the expected one."
    assert complaint(2.00002, 2.0) == "The number is off by 1.0e-05 of the expected one."


def test_an_error_where_nothing_but_zeros_belongs_has_no_relative_size() -> None:
    assert complaint(np.array([0.0, 3.0]), np.zeros(2)) == "1 of 2 entries is off."


def test_tolerances_are_absolute_plus_relative() -> None:
    assert_matches(1.0 + 0.9e-3, 1.0, rtol=1e-3)
    assert_matches(0.9e-3, 0.0, rtol=0.0, atol=1e-3)
    with pytest.raises(Mismatch):
        assert_matches(1.1e-3, 0.0, rtol=0.0, atol=1e-3)


def test_a_loose_shape_forgives_axes_of_length_one_and_lists_but_no_wrong_number() -> None:
    assert_matches(np.ones((1, 3)), np.ones(3), loose_shape=True)
    assert_matches([1.0, 1.0, 1.0], np.ones(3), loose_shape=True)
    assert_matches(np.array([2.0]), 2.0, loose_shape=True)
    with pytest.raises(Mismatch):
        assert_matches(np.ones((3, 3)), np.ones(3), loose_shape=True)
    with pytest.raises(Mismatch):
        assert_matches(np.full((1, 3), 2.0), np.ones(3), loose_shape=True)
    with pytest.raises(Mismatch):
        assert_matches([[1.0], [1.0, 2.0]], np.ones(3), loose_shape=True)


def test_no_message_holds_a_hidden_value() -> None:
    secret = np.array([0.123456, 7.654321])
    for got in (secret * 2, secret[:1], None, "x", secret.tolist(), Gizmo(), np.full(2, np.nan)):
        words = complaint(got, secret)
        assert "123" not in words
        assert "654" not in words


def test_the_name_of_a_students_type_is_shown_only_if_it_was_handed_in() -> None:
    smuggler = type("array_0_123456", (), {})
    with pytest.raises(Mismatch) as caught:
        assert_matches(smuggler(), 1.0)
    assert "123456" not in caught.value.sentence(lambda word: False)
    assert "an object of type your own" in caught.value.sentence(lambda word: False).lower()
    assert "array_0_123456" in caught.value.sentence(lambda word: True)


def test_the_expected_value_must_be_one_that_can_be_compared() -> None:
    with pytest.raises(TypeError, match="cannot compare with Gizmo"):
        assert_matches(1.0, Gizmo())


def test_a_shape_is_checked_without_the_values() -> None:
    assert_shape(np.ones((2, 3)), (2, 3))
    assert_shape(1.5, ())
    with pytest.raises(Mismatch, match=r"shape \(2, 3\) came back where an array of shape \(3, 2\)"):
        assert_shape(np.ones((2, 3)), (3, 2))
    with pytest.raises(Mismatch, match="A list of 1"):
        assert_shape([1.0], (1,))


def test_arguments_that_were_changed_are_named() -> None:
    assert_unchanged(SimpleNamespace(last=SimpleNamespace(modified=())))
    student = SimpleNamespace(last=SimpleNamespace(modified=("params['w']",)))
    with pytest.raises(Mismatch) as caught:
        assert_unchanged(student)
    assert str(caught.value) == "The call changed params['w'] in place, which still belongs to the caller."
    assert "changed an argument in place" in caught.value.sentence(lambda word: False)


def test_six_standard_errors_are_allowed_and_not_seven() -> None:
    assert_within_z(0.3 + 5.9 * 0.1 / 100, 0.3, 0.1, 10_000)
    with pytest.raises(Mismatch, match="7 standard errors"):
        assert_within_z(0.3 + 7 * 0.1 / 100, 0.3, 0.1, 10_000)
    with pytest.raises(Mismatch, match="not finite"):
        assert_within_z(np.nan, 0.3, 0.1, 100)
    with pytest.raises(Mismatch, match="single number"):
        assert_within_z(np.ones(3), 0.3, 0.1, 100)


def test_an_expected_exception_is_asked_for() -> None:
    with raises(ValueError):
        raise ValueError("text of the student's own")
    with pytest.raises(Mismatch, match="A ValueError was expected, and nothing was raised"), raises(ValueError):
        pass
    with pytest.raises(Mismatch, match="Unequal lengths: a ValueError"), raises(ValueError, case="unequal lengths"):
        pass


def test_other_properties_are_asserted_in_the_authors_words() -> None:
    check(True, "fine")
    with pytest.raises(Mismatch, match="The second call moved further"):
        check(False, "the second call moved further")
