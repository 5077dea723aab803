"""Hidden tests of the capstone: five causes, and five mends that are judged by what the code then does.

What the code as handed out does right earns nothing by itself: each test first looks whether the fault of its run is
still there in full (`*_is_gone`). A half mend passes that and fails the tests of the fault; a mend that breaks
something else fails the test of that.

Random weights and splits are judged by determinism, dependence and distribution. The tests look at 28 numbers that are
about standard normal for a right answer (13 of weights, six of dropout, nine of splits), each of which must lie within
6, so a right answer fails somewhere in 28 * 2.0e-9 = 6e-8 of all submissions; besides, the size of a signal after ten
layers of 400 units may be off by a factor of 8, where its logarithm scatters by 0.3; the size of four weights must
scatter by 0.4 of its mean over 300 layers, where it scatters by 0.7 and 0.8, and their sum by 0.8 of a weight, where it
scatters by 2.00 +- 0.08; six numbers of drops must not all lie within 1 of their mean (7e-9); and the variances of the
numbers of three classes in 30 splits must add up to 1, where they add up to 4.9 +- 0.9 and never to less than 2 (7
standard deviations of the cube root).
"""

from itertools import pairwise

import numpy as np
import pytest

from autograder.grading import assert_matches, assert_unchanged, check, set_attr

CLOSE = {"rtol": 1e-9, "atol": 1e-12}
Z = 6.0
SMALL = (2,) * 301  # layers so narrow that their weights differ much in size
PAIRS = 1.3  # standard deviation, rounded up, of the number of neighbours among 10 of 40 images: 2.25 on average


def frozen(array):
    array.flags.writeable = False
    return array


def pair(value, words, count=2):
    """A tuple or list of so many things."""
    check(isinstance(value, tuple | list) and len(value) == count, f"{words} did not return {count} things")
    return value


def numbers(value, shape, words):
    """Floating-point numbers of this shape; axes of length 1 do not count."""
    plain = isinstance(value, np.ndarray | float | int) and np.size(value) == int(np.prod(shape))
    check(plain and np.asarray(value).dtype.kind in "biuf", f"{words}: something else than numbers of shape {shape}")
    return np.asarray(value, dtype=float).reshape(shape)


# the causes


def is_named(student, reference, name):
    """The letter of the cause, whatever its case, and with the bracket or full stop of a list."""
    given = getattr(student, name)
    letter = given.strip(" ().").lower() if isinstance(given, str) else ""
    check(len(letter) == 1, "choose one letter of the list, as text in quotation marks")
    words = "is there a suspect that fits curve, log and code better? Go through the log once more"
    check(letter == getattr(reference, name), words)


@pytest.mark.points(4, exercise="cause_1", spec="Answer with the letter; one answer counts")
def test_the_cause_of_run_1_is_named(student, reference):
    """The cause of run 1 is named."""
    is_named(student, reference, "cause_1")


@pytest.mark.points(4, exercise="cause_2", spec="Answer with the letter; one answer counts")
def test_the_cause_of_run_2_is_named(student, reference):
    """The cause of run 2 is named."""
    is_named(student, reference, "cause_2")


@pytest.mark.points(4, exercise="cause_3", spec="Answer with the letter; one answer counts")
def test_the_cause_of_run_3_is_named(student, reference):
    """The cause of run 3 is named."""
    is_named(student, reference, "cause_3")


@pytest.mark.points(4, exercise="cause_4", spec="Answer with the letter; one answer counts")
def test_the_cause_of_run_4_is_named(student, reference):
    """The cause of run 4 is named."""
    is_named(student, reference, "cause_4")


@pytest.mark.points(4, exercise="cause_5", spec="Answer with the letter; one answer counts")
def test_the_cause_of_run_5_is_named(student, reference):
    """The cause of run 5 is named."""
    is_named(student, reference, "cause_5")


# descent_step


def network(rng, d, m, c):
    """Parameters and the sizes they are of; no score is far from the others."""
    params = {"W1": rng.normal(0, 1, (d, m)), "b1": rng.normal(0, 0.5, m)}
    return params | {"W2": rng.normal(0, 0.5, (m, c)), "b2": rng.normal(0, 0.5, c)}


def batch_for(rng, params, n):
    """A batch for which no hidden unit stands on the kink of ReLU."""
    d, c = params["W1"].shape[0], params["W2"].shape[1]
    while True:
        X, y = rng.normal(0, 1, (n, d)), rng.integers(0, c, n)
        if np.abs(X @ params["W1"] + params["b1"]).min() > 1e-3:
            return X, y


def moves(student, params, X, y, lr=1.0):
    """By how much each array moves, and the loss."""
    new, loss = pair(student.descent_step(params, X, y, lr), "descent_step")
    check(isinstance(new, dict) and set(new) == set(params), "the new parameters are no dict with the keys of params")
    moved = {name: numbers(new[name], old.shape, name) - old for name, old in params.items()}
    return moved, float(numbers(loss, (), "the loss"))


def sum_is_gone(student, rng, words="this counts once the fault of run 1 is mended"):
    """Not every array moves twice as far once each example is there twice."""
    params = network(rng, 4, 5, 3)
    X, y = batch_for(rng, params, 4)
    once, _ = moves(student, params, X, y, 1e-3)
    twice, _ = moves(student, params, np.tile(X, (2, 1)), np.tile(y, 2), 1e-3)
    still = all(np.allclose(twice[name], 2 * once[name], rtol=1e-3, atol=1e-12) for name in params)
    check(not still, words)
    other, _ = moves(student, params, X, (y + 1) % 3, 1e-3)
    alike = all(np.allclose(other[name], once[name], rtol=1e-3, atol=1e-12) for name in params)
    check(not alike, "with other labels the step is the same")


