"""Hidden tests of hw05: variance of a product, random weights, signals and gradients by layer, both ends, a deep run.

Random weights are judged by determinism, dependence and distribution, never by stored numbers. Every statistic is
turned into one that is standard normal for a right answer and must lie within 6. The tests look at 58 such numbers, so
a right answer fails somewhere in 58 * 2.0e-9 = 1.2e-7 of all submissions; `./course milestone hw05_initialization`
counts them and measures their spread. What a submission gets is fixed by its seed: the same verdict every time.
"""

from itertools import combinations, pairwise, product

import numpy as np
import pytest

from autograder.grading import assert_matches, assert_unchanged, check, judge_catcher, raises

Z = 6.0
SHAPES = ((200, 300), (300, 200))
FEW_INPUTS = (2, 30_000)  # one input more or less shows
VARIANCES = {"lecun": lambda i, o: 1 / i, "glorot": lambda i, o: 2 / (i + o), "he": lambda i, o: 2 / i}


def within(z, words):
    """Assert that a number which is standard normal for right answers is not far from 0."""
    check(abs(z) <= Z, words)


def z_of_mean(w):
    """For the mean of independent draws around 0."""
    return float(w.mean() / w.std() * np.sqrt(w.size))


def z_of_size(w, v, each=2.0):
    """For the mean square of draws of variance v; `each` is the variance of one square, in units of v squared.

    The cube root (Wilson and Hilferty) takes the skewness out, so that far tails are those of the normal distribution.
    """
    spread = each / (9 * w.size)
    return float((np.cbrt(np.mean(w**2) / v) - (1 - spread)) / np.sqrt(spread))


def z_of_share(hits, p):
    """For the share of draws in a range that has the probability p."""
    return float((hits.mean() - p) / np.sqrt(p * (1 - p) / hits.size))


def fresh(seed):
    return np.random.default_rng(seed)


def assert_scattered(means):
    """Assert that some mean is away from 0; all of two or more are this near in 1e-10 of right answers."""
    check(max(map(abs, means)) > 1e-5, "the mean of the weights is always 0, which that of independent draws never is")


def assert_from_rng(draw, rng):
    """Assert that numbers follow the generator that they are drawn with."""
    seed = int(rng.integers(2**31))
    first, same, other = (draw(fresh(seed + step)) for step in (0, 0, 1))
    check(np.array_equal(first, same), "equal generators do not give equal weights")
    check(not np.array_equal(first, other), "another generator gives the same weights")


def assert_no_repeats(table):
    """Assert that not all columns, nor all rows, are the same."""
    for axis, words in ((1, "all units have the same weights"), (0, "all inputs have the same weights")):
        check(np.ptp(table, axis=axis).any(), words)


def numbers(value, size):
    """So many finite numbers in one row, whatever their shape: a wrong shape has a test of its own."""
    try:
        row = np.ravel(np.asarray(value))
    except (ValueError, TypeError):
        row = np.array(None)
    check(row.dtype.kind in "iuf" and row.size == size, f"{size} numbers were expected, and something else came back")
    check(np.isfinite(row).all(), "some numbers are not finite")
    return row.astype(float)


def varied(value, size):
    """So many numbers that are not all alike."""
    row = numbers(value, size)
    check(np.ptp(row) > 0, "all numbers are the same")
    return row


def frozen(array):
    array.flags.writeable = False
    return array


# mended_product_variance


def moments(rng, shape=()):
    """Variances and means well away from 0, means of either sign."""
    means = rng.uniform(0.6, 2.0, (2, *shape)) * rng.choice([-1.0, 1.0], (2, *shape))
    variances = rng.uniform(0.4, 2.0, (2, *shape))
    return means, variances


@pytest.mark.points(2, exercise="mended_product_variance", spec="a mean squared, or a mean of squares")
def test_a_mean_of_x_counts_with_its_square(student, reference, rng):
    """For weights of mean 0, the mean of x counts with its square, and Var(x) once."""
    for mean_x in (0.0, None):
        (_, mean), (var_w, var_x) = moments(rng)
        at = (0.0, var_w, mean if mean_x is None else mean_x, var_x)
        want = reference.mended_product_variance(*at)
        assert_matches(student.mended_product_variance(*at), want, loose_shape=True, case="weights of mean 0")


@pytest.mark.points(1.3, exercise="mended_product_variance", spec="Var(w x).")
def test_a_mean_of_w_counts_with_its_square(student, reference, rng):
    """For inputs of mean 0, the mean of w counts with its square."""
    for _ in range(3):
        (mean, _), (var_w, var_x) = moments(rng)
        want = reference.mended_product_variance(mean, var_w, 0.0, var_x)
        got = student.mended_product_variance(mean, var_w, 0.0, var_x)
        assert_matches(got, want, loose_shape=True, case="inputs of mean 0")


@pytest.mark.points(1.7, exercise="mended_product_variance", spec="Multiply out: one of the four terms cancels")
def test_both_means_count(student, reference, rng):
    """With both means unlike 0, all three terms are there."""
    for _ in range(3):
        (mean_w, mean_x), (var_w, var_x) = moments(rng)
        want = reference.mended_product_variance(mean_w, var_w, mean_x, var_x)
        got = student.mended_product_variance(mean_w, var_w, mean_x, var_x)
        assert_matches(got, want, loose_shape=True, case="both means unlike 0")


@pytest.mark.points(
    0.7, exercise="mended_product_variance", spec="arrays of one shape are worked through entry by entry"
)
def test_variances_of_arrays(student, reference, rng):
    """Arrays are worked through entry by entry."""
    for shape in ((4,), (2, 3)):
        (mean_w, mean_x), (var_w, var_x) = moments(rng, shape)
        want = reference.mended_product_variance(mean_w, var_w, mean_x, var_x)
        got = student.mended_product_variance(mean_w, var_w, mean_x, var_x)
        assert_matches(got, want, loose_shape=True, case=f"arrays of shape {shape}")


