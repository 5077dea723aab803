"""Maximum likelihood and losses.

Out of scope: gradients through layers (hw02), minibatches (hw03), gradients of the hinge loss and perceptrons (hw09).
"""

# %% [markdown]
# # Maximum likelihood and losses
#
# Why is the squared error squared? Why does a classifier pay $-\log p$ and not $1 - p$? Both losses follow from one
# principle, maximum likelihood. You derive them, implement them so that no logit is too large for them, and train
# three models on real data with one loop. In the end you can
#
# * turn an assumption about the data ("Gaussian noise", "one of ten classes") into a loss;
# * implement losses and their gradients, stable and with the right factors, and test somebody else's;
# * say what an estimator's bias and consistency are, and show both by simulation.
#
# **You need** NumPy, logarithms, expectations, the chain rule. **Time** about 6 hours. **Lecture** NPFL138 lecture 2,
# *ML basics* and *MLE*; we keep its letters $\hat p$, $\theta$, $f(x; \theta)$, $\hat\mu$, $\hat\sigma^2$.
#
# | part | exercises and points |
# |---|---|
# | 2 Likelihood and entropy | `empirical_distribution` 2, `entropy` 2, `cross_entropy` 4, `kl_divergence` 4 |
# | 3 Gaussians and squares | `gaussian_nll` 5, `gaussian_mle` 4, `simulated_bias` 4, `mse` 3, `mse_grad` 4 |
# | 4 Classes | `log_softmax` 7, `softmax` 4, `softmax_cross_entropy` 13, `catches_cross_entropy` (write the test) 8, |
# | | `bce_with_logits` 8, `mended_hinge` (find the bug) 4 |
# | 5 Penalties, 6 Milestone | `penalty` 6, `fit_linear` 5 |
# | 7 In your own words | `noise_and_loss` (marked by hand) 8 |
# | before each plot | a prediction: 1 for any answer, 5 in all |
#
# The checks below an exercise answer at once. The hidden tests use other numbers and shapes; whatever they look at is
# announced in a docstring or in the conventions box. A submission may use 20 s for a cell, 10 s for a call of one of
# your functions, 40 s for the tests of one exercise, and 1024 MB of memory. A good answer needs almost nothing of it.

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
# 1. *Logarithms*: $\log$ is the natural one. How much larger is $\log(6x)$ than $\log(2x)$?
# 2. *Expectation*: $X$ is 1, 4 or 10 with probabilities 0.2, 0.5 and 0.3. What is $\mathbb{E}[X]$?
# 3. *Chain rule*: what is the derivative of $\log(1 + e^{3z})$ at $z = 0$?

# %% recall="warm_up"
log_difference, expectation, slope = None, None, None
quiz.recall(
    quiz.ask("1 logarithms", log_difference, "20919ed709", "What does log make of a quotient?"),
    quiz.ask("2 expectation", expectation, "f9e60db9d6", "Each value weighs as much as it is probable."),
    quiz.ask("3 chain rule", slope, "9872dddd05", "Outer derivative, times that of the exponential, times ..."),
)

# %% [markdown]
# covers: 1.1 optimisation goal and learning goal; 1.1 training, development and test data; 1.1 no free lunch
# covers: 1.1 under- and overfitting; 1.1 task, experience and performance
# covers: 1.1 parametric and non-parametric models; 1.1 output distribution per task; 1.1 empirical risk
# ## 1 What a loss is for
#
# A program *learns* if experience E (data) makes it better at a task T by a measure P. *Optimisation* wants a low
# **empirical risk**, the mean loss over the training data, $R_{\text{emp}} = \frac1N\sum_i L(y_i, f(x_i))$. *Learning*
# wants a low loss on data that nobody has seen. So keep three parts apart: training data for the parameters,
# development (validation) data for choices such as a learning rate, test data to estimate the error once, at the end.
#
# A model that is too weak for its own training data *underfits*; one that learns the accidents of its sample
# *overfits*. Ours are **parametric**: the number of parameters is fixed, however much data there is (linear models,
# networks). Nearest neighbours and trees grow with the data. No kind is best everywhere: averaged over *all*
# conceivable data distributions, every classifier is as good as "always 0". That is the *no-free-lunch* theorem; real
# data are luckily not drawn like that.
#
# What a model says is a distribution over answers, and the task decides which kind:
#
# | task (part 6 trains all three) | output distribution | model output | loss |
# |---|---|---|---|
# | a number (diabetes) | normal, variance fixed | its mean | mean squared error |
# | yes or no (tumours) | Bernoulli | logit $z$ of the probability | binary cross-entropy |
# | one of $C$ classes (digits) | categorical | $C$ logits | softmax cross-entropy |

# %% [markdown] conventions="losses"
# ### Conventions: what is graded
#
# Logarithms are natural, so entropies are in nats. $0 \log 0 = 0$. Rows are examples. Losses are means over the $N$
# examples. Gradients are those of the loss as printed here, mean included. Results count to nine digits, so compute in
# float64; where the *inputs* are float32, four digits are enough. Numbers may be Python's, NumPy's or 0-d arrays.
#
# $$\begin{aligned}
# H(p) &= -\textstyle\sum_k p_k \log p_k, \qquad H(p, q) = -\sum_k p_k \log q_k, \qquad
# D_{\text{KL}}(p\,\|\,q) = \sum_k p_k \log (p_k / q_k) \\
# \text{NLL} &= \textstyle\frac1N \sum_i \bigl[\tfrac12 \log(2\pi\sigma^2) + (y_i - \mu_i)^2 / (2\sigma^2)\bigr]
# \qquad \text{MSE} = \frac1N \sum_i (\hat y_i - y_i)^2 \\
# \text{softmax} &: \textstyle p_{ic} = e^{Z_{ic}} / \sum_j e^{Z_{ij}}, \qquad
# \text{loss} = -\frac1N \sum_i \log p_{i, y_i} \\
# \text{binary} &: \textstyle p_i = 1/(1 + e^{-z_i}), \qquad
# \text{loss} = -\frac1N \sum_i \bigl[y_i \log p_i + (1 - y_i) \log(1 - p_i)\bigr] \\
# \text{penalties} &: \textstyle \text{l2} = \lambda \sum W^2, \quad \text{l1} = \lambda \sum |W|, \quad
# \text{elastic} = \lambda\,\bigl(\beta \sum W^2 + \sum |W|\bigr)
# \end{aligned}$$
#
# Elsewhere you will meet other choices. They are not wrong, but they give other numbers, and here they lose points:
#
# | elsewhere | what differs |
# |---|---|
# | SLDS slides: the *half squared loss* $\frac12(y - f)^2$ | its gradient has no factor 2 |
# | Mines Paris, one slide: $\sum_m$ loss $+\,\beta\sum \lvert W\rvert^p$ | sum, not mean, over the examples |
# | NPFL138: weight decay $\frac12\lVert\theta\rVert^2$ | our $\lambda$ is half of theirs |
# | PyTorch, Keras, scikit-learn: vector targets | average over outputs too; we would sum over outputs |

# %% [markdown]
# covers: 1.1 likelihood; 1.1 maximum likelihood as cross-entropy and KL divergence
# covers: 1.1 conditional likelihood and negative log-likelihood
# ## 2 Likelihood and entropy
#
# A model with parameters $\theta$ gives each observation a probability. Fix the observations $x_1, \dots, x_N$, drawn
# independently, and let $\theta$ vary: $L(\theta) = \prod_i p_\theta(x_i)$ is the *likelihood*. **Worked: from the
# largest product to a loss.** The logarithm is increasing and makes a sum of the product; dividing by $N$ moves no
# maximum:
#
# $$\arg\max_\theta \prod_i p_\theta(x_i) = \arg\min_\theta -\frac1N \sum_{i=1}^{N} \log p_\theta(x_i)
# = \arg\min_\theta -\sum_k \hat p_k \log p_\theta(k) = \arg\min_\theta H(\hat p, p_\theta).$$
#
# The third step collects equal observations: the value $k$ occurs in a share $\hat p_k$ of them, the **empirical
# distribution**. Finally $H(\hat p, p_\theta) = H(\hat p) + D_{\text{KL}}(\hat p\,\|\,p_\theta)$, and $H(\hat p)$ does
# not depend on $\theta$. So these are one and the same: largest likelihood, least *negative log-likelihood* (NLL),
# least *cross-entropy*, least *KL divergence*. With inputs, $p_\theta(y_i \mid x_i)$ takes the place of
# $p_\theta(x_i)$.


