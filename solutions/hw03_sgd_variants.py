"""SGD and its variants: minibatches, rates, momentum, AdaGrad, RMSProp.

Out of scope: Adam (hw04), warm-up and restarts of schedules (hw10), second-order methods, convergence proofs.
"""

# %% [markdown]
# # SGD and its variants
#
# Backpropagation says which way is down. How far to go is another question, and most of the art of training lies in it.
# You build the five optimisers that Adam is made from, find out by paper and by experiment when each of them explodes,
# and mend one that a slide got wrong. In the end you can
#
# * cut data into minibatches, and say what that does to a gradient;
# * compute the largest learning rate that a method survives, and choose a schedule;
# * implement and test momentum, Nesterov, AdaGrad and RMSProp, and translate between their dialects.
#
# **You need** losses (hw01) and backpropagation (hw02). **Time** about 6 hours. **Lectures** NPFL138 lecture 2 (SGD to
# RMSProp, schedules); SLDS *Basic training* (ravine, averages); MADMO lecture 4 and Mines Paris session 1 (momentum).
#
# | part | exercises and points |
# |---|---|
# | 1 Minibatches | `minibatches` 10 |
# | 2 Descent and its rate | `SGD` 5, `lr_schedule` 8 |
# | 3 Momentum | `Momentum` 11, `convert_lr` 6, `catches_momentum` (write the test) 8 |
# | | `nesterov_step` 8, `critical_lr` 6 |
# | 4 A rate for every parameter | `AdaGrad` 9, `RMSProp` (find the bug) 8 |
# | 5 Milestone, 6 In your own words | `train_layers` 5, `why_forms` (marked by hand) 10 |
# | before each plot | a prediction: 1 for any answer, 6 in all |
#
# The checks below an exercise answer at once. The hidden tests use other numbers and shapes; whatever they look at is
# announced in a docstring or in the conventions box. A submission may use 20 s for a cell, 10 s for a call of one of
# your functions, 40 s for the tests of one exercise, and 1024 MB of memory. A good answer needs almost nothing of it.
# Formulas count to nine digits: use float64, as NumPy does by itself, and don't round. Steps of an optimiser count to
# 0.00001 of the rate; there float32 will do.

# %%
import importlib.util
import sys
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
# 1. *Maximum likelihood* (hw01): which variance does a Gaussian get from the sample 1, 2, 6?
# 2. *Backpropagation* (hw02): $y = x \cdot x + x$ at $x = 3$, and the gradient that arrives at $y$ is 2. Which leaves
#    $x$?
# 3. *Dense layer* (hw02): a batch of three examples, and the gradient $[1, -2]$ arrives for each of them. What is the
#    second entry of the bias's gradient?

# %% recall="warm_up"
variance, leaves_x, bias_entry = None, None, None
quiz.recall(
    quiz.ask("1 variance", variance, "664dc8c99f", "Divide by N, not by N - 1."),
    quiz.ask("2 backpropagation", leaves_x, "34060898ed", "Three ways lead from x to y. Add them up."),
    quiz.ask("3 dense layer", bias_entry, "84d51cd77f", "The bias takes part in every example."),
)

# %% [markdown]
# ## 1 Minibatches
#
# The loss is a mean over $n$ training examples, $E(\theta) = \frac1n\sum_i L_i(\theta)$, and so is its gradient.
# *Batch* gradient descent uses all of them in every step; *stochastic* or *online* descent uses a single random one; in
# between stand *minibatches* of $m$, usually 32 to 256 (the lectures say 32, 64, 128, or 50 to 1000).
#
# **Worked: what does a minibatch see?** Draw $m$ indices $I_1, \dots, I_m$, each uniform on $1, \dots, n$, and average
# their gradients. The mean of that is, by linearity,
#
# $$\mathbb{E}\Bigl[\frac1m\sum_{j=1}^m \nabla L_{I_j}\Bigr] = \frac1m\sum_{j=1}^m \mathbb{E}[\nabla L_{I_j}]
# = \frac1m\sum_{j=1}^m \frac1n\sum_{i=1}^n \nabla L_i = \nabla E .$$
#
# So it is *unbiased*, for every $m$. If the draws are independent, variances add up too: with $\sigma^2$ the variance
# of one example's gradient it is $\frac{1}{m^2}\, m\, \sigma^2 = \sigma^2/m$. Four times the work buys half the error.
#
# Nearly everybody draws *without* replacement: put all examples in a random order, cut it into batches, use each once.
# One such pass is an *epoch*; it has $\lceil n/m \rceil$ steps (*iterations*), the last one often on a smaller batch.
# covers: 1.4 batch, online and minibatch descent; 1.4 minibatch gradient is unbiased
# covers: 1.4 variance falls with batch size; 1.4 minibatch size


# %% exercise="minibatches" points=10 hint="One permutation per call. Where does each batch start in it?"
# covers: 1.4 epoch and iteration
def minibatches(n, batch_size, rng, drop_last=False):
    """Indices of the minibatches of one epoch.

    The n examples are put in a random order, all orders being equally likely, and the order is cut into consecutive
    batches. Every call draws a new order from rng.

    Parameters
    ----------
    n : int
        Number of examples, at least 1.
    batch_size : int
        Number of examples in a batch, at least 1; it may be larger than n.
    rng : np.random.Generator
        The only source of randomness: from the same state it gives the same batches.
    drop_last : bool
        Leave the last batch out if it is smaller than batch_size. Then there may be no batch at all.

    Returns
    -------
    iterator of ndarrays
        Integer arrays of shape (batch_size,); the last one is shorter if n is no multiple of batch_size. Each of the
        indices 0, ..., n - 1 stands in exactly one batch, unless drop_last leaves it out. A generator, an iterator or a
        list will do.

    Examples
    --------
    >>> batches = list(minibatches(10, 4, np.random.default_rng(0)))
    >>> [len(batch) for batch in batches], sorted(int(i) for batch in batches for i in batch)
    ([4, 4, 2], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    """
    ### BEGIN SOLUTION
    order = rng.permutation(n)
    stop = n - n % batch_size if drop_last else n
    for start in range(0, stop, batch_size):
        yield order[start : start + batch_size]
    ### END SOLUTION


# %% try="minibatches"
def epoch(n, batch_size, seed=0, **options):
    return list(minibatches(n, batch_size, np.random.default_rng(seed), **options))


def order_of(rng):
    return [int(i) for batch in minibatches(30, 8, np.random.default_rng(rng)) for i in batch]


def fit_to_index(batches):
    if isinstance(batches, np.ndarray) and batches.dtype == object:
        return "the batches stand in an array of objects; a list of them will do"
    return all(isinstance(batch, np.ndarray) and batch.dtype.kind in "iu" for batch in batches)


rng = np.random.default_rng(1)
check.report(
    "minibatches",
    check.equal("sizes for n = 10, batches of 4", lambda: [len(batch) for batch in epoch(10, 4)], [4, 4, 2]),
    check.equal("drop_last", lambda: [len(batch) for batch in epoch(10, 4, drop_last=True)], [4, 4]),
    check.equal("each index once", lambda: np.sort(np.concatenate(epoch(10, 4))), np.arange(10)),
    check.holds("each batch is an array of integers", lambda: fit_to_index(minibatches(10, 4, rng))),
    check.holds("the second epoch has another order", lambda: order_of(rng) != order_of(rng)),
    check.equal("the same seed, the same order", lambda: order_of(np.random.default_rng(4)) == order_of(4), True),
    hint="How many orders does one call draw, and from what?",
    left="other sizes, batches larger than n, whether all orders are equally likely",
)

# %% exercise="predict_noise" points=1
# Predict first. The distance of a minibatch gradient from the full one, batches of 16 and batches of 64: how many times
# as large is the first? "a" 1.4, "b" 2, "c" 4
### BEGIN SOLUTION
predict_noise = "b"
### END SOLUTION


# %% see="noise"
def draw_noise():
    """Root mean square distance of minibatch gradients from the full one, linear regression on diabetes."""
    X, y, _, _ = data.split(data.load("diabetes"))
    X, y, rng = (X - X.mean(axis=0)) / X.std(axis=0), (y - y.mean()) / y.std(), np.random.default_rng(0)
    each = -X * y[:, None]  # gradients of half the squared error at weights 0, one per row
    sizes = np.array([1, 2, 4, 8, 16, 32, 64, 128, 256])
    means = [
        np.array([each[batch].mean(axis=0) for _ in range(20) for batch in minibatches(len(y), int(size), rng, True)])
        for size in sizes
    ]
    error = np.array([np.sqrt(np.mean(np.sum((mean - each.mean(axis=0)) ** 2, axis=1))) for mean in means])
    return plot.draw(
        plot.Panel(
            "Distance from the full gradient, diabetes, n = 332",
            "batch size m",
            "root mean square distance",
            {"minibatches": (sizes, error), "1 / sqrt(m)": (sizes, error[0] / np.sqrt(sizes))},
            log="xy",
        ),
        alt="The distance follows 1 / sqrt(m): from 16 to 64 examples it halves. Above a quarter of all examples it is "
        "smaller than that, because a batch without repetition soon has seen everything.",
    )


