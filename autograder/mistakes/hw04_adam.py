"""Known mistakes and right answers of hw04: moving averages, bias correction, Adam."""

import numpy as np

from autograder.grading import expose, held_call, set_item, value
from autograder.grading.bank import mistake, probe, right_answer


class Pieces:
    """Adam cut into pieces, so that a mistake below says only what it does otherwise."""

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.t, self.s, self.r = 0, {}, {}

    def step(self, params, grads):
        self.t += 1
        return {key: self.moved(key, theta, grads[key]) for key, theta in params.items()}

    def moved(self, key, theta, g):
        self.average(key, g)
        return theta - self.update(*self.corrected(self.s[key], self.r[key]))

    def average(self, key, g):
        self.s[key] = self.beta1 * self.s.get(key, 0.0) + (1 - self.beta1) * g
        self.r[key] = self.beta2 * self.r.get(key, 0.0) + (1 - self.beta2) * g**2

    def corrected(self, s, r):
        return s / (1 - self.beta1**self.t), r / (1 - self.beta2**self.t)

    def update(self, s, r):
        return self.lr * s / (np.sqrt(r) + self.eps)


# ema_weights


@mistake("ema_weights", caught_by="test_weights_add_up_to_less_than_one", severity="concept")
def powers_only(beta, t):
    """The weights are powers of beta alone.

    With which factor does the newest gradient enter the recursion?
    """
    return beta ** np.arange(t - 1, -1, -1)


@mistake("ema_weights", caught_by="test_each_weight_is_beta_times_the_next", severity="concept")
def newest_first(beta, t):
    """The weights stand in the opposite order, newest gradient first.

    Which gradient belongs to the first entry, and how much of it is left after t steps?
    """
    return (1 - beta) * beta ** np.arange(t)


@mistake("ema_weights", caught_by="test_weights_are_those_of_the_recursion", severity="detail")
def exponent_off_by_one(beta, t):
    """Every exponent is one too large.

    How often has the newest gradient been multiplied by beta so far?
    """
    return (1 - beta) * beta ** np.arange(t, 0, -1)


@mistake("ema_weights", caught_by="test_weights_add_up_to_less_than_one", severity="concept")
def weights_of_a_true_mean(beta, t):
    """The weights are scaled so that they add up to 1.

    What does the zero that the average starts from contribute, and to whom does its share belong?
    """
    w = beta ** np.arange(t - 1, -1, -1)
    return w / w.sum()


@mistake("ema_weights", caught_by="test_each_weight_is_beta_times_the_next", severity="concept")
def betas_the_other_way_round(beta, t):
    """The roles of beta and 1 - beta are exchanged.

    Which of the two multiplies the old average, and which the new gradient?
    """
    return beta * (1 - beta) ** np.arange(t - 1, -1, -1)


@mistake("ema_weights", caught_by="test_weights_have_shape_t", severity="robustness")
def a_row_of_weights(beta, t):
    """The weights come as a table with one row.

    How many axes does an array of shape (t,) have?
    """
    return (1 - beta) * beta ** np.arange(t - 1, -1, -1)[None, :]


@mistake("ema_weights", caught_by="test_weights_have_shape_t", severity="trivial")
def no_weights(beta, t):
    """All weights are 0.

    What would the average of gradients that are all 1 be?
    """
    return np.zeros(t)


@right_answer("ema_weights")
def weights_by_recursion(beta, t):
    """Runs the recursion on weights: old ones shrink, a new one is appended."""
    w = []
    for _ in range(t):
        w = [beta * each for each in w] + [1 - beta]
    return np.array(w)


@right_answer("ema_weights")
def averages_of_impulses(beta, t):
    """Averages the rows of the identity matrix: the response to a single gradient of 1."""
    s = np.zeros(t)
    for impulse in np.eye(t):
        s += (1 - beta) * (impulse - s)
    return s


@right_answer("ema_weights")
def weights_by_running_product(beta, t):
    """Multiplies up from the newest weight and turns the result around."""
    factors = np.full(t, beta)
    factors[0] = 1.0 - beta
    return np.flip(np.cumprod(factors))


@probe("ema_weights")
def probe_ema_weights(student, look, rng):
    look("five weights", lambda: student.ema_weights(0.7, 5))
    look("one weight", lambda: student.ema_weights(0.9, 1))


# ema_weight_sum


@mistake("ema_weight_sum", caught_by="test_sum_grows_and_tends_to_one", severity="concept")
def sum_without_power(beta, t):
    """The sum does not depend on t.

    Is as much weight missing after 100 gradients as after the first?
    """
    return 1 - beta


@mistake("ema_weight_sum", caught_by="test_sum_grows_and_tends_to_one", severity="concept")
def missing_weight(beta, t):
    """This is the weight that is missing, not the weight that is there.

    What do the two have to add up to?
    """
    return beta**t


@mistake("ema_weight_sum", caught_by="test_sum_is_that_of_the_weights", severity="detail")
def sum_off_by_one(beta, t):
    """The exponent is one too large.

    What is the sum for a single gradient?
    """
    return 1 - beta ** (t + 1)


@mistake("ema_weight_sum", caught_by="test_sum_grows_and_tends_to_one", severity="concept")
def power_of_the_complement(beta, t):
    """The power is taken of 1 - beta.

    What happens to your result as t grows, and what should happen?
    """
    return (1 - beta) ** t


@mistake("ema_weight_sum", caught_by="test_sum_grows_and_tends_to_one", severity="trivial")
def sum_is_one(beta, t):
    """The weights are taken for those of a true mean.

    How much does a single gradient weigh?
    """
    return 1.0


@right_answer("ema_weight_sum")
def sum_of_powers(beta, t):
    """Adds the weights up."""
    return sum((1 - beta) * beta**i for i in range(t))


@right_answer("ema_weight_sum")
def sum_by_recursion(beta, t):
    """The average of gradients that are all 1."""
    total = np.zeros(())
    for _ in range(t):
        total = beta * total + (1 - beta)
    return total


@mistake("ema_weight_sum", caught_by="test_sum_is_that_of_the_weights", severity="concept")
def beta_and_its_complement(beta, t):
    """beta and 1 - beta have changed places.

    With beta = 0.9, how much of the first gradient goes into the average?
    """
    return 1 - (1 - beta) ** t


@mistake("ema_weight_sum", caught_by="test_sum_is_a_single_number", severity="robustness")
def sum_in_an_array(beta, t):
    """The sum stands in an array with one entry.

    What is the shape of what you return, and what does the docstring say?
    """
    return np.array([1 - beta**t])


@right_answer("ema_weight_sum")
def sum_by_logarithm(beta, t):
    """The same through expm1, exact also for beta near 1."""
    return -np.expm1(t * np.log(beta))


@probe("ema_weight_sum")
def probe_ema_weight_sum(student, look, rng):
    look("three gradients", lambda: student.ema_weight_sum(0.7, 3))
    look("one gradient", lambda: student.ema_weight_sum(0.6, 1))


# bias_corrected_ema


@mistake("bias_corrected_ema", caught_by="test_the_start_is_of_the_right_size", severity="concept")
def averages_without_correction(g, beta):
    """The averages are not corrected.

    What does the average of a constant 3 say after the first step?
    """
    s, result = np.zeros(g.shape[1:]), []
    for g_t in g:
        s = beta * s + (1 - beta) * g_t
        result.append(s)
    return np.array(result)


@mistake("bias_corrected_ema", caught_by="test_late_averages_remember_the_right_values", severity="concept")
def correction_of_the_first_step_only(g, beta):
    """Every average is divided by 1 - beta, whatever t is.

    How much weight is there after the second gradient?
    """
    s, result = np.zeros(g.shape[1:]), []
    for g_t in g:
        s = beta * s + (1 - beta) * g_t
        result.append(s / (1 - beta))
    return np.array(result)


@mistake("bias_corrected_ema", caught_by="test_averages_follow_the_formula", severity="detail")
def corrected_for_the_next_step(g, beta):
    """The correction counts one step too many.

    Which t belongs to the first value?
    """
    s, result = np.zeros(g.shape[1:]), []
    for t, g_t in enumerate(g, start=2):
        s = beta * s + (1 - beta) * g_t
        result.append(s / (1 - beta**t))
    return np.array(result)


@mistake("bias_corrected_ema", caught_by="test_the_start_is_of_the_right_size", severity="concept")
def recursion_on_corrected_averages(g, beta):
    """The recursion goes on with the corrected average.

    Is the share of the starting zero still in what you carry on?
    """
    s, result = np.zeros(g.shape[1:]), []
    for t, g_t in enumerate(g, start=1):
        s = (beta * s + (1 - beta) * g_t) / (1 - beta**t)
        result.append(s)
    return np.array(result)


@mistake("bias_corrected_ema", caught_by="test_the_value_before_counts_beta_times_as_much", severity="concept")
def started_from_the_first_value(g, beta):
    """The average starts from the first value in place of 0, and is not corrected.

    How much does the first value weigh after the second step, and how much should it?
    """
    result = np.array(g, dtype=float)
    for t in range(1, len(g)):
        result[t] = beta * result[t - 1] + (1 - beta) * g[t]
    return result


@mistake("bias_corrected_ema", caught_by="test_late_averages_remember_the_right_values", severity="concept")
def mean_of_all_values(g, beta):
    """All values count the same, and beta plays no part.

    Should the oldest gradient weigh as much as the newest one?
    """
    counts = np.arange(1, len(g) + 1).reshape(-1, *[1] * (g.ndim - 1))
    return np.cumsum(g, axis=0) / counts


