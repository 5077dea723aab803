"""Hidden tests of hw07: normalisation in training and evaluation, its gradient, the layer, training on full batches.

Concepts and details are told apart by settings: eps is large where its place is asked and negligible elsewhere, and
each path of the backward pass has a property that fails only without it. What backward needs stays in the student's
process and is passed on as it is: the cache belongs to the student. Gradients may follow the student's own forward
pass, if that earned half its points.
"""

from contextlib import suppress
from types import ModuleType

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
    length,
    set_attr,
    set_item,
)

CLOSE = {"rtol": 1e-9, "atol": 1e-12}
TINY = 1e-12


def batch(rng, n, d):
    """A batch whose features differ in place and size; no two examples of a feature are near each other."""
    levels = np.stack([rng.permutation(n) for _ in range(d)], axis=1) + rng.uniform(0.2, 0.6, (n, d))
    return rng.uniform(-6.0, 6.0, d) + rng.uniform(0.4, 3.0, d) * levels


def scales(rng, d):
    """gamma and beta of both signs, none of them near 0 or 1."""
    signs = rng.choice([-1.0, 1.0], (2, d))
    return signs[0] * rng.uniform(1.4, 2.6, d), signs[1] * rng.uniform(1.3, 3.0, d)


def frozen(array):
    array.flags.writeable = False
    return array


def kinds_of_batches(rng, n=6, d=3):
    table = batch(rng, n, d)
    return {
        "integers": rng.permutation(np.arange(n * d)).reshape(n, d),
        "Fortran order": np.asfortranarray(table),
        "every second example": batch(rng, 2 * n, d)[::2],
        "read-only": frozen(table.copy()),
        "float32": table.astype(np.float32),
        "a single feature": batch(rng, n, 1),
    }


def numbers(value, shape, words):
    """An array of floating-point numbers of this shape; axes of length 1 do not count."""
    plain = isinstance(value, np.ndarray) and value.dtype.kind in "biuf" and value.size == int(np.prod(shape))
    check(plain, f"{words}: numbers for shape {shape} were expected, and something else came back")
    return np.asarray(value, dtype=float).reshape(shape)


# bn_forward_train

NO_PAIR = "bn_forward_train did not return two things, y and a cache"


def output(student, x, gamma, beta, eps):
    """Output of the student's forward pass."""
    got = student.bn_forward_train(x, gamma, beta, eps)
    check(isinstance(got, tuple | list) and len(got) == 2, NO_PAIR)
    return got[0]


def cache_of(student, setting):
    """What the student's forward pass keeps for the way back, of whatever class it is."""
    pair, size = held_call(student.bn_forward_train, *setting), 0
    with suppress(TypeError):
        size = length(pair)
    check(size == 2, NO_PAIR)
    return held_item(pair, 1)


@pytest.mark.points(
    2.5, exercise="bn_forward_train", spec="Normalise a batch by its own statistics, then scale and shift"
)
def test_outputs_follow_the_formula(student, reference, rng):
    """The outputs are those of the conventions box."""
    for n, d, eps in ((5, 3, 0.1), (2, 4, 0.3), (7, 1, 1e-5)):
        x, (gamma, beta) = batch(rng, n, d), scales(rng, d)
        want = reference.bn_forward_train(x, gamma, beta, eps)[0]
        assert_matches(output(student, x, gamma, beta, eps), want, **CLOSE, case=f"{n} examples, {d} features")


@pytest.mark.points(2, exercise="bn_forward_train", spec="The variance is the biased one, divided by N.")
def test_two_examples_lie_at_minus_and_plus_one(student, rng):
    """Two examples, normalised, lie at -1 and 1: the variance is divided by N."""
    for low, gap in ((0.0, 2.0), (float(rng.uniform(-3, 3)), float(rng.uniform(1, 4)))):
        x = np.array([[low], [low + gap]])
        y = output(student, x, np.full(1, 2.0), np.full(1, 3.0), TINY)
        assert_matches(y, np.array([[1.0], [5.0]]), rtol=1e-6, case="two examples, gamma 2 and beta 3")


@pytest.mark.points(3.5, exercise="bn_forward_train", spec="the mean beta and, for negligible eps, the")
def test_every_feature_gets_mean_beta_and_deviation_gamma(student, rng):
    """Over the batch, each feature's outputs have the mean beta and the standard deviation abs(gamma)."""
    for n, d in ((60, 3), (40, 5)):
        x, (gamma, beta) = batch(rng, n, d) * np.logspace(0, 3, d), scales(rng, d)
        y = numbers(output(student, x, gamma, beta, TINY), (n, d), "y")
        assert_matches(y.mean(axis=0), beta, rtol=1e-6, case="means of the features")
        assert_matches(y.std(axis=0), np.abs(gamma), rtol=0.03, case="standard deviations of the features")


@pytest.mark.points(1.5, exercise="bn_forward_train", spec="eps stands inside the root, in training and in evaluation.")
def test_a_large_eps_shows_where_it_stands(student, reference, rng):
    """With a large eps, the outputs show that it is added inside the root."""
    for eps in (0.5, 3.0):
        x, (gamma, beta) = batch(rng, 4, 3), scales(rng, 3)
        want = reference.bn_forward_train(x, gamma, beta, eps)[0]
        assert_matches(output(student, x, gamma, beta, eps), want, **CLOSE, case=f"eps {eps}")


@pytest.mark.points(1.5, exercise="bn_forward_train", spec="Stretching or shifting a feature of x changes nothing")
def test_stretching_and_shifting_changes_nothing(student, rng):
    """Stretching and shifting a feature changes nothing, turning its sign round turns x_hat round."""
    x, (gamma, beta) = batch(rng, 5, 3), scales(rng, 3)
    y = numbers(output(student, x, gamma, beta, TINY), (5, 3), "y")
    check((np.ptp(y, axis=0) > 1).all(), "the outputs of some feature are all alike")
    moved = output(student, x * np.array([0.5, 3.0, 40.0]) + np.array([7.0, -30.0, 2.0]), gamma, beta, TINY)
    assert_matches(moved, y, rtol=1e-6, atol=1e-6, case="stretched and shifted")
    assert_matches(output(student, -x, gamma, beta, TINY), 2 * beta - y, rtol=1e-6, atol=1e-6, case="sign turned round")


