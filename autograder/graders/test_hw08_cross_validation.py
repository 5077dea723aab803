"""Hidden tests of hw08: splits, cross-validation without leaks, the one-standard-error rule, early stopping.

Leaks are seen by models that note which rows they are given: a row is known by the number in one of its features, and
its other features must be as they were. What is random is tested by determinism, by dependence on the generator and by
its distribution: DRAWS repetitions, 20 shares in all within six standard errors. Each share counts with its exact
binomial law; the tails add up to 9.4e-8, so that a right answer fails in 1 of 10**7 submissions; `./course milestone
hw08_cross_validation` adds them up.
"""

from contextlib import ExitStack
from functools import wraps

import numpy as np
import pytest

from autograder.grading import (
    assert_matches,
    assert_shape,
    assert_unchanged,
    assert_within_z,
    check,
    expose,
    judge_catcher,
    raises,
    repeat,
    set_item,
    take,
)

DRAWS = 300


def listed(value, most, words):
    """The items of a list, a tuple or an array, or the first few that a generator of the student's yields."""
    if isinstance(value, np.ndarray | list | tuple):
        return list(value)
    check(not isinstance(value, str | bytes | int | float | complex | dict | None), words)
    return take(value, most)


def rows_of(value, n):
    """Row numbers as a sorted list, from an array, a list or a mask."""
    words = "row numbers were expected, and something else came back"
    if not isinstance(value, np.ndarray):
        value = listed(value, n + 1, words)
        check(all(isinstance(each, int | float | np.number | np.bool_) for each in value), words)
        value = np.array(value)
    check(value.dtype.kind in "biuf", words)
    if value.dtype.kind == "b" and value.shape == (n,):
        value = np.flatnonzero(value)
    numbers = np.ravel(value)
    check(np.isfinite(numbers).all() and (numbers == np.round(numbers)).all(), words)
    return sorted(int(number) for number in numbers)


def folds_of(value, n, k):
    """Folds as pairs of sorted lists; the student may have used other containers."""
    found = listed(value, k + 1, "no folds came back")
    check(len(found) == k, "the number of folds is not k")
    pairs = [listed(fold, 3, "a fold is not a pair (train, val)") for fold in found]
    check(all(len(pair) == 2 for pair in pairs), "a fold is not a pair (train, val)")
    return [(rows_of(train, n), rows_of(val, n)) for train, val in pairs]


def generator(rng):
    """A new generator, and a second one in the same state."""
    seed = int(rng.integers(2**32))
    return np.random.default_rng(seed), np.random.default_rng(seed)


def kfold(student, n, k, rng):
    return folds_of(student.kfold_indices(n, k, rng), n, k)


def stratified(student, y, k, rng):
    return folds_of(student.stratified_kfold_indices(y, k, rng), len(y), k)


def assert_each_validates_once(folds, n, words):
    counts = np.bincount([row for _, val in folds for row in val if 0 <= row < n], minlength=n)
    check((counts > 0).all(), f"{words}: some rows never validate")
    check(sum(len(val) for _, val in folds) == n, f"{words}: some rows validate more than once, or do not exist")


def assert_others_train(folds, n, words):
    for train, val in folds:
        rest = sorted(set(range(n)) - set(val))
        check(train == rest, f"{words}: the training rows of a fold are not all rows that do not validate in it")


OTHER_ROWS = "the same state of rng gives other rows the second time"


def assert_drawn_from_rng(student, rng, draw):
    """Same state, same rows; another state or the next draw, other rows; and nothing global is touched."""
    one, same = generator(rng)
    first = draw(one)
    check(not student.last.global_random, "NumPy's global random state was changed")  # seeded alike, it shows only here
    check(first == draw(same), OTHER_ROWS)
    # once may be chance, three times in a row is not
    check(any(draw(one) != first for _ in range(3)), "a second call with the same rng gives the same rows again")
    check(any(draw(generator(rng)[0]) != first for _ in range(3)), "another rng gives the same rows")


def assert_shares(hits, shares, words):
    """Each kind of event happens about as often as it should."""
    for count, share in zip(np.sum(hits, axis=0), shares, strict=True):
        assert_within_z(count / len(hits), share, np.sqrt(share * (1 - share)), len(hits), case=words)


def assert_whole(folds, n, words):
    """Each row validates once, and none trains in the same fold."""
    assert_each_validates_once(folds, n, words)
    check(not any(set(train) & set(val) for train, val in folds), f"{words}: a row trains and validates in one fold")


def cut(n, k):
    return f"{n} rows in {k} {'fold' if k == 1 else 'folds'}"


def together(parts, pairs):
    """For each pair of rows, whether one part holds both."""
    return [any(a in part and b in part for part in parts) for a, b in pairs]


# kfold_indices

# The first test of each kind of split: a global seed that is always the same shows only once.
SIZES = ((12, 3), (11, 4), (7, 6), (23, 5), (9, 2))


@pytest.mark.points(1.4, exercise="kfold_indices", spec="All that is random is drawn from `rng`")
def test_folds_are_drawn_from_rng(student, rng):
    """The folds depend on rng and on nothing else, and no global state is touched."""
    for n, k in ((40, 4), (50, 3)):
        assert_drawn_from_rng(student, rng, lambda one, n=n, k=k: kfold(student, n, k, one))


@pytest.mark.points(0.3, exercise="kfold_indices", spec="Every row validates in exactly one fold.")
def test_each_row_validates_in_exactly_one_fold(student, rng):
    """Each row validates in exactly one fold, also where k does not divide n."""
    for n, k in SIZES:
        assert_each_validates_once(kfold(student, n, k, generator(rng)[0]), n, f"{n} rows in {k} folds")


@pytest.mark.points(0.9, exercise="kfold_indices", spec="In each fold, all rows that do not validate train.")
def test_each_row_trains_in_all_folds_but_one(student, rng):
    """Each row trains in k - 1 of the k folds."""
    for n, k in SIZES:
        folds = kfold(student, n, k, generator(rng)[0])
        counts = np.bincount([row for train, _ in folds for row in train if 0 <= row < n], minlength=n)
        check((counts == k - 1).all(), f"{n} rows in {k} folds: some rows train in more or in fewer than {k - 1} folds")


@pytest.mark.points(0.2, exercise="kfold_indices", spec="In each fold, all rows that do not validate train.")
def test_no_row_trains_and_validates_in_the_same_fold(student, rng):
    """No row trains and validates in the same fold."""
    for n, k in SIZES:
        for train, val in kfold(student, n, k, generator(rng)[0]):
            check(train and val, f"{n} rows in {k} folds: a part is empty")
            check(not set(train) & set(val), f"{n} rows in {k} folds: a row trains and validates in the same fold")


@pytest.mark.points(0.9, exercise="kfold_indices", spec="In each fold, all rows that do not validate train.")
def test_all_rows_that_do_not_validate_train(student, rng):
    """In each fold, the training rows are all rows that do not validate."""
    for n, k in SIZES:
        assert_others_train(kfold(student, n, k, generator(rng)[0]), n, f"{n} rows in {k} folds")