@mistake("bias_corrected_ema", caught_by="test_late_averages_remember_the_right_values", severity="concept")
def shares_exchanged(g, beta):
    """The old average gets the share of the new value, and the other way round.

    With beta = 0.9, how quickly should the average follow a jump?
    """
    s, result = np.zeros(g.shape[1:]), []
    for t, g_t in enumerate(g, start=1):
        s = (1 - beta) * s + beta * g_t
        result.append(s / (1 - (1 - beta) ** t))
    return np.array(result)


@mistake("bias_corrected_ema", caught_by="test_further_axes_are_averaged_on_their_own", severity="concept")
def correction_for_a_single_axis_only(g, beta):
    """Series with further axes are not corrected.

    What is the first average of two components that are always 3?
    """
    s, result = np.zeros(g.shape[1:]), []
    for t, g_t in enumerate(g, start=1):
        s = beta * s + (1 - beta) * g_t
        result.append(s / (1 - beta**t) if g.ndim == 1 else s)
    return np.array(result)


@mistake("bias_corrected_ema", caught_by="test_further_axes_are_averaged_on_their_own", severity="concept")
def t_counts_every_component(g, beta):
    """t is increased for every component, so the second one is a step ahead of the first.

    How many values of one component have been seen after the first row of two?
    """
    rows, s, result, t = np.reshape(g, (len(g), -1)), {}, np.empty(g.shape), 0
    for i, row in enumerate(rows):
        for k, g_tk in enumerate(row):
            t += 1
            s[k] = beta * s.get(k, 0.0) + (1 - beta) * g_tk
            result.reshape(rows.shape)[i, k] = s[k] / (1 - beta**t)
    return result


@mistake("bias_corrected_ema", caught_by="test_further_axes_are_averaged_on_their_own", severity="concept")
def averaged_along_the_last_axis(g, beta):
    """The averages run along the last axis.

    Which axis of the series is the time?
    """
    s, result = np.zeros(g.shape[:-1]), []
    for t, g_t in enumerate(np.moveaxis(g, -1, 0), start=1):
        s = beta * s + (1 - beta) * g_t
        result.append(s / (1 - beta**t))
    return np.moveaxis(np.array(result), 0, -1)


@mistake("bias_corrected_ema", caught_by="test_further_axes_are_averaged_on_their_own", severity="concept")
def axes_mixed(g, beta):
    """The components along further axes are averaged together.

    Does the second component know of the first one?
    """
    s, result = 0.0, np.zeros(g.shape)
    for t, g_t in enumerate(g, start=1):
        s = beta * s + (1 - beta) * np.mean(g_t)
        result[t - 1] = s / (1 - beta**t)
    return result


@mistake("bias_corrected_ema", caught_by="test_series_of_every_kind_are_averaged", severity="robustness")
def averages_cut_to_integers(g, beta):
    """The averages are stored in the dtype of the series.

    What is left of 1.7 in an array of integers?
    """
    s, result = np.zeros(g.shape[1:]), np.zeros_like(g)
    for t, g_t in enumerate(g, start=1):
        s = beta * s + (1 - beta) * g_t
        result[t - 1] = s / (1 - beta**t)
    return result


@mistake("bias_corrected_ema", caught_by="test_the_series_is_left_alone", severity="robustness")
def series_overwritten(g, beta):
    """The averages are written over the series that was passed in.

    Whose array is it, and may its owner still need it?
    """
    s = np.zeros(g.shape[1:])
    for t in range(len(g)):
        s = beta * s + (1 - beta) * g[t]
        g[t] = s / (1 - beta ** (t + 1))
    return g


@mistake("bias_corrected_ema", caught_by="test_the_start_is_of_the_right_size", severity="trivial")
def values_as_they_are(g, beta):
    """The values come back as they are.

    Which part of your result depends on earlier values?
    """
    return np.array(g, dtype=float)


@right_answer("bias_corrected_ema")
def weighted_sums(g, beta):
    """Normalised weights times values, with einsum and without recursion."""
    lags = np.arange(len(g))[:, None] - np.arange(len(g))
    weights = np.where(lags >= 0, beta ** np.maximum(lags, 0), 0.0)
    return np.einsum("ti,i...->t...", weights / weights.sum(axis=1, keepdims=True), g)


@right_answer("bias_corrected_ema")
def recursion_of_the_corrected_average(g, beta):
    """Moves the corrected average towards each value by a share that falls from 1 to 1 - beta."""
    result, share = np.array(g, dtype=np.float64), 1.0
    for t in range(1, len(g)):
        share = share / (share + beta)
        result[t] = result[t - 1] + share * (result[t] - result[t - 1])
    return result


@right_answer("bias_corrected_ema")
def sums_and_weights_side_by_side(g, beta):
    """Runs the same recursion on ones and divides by it."""
    rows, s, total = [], 0.0, 0.0
    for g_t in g:
        s, total = beta * s + (1 - beta) * np.asarray(g_t, dtype=float), beta * total + (1 - beta)
        rows.append(s / total)
    return np.stack(rows)


@probe("bias_corrected_ema")
def probe_bias_corrected_ema(student, look, rng):
    look("a series", lambda: student.bias_corrected_ema(rng.uniform(1, 4, 6), 0.8))
    look("two axes", lambda: student.bias_corrected_ema(rng.uniform(1, 4, (4, 2)), 0.7))
    look("integers", lambda: student.bias_corrected_ema(np.array([3, 8, 4, 1]), 0.7))


# adam_first_step


@mistake("adam_first_step", caught_by="test_first_update_does_not_depend_on_the_scale", severity="concept")
def step_of_plain_descent(g, lr, eps):
    """The update grows with the gradient.

    By what does Adam divide the average gradient, and how large is that at t = 1?
    """
    return -lr * g


@mistake("adam_first_step", caught_by="test_first_update_does_not_depend_on_the_scale", severity="concept")
def first_step_uphill(g, lr, eps):
    """The update has the sign of the gradient.

    Does the loss fall in that direction?
    """
    return lr * g / (np.abs(g) + eps)


@mistake("adam_first_step", caught_by="test_first_update_with_a_large_eps", severity="detail")
def sign_only(g, lr, eps):
    """The update ignores eps.

    What becomes of a gradient that is smaller than eps?
    """
    return -lr * np.sign(g)


@mistake("adam_first_step", caught_by="test_first_update_with_a_large_eps", severity="detail")
def first_eps_inside(g, lr, eps):
    """eps is added before the root is taken.

    Where does eps stand in the conventions box?
    """
    return -lr * g / np.sqrt(np.square(g) + eps)


@mistake("adam_first_step", caught_by="test_first_update_does_not_depend_on_the_scale", severity="concept")
def first_step_uncorrected(g, lr, eps):
    """The averages are used without their correction.

    Which factors 1 - beta are still in s and in r at t = 1?
    """
    return -lr * 0.1 * g / (np.sqrt(0.001 * g**2) + eps)


@mistake("adam_first_step", caught_by="test_first_update_does_not_depend_on_the_scale", severity="concept")
def divided_by_the_norm(g, lr, eps):
    """The gradient is divided by its length as a vector.

    Does one entry of the gradient change the step of another one?
    """
    return -lr * g / (np.sqrt(np.sum(np.square(g, dtype=float))) + eps)


@mistake("adam_first_step", caught_by="test_first_update_of_a_zero_gradient", severity="detail")
def zero_over_zero(g, lr, eps):
    """A gradient of 0 gives NaN.

    What is 0 divided by 0, and what keeps it from happening?
    """
    size = np.abs(g)
    with np.errstate(all="ignore"):
        return -lr * (g / size) * (size / (size + eps))


@mistake("adam_first_step", caught_by="test_first_update_of_every_shape", severity="robustness")
def first_step_comes_back_flat(g, lr, eps):
    """The update comes back flat, whatever the shape of the gradient.

    Can it be added to parameters that have the shape of the gradient?
    """
    return np.array([-lr * x / (abs(x) + eps) for x in np.ravel(g)])


@mistake("adam_first_step", caught_by="test_first_update_leaves_the_gradient_alone", severity="robustness")
def gradient_overwritten(g, lr, eps):
    """The update is written over the gradient.

    Whose array is it?
    """
    g /= np.abs(g) + eps
    return -lr * g


@mistake("adam_first_step", caught_by="test_first_update_of_a_zero_gradient", severity="trivial")
def no_first_step(g, lr, eps):
    """The update is always 0.

    How long is Adam's first step?
    """
    return np.zeros(np.shape(g))


@right_answer("adam_first_step")
def first_step_by_the_formulas(g, lr, eps):
    """Goes through both averages and their corrections."""
    s, r = (1 - 0.9) * g, (1 - 0.99) * np.square(g, dtype=np.float64)
    s_hat, r_hat = s / (1 - 0.9**1), r / (1 - 0.99**1)
    return -lr * s_hat / (r_hat**0.5 + eps)


@right_answer("adam_first_step")
def first_step_by_signs(g, lr, eps):
    """Sign and size apart, the size by hypot."""
    size = np.hypot(g, 0)
    return np.copysign(1.0, -np.asarray(g)) * (lr * size / (size + eps))


@right_answer("adam_first_step")
def first_step_by_entries(g, lr, eps):
    """One entry after the other, in plain Python."""
    flat = [-lr * x / (max(x, -x) + eps) for x in np.asarray(g).ravel().tolist()]
    return np.array(flat).reshape(np.shape(g))


