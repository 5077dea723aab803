"""Dropout.

Out of scope: dropping whole channels or weights, Gaussian noise in place of masks, uncertainty from many passes.
"""

# %% [markdown]
# # Dropout
#
# Take a network that is being trained, and in every step switch half of its hidden units off, other ones each time. It
# sounds like vandalism, and it is one of the best remedies against learning the training examples by heart. The code is
# three lines long; of 85 published solutions to one well-known exercise, 39 got them wrong. You write them, with their
# gradient, and find out in which case dropout helps and in which it does nothing. In the end you can
#
# * say which of four conventions a lecture, a library or a colleague means, and spot a reversed rate;
# * keep what a network computes in training and in evaluation at the same level, in two ways;
# * mend a gradient that is wrong by a factor which no accuracy and no optimiser of hw04 gives away.
#
# **You need** backpropagation through a dense layer (hw02), Adam (hw04) and the He scheme (hw05). **Time** about 3 to 4
# hours. **Lectures** the slides of Poole and Mackworth, MADMO lecture 4 and Mines Paris, session 1: a few lines each,
# and no two of them say the same.
#
# | part | exercise | points |
# |---|---|---|
# | 1 Forward | `dropout_forward` | 24 |
# | | `catches_dropout`: write the test | 8 |
# | | `dropout_classic_forward` | 10 |
# | 2 Backward | `dropout_backward` | 18 |
# | | `mended_layer_grads`: find the bug | 7 |
# | 3 A network | `DropoutMLP` | 14 |
# | 4 Milestone | `train_with_dropout` | 5 |
# | 5 In your own words | `what_is_scaled_when`, marked by hand | 10 |
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
# 1. *Variance* (hw01): a number is 1 with probability 0.8 and 0 otherwise. What is its variance?
# 2. *Dense layer* (hw02): `Z = X @ W + b`, and `dZ` comes from above. The gradient with respect to `X`, as code?
# 3. *Adam* (hw04): all gradients of a parameter become ten times smaller, from the first step on, and $\epsilon$ is
#    negligible. By which factor do its steps change?

# %% recall="dropout_warm_up"
variance_of_a_coin = None
gradient_of_the_input = None  # as text
change_of_the_steps = None

quiz.recall(
    quiz.ask("1 variance of a coin", variance_of_a_coin, "f7bdf58e8f", "E[k^2] - E[k]^2, and k^2 = k."),
    quiz.ask(
        "2 gradient of the input",
        gradient_of_the_input,
        "3ddf5296d7 ff4a5982c9 9668643085",
        "Which shapes fit? Write dZ @ ...",
    ),
    quiz.ask("3 steps of Adam", change_of_the_steps, "fd6227db01", "What is divided by what?"),
)

# %% [markdown]
# ## 1 Forward
#
# A hidden unit that can rely on all its neighbours may specialise in correcting one of them for one odd example. If any
# neighbour may be missing in the next step, such a partnership is worth nothing; what pays is a feature that is useful
# by itself. That is the idea of Hinton and others (2012): in training, *drop* each activation with some probability,
# that is, set it to 0. In use, nothing is dropped.
#
# But then the next layer gets more in use than it was trained with. Something has to be rescaled, and there are two
# places to do it: in training (*inverted* dropout, what libraries do) or in use (*classic*, as first published).
#
# **Worked: the mean.** Let $r$ be the probability of being dropped and $q = 1-r$ that of being kept. One number $x$
# becomes $x\,k/q$ with a coin $k$ that is 1 with probability $q$, else 0. On average
#
# $$\mathbb{E}[x\,k/q] = q\cdot\frac xq + r\cdot 0 = x .$$
#
# So the next layer, which sums such numbers, gets on average what it will get in use, without any scaling there.
#
# **With blanks: the variance.** For the same number, find $A$, $B$ (in terms of $r$) and $C$:
#
# $$\mathbb{E}\bigl[(x\,k/q)^2\bigr] = \frac{x^2}{q^{A}}, \qquad
# \operatorname{Var}(x\,k/q) = x^2\,\frac{B}{1-r}, \qquad
# \text{at } r = 0.2 \text{ the standard deviation is } C\cdot|x| .$$

# %% recall="variance_of_dropout"
A = None  # a number
B = None  # an expression as text, such as "2t" or "t^2"
C = None  # a number

quiz.recall(
    quiz.ask("A", A, "f022e2d2be", "q times the square of x / q."),
    quiz.ask("B", B, "1b1d6b243d 01e90aae3c", "1/q - 1 over one denominator."),
    quiz.ask("C", C, "f7623083a3", "The root of the variance."),
)

# %% [markdown] conventions="dropout"
# ### Conventions: what is graded
#
# The parameter is called `rate`, and `rate` is the probability that a number is **dropped**. With the rate $r$ and
# independent coins $k$, one for each number, $k = 0$ with probability $r$ and $k = 1$ otherwise:
#
# | | in training | in evaluation |
# |---|---|---|
# | inverted, `dropout_forward` | $\text{out} = x\,k\,/\,(1-r)$ | $\text{out} = x$ |
# | classic, `dropout_classic_forward` | $\text{out} = x\,k$ | $\text{out} = (1-r)\,x$ |
#
# Each number is dropped independently of all others. All random numbers are drawn from the generator `rng`
# that is passed in: equal generators give equal results, and each call goes on where the one before ended. In which
# order you draw, and by which method, is up to you. NumPy's global generator (`np.random.seed`, `np.random.rand`)
# is left alone. In evaluation nothing is drawn. A rate $r$ must satisfy $0 \le r < 1$; anything else is a
# ValueError.
#
# The letter $p$ is avoided on purpose: it means one thing here and the opposite there.
#
# | where | what it says | what that means in our terms |
# |---|---|---|
# | Poole and Mackworth | *rate*: "the proportion of values that are zeroed" | dropped, like here (on average) |
# | the same | "the prediction needs to be scaled by 1/(1 - rate)" | inverted, if read rightly: see part 5 |
# | Mines Paris, session 1 | "dropped out" with probability $p$, usually about 0.5 | dropped; no word about scaling |
# | MADMO lecture 4 | "on test case output should be normalized" | classic; no name for the rate |
# | Srivastava and others 2014 | $p$: probability of being retained | **kept**, classic |
# | PyTorch `p`, Keras `rate` | dropped | like here, inverted |
# | CS231n's exercise | $p$ | dropped until 2017, **kept** since 2018 |
# | deeplearning.ai `keep_prob` | kept | **kept**, inverted |
#
# Of the 85 solutions, 22 had the probability the wrong way round. At $r = 0.5$ nobody can see it, so try everything at
# 0.2. Dropping *exactly* the share $r$ of the numbers, by shuffling, sounds like the slide's "proportion", but then the
# coins are not independent: it is another method, and here it loses points.


