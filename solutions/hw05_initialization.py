"""Initialisation: with which weights does training start, and what comes of it?

Out of scope: orthogonal and data-dependent initialisation, residual networks, batch normalisation (hw07).
"""

# %% [markdown]
# # Initialisation
#
# Two networks: ten hidden layers each, the same data, the same optimiser. One learns to read digits in seconds, the
# other never moves, and all that differs is one factor in front of the random numbers it starts from. Here you find
# that factor from a variance argument, and watch what a wrong one does. In the end you can
#
# * derive a scale for random weights, and say which assumption of the derivation your activation breaks;
# * tell from a few numbers per layer whether signals and gradients get through a deep network;
# * prepare both ends of a network: standardised inputs, and an output bias that knows the base rate.
#
# **You need** networks of dense layers and their gradients (hw02). **Time** about 4 hours. **Lectures** MADMO lecture 4
# (calibrated random numbers), Poole and Mackworth (output layer), SLDS *Basic training* (symmetry, Glorot, He), Mines
# Paris session 1 (tricks).
#
# | part | exercises and points |
# |---|---|
# | 1 One unit | `mended_product_variance` (find the bug) 6, `init_weights` 20, `catches_init` (write the test) 8 |
# | 2 Many layers | `init_mlp` 8, `layer_stats` 11, `gradient_stds` 7 |
# | 3 Twins | `symmetry_gap` 6 |
# | 4 Both ends | `output_bias` 8, `standardize_fit` 3, `standardize_apply` 5 |
# | 5 Milestone | `deep_run` 5 |
# | 6 In your own words | `where_the_two_comes_from`, marked by hand 10 |
# | before some plots | a prediction: 1 for any answer, 3 in all |
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
# 1. *Variance* (hw01): the maximum likelihood estimate of the variance, from the three numbers 1, 2 and 6?
# 2. *Cross-entropy* (hw01): a network gives the same score to each of 10 digits. What is its loss, in nats?
# 3. *Backpropagation* (hw02): one ReLU unit, $z = -0.3$. The gradient that arrives from above is 5. How large is the
#    gradient with respect to $z$?

# %% recall="warm_up"
variance = None
loss_of_equal_scores = None
gradient_below = None

quiz.recall(
    quiz.ask("1 variance", variance, "664dc8c99f", "Divide by N, not by N - 1."),
    quiz.ask("2 cross-entropy", loss_of_equal_scores, "9ad4d71b37", "Which probability has the true class?"),
    quiz.ask("3 backpropagation", gradient_below, "a198e6db2c", "What is the slope of ReLU on that side?"),
)

# %% [markdown]
# ## 1 One unit
#
# A unit sums $n$ products, $s = \sum_i w_i x_i$. If the weights are drawn too large, $s$ is larger than the $x_i$, the
# next layer makes it larger again, and after ten layers numbers overflow. Too small, and nothing is left of the signal.
# So we ask: *how large is s, compared with x, when the w are random?* Variances answer that, because for independent
# terms they simply add up.
#
# **Worked: the variance of one product.** Let $w$ and $x$ be independent. Means of independent factors multiply, so
#
# $$\operatorname{Var}(wx) = \mathbb{E}[w^2x^2] - \mathbb{E}[wx]^2
#   = \mathbb{E}[w^2]\,\mathbb{E}[x^2] - \mathbb{E}[w]^2\,\mathbb{E}[x]^2 .$$
#
# Now put $\mathbb{E}[w^2] = \operatorname{Var}(w) + \mathbb{E}[w]^2$ in, and the same for $x$. Multiply out: one of the
# four terms cancels, and three are left.
#
# ### Find the bug
#
# MADMO lecture 4 prints these three terms, for each $i$ of the sum, as
#
# $$[E(w_i)]^2\,Var(x_i) + E[(x_i)]^2\,Var(w_i) + Var(x_i)\,Var(w_i) .$$
#
# Look closely at the brackets: is that a mean squared, or a mean of squares? The next line of the slide is right again,
# so it is a slip of the pen; but whoever copies it into code gets the function below. The check draws random numbers
# and shows how far off it is. Mend it.


# %% exercise="mended_product_variance" points=6 hint="Which of the two readings is Var(x) + E[x]^2?"
# covers: 1.8 calibrated variance
def mended_product_variance(mean_w, var_w, mean_x, var_x):
    """Variance of the product of two independent random variables w and x, from their means and variances.

    As given out, it reads the slide's second term literally, as the mean of the squares of x times Var(w).

    Parameters
    ----------
    mean_w, mean_x : float or ndarray
        The means. Any sign; arrays of one shape are worked through entry by entry.
    var_w, var_x : float or ndarray
        The variances, at least 0. None of the four is modified.

    Returns
    -------
    float or ndarray
        Var(w x).

    Examples
    --------
    A weight of mean 0 does not know the sign of x, only its size. Here E[x^2] = 3 + 2^2 = 7:

    >>> mended_product_variance(0.0, 0.5, 2.0, 3.0)
    3.5
    """
    ### BEGIN SOLUTION
    return mean_w**2 * var_x + mean_x**2 * var_w + var_x * var_w
    ### END SOLUTION
    ### BEGIN STUB
    # mean_of_x_squared = var_x + mean_x**2
    # return mean_w**2 * var_x + mean_of_x_squared * var_w + var_x * var_w
    ### END STUB


# %% try="mended_product_variance"
def simulated(mean_w, var_w, mean_x, var_x, n=200_000):
    """Variance of n products of independent normal numbers, good to about 1 %."""
    rng = np.random.default_rng(5)
    return np.var(rng.normal(mean_w, var_w**0.5, n) * rng.normal(mean_x, var_x**0.5, n))


cases = {"both means 0": (0.0, 0.5, 0.0, 2.0), "E[x] = 1.5": (0.0, 0.5, 1.5, 2.0), "E[w] = 0.8": (0.8, 0.5, 0.0, 2.0)}
check.report(
    "mended_product_variance",
    *(
        check.equal(f"a simulation, {name}", lambda at=at: mended_product_variance(*at), simulated(*at), rtol=0.04)
        for name, at in cases.items()
    ),
    hint="How many terms are there after multiplying out, and which one do you count twice?",
    left="both means unlike 0, arrays",
)

# %% [markdown]
# **With blanks: from one product to a layer.** Weights are drawn around 0, independently of each other and of $x$, all
# with one variance $v$. In your three terms set $\mathbb{E}[w] = 0$:
#
# $$\operatorname{Var}(w x) = v\,(\operatorname{Var}(x) + \mathbb{E}[x]^2) = v\,\mathbb{E}[x^2], \qquad
# \operatorname{Var}(s) = A\cdot v\;\mathbb{E}[x^2] .$$
#
# If the inputs have mean 0 as well, $\mathbb{E}[x^2] = \operatorname{Var}(x)$, and $s$ is as large as $x$ if
# $v = 1/A$: *LeCun's* rule, and the slide's last line. If weights are to be *uniform* on $[-a, a]$ instead of normal,
# their variance is
#
# $$\frac1{2a}\int_{-a}^{a} w^2\,dw = \frac{a^2}{B}, \qquad\text{so that } v \text{ asks for } a = \sqrt{C\,v}.$$

# %% recall="one_layer"
A = None  # an expression as text, such as "2t" or "t^2"
B = None  # a number
C = None