if __name__ == "__main__":
    plot.see(draw_noise, predict_noise)

# %% [markdown]
# It was "b". On the far right the curve falls below the line: at $m = n$ nothing is left to chance.
#
# ## 2 Descent and its rate
#
# $-\nabla E$ points downhill, and for a small enough step the loss falls: by Taylor's formula $E(\theta - \alpha g) =
# E(\theta) - \alpha \lVert g \rVert^2 + O(\alpha^2)$. For a *convex* loss, one whose chords lie nowhere below it
# ($f(tu + (1-t)v) \le t f(u) + (1-t) f(v)$ for $0 \le t \le 1$; with two derivatives: a Hessian without negative
# eigenvalues), with a gradient that does not change too abruptly, that leads to a global minimum. $x^2$, $e^x$,
# $-\log x$, MSE, and NLL of a sigmoid or softmax of linear scores are convex; the loss of a network with a hidden layer
# is not, and descent promises no more than a point where the gradient is 0. A minimum of a convex function need not be
# the only one, by the way, though a slide says "unique optimum": $f = 0$ is convex. *Strictly* convex is what it takes.
#
# A penalty $\lambda\lVert\theta\rVert^2$ (hw01) adds $2\lambda\theta$ to $g$: each step also shrinks $\theta$ a little.
# covers: 1.4 descent for a small rate; 1.4 convergence of gradient descent; 1.4 convexity
# covers: 1.4 gradient with an L2 term

# %% [markdown] conventions="optimisers"
# ### Conventions: what is graded
#
# $g$ is the gradient of the *mean* loss of the batch, $\alpha$ is `lr`, $\rho$ is `momentum`. Before the first step $v$
# and $r$ are 0. Squares and roots are taken of each entry on its own. One step does, in this order,
#
# | | memory | parameters |
# |---|---|---|
# | `SGD` | | $\theta \leftarrow \theta - \alpha g$ |
# | `Momentum` | $v \leftarrow \rho v - \alpha g$ | $\theta \leftarrow \theta + v$ |
# | `nesterov_step` | $v \leftarrow \rho v - \alpha \nabla E(\theta + \rho v)$ | $\theta \leftarrow \theta + v$ |
# | `AdaGrad` | $r \leftarrow r + g^2$ | $\theta \leftarrow \theta - \alpha\, g \,/\, (\sqrt{r} + \varepsilon)$ |
# | `RMSProp` | $r \leftarrow \beta r + (1-\beta)\, g^2$ | as AdaGrad |
#
# eps is added outside the square root. There is no bias correction: that is hw04. Of momentum only the *path of the
# parameters* is graded, at a constant rate; what you keep inside is your business. Settings have no defaults.
#
# Elsewhere you will meet other choices. They are not wrong, but here those marked * lose points:
#
# | elsewhere | what differs |
# |---|---|
# | *M-A:* Poole and Mackworth | ours; there $\alpha$ is the momentum and $\eta$ the rate |
# | *M-B:* MADMO, Mines Paris | $v \leftarrow \rho v + g$, $\theta \leftarrow \theta - \alpha v$: same path, welcome |
# | *M-C:* deeplearning.ai | * $v \leftarrow \rho v + (1-\rho) g$, $\theta \leftarrow \theta - \alpha v$ |
# | Poole and Mackworth's RMS-Prop, a remark in NPFL138: $\sqrt{r + \varepsilon}$ | * $\varepsilon$ inside the root |
# | PyTorch's Nesterov | * keeps $\theta + \rho v$ for $\theta$ |


# %% given="walks"
def walk(optimiser, gradients, params):
    """Where steps on these gradients lead, the same gradient for every key."""
    for g in gradients:
        params = optimiser.step(params, {key: np.full(w.shape, g) for key, w in params.items()})
    return params


def untouched(optimiser):
    """Whether a step leaves the arrays alone that it is given."""
    params, grads = {"w": np.ones(2)}, {"w": np.full(2, 3.0)}
    optimiser.step(params, grads)
    return bool((params["w"] == 1).all() and (grads["w"] == 3).all())


ONE_KEY, TWO_KEYS = {"w": np.zeros(2)}, {"a": np.zeros(1), "b": np.zeros((2, 3))}


# %% exercise="SGD" points=5 hint="A new dict with new arrays. What does an array minus an array give?"
# covers: 1.4 gradient descent update
class SGD:
    """Stochastic gradient descent with a constant rate, as printed in the conventions box.

    A network has many parameter arrays, so an optimiser gets a dict of them and a dict of gradients. Its `step` is
    pure: it returns new arrays and leaves those that it was given alone. All optimisers of this course are used so.

    Parameters
    ----------
    lr : float
        Learning rate alpha, greater than 0.

    Examples
    --------
    >>> sgd, params = SGD(lr=0.1), {"x": np.array([1.0])}  # down the parabola f = x**2
    >>> for _ in range(3):
    ...     params = sgd.step(params, {"x": 2 * params["x"]})
    ...     print(params["x"].round(6))
    [0.8]
    [0.64]
    [0.512]
    """

    def __init__(self, lr):
        ### BEGIN SOLUTION
        self.lr = lr
        ### END SOLUTION

    def step(self, params, grads):
        """Take one step. Two optimisers share nothing, not even their rate.

        Parameters
        ----------
        params : dict of str to ndarray
            Parameters of any shapes, 0-d too. Each step starts from the parameters that are passed in.
        grads : dict of str to ndarray
            Their gradients under the same keys, in any order: gradients of any real dtype and memory layout, zeros
            among them.

        Returns
        -------
        dict of str to ndarray
            New arrays under the same keys. Nothing that was passed in is modified. None of it is kept either: changing
            those arrays afterwards does not change later steps.
        """
        ### BEGIN SOLUTION
        return {key: theta - self.lr * grads[key] for key, theta in params.items()}
        ### END SOLUTION


# %% try="SGD"
check.report(
    "SGD",
    check.equal("three steps", lambda: walk(SGD(0.1), [1.0, -4.0, 0.5], ONE_KEY), {"w": np.full(2, 0.25)}),
    check.equal(
        "two keys of unlike shapes",
        lambda: walk(SGD(0.2), [5.0], TWO_KEYS),
        {"a": np.full(1, -1.0), "b": np.full((2, 3), -1.0)},
    ),
    check.holds("a step leaves what it is given alone", lambda: untouched(SGD(0.1))),
    hint="Which way is down?",
    left="other rates, more steps, gradients in another order, two optimisers at once, arrays of every kind",
)

# %% [markdown]
# ### How large may the rate be?
#
# The lectures' *ravine* is $E(\theta) = 10\,\theta_1^2 + 0.5\,\theta_2^2$: steep walls, a gentle bed. Its Hessian has
# the eigenvalues (*curvatures*) 20 and 1; their ratio 20 is the *condition number*.
#
# **Worked: where descent turns over.** Along one direction of curvature $\lambda$ the loss is $\frac\lambda2\theta^2$
# and its gradient $\lambda\theta$, so a step multiplies by a fixed factor:
#
# $$\theta_{t+1} = \theta_t - \alpha\lambda\,\theta_t = (1-\alpha\lambda)\,\theta_t
# \qquad\Longrightarrow\qquad \theta_t = (1-\alpha\lambda)^t\,\theta_0 .$$
#
# It tends to 0 exactly if $|1-\alpha\lambda| < 1$, that is $0 < \alpha\lambda < 2$: the rate must stay below
# $2/\lambda_{\max}$. The steepest direction sets the limit, and the flattest one pays for it, with a factor of
# $1-\alpha\lambda_{\min}$ per step. The best compromise makes the two factors equally large, $\alpha\lambda_{\max} - 1
# = 1 - \alpha\lambda_{\min}$, which is $\alpha = 2/(\lambda_{\max}+\lambda_{\min})$: on the ravine $2/21$, and the
# limit is $2/20$. There is little room between best and explosion.
# covers: 1.4 ill-conditioning and the ravine


# %% given="ravine"
CURVATURES = np.array([20.0, 1.0])


def ravine_loss(theta):
    """10 theta_1**2 + 0.5 theta_2**2."""
    return float(0.5 * np.sum(CURVATURES * theta**2))


def ravine_path(optimiser, steps, curvatures=CURVATURES, start=(1.0, 1.0)):
    """The points that an optimiser visits on a quadratic with these curvatures; it ends where numbers get huge."""
    path = [np.array(start)]
    while len(path) <= steps and np.abs(path[-1]).max() < 1e9:
        path.append(optimiser.step({"theta": path[-1]}, {"theta": curvatures * path[-1]})["theta"])
    return np.array(path)


def steps_needed(path, goal=1e-8):
    """How many steps it takes until the loss is below the goal, in words."""
    below = [t for t, theta in enumerate(path) if ravine_loss(theta) < goal]
    if below:
        return f"{below[0]} steps"
    return "explodes" if np.abs(path[-1]).max() > 1e3 else f"not in {len(path) - 1} steps"


# %% exercise="predict_limit" points=1
# Predict first. Descent on the ravine from (1, 1), with a rate of exactly 2/20 = 0.1. What happens? "a" it needs many
# steps, but gets there, "b" it jumps from wall to wall for ever, "c" it leaves the ravine, faster and faster
### BEGIN SOLUTION
predict_limit = "b"
### END SOLUTION


