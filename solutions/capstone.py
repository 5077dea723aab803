"""Capstone: five broken training runs.

Out of scope: hardware, data types and speed; faults that raise an error; more than one fault in a run.
"""

# %% [markdown]
# # Capstone: five broken training runs
#
# Nobody is told which line is wrong. A curve looks odd, or too good; there is a log, there is code that runs without
# an error, and somewhere in it is the cause. Here are five such runs, small enough to run again in a moment. In the
# end you can
#
# * read a curve and a log like a doctor: which causes are compatible with them, which are ruled out;
# * tell a mended cause from a hidden symptom;
# * write down the check that would have found each fault on the first day.
#
# **You need** all eight topics; nothing new is taught here. **Time** 2 to 3 hours. **Lectures** all five; the
# conventions are those of the topics.
#
# | run | what is odd | name the cause | mend it | points |
# |---|---|---|---|---|
# | 1 | all is well until the batch is large | `cause_1` | `descent_step` | 4 + 14 |
# | 2 | eight layers learn nothing at all | `cause_2` | `DeepNet` | 4 + 14 |
# | 3 | one network, many accuracies | `cause_3` | `HiddenBlock` | 4 + 14 |
# | 4 | too good to be true | `cause_4` | `prepare` | 4 + 14 |
# | 5 | the best epoch is lost | `cause_5` | `train_with_patience` | 4 + 14 |
# | all | `how_found`: how did you find it? | | marked by hand | 10 |
# | | | | **together** | **100** |
#
# **How to work.** For each run: read the story and the log. Run the code as it is, and look at the curve. Choose a
# cause *before* you change anything. Then mend it in the cell where it stands, run the checks, and draw the curve
# again. There is exactly one fault in each run, it is in the cell of the exercise, and it takes a line or two to mend.
#
# The hidden tests use other numbers and shapes; whatever they look at is announced in a docstring or in the box below.
# A submission may use 20 s for a cell, 10 s for a call of one of your functions, 40 s for the tests of one exercise,
# and 1024 MB of memory. A good answer needs almost nothing of it.

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
# Three numbers that a reader of logs knows. Replace each `None` and run the cell. No points.
#
# 1. *Cross-entropy* (hw01): a network gives each of ten classes the same probability. What is its loss?
# 2. *Initialisation* (hw05): a deep ReLU network has weights of variance 1 / fan-in. By what factor does the mean
#    square of the activations change from one hidden layer to the next?
# 3. *Validation* (hw08): an accuracy of 0.9 was measured on 100 examples. What is its standard error?

# %% recall="log_reader"
loss_of_guessing = None
factor_per_layer = None
standard_error = None

quiz.recall(
    quiz.ask("1 loss of guessing", loss_of_guessing, "0295d48b45", "Minus the logarithm of one tenth."),
    quiz.ask("2 ReLU layers", factor_per_layer, "b1eb153185", "ReLU lets one half of a symmetric signal through."),
    quiz.ask("3 standard error", standard_error, "332b92a99a", "The root of p (1 - p) / n."),
)

# %% [markdown] conventions="capstone"
# ### What is graded, and the list of suspects
#
# Each docstring says what its code should do, and the code as handed out does all of it but one thing. Mended is what
# keeps every sentence of the docstring, for other data, sizes and seeds too; a smaller learning rate, a clipped
# gradient or another seed only hides the symptom. You may write the body as you like. Signatures and the names of
# attributes stay as they are.
#
# The cause of each run is one of these. Each run has its own. Answer with the letter; one answer counts, and a wrong
# one earns nothing.
#
# | | suspect |
# |---|---|
# | a | examples and labels are shuffled apart |
# | b | the learning rate is too high, whatever the batch size |
# | c | gradients add up over the batch, where the loss is a mean |
# | d | the derivative of ReLU is taken at the wrong layer |
# | e | all units of a layer start alike, and stay alike |
# | f | the first weights are too small for the depth |
# | g | the first weights are too large for the depth |
# | h | dropout goes on during evaluation |
# | i | evaluation normalises by the batch that is evaluated |
# | j | evaluation moves the running statistics |
# | k | the validation part is too small to tell |
# | l | the training part knows the validation part |
# | m | a schedule or a counter of the optimiser is off by one |
# | n | what was put aside goes on changing |
# | o | the run stops too early |

# %% [markdown]
# ## Run 1: all is well until the batch is large
#
# *"For months we trained with batches of 8 and the rate 0.02. The new machine has room for larger batches. 32 was
# fine. At 128 the loss jumps about and never comes down. Same data, same network, same rate."*
#
# Digits, 64 pixels, 32 hidden ReLU units, 10 classes. Mean training loss by epoch:
#
# ```text
# epoch               1      2      3      4      5      6      7      8
# batches of 8     0.953  0.255  0.176  0.134  0.111  0.099  0.087  0.074
# batches of 32    1.118  0.299  0.196  0.141  0.112  0.115  0.097  0.077
# batches of 128   2.356  2.239  2.233  2.264  2.306  2.310  2.295  2.304
# ```