# %% exercise="dropout_forward" points=24 hint="One coin for each number: when is it kept? What is divided by what?"
# covers: 1.9 inverted dropout
def dropout_forward(x, rate, rng, training):
    """Drop numbers at random in training, and leave them all alone in evaluation (the inverted form).

    In training each number of x is set to 0 with probability rate, and divided by 1 - rate otherwise; averaged over
    many calls, out is x. Numbers are dropped independently: examples do not share a mask, neither do features, nor the
    channels, rows or columns of (N, C, H, W); how many are dropped varies from call to call as chance will have it. In
    evaluation out is x.

    Parameters
    ----------
    x : ndarray with one axis or more
        Activations, such as (D,), (N, D) or (N, C, H, W). Integers and any memory layout are fine. It is not modified.
    rate : float
        Probability that a number is dropped: at least 0, less than 1. A rate of 0 drops nothing.
    rng : np.random.Generator
        Where all random numbers come from. In evaluation it is not used.
    training : bool
        True in training, False in evaluation.

    Returns
    -------
    out : ndarray of the shape of x
        The output; in training in floating-point numbers.
    cache
        Whatever your dropout_backward needs, in a form of your choice; numbers, arrays, tuples and dicts will do.
        Nothing looks into it, it is only handed on.

    Raises
    ------
    ValueError
        If rate is negative, or 1 or more, in training and in evaluation.

    Examples
    --------
    About a fifth of the ones is dropped, the others are enlarged, and the mean stays about where it was:

    >>> out, cache = dropout_forward(np.ones(10000), 0.2, np.random.default_rng(0), True)
    >>> np.unique(out), round(float(np.mean(out == 0)), 1), round(float(out.mean()), 1)
    (array([0.  , 1.25]), 0.2, 1.0)
    """
    ### BEGIN SOLUTION
    if not 0 <= rate < 1:
        raise ValueError(f"rate is {rate}, but a probability of being dropped is at least 0 and less than 1")
    if not training:
        return x, np.ones(x.shape)
    scaled_mask = (rng.random(x.shape) >= rate) / (1 - rate)
    return x * scaled_mask, scaled_mask
    ### END SOLUTION


# %% try="dropout_forward"
def dropped(x, rate, seed=0, training=True):
    return np.asarray(dropout_forward(np.asarray(x), rate, np.random.default_rng(seed), training)[0])


table = np.full((200, 300), 4.0)
check.report(
    "dropout_forward",
    check.equal("the values there are, at rate 0.2", lambda: np.unique(dropped(table, 0.2)), np.array([0.0, 5.0])),
    check.equal("share of zeros, at rate 0.2", lambda: float(np.mean(dropped(table, 0.2) == 0)), 0.2, atol=0.01),
    check.equal("the mean, at rate 0.7", lambda: float(dropped(table, 0.7).mean()), 4.0, atol=0.15),
    check.equal("evaluation changes nothing", lambda: dropped([1.0, -2.0, 0.0], 0.2, training=False), [1.0, -2.0, 0.0]),
    check.holds(
        "equal generators, equal masks; other ones, others",
        lambda: (
            np.array_equal(dropped(table, 0.2), dropped(table, 0.2))
            and not np.array_equal(dropped(table, 0.2), dropped(table, 0.2, seed=1))
        ),
    ),
    hint="With which probability is a coin of yours 0? By what are the others divided, and is it so in the box?",
    left="rows, columns and calls among each other, use of rng, wrong rates, integers, other shapes",
)

# %% exercise="predict_spread" points=1
# Predict first. A unit with the activation 1 goes through inverted dropout at rate 0.7, time and again. What is the
# standard deviation of what comes out? "a" about 0.5, "b" about 1, "c" about 1.5
### BEGIN SOLUTION
predict_spread = "c"
### END SOLUTION


# %% given="many_passes"
def draw_many_passes(calls=2000):
    """The mean of the first n passes of one unit, and the standard deviation over all passes, by rate."""
    n, lines = np.arange(1, calls + 1), {}
    for rate in (0.7, 0.2):
        rng = np.random.default_rng(3)
        out = np.array([float(dropout_forward(np.ones(1), rate, rng, True)[0][0]) for _ in n])
        lines[f"rate {rate}"] = n[9:], (np.cumsum(out) / n)[9:]
    lines["evaluation"] = n[9:], np.full(calls - 9, float(dropout_forward(np.ones(1), 0.7, rng, False)[0][0]))
    rates, grid = np.linspace(0.01, 0.89, 45), np.linspace(0, 0.9, 91)
    seen = [float(np.std(dropout_forward(np.ones(500), rate, rng, True)[0])) for rate in rates]
    spread = {"yours, 500 passes": (rates, seen), "by the formula": (grid, np.sqrt(grid / (1 - grid)))}
    return plot.draw(
        plot.Panel("Mean of the passes so far", "number of passes", "mean output", lines, log="x"),
        plot.Panel("Spread over the passes", "rate", "standard deviation", spread, dots=("yours, 500 passes",)),
        alt="Left: the mean over the passes of a unit of activation 1 settles at 1 for the rates 0.2 and 0.7, for 0.7 "
        "after larger swings. Right: the standard deviation over passes grows with the rate along the formula: 0.5 at "
        "rate 0.2, 1 at 0.5, 1.5 at 0.7, 3 at 0.9.",
    )


# %% see="many_passes"
if __name__ == "__main__":
    plot.see(draw_many_passes, predict_spread)

# %% [markdown]
# It was "c": the variance is $0.7/0.3 = 2.33$. The mean is right at any rate, but the noise that comes with it is not
# small: at rate 0.5 it is as large as the signal. A unit that sums many of them sees less of it, relatively: the noise
# of $n$ independent coins grows like $\sqrt n$, the sum like $n$. With one coin for a whole row it would grow like $n$.
#
# ### Write the test that catches it
#
# You are handed functions that claim to be `dropout_forward`. Their draws come in any order, so no stored mask will do.
# Which numbers do you look at, and how far may they be off by chance? (The share of zeros among 60000 numbers is off by
# about 0.002; the variance of 100 counts by about a seventh of itself.)