@pytest.mark.points(4, exercise="descent_step", spec="each array moves by -lr times its gradient")
def test_steps_agree_with_the_formula(student, reference, rng):
    """Steps on batches of several sizes, at several rates, lead where they should."""
    sum_is_gone(
        student, rng, "the fault of run 1 is still there: with every example twice, all arrays move twice as far"
    )
    for n, d, m, c, lr, size in (
        (6, 4, 7, 3, 0.3, 1),
        (1, 3, 2, 5, 1.0, 1),
        (19, 6, 5, 4, 0.05, 1),
        (7, 4, 5, 3, 0.3, 40),
    ):
        params = network(rng, d, m, c)
        X, y = batch_for(rng, params, n)
        X, params["W1"] = size * X, params["W1"] / size
        want = reference.descent_step(params, X, y, lr)[0]
        got = pair(student.descent_step(params, X, y, lr), "descent_step")[0]
        assert_matches(got, want, rtol=1e-6, atol=1e-5 * lr, case=f"a batch of {n}")


@pytest.mark.points(3, exercise="descent_step", spec="The loss is the mean cross-entropy of the batch")
def test_every_example_twice_changes_nothing(student, rng):
    """A batch in which every example stands twice, or three times, makes the same step, near and far from the goal."""
    sum_is_gone(student, rng)
    for offset, n in ((0.0, 5), (0.0, 1), (5.0, 4)):
        params = network(rng, 4, 6, 3)
        params["W2"] = params["W2"] * (0.1 if offset else 1.0)
        params["b2"] = params["b2"] * (0.1 if offset else 1.0) + offset * np.array([0.0, 1.0, 0.0])
        X, y = batch_for(rng, params, n)
        y = np.full(n, 1) if offset else y
        once, _ = moves(student, params, X, y, 0.5)
        for times in (2, 3):
            more, _ = moves(student, params, np.tile(X, (times, 1)), np.tile(y, times), 0.5)
            assert_matches(more, once, rtol=1e-6, atol=5e-6, case=f"every example {times} times")


@pytest.mark.points(3, exercise="descent_step", spec="the step goes down the gradient of exactly this loss")
def test_steps_go_down_the_gradient_of_the_loss_that_is_returned(student, rng):
    """The step is lr times the slope of the loss that is returned, measured by central differences."""
    sum_is_gone(student, rng)
    params, h, lr = network(rng, 3, 4, 3), 1e-5, 0.7
    X, y = batch_for(rng, params, 7)
    moved, _ = moves(student, params, X, y, lr)
    for name, value in params.items():
        for flat in range(value.size):
            losses = []
            for sign in (1, -1):
                shifted = value.copy()
                shifted.flat[flat] += sign * h
                losses.append(moves(student, params | {name: shifted}, X, y, lr)[1])
            slope = (losses[0] - losses[1]) / (2 * h)
            assert_matches(moved[name].flat[flat], -lr * slope, rtol=1e-4, atol=1e-7, case=f"an entry of {name}")


def compare_losses(student, reference, rng, n, scale=1.0):
    """The loss of a batch, by the student and by the reference."""
    params = network(rng, 4, 5, 3)
    params["W2"] = scale * params["W2"]
    X, y = batch_for(rng, params, n)
    scores = np.maximum(X @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]
    y[0] = np.argmin(scores[0])  # never without loss
    want = reference.descent_step(params, X, y, 0.1)[1]
    assert_matches(moves(student, params, X, y, 0.1)[1], float(want), **CLOSE, case=f"{n} examples")


@pytest.mark.points(0.9, exercise="descent_step", spec="The loss before the step.")
def test_the_loss_is_the_mean_cross_entropy(student, reference, rng):
    """The loss is the mean cross-entropy before the step."""
    sum_is_gone(student, rng)
    for n in (8, 1):
        compare_losses(student, reference, rng, n)


@pytest.mark.points(0.5, exercise="descent_step", spec="It is finite for scores of any size.")
def test_the_loss_is_right_for_scores_in_the_thousands(student, reference, rng):
    """The loss is right for scores in the thousands too."""
    sum_is_gone(student, rng)
    compare_losses(student, reference, rng, 5, 2000.0)


@pytest.mark.points(1.6, exercise="descent_step", spec="The batch, n >= 1, of any memory layout.")
def test_batches_of_every_kind_make_the_same_step(student, rng):
    """Strided, Fortran-ordered and read-only batches, two classes and one hidden unit will do."""
    sum_is_gone(student, rng)
    for m, c in ((4, 3), (1, 2)):
        params = network(rng, 3, m, c)
        X, y = batch_for(rng, params, 6)
        plain, _ = moves(student, params, X, y, 0.3)
        check(np.abs(plain["b2"]).max() > 1e-6, "the step does not move b2")
        wide = np.repeat(X, 2, axis=0)
        for words, each in (("Fortran", np.asfortranarray(X)), ("strided", wide[::2]), ("read-only", frozen(X.copy()))):
            assert_matches(moves(student, params, each, y, 0.3)[0], plain, **CLOSE, case=words)


@pytest.mark.points(1, exercise="descent_step", spec="They are not modified.")
def test_a_step_leaves_its_arguments_alone(student, rng):
    """Neither parameters nor batch are modified."""
    sum_is_gone(student, rng)
    params = network(rng, 4, 5, 3)
    X, y = batch_for(rng, params, 6)
    moved, _ = moves(student, params, X, y, 0.3)
    assert_unchanged(student)
    check(np.abs(moved["b2"]).max() > 1e-6, "the step does not move b2")


# DeepNet


def weights(net, sizes):
    """The weights of a network, as arrays of the shapes that belong to its sizes."""
    W = net.W
    check(isinstance(W, list | tuple) and len(W) == len(sizes) - 1, "W is no list with one array for each layer")
    shapes = list(pairwise(sizes))
    return [np.array(numbers(each, shape, "W")) for each, shape in zip(W, shapes, strict=True)]


def biases(net, sizes):
    b = net.b
    check(isinstance(b, list | tuple) and len(b) == len(sizes) - 1, "b is no list with one array for each layer")
    return [np.array(numbers(each, (n,), "b")) for each, n in zip(b, sizes[1:], strict=True)]


def fresh(student, sizes, seed):
    return student.DeepNet(list(sizes), np.random.default_rng(seed))


