"""Hidden tests of hw01: entropies, Gaussian likelihood, squared error, softmax and binary cross-entropy, penalties.

A factor that is forgotten costs the tests of values, and not those of direction, ratio or sum; what extreme inputs do
is looked at in tests of its own. So a right idea with a wrong factor keeps what is right about it.
"""

from itertools import pairwise

import numpy as np
import pytest

from autograder.grading import assert_matches, assert_shape, assert_unchanged, check, judge_catcher, raises


def distribution(rng, size):
    """Probabilities that are all clearly above 0 and unequal."""
    weights = rng.permutation(np.arange(1, size + 1)) + rng.uniform(0.1, 0.4, size)
    return weights / weights.sum()


def single(value):
    """A value that has to be a single finite number, as a float: infinity is twice infinity, and no loss."""
    assert_shape(value, ())
    found = float(np.asarray(value))
    check(np.isfinite(found), "the value is not finite")
    return found


def table(value, shape):
    """A value that has to be numbers of this shape, give or take axes of length 1."""
    plain = isinstance(value, np.ndarray | np.generic | list | tuple | int | float)
    found = np.asarray(value) if plain else np.array(None)
    check(found.dtype.kind in "iuf" and found.size == np.prod(shape), f"numbers of shape {shape} were expected")
    return found.astype(float).reshape(shape)


def finite(gradient, n):
    """A gradient that has to be n finite numbers: infinities of one sign are all alike."""
    found = table(gradient, (n,))
    check(np.isfinite(found).all(), "the gradient is not finite")
    return found


def pair(value, words):
    """A value that has to be two things."""
    row = isinstance(value, np.ndarray) and value.shape == (2,)
    check(row or (isinstance(value, tuple | list) and len(value) == 2), f"not two things came back: {words}")
    return list(value)


def frozen(array):
    array.flags.writeable = False
    return array


def no_warning(student):
    check(not student.last.warnings, "NumPy warned during the call")


# empirical_distribution


@pytest.mark.points(1.2, exercise="empirical_distribution", spec="Entry k is the number of observations that equal k")
def test_shares_are_counts_over_n(student, rng):
    """Each entry is the share of the observations that equal its index."""
    for counts in ([2, 1, 4], [5, 3, 1, 2]):
        x = rng.permutation(np.repeat(np.arange(len(counts)), counts))
        want = np.array(counts) / len(x)
        assert_matches(student.empirical_distribution(x, len(counts)), want, loose_shape=True)


@pytest.mark.points(0.6, exercise="empirical_distribution", spec="It is 0 for values that do not occur.")
def test_values_that_do_not_occur_have_share_zero(student, rng):
    """Values that do not occur have the share 0, the largest ones too."""
    for counts in ([0, 3, 2, 0, 0], [2, 0, 5]):
        x = rng.permutation(np.repeat(np.arange(len(counts)), counts))
        want = np.array(counts) / len(x)
        assert_matches(student.empirical_distribution(x, len(counts)), want, loose_shape=True)


@pytest.mark.points(0.2, exercise="empirical_distribution", spec="of any integer type")
def test_observations_of_every_kind_are_counted(student, rng):
    """Any integer type, strided and read-only observations and a single one are counted, and left alone."""
    x = rng.permutation(np.repeat(np.arange(3), [1, 4, 3]))
    kinds = [x.astype(np.uint8), x.astype(np.int32), np.repeat(x, 2)[::2], frozen(x.copy())]
    for each in kinds:
        assert_matches(student.empirical_distribution(each, 3), np.array([1, 4, 3]) / 8)
        assert_unchanged(student)
    assert_matches(student.empirical_distribution(np.array([1]), 3), np.array([0.0, 1.0, 0.0]))


# entropy


@pytest.mark.points(0.9, exercise="entropy", spec="a value of probability p_k surprises by -log p_k")
def test_entropy_is_the_mean_surprise(student, reference, rng):
    """The entropy is the mean of -log p, in nats."""
    for size in (2, 5, 9):
        p = distribution(rng, size)
        assert_matches(student.entropy(p), reference.entropy(p), rtol=1e-6, case=f"{size} values")


@pytest.mark.points(0.6, exercise="entropy", spec="Values of probability 0 contribute 0.")
def test_impossible_values_add_nothing_to_the_entropy(student, reference, rng):
    """Values of probability 0 do not change the entropy."""
    for places in ([0], [2, 5]):
        p = distribution(rng, 4)
        assert_matches(student.entropy(np.insert(p, [min(i, 4) for i in places], 0.0)), reference.entropy(p), rtol=1e-6)


@pytest.mark.points(0.3, exercise="entropy", spec="Results count to nine digits")
def test_entropy_is_exact(student, reference, rng):
    """The entropy is right to nine digits, also of distributions that are nearly certain."""
    for size in (3, 8):
        p = distribution(rng, size)
        assert_matches(student.entropy(p), reference.entropy(p), rtol=1e-9, case=f"{size} values")
    rare = rng.uniform(1e-6, 2e-6)
    p = np.array([rare, 1 - rare])
    assert_matches(student.entropy(p), reference.entropy(p), rtol=1e-9, case="one value is nearly certain")


@pytest.mark.points(0.2, exercise="entropy", spec="NumPy gives no warning.")
def test_entropy_is_quiet_and_changes_nothing(student, reference, rng):
    """NumPy does not warn, integers and read-only arrays are fine, and nothing is modified."""
    p = np.append(distribution(rng, 3), 0.0)
    for each in (p, frozen(p.copy()), np.repeat(p, 2)[::2]):
        assert_matches(student.entropy(each), reference.entropy(p), rtol=1e-6)
        assert_unchanged(student)
        no_warning(student)
    assert_matches(student.entropy(np.array([0, 1, 0])), 0.0, atol=1e-9, case="a certain value, as integers")


# cross_entropy


def unlikely(rng):
    """Pairs of distributions, one without and one with a tiny probability in the second."""
    rare = rng.uniform(1e-9, 2e-9)
    return (distribution(rng, 4), distribution(rng, 4)), (np.array([0.5, 0.5]), np.array([rare, 1 - rare]))


@pytest.mark.points(1.6, exercise="cross_entropy", spec="who believes in q while the values come from p")
def test_cross_entropy_weighs_surprise_at_q_by_p(student, reference, rng):
    """The surprise is that of q, the weights are those of p."""
    for size in (2, 5, 9):
        p, q = distribution(rng, size), distribution(rng, size)[::-1].copy()
        assert_matches(student.cross_entropy(p, q), reference.cross_entropy(p, q), rtol=1e-6, case=f"{size} values")


@pytest.mark.points(0.4, exercise="cross_entropy", spec="Results count to nine digits")
def test_cross_entropy_is_exact(student, reference, rng):
    """The cross-entropy is right to nine digits, also where something comes that q calls very unlikely."""
    for p, q in unlikely(rng):
        assert_matches(student.cross_entropy(p, q), reference.cross_entropy(p, q), rtol=1e-9)


@pytest.mark.points(0.8, exercise="cross_entropy", spec="A value with p_k = 0 contributes 0, whatever q_k is.")
def test_values_that_never_come_cost_nothing(student, reference, rng):
    """A value of probability 0 contributes 0, also if q calls it impossible too."""
    p, q = distribution(rng, 4), distribution(rng, 4)
    want = reference.cross_entropy(p, q)
    got = student.cross_entropy(np.append(p, 0.0), np.append(q, 0.0))
    assert_matches(got, want, rtol=1e-6, case="0 in both")
    got = student.cross_entropy(np.append(p, 0.0), np.append(0.8 * q, 0.2))
    assert_matches(got, want - np.log(0.8), rtol=1e-6, case="0 in p only")


@pytest.mark.points(0.8, exercise="cross_entropy", spec="A value with q_k = 0 < p_k makes the result infinite")
def test_the_impossible_costs_infinitely_much(student, rng):
    """The result is infinite if a value of probability 0 under q does occur under p."""
    p = distribution(rng, 4)
    for k in (0, 3):
        q = np.delete(distribution(rng, 4), k)
        assert_matches(student.cross_entropy(p, np.insert(q / q.sum(), k, 0.0)), np.inf)


