"""Backpropagation: derivatives of activations, graphs and networks, and how to check them.

Out of scope: initialisation schemes (hw05), optimisers (hw03 and hw04), convolutions, second derivatives.
"""

# %% [markdown]
# # Backpropagation
#
# A network with a million weights needs a million derivatives in every step. Backpropagation gets all of them for about
# the price of computing the loss twice more. It is nothing but the chain rule, in the right order. In the end you can
#
# * differentiate any network of simple parts by hand, as a graph, and as matrices;
# * *check* a derivative by numbers, whether it is yours, a colleague's or a slide's;
# * write a small automatic differentiation library, and say why deep networks of sigmoids learn so slowly.
#
# **You need** softmax and cross-entropy (hw01), and the chain rule. **Time** about 7 hours; parts 1, 2 and 3 make
# three good evenings. **Lectures** NPFL138 lecture 2 (graphs), Poole and Mackworth (layers), Mines Paris session 1
# (activations).
#
# | part | exercises and points |
# |---|---|
# | 1 One unit | `activation` 7, `numerical_gradient` 6, `mended_gelu_grad` (find the bug) 5, `activation_grad` 8 |
# | 2 Graphs | `sigmoid_graph_gradients` 4, `forward_dag` 4, `backprop_dag` 11, `Value` 13 |
# | 3 Networks | `Dense` 10, `mlp_loss_and_grads` 10, `catches_mlp` (write the test) 8 |
# | 4 Milestone, 5 In your own words | `train_network` 3, `why_backwards` (marked by hand) 8 |
# | before each plot | a prediction: 1 for any answer, 3 in all |
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
# 1. *Cross-entropy* (hw01): a classifier gives the same score to each of 4 classes. What is its loss, in nats?
# 2. *Softmax* (hw01): in a batch of 4 examples, one has the probability 0.2 for its true class. What is the derivative
#    of the *mean* loss with respect to the score of that class?
# 3. *Squared error* (hw01): the mean over $N$ examples of $(f-y)^2$. What is its derivative with respect to the first
#    prediction, if $N = 2$, $f_1 = 3$, $y_1 = 1$?

# %% recall="warm_up"
equal_scores, true_score, first_prediction = None, None, None
quiz.recall(
    quiz.ask("1 cross-entropy", equal_scores, "489e89cb25", "Which probability has the true class?"),
    quiz.ask("2 softmax", true_score, "2c07b75aee", "Prediction minus target, and then the mean."),
    quiz.ask("3 squared error", first_prediction, "93fc3a4c87", "Where does the 2 of the square go?"),
)

# %% [markdown]
# ## 1 One unit
#
# A unit computes $z = b + \sum_i x_i w_i$ and passes it through an *activation function*, $a = \varphi(z)$. Without one
# a stack of layers would be a single linear layer. We call $z$ the *pre-activation*.

# %% [markdown] conventions="backpropagation"
# ### Conventions: what is graded
#
# Rows are examples. A layer with weights of shape (in, out) computes $Z = XW + b$. Every activation takes the
# pre-activation $z$, entry by entry, and so does every derivative:
#
# | name | $\varphi(z)$ | $\varphi'(z)$ |
# |---|---|---|
# | `sigmoid` | $\sigma(z) = 1/(1+e^{-z})$ | $\sigma(z)\,(1-\sigma(z))$ |
# | `tanh` | $\tanh z$ | $1-\tanh^2 z$ |
# | `relu` | $z$ for $z>0$, else $0$ | $1$ for $z>0$, else $0$ |
# | `leaky_relu` | $z$ for $z>0$, else $\alpha z$ | $1$ for $z>0$, else $\alpha$ |
# | `elu` | $z$ for $z>0$, else $\alpha(e^z-1)$ | $1$ for $z>0$, else $\alpha e^z$ |
# | `softplus` | $\log(1+e^z)$ | $\sigma(z)$ |
# | `gelu_tanh` | $\frac z2\bigl(1+\tanh(\sqrt{2/\pi}\,(z+0.044715\,z^3))\bigr)$ | part of *find the bug* |
#
# At exactly 0 the derivative of relu is 0, and that of leaky_relu and elu is alpha. The loss is the *mean* over the
# examples; the 1/N is in the loss and nowhere else, so no layer divides by N again. Results count to nine digits where
# the docstring allows no more, so compute in float64; only where the *inputs* are float32 are four digits enough.
#
# Elsewhere you will meet other choices. They are not wrong, but they give other numbers, and here they lose points:
#
# | elsewhere | what differs |
# |---|---|
# | Mines Paris: $s = Wx$; deeplearning.ai: $WX + b$ | shape (out, in), columns are examples |
# | Mines Paris: "$\alpha$ is around 0.1 to 0.3" | no default here; the papers have 0.01 (leaky) and 1 (ELU) |
# | PyTorch's default GELU: $z\,\Phi(z)$ | up to 0.0005 away from the tanh form |
# | Poole and Mackworth: a layer sums, the update divides by the batch size | where 1/N stands |
# | S-shaped units, in many books: $\varphi' = a(1-a)$ | takes the *output* $a$, not $z$ |


# %% exercise="activation" points=7 hint="np.where computes both of its branches, for all entries."
# covers: 1.2 softplus; 1.2 leaky ReLU; 1.2 ELU
def activation(name, z, alpha=None):
    """Apply an activation function of the conventions box to every entry.

    It is what makes a network more than a linear map; which one is chosen decides how well gradients travel.

    Parameters
    ----------
    name : str
        "sigmoid", "tanh", "relu", "leaky_relu", "elu", "softplus" or "gelu_tanh".
    z : ndarray of any shape
        Pre-activations. Integers and 0-d arrays are fine. It is not modified.
    alpha : float, optional
        Slope or scale below 0, used by leaky_relu and elu only. Any number will do: negative, 0, or above 1.

    Returns
    -------
    ndarray of the shape of z
        The activations. For z of -800 and of 800, too, they are right: no NaN and no infinity.

    Raises
    ------
    ValueError
        If there is no activation of that name, or if leaky_relu or elu is asked for without alpha.

    Examples
    --------
    >>> activation("leaky_relu", np.array([-2.0, 0.0, 3.0]), alpha=0.1)
    array([-0.2,  0. ,  3. ])
    """
    ### BEGIN SOLUTION
    if name in ("leaky_relu", "elu") and alpha is None:
        raise ValueError(f"{name} needs alpha")
    if name == "sigmoid":
        return np.exp(-np.logaddexp(0, -z))
    if name == "tanh":
        return np.tanh(z)
    if name == "relu":
        return np.maximum(z, 0)
    if name == "leaky_relu":
        return np.where(z > 0, z, alpha * z)
    if name == "elu":
        return np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0)))
    if name == "softplus":
        return np.logaddexp(0, z)
    if name == "gelu_tanh":
        return z / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3)))
    raise ValueError(f"no activation {name!r}")
    ### END SOLUTION


# %% try="activation"
z = np.array([-1.0, 0.0, 2.0])
check.report(
    "activation",
    check.equal("sigmoid", lambda: activation("sigmoid", z), np.array([0.26894142, 0.5, 0.88079708])),
    check.equal("tanh", lambda: activation("tanh", z), np.array([-0.76159416, 0.0, 0.96402758])),
    check.equal("relu", lambda: activation("relu", z), np.array([0.0, 0.0, 2.0])),
    check.equal("leaky_relu", lambda: activation("leaky_relu", z, 0.2), np.array([-0.2, 0.0, 2.0])),
    check.equal("elu", lambda: activation("elu", z, 0.2), np.array([-0.12642411, 0.0, 2.0])),
    check.equal("softplus", lambda: activation("softplus", z), np.array([0.31326169, 0.69314718, 2.12692801])),
    check.equal("gelu_tanh", lambda: activation("gelu_tanh", z), np.array([-0.15880801, 0.0, 1.95459769])),
    check.raises("elu without alpha", lambda: activation("elu", z), ValueError),
    hint="Is every formula that of the conventions box?",
    left="other shapes, integers, very large entries, unusual alphas, unknown names",
)