@pytest.mark.points(0.3, exercise="mended_product_variance", spec="None of the four is modified.")
def test_means_and_variances_are_left_alone(student, rng):
    """Arrays of means and variances are not modified."""
    (mean_w, mean_x), (var_w, var_x) = moments(rng, (5,))
    got = student.mended_product_variance(mean_w, var_w, mean_x, var_x)
    assert_unchanged(student)
    varied(got, 5)


# init_weights


def weights(student, scheme, distribution, shape, seed):
    return numbers(student.init_weights(*shape, scheme, fresh(seed), distribution), shape[0] * shape[1])


def assert_scheme(student, scheme, rng):
    assert_from_rng(lambda stream: varied(student.init_weights(3, 4, scheme, stream, "normal"), 12), rng)
    for shape in (*SHAPES, FEW_INPUTS):
        w = weights(student, scheme, "normal", shape, int(rng.integers(2**32)))
        check(w.std() > 0, "all weights are the same")
        assert_no_repeats(w.reshape(shape))
        within(z_of_mean(w), f"the mean of {w.size} weights is further from 0 than chance allows")
        z = z_of_size(w, VARIANCES[scheme](*shape))
        words = f"the variance is too {'large' if z > 0 else 'small'} for {shape[0]} inputs and {shape[1]} units"
        within(z, words)


# The first test of all: seeding the global generator shows only once, if the seed is always the same.
@pytest.mark.points(0.5, exercise="init_weights", spec="is left alone.")
def test_the_global_generator_is_left_alone(student, rng):
    """NumPy's global generator is neither used nor seeded."""
    for distribution in ("normal", "uniform"):
        varied(student.init_weights(5, 4, "lecun", fresh(int(rng.integers(2**32))), distribution), 20)
        check(not getattr(student.last, "global_random", False), "NumPy's global generator was used or seeded")


@pytest.mark.points(2.5, exercise="init_weights", spec="Independent draws with mean 0 and the variance of the scheme.")
def test_lecun_weights_have_their_variance(student, rng):
    """LeCun's weights come from rng with mean 0 and the variance of the table, for more units than inputs or fewer."""
    assert_scheme(student, "lecun", rng)


@pytest.mark.points(3, exercise="init_weights", spec="Independent draws with mean 0 and the variance of the scheme.")
def test_glorot_weights_have_their_variance(student, rng):
    """Glorot's weights come from rng with mean 0 and the variance of the table, for more units than inputs or fewer."""
    assert_scheme(student, "glorot", rng)


@pytest.mark.points(2.5, exercise="init_weights", spec="Independent draws with mean 0 and the variance of the scheme.")
def test_he_weights_have_their_variance(student, rng):
    """He's weights come from rng with mean 0 and the variance of the table, for more units than inputs or fewer."""
    assert_scheme(student, "he", rng)


@pytest.mark.points(2, exercise="init_weights", spec='`"normal"` is the full normal distribution')
def test_normal_weights_are_normal_and_independent(student, rng):
    """Normal weights, the default, have the spread of a normal distribution, tails included, and are independent."""
    means = []
    for shape, kind in zip(SHAPES, (("normal",), ()), strict=True):
        told = "" if kind else ", if no distribution is asked for"
        w = numbers(student.init_weights(*shape, "he", fresh(int(rng.integers(2**32))), *kind), shape[0] * shape[1])
        check(w.std() > 0, "all weights are the same")
        assert_no_repeats(w.reshape(shape))
        means.append(z_of_mean(w))
        w = w / w.std()
        within(z_of_share(np.abs(w) < 0.5, 0.382925), f"too many or too few weights are near 0{told}")
        within(z_of_share(np.abs(w) > 2.0, 0.045500), f"too many or too few weights are beyond two deviations{told}")
        table = w.reshape(shape)
        for axis in (0, 1):
            row_means = table.mean(axis=axis) * np.sqrt(shape[axis])
            within(z_of_size(row_means, 1.0), "weights of one row or column hang together")
    assert_scattered(means)
    check(weights(student, "he", "normal", (1, 1), int(rng.integers(2**32))).any(), "a single weight is 0")


@pytest.mark.points(4, exercise="init_weights", spec="the uniform one on $[-\\sqrt{3v}, \\sqrt{3v}]$")
def test_uniform_weights_have_their_limit(student, rng):
    """Uniform weights reach up to the limit and not beyond, evenly, independently, with the variance of the scheme."""
    means = []
    for scheme, shape in (("lecun", SHAPES[0]), ("glorot", SHAPES[1]), ("he", SHAPES[0]), ("he", SHAPES[1])):
        u, w = (weights(student, scheme, kind, shape, int(rng.integers(2**32))) for kind in ("uniform", "normal"))
        check(u.std() > 0, "all uniform weights are the same")
        means.append(z_of_mean(u))
        within(means[-1], f"the mean of {u.size} uniform weights is further from 0 than chance allows")
        # A wrong variance of the scheme has tests of its own: uniform weights may also agree with the normal ones.
        right = z_of_size(u, VARIANCES[scheme](*shape), 0.8)
        alike = z_of_size(u, float(np.mean(w**2)), 2.8) if w.std() > 0 else np.inf
        within(min(right, alike, key=abs), "the variance of uniform weights is not that of the scheme")
        limit = np.abs(u).max()
        check(limit <= np.sqrt(3) * u.std() * 1.02, "some weights lie beyond the limit of a uniform distribution")
        within(z_of_share(np.abs(u) < limit / 2, 0.5), "the weights do not lie evenly between the limits")
    assert_scattered(means)


@pytest.mark.points(2, exercise="init_weights", spec="ndarray of shape (fan_in, fan_out)")
def test_weights_have_the_shape_of_the_layer(student, rng):
    """The weights come as an array of shape (fan_in, fan_out), for a single input or unit too."""
    for shape in ((5, 3), (1, 6), (4, 1)):
        for distribution in ("normal", "uniform"):
            W = student.init_weights(*shape, "glorot", fresh(int(rng.integers(2**32))), distribution)
            check(isinstance(W, np.ndarray) and W.shape == shape, f"no array of shape {shape} came back")
            varied(W, W.size)


