"""Known mistakes and right answers of hw07: batch normalisation forward, backward, as a layer, and in training."""

import numpy as np

from autograder.grading import expose, held_call, held_item, item, set_attr, set_item
from autograder.grading.bank import mistake, probe, right_answer


class Pieces:
    """The layer cut into pieces, so that a mistake below says only what it does otherwise."""

    def __init__(self, D, new_weight=0.1, eps=1e-5):
        self.gamma, self.beta = np.ones(D), np.zeros(D)
        self.running_mean, self.running_var = np.zeros(D), np.ones(D)
        self.new_weight, self.eps, self.training = new_weight, eps, True

    def train(self):
        self.training = True

    def eval(self):
        self.training = False

    def forward(self, x):
        if not self.training:
            return self.evaluated(x)
        self.update(x)
        return self.normalised(x)

    def update(self, x):
        a = self.new_weight
        self.running_mean = (1 - a) * self.running_mean + a * x.mean(axis=0)
        self.running_var = (1 - a) * self.running_var + a * x.var(axis=0)

    def normalised(self, x):
        self.root = np.sqrt(x.var(axis=0) + self.eps)
        self.x_hat = (x - x.mean(axis=0)) / self.root
        return self.gamma * self.x_hat + self.beta

    def evaluated(self, x):
        return self.gamma * (x - self.running_mean) / np.sqrt(self.running_var + self.eps) + self.beta

    def backward(self, dout):
        self.dgamma, self.dbeta = (dout * self.x_hat).sum(axis=0), dout.sum(axis=0)
        return self.through(dout * self.gamma)

    def through(self, d):
        return (d - d.mean(axis=0) - self.x_hat * (d * self.x_hat).mean(axis=0)) / self.root

    def fold(self, W, b):
        scale = self.gamma / np.sqrt(self.running_var + self.eps)
        return W * scale, (b - self.running_mean) * scale + self.beta


def kept(x, gamma, beta, eps):
    """What the reference's backward pass needs."""
    root = np.sqrt(x.var(axis=0) + eps)
    return (x - x.mean(axis=0)) / root, root, gamma


# bn_forward_train


@mistake("bn_forward_train", caught_by="test_two_examples_lie_at_minus_and_plus_one", severity="concept")
def unbiased_variance(x, gamma, beta, eps):
    """The variance is divided by N - 1.

    By what does the conventions box divide, and what would a batch of one example give?
    """
    x_hat = (x - x.mean(axis=0)) / np.sqrt(np.sum((x - x.mean(axis=0)) ** 2, axis=0) / max(len(x) - 1, 1) + eps)
    return gamma * x_hat + beta, kept(x, gamma, beta, eps)


@mistake("bn_forward_train", caught_by="test_two_examples_lie_at_minus_and_plus_one", severity="concept")
def unbiased_variance_of_one(x, gamma, beta, eps):
    """The variance is divided by N - 1, which is 0 for a single example.

    By what does the conventions box divide?
    """
    with np.errstate(all="ignore"):
        squares = ((x - x.mean(axis=0)) ** 2).sum(axis=0)
        x_hat = (x - x.mean(axis=0)) / np.sqrt(squares / np.float64(len(x) - 1) + eps)
    return gamma * x_hat + beta, kept(x, gamma, beta, eps)


@mistake("bn_forward_train", caught_by="test_a_large_eps_shows_where_it_stands", severity="detail")
def eps_outside(x, gamma, beta, eps):
    """eps is added outside the root.

    Is eps in the conventions box added to a variance or to a standard deviation?
    """
    x_hat = (x - x.mean(axis=0)) / (x.std(axis=0) + eps)
    return gamma * x_hat + beta, kept(x, gamma, beta, eps)


@mistake("bn_forward_train", caught_by="test_what_does_not_vary_gives_beta", severity="detail")
def eps_missing(x, gamma, beta, eps):
    """eps is left out.

    What happens to a feature that is the same for all examples?
    """
    with np.errstate(all="ignore"):
        x_hat = (x - x.mean(axis=0)) / x.std(axis=0)
    return gamma * x_hat + beta, kept(x, gamma, beta, eps)


@mistake("bn_forward_train", caught_by="test_every_feature_gets_mean_beta_and_deviation_gamma", severity="concept")
def over_the_features(x, gamma, beta, eps):
    """Each example is normalised over its features.

    Which axis of x counts the examples?
    """
    x_hat = (x - x.mean(axis=1, keepdims=True)) / np.sqrt(x.var(axis=1, keepdims=True) + eps)
    return gamma * x_hat + beta, kept(x, gamma, beta, eps)


@mistake("bn_forward_train", caught_by="test_every_feature_gets_mean_beta_and_deviation_gamma", severity="concept")
def over_everything(x, gamma, beta, eps):
    """One mean and one variance serve all features.

    What becomes of a feature that is a thousand times smaller than the others?
    """
    x_hat = (x - x.mean()) / np.sqrt(x.var() + eps)
    return gamma * x_hat + beta, kept(x, gamma, beta, eps)


@mistake("bn_forward_train", caught_by="test_every_feature_gets_mean_beta_and_deviation_gamma", severity="concept")
def scaled_before_normalising(x, gamma, beta, eps):
    """gamma and beta act before the normalisation, which takes them out again.

    What are the mean and the standard deviation of your outputs?
    """
    z = gamma * x + beta
    return (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + eps), kept(x, gamma, beta, eps)


@mistake("bn_forward_train", caught_by="test_stretching_and_shifting_changes_nothing", severity="concept")
def divided_by_the_variance(x, gamma, beta, eps):
    """The distance from the mean is divided by the variance, without a root.

    If x is measured in metres, in which unit is your output?
    """
    return gamma * (x - x.mean(axis=0)) / (x.var(axis=0) + eps) + beta, kept(x, gamma, beta, eps)


@mistake("bn_forward_train", caught_by="test_outputs_follow_the_formula", severity="concept")
def gamma_and_beta_forgotten(x, gamma, beta, eps):
    """gamma and beta are not used.

    How could a layer like this be the identity?
    """
    return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps), kept(x, gamma, beta, eps)


@mistake("bn_forward_train", caught_by="test_every_feature_gets_mean_beta_and_deviation_gamma", severity="concept")
def mean_not_subtracted(x, gamma, beta, eps):
    """The mean is not subtracted.

    What happens to your outputs if the same number is added to all examples?
    """
    return gamma * x / np.sqrt(x.var(axis=0) + eps) + beta, kept(x, gamma, beta, eps)


@mistake("bn_forward_train", caught_by="test_features_far_from_0_keep_their_digits", severity="robustness")
def difference_of_squares(x, gamma, beta, eps):
    """The variance is the mean square minus the squared mean, which loses its digits far from 0.

    How many digits are left if two numbers of about 1e14 are subtracted?
    """
    x = np.asarray(x, dtype=float)
    mean = x.mean(axis=0)
    var = np.maximum((x**2).mean(axis=0) - mean**2, 0.0)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, kept(x, gamma, beta, eps)


@mistake("bn_forward_train", caught_by="test_forward_leaves_its_arguments_alone", severity="robustness")
def batch_overwritten(x, gamma, beta, eps):
    """The batch that was passed in is overwritten.

    Whose array is it, and may its owner still need it?
    """
    cache = kept(x, gamma, beta, eps)
    if x.dtype.kind == "f" and x.flags.writeable:
        x -= x.mean(axis=0)
        x /= cache[1]
        return gamma * x + beta, cache
    return gamma * cache[0] + beta, cache


@mistake("bn_forward_train", caught_by="test_batches_of_every_kind_are_normalised", severity="robustness")
def kept_in_the_dtype_of_x(x, gamma, beta, eps):
    """The output is stored in an array of the dtype of x, and integers cut it off.

    What is left of 0.7 in an array of integers?
    """
    y = np.zeros_like(x)
    y[:] = gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps) + beta
    return y, kept(x, gamma, beta, eps)


@mistake("bn_forward_train", caught_by="test_outputs_follow_the_formula", severity="trivial")
def input_handed_on(x, gamma, beta, eps):
    """The batch comes back as it was.

    What is its mean, and what should it be?
    """
    return x, kept(x, gamma, beta, eps)


@mistake("bn_forward_train", caught_by="test_what_does_not_vary_gives_beta", severity="robustness")
def one_example_as_it_is(x, gamma, beta, eps):
    """A batch of one example is not normalised.

    How far is a single example from the mean of its batch?
    """
    mean, var = (x.mean(axis=0), x.var(axis=0)) if len(x) > 1 else (0.0, 1.0)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, kept(x, gamma, beta, eps)


@right_answer("bn_forward_train")
def feature_by_feature(x, gamma, beta, eps):
    """A loop over features and one over examples; the cache is a tuple like the reference's."""
    n, d = x.shape
    y, x_hat, root = np.empty((n, d)), np.empty((n, d)), np.empty(d)
    for k in range(d):
        mean = sum(float(x[i, k]) for i in range(n)) / n
        var = sum((float(x[i, k]) - mean) ** 2 for i in range(n)) / n
        root[k] = (var + eps) ** 0.5
        for i in range(n):
            x_hat[i, k] = (x[i, k] - mean) / root[k]
            y[i, k] = gamma[k] * x_hat[i, k] + beta[k]
    return y, (x_hat, root, gamma)


