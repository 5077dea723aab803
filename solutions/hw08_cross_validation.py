"""Cross-validation: splits, honest estimates of the error, choosing a hyper-parameter, stopping in time.

Out of scope: nested cross-validation, the bootstrap, grouped and time-ordered data, confidence intervals.
"""

# %% [markdown]
# # Cross-validation
#
# Every method of this course has numbers that no gradient finds: the penalty, the width, when to stop. They are chosen
# by trying, and a trial is worth only as much as the rows that judge it: *rows that the model has not seen*. That
# sounds easy. In this notebook you will get 93 % accuracy on labels that are coin tosses. In the end you can
#
# * split rows for training, validation and test, and say what each part may be used for;
# * find a leak by asking which rows each `fit` has seen;
# * choose a hyper-parameter by the one-standard-error rule, and stop a training run at its best.
#
# **You need** the penalty and the sample variance (hw01), minibatches (hw03), standardised features (hw05). **Time**
# about 5 hours. **Lecture** Mines Paris PSL session 1, *Training set vs test set*, *Optimize hyper-parameters by
# validation* and *Early stopping*; for the workflow, Poole and Mackworth, *Pragmatics of training neural networks*.
#
# | part | exercises and points |
# |---|---|
# | 1 Splits | `kfold_indices` 14, `stratified_kfold_indices` 9, `train_val_test_split` 6 |
# | | `catches_kfold` (write the test) 8 |
# | 2 An honest estimate | `cross_validate` 16, `mended_screening` (find the bug) 7 |
# | 3 Choosing | `select_hyperparameter` 12 |
# | 4 Stopping | `EarlyStopping` 10 |
# | 5 Milestone, 6 In your own words | `tune_and_test` 4, `name_the_leak` (marked by hand) 10 |
# | before each plot | a prediction: 1 for any answer, 4 in all |
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
# 1. *Sample variance* (hw01): what is the unbiased variance of 2, 4 and 9?
# 2. *Minibatches* (hw03): 103 examples in batches of 20, the short one included. How many steps has an epoch?
# 3. *L2 penalty* (hw01): $\lambda \sum W^2$ with $\lambda = 0.1$. What is its derivative where $W = 3$?

# %% recall="warm_up"
variance, steps, penalty_grad = None, None, None
quiz.recall(
    quiz.ask("1 variance", variance, "b0c4117e9c", "By what does one divide so that the estimate is right on average?"),
    quiz.ask("2 minibatches", steps, "b283a08333", "What happens to the last three?"),
    quiz.ask("3 penalty", penalty_grad, "db45ead984", "There is no 1/2 in front of this penalty."),
)

# %% [markdown]
# ## 1 Splits
#
# The rows on which a model was fitted cannot judge it: a model that memorises them would be perfect. So the data are
# cut in three. *Training* rows are fitted. *Validation* rows (the lectures also say *development* rows) choose between
# models. *Test* rows are used once, at the very end, for the number that you report: whoever chooses by them has fitted
# them, too. $k$-fold *cross-validation* makes better use of few rows: cut them into $k$ parts, let each part validate
# once while all others train, and average the $k$ errors.

# %% [markdown] conventions="cross_validation"
# covers: 1.1 training, development and test data
# ### Conventions: what is graded
#
# Rows are numbered from 0 to $n-1$. A *fold* is a pair `(train, val)` of one-dimensional arrays of row numbers, in any
# order. All that is random is drawn from `rng`: the same state of it gives the same rows again, and NumPy's global
# random state is left alone.
#
# Whatever is learnt from data, be it weights, means or a choice of features, is learnt from the training rows of the
# fold alone. A row that is in no fold belongs to the test set: no model may see it.
#
# The score of fold $i$ is $s_i$ = `metric(y[val], prediction)`; lower is better. From the $k$ scores of a candidate
# come their mean and its standard error,
#
# $$\bar s = \frac1k \sum_{i=1}^{k} s_i , \qquad
# \text{se} = \frac{1}{\sqrt k}\,\sqrt{\frac{1}{k-1}\sum_{i=1}^{k} (s_i - \bar s)^2} .$$
#
# Candidates are listed simplest first. The *one-standard-error rule* looks up the smallest mean and its standard error,
# and chooses the first candidate whose mean is at most the sum of these two.
#
# **Precision.** Compute in float64, NumPy's default: scores, means and standard errors may be off by a relative
# $10^{-9}$, and by $10^{-4}$ where `X` comes in float32. Rows are right or wrong.
#
# | elsewhere | what differs |
# |---|---|
# | Mines Paris session 1 | parts $S_1, S_2, S_3$, without a word about shuffling |
# | scikit-learn | *greater* is better, so errors get a minus sign; no shuffling unless asked for |
# | some textbooks | the mean over all rows, not over folds: the same only if the folds are equally large |
# | Keras | `patience` counts one less than ours: theirs of 0 and of 1 do the same |


# %% given="sets"
def sets(folds):
    """Folds as pairs of sorted lists, so that the order of the rows does not count."""
    return [(sorted(np.asarray(train).tolist()), sorted(np.asarray(val).tolist())) for train, val in folds]


def joined(parts):
    """All rows of some parts, sorted."""
    return sorted(row for part in parts for row in part)


# %% exercise="kfold_indices" points=14 hint="Cut one order of the rows into k pieces. NumPy has a function for that."
# covers: 1.9 k-fold cross-validation
def kfold_indices(n, k, rng=None):
    """Deal n rows out into k folds (Mines Paris session 1).

    Every row validates in exactly one fold. In each fold, all rows that do not validate train. The numbers of
    validation rows differ by at most 1 between folds; which folds are the larger ones is up to you.

    Parameters
    ----------
    n : int
        Number of rows.
    k : int
        Number of folds, from 2 to n.
    rng : np.random.Generator, optional
        Decides which rows validate together, and all ways to deal them out are equally likely. Without it, the
        validation rows are consecutive blocks: the first rows in the first fold, the last rows in the last.

    Returns
    -------
    list of k tuples (train, val)
        One-dimensional arrays of integers, or lists of them.

    Raises
    ------
    ValueError
        If k is less than 2 or greater than n.

    Examples
    --------
    >>> for train, val in kfold_indices(7, 3):
    ...     print(train, val)
    [3 4 5 6] [0 1 2]
    [0 1 2 5 6] [3 4]
    [0 1 2 3 4] [5 6]
    """
    ### BEGIN SOLUTION
    if not 2 <= k <= n:
        raise ValueError(f"{k} folds of {n} rows cannot be made")
    order = np.arange(n) if rng is None else rng.permutation(n)
    return [(np.setdiff1d(order, val), val) for val in np.array_split(order, k)]
    ### END SOLUTION


# %% try="kfold_indices"
def shuffled(n, k, seed=0):
    """Validation rows of shuffled folds."""
    return [val for _, val in sets(kfold_indices(n, k, np.random.default_rng(seed)))]


