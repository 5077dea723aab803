"""Hidden tests of hw04: moving averages, bias correction, Adam.

Concepts and details are told apart by settings: with a tiny eps its place does not show, after twenty steps with small
betas neither the correction nor an offset of t does. What is not about the formula (keys, instances, memory layouts) is
tested against the student's own optimiser under plain conditions, once that has been seen to adapt to the gradients.
Paths to compare have key names of their own, so that state shared between optimisers costs its own test and no other.
"""

from types import ModuleType
from weakref import WeakKeyDictionary

import numpy as np
import pytest

from autograder.grading import (
    accumulate,
    assert_matches,
    assert_shape,
    assert_unchanged,
    check,
    expose,
    held_call,
    judge_catcher,
    set_item,
    value,
)

PLAIN = {"lr": 0.2, "beta1": 0.8, "beta2": 0.9, "eps": 1e-7}
DEFAULTS = {"lr": 0.001, "beta1": 0.9, "beta2": 0.999, "eps": 1e-7}
BETAS = (0.6, 0.9, 0.97)
SCALED = WeakKeyDictionary()  # two paths of each student process, walked once: `assert_adapts`
KEYS = "step did not return a dict with the same keys"


def gradients(rng, shape, n):
    """Gradients of changing sign and size, none of them near 0."""
    return list(rng.uniform(0.3, 2.0, (n, *shape)) * rng.choice([-1.0, 1.0], (n, *shape)))


def flat(numbers, size):
    """A value as one row of so many numbers, whatever its shape."""
    plain = isinstance(numbers, np.ndarray | np.generic | list | tuple | int | float)
    row = np.ravel(np.asarray(numbers)) if plain else np.array(None)
    check(row.dtype.kind in "biuf" and row.size == size, f"{size} numbers were expected, and something else came back")
    return row.astype(float)


def step(optimiser, params, grads):
    """The parameters after one step, seen to be a dict with the right keys."""
    moved = optimiser.step(params, grads)
    check(isinstance(moved, dict) and set(moved) == set(params), KEYS)
    return moved


def walk(optimiser, start, grads):
    """The parameters after each step; `grads` are dicts."""
    path = accumulate(optimiser.step, start, grads)
    for moved in path:
        check(isinstance(moved, dict) and set(moved) == set(start), KEYS)
    return path


def named(key, grads):
    return [{key: g} for g in grads]


def unnamed(path):
    """The parameters of a path that has a single key."""
    values = [each for params in path for each in params.values()]
    check(all(np.asarray(each).dtype.kind in "biuf" for each in values), "step did not return arrays of numbers")
    return [np.asarray(each, dtype=float) for each in values]


def assert_same_path(got, want, lr, words):
    """Paths agree; an axis of length 1 too many costs a test of its own."""
    for n, (one, other) in enumerate(zip(got, want, strict=True), start=1):
        assert_matches(one, other, rtol=0, atol=1e-5 * lr, loose_shape=True, case=f"{words}, step {n}")


def assert_adapts(student):
    """Ten times the gradients, no longer steps: what plain descent, or no step at all, does not do."""
    if student not in SCALED:
        grads = [np.array([0.5, -2.0]), np.array([-1.0, -0.6])]
        settings = {"lr": 0.3, "beta1": 0.8, "beta2": 0.9, "eps": 1e-12}
        paths = (
            unnamed(walk(student.Adam(**settings), {name: np.zeros(2)}, named(name, [scale * g for g in grads])))
            for name, scale in (("small", 1), ("large", 10))
        )
        SCALED[student] = tuple([flat(each, 2) for each in path] for path in paths)
    small, large = SCALED[student]
    check(np.abs(small[0]).min() > 0.03, "the very first step hardly moves")
    check(np.isfinite(small).all(), "the parameters are not finite any more")
    longest = np.abs(np.diff(small, axis=0, prepend=0.0)).max()
    moves = np.abs(np.diff(large, axis=0, prepend=0.0))
    check(moves.max() < 2 * longest, "the same gradients, ten times as large, make far longer steps")


def frozen(array):
    array.flags.writeable = False
    return array


# ema_weights


@pytest.mark.points(2, exercise="ema_weights", spec="Weights that the moving average s_t gives to the gradients")
def test_weights_are_those_of_the_recursion(student, reference, rng):
    """The weights are those that the recursion gives to each gradient."""
    for beta in (0.6, 0.97, float(rng.uniform(0.3, 0.95))):
        for t in (1, 2, 90):
            want = reference.ema_weights(beta, t)
            assert_matches(student.ema_weights(beta, t), want, loose_shape=True, case=f"{t} gradients")


@pytest.mark.points(2, exercise="ema_weights", spec="each gradient weighs beta times as much as the one after it")
def test_each_weight_is_beta_times_the_next(student, rng):
    """Each gradient weighs beta times as much as the one after it."""
    for beta in (0.6, 0.9, float(rng.uniform(0.3, 0.95))):
        w = flat(student.ema_weights(beta, 9), 9)
        check((w > 0).all(), "some weights are not positive")
        assert_matches(w[:-1], beta * w[1:], rtol=1e-4, case="older weights against newer ones")