@pytest.mark.points(1, exercise="bn_forward_train", spec="and a batch of one example, give exactly beta.")
def test_what_does_not_vary_gives_beta(student, rng):
    """A batch of one example, and a feature that is the same for all, give exactly beta."""
    gamma, beta = scales(rng, 3)
    for n in (1, 4):
        x = np.tile(rng.integers(-5, 6, 3).astype(float), (n, 1))
        got = output(student, x, gamma, beta, 0.1)
        words = f"{n} equal examples" if n > 1 else "a batch of one example"
        assert_matches(got, np.tile(beta, (n, 1)), **CLOSE, case=words)


@pytest.mark.points(0.75, exercise="bn_forward_train", spec="with values around 1e7 that differ by about 1")
def test_features_far_from_0_keep_their_digits(student, rng):
    """Values around 1e7 that differ by about 1 are normalised to 1e-6, as they are near 0."""
    x, (gamma, beta) = batch(rng, 8, 3) / 8, scales(rng, 3)
    far = x + 1e7
    near = numbers(output(student, far - 1e7, gamma, beta, 1e-3), (8, 3), "y")
    check((np.ptp(near, axis=0) > 0.02).all(), "the outputs of some feature are all alike")
    assert_matches(output(student, far, gamma, beta, 1e-3), near, rtol=0, atol=3e-6, loose_shape=True)


@pytest.mark.points(
    0.75, exercise="bn_forward_train", spec="Integers and any memory layout are fine. It is not modified."
)
def test_batches_of_every_kind_are_normalised(student, rng):
    """Integers, float32, strided, Fortran-ordered and read-only batches, and one feature, are normalised alike."""
    moved = 0.0  # a slope of a single feature may be 1 by chance
    for words, x in kinds_of_batches(rng).items():
        gamma, beta = scales(rng, x.shape[1])
        y, plain = (output(student, each, gamma, beta, 1e-5) for each in (x, np.array(x, dtype=float)))
        close = 1e-4 if words == "float32" else 1e-6
        assert_matches(y, plain, rtol=close, atol=close, case=words)
        moved = max(moved, float(np.ptp(numbers(y, x.shape, "y") - x, axis=0).max()))
        check((np.ptp(numbers(y, x.shape, "y"), axis=0) > 0.1).all(), "the outputs of some feature are all alike")
    check(moved > 0.01, "the outputs are the inputs")


@pytest.mark.points(0.5, exercise="bn_forward_train", spec="They are not modified.")
def test_forward_leaves_its_arguments_alone(student, rng):
    """Neither the batch nor gamma and beta are modified."""
    x, (gamma, beta) = batch(rng, 5, 3), scales(rng, 3)
    y = output(student, x, gamma, beta, 0.1)
    assert_unchanged(student)
    check((np.ptp(numbers(y, (5, 3), "y"), axis=0) > 0.1).all(), "the outputs of some feature are all alike")


# bn_running_update


def records(value):
    """Mean and variance that came back, as rows of numbers."""
    check(
        isinstance(value, tuple | list | np.ndarray) and np.ndim(value) != 0 and len(value) == 2,
        "not two things came back, a mean and a variance",
    )
    return tuple(value)


@pytest.mark.points(1.8, exercise="bn_running_update", spec="Move the running statistics towards those of a batch")
def test_one_update_follows_the_formula(student, reference, rng):
    """One update is that of the conventions box, for both statistics."""
    for n, weight in ((6, 0.3), (3, 0.2)):
        mean, var, x = rng.uniform(-3, 3, 4), rng.uniform(0.5, 4, 4), batch(rng, n, 4)
        want = reference.bn_running_update(mean, var, x, weight)
        got = records(student.bn_running_update(mean, var, x, weight))
        assert_matches(got, want, **CLOSE, loose_shape=True, case=f"new_weight {weight}")


@pytest.mark.points(2.1, exercise="bn_running_update", spec="new_weight weighs the new batch")
def test_new_weight_weighs_the_new_batch(student, rng):
    """A new_weight of 0 keeps the old record, 1 takes the new batch, 0.2 a fifth of it."""
    x = batch(rng, 400, 2) / 400
    mean, var = x.mean(axis=0) + 8.0, x.var(axis=0) + 5.0
    for weight in (0.2, 0.0, 1.0):
        want = x.mean(axis=0) + (1 - weight) * 8.0, x.var(axis=0) + (1 - weight) * 5.0
        got = records(student.bn_running_update(mean, var, x, weight))
        assert_matches(got, want, rtol=0.01, atol=0.01, loose_shape=True, case=f"new_weight {weight}")


@pytest.mark.points(0.8, exercise="bn_running_update", spec="It holds the variance of the batch, divided by N")
def test_the_stored_variance_is_divided_by_n(student, rng):
    """What is stored is the variance, divided by N: neither a root nor an eps nor N - 1."""
    x = np.array([[0.0], [4.0]]) + float(rng.choice([-7, -6, 2, 3, 4]))  # their mean is not 0
    got = records(student.bn_running_update(np.zeros(1), np.ones(1), x, 0.3))
    assert_matches(got[1], np.array([1.9]), **CLOSE, loose_shape=True, case="variance of two examples")


@pytest.mark.points(2.3, exercise="bn_running_update", spec="the old record fades like any exponential moving average")
def test_the_old_record_fades_exponentially(student, rng):
    """Over six batches the old record fades by a factor of 1 - new_weight each time."""
    x = batch(rng, 400, 2) / 400
    record, left = (x.mean(axis=0) + 9.0, x.var(axis=0) + 7.0), 1.0
    for n in range(1, 7):
        record, left = records(student.bn_running_update(*record, x, 0.3)), 0.7 * left
        want = x.mean(axis=0) + 9.0 * left, x.var(axis=0) + 7.0 * left
        assert_matches(record, want, rtol=0.02, atol=0.02, loose_shape=True, case=f"batch {n}")


@pytest.mark.points(0.5, exercise="bn_running_update", spec="mean, var : tuple of two ndarrays of shape (D,)")
def test_statistics_of_batches_of_every_kind(student, rng):
    """Both have the shape (D,); integers, strided arrays, a single example and features far from 0 count too."""
    for words, x in kinds_of_batches(rng).items():
        mean, var = np.full(x.shape[1], 900.0), np.full(x.shape[1], 500.0)
        got = records(student.bn_running_update(mean, var, x, 0.02))
        for each, want in zip(got, (900.0, 500.0), strict=True):
            assert_shape(each, (x.shape[1],), case=words)
            assert_matches(each, np.full(x.shape[1], want), rtol=0.3, case=words)
    mean, var, x = np.full(3, 9.0), np.full(3, 5.0), batch(rng, 1, 3)
    got = records(student.bn_running_update(mean, var, x, 0.3))
    assert_matches(got, (0.7 * mean + 0.3 * x[0], 0.7 * var), rtol=1e-5, atol=1e-5, case="a single example")
    far = batch(rng, 8, 3) / 8 + 1e7
    got, near = (records(student.bn_running_update(mean, var, each, 0.9))[1] for each in (far, far - 1e7))
    assert_matches(got, near, rtol=1e-5, case="variances of features around 1e7")