check.report(
    "kfold_indices",
    check.equal("6 rows, 3 folds, in order", lambda: sets(kfold_indices(6, 3))[1], ([0, 1, 4, 5], [2, 3])),
    check.equal("sizes for 10 rows, 3 folds", lambda: sorted(len(val) for val in shuffled(10, 3)), [3, 3, 4]),
    check.equal("each of 10 rows once", lambda: joined(shuffled(10, 3)), np.arange(10)),
    check.holds("another seed, other folds", lambda: shuffled(30, 3) != shuffled(30, 3, seed=1)),
    hint="How often does each row validate, and how often does it train?",
    left="which rows train, other n and k, what rng decides, impossible k",
)

# %% [markdown]
# ### Classes in equal shares
#
# With a rare class, a random fold may hold none of its rows. *Stratified* folds share out each class on its own.


# %% exercise="stratified_kfold_indices" points=9 hint="Lay the rows out class by class. Then deal them like cards."
# covers: 1.9 k-fold cross-validation
def stratified_kfold_indices(y, k, rng):
    """Deal rows out into k folds, each class in equal shares.

    Every row validates in exactly one fold and trains in all the others. For each class, the numbers of its validation
    rows differ by at most 1 between folds, also for a class with fewer rows than folds. Nothing else is balanced.

    Parameters
    ----------
    y : ndarray of shape (n,)
        The class of each row: integers or texts, with any gaps between the integers.
    k : int
        Number of folds, from 2 to n.
    rng : np.random.Generator
        Decides which rows of a class validate together; all ways to share them out are equally likely.

    Returns
    -------
    list of k tuples (train, val)
        One-dimensional arrays of integers, or lists of them.

    Raises
    ------
    ValueError
        If k is less than 2 or greater than n.

    Examples
    --------
    >>> y = np.array([0] * 6 + [1] * 3)
    >>> for _, val in stratified_kfold_indices(y, 3, np.random.default_rng(0)):
    ...     print(np.sort(y[val]))
    [0 0 1]
    [0 0 1]
    [0 0 1]
    """
    ### BEGIN SOLUTION
    if not 2 <= k <= len(y):
        raise ValueError(f"{k} folds of {len(y)} rows cannot be made")
    order = np.concatenate([rng.permutation(np.flatnonzero(y == label)) for label in np.unique(y)])
    return [(np.setdiff1d(order, order[i::k]), order[i::k]) for i in range(k)]
    ### END SOLUTION


# %% try="stratified_kfold_indices"
TEXTS = np.array(["no"] * 9 + ["yes"] * 4)


def dealt(seed=0):
    """Stratified folds of 9 times "no" and 4 times "yes"."""
    return sets(stratified_kfold_indices(TEXTS, 3, np.random.default_rng(seed)))


def yes_counts(seed):
    """How often "yes" is among the validation rows of each fold, sorted."""
    return sorted(int(sum(TEXTS[val] == "yes")) for _, val in dealt(seed))


check.report(
    "stratified_kfold_indices",
    check.equal("each row once", lambda: joined(val for _, val in dealt()), np.arange(13)),
    check.equal("4 'yes' in 3 folds", lambda: [yes_counts(seed) for seed in range(5)], [[1, 1, 2]] * 5),
    check.holds("no row on both sides", lambda: not any(set(train) & set(val) for train, val in dealt())),
    check.holds("another seed, other folds", lambda: dealt() != dealt(seed=1)),
    hint="How many rows of each class has each fold? And are the rows of one class shuffled?",
    left="which rows train, other classes, classes with a single row, impossible k",
)

# %% exercise="predict_sorted" points=1
# Predict first. The 178 wines are stored class by class: 59, 71 and 48 of them. A nearest-neighbour classifier is right
# in 93 % or more of them if the folds are shuffled. What does 3-fold cross-validation say *without* shuffling, on
# average over the folds? "a" about 93 %, too, "b" about 70 %, "c" about 25 %
### BEGIN SOLUTION
predict_sorted = "c"
### END SOLUTION


# %% see="sorted_wine"
def neighbour_accuracy(X, y, train, val):
    """Share of validation rows whose nearest training row, in standardised features, has their class."""
    mean, std = X[train].mean(axis=0), X[train].std(axis=0)
    gaps = ((X[val] - mean) / std)[:, None] - ((X[train] - mean) / std)[None]
    return float(np.mean(y[train][(gaps**2).sum(axis=2).argmin(axis=1)] == y[val]))


def draw_sorted_wine():
    """Accuracy of each fold: rows in order, shuffled, stratified."""
    wine = data.load("wine")
    kinds = {
        "in order": kfold_indices(178, 3),
        "shuffled": kfold_indices(178, 3, np.random.default_rng(0)),
        "stratified": stratified_kfold_indices(wine.y, 3, np.random.default_rng(0)),
    }
    fig, ax = plot.figure(height=3.4)
    for place, (kind, folds) in enumerate(kinds.items()):
        shares = [neighbour_accuracy(wine.X, wine.y, train, val) for train, val in folds]
        bars = ax.bar(place + np.array([-0.27, 0, 0.27]), shares, 0.24, color=plot.COLOURS[place], label=kind)
        ax.bar_label(bars, fmt="%.2f", padding=2)
    ax.set_xticks([0, 1, 2], list(kinds))
    ax.set_ylim(0, 1.12)
    title, x, y = "Wine, nearest neighbour, 3 folds", "how the rows are dealt out", "accuracy of each fold"
    plot.label(ax, title, x, y, legend=False)
    return plot.show(
        fig,
        "With the rows in order the folds have accuracies of 0.02, 0.58 and 0.15: each validates mostly a class that "
        "hardly any training row has. Shuffled or stratified, every fold is above 0.85.",
    )


if __name__ == "__main__":
    plot.see(draw_sorted_wine, predict_sorted)

# %% [markdown]
# It was "c". The first fold validates the first class, of which no row is left for training. Data are often sorted, by
# class, by day, by hospital: shuffle, unless the order is what you want to test.
#
# ### Three parts
#
# For a large data set one validation part is enough. Mind which part is which: they have different rights.


