"""Adam and its bias correction.

Out of scope: weight decay (AdamW), AMSGrad, learning-rate schedules (hw03 and hw10), convergence proofs.
"""

# %% [markdown]
# # Adam and its bias correction
#
# Adam is the optimiser that most networks are trained with. It keeps two moving averages, and at the start both are
# wrong. You find out how wrong, mend them, build Adam, test other people's, and let it race on handwritten digits
# against an Adam with the averages unmended. In the end you can
#
# * write a moving average as a weighted sum, and say how much weight is missing after $t$ steps;
# * implement Adam for any set of parameters, and test somebody else's;
# * judge from a training curve whether an optimiser is *better* or only takes *longer steps*.
#
# **You need** minibatches and RMSProp (hw03). **Time** about 4 hours. **Lecture** NPFL138 lecture 2, *Adam* and *Adam
# bias correction*; we keep its letters $s$, $r$, $\alpha$, $\beta_1$, $\beta_2$, $\varepsilon$.
#
# | part | exercise | points |
# |---|---|---|
# | 1 Moving averages | `ema_weights` | 6 |
# | | `ema_weight_sum` | 4 |
# | | `bias_corrected_ema` | 13 |
# | 2 Adam, one step | `adam_first_step` | 8 |
# | | `mended_step`: find the bug | 8 |
# | 3 Adam, the optimiser | `Adam` | 34 |
# | | `catches_adam`: write the test | 8 |
# | 4 Milestone | `training_curve` | 6 |
# | 5 In your own words | `why_faster`, marked by hand | 10 |
# | before each plot | a prediction: 1 for any answer | 3 |
# | | **together** | **100** |
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
from coursekit import check, plot, quiz, toys
from coursekit.figures import hw04_adam as figures

# %% [markdown]
# ## Before you start: what do you remember?
#
# Replace each `None`, run the cell, and look things up only afterwards. No points: recalling is what makes it stick.
#
# 1. *Momentum* (hw03): $v \leftarrow 0.9\,v - 0.1\,g$, $\theta \leftarrow \theta + v$. If $g$ is always 1, how long
#    is a step in the long run?
# 2. *RMSProp* (hw03), negligible $\varepsilon$: if every gradient were 100 times as large, by what factor would steps
#    grow?
# 3. *Softmax and cross-entropy* (hw01): the predicted probabilities are 0.7, 0.2 and 0.1, and the first class is the
#    true one. What is the derivative of the loss with respect to the first logit?

# %% recall="warm_up"
momentum_step = None
rmsprop_factor = None
first_logit = None

quiz.recall(
    quiz.ask("1 momentum", momentum_step, "f0454fc0f6", "The steps grow until 0.9 v - 0.1 gives v again."),
    quiz.ask("2 RMSProp", rmsprop_factor, "9ef9c78ebd", "What happens to the numerator, and what to the root below?"),
    quiz.ask("3 softmax", first_logit, "a30a557dd4", "Prediction minus target. Mind the sign."),
)

# %% [markdown]
# ## 1 Moving averages
#
# A minibatch gradient is noisy, so Adam averages: it keeps a share $\beta$ of the old average and adds a share
# $1-\beta$ of the new gradient, $s_t = \beta\, s_{t-1} + (1-\beta)\, g_t$ with $s_0 = 0$.
#
# **Worked: which gradient counts how much?** Put the formula for $s_{t-1}$ into that for $s_t$, and go on:
#
# $$\begin{aligned}
# s_t &= (1-\beta)\,g_t + \beta\, s_{t-1} \\
#     &= (1-\beta)\,g_t + \beta(1-\beta)\,g_{t-1} + \beta^2 s_{t-2} \\
#     &= (1-\beta)\,g_t + \beta(1-\beta)\,g_{t-1} + \dots + \beta^{t-1}(1-\beta)\,g_1 + \beta^t s_0 .
# \end{aligned}$$
#
# The last term is 0. What is left is a weighted sum of all gradients so far; $g_i$ weighs $(1-\beta)\,\beta^{\,t-i}$.


# %% exercise="ema_weights" points=6 hint="How many steps ago was g_i? That number is the exponent."
# covers: 1.6 weights of the moving average
def ema_weights(beta, t):
    """Weights that the moving average s_t gives to the gradients g_1, ..., g_t (NPFL138 lecture 2).

    They show what an average remembers: each gradient weighs beta times as much as the one after it.

    Parameters
    ----------
    beta : float
        Share of the old average that is kept, 0 < beta < 1.
    t : int
        Number of gradients so far, at least 1.

    Returns
    -------
    ndarray of shape (t,)
        The weights, oldest gradient first. They are positive and add up to less than 1.

    Examples
    --------
    >>> ema_weights(0.8, 3)
    array([0.128, 0.16 , 0.2  ])
    """
    ### BEGIN SOLUTION
    return (1 - beta) * beta ** np.arange(t - 1, -1, -1)
    ### END SOLUTION


