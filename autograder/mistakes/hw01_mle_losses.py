"""Known mistakes and right answers of hw01: entropies, likelihood, squared error, softmax, penalties."""

import numpy as np

from autograder.grading.bank import mistake, probe, right_answer


def log_rows(Z):
    """Logarithm of the softmax of each row, another way than the reference's."""
    return Z - np.logaddexp.reduce(Z, axis=1)[:, None]


def one_hot(y, C):
    return (np.asarray(y)[:, None] == np.arange(C)).astype(float)


def checked(Z, y):
    """The labels, seen to be classes."""
    if np.any((y < 0) | (y >= Z.shape[1])):
        raise ValueError("a label that is no class")
    return np.asarray(y).astype(int)


def sound(Z, y):
    """Loss, gradient of the mean, and labels; what a mistake below changes is one of them."""
    y = checked(Z, y)
    log_p = log_rows(Z)
    return -np.mean(np.sum(one_hot(y, Z.shape[1]) * log_p, axis=1)), (np.exp(log_p) - one_hot(y, Z.shape[1])) / len(y)


# empirical_distribution


@mistake("empirical_distribution", caught_by="test_shares_are_counts_over_n", severity="concept")
def counts_only(x, K):
    """The result holds counts, not shares.

    What should the entries of a distribution add up to?
    """
    return np.bincount(x, minlength=K).astype(float)


@mistake("empirical_distribution", caught_by="test_values_that_do_not_occur_have_share_zero", severity="detail")
def as_long_as_the_largest_value(x, K):
    """The result ends with the largest value that occurs.

    How many entries are there for K values, whether or not they occur?
    """
    return np.bincount(x) / len(x)


@mistake("empirical_distribution", caught_by="test_values_that_do_not_occur_have_share_zero", severity="detail")
def only_values_that_occur(x, K):
    """Values that do not occur are left out.

    At which index does the share of the value 2 stand if there is no 1?
    """
    return np.unique(x, return_counts=True)[1] / len(x)


@mistake("empirical_distribution", caught_by="test_shares_are_counts_over_n", severity="concept")
def shares_of_the_possible_values(x, K):
    """The counts are divided by the number of possible values.

    How many observations are there, and how many values could they take?
    """
    return np.bincount(x, minlength=K) / K


@mistake("empirical_distribution", caught_by="test_shares_are_counts_over_n", severity="trivial")
def all_alike(x, K):
    """Every value gets the same share, whatever was observed.

    What do the data say?
    """
    return np.full(K, 1 / K)


@right_answer("empirical_distribution")
def counted_one_by_one(x, K):
    """A loop over the observations."""
    shares = np.zeros(K)
    for each in x:
        shares[each] += 1 / len(x)
    return shares


@right_answer("empirical_distribution")
def mean_of_one_hot_rows(x, K):
    """The mean of one-hot rows."""
    return np.eye(K)[x].mean(axis=0)


@right_answer("empirical_distribution")
def by_bincount(x, K):
    """Counts with a given length, over N."""
    return np.bincount(x, minlength=K) / x.size


@probe("empirical_distribution")
def probe_empirical_distribution(student, look, rng):
    look("with gaps", lambda: student.empirical_distribution(np.append(rng.integers(0, 2, 6), [3, 3]), 6))
    look("all occur", lambda: student.empirical_distribution(np.array([1, 0, 2, 1, 1]), 3))
    look("one byte", lambda: student.empirical_distribution(np.array([1, 0, 1], dtype=np.uint8), 2))


# entropy


@mistake("entropy", caught_by="test_entropy_is_the_mean_surprise", severity="concept")
def in_bits(p):
    """The logarithm is the binary one, so the entropy is in bits.

    Which logarithm does the conventions box name?
    """
    p = p[p > 0]
    return -np.sum(p * np.log2(p))


@mistake("entropy", caught_by="test_entropy_is_the_mean_surprise", severity="concept")
def negative_entropy(p):
    """The sign is missing.

    Is the logarithm of a probability positive or negative, and which sign has a surprise?
    """
    p = p[p > 0]
    return np.sum(p * np.log(p))


@mistake("entropy", caught_by="test_impossible_values_add_nothing_to_the_entropy", severity="detail")
def zero_times_minus_infinity(p):
    """The term of a value with probability 0 is NaN.

    What does NumPy make of 0 * log(0), and what should the term be?
    """
    return -np.sum(p * np.log(p))


@mistake("entropy", caught_by="test_entropy_is_exact", severity="detail")
def entropy_with_a_small_number(p):
    """A small number inside the logarithm changes every term.

    Which terms need protection, and which are changed too?
    """
    return -np.sum(p * np.log(p + 1e-8))


@mistake("entropy", caught_by="test_entropy_is_the_mean_surprise", severity="concept")
def mean_in_place_of_expectation(p):
    """The surprises are averaged without their probabilities.

    How often does each surprise come?
    """
    p = p[p > 0]
    return -np.mean(np.log(p))


@mistake("entropy", caught_by="test_entropy_is_quiet_and_changes_nothing", severity="robustness")
def entropy_with_a_warning(p):
    """The logarithm of 0 is taken and then thrown away, so NumPy warns.

    Can you choose the terms before the logarithm is taken?
    """
    return -np.sum(np.where(p > 0, p * np.log(p), 0))


@mistake("entropy", caught_by="test_entropy_is_quiet_and_changes_nothing", severity="robustness")
def entropy_overwrites(p):
    """The zeros of the distribution that was passed in are replaced.

    Whose array is it?
    """
    p[p == 0] = 1
    return -np.sum(p * np.log(p))


@mistake("entropy", caught_by="test_entropy_is_the_mean_surprise", severity="trivial")
def no_surprise(p):
    """The entropy is always 0.

    How surprising is a coin?
    """
    return 0.0


@mistake("entropy", caught_by="test_entropy_is_exact", severity="detail")
def entropy_with_a_tiny_number(p):
    """A tiny number inside the logarithm still changes the entropy where it is small itself.

    How large is the entropy if one value has the probability 0.999999, and how large is what you add to it?
    """
    return -np.sum(p * np.log(p + 1e-12))


@right_answer("entropy")
def entropy_in_a_loop(p):
    """Adds the terms up in plain Python."""
    total = 0.0
    for each in p:
        if each > 0:
            total -= float(each) * float(np.log(each))
    return total


@right_answer("entropy")
def entropy_with_where(p):
    """Replaces zeros by ones inside the logarithm, in a copy."""
    return -np.dot(p, np.log(np.where(p > 0, p, 1.0)))


@right_answer("entropy")
def entropy_of_reciprocals(p):
    """The mean of log 1/p, as a 0-d array."""
    some = np.asarray(p, dtype=float)
    some = some[some != 0]
    return np.array(np.einsum("k,k->", some, np.log(1 / some)))


@probe("entropy")
def probe_entropy(student, look, rng):
    p = rng.dirichlet(np.ones(4))
    look("four values", lambda: student.entropy(p), warnings=True)
    look("two zeros", lambda: student.entropy(np.array([0.0, 0.3, 0.7, 0.0])), warnings=True)
    look("three values", lambda: student.entropy(np.array([0.5, 0.2, 0.3])), warnings=True)
    look("as integers", lambda: student.entropy(np.array([0, 1, 0])), warnings=True)
    tiny = np.array([1e-12, 1 - 1e-12])
    look("a tiny probability", lambda: student.entropy(tiny), warnings=True)


# cross_entropy


@mistake("cross_entropy", caught_by="test_cross_entropy_weighs_surprise_at_q_by_p", severity="concept")
def roles_exchanged(p, q):
    """The weights are those of q and the surprise is that of p.

    Who draws the values, and who is surprised?
    """
    seen = q > 0
    with np.errstate(all="ignore"):
        return -np.sum(q[seen] * np.log(p[seen]))


@mistake("cross_entropy", caught_by="test_cross_entropy_weighs_surprise_at_q_by_p", severity="concept")
def cross_entropy_in_bits(p, q):
    """The logarithm is the binary one.

    Which logarithm does the conventions box name?
    """
    seen = p > 0
    with np.errstate(divide="ignore"):
        return -np.sum(p[seen] * np.log2(q[seen]))


@mistake("cross_entropy", caught_by="test_values_that_never_come_cost_nothing", severity="detail")
def zero_in_both_is_nan(p, q):
    """A value of probability 0 in both gives NaN.

    Which values contribute nothing, whatever q says?
    """
    with np.errstate(all="ignore"):
        return -np.sum(p * np.log(q))


@mistake("cross_entropy", caught_by="test_the_impossible_costs_infinitely_much", severity="detail")
def infinity_clipped_away(p, q):
    """What q calls impossible has a finite price.

    How likely are the data if q is true?
    """
    seen = p > 0
    return -np.sum(p[seen] * np.log(np.maximum(q[seen], 1e-12)))


@mistake("cross_entropy", caught_by="test_the_impossible_costs_infinitely_much", severity="detail")
def zeros_of_q_left_out(p, q):
    """Values with probability 0 under q are left out.

    What if such a value does occur under p?
    """
    seen = (p > 0) & (q > 0)
    return -np.sum(p[seen] * np.log(q[seen]))


@mistake("cross_entropy", caught_by="test_cross_entropy_weighs_surprise_at_q_by_p", severity="concept")
def divergence_in_its_place(p, q):
    """The entropy of p has been subtracted.

    What is the cross-entropy of a distribution with itself?
    """
    seen = p > 0
    with np.errstate(divide="ignore"):
        return np.sum(p[seen] * (np.log(p[seen]) - np.log(q[seen])))


@mistake("cross_entropy", caught_by="test_cross_entropy_is_quiet_and_changes_nothing", severity="robustness")
def not_a_number_added_as_zero(p, q):
    """NaN terms are made on the way, so NumPy warns.

    Can you choose the terms before the logarithm is taken?
    """
    return -np.nansum(p * np.log(q))


@mistake("cross_entropy", caught_by="test_cross_entropy_weighs_surprise_at_q_by_p", severity="trivial")
def costs_nothing(p, q):
    """The cross-entropy is always 0.

    What does somebody pay who believes in a fair coin?
    """
    return 0.0


@mistake("cross_entropy", caught_by="test_the_impossible_costs_infinitely_much", severity="detail")
def small_number_added_to_q(p, q):
    """A small number inside the logarithm changes every term and hides the infinite one.

    What does it cost to call something impossible that happens?
    """
    return -np.sum(p * np.log(q + 1e-8))


@mistake("cross_entropy", caught_by="test_cross_entropy_is_exact", severity="detail")
def tiny_number_added_to_q(p, q):
    """A tiny number inside the logarithm changes the price of what is nearly as unlikely.

    Which terms need protection, once the infinite ones are dealt with?
    """
    if np.any((q == 0) & (p > 0)):
        return np.inf
    return -np.sum(p * np.log(q + 1e-12))


@right_answer("cross_entropy")
def cross_entropy_in_a_loop(p, q):
    """Plain Python, with infinity as a case of its own."""
    total = 0.0
    for one, other in zip(p.tolist(), q.tolist(), strict=True):
        if one == 0:
            continue
        if other == 0:
            return float("inf")
        total -= one * float(np.log(other))
    return total


@right_answer("cross_entropy")
def logarithms_filled_in(p, q):
    """Takes logarithms only where they exist and fills the rest in."""
    log_q = np.full(len(q), -np.inf)
    np.log(q, out=log_q, where=q > 0)
    return -np.multiply(p, log_q, out=np.zeros(len(p)), where=p > 0).sum()


@right_answer("cross_entropy")
def infinity_first(p, q):
    """Looks for the impossible first and works on a copy afterwards."""
    if np.any((np.asarray(q) == 0) & (np.asarray(p) > 0)):
        return np.inf
    return -(np.asarray(p) @ np.log(np.where(np.asarray(q) == 0, 1.0, q)))


def pairs_of(rng):
    p, q = rng.dirichlet(np.ones(4)), rng.dirichlet(np.ones(4))
    yield "four values", p, q
    yield "three values", np.array([0.5, 0.2, 0.3]), np.array([0.1, 0.3, 0.6])
    yield "0 in p", np.array([0.5, 0.5, 0.0]), np.array([0.2, 0.3, 0.5])
    yield "0 in both", np.array([0.4, 0.6, 0.0]), np.array([0.7, 0.3, 0.0])
    yield "0 in q", np.array([0.4, 0.4, 0.2]), np.array([0.5, 0.5, 0.0])
    yield "integers", np.array([0, 1]), np.array([1, 0])
    yield "unlikely", np.array([0.4, 0.6]), np.array([1e-12, 1 - 1e-12])


@probe("cross_entropy")
def probe_cross_entropy(student, look, rng):
    for words, p, q in pairs_of(rng):
        look(words, lambda p=p, q=q: student.cross_entropy(p, q), warnings=True)


# kl_divergence


@mistake("kl_divergence", caught_by="test_divergence_is_what_is_left_of_the_cross_entropy", severity="concept")
def divergence_the_other_way(p, q):
    """This is the divergence of p from q; the order matters.

    By which of the two are the terms weighted?
    """
    return cross_entropy(q, p) - entropy(q)  # noqa: F821