# %% [markdown]
# ### Derivatives that check themselves
#
# Nobody should believe a derivative that was worked out by hand. Move one entry of $x$ a little to each side and see
# how much $f$ changes: with the Taylor series
#
# $$f(x \pm h) = f(x) \pm h f'(x) + \tfrac{h^2}{2} f''(x) \pm \tfrac{h^3}{6} f'''(x) + \dots$$
#
# the even terms cancel in the *central* difference, $\dfrac{f(x+h) - f(x-h)}{2h} = f'(x) + \tfrac{h^2}{6} f'''(x) +
# \dots$, while the one-sided $\dfrac{f(x+h) - f(x)}{h}$ keeps an error of $\tfrac h2 f''(x)$.


# %% exercise="numerical_gradient" points=6 hint="Which entries of x differ between the two calls of f?"
def numerical_gradient(f, x, h=1e-5):
    """Gradient of a function by central differences, one entry of x at a time.

    Slow (two calls of f per entry) and nearly exact: the judge of every other derivative in this course.

    Parameters
    ----------
    f : callable
        f(x) returns a single number. It gets floating-point arrays of the shape of x.
    x : ndarray of any shape
        Where to differentiate. Integers, float32, 0-d and read-only arrays are fine. It is not modified.
    h : float
        How far to go to each side, 1e-5 if nothing else is asked for: entry i of the result is
        (f(x + h e_i) - f(x - h e_i)) / (2 h), where e_i is 1 at entry i and 0 elsewhere.

    Returns
    -------
    ndarray of the shape of x
        One floating-point derivative for each entry.

    Examples
    --------
    >>> numerical_gradient(lambda x: x[0] ** 2 * x[1], np.array([3.0, 5.0])).round(6)
    array([30.,  9.])
    """
    ### BEGIN SOLUTION
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        gradient[index] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient
    ### END SOLUTION


# %% try="numerical_gradient"
check.report(
    "numerical_gradient",
    check.equal(
        "x**3 at 2", lambda: numerical_gradient(lambda x: np.sum(x**3), np.array([2.0])), np.array([12.0]), rtol=1e-7
    ),
    check.equal(
        "the error is that of a central difference",
        lambda: numerical_gradient(lambda x: np.sum(x**3), np.array([2.0, -1.0]), 0.1),
        np.array([12.01, 3.01]),
    ),
    check.equal(
        "a matrix", lambda: numerical_gradient(lambda W: W[0, 1] * W[1, 0], np.eye(2) + 2), np.array([[0, 2], [2, 0]])
    ),
    hint="Does exactly one entry move, to both sides, by h?",
    left="other shapes, integers, read-only arrays",
)

# %% exercise="predict_best_h" points=1
# Predict first. Central differences of the exponential function at 1, in ordinary 64-bit numbers. Which h gives the
# smallest error? "a" 1e-15, "b" 1e-10, "c" 1e-5, "d" 1e-1
### BEGIN SOLUTION
predict_best_h = "c"
### END SOLUTION


# %% see="error_and_h"
def draw_errors():
    """Error of two difference quotients against h."""
    steps, e = 10.0 ** np.arange(-15, 0.5, 0.5), np.exp(1.0)
    central = [abs(float(numerical_gradient(lambda x: np.exp(x[0]), np.ones(1), h)[0]) / e - 1) for h in steps]
    one_sided = [abs((np.exp(1 + h) - e) / h / e - 1) for h in steps]
    lines = {"central (yours)": (steps, np.maximum(central, 1e-12)), "one-sided": (steps, np.maximum(one_sided, 1e-12))}
    return plot.draw(
        plot.Panel("Derivative of exp at 1", "h", "relative error", lines, log="xy"),
        alt="Both errors fall as h shrinks and then rise again. The central difference is best near h = 1e-5, with an "
        "error of about 1e-11; the one-sided one near 1e-8, with about 1e-8.",
    )


if __name__ == "__main__":
    plot.see(draw_errors, predict_best_h)

# %% [markdown]
# It was "c". On the right the Taylor error grows like $h^2$. On the left rounding takes over: $f(x+h)$ and $f(x-h)$
# agree in nearly all of their 16 digits, and the difference of what is left is divided by a tiny number.
#
# ### Find the bug
#
# The session of Mines Paris differentiates GELU and prints
#
# $$\begin{aligned} \text{GELU}'(x) &= 0.5 \tanh(0.0356774\,x^3 + 0.797885\,x) \\
# &\quad + (0.535161\,x^3 + 0.398942\,x)\,\text{sech}^2(0.0356774\,x^3 + 0.797885\,x) + 0.5 , \end{aligned}$$
#
# where $\text{sech}^2 u = 1 - \tanh^2 u$. Something in it is wrong. You have a judge: compare it with
# `numerical_gradient` of `activation("gelu_tanh", x)` at a few points. Then differentiate by hand (product rule, chain
# rule), find the fault in the code below, and mend it.


# %% exercise="mended_gelu_grad" points=5 uses="activation,numerical_gradient" hint="Right at 0. What vanishes there?"
# covers: 1.2 GELU and its derivative
def mended_gelu_grad(x):
    """Derivative of the tanh form of GELU; as given out, it has the slide's fault.

    Parameters
    ----------
    x : ndarray of any shape
        Pre-activations. It is not modified.

    Returns
    -------
    ndarray of the shape of x
        The derivative of activation("gelu_tanh", x). The six digits of the slide's constants are enough: errors up to
        2e-6 are accepted.

    Examples
    --------
    >>> mended_gelu_grad(np.array([-1.0, 0.0])).round(4)
    array([-0.083,  0.5  ])
    """
    u = 0.0356774 * x**3 + 0.797885 * x
    ### BEGIN SOLUTION
    return 0.5 * np.tanh(u) + (0.0535161 * x**3 + 0.398942 * x) * (1 - np.tanh(u) ** 2) + 0.5
    ### END SOLUTION
    ### BEGIN STUB
    # return 0.5 * np.tanh(u) + (0.535161 * x**3 + 0.398942 * x) * (1 - np.tanh(u) ** 2) + 0.5
    ### END STUB


# %% try="mended_gelu_grad"
def against_differences(points):
    """Largest distance from central differences of your own GELU."""
    numbers = numerical_gradient(lambda x: np.sum(activation("gelu_tanh", x)), points)
    return float(np.abs(mended_gelu_grad(points) - numbers).max())


check.report(
    "mended_gelu_grad",
    check.equal("far from 0", lambda: mended_gelu_grad(np.array([-6.0, 6.0])), np.array([0, 1]), atol=1e-5),
    check.holds("agrees with differences", lambda: against_differences(np.array([-2.0, -0.5, 0.5, 2.0])) < 1e-5),
    hint="0.797885 is the root of 2/pi, and 0.0356774 is 0.044715 times it. Which constants belong to du/dx?",
    left="other points and shapes",
)


# %% exercise="activation_grad" points=8 uses="activation,mended_gelu_grad" hint="What exactly is z: before or after?"
# covers: 1.2 sigmoid and its derivative; 1.2 tanh and its derivative; 1.2 ReLU and its derivative at zero
def activation_grad(name, z, alpha=None):
    """Derivative of an activation function at every pre-activation z.

    Backpropagation multiplies by it at every unit that it passes.

    Parameters
    ----------
    name, alpha : str, float
        As for activation; alpha may be any number here, too.
    z : ndarray of any shape
        Pre-activations, that is, the argument of the activation and not its value. Integers and 0-d arrays are fine.
        It is not modified.

    Returns
    -------
    ndarray of the shape of z
        The derivatives of the conventions box, also at exactly 0. For gelu_tanh errors up to 2e-6 are accepted. For z
        of -800 and of 800, too, they are right: no NaN and no infinity.

    Raises
    ------
    ValueError
        As activation does.

    Examples
    --------
    >>> activation_grad("tanh", np.array([0.0, 1.0])).round(4)
    array([1.  , 0.42])
    """
    ### BEGIN SOLUTION
    if name in ("leaky_relu", "elu") and alpha is None:
        raise ValueError(f"{name} needs alpha")
    if name == "sigmoid":
        return activation("sigmoid", z) * activation("sigmoid", -z)
    if name == "tanh":
        return 1 - np.tanh(z) ** 2
    if name == "relu":
        return np.where(z > 0, 1.0, 0.0)
    if name == "leaky_relu":
        return np.where(z > 0, 1.0, alpha)
    if name == "elu":
        return np.where(z > 0, 1.0, alpha * np.exp(np.minimum(z, 0)))
    if name == "softplus":
        return activation("sigmoid", z)
    if name == "gelu_tanh":
        return mended_gelu_grad(z)
    raise ValueError(f"no activation {name!r}")
    ### END SOLUTION