# %% exercise="empirical_distribution" points=2 hint="How often does each of the K values occur?"
# covers: 1.1 empirical distribution
def empirical_distribution(x, K):
    """The share of each value among some observations (NPFL138 lecture 2).

    It is what the data say about the distribution they come from, before any model has been chosen.

    Parameters
    ----------
    x : ndarray of shape (N,)
        At least one observation, each an integer from 0 to K - 1; of any integer type.
    K : int
        Number of possible values.

    Returns
    -------
    ndarray of shape (K,)
        Entry k is the number of observations that equal k, divided by N. It is 0 for values that do not occur.

    Examples
    --------
    >>> empirical_distribution(np.array([2, 0, 2, 2]), 4)
    array([0.25, 0.  , 0.75, 0.  ])
    """
    ### BEGIN SOLUTION
    return np.array([np.mean(x == k) for k in range(K)])
    ### END SOLUTION


# %% try="empirical_distribution"
check.report(
    "empirical_distribution",
    check.equal("two values", lambda: empirical_distribution(np.array([1, 0, 1, 1]), 2), np.array([0.25, 0.75])),
    check.equal("the last did not occur", lambda: empirical_distribution(np.array([1, 0]), 3), np.array([0.5, 0.5, 0])),
    hint="How long is the result, also if the largest value never occurs?",
    left="other integer types, a single observation",
)


# %% exercise="entropy" points=2 hint="What remains of the sum if you leave out the terms that are 0?"
def entropy(p):
    """Entropy H(p) of a distribution, in nats.

    How surprising its values are on average: a value of probability p_k surprises by -log p_k.

    Parameters
    ----------
    p : ndarray of shape (K,)
        Probabilities that add up to 1; zeros are allowed. Integers (a certain value) are fine. It is not modified.

    Returns
    -------
    float
        At least 0, and 0 for a certain value. Values of probability 0 contribute 0. NumPy gives no warning.

    Examples
    --------
    >>> print(f"{entropy(np.array([0.5, 0.5, 0.0])):.4f}")
    0.6931
    """
    ### BEGIN SOLUTION
    p = p[p > 0]
    return -np.sum(p * np.log(p))
    ### END SOLUTION


# %% try="entropy"
check.report(
    "entropy",
    check.equal("four values, all alike: log 4", lambda: entropy(np.full(4, 0.25)), np.log(4)),
    check.equal("with a zero", lambda: entropy(np.array([0.2, 0.8, 0.0])), 0.500402423538),
    hint="Which logarithm, which sign, and what does log do at 0?",
    left="other distributions, integers, whether NumPy warns",
)


# %% exercise="cross_entropy" points=4 hint="Which of the two distributions stands inside the logarithm?"
def cross_entropy(p, q):
    """Cross-entropy H(p, q), in nats.

    The average surprise of somebody who believes in q while the values come from p.

    Parameters
    ----------
    p, q : ndarrays of shape (K,)
        Two distributions over the same values; zeros and integers are allowed. Neither is modified.

    Returns
    -------
    float
        A value with p_k = 0 contributes 0, whatever q_k is. A value with q_k = 0 < p_k makes the result infinite: what
        q calls impossible does happen. The result is never NaN, and NumPy gives no warning.

    Examples
    --------
    >>> print(f"{cross_entropy(np.array([0.75, 0.25]), np.array([0.5, 0.5])):.4f}")
    0.6931
    """
    ### BEGIN SOLUTION
    possible = p > 0
    with np.errstate(divide="ignore"):
        return -np.sum(p[possible] * np.log(q[possible]))
    ### END SOLUTION


# %% try="cross_entropy"
check.report(
    "cross_entropy",
    check.equal("by hand", lambda: cross_entropy(np.array([0.75, 0.25]), np.array([0.2, 0.8])), 1.262864317),
    check.equal("0 log 0", lambda: cross_entropy(np.array([1.0, 0.0]), np.array([0.5, 0.5])), np.log(2)),
    check.equal("impossible", lambda: cross_entropy(np.array([0.5, 0.5]), np.array([1.0, 0.0])), np.inf),
    hint="Is it p or q inside the logarithm, and which terms of the sum may you leave out?",
    left="zeros in both, integers, whether NumPy warns",
)


# %% exercise="kl_divergence" points=4 uses="entropy,cross_entropy" hint="You have both parts of it already."
def kl_divergence(p, q):
    """Kullback-Leibler divergence of q from p, in nats: the price of believing in q when p is true.

    H(p, q) = H(p) + KL(p, q). It is 0 only for q = p, and not symmetric.

    Parameters
    ----------
    p, q : ndarrays of shape (K,)
        Two distributions as for cross_entropy. Neither is modified.

    Returns
    -------
    float
        Zeros count as in cross_entropy: infinite if q_k = 0 < p_k for some k, never NaN, no warning.

    Examples
    --------
    >>> p, q = np.array([0.9, 0.1]), np.array([0.5, 0.5])
    >>> print(f"{kl_divergence(p, q):.4f} {kl_divergence(q, p):.4f}")
    0.3681 0.5108
    """
    ### BEGIN SOLUTION
    return cross_entropy(p, q) - entropy(p)
    ### END SOLUTION


# %% try="kl_divergence"
check.report(
    "kl_divergence",
    check.equal("by hand", lambda: kl_divergence(np.array([0.25, 0.75]), np.array([0.6, 0.4])), 0.25258913),
    check.equal("a zero in p", lambda: kl_divergence(np.array([0.0, 1.0]), np.array([0.5, 0.5])), np.log(2)),
    check.equal("impossible", lambda: kl_divergence(np.array([0.5, 0.5]), np.array([1.0, 0.0])), np.inf),
    hint="Which is subtracted from which, and by which distribution are the terms weighted?",
    left="other distributions, zeros in both, equal ones",
)

# %% exercise="predict_minimum" points=1
# Predict first. A coin showed 14 heads and 6 tails. Of all coins that show heads with probability theta, the most
# likely has the least cross-entropy to these data. How large is that least value? "a" 0, "b" log 2, "c" the entropy of
# (0.3, 0.7)
### BEGIN SOLUTION
predict_minimum = "c"
### END SOLUTION


# %% see="likelihood"
def coins():
    """Likelihood and cross-entropy of all coins, given 14 heads in 20 tosses."""
    p_hat, theta = empirical_distribution(np.repeat([0, 1], [6, 14]), 2), np.linspace(0.02, 0.98, 97)
    nll = np.array([cross_entropy(p_hat, np.array([1 - t, t])) for t in theta])
    apart = np.array([kl_divergence(p_hat, np.array([1 - t, t])) for t in theta])
    floor = np.full(97, entropy(p_hat))
    return plot.draw(
        plot.Panel("Likelihood of 20 tosses", "theta", "L(theta)", {"product": (theta, np.exp(-20 * nll))}),
        plot.Panel(
            "The same as a loss",
            "theta",
            "nats per toss",
            {
                "cross-entropy = NLL / 20": (theta, nll),
                "entropy of the data": (theta, floor),
                "KL divergence": (theta, apart),
            },
        ),
        alt="Left: the likelihood peaks at theta = 0.7, with a value near 0.000005. Right: cross-entropy and KL "
        "divergence have the same shape, 0.61 nats apart, both with their minimum at 0.7; there the KL divergence "
        "is 0 and the cross-entropy equals the entropy of the data, 0.61.",
    )