# %% exercise="descent_step" points=14 hint="Show it every example twice. What should the step do?"
# covers: 1.4 gradient descent update
def descent_step(params, X, y, lr):
    """One step of gradient descent for a network with one hidden ReLU layer and softmax.

    The loss is the mean cross-entropy of the batch, and the step goes down the gradient of exactly this loss.

    Parameters
    ----------
    params : dict of str to ndarray
        "W1" of shape (d, m), "b1" (m,), "W2" (m, c) and "b2" (c,) before the step. They are not modified.
    X : ndarray of shape (n, d)
        The batch, n >= 1, of any memory layout.
    y : ndarray of shape (n,)
        Classes from 0 to c - 1.
    lr : float
        Learning rate: each array moves by -lr times its gradient.

    Returns
    -------
    new : dict of str to ndarray
        New arrays under the same keys.
    loss : float
        The loss before the step. It is finite for scores of any size.

    Examples
    --------
    Two classes, no weights yet: the scores are equal, and the loss is log 2.

    >>> params = {"W1": np.eye(2), "b1": np.zeros(2), "W2": np.zeros((2, 2)), "b2": np.zeros(2)}
    >>> new, loss = descent_step(params, np.array([[1.0, 0.0]]), np.array([0]), 0.1)
    >>> round(float(loss), 4), new["b2"]
    (0.6931, array([ 0.05, -0.05]))
    """
    ### BEGIN SOLUTION
    hidden = np.maximum(X @ params["W1"] + params["b1"], 0)
    scores = hidden @ params["W2"] + params["b2"]
    log_p = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
    rows = np.arange(len(y))
    d_scores = np.exp(log_p)
    d_scores[rows, y] -= 1
    d_scores /= len(y)
    d_hidden = d_scores @ params["W2"].T * (hidden > 0)
    grads = {
        "W1": X.T @ d_hidden,
        "b1": d_hidden.sum(axis=0),
        "W2": hidden.T @ d_scores,
        "b2": d_scores.sum(axis=0),
    }
    return {name: params[name] - lr * grads[name] for name in params}, -log_p[rows, y].mean()
    ### END SOLUTION
    ### BEGIN STUB
    # hidden = np.maximum(X @ params["W1"] + params["b1"], 0)
    # scores = hidden @ params["W2"] + params["b2"]
    # log_p = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
    # rows = np.arange(len(y))
    # d_scores = np.exp(log_p)
    # d_scores[rows, y] -= 1
    # d_hidden = d_scores @ params["W2"].T * (hidden > 0)
    # grads = {
    #     "W1": X.T @ d_hidden,
    #     "b1": d_hidden.sum(axis=0),
    #     "W2": hidden.T @ d_scores,
    #     "b2": d_scores.sum(axis=0),
    # }
    # return {name: params[name] - lr * grads[name] for name in params}, -log_p[rows, y].mean()
    ### END STUB


# %% given="run_1"
def run_1(batch_size, lr=0.02, epochs=8, seed=0):
    """Train on digits: the mean loss of each epoch."""
    X, y, _, _ = data.split(data.load("digits"))
    rng, losses = np.random.default_rng(seed), []
    params = {"W1": rng.normal(0, np.sqrt(2 / 64), (64, 32)), "b1": np.zeros(32)}
    params |= {"W2": rng.normal(0, np.sqrt(1 / 32), (32, 10)), "b2": np.zeros(10)}
    for _ in range(epochs):
        order, found = rng.permutation(len(X)), []
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            params, loss = descent_step(params, X[batch], y[batch], lr)
            found.append(loss)
        losses.append(float(np.mean(found)))
    return losses


def draw_run_1(lr=0.02):
    """The curves of run 1 for three batch sizes, and their log."""
    losses = {f"batches of {size}": run_1(size, lr) for size in (8, 32, 128)}
    epochs = np.arange(1, 9)
    print(f"{'epoch':15}", *(f"{epoch:6}" for epoch in epochs))
    for name, values in losses.items():
        print(f"{name:15}", *(f"{value:6.3f}" for value in values))
    return plot.draw(
        plot.Panel(f"Run 1: rate {lr:g}", "epoch", "training loss", {k: (epochs, v) for k, v in losses.items()}),
        alt="Training loss by epoch. "
        + " ".join(f"With {k} it goes from {v[0]:.2f} to {v[-1]:.2f}." for k, v in losses.items()),
    )


# %% see="run_1"
if __name__ == "__main__":
    plot.see(draw_run_1)

# %% exercise="cause_1" points=4
# The letter of the cause of run 1, as text in quotation marks
### BEGIN SOLUTION
cause_1 = "c"
### END SOLUTION

# %% try="descent_step"
tiny = {"W1": np.eye(2), "b1": np.zeros(2), "W2": np.zeros((2, 2)), "b2": np.zeros(2)}
X_tiny, y_tiny = np.array([[1.0, 0.0], [0.0, 3.0]]), np.array([0, 0])


def moved(times):
    """How far a step at the rate 1 moves b2, with every example so many times in the batch."""
    new, _ = descent_step(tiny, np.tile(X_tiny, (times, 1)), np.tile(y_tiny, times), 1.0)
    return new["b2"]


check.report(
    "descent_step",
    check.equal(
        "the loss of a guess between two classes", lambda: descent_step(tiny, X_tiny, y_tiny, 1.0)[1], 0.693147
    ),
    check.equal("two examples: the output bias moves", lambda: moved(1), np.array([0.5, -0.5])),
    check.equal(
        "and the weights above the hidden layer",
        lambda: descent_step(tiny, X_tiny, y_tiny, 0.1)[0]["W2"],
        np.array([[0.025, -0.025], [0.075, -0.075]]),
    ),
    hint="Is the step that of the loss in the docstring? Move one parameter a little, and see how the loss changes.",
    left="other batches, shapes and scores, the lower layer, gradients against differences of losses, what is modified",
)

# %% [markdown]
# Once it is mended, the rate 0.02 means something else than before. `draw_run_1(lr=0.4)` shows whether all three
# batch sizes learn now.
#
# ## Run 2: eight layers learn nothing at all
#
# *"The same data with a deeper network: eight hidden layers of 64 ReLU units. The loss does not move. I tried rates
# from 0.001 to 1. With one hidden layer the same class works."*
#
# ```text
# 1 hidden layer, loss by epoch:   2.2900 2.2559 2.1940 2.0778 1.8775 1.5981
#   scores of 32 examples differ by 5.6e-01 (standard deviation, mean of the classes)
# 8 hidden layers, loss by epoch:  2.3031 2.3030 2.3029 2.3029 2.3027 2.3025
#   scores of 32 examples differ by 4.5e-09 (standard deviation, mean of the classes)
# ```