# %% try="activation_grad"
def slopes(name, alpha=None):
    """Largest distance from central differences of your own activation."""
    points = np.array([-1.3, -0.2, 0.4, 2.1])
    numbers = numerical_gradient(lambda z: np.sum(activation(name, z, alpha)), points)
    return float(np.abs(activation_grad(name, points, alpha) - numbers).max())


names = ("sigmoid", "tanh", "relu", "softplus", "gelu_tanh")
check.report(
    "activation_grad",
    *(check.holds(f"{name} agrees with differences", lambda name=name: slopes(name) < 1e-5) for name in names),
    *(
        check.holds(f"{name}, alpha = 0.3", lambda name=name: slopes(name, 0.3) < 1e-5)
        for name in ("leaky_relu", "elu")
    ),
    check.equal("relu at exactly 0", lambda: activation_grad("relu", np.array([0.0])), np.array([0.0])),
    hint="Compare the formula with the last column of the box. Is z the argument, or what comes out?",
    left="leaky_relu and elu at 0, other shapes, integers, very large entries, unusual alphas, unknown names",
)

# %% exercise="predict_steepest" points=1
# Predict first. How large does the derivative of the sigmoid get at most? "a" 1, "b" 0.5, "c" 0.25
### BEGIN SOLUTION
predict_steepest = "c"
### END SOLUTION


# %% see="activations"
def draw_activations():
    """Every activation, its derivative, and central differences."""
    z, few = np.linspace(-4, 4, 321), np.linspace(-3.9, 3.9, 14)
    fig, axes = plot.figure(4, width=11, height=5.2)
    fig.clear()
    axes = fig.subplots(2, 4, sharex=True).ravel()
    for ax, name in zip(axes, ("sigmoid", "tanh", "softplus", "gelu_tanh", "relu", "leaky_relu", "elu"), strict=False):
        alpha = 0.3 if name in ("leaky_relu", "elu") else None
        numbers = numerical_gradient(lambda x, n=name, a=alpha: np.sum(activation(n, x, a)), few)
        ax.plot(z, activation(name, z, alpha), **plot.style(0))
        ax.plot(z, activation_grad(name, z, alpha), **plot.style(1))
        ax.plot(few, numbers, "o", color="black", markersize=4, fillstyle="none")
        plot.label(ax, name if alpha is None else f"{name}, alpha = {alpha}", "", "", legend=False)
        ax.set_ylim(-1.2, 2.2)
    axes[7].axis("off")
    for k, text in enumerate(("activation", "derivative")):
        axes[7].plot([], [], label=text, **plot.style(k))
    axes[7].plot([], [], "o", color="black", markersize=4, fillstyle="none", label="central differences")
    axes[7].legend(loc="center", frameon=False)
    fig.supxlabel("pre-activation z", fontsize=10)
    return plot.show(
        fig,
        "Seven activations with their derivatives; central differences lie on the derivatives. The sigmoid's "
        "derivative is nowhere above 0.25, and like that of tanh nearly 0 beyond 4. ReLU's is 0 on the left half.",
    )


if __name__ == "__main__":
    plot.see(draw_activations, predict_steepest)

# %% [markdown]
# It was "c": $\sigma(1-\sigma)$ is largest at $\sigma = \frac12$. Remember this quarter, it comes back in part 3. And
# look at the left half of ReLU: a unit whose $z$ is negative for *every* example gets the derivative 0 from all of them
# and never learns again. That is a *dead* unit; leaky ReLU and ELU keep a small slope there.
# covers: 1.2 dead units
#
# ## 2 Graphs
#
# **Worked: a product.** Mines Paris takes $f(x,y,z) = (x+y)\,z$ at $x=-2$, $y=5$, $z=-4$. Name the step in between,
# $q = x+y = 3$, so that $f = qz = -12$. Every step knows its *local* derivatives:
#
# $$\frac{\partial f}{\partial q} = z = -4, \quad \frac{\partial f}{\partial z} = q = 3, \quad
# \frac{\partial q}{\partial x} = \frac{\partial q}{\partial y} = 1 .$$
#
# Now go backwards from $\partial f/\partial f = 1$, and multiply what comes from above (*upstream*) with what is local:
#
# $$\frac{\partial f}{\partial x} = \frac{\partial f}{\partial q}\,\frac{\partial q}{\partial x} = -4 \cdot 1 = -4,
# \qquad \frac{\partial f}{\partial y} = -4 \cdot 1 = -4, \qquad \frac{\partial f}{\partial z} = 1 \cdot 3 = 3 .$$
#
# A sum hands the gradient on unchanged; a product hands it on times the *other* factor.
# covers: 1.3 chain rule; 1.3 upstream times local gradient; 1.3 worked product graph; 1.11 product graph at a point
#
# **With blanks: a value that is used twice.** $y = x^2 + x$ at $x = 3$, with $u_0 = x$, $u_1 = u_0^2$ and
# $u_2 = u_1 + u_0$. Node 0 has two consumers, and a change of $x$ reaches $y$ through both:
#
# $$\frac{\partial y}{\partial u_0} = \frac{\partial y}{\partial u_1}\cdot\frac{\partial u_1}{\partial u_0} +
# \frac{\partial y}{\partial u_2}\cdot\frac{\partial u_2}{\partial u_0} = 1 \cdot A + 1 \cdot B = C .$$

# %% recall="used_twice"
A, B, C = None, None, None
quiz.recall(
    quiz.ask("A", A, "37a8927d12", "The local derivative of a square, at 3."),
    quiz.ask("B", B, "3beab0dfa5", "The direct way: what does a sum hand on?"),
    quiz.ask("C", C, "8f58f0e873", "Contributions of several consumers add up."),
)

# %% [markdown]
# **Alone: a logistic unit.** The same session asks for the gradients of $f = \sigma(w_0 x_0 + w_1 x_1 + w_2)$ at
# $w_0 = 2$, $x_0 = -1$, $w_1 = -3$, $x_1 = -2$, $w_2 = -3$, with 1 coming from above. Draw the graph on paper,
# write the values on it from left to right and then the gradients from right to left. The sum is $z = 1$; the slide
# notes that $\sigma(1) = 0.73$.


# %% exercise="sigmoid_graph_gradients" points=4 hint="Which number passes from the sigmoid to the sum?"
# covers: 1.3 sigmoid practice graph; 1.11 sigmoid graph gradients
def sigmoid_graph_gradients():
    """Derivatives of f = sigmoid(w0 x0 + w1 x1 + w2) with respect to all five inputs, at the values above.

    Returns
    -------
    dict of str to float
        Under the keys "w0", "x0", "w1", "x1" and "w2". Numbers worked out on paper with 0.73 for sigmoid(1) are fine:
        errors up to 0.005 are accepted.

    Examples
    --------
    >>> sorted(sigmoid_graph_gradients())
    ['w0', 'w1', 'w2', 'x0', 'x1']
    """
    ### BEGIN SOLUTION
    dz = np.e / (1 + np.e) ** 2  # s (1 - s) for s = sigmoid(1)
    return {"w0": -dz, "x0": 2 * dz, "w1": -2 * dz, "x1": -3 * dz, "w2": dz}
    ### END SOLUTION


# %% try="sigmoid_graph_gradients"
def through_the_unit(v):
    """The unit as a function of (w0, x0, w1, x1, w2), for your judge."""
    return 1 / (1 + np.exp(-(v[0] * v[1] + v[2] * v[3] + v[4])))


def distance(*keys):
    """How far the gradients under these keys are from differences."""
    places = [("w0", "x0", "w1", "x1", "w2").index(key) for key in keys]
    numbers = numerical_gradient(through_the_unit, np.array([2.0, -1.0, -3.0, -2.0, -3.0]))[places]
    return max(abs(sigmoid_graph_gradients()[key] - number) for key, number in zip(keys, numbers, strict=True))


check.report(
    "sigmoid_graph_gradients",
    check.holds("w2", lambda: distance("w2") < 5e-3),
    check.holds("the two weights", lambda: distance("w0", "w1") < 5e-3),
    check.holds("the two inputs", lambda: distance("x0", "x1") < 5e-3),
    hint="sigma'(1) is not 0.73. And what does a product hand on to each of its factors?",
    left="nothing",
)