quiz.recall(
    quiz.ask("A", A, "80f6b0e8c7", "How many independent terms does s have?"),
    quiz.ask("B", B, "e1a9feb393", "The integral of w^2 is w^3 / 3."),
    quiz.ask("C", C, "7fefbb3f99", "Solve for a."),
)

# %% [markdown]
# The way back asks for something else. A gradient that arrives at an *input* of the layer is a sum too, over the units
# it feeds: $\partial L/\partial x_i = \sum_j w_{ij}\,\partial L/\partial s_j$, with as many terms as there are
# *outputs*. To keep gradients as large as they are, $v$ would have to be 1 over *that* number. *Glorot* and Bengio
# settle in the middle: $v = 2/(\text{in}+\text{out})$. And *He* and others found that ReLU needs twice LeCun's
# variance; why 2 is your question at the end.

# %% [markdown] conventions="initialisation"
# ### Conventions: what is graded
#
# A layer computes $XW + b$; rows of $X$ are examples. Its weights have the shape (fan_in, fan_out). They are
# independent draws with mean 0 and the **variance**
#
# | scheme | variance $v$ | made for |
# |---|---|---|
# | `"lecun"` | $1/\text{fan\_in}$ | linear units, tanh near 0 |
# | `"glorot"` | $2/(\text{fan\_in}+\text{fan\_out})$ | tanh, both directions |
# | `"he"` | $2/\text{fan\_in}$ | ReLU |
#
# `"normal"` is the full normal distribution with standard deviation $\sqrt v$, `"uniform"` the uniform one on
# $[-\sqrt{3v}, \sqrt{3v}]$. Biases start at 0 and do not count as inputs.
#
# All random numbers come from the generator `rng` that is passed in, and from nothing else: equal generators give equal
# weights, and each call goes on where the one before ended. In which order you draw is up to you. NumPy's global
# generator (`np.random.seed`, `np.random.normal`) is left alone.
#
# Standard deviations here are those of all the numbers at hand: the mean square distance from the mean is divided by
# their number (ddof 0). A unit is *dead* if its activation is exactly 0 for every example.
#
# **Precision.** Compute in float64, NumPy's default: numbers may be off by a relative $10^{-9}$, and by $10^{-4}$ where
# inputs come in float32. For random weights only the distribution counts, and any floating-point type will do.
#
# Elsewhere you will meet other choices. They are not wrong, but they give other numbers, and here they lose points:
#
# | elsewhere | what differs |
# |---|---|
# | PyTorch's `Linear` by default | uniform on $\pm 1/\sqrt{\text{fan\_in}}$: a third of LeCun's variance |
# | Keras `HeNormal` | normal, but cut off at two standard deviations |
# | PyTorch's `kaiming_` with `mode="fan_out"` | $2/\text{fan\_out}$: keeps gradients, not signals |
# | many books: "Xavier" | Glorot's first name; some of them mean $1/\text{fan\_in}$ |
# | deeplearning.ai: $WX$ | shape (fan_out, fan_in) |


# %% exercise="init_weights" points=20 hint="Work out the variance first; does rng.normal want a variance?"
# covers: 1.8 calibrated variance; 1.8 Glorot and He; 1.8 small random weights
def init_weights(fan_in, fan_out, scheme, rng, distribution="normal"):
    """Draw the weights of one layer, by the table of the conventions box.

    The right scale keeps signals, or gradients, about as large as they were on the other side of the layer.

    Parameters
    ----------
    fan_in, fan_out : int
        Number of inputs and of units, at least 1.
    scheme : str
        "lecun", "glorot" or "he", in small letters.
    rng : np.random.Generator
        Where all random numbers come from.
    distribution : str
        "normal" (the default) or "uniform".

    Returns
    -------
    ndarray of shape (fan_in, fan_out)
        Independent draws with mean 0 and the variance of the scheme.

    Raises
    ------
    ValueError
        If there is no scheme or no distribution of that name.

    Examples
    --------
    He's variance for 200 inputs is 0.01, so the standard deviation is about 0.1, uniform or not:

    >>> W = init_weights(200, 300, "he", np.random.default_rng(0), "uniform")
    >>> W.shape, round(float(W.std()), 3), bool(np.abs(W).max() <= 0.03**0.5)
    ((200, 300), 0.1, True)
    """
    ### BEGIN SOLUTION
    variances = {"lecun": 1 / fan_in, "glorot": 2 / (fan_in + fan_out), "he": 2 / fan_in}
    if scheme not in variances or distribution not in ("normal", "uniform"):
        raise ValueError(f"there is no scheme {scheme!r} with the distribution {distribution!r}")
    v = variances[scheme]
    if distribution == "normal":
        return rng.normal(0.0, np.sqrt(v), (fan_in, fan_out))
    limit = np.sqrt(3 * v)
    return rng.uniform(-limit, limit, (fan_in, fan_out))
    ### END SOLUTION


# %% try="init_weights"
def drawn(scheme, distribution, seed=1, shape=(200, 300)):
    return init_weights(*shape, scheme, np.random.default_rng(seed), distribution)


check.report(
    "init_weights",
    check.equal("the shape, for 200 inputs and 300 units", lambda: drawn("he", "normal").shape, (200, 300)),
    check.equal("the mean of 60000 weights", lambda: float(drawn("he", "normal").mean()), 0.0, atol=0.003),
    check.equal("the standard deviation, he", lambda: float(drawn("he", "normal").std()), 0.1, rtol=0.02),
    check.equal("the largest weight, he, uniform", lambda: drawn("he", "uniform").max(), 0.17319, rtol=0.001),
    check.holds(
        "equal generators, equal weights",
        lambda: np.array_equal(drawn("lecun", "normal"), drawn("lecun", "normal")),
    ),
    hint="Compare with the table. Is it a variance or a standard deviation that you hand to the generator?",
    left="the other schemes, more units than inputs and fewer, the shape of both distributions, unknown names",
)

# %% exercise="predict_std" points=1
# Predict first. A unit has 100 inputs, all about as large as 1, and weights drawn with standard deviation 1. How large
# is its sum, typically? "a" about 1, "b" about 10, "c" about 100
### BEGIN SOLUTION
predict_std = "b"
### END SOLUTION


# %% see="one_layer"
def draw_one_layer():
    """Standard deviation of sums of random inputs against fan_in, for unscaled weights and for three schemes."""
    sizes = np.array([4, 16, 64, 256, 1024])
    lines = {"standard deviation 1": (sizes, [float(unit_sums("unscaled", n).std()) for n in sizes])}
    for name in ("lecun", "glorot", "he"):
        lines[f"{name} (yours)"] = sizes, [float(unit_sums(name, n).std()) for n in sizes]
    return plot.draw(
        plot.Panel("Sums of inputs of size 1, layer of 64 units", "number of inputs", "size of s", lines, log="xy"),
        alt="With unscaled weights the size of the sums grows like the root of the number of inputs: 2 for 4 inputs, "
        "10 for 100, 32 for 1024. With LeCun's weights it is 1 throughout, with He's 1.4. With Glorot's it is 0.3 for "
        "4 inputs, 1 for 64 and 1.4 for 1024.",
    )


