"""Known mistakes and right answers of the capstone: symptoms mended, halves mended, mends that break something else."""

import copy
from itertools import pairwise

import numpy as np

from autograder.grading import set_attr
from autograder.grading.bank import mistake, probe, right_answer

# descent_step


def forwards(params, X, y):
    """Hidden units, logarithms of the probabilities, and the derivative of the *summed* loss by the scores."""
    hidden = np.maximum(X @ params["W1"] + params["b1"], 0)
    scores = hidden @ params["W2"] + params["b2"]
    log_p = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
    return hidden, log_p, np.exp(log_p) - np.eye(scores.shape[1])[y]


def slopes(params, X, hidden, d):
    """Gradients that follow from the derivative by the scores."""
    below = d @ params["W2"].T * (hidden > 0)
    return {"W1": X.T @ below, "b1": below.sum(axis=0), "W2": hidden.T @ d, "b2": d.sum(axis=0)}


def mean_loss(log_p, y):
    return -log_p[np.arange(len(y)), y].mean()


def down(params, grads, lr):
    return {name: params[name] - lr * grads[name] for name in params}


@mistake("descent_step", caught_by="test_steps_agree_with_the_formula", severity="trivial")
def summed_as_handed_out(params, X, y, lr):
    """Gradients still add up over the batch.

    If every example of a batch stood there twice, what should become of the step, and what does?
    """
    hidden, log_p, d = forwards(params, X, y)
    return down(params, slopes(params, X, hidden, d), lr), mean_loss(log_p, y)


@mistake("descent_step", caught_by="test_steps_agree_with_the_formula", severity="trivial")
def smaller_rate(params, X, y, lr):
    """The rate is divided by a fixed number, and gradients still add up over the batch.

    What happens at the next larger batch size?
    """
    hidden, log_p, d = forwards(params, X, y)
    return down(params, slopes(params, X, hidden, d), lr / 10), mean_loss(log_p, y)


@mistake("descent_step", caught_by="test_steps_agree_with_the_formula", severity="trivial")
def divided_by_a_fixed_batch_size(params, X, y, lr):
    """The gradient is divided by 32, whatever the size of the batch is.

    How large is the last batch of an epoch, if 32 does not divide the number of examples?
    """
    hidden, log_p, d = forwards(params, X, y)
    return down(params, slopes(params, X, hidden, d / 32), lr), mean_loss(log_p, y)


@mistake("descent_step", caught_by="test_steps_agree_with_the_formula", severity="trivial")
def divided_by_the_classes(params, X, y, lr):
    """The gradient is divided by the number of classes.

    Over what does the loss take its mean?
    """
    hidden, log_p, d = forwards(params, X, y)
    return down(params, slopes(params, X, hidden, d / d.shape[1]), lr), mean_loss(log_p, y)


@mistake("descent_step", caught_by="test_every_example_twice_changes_nothing", severity="concept")
def clipped_by_norm(params, X, y, lr):
    """The gradient still adds up over the batch, and is cut off at a norm of 1.

    Is a step that is never longer than the rate the one that the loss asks for?
    """
    hidden, log_p, d = forwards(params, X, y)
    grads = slopes(params, X, hidden, d)
    norm = np.sqrt(sum((g**2).sum() for g in grads.values()))
    return down(params, grads, lr / max(norm, 1.0)), mean_loss(log_p, y)


@mistake("descent_step", caught_by="test_steps_agree_with_the_formula", severity="concept")
def clipped_by_value(params, X, y, lr):
    """Each entry of the summed gradient is cut off at 1.

    Does a step in a cut-off gradient still go down the steepest way?
    """
    hidden, log_p, d = forwards(params, X, y)
    grads = {name: np.clip(g, -1, 1) for name, g in slopes(params, X, hidden, d).items()}
    return down(params, grads, lr), mean_loss(log_p, y)


@mistake("descent_step", caught_by="test_steps_agree_with_the_formula", severity="concept")
def unit_length(params, X, y, lr):
    """Every step has the length of the rate, however large the gradient is.

    How short should the steps become close to the minimum?
    """
    hidden, log_p, d = forwards(params, X, y)
    grads = slopes(params, X, hidden, d)
    norm = np.sqrt(sum((g**2).sum() for g in grads.values()))
    return down(params, grads, lr / (norm + 1e-12)), mean_loss(log_p, y)


@mistake("descent_step", caught_by="test_steps_agree_with_the_formula", severity="detail")
def mean_clipped_by_value(params, X, y, lr):
    """The gradient is a mean now, but its large entries are cut off.

    Is a cut-off gradient still that of the loss, if the inputs are large?
    """
    hidden, log_p, d = forwards(params, X, y)
    grads = {name: np.clip(g, -5, 5) for name, g in slopes(params, X, hidden, d / len(y)).items()}
    return down(params, grads, lr), mean_loss(log_p, y)


@mistake("descent_step", caught_by="test_steps_agree_with_the_formula", severity="concept")
def divided_by_the_root(params, X, y, lr):
    """The gradient is divided by the root of the batch size.

    By what is the sum of the losses divided to give their mean?
    """
    hidden, log_p, d = forwards(params, X, y)
    return down(params, slopes(params, X, hidden, d / np.sqrt(len(y))), lr), mean_loss(log_p, y)


@mistake("descent_step", caught_by="test_steps_agree_with_the_formula", severity="concept")
def only_the_upper_layer(params, X, y, lr):
    """In the upper layer gradients are means, in the lower one they still add up.

    Which of the four arrays moves twice as far if every example stands there twice?
    """
    hidden, log_p, d = forwards(params, X, y)
    grads, means = slopes(params, X, hidden, d), slopes(params, X, hidden, d / len(y))
    return down(params, grads | {"W2": means["W2"], "b2": means["b2"]}, lr), mean_loss(log_p, y)


@mistake("descent_step", caught_by="test_steps_agree_with_the_formula", severity="concept")
def only_the_lower_layer(params, X, y, lr):
    """In the lower layer gradients are means, in the upper one they still add up.

    Which of the four arrays moves twice as far if every example stands there twice?
    """
    hidden, log_p, d = forwards(params, X, y)
    grads, means = slopes(params, X, hidden, d), slopes(params, X, hidden, d / len(y))
    return down(params, grads | {"W1": means["W1"], "b1": means["b1"]}, lr), mean_loss(log_p, y)


@mistake("descent_step", caught_by="test_steps_agree_with_the_formula", severity="concept")
def only_the_weights(params, X, y, lr):
    """Gradients of the weights are means, those of the biases still add up.

    Which of the four arrays moves twice as far if every example stands there twice?
    """
    hidden, log_p, d = forwards(params, X, y)
    grads, means = slopes(params, X, hidden, d), slopes(params, X, hidden, d / len(y))
    return down(params, grads | {"W1": means["W1"], "W2": means["W2"]}, lr), mean_loss(log_p, y)


@mistake("descent_step", caught_by="test_steps_agree_with_the_formula", severity="concept")
def only_the_biases(params, X, y, lr):
    """Gradients of the biases are means, those of the weights still add up.

    Which of the four arrays moves twice as far if every example stands there twice?
    """
    hidden, log_p, d = forwards(params, X, y)
    grads, means = slopes(params, X, hidden, d), slopes(params, X, hidden, d / len(y))
    return down(params, grads | {"b1": means["b1"], "b2": means["b2"]}, lr), mean_loss(log_p, y)


@mistake("descent_step", caught_by="test_steps_agree_with_the_formula", severity="concept")
def divided_twice(params, X, y, lr):
    """The gradient is divided by the batch size in two places.

    What should the step on one batch be if every example stands there twice, and what is it?
    """
    hidden, log_p, d = forwards(params, X, y)
    return down(params, slopes(params, X, hidden, d / len(y) ** 2), lr), mean_loss(log_p, y)


@mistake("descent_step", caught_by="test_steps_agree_with_the_formula", severity="concept")
def lower_layer_divided_twice(params, X, y, lr):
    """On the way to the lower layer the gradient is divided a second time.

    Which gradients follow from one that has already been divided?
    """
    hidden, log_p, d = forwards(params, X, y)
    d = d / len(y)
    once, twice = slopes(params, X, hidden, d), slopes(params, X, hidden, d / len(y))
    return down(params, once | {"W1": twice["W1"], "b1": twice["b1"]}, lr), mean_loss(log_p, y)


@mistake("descent_step", caught_by="test_the_loss_is_the_mean_cross_entropy", severity="detail")
def loss_divided_too(params, X, y, lr):
    """The step is right, but the loss is divided by the batch size once more.

    What is the loss of a batch in which all examples are guessed alike?
    """
    hidden, log_p, d = forwards(params, X, y)
    return down(params, slopes(params, X, hidden, d / len(y)), lr), mean_loss(log_p, y) / len(y)


@mistake("descent_step", caught_by="test_the_loss_is_the_mean_cross_entropy", severity="trivial")
def loss_summed_too(params, X, y, lr):
    """Now loss and step agree, but both are sums.

    Which of the two did the docstring promise?
    """
    hidden, log_p, d = forwards(params, X, y)
    return down(params, slopes(params, X, hidden, d), lr), mean_loss(log_p, y) * len(y)


@mistake("descent_step", caught_by="test_the_loss_is_the_mean_cross_entropy", severity="detail")
def loss_after_the_step(params, X, y, lr):
    """The loss is that after the step.

    Which of the two losses does the log need to be comparable with the next batch's?
    """
    hidden, _, d = forwards(params, X, y)
    new = down(params, slopes(params, X, hidden, d / len(y)), lr)
    return new, mean_loss(forwards(new, X, y)[1], y)


@mistake("descent_step", caught_by="test_steps_agree_with_the_formula", severity="concept")
def upwards(params, X, y, lr):
    """The gradient is a mean now, but the step goes up.

    Does the loss fall after a short step?
    """
    hidden, log_p, d = forwards(params, X, y)
    return down(params, slopes(params, X, hidden, d / len(y)), -lr), mean_loss(log_p, y)


@mistake("descent_step", caught_by="test_steps_agree_with_the_formula", severity="concept")
def mask_lost(params, X, y, lr):
    """The gradient is a mean now, but no longer stopped where ReLU was closed.

    What is the derivative of ReLU for a unit that gave 0?
    """
    hidden, log_p, d = forwards(params, X, y)
    return down(params, slopes(params, X, np.abs(hidden) + 1e-300, d / len(y)) | {"W2": hidden.T @ d / len(y)}, lr), (
        mean_loss(log_p, y)
    )


@mistake("descent_step", caught_by="test_the_loss_is_right_for_scores_in_the_thousands", severity="robustness")
def softmax_overflows(params, X, y, lr):
    """The step is right, but the softmax is written anew, and its exponentials overflow.

    What is the exponential of 1000, and by what may all scores of a row be lowered?
    """
    hidden, _, d = forwards(params, X, y)
    powers = np.exp(hidden @ params["W2"] + params["b2"])
    log_p = np.log(powers / powers.sum(axis=1, keepdims=True))
    return down(params, slopes(params, X, hidden, d / len(y)), lr), mean_loss(log_p, y)


@mistake("descent_step", caught_by="test_the_loss_is_right_for_scores_in_the_thousands", severity="robustness")
def small_number_in_the_logarithm(params, X, y, lr):
    """A small number is added to the probabilities before their logarithm is taken.

    What is the loss of an example whose class has a probability far smaller than that number?
    """
    hidden, log_p, d = forwards(params, X, y)
    return down(params, slopes(params, X, hidden, d / len(y)), lr), mean_loss(np.log(np.exp(log_p) + 1e-12), y)


@mistake("descent_step", caught_by="test_a_step_leaves_its_arguments_alone", severity="robustness")
def parameters_moved_in_place(params, X, y, lr):
    """The parameters that were passed in are changed.

    Whose arrays are they, and may their owner still need them?
    """
    hidden, log_p, d = forwards(params, X, y)
    grads = slopes(params, X, hidden, d / len(y))
    for name in params:
        if params[name].flags.writeable:
            params[name] -= lr * grads[name]
    return dict(params), mean_loss(log_p, y)