@pytest.mark.points(0.5, exercise="bn_running_update", spec="A pure function: it returns new arrays")
def test_an_update_leaves_its_arguments_alone(student, rng):
    """The old record and the batch are not modified, and may be read-only."""
    for freeze in (np.array, frozen):
        mean, var, x = freeze(rng.uniform(1, 3, 3)), freeze(rng.uniform(1, 3, 3)), freeze(batch(rng, 4, 3))
        got = records(student.bn_running_update(mean, var, x, 0.3))
        assert_unchanged(student)
        check(numbers(got[0], (3,), "mean").any(), "the new mean is 0")
        check(np.abs(numbers(got[0], (3,), "mean") - mean).max() > 1e-6, "the new mean is the old one")
    old = student.array(rng.uniform(1, 3, 3))
    kept = held_call(student.bn_running_update, old, rng.uniform(1, 3, 3), batch(rng, 4, 3), 0.0)
    set_item(old, 0, 99.0)
    new = numbers(item(kept, 0), (3,), "mean")
    check(new[0] < 50, "with a new_weight of 0 the old array itself comes back, where a new one was expected")


# bn_forward_eval


def evaluated(student, x, gamma, beta, mean, var, eps):
    return student.bn_forward_eval(x, gamma, beta, mean, var, eps)


def record(rng, d):
    """A running mean and variance; the latter is far from 1, from its root, and from the squares of `scales`."""
    return rng.uniform(-3, 3, d), rng.choice([0.3, 16.0], d) * rng.uniform(0.8, 1.2, d)


@pytest.mark.points(2, exercise="bn_forward_eval", spec="Normalise by the running statistics")
def test_evaluation_follows_the_formula(student, reference, rng):
    """The outputs are those of the conventions box in evaluation."""
    for n, d, eps in ((5, 3, 0.1), (2, 4, 0.3)):
        x, (gamma, beta), (mean, var) = batch(rng, n, d), scales(rng, d), record(rng, d)
        want = reference.bn_forward_eval(x, gamma, beta, mean, var, eps)
        got = evaluated(student, x, gamma, beta, mean, var, eps)
        assert_matches(got, want, **CLOSE, case=f"{n} examples, {d} features")


@pytest.mark.points(2.5, exercise="bn_forward_eval", spec="An output depends on its own example only")
def test_an_example_does_not_depend_on_its_neighbours(student, rng):
    """An example gets the same output alone and in a batch, and different examples different ones."""
    x, (gamma, beta), (mean, var) = batch(rng, 5, 3), scales(rng, 3), record(rng, 3)
    together = numbers(evaluated(student, x, gamma, beta, mean, var, TINY), (5, 3), "y")
    check((np.ptp(together, axis=0) > 0.05).all(), "different examples get the same output")
    slope = np.ptp(together, axis=0) / np.ptp(x, axis=0)
    assert_matches(slope, np.abs(gamma) / np.sqrt(var), rtol=0.2, case="how steep the outputs are in x")
    for i in range(5):
        alone = evaluated(student, x[i : i + 1], gamma, beta, mean, var, TINY)
        assert_matches(alone, together[i : i + 1], rtol=1e-6, atol=1e-6, loose_shape=True, case="an example alone")


@pytest.mark.points(1, exercise="bn_forward_eval", spec="Added to the variance, inside the root.")
def test_a_large_eps_shows_where_it_stands_in_evaluation(student, reference, rng):
    """With a large eps, evaluation shows that it is added inside the root."""
    for eps in (0.5, 3.0):
        x, (gamma, beta), (mean, var) = batch(rng, 4, 3), scales(rng, 3), record(rng, 3)
        want = reference.bn_forward_eval(x, gamma, beta, mean, var, eps)
        assert_matches(evaluated(student, x, gamma, beta, mean, var, eps), want, **CLOSE, case=f"eps {eps}")


@pytest.mark.points(1.5, exercise="bn_forward_eval", spec="If gamma and beta undo the statistics, it is the identity.")
def test_gamma_and_beta_can_undo_evaluation(student, rng):
    """If gamma is the root of the running variance and beta the running mean, x comes back."""
    x, (mean, var) = batch(rng, 5, 3), record(rng, 3)
    got = evaluated(student, x, np.sqrt(var), mean, mean, var, TINY)
    # Loose, so that an eps that is not the one passed in costs the tests of eps only.
    assert_matches(got, x, rtol=1e-4, atol=1e-4, loose_shape=True, case="the identity")
    shifted = evaluated(student, x, 2 * np.sqrt(var), mean + 1.0, mean, var, TINY)
    assert_matches(shifted, 2 * x - mean + 1.0, rtol=1e-4, atol=1e-4, loose_shape=True, case="twice that, plus 1")


@pytest.mark.points(0.5, exercise="bn_forward_eval", spec="Any number of examples. Integers and any memory layout")
def test_evaluation_of_batches_of_every_kind(student, reference, rng):
    """Integers, float32, strided, Fortran-ordered and read-only batches, and one feature, are evaluated alike."""
    for words, x in (*kinds_of_batches(rng).items(), ("a single example", batch(rng, 1, 3))):
        d = x.shape[1]
        (gamma, beta), (mean, var) = scales(rng, d), record(rng, d)
        got = evaluated(student, x, gamma, beta, mean, var, 1e-9)
        want = reference.bn_forward_eval(np.array(x, dtype=float), gamma, beta, mean, var, 1e-9)
        assert_matches(got, want, rtol=1e-4, atol=1e-4, case=words)