if __name__ == "__main__":
    plot.see(coins, predict_minimum)

# %% [markdown]
# It was "c". The KL divergence can go down to 0; the entropy of the data is the part that no model can remove. Note
# the left axis: the area below that curve is far from 1, as the likelihood is no distribution *over $\theta$*. The
# slide puts its value into $[0, 1]$. Is it there, for densities? Take a normal one of variance 0.01, at its mean.

# %% recall="density"
density_at_the_mean = None
quiz.recall(quiz.ask("density", density_at_the_mean, "70b0055507", "1 / sqrt(2 pi sigma2)."))

# %% [markdown]
# covers: 1.1 squared error from a Gaussian
# ## 3 Gaussians and squares
#
# Now $y_i$ is a number, and we assume $y_i = f(x_i; \theta) + $ noise, with normal noise of a fixed variance
# $\sigma^2$.
#
# **With blanks: the loss that follows.** Write $\mu_i$ for $f(x_i; \theta)$, and find $A$, $B$ and $C$:
#
# $$-\log p(y_i \mid x_i) = -\log\Bigl[\frac{1}{\sqrt{2\pi\sigma^2}}\, e^{-(y_i-\mu_i)^2/(2\sigma^2)}\Bigr]
# = A \log(2\pi\sigma^2) + \frac{(y_i-\mu_i)^2}{B} .$$
#
# Averaged over the examples this is the NLL of the box. $\theta$ sits only in $\mu_i$, so the first term and the factor
# $1/B$ do not move the minimum. What is left to minimise is the mean of $|y_i - \mu_i|$ to the power $C$.

# %% recall="gaussian_blanks"
A, B, C = None, None, None  # B as text: write s2 for sigma squared
quiz.recall(
    quiz.ask("A", A, "29b2a694e3", "A root is a power, and its minus meets another one."),
    quiz.ask("B", B, "29d2be9f95 7901a7233d", "Look at the exponent. Write it without blanks, such as 5s2."),
    quiz.ask("C", C, "e24cf87dad", "What does the exponent do with the distance?"),
)


# %% exercise="gaussian_nll" points=5 hint="Two terms for each example; the mean comes last."
# covers: 1.1 squared error from a Gaussian
def gaussian_nll(y, mu, sigma2):
    """Mean negative log-likelihood of numbers under normal distributions of one variance.

    Parameters
    ----------
    y : ndarray of shape (N,)
        What was observed. Integers and any memory layout are fine.
    mu : ndarray of shape (N,), or float
        The mean of each distribution, or one for all.
    sigma2 : float
        The variance (not the standard deviation), greater than 0.

    Returns
    -------
    float
        The NLL of the conventions box, with its term 1/2 log(2 pi sigma2). It is negative where densities exceed 1,
        and exact however far a number lies from its mean: also where the density is too small for float64.

    Raises
    ------
    ValueError
        If sigma2 is 0 or negative.

    Examples
    --------
    >>> print(f"{gaussian_nll(np.array([1.0, 3.0]), 2.0, 4.0):.4f}")
    1.7371
    """
    ### BEGIN SOLUTION
    if sigma2 <= 0:
        raise ValueError(f"sigma2 is {sigma2}, and must be greater than 0")
    return np.mean(0.5 * np.log(2 * np.pi * sigma2) + (y - mu) ** 2 / (2 * sigma2))
    ### END SOLUTION


# %% try="gaussian_nll"
check.report(
    "gaussian_nll",
    check.equal("at the mean", lambda: gaussian_nll(np.array([2.0]), 2.0, 1.0), 0.9189385332),
    check.equal("a mean for each", lambda: gaussian_nll(np.array([1.0, 5.0]), np.array([2.0, 2.0]), 4.0), 2.2370857137),
    check.raises("no variance", lambda: gaussian_nll(np.array([2.0]), 2.0, 0.0), ValueError),
    hint="Compare with the box: both terms, both factors 1/2, and is it sigma or its square?",
    left="other numbers and variances, more examples, integers",
)

# %% [markdown]
# covers: 1.1 bias of an estimator; 1.1 biased and unbiased variance
# covers: 1.1 consistency of maximum likelihood; 1.1 efficiency of maximum likelihood
# ### How good are the estimates?
#
# If all $\mu_i$ are one unknown $\mu$, the NLL is least for $\hat\mu = \frac1N\sum_i y_i$ and $\hat\sigma^2 =
# \frac1N\sum_i (y_i - \hat\mu)^2$. An *estimator* is such a rule. Its **bias** is $\mathbb{E}[\text{estimate}] -
# \text{truth}$, the expectation over samples. The mean is unbiased; $\hat\sigma^2$ is not, because $\hat\mu$ lies
# nearer to its own sample than $\mu$ does: $\mathbb{E}[\hat\sigma^2] = (1 - \frac1N)\,\sigma^2$. Dividing by $N - 1$
# would mend that, but unbiased is not the same as good: such an estimator may scatter more.
#
# What speaks for maximum likelihood is that it is **consistent** (if the truth is in the family, estimates converge to
# it in probability: $P(|\hat\theta_N - \theta| > \epsilon) \to 0$) and, for large samples, *efficient*: no consistent
# estimator has a smaller mean squared error.


# %% exercise="gaussian_mle" points=4 hint="Which N is it, and from which centre are the deviations?"
# covers: 1.1 biased and unbiased variance
def gaussian_mle(y):
    """The mean and variance that make a sample most likely under a normal distribution.

    Parameters
    ----------
    y : ndarray of shape (N,)
        A sample of at least one number. Integers are fine, and numbers far from 0. It is not modified.

    Returns
    -------
    mu, sigma2 : tuple of float
        No other pair has a smaller gaussian_nll. sigma2 is the mean squared deviation from mu, with the factor 1/N; for
        a single number it is 0.

    Examples
    --------
    >>> mu, sigma2 = gaussian_mle(np.array([1, 2, 6]))
    >>> print(f"{mu:.4f} {sigma2:.4f}")
    3.0000 4.6667
    """
    ### BEGIN SOLUTION
    mu = np.mean(y)
    return mu, np.mean((y - mu) ** 2)
    ### END SOLUTION


# %% try="gaussian_mle"
check.report(
    "gaussian_mle",
    check.equal("two numbers", lambda: gaussian_mle(np.array([1.0, 5.0])), (3.0, 4.0)),
    check.equal("one number", lambda: gaussian_mle(np.array([7.0])), (7.0, 0.0)),
    hint="Variance or standard deviation, and divided by which number?",
    left="larger samples, integers, numbers far from 0",
)


# %% exercise="simulated_bias" points=4 hint="One fresh sample for each estimate. What do you subtract from what?"
# covers: 1.1 bias of an estimator
def simulated_bias(estimator, draw, truth, repeats):
    """The bias of an estimator, by simulation: a mean over many samples takes the place of the expectation.

    Parameters
    ----------
    estimator : callable
        estimator(sample) returns a float, the estimate from one sample.
    draw : callable
        draw() returns a fresh sample, an ndarray of shape (N,), at every call.
    truth : float
        What is being estimated. It may be 0 or negative.
    repeats : int
        How many samples are drawn, and how many estimates made: one from each.

    Returns
    -------
    float
        Mean of the estimates minus truth: negative if the estimates are too small on average.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> print(f"{simulated_bias(np.max, lambda: rng.integers(1, 7, 2), 3.5, 5000):.1f}")  # the larger of two dice
    1.0
    """
    ### BEGIN SOLUTION
    return np.mean([estimator(draw()) for _ in range(repeats)]) - truth
    ### END SOLUTION