# %% [markdown]
# So a logistic unit with output $y$ turns $\partial E/\partial y_j$ into $\partial E/\partial z_j = y_j (1-y_j)\,
# \partial E/\partial y_j$ and passes $w_{ij}\,\partial E/\partial z_j$ on to each input $y_i$. An input that feeds
# several units gets one such term from each: $\partial E/\partial y_i = \sum_j w_{ij}\,\partial E/\partial z_j$.
# covers: 1.3 logistic unit backward
#
# ### Any graph
#
# Number the nodes $u_0, \dots, u_{n-1}$ so that every node comes after all that it is computed from, its *parents*
# $P(u_i)$. Then one pass to the right computes all values, $u_i = f_i(\text{values of } P(u_i))$.


# %% exercise="forward_dag" points=4 hint="When it is a node's turn, which values are known already?"
# covers: 1.3 forward pass over a graph
def forward_dag(parents, functions):
    """Values of all nodes of a graph, in the order of their numbers (NPFL138 lecture 2).

    Parameters
    ----------
    parents : list of n lists of int
        parents[i] are the numbers of the nodes that node i is computed from, all smaller than i. Counting starts at 0.
        A node without parents is an input.
    functions : list of n callables
        functions[i] takes the values of node i's parents as separate arguments, in the order of parents[i], and returns
        a number; that of an input takes none. Each is called exactly once.

    Returns
    -------
    ndarray of shape (n,)
        The value of every node. Graphs may have thousands of nodes, one after the other.

    Examples
    --------
    The worked product, with nodes x, y, z, q and f:

    >>> steps = [lambda: -2, lambda: 5, lambda: -4, lambda x, y: x + y, lambda q, z: q * z]
    >>> forward_dag([[], [], [], [0, 1], [3, 2]], steps)
    array([ -2.,   5.,  -4.,   3., -12.])
    """
    ### BEGIN SOLUTION
    values = []
    for sources, function in zip(parents, functions, strict=True):
        values.append(function(*[values[source] for source in sources]))
    return np.array(values, dtype=float)
    ### END SOLUTION


# %% try="forward_dag"
square_plus = [[], [0], [1, 0]]
check.report(
    "forward_dag",
    check.equal(
        "x**2 + x at 3",
        lambda: forward_dag(square_plus, [lambda: 3.0, lambda x: x**2, lambda a, b: a + b]),
        np.array([3.0, 9.0, 12.0]),
    ),
    check.equal(
        "the order of the parents counts",
        lambda: forward_dag([[], [], [1, 0]], [lambda: 1.0, lambda: 5.0, lambda a, b: a - b]),
        np.array([1.0, 5.0, 4.0]),
    ),
    hint="Which arguments does each function get, and in which order?",
    left="larger graphs, how often each function is called",
)

# %% [markdown]
# Backwards it is the same walk in the other direction. Write $g_i = \partial u_{n-1} / \partial u_i$. The output has
# $g_{n-1} = 1$. A change of $u_i$ reaches the output only through its consumers, the nodes $u_j$ with
# $u_i \in P(u_j)$, and the chain rule adds up what goes through each:
#
# $$g_i = \sum_{j :\, u_i \in P(u_j)} g_j \, \frac{\partial u_j}{\partial u_i} .$$
#
# All consumers have larger numbers than $i$. So if nodes are finished from the last to the first, everything on the
# right is known when it is needed, and every edge is used *once*, although there may be billions of paths. That is the
# point of it: a walk along every single path is right in small graphs and never ends in large ones. Here it costs as
# much as a wrong sum.


# %% exercise="backprop_dag" points=11 hint="When is g_i complete, so that it may be handed on?"
# covers: 1.3 backpropagation over a graph with fan-out
def backprop_dag(parents, local):
    """Derivatives of the last node of a graph with respect to every node (NPFL138 lecture 2).

    Parameters
    ----------
    parents : list of n lists of int
        As for forward_dag: smaller numbers than the node's own, counting from 0, in any order, and none of them twice.
        It is not modified.
    local : dict of (int, int) to float
        local[(parent, child)] is the derivative of the value of child with respect to that of parent, with the other
        parents held fixed. It has an entry for each edge, in any order, and it is not modified.

    Returns
    -------
    ndarray of shape (n,)
        The sum over all consumers, as printed above; 1 for the last node, which is the output, and 0 for nodes that the
        output does not depend on. Chains of thousands of nodes and graphs with billions of paths are no problem.

    Examples
    --------
    The node that is used twice:

    >>> backprop_dag([[], [0], [1, 0]], {(0, 1): 6.0, (1, 2): 1.0, (0, 2): 1.0})
    array([7., 1., 1.])
    """
    ### BEGIN SOLUTION
    gradient = np.zeros(len(parents))
    gradient[-1] = 1
    for child in reversed(range(len(parents))):
        for parent in parents[child]:
            gradient[parent] += gradient[child] * local[(parent, child)]
    return gradient
    ### END SOLUTION


# %% try="backprop_dag"
product = {(0, 3): 1.0, (1, 3): 1.0, (3, 4): -4.0, (2, 4): 3.0}
both_ways = {(0, 1): 2.0, (0, 2): 3.0, (1, 3): 5.0, (2, 3): 7.0}
check.report(
    "backprop_dag",
    check.equal("the worked product", lambda: backprop_dag([[], [], [], [0, 1], [3, 2]], product), [-4, -4, 3, -4, 1]),
    check.equal("two ways", lambda: backprop_dag([[], [0], [0], [1, 2]], both_ways), np.array([31.0, 5.0, 7.0, 1.0])),
    check.equal("a chain", lambda: backprop_dag([[], [0], [1]], {(0, 1): 0.5, (1, 2): 4.0}), np.array([2.0, 4.0, 1.0])),
    hint="Two ways lead from node 0 to the output. What becomes of the second contribution?",
    left="larger graphs, nodes that the output does not use, long chains, many paths",
)

# %% [markdown]
# ### A graph that draws itself
#
# Nobody writes `parents` and `local` by hand. Let the numbers remember how they were made: a `Value` holds a number,
# and every operation on it makes a new `Value` that knows what it came from and its local derivatives. That is how
# PyTorch works, with arrays for numbers.
#
# But now the nodes have no numbers, so `backward` has to find an order in which every `Value` comes before all that it
# was made from. Take `y = 0.4 * y + 0.5 * y` forty times in a row, starting at some `x`: $2^{40}$ ways lead back to
# `x`, through some hundred `Value`s. Does your `backward` visit each of them once?