@pytest.mark.points(0.5, exercise="bn_forward_eval", spec="the variance is a variance. They are not modified.")
def test_evaluation_leaves_its_arguments_alone(student, rng):
    """Neither the batch nor the running statistics are modified."""
    x, (gamma, beta), (mean, var) = batch(rng, 4, 3), scales(rng, 3), record(rng, 3)
    got = evaluated(student, x, gamma, beta, mean, var, 0.1)
    assert_unchanged(student)
    spread = np.ptp(numbers(got, (4, 3), "y") - x, axis=0)
    check((spread > 0.01).any(), "the outputs are the inputs, or shifted by the same amount")


# mended_update


def parameters(rng, d):
    mean, var = record(rng, d)
    gamma, beta = scales(rng, d)
    return {"mean": mean, "var": var, "gamma": gamma, "beta": beta}


def moved(student, params, x, dout, lr, weight, eps):
    got = student.mended_update(params, x, dout, lr, weight, eps)
    check(isinstance(got, dict) and set(got) == set(params), "not a dict with the four keys came back")
    return got


def chosen(params, *names):
    return {name: params[name] for name in names}


@pytest.mark.points(2.9, exercise="mended_update", spec="gamma and beta go down their gradients")
def test_gamma_and_beta_go_down_their_gradients(student, reference, rng):
    """gamma and beta go down the gradients that belong to a batch normalised by itself."""
    for lr, eps in ((0.2, 0.5), (0.7, 0.1)):
        params, x, dout = parameters(rng, 3), batch(rng, 5, 3), batch(rng, 5, 3)
        want = chosen(reference.mended_update(params, x, dout, lr, 0.3, eps), "gamma", "beta")
        got = chosen(moved(student, params, x, dout, lr, 0.3, eps), "gamma", "beta")
        assert_matches(got, want, **CLOSE, loose_shape=True, case=f"rate {lr}, eps {eps}")


@pytest.mark.points(
    2.9, exercise="mended_update", spec="mean and var are the running statistics of the conventions box"
)
def test_mean_and_var_are_measured(student, reference, rng):
    """mean and var move towards those of the batch, also with a learning rate of 0."""
    for lr, weight in ((0.0, 0.3), (0.2, 0.1)):
        params, x, dout = parameters(rng, 3), batch(rng, 5, 3), batch(rng, 5, 3)
        want = chosen(reference.mended_update(params, x, dout, lr, weight, 0.1), "mean", "var")
        got = chosen(moved(student, params, x, dout, lr, weight, 0.1), "mean", "var")
        assert_matches(got, want, **CLOSE, loose_shape=True, case=f"rate {lr}, new_weight {weight}")


@pytest.mark.points(0.8, exercise="mended_update", spec="the learning rate has no say in them.")
def test_the_rate_has_no_say_in_the_statistics(student, rng):
    """A large step changes gamma and beta, but neither mean nor var."""
    params, x, dout = parameters(rng, 3), batch(rng, 5, 3), batch(rng, 5, 3)
    still, far = (moved(student, params, x, dout, lr, 0.3, 0.1) for lr in (0.0, 50.0))
    for name in ("mean", "var"):
        assert_matches(far[name], still[name], **CLOSE, case=f"{name} after a large step")
    for name in ("gamma", "beta"):
        change = numbers(far[name], (3,), name) - numbers(still[name], (3,), name)
        check(np.abs(change).max() > 1, f"{name} is the same after a large step")


@pytest.mark.points(0.4, exercise="mended_update", spec="Neither the dict nor its arrays are modified.")
def test_a_mended_update_leaves_its_arguments_alone(student, rng):
    """Nothing that was passed in is modified, and all of it may be read-only."""
    params = {name: frozen(value) for name, value in parameters(rng, 3).items()}
    got = moved(student, params, frozen(batch(rng, 4, 3)), frozen(batch(rng, 4, 3)), 0.2, 0.3, 0.1)
    assert_unchanged(student)
    check(np.abs(numbers(got["beta"], (3,), "beta") - params["beta"]).max() > 0.01, "beta is the old one")
    for value in got.values():
        assert_shape(value, (3,))


# bn_backward


def gradients(student, setting, dout, since=None):
    """What the student's backward pass makes of the cache of the student's forward pass, maybe after another one."""
    cache = cache_of(student, setting)
    if since is not None:
        cache_of(student, since)
    return taken_back(student, dout, cache)


def taken_back(student, dout, cache):
    got = student.bn_backward(dout, cache)
    check(isinstance(got, tuple | list) and len(got) == 3, "bn_backward did not return three things")
    return tuple(got)


def assert_gradients(student, reference, earned, afresh, setting, dout, case):
    """Agreement with the reference, or with central differences of a forward pass that is mostly right."""
    got = gradients(student, setting, dout)
    want = reference.bn_backward(dout, reference.bn_forward_train(*setting)[1])
    try:
        for part, mine, right in zip(("dx", "dgamma", "dbeta"), got, want, strict=True):
            assert_matches(mine, right, rtol=1e-7, atol=1e-9, loose_shape=part != "dx", case=f"{part}, {case}")
    except Mismatch:
        own = own_differences(afresh, setting, dout) if earned("bn_forward_train") >= 0.5 else None
        if own is None or not all(follows(mine, right) for mine, right in zip(got, own, strict=True)):
            raise


def own_differences(afresh, setting, dout, h=1e-5):
    """Central differences of the student's own forward pass in x, gamma and beta, or None if it cannot be used."""
    with suppress(Exception):
        up, down = (own_losses(afresh, setting, dout, step) for step in (h, -h))
        found = [(one - other) / (2 * h) for one, other in zip(up, down, strict=True)]
        return found if all(np.isfinite(each).all() for each in found) else None
    return None


def own_losses(afresh, setting, dout, step):
    """The sum of dout * y with each entry of x, gamma and beta moved by a step.

    In a process of its own: a forward pass that knows that it is looked at can have any derivative.
    """
    losses = [np.zeros(np.shape(each)) for each in setting[:3]]
    with afresh() as other:
        for position, found in enumerate(losses):
            for place in np.ndindex(found.shape):
                moved_setting = [np.array(each, dtype=float) for each in setting[:3]]
                moved_setting[position][place] += step
                found[place] = np.sum(dout * np.asarray(output(other, *moved_setting, setting[3]), dtype=float))
    return losses


def follows(got, own):
    with suppress(Exception):
        return np.allclose(np.reshape(got, own.shape), own, rtol=1e-5, atol=1e-7)
    return False