@mistake("kl_divergence", caught_by="test_divergence_is_zero_for_equal_distributions_only", severity="concept")
def entropy_not_subtracted(p, q):
    """This is the whole cross-entropy.

    What should come out if q is right, that is, equal to p?
    """
    return cross_entropy(p, q)  # noqa: F821


@mistake("kl_divergence", caught_by="test_divergence_is_zero_for_equal_distributions_only", severity="concept")
def divergence_with_the_wrong_sign(p, q):
    """The sign is turned round.

    Can a wrong belief be cheaper than the right one?
    """
    return entropy(p) - cross_entropy(p, q)  # noqa: F821


@mistake("kl_divergence", caught_by="test_divergence_is_what_is_left_of_the_cross_entropy", severity="concept")
def both_ways_averaged(p, q):
    """Both directions are averaged.

    Is the divergence symmetric?
    """
    return (cross_entropy(p, q) - entropy(p) + cross_entropy(q, p) - entropy(q)) / 2  # noqa: F821


@mistake("kl_divergence", caught_by="test_zeros_of_p_add_nothing_to_the_divergence", severity="detail")
def divergence_of_zeros_is_nan(p, q):
    """A value of probability 0 makes the result NaN.

    What does 0 log 0 stand for in the conventions box?
    """
    with np.errstate(all="ignore"):
        return np.sum(p * np.log(p / q))


@mistake("kl_divergence", caught_by="test_the_impossible_diverges", severity="detail")
def divergence_kept_finite(p, q):
    """A small number keeps the divergence finite where it should be infinite.

    What is it worth to be told something that you call impossible?
    """
    seen = p > 0
    return np.sum(p[seen] * (np.log(p[seen]) - np.log(np.maximum(q[seen], 1e-15))))


@mistake("kl_divergence", caught_by="test_the_impossible_diverges", severity="detail")
def divergence_without_zeros_of_q(p, q):
    """Values that q calls impossible are left out.

    What if such a value does occur under p?
    """
    seen = (p > 0) & (q > 0)
    return np.sum(p[seen] * np.log(p[seen] / q[seen]))


@mistake("kl_divergence", caught_by="test_divergence_is_quiet_and_changes_nothing", severity="robustness")
def divergence_with_warnings(p, q):
    """NaN terms are made on the way, so NumPy warns.

    Can you choose the terms before dividing?
    """
    return np.nansum(p * np.log(p / q))


@mistake("kl_divergence", caught_by="test_divergence_is_what_is_left_of_the_cross_entropy", severity="trivial")
def never_apart(p, q):
    """All distributions are called equal.

    When only is the divergence 0?
    """
    return 0.0


@mistake("kl_divergence", caught_by="test_divergence_is_exact", severity="detail")
def tiny_numbers_in_the_ratio(p, q):
    """Tiny numbers in the ratio change the terms of what is nearly as unlikely.

    Which terms need protection, once the infinite ones are dealt with?
    """
    if np.any((q == 0) & (p > 0)):
        return np.inf
    return np.sum(p * np.log((p + 1e-12) / (q + 1e-12)))


@right_answer("kl_divergence")
def divergence_by_ratios(p, q):
    """Weighted logarithms of the ratios, where p is not 0."""
    if np.any(q[p > 0] == 0):
        return np.inf
    return np.sum(p[p > 0] * np.log(p[p > 0] / q[p > 0]))


@right_answer("kl_divergence")
def divergence_in_a_loop(p, q):
    """Plain Python, term by term."""
    total = 0.0
    for one, other in zip(p, q, strict=True):
        if one > 0:
            total += one * (np.log(one) - np.log(other)) if other > 0 else np.inf
    return float(total)


@probe("kl_divergence")
def probe_kl_divergence(student, look, rng):
    for words, p, q in pairs_of(rng):
        look(words, lambda p=p, q=q: student.kl_divergence(p, q), warnings=True)


# gaussian_nll


@mistake("gaussian_nll", caught_by="test_likelihood_is_that_of_the_box", severity="detail")
def without_two_pi(y, mu, sigma2):
    """The term log(2 pi) / 2 is missing.

    What is the area below your density?
    """
    if sigma2 <= 0:
        raise ValueError("sigma2")
    return np.mean(0.5 * np.log(sigma2) + (y - mu) ** 2 / (2 * sigma2))


@mistake("gaussian_nll", caught_by="test_a_large_variance_costs_its_logarithm", severity="concept")
def distances_only(y, mu, sigma2):
    """Only the distances are charged, not the width of the distribution.

    What would be the best variance, if it cost nothing to make it huge?
    """
    if sigma2 <= 0:
        raise ValueError("sigma2")
    return np.mean((y - mu) ** 2 / (2 * sigma2))


@mistake("gaussian_nll", caught_by="test_distances_from_the_mean_are_charged", severity="concept")
def summed_over_the_numbers(y, mu, sigma2):
    """The terms are added up, not averaged.

    What happens to the value if every number is taken twice?
    """
    if sigma2 <= 0:
        raise ValueError("sigma2")
    return np.sum(0.5 * np.log(2 * np.pi * sigma2) + (y - mu) ** 2 / (2 * sigma2))


@mistake("gaussian_nll", caught_by="test_distances_from_the_mean_are_charged", severity="concept")
def deviation_taken_for_variance(y, mu, sigma2):
    """sigma2 is used as if it were the standard deviation.

    What does the 2 in its name say?
    """
    if sigma2 <= 0:
        raise ValueError("sigma2")
    return np.mean(0.5 * np.log(2 * np.pi * sigma2**2) + (y - mu) ** 2 / (2 * sigma2**2))


@mistake("gaussian_nll", caught_by="test_distances_from_the_mean_are_charged", severity="concept")
def half_forgotten_in_the_distance(y, mu, sigma2):
    """The distance is not halved.

    What stands below the squared distance in the exponent of the density?
    """
    if sigma2 <= 0:
        raise ValueError("sigma2")
    return np.mean(0.5 * np.log(2 * np.pi * sigma2) + (y - mu) ** 2 / sigma2)


@mistake("gaussian_nll", caught_by="test_a_large_variance_costs_its_logarithm", severity="concept")
def half_forgotten_in_the_logarithm(y, mu, sigma2):
    """The logarithm is not halved.

    What does log make of a square root?
    """
    if sigma2 <= 0:
        raise ValueError("sigma2")
    return np.mean(np.log(2 * np.pi * sigma2) + (y - mu) ** 2 / (2 * sigma2))


@mistake("gaussian_nll", caught_by="test_distances_from_the_mean_are_charged", severity="concept")
def log_likelihood_itself(y, mu, sigma2):
    """This is the log-likelihood, without the minus.

    Should a loss be small or large if the data are likely?
    """
    if sigma2 <= 0:
        raise ValueError("sigma2")
    return -np.mean(0.5 * np.log(2 * np.pi * sigma2) + (y - mu) ** 2 / (2 * sigma2))


@mistake("gaussian_nll", caught_by="test_a_variance_must_be_positive", severity="robustness")
def any_variance_accepted(y, mu, sigma2):
    """A variance of 0 or below is accepted.

    What does your function say for sigma2 = -1?
    """
    with np.errstate(all="ignore"):
        return np.mean(0.5 * np.log(2 * np.pi * sigma2) + (y - mu) ** 2 / (2 * np.float64(sigma2)))


@mistake("gaussian_nll", caught_by="test_a_variance_must_be_positive", severity="robustness")
def zero_variance_accepted(y, mu, sigma2):
    """Negative variances are refused, 0 is not.

    What is the density of a normal distribution of variance 0?
    """
    if sigma2 < 0:
        raise ValueError("sigma2")
    with np.errstate(all="ignore"):
        return np.mean(0.5 * np.log(2 * np.pi * sigma2) + (y - mu) ** 2 / (2 * np.float64(sigma2)))


@mistake("gaussian_nll", caught_by="test_likelihood_is_that_of_the_box", severity="trivial")
def nothing_charged(y, mu, sigma2):
    """The value is always 0.

    Which of two predictions is better, by this loss?
    """
    return 0.0


@mistake("gaussian_nll", caught_by="test_numbers_of_every_kind_have_a_likelihood", severity="robustness")
def numbers_overwritten(y, mu, sigma2):
    """The numbers that were passed in are overwritten by their distances.

    Whose array is it?
    """
    if sigma2 <= 0:
        raise ValueError("sigma2")
    if y.dtype.kind == "i":
        y = y.astype(float)
    y -= mu
    return np.mean(0.5 * np.log(2 * np.pi * sigma2) + y**2 / (2 * sigma2))


@mistake("gaussian_nll", caught_by="test_numbers_far_from_their_mean_have_their_price", severity="robustness")
def logarithm_of_the_density(y, mu, sigma2):
    """The logarithm is taken of a density that may be 0 in float64.

    Can you take the logarithm of the exponential on paper?
    """
    if sigma2 <= 0:
        raise ValueError("sigma2")
    with np.errstate(all="ignore"):
        return np.mean(-np.log(np.exp(-((y - mu) ** 2) / (2 * sigma2)) / np.sqrt(2 * np.pi * sigma2)))


@mistake("gaussian_nll", caught_by="test_a_large_variance_costs_its_logarithm", severity="detail")
def never_below_zero(y, mu, sigma2):
    """Negative values are replaced by 0.

    Is a density at most 1, as a probability is?
    """
    if sigma2 <= 0:
        raise ValueError("sigma2")
    return max(0.0, np.mean(0.5 * np.log(2 * np.pi * sigma2) + (y - mu) ** 2 / (2 * sigma2)))


@mistake("gaussian_nll", caught_by="test_numbers_of_every_kind_have_a_likelihood", severity="detail")
def distances_kept_in_integers(y, mu, sigma2):
    """The distances stand in an array of the type of y, and are cut off if that holds integers.

    Which dtype has an array made by zeros_like, and what does it make of 0.6?
    """
    if sigma2 <= 0:
        raise ValueError("sigma2")
    d = np.zeros_like(y)
    d[:] = y - mu
    return 0.5 * np.log(2 * np.pi * sigma2) + np.mean(d**2) / (2 * sigma2)


@mistake("gaussian_nll", caught_by="test_numbers_of_every_kind_have_a_likelihood", severity="robustness")
def a_mean_for_each_only(y, mu, sigma2):
    """One mean for all numbers is not understood.

    What may mu be, by its line of the docstring?
    """
    if sigma2 <= 0:
        raise ValueError("sigma2")
    total = sum((y[i] - mu[i]) ** 2 for i in range(len(y)))
    return 0.5 * np.log(2 * np.pi * sigma2) + total / (2 * sigma2 * len(y))


@right_answer("gaussian_nll")
def densities_in_a_loop(y, mu, sigma2):
    """Logarithms of densities, one number at a time."""
    if not sigma2 > 0:
        raise ValueError("the variance must be positive")
    centres = np.broadcast_to(mu, y.shape)
    terms = [np.log(np.sqrt(2 * np.pi * sigma2)) + (a - b) ** 2 / (2 * sigma2) for a, b in zip(y, centres, strict=True)]
    return sum(terms) / len(terms)


@right_answer("gaussian_nll")
def constant_outside_the_mean(y, mu, sigma2):
    """The constant is added after the mean, which is a dot product."""
    if sigma2 <= 0:
        raise ValueError("the variance must be positive")
    z = np.subtract(y, mu) / np.sqrt(sigma2)
    return (np.log(2 * np.pi) + np.log(sigma2) + z.dot(z) / z.size) / 2


@probe("gaussian_nll")
def probe_gaussian_nll(student, look, rng):
    y, mu = rng.normal(0, 2, 5), rng.normal(0, 2, 5)
    look("a mean for each", lambda: student.gaussian_nll(y, mu, 0.4))
    look("one mean", lambda: student.gaussian_nll(y, 0.5, 3.0))
    look("one number", lambda: student.gaussian_nll(np.array([1.0]), 0.5, 3.0))
    look("as integers", lambda: student.gaussian_nll(np.array([1, 4]), 2, 2.0))
    look("variance 0", lambda: student.gaussian_nll(y, 0.5, 0.0))
    look("negative", lambda: student.gaussian_nll(y, 0.5, -1.0))
    look("far away", lambda: student.gaussian_nll(np.array([90.0, 1.0]), np.array([0.5, 0.5]), 0.8))
    look("dense", lambda: student.gaussian_nll(np.array([1.0, 2.0]), np.array([1.01, 1.98]), 0.01))
    look("integers, one mean between", lambda: student.gaussian_nll(np.array([1, 4]), 2.4, 2.0))


# gaussian_mle


@mistake("gaussian_mle", caught_by="test_no_other_pair_makes_the_sample_likelier", severity="detail")
def divided_by_one_less(y):
    """The squares are divided by N - 1.

    What is asked for: no bias, or the largest likelihood?
    """
    with np.errstate(all="ignore"):
        mu = np.mean(y)
        return mu, np.sum((y - mu) ** 2) / np.float64(len(y) - 1)