# %% try="ema_weights"
check.report(
    "ema_weights",
    check.equal("three weights, oldest first", lambda: ema_weights(0.9, 3), np.array([0.081, 0.09, 0.1])),
    check.holds("ten weights add up to less than 1", lambda: 0 < np.sum(ema_weights(0.7, 10)) < 1 - 1e-6),
    hint="The newest gradient stands last. How much of it goes into the average?",
    left="other betas, long averages, a single gradient",
)

# %% [markdown]
# **With blanks: how much weight is there in all?** In an average it should be 1. Find the exponents $A$, $B$ and $C$:
#
# $$(1-\beta)\sum_{i=1}^{t}\beta^{\,t-i} = (1-\beta)\bigl(1+\beta+\beta^2+\dots+\beta^{A}\bigr)
# = \sum_{j=0}^{A}\beta^{\,j} - \sum_{j=0}^{A}\beta^{\,B} = 1 - \beta^{\,C} .$$

# %% recall="sum_of_weights"
A = None  # an expression as text, such as "2t" or "j"
B = None
C = None

quiz.recall(
    quiz.ask("A", A, "2c8b5963d1 39e1fd6233", "The oldest gradient is how many steps old?"),
    quiz.ask("B", B, "96cece9da6 4d80303c5c", "Multiply beta**j by beta."),
    quiz.ask("C", C, "6fd6c736d3", "All terms cancel but the first of one sum and the last of the other."),
)


# %% exercise="ema_weight_sum" points=4 uses="ema_weights" hint="The line with the blanks ends in it."
# covers: 1.6 Adam bias correction
def ema_weight_sum(beta, t):
    """What the weights of the moving average s_t add up to (NPFL138 lecture 2).

    If all gradients have the mean E[g], then E[s_t] is this number times E[g]; the bias of s_t is -beta**t * E[g].

    Parameters
    ----------
    beta : float
        Share of the old average that is kept, 0 < beta < 1.
    t : int
        Number of gradients so far, at least 1.

    Returns
    -------
    float
        The sum of ema_weights(beta, t). It grows with t and tends to 1.

    Examples
    --------
    After five steps with beta = 0.9 more than half of the weight is still missing:

    >>> round(ema_weight_sum(0.9, 5), 6)
    0.40951
    """
    ### BEGIN SOLUTION
    return 1 - beta**t
    ### END SOLUTION


# %% try="ema_weight_sum"
check.report(
    "ema_weight_sum",
    check.equal("two gradients, beta = 0.9: 0.09 and 0.1", lambda: ema_weight_sum(0.9, 2), 0.19),
    check.equal("after 500 gradients next to nothing is missing", lambda: ema_weight_sum(0.9, 500), 1.0),
    hint="What does a power of beta do when its exponent grows?",
    left="other betas, a single gradient",
)

# %% [markdown]
# So $\mathbb{E}[s_t] = (1-\beta^t)\,\mathbb{E}[g]$: too small by a known factor. Divide by it and the bias is gone.
# This is Adam's *bias correction*, $\hat s_t = s_t / (1-\beta^t)$. The recursion itself goes on with the uncorrected
# $s_t$.


# %% exercise="bias_corrected_ema" points=13 uses="ema_weights, ema_weight_sum" hint="A step moves s on. Note a copy."
# covers: 1.6 Adam bias correction
def bias_corrected_ema(g, beta):
    """Moving averages of a series, each divided by the sum of its weights (NPFL138 lecture 2).

    With s_0 = 0 and s_t = beta * s_(t-1) + (1 - beta) * g_t, entry t of the result is s_t / (1 - beta**t). Its weights
    add up to 1: a constant series gives that constant at every step, and every entry lies between the smallest and the
    largest value so far.

    Parameters
    ----------
    g : ndarray of shape (T, ...)
        T >= 1 values along the first axis; each component along further axes is averaged on its own. Integers and any
        memory layout are fine. It is not modified.
    beta : float
        Share of the old average that is kept, 0 < beta < 1.

    Returns
    -------
    ndarray of shape (T, ...)
        The corrected averages of the first 1, 2, ..., T values, as floating-point numbers.

    Examples
    --------
    The third entry is (0.25 * 1 + 0.5 * 2 + 1 * 4) / 1.75:

    >>> bias_corrected_ema(np.array([1, 2, 4]), 0.5)
    array([1.        , 1.66666667, 3.        ])
    """
    ### BEGIN SOLUTION
    s, corrected = np.zeros(g.shape[1:]), np.empty(g.shape)
    for i, g_t in enumerate(g):
        s = beta * s + (1 - beta) * g_t
        corrected[i] = s / ema_weight_sum(beta, i + 1)
    return corrected
    ### END SOLUTION