# %% try="simulated_bias"
def counter():
    """A `draw` that gives [0, 1], then [1, 2], then [2, 3] and so on."""
    numbers = iter(range(1000))
    return lambda: np.arange(2) + next(numbers)


check.report(
    "simulated_bias",
    check.equal("the maximum of three samples", lambda: simulated_bias(np.max, counter(), 1.5, 3), 0.5),
    check.equal("too small", lambda: simulated_bias(np.min, counter(), 4.0, 2), -3.5),
    hint="Is every sample fresh, and what is the sign of a bias?",
    left="other estimators, how often samples are drawn",
)

# %% exercise="predict_variance" points=1
# Predict first. Samples of N = 2 come from a distribution of variance 4. What is the average of the estimates sigma2
# over very many such samples? "a" 4, "b" 2, "c" 8
### BEGIN SOLUTION
predict_variance = "b"
### END SOLUTION


# %% see="bias_and_consistency"
def estimates():
    """Bias of the 1/N and the 1/(N-1) variance, and how often the estimates are far from the truth."""
    rng, sizes, large = np.random.default_rng(1), np.array([2, 3, 4, 6, 8, 12, 20]), [10, 30, 100, 300, 1000]

    def samples(n):
        return lambda: rng.normal(1, 2, n)

    def unbiased(y):
        return np.var(y, ddof=1)

    ours = [simulated_bias(lambda y: gaussian_mle(y)[1], samples(n), 4.0, 3000) for n in sizes]
    other = [simulated_bias(unbiased, samples(n), 4.0, 3000) for n in sizes]
    far = {}
    for name, k, truth in (("mean", 0, 1.0), ("variance", 1, 4.0)):
        errors = [[abs(gaussian_mle(draw())[k] - truth) for _ in range(400)] for draw in map(samples, large)]
        far[f"{name} off by more than 0.5"] = np.array(large), np.mean(np.array(errors) > 0.5, axis=1)
    lines = {"your 1/N": (sizes, ours), "theory: -4/N": (sizes, -4 / sizes), "1/(N-1)": (sizes, other)}
    return plot.draw(
        plot.Panel("Bias of the variance (truth 4)", "sample size N", "mean estimate - 4", lines),
        plot.Panel("Consistency", "sample size N", "share of samples", far, log="x"),
        alt="Left: the bias of the 1/N variance follows -4/N, from -2 at N = 2 to -0.2 at N = 20; that of the "
        "1/(N-1) variance is about 0. Right: the share of samples whose mean or variance is off by more than 0.5 "
        "falls from 0.4 and 0.8 at N = 10 to nearly 0 at N = 1000.",
    )


if __name__ == "__main__":
    plot.see(estimates, predict_variance)

# %% [markdown]
# covers: 1.1 mean squared error; 1.1 half squared loss
# It was "b": biased, yet consistent, because the bias falls like $1/N$.
#
# ### The squared error
#
# What the blanks left over is the MSE. Its gradient carries two factors that are often forgotten: the 2 of the square
# (the *half squared loss* is made to cancel it) and the $1/N$ of the mean. With a loss of one kind and a gradient of
# the other, training still works, at another learning rate; so nobody notices.


# %% exercise="mse" points=3 hint="What does NumPy make of (N,) minus (N, 1)?"
# covers: 1.1 mean squared error
def mse(pred, y):
    """Mean squared error of predictions.

    Parameters
    ----------
    pred, y : ndarrays of shape (N,)
        Predictions and what was observed. Integers and any memory layout are fine. Neither is modified.

    Returns
    -------
    float
        The MSE of the conventions box, without a factor 1/2.

    Raises
    ------
    ValueError
        If the two shapes differ. NumPy would broadcast (N,) and (N, 1) to a table of N * N differences.

    Examples
    --------
    >>> print(mse(np.array([1.0, 2.0]), np.array([4.0, 2.0])))
    4.5
    """
    ### BEGIN SOLUTION
    if pred.shape != y.shape:
        raise ValueError(f"pred has shape {pred.shape} and y has shape {y.shape}")
    return np.mean((pred - y) ** 2)
    ### END SOLUTION


# %% try="mse"
check.report(
    "mse",
    check.equal("by hand", lambda: mse(np.array([1.0, 2.0, 3.0]), np.array([1.0, 4.0, 7.0])), 20 / 3),
    check.raises("a column against a row", lambda: mse(np.ones((3, 1)), np.zeros(3)), ValueError),
    hint="Squares, their mean, nothing else. Do you compare the shapes?",
    left="other numbers, integers, other shapes that differ",
)


# %% exercise="mse_grad" points=4 hint="Differentiate the mean with respect to a single prediction."
def mse_grad(pred, y):
    """Gradient of mse with respect to the predictions.

    Parameters
    ----------
    pred, y : ndarrays of shape (N,)
        As for mse.

    Returns
    -------
    ndarray of shape (N,)
        Entry i is the derivative of mse(pred, y) with respect to pred[i].

    Raises
    ------
    ValueError
        If the two shapes differ.

    Examples
    --------
    >>> mse_grad(np.array([1.0, 2.0]), np.array([4.0, 2.0]))
    array([-3.,  0.])
    """
    ### BEGIN SOLUTION
    if pred.shape != y.shape:
        raise ValueError(f"pred has shape {pred.shape} and y has shape {y.shape}")
    return 2 * (pred - y) / len(y)
    ### END SOLUTION


# %% try="mse_grad"
check.report(
    "mse_grad",
    check.equal("by hand", lambda: mse_grad(np.array([1.0, 5.0, 3.0]), np.array([4.0, 5, 1.5])), np.array([-2, 0, 1])),
    check.raises("a column against a row", lambda: mse_grad(np.ones((3, 1)), np.zeros(3)), ValueError),
    hint="Move one prediction by 0.001: by how much does mse change?",
    left="other numbers, integers, other shapes that differ",
)

# %% [markdown]
# covers: 1.1 capacity of polynomials; 1.1 under- and overfitting
# ### What a low loss does not say
#
# Fit polynomials $f(x) = b + \sum_{i=1}^{n} w_i x^i$ by least squares. The larger $n$, the more functions the model can
# represent: its *capacity*. (What training really reaches is the *effective* capacity.)

# %% exercise="predict_capacity" points=1
# Predict first. Polynomials of degree 0 to 11 are fitted to 14 noisy points. As the degree grows, "a" training and test
# error both fall, "b" the training error falls and the test error turns up, "c" both turn up
### BEGIN SOLUTION
predict_capacity = "b"
### END SOLUTION


# %% see="capacity"
def capacity():
    """Least-squares polynomials on noise around a sine: your mse on old and new data."""
    rng, degrees = np.random.default_rng(3), np.arange(12)
    x, x_new = np.linspace(-1, 1, 14), rng.uniform(-1, 1, 300)
    y, y_new = (np.sin(3 * each) + 0.3 * rng.standard_normal(len(each)) for each in (x, x_new))
    fits = [np.polynomial.Chebyshev.fit(x, y, n, domain=[-1, 1]) for n in degrees]
    errors = {
        "training data": (degrees, [mse(fit(x), y) for fit in fits]),
        "new data": (degrees, [mse(fit(x_new), y_new) for fit in fits]),
        "noise": (degrees, np.full(12, 0.09)),
    }
    grid = np.linspace(-1, 1, 200)
    curves = {"data": (x, y)} | {f"degree {n}": (grid, fits[n](grid)) for n in (1, 3, 11)}
    return plot.draw(
        plot.Panel("Three of the fits", "x", "y", curves, dots=("data",)),
        plot.Panel("Mean squared error", "degree", "MSE", errors, log="y"),
        alt="Left: the straight line misses the wave, degree 3 follows it, degree 11 runs through nearly all "
        "points and swings between them. Right: the training error falls with every degree; on new data the error "
        "is least near degree 3, not far above the variance of the noise, and five times as large at degree 11.",
    )