# %% exercise="train_val_test_split" points=6 hint="One permutation, cut in two places."
# covers: 1.1 training, development and test data
def train_val_test_split(n, val_share, test_share, rng):
    """Cut n rows at random into training, validation and test rows (Mines Paris session 1; NPFL138 lecture 2).

    Each row is in exactly one part. The validation part has n * val_share rows and the test part n * test_share, both
    rounded to the nearest whole number; the rest trains. All ways to choose the parts are equally likely.

    Parameters
    ----------
    n : int
        Number of rows.
    val_share, test_share : float
        Shares of all n rows.
    rng : np.random.Generator
        Decides which row goes where.

    Returns
    -------
    train, val, test : tuple of ndarrays
        One-dimensional arrays of integers, or lists of them.

    Raises
    ------
    ValueError
        If one of the three parts would have no row.

    Examples
    --------
    >>> train, val, test = train_val_test_split(11, 0.15, 0.3, np.random.default_rng(0))
    >>> len(train), len(val), len(test)
    (6, 2, 3)
    """
    ### BEGIN SOLUTION
    n_val, n_test = round(n * val_share), round(n * test_share)
    if min(n_val, n_test, n - n_val - n_test) < 1:
        raise ValueError("each part needs a row")
    val, test, train = np.split(rng.permutation(n), [n_val, n_val + n_test])
    return train, val, test
    ### END SOLUTION


# %% try="train_val_test_split"
def parts(seed=0):
    """Twenty rows, 15 % for validation and 30 % for the test."""
    return train_val_test_split(20, 0.15, 0.3, np.random.default_rng(seed))


check.report(
    "train_val_test_split",
    check.equal("sizes of train, val, test", lambda: [len(part) for part in parts()], [11, 3, 6]),
    check.equal("each of 20 rows once", lambda: sorted(np.concatenate(parts()).tolist()), np.arange(20)),
    check.holds("another seed, another split", lambda: set(parts()[2]) != set(parts(1)[2])),
    hint="Of which number are the shares, and in which order do the parts come back?",
    left="other sizes and shares, what rng decides, impossible shares",
)

# %% [markdown]
# ### Write the test that catches it
#
# A much copied helper takes `n // k` rows for every fold and forgets the remainder. Nothing crashes, and some rows
# never validate. Somebody hands you a `kfold_indices`: find out.


# %% exercise="catches_kfold" points=8 hint="Numbers that divide evenly, and a single call, hide a lot."
def catches_kfold(candidate):
    """Find out whether somebody's kfold_indices is wrong.

    Call it with numbers of your choice and look at the folds. A wrong one differs in one of these: a row validates in
    no fold or in several; validation rows train in the same fold, or rows are missing on both sides; there are too few
    folds, or their sizes differ by more than 1; rng is ignored, or replaced by something that is not rng. Blocks in
    order and impossible k need no test.

    Parameters
    ----------
    candidate : callable
        candidate(n, k, rng) returns k pairs (train, val) of arrays, as kfold_indices does.

    Returns
    -------
    bool
        True if the candidate is wrong or raises, False if it is right. In right ones the rows stand in any order, and
        any folds may be the larger ones. Each wrong one caught earns its share; accusing right ones takes points away.

    Examples
    --------
    >>> catches_kfold(kfold_indices)
    False
    """
    ### BEGIN SOLUTION
    for n, k in ((30, 4), (23, 5), (40, 2)):
        try:
            first, same, other = (sets(candidate(n, k, np.random.default_rng(seed))) for seed in (1, 1, 2))
        except Exception:
            return True
        sizes, rows = [len(val) for _, val in first], list(range(n))
        if len(sizes) != k or max(sizes) - min(sizes) > 1 or joined(val for _, val in first) != rows:
            return True
        if any(sorted(train + val) != rows for train, val in first) or first != same or first == other:
            return True
    return False
    ### END SOLUTION


# %% try="catches_kfold"
def forgetful(n, k, rng):
    """Folds of n // k rows; the remainder never validates."""
    order, size = rng.permutation(n), n // k
    pieces = [order[i * size : (i + 1) * size] for i in range(k)]
    return [(np.setdiff1d(order, val), val) for val in pieces]


def greedy(n, k, rng):
    """All rows train in every fold."""
    return [(np.arange(n), val) for _, val in kfold_indices(n, k, rng)]


check.report(
    "catches_kfold",
    check.equal("your own is let through", lambda: bool(catches_kfold(kfold_indices)), False),
    check.equal("a forgotten remainder is caught", lambda: bool(catches_kfold(forgetful)), True),
    check.equal("training on the validation rows is caught", lambda: bool(catches_kfold(greedy)), True),
    hint="Count, for each row, in how many folds it validates and in how many it trains.",
    left="candidates with the other faults of the list, and right ones written otherwise",
)

# %% [markdown]
# ## 2 An honest estimate
#
# A model, here, is an object with `fit(X, y)` and `predict(X)`. `Ridge` is least squares with the penalty
# $\lambda \sum w^2$, without one for the intercept. `Standardised` wraps a model and standardises its features *inside*
# `fit`: the means it uses are those of the rows it was fitted on. Remember that pattern.


# %% given="models"
class Ridge:
    """Linear least squares with penalty lam * sum(w**2)."""

    def __init__(self, lam):
        self.lam = lam

    def fit(self, X, y):
        self.x_mean, self.y_mean = X.mean(axis=0), y.mean()
        A = X - self.x_mean
        self.w = np.linalg.solve(A.T @ A + self.lam * np.eye(A.shape[1]), A.T @ (y - self.y_mean))
        return self

    def predict(self, X):
        return self.y_mean + (X - self.x_mean) @ self.w


class Standardised:
    """A model on features that are standardised with the statistics of the rows that it is fitted on."""

    def __init__(self, model):
        self.model = model

    def fit(self, X, y):
        self.mean, std = X.mean(axis=0), X.std(axis=0)
        self.std = np.where(std == 0, 1, std)
        self.model.fit((X - self.mean) / self.std, y)
        return self

    def predict(self, X):
        return self.model.predict((X - self.mean) / self.std)


def mse(y_true, y_pred):
    """Mean squared error."""
    return float(np.mean((y_true - y_pred) ** 2))


# %% [markdown]
# Scores cannot show a leak: standardise the wines *before* the split, which is wrong, and the accuracy changes by a
# thousandth. So look at the rows themselves. `Spy` is a model that notes which rows it is fitted on and which it is to
# predict; a row's number stands in its first feature. It predicts the mean of *all* targets that it has ever seen. Your
# functions are graded by such spies.


# %% given="spy"
class Spy:
    """Notes the rows that it sees, and predicts the mean of all targets it was ever fitted on."""

    def __init__(self, log):
        self.log, self.targets = log, []

    def fit(self, X, y):
        self.log.append(("fit", sorted(int(number) for number in X[:, 0])))
        self.targets += list(y)
        return self

    def predict(self, X):
        self.log.append(("predict", sorted(int(number) for number in X[:, 0])))
        return np.full(len(X), np.mean(self.targets))


class Scripted:
    """Predicts scores[0] in the first of the two folds below, and scores[1] in the second."""

    def __init__(self, scores):
        self.scores = scores

    def fit(self, X, y):
        return self

    def predict(self, X):
        return np.full(len(X), self.scores[int(X[0, 0] in (2, 3))])


def spied(use):
    """What spies note while they are used."""
    log = []
    use(lambda *_: Spy(log))
    return log