@pytest.mark.points(7.4, exercise="bn_backward", spec="They are those of L = sum of dout * y for the forward pass")
def test_gradients_follow_the_forward_pass(student, reference, earned, afresh, rng):
    """dx, dgamma and dbeta are the derivatives of the forward pass, also with a large eps."""
    for n, d, eps in ((5, 3, 0.5), (4, 2, 1e-5), (3, 1, 0.1)):
        setting = (batch(rng, n, d), *scales(rng, d), eps)
        words = f"{n} examples, {d} features, eps {eps:g}"
        assert_gradients(student, reference, earned, afresh, setting, rng.uniform(-2, 3, (n, d)), words)


@pytest.mark.points(2.2, exercise="bn_backward", spec="for the forward pass that made the cache")
def test_gradients_belong_to_the_pass_of_their_cache(student, rng):
    """Gradients belong to the forward pass that made the cache, also if another batch went forward since."""
    dout = rng.uniform(-2, 3, (5, 3))
    first, second = ((batch(rng, 5, 3), *scales(rng, 3), 0.3) for _ in range(2))
    cache = cache_of(student, first)
    other = gradients(student, second, dout)
    got, want = taken_back(student, dout, cache), gradients(student, first, dout)
    for part, one, two, shape in zip(("dx", "dgamma"), want, other, ((5, 3), (3,)), strict=False):
        gap = np.abs(numbers(one, shape, part) - numbers(two, shape, part)).max()
        check(gap > 1e-6, f"two different batches get the same {part}")
    for part, mine, own in zip(("dx", "dgamma", "dbeta"), got, want, strict=True):
        assert_matches(mine, own, rtol=1e-9, atol=1e-12, case=f"{part} of a batch, after another one")


@pytest.mark.points(2.6, exercise="bn_backward", spec="Over the batch dx adds up to 0")
def test_dx_adds_up_to_0(student, rng):
    """Over the batch, dx of each feature adds up to 0: the path through the mean."""
    for n, eps in ((6, 0.5), (5, TINY)):
        setting = (batch(rng, n, 3), *scales(rng, 3), eps)
        dx = numbers(gradients(student, setting, rng.uniform(0.5, 3, (n, 3)))[0], (n, 3), "dx")
        check((np.abs(dx).max(axis=0) > 1e-4).all(), "dx of some feature is 0")
        check((np.abs(dx.sum(axis=0)) < 1e-6 * np.abs(dx).sum(axis=0)).all(), "dx does not add up to 0 over the batch")


@pytest.mark.points(2.6, exercise="bn_backward", spec="for negligible eps dx * x_hat does so too")
def test_dx_is_at_right_angles_to_x_hat(student, rng):
    """For negligible eps, dx * x_hat adds up to 0: the path through the variance."""
    for n in (6, 5):
        x = batch(rng, n, 3)
        x_hat = (x - x.mean(axis=0)) / x.std(axis=0)
        dout = 3 * x_hat + rng.uniform(-1, 1, (n, 3))
        dx = numbers(gradients(student, (x, *scales(rng, 3), TINY), dout)[0], (n, 3), "dx")
        check((np.abs(dx).max(axis=0) > 1e-4).all(), "dx of some feature is 0")
        product = dx * x_hat
        still = np.abs(product.sum(axis=0)) < 1e-6 * np.abs(product).sum(axis=0)
        check(still.all(), "dx * x_hat does not add up to 0 over the batch")


@pytest.mark.points(1.5, exercise="bn_backward", spec="it is multiplied by gamma and divided by the root.")
def test_what_has_neither_mean_nor_slope_just_passes(student, reference, earned, afresh, rng):
    """A dout without a mean and without a part along x_hat is multiplied by gamma and divided by the root."""
    x, (gamma, beta) = batch(rng, 7, 2), scales(rng, 2)
    centred, noise = x - x.mean(axis=0), rng.uniform(-2, 2, (7, 2))
    noise -= noise.mean(axis=0)
    dout = noise - centred * (noise * centred).sum(axis=0) / (centred**2).sum(axis=0)
    got, setting = gradients(student, (x, gamma, beta, TINY), dout)[0], (x, gamma, beta, TINY)
    try:
        want = dout * gamma / x.std(axis=0)
        assert_matches(got, want, rtol=1e-6, atol=1e-9, loose_shape=True, case="dx")
    except Mismatch:
        own = own_differences(afresh, setting, dout) if earned("bn_forward_train") >= 0.5 else None
        if own is None or not follows(got, own[0]):
            raise


@pytest.mark.points(1.4, exercise="bn_backward", spec="dbeta is the sum of dout over the batch")
def test_dbeta_is_the_sum_of_dout(student, rng):
    """dbeta is the sum of dout over the batch."""
    for n, d in ((6, 3), (3, 4)):
        dout = rng.uniform(0.5, 3, (n, d))
        got = gradients(student, (batch(rng, n, d), *scales(rng, d), 0.1), dout)[2]
        assert_matches(got, dout.sum(axis=0), rtol=1e-7, loose_shape=True, case=f"{n} examples, {d} features")


@pytest.mark.points(2.3, exercise="bn_backward", spec="dgamma that of dout * x_hat")
def test_dgamma_is_the_sum_of_dout_times_x_hat(student, reference, earned, afresh, rng):
    """dgamma is the sum of dout * x_hat over the batch, wherever x lies, and also where gamma is 0."""
    for words, offset, factor in (("x around 0", 0.0, 1.0), ("x around 20", 20.0, 1.0), ("a gamma of 0", 0.0, 0.0)):
        x, (gamma, beta), dout = batch(rng, 6, 3) + offset, scales(rng, 3), rng.uniform(-2, 3, (6, 3))
        gamma[1] *= factor
        got = gradients(student, (x, gamma, beta, TINY), dout)[1]
        try:
            want = (dout * (x - x.mean(axis=0)) / x.std(axis=0)).sum(axis=0)
            assert_matches(got, want, rtol=1e-6, atol=1e-9, loose_shape=True, case=words)
        except Mismatch:
            own = own_differences(afresh, (x, gamma, beta, TINY), dout) if earned("bn_forward_train") >= 0.5 else None
            if own is None or not follows(got, own[1]):
                raise


@pytest.mark.points(1, exercise="bn_backward", spec="For a batch of one example it is 0.")
def test_a_single_example_gets_no_gradient(student, rng):
    """For a batch of one example dx and dgamma are 0, and dbeta is dout."""
    dout = rng.uniform(0.5, 3, (1, 3))
    got = gradients(student, (batch(rng, 1, 3), *scales(rng, 3), 0.1), dout)
    for part, mine, want in zip(("dx", "dgamma", "dbeta"), got, (0 * dout, 0 * dout[0], dout[0]), strict=True):
        assert_matches(mine, want, rtol=1e-9, atol=1e-12, loose_shape=True, case=f"{part} of a single example")