@mistake("descent_step", caught_by="test_batches_of_every_kind_make_the_same_step", severity="detail")
def order_lost(params, X, y, lr):
    """The batch is read in the order in which it lies in memory.

    Are the rows of every array one after the other in memory?
    """
    X = X.ravel(order="K").reshape(X.shape)
    hidden, log_p, d = forwards(params, X, y)
    return down(params, slopes(params, X, hidden, d / len(y)), lr), mean_loss(log_p, y)


@mistake("descent_step", caught_by="test_steps_agree_with_the_formula", severity="trivial")
def no_step_at_all(params, X, y, lr):
    """The parameters stay where they are.

    Which of them should move?
    """
    return {name: value.copy() for name, value in params.items()}, mean_loss(forwards(params, X, y)[1], y)


@right_answer("descent_step")
def mean_in_the_sums(params, X, y, lr):
    """Divides in each gradient, and takes the loss from the probabilities' logarithms by another way."""
    hidden, _, d = forwards(params, X, y)
    n = X.shape[0]
    scores = hidden @ params["W2"] + params["b2"]
    scores = scores - scores.max(axis=1, keepdims=True)
    log_p = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    below = d @ params["W2"].T
    below[hidden == 0] = 0
    grads = {"W1": X.T @ below / n, "b1": below.mean(axis=0), "W2": hidden.T @ d / n, "b2": d.mean(axis=0)}
    loss = -sum(log_p[i, label] for i, label in enumerate(y)) / n
    return {name: value - lr * grads[name] for name, value in params.items()}, loss


@right_answer("descent_step")
def rate_over_the_size(params, X, y, lr):
    """Divides the rate by the number of examples in the batch: the same product."""
    hidden, log_p, d = forwards(params, X, y)
    grads = slopes(params, X, hidden, d)
    return {name: params[name] - (lr / len(X)) * grads[name] for name in params}, mean_loss(log_p, y)


@right_answer("descent_step")
def one_example_at_a_time(params, X, y, lr):
    """Averages the gradients of batches of one."""
    total, losses = {name: np.zeros(value.shape) for name, value in params.items()}, []
    for x, label in zip(X, y, strict=True):
        hidden, log_p, d = forwards(params, x[None], np.array([label]))
        for name, g in slopes(params, x[None], hidden, d).items():
            total[name] += g
        losses.append(-log_p[0, label])
    return {name: params[name] - lr * total[name] / len(losses) for name in params}, float(np.mean(losses))


@right_answer("descent_step")
def float32_inside(params, X, y, lr):
    """Computes the derivative by the scores in single precision."""
    hidden, log_p, d = forwards(params, X, y)
    return down(params, slopes(params, X, hidden, (d / len(y)).astype(np.float32)), lr), mean_loss(log_p, y)


@right_answer("descent_step")
def contracted_by_einsum(params, X, y, lr):
    """Contracts over the examples with weights of one over n."""
    weights = np.full(len(y), 1.0) / len(y)
    hidden, log_p, d = forwards(params, X, y)
    below = np.where(hidden > 0, d @ params["W2"].T, 0.0)
    grads = {
        "W1": np.einsum("n,nd,nm->dm", weights, X, below),
        "b1": weights @ below,
        "W2": np.einsum("n,nm,nc->mc", weights, hidden, d),
        "b2": weights @ d,
    }
    return down(params, grads, lr), -(weights @ np.take_along_axis(log_p, y[:, None], axis=1)[:, 0])


@probe("descent_step")
def probe_descent_step(student, look, rng):
    params = {"W1": rng.normal(0, 1, (3, 4)), "b1": rng.normal(0, 0.5, 4)}
    params |= {"W2": rng.normal(0, 1, (4, 3)), "b2": rng.normal(0, 0.5, 3)}
    X, y = rng.normal(0, 1, (5, 3)), np.array([0, 2, 1, 1, 0])
    look("a batch of five", lambda: student.descent_step(params, X, y, 0.3))
    sure = params | {"W2": params["W2"] / 10, "b2": np.array([0.0, 5.0, 0.0])}
    look("near the goal", lambda: student.descent_step(sure, X, y * 0 + 1, 0.3))
    far = params | {"W2": params["W2"] * 3000}
    look("scores in the thousands", lambda: student.descent_step(far, X, y, 0.3))
    wide = params | {"W1": params["W1"] / 60}
    look("large inputs", lambda: student.descent_step(wide, 60 * X, y, 0.3))
    look("a single example", lambda: student.descent_step(params, X[:1], y[:1], 0.3))
    look("another order in memory", lambda: student.descent_step(params, np.asfortranarray(X), y, 0.3))


# DeepNet


class Layers:
    """The network cut into pieces, so that a mistake below says only what it does otherwise."""

    def __init__(self, sizes, rng):
        last = len(sizes) - 2
        self.W = [np.array(self.drawn(rng, m, n, k, last)) for k, (m, n) in enumerate(pairwise(sizes))]
        self.b = [self.bias(rng, n) for n in sizes[1:]]

    def drawn(self, rng, m, n, k, last):
        return rng.standard_normal((m, n)) * self.scale(m, n, k, last)

    def scale(self, m, n, k, last):
        return np.sqrt(2 / m)

    def bias(self, rng, n):
        return np.zeros(n)

    def activation(self, z):
        return np.maximum(z, 0)

    def forward(self, X):
        self.inputs = [X]
        for W, b in zip(self.W[:-1], self.b[:-1], strict=True):
            self.inputs.append(self.activation(self.inputs[-1] @ W + b))
        return self.inputs[-1] @ self.W[-1] + self.b[-1]

    def step(self, X, y, lr):
        scores = self.forward(X)
        log_p = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
        self.descend((np.exp(log_p) - np.eye(scores.shape[1])[y]) / len(y), lr)
        return -log_p[np.arange(len(y)), y].mean()

    def descend(self, d, lr):
        for k in reversed(range(len(self.W))):
            dW, db = self.inputs[k].T @ d, d.sum(axis=0)
            d = d @ self.W[k].T * (self.inputs[k] > 0)
            self.W[k], self.b[k] = self.W[k] - lr * dW, self.b[k] - lr * db


@mistake("DeepNet", caught_by="test_the_first_weights_have_the_variance_two_over_fan_in", severity="trivial")
class VarianceForDeviation(Layers):
    """Weights are still multiplied by the variance that they should have.

    What is the variance of c times a number of variance 1?
    """

    def scale(self, m, n, k, last):
        return 2 / m


@mistake("DeepNet", caught_by="test_the_first_weights_have_the_variance_two_over_fan_in", severity="trivial")
class LargerRate(Layers):
    """The rate is multiplied by a thousand; the weights start as before.

    What is a large rate times a gradient of 0?
    """

    def scale(self, m, n, k, last):
        return 2 / m

    def step(self, X, y, lr):
        return super().step(X, y, 1000 * lr)


@mistake("DeepNet", caught_by="test_the_first_weights_have_the_variance_two_over_fan_in", severity="trivial")
class LeakyUnits(Layers):
    """ReLU is made leaky; the weights start as before.

    By what factor does a layer with these weights change the size of a signal?
    """

    def scale(self, m, n, k, last):
        return 2 / m

    def activation(self, z):
        return np.where(z > 0, z, 0.1 * z)


@mistake("DeepNet", caught_by="test_the_first_weights_have_the_variance_two_over_fan_in", severity="concept")
class LeCun(Layers):
    """The variance is 1 / fan-in, which does not make up for what ReLU takes away.

    What share of the mean square of a symmetric signal does ReLU let through?
    """

    def scale(self, m, n, k, last):
        return np.sqrt(1 / m)


@mistake("DeepNet", caught_by="test_the_first_weights_have_the_variance_two_over_fan_in", severity="concept")
class RootOfTwoOutside(Layers):
    """The root is taken of fan-in only: the deviation is 2 / sqrt(fan-in), the variance twice too large.

    What is the square of your factor?
    """

    def scale(self, m, n, k, last):
        return 2 / np.sqrt(m)


@mistake("DeepNet", caught_by="test_the_first_weights_have_the_variance_two_over_fan_in", severity="concept")
class FixedDeviation(Layers):
    """All layers have the same deviation, which fits one width only.

    What happens to a network with other widths?
    """

    def scale(self, m, n, k, last):
        return 0.177


@mistake("DeepNet", caught_by="test_the_first_weights_have_the_variance_two_over_fan_in", severity="concept")
class WithoutScale(Layers):
    """The weights are standard normal, whatever the fan-in is.

    How large are the scores of a new network, and how large is its first loss?
    """

    def scale(self, m, n, k, last):
        return 1.0


@mistake("DeepNet", caught_by="test_the_first_weights_have_the_variance_two_over_fan_in", severity="concept")
class SmallFactor(Layers):
    """Weights are drawn with the deviation 0.01.

    By what factor does a layer of 64 such units change the size of a signal?
    """

    def scale(self, m, n, k, last):
        return 0.01


@mistake("DeepNet", caught_by="test_the_first_weights_have_the_variance_two_over_fan_in", severity="concept")
class FanOut(Layers):
    """The number of units of the layer stands in the place of fan-in.

    How many numbers does one unit of a layer add up?
    """

    def scale(self, m, n, k, last):
        return np.sqrt(2 / n)


@mistake("DeepNet", caught_by="test_the_first_weights_have_the_variance_two_over_fan_in", severity="concept")
class InputsForAllLayers(Layers):
    """The number of inputs of the network stands in the place of each layer's fan-in.

    How many numbers does a unit of the third layer add up?
    """

    def __init__(self, sizes, rng):
        self.inputs_of_all = sizes[0]
        super().__init__(sizes, rng)

    def scale(self, m, n, k, last):
        return np.sqrt(2 / self.inputs_of_all)


@mistake("DeepNet", caught_by="test_the_first_weights_have_the_variance_two_over_fan_in", severity="concept")
class GlorotScheme(Layers):
    """The variance is 4 over the sum of fan-in and fan-out.

    Which of the two fans does the docstring name?
    """

    def scale(self, m, n, k, last):
        return np.sqrt(4 / (m + n))


@mistake("DeepNet", caught_by="test_the_first_weights_have_the_variance_two_over_fan_in", severity="concept")
class OnlyTheFirstLayer(Layers):
    """The first layer is right, those above it start as small as before.

    Through how many layers does a signal have to go?
    """

    def scale(self, m, n, k, last):
        return np.sqrt(2 / m) if k == 0 else 2 / m


@mistake("DeepNet", caught_by="test_the_first_weights_have_the_variance_two_over_fan_in", severity="concept")
class LastLayerAsBefore(Layers):
    """The hidden layers are right, the last layer starts as small as before.

    Does the docstring make an exception for the last layer?
    """

    def scale(self, m, n, k, last):
        return np.sqrt(2 / m) if k < last else 2 / m


@mistake("DeepNet", caught_by="test_the_first_weights_have_the_variance_two_over_fan_in", severity="detail")
class LastLayerOneOverFanIn(Layers):
    """The last layer, which has no ReLU above it, is given the variance 1 / fan-in.

    Does the docstring make an exception for the last layer?
    """

    def scale(self, m, n, k, last):
        return np.sqrt((2 if k < last else 1) / m)


@mistake("DeepNet", caught_by="test_the_first_weights_have_the_variance_two_over_fan_in", severity="concept")
class NarrowUniform(Layers):
    """Weights are uniform between plus and minus the deviation that they should have.

    What is the variance of a uniform number between -a and a?
    """

    def drawn(self, rng, m, n, k, last):
        return rng.uniform(-np.sqrt(2 / m), np.sqrt(2 / m), (m, n))


@mistake("DeepNet", caught_by="test_the_first_weights_have_the_variance_two_over_fan_in", severity="detail")
class BiasCounted(Layers):
    """The variance is 2 / (fan-in + 1).

    Which numbers does fan-in count?
    """

    def scale(self, m, n, k, last):
        return np.sqrt(2 / (m + 1))