@probe("adam_first_step")
def probe_adam_first_step(student, look, rng):
    look("a large eps", lambda: student.adam_first_step(np.array([2.0, -0.4, 0.1, 3.0]), 0.2, 0.3))
    look("a zero", lambda: student.adam_first_step(np.array([1.5, 0.0, -0.5]), 0.2, 0.1))
    look("two axes", lambda: student.adam_first_step(np.array([[1.5, -0.2], [0.3, -0.5]]), 0.2, 1e-12))


# mended_step


@mistake("mended_step", caught_by="test_mended_steps_do_not_depend_on_the_scale", severity="trivial")
def slide_as_printed(x, g, v, cache, t, lr, gamma, beta, eps):
    """This is still the slide.

    How long is its step for a gradient of 0.1, and how long for 10?
    """
    v = gamma * v + (1 - gamma) * g
    cache = beta * cache + (1 - beta) * g**2
    return x - lr * v / (cache + eps), v, cache


@mistake("mended_step", caught_by="test_mended_steps_are_not_too_long_at_first", severity="concept")
def only_the_root_mended(x, g, v, cache, t, lr, gamma, beta, eps):
    """The averages are still too small at first.

    How long is the very first step, measured in lr?
    """
    v = gamma * v + (1 - gamma) * g
    cache = beta * cache + (1 - beta) * g**2
    return x - lr * v / (np.sqrt(cache) + eps), v, cache


@mistake("mended_step", caught_by="test_mended_steps_do_not_depend_on_the_scale", severity="concept")
def only_the_correction_mended(x, g, v, cache, t, lr, gamma, beta, eps):
    """The step still depends on the size of the gradients.

    If g has a unit, which unit has v, and which has cache?
    """
    v = gamma * v + (1 - gamma) * g
    cache = beta * cache + (1 - beta) * g**2
    return x - lr * v / (1 - gamma**t) / (cache / (1 - beta**t) + eps), v, cache


@mistake("mended_step", caught_by="test_mended_steps_follow_the_conventions", severity="concept")
def corrected_averages_returned(x, g, v, cache, t, lr, gamma, beta, eps):
    """The corrected averages are handed back.

    What would the next step's correction do to an average that is corrected already?
    """
    v = (gamma * v + (1 - gamma) * g) / (1 - gamma**t)
    cache = (beta * cache + (1 - beta) * g**2) / (1 - beta**t)
    return x - lr * v / (np.sqrt(cache) + eps), v, cache


@mistake("mended_step", caught_by="test_mended_steps_follow_the_conventions", severity="detail")
def mended_with_eps_inside(x, g, v, cache, t, lr, gamma, beta, eps):
    """eps is added before the root is taken.

    Where does eps stand in the conventions box?
    """
    v = gamma * v + (1 - gamma) * g
    cache = beta * cache + (1 - beta) * g**2
    return x - lr * v / (1 - gamma**t) / np.sqrt(cache / (1 - beta**t) + eps), v, cache


@mistake("mended_step", caught_by="test_mended_steps_are_not_too_long_at_first", severity="concept")
def betas_of_the_corrections_exchanged(x, g, v, cache, t, lr, gamma, beta, eps):
    """Each average is corrected with the share of the other one.

    Which of gamma and beta went into v, and which into cache?
    """
    v = gamma * v + (1 - gamma) * g
    cache = beta * cache + (1 - beta) * g**2
    return x - lr * v / (1 - beta**t) / (np.sqrt(cache / (1 - gamma**t)) + eps), v, cache


@mistake("mended_step", caught_by="test_mended_steps_follow_the_conventions", severity="detail")
def corrections_one_step_ahead(x, g, v, cache, t, lr, gamma, beta, eps):
    """The corrections count one step too many.

    Which t does the first step get, and what should 1 - gamma**t be then?
    """
    v = gamma * v + (1 - gamma) * g
    cache = beta * cache + (1 - beta) * g**2
    return x - lr * v / (1 - gamma ** (t + 1)) / (np.sqrt(cache / (1 - beta ** (t + 1))) + eps), v, cache


@mistake("mended_step", caught_by="test_mended_steps_follow_the_conventions", severity="concept")
def newest_gradient_for_the_average(x, g, v, cache, t, lr, gamma, beta, eps):
    """The step takes the newest gradient in the place of its average.

    What is v good for in your step?
    """
    v = gamma * v + (1 - gamma) * g
    cache = beta * cache + (1 - beta) * g**2
    return x - lr * g / (np.sqrt(cache / (1 - beta**t)) + eps), v, cache


@mistake("mended_step", caught_by="test_mended_step_returns_uncorrected_averages", severity="robustness")
def averages_written_over(x, g, v, cache, t, lr, gamma, beta, eps):
    """The new averages are written over the old ones that were passed in.

    Whose arrays are they, and may their owner still need them?
    """
    v *= gamma
    v += (1 - gamma) * g
    cache *= beta
    cache += (1 - beta) * g**2
    return x - lr * v / (1 - gamma**t) / (np.sqrt(cache / (1 - beta**t)) + eps), v, cache


@mistake("mended_step", caught_by="test_mended_steps_follow_the_conventions", severity="concept")
def one_cache_per_row(x, g, v, cache, t, lr, gamma, beta, eps):
    """All entries of a row share the mean of their averages of squares.

    Should a large gradient of one entry shorten the step of its neighbour?
    """
    v = gamma * v + (1 - gamma) * g
    cache = beta * cache + (1 - beta) * g**2
    if g.ndim > 1:
        cache = cache.mean(axis=1, keepdims=True) + 0 * cache
    return x - lr * v / (1 - gamma**t) / (np.sqrt(cache / (1 - beta**t)) + eps), v, cache


@mistake("mended_step", caught_by="test_mended_steps_follow_the_conventions", severity="detail")
def matrices_come_back_flat(x, g, v, cache, t, lr, gamma, beta, eps):
    """The new parameters come back flat, whatever their shape.

    Which shape have x and g, and which has what you return?
    """
    shape = np.broadcast_shapes(g.shape, v.shape)
    v = gamma * v + (1 - gamma) * g
    cache = beta * cache + (1 - beta) * g**2
    moves = lr * v / (1 - gamma**t) / (np.sqrt(cache / (1 - beta**t)) + eps)
    return np.ravel(x.reshape(shape) - moves), v, cache


@mistake("mended_step", caught_by="test_mended_step_returns_uncorrected_averages", severity="concept")
def averages_in_the_other_order(x, g, v, cache, t, lr, gamma, beta, eps):
    """cache comes back before v.

    In which order does the caller unpack what you return?
    """
    v = gamma * v + (1 - gamma) * g
    cache = beta * cache + (1 - beta) * g**2
    with np.errstate(all="ignore"):
        return x - lr * v / (1 - gamma**t) / (np.sqrt(cache / (1 - beta**t)) + eps), cache, v


@right_answer("mended_step")
def correction_by_factors(x, g, v, cache, t, lr, gamma, beta, eps):
    """Corrections as factors of rate and eps, roots as powers."""
    v = v + (1 - gamma) * (g - v)
    cache = cache + (1 - beta) * (g * g - cache)
    root = (1 - beta**t) ** 0.5
    return x - lr * root / (1 - gamma**t) * v / (cache**0.5 + root * eps), v, cache


@right_answer("mended_step")
def mended_entry_by_entry(x, g, v, cache, t, lr, gamma, beta, eps):
    """Loops over the entries and returns a list of three arrays."""
    x, v, cache = (np.array(each, dtype=float) for each in (x, v, cache))
    for i in np.ndindex(x.shape):
        v[i] = gamma * v[i] + (1 - gamma) * g[i]
        cache[i] = beta * cache[i] + (1 - beta) * g[i] ** 2
        x[i] -= lr * (v[i] / (1 - gamma**t)) / (float(cache[i] / (1 - beta**t)) ** 0.5 + eps)
    return [x, v, cache]


@probe("mended_step")
def probe_mended_step(student, look, rng):
    state = (np.array([0.5, -0.2]), np.zeros(2), np.zeros(2))
    for t in (1, 2, 3):
        x, v, cache = state
        g = rng.uniform(0.3, 2, 2)
        got = look(
            f"step {t}", lambda x=x, v=v, c=cache, g=g, t=t: student.mended_step(x, g, v, c, t, 0.2, 0.8, 0.9, 0.3)
        )
        if not isinstance(got, list | tuple) or len(got) != 3:
            break
        state = got
    x, g, v, cache = rng.uniform(0.3, 2, (4, 2, 3))
    look("a matrix", lambda: student.mended_step(x, g, v, cache, 3, 0.2, 0.8, 0.9, 0.3))


# Adam: the formula


@mistake("Adam", caught_by="test_early_steps_on_a_constant_gradient_are_about_lr_long", severity="concept")
class no_bias_correction(Pieces):
    """The averages are used as they are, although both start at 0.

    How long is the very first step in units of lr, and what do the weights of s add up to by then?
    """

    def corrected(self, s, r):
        return s, r


@mistake("Adam", caught_by="test_the_first_step_has_the_length_lr", severity="concept")
class only_s_corrected(Pieces):
    """The average gradient is corrected, the average square is not.

    Which of the two averages is further from its mean in the first steps?
    """

    def corrected(self, s, r):
        return s / (1 - self.beta1**self.t), r