# %% exercise="catches_dropout" points=8 hint="At rate 0.5, which faults cannot be seen? How far do counts vary?"
def catches_dropout(candidate):
    """Find out whether a function that claims to be dropout_forward is wrong.

    Call it with settings of your choice, and compare what you see with the conventions box. Use its four arguments in
    order and look at the first of the two things that it returns. Make a new generator for each call: the candidate
    gets a copy, so yours does not move on. A few hundred calls are plenty; thousands may take too long.

    A wrong one differs in one of these: the probability of being dropped; the factor of those that are kept; what
    evaluation does; a mask that rows or columns share; a number of zeros that hardly varies from call to call; draws
    that do not come from rng.

    Parameters
    ----------
    candidate : callable
        candidate(x, rate, rng, training), as dropout_forward.

    Returns
    -------
    bool
        True if the candidate is wrong or raises, False if it is right. Right ones may draw in any order, so compare no
        masks with your own. Each wrong one caught earns its share; accusing right ones takes points away again.

    Examples
    --------
    >>> catches_dropout(lambda x, rate, rng, training: (x, None)), catches_dropout(dropout_forward)
    (True, False)
    """
    ### BEGIN SOLUTION
    x = np.full((60, 80), 3.0)
    try:
        for rate in (0.2, 0.7):
            out, same, other = (np.asarray(candidate(x, rate, np.random.default_rng(s), True)[0]) for s in (5, 5, 6))
            zero, each = out == 0, rate * (1 - rate)
            if abs(zero.mean() - rate) > 0.04 or not np.allclose(out[~zero], 3 / (1 - rate), rtol=1e-5):
                return True
            if not np.array_equal(out, same) or np.array_equal(out, other):
                return True
            for axis, n in ((0, 60), (1, 80)):
                if not 0.3 < zero.sum(axis=axis).var() / (n * each) < 2:
                    return True
            if not np.array_equal(candidate(x, rate, np.random.default_rng(5), False)[0], x):
                return True
        calls = (candidate(x[:8, :8], 0.5, np.random.default_rng(seed), True)[0] for seed in range(50))
        return not 0.3 < np.var([np.sum(np.asarray(call) == 0) for call in calls]) / 16 < 2.5
    except Exception:
        return True
    ### END SOLUTION


# %% try="catches_dropout"
def reversed_rate(x, rate, rng, training):
    return dropout_forward(x, 1 - rate, rng, training)


def always_on(x, rate, rng, training):
    return dropout_forward(x, rate, rng, True)


def one_mask_for_all_rows(x, rate, rng, training):
    out, cache = dropout_forward(np.ones(x.shape[1:]), rate, rng, training)
    return x * out, cache


check.report(
    "catches_dropout",
    check.equal("your own dropout_forward is let through", lambda: bool(catches_dropout(dropout_forward)), False),
    check.equal("a reversed rate is caught", lambda: bool(catches_dropout(reversed_rate)), True),
    check.equal("dropout in evaluation is caught", lambda: bool(catches_dropout(always_on)), True),
    check.equal("one mask for all rows is caught", lambda: bool(catches_dropout(one_mask_for_all_rows)), True),
    hint="Do you look at shares, values, rows, columns and both modes, at a rate other than 0.5, with room for chance?",
    left="candidates with the other faults of the list, and right ones that draw in other ways",
)

# %% [markdown]
# ### The classic form
#
# MADMO's footnote, "on test case output should be normalized", is how dropout was first published: in training the kept
# numbers stay as they are, and in use everything is scaled down to the level of training. The price is that the network
# computes something else in use than the one you wrote: whoever deploys it has to know the rate.


# %% exercise="dropout_classic_forward" points=10 uses="dropout_forward" hint="Which share does training leave?"
# covers: 1.9 classic dropout and test-time scaling
def dropout_classic_forward(x, rate, rng, training):
    """Dropout as first published: nothing is enlarged in training, everything is made smaller in evaluation.

    In training each number of x is set to 0 with probability rate, independently, and left as it is otherwise. In
    evaluation all numbers are multiplied by 1 - rate, the share that training leaves on average, and nothing is drawn.

    Parameters
    ----------
    x : ndarray with one axis or more
        Activations, as for dropout_forward. Integers and any memory layout are fine. It is not modified.
    rate : float
        Probability that a number is dropped: at least 0, less than 1.
    rng : np.random.Generator
        Where all random numbers come from, as for dropout_forward.
    training : bool
        True in training, False in evaluation.

    Returns
    -------
    ndarray of the shape of x
        The output only: there is no cache.

    Raises
    ------
    ValueError
        If rate is negative, or 1 or more.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> np.unique(dropout_classic_forward(np.full(100, 6.0), 0.25, rng, True))
    array([0., 6.])
    >>> dropout_classic_forward(np.array([6.0, -2.0]), 0.25, rng, False)
    array([ 4.5, -1.5])
    """
    ### BEGIN SOLUTION
    if not 0 <= rate < 1:
        raise ValueError(f"rate is {rate}, but a probability of being dropped is at least 0 and less than 1")
    if not training:
        return x * (1 - rate)
    return x * (rng.random(x.shape) >= rate)
    ### END SOLUTION


# %% try="dropout_classic_forward"
def classic(x, rate, training, seed=2):
    return dropout_classic_forward(np.asarray(x), rate, np.random.default_rng(seed), training)


many = np.full((200, 300), 4.0)
check.report(
    "dropout_classic_forward",
    check.equal("the values there are, at rate 0.2", lambda: np.unique(classic(many, 0.2, True)), np.array([0.0, 4.0])),
    check.equal("the mean in training, at rate 0.2", lambda: float(classic(many, 0.2, True).mean()), 3.2, atol=0.06),
    check.equal("evaluation, at rate 0.2", lambda: classic([5.0, -10.0], 0.2, False), np.array([4.0, -8.0])),
    hint="Are training and evaluation at the same level, on average?",
    left="rows, columns and calls among each other, other rates, use of rng, wrong rates, integers, other shapes",
)