if __name__ == "__main__":
    plot.see(capacity, predict_capacity)

# %% [markdown]
# covers: 1.1 stable softmax
# It was "b". On the left of the minimum the model underfits, on the right it overfits.
#
# ## 4 Classes
#
# A classifier gives $C$ *logits* for each example, any real numbers. Softmax makes a distribution of each row. In
# float64 $e^{710}$ is infinite and $e^{-746}$ is 0. The way out: adding a constant $c$ to a row changes nothing,
#
# $$\log\frac{e^{z_k + c}}{\sum_j e^{z_j + c}} = \log\frac{e^c\, e^{z_k}}{e^c \sum_j e^{z_j}}
# = z_k - \log\sum_j e^{z_j} ,$$
#
# so choose $c$ such that no exponential can overflow and the sum is at least 1. And stay with the *logarithm* as long
# as you can: a probability of $10^{-400}$ is 0 in float64, its logarithm is $-921$.


# %% exercise="log_softmax" points=7 hint="Which c makes the largest exponent 0? In each row."
# covers: 1.1 stable softmax
def log_softmax(Z):
    """Logarithm of the softmax of each row.

    Parameters
    ----------
    Z : ndarray of shape (N, C)
        Logits, a row for each example. Integers and any memory layout are fine. It is not modified.

    Returns
    -------
    ndarray of shape (N, C)
        Each row depends on the same row of Z only, and adding a number to a row of Z changes nothing. It is
        exact for logits of any size, up to 1e30 and beyond, also where a probability is too small for float64.

    Examples
    --------
    >>> log_softmax(np.array([[0.0, 1000.0], [3.0, 3.0]])).round(4)
    array([[-1.000e+03,  0.000e+00],
           [-6.931e-01, -6.931e-01]])
    """
    ### BEGIN SOLUTION
    shifted = Z - Z.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    ### END SOLUTION


# %% try="log_softmax"
check.report(
    "log_softmax",
    check.equal("equal logits: -log 3", lambda: log_softmax(np.ones((2, 3))), np.full((2, 3), -np.log(3))),
    check.equal("by hand", lambda: log_softmax(np.log([[1.0, 3.0]])), np.log([[0.25, 0.75]])),
    check.equal("large", lambda: log_softmax(np.array([[0.0, -900], [800, 800]]))[:, 1], np.array([-900, -np.log(2)])),
    hint="Along which axis, and what becomes infinite or 0 on the way?",
    left="other shapes, rows of very different size, integers",
)


# %% exercise="softmax" points=4 uses="log_softmax" hint="You have its logarithm."
def softmax(Z):
    """Softmax of each row: positive numbers that add up to 1.

    Parameters
    ----------
    Z : ndarray of shape (N, C)
        Logits, as for log_softmax. It is not modified.

    Returns
    -------
    ndarray of shape (N, C)
        Each row is a distribution over the C classes, and depends on the same row of Z only. Small probabilities are
        exact, and logits may have any size.

    Examples
    --------
    >>> softmax(np.log([[1.0, 1.0, 2.0], [1.0, 8.0, 1.0]]))
    array([[0.25, 0.25, 0.5 ],
           [0.1 , 0.8 , 0.1 ]])
    """
    ### BEGIN SOLUTION
    return np.exp(log_softmax(Z))
    ### END SOLUTION


# %% try="softmax"
check.report(
    "softmax",
    check.equal("by hand", lambda: softmax(np.log([[1.0, 4.0], [2.0, 2.0]])), np.array([[0.2, 0.8], [0.5, 0.5]])),
    check.equal("large", lambda: softmax(np.array([[1000.0, 1000.0]])), np.array([[0.5, 0.5]])),
    hint="What should add up to 1: rows, columns, or everything?",
    left="other shapes, small probabilities, rows of very different size",
)

# %% [markdown]
# covers: 1.1 softmax cross-entropy; 1.1 prediction minus target
# **The gradient.** For one example with true class $y$ the loss is $\ell = -z_y + \log\sum_j e^{z_j}$. Differentiate
# with respect to $z_c$: the first term gives $-1$ if $c = y$ and 0 otherwise, the second
# $e^{z_c} / \sum_j e^{z_j} = p_c$. So
#
# $$\frac{\partial \ell}{\partial z_c} = p_c - [c = y] .$$
#
# *Prediction minus target*, if the target is written as a *one-hot* row. With the mean over $N$ examples each row is
# divided by $N$.


# %% exercise="softmax_cross_entropy" points=13 uses="log_softmax" hint="Which entry of each row is the loss about?"
# covers: 1.1 softmax cross-entropy; 1.1 prediction minus target
def softmax_cross_entropy(Z, y):
    """Mean cross-entropy of the softmax of logits, and its gradient.

    Later notebooks train their networks with it, so it has to bear any logits.

    Parameters
    ----------
    Z : ndarray of shape (N, C)
        Logits, at least one row. It is not modified.
    y : ndarray of shape (N,)
        True classes, integers from 0 to C - 1 of any integer type. Some classes may be missing, others repeated.

    Returns
    -------
    loss : float
        The loss of the conventions box: the mean over the examples. It is finite and exact for logits of any size, also
        where the true class has a probability too small for float64.
    dZ : ndarray of shape (N, C)
        Entry (i, c) is the derivative of the loss with respect to Z[i, c]. The entries of a row add up to 0.

    Raises
    ------
    ValueError
        If a label is outside 0..C-1; NumPy would take -1 for the last class.

    Examples
    --------
    >>> loss, dZ = softmax_cross_entropy(np.log([[1.0, 1.0, 2.0], [1.0, 8.0, 1.0]]), np.array([2, 0]))
    >>> print(f"{loss:.4f}")
    1.4979
    >>> dZ
    array([[ 0.125,  0.125, -0.25 ],
           [-0.45 ,  0.4  ,  0.05 ]])
    """
    ### BEGIN SOLUTION
    n, classes = Z.shape
    if y.min() < 0 or y.max() >= classes:
        raise ValueError(f"labels from {y.min()} to {y.max()} for {classes} classes")
    log_p, rows = log_softmax(Z), np.arange(n)
    dZ = np.exp(log_p)
    dZ[rows, y] -= 1
    return -np.mean(log_p[rows, y]), dZ / n
    ### END SOLUTION


# %% try="softmax_cross_entropy"
logits, labels = np.log([[1.0, 1.0, 2.0], [1.0, 8.0, 1.0]]), np.array([1, 1])
wanted = np.array([[0.125, -0.375, 0.25], [0.05, -0.1, 0.05]])
extreme = np.array([[1000.0, 0.0, -1000.0], [-1000.0, -1000.0, -1000.0], [0.0, 0.0, 0.0]])
check.report(
    "softmax_cross_entropy",
    check.equal("the loss", lambda: softmax_cross_entropy(logits, labels)[0], 0.80471896),
    check.equal("its gradient", lambda: softmax_cross_entropy(logits, labels)[1], wanted),
    check.equal("extreme", lambda: softmax_cross_entropy(extreme, np.array([1, 2, 0]))[0], 334.06574086),
    check.raises("a label too many", lambda: softmax_cross_entropy(logits, np.array([1, 3])), ValueError),
    hint="A factor? Then mean or sum. A sign? Whose probability is to grow? Infinite? Where is a log of 0?",
    left="other shapes, missing classes, one example, types of labels, more extreme logits",
)

# %% exercise="predict_overflow" points=1
# Predict first. There are two classes. The true one has the logit 0, the other one 1000. What is the exact loss? "a"
# infinite, "b" about 27.6, "c" 1000
### BEGIN SOLUTION
predict_overflow = "c"
### END SOLUTION