@right_answer("bn_forward_train")
def as_a_projection(x, gamma, beta, eps):
    """Centres with a matrix, takes the variance with einsum, and scales by the power -1/2."""
    n = x.shape[0]
    centred = (np.eye(n) - np.full((n, n), 1.0 / n)) @ (x - x[0])
    inverse = np.power(np.einsum("nd,nd->d", centred, centred) / n + eps, -0.5)
    return np.add(centred * (inverse * gamma), beta), (centred * inverse, 1 / inverse, gamma)


@right_answer("bn_forward_train")
def with_kept_axes(x, gamma, beta, eps):
    """Statistics of shape (1, D), the mean by addition, the output as a list of two things."""
    mean = np.add.reduce(x, axis=0, keepdims=True, dtype=float) / len(x)
    deviation = np.subtract(x, mean)
    root = np.hypot(np.sqrt(np.mean(np.square(deviation), axis=0, keepdims=True)), np.sqrt(eps))
    return [deviation / root * gamma.reshape(1, -1) + beta.reshape(1, -1), (deviation / root, root[0], gamma)]


@probe("bn_forward_train")
def probe_bn_forward_train(student, look, rng):
    x, gamma, beta = rng.uniform(1, 5, (5, 3)), np.array([2.0, -1.5, 0.7]), np.array([0.4, 3.0, -2.0])

    def y(*setting):
        got = student.bn_forward_train(*setting)
        return got[0] if isinstance(got, tuple | list) and len(got) == 2 else "no pair"

    look("a large eps", lambda: y(x, gamma, beta, 0.5))
    look("a small eps", lambda: y(x, gamma, beta, 1e-6))
    look("a single example", lambda: y(x[:1], gamma, beta, 0.1))
    look("integers", lambda: y(np.array([[1, 7], [4, 9], [6, 2]]), gamma[:2], beta[:2], 0.1))
    look("far from 0", lambda: y(x + 3e7, gamma, beta, 1e-3).round(3))


# bn_running_update


@mistake("bn_running_update", caught_by="test_new_weight_weighs_the_new_batch", severity="concept")
def weights_exchanged(running_mean, running_var, x, new_weight):
    """new_weight weighs the old record, as in some other libraries.

    What should a new_weight of 1 leave of the old record?
    """
    mean = new_weight * running_mean + (1 - new_weight) * x.mean(axis=0)
    return mean, new_weight * running_var + (1 - new_weight) * x.var(axis=0)


@mistake("bn_running_update", caught_by="test_the_stored_variance_is_divided_by_n", severity="detail")
def unbiased_record(running_mean, running_var, x, new_weight):
    """The variance that is stored is divided by N - 1.

    Which of the two variances does the conventions box store?
    """
    var = np.sum((x - x.mean(axis=0)) ** 2, axis=0) / max(len(x) - 1, 1)
    mean = (1 - new_weight) * running_mean + new_weight * x.mean(axis=0)
    return mean, (1 - new_weight) * running_var + new_weight * var


@mistake("bn_running_update", caught_by="test_the_old_record_fades_exponentially", severity="concept")
def deviation_stored(running_mean, running_var, x, new_weight):
    """A standard deviation is averaged in place of the variance.

    What is the unit of running_var, and what is that of the number that you add to it?
    """
    mean = (1 - new_weight) * running_mean + new_weight * x.mean(axis=0)
    return mean, (1 - new_weight) * running_var + new_weight * x.std(axis=0)


@mistake("bn_running_update", caught_by="test_the_stored_variance_is_divided_by_n", severity="detail")
def eps_stored(running_mean, running_var, x, new_weight):
    """A small eps is stored with the variance.

    How often would eps then be added before the root is taken?
    """
    mean = (1 - new_weight) * running_mean + new_weight * x.mean(axis=0)
    return mean, (1 - new_weight) * running_var + new_weight * (x.var(axis=0) + 1e-5)


@mistake("bn_running_update", caught_by="test_the_old_record_fades_exponentially", severity="concept")
def only_the_new_batch(running_mean, running_var, x, new_weight):
    """The old record is thrown away.

    What would one unusual batch do to it?
    """
    return x.mean(axis=0), x.var(axis=0)


@mistake("bn_running_update", caught_by="test_new_weight_weighs_the_new_batch", severity="concept")
def sum_of_batches(running_mean, running_var, x, new_weight):
    """The old record does not fade before the new batch is added.

    What do the two weights add up to?
    """
    return running_mean + new_weight * x.mean(axis=0), running_var + new_weight * x.var(axis=0)


@mistake("bn_running_update", caught_by="test_the_old_record_fades_exponentially", severity="concept")
def var_around_the_record(running_mean, running_var, x, new_weight):
    """The variance is taken around the running mean in place of the batch's own.

    Does a batch that is shifted as a whole vary more?
    """
    mean = (1 - new_weight) * running_mean + new_weight * x.mean(axis=0)
    var = np.mean((x - running_mean) ** 2, axis=0)
    return mean, (1 - new_weight) * running_var + new_weight * var


@mistake("bn_running_update", caught_by="test_an_update_leaves_its_arguments_alone", severity="robustness")
def record_overwritten(running_mean, running_var, x, new_weight):
    """The old record is overwritten.

    Is a function that changes its arguments still pure?
    """
    if not running_mean.flags.writeable:
        return record_of_both(running_mean, running_var, x, new_weight)
    running_mean *= 1 - new_weight
    running_mean += new_weight * x.mean(axis=0)
    running_var *= 1 - new_weight
    running_var += new_weight * x.var(axis=0)
    return running_mean, running_var


def record_of_both(running_mean, running_var, x, new_weight):
    """The right update."""
    mean = (1 - new_weight) * running_mean + new_weight * x.mean(axis=0)
    return mean, (1 - new_weight) * running_var + new_weight * x.var(axis=0)


@mistake("bn_running_update", caught_by="test_statistics_of_batches_of_every_kind", severity="robustness")
def record_of_one_row(running_mean, running_var, x, new_weight):
    """The record comes back as a table with one row.

    How many axes does an array of shape (D,) have?
    """
    mean, var = record_of_both(running_mean, running_var, x, new_weight)
    return mean.reshape(1, -1), var.reshape(1, -1)


@mistake("bn_running_update", caught_by="test_statistics_of_batches_of_every_kind", severity="robustness")
def one_example_ignored(running_mean, running_var, x, new_weight):
    """A batch of one example leaves the record as it is.

    What are the mean and the variance of one number, divided by N?
    """
    return record_of_both(running_mean, running_var, x, new_weight if len(x) > 1 else 0.0)


@mistake("bn_running_update", caught_by="test_statistics_of_batches_of_every_kind", severity="robustness")
def variance_kept_for_one(running_mean, running_var, x, new_weight):
    """A batch of one example moves the mean, but not the variance.

    What does the formula give for N = 1?
    """
    mean, var = record_of_both(running_mean, running_var, x, new_weight)
    return mean, var if len(x) > 1 else running_var.copy()


@mistake("bn_running_update", caught_by="test_statistics_of_batches_of_every_kind", severity="robustness")
def squares_subtracted(running_mean, running_var, x, new_weight):
    """The variance is the mean square minus the squared mean, which loses its digits far from 0.

    How many digits are left if two numbers of about 1e14 are subtracted?
    """
    x = np.asarray(x, dtype=float)
    mean, var = x.mean(axis=0), (x * x).mean(axis=0) - x.mean(axis=0) ** 2
    return (1 - new_weight) * running_mean + new_weight * mean, (1 - new_weight) * running_var + new_weight * var


@mistake("bn_running_update", caught_by="test_an_update_leaves_its_arguments_alone", severity="robustness")
def old_arrays_for_a_weight_of_0(running_mean, running_var, x, new_weight):
    """With a new_weight of 0 the arrays that were passed in come back themselves.

    If the caller changes one of them later, what happens to the other record?
    """
    if new_weight == 0:
        return running_mean, running_var
    return record_of_both(running_mean, running_var, x, new_weight)


@mistake("bn_running_update", caught_by="test_one_update_follows_the_formula", severity="trivial")
def record_unchanged(running_mean, running_var, x, new_weight):
    """The record comes back as it was.

    What has been learnt from the batch?
    """
    return running_mean.copy(), running_var.copy()


@right_answer("bn_running_update")
def towards_the_batch(running_mean, running_var, x, new_weight):
    """Moves by a share of the distance, and returns a list."""
    mean = np.sum(x, axis=0) / x.shape[0]
    var = np.sum((x - mean) ** 2, axis=0) / x.shape[0]
    return [running_mean + new_weight * (mean - running_mean), running_var + new_weight * (var - running_var)]


@right_answer("bn_running_update")
def number_by_number(running_mean, running_var, x, new_weight):
    """Python's own floats, one feature after the other, variance by Welford's recursion."""
    means, variances = [], []
    for k, column in enumerate(np.asarray(x, dtype=float).T.tolist()):
        mean, squares = 0.0, 0.0
        for n, value in enumerate(column, start=1):
            distance = value - mean
            mean += distance / n
            squares += distance * (value - mean)
        means.append(float(running_mean[k]) * (1 - new_weight) + new_weight * mean)
        variances.append(float(running_var[k]) * (1 - new_weight) + new_weight * squares / len(column))
    return np.array(means), np.array(variances)