ROWS, TARGETS = np.column_stack([np.arange(7.0), np.ones(7)]), np.array([0.0, 1, 2, 3, 10, 20, 60])
TWO_FOLDS = [(np.array([2, 3]), np.array([0, 1, 4])), (np.array([0, 1, 4]), np.array([2, 3]))]  # rows 5, 6: the test


# %% exercise="cross_validate" points=16 hint="What has to happen anew in every fold? All of it belongs in the loop."
# covers: 1.9 k-fold cross-validation
def cross_validate(make_model, X, y, folds, metric):
    """The score of each fold (Mines Paris session 1).

    Each fold has a model of its own: make_model is called once per fold, the model is fitted once, on the training
    rows, and predicts the validation rows and nothing else. Preprocessing is the model's business: X is passed on as
    it is, row by row.

    Parameters
    ----------
    make_model : callable
        make_model() returns a new model with fit(X, y) and predict(X).
    X : ndarray of shape (n, d)
        One row per example, in any memory layout. It is not modified.
    y : ndarray of shape (n,)
        The targets: fractions, or integers as for classes. It is not modified.
    folds : list of k tuples (train, val)
        Arrays of row numbers in any order. Rows that are in no fold are the test set.
    metric : callable
        metric(y_true, y_pred) returns a number.

    Returns
    -------
    ndarray of shape (k,)
        The scores, in the order of the folds.

    Examples
    --------
    The targets of the training rows have the mean 2.5, those of the validation rows are 0, 1 and 10:

    >>> cross_validate(lambda: Spy([]), ROWS, TARGETS, TWO_FOLDS[:1], mse)
    array([21.58333333])
    """
    ### BEGIN SOLUTION
    scores = []
    for train, val in folds:
        model = make_model()
        model.fit(X[train], y[train])
        scores.append(metric(y[val], model.predict(X[val])))
    return np.array(scores, dtype=float)
    ### END SOLUTION


# %% try="cross_validate"
check.report(
    "cross_validate",
    check.equal(
        "which rows the spies see",
        lambda: sorted(spied(lambda spy: cross_validate(spy, ROWS, TARGETS, TWO_FOLDS, mse))),
        [("fit", [0, 1, 4]), ("fit", [2, 3]), ("predict", [0, 1, 4]), ("predict", [2, 3])],
    ),
    check.equal(
        "the scores of two folds",
        lambda: cross_validate(lambda: Spy([]), ROWS, TARGETS, TWO_FOLDS, mse),
        np.array([21.583333, 1.6111111]),
    ),
    hint="Are the rows right and the second score wrong? Then ask what the second model remembers.",
    left="unlike metrics, other models, whether X and y are as before",
)

# %% [markdown]
# ### Find the bug
#
# A function that is right does not make its use right. With 2,000 genes and 60 patients one first keeps the genes that
# go best with the diagnosis, standardises them, and cross-validates; papers have been published on that. Below it is
# done as in those papers. Ask of each line: *which rows has it seen?* There are two leaks. Mend both.


# %% exercise="mended_screening" points=7 uses="cross_validate" hint="Could a model do all three things inside its fit?"
def mended_screening(X, y, folds, choose, make_model, metric):
    """Cross-validate: choose features, standardise them, fit a model; as given out, it leaks twice.

    Once mended, features are chosen and means and standard deviations (ddof 0) are computed from the training rows of
    each fold, and the validation rows are cut and scaled with what was learnt there.

    Parameters
    ----------
    X : ndarray of shape (n, d)
        Features, none of them constant. It is not modified.
    y : ndarray of shape (n,)
        Targets: fractions, or integers as for classes.
    folds : list of k tuples (train, val)
        As for cross_validate.
    choose : callable
        choose(X, y) returns the numbers of the columns to keep.
    make_model : callable
        make_model() returns a new model with fit(X, y) and predict(X); each fold has its own.
    metric : callable
        metric(y_true, y_pred) returns a number.

    Returns
    -------
    ndarray of shape (k,)
        The scores, in the order of the folds.

    Examples
    --------
    >>> X = np.array([[0.0, 5], [1, 3], [2, 4], [3, 9]])
    >>> folds = [(np.array([0, 1, 3]), np.array([2])), (np.array([0, 2, 3]), np.array([1]))]
    >>> mended_screening(X, 2 * X[:, 0], folds, lambda X, y: [0], lambda: Ridge(0), mse).round(6)
    array([0., 0.])
    """
    ### BEGIN SOLUTION

    class Screened:
        def fit(self, X, y):
            self.columns = choose(X, y)
            kept = X[:, self.columns]
            self.mean, self.std = kept.mean(axis=0), kept.std(axis=0)
            self.model = make_model()
            self.model.fit((kept - self.mean) / self.std, y)

        def predict(self, X):
            return self.model.predict((X[:, self.columns] - self.mean) / self.std)

    return cross_validate(Screened, X, y, folds, metric)
    ### END SOLUTION
    ### BEGIN STUB
    # kept = X[:, choose(X, y)]
    # kept = (kept - kept.mean(axis=0)) / kept.std(axis=0)
    # return cross_validate(make_model, kept, y, folds, metric)
    ### END STUB


# %% try="mended_screening"
def screened():
    """The targets by which columns are chosen, and the scores."""

    def choose(X, y):
        log.append(sorted(np.asarray(y).tolist()))
        return np.array([0])

    log, X = [], np.column_stack([ROWS[:, 0], ROWS[::-1, 0]])
    scores = mended_screening(X, TARGETS, TWO_FOLDS, choose, lambda: Ridge(1.0), mse)
    return sorted(log), scores


check.report(
    "mended_screening",
    check.equal("targets by which columns are chosen", lambda: screened()[0], [[0, 1, 10], [2, 3]]),
    check.equal("the scores", lambda: screened()[1], np.array([14.398148, 8.0783202])),
    hint="Are the columns chosen from the right rows? Then look at the means: of which rows are they?",
    left="other data and models, whether X is as before",
)

# %% exercise="predict_leak" points=1
# Predict first. 60 rows, 2,000 features, all noise; the labels are 30 heads and 30 tails, shuffled. The 20 features
# that go best with the labels are chosen *before* the split. Which accuracy does 5-fold cross-validation report? "a"
# about 50 %, "b" about 65 %, "c" more than 90 %
### BEGIN SOLUTION
predict_leak = "c"
### END SOLUTION


# %% see="leak"
class Centroids:
    """Predicts the class, 0 or 1, whose mean is nearer."""

    def fit(self, X, y):
        self.means = [X[y == label].mean(axis=0) for label in (0, 1)]
        return self

    def predict(self, X):
        near = [((X - mean) ** 2).sum(axis=1) for mean in self.means]
        return (near[1] < near[0]).astype(int)


