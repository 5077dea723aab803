"""Batch normalisation.

Out of scope: convolutions (one mean per channel), layer and group normalisation, statistics across machines.
"""

# %% [markdown]
# # Batch normalisation
#
# In a deep network every layer lives on what the layers below it send up, and with each step that changes in size and
# in place. Batch normalisation puts it right again after every step: each unit's values get mean 0 and variance 1 over
# the minibatch. You build the layer with its gradient, train a network with it that does not train without, and then
# break that network with three examples. In the end you can
#
# * normalise in training and in evaluation, and say why the two differ;
# * derive a gradient that runs through the statistics of the batch, and tell from $\partial L/\partial x$ alone which
#   path somebody forgot;
# * say which numbers of the layer are learnt and which are measured, and fold the layer away after training.
#
# **You need** backpropagation through a dense layer (hw02), minibatches (hw03) and the He scheme (hw05). **Time**
# about 4 hours. **Lectures** MADMO lecture 4, *Batch normalization*, and the slides of Mines Paris, session 1; we keep
# their letters $\mu$, $\sigma^2$, $\hat x$, $\gamma$, $\beta$, $\epsilon$.
#
# | part | exercise | points |
# |---|---|---|
# | 1 Forward | `bn_forward_train` | 14 |
# | | `bn_running_update` | 8 |
# | | `bn_forward_eval` | 8 |
# | | `mended_update`: find the bug | 7 |
# | 2 Backward | `bn_backward` | 22 |
# | 3 The layer | `BatchNorm1d` | 14 |
# | | `catches_batchnorm`: write the test | 8 |
# | 4 Milestone | `train_full_batches` | 5 |
# | 5 In your own words | `batch_of_few`, marked by hand | 10 |
# | before each plot | a prediction: 1 for any answer | 4 |
# | | **together** | **100** |
#
# The checks below an exercise answer at once. The hidden tests use other numbers and shapes; whatever they look at is
# announced in a docstring or in the conventions box. A submission may use 20 s for a cell, 10 s for a call of one of
# your functions, 40 s for the tests of one exercise, and 1024 MB of memory. A good answer needs almost nothing of it.

# %%
import importlib.util
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np

if importlib.util.find_spec("coursekit") is None:
    homes = [home for place in (Path.cwd(), *Path.cwd().parents) for home in (place, place / "assignments")]
    found = [str(home) for home in homes if (home / "coursekit" / "check.py").is_file()]
    if not found:
        raise ModuleNotFoundError(f"The course kit is missing. Copy the folder coursekit into {homes[0]}.")
    sys.path.append(found[0])
from coursekit import check, data, plot, quiz

# %% [markdown]
# ## Before you start: what do you remember?
#
# Replace each `None`, run the cell, and look things up only afterwards. No points: recalling is what makes it stick.
#
# 1. *Estimators* (hw01): the variance of a population is 6. You draw 3 examples and divide the squared distances from
#    their mean by 3. What comes out on average?
# 2. *Dense layer* (hw02): `Z = X @ W + b` with 5 examples, and $\partial L/\partial Z$ is 2 in every entry. What is
#    each entry of $\partial L/\partial b$?
# 3. *Moving averages* (hw04): an average starts from 0, keeps a share of 0.9 and is fed with ones. What does it say
#    after two steps?

# %% recall="bn_warm_up"
average_variance = None
bias_gradient = None
after_two_steps = None

quiz.recall(
    quiz.ask("1 variance of three", average_variance, "bbe423839d", "The mean of the examples is nearer to them."),
    quiz.ask("2 gradient of a bias", bias_gradient, "2157b09431", "How many examples feel the same b?"),
    quiz.ask("3 moving average", after_two_steps, "fba4774e33", "One step gives 0.1. And then?"),
)

# %% [markdown]
# ## 1 Forward
#
# A unit of a hidden layer sees a batch of $N$ numbers, one for each example. Subtract their mean, divide by their
# standard deviation, and in which unit or at which offset they came no longer matters: the next layer always finds
# numbers of about size 1. Weights that are ten times too large, which would saturate or explode a plain network, do no
# harm any more; that is why normalised networks stand much higher learning rates.
#
# But a unit may have had good reasons for its size. So the layer ends with a scale $\gamma$ and a shift $\beta$, which
# are learnt like weights. With $\gamma=\sqrt{\sigma^2+\epsilon}$ and $\beta=\mu$ it gives back exactly what came in:
# the layer *can* be the identity, and training decides whether it is.
#
# The layer stands between a dense layer and its activation, $X \to XW+b \to \mathrm{BN} \to \mathrm{ReLU}$.

# %% [markdown] conventions="batchnorm"
# ### Conventions: what is graded
#
# Rows of $x$ are examples, columns are features. Every feature is normalised by itself, over the $N$ examples of the
# batch. In training
#
# $$\mu = \tfrac1N \sum_i x_i, \qquad \sigma^2 = \tfrac1N \sum_i (x_i-\mu)^2, \qquad
# \hat x_i = \frac{x_i-\mu}{\sqrt{\sigma^2+\epsilon}}, \qquad y_i = \gamma\,\hat x_i + \beta .$$
#
# The variance is the biased one, divided by N. eps stands inside the root, in training and in evaluation. Beside it,
# each training batch moves the running statistics $m$ and $r$, which start at 0 and 1; $a$ is called `new_weight`:
#
# $$m \leftarrow (1-a)\,m + a\,\mu, \qquad r \leftarrow (1-a)\,r + a\,\sigma^2, \qquad\text{in evaluation}\quad
# y_i = \gamma\,\frac{x_i-m}{\sqrt{r+\epsilon}} + \beta .$$
#
# new_weight weighs the new batch, and the biased variance is what is stored. Gradients are those of
# $L=\sum_{i,k} \mathrm{dout}_{ik}\, y_{ik}$ through everything that depends on $x$, $\mu$ and $\sigma^2$ included.
#
# **Precision.** Compute in float64, NumPy's default: results may be off by a relative $10^{-9}$, and by $10^{-4}$ where
# the batch comes in float32.
#
# Elsewhere you will meet other choices. They are not wrong, but they give other numbers, and here they lose points:
#
# | elsewhere | what differs |
# |---|---|
# | PyTorch: `momentum=0.1` is our `new_weight` | it stores the unbiased variance, divided by $N-1$ |
# | Keras, CS231n: `momentum=0.99` or `0.9` | weighs the *old* value: $1-a$ in our terms |
# | the first slide of MADMO: $(h-\mu)/\sqrt{\sigma^2}$ | neither $\epsilon$ nor $\gamma$ and $\beta$ |