@right_answer("bn_running_update")
def record_as_one_array(running_mean, running_var, x, new_weight):
    """Both statistics as the rows of one array, moved together."""
    old, new = np.array([running_mean, running_var]), np.array([np.mean(x, axis=0), np.std(x, axis=0) ** 2])
    return old + new_weight * (new - old)


@probe("bn_running_update")
def probe_bn_running_update(student, look, rng):
    x, mean, var = rng.uniform(1, 5, (4, 2)), np.array([-2.0, 3.0]), np.array([2.0, 9.0])
    look("an update", lambda: student.bn_running_update(mean, var, x, 0.3))
    look("eps or not", lambda: student.bn_running_update(mean, 1e-4 * var, 1e-3 * x, 0.3)[1])
    look("all the weight", lambda: student.bn_running_update(mean, var, x, 1.0))
    look("from the start", lambda: student.bn_running_update(np.zeros(2), np.ones(2), x, 0.1))
    look("a single example", lambda: student.bn_running_update(mean, var, x[:1], 0.3))
    look("far from 0", lambda: student.bn_running_update(mean, var, x + 3e7, 0.9)[1].round(3))

    def after_a_change_of_the_old():
        old = student.array(mean)
        new = held_call(student.bn_running_update, old, var, x, 0.0)
        set_item(old, 0, 99.0)
        return item(new, 0)

    look("the old record changed later", after_a_change_of_the_old)


# bn_forward_eval


@mistake("bn_forward_eval", caught_by="test_an_example_does_not_depend_on_its_neighbours", severity="concept")
def batch_statistics_in_evaluation(x, gamma, beta, running_mean, running_var, eps):
    """Evaluation normalises by the batch.

    What does the network answer if it is asked about a single example?
    """
    return gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps) + beta


@mistake("bn_forward_eval", caught_by="test_a_large_eps_shows_where_it_stands_in_evaluation", severity="detail")
def eps_outside_in_evaluation(x, gamma, beta, running_mean, running_var, eps):
    """eps is added outside the root.

    Where did it stand in training?
    """
    return gamma * (x - running_mean) / (np.sqrt(running_var) + eps) + beta


@mistake("bn_forward_eval", caught_by="test_a_large_eps_shows_where_it_stands_in_evaluation", severity="detail")
def eps_left_out_in_evaluation(x, gamma, beta, running_mean, running_var, eps):
    """eps is left out.

    Does the network still compute what it was trained for?
    """
    return gamma * (x - running_mean) / np.sqrt(running_var) + beta


@mistake("bn_forward_eval", caught_by="test_gamma_and_beta_can_undo_evaluation", severity="concept")
def variance_taken_for_the_deviation(x, gamma, beta, running_mean, running_var, eps):
    """The distance from the mean is divided by the variance, without a root.

    What kind of number is running_var?
    """
    return gamma * (x - running_mean) / (running_var + eps) + beta


@mistake("bn_forward_eval", caught_by="test_gamma_and_beta_can_undo_evaluation", severity="concept")
def scale_and_shift_forgotten(x, gamma, beta, running_mean, running_var, eps):
    """gamma and beta are not used.

    What were they learnt for?
    """
    return (x - running_mean) / np.sqrt(running_var + eps)


@mistake("bn_forward_eval", caught_by="test_gamma_and_beta_can_undo_evaluation", severity="concept")
def mean_of_the_batch_only(x, gamma, beta, running_mean, running_var, eps):
    """The mean of the batch is subtracted, although the variance is the running one.

    What is left of a single example?
    """
    return gamma * (x - x.mean(axis=0)) / np.sqrt(running_var + eps) + beta


@mistake("bn_forward_eval", caught_by="test_evaluation_leaves_its_arguments_alone", severity="robustness")
def variance_overwritten(x, gamma, beta, running_mean, running_var, eps):
    """eps is added to the running variance in place.

    What is the running variance after a hundred calls?
    """
    if not running_var.flags.writeable:
        return gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta
    running_var += eps
    return gamma * (x - running_mean) / np.sqrt(running_var) + beta


@mistake("bn_forward_eval", caught_by="test_evaluation_of_batches_of_every_kind", severity="robustness")
def evaluated_in_the_dtype_of_x(x, gamma, beta, running_mean, running_var, eps):
    """The output is stored in an array of the dtype of x, and integers cut it off.

    What is left of 0.7 in an array of integers?
    """
    y = np.empty_like(x)
    y[:] = gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta
    return y


@mistake("bn_forward_eval", caught_by="test_evaluation_follows_the_formula", severity="trivial")
def nothing_evaluated(x, gamma, beta, running_mean, running_var, eps):
    """The examples come back as they were.

    Where are the statistics used?
    """
    return x.copy()


@mistake("bn_forward_eval", caught_by="test_a_large_eps_shows_where_it_stands_in_evaluation", severity="detail")
def eps_of_its_own(x, gamma, beta, running_mean, running_var, eps):
    """The eps is always 1e-5, whatever is passed in.

    Where does the argument eps stand in your formula?
    """
    return gamma * (x - running_mean) / np.sqrt(running_var + 1e-5) + beta


@right_answer("bn_forward_eval")
def one_scale_and_one_shift(x, gamma, beta, running_mean, running_var, eps):
    """One scale and one shift per feature, worked out first."""
    scale = gamma * (running_var + eps) ** -0.5
    return x * scale + (beta - running_mean * scale)


@right_answer("bn_forward_eval")
def example_by_example(x, gamma, beta, running_mean, running_var, eps):
    """A row for each example, stacked."""
    root = np.sqrt(np.add(running_var, eps))
    return np.stack([np.divide(row - running_mean, root) * gamma + beta for row in x])


@probe("bn_forward_eval")
def probe_bn_forward_eval(student, look, rng):
    x, gamma, beta = rng.uniform(1, 5, (4, 2)), np.array([2.0, -1.5]), np.array([0.4, 3.0])
    mean, var = np.array([-2.0, 3.0]), np.array([4.0, 0.3])
    look("a large eps", lambda: student.bn_forward_eval(x, gamma, beta, mean, var, 0.5))
    look("a small eps", lambda: student.bn_forward_eval(x, gamma, beta, mean, var, 1e-9))
    look("hardly any variance", lambda: student.bn_forward_eval(mean + 1e-3 * x, gamma, beta, mean, 1e-5 * var, 1e-9))
    look("an example", lambda: student.bn_forward_eval(x[:1], gamma, beta, mean, var, 0.5))
    whole = np.array([[1, 7], [4, 9]])
    look("integers", lambda: student.bn_forward_eval(whole, gamma, beta, mean, var, 0.5))


# mended_update


@mistake("mended_update", caught_by="test_mean_and_var_are_measured", severity="concept")
def four_trained_parameters(params, x, dout, lr, new_weight, eps):
    """All four numbers are still learnt by descent, as given out.

    What does the layer learn about the batch if the learning rate is 0?
    """
    root = np.sqrt(params["var"] + eps)
    x_hat = (x - params["mean"]) / root
    dx_hat = dout * params["gamma"]
    grads = {
        "mean": -dx_hat.sum(axis=0) / root,
        "var": -0.5 * (dx_hat * x_hat).sum(axis=0) / root**2,
        "gamma": (dout * x_hat).sum(axis=0),
        "beta": dout.sum(axis=0),
    }
    return {name: params[name] - lr * grads[name] for name in params}


def measured(params, x, new_weight):
    """Mean and var after the batch."""
    mean = (1 - new_weight) * params["mean"] + new_weight * x.mean(axis=0)
    return mean, (1 - new_weight) * params["var"] + new_weight * x.var(axis=0)


@mistake("mended_update", caught_by="test_gamma_and_beta_go_down_their_gradients", severity="concept")
def normalised_by_the_record(params, x, dout, lr, new_weight, eps):
    """mean and var are measured now, but the batch is still normalised by the record.

    By which statistics does a layer in training normalise?
    """
    x_hat = (x - params["mean"]) / np.sqrt(params["var"] + eps)
    mean, var = measured(params, x, new_weight)
    gamma = params["gamma"] - lr * (dout * x_hat).sum(axis=0)
    return {"mean": mean, "var": var, "gamma": gamma, "beta": params["beta"] - lr * dout.sum(axis=0)}


@mistake("mended_update", caught_by="test_gamma_and_beta_go_down_their_gradients", severity="concept")
def updated_before_normalising(params, x, dout, lr, new_weight, eps):
    """The record is updated first, and the batch is normalised by the new record.

    By which statistics does a layer in training normalise?
    """
    mean, var = measured(params, x, new_weight)
    x_hat = (x - mean) / np.sqrt(var + eps)
    gamma = params["gamma"] - lr * (dout * x_hat).sum(axis=0)
    return {"mean": mean, "var": var, "gamma": gamma, "beta": params["beta"] - lr * dout.sum(axis=0)}


@mistake("mended_update", caught_by="test_mean_and_var_are_measured", severity="concept")
def statistics_left_alone(params, x, dout, lr, new_weight, eps):
    """mean and var are no longer learnt, but not measured either.

    What would evaluation normalise by?
    """
    x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)
    gamma = params["gamma"] - lr * (dout * x_hat).sum(axis=0)
    return {**params, "gamma": gamma, "beta": params["beta"] - lr * dout.sum(axis=0)}