@pytest.mark.points(0.4, exercise="cross_entropy", spec="The result is never NaN, and NumPy gives no warning.")
def test_cross_entropy_is_quiet_and_changes_nothing(student, rng):
    """NumPy does not warn, integers and read-only arrays are fine, and nothing is modified."""
    p, q = np.array([0.25, 0.75, 0.0, 0.0]), np.array([0.5, 0.25, 0.25, 0.0])
    want = 0.25 * np.log(2) + 0.75 * np.log(4)
    for one, other in ((p, q), (frozen(p.copy()), frozen(q.copy())), (np.repeat(p, 2)[::2], np.repeat(q, 3)[::3])):
        assert_matches(student.cross_entropy(one, other), want, rtol=1e-9)
        assert_unchanged(student)
        no_warning(student)
    assert_matches(student.cross_entropy(p, np.array([1, 0, 0, 0])), np.inf, case="q in integers")
    no_warning(student)
    assert_matches(student.cross_entropy(np.array([0, 0, 1, 0]), q), np.log(4), rtol=1e-9, case="p in integers")


# kl_divergence


@pytest.mark.points(1.4, exercise="kl_divergence", spec="H(p, q) = H(p) + KL(p, q).")
def test_divergence_is_what_is_left_of_the_cross_entropy(student, reference, rng):
    """The divergence is what the cross-entropy has more than the entropy, in this order of the arguments."""
    for size in (2, 5, 9):
        p, q = distribution(rng, size), distribution(rng, size)[::-1].copy()
        want = reference.kl_divergence(p, q)
        assert_matches(student.kl_divergence(p, q), want, rtol=1e-6, atol=1e-6, case=f"{size} values")
    p, q = np.array([0.1, 0.2, 0.7]), np.array([0.6, 0.3, 0.1])
    assert_matches(student.kl_divergence(p, q), reference.kl_divergence(p, q), rtol=1e-6, case="three values")


@pytest.mark.points(0.4, exercise="kl_divergence", spec="Results count to nine digits")
def test_divergence_is_exact(student, reference, rng):
    """The divergence is right to nine digits, also where something comes that q calls very unlikely."""
    for p, q in unlikely(rng):
        assert_matches(student.kl_divergence(p, q), reference.kl_divergence(p, q), rtol=1e-9, atol=1e-12)


@pytest.mark.points(0.6, exercise="kl_divergence", spec="It is 0 only for q = p")
def test_divergence_is_zero_for_equal_distributions_only(student, rng):
    """The divergence is 0 for equal distributions and positive for others."""
    p = distribution(rng, 6)
    assert_matches(student.kl_divergence(p, p.copy()), 0.0, atol=1e-6)
    check(single(student.kl_divergence(p, np.roll(p, 1))) > 1e-6, "for unequal distributions it is not positive")


@pytest.mark.points(0.8, exercise="kl_divergence", spec="Zeros count as in cross_entropy")
def test_zeros_of_p_add_nothing_to_the_divergence(student, reference, rng):
    """A value of probability 0 contributes 0, whatever its probability under q."""
    p, q = distribution(rng, 4), np.array([0.4, 0.1, 0.3, 0.2])
    want = reference.kl_divergence(p, q)
    got = student.kl_divergence(np.append(p, 0.0), np.append(q, 0.0))
    assert_matches(got, want, rtol=1e-6, atol=1e-6, case="0 in both")
    got = student.kl_divergence(np.append(p, 0.0), np.append(0.8 * q, 0.2))
    assert_matches(got, want - np.log(0.8), rtol=1e-6, atol=1e-6, case="0 in p only")


@pytest.mark.points(0.4, exercise="kl_divergence", spec="infinite if q_k = 0 < p_k for some k")
def test_the_impossible_diverges(student, rng):
    """The divergence is infinite if a value of probability 0 under q does occur under p."""
    p = distribution(rng, 3)
    assert_matches(student.kl_divergence(p, np.array([0.5, 0.5, 0.0])), np.inf)
    assert_matches(student.kl_divergence(p, np.array([0.0, 0.3, 0.7])), np.inf)


@pytest.mark.points(0.4, exercise="kl_divergence", spec="never NaN, no warning")
def test_divergence_is_quiet_and_changes_nothing(student, rng):
    """NumPy does not warn, and nothing is modified."""
    p, q = frozen(np.array([0.25, 0.75, 0.0, 0.0])), frozen(np.array([0.5, 0.25, 0.25, 0.0]))
    assert_matches(student.kl_divergence(p, q), 0.25 * np.log(0.5) + 0.75 * np.log(3), rtol=1e-9)
    assert_unchanged(student)
    no_warning(student)
    assert_matches(student.kl_divergence(p, np.array([0.5, 0.0, 0.25, 0.25])), np.inf)
    no_warning(student)


# predictions


def is_committed(student, name, letters):
    choice = getattr(student, name)
    words = f"choose one of the letters {', '.join(letters)}, as text"
    check(isinstance(choice, str) and choice.strip().lower() in letters, words)


@pytest.mark.points(1, exercise="predict_minimum", spec="a prediction: 1 for any answer")
def test_minimum_is_predicted(student):
    """A prediction is made; any of the letters counts."""
    is_committed(student, "predict_minimum", tuple("abc"))


@pytest.mark.points(1, exercise="predict_variance", spec="a prediction: 1 for any answer")
def test_variance_is_predicted(student):
    """A prediction is made; any of the letters counts."""
    is_committed(student, "predict_variance", tuple("abc"))


@pytest.mark.points(1, exercise="predict_capacity", spec="a prediction: 1 for any answer")
def test_capacity_is_predicted(student):
    """A prediction is made; any of the letters counts."""
    is_committed(student, "predict_capacity", tuple("abc"))


@pytest.mark.points(1, exercise="predict_overflow", spec="a prediction: 1 for any answer")
def test_overflow_is_predicted(student):
    """A prediction is made; any of the letters counts."""
    is_committed(student, "predict_overflow", tuple("abc"))


@pytest.mark.points(1, exercise="predict_start", spec="a prediction: 1 for any answer")
def test_start_is_predicted(student):
    """A prediction is made; any of the letters counts."""
    is_committed(student, "predict_start", tuple("abcd"))


# gaussian_nll


def numbers(rng, size):
    """Numbers of either sign, none of them near 0."""
    return rng.uniform(0.5, 3.0, size) * rng.choice([-1.0, 1.0], size)


@pytest.mark.points(2, exercise="gaussian_nll", spec="The NLL of the conventions box, with its term 1/2 log(2 pi")
def test_likelihood_is_that_of_the_box(student, reference, rng):
    """The value is that of the conventions box, with a mean for each number."""
    for sigma2 in (0.3, 5.0):
        y, mu = numbers(rng, 7), numbers(rng, 7)
        assert_matches(student.gaussian_nll(y, mu, sigma2), reference.gaussian_nll(y, mu, sigma2), rtol=1e-9)


@pytest.mark.points(0.75, exercise="gaussian_nll", spec="The mean of each distribution, or one for all.")
def test_distances_from_the_mean_are_charged(student, rng):
    """Moving the means changes the value by half the change of the mean squared distance over the variance."""
    for sigma2 in (0.3, 5.0):
        y, near, far = numbers(rng, 7), numbers(rng, 7), numbers(rng, 7) + 2.5
        got = single(student.gaussian_nll(y, far, sigma2)) - single(student.gaussian_nll(y, near, sigma2))
        want = np.mean((y - far) ** 2 - (y - near) ** 2) / (2 * sigma2)
        assert_matches(got, want, rtol=1e-7, atol=1e-9)


@pytest.mark.points(0.5, exercise="gaussian_nll", spec="It is negative where densities exceed 1")
def test_a_large_variance_costs_its_logarithm(student, rng):
    """Where all numbers lie at the mean, the variance adds half its logarithm, even if the value becomes negative."""
    y = numbers(rng, 5)
    got = single(student.gaussian_nll(y, y.copy(), 6.0)) - single(student.gaussian_nll(y, y.copy(), 0.02))
    assert_matches(got, 0.5 * np.log(300.0), rtol=1e-9)


