"""Hidden tests of hw06: dropout in both forms, its gradient, a network with two modes, and training it.

Masks are judged by determinism, dependence and distribution, never by stored draws. Every statistic is turned into one
that is standard normal for a right answer and must lie within 6. The tests look at 38 such numbers, so a right answer
fails somewhere in 38 * 2.0e-9 = 7.5e-8 of all submissions; `./course milestone hw06_dropout` counts them and measures
their spread. What a submission gets is fixed by its seed: the same verdict every time.

Rates are 0.2 and 0.7, where dropped and kept cannot be confused. Gradients and networks may follow the student's own
forward pass, if that earned at least half of its points.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import pairwise
from types import FunctionType, ModuleType
from typing import Any

import numpy as np
import pytest

from autograder.grading import (
    Mismatch,
    assert_matches,
    assert_shape,
    assert_unchanged,
    check,
    expose,
    held_call,
    held_item,
    item,
    judge_catcher,
    raises,
    repeat,
    set_attr,
)

CLOSE = {"rtol": 1e-6, "atol": 1e-12}
Z = 6.0
RATES = (0.2, 0.7)
SHARES = (0.2, 0.65)  # the second is no number of tenths
MANY = 200_000
TABLE = (400, 500)  # as many
SQUARE = (40, 40)  # a mask that rows or columns share is neither empty nor full
CALLS = 60
ENOUGH = 0.5 - 1e-9


def within(z, words):
    """Assert that a number which is standard normal for right answers is not far from 0."""
    check(abs(z) <= Z, words)


def z_of_share(hits, p):
    """For the share of independent hits of probability p."""
    return float((hits.mean() - p) / np.sqrt(p * (1 - p) / hits.size))


def z_of_mean(row):
    """For the mean of very many independent numbers whose expected value is 0."""
    return float(row.sum() / np.sqrt(row.size) / row.std())


def z_of_counts(counts, n):
    """For counts of hits among n: do they vary as those of independent coins? Less than 0 is too little.

    Around their own mean and for their own share: a wrong rate has tests of its own. The cube root (Wilson and
    Hilferty) takes the skewness out, so that far tails are those of the normal distribution.
    """
    share, spread = counts.mean() / n, 2 / (9 * (counts.size - 1))
    ratio = np.var(counts, ddof=1) / (n * share * (1 - share))
    return float((np.cbrt(ratio) - (1 - spread)) / np.sqrt(spread))


def fresh(seed):
    return np.random.default_rng(seed)


def seed_from(rng):
    return int(rng.integers(2**31))


def activations(rng, *shape):
    """Numbers of both signs, none of them near 0."""
    return rng.uniform(0.5, 3.0, shape) * rng.choice([-1.0, 1.0], shape)


def frozen(array):
    array.flags.writeable = False
    return array


def numbers(value, shape, words="the output"):
    """An array of finite numbers of this shape; axes of length 1 do not count."""
    plain = isinstance(value, np.ndarray) and value.dtype.kind in "biuf" and value.size == int(np.prod(shape))
    check(plain, f"{words}: numbers for shape {shape} were expected, and something else came back")
    row = np.asarray(value, dtype=float).reshape(shape)
    check(np.isfinite(row).all(), f"{words}: some numbers are not finite")
    return row


def kinds_of_arrays(rng):
    """Arrays of other shapes, types and layouts than a table of floats in C order."""
    table = activations(rng, 60, 60)
    return {
        "integers": rng.permutation(np.arange(1, 3601)).reshape(60, 60),
        "one axis": activations(rng, 1200),
        "four axes": activations(rng, 60, 2, 8, 9),
        "Fortran order": np.asfortranarray(table),
        "every second row": activations(rng, 120, 60)[::2],
        "read-only": frozen(table.copy()),
    }


# dropout_forward


def passed(student, x, rate, rng, training=True):
    """Output and cache of the student's forward pass."""
    return pair_of(student.dropout_forward(x, rate, rng, training))


def pair_of(got):
    check(isinstance(got, tuple | list) and len(got) == 2, "dropout_forward did not return two things, out and a cache")
    return got


def out_of_pair(got, shape):
    return numbers(pair_of(got)[0], shape)


def output(student, x, rate, seed, training=True):
    return numbers(passed(student, x, rate, fresh(seed), training)[0], x.shape)


def dropped_somewhere(out, nowhere="nothing is dropped in training", everywhere="everything is dropped in training"):
    """Where numbers are dropped; that must be somewhere, and not everywhere."""
    zero = out == 0
    check(zero.any(), nowhere)
    check(not zero.all(), everywhere)
    return zero


def assert_share(zero, rate):
    """The share of dropped numbers is rate, as far as chance allows."""
    words = f"at rate {rate}, a share of {zero.mean():.2f} of {zero.size} numbers is dropped"
    within(z_of_share(zero, rate), words)


def masked_somewhere(dx):
    """Where the gradient of a pass in training is 0; that must be somewhere, and not everywhere."""
    return dropped_somewhere(dx, "the gradient is 0 nowhere", "the gradient is 0 everywhere")


def assert_kept_values(out, x, factor, case):
    """Every number is 0 or x times the factor."""
    zero = dropped_somewhere(out)
    assert_matches(out[~zero] / x[~zero], np.full(int((~zero).sum()), factor), rtol=1e-6, case=case)


# The first test of all: seeding the global generator shows only once, if the seed is always the same.
@pytest.mark.points(2.4, exercise="dropout_forward", spec="is left alone.")
def test_the_global_generator_is_left_alone(student, rng):
    """NumPy's global generator is neither used nor seeded."""
    for training in (True, False):
        x = activations(rng, *SQUARE)
        out = output(student, x, 0.7, seed_from(rng), training)
        check(not getattr(student.last, "global_random", False), "NumPy's global generator was used or seeded")
        if training:
            dropped_somewhere(out)


@pytest.mark.points(2.4, exercise="dropout_forward", spec="and divided by 1 - rate otherwise")
def test_every_number_is_0_or_divided_by_1_minus_rate(student, rng):
    """In training every number is either 0 or what it was, divided by 1 - rate."""
    for rate in RATES:
        x = activations(rng, 40, 30)
        assert_kept_values(output(student, x, rate, seed_from(rng)), x, 1 / (1 - rate), f"kept numbers, rate {rate}")


@pytest.mark.points(2.2, exercise="dropout_forward", spec="Probability that a number is dropped")
def test_the_share_of_dropped_numbers_is_rate(student, rng):
    """Of very many numbers, the share that is dropped is rate, as far as chance allows."""
    for rate in SHARES:
        zero = output(student, np.full((1, MANY), 2.0), rate, seed_from(rng)) == 0
        assert_share(zero, rate)


@pytest.mark.points(7.2, exercise="dropout_forward", spec="averaged over many calls, out is x.")
def test_on_average_numbers_stay_what_they_were(student, rng):
    """On average out is x, in training by independent coins from rng, in evaluation exactly; nothing grows too much."""
    for rate in RATES:
        x = rng.uniform(1.0, 2.0, TABLE)
        out = output(student, x, rate, seed_from(rng))
        assert_coins(dropped_somewhere(out), f"rate {rate}")
        words = f"at rate {rate}, the mean of {MANY} numbers is {out.mean() / x.mean():.2f} times what it was"
        within(z_of_mean(out - x), words)
        growth = float((out / x).max())
        check(growth < 1.02 / (1 - rate), f"at rate {rate}, some numbers become {growth:.3g} times what they were")
        few = x[:1, :300]
        assert_matches(output(student, few, rate, seed_from(rng), False), few, **CLOSE, case=f"evaluation, rate {rate}")
    assert_calls(student.dropout_forward, out_of_pair, 0.7, seed_from(rng))