@mistake("mended_update", caught_by="test_gamma_and_beta_go_down_their_gradients", severity="concept")
def uphill(params, x, dout, lr, new_weight, eps):
    """gamma and beta move up their gradients.

    Does the loss fall in that direction?
    """
    mean, var = measured(params, x, new_weight)
    x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)
    gamma = params["gamma"] + lr * (dout * x_hat).sum(axis=0)
    return {"mean": mean, "var": var, "gamma": gamma, "beta": params["beta"] + lr * dout.sum(axis=0)}


@mistake("mended_update", caught_by="test_a_mended_update_leaves_its_arguments_alone", severity="robustness")
def params_overwritten(params, x, dout, lr, new_weight, eps):
    """The new numbers are written into the dict that was passed in.

    Whose dict is it?
    """
    mean, var = measured(params, x, new_weight)
    x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)
    params["gamma"] = params["gamma"] - lr * (dout * x_hat).sum(axis=0)
    params["beta"] = params["beta"] - lr * dout.sum(axis=0)
    params["mean"], params["var"] = mean, var
    return params


@right_answer("mended_update")
def with_the_own_functions(params, x, dout, lr, new_weight, eps):
    """Uses the forward and backward functions of the notebook."""
    cache = bn_forward_train(x, params["gamma"], params["beta"], eps)[1]  # noqa: F821
    root = np.sqrt(np.var(x, axis=0) + eps)
    x_hat = (x - np.mean(x, axis=0)) / root
    new = dict(zip(("mean", "var"), bn_running_update(params["mean"], params["var"], x, new_weight), strict=True))  # noqa: F821
    assert cache is not None
    new["gamma"] = params["gamma"] - lr * np.einsum("nd,nd->d", dout, x_hat)
    new["beta"] = params["beta"] - lr * np.ones(len(x)) @ dout
    return new


@right_answer("mended_update")
def key_by_key(params, x, dout, lr, new_weight, eps):
    """Copies the dict and changes one key after the other."""
    new = {name: np.array(value) for name, value in params.items()}
    batch_mean, batch_var = x.mean(axis=0), np.mean((x - x.mean(axis=0)) ** 2, axis=0)
    new["mean"] += new_weight * (batch_mean - new["mean"])
    new["var"] += new_weight * (batch_var - new["var"])
    for row, d in zip(x, dout, strict=True):
        new["gamma"] -= lr * d * (row - batch_mean) / np.sqrt(batch_var + eps)
        new["beta"] -= lr * d
    return new


@probe("mended_update")
def probe_mended_update(student, look, rng):
    x, dout = rng.uniform(1, 5, (4, 2)), rng.uniform(-1, 2, (4, 2))
    params = {"mean": np.array([-2.0, 3.0]), "var": np.array([4.0, 0.3]), "gamma": np.ones(2), "beta": np.zeros(2)}
    look("a step", lambda: student.mended_update(params, x, dout, 0.2, 0.3, 0.1))
    look("a rate of 0", lambda: student.mended_update(params, x, dout, 0.0, 0.3, 0.1))


# bn_backward


@mistake("bn_backward", caught_by="test_dx_adds_up_to_0", severity="concept")
def mean_path_missing(dout, cache):
    """The path through the mean is missing from dx.

    Shift all examples by the same amount: what happens to the outputs, and what does your dx say?
    """
    x_hat, root, gamma = cache
    d = dout * gamma
    return (d - x_hat * (d * x_hat).mean(axis=0)) / root, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


@mistake("bn_backward", caught_by="test_dx_is_at_right_angles_to_x_hat", severity="concept")
def variance_path_missing(dout, cache):
    """The path through the variance is missing from dx.

    Stretch all examples about their mean: what happens to the outputs, and what does your dx say?
    """
    x_hat, root, gamma = cache
    d = dout * gamma
    return (d - d.mean(axis=0)) / root, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


@mistake("bn_backward", caught_by="test_dx_adds_up_to_0", severity="concept")
def statistics_as_constants(dout, cache):
    """Mean and variance are treated as constants.

    Which numbers depend on x, besides x itself?
    """
    x_hat, root, gamma = cache
    return dout * gamma / root, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


@mistake("bn_backward", caught_by="test_gradients_follow_the_forward_pass", severity="concept")
def sums_for_means(dout, cache):
    """The paths through the statistics lack their factor 1 / N.

    How much does one example weigh in the mean of N?
    """
    x_hat, root, gamma = cache
    d = dout * gamma
    dx = (d - d.sum(axis=0) - x_hat * (d * x_hat).sum(axis=0)) / root
    return dx, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


@mistake("bn_backward", caught_by="test_gradients_follow_the_forward_pass", severity="concept")
def one_less_than_n(dout, cache):
    """The paths through the statistics are divided by N - 1.

    By what did the forward pass divide?
    """
    x_hat, root, gamma = cache
    d, n = dout * gamma, max(len(dout) - 1, 1)
    dx = (d - d.sum(axis=0) / n - x_hat * (d * x_hat).sum(axis=0) / n) / root
    return dx, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


@mistake("bn_backward", caught_by="test_gradients_follow_the_forward_pass", severity="concept")
def variance_path_over_everything(dout, cache):
    """The path through the variance adds up over all features.

    Does the variance of one feature depend on another feature?
    """
    x_hat, root, gamma = cache
    d = dout * gamma
    dx = (d - d.mean(axis=0) - x_hat * (d * x_hat).sum() / len(dout)) / root
    return dx, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


@mistake("bn_backward", caught_by="test_what_has_neither_mean_nor_slope_just_passes", severity="concept")
def gamma_forgotten(dout, cache):
    """gamma is missing from dx.

    What is the derivative of y with respect to x_hat?
    """
    x_hat, root, gamma = cache
    dx = (dout - dout.mean(axis=0) - x_hat * (dout * x_hat).mean(axis=0)) / root
    return dx, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


@mistake("bn_backward", caught_by="test_what_has_neither_mean_nor_slope_just_passes", severity="concept")
def root_forgotten(dout, cache):
    """dx is not divided by the root.

    If x were measured in millimetres, would a millimetre change as much as a metre?
    """
    x_hat, root, gamma = cache
    d = dout * gamma
    dx = d - d.mean(axis=0) - x_hat * (d * x_hat).mean(axis=0)
    return dx, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


@mistake("bn_backward", caught_by="test_gradients_follow_the_forward_pass", severity="detail")
def exact_projection(dout, cache):
    """The path through the variance ignores eps.

    With a large eps, does stretching x still leave the outputs as they are?
    """
    x_hat, root, gamma = cache
    d = dout * gamma
    size = np.maximum((x_hat**2).mean(axis=0), 1e-300)
    dx = (d - d.mean(axis=0) - x_hat * (d * x_hat).mean(axis=0) / size) / root
    return dx, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


@mistake("bn_backward", caught_by="test_gradients_follow_the_forward_pass", severity="concept")
def sign_of_the_variance_path(dout, cache):
    """The path through the variance has the wrong sign.

    If the variance grows, do the normalised values grow or shrink?
    """
    x_hat, root, gamma = cache
    d = dout * gamma
    dx = (d - d.mean(axis=0) + x_hat * (d * x_hat).mean(axis=0)) / root
    return dx, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


@mistake("bn_backward", caught_by="test_dgamma_is_the_sum_of_dout_times_x_hat", severity="concept")
def dgamma_from_x(dout, cache):
    """dgamma uses values that are not normalised.

    By what is gamma multiplied in the forward pass?
    """
    x_hat, root, gamma = cache
    d = dout * gamma
    dx = (d - d.mean(axis=0) - x_hat * (d * x_hat).mean(axis=0)) / root
    return dx, (dout * x_hat * root).sum(axis=0), dout.sum(axis=0)


@mistake("bn_backward", caught_by="test_dbeta_is_the_sum_of_dout", severity="concept")
def means_for_the_parameters(dout, cache):
    """dgamma and dbeta are means over the batch.

    Where has the mean of the loss already been taken?
    """
    x_hat, root, gamma = cache
    d = dout * gamma
    dx = (d - d.mean(axis=0) - x_hat * (d * x_hat).mean(axis=0)) / root
    return dx, (dout * x_hat).mean(axis=0), dout.mean(axis=0)


@mistake("bn_backward", caught_by="test_dbeta_is_the_sum_of_dout", severity="concept")
def dbeta_before_dgamma(dout, cache):
    """dgamma and dbeta come back in the wrong order.

    In which order does the docstring list them?
    """
    x_hat, root, gamma = cache
    d = dout * gamma
    dx = (d - d.mean(axis=0) - x_hat * (d * x_hat).mean(axis=0)) / root
    return dx, dout.sum(axis=0), (dout * x_hat).sum(axis=0)


@mistake("bn_backward", caught_by="test_dgamma_is_the_sum_of_dout_times_x_hat", severity="detail")
def dgamma_divided_by_gamma(dout, cache):
    """dgamma is found from something that is multiplied by gamma, and comes out as 0 where gamma is 0.

    If gamma is 0, can x_hat be found from y?
    """
    x_hat, root, gamma = cache
    d = dout * gamma
    dx = (d - d.mean(axis=0) - x_hat * (d * x_hat).mean(axis=0)) / root
    return dx, (d * x_hat).sum(axis=0) / np.where(gamma == 0, 1, gamma), dout.sum(axis=0)