@mistake("Adam", caught_by="test_the_first_step_has_the_length_lr", severity="concept")
class only_r_corrected(Pieces):
    """The average square is corrected, the average gradient is not.

    What do the weights of s add up to after the first step?
    """

    def corrected(self, s, r):
        return s, r / (1 - self.beta2**self.t)


@mistake("Adam", caught_by="test_eight_steps_follow_the_formula", severity="concept")
class t_stays_at_one(Pieces):
    """Every step is corrected as if it were the first.

    Does your t, or the power that it stands in, change from step to step?
    """

    def corrected(self, s, r):
        return s / (1 - self.beta1), r / (1 - self.beta2)


@mistake("Adam", caught_by="test_the_first_step_has_the_length_lr", severity="detail")
class t_starts_at_two(Pieces):
    """The first step is corrected as if it were the second.

    What is t before the first step, and how often is it increased until it is used?
    """

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7):
        super().__init__(lr, beta1, beta2, eps)
        self.t = 1


@mistake("Adam", caught_by="test_the_first_step_has_the_length_lr", severity="concept")
class t_starts_at_zero(Pieces):
    """The first step has t = 0, and so it divides by 0.

    What is 1 - beta**t for t = 0, and when is t to be increased?
    """

    def corrected(self, s, r):
        with np.errstate(all="ignore"):
            return s / np.float64(1 - self.beta1 ** (self.t - 1)), r / np.float64(1 - self.beta2 ** (self.t - 1))


@mistake("Adam", caught_by="test_eight_steps_follow_the_formula", severity="concept")
class corrected_averages_kept(Pieces):
    """The corrected averages are kept for the next step.

    Does the recursion in the conventions box go on with s or with s_hat?
    """

    def moved(self, key, theta, g):
        self.average(key, g)
        self.s[key], self.r[key] = self.corrected(self.s[key], self.r[key])
        return theta - self.update(self.s[key], self.r[key])


@mistake("Adam", caught_by="test_late_steps_divide_the_average_by_the_root", severity="concept")
class no_root(Pieces):
    """The average gradient is divided by the average square itself.

    If all gradients were ten times as large, how would your steps change?
    """

    def update(self, s, r):
        return self.lr * s / (r + self.eps)


@mistake("Adam", caught_by="test_eps_stands_outside_the_root", severity="detail")
class eps_inside_the_root(Pieces):
    """eps is added before the root is taken.

    Where does eps stand in the conventions box?
    """

    def update(self, s, r):
        return self.lr * s / np.sqrt(r + self.eps)


@mistake("Adam", caught_by="test_eps_stands_outside_the_root", severity="detail")
class eps_before_the_correction(Pieces):
    """eps is added to the root of the uncorrected average, so it weighs more in the first steps.

    To which of r and r_hat does the conventions box add eps?
    """

    def moved(self, key, theta, g):
        self.average(key, g)
        rate = self.lr * np.sqrt(1 - self.beta2**self.t) / (1 - self.beta1**self.t)
        return theta - rate * self.s[key] / (np.sqrt(self.r[key]) + self.eps)


@mistake("Adam", caught_by="test_eps_stands_outside_the_root", severity="detail")
class eps_forgotten(Pieces):
    """Nothing is added to the root.

    What happens to a parameter whose gradient has always been 0?
    """

    def update(self, s, r):
        with np.errstate(all="ignore"):
            return self.lr * s / np.sqrt(r)


@mistake("Adam", caught_by="test_eps_stands_outside_the_root", severity="detail")
class eps_of_another_course(Pieces):
    """eps is a fixed number, whatever is passed in.

    What does Adam(eps=0.3) do differently from Adam() in your class?
    """

    def update(self, s, r):
        return self.lr * s / (np.sqrt(r) + 1e-8)


@mistake("Adam", caught_by="test_late_steps_divide_the_average_by_the_root", severity="concept")
class betas_exchanged(Pieces):
    """beta1 and beta2 have changed places.

    Which average is to remember longer, that of the gradient or that of its square?
    """

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7):
        super().__init__(lr, beta2, beta1, eps)


@mistake("Adam", caught_by="test_late_steps_divide_the_average_by_the_root", severity="concept")
class betas_of_the_defaults(Pieces):
    """The betas are always 0.9 and 0.999, whatever is passed in.

    What does Adam(beta1=0.5) do differently from Adam() in your class?
    """

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7):
        super().__init__(lr, 0.9, 0.999, eps)


@mistake("Adam", caught_by="test_late_steps_divide_the_average_by_the_root", severity="concept")
class beta1_for_both(Pieces):
    """Both averages are kept with beta1.

    What does Adam(beta2=0.5) do differently from Adam() in your class?
    """

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7):
        super().__init__(lr, beta1, beta1, eps)


@mistake("Adam", caught_by="test_late_steps_divide_the_average_by_the_root", severity="concept")
class r_of_the_average(Pieces):
    """r averages the square of s, not the square of the gradient.

    If the gradient changes its sign in every step, what are s and r?
    """

    def average(self, key, g):
        self.s[key] = self.beta1 * self.s.get(key, 0.0) + (1 - self.beta1) * g
        s_hat = self.s[key] / (1 - self.beta1**self.t)
        self.r[key] = self.beta2 * self.r.get(key, 0.0) + (1 - self.beta2) * s_hat**2


@mistake("Adam", caught_by="test_late_steps_divide_the_average_by_the_root", severity="concept")
class r_of_the_size(Pieces):
    """r averages the size of the gradient, not its square.

    What is to be averaged before the root is taken?
    """

    def average(self, key, g):
        self.s[key] = self.beta1 * self.s.get(key, 0.0) + (1 - self.beta1) * g
        self.r[key] = self.beta2 * self.r.get(key, 0.0) + (1 - self.beta2) * np.abs(g)

    def update(self, s, r):
        return self.lr * s / (r + self.eps)


@mistake("Adam", caught_by="test_late_steps_divide_the_average_by_the_root", severity="concept")
class r_of_the_gradient(Pieces):
    """r averages the gradient itself, without squaring it.

    What is the root of a negative average?
    """

    def average(self, key, g):
        self.s[key] = self.beta1 * self.s.get(key, 0.0) + (1 - self.beta1) * g
        self.r[key] = self.beta2 * self.r.get(key, 0.0) + (1 - self.beta2) * g

    def update(self, s, r):
        with np.errstate(all="ignore"):
            return self.lr * s / (np.sqrt(r) + self.eps)


@mistake("Adam", caught_by="test_late_steps_divide_the_average_by_the_root", severity="concept")
class r_of_the_whole_array(Pieces):
    """All entries of a parameter share one r, the square of the gradient's length.

    Should a large gradient of one entry shorten the step of another?
    """

    def average(self, key, g):
        self.s[key] = self.beta1 * self.s.get(key, 0.0) + (1 - self.beta1) * g
        self.r[key] = self.beta2 * self.r.get(key, 0.0) + (1 - self.beta2) * np.sum(g**2)


@mistake("Adam", caught_by="test_late_steps_divide_the_average_by_the_root", severity="concept")
class r_per_row(Pieces):
    """All entries of a row of a matrix share one r, the mean of their squares.

    Should a large gradient of one weight shorten the step of its neighbour?
    """

    def average(self, key, g):
        square = np.mean(g**2, axis=-1, keepdims=True) if np.ndim(g) > 1 else g**2
        self.s[key] = self.beta1 * self.s.get(key, 0.0) + (1 - self.beta1) * g
        self.r[key] = self.beta2 * self.r.get(key, 0.0) + (1 - self.beta2) * square


@mistake("Adam", caught_by="test_late_steps_divide_the_average_by_the_root", severity="concept")
class matrices_by_plain_descent(Pieces):
    """Vectors move as in Adam, arrays of more axes as in gradient descent.

    If the gradient of a matrix were ten times as large, how would its steps change?
    """

    def moved(self, key, theta, g):
        return super().moved(key, theta, g) if np.ndim(g) < 2 else theta - self.lr * g


@mistake("Adam", caught_by="test_eps_stands_outside_the_root", severity="concept")
class entries_of_matrices_shuffled(Pieces):
    """The update of a matrix has its entries in another order.

    Row by row or column by column: in which order do you take entries out, and in which do you put them back?
    """

    def update(self, s, r):
        full = super().update(s, r)
        return np.ravel(full).reshape(np.shape(full), order="F")


@mistake("Adam", caught_by="test_eight_steps_follow_the_formula", severity="detail")
class zero_gradients_stay(Pieces):
    """Where the gradient is 0 the parameter stays where it is.

    After gradients of 3, 3 and 3, what is s after a gradient of 0?
    """

    def moved(self, key, theta, g):
        return np.where(np.equal(g, 0), theta, super().moved(key, theta, g))


@mistake("Adam", caught_by="test_eight_steps_follow_the_formula", severity="detail")
class zero_gradients_skipped(Pieces):
    """A gradient of zeros only is skipped, and its averages stay as they are.

    Which lines of the conventions box does a gradient of 0 leave without effect?
    """

    def moved(self, key, theta, g):
        return super().moved(key, theta, g) if np.any(g) else np.array(theta)


@mistake("Adam", caught_by="test_late_steps_divide_the_average_by_the_root", severity="concept")
class no_average_of_the_gradient(Pieces):
    """The step takes the newest gradient in the place of its average.

    Which optimiser is that, and what does Adam add to it?
    """

    def moved(self, key, theta, g):
        self.average(key, g)
        return theta - self.update(g, self.corrected(self.s[key], self.r[key])[1])