@pytest.mark.points(2.4, exercise="dropout_forward", spec="examples do not share a mask, neither do features")
def test_numbers_are_dropped_independently(student, rng):
    """Rows, columns, images, channels and calls lose other numbers each, now more, now fewer, as coins will have it."""
    assert_independent(student.dropout_forward, out_of_pair, rng)


def assert_independent(forward, out_of, rng):
    """Rows, columns, images, channels and calls lose numbers as independent coins would have it; in training."""

    def zeros(rate, *shape):
        return dropped_somewhere(out_of(forward(np.full(shape, 3.0), rate, fresh(seed_from(rng)), True), shape))

    for rate in RATES:
        assert_coins(zeros(rate, 300, 200), f"rate {rate}")
    images = zeros(0.2, 5, 4, 7, 8)
    masks = {}
    for axis, words in enumerate(("images", "channels", "rows", "columns")):
        masks[words] = [mask.tobytes() for mask in np.moveaxis(images, axis, 0)]
    shared = [f"all {words}" for words, each in masks.items() if len(set(each)) == 1]
    check(not shared, f"in an array (N, C, H, W), {' and '.join(shared)} have the same mask")
    for words, each in masks.items():
        check(len(set(each)) == len(each), f"in an array (N, C, H, W), some {words} have the same mask")
    assert_counts(zeros_of_calls(forward, out_of, 0.2, fresh(seed_from(rng))))


def assert_coins(zero, words):
    """The rows and the columns of a table lose as many numbers as independent coins would have it."""
    rows, columns = zero.shape
    found = [z_of_counts(zero.sum(axis=axis), n) for axis, n in ((1, columns), (0, rows))]
    for z in sorted(found, reverse=True):
        together, fixed = (
            "the numbers of a row or column are dropped together",
            "each row or column loses a fixed number",
        )
        within(z, f"{words}: {together if z > 0 else fixed}")


def zeros_of_calls(forward, out_of, rate, stream):
    """What is dropped in many calls with one generator; never everything, never nothing, never always the same."""
    answers = repeat(forward, CALLS, np.full((6, 10), 3.0), rate, stream, True)
    zeros = [out_of(answer, (6, 10)) == 0 for answer in answers]
    check(0 < sum(int(zero.sum()) for zero in zeros) < 60 * CALLS, "numbers are dropped everywhere, or nowhere")
    same = len({zero.tobytes() for zero in zeros}) == 1
    check(not same, f"{CALLS} calls with one generator all drop the same numbers")
    return zeros


def assert_counts(zeros):
    """How many numbers of 60 are dropped varies from call to call as it does with independent coins."""
    z = z_of_counts(np.array([int(zero.sum()) for zero in zeros]), 60)
    words = "more than chance allows" if z > 0 else "much less than by chance, as if an exact share were dropped"
    within(z, f"the number of zeros varies from call to call {words}")


def assert_calls(forward, out_of, rate, seed):
    """Calls with one generator drop as many numbers as chance will have it, and an equal generator repeats them."""
    zeros = zeros_of_calls(forward, out_of, rate, fresh(seed))
    assert_counts(zeros)
    again = out_of(forward(np.full((6, 10), 3.0), rate, fresh(seed), True), (6, 10)) == 0
    check(np.array_equal(again, zeros[0]), "equal generators do not give equal results")


@pytest.mark.points(2.4, exercise="dropout_forward", spec="In evaluation out is x.")
def test_evaluation_changes_nothing(student, rng):
    """In evaluation out is x, whatever the rate, while training drops numbers."""
    for rate in RATES:
        x = activations(rng, 15, 12)
        dropped = (
            (output(student, x, rate, seed_from(rng)) == 0).any() for _ in range(12)
        )  # whole rows or columns too
        check(any(dropped), "nothing is dropped in training")
        assert_matches(output(student, x, rate, seed_from(rng), False), x, **CLOSE, case=f"evaluation, rate {rate}")


@pytest.mark.points(0.4, exercise="dropout_forward", spec="In evaluation it is not used.")
def test_evaluation_draws_nothing(student, rng):
    """In evaluation nothing is drawn from rng, in training something is."""
    seed = seed_from(rng)
    for training in (True, False, False):
        stream, untouched = fresh(seed), fresh(seed)
        student.dropout_forward(activations(rng, 8, 9), 0.7, stream, training)
        same = stream.random() == untouched.random()
        check(
            same is not training,
            f"the generator was {'used in evaluation' if same is False else 'not used in training'}",
        )


@pytest.mark.points(2.4, exercise="dropout_forward", spec="equal generators give equal results, and each call goes on")
def test_all_draws_come_from_rng(student, rng):
    """Equal generators give equal results, other ones others, and a second call goes on where the first ended."""
    x, seed = activations(rng, 60, 70), seed_from(rng)
    stream = fresh(seed)
    first, second = (numbers(passed(student, x, 0.7, stream)[0], x.shape) for _ in range(2))
    dropped_somewhere(first)
    check(np.array_equal(first, output(student, x, 0.7, seed)), "equal generators do not give equal results")
    check(not np.array_equal(first == 0, second == 0), "a second call with the same generator drops the same numbers")
    other = output(student, x, 0.7, seed + 1) == 0
    check(not np.array_equal(first == 0, other), "another generator drops the same numbers")


@pytest.mark.points(0.2, exercise="dropout_forward", spec="A rate of 0 drops nothing.")
def test_a_rate_of_0_drops_nothing(student, rng):
    """At rate 0 nothing is dropped, and everything at higher rates is as usual."""
    x = activations(rng, 60, 70)
    assert_matches(output(student, x, 0.0, seed_from(rng)), x, **CLOSE, case="rate 0")
    dropped_somewhere(output(student, x, 0.7, seed_from(rng)))


@pytest.mark.points(0.5, exercise="dropout_forward", spec="If rate is negative, or 1 or more, in training and in")
def test_rates_that_are_no_rates_are_refused(student, rng):
    """A rate below 0, of 1 or above raises a ValueError, in training and in evaluation."""
    refused(lambda rate, training: student.dropout_forward(activations(rng, 4, 3), rate, fresh(0), training))


def refused(call: Callable[[float, bool], Any]) -> None:
    for rate in (-0.1, 1.0, 1.3):
        for training in (True, False):
            words = f"rate {rate} in {'training' if training else 'evaluation'}"
            with raises(ValueError, case=words):
                call(rate, training)


@pytest.mark.points(0.8, exercise="dropout_forward", spec="Integers and any memory layout are fine.")
def test_arrays_of_every_kind_are_dropped_from(student, rng):
    """Integers, strided, Fortran-ordered and read-only arrays, with one axis or four, work alike."""
    for words, x in kinds_of_arrays(rng).items():
        out = passed(student, x, 0.2, fresh(seed_from(rng)))[0]
        assert_shape(out, x.shape, case=words)
        out = numbers(out, x.shape)
        zero = dropped_somewhere(out, f"{words}: nothing is dropped", f"{words}: everything is dropped")
        ratio = out[~zero] / x[~zero]
        check(float(np.ptp(ratio)) < 1e-5, f"{words}: the kept numbers are not all multiplied by one factor")