def unit_sums(scheme, n):
    rng = np.random.default_rng(n)
    W = rng.standard_normal((n, 64)) if scheme == "unscaled" else init_weights(n, 64, scheme, rng)
    return rng.standard_normal((500, n)) @ W


if __name__ == "__main__":
    plot.see(draw_one_layer, predict_std)

# %% [markdown]
# It was "b": variances add up, so $\operatorname{Var}(s) = 100$ and the standard deviation is 10. It would be 100 only
# if all weights were 1 and all inputs of one sign.
#
# ### Write the test that catches it
#
# Random code is hard to test: no stored numbers will do, because a right answer may draw in any order. Somebody hands
# you an `init_weights`. How do you find out whether it is right? How far may the standard deviation of 60000 draws be
# off by chance? (For normal ones by about 0.3 %.)


# %% exercise="catches_init" points=8 hint="Why not 300 inputs and 300 units? Look at the size of many weights at once."
def catches_init(candidate):
    """Find out whether a function that claims to be init_weights is wrong.

    Draw weights with settings of your choice and compare what you see with the conventions box. Call it with its five
    arguments in order, and make a new generator for each call: the candidate gets a copy, so yours does not move on.

    A wrong one differs in one of these: the variance of one scheme or of all, with which fan or with which root; the
    limit of the uniform distribution; the mean; the shape; or it does not draw from rng at all.

    Parameters
    ----------
    candidate : callable
        candidate(fan_in, fan_out, scheme, rng, distribution), as init_weights.

    Returns
    -------
    bool
        True if the candidate is wrong or raises, False if it is right. Right ones may draw in any order, so compare no
        single weights with your own. Each wrong one caught earns its share; accusing right ones takes points away.

    Examples
    --------
    >>> catches_init(lambda fan_in, fan_out, scheme, rng, distribution: np.zeros((fan_in, fan_out)))
    True
    """
    ### BEGIN SOLUTION
    variances = {"lecun": 1 / 60, "glorot": 2 / 150, "he": 2 / 60}
    try:
        for scheme, v in variances.items():
            for distribution in ("normal", "uniform"):
                seeds = (3, 3, 4)
                draws = [candidate(60, 90, scheme, np.random.default_rng(seed), distribution) for seed in seeds]
                W, same, other = draws
                if W.shape != (60, 90) or not np.array_equal(W, same) or np.array_equal(W, other):
                    return True
                if abs(W.mean()) > 0.06 * np.sqrt(v) or abs(W.std() / np.sqrt(v) - 1) > 0.05:
                    return True
                if distribution == "uniform" and np.abs(W).max() > np.sqrt(3 * v):
                    return True
    except Exception:
        return True
    return False
    ### END SOLUTION


# %% try="catches_init"
def variance_as_deviation(fan_in, fan_out, scheme, rng, distribution="normal"):
    return init_weights(fan_in, fan_out, scheme, rng, distribution) * np.sqrt(2 / fan_in)


def always_seed_7(fan_in, fan_out, scheme, rng, distribution="normal"):
    return init_weights(fan_in, fan_out, scheme, np.random.default_rng(7), distribution)


def wrong_fan(fan_in, fan_out, scheme, rng, distribution="normal"):
    return init_weights(fan_out, fan_in, scheme, rng, distribution).reshape(fan_in, fan_out)


check.report(
    "catches_init",
    check.equal("your own init_weights is let through", lambda: bool(catches_init(init_weights)), False),
    check.equal("a variance where a deviation belongs", lambda: bool(catches_init(variance_as_deviation)), True),
    check.equal("a generator of its own is caught", lambda: bool(catches_init(always_seed_7)), True),
    check.equal("the wrong fan is caught", lambda: bool(catches_init(wrong_fan)), True),
    hint="Do your settings tell fan_in from fan_out? Do you leave room for chance, but no more than a few percent?",
    left="candidates with the other faults of the list, and right ones written otherwise",
)

# %% [markdown]
# ## 2 Many layers
#
# A network is a list of pairs $(W, b)$. Every hidden layer is followed by the activation; the last layer gives the
# scores and has none.


# %% exercise="init_mlp" points=8 uses="init_weights" hint="Which two numbers of sizes belong to one layer?"
# covers: 1.8 Glorot and He
def init_mlp(sizes, scheme, rng):
    """Draw the parameters of a whole network, each layer by the scheme with its own fans.

    Parameters
    ----------
    sizes : list or tuple of int
        Number of inputs, of units in each hidden layer, and of outputs: two numbers or more.
    scheme : str
        As for init_weights; the weights are normal.
    rng : np.random.Generator
        One stream for all layers: the second layer goes on drawing where the first one ended.

    Returns
    -------
    list of tuple
        One pair (W, b) for each layer, first layer first: W of shape (fan_in, fan_out), b of shape (fan_out,), zeros.

    Examples
    --------
    >>> params = init_mlp([64, 30, 10], "he", np.random.default_rng(0))
    >>> [(W.shape, b.shape) for W, b in params]
    [((64, 30), (30,)), ((30, 10), (10,))]
    """
    ### BEGIN SOLUTION
    return [(init_weights(n_in, n_out, scheme, rng), np.zeros(n_out)) for n_in, n_out in pairwise(sizes)]
    ### END SOLUTION


# %% try="init_mlp"
def network(*sizes):
    return init_mlp(sizes, "he", np.random.default_rng(2))


check.report(
    "init_mlp",
    check.equal("two layers, their shapes", lambda: [W.shape for W, _ in network(5, 7, 3)], [(5, 7), (7, 3)]),
    check.equal("biases of the second layer", lambda: network(5, 7, 3)[1][1], np.zeros(3)),
    check.equal("layers have their own fan_in", lambda: float(network(800, 50, 400)[1][0].std()), 0.2, rtol=0.03),
    check.holds("two layers of one shape differ", lambda: not np.array_equal(*[W for W, _ in network(6, 6, 6)])),
    hint="Which layer has how many inputs? Where does its generator come from?",
    left="more layers, other schemes, equal generators",
)

# %% [markdown]
# To see whether signals get through, look at the *activations* of every hidden layer: how large are they, around which
# mean, and how many units are dead? You wrote the activation functions in hw02; here they are again, with the
# derivative written in terms of the activation $h$.


# %% given="activations"
tiny = [
    (np.array([[1.0, -1.0]]), np.array([0.0, -1.0])),
    (np.array([[2.0, -1.0], [0.0, 3.0]]), np.array([0.0, 1.0])),
    (np.ones((2, 3)), np.zeros(3)),
]
three_examples = np.array([[1.0], [2.0], [-3.0]])


def act(name, z):
    """The activation "relu" or "tanh" of the pre-activations z."""
    return {"relu": lambda: np.maximum(z, 0.0), "tanh": lambda: np.tanh(z)}[name]()


def act_slope(name, h):
    """The derivative of "relu" or "tanh", where the activation is h; 0 where relu gives 0."""
    return {"relu": lambda: (h > 0) * 1.0, "tanh": lambda: 1.0 - h * h}[name]()