# %% try="bias_corrected_ema"
check.report(
    "bias_corrected_ema",
    check.equal("a constant stays as it is", lambda: bias_corrected_ema(np.full(3, 3.0), 0.9), np.full(3, 3.0)),
    check.equal("two values", lambda: bias_corrected_ema(np.array([9.0, 0.0]), 0.5), np.array([9.0, 3.0])),
    hint="Is the average that you carry on the uncorrected one? Does the first value stand for t = 1?",
    left="long series, more axes, integers, other memory layouts",
)

# %% exercise="predict_average" points=1
# Predict first. Gradients scatter around 1 and are averaged with beta = 0.9 from s_0 = 0. Where is the *uncorrected*
# average after 5 steps, give or take the noise?
#   "a"  near 0.4
#   "b"  near 0.9
#   "c"  near 1
### BEGIN SOLUTION
predict_average = "a"
### END SOLUTION

# %% see="bias_of_the_average"
if __name__ == "__main__":
    plot.see(lambda: figures.bias_of_the_average(ema_weights, ema_weight_sum, bias_corrected_ema), predict_average)

# %% [markdown]
# It was "a": $1 - 0.9^5 = 0.41$. Note what correction costs: at $t = 1$ the corrected average *is* the first gradient,
# noise and all. Unbiased does not mean precise.
#
# ## 2 Adam, one step
#
# Adam keeps two such averages for every parameter: $s$ of the gradient (where to go) and $r$ of its square (how large
# gradients usually are here). It corrects both and divides one by the root of the other. Where gradients agree, the
# root of $\hat r$ is about as large as $\hat s$, and a step is about $\alpha$ long, whatever the unit of the loss.
# Where they contradict each other, $\hat s$ is small beside the root, and so is the step: Adam is careful where it is
# told two things at once. The small $\varepsilon$ keeps a gradient that is always 0 from being divided by 0.

# %% [markdown] conventions="adam"
# ### Conventions: what is graded
#
# Before the first step $s = r = 0$ and $t = 0$. Every step does, in this order,
#
# $$\begin{aligned}
# t &\leftarrow t + 1, & s &\leftarrow \beta_1 s + (1-\beta_1)\, g, & \hat s &= s / (1-\beta_1^t), \\
# && r &\leftarrow \beta_2 r + (1-\beta_2)\, g^2, & \hat r &= r / (1-\beta_2^t),
# & \theta &\leftarrow \theta - \alpha\,\hat s \,/\, (\sqrt{\hat r} + \varepsilon) .
# \end{aligned}$$
#
# t is increased before it is used, and once per step: the first step has t = 1. Squares and roots are taken of each
# entry on its own. The averages that are kept are the uncorrected ones. eps is added outside the square root, after
# the correction. The defaults are `lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7`.
#
# Elsewhere you will meet other choices. They are not wrong, but they give other numbers, and here they lose points:
#
# | elsewhere | what differs |
# |---|---|
# | Kingma and Ba, PyTorch: $m, v$ for $s, r$ and $\varepsilon = 10^{-8}$ | letters, and the default |
# | Poole and Mackworth's RMS-Prop: $\sqrt{r + \varepsilon}$ | $\varepsilon$ inside the root |
# | Kingma and Ba (end of section 2): $\alpha\,c_t\,s\,/\,(\sqrt{r}+\varepsilon)$ | $\varepsilon$ weighs more at first |
#
# In the last one $c_t = \sqrt{1-\beta_2^t}\,/\,(1-\beta_1^t)$; for $\varepsilon = 0$ it is the same as ours.