@pytest.mark.points(0.7, exercise="dropout_forward", spec="It is not modified.")
def test_forward_leaves_x_alone(student, rng):
    """x is not modified, neither in training nor in evaluation."""
    for training in (True, False):
        x = activations(rng, 9, 7)
        out = output(student, x, 0.7, seed_from(rng), training)
        assert_unchanged(student)
        check(not training or (out == 0).any(), "nothing is dropped in training")


# catches_dropout

# Every fault that the docstring names, and right ones that draw in other ways; the reference is always among them.
WRONG = (
    "rate_read_as_keep",
    "mask_turned_round",
    "divided_by_rate",
    "not_rescaled",
    "normal_numbers_for_uniform",
    "deaf_to_training",
    "made_smaller_in_evaluation",
    "one_mask_for_all_rows",
    "one_coin_for_each_row",
    "exact_share",
    "seed_of_its_own",
)
RIGHT = ("by_binomial", "by_choice", "drawn_transposed", "single_precision_mask")


@pytest.mark.points(8, exercise="catches_dropout", spec="accusing right ones takes points away again")
def test_wrong_dropouts_are_caught_and_right_ones_let_through(student, candidates, award):
    """Your test tells wrong dropouts from right ones that it has not seen."""
    found = judge_catcher(student.catches_dropout, candidates("dropout_forward", (*WRONG, *RIGHT)))
    award(found.fraction, found.words)


# dropout_classic_forward


def classic(student, x, rate, seed, training=True):
    return out_of_classic(student.dropout_classic_forward(x, rate, fresh(seed), training), x.shape)


def out_of_classic(got, shape):
    """The output; a pair (out, cache) has a test of its own."""
    return numbers(got[0] if isinstance(got, tuple | list) and len(got) == 2 else got, shape)


@pytest.mark.points(1.0, exercise="dropout_classic_forward", spec="independently, and left as it is otherwise")
def test_classic_training_leaves_kept_numbers_as_they_are(student, rng):
    """In training every number is either 0 or what it was."""
    for rate in RATES:
        x = activations(rng, 40, 30)
        assert_kept_values(classic(student, x, rate, seed_from(rng)), x, 1.0, f"kept numbers, rate {rate}")


@pytest.mark.points(1.0, exercise="dropout_classic_forward", spec="Probability that a number is dropped")
def test_the_share_that_the_classic_form_drops_is_rate(student, rng):
    """Of very many numbers, the share that is dropped is rate, as far as chance allows."""
    for rate in SHARES:
        zero = classic(student, np.full((1, MANY), 2.0), rate, seed_from(rng)) == 0
        assert_share(zero, rate)


@pytest.mark.points(1.1, exercise="dropout_classic_forward", spec="evaluation all numbers are multiplied by 1 - rate")
def test_classic_evaluation_multiplies_by_1_minus_rate(student, rng):
    """In evaluation every number is multiplied by the share that training keeps."""
    for rate in RATES:
        x = activations(rng, 12, 9)
        got = classic(student, x, rate, seed_from(rng), False)
        assert_matches(got, x * (1 - rate), **CLOSE, case=f"evaluation, rate {rate}")


@pytest.mark.points(3.1, exercise="dropout_classic_forward", spec="the share that training leaves on average")
def test_on_average_both_modes_of_the_classic_form_are_at_one_level(student, rng):
    """On average, training by independent coins from rng gives what evaluation gives: 1 - rate times x."""
    for rate in RATES:
        x = rng.uniform(1.0, 2.0, TABLE)
        out = classic(student, x, rate, seed_from(rng))
        assert_coins(dropped_somewhere(out), f"rate {rate}")
        words = (
            f"at rate {rate}, training makes the mean of {MANY} numbers {out.mean() / x.mean():.2f} times what it was"
        )
        within(z_of_mean(out - (1 - rate) * x), words)
        few = x[:1, :300]
        got = classic(student, few, rate, seed_from(rng), False)
        assert_matches(got, few * (1 - rate), **CLOSE, case=f"evaluation, rate {rate}")
    assert_calls(student.dropout_classic_forward, out_of_classic, 0.7, seed_from(rng))


@pytest.mark.points(1.0, exercise="dropout_classic_forward", spec="set to 0 with probability rate, independently")
def test_the_classic_form_has_numbers_dropped_independently(student, rng):
    """Rows, columns, images, channels and calls lose other numbers each, now more, now fewer, as coins will have it."""
    assert_independent(student.dropout_classic_forward, out_of_classic, rng)


@pytest.mark.points(1.0, exercise="dropout_classic_forward", spec="as for dropout_forward")
def test_the_classic_form_draws_from_rng_in_training_only(student, rng):
    """Equal generators give equal results, other ones others, and in evaluation nothing is drawn."""
    x, seed = activations(rng, 12, 60), seed_from(rng)
    first = classic(student, x, 0.7, seed)
    dropped_somewhere(first)
    check(np.array_equal(first, classic(student, x, 0.7, seed)), "equal generators do not give equal results")
    other = classic(student, x, 0.7, seed + 1)
    check(not np.array_equal(first == 0, other == 0), "another generator drops the same numbers")
    check(not getattr(student.last, "global_random", False), "NumPy's global generator was used or seeded")
    stream = fresh(seed)
    student.dropout_classic_forward(x, 0.7, stream, False)
    check(stream.random() == fresh(seed).random(), "the generator was used in evaluation")


@pytest.mark.points(0.6, exercise="dropout_classic_forward", spec="The output only: there is no cache.")
def test_the_classic_form_returns_the_output_only(student, rng):
    """The output alone comes back, as an array of the shape of x."""
    x = activations(rng, 9, 8)
    for training in (True, False):
        out = student.dropout_classic_forward(x, 0.7, fresh(seed_from(rng)), training)
        assert_shape(out, x.shape)
        check(not np.array_equal(out, x), "x came back as it was")
        check((np.asarray(out) == 0).any() == training, "dropped numbers are missing, or stand where none belong")


@pytest.mark.points(0.6, exercise="dropout_classic_forward", spec="Integers and any memory layout are fine.")
def test_the_classic_form_takes_arrays_of_every_kind(student, rng):
    """Integers, strided, Fortran-ordered and read-only arrays, with one axis or four, work alike; x is not modified."""
    for words, x in kinds_of_arrays(rng).items():
        out = classic(student, x, 0.2, seed_from(rng))
        dropped_somewhere(out, f"{words}: nothing is dropped", f"{words}: everything is dropped")
        assert_unchanged(student, case=words)
        got = classic(student, x, 0.2, 0, False)
        assert_unchanged(student, case=words)
        ratio = got / x
        check(np.ptp(ratio) < 1e-5, f"{words}: evaluation does not multiply all numbers by one factor")
        check(abs(ratio.mean() - 1) > 0.01, f"{words}: evaluation changes nothing")