@mistake("gaussian_mle", caught_by="test_no_other_pair_makes_the_sample_likelier", severity="detail")
def divided_by_one_less_if_there_are_more(y):
    """The squares are divided by N - 1, except for a single number.

    What is asked for: no bias, or the largest likelihood?
    """
    return np.mean(y), np.var(y, ddof=1) if len(y) > 1 else 0.0


@mistake("gaussian_mle", caught_by="test_the_second_estimate_is_a_variance", severity="concept")
def deviation_returned(y):
    """The second value is the standard deviation.

    In which unit is a variance, if y is in metres?
    """
    return np.mean(y), np.std(y)


@mistake("gaussian_mle", caught_by="test_the_second_estimate_is_a_variance", severity="concept")
def second_moment(y):
    """The mean is not subtracted before squaring.

    From which centre are the deviations to be taken?
    """
    return np.mean(y), np.mean(y**2)


@mistake("gaussian_mle", caught_by="test_the_first_estimate_is_the_mean", severity="concept")
def variance_first(y):
    """The two values are in the wrong order.

    Which one does the docstring name first?
    """
    return np.var(y), np.mean(y)


@mistake("gaussian_mle", caught_by="test_the_first_estimate_is_the_mean", severity="concept")
def median_for_mean(y):
    """The centre is the median.

    For which centre is the sum of squares least?
    """
    return np.median(y), np.mean((y - np.median(y)) ** 2)


@mistake("gaussian_mle", caught_by="test_samples_of_every_kind_are_estimated", severity="robustness")
def difference_of_moments(y):
    """The variance is a difference of two huge numbers for a sample far from 0.

    How many digits of y**2 are left after the subtraction, for y near 10 billion?
    """
    mu = np.mean(y)
    return mu, np.maximum(np.mean(y.astype(float) ** 2) - mu**2, 0)


@mistake("gaussian_mle", caught_by="test_samples_of_every_kind_are_estimated", severity="robustness")
def sample_centred_in_place(y):
    """The sample that was passed in is centred in place.

    Whose array is it?
    """
    mu = np.mean(y)
    if y.dtype.kind == "f":
        y -= mu
        return mu, np.mean(y**2)
    return mu, np.var(y)


@mistake("gaussian_mle", caught_by="test_the_second_estimate_is_a_variance", severity="trivial")
def standard_normal(y):
    """The estimates do not depend on the sample.

    What has the sample to say?
    """
    return 0.0, 1.0


@mistake("gaussian_mle", caught_by="test_samples_of_every_kind_are_estimated", severity="detail")
def deviations_kept_in_integers(y):
    """The deviations stand in an array of the type of y, and are cut off if that holds integers.

    Which dtype has an array made by empty_like, and what does it make of 0.6?
    """
    d = np.empty_like(y)
    d[:] = y - np.mean(y)
    return np.mean(y), np.mean(np.square(d))


@right_answer("gaussian_mle")
def running_mean_and_squares(y):
    """One number at a time, by Welford's recursion."""
    mu, squares = 0.0, 0.0
    for n, each in enumerate(y, start=1):
        step = float(each) - mu
        mu += step / n
        squares += step * (float(each) - mu)
    return mu, squares / len(y)


@right_answer("gaussian_mle")
def in_an_array(y):
    """Both values in one array."""
    return np.array([np.average(y), np.std(y) ** 2])


@right_answer("gaussian_mle")
def by_library(y):
    """NumPy's own mean and variance, in a list."""
    return [np.array(y.mean()), np.array(y.var())]


@right_answer("gaussian_mle")
def by_pairs(y):
    """The variance as half the mean squared distance of all pairs."""
    y = y.astype(float)
    rows = [np.mean((y - each) ** 2) for each in y]
    return y.sum() / y.size, np.mean(rows) / 2


@probe("gaussian_mle")
def probe_gaussian_mle(student, look, rng):
    look("five numbers", lambda: student.gaussian_mle(rng.normal(3, 2, 5)))
    look("a single number", lambda: student.gaussian_mle(np.array([2.5])))
    look("integers", lambda: student.gaussian_mle(np.array([4, 1, 1, 8])))
    look("skewed", lambda: student.gaussian_mle(np.array([1.0, 2.0, 9.0])))
    look("far away", lambda: student.gaussian_mle(np.array([1.0, 3.0, 4.0, 9.0]) + 1e10)[1])


# simulated_bias


@mistake("simulated_bias", caught_by="test_bias_is_mean_estimate_minus_truth", severity="concept")
def truth_minus_estimate(estimator, draw, truth, repeats):
    """The mean estimate is subtracted from the truth.

    Which sign has the bias of an estimate that is too small?
    """
    return truth - np.mean([estimator(draw()) for _ in range(repeats)])


@mistake("simulated_bias", caught_by="test_bias_is_mean_estimate_minus_truth", severity="concept")
def sign_lost(estimator, draw, truth, repeats):
    """Only the size of the bias is returned.

    How can one tell whether the estimates are too large or too small?
    """
    return abs(np.mean([estimator(draw()) for _ in range(repeats)]) - truth)


@mistake("simulated_bias", caught_by="test_bias_is_mean_estimate_minus_truth", severity="concept")
def mean_distance(estimator, draw, truth, repeats):
    """The distances of the estimates from the truth are averaged.

    Is an estimator biased that is too large as often as too small?
    """
    return np.mean([abs(estimator(draw()) - truth) for _ in range(repeats)])


@mistake("simulated_bias", caught_by="test_each_estimate_is_from_a_fresh_sample", severity="concept")
def one_sample_for_all(estimator, draw, truth, repeats):
    """All estimates are made from the same sample.

    Over what is the expectation in a bias taken?
    """
    sample = draw()
    return np.mean([estimator(sample) for _ in range(repeats)]) - truth


@mistake("simulated_bias", caught_by="test_each_estimate_is_from_a_fresh_sample", severity="concept")
def samples_pooled(estimator, draw, truth, repeats):
    """One estimate is made from all samples together.

    Whose bias is wanted: that of small samples or of a large one?
    """
    return estimator(np.concatenate([draw() for _ in range(repeats)])) - truth


@mistake("simulated_bias", caught_by="test_bias_is_mean_estimate_minus_truth", severity="concept")
def relative_to_the_truth(estimator, draw, truth, repeats):
    """The bias is divided by the truth.

    In which unit is a bias, and what if the truth is 0?
    """
    return (np.mean([estimator(draw()) for _ in range(repeats)]) - truth) / (truth or 1.0)


@mistake("simulated_bias", caught_by="test_as_many_samples_and_estimates_as_asked_for", severity="concept")
def one_sample_too_few(estimator, draw, truth, repeats):
    """One sample too few is drawn.

    What are the values of range(1, repeats)?
    """
    total = 0.0
    for _ in range(1, repeats):
        total += estimator(draw())
    return total / repeats - truth


@mistake("simulated_bias", caught_by="test_bias_is_mean_estimate_minus_truth", severity="concept")
def middle_estimate(estimator, draw, truth, repeats):
    """The median of the estimates is compared with the truth.

    Is an expectation a mean or a median?
    """
    return np.median([estimator(draw()) for _ in range(repeats)]) - truth


@mistake("simulated_bias", caught_by="test_bias_is_mean_estimate_minus_truth", severity="trivial")
def always_unbiased(estimator, draw, truth, repeats):
    """The bias is always 0.

    What do the samples say?
    """
    return 0.0


@mistake("simulated_bias", caught_by="test_as_many_samples_and_estimates_as_asked_for", severity="detail")
def one_sample_too_many(estimator, draw, truth, repeats):
    """One sample too many is drawn.

    What are the values of range(repeats + 1)?
    """
    return np.mean([estimator(draw()) for _ in range(repeats + 1)]) - truth


@right_answer("simulated_bias")
def errors_averaged(estimator, draw, truth, repeats):
    """The mean of the signed errors, in a loop."""
    total = 0.0
    for _ in range(repeats):
        total += (estimator(draw()) - truth) / repeats
    return total


@right_answer("simulated_bias")
def samples_drawn_first(estimator, draw, truth, repeats):
    """Draws all samples before the first estimate."""
    samples = [draw() for _ in range(repeats)]
    return np.array(list(map(estimator, samples))).sum() / len(samples) - truth


@right_answer("simulated_bias")
def mean_updated_as_it_goes(estimator, draw, truth, repeats):
    """A running mean, as a 0-d array."""
    mean = 0.0
    for k in range(1, repeats + 1):
        mean += (estimator(draw()) - mean) / k
    return np.asarray(mean - truth)


@probe("simulated_bias")
def probe_simulated_bias(student, look, rng):
    rows = rng.uniform(0, 1, (9, 3)) + np.array([1, 4, 2, 9, 3, 8, 1, 5, 2])[:, None]
    for words, truth, repeats in (("too small", 50.0, 5), ("too large", -2.0, 4), ("within", 9.0, 5)):
        supply, seen = iter(rows), []

        def estimate(sample, seen=seen):
            seen.append(np.size(sample))
            return float(np.max(sample) ** 1.5)

        def draw(supply=supply):
            return next(supply).copy()

        look(words, lambda e=estimate, d=draw, t=truth, n=repeats: student.simulated_bias(e, d, t, n))
        look(f"{words}: sizes of the samples", lambda seen=seen: list(seen))


# mse


def same_shape(pred, y):
    if np.shape(pred) != np.shape(y):
        raise ValueError("unlike shapes")


@mistake("mse", caught_by="test_mse_is_the_mean_of_squares", severity="detail")
def half_squared_loss(pred, y):
    """This is the half squared loss.

    Is there a factor 1/2 in the conventions box?
    """
    same_shape(pred, y)
    return 0.5 * np.mean((pred - y) ** 2)


@mistake("mse", caught_by="test_mse_is_a_mean_over_the_examples", severity="concept")
def sum_of_squares(pred, y):
    """The squares are added up, not averaged.

    What happens to the value if every example is taken twice?
    """
    same_shape(pred, y)
    return np.sum((pred - y) ** 2)


@mistake("mse", caught_by="test_errors_three_times_as_large_cost_nine_times_as_much", severity="concept")
def root_of_mse(pred, y):
    """The square root has been taken.

    How much should an error cost that is three times as large?
    """
    same_shape(pred, y)
    return np.sqrt(np.mean((pred - y) ** 2))


@mistake("mse", caught_by="test_errors_three_times_as_large_cost_nine_times_as_much", severity="concept")
def mean_absolute_error(pred, y):
    """This is the mean absolute error.

    Which noise would it be the right loss for?
    """
    same_shape(pred, y)
    return np.mean(np.abs(pred - y))


@mistake("mse", caught_by="test_errors_three_times_as_large_cost_nine_times_as_much", severity="concept")
def square_of_the_mean_error(pred, y):
    """The mean is taken before the square, so that errors cancel.

    What does your loss say about errors of +5 and -5?
    """
    same_shape(pred, y)
    return np.mean(pred - y) ** 2


@mistake("mse", caught_by="test_mse_refuses_unlike_shapes", severity="robustness")
def table_of_differences(pred, y):
    """A column against a row is broadcast to a table of all differences.

    Which shape has pred - y, for shapes (N, 1) and (N,)?
    """
    return np.mean((pred - y) ** 2)


@mistake("mse", caught_by="test_mse_of_every_kind", severity="robustness")
def errors_written_over_predictions(pred, y):
    """The predictions that were passed in are overwritten.

    Whose array is it?
    """
    same_shape(pred, y)
    if pred.dtype.kind != "f":
        pred = pred.astype(float)
    pred -= y
    return np.mean(pred**2)


@mistake("mse", caught_by="test_mse_is_the_mean_of_squares", severity="trivial")
def no_error(pred, y):
    """The error is always 0.

    What does a prediction cost that is off by 3?
    """
    return 0.0


@right_answer("mse")
def squares_by_dot_product(pred, y):
    """A dot product over N."""
    if pred.shape != y.shape:
        raise ValueError(f"shapes {pred.shape} and {y.shape}")
    error = np.asarray(pred, dtype=float) - y
    return error @ error / error.size


@right_answer("mse")
def squares_in_a_loop(pred, y):
    """Plain Python; anything that is not of shape (N,) is refused."""
    if pred.ndim != 1 or y.ndim != 1 or len(pred) != len(y):
        raise ValueError("one axis, and the same length, please")
    return sum((float(a) - float(b)) ** 2 for a, b in zip(pred, y, strict=True)) / len(y)


@right_answer("mse")
def variance_and_squared_mean(pred, y):
    """The variance of the errors plus the square of their mean."""
    if np.shape(pred) != np.shape(y):
        raise ValueError("unlike shapes")
    error = np.subtract(pred, y)
    return np.array(error.var() + error.mean() ** 2)


def predictions_of(rng):
    yield "five", rng.normal(0, 2, 5), rng.normal(0, 2, 5)
    yield "two", np.array([1.0, 4.0]), np.array([2.0, 1.0])
    yield "one", np.array([3.0]), np.array([1.0])
    yield "integers", np.array([1, 5, 2]), np.array([2, 2, 2])
    yield "a column", np.ones((3, 1)), np.array([1.0, 2.0, 4.0])