@mistake("Adam", caught_by="test_the_first_step_has_the_length_lr", severity="concept")
class momentum_only(Pieces):
    """The average gradient is not divided by anything.

    Where does r come in?
    """

    def update(self, s, r):
        return self.lr * s


@mistake("Adam", caught_by="test_late_steps_divide_the_average_by_the_root", severity="concept")
class no_memory(Pieces):
    """The averages start from 0 again in every step.

    What is left of the gradient of the step before?
    """

    def average(self, key, g):
        self.s[key], self.r[key] = (1 - self.beta1) * g, (1 - self.beta2) * g**2


@mistake("Adam", caught_by="test_late_steps_divide_the_average_by_the_root", severity="concept")
class sums_for_averages(Pieces):
    """New gradients are added in full, so s and r are sums rather than averages.

    On a constant gradient of 1, where should s end up?
    """

    def average(self, key, g):
        self.s[key] = self.beta1 * self.s.get(key, 0.0) + g
        self.r[key] = self.beta2 * self.r.get(key, 0.0) + g**2


@mistake("Adam", caught_by="test_the_first_step_has_the_length_lr", severity="concept")
class uphill(Pieces):
    """The update is added, so the parameters move with the gradient.

    Does the loss fall in that direction?
    """

    def update(self, s, r):
        return -super().update(s, r)


@mistake("Adam", caught_by="test_late_steps_divide_the_average_by_the_root", severity="concept")
class signs_only(Pieces):
    """Every step has the full length lr, in the direction of the newest gradient.

    How long should a step be where the gradients contradict each other?
    """

    def moved(self, key, theta, g):
        return theta - self.lr * np.sign(g)


# Adam: the optimiser


@mistake("Adam", caught_by="test_several_keys_move_as_each_would_alone", severity="detail")
class t_per_key(Pieces):
    """t is increased for every key, so that the second key is a step ahead of the first.

    How often is t increased in one call of step with three keys?
    """

    def step(self, params, grads):
        new = {}
        for key, theta in params.items():
            self.t += 1
            new[key] = self.moved(key, theta, grads[key])
        return new


@mistake("Adam", caught_by="test_several_keys_move_as_each_would_alone", severity="detail")
class one_buffer_for_all(Pieces):
    """All keys share one pair of averages.

    Whose gradient is in s when the second key is updated?
    """

    def moved(self, key, theta, g):
        return super().moved("all", theta, g)


@mistake("Adam", caught_by="test_several_keys_move_as_each_would_alone", severity="detail")
class averages_by_shape(Pieces):
    """Parameters of the same shape share their averages.

    Two layers of one shape: whose gradients are in s?
    """

    def moved(self, key, theta, g):
        return super().moved(np.shape(theta), theta, g)


@mistake("Adam", caught_by="test_several_keys_move_as_each_would_alone", severity="detail")
class gradients_by_position(Pieces):
    """Parameters and gradients are paired by their order, not by their keys.

    What happens if the gradients are listed from the last layer to the first, as backpropagation finds them?
    """

    def step(self, params, grads):
        return super().step(params, dict(zip(params, grads.values(), strict=True)))


@mistake("Adam", caught_by="test_gradients_of_every_kind", severity="robustness")
class an_axis_too_many(Pieces):
    """The parameters come back with an axis more than they had.

    What is the shape of a parameter before the step, and after it?
    """

    def moved(self, key, theta, g):
        return np.atleast_2d(super().moved(key, theta, g))


@mistake("Adam", caught_by="test_a_late_key_uses_the_t_of_the_optimiser", severity="robustness")
class averages_lost_in_a_missed_step(Pieces):
    """A key that misses a step has lost its averages when it is back.

    Which keys are in your dict of averages after a step without this one?
    """

    def step(self, params, grads):
        new = super().step(params, grads)
        self.s, self.r = {key: self.s[key] for key in params}, {key: self.r[key] for key in params}
        return new


@mistake("Adam", caught_by="test_a_late_key_uses_the_t_of_the_optimiser", severity="robustness")
class averages_decay_in_a_missed_step(Pieces):
    """A key that misses a step is treated as if its gradient had been 0.

    What does the docstring say of the averages of such a key?
    """

    def step(self, params, grads):
        new = super().step(params, grads)
        for key in self.s.keys() - params.keys():
            self.s[key], self.r[key] = self.beta1 * self.s[key], self.beta2 * self.r[key]
        return new


@mistake("Adam", caught_by="test_a_late_key_uses_the_t_of_the_optimiser", severity="robustness")
class late_key_counts_for_itself(Pieces):
    """Every key counts its own steps.

    What is t for a key that first appears in the third step?
    """

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7):
        super().__init__(lr, beta1, beta2, eps)
        self.counts = {}

    def moved(self, key, theta, g):
        self.t = self.counts[key] = self.counts.get(key, 0) + 1
        return super().moved(key, theta, g)


@mistake("Adam", caught_by="test_a_late_key_uses_the_t_of_the_optimiser", severity="robustness")
class late_key_unknown(Pieces):
    """Averages are made in the first step only, so a key that comes later has none.

    What does your step do with a key that it has not seen before?
    """

    def step(self, params, grads):
        if not self.s:
            self.s, self.r = dict.fromkeys(params, 0.0), dict.fromkeys(params, 0.0)
        known = {key: self.s[key] for key in params}
        return super().step({key: params[key] for key in known}, grads)


@mistake("Adam", caught_by="test_two_optimisers_share_nothing", severity="detail")
class settings_of_the_newest(Pieces):
    """The settings belong to the class, so that all optimisers have those of the one made last.

    What is the rate of the first Adam after a second one was made with another?
    """

    common = {}

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7):
        super().__init__(lr, beta1, beta2, eps)
        self.common.update(lr=lr, beta1=beta1, beta2=beta2, eps=eps)

    def step(self, params, grads):
        self.__dict__.update(self.common)
        return super().step(params, grads)


@mistake("Adam", caught_by="test_two_optimisers_share_nothing", severity="detail")
class state_in_the_class(Pieces):
    """The averages belong to the class, so that all optimisers write to the same ones.

    What does a second Adam() know about the steps of the first?
    """

    shared = {}, {}

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7):
        super().__init__(lr, beta1, beta2, eps)
        self.s, self.r = self.shared


@mistake("Adam", caught_by="test_two_optimisers_share_nothing", severity="concept")
class t_in_the_class(Pieces):
    """t belongs to the class, so that all optimisers count on in the same one.

    What is t in the first step of a second Adam()?
    """

    clock = [0]

    def step(self, params, grads):
        self.clock[0] += 1
        self.t = self.clock[0] - 1
        return super().step(params, grads)


@mistake("Adam", caught_by="test_a_step_leaves_its_arguments_alone", severity="robustness")
class results_written_over(Pieces):
    """Every step returns the same arrays, with new numbers in them.

    If the caller keeps what a step returned, what will it find there after the next one?
    """

    def moved(self, key, theta, g):
        mine = self.__dict__.setdefault("mine", {}).setdefault(key, np.zeros(np.shape(theta)))
        mine[...] = super().moved(key, theta, g)
        return mine


@mistake("Adam", caught_by="test_a_step_leaves_its_arguments_alone", severity="robustness")
class parameters_changed_in_place(Pieces):
    """The parameters that were passed in are changed.

    If the caller keeps the old parameters to compare with, what will it find?
    """

    def step(self, params, grads):
        self.t += 1
        for key in params:
            params[key] -= params[key] - self.moved(key, params[key], grads[key])
        return params


@mistake("Adam", caught_by="test_gradients_of_every_kind", severity="robustness")
class averages_in_the_dtype_of_the_gradient(Pieces):
    """The averages are stored in the dtype of the gradient.

    What is left of 0.2 in an array of integers?
    """

    def average(self, key, g):
        super().average(key, g)
        if np.asarray(g).dtype.kind in "iu":
            self.s[key], self.r[key] = self.s[key].astype(g.dtype), self.r[key].astype(g.dtype)


@mistake("Adam", caught_by="test_a_step_starts_from_what_is_passed_in_and_keeps_none_of_it", severity="robustness")
class parameters_remembered(Pieces):
    """Later steps start from the optimiser's own parameters, not from those passed in.

    What happens if the caller clips the parameters between two steps?
    """

    def moved(self, key, theta, g):
        theta = self.__dict__.setdefault("own", {}).get(key, theta)
        self.own[key] = super().moved(key, theta, g)
        return self.own[key]


@mistake("Adam", caught_by="test_a_step_starts_from_what_is_passed_in_and_keeps_none_of_it", severity="robustness")
class gradients_kept_without_a_copy(Pieces):
    """The arrays of earlier gradients are kept, and change when the caller changes them.

    What does your list hold after the caller has used its gradient array again?
    """

    def average(self, key, g):
        past = self.__dict__.setdefault("past", {}).setdefault(key, [])
        past.append(g)
        powers = np.arange(len(past) - 1, -1, -1)
        self.s[key] = sum(w * old for w, old in zip((1 - self.beta1) * self.beta1**powers, past, strict=True))
        self.r[key] = sum(w * old**2 for w, old in zip((1 - self.beta2) * self.beta2**powers, past, strict=True))


@mistake("Adam", caught_by="test_defaults_are_those_of_the_conventions", severity="detail")
class other_default_rate(Pieces):
    """Without arguments the rate is not that of the conventions box.

    What are the four defaults?
    """

    def __init__(self, lr=0.01, beta1=0.9, beta2=0.999, eps=1e-7):
        super().__init__(lr, beta1, beta2, eps)