@pytest.mark.points(2.5, exercise="init_weights", spec="equal generators give equal weights, and each call goes on")
def test_all_numbers_come_from_rng(student, rng):
    """Equal generators give equal weights, other ones others, and a second call goes on where the first ended."""
    for distribution in ("normal", "uniform"):
        seed, size = int(rng.integers(2**31)), 42
        stream = fresh(seed)
        first, again = (varied(student.init_weights(6, 7, "he", stream, distribution), size) for _ in range(2))
        check(not np.array_equal(first, again), "two calls with one generator give the same weights")
        same = varied(student.init_weights(6, 7, "he", fresh(seed), distribution), size)
        check(np.array_equal(first, same), "equal generators do not give equal weights")
        other = varied(student.init_weights(6, 7, "he", fresh(seed + 1), distribution), size)
        check(not np.array_equal(first, other), "another generator gives the same weights")


@pytest.mark.points(1, exercise="init_weights", spec="If there is no scheme or no distribution of that name.")
def test_unknown_names_are_refused(student, rng):
    """Unknown schemes and distributions raise a ValueError."""
    for scheme, distribution in (("xavier", "normal"), ("hee", "uniform"), ("he", "gaussian"), ("HE", "normal")):
        with raises(ValueError, case="an unknown scheme or distribution"):
            student.init_weights(4, 3, scheme, fresh(0), distribution)


# catches_init

WRONG = (
    "variance_as_deviation",
    "fans_exchanged",
    "glorot_without_the_two",
    "lecun_for_he",
    "limit_is_the_deviation",
    "never_negative",
    "transposed",
    "seed_of_its_own",
    "fourth_root",
)
RIGHT = ("scaled_standard_numbers", "drawn_transposed", "float32_weights", "one_at_a_time")


@pytest.mark.points(8, exercise="catches_init", spec="accusing right ones takes points away")
def test_wrong_weights_are_caught_and_right_ones_let_through(student, candidates, award):
    """Your test tells wrong initialisations from right ones that it has not seen."""
    found = judge_catcher(student.catches_init, candidates("init_weights", (*WRONG, *RIGHT)))
    award(found.fraction, found.words)


# predictions


def is_committed(student, name):
    choice = getattr(student, name)
    words = "choose one of the letters a, b, c, as text"
    check(isinstance(choice, str) and choice.strip().lower() in ("a", "b", "c"), words)


@pytest.mark.points(1, exercise="predict_std", spec="a prediction: 1 for any answer")
def test_std_is_predicted(student):
    """A prediction is made; any of the letters counts."""
    is_committed(student, "predict_std")


@pytest.mark.points(1, exercise="predict_signal", spec="a prediction: 1 for any answer")
def test_signal_is_predicted(student):
    """A prediction is made; any of the letters counts."""
    is_committed(student, "predict_signal")


@pytest.mark.points(1, exercise="predict_training", spec="a prediction: 1 for any answer")
def test_training_is_predicted(student):
    """A prediction is made; any of the letters counts."""
    is_committed(student, "predict_training")


# init_mlp


def layers(student, sizes, scheme, generator):
    """The pairs of a network, seen to be as many as there are layers, with weights that are not all alike."""
    params = student.init_mlp(list(sizes), scheme, generator)
    check(isinstance(params, list | tuple), "init_mlp did not return a list")
    check(len(params) == len(sizes) - 1, f"the list has not {len(sizes) - 1} pairs for {len(sizes)} sizes")
    for pair in params:
        check(isinstance(pair, list | tuple) and len(pair) == 2, "an entry of the list is not a pair (W, b)")
    varied(params[0][0], sizes[0] * sizes[1])
    return [(np.asarray(W), np.asarray(b)) for W, b in params]


@pytest.mark.points(1, exercise="init_mlp", spec="One pair (W, b) for each layer, first layer first")
def test_a_network_has_the_shapes_of_its_sizes(student, rng):
    """There is one pair for each layer, and its weights have the shape of the layer."""
    for sizes in ((5, 7, 3), (4, 2), (3, 6, 6, 1, 2)):
        found = layers(student, sizes, "he", fresh(int(rng.integers(2**32))))
        shapes = [W.shape for W, _ in found]
        check(shapes == list(pairwise(sizes)), "the weights have not the shapes of the layers")
        check([b.size for _, b in found] == list(sizes[1:]), "a layer has not one bias for each of its units")


@pytest.mark.points(1, exercise="init_mlp", spec="b of shape (fan_out,), zeros.")
def test_biases_start_at_zero(student, rng):
    """All biases start at 0."""
    for _, b in layers(student, (5, 7, 3), "lecun", fresh(int(rng.integers(2**32)))):
        check(b.dtype.kind in "iuf" and not b.any(), "some biases are not 0")


@pytest.mark.points(0.5, exercise="init_mlp", spec="b of shape (fan_out,), zeros.")
def test_biases_have_one_axis(student, rng):
    """Biases are arrays of shape (fan_out,)."""
    for n, (_, b) in zip((7, 3), layers(student, (5, 7, 3), "he", fresh(int(rng.integers(2**32)))), strict=True):
        check(b.shape == (n,), "the biases have not the shape (fan_out,)")


@pytest.mark.points(3.2, exercise="init_mlp", spec="each layer by the scheme with its own fans")
def test_each_layer_has_the_variance_of_its_own_fans(student, rng):
    """The weights of every layer come from rng, with the variance that the scheme gives for its own fans."""
    assert_from_rng(lambda stream: varied(layers(student, (3, 4), "he", stream)[0][0], 12), rng)
    sizes = (250, 160, 320, 200)
    for scheme, variance in VARIANCES.items():
        found = layers(student, sizes, scheme, fresh(int(rng.integers(2**32))))
        for n, ((W, _), n_in, n_out) in enumerate(zip(found, sizes[:-1], sizes[1:], strict=True), start=1):
            w = varied(W, n_in * n_out)
            within(z_of_mean(w), f"the mean of the weights in layer {n} is further from 0 than chance allows")
            z = z_of_size(w, variance(n_in, n_out))
            within(z, f"the variance of the weights in layer {n} is not that of its fans, {scheme}")