# %% exercise="DeepNet" points=14 hint="Follow one batch through the layers of a new network. Where is it lost?"
# covers: 1.8 calibrated variance; 1.8 Glorot and He; 1.2 vanishing and exploding gradients
class DeepNet:
    """A network of dense layers with ReLU between them, for classification by softmax.

    Weights start by the scheme of He and others (hw05): independent draws from the normal distribution with mean 0 and
    variance 2 / fan-in, layer by layer. So signals keep their size on the way up, however many layers there are.
    Biases start at 0.

    Parameters
    ----------
    sizes : sequence of int
        Number of inputs, of units of each hidden layer, and of classes; at least two numbers.
    rng : np.random.Generator
        Draws the weights, and nothing else does.

    Attributes
    ----------
    W, b : lists of ndarrays
        Weights of shape (fan-in, fan-out) and biases of each layer, the lowest first. What stands there is used.

    Examples
    --------
    >>> net = DeepNet([64, 30, 10], np.random.default_rng(0))
    >>> net.forward(np.zeros((2, 64))).shape, [W.shape for W in net.W]
    ((2, 10), [(64, 30), (30, 10)])
    """

    def __init__(self, sizes, rng):
        ### BEGIN SOLUTION
        self.W = [rng.standard_normal((m, n)) * np.sqrt(2 / m) for m, n in pairwise(sizes)]
        self.b = [np.zeros(n) for n in sizes[1:]]
        ### END SOLUTION
        ### BEGIN STUB
        # self.W = [rng.standard_normal((m, n)) * 2 / m for m, n in pairwise(sizes)]
        # self.b = [np.zeros(n) for n in sizes[1:]]
        ### END STUB

    def forward(self, X):
        """Scores of the classes, without ReLU after the last layer.

        Parameters
        ----------
        X : ndarray of shape (n, d)
            The examples. They are not modified.

        Returns
        -------
        ndarray of shape (n, c)
            The scores.
        """
        ### BEGIN SOLUTION
        self.inputs = [X]
        for W, b in zip(self.W[:-1], self.b[:-1], strict=True):
            self.inputs.append(np.maximum(self.inputs[-1] @ W + b, 0))
        return self.inputs[-1] @ self.W[-1] + self.b[-1]
        ### END SOLUTION
        ### BEGIN STUB
        # self.inputs = [X]
        # for W, b in zip(self.W[:-1], self.b[:-1], strict=True):
        #     self.inputs.append(np.maximum(self.inputs[-1] @ W + b, 0))
        # return self.inputs[-1] @ self.W[-1] + self.b[-1]
        ### END STUB

    def step(self, X, y, lr):
        """One step of gradient descent on the mean cross-entropy of a batch; changes W and b.

        Parameters
        ----------
        X, y : ndarrays of shape (n, d) and (n,)
            The batch and its classes. They are not modified.
        lr : float
            Learning rate.

        Returns
        -------
        float
            The loss before the step.
        """
        ### BEGIN SOLUTION
        scores = self.forward(X)
        log_p = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
        d = (np.exp(log_p) - np.eye(scores.shape[1])[y]) / len(y)
        for k in reversed(range(len(self.W))):
            dW, db = self.inputs[k].T @ d, d.sum(axis=0)
            d = d @ self.W[k].T * (self.inputs[k] > 0)
            self.W[k], self.b[k] = self.W[k] - lr * dW, self.b[k] - lr * db
        return -log_p[np.arange(len(y)), y].mean()
        ### END SOLUTION
        ### BEGIN STUB
        # scores = self.forward(X)
        # log_p = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
        # d = (np.exp(log_p) - np.eye(scores.shape[1])[y]) / len(y)
        # for k in reversed(range(len(self.W))):
        #     dW, db = self.inputs[k].T @ d, d.sum(axis=0)
        #     d = d @ self.W[k].T * (self.inputs[k] > 0)
        #     self.W[k], self.b[k] = self.W[k] - lr * dW, self.b[k] - lr * db
        # return -log_p[np.arange(len(y)), y].mean()
        ### END STUB


# %% given="run_2"
def run_2(hidden_layers=8, lr=0.05, epochs=6, seed=0):
    """Train on digits: the mean loss of each epoch, the network, and the last batch of 32."""
    X, y, _, _ = data.split(data.load("digits"))
    rng, losses = np.random.default_rng(seed), []
    net = DeepNet([64] + [64] * hidden_layers + [10], rng)
    for _ in range(epochs):
        order, found = rng.permutation(len(X)), []
        for start in range(0, len(X) - 31, 32):
            batch = order[start : start + 32]
            found.append(net.step(X[batch], y[batch], lr))
        losses.append(float(np.mean(found)))
    return losses, net, (X[batch], y[batch])


def log_run_2(seed=0):
    """The losses by depth, and how much the scores of different examples differ after training."""
    losses, spread = {}, {}
    for depth in (1, 8):
        losses[depth], net, (X, _) = run_2(depth, seed=seed)
        spread[depth] = float(net.forward(X).std(axis=0).mean())
    return losses, spread


def draw_run_2():
    """The curves of run 2 for two depths, and their log."""
    losses, spread = log_run_2()
    for depth, values in losses.items():
        name = f"{depth} hidden layer{'s' if depth > 1 else ''}, loss by epoch:"
        print(f"{name:32}", *(f"{value:.4f}" for value in values))
        print(f"  scores of 32 examples differ by {spread[depth]:.1e} (standard deviation, mean of the classes)")
    lines = {f"{depth} hidden": (np.arange(1, 7), values) for depth, values in losses.items()}
    lines["guessing"] = (np.array([1, 6]), np.full(2, np.log(10)))
    return plot.draw(
        plot.Panel("Run 2: rate 0.05, batches of 32", "epoch", "training loss", lines),
        alt="Training loss by epoch. "
        + " ".join(f"With {k} hidden layer(s) it goes from {v[0]:.2f} to {v[-1]:.2f}." for k, v in losses.items())
        + " A line shows the loss of guessing, 2.30.",
    )


# %% see="run_2"
if __name__ == "__main__":
    plot.see(draw_run_2)

# %% exercise="cause_2" points=4
# The letter of the cause of run 2, as text in quotation marks
### BEGIN SOLUTION
cause_2 = "f"
### END SOLUTION


# %% try="DeepNet"
def signal(layers):
    """Mean square of the scores of a network whose layers all have 200 units, for inputs of mean square 1."""
    rng = np.random.default_rng(5)
    scores = DeepNet([200] * (layers + 1), rng).forward(rng.standard_normal((50, 200)))
    return float(np.mean(scores**2))