# %% see="two_forms"
def draw_two_forms(calls=4000, units=60, rate=0.3):
    """What a unit above 60 others gets in training, in both forms, and what it gets in evaluation."""
    rng = np.random.default_rng(1)
    h, w, edges = rng.uniform(0, 1, units), rng.uniform(0, 0.2, units), np.linspace(1, 5, 51)
    batch, lines = np.tile(h, (calls, 1)), {}
    forms = {"inverted": lambda *at: dropout_forward(*at)[0], "classic": dropout_classic_forward}
    for name, form in forms.items():
        counts = np.histogram(form(batch, rate, rng, True) @ w, edges)[0]
        lines[f"{name}, training"] = (edges[1:] + edges[:-1]) / 2, counts
        level = float(form(h, rate, rng, False) @ w)
        lines[f"{name}, evaluation"] = (level, level), (0, 700)
    return plot.draw(
        plot.Panel(f"A sum of {units} activations, rate {rate}", "sum", f"how often, of {calls}", lines),
        alt="Two bell curves over what one unit sums up in training. That of the classic form is narrower and lies to "
        "the left, around 0.7 times the other. A vertical line goes through the middle of each: the sum in evaluation.",
    )


if __name__ == "__main__":
    plot.see(draw_two_forms)

# %% [markdown]
# Two levels, but in each form evaluation hits the middle of training. The mistakes of practice are those that mix them:
# enlarged in training *and* made smaller in evaluation, or neither.
#
# ## 2 Backward
#
# **Alone:** for a given mask, $\text{out} = x\,m$ with $m = 0$ or $m = 1/(1-r)$, number by number: a fixed factor for
# each number, as if it were a weight. What is $\partial L/\partial x$ if $\partial L/\partial\,\text{out}$ is `dout`?
# Nothing random is left to be drawn.
#
# Beware of short cuts. What was dropped cannot be read off from `out == 0`: activations of ReLU are often 0 by
# themselves, and the gradient with respect to such an $x$ is not.


# %% exercise="dropout_backward" points=18 hint="By which factor was each number multiplied? Who remembers it?"
# covers: 1.9 inverted dropout
def dropout_backward(dout, cache):
    """Gradient of dropout_forward, through the mask that was drawn there.

    It is that of L = sum of dout * out for the forward pass that made the cache. Where a number was dropped dx is 0,
    where it was kept dx is dout / (1 - rate), whatever the number was: negative, or exactly 0. After a forward pass in
    evaluation dx is dout. A cache belongs to its own forward pass: others that come later do not change it.

    Parameters
    ----------
    dout : ndarray of the shape of x
        Derivative of the loss with respect to out. Integers and any memory layout are fine. It is not modified.
    cache : object
        What dropout_forward returned beside out. It is not modified: a second call gives the same.

    Returns
    -------
    ndarray of the shape of x
        Derivative with respect to x.

    Examples
    --------
    Dropped or not, with all x equal to 0 the output does not show it, but the gradient does:

    >>> out, cache = dropout_forward(np.zeros(1000), 0.2, np.random.default_rng(0), True)
    >>> np.unique(out), np.unique(dropout_backward(np.full(1000, 4.0), cache))
    (array([0.]), array([0., 5.]))
    """
    ### BEGIN SOLUTION
    return dout * cache
    ### END SOLUTION


# %% try="dropout_backward"
def through(x, dout, rate, training=True):
    """Output and gradient of one pass."""
    out, cache = dropout_forward(np.asarray(x, dtype=float), rate, np.random.default_rng(7), training)
    return np.asarray(out), np.asarray(dropout_backward(np.asarray(dout, dtype=float), cache))


def factors(rate):
    """How far dx / dout and out / x are apart, for one mask."""
    x, dout = np.linspace(-3, 3, 40), np.linspace(1, 2, 40)
    out, dx = through(x, dout, rate)
    return float(np.abs(dx / dout - out / x).max())


check.report(
    "dropout_backward",
    check.equal("dx / dout is out / x, at rate 0.2", lambda: factors(0.2), 0.0, atol=1e-6),
    check.equal("dx / dout is out / x, at rate 0.7", lambda: factors(0.7), 0.0, atol=1e-6),
    check.equal(
        "where x is 0, some of dx is not",
        lambda: np.unique(through(np.zeros(90), np.full(90, 4.0), 0.2)[1]),
        [0.0, 5.0],
    ),
    check.equal("after evaluation dx is dout", lambda: through([1.0, -2.0], [3.0, 4.0], 0.2, False)[1], [3.0, 4.0]),
    hint="Is the mask the one of the forward pass, and are its factors the same?",
    left="other rates and shapes, two passes at once, arrays of every kind, what happens to the cache",
)

# %% [markdown]
# ### Find the bug
#
# The program library that goes with one of the lectures had, for several versions, a dropout layer that multiplied by
# the mask and by $1/(1-r)$ going forward, and by the mask alone going back. Below is such a backward pass for a dense
# layer with ReLU and dropout, in one piece. It runs, its zeros are where they belong, networks train with it. Run the
# checks, which compare it with differences of the loss, and mend it. Then think of what the layers further down get.


# %% exercise="mended_layer_grads" points=7 hint="Differentiate the formula in the docstring from left to right."
def mended_layer_grads(X, W, b, keep, rate, dout):
    """Gradients of out = ReLU(X @ W + b) * keep / (1 - rate); the code as handed out gets them wrong.

    Once mended, they are the derivatives of the sum of dout * out, for the mask that is passed in.

    Parameters
    ----------
    X : ndarray of shape (N, M)
        Inputs of the layer. It is not modified.
    W, b : ndarrays of shapes (M, D) and (D,)
        Weights and bias. They are not modified.
    keep : ndarray of bool, shape (N, D)
        The mask of the forward pass: True where a number was kept.
    rate : float
        Probability of being dropped in the forward pass, less than 1.
    dout : ndarray of shape (N, D)
        Derivative of the loss with respect to out. It is not modified.

    Returns
    -------
    dW, db, dX : tuple of ndarrays of shapes (M, D), (D,) and (N, M)
        Derivatives with respect to W, b and X.

    Examples
    --------
    One example, one unit, kept, at a rate of 0.75: everything from above counts four times.

    >>> one = np.ones((1, 1))
    >>> mended_layer_grads(3 * one, 2 * one, np.ones(1), one > 0, 0.75, 5 * one)
    (array([[60.]]), array([20.]), array([[40.]]))
    """
    ### BEGIN SOLUTION
    z = X @ W + b
    dh = dout * keep / (1 - rate)
    dz = dh * (z > 0)
    return X.T @ dz, dz.sum(axis=0), dz @ W.T
    ### END SOLUTION
    ### BEGIN STUB
    # z = X @ W + b
    # dh = dout * keep
    # dz = dh * (z > 0)
    # return X.T @ dz, dz.sum(axis=0), dz @ W.T
    ### END STUB


# %% try="mended_layer_grads"
def bump(array, place, by):
    """A copy with one entry changed."""
    moved = np.array(array, dtype=float)
    moved[place] += by
    return moved