# %% exercise="layer_stats" points=11 hint="Carry the activations on in a loop; the last pair of params is left out."
# covers: 1.8 small random weights
def layer_stats(params, X, activation):
    """Size, mean and share of dead units of each hidden layer, when the examples X go through a network.

    Parameters
    ----------
    params : list of tuple
        Pairs (W, b) with shapes (fan_in, fan_out) and (fan_out,), first layer first; biases need not be 0. The last
        pair is the output layer. Not modified.
    X : ndarray of shape (N, d)
        The examples. Not modified.
    activation : str
        "relu" or "tanh", the activation of all hidden layers.

    Returns
    -------
    std, mean, dead : tuple of ndarrays of shape (L,)
        For each of the L hidden layers, first layer first: standard deviation (ddof 0) and mean of all activations of
        the layer, over examples and units at once, and the share of its units that are dead. These are activations,
        after the nonlinearity. Hidden layers only: the output layer is not among them.

    Examples
    --------
    Three hidden units see the inputs 1 and 2. The first passes them on, the second doubles them, the third is dead:

    >>> params = [(np.array([[1.0, 2.0, -1.0]]), np.zeros(3)), (np.ones((3, 1)), np.zeros(1))]
    >>> std, mean, dead = layer_stats(params, np.array([[1.0], [2.0]]), "relu")
    >>> std.round(3), mean, dead.round(3)
    (array([1.384]), array([1.5]), array([0.333]))
    """
    ### BEGIN SOLUTION
    h, rows = X, []
    for W, b in params[:-1]:
        h = act(activation, h @ W + b)
        rows.append((h.std(), h.mean(), np.all(h == 0, axis=0).mean()))
    std, mean, dead = np.array(rows).T
    return std, mean, dead
    ### END SOLUTION


# %% try="layer_stats"
def described(which, name, rows=3):
    """One of the three arrays for the small network `tiny`, as a row of numbers."""
    return np.ravel(layer_stats(tiny, three_examples[:rows], name)[which])


check.report(
    "layer_stats",
    check.equal("the means, relu", lambda: described(1, "relu"), np.array([5 / 6, 13 / 6])),
    check.equal("the standard deviations, relu", lambda: described(0, "relu"), np.array([0.897527, 2.608746])),
    check.equal("no unit is dead for all three examples", lambda: described(2, "relu"), np.zeros(2)),
    check.equal("without the third, half of them are", lambda: described(2, "relu", 2), np.full(2, 0.5)),
    check.equal("the means, tanh", lambda: described(1, "tanh"), np.array([-0.044081, -0.013379]), rtol=1e-3),
    hint="Before or after the nonlinearity? Are biases added? For how many examples does a dead unit give 0?",
    left="wide and deep networks, a single example, units that are next to 0",
)

# %% [markdown]
# Ten hidden layers, 128 units in each, examples with mean 0 and variance 1. What do you expect?

# %% exercise="predict_signal" points=1
# Predict first. Ten ReLU layers with LeCun's weights, v = 1/fan_in. How large are the activations in the tenth hidden
# layer, compared with those in the first? "a" about the same, "b" a third, "c" a twentieth or less
### BEGIN SOLUTION
predict_signal = "c"
### END SOLUTION


# %% see="histograms"
DEEP = (64, *[128] * 10, 10)


def standard_digits():
    """The training digits with mean 0 and variance 1 in each pixel that varies, and their classes."""
    X, y, _, _ = data.split(data.load("digits"))
    return (X - X.mean(axis=0)) / np.where(X.std(axis=0) > 0, X.std(axis=0), 1.0), y


def deep_params(scheme, seed=0):
    """A deep network by one of your schemes, or with weights of standard deviation 0.01."""
    rng = np.random.default_rng(seed)
    if scheme != "small":
        return init_mlp(DEEP, scheme, rng)
    return [(0.01 * rng.standard_normal(pair), np.zeros(pair[1])) for pair in pairwise(DEEP)]


def draw_histograms():
    """Activations other than 0 in hidden layers 1, 4, 7 and 10, two activations and four schemes."""
    X, schemes = standard_digits()[0][:256], ("small", "lecun", "glorot", "he")
    fig, _ = plot.figure(width=11, height=6.2)
    fig.clear()
    axes = fig.subplots(2, 4, sharex="row", sharey=True)
    for row, name in zip(axes, ("relu", "tanh"), strict=True):
        for ax, scheme in zip(row, schemes, strict=True):
            params = deep_params(scheme)
            stds, h = layer_stats(params, X, name)[0], X
            for layer, (W, b) in enumerate(params[:-1]):
                h = act(name, h @ W + b)
                if layer % 3 == 0:
                    ridge(ax, h, layer, stds[layer], (0, 3) if name == "relu" else (-1, 1))
            label = f"{'0.01' if scheme == 'small' else scheme}, {name}"
            plot.label(ax, label, "activation (zeros left out)", "", legend=False)
            ax.set_yticks([-layer / 3 for layer in range(0, 10, 3)], [f"layer {n}" for n in (1, 4, 7, 10)])
            ax.set_ylim(-3.2, 1.3)
    return plot.show(
        fig,
        "Histograms of activations that are not 0, four layers of ten, each with its standard deviation. Weights of "
        "0.01: all are next to 0 from the fourth layer on. ReLU: with LeCun's and Glorot's weights they shrink from "
        "layer to layer, to 0.02 in the tenth; with He's they keep their size. tanh: with LeCun's and Glorot's weights "
        "they shrink slowly to about 0.2, with He's they spread over the whole range.",
    )


def ridge(ax, h, layer, std, span):
    """One histogram without the zeros, on a line of its own, with the standard deviation of all beside it."""
    counts, edges = np.histogram(h[h != 0], bins=40, range=span)
    ground, box = -layer / 3, {"color": "#ffffff", "alpha": 0.8, "pad": 1}
    ax.stairs(ground + 0.8 * counts / counts.max(), edges, baseline=ground, fill=True, color="#56B4E9")
    ax.stairs(ground + 0.8 * counts / counts.max(), edges, baseline=ground, color="#000000", linewidth=0.7)
    ax.text(span[1], ground + 0.45, f"std {std:.2g}", ha="right", fontsize=9, bbox=box)


if __name__ == "__main__":
    plot.see(draw_histograms, predict_signal)

# %% [markdown]
# It was "c". With LeCun's weights each ReLU layer halves the mean square of what goes in: after nine more layers that
# is $2^{-9}$, or $1/23$ in size. He's twice as large variance makes up for it exactly. For tanh, which loses little
# near 0 and squashes what is large, the choice matters less.
#
# ### And back again
#
# Training needs gradients, and they go the other way. Let $\delta_l$ be the gradient of the loss with respect to the
# pre-activations of hidden layer $l$, a table with a row for each example. You wrote the recursion in hw02: from
# the scores, $\delta_L = (\delta_\text{scores} W_\text{out}^\top) \odot \varphi'(z_L)$, and then from each layer to the
# one below. What we want to know is how large these tables are.