# %% see="limit"
RATES = {"0.01": 0.01, "0.05": 0.05, "2/21": 2 / 21, "0.1": 0.1, "0.101": 0.101}


def draw_paths(ax, paths, title, box=1.35, legend=True):
    """Paths over the contours of the ravine."""
    x, y = np.meshgrid(np.linspace(-box, box, 121), np.linspace(-box, box, 121))
    ax.contour(x, y, 10 * x**2 + 0.5 * y**2, levels=[0.1, 0.5, 2, 5, 10, 20], colors="#bbbbbb", linewidths=0.8)
    for k, (name, path) in enumerate(paths.items()):
        ax.plot(path[:, 0], path[:, 1], label=name, **{**plot.style(k, marker=True), "markersize": 3, "linewidth": 1.2})
    ax.set_xlim(-box, box)
    ax.set_ylim(-box, box)
    plot.label(ax, title, "theta 1 (steep)", "theta 2 (flat)", legend=legend)


def draw_limit():
    """Losses for rates on both sides of the limit, and two paths."""
    paths = {name: ravine_path(SGD(lr), 1500) for name, lr in RATES.items()}
    fig, (left, right) = plot.figure(2, width=10.5, height=4.2)
    draw_paths(left, {f"rate {name}": paths[name][:40] for name in ("0.01", "2/21", "0.1")}, "40 steps on the ravine")
    for k, (name, path) in enumerate(paths.items()):
        losses = [ravine_loss(theta) for theta in path[:301]]
        right.plot(losses, label=f"rate {name}: {steps_needed(path)}", **plot.style(k))
    right.set_yscale("log")
    right.set_ylim(1e-9, 1e13)
    right.axhline(1e-8, color="#999999", linewidth=0.8)
    plot.label(right, "Steps until the loss is below 1e-8", "step", "loss")
    right.legend(loc="upper left", edgecolor="none")
    return plot.show(
        fig,
        "Left: with the rate 0.01 the path slides to the bed and creeps along it; with 2/21 it zigzags across the bed "
        "and gets there faster; with 0.1 it jumps between the walls and never comes nearer to them. Right: steps "
        "needed are 882, 173 and 104 for 0.01, 0.05 and 2/21; at 0.1 the loss stays near 10, at 0.101 it grows.",
    )


if __name__ == "__main__":
    plot.see(draw_limit, predict_limit)

# %% [markdown]
# It was "b": the factor is $1 - 0.1 \cdot 20 = -1$ exactly. One per cent more, and all is lost.
#
# ### Rates that fall
#
# With minibatches there is a second reason to be careful. Near the minimum the mean gradient vanishes, but its noise
# does not, so at a constant rate the parameters never come to rest. Robbins and Monro (1951) said which falling rates
# $\alpha_1, \alpha_2, \dots$ help (for a strictly convex loss, under mild conditions):
#
# $$\sum_t \alpha_t = \infty \quad\text{(far enough to get there from anywhere)}, \qquad
# \sum_t \alpha_t^2 < \infty \quad\text{(the noise adds up to something finite)}.$$
#
# To see why, estimate a mean: $L = \frac12(\theta - x)^2$, $x \sim N(3, 1)$, so a step is
# $\theta \leftarrow \theta - \alpha_t(\theta - x_t)$. After 2,000 steps the root mean square errors are, by 400 runs,
#
# | $\alpha_t$ | $\sum \alpha_t$ | $\sum \alpha_t^2$ | from $\theta = 10$ | from $\theta = 1000$ |
# |---|---|---|---|---|
# | $1/t$ | infinite | finite | 0.022 | 0.022 |
# | $1/\sqrt t$ | infinite | infinite | 0.109 | 0.109 |
# | $0.1$ | infinite | infinite | 0.223 | 0.223 |
# | $0.5/t^2$ | finite | finite | 2.5 | 357 |
#
# The third still rattles about; the fourth ran out of breath on the way. With $\alpha_t = 1/t$ the estimate is exactly
# the mean of all $x$ so far (try $t = 1, 2$), as good as it gets. Networks are not convex and training is short, so
# practice uses schedules that end after a planned number $T$ of steps.
# covers: 1.4 Robbins-Monro conditions; 1.7 decreasing or adaptive rate

# %% recall="robbins_monro"
both_hold = None  # which of "a" 0.1, "b" 5 / (100 + t), "c" t**-0.4, "d" 0.9**t satisfies both conditions?
quiz.recall(quiz.ask("both conditions hold", both_hold, "758fe50826", "A geometric series is finite. And 2 * 0.4 < 1."))

# %% [markdown] conventions="schedules"
# ### Conventions: schedules
#
# $t = 0, 1, \dots, T$ counts the *finished* steps, so the first step uses $\alpha_0$, which is `lr0`:
#
# | name | $\alpha_t$ |
# |---|---|
# | `"constant"` | $\alpha_0$ |
# | `"linear"` | $\alpha_0\,(1 - t/T)$ |
# | `"exponential"` | $\alpha_0 \cdot 0.01^{\,t/T}$, which is $\alpha_0 c^t$ with $c = 0.01^{1/T}$ |
# | `"cosine"` | $\frac{\alpha_0}2\,(1 + \cos(\pi t/T)) = \alpha_0 \cos^2(\frac\pi2\, t/T)$ |
# | `"inverse_sqrt"` | $\alpha_0 / \sqrt{t+1}$ |
#
# A slide prints $\alpha_0/\sqrt t$ for the last one. Counted from 0 it would divide by 0 at once.


# %% exercise="lr_schedule" points=8 hint="Five lines of the table. Every one gives lr0 at t = 0."
# covers: 1.7 linear schedule; 1.7 inverse square root schedule; 1.7 exponential schedule; 1.7 cosine schedule
def lr_schedule(name, t, T, lr0):
    """Learning rate of a step, by one of the schedules of the conventions box.

    Parameters
    ----------
    name : str
        "constant", "linear", "exponential", "cosine" or "inverse_sqrt".
    t : int
        Number of finished steps, 0 <= t <= T.
    T : int
        Number of steps in all, at least 1.
    lr0 : float
        The rate of the first step.

    Returns
    -------
    float
        The rate of the step that follows. It depends on the arguments alone, so calls may come in any order.

    Raises
    ------
    ValueError
        If there is no schedule of that name.

    Examples
    --------
    >>> for name in ("constant", "linear", "exponential", "cosine", "inverse_sqrt"):
    ...     print(name, round(float(lr_schedule(name, 25, 100, 0.2)), 5))
    constant 0.2
    linear 0.15
    exponential 0.06325
    cosine 0.17071
    inverse_sqrt 0.03922
    """
    ### BEGIN SOLUTION
    if name == "constant":
        return lr0
    if name == "linear":
        return lr0 * (1 - t / T)
    if name == "exponential":
        return lr0 * 0.01 ** (t / T)
    if name == "cosine":
        return lr0 / 2 * (1 + np.cos(np.pi * t / T))
    if name == "inverse_sqrt":
        return lr0 / np.sqrt(t + 1)
    raise ValueError(f"no schedule {name!r}")
    ### END SOLUTION


# %% try="lr_schedule"
check.report(
    "lr_schedule",
    check.equal("constant", lambda: lr_schedule("constant", 30, 40, 0.8), 0.8),
    check.equal("linear, three quarters through", lambda: lr_schedule("linear", 30, 40, 0.8), 0.2),
    check.equal("exponential, half-way", lambda: lr_schedule("exponential", 20, 40, 0.8), 0.08),
    check.equal("cosine, a third through", lambda: lr_schedule("cosine", 20, 60, 0.8), 0.6),
    check.equal("inverse_sqrt at t = 3", lambda: lr_schedule("inverse_sqrt", 3, 40, 0.8), 0.4),
    check.raises("an unknown name", lambda: lr_schedule("sudden", 3, 40, 0.8), ValueError),
    hint="Compare with the table, from t = 0 on.",
    left="first and last step, other numbers of steps, nine digits",
)

# %% [markdown]
# **Average instead.** There is a cheaper cure for noise: keep the rate, and average the iterates. At a constant rate
# they dance around the minimum, and the mean of many dancers stands still. The lecture shows it on a second quadratic,
# $1.25\,(x_1+6)^2 + (x_2-8)^2$, and draws the averaged path in black. We start at (0, 0), use your `SGD`, and add
# Gaussian noise with standard deviation 6 to each entry of the gradient.
# covers: 1.4 second quadratic and the averaged iterate


# %% given="second_quadratic"
def noisy_path(schedule, steps=200, seed=0, noise=6.0):
    """SGD on 1.25 (x_1 + 6)**2 + (x_2 - 8)**2 with a noisy gradient, from (0, 0), at the rate 0.1 * schedule."""
    rng, path = np.random.default_rng(seed), [np.zeros(2)]
    for t in range(steps):
        g = np.array([2.5, 2.0]) * (path[-1] - np.array([-6.0, 8.0])) + noise * rng.standard_normal(2)
        path.append(SGD(lr_schedule(schedule, t, steps, 0.1)).step({"x": path[-1]}, {"x": g})["x"])
    return np.array(path)