def strongest(X, y, top=20):
    """Numbers of the columns that are most correlated with y."""
    A = X - X.mean(axis=0)
    return np.argsort(-np.abs(A.T @ (y - y.mean())) / np.sqrt((A**2).sum(axis=0)))[:top]


def accuracy(y_true, y_pred):
    """Share of right answers."""
    return float(np.mean(y_true == y_pred))


def draw_leak(times=20):
    """Accuracy on coin tosses, features chosen before the split and inside the folds."""
    leaky, honest = [], []
    for seed in range(times):
        rng = np.random.default_rng(seed)
        X, y = rng.normal(size=(60, 2000)), rng.permutation(np.repeat([0, 1], 30))
        folds = kfold_indices(60, 5, rng)
        leaky.append(np.mean(cross_validate(Centroids, X[:, strongest(X, y)], y, folds, accuracy)))
        honest.append(np.mean(mended_screening(X, y, folds, strongest, Centroids, accuracy)))
    fig, ax = plot.figure(height=3.4)
    for k, (name, shares) in enumerate((("chosen before the split", leaky), ("chosen inside the folds", honest))):
        name = f"{name}: {np.mean(shares):.2f} ± {np.std(shares, ddof=1):.2f}"
        ax.plot(np.arange(1, times + 1), shares, plot.MARKERS[k], color=plot.COLOURS[k], label=name)
    ax.axhline(0.5, color="#777777", linewidth=1)
    ax.set_ylim(0.2, 1.02)
    ax.set_xticks(range(1, times + 1, 3))
    plot.label(ax, "20 of 2,000 noise features, labels are coin tosses", "data set", "accuracy of 5 folds")
    ax.legend(loc="center", bbox_to_anchor=(0.5, 0.69), edgecolor="none", framealpha=0.85)
    return plot.show(
        fig,
        "On twenty data sets of pure noise, the accuracy with features chosen before the split is between 0.87 and "
        "0.97. With features chosen inside the folds it scatters around 0.5.",
    )


if __name__ == "__main__":
    plot.see(draw_leak, predict_leak)

# %% [markdown]
# It was "c". Among 2,000 random features some go with the labels of *all* 60 rows by chance, and the validation rows
# are among the 60. Choosing was the fit; what came after it was a formality.
#
# ## 3 Choosing
#
# Now use the scores to choose, say, $\lambda$. Each candidate has $k$ scores, and means that differ less than they
# scatter should not decide. How much does a mean of $k$ scores scatter?
#
# **Worked: the variance of the mean.** Let the scores be uncorrelated, with mean $\mu$ and variance $\sigma^2$. Then
#
# $$\operatorname{Var}(\bar s) = \frac{1}{k^2}\operatorname{Var}\Bigl(\sum_i s_i\Bigr)
# = \frac{1}{k^2}\sum_i \operatorname{Var}(s_i) = \frac{\sigma^2}{k} ,$$
#
# so the mean scatters by $\sigma/\sqrt k$.
#
# **With blanks: what is $\sigma^2$?** It has to come from the scores. Around their own mean they scatter too little:
#
# $$\mathbb{E}\sum_i (s_i-\bar s)^2 = \mathbb{E}\sum_i (s_i-\mu)^2 - \mathbb{E}\bigl[k\,(\bar s-\mu)^2\bigr]
# = A\,\sigma^2 - B\,\sigma^2 = C\,\sigma^2 .$$

# %% recall="spread_of_scores"
A = None  # an expression as text, such as "2k"
B = None
C = None

quiz.recall(
    quiz.ask("A", A, "cf31ad881f", "How many terms has the sum, and what is the mean of each?"),
    quiz.ask("B", B, "3beab0dfa5", "The line above has the mean of (s - mu)**2 for the mean score."),
    quiz.ask("C", C, "86939128ca 4d8279e6a8", "What is left?"),
)

# %% [markdown]
# Divide by $C$ and take the root of both: that is the standard error of the conventions box. It is a rule of thumb, for
# any two training parts share most of their rows, so the scores are *not* uncorrelated.
#
# **Alone.** The candidate with the smallest mean has had luck: it was chosen *because* its mean is small. The
# one-standard-error rule goes back from it to the simplest candidate that is not clearly worse.


# %% exercise="select_hyperparameter" points=12 uses="cross_validate" hint="Scores first, one row per candidate."
# covers: 1.9 tuning workflow
def select_hyperparameter(candidates, make_model, X, y, folds, metric):
    """Choose a hyper-parameter by cross-validation and the one-standard-error rule of the conventions box.

    All candidates are judged on the same folds. Rows that are in no fold are not used.

    Parameters
    ----------
    candidates : list
        The values to choose from, of any type, simplest first.
    make_model : callable
        make_model(candidate) returns a new model with fit(X, y) and predict(X).
    X : ndarray of shape (n, d)
        One row per example.
    y : ndarray of shape (n,)
        The targets.
    folds : list of k tuples (train, val)
        Arrays of row numbers, k >= 2.
    metric : callable
        metric(y_true, y_pred) returns a number; lower is better.

    Returns
    -------
    best : object
        The chosen candidate itself. If several have the same smallest mean, look at the standard error of the first.
    table : ndarray of shape (m, 2)
        For each of the m candidates the mean of its scores and their standard error.

    Examples
    --------
    Both scores of "c" are lower than those of "b", but not by a standard error:

    >>> scores = {"a": [9.0, 9.0], "b": [2.0, 4.0], "c": [1.0, 3.5]}
    >>> best, table = select_hyperparameter(list(scores), lambda name: Scripted(scores[name]), ROWS, TARGETS, TWO_FOLDS,
    ...     lambda y_true, y_pred: y_pred[0])
    >>> print(best, table.tolist())
    b [[9.0, 0.0], [3.0, 1.0], [2.25, 1.25]]
    """
    ### BEGIN SOLUTION
    scores = [cross_validate(lambda c=c: make_model(c), X, y, folds, metric) for c in candidates]
    mean, se = np.mean(scores, axis=1), np.std(scores, axis=1, ddof=1) / np.sqrt(len(folds))
    lowest = np.argmin(mean)
    first = np.argmax(mean <= mean[lowest] + se[lowest])
    return candidates[first], np.column_stack([mean, se])
    ### END SOLUTION


# %% try="select_hyperparameter"
def chosen(**scores):
    """Choose among candidates with these scores in the two folds."""
    return select_hyperparameter(
        list(scores), lambda name: Scripted(scores[name]), ROWS, TARGETS, TWO_FOLDS, lambda y_true, y_pred: y_pred[0]
    )