# %% exercise="gradient_stds" points=7 hint="First forwards, keeping each h; then backwards. act_slope takes h."
# covers: 1.8 calibrated variance
def gradient_stds(params, X, dscores, activation):
    """Size of the gradient at each hidden layer, for a gradient that arrives at the scores.

    Where it is tiny, the weights below hardly move; where it is huge, they jump.

    Parameters
    ----------
    params : list of tuple
        Pairs (W, b) as for layer_stats, the output layer last. Not modified.
    X : ndarray of shape (N, d)
        The examples. Not modified.
    dscores : ndarray of shape (N, C)
        Gradient of the loss with respect to the scores, whatever the loss is. Not modified.
    activation : str
        "relu" or "tanh", the activation of all hidden layers.

    Returns
    -------
    ndarray of shape (L,)
        For each hidden layer, first layer first, the standard deviation (ddof 0) of all entries of the gradient with
        respect to its pre-activations, of shape (N, units). No factor is added: if there is a 1/N, it is in dscores.

    Examples
    --------
    One hidden unit that sees 1 and 2, with the output weight 3; the gradients 1 and -1 become 3 and -3:

    >>> params = [(np.array([[1.0]]), np.zeros(1)), (np.array([[3.0]]), np.zeros(1))]
    >>> gradient_stds(params, np.array([[1.0], [2.0]]), np.array([[1.0], [-1.0]]), "relu")
    array([3.])
    """
    ### BEGIN SOLUTION
    hidden = [X]
    for W, b in params[:-1]:
        hidden.append(act(activation, hidden[-1] @ W + b))
    delta, stds = dscores, []
    for (W, _), h in zip(params[:0:-1], hidden[:0:-1], strict=True):
        delta = (delta @ W.T) * act_slope(activation, h)
        stds.append(delta.std())
    return np.array(stds[::-1])
    ### END SOLUTION


# %% try="gradient_stds"
two_scores = np.array([[1.0, -1.0, 2.0], [0.0, 1.0, 0.0], [-2.0, 0.0, 1.0]])
plain = [(np.eye(3), np.ones(3)), (2 * np.eye(3), np.ones(3)), (np.eye(3), np.zeros(3))]
check.report(
    "gradient_stds",
    check.equal(
        "all units on: the second layer, then the first with a factor 2",
        lambda: np.ravel(gradient_stds(plain, np.eye(3), two_scores, "relu")),
        np.array([2.0, 1.0]) * two_scores.std(),
    ),
    check.equal(
        "three of nine inputs switch their units off",
        lambda: np.ravel(gradient_stds([plain[0], plain[2]], -2 * np.eye(3), two_scores, "relu")),
        np.array([0.993808]),
        rtol=1e-5,
    ),
    check.equal(
        "tanh, in the network of the last checks",
        lambda: np.ravel(gradient_stds(tiny, three_examples, two_scores, "tanh")),
        np.array([0.101098, 0.132972]),
        rtol=1e-4,
    ),
    hint="Which W carries the gradient from the scores to the last hidden layer, and where is the slope 0?",
    left="more layers, layers of unlike width, a factor in dscores",
)


# %% see="gradients"
def draw_gradients():
    """Size of the activations and of the gradients by layer, for the four schemes and ReLU."""
    X, rng = standard_digits()[0], np.random.default_rng(0)
    X, dscores, layers = X[:256], rng.standard_normal((256, 10)) / 256, np.arange(1, 11)
    names = {"0.01": "small", "lecun": "lecun", "glorot": "glorot", "he": "he"}
    nets = {name: deep_params(scheme) for name, scheme in names.items()}
    forth = {name: (layers, layer_stats(net, X, "relu")[0]) for name, net in nets.items()}
    back = {name: (layers, gradient_stds(net, X, dscores, "relu") * 256) for name, net in nets.items()}
    return plot.draw(
        plot.Panel("Forth: activations (ReLU)", "hidden layer", "standard deviation", forth, log="y"),
        plot.Panel("Back: gradients (ReLU)", "hidden layer", "standard deviation / that of dscores", back, log="y"),
        alt="On logarithmic scales all curves are straight lines. Left: activations keep their size with He's weights, "
        "fall by a factor of about 25 over ten layers with LeCun's and Glorot's, and by a factor of 10 billion with "
        "0.01. Right: gradients, read from the last layer to the first, do the same.",
    )


if __name__ == "__main__":
    plot.see(draw_gradients)

# %% [markdown]
# One layer multiplies by a factor; ten layers take its tenth power. That is all there is to *vanishing* and *exploding*
# gradients at the start of training, and it is why a factor of 1.4 decides.
#
# ## 3 Twins
#
# Why random at all? The SLDS lecture: if two units have the same inputs and the same weights, they get the same
# gradients, and end up learning the same features. Poole and Mackworth ask what happens if all hidden weights are
# equal. Two units of a layer are *twins* if their incoming weights, their biases and their outgoing weights agree: then
# nothing in the network can tell them apart, and no gradient ever will.


# %% exercise="symmetry_gap" points=6 hint="A unit is a column of one W and a row of the next."
# covers: 1.8 zero initialisation and symmetry
def symmetry_gap(params):
    """How far each hidden layer is from having nothing but twins.

    Parameters
    ----------
    params : list of tuple
        Pairs (W, b) with shapes (fan_in, fan_out) and (fan_out,), first layer first. The last pair is the output
        layer. Not modified.

    Returns
    -------
    ndarray of shape (L,)
        For each hidden layer, first layer first: the largest difference between any two of its units, in any one
        incoming weight, in the bias, or in any one outgoing weight. It is 0 if all its units are twins, and for a
        layer of a single unit.

    Examples
    --------
    Two units that agree in everything but one outgoing weight, 5 and 2:

    >>> params = [(np.full((4, 2), 0.1), np.zeros(2)), (np.array([[1.0, 5.0], [1.0, 2.0]]), np.zeros(2))]
    >>> symmetry_gap(params)
    array([3.])
    """
    ### BEGIN SOLUTION
    gaps = []
    for (W, b), (W_next, _) in pairwise(params):
        gaps.append(max(np.ptp(W, axis=1).max(), np.ptp(b), np.ptp(W_next, axis=0).max()))
    return np.array(gaps)
    ### END SOLUTION


# %% try="symmetry_gap"
def pair_of_units(W, b, W_next):
    return [(np.array(W), np.array(b)), (np.array(W_next), np.zeros(2))]


check.report(
    "symmetry_gap",
    check.equal("twins", lambda: symmetry_gap(pair_of_units([[4.0, 4.0]], [1.0, 1.0], [[2.0, 7.0]] * 2)), [0.0]),
    check.equal("incoming", lambda: symmetry_gap(pair_of_units([[4.0, 1.0]], [1.0, 1.0], [[2.0, 7.0]] * 2)), [3.0]),
    check.equal("biases", lambda: symmetry_gap(pair_of_units([[4.0, 4.0]], [1.0, -1.0], [[2.0, 7.0]] * 2)), [2.0]),
    check.equal("outgoing", lambda: symmetry_gap(pair_of_units([[4.0, 4.0]], [1.0, 1.0], [[2.0, 7.0], [2, 3]])), [4.0]),
    hint="Compare units with units: over which axis of W, and over which of the next W?",
    left="several hidden layers, more units, random weights",
)

# %% [markdown]
# Here is a training loop for the rest of the notebook: hw02's gradients and hw03's minibatches.


# %% given="training"
def loss_and_gradients(params, X, y, activation):
    """Mean cross-entropy of a network, and its gradients as a list of (dW, db)."""
    hidden = [X]
    for W, b in params[:-1]:
        hidden.append(act(activation, hidden[-1] @ W + b))
    scores = scores_of(params, X, activation)
    log_p = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
    delta = (np.exp(log_p) - np.eye(scores.shape[1])[y]) / len(y)
    grads = []
    for (W, _), h in zip(reversed(params), reversed(hidden), strict=True):
        grads.append((h.T @ delta, delta.sum(axis=0)))
        delta = (delta @ W.T) * act_slope(activation, h)
    return float(-log_p[np.arange(len(y)), y].mean()), grads[::-1]