@pytest.mark.points(0.8, exercise="init_mlp", spec="the weights are normal")
def test_networks_have_normal_weights(student, rng):
    """The weights of every layer are normal."""
    sizes = (60, 80, 50)
    for W, _ in layers(student, sizes, "he", fresh(int(rng.integers(2**32)))):
        w = varied(W, W.size)
        within(z_of_share(np.abs(w) > 2.0 * w.std(), 0.045500), "too many or too few weights are beyond two deviations")


@pytest.mark.points(1.5, exercise="init_mlp", spec="One stream for all layers")
def test_layers_share_one_stream(student, rng):
    """Layers of one shape differ, equal generators give equal networks, and a second network goes on."""
    seed, sizes = int(rng.integers(2**31)), (6, 6, 6, 6)
    stream = fresh(seed)
    first, again = ([W for W, _ in layers(student, sizes, "glorot", stream)] for _ in range(2))
    check(not getattr(student.last, "global_random", False), "NumPy's global generator was used or seeded")
    same = [W for W, _ in layers(student, sizes, "glorot", fresh(seed))]
    check(all(np.array_equal(a, b) for a, b in zip(first, same, strict=True)), "equal generators, unequal networks")
    one, other = ([np.sort(np.ravel(W)) for W in found] for found in (first, again))
    alike = [any(np.array_equal(*pair) for pair in pairs) for pairs in (combinations(one, 2), product(one, other))]
    check(not alike[0], "two layers of a network have the same weights")
    check(not alike[1], "a second network, from the same generator, repeats weights of the first one")


# layer_stats


def network(rng, sizes, spread=1.5):
    """Random parameters with biases unlike 0."""
    return [(rng.normal(0, spread / np.sqrt(i), (i, o)), rng.uniform(-0.5, 0.7, o)) for i, o in pairwise(sizes)]


def stats(student, params, X, activation):
    """Three rows of numbers, one for each hidden layer; the output layer too is let through here."""
    found = student.layer_stats(params, X, activation)
    check(isinstance(found, tuple | list | np.ndarray) and len(found) == 3, "not three arrays came back")
    hidden = len(params) - 1
    rows = [np.ravel(np.asarray(row)) for row in found]
    sizes = {row.size for row in rows}
    check(sizes <= {hidden, hidden + 1}, f"not one number for each of {hidden} hidden layers came back")
    return [numbers(row, row.size)[:hidden] for row in rows]


CASES = (("relu", (6, 40, 30, 5)), ("tanh", (7, 30, 50, 20, 4)), ("relu", (3, 60, 2)))


def assert_stats(student, reference, rng, which, words):
    for activation, sizes in CASES:
        params, X = network(rng, sizes), rng.normal(0.3, 1.2, (400, sizes[0]))
        got = stats(student, params, X, activation)[which]
        want = reference.layer_stats(params, X, activation)[which]
        assert_matches(got, want, rtol=1e-3, atol=1e-4, case=f"{words}, {activation}, {len(sizes) - 2} hidden layers")


@pytest.mark.points(
    3.5, exercise="layer_stats", spec="standard deviation (ddof 0) and mean of all activations of the layer"
)
def test_the_size_of_the_activations(student, reference, rng):
    """The standard deviation is that of all activations of a layer, over examples and units at once."""
    assert_stats(student, reference, rng, 0, "standard deviations")


@pytest.mark.points(
    1.5, exercise="layer_stats", spec="standard deviation (ddof 0) and mean of all activations of the layer"
)
def test_the_mean_of_the_activations(student, reference, rng):
    """The mean is that of all activations of a layer."""
    assert_stats(student, reference, rng, 1, "means")


@pytest.mark.points(2.5, exercise="layer_stats", spec="A unit is *dead* if its activation is exactly 0 for every")
def test_dead_units_are_zero_for_every_example(student, reference, rng):
    """A unit counts as dead if it is exactly 0 for every example, and not if it is 0 for most of them."""
    for activation, n_dead in (("relu", 3), ("relu", 0), ("tanh", 2)):
        params, X = network(rng, (4, 8, 6, 3)), rng.normal(0, 1, (30, 4))
        W, b = params[0]
        b[:n_dead], W[:, :n_dead] = (-50.0, W[:, :n_dead]) if activation == "relu" else (0.0, 0.0)
        if activation == "relu":
            lone = X @ W[:, 4]
            b[4] = -np.sort(lone)[-2:].mean()  # alive for a single example
            params[1][1][1] = -90.0
        got, want = stats(student, params, X, activation)[2], reference.layer_stats(params, X, activation)[2]
        assert_matches(got, want, rtol=1e-9, atol=1e-12, case=f"share of dead units, {activation}")
    # Only the last is dead: the others are tiny, below 0, cancel out, or are the same for all examples.
    W, b = np.array([[1e-9, 1.0, 1.0, 0.0, 0.0]]), np.array([0.0, -9.0, 0.0, 0.7, 0.0])
    params = [(W, b), (np.ones((5, 2)), np.zeros(2))]
    got = stats(student, params, np.array([[1.0], [-1.0]]) * rng.uniform(0.5, 2.0), "tanh")[2]
    assert_matches(got, np.array([0.2]), rtol=1e-9, case="share of units that are exactly 0, tanh")


@pytest.mark.points(1.5, exercise="layer_stats", spec="Hidden layers only: the output layer is not among them.")
def test_only_hidden_layers_are_described(student, rng):
    """Each of the three arrays has one number for each hidden layer and none for the output layer."""
    for hidden in (1, 3):
        params = network(rng, (4, *[5] * hidden, 2))
        found = student.layer_stats(params, rng.normal(0, 1, (9, 4)), "relu")
        check(isinstance(found, tuple | list | np.ndarray) and len(found) == 3, "not three arrays came back")
        for row in found:
            numbers(row, hidden)
        check((numbers(found[0], hidden) > 0).all(), "a standard deviation is 0 where activations differ")