def second_half_means(path):
    """Mean of the second half of each beginning of a path: the first steps, still far away, are forgotten."""
    return np.array([path[(t + 1) // 2 : t + 1].mean(axis=0) for t in range(len(path))])


# %% exercise="predict_average_path" points=1
# Predict first. After 200 noisy steps at a constant rate, how far from the minimum is the average of the last 100
# points, compared with the last point itself? "a" about as far, "b" about 4 times nearer, "c" about 10 times nearer
### BEGIN SOLUTION
predict_average_path = "b"
### END SOLUTION


# %% see="averaged_iterate"
def distance(path):
    """Distance of each point from the minimum."""
    return np.linalg.norm(path - np.array([-6.0, 8.0]), axis=1)


def draw_average():
    """One noisy path with its average, and distances from the minimum over 50 seeds."""
    path = noisy_path("constant")
    fig, (left, right) = plot.figure(2, width=10.5, height=4.2)
    x, y = np.meshgrid(np.linspace(-11, 2, 101), np.linspace(-2, 13, 101))
    left.contour(x, y, 1.25 * (x + 6) ** 2 + (y - 8) ** 2, levels=[1, 5, 15, 40, 80], colors="#bbbbbb", linewidths=0.8)
    left.plot(*path.T, ".-", color=plot.COLOURS[1], linewidth=0.7, markersize=4, label="SGD, constant rate 0.1")
    left.plot(*second_half_means(path).T, color="#000000", linewidth=2.2, label="average of its second half")
    plot.label(left, "The second quadratic, noisy gradients", "x 1", "x 2")
    kinds = {"constant: last point": "constant", "constant: average": "constant", "linear": "linear"}
    for k, (name, schedule) in enumerate(kinds.items()):
        runs = [noisy_path(schedule, seed=seed) for seed in range(50)]
        runs = [second_half_means(run) for run in runs] if "average" in name else runs
        right.plot(np.sqrt(np.mean([distance(run) ** 2 for run in runs], axis=0)), label=name, **plot.style(k))
    right.set_yscale("log")
    plot.label(right, "Distance from the minimum, 50 seeds", "step", "root mean square distance")
    return plot.show(
        fig,
        "Left: the path goes to the minimum at (-6, 8) and dances around it; the average stands nearly still there. "
        "Right: the last point stays at a distance of about 1.4, the average of the second half comes to 0.35, and a "
        "linearly falling rate nearly reaches that in its last steps.",
    )


if __name__ == "__main__":
    plot.see(draw_average, predict_average_path)

# %% [markdown]
# It was "b". The price: while the path is still on its way, the average lags behind.
#
# ## 3 Momentum
#
# A ball that rolls down the ravine would not zigzag: pushes from the left and from the right wall cancel, pushes along
# the bed add up. So let the parameters have a *velocity* $v$ which keeps a share $\rho$ of itself and is pushed by the
# gradient: $v \leftarrow \rho v - \alpha g$, then $\theta \leftarrow \theta + v$. For $\rho = 0$ that is SGD. Unrolled,
# $v_t = -\alpha\,(g_t + \rho\,g_{t-1} + \rho^2 g_{t-2} + \dots)$, a *discounted sum* of gradients.
# covers: 1.5 momentum in the canyon; 1.11 canyon question


# %% exercise="Momentum" points=11 hint="What belongs to the optimiser, what to each key? Velocities start at 0."
# covers: 1.5 momentum in parameter units; 1.5 momentum in gradient units
class Momentum:
    """Gradient descent with momentum, as printed in the conventions box (Poole and Mackworth; NPFL138 lecture 2).

    Where gradients agree, steps grow up to lr / (1 - momentum) times the gradient; where they alternate, they shrink.

    Parameters
    ----------
    lr : float
        Learning rate alpha, greater than 0. It stays the same for the life of the optimiser.
    momentum : float
        Share rho of the velocity that is kept, 0 <= momentum < 1. With 0 it is plain SGD.

    Examples
    --------
    >>> momentum, params = Momentum(lr=0.1, momentum=0.8), {"w": np.array([1.0])}
    >>> for g in (1.0, 1.0, 0.0):
    ...     params = momentum.step(params, {"w": np.array([g])})
    ...     print(params["w"].round(6))
    [0.9]
    [0.72]
    [0.576]
    """

    def __init__(self, lr, momentum):
        ### BEGIN SOLUTION
        self.lr, self.momentum, self.v = lr, momentum, {}
        ### END SOLUTION

    def step(self, params, grads):
        """Take one step.

        Every key has a velocity of its own: 0 when the key first appears, and kept in a step that comes without the
        key. Two optimisers share nothing. All else, and what comes back, is as in `SGD.step`.

        Parameters
        ----------
        params, grads : dict of str to ndarray
            Parameters of any shapes and their gradients, as for `SGD.step`.
        """
        ### BEGIN SOLUTION
        new = {}
        for key, theta in params.items():
            self.v[key] = self.momentum * self.v.get(key, 0.0) - self.lr * grads[key]
            new[key] = theta + self.v[key]
        return new
        ### END SOLUTION


# %% try="Momentum"
check.report(
    "Momentum",
    check.equal(
        "the first step is that of SGD", lambda: walk(Momentum(0.1, 0.8), [3.0], ONE_KEY), {"w": np.full(2, -0.3)}
    ),
    check.equal(
        "the second keeps 0.8 of it, the third 0.8 of both",
        lambda: walk(Momentum(0.1, 0.8), [3.0, -1.0, 0.5], ONE_KEY)["w"],
        np.full(2, -0.3 - 0.14 - 0.162),
    ),
    check.equal(
        "two keys of unlike shapes",
        lambda: walk(Momentum(0.1, 0.5), [2.0, 2.0], TWO_KEYS),
        {"a": np.full(1, -0.5), "b": np.full((2, 3), -0.5)},
    ),
    check.holds("a step leaves what it is given alone", lambda: untouched(Momentum(0.1, 0.8))),
    hint="Which velocity moves the parameters: the old one, or the new?",
    left="other settings, many steps, keys that come and go, two optimisers at once, arrays of every kind",
)

# %% exercise="predict_ravine" points=1
# Predict first. On the ravine, plain SGD does best at the rate 2/21 and needs 104 steps. With the *same* rate and a
# momentum of 0.9, how many will it take? "a" about 30, "b" about 100, "c" about 180
### BEGIN SOLUTION
predict_ravine = "c"
### END SOLUTION


# %% see="ravine"
SETTINGS = ((2 / 21, 0.0), (2 / 21, 0.9), (0.13, 0.4), (0.18, 0.9))


def draw_setting(lr, momentum):
    """The path for one setting of the two sliders."""
    path = ravine_path(Momentum(lr, momentum), 1000)
    fig, ax = plot.figure(width=5.6, height=3.9)
    draw_paths(ax, {steps_needed(path): path}, f"rate {lr:.3f}, momentum {momentum:.2f}", box=1.8)
    return plot.show(fig, f"With rate {lr:.3f} and momentum {momentum:.2f} on the ravine: {steps_needed(path)}.")


def draw_grid():
    """Some settings side by side, for those who have no sliders."""
    fig, axes = plot.figure(len(SETTINGS), width=13, height=3.7, sharey=True)
    for ax, (lr, momentum) in zip(axes, SETTINGS, strict=True):
        path = ravine_path(Momentum(lr, momentum), 1000)
        draw_paths(ax, {"": path}, f"rate {lr:.3f}, momentum {momentum}\n{steps_needed(path)}", box=1.8, legend=False)
        ax.set_ylabel("" if ax is not axes[0] else "theta 2 (flat)")
    return plot.show(
        fig,
        "Paths on the ravine for four pairs of rate and momentum. At 2/21 = 0.095 plain descent needs 104 steps; with "
        "momentum 0.9 it overshoots along the bed and needs 184. With 0.13 and 0.4 it is 27. At 0.18 and 0.9 it "
        "swings far up the walls and still arrives, although 0.1 is the limit without momentum.",
    )


def with_sliders(shown):
    """The same, below sliders for rate and momentum where the notebook can show them."""
    if isinstance(shown, plot.Picture) and importlib.util.find_spec("ipywidgets") is not None:
        from ipywidgets import FloatSlider, interact

        rate = FloatSlider(value=0.05, min=0.005, max=0.25, step=0.005, readout_format=".3f", description="rate")
        interact(draw_setting, lr=rate, momentum=FloatSlider(value=0.9, min=0.0, max=0.98, step=0.02))
    return shown


if __name__ == "__main__":
    with_sliders(plot.see(draw_grid, predict_ravine))

# %% [markdown]
# It was "c": momentum is no free gift. It pays at rates that are too small (at 0.01 it needs 167 steps instead of 882),
# or with a *smaller* $\rho$. With the sliders, or by a change of `SETTINGS`, find a setting with fewer than 40 steps.
# And look at the last picture: what is the limit of the rate now?
#
# ### Three dialects
#
# The conventions box lists momentum three times. Start M-B from $v^B_0 = 0$ and compare with M-A: if $v^A = -\alpha
# v^B$ before a step, then $\rho v^A - \alpha g = -\alpha(\rho v^B + g)$, so it holds after the step as well, and both
# move $\theta$ alike. But only while $\alpha$ stays as it is. M-C puts $1-\rho$ before each gradient, so its velocity
# is $(1-\rho)$ times that of M-B; to walk the same path it needs another rate.
# covers: 1.5 momentum as a moving average; 1.5 momentum forms under a changing rate


# %% exercise="convert_lr" points=6 hint="Write the very first step of each form for g = 1."
# covers: 1.5 momentum as a moving average
def convert_lr(lr, momentum, source, target):
    """The learning rate with which one form of momentum walks the path of another.

    Papers, courses and libraries mean different things by the same two numbers.

    Parameters
    ----------
    lr : float
        The rate that is used with the form `source`, constant.
    momentum : float
        rho, the same for both forms, 0 <= momentum < 1.
    source, target : str
        "M-A", "M-B" or "M-C", the forms of momentum of the conventions box.

    Returns
    -------
    float
        The rate with which `target` visits the same parameters, from a velocity of 0.

    Raises
    ------
    ValueError
        If source or target is none of the three.

    Examples
    --------
    >>> round(convert_lr(0.05, 0.9, "M-C", "M-C"), 6), round(convert_lr(0.3, 0.0, "M-C", "M-A"), 6)
    (0.05, 0.3)
    """
    ### BEGIN SOLUTION
    shares = {"M-A": 1.0, "M-B": 1.0, "M-C": 1 - momentum}
    if source not in shares or target not in shares:
        raise ValueError(f"no form {source!r} or {target!r}")
    return lr * shares[source] / shares[target]
    ### END SOLUTION


# %% try="convert_lr"
def form_path(form, lr, momentum, gradients=(1.0, -2.0, 0.5)):
    """Parameters after each step of one of the three forms, from 0."""
    theta, v, path = 0.0, 0.0, []
    for g in gradients:
        v = momentum * v + {"M-A": -lr, "M-B": 1.0, "M-C": 1 - momentum}[form] * g
        theta += v if form == "M-A" else -lr * v
        path.append(theta)
    return np.array(path)


def converted(source, target):
    return form_path(target, convert_lr(0.2, 0.75, source, target), 0.75)


check.report(
    "convert_lr",
    check.equal("from M-A to M-B", lambda: converted("M-A", "M-B"), form_path("M-A", 0.2, 0.75)),
    check.equal("from M-B to M-C", lambda: converted("M-B", "M-C"), form_path("M-B", 0.2, 0.75)),
    check.equal("from M-C to M-A", lambda: converted("M-C", "M-A"), form_path("M-C", 0.2, 0.75)),
    check.raises("an unknown form", lambda: convert_lr(0.2, 0.75, "M-A", "M-D"), ValueError),
    hint="Which of the three makes the shorter steps at the same rate?",
    left="the other pairs, other rates and momenta, nine digits",
)

# %% [markdown]
# A slide writes "build up velocity as a *running mean* of gradients" beside form M-B. Suppose the gradient is always 1
# and $\rho = 0.9$. A running mean would tend to 1. Where does M-B's $v$ end up?

# %% recall="running_mean"
long_run = None
quiz.recall(quiz.ask("v in the long run", long_run, "616764dc88", "It no longer changes when 0.9 v + 1 gives v again."))

# %% [markdown]
# ### Write the test that catches it
#
# Somebody hands you a class and says it is `Momentum`. It may be written in form M-A or M-B, or in a way of its own:
# only the path of the parameters counts.


# %% exercise="catches_momentum" points=8 hint="More than two steps, several keys, gradients that change."
def catches_momentum(candidate):
    """Find out whether an optimiser that claims to be momentum walks another path than the conventions box says.

    Make one with settings and gradients of your choice and compare its steps with numbers that you worked out, with
    the formula written out here, or with your own Momentum.

    A wrong one differs in one of these: the sign; a share 1 - rho at the gradient; a velocity that is forgotten, that
    moves the parameters one step late, or that all keys share; a look ahead; a setting that it ignores; a velocity that
    grows when it should shrink.

    Parameters
    ----------
    candidate : callable
        candidate(0.2, 0.7) makes an optimiser with that lr and momentum, and with `step`, as the class Momentum does.

    Returns
    -------
    bool
        True if the candidate is wrong or raises, False if it is right. Right ones may compute in float32: allow errors
        of 1e-4 * lr. Each wrong one caught earns its share; accusing right ones takes points away again.

    Examples
    --------
    >>> catches_momentum(Momentum)
    False
    """
    ### BEGIN SOLUTION
    lr, rho, rng = 0.2, 0.7, np.random.default_rng(1)
    optimiser, theta = candidate(lr, rho), {"a": np.zeros(3), "b": np.zeros((2, 2))}
    v = {key: np.zeros(value.shape) for key, value in theta.items()}
    for _ in range(8):
        grads = {key: rng.uniform(-1, 1, value.shape) for key, value in theta.items()}
        try:
            moved = optimiser.step(theta, grads)
        except Exception:
            return True
        for key in theta:
            v[key] = rho * v[key] - lr * grads[key]
            if not np.allclose(moved[key], theta[key] + v[key], rtol=0, atol=1e-4 * lr):
                return True
        theta = moved
    return False
    ### END SOLUTION


# %% try="catches_momentum"
class FormB(SGD):
    """Momentum in form M-B."""

    def __init__(self, lr, momentum):
        super().__init__(lr)
        self.momentum, self.v = momentum, {}

    def velocity(self, key, g):
        return self.momentum * self.v.get(key, 0) + g

    def step(self, params, grads):
        self.v = {key: self.velocity(key, grads[key]) for key in params}
        return super().step(params, self.v)


class FormC(FormB):
    """Momentum in form M-C, without another rate."""

    def velocity(self, key, g):
        return self.momentum * self.v.get(key, 0) + (1 - self.momentum) * g


class Forgetful(FormB):
    """No momentum at all."""

    def velocity(self, key, g):
        return g


check.report(
    "catches_momentum",
    check.equal("your own Momentum is let through", lambda: bool(catches_momentum(Momentum)), False),
    check.equal("form M-B is let through", lambda: bool(catches_momentum(FormB)), False),
    check.equal("form M-C is caught", lambda: bool(catches_momentum(FormC)), True),
    check.equal("plain descent is caught", lambda: bool(catches_momentum(Forgetful)), True),
    hint="Do you look at parameters, not at what the optimiser keeps inside? Is there room for rounding?",
    left="candidates with the other faults of the list, and right ones written otherwise",
)

# %% [markdown]
# ### Look before you leap
#
# Momentum is going to move by $\rho v$ anyway. Nesterov's idea: ask for the gradient *there*, at the *look-ahead point*
# $\theta + \rho v$, and if the ground rises behind the next bend, brake one step earlier. The look-ahead point is asked
# and then forgotten; the step starts from $\theta$.


# %% exercise="nesterov_step" points=8 hint="Which point does grad_fn get, and from which point does the step start?"
# covers: 1.5 Nesterov look-ahead
def nesterov_step(x, v, grad_fn, lr, momentum):
    """One step of Nesterov's momentum, as printed in the conventions box (MADMO lecture 4).

    Parameters
    ----------
    x, v : ndarrays of one shape
        Parameters and velocity before the step; the velocity is 0 before the first one. Neither is modified.
    grad_fn : callable
        grad_fn(point) returns the gradient at a point, an array of the shape of x. It is expensive, so it is called
        exactly once, at the point x + momentum * v.
    lr, momentum : float
        Learning rate alpha and share rho of the velocity.

    Returns
    -------
    x, v : tuple of ndarrays
        The new parameters, and the new velocity, by which they have moved.

    Examples
    --------
    >>> x, v = np.array([1.0]), np.zeros(1)  # two steps down f = x**2
    >>> for _ in range(2):
    ...     x, v = nesterov_step(x, v, lambda point: 2 * point, lr=0.1, momentum=0.5)
    ...     print(x.round(6), v.round(6))
    [0.8] [-0.2]
    [0.56] [-0.24]
    """
    ### BEGIN SOLUTION
    v = momentum * v - lr * grad_fn(x + momentum * v)
    return x + v, v
    ### END SOLUTION


# %% try="nesterov_step"
def recorded(steps):
    """Points at which the gradient of 2 x**2 is asked, and the last x and v."""
    points, x, v = [], np.array([1.0, -0.5]), np.zeros(2)
    for _ in range(steps):
        x, v = nesterov_step(x, v, lambda point: points.append(np.array(point)) or 4 * point, 0.1, 0.5)
    return points, x, v


check.report(
    "nesterov_step",
    check.equal("the first step is that of SGD", lambda: recorded(1)[1], np.array([0.6, -0.3])),
    check.equal("where the gradient is asked", lambda: recorded(2)[0], [np.array([1.0, -0.5]), np.array([0.4, -0.2])]),
    check.equal("x after two steps", lambda: recorded(2)[1], np.array([0.24, -0.12])),
    check.equal("v after two steps", lambda: recorded(2)[2], np.array([-0.36, 0.18])),
    hint="Is the look-ahead used for the gradient only?",
    left="more steps, other losses, shapes and settings",
)

# %% [markdown]
# ### With blanks: the limit for momentum
#
# Along a direction of curvature $\lambda$ the gradient is $\lambda\theta_t$, and the velocity is the last move,
# $v_t = \theta_t - \theta_{t-1}$. So momentum does
#
# $$\theta_{t+1} = \theta_t + \rho\,(\theta_t - \theta_{t-1}) - \alpha\lambda\,\theta_t .$$
#
# Try $\theta_t = z^t$ and divide by $z^{t-1}$: $z^2 - A\,z + B = 0$ with $A = \;?$ and $B = \;?$. The paths die out if
# both roots lie inside the unit circle. Their product is $B < 1$, so a complex pair always does, and a real root can
# only leave at $z = 1$ (that needs $\alpha\lambda = 0$) or at $z = -1$, which is the zigzag of the ravine. Put $z =
# -1$: it happens at $\alpha\lambda = C$.

# %% recall="limit_of_momentum"
A = None  # for rho = 0.9 and alpha * lambda = 0.3
B = None  # for rho = 0.9
C = None  # for rho = 0.9
quiz.recall(
    quiz.ask("A", A, "a7718c7fc8", "Collect everything that multiplies theta_t."),
    quiz.ask("B", B, "412a62178b", "What multiplies theta_(t-1)? Mind the side it stands on."),
    quiz.ask("C", C, "2e0afa11ac", "1 + A + B = 0, where alpha * lambda is in A."),
)

# %% [markdown]
# **Alone.** Do the same for Nesterov, whose gradient is $\lambda\,(\theta_t + \rho\,(\theta_t - \theta_{t-1}))$: again
# the path turns over at $z = -1$. Is the limit larger or smaller than that of momentum? The next exercise wants both.


# %% exercise="critical_lr" points=6 hint="Put z = -1. Which of all curvatures sets the limit?"
def critical_lr(hessian, momentum, method):
    """The learning rate from which on a method no longer converges on a quadratic loss.

    Below it every start leads to the minimum, above it nearly every start leads away.

    Parameters
    ----------
    hessian : ndarray of shape (d, d)
        The symmetric matrix of second derivatives. None of its eigenvalues is negative, and not all are 0. It need not
        be diagonal, it may hold integers, and it is not modified.
    momentum : float
        rho, 0 <= momentum < 1.
    method : str
        "momentum" or "nesterov", as in the conventions box. With momentum = 0 both are SGD.

    Returns
    -------
    float
        The limit of the rate, to six digits or more.

    Raises
    ------
    ValueError
        If method is neither of the two.

    Examples
    --------
    >>> round(float(critical_lr(np.diag([20.0, 1.0]), 0.0, "momentum")), 6)  # SGD on the ravine
    0.1
    """
    ### BEGIN SOLUTION
    limits = {"momentum": 2 * (1 + momentum), "nesterov": 2 * (1 + momentum) / (1 + 2 * momentum)}
    if method not in limits:
        raise ValueError(f"no method {method!r}")
    return limits[method] / np.linalg.eigvalsh(hessian).max()
    ### END SOLUTION


# %% try="critical_lr"
def survives(method, momentum, lr, hessian):
    """Whether 400 steps from (1, 1) end nearer to the minimum than they began."""
    x, v = np.ones(2), np.zeros(2)
    for _ in range(400):
        look_ahead = x + momentum * v if method == "nesterov" else x
        v = momentum * v - lr * hessian @ look_ahead
        x = x + v
        if np.abs(x).max() > 1e6:
            return False
    return bool(np.linalg.norm(x) < 1)


def right_limit(method, momentum, hessian=((20, 0), (0, 1))):
    hessian = np.array(hessian, dtype=float)
    limit = critical_lr(hessian, momentum, method)
    if survives(method, momentum, 1.03 * limit, hessian):
        return "3 % above your limit it still converges"
    return True if survives(method, momentum, 0.97 * limit, hessian) else "3 % below your limit it diverges already"


check.report(
    "critical_lr",
    check.holds("SGD on the ravine", lambda: right_limit("momentum", 0.0)),
    check.holds("momentum 0.9 on the ravine", lambda: right_limit("momentum", 0.9)),
    check.holds("Nesterov 0.9 on the ravine", lambda: right_limit("nesterov", 0.9)),
    check.holds("a ravine at an angle", lambda: right_limit("momentum", 0.5, ((5, 4), (4, 5)))),
    check.raises("an unknown method", lambda: critical_lr(np.eye(2), 0.5, "newton"), ValueError),
    hint="Insert your limit into the formula of the path. What is the factor then?",
    left="other momenta, more dimensions, integers",
)

# %% [markdown]
# On the ravine with $\rho = 0.9$ the limits are 0.19 for momentum, nearly twice that of SGD, and only 0.068 for
# Nesterov. So Nesterov explodes at 2/21, where momentum needs 184 steps. At the rate 0.01 it is faster than momentum:
# 99 steps against 167.
#
# ## 4 A rate for every parameter
#
# On the ravine one rate must serve two directions, and in a network thousands. *AdaGrad* gives each parameter a rate of
# its own: divide by the root of all its squared gradients so far. Parameters with large gradients take shorter steps,
# and the units cancel: if the loss is measured in cents instead of euros, $g$ grows a hundredfold, and so does $\sqrt
# r$.
#
# **What if the gradients do not fall?** Suppose $g_t = g$ in all steps. Then $r_t = t\,g^2$, and step $t$ has the
# length $\alpha |g| / (\sqrt t\,|g| + \varepsilon) \approx \alpha/\sqrt t$: AdaGrad has the inverse square root
# schedule built in. On convex losses that is what one wants. In a network gradients stay large for long, and it falls
# asleep. *RMSProp* forgets: it averages squares with a share $\beta$ in place of the sum.


# %% exercise="AdaGrad" points=9 hint="The sum holds the squares of all gradients up to and with the present one."
# covers: 1.6 AdaGrad; 1.6 AdaGrad decays like one over root t; 1.6 place of root and epsilon
class AdaGrad:
    """AdaGrad, as printed in the conventions box (NPFL138 lecture 2).

    The first step is about lr long in every entry. On a constant gradient step t is lr / sqrt(t) long, whatever the
    scale of the gradient: ten times the gradients give the same steps.

    Parameters
    ----------
    lr : float
        Learning rate alpha, greater than 0.
    eps : float
        Greater than 0; added outside the root.

    Examples
    --------
    >>> adagrad, params = AdaGrad(lr=0.1, eps=1e-12), {"w": np.zeros(2)}
    >>> for _ in range(2):
    ...     params = adagrad.step(params, {"w": np.array([700.0, -0.02])})
    ...     print(params["w"].round(4))
    [-0.1  0.1]
    [-0.1707  0.1707]
    """

    def __init__(self, lr, eps):
        ### BEGIN SOLUTION
        self.lr, self.eps, self.r = lr, eps, {}
        ### END SOLUTION

    def step(self, params, grads):
        """Take one step.

        Every key has a sum r of its own, 0 at first, and kept in a step that comes without the key. Two optimisers
        share nothing. Where all gradients were 0 nothing moves. All else is as in `SGD.step`.

        Parameters
        ----------
        params, grads : dict of str to ndarray
            Parameters of any shapes and their gradients, as for `SGD.step`.
        """
        ### BEGIN SOLUTION
        new = {}
        for key, theta in params.items():
            self.r[key] = self.r.get(key, 0.0) + np.square(grads[key], dtype=float)
            new[key] = theta - self.lr * grads[key] / (np.sqrt(self.r[key]) + self.eps)
        return new
        ### END SOLUTION


# %% try="AdaGrad"
check.report(
    "AdaGrad",
    check.equal(
        "the first step is lr long", lambda: walk(AdaGrad(0.1, 1e-12), [-3.0], ONE_KEY), {"w": np.full(2, 0.1)}
    ),
    check.equal(
        "gradients 3, then 4", lambda: walk(AdaGrad(0.1, 1e-12), [3.0, 4.0], ONE_KEY), {"w": np.full(2, -0.18)}
    ),
    check.equal(
        "the same with a large eps",
        lambda: walk(AdaGrad(0.1, 1.0), [3.0, 4.0], ONE_KEY)["w"],
        np.full(2, -0.075 - 0.2 / 3),
    ),
    check.equal(
        "two keys of unlike shapes",
        lambda: walk(AdaGrad(0.1, 1e-12), [5.0], TWO_KEYS),
        {"a": np.full(1, -0.1), "b": np.full((2, 3), -0.1)},
    ),
    check.holds("a step leaves what it is given alone", lambda: untouched(AdaGrad(0.1, 1e-12))),
    hint="Compare with the conventions box: what is summed, what is under the root, and what is added where?",
    left="many steps, other settings, keys that come and go, two optimisers at once, arrays of every kind",
)

# %% [markdown]
# ### Find the bug
#
# A slide of MADMO lecture 4 prints RMSProp as
#
# $$cache_{t+1} = \beta\, cache_t + (1-\beta)\,(\nabla f(x_t))^2, \qquad
# x_{t+1} = x_t - \alpha\,\frac{\nabla f(x_t)}{cache_{t+1} + \varepsilon} ,$$
#
# and somebody has typed it in for a dict of parameters. The slide has a fault, and the typing has added another. Run
# the checks. Which one shows if all gradients become ten times as large, and which if there are two keys? Mend both.


# %% exercise="RMSProp" points=8 hint="If g has a unit, which unit has the step? And whose cache is it?"
# covers: 1.6 RMSProp; 1.6 place of root and epsilon
class RMSProp:
    """RMSProp, as printed in the conventions box; as given out, it is the slide's, with two faults.

    On a constant gradient the first step is lr / sqrt(1 - beta) long, and later ones tend to lr, whatever the scale of
    the gradient.

    Parameters
    ----------
    lr : float
        Learning rate alpha, greater than 0.
    beta : float
        Share of the old average of squares that is kept, 0 < beta < 1.
    eps : float
        Greater than 0; added outside the root.

    Examples
    --------
    >>> rmsprop, params = RMSProp(lr=0.1, beta=0.75, eps=1e-12), {"w": np.zeros(2)}
    >>> for _ in range(2):
    ...     params = rmsprop.step(params, {"w": np.array([700.0, -0.02])})
    ...     print(params["w"].round(4))
    [-0.2  0.2]
    [-0.3512  0.3512]
    """

    def __init__(self, lr, beta, eps):
        self.lr, self.beta, self.eps = lr, beta, eps
        ### BEGIN SOLUTION
        self.cache = {}
        ### END SOLUTION
        ### BEGIN STUB
        # self.cache = 0.0
        ### END STUB

    def step(self, params, grads):
        """Take one step.

        Every key has an average of its own, 0 at first, and kept in a step that comes without the key. Two optimisers
        share nothing. Where all gradients were 0 nothing moves. All else is as in `SGD.step`.

        Parameters
        ----------
        params, grads : dict of str to ndarray
            Parameters of any shapes and their gradients, as for `SGD.step`.
        """
        new = {}
        for key, x in params.items():
            g = np.asarray(grads[key], dtype=float)
            ### BEGIN SOLUTION
            self.cache[key] = self.beta * self.cache.get(key, 0.0) + (1 - self.beta) * g**2
            new[key] = x - self.lr * g / (np.sqrt(self.cache[key]) + self.eps)
            ### END SOLUTION
            ### BEGIN STUB
            # self.cache = self.beta * self.cache + (1 - self.beta) * g**2
            # new[key] = x - self.lr * g / (self.cache + self.eps)
            ### END STUB
        return new


# %% try="RMSProp"
check.report(
    "RMSProp",
    check.equal(
        "the first step for a gradient of 10",
        lambda: walk(RMSProp(0.1, 0.75, 1e-12), [10.0], ONE_KEY),
        {"w": np.full(2, -0.2)},
    ),
    check.equal(
        "gradients 4, then 2, with a large eps",
        lambda: walk(RMSProp(0.1, 0.75, 1.0), [4.0, 2.0], ONE_KEY)["w"],
        np.full(2, -0.4 / 3 - 0.2 / 3),
    ),
    check.equal(
        "two keys of one shape",
        lambda: walk(RMSProp(0.1, 0.75, 1e-12), [10.0, 10.0], {"a": np.zeros(2), "b": np.zeros(2)})["b"],
        np.full(2, -0.351186),
        rtol=1e-5,
    ),
    check.holds("a step leaves what it is given alone", lambda: untouched(RMSProp(0.1, 0.75, 1e-12))),
    hint="Print the cache after each key. And what does AdaGrad do with its sum before it divides?",
    left="many steps, other settings, keys that come and go, two optimisers at once, arrays of every kind",
)

# %% [markdown]
# ### The saddle
#
# $x^2 - y^2$ (Mines Paris) falls in one direction and rises in the other; at 0 the gradient vanishes. In a network with
# many parameters nearly all such points are *saddles*. Is this another? SLDS show "the valley" of
# $-\sin\theta_1 \cdot \frac1{2\pi}\exp\bigl((\theta_2 - \pi/2)^2\bigr)$ at $(\pi/2, \pi/2)$. Take second derivatives.
# covers: 1.4 saddle point

# %% recall="saddle_or_valley"
what_it_is = None  # "valley" or "saddle"
quiz.recall(
    quiz.ask("valley or saddle", what_it_is, "74e067d500", "Near u = 0: which sign has the curvature of -exp(u**2)?")
)

# %% exercise="predict_saddle" points=1
# Predict first. On x**2 - y**2 we start at (1, 1e-6), just beside the ridge. Which optimiser leaves the saddle first
# (all with rate 0.05)? "a" SGD, "b" momentum 0.9, "c" RMSProp with beta = 0.9
### BEGIN SOLUTION
predict_saddle = "c"
### END SOLUTION


# %% see="saddle"
def draw_saddle():
    """Distance from the ridge of the saddle, step by step."""
    kinds = {"SGD": SGD(0.05), "momentum 0.9": Momentum(0.05, 0.9), "AdaGrad": AdaGrad(0.05, 1e-12)}
    kinds["RMSProp 0.9"] = RMSProp(0.05, 0.9, 1e-12)
    lines = {}
    for name, optimiser in kinds.items():
        y = np.abs(ravine_path(optimiser, 150, np.array([2.0, -2.0]), (1.0, 1e-6))[:, 1])
        lines[name] = np.arange(len(y)), np.minimum(y, 10.0)
    return plot.draw(
        plot.Panel("Leaving the saddle of x**2 - y**2", "step", "distance y from the ridge", lines, log="y"),
        alt="SGD doubles its distance every seven steps and needs 145 to get from a millionth to 1. Momentum needs "
        "52. AdaGrad and RMSProp cover a twentieth and more with the first step, as the size of the gradient does "
        "not matter to them; RMSProp has passed 1 after 8 steps, AdaGrad after 57.",
    )


if __name__ == "__main__":
    plot.see(draw_saddle, predict_saddle)

# %% [markdown]
# It was "c". For SGD it is the formula of part 2 with a negative curvature: the factor is $1 + 2\alpha$ per step. Start
# exactly on the ridge, and none of them ever leaves; a little minibatch noise would do.
#
# ## 5 Milestone: five optimisers on handwritten digits
#
# The network is yours: `mlp_loss_and_grads` of hw02, on a list of layers $(W, b)$. Optimisers want a dict. You write
# the loop that brings them together, at constant rates.


# %% given="digits_network"
try:
    from earlier import mlp_loss_and_grads
except ImportError:
    if "mlp_loss_and_grads" not in globals():
        print("The module earlier is not here. For the race, paste your mlp_loss_and_grads of hw02 into this cell.")


def digits_layers(rng):
    """Layers of a 64-64-10 network: normal weights of variance 2/64 and 1/64, biases 0."""
    return [(rng.normal(0, np.sqrt(gain / 64), (64, width)), np.zeros(width)) for gain, width in ((2, 64), (1, 10))]


def digits_loss(layers, X, y):
    """Mean cross-entropy of the network with ReLU, and its gradients, by hw02."""
    return mlp_loss_and_grads(layers, X, y, "relu")


# %% exercise="train_layers" points=5 hint="A key for each array. After step, put the layers together again."
def train_layers(optimiser, layers, loss_and_grads, X, y, epochs, batches):
    """Train a network of layers by minibatches with any optimiser, and note the loss after each epoch.

    Each batch makes one step of the optimiser, with one dict that holds all arrays of all layers. The keys are yours
    to choose, and the same in every step.

    Parameters
    ----------
    optimiser : object
        Its step(params, grads) takes and returns dicts, as `SGD.step` does.
    layers : list of tuples (W, b)
        The parameters that the first step starts from. The arrays are not modified.
    loss_and_grads : callable
        loss_and_grads(layers, X, y) returns the mean loss of some examples and the gradients, a list of tuples
        (dW, db).
    X, y : ndarrays of shape (n, d) and (n,)
        The training examples and their targets. They are not modified.
    epochs : int
        How often all examples are used.
    batches : callable
        batches() returns the batches of one epoch, arrays of indices, such as minibatches(len(X), 32, rng). It is
        called once for each epoch.

    Returns
    -------
    layers, losses : list of tuples (W, b), list of float
        The layers after the last step, and after each epoch the mean loss of all of X and y.

    Examples
    --------
    >>> def squares(layers, X, y):
    ...     (W, b), = layers
    ...     error = X @ W[:, 0] + b - y
    ...     return np.mean(error**2) / 2, [(X.T @ error[:, None] / len(y), np.array([error.mean()]))]
    >>> X, y, start = np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 5.0]), [(np.zeros((1, 1)), np.zeros(1))]
    >>> layers, losses = train_layers(SGD(0.4), start, squares, X, y, 3, lambda: [np.array([2, 0]), np.array([1])])
    >>> [round(float(loss), 4) for loss in losses]
    [0.0029, 0.0022, 0.0014]
    """
    ### BEGIN SOLUTION
    losses = []
    for _ in range(epochs):
        for batch in batches():
            _, grads = loss_and_grads(layers, X[batch], y[batch])
            flat, flat_grads = (
                {f"{part}{k}": array for k, pair in enumerate(pairs) for part, array in zip("Wb", pair, strict=True)}
                for pairs in (layers, grads)
            )
            new = optimiser.step(flat, flat_grads)
            layers = [(new[f"W{k}"], new[f"b{k}"]) for k in range(len(layers))]
        losses.append(float(loss_and_grads(layers, X, y)[0]))
    return layers, losses
    ### END SOLUTION


# %% try="train_layers"
def two_layers(layers, X, y):
    """Half the mean squared error of X W_1 W_2 + b_2 (b_1 takes no part), and its gradients."""
    (W1, b1), (W2, b2) = layers
    error = X @ W1 @ W2 + b2 - y[:, None]
    grads = [(X.T @ error @ W2.T / len(y), 0 * b1), ((X @ W1).T @ error / len(y), error.mean(axis=0))]
    return float(np.mean(error**2) / 2), grads


def short_training(epochs):
    """A few steps on four examples in two batches, which are the same in every epoch."""
    X, y = np.array([[1.0], [2.0], [3.0], [4.0]]), np.array([2.0, 4.0, 6.0, 8.0])
    start = [(np.ones((1, 1)), np.zeros(1)), (np.ones((1, 1)), np.zeros(1))]
    return train_layers(SGD(0.02), start, two_layers, X, y, epochs, lambda: [np.array([3, 0]), np.array([1, 2])])


check.report(
    "train_layers",
    check.equal("the loss after each of two epochs", lambda: short_training(2)[1], [0.53582959, 0.02677716]),
    check.equal("the last bias after one", lambda: short_training(1)[0][1][1], np.array([0.080555])),
    check.equal("three epochs, three losses", lambda: len(short_training(3)[1]), 3),
    hint="Does each step start where the one before ended? Do W and b of all layers take part?",
    left="other optimisers, more layers, which examples are in which batch",
)

# %% exercise="predict_roots" points=1
# Predict first. RMSProp trains the network well with the rate 0.003. And the slide's version, without the root, with
# the same rate? "a" just as well, "b" more slowly, "c" not at all
### BEGIN SOLUTION
predict_roots = "c"
### END SOLUTION


# %% see="digits"
class SlideRMSProp(RMSProp):
    """The slide's version, with a cache for every key: what it divides by lacks the root."""

    def step(self, params, grads):
        self.slide = getattr(self, "slide", dict.fromkeys(params, 0.0))
        self.slide = {key: self.beta * self.slide[key] + (1 - self.beta) * grads[key] ** 2 for key in params}
        return {key: x - self.lr * grads[key] / (self.slide[key] + self.eps) for key, x in params.items()}


RACERS = {
    "SGD, 0.1": lambda: SGD(0.1),
    "momentum 0.9, 0.05": lambda: Momentum(0.05, 0.9),
    "AdaGrad, 0.05": lambda: AdaGrad(0.05, 1e-7),
    "RMSProp, 0.003": lambda: RMSProp(0.003, 0.9, 1e-7),
    "without root, 0.003": lambda: SlideRMSProp(0.003, 0.9, 1e-7),
}
EPOCHS = 10


def digits_race(make, seed, epochs=EPOCHS):
    """Train the network on digits once: training losses and test accuracy. The seed draws weights and orders."""
    X, y, X_test, y_test = data.split(data.load("digits"))
    rng = np.random.default_rng(seed)
    layers = digits_layers(rng)
    layers, losses = train_layers(make(), layers, digits_loss, X, y, epochs, lambda: minibatches(len(X), 32, rng))
    (W1, b1), (W2, b2) = layers
    return losses, float(np.mean((np.maximum(X_test @ W1 + b1, 0) @ W2 + b2).argmax(axis=1) == y_test))


def draw_race(seeds=2):
    """Training loss by epoch."""
    lines, epochs = {}, np.arange(1, EPOCHS + 1)
    for name, make in RACERS.items():
        runs = [digits_race(make, seed) for seed in range(seeds)]
        accuracy = np.mean([run[1] for run in runs])
        lines[f"{name}: test {accuracy:.3f}"] = epochs, np.mean([run[0] for run in runs], axis=0)
    return plot.draw(
        plot.Panel(f"Digits, 64-64-10, batches of 32, {seeds} seeds", "epoch", "training loss", lines, log="y"),
        alt="Training loss over ten epochs. Momentum, AdaGrad and RMSProp are ahead of plain SGD. The version "
        "without the root stays far above the loss of a guess.",
    )


if __name__ == "__main__":
    plot.see(draw_race, predict_roots)

# %% [markdown]
# It was "c". To expect after 10 epochs, as mean ± standard deviation of 20 seeds (`./course milestone
# hw03_sgd_variants`):
#
# | | training loss | test accuracy |
# |---|---|---|
# | SGD, 0.1 | 0.192 ± 0.036 | 0.933 ± 0.013 |
# | momentum 0.9, 0.05 | 0.053 ± 0.007 | 0.960 ± 0.007 |
# | AdaGrad, 0.05 | 0.075 ± 0.020 | 0.962 ± 0.010 |
# | RMSProp, 0.003 | 0.081 ± 0.010 | 0.960 ± 0.006 |
# | RMSProp without root, 0.003 | 2686 ± 1675 | 0.186 ± 0.068 |
#
# Do not conclude that momentum beats SGD: its steps are ten times as long, and each rate here was chosen for its
# method. And with a rate of 0.00001 the version without the root trains as well. Only its *rate* then depends on the
# loss's unit.

# %% [markdown] written="why_forms" points=10
# ## 6 In your own words
#
# About 15 lines in all; formulas are welcome.
#
# 1. *Forms.* Halfway through a training the rate is lowered from $\alpha$ to $\alpha/10$. What do M-A and M-B do in the
#    very next step, if the velocity has settled on a constant gradient $g$? Which of the two slows down at once?
# 2. *Without the root.* Derive how the steps of the slide's AdaGrad and RMSProp change if the loss is multiplied by
#    $c$, and how those of the mended ones change. What has it to do with what you saw on the digits?
# 3. *Limits.* Nesterov has a smaller critical rate than momentum. Explain with the look-ahead point, for a
#    direction of large curvature, why. What would you do on a network whose loss starts to jump up and down?
#
# ### BEGIN SOLUTION
# 1. Settled: $v^A = -\alpha g/(1-\rho)$, $v^B = g/(1-\rho)$. Next step of M-A: $\rho v^A - \frac{\alpha}{10} g =
#    -\alpha g\,(\frac{\rho}{1-\rho} + 0.1)$; for $\rho = 0.9$ that is $9.1\,\alpha g$ against $10\,\alpha g$ before:
#    the old rate lives on in $v$, and fades with $\rho^t$. M-B moves by $\frac{\alpha}{10}\cdot\frac{g}{1-\rho} =
#    \alpha g$ at once. Only at a constant rate are the two the same.
# 2. Loss times $c$: $g \to c g$, $r \to c^2 r$. Mended: $c g/\sqrt{c^2 r} = g/\sqrt r$ (for $c > 0$, negligible
#    $\varepsilon$): unchanged. Slide: $c g/(c^2 r)$, so steps shrink to $1/c$: *small* gradients make *huge* steps,
#    about $\alpha/|g|$. The digits' gradients are small, so that 0.003 is far too large a rate, and gets worse when
#    training goes well and $g$ falls.
# 3. The factor of $-\alpha\lambda$ acts on $\theta + \rho v$. Near the limit the path jumps from side to side, $v$
#    leads to the far wall, and the look-ahead point lies even beyond it, so the gradient is about $1 + 2\rho$ times as
#    large and the push back is too strong: limit $2(1+\rho)/((1+2\rho)\lambda)$. A loss that jumps: lower the rate (or
#    let it fall by a schedule), or the momentum.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# *Part 1, 4 points:* 1 settled velocities; 1 the step of M-A, with its old rate inside; 1 the step of M-B; 1 the
# conclusion (M-B at once, M-A after some 1/(1 - rho) steps). *Part 2, 4 points:* 1 r grows with c squared; 1 unchanged
# with the root; 1 divided by c without; 1 small gradients, large steps on the digits. *Part 3, 2 points:* 1 the
# look-ahead point lies further out, so the gradient is larger; 1 a smaller rate, a schedule or less momentum.
# "Nesterov is more accurate" earns nothing.
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
# * H. Robbins and S. Monro, *A stochastic approximation method*, Annals of Mathematical Statistics 22, 1951. J. Duchi,
#   E. Hazan and Y. Singer, *Adaptive subgradient methods*, JMLR 12, 2011 (AdaGrad). G. Hinton, *Neural networks for
#   machine learning*, lecture 6, 2012 (RMSProp). I. Sutskever et al., *On the importance of initialization and
#   momentum in deep learning*, ICML 2013 (Nesterov).
# * M. Straka, *Training neural networks*, NPFL138 lecture 2, 2024. D. Poole and A. Mackworth, slides of *Artificial
#   Intelligence*, 3rd edition, 2023. SLDS, LMU Munich, *Deep learning: basic training*. A. Goncharenko, MADMO lecture
#   4, 2021. Mines Paris, PSL, deep learning session 1. Digits and diabetes: see `datasets/README.md`.