def scores_of(params, X, activation):
    """The scores that a network gives to the classes, shape (N, C)."""
    for W, b in params[:-1]:
        X = act(activation, X @ W + b)
    return X @ params[-1][0] + params[-1][1]


def train(params, X, y, activation, rng, epochs=8, lr=0.01):
    """Train by minibatches of 32: the new parameters, and the loss after each epoch."""
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), 32):
            batch = order[start : start + 32]
            grads = loss_and_gradients(params, X[batch], y[batch], activation)[1]
            params = [(W - lr * dW, b - lr * db) for (W, b), (dW, db) in zip(params, grads, strict=True)]
        losses.append(loss_and_gradients(params, X, y, activation)[0])
    return params, losses


# %% see="twins"
def draw_twins():
    """Gap between hidden units during training, from random weights, from equal ones, and from zeros."""
    X, y = standard_digits()
    starts = {"he": init_mlp((64, 16, 10), "he", np.random.default_rng(0))}
    for value in (0.1, 0.0):
        starts[f"all {value:g}"] = [(np.full(pair, value), np.zeros(pair[1])) for pair in pairwise((64, 16, 10))]
    gaps, losses, epochs = {}, {}, np.arange(13)
    for name, params in starts.items():
        rng, gap, loss = np.random.default_rng(1), [], []
        for epoch in epochs:
            params = train(params, X, y, "tanh", rng, epochs=1, lr=0.1)[0] if epoch else params
            gap.append(float(symmetry_gap(params)[0]))
            loss.append(loss_and_gradients(params, X, y, "tanh")[0])
        gaps[name], losses[name] = (epochs, gap), (epochs, loss)
    return plot.draw(
        plot.Panel("How far from twins?", "epoch", "symmetry gap", gaps),
        plot.Panel("Training loss", "epoch", "mean cross-entropy", losses),
        alt="From random weights, the gap between the 16 hidden units is 2 and more, and the loss falls to 0.1. From "
        "weights that are all 0.1 the gap is 0 in every epoch, to the last bit, and the loss only falls to about 1.8, "
        "as with one hidden unit. From zeros nothing moves but the output bias: the loss stays at log 10.",
    )


if __name__ == "__main__":
    plot.see(draw_twins)

# %% [markdown]
# Sixteen units that do the work of one. With zeros it is worse: no gradient passes an outgoing weight of 0, and the
# hidden units give 0. A loss that still falls a little proves nothing, because biases of the output layer learn.
#
# ## 4 Both ends
#
# **The output.** Poole and Mackworth: set the weights of the output layer to 0 and its bias "to the mean for regression
# or inverse-sigmoid of the empirical probability for classification. (Why?)" Without it, the first steps of training
# are spent on learning what one can count beforehand: how common the classes are.


# %% exercise="output_bias" points=8 hint="Which constant prediction has the smallest loss? Solve sigmoid(b) = p for b."
# covers: 1.8 output layer bias
def output_bias(y, task):
    """The best bias of a single output unit with weights 0, and the loss that training then starts from.

    Parameters
    ----------
    y : ndarray of shape (N,)
        Targets: real numbers for regression, 0 and 1 (integers, floats or bools) for classification. Not modified.
    task : str
        "regression": the output is the prediction, the loss the mean of (prediction - y)^2, without 1/2.
        "classification": the output is a logit, the loss the mean cross-entropy in nats.

    Returns
    -------
    bias, initial_loss : tuple of float
        For regression the bias is the mean of y. For classification it is log(p / (1 - p)) with p the share of ones,
        clipped to the range from 1e-7 to 1 - 1e-7, so that a single class gives a finite bias. The loss is that of
        this bias on the targets y.

    Raises
    ------
    ValueError
        If there is no task of that name.

    Examples
    --------
    One in ten: a loss of 0.325 in place of log 2 = 0.693 from a bias of 0.

    >>> bias, loss = output_bias(np.arange(10) == 4, "classification")
    >>> round(float(bias), 3), round(float(loss), 3)
    (-2.197, 0.325)
    """
    ### BEGIN SOLUTION
    if task == "regression":
        return np.mean(y), np.var(y)
    if task == "classification":
        ones = np.mean(y)
        p = np.clip(ones, 1e-7, 1 - 1e-7)
        return np.log(p / (1 - p)), -ones * np.log(p) - (1 - ones) * np.log(1 - p)
    raise ValueError(f"there is no task {task!r}")
    ### END SOLUTION


# %% try="output_bias"
ones = np.zeros(500, dtype=int)
ones[::10] = 1
check.report(
    "output_bias",
    check.equal("regression", lambda: output_bias(np.array([1.0, 2.0, 6.0]), "regression"), (3.0, 14 / 3)),
    check.equal("a share of 0.1", lambda: output_bias(ones, "classification"), (-2.197225, 0.325083), rtol=1e-5),
    check.equal("one half", lambda: output_bias(np.array([0, 1]), "classification"), (0.0, 0.693147), rtol=1e-5),
    check.holds("no ones at all", lambda: -20 < float(output_bias(np.zeros(4), "classification")[0]) < -10),
    hint="Put the bias into the loss: is it the smallest that a constant can reach?",
    left="other shares, unknown tasks, booleans and integers",
)


# %% see="base_rate"
def draw_base_rate():
    """Loss of a classifier "is it a 3?" over the first steps, from both biases."""
    X, digits = standard_digits()
    y, steps, lines = (digits == 3) * 1.0, np.arange(41), {}
    W = init_mlp((64, 32, 1), "he", np.random.default_rng(0))[0][0]
    for name, bias in {"bias 0": 0.0, "bias from the base rate": float(output_bias(y, "classification")[0])}.items():
        w, b, losses, hidden = np.zeros(32), bias, [], act("relu", X @ W)
        for _ in steps:
            z = hidden @ w + b
            losses.append(float(np.mean(np.logaddexp(0, z) - y * z)))
            error = (1 / (1 + np.exp(-z)) - y) / len(y)
            w, b = w - 0.05 * hidden.T @ error, b - 0.05 * error.sum()
        lines[name] = steps, losses
    entropy = float(output_bias(y, "classification")[1])
    lines["entropy of the base rate"] = steps, np.full(len(steps), entropy)
    return plot.draw(
        plot.Panel("Is it a 3? Output weights start at 0", "step of gradient descent", "mean cross-entropy", lines),
        alt="From bias 0 the loss starts at 0.69 and needs some 15 steps to reach the entropy of the base rate, 0.33. "
        "From the bias of the base rate it starts there and falls at once.",
    )


if __name__ == "__main__":
    plot.see(draw_base_rate)

# %% [markdown]
# **The input.** All of part 1 took inputs of mean 0 and of one size for granted, and so do all three lectures that say:
# subtract the mean, divide by the standard deviation, feature by feature. Both numbers are *learned*: they come from
# the training examples, and the very same two are used on everything that comes later. Otherwise an example would
# change its meaning with the company it comes in. A feature that is constant in training has standard deviation 0;
# dividing by 1 instead makes it 0.