# %% exercise="adam_first_step" points=8 hint="Put s = r = 0 and t = 1 into the formulas. What cancels?"
# covers: 1.11 first step of Adam
def adam_first_step(g, lr, eps):
    """The first update that Adam makes for the gradient g.

    Poole and Mackworth's slide asks what happens when t becomes 1. Follow the conventions box from s = r = 0: both
    betas cancel, and what is left is worth knowing by heart.

    Parameters
    ----------
    g : ndarray of any shape
        The gradient. Integers (int64) are fine. It is not modified.
    lr, eps : float
        The learning rate and the eps of the conventions box, both greater than 0.

    Returns
    -------
    ndarray of the shape of g
        The signed update: what is added to the parameters. It is 0 where g is 0.

    Examples
    --------
    The size of the gradient hardly matters, its sign does:

    >>> adam_first_step(np.array([50.0, -0.001]), lr=0.1, eps=1e-12).round(6)
    array([-0.1,  0.1])
    """
    ### BEGIN SOLUTION
    return -lr * g / (np.abs(g) + eps)
    ### END SOLUTION


# %% try="adam_first_step"
check.report(
    "adam_first_step",
    check.equal(
        "a large and a small gradient, tiny eps",
        lambda: adam_first_step(np.array([30.0, -0.02]), 0.2, 1e-12),
        np.array([-0.2, 0.2]),
    ),
    check.equal(
        "an eps as large as the gradient halves the step",
        lambda: adam_first_step(np.array([0.25]), 0.2, 0.25),
        np.array([-0.1]),
    ),
    hint="What are s_hat and the root of r_hat at t = 1, and where does eps stand?",
    left="gradients that are 0, other shapes, integers",
)

# %% [markdown]
# ### Find the bug
#
# A slide of MADMO lecture 4 prints, with $\gamma$, $\beta$, $v$ and $c$ (*cache*) for our $\beta_1$, $\beta_2$, $s$,
# $r$,
#
# $$v_{t+1} = \gamma v_t + (1-\gamma)\nabla f(x_t), \quad c_{t+1} = \beta c_t + (1-\beta)(\nabla f(x_t))^2, \quad
# x_{t+1} = x_t - \alpha\,\frac{v_{t+1}}{c_{t+1}+\varepsilon}$$
#
# and admits: "Actually, that's not quite Adam." It names one difference; there are two. Below is the slide in code. Run
# the checks and ask: how does the step change if gradients become ten times as large, and how should it? Then mend it.


# %% exercise="mended_step" points=8 hint="Try gradients of 0.1, 1 and 10. One fault depends on their size, one on t."
# covers: 1.6 Adam without correction and root
def mended_step(x, g, v, cache, t, lr, gamma, beta, eps):
    """One step of Adam in the slide's letters; as given out, it has the slide's two faults.

    Once mended it does what the conventions box says, with v for s, cache for r, gamma for beta1, beta for beta2.

    Parameters
    ----------
    x, g : ndarrays of one shape
        Parameters and their gradient. Neither is modified.
    v, cache : ndarrays of that shape
        The uncorrected averages after the step before, zeros before the first step. Neither is modified.
    t : int
        Number of this step, 1 for the first.
    lr, gamma, beta, eps : float
        Learning rate, shares of the old v and of the old cache that are kept, and eps.

    Returns
    -------
    x, v, cache : tuple of ndarrays
        The new parameters and the new, still uncorrected averages.

    Examples
    --------
    The first step is lr long, whatever the gradient:

    >>> zero = np.zeros(2)
    >>> mended_step(zero, np.array([40.0, 0.4]), zero, zero, 1, 0.1, 0.9, 0.999, 1e-9)[0].round(6)
    array([-0.1, -0.1])
    """
    v = gamma * v + (1 - gamma) * g
    cache = beta * cache + (1 - beta) * g**2
    ### BEGIN SOLUTION
    v_hat, cache_hat = v / (1 - gamma**t), cache / (1 - beta**t)
    return x - lr * v_hat / (np.sqrt(cache_hat) + eps), v, cache
    ### END SOLUTION
    ### BEGIN STUB
    # return x - lr * v / (cache + eps), v, cache
    ### END STUB


# %% try="mended_step"
g, zero = np.array([0.1, 1.0, 10.0]), np.zeros(3)
check.report(
    "mended_step",
    check.equal(
        "the first step for gradients of 0.1, 1 and 10",
        lambda: mended_step(zero, g, zero, zero, 1, 0.1, 0.9, 0.8, 1e-9)[0],
        np.full(3, -0.1),
    ),
    check.equal(
        "the averages that come back",
        lambda: mended_step(zero, g, zero, zero, 1, 0.1, 0.9, 0.8, 1e-9)[1:],
        (np.array([0.01, 0.1, 1.0]), np.array([0.002, 0.2, 20.0])),
    ),
    hint="Do the three steps differ? Then the size of g does not cancel. Are they alike but wrong? Look at t = 1.",
    left="later steps, large eps, other shapes",
)