def first_steps():
    """Losses of sixty steps of a network with twelve hidden layers on two examples."""
    net = DeepNet([4] + [60] * 12 + [2], np.random.default_rng(3))
    return [net.step(np.eye(4)[:2], np.array([0, 1]), 0.01) for _ in range(60)]


def between(low, value, high):
    """Whether a mean square of scores lies between two bounds, or what it is."""
    return low < value < high or f"the mean square of the scores is {value:.2g}, that of the inputs is 1"


def learnt(losses):
    """Whether the loss has halved, or from where to where it went."""
    return losses[-1] < 0.5 * losses[0] or f"the loss goes from {losses[0]:.4f} to {losses[-1]:.4f}"


check.report(
    "DeepNet",
    check.holds(
        "one layer keeps the size of a signal, up to the factor 2 that ReLU is going to take",
        lambda: between(1, signal(1), 4),
    ),
    check.holds("ten layers neither lose it nor blow it up", lambda: between(0.2, signal(10), 20)),
    check.holds("twelve hidden layers learn two examples", lambda: learnt(first_steps())),
    hint="What is the standard deviation of net.inputs in each layer, and by which factor does it change?",
    left="distribution of the weights, other sizes, forward and step with weights of our choice, what is modified",
)

# %% [markdown]
# ## Run 3: one network, many accuracies
#
# *"A network with batch normalisation and dropout, trained for eight epochs. I test it once, it is good. My colleague
# tests the very same network on the very same 450 digits, sorted by class, one by one, as they come from the scanner,
# and it is bad. Then I test it again, and it is bad for me too. Do we have a random number somewhere?"*
#
# Nothing is trained between these tests:
#
# ```text
# test 1  shuffled, all at once            accuracy 0.956
# test 2  shuffled, all at once, again     accuracy 0.956
# test 3  sorted by class, one by one      accuracy 0.409
# test 4  shuffled, all at once            accuracy 0.862
# test 5  shuffled, batches of 45          accuracy 0.922
# test 6  sorted by class, batches of 45   accuracy 0.951
# ```


# %% exercise="HiddenBlock" points=14 hint="Note every attribute before and after a test. Which of them may differ?"
# covers: 1.9 BatchNorm running statistics; 1.9 inverted dropout
class HiddenBlock:
    """What stands between two dense layers: batch normalisation (hw07), ReLU, inverted dropout (hw06).

    In training, x is normalised by mean and variance of the batch (divided by N, eps inside the root), scaled by gamma,
    shifted by beta, and goes through ReLU; then each number, on its own and anew in each call, is dropped with
    probability rate, and those that stay are divided by 1 - rate. Each training batch moves the running statistics
    once; new_weight is its weight. In evaluation the running statistics normalise, nothing is dropped, and an example's
    output depends on itself only: not on its neighbours, and not on what was evaluated before.

    Parameters
    ----------
    width : int
        Number of units.
    rate : float
        Share that is dropped, from 0 to below 1.
    rng : np.random.Generator
        Draws what is dropped.
    new_weight : float
        Weight of a new batch in the running statistics.
    eps : float
        Added to a variance, inside the root.

    Attributes
    ----------
    gamma, beta : ndarrays of shape (width,)
        Scale and shift, 1 and 0 at first. What stands there is used.
    running_mean, running_var : ndarrays of shape (width,)
        0 and 1 at first. They belong to training.
    dgamma, dbeta : ndarrays of shape (width,)
        Gradients, there after backward.

    Examples
    --------
    >>> block = HiddenBlock(1, 0.0, np.random.default_rng(0))
    >>> block.forward(np.array([[3.0], [7.0]]), training=True).round(3).ravel()
    array([0., 1.])
    >>> block.running_mean, block.running_var
    (array([0.5]), array([1.3]))
    """

    def __init__(self, width, rate, rng, new_weight=0.1, eps=1e-5):
        ### BEGIN SOLUTION
        self.gamma, self.beta = np.ones(width), np.zeros(width)
        self.running_mean, self.running_var = np.zeros(width), np.ones(width)
        self.rate, self.rng, self.new_weight, self.eps = rate, rng, new_weight, eps
        ### END SOLUTION
        ### BEGIN STUB
        # self.gamma, self.beta = np.ones(width), np.zeros(width)
        # self.running_mean, self.running_var = np.zeros(width), np.ones(width)
        # self.rate, self.rng, self.new_weight, self.eps = rate, rng, new_weight, eps
        ### END STUB

    def forward(self, x, training):
        """Output for x.

        Parameters
        ----------
        x : ndarray of shape (n, width)
            What the dense layer below gives. It is not modified.
        training : bool
            Training or evaluation.

        Returns
        -------
        ndarray of shape (n, width)
            The output.
        """
        ### BEGIN SOLUTION
        mean, var = self.running_mean, self.running_var
        if training:
            mean, var = x.mean(axis=0), x.var(axis=0)
            self.running_mean = self.running_mean + self.new_weight * (mean - self.running_mean)
            self.running_var = self.running_var + self.new_weight * (var - self.running_var)
        self.root = np.sqrt(var + self.eps)
        self.x_hat = (x - mean) / self.root
        z = self.gamma * self.x_hat + self.beta
        self.gate = (z > 0).astype(float)
        if training:
            self.gate *= (self.rng.random(z.shape) >= self.rate) / (1 - self.rate)
        return z * self.gate
        ### END SOLUTION
        ### BEGIN STUB
        # mean, var = x.mean(axis=0), x.var(axis=0)
        # self.running_mean = self.running_mean + self.new_weight * (mean - self.running_mean)
        # self.running_var = self.running_var + self.new_weight * (var - self.running_var)
        # if not training:
        #     mean, var = self.running_mean, self.running_var
        # self.root = np.sqrt(var + self.eps)
        # self.x_hat = (x - mean) / self.root
        # z = self.gamma * self.x_hat + self.beta
        # self.gate = (z > 0).astype(float)
        # if training:
        #     self.gate *= (self.rng.random(z.shape) >= self.rate) / (1 - self.rate)
        # return z * self.gate
        ### END STUB

    def backward(self, dout):
        """Gradients for the call of forward just before, which was in training; sets dgamma and dbeta.

        Parameters
        ----------
        dout : ndarray of shape (n, width)
            Derivative of the loss with respect to the output. It is not modified.

        Returns
        -------
        ndarray of shape (n, width)
            Derivative with respect to x.
        """
        ### BEGIN SOLUTION
        d = dout * self.gate
        self.dgamma, self.dbeta = (d * self.x_hat).sum(axis=0), d.sum(axis=0)
        d = d * self.gamma
        return (d - d.mean(axis=0) - self.x_hat * (d * self.x_hat).mean(axis=0)) / self.root
        ### END SOLUTION
        ### BEGIN STUB
        # d = dout * self.gate
        # self.dgamma, self.dbeta = (d * self.x_hat).sum(axis=0), d.sum(axis=0)
        # d = d * self.gamma
        # return (d - d.mean(axis=0) - self.x_hat * (d * self.x_hat).mean(axis=0)) / self.root
        ### END STUB