def smallness_is_gone(student, rng, words="this counts once the fault of run 2 is mended"):
    """The first weights are not those of the code as handed out, in hidden layers."""
    seed, sizes = int(rng.integers(2**32)), (90, 60, 40, 7)
    W = weights(fresh(student, sizes, seed), sizes)
    still = all(0.8 < w.std() * len(w) / 2 < 1.25 for w in W[:-1])
    check(not still, words)


def z_of_size(w, v):
    """For the mean square of normal draws of variance v; the cube root (Wilson and Hilferty) takes the skew out."""
    spread = 2 / (9 * w.size)
    return float((np.cbrt(np.mean(w**2) / v) - (1 - spread)) / np.sqrt(spread))


def most_alike(w):
    """The largest cosine, whatever its sign, between two rows or two columns."""
    found = 0.0
    for each in (w, w.T):
        rows = each / np.maximum(np.linalg.norm(each, axis=1, keepdims=True), 1e-12)
        found = max(found, float(np.abs(rows @ rows.T - np.eye(len(rows))).max()))
    return found


@pytest.mark.points(4.5, exercise="DeepNet", spec="variance 2 / fan-in, layer by layer")
def test_the_first_weights_have_the_variance_two_over_fan_in(student, rng):
    """The weights of each layer have the variance 2 / fan-in."""
    smallness_is_gone(
        student, rng, "the fault of run 2 is still there: hidden layers start as small as in the code handed out"
    )
    sizes = (60, 250, 80, 2, 900, 30)
    for n, w in enumerate(weights(fresh(student, sizes, int(rng.integers(2**32))), sizes), start=1):
        check(abs(z_of_size(w, 2 / len(w))) <= Z, f"the weights of layer {n} of 5 have another variance")


@pytest.mark.points(3, exercise="DeepNet", spec="signals keep their size on the way up, however many layers there are")
def test_ten_layers_neither_lose_a_signal_nor_blow_it_up(student, rng):
    """After nine hidden layers of 400 units the scores have about twice the mean square of the inputs."""
    smallness_is_gone(student, rng)
    net, X = fresh(student, (12, *(400,) * 9, 300), int(rng.integers(2**32))), rng.standard_normal((20, 12))
    size = float(np.mean(numbers(net.forward(X), (20, 300), "the scores") ** 2) / np.mean(X**2))
    check(size > 0.25, "from 12 inputs up to the scores, most of the signal is lost")
    check(size < 16, "from 12 inputs up to the scores, the signal blows up")


@pytest.mark.points(2, exercise="DeepNet", spec="independent draws from the normal distribution with mean 0")
def test_weights_are_independent_normal_draws_from_rng(student, rng):
    """Weights are independent normal draws around 0, made by rng alone."""
    smallness_is_gone(student, rng)
    seed, sizes = int(rng.integers(2**31)), (120, 100, 120, 100, 5)
    first = weights(fresh(student, sizes, seed), sizes)
    check(not getattr(student.last, "global_random", False), "NumPy's global generator was used or seeded")
    assert_matches(weights(fresh(student, sizes, seed), sizes), first, **CLOSE, case="the same seed again")
    other = weights(fresh(student, sizes, seed + 1), sizes)
    check(not any(np.allclose(w, v) for w, v in zip(first, other, strict=True)), "another seed gives the same weights")
    for w, n in zip(first[:3], (1, 2, 3), strict=True):
        z = (w - w.mean()) / w.std()
        words = f"the weights of layer {n}"
        check(abs(w.mean() / w.std() * np.sqrt(w.size)) <= Z, f"{words} do not have the mean 0")
        tails = abs(np.mean(z**4) - 3) * np.sqrt(w.size / 96) <= Z and np.abs(z).max() > 3
        check(tails, f"{words} are not normally distributed")
        check(most_alike(w) < 0.8, f"{words}: some units or inputs have the same weights, or opposite ones")
    for one, two, words in ((first[0], first[2], "layers"), (first[0][::2], first[0][1::2], "units")):
        r = float(np.corrcoef(one.ravel(), two.ravel())[0, 1])
        check(abs(r) * np.sqrt(one.size) <= Z, f"the weights of different {words} depend on each other")
    small = np.array(weights(fresh(student, SMALL, seed), SMALL)).reshape(len(SMALL) - 1, 4)
    for size in (small.var(axis=1), np.mean(small**2, axis=1)):
        words = "small layers all have weights of the same size, which chance would not do"
        check(size.std() > 0.4 * size.mean(), words)
    sums = small.sum(axis=1)
    check(sums.std() > 0.8 * small.std(), "the weights of a layer always add up to the same, which chance would not do")


@pytest.mark.points(1, exercise="DeepNet", spec="Biases start at 0.")
def test_layers_have_the_sizes_asked_for_and_biases_of_0(student, rng):
    """There is a layer for each pair of sizes, and biases start at 0."""
    smallness_is_gone(student, rng)
    for sizes in ((5, 3), (4, 9, 2), (3, 8, 7, 6, 2)):
        net = fresh(student, sizes, int(rng.integers(2**32)))
        check(all(np.ptp(w) > 0 for w in weights(net, sizes)), "all weights of a layer are alike")
        case, want = f"{len(sizes) - 1} layers", [np.zeros(n) for n in sizes[1:]]
        assert_matches(biases(net, sizes), want, **CLOSE, case=case)
        net.step(rng.standard_normal((4, sizes[0])), rng.integers(0, sizes[-1], 4), 0.5)
        later = biases(fresh(student, sizes, 1), sizes)
        assert_matches(later, want, **CLOSE, case=f"{case}, a network made after another one has learnt")


def twins(student, reference, rng, sizes):
    """The student's network and the reference's, with the same weights and biases of our choice."""
    W = [rng.normal(0, 1 / np.sqrt(m), (m, n)) for m, n in pairwise(sizes)]
    b = [rng.normal(0, 0.3, n) for n in sizes[1:]]
    nets = fresh(student, sizes, 1), reference.DeepNet(list(sizes), np.random.default_rng(1))
    for net in nets:
        set_attr(net, "W", [w.copy() for w in W])
        set_attr(net, "b", [v.copy() for v in b])
    return nets