def with_notes(backward):
    """Makes the reference's forward pass note outside of the cache what it has kept last."""
    forward = globals()["bn_forward_train"]

    def noting(*setting):
        y, LATEST["cache"] = forward(*setting)
        return y, LATEST["cache"]

    globals()["bn_forward_train"] = noting
    return backward


LATEST = {}


@mistake("bn_backward", caught_by="test_gradients_belong_to_the_pass_of_their_cache", severity="detail")
@with_notes
def cache_of_the_latest_pass(dout, cache):
    """The cache that is passed in is ignored: the gradients are those of the latest forward pass.

    How many batches of numbers does a network with two such layers need until it goes back?
    """
    x_hat, root, gamma = LATEST["cache"]
    d = dout * gamma
    dx = (d - d.mean(axis=0) - x_hat * (d * x_hat).mean(axis=0)) / root
    return dx, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


def sharing_forward(x, gamma, beta, eps):
    """A forward pass whose caches of one shape all hold the same x_hat."""
    x_hat = LATEST.setdefault(x.shape, np.empty(x.shape))
    root = np.sqrt(x.var(axis=0) + eps)
    x_hat[...] = (x - x.mean(axis=0)) / root
    return gamma * x_hat + beta, (x_hat, root, gamma)


def with_a_shared_array(backward):
    """Puts that forward pass in the place of the reference's."""
    globals()["bn_forward_train"] = sharing_forward
    return backward


@mistake("bn_backward", caught_by="test_gradients_belong_to_the_pass_of_their_cache", severity="detail")
@with_a_shared_array
def array_shared_by_caches(dout, cache):
    """All caches hold the same array, which each forward pass fills anew.

    How many arrays are there after two passes, and whose numbers are in them?
    """
    x_hat, root, gamma = cache
    d = dout * gamma
    dx = (d - d.mean(axis=0) - x_hat * (d * x_hat).mean(axis=0)) / root
    return dx, (dout * x_hat).sum(axis=0), dout.sum(axis=0)


@mistake("bn_backward", caught_by="test_upstream_gradients_of_every_kind", severity="robustness")
def gradients_as_a_row(dout, cache):
    """dgamma and dbeta come back as tables with one row.

    Which shape does gamma have?
    """
    x_hat, root, gamma = cache
    d = dout * gamma
    dx = (d - d.mean(axis=0) - x_hat * (d * x_hat).mean(axis=0)) / root
    return dx, (dout * x_hat).sum(axis=0, keepdims=True), dout.sum(axis=0, keepdims=True)


@mistake("bn_backward", caught_by="test_a_second_backward_pass_gives_the_same", severity="robustness")
def upstream_overwritten(dout, cache):
    """dout is multiplied by gamma in place.

    What would a second call give?
    """
    x_hat, root, gamma = cache
    dgamma, dbeta = (dout * x_hat).sum(axis=0), dout.sum(axis=0)
    if dout.flags.writeable and dout.dtype.kind == "f":
        dout *= gamma
        d = dout
    else:
        d = dout * gamma
    return (d - d.mean(axis=0) - x_hat * (d * x_hat).mean(axis=0)) / root, dgamma, dbeta


@mistake("bn_backward", caught_by="test_gradients_follow_the_forward_pass", severity="trivial")
def no_gradients(dout, cache):
    """All gradients are 0.

    Does nothing depend on beta?
    """
    return np.zeros(dout.shape), np.zeros(dout.shape[1]), np.zeros(dout.shape[1])


@mistake("bn_backward", caught_by="test_gradients_follow_the_forward_pass", severity="trivial")
def upstream_handed_on(dout, cache):
    """What came from above is passed on as it is.

    What does the layer do to x, and what is the derivative of that?
    """
    return dout, np.zeros(dout.shape[1]), np.zeros(dout.shape[1])


@right_answer("bn_backward")
def staged_backward(dout, cache):
    """One stage of the forward pass at a time, as in the original article."""
    x_hat, root, gamma = cache
    n = dout.shape[0]
    d_hat, centred = dout * gamma, x_hat * root
    d_var = np.sum(d_hat * centred, axis=0) * -0.5 * root**-3.0
    d_mean = np.sum(-d_hat / root, axis=0) + d_var * np.mean(-2.0 * centred, axis=0)
    dx = d_hat / root + d_var * 2.0 * centred / n + d_mean / n
    return dx, np.sum(dout * x_hat, axis=0), np.sum(dout, axis=0)


@right_answer("bn_backward")
def jacobian_backward(dout, cache):
    """The whole Jacobian of every feature, and a list of three things."""
    x_hat, root, gamma = cache
    n, d = dout.shape
    dx = np.empty((n, d))
    for k in range(d):
        column = x_hat[:, k : k + 1]
        jacobian = gamma[k] / root[k] * (np.eye(n) - 1.0 / n - column @ column.T / n)
        dx[:, k] = jacobian.T @ dout[:, k]
    return [dx, np.einsum("nd,nd->d", dout, x_hat), np.ones(n) @ dout]


@right_answer("bn_backward")
def factored_backward(dout, cache):
    """With 1/N in front, and dx put together from dgamma and dbeta."""
    x_hat, root, gamma = cache
    n = len(dout)
    dbeta, dgamma = np.add.reduce(dout, axis=0), np.add.reduce(dout * x_hat, axis=0)
    return gamma / (n * root) * (n * dout - dbeta - x_hat * dgamma), dgamma, dbeta


@probe("bn_backward")
def probe_bn_backward(student, look, rng):
    x, gamma, beta = rng.uniform(1, 5, (5, 3)), np.array([2.0, -1.5, 0.7]), np.array([0.4, 3.0, -2.0])
    dout = rng.uniform(-1, 2, (5, 3))

    def backward(eps, d):
        made = student.bn_forward_train(x[: len(d)], gamma, beta, eps)
        return student.bn_backward(d, made[1])

    look("a large eps", lambda: backward(0.5, dout))
    look("a small eps", lambda: backward(1e-9, dout))
    look("a single example", lambda: backward(0.1, dout[:1]))
    look("integers", lambda: backward(0.1, np.array([[1, 0, 2], [0, 3, 1]])))

    def after_another_pass():
        cache = held_item(held_call(student.bn_forward_train, x, gamma, beta, 0.5), 1)
        held_call(student.bn_forward_train, x[::-1] ** 2, 2 * gamma, beta, 0.1)
        return student.bn_backward(dout, cache)

    look("another pass in between", after_another_pass)
    gamma = gamma * np.array([1.0, 0.0, 1.0])
    look("a gamma of 0", lambda: backward(0.5, dout))


# BatchNorm1d


@mistake("BatchNorm1d", caught_by="test_a_layer_in_training_normalises_by_the_batch", severity="detail")
class unbiased_in_the_batch(Pieces):
    """In training, the variance of the batch is divided by N - 1.

    By what does the conventions box divide?
    """

    def normalised(self, x):
        self.root = np.sqrt(np.sum((x - x.mean(axis=0)) ** 2, axis=0) / max(len(x) - 1, 1) + self.eps)
        self.x_hat = (x - x.mean(axis=0)) / self.root
        return self.gamma * self.x_hat + self.beta


@mistake("BatchNorm1d", caught_by="test_a_layer_in_training_keeps_a_record", severity="detail")
class unbiased_in_the_record(Pieces):
    """The running variance is fed with variances divided by N - 1.

    Which of the two variances does the conventions box store?
    """

    def update(self, x):
        a, var = self.new_weight, np.sum((x - x.mean(axis=0)) ** 2, axis=0) / max(len(x) - 1, 1)
        self.running_mean = (1 - a) * self.running_mean + a * x.mean(axis=0)
        self.running_var = (1 - a) * self.running_var + a * var


@mistake("BatchNorm1d", caught_by="test_a_layer_in_training_normalises_by_the_batch", severity="detail")
class eps_outside_in_training(Pieces):
    """In training, eps is added outside the root.

    Where does it stand in evaluation?
    """

    def normalised(self, x):
        self.root = np.sqrt(x.var(axis=0)) + self.eps
        self.x_hat = (x - x.mean(axis=0)) / self.root
        return self.gamma * self.x_hat + self.beta


@mistake("BatchNorm1d", caught_by="test_a_layer_in_evaluation_uses_its_record", severity="detail")
class no_eps_in_evaluation(Pieces):
    """In evaluation, eps is left out.

    Does the network still compute what it was trained for?
    """

    def evaluated(self, x):
        return self.gamma * (x - self.running_mean) / np.sqrt(self.running_var) + self.beta


@mistake("BatchNorm1d", caught_by="test_a_layer_in_training_normalises_by_the_batch", severity="concept")
class normalises_over_the_features(Pieces):
    """In training, each example is normalised over its features.

    Which axis of x counts the examples?
    """

    def normalised(self, x):
        self.root = np.sqrt(x.var(axis=1, keepdims=True) + self.eps)
        self.x_hat = (x - x.mean(axis=1, keepdims=True)) / self.root
        return self.gamma * self.x_hat + self.beta