@pytest.mark.points(1.5, exercise="layer_stats", spec="the mean square distance from the mean is divided by their")
def test_standard_deviations_of_few_activations(student, reference, rng):
    """With few examples and units too, the standard deviation is divided by their number (ddof 0)."""
    for activation, rows in (("tanh", 1), ("tanh", 2), ("relu", 3)):
        params, X = network(rng, (3, 3, 2, 2)), rng.normal(0.5, 1, (rows, 3))
        params = [(np.abs(W), np.abs(b)) for W, b in params]
        got, want = (
            stats(student, params, np.abs(X), activation)[0],
            reference.layer_stats(params, np.abs(X), activation),
        )
        assert_matches(got, want[0], rtol=1e-5, atol=1e-6, case=f"{rows} examples, {activation}")


@pytest.mark.points(0.5, exercise="layer_stats", spec="The examples. Not modified.")
def test_statistics_leave_their_arguments_alone(student, rng):
    """Neither parameters nor examples are modified, and both may be read-only."""
    params, X = network(rng, (4, 6, 3)), rng.normal(0, 1, (9, 4))
    for each in (params, [(frozen(W.copy()), frozen(b.copy())) for W, b in params]):
        found = stats(student, each, frozen(X.copy()) if each is not params else X, "relu")
        assert_unchanged(student)
        check((found[0] > 0).all(), "a standard deviation is 0 where activations differ")


# gradient_stds


def gradient_case(rng, activation, sizes, rows=25):
    params, X = network(rng, sizes), rng.normal(0, 1, (rows, sizes[0]))
    return params, X, rng.normal(0.2, 1.5, (rows, sizes[-1])), activation


def mirrored(case):
    """Every example twice, with opposite gradients: all means are 0, and whether they are taken off does not show."""
    params, X, dscores, activation = case
    return params, np.vstack([X, X]), np.vstack([dscores, -dscores]), activation


def sizes_of_gradients(student, reference, case):
    """What came back and what was expected, in the same order: a reversed one has a test of its own."""
    want = reference.gradient_stds(*case)
    got = numbers(student.gradient_stds(*case), want.size)
    off = [float(np.abs(row - want).max()) for row in (got, got[::-1])]
    return (got if off[0] <= off[1] else got[::-1]), want


def assert_gradients(student, reference, rng, activation, *, last):
    for sizes in ((5, 30, 4), (6, 30, 20, 3)) if last else ((6, 30, 20, 3), (4, 20, 30, 25, 5)):
        case = mirrored(gradient_case(rng, activation, sizes, 30))
        if last:
            for array in case[0][-2]:
                array[..., ::3] = 0.0  # pre-activations that are exactly 0
        got, want = sizes_of_gradients(student, reference, case)
        part = slice(-1, None) if last else slice(None, -1)
        assert_matches(got[part], want[part], rtol=2e-3, case=f"{activation}, {len(sizes) - 2} hidden layers")


@pytest.mark.points(1, exercise="gradient_stds", spec="the gradient with respect to its pre-activations")
def test_gradient_at_the_last_relu_layer(student, reference, rng):
    """The gradient at the last hidden layer, ReLU; it is 0 where ReLU gives 0."""
    assert_gradients(student, reference, rng, "relu", last=True)


@pytest.mark.points(1, exercise="gradient_stds", spec="the gradient with respect to its pre-activations")
def test_gradient_at_the_last_tanh_layer(student, reference, rng):
    """The gradient at the last hidden layer, tanh."""
    assert_gradients(student, reference, rng, "tanh", last=True)


@pytest.mark.points(1.5, exercise="gradient_stds", spec="and then from each layer to the one below")
def test_gradients_at_lower_relu_layers(student, reference, rng):
    """The gradients at all lower hidden layers, ReLU."""
    assert_gradients(student, reference, rng, "relu", last=False)


@pytest.mark.points(1.5, exercise="gradient_stds", spec="and then from each layer to the one below")
def test_gradients_at_lower_tanh_layers(student, reference, rng):
    """The gradients at all lower hidden layers, tanh."""
    assert_gradients(student, reference, rng, "tanh", last=False)


@pytest.mark.points(
    1, exercise="gradient_stds", spec="For each hidden layer, first layer first, the standard deviation"
)
def test_gradients_stand_in_the_order_of_the_layers(student, rng):
    """The first entry belongs to the first hidden layer: what multiplies the last weights reaches all of them."""
    params, X, dscores, _ = gradient_case(rng, "tanh", (4, 6, 5, 3))
    W, b = params[1]
    params[1] = (1e-4 * W, b)  # now hardly any gradient reaches the first layer
    got = numbers(student.gradient_stds(params, X, dscores, "tanh"), 2)
    check(got[0] > 0, "the gradient at the first layer is 0")
    check(got[0] < 0.05 * got[1], "the sizes do not stand in the order of the layers")


@pytest.mark.points(0.7, exercise="gradient_stds", spec="the mean square distance from the mean is divided by their")
def test_sizes_of_few_gradients(student, reference, rng):
    """With few examples and units too, the standard deviation is divided by their number (ddof 0)."""
    got, want = sizes_of_gradients(student, reference, gradient_case(rng, "tanh", (3, 2, 3, 2), 2))
    assert_matches(got, want, rtol=1e-5, case="two examples")


@pytest.mark.points(0.3, exercise="gradient_stds", spec="whatever the loss is. Not modified.")
def test_gradients_leave_their_arguments_alone(student, rng):
    """Parameters, examples and the gradient of the scores are not modified, and may be read-only."""
    params, X, dscores, name = gradient_case(rng, "relu", (4, 9, 8, 3))
    for lock in (np.array, lambda array: frozen(array.copy())):
        each = [(lock(W), lock(b)) for W, b in params]
        got = numbers(student.gradient_stds(each, lock(X), lock(dscores), name), 2)
        assert_unchanged(student)
        check((got > 0).all(), "a gradient is 0 where it should not be")


# symmetry_gap


def twins(rng, sizes):
    """A network all of whose hidden layers hold twins; columns of a W and rows of the next are equal."""
    params = []
    for n, (i, o) in enumerate(pairwise(sizes)):
        column, row = rng.uniform(-2, 2, (i, 1)), rng.uniform(-2, 2, (1, o))
        hidden_below, hidden_above = n > 0, n < len(sizes) - 2
        W = (column[:1] if hidden_below else column) if hidden_above else row
        b = np.full(o, rng.uniform(-1, 1)) if hidden_above else rng.uniform(-1, 1, o)
        params.append((np.broadcast_to(W, (i, o)).copy(), b))
    return params