@pytest.mark.points(1.5, exercise="DeepNet", spec="Scores of the classes, without ReLU after the last layer.")
def test_forward_uses_the_weights_that_stand_there(student, reference, rng):
    """With weights and biases of our choice, forward gives the scores that follow from them."""
    smallness_is_gone(student, rng)
    for sizes in ((4, 6, 5, 3), (7, 3), (3, 5, 5, 5, 5, 2)):
        mine, right = twins(student, reference, rng, sizes)
        X = rng.standard_normal((6, sizes[0]))
        assert_matches(mine.forward(X), right.forward(X), rtol=1e-8, atol=1e-10, case=f"{len(sizes) - 1} layers")


@pytest.mark.points(1.5, exercise="DeepNet", spec="One step of gradient descent on the mean cross-entropy of a batch")
def test_steps_change_weights_and_biases_as_they_should(student, reference, rng):
    """Three steps change weights and biases of all layers as descent does, and return the losses before them."""
    smallness_is_gone(student, rng)
    sizes = (4, 6, 5, 3)
    mine, right = twins(student, reference, rng, sizes)
    for n in range(1, 4):
        X, y = rng.standard_normal((6, 4)), rng.integers(0, 3, 6)
        losses = [float(numbers(net.step(X, y, 0.2), (), "the loss")) for net in (mine, right)]
        assert_matches(losses[0], losses[1], rtol=1e-8, case=f"loss of step {n}")
        assert_matches(weights(mine, sizes), weights(right, sizes), rtol=1e-7, atol=1e-10, case=f"W after step {n}")
        assert_matches(biases(mine, sizes), biases(right, sizes), rtol=1e-7, atol=1e-10, case=f"b after step {n}")


@pytest.mark.points(0.5, exercise="DeepNet", spec="The examples. They are not modified.")
def test_a_network_leaves_its_examples_alone(student, rng):
    """Neither forward nor step modifies the batch."""
    smallness_is_gone(student, rng)
    sizes = (4, 6, 3)
    net, X, y = fresh(student, sizes, 1), rng.standard_normal((6, 4)), rng.integers(0, 3, 6)
    scores = numbers(net.forward(X), (6, 3), "the scores")
    assert_unchanged(student)
    check(np.ptp(scores, axis=0).max() > 1e-6, "different examples get the same scores")
    net.step(X, y, 0.1)
    assert_unchanged(student)


# HiddenBlock


def rows(rng, n, d):
    """A batch whose units differ in place and size."""
    levels = np.stack([rng.permutation(n) for _ in range(d)], axis=1) + rng.uniform(0.2, 0.6, (n, d))
    return rng.uniform(-6.0, 6.0, d) + rng.uniform(0.4, 3.0, d) * levels


def block_of(student, d, rate=0.0, seed=1, gamma=None, beta=None):
    block = student.HiddenBlock(d, rate, np.random.default_rng(seed), 0.3, 0.5)
    for name, value in (("gamma", gamma), ("beta", beta)):
        if value is not None:
            set_attr(block, name, value)
    return block


def output(block, x, training):
    return np.array(numbers(block.forward(x, training), np.shape(x), "the output"))


def record(block, d):
    return tuple(np.array(numbers(getattr(block, name), (d,), name)) for name in ("running_mean", "running_var"))


def trained(student, rng, d, batches=3, **settings):
    """A block after some training batches whose scale and shift let most values through ReLU."""
    signs = rng.choice([-1.0, 1.0], d)
    block = block_of(student, d, gamma=signs * rng.uniform(1.4, 2.6, d), beta=rng.uniform(3.0, 5.0, d), **settings)
    for _ in range(batches):
        block.forward(rows(rng, 6, d), True)
    return block


def near(block, rng, n, d, reach=1.0):
    """Examples near the record of a trained block: within a reach of 1 ReLU lets all through, within 6 it does not."""
    mean, var = record(block, d)
    steps = np.stack([rng.permutation(np.linspace(-1, 1, n)) if n > 1 else rng.uniform(-1, 1, 1) for _ in range(d)], 1)
    return mean + reach * np.sqrt(np.maximum(var, 0.0) + 0.1) * steps


def evaluated(block, x, d, eps=0.5):
    """What evaluation has to give for x, by the record that the block has now."""
    mean, var = record(block, d)
    gamma, beta = (np.array(numbers(getattr(block, name), (d,), name)) for name in ("gamma", "beta"))
    return np.maximum(gamma * (x - mean) / np.sqrt(var + eps) + beta, 0)


def drift_is_gone(student, rng, words="this counts once the fault of run 3 is mended"):
    """Evaluation does not move both running statistics, and training does."""
    block = trained(student, rng, 3)
    before = record(block, 3)
    block.forward(rows(rng, 5, 3) + 40.0, False)
    after = record(block, 3)
    still = all(np.abs(one - other).max() > 1e-9 for one, other in zip(before, after, strict=True))
    check(not still, words)


@pytest.mark.points(1, exercise="HiddenBlock", spec="They belong to training.")
def test_evaluation_leaves_the_running_statistics_alone(student, rng):
    """Evaluation, of one example or many, leaves both running statistics exactly as training has made them."""
    drift_is_gone(student, rng, "the fault of run 3 is still there: an evaluation changes both running statistics")
    for n in (1, 2, 40):
        block = trained(student, rng, 3)
        before = record(block, 3)
        check(np.abs(before[0]).max() > 0.05, "training does not move the running mean")
        check(np.abs(before[1] - 1).max() > 0.05, "training does not move the running variance")
        for _ in range(3):
            block.forward(rows(rng, n, 3) + 30.0, False)
            assert_matches(record(block, 3), before, **CLOSE, case=f"after evaluating {n} examples")


@pytest.mark.points(2.4, exercise="HiddenBlock", spec="not on its neighbours, and not on what was evaluated before")
def test_an_output_depends_on_its_own_example_only(student, rng):
    """An example gets the same output alone, in company, and after others have been evaluated."""
    drift_is_gone(student, rng)
    block = trained(student, rng, 3, rate=0.4)
    x = near(block, rng, 6, 3)
    want = output(block, x, False)
    check((np.ptp(want, axis=0) > 0.05).all(), "different examples get the same output")
    for i in (5, 2, 0):
        assert_matches(output(block, x[i : i + 1], False), want[i : i + 1], **CLOSE, case="an example alone")
    block.forward(x + 50.0, False)
    assert_matches(output(block, x[::-1], False)[::-1], want, **CLOSE, case="after others, and in another order")