@pytest.mark.points(0.6, exercise="dropout_classic_forward", spec="If rate is negative, or 1 or more.")
def test_the_classic_form_refuses_rates_that_are_none(student, rng):
    """A rate below 0, of 1 or above raises a ValueError; a rate of 0 drops nothing."""
    x = activations(rng, 4, 3)
    assert_matches(classic(student, x, 0.0, seed_from(rng)), x, **CLOSE, case="rate 0")
    refused(lambda rate, training: student.dropout_classic_forward(activations(rng, 4, 3), rate, fresh(0), training))


# dropout_backward


def backward(student, dout, cache):
    return numbers(student.dropout_backward(dout, cache), dout.shape, "the gradient")


def allowed_factors(out, x, rate, earned):
    """What dout may be multiplied by, for x without zeros: 0 or 1 / (1 - rate), or as the student's own forward did."""
    own = out / x
    right = np.where(out == 0, 0.0, 1 / (1 - rate))
    return (right, own) if earned("dropout_forward") >= ENOUGH else (right,)


def assert_one_of(got, wants, case):
    """Agreement with the first, or with another one that counts as well."""
    try:
        assert_matches(got, wants[0], rtol=1e-6, atol=1e-12, case=case)
    except Mismatch:
        if not any(np.allclose(got, want, rtol=1e-6, atol=1e-12) for want in wants[1:]):
            raise


def forward_and_back(student, x, rate, seed):
    """Output and gradient of one pass in training, and the upstream gradient."""
    out, cache = passed(student, x, rate, fresh(seed))
    out = numbers(out, x.shape)
    dropped_somewhere(out[x != 0])
    dout = np.random.default_rng(seed).uniform(1.0, 3.0, x.shape) * np.where(x > 0, 1.0, -1.0)
    return out, backward(student, dout, cache), dout


def assert_passed_on(student, earned, x, rate, case):
    """After a forward pass in evaluation dx is dout, or what the student's own forward pass makes of it."""
    out, cache = passed(student, x, rate, fresh(0), False)
    dout = 2.5 + np.cos(x)
    own = [dout * numbers(out, x.shape) / x] if earned("dropout_forward") >= ENOUGH else []
    assert_one_of(backward(student, dout, cache), [dout, *own], case)


@pytest.mark.points(5.2, exercise="dropout_backward", spec="It is that of L = sum of dout * out for the forward pass")
def test_gradients_have_the_factors_of_the_forward_pass(student, earned, rng):
    """dx is dout times the factor of the forward pass, in both modes, also for numbers that are 0 by themselves."""
    for rate in RATES:
        x = np.where(rng.random(SQUARE) < 0.3, 0.0, activations(rng, *SQUARE))
        out, dx, dout = forward_and_back(student, x, rate, seed_from(rng))
        some = x != 0
        wants = [dout[some] * factors for factors in allowed_factors(out[some], x[some], rate, earned)]
        assert_one_of(dx[some], wants, f"the gradient, rate {rate}")
        check((dx[~some] != 0).any(), f"rate {rate}: none of the numbers that are 0 by themselves gets a gradient")
        assert_passed_on(student, earned, activations(rng, 6, 5), rate, f"the gradient after evaluation, rate {rate}")


@pytest.mark.points(3.6, exercise="dropout_backward", spec="Where a number was dropped dx is 0")
def test_dropped_numbers_get_no_gradient_and_no_others(student, rng):
    """dx is 0 where the forward pass has dropped a number, and nowhere else."""
    for rate in RATES:
        out, dx, _ = forward_and_back(student, activations(rng, *SQUARE), rate, seed_from(rng))
        check(not ((out == 0) & (dx != 0)).any(), f"rate {rate}: some numbers that were dropped get a gradient")
        check(not ((out != 0) & (dx == 0)).any(), f"rate {rate}: some numbers that were kept get none")


@pytest.mark.points(2.9, exercise="dropout_backward", spec="where it was kept dx is dout / (1 - rate)")
def test_gradients_of_kept_numbers_are_divided_by_1_minus_rate(student, earned, rng):
    """What is not 0 in dx is dout, divided by 1 - rate."""
    for rate in RATES:
        x = activations(rng, *SQUARE)
        out, dx, dout = forward_and_back(student, x, rate, seed_from(rng))
        ratio = (dx / dout)[~masked_somewhere(dx)]
        kept = [factors[factors != 0] for factors in allowed_factors(out, x, rate, earned)]
        wants = [np.full(ratio.shape, np.median(each)) for each in kept if each.size and np.ptp(each) < 1e-6]
        assert_one_of(
            ratio,
            wants or [np.full(ratio.shape, 1 / (1 - rate))],
            f"the gradient of kept numbers as a multiple of dout, rate {rate}",
        )


@pytest.mark.points(2.0, exercise="dropout_backward", spec="whatever the number was: negative, or exactly 0")
def test_numbers_that_are_0_get_their_gradient_too(student, rng):
    """A number that was exactly 0 gets a gradient if it was kept, and none if it was dropped."""
    for rate in RATES:
        ones, seed = np.ones(SQUARE), seed_from(rng)
        x = np.where(rng.random(SQUARE) < 0.5, 0.0, activations(rng, *SQUARE))
        kept = ~dropped_somewhere(output(student, ones, rate, seed))
        out, cache = passed(student, x, rate, fresh(seed))
        found = backward(student, activations(rng, *SQUARE), cache)[x == 0] != 0
        repeated = np.array_equal((numbers(out, SQUARE) != 0)[x != 0], kept[x != 0])
        fits = np.array_equal(found, kept[x == 0]) if repeated else found.any() and not found.all()
        check(fits, f"rate {rate}: among numbers that are 0, not just those that were kept get a gradient")


@pytest.mark.points(2.3, exercise="dropout_backward", spec="After a forward pass in evaluation dx is dout.")
def test_after_evaluation_gradients_pass_as_they_are(student, earned, rng):
    """After a forward pass in evaluation dx is dout, after one in training it is not."""
    for rate in RATES:
        x, dout = activations(rng, *SQUARE), activations(rng, *SQUARE)
        masked_somewhere(backward(student, dout, passed(student, x, rate, fresh(seed_from(rng)))[1]))
        assert_passed_on(student, earned, x, rate, f"after evaluation, rate {rate}")


@pytest.mark.points(1.0, exercise="dropout_backward", spec="A cache belongs to its own forward pass")
def test_a_cache_belongs_to_its_own_forward_pass(student, rng):
    """Of two forward passes, each keeps its own mask, in whichever order they go back."""
    x, dout, stream = activations(rng, *SQUARE), activations(rng, *SQUARE), fresh(seed_from(rng))
    passes = [held_call(student.dropout_forward, x, rate, stream, True) for rate in (0.2, 0.7)]
    outs = [numbers(item(each, 0), x.shape) for each in passes]
    for which in (0, 1, 0):
        zero = dropped_somewhere(outs[which])
        dx = backward(student, dout, held_item(passes[which], 1))
        check(np.array_equal(dx == 0, zero), f"the gradient of pass {which + 1} has not the mask of that pass")