# Four units: furthest apart are two that are no neighbours, and neither of them is the first. Either may be larger.
STEPS = (np.array([1.2, 2.0, 1.1, 0.0]), np.array([0.8, 0.0, 0.9, 2.0]))


def apart(rng, place, steps):
    """A network and its gap: four units that differ in one place, and half as much in the two other places.

    The differences are small: beside the range of the other weights they must not be lost.
    """
    params, size = twins(rng, (3, 4, 2)), rng.uniform(0.01, 0.02)
    (W, b), (V, _) = params
    for name, weights_of_units in (("incoming", W[1]), ("bias", b), ("outgoing", V[:, 1])):
        weights_of_units += (size if name == place else 0.5 * size) * steps
    return params, np.array([2.0 * size])


def torn_apart(params):
    """In each hidden layer, two units that are no neighbours differ most, and the further to the right is larger.

    By turns in the bias, in an outgoing weight and in an incoming one, which is an outgoing one of the layer below.
    """
    deep = len(params) > 2
    V = params[2 if deep else 1][0]
    V[[1, 3], 0] += -20.0, 20.0
    if deep:
        params[0][1][[0, 2]] += -9.0, 9.0
        V[1, 3] += 10.0
    return params


def gap(student, params):
    return numbers(student.symmetry_gap(params), len(params) - 1)


@pytest.mark.points(1.5, exercise="symmetry_gap", spec="in any one incoming weight")
def test_incoming_weights_tell_units_apart(student, rng):
    """The largest difference between any two units is seen if it is in one incoming weight, and its size."""
    for steps in STEPS:
        params, size = apart(rng, "incoming", steps)
        assert_matches(gap(student, params), size, rtol=1e-9, case="units differ most in one incoming weight")


@pytest.mark.points(1.8, exercise="symmetry_gap", spec="or in any one outgoing weight")
def test_outgoing_weights_tell_units_apart(student, rng):
    """The largest difference between any two units is seen if it is in one outgoing weight, and its size."""
    for steps in STEPS:
        params, size = apart(rng, "outgoing", steps)
        assert_matches(gap(student, params), size, rtol=1e-9, case="units differ most in one outgoing weight")


@pytest.mark.points(0.8, exercise="symmetry_gap", spec="in the bias")
def test_biases_tell_units_apart(student, rng):
    """The largest difference between any two units is seen if it is in the bias, and its size."""
    params, size = apart(rng, "bias", STEPS[0])
    assert_matches(gap(student, params), size, rtol=1e-9, case="units differ most in the bias")


@pytest.mark.points(0.9, exercise="symmetry_gap", spec="It is 0 if all its units are twins")
def test_twins_have_no_gap(student, rng):
    """The gap is 0 for twins, whatever weights of different inputs and outputs do, and a single unit, else never."""
    for sizes in ((3, 4, 2), (5, 1, 3)):
        params = twins(rng, sizes)
        check(not gap(student, params).any(), "twins are told apart")
        params[0][0][0, 0] += 1e-9
        check(sizes[1] == 1 or gap(student, params).any(), "units that differ are taken for twins")


@pytest.mark.points(
    0.6, exercise="symmetry_gap", spec="For each hidden layer, first layer first: the largest difference"
)
def test_every_hidden_layer_has_a_gap(student, reference, rng):
    """Each hidden layer has a gap of its own, in the order of the layers."""
    for sizes in ((3, 4, 2), (4, 3, 5, 6, 2)):
        params = torn_apart(network(rng, sizes))
        words = f"{len(sizes) - 2} hidden layers"
        assert_matches(gap(student, params), reference.symmetry_gap(params), rtol=1e-9, case=words)


@pytest.mark.points(0.4, exercise="symmetry_gap", spec="layer. Not modified.")
def test_gaps_leave_the_parameters_alone(student, rng):
    """The parameters are not modified."""
    found = gap(student, network(rng, (3, 4, 5, 2)))
    assert_unchanged(student)
    check((found > 0).all(), "units that differ are taken for twins")


# output_bias


def pair(value):
    """Two numbers, as floats."""
    check(isinstance(value, tuple | list | np.ndarray) and len(value) == 2, "not a bias and a loss came back")
    found = []
    for each in value:
        check(np.size(each) == 1, "the bias or the loss is not a single number")
        found.append(float(numbers(each, 1)[0]))
    return found


def labels(rng, n, ones):
    y = np.zeros(n, dtype=int)
    y[rng.choice(n, ones, replace=False)] = 1
    return y


@pytest.mark.points(1.3, exercise="output_bias", spec="For regression the bias is the mean of y.")
def test_regression_bias_is_the_mean(student, rng):
    """For regression the bias is the mean."""
    for n in (2, 7, 30):
        y = rng.exponential(2.0, n) - 5.0
        assert_matches(pair(student.output_bias(y, "regression"))[0], float(y.mean()), case=f"{n} targets")


@pytest.mark.points(1.2, exercise="output_bias", spec="the mean of (prediction - y)^2, without 1/2")
def test_regression_loss_is_the_mean_square(student, rng):
    """For regression the initial loss is the mean squared error of that bias."""
    for n in (5, 30):
        y = rng.exponential(2.0, n) + 4.0
        assert_matches(pair(student.output_bias(y, "regression"))[1], float(y.var()), rtol=1e-9, case=f"{n} targets")


@pytest.mark.points(2.3, exercise="output_bias", spec="it is log(p / (1 - p)) with p the share of ones")
def test_classification_bias_is_the_logit_of_the_base_rate(student, rng):
    """For classification the bias is the logit of the share of ones, for integers, floats and bools."""
    for kind, ones in ((int, 3), (float, 38), (bool, 20), (np.uint8, 9)):
        y = labels(rng, 40, ones).astype(kind)
        want = float(np.log(ones / (40 - ones)))
        got = pair(student.output_bias(y, "classification"))[0]
        assert_matches(got, want, rtol=1e-8, atol=1e-9, case=f"labels of kind {np.dtype(kind).name}")