@pytest.mark.points(
    3.2, exercise="HiddenBlock", spec="In evaluation the running statistics normalise, nothing is dropped"
)
def test_evaluation_follows_the_running_statistics(student, rng):
    """Outputs in evaluation are those that running statistics, gamma and beta give, through ReLU, nothing dropped."""
    drift_is_gone(student, rng)
    for rate, n, reach in ((0.0, 5, 6.0), (0.4, 1, 1.0), (0.4, 40, 6.0)):
        block = trained(student, rng, 3, rate=rate)
        before, x = record(block, 3), near(block, rng, n, 3, reach) + rng.uniform(0.3, 0.6, 3)
        check(np.abs(before[0]).max() > 0.05, "training does not move the running mean")
        check(np.abs(before[1] - 1).max() > 0.05, "training does not move the running variance")
        want = evaluated(block, x, 3)
        for words in ("", ", a second time"):
            assert_matches(output(block, x, False), want, **CLOSE, case=f"{n} examples, rate {rate}{words}")


@pytest.mark.points(1.4, exercise="HiddenBlock", spec="Each training batch moves the running statistics once")
def test_each_training_batch_moves_the_running_statistics_once(student, reference, rng):
    """From 0 and 1, each training batch moves the running statistics once, also between evaluations."""
    drift_is_gone(student, rng)
    mine, right = block_of(student, 3), block_of(reference, 3)
    for n, size in enumerate((5, 3, 8, 5), start=1):
        x = rows(rng, size, 3)
        mine.forward(x, True)
        right.forward(x, True)
        assert_matches(record(mine, 3), record(right, 3), **CLOSE, case=f"after training batch {n}")
        mine.forward(rows(rng, 4, 3), False)
    blocks = [each.HiddenBlock(3, 0.0, np.random.default_rng(1)) for each in (student, reference)]
    for block in blocks:
        block.forward(x, True)
    assert_matches(record(blocks[0], 3), record(blocks[1], 3), **CLOSE, case="new_weight as handed out")
    assert_matches(record(mine, 3), record(right, 3), **CLOSE, case="after another block has been trained")


@pytest.mark.points(2.2, exercise="HiddenBlock", spec="x is normalised by mean and variance of the batch")
def test_training_normalises_by_the_batch(student, reference, rng):
    """In training the batch's own mean and variance normalise, with the gamma and beta that stand there."""
    drift_is_gone(student, rng)
    gamma, beta = rng.uniform(1.4, 2.6, 3), rng.uniform(-0.5, 0.5, 3)
    mine, right = (block_of(each, 3, gamma=gamma, beta=beta) for each in (student, reference))
    for n in (6, 2, 1):
        x = rows(rng, n, 3)
        assert_matches(output(mine, x, True), output(right, x, True), **CLOSE, case=f"a batch of {n}")
    blocks, x = [each.HiddenBlock(3, 0.0, np.random.default_rng(1)) for each in (student, reference)], rows(rng, 6, 3)
    got, want = (output(block, 1e-3 * x, True) for block in blocks)
    assert_matches(got, want, **CLOSE, case="eps as handed out")


@pytest.mark.points(1.4, exercise="HiddenBlock", spec="then each number, on its own and anew in each call, is dropped")
def test_training_drops_and_makes_up_for_it(student, rng):
    """In training each normalised number is dropped on its own, anew in each call; the rest is divided by 1 - rate."""
    drift_is_gone(student, rng)
    x, n, counts = rows(rng, 200, 20), 4000, []
    for rate in (0.2, 0.7):
        block, plain, other = (block_of(student, 20, each, seed, beta=np.full(20, 9.0)) for each, seed in
                               ((rate, 5), (0.0, 5), (rate, 6)))  # fmt: skip
        got, full = output(block, x, True), output(plain, x, True)
        check(np.abs(full.mean(axis=0) - 9).max() < 0.1, "what is dropped was not normalised by its own batch before")
        kept = got != 0
        share = (kept.mean() - (1 - rate)) / np.sqrt(rate * (1 - rate) / n)
        check(abs(share) <= Z, f"rate {rate}: another share is dropped")
        for one, two, words in ((kept[::2], kept[1::2], "examples"), (kept[:, ::2], kept[:, 1::2], "units")):
            r = float(np.corrcoef(one.ravel(), two.ravel())[0, 1])
            check(abs(r) * np.sqrt(one.size) <= Z, f"rate {rate}: what is dropped of different {words} goes together")
        assert_matches(got[kept], full[kept] / (1 - rate), rtol=1e-6, case=f"rate {rate}: what stays")
        elsewhere, later = output(other, x, True) != 0, output(block, x, True) != 0
        check((kept != elsewhere).any(), "another generator drops the same")
        check((kept != later).any(), "the next batch loses the same")
        counts += [abs(each.sum() - (1 - rate) * n) for each in (kept, elsewhere, later)]
        check(not getattr(student.last, "global_random", False), "NumPy's global generator was used or seeded")
        again = output(block_of(student, 20, rate, 5, beta=np.full(20, 9.0)), x, True)
        assert_matches(again, got, **CLOSE, case="the same generator again")
    check(max(counts) > 1.5, "the same number is dropped of each batch: rate is a share, and no probability")