@mistake("Adam", caught_by="test_the_first_step_has_the_length_lr", severity="trivial")
class plain_descent:
    """This is gradient descent under another name.

    What do beta1 and beta2 do in your class?
    """

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7):
        self.lr = lr

    def step(self, params, grads):
        return {key: params[key] - self.lr * grads[key] for key in params}


@mistake("Adam", caught_by="test_zero_and_tiny_gradients", severity="trivial")
class no_movement:
    """The parameters come back as they were.

    Which line of your class changes them?
    """

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7):
        pass

    def step(self, params, grads):
        return dict(params)


# Adam: right answers


@right_answer("Adam")
class entry_by_entry:
    """Plain Python numbers, one entry of one parameter at a time."""

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7):
        self.settings, self.t, self.memory = (lr, beta1, beta2, eps), 0, {}

    def step(self, params, grads):
        lr, beta1, beta2, eps = self.settings
        self.t += 1
        new = {}
        for key in params:
            out = np.array(params[key], dtype=float)
            for i in np.ndindex(out.shape):
                s, r = self.memory.get((key, i), (0.0, 0.0))
                g = float(grads[key][i])
                s, r = beta1 * s + (1 - beta1) * g, beta2 * r + (1 - beta2) * g * g
                self.memory[key, i] = s, r
                out[i] -= lr * (s / (1 - beta1**self.t)) / ((r / (1 - beta2**self.t)) ** 0.5 + eps)
            new[key] = out
        return new


@right_answer("Adam")
class running_products_of_beta:
    """The powers of beta are carried along as products; no t at all."""

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7):
        self.lr, self.b1, self.b2, self.eps = lr, beta1, beta2, eps
        self.p1 = self.p2 = 1.0
        self.state = {}

    def step(self, params, grads):
        self.p1 *= self.b1
        self.p2 *= self.b2
        out = {}
        for key, g in grads.items():
            m, v = self.state.get(key) or (np.zeros(np.shape(g)), np.zeros(np.shape(g)))
            m = self.b1 * m + (1 - self.b1) * g
            v = self.b2 * v + (1 - self.b2) * g * g
            self.state[key] = (m, v)
            out[key] = params[key] - self.lr * (m / (1 - self.p1)) / (np.sqrt(v / (1 - self.p2)) + self.eps)
        return out


@right_answer("Adam")
class correction_in_the_rate:
    """The correction is part of the step size, and eps is scaled so that it stands where it should."""

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7):
        self.config = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps, "t": 0, "m": {}, "v": {}}

    def step(self, params, grads):
        c = self.config
        c["t"] += 1
        root = np.sqrt(1 - c["beta2"] ** c["t"])
        rate = c["lr"] * root / (1 - c["beta1"] ** c["t"])
        for k, g in grads.items():
            c["m"][k] = c["beta1"] * c["m"].get(k, 0) + (1 - c["beta1"]) * g
            c["v"][k] = c["beta2"] * c["v"].get(k, 0) + (1 - c["beta2"]) * np.multiply(g, g)
        return {k: params[k] - rate * c["m"][k] / (np.sqrt(c["v"][k]) + root * c["eps"]) for k in params}


@right_answer("Adam")
class float32_inside:
    """Averages and parameters in single precision."""

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.t, self.m, self.v = 0, {}, {}

    def step(self, params, grads):
        self.t += 1
        new = {}
        for name in params:
            g = np.asarray(grads[name], dtype=np.float32)
            if name not in self.m:
                self.m[name] = np.zeros_like(g)
                self.v[name] = np.zeros_like(g)
            self.m[name] = np.float32(self.beta1) * self.m[name] + np.float32(1 - self.beta1) * g
            self.v[name] = np.float32(self.beta2) * self.v[name] + np.float32(1 - self.beta2) * g**2
            m_hat = self.m[name] / np.float32(1 - self.beta1**self.t)
            v_hat = self.v[name] / np.float32(1 - self.beta2**self.t)
            move = np.float32(self.lr) * m_hat / (np.sqrt(v_hat) + np.float32(self.eps))
            new[name] = np.asarray(params[name], dtype=np.float32) - move
        return new


@right_answer("Adam")
class in_place_on_copies:
    """Ufuncs with out=, on arrays of the optimiser's own."""

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.t = 0
        self.buffers = {}

    def step(self, params, grads):
        self.t = self.t + 1
        result = {key: np.array(value, dtype=float) for key, value in params.items()}
        for key, theta in result.items():
            m, v = self.buffers.setdefault(key, (np.zeros(theta.shape), np.zeros(theta.shape)))
            g = np.array(grads[key], dtype=float)
            m *= self.beta1
            m += (1 - self.beta1) * g
            v *= self.beta2
            v += (1 - self.beta2) * np.square(g)
            bottom = np.sqrt(v / (1 - np.power(self.beta2, self.t)))
            bottom += self.eps
            theta -= self.lr * np.divide(m / (1 - np.power(self.beta1, self.t)), bottom)
        return result


@right_answer("Adam")
class weighted_sums_over_all_gradients:
    """Copies of all gradients of a key are kept and summed with the weights of part 1."""

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7):
        self.lr, self.betas, self.eps, self.t, self.history = lr, (beta1, beta2), eps, 0, {}

    def step(self, params, grads):
        self.t += 1
        new = {}
        for key, theta in params.items():
            self.history.setdefault(key, []).append(np.array(grads[key], dtype=float))
            past = np.stack(self.history[key])
            ages = np.arange(len(past) - 1, -1, -1)
            w1, w2 = (beta**ages / np.sum(beta ** np.arange(self.t)) for beta in self.betas)
            s_hat, r_hat = np.einsum("i,i...->...", w1, past), np.einsum("i,i...->...", w2, past**2)
            new[key] = theta - self.lr * s_hat / (r_hat**0.5 + self.eps)
        return new


@right_answer("Adam")
class recursion_of_the_corrected_averages:
    """Keeps the corrected averages and moves them by a share that depends on t, in one array for both."""

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7):
        self.lr, self.eps, self.t, self.hats = lr, eps, 0, {}
        self.betas = np.array([beta1, beta2])

    def step(self, params, grads):
        self.t += 1
        share = (1 - self.betas) / (1 - self.betas**self.t)
        moved = {}
        for key in self.hats.keys() - params.keys():
            old, fewer = self.hats[key], 1 - self.betas ** (self.t - 1)
            self.hats[key] = old * (fewer / (1 - self.betas**self.t)).reshape((2,) + (1,) * (old.ndim - 1))
        for key in sorted(params):
            both = np.stack([np.asarray(grads[key], dtype=float), np.asarray(grads[key], dtype=float) ** 2])
            old = self.hats.get(key, np.zeros(both.shape))
            by = share.reshape((2,) + (1,) * (both.ndim - 1))
            self.hats[key] = (1 - by) * old + by * both
            s_hat, r_hat = self.hats[key]
            moved[key] = np.asarray(params[key]) - self.lr * s_hat / (np.sqrt(r_hat) + self.eps)
        return moved


@right_answer("Adam")
class pairs_with_own_weight_sums:
    """Averages with the sums of their weights beside them, in lists; the sums belong to the optimiser."""

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7):
        self.lr, self.eps = lr, eps
        self.moments = [[beta1, 1, 0.0, {}], [beta2, 2, 0.0, {}]]

    def step(self, params, grads):
        hats = []
        for moment in self.moments:
            beta, power, total, averages = moment
            moment[2] = total + (1 - beta) * (1 - total)
            for key in grads:
                before = averages.get(key, 0.0)
                averages[key] = before + (1 - beta) * (np.power(grads[key], power, dtype=float) - before)
            hats.append({key: averages[key] / moment[2] for key in params})
        return {key: params[key] - self.lr * hats[0][key] / (np.sqrt(hats[1][key]) + self.eps) for key in params}