check.report(
    "select_hyperparameter",
    check.equal("means and standard errors", lambda: chosen(a=[1, 3], b=[2, 8])[1], np.array([[2.0, 1.0], [5.0, 3.0]])),
    check.equal("a clear case", lambda: chosen(a=[7, 7], b=[1, 2], c=[7, 9])[0], "b"),
    check.equal("within one standard error", lambda: chosen(a=[9, 9], b=[3, 3], c=[1, 4], d=[0, 4])[0], "b"),
    check.equal("equals", lambda: chosen(a=[5, 5], b=[3, 3], c=[3, 3])[0], "b"),
    check.holds(
        "rows 5 and 6 are left alone",
        lambda: all(
            max(rows) < 5
            for _, rows in spied(lambda spy: select_hyperparameter([1, 2], spy, ROWS, TARGETS, TWO_FOLDS, mse))
        ),
    ),
    hint="Whose standard error counts? From where does the rule go, and in which direction?",
    left="other tables, more folds, real models",
)

# %% exercise="predict_rule" points=1
# Predict first. Ridge on diabetes, 5 folds, ten values of lam. Everything is repeated with 20 other cuts into folds and
# test rows. "a" the lam with the smallest mean and the lam of the rule both stay about where they are, "b" the smallest
# mean jumps between 0 and 30 and the rule says the same every time, "c" it is the other way round
### BEGIN SOLUTION
predict_rule = "b"
### END SOLUTION


# %% see="rule"
LAMS = [3000.0, 1000.0, 300.0, 100.0, 30.0, 10.0, 3.0, 1.0, 0.1, 0.0]  # simplest first: a large penalty


def diabetes_study(seed):
    """The choice of lam by the rule, and the table, on 330 rows of diabetes; 112 are left for the test."""
    diabetes = data.load("diabetes")
    dev = np.random.default_rng(seed).permutation(442)[112:]
    folds = [(dev[train], dev[val]) for train, val in kfold_indices(330, 5)]
    return select_hyperparameter(LAMS, lambda lam: Standardised(Ridge(lam)), diabetes.X, diabetes.y, folds, mse)


def draw_rule(times=20):
    """Left, means with their standard errors; right, both choices for 20 cuts."""
    best, table = diabetes_study(0)
    fig, (left, right) = plot.figure(2, width=10.5)
    places, lowest = np.arange(len(LAMS)), int(table[:, 0].argmin())
    left.errorbar(places, table[:, 0], table[:, 1], capsize=4, **plot.style(0, marker=True))
    left.axhline(table[lowest].sum(), color="#000000", linestyle="--", label="smallest mean + its standard error")
    look = {"color": plot.COLOURS[4], "markersize": 13, "markerfacecolor": "none", "markeredgewidth": 2.5}
    left.plot(LAMS.index(best), table[LAMS.index(best), 0], "s", label="the rule", **look)
    plot.label(left, "Ridge on diabetes, 5 folds", "lam (simple to the left)", "validation MSE")
    for seed in range(times):
        best, table = (best, table) if seed == 0 else diabetes_study(seed)
        for k, choice in enumerate((int(table[:, 0].argmin()), LAMS.index(best))):
            name = ("smallest mean", "the rule")[k] if seed == 0 else None
            right.plot(choice, seed + 1, ("o", "s")[k], color=plot.COLOURS[(0, 4)[k]], label=name)
    plot.label(right, "Both choices for 20 cuts", "lam", "number of the cut")
    right.legend(loc="center", bbox_to_anchor=(7.1, 7.3), bbox_transform=right.transData, edgecolor="none")
    right.set_xlim(left.get_xlim())
    right.set_yticks([1, 5, 10, 15, 20])
    for ax in (left, right):
        ax.set_xticks(places, [f"{lam:g}" for lam in LAMS])
    return plot.show(
        fig,
        "Left: the mean error falls from 5000 at lam = 3000 to 3100 at lam = 100 and is flat from there on, far within "
        "the standard errors of about 120. Right: over 20 cuts the smallest mean is anywhere between lam = 30 and 0; "
        "the rule chooses 100 every time.",
    )


if __name__ == "__main__":
    plot.see(draw_rule, predict_rule)

# %% [markdown]
# It was "b". On the flat part of the curve the smallest mean is decided by chance. A result that another cut of the
# same data would overturn is no result; the rule does not claim one.
#
# ## 4 Stopping
#
# The number of epochs is a hyper-parameter, too, and a cheap one: a single run visits all its values. Poole and
# Mackworth: if the validation error no longer improves while training goes on, the model is fitting noise. The Paris
# session says: stop learning "as soon as the validation_error stops decreasing". But a validation curve jitters. So
# wait a little, and keep a *copy* of the best parameters, for the run has gone on from there.


# %% exercise="EarlyStopping" points=10 hint="Three things to remember: the best value, its parameters, how long ago."
# covers: 1.9 early stopping
class EarlyStopping:
    """Tells when to stop a training run, and keeps the best parameters (Mines Paris session 1).

    A value improves if it is lower than the best one so far by more than min_delta. The best one so far is the value of
    the last improvement; the first finite value is one. So a tie is no improvement and keeps the earlier parameters,
    and NaN never is one. Each run has an object of its own; runs at the same time have nothing to do with each other.

    Parameters
    ----------
    patience : int
        How many updates in a row may bring no improvement. The next one that brings none stops the run; patience 0
        stops at the first.
    min_delta : float
        Smaller improvements do not count, at least 0.

    Attributes
    ----------
    best_params : dict of str to ndarray, or None
        Copies of the parameters of the last improvement: changing the arrays that were passed in does not change them.
        None before the first improvement.

    Examples
    --------
    >>> stopping = EarlyStopping(patience=1, min_delta=0.0)
    >>> for epoch, val in enumerate([5.0, 3.0, 4.0, 2.0, 2.0, 2.5]):
    ...     print(stopping.update(val, {"w": np.array([epoch])}), end=" ")
    False False False False False True
    >>> stopping.best_params
    {'w': array([3])}
    """

    def __init__(self, patience, min_delta):
        ### BEGIN SOLUTION
        self.patience, self.min_delta = patience, min_delta
        self.best, self.best_params, self.waited = np.inf, None, 0
        ### END SOLUTION

    def update(self, val, params):
        """Take note of an epoch.

        Parameters
        ----------
        val : float
            The validation error after the epoch, lower is better; may be NaN.
        params : dict of str to ndarray
            The parameters after the epoch. The run may go on changing these very arrays.

        Returns
        -------
        bool
            Whether to stop now.
        """
        ### BEGIN SOLUTION
        self.waited += 1
        if val < self.best - self.min_delta:
            self.best, self.waited = val, 0
            self.best_params = {name: np.array(value) for name, value in params.items()}
        return self.waited > self.patience
        ### END SOLUTION


# %% try="EarlyStopping"
def stops(values, patience, min_delta=0.0):
    """Number of the value at which the run is stopped, and of the one whose parameters are kept."""
    stopping, stopped = EarlyStopping(patience, min_delta), "never"
    for n, val in enumerate(values):
        if stopping.update(val, {"w": np.array([float(n)])}):
            stopped = n
            break
    return stopped, float(stopping.best_params["w"][0])