@pytest.mark.points(1.4, exercise="kfold_indices", spec="validation rows differ by at most 1 between folds")
def test_folds_are_as_equal_as_possible(student, rng):
    """The numbers of validation rows differ by at most 1 between folds."""
    for n, k in (*SIZES, (19, 5), (29, 10)):
        sizes = [len(val) for _, val in kfold(student, n, k, generator(rng)[0])]
        check(set(sizes) <= {n // k, -(-n // k)}, f"{n} rows in {k} folds: the folds are of unlike sizes")


@pytest.mark.points(5.6, exercise="kfold_indices", spec="all ways to deal them out are equally likely")
def test_all_ways_to_deal_out_are_equally_likely(student, rng):
    """Over many draws from rng, any two rows validate together as often as any others, in folds that are whole."""
    (one, same), pairs, hits = generator(rng), ((0, 1), (0, 3), (0, 4), (0, 11), (5, 6)), []
    check(kfold(student, 23, 5, one) == kfold(student, 23, 5, same), OTHER_ROWS)
    assert_whole(kfold(student, 23, 5, one), 23, "23 rows in 5 folds")
    for folds in repeat(student.kfold_indices, DRAWS, 12, 3, one, most=4):
        folds = folds_of(folds, 12, 3)
        assert_whole(folds, 12, "12 rows in 3 folds")
        parts = [val for _, val in folds]
        hits.append([*together(parts, pairs), 0 in parts[0], 5 in parts[1], 11 in parts[2]])
    assert_shares(hits, [3 / 11] * 5 + [1 / 3] * 3, "12 rows in 3 folds")


@pytest.mark.points(1.4, exercise="kfold_indices", spec="validation rows are consecutive blocks")
def test_without_rng_the_folds_are_blocks(student):
    """Without rng, the validation rows are consecutive blocks from the first row to the last."""
    for n, k in ((12, 3), (10, 4), (5, 4)):
        folds = folds_of(student.kfold_indices(n, k), n, k)
        blocks = [row for _, val in folds for row in val]
        check(blocks == list(range(n)), f"{n} rows in {k} folds, no rng: the folds are not blocks in order")


@pytest.mark.points(0.3, exercise="kfold_indices", spec="One-dimensional arrays of integers, or lists of them.")
def test_folds_are_arrays_of_integers(student, rng):
    """Row numbers come as one-dimensional arrays, or lists, of integers."""
    assert_arrays_of_integers(student.kfold_indices(8, 3, generator(rng)[0]), 3)


def assert_arrays_of_integers(folds, k):
    for fold in listed(folds, k + 1, "no folds came back"):
        for part in listed(fold, 3, "a fold is not a pair (train, val)"):
            check(is_row_numbers(part), "row numbers are not a one-dimensional array of integers")


def is_row_numbers(part):
    if isinstance(part, list):
        return bool(part) and all(isinstance(row, int | np.integer) and not isinstance(row, bool) for row in part)
    return isinstance(part, np.ndarray) and part.ndim == 1 and part.dtype.kind in "iu" and part.size > 0


@pytest.mark.points(0.2, exercise="kfold_indices", spec="If k is less than 2 or greater than n.")
def test_impossible_numbers_of_folds_raise(student, rng):
    """Fewer than 2 folds, or more folds than rows, raise ValueError."""
    for n, k in ((6, 1), (6, 0), (6, 7)):
        with raises(ValueError, case=cut(n, k)):
            listed(student.kfold_indices(n, k, generator(rng)[0]), 1, "no folds came back")


@pytest.mark.points(1.4, exercise="kfold_indices", spec="Number of folds, from 2 to n.")
def test_there_may_be_as_many_folds_as_rows(student, rng):
    """With as many folds as rows, each row validates alone."""
    for n in (5, 8):
        folds = kfold(student, n, n, generator(rng)[0])
        check(all(len(val) == 1 for _, val in folds), f"{n} rows in {n} folds: not one validation row in each fold")
        check(sorted(row for _, val in folds for row in val) == list(range(n)), "some rows never validate")


# stratified_kfold_indices


def classes(rng, *counts):
    """Labels 0, 1, ... in random order, so many of each."""
    return rng.permutation(np.repeat(np.arange(len(counts)), counts))


MIXTURES = (((9, 5, 4), 3), ((14, 5, 6), 4), ((7, 7), 2), ((11, 6, 8, 5), 5))
RARE = (((14, 3, 1), 4), ((11, 6, 5, 2), 5), ((2, 1, 2), 5))


@pytest.mark.points(0.9, exercise="stratified_kfold_indices", spec="All that is random is drawn from `rng`")
def test_stratified_folds_are_drawn_from_rng(student, rng):
    """The folds depend on rng and on nothing else, and no global state is touched."""
    y = classes(rng, 30, 20)
    assert_drawn_from_rng(student, rng, lambda one: stratified(student, y, 4, one))


@pytest.mark.points(0.7, exercise="stratified_kfold_indices", spec="Every row validates in exactly one fold and trains")
def test_each_stratified_row_validates_in_exactly_one_fold(student, rng):
    """Each row validates in exactly one fold."""
    for counts, k in MIXTURES:
        y = classes(rng, *counts)
        assert_each_validates_once(stratified(student, y, k, generator(rng)[0]), len(y), f"classes of {counts}")


@pytest.mark.points(
    0.8, exercise="stratified_kfold_indices", spec="validates in exactly one fold and trains in all the"
)
def test_all_stratified_rows_that_do_not_validate_train(student, rng):
    """In each fold, the training rows are all rows that do not validate."""
    for counts, k in MIXTURES:
        y = classes(rng, *counts)
        assert_others_train(stratified(student, y, k, generator(rng)[0]), len(y), f"classes of {counts}")


@pytest.mark.points(1.9, exercise="stratified_kfold_indices", spec="For each class, the numbers of its validation rows")
def test_each_class_is_shared_out_equally(student, rng):
    """The rows of each class are shared out equally, to train and to validate."""
    for counts, k in MIXTURES:
        assert_equal_shares(student, rng, counts, k)


@pytest.mark.points(0.9, exercise="stratified_kfold_indices", spec="also for a class with fewer rows than folds")
def test_rare_classes_are_shared_out_too(student, rng):
    """A class with fewer rows than folds is shared out like the others, and each of its rows validates once."""
    for counts, k in RARE:
        folds = assert_equal_shares(student, rng, counts, k)
        assert_each_validates_once(folds, sum(counts), f"classes of {counts} in {k} folds")


def assert_equal_shares(student, rng, counts, k):
    """Assert that each class has equal shares in the training and in the validation parts; the folds."""
    y = classes(rng, *counts)
    folds = stratified(student, y, k, generator(rng)[0])
    check(all(0 <= row < len(y) for part in folds for rows in part for row in rows), "some rows do not exist")
    for label, count in enumerate(counts):
        for rows, share in zip(zip(*folds, strict=True), (count - count / k, count / k), strict=True):
            shares = [sum(y[row] == label for row in each) for each in rows]
            words = f"classes of {counts} in {k} folds: a class has unequal shares"
            check(max(shares) - min(shares) <= 1 and abs(np.mean(shares) - share) < 1, words)
    return folds


@pytest.mark.points(2.7, exercise="stratified_kfold_indices", spec="all ways to share them out are equally likely")
def test_rows_of_a_class_are_shuffled(student, rng):
    """Over many draws from rng, any two rows of a class validate together as often as any others, in equal shares."""
    (one, same), y, hits = generator(rng), np.tile([0, 1], 9), []
    check(stratified(student, y, 3, one) == stratified(student, y, 3, same), OTHER_ROWS)
    for folds in repeat(student.stratified_kfold_indices, DRAWS, y, 3, one, most=4):
        folds = folds_of(folds, 18, 3)
        assert_whole(folds, 18, "two classes of 9 rows in 3 folds")
        parts = [val for _, val in folds]
        check(all(np.sum(y[val]) == 3 and len(val) == 6 for val in parts), "the classes have unequal shares")
        hits.append(together(parts, ((0, 2), (0, 4), (0, 6), (1, 3), (1, 7), (3, 17))))
    assert_shares(hits, [1 / 4] * 6, "two classes of 9 rows in 3 folds")


@pytest.mark.points(0.9, exercise="stratified_kfold_indices", spec="integers or texts, with any gaps")
def test_labels_of_every_kind(student, rng):
    """Labels may be texts, negative numbers and numbers with gaps, and are not modified."""
    for names in (np.array(["cat", "dog", "ox"]), np.array([-3, 2, 40]), np.array([1, 5, 7], dtype=np.uint8)):
        y = names[classes(rng, 7, 5, 3)]
        y.flags.writeable = False
        folds = stratified(student, y, 3, generator(rng)[0])
        assert_unchanged(student)
        words = f"labels such as {names[2]!s}: a class has unequal shares, or rows that never validate"
        for name in names:
            shares = [int(np.sum(y[val] == name)) for _, val in folds]
            check(sum(shares) == np.sum(y == name) and max(shares) - min(shares) <= 1, words)


@pytest.mark.points(
    0.2, exercise="stratified_kfold_indices", spec="One-dimensional arrays of integers, or lists of them. Raises"
)
def test_stratified_form_and_errors(student, rng):
    """Row numbers are arrays or lists of integers, and an impossible k raises ValueError."""
    y = classes(rng, 5, 4)
    assert_arrays_of_integers(student.stratified_kfold_indices(y, 3, generator(rng)[0]), 3)
    for k in (1, 10):
        with raises(ValueError, case=cut(9, k)):
            listed(student.stratified_kfold_indices(y, k, generator(rng)[0]), 1, "no folds came back")


# train_val_test_split


def split(student, n, val_share, test_share, rng):
    return parts_of(student.train_val_test_split(n, val_share, test_share, rng), n)


def parts_of(value, n):
    parts = listed(value, 4, "no three parts came back")
    check(len(parts) == 3, "not three parts came back: train, val and test")
    return [rows_of(part, n) for part in parts]


SHARES = (
    (20, 0.15, 0.3),
    (11, 0.25, 0.35),
    (51, 0.1, 0.25),
    (33, 0.2, 0.05),
    (10, 0.1, 0.3),
    (5, 0.4, 0.4),
    (12, 0.5, 0.1),
)


@pytest.mark.points(0.6, exercise="train_val_test_split", spec="All that is random is drawn from `rng`")
def test_parts_are_drawn_from_rng(student, rng):
    """The parts depend on rng and on nothing else, and no global state is touched."""
    assert_drawn_from_rng(student, rng, lambda one: split(student, 40, 0.3, 0.2, one))


@pytest.mark.points(2.4, exercise="train_val_test_split", spec="Each row is in exactly one part.")
def test_each_row_is_in_exactly_one_part(student, rng):
    """Each row is in exactly one of the three parts."""
    for n, val_share, test_share in SHARES:
        rows = [row for part in split(student, n, val_share, test_share, generator(rng)[0]) for row in part]
        check(set(rows) == set(range(n)), f"{n} rows: some are in no part")
        check(len(rows) == n, f"{n} rows: some are in several parts")


@pytest.mark.points(0.65, exercise="train_val_test_split", spec="both rounded to the nearest whole number")
def test_parts_have_the_sizes_of_their_shares(student, rng):
    """Validation and test part have their shares of all rows, to the nearest whole number."""
    for n, val_share, test_share in SHARES:
        sizes = [len(part) for part in split(student, n, val_share, test_share, generator(rng)[0])]
        n_val, n_test = round(n * val_share), round(n * test_share)
        names = ("training", "validation", "test")
        for name, size, want in zip(names, sizes, (n - n_val - n_test, n_val, n_test), strict=True):
            check(size == want, f"{n} rows, shares {val_share} and {test_share}: {size} {name} rows, not as announced")


@pytest.mark.points(1.8, exercise="train_val_test_split", spec="All ways to choose the parts are equally likely.")
def test_all_ways_to_choose_the_parts_are_equally_likely(student, rng):
    """Over many draws from rng, each row is in each part as often as any other."""
    (one, same), hits = generator(rng), []
    check(split(student, 10, 0.3, 0.2, one) == split(student, 10, 0.3, 0.2, same), OTHER_ROWS)
    for parts in repeat(student.train_val_test_split, DRAWS, 10, 0.3, 0.2, one, most=4):
        train, val, test = parts_of(parts, 10)
        hits.append([0 in val, 9 in val, 4 in test, 9 in test, 0 in train, *together([train], ((0, 1),))])
    sizes = len(train), len(val), len(test)  # wrong ones have a test of their own
    check(min(sizes) > 0 and sum(sizes) <= 10, "10 rows: a part is empty, or too large")
    shares = [sizes[part] / 10 for part in (1, 1, 2, 2, 0)]
    assert_shares(hits, [*shares, sizes[0] * (sizes[0] - 1) / 90], "10 rows, shares 0.3 and 0.2")


@pytest.mark.points(0.3, exercise="train_val_test_split", spec="One-dimensional arrays of integers, or lists of them.")
def test_parts_are_arrays_of_integers(student, rng):
    """Row numbers come as one-dimensional arrays, or lists, of integers."""
    parts = listed(student.train_val_test_split(12, 0.25, 0.25, generator(rng)[0]), 4, "no three parts came back")
    check(all(is_row_numbers(part) for part in parts), "row numbers are not a one-dimensional array of integers")


@pytest.mark.points(0.25, exercise="train_val_test_split", spec="If one of the three parts would have no row.")
def test_impossible_shares_raise(student, rng):
    """Shares that leave a part without rows raise ValueError."""
    for val_share, test_share in ((0.5, 0.5), (0.0, 0.3), (0.3, 0.0), (0.7, 0.6), (0.02, 0.3)):
        with raises(ValueError, case=f"10 rows, shares {val_share} and {test_share}"):
            student.train_val_test_split(10, val_share, test_share, generator(rng)[0])


# cross_validate

NUMBER = 1  # the feature that holds the row's number


class Watched:
    """A model that notes the rows it is given.

    What it predicts depends on all rows that it was ever fitted on, and on all that it has to predict together.
    """

    def __init__(self, watch, setting):
        self.watch, self.setting = watch, setting
        self.fits, self.predicts, self.targets, self.sum = [], [], [], 0.0

    @np.errstate(all="ignore")
    def fit(self, X, y):
        self.fits.append(self.watch.rows(X))
        self.targets.append(np.array(y, dtype=float).ravel())
        self.watch.calls.append(("fit", self))
        self.sum = self.sum + float(np.mean(X[:, 0] * np.ravel(y)))
        return self

    @np.errstate(all="ignore")
    def predict(self, X):
        self.predicts.append(self.watch.rows(X))
        self.watch.calls.append(("predict", self))
        X = np.asarray(X)
        return self.sum * (np.mean(X[:, 0]) + X[:, 0]) * (self.setting[0] if self.setting else 1.0)


class Watch:
    """Data, and the maker of models that note which of its rows they see."""

    def __init__(self, rng, n=17, d=3):
        self.X, self.y = rng.uniform(0.5, 2.0, (n, d)), rng.uniform(1.0, 9.0, n)
        self.X[:, NUMBER] = rng.permutation(n)
        self.models, self.calls, self.settings = [], [], []

    def make(self, *setting):
        self.models.append(Watched(self, setting))
        return expose(self.models[-1], methods=("fit", "predict"))

    def rows(self, X):
        """Which rows these are; -1 for one that is none of the data's."""
        X = np.asarray(X, dtype=float)
        if X.ndim != 2 or X.shape[1] != self.X.shape[1]:
            raise ValueError("X is no table with these features")
        place = {int(number): row for row, number in enumerate(self.X[:, NUMBER])}
        found = [place.get(int(np.clip(np.round(x[NUMBER]), -1, 1e6)), -1) for x in X]
        same = [row >= 0 and bool(np.allclose(x, self.X[row], rtol=1e-5)) for x, row in zip(X, found, strict=True)]
        return [row if known else -1 for row, known in zip(found, same, strict=True)]

    def fitted(self):
        return [sorted(rows) for model in self.models for rows in model.fits]

    def predicted(self):
        return [sorted(rows) for model in self.models for rows in model.predicts]


def some_folds(rng, n, k, left_out):
    """Folds of unlike sizes in random order; the last rows of the order are in no fold."""
    rows = rng.permutation(n)[: n - left_out]
    parts = np.array_split(rows, k)
    return [(rng.permutation(np.setdiff1d(rows, val)), val) for val in parts]


@np.errstate(all="ignore")
def lopsided(y_true, y_pred):
    """A metric that is not."""
    return float(np.mean(np.asarray(y_true) ** 2 + 0.3 * np.asarray(y_pred)))


@np.errstate(all="ignore")
def gap(y_true, y_pred):
    """A metric that is the same with its arguments exchanged."""
    return float(np.mean(np.abs(np.asarray(y_true, dtype=float) - np.asarray(y_pred, dtype=float))))


def as_lists(folds, part):
    return sorted(sorted(fold[part].tolist()) for fold in folds)


def distinct(lists):
    """The lists without repetitions, sorted."""
    return sorted(map(list, set(map(tuple, lists))))


def watched(student, rng, k=4):
    """A watch after the student's cross_validate, and the folds."""
    watch = Watch(rng)
    folds = some_folds(rng, 17, k, left_out=3)
    student.cross_validate(watch.make, watch.X, watch.y, folds, gap)
    check(watch.models, "the function make_model was never called")
    return watch, folds


@pytest.mark.points(2.4, exercise="cross_validate", spec="the model is fitted once, on the training rows")
def test_models_are_fitted_on_the_training_rows_alone(student, rng):
    """Models are fitted on the training rows of their fold, all of them and no others, as they are."""
    for k in (2, 4):
        watch, folds = watched(student, rng, k)
        seen = {row for rows in watch.fitted() for row in rows}
        check(-1 not in seen, "a model was fitted on rows that were changed on the way, or are none of X")
        check(seen <= {row for train, _ in folds for row in train}, "a model was fitted on rows that are in no fold")
        check(
            distinct(watch.fitted()) == as_lists(folds, 0),
            "a model was fitted on other rows than the training rows of a fold",
        )
        for model in watch.models:
            for rows, targets in zip(model.fits, model.targets, strict=True):
                check(len(rows) == len(targets), "a model was fitted on unlike numbers of rows and targets")
                check(np.allclose(targets, watch.y[rows]), "a model was fitted on rows with the targets of other rows")


@pytest.mark.points(2.4, exercise="cross_validate", spec="predicts the validation rows and nothing else")
def test_models_predict_the_validation_rows_alone(student, rng):
    """Models predict the validation rows of their fold, all of them and no others."""
    for k in (2, 4):
        watch, folds = watched(student, rng, k)
        seen = {row for rows in watch.predicted() for row in rows}
        check(-1 not in seen, "a model had to predict rows that were changed on the way, or are none of X")
        words = "other rows were predicted than the validation rows of a fold"
        check(distinct(watch.predicted()) == as_lists(folds, 1), words)


@pytest.mark.points(1.6, exercise="cross_validate", spec="Each fold has a model of its own")
def test_each_fold_has_a_new_model(student, rng):
    """Each fold has a new model, which is fitted once."""
    for k in (2, 4):
        watch, _ = watched(student, rng, k)
        check(len(watch.models) == k, "the function make_model was not called once per fold")
        check(all(len(model.fits) == 1 for model in watch.models), "some models were not fitted exactly once")
        check(all(model.predicts for model in watch.models), "some models predict nothing")


@pytest.mark.points(4.8, exercise="cross_validate", spec="The scores, in the order of the folds.")
def test_scores_are_those_of_the_validation_rows(student, reference, rng):
    """The scores are the metric on the validation rows of each fold, in the order of the folds."""
    for k in (2, 3, 5):
        watch, folds = Watch(rng), some_folds(rng, 17, k, left_out=3)
        got, want = (each.cross_validate(watch.make, watch.X, watch.y, folds, squares) for each in (student, reference))
        # loose: rounding has a test of its own
        assert_matches(got, want, rtol=1e-5, loose_shape=True, case=f"{k} folds")


@pytest.mark.points(1.6, exercise="cross_validate", spec="scores, means and standard errors may be off by a relative")
def test_scores_are_neither_rounded_nor_cut_off(student, reference, rng):
    """The scores are as exact as float64, whether the targets are fractions or whole numbers."""
    watch, folds = Watch(rng), some_folds(rng, 17, 3, left_out=3)
    for words, y in (("targets with fractions", watch.y), ("whole numbers as targets", rng.integers(1, 9, 17))):
        got, want = (each.cross_validate(watch.make, watch.X, y, folds, squares) for each in (student, reference))
        assert_matches(got, want, rtol=1e-9, loose_shape=True, case=words)


@pytest.mark.points(1.6, exercise="cross_validate", spec="metric(y_true, y_pred) returns a number.")
def test_the_metric_gets_truth_and_prediction_in_this_order(student, rng):
    """The metric gets the true values first and the predictions second."""
    watch, orders = Watch(rng), []

    def metric(y_true, y_pred):
        orders.append([all(np.isclose(watch.y, value).any() for value in np.ravel(each)) for each in (y_true, y_pred)])
        return 1.0

    student.cross_validate(watch.make, watch.X, watch.y, some_folds(rng, 17, 3, left_out=3), metric)
    check(orders, "the metric was never called")
    check(all(first for first, _ in orders), "the metric did not get true values first")
    check(not all(second for _, second in orders), "the metric got true values as predictions")


@pytest.mark.points(0.8, exercise="cross_validate", spec="ndarray of shape (k,)")
def test_scores_have_shape_k(student, rng):
    """The scores are an array of shape (k,), also if some are equal."""
    for k, metric in ((2, gap), (4, lambda y_true, y_pred: 1.0)):
        watch = Watch(rng)
        got = student.cross_validate(watch.make, watch.X, watch.y, some_folds(rng, 17, k, left_out=0), metric)
        assert_shape(got, (k,))
        check(np.all(got), "the scores are 0")


@pytest.mark.points(0.4, exercise="cross_validate", spec="It is not modified.")
def test_data_are_left_alone(student, rng):
    """X and y are not modified, and may be read-only."""
    for writeable in (True, False):
        watch = Watch(rng)
        watch.X.flags.writeable = watch.y.flags.writeable = writeable
        student.cross_validate(watch.make, watch.X, watch.y, some_folds(rng, 17, 3, left_out=2), gap)
        assert_unchanged(student)
        check(watch.models, "the function make_model was never called")


@pytest.mark.points(0.4, exercise="cross_validate", spec="in any memory layout")
def test_data_of_every_layout(student, rng):
    """Fortran-ordered, strided and float32 data give the same scores as plain ones."""
    watch, folds = Watch(rng), some_folds(rng, 17, 3, left_out=2)
    wide = np.repeat(watch.X, 2, axis=1)
    want = student.cross_validate(watch.make, watch.X, watch.y, folds, gap)
    check(np.any(want), "the scores are 0")
    kinds = {"Fortran order": np.asfortranarray(watch.X), "every second column": wide[:, ::2]}
    for words, X in {**kinds, "float32": watch.X.astype(np.float32)}.items():
        got = student.cross_validate(watch.make, X, np.repeat(watch.y, 2)[::2], folds, gap)
        assert_matches(got, want, rtol=1e-4 if words == "float32" else 1e-9, loose_shape=True, case=words)


# mended_screening


class Chooser:
    """Chooses the columns most correlated with y, and notes of which targets."""

    def __init__(self, keep=3):
        self.keep, self.targets = keep, []

    @np.errstate(all="ignore")
    def choose(self, X, y):
        X, y = np.asarray(X, dtype=float), np.ravel(np.asarray(y, dtype=float))
        self.targets.append(sorted(y.tolist()))
        A = X - X.mean(axis=0)
        order = np.argsort(-np.abs(A.T @ (y - y.mean())) / np.sqrt((A**2).sum(axis=0)))
        return np.sort(order[: self.keep])


class Noting:
    """A linear model that notes the features it is given."""

    def __init__(self):
        self.fitted, self.predicted, self.w = [], [], 0.0

    @np.errstate(all="ignore")
    def fit(self, X, y):
        self.fitted.append(np.array(X, dtype=float))
        self.w = self.w + np.asarray(X).T @ np.ravel(y) / (1 + len(X))
        return self

    @np.errstate(all="ignore")
    def predict(self, X):
        self.predicted.append(np.array(X, dtype=float))
        return np.asarray(X) @ self.w


def screening(module, rng, n=19, d=12, *, whole=False):
    """Run a mended_screening: the result, the chooser, the models, and what was passed in."""
    chooser, models = Chooser(), []
    X, y = 5 + 3 * rng.standard_normal((n, d)), rng.permutation(n) if whole else rng.standard_normal(n)
    X[0] += 40  # one row far from the others, so that it matters whose mean it is
    folds = some_folds(rng, n, 4, left_out=3)

    def make():
        models.append(Noting())
        return expose(models[-1], methods=("fit", "predict"))

    scores = module.mended_screening(X, y, folds, chooser.choose, make, gap)
    return scores, chooser, models, (X, y, folds)


def sorted_rows(table):
    return table[np.lexsort(table.T)] if table.ndim == 2 else table


def in_order(tables):
    """Tables with their rows sorted, in an order of their own."""
    return sorted((sorted_rows(np.asarray(table)) for table in tables), key=lambda table: table.ravel().tolist())


@pytest.mark.points(2.3, exercise="mended_screening", spec="features are chosen and means and standard deviations")
def test_features_are_chosen_from_the_training_rows(student, rng):
    """Features are chosen from the training rows of each fold, and of nothing else."""
    _, chooser, _, (_, y, folds) = screening(student, rng)
    want = sorted(sorted(y[train].tolist()) for train, _ in folds)
    check(chooser.targets, "the function choose was never called")
    seen = distinct(chooser.targets)
    everything = any(len(targets) > max(len(train) for train, _ in folds) for targets in seen)
    check(not everything, "columns were chosen with rows that are not among the training rows of a fold")
    check(seen == want, "columns were not chosen from exactly the training rows of each fold")


@pytest.mark.points(
    2.3, exercise="mended_screening", spec="the validation rows are cut and scaled with what was learnt"
)
def test_features_are_scaled_with_the_statistics_of_the_training_rows(student, rng):
    """Training and validation rows are scaled with means and deviations of the training rows."""
    _, chooser, models, (X, y, folds) = screening(student, rng)
    check(any(model.fitted for model in models), "no model was fitted")
    for part, seen in ((0, "fitted"), (1, "predicted")):
        got = in_order(table for model in models for table in getattr(model, seen))
        want = []
        for train, val in folds:
            columns = chooser.choose(X[train], y[train])
            rows = X[(train, val)[part]][:, columns]
            want.append((rows - X[train][:, columns].mean(axis=0)) / X[train][:, columns].std(axis=0))
        words = f"the {('training', 'validation')[part]} rows that the models get"
        # Loose, so that another ddof costs the scores only; a leak shows by far more, because of the far row.
        assert_matches(got, in_order(want), rtol=0.06, atol=0.02, case=words)


@pytest.mark.points(2.0, exercise="mended_screening", spec="The scores, in the order of the folds.")
def test_screened_scores_are_honest(student, reference, rng):
    """The scores are those of models that know nothing of the validation rows, for whole numbers as targets too."""
    for words, whole in (("targets with fractions", False), ("whole numbers as targets", True)):
        seed = int(rng.integers(2**32))
        rngs = (np.random.default_rng(seed), np.random.default_rng(seed))
        got, want = (screening(*each, whole=whole)[0] for each in zip((student, reference), rngs, strict=True))
        assert_matches(got, want, rtol=1e-7, loose_shape=True, case=words)


@pytest.mark.points(
    0.4, exercise="mended_screening", spec="make_model() returns a new model with fit(X, y) and predict"
)
def test_screening_makes_a_model_per_fold_and_leaves_the_data_alone(student, rng):
    """Each fold has a new model, and X is not modified."""
    _, _, models, (_, _, folds) = screening(student, rng)
    assert_unchanged(student)
    check(len(models) == len(folds), "the function make_model was not called once per fold")


# select_hyperparameter


class Told:
    """A model that predicts what it is told to, by the fold of the first row it is given."""

    def __init__(self, scores, fold_of):
        self.scores, self.fold_of = scores, fold_of

    def fit(self, X, y):
        return self

    def predict(self, X):
        return np.full(len(X), self.scores[self.fold_of.get(int(np.asarray(X)[0, 0]), 0)])


def first_prediction(y_true, y_pred):
    return float(np.ravel(y_pred)[0])


def choice(student, scores):
    """Which candidate is chosen if these are its scores, by name; (name, table)."""
    return choice_among(student, list(scores), list(scores.values()))


def same(one, other):
    return isinstance(one, type(other)) and one == other


def choice_among(student, candidates, scores):
    """The same for candidates of any type, the scores in their order."""
    k = len(scores[0])
    X, y = np.column_stack([np.arange(2.0 * k + 2), np.ones(2 * k + 2)]), np.ones(2 * k + 2)
    parts = [np.array([2 * i, 2 * i + 1]) for i in range(k)]
    folds = [(np.setdiff1d(np.arange(2 * k), val), val) for val in parts]
    fold_of = {int(row): i for i, val in enumerate(parts) for row in val}

    def make(candidate):
        places = [place for place, each in enumerate(candidates) if same(candidate, each)]
        return expose(Told(scores[places[0] if places else -1], fold_of), methods=("fit", "predict"))

    return pair_of(student.select_hyperparameter(list(candidates), make, X, y, folds, first_prediction))


def pair_of(found):
    check(isinstance(found, tuple | list) and len(found) == 2, "not two things came back: best and table")
    return found


def picked(student, scores):
    """The candidate that is chosen; its number is taken for it here, and costs a test of its own."""
    best, names = choice(student, scores)[0], list(scores)
    if isinstance(best, int | np.integer) and not isinstance(best, bool) and 0 <= best < len(names):
        return names[int(best)]
    check(isinstance(best, str) and best in names, "what was chosen is none of the candidates")
    return str(best)


def spread(mean, se, k):
    """k scores with this mean and standard error."""
    x = np.linspace(-1.0, 1.0, k)
    return (mean + x * se * np.sqrt(k) / x.std(ddof=1)).tolist()


def assert_picks(student, want, words, k=5, **candidates):
    got = picked(student, {name: spread(*each, k) for name, each in candidates.items()})
    check(got == want, f"{words}: another candidate was expected")


class Shrunk:
    """Least squares through the origin, shrunk by a setting; `note` is told the rows that it is given."""

    def __init__(self, setting, note):
        self.setting, self.note, self.w = setting, note, 0.0

    @np.errstate(all="ignore")
    def fit(self, X, y):
        self.note(X)
        X = np.asarray(X, dtype=float)
        self.w = self.w + np.linalg.solve(X.T @ X + self.setting * np.eye(X.shape[1]), X.T @ np.ravel(y))
        return self

    @np.errstate(all="ignore")
    def predict(self, X):
        self.note(X)
        return np.asarray(X) @ self.w


def shrunk(setting, note=lambda X: None):
    return expose(Shrunk(setting, note), methods=("fit", "predict"))


class Search(Watch):
    """Data for a search, of which three rows are in no fold."""

    def __init__(self, rng):
        super().__init__(rng)
        self.seen, self.folds = [], some_folds(rng, 17, 4, left_out=3)

    def make(self, setting):
        return shrunk(setting, lambda X: self.seen.extend(self.rows(X)))

    def run(self, module):
        settings = [300.0, 30.0, 1.0]
        return pair_of(module.select_hyperparameter(settings, self.make, self.X, self.y, self.folds, squares))


@np.errstate(all="ignore")
def squares(y_true, y_pred):
    return float(np.mean((np.asarray(y_true) - np.asarray(y_pred)) ** 2))


def columns(found):
    table = found[1]
    plain = isinstance(table, np.ndarray) or (
        isinstance(table, list | tuple) and all(isinstance(row, np.ndarray | list | tuple) for row in table)
    )
    check(plain, "the table is no array")
    table = np.array([np.ravel(row) for row in table]) if len({np.size(row) for row in table}) == 1 else np.array(None)
    check(table.dtype.kind in "iuf" and table.ndim == 2 and table.shape[1] == 2, "the table has not two columns")
    return table.T


@pytest.mark.points(1.4, exercise="select_hyperparameter", spec="the mean of its scores and their standard error")
def test_the_table_has_the_means(student, reference, rng):
    """The table has the mean score of each candidate."""
    for _ in range(2):
        search = Search(rng)
        assert_matches(columns(search.run(student))[0], columns(search.run(reference))[0], rtol=1e-9)


@pytest.mark.points(1.8, exercise="select_hyperparameter", spec=r"\sqrt{\frac{1}{k-1}\sum_{i=1}^{k} (s_i - \bar s)^2}")
def test_the_table_has_the_standard_errors(student, reference, rng):
    """The table has the standard error of each candidate's mean."""
    for _ in range(2):
        search = Search(rng)
        assert_matches(columns(search.run(student))[1], columns(search.run(reference))[1], rtol=1e-9)


@pytest.mark.points(2.6, exercise="select_hyperparameter", spec="chooses the first candidate whose mean is at most the")
def test_the_simplest_within_one_standard_error_is_chosen(student, rng):
    """The first candidate within one standard error of the smallest mean is chosen."""
    shift = float(rng.uniform(5, 9))
    near, low, far = (shift + 0.5, 1), (shift, 1), (shift + 4, 1)
    assert_picks(student, "b", "two are within", a=far, b=(shift + 0.6, 1), c=near, d=low)
    assert_picks(student, "a", "one in between is outside", a=near, b=far, c=low)
    assert_picks(student, "a", "all are within", a=near, b=low, c=(shift + 0.7, 1))
    assert_picks(student, "b", "the best stands in the middle", a=far, b=near, c=low, d=far)


@pytest.mark.points(2.2, exercise="select_hyperparameter", spec="looks up the smallest mean and its standard error")
def test_one_standard_error_is_that_of_the_smallest_mean(student, rng):
    """At most one standard error is that of the smallest mean, not more and not less."""
    shift = float(rng.uniform(5, 9))
    for k in (3, 5):
        assert_picks(student, "b", "one just outside", k=k, a=(shift + 1.1, 1), b=(shift + 0.95, 1), c=(shift, 1))
        assert_picks(student, "b", "wide ones outside", k=k, a=(shift + 2, 9), b=(shift + 0.5, 0.1), c=(shift, 1))
    # with two scores, a mean of 4 and a standard error of 4 come out exactly, however they are computed
    edge = picked(student, {"a": [9.0, 9.0], "b": [8.0, 8.0], "c": [0.0, 8.0]})
    check(edge == "b", "one exactly at the smallest mean plus its standard error: another candidate was expected")


@pytest.mark.points(
    0.4, exercise="select_hyperparameter", spec="metric(y_true, y_pred) returns a number; lower is better."
)
def test_a_clearly_better_candidate_is_chosen(student, rng):
    """A candidate that is better by many standard errors is chosen, wherever it stands."""
    shift = float(rng.uniform(5, 9))
    for want in "abc":
        scores = {name: (shift + 3 * (name != want), 0.2) for name in "abc"}
        assert_picks(student, want, "a clear case", **scores)


@pytest.mark.points(1.2, exercise="select_hyperparameter", spec="If several have the same smallest mean")
def test_of_equal_candidates_the_simplest_is_chosen(student):
    """Of candidates with equal scores, the simplest is chosen."""
    for scores, want in (
        ({"a": [2.0] * 4, "b": [1.0] * 4, "c": [1.0] * 4}, "b"),
        ({"a": [3.0] * 4, "b": [2.0] * 4, "c": [0.5] * 4, "d": [0.5] * 4}, "c"),
        ({"a": [2.0] * 3, "b": [1.0] * 3, "c": [2.0] * 3}, "b"),
        ({"a": [3.0] * 4, "b": [2.0] * 4, "c": [0.0, 4.0, 0.0, 4.0]}, "b"),
    ):
        check(picked(student, scores) == want, "equal scores: another candidate was expected")


@pytest.mark.points(1.6, exercise="select_hyperparameter", spec="Rows that are in no fold are not used.")
def test_no_candidate_sees_the_test_rows(student, rng):
    """No model sees a row that is in no fold, and X is passed on as it is."""
    search = Search(rng)
    search.run(student)
    check(search.seen, "no model was used")
    used = {row for fold in search.folds for part in fold for row in part.tolist()}
    check(-1 not in search.seen, "a model was given rows that were changed on the way, or are none of X")
    check(set(search.seen) <= used, "a model has seen rows that are in no fold")


KINDS = {
    "texts": ["left", "middle", "right"],
    "a text and numbers": ["auto", 3, 0.5],
    "pairs": [(5, 1), (5, 2), (5, 3)],
    "one of them twice": ["wide", "narrow", "wide"],
    "dictionaries and None": [None, {"lam": 1.0, "width": 3}, {"lam": 0.1}],
}


@pytest.mark.points(0.8, exercise="select_hyperparameter", spec="The chosen candidate itself.")
def test_the_candidate_and_an_array_come_back(student, rng):
    """What comes back is the candidate itself, of any type, and an array of shape (m, 2)."""
    scores = [spread(mean, 1, 4) for mean in (7, 3, 9)]
    for words, candidates in KINDS.items():
        best, table = choice_among(student, candidates, scores)
        check(same(best, candidates[1]), f"{words}: the candidate itself did not come back")
        assert_shape(table, (3, 2))


# EarlyStopping


def run(student, values, patience, min_delta=0.0):
    """The number of the value at which the run is stopped, if it is, and of the one whose parameters are kept."""
    stopped, stopping = stop_of(student, values, patience, min_delta)
    return stopped, kept_of(stopping)


def stop_of(student, values, patience, min_delta=0.0):
    """The number of the value at which the run is stopped, or None, and the object."""
    stopping, said = student.EarlyStopping(patience, min_delta), []
    for n, val in enumerate(values):
        answer = stopping.update(val, {"w": np.array([float(n), -1.0]), "b": np.array([[n]])})
        check(
            isinstance(answer, bool | int | np.bool_ | np.integer | np.ndarray) and np.size(answer) == 1,
            "the method update did not return a truth value",
        )
        said.append(bool(answer))
        if said[-1]:
            break
    return len(said) - 1 if said[-1] else None, stopping


def kept_of(stopping):
    """The number of the update whose parameters are kept."""
    number = number_kept(stopping)
    check(number is not None, "the attribute best_params is no dict with the keys of what was passed in")
    return number


def number_kept(stopping):
    kept = stopping.best_params
    good = isinstance(kept, dict) and set(kept) == {"w", "b"} and np.size(kept["w"]) == 2
    return int(np.ravel(kept["w"])[0]) if good else None


def assert_stops(student, values, patience, want, words, min_delta=0.0):
    got = run(student, values, patience, min_delta)[0]
    check(got is not None or want is None, f"{words}: the run was not stopped")
    check(got == want, f"{words}: stopped too {'early' if want is None or (got or 0) < want else 'late'}")


TWO = "two objects of EarlyStopping share what they remember: what one run has seen changes what the other is told"


def seen(one, other):
    """Whether a run that improves all the time is stopped, and what is kept of a better one at the same time."""
    other.update(-9.0, {"w": np.array([5.0, -1.0]), "b": np.zeros(1)})
    said = [one.update(val, {"w": np.array([val, -1.0]), "b": np.zeros(1)}) for val in (9.0, 8.0, 7.0)]
    return any(np.any(each) for each in said), number_kept(other)


def shares(student, afresh):
    """Whether objects of the class know of each other."""
    got = seen(student.EarlyStopping(1, 0.0), student.EarlyStopping(1, 0.0))
    if got == (False, 5):
        return False
    with afresh() as here, afresh() as there:
        return got != seen(here.EarlyStopping(1, 0.0), there.EarlyStopping(1, 0.0))


class Apart:
    """A notebook whose objects of EarlyStopping live in processes of their own, the last one at a time."""

    def __init__(self, afresh):
        self.afresh, self.stack, self.home = afresh, ExitStack(), None

    def EarlyStopping(self, patience, min_delta):  # noqa: N802 - as the student's class is called
        self.stack.close()
        self.home = self.stack.enter_context(self.afresh())
        return self.home.EarlyStopping(patience, min_delta)

    def array(self, value):
        return self.home.array(value)


def whoever_shares(test):
    """Try once more with objects in processes of their own, if they share what they remember: it costs points above."""

    @wraps(test)
    def judged(student, afresh, **fixtures):
        try:
            test(student, afresh, **fixtures)
        except AssertionError:
            if not shares(student, afresh):
                raise
            apart = Apart(afresh)
            with apart.stack:
                test(apart, afresh, **fixtures)

    return judged


@pytest.mark.points(2.0, exercise="EarlyStopping", spec="How many updates in a row may bring no improvement.")
def test_patience_counts_updates_since_the_last_improvement(student, afresh, rng):
    """A run stops when more than `patience` of its updates in a row have brought no improvement."""
    check(not shares(student, afresh), TWO)
    shift = float(rng.uniform(1, 2))
    for patience in (1, 2, 4):
        worse = [shift + 0.1 * n for n in range(1, 9)]
        assert_stops(student, [shift, *worse], patience, patience + 1, f"patience {patience}, ever worse")
        words = f"patience {patience}, falling and yet above the best"
        assert_stops(student, [shift, *worse[::-1]], patience, patience + 1, words)
        early = [9.0, *(9.5 for _ in range(patience)), 8.0, *(8.5 for _ in range(patience)), shift]
        assert_stops(student, early, patience, None, f"patience {patience}, improvement at the last moment")
        want = len(early) + patience
        assert_stops(student, [*early, *worse], patience, want, f"patience {patience}, improvements in between")
    falling = np.cumsum(-rng.uniform(0.5, 1.0, 6)).tolist()
    assert_stops(student, falling, 0, None, "patience 0, every update improves")
    assert_stops(student, [*falling, falling[-1] + 0.1, -99.0], 0, 6, "patience 0")
    assert_stops(student, [1.0, 2.0, 0.0], 0, 1, "patience 0")


@pytest.mark.points(1.6, exercise="EarlyStopping", spec="Copies of the parameters of the last improvement")
@whoever_shares
def test_the_parameters_of_the_best_value_are_kept(student, afresh, rng):
    """The parameters that are kept are those of the lowest value, in their shapes, as the run goes on in its arrays."""
    for values in ([5.0, 3.0, 4.0, 2.0, 6.0, 2.5], [1.0, 2.0, 3.0], [4.0, 3.0, 1.0]):
        want = int(np.argmin(values))
        check(run(student, values, 10)[1] == want, "parameters of another update were kept")
    values = rng.permutation(9).tolist()
    stopping, best = student.EarlyStopping(20, 0.0), 0
    w = student.array(np.zeros((2, 1)))
    for n, val in enumerate(values):
        set_item(w, 0, float(n))
        stopping.update(float(val), {"w": w, "b": np.zeros(1)})
        best = n if val <= min(values[: n + 1]) else best
        check(kept_of(stopping) == best, "while a run goes on in its arrays, parameters of another update are kept")
    check(np.shape(stopping.best_params["w"]) == (2, 1), "a matrix of parameters is kept in another shape")


@pytest.mark.points(2.4, exercise="EarlyStopping", spec="changing the arrays that were passed in does not change them")
@whoever_shares
def test_copies_of_the_parameters_are_kept(student, afresh):
    """What is kept stays as it was when the run goes on changing its arrays in place."""
    stopping, w = student.EarlyStopping(5, 0.0), student.array(np.array([1.0, 2.0]))
    for n, val in enumerate((4.0, 2.0, 3.0, 3.5)):
        set_item(w, 0, float(n))
        stopping.update(val, {"w": w, "b": np.zeros(1)})
    set_item(w, 0, 77.0)
    check(kept_of(stopping) == 1, "what is kept has changed together with the arrays that were passed in")


def assert_uses_up_patience(student, start, odd, words, min_delta=0.0):
    """The odd values stop the run exactly where clearly worse ones do; what is kept is judged elsewhere."""
    for patience in (1, 3):
        got = run(student, [*start, *odd, *[999.0] * 3], patience, min_delta)[0]
        want = run(student, [*start, *(900.0 + n for n in range(len(odd))), *[999.0] * 3], patience, min_delta)[0]
        check(got is not None and got == want, f"{words}, patience {patience}: not stopped as by values that are worse")


@pytest.mark.points(2.0, exercise="EarlyStopping", spec="A value improves if it is lower than the best one so far")
def test_only_values_below_the_best_improve(student, afresh, rng):
    """Equal values, and values that fall and stay above the best, use up patience; the earlier parameters are kept."""
    check(not shares(student, afresh), TWO)
    level = float(rng.uniform(1, 2))
    for start, odd, words in (
        ([3.0, level], [level] * 6, "equal values"),
        ([3.0, level], [level + 3 - 0.5 * n for n in range(6)], "falling values above the best"),
    ):
        assert_uses_up_patience(student, start, odd, words)
        check(run(student, [*start, *odd], 20)[1] == 1, f"{words}: later parameters were kept")


@pytest.mark.points(1.0, exercise="EarlyStopping", spec="lower than the best one so far by more than min_delta")
@whoever_shares
def test_small_improvements_do_not_count(student, afresh):
    """Only improvements by more than min_delta on the last one count; slow ones add up."""
    assert_uses_up_patience(student, [5.0], [4.75, 4.625, 4.75, 4.5, 4.75], "small improvements", 0.5)
    for values, want in (
        ([5.0, 4.75, 4.375, 4.25, 3.75, 3.5], 4),
        ([5.0, 4.5, 4.0, 3.5], 2),
        ([5.0, 4.0, 3.75], 1),
        ([5.0, 4.0, 4.25], 1),
        ([6.0, 5.0, 4.0], 2),
    ):
        check(run(student, values, 20, 0.5)[1] == want, "small improvements: parameters of another update were kept")


@pytest.mark.points(1.0, exercise="EarlyStopping", spec="the first finite value is one")
@whoever_shares
def test_nan_never_improves(student, afresh):
    """NaN is no improvement, at the start or later, and uses up patience; before the first one nothing is kept."""
    nan = float("nan")
    kept = stop_of(student, [nan], 3)[1].best_params
    check(kept is None, "before the first improvement, the attribute best_params is not None")
    assert_uses_up_patience(student, [3.0, 2.0], [nan] * 5, "NaN")
    assert_uses_up_patience(student, [3.0], [nan, 7.0, nan, 8.0, nan], "NaN in between")
    for patience in (0, 2):
        got, want = (stop_of(student, values, patience)[0] for values in ([nan] * 6, [3.0, *[9.0] * 6]))
        check(got is not None and got + 1 == want, "NaN from the start: not stopped as by values that are worse")
    for values, want in (([3.0, nan, 2.0, nan, nan], 2), ([nan, 4.0, 5.0, 3.0, 3.5], 3), ([nan, nan, 4.0], 2)):
        check(run(student, values, 20)[1] == want, "with NaN: parameters of another update were kept")


# predictions


def is_committed(student, name, letters):
    chosen = getattr(student, name)
    words = f"choose one of the letters {', '.join(letters)}, as text"
    check(isinstance(chosen, str) and chosen.strip().lower() in letters, words)


@pytest.mark.points(1, exercise="predict_sorted", spec="a prediction: 1 for any answer")
def test_sorted_rows_are_predicted(student):
    """A prediction is made; any of the letters counts."""
    is_committed(student, "predict_sorted", tuple("abc"))


@pytest.mark.points(1, exercise="predict_leak", spec="a prediction: 1 for any answer")
def test_the_leak_is_predicted(student):
    """A prediction is made; any of the letters counts."""
    is_committed(student, "predict_leak", tuple("abc"))


@pytest.mark.points(1, exercise="predict_rule", spec="a prediction: 1 for any answer")
def test_the_rule_is_predicted(student):
    """A prediction is made; any of the letters counts."""
    is_committed(student, "predict_rule", tuple("abc"))


@pytest.mark.points(1, exercise="predict_patience", spec="a prediction: 1 for any answer")
def test_patience_is_predicted(student):
    """A prediction is made; any of the letters counts."""
    is_committed(student, "predict_patience", tuple("abc"))


# catches_kfold

# Every fault that the docstring names, and right ones written otherwise; the reference is always among them.
WRONG_FOLDS = (
    "remainder_dropped",
    "remainder_in_the_last_fold",
    "shuffled_again_for_each_fold",
    "training_on_all_rows",
    "two_folds_held_out",
    "one_fold_too_few",
    "rng_ignored",
    "seed_of_its_own",
    "global_generator",
)
RIGHT_FOLDS = ("dealt_like_cards", "larger_folds_last", "masks_turned_into_numbers")


@pytest.mark.points(8, exercise="catches_kfold", spec="accusing right ones takes points away")
def test_wrong_folds_are_caught_and_right_ones_let_through(student, candidates, award):
    """Your test tells wrong implementations from right ones that it has not seen."""
    found = judge_catcher(student.catches_kfold, candidates("kfold_indices", (*WRONG_FOLDS, *RIGHT_FOLDS)))
    award(found.fraction, found.words)


# tune_and_test


@np.errstate(all="ignore")
def weighted(y_true, y_pred):
    """A metric by which good predictions win, but not with its arguments exchanged."""
    y_true, y_pred = np.asarray(y_true, dtype=float), np.asarray(y_pred, dtype=float)
    return float(np.mean((y_true - y_pred) ** 2 * (1 + 0.1 * y_true**2)))


class Study(Watch):
    """Development and test rows for a study, in random order.

    With `opposite`, the test rows have the opposite trend: a candidate that is chosen by them is another one.
    """

    def __init__(self, rng, *, opposite=False):
        super().__init__(rng, n=20)
        self.y += 3 * self.X[:, 0]
        order = rng.permutation(20)
        self.test, self.dev = order[:5], order[5:17]  # three rows are in neither
        if opposite:
            self.y[self.test] *= -1

    def run(self, module, make, metric=squares, candidates=(3000.0, 3.0, 0.1)):
        found = module.tune_and_test(list(candidates), make, self.X, self.y, self.dev, self.test, 4, metric)
        check(isinstance(found, tuple | list) and len(found) == 3, "not best, table and test_error came back")
        return found


@pytest.mark.points(1.6, exercise="tune_and_test", spec="The choice and the table of select_hyperparameter")
def test_the_study_chooses_on_folds_of_the_development_rows(student, reference, rng):
    """Choice and table are those of cross-validation on consecutive blocks of the development rows."""
    one, two, three = (Study(rng, opposite=True) for _ in range(3))
    wide = (3000.0, 3.0, 0.1)
    # of the close ones the rule chooses the first in either order, and the smallest mean only in one
    for study, candidates in ((one, wide), (two, wide), (three, (3.1, 3.0)), (three, (3.0, 3.1))):
        got, want = (study.run(each, shrunk, candidates=candidates) for each in (student, reference))
        assert_matches(got[1], want[1], rtol=1e-8, case="the table")
        check(same(got[0], want[0]), "the table is right, and another candidate was expected")


@pytest.mark.points(1.2, exercise="tune_and_test", spec="a new one, fitted on all development rows")
def test_the_last_model_is_fitted_on_all_development_rows(student, rng):
    """The model that is tested is a new one of the chosen candidate, fitted once, on all development rows."""
    study = Study(rng)
    best = study.run(student, study.make)[0]
    testers = [model for model in study.models if any(set(rows) & set(study.test.tolist()) for rows in model.predicts)]
    check(len(testers) == 1, "not exactly one model predicts test rows")
    check([sorted(rows) for rows in testers[0].fits] == [sorted(study.dev.tolist())], "it was fitted on other rows")
    check(testers[0].setting == (best,), "the model that is tested is not one of the candidate that was chosen")


@pytest.mark.points(0.8, exercise="tune_and_test", spec="the metric on the test rows")
def test_the_test_error_is_that_of_the_choice(student, reference, rng):
    """The test error is the metric of the chosen model on all test rows."""
    for _ in range(2):
        study = Study(rng)
        # one of the two is better by any choice: whoever chooses wrongly has lost points for that already
        got, want = (study.run(module, shrunk, weighted, [1e6, 3.0])[2] for module in (student, reference))
        assert_matches(got, want, rtol=1e-8)


@pytest.mark.points(
    0.4, exercise="tune_and_test", spec="No model but that one sees test rows, and only to predict them."
)
def test_the_test_rows_are_used_once_at_the_end(student, rng):
    """Test rows are predicted once, all at a time, after everything else, and never fitted."""
    study = Study(rng)
    study.run(student, study.make)
    test = sorted(study.test.tolist())
    check(study.calls, "no model was used")
    check(not any(set(rows) & set(test) for rows in study.fitted()), "a model was fitted on test rows")
    uses = [rows for rows in study.predicted() if set(rows) & set(test)]
    check(uses == [test], "the test rows were not predicted once, all of them and no others")
    kind, last = study.calls[-1]
    check(kind == "predict" and sorted(last.predicts[-1]) == test, "models are used after the test")