@pytest.mark.points(1.5, exercise="ema_weights", spec="They are positive and add up to less than 1.")
def test_weights_add_up_to_less_than_one(student, rng):
    """The weights are positive and add up to less than 1."""
    for beta in (0.6, 0.9, float(rng.uniform(0.5, 0.95))):
        w = flat(student.ema_weights(beta, 12), 12)
        check((w > 0).all(), "some weights are not positive")
        check(np.ptp(w) > 0.05 * w.max(), "all weights are alike")
        check(w.sum() < 1 - 1e-6, "the weights do not add up to less than 1")


@pytest.mark.points(0.5, exercise="ema_weights", spec="ndarray of shape (t,)")
def test_weights_have_shape_t(student, rng):
    """The result is an array of shape (t,)."""
    for t in (1, int(rng.integers(3, 9))):
        w = student.ema_weights(0.9, t)
        check(isinstance(w, np.ndarray) and w.shape == (t,), "no array of shape (t,) came back")
        check(w.any(), "the weights are all 0")


# ema_weight_sum


@pytest.mark.points(1.6, exercise="ema_weight_sum", spec="The sum of ema_weights(beta, t).")
def test_sum_is_that_of_the_weights(student, reference, rng):
    """The result is the sum of the weights, for one gradient and for many."""
    for beta in (0.6, float(rng.uniform(0.3, 0.95))):
        for t in (1, 2, 3, 25):
            got = student.ema_weight_sum(beta, t)
            want = reference.ema_weight_sum(beta, t)
            assert_matches(got, want, rtol=1e-9, loose_shape=True, case=f"{t} gradients")


@pytest.mark.points(0.2, exercise="ema_weight_sum", spec="float The sum of ema_weights(beta, t).")
def test_sum_is_a_single_number(student):
    """The result is a single number."""
    for t in (2, 7):
        got = student.ema_weight_sum(0.8, t)
        assert_shape(got, ())
        check(0.1 < float(got) < 0.9, "the number does not lie between 0 and 1")


@pytest.mark.points(2.2, exercise="ema_weight_sum", spec="It grows with t and tends to 1.")
def test_sum_grows_and_tends_to_one(student, rng):
    """The sum grows with t and tends to 1."""
    beta = float(rng.uniform(0.5, 0.75))
    sums = [flat(student.ema_weight_sum(beta, t), 1)[0] for t in (2, 3, 5, 9, 17)]
    check((np.diff(sums) > 1e-6).all(), "with more gradients the sum does not grow")
    assert_matches(student.ema_weight_sum(beta, 500), 1.0, rtol=1e-6, loose_shape=True, case="500 gradients")


# bias_corrected_ema


def series(rng, *shape):
    return rng.uniform(0.5, 3.0, shape) * rng.choice([-1.0, 1.0], shape)


def assert_averages(student):
    """What no answer passes that hands the values back as they are, or one number for all of them."""
    got = flat(student.bias_corrected_ema(np.array([1.0, -3.0]), 0.8), 2)
    check(abs(got[1] - got[0]) > 0.1, "the second average is the first one")
    check(abs(got[1] + 3.0) > 0.5, "the second average is the second value")


@pytest.mark.points(4.1, exercise="bias_corrected_ema", spec="entry t of the result is s_t / (1 - beta**t)")
def test_averages_follow_the_formula(student, reference, rng):
    """Every entry is the moving average divided by the sum of its weights."""
    for beta, shape in zip(BETAS, ((9,), (9, 2), (75,)), strict=True):
        g = series(rng, *shape)
        got, want = student.bias_corrected_ema(g, beta), reference.bias_corrected_ema(g, beta)
        assert_matches(got, want, rtol=1e-9, atol=1e-12, loose_shape=True, case=f"a series of shape {shape}")


@pytest.mark.points(1.1, exercise="bias_corrected_ema", spec="s_t = beta * s_(t-1) + (1 - beta) * g_t")
def test_the_value_before_counts_beta_times_as_much(student):
    """From the second entry on, the first value counts beta times as much as the second."""
    first, second = (flat(student.bias_corrected_ema(impulse, 0.7), 4) for impulse in np.eye(4)[:2])
    check(np.abs(second[1:]).min() > 0.02, "the second value does not count in some of the averages from then on")
    assert_matches(first[1:], 0.7 * second[1:], rtol=1e-6, case="the share of the first value against the second's")


@pytest.mark.points(1, exercise="bias_corrected_ema", spec="a constant series gives that constant at every step")
def test_a_constant_is_its_own_average(student, rng):
    """A constant series gives that constant at every step."""
    assert_averages(student)
    for beta in BETAS:
        g = np.full(12, float(rng.uniform(2.0, 9.0)))
        assert_matches(student.bias_corrected_ema(g, beta), g, rtol=1e-5, loose_shape=True)