@pytest.mark.points(2, exercise="HiddenBlock", spec="Gradients for the call of forward just before")
def test_gradients_go_through_the_block(student, reference, rng):
    """backward returns the gradient through dropout, ReLU and the batch's statistics, and sets dgamma and dbeta."""
    drift_is_gone(student, rng)
    gamma, beta = rng.uniform(1.4, 2.6, 3), rng.uniform(-0.5, 0.5, 3)
    right = block_of(reference, 3, gamma=gamma, beta=beta)
    for rate, sizes in ((0.0, (6, 3)), (0.4, (9, 6))):
        mine, other = block_of(student, 3, rate, gamma=gamma, beta=beta), block_of(student, 3, rate)
        for n in sizes:
            x, dout = rows(rng, n, 3), rng.uniform(-2, 3, (n, 3))
            left = output(mine, x, True) != 0
            other.forward(rows(rng, n, 3), True)
            right.forward(x, True)
            found = [(each.backward(d), each.dgamma, each.dbeta)
                     for each, d in ((mine, dout), (right, dout * left / (1 - rate)))]  # fmt: skip
            for part, got, want in zip(("dx", "dgamma", "dbeta"), *found, strict=True):
                assert_matches(got, want, rtol=1e-6, atol=1e-8, case=f"{part} for a batch of {n}, rate {rate}")


@pytest.mark.points(0.4, exercise="HiddenBlock", spec="What the dense layer below gives. It is not modified.")
def test_a_block_leaves_its_arguments_alone(student, rng):
    """Neither x nor dout is modified, in training or in evaluation."""
    drift_is_gone(student, rng)
    block, x = block_of(student, 3), rows(rng, 6, 3)
    for training in (False, True):
        out = output(block, x, training)
        assert_unchanged(student)
        check((np.ptp(out, axis=0) > 0.05).any(), "different examples get the same output")
    block.backward(rng.uniform(-2, 3, (6, 3)))
    assert_unchanged(student)


# prepare


class Images:
    """Images that can be told apart: the first number says which it is, the second how often it was changed."""

    def __init__(self, rng, n, classes=3):
        self.rng = np.random.default_rng(int(rng.integers(2**32)))
        self.X = np.column_stack([10.0 * np.arange(n), np.zeros(n), rng.uniform(1, 2, n)])
        self.y = rng.permutation(np.arange(n) % classes) + 5

    def augment(self, X):
        X = np.array(X, dtype=float)
        return X + np.column_stack([np.zeros(len(X)), np.ones(len(X)), self.rng.uniform(0.01, 0.5, len(X))])

    def parts(self, student, copies, seed):
        """X and y of both parts, as plain arrays."""
        given = student.prepare(self.X, self.y, copies, self.augment, np.random.default_rng(seed))
        return self.read(given)

    def read(self, given):
        found = []
        for X, y in (pair(given, "prepare", 4)[:2], given[2:]):
            size = np.shape(X)[0] if isinstance(X, np.ndarray) and X.ndim == 2 else -1
            check(size >= 0 and np.shape(X)[1] == 3, "X_train and X_val are no arrays of shape (rows, d)")
            found += [numbers(X, (size, 3), "X"), np.ravel(numbers(y, (size,), "y"))]
        return found


def which(X):
    return np.round(X[:, 0] / 10).astype(int)


def copies_of(n, copies):
    """A case in words."""
    return f"{n} images, {copies} {'copy' if copies == 1 else 'copies'} of each"


def torn(X_train, X_val):
    return len(set(which(X_train)) & set(which(X_val)))


def tearing_is_gone(student, rng, words="this counts once the fault of run 4 is mended"):
    """There is a validation part with copies, and not a great part of the images has versions on both sides."""
    images = Images(rng, 40)
    X_train, _, X_val, _ = images.parts(student, 3, int(rng.integers(2**32)))
    check(torn(X_train, X_val) < 10, words)


@pytest.mark.points(3.15, exercise="prepare", spec="all of them in the training part or all in the validation part")
def test_an_image_and_its_copies_stay_together(student, rng):
    """No image has versions in both parts, whatever the numbers of images and copies are."""
    tearing_is_gone(student, rng, "the fault of run 4 is still there: many images have versions in both parts")
    for n, copies in ((12, 1), (12, 3), (9, 9), (41, 2), (5, 4)):
        X_train, _, X_val, _ = Images(rng, n).parts(student, copies, int(rng.integers(2**32)))
        check(len(X_val) and len(X_train), f"{copies_of(n, copies)}: a part is empty")
        check(torn(X_train, X_val) == 0, f"{copies_of(n, copies)}: some images have versions in both parts")