def layer_gap(rate, which, h=1e-6):
    """One of the three gradients, divided by differences of the loss, at one place: (dW, db, dX)[which]."""
    rng = np.random.default_rng(5)
    at = [rng.normal(size=(4, 3)), rng.normal(size=(3, 2)), np.full(2, 0.5)]
    keep, dout = np.array([[True, True], [True, False], [False, True], [True, True]]), rng.normal(size=(4, 2))
    which_at, place = ((1, (0, 1)), (2, (1,)), (0, (0, 2)))[which]
    ends = []
    for sign in (1, -1):
        X, W, b = (bump(a, place, sign * h) if k == which_at else a for k, a in enumerate(at))
        ends.append(np.sum(dout * np.maximum(X @ W + b, 0) * keep / (1 - rate)))
    return float(mended_layer_grads(*at, keep, rate, dout)[which][place] / ((ends[0] - ends[1]) / (2 * h)))


check.report(
    "mended_layer_grads",
    *(
        check.equal(
            f"{name}, divided by differences, at rate {rate}", lambda k=k, r=rate: layer_gap(r, k), 1.0, rtol=1e-5
        )
        for k, name in enumerate(("dW", "db", "dX"))
        for rate in (0.2, 0.7)
    ),
    hint="By which factor is it off at rate 0.2, and at 0.7? Are all three off, and in which line do they part?",
    left="other shapes, what happens to the arguments",
)

# %% exercise="predict_lost_factor" points=1
# Predict first. Six hidden layers, each followed by dropout at rate 0.5. All six backward passes forget the factor.
# How much too small is the gradient of the first layer's weights? "a" 2 times, "b" 12 times, "c" 64 times
### BEGIN SOLUTION
predict_lost_factor = "c"
### END SOLUTION


# %% given="lost_factor"
def layer_sizes(forgetful, layers=6, width=60, rate=0.5):
    """Mean size of the gradients of each layer's weights, from the first layer up."""
    rng = np.random.default_rng(2)
    h, passes, sizes = rng.normal(size=(30, width)), [], []
    for _ in range(layers):
        W, keep = rng.normal(0, np.sqrt(2 / width), (width, width)), rng.random((30, width)) >= rate
        passes.append((h, W, np.zeros(width), keep))
        h = np.maximum(h @ W, 0) * keep / (1 - rate)
    d = rng.normal(size=h.shape)
    for X, W, b, keep in reversed(passes):
        dW, _, d = mended_layer_grads(X, W, b, keep, 0.0 if forgetful else rate, d)  # at rate 0 the factor is 1
        sizes.append(float(np.abs(dW).mean()))
    return sizes[::-1]


def draw_lost_factor():
    """Mean size of the gradients by layer, with and without the factor."""
    n, right, forgetful = np.arange(1, 7), layer_sizes(False), layer_sizes(True)
    lines = {"mended": (n, right), "without the factor": (n, forgetful)}
    return plot.draw(
        plot.Panel("Six layers with dropout at rate 0.5", "layer", "mean size of dL/dW", lines, log="y"),
        alt="Mean size of the weights' gradients by layer, on a logarithmic scale. Without the factor it is half of "
        f"the right one in layer 6, and one {right[0] / forgetful[0]:.0f}th of it in layer 1.",
    )


# %% see="lost_factor"
if __name__ == "__main__":
    plot.see(draw_lost_factor, predict_lost_factor)

# %% [markdown]
# It was "c": each layer hands its missing half on to all layers below, $2^6 = 64$. And yet it is hard to notice. The
# signs are right, so the loss falls; and Adam divides every gradient by its own size, so that its steps hardly change
# (third question at the top). Plain gradient descent all but stops learning in the lower layers.
#
# ## 3 A network
#
# Dropout follows the activation, in hidden layers only: inputs are not dropped here, and scores never are, because
# nothing above them could make up for it. The network knows in which mode it is. Forgetting to switch is the most
# common mistake with dropout in any library, and nothing crashes.


# %% exercise="DropoutMLP" points=14 uses="dropout_forward,dropout_backward" hint="One cache per layer: which is last?"
# covers: 1.9 inverted dropout
class DropoutMLP:
    """A network of ReLU layers with inverted dropout after each hidden activation, for training and for evaluation.

    A hidden layer computes ReLU(h @ W + b), then dropout; the last layer gives scores, without activation or dropout.
    A new network is in training mode. Two networks share nothing. The attributes have exactly these names; a trainer
    gives params new values, and the network uses whatever stands there.

    Parameters
    ----------
    params : list of tuple
        One pair (W, b) for each layer, first layer first: shapes (in, out) and (out,). They are not modified.
    rate : float
        Probability that an activation of a hidden layer is dropped in training: at least 0, less than 1. The network
        need not check that.
    rng : np.random.Generator
        Draws the masks in training: new ones for each layer and each call. In evaluation nothing is drawn.

    Attributes
    ----------
    params : list of tuple
        The pairs as they are now.
    training : bool
        Whether the network is in training mode.

    Examples
    --------
    A hidden layer that copies three inputs, and an output that adds them up:

    >>> net = DropoutMLP([(np.eye(3), np.zeros(3)), (np.ones((3, 1)), np.zeros(1))], 0.2, np.random.default_rng(0))
    >>> set(net.forward(np.full((1000, 3), 4.0)).ravel().tolist()) == {0.0, 5.0, 10.0, 15.0}
    True
    >>> net.eval()
    >>> net.forward(np.full((2, 3), 4.0)).ravel()
    array([12., 12.])
    """

    def __init__(self, params, rate, rng):
        ### BEGIN SOLUTION
        self.params, self.rate, self.rng, self.training = params, rate, rng, True
        ### END SOLUTION

    def train(self):
        """Switch to training mode."""
        ### BEGIN SOLUTION
        self.training = True
        ### END SOLUTION

    def eval(self):
        """Switch to evaluation mode: no dropout, and nothing is drawn."""
        ### BEGIN SOLUTION
        self.training = False
        ### END SOLUTION

    def forward(self, X):
        """The scores of a batch, and a note of everything that backward needs.

        Parameters
        ----------
        X : ndarray of shape (N, in)
            The examples. They are not modified.

        Returns
        -------
        ndarray of shape (N, out)
            The scores.
        """
        ### BEGIN SOLUTION
        self.inputs, self.caches = [X], []
        for W, b in self.params[:-1]:
            h = np.maximum(self.inputs[-1] @ W + b, 0)
            out, cache = dropout_forward(h, self.rate, self.rng, self.training)
            self.inputs.append(out)
            self.caches.append((cache, h > 0))
        W, b = self.params[-1]
        return self.inputs[-1] @ W + b
        ### END SOLUTION

    def backward(self, dscores):
        """Gradients for the batch that went forward last, through the masks that were drawn for it.

        Parameters
        ----------
        dscores : ndarray of shape (N, out)
            Derivative of the loss with respect to the scores. It is not modified.

        Returns
        -------
        list of tuple
            One pair (dW, db) for each layer, in the order of params. ReLU has the slope 0 at 0.
        """
        ### BEGIN SOLUTION
        d, grads = dscores, []
        for k in reversed(range(len(self.params))):
            grads.append((self.inputs[k].T @ d, d.sum(axis=0)))
            if k:
                cache, active = self.caches[k - 1]
                d = dropout_backward(d @ self.params[k][0].T, cache) * active
        return grads[::-1]
        ### END SOLUTION