def kept_copy():
    """The parameters kept while the run changes its arrays in place."""
    stopping, w = EarlyStopping(3, 0.0), np.zeros(2)
    stopping.update(1.0, {"w": w})
    w += 7
    return stopping.best_params["w"]


check.report(
    "EarlyStopping",
    check.equal("patience 0: stops at number 2, keeps 1", lambda: stops([5, 3, 4, 1], 0), (2, 1.0)),
    check.equal("patience 2: stops at number 6, keeps 3", lambda: stops([5, 6, 4, 3, 3, 4, 5], 2), (6, 3.0)),
    check.equal("NaN", lambda: stops([5, np.nan, 4, np.nan, 5], 1), (4, 2.0)),
    check.equal("kept while w goes on", kept_copy, np.zeros(2)),
    hint="After an improvement, how long has it been? And is what you keep a copy?",
    left="min_delta, longer runs, several at once",
)

# %% exercise="predict_patience" points=1
# Predict first. A model with 400 weights is fitted to 60 rows by minibatch steps; 100 rows validate. With patience 0
# the run stops "a" close to its best epoch, "b" well before it, "c" well after it
### BEGIN SOLUTION
predict_patience = "b"
### END SOLUTION


# %% see="patience"
PATIENCES = (0, 1, 3, 10, 30)


def training_run(seed, epochs=60):
    """Errors by epoch of a model on 400 random ReLU features, and for each patience (epoch kept, its error)."""
    diabetes, rng = data.load("diabetes"), np.random.default_rng(seed)
    rows = rng.permutation(442)[:160]
    train, val = rows[:60], rows[60:]
    Z = (diabetes.X - diabetes.X[train].mean(axis=0)) / diabetes.X[train].std(axis=0)
    y = (diabetes.y - diabetes.y[train].mean()) / diabetes.y[train].std()
    features = np.maximum(Z @ rng.normal(size=(10, 400)) / 10**0.5 + rng.uniform(-1, 1, 400), 0) / 10
    w, errors, running, kept = np.zeros(400), [], {patience: EarlyStopping(patience, 0.0) for patience in PATIENCES}, {}
    for epoch in range(epochs):
        for batch in np.split(rng.permutation(train), 15):
            w -= 0.1 * features[batch].T @ (features[batch] @ w - y[batch]) / len(batch)
        errors.append([mse(y[rows], features[rows] @ w) for rows in (train, val)])
        for patience in list(running):
            stop = running[patience].update(errors[-1][1], {"w": w, "epoch": np.array(epoch)})
            if stop or epoch == epochs - 1:
                best = running.pop(patience).best_params
                kept[patience] = int(best["epoch"]), mse(y[val], features[val] @ best["w"])
    return np.array(errors), kept


def draw_patience(shown=2, times=12):
    """Left, one run and what is kept; right, the price of each patience over several runs."""
    fig, (left, right) = plot.figure(2, width=10.5)
    runs = [training_run(seed) for seed in range(times)]
    errors, kept = runs[shown]
    epochs = np.arange(1, len(errors) + 1)
    for k, name in enumerate(("training", "validation")):
        left.plot(epochs, errors[:, k], label=name, **plot.style(k))
    for k, patience in enumerate((0, 10)):
        epoch, error = kept[patience]
        name = f"kept with patience {patience}"
        left.plot(epoch + 1, error, plot.MARKERS[k], color="#000000", markersize=9, label=name)
    plot.label(left, "One run", "epoch", "squared error")
    excess = np.array([[kept[patience][1] - errors[:, 1].min() for patience in PATIENCES] for errors, kept in runs])
    for row in excess:
        right.plot(np.arange(5), row, ".", color="#999999")
    right.plot(np.arange(5), excess.mean(axis=0), label=f"mean of {times} runs", **plot.style(0, marker=True))
    right.set_xticks(np.arange(5), PATIENCES)
    plot.label(right, "Kept error above the best of the run", "patience", "validation error above the smallest")
    return plot.show(
        fig,
        "Left: the training error keeps falling. The validation error falls with jumps, is smallest around epoch 17 "
        "and rises again. Patience 0 keeps one of the first epochs, patience 10 the best one. Right: over twelve runs, "
        "patience 0 keeps errors up to 0.15 above the smallest; with patience 10 or more hardly any is lost.",
    )


if __name__ == "__main__":
    plot.see(draw_patience, predict_patience)

# %% [markdown]
# It was "b": the first jitter ends the run, sometimes cheaply, sometimes not. Patience costs a few more epochs, but no
# quality, as the *best* parameters are kept. With a missing copy you would be handed the *last* ones, and no error.

# %% recall="slides"
slide_patience = None  # "Stop as soon as the validation_error stops decreasing": which patience is that?
largest_third = None  # S1, S2, S3 of 178 rows: how many rows has the largest?
quiz.recall(
    quiz.ask("patience of the slide", slide_patience, "c40a503ab2", "How many updates without improvement pass?"),
    quiz.ask("largest third", largest_third, "c3b109cdea", "178 is not divisible by 3."),
)

# %% [markdown]
# ## 5 Milestone: a whole study
#
# Put everything together, on diabetes: 330 rows for development and 112 for the test. Mind that `kfold_indices` numbers
# the rows from 0 to 329, whereas the development rows have other numbers in `X`.


# %% exercise="tune_and_test" points=4 uses="kfold_indices,select_hyperparameter" hint="Which rows of X are the folds?"
# covers: 1.9 tuning workflow
def tune_and_test(candidates, make_model, X, y, dev, test, k, metric):
    """Choose on the development rows, fit the choice to all of them, and test it once (NPFL138 lecture 2).

    The folds are those of kfold_indices(len(dev), k), without rng: dev is in random order already, and the validation
    rows of the first fold are the first rows of dev. The model that is tested is a new one, fitted on all development
    rows. No model but that one sees test rows, and only to predict them.

    Parameters
    ----------
    candidates : list
        Values of a hyper-parameter, simplest first.
    make_model : callable
        make_model(candidate) returns a new model with fit(X, y) and predict(X).
    X, y : ndarrays of shape (n, d) and (n,)
        All rows.
    dev, test : ndarrays of int
        Numbers of the rows for development and for the test.
    k : int
        Number of folds.
    metric : callable
        metric(y_true, y_pred) returns a number; lower is better.

    Returns
    -------
    best, table, test_error : object, ndarray of shape (m, 2), float
        The choice and the table of select_hyperparameter, and the metric on the test rows.

    Examples
    --------
    >>> X = np.arange(12.0).reshape(12, 1)
    >>> dev, test = np.array([7, 0, 4, 10, 2, 9]), np.array([1, 11])
    >>> best, table, error = tune_and_test([100.0, 0.0], Ridge, X, 3 * X[:, 0], dev, test, 3, mse)
    >>> best, round(error, 6)
    (0.0, 0.0)
    """
    ### BEGIN SOLUTION
    folds = [(dev[train], dev[val]) for train, val in kfold_indices(len(dev), k)]
    best, table = select_hyperparameter(candidates, make_model, X, y, folds, metric)
    model = make_model(best)
    model.fit(X[dev], y[dev])
    return best, table, metric(y[test], model.predict(X[test]))
    ### END SOLUTION