# %% [markdown]
# *How long* is the slide's own first step, in units of $\alpha$, for $g = 0.1$, $\gamma = 0.9$, $\beta = 0.999$ and
# negligible $\varepsilon$? And Poole and Mackworth write about Adam: "It corrects to account for the *parameters* being
# initialized to 0." But no network starts with its parameters at 0. Which word should stand there?

# %% recall="errata"
slide_step = None  # a number
right_word = None  # a text
right_words = "319b076d51 bfd1b5dcba 8f2d0a2bc9 d4f00cf2d0 c222d529b4 024dca20ae e4308f9890"
quiz.recall(
    quiz.ask("length of the slide's first step", slide_step, "388db8cbb5", "0.1 g over 0.001 g**2, for g = 0.1."),
    quiz.ask("instead of 'parameters'", right_word, right_words, "What starts at 0 in the conventions box?"),
)

# %% [markdown]
# ## 3 Adam, the optimiser
#
# A network has many parameter arrays, so the optimiser gets a dict of them and a dict of gradients, and remembers two
# averages for each. Its `step` is *pure*: it returns new arrays and leaves those that it was given alone.


# %% exercise="Adam" points=34 uses="ema_weight_sum, mended_step" hint="What belongs to all, what to each key?"
# covers: 1.6 Adam; 1.6 place of root and epsilon
class Adam:
    """The Adam optimiser, as printed in the conventions box (Kingma and Ba, ICLR 2015; NPFL138 lecture 2).

    The average gradient over its usual size does not depend on the scale of the loss: a step is about lr long where
    gradients agree, and shorter where they contradict each other.

    Parameters
    ----------
    lr : float
        Learning rate alpha.
    beta1, beta2 : float
        Shares that are kept of the old average gradient s and of the old average square r.
    eps : float
        Added outside the root.

    Examples
    --------
    Three steps from 1 with the gradients 1, -2 and 0.5:

    >>> adam, params = Adam(lr=0.1, beta1=0.8, beta2=0.9, eps=0.3), {"w": np.array([1.0])}
    >>> for g in (1.0, -2.0, 0.5):
    ...     params = adam.step(params, {"w": np.array([g])})
    ...     print(params["w"].round(6))
    [0.923077]
    [0.958056]
    [0.969756]

    On a constant gradient every step is lr long, however large the gradient, so 50 steps of 0.1 lead to 5:

    >>> adam, params = Adam(lr=0.1), {"w": np.zeros(1)}
    >>> for _ in range(50):
    ...     params = adam.step(params, {"w": np.array([-700.0])})
    >>> params["w"].round(6)
    array([5.])
    """

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7):
        ### BEGIN SOLUTION
        self.lr, self.beta1, self.beta2, self.eps = lr, beta1, beta2, eps
        self.t, self.s, self.r = 0, {}, {}
        ### END SOLUTION

    def step(self, params, grads):
        """Take one step.

        There is one t per optimiser, however many keys there are. Every key has averages of its own, zero when it
        first appears; a key that appears late uses the optimiser's t, and one that misses a step keeps its averages
        for when it is back. Two optimisers share nothing.

        Parameters
        ----------
        params : dict of str to ndarray
            Parameters of any shapes, 0-d too. Each step starts from the parameters that are passed in.
        grads : dict of str to ndarray
            Their gradients under the same keys, in any order: int64, float32 or float64 in any memory layout, zeros and
            tiny values among them.

        Returns
        -------
        dict of str to ndarray
            New arrays under the same keys. Nothing that was passed in is modified. None of it is kept either: changing
            those arrays afterwards does not change later steps.
        """
        ### BEGIN SOLUTION
        self.t += 1
        new = {}
        for key, theta in params.items():
            g = grads[key]
            self.s[key] = self.beta1 * self.s.get(key, 0.0) + (1 - self.beta1) * g
            self.r[key] = self.beta2 * self.r.get(key, 0.0) + (1 - self.beta2) * g**2
            s_hat = self.s[key] / ema_weight_sum(self.beta1, self.t)
            r_hat = self.r[key] / ema_weight_sum(self.beta2, self.t)
            new[key] = theta - self.lr * s_hat / (np.sqrt(r_hat) + self.eps)
        return new
        ### END SOLUTION


# %% try="Adam"
def walk(optimiser, gradients, params):
    """Where steps on these gradients lead, the same gradient for every key."""
    for g in gradients:
        params = optimiser.step(params, {key: np.full(w.shape, g) for key, w in params.items()})
    return params