# %% given="run_3"
def run_3(epochs=8, seed=0, lr=0.1):
    """Train 64-64-10 with a HiddenBlock on digits; the function that gives scores in evaluation, and the last loss."""
    X, y, _, _ = data.split(data.load("digits"))
    rng, losses = np.random.default_rng(seed), []
    W1, W2, b2 = rng.normal(0, np.sqrt(2 / 64), (64, 64)), rng.normal(0, np.sqrt(1 / 64), (64, 10)), np.zeros(10)
    block = HiddenBlock(64, 0.2, rng)
    for _ in range(epochs):
        order = rng.permutation(len(X))
        losses = []
        for start in range(0, len(X) - 31, 32):
            batch = order[start : start + 32]
            hidden = block.forward(X[batch] @ W1, training=True)
            scores = hidden @ W2 + b2
            log_p = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
            losses.append(-log_p[np.arange(32), y[batch]].mean())
            d = (np.exp(log_p) - np.eye(10)[y[batch]]) / 32
            d_x = block.backward(d @ W2.T)
            W1, W2, b2 = W1 - lr * X[batch].T @ d_x, W2 - lr * hidden.T @ d, b2 - lr * d.sum(axis=0)
            block.gamma, block.beta = block.gamma - lr * block.dgamma, block.beta - lr * block.dbeta
    return lambda X: block.forward(X @ W1, training=False) @ W2 + b2, float(np.mean(losses))


TESTS = (
    ("shuffled, all at once", 0, 450),
    ("shuffled, all at once, again", 0, 450),
    ("sorted by class, one by one", 1, 1),
    ("shuffled, all at once", 0, 450),
    ("shuffled, batches of 45", 0, 45),
    ("sorted by class, batches of 45", 1, 45),
)