# %% see="overflow"
def overflow():
    """The loss of a wrong answer that grows ever surer: yours, from the formula, and with a small number added."""
    z = np.linspace(0, 1000, 401)
    yours = [softmax_cross_entropy(np.array([[0.0, each]]), np.array([0]))[0] for each in z]
    with np.errstate(all="ignore"):
        p = 1 / (1 + np.exp(z))
        typed, patched = -np.log(np.where(z > 709, np.nan, p)), -np.log(p + 1e-12)
    lines = {"yours": (z, yours), "-log(p + 1e-12)": (z, patched), "-log(p), as typed": (z, typed)}
    return plot.draw(
        plot.Panel("Loss of the true class, logit 0", "logit of the wrong class", "loss in nats", lines),
        alt="Your loss grows in a straight line to 1000. The formula as typed follows it to 709, where the "
        "exponential overflows, and then there is no value. With 1e-12 added it stays at 27.6 from there on, "
        "where the slope is 0, so that nothing is learned from the worst mistakes.",
    )


if __name__ == "__main__":
    plot.see(overflow, predict_overflow)

# %% [markdown]
# It was "c". A small number inside the logarithm makes it 27.6 with slope 0: the worst mistakes would teach nothing.
#
# ### Write the test that catches it


# %% exercise="catches_cross_entropy" points=8 uses="softmax_cross_entropy" hint="N unlike C, repeats, huge logits."
def catches_cross_entropy(candidate):
    """Find out whether a function that claims to be softmax_cross_entropy is wrong.

    Call it with logits and labels of your choice and compare with the conventions box: with numbers that you worked
    out, with the formula written out here, or with your own function. A wrong one differs in one of these: mean or sum,
    over what; the axis of the softmax; the sign or the factor of dZ; a target that is not subtracted; the logarithm;
    NaN or infinity for logits of 1000; a loss that stops growing.

    Parameters
    ----------
    candidate : callable
        candidate(Z, y) returns (loss, dZ), as softmax_cross_entropy does.

    Returns
    -------
    bool
        True if the candidate is wrong or raises, False if it is right; an exception that you let out is no answer.
        Right ones may differ by 1e-9 and may give the loss as a 0-d array. Each wrong one caught earns its share;
        accusing right ones takes points away again.

    Examples
    --------
    >>> catches_cross_entropy(softmax_cross_entropy), catches_cross_entropy(lambda Z, y: (0.0, np.zeros(Z.shape)))
    (False, True)
    """
    ### BEGIN SOLUTION
    rng = np.random.default_rng(3)
    cases = [(rng.normal(0, 2, (5, 3)), np.array([2, 0, 0, 2, 1])), (rng.normal(0, 2, (1, 4)), np.array([1]))]
    cases.append((np.array([[1000.0, 0.0, 3.0], [0.0, 900.0, -900.0], [1.0, 2.0, -2.0]]), np.array([1, 2, 1])))
    for Z, y in cases:
        rows, wanted = np.arange(len(y)), np.zeros(Z.shape)
        log_p = Z - np.logaddexp.reduce(Z, axis=1)[:, None]
        wanted[rows, y] = 1
        wanted = (np.exp(log_p) - wanted) / len(y)
        try:
            loss, dZ = candidate(Z, y)
            right = np.isclose(loss, -log_p[rows, y].mean(), rtol=1e-7) and np.allclose(dZ, wanted, atol=1e-7)
        except Exception:
            return True
        if not right:
            return True
    return False
    ### END SOLUTION


# %% try="catches_cross_entropy"
def summed(Z, y):
    """Your loss and gradient, not divided by the number of examples."""
    loss, dZ = softmax_cross_entropy(Z, y)
    return loss * len(y), dZ * len(y)


def uphill(Z, y):
    """Your loss with the gradient's sign turned."""
    loss, dZ = softmax_cross_entropy(Z, y)
    return loss, -dZ


check.report(
    "catches_cross_entropy",
    check.equal("your own is let through", lambda: bool(catches_cross_entropy(softmax_cross_entropy)), False),
    check.equal("a sum is caught", lambda: bool(catches_cross_entropy(summed)), True),
    check.equal("a wrong sign is caught", lambda: bool(catches_cross_entropy(uphill)), True),
    hint="Are your numbers right, and do you compare both the loss and dZ?",
    left="candidates with the other faults of the list, and right ones written otherwise",
)

# %% [markdown]
# covers: 1.1 binary cross-entropy
# ### Two classes
#
# Two classes need one logit only: $p = \sigma(z) = 1/(1 + e^{-z})$ for class 1. Targets may be *soft*: $y = 0.9$ says
# that nine of ten markers saw class 1. **Alone:** put $\log p = -\log(1 + e^{-z})$ and $\log(1 - p) = -\log(1 + e^{z})$
# into the binary loss of the box, and differentiate. `np.logaddexp(0, z)` is $\log(1 + e^z)$ without overflow.


# %% exercise="bce_with_logits" points=8 hint="Two terms, each with its own logaddexp."
# covers: 1.1 binary cross-entropy; 1.1 prediction minus target
def bce_with_logits(z, y):
    """Mean binary cross-entropy of logits, and its gradient.

    Parameters
    ----------
    z : ndarray of shape (N,)
        Logits of class 1. It is not modified.
    y : ndarray of shape (N,)
        Targets from 0 to 1: labels (integers are fine) or soft targets.

    Returns
    -------
    loss : float
        The binary loss of the conventions box. It is finite for logits of any size, and small losses are exact: z = 40
        with y = 1 costs 4.25e-18, not 0.
    dz : ndarray of shape (N,)
        Entry i is the derivative of the loss with respect to z[i].

    Examples
    --------
    >>> loss, dz = bce_with_logits(np.log([3.0, 1.0]), np.array([1, 0]))
    >>> print(f"{loss:.4f}", dz)
    0.4904 [-0.125  0.25 ]
    """
    ### BEGIN SOLUTION
    loss = np.mean(y * np.logaddexp(0, -z) + (1 - y) * np.logaddexp(0, z))
    return loss, (np.exp(-np.logaddexp(0, -z)) - y) / len(y)
    ### END SOLUTION


# %% try="bce_with_logits"
some, soft = np.log([1.0, 4.0]), np.array([1.0, 0.25])
check.report(
    "bce_with_logits",
    check.equal("the loss", lambda: bce_with_logits(some, soft)[0], 0.97800502),
    check.equal("its gradient", lambda: bce_with_logits(some, soft)[1], np.array([-0.25, 0.275])),
    check.equal("sure and wrong", lambda: bce_with_logits(np.array([-800.0]), np.array([1]))[0], 800.0),
    check.equal("sure and right", lambda: bce_with_logits(np.array([40.0]), np.array([1]))[0] / 4.248354255e-18, 1.0),
    hint="Which of the two terms counts for which target, and where do you lose digits?",
    left="other logits, one example, larger logits",
)

# %% [markdown]
# For linear outputs with the *half* squared loss, sigmoid with binary and softmax with categorical cross-entropy, the
# derivative for one example is **prediction minus target**. So Poole and Mackworth's pseudo-code starts every backward
# pass with `error[j] := values[j] - Y[j]`. For one example and the MSE of our box, by which factor is that too small?

# %% recall="half_squared"
missing_factor = None
quiz.recall(quiz.ask("missing factor", missing_factor, "cd02a1382b", "Differentiate both squared losses."))

# %% [markdown]
# covers: 1.1 multiclass hinge loss; 1.1 linear scores and the bias trick
# ### Find the bug
#
# Another loss for classes, the *multiclass hinge loss*, wants the true class to win by a margin of 1. With linear
# scores $s = Wx$, a slide of Mines Paris expands it:
#
# $$L_i = \sum_{j \ne y_i} \max(0,\, s_j - s_{y_i} + 1)
# = \sum_{j \ne y_i} \max(0,\, W_{j,:} \cdot x + W_{y_i,:} \cdot x + 1) .$$
#
# Below is the second line in code. Run the checks and ask: what should the loss be if the true class wins by far?
# Then mend it.