@mistake("BatchNorm1d", caught_by="test_a_layer_in_training_keeps_a_record", severity="detail")
class weights_exchanged_in_the_layer(Pieces):
    """new_weight weighs the old record.

    What should a new_weight of 1 leave of the old record?
    """

    def update(self, x):
        a = self.new_weight
        self.running_mean = a * self.running_mean + (1 - a) * x.mean(axis=0)
        self.running_var = a * self.running_var + (1 - a) * x.var(axis=0)


@mistake("BatchNorm1d", caught_by="test_a_layer_in_evaluation_uses_its_record", severity="concept")
class deaf_to_eval(Pieces):
    """In evaluation the layer still normalises by the batch, and updates its record.

    What does the network answer if it is asked about a single example?
    """

    def forward(self, x):
        self.update(x)
        return self.normalised(x)


@mistake("BatchNorm1d", caught_by="test_a_layer_in_evaluation_uses_its_record", severity="concept")
class batch_statistics_all_along(Pieces):
    """In evaluation the layer still normalises by the batch.

    What is the running record for?
    """

    def evaluated(self, x):
        return self.normalised(x)


@mistake("BatchNorm1d", caught_by="test_a_layer_in_evaluation_uses_its_record", severity="concept")
class evaluation_updates_the_record(Pieces):
    """Evaluation changes the running statistics.

    May what a network answers today depend on what it was asked yesterday?
    """

    def evaluated(self, x):
        y = super().evaluated(x)
        self.update(x)
        return y


@mistake("BatchNorm1d", caught_by="test_a_layer_in_evaluation_uses_its_record", severity="concept")
class evaluation_moves_the_mean(Pieces):
    """Evaluation changes the running mean.

    May what a network answers today depend on what it was asked yesterday?
    """

    def evaluated(self, x):
        y = super().evaluated(x)
        self.running_mean = (1 - self.new_weight) * self.running_mean + self.new_weight * x.mean(axis=0)
        return y


@mistake("BatchNorm1d", caught_by="test_a_layer_in_training_normalises_by_the_batch", severity="concept")
class record_used_in_training(Pieces):
    """In training the layer normalises by its running statistics.

    By which statistics does a layer in training normalise?
    """

    def normalised(self, x):
        self.root = np.sqrt(self.running_var + self.eps)
        self.x_hat = (x - self.running_mean) / self.root
        return self.gamma * self.x_hat + self.beta


@mistake("BatchNorm1d", caught_by="test_a_layer_in_training_keeps_a_record", severity="detail")
class cumulative_record(Pieces):
    """The record is a mean of all batches so far, and new_weight plays no part.

    Should the first batch still count as much as the last one?
    """

    seen = 0

    def update(self, x):
        self.seen += 1
        self.running_mean = self.running_mean + (x.mean(axis=0) - self.running_mean) / self.seen
        self.running_var = self.running_var + (x.var(axis=0) - self.running_var) / self.seen


@mistake("BatchNorm1d", caught_by="test_backward_of_a_layer_belongs_to_the_last_batch", severity="detail")
class layer_without_the_mean_path(Pieces):
    """The path through the mean is missing from dx.

    What does dx add up to over the batch?
    """

    def through(self, d):
        return (d - self.x_hat * (d * self.x_hat).mean(axis=0)) / self.root


@mistake("BatchNorm1d", caught_by="test_backward_of_a_layer_belongs_to_the_last_batch", severity="detail")
class layer_without_the_variance_path(Pieces):
    """The path through the variance is missing from dx.

    What does dx * x_hat add up to over the batch, for a small eps?
    """

    def through(self, d):
        return (d - d.mean(axis=0)) / self.root


@mistake("BatchNorm1d", caught_by="test_backward_of_a_layer_belongs_to_the_last_batch", severity="detail")
class gradients_pile_up(Pieces):
    """dgamma and dbeta are added to those of earlier batches.

    To which batch do they belong?
    """

    sums = (0.0, 0.0)

    def backward(self, dout):
        dx = super().backward(dout)
        self.sums = self.sums[0] + self.dgamma, self.sums[1] + self.dbeta
        self.dgamma, self.dbeta = self.sums
        return dx


@mistake("BatchNorm1d", caught_by="test_a_layer_in_training_keeps_a_record", severity="detail")
class one_example_not_recorded(Pieces):
    """A training batch of one example does not enter the record.

    Which batches are to update the running statistics?
    """

    def update(self, x):
        if len(x) > 1:
            super().update(x)


@mistake("BatchNorm1d", caught_by="test_a_layer_in_training_normalises_by_the_batch", severity="detail")
class one_example_evaluated(Pieces):
    """A training batch of one example is normalised by the running statistics, as in evaluation.

    What do the mean of one example and its variance divided by N make of it?
    """

    def forward(self, x):
        return super().forward(x) if len(x) > 1 else self.evaluated(x)


@mistake("BatchNorm1d", caught_by="test_backward_of_a_layer_belongs_to_the_last_batch", severity="detail")
class evaluation_overwrites_the_cache(Pieces):
    """A batch in evaluation overwrites what backward needs of the last one in training.

    If the network is evaluated between a forward and a backward pass, to which batch do the gradients belong?
    """

    def evaluated(self, x):
        self.root = np.sqrt(self.running_var + self.eps)
        self.x_hat = (x - self.running_mean) / self.root
        return self.gamma * self.x_hat + self.beta


@mistake("BatchNorm1d", caught_by="test_backward_of_a_layer_belongs_to_the_last_batch", severity="detail")
class eval_clears_the_cache(Pieces):
    """Switching to evaluation throws away what backward needs.

    Can the gradients of the last training batch still be had after an evaluation?
    """

    def eval(self):
        super().eval()
        self.root = self.x_hat = None


@mistake("BatchNorm1d", caught_by="test_modes_can_be_switched_to_and_fro", severity="detail")
class train_resets_the_record(Pieces):
    """Switching to training mode sets the running statistics back to 0 and 1.

    Somebody evaluates after every epoch and trains on: how many epochs are in the record at the end?
    """

    def train(self):
        super().train()
        self.running_mean, self.running_var = np.zeros_like(self.running_mean), np.ones_like(self.running_var)


@mistake("BatchNorm1d", caught_by="test_two_layers_share_nothing", severity="detail")
class cache_of_the_class(Pieces):
    """What backward needs belongs to the class, so each layer overwrites that of the others.

    In a network all layers go forward before the first goes back: whose numbers does it find?
    """

    cache = {}

    def normalised(self, x):
        y = super().normalised(x)
        self.cache.update(root=self.root, x_hat=self.x_hat)
        return y

    def backward(self, dout):
        self.root, self.x_hat = self.cache["root"], self.cache["x_hat"]
        return super().backward(dout)


@mistake("BatchNorm1d", caught_by="test_two_layers_share_nothing", severity="concept")
class record_of_the_class(Pieces):
    """The running statistics are arrays of the class, which all layers ever made move on.

    What does a new layer start from if another one has been trained before?
    """

    records = {}

    def __init__(self, D, new_weight=0.1, eps=1e-5):
        super().__init__(D, new_weight, eps)
        self.running_mean, self.running_var = self.records.setdefault(D, (np.zeros(D), np.ones(D)))

    def update(self, x):
        self.running_mean += self.new_weight * (x.mean(axis=0) - self.running_mean)
        self.running_var += self.new_weight * (x.var(axis=0) - self.running_var)


@mistake("BatchNorm1d", caught_by="test_two_layers_share_nothing", severity="concept")
class shared_record(Pieces):
    """The running statistics belong to the class, so all layers share them.

    How many records does a network with six layers need?
    """

    records = {}

    def __init__(self, D, new_weight=0.1, eps=1e-5):
        super().__init__(D, new_weight, eps)
        self.key = D
        self.records[D] = [np.zeros(D), np.ones(D)]

    @property
    def running_mean(self):
        return self.records[self.key][0]

    @running_mean.setter
    def running_mean(self, value):
        if hasattr(self, "key"):
            self.records[self.key][0] = value

    @property
    def running_var(self):
        return self.records[self.key][1]

    @running_var.setter
    def running_var(self, value):
        if hasattr(self, "key"):
            self.records[self.key][1] = value


@mistake("BatchNorm1d", caught_by="test_the_defaults_of_a_layer", severity="robustness")
class other_defaults(Pieces):
    """The defaults are not those of the docstring.

    Which values does the docstring name?
    """

    def __init__(self, D, new_weight=0.9, eps=1e-3):
        super().__init__(D, new_weight, eps)


@mistake("BatchNorm1d", caught_by="test_a_folded_layer_does_what_the_two_did", severity="detail")
class fold_forgets_the_bias(Pieces):
    """The bias of the dense layer is not scaled when folding.

    What happens to b on its way through the layer?
    """

    def fold(self, W, b):
        scale = self.gamma / np.sqrt(self.running_var + self.eps)
        return W * scale, b - self.running_mean * scale + self.beta


@mistake("BatchNorm1d", caught_by="test_a_folded_layer_does_what_the_two_did", severity="detail")
class fold_without_eps(Pieces):
    """Folding leaves eps out.

    By what does evaluation divide?
    """

    def fold(self, W, b):
        scale = self.gamma / np.sqrt(self.running_var)
        return W * scale, (b - self.running_mean) * scale + self.beta