@probe("Adam")
def probe_adam(student, look, rng):
    settings = {"lr": 0.2, "beta1": 0.8, "beta2": 0.9, "eps": 0.3}
    grads = rng.uniform(0.3, 2.0, (8, 2)) * rng.choice([-1.0, 1.0], (8, 2))

    def walk(words, optimiser, each, start=None):
        params = start or {key: np.zeros(np.shape(g)) for key, g in each[0].items()}
        for n, g in enumerate(each, start=1):
            got = look(f"{words}, step {n}", lambda params=params, g=g: optimiser.step(params, g))
            if not isinstance(got, dict) or not set(got) >= set(g):
                return
            params = got

    walk("large eps", student.Adam(**settings), [{"probe a": g} for g in grads[:5]])
    walk("tiny eps", student.Adam(**{**settings, "eps": 1e-9}), [{"probe b": g} for g in grads[:4]])
    tiny = np.array([1.0, 1e-7])
    walk("defaults", student.Adam(), [{"probe c": g * tiny} for g in grads[:4]])
    walk("two keys", student.Adam(**settings), [{"probe d": g, "probe e": g[:1]} for g in grads[:3]])
    twins = student.Adam(**settings)
    for n, (g, h) in enumerate(zip(grads[:3], grads[3:6], strict=True), start=1):
        given = {"probe l": np.zeros(2), "probe m": np.zeros(2)}
        orders = {"probe l": g, "probe m": h}, {"probe m": h, "probe l": 2 * g}
        for words, each in zip(("keys of one shape", "gradients backwards"), orders, strict=True):
            look(f"{words}, step {n}", lambda given=given, each=each: twins.step(given, each))
    look("one of two keys", lambda: twins.step({"probe l": np.zeros(2)}, {"probe l": grads[6]}))
    look("the other one back", lambda: twins.step({"probe m": np.zeros(2)}, {"probe m": grads[6]}))
    late = [{"probe f": grads[0]}, {"probe f": grads[1]}]
    walk("before the late key", optimiser := student.Adam(**settings), late)
    look("late key", lambda: optimiser.step({"probe g": np.zeros(2)}, {"probe g": grads[2]}))
    look("key that is back", lambda: optimiser.step({"probe f": np.zeros(2)}, {"probe f": grads[2]}))
    one, other = student.Adam(**settings), student.Adam(**settings)
    look("first of two", lambda: one.step({"probe h": np.zeros(2)}, {"probe h": grads[0]}))
    look("second of two", lambda: other.step({"probe h": np.zeros(2)}, {"probe h": grads[1]}))
    look("from elsewhere", lambda: one.step({"probe h": np.ones(2)}, {"probe h": grads[1]}))
    first, _ = student.Adam(**settings), student.Adam(lr=0.7, beta1=0.3, beta2=0.6, eps=0.1)
    look("after another was made", lambda: first.step({"probe n": np.zeros(2)}, {"probe n": grads[0]}))
    walk("integers", student.Adam(**settings), [{"probe i": np.array([3, -2])}, {"probe i": np.array([1, 4])}])
    walk("zeros", student.Adam(**{**settings, "eps": 1e-3}), [{"probe j": np.zeros(2)}, {"probe j": grads[1]}])
    between = [grads[0], grads[1] * [0, 1], np.zeros(2), grads[2]]
    walk("zeros between", student.Adam(**settings), [{"probe o": g} for g in between])
    walk("a matrix", student.Adam(**settings), [{"probe p": g} for g in (grads[:3], grads[3:6])])
    fourth = student.Adam(**settings)
    held = held_call(fourth.step, {"probe q": np.zeros(2)}, {"probe q": grads[0]})
    fourth.step({"probe q": np.ones(2)}, {"probe q": grads[1]})
    look("the first result after the second step", lambda: value(held))
    lent, third = student.array(grads[3]), student.Adam(**settings)
    look("with a lent gradient", lambda: third.step({"probe k": np.zeros(2)}, {"probe k": lent}))
    for i in (0, 1):
        set_item(lent, i, 7.0)
    look("after its change", lambda: third.step({"probe k": np.zeros(2)}, {"probe k": grads[4]}))


# catches_adam


@mistake("catches_adam", caught_by="test_wrong_adams_are_caught_and_right_ones_let_through", severity="trivial")
def everybody_is_wrong(candidate):
    """Every candidate is called wrong.

    What does your test say about an Adam that is right?
    """
    return True


@mistake("catches_adam", caught_by="test_wrong_adams_are_caught_and_right_ones_let_through", severity="trivial")
def everybody_is_right(candidate):
    """Every candidate is let through.

    What does your test say about plain gradient descent?
    """
    return False


@mistake("catches_adam", caught_by="test_wrong_adams_are_caught_and_right_ones_let_through", severity="concept")
def looks_at_the_first_step_only(candidate):
    """The test looks at the first step only.

    Which faults show only from the second step on?
    """
    got = candidate(lr=0.1, beta1=0.9, beta2=0.999, eps=1e-7).step({"w": np.zeros(1)}, {"w": np.array([3.0])})
    return bool(abs(got["w"][0] + 0.1) > 1e-4)


@mistake("catches_adam", caught_by="test_wrong_adams_are_caught_and_right_ones_let_through", severity="concept")
def looks_at_a_constant_gradient_only(candidate):
    """The test gives the same gradient in every step.

    Which faults cancel if all gradients are alike?
    """
    optimiser, params = candidate(lr=0.1, beta1=0.8, beta2=0.9, eps=1e-7), {"w": np.zeros(1)}
    for _ in range(6):
        params = optimiser.step(params, {"w": np.array([3.0])})
    return bool(abs(params["w"][0] + 0.6) > 1e-4)


def follows(candidate, keys, eps, atol):
    """Whether a candidate follows the formula for six steps."""
    optimiser = candidate(lr=0.2, beta1=0.8, beta2=0.9, eps=eps)
    s, r, rng = dict.fromkeys(keys, 0.0), dict.fromkeys(keys, 0.0), np.random.default_rng(5)
    for t in range(1, 7):
        grads = {key: rng.uniform(-2, 2, 2) for key in keys}
        got = optimiser.step({key: np.zeros(2) for key in keys}, grads)
        for key in keys:
            s[key], r[key] = 0.8 * s[key] + 0.2 * grads[key], 0.9 * r[key] + 0.1 * grads[key] ** 2
            want = -0.2 * s[key] / (1 - 0.8**t) / (np.sqrt(r[key] / (1 - 0.9**t)) + eps)
            if not np.allclose(got[key], want, rtol=0, atol=atol):
                return False
    return True


@mistake("catches_adam", caught_by="test_wrong_adams_are_caught_and_right_ones_let_through", severity="concept")
def answer_turned_round(candidate):
    """Right candidates are called wrong, and wrong ones right.

    What does catches_adam(Adam) say, and what should it say?
    """
    return follows(candidate, ("a", "b"), 0.3, 2e-5)


@mistake("catches_adam", caught_by="test_wrong_adams_are_caught_and_right_ones_let_through", severity="detail")
def eps_too_small_to_see(candidate):
    """The test uses an eps that is too small to be seen.

    With which eps does its place change the step?
    """
    return not follows(candidate, ("a", "b"), 1e-8, 2e-5)


@mistake("catches_adam", caught_by="test_wrong_adams_are_caught_and_right_ones_let_through", severity="detail")
def no_room_for_rounding(candidate):
    """The test calls right candidates wrong that compute in float32.

    How many digits does a number in float32 have?
    """
    return not follows(candidate, ("a", "b"), 0.3, 1e-13)


@right_answer("catches_adam")
def formula_written_out(candidate):
    """Two keys, one step at a time from zero, against the formula."""
    return not follows(candidate, ("first", "second"), 0.3, 2e-5)


@right_answer("catches_adam")
def compared_with_own_adam(candidate):
    """Walks beside the student's own Adam, with two keys of unlike shape."""
    settings = {"lr": 0.1, "beta1": 0.7, "beta2": 0.9, "eps": 0.2}
    mine, theirs = Adam(**settings), candidate(**settings)  # noqa: F821
    params = other = {"w": np.zeros((2, 2)), "b": np.zeros(3)}
    for n in range(8):
        grads = {
            key: np.cos(np.arange(1.0, 1 + value.size) * (n + 1)).reshape(value.shape) for key, value in params.items()
        }
        try:
            params, other = mine.step(params, grads), theirs.step(other, grads)
        except (ValueError, KeyError, RuntimeError):
            return np.True_
        if not all(np.max(np.abs(params[key] - other[key])) < 5e-5 for key in params):
            return np.True_
    return np.False_


@probe("catches_adam")
def probe_catches_adam(student, look, rng):
    asked = []

    class Stand:
        def __init__(self, scale=1.0, noise=0.0, drop=0, late=0.0, eps=0.0, lr=0.001, beta1=0.9, beta2=0.999):
            self.scale, self.noise, self.drop, self.late, self.t = scale, noise, drop, late, 0
            self.lr, self.betas, self.eps, self.s, self.r = lr, (beta1, beta2), eps, {}, {}

        def step(self, params, grads):
            asked.append(self.t)
            self.t += 1
            new, (beta1, beta2) = {}, self.betas
            for key, theta in params.items():
                g = grads[key] if self.t <= self.drop or not self.drop else np.abs(grads[key])
                self.s[key] = beta1 * self.s.get(key, 0.0) + (1 - beta1) * g
                self.r[key] = beta2 * self.r.get(key, 0.0) + (1 - beta2) * g**2
                root = np.sqrt(self.r[key] / (1 - beta2**self.t))
                new[key] = (
                    theta
                    - self.lr * self.s[key] / (1 - beta1**self.t) / (root + self.scale * self.eps)
                    + self.noise
                    + self.late * (self.t - 1)
                )
            return new

    def made(**faults):
        def candidate(lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7):
            return expose(Stand(lr=lr, beta1=beta1, beta2=beta2, eps=eps, **faults), methods=("step",))

        return candidate

    look("a right one", lambda: student.catches_adam(made()))
    look("other eps", lambda: student.catches_adam(made(scale=2.0)))
    look("rounding", lambda: student.catches_adam(made(noise=1e-9)))
    look("wrong after one step", lambda: student.catches_adam(made(drop=1)))
    look("further in every step", lambda: student.catches_adam(made(late=0.05)))
    look("less far in every step", lambda: student.catches_adam(made(late=-0.05)))
    look("whether it asked at all", lambda: bool(asked))
    look("all too far", lambda: student.catches_adam(made(noise=0.05)))


# training_curve


@mistake("training_curve", caught_by="test_training_goes_on_from_the_last_parameters", severity="concept")
def parameters_never_taken_over(optimiser, params, loss_and_gradients, X, y, epochs, batch_size, rng):
    """The new parameters are not taken over from step.

    What does step return, and what does it do to the arrays that it is given?
    """
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for i in range(0, len(X), batch_size):
            batch = order[i : i + batch_size]
            optimiser.step(params, loss_and_gradients(params, X[batch], y[batch])[1])
        losses.append(loss_and_gradients(params, X, y)[0])
    return params, losses