@probe("mse")
def probe_mse(student, look, rng):
    for words, pred, y in predictions_of(rng):
        look(words, lambda pred=pred, y=y: student.mse(pred, y))


# mse_grad


@mistake("mse_grad", caught_by="test_gradient_of_mse_is_exact", severity="detail")
def gradient_of_half_the_squares(pred, y):
    """The factor 2 is missing: loss and gradient disagree.

    What is the derivative of a square?
    """
    same_shape(pred, y)
    return (pred - y) / len(y)


@mistake("mse_grad", caught_by="test_gradient_of_mse_shares_the_mean", severity="concept")
def gradient_of_the_sum(pred, y):
    """This is the gradient of the sum of squares, not of their mean.

    By how much does the mean change if a single prediction moves?
    """
    same_shape(pred, y)
    return 2 * (pred - y)


@mistake("mse_grad", caught_by="test_gradient_of_mse_points_away_from_the_targets", severity="concept")
def gradient_from_target_to_prediction(pred, y):
    """The sign is turned round.

    If a prediction is too large, does the loss rise or fall when it grows?
    """
    same_shape(pred, y)
    return 2 * (y - pred) / len(y)


@mistake("mse_grad", caught_by="test_gradient_of_mse_points_away_from_the_targets", severity="concept")
def signs_only(pred, y):
    """Only the signs of the errors are left.

    Which loss has such a gradient?
    """
    same_shape(pred, y)
    return np.sign(pred - y) / len(y)


@mistake("mse_grad", caught_by="test_gradient_of_mse_points_away_from_the_targets", severity="concept")
def gradient_averaged(pred, y):
    """The entries have been averaged to one number.

    How many derivatives are there, one for each what?
    """
    same_shape(pred, y)
    return np.mean(2 * (pred - y))


@mistake("mse_grad", caught_by="test_gradient_of_mse_refuses_unlike_shapes", severity="robustness")
def gradient_broadcast(pred, y):
    """A column against a row is broadcast.

    Which shape has pred - y, for shapes (N, 1) and (N,)?
    """
    return 2 * (pred - y) / len(y)


@mistake("mse_grad", caught_by="test_gradient_of_mse_of_every_kind", severity="robustness")
def gradient_written_over_predictions(pred, y):
    """The predictions that were passed in are overwritten by the gradient.

    Whose array is it?
    """
    same_shape(pred, y)
    if pred.dtype.kind != "f":
        return 2 * (pred - y) / len(y)
    pred -= y
    pred *= 2 / len(y)
    return pred


@mistake("mse_grad", caught_by="test_gradient_of_mse_of_every_kind", severity="robustness")
def gradient_as_a_row(pred, y):
    """The gradient comes as a table with one row.

    How many axes has an array of shape (N,)?
    """
    same_shape(pred, y)
    return (2 * (pred - y) / len(y))[None, :]


@mistake("mse_grad", caught_by="test_gradient_of_mse_is_exact", severity="trivial")
def gradient_of_zeros(pred, y):
    """The gradient is always 0.

    Would the loss fall if the predictions moved?
    """
    return np.zeros(len(y))


@mistake("mse_grad", caught_by="test_gradient_of_mse_of_every_kind", severity="detail")
def gradient_kept_in_integers(pred, y):
    """The gradient stands in an array of the type of pred, and is cut off if that holds integers.

    Which dtype has an array made by zeros_like, and what does it make of 0.6?
    """
    same_shape(pred, y)
    grad = np.zeros_like(pred)
    for i in range(len(pred)):
        grad[i] = 2 * (pred[i] - y[i]) / len(pred)
    return grad


@right_answer("mse_grad")
def gradient_in_a_loop(pred, y):
    """One derivative at a time."""
    if pred.shape != y.shape:
        raise ValueError("unlike shapes")
    return np.array([2.0 / len(y) * (float(pred[i]) - float(y[i])) for i in range(len(y))])


@right_answer("mse_grad")
def gradient_by_matrix(pred, y):
    """The Jacobian of the errors times the derivative of the mean of squares."""
    if np.ndim(pred) != 1 or np.shape(pred) != np.shape(y):
        raise ValueError("unlike shapes")
    n = np.size(y)
    return np.eye(n) @ (np.subtract(pred, y) * (2 / n))


@probe("mse_grad")
def probe_mse_grad(student, look, rng):
    for words, pred, y in predictions_of(rng):
        look(words, lambda pred=pred, y=y: student.mse_grad(pred, y))
    look("one target for all", lambda: student.mse_grad(np.array([1.0, 4.0, 2.0]), np.array([3.0])))


# log_softmax


@mistake("log_softmax", caught_by="test_log_softmax_of_huge_logits", severity="robustness")
def nothing_subtracted(Z):
    """Large logits overflow in the exponential.

    Which number may be subtracted from a row without changing the result?
    """
    with np.errstate(all="ignore"):
        return Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))


@mistake("log_softmax", caught_by="test_log_softmax_of_huge_logits", severity="robustness")
def one_maximum_for_all_rows(Z):
    """The largest logit of all rows is subtracted, so that other rows underflow.

    What becomes of a row that is 1000 below the largest one?
    """
    with np.errstate(all="ignore"):
        shifted = Z - Z.max()
        return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


@mistake("log_softmax", caught_by="test_log_softmax_of_huge_logits", severity="detail")
def logarithm_of_the_softmax(Z):
    """The logarithm is taken of a probability that may be 0 in float64.

    Can you get at the logarithm without the probability?
    """
    shifted = np.exp(Z - Z.max(axis=1, keepdims=True))
    with np.errstate(all="ignore"):
        return np.log(shifted / shifted.sum(axis=1, keepdims=True))


@mistake("log_softmax", caught_by="test_log_softmax_of_unlikely_classes", severity="detail")
def logarithm_protected_by_a_small_number(Z):
    """A small number inside the logarithm ends the fall of small probabilities.

    What is the logarithm of a probability of 1e-400, and what do you return?
    """
    shifted = np.exp(Z - Z.max(axis=1, keepdims=True))
    return np.log(shifted / shifted.sum(axis=1, keepdims=True) + 1e-15)


@mistake("log_softmax", caught_by="test_log_softmax_of_huge_logits", severity="detail")
def logits_clipped(Z):
    """Logits beyond 500 are clipped, so that they lose their differences.

    Which of the logits 800 and 900 is larger after clipping?
    """
    Z = np.clip(Z, -500, 500)
    return Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))


@mistake("log_softmax", caught_by="test_log_softmax_of_a_row_is_its_own", severity="concept")
def columns_normalised(Z):
    """Columns are normalised in place of rows.

    What does a row stand for, and what a column?
    """
    shifted = Z - Z.max(axis=0)
    return shifted - np.log(np.exp(shifted).sum(axis=0))


@mistake("log_softmax", caught_by="test_log_softmax_of_a_row_is_its_own", severity="concept")
def whole_table_normalised(Z):
    """The whole table is normalised at once.

    What should the probabilities of one example add up to?
    """
    shifted = Z - Z.max()
    return shifted - np.log(np.exp(shifted).sum())


@mistake("log_softmax", caught_by="test_log_softmax_is_that_of_the_formula", severity="concept")
def probabilities_returned(Z):
    """These are probabilities, not their logarithms.

    Which sign has the logarithm of a probability?
    """
    shifted = np.exp(Z - Z.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


@mistake("log_softmax", caught_by="test_log_softmax_is_that_of_the_formula", severity="concept")
def only_shifted(Z):
    """The maximum is subtracted, but not the logarithm of the sum.

    Do the exponentials of your rows add up to 1?
    """
    return Z - Z.max(axis=1, keepdims=True)


@mistake("log_softmax", caught_by="test_log_softmax_is_that_of_the_formula", severity="concept")
def maximum_not_given_back(Z):
    """The maximum is subtracted inside the exponential only.

    What has to be added to the logarithm of the sum if its terms were made smaller?
    """
    return Z - np.log(np.exp(Z - Z.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True))


@mistake("log_softmax", caught_by="test_log_softmax_of_every_kind", severity="robustness")
def logits_shifted_in_place(Z):
    """The logits that were passed in are shifted in place.

    Whose array is it?
    """
    if Z.dtype.kind != "f":
        Z = Z.astype(float)
    Z -= Z.max(axis=1, keepdims=True)
    return Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))


@mistake("log_softmax", caught_by="test_log_softmax_is_that_of_the_formula", severity="trivial")
def logits_as_they_are(Z):
    """The logits come back unchanged.

    What do the exponentials of a row add up to?
    """
    return np.array(Z, dtype=float)


@mistake("log_softmax", caught_by="test_log_softmax_is_that_of_the_formula", severity="trivial")
def minus_log_of_the_number_of_classes(Z):
    """All classes get the same probability.

    Where do the logits come in?
    """
    return np.full(np.shape(Z), -np.log(np.shape(Z)[1]))


@mistake("log_softmax", caught_by="test_log_softmax_of_every_kind", severity="detail")
def logarithms_kept_in_integers(Z):
    """The result stands in an array of the type of Z, and is cut off if that holds integers.

    Which dtype has an array made by zeros_like, and what does it make of -0.6?
    """
    out = np.zeros_like(Z)
    out[...] = log_rows(Z)
    return out


@right_answer("log_softmax")
def one_row_at_a_time(Z):
    """A loop over rows."""
    rows = []
    for z in np.asarray(Z, dtype=float):
        top = max(z)
        rows.append(z - (top + np.log(sum(np.exp(each - top) for each in z))))
    return np.vstack(rows)


@right_answer("log_softmax")
def by_logaddexp(Z):
    """NumPy's own stable log of a sum."""
    return Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)


@right_answer("log_softmax")
def by_transposes(Z):
    """Transposed, so that broadcasting needs no keepdims; the sum by einsum."""
    shifted = Z.T - np.amax(Z, axis=1)
    return (shifted - np.log(np.einsum("cn->n", np.exp(shifted)))).T


@right_answer("log_softmax")
def minus_log_of_differences(Z):
    """Minus the logarithm of the sum of exponentials of differences, with all pairs in a table."""
    gaps = Z[:, None, :] - Z[:, :, None]
    top = gaps.max(axis=2, keepdims=True)
    return -(top[..., 0] + np.log(np.exp(gaps - top).sum(axis=2)))


@probe("log_softmax")
def probe_log_softmax(student, look, rng):
    Z = rng.normal(0, 2, (3, 4))
    look("3 x 4", lambda: student.log_softmax(Z))
    look("one row", lambda: student.log_softmax(np.array([[1.0, 2.0, -1.0]])))
    look("integers", lambda: student.log_softmax(np.array([[1, 2, 3], [0, 4, 1]])))
    look("hopeless", lambda: student.log_softmax(np.array([[0.0, -40.0, -800.0], [1.0, 2.0, 3.0]])))
    look("large", lambda: student.log_softmax(np.array([[1e4, -1e4, 3.0], [2.0, 1.0, 5.0]])))
    look("unlike rows", lambda: student.log_softmax(np.array([[1.0, 400.0], [-500.0, -501.0]])))
    look("very small", lambda: student.log_softmax(np.array([[-900.0, -901.0]])))
    look("in place", lambda: student.log_softmax(np.array([[1.0, 3.0]])))


# softmax


@mistake("softmax", caught_by="test_softmax_of_huge_logits", severity="robustness")
def softmax_overflows(Z):
    """Large logits overflow in the exponential.

    Which number may be subtracted from a row without changing the result?
    """
    with np.errstate(all="ignore"):
        return np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)


@mistake("softmax", caught_by="test_softmax_of_huge_logits", severity="robustness")
def softmax_with_one_maximum(Z):
    """The largest logit of all rows is subtracted, so that other rows underflow.

    What becomes of a row that is 1000 below the largest one?
    """
    with np.errstate(all="ignore"):
        shifted = np.exp(Z - Z.max())
        return shifted / shifted.sum(axis=1, keepdims=True)


@mistake("softmax", caught_by="test_softmax_of_a_row_is_its_own", severity="concept")
def softmax_of_columns(Z):
    """Columns add up to 1 in place of rows.

    What does a row stand for, and what a column?
    """
    shifted = np.exp(Z - Z.max(axis=0))
    return shifted / shifted.sum(axis=0)


@mistake("softmax", caught_by="test_softmax_of_a_row_is_its_own", severity="concept")
def softmax_of_everything(Z):
    """The whole table adds up to 1.

    What should the probabilities of one example add up to?
    """
    shifted = np.exp(Z - Z.max())
    return shifted / shifted.sum()


@mistake("softmax", caught_by="test_softmax_is_that_of_the_formula", severity="concept")
def still_logarithms(Z):
    """These are the logarithms of the probabilities.

    Can a probability be negative?
    """
    return log_rows(Z)


@mistake("softmax", caught_by="test_softmax_is_that_of_the_formula", severity="concept")
def sigmoid_of_each(Z):
    """Each logit is treated by itself, as if there were two classes.

    What do the entries of a row add up to?
    """
    return 1 / (1 + np.exp(-Z))