@mistake("BatchNorm1d", caught_by="test_a_folded_layer_does_what_the_two_did", severity="detail")
class fold_along_the_rows(Pieces):
    """Folding scales the rows of W in place of its columns.

    Which axis of W belongs to the features of this layer?
    """

    def fold(self, W, b):
        scale = self.gamma / np.sqrt(self.running_var + self.eps)
        return np.resize(scale, len(W))[:, None] * W, (b - self.running_mean) * scale + self.beta


@mistake("BatchNorm1d", caught_by="test_a_folded_layer_does_what_the_two_did", severity="detail")
class fold_by_the_last_batch(Pieces):
    """In training mode, folding uses the statistics of the last batch.

    Which statistics does the layer evaluate by, whatever its mode is now?
    """

    def normalised(self, x):
        self.mean = x.mean(axis=0)
        return super().normalised(x)

    def fold(self, W, b):
        if not self.training:
            return super().fold(W, b)
        scale = self.gamma / self.root
        return W * scale, (b - self.mean) * scale + self.beta


@mistake("BatchNorm1d", caught_by="test_a_layer_leaves_its_arguments_alone", severity="robustness")
class fold_in_place(Pieces):
    """Folding overwrites W and b.

    Whose arrays are they?
    """

    def fold(self, W, b):
        scale = self.gamma / np.sqrt(self.running_var + self.eps)
        W *= scale
        b -= self.running_mean
        b *= scale
        b += self.beta
        return W, b


@mistake("BatchNorm1d", caught_by="test_modes_can_be_switched_to_and_fro", severity="concept")
class born_in_evaluation(Pieces):
    """A new layer is in evaluation mode.

    What does a new layer know that it could evaluate by?
    """

    def __init__(self, D, new_weight=0.1, eps=1e-5):
        super().__init__(D, new_weight, eps)
        self.training = False


@mistake("BatchNorm1d", caught_by="test_a_layer_in_training_normalises_by_the_batch", severity="trivial")
class layer_that_does_nothing:
    """The layer hands everything on as it is.

    Where are the statistics?
    """

    def __init__(self, D, new_weight=0.1, eps=1e-5):
        self.gamma, self.beta, self.dgamma, self.dbeta = np.ones(D), np.zeros(D), np.zeros(D), np.zeros(D)
        self.running_mean, self.running_var, self.training = np.zeros(D), np.ones(D), True

    def train(self):
        self.training = True

    def eval(self):
        self.training = False

    def forward(self, x):
        return x

    def backward(self, dout):
        return dout

    def fold(self, W, b):
        return W, b


@mistake("BatchNorm1d", caught_by="test_modes_can_be_switched_to_and_fro", severity="detail")
class deaf_to_train(Pieces):
    """The layer does not come back from evaluation.

    After eval() and then train(), what is `training`?
    """

    def train(self):
        pass


@right_answer("BatchNorm1d")
class layer_on_its_own(Pieces):
    """Needs none of the functions; counts from the distance to the batch."""

    def update(self, x):
        self.running_mean = self.running_mean + self.new_weight * (x.mean(axis=0) - self.running_mean)
        self.running_var = self.running_var + self.new_weight * (x.var(axis=0) - self.running_var)


@right_answer("BatchNorm1d")
class layer_with_sums(Pieces):
    """Sums divided by the number of examples in place of means."""

    def through(self, d):
        n = len(d)
        return (d - d.sum(axis=0) / n - self.x_hat * ((d * self.x_hat).sum(axis=0) / n)) / self.root


@right_answer("BatchNorm1d")
class layer_with_two_forward_methods:
    """Switches between two methods, keeps the batch and does the work in backward; folds by running a unit matrix."""

    def __init__(self, D, new_weight=0.1, eps=1e-5):
        self.D, self.share, self.eps = D, new_weight, eps
        self.gamma, self.beta = np.full(D, 1.0), np.full(D, 0.0)
        self.running_mean, self.running_var = np.full(D, 0.0), np.full(D, 1.0)
        self.train()

    def train(self):
        self.training, self.method = True, self.in_training

    def eval(self):
        self.training, self.method = False, self.in_use

    def forward(self, x):
        return self.method(x)

    def in_training(self, x):
        self.batch = np.array(x, dtype=float)
        mean, var = self.batch.mean(axis=0), self.batch.var(axis=0)
        self.running_mean = self.running_mean * (1 - self.share) + mean * self.share
        self.running_var = self.running_var * (1 - self.share) + var * self.share
        return (self.batch - mean) * (self.gamma / np.sqrt(var + self.eps)) + self.beta

    def in_use(self, x):
        return (x - self.running_mean) * (self.gamma / np.sqrt(self.running_var + self.eps)) + self.beta

    def backward(self, dout):
        centred, n = self.batch - self.batch.mean(axis=0), len(dout)
        inverse = 1 / np.sqrt(np.mean(centred**2, axis=0) + self.eps)
        self.dbeta = dout.sum(axis=0)
        self.dgamma = np.einsum("nd,nd->d", dout, centred) * inverse
        return self.gamma * inverse / n * (n * dout - self.dbeta - centred * inverse * self.dgamma)

    def fold(self, W, b):
        bias = self.in_use(np.reshape(b, (1, -1)))[0]
        return self.in_use(W + b) - bias, bias


@probe("BatchNorm1d")
def probe_batch_norm(student, look, rng):
    x, dout = rng.uniform(1, 5, (3, 5, 2)), rng.uniform(-1, 2, (5, 2))
    layer, other = student.BatchNorm1d(2, 0.3, 0.5), student.BatchNorm1d(2, 0.3, 0.5)
    look("training at first", lambda: bool(layer.training))
    for name, value in (("gamma", np.array([2.0, -1.5])), ("beta", np.array([0.4, 3.0]))):
        set_attr(layer, name, value)
    look("first batch", lambda: layer.forward(x[0]))
    look("first dx", lambda: layer.backward(dout))
    look("second batch", lambda: layer.forward(x[1]))
    look("second dx", lambda: layer.backward(dout))
    look("gradients", lambda: (layer.dgamma, layer.dbeta))
    look("record", lambda: (layer.running_mean, layer.running_var))
    look("another layer's record", lambda: other.running_mean)
    look("folded", lambda: layer.fold(np.array([[1.0, 2.0], [3.0, -1.0], [0.5, 4.0]]), np.array([1.0, -2.0])))
    layer.eval()
    look("evaluation", lambda: layer.forward(x[2]))
    look("record after evaluation", lambda: (layer.running_mean, layer.running_var))
    layer.train()
    look("training again", lambda: (bool(layer.training), layer.forward(x[1])))

    def late(mode):
        layer.forward(x[0])
        getattr(layer, mode)()
        (other if mode == "train" else layer).forward(x[2])
        layer.train()
        return layer.backward(dout)

    look("dx after another layer's batch", lambda: late("train"))
    look("dx after an evaluation", lambda: late("eval"))
    look("record after both", lambda: (layer.running_mean, layer.running_var))
    look("one example", lambda: layer.forward(x[0][:1]))
    look("record after one example", lambda: (layer.running_mean, layer.running_var))
    usual = student.BatchNorm1d(2)
    look("by default", lambda: usual.forward(1e-3 * x[0]))
    look("record by default", lambda: usual.running_mean)


# catches_batchnorm


def first_difference(candidate, plan, eps, atol, backward):
    """Whether a candidate differs from the formulas somewhere along a plan of modes."""
    rng, layer, mean, var = np.random.default_rng(7), candidate(2, 0.3, eps), np.zeros(2), np.ones(2)
    for mode in plan:
        x, dout = rng.uniform(0, 6, (5, 2)), rng.uniform(-1, 1, (5, 2))
        getattr(layer, mode)()
        got = layer.forward(x)
        m, v = (x.mean(axis=0), x.var(axis=0)) if mode == "train" else (mean, var)
        x_hat = (x - m) / np.sqrt(v + eps)
        if not np.allclose(got, x_hat, rtol=0, atol=atol):
            return True
        if mode == "train":
            mean, var = 0.7 * mean + 0.3 * m, 0.7 * var + 0.3 * v
        if mode == "train" and backward:
            want = (dout - dout.mean(axis=0) - x_hat * (dout * x_hat).mean(axis=0)) / np.sqrt(v + eps)
            if not np.allclose(layer.backward(dout), want, rtol=0, atol=atol):
                return True
    return False


@mistake("catches_batchnorm", caught_by="test_wrong_layers_are_caught_and_right_ones_let_through", severity="trivial")
def every_layer_is_wrong(candidate):
    """Every candidate is called wrong.

    What does your test say about a layer that is right?
    """
    return True


@mistake("catches_batchnorm", caught_by="test_wrong_layers_are_caught_and_right_ones_let_through", severity="trivial")
def every_layer_is_right(candidate):
    """Every candidate is let through.

    What does your test say about a layer that never evaluates?
    """
    return False


@mistake("catches_batchnorm", caught_by="test_wrong_layers_are_caught_and_right_ones_let_through", severity="concept")
def looks_at_training_only(candidate):
    """The test looks at outputs in training only.

    What does a layer do besides giving outputs in training?
    """
    return first_difference(candidate, ("train", "train"), 0.5, 1e-4, False)


@mistake("catches_batchnorm", caught_by="test_wrong_layers_are_caught_and_right_ones_let_through", severity="detail")
def never_goes_backward(candidate):
    """The test never calls backward.

    Which faults show only in dx?
    """
    return first_difference(candidate, ("train", "eval", "eval", "train"), 0.5, 1e-4, False)