@mistake("training_curve", caught_by="test_training_goes_on_from_the_last_parameters", severity="concept")
def every_batch_from_the_start_of_the_epoch(optimiser, params, loss_and_gradients, X, y, epochs, batch_size, rng):
    """Every step of an epoch starts from the parameters that the epoch started with.

    Which of the batches of an epoch have an effect on the parameters at its end?
    """
    losses = []
    for _ in range(epochs):
        order, start = rng.permutation(len(X)), params
        for i in range(0, len(X), batch_size):
            batch = order[i : i + batch_size]
            params = optimiser.step(start, loss_and_gradients(start, X[batch], y[batch])[1])
        losses.append(loss_and_gradients(params, X, y)[0])
    return params, losses


@mistake("training_curve", caught_by="test_training_goes_on_from_the_last_parameters", severity="concept")
def gradients_at_the_start_of_the_epoch(optimiser, params, loss_and_gradients, X, y, epochs, batch_size, rng):
    """All gradients of an epoch are taken at the parameters that the epoch started with.

    Where do the parameters stand when the second batch comes, and where is its gradient taken?
    """
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(X))
        batches = [order[i : i + batch_size] for i in range(0, len(X), batch_size)]
        for grads in [loss_and_gradients(params, X[batch], y[batch])[1] for batch in batches]:
            params = optimiser.step(params, grads)
        losses.append(loss_and_gradients(params, X, y)[0])
    return params, losses


@mistake("training_curve", caught_by="test_training_leaves_the_examples_alone", severity="robustness")
def one_order_too_many(optimiser, params, loss_and_gradients, X, y, epochs, batch_size, rng):
    """An order is drawn after the last epoch that nobody uses.

    How many orders are needed for five epochs, and what is rng to draw besides?
    """
    losses, order = [], rng.permutation(len(X))
    for _ in range(epochs):
        for i in range(0, len(X), batch_size):
            batch = order[i : i + batch_size]
            params = optimiser.step(params, loss_and_gradients(params, X[batch], y[batch])[1])
        losses.append(loss_and_gradients(params, X, y)[0])
        order = rng.permutation(len(X))
    return params, losses


@mistake("training_curve", caught_by="test_batches_are_cut_from_a_new_order_in_every_epoch", severity="concept")
def one_order_for_all_epochs(optimiser, params, loss_and_gradients, X, y, epochs, batch_size, rng):
    """All epochs go through the examples in the same order.

    How many orders have to be drawn for five epochs?
    """
    losses, order = [], rng.permutation(len(X))
    for _ in range(epochs):
        for i in range(0, len(X), batch_size):
            batch = order[i : i + batch_size]
            params = optimiser.step(params, loss_and_gradients(params, X[batch], y[batch])[1])
        losses.append(loss_and_gradients(params, X, y)[0])
    return params, losses


@mistake("training_curve", caught_by="test_batches_are_cut_from_a_new_order_in_every_epoch", severity="concept")
def never_shuffled(optimiser, params, loss_and_gradients, X, y, epochs, batch_size, rng):
    """The examples are used in the order in which they stand.

    What is rng for?
    """
    losses = []
    for _ in range(epochs):
        for i in range(0, len(X), batch_size):
            params = optimiser.step(params, loss_and_gradients(params, X[i : i + batch_size], y[i : i + batch_size])[1])
        losses.append(loss_and_gradients(params, X, y)[0])
    return params, losses


@mistake("training_curve", caught_by="test_batches_are_cut_from_a_new_order_in_every_epoch", severity="concept")
def short_batch_dropped(optimiser, params, loss_and_gradients, X, y, epochs, batch_size, rng):
    """The last, short batch is left out.

    With 11 examples in batches of 4, how many steps does an epoch have?
    """
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for i in range(len(X) // batch_size):
            batch = order[i * batch_size : (i + 1) * batch_size]
            params = optimiser.step(params, loss_and_gradients(params, X[batch], y[batch])[1])
        losses.append(loss_and_gradients(params, X, y)[0])
    return params, losses


@mistake("training_curve", caught_by="test_batches_are_cut_from_a_new_order_in_every_epoch", severity="concept")
def targets_left_behind(optimiser, params, loss_and_gradients, X, y, epochs, batch_size, rng):
    """The examples are put in a new order, their targets are not.

    Which target belongs to the first row of your batch?
    """
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for i in range(0, len(X), batch_size):
            batch = order[i : i + batch_size]
            params = optimiser.step(params, loss_and_gradients(params, X[batch], y[i : i + batch_size])[1])
        losses.append(loss_and_gradients(params, X, y)[0])
    return params, losses


@mistake("training_curve", caught_by="test_losses_are_those_of_all_examples_after_each_epoch", severity="concept")
def loss_of_the_last_batch(optimiser, params, loss_and_gradients, X, y, epochs, batch_size, rng):
    """The loss is that of the last batch, before its step.

    Of which examples, and at which moment, is the loss to be noted?
    """
    losses, loss = [], 0.0
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for i in range(0, len(X), batch_size):
            batch = order[i : i + batch_size]
            loss, grads = loss_and_gradients(params, X[batch], y[batch])
            params = optimiser.step(params, grads)
        losses.append(loss)
    return params, losses


@mistake("training_curve", caught_by="test_losses_are_those_of_all_examples_after_each_epoch", severity="concept")
def mean_of_the_losses_on_the_way(optimiser, params, loss_and_gradients, X, y, epochs, batch_size, rng):
    """The loss is the mean of the losses of the batches, each before its step.

    With which parameters was the loss of the first batch computed, and are those still the ones at the end?
    """
    losses = []
    for _ in range(epochs):
        order, seen = rng.permutation(len(X)), []
        for i in range(0, len(X), batch_size):
            batch = order[i : i + batch_size]
            loss, grads = loss_and_gradients(params, X[batch], y[batch])
            params = optimiser.step(params, grads)
            seen.append(loss)
        losses.append(np.mean(seen))
    return params, losses


@mistake("training_curve", caught_by="test_training_leaves_the_examples_alone", severity="robustness")
def examples_shuffled_in_place(optimiser, params, loss_and_gradients, X, y, epochs, batch_size, rng):
    """The examples that were passed in are reordered.

    Will the caller still find the first example in the first row?
    """
    losses, rows, truth = [], X.copy(), y.copy()
    for _ in range(epochs):
        order = rng.permutation(len(X))
        X[:], y[:] = rows[order], truth[order]
        for i in range(0, len(X), batch_size):
            params = optimiser.step(params, loss_and_gradients(params, X[i : i + batch_size], y[i : i + batch_size])[1])
        losses.append(loss_and_gradients(params, rows, truth)[0])
    return params, losses


@mistake("training_curve", caught_by="test_training_goes_on_from_the_last_parameters", severity="trivial")
def no_training(optimiser, params, loss_and_gradients, X, y, epochs, batch_size, rng):
    """Nothing is trained.

    Where is step called?
    """
    return params, [0.0] * epochs


@right_answer("training_curve")
def batches_by_array_split(optimiser, params, loss_and_gradients, X, y, epochs, batch_size, rng):
    """np.split cuts the order; parameters in a new name; losses as an array."""
    losses, current = np.empty(epochs), dict(params)
    for epoch in range(epochs):
        for batch in np.split(rng.permutation(len(X)), range(batch_size, len(X), batch_size)):
            _, grads = loss_and_gradients(current, X[batch], y[batch])
            current = optimiser.step(current, grads)
        losses[epoch] = loss_and_gradients(current, X, y)[0]
    return current, losses


@right_answer("training_curve")
def a_single_loop_over_steps(optimiser, params, loss_and_gradients, X, y, epochs, batch_size, rng):
    """One loop over all steps of all epochs, and a tuple of losses."""
    per_epoch, losses, order = -(-len(X) // batch_size), (), None
    for step in range(epochs * per_epoch):
        epoch_step = step % per_epoch
        if epoch_step == 0:
            order = rng.permutation(len(X)).tolist()
        rows = [order.pop(0) for _ in range(min(batch_size, len(order)))]
        params = optimiser.step(params, loss_and_gradients(params, X[rows, :], y[rows])[1])
        if epoch_step == per_epoch - 1:
            losses += (loss_and_gradients(params, X, y)[0],)
    return params, list(losses)


@probe("training_curve")
def probe_training_curve(student, look, rng):
    asked = []

    class Slower:
        """Gradient descent whose rate falls."""

        def __init__(self):
            self.t = 0

        def step(self, params, grads):
            self.t += 1
            asked.append(params["w"])
            return {"w": params["w"] - 0.2 / self.t * grads["w"]}

    def loss(params, X, y):
        if not len(y):
            raise ValueError("a batch without examples")
        error = X @ params["w"] - y
        return float(np.mean(error**2)), {"w": 2 * X.T @ error / len(y)}

    X, y = rng.uniform(-1, 1, (7, 2)), rng.uniform(-1, 1, 7)
    draws = np.random.default_rng(11)

    def train(epochs, batch_size):
        optimiser = expose(Slower(), methods=("step",))
        return student.training_curve(optimiser, {"w": np.zeros(2)}, loss, X, y, epochs, batch_size, draws)

    look("three epochs", lambda: train(3, 3), generator=draws)
    look("where steps were asked for", lambda: np.array(asked))
    look("one batch", lambda: train(2, 7), generator=draws)
    look("where the generator stands", lambda: draws.random())