@mistake("softmax", caught_by="test_softmax_of_unlikely_classes", severity="detail")
def softmax_never_small(Z):
    """Probabilities are kept above a small number.

    What is the probability of a class whose logit is 60 below the largest?
    """
    shifted = np.exp(Z - Z.max(axis=1, keepdims=True))
    return np.maximum(shifted / shifted.sum(axis=1, keepdims=True), 1e-15)


@mistake("softmax", caught_by="test_softmax_of_every_kind", severity="robustness")
def softmax_in_place(Z):
    """The logits that were passed in are shifted in place.

    Whose array is it?
    """
    if Z.dtype.kind != "f":
        Z = Z.astype(float)
    Z -= Z.max(axis=1, keepdims=True)
    return np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)


@mistake("softmax", caught_by="test_softmax_is_that_of_the_formula", severity="trivial")
def all_classes_alike(Z):
    """All classes get the same probability.

    Which class has the largest logit?
    """
    return np.full(Z.shape, 1 / Z.shape[1])


@mistake("softmax", caught_by="test_softmax_of_unlikely_classes", severity="detail")
def small_number_in_the_denominator(Z):
    """A small number in the denominator makes all probabilities too small.

    Can the denominator be 0, once the maximum has been subtracted?
    """
    shifted = np.exp(Z - Z.max(axis=1, keepdims=True))
    return shifted / (shifted.sum(axis=1, keepdims=True) + 1e-8)


@right_answer("softmax")
def softmax_row_by_row(Z):
    """A loop over rows."""
    result = np.empty(Z.shape)
    for i, z in enumerate(Z):
        e = np.exp(z - z.max())
        result[i] = e / np.sum(e)
    return result


@right_answer("softmax")
def softmax_by_differences(Z):
    """One over the sum of the exponentials of all differences."""
    with np.errstate(over="ignore"):
        gaps = np.asarray(Z, dtype=float)[:, None, :] - np.asarray(Z, dtype=float)[:, :, None]
        return 1 / np.exp(gaps).sum(axis=2)


@right_answer("softmax")
def softmax_transposed(Z):
    """Divides transposes, so that broadcasting needs no keepdims."""
    e = np.exp((Z.T - Z.max(axis=1)).T)
    return np.einsum("nc,n->nc", e, 1 / e.sum(axis=1))


@right_answer("softmax")
def reciprocals_of_sums(Z):
    """One over the sum of exponentials of differences, which may be infinite on the way."""
    with np.errstate(over="ignore"):
        return 1 / np.exp(Z[:, None, :] - Z[:, :, None]).sum(axis=2)


@probe("softmax")
def probe_softmax(student, look, rng):
    look("3 x 4", lambda: student.softmax(rng.normal(0, 2, (3, 4))))
    look("integers", lambda: student.softmax(np.array([[1, 2, 3], [0, 4, 1]])))
    look("unlikely", lambda: student.softmax(np.array([[0.0, -60.0], [-70.0, 1.0]])) * np.array([[0, 1e26], [1e30, 0]]))
    look("large", lambda: student.softmax(np.array([[1e4, -1e4, 3.0], [2.0, 1.0, 5.0]])))
    look("sum, magnified", lambda: 1 + 1e8 * (np.sum(student.softmax(np.array([[0.5, 1.0, -1.0]]))) - 1))
    look("unlike rows", lambda: student.softmax(np.array([[1.0, 400.0], [-500.0, -501.0]])))
    look("very small", lambda: student.softmax(np.array([[-900.0, -901.0]])))


# softmax_cross_entropy


@mistake("softmax_cross_entropy", caught_by="test_cross_entropy_is_a_mean_over_the_examples", severity="concept")
def sum_over_examples(Z, y):
    """Loss and gradient are sums over the examples.

    What happens to the loss if every example is taken twice?
    """
    loss, dZ = sound(Z, y)
    return loss * len(y), dZ * len(y)


@mistake("softmax_cross_entropy", caught_by="test_cross_entropy_of_logits_is_that_of_the_box", severity="concept")
def mean_over_all_entries(Z, y):
    """The mean is taken over all entries of the table, classes too.

    How many examples are there?
    """
    loss, dZ = sound(Z, y)
    return loss / Z.shape[1], dZ / Z.shape[1]


@mistake("softmax_cross_entropy", caught_by="test_gradient_of_cross_entropy_is_exact", severity="concept")
def softmax_over_columns(Z, y):
    """The softmax runs over columns.

    What should add up to 1 for each example?
    """
    y = checked(Z, y)
    log_p = log_rows(Z.T).T
    return -np.mean(log_p[np.arange(len(y)), y]), (np.exp(log_p) - one_hot(y, Z.shape[1])) / len(y)


@mistake("softmax_cross_entropy", caught_by="test_gradient_of_cross_entropy_raises_the_true_class", severity="concept")
def gradient_uphill(Z, y):
    """The gradient is target minus prediction; a step against it would climb.

    Should the logit of the true class rise or fall when you go against the gradient?
    """
    loss, dZ = sound(Z, y)
    return loss, -dZ


@mistake("softmax_cross_entropy", caught_by="test_cross_entropy_is_a_mean_over_the_examples", severity="concept")
def gradient_without_the_mean(Z, y):
    """The loss is a mean, but its gradient is not divided by N: they disagree.

    By how much does the mean change if the logits of one example move?
    """
    loss, dZ = sound(Z, y)
    return loss, dZ * len(y)


@mistake("softmax_cross_entropy", caught_by="test_gradient_of_cross_entropy_raises_the_true_class", severity="concept")
def target_not_subtracted(Z, y):
    """The target is not subtracted from the probabilities.

    What is the gradient if the prediction is perfect?
    """
    loss, dZ = sound(Z, y)
    return loss, dZ + one_hot(y, Z.shape[1]) / len(y)


@mistake("softmax_cross_entropy", caught_by="test_gradient_of_cross_entropy_raises_the_true_class", severity="concept")
def target_subtracted_from_whole_columns(Z, y):
    """The 1 is subtracted in every row from the columns of all labels.

    Which entries does dZ[:, y] stand for, and which dZ[rows, y]?
    """
    loss, dZ = sound(Z, y)
    p = dZ + one_hot(y, Z.shape[1]) / len(y)
    p[:, checked(Z, y)] -= 1 / len(y)
    return loss, p


@mistake("softmax_cross_entropy", caught_by="test_cross_entropy_of_logits_is_that_of_the_box", severity="concept")
def binary_logarithm(Z, y):
    """The loss is in bits.

    Which logarithm belongs to your gradient?
    """
    loss, dZ = sound(Z, y)
    return loss / np.log(2), dZ


@mistake("softmax_cross_entropy", caught_by="test_cross_entropy_of_huge_logits", severity="robustness")
def overflowing(Z, y):
    """Large logits overflow in the exponential.

    What may be subtracted from each row of logits?
    """
    y, rows = checked(Z, y), np.arange(len(y))
    with np.errstate(all="ignore"):
        e = np.exp(Z)
        loss = np.mean(np.log(e.sum(axis=1)) - Z[rows, y])
        return loss, (e / e.sum(axis=1, keepdims=True) - one_hot(y, Z.shape[1])) / len(y)


@mistake("softmax_cross_entropy", caught_by="test_cross_entropy_of_unlikely_examples", severity="detail")
def small_number_in_the_logarithm(Z, y):
    """A small number inside the logarithm caps the loss.

    What does the worst mistake cost, and what would a gradient of your loss be there?
    """
    y = checked(Z, y)
    p = np.exp(log_rows(Z))
    return -np.mean(np.log(p[np.arange(len(y)), y] + 1e-12)), (p - one_hot(y, Z.shape[1])) / len(y)


@mistake("softmax_cross_entropy", caught_by="test_cross_entropy_of_unlikely_examples", severity="detail")
def probabilities_clipped(Z, y):
    """Probabilities are clipped before the logarithm, which caps the loss.

    How much more does an example cost whose logit is 1000 too low than one with 50?
    """
    y = checked(Z, y)
    p = np.exp(log_rows(Z))
    clipped = np.clip(p, 1e-15, 1 - 1e-15)
    return -np.mean(np.log(clipped[np.arange(len(y)), y])), (p - one_hot(y, Z.shape[1])) / len(y)


@mistake("softmax_cross_entropy", caught_by="test_cross_entropy_of_huge_logits", severity="detail")
def logarithm_of_zero(Z, y):
    """The logarithm is taken of a probability that may be 0 in float64.

    Can you get at the logarithm without the probability?
    """
    y = checked(Z, y)
    p = np.exp(log_rows(Z))
    with np.errstate(all="ignore"):
        return -np.mean(np.log(p[np.arange(len(y)), y])), (p - one_hot(y, Z.shape[1])) / len(y)


@mistake("softmax_cross_entropy", caught_by="test_cross_entropy_of_logits_is_that_of_the_box", severity="concept")
def squared_error_of_probabilities(Z, y):
    """The loss is the squared error of the probabilities.

    Which loss follows from the categorical distribution?
    """
    y = checked(Z, y)
    error = np.exp(log_rows(Z)) - one_hot(y, Z.shape[1])
    return np.mean(np.sum(error**2, axis=1)), error / len(y)


@mistake("softmax_cross_entropy", caught_by="test_gradient_of_cross_entropy_raises_the_true_class", severity="concept")
def gradient_of_the_true_class_only(Z, y):
    """Only the true class has a gradient.

    What happens to the other probabilities if one logit moves?
    """
    loss, dZ = sound(Z, y)
    return loss, dZ * one_hot(y, Z.shape[1])


@mistake("softmax_cross_entropy", caught_by="test_cross_entropy_of_logits_is_that_of_the_box", severity="concept")
def as_many_classes_as_the_largest_label(Z, y):
    """The number of classes is taken from the labels.

    How many columns has Z if the last class does not occur in this batch?
    """
    y = checked(Z, y)
    log_p, target = log_rows(Z), np.eye(y.max() + 1)[y]
    terms = target * log_p
    return -np.sum(terms) / len(y), (np.exp(log_p) - target) / len(y)


@mistake("softmax_cross_entropy", caught_by="test_cross_entropy_of_every_kind", severity="robustness")
def gradient_squeezed(Z, y):
    """The gradient of a single example loses its axis.

    Which shape has Z if N is 1?
    """
    loss, dZ = sound(Z, y)
    return loss, np.squeeze(dZ)


@mistake(
    "softmax_cross_entropy", caught_by="test_cross_entropy_refuses_labels_that_are_no_class", severity="robustness"
)
def last_class_for_minus_one(Z, y):
    """A label of -1 is taken for the last class.

    What does NumPy make of a negative index?
    """
    y = np.asarray(y).astype(int)
    if y.max() >= Z.shape[1]:
        raise ValueError("a label that is no class")
    return sound(Z, y % Z.shape[1])


@mistake(
    "softmax_cross_entropy", caught_by="test_cross_entropy_refuses_labels_that_are_no_class", severity="robustness"
)
def unknown_labels_ignored(Z, y):
    """Labels that are no class are let through.

    What does an example count whose class does not exist?
    """
    log_p, target = log_rows(Z), one_hot(y, Z.shape[1])
    return -np.sum(target * log_p) / len(y), (np.exp(log_p) - target) / len(y)


@mistake("softmax_cross_entropy", caught_by="test_cross_entropy_of_every_kind", severity="robustness")
def logits_overwritten(Z, y):
    """The logits that were passed in are overwritten.

    Whose array is it?
    """
    y = checked(Z, y)
    if Z.dtype.kind != "f":
        return sound(Z, y)
    Z -= np.logaddexp.reduce(Z, axis=1)[:, None]
    return -np.mean(Z[np.arange(len(y)), y]), (np.exp(Z) - one_hot(y, Z.shape[1])) / len(y)


@mistake("softmax_cross_entropy", caught_by="test_cross_entropy_of_logits_is_that_of_the_box", severity="trivial")
def nothing_to_learn(Z, y):
    """Loss and gradient are always 0.

    What does a wrong answer cost?
    """
    return 0.0, np.zeros(Z.shape)


@mistake("softmax_cross_entropy", caught_by="test_gradient_of_cross_entropy_is_exact", severity="concept")
def gradient_divided_by_classes_too(Z, y):
    """The gradient is divided by the number of its entries, and the loss by the number of examples.

    Over what is the loss of the box a mean?
    """
    loss, dZ = sound(Z, y)
    return loss, dZ / Z.shape[1]


@right_answer("softmax_cross_entropy")
def one_example_at_a_time(Z, y):
    """A loop over the examples, in plain sums."""
    n, c = Z.shape
    loss, dZ = 0.0, np.zeros((n, c))
    for i in range(n):
        if not 0 <= y[i] < c:
            raise ValueError("a label that is no class")
        z = np.asarray(Z[i], dtype=float) - np.max(Z[i])
        total = np.log(np.exp(z).sum())
        loss += float(total - z[y[i]]) / n
        for k in range(c):
            dZ[i, k] = (np.exp(z[k] - total) - (1 if k == y[i] else 0)) / n
    return loss, dZ