@mistake("DeepNet", caught_by="test_weights_are_independent_normal_draws_from_rng", severity="detail")
class MadeToFit(Layers):
    """After the draw each layer's weights are divided by their own standard deviation.

    If all weights of a layer but one are known, what is known of that one?
    """

    def drawn(self, rng, m, n, k, last):
        W = rng.standard_normal((m, n))
        return W / max(W.std(), 1e-12) * np.sqrt(2 / m)


@mistake("DeepNet", caught_by="test_weights_are_independent_normal_draws_from_rng", severity="detail")
class SharedDraws(Layers):
    """Layers of the same shape start with the same weights.

    How many draws does a network with three layers of one shape need?
    """

    def drawn(self, rng, m, n, k, last):
        self.shared = getattr(self, "shared", {})
        return self.shared.setdefault((m, n), super().drawn(rng, m, n, k, last))


@mistake("DeepNet", caught_by="test_weights_are_independent_normal_draws_from_rng", severity="detail")
class TwinUnits(Layers):
    """The second half of the units of each layer starts with the weights of the first half.

    What will two units that start alike learn?
    """

    def drawn(self, rng, m, n, k, last):
        W = super().drawn(rng, m, n, k, last)
        W[:, n - n // 2 :] = W[:, : n // 2]
        return W


@mistake("DeepNet", caught_by="test_weights_are_independent_normal_draws_from_rng", severity="detail")
class MeanTakenAway(Layers):
    """After the draw the mean of each layer's weights is taken away from them.

    If all weights of a layer but one are known, what is known of that one?
    """

    def drawn(self, rng, m, n, k, last):
        W = super().drawn(rng, m, n, k, last)
        return W - W.mean()


@mistake("DeepNet", caught_by="test_weights_are_independent_normal_draws_from_rng", severity="detail")
class TailsCutOff(Layers):
    """Weights beyond two and a half standard deviations are cut off.

    How large may a normal number become?
    """

    def drawn(self, rng, m, n, k, last):
        return np.clip(rng.standard_normal((m, n)), -2.5, 2.5) * self.scale(m, n, k, last)


@mistake("DeepNet", caught_by="test_weights_are_independent_normal_draws_from_rng", severity="detail")
class UniformOfTheRightSize(Layers):
    """Weights have the right variance but are uniform.

    Which distribution does the docstring name?
    """

    def drawn(self, rng, m, n, k, last):
        return rng.uniform(-np.sqrt(6 / m), np.sqrt(6 / m), (m, n))


@mistake("DeepNet", caught_by="test_weights_are_independent_normal_draws_from_rng", severity="detail")
class OwnGenerator(Layers):
    """Weights come from a generator of their own with a fixed seed.

    What will two networks with different generators have in common?
    """

    def drawn(self, rng, m, n, k, last):
        return np.random.default_rng(m * n + k).standard_normal((m, n)) * np.sqrt(2 / m)


@mistake("DeepNet", caught_by="test_weights_are_independent_normal_draws_from_rng", severity="detail")
class GlobalGenerator(Layers):
    """Weights come from NumPy's global generator.

    What does the argument rng do then?
    """

    def drawn(self, rng, m, n, k, last):
        return np.random.standard_normal((m, n)) * np.sqrt(2 / m)


@mistake("DeepNet", caught_by="test_weights_are_independent_normal_draws_from_rng", severity="detail")
class PositiveWeights(Layers):
    """Weights have the right mean square, but none of them is negative.

    What is the mean of the distribution that the docstring names?
    """

    def drawn(self, rng, m, n, k, last):
        return np.abs(rng.standard_normal((m, n))) * np.sqrt(2 / m)


@mistake("DeepNet", caught_by="test_layers_have_the_sizes_asked_for_and_biases_of_0", severity="robustness")
class SmallBiases(Layers):
    """Biases start at 0.01.

    At what do biases start according to the docstring?
    """

    def bias(self, rng, n):
        return np.full(n, 0.01)


@mistake("DeepNet", caught_by="test_layers_have_the_sizes_asked_for_and_biases_of_0", severity="robustness")
class BiasesOfAnEarlierNetwork(Layers):
    """Networks of the same sizes share their biases, so that a new one starts with what another one has learnt.

    What does a list hold that two networks have got?
    """

    made = {}  # noqa: RUF012 - this is the mistake

    def __init__(self, sizes, rng):
        super().__init__(sizes, rng)
        self.b = self.made.setdefault(tuple(sizes), self.b)


@mistake("DeepNet", caught_by="test_forward_uses_the_weights_that_stand_there", severity="concept")
class LinearLayers(Layers):
    """The weights are right, but ReLU has gone.

    What is a chain of linear layers?
    """

    def activation(self, z):
        return z


@mistake("DeepNet", caught_by="test_ten_layers_neither_lose_a_signal_nor_blow_it_up", severity="concept")
class StretchedSignals(Layers):
    """Each layer's output is multiplied by a factor; the weights are a little too small.

    Which of the two should make sure that a signal keeps its size?
    """

    def scale(self, m, n, k, last):
        return np.sqrt(1 / m)

    def activation(self, z):
        return 2.0 * np.maximum(z, 0)


@mistake("DeepNet", caught_by="test_forward_uses_the_weights_that_stand_there", severity="detail")
class NormalisedSignals(Layers):
    """Each layer's output is divided by its standard deviation on top of the right weights.

    What would a network of other weights, which are put in later, have to give?
    """

    def activation(self, z):
        return np.maximum(z, 0) / (z.std() + 1e-12)


@mistake("DeepNet", caught_by="test_steps_change_weights_and_biases_as_they_should", severity="detail")
class BiasesForgotten(Layers):
    """The weights start right, but biases no longer learn.

    Which arrays does a step change?
    """

    def descend(self, d, lr):
        kept = self.b
        self.b = list(kept)
        super().descend(d, lr)
        self.b = kept


@mistake("DeepNet", caught_by="test_steps_change_weights_and_biases_as_they_should", severity="detail")
class WeightsChangedTooEarly(Layers):
    """The gradient goes down through weights that have already been changed.

    With which weights did the forward pass go up?
    """

    def descend(self, d, lr):
        for k in reversed(range(len(self.W))):
            self.W[k], self.b[k] = self.W[k] - lr * self.inputs[k].T @ d, self.b[k] - lr * d.sum(axis=0)
            d = d @ self.W[k].T * (self.inputs[k] > 0)


@mistake("DeepNet", caught_by="test_a_network_leaves_its_examples_alone", severity="robustness")
class ExamplesCentred(Layers):
    """The examples that are passed in come back changed.

    Whose array is X, and may its owner still need it?
    """

    def forward(self, X):
        scores = super().forward(X.copy())
        X -= X.mean(axis=0)
        return scores


@right_answer("DeepNet")
class NormalWithScale(Layers):
    """Asks the generator for the scale, and writes all passes as loops over layers."""

    def __init__(self, sizes, rng):
        self.W, self.b = [], []
        for k in range(1, len(sizes)):
            self.W.append(rng.normal(0.0, (2.0 / sizes[k - 1]) ** 0.5, size=(sizes[k - 1], sizes[k])))
            self.b.append(np.zeros((sizes[k],)))

    def forward(self, X):
        h, self.inputs = X, []
        for k, W in enumerate(self.W):
            self.inputs.append(h)
            h = h @ W + self.b[k]
            if k + 1 < len(self.W):
                h = h * (h > 0)
        return h


@right_answer("DeepNet")
class DrawnUnitByUnit(Layers):
    """Draws each unit's weights on their own, from the last layer to the first."""

    def __init__(self, sizes, rng):
        pairs = list(pairwise(sizes))
        drawn = []
        for m, n in reversed(pairs):
            columns = [rng.standard_normal(m) / np.sqrt(m / 2) for _ in range(n)]
            drawn.append(np.stack(columns, axis=1))
        self.W = drawn[::-1]
        self.b = [np.array([0.0] * n) for _, n in pairs]


@right_answer("DeepNet")
class BoxAndMuller(Layers):
    """Makes normal numbers of uniform ones."""

    def drawn(self, rng, m, n, k, last):
        radius = np.sqrt(-4.0 / m * np.log1p(-rng.random((m, n))))
        return radius * np.cos(2 * np.pi * rng.random((m, n)))

    def descend(self, d, lr):
        grads = []
        for W, h in zip(self.W[::-1], self.inputs[::-1], strict=True):
            grads.append((h.T @ d, np.ones(len(d)) @ d))
            d = np.where(h > 0, d @ W.T, 0.0)
        self.W = [W - lr * g for W, (g, _) in zip(self.W, grads[::-1], strict=True)]
        self.b = [b - lr * g for b, (_, g) in zip(self.b, grads[::-1], strict=True)]


@probe("DeepNet")
def probe_deep_net(student, look, rng):
    sizes, seed = [6, 8, 5, 3], int(rng.integers(2**31))

    def net(seed, sizes=sizes):
        return student.DeepNet(sizes, np.random.default_rng(seed))

    def spread(n, sizes):
        w = np.array(net(seed, sizes).W[n])
        return [float(np.sqrt(len(w) * np.mean(w**2)))]

    look("size of weights, first layer", lambda: spread(0, [400, 100, 20]), band=0.03)
    look("size of weights, second layer", lambda: spread(1, [10, 100, 300, 20]), band=0.03)
    look("size of weights, last layer", lambda: spread(2, [50, 50, 300, 20]), band=0.08)
    look("mean of weights", lambda: [float(np.mean(net(seed, [200, 100, 5]).W[0]))], band=0.02)
    look("largest weight", lambda: [float(np.abs(net(seed, [200, 200, 5]).W[0]).max() > 0.29)])
    look("how far out", lambda: [float(np.abs(net(seed, [200, 200, 5]).W[0]).max() > far) for far in (0.18, 0.24)])
    look("biases", lambda: net(seed).b)

    def narrow():
        return np.reshape([np.array(w) for w in net(seed, [2] * 301).W], (300, 4)).var(axis=1)

    def narrow_sums():
        return np.reshape([np.array(w) for w in net(seed, [2] * 301).W], (300, 4)).sum(axis=1)

    def alike():
        w = np.array(net(seed, [80, 40, 5]).W[0])
        units, inputs = (each / np.maximum(np.linalg.norm(each, axis=1), 1e-12)[:, None] for each in (w.T, w))
        return [float(np.abs(each @ each.T - np.eye(len(each))).max() > 0.9) for each in (units, inputs)]

    look("units or inputs that start alike", alike)
    look("sums of units", lambda: bool(np.ptp(np.sum(net(seed, [80, 40, 5]).W[0], axis=0)) > 1e-6))
    look("narrow layers of different sum", lambda: bool(narrow_sums().std() > 1e-6))
    look("size of weights, two inputs", lambda: spread(0, [2, 8000, 2]), band=0.07)
    look("narrow layers of different size", lambda: bool(narrow().std() > 0.4 * narrow().mean()))
    look("two layers of one shape", lambda: bool(np.allclose(*net(seed, [9, 9, 9]).W)))
    look("the same seed", lambda: bool(np.allclose(net(seed).W[0], net(seed).W[0])))
    look("another seed", lambda: bool(np.allclose(net(seed).W[0], net(seed + 1).W[0])))
    W = [rng.normal(0, 0.6, (m, n)) for m, n in pairwise(sizes)]
    X, y = rng.normal(0, 1, (4, 6)), np.array([0, 2, 1, 1])

    def furnished():
        made = net(seed)
        set_attr(made, "W", [w.copy() for w in W])
        set_attr(made, "b", [np.full(n, 0.1) for n in sizes[1:]])
        return made

    look("scores", lambda: furnished().forward(X))

    def stepped():
        made = furnished()
        return [made.step(X, y, 0.3), made.step(X, y, 0.3), list(made.W), list(made.b)]

    look("two steps", stepped)

    def biases_of_the_next():
        net(seed).step(X, y, 0.3)
        return net(seed).b

    look("biases of the next network", biases_of_the_next)


# HiddenBlock


class Pieces:
    """The block cut into pieces, so that a mistake below says only what it does otherwise."""

    def __init__(self, width, rate, rng, new_weight=0.1, eps=1e-5):
        self.gamma, self.beta = np.ones(width), np.zeros(width)
        self.running_mean, self.running_var = np.zeros(width), np.ones(width)
        self.rate, self.rng, self.new_weight, self.eps = rate, rng, new_weight, eps

    def remember(self, x, weight=1.0):
        a = weight * self.new_weight
        self.running_mean = (1 - a) * self.running_mean + a * x.mean(axis=0)
        self.running_var = (1 - a) * self.running_var + a * x.var(axis=0)

    def through(self, x, mean, var, drops):
        self.root = np.sqrt(var + self.eps)
        self.x_hat = (x - mean) / self.root
        z = self.gamma * self.x_hat + self.beta
        self.gate = (z > 0) * 1.0
        if drops:
            self.gate *= self.mask(z.shape)
        return z * self.gate

    def mask(self, shape):
        return (self.rng.random(shape) >= self.rate) / (1 - self.rate)

    def forward(self, x, training):
        if training:
            self.remember(x)
            return self.through(x, x.mean(axis=0), x.var(axis=0), True)
        return self.evaluate(x)

    def evaluate(self, x):
        return self.through(x, self.running_mean, self.running_var, False)

    def backward(self, dout):
        d = dout * self.gate
        self.dgamma, self.dbeta = (d * self.x_hat).sum(axis=0), d.sum(axis=0)
        d = d * self.gamma
        return (d - d.mean(axis=0) - self.x_hat * (d * self.x_hat).mean(axis=0)) / self.root


@mistake("HiddenBlock", caught_by="test_evaluation_leaves_the_running_statistics_alone", severity="trivial")
class MovedAsHandedOut(Pieces):
    """Evaluation still moves the running statistics.

    What is different in the block after an evaluation?
    """

    def evaluate(self, x):
        self.remember(x)
        return super().evaluate(x)


@mistake("HiddenBlock", caught_by="test_evaluation_leaves_the_running_statistics_alone", severity="trivial")
class MovedALittle(Pieces):
    """Evaluation moves the running statistics with a hundredth of the weight.

    What is left of training after ten thousand evaluations?
    """

    def evaluate(self, x):
        self.remember(x, 0.01)
        return super().evaluate(x)


@mistake("HiddenBlock", caught_by="test_evaluation_leaves_the_running_statistics_alone", severity="trivial")
class MovedAfterwards(Pieces):
    """Evaluation moves the running statistics once the output has been made.

    Does the next example get the same as it would have got before?
    """

    def evaluate(self, x):
        out = super().evaluate(x)
        self.remember(x)
        return out


@mistake("HiddenBlock", caught_by="test_evaluation_leaves_the_running_statistics_alone", severity="trivial")
class MovedByLargeBatches(Pieces):
    """A single example no longer moves the running statistics in evaluation, several still do.

    To what do the running statistics belong?
    """

    def evaluate(self, x):
        if len(x) > 1:
            self.remember(x)
        return super().evaluate(x)


@mistake("HiddenBlock", caught_by="test_evaluation_leaves_the_running_statistics_alone", severity="concept")
class MovedBySingles(Pieces):
    """Evaluation of a single example still moves the running statistics.

    To what do the running statistics belong?
    """

    def evaluate(self, x):
        if len(x) == 1:
            self.remember(x)
        return super().evaluate(x)


@mistake("HiddenBlock", caught_by="test_evaluation_leaves_the_running_statistics_alone", severity="concept")
class MeanStillMoves(Pieces):
    """Evaluation leaves the variance alone, but still moves the mean.

    How many running statistics are there?
    """

    def evaluate(self, x):
        var = self.running_var
        self.remember(x)
        self.running_var = var
        return super().evaluate(x)


@mistake("HiddenBlock", caught_by="test_evaluation_leaves_the_running_statistics_alone", severity="concept")
class VarianceStillMoves(Pieces):
    """Evaluation leaves the mean alone, but still moves the variance.

    How many running statistics are there?
    """

    def evaluate(self, x):
        mean = self.running_mean
        self.remember(x)
        self.running_mean = mean
        return super().evaluate(x)


@mistake("HiddenBlock", caught_by="test_an_output_depends_on_its_own_example_only", severity="concept")
class ByTheBatch(Pieces):
    """Evaluation leaves the running statistics alone, but normalises by the batch that it is shown.

    What does a single example get?
    """

    def evaluate(self, x):
        return self.through(x, x.mean(axis=0), x.var(axis=0), False)


@mistake("HiddenBlock", caught_by="test_evaluation_leaves_the_running_statistics_alone", severity="trivial")
class ByTheBatchAndMoved(Pieces):
    """Evaluation normalises by the batch that it is shown, and still moves the running statistics.

    What are the running statistics there for?
    """

    def evaluate(self, x):
        self.remember(x)
        return self.through(x, x.mean(axis=0), x.var(axis=0), False)


@mistake("HiddenBlock", caught_by="test_an_output_depends_on_its_own_example_only", severity="concept")
class ForTheMoment(Pieces):
    """Evaluation puts the running statistics back, but only after it has used those it moved.

    Which statistics should an output depend on?
    """

    def evaluate(self, x):
        kept = self.running_mean, self.running_var
        self.remember(x)
        out = super().evaluate(x)
        self.running_mean, self.running_var = kept
        return out


@mistake("HiddenBlock", caught_by="test_evaluation_leaves_the_running_statistics_alone", severity="concept")
class NeverMoves(Pieces):
    """The running statistics no longer move at all.

    What does evaluation know about the batches of training?
    """

    def remember(self, x, weight=1.0):
        pass


@mistake("HiddenBlock", caught_by="test_evaluation_leaves_the_running_statistics_alone", severity="concept")
class ResetByEvaluation(Pieces):
    """Each evaluation starts from running statistics of 0 and 1.

    What has training taught the block?
    """

    def evaluate(self, x):
        self.running_mean, self.running_var = np.zeros(x.shape[1]), np.ones(x.shape[1])
        return super().evaluate(x)


@mistake("HiddenBlock", caught_by="test_each_training_batch_moves_the_running_statistics_once", severity="detail")
class FrozenByEvaluation(Pieces):
    """After the first evaluation the running statistics never move again, not in training either.

    What if a network is tested after every epoch?
    """

    frozen = False

    def remember(self, x, weight=1.0):
        if not self.frozen:
            super().remember(x, weight)

    def evaluate(self, x):
        self.frozen = True
        return super().evaluate(x)


@mistake("HiddenBlock", caught_by="test_each_training_batch_moves_the_running_statistics_once", severity="detail")
class MovedTwice(Pieces):
    """Each training batch moves the running statistics twice.

    How much of the old record should be left after one batch?
    """

    def forward(self, x, training):
        if training:
            self.remember(x)
        return super().forward(x, training)


@mistake("HiddenBlock", caught_by="test_each_training_batch_moves_the_running_statistics_once", severity="detail")
class WeightsExchanged(Pieces):
    """new_weight weighs the old record now.

    What does a new_weight of 1 leave of the old record, and what should it?
    """

    def remember(self, x, weight=1.0):
        a = 1 - self.new_weight
        self.running_mean = (1 - a) * self.running_mean + a * x.mean(axis=0)
        self.running_var = (1 - a) * self.running_var + a * x.var(axis=0)


@mistake("HiddenBlock", caught_by="test_each_training_batch_moves_the_running_statistics_once", severity="detail")
class UnbiasedRecord(Pieces):
    """The variance that is stored is divided by N - 1.

    Which of the two variances does the docstring name?
    """

    def remember(self, x, weight=1.0):
        a, n = self.new_weight, len(x)
        self.running_mean = (1 - a) * self.running_mean + a * x.mean(axis=0)
        self.running_var = (1 - a) * self.running_var + a * x.var(axis=0) * n / max(n - 1, 1)


@mistake("HiddenBlock", caught_by="test_each_training_batch_moves_the_running_statistics_once", severity="detail")
class LargeBatchesWeighMore(Pieces):
    """The weight of a batch grows with its size.

    What does the docstring call the weight of a batch?
    """

    def remember(self, x, weight=1.0):
        super().remember(x, weight * min(len(x) / 5, 1 / self.new_weight))


@mistake("HiddenBlock", caught_by="test_each_training_batch_moves_the_running_statistics_once", severity="detail")
class SharedRecord(Pieces):
    """The running statistics belong to the class, so that all blocks share them.

    A network has two such blocks. Whose batches does the first one remember?
    """

    def __init__(self, *args, **settings):
        super().__init__(*args, **settings)
        self.share()

    def remember(self, x, weight=1.0):
        super().remember(x, weight)
        self.share()

    def share(self):
        for name in ("running_mean", "running_var"):
            setattr(type(self), name, self.__dict__.pop(name))


@mistake("HiddenBlock", caught_by="test_training_drops_and_makes_up_for_it", severity="detail")
class WithoutDropout(Pieces):
    """Nothing is dropped any more, in training either.

    Was it dropout that made two evaluations differ?
    """

    def mask(self, shape):
        return np.ones(shape)


@mistake("HiddenBlock", caught_by="test_training_drops_and_makes_up_for_it", severity="detail")
class DropsWholeUnits(Pieces):
    """A unit is dropped for all examples of the batch or for none.

    For how many numbers does dropout make a choice of its own?
    """

    def mask(self, shape):
        return np.ones(shape) * super().mask(shape[1:])


@mistake("HiddenBlock", caught_by="test_training_drops_and_makes_up_for_it", severity="detail")
class DropsWholeExamples(Pieces):
    """An example loses all of its units or none.

    For how many numbers does dropout make a choice of its own?
    """

    def mask(self, shape):
        return np.ones(shape) * super().mask((shape[0], 1))


@mistake("HiddenBlock", caught_by="test_training_drops_and_makes_up_for_it", severity="detail")
class DropsTheSameAgain(Pieces):
    """What is dropped is drawn for the first batch and kept for all others of its size.

    Which units learn nothing, however many batches there are?
    """

    kept = None

    def mask(self, shape):
        if self.kept is None or self.kept.shape != shape:
            self.kept = super().mask(shape)
        return self.kept


@mistake("HiddenBlock", caught_by="test_training_drops_and_makes_up_for_it", severity="detail")
class DropsAnExactShare(Pieces):
    """Of each batch exactly the share rate is dropped.

    If all choices but one are known, what is known of that one?
    """

    def mask(self, shape):
        ranks = self.rng.permutation(int(np.prod(shape))).reshape(shape)
        return (ranks >= self.rate * ranks.size) / (1 - self.rate)


@mistake("HiddenBlock", caught_by="test_training_drops_and_makes_up_for_it", severity="detail")
class DropsGlobally(Pieces):
    """What is dropped is drawn by NumPy's global generator.

    Does the same rng drop the same numbers?
    """

    def mask(self, shape):
        return (np.random.random(shape) >= self.rate) / (1 - self.rate)


@mistake("HiddenBlock", caught_by="test_evaluation_follows_the_running_statistics", severity="concept")
class DropsInEvaluation(Pieces):
    """The running statistics stay as they are, but evaluation drops numbers.

    Should two evaluations of the same example agree?
    """

    def evaluate(self, x):
        return self.through(x, self.running_mean, self.running_var, True)


@mistake("HiddenBlock", caught_by="test_evaluation_follows_the_running_statistics", severity="detail")
class ScaledInEvaluation(Pieces):
    """Evaluation multiplies its outputs by 1 - rate, although training has already made up for what it drops.

    Which of the two forms of dropout does the docstring describe?
    """

    def evaluate(self, x):
        return super().evaluate(x) * (1 - self.rate)


@mistake("HiddenBlock", caught_by="test_training_drops_and_makes_up_for_it", severity="detail")
class NotMadeUpFor(Pieces):
    """What stays in training is no longer divided by 1 - rate.

    How large is an output of training on average, beside one of evaluation?
    """

    def mask(self, shape):
        return (self.rng.random(shape) >= self.rate) * 1.0


@mistake("HiddenBlock", caught_by="test_training_drops_and_makes_up_for_it", severity="concept")
class KeptForDropped(Pieces):
    """The share rate is kept, and the rest is dropped.

    What does a rate of 0 mean?
    """

    def mask(self, shape):
        return (self.rng.random(shape) < self.rate) / max(self.rate, 1e-9)


@mistake("HiddenBlock", caught_by="test_evaluation_follows_the_running_statistics", severity="detail")
class WithoutReLU(Pieces):
    """Evaluation returns early, before ReLU.

    What else has to happen to x in evaluation?
    """

    def evaluate(self, x):
        return self.gamma * (x - self.running_mean) / np.sqrt(self.running_var + self.eps) + self.beta


@mistake("HiddenBlock", caught_by="test_evaluation_follows_the_running_statistics", severity="detail")
class WithoutGamma(Pieces):
    """Evaluation forgets gamma and beta.

    What has training taught them?
    """

    def evaluate(self, x):
        return np.maximum((x - self.running_mean) / np.sqrt(self.running_var + self.eps), 0)


@mistake("HiddenBlock", caught_by="test_evaluation_follows_the_running_statistics", severity="detail")
class EpsOutside(Pieces):
    """In evaluation eps is added outside the root.

    Is eps added to a variance or to a standard deviation?
    """

    def evaluate(self, x):
        z = self.gamma * (x - self.running_mean) / (np.sqrt(self.running_var) + self.eps) + self.beta
        return np.maximum(z, 0)


@mistake("HiddenBlock", caught_by="test_training_normalises_by_the_batch", severity="concept")
class ByTheRecordInTraining(Pieces):
    """Training normalises by the running statistics too.

    Which statistics does the docstring name for training?
    """

    def forward(self, x, training):
        if training:
            self.remember(x)
            return self.through(x, self.running_mean, self.running_var, True)
        return self.evaluate(x)


@mistake("HiddenBlock", caught_by="test_gradients_go_through_the_block", severity="detail")
class StatisticsAsConstants(Pieces):
    """The gradient no longer runs through mean and variance of the batch.

    What do the entries of dx of one unit add up to, and what should they?
    """

    def backward(self, dout):
        super().backward(dout)
        return dout * self.gate * self.gamma / self.root


@mistake("HiddenBlock", caught_by="test_gradients_go_through_the_block", severity="detail")
class DropoutForgottenBackwards(Pieces):
    """backward goes through ReLU, but not through dropout.

    How much does an output that was dropped depend on x?
    """

    def through(self, x, mean, var, drops):
        out = super().through(x, mean, var, drops)
        self.gate = (self.gamma * self.x_hat + self.beta > 0) * 1.0
        return out


@mistake("HiddenBlock", caught_by="test_gradients_go_through_the_block", severity="detail")
class NotMadeUpForBackwards(Pieces):
    """backward stops at what was dropped, but does not divide by 1 - rate.

    By which factor did the numbers that stayed become larger on the way up?
    """

    def backward(self, dout):
        self.gate = (self.gate > 0) * 1.0
        return super().backward(dout)


@mistake("HiddenBlock", caught_by="test_gradients_go_through_the_block", severity="detail")
class SharedMemory(Pieces):
    """What backward needs of the forward pass is kept in the class, so that all blocks share it.

    A network has two such blocks. Whose batch does the first one meet on the way back?
    """

    def through(self, x, mean, var, drops):
        out = super().through(x, mean, var, drops)
        type(self).kept = self.gate, self.x_hat, self.root
        return out

    def backward(self, dout):
        self.gate, self.x_hat, self.root = type(self).kept
        return super().backward(dout)


@mistake("HiddenBlock", caught_by="test_a_block_leaves_its_arguments_alone", severity="robustness")
class CentredWhereItLies(Pieces):
    """The mean is taken away from x itself.

    Whose array is x, and may its owner still need it?
    """

    def through(self, x, mean, var, drops):
        x -= mean
        return super().through(x, 0.0, var, drops)


@right_answer("HiddenBlock")
class GateInSinglePrecision(Pieces):
    """Keeps the gate in single precision, and draws only for the units that are open."""

    def through(self, x, mean, var, drops):
        self.root = np.sqrt(var + self.eps)
        self.x_hat = (x - mean) / self.root
        z = self.gamma * self.x_hat + self.beta
        self.gate = (z > 0).astype(np.float32)
        if drops and self.rate > 0:
            self.gate[self.gate > 0] = self.mask(int(self.gate.sum()))
        return z * self.gate


@right_answer("HiddenBlock")
class EvaluatesInOneLine(Pieces):
    """Returns early in evaluation, and touches nothing in the block."""

    def forward(self, x, training):
        if not training:
            slope = self.gamma / np.sqrt(self.running_var + self.eps)
            return np.clip(slope * x + (self.beta - slope * self.running_mean), 0, None)
        return super().forward(x, training)


@right_answer("HiddenBlock")
class PutsItBack(Pieces):
    """Makes the output by the old record, and puts the record back after it has moved."""

    def forward(self, x, training):
        kept = self.running_mean.copy(), self.running_var.copy()
        self.remember(x)
        if training:
            return self.through(x, x.mean(axis=0), x.var(axis=0), True)
        self.running_mean, self.running_var = kept
        return self.through(x, *kept, False)


@right_answer("HiddenBlock")
class MovesByAWeightOfZero(Pieces):
    """Moves the record in place by a weight that is 0 in evaluation; drops with the complementary draw."""

    def forward(self, x, training):
        a = self.new_weight * float(training)
        mean, var = x.mean(axis=0), np.square(x - x.mean(axis=0)).mean(axis=0)
        self.running_mean += a * (mean - self.running_mean)
        self.running_var += a * (var - self.running_var)
        return self.through(x, *((mean, var) if training else (self.running_mean, self.running_var)), training)

    def mask(self, shape):
        return np.where(self.rng.random(shape) < 1 - self.rate, 1 / (1 - self.rate), 0.0)


@probe("HiddenBlock")
def probe_hidden_block(student, look, rng):
    batches = [rng.normal(3, 2, (5, 3)) for _ in range(4)]
    x, dout = rng.normal(2, 2, (4, 3)), rng.normal(0, 1, (5, 3))

    def block(rate=0.0):
        made = student.HiddenBlock(3, rate, np.random.default_rng(4), 0.3, 0.5)
        set_attr(made, "gamma", np.array([2.0, -1.5, 0.7]))
        set_attr(made, "beta", np.array([1.0, 2.0, 0.5]))
        return made

    def after(*shows, rate=0.0, training=2, first=None):
        made = block(rate)
        for batch in batches[:training] if first is None else [first]:
            made.forward(batch, True)
        seen = [made.forward(show, False) for show in shows]
        return [*seen[-1:], made.running_mean, made.running_var]

    def by_default():
        made = student.HiddenBlock(3, 0.0, np.random.default_rng(4))
        return [made.forward(1e-3 * batches[0], True), made.running_mean]

    look("as handed out", by_default)
    look("training only", after)
    look("one evaluation", lambda: after(x))
    look("one evaluation, without training", lambda: after(x, training=0))
    look("a single example", lambda: after(x[:1]))
    look("after another batch", lambda: after(x + 20.0, x))
    look("after another example", lambda: after(x[:1] + 20.0, x))
    look("evaluation at a rate of 0.4", lambda: after(x, rate=0.4))

    def between():
        made = block()
        made.forward(batches[0], True)
        made.forward(x, False)
        out = made.forward(batches[1], True)
        return [out, made.running_mean, made.running_var]

    look("training between evaluations", between)

    def dropped():
        made = block(0.3)
        return made.forward(np.repeat(batches[0], 400, axis=0), True)

    plain = look("training at rate 0", lambda: block().forward(batches[0], True))
    look("the same generator", lambda: bool(np.array_equal(dropped(), dropped())))
    look("share that is dropped", lambda: [float(np.mean(np.array(dropped())[:, 0] == 0))], band=0.04)
    look("two units of one example", lambda: [float(np.mean((np.array(dropped()) == 0).all(axis=1)))], band=0.04)

    def twice():
        made = block(0.3)
        return bool(np.array_equal(*(made.forward(np.repeat(batches[0], 40, axis=0), True) for _ in range(2))))

    look("the same batch again", twice)
    look("size of what stays", lambda: [float(np.array(dropped()).max() / max(np.array(plain).max(), 1e-9))], band=1e-6)

    def gradients():
        made = block()
        made.forward(batches[0], True)
        return [made.backward(dout), made.dgamma, made.dbeta]

    look("gradients", gradients)

    def beside_another():
        made, other = block(), block()
        made.forward(batches[0], True)
        other.forward(batches[1], True)
        return [made.running_mean, made.backward(dout)]

    look("another block between", beside_another)
    look("a small batch", lambda: after(first=batches[0][:2]))

    def many(seed):
        made = student.HiddenBlock(3, 0.3, np.random.default_rng(seed))
        set_attr(made, "beta", np.full(3, 9.0))
        x = np.repeat(batches[0], 40, axis=0)
        out = np.array(made.forward(x, True))
        return out, np.array(made.backward(np.ones(x.shape))), np.array(made.dbeta)

    look("number that is dropped", lambda: all(abs(int((many(seed)[0] == 0).sum()) - 180) < 2 for seed in range(4)))

    def passed_back():
        out, _, dbeta = many(4)
        return [dbeta / np.maximum((out != 0).sum(axis=0), 1)]

    look("gradients at rate 0.3", passed_back)


# prepare


def pooled(X, y, copies, augment):
    return np.concatenate([X, *(augment(X) for _ in range(copies))]), np.tile(y, copies + 1)


def apart(pool, labels, val):
    return pool[~val], labels[~val], pool[val], labels[val]


@mistake("prepare", caught_by="test_an_image_and_its_copies_stay_together", severity="trivial")
def torn_as_handed_out(X, y, copies, augment, rng):
    """The pool is taken for a row of blocks, one for each image with its copies.

    In which order do the images and their copies stand in the pool?
    """
    pool, labels = pooled(X, y, copies, augment)
    image = np.arange(len(pool)) // (copies + 1)
    return apart(pool, labels, np.isin(image, rng.choice(len(X), len(X) // 4, replace=False)))


@mistake("prepare", caught_by="test_an_image_and_its_copies_stay_together", severity="trivial")
def rows_drawn_at_random(X, y, copies, augment, rng):
    """The rows of the pool are divided at random, without a look at the images that they come from.

    Where are the nine copies of an image of the validation part?
    """
    pool, labels = pooled(X, y, copies, augment)
    val = np.zeros(len(pool), dtype=bool)
    val[rng.permutation(len(pool))[: len(X) // 4 * (copies + 1)]] = True
    return apart(pool, labels, val)


@mistake("prepare", caught_by="test_an_image_and_its_copies_stay_together", severity="trivial")
def shuffled_first(X, y, copies, augment, rng):
    """The pool is shuffled first, and blocks of the shuffled pool are kept together.

    What is in such a block?
    """
    pool, labels = pooled(X, y, copies, augment)
    order = rng.permutation(len(pool))
    image = np.arange(len(pool)) // (copies + 1)
    return apart(pool[order], labels[order], np.isin(image, rng.choice(len(X), len(X) // 4, replace=False)))


@mistake("prepare", caught_by="test_an_image_and_its_copies_stay_together", severity="trivial")
def originals_held_out(X, y, copies, augment, rng):
    """The images of the validation part are held out, but their copies are trained with.

    What does a network know of an image whose copies it has seen?
    """
    pool, labels = pooled(X, y, copies, augment)
    val = np.isin(np.arange(len(pool)), rng.choice(len(X), len(X) // 4, replace=False))
    return apart(pool, labels, val)


@mistake("prepare", caught_by="test_every_version_is_in_one_of_the_parts", severity="detail")
def validation_without_copies(X, y, copies, augment, rng):
    """The images are kept apart, but the copies of the validation images are thrown away.

    What belongs to the validation part according to the docstring?
    """
    held_out = np.isin(np.arange(len(X)), rng.choice(len(X), len(X) // 4, replace=False))
    pool, labels = pooled(X[~held_out], y[~held_out], copies, augment)
    return pool, labels, X[held_out], y[held_out]


@mistake("prepare", caught_by="test_every_version_is_in_one_of_the_parts", severity="detail")
def no_copies_at_all(X, y, copies, augment, rng):
    """Nothing can be torn any more, because no copies are made.

    What was the data set enlarged for?
    """
    return apart(X, y, np.isin(np.arange(len(X)), rng.choice(len(X), len(X) // 4, replace=False)))


@mistake("prepare", caught_by="test_every_version_is_in_one_of_the_parts", severity="detail")
def training_without_originals(X, y, copies, augment, rng):
    """The training part holds the copies only.

    Which versions of an image are there?
    """
    image = np.tile(np.arange(len(X)), copies + 1)
    pool, labels = pooled(X, y, copies, augment)
    val = np.isin(image, rng.choice(len(X), len(X) // 4, replace=False))
    left = ~val & (np.arange(len(pool)) >= (len(X) if copies else 0))
    return pool[left], labels[left], pool[val], labels[val]


@mistake("prepare", caught_by="test_every_version_is_in_one_of_the_parts", severity="detail")
def the_same_copy_again(X, y, copies, augment, rng):
    """One changed copy of each image is made and then repeated.

    What does augment give in its second call?
    """
    changed = augment(X)
    pool, labels = pooled(X, y, copies, lambda _: changed)
    image = np.tile(np.arange(len(X)), copies + 1)
    return apart(pool, labels, np.isin(image, rng.choice(len(X), len(X) // 4, replace=False)))


@mistake("prepare", caught_by="test_every_version_is_in_one_of_the_parts", severity="detail")
def copies_of_copies(X, y, copies, augment, rng):
    """Each copy is made of the copy before.

    Of what is a changed copy made?
    """
    versions = [X]
    for _ in range(copies):
        versions.append(augment(versions[-1]))
    image = np.tile(np.arange(len(X)), copies + 1)
    val = np.isin(image, rng.choice(len(X), len(X) // 4, replace=False))
    return apart(np.concatenate(versions), np.tile(y, copies + 1), val)


@mistake("prepare", caught_by="test_every_version_is_in_one_of_the_parts", severity="detail")
def one_copy_too_many(X, y, copies, augment, rng):
    """There is one copy more than was asked for.

    How many versions of an image are there in all?
    """
    pool, labels = pooled(X, y, copies + 1, augment)
    image = np.arange(len(pool)) % len(X)
    return apart(pool, labels, np.isin(image, rng.choice(len(X), len(X) // 4, replace=False)))


@mistake("prepare", caught_by="test_every_version_is_in_one_of_the_parts", severity="detail")
def parts_exchanged(X, y, copies, augment, rng):
    """The parts come back in the wrong order.

    Which of the two parts is the larger one?
    """
    pool, labels = pooled(X, y, copies, augment)
    image = np.arange(len(pool)) % len(X)
    return apart(pool, labels, ~np.isin(image, rng.choice(len(X), len(X) // 4, replace=False)))


@mistake("prepare", caught_by="test_every_version_is_in_one_of_the_parts", severity="detail")
def half_held_out(X, y, copies, augment, rng):
    """Half of the images are held out.

    How large is the validation part according to the docstring?
    """
    pool, labels = pooled(X, y, copies, augment)
    image = np.arange(len(pool)) % len(X)
    return apart(pool, labels, np.isin(image, rng.choice(len(X), max(len(X) // 2, 1), replace=False)))


@mistake("prepare", caught_by="test_every_version_is_in_one_of_the_parts", severity="detail")
def rounded_up(X, y, copies, augment, rng):
    """The quarter is rounded up.

    How many of 7 images are held out?
    """
    pool, labels = pooled(X, y, copies, augment)
    image = np.arange(len(pool)) % len(X)
    return apart(pool, labels, np.isin(image, rng.choice(len(X), -(-len(X) // 4), replace=False)))


@mistake("prepare", caught_by="test_every_row_keeps_its_label", severity="concept")
def labels_in_the_old_order(X, y, copies, augment, rng):
    """Images and copies stand in blocks now, but the labels still in the order of before.

    Which label has the second row of the pool?
    """
    versions = [X, *(augment(X) for _ in range(copies))]
    pool = np.stack(versions, axis=1).reshape(-1, X.shape[1])
    image = np.arange(len(pool)) // (copies + 1)
    val = np.isin(image, rng.choice(len(X), len(X) // 4, replace=False))
    return apart(pool, np.tile(y, copies + 1), val)


@mistake("prepare", caught_by="test_every_row_keeps_its_label", severity="concept")
def labels_repeated(X, y, copies, augment, rng):
    """The labels stand in blocks now, and the images are in the order of before.

    Which label has the second row of the pool?
    """
    pool = pooled(X, y, copies, augment)[0]
    image = np.arange(len(pool)) // (copies + 1)
    val = np.isin(image, rng.choice(len(X), len(X) // 4, replace=False))
    return apart(pool, np.repeat(y, copies + 1), val)


@mistake("prepare", caught_by="test_every_row_keeps_its_label", severity="concept")
def labels_in_blocks(X, y, copies, augment, rng):
    """No image is torn any more, but the labels stand in blocks, which the images do not.

    Which label has the second row of the pool?
    """
    pool = pooled(X, y, copies, augment)[0]
    val = np.isin(np.arange(len(pool)) % len(X), rng.choice(len(X), len(X) // 4, replace=False))
    return apart(pool, np.repeat(y, copies + 1), val)


@mistake("prepare", caught_by="test_every_row_keeps_its_label", severity="concept")
def labels_of_all(X, y, copies, augment, rng):
    """Images and labels are shuffled by orders of their own at the end.

    Which label belongs to the first row?
    """
    pool, labels = pooled(X, y, copies, augment)
    val = np.isin(np.arange(len(pool)) % len(X), rng.choice(len(X), len(X) // 4, replace=False))
    X_train, y_train, X_val, y_val = apart(pool, labels, val)
    return rng.permutation(X_train), rng.permutation(y_train), X_val, y_val


@mistake("prepare", caught_by="test_chance_is_left_to_rng_and_fair", severity="detail")
def the_first_quarter(X, y, copies, augment, rng):
    """The first quarter of the images is held out, whatever the generator says.

    What if the images are sorted by class?
    """
    pool, labels = pooled(X, y, copies, augment)
    return apart(pool, labels, np.arange(len(pool)) % len(X) < len(X) // 4)


@mistake("prepare", caught_by="test_chance_is_left_to_rng_and_fair", severity="detail")
def the_last_is_never_drawn(X, y, copies, augment, rng):
    """The last image never comes into validation.

    From which numbers does the generator choose?
    """
    pool, labels = pooled(X, y, copies, augment)
    image = np.arange(len(pool)) % len(X)
    return apart(pool, labels, np.isin(image, rng.choice(len(X) - 1, len(X) // 4, replace=False)))


@mistake("prepare", caught_by="test_chance_is_left_to_rng_and_fair", severity="detail")
def neighbours_held_out(X, y, copies, augment, rng):
    """Images that stand one after the other are held out, from a place drawn at random.

    Is the last image as likely as any other?
    """
    pool, labels = pooled(X, y, copies, augment)
    first = int(rng.integers(max(len(X) - len(X) // 4, 1)))
    image = np.arange(len(pool)) % len(X)
    return apart(pool, labels, (image >= first) & (image < first + len(X) // 4))


@mistake("prepare", caught_by="test_chance_is_left_to_rng_and_fair", severity="detail")
def seed_of_its_own(X, y, copies, augment, rng):
    """The images are drawn by a generator with a fixed seed.

    What does the argument rng do then?
    """
    pool, labels = pooled(X, y, copies, augment)
    image = np.arange(len(pool)) % len(X)
    held_out = np.random.default_rng(0).choice(len(X), len(X) // 4, replace=False)
    return apart(pool, labels, np.isin(image, held_out))


@mistake("prepare", caught_by="test_chance_is_left_to_rng_and_fair", severity="detail")
def drawn_globally(X, y, copies, augment, rng):
    """The images are drawn by NumPy's global generator.

    Does the same rng give the same parts?
    """
    pool, labels = pooled(X, y, copies, augment)
    image = np.arange(len(pool)) % len(X)
    return apart(pool, labels, np.isin(image, np.random.permutation(len(X))[: len(X) // 4]))


@mistake("prepare", caught_by="test_chance_is_left_to_rng_and_fair", severity="detail")
def seeded_globally(X, y, copies, augment, rng):
    """NumPy's global generator is seeded by rng, and then draws the images.

    What happens to the draws of everybody else in the program?
    """
    np.random.seed(int(rng.integers(2**31)))
    pool, labels = pooled(X, y, copies, augment)
    image = np.arange(len(pool)) % len(X)
    return apart(pool, labels, np.isin(image, np.random.permutation(len(X))[: len(X) // 4]))


@mistake("prepare", caught_by="test_chance_is_left_to_rng_and_fair", severity="detail")
def dealt_out_by_class(X, y, copies, augment, rng):
    """Each class gives its share to validation, so that not every set of images can be drawn.

    Can all images of one class come into validation by chance, and can they here?
    """
    order = rng.permutation(len(X))
    order = order[np.argsort(y[order], kind="stable")]
    places = (np.arange(len(X) // 4) * len(X)) // max(len(X) // 4, 1) + rng.integers(len(X))
    pool, labels = pooled(X, y, copies, augment)
    return apart(pool, labels, np.isin(np.arange(len(pool)) % len(X), order[places % len(X)]))


@mistake("prepare", caught_by="test_every_version_is_in_one_of_the_parts", severity="detail")
def drawn_with_replacement(X, y, copies, augment, rng):
    """An image may be drawn twice for validation, and then there are fewer.

    How many different images does such a draw give?
    """
    pool, labels = pooled(X, y, copies, augment)
    image = np.arange(len(pool)) % len(X)
    return apart(pool, labels, np.isin(image, rng.choice(len(X), len(X) // 4)))


@mistake("prepare", caught_by="test_preparing_leaves_images_and_labels_alone", severity="robustness")
def images_shuffled_in_place(X, y, copies, augment, rng):
    """The images and labels that were passed in are put into another order.

    Whose arrays are they, and may their owner still need their order?
    """
    order = rng.permutation(len(X))
    if X.flags.writeable and y.flags.writeable:
        X[:], y[:] = X[order], y[order]
    else:
        X, y = X[order], y[order]
    pool, labels = pooled(X, y, copies, augment)
    return apart(pool, labels, np.arange(len(pool)) % len(X) < len(X) // 4)


@mistake("prepare", caught_by="test_images_of_every_kind_are_split", severity="robustness")
def shuffled_where_they_lie(X, y, copies, augment, rng):
    """The images are written to, so that those which are read-only raise an error.

    Which arrays may be changed?
    """
    X[...] = X + 0.0
    pool, labels = pooled(X, y, copies, augment)
    image = np.arange(len(pool)) % len(X)
    return apart(pool, labels, np.isin(image, rng.choice(len(X), len(X) // 4, replace=False)))


@right_answer("prepare")
def split_before_copying(X, y, copies, augment, rng):
    """Divides the images first, and enlarges each part on its own."""
    order = rng.permutation(len(X))
    parts = []
    for rows in (order[len(X) // 4 :], order[: len(X) // 4]):
        parts += [np.vstack([X[rows]] + [augment(X[rows]) for _ in range(copies)]), np.tile(y[rows], copies + 1)]
    return tuple(parts)


@right_answer("prepare")
def in_blocks(X, y, copies, augment, rng):
    """Puts an image and its copies one after the other, with labels and numbers repeated."""
    versions = [np.asarray(X, dtype=float)] + [augment(X) for _ in range(copies)]
    pool = np.stack(versions, axis=1).reshape(len(X) * (copies + 1), -1)
    labels, image = np.repeat(y, copies + 1), np.repeat(np.arange(len(X)), copies + 1)
    held_out = set(rng.permutation(len(X))[: len(X) // 4].tolist())
    val = np.array([i in held_out for i in image])
    return [pool[np.logical_not(val)], labels[np.logical_not(val)], pool[val], labels[val]]


@right_answer("prepare")
def image_by_image(X, y, copies, augment, rng):
    """Collects the versions of one image after the other, asks for copies one by one, and shuffles at the end."""
    ranks = rng.random(len(X)).argsort()
    train, val = [], []
    for place, i in enumerate(ranks):
        into = val if place < len(X) // 4 else train
        into.append((X[i], y[i]))
        into.extend((augment(X[i : i + 1])[0], y[i]) for _ in range(copies))
    found = []
    for part in (train, val):
        order = rng.permutation(len(part))
        found += [np.array([part[k][0] for k in order]), np.array([part[k][1] for k in order])]
    return tuple(found)


@probe("prepare")
def probe_prepare(student, look, rng):
    noise = rng.uniform(0.01, 0.5, 1000)

    def made(n, copies, seed=1, frozen=False):
        calls = []

        def augment(X):
            X = np.array(X, dtype=float)
            calls.append(len(X))
            return X + np.column_stack([np.zeros(len(X)), np.ones(len(X)), noise[sum(calls) - len(X) : sum(calls)]])

        X, y = np.column_stack([10.0 * np.arange(n), np.zeros(n), np.zeros(n)]), np.arange(n) % 3
        X.flags.writeable = not frozen
        return [np.array(each) for each in student.prepare(X, y, copies, augment, np.random.default_rng(seed))]

    def summary(n, copies, seed=1, frozen=False):
        X_train, y_train, X_val, y_val = made(n, copies, seed, frozen)
        found = []
        for X, y in ((X_train, y_train), (X_val, y_val)):
            image = np.round(X[:, 0] / 10).astype(int)
            found.append([len(X), len(set(image.tolist())), int((X[:, 1] == 0).sum()), int((X[:, 1] > 1).sum())])
            found.append([len(np.unique(X[:, 2])), int(np.sum(image % 3 != y) > 0)])
        both = set(np.round(X_train[:, 0]).tolist()) & set(np.round(X_val[:, 0]).tolist())
        return [*found, len(both) > 0, float(len(both) > n / 2)]

    def held(n, seed):
        return sorted(set(np.round(made(n, 1, seed)[2][:, 0] / 10).astype(int).tolist()))

    n, copies = int(rng.integers(8, 24)), int(rng.integers(1, 4))
    values, y = rng.normal(0, 1, (n, 2)), rng.integers(0, 9, n)

    def totals():
        parts = student.prepare(values, y, copies, lambda X: X + 1.0, np.random.default_rng(5))
        return [float(np.sum(parts[0]) + np.sum(parts[2])), float(np.sum(parts[1]) + np.sum(parts[3]))]

    look("everything added up", totals)
    look("12 images, 3 copies", lambda: summary(12, 3))
    look("11 images, 2 copies", lambda: summary(11, 2))
    look("7 images, 1 copy", lambda: summary(7, 1))
    look("no copies", lambda: summary(8, 0))
    look("read-only", lambda: summary(8, 1, frozen=True))
    look("as few as 4", lambda: summary(4, 1))
    look("the same seed", lambda: held(30, 3) == held(30, 3))
    look("another seed", lambda: held(30, 3) == held(30, 4))
    look("the first ones", lambda: held(40, 5) == list(range(10)))
    look("neighbours", lambda: bool(np.ptp(held(40, 5)) == 9))
    look("classes", lambda: float(np.sum([np.bincount(np.array(held(40, s)) % 3).max() > 4 for s in range(20)])) > 0)

    def global_draw():
        np.random.seed(5)
        held(8, 3)
        return float(np.random.random())

    look("the global generator afterwards", global_draw)
    look("the last one", lambda: any(3 in held(4, seed) for seed in range(40)))

    def labels_of_an_image():
        X, y = np.column_stack([10.0 * np.arange(12), np.zeros(12)]), np.arange(12)
        parts = student.prepare(X, y, 3, lambda X: X + 1.0, np.random.default_rng(3))
        image = np.round(np.concatenate([parts[0], parts[2]])[:, 0] / 10).astype(int)
        labels = np.concatenate([parts[1], parts[3]])
        return [float(np.mean([np.ptp(labels[image == i]) for i in range(12)]))]

    look("labels of an image", labels_of_an_image)


# train_with_patience


class Adam:
    """Adam that returns new arrays, for the entries below."""

    def __init__(self, lr, beta1=0.9, beta2=0.999, eps=1e-7):
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.s, self.r, self.t = {}, {}, 0

    def step(self, params, grads):
        self.t += 1
        new = {}
        for name, g in grads.items():
            self.s[name] = self.beta1 * self.s.get(name, 0.0) + (1 - self.beta1) * g
            self.r[name] = self.beta2 * self.r.get(name, 0.0) + (1 - self.beta2) * g**2
            s_hat = self.s[name] / (1 - self.beta1**self.t)
            r_hat = self.r[name] / (1 - self.beta2**self.t)
            new[name] = params[name] - self.lr * s_hat / (np.sqrt(r_hat) + self.eps)
        return new


def copied(params):
    return {name: np.array(value, dtype=float) for name, value in params.items()}


def put_in(params, new):
    """Change the arrays of a dict in place."""
    for name, value in new.items():
        params[name][...] = value


def run_of(params, gradients, validate, lr, patience, most, keep=copied, optimiser=None, better=None, give=None):
    """The loop, in place, with pieces to replace: how to keep, step, compare and give back."""
    optimiser, better = optimiser or Adam(lr), better or (lambda loss, lowest: loss < lowest)
    params = copied(params)
    best, lowest, waited, losses = keep(params), np.inf, 0, []
    for _ in range(most):
        put_in(params, optimiser.step(params, gradients(params)))
        losses.append(float(validate(params)))
        waited += 1
        if better(losses[-1], lowest):
            best, lowest, waited = keep(params), losses[-1], 0
        if waited == patience:
            break
    return (give or (lambda best, params: best))(best, params), losses


@mistake("train_with_patience", caught_by="test_the_parameters_of_the_best_epoch_come_back", severity="trivial")
def dict_copied(params, gradients, validate, lr, patience, most):
    """What comes back are the last parameters: what was put aside went on changing with the run.

    Which arrays does best hold after the next step?
    """
    return run_of(params, gradients, validate, lr, patience, most, keep=dict)


@mistake("train_with_patience", caught_by="test_the_parameters_of_the_best_epoch_come_back", severity="trivial")
def less_patience(params, gradients, validate, lr, patience, most):
    """The run stops at the first epoch that is no improvement, so that less can change.

    What comes back from a run that gets better again after one bad epoch?
    """
    return run_of(params, gradients, validate, lr, 1, most, keep=dict)


@mistake("train_with_patience", caught_by="test_ties_and_nan_are_no_improvement", severity="detail")
def start_not_copied(params, gradients, validate, lr, patience, most):
    """The best epoch is copied, but what is put aside before the first one goes on changing.

    What comes back from a run that never finds a lowest loss?
    """
    kept = []

    def keep(params):
        kept.append(params)
        return copied(params) if len(kept) > 1 else dict(params)

    return run_of(params, gradients, validate, lr, patience, most, keep=keep)


@mistake("train_with_patience", caught_by="test_the_parameters_of_the_best_epoch_come_back", severity="concept")
def only_the_largest_array(params, gradients, validate, lr, patience, most):
    """The largest array is copied, the others go on changing.

    How many arrays are there?
    """
    largest = max(params, key=lambda name: params[name].size)
    keep = lambda params: params | {largest: params[largest].copy()}  # noqa: E731
    return run_of(params, gradients, validate, lr, patience, most, keep=keep)


@mistake("train_with_patience", caught_by="test_the_parameters_of_the_best_epoch_come_back", severity="concept")
def copied_once(params, gradients, validate, lr, patience, most):
    """A copy is made at the first improvement and never again.

    What is best after the second improvement?
    """
    first = []

    def keep(params):
        if len(first) < 2:
            first.append(copied(params))
        return first[-1]

    return run_of(params, gradients, validate, lr, patience, most, keep=keep)


@mistake("train_with_patience", caught_by="test_the_parameters_of_the_best_epoch_come_back", severity="concept")
def copied_before_the_step(params, gradients, validate, lr, patience, most):
    """What is kept are the parameters before the step that led to the best loss.

    Which parameters did validate see?
    """
    optimiser, params = Adam(lr), copied(params)
    best, lowest, waited, losses = copied(params), np.inf, 0, []
    for _ in range(most):
        before = copied(params)
        put_in(params, optimiser.step(params, gradients(params)))
        losses.append(float(validate(params)))
        waited += 1
        if losses[-1] < lowest:
            best, lowest, waited = before, losses[-1], 0
        if waited == patience:
            break
    return best, losses


@mistake("train_with_patience", caught_by="test_the_parameters_of_the_best_epoch_come_back", severity="concept")
def first_parameters_returned(params, gradients, validate, lr, patience, most):
    """The parameters that the run started from come back.

    What is the loss of what comes back?
    """
    start = copied(params)
    return run_of(params, gradients, validate, lr, patience, most, give=lambda best, params: start)


@mistake("train_with_patience", caught_by="test_the_parameters_of_the_best_epoch_come_back", severity="concept")
def average_returned(params, gradients, validate, lr, patience, most):
    """The average of the best and the last parameters comes back.

    What is the loss of what comes back?
    """
    give = lambda best, params: {name: (best[name] + params[name]) / 2 for name in best}  # noqa: E731
    return run_of(params, gradients, validate, lr, patience, most, give=give)


@mistake("train_with_patience", caught_by="test_ties_and_nan_are_no_improvement", severity="detail")
def ties_improve(params, gradients, validate, lr, patience, most):
    """A loss that equals the lowest counts as an improvement.

    Which of several equal epochs does the docstring name?
    """
    return run_of(params, gradients, validate, lr, patience, most, better=lambda loss, lowest: loss <= lowest)


@mistake("train_with_patience", caught_by="test_ties_and_nan_are_no_improvement", severity="detail")
def nan_improves(params, gradients, validate, lr, patience, most):
    """NaN counts as an improvement.

    What is the answer to a comparison with NaN?
    """
    return run_of(params, gradients, validate, lr, patience, most, better=lambda loss, lowest: not loss >= lowest)


@mistake("train_with_patience", caught_by="test_the_parameters_of_the_best_epoch_come_back", severity="detail")
def nothing_is_below_zero(params, gradients, validate, lr, patience, most):
    """After a loss of exactly 0 every other loss is taken for the lowest.

    Which numbers does Python take for false?
    """
    return run_of(params, gradients, validate, lr, patience, most, better=lambda loss, low: loss < (low or np.inf))


@mistake("train_with_patience", caught_by="test_the_parameters_of_the_best_epoch_come_back", severity="concept")
def start_is_an_epoch(params, gradients, validate, lr, patience, most):
    """The loss of the parameters that the run starts from counts as the first lowest one.

    With what is the loss of the first epoch compared according to the docstring?
    """
    first = [float(validate(params))]
    better = lambda loss, lowest: loss < min(lowest, first[0])  # noqa: E731
    return run_of(params, gradients, validate, lr, patience, most, better=better)


@mistake("train_with_patience", caught_by="test_the_parameters_of_the_best_epoch_come_back", severity="detail")
def small_improvements_ignored(params, gradients, validate, lr, patience, most):
    """A loss counts as an improvement only if it is lower by more than a small threshold.

    Which epoch has the lowest loss?
    """
    return run_of(params, gradients, validate, lr, patience, most, better=lambda loss, lowest: loss < lowest - 2e-4)


@mistake("train_with_patience", caught_by="test_every_epoch_is_one_step_of_adam", severity="detail")
def starts_anew_after_an_improvement(params, gradients, validate, lr, patience, most):
    """After each improvement the averages of Adam start from 0 again.

    What has the validation loss to do with a gradient?
    """
    optimiser = Adam(lr)

    def better(loss, lowest):
        if loss < lowest:
            optimiser.s, optimiser.r, optimiser.t = {}, {}, 0
        return loss < lowest

    return run_of(params, gradients, validate, lr, patience, most, optimiser=optimiser, better=better)


@mistake("train_with_patience", caught_by="test_every_epoch_is_one_step_of_adam", severity="detail")
def late_start_of_t(params, gradients, validate, lr, patience, most):
    """The first step counts as the second.

    By what are the averages divided in the first step?
    """
    optimiser = Adam(lr)
    optimiser.t = 1
    return run_of(params, gradients, validate, lr, patience, most, optimiser=optimiser)


@mistake("train_with_patience", caught_by="test_early_steps_have_the_length_that_adam_gives_them", severity="concept")
def no_bias_correction(params, gradients, validate, lr, patience, most):
    """Adam steps by its averages as they are, without bias correction.

    Both averages start from 0: what is each after one step, beside the gradient and its square?
    """

    class Uncorrected(Adam):
        def step(self, params, grads):
            self.t = 10**6
            return super().step(params, grads)

    return run_of(params, gradients, validate, lr, patience, most, optimiser=Uncorrected(lr))


@mistake("train_with_patience", caught_by="test_early_steps_have_the_length_that_adam_gives_them", severity="concept")
def plain_descent(params, gradients, validate, lr, patience, most):
    """Plain gradient descent stands in the place of Adam.

    Which optimiser does the docstring name?
    """

    class Descent:
        def step(self, params, grads):
            return {name: params[name] - lr * g for name, g in grads.items()}

    return run_of(params, gradients, validate, lr, patience, most, optimiser=Descent())


@mistake("train_with_patience", caught_by="test_every_epoch_is_one_step_of_adam", severity="detail")
def gradients_of_the_best(params, gradients, validate, lr, patience, most):
    """The gradient is taken at the best parameters, and the step starts from the last ones.

    At which parameters does gradient descent ask for the slope?
    """
    optimiser, params = Adam(lr), copied(params)
    best, lowest, waited, losses = copied(params), np.inf, 0, []
    for _ in range(most):
        params = optimiser.step(params, gradients(best))
        losses.append(float(validate(params)))
        waited += 1
        if losses[-1] < lowest:
            best, lowest, waited = copied(params), losses[-1], 0
        if waited == patience:
            break
    return best, losses


@mistake("train_with_patience", caught_by="test_every_epoch_is_one_step_of_adam", severity="detail")
def gradients_array_by_array(params, gradients, validate, lr, patience, most):
    """Gradients are asked for anew for each array, when others have already moved.

    At which parameters are the gradients of one step taken?
    """

    class InTurn(Adam):
        def step(self, params, grads):
            before, new = copied(params), {}
            for name in before:
                self.t -= name != next(iter(before))
                new |= super().step({name: before[name]}, {name: gradients(before | new)[name]})
            return new

    return run_of(params, gradients, validate, lr, patience, most, optimiser=InTurn(lr))


@mistake("train_with_patience", caught_by="test_every_epoch_is_one_step_of_adam", severity="detail")
def gradients_of_the_start(params, gradients, validate, lr, patience, most):
    """All gradients are taken at the parameters that the run started from.

    At which parameters does gradient descent ask for the slope?
    """
    start = copied(params)
    return run_of(params, lambda _: gradients(start), validate, lr, patience, most)


@mistake("train_with_patience", caught_by="test_the_parameters_of_the_best_epoch_come_back", severity="detail")
def lowest_from_a_hundred(params, gradients, validate, lr, patience, most):
    """A loss of 100 or more is never the lowest.

    With what does the first loss have to be compared?
    """
    better = lambda loss, lowest: loss < min(lowest, 100.0)  # noqa: E731
    return run_of(params, gradients, validate, lr, patience, most, better=better)


@mistake("train_with_patience", caught_by="test_every_epoch_is_one_step_of_adam", severity="detail")
def returns_to_the_best(params, gradients, validate, lr, patience, most):
    """After a worse epoch the run goes on from the best parameters.

    From where does a step start?
    """
    optimiser, params = Adam(lr), copied(params)
    best, lowest, waited, losses = copied(params), np.inf, 0, []
    for _ in range(most):
        params = optimiser.step(params, gradients(params))
        losses.append(float(validate(params)))
        waited += 1
        if losses[-1] < lowest:
            best, lowest, waited = copied(params), losses[-1], 0
        else:
            params = copied(best)
        if waited == patience:
            break
    return best, losses


@mistake("train_with_patience", caught_by="test_runs_stop_when_patience_is_at_its_end", severity="detail")
def one_epoch_longer(params, gradients, validate, lr, patience, most):
    """The run goes on for one epoch more than patience allows.

    With a patience of 1, after which epoch does it stop?
    """
    return run_of(params, gradients, validate, lr, patience + 1, most)


@mistake("train_with_patience", caught_by="test_runs_stop_when_patience_is_at_its_end", severity="detail")
def one_epoch_short(params, gradients, validate, lr, patience, most):
    """The run is over one epoch before most.

    How many numbers does your range hold?
    """
    return run_of(params, gradients, validate, lr, patience, most - 1)


@mistake("train_with_patience", caught_by="test_runs_stop_when_patience_is_at_its_end", severity="detail")
def never_stops(params, gradients, validate, lr, patience, most):
    """The right parameters come back, but the run never stops early.

    What is patience for?
    """
    return run_of(params, gradients, validate, lr, most + 1, most)


@mistake("train_with_patience", caught_by="test_runs_stop_when_patience_is_at_its_end", severity="detail")
def patience_is_used_up(params, gradients, validate, lr, patience, most):
    """Epochs without an improvement add up, even if there is one between them.

    What does "in a row" mean?
    """
    optimiser, params = Adam(lr), copied(params)
    best, lowest, waited, losses = copied(params), np.inf, 0, []
    for _ in range(most):
        params = optimiser.step(params, gradients(params))
        losses.append(float(validate(params)))
        if losses[-1] < lowest:
            best, lowest = copied(params), losses[-1]
        else:
            waited += 1
        if waited == patience:
            break
    return best, losses


@mistake("train_with_patience", caught_by="test_runs_stop_when_patience_is_at_its_end", severity="detail")
def patience_starts_anew_too_often(params, gradients, validate, lr, patience, most):
    """An epoch that is better than the one before starts patience anew, even if it is no new lowest loss.

    With which loss does the docstring compare that of an epoch?
    """
    optimiser, params = Adam(lr), copied(params)
    best, lowest, waited, losses = copied(params), np.inf, 0, []
    for _ in range(most):
        params = optimiser.step(params, gradients(params))
        losses.append(float(validate(params)))
        waited = 0 if len(losses) > 1 and losses[-1] < losses[-2] else waited + 1
        if losses[-1] < lowest:
            best, lowest, waited = copied(params), losses[-1], 0
        if waited == patience:
            break
    return best, losses


@mistake("train_with_patience", caught_by="test_training_leaves_the_first_parameters_alone", severity="robustness")
def first_parameters_changed(params, gradients, validate, lr, patience, most):
    """The arrays that were passed in take part in the run.

    Whose arrays are they, and may their owner still need them?
    """
    best, losses = run_of(params, gradients, validate, lr, patience, most)
    for name, value in params.items():
        if value.flags.writeable:
            value[...] = best[name]
    return best, losses


@right_answer("train_with_patience")
def deep_copies(params, gradients, validate, lr, patience, most):
    """Keeps deep copies of the whole dict."""
    return run_of(params, gradients, validate, lr, patience, most, keep=copy.deepcopy)


@right_answer("train_with_patience")
def new_arrays_in_every_step(params, gradients, validate, lr, patience, most):
    """Never changes an array, so that keeping the dict is enough."""
    s, r = dict.fromkeys(params, 0.0), dict.fromkeys(params, 0.0)
    best, lowest, since, losses = dict(params), float("inf"), 0, []
    while len(losses) < most and since < patience:
        grads, t, new = gradients(params), len(losses) + 1, {}
        for name in params:
            s[name] = 0.9 * s[name] + (1 - 0.9) * grads[name]
            r[name] = 0.999 * r[name] + (1 - 0.999) * np.square(grads[name])
            new[name] = params[name] - lr * (s[name] / (1 - 0.9**t)) / ((r[name] / (1 - 0.999**t)) ** 0.5 + 1e-7)
        params = new
        losses.append(validate(params))
        since += 1
        if losses[-1] < lowest:
            best, lowest, since = params, losses[-1], 0
    return best, losses


@right_answer("train_with_patience")
def looked_at_again(params, gradients, validate, lr, patience, most):
    """Asks for the loss of the same parameters again, where another would have kept it."""
    optimiser, params = Adam(lr), dict(params)
    best, lowest, waited, losses = params, np.inf, 0, []
    for _ in range(most):
        params = optimiser.step(params, gradients(params))
        losses.append(float(validate(params)))
        if validate(params) < lowest:
            best, lowest, waited = params, validate(params), 0
        else:
            waited += 1
        if waited == patience:
            break
    return best, losses


@right_answer("train_with_patience")
def all_epochs_kept(params, gradients, validate, lr, patience, most):
    """Keeps every epoch, and looks for the best one when the run is over."""
    optimiser, epochs, losses = Adam(lr), [copied(params)], []
    while len(losses) < most:
        epochs.append(optimiser.step(epochs[-1], gradients(epochs[-1])))
        losses.append(float(validate(epochs[-1])))
        order = [np.inf if np.isnan(loss) else loss for loss in losses]
        best = int(np.argmin(order)) if np.isfinite(min(order)) else -1
        if len(losses) - 1 - best >= patience:
            break
    return epochs[best + 1], losses


@probe("train_with_patience")
def probe_train_with_patience(student, look, rng):
    start = {"W": rng.normal(0, 1, (3, 2)), "b": rng.normal(0, 1, 2)}
    script = [{name: rng.normal(0, 1, value.shape) for name, value in start.items()} for _ in range(12)]

    def slope(params, grads):
        return {"W": grads["W"] + 2.0 * params["W"], "b": grads["b"] + params["W"].sum(axis=0)}

    def run(losses, patience=3, most=9):
        seen, asked = [], []

        def slopes_now(params):
            asked.append(len(seen))
            return slope(params, script[min(len(seen), 11)])

        def validate(params):
            if not asked:
                return -1e99
            seen.append([np.array(params["W"]), np.array(params["b"])])
            return float(losses[min(len(seen), len(losses)) - 1])

        before = {name: value.copy() for name, value in start.items()}
        given = student.train_with_patience(before, slopes_now, validate, 0.1, patience, most)
        return [given[0]["W"], given[0]["b"], list(given[1]), *seen[-1]]

    look("the first is best", lambda: run([1, 2, 3, 4]))
    look("the last is best", lambda: run([4, 3, 2, 1], most=4))
    look("better again", lambda: run([3, 2, 4, 1, 4, 5, 6]))
    look("ups and downs", lambda: run([9, 10, 8, 9, 7, 8, 6, 7, 5], patience=2))
    look("ties", lambda: run([3, 2, 2, 2, 2]))
    look("NaN between", lambda: run([3, 2, np.nan, 4, 5]))
    look("nothing but NaN", lambda: run([np.nan] * 4))
    look("slow improvement", lambda: run([1.0, 0.9999, 0.99985, 1.2, 1.3]))
    look("a loss of 0", lambda: run([1.0, 0.0, 0.5, 0.7, 0.9]))
    look("falling again", lambda: run([3, 1, 6, 5, 4, 3, 2]))
    look("large losses", lambda: run([4e9, 2e9, 3e9, 4e9, 5e9]))
    look("fast improvement", lambda: run([1.0, 0.5, 0.2, 1.2, 1.3]))
    look("patience 1", lambda: run([3, 4, 5, 6], patience=1))