@pytest.mark.points(2.2, exercise="bias_corrected_ema", spec="every entry lies between the smallest and the largest")
def test_the_start_is_of_the_right_size(student, rng):
    """From the first entry on, averages have the size of what is averaged."""
    assert_averages(student)
    for beta in (0.8, 0.9):
        g = rng.uniform(1.0, 1.5, 10)
        got = flat(student.bias_corrected_ema(g, beta), 10)
        check((got > 0.5).all(), "the first averages are pulled towards 0")
        check((got < 3.0).all(), "some averages are far larger than every value")


@pytest.mark.points(2.1, exercise="bias_corrected_ema", spec="s_t = beta * s_(t-1) + (1 - beta) * g_t")
def test_late_averages_remember_the_right_values(student, reference, rng):
    """Late in a long series, recent values count as the recursion says."""
    for beta, size in ((0.1, 330), (0.7, 80)):
        g = series(rng, size)
        got, want = flat(student.bias_corrected_ema(g, beta), size), reference.bias_corrected_ema(g, beta)
        assert_matches(got[-10:], want[-10:], rtol=0, atol=1e-5, case=f"the last 10 of {size} entries")


@pytest.mark.points(1.5, exercise="bias_corrected_ema", spec="each component along further axes is averaged on its own")
def test_further_axes_are_averaged_on_their_own(student, reference, rng):
    """Each component along further axes is averaged on its own."""
    g = series(rng, 45)
    alone = flat(student.bias_corrected_ema(g, 0.6), 45)
    for scales in (np.array([1.0, -2.0, 0.5]), np.array([[-0.7], [1.5]])):
        table, words = np.multiply.outer(g, scales), f"a series of shape {(45, *scales.shape)}"
        got = np.asarray(student.bias_corrected_ema(table, 0.6))
        check(got.shape == table.shape, f"{words}: the averages come in another shape")
        assert_matches(got[-5:], reference.bias_corrected_ema(table, 0.6)[-5:], rtol=0, atol=1e-5, case=words)
        check(np.isfinite(alone).all(), "some averages are not finite")
        own = np.multiply.outer(alone, scales)
        assert_matches(got, own, rtol=1e-6, atol=1e-6, case=f"{words}, against its components alone")


@pytest.mark.points(0.5, exercise="bias_corrected_ema", spec="Integers and any memory layout are fine.")
def test_series_of_every_kind_are_averaged(student, reference, rng):
    """Integers, strided and Fortran-ordered series give the same averages, a single value an array of one."""
    whole = rng.integers(1, 9, 45)
    table = series(rng, 45, 3)
    kinds = {"integers": whole, "every second value": series(rng, 90)[::2], "Fortran order": np.asfortranarray(table)}
    for words, g in kinds.items():
        got = student.bias_corrected_ema(g, 0.6)
        assert_shape(got, g.shape, case=words)
        want = reference.bias_corrected_ema(np.array(g, dtype=float), 0.6)
        assert_matches(got[-5:], want[-5:], rtol=0, atol=1e-5, case=words)
    assert_shape(student.bias_corrected_ema(series(rng, 1), 0.6), (1,), case="a single value")


@pytest.mark.points(0.5, exercise="bias_corrected_ema", spec="It is not modified.")
def test_the_series_is_left_alone(student, rng):
    """The series is not modified, and may be read-only."""
    assert_averages(student)
    for g in (series(rng, 6), frozen(series(rng, 6, 2))):
        student.bias_corrected_ema(g, 0.8)
        assert_unchanged(student)


# predictions


def is_committed(student, name, letters):
    choice = getattr(student, name)
    words = f"choose one of the letters {', '.join(letters)}, as text"
    check(isinstance(choice, str) and choice.strip().lower() in letters, words)


@pytest.mark.points(1, exercise="predict_average", spec="a prediction: 1 for any answer")
def test_average_is_predicted(student):
    """A prediction is made; any of the letters counts."""
    is_committed(student, "predict_average", tuple("abc"))


@pytest.mark.points(1, exercise="predict_step_length", spec="a prediction: 1 for any answer")
def test_step_length_is_predicted(student):
    """A prediction is made; any of the letters counts."""
    is_committed(student, "predict_step_length", tuple("abcd"))


@pytest.mark.points(1, exercise="predict_race", spec="a prediction: 1 for any answer")
def test_race_is_predicted(student):
    """A prediction is made; any of the letters counts."""
    is_committed(student, "predict_race", tuple("abc"))


# adam_first_step


@pytest.mark.points(2.4, exercise="adam_first_step", spec="Follow the conventions box from s = r = 0")
def test_first_update_with_a_large_eps(student, reference, rng):
    """The update is that of the formula also where eps is as large as the gradient."""
    for lr, eps in ((0.2, 0.3), (0.7, 0.1)):
        g = series(rng, 5)
        got = student.adam_first_step(g, lr, eps)
        assert_matches(got, reference.adam_first_step(g, lr, eps), rtol=1e-9, loose_shape=True)