@pytest.mark.points(1.9, exercise="output_bias", spec="the loss the mean cross-entropy in nats")
def test_classification_loss_is_the_entropy_of_the_base_rate(student, rng):
    """For classification the initial loss is the mean cross-entropy of that bias."""
    for kind, ones in ((int, 4), (float, 15), (bool, 33)):
        p, y = ones / 40, labels(rng, 40, ones).astype(kind)
        want = float(-p * np.log(p) - (1 - p) * np.log(1 - p))
        got = pair(student.output_bias(y, "classification"))[1]
        assert_matches(got, want, rtol=1e-6, case=f"{ones} ones of 40, of kind {np.dtype(kind).name}")


@pytest.mark.points(0.9, exercise="output_bias", spec="so that a single class gives a finite bias")
def test_a_single_class_gives_a_finite_bias(student):
    """If all labels agree, the share is clipped: the bias is finite, and the loss is that of this bias."""
    for value, sign in ((0, -1), (1, 1)):
        bias, loss = pair(student.output_bias(np.full(5, value), "classification"))
        assert_matches(bias, sign * float(np.log((1 - 1e-7) / 1e-7)), rtol=1e-6, case="a single class")
        assert_matches(loss, float(-np.log1p(-1e-7)), rtol=1e-6, case="the loss of a single class")


@pytest.mark.points(0.4, exercise="output_bias", spec="If there is no task of that name.")
def test_unknown_tasks_are_refused(student):
    """An unknown task raises a ValueError, and the targets are not modified."""
    for task in ("ranking", "", "Regression?"):
        with raises(ValueError, case="an unknown task"):
            student.output_bias(np.array([0, 1, 1]), task)
    student.output_bias(np.array([0.0, 1.0, 1.0]), "regression")
    assert_unchanged(student)


# standardize_fit and standardize_apply


def examples(rng, n=30, d=4):
    """Features of unlike scale and place."""
    return rng.normal(0, 1, (n, d)) * 10.0 ** rng.permutation(d) / 10 + rng.uniform(-8, 8, d)


def fitted(student, X):
    return learned_numbers(student.standardize_fit(X), X)


def learned_numbers(stats, X):
    """Mean and std as rows of numbers."""
    check(isinstance(stats, tuple | list | np.ndarray) and len(stats) == 2, "not a mean and a std came back")
    return [numbers(each, X.shape[1]) for each in stats]


@pytest.mark.points(1.5, exercise="standardize_fit", spec="Of each feature over the examples")
def test_mean_and_deviation_of_each_feature(student, rng):
    """Mean and standard deviation are those of each feature over the examples."""
    for n, d in ((300, 3), (400, 1), (300, 5)):
        X = examples(rng, n, d)
        mean, std = fitted(student, X)
        assert_matches(mean, X.mean(axis=0), rtol=1e-9, atol=1e-12, case=f"means of {d} features")
        assert_matches(std, X.std(axis=0), rtol=5e-3, case=f"deviations of {d} features")


@pytest.mark.points(0.7, exercise="standardize_fit", spec="Where it is exactly 0, std is replaced by 1.")
def test_constant_features_get_one(student, rng):
    """A feature that is constant gets 1 for its standard deviation, and no other does, however small it is."""
    X = examples(rng, 300, 4)
    X[:, 1], X[:, 3] = 5.0, 0.0
    X[:, 2] *= 1e-9 / X[:, 2].std()
    std = fitted(student, X)[1]
    assert_matches(std[[1, 3]], np.ones(2), rtol=1e-12, case="constant features")
    assert_matches(std[[0, 2]], X[:, [0, 2]].std(axis=0), rtol=5e-3, case="the other features")


@pytest.mark.points(0.5, exercise="standardize_fit", spec="std with ddof 0")
def test_deviations_of_few_examples(student, rng):
    """With few examples too, the standard deviation is divided by their number (ddof 0)."""
    X = examples(rng, 3, 3)
    assert_matches(fitted(student, X)[1], X.std(axis=0), rtol=1e-9, case="three examples")


@pytest.mark.points(0.3, exercise="standardize_fit", spec="Training examples, integers or floats. Not modified.")
def test_fit_takes_examples_of_every_kind(student, rng):
    """Integers, float32, strided and Fortran-ordered examples will do, unmodified; mean and std have one axis."""
    table = rng.integers(-20, 20, (401, 4))
    kinds = {
        "integers": table,
        "every second example": (table * 0.5)[::2],
        "Fortran order": frozen(np.asfortranarray(table * 0.1)),
        "float32": (table * 0.25).astype(np.float32),
    }
    for words, X in kinds.items():
        stats = student.standardize_fit(X)
        assert_unchanged(student)
        mean, std = learned_numbers(stats, X)
        check(np.shape(stats[0]) == np.shape(stats[1]) == (4,), "mean and std have not the shape (d,)")
        exact = {"rtol": 1e-4, "atol": 1e-4} if words == "float32" else {"rtol": 1e-9, "atol": 1e-12}
        assert_matches(mean, X.astype(float).mean(axis=0), **exact, case=words)
        assert_matches(std, X.astype(float).std(axis=0), rtol=5e-3, case=words)


def learned(rng, d=4):
    return rng.uniform(-9, 9, d), rng.uniform(0.2, 0.8, d) * 10.0 ** rng.permutation(d)


@pytest.mark.points(2.5, exercise="standardize_apply", spec="(X - mean) / std, feature by feature")
def test_new_examples_are_standardised_with_what_was_learned(student, rng):
    """New examples are standardised with the given mean and std, not with their own."""
    for n in (2, 9):
        mean, std = learned(rng)
        X = examples(rng, n)
        assert_matches(student.standardize_apply(X, (mean, std)), (X - mean) / std, rtol=1e-6, atol=1e-9)