def log_run_3(seed=0):
    """Which of the test digits are read correctly in each of the tests, in the order in which they were shown."""
    _, _, X, y = data.split(data.load("digits"))
    scores, _ = run_3(seed=seed)
    orders, hits = (np.arange(450), np.argsort(y, kind="stable")), []
    for _, kind, size in TESTS:
        batches = np.split(orders[kind], 450 // size)
        hits.append(np.concatenate([scores(X[batch]).argmax(axis=1) == y[batch] for batch in batches]))
    return hits


def draw_run_3():
    """Accuracy by tenth of the test set in three of the tests, and the log of all."""
    hits = log_run_3()
    for n, ((name, _, _), hit) in enumerate(zip(TESTS, hits, strict=True), start=1):
        print(f"test {n}  {name:32} accuracy {hit.mean():.3f}")
    tenths = {f"test {n}: {TESTS[n - 1][0]}": hits[n - 1].reshape(10, 45).mean(axis=1) for n in (1, 3, 4)}
    tenths["guessing"] = np.full(10, 0.1)
    return plot.draw(
        plot.Panel(
            "Run 3: how a test goes on",
            "tenth of the test set",
            "accuracy",
            {name: (np.arange(1, 11), values) for name, values in tenths.items()},
        ),
        alt="Accuracy in each tenth of the test set, as it is shown. "
        + " ".join(f"{k}: between {v.min():.2f} and {v.max():.2f}." for k, v in tenths.items()),
    )


# %% see="run_3"
if __name__ == "__main__":
    plot.see(draw_run_3)

# %% exercise="cause_3" points=4
# The letter of the cause of run 3, as text in quotation marks
### BEGIN SOLUTION
cause_3 = "j"
### END SOLUTION


# %% try="HiddenBlock"
def shown(*batches):
    """Outputs for the last of some batches, shown in evaluation one after the other."""
    block = HiddenBlock(2, 0.5, np.random.default_rng(1), new_weight=0.5, eps=0.5)
    block.forward(np.array([[0.0, 2.0], [4.0, 8.0]]), training=True)
    return [block.forward(np.array(batch), training=False) for batch in batches][-1]


digit, other = [[4.0, 8.0]], [[90.0, -70.0]]
check.report(
    "HiddenBlock",
    check.equal("one example in evaluation", lambda: shown(digit), np.array([[3 / 3**0.5, 5.5 / 5.5**0.5]])),
    check.equal(
        "the same beside another one",
        lambda: shown(digit + other)[:1],
        np.array([[3 / 3**0.5, 5.5 / 5.5**0.5]]),
    ),
    check.equal("and after another one", lambda: shown(other, digit), np.array([[3 / 3**0.5, 5.5 / 5.5**0.5]])),
    hint="What in the block depends on the batch that is evaluated, and for how long?",
    left="longer histories, training and its running statistics, dropout, gradients, what is modified",
)

# %% [markdown]
# ## Run 4: too good to be true
#
# *"Only 160 labelled digits, so I make nine noisy copies of each. I know that copies of one image must not be torn
# apart, so I split by images, 120 for training and 40 for validation. After 20 epochs every row of the validation part
# is read correctly. Of the 450 test digits it is only 91 of 100. Are those so much harder?"*
#
# Loss and accuracy after training:
#
# ```text
# training    loss 0.014   accuracy 1.000
# validation  loss 0.037   accuracy 1.000
# test        loss 0.295   accuracy 0.909
# ```


# %% exercise="prepare" points=14 hint="Use images that you can tell apart. What lands where?"
# covers: 1.8 data augmentation and what can go wrong; 1.1 training, development and test data
def prepare(X, y, copies, augment, rng):
    """Enlarge a small data set by changed copies, and split it into a training and a validation part.

    Validation has to tell how well digits are read that nobody has trained with, in whatever version. So an image and
    its copies stay together, all of them in the training part or all in the validation part.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        The images, n >= 4, of any memory layout. They are not modified.
    y : ndarray of shape (n,)
        Their labels. They are not modified.
    copies : int
        How many changed copies are made of each image, 0 or more.
    augment : callable
        augment(X) returns changed copies of some images, one of each, in their order; new ones in each call.
    rng : np.random.Generator
        Chooses the images for validation; each is as likely as any other, and so is each set of them. Nothing else is
        random here.

    Returns
    -------
    X_train, y_train : ndarrays of shapes (n_train, d) and (n_train,)
        The images that are left, as they came, and their copies; in any order, each with its label.
    X_val, y_val : ndarrays of shapes (n_val, d) and (n_val,)
        The same for a quarter of the images, rounded down.

    Examples
    --------
    >>> X, y = np.arange(8.0).reshape(8, 1), np.arange(8)
    >>> X_train, _, X_val, _ = prepare(X, y, 2, lambda X: X + 0.5, np.random.default_rng(0))
    >>> X_train.shape, X_val.shape
    ((18, 1), (6, 1))
    """
    ### BEGIN SOLUTION
    pool = np.concatenate([X, *(augment(X) for _ in range(copies))])
    labels = np.tile(y, copies + 1)
    image = np.arange(len(pool)) % len(X)
    held_out = rng.choice(len(X), len(X) // 4, replace=False)
    val = np.isin(image, held_out)
    return pool[~val], labels[~val], pool[val], labels[val]
    ### END SOLUTION
    ### BEGIN STUB
    # pool = np.concatenate([X, *(augment(X) for _ in range(copies))])
    # labels = np.tile(y, copies + 1)
    # image = np.arange(len(pool)) // (copies + 1)
    # held_out = rng.choice(len(X), len(X) // 4, replace=False)
    # val = np.isin(image, held_out)
    # return pool[~val], labels[~val], pool[val], labels[val]
    ### END STUB


# %% given="run_4"
def run_4(epochs=20, seed=3, lr=0.3, n=160, copies=9):
    """Train 64-64-10 on few digits: loss and accuracy of the three parts by epoch, as an array (epochs, 3, 2)."""
    X, y, X_test, y_test = data.split(data.load("digits"))
    rng = np.random.default_rng(seed)
    rows = rng.choice(len(X), n, replace=False)
    X, y, X_val, y_val = prepare(X[rows], y[rows], copies, lambda X: X + rng.normal(0, 0.15, X.shape), rng)
    params = {"W1": rng.normal(0, np.sqrt(2 / 64), (64, 64)), "b1": np.zeros(64)}
    params |= {"W2": rng.normal(0, np.sqrt(1 / 64), (64, 10)), "b2": np.zeros(10)}
    found = []
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), 32):
            batch = order[start : start + 32]
            grads = loss_and_gradients(params, X[batch], y[batch])[1]
            params = {name: params[name] - lr * grads[name] for name in params}
        parts = ((X, y), (X_val, y_val), (X_test, y_test))
        found.append([loss_and_gradients(params, *part)[::2] for part in parts])
    return np.array(found)


def loss_and_gradients(params, X, y):
    """Mean cross-entropy of a 64-64-10 network, its gradients, and the accuracy."""
    hidden = np.maximum(X @ params["W1"] + params["b1"], 0)
    scores = hidden @ params["W2"] + params["b2"]
    log_p = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
    d_scores = (np.exp(log_p) - np.eye(10)[y]) / len(y)
    d_hidden = d_scores @ params["W2"].T * (hidden > 0)
    grads = {"W1": X.T @ d_hidden, "b1": d_hidden.sum(axis=0), "W2": hidden.T @ d_scores, "b2": d_scores.sum(axis=0)}
    return -log_p[np.arange(len(y)), y].mean(), grads, np.mean(scores.argmax(axis=1) == y)


def draw_run_4():
    """The losses of the three parts by epoch, and the log."""
    found, names = run_4(), ("training", "validation", "test")
    for name, (loss, accuracy) in zip(names, found[-1], strict=True):
        print(f"{name:11} loss {loss:.3f}   accuracy {accuracy:.3f}")
    lines = {name: (np.arange(1, len(found) + 1), found[:, k, 0]) for k, name in enumerate(names)}
    return plot.draw(
        plot.Panel("Run 4: 160 digits and nine copies of each", "epoch", "loss", lines, log="y"),
        alt="Loss by epoch, on a logarithmic axis. "
        + " ".join(f"{name} ends at {found[-1, k, 0]:.2f}." for k, name in enumerate(names)),
    )


# %% see="run_4"
if __name__ == "__main__":
    plot.see(draw_run_4)

# %% exercise="cause_4" points=4
# The letter of the cause of run 4, as text in quotation marks
### BEGIN SOLUTION
cause_4 = "l"
### END SOLUTION