# %% exercise="Value" points=13 hint="Write + and * and backward first, and see that the checks for them pass."
class Value:
    """A number that remembers how it was computed, so that it can be differentiated.

    Besides the methods below it has the operators +, -, * and /, with another Value or a plain number on either side
    (2 - v and 2 / v, too), the minus sign (-v), and v ** p for a plain number p (for negative v, too, if p is whole,
    and for 0 if p is above 1). Each of them returns a new Value and leaves its operands alone.

    Parameters
    ----------
    data : float
        The number.

    Attributes
    ----------
    data, grad : float
        The number, and the gradient that calls of backward have collected, 0 at first.

    Examples
    --------
    >>> x = Value(3.0)
    >>> y = x * x + x
    >>> y.backward()
    >>> float(y.data), float(x.grad)
    (12.0, 7.0)
    """

    def __init__(self, data):
        ### BEGIN SOLUTION
        self.data, self.grad = data, 0.0
        self.sources = ()  # pairs of a Value that this one was made from and the derivative with respect to it
        ### END SOLUTION

    ### BEGIN SOLUTION
    @staticmethod
    def made(data, *sources):
        """The result of an operation."""
        result = Value(data)
        result.sources = sources
        return result

    @staticmethod
    def of(number):
        """A plain number as a Value."""
        return number if isinstance(number, Value) else Value(number)

    def __add__(self, other):
        other = Value.of(other)
        return Value.made(self.data + other.data, (self, 1.0), (other, 1.0))

    def __mul__(self, other):
        other = Value.of(other)
        return Value.made(self.data * other.data, (self, other.data), (other, self.data))

    def __pow__(self, exponent):
        return Value.made(self.data**exponent, (self, exponent * self.data ** (exponent - 1)))

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + -Value.of(other)

    def __truediv__(self, other):
        return self * Value.of(other) ** -1.0

    def __rsub__(self, other):
        return -self + other

    def __rtruediv__(self, other):
        return self**-1.0 * other

    __radd__, __rmul__ = __add__, __mul__
    ### END SOLUTION
    ### BEGIN STUB
    # # The operators stand here: __add__ and __radd__, __sub__ and __rsub__, __mul__, __truediv__, __pow__, ...
    # def __add__(self, other):
    #     raise NotImplementedError("Value")
    ### END STUB

    def exp(self):
        """The exponential function of it, a new Value."""
        ### BEGIN SOLUTION
        data = np.exp(self.data)
        return Value.made(data, (self, data))
        ### END SOLUTION

    def log(self):
        """The natural logarithm of it, a new Value; it is greater than 0."""
        ### BEGIN SOLUTION
        return Value.made(np.log(self.data), (self, 1 / self.data))
        ### END SOLUTION

    def relu(self):
        """Its positive part, a new Value; the derivative at exactly 0 is 0."""
        ### BEGIN SOLUTION
        return Value.made(max(self.data, 0.0), (self, 1.0 if self.data > 0 else 0.0))
        ### END SOLUTION

    def backward(self, gradient=1.0):
        """Add the derivatives of this Value to the `grad` of everything that it was computed from.

        Afterwards the `grad` of each Value v in its graph, itself included, is larger by gradient times the derivative
        of this Value with respect to v. So two calls, of the same Value or of two that share a part, add up: the second
        one does not send on again what the first one left. Chains of thousands of Values and graphs with billions of
        paths are no problem.

        Parameters
        ----------
        gradient : float
            What comes from above: the derivative of something else with respect to this Value.
        """
        ### BEGIN SOLUTION
        nodes, waiting = [self], {self: 0}  # how many consumers of each node are not finished
        for node in nodes:
            for source, _ in node.sources:
                if source not in waiting:
                    nodes.append(source)
                waiting[source] = waiting.get(source, 0) + 1
        arrived = dict.fromkeys(nodes, 0.0)
        arrived[self] = gradient
        ready = [self]
        while ready:
            node = ready.pop()
            node.grad += arrived[node]
            for source, slope in node.sources:
                arrived[source] += arrived[node] * slope
                waiting[source] -= 1
                if waiting[source] == 0:
                    ready.append(source)
        ### END SOLUTION


# %% try="Value"
def derivative(function, at, calls=1):
    """What backward finds for function(v) at v = at, after so many calls."""
    v = Value(at)
    result = function(v)
    for _ in range(calls):
        result.backward()
    return v.grad


check.report(
    "Value",
    check.equal("3 v + v + 2", lambda: derivative(lambda v: 3 * v + v + 2, 5.0), 4.0),
    check.equal("v v + v", lambda: derivative(lambda v: v * v + v, 3.0), 7.0),
    check.equal("2 - v and 6 / v", lambda: derivative(lambda v: (2 - v) + 6 / v, 2.0), -2.5),
    check.equal("v ** 3 / 2 and -v", lambda: derivative(lambda v: v**3 / 2 + -v, -2.0), 5.0),
    check.equal("log(exp(v) + 1)", lambda: derivative(lambda v: (v.exp() + 1).log(), 0.0), 0.5),
    check.equal("relu", lambda: (derivative(Value.relu, -1.0), derivative(Value.relu, 2.0)), (0.0, 1.0)),
    check.equal("(2 v) squared, backward twice", lambda: derivative(lambda v: (2 * v) ** 2, 1.0, calls=2), 16.0),
    hint="A node may hand its gradient on when all its consumers are done: not earlier, and once per call.",
    left="a gradient from above, the grad of values in between, two results, long chains, many paths",
)


# %% see="graph"
def draw_graph():
    """The logistic unit of the slide with values and gradients, from your own Value."""
    w0, x0, w1, x1, w2 = (Value(v) for v in (2.0, -1.0, -3.0, -2.0, -3.0))
    p, q = w0 * x0, w1 * x1
    s = p + q
    z = s + w2
    f = 1 / (1 + (-z).exp())
    f.backward()
    boxes = {"w0": (w0, 0, 4), "x0": (x0, 0, 3), "w1": (w1, 0, 2), "x1": (x1, 0, 1), "w2": (w2, 0, 0)}
    boxes |= {"w0 x0": (p, 1, 3.5), "w1 x1": (q, 1, 1.5), "sum": (s, 2, 2.5), "z": (z, 3, 1.5), "sigmoid": (f, 4, 1.5)}
    edges = [("w0", "w0 x0"), ("x0", "w0 x0"), ("w1", "w1 x1"), ("x1", "w1 x1"), ("w0 x0", "sum"), ("w1 x1", "sum")]
    fig, ax = plot.figure(width=10, height=4.6)
    for start, end in [*edges, ("sum", "z"), ("w2", "z"), ("z", "sigmoid")]:
        (_, x, y), (_, x2, y2) = boxes[start], boxes[end]
        ax.annotate("", (x2 - 0.22, y2), (x + 0.22, y), arrowprops={"arrowstyle": "->", "color": "#777777"})
    for name, (value, x, y) in boxes.items():
        text = f"{name}\nvalue {float(value.data):.2f}\ngrad {float(value.grad):.2f}"
        frame = {"boxstyle": "round", "facecolor": "#ffffff", "edgecolor": plot.COLOURS[0]}
        ax.text(x, y, text, ha="center", va="center", fontsize=9, bbox=frame)
    ax.set(xlim=(-0.5, 4.5), ylim=(-0.6, 4.6))
    ax.axis("off")
    ax.set_title("Values from left to right, gradients from right to left", loc="left", fontsize=11)
    return plot.show(
        fig,
        "The graph of the logistic unit: two products, their sum, plus w2, and the sigmoid. Each box has its value and "
        "its gradient. The same gradient passes through both sums; a product multiplies it by its other factor.",
    )


if __name__ == "__main__":
    plot.see(draw_graph)

# %% [markdown]
# Compare the left column with your `sigmoid_graph_gradients`.
#
# ## 3 Networks
#
# What does this drawn network compute? Its hidden units are ReLUs, its output is linear, all numbers are on it. And how
# many layers has it? Count as the session does, which calls a network with one hidden layer a "2-layer neural net".


# %% see="drawn_network"
def draw_network():
    """A network with two inputs, two hidden units and one output, all weights written on it."""
    units = ["x1 = 2", "x2 = 1", "ReLU\nb = 0", "ReLU\nb = 0", "linear\nb = -1"]
    places = [(0, 1), (0, 0), (1, 1), (1, 0), (2, 0.5)]
    weights = {(0, 2): "1", (1, 2): "-0.5", (0, 3): "-1", (1, 3): "0.5", (2, 4): "4", (3, 4): "5"}
    fig, ax = plot.figure(width=7.5, height=3)
    for (start, end), weight in weights.items():
        (x, y), (x2, y2) = places[start], places[end]
        ax.annotate("", (x2 - 0.13, y2), (x + 0.13, y), arrowprops={"arrowstyle": "->", "color": "#777777"})
        near = 0.3
        ax.text(x + near * (x2 - x), y + near * (y2 - y), weight, ha="center", va="center", backgroundcolor="#ffffff")
    for unit, (x, y) in zip(units, places, strict=True):
        frame = {"boxstyle": "round", "facecolor": "#ffffff", "edgecolor": plot.COLOURS[0]}
        ax.text(x, y, unit, ha="center", va="center", bbox=frame)
    ax.set(xlim=(-0.3, 2.3), ylim=(-0.3, 1.3))
    ax.axis("off")
    return plot.show(
        fig,
        "Inputs x1 = 2 and x2 = 1. The first hidden ReLU has the weights 1 and -0.5, the second -1 and 0.5, both the "
        "bias 0. The linear output has the weights 4 and 5 and the bias -1.",
    )


if __name__ == "__main__":
    plot.see(draw_network)

# %% recall="drawn_network"
output, layers = None, None
quiz.recall(
    quiz.ask("output", output, "b177ddf794", "Is each hidden unit on?"),
    quiz.ask("layers", layers, "009c6c885c", "The inputs compute nothing."),
)