@right_answer("softmax_cross_entropy")
def by_one_hot_rows(Z, y):
    """One-hot rows and einsum; the loss is a 0-d array."""
    if not set(np.unique(y).tolist()) <= set(range(Z.shape[1])):
        raise ValueError("a label that is no class")
    target = np.eye(Z.shape[1])[np.asarray(y)]
    shifted = Z - np.max(Z, axis=1)[:, np.newaxis]
    log_p = shifted - np.log(np.sum(np.exp(shifted), axis=1))[:, np.newaxis]
    return np.array(-np.einsum("nc,nc->", target, np.where(target > 0, log_p, 0)) / len(Z)), (
        np.exp(log_p) - target
    ) / len(Z)


@right_answer("softmax_cross_entropy")
def by_the_jacobian(Z, y):
    """The gradient through the Jacobian of the log-softmax, in a list of two."""
    n, c = Z.shape
    if (np.asarray(y).astype(int) < 0).any() or (np.asarray(y).astype(int) > c - 1).any():
        raise ValueError("a label that is no class")
    log_p = log_rows(Z)
    rows = np.arange(n)
    jacobian = np.eye(c)[None] - np.exp(log_p)[:, None, :]
    return [np.negative(log_p[rows, y]).mean(), -jacobian[rows, y] / n]


@right_answer("softmax_cross_entropy")
def by_margins(Z, y):
    """The loss from differences to the true class; flat indices; a gradient in Fortran order, in a list."""
    y, n = checked(Z, y), len(y)
    lead = Z - Z[np.arange(n), y][:, None]
    p = np.exp(lead - np.logaddexp.reduce(lead, axis=1)[:, None])
    p.flat[np.arange(n) * Z.shape[1] + y] -= 1
    return [np.asarray(np.logaddexp.reduce(lead, axis=1).mean()), np.asfortranarray(p / n)]


@probe("softmax_cross_entropy")
def probe_softmax_cross_entropy(student, look, rng):
    Z, y = rng.normal(0, 2, (4, 3)), np.array([2, 0, 2, 2])
    look("4 x 3", lambda: student.softmax_cross_entropy(Z, y))
    look("one example", lambda: student.softmax_cross_entropy(Z[:1], np.array([1])))
    look(
        "one byte", lambda: student.softmax_cross_entropy(np.array([[1, 2], [4, 3]]), np.array([0, 1], dtype=np.uint8))
    )
    look("minus one", lambda: student.softmax_cross_entropy(Z, np.array([0, -1, 1, 1])))
    look("too large", lambda: student.softmax_cross_entropy(Z, np.array([0, 3, 1, 1])))
    for words, gap in (("unlikely", 31.0), ("very unlikely", 60.0), ("hopeless", 900.0)):
        hard = np.array([[0.0, -gap], [1.0, 0.5]])
        look(words, lambda hard=hard: student.softmax_cross_entropy(hard, np.array([1, 0])))
    look("large", lambda: student.softmax_cross_entropy(np.array([[2000.0, 1990.0], [0.0, 1.0]]), np.array([0, 1])))
    look("unlike rows", lambda: student.softmax_cross_entropy(np.array([[1.0, 0.0], [-900, -901.0]]), np.array([0, 1])))


# catches_cross_entropy

CAUGHT = "test_wrong_losses_are_caught_and_right_ones_let_through"


def table_of_logits(scale=2.0):
    rng = np.random.default_rng(8)
    return rng.normal(0, scale, (5, 3)), np.array([0, 2, 2, 1, 0])


def far(candidate, Z, y, both=True, rtol=1e-6):
    """Whether a candidate's answer is away from the formula's."""
    try:
        loss, dZ = candidate(Z, y)
    except Exception:
        return True
    want, gradient = sound(Z, y)
    off = not np.isclose(loss, want, rtol=rtol)
    return bool(off or (both and not np.allclose(dZ, gradient, rtol=rtol, atol=1e-9)))


@mistake(
    "catches_cross_entropy", caught_by="test_wrong_losses_are_caught_and_right_ones_let_through", severity="trivial"
)
def every_candidate_is_wrong(candidate):
    """Every candidate is called wrong.

    What does your test say about a loss that is right?
    """
    return True


@mistake(
    "catches_cross_entropy", caught_by="test_wrong_losses_are_caught_and_right_ones_let_through", severity="trivial"
)
def every_candidate_is_right(candidate):
    """Every candidate is let through.

    What does your test say about a loss that is always 0?
    """
    return False


@mistake(
    "catches_cross_entropy", caught_by="test_wrong_losses_are_caught_and_right_ones_let_through", severity="concept"
)
def looks_at_the_loss_only(candidate):
    """The test looks at the loss only.

    Which faults of the list does the loss not show?
    """
    return far(candidate, *table_of_logits(), both=False)


@mistake(
    "catches_cross_entropy", caught_by="test_wrong_losses_are_caught_and_right_ones_let_through", severity="concept"
)
def a_single_example(candidate):
    """The test has a single example.

    Which faults vanish if N is 1?
    """
    return far(candidate, np.array([[1.0, -1.0, 0.5]]), np.array([2]))


@mistake(
    "catches_cross_entropy", caught_by="test_wrong_losses_are_caught_and_right_ones_let_through", severity="detail"
)
def moderate_logits_only(candidate):
    """All logits of the test are moderate.

    Which two faults show only for logits of 1000?
    """
    return far(candidate, *table_of_logits())


@mistake(
    "catches_cross_entropy", caught_by="test_wrong_losses_are_caught_and_right_ones_let_through", severity="concept"
)
def verdict_turned_round(candidate):
    """Right candidates are called wrong, and wrong ones right.

    What does catches_cross_entropy(softmax_cross_entropy) say, and what should it say?
    """
    return not far(candidate, *table_of_logits())


@right_answer("catches_cross_entropy")
def two_tables(candidate):
    """A moderate and an extreme table against the formula."""
    Z, y = table_of_logits()
    return far(candidate, Z, y) or far(candidate, np.array([[800.0, 0.0, 1.0], [0.0, 30.0, 90.0]]), np.array([1, 0]))


@right_answer("catches_cross_entropy")
def compared_with_own_loss(candidate):
    """Against the student's own function, and properties for extreme logits."""
    Z, y = table_of_logits(1.0)
    mine = softmax_cross_entropy(Z, y)  # noqa: F821
    try:
        theirs = candidate(Z, y)
        extreme = candidate(np.array([[0.0, 1000.0], [1000.0, 0.0]]), np.array([0, 1]))
    except (ValueError, IndexError, TypeError, RuntimeError):
        return np.True_
    same = abs(mine[0] - theirs[0]) < 1e-8 and np.abs(mine[1] - theirs[1]).max() < 1e-8
    return np.bool_(not same or not abs(extreme[0] - 1000) < 1e-6)


@probe("catches_cross_entropy")
def probe_catches_cross_entropy(student, look, rng):
    asked = []

    def made(loss_factor=1.0, gradient_factor=1.0, noise=0.0, cap=np.inf, alone=1.0):
        def candidate(Z, y):
            asked.append(np.shape(Z))
            loss, dZ = sound(np.asarray(Z, dtype=float), np.asarray(y))
            many = alone if len(y) > 1 else 1.0
            return min(loss, cap) * loss_factor * many + noise, dZ * gradient_factor

        return candidate

    look("a right one", lambda: student.catches_cross_entropy(made()))
    look("another loss", lambda: student.catches_cross_entropy(made(loss_factor=2.0)))
    look("another gradient", lambda: student.catches_cross_entropy(made(gradient_factor=3.0)))
    look("wrong for many examples", lambda: student.catches_cross_entropy(made(alone=2.0)))
    look("rounding", lambda: student.catches_cross_entropy(made(noise=1e-11)))
    look("capped", lambda: student.catches_cross_entropy(made(cap=27.0)))
    look("whether it asked at all", lambda: bool(asked))


# bce_with_logits


def tails(z, y):
    """Loss and gradient, exact in both tails."""
    z = np.asarray(z, dtype=float)
    small = np.exp(-np.abs(z))
    p = np.where(z >= 0, 1.0, small) / (1 + small)
    return np.mean(np.maximum(z, 0) - z * y + np.log1p(small)), (p - y) / len(z)


@mistake("bce_with_logits", caught_by="test_binary_loss_of_extreme_logits", severity="detail")
def through_probabilities(z, y):
    """The loss goes through a probability that is exactly 1 for large logits.

    What is log(1 - p) if p has been rounded to 1?
    """
    p = np.exp(-np.logaddexp(0, -z))
    with np.errstate(all="ignore"):
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)), (p - y) / len(y)


@mistake("bce_with_logits", caught_by="test_binary_loss_of_extreme_logits", severity="detail")
def probabilities_kept_off_the_ends(z, y):
    """Probabilities are clipped, which caps the loss.

    What does an answer cost that is wrong with a logit of 100, and with one of 1000?
    """
    p = np.exp(-np.logaddexp(0, -z))
    safe = np.clip(p, 1e-12, 1 - 1e-12)
    return -np.mean(y * np.log(safe) + (1 - y) * np.log(1 - safe)), (p - y) / len(y)


@mistake("bce_with_logits", caught_by="test_binary_loss_of_extreme_logits", severity="detail")
def small_loss_cancelled(z, y):
    """A small loss is the difference of two large numbers, and is lost.

    What is left of 40 + 1e-18 - 40 in float64?
    """
    return np.mean(np.logaddexp(0, z) - z * y), tails(z, y)[1]


@mistake("bce_with_logits", caught_by="test_binary_loss_of_extreme_logits", severity="detail")
def one_plus_a_small_number(z, y):
    """The logarithm is taken of 1 plus a small number, which is rounded to 1.

    Does NumPy have a function for log(1 + x) with tiny x?
    """
    loss = np.mean(np.maximum(z, 0) - z * y + np.log(1 + np.exp(-np.abs(z))))
    return loss, tails(z, y)[1]


@mistake("bce_with_logits", caught_by="test_binary_loss_of_extreme_logits", severity="robustness")
def binary_overflow(z, y):
    """Logits of 800 overflow in an exponential.

    Which sign of the exponent is safe?
    """
    with np.errstate(all="ignore"):
        loss = np.mean(y * np.log1p(np.exp(-z)) + (1 - y) * np.log1p(np.exp(z)))
    return loss, tails(z, y)[1]


@mistake("bce_with_logits", caught_by="test_soft_targets_count_for_both_classes", severity="detail")
def labels_of_either_sign(z, y):
    """The loss is that for labels of -1 and 1, which fits no target in between.

    What is your loss for a target of 0.5?
    """
    return np.mean(np.logaddexp(0, -z * (2 * y - 1))), tails(z, y)[1]


@mistake("bce_with_logits", caught_by="test_binary_gradient_leads_to_the_target", severity="concept")
def target_minus_prediction(z, y):
    """The gradient is target minus prediction.

    Should the logit rise or fall for a target of 1, when you go against the gradient?
    """
    loss, dz = tails(z, y)
    return loss, -dz


@mistake("bce_with_logits", caught_by="test_binary_loss_is_a_mean_over_the_examples", severity="concept")
def binary_sum(z, y):
    """Loss and gradient are sums over the examples.

    What happens to the loss if every example is taken twice?
    """
    loss, dz = tails(z, y)
    return loss * len(z), dz * len(z)


@mistake("bce_with_logits", caught_by="test_binary_gradient_is_exact", severity="concept")
def binary_gradient_without_the_mean(z, y):
    """The loss is a mean, but its gradient is not divided by N.

    By how much does the mean change if one logit moves?
    """
    loss, dz = tails(z, y)
    return loss, dz * len(z)


@mistake("bce_with_logits", caught_by="test_binary_gradient_is_exact", severity="concept")
def derivative_of_the_sigmoid_left_in(z, y):
    """The slope of the sigmoid has not cancelled.

    What does the derivative of the logarithm divide by?
    """
    loss, dz = tails(z, y)
    p = dz * len(z) + y
    return loss, dz * p * (1 - p)


@mistake("bce_with_logits", caught_by="test_binary_gradient_is_exact", severity="concept")
def gradient_with_respect_to_probabilities(z, y):
    """The derivative is taken with respect to p, not to z.

    Which factor does the chain rule add?
    """
    loss, dz = tails(z, y)
    p = dz * len(z) + y
    with np.errstate(all="ignore"):
        return loss, dz / (p * (1 - p))


@mistake("bce_with_logits", caught_by="test_binary_loss_is_that_of_the_box", severity="concept")
def class_one_only(z, y):
    """Only examples of class 1 are charged.

    What does it cost to call a 0 a 1?
    """
    p = 1 / (1 + np.exp(-np.clip(z, -700, 700)))
    return np.mean(y * np.logaddexp(0, -z)), y * (p - 1) / len(z)


@mistake("bce_with_logits", caught_by="test_soft_targets_count_for_both_classes", severity="detail")
def targets_rounded(z, y):
    """Soft targets are rounded to 0 or 1.

    What is the best logit for a target of 0.7?
    """
    return tails(z, (y > 0.5).astype(float))