@pytest.mark.points(3.8, exercise="adam_first_step", spec="The size of the gradient hardly matters, its sign does")
def test_first_update_does_not_depend_on_the_scale(student, rng):
    """With a tiny eps the update is lr long against the gradient, from 0.001 to 1000."""
    for scale in (1e-3, 1.0, 1e3):
        g = scale * series(rng, 6)
        got = student.adam_first_step(g, 0.2, 1e-15)
        assert_matches(got, -0.2 * np.sign(g), rtol=1e-3, loose_shape=True, case=f"gradients of about {scale:g}")


@pytest.mark.points(0.8, exercise="adam_first_step", spec="It is 0 where g is 0.")
def test_first_update_of_a_zero_gradient(student, rng):
    """Where the gradient is 0 the update is 0, and only there."""
    g = series(rng, 5)
    g[[1, 3]] = 0.0
    got = student.adam_first_step(g, 0.2, 1e-12)
    assert_matches(got, -0.2 * np.sign(g), rtol=1e-6, loose_shape=True)


@pytest.mark.points(0.5, exercise="adam_first_step", spec="ndarray of any shape")
def test_first_update_of_every_shape(student):
    """Gradients of any shape give an update of that shape."""
    table = np.arange(6.0).reshape(2, 3) - 2.5
    kinds = {"2-d": np.asfortranarray(table), "3-d": table[:, None], "0-d": np.array(1.5), "one entry": np.ones(1)}
    for words, g in kinds.items():
        assert_matches(student.adam_first_step(g, 0.2, 1e-12), -0.2 * np.sign(g), rtol=1e-6, case=words)


@pytest.mark.points(0.5, exercise="adam_first_step", spec="Integers (int64) are fine. It is not modified.")
def test_first_update_leaves_the_gradient_alone(student, rng):
    """The gradient is not modified; it may be read-only, and of integers."""
    for g in (series(rng, 4), frozen(series(rng, 4)), np.array([3, -2, 5])):
        got = student.adam_first_step(g, 0.2, 1e-12)
        assert_unchanged(student)
        assert_matches(got, -0.2 * np.sign(g), rtol=1e-6, loose_shape=True)


# mended_step


def mended_walk(mended, x, grads, last=0, **settings):
    """(x, v, cache) after each step from zero averages; `last` is the number that the last step is told, if given."""
    v, cache, states = np.zeros(x.shape), np.zeros(x.shape), []
    for t, g in zip([*range(1, len(grads)), last or len(grads)], grads, strict=True):
        state = mended(x, g, v, cache, t, **settings)
        check(isinstance(state, tuple | list) and len(state) == 3, "not three things came back: x, v and cache")
        x, v, cache = state
        states.append(state)
    return states


@pytest.mark.points(3.2, exercise="mended_step", spec="Once mended it does what the conventions box says")
def test_mended_steps_follow_the_conventions(student, reference, rng):
    """Six steps with changing gradients and a large eps follow the conventions box."""
    settings = {"lr": 0.2, "gamma": 0.8, "beta": 0.9, "eps": 0.3, "last": 30}
    x, grads = rng.uniform(-1, 1, (2, 3)), gradients(rng, (2, 3), 6)
    want = mended_walk(reference.mended_step, x, grads, **settings)
    got = mended_walk(student.mended_step, x, grads, **settings)
    for n, (one, other) in enumerate(zip(got, want, strict=True), start=1):
        assert_matches(one[0], other[0], rtol=0, atol=2e-6, loose_shape=True, case=f"step {n}")


@pytest.mark.points(2, exercise="mended_step", spec="how does the step change if gradients become ten times as large")
def test_mended_steps_do_not_depend_on_the_scale(student, rng):
    """If all gradients are ten times as large, the steps stay as they are."""
    settings = {"lr": 0.2, "gamma": 0.8, "beta": 0.9, "eps": 1e-12}
    grads = gradients(rng, (3,), 4)
    small = mended_walk(student.mended_step, np.zeros(3), grads, **settings)
    large = mended_walk(student.mended_step, np.zeros(3), [10 * g for g in grads], **settings)
    for one, other in zip(large, small, strict=True):
        check(np.isfinite(flat(other[0], 3)).all(), "the parameters are not finite any more")
        assert_matches(one[0], other[0], rtol=1e-6, atol=1e-6, loose_shape=True, case="ten times the gradients")


@pytest.mark.points(2.05, exercise="mended_step", spec="The first step is lr long, whatever the gradient")
def test_mended_steps_are_not_too_long_at_first(student):
    """On a gradient that is always 1, steps 10 to 12 are about lr long: averages that start at 0 no longer matter."""
    settings = {"lr": 0.2, "gamma": 0.9, "beta": 0.999, "eps": 1e-12}
    states = mended_walk(student.mended_step, np.zeros(2), [np.ones(2)] * 12, **settings)
    path = np.array([flat(x, 2) for x, _, _ in states])
    for n, moved in enumerate(np.diff(path, axis=0)[8:], start=10):
        assert_matches(moved, np.full(2, -0.2), rtol=0.05, case=f"step {n}")