w, ab = {"w": np.zeros(2)}, {"a": np.zeros(1), "b": np.zeros((2, 3))}
check.report(
    "Adam",
    check.equal("the first step is lr long", lambda: walk(Adam(0.1), [-3.0], w), {"w": np.full(2, 0.1)}),
    check.equal("so are all on a constant gradient", lambda: walk(Adam(0.1), [-3.0] * 9, w), {"w": np.full(2, 0.9)}),
    check.equal(
        "three steps with a large eps, as in the docstring",
        lambda: walk(Adam(0.1, 0.8, 0.9, 0.3), [1.0, -2.0, 0.5], w)["w"],
        np.full(2, -0.030244),
        rtol=1e-4,
    ),
    check.equal(
        "two keys of unlike shapes",
        lambda: walk(Adam(0.1), [5.0], ab),
        {"a": np.full(1, -0.1), "b": np.full((2, 3), -0.1)},
    ),
    hint="Compare with the conventions box, from the left to the right. How does t count?",
    left="more steps, keys in any order that come and go, two optimisers at once, arrays of every kind",
)

# %% [markdown]
# ### How long are the steps?
#
# Take the correction out again, so that $s$ and $r$ stand in the place of $\hat s$ and $\hat r$. For negligible
# $\varepsilon$ that stretches each update by $(1-\beta_1^t) / \sqrt{1-\beta_2^t}$. `Uncorrected` does this to your
# Adam.


# %% given="uncorrected"
class Uncorrected:
    """Your Adam without its bias correction."""

    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7):
        self.adam, self.betas, self.steps = Adam(lr, beta1, beta2, eps), (beta1, beta2), 0

    def step(self, params, grads):
        self.steps += 1
        stretch = (1 - self.betas[0] ** self.steps) / np.sqrt(1 - self.betas[1] ** self.steps)
        moved = self.adam.step(params, grads)
        return {name: old + stretch * (moved[name] - old) for name, old in params.items()}


# %% exercise="predict_step_length" points=1
# Predict first. The gradient is 5 in every step, the betas are the default ones. How long is the very first step
# *without* correction, in units of the learning rate?
#   "a"  0.1
#   "b"  1
#   "c"  about 3
#   "d"  about 30
### BEGIN SOLUTION
predict_step_length = "c"
### END SOLUTION

# %% see="step_length"
if __name__ == "__main__":
    plot.see(lambda: figures.step_length({"corrected": Adam, "uncorrected": Uncorrected}), predict_step_length)

# %% [markdown]
# It was "c": $0.1 / \sqrt{0.001} = 3.2$. *Both* averages are too small at first, but the one below the root is far
# smaller, because $\beta_2$ is nearer to 1. So a missing correction does not make Adam timid: its steps are too
# *long*, for thousands of steps. The correction acts like a warm-up of the learning rate. Keep that in mind for part
# 4.
#
# ### Write the test that catches it
#
# About a third of the Adams in public course repositories are wrong. Somebody hands you one: find out.


# %% exercise="catches_adam" points=8 hint="Tiny eps, equal gradients and a single key hide a lot."
def catches_adam(candidate):
    """Find out whether an optimiser that claims to be Adam is wrong.

    Make one with settings and gradients of your choice and compare its steps with the conventions box: with numbers
    that you worked out, with the formula written out here, or with your own Adam.

    A wrong one differs in one of these: the correction of one average or of both; how t counts, with one key or
    several; the root, or the place of eps; what is averaged, with which beta; the sign; a setting that it ignores.

    Parameters
    ----------
    candidate : callable
        candidate(lr=0.2, beta1=0.8, beta2=0.9, eps=0.3) makes an optimiser with `step`, as the class Adam does.

    Returns
    -------
    bool
        True if the candidate is wrong or raises, False if it is a right Adam. Right ones may compute in float32: allow
        errors of 1e-4 * lr. Each wrong one caught earns its share; accusing right ones takes points away again.

    Examples
    --------
    >>> catches_adam(Uncorrected), catches_adam(Adam)
    (True, False)
    """
    ### BEGIN SOLUTION
    lr, beta1, beta2, eps = 0.2, 0.8, 0.9, 0.3
    optimiser, rng = candidate(lr=lr, beta1=beta1, beta2=beta2, eps=eps), np.random.default_rng(1)
    theta = {"a": np.zeros(3), "b": np.zeros((2, 2))}
    s, r = dict.fromkeys(theta, 0.0), dict.fromkeys(theta, 0.0)
    for t in range(1, 9):
        grads = {key: rng.standard_normal(value.shape) for key, value in theta.items()}
        try:
            moved = optimiser.step(theta, grads)
        except Exception:
            return True
        for key, g in grads.items():
            s[key], r[key] = beta1 * s[key] + (1 - beta1) * g, beta2 * r[key] + (1 - beta2) * g**2
            wanted = -lr * s[key] / (1 - beta1**t) / (np.sqrt(r[key] / (1 - beta2**t)) + eps)
            if not np.allclose(moved[key] - theta[key], wanted, rtol=0, atol=1e-4 * lr):
                return True
        theta = moved
    return False
    ### END SOLUTION