# %% exercise="bn_forward_train" points=14 hint="Which axis are the examples on? Normalise first; what comes last?"
# covers: 1.9 BatchNorm forward; 1.9 BatchNorm can be the identity; 1.9 BatchNorm placement and effect
def bn_forward_train(x, gamma, beta, eps):
    """Normalise a batch by its own statistics, then scale and shift (MADMO lecture 4; Ioffe and Szegedy 2015).

    Every feature is normalised by itself: over the batch, its outputs have the mean beta and, for negligible eps, the
    standard deviation abs(gamma). Stretching or shifting a feature of x changes nothing, turning its sign round only
    turns x_hat round. A feature that is the same for all examples, and a batch of one example, give exactly beta.

    Parameters
    ----------
    x : ndarray of shape (N, D)
        The batch, N >= 1. Integers and any memory layout are fine. It is not modified. Features far from 0 count too:
        with values around 1e7 that differ by about 1, y is right to 1e-6.
    gamma, beta : ndarrays of shape (D,)
        Scale and shift of each feature. They are not modified.
    eps : float
        Added to the variance, inside the root; greater than 0.

    Returns
    -------
    y : ndarray of shape (N, D)
        The output, in floating-point numbers.
    cache
        Whatever your bn_backward needs, in a form of your choice; numbers, arrays, tuples and dicts will do. Nothing
        looks into it, it is only handed on.

    Examples
    --------
    The first feature is 1 away from its mean, the second 100, and it does not show:

    >>> x = np.array([[4.0, 700.0], [6.0, 900.0]])
    >>> bn_forward_train(x, np.array([1.0, 2.0]), np.array([0.0, 5.0]), 1e-9)[0].round(6)
    array([[-1.,  3.],
           [ 1.,  7.]])
    """
    ### BEGIN SOLUTION
    root = np.sqrt(x.var(axis=0) + eps)
    x_hat = (x - x.mean(axis=0)) / root
    return gamma * x_hat + beta, (x_hat, root, gamma)
    ### END SOLUTION


# %% try="bn_forward_train"
ones, zeros = np.ones(2), np.zeros(2)
pair = np.array([[0.0, 10.0], [2.0, 10.0]])
check.report(
    "bn_forward_train",
    check.equal(
        "0 and 2 with eps = 3, and a constant feature",
        lambda: bn_forward_train(pair, ones, zeros, 3.0)[0],
        np.array([[-0.5, 0.0], [0.5, 0.0]]),
    ),
    check.equal(
        "the same, scaled by 4 and shifted by 7",
        lambda: bn_forward_train(pair, 4 * ones, 7 * ones, 3.0)[0],
        np.array([[5.0, 7.0], [9.0, 7.0]]),
    ),
    check.equal(
        "a single example gives beta", lambda: bn_forward_train(pair[:1], ones, 7 * ones, 0.1)[0], np.full((1, 2), 7.0)
    ),
    hint="Work out mean, variance and root of the first column by hand: 1, 1 and 2.",
    left="larger batches, features of unlike size, other eps, values far from 0, arrays of every kind",
)

# %% [markdown]
# ### What to do with a single example
#
# In use, a network may see one example at a time, and its answer must not depend on who else is asked about. So
# training keeps a record: moving averages of the batch statistics, exactly like the $s$ of Adam (hw04), except that
# they start from 0 and 1 (the statistics that the layer would like to see) and are not corrected.


# %% exercise="bn_running_update" points=8 hint="A new_weight of 1 forgets the past, one of 0 learns nothing."
# covers: 1.9 BatchNorm running statistics
def bn_running_update(running_mean, running_var, x, new_weight):
    """Move the running statistics towards those of a batch (MADMO lecture 4).

    A pure function: it returns new arrays and leaves everything that was passed in alone. Batch after batch the old
    record fades like any exponential moving average, by a factor of 1 - new_weight.

    Parameters
    ----------
    running_mean, running_var : ndarrays of shape (D,)
        The record so far. They are not modified.
    x : ndarray of shape (N, D)
        The batch, N >= 1. Integers and any memory layout are fine. It is not modified. Features far from 0 count too.
    new_weight : float
        Weight of the new batch, from 0 to 1.

    Returns
    -------
    mean, var : tuple of two ndarrays of shape (D,)
        The new record. It holds the variance of the batch, divided by N: neither a root nor an eps.

    Examples
    --------
    >>> bn_running_update(np.zeros(1), np.ones(1), np.array([[3.0], [7.0]]), 0.1)
    (array([0.5]), array([1.3]))
    """
    ### BEGIN SOLUTION
    mean = (1 - new_weight) * running_mean + new_weight * x.mean(axis=0)
    var = (1 - new_weight) * running_var + new_weight * x.var(axis=0)
    return mean, var
    ### END SOLUTION


# %% try="bn_running_update"
batch = np.array([[0.0, 1.0], [2.0, 7.0]])
check.report(
    "bn_running_update",
    check.equal(
        "one update from 0 and 1",
        lambda: bn_running_update(np.zeros(2), np.ones(2), batch, 0.25),
        (np.array([0.25, 1.0]), np.array([1.0, 3.0])),
    ),
    check.equal(
        "all the weight on the new batch",
        lambda: bn_running_update(np.full(2, 50.0), np.full(2, 60.0), batch, 1.0),
        (np.array([1.0, 4.0]), np.array([1.0, 9.0])),
    ),
    hint="Which of the two weights belongs to the batch? By what is the variance of two examples divided?",
    left="several updates, a single example, values far from 0, arrays of every kind, what happens to the arguments",
)


# %% exercise="bn_forward_eval" points=8 hint="The formula of training with two letters exchanged."
def bn_forward_eval(x, gamma, beta, running_mean, running_var, eps):
    """Normalise by the running statistics, as a trained network does in use.

    An output depends on its own example only, never on its neighbours in the batch: evaluation is one fixed scale and
    shift of each feature. If gamma and beta undo the statistics, it is the identity.

    Parameters
    ----------
    x : ndarray of shape (N, D)
        Any number of examples. Integers and any memory layout are fine. It is not modified.
    gamma, beta : ndarrays of shape (D,)
        Scale and shift of each feature.
    running_mean, running_var : ndarrays of shape (D,)
        The running statistics; the variance is a variance. They are not modified.
    eps : float
        Added to the variance, inside the root.

    Returns
    -------
    ndarray of shape (N, D)
        The output, in floating-point numbers.

    Examples
    --------
    >>> bn_forward_eval(np.array([[8.0]]), np.array([3.0]), np.ones(1), np.array([2.0]), np.array([3.5]), 0.5)
    array([[10.]])
    """
    ### BEGIN SOLUTION
    return gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta
    ### END SOLUTION