@pytest.mark.points(0.75, exercise="mended_step", spec="The new parameters and the new, still uncorrected averages.")
def test_mended_step_returns_uncorrected_averages(student, rng):
    """The averages that come back are the uncorrected ones, and nothing passed in is modified."""
    x, g, v, cache = (frozen(each) for each in rng.uniform(0.2, 1.0, (4, 3)))
    got = student.mended_step(x, g, v, cache, 3, 0.2, 0.8, 0.9, 0.3)
    assert_unchanged(student)
    check(isinstance(got, tuple | list) and len(got) == 3, "not three things came back: x, v and cache")
    check(all(isinstance(each, np.ndarray) for each in got), "not three arrays came back")
    assert_matches(got[1:], (0.8 * v + 0.2 * g, 0.9 * cache + 0.1 * g**2), rtol=1e-6, loose_shape=True)


# Adam


@pytest.mark.points(6.8, exercise="Adam", spec="Every step does, in this order,")
def test_eight_steps_follow_the_formula(student, reference, rng):
    """Eight steps with changing gradients, zeros among them, lead where the formula leads."""
    for lr, shape in ((0.2, (5,)), (0.7, (2, 3))):
        settings, key, moving = {**PLAIN, "lr": lr}, f"path at {lr}", gradients(rng, shape, 8)
        moving[2][0], moving[5][:] = 0.0, 0.0
        start, grads = {key: rng.uniform(-0.5, 0.5, shape)}, named(key, moving)
        want = walk(reference.Adam(**settings), start, grads)
        assert_same_path(walk(student.Adam(**settings), start, grads), want, lr, f"rate {lr}")


@pytest.mark.points(1.4, exercise="Adam", spec="the first step has t = 1")
def test_the_first_step_has_the_length_lr(student, rng):
    """The first step is lr long, whatever the size of the gradient."""
    for scale in (1e-5, 1.0, 1e4):
        g = scale * gradients(rng, (5,), 1)[0]
        key = f"gradients of about {scale:g}"
        moved = step(student.Adam(lr=0.3, beta1=0.9, beta2=0.999, eps=1e-12), {key: np.zeros(5)}, {key: g})
        assert_matches(moved, {key: -0.3 * np.sign(g)}, rtol=0, atol=3e-6, loose_shape=True, case=key)


@pytest.mark.points(2, exercise="Adam", spec="a step is about lr long where gradients agree")
def test_early_steps_on_a_constant_gradient_are_about_lr_long(student):
    """With the usual betas, steps 10 to 12 on a constant gradient are about lr long, and so are 58 to 60."""
    path = walk(student.Adam(), {"constant": np.zeros(2)}, named("constant", [np.array([3.0, -0.2])] * 60))
    moves = np.diff([flat(each, 2) for each in unnamed(path)], axis=0)
    for n, moved in [*enumerate(moves[8:11], start=10), *enumerate(moves[56:], start=58)]:
        assert_matches(moved, np.array([-0.001, 0.001]), rtol=0.05, loose_shape=True, case=f"step {n}")


@pytest.mark.points(3.4, exercise="Adam", spec="The average gradient over its usual size")
def test_late_steps_divide_the_average_by_the_root(student, reference, rng):
    """After twenty steps, a step is the average gradient over the root of the average square."""
    settings = {"lr": 0.7, "beta1": 0.3, "beta2": 0.4, "eps": 1e-7}
    start, grads = {"late": np.zeros((2, 3))}, named("late", gradients(rng, (2, 3), 27))
    paths = (unnamed(walk(each.Adam(**settings), start, grads))[19:] for each in (student, reference))
    got, want = (np.diff([flat(each, 6) for each in path], axis=0) for path in paths)
    for n, (moved, wanted) in enumerate(zip(got, want, strict=True), start=21):
        assert_matches(moved, wanted, rtol=0, atol=7e-6, loose_shape=True, case=f"step {n}")


@pytest.mark.points(3.4, exercise="Adam", spec="eps is added outside the square root, after the correction.")
def test_eps_stands_outside_the_root(student, reference, rng):
    """With a large eps, the steps show where eps is added."""
    for lr, eps, shape in ((0.2, 0.3, (2, 1, 3)), (0.7, 0.1, (3, 2))):
        key = f"eps {eps}"
        start, grads = {key: np.zeros(shape)}, named(key, gradients(rng, shape, 6))
        want = walk(reference.Adam(lr, 0.8, 0.9, eps), start, grads)
        assert_same_path(walk(student.Adam(lr, 0.8, 0.9, eps), start, grads), want, lr, f"eps {eps}")