# %% [markdown]
# covers: 1.11 output and layers of a drawn network; 1.2 counting layers
# ### One layer
#
# The same session warns of deriving the gradient of a whole network on paper, and proves its point: it expands the loss
# $\max(0, s_j - s_{y_i} + 1)$ with $s = Wx$ into $\max(0, W_{j,:}\,x + W_{y_i,:}\,x + 1)$. One sign is lost, and every
# line after it inherits the slip. (Which sign? The next cell asks.) So differentiate *one layer*, and let the chain
# rule do the rest. A dense layer computes, for each example $n$ and output $j$,
#
# $$Z_{nj} = \sum_i X_{ni} W_{ij} + b_j .$$
#
# From above comes $D_{nj} = \partial L / \partial Z_{nj}$. The weight $W_{ij}$ has a consumer in *every example*; the
# contributions add up, as for any node that is used several times:
#
# $$\frac{\partial L}{\partial W_{ij}} = \sum_n D_{nj} X_{ni} \quad\Rightarrow\quad
# \frac{\partial L}{\partial W} = X^\top D .$$
#
# Do the same for $b_j$ (what is its local derivative, and who are its consumers?) and for $X_{ni}$, which is used by
# every *output* $j$. The shapes tell you whether you are right.
# covers: 1.3 gradient derived on paper

# %% recall="lost_sign"
sign = None  # "+" or "-", before the second W
quiz.recall(quiz.ask("the right sign", sign, "b87f4055cf 26435467e8", "Put s = Wx in once more."))


# %% exercise="Dense" points=10 hint="Which of X, W and dout does each gradient need, and over what is summed?"
# covers: 1.3 dense layer backward
class Dense:
    """A fully connected layer, Z = X W + b.

    It is created with random weights: W has independent normal entries of mean 0 and variance 1 / n_in, drawn from rng,
    and b is 0.

    Parameters
    ----------
    n_in, n_out, rng : int, int, np.random.Generator
        Numbers of inputs and outputs, and what draws W.

    Attributes
    ----------
    W, b : ndarrays of shape (n_in, n_out) and (n_out,)
        The parameters. They may be replaced from outside, and forward and backward use what is there.
    dW, db : ndarrays of the same shapes
        Derivatives of the loss, there after backward.

    Examples
    --------
    >>> layer = Dense(2, 1, np.random.default_rng(0))
    >>> layer.W, layer.b = np.array([[2.0], [3.0]]), np.array([0.5])
    >>> layer.forward(np.array([[1.0, 1.0], [0.0, 2.0]]))
    array([[5.5],
           [6.5]])
    >>> layer.backward(np.array([[1.0], [10.0]]))
    array([[ 2.,  3.],
           [20., 30.]])
    >>> layer.dW, layer.db
    (array([[ 1.],
           [21.]]), array([11.]))
    """

    def __init__(self, n_in, n_out, rng):
        ### BEGIN SOLUTION
        self.W = rng.normal(0.0, np.sqrt(1 / n_in), (n_in, n_out))
        self.b = np.zeros(n_out)
        ### END SOLUTION

    def forward(self, X):
        """Compute Z and remember X.

        Parameters
        ----------
        X : ndarray of shape (N, n_in)
            One example per row, N >= 1, of any real dtype and memory layout. It is not modified.

        Returns
        -------
        ndarray of shape (N, n_out)
            X W + b.
        """
        ### BEGIN SOLUTION
        self.X = X
        return X @ self.W + self.b
        ### END SOLUTION

    def backward(self, dout):
        """Send a gradient back through the last call of this layer's forward.

        Every call overwrites dW and db. The 1/N of a mean loss is in dout already: nothing is divided by N here.

        Parameters
        ----------
        dout : ndarray of shape (N, n_out)
            Derivatives of the loss with respect to what forward returned. It is not modified.

        Returns
        -------
        ndarray of shape (N, n_in)
            Derivatives of the loss with respect to X.
        """
        ### BEGIN SOLUTION
        self.dW = self.X.T @ dout
        self.db = dout.sum(axis=0)
        return dout @ self.W.T
        ### END SOLUTION


# %% try="Dense"
def small_layer():
    """A layer with known weights, one forward and one backward pass."""
    layer = Dense(3, 2, np.random.default_rng(5))
    layer.W, layer.b = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([0.1, 0.2])
    Z = layer.forward(np.array([[1.0, 0.0, -1.0], [2.0, 1.0, 0.0]]))
    return layer, Z, layer.backward(np.array([[1.0, 0.0], [0.5, -1.0]]))


check.report(
    "Dense",
    check.equal("shapes at the start", lambda: [np.shape(Dense(3, 2, np.random.default_rng(0)).W)], [(3, 2)]),
    check.equal("forward", lambda: small_layer()[1], np.array([[-3.9, -3.8], [5.1, 8.2]])),
    check.equal("what backward returns", lambda: small_layer()[2], np.array([[1.0, 3.0, 5.0], [-1.5, -2.5, -3.5]])),
    check.equal("dW", lambda: small_layer()[0].dW, np.array([[2.0, -2.0], [0.5, -1.0], [-1.0, 0.0]])),
    check.equal("db", lambda: small_layer()[0].db, np.array([1.5, -1.0])),
    hint="Write the shapes of X, W and dout side by side. Which products fit?",
    left="how W is drawn, several backward passes, single examples, other memory layouts",
)

# %% [markdown]
# ### From the loss to the scores
#
# The chain begins at the loss, and there something pleasant happens. **Worked: sigmoid and binary cross-entropy**,
# $p = \sigma(z)$ and $L = -y\log p - (1-y)\log(1-p)$:
#
# $$\frac{dL}{dz} = \frac{dL}{dp}\,\frac{dp}{dz} = \left(-\frac yp + \frac{1-y}{1-p}\right) p\,(1-p)
# = -y\,(1-p) + (1-y)\,p = p - y .$$
#
# **With blanks: softmax and cross-entropy.** $p_k = e^{z_k} / \sum_j e^{z_j}$ and $L = -\log p_y =
# \log \sum_j e^{z_j} - z_y$ for the true class $y$. Its two terms have the derivatives
#
# $$\frac{\partial}{\partial z_k} \log\sum_j e^{z_j} = A, \qquad \frac{\partial z_y}{\partial z_k} = B
# \text{ for } k = y, \text{ and } C \text{ for the others, so} \quad
# \frac{\partial L}{\partial z_k} = p_k - [k = y] .$$
#
# *Prediction minus target* again. **Alone:** the third pair, a linear output and the *half* squared error, is yours in
# part 5. These pairs are no accident: each loss is the negative log-likelihood that belongs to its output (hw01).
# covers: 1.1 prediction minus target

# %% recall="softmax_blanks"
A, B, C = None, None, None  # text or numbers
quiz.recall(
    quiz.ask(
        "A", A, "bf541e20b4 e1568e6797 a8ae05c552 a7fc5bdc2d", "First the logarithm, then the sum: a known fraction."
    ),
    quiz.ask("B", B, "3beab0dfa5", "How does a number change with itself?"),
    quiz.ask("C", C, "31c9bf9e28", "And with another one?"),
)


# %% given="softmax_loss"
def softmax_loss(Z, y):
    """Mean cross-entropy of the scores Z (N, C) for the classes y (N,), and its derivative with respect to Z."""
    log_p, rows = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True), np.arange(len(y))
    dZ = np.exp(log_p)
    dZ[rows, y] -= 1
    return -log_p[rows, y].mean(), dZ / len(y)


def act(name, z):
    """Your activation(name, z), under a name that is free inside mlp_loss_and_grads."""
    return activation(name, z)


def act_grad(name, z):
    """Your activation_grad(name, z)."""
    return activation_grad(name, z)


# %% [markdown]
# ### The whole network
#
# A network alternates dense layers and activations; its last layer is linear and gives the scores. Going forward, keep
# what the way back needs: the input of every layer, and every pre-activation. Going back, take turns: through a dense
# layer as in `Dense`, then through an activation, which multiplies by $\varphi'(Z)$ entry by entry.