@pytest.mark.points(0.5, exercise="bn_backward", spec="Any memory layout and integers are fine.")
def test_upstream_gradients_of_every_kind(student, rng):
    """Strided, Fortran-ordered, read-only and integer dout give the same; the shapes are those of x and gamma."""
    setting = (batch(rng, 6, 3), *scales(rng, 3), 0.1)
    for words, dout in kinds_of_batches(rng).items():
        if dout.shape != (6, 3):
            continue
        got, plain = gradients(student, setting, dout), gradients(student, setting, np.array(dout, dtype=float))
        for mine, same, shape in zip(got, plain, ((6, 3), (3,), (3,)), strict=True):
            assert_shape(mine, shape, case=words)
            close = {"rtol": 1e-4, "atol": 1e-4} if words == "float32" else {"rtol": 1e-7, "atol": 1e-9}
            assert_matches(mine, same, **close, case=words)
        check(np.any(got[2]), "dbeta is 0")


@pytest.mark.points(0.5, exercise="bn_backward", spec="It is not modified: a second call gives the same.")
def test_a_second_backward_pass_gives_the_same(student, rng):
    """Neither dout nor the cache are modified, and a second call gives the same."""
    dout, cache = rng.uniform(-2, 3, (5, 3)), cache_of(student, (batch(rng, 5, 3), *scales(rng, 3), 0.1))
    first = taken_back(student, dout, cache)
    assert_unchanged(student)
    assert_matches(taken_back(student, dout, cache), first, rtol=1e-9, case="the second call")
    check(np.any(first[2]), "dbeta is 0")


# predictions


def is_committed(student, name):
    choice = getattr(student, name)
    words = "choose one of the letters a, b, c, as text"
    check(isinstance(choice, str) and choice.strip().lower() in tuple("abc"), words)


@pytest.mark.points(1, exercise="predict_running_variance", spec="a prediction: 1 for any answer")
def test_running_variance_is_predicted(student):
    """A prediction is made; any of the letters counts."""
    is_committed(student, "predict_running_variance")


@pytest.mark.points(1, exercise="predict_what_is_left", spec="a prediction: 1 for any answer")
def test_what_is_left_is_predicted(student):
    """A prediction is made; any of the letters counts."""
    is_committed(student, "predict_what_is_left")


@pytest.mark.points(1, exercise="predict_rate", spec="a prediction: 1 for any answer")
def test_rate_is_predicted(student):
    """A prediction is made; any of the letters counts."""
    is_committed(student, "predict_rate")


@pytest.mark.points(1, exercise="predict_last_batch", spec="a prediction: 1 for any answer")
def test_last_batch_is_predicted(student):
    """A prediction is made; any of the letters counts."""
    is_committed(student, "predict_last_batch")


# BatchNorm1d


def layer_of(student, d, gamma=None, beta=None, settings=(0.3, 0.5)):
    layer = student.BatchNorm1d(d, *settings)
    for name, value in (("gamma", gamma), ("beta", beta)):
        if value is not None:
            set_attr(layer, name, value)
    return layer


def statistics(layer, d):
    """Running mean and variance of a layer, as they are now."""
    return tuple(np.array(numbers(getattr(layer, name), (d,), name)) for name in ("running_mean", "running_var"))


def nothing(other):
    """What is known of a function that did not earn enough."""


def own_gradient(k, *arguments):
    """What the student's own functions make of it: dx, dgamma or dbeta."""
    return lambda other: gradients(other, *arguments)[k]


def matches_or_own(afresh, got, want, own, case, **close):
    """Agreement with what is right, or with the student's own function if `own` makes something of it."""
    try:
        assert_matches(got, want, loose_shape=True, case=case, **(close or CLOSE))
    except Mismatch:
        found = None
        with suppress(Exception), afresh() as other:  # where nothing of the layer's can be known
            found = own(other)
        if found is None or not follows(got, np.asarray(found, dtype=float)):
            raise


@pytest.mark.points(
    1.7, exercise="BatchNorm1d", spec="in training by the batch, in evaluation by the running statistics"
)
def test_a_layer_in_training_normalises_by_the_batch(student, reference, earned, afresh, rng):
    """In training the layer normalises by the batch, with the gamma and beta that stand there."""
    layer = layer_of(student, 3)
    fair = earned("bn_forward_train") >= 0.4
    for size, words in ((5, "batch 1"), (4, "batch 2"), (1, "a batch of one example")):
        x, (gamma, beta) = batch(rng, size, 3), scales(rng, 3)
        if words != "batch 1":
            set_attr(layer, "gamma", gamma)
            set_attr(layer, "beta", beta)
        else:
            gamma, beta = np.ones(3), np.zeros(3)
        setting = (x, gamma, beta, 0.5)
        own = (lambda other, setting=setting: output(other, *setting)) if fair else nothing
        want = reference.bn_forward_train(*setting)[0]
        matches_or_own(afresh, layer.forward(x), want, own, words)


@pytest.mark.points(1.9, exercise="BatchNorm1d", spec="In training each call updates the running statistics once")
def test_a_layer_in_training_keeps_a_record(student, reference, rng):
    """From 0 and 1, each training batch updates the running statistics once."""
    layer, other, want = layer_of(student, 3), layer_of(student, 3), (np.zeros(3), np.ones(3))
    assert_matches(statistics(layer, 3), want, **CLOSE, case="a new layer")
    for size, words in ((5, "batch 1"), (5, "batch 2"), (1, "a batch of one example")):
        x = batch(rng, size, 3)
        layer.forward(x)
        want = reference.bn_running_update(*want, x, 0.3)
        assert_matches(statistics(layer, 3), want, **CLOSE, case=f"after {words}")
    other.forward(batch(rng, 5, 3))
    assert_matches(statistics(layer, 3), want, **CLOSE, case="after a batch of another layer")