# %% exercise="mended_hinge" points=4 hint="Raise the score of the true class. Should the loss grow?"
# covers: 1.1 multiclass hinge loss
def mended_hinge(S, y):
    """Mean multiclass hinge loss; as given out, it has the slide's fault.

    Parameters
    ----------
    S : ndarray of shape (N, C)
        Scores, a row for each example. It is not modified.
    y : ndarray of shape (N,)
        True classes, integers from 0 to C - 1.

    Returns
    -------
    float
        The mean over the examples of the sum over the wrong classes; the true class contributes nothing. It is 0 if
        every true class wins by at least 1, and adding a number to a row of scores changes nothing.

    Examples
    --------
    >>> print(mended_hinge(np.array([[3.0, 1.0, 2.5], [0.0, 5.0, 0.0]]), np.array([0, 1])))
    0.25
    """
    rows = np.arange(len(y))
    ### BEGIN SOLUTION
    margins = np.maximum(0, S - S[rows, y][:, None] + 1)
    ### END SOLUTION
    ### BEGIN STUB
    # margins = np.maximum(0, S + S[rows, y][:, None] + 1)
    ### END STUB
    margins[rows, y] = 0
    return np.mean(margins.sum(axis=1))


# %% try="mended_hinge"
scores = np.array([[4.0, 1.0, 3.5], [0.0, 2.0, 2.0]])
check.report(
    "mended_hinge",
    check.equal("by hand", lambda: mended_hinge(scores, np.array([0, 1])), 0.75),
    check.equal("a clear winner", lambda: mended_hinge(np.array([[9.0, 1.0]]), np.array([0])), 0.0),
    hint="Compare the two lines of the slide, sign by sign.",
    left="other scores and shapes",
)

# %% [markdown]
# covers: 1.1 definition of regularisation; 1.9 L2 penalty and weight decay; 1.9 L1 and elastic net
# covers: 1.9 penalty on a sum or a mean; 1.11 which weights L2 prefers
# ## 5 Penalties
#
# *Regularisation* is any change that is meant to lower the error on new data, not necessarily on the training data. The
# most common one prices large weights, without biases: $L = \frac1N\sum_i L_i + \lambda R(W)$, as in the box.
#
# Mines Paris asks: for $x = (1, 1, 1, 1)$, which weights does L2 prefer, $w_1 = (1, 0, 0, 0)$ or
# $w_2 = (\frac14, \frac14, \frac14, \frac14)$? Both give the same score. What do L1 and the elastic net say? The same
# deck once writes a sum in place of the mean. If every example is copied once, by which factor must the penalty grow to
# keep its weight against the data: beside a sum, and beside a mean?

# %% recall="preferences"
l2_prefers, l1_prefers, elastic_prefers = None, None, None  # "w1", "w2" or "both"
factor_for_a_sum, factor_for_a_mean = None, None
quiz.recall(
    quiz.ask("L2", l2_prefers, "3aa5624879", "Add up the squares."),
    quiz.ask("L1", l1_prefers, "d36f8b5e66", "Add up the absolute values."),
    quiz.ask("elastic net", elastic_prefers, "d6897faef6", "It is a sum of the two."),
    quiz.ask("factor for the sum", factor_for_a_sum, "5b62bc363c", "What does the copy do to a sum?"),
    quiz.ask("factor for the mean", factor_for_a_mean, "c764a37652", "What does the copy do to a mean?"),
)


# %% exercise="penalty" points=6 hint="What is the slope of |w| left of 0, right of 0, and what is it set to at 0?"
# covers: 1.9 L2 penalty and weight decay; 1.9 L1 and elastic net
def penalty(W, lam, kind, beta):
    """Penalty for large weights, and its gradient.

    Parameters
    ----------
    W : ndarray of any shape
        The weights, without biases. It is not modified.
    lam : float
        The factor lambda of the conventions box, which multiplies the whole penalty.
    kind : {"l2", "l1", "elastic"}
        Which of the three penalties.
    beta : float
        Weighs the squares in "elastic"; the other kinds ignore it.

    Returns
    -------
    value : float
        The penalty.
    grad : ndarray of the shape of W
        Its derivative with respect to each weight. The slope of |w| at w = 0 is taken as 0.

    Raises
    ------
    ValueError
        If kind is none of the three.

    Examples
    --------
    >>> value, grad = penalty(np.array([3.0, 0.0, -1.0]), 0.1, "elastic", 0.5)
    >>> print(f"{value:.2f}", grad)
    0.90 [ 0.4  0.  -0.2]
    """
    ### BEGIN SOLUTION
    squares, lengths = np.sum(W**2), np.sum(np.abs(W))
    if kind == "l2":
        return lam * squares, 2 * lam * W
    if kind == "l1":
        return lam * lengths, lam * np.sign(W)
    if kind == "elastic":
        return lam * (beta * squares + lengths), lam * (2 * beta * W + np.sign(W))
    raise ValueError(f"no penalty {kind!r}. There are: l2, l1, elastic.")
    ### END SOLUTION


# %% try="penalty"
w = np.array([[2.0, -1.0], [0.0, 0.5]])
slopes = np.array([[1.0, -1.0], [0.0, 1.0]])
check.report(
    "penalty",
    check.equal("l2", lambda: penalty(w, 0.1, "l2", 7.0), (0.525, 0.2 * w)),
    check.equal("l1", lambda: penalty(w, 0.1, "l1", 7.0), (0.35, 0.1 * slopes)),
    check.equal("elastic", lambda: penalty(w, 0.1, "elastic", 2.0), (1.4, 0.4 * w + 0.1 * slopes)),
    check.raises("unknown", lambda: penalty(w, 0.1, "l3", 2.0), ValueError),
    hint="Compare value and gradient with the box: where does lambda stand, where beta, and is there a 2?",
    left="other weights, shapes and factors",
)

# %% [markdown]
# covers: 1.1 linear scores and the bias trick; 1.1 output distribution per task
# ## 6 Milestone: three tasks, one loop
#
# Linear scores $s = XW$, for three losses. (Mines Paris writes $Wx$; we keep examples in rows and $W$ of shape (inputs,
# outputs).) The bias comes in by a trick: a last column of ones in $X$ makes the last row of $W$ the bias. Your losses
# give $\partial L / \partial s$, and the chain rule $\partial L / \partial W = X^\top\, \partial L / \partial s$. One
# step of *gradient descent* goes against it: $W \leftarrow W - \alpha\, \partial L / \partial W$.


# %% exercise="fit_linear" points=5 hint="Scores, loss, gradient, step; the loss is noted before the step."
# covers: 1.1 linear scores and the bias trick; 1.1 empirical risk
def fit_linear(X, y, loss, W, lr, steps):
    """Fit linear scores by gradient descent on all data.

    Parameters
    ----------
    X : ndarray of shape (N, d)
        Examples in rows; a column of ones, if any, is already there.
    y : ndarray of shape (N,)
        Targets, passed on to the loss.
    loss : callable
        loss(scores, y) returns the mean loss and its gradient with respect to the scores. It is called once per step.
    W : ndarray of shape (d,) or (d, C)
        Where to start. The scores are X @ W. It is not modified.
    lr : float
        The learning rate alpha.
    steps : int
        How many steps to take.

    Returns
    -------
    W, losses : ndarray of the shape of W, list of float
        The weights after the last step, and the loss before each step.

    Examples
    --------
    >>> X, y = np.array([[0.0, 1.0], [2.0, 1.0]]), np.array([1.0, 5.0])
    >>> W, losses = fit_linear(X, y, lambda s, y: (mse(s, y), mse_grad(s, y)), np.zeros(2), 0.2, 200)
    >>> print(f"{losses[0]:.1f} {losses[1]:.2f}", W.round(3))
    13.0 0.04 [2. 1.]
    """
    ### BEGIN SOLUTION
    losses = []
    for _ in range(steps):
        value, d_scores = loss(X @ W, y)
        losses.append(value)
        W = W - lr * X.T @ d_scores
    return W, losses
    ### END SOLUTION