@mistake("bce_with_logits", caught_by="test_binary_gradient_is_exact", severity="concept")
def logits_taken_for_probabilities(z, y):
    """The logits are used as if they were probabilities.

    Between which numbers is a logit?
    """
    p = np.clip(z, 1e-7, 1 - 1e-7)
    return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)), (p - y) / len(z)


@mistake("bce_with_logits", caught_by="test_binary_loss_of_every_kind", severity="robustness")
def logits_clipped_in_place(z, y):
    """The logits that were passed in are changed.

    Whose array is it?
    """
    result = tails(z.copy(), y)
    z *= 1
    z += 1
    return result


@mistake("bce_with_logits", caught_by="test_binary_gradient_is_exact", severity="trivial")
def nothing_binary(z, y):
    """Loss and gradient are always 0.

    What does a wrong answer cost?
    """
    return 0.0, np.zeros(len(z))


@mistake("bce_with_logits", caught_by="test_soft_targets_count_for_both_classes", severity="detail")
def soft_targets_taken_for_zeros(z, y):
    """Every target that is not exactly 1 is charged as a 0, in the loss only.

    What does your loss say about a target of 0.9?
    """
    return np.mean(np.where(y == 1, np.logaddexp(0, -z), np.logaddexp(0, z))), tails(z, y)[1]


@right_answer("bce_with_logits")
def maximum_and_log1p(z, y):
    """The form with a maximum and log1p, and a piecewise sigmoid."""
    return tails(z, y)


@right_answer("bce_with_logits")
def binary_in_a_loop(z, y):
    """One example at a time, with a case for each sign."""
    losses, slopes = [], []
    for a, t in zip(np.asarray(z, dtype=float), y, strict=True):
        small = np.exp(-abs(a))
        one, other = (np.log1p(small), a + np.log1p(small)) if a > 0 else (-a + np.log1p(small), np.log1p(small))
        losses.append(t * one + (1 - t) * other)
        slopes.append((1 / (1 + small) if a > 0 else small / (1 + small)) - t)
    return sum(losses) / len(losses), np.array(slopes) / len(slopes)


@right_answer("bce_with_logits")
def by_tanh(z, y):
    """The sigmoid by tanh; each class on its own; loss as a 0-d array."""
    wrong, right = np.logaddexp(0, z), np.logaddexp(0, np.negative(z))
    loss = np.dot(y, right) + np.dot(1 - np.asarray(y), wrong)
    return np.array(loss / z.size), (0.5 * (1 + np.tanh(0.5 * z)) - y) / z.size


@right_answer("bce_with_logits")
def both_classes_weighted(z, y):
    """Weighs the losses of the two classes, with dot products and a hyperbolic tangent."""
    p = 0.5 * (1 + np.tanh(np.asarray(z) / 2))
    loss = np.dot(y, np.logaddexp(0, -z)) + np.dot(1 - y, np.logaddexp(0, z))
    return float(loss) / len(z), (p - y) / len(z)


@probe("bce_with_logits")
def probe_bce_with_logits(student, look, rng):
    z, y = rng.normal(0, 2, 5), np.array([1.0, 0, 0, 1, 0])
    look("five", lambda: student.bce_with_logits(z, y))
    look("soft", lambda: student.bce_with_logits(z, np.array([0.2, 0.4, 0.7, 0.9, 0.1])))
    look("one", lambda: student.bce_with_logits(np.array([0.7]), np.array([1])))
    look("integers", lambda: student.bce_with_logits(np.array([2, -1]), np.array([1, 1])))
    look("sure, right", lambda: student.bce_with_logits(np.array([41.0]), np.array([1]))[0] * 1e18)
    look("sure, right, 0", lambda: student.bce_with_logits(np.array([-41.0]), np.array([0]))[0] * 1e18)
    look("sure, wrong", lambda: student.bce_with_logits(np.array([45.0, 0.0]), np.array([0, 1])))
    look("nearly sure", lambda: student.bce_with_logits(np.array([30.0, 0.0]), np.array([0, 1])))
    look("800", lambda: student.bce_with_logits(np.array([800.0, -800.0]), np.array([0, 1])))


# mended_hinge


def gaps(S, y):
    return S - S[np.arange(len(y)), y][:, None]


def wrong_classes(values, y):
    """Values with those of the true classes set to 0, in a new array."""
    return np.where(one_hot(y, values.shape[1]) == 1, 0, values)


@mistake("mended_hinge", caught_by="test_hinge_of_clear_winners_is_zero", severity="trivial")
def as_on_the_slide(S, y):
    """The score of the true class is still added.

    Should the loss grow if the true class gets a higher score?
    """
    margins = np.maximum(0, S + S[np.arange(len(y)), y][:, None] + 1)
    return np.mean(wrong_classes(margins, y).sum(axis=1))


@mistake("mended_hinge", caught_by="test_hinge_of_clear_winners_is_zero", severity="concept")
def true_class_counted(S, y):
    """The true class contributes its margin to itself: the loss is 1 too high.

    Over which j does the sum run?
    """
    return np.mean(np.maximum(0, gaps(S, y) + 1).sum(axis=1))


@mistake("mended_hinge", caught_by="test_hinge_of_clear_winners_is_zero", severity="concept")
def margin_the_other_way(S, y):
    """The two scores are exchanged: winners pay.

    Who should pay, a true class that is ahead or one that is behind?
    """
    return np.mean(wrong_classes(np.maximum(0, 1 - gaps(S, y)), y).sum(axis=1))


@mistake("mended_hinge", caught_by="test_hinge_is_that_of_the_first_line", severity="concept")
def no_margin(S, y):
    """The margin of 1 is missing.

    What should it cost to win by a hair?
    """
    return np.mean(wrong_classes(np.maximum(0, gaps(S, y)), y).sum(axis=1))


@mistake("mended_hinge", caught_by="test_hinge_is_that_of_the_first_line", severity="concept")
def negative_margin(S, y):
    """The margin is subtracted.

    By how much may the true class be behind before your loss notices?
    """
    return np.mean(wrong_classes(np.maximum(0, gaps(S, y) - 1), y).sum(axis=1))


@mistake("mended_hinge", caught_by="test_hinge_is_that_of_the_first_line", severity="concept")
def worst_class_only(S, y):
    """Only the worst of the wrong classes is charged.

    Is there a sum or a maximum in front of the slide's first line?
    """
    return np.mean(wrong_classes(np.maximum(0, gaps(S, y) + 1), y).max(axis=1))


@mistake("mended_hinge", caught_by="test_hinge_is_that_of_the_first_line", severity="concept")
def squared_margins(S, y):
    """The margins are squared.

    Is there a square on the slide?
    """
    return np.mean((wrong_classes(np.maximum(0, gaps(S, y) + 1), y) ** 2).sum(axis=1))


@mistake("mended_hinge", caught_by="test_hinge_is_a_mean_over_the_examples", severity="concept")
def hinge_summed(S, y):
    """The losses of the examples are added up, not averaged.

    What happens to the loss if every example is taken twice?
    """
    return np.sum(wrong_classes(np.maximum(0, gaps(S, y) + 1), y))


@mistake("mended_hinge", caught_by="test_hinge_is_that_of_the_first_line", severity="concept")
def hinge_averaged_over_classes(S, y):
    """The mean is taken over the classes too.

    Over what does the conventions box average?
    """
    return np.mean(wrong_classes(np.maximum(0, gaps(S, y) + 1), y))


@mistake("mended_hinge", caught_by="test_hinge_leaves_the_scores_alone", severity="robustness")
def scores_overwritten(S, y):
    """The scores that were passed in are overwritten.

    Whose array is it?
    """
    S -= S[np.arange(len(y)), y][:, None] - 1
    return np.mean(wrong_classes(np.maximum(0, S), y).sum(axis=1))


@mistake("mended_hinge", caught_by="test_hinge_is_that_of_the_first_line", severity="trivial")
def hinge_of_zero(S, y):
    """The loss is always 0.

    What does a lost contest cost?
    """
    return 0.0


@right_answer("mended_hinge")
def hinge_in_loops(S, y):
    """Two loops, as the formula reads."""
    total = 0.0
    for s, k in zip(S, y, strict=True):
        total += sum(max(0.0, float(s[j] - s[k] + 1)) for j in range(len(s)) if j != k)
    return total / len(S)


@right_answer("mended_hinge")
def hinge_minus_one(S, y):
    """Counts the true class and takes its 1 off again."""
    true = np.take_along_axis(S, np.asarray(y)[:, None].astype(int), axis=1)
    return np.array(np.clip(S - true + 1, 0, None).sum(axis=1).mean() - 1)


@right_answer("mended_hinge")
def hinge_by_masks(S, y):
    """A mask of the wrong classes, and einsum."""
    away = 1 - np.eye(S.shape[1])[y]
    return np.einsum("nc,nc->", away, np.maximum(S + 1 - (S * (1 - away)).sum(axis=1)[:, None], 0)) / len(y)


@probe("mended_hinge")
def probe_mended_hinge(student, look, rng):
    look("4 x 3", lambda: student.mended_hinge(rng.uniform(-1, 1, (4, 3)), np.array([0, 2, 2, 1])))
    look("by hand", lambda: student.mended_hinge(np.array([[1.0, 0.5, 2.0], [3.0, 0.0, 2.5]]), np.array([1, 0])))
    look(
        "all negative",
        lambda: student.mended_hinge(np.array([[-1.0, -3.0, -1.2], [-4.0, -2.0, -5.0]]), np.array([0, 1])),
    )
    look("winners", lambda: student.mended_hinge(np.array([[5.0, 0.0], [1.0, 9.0]]), np.array([0, 1])))
    look("one example", lambda: student.mended_hinge(np.array([[0.5, 0.2, 0.1, 0.9]]), np.array([2])))


# penalty

PRICES = {"l2": (1.0, 0.0), "l1": (0.0, 1.0)}  # weights of squares and of absolute values


def shares(kind, beta):
    if kind not in ("l2", "l1", "elastic"):
        raise ValueError("an unknown penalty")
    return PRICES.get(kind, (beta, 1.0))


def priced(W, lam, kind, beta):
    """Value and gradient; what a mistake below changes is one of them."""
    a, b = shares(kind, beta)
    return lam * (a * np.sum(W * W) + b * np.sum(np.abs(W))), lam * (2 * a * W + b * np.sign(W))


@mistake("penalty", caught_by="test_l2_charges_squares", severity="detail")
def half_the_squares(W, lam, kind, beta):
    """l2 has a factor 1/2.

    Which of the two conventions in the box is graded?
    """
    if kind == "l2":
        return lam / 2 * np.sum(W**2), lam * W
    return priced(W, lam, kind, beta)


@mistake("penalty", caught_by="test_l2_charges_squares", severity="concept")
def gradient_lacks_the_two(W, lam, kind, beta):
    """The gradient of the squares lacks its factor 2: value and gradient disagree.

    What is the derivative of a square?
    """
    a, b = shares(kind, beta)
    return priced(W, lam, kind, beta)[0], lam * (a * W + b * np.sign(W))


@mistake("penalty", caught_by="test_l2_charges_squares", severity="concept")
def lambda_not_in_the_gradient(W, lam, kind, beta):
    """lambda multiplies the value, but not the gradient.

    What is the derivative of a constant times a function?
    """
    return priced(W, lam, kind, beta)[0], priced(W, 1.0, kind, beta)[1]


@mistake("penalty", caught_by="test_elastic_charges_both", severity="detail")
def beta_with_the_absolute_values(W, lam, kind, beta):
    """In elastic, beta weighs the absolute values.

    Which of the two sums stands next to beta in the box?
    """
    if kind == "elastic":
        return lam * (np.sum(W**2) + beta * np.sum(np.abs(W))), lam * (2 * W + beta * np.sign(W))
    return priced(W, lam, kind, beta)


@mistake("penalty", caught_by="test_elastic_charges_both", severity="detail")
def lambda_on_the_squares_only(W, lam, kind, beta):
    """In elastic, lambda multiplies the squares only.

    What does the bracket in the box hold?
    """
    if kind == "elastic":
        return lam * beta * np.sum(W**2) + np.sum(np.abs(W)), lam * 2 * beta * W + np.sign(W)
    return priced(W, lam, kind, beta)


@mistake("penalty", caught_by="test_elastic_charges_both", severity="detail")
def shares_of_one(W, lam, kind, beta):
    """In elastic, beta and 1 - beta share the price.

    Is there a 1 - beta in the box?
    """
    if kind == "elastic":
        value = lam * (beta * np.sum(W**2) + (1 - beta) * np.sum(np.abs(W)))
        return value, lam * (2 * beta * W + (1 - beta) * np.sign(W))
    return priced(W, lam, kind, beta)


@mistake("penalty", caught_by="test_only_elastic_looks_at_beta", severity="concept")
def beta_everywhere(W, lam, kind, beta):
    """beta weighs the squares of l2 too, and the absolute values of l1.

    Which kinds ignore beta?
    """
    value, grad = priced(W, lam, kind, beta)
    return (value, grad) if kind == "elastic" else (beta * value, beta * grad)