# %% try="bn_forward_eval"
statistics = np.array([1.0, 4.0]), np.array([3.0, 15.0])  # a mean and a variance for each of two features
check.report(
    "bn_forward_eval",
    check.equal(
        "one example, eps = 1",
        lambda: bn_forward_eval(np.array([[5.0, 0.0]]), np.array([1.0, 2.0]), np.array([0.0, 9.0]), *statistics, 1.0),
        np.array([[2.0, 7.0]]),
    ),
    check.equal(
        "the same example twice",
        lambda: bn_forward_eval(np.array([[5.0, 0.0]] * 2), np.array([1.0, 2.0]), np.zeros(2), *statistics, 1.0),
        np.array([[2.0, -2.0]] * 2),
    ),
    hint="Is there any statistic of x itself left in your formula?",
    left="other eps, larger batches, arrays of every kind",
)

# %% exercise="predict_running_variance" points=1
# Predict first. The true variance is 4, and batches hold 3 examples. Where does running_var settle?
# "a" near 2.7, "b" near 4, "c" near 6
### BEGIN SOLUTION
predict_running_variance = "a"
### END SOLUTION


# %% given="running_variance"
def draw_running_variance(steps=1000):
    """The running variance, step by step, for batches of 3 and of 32 from a population of variance 4."""
    lines, n = {}, np.arange(1, steps + 1)
    for size, weight in ((3, 0.1), (32, 0.01), (3, 0.01)):
        rng, mean, var, seen = np.random.default_rng(6), np.zeros(1), np.ones(1), []
        for _ in n:
            mean, var = bn_running_update(mean, var, rng.normal(10, 2, (size, 1)), weight)
            seen.append(float(var[0]))
        lines[f"batches of {size}, new_weight {weight}"] = n[::5], seen[::5]
    lines["true variance"] = n[::5], np.full(steps, 4.0)[::5]
    return plot.draw(
        plot.Panel("What the layer remembers", "batch", "running variance", lines, dots=tuple(lines)[:1]),
        alt="From 1, the running variance of batches of 32 rises to about 3.9 and stays close. With batches of 3 and "
        "new_weight 0.1 it scatters widely around 2.7; with 0.01 it scatters little, and settles near 2.7 too.",
    )


# %% see="running_variance"
if __name__ == "__main__":
    plot.see(draw_running_variance, predict_running_variance)

# %% [markdown]
# It was "a". A variance divided by $N$ is too small by $(N-1)/N$ on average (hw01), and averaging it, however long,
# takes away the scatter but not the bias: $4\cdot\tfrac23 = 2.7$. For batches of 32 nobody notices. Remember it for
# batches of 3.
#
# ### Find the bug
#
# The slides of Mines Paris begin: "Given *four* trainable parameters $\mu_B, \sigma_B, \gamma, \beta$ (mean, variance,
# arbitrary scale, arbitrary bias)". Somebody took this at its word and wrote one training step of such a layer. Run
# the checks and ask: with a learning rate of 0, what does it learn about the batch? What may a large step make of a
# variance? Then mend it. How many of the four are learnt by descent, and how many are measured?


# %% exercise="mended_update" points=7 uses="bn_running_update" hint="Which two numbers follow from the batch?"
# covers: 1.9 BatchNorm trainable parameters
def mended_update(params, x, dout, lr, new_weight, eps):
    """One training step of a batch-normalisation layer; as given out, it takes the slide at its word.

    Once mended, it normalises by the statistics of the batch. gamma and beta go down their gradients, which are the
    sums over the batch of dout * x_hat and of dout. mean and var are the running statistics of the conventions box:
    the learning rate has no say in them.

    Parameters
    ----------
    params : dict of str to ndarray of shape (D,)
        "mean", "var", "gamma" and "beta" before the step. Neither the dict nor its arrays are modified.
    x, dout : ndarrays of shape (N, D)
        The batch, and the derivative of the loss with respect to the layer's output. They are not modified.
    lr : float
        Learning rate, 0 or more.
    new_weight : float
        Weight of the new batch in the running statistics.
    eps : float
        Added to a variance, inside the root.

    Returns
    -------
    dict of str to ndarray of shape (D,)
        The four after the step, under the same keys.

    Examples
    --------
    The batch has the mean 5 and the variance 4:

    >>> params = {"mean": np.zeros(1), "var": np.ones(1), "gamma": np.ones(1), "beta": np.zeros(1)}
    >>> x, dout = np.array([[3.0], [7.0]]), np.array([[1.0], [3.0]])
    >>> {name: float(value[0].round(3)) for name, value in mended_update(params, x, dout, 0.1, 0.1, 1e-9).items()}
    {'mean': 0.5, 'var': 1.3, 'gamma': 0.8, 'beta': -0.4}
    """
    ### BEGIN SOLUTION
    mean, var = bn_running_update(params["mean"], params["var"], x, new_weight)
    x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)
    gamma = params["gamma"] - lr * (dout * x_hat).sum(axis=0)
    return {"mean": mean, "var": var, "gamma": gamma, "beta": params["beta"] - lr * dout.sum(axis=0)}
    ### END SOLUTION
    ### BEGIN STUB
    # root = np.sqrt(params["var"] + eps)
    # x_hat = (x - params["mean"]) / root
    # dx_hat = dout * params["gamma"]
    # grads = {
    #     "mean": -dx_hat.sum(axis=0) / root,
    #     "var": -0.5 * (dx_hat * x_hat).sum(axis=0) / root**2,
    #     "gamma": (dout * x_hat).sum(axis=0),
    #     "beta": dout.sum(axis=0),
    # }
    # return {name: params[name] - lr * grads[name] for name in params}
    ### END STUB


# %% try="mended_update"
before = {"mean": np.zeros(1), "var": np.ones(1), "gamma": np.full(1, 2.0), "beta": np.zeros(1)}
seen, back = np.array([[3.0], [7.0]]), np.array([[1.0], [5.0]])
check.report(
    "mended_update",
    check.equal(
        "a learning rate of 0: what is learnt, what is measured",
        lambda: mended_update(before, seen, back, 0.0, 0.1, 1e-12),
        {"mean": np.array([0.5]), "var": np.array([1.3]), "gamma": np.array([2.0]), "beta": np.zeros(1)},
    ),
    check.equal(
        "a learning rate of 0.1: gamma and beta",
        lambda: {name: mended_update(before, seen, back, 0.1, 0.1, 1e-12)[name] for name in ("gamma", "beta")},
        {"gamma": np.array([1.6]), "beta": np.array([-0.6])},
    ),
    hint="By which mean and variance is a batch normalised in training?",
    left="other batches, large steps, what happens to the arguments",
)