@pytest.mark.points(3.9, exercise="BatchNorm1d", spec="evaluation leaves them alone")
def test_a_layer_in_evaluation_uses_its_record(student, reference, rng):
    """In evaluation the layer uses its running statistics and leaves them alone."""
    (gamma, beta), (mean, var) = scales(rng, 3), record(rng, 3)
    layer, other = layer_of(student, 3, gamma, beta), layer_of(student, 3)
    for _ in range(2):
        layer.forward(mean + np.sqrt(var) * batch(rng, 6, 3))
    layer.eval()
    before = statistics(layer, 3)
    for n, words in ((5, "5 examples in evaluation"), (1, "an example in evaluation, after a batch of another layer")):
        x = batch(rng, n, 3)
        want = reference.bn_forward_eval(x, gamma, beta, *before, 0.5)
        assert_matches(layer.forward(x), want, **CLOSE, loose_shape=True, case=words)
        assert_matches(statistics(layer, 3), before, **CLOSE, case="the running statistics after evaluation")
        other.forward(batch(rng, 5, 3))


@pytest.mark.points(1.7, exercise="BatchNorm1d", spec="sets dgamma and dbeta, returns dx")
def test_backward_of_a_layer_belongs_to_the_last_batch(student, reference, earned, afresh, rng):
    """backward returns dx and sets dgamma and dbeta, for the last batch in training."""
    plain = np.ones(3), np.zeros(3), 0.5
    gamma, beta = scales(rng, 3)
    layer, other = layer_of(student, 3, gamma, beta), layer_of(student, 3)
    fair = earned("bn_backward") >= 0.4
    late = "batch 3, with another layer's batch and an evaluation in between"
    for words in ("batch 1", "batch 2", late):
        x, dout, since = batch(rng, 5, 3), rng.uniform(-2, 3, (5, 3)), None
        layer.forward(x)
        if words == late:
            since = (batch(rng, 5, 3), *plain)
            other.forward(since[0])
            layer.eval()
            layer.forward(batch(rng, 5, 3))
            layer.train()
        dx = layer.backward(dout)
        setting = (x, gamma, beta, 0.5)
        want = reference.bn_backward(dout, reference.bn_forward_train(*setting)[1])
        for k, (part, mine) in enumerate((("dx", dx), ("dgamma", layer.dgamma), ("dbeta", layer.dbeta))):
            own = own_gradient(k, setting, dout, since) if fair else nothing
            matches_or_own(afresh, mine, want[k], own, f"{part}, {words}", rtol=1e-7, atol=1e-9)


@pytest.mark.points(1.8, exercise="BatchNorm1d", spec="A new layer is in training mode.")
def test_modes_can_be_switched_to_and_fro(student, rng):
    """A new layer is in training mode, and can be switched to evaluation and back; its record stays."""
    layer, now = layer_of(student, 2), None
    for mode, training in ((None, True), ("eval", False), ("train", True), ("eval", False)):
        if mode:
            getattr(layer, mode)()
        check(bool(layer.training) is training, f"training is not {training} after {mode or 'making a layer'}")
        before = statistics(layer, 2)
        stays = now is None or np.allclose(before, now, rtol=1e-9)
        check(stays, f"the call of {mode}() changes the running statistics")
        y = numbers(layer.forward(batch(rng, 5, 2) + 9.0), (5, 2), "y")
        centred = bool((np.abs(y.mean(axis=0)) < 1e-6).all())
        check(centred is training, f"the wrong statistics normalise after {mode or 'making a layer'}")
        now = statistics(layer, 2)
        changed = bool((np.abs(now[0] - before[0]) > 1e-6).any())
        check(changed is training, f"the running mean is wrong after {mode or 'making a layer'}")


@pytest.mark.points(0.6, exercise="BatchNorm1d", spec="Two layers share nothing.")
def test_two_layers_share_nothing(student, earned, afresh, rng):
    """What one layer sees and is told leaves another one alone."""
    alone, one, other = (layer_of(student, 2) for _ in range(3))
    x, mine, dout = batch(rng, 5, 2), batch(rng, 5, 2) + 9.0, rng.uniform(-2, 3, (5, 2))
    want = np.array(numbers(alone.forward(x), (5, 2), "y"))
    want_back = numbers(alone.backward(dout), (5, 2), "dx"), numbers(alone.dgamma, (2,), "dgamma")
    other.forward(x)
    before = statistics(other, 2)
    one.forward(mine)
    set_attr(one, "gamma", np.full(2, 7.0))
    check(np.abs(statistics(one, 2)[0]).max() > 0.1, "the running mean stays at 0")
    assert_matches(statistics(other, 2), before, **CLOSE, case="the other layer's running statistics")
    dx = other.backward(dout)
    one.backward(dout)
    plain, fair = (np.ones(2), np.zeros(2), 0.5), earned("bn_backward") >= 0.4
    for k, (part, got) in enumerate((("dx", dx), ("dgamma", other.dgamma))):
        own = own_gradient(k, (x, *plain), dout, (mine, *plain)) if fair else nothing
        matches_or_own(afresh, got, want_back[k], own, f"{part} of the other layer")
    one.eval()
    assert_matches(other.forward(x), want, **CLOSE, case="the other layer's output")


@pytest.mark.points(0.6, exercise="BatchNorm1d", spec="Added to variances, inside the root; 1e-5 by default.")
def test_the_defaults_of_a_layer(student, rng):
    """Without further arguments, new_weight is 0.1 and eps 1e-5."""
    layer, x = student.BatchNorm1d(2), batch(rng, 5, 2)
    small = 1e-3 * (x - x.mean(axis=0)) / x.std(axis=0)
    y = numbers(layer.forward(small + 4.0), (5, 2), "y")
    assert_matches(statistics(layer, 2)[0], np.full(2, 0.4), rtol=1e-6, case="new_weight")
    assert_matches(y.std(axis=0), np.full(2, 1e-3 / np.sqrt(1.1e-5)), rtol=0.03, case="a feature of deviation 1e-3")


@pytest.mark.points(1.4, exercise="BatchNorm1d", spec="is what the two layers together give in evaluation")
def test_a_folded_layer_does_what_the_two_did(student, reference, rng):
    """X @ W_new + b_new is what the dense layer and this one give in evaluation, whatever the mode is."""
    for mode, m in (("train", 5), ("eval", 3)):
        (gamma, beta), X = scales(rng, 3), batch(rng, 4, m)
        layer = layer_of(student, 3, gamma, beta)
        layer.forward(batch(rng, 6, 3))
        getattr(layer, mode)()
        W, b = rng.uniform(-2, 2, (m, 3)), rng.uniform(1, 3, 3)
        got = layer.fold(W, b)
        check(isinstance(got, tuple | list) and len(got) == 2, "fold did not return two things, W and b")
        W_new, b_new = (numbers(each, shape, "fold") for each, shape in zip(got, ((m, 3), (3,)), strict=True))
        want = reference.bn_forward_eval(X @ W + b, gamma, beta, *statistics(layer, 3), 0.5)
        assert_matches(X @ W_new + b_new, want, rtol=1e-9, atol=1e-9, case="the folded layer")