@pytest.mark.points(
    0.5, exercise="dropout_backward", spec="Integers and any memory layout are fine. It is not modified."
)
def test_gradients_of_arrays_of_every_kind(student, rng):
    """Integers, strided, Fortran-ordered and read-only dout, with one axis or four, give the same as plain ones."""
    for words, dout in kinds_of_arrays(rng).items():
        out, cache = passed(student, activations(rng, *dout.shape), 0.2, fresh(seed_from(rng)))
        got = student.dropout_backward(dout, cache)
        assert_shape(got, dout.shape, case=words)
        assert_matches(got, backward(student, np.array(dout, dtype=float), cache), rtol=1e-6, atol=1e-9, case=words)
        zero, dropped = numbers(got, dout.shape, "the gradient") == 0, numbers(out, dout.shape) == 0
        check(np.array_equal(zero, dropped), f"{words}: the gradient has not the mask of the forward pass")


@pytest.mark.points(0.5, exercise="dropout_backward", spec="It is not modified: a second call gives the same.")
def test_a_second_backward_pass_gives_the_same(student, rng):
    """Neither dout nor the cache are modified, and a second call gives the same."""
    x, dout = activations(rng, *SQUARE), activations(rng, *SQUARE)
    cache = passed(student, x, 0.7, fresh(seed_from(rng)))[1]
    first = backward(student, dout, cache)
    assert_unchanged(student)
    masked_somewhere(first)
    assert_matches(backward(student, dout, cache), first, rtol=1e-9, case="the second call")


# mended_layer_grads


def layer(rng, n, m, d, rate):
    """Arguments of a layer whose units are well on or off; some of them are kept, some dropped."""
    X, W = rng.uniform(-2, 2, (n, m)), rng.uniform(-2, 2, (m, d))
    keep = rng.random((n, d)) >= rate
    keep.flat[0], keep.flat[-1] = True, n * d == 1
    return X, W, rng.uniform(0.5, 1.5, d), keep, rate, activations(rng, n, d)


def mended(student, at):
    got = student.mended_layer_grads(*at)
    check(isinstance(got, tuple | list) and len(got) == 3, "mended_layer_grads did not return three things")
    return tuple(got)


MENDED_CASES = ((7, 4, 3, 0.2), (5, 3, 6, 0.7), (6, 2, 4, 0.35))


@pytest.mark.points(3.0, exercise="mended_layer_grads", spec="they are the derivatives of the sum of dout * out")
def test_gradients_of_weights_and_bias_are_mended(student, reference, rng):
    """dW and db are the derivatives with respect to weights and bias, at every rate."""
    for n, m, d, rate in MENDED_CASES:
        at = layer(rng, n, m, d, rate)
        got, want = mended(student, at)[:2], reference.mended_layer_grads(*at)[:2]
        for name, mine, right in zip(("dW", "db"), got, want, strict=True):
            assert_matches(
                mine, right, rtol=1e-7, atol=1e-9, loose_shape=True, case=f"the gradient {name}, rate {rate}"
            )


@pytest.mark.points(3.0, exercise="mended_layer_grads", spec="Derivatives with respect to W, b and X.")
def test_gradients_for_the_layer_below_are_mended(student, reference, rng):
    """dX, which goes down to the layer below, is the derivative with respect to the inputs, at every rate."""
    for n, m, d, rate in MENDED_CASES:
        at = layer(rng, n, m, d, rate)
        want = reference.mended_layer_grads(*at)[2]
        assert_matches(
            mended(student, at)[2], want, rtol=1e-7, atol=1e-9, loose_shape=True, case=f"the gradient dX, rate {rate}"
        )


@pytest.mark.points(0.5, exercise="mended_layer_grads", spec="ndarrays of shapes (M, D), (D,) and (N, M)")
def test_mended_gradients_have_the_shapes_of_their_arrays(student, rng):
    """All three gradients have the shapes of their arrays, also for one example, one input or one unit."""
    for n, m, d in ((1, 3, 4), (5, 1, 3), (4, 3, 1)):
        X, W, *others = layer(rng, n, m, d, 0.7)
        at = (np.abs(X), np.abs(W), *others)
        got = mended(student, at)
        for value, shape in zip(got, ((m, d), (d,), (n, m)), strict=True):
            assert_shape(value, shape, case=f"{n} examples, {m} inputs, {d} units")
        at_rate_0 = mended(student, (*at[:4], 0.0, at[5]))
        assert_matches(
            got[1], np.asarray(at_rate_0[1]) / 0.3, rtol=1e-6, atol=1e-9, case="db at rate 0.7 and at rate 0"
        )


@pytest.mark.points(0.5, exercise="mended_layer_grads", spec="Derivative of the loss with respect to out. It is not")
def test_the_mended_pass_leaves_its_arguments_alone(student, rng):
    """Nothing that was passed in is modified, and all of it may be read-only."""
    X, W, b, keep, rate, dout = layer(rng, 5, 3, 4, 0.7)
    results = []
    for freeze in (np.array, frozen):
        results.append(mended(student, (freeze(X), freeze(W), freeze(b), freeze(keep), rate, freeze(dout))))
        assert_unchanged(student)
    total = (dout * keep * (X @ W + b > 0)).sum(axis=0) / 0.3
    assert_matches(results[1][1], total, rtol=1e-6, atol=1e-9, loose_shape=True, case="db of read-only arrays")


# predictions


def is_committed(student, name):
    choice = getattr(student, name)
    words = "choose one of the letters a, b, c, as text"
    check(isinstance(choice, str) and choice.strip().lower() in ("a", "b", "c"), words)


@pytest.mark.points(1, exercise="predict_spread", spec="a prediction: 1 for any answer")
def test_spread_is_predicted(student):
    """A prediction is made; any of the letters counts."""
    is_committed(student, "predict_spread")


@pytest.mark.points(1, exercise="predict_lost_factor", spec="a prediction: 1 for any answer")
def test_lost_factor_is_predicted(student):
    """A prediction is made; any of the letters counts."""
    is_committed(student, "predict_lost_factor")


@pytest.mark.points(1, exercise="predict_gain", spec="a prediction: 1 for any answer")
def test_gain_is_predicted(student):
    """A prediction is made; any of the letters counts."""
    is_committed(student, "predict_gain")


@pytest.mark.points(1, exercise="predict_left_on", spec="a prediction: 1 for any answer")
def test_left_on_is_predicted(student):
    """A prediction is made; any of the letters counts."""
    is_committed(student, "predict_left_on")


# DropoutMLP


def network(rng, sizes):
    """Random pairs (W, b)."""
    shapes = pairwise(sizes)
    return [(rng.normal(0, 1.5 / np.sqrt(m), (m, n)), rng.uniform(0.2, 0.9, n)) for m, n in shapes]


def clear_network(rng, sizes, n):
    """Random pairs and examples, for which no unit comes near the kink of ReLU, whatever the masks are.

    In the first layer the examples are chosen so; in later ones each unit is on, or off, for all of them.
    """
    params = network(rng, sizes)
    while True:
        X = rng.uniform(-2, 2, (n, sizes[0]))
        if np.abs(X @ params[0][0] + params[0][1]).min() > 0.03:
            break
    for k in range(1, len(params) - 1):
        signs = np.where(np.arange(sizes[k + 1]) % 3 == 1, -1.0, 1.0)
        params[k] = np.abs(params[k][0]) * signs, params[k][1] * signs
    return params, X