@pytest.mark.points(0.25, exercise="gaussian_nll", spec="Losses are means over the $N$")
def test_likelihood_is_a_mean_over_the_numbers(student, rng):
    """Taking every number twice does not change the value."""
    y, mu = numbers(rng, 6), numbers(rng, 6)
    once = single(student.gaussian_nll(y, mu, 1.7))
    check(abs(once) > 1e-3, "the value is 0 where it should not be")
    assert_matches(student.gaussian_nll(np.tile(y, 2), np.tile(mu, 2), 1.7), once, rtol=1e-9)


@pytest.mark.points(0.5, exercise="gaussian_nll", spec="exact however far a number lies from its mean")
def test_numbers_far_from_their_mean_have_their_price(student, reference, rng):
    """Numbers whose density is too small for float64 have a finite, exact price."""
    y, away = numbers(rng, 4), np.array([60.0, -70.0, 45.0, 1.0])
    far, near = (single(student.gaussian_nll(y + each, y, 0.8)) for each in (away, 0.1 * away))
    check(np.isfinite(far), "the value is not finite")
    check(abs(far - near) > 1, "the value hardly depends on the distance")
    assert_matches(
        far - near, reference.gaussian_nll(y + away, y, 0.8) - reference.gaussian_nll(y + 0.1 * away, y, 0.8)
    )


@pytest.mark.points(0.5, exercise="gaussian_nll", spec="If sigma2 is 0 or negative.")
def test_a_variance_must_be_positive(student, rng):
    """A variance of 0, or below, is refused with a ValueError."""
    y = numbers(rng, 4)
    single(student.gaussian_nll(y, y.copy(), 0.5))
    for sigma2 in (0.0, -1.5):
        with raises(ValueError, case="a variance that is not positive"):
            student.gaussian_nll(y, np.zeros(4), sigma2)


@pytest.mark.points(0.5, exercise="gaussian_nll", spec="What was observed. Integers and any memory layout are fine.")
def test_numbers_of_every_kind_have_a_likelihood(student, reference, rng):
    """One mean for all, integers, strided and read-only arrays are fine, and nothing is modified."""
    y = rng.integers(-4, 9, 6)
    want = reference.gaussian_nll(y.astype(float), 2.4, 1.3)
    own = single(student.gaussian_nll(y.astype(float), np.full(6, 2.4), 1.3))
    check(own > 0.5, "the value is too small")
    assert want > 0.5
    for each in (y, np.repeat(y, 2)[::2].astype(float), frozen(y.astype(float))):
        assert_matches(student.gaussian_nll(each, 2.4, 1.3), own, rtol=1e-9)
        assert_unchanged(student)
    check(abs(single(student.gaussian_nll(y, 2.4, 2.6)) - own) > 1e-3, "the variance makes no difference")


# gaussian_mle


def estimates(student, y):
    return [single(value) for value in pair(student.gaussian_mle(y), "mu and sigma2")]


@pytest.mark.points(0.8, exercise="gaussian_mle", spec="The mean and variance that make a sample most likely")
def test_the_first_estimate_is_the_mean(student, rng):
    """The first of the two is the mean of the sample."""
    for size in (3, 50):
        y = numbers(rng, size) + 4.0
        assert_matches(estimates(student, y)[0], np.mean(y), rtol=1e-9)


@pytest.mark.points(1.2, exercise="gaussian_mle", spec="sigma2 is the mean squared deviation from mu")
def test_the_second_estimate_is_a_variance(student, rng):
    """The second of the two is, for a large sample, the variance of what it was drawn from."""
    for deviation in (0.3, 4.0):
        y = rng.normal(6.0, deviation, 3000)
        assert_matches(estimates(student, y)[1], np.var(y), rtol=2e-3, case="a large sample")


@pytest.mark.points(1.2, exercise="gaussian_mle", spec="No other pair has a smaller gaussian_nll.")
def test_no_other_pair_makes_the_sample_likelier(student, reference, rng):
    """No other mean and variance make a small sample likelier; so the factor is 1/N."""
    for size in (2, 5):
        y = numbers(rng, size) + np.arange(size)
        mu, sigma2 = estimates(student, y)
        check(sigma2 > 0, "the second estimate is not positive")
        assert_matches([mu, sigma2], [np.mean(y), np.var(y)], rtol=1e-9, case=f"{size} numbers")


@pytest.mark.points(0.4, exercise="gaussian_mle", spec="for\na single number it is 0")
def test_a_single_number_has_no_variance(student, rng):
    """For a single number the variance is 0."""
    y = numbers(rng, 1)
    assert_matches(estimates(student, y), [y[0], 0.0], rtol=1e-9, atol=1e-12)