@pytest.mark.points(0.4, exercise="BatchNorm1d", spec="Nothing is modified, neither the layer nor W and b.")
def test_a_layer_leaves_its_arguments_alone(student, rng):
    """forward, backward and fold modify nothing that is passed in, and fold leaves the layer as it is."""
    gamma, beta = scales(rng, 3)
    layer = layer_of(student, 3, gamma, beta)
    y = layer.forward(batch(rng, 5, 3))
    assert_unchanged(student, case="forward")
    check(np.ptp(numbers(y, (5, 3), "y")) > 0.01, "the outputs are all alike")
    layer.backward(batch(rng, 5, 3))
    assert_unchanged(student, case="backward")
    before = statistics(layer, 3)
    layer.fold(rng.uniform(-2, 2, (4, 3)), rng.uniform(1, 3, 3))
    assert_unchanged(student, case="fold")
    after = (*statistics(layer, 3), layer.gamma, layer.beta)
    assert_matches(after, (*before, gamma, beta), **CLOSE, loose_shape=True, case="the layer after fold")
    check(bool(layer.training), "fold switches the mode of the layer")


# catches_batchnorm

# Every fault that the docstring names, and right ones that round in different ways; the reference is always among them.
WRONG_LAYERS = (
    "unbiased_in_the_batch",
    "unbiased_in_the_record",
    "eps_outside_in_training",
    "no_eps_in_evaluation",
    "normalises_over_the_features",
    "weights_exchanged_in_the_layer",
    "deaf_to_eval",
    "evaluation_updates_the_record",
    "layer_without_the_mean_path",
    "layer_without_the_variance_path",
)
RIGHT_LAYERS = ("layer_on_its_own", "layer_with_sums", "layer_with_two_forward_methods")


@pytest.mark.points(8, exercise="catches_batchnorm", spec="accusing right ones takes points away again")
def test_wrong_layers_are_caught_and_right_ones_let_through(student, candidates, award):
    """Your test tells wrong layers from right ones that it has not seen."""
    found = judge_catcher(student.catches_batchnorm, candidates("BatchNorm1d", (*WRONG_LAYERS, *RIGHT_LAYERS)))
    award(found.fraction, found.words)


# train_full_batches


class Recorder:
    """A network that notes modes, examples and rates; its loss falls from step to step."""

    def __init__(self):
        self.notes, self.rates, self.mislabelled = [], [], False

    def train(self):
        self.notes.append("train")

    def eval(self):
        self.notes.append("eval")

    def step(self, X, y, lr):
        self.mislabelled |= not np.array_equal(10 * X[:, 0], y)
        self.notes.append([int(each) for each in X[:, 0]])
        self.rates.append(float(lr))
        return float(sum(X[:, 0]) / max(len(X), 1) + 1 / len(self.rates))

    def steps(self):
        return [note for note in self.notes if isinstance(note, list)]

    def run(self, module, n, epochs, batch_size, seed):
        X, y = np.column_stack([np.arange(n), np.ones(n)]), 10 * np.arange(n)
        net = self if isinstance(module, ModuleType) else expose(self, methods=("train", "eval", "step"))
        return module.train_full_batches(net, X, y, epochs, batch_size, 0.25, np.random.default_rng(seed))


@pytest.mark.points(2, exercise="train_full_batches", spec="a shorter rest is left out")
def test_only_full_batches_of_each_order_are_used(student, rng):
    """Every epoch cuts one new order from rng into full batches and leaves out the rest."""
    seed = int(rng.integers(1_000_000))
    for n, size in ((11, 4), (8, 4), (7, 3), (5, 5)):
        recorder, order = Recorder(), np.random.default_rng(seed)
        recorder.run(student, n, 3, size, seed)
        want = []
        for _ in range(3):
            rows = order.permutation(n).tolist()
            want += [rows[i : i + size] for i in range(0, n - size + 1, size)]
        check(len(recorder.steps()) == len(want), f"{n} examples in batches of {size}: the number of steps is another")
        check(recorder.steps() == want, "some steps have not seen the examples that the order from rng gives them")
        check(not recorder.mislabelled, "some examples come with the label of another one")
        check(set(recorder.rates) == {0.25}, "some steps were made at another rate")


@pytest.mark.points(1, exercise="train_full_batches", spec="For each epoch, the mean of the losses of its steps.")
def test_losses_are_means_over_the_steps_of_an_epoch(student, reference, rng):
    """For each epoch the mean of the losses of its steps comes back."""
    seed = int(rng.integers(1_000_000))
    for n, size in ((10, 3), (4, 4)):
        got, want = (Recorder().run(module, n, 4, size, seed) for module in (student, reference))
        assert_matches(got, want, rtol=1e-9, loose_shape=True, case=f"{n} examples in batches of {size}")


@pytest.mark.points(1, exercise="train_full_batches", spec="at the end into evaluation mode")
def test_training_happens_in_training_mode_and_ends_in_evaluation(student):
    """All steps are made in training mode, and at the end the network is in evaluation mode."""
    recorder = Recorder()
    recorder.run(student, 9, 2, 4, 5)
    mode = None
    for note in recorder.notes:
        check(isinstance(note, str) or mode == "train", "a step was made outside training mode")
        mode = note if isinstance(note, str) else mode
    check(mode == "eval", "the network is not in evaluation mode at the end")


@pytest.mark.points(1, exercise="train_full_batches", spec="An accuracy below 0.8 with your layer means that something")
def test_a_deep_network_learns_the_digits(student, reference):
    """Six hidden layers with batch normalisation reach an accuracy of 0.8 on the digits."""
    X, y, X_test, y_test = reference.data.split(reference.data.load("digits"))
    net = reference.NormNet(np.random.default_rng(4), reference.BatchNorm1d)
    lent = net if isinstance(student, ModuleType) else expose(net, methods=("train", "eval", "step"))
    student.train_full_batches(lent, X, y, 3, 32, 0.5, np.random.default_rng(5))
    check(net.accuracy(X_test, y_test) > 0.8, "after three epochs the accuracy is below 0.8")