# %% try="DropoutMLP"
copying = [(np.eye(3), np.zeros(3)), (np.eye(3), np.ones(3)), (np.eye(3), np.zeros(3))]
fours = np.full((2000, 3), 4.0)


def small_net(rate=0.2, seed=3, params=None):
    return DropoutMLP(copying if params is None else params, rate, np.random.default_rng(seed))


def evaluated(net, X):
    net.eval()
    return np.asarray(net.forward(X))


def eval_leaves_no_trace():
    """Whether a pass in evaluation between two in training changes what the second one draws."""
    one, other = small_net(), small_net()
    one.forward(fours)
    other.forward(fours)
    evaluated(one, fours)
    one.train()
    return np.array_equal(one.forward(fours), other.forward(fours))


def net_gap(h=1e-3):
    """How far one entry of each dW is from differences of the scores' sum, with equal generators."""
    rng, gaps = np.random.default_rng(6), []
    params = [(rng.normal(size=(4, 6)), rng.normal(size=6)), (rng.normal(size=(6, 2)), np.zeros(2))]
    X = rng.normal(size=(5, 4))
    net = small_net(params=params)
    grads = net.backward(np.ones_like(net.forward(X)))
    for k in (0, 1):
        ends, place = [], np.zeros(params[k][0].shape)
        place[1, 1] = h
        for sign in (1, -1):
            moved = list(params)
            moved[k] = params[k][0] + sign * place, params[k][1]
            ends.append(np.sum(small_net(params=moved).forward(X)))
        gaps.append(abs((ends[0] - ends[1]) / (2 * h) - grads[k][0][1, 1]))
    return max(gaps)


check.report(
    "DropoutMLP",
    check.equal("evaluation is the plain network", lambda: evaluated(small_net(), fours[:2]), np.full((2, 3), 5.0)),
    check.equal(
        "the scores there are in training, at rate 0.2",
        lambda: np.unique(np.round(small_net().forward(fours), 9)),
        np.array([0.0, 1.25, 7.5]),
    ),
    check.holds("evaluation draws nothing", eval_leaves_no_trace),
    check.holds("dW agrees with differences of your own forward pass", lambda: net_gap() < 0.01),
    hint="5 is 4 + 1. And 1.25 is (0 + 1) / 0.8, 7.5 is (5 + 1) / 0.8: two masks, two factors.",
    left="other sizes, shares and masks of each layer, units at 0, switching, two networks, new params, db",
)

# %% [markdown]
# ## 4 Milestone: where dropout helps, and where it does not
#
# On clean digits, dropout does nothing for accuracy; you will see. It helps where a network would otherwise learn
# examples by heart, and above all where there is something *wrong* to learn by heart. So we spoil labels: with
# probability `noise` the class of a training example is replaced by one of the ten, drawn at random. Test labels stay
# clean. There are 400 training examples and two hidden layers of 128 units, 26,000 weights: room enough for every lie.
#
# The learner is given: your network inside, He's scheme (hw05), softmax and cross-entropy (hw01), Adam (hw04). You
# write the loop. Twelve networks are trained for the picture below, which takes up to a minute.


# %% given="learner"
class Learner:
    """A network of yours, trained by Adam on softmax and cross-entropy; the seed draws weights and masks."""

    def __init__(self, rate, seed, sizes=(64, 128, 128, 10), lr=0.005):
        rng = np.random.default_rng([seed, 1])
        params = [(rng.normal(0, np.sqrt(2 / m), (m, n)), np.zeros(n)) for m, n in pairwise(sizes)]
        self.net = DropoutMLP(params, rate, np.random.default_rng([seed, 2]))
        self.moments = [[np.zeros_like(a) for a in (*pair, *pair)] for pair in params]
        self.lr, self.t = lr, 0

    def train(self):
        """Put the network into training mode."""
        self.net.train()

    def eval(self):
        """Put the network into evaluation mode."""
        self.net.eval()

    def step(self, X, y):
        """One step of Adam on one batch; the loss before it."""
        scores = np.asarray(self.net.forward(X))
        log_p = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
        grads = self.net.backward((np.exp(log_p) - np.eye(scores.shape[1])[y]) / len(y))
        self.t += 1
        self.net.params = [self.moved(k, grads[k]) for k in range(len(grads))]
        return float(-log_p[np.arange(len(y)), y].mean())

    def moved(self, k, grads):
        """Weights and bias of layer k after a step."""
        new = []
        for place, (old, g) in enumerate(zip(self.net.params[k], grads, strict=True)):
            s = self.moments[k][place] = 0.9 * self.moments[k][place] + 0.1 * g
            r = self.moments[k][place + 2] = 0.999 * self.moments[k][place + 2] + 0.001 * g * g
            s_hat, r_hat = s / (1 - 0.9**self.t), r / (1 - 0.999**self.t)
            new.append(old - self.lr * s_hat / (np.sqrt(r_hat) + 1e-7))
        return tuple(new)

    def accuracy(self, X, y):
        """Share of examples whose class has the highest score, in the mode in which the network is."""
        return float(np.mean(np.argmax(self.net.forward(X), axis=1) == y))