# %% exercise="standardize_fit" points=3 hint="One mean per feature: over which axis?"
# covers: 1.8 input normalisation
def standardize_fit(X):
    """Learn how to standardise: mean and standard deviation of every feature.

    Parameters
    ----------
    X : ndarray of shape (N, d)
        Training examples, integers or floats. Not modified.

    Returns
    -------
    mean, std : tuple of ndarrays of shape (d,)
        Of each feature over the examples, std with ddof 0. Where it is exactly 0, std is replaced by 1.

    Examples
    --------
    >>> standardize_fit(np.array([[1.0, 5.0], [3.0, 5.0]]))
    (array([2., 5.]), array([1., 1.]))
    """
    ### BEGIN SOLUTION
    mean, std = X.mean(axis=0), X.std(axis=0)
    std[std == 0] = 1.0
    return mean, std
    ### END SOLUTION


# %% try="standardize_fit"
table = np.array([[1.0, 5.0, 10.0], [4.0, 5.0, 30.0], [7.0, 5.0, 20.0], [8.0, 5.0, 80.0]])
check.report(
    "standardize_fit",
    check.equal("the means", lambda: np.ravel(standardize_fit(table)[0]), np.array([5.0, 5.0, 35.0])),
    check.equal(
        "the deviations; the constant feature gets 1",
        lambda: np.ravel(standardize_fit(table)[1]),
        np.array([2.738613, 1.0, 26.925824]),
    ),
    hint="One number for each column. Divided by N or by N - 1?",
    left="other tables, integers",
)


# %% exercise="standardize_apply" points=5 hint="Nothing is learned here: use stats as they are."
# covers: 1.8 input normalisation
def standardize_apply(X, stats):
    """Standardise examples with what standardize_fit has learned.

    Parameters
    ----------
    X : ndarray of shape (M, d)
        Any examples, a single one too, integers or floats. Not modified.
    stats : tuple of ndarrays of shape (d,)
        What standardize_fit returned for the training examples: mean and std, no std being 0.

    Returns
    -------
    ndarray of shape (M, d)
        (X - mean) / std, feature by feature, as floating-point numbers.

    Examples
    --------
    A later example has its place on the scale of the training examples:

    >>> standardize_apply(np.array([[4.0, 6.0]]), (np.array([2.0, 5.0]), np.array([1.0, 1.0])))
    array([[2., 1.]])
    """
    ### BEGIN SOLUTION
    mean, std = stats
    return (X - mean) / std
    ### END SOLUTION


# %% try="standardize_apply"
learned = np.array([5.0, 5.0, 35.0]), np.array([2.0, 1.0, 20.0])
new = np.array([[7.0, 11.0, 16.0], [1.0, 5.0, 30.0], [4.0, 5.0, 20.0]])
check.report(
    "standardize_apply",
    check.equal("one example", lambda: standardize_apply(new[:1], learned), np.array([[1.0, 6.0, -0.95]])),
    check.equal("three of them", lambda: standardize_apply(new, learned)[:, 0], np.array([1.0, -2.0, -0.5])),
    hint="Does an example keep its value when it comes alone?",
    left="tables of other sizes, what fit and apply do together, integers",
)

# %% [markdown]
# Two more preparations from the slides. A feature that is a *name*, such as a colour out of red, green and blue, has
# no mean: it becomes *indicators*, one for each value, of which exactly one is 1 (one-hot). And *augmentation* adds
# changed copies of the training examples (shifted, rotated, noisy), so that the network learns what does not matter.
# "What can go wrong?", ask Poole and Mackworth.

# %% recall="preparation"
# covers: 1.8 one-hot encoding; 1.8 data augmentation and what can go wrong
indicators = None  # a weekday and a colour out of three, both one-hot: how many indicators?
colours_as_numbers = None  # if red, green, blue were 0, 1, 2: which colour would lie half-way between the others?
half_turn = None  # one digit, turned by 180 degrees, becomes a valid 9. Which?
copies = None  # augment before splitting off the test part: does the test accuracy come out too "high" or too "low"?

quiz.recall(
    quiz.ask("indicators", indicators, "2a6caadfae", "One for each value of each feature."),
    quiz.ask("numbers for names", colours_as_numbers, "2e245e395f", "Which is the mean of the other two?"),
    quiz.ask("half a turn", half_turn, "b2d302c377", "Turn the page round."),
    quiz.ask("copies on both sides", copies, "590079039b", "Has the network seen the test examples' brothers?"),
)

# %% [markdown]
# ## 5 Milestone: a deep network trains, or it does not
#
# All parts together: ten hidden layers of 64 units on the digits, raw pixels in, digits out. What can go wrong here
# besides the scheme is the order of things and who is allowed to see what.


# %% exercise="deep_run" points=5 uses="init_mlp,standardize_fit,standardize_apply" hint="Which examples is fit to see?"
# covers: 1.8 input normalisation
def deep_run(scheme, activation, hidden, train, X, y, X_test, rng):
    """Standardise, initialise, train, and classify the test examples.

    The network has as many inputs as X has features, the hidden layers, and an output for each class 0, 1, ..., max(y).

    Parameters
    ----------
    scheme : str
        As for init_mlp.
    activation : str
        "relu" or "tanh".
    hidden : tuple of int
        Number of units in each hidden layer.
    train : callable
        train(params, X, y, activation, rng) returns the new parameters and a list of losses, as `train` above does.
    X, y : ndarrays of shape (N, d) and (N,)
        Raw training examples and their classes. train gets the standardised ones. Not modified.
    X_test : ndarray of shape (M, d)
        Raw test examples, standardised with the statistics of the training examples. Not modified.
    rng : np.random.Generator
        Draws the weights first, by init_mlp; then train gets it for the rest.

    Returns
    -------
    losses : list of float
        As train returned them.
    classes : ndarray of shape (M,)
        For each test example the class with the largest score, by the parameters that train returned.

    Examples
    --------
    >>> rng, X = np.random.default_rng(0), np.eye(6, 64)
    >>> losses, classes = deep_run("he", "relu", (32, 32), train, X, np.arange(6) % 3, X, rng)
    >>> len(losses), classes.shape
    (8, (6,))
    """
    ### BEGIN SOLUTION
    stats = standardize_fit(X)
    params = init_mlp([X.shape[1], *hidden, int(y.max()) + 1], scheme, rng)
    params, losses = train(params, standardize_apply(X, stats), y, activation, rng)
    return losses, scores_of(params, standardize_apply(X_test, stats), activation).argmax(axis=1)
    ### END SOLUTION


# %% try="deep_run"
seen = []
raw = np.array([[1.0, 5.0, 10.0], [4.0, 5.0, 30.0], [7.0, 5.0, 20.0], [8.0, 5.0, 80.0]])


def recording(params, X, y, activation, rng):
    """A stand-in for train that notes what it gets, and returns a network that copies its first three inputs."""
    seen.append((params, X))
    return [(np.eye(3), np.full(3, 9.0)), (np.eye(3), np.zeros(3))], [0.5]


def noted(part):
    """What deep_run hands to train, for four examples with three features."""
    seen.clear()
    y, X_test, rng = np.array([0, 2, 1, 0]), raw[1:] + np.array([1, 1, 0]), np.random.default_rng(4)
    classes = deep_run("he", "relu", (3,), recording, raw, y, X_test, rng)[1]
    return {"classes": classes, "means": seen[0][1].mean(axis=0), "shapes": [W.shape for W, _ in seen[0][0]]}[part]