@pytest.mark.points(3.4, exercise="Adam", spec="There is one t per optimiser, however many keys there are.")
def test_several_keys_move_as_each_would_alone(student, rng):
    """Several parameters, of unlike shapes or of one, move as each would alone, in whatever order they come."""
    assert_adapts(student)
    shapes = {"rows": (2, 3), "column": (4,), "single": (1,), "twin": (4,)}
    start = {key: rng.uniform(-0.5, 0.5, shape) for key, shape in shapes.items()}
    grads = {key: gradients(rng, shape, 4) for key, shape in shapes.items()}
    optimiser, params, together = student.Adam(**PLAIN), start, []
    for n in range(4):
        backwards = {key: grads[key][n] for key in sorted(shapes, reverse=n % 2 == 0)}
        params = step(optimiser, {key: params[key] for key in sorted(shapes, reverse=n > 1)}, backwards)
        together.append(params)
    for key in shapes:
        alone = f"{key} alone"
        want = unnamed(walk(student.Adam(**PLAIN), {alone: start[key]}, named(alone, grads[key])))
        path = [each[key] for each in together]
        assert_same_path(path, [w.reshape(start[key].shape) for w in want], PLAIN["lr"], f"the parameter {key!r}")


@pytest.mark.points(1.7, exercise="Adam", spec="The defaults are `lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7`.")
def test_defaults_are_those_of_the_conventions(student, rng):
    """Without arguments, Adam has the settings of the conventions box."""
    assert_adapts(student)
    grads = [np.concatenate([g, 1e-7 * g]) for g in gradients(rng, (3,), 4)]
    got, want = (
        unnamed(walk(student.Adam(**settings), {key: np.zeros(6)}, named(key, grads)))
        for key, settings in (("by default", {}), ("as told", DEFAULTS))
    )
    assert_same_path(got, want, DEFAULTS["lr"], "no arguments")


@pytest.mark.points(3.4, exercise="Adam", spec="a key that appears late uses the optimiser's t")
def test_a_late_key_uses_the_t_of_the_optimiser(student, rng):
    """A key that appears late moves as if its gradients had been 0 until then; one that misses a step waits."""
    assert_adapts(student)
    old, new = gradients(rng, (2,), 6), gradients(rng, (3,), 6)
    late, early = student.Adam(**PLAIN), student.Adam(**PLAIN)
    a, b = np.zeros(2), np.zeros(3)
    for n in range(2):
        late.step({"old": a}, {"old": old[n]})
        early.step({"first": a, "second": b}, {"first": old[n], "second": np.zeros(3)})
    got = walk(late, {"old": a, "new": b}, [{"old": old[n], "new": new[n]} for n in range(2, 6)])
    want = walk(early, {"first": a, "second": b}, [{"first": old[n], "second": new[n]} for n in range(2, 6)])
    for mine, other in (("new", "second"), ("old", "first")):
        pairs = [each[mine] for each in got], [each[other] for each in want]
        assert_same_path(*pairs, PLAIN["lr"], f"the {mine} key, after two steps without the new one")
    assert_a_key_waits(student, rng)


def assert_a_key_waits(student, rng):
    """A key that is back after a missed step moves as one that came a step later and has missed none."""
    g, optimiser = gradients(rng, (3,), 4), student.Adam(**PLAIN)
    at = dict.fromkeys(("waits", "stays", "later"), np.zeros(3))
    steps = {"waits": g[0], "stays": g[3]}, {"waits": g[1], "later": g[0]}, {"later": g[1], "stays": g[3]}
    for grads in steps:
        at |= step(optimiser, {key: at[key] for key in grads}, grads)
    end = step(optimiser, {key: at[key] for key in ("waits", "later")}, {"waits": g[2], "later": g[2]})
    moved, wanted = (flat(end[key], 3) - flat(at[key], 3) for key in ("waits", "later"))
    check(np.isfinite(wanted).all(), "the parameters are not finite any more")
    assert_matches(moved, wanted, rtol=0, atol=1e-5 * PLAIN["lr"], case="a key that is back after a missed step")


@pytest.mark.points(3.4, exercise="Adam", spec="Two optimisers share nothing.")
def test_two_optimisers_share_nothing(student, rng):
    """Two optimisers that take turns move as each would alone."""
    assert_adapts(student)
    settings = {**PLAIN, "beta2": 0.999}, {"lr": 0.7, "beta1": 0.5, "beta2": 0.7, "eps": 1e-7}
    grads = [gradients(rng, (3,), 4) for _ in settings]
    both, params, turns = [student.Adam(**each) for each in settings], [np.zeros(3), np.zeros(3)], ([], [])
    for n in range(4):
        for k in (0, 1):
            params[k] = step(both[k], {"shared": params[k]}, {"shared": grads[k][n]})["shared"]
            turns[k].append(params[k])
    for k, each in enumerate(settings):
        alone = f"number {k} alone"
        want = unnamed(walk(student.Adam(**each), {alone: np.zeros(3)}, named(alone, grads[k])))
        assert_same_path(turns[k], want, each["lr"], "taking turns")