# %% exercise="mlp_loss_and_grads" points=10 uses="activation,activation_grad" hint="Keep lists of inputs and of Zs."
# covers: 1.3 gradient through a chain of layers
def mlp_loss_and_grads(params, X, y, activation):
    """Mean softmax cross-entropy of a multi-layer network, and its gradients.

    Every hidden layer computes phi(X W + b); the last layer is linear, and what it returns are the scores of the
    classes. The argument `activation` hides the function of that name; `act` and `act_grad` above do the same.

    Parameters
    ----------
    params : list of tuples (W, b)
        One pair per layer, W of shape (in, out) and b of shape (out,); any number of layers, also a single one. They
        are not modified.
    X : ndarray of shape (N, in)
        One example per row. It is not modified.
    y : ndarray of shape (N,)
        Classes 0, 1, ..., of any integer dtype. Not every class need occur.
    activation : str
        Name of phi, one that needs no alpha.

    Returns
    -------
    loss, grads : float, list of tuples (dW, db)
        The mean loss, and the derivatives of the mean loss with respect to W and b, in the order and the shapes of
        params.

    Examples
    --------
    >>> params = [(np.array([[1.0, -1.0]]), np.zeros(2)), (np.eye(2), np.zeros(2))]
    >>> loss, grads = mlp_loss_and_grads(params, np.array([[2.0]]), np.array([0]), "relu")
    >>> round(float(loss), 4), grads[0][1].round(4)
    (0.1269, array([-0.1192,  0.    ]))
    """
    ### BEGIN SOLUTION
    inputs, zs = [X], []
    for W, b in params[:-1]:
        zs.append(inputs[-1] @ W + b)
        inputs.append(act(activation, zs[-1]))
    loss, dout = softmax_loss(inputs[-1] @ params[-1][0] + params[-1][1], y)
    grads = []
    for layer in reversed(range(len(params))):
        grads.insert(0, (inputs[layer].T @ dout, dout.sum(axis=0)))
        if layer > 0:
            dout = dout @ params[layer][0].T * act_grad(activation, zs[layer - 1])
    return loss, grads
    ### END SOLUTION


# %% try="mlp_loss_and_grads"
def small_problem(sizes, seed=3):
    """Random parameters, 5 examples and classes for a network of these sizes."""
    rng = np.random.default_rng(seed)
    params = [(rng.normal(size=pair), rng.normal(size=pair[1])) for pair in pairwise(sizes)]
    return params, rng.normal(size=(5, sizes[0])), rng.integers(0, sizes[-1], 5)


def gap(sizes, name, layer, part):
    """Distance of one gradient from central differences of the loss."""
    params, X, y = small_problem(sizes)

    def loss(new):
        changed = list(params)
        changed[layer] = (new, params[layer][1]) if part == 0 else (params[layer][0], new)
        return mlp_loss_and_grads(changed, X, y, name)[0]

    got = mlp_loss_and_grads(params, X, y, name)[1][layer][part]
    return float(np.abs(got - numerical_gradient(loss, params[layer][part])).max())


check.report(
    "mlp_loss_and_grads",
    check.equal("the loss", lambda: mlp_loss_and_grads(*small_problem([3, 4, 2]), "tanh")[0], 0.84173400),
    check.holds("last W, no hidden layer", lambda: gap([3, 2], "tanh", 0, 0) < 1e-6),
    check.holds("last b", lambda: gap([3, 4, 2], "tanh", 1, 1) < 1e-6),
    check.holds("first W of two layers", lambda: gap([3, 4, 2], "tanh", 0, 0) < 1e-6),
    check.holds("first W of three layers", lambda: gap([3, 4, 5, 2], "sigmoid", 0, 0) < 1e-6),
    hint="Which layer's W takes the gradient back, and at which Z is the derivative taken?",
    left="other activations and sizes, single examples, unusual labels",
)

# %% [markdown]
# ### Write the test that catches it
#
# Backward passes fail silently: a network with a wrong gradient still trains, only worse. Somebody hands you an
# `mlp_loss_and_grads`. Comparing its gradients with differences of *its own* loss is not enough: a sum in the place of
# the mean has perfectly matching gradients.


# %% exercise="catches_mlp" points=8 uses="mlp_loss_and_grads" hint="What do square networks and N = 1 hide?"
def catches_mlp(candidate):
    """Find out whether somebody's mlp_loss_and_grads is wrong.

    Call it with a network and data of your choice, and judge what comes back: with numerical_gradient, with numbers
    that you worked out, or with your own function. A wrong one differs in one of these: the mean; which loss it is; the
    gradients of W or of b, in the last layer or only further down, perhaps only with three layers or more; where the
    derivative of the activation is taken, or that it is used at all; an activation that it ignores; the order or the
    shape of what it returns. It may also raise an exception.

    Parameters
    ----------
    candidate : callable
        candidate(params, X, y, activation) returns (loss, grads), as mlp_loss_and_grads does. It gets copies, so that
        nothing happens to your arrays.

    Returns
    -------
    bool
        True if the candidate is wrong, False if it is right; an exception that you let out is no answer. Right ones may
        round otherwise: allow errors of 1e-6. Each wrong one caught earns its share; accusing right ones takes points
        away again.

    Examples
    --------
    >>> catches_mlp(mlp_loss_and_grads)
    False
    """
    ### BEGIN SOLUTION
    rng, sizes = np.random.default_rng(1), (3, 4, 5, 2, 3)
    params = [(rng.normal(size=pair), rng.normal(size=pair[1])) for pair in pairwise(sizes)]
    X, y = rng.normal(size=(7, 3)), np.array([0, 2, 2, 0, 1, 2, 2])
    for name in ("tanh", "relu", "softplus"):
        try:
            results = candidate(params, X, y, name), mlp_loss_and_grads(params, X, y, name)
            got, want = ([loss, *(each for pair in grads for each in pair)] for loss, grads in results)
            pairs = list(zip(got, want, strict=True))
        except (ValueError, TypeError, IndexError, RuntimeError):
            return True
        if not all(np.shape(a) == np.shape(b) and np.allclose(a, b, 1e-6, 1e-6) for a, b in pairs):
            return True
    return False
    ### END SOLUTION


# %% try="catches_mlp"
def summed(params, X, y, activation):
    """Loss and gradients of the sum over the examples."""
    loss, grads = mlp_loss_and_grads(params, X, y, activation)
    return len(y) * loss, [(len(y) * dW, len(y) * db) for dW, db in grads]


def one_bias_less(params, X, y, activation):
    """The gradient of the first bias is left at 0."""
    loss, grads = mlp_loss_and_grads(params, X, y, activation)
    return loss, [(grads[0][0], 0 * grads[0][1]), *grads[1:]]


check.report(
    "catches_mlp",
    check.equal("your own is let through", lambda: bool(catches_mlp(mlp_loss_and_grads)), False),
    check.equal("a sum in place of the mean is caught", lambda: bool(catches_mlp(summed)), True),
    check.equal("a missing bias gradient is caught", lambda: bool(catches_mlp(one_bias_less)), True),
    hint="Do you look at the loss and at every gradient, and is there room for rounding?",
    left="candidates with the other faults of the list, and right ones written otherwise",
)

# %% [markdown]
# ### How far does a gradient travel?
#
# Follow it down a stack of layers, $v_i = f_i(v_{i-1})$. The chain rule makes the gradient of an early layer a product
# with a factor for every layer above it (Poole and Mackworth):
#
# $$\frac{\partial L}{\partial v_j} = L'(v_n) \cdot f_n'(v_{n-1}) \cdot f_{n-1}'(v_{n-2}) \cdots f_{j+1}'(v_j) .$$
#
# Each factor holds the weights of a layer and the derivative of its activation. If the typical factor is below 1 the
# product *vanishes* with the number of layers, above 1 it *explodes*.
# covers: 1.2 vanishing and exploding gradients


# %% given="stack"
def random_params(sizes, rng):
    """Parameters (W, b) of the layers of a network with these sizes, drawn by your Dense."""
    layers = [Dense(n_in, n_out, rng) for n_in, n_out in pairwise(sizes)]
    return [(layer.W, layer.b) for layer in layers]


# %% exercise="predict_vanishing" points=1
# Predict first. A network of 10 hidden layers of sigmoids, weights drawn as in Dense, no training yet. The gradient of
# the first W, compared with that of the last, is about "a" as large, "b" 10 times smaller, "c" 1,000 times smaller, "d"
# more than 100,000 times smaller
### BEGIN SOLUTION
predict_vanishing = "d"
### END SOLUTION