def with_own_parts(reference, earned, params, rate, seed, other, names=("dropout_forward",)):
    """The reference's network on top of the student's own functions, or None if those are not worth following."""
    if any(earned(name) < ENOUGH for name in names):
        return None
    net = reference.DropoutMLP(params, rate, fresh(seed))
    parts = {**vars(reference), **{name: getattr(other, name) for name in ("dropout_forward", "dropout_backward")}}
    for method in ("forward", "backward"):
        code = getattr(reference.DropoutMLP, method).__code__
        setattr(net, method, FunctionType(code, parts).__get__(net))
    return net


def plain_scores(params, X):
    """What the network computes without dropout."""
    for W, b in params[:-1]:
        X = np.maximum(X @ W + b, 0)
    return X @ params[-1][0] + params[-1][1]


def same_as(afresh, make, run, got):
    """Whether the network on the student's own parts gives these numbers.

    The parts are those of a process in which the student's network does not run: they must not follow it.
    """
    with suppress(Exception), afresh() as other:
        own = make(other=other)
        return own is not None and all(
            np.allclose(a, b, rtol=1e-6, atol=1e-9) for a, b in zip(run(own), got, strict=True)
        )
    return False


@pytest.mark.points(2.0, exercise="DropoutMLP", spec="Switch to evaluation mode: no dropout, and nothing is drawn.")
def test_a_network_in_evaluation_is_the_plain_one(student, reference, earned, afresh, rng):
    """In evaluation the scores are those of the network without dropout, whatever the rate."""
    for sizes, rate in (((4, 6, 3), 0.2), ((3, 5, 7, 2), 0.7)):
        params, X, seed = network(rng, sizes), rng.uniform(-2, 2, (6, sizes[0])), seed_from(rng)
        W, b = params[-1]
        params[-1] = W, b - plain_scores(params, X).mean(axis=0)  # scores of either sign

        def run(net, X=X, outputs=sizes[-1]):
            net.eval()
            return [numbers(net.forward(X), (6, outputs), "the scores") for _ in range(2)]

        got, want = run(student.DropoutMLP(params, rate, fresh(seed))), plain_scores(params, X)
        try:
            for scores in got:
                assert_matches(scores, want, rtol=1e-5, atol=1e-6, case=f"scores in evaluation, rate {rate}")
        except Mismatch:
            if not same_as(afresh, partial(with_own_parts, reference, earned, params, rate, seed), run, got):
                raise


def seen_masks(scores, X, rate):
    """The two masks of a network that copies X twice, adding 1 in its second layer and 10 in the output."""
    second = np.abs(scores - 10) > 1e-4
    first = (scores - 10) * (1 - rate) - 1
    on = np.abs(first) > 1e-4
    values = np.where(second, 1 + np.where(on, X / (1 - rate), 0), 0) / (1 - rate)
    return second, on[second], float(np.abs(scores - 10 - values).max())


def copying(d):
    return [(np.eye(d), np.zeros(d)), (np.eye(d), np.ones(d)), (np.eye(d), np.full(d, 10.0))]


@pytest.mark.points(
    2.0, exercise="DropoutMLP", spec="Draws the masks in training: new ones for each layer and each call."
)
def test_each_hidden_layer_is_dropped_from_and_nothing_else(student, reference, earned, afresh, rng):
    """In training each hidden layer has masks of its own, new ones in each call; inputs and scores have none."""
    for rate in RATES:
        X, params, seed = rng.uniform(0.5, 2.0, (300, 12)), copying(12), seed_from(rng)

        def run(net, X=X):
            return [numbers(net.forward(X), (300, 12), "the scores") for _ in range(2)]

        got = run(student.DropoutMLP(params, rate, fresh(seed)))
        try:
            check(not np.array_equal(*got), f"rate {rate}: two calls in training have the same masks")
            for scores in got:
                second, first, gap = seen_masks(scores, X, rate)
                check(
                    gap < 1e-5, f"rate {rate}: scores are not those of hidden numbers, dropped or divided by 1 - rate"
                )
                check(second.any() and first.size > 100, f"rate {rate}: hardly anything is left of the second layer")
                check(not first.all(), f"rate {rate}: the two hidden layers have the same mask")
                within(z_of_share(~second, rate), f"rate {rate}: the second hidden layer drops another share")
                within(z_of_share(~first, rate), f"rate {rate}: the first hidden layer drops another share")
        except Mismatch:
            if not same_as(afresh, partial(with_own_parts, reference, earned, params, rate, seed), run, got):
                raise


def end_of(student, params, rate, seed, X, dscores, k, part, change):
    """The sum of dscores and scores of the student's own network, second pass in training, with one array changed."""
    moved = [list(pair) for pair in params]
    moved[k][part] = moved[k][part] + change
    net = student.DropoutMLP([tuple(pair) for pair in moved], rate, fresh(seed))
    net.forward(X[::-1])
    return float(np.sum(dscores * np.asarray(net.forward(X), dtype=float)))


STEP = 1e-3  # the scores are linear in each array as far as that; single precision is off by 1e-7 of them


SHORT = 1e-5


def directional(up, down, place, direction, h):
    """Central difference along one array; each end in a process of its own, where no gradient was ever asked for."""
    return (end_of(up, *place, h * direction) - end_of(down, *place, -h * direction)) / (2 * h)


def assert_slope(slope, up, down, place, direction, size, words):
    """The slope along one array is that of the forward pass, whose results are about so large.

    A short step, so that other kinds of forward passes rarely have a kink in it; for single precision a wide one.
    """
    short = directional(up, down, place, direction, SHORT)
    if not np.isclose(slope, short, rtol=5e-4, atol=1e-13 * size / SHORT):
        wide = directional(up, down, place, direction, STEP)
        assert_matches(slope, wide, rtol=5e-4, atol=1e-7 * size / STEP, case=words)


def flat_grads(net, X, dscores, params, pause=lambda: None):
    """All gradients of the second pass in training, one after the other; something may happen before them."""
    net.forward(X[::-1])
    scores = numbers(net.forward(X), dscores.shape, "the scores")
    pause()
    grads = net.backward(dscores)
    check(
        isinstance(grads, tuple | list) and len(grads) == len(params), "backward did not return a pair for each layer"
    )
    found = []
    for pair, shapes in zip(grads, params, strict=True):
        check(isinstance(pair, tuple | list) and len(pair) == 2, "backward did not return pairs (dW, db)")
        found += [numbers(each, like.shape, "a gradient") for each, like in zip(pair, shapes, strict=True)]
    return scores, found