@mistake("penalty", caught_by="test_l2_charges_squares", severity="concept")
def means_of_weights(W, lam, kind, beta):
    """The penalty is a mean over the weights.

    Is it cheaper to have many weights?
    """
    value, grad = priced(W, lam, kind, beta)
    return value / W.size, grad / W.size


@mistake("penalty", caught_by="test_l2_charges_squares", severity="detail")
def norm_not_squared(W, lam, kind, beta):
    """l2 charges the norm, not its square.

    Is there a root in the box?
    """
    if kind == "l2":
        norm = np.sqrt(np.sum(W**2))
        return lam * norm, lam * W / norm
    return priced(W, lam, kind, beta)


@mistake("penalty", caught_by="test_l1_charges_absolute_values", severity="concept")
def weights_not_made_positive(W, lam, kind, beta):
    """l1 adds up the weights with their signs.

    What do the weights 5 and -5 cost together?
    """
    if kind == "l1":
        return lam * np.sum(W), lam * np.ones(W.shape)
    return priced(W, lam, kind, beta)


@mistake("penalty", caught_by="test_slope_at_zero_is_zero", severity="robustness")
def weight_over_its_size(W, lam, kind, beta):
    """The slope at a weight of 0 is NaN.

    What is 0 / |0|, and what does the docstring say?
    """
    a, b = shares(kind, beta)
    with np.errstate(all="ignore"):
        slope = W / np.abs(W) if b else 0.0
    return priced(W, lam, kind, beta)[0], lam * (2 * a * W + b * slope)


@mistake("penalty", caught_by="test_slope_at_zero_is_zero", severity="robustness")
def slope_one_at_zero(W, lam, kind, beta):
    """The slope at a weight of 0 is 1.

    Which value does the docstring choose at the kink?
    """
    a, b = shares(kind, beta)
    return priced(W, lam, kind, beta)[0], lam * (2 * a * W + b * np.where(W >= 0, 1.0, -1.0))


@mistake("penalty", caught_by="test_unknown_penalties_are_refused", severity="robustness")
def everything_else_is_elastic(W, lam, kind, beta):
    """Any other kind is taken for elastic.

    What does your function say for a misspelt kind?
    """
    return priced(W, lam, kind if kind in ("l1", "l2") else "elastic", beta)


@mistake("penalty", caught_by="test_weights_of_every_kind_have_a_penalty", severity="robustness")
def gradient_without_its_shape(W, lam, kind, beta):
    """The gradient of a table comes as one long row.

    Which shape does the docstring give it?
    """
    value, grad = priced(W, lam, kind, beta)
    return value, grad.ravel()


@mistake("penalty", caught_by="test_l2_charges_squares", severity="trivial")
def free_of_charge(W, lam, kind, beta):
    """All weights are free of charge.

    What is it that a penalty penalises?
    """
    return 0.0, np.zeros(W.shape)


@mistake("penalty", caught_by="test_weights_of_every_kind_have_a_penalty", severity="robustness")
def tables_only(W, lam, kind, beta):
    """Weights of one axis, or of three, are not understood.

    Does the sum of the box need to know how the weights are laid out?
    """
    rows, columns = np.shape(W)
    squares, absolutes = shares(kind, beta)
    value = sum(squares * W[i, j] ** 2 + absolutes * abs(W[i, j]) for i in range(rows) for j in range(columns))
    return lam * value, lam * (2 * squares * W + absolutes * np.sign(W))


@mistake("penalty", caught_by="test_unknown_penalties_are_refused", severity="robustness")
def nothing_for_unknown_kinds(W, lam, kind, beta):
    """An unknown kind gives None.

    What does your function return if none of its conditions holds?
    """
    if kind in ("l2", "l1", "elastic"):
        squares, absolutes = shares(kind, beta)
        value = squares * np.sum(W**2) + absolutes * np.sum(np.abs(W))
        return lam * value, lam * (2 * squares * W + absolutes * np.sign(W))
    return None


@right_answer("penalty")
def priced_by_shares(W, lam, kind, beta):
    """Both sums always, weighted by the kind."""
    if kind not in {"l1", "l2", "elastic"}:
        raise ValueError(kind)
    a, b = {"l1": (0, 1), "l2": (1, 0), "elastic": (beta, 1)}[kind]
    slope = (W > 0).astype(float) - (W < 0)
    return lam * (a * (W**2).sum() + b * abs(W).sum()), lam * 2 * a * W + lam * b * slope


@right_answer("penalty")
def priced_weight_by_weight(W, lam, kind, beta):
    """One weight at a time; value and gradient in a list."""
    value, grad = 0.0, np.zeros(np.shape(W))
    for index, w in np.ndenumerate(W):
        w = float(w)
        slope = 0.0 if w == 0 else w / abs(w)
        if kind == "l2":
            price, grad[index] = w * w, 2 * w
        elif kind == "l1":
            price, grad[index] = abs(w), slope
        elif kind == "elastic":
            price, grad[index] = beta * w * w + abs(w), 2 * beta * w + slope
        else:
            raise ValueError("l2, l1 or elastic")
        value += price
    return [value * lam, grad * lam]


@right_answer("penalty")
def elastic_by_the_other_two(W, lam, kind, beta):
    """Calls itself for the two parts of elastic; norms of the weights in a row."""
    if kind == "elastic":
        squares, absolutes = penalty(W, lam * beta, "l2", beta), penalty(W, lam, "l1", beta)  # noqa: F821
        return [one + other for one, other in zip(squares, absolutes, strict=True)]
    if kind == "l2":
        return lam * np.linalg.norm(np.ravel(W)) ** 2, 2 * lam * W
    if kind == "l1":
        return lam * np.linalg.norm(np.ravel(W), 1), lam * np.where(W > 0, 1.0, np.where(W < 0, -1.0, 0.0))
    raise ValueError(kind)


@probe("penalty")
def probe_penalty(student, look, rng):
    W = rng.normal(0, 1, (2, 3))
    for kind in ("l2", "l1", "elastic", "l3"):
        look(kind, lambda kind=kind: student.penalty(W, 0.3, kind, 2.5))
        look(f"{kind}, a zero", lambda kind=kind: student.penalty(np.array([1.0, 0.0, -2.0]), 0.7, kind, 0.4))
        look(f"{kind}, integers", lambda kind=kind: student.penalty(np.array([2, -3]), 1.5, kind, 0.4))
        look(f"{kind}, integers in a table", lambda kind=kind: student.penalty(np.array([[2, -3]]), 1.5, kind, 0.4))


# fit_linear


@mistake("fit_linear", caught_by="test_each_step_goes_down_the_gradient", severity="concept")
def steps_uphill(X, y, loss, W, lr, steps):
    """The steps go along the gradient, so that the loss grows.

    In which direction does the loss fall?
    """
    losses = []
    for _ in range(steps):
        value, d = loss(X @ W, y)
        losses.append(value)
        W = W + lr * X.T @ d
    return W, losses


@mistake("fit_linear", caught_by="test_weights_are_those_after_the_last_step", severity="concept")
def always_from_the_start(X, y, loss, W, lr, steps):
    """Every step starts from the first weights.

    Which weights are in the scores of the second step?
    """
    losses, new = [], W
    for _ in range(steps):
        value, d = loss(X @ W, y)
        losses.append(value)
        new = W - lr * X.T @ d
    return new, losses


@mistake("fit_linear", caught_by="test_each_step_goes_down_the_gradient", severity="concept")
def rate_left_out(X, y, loss, W, lr, steps):
    """The learning rate is not used.

    How long is a step for lr = 0?
    """
    losses = []
    for _ in range(steps):
        value, d = loss(X @ W, y)
        losses.append(value)
        W = W - X.T @ d
    return W, losses


@mistake("fit_linear", caught_by="test_each_step_goes_down_the_gradient", severity="concept")
def divided_once_more(X, y, loss, W, lr, steps):
    """The gradient is divided by the number of examples once more.

    Where is the 1/N of the mean already?
    """
    losses = []
    for _ in range(steps):
        value, d = loss(X @ W, y)
        losses.append(value)
        W = W - lr * X.T @ d / len(y)
    return W, losses


@mistake("fit_linear", caught_by="test_losses_are_noted_before_each_step", severity="detail")
def losses_after_each_step(X, y, loss, W, lr, steps):
    """The losses are those after each step.

    Which loss stands first in the list?
    """
    losses = []
    d = loss(X @ W, y)[1] if steps else None
    for k in range(steps):
        W = W - lr * X.T @ d
        value, d = loss(X @ W, y) if k < steps - 1 else (loss(X @ W, y)[0], d)
        losses.append(value)
    return W, losses


@mistake("fit_linear", caught_by="test_losses_are_noted_before_each_step", severity="detail")
def one_loss_too_many(X, y, loss, W, lr, steps):
    """The loss after the last step is in the list too.

    How many losses are there for one step?
    """
    losses = []
    for _ in range(steps):
        value, d = loss(X @ W, y)
        losses.append(value)
        W = W - lr * X.T @ d
    return W, [*losses, loss(X @ W, y)[0]]


@mistake("fit_linear", caught_by="test_weights_are_those_after_the_last_step", severity="detail")
def one_step_too_few(X, y, loss, W, lr, steps):
    """One step too few is taken.

    What are the values of range(1, steps)?
    """
    losses = [loss(X @ W, y)[0]]
    for _ in range(1, steps):
        W = W - lr * X.T @ loss(X @ W, y)[1]
        losses.append(loss(X @ W, y)[0])
    return W, losses


@mistake("fit_linear", caught_by="test_fitting_leaves_the_start_alone", severity="robustness")
def start_overwritten(X, y, loss, W, lr, steps):
    """The weights that were passed in are changed in place.

    Whose array is it?
    """
    losses = []
    if W.dtype.kind != "f":
        W = W.astype(float)
    for _ in range(steps):
        value, d = loss(X @ W, y)
        losses.append(value)
        W -= lr * X.T @ d
    return W, losses


@mistake("fit_linear", caught_by="test_weights_are_those_after_the_last_step", severity="trivial")
def never_moved(X, y, loss, W, lr, steps):
    """The weights never move, and no loss is asked for.

    What are the steps for?
    """
    return np.array(W, dtype=float), [0.0] * steps


@mistake("fit_linear", caught_by="test_loss_is_asked_once_per_step_about_the_scores", severity="detail")
def stops_when_the_loss_grows(X, y, loss, W, lr, steps):
    """It stops as soon as the loss grows, and takes fewer steps than asked for.

    Who decides how many steps are taken?
    """
    losses = []
    for _ in range(steps):
        value, d = loss(X @ W, y)
        if losses and value > losses[-1]:
            break
        losses.append(value)
        W = W - lr * X.T @ d
    return W, losses


@mistake("fit_linear", caught_by="test_losses_are_noted_before_each_step", severity="detail")
def losses_in_a_default_argument(X, y, loss, W, lr, steps, losses=[]):  # noqa: B006
    """The list of losses is made once, and a second call goes on where the first one ended.

    When is the default value of an argument computed?
    """
    for _ in range(steps):
        value, d = loss(X @ W, y)
        losses.append(value)
        W = W - lr * X.T @ d
    return W, losses


@right_answer("fit_linear")
def copy_moved_in_place(X, y, loss, W, lr, steps):
    """A copy of the start is moved in place; losses in an array."""
    W = np.array(W, dtype=float)
    losses = np.zeros(steps)
    for k in range(steps):
        losses[k], d = loss(np.dot(X, W), y)
        np.subtract(W, lr * np.tensordot(X, d, axes=(0, 0)), out=W)
    return W, losses


@right_answer("fit_linear")
def by_recursion(X, y, loss, W, lr, steps):
    """The first step, and then the rest; a tuple of losses."""
    if steps == 0:
        return W, ()
    answer = loss(X @ W, y)
    moved, later = fit_linear(X, y, loss, W - lr * np.einsum("nd,n...->d...", X, answer[1]), lr, steps - 1)  # noqa: F821
    return moved, (answer[0], *later)


@probe("fit_linear")
def probe_fit_linear(student, look, rng):
    X, y = rng.normal(0, 1, (5, 3)), rng.normal(0, 1, 5)

    def loss(scores, targets):
        error = np.asarray(scores) - np.reshape(targets, (-1,) + (1,) * (np.ndim(scores) - 1))
        return float(np.mean(error**2)), 2 * error / error.size

    start = rng.normal(0, 1, 3)
    look("one step", lambda: student.fit_linear(X, y, loss, start, 0.2, 1))
    look("four steps", lambda: student.fit_linear(X, y, loss, start, 0.2, 4))
    look("two outputs", lambda: student.fit_linear(X, y, loss, np.ones((3, 2)), 0.3, 3))
    look("no step", lambda: student.fit_linear(X, y, loss, np.ones(3), 0.3, 0))
    look("too large a rate", lambda: student.fit_linear(X, y, loss, start, 9.0, 3))