@pytest.mark.points(0.4, exercise="gaussian_mle", spec="Integers are fine, and numbers far from 0. It is not modified.")
def test_samples_of_every_kind_are_estimated(student, rng):
    """Integers, strided and read-only samples and numbers far from 0 are fine, and nothing is modified."""
    whole = rng.permutation(np.arange(40) ** 2 // 9) + rng.integers(1, 5)
    few = np.array([2, 3, 3, 9])  # a mean of 4.25
    own = estimates(student, few.astype(float))
    assert_matches(own[1], 7.6875, rtol=0.5, case="four numbers")
    assert_matches(estimates(student, few), own, rtol=1e-9, case="integers")
    assert_unchanged(student)
    for each, shift in ((np.repeat(whole, 2)[::2] * 1.0, 0), (frozen(whole * 1.0), 0), (whole + 1e10, 1e10)):
        mu, sigma2 = estimates(student, each)
        assert_unchanged(student)
        got, want = [mu - shift, sigma2], [np.mean(whole), np.var(whole)]
        assert_matches(got, want, rtol=0.03, case="a sample of another kind")


# simulated_bias


class Series:
    """Samples that differ from each other, and which of them an estimator has been given."""

    def __init__(self, rng):
        self.samples = list(rng.uniform(1.0, 9.0, (40, 4)))
        self.drawn, self.seen, self.given = 0, [], []

    def draw(self):
        sample = self.samples[self.drawn % len(self.samples)]
        self.drawn += 1
        return sample.copy()

    def estimate(self, sample):
        self.seen.append(np.array(sample, dtype=float))
        self.given.append(float(np.max(sample) ** 2))
        return self.given[-1]


@pytest.mark.points(1.6, exercise="simulated_bias", spec="Mean of the estimates minus truth")
def test_bias_is_mean_estimate_minus_truth(student, rng):
    """The result is the mean of the estimates minus the truth, with its sign."""
    for repeats, truth in ((7, 95.0), (6, 11.0), (9, -3.0)):
        series = Series(rng)
        got = student.simulated_bias(series.estimate, series.draw, truth, repeats)
        check(series.given, "no estimate was made")
        assert_matches(got, np.mean(series.given) - truth, rtol=1e-9, case=f"repeats = {repeats}")


@pytest.mark.points(0.8, exercise="simulated_bias", spec="returns a fresh sample")
def test_each_estimate_is_from_a_fresh_sample(student, rng):
    """Each estimate is made from one sample, and no two from the same."""
    series = Series(rng)
    student.simulated_bias(series.estimate, series.draw, 2.0, 6)
    check(len(series.seen) > 1, "no estimates were made, or a single one")
    drawn = series.samples[: series.drawn]
    found = [[k for k, one in enumerate(drawn) if np.array_equal(one, each)] for each in series.seen]
    check(all(found), "an estimate was made from something else than a sample that draw gave")
    check(len({k for each in found for k in each}) == len(found), "one sample was used for several estimates")


@pytest.mark.points(0.8, exercise="simulated_bias", spec="How many samples are drawn, and how many estimates made")
def test_as_many_samples_and_estimates_as_asked_for(student, rng):
    """As many samples are drawn, and as many estimates made, as `repeats` says."""
    for repeats in (6, 1):
        series = Series(rng)
        student.simulated_bias(series.estimate, series.draw, 2.0, repeats)
        check(series.drawn == repeats, "the number of samples drawn is not `repeats`")
        check(len(series.seen) == repeats, "the number of estimates made is not `repeats`")


@pytest.mark.points(0.8, exercise="simulated_bias", spec="It may be 0 or negative.")
def test_bias_follows_the_truth(student, rng):
    """With a truth that is larger by 2 the bias is smaller by 2; the truth may be 0 or negative."""
    found = []
    for truth in (-2.0, 0.0, 2.0, 400.0):
        series = Series(np.random.default_rng(5))
        found.append(single(student.simulated_bias(series.estimate, series.draw, truth, 4)))
    assert_matches(np.diff(found), np.array([-2.0, -2.0, -398.0]), rtol=1e-9, atol=1e-9)


# mse and mse_grad


def errors(rng, size):
    """Predictions and targets whose differences are of either sign, none of them near 0."""
    y = numbers(rng, size)
    return y + numbers(rng, size), y


@pytest.mark.points(1.2, exercise="mse", spec="The MSE of the conventions box, without a factor 1/2.")
def test_mse_is_the_mean_of_squares(student, reference, rng):
    """The value is the mean of the squared errors."""
    for size in (1, 3, 8):
        pred, y = errors(rng, size)
        assert_matches(student.mse(pred, y), reference.mse(pred, y), rtol=1e-9, case=f"N = {size}")


@pytest.mark.points(0.6, exercise="mse", spec="Mean squared error of predictions.")
def test_errors_three_times_as_large_cost_nine_times_as_much(student, rng):
    """If all errors are three times as large, the value is nine times as large."""
    pred, y = errors(rng, 6)
    once = single(student.mse(pred, y))
    check(once > 1e-3, "for wrong predictions the value is not positive")
    assert_matches(student.mse(y + 3 * (pred - y), y), 9 * once, rtol=1e-9)
    for signs in (np.ones(6), np.array([1, -1, 1, -1, 1, -1])):
        turned = np.abs(pred - y) * signs
        assert_matches(student.mse(y + turned, y), once, rtol=1e-9, case="the same errors with other signs")


@pytest.mark.points(0.6, exercise="mse", spec="Losses are means over the $N$")
def test_mse_is_a_mean_over_the_examples(student, rng):
    """Taking every example twice does not change the value."""
    pred, y = errors(rng, 5)
    pred = y + np.abs(pred - y)  # errors that do not cancel are those of another test
    once = single(student.mse(pred, y))
    check(once > 1e-3, "for wrong predictions the value is not positive")
    assert_matches(student.mse(np.tile(pred, 2), np.tile(y, 2)), once, rtol=1e-9)


UNLIKE = (((5, 1), (5,)), ((5,), (5, 1)), ((5,), (1,)))


@pytest.mark.points(0.3, exercise="mse", spec="NumPy would broadcast (N,) and (N, 1) to a table")
def test_mse_refuses_unlike_shapes(student, rng):
    """Shapes that differ are refused with a ValueError."""
    check(single(student.mse(*errors(rng, 5))) > 1e-3, "for wrong predictions the value is not positive")
    for one, other in UNLIKE:
        with raises(ValueError, case="shapes that differ"):
            student.mse(rng.uniform(1, 2, one), rng.uniform(3, 4, other))


@pytest.mark.points(0.3, exercise="mse", spec="Integers and any memory layout are fine. Neither is modified.")
def test_mse_of_every_kind(student, rng):
    """Integers, strided and read-only arrays are fine, and nothing is modified."""
    pred, y = rng.integers(-9, 9, 6), rng.integers(10, 20, 6)
    plain = single(student.mse(pred.astype(float), y.astype(float)))
    check(plain > 1e-3, "for wrong predictions the value is not positive")
    for one, other in (
        (pred, y),
        (np.repeat(pred, 2)[::2].astype(float), y),
        (frozen(pred * 1.0), frozen(y.astype(float))),
    ):
        assert_matches(student.mse(one, other), plain, rtol=1e-9)
        assert_unchanged(student)


@pytest.mark.points(1.6, exercise="mse_grad", spec="Entry i is the derivative of mse(pred, y) with respect to pred[i].")
def test_gradient_of_mse_is_exact(student, reference, rng):
    """Every entry is the derivative of the mean squared error."""
    for size in (1, 3, 8):
        pred, y = errors(rng, size)
        want = reference.mse_grad(pred, y)
        assert_matches(student.mse_grad(pred, y), want, rtol=1e-9, loose_shape=True, case=f"N = {size}")


@pytest.mark.points(0.9, exercise="mse_grad", spec="Gradient of mse with respect to the predictions.")
def test_gradient_of_mse_points_away_from_the_targets(student, rng):
    """The gradient is the vector of errors times one positive number."""
    pred, y = errors(rng, 6)
    ratios = finite(student.mse_grad(pred, y), 6) / (pred - y)
    check((ratios > 0).all(), "against the gradient, some predictions move away from their targets")
    assert_matches(ratios, np.full(6, ratios[0]), rtol=1e-9, case="gradient over error")


@pytest.mark.points(0.7, exercise="mse_grad", spec="Gradients are those of the loss as printed here, mean included.")
def test_gradient_of_mse_shares_the_mean(student, rng):
    """Taking every example twice halves each entry."""
    pred, y = errors(rng, 5)
    once = finite(student.mse_grad(pred, y), 5)
    check(np.abs(once).min() > 1e-3, "the gradient is 0 where predictions are wrong")
    twice = table(student.mse_grad(np.tile(pred, 2), np.tile(y, 2)), (10,))
    assert_matches(2 * twice, np.tile(once, 2), rtol=1e-9)


@pytest.mark.points(0.4, exercise="mse_grad", spec="If the two shapes differ.")
def test_gradient_of_mse_refuses_unlike_shapes(student, rng):
    """Shapes that differ are refused with a ValueError."""
    check(np.any(table(student.mse_grad(*errors(rng, 5)), (5,))), "the gradient is 0 where predictions are wrong")
    for one, other in UNLIKE:
        with raises(ValueError, case="shapes that differ"):
            student.mse_grad(rng.uniform(1, 2, one), rng.uniform(3, 4, other))


@pytest.mark.points(0.4, exercise="mse_grad", spec="As for mse.")
def test_gradient_of_mse_of_every_kind(student, rng):
    """Integers, strided and read-only arrays are fine, the shape is (N,), and nothing is modified."""
    pred, y = np.append(rng.integers(-9, 0, 3), rng.integers(1, 9, 4)), rng.integers(10, 20, 7)
    plain = student.mse_grad(pred.astype(float), y.astype(float))
    assert_shape(plain, (7,))
    signs = set(np.sign(finite(plain, 7)))
    check(len(signs) == 1 and 0 not in signs, "predictions that are all too small have slopes of unlike signs, or 0")
    for one, other in ((pred, y), (np.repeat(pred, 2)[::2], y * 1.0), (frozen(pred * 1.0), frozen(y.astype(float)))):
        assert_matches(student.mse_grad(one, other), plain, rtol=1e-9)
        assert_unchanged(student)


# log_softmax and softmax


def logits(rng, n, c):
    """Logits of moderate size, different in every row."""
    return rng.permuted(np.tile(np.linspace(-2, 3, c), (n, 1)), axis=1) + rng.uniform(-0.5, 0.5, (n, c))


def apart(rng):
    """Rows of very different size, with differences that do not overflow by themselves."""
    return logits(rng, 4, 3) + np.array([[900.0], [-900.0], [0.0], [30.0]])


def check_logarithms(rows):
    """See that these can be logarithms of probabilities, and not all the same."""
    check((rows < 0).all(), "some logarithms of probabilities are not negative")
    check(np.ptp(rows, axis=1).min() > 0.1, "all classes of a row have the same probability")


@pytest.mark.points(2.8, exercise="log_softmax", spec="Logarithm of the softmax of each row.")
def test_log_softmax_is_that_of_the_formula(student, reference, rng):
    """The values are those of the formula, for tables of any shape."""
    for n, c in ((3, 5), (5, 2), (1, 4)):
        Z = logits(rng, n, c)
        want = reference.log_softmax(Z)
        assert_matches(student.log_softmax(Z), want, rtol=1e-5, atol=1e-7, loose_shape=True, case=f"shape {n, c}")


@pytest.mark.points(1.05, exercise="log_softmax", spec="Each row depends on the same row of Z only")
def test_log_softmax_of_a_row_is_its_own(student, rng):
    """A row by itself has the same result as among others."""
    Z = logits(rng, 4, 3)
    together = table(student.log_softmax(Z), (4, 3))
    check_logarithms(together)
    for i in range(4):
        assert_matches(student.log_softmax(Z[i : i + 1]), together[i], rtol=1e-9, atol=1e-12, loose_shape=True)


@pytest.mark.points(0.35, exercise="log_softmax", spec="adding a number to a row of Z changes nothing")
def test_log_softmax_does_not_see_a_shift_of_a_row(student, rng):
    """Adding a number to each row changes nothing."""
    Z = logits(rng, 3, 4)
    plain = table(student.log_softmax(Z), (3, 4))
    check_logarithms(plain)
    shifted = student.log_softmax(Z + np.array([[5.0], [-20.0], [40.0]]))
    assert_matches(shifted, plain, rtol=1e-9, atol=1e-11, loose_shape=True)


@pytest.mark.points(1.4, exercise="log_softmax", spec="exact for logits of any size")
def test_log_softmax_of_unlikely_classes(student, reference, rng):
    """Very unlikely classes have an exact logarithm, and likely ones beside them too."""
    Z = np.array([[3.0, -300.0, 1.0], [-40.0, 2.0, 0.5]]) + rng.uniform(-0.5, 0.5, (2, 3))
    assert_matches(student.log_softmax(Z), reference.log_softmax(Z), rtol=1e-9, loose_shape=True)
    Z = np.array([[0.0, -30.0, -60.0]])
    got = table(student.log_softmax(Z), (1, 3))
    assert_matches(got[0, 1:], np.array([-30.0, -60.0]), rtol=1e-9)


@pytest.mark.points(0.7, exercise="log_softmax", spec="also where a probability is too small for float64")
def test_log_softmax_of_huge_logits(student, reference, rng):
    """Logits of any size give finite, exact results, also where a probability is too small for float64."""
    far = np.array([[3.0, -800.0, 1.0], [-745.0, 2.0, 0.5]]) + rng.uniform(-0.5, 0.5, (2, 3))
    for Z in (far, apart(rng), 1e4 * logits(rng, 3, 4), 1e30 * logits(rng, 2, 3)):
        got = student.log_softmax(Z)
        assert_matches(got, reference.log_softmax(Z), rtol=1e-9, atol=1e-9, loose_shape=True)


@pytest.mark.points(0.7, exercise="log_softmax", spec="Integers and any memory layout are fine. It is not modified.")
def test_log_softmax_of_every_kind(student, rng):
    """Tables of any type and memory layout are fine, the shape is kept, nothing is modified."""
    Z = rng.integers(-3, 4, (3, 4))
    Z[:, 1] = 5
    plain = student.log_softmax(Z.astype(float))
    assert_shape(plain, (3, 4))
    check_logarithms(table(plain, (3, 4)))
    kinds = (Z, np.asfortranarray(Z * 1.0), np.repeat(Z * 1.0, 2, axis=1)[:, ::2], (Z.T * 1.0).T, frozen(Z * 1.0))
    for each in kinds:
        assert_matches(student.log_softmax(each), plain, rtol=1e-9)
        assert_unchanged(student)
    assert_matches(student.log_softmax(Z.astype(np.float32)), plain, rtol=1e-4, atol=1e-4, case="float32")


@pytest.mark.points(1.8, exercise="softmax", spec="Each row is a distribution over the C classes")
def test_softmax_is_that_of_the_formula(student, reference, rng):
    """The values are those of the formula, for tables of any shape."""
    for n, c in ((3, 5), (5, 2), (1, 4)):
        Z = logits(rng, n, c)
        assert_matches(student.softmax(Z), reference.softmax(Z), rtol=1e-6, loose_shape=True, case=f"shape {n, c}")


@pytest.mark.points(1, exercise="softmax", spec="depends on the same row of Z only")
def test_softmax_of_a_row_is_its_own(student, rng):
    """A row by itself has the same result as among others, and adds up to 1."""
    Z = logits(rng, 4, 3)
    together = table(student.softmax(Z), (4, 3))
    assert_matches(together.sum(axis=1), np.ones(4), rtol=1e-6, case="sums of rows")
    check(np.ptp(together, axis=1).min() > 0.1, "all classes of a row have the same probability")
    for i in range(4):
        assert_matches(student.softmax(Z[i : i + 1]), together[i], rtol=1e-9, loose_shape=True)


@pytest.mark.points(0.4, exercise="softmax", spec="Small probabilities are\nexact")
def test_softmax_of_unlikely_classes(student, rng):
    """Small probabilities are exact."""
    Z = np.array([[0.0, -60.0, -200.0]]) + np.array([[0.0], [10.0]])
    want = np.exp([[-60.0, -200.0]] * 2)
    assert_matches(table(student.softmax(Z), (2, 3))[:, 1:], want, rtol=1e-9)


@pytest.mark.points(0.4, exercise="softmax", spec="logits may have any size")
def test_softmax_of_huge_logits(student, reference, rng):
    """Logits of any size give distributions, rows of very different size too."""
    for Z in (apart(rng), 1e4 * logits(rng, 3, 4)):
        assert_matches(student.softmax(Z), reference.softmax(Z), rtol=1e-9, atol=1e-12, loose_shape=True)


@pytest.mark.points(0.4, exercise="softmax", spec="Logits, as for log_softmax. It is not modified.")
def test_softmax_of_every_kind(student, rng):
    """Tables of any type and memory layout are fine, the shape is kept, nothing is modified."""
    Z = rng.integers(-3, 4, (3, 4))
    Z[:, 0] += 9
    plain = student.softmax(Z.astype(float))
    assert_shape(plain, (3, 4))
    check((table(plain, (3, 4))[:, 0] > 0.5).all(), "the class with by far the largest logit is not the likeliest")
    for each in (Z, np.asfortranarray(Z * 1.0), np.repeat(Z * 1.0, 2, axis=1)[:, ::2], frozen(Z * 1.0)):
        assert_matches(student.softmax(each), plain, rtol=1e-9)
        assert_unchanged(student)
    assert_matches(student.softmax(Z.astype(np.float32)), plain, rtol=1e-4, case="float32")


# softmax_cross_entropy


def loss_of(student, Z, y):
    """The loss, seen to be a single number."""
    return single(pair(student.softmax_cross_entropy(Z, y), "loss and dZ")[0])


def gradient_of(student, Z, y):
    """The gradient, seen to have the size of the logits."""
    return table(pair(student.softmax_cross_entropy(Z, y), "loss and dZ")[1], Z.shape)


def classes(rng):
    """Batches in which classes are missing and repeated, and the batch is no square."""
    yield logits(rng, 5, 3), np.array([2, 0, 0, 2, 2])
    yield logits(rng, 2, 6), np.array([1, 3])
    yield logits(rng, 7, 4), rng.permutation([0, 1, 2, 3, 3, 1, 1])


@pytest.mark.points(3.25, exercise="softmax_cross_entropy", spec="The loss of the conventions box: the mean over the")
def test_cross_entropy_of_logits_is_that_of_the_box(student, reference, rng):
    """The loss is the mean of -log p of the true classes."""
    for Z, y in classes(rng):
        want = reference.softmax_cross_entropy(Z, y)[0]
        assert_matches(loss_of(student, Z, y), want, rtol=1e-5, case=f"{Z.shape[0]} examples, {Z.shape[1]} classes")


@pytest.mark.points(3.51, exercise="softmax_cross_entropy", spec="Entry (i, c) is the derivative of the loss")
def test_gradient_of_cross_entropy_is_exact(student, reference, rng):
    """Every entry of dZ is the derivative of the loss."""
    for Z, y in classes(rng):
        want = reference.softmax_cross_entropy(Z, y)[1]
        case = f"{Z.shape[0]} examples, {Z.shape[1]} classes"
        assert_matches(gradient_of(student, Z, y), want, rtol=1e-9, atol=1e-12, case=case)


@pytest.mark.points(0.65, exercise="softmax_cross_entropy", spec="Gradients are those of the loss as printed here")
def test_cross_entropy_is_a_mean_over_the_examples(student, rng):
    """Taking every example twice leaves the loss alone and halves the gradient."""
    for Z, y in classes(rng):
        twice = np.tile(Z, (2, 1)), np.tile(y, 2)
        loss, dZ = loss_of(student, Z, y), gradient_of(student, Z, y)
        check(loss > 1e-3 and np.abs(dZ).max() > 1e-6, "loss or gradient is 0 where the prediction is not perfect")
        check(abs(loss_of(student, 3 * Z, y) - loss) > 1e-6, "logits three times as large have the same loss")
        assert_matches(loss_of(student, *twice), loss, rtol=1e-9, case="the loss")
        assert_matches(
            2 * gradient_of(student, *twice), np.tile(dZ, (2, 1)), rtol=1e-9, atol=1e-12, case="the gradient dZ"
        )


@pytest.mark.points(0.91, exercise="softmax_cross_entropy", spec="The entries of a row add up to 0.")
def test_gradient_of_cross_entropy_raises_the_true_class(student, rng):
    """In each row dZ is negative for the true class, positive for all others, and adds up to 0."""
    for Z, y in classes(rng):
        dZ = gradient_of(student, Z, y)
        own = np.zeros(Z.shape, dtype=bool)
        own[np.arange(len(y)), y] = True
        check((dZ[own] < 0).all(), "against the gradient, the logit of a true class falls")
        check((dZ[~own] > 0).all(), "against the gradient, the logit of a wrong class rises")
        check(np.ptp(dZ[~own]) > 1e-4, "all wrong classes have the same entry of dZ, however likely they are")
        assert_matches(dZ.sum(axis=1), np.zeros(len(y)), rtol=0, atol=1e-9, case="sums of rows")


@pytest.mark.points(1.3, exercise="softmax_cross_entropy", spec="has a probability too small for float64")
def test_cross_entropy_of_huge_logits(student, reference, rng):
    """Logits up to 1e30 give a finite, exact loss and gradient, also where a probability is too small for float64."""
    near = np.array([[1.0, 0.0, -1.0], [-1.0, -1.0, -1.0], [0.0, 0.5, 0.0]]) + rng.uniform(-0.1, 0.1, (3, 3))
    far = np.array([[0.0, -780.0, 1.0], [1.0, 0.3, -0.4]])
    batches = ((1e4 * near, [1, 2, 0]), (1e30 * near, [2, 1, 1]), (apart(rng), [0, 1, 1, 0]), (far, [1, 2]))
    for Z, classes_of_rows in batches:
        y = np.array(classes_of_rows)
        want = reference.softmax_cross_entropy(Z, y)
        assert_matches(loss_of(student, Z, y), want[0], rtol=1e-9, case="the loss")
        assert_matches(gradient_of(student, Z, y), want[1], rtol=1e-9, atol=1e-9, case="the gradient dZ")


@pytest.mark.points(0.78, exercise="softmax_cross_entropy", spec="It is finite and exact for logits of any size")
def test_cross_entropy_of_unlikely_examples(student, reference, rng):
    """A true class that is very unlikely has its full, exact price, and the full gradient."""
    for gap in (20.0, 80.0, 600.0):
        Z = np.array([[0.0, -gap, 1.0], [1.0, 0.3, -0.4]]) + rng.uniform(-0.2, 0.2, (2, 3))
        y = np.array([1, 2])
        want = reference.softmax_cross_entropy(Z, y)
        assert_matches(loss_of(student, Z, y), want[0], rtol=1e-9, case="an almost impossible class, the loss")
        assert_matches(
            gradient_of(student, Z, y),
            want[1],
            rtol=1e-6,
            atol=1e-9,
            case="an almost impossible class, the gradient dZ",
        )


@pytest.mark.points(1.3, exercise="softmax_cross_entropy", spec="Some classes may be missing, others repeated.")
def test_cross_entropy_of_every_kind(student, rng):
    """Labels and logits of any kind and a single example give the same results, and nothing is modified."""
    Z, y = rng.integers(-3, 4, (4, 5)), np.array([1, 0, 0, 3])
    Z[:, 2] = 4
    loss, dZ = loss_of(student, Z * 1.0, y), student.softmax_cross_entropy(Z * 1.0, y)[1]
    assert_shape(dZ, (4, 5), case="the gradient dZ")
    check(loss > 1e-3, "the loss is 0 where the prediction is not perfect")
    check(np.ptp(dZ[0][[0, 2, 3, 4]]) > 1e-3, "all wrong classes have the same entry of dZ, however likely they are")
    labels = (y.astype(np.uint8), y.astype(np.int32), np.repeat(y, 2)[::2], frozen(y.copy()))
    tables = (Z, np.asfortranarray(Z * 1.0), np.repeat(Z * 1.0, 2, axis=1)[:, ::2], frozen(Z * 1.0))
    for each, other in zip(tables, labels, strict=True):
        assert_matches(student.softmax_cross_entropy(each, other), [loss, dZ], rtol=1e-9, atol=1e-12)
        assert_unchanged(student)
    assert_matches(student.softmax_cross_entropy(Z.astype(np.float32), y), [loss, dZ], rtol=1e-4, atol=1e-4)
    first = student.softmax_cross_entropy(Z[:1] * 1.0, y[:1])
    assert_shape(pair(first, "loss and dZ")[1], (1, 5), case="the gradient dZ of a single example")


@pytest.mark.points(1.3, exercise="softmax_cross_entropy", spec="If a label is outside 0..C-1")
def test_cross_entropy_refuses_labels_that_are_no_class(student, rng):
    """Labels below 0 or above C - 1 are refused with a ValueError."""
    Z = logits(rng, 3, 4)
    check(loss_of(student, Z, np.array([0, 3, 1])) > 1e-3, "the loss is 0 where the prediction is not perfect")
    for wrong in (-1, 4, 9):
        with raises(ValueError, case="a label that is no class"):
            student.softmax_cross_entropy(Z, np.array([0, wrong, 2]))


# catches_cross_entropy

FAULTY = (
    "sum_over_examples",
    "mean_over_all_entries",
    "softmax_over_columns",
    "gradient_uphill",
    "gradient_without_the_mean",
    "target_not_subtracted",
    "binary_logarithm",
    "overflowing",
    "small_number_in_the_logarithm",
)
SOUND = ("one_example_at_a_time", "by_one_hot_rows", "by_the_jacobian")


@pytest.mark.points(8, exercise="catches_cross_entropy", spec="accusing right ones takes points away again")
def test_wrong_losses_are_caught_and_right_ones_let_through(student, candidates, award):
    """Your test tells wrong losses from right ones that it has not seen."""
    found = judge_catcher(student.catches_cross_entropy, candidates("softmax_cross_entropy", (*FAULTY, *SOUND)))
    award(found.fraction, found.words)


# bce_with_logits


def binary(student, z, y):
    """Loss and gradient, seen to be a single number and numbers of the size of z."""
    loss, dz = pair(student.bce_with_logits(z, y), "loss and dz")
    return single(loss), table(dz, z.shape)


def coins(rng):
    """Logits of moderate size and labels, both of them present, with unlike results in the first half."""
    for size in (5, 8):
        yield numbers(rng, size), rng.permutation(np.arange(size) % 3 == 0).astype(float)


@pytest.mark.points(1.6, exercise="bce_with_logits", spec="The binary loss of the conventions box.")
def test_binary_loss_is_that_of_the_box(student, reference, rng):
    """For labels 0 and 1, the loss is the mean of -log p of what happened."""
    for z, y in coins(rng):
        assert_matches(binary(student, z, y)[0], reference.bce_with_logits(z, y)[0], rtol=1e-6)
    assert_matches(binary(student, np.array([0.7]), np.array([0.0]))[0], np.log1p(np.exp(0.7)), rtol=1e-6)


@pytest.mark.points(1.6, exercise="bce_with_logits", spec="Entry i is the derivative of the loss with respect to z[i].")
def test_binary_gradient_is_exact(student, reference, rng):
    """For labels 0 and 1, every entry of dz is the derivative of the loss."""
    for z, y in coins(rng):
        assert_matches(binary(student, z, y)[1], reference.bce_with_logits(z, y)[1], rtol=1e-6, atol=1e-12)


@pytest.mark.points(0.4, exercise="bce_with_logits", spec="Losses are means over the $N$")
def test_binary_loss_is_a_mean_over_the_examples(student, rng):
    """Taking every example twice leaves the loss alone and halves the gradient."""
    for z, y in coins(rng):
        loss, dz = binary(student, z, y)
        check(loss > 1e-3 and np.abs(dz).min() > 1e-4, "loss or gradient is 0 where the prediction is not perfect")
        again = binary(student, np.tile(z, 2), np.tile(y, 2))
        assert_matches(again[0], loss, rtol=1e-9, case="the loss")
        assert_matches(2 * again[1], np.tile(dz, 2), rtol=1e-9, case="the gradient dz")


@pytest.mark.points(2.4, exercise="bce_with_logits", spec="labels (integers are fine) or soft targets")
def test_soft_targets_count_for_both_classes(student, reference, rng):
    """Soft targets count in part for either class, in the loss and in dz."""
    z, y = numbers(rng, 6), rng.uniform(0.1, 0.9, 6)
    want = reference.bce_with_logits(z, y)
    assert_matches(binary(student, z, y), want, rtol=1e-6, atol=1e-12)


@pytest.mark.points(0.8, exercise="bce_with_logits", spec="prediction minus target")
def test_binary_gradient_leads_to_the_target(student, rng):
    """dz is negative where y is 1, positive where y is 0, and vanishes where the target is met."""
    for z, y in coins(rng):
        dz = binary(student, z, y)[1]
        check(((dz < 0) == (y == 1)).all() and dz.all(), "against the gradient, some logits move away from the target")
    z = numbers(rng, 4)
    dz = binary(student, z, 1 / (1 + np.exp(-z)))[1]
    assert_matches(dz, np.zeros(4), rtol=0, atol=1e-6, case="targets that are met")


@pytest.mark.points(0.8, exercise="bce_with_logits", spec="small losses are exact: z = 40")
def test_binary_loss_of_extreme_logits(student, reference, rng):
    """Sure and right answers have a tiny loss, not 0; sure and wrong ones their full price, for logits of any size."""
    for size in (33.0, 40.0, 55.0):
        z = np.array([size, -size]) + rng.uniform(-1, 1)
        for y, case in (([1, 0], "sure and right"), ([0, 1], "sure and wrong")):
            want = reference.bce_with_logits(z, np.array(y))[0]
            assert_matches(binary(student, z, np.array(y))[0], want, rtol=1e-9, case=case)
    for size in (800.0, 1e4, 1e30):
        loss, dz = binary(student, np.array([size, -size, 0.0]), np.array([0.0, 1.0, 1.0]))
        assert_matches(loss, (2 * size + np.log(2)) / 3, rtol=1e-9, case="huge logits, the loss")
        assert_matches(dz, np.array([1, -1, -0.5]) / 3, rtol=1e-9, atol=1e-12, case="huge logits, the gradient dz")


@pytest.mark.points(0.4, exercise="bce_with_logits", spec="Logits of class 1. It is not modified.")
def test_binary_loss_of_every_kind(student, rng):
    """Integers, strided and read-only arrays and a single example are fine, and nothing is modified."""
    z, y = rng.integers(1, 5, 6) * np.array([1, -1, 1, 1, -1, 1]), np.array([0, 1, 1, 0, 1, 0])
    loss, dz = pair(student.bce_with_logits(z * 1.0, y * 1.0), "loss and dz")
    assert_shape(dz, (6,), case="the gradient dz")
    check(single(loss) > 1e-3, "the loss is 0 where the prediction is not perfect")
    kinds = ((z, y), (np.repeat(z * 1.0, 2)[::2], y.astype(np.int32)), (frozen(z * 1.0), frozen(y.copy())))
    for one, other in kinds:
        assert_matches(student.bce_with_logits(one, other), [loss, dz], rtol=1e-9, atol=1e-12)
        assert_unchanged(student)


# mended_hinge


def contest(rng, n, c):
    """Scores in which margins are met, missed, and missed by far; and the true classes."""
    return rng.uniform(-1.5, 1.5, (n, c)), rng.integers(0, c, n)


def decided(rng, n, c):
    """The same, with a first example whose true class wins by less than 1 and a second one whose true class loses."""
    S, y = contest(rng, n, c)
    for i, score in ((0, S[0].max() + 0.5), (1, S[1].min() - 1)):
        S[i, y[i]] = score
    return S, y


@pytest.mark.points(1.6, exercise="mended_hinge", spec="The mean over the examples of the sum over the wrong classes")
def test_hinge_is_that_of_the_first_line(student, reference, rng):
    """The loss is that of the slide's first line."""
    for n, c in ((4, 3), (3, 6), (1, 2)):
        S, y = contest(rng, n, c)
        S[0, y[0]] -= 2
        assert_matches(student.mended_hinge(S, y), reference.mended_hinge(S, y), rtol=1e-9, case=f"shape {n, c}")


@pytest.mark.points(1, exercise="mended_hinge", spec="It is 0 if\nevery true class wins by at least 1")
def test_hinge_of_clear_winners_is_zero(student, rng):
    """The loss is 0 if every true class wins by more than 1, and not if one loses."""
    S, y = contest(rng, 5, 4)
    S[np.arange(5), y] = 3.0
    assert_matches(student.mended_hinge(S, y), 0.0, atol=1e-12)
    S[2, y[2]] = -3.0
    check(single(student.mended_hinge(S, y)) > 0.1, "an example whose true class loses costs nothing")


@pytest.mark.points(1, exercise="mended_hinge", spec="adding a number to a row of scores changes nothing")
def test_hinge_does_not_see_a_shift_of_a_row(student, rng):
    """Adding a number to each row of scores changes nothing."""
    S, y = decided(rng, 3, 5)
    plain = single(student.mended_hinge(S, y))
    check(plain > 1e-3, "examples whose true class loses cost nothing")
    assert_matches(student.mended_hinge(S + np.array([[5.0], [-3.0], [0.7]]), y), plain, rtol=1e-9)


@pytest.mark.points(0.3, exercise="mended_hinge", spec="Mean multiclass hinge loss")
def test_hinge_is_a_mean_over_the_examples(student, rng):
    """Taking every example twice does not change the loss."""
    S, y = decided(rng, 4, 3)
    plain = single(student.mended_hinge(S, y))
    check(plain > 1e-3, "examples whose true class loses cost nothing")
    assert_matches(student.mended_hinge(np.tile(S, (2, 1)), np.tile(y, 2)), plain, rtol=1e-9)


@pytest.mark.points(0.1, exercise="mended_hinge", spec="Scores, a row for each example. It is not modified.")
def test_hinge_leaves_the_scores_alone(student, rng):
    """Scores may be read-only or in any memory layout, and are not modified."""
    S, y = decided(rng, 4, 3)
    plain = single(student.mended_hinge(S, y))
    check(plain > 1e-3, "examples whose true class loses cost nothing")
    for each in (frozen(S.copy()), np.asfortranarray(S), np.repeat(S, 2, axis=1)[:, ::2]):
        assert_matches(student.mended_hinge(each, y.astype(np.int32)), plain, rtol=1e-9)
        assert_unchanged(student)


# penalty


def priced(student, W, lam, kind, beta):
    """Value and gradient, seen to be a single number and numbers of the size of W."""
    value, grad = pair(student.penalty(W, lam, kind, beta), "value and grad")
    return single(value), table(grad, W.shape)


def assert_priced(student, reference, rng, kind):
    for shape, lam, beta in (((3, 2), 0.3, 0.7), ((2, 5), 1.7, 4.0)):
        W = numbers(rng, shape)
        assert_matches(priced(student, W, lam, kind, beta), reference.penalty(W, lam, kind, beta), rtol=1e-9)


@pytest.mark.points(1.5, exercise="penalty", spec="The factor lambda of the conventions box")
def test_l2_charges_squares(student, reference, rng):
    """Value and gradient of l2 are those of lambda times the sum of squares."""
    assert_priced(student, reference, rng, "l2")


@pytest.mark.points(0.9, exercise="penalty", spec="Which of the three penalties.")
def test_l1_charges_absolute_values(student, reference, rng):
    """Value and gradient of l1 are those of lambda times the sum of absolute values."""
    assert_priced(student, reference, rng, "l1")


@pytest.mark.points(1.5, exercise="penalty", spec='Weighs the squares in "elastic"')
def test_elastic_charges_both(student, reference, rng):
    """Value and gradient of elastic are those of lambda times (beta times squares plus absolute values)."""
    assert_priced(student, reference, rng, "elastic")


@pytest.mark.points(0.3, exercise="penalty", spec="the other kinds ignore it")
def test_only_elastic_looks_at_beta(student, rng):
    """Another beta changes elastic and nothing else."""
    W = rng.uniform(1.0, 2.0, (2, 2)) * np.array([[-1, 1], [-1, -1]])
    for kind in ("l2", "l1"):
        one, other = (priced(student, W, 0.4, kind, beta) for beta in (0.3, 6.0))
        check(one[0] > 1e-3, "weights that are not 0 cost nothing")
        assert_matches(other, one, rtol=1e-9, case=kind)
    one, other = (priced(student, W, 0.4, "elastic", beta) for beta in (0.3, 6.0))
    check(other[0] > one[0] + 0.1, "for elastic, beta makes no difference")


@pytest.mark.points(0.6, exercise="penalty", spec="The slope of |w| at w = 0 is taken as 0.")
def test_slope_at_zero_is_zero(student, rng):
    """Where a weight is 0, so is its gradient, and nowhere else."""
    W = numbers(rng, (2, 3))
    W[0, 1] = W[1, 2] = 0.0
    for kind in ("l1", "elastic"):
        value, grad = priced(student, W, 0.6, kind, 1.5)
        check(np.isfinite(grad).all(), "the gradient is not finite where a weight is 0")
        check(
            ((grad == 0) == (W == 0)).all() and value > 1e-3, "the gradient is not 0 at just those weights that are 0"
        )


@pytest.mark.points(0.6, exercise="penalty", spec="If kind is none of the three.")
def test_unknown_penalties_are_refused(student, rng):
    """A kind that is none of the three is refused with a ValueError."""
    W = numbers(rng, (3, 2))
    check(priced(student, W, 0.5, "l2", 1.0)[0] > 1e-3, "weights that are not 0 cost nothing")
    for kind in ("l0", "ridge", ""):
        with raises(ValueError, case="an unknown kind"):
            student.penalty(W, 0.5, kind, 1.0)


@pytest.mark.points(0.6, exercise="penalty", spec="The weights, without biases. It is not modified.")
def test_weights_of_every_kind_have_a_penalty(student, rng):
    """Integers, any layout and number of axes are fine, the gradient has the shape of W, nothing is modified."""
    W = rng.integers(2, 5, (2, 3)) * np.array([-1, 1, -1])
    for kind in ("l2", "l1", "elastic"):
        value, grad = pair(student.penalty(W * 1.0, 0.5, kind, 0.7), "value and grad")
        assert_shape(grad, (2, 3), case="grad")
        check(single(value) > 1e-3, "weights that are not 0 cost nothing")
        for each in (W, np.asfortranarray(W * 1.0), frozen(W * 1.0)):
            assert_matches(student.penalty(each, 0.5, kind, 0.7), [value, grad], rtol=1e-9)
            assert_unchanged(student)
        for shape in ((6,), (3, 1, 2)):
            value_of_another, slope = priced(student, np.reshape(W * 1.0, shape), 0.5, kind, 0.7)
            assert_matches([value_of_another, slope.ravel()], [value, np.ravel(grad)], rtol=1e-9, case=f"shape {shape}")


# fit_linear


class Valley:
    """A loss for any number of outputs that notes the scores and targets it was asked about."""

    def __init__(self):
        self.asked = []

    @staticmethod
    def slope(scores, y):
        error = scores - np.asarray(y, dtype=float).reshape(-1, *[1] * (np.ndim(scores) - 1))
        return (2 * error + 0.4 * error**3) / error.size

    def loss(self, scores, y):
        self.asked.append((np.array(scores, dtype=float), np.array(y, dtype=float)))
        target = np.asarray(y, dtype=float).reshape(-1, *[1] * (np.ndim(scores) - 1))
        error = np.asarray(scores) - target
        return float(np.mean(error**2) + 0.1 * np.mean(error**4)), self.slope(np.asarray(scores), y)

    def fit(self, module, case):
        return pair(module.fit_linear(*case[:2], self.loss, *case[2:]), "W and losses")

    def path(self):
        """The scores it was asked about, each once if it was asked again about the same."""
        scores = [each for each, _ in self.asked]
        return scores[:1] + [new for old, new in pairwise(scores) if not np.array_equal(old, new)]


def regression(rng, shape, steps, lr=0.3):
    X = rng.uniform(-1, 1, (6, shape[0]))
    return X, rng.uniform(-1, 1, 6), rng.uniform(-0.5, 0.5, shape), lr, steps


@pytest.mark.points(2.5, exercise="fit_linear", spec="One step of *gradient descent* goes against it")
def test_each_step_goes_down_the_gradient(student, rng):
    """From call to call of the loss, the scores move as one step of gradient descent moves them."""
    for shape in ((3,), (4, 2)):
        X, y, W, lr, _ = case = regression(rng, shape, 7)
        valley = Valley()
        valley.fit(student, case)
        path, words = valley.path(), f"weights of shape {shape}"
        check(len(path) >= 5, "the loss was asked about fewer than five different scores in seven steps")
        check(np.shape(path[0]) == np.shape(X @ W), "the scores have not the shape of X @ W")
        assert_matches(path[0], X @ W, rtol=1e-9, atol=1e-12, case=f"{words}, the first call")
        for old, new in pairwise(path[:5]):
            assert_matches(new, old - lr * X @ (X.T @ valley.slope(old, y)), rtol=1e-9, atol=1e-12, case=words)


@pytest.mark.points(0.75, exercise="fit_linear", spec="The weights after the last step")
def test_weights_are_those_after_the_last_step(student, reference, rng):
    """The weights that come back are those after as many steps as asked for."""
    for shape, steps in (((3,), 6), ((4, 2), 6), ((3,), 1)):
        case = regression(rng, shape, steps)
        got, want = (Valley().fit(module, case)[0] for module in (student, reference))
        assert_matches(got, want, rtol=1e-9, atol=1e-12, loose_shape=True, case=f"weights of shape {shape}")


@pytest.mark.points(0.75, exercise="fit_linear", spec="the loss before each step")
def test_losses_are_noted_before_each_step(student, reference, rng):
    """The losses are those before each step, the first one of the weights that were passed in."""
    for shape, steps in (((3,), 5), ((4, 2), 1)):
        case = regression(rng, shape, steps)
        got, want = (Valley().fit(module, case)[1] for module in (student, reference))
        assert_matches(got, want, rtol=1e-9, case=f"steps = {steps}")


@pytest.mark.points(0.5, exercise="fit_linear", spec="It is called once per step.")
def test_loss_is_asked_once_per_step_about_the_scores(student, rng):
    """The loss is called once per step, with the scores of all examples and their targets, also if it grows."""
    for lr in (0.3, 8.0):
        case, valley = regression(rng, (3,), 4, lr), Valley()
        valley.fit(student, case)
        check(len(valley.asked) == 4, "the number of calls of the loss is not `steps`")
        first = (case[0] @ case[2], case[1])
        assert_matches(valley.asked[0], first, rtol=1e-9, loose_shape=True, case="the first call")
        check(not np.allclose(valley.asked[1][0], valley.asked[0][0]), "the scores do not change from step to step")


@pytest.mark.points(0.5, exercise="fit_linear", spec="Where to start. The scores are X @ W. It is not modified.")
def test_fitting_leaves_the_start_alone(student, rng):
    """The start, the examples and the targets are not modified, and may be read-only or integers."""
    X, y, _, lr, steps = regression(rng, (3,), 3)
    W = np.array([0, 1, 0])
    own = Valley().fit(student, (X, y, W * 1.0, lr, steps))[0]
    assert_unchanged(student)
    check(not np.allclose(own, W), "the weights do not move")
    for one, target, start in ((frozen(X), frozen(y), frozen(W * 1.0)), (np.asfortranarray(X), y, W)):
        got = Valley().fit(student, (one, target, start, lr, steps))[0]
        assert_unchanged(student)
        assert_shape(got, (3,))
        assert_matches(got, own, rtol=1e-9, atol=1e-12)