# %% try="fit_linear"
def half_squares(scores, y):
    """A loss to try the loop with: half the mean of squares."""
    return 0.5 * np.mean((scores - y) ** 2), (scores - y) / len(y)


points, heights = np.array([[1.0, 1.0], [2.0, 1.0], [3.0, 1.0]]), np.array([1.0, 2.0, 6.0])
check.report(
    "fit_linear",
    check.equal("one step", lambda: fit_linear(points, heights, half_squares, np.zeros(2), 0.3, 1)[0], [2.3, 0.9]),
    check.equal("losses", lambda: fit_linear(points, heights, half_squares, np.ones(2), 0.1, 2)[1], [1, 0.923333]),
    hint="Transposed or not, plus or minus, and when is the loss noted?",
    left="several outputs, more steps, what the loss is called with",
)


# %% given="three_tasks"
def squared_loss(scores, y):
    """Your mse and its gradient, as fit_linear wants them."""
    return mse(scores, y), mse_grad(scores, y)


def prepared(name, seed=0):
    """A data set in two parts: features standardised by the training part, and a last column of ones."""
    X, y, X_test, y_test = data.split(data.load(name), seed)
    mean, std = X.mean(axis=0), X.std(axis=0)
    std[std == 0] = 1
    X, X_test = (np.column_stack([(part - mean) / std, np.ones(len(part))]) for part in (X, X_test))
    return X, y, X_test, y_test


def three_tasks(seed=0, steps=300):
    """Train on three data sets from zero weights: training losses, test loss, and right answers or 1 - MSE/variance."""
    found, tasks = {}, {"digits": softmax_cross_entropy, "breast_cancer": bce_with_logits, "diabetes": squared_loss}
    for name, loss in tasks.items():
        X, y, X_test, y_test = prepared(name, seed)
        start = np.zeros((X.shape[1], 10) if name == "digits" else X.shape[1])
        W, losses = fit_linear(X, y, loss, start, 0.2, steps)
        scores = X_test @ W
        if name == "diabetes":
            good = 1 - mse(scores, y_test) / mse(np.full(len(y_test), y.mean()), y_test)
        else:
            good = np.mean((scores.argmax(axis=1) if name == "digits" else scores > 0) == y_test)
        found[name] = losses, loss(scores, y_test)[0], good
    return found


# %% exercise="predict_start" points=1
# Predict first. All weights are 0, so all ten digits have the same probability. What is the loss on the digits before
# the first step? "a" 0.1, "b" 1, "c" 2.3, "d" 10
### BEGIN SOLUTION
predict_start = "c"
### END SOLUTION


# %% see="milestone"
def milestone():
    """Training loss of the three tasks, with the test loss at the end."""
    panels = []
    names = {"digits": "Digits", "breast_cancer": "Tumours", "diabetes": "Diabetes"}
    for name, (losses, test, good) in three_tasks().items():
        what = "explained" if name == "diabetes" else "right"
        t = np.arange(len(losses))
        lines = {"training": (t, losses), f"test at the end: {test:.4g}": (t, np.full(len(losses), test))}
        unit = "MSE" if name == "diabetes" else "nats"
        panels.append(plot.Panel(f"{names[name]}: {good:.0%} {what}", "step", unit, lines, log="y"))
    return plot.draw(
        *panels,
        alt="Training losses on a logarithmic axis. Digits start at 2.3 nats and tumours at 0.69; both are still "
        "falling after 300 steps, when the test loss is a little above the training loss. Diabetes starts near "
        "29,000 and is at its minimum near 2,900 after some 50 steps.",
    )


if __name__ == "__main__":
    plot.see(milestone, predict_start)

# %% [markdown]
# It was "c": $\log 10 = 2.30$, as $\log 2 = 0.69$ for two classes. A first loss far from that means a bug. To expect,
# as mean ± standard deviation over 20 random splits (`./course milestone hw01_mle_losses`): digits 96.1 ± 0.7 % right
# at a test loss of 0.157 ± 0.015, tumours 97.7 ± 1.1 % at 0.079 ± 0.023, diabetes 49 ± 7 % explained at 3070 ± 330.

# %% [markdown] written="noise_and_loss" points=8
# covers: 1.1 squared error from a Gaussian
# ## 7 In your own words
#
# About 15 lines in all; formulas are welcome.
#
# 1. *Alone:* suppose the noise has the Laplace density $\frac{1}{2b}\, e^{-|y - \mu|/b}$ with a fixed $b$. Derive the
#    loss that maximum likelihood gives, as part 3 did it for the normal density. Which constant, predicted for
#    everybody, is best under each of the two losses, and which loss suits data with a few wild outliers?
# 2. Go back to the normal density, and let $\sigma^2$ be learned too. Which value is best for given predictions? Put
#    it into the NLL: what is minimised now, and does the best $\theta$ change?
# 3. One classifier (two classes) is 99.9 % sure and wrong in 1 of 100 examples, another 90 % sure and wrong in 5.
#    Compare their mean cross-entropies. What does the loss reward that the number of right answers does not?
#
# ### BEGIN SOLUTION
# 1. $-\log p = \log(2b) + |y - \mu|/b$. With $b$ fixed, the sum over examples is least where $\frac1N\sum_i |y_i -
#    \mu_i|$ is: the mean absolute error. The best constant is the median (below it more than half of the terms fall as
#    it grows), under squares the mean (set the derivative to 0). With outliers: the absolute error; one wild value
#    moves the mean as far as it likes and the median hardly at all. Said as a model: the Laplace density has heavier
#    tails.
# 2. Derivative of $\frac12\log(2\pi\sigma^2) + \text{MSE}/(2\sigma^2)$ with respect to $\sigma^2$ equal to 0 gives
#    $\hat\sigma^2 = \text{MSE}$. Put in: $\frac12\log(2\pi\,\text{MSE}) + \frac12$, an increasing function of the MSE.
#    So the best $\theta$ is the same; only the scale of the gradient changes, it is divided by $2\,\text{MSE}$. (With a
#    variance for each example it would change: examples would be weighed by $1/\sigma_i^2$.)
# 3. $0.99 \cdot 0.0010 + 0.01 \cdot 6.91 = 0.070$ against $0.95 \cdot 0.105 + 0.05 \cdot 2.30 = 0.215$. The first is
#    better, but 0.069 of its 0.070 comes from a single mistake: with three such mistakes it would be at 0.21, no
#    better than the other with five. The loss rewards *calibration*, to be as sure as one is right, and punishes
#    confident mistakes.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# *Part 1, 4 points:* 1 logarithm taken correctly, both terms; 1 what does not depend on the parameters is dropped, mean
# absolute error named; 1 median and mean; 1 outliers with a reason (influence or tails). *Part 2, 2 points:* 1 the best
# variance is the MSE, derived; 1 log MSE and the same best parameters. *Part 3, 2 points:* 1 both numbers about right
# (0.07 and 0.215); 1 calibration or the price of confident mistakes. "Lower loss is better" alone earns nothing.
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
# * M. Straka, *Training neural networks*, NPFL138 lecture 2, 2024: *ML basics*, *MLE*, *Estimators and bias*.
# * SLDS, LMU Munich, *Deep learning: basic training*. Mines Paris PSL, session 1. D. Poole and A. Mackworth, slides of
#   *Artificial Intelligence*, 3rd edition, 2023.
# * T. Mitchell, *Machine Learning*, 1997. D. H. Wolpert, Neural Computation 8, 1996. Data: `datasets/README.md`.