# %% [markdown]
# ## 2 Backward
#
# Every output depends on every example of the batch, because all of them are in $\mu$ and $\sigma^2$. The slide says
# only "backpropagation with chain rule". We cut the layer into three, $x \to c = x - \mu \to \hat x \to y$, and write
# $dc_i$ for $\partial L/\partial c_i$ and so on; one feature at a time.
#
# **Worked: the mean.** $c_j = x_j - \frac1N\sum_i x_i$. So $x_i$ acts on its own $c_i$ with 1, and through $\mu$ on
# *every* $c_j$ with $-\frac1N$. Add up all paths:
#
# $$dx_i = dc_i - \tfrac1N \sum_j dc_j .$$
#
# Whatever comes from above, its mean over the batch is taken away. Of course: shift all $x_i$ by the same amount, and
# no output changes, so $\sum_i dx_i$ must be 0.
#
# **With blanks: the variance.** $\hat x_j = c_j / s$ with $s = \sqrt{v + \epsilon}$ and $v = \frac1N\sum_j c_j^2$. By
# the direct path $c_i$ acts on $\hat x_i$ alone. The other path goes through $v$. Find the numbers $A$, $B$ and $C$:
#
# $$\frac{\partial L}{\partial v} = -\tfrac12 \sum_j d\hat x_j\, c_j\,(v+\epsilon)^{A}, \qquad
# \frac{\partial v}{\partial c_i} = \tfrac{B}{N}\, c_i, \qquad
# dc_i = \frac1s\Bigl(d\hat x_i + C\,\hat x_i \cdot \tfrac1N \sum_j d\hat x_j\,\hat x_j\Bigr) .$$

# %% recall="variance_path"
A = None
B = None
C = None

quiz.recall(
    quiz.ask("A", A, "94a22c9d3d", "c / s is c * (v + eps)**(-1/2). Differentiate."),
    quiz.ask("B", B, "2506c90e01", "v is a sum of squares, divided by N."),
    quiz.ask("C", C, "1da01cb5ad", "Multiply the two, put c = s * x_hat, and compare."),
)

# %% [markdown]
# **Alone:** the last piece, $y_i = \gamma\,\hat x_i + \beta$, and all three together. $\gamma$ and $\beta$ belong to
# all examples at once, like the bias of a dense layer.
#
# The pieces tell you how to look for faults, without any reference. $\sum_i dx_i = 0$ fails if the path through the
# mean is missing. For negligible $\epsilon$, stretching a feature changes nothing either, so $\sum_i dx_i\,\hat x_i =
# 0$; this fails if the path through the variance is missing, although the first sum is then still 0.


# %% exercise="bn_backward" points=22 hint="From y back to x_hat, from x_hat to c, from c to x: one line each."
# covers: 1.9 BatchNorm backward
def bn_backward(dout, cache):
    """Gradients of the layer in training, through the statistics of the batch.

    They are those of L = sum of dout * y for the forward pass that made the cache. Over the batch dx adds up to 0; for
    negligible eps dx * x_hat does so too. A dout that has neither a mean nor a part along x_hat just passes: it is
    multiplied by gamma and divided by the root. dbeta is the sum of dout over the batch, dgamma that of dout * x_hat.

    Parameters
    ----------
    dout : ndarray of shape (N, D)
        Derivative of the loss with respect to y. Any memory layout and integers are fine. It is not modified.
    cache : object
        What bn_forward_train returned beside y. It is not modified: a second call gives the same.

    Returns
    -------
    dx : ndarray of shape (N, D)
        Derivative with respect to x. For a batch of one example it is 0.
    dgamma, dbeta : ndarrays of shape (D,)
        Derivatives with respect to gamma and beta, also where gamma is 0.

    Examples
    --------
    Of the four numbers from above, the mean and what lies along x_hat are gone:

    >>> x = np.array([[0.0], [1.0], [2.0], [3.0]])
    >>> y, cache = bn_forward_train(x, np.ones(1), np.zeros(1), 1e-12)
    >>> dx, dgamma, dbeta = bn_backward(np.array([[1.0], [0.0], [0.0], [0.0]]), cache)
    >>> (dx * np.sqrt(1.25)).round(3).ravel(), dgamma.round(3), dbeta
    (array([ 0.3, -0.4, -0.1,  0.2]), array([-1.342]), array([1.]))
    """
    ### BEGIN SOLUTION
    x_hat, root, gamma = cache
    dx_hat = dout * gamma
    dc = (dx_hat - x_hat * (dx_hat * x_hat).mean(axis=0)) / root
    return dc - dc.mean(axis=0), (dout * x_hat).sum(axis=0), dout.sum(axis=0)
    ### END SOLUTION


# %% try="bn_backward"
def backward_of(x, dout, gamma=1.0, eps=1e-12):
    """The three gradients for one feature."""
    column = np.reshape(np.asarray(x, dtype=float), (-1, 1))
    cache = bn_forward_train(column, np.full(1, gamma), np.zeros(1), eps)[1]
    return bn_backward(np.reshape(np.asarray(dout, dtype=float), (-1, 1)), cache)


def gap_to_differences(h=1e-5):
    """How far dx is from central differences of your own forward pass, with eps = 0.5."""
    rng = np.random.default_rng(2)
    x, dout, gamma, beta = rng.normal(1, 2, (4, 2)), rng.normal(size=(4, 2)), np.array([1.5, -0.5]), np.zeros(2)
    dx = bn_backward(dout, bn_forward_train(x, gamma, beta, 0.5)[1])[0]
    wanted = np.zeros((4, 2))
    for place in np.ndindex(4, 2):
        step = np.zeros((4, 2))
        step[place] = h
        up, down = (bn_forward_train(x + sign * step, gamma, beta, 0.5)[0] for sign in (1, -1))
        wanted[place] = np.sum(dout * (up - down)) / (2 * h)
    return np.abs(np.asarray(dx) - wanted).max()


check.report(
    "bn_backward",
    check.equal("dx adds up to 0", lambda: backward_of([0, 1, 5], [3.0, 0, 0])[0].sum(), 0.0),
    check.equal("a constant dout: nothing is left", lambda: backward_of([0, 1, 5], [2, 2, 2])[0], np.zeros((3, 1))),
    check.equal(
        "a dout without mean, at right angles to x_hat, passes",
        lambda: backward_of([-1, 1, -1, 1], [1, 1, -1, -1], gamma=3.0)[0].ravel(),
        np.array([3.0, 3.0, -3.0, -3.0]),
    ),
    check.equal(
        "dgamma and dbeta", lambda: backward_of([0, 2], [1, 4])[1:], (np.array([3.0]), np.array([5.0])), rtol=1e-5
    ),
    check.holds("dx agrees with differences of your own forward pass", lambda: gap_to_differences() < 1e-7),
    hint="Which check fails: the sum (the path through the mean), the differences (through the variance), or all?",
    left="other batches, a single example, a gamma of 0, arrays of every kind, what happens to the cache",
)