# %% try="tune_and_test"
def study(make_model):
    """Four rows for development, in two folds, and two for the test."""
    return tune_and_test([1, 2], make_model, ROWS, TARGETS, np.array([6, 2, 0, 4]), np.array([1, 5]), 2, mse)


check.report(
    "tune_and_test",
    check.equal(
        "the rows of the last two calls",
        lambda: spied(study)[-2:],
        [("fit", [0, 2, 4, 6]), ("predict", [1, 5])],
    ),
    check.equal("the first rows that are fitted", lambda: spied(study)[0], ("fit", [0, 4])),
    check.equal("means", lambda: study(lambda _: Spy([]))[1][:, 0], np.array([1109.0, 1109.0])),
    check.equal("test error", lambda: study(lambda _: Spy([]))[2], 146.5),
    hint="Are the folds translated to rows of dev? And is the tested model a new one?",
    left="other data and models, the choice, when the test rows are seen",
)


# %% see="diabetes"
def diabetes_errors(seed):
    """Of one cut: the lam chosen, its CV error, its test error, and the test error of the mean as a prediction."""
    diabetes = data.load("diabetes")
    test, dev = np.split(np.random.default_rng(seed).permutation(442), [112])
    parts = diabetes.X, diabetes.y, dev, test
    lam, table, error = tune_and_test(LAMS, lambda lam: Standardised(Ridge(lam)), *parts, 5, mse)
    return lam, table[LAMS.index(lam), 0], error, mse(diabetes.y[test], diabetes.y[dev].mean())


def draw_diabetes(times=20):
    """CV error and test error of the choice for each cut."""
    cuts = np.array([diabetes_errors(seed) for seed in range(times)])
    number = np.arange(1, times + 1)
    names = ("cross-validation of the choice", "test of the choice", "test of the mean as a prediction")
    lines = {f"{name}: {cuts[:, k].mean():.0f}": (number, cuts[:, k]) for k, name in enumerate(names, start=1)}
    return plot.draw(
        plot.Panel("Diabetes, ridge, 20 cuts", "number of the cut", "mean squared error", lines),
        alt="For each of twenty cuts: the cross-validated error stays near 3080, the test error scatters around it "
        "between 2500 and 3700, and predicting the mean is about twice as bad, around 6000.",
    )


if __name__ == "__main__":
    plot.see(draw_diabetes)

# %% [markdown]
# To expect, as mean ± standard deviation of 20 cuts (`./course milestone hw08_cross_validation`):
#
# | ridge on diabetes | mean squared error |
# |---|---|
# | cross-validation of the rule's choice, lam = 100 each time | 3084 ± 102 |
# | test of that choice | 3094 ± 303 |
# | test of the lam with the smallest mean, from 0 to 30 | 3073 ± 326 |
# | test of the mean of all targets as a prediction | 6018 ± 488 |
#
# The simpler model costs 0.8 ± 2.4 % here, and cross-validation promised what the test confirms. Make the last line
# your first: what does not beat it is broken (Poole and Mackworth). And if training rows are badly predicted, too, the
# model is too simple; if only validation rows are, it is too complex, or the data are too few.

# %% [markdown] written="name_the_leak" points=10
# ## 6 In your own words
#
# Four pipelines, each with a leak. For each say in two or three lines: which rows know what they should not know, in
# which direction the reported number errs, and how you would mend it.
#
# 1. *Scaled first.* A colleague standardises all 442 rows, splits them with `train_val_test_split`, trains on the first
#    part, chooses on the second and reports the third.
# 2. *Augmented first.* To get more data, each of 500 images is shifted in nine ways. The 5,000 images are shuffled and
#    cross-validated with 5 folds.
# 3. *Stopped on the test set.* A network is trained with `EarlyStopping`; `val` is the error on the test rows.
#    Reported is the test error of `best_params`.
# 4. *The best of fifty.* Fifty networks are cross-validated, the one with the smallest mean is chosen, and this
#    smallest mean is reported as the error to expect.
#
# Last: which of the four does the least harm, and why is it mended all the same?
#
# ### BEGIN SOLUTION
# 1. Means and standard deviations of all rows are used in training, so validation and test rows have had a say in the
#    features. Slightly too low an error. Fit the scaler on training rows and apply it to the other two parts.
# 2. Copies of one image are on both sides of the split: the model has nearly seen the validation rows. Far too low; a
#    model that memorises looks best. Split the 500 images first, and augment the training images of each fold only.
#    (Also mind labels that a transformation changes, such as 6 and 9.)
# 3. The test rows chose the epoch, so they are validation rows. Too low, the more so the more epochs there are to
#    choose from and the smaller the test set. Cut a validation part from the training rows; use the test rows once.
# 4. The smallest of fifty noisy means is small partly by luck: with labels that are coin tosses it would be clearly
#    better than chance. Too low. Report the error on rows that had no part in the choice, a test set.
#
# The first: a few numbers per feature, computed without looking at targets, change by little if some rows are added. It
# is mended because one cannot know beforehand that it is harmless (few rows, outliers, a choice of features in the same
# place), and because mending costs nothing.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# *Each of the four, 2 points:* 1 for naming the rows and what they leak into (for 2 it must be copies of one image on
# both sides; for 4 that the choice used the very scores that are reported); 1 for a mend that works (for 3 and 4 rows
# that take no part in any choice). Take off half a point where the direction (too optimistic) is missing or wrong.
# *Last question, 2 points:* 1 for the first pipeline with a reason (few statistics, no targets); 1 for a reason to mend
# it. "Leaks are always bad" alone earns nothing. Nothing for "use more data" or "use a larger k" as a mend.
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
# * T. Hastie, R. Tibshirani and J. Friedman, *The Elements of Statistical Learning*, 2nd edition, 2009, section 7.10
#   (the wrong way to cross-validate, and the one-standard-error rule).
# * Y. Bengio and Y. Grandvalet, *No unbiased estimator of the variance of k-fold cross-validation*, JMLR 5, 2004.
# * Mines Paris PSL, session 1 of the deep learning course. D. Poole and A. Mackworth, slides of *Artificial
#   Intelligence*, 3rd edition, 2023. M. Straka, NPFL138 lecture 2, 2024. Data: see `datasets/README.md`.