# %% try="prepare"
def torn(n, copies):
    """How many of n images have versions in both parts; the images are 0, 10, 20 ..., their copies a little more."""
    X = 10.0 * np.arange(n)[:, None]
    X_train, _, X_val, _ = prepare(X, np.arange(n), copies, lambda X: X + 1, np.random.default_rng(2))
    return len(set((X_train // 10).ravel()) & set((X_val // 10).ravel()))


def sizes(n, copies):
    """Numbers of rows in the training and in the validation part."""
    parts = prepare(np.ones((n, 2)), np.zeros(n), copies, lambda X: X + 1, np.random.default_rng(2))
    return len(parts[0]), len(parts[2])


check.report(
    "prepare",
    check.equal("sizes for 10 images with 2 copies of each", lambda: sizes(10, 2), (24, 6)),
    check.equal("without copies nothing can be torn", lambda: torn(12, 0), 0),
    check.equal("one copy of each of 12 images: how many are torn", lambda: torn(12, 1), 0),
    check.equal("four copies of each of 40: how many are torn", lambda: torn(40, 4), 0),
    hint="Print the images of the rows of the pool, and beside them what the code takes them for.",
    left="labels, which versions are there, the part of chance, arrays of every kind, what is modified",
)

# %% [markdown]
# ## Run 5: the best epoch is lost
#
# *"In 300 labels, three of ten are wrong, so the network must not learn them by heart. I stop early. The log shows
# the best validation loss long before the end. But the network that comes back is far from it."*
#
# Validation loss:
#
# ```text
# epoch   1  2.193
# epoch   5  1.312
# epoch   9  0.749
# epoch  13  0.580
# epoch  17  0.543
# epoch  21  0.590
# epoch  25  0.678
# epoch  29  0.680
# epoch  33  0.682
# stopped after epoch 35 at 0.689; lowest 0.524 in epoch 15
# the network that came back: 0.689, accuracy on test digits 0.849
# ```


# %% exercise="train_with_patience" points=14 hint="Look into best after every epoch. When should it change?"
# covers: 1.9 early stopping; 1.6 Adam
def train_with_patience(params, gradients, validate, lr, patience, most):
    """Train by Adam, stop when validation no longer improves, and return the best parameters.

    Adam is that of hw04, with beta1 = 0.9, beta2 = 0.999 and eps = 1e-7. Every epoch is one step, and then one look at
    the validation loss. The run stops once patience epochs in a row have brought no new lowest loss, or after most
    epochs. NaN never is the lowest.

    Parameters
    ----------
    params : dict of str to ndarray
        The parameters that the first step starts from. Neither the dict nor its arrays are modified.
    gradients : callable
        gradients(params) returns the dict of gradients.
    validate : callable
        validate(params) returns the validation loss, a float.
    lr : float
        Learning rate.
    patience : int
        How many epochs in a row may go by without a new lowest loss before the run stops, at least 1.
    most : int
        How many epochs there are at most, at least 1.

    Returns
    -------
    best : dict of str to ndarray
        The parameters of the epoch with the lowest loss, the earliest of several; where there is none, those that the
        run started from.
    losses : list of float
        The validation loss of each epoch.

    Examples
    --------
    Five steps of 0.1 from 0; the loss is lowest at 0.3.

    >>> start, down = {"w": np.zeros(1)}, lambda params: {"w": -np.ones(1)}
    >>> best, losses = train_with_patience(start, down, lambda params: abs(params["w"][0] - 0.3), 0.1, 2, 99)
    >>> np.round(losses, 2).tolist()
    [0.2, 0.1, 0.0, 0.1, 0.2]
    """
    ### BEGIN SOLUTION
    params = {name: np.array(value, dtype=float) for name, value in params.items()}
    s = {name: np.zeros_like(value) for name, value in params.items()}
    r = {name: np.zeros_like(value) for name, value in params.items()}
    best = {name: value.copy() for name, value in params.items()}
    lowest, waited, losses = np.inf, 0, []
    for t in range(1, most + 1):
        for name, g in gradients(params).items():
            s[name] += 0.1 * (g - s[name])
            r[name] += 0.001 * (g**2 - r[name])
            s_hat, r_hat = s[name] / (1 - 0.9**t), r[name] / (1 - 0.999**t)
            params[name] -= lr * s_hat / (np.sqrt(r_hat) + 1e-7)
        losses.append(float(validate(params)))
        waited += 1
        if losses[-1] < lowest:
            lowest, waited = losses[-1], 0
            best = {name: value.copy() for name, value in params.items()}
        if waited == patience:
            break
    return best, losses
    ### END SOLUTION
    ### BEGIN STUB
    # params = {name: np.array(value, dtype=float) for name, value in params.items()}
    # s = {name: np.zeros_like(value) for name, value in params.items()}
    # r = {name: np.zeros_like(value) for name, value in params.items()}
    # best = params.copy()
    # lowest, waited, losses = np.inf, 0, []
    # for t in range(1, most + 1):
    #     for name, g in gradients(params).items():
    #         s[name] += 0.1 * (g - s[name])
    #         r[name] += 0.001 * (g**2 - r[name])
    #         s_hat, r_hat = s[name] / (1 - 0.9**t), r[name] / (1 - 0.999**t)
    #         params[name] -= lr * s_hat / (np.sqrt(r_hat) + 1e-7)
    #     losses.append(float(validate(params)))
    #     waited += 1
    #     if losses[-1] < lowest:
    #         lowest, waited = losses[-1], 0
    #         best = params.copy()
    #     if waited == patience:
    #         break
    # return best, losses
    ### END STUB


# %% given="run_5"
def run_5(seed=3, patience=20):
    """Train on 300 digits with wrong labels among them: the losses, and what comes back evaluated again."""
    X, y, X_test, y_test = data.split(data.load("digits"))
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(X))
    train, val = order[:300], order[300:600]
    labels = np.where(rng.random(300) < 0.3, rng.integers(0, 10, 300), y[train])
    params = {"W1": rng.normal(0, np.sqrt(2 / 64), (64, 64)), "b1": np.zeros(64)}
    params |= {"W2": rng.normal(0, np.sqrt(1 / 64), (64, 10)), "b2": np.zeros(10)}
    best, losses = train_with_patience(
        params,
        lambda params: loss_and_gradients(params, X[train], labels)[1],
        lambda params: loss_and_gradients(params, X[val], y[val])[0],
        0.02,
        patience,
        100,
    )
    again = loss_and_gradients(best, X[val], y[val])[0]
    return losses, again, loss_and_gradients(best, X_test, y_test)[2]


def draw_run_5():
    """The validation loss by epoch, that of the network which came back, and the log."""
    losses, again, accuracy = run_5()
    lowest = int(np.argmin(losses))
    for n in range(0, len(losses), 4):
        print(f"epoch {n + 1:3}  {losses[n]:.3f}")
    print(f"stopped after epoch {len(losses)} at {losses[-1]:.3f}; lowest {losses[lowest]:.3f} in epoch {lowest + 1}")
    print(f"the network that came back: {again:.3f}, accuracy on test digits {accuracy:.3f}")
    epochs = np.arange(1, len(losses) + 1)
    lines = {"by epoch": (epochs, losses), "the network that came back": (epochs, np.full(len(losses), again))}
    return plot.draw(
        plot.Panel("Run 5: 300 digits, wrong labels among them", "epoch", "validation loss", lines),
        alt=f"The validation loss falls to {losses[lowest]:.2f} in epoch {lowest + 1} and is {losses[-1]:.2f} when the "
        f"run stops. A line shows the loss of the network that came back, {again:.2f}.",
    )


# %% see="run_5"
if __name__ == "__main__":
    plot.see(draw_run_5)

# %% exercise="cause_5" points=4
# The letter of the cause of run 5, as text in quotation marks
### BEGIN SOLUTION
cause_5 = "n"
### END SOLUTION


# %% try="train_with_patience"
def came_back(target, most):
    """Where a walk from 0 in steps of 0.1 ends, and after how many epochs; its loss is least at target."""
    best, losses = train_with_patience(
        {"w": np.zeros(1)},
        lambda params: {"w": -np.ones(1)},
        lambda params: (params["w"][0] - target) ** 2,
        0.1,
        2,
        most,
    )
    return float(np.round(best["w"][0], 4)), len(losses)


check.report(
    "train_with_patience",
    check.equal("the best is the last epoch", lambda: came_back(0.5, 5), (0.5, 5)),
    check.equal("the best is the third of five", lambda: came_back(0.3, 9), (0.3, 5)),
    check.equal("the best is the first of three", lambda: came_back(0.1, 9), (0.1, 3)),
    hint="What was in best right after the best epoch, and what is in it at the end?",
    left="several arrays, losses of every kind, runs that get better again, Adam on other gradients, what is modified",
)

# %% [markdown]
# ## What to expect
#
# As mean ± standard deviation of 20 seeds:
#
# | run | figure | as handed out | mended |
# |---|---|---|---|
# | 1 | batches of 128, loss of epoch 8 | 2.30 ± 0.02 (rate 0.02) | 0.26 ± 0.02 (rate 0.4) |
# | 2 | eight layers, loss of epoch 6 | 2.303 ± 0.000 | 0.24 ± 0.07 |
# | 3 | accuracy in tests 1, 3 and 4 | 0.96, 0.39 and 0.85, each ± 0.01 | 0.96 ± 0.01 in all tests |
# | 4 | loss on validation and on test | 0.03 ± 0.01 and 0.31 ± 0.06 | 0.43 ± 0.17 and 0.36 ± 0.07 |
# | 5 | validation loss of what came back | 0.76 ± 0.10 | 0.61 ± 0.08, the lowest |
#
# Note run 3: sorted digits have other tenths than shuffled ones, so the curve of test 3 keeps a shape of its own; it is
# the mean that has to agree. Note run 4: mended, the loss on validation is higher. The low one was too good to be true.

# %% [markdown] written="how_found" points=10
# ## In your own words: how did you find it?
#
# For each of the five runs, two or three lines:
#
# 1. *Evidence.* Which number of the log or which part of the curve spoke for your cause, and which other suspect of
#    the list did it rule out, and why?
# 2. *Prevention.* One check, a line or two of code or a sentence that says exactly what to compare with what, that
#    would have found the fault on the first day.
#
# ### BEGIN SOLUTION
# 1. Same rate, same data, and it depends on the batch size alone: 8 and 32 learn, 128 does not. That rules out (b) a
#    rate that is too high whatever the batch size. *Check:* the step on a batch equals the step on the same batch
#    given twice; or the gradient against central differences of the loss.
# 2. The loss is that of guessing, 2.303, from the first epoch on and at every rate, and the scores of different
#    examples do not differ any more (1e-9): the input does not arrive. Too large weights (g) would give a huge first
#    loss, labels shuffled apart (a) would hit the network with one hidden layer too. *Check:* the standard deviation
#    of the activations of each layer of a new network lies between 0.1 and 10.
# 3. Tests 1 and 4 differ, though nothing was trained between them, and 1 and 2 do not: what lies between changed the
#    network. Dropout (h) would have made 1 and 2 differ; (i) would give the same in 4 as in 1. *Check:* the running
#    statistics are the same before and after an evaluation.
# 4. Validation is nearly as good as training and far better than test, whose digits come from the same source. Chance
#    in a small validation part (k) hardly ever makes a true accuracy of 0.91 look like 1.00: of 40 images 0.91**40 =
#    0.02, and that for all the copies too. *Check:* no image has versions on both sides; or a validation loss compared
#    with an untouched test part.
# 5. The best loss in the log and that of what came back are not the same, while the latter is exactly that of the last
#    epoch. So the right epoch was found, and stopping too early (o) is ruled out: the minimum lies far back. *Check:*
#    validate(best) equals min(losses).
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# *Two points for each run:* 1 evidence: a number or a feature of the curve that fits the cause named, and one suspect
# that it rules out, with the reason (half without a suspect or without a reason; nothing for reading the code alone);
# 1 prevention: a check that would fail on the code as handed out and passes once it is mended (half if it is meant
# but not exact, such as "test the gradient"; nothing for "look more closely"). A wrong cause with evidence that really
# speaks for it earns the half point for evidence.
# ### END MARK SCHEME

# %% [markdown] diary="diary"
# ## Error diary
#
# The last page. Look through the diaries of all topics: which of your own mistakes were of the kind of these five?
#
# | exercise | what I wrote | what gave it away | how I will notice it |
# |---|---|---|---|
# | | | | |

# %% [markdown]
# ## References
#
# * A. Karpathy, *A recipe for training neural networks*, 2019: become one with the data, and distrust what works at
#   once.
# * S. Kaufman, S. Rosset, C. Perlich and O. Stitelman, *Leakage in data mining: formulation, detection, and avoidance*,
#   ACM TKDD 2012.
# * D. Sculley and others, *Hidden technical debt in machine learning systems*, NeurIPS 2015. Digits: see
#   `datasets/README.md`.