# %% try="catches_adam"
check.report(
    "catches_adam",
    check.equal("your own Adam is let through", lambda: bool(catches_adam(Adam)), False),
    check.equal("plain gradient descent is caught", lambda: bool(catches_adam(toys.Descent)), True),
    check.equal("Adam without correction is caught", lambda: bool(catches_adam(Uncorrected)), True),
    check.equal("a first step with t = 2 is caught", lambda: bool(catches_adam(toys.late_start(Adam))), True),
    hint="Are your numbers right, is there room for rounding, and do you look at early steps?",
    left="candidates with the other faults of the list, and right ones written otherwise",
)

# %% [markdown]
# ## 4 Milestone: two Adams on handwritten digits
#
# The network is given: 64 pixels, 64 hidden ReLU units, 10 classes, softmax and cross-entropy (hw01, hw02). You write
# the loop around it, for any optimiser that has a `step`.


# %% given="network"
def small_network(rng):
    """Parameters of a 64-64-10 network: normal weights of variance 2/64 and 1/64, biases 0."""
    W1, W2 = rng.normal(0, np.sqrt(2 / 64), (64, 64)), rng.normal(0, np.sqrt(1 / 64), (64, 10))
    return {"W1": W1, "b1": np.zeros(64), "W2": W2, "b2": np.zeros(10)}


def network_loss(params, X, y):
    """Mean cross-entropy and its gradients, under the keys of the parameters."""
    hidden = np.maximum(X @ params["W1"] + params["b1"], 0)
    scores = hidden @ params["W2"] + params["b2"]
    log_p = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
    d_scores = (np.exp(log_p) - np.eye(10)[y]) / len(y)
    d_hidden = d_scores @ params["W2"].T * (hidden > 0)
    grads = {"W1": X.T @ d_hidden, "b1": d_hidden.sum(axis=0), "W2": hidden.T @ d_scores, "b2": d_scores.sum(axis=0)}
    return -log_p[np.arange(len(y)), y].mean(), grads


# %% exercise="training_curve" points=6 hint="One permutation per epoch, cut into pieces. What does step return?"
def training_curve(optimiser, params, loss_and_gradients, X, y, epochs, batch_size, rng):
    """Train by minibatches and note the loss after each epoch.

    Every epoch draws one new order, rng.permutation(len(X)), and cuts it into consecutive batches of batch_size; the
    last batch may be smaller and is used too. Each batch makes one step.

    Parameters
    ----------
    optimiser : object
        Its step(params, grads) returns the new parameters and leaves the old ones alone.
    params : dict of str to ndarray
        The parameters that the first step starts from. They are not modified.
    loss_and_gradients : callable
        loss_and_gradients(params, X, y) returns the mean loss of some examples and the dict of gradients.
    X, y : ndarrays of shape (n, d) and (n,)
        The training examples and their targets. They are not modified.
    epochs : int
        How often all examples are used.
    batch_size : int
        How many examples make a batch.
    rng : np.random.Generator
        Draws the orders, and nothing else.

    Returns
    -------
    params : dict of str to ndarray
        The parameters after the last step.
    losses : list of float
        After each epoch, the mean loss of all of X and y.

    Examples
    --------
    >>> rng, X = np.random.default_rng(0), np.eye(20, 64)
    >>> losses = training_curve(Adam(0.01), small_network(rng), network_loss, X, np.arange(20) % 10, 3, 8, rng)[1]
    >>> [round(loss, 2) for loss in losses]
    [2.21, 2.09, 1.98]
    """
    ### BEGIN SOLUTION
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            params = optimiser.step(params, loss_and_gradients(params, X[batch], y[batch])[1])
        losses.append(float(loss_and_gradients(params, X, y)[0]))
    return params, losses
    ### END SOLUTION


# %% try="training_curve"
def line(epochs):
    """Fit y = 2x to five examples, in batches of two."""
    X, start = np.arange(5.0).reshape(5, 1), {"w": np.zeros(1)}
    rng, descent = np.random.default_rng(3), toys.Descent(lr=0.02)
    return training_curve(descent, start, toys.squares_loss, X, 2 * X[:, 0], epochs, 2, rng)