# %% see="vanishing"
def draw_vanishing():
    """Root mean square of dW in each layer of untrained networks with ten hidden layers."""
    X, y, _, _ = data.split(data.load("digits"))
    lines = {}
    for name, scale in (("sigmoid", 1.0), ("tanh", 1.0), ("relu", 2**0.5), ("relu, weights doubled", 8**0.5)):
        params = random_params((64, *[64] * 10, 10), np.random.default_rng(0))
        params = [(scale * W, b) for W, b in params[:-1]] + params[-1:]
        grads = mlp_loss_and_grads(params, X[:256], y[:256], name.split(",")[0])[1]
        lines[name] = np.arange(1, 12), [float(np.sqrt(np.mean(np.square(dW)))) for dW, _ in grads]
    return plot.draw(
        plot.Panel("Gradients of an untrained network, digits", "layer", "root mean square of dW", lines, log="y"),
        alt="Gradient of the weights in layers 1 to 11. With sigmoids it falls by a factor of more than four per layer "
        "on the way down, to less than a millionth. With tanh and ReLU it hardly changes. With ReLU and doubled "
        "weights it is some two thousand times as large, in every layer.",
    )


if __name__ == "__main__":
    plot.see(draw_vanishing, predict_vanishing)

# %% [markdown]
# It was "d": each layer of sigmoids costs at least the factor 4 of part 1. ReLU's derivative is 1 wherever a unit is
# on, so its factors are set by the weights alone. How large these must be is the topic of hw05.
#
# ## 4 Milestone: a network on handwritten digits
#
# All parts are there but the loop. Each step is plain gradient descent, $W \leftarrow W - \alpha\,\partial L/\partial
# W$, on a batch.


# %% exercise="train_network" points=3 uses="mlp_loss_and_grads" hint="One permutation per epoch, cut into batches."
def train_network(params, X, y, activation, epochs, batch_size, lr, rng):
    """Train a network by minibatch gradient descent and note the loss after each epoch.

    Every epoch draws one new order, rng.permutation(len(X)), and cuts it into consecutive batches of batch_size; the
    last batch may be smaller and is used too. Each batch makes one step for all layers.

    Parameters
    ----------
    params, activation : list of tuples (W, b), str
        As for mlp_loss_and_grads. The arrays are not modified.
    X, y : ndarrays of shape (N, in) and (N,)
        Training examples.
    epochs, batch_size, lr, rng : int, int, float, np.random.Generator
        How often all examples are used, how many make a batch, the learning rate, and what draws the orders.

    Returns
    -------
    params, losses : list of tuples (W, b), list of float
        The last parameters, and the mean loss of all of X and y after each epoch.

    Examples
    --------
    >>> X, y, rng = np.eye(6, 3), np.array([0, 1, 2, 0, 0, 0]), np.random.default_rng(0)
    >>> params, losses = train_network([(np.zeros((3, 3)), np.zeros(3))], X, y, "relu", 3, 4, 0.5, rng)
    >>> [round(float(loss), 3) for loss in losses]
    [0.924, 0.793, 0.729]
    """
    ### BEGIN SOLUTION
    losses = []
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            grads = mlp_loss_and_grads(params, X[batch], y[batch], activation)[1]
            params = [(W - lr * dW, b - lr * db) for (W, b), (dW, db) in zip(params, grads, strict=True)]
        losses.append(float(mlp_loss_and_grads(params, X, y, activation)[0]))
    return params, losses
    ### END SOLUTION


# %% try="train_network"
def short_run(epochs):
    """Softmax regression on five examples, batches of two."""
    X, y = np.array([[0.0], [1.0], [2.0], [3.0], [4.0]]), np.array([0, 0, 1, 1, 1])
    return train_network([(np.zeros((1, 2)), np.zeros(2))], X, y, "relu", epochs, 2, 0.2, np.random.default_rng(3))


check.report(
    "train_network",
    check.equal("the loss after each of two epochs", lambda: short_run(2)[1], [0.44255343, 0.40119469]),
    check.equal("the bias after one", lambda: short_run(1)[0][0][1], np.array([0.06136681, -0.06136681])),
    hint="Are all batches used, the short one too? Does each step start where the one before ended?",
    left="several layers, other sizes and generators, whether the arrays you were given are as before",
)


# %% see="digits"
SIZES, EPOCHS, BATCH, RATE = (64, 64, 10), 20, 32, 0.05


def digits_run(seed):
    """Train a 64-64-10 ReLU network: its training losses and its test accuracy."""
    X, y, X_test, y_test = data.split(data.load("digits"))
    rng = np.random.default_rng(seed)
    params, losses = train_network(random_params(SIZES, rng), X, y, "relu", EPOCHS, BATCH, RATE, rng)
    hidden = X_test
    for W, b in params[:-1]:
        hidden = act("relu", hidden @ W + b)
    scores = hidden @ params[-1][0] + params[-1][1]
    return losses, float(np.mean(scores.argmax(axis=1) == y_test))


def draw_digits(seeds=3):
    """Training loss by epoch."""
    runs = [digits_run(seed) for seed in range(seeds)]
    epochs = np.arange(1, EPOCHS + 1)
    lines = {f"seed {seed}: test accuracy {run[1]:.3f}": (epochs, run[0]) for seed, run in enumerate(runs)}
    return plot.draw(
        plot.Panel("Digits, 64-64-10, ReLU, rate 0.05", "epoch", "training loss", lines),
        alt="The training loss falls from about 2 to below 0.2 in 20 epochs, with small jumps near the end. The seeds "
        "differ little in it, and by a few hundredths in test accuracy.",
    )


if __name__ == "__main__":
    plot.see(draw_digits)

# %% [markdown]
# To expect, as mean ± standard deviation of 20 seeds (`./course milestone hw02_backprop`): a test accuracy of
# 0.938 ± 0.019 and a training loss of 0.187 ± 0.020 after 20 epochs. Do not read too much into it: some wrong gradients
# train nearly as well.

# %% [markdown] written="why_backwards" points=8
# ## 5 In your own words
#
# About 15 lines in all; formulas are welcome.
#
# 1. *Alone:* derive $dL/dz$ for a linear output $p = z$ and the half squared error $L = \frac12 (p-y)^2$. What becomes
#    of "prediction minus target" without the $\frac12$, and with a sigmoid output and the half squared error?
# 2. *Forgetful layers.* To save memory, a colleague keeps only the *outputs* of each activation and computes its
#    derivative from them: $[a > 0]$ for ReLU, and 1 where $a > 0$, else $\alpha$, for leaky ReLU. For which $\alpha$ is
#    that right, and why?
# 3. *Why backwards?* A network has $P$ parameters and one loss. Compare what central differences and backpropagation
#    cost, in forward passes. Why does one still use differences?
#
# ### BEGIN SOLUTION
# 1. $dL/dz = (p-y)\,dp/dz = p-y$. Without the half it is $2(p-y)$. With a sigmoid output a factor stays:
#    $(p-y)\,p(1-p)$, nearly 0 where the unit is sure, even if it is surely wrong; the cross-entropy cancels it.
# 2. ReLU: $a > 0$ exactly where $z > 0$, so the mask is right. Leaky ReLU: for $\alpha > 0$ the sign of $a$ is that of
#    $z$; for $\alpha = 0$ it is ReLU. For $\alpha < 0$ a negative $z$ gives a *positive* $a = \alpha z$, so the mask
#    says 1 where the derivative is $\alpha$; two different $z$ have the same $a$, so no function of $a$ can be right.
# 3. Central differences need $2P$ forward passes. Backpropagation uses every edge of the graph once in each direction:
#    about two to three forward passes for all $P$ derivatives together, at the price of keeping the values in between.
#    Differences need no derivation, so they share no mistake with the code; one uses them on small cases to check it.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# *Part 1, 3 points:* 1 chain rule with the result p - y; 1 the factor 2; 1 the remaining factor p (1 - p), with or
# without its consequence. *Part 2, 3 points:* 1 ReLU, and leaky ReLU for alpha of 0 or above, with the sign as the
# reason; 2 the negative case with a reason (1 if only "fails"). *Part 3, 2 points:* 1 costs: 2P against a small
# constant; 1 a use of differences with a reason. "Backpropagation is faster" alone earns nothing.
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
# * D. E. Rumelhart, G. E. Hinton and R. J. Williams, *Learning representations by back-propagating errors*, Nature 323,
#   1986. D. Hendrycks and K. Gimpel, *Gaussian error linear units*, 2016, arXiv:1606.08415.
# * M. Straka, *Training neural networks*, NPFL138 lecture 2, 2024. D. Poole and A. Mackworth, slides of *Artificial
#   Intelligence*, 3rd edition, 2023. Mines Paris, PSL, deep learning session 1. Digits: see `datasets/README.md`.