# %% exercise="predict_what_is_left" points=1
# Predict first. From above comes dout = 2 + 3 * x_hat + noise, and eps is negligible. What reaches x?
# "a" all three parts, "b" 3 * x_hat and the noise, "c" only the noise, up to a factor
### BEGIN SOLUTION
predict_what_is_left = "c"
### END SOLUTION


# %% given="what_backward_removes"
def draw_what_backward_removes(n=60):
    """What comes from above and what reaches x, both against x_hat."""
    rng = np.random.default_rng(8)
    x = rng.normal(5, 2, (n, 1))
    y, cache = bn_forward_train(x, np.ones(1), np.zeros(1), 1e-12)
    x_hat = np.asarray(y)
    dout = 2 + 3 * x_hat + rng.normal(0, 1, (n, 1))
    dx = np.asarray(bn_backward(dout, cache)[0]) * x.std()
    ends = np.array([x_hat.min(), x_hat.max()])
    panels = []
    for title, name, values in (("What comes from above", "dout", dout), ("What reaches x", "dx * root", dx)):
        fit = np.polyval(np.polyfit(x_hat[:, 0], values[:, 0], 1), ends)
        lines = {"examples": (x_hat[:, 0], values[:, 0]), "fitted line": (ends, fit)}
        panels.append(plot.Panel(title, "x_hat", name, lines, dots=("examples",)))
    return plot.draw(
        *panels,
        alt="Left: dout rises along a line with offset 2 and slope 3, with noise of size 1 around it. Right: what "
        "reaches x is that noise alone; the fitted line through it is flat and lies at 0.",
    )


# %% see="what_backward_removes"
if __name__ == "__main__":
    plot.see(draw_what_backward_removes, predict_what_is_left)

# %% [markdown]
# It was "c". The backward pass fits a straight line in $\hat x$ to what comes from above and passes on the *residual*:
# the offset and the slope are changes that the layer would undo anyway, so no gradient is wasted on them.
#
# ## 3 The layer
#
# Put the four functions into a layer that remembers what it needs. It has two modes. Forgetting to switch is the most
# common mistake with this layer in any library.


# %% exercise="BatchNorm1d" points=14 uses="bn_running_update,bn_forward_eval" hint="Who keeps the cache meanwhile?"
# covers: 1.9 BatchNorm forward; 1.9 BatchNorm running statistics; 1.9 BatchNorm backward
class BatchNorm1d:
    """Batch normalisation of D features as a layer, for training and for evaluation.

    A new layer is in training mode. Two layers share nothing. The attributes have exactly these names; a trainer reads
    dgamma and dbeta and gives gamma and beta new values, and the layer uses whatever stands there.

    Parameters
    ----------
    D : int
        Number of features.
    new_weight : float
        Weight of a new batch in the running statistics; 0.1 by default.
    eps : float
        Added to variances, inside the root; 1e-5 by default.

    Attributes
    ----------
    gamma, beta : ndarrays of shape (D,)
        Scale and shift, at first 1 and 0.
    running_mean, running_var : ndarrays of shape (D,)
        Running statistics, at first 0 and 1.
    training : bool
        Whether the layer is in training mode.
    dgamma, dbeta : ndarrays of shape (D,)
        Set by backward.

    Examples
    --------
    >>> layer = BatchNorm1d(1, new_weight=0.5, eps=1e-9)
    >>> layer.forward(np.array([[3.0], [7.0]])).round(6).ravel(), layer.running_mean, layer.running_var
    (array([-1.,  1.]), array([2.5]), array([2.5]))
    >>> layer.eval()
    >>> layer.forward(np.array([[2.5]])).round(6), layer.running_mean
    (array([[0.]]), array([2.5]))
    """

    def __init__(self, D, new_weight=0.1, eps=1e-5):
        ### BEGIN SOLUTION
        self.gamma, self.beta = np.ones(D), np.zeros(D)
        self.running_mean, self.running_var = np.zeros(D), np.ones(D)
        self.new_weight, self.eps, self.training = new_weight, eps, True
        ### END SOLUTION

    def train(self):
        """Switch to training mode; nothing else changes."""
        ### BEGIN SOLUTION
        self.training = True
        ### END SOLUTION

    def eval(self):
        """Switch to evaluation mode; nothing else changes."""
        ### BEGIN SOLUTION
        self.training = False
        ### END SOLUTION

    def forward(self, x):
        """Normalise x of shape (N, D): in training by the batch, in evaluation by the running statistics.

        In training each call updates the running statistics once; evaluation leaves them alone.

        Parameters
        ----------
        x : ndarray of shape (N, D)
            It is not modified.

        Returns
        -------
        ndarray of shape (N, D)
            The output.
        """
        ### BEGIN SOLUTION
        if not self.training:
            return bn_forward_eval(x, self.gamma, self.beta, self.running_mean, self.running_var, self.eps)
        self.running_mean, self.running_var = bn_running_update(self.running_mean, self.running_var, x, self.new_weight)
        y, self.cache = bn_forward_train(x, self.gamma, self.beta, self.eps)
        return y
        ### END SOLUTION

    def backward(self, dout):
        """Gradients for the last batch that went forward in training mode: sets dgamma and dbeta, returns dx.

        Parameters
        ----------
        dout : ndarray of shape (N, D)
            Derivative of the loss with respect to the output. It is not modified.

        Returns
        -------
        ndarray of shape (N, D)
            Derivative with respect to the input.
        """
        ### BEGIN SOLUTION
        dx, self.dgamma, self.dbeta = bn_backward(dout, self.cache)
        return dx
        ### END SOLUTION

    def fold(self, W, b):
        """Put evaluation into the dense layer X @ W + b before this one, so that this one is no longer needed.

        X @ W_new + b_new is what the two layers together give in evaluation, with the running statistics, gamma, beta
        and eps of this moment, whatever the mode is. Nothing is modified, neither the layer nor W and b.

        Parameters
        ----------
        W : ndarray of shape (M, D)
            Weights, one column per feature of this layer.
        b : ndarray of shape (D,)
            Bias.

        Returns
        -------
        W_new, b_new : tuple of ndarrays of shapes (M, D) and (D,)
            Weights and bias of the one layer that does it all.
        """
        ### BEGIN SOLUTION
        scale = self.gamma / np.sqrt(self.running_var + self.eps)
        return W * scale, (b - self.running_mean) * scale + self.beta
        ### END SOLUTION