check.report(
    "deep_run",
    check.equal("shapes of the network", lambda: noted("shapes"), [(3, 3), (3, 3)]),
    check.equal("train gets standardised examples", lambda: noted("means"), np.zeros(3), atol=1e-9),
    check.equal("classes of the test examples", lambda: noted("classes"), np.array([1, 0, 2])),
    hint="Whose mean and std are used for the test examples? Which parameters score them?",
    left="the weights that train starts from, other schemes and sizes",
)

# %% exercise="predict_training" points=1
# Predict first. Ten hidden ReLU layers. Which schemes get below a training loss of 1.5 within 8 epochs at the rate
# 0.01, whatever the seed? "a" lecun, glorot and he, "b" glorot and he, "c" he only
### BEGIN SOLUTION
predict_training = "c"
### END SOLUTION


# %% see="milestone"
RUNS = (("relu", "he"), ("relu", "glorot"), ("relu", "lecun"), ("tanh", "glorot"))


def milestone_run(activation, scheme, seed):
    """Training losses and test accuracy of one deep network; the seed draws the weights and then the orders."""
    X, y, X_test, y_test = data.split(data.load("digits"))
    losses, classes = deep_run(scheme, activation, (64,) * 10, train, X, y, X_test, np.random.default_rng(seed))
    return losses, float(np.mean(classes == y_test))


def draw_milestone(seeds=2):
    """Training loss by epoch for four pairs of activation and scheme, mean and range over some seeds."""
    lines, bands = {}, {}
    for activation, scheme in RUNS:
        runs = [milestone_run(activation, scheme, seed) for seed in range(seeds)]
        losses, accuracy = np.array([run[0] for run in runs]), np.mean([run[1] for run in runs])
        name = f"{activation}, {scheme}: test accuracy {accuracy:.2f}"
        lines[name] = np.arange(1, losses.shape[1] + 1), losses.mean(axis=0)
        bands[name] = losses.min(axis=0), losses.max(axis=0)
    title = f"Digits, ten hidden layers: mean and range of {seeds} seeds"
    return plot.draw(
        plot.Panel(title, "epoch", "training loss", lines, bands=bands),
        alt="Training loss over 8 epochs. ReLU with He's weights falls to about 0.4, with ups and downs; tanh with "
        "Glorot's falls smoothly to 0.5; ReLU with Glorot's or LeCun's weights stays near 2.3.",
    )


if __name__ == "__main__":
    plot.see(draw_milestone, predict_training)

# %% [markdown]
# It was "c": this is the network of the first lines. What to expect, as mean ± standard deviation of 20 seeds:
#
# | ten hidden layers of 64, 8 epochs | training loss | test accuracy |
# |---|---|---|
# | ReLU, He | 0.47 ± 0.29, at most 1.08 | 0.81 ± 0.08 |
# | ReLU, Glorot | 2.23 ± 0.07, at least 2.07 | 0.24 ± 0.06 |
# | ReLU, LeCun | 2.27 ± 0.03 | 0.20 ± 0.06 |
# | tanh, Glorot | 0.47 ± 0.05 | 0.89 ± 0.02 |
#
# A factor of 1.4 in each layer, 32 in all, and the network stays near $\log 10 = 2.30$. But read such tables with care.
# With five times the rate, ReLU with Glorot's weights does train in some seeds, and with He's the loss jumps. A network
# with a single hidden layer learns with any of the three schemes. And that He's loss goes up and down even here says
# that a good start is not all: normalising *during* training (hw07) is the next idea.

# %% [markdown] written="where_the_two_comes_from" points=10
# ## 6 In your own words
#
# About 15 lines in all; formulas are welcome.
#
# 1. *Alone:* a unit computes $s = \sum_{i=1}^n w_i x_i$. Derive $\operatorname{Var}(s) = n \operatorname{Var}(w)
#    \operatorname{Var}(x)$ as the slide does, and write beside every step which assumption it needs.
# 2. Now let the $x_i$ be outputs of ReLU units, $x_i = \max(0, z_i)$. Which assumption fails, and what takes the place
#    of $\operatorname{Var}(x)$? Where does the 2 in He's variance come from? Say what you assume about $z$.
# 3. Why does Glorot's rule have both fans in it? And why can one not do without randomness, by starting all weights at
#    $+\sqrt v$, which has the right size?
#
# ### BEGIN SOLUTION
# 1. $\operatorname{Var}(\sum_i w_i x_i) = \sum_i \operatorname{Var}(w_i x_i)$ if the products are uncorrelated
#    (independent weights of mean 0 are enough). $\operatorname{Var}(w_i x_i) = E[w]^2\operatorname{Var}(x) +
#    E[x]^2\operatorname{Var}(w) + \operatorname{Var}(x)\operatorname{Var}(w)$ if $w_i$ and $x_i$ are independent. The
#    first term is 0 if $E[w] = 0$, the second if $E[x] = 0$. Equal variances give the factor $n$.
# 2. $E[x] = 0$ fails: outputs of ReLU are never negative. With $E[w] = 0$ alone, $\operatorname{Var}(s) =
#    n\operatorname{Var}(w)\,E[x^2]$. If $z$ is symmetric around 0 (it is for symmetric weights and zero biases), half
#    of it is cut off: $E[\max(0,z)^2] = \frac12 E[z^2] = \frac12\operatorname{Var}(z)$. So $\operatorname{Var}(s) =
#    \frac n2\operatorname{Var}(w)\operatorname{Var}(z)$, which stays the same for $\operatorname{Var}(w) = 2/n$.
# 3. Forwards a unit sums over its fan_in inputs, backwards a gradient sums over fan_out units;
#    $2/(\text{in}+\text{out})$ is between $1/\text{in}$ and $1/\text{out}$. With equal weights all units of a layer
#    are twins for ever: they get equal gradients, so the layer does the work of one unit. (Besides, the products are
#    then correlated: their sum has a variance of the order $n^2$.)
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# *Part 1, 4 points:* 1 variances add up, with uncorrelated or independent terms; 1 the three terms, with independence
# of w and x; 1 both means 0, and which kills which term; 1 equal distributions give n. *Part 2, 4 points:* 1 E[x] = 0
# fails; 1 E[x^2] takes the place of Var(x) (nothing for the variance of ReLU's output, which is 0.34 Var(z), not 1/2);
# 1 half of E[z^2]; 1 symmetry of z named. "Half of the units are off" without squares earns 1 of these 4. *Part 3, 2
# points:* 1 sums over inputs forwards and over outputs backwards; 1 twins, or equal gradients.
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
# * Y. LeCun, L. Bottou, G. Orr and K.-R. Müller, *Efficient BackProp*, 1998 (sections 4.3 and 4.6).
# * X. Glorot and Y. Bengio, *Understanding the difficulty of training deep feedforward neural networks*, AISTATS 2010.
# * K. He, X. Zhang, S. Ren and J. Sun, *Delving deep into rectifiers*, ICCV 2015, arXiv:1502.01852.
# * A. Goncharenko, MADMO lecture 4, 2021. D. Poole and A. Mackworth, slides of *Artificial Intelligence*, 3rd edition,
#   2023. SLDS, *Deep learning: basic training*. Mines Paris PSL, session 1. Digits: see `datasets/README.md`.