# %% exercise="train_with_dropout" points=5 hint="Two modes, and each epoch needs both. Which one comes first?"
def train_with_dropout(net, X, y, X_held, y_held, epochs, batch_size, rng):
    """Train in training mode, measure in evaluation mode, epoch by epoch, and leave the network ready for use.

    Every epoch draws one new order, rng.permutation(len(X)), and cuts it into consecutive batches of batch_size; a
    shorter rest makes the last batch. Each batch makes one step, in training mode. After the steps of an epoch, the
    accuracy on the held-out examples is measured once, in evaluation mode, and at the end the network is in that mode.

    Parameters
    ----------
    net : object
        net.train() and net.eval() switch the mode; net.step(X, y) learns from a batch; net.accuracy(X, y) measures.
    X, y : ndarrays of shape (n, d) and (n,)
        The training examples and their classes. They are not modified.
    X_held, y_held : ndarrays of shape (m, d) and (m,)
        Examples that are held out: no step sees them.
    epochs : int
        How often an order is drawn.
    batch_size : int
        How many examples make a batch.
    rng : np.random.Generator
        Draws the orders, and nothing else.

    Returns
    -------
    list of float
        For each epoch, the accuracy on the held-out examples after it.

    Examples
    --------
    >>> X, y = np.eye(20, 64), np.arange(20) % 10
    >>> accuracies = train_with_dropout(Learner(0.2, 0), X, y, X, y, 30, 8, np.random.default_rng(0))
    >>> len(accuracies), accuracies[-1]
    (30, 1.0)
    """
    ### BEGIN SOLUTION
    accuracies = []
    for _ in range(epochs):
        net.train()
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            net.step(X[batch], y[batch])
        net.eval()
        accuracies.append(net.accuracy(X_held, y_held))
    return accuracies
    ### END SOLUTION


# %% try="train_with_dropout"
class Diary:
    """A network that learns nothing and notes what it is asked for, in which mode; its accuracy counts its steps."""

    def __init__(self):
        self.notes, self.mode, self.steps = [], "no mode", 0

    def train(self):
        self.mode = "training"

    def eval(self):
        self.mode = "evaluation"

    def step(self, X, y):
        self.steps += 1
        self.notes.append(f"step on {len(y)} in {self.mode}")

    def accuracy(self, X, y):
        self.notes.append(f"accuracy of {len(y)} in {self.mode}")
        return float(self.steps)


def diary_of(n, epochs, batch_size):
    """A diary after training on n examples, with two held out, and what came back."""
    diary, X, y = Diary(), np.arange(float(n)).reshape(n, 1), np.zeros(n, dtype=int)
    found = train_with_dropout(diary, X, y, X[:2], y[:2], epochs, batch_size, np.random.default_rng(3))
    return diary, found


full, rest, measured = "step on 3 in training", "step on 1 in training", "accuracy of 2 in evaluation"
check.report(
    "train_with_dropout",
    check.equal("7 examples in batches of 3", lambda: diary_of(7, 1, 3)[0].notes, [full, full, rest, measured]),
    check.equal("the second epoch", lambda: diary_of(4, 2, 3)[0].notes[3:], [full, rest, measured]),
    check.equal("the accuracies of two epochs", lambda: list(diary_of(4, 2, 2)[1]), [2.0, 4.0]),
    check.equal("the mode in the end", lambda: diary_of(4, 2, 2)[0].mode, "evaluation"),
    hint="In which mode is each step, and in which is each measurement? Also in the second epoch?",
    left="which examples are in which batch, other sizes",
)

# %% exercise="predict_gain" points=1
# Predict first. Clean labels, 400 digits, two hidden layers. How much does dropout at rate 0.5 add to the test
# accuracy? "a" 3 points or more, "b" nearly nothing, "c" it costs 3 points or more
### BEGIN SOLUTION
predict_gain = "b"
### END SOLUTION


# %% given="label_noise"
NOISES = (0.0, 0.2, 0.4)


def noisy_digits(noise, seed, n=400):
    """Some training digits with spoilt labels, and the test digits with clean ones."""
    X, y, X_test, y_test = data.split(data.load("digits"))
    rng = np.random.default_rng([seed, 0])
    rows = rng.permutation(len(X))[:n]
    spoilt = rng.random(n) < noise
    return X[rows], np.where(spoilt, rng.integers(0, 10, n), y[rows]), X_test, y_test


def dropout_run(rate, noise, seed, epochs=40):
    """A learner after training, and its test accuracy by epoch; two rates share examples, weights and orders."""
    learner = Learner(rate, seed)
    return learner, train_with_dropout(
        learner, *noisy_digits(noise, seed), epochs, 100, np.random.default_rng([seed, 3])
    )


def draw_label_noise(seeds=2):
    """Test accuracy by epoch with spoilt labels, and in the end by the share of spoilt labels."""
    curves, ends, ranges = {}, {}, {}
    for rate in (0.0, 0.5):
        runs = np.array([[dropout_run(rate, noise, seed)[1] for seed in range(seeds)] for noise in NOISES])
        curves[f"rate {rate:g}"] = np.arange(1, runs.shape[2] + 1), runs[-1].mean(axis=0)
        ends[f"rate {rate:g}"] = NOISES, runs[:, :, -1].mean(axis=1)
        ranges[f"rate {rate:g}"] = runs[:, :, -1].min(axis=1), runs[:, :, -1].max(axis=1)
    return plot.draw(
        plot.Panel(f"Noise {NOISES[-1]}, mean of {seeds} seeds", "epoch", "test accuracy", curves),
        plot.Panel("After 40 epochs, mean and range", "noise", "test accuracy", ends, bands=ranges),
        alt="Left: with noise 0.4, the test accuracy without dropout rises to about 0.85 in the first epochs and then "
        "falls to 0.7, while the wrong labels are learnt by heart; with rate 0.5 it rises more slowly and stays near "
        "0.88. Right: without noise both end near 0.95; the more noise, the further the network without dropout falls "
        "behind.",
    )


# %% see="label_noise"
if __name__ == "__main__":
    plot.see(draw_label_noise, predict_gain)

# %% [markdown]
# It was "b". What to expect, as mean ± standard deviation of 20 seeds; the gain is that of pairs, which share
# examples, noise, first weights and orders:
#
# | test accuracy after 40 epochs | rate 0 | rate 0.5 | gain | smallest gain |
# |---|---|---|---|---|
# | noise 0 | 0.951 ± 0.010 | 0.950 ± 0.009 | -0.001 ± 0.008 | -0.016 |
# | noise 0.2 | 0.854 ± 0.026 | 0.921 ± 0.019 | 0.068 ± 0.014 | 0.042 |
# | noise 0.4 | 0.712 ± 0.043 | 0.877 ± 0.029 | 0.165 ± 0.029 | 0.118 |
#
# With noise 0.4 and rate 0.5, an accuracy below 0.8 means that something is wrong. The rate matters: at 0.7, dropout
# costs 0.022 ± 0.012 on clean labels. And read the left picture again: the network without dropout was nearly as good
# in the first ten epochs, before it learnt the wrong labels by heart. Stopping there (hw08) would have done much of the
# work.