# %% try="BatchNorm1d"
def used_layer():
    """A layer after one batch; new_weight 0.5 and eps 0.5 show where they stand."""
    layer = BatchNorm1d(2, new_weight=0.5, eps=0.5)
    layer.forward(np.array([[0.0, 2.0], [4.0, 8.0]]))
    return layer


def in_evaluation(x):
    layer = used_layer()
    layer.eval()
    return layer.forward(x)


def folded(X, W, b):
    W_new, b_new = used_layer().fold(W, b)
    return X @ W_new + b_new


row, W_dense, b_dense = np.array([[1.0, 2.0]]), np.array([[1.0, 0.0], [2.0, 1.0]]), np.array([3.0, -1.0])
check.report(
    "BatchNorm1d",
    check.equal(
        "running statistics after one batch",
        lambda: (used_layer().running_mean, used_layer().running_var),
        (np.array([1.0, 2.5]), np.array([2.5, 5.0])),
    ),
    check.equal(
        "evaluation uses them", lambda: in_evaluation(row * 4), np.array([[3 / 3**0.5, 5.5 / 5.5**0.5]]), rtol=1e-5
    ),
    check.equal(
        "backward returns dx and sets dgamma and dbeta",
        lambda: [
            (layer := used_layer()).backward(np.array([[1.0, 0.0], [3.0, 0.0]])).sum(),
            layer.dbeta,
            layer.dgamma,
        ],
        [0.0, np.array([4.0, 0.0]), np.array([4 / 4.5**0.5, 0.0])],
    ),
    check.holds(
        "the folded layer does what the two did",
        lambda: np.allclose(folded(row, W_dense, b_dense), in_evaluation(row @ W_dense + b_dense)),
    ),
    hint="In training: which statistics normalise, and which are only updated? In evaluation?",
    left="several batches, a single example, new gamma and beta, switching back, two layers, the defaults",
)

# %% [markdown]
# ### Write the test that catches it
#
# A layer that is wrong in one mode, or in its memory, trains all the same. You are handed some: find out.


# %% given="wrong_layers"
class NeverEval:
    """Your layer, but deaf to eval(): it stays in training mode."""

    def __init__(self, D, new_weight=0.1, eps=1e-5):
        self.layer = BatchNorm1d(D, new_weight, eps)

    def __getattr__(self, name):
        return getattr(self.layer, name)

    def eval(self):
        """Ask for evaluation, in vain."""


class BackwardOfConstants(NeverEval):
    """Your layer, but its backward pass takes mean and variance for constants."""

    def forward(self, x):
        """As your layer, and notes how steep it is."""
        y = np.asarray(self.layer.forward(x))
        self.slope = np.ptp(y, axis=0) / np.ptp(x, axis=0)
        return y

    def backward(self, dout):
        """What would be right if nothing but x_hat depended on x."""
        self.layer.backward(dout)
        return dout * self.slope

    def eval(self):
        """Switch your layer to evaluation."""
        self.layer.eval()


# %% exercise="catches_batchnorm" points=8 hint="A large eps, uneven numbers, two batches, then both modes."
def catches_batchnorm(candidate):
    """Find out whether a layer that claims to be batch normalisation is wrong.

    Make one with settings of your choice, send batches through it in both modes, and compare with the conventions box:
    with numbers that you worked out, with central differences, or with your own layer. Use only its methods forward,
    backward, train and eval; its attributes cannot be seen.

    A wrong one differs in one of these: the biased variance, in the batch or in the record; the place of eps, or where
    it is left out; the axis; the weight of the new batch; which statistics are used in which mode; a record that
    evaluation changes; a path that is missing from dx.

    Parameters
    ----------
    candidate : callable
        candidate(2, 0.3, 0.5) makes a layer of two features, new_weight 0.3 and eps 0.5, as the class BatchNorm1d does.

    Returns
    -------
    bool
        True if the candidate is wrong or raises, False if it is right. Right ones may round in other ways: allow errors
        of 1e-4. Each wrong one caught earns its share; accusing right ones takes points away again.

    Examples
    --------
    >>> catches_batchnorm(NeverEval), catches_batchnorm(BatchNorm1d)
    (True, False)
    """
    ### BEGIN SOLUTION
    rng, eps = np.random.default_rng(1), 0.5
    theirs, mean, var = candidate(2, 0.3, eps), np.zeros(2), np.ones(2)
    try:
        for mode in ("train", "train", "eval", "eval", "train", "eval"):
            x, dout = rng.normal(1, 2, (5, 2)), rng.normal(size=(5, 2))
            getattr(theirs, mode)()
            got = theirs.forward(x)
            m, v = (mean, var) if mode == "eval" else (x.mean(axis=0), x.var(axis=0))
            x_hat = (x - m) / np.sqrt(v + eps)
            pairs = [(got, x_hat)]
            if mode == "train":
                mean, var = 0.7 * mean + 0.3 * m, 0.7 * var + 0.3 * v
                residual = dout - dout.mean(axis=0) - x_hat * (dout * x_hat).mean(axis=0)
                pairs.append((theirs.backward(dout), residual / np.sqrt(v + eps)))
            if not all(np.shape(a) == (5, 2) and np.allclose(a, b, rtol=0, atol=1e-4) for a, b in pairs):
                return True
    except Exception:
        return True
    return False
    ### END SOLUTION


# %% try="catches_batchnorm"
check.report(
    "catches_batchnorm",
    check.equal("your own layer is let through", lambda: bool(catches_batchnorm(BatchNorm1d)), False),
    check.equal("one that never evaluates is caught", lambda: bool(catches_batchnorm(NeverEval)), True),
    check.equal(
        "one that differentiates as if statistics were constants is caught",
        lambda: bool(catches_batchnorm(BackwardOfConstants)),
        True,
    ),
    hint="Are your numbers right, is there room for rounding, and do you look at both modes and at dx?",
    left="candidates with the other faults of the list, and right ones written otherwise",
)

# %% [markdown]
# ## 4 Milestone: a deep network and a large rate
#
# The network is given: six hidden layers of 64 units, with or without your layer before each ReLU, He's scheme (hw05),
# softmax and cross-entropy (hw01). You write the loop. There are 1347 = 42 · 32 + 3 training examples, and the loop
# leaves the last three of an epoch out. Why, you see afterwards.