@pytest.mark.points(0.6, exercise="Adam", spec="Nothing that was passed in is modified.")
def test_a_step_leaves_its_arguments_alone(student, rng):
    """Parameters and gradients are not modified, and may be read-only; new arrays come back."""
    assert_adapts(student)
    optimiser, lent = student.Adam(**PLAIN), student.array(np.ones(3))
    first = held_call(optimiser.step, {"kept": lent}, {"kept": np.zeros(3)})
    before, params = value(first), {"kept": np.ones(3)}
    check(isinstance(before, dict), KEYS)
    set_item(lent, [0, 1, 2], 9.0)
    for n, g in enumerate(gradients(rng, (3,), 3)):
        given, grads = {"kept": np.array(params["kept"])}, {"kept": g}
        if n:
            given, grads = {"kept": frozen(given["kept"])}, {"kept": frozen(g)}
        params = step(optimiser, given, grads)
        assert_unchanged(student)
    words = "what the first step returned, looked at again after later ones"
    assert_matches(unnamed([value(first)]), unnamed([before]), case=words)


@pytest.mark.points(0.6, exercise="Adam", spec="int64, float32 or float64 in any memory layout")
def test_gradients_of_every_kind(student, rng):
    """Integer, Fortran-ordered, strided, float32 and 0-d gradients give the same steps."""
    assert_adapts(student)
    table = np.round(series(rng, 3, 3, 4), 1)
    kinds = {
        "integers": [np.array(each) for each in ([3, -2, 1], [-1, 4, 2], [2, 2, -5])],
        "Fortran order": [np.asfortranarray(each) for each in table],
        "every second entry": [each[:, ::2] for each in table],
        "float32": [each.astype(np.float32) for each in table],
        "0-d": [np.array(each) for each in (0.5, -2.0, 3.0)],
    }
    shapes = {words: grads[0].shape for words, grads in kinds.items()}
    given = [{words: grads[n] for words, grads in kinds.items()} for n in range(3)]
    plain = [{f"plain {words}": np.array(g, dtype=float, order="C") for words, g in each.items()} for each in given]
    got, want = (
        walk(student.Adam(**PLAIN), {key: np.zeros(np.shape(g)) for key, g in each[0].items()}, each)
        for each in (given, plain)
    )
    for words, shape in shapes.items():
        mine, other = [each[words] for each in got], [each[f"plain {words}"] for each in want]
        check(
            isinstance(mine[-1], np.ndarray | np.generic) or not shape, f"{words}: the parameters are no array any more"
        )
        check(np.shape(mine[-1]) == shape, f"{words}: the parameters come back in another shape")
        assert_same_path(mine, other, PLAIN["lr"], words)


@pytest.mark.points(3.4, exercise="Adam", spec="None of it is kept either")
def test_a_step_starts_from_what_is_passed_in_and_keeps_none_of_it(student, rng):
    """Each step starts from the parameters passed in, and keeps neither them nor the gradients."""
    assert_adapts(student)
    one, other, grads = student.Adam(**PLAIN), student.Adam(**PLAIN), gradients(rng, (3,), 4)
    path = [
        np.zeros(3),
        *(flat(each["there"], 3) for each in walk(other, {"there": np.zeros(3)}, named("there", grads))),
    ]
    for n, (g, wanted) in enumerate(zip(grads, np.diff(path, axis=0), strict=True), start=1):
        theta, lent = rng.uniform(-0.5, 0.5, 3), student.array(g)
        got = step(one, {"here": theta}, {"here": lent})
        set_item(lent, [0, 1, 2], 9.0)
        assert_matches(flat(got["here"], 3) - theta, wanted, rtol=0, atol=2e-6, case=f"step {n}")


@pytest.mark.points(0.5, exercise="Adam", spec="zeros and tiny values among them")
def test_zero_and_tiny_gradients(student):
    """Zero gradients move nothing, tiny ones next to nothing, and a real one after them still counts."""
    assert_adapts(student)
    quiet = [np.zeros(2), np.zeros(2), np.array([1e-20, -1e-20]), np.zeros(2)]
    path = walk(student.Adam(**PLAIN), {"quiet": np.zeros(2)}, named("quiet", [*quiet, np.array([1.0, -1.0])]))
    for n, params in enumerate(path[:4], start=1):
        words = f"zero or tiny gradients, step {n}"
        assert_matches(params, {"quiet": np.zeros(2)}, rtol=0, atol=2e-6, loose_shape=True, case=words)
    check((np.abs(unnamed(path)[4]) > 0.05).all(), "a gradient of 1 after zeros hardly moves it")


# catches_adam

# Every fault that the docstring names, and right ones that round in different ways; the reference is always among them.
WRONG_ADAMS = (
    "no_bias_correction",
    "only_s_corrected",
    "corrected_averages_kept",
    "t_starts_at_two",
    "t_per_key",
    "no_root",
    "eps_inside_the_root",
    "eps_before_the_correction",
    "r_of_the_size",
    "betas_exchanged",
)
RIGHT_ADAMS = ("float32_inside", "correction_in_the_rate", "recursion_of_the_corrected_averages")