@pytest.mark.points(1, exercise="standardize_apply", spec="Any examples, a single one too")
def test_a_single_example_can_be_standardised(student, rng):
    """A single example gets the values that it would have among others."""
    (mean, std), X = learned(rng), examples(rng, 6)
    whole = student.standardize_apply(X, (mean, std))
    alone = student.standardize_apply(X[2:3], (mean, std))
    check(isinstance(whole, np.ndarray) and whole.shape == X.shape, "no array of the shape of X came back")
    check(np.abs(whole[2] - X[2]).max() > 0.1, "the examples came back as they were")
    check((np.ptp(whole, axis=0) > 0).all(), "unlike examples came back alike")
    assert_matches(alone, whole[2:3], rtol=1e-9, atol=1e-12, case="one example, alone and among others")


@pytest.mark.points(1, exercise="standardize_apply", spec="Standardise examples with what standardize_fit has learned.")
def test_fit_and_apply_fit_together(student, reference, rng):
    """Training examples get mean 0 and standard deviation 1, constant features the value 0."""
    X = examples(rng, 50, 4)
    X[:, 2] = 3.0
    got = student.standardize_apply(X, reference.standardize_fit(X))
    check(isinstance(got, np.ndarray) and got.shape == X.shape, "no array of the shape of X came back")
    assert_matches(got.mean(axis=0), np.zeros(4), rtol=0, atol=1e-6, case="means")
    assert_matches(got.std(axis=0), np.array([1.0, 1.0, 0.0, 1.0]), rtol=2e-2, atol=1e-6, case="deviations")


@pytest.mark.points(0.5, exercise="standardize_apply", spec="integers or floats. Not modified.")
def test_apply_takes_examples_of_every_kind(student, rng):
    """Integer and read-only examples and small deviations will do; nothing is modified or added."""
    stats = frozen(np.array([2.5, -4.0])), frozen(np.array([1.731e-3, 3.0]))  # so small that nothing may be added
    for X in (
        rng.integers(-9, 9, (5, 2)),
        frozen(rng.normal(0, 3, (4, 2))),
        np.asfortranarray(rng.normal(0, 3, (4, 2))),
    ):
        got = student.standardize_apply(X, stats)
        assert_unchanged(student)
        varied(got, X.size)
        assert_matches(got[0], (X[0] - stats[0]) / stats[1], rtol=1e-9, atol=1e-12, case="the first example")


# deep_run


FLAT = {"relu": -100.0, "tanh": 100.0}  # an output bias: scores would be all alike after the activation


class Trainer:
    """Stands in for train: notes what it gets, and returns parameters and losses of its own."""

    def __init__(self, params):
        self.params, self.calls = params, []

    def train(self, params, X, y, activation, rng):
        self.calls.append((params, np.array(X), np.array(y), activation, rng.random()))
        return self.params, [1.5, 0.25, 0.125]


def run(student, rng, scheme="he", activation="relu", hidden=(6, 5)):
    """A trainer that has been used, the result, and what went in."""
    X, X_test = examples(rng, 24, 4), examples(rng, 40, 4) * 1.7 + 1.5
    y = np.concatenate([[0, 3, 1], rng.choice([0, 1, 3], 21)])  # no example of class 2
    trainer, seed = Trainer(network(rng, (4, 7, 4), 3.0)), int(rng.integers(2**31))
    trainer.params[-1][1][:] += FLAT[activation]
    result = student.deep_run(scheme, activation, hidden, trainer.train, X, y, X_test, fresh(seed))
    check(len(trainer.calls) == 1, "train was not called exactly once")
    check(isinstance(result, tuple | list) and len(result) == 2, "not losses and classes came back")
    return trainer, result, (X, y, X_test, seed)


def standardised(X, by):
    return (X - by.mean(axis=0)) / by.std(axis=0)


def assert_standardised(trainer, X):
    assert_matches(trainer.calls[0][1], standardised(X, X), rtol=1e-6, atol=1e-9, case="examples that train gets")


@pytest.mark.points(0.3, exercise="deep_run", spec="train gets the standardised ones")
def test_training_examples_are_standardised(student, rng):
    """train gets the training examples, standardised with their own statistics."""
    trainer, _, (X, *_) = run(student, rng)
    assert_standardised(trainer, X)


@pytest.mark.points(
    2, exercise="deep_run", spec="Draws the weights first, by init_mlp; then train gets it for the rest."
)
def test_training_starts_from_new_weights(student, rng):
    """train gets weights that the scheme draws from rng, an output for each class up to the largest, and all else."""
    for scheme, activation in (("lecun", "tanh"), ("he", "relu")):
        trainer, _, (_, y, _, seed) = run(student, rng, scheme, activation)
        params, _, classes, name, following = trainer.calls[0]
        stream = fresh(seed)
        want = student.init_mlp([4, 6, 5, 4], scheme, stream)
        got = [list(each) for each in params]
        assert_matches(got, [list(each) for each in want], rtol=1e-12, case="weights that train gets, layer by layer")
        check(following == stream.random(), "train does not get rng as the weights left it")
        assert_matches(classes, y, case="classes that train gets")
        check(name == activation, "train gets another activation")


@pytest.mark.points(2, exercise="deep_run", spec="by the parameters that train returned")
def test_test_examples_are_classified(student, rng):
    """Test examples are standardised like those that train gets, and classified by the scores after training."""
    for activation in ("relu", "tanh"):
        trainer, (_, classes), (X, _, X_test, _) = run(student, rng, activation=activation)
        assert_standardised(trainer, X)
        (W, b), (W_out, b_out) = trainer.params
        act = np.tanh if activation == "tanh" else lambda z: np.maximum(z, 0)
        want = (act(standardised(X_test, X) @ W + b) @ W_out + b_out).argmax(axis=1)
        wrong = int((numbers(classes, len(want)) != want).sum())
        check(not wrong, f"{wrong} of {len(want)} test examples get another class, {activation}")


@pytest.mark.points(0.5, exercise="deep_run", spec="As train returned them.")
def test_losses_come_back(student, rng):
    """The losses come back as train returned them."""
    losses = run(student, rng)[1][0]
    assert_matches(losses, [1.5, 0.25, 0.125], loose_shape=True, case="losses")


@pytest.mark.points(0.2, exercise="deep_run", spec="with the statistics of the training examples. Not modified.")
def test_raw_examples_are_left_alone(student, rng):
    """Neither examples nor classes are modified."""
    run(student, rng)
    assert_unchanged(student)