# %% exercise="predict_left_on" points=1
# Predict first. Trained with rate 0.5 and noise 0.4; then somebody forgets net.eval(). Of the test digits, how many get
# another answer when they are asked a second time? "a" nearly none, "b" about 5 %, "c" about 30 %
### BEGIN SOLUTION
predict_left_on = "c"
### END SOLUTION


# %% given="left_on"
def draw_left_on(passes=64, seed=0):
    """Accuracy of the mean score of several passes in training mode, and what two passes disagree about."""
    learner = dropout_run(0.5, 0.4, seed)[0]
    _, _, X, y = noisy_digits(0.4, seed)
    learner.eval()
    level = learner.accuracy(X, y)
    learner.train()
    scores = np.array([learner.net.forward(X) for _ in range(passes)])
    n, sums = 2 ** np.arange(int(np.log2(passes)) + 1), np.cumsum(scores, axis=0)
    found = [float(np.mean(sums[k - 1].argmax(axis=1) == y)) for k in n]
    changed = float(np.mean(scores[0].argmax(axis=1) != scores[1].argmax(axis=1)))
    lines = {"dropout left on, mean score": (n, found), "evaluation, one pass": (n, np.full(len(n), level))}
    return plot.draw(
        plot.Panel(
            f"Two passes differ in {changed:.0%} of the answers",
            "passes that are averaged",
            "test accuracy",
            lines,
            log="x",
        ),
        alt=f"Of the answers of one pass with dropout left on, {changed:.0%} change in the next. The accuracy of one "
        f"such pass is {found[0]:.2f}; of the mean of {passes} passes it is {found[-1]:.2f}, next to the {level:.2f} "
        "of a single pass in evaluation.",
    )


# %% see="left_on"
if __name__ == "__main__":
    plot.see(draw_left_on, predict_left_on)

# %% [markdown]
# It was "c": a switch that was forgotten costs most of what dropout has gained. And averaged over many masks, the
# network that was left on nearly comes back to the level of evaluation, which does in one pass about what the average
# does in many. That is the second way to read dropout: it trains very many thinned networks at once, and evaluation
# asks them all.

# %% [markdown] written="what_is_scaled_when" points=10
# ## 5 In your own words
#
# About 15 lines in all; formulas are welcome.
#
# 1. *The sentence on the slide.* Poole and Mackworth: "During evaluation, dropout is not used. To account for missing
#    units, the prediction needs to be scaled by 1/(1 - rate)." Read literally, what does it do to a network that was
#    trained by your `dropout_forward`, and to one trained by `dropout_classic_forward`? Take three hidden ReLU layers
#    without biases and a rate of 0.2, and follow the reader who scales every hidden layer. Is any class changed? What
#    would the right sentence be, for each of the two forms?
# 2. *One pass or many.* Show mean and variance of one number in classic training. Then: is the score in evaluation
#    exactly the mean of the scores over all masks if the network is one linear layer above the dropped numbers? And if
#    there is another ReLU layer in between?
# 3. *The forgotten factor.* Dropout at rate $r$ follows each of $L$ hidden layers, and every backward pass forgets
#    $1/(1-r)$. By which factor is the gradient of layer $k$'s weights too small ($k = 1$ is the lowest)? Why does a
#    gradient check show it, when neither the zeros of the gradient nor the accuracy with Adam do?
#
# ### BEGIN SOLUTION
# 1. Inverted: training has already enlarged what was kept, evaluation is at the right level, and scaling enlarges it
#    once more. Without biases ReLU passes positive factors on, so three layers enlarge the scores by $1/0.8^3 = 1.95$.
#    All scores of an example grow by the same factor: the largest stays the largest, no class changes, but the
#    probabilities become too extreme (with biases classes may change too). Classic: evaluation is too large already by
#    $1/0.8$ a layer and should be made smaller; scaling up makes it $1/0.64$ a layer. Right: "*in training*, what is
#    kept is scaled by 1/(1 - rate)", or, classic, "in evaluation everything is scaled by 1 - rate".
# 2. $E[xk] = (1-r)x$, $\operatorname{Var}(xk) = x^2 r(1-r)$. A linear layer: the mean of a sum is the sum of the means,
#    so evaluation is the mean over all masks, exactly. With a ReLU in between it is not: $E[\max(0,s)] \ge
#    \max(0, E[s])$, with equality only if $s$ does not change its sign between masks; it is an approximation, which the
#    picture shows to be good.
# 3. $(1-r)^{L-k+1}$: the gradient of layer $k$ comes down through the dropout of layers $L, \dots, k$. The zeros come
#    from the mask, which is right; Adam divides by the size of the gradients, and a factor that is the same in all
#    steps cancels (up to $\epsilon$). Differences of the loss know nothing of the code of the backward pass, so the
#    ratio is plain to see, at any rate but 0.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# *Part 1, 4 points:* 1 inverted: enlarged twice, 1.95; 1 no class changes, because the factor is common (biases would
# change that; either remark earns it); 1 classic: wrong direction; 1 both right sentences. *Part 2, 3 points:* 1 mean
# and variance; 1 linear: exact, from linearity of the mean; 1 ReLU: not exact, with a reason. *Part 3, 3 points:* 1 the
# power L - k + 1 (L - k earns half); 1 Adam is scale-free, factor cancels; 1 differences are independent of the
# backward code, while zeros depend on the mask alone.
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
# * G. Hinton, N. Srivastava, A. Krizhevsky, I. Sutskever and R. Salakhutdinov, *Improving neural networks by preventing
#   co-adaptation of feature detectors*, 2012, arXiv:1207.0580.
# * N. Srivastava and others, *Dropout: a simple way to prevent neural networks from overfitting*, JMLR 15, 2014 (the
#   classic form; $p$ is the probability of being retained).
# * C. Zhang and others, *Understanding deep learning requires rethinking generalization*, ICLR 2017, arXiv:1611.03530:
#   networks learn random labels by heart.
# * D. Poole and A. Mackworth, slides of *Artificial Intelligence*, 3rd edition, 2023. A. Goncharenko, MADMO lecture 4,
#   2021. Mines Paris PSL, session 1, slides. Digits: see `datasets/README.md`.