@pytest.mark.points(2.0, exercise="DropoutMLP", spec="Gradients for the batch that went forward last")
def test_backward_follows_the_masks_of_the_last_batch(student, reference, earned, afresh, rng):
    """The gradients are those of the last forward pass in training, through its masks, for every layer."""
    for sizes, rate in (((4, 8, 8, 3), 0.2), ((3, 12, 5, 4, 2), 0.7)):
        (params, X), seed = clear_network(rng, sizes, 20), seed_from(rng)
        dscores = activations(rng, 20, sizes[-1])
        scores, got = flat_grads(student.DropoutMLP(params, rate, fresh(seed)), X, dscores, params)
        check(not np.allclose(scores, plain_scores(params, X)), "in training the scores are those without dropout")
        check(all(map(np.any, got)), "the gradients of some layer are 0")
        arrays = enumerate(zip(got, [each for pair in params for each in pair], strict=True))
        size = float(np.abs(dscores * scores).sum())
        try:
            with afresh() as up, afresh() as down:
                for k, (mine, like) in arrays:
                    direction, place = rng.normal(size=like.shape), (params, rate, seed, X, dscores, k // 2, k % 2)
                    words = f"the gradient {'db' if k % 2 else 'dW'} of layer {k // 2 + 1}, rate {rate}"
                    assert_slope(float((mine * direction).sum()), up, down, place, direction, size, words)
        except Mismatch:
            names = ("dropout_forward", "dropout_backward")
            own = partial(with_own_parts, reference, earned, params, rate, seed, names=names)
            if not same_as(afresh, own, lambda net, at=(X, dscores, params): flat_grads(net, *at)[1], got):
                raise


SHIFT = -10.0  # so that the scores of the telling network have both signs
COPIES = 24  # at rate 0.35, that all copies of a number are dropped happens once in 10 ** 11 times


def telling(d):
    """A network whose scores show its masks: its second layer copies d numbers of the first many times and adds 1."""
    wide = COPIES * d
    copying = np.zeros((wide, wide))
    copying[:d] = np.tile(np.eye(d), COPIES)
    return [(np.eye(d, wide), np.zeros(wide)), (copying, np.ones(wide)), (np.eye(wide), np.full(wide, SHIFT))]


def told_factors(scores, X, rate):
    """By what the telling network has multiplied the activations of its two hidden layers; in the first, d of them."""
    kept = np.abs(scores - SHIFT) > 1e-3
    sizes = np.where(kept, (scores - SHIFT) * (1 - rate) - 1, 0.0).reshape(len(X), COPIES, -1).max(axis=1)
    return (sizes > 1e-3) / (1 - rate), kept / (1 - rate)


def told_step(scores, X, dscores, rate):
    """Scores, gradients, and scores in evaluation of the telling network with the masks that its scores show."""
    (one, two), params = told_factors(scores, X, rate), telling(X.shape[1])
    h = np.maximum(X @ params[0][0], 0)
    one = np.pad(one, ((0, 0), (0, h.shape[1] - one.shape[1])))
    first = h * one
    second = (first @ params[1][0] + 1) * two
    d_second = dscores * two
    d_first = d_second @ params[1][0].T * one * (h > 0)
    pairs = ((X, d_first), (first, d_second), (second, dscores))
    grads = [each for h, d in pairs for each in (h.T @ d, d.sum(axis=0))]
    return [second + SHIFT, *grads, plain_scores(params, X)]


def assert_own_masks(scores, later, X, rate):
    """The telling network has other masks in each of two calls, in each layer, and for each example."""
    (_, before), (first, second) = (told_factors(each, X, rate) for each in (scores, later))
    check(not np.array_equal(before, second), f"rate {rate}: two calls in training have the same masks")
    seen = X > 0
    alike = np.array_equal((first > 0)[seen], (second[:, : X.shape[1]] > 0)[seen])
    check(not alike, f"rate {rate}: two hidden layers of one size have the same mask")
    dropped = (second == 0).sum(axis=0)
    within(z_of_counts(dropped, len(X)), f"rate {rate}: the examples of a batch are dropped from together")
    within(z_of_share(second == 0, rate), f"rate {rate}: the second hidden layer drops another share")


@pytest.mark.points(3.6, exercise="DropoutMLP", spec="through the masks that were drawn for it")
def test_a_whole_step_fits_the_masks_that_scores_show(student, reference, earned, afresh, rng):
    """Scores show new masks in each layer and call; gradients go through them, and evaluation afterwards has none."""
    rate, seed, params = 0.35, seed_from(rng), telling(4)
    X, dscores = activations(rng, 60, 4), activations(rng, 60, 4 * COPIES)
    X[::5, 1] = 0.0

    def run(net):
        earlier = numbers(net.forward(X), dscores.shape, "the scores")
        scores, grads = flat_grads(net, X, dscores, params)
        net.eval()
        return [earlier, scores, *grads, numbers(net.forward(X), dscores.shape, "the scores")]

    got = run(student.DropoutMLP(params, rate, fresh(seed)))
    names = [f"gradient {part} of layer {k}" for k in (1, 2, 3) for part in ("dW", "db")]
    try:
        want = told_step(got[1], X, dscores, rate)
        hidden = np.allclose(got[1], want[0], rtol=1e-5, atol=1e-4)
        check(hidden, f"rate {rate}: scores are not those of hidden numbers, dropped or divided by 1 - rate")
        assert_own_masks(*got[:2], X, rate)
        for name, mine, right in zip((*names, "scores in evaluation"), got[2:], want[1:], strict=True):
            assert_matches(mine, right, rtol=1e-5, atol=1e-4, case=f"{name}, rate {rate}")
    except Mismatch:
        parts = ("dropout_forward", "dropout_backward")
        if not same_as(afresh, partial(with_own_parts, reference, earned, params, rate, seed, names=parts), run, got):
            raise


@pytest.mark.points(1.8, exercise="DropoutMLP", spec="A new network is in training mode.")
def test_modes_of_a_network_can_be_switched_and_evaluation_draws_nothing(student, reference, earned, afresh, rng):
    """A new network is in training mode, can be switched to and fro, and draws nothing in evaluation."""
    params, X, seed = network(rng, (4, 30, 20, 3)), rng.uniform(-2, 2, (9, 4)), seed_from(rng)
    dscores = activations(rng, 9, 3)

    def run(net, pause=True):
        found = [numbers(net.forward(X), (9, 3), "the scores")]
        if pause:
            net.eval()
            check(bool(net.training) is False, "training is not False after eval")
            found += [numbers(net.forward(X), (9, 3), "the scores") for _ in range(2)]
            net.train()
        check(bool(net.training) is True, f"training is not True {'after train' if pause else 'in a new network'}")
        return [*found, numbers(net.forward(X), (9, 3), "the scores")]

    got = run(student.DropoutMLP(params, 0.7, fresh(seed)))
    try:
        check(np.allclose(got[1], got[2]), "two passes in evaluation differ")
        for scores in (got[0], got[-1]):
            check(not np.allclose(scores, got[1]), "training and evaluation give the same scores")
        without = run(student.DropoutMLP(params, 0.7, fresh(seed)), pause=False)
        check(np.allclose(got[0], without[0]), "equal generators do not give equal masks")
        check(np.allclose(got[-1], without[-1]), "passes in evaluation change what is drawn afterwards")
        stayed, switched = (student.DropoutMLP(params, 0.7, fresh(seed)) for _ in range(2))
        first = flat_grads(stayed, X, dscores, params)[1]
        later = flat_grads(switched, X, dscores, params, pause=lambda: switched.eval())[1]
        same = all(np.allclose(a, b) for a, b in zip(first, later, strict=True))
        check(same, "a switch between forward and backward changes the gradients")
    except Mismatch:
        if not same_as(afresh, partial(with_own_parts, reference, earned, params, 0.7, seed), run, got):
            raise


@pytest.mark.points(0.7, exercise="DropoutMLP", spec="the network uses whatever stands there")
def test_a_network_uses_the_params_that_stand_there(student, reference, earned, afresh, rng):
    """After a trainer has given params new values, scores and gradients are those of the new ones."""
    old, new, X = network(rng, (4, 6, 3)), network(rng, (4, 6, 3)), rng.uniform(-2, 2, (6, 4))

    def evaluated(net):
        net.eval()
        return [net.forward(X)]

    net = student.DropoutMLP(old, 0.2, fresh(seed_from(rng)))
    net.forward(X)
    net.eval()
    for params in (old, new, old):
        set_attr(net, "params", params)
        got, want = net.forward(X), plain_scores(params, X)
        own = partial(with_own_parts, reference, earned, params, 0.2, 0)
        try:
            assert_matches(got, want, rtol=1e-5, atol=1e-6, case="scores in evaluation")
        except Mismatch:
            if not same_as(afresh, own, evaluated, [got]):
                raise
    if any(0 < earned(name) < 0.9 for name in ("dropout_forward", "dropout_backward")):
        return  # at rate 0, a wrong part may give no numbers at all; it has lost its points already
    dscores, undropped = activations(rng, 6, 3), student.DropoutMLP(old, 0.0, fresh(0))
    flat_grads(undropped, X, dscores, old)
    set_attr(undropped, "params", new)
    want = flat_grads(reference.DropoutMLP(new, 0.0, fresh(0)), X, dscores, new)[1]
    for mine, right in zip(flat_grads(undropped, X, dscores, new)[1], want, strict=True):
        assert_matches(mine, right, rtol=1e-5, atol=1e-6, case="a gradient at rate 0")


@pytest.mark.points(0.7, exercise="DropoutMLP", spec="It is not modified.")
def test_a_network_leaves_its_arguments_alone(student, rng):
    """Neither params nor X nor dscores are modified, and each gradient has the shape of its array."""
    params = [tuple(frozen(each) for each in pair) for pair in network(rng, (4, 6, 5, 3))]
    net = student.DropoutMLP(params, 0.7, fresh(seed_from(rng)))
    X, dscores = rng.uniform(-2, 2, (20, 4)), activations(rng, 20, 3)
    scores = net.forward(X)
    assert_unchanged(student, case="forward")
    check(not np.allclose(numbers(scores, (20, 3), "the scores"), plain_scores(params, X)), "nothing is dropped")
    grads = net.backward(dscores)
    assert_unchanged(student, case="backward")
    check(isinstance(grads, tuple | list) and len(grads) == 3, "backward did not return a pair for each layer")
    for pair, shapes in zip(grads, params, strict=True):
        for each, like in zip(pair, shapes, strict=True):
            assert_shape(each, like.shape, case="a gradient")
    check(np.any(grads[2][1]), "the gradient of the last bias is 0")


@pytest.mark.points(1.2, exercise="DropoutMLP", spec="Two networks share nothing.")
def test_two_networks_share_nothing(student, rng):
    """What another network computes between forward and backward leaves the gradients as they are."""
    params, seed = network(rng, (4, 9, 7, 3)), seed_from(rng)
    X, dscores = rng.uniform(-2, 2, (20, 4)), activations(rng, 20, 3)
    one, other = (student.DropoutMLP(params, 0.2, fresh(seed)) for _ in range(2))
    want = flat_grads(one, X, dscores, params)[1]
    check(all(map(np.any, want)), "the gradients of some layer are 0")

    def use_another():
        another = student.DropoutMLP(network(rng, (4, 9, 7, 3)), 0.7, fresh(1))
        another.forward(2 * X[::-1])
        another.eval()

    got = flat_grads(other, X, dscores, params, pause=use_another)[1]
    same = all(np.allclose(a, b) for a, b in zip(want, got, strict=True))
    check(same, "a forward pass of another network changes the gradients")


# train_with_dropout


class Recorder:
    """A network that notes modes, examples and measurements; its accuracy counts what has been done to it."""

    def __init__(self):
        self.notes, self.mixed = [], False

    def train(self):
        self.notes.append("train")

    def eval(self):
        self.notes.append("eval")

    def step(self, X, y):
        self.mixed |= not np.array_equal(10 * X[:, 0], y)
        self.notes.append([int(each) for each in X[:, 0]])
        return float(X[:, 0].sum())

    def accuracy(self, X, y):
        self.notes.append(("held", tuple(float(each) for each in X[:, 0]), tuple(float(each) for each in y)))
        return 1.0 / (1.0 + len(self.steps()))

    def steps(self):
        return [note for note in self.notes if isinstance(note, list)]

    def run(self, module, n, epochs, batch_size, seed):
        X, y = np.column_stack([np.arange(n), np.ones(n)]), 10 * np.arange(n)
        X_held, y_held = np.column_stack([np.arange(100, 104), np.ones(4)]), np.arange(4)
        methods = ("train", "eval", "step", "accuracy")
        net = self if isinstance(module, ModuleType) else expose(self, methods=methods)
        return module.train_with_dropout(net, X, y, X_held, y_held, epochs, batch_size, np.random.default_rng(seed))


HELD = ("held", (100.0, 101.0, 102.0, 103.0), (0.0, 1.0, 2.0, 3.0))


@pytest.mark.points(2, exercise="train_with_dropout", spec="Every epoch draws one new order")
def test_every_epoch_uses_each_example_once_in_a_new_order(student, rng):
    """Every epoch cuts one new order from rng into batches; the shorter rest is one too."""
    seed = seed_from(rng)
    for n, size in ((11, 4), (8, 4), (7, 3), (5, 5)):
        recorder, order = Recorder(), np.random.default_rng(seed)
        recorder.run(student, n, 3, size, seed)
        want = []
        for _ in range(3):
            rows = order.permutation(n).tolist()
            want += [rows[i : i + size] for i in range(0, n, size)]
        check(len(recorder.steps()) == len(want), f"{n} examples in batches of {size}: the number of steps is another")
        check(recorder.steps() == want, "some steps have not seen the examples that the order from rng gives them")
        check(not recorder.mixed, "some examples come with the label of another one")


@pytest.mark.points(2, exercise="train_with_dropout", spec="is measured once, in evaluation mode")
def test_steps_are_made_in_training_and_measurements_in_evaluation(student):
    """Steps are in training mode, the one measurement of an epoch in evaluation mode, as is the network in the end."""
    recorder = Recorder()
    recorder.run(student, 9, 3, 4, 5)
    check(recorder.steps(), "no step was made")
    mode, measured = None, 0
    for note in recorder.notes:
        if isinstance(note, list):
            check(mode == "train", "a step was made outside training mode")
        elif isinstance(note, tuple):
            measured += note == HELD
            check(mode == "eval", "the accuracy was measured outside evaluation mode")
        else:
            mode = note
    check(measured == 3, f"in 3 epochs, the accuracy on the held-out examples was measured {measured} times")
    check(mode == "eval", "the network is not in evaluation mode at the end")


@pytest.mark.points(1, exercise="train_with_dropout", spec="For each epoch, the accuracy on the held-out examples")
def test_accuracies_are_those_of_the_held_out_examples(student, rng):
    """For each epoch the accuracy on the held-out examples comes back, measured after its steps."""
    recorder = Recorder()
    got = recorder.run(student, 10, 4, 3, seed_from(rng))
    measured = [note for note in recorder.notes if isinstance(note, tuple)]
    check(measured and set(measured) == {HELD}, "the accuracy was measured on other examples")
    assert_matches(got, [1 / 5, 1 / 9, 1 / 13, 1 / 17], rtol=1e-9, loose_shape=True, case="accuracies of four epochs")