# %% given="normalised_network"
class NormNet:
    """Six hidden ReLU layers for digits; `norm(width)` makes a layer that goes before each ReLU, None makes none."""

    def __init__(self, rng, norm=None, sizes=(64, 64, 64, 64, 64, 64, 64, 10)):
        self.W = [rng.normal(0, np.sqrt(2 / m), (m, n)) for m, n in pairwise(sizes)]
        self.b = [np.zeros(n) for n in sizes[1:]]
        self.norms = [norm(n) for n in sizes[1:-1]] if norm else []

    def train(self):
        """Put all layers into training mode."""
        for norm in self.norms:
            norm.train()

    def eval(self):
        """Put all layers into evaluation mode."""
        for norm in self.norms:
            norm.eval()

    def forward(self, X):
        """The scores of the classes; what backward needs is kept."""
        self.inputs = [X]
        for k in range(len(self.W) - 1):
            z = self.inputs[-1] @ self.W[k] + self.b[k]
            self.inputs.append(np.maximum(self.norms[k].forward(z) if self.norms else z, 0))
        return self.inputs[-1] @ self.W[-1] + self.b[-1]

    def step(self, X, y, lr):
        """One step of gradient descent on one batch; the loss before it."""
        scores = self.forward(X)
        log_p = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
        d = (np.exp(log_p) - np.eye(scores.shape[1])[y]) / len(y)
        for k in reversed(range(len(self.W))):
            dW, db, d_hidden = self.inputs[k].T @ d, d.sum(axis=0), d @ self.W[k].T * (self.inputs[k] > 0)
            self.W[k], self.b[k] = self.W[k] - lr * dW, self.b[k] - lr * db
            d = self.backward_norm(k - 1, d_hidden, lr) if k and self.norms else d_hidden
        return float(-log_p[np.arange(len(y)), y].mean())

    def backward_norm(self, k, d, lr):
        """Through layer k of those that normalise, and a step on its gamma and beta."""
        norm = self.norms[k]
        dx = norm.backward(d)
        norm.gamma, norm.beta = norm.gamma - lr * norm.dgamma, norm.beta - lr * norm.dbeta
        return dx

    def accuracy(self, X, y):
        """Share of examples whose class has the highest score."""
        return float(np.mean(self.forward(X).argmax(axis=1) == y))


# %% exercise="train_full_batches" points=5 hint="How many batches of batch_size are there in n examples?"
def train_full_batches(net, X, y, epochs, batch_size, lr, rng):
    """Train a network on full batches only, and leave it ready for use.

    First the network is put into training mode, at the end into evaluation mode. Every epoch draws one new order,
    rng.permutation(len(X)), and cuts it into consecutive batches of batch_size; a shorter rest is left out. Each batch
    makes one step.

    Parameters
    ----------
    net : object
        net.train() and net.eval() switch the mode; net.step(X, y, lr) learns from a batch and returns its mean loss.
    X, y : ndarrays of shape (n, d) and (n,)
        The training examples and their classes. They are not modified.
    epochs : int
        How often an order is drawn.
    batch_size : int
        How many examples make a batch; at most n.
    lr : float
        Learning rate.
    rng : np.random.Generator
        Draws the orders, and nothing else.

    Returns
    -------
    list of float
        For each epoch, the mean of the losses of its steps.

    Examples
    --------
    >>> rng, X = np.random.default_rng(0), np.eye(23, 64)
    >>> losses = train_full_batches(NormNet(rng, BatchNorm1d), X, np.arange(23) % 10, 3, 10, 0.1, rng)
    >>> len(losses), losses[2] < losses[0]
    (3, True)
    """
    ### BEGIN SOLUTION
    net.train()
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(X))
        starts = range(0, len(X) - batch_size + 1, batch_size)
        batches = [order[start : start + batch_size] for start in starts]
        losses.append(float(np.mean([net.step(X[batch], y[batch], lr) for batch in batches])))
    net.eval()
    return losses
    ### END SOLUTION


# %% try="train_full_batches"
class Diary:
    """A network that learns nothing and notes what it is asked to do; its loss is the number of its first example."""

    def __init__(self):
        self.notes = []

    def train(self):
        self.notes.append("train")

    def eval(self):
        self.notes.append("eval")

    def step(self, X, y, lr):
        self.notes.append(len(y))
        return float(X[0, 0])


def diary_of(n, epochs, batch_size):
    diary, X = Diary(), np.arange(float(n)).reshape(n, 1)
    losses = train_full_batches(diary, X, np.zeros(n, dtype=int), epochs, batch_size, 0.1, np.random.default_rng(3))
    return [*diary.notes, *losses]


check.report(
    "train_full_batches",
    check.equal("7 examples in batches of 3", lambda: diary_of(7, 1, 3)[:-1], ["train", 3, 3, "eval"]),
    check.equal("two epochs of 4 examples in batches of 2: the losses", lambda: diary_of(4, 2, 2)[-2:], [2.0, 1.5]),
    hint="Is the rest left out, and only the rest? Is the order a new one in every epoch?",
    left="which examples are in which batch, the rate, a real network",
)

# %% exercise="predict_rate" points=1
# Predict first. The network without your layer trains best with a rate near 0.1. Up to which rate does the network
# with it still train well? "a" also near 0.1, "b" near 0.3, "c" 1 and more
### BEGIN SOLUTION
predict_rate = "c"
### END SOLUTION

# %% given="digits_with_batchnorm"
RATES = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)


def normnet_run(norm, lr, seed, epochs, extra=""):
    """Train on digits: losses by epoch, test accuracy by epoch.

    With extra="step" each epoch ends with a step on three examples, with "forward" they only pass in training mode.
    """
    X, y, X_test, y_test = data.split(data.load("digits"))
    rng, losses, accuracies = np.random.default_rng(seed), [], []
    net = NormNet(rng, norm)
    with np.errstate(all="ignore"):  # a run that diverges is part of the experiment
        for _ in range(epochs):
            losses += train_full_batches(net, X, y, 1, 32, lr, rng)
            three = rng.choice(len(X), 3, replace=False)
            net.train()
            if extra:
                net.step(X[three], y[three], lr) if extra == "step" else net.forward(X[three])
            net.eval()
            accuracies.append(net.accuracy(X_test, y_test))
    return losses, accuracies


def draw_rates(seeds=2, epochs=2):
    """Loss in the last of a few epochs, by learning rate, with and without normalisation."""
    lines, bands = {}, {}
    guessing = np.log(10)
    for name, norm in (("with BatchNorm1d", BatchNorm1d), ("without", None)):
        found = [[normnet_run(norm, lr, seed, epochs)[0][-1] for lr in RATES] for seed in range(seeds)]
        losses = np.minimum(np.nan_to_num(found, nan=guessing), guessing)
        lines[name] = RATES, losses.mean(axis=0)
        bands[name] = losses.min(axis=0), losses.max(axis=0)
    lines["guessing"] = (RATES[0], RATES[-1]), (guessing, guessing)
    return plot.draw(
        plot.Panel(
            f"Digits, six hidden layers, epoch {epochs}", "learning rate", "training loss", lines, log="x", bands=bands
        ),
        alt="Training loss against the learning rate from 0.01 to 3, runs that diverge drawn at the loss of guessing, "
        "2.3. Without the layer the loss is lowest near 0.1 and reaches guessing at 1. With it the loss is lower at "
        "every rate, falls until 0.3 and is still far below guessing at 3.",
    )