check.report(
    "training_curve",
    check.equal("the loss after each of two epochs", lambda: line(2)[1], [6.2208, 2.149780]),
    check.equal("the parameters after one", lambda: line(1)[0], {"w": np.array([0.56])}),
    hint="Are all batches used, the short one too? Does each step start where the one before ended?",
    left="other sizes and generators, which examples are in which batch",
)

# %% exercise="predict_race" points=1
# Predict first. Adam trains the network at the rate 0.003, with and without correction. After two epochs the training
# loss is
#   "a"  clearly lower *with* correction
#   "b"  about the same
#   "c"  clearly lower *without*
### BEGIN SOLUTION
predict_race = "c"
### END SOLUTION

# %% see="race"
if __name__ == "__main__":
    kinds = {"corrected": Adam, "uncorrected": Uncorrected}
    plot.see(lambda: figures.race(kinds, training_curve, small_network, network_loss), predict_race)

# %% [markdown]
# So it was "c". What to expect, as mean ± standard deviation of 20 seeds:
#
# | | training loss after 2 epochs | test accuracy after 5 epochs |
# |---|---|---|
# | corrected, lr 0.003 | 0.468 ± 0.039 | 0.946 ± 0.008 |
# | uncorrected, lr 0.003 | 0.137 ± 0.016 | 0.963 ± 0.010 |
# | corrected, lr 0.015 | 0.152 ± 0.028 | 0.959 ± 0.011 |
#
# With the same rate, the loss is 3.5 ± 0.4 times as large *with* correction. Does that make the correction a mistake?

# %% [markdown] written="why_faster" points=10
# ## 5 In your own words
#
# About 15 lines in all; formulas are welcome.
#
# 1. *Alone:* suppose that all squared gradients have the same mean $\nu$. Derive $\mathbb{E}[r_t]$ as part 1 did it for
#    $s_t$, and say where you need that the means are the same. What follows for RMSProp, whose first average with
#    $\beta = 0.9$ is $r = 0.1\,g^2$, as the lecture remarks?
# 2. *Why is the uncorrected one faster here?* Use the plot of the step lengths and the third curve of the race.
# 3. Should one leave the correction out? Name a situation in which the uncorrected Adam would do worse, and say what
#    you would do instead to get its speed here.
#
# ### BEGIN SOLUTION
# 1. $r_t = (1-\beta_2)\sum_i \beta_2^{t-i} g_i^2$, so by linearity $\mathbb{E}[r_t] = (1-\beta_2)\sum_i
#    \beta_2^{t-i}\, \mathbb{E}[g_i^2]$. Equal means $\nu$ come out of the sum (if they drift, the correction is not
#    exact): $\mathbb{E}[r_t] = (1-\beta_2^t)\,\nu$. For $t = 1$, $\beta = 0.9$ that is $0.1\,\nu$: RMSProp's first
#    $r$ is ten times too small, its first step $1/\sqrt{0.1} = 3.2$ times too long.
# 2. Uncorrected updates are longer by $(1-\beta_1^t)/\sqrt{1-\beta_2^t}$: 3.2 at first, 6.6 around step 12, 3.5 after
#    86 steps, which are two epochs. The rate 0.003 is small for this network, so longer steps descend faster. The
#    third curve is the control: corrected, but at five times the rate, Adam is as fast. It is the rate, not the
#    missing correction.
# 3. No. Where the rate is near the largest that works, or the first gradients are unusually small or noisy, long
#    first steps throw the parameters far off (dead units, a loss that jumps). With $\beta_2 = 0.9999$ the first step
#    is 10 times too long. Keep the correction and choose a larger rate, with a schedule if need be.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# *Part 1, 4 points:* 1 unrolled sum; 1 linearity and the factor; 1 where equal means are used (independence is not
# needed); 1 the factor 0.1 at t = 1: too small by ten. *Part 2, 4 points:* 2 longer steps, with the factor or numbers
# from the plot (1 without a reason); 1 the second average is too small by more than the first; 1 the third curve as a
# control. Nothing for "bias helps" or "noise escapes minima". *Part 3, 2 points:* 1 a situation with a reason; 1 keep
# it and raise or schedule the rate. "It depends" alone earns nothing.
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
# * D. P. Kingma and J. Ba, *Adam: a method for stochastic optimization*, ICLR 2015, arXiv:1412.6980 (section 3).
# * M. Straka, *Training neural networks*, NPFL138 lecture 2, 2024. D. Poole and A. Mackworth, slides of *Artificial
#   Intelligence*, 3rd edition, 2023. V. Goncharenko, MADMO lecture 4, 2021. Digits: see `datasets/README.md`.