@pytest.mark.points(8, exercise="catches_adam", spec="accusing right ones takes points away again")
def test_wrong_adams_are_caught_and_right_ones_let_through(student, candidates, award):
    """Your test tells wrong Adams from right ones that it has not seen."""
    found = judge_catcher(student.catches_adam, candidates("Adam", (*WRONG_ADAMS, *RIGHT_ADAMS)))
    award(found.fraction, found.words)


# training_curve


class Recorder:
    """A model and an optimiser, at times uphill, whose rate changes; they note which examples each step has seen."""

    def __init__(self):
        self.seen, self.steps, self.after = [], [], []

    def loss(self, params, X, y):
        if not len(y):
            raise ValueError("a batch without examples")
        self.seen.append((np.array(X[:, 0]), np.array(y)))
        error = X[:, 1:] @ params["w"] - y
        return float(np.mean(error**2)), {"w": 2 * X[:, 1:].T @ error / len(y)}

    def step(self, params, grads):
        self.steps.append(self.seen[-1] if self.seen else (np.array([]), np.array([])))
        self.after.append({"w": params["w"] - 0.05 * np.cos(len(self.steps)) * grads["w"]})
        return self.after[-1]

    def train(self, module, X, y, epochs, batch_size, seed):
        optimiser = self if isinstance(module, ModuleType) else expose(self, methods=("step",))
        self.rng = np.random.default_rng(seed)
        return module.training_curve(optimiser, {"w": np.zeros(2)}, self.loss, X, y, epochs, batch_size, self.rng)


def examples(rng, n):
    """Numbered examples: the first column tells them apart and takes no part."""
    features = series(rng, n, 2)
    return np.column_stack([np.arange(n), features]), features @ np.array([1.5, -0.7]) + 0.3 * rng.standard_normal(n)


@pytest.mark.points(2.4, exercise="training_curve", spec="Each batch makes one step.")
def test_training_goes_on_from_the_last_parameters(student, reference, rng):
    """On examples that are all alike, losses and parameters are those of successive steps."""
    X, y = np.column_stack([np.arange(8), np.tile(rng.uniform(0.4, 0.8, 2), (8, 1))]), np.full(8, 2.0)
    got, want = (Recorder().train(module, X, y, 3, 4, 1) for module in (student, reference))
    assert_matches(got, want, rtol=1e-9, loose_shape=True)


@pytest.mark.points(2.4, exercise="training_curve", spec="Every epoch draws one new order, rng.permutation(len(X))")
def test_batches_are_cut_from_a_new_order_in_every_epoch(student, rng):
    """Every epoch cuts one new order from rng into batches, and uses the short last one too."""
    seed = int(rng.integers(1_000_000))
    for n, batch_size in ((11, 4), (7, 3)):
        X, y = examples(rng, n)
        recorder, order = Recorder(), np.random.default_rng(seed)
        recorder.train(student, X, y, 2, batch_size, seed)
        cuts = range(batch_size, n, batch_size)
        batches = [batch.tolist() for _ in range(2) for batch in np.split(order.permutation(n), cuts)]
        check(len(recorder.steps) == len(batches), "the number of steps in two epochs is not as expected")
        same = all(seen.tolist() == batch for (seen, _), batch in zip(recorder.steps, batches, strict=True))
        check(same, "some steps have not seen the examples that the order from rng gives them")
        paired = all(np.array_equal(y[seen.astype(int)], targets) for seen, targets in recorder.steps)
        check(paired, "some examples have met the targets of others")


@pytest.mark.points(0.9, exercise="training_curve", spec="After each epoch, the mean loss of all of X and y.")
def test_losses_are_those_of_all_examples_after_each_epoch(student, rng):
    """With several batches per epoch, each loss is that of all examples after the epoch."""
    X, y = examples(rng, 7)
    recorder = Recorder()
    got = recorder.train(student, X, y, 3, 4, 5)
    check(isinstance(got, tuple | list) and len(got) == 2, "not two things came back: parameters and losses")
    steps, rest = divmod(len(recorder.after), 3)
    check(steps > 1 and not rest, "three epochs with several batches each do not have equally many steps")
    want = [recorder.loss(params, X, y)[0] for params in recorder.after[steps - 1 :: steps]]
    assert_matches(got[1], want, rtol=1e-9, loose_shape=True, case="the losses")


@pytest.mark.points(
    0.3, exercise="training_curve", spec="The training examples and their targets. They are not modified."
)
def test_training_leaves_the_examples_alone(student, rng):
    """Training modifies neither the examples nor the first parameters, and draws nothing but the orders."""
    X, y = examples(rng, 8)
    recorder, order = Recorder(), np.random.default_rng(2)
    recorder.train(student, X, y, 2, 4, 2)
    assert_unchanged(student)
    for _ in range(2):
        order.permutation(8)
    check(recorder.rng.bit_generator.state == order.bit_generator.state, "two epochs have not drawn just two orders")