# %% see="rates"
if __name__ == "__main__":
    plot.see(draw_rates, predict_rate)

# %% [markdown]
# So it was "c". What to expect with the rate 0.5 after 5 epochs, as mean ± standard deviation of 20 seeds:
#
# | | training loss | test accuracy | lowest of 20 |
# |---|---|---|---|
# | without `BatchNorm1d` | 2.16 ± 0.22 | 0.194 ± 0.108 | 0.09 |
# | with it, full batches | 0.16 ± 0.03 | 0.959 ± 0.021 | 0.90 |
# | and three examples more, forward only | 0.16 ± 0.03 | 0.960 ± 0.017 | 0.92 |
# | and three examples more, with a step | 0.41 ± 0.14 | 0.523 ± 0.296 | 0.05 |
#
# An accuracy below 0.8 with your layer means that something is wrong.
#
# ### Three examples more
#
# The rows with three examples more do what a loop does that keeps the short rest: each epoch ends with three examples
# that pass through the network in training mode.

# %% exercise="predict_last_batch" points=1
# Predict first. If each epoch ends with three more examples, the test accuracy suffers "a" as soon as they pass forward
# and enter the running statistics, "b" only if there is a step on them too, "c" in neither case
### BEGIN SOLUTION
predict_last_batch = "b"
### END SOLUTION


# %% given="last_batch"
def draw_last_batch(seeds=3, epochs=5):
    """Test accuracy by epoch: full batches only, and with three examples more, with and without a step."""
    lines, bands, n = {}, {}, np.arange(1, epochs + 1)
    for name, extra in (("full batches only", ""), ("three more, forward", "forward"), ("three more, step", "step")):
        found = np.array([normnet_run(BatchNorm1d, 0.5, seed, epochs, extra)[1] for seed in range(seeds)])
        lines[name], bands[name] = (n, found.mean(axis=0)), (found.min(axis=0), found.max(axis=0))
    return plot.draw(
        plot.Panel(f"Digits: mean and range of {seeds} seeds", "epoch", "test accuracy", lines, bands=bands),
        alt="Test accuracy over five epochs. With full batches it rises to about 0.96, and so it does if three more "
        "examples only pass forward. With a step on them it is mostly far below, and jumps from epoch to epoch and "
        "from seed to seed.",
    )


# %% see="last_batch"
if __name__ == "__main__":
    plot.see(draw_last_batch, predict_last_batch)

# %% [markdown]
# It was "b", and it is no small effect: one step in 43 ruins the other 42.

# %% [markdown] written="batch_of_few" points=10
# ## 5 In your own words
#
# About 15 lines in all; formulas are welcome.
#
# 1. *Two faulty backward passes.* For negligible $\epsilon$, one gives a $dx$ with $\sum_i dx_i \ne 0$. The other's sum
#    is 0, but $\sum_i dx_i\,\hat x_i$ is not. Which path has each of them forgotten, and why must both sums vanish?
# 2. *A batch of one.* What are $y$ and $dx$ in training, and what can the layers below learn? What becomes of the
#    running variance, and what does that do to evaluation?
# 3. *Three more examples.* Why does a step on three examples do so much more harm than one on 32? Use what $\hat x$ can
#    be for three examples, and how much one example weighs in the gradient. Why are the running statistics hardly to
#    blame? Name two remedies.
#
# ### BEGIN SOLUTION
# 1. The first forgot the path through the mean, the second that through the variance. Adding a constant to a feature,
#    or stretching it about its mean, leaves $\hat x$ as it is, so the derivative of $L$ along both directions is 0:
#    along $(1,\dots,1)$ it is $\sum dx_i$, along $x-\mu = \sqrt{\sigma^2+\epsilon}\,\hat x$ it is
#    $\sqrt{\sigma^2+\epsilon}\,\sum dx_i \hat x_i$.
# 2. $x-\mu=0$, so $y=\beta$ whatever $x$ is, and $dx = 0$: the layers below get no gradient, the network cannot tell
#    inputs apart, only $\beta$ (and what is above) learns. Each batch variance is 0, so $r \to 0$ like $(1-a)^t$, and
#    evaluation divides by $\sqrt\epsilon$: it blows small differences up and has little to do with training.
# 3. Three values are squeezed to mean 0 and variance 1, so each $\hat x$ lies within $\pm\sqrt2$ and says more about
#    the two others in the batch than about the example; through six layers the network sees inputs that it has never
#    been trained on, so the loss and its gradient are large. The mean over 3 gives each example a weight of 1/3, not
#    1/32, and one over a small root stretches it further; at the rate 0.5 such a step throws all weights far off. The
#    record takes only a tenth of the batch's statistics and keeps nine tenths: with a forward pass alone, accuracy
#    stays. Remedies: drop the rest or choose a batch size that divides n; scale the rate of the short batch by 3/32;
#    spread the rest over the other batches; a smaller rate; evaluation mode for that batch.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# *Part 1, 4 points:* 1 for each path; 1 for each reason (invariance, or from the derivation; checking numbers alone
# earns nothing). *Part 2, 3 points:* 1 y = beta and dx = 0; 1 nothing below learns; 1 running variance tends to 0 and
# evaluation no longer fits training. *Part 3, 3 points:* 1 x_hat of three is bounded or depends on the neighbours, or
# the statistics of three are unreliable; 1 weight 1/3 in a full-length step, or the share of the record (a tenth) as
# the reason why it is not the statistics; 1 two remedies. "Small batches are noisy" alone earns nothing.
# ### END MARK SCHEME

# %% [markdown] diary="diary"
# ## Error diary
#
# For the week before the exam, when the feedback is back: a line for each mistake that it names. Nobody marks it.
#
# | exercise | what I wrote | what gave it away | how I will notice it |
# |---|---|---|---|
# | | | | |

# %% [markdown]
# ## References
#
# * S. Ioffe and C. Szegedy, *Batch normalization: accelerating deep network training by reducing internal covariate
#   shift*, ICML 2015, arXiv:1502.03167 (the slides of Mines Paris name the second author only).
# * S. Santurkar and others, *How does batch normalization help optimization?*, NeurIPS 2018, arXiv:1805.11604: the
#   popular reason, covariate shift, is probably not the true one.
# * A. Goncharenko, MADMO lecture 4, 2021. Mines Paris PSL, session 1, slides. Digits: see `datasets/README.md`.