@mistake("catches_batchnorm", caught_by="test_wrong_layers_are_caught_and_right_ones_let_through", severity="concept")
def turned_round(candidate):
    """Right candidates are called wrong, and wrong ones right.

    What does catches_batchnorm(BatchNorm1d) say, and what should it say?
    """
    return not first_difference(candidate, ("train", "train", "eval", "eval"), 0.5, 1e-4, True)


@mistake("catches_batchnorm", caught_by="test_wrong_layers_are_caught_and_right_ones_let_through", severity="detail")
def evaluates_once(candidate):
    """The test evaluates only once, and eps is too small to be seen.

    What could evaluation leave behind, and with which eps would its place show?
    """
    return first_difference(candidate, ("train", "train", "eval"), 1e-9, 1e-4, True)


@right_answer("catches_batchnorm")
def along_a_plan(candidate):
    """The formulas along a plan of modes, written out."""
    return first_difference(candidate, ("train", "eval", "train", "eval", "eval"), 0.5, 1e-4, True)


@right_answer("catches_batchnorm")
def beside_the_own_layer(candidate):
    """Compares with the student's own layer; exceptions count as wrong."""
    mine, theirs = BatchNorm1d(3, 0.2, 0.4), candidate(3, 0.2, 0.4)  # noqa: F821
    for n, mode in enumerate(("train", "train", "eval", "eval")):
        x = np.cos(np.arange(12.0) * (n + 1)).reshape(4, 3) * np.array([1.0, 3.0, 0.5]) + n
        try:
            for layer in (mine, theirs):
                getattr(layer, mode)()
            gaps = [np.max(np.abs(mine.forward(x) - theirs.forward(x)))]
            if mode == "train":
                gaps.append(np.max(np.abs(mine.backward(np.sin(x)) - theirs.backward(np.sin(x)))))
        except (ValueError, TypeError, RuntimeError):
            return np.True_
        if not max(gaps) < 1e-4:
            return np.True_
    return np.False_


@probe("catches_batchnorm")
def probe_catches_batchnorm(student, look, rng):
    asked = []

    def made(noise=0.0, late=0.0, scale=1.0, dx=1.0, twice=False):
        class Stand(Pieces):
            calls = 0

            def forward(self, x):
                asked.append(self.training)
                self.calls += 1
                return super().forward(np.asarray(x)) + noise

            def evaluated(self, x):
                y = super().evaluated(x) + late
                if twice:
                    self.update(x)
                return y

            def through(self, d):
                return dx * super().through(d)

        def candidate(D, new_weight=0.1, eps=1e-5):
            return expose(Stand(D, new_weight, scale * eps), methods=("forward", "backward", "train", "eval"))

        return candidate

    look("a right one", lambda: student.catches_batchnorm(made()))
    look("another eps", lambda: student.catches_batchnorm(made(scale=2.0)))
    look("rounding", lambda: student.catches_batchnorm(made(noise=1e-8)))
    look("wrong in evaluation", lambda: student.catches_batchnorm(made(late=0.5)))
    look("wrong in dx", lambda: student.catches_batchnorm(made(dx=1.5)))
    look("evaluation leaves traces", lambda: student.catches_batchnorm(made(twice=True)))
    look("all too far", lambda: student.catches_batchnorm(made(noise=0.5)))
    look("whether it asked at all", lambda: bool(asked))


# train_full_batches


@mistake("train_full_batches", caught_by="test_only_full_batches_of_each_order_are_used", severity="concept")
def short_batch_kept(net, X, y, epochs, batch_size, lr, rng):
    """The shorter rest makes a step of its own.

    With 11 examples in batches of 4, how many steps does an epoch have?
    """
    net.train()
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(X))
        starts = range(0, len(X), batch_size)
        losses.append(
            np.mean([net.step(X[order[i : i + batch_size]], y[order[i : i + batch_size]], lr) for i in starts])
        )
    net.eval()
    return losses


@mistake("train_full_batches", caught_by="test_only_full_batches_of_each_order_are_used", severity="concept")
def last_batch_always_dropped(net, X, y, epochs, batch_size, lr, rng):
    """The last batch is left out even if it is full.

    With 8 examples in batches of 4, how many steps does an epoch have?
    """
    net.train()
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(X))
        starts = range(0, len(X) - batch_size, batch_size)
        seen = [net.step(X[order[i : i + batch_size]], y[order[i : i + batch_size]], lr) for i in starts]
        losses.append(float(np.mean(seen)) if seen else 0.0)
    net.eval()
    return losses


@mistake("train_full_batches", caught_by="test_only_full_batches_of_each_order_are_used", severity="concept")
def labels_in_the_old_order(net, X, y, epochs, batch_size, lr, rng):
    """Only the examples are shuffled: they come with the labels of others.

    Which label belongs to the first example of your first batch?
    """
    net.train()
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(X))
        starts = range(0, len(X) - batch_size + 1, batch_size)
        losses.append(np.mean([net.step(X[order[i : i + batch_size]], y[i : i + batch_size], lr) for i in starts]))
    net.eval()
    return losses


@mistake("train_full_batches", caught_by="test_only_full_batches_of_each_order_are_used", severity="concept")
def one_order_for_all(net, X, y, epochs, batch_size, lr, rng):
    """All epochs go through the examples in the same order.

    How many orders have to be drawn for five epochs?
    """
    net.train()
    losses, order = [], rng.permutation(len(X))
    for _ in range(epochs):
        starts = range(0, len(X) - batch_size + 1, batch_size)
        losses.append(
            np.mean([net.step(X[order[i : i + batch_size]], y[order[i : i + batch_size]], lr) for i in starts])
        )
    net.eval()
    return losses


@mistake(
    "train_full_batches",
    caught_by="test_training_happens_in_training_mode_and_ends_in_evaluation",
    severity="detail",
)
def left_in_training(net, X, y, epochs, batch_size, lr, rng):
    """The network is left in training mode.

    What would it answer about a single example?
    """
    net.train()
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(X))
        starts = range(0, len(X) - batch_size + 1, batch_size)
        losses.append(
            np.mean([net.step(X[order[i : i + batch_size]], y[order[i : i + batch_size]], lr) for i in starts])
        )
    return losses


@mistake("train_full_batches", caught_by="test_losses_are_means_over_the_steps_of_an_epoch", severity="detail")
def loss_of_the_last_step(net, X, y, epochs, batch_size, lr, rng):
    """Only the loss of an epoch's last step is noted.

    What is to come back for each epoch?
    """
    net.train()
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for i in range(0, len(X) - batch_size + 1, batch_size):
            loss = net.step(X[order[i : i + batch_size]], y[order[i : i + batch_size]], lr)
        losses.append(loss)
    net.eval()
    return losses


@mistake("train_full_batches", caught_by="test_a_deep_network_learns_the_digits", severity="trivial")
def nothing_trained(net, X, y, epochs, batch_size, lr, rng):
    """Nothing is trained.

    Where is step called?
    """
    return [0.0] * epochs


@right_answer("train_full_batches")
def cut_by_reshape(net, X, y, epochs, batch_size, lr, rng):
    """Cuts the order and reshapes it to a table of batches."""
    net.train()
    full, losses = len(X) // batch_size, np.empty(epochs)
    for epoch in range(epochs):
        table = rng.permutation(len(X))[: full * batch_size].reshape(full, batch_size)
        losses[epoch] = sum(net.step(X[rows], y[rows], lr) for rows in table) / full
    net.eval()
    return losses


@right_answer("train_full_batches")
def short_pieces_skipped(net, X, y, epochs, batch_size, lr, rng):
    """np.split cuts the order, and short pieces are skipped; the mode is set in every epoch."""
    losses = ()
    for _ in range(epochs):
        net.train()
        total, steps = 0.0, 0
        for rows in np.split(rng.permutation(len(X)), range(batch_size, len(X), batch_size)):
            if len(rows) == batch_size:
                total, steps = total + net.step(X[rows], y[rows], lr), steps + 1
        losses += (total / steps,)
        net.eval()
    return list(losses)


@probe("train_full_batches")
def probe_train_full_batches(student, look, rng):
    class Net:
        def __init__(self):
            self.notes = []

        def train(self):
            self.notes.append("train")

        def eval(self):
            self.notes.append("eval")

        def step(self, X, y, lr):
            self.notes.append([float(lr), *(float(each) for each in (*X[:, 0], *y))])
            return float(X[:, 0].mean() + len(self.notes))

    X, draws = rng.uniform(0, 9, (11, 1)), np.random.default_rng(int(rng.integers(2**31)))

    def run(n, epochs, size):
        net = Net()
        lent = expose(net, methods=("train", "eval", "step"))
        losses = student.train_full_batches(lent, X[:n], np.arange(n), epochs, size, 0.1, draws)
        modes = [note for note in net.notes if isinstance(note, str)]
        return list(np.ravel(losses)), [note for note in net.notes if isinstance(note, list)], modes[-1:]

    look("a rest of three", lambda: run(11, 2, 4), generator=draws)
    look("no rest", lambda: run(8, 2, 4), generator=draws)
    look("a rest of one", lambda: run(9, 1, 4), generator=draws)
    look("a single batch", lambda: run(4, 1, 4), generator=draws)