@pytest.mark.points(2.5, exercise="prepare", spec="The images that are left, as they came, and their copies")
def test_every_version_is_in_one_of_the_parts(student, rng):
    """Every image is there as it came and in all its copies, a quarter of the images in validation."""
    tearing_is_gone(student, rng)
    for n, copies in ((12, 5), (11, 2), (7, 1), (200, 1)):
        images = Images(rng, n)
        X_train, _, X_val, _ = images.parts(student, copies, int(rng.integers(2**32)))
        case = copies_of(n, copies)
        words = f"{case}: validation does not hold a quarter of the images, rounded down"
        check(len(set(which(X_val))) == n // 4, words)
        both = np.concatenate([X_train, X_val])
        as_came = both[both[:, 1] == 0]
        check(len(as_came) == n, f"{case}: not every image is there once as it came")
        assert_matches(as_came[np.argsort(as_came[:, 0])], images.X, **CLOSE, case=f"{case}: images as they came")
        check((both[:, 1] <= 1).all(), f"{case}: a copy was changed again")
        for i in range(n):
            mine = both[(which(both) == i) & (both[:, 1] == 1)]
            check(len(mine) == copies, f"{case}: an image has another number of copies")
            check(len(set(mine[:, 2])) == copies, f"{case}: copies of an image are alike")


@pytest.mark.points(5.6, exercise="prepare", spec="in any order, each with its label")
def test_every_row_keeps_its_label(student, rng):
    """Every row, changed or not, has the label of its image."""
    tearing_is_gone(student, rng)
    for n, copies in ((12, 3), (11, 2), (8, 0)):
        images = Images(rng, n)
        X_train, y_train, X_val, y_val = images.parts(student, copies, int(rng.integers(2**32)))
        for words, X, y in (("training", X_train, y_train), ("validation", X_val, y_val)):
            check(len(y) > 0, f"the {words} part is empty")
            wrong = int(np.sum(y != images.y[which(X)]))
            case = f"{words}, {copies_of(n, copies)}"
            check(wrong == 0, f"{case}: {wrong} of {len(y)} rows have another image's label")


@pytest.mark.points(1.5, exercise="prepare", spec="each is as likely as any other")
def test_chance_is_left_to_rng_and_fair(student, rng):
    """The generator alone chooses the images for validation, and each set of them has the same chance."""
    tearing_is_gone(student, rng)
    images, seed = Images(rng, 8), int(rng.integers(2**31))
    same = []
    for _ in range(2):
        same.append(np.sort(which(images.parts(student, 1, seed)[2])))
        check(not getattr(student.last, "global_random", False), "NumPy's global generator was used or seeded")
    assert_matches(same[1], same[0], **CLOSE, case="the same seed again")
    times, draws = np.zeros(8), 130
    for n in range(draws):
        for i in set(which(images.parts(student, 0, seed + n)[2])):
            times[i] += 1
    z = (times / draws - 0.25) / np.sqrt(0.25 * 0.75 / draws)
    check(np.abs(z).max() <= Z, "some images come into validation far more often than others")
    check(np.ptp(times) > 0, "chance has no part in the choice")
    images, draws = Images(rng, 40), 30
    held_out = [which(images.parts(student, 0, seed + n)[2]) for n in range(draws)]
    pairs = np.mean([len(set(each) & set(each + 1)) for each in held_out])
    check(
        abs(pairs - 2.25) / PAIRS * np.sqrt(draws) <= Z,
        "neighbours come into validation together far too often or too seldom",
    )
    counts = np.array([np.bincount(images.y[each] - 5, minlength=3) for each in held_out])
    check(
        counts.var(axis=0).sum() > 1,
        "each class is dealt out in the same way every time, so that not each set is as likely as any other",
    )


@pytest.mark.points(0.5, exercise="prepare", spec="The images, n >= 4, of any memory layout.")
def test_images_of_every_kind_are_split(student, rng):
    """Strided, Fortran-ordered and read-only images, no copies, and as few as four images will do."""
    tearing_is_gone(student, rng)
    for n, copies in ((8, 2), (4, 0), (4, 3)):
        images = Images(rng, n)
        for each in (np.asfortranarray(images.X), np.repeat(images.X, 2, axis=0)[::2], frozen(images.X.copy())):
            given = student.prepare(each, images.y, copies, images.augment, np.random.default_rng(3))
            X_train, _, X_val, _ = images.read(given)
            check(torn(X_train, X_val) == 0, "some images have versions in both parts")
            check(set(which(np.concatenate([X_train, X_val]))) == set(range(n)), f"{n} images: some are missing")


@pytest.mark.points(0.75, exercise="prepare", spec="They are not modified.")
def test_preparing_leaves_images_and_labels_alone(student, rng):
    """Neither images nor labels are modified."""
    tearing_is_gone(student, rng)
    images = Images(rng, 12)
    images.parts(student, 2, int(rng.integers(2**32)))
    assert_unchanged(student)


# train_with_patience


class Course:
    """Gradients that were drawn before, losses by a script, and a record of the parameters that were validated.

    After the script the losses are high. A second look before the next step gives the same loss again and is no epoch,
    nor is a look before the first step, which gives a very low one.
    """

    def __init__(self, rng, losses):
        self.losses, self.seen, self.stepped, self.pull = list(losses), [], False, 0.0
        self.start = {"W": rng.normal(0, 1, (3, 2)), "b": rng.normal(0, 1, 2), "scale": rng.normal(0, 1, 1)}
        self.script = [{name: rng.normal(0, 1, value.shape) for name, value in self.start.items()} for _ in self.losses]

    def gradients(self, params):
        self.stepped = True
        grads = self.script[min(len(self.seen), len(self.script) - 1)]
        pulls = {"W": self.pull * params["W"], "b": self.pull * params["W"].sum(axis=0)}
        return {name: g + pulls.get(name, 0.0) for name, g in grads.items()}

    def validate(self, params):
        if self.stepped:
            self.seen.append({name: np.array(params[name]) for name in self.start})
            self.stepped = False
        if not self.seen:
            return -1e99
        epoch = len(self.seen) - 1
        return self.losses[epoch] if epoch < len(self.losses) else 1e300

    def run(self, module, patience=3, most=None, lr=0.1):
        """What comes back: the parameters and the losses."""
        most = len(self.losses) if most is None else most
        given = module.train_with_patience(self.start, self.gradients, self.validate, lr, patience, most)
        best, losses = pair(given, "train_with_patience")
        check(isinstance(best, dict) and set(best) == set(self.start), "what came back first is no dict of parameters")
        return best, losses


def aliasing_is_gone(student, rng, words="this counts once the fault of run 5 is mended"):
    """What comes back is not, in all its arrays, the last parameters although the first were better."""
    course = Course(rng, [1.0, 2.0, 3.0])
    best, _ = course.run(student)
    check(len(course.seen) > 1, "the run stops after one epoch")
    last = course.seen[-1]
    still = all(np.array_equal(numbers(best[name], value.shape, name), value) for name, value in last.items())
    check(not still, words)


@pytest.mark.points(3, exercise="train_with_patience", spec="The parameters of the epoch with the lowest loss")
def test_the_parameters_of_the_best_epoch_come_back(student, rng):
    """All arrays that come back are those of the epoch with the lowest loss, early or late."""
    aliasing_is_gone(
        student, rng, "the fault of run 5 is still there: the last parameters come back, though the first were better"
    )
    slowly = [1.0, 1.0 - 1e-9, 1.0 - 2e-9, 1.2, 1.3]
    large, below_0 = [4e99, 2e99, 3e99, 4e99, 5e99], [1.0, -2.0, -1.0, 0.5, 0.0]
    for losses in ([1, 2, 3, 4], [2, 1, 0, 1, 2, 3], [5, 4, 6, 3, 4, 2, 3, 4, 5], [4, 3, 2, 1], slowly, large, below_0):
        course = Course(rng, losses)
        best, _ = course.run(student, most=len(losses) + 4)
        check(len(course.seen) > np.argmin(losses), "the run is over before its best epoch")
        want = course.seen[int(np.argmin(losses))]
        assert_matches(best, want, rtol=1e-6, atol=1e-7, case=f"best epoch {np.argmin(losses) + 1} of {len(losses)}")


@pytest.mark.points(1.6, exercise="train_with_patience", spec="return the best parameters")
def test_validating_what_comes_back_gives_the_lowest_loss(student, rng):
    """Where the loss follows from the parameters, that of what comes back is the lowest of the run."""
    aliasing_is_gone(student, rng)
    for goal in (0.6, 1.0):
        target = {"u": rng.uniform(goal, goal + 0.2, 3), "v": -rng.uniform(goal, goal + 0.2, (2, 2))}
        target["w"] = rng.uniform(goal, goal + 0.2, 1)
        start = {name: np.zeros(value.shape) for name, value in target.items()}

        def loss(params, target=target):
            return float(sum(np.sum((params[name] - value) ** 2) for name, value in target.items()))

        def away(params, target=target):
            return {name: -np.sign(value) for name, value in target.items()}

        best, losses = pair(student.train_with_patience(start, away, loss, 0.1, 4, 60), "train_with_patience")
        check(isinstance(best, dict) and set(best) == set(start), "what came back first is no dict of parameters")
        again = loss({name: numbers(best[name], value.shape, name) for name, value in start.items()})
        check(len(losses) > 3 and again < 0.9 * losses[0], "what comes back is no better than the first epoch")
        assert_matches(again, float(min(losses)), rtol=1e-5, atol=1e-6, case="the loss of what comes back")


@pytest.mark.points(1.4, exercise="train_with_patience", spec="the earliest of several; where there is none")
def test_ties_and_nan_are_no_improvement(student, rng):
    """Of equal losses the earliest counts, NaN never does, and a run of NaN returns what it started from."""
    aliasing_is_gone(student, rng)
    for losses, epoch in (([3, 2, 2, 2, 2], 1), ([np.nan, 2, np.nan, 3, np.nan], 1), ([4, 1, 4, 1, 4], 1)):
        course = Course(rng, losses)
        assert_matches(course.run(student)[0], course.seen[epoch], rtol=1e-6, atol=1e-7, case=f"best epoch {epoch + 1}")
    course = Course(rng, [np.nan] * 3)
    assert_matches(course.run(student)[0], course.start, rtol=1e-6, atol=1e-7, case="nothing but NaN")


@pytest.mark.points(4.2, exercise="train_with_patience", spec="Adam is that of hw04")
def test_early_steps_have_the_length_that_adam_gives_them(student, rng):
    """From the first one on, steps have the length that Adam gives them, for small gradients and for large ones."""
    aliasing_is_gone(student, rng)
    course, sizes = Course(rng, [5, 4, 3, 2, 1]), {"W": 1e-3, "b": 1.0, "scale": 1e3}
    course.script = [{name: np.full(value.shape, sizes[name]) for name, value in course.start.items()}] * 5
    course.run(student)
    check(len(course.seen) > 2, "the run is over although every epoch is better than the one before")
    for n, (old, new) in enumerate(pairwise([course.start, *course.seen]), start=1):
        steps = {name: float(np.abs(numbers(new[name], np.shape(old[name]), name) - old[name]).max()) for name in sizes}
        check(max(steps.values()) < 0.11, f"epoch {n}, constant gradients: steps are much longer than those of Adam")
        check(min(steps.values()) > 0.09, f"epoch {n}, constant gradients: steps are much shorter than those of Adam")


@pytest.mark.points(1.4, exercise="train_with_patience", spec="Adam is that of hw04")
def test_every_epoch_is_one_step_of_adam(student, reference, rng):
    """The parameters that are validated are those of Adam, step by step, through better and worse epochs."""
    aliasing_is_gone(student, rng)
    for lr in (0.1, 0.003):
        losses = [5, 4, 6, 3, 4, 5, 2, 3, 4]
        mine = Course(rng, losses)
        right = Course(rng, losses)
        for grads in mine.script:
            grads["scale"] = 1e-7 * grads["scale"]  # where eps has a say
        right.start, right.script = mine.start, mine.script
        mine.pull = right.pull = 2.0  # so that it counts where the gradient is taken
        mine.run(student, lr=lr)
        right.run(reference, lr=lr)
        check(len(mine.seen) >= 6, "the run is over after very few epochs")
        for n, (got, want) in enumerate(zip(mine.seen, right.seen, strict=False), start=1):
            assert_matches(got, want, rtol=1e-7, atol=1e-5 * lr, case=f"epoch {n}, rate {lr}")


@pytest.mark.points(
    1.4, exercise="train_with_patience", spec="once patience epochs in a row have brought no new lowest"
)
def test_runs_stop_when_patience_is_at_its_end(student, rng):
    """The run stops after patience epochs in a row without a new lowest loss, or after most; all losses come back."""
    aliasing_is_gone(student, rng)
    for losses, patience, most, epochs in (
        ([3, 4, 5, 6, 7], 2, 5, 3),
        ([3, 4, 2, 4, 1, 6, 5, 4, 7], 3, 9, 8),
        ([3, 4, 5, 6], 1, 4, 2),
        ([5, 4, 3, 2, 1], 1, 3, 3),
        ([np.nan] * 7, 3, 7, 3),
    ):
        course = Course(rng, losses)
        found = course.run(student, patience, most)[1]
        check(len(course.seen) == epochs, f"patience {patience}: the run has another number of epochs")
        assert_matches(list(found), [float(loss) for loss in losses[:epochs]], **CLOSE, case="the losses")


@pytest.mark.points(1, exercise="train_with_patience", spec="Neither the dict nor its arrays are modified.")
def test_training_leaves_the_first_parameters_alone(student, rng):
    """The parameters that the run started from are not modified, and may be read-only."""
    aliasing_is_gone(student, rng)
    for freeze in (False, True):
        course = Course(rng, [3, 2, 1])
        if freeze:
            course.start = {name: frozen(value) for name, value in course.start.items()}
        best, _ = course.run(student)
        assert_unchanged(student)
        check(np.abs(numbers(best["W"], (3, 2), "W") - course.start["W"]).max() > 1e-6, "nothing has been learnt")
