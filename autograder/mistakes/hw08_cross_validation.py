"""Known mistakes and right answers of hw08: splits, cross-validation, the choice of a setting, early stopping."""

import numpy as np

from autograder.grading import expose, set_item, take
from autograder.grading.bank import mistake, probe, right_answer


def folds_from(parts):
    """Folds whose validation rows are these parts."""
    return [(np.concatenate([*parts[:i], *parts[i + 1 :]]), parts[i]) for i in range(len(parts))]


def refuse(n, k):
    if k < 2 or k > n:
        raise ValueError("that many folds cannot be made")


def ordered(n, rng):
    return np.arange(n) if rng is None else rng.permutation(n)


# kfold_indices


@mistake("kfold_indices", caught_by="test_each_row_validates_in_exactly_one_fold", severity="concept")
def remainder_dropped(n, k, rng=None):
    """All folds have n // k rows, and what is left over never validates.

    With 11 rows in 4 folds, how many rows do your folds have together?
    """
    refuse(n, k)
    order, size = ordered(n, rng), n // k
    parts = [order[i * size : (i + 1) * size] for i in range(k)]
    return [(np.setdiff1d(order, val), val) for val in parts]


@mistake("kfold_indices", caught_by="test_folds_are_as_equal_as_possible", severity="detail")
def remainder_in_the_last_fold(n, k, rng=None):
    """The last fold takes all rows that are left over.

    With 23 rows in 5 folds, how large is the last one, and how large need it be?
    """
    refuse(n, k)
    return folds_from(np.split(ordered(n, rng), [i * (n // k) for i in range(1, k)]))


@mistake("kfold_indices", caught_by="test_folds_are_as_equal_as_possible", severity="detail")
def sizes_rounded_up(n, k, rng=None):
    """All folds but the last have the size n / k rounded up, and the last gets what remains.

    With 23 rows in 5 folds, what remains for the last fold?
    """
    refuse(n, k)
    order, size = ordered(n, rng), -(-n // k)
    return folds_from([order[i * size : (i + 1) * size] for i in range(k)])


@mistake("kfold_indices", caught_by="test_each_row_validates_in_exactly_one_fold", severity="concept")
def shuffled_again_for_each_fold(n, k, rng=None):
    """Every fold is cut from an order of its own, so that folds overlap.

    How many orders of the rows are needed, if no row is to be in two parts?
    """
    refuse(n, k)
    edges = np.linspace(0, n, k + 1).astype(int)
    folds = []
    for start, end in zip(edges[:-1], edges[1:], strict=True):
        order = ordered(n, rng)
        folds.append((np.concatenate([order[:start], order[end:]]), order[start:end]))
    return folds


@mistake("kfold_indices", caught_by="test_no_row_trains_and_validates_in_the_same_fold", severity="concept")
def training_on_all_rows(n, k, rng=None):
    """All rows train in every fold, those that validate too.

    What does an error tell you that was measured on rows the model has seen?
    """
    refuse(n, k)
    order = ordered(n, rng)
    return [(order, val) for val in np.array_split(order, k)]


@mistake("kfold_indices", caught_by="test_each_row_validates_in_exactly_one_fold", severity="concept")
def parts_exchanged(n, k, rng=None):
    """Training and validation rows have changed places.

    Of n rows in k folds, how many train in each?
    """
    refuse(n, k)
    return [(val, train) for train, val in folds_from(np.array_split(ordered(n, rng), k))]


@mistake("kfold_indices", caught_by="test_all_rows_that_do_not_validate_train", severity="detail")
def two_folds_held_out(n, k, rng=None):
    """The training rows lack the rows of another fold as well.

    Which rows may not train while this fold validates?
    """
    refuse(n, k)
    parts = np.array_split(ordered(n, rng), k)
    if k == 2:
        return [(parts[1 - i][1:], parts[i]) for i in range(2)]
    return [(np.concatenate([parts[(i + j) % k] for j in range(2, k)]), parts[i]) for i in range(k)]


@mistake("kfold_indices", caught_by="test_each_row_validates_in_exactly_one_fold", severity="concept")
def one_fold_too_few(n, k, rng=None):
    """The last fold is missing.

    How many pairs does your list have for k = 3?
    """
    refuse(n, k)
    return folds_from(np.array_split(ordered(n, rng), k))[:-1]


@mistake("kfold_indices", caught_by="test_each_row_validates_in_exactly_one_fold", severity="trivial")
def a_single_split(n, k, rng=None):
    """There is only one pair of training and validation rows.

    How often does each row validate in k-fold cross-validation?
    """
    refuse(n, k)
    order = ordered(n, rng)
    return [(order[n // k :], order[: n // k])]


@mistake("kfold_indices", caught_by="test_all_ways_to_deal_out_are_equally_likely", severity="concept")
def rng_ignored(n, k, rng=None):
    """The folds are the same whatever rng is.

    What if the rows are sorted by class?
    """
    refuse(n, k)
    return folds_from(np.array_split(np.arange(n), k))


@mistake("kfold_indices", caught_by="test_folds_are_drawn_from_rng", severity="concept")
def seed_of_its_own(n, k, rng=None):
    """Every call makes a generator with the same seed.

    Are two calls with different generators to give the same folds?
    """
    refuse(n, k)
    order = np.arange(n) if rng is None else np.random.default_rng(0).permutation(n)
    return folds_from(np.array_split(order, k))


@mistake("kfold_indices", caught_by="test_folds_are_drawn_from_rng", severity="concept")
def global_generator(n, k, rng=None):
    """The rows are shuffled by NumPy's global generator.

    Which generator was passed in, and can its owner repeat what you did?
    """
    refuse(n, k)
    order = np.arange(n)
    if rng is not None:
        np.random.shuffle(order)
    return folds_from(np.array_split(order, k))


@mistake("kfold_indices", caught_by="test_folds_are_drawn_from_rng", severity="robustness")
def global_generator_seeded(n, k, rng=None):
    """NumPy's global generator is seeded with a number from rng, and shuffles the rows.

    Who else draws from the global generator, and what do they get after your call?
    """
    refuse(n, k)
    order = np.arange(n)
    if rng is not None:
        np.random.seed(int(rng.integers(2**31)))
        np.random.shuffle(order)
    return folds_from(np.array_split(order, k))


@mistake("kfold_indices", caught_by="test_all_ways_to_deal_out_are_equally_likely", severity="concept")
def blocks_shuffled(n, k, rng=None):
    """Only the folds are shuffled, not the rows in them: each is still a block.

    How often do rows 0 and 1 validate together, and how often should they?
    """
    refuse(n, k)
    parts = np.array_split(np.arange(n), k)
    turn = 0 if rng is None else int(rng.integers(n))
    return folds_from([(part + turn) % n for part in parts])


@mistake("kfold_indices", caught_by="test_without_rng_the_folds_are_blocks", severity="detail")
def shuffled_without_rng(n, k, rng=None):
    """The rows are shuffled even if no rng is passed.

    What is announced for the case that there is no rng?
    """
    refuse(n, k)
    return folds_from(np.array_split((rng or np.random.default_rng(3)).permutation(n), k))


@mistake("kfold_indices", caught_by="test_without_rng_the_folds_are_blocks", severity="detail")
def every_kth_row(n, k, rng=None):
    """Without rng, each fold takes every k-th row.

    Which rows are to validate in the first fold if there is no rng?
    """
    refuse(n, k)
    order = ordered(n, rng)
    return folds_from([order[i::k] for i in range(k)])


@mistake("kfold_indices", caught_by="test_folds_are_arrays_of_integers", severity="robustness")
def masks_of_rows(n, k, rng=None):
    """The parts are masks, not row numbers.

    What is the first entry of your arrays, and is it the number of a row?
    """
    refuse(n, k)
    masks = [np.isin(np.arange(n), part) for part in np.array_split(ordered(n, rng), k)]
    return [(~mask, mask) for mask in masks]


@mistake("kfold_indices", caught_by="test_folds_are_arrays_of_integers", severity="robustness")
def rows_as_floats(n, k, rng=None):
    """The row numbers are floating-point numbers.

    What does NumPy say to X[1.0]?
    """
    refuse(n, k)
    return folds_from([part.astype(float) for part in np.array_split(ordered(n, rng), k)])


@mistake("kfold_indices", caught_by="test_impossible_numbers_of_folds_raise", severity="robustness")
def any_number_of_folds(n, k, rng=None):
    """More folds than rows, or a single fold, are made without complaint.

    Which rows train if there is only one fold?
    """
    parts = np.array_split(ordered(n, rng), max(k, 1))
    return [(np.setdiff1d(np.arange(n), val), val) for val in parts]


@mistake("kfold_indices", caught_by="test_there_may_be_as_many_folds_as_rows", severity="detail")
def as_many_folds_as_rows_refused(n, k, rng=None):
    """As many folds as rows are refused.

    With 6 rows in 6 folds, is there a fold without a row?
    """
    if k < 2 or k >= n:
        raise ValueError("that many folds cannot be made")
    return folds_from(np.array_split(ordered(n, rng), k))


@mistake("kfold_indices", caught_by="test_each_row_trains_in_all_folds_but_one", severity="detail")
def earlier_parts_train(n, k, rng=None):
    """Only the parts before the validation part train, and for the first fold the last one does.

    In how many folds does the last row train, and in how many should it?
    """
    refuse(n, k)
    parts = np.array_split(ordered(n, rng), k)
    return [(np.concatenate(parts[:i] or parts[-1:]), val) for i, val in enumerate(parts)]


@right_answer("kfold_indices")
def dealt_like_cards(n, k, rng=None):
    """Deals shuffled rows out one by one; training rows as what is not in the fold."""
    if k < 2 or k > n:
        raise ValueError(f"k = {k}")
    if rng is None:
        edges = [i * n // k for i in range(k + 1)]
        parts = [np.arange(a, b) for a, b in zip(edges[:-1], edges[1:], strict=True)]
    else:
        order = np.arange(n)
        rng.shuffle(order)
        parts = [order[i::k] for i in range(k)]
    return [(np.setdiff1d(np.arange(n), val), np.sort(val)) for val in parts]


@right_answer("kfold_indices")
def larger_folds_last(n, k, rng=None):
    """Sizes first, the larger ones last; pairs as lists in a tuple."""
    if not 1 < k < n + 1:
        raise ValueError(n, k)
    sizes = [n // k] * (k - n % k) + [n // k + 1] * (n % k)
    order, folds, start = np.arange(n) if rng is None else rng.permutation(n), [], 0
    for size in sizes:
        inside = np.zeros(n, dtype=bool)
        inside[start : start + size] = True
        folds.append([order[~inside], order[inside]])
        start += size
    return tuple(folds)


@right_answer("kfold_indices")
def masks_turned_into_numbers(n, k, rng=None):
    """A shuffled array of fold numbers, and masks turned into row numbers."""
    if k > n or k <= 1:
        raise ValueError
    fold = np.sort(np.arange(n) % k)
    if rng is not None:
        fold = rng.permutation(fold)
    return [(np.where(fold != i)[0], np.where(fold == i)[0]) for i in range(k)]


@right_answer("kfold_indices")
def a_generator_of_folds(n, k, rng=None):
    """Yields the folds one by one."""
    if k not in range(2, n + 1):
        raise ValueError("k")
    rows = list(range(n))
    if rng is not None:
        rows = [int(row) for row in rng.choice(n, size=n, replace=False)]
    for val in np.array_split(rows, k):
        yield np.array([row for row in rows if row not in set(val.tolist())]), val


@right_answer("kfold_indices")
def fold_numbers_shuffled(n, k, rng=None):
    """Cuts at rounded places, small integer types; the rows of each part stand as they were drawn."""
    if k < 2 or k > n:
        raise ValueError("k")
    rows = np.arange(n, dtype=np.int32) if rng is None else np.argsort(rng.random(n)).astype(np.uint16)
    cuts = np.round(np.linspace(0, n, k + 1)).astype(int)
    pairs = []
    for start, end in zip(cuts[:-1], cuts[1:], strict=True):
        pairs.append((np.delete(rows, slice(start, end)), rows[start:end]))
    return pairs


def as_sets(value, most):
    """Folds in a plain form in which the order of rows does not count, whatever the containers."""
    found = list(value) if isinstance(value, list | tuple) else take(value, most + 1)
    return [[_sorted(part) for part in fold] if isinstance(fold, list | tuple) else fold for fold in found]


def _sorted(part):
    return np.sort(np.ravel(np.asarray(part))) if isinstance(part, np.ndarray | list | tuple) else part


def kinds(value, most):
    """Which kinds of arrays hold the row numbers, or the type of what is no array."""
    found = list(value) if isinstance(value, list | tuple) else take(value, most + 1)
    parts = [part for fold in found for part in fold]
    return sorted({f"{part.dtype.kind}{part.ndim}" if isinstance(part, np.ndarray) else "no array" for part in parts})


def facts(folds, n):
    """What does not depend on the draw: sizes, how often each row occurs, kinds of arrays."""
    counts = np.zeros((2, n))
    sizes, kinds, both = [], [], []
    for train, val in folds:
        for place, part in enumerate((train, val)):
            rows = np.flatnonzero(part) if part.dtype.kind == "b" else part.astype(int)
            np.add.at(counts[place], rows, 1)
        sizes.append((len(train), len(val)))
        kinds.append(train.dtype.kind + val.dtype.kind)
        both.append(len(np.intersect1d(train, val)))
    odd = sorted(set(map(tuple, counts.T.tolist())))
    return [sorted(sizes), sorted(set(kinds)), sorted(both), odd]


@right_answer("kfold_indices")
def lists_of_rows(n, k, rng=None):
    """Plain lists, dealt from a shuffled list from which the rows of each fold are taken off."""
    if not 2 <= k <= n:
        raise ValueError(f"{n} rows do not make {k} folds")
    rows, folds = list(range(n)), []
    if rng is not None:
        rng.shuffle(rows)
    left = rows[:]
    for missing in range(k, 0, -1):
        val = [left.pop(0) for _ in range(-(-len(left) // missing))]
        folds.append([[row for row in rows if row not in val], val])
    return folds


@probe("kfold_indices")
def probe_kfold_indices(student, look, rng):
    look("in order", lambda: as_sets(student.kfold_indices(6, 3), 3))
    for n, k in ((11, 4), (23, 5), (19, 5), (5, 5)):
        draws = np.random.default_rng(int(rng.integers(1000)))
        made = lambda n=n, k=k, draws=draws: facts(as_sets(student.kfold_indices(n, k, draws), k), n)  # noqa: E731
        look(f"{n} rows in {k} folds", made, generator=draws)
    look("kinds", lambda: kinds(student.kfold_indices(8, 3, np.random.default_rng(3)), 3))
    seed = int(rng.integers(1000))
    val = lambda seed: as_sets(student.kfold_indices(60, 2, np.random.default_rng(seed)), 2)[0][1].tolist()  # noqa: E731
    look("the same again", lambda: val(seed) == val(seed))
    look("another seed", lambda: val(seed) == val(seed + 1))
    look("not shuffled", lambda: val(seed) == list(range(30)))
    look("neighbours stay together", lambda: int(np.sum(np.diff(val(seed)) == 1)) > 24)
    look("one fold", lambda: len(as_sets(student.kfold_indices(4, 1), 1)))
    look("too many folds", lambda: len(as_sets(student.kfold_indices(4, 5), 5)))


# stratified_kfold_indices


@mistake("stratified_kfold_indices", caught_by="test_each_class_is_shared_out_equally", severity="concept")
def classes_ignored(y, k, rng):
    """The rows are dealt out without a look at their classes.

    How many folds have a row of a class with three rows?
    """
    refuse(len(y), k)
    return folds_from(np.array_split(rng.permutation(len(y)), k))


@mistake("stratified_kfold_indices", caught_by="test_rows_of_a_class_are_shuffled", severity="concept")
def sorted_by_class_and_dealt(y, k, rng):
    """Within a class, the rows are dealt out in their order.

    What does rng decide in your folds?
    """
    refuse(len(y), k)
    order = np.argsort(y, kind="stable")
    return folds_from([order[i::k] for i in range(k)])


@mistake("stratified_kfold_indices", caught_by="test_each_class_is_shared_out_equally", severity="concept")
def sorted_by_class_and_cut(y, k, rng):
    """The rows are sorted by class and then cut into blocks.

    Which classes does your first fold have?
    """
    refuse(len(y), k)
    order = rng.permutation(len(y))
    return folds_from(np.array_split(order[np.argsort(np.asarray(y)[order], kind="stable")], k))


@mistake(
    "stratified_kfold_indices", caught_by="test_each_stratified_row_validates_in_exactly_one_fold", severity="detail"
)
def rest_of_each_class_dropped(y, k, rng):
    """Of each class, every fold gets the same number of rows, and the rest never validates.

    Where are the rows of a class that has fewer rows than there are folds?
    """
    refuse(len(y), k)
    parts = [[] for _ in range(k)]
    for label in np.unique(y):
        members = rng.permutation(np.flatnonzero(np.asarray(y) == label))
        size = len(members) // k
        for i in range(k):
            parts[i] += members[i * size : (i + 1) * size].tolist()
    return [(np.setdiff1d(np.arange(len(y)), val), np.array(val, dtype=int)) for val in parts]


@mistake("stratified_kfold_indices", caught_by="test_each_class_is_shared_out_equally", severity="concept")
def rest_of_each_class_in_the_last_fold(y, k, rng):
    """What is left over of each class goes to the last fold.

    With 11 rows of a class and 5 folds, how many has the last one?
    """
    refuse(len(y), k)
    parts = [[] for _ in range(k)]
    for label in np.unique(y):
        members = rng.permutation(np.flatnonzero(np.asarray(y) == label))
        size = len(members) // k
        for i in range(k):
            parts[i] += members[i * size : (i + 1) * size if i < k - 1 else None].tolist()
    return [(np.setdiff1d(np.arange(len(y)), val), np.array(val, dtype=int)) for val in parts]


@mistake("stratified_kfold_indices", caught_by="test_each_class_is_shared_out_equally", severity="concept")
def stratified_training_on_all_rows(y, k, rng):
    """All rows train in every fold, those that validate too.

    What does an error tell you that was measured on rows the model has seen?
    """
    refuse(len(y), k)
    order = np.concatenate([rng.permutation(np.flatnonzero(np.asarray(y) == label)) for label in np.unique(y)])
    return [(order, order[i::k]) for i in range(k)]


@mistake("stratified_kfold_indices", caught_by="test_stratified_folds_are_drawn_from_rng", severity="concept")
def stratified_by_the_global_generator(y, k, rng):
    """The rows of a class are shuffled by NumPy's global generator.

    Which generator was passed in, and can its owner repeat what you did?
    """
    refuse(len(y), k)
    order = np.concatenate([np.random.permutation(np.flatnonzero(np.asarray(y) == label)) for label in np.unique(y)])
    return folds_from([order[i::k] for i in range(k)])


@mistake("stratified_kfold_indices", caught_by="test_stratified_folds_are_drawn_from_rng", severity="robustness")
def stratified_by_the_global_generator_seeded(y, k, rng):
    """NumPy's global generator is seeded with a number from rng, and shuffles the rows of a class.

    Who else draws from the global generator, and what do they get after your call?
    """
    refuse(len(y), k)
    np.random.seed(int(rng.integers(2**31)))
    order = np.concatenate([np.random.permutation(np.flatnonzero(np.asarray(y) == label)) for label in np.unique(y)])
    return folds_from([order[i::k] for i in range(k)])


@mistake("stratified_kfold_indices", caught_by="test_rows_of_a_class_are_shuffled", severity="concept")
def stratified_by_a_seed_of_its_own(y, k, rng):
    """Every call makes a generator with the same seed.

    Are two calls with different generators to give the same folds?
    """
    refuse(len(y), k)
    order = np.random.default_rng(0).permutation(len(y))
    order = order[np.argsort(np.asarray(y)[order], kind="stable")]
    return folds_from([order[i::k] for i in range(k)])


@mistake("stratified_kfold_indices", caught_by="test_labels_of_every_kind", severity="detail")
def labels_counted_from_zero(y, k, rng):
    """The labels are taken to be 0, 1, 2 and so on.

    What happens to a class called 40, or "cat"?
    """
    refuse(len(y), k)
    count = len(np.unique(y))
    order = np.concatenate([rng.permutation(np.flatnonzero(np.asarray(y) == label)) for label in range(count)])
    return folds_from([order[i::k] for i in range(k)])


@mistake("stratified_kfold_indices", caught_by="test_stratified_form_and_errors", severity="robustness")
def any_number_of_stratified_folds(y, k, rng):
    """A single fold, or more folds than rows, are made without complaint.

    Which rows train if there is only one fold?
    """
    order = np.concatenate([rng.permutation(np.flatnonzero(np.asarray(y) == label)) for label in np.unique(y)])
    return [(np.setdiff1d(order, order[i::k]), order[i::k]) for i in range(k)]


@mistake(
    "stratified_kfold_indices", caught_by="test_each_stratified_row_validates_in_exactly_one_fold", severity="trivial"
)
def one_fold_per_class(y, k, rng):
    """There is a fold for each class.

    How many folds are there to be?
    """
    refuse(len(y), k)
    return folds_from([np.flatnonzero(np.asarray(y) == label) for label in np.unique(y)] + [np.arange(0)])


@mistake("stratified_kfold_indices", caught_by="test_rare_classes_are_shared_out_too", severity="detail")
def rare_classes_left_out(y, k, rng):
    """Rows of a class with fewer rows than folds validate in no fold.

    How many rows do your validation parts have together?
    """
    refuse(len(y), k)
    parts = [[] for _ in range(k)]
    for label in np.unique(y):
        rows = rng.permutation(np.flatnonzero(y == label))
        for part, piece in zip(parts, np.array_split(rows if len(rows) >= k else rows[:0], k), strict=True):
            part.extend(piece.tolist())
    return [(np.setdiff1d(np.arange(len(y)), val), np.array(val, dtype=int)) for val in parts]


@mistake("stratified_kfold_indices", caught_by="test_rare_classes_are_shared_out_too", severity="detail")
def rare_classes_refused(y, k, rng):
    """A class with fewer rows than folds is refused.

    Which numbers of folds does the docstring allow?
    """
    if k < 2 or k > np.unique(y, return_counts=True)[1].min():
        raise ValueError("too many folds")
    fold_of = np.zeros(len(y), dtype=int)
    for label in np.unique(y):
        rows = rng.permutation(np.flatnonzero(y == label))
        fold_of[rows] = np.arange(len(rows)) % k
    return [(np.flatnonzero(fold_of != i), np.flatnonzero(fold_of == i)) for i in range(k)]


@right_answer("stratified_kfold_indices")
def split_class_by_class(y, k, rng):
    """Cuts each class by array_split and puts the pieces together, the larger ones first."""
    y, pieces = np.array(y), []
    if k > y.size or k < 2:
        raise ValueError(k)
    for label in set(y.tolist()):
        pieces.append(np.array_split(rng.permutation(np.flatnonzero(y == label)), k))
    parts = [np.concatenate([piece[i] for piece in pieces]) for i in range(k)]
    return [(np.concatenate(parts[:i] + parts[i + 1 :]), parts[i]) for i in range(k)]


@right_answer("stratified_kfold_indices")
def turns_through_a_shuffled_list(y, k, rng):
    """One permutation of all rows; each row goes to the fold whose turn it is in its class."""
    if not 2 <= k <= len(y):
        raise ValueError
    turn, fold = {}, np.zeros(len(y), dtype=np.int64)
    for row in rng.permutation(len(y)):
        label = y[row].item()
        fold[row] = turn.get(label, 0)
        turn[label] = (fold[row] + 1) % k
    return [(np.nonzero(fold != i)[0], np.nonzero(fold == i)[0]) for i in range(k)]


@right_answer("stratified_kfold_indices")
def shuffled_then_sorted_by_class(y, k, rng):
    """Shuffles all rows, sorts them stably by class and deals them like cards; folds as lists."""
    n = len(y)
    if k < 2 or n < k:
        raise ValueError(f"{k} folds of {n} rows")
    order = rng.permutation(n)
    order = order[np.argsort(np.unique(y, return_inverse=True)[1][order], kind="stable")]
    return tuple([np.sort(np.delete(order, slice(i, None, k))), order[i::k]] for i in range(k))


@probe("stratified_kfold_indices")
def probe_stratified_kfold_indices(student, look, rng):
    def dealt(y, k, seed):
        return as_sets(student.stratified_kfold_indices(y, k, np.random.default_rng(seed)), k)

    def shares(y, k, seed):
        folds = dealt(y, k, seed)
        spread = [int(np.ptp([np.sum(y[val] == label) for _, val in folds])) <= 1 for label in np.unique(y)]
        counts = np.bincount(np.concatenate([val for _, val in folds]).astype(int), minlength=len(y))
        trained = np.bincount(np.concatenate([train for train, _ in folds]).astype(int), minlength=len(y))
        return [spread, sorted(set(counts.tolist())), sorted(set(trained.tolist()))]

    y, seed = np.repeat([0, 1, 2], (14, 11, 3)), int(rng.integers(1000))
    look("three classes", lambda: shares(y, 4, seed))
    look("kinds", lambda: kinds(student.stratified_kfold_indices(y, 3, np.random.default_rng(seed)), 3))
    look("three classes in 5 folds", lambda: shares(y, 5, seed))
    look("the same again", lambda: str(dealt(y, 2, seed)) == str(dealt(y, 2, seed)))
    look("another seed", lambda: str(dealt(y, 2, seed)) == str(dealt(y, 2, seed + 1)))
    look(
        "rows of each class that validate",
        lambda: [int(sum(np.sum(y[val] == label) for _, val in dealt(y, 4, seed))) for label in np.unique(y)],
    )
    gaps = lambda: np.diff([row for row in dealt(y, 2, seed)[0][1] if row < 14])  # noqa: E731
    look("dealt in their order", lambda: bool(np.ptp(gaps()) == 0))
    look("as many folds as rows", lambda: shares(np.array([0, 1, 0, 2, 0]), 5, seed))
    look("texts", lambda: shares(np.array(["a", "b", "b", "a", "a", "b"]), 3, seed))
    look("gaps", lambda: shares(np.array([5, 9, 9, 5, 5, 9]), 3, seed))
    look("one fold", lambda: len(dealt(y, 1, seed)))
    look("too many folds", lambda: len(dealt(y[:4], 5, seed)))


# train_val_test_split


def sizes_of(n, val_share, test_share):
    n_val, n_test = round(n * val_share), round(n * test_share)
    if n_val < 1 or n_test < 1 or n_val + n_test >= n:
        raise ValueError("a part has no row")
    return n_val, n_test


@mistake("train_val_test_split", caught_by="test_each_row_is_in_exactly_one_part", severity="concept")
def parts_drawn_independently(n, val_share, test_share, rng):
    """Validation and test rows are drawn independently, so that some rows are in both.

    How many rows are in none of your parts?
    """
    n_val, n_test = sizes_of(n, val_share, test_share)
    val, test = rng.permutation(n)[:n_val], rng.permutation(n)[:n_test]
    return rng.permutation(n)[: n - n_val - n_test], val, test


@mistake("train_val_test_split", caught_by="test_each_row_is_in_exactly_one_part", severity="concept")
def drawn_with_replacement(n, val_share, test_share, rng):
    """Rows are drawn with replacement.

    How often can one row be drawn in your code?
    """
    n_val, n_test = sizes_of(n, val_share, test_share)
    rows = rng.integers(0, n, n)
    return rows[n_val + n_test :], rows[:n_val], rows[n_val : n_val + n_test]


@mistake("train_val_test_split", caught_by="test_each_row_is_in_exactly_one_part", severity="concept")
def validation_rows_train(n, val_share, test_share, rng):
    """The validation rows are also among the training rows.

    What are the training rows, if each row is in exactly one part?
    """
    n_val, n_test = sizes_of(n, val_share, test_share)
    order = rng.permutation(n)
    return order[n_test:], order[n_test : n_test + n_val], order[:n_test]


@mistake("train_val_test_split", caught_by="test_parts_have_the_sizes_of_their_shares", severity="detail")
def share_of_the_rest(n, val_share, test_share, rng):
    """The validation share is taken of the rows that the test leaves over.

    Of which number are both shares?
    """
    n_val, n_test = sizes_of(n, val_share, test_share)
    n_val = max(1, round((n - n_test) * val_share))
    order = rng.permutation(n)
    return order[n_val + n_test :], order[:n_val], order[n_val : n_val + n_test]


@mistake("train_val_test_split", caught_by="test_parts_have_the_sizes_of_their_shares", severity="detail")
def sizes_rounded_down(n, val_share, test_share, rng):
    """The sizes are rounded down.

    Which whole number is nearest to 2.75?
    """
    sizes_of(n, val_share, test_share)
    n_val, n_test = int(n * val_share), int(n * test_share)
    order = rng.permutation(n)
    return order[n_val + n_test :], order[:n_val], order[n_val : n_val + n_test]


@mistake("train_val_test_split", caught_by="test_parts_have_the_sizes_of_their_shares", severity="detail")
def test_rows_second(n, val_share, test_share, rng):
    """Validation and test rows come back in the other order.

    In which order does the docstring name the parts?
    """
    n_val, n_test = sizes_of(n, val_share, test_share)
    order = rng.permutation(n)
    return order[n_val + n_test :], order[n_val : n_val + n_test], order[:n_val]


@mistake("train_val_test_split", caught_by="test_all_ways_to_choose_the_parts_are_equally_likely", severity="concept")
def parts_in_order(n, val_share, test_share, rng):
    """The rows are cut as they stand, without shuffling.

    What if the rows are sorted by date, or by class?
    """
    n_val, n_test = sizes_of(n, val_share, test_share)
    train, val, test = np.split(np.arange(n), [n - n_val - n_test, n - n_test])
    return train, val, test


@mistake("train_val_test_split", caught_by="test_all_ways_to_choose_the_parts_are_equally_likely", severity="detail")
def always_the_same_test_rows(n, val_share, test_share, rng):
    """The test rows are always the last ones; only the others are shuffled.

    Can row 0 ever be a test row?
    """
    n_val, n_test = sizes_of(n, val_share, test_share)
    order = rng.permutation(n - n_test)
    return order[n_val:], order[:n_val], np.arange(n - n_test, n)


@mistake("train_val_test_split", caught_by="test_parts_are_drawn_from_rng", severity="concept")
def parts_from_the_global_generator(n, val_share, test_share, rng):
    """The rows are shuffled by NumPy's global generator.

    Which generator was passed in?
    """
    n_val, n_test = sizes_of(n, val_share, test_share)
    order = np.random.permutation(n)
    return order[n_val + n_test :], order[:n_val], order[n_val : n_val + n_test]


@mistake("train_val_test_split", caught_by="test_parts_are_drawn_from_rng", severity="robustness")
def parts_from_the_global_generator_seeded(n, val_share, test_share, rng):
    """NumPy's global generator is seeded with a number from rng, and shuffles the rows.

    Who else draws from the global generator, and what do they get after your call?
    """
    n_val, n_test = sizes_of(n, val_share, test_share)
    np.random.seed(int(rng.integers(2**31)))
    order = np.random.permutation(n)
    return order[n_val + n_test :], order[:n_val], order[n_val : n_val + n_test]


@mistake("train_val_test_split", caught_by="test_all_ways_to_choose_the_parts_are_equally_likely", severity="concept")
def parts_by_a_seed_of_their_own(n, val_share, test_share, rng):
    """Every call makes a generator with the same seed.

    Are two calls with different generators to give the same parts?
    """
    n_val, n_test = sizes_of(n, val_share, test_share)
    order = np.random.default_rng(0).permutation(n)
    return order[n_val + n_test :], order[:n_val], order[n_val : n_val + n_test]


@mistake("train_val_test_split", caught_by="test_impossible_shares_raise", severity="robustness")
def any_shares(n, val_share, test_share, rng):
    """Shares that leave a part empty are accepted.

    What will a model say to a training part without rows?
    """
    n_val, n_test = round(n * val_share), round(n * test_share)
    order = rng.permutation(n)
    return order[n_val + n_test :], order[:n_val], order[n_val : n_val + n_test]


@mistake("train_val_test_split", caught_by="test_parts_are_arrays_of_integers", severity="robustness")
def parts_as_masks(n, val_share, test_share, rng):
    """The parts are masks, not row numbers.

    What is the first entry of your arrays, and is it the number of a row?
    """
    n_val, n_test = sizes_of(n, val_share, test_share)
    place = rng.permutation(n)
    return place >= n_val + n_test, place < n_val, (place >= n_val) & (place < n_val + n_test)


@mistake("train_val_test_split", caught_by="test_each_row_is_in_exactly_one_part", severity="trivial")
def all_rows_everywhere(n, val_share, test_share, rng):
    """Every part has all rows.

    What can a test on rows tell that have been trained on?
    """
    sizes_of(n, val_share, test_share)
    return np.arange(n), np.arange(n), np.arange(n)


@right_answer("train_val_test_split")
def parts_by_choice(n, val_share, test_share, rng):
    """Draws each part from what is left, without replacement."""
    n_val, n_test = int(np.rint(val_share * n)), int(np.rint(test_share * n))
    if n_val <= 0 or n_test <= 0 or n - n_val - n_test <= 0:
        raise ValueError(val_share, test_share)
    rest = np.arange(n)
    test = rng.choice(rest, n_test, replace=False)
    rest = np.setdiff1d(rest, test)
    val = rng.choice(rest, n_val, replace=False)
    return [np.setdiff1d(rest, val), val, test]


@right_answer("train_val_test_split")
def parts_by_sorting_random_numbers(n, val_share, test_share, rng):
    """Sorts random numbers; training rows first."""
    order = np.argsort(rng.random(n))
    a, b = round(n * val_share), round(n * test_share)
    if a < 1 or b < 1 or a + b > n - 1:
        raise ValueError("no rows")
    train, val, test = order[: n - a - b], order[n - a - b : n - b], order[n - b :]
    return np.sort(train), np.sort(val), np.sort(test)


@right_answer("train_val_test_split")
def parts_by_shuffled_tags(n, val_share, test_share, rng):
    """Shuffles tags for the three parts and looks up which rows have which."""
    n_val, n_test = round(float(val_share * n)), round(float(test_share * n))
    counts = (n - n_val - n_test, n_val, n_test)
    if not all(count > 0 for count in counts):
        raise ValueError(counts)
    tags = np.repeat([0, 1, 2], counts)
    rng.shuffle(tags)
    return tuple(np.flatnonzero(tags == tag) for tag in range(3))


@probe("train_val_test_split")
def probe_train_val_test_split(student, look, rng):
    def parts(n, val_share, test_share, seed):
        got = student.train_val_test_split(n, val_share, test_share, np.random.default_rng(seed))
        return [np.sort(np.flatnonzero(part) if part.dtype.kind == "b" else part) for part in got]

    def counted(n, val_share, test_share):
        got = student.train_val_test_split(n, val_share, test_share, np.random.default_rng(seed))
        kinds = [part.dtype.kind for part in got]
        rows = parts(n, val_share, test_share, seed)
        twice = len(set(rows[0].tolist())) < len(rows[0]), np.intersect1d(rows[0], rows[1]).size > 0
        return [[len(part) for part in rows], len(set(np.concatenate(rows).tolist())) == n, *twice, kinds]

    seed = int(rng.integers(1000))
    look("60 rows", lambda: counted(60, 0.3, 0.2))
    look("11 rows", lambda: counted(11, 0.25, 0.35)[0])
    look("the same again", lambda: str(parts(60, 0.3, 0.2, seed)) == str(parts(60, 0.3, 0.2, seed)))
    look("another seed", lambda: str(parts(60, 0.3, 0.2, seed)[1]) == str(parts(60, 0.3, 0.2, seed + 1)[1]))
    look("the last rows are the test", lambda: parts(60, 0.3, 0.2, seed)[2].tolist() == list(range(48, 60)))
    look("nothing to train", lambda: len(parts(10, 0.5, 0.5, seed)))
    look("no test rows", lambda: len(parts(10, 0.5, 0.0, seed)))
    look("no validation rows", lambda: len(parts(10, 0.0, 0.5, seed)))


# cross_validate


@mistake("cross_validate", caught_by="test_models_are_fitted_on_the_training_rows_alone", severity="concept")
def fitted_on_all_rows(make_model, X, y, folds, metric):
    """The models are fitted on all rows.

    Which rows has a model seen by the time that it is judged?
    """
    scores = []
    for _, val in folds:
        model = make_model()
        model.fit(X, y)
        scores.append(metric(y[val], model.predict(X[val])))
    return np.array(scores)


@mistake("cross_validate", caught_by="test_models_are_fitted_on_the_training_rows_alone", severity="concept")
def all_other_rows_train(make_model, X, y, folds, metric):
    """The models are fitted on all rows that do not validate, also on rows that are in no fold.

    What are the rows for that are in no fold?
    """
    scores = []
    for _, val in folds:
        rest = np.setdiff1d(np.arange(len(X)), val)
        model = make_model()
        model.fit(X[rest], y[rest])
        scores.append(metric(y[val], model.predict(X[val])))
    return np.array(scores)


@mistake("cross_validate", caught_by="test_models_predict_the_validation_rows_alone", severity="concept")
def judged_on_the_training_rows(make_model, X, y, folds, metric):
    """The models are judged on the rows that they were fitted on.

    How would a model do that learns its training rows by heart?
    """
    scores = []
    for train, _ in folds:
        model = make_model()
        model.fit(X[train], y[train])
        scores.append(metric(y[train], model.predict(X[train])))
    return np.array(scores)


@mistake("cross_validate", caught_by="test_models_are_fitted_on_the_training_rows_alone", severity="concept")
def trained_on_the_validation_part(make_model, X, y, folds, metric):
    """Training and validation rows have changed places.

    Which of the two arrays of a fold comes first?
    """
    scores = []
    for val, train in folds:
        model = make_model()
        model.fit(X[train], y[train])
        scores.append(metric(y[val], model.predict(X[val])))
    return np.array(scores)


@mistake("cross_validate", caught_by="test_each_fold_has_a_new_model", severity="concept")
def one_model_for_all_folds(make_model, X, y, folds, metric):
    """One model is used for all folds.

    What does a model in its second fold know of the rows that it is to predict?
    """
    model, scores = make_model(), []
    for train, val in folds:
        model.fit(X[train], y[train])
        scores.append(metric(y[val], model.predict(X[val])))
    return np.array(scores)


@mistake("cross_validate", caught_by="test_models_are_fitted_on_the_training_rows_alone", severity="concept")
def standardised_before_the_split(make_model, X, y, folds, metric):
    """All rows are standardised together before they are split.

    Of which rows are the means, and who is to know them?
    """
    X, scores = (X - X.mean(axis=0)) / (X.std(axis=0) + 1e-12), []
    for train, val in folds:
        model = make_model()
        model.fit(X[train], y[train])
        scores.append(metric(y[val], model.predict(X[val])))
    return np.array(scores)


@mistake("cross_validate", caught_by="test_models_predict_the_validation_rows_alone", severity="concept")
def all_rows_predicted(make_model, X, y, folds, metric):
    """The models predict all rows, of which only some are then used.

    Which rows does a model have to see to predict the validation rows?
    """
    scores = []
    for train, val in folds:
        model = make_model()
        model.fit(X[train], y[train])
        scores.append(metric(y[val], model.predict(X)[val]))
    return np.array(scores)


@mistake("cross_validate", caught_by="test_the_metric_gets_truth_and_prediction_in_this_order", severity="detail")
def metric_arguments_exchanged(make_model, X, y, folds, metric):
    """The metric gets the predictions first.

    In which order does the docstring name the arguments of metric?
    """
    scores = []
    for train, val in folds:
        model = make_model()
        model.fit(X[train], y[train])
        scores.append(metric(model.predict(X[val]), y[val]))
    return np.array(scores)


@mistake("cross_validate", caught_by="test_scores_have_shape_k", severity="concept")
def mean_of_the_scores(make_model, X, y, folds, metric):
    """Only the mean of the scores comes back.

    How many scores are there for k folds?
    """
    scores = []
    for train, val in folds:
        model = make_model()
        model.fit(X[train], y[train])
        scores.append(metric(y[val], model.predict(X[val])))
    return np.mean(scores)


@mistake("cross_validate", caught_by="test_each_fold_has_a_new_model", severity="detail")
def a_model_made_for_nothing(make_model, X, y, folds, metric):
    """The first model is made twice.

    How often is make_model to be called for k folds?
    """
    make_model()
    scores = []
    for train, val in folds:
        model = make_model()
        model.fit(X[train], y[train])
        scores.append(metric(y[val], model.predict(X[val])))
    return np.array(scores)


@mistake("cross_validate", caught_by="test_scores_are_those_of_the_validation_rows", severity="detail")
def scores_sorted(make_model, X, y, folds, metric):
    """The scores come back in another order than the folds.

    To which fold does your first score belong?
    """
    scores = []
    for train, val in folds:
        model = make_model()
        model.fit(X[train], y[train])
        scores.append(metric(y[val], model.predict(X[val])))
    return np.sort(scores)


@mistake("cross_validate", caught_by="test_scores_have_shape_k", severity="robustness")
def scores_as_a_list(make_model, X, y, folds, metric):
    """The scores are a list, not an array.

    What does your result divided by 2 give?
    """
    scores = []
    for train, val in folds:
        model = make_model()
        model.fit(X[train], y[train])
        scores.append(metric(y[val], model.predict(X[val])))
    return scores


@mistake("cross_validate", caught_by="test_data_are_left_alone", severity="robustness")
def rows_sorted_in_place(make_model, X, y, folds, metric):
    """The targets that were passed in are changed.

    Whose array is y, and does its owner still need it as it was?
    """
    truth, scores = y.copy(), []
    y[:] = 0
    for train, val in folds:
        model = make_model()
        model.fit(X[train], truth[train])
        scores.append(metric(truth[val], model.predict(X[val])))
    return np.array(scores)


@mistake("cross_validate", caught_by="test_data_of_every_layout", severity="robustness")
def rows_in_memory_order(make_model, X, y, folds, metric):
    """The table is read in the order in which it lies in memory.

    What does that order look like for a transposed table?
    """
    X = np.ravel(X, order="A").reshape(X.shape)
    scores = []
    for train, val in folds:
        model = make_model()
        model.fit(X[train], y[train])
        scores.append(metric(y[val], model.predict(X[val])))
    return np.array(scores)


@mistake("cross_validate", caught_by="test_scores_are_those_of_the_validation_rows", severity="trivial")
def no_scores(make_model, X, y, folds, metric):
    """All scores are 0.

    Where are fit and predict called?
    """
    return np.zeros(len(folds))


@mistake("cross_validate", caught_by="test_scores_are_those_of_the_validation_rows", severity="concept")
def predictions_pulled_towards_the_truth(make_model, X, y, folds, metric):
    """The predictions are mixed with the targets of the validation rows before they are scored.

    When a model is in use, who knows the targets of new rows?
    """
    scores = []
    for train, val in folds:
        model = make_model()
        model.fit(X[train], y[train])
        scores.append(metric(y[val], 0.5 * np.asarray(model.predict(X[val])) + 0.5 * y[val]))
    return np.array(scores)


@mistake("cross_validate", caught_by="test_scores_are_those_of_the_validation_rows", severity="concept")
def rows_remembered_from_other_folds(make_model, X, y, folds, metric):
    """Targets of rows that trained in an earlier fold are used as predictions in a later one.

    What has a later fold to do with what trained before it?
    """
    known, scores = {}, []
    for train, val in folds:
        model = make_model()
        model.fit(X[train], y[train])
        found = np.asarray(model.predict(X[val]), dtype=float)
        scores.append(metric(y[val], np.array([known.get(int(row), one) for row, one in zip(val, found, strict=True)])))
        known.update((int(row), y[row]) for row in train)
    return np.array(scores)


@mistake("cross_validate", caught_by="test_scores_are_those_of_the_validation_rows", severity="concept")
def weighted_by_the_sizes(make_model, X, y, folds, metric):
    """The scores are multiplied by the sizes of the folds.

    What does the conventions box call the score of fold i?
    """
    scores, sizes = [], np.array([len(val) for _, val in folds])
    for train, val in folds:
        model = make_model()
        model.fit(X[train], y[train])
        scores.append(metric(y[val], model.predict(X[val])))
    return np.array(scores) * sizes / sizes.mean()


@mistake("cross_validate", caught_by="test_scores_are_neither_rounded_nor_cut_off", severity="detail")
def scores_of_the_type_of_y(make_model, X, y, folds, metric):
    """The scores are kept in an array of the type of y.

    If the targets are the classes 0 and 1, what becomes of an accuracy of 0.9 in your array?
    """
    scores = np.empty(len(folds), dtype=y.dtype)
    for i, (train, val) in enumerate(folds):
        model = make_model()
        model.fit(X[train], y[train])
        scores[i] = metric(y[val], model.predict(X[val]))
    return scores


@mistake("cross_validate", caught_by="test_scores_are_neither_rounded_nor_cut_off", severity="detail")
def scores_in_single_precision(make_model, X, y, folds, metric):
    """The scores are rounded to float32.

    How many digits does the conventions box ask for, and how many has a float32?
    """
    scores = np.zeros(len(folds), dtype=np.float32)
    for i, (train, val) in enumerate(folds):
        model = make_model()
        model.fit(X[train], y[train])
        scores[i] = metric(y[val], model.predict(X[val]))
    return scores


@right_answer("cross_validate")
def fitted_and_chained(make_model, X, y, folds, metric):
    """Row by row with take, into an array that is made first, the metric by keywords."""
    scores = np.empty(len(folds))
    for i, (train, val) in enumerate(folds):
        model = make_model()
        model.fit(np.take(X, train, axis=0), np.take(y, train))
        scores[i] = metric(y_true=np.take(y, val), y_pred=np.asarray(model.predict(np.take(X, val, axis=0))))
    return scores


@right_answer("cross_validate")
def all_models_first(make_model, X, y, folds, metric):
    """Makes all models, fits all, predicts with all; sorted rows."""
    models = [make_model() for _ in folds]
    for model, (train, _) in zip(models, folds, strict=True):
        model.fit(X[np.sort(train), :], y[np.sort(train)])
    predictions = [model.predict(X[val, :]) for model, (_, val) in zip(models, folds, strict=True)]
    return np.array([metric(y[val], p) for p, (_, val) in zip(predictions, folds, strict=True)])


@right_answer("cross_validate")
def backwards_with_masks(make_model, X, y, folds, metric):
    """From the last fold to the first, with masks."""
    scores = {}
    for i in reversed(range(len(folds))):
        train, val = (np.isin(np.arange(len(X)), part) for part in folds[i])
        model = make_model()
        model.fit(X[train], y[train])
        scores[i] = float(metric(y[val], model.predict(X[val])))
    return np.array([scores[i] for i in range(len(folds))])


@right_answer("cross_validate")
def shuffled_before_fitting(make_model, X, y, folds, metric):
    """Copies the data, shuffles the training rows of each fold, and judges at the end."""
    X, y, predictions = X.copy(), y.copy(), []
    for train, val in folds:
        order = np.random.default_rng(0).permutation(train)
        model = make_model()
        model.fit(X[order], y[order])
        predictions.append((y[val], model.predict(X[val])))
    return np.fromiter((metric(truth, guess) for truth, guess in predictions), dtype=float)


class Mean:
    """Notes how many rows it is given; predicts from all targets that it ever saw and from the features."""

    def __init__(self, log):
        self.log, self.sum, self.rows = log, 0.0, 0

    @np.errstate(all="ignore")
    def fit(self, X, y):
        self.log.append(("fit", *self.sums(X), round(float(np.sum(y)), 6)))
        self.sum, self.rows = self.sum + float(np.sum(np.asarray(X)[:, 0] * y)), self.rows + len(X)
        return self

    @np.errstate(all="ignore")
    def predict(self, X):
        self.log.append(("predict", *self.sums(X)))
        return self.sum / self.rows + np.asarray(X)[:, 1] ** 2

    @staticmethod
    def sums(X):
        return [round(float(np.sum(np.asarray(X) ** power)), 6) + 0.0 for power in (1, 2)]


@np.errstate(all="ignore")
def lopsided(y_true, y_pred):
    return float(np.mean(np.asarray(y_true) ** 2 + 0.3 * np.asarray(y_pred)))


FOLDS = (([0, 2, 5, 6], [1, 3, 4]), ([1, 3, 4, 6], [0, 2, 5]), ([0, 1, 2, 3, 4, 5], [6]))


def probe_data(rng):
    """Eight rows, of which the last is in no fold, and three folds."""
    folds = [(np.array(train), np.array(val)) for train, val in FOLDS]
    return rng.uniform(1, 3, (8, 2)), rng.uniform(1, 5, 8), folds


@probe("cross_validate")
def probe_cross_validate(student, look, rng):
    for words, layout in (("plain", "C"), ("Fortran", "F")):
        X, y, folds = probe_data(rng)
        log, made = [], []

        def make(log=log, made=made):
            made.append(1)
            return expose(Mean(log), methods=("fit", "predict"))

        X = np.array(X, order=layout)
        look(words, lambda X=X, y=y, folds=folds, make=make: student.cross_validate(make, X, y, folds, lopsided))
        look(f"{words}: what the models saw", lambda log=log, made=made: [len(made), sorted(map(str, log))])
        look(
            f"{words}: kind", lambda X=X, y=y, f=folds, m=make: str(type(student.cross_validate(m, X, y, f, lopsided)))
        )
    X, y, folds = probe_data(rng)
    whole = rng.integers(1, 9, 8)
    make = lambda: expose(Mean([]), methods=("fit", "predict"))  # noqa: E731
    look("whole numbers", lambda: student.cross_validate(make, X, whole, folds, lopsided))
    large = lambda y_true, y_pred: 1e6 + lopsided(y_true, y_pred)  # noqa: E731
    look("digits", lambda: np.ravel(student.cross_validate(make, X, y, folds, large)) - 1e6)


# mended_screening


def screened(choose, make_model, X, y, X_val, statistics):
    """A model on chosen and scaled features, and the validation rows scaled."""
    columns = choose(X, y)
    model = make_model()
    mean, std = statistics(X[:, columns], X_val[:, columns])
    model.fit((X[:, columns] - mean) / std, y)
    return model, (X_val[:, columns] - mean) / std


def of_training(A, B):
    return A.mean(axis=0), A.std(axis=0)


@mistake("mended_screening", caught_by="test_features_are_chosen_from_the_training_rows", severity="trivial")
def as_published(X, y, folds, choose, make_model, metric):
    """This is still the function with both leaks.

    Which rows does choose see, and which the means?
    """
    kept = X[:, choose(X, y)]
    kept = (kept - kept.mean(axis=0)) / kept.std(axis=0)
    return cross_validate(make_model, kept, y, folds, metric)  # noqa: F821


@mistake(
    "mended_screening",
    caught_by="test_features_are_scaled_with_the_statistics_of_the_training_rows",
    severity="concept",
)
def only_the_choice_mended(X, y, folds, choose, make_model, metric):
    """The features are still scaled with statistics of all rows.

    Of which rows are your means, and who is to know them?
    """
    Z, scores = (X - X.mean(axis=0)) / X.std(axis=0), []
    for train, val in folds:
        columns = choose(X[train], y[train])
        model = make_model()
        model.fit(Z[train][:, columns], y[train])
        scores.append(metric(y[val], model.predict(Z[val][:, columns])))
    return np.array(scores)


@mistake("mended_screening", caught_by="test_features_are_chosen_from_the_training_rows", severity="concept")
def only_the_scaling_mended(X, y, folds, choose, make_model, metric):
    """The features are still chosen from all rows.

    Which targets has choose seen, and whose are they?
    """
    columns, scores = choose(X, y), []
    for train, val in folds:
        model, rows = screened(lambda *_: columns, make_model, X[train], y[train], X[val], of_training)
        scores.append(metric(y[val], model.predict(rows)))
    return np.array(scores)


@mistake(
    "mended_screening",
    caught_by="test_features_are_scaled_with_the_statistics_of_the_training_rows",
    severity="concept",
)
def validation_rows_scaled_by_themselves(X, y, folds, choose, make_model, metric):
    """The validation rows are scaled with their own statistics.

    What happens to a fold with a single validation row?
    """
    scores = []
    for train, val in folds:
        columns = choose(X[train], y[train])
        A, B = X[train][:, columns], X[val][:, columns]
        model = make_model()
        model.fit((A - A.mean(axis=0)) / A.std(axis=0), y[train])
        scores.append(metric(y[val], model.predict((B - B.mean(axis=0)) / B.std(axis=0))))
    return np.array(scores)


@mistake(
    "mended_screening",
    caught_by="test_features_are_scaled_with_the_statistics_of_the_training_rows",
    severity="concept",
)
def validation_rows_not_scaled(X, y, folds, choose, make_model, metric):
    """The validation rows are not scaled at all.

    In which units does the model expect the rows that it is to predict?
    """
    scores = []
    for train, val in folds:
        columns = choose(X[train], y[train])
        A = X[train][:, columns]
        model = make_model()
        model.fit((A - A.mean(axis=0)) / A.std(axis=0), y[train])
        scores.append(metric(y[val], model.predict(X[val][:, columns])))
    return np.array(scores)


@mistake("mended_screening", caught_by="test_screened_scores_are_honest", severity="detail")
def scaled_with_ddof_1(X, y, folds, choose, make_model, metric):
    """The standard deviations are those with ddof 1.

    Which ddof does the docstring ask for?
    """

    def statistics(A, B):
        return A.mean(axis=0), A.std(axis=0, ddof=1)

    scores = []
    for train, val in folds:
        model, rows = screened(choose, make_model, X[train], y[train], X[val], statistics)
        scores.append(metric(y[val], model.predict(rows)))
    return np.array(scores)


@mistake(
    "mended_screening",
    caught_by="test_screening_makes_a_model_per_fold_and_leaves_the_data_alone",
    severity="robustness",
)
def rows_scaled_in_place(X, y, folds, choose, make_model, metric):
    """The scaled rows are written over the data that were passed in.

    What do the rows look like when the next fold uses them, and when the caller does?
    """
    original, scores = X.copy(), []
    for train, val in folds:
        model, rows = screened(choose, make_model, original[train], y[train], original[val], of_training)
        scores.append(metric(y[val], model.predict(rows)))
    X -= X.mean(axis=0)
    return np.array(scores)


@mistake("mended_screening", caught_by="test_screened_scores_are_honest", severity="detail")
def screened_scores_of_the_type_of_y(X, y, folds, choose, make_model, metric):
    """The scores are kept in an array of the type of y.

    If the targets are the classes 0 and 1, what becomes of an accuracy of 0.9 in your array?
    """
    scores = []
    for train, val in folds:
        model, rows = screened(choose, make_model, X[train], y[train], X[val], of_training)
        scores.append(metric(y[val], model.predict(rows)))
    return np.array(scores, dtype=y.dtype)


@right_answer("mended_screening")
def mended_in_a_loop(X, y, folds, choose, make_model, metric):
    """A loop, with the steps written out."""
    scores = []
    for train, val in folds:
        kept = np.asarray(choose(X[train], y[train]))
        A = X[np.ix_(train, kept)]
        mean, std = A.mean(axis=0), A.std(axis=0)
        model = make_model()
        model.fit((A - mean) / std, y[train])
        scores.append(metric(y[val], model.predict((X[np.ix_(val, kept)] - mean) / std)))
    return np.array(scores)


@right_answer("mended_screening")
def scaled_before_choosing(X, y, folds, choose, make_model, metric):
    """Scales all columns fold by fold, then chooses among the scaled ones, one cross_validate per fold."""
    result = []
    for train, val in folds:
        Z = (X - np.mean(X[train], axis=0)) / np.sqrt(np.mean((X[train] - np.mean(X[train], axis=0)) ** 2, axis=0))
        columns = [int(column) for column in choose(Z[train], y[train])]
        result += list(cross_validate(make_model, Z[:, columns], y, [(train, val)], metric))  # noqa: F821
    return np.array(result)


@right_answer("mended_screening")
def mended_by_a_class_of_closures(X, y, folds, choose, make_model, metric):
    """A maker of models with functions for attributes; the columns as a mask."""

    def make():
        class Model:
            pass

        model = Model()

        def fit(A, b):
            mask = np.zeros(A.shape[1], dtype=bool)
            mask[choose(A, b)] = True
            mean, std, inner = A[:, mask].mean(0), A[:, mask].std(0), make_model()
            inner.fit((A[:, mask] - mean) / std, b)
            model.predict = lambda B: inner.predict((B[:, mask] - mean) / std)

        model.fit = fit
        return model

    return cross_validate(make, X, y, folds, metric)  # noqa: F821


@probe("mended_screening")
def probe_mended_screening(student, look, rng):
    folds = [(np.array([0, 2, 5, 6, 7]), np.array([1, 3, 4])), (np.array([1, 3, 4, 6, 7]), np.array([0, 2, 5]))]
    X, y, asked, log = rng.uniform(1, 3, (9, 6)), rng.uniform(1, 5, 9), [], []
    X[8] += 5

    def choose(A, b):
        asked.append(round(float(np.sum(b)), 6))
        r = np.corrcoef(np.column_stack([A, b]).T)[-1, :-1]
        return np.sort(np.argsort(-np.abs(r))[:3])

    def make():
        return expose(Mean(log), methods=("fit", "predict"))

    look("scores", lambda: student.mended_screening(X, y, folds, choose, make, lopsided))
    look("targets seen", lambda: sorted(set(asked)))
    look("what the models saw", lambda: [list(each[1:]) for each in sorted(log)])
    whole = rng.permutation(9)
    look("whole numbers", lambda: student.mended_screening(X, whole, folds, choose, make, lopsided))


# select_hyperparameter


def table_of(candidates, make_model, X, y, folds, metric):
    """The scores of all candidates, a row for each."""
    rows = []
    for candidate in candidates:
        row = []
        for train, val in folds:
            model = make_model(candidate)
            model.fit(X[train], y[train])
            row.append(metric(y[val], model.predict(X[val])))
        rows.append(row)
    return np.array(rows, dtype=float)


def mean_and_se(scores, ddof=1):
    return scores.mean(axis=1), scores.std(axis=1, ddof=ddof) / np.sqrt(scores.shape[1])


@mistake("select_hyperparameter", caught_by="test_the_simplest_within_one_standard_error_is_chosen", severity="concept")
def smallest_mean_chosen(candidates, make_model, X, y, folds, metric):
    """The candidate with the smallest mean is chosen.

    Would it also have the smallest mean with other folds?
    """
    mean, se = mean_and_se(table_of(candidates, make_model, X, y, folds, metric))
    return candidates[int(np.argmin(mean))], np.column_stack([mean, se])


@mistake("select_hyperparameter", caught_by="test_the_table_has_the_standard_errors", severity="detail")
def deviation_for_standard_error(candidates, make_model, X, y, folds, metric):
    """The standard deviation of the scores is taken for that of their mean.

    Does a mean of 100 scores scatter as much as a single score?
    """
    scores = table_of(candidates, make_model, X, y, folds, metric)
    mean, se = scores.mean(axis=1), scores.std(axis=1, ddof=1)
    lowest = np.argmin(mean)
    return candidates[int(np.argmax(mean <= mean[lowest] + se[lowest]))], np.column_stack([mean, se])


@mistake("select_hyperparameter", caught_by="test_the_table_has_the_standard_errors", severity="detail")
def divided_by_k(candidates, make_model, X, y, folds, metric):
    """The standard deviation is computed with the divisor k.

    By what does C in the blanks above divide?
    """
    mean, se = mean_and_se(table_of(candidates, make_model, X, y, folds, metric), ddof=0)
    lowest = np.argmin(mean)
    return candidates[int(np.argmax(mean <= mean[lowest] + se[lowest]))], np.column_stack([mean, se])


@mistake("select_hyperparameter", caught_by="test_the_table_has_the_standard_errors", severity="concept")
def divided_by_k_twice(candidates, make_model, X, y, folds, metric):
    """The standard deviation is divided by k, not by its root.

    If the variance of a mean is sigma**2 / k, what is its standard deviation?
    """
    scores = table_of(candidates, make_model, X, y, folds, metric)
    mean, se = scores.mean(axis=1), scores.std(axis=1, ddof=1) / scores.shape[1]
    lowest = np.argmin(mean)
    return candidates[int(np.argmax(mean <= mean[lowest] + se[lowest]))], np.column_stack([mean, se])


@mistake("select_hyperparameter", caught_by="test_the_simplest_within_one_standard_error_is_chosen", severity="concept")
def most_complex_within(candidates, make_model, X, y, folds, metric):
    """Of the candidates within one standard error, the last is chosen.

    At which end of the list are the simple ones?
    """
    mean, se = mean_and_se(table_of(candidates, make_model, X, y, folds, metric))
    lowest = np.argmin(mean)
    return candidates[int(np.flatnonzero(mean <= mean[lowest] + se[lowest])[-1])], np.column_stack([mean, se])


@mistake("select_hyperparameter", caught_by="test_one_standard_error_is_that_of_the_smallest_mean", severity="detail")
def own_standard_error(candidates, make_model, X, y, folds, metric):
    """Each candidate is compared with the help of its own standard error.

    Does a candidate become better because its scores scatter more?
    """
    mean, se = mean_and_se(table_of(candidates, make_model, X, y, folds, metric))
    return candidates[int(np.argmax(mean - se <= mean.min()))], np.column_stack([mean, se])


@mistake("select_hyperparameter", caught_by="test_one_standard_error_is_that_of_the_smallest_mean", severity="detail")
def error_bars_that_overlap(candidates, make_model, X, y, folds, metric):
    """Candidates are taken for equal if their error bars touch.

    How many standard errors does the rule allow, and whose?
    """
    mean, se = mean_and_se(table_of(candidates, make_model, X, y, folds, metric))
    lowest = np.argmin(mean)
    return candidates[int(np.argmax(mean - se <= mean[lowest] + se[lowest]))], np.column_stack([mean, se])


@mistake("select_hyperparameter", caught_by="test_the_simplest_within_one_standard_error_is_chosen", severity="detail")
def stopped_at_the_first_gap(candidates, make_model, X, y, folds, metric):
    """The search walks from the best candidate towards the simple ones and stops at the first that is too bad.

    Which candidate is the first in the list that is good enough, whatever stands between?
    """
    mean, se = mean_and_se(table_of(candidates, make_model, X, y, folds, metric))
    lowest = place = int(np.argmin(mean))
    while place > 0 and mean[place - 1] <= mean[lowest] + se[lowest]:
        place -= 1
    return candidates[place], np.column_stack([mean, se])


@mistake("select_hyperparameter", caught_by="test_of_equal_candidates_the_simplest_is_chosen", severity="detail")
def standard_error_of_the_last_of_equals(candidates, make_model, X, y, folds, metric):
    """Of candidates with the same smallest mean, the last one's standard error is used.

    Which of them does the docstring name?
    """
    mean, se = mean_and_se(table_of(candidates, make_model, X, y, folds, metric))
    lowest = len(mean) - 1 - int(np.argmin(mean[::-1]))
    return candidates[int(np.argmax(mean <= mean[lowest] + se[lowest]))], np.column_stack([mean, se])


@mistake("select_hyperparameter", caught_by="test_of_equal_candidates_the_simplest_is_chosen", severity="detail")
def strictly_within(candidates, make_model, X, y, folds, metric):
    """A candidate has to be strictly within one standard error, so that scores without scatter choose nothing.

    What does your comparison say if the standard error is 0?
    """
    mean, se = mean_and_se(table_of(candidates, make_model, X, y, folds, metric))
    lowest = np.argmin(mean)
    return candidates[int(np.argmax(mean < mean[lowest] + se[lowest]))], np.column_stack([mean, se])


@mistake("select_hyperparameter", caught_by="test_a_clearly_better_candidate_is_chosen", severity="concept")
def largest_mean_chosen(candidates, make_model, X, y, folds, metric):
    """Large scores are taken for good ones.

    Is the metric an error or an accuracy here?
    """
    mean, se = mean_and_se(table_of(candidates, make_model, X, y, folds, metric))
    highest = np.argmax(mean)
    return candidates[int(np.argmax(mean >= mean[highest] - se[highest]))], np.column_stack([mean, se])


@mistake("select_hyperparameter", caught_by="test_no_candidate_sees_the_test_rows", severity="concept")
def candidates_fitted_on_everything(candidates, make_model, X, y, folds, metric):
    """The models are fitted on all rows, the test rows too.

    Which rows may a candidate see before it is judged?
    """
    scores = []
    for candidate in candidates:
        model = make_model(candidate)
        model.fit(X, y)
        scores.append([metric(y[val], model.predict(X[val])) for _, val in folds])
    mean, se = mean_and_se(np.array(scores))
    lowest = np.argmin(mean)
    return candidates[int(np.argmax(mean <= mean[lowest] + se[lowest]))], np.column_stack([mean, se])


@mistake("select_hyperparameter", caught_by="test_no_candidate_sees_the_test_rows", severity="detail")
def best_one_fitted_again_on_all_rows(candidates, make_model, X, y, folds, metric):
    """The chosen model is fitted once more on all rows, the test rows too.

    Was a fitted model asked for, and which rows may it see?
    """
    mean, se = mean_and_se(table_of(candidates, make_model, X, y, folds, metric))
    lowest = np.argmin(mean)
    best = candidates[int(np.argmax(mean <= mean[lowest] + se[lowest]))]
    make_model(best).fit(X, y)
    return best, np.column_stack([mean, se])


@mistake("select_hyperparameter", caught_by="test_the_candidate_and_an_array_come_back", severity="robustness")
def number_of_the_candidate(candidates, make_model, X, y, folds, metric):
    """What comes back is the candidate's place in the list.

    What would a caller pass on to make_model?
    """
    mean, se = mean_and_se(table_of(candidates, make_model, X, y, folds, metric))
    lowest = np.argmin(mean)
    return int(np.argmax(mean <= mean[lowest] + se[lowest])), np.column_stack([mean, se])


@mistake("select_hyperparameter", caught_by="test_the_table_has_the_means", severity="detail")
def table_on_its_side(candidates, make_model, X, y, folds, metric):
    """The table has a column for each candidate.

    Which shape does the docstring give the table?
    """
    mean, se = mean_and_se(table_of(candidates, make_model, X, y, folds, metric))
    lowest = np.argmin(mean)
    return candidates[int(np.argmax(mean <= mean[lowest] + se[lowest]))], np.stack([mean, se])


@mistake("select_hyperparameter", caught_by="test_the_table_has_the_means", severity="trivial")
def nothing_tried(candidates, make_model, X, y, folds, metric):
    """The first candidate is chosen without a trial.

    Where are models made?
    """
    return candidates[0], np.zeros((len(candidates), 2))


@mistake("select_hyperparameter", caught_by="test_one_standard_error_is_that_of_the_smallest_mean", severity="detail")
def two_standard_errors(candidates, make_model, X, y, folds, metric):
    """The rule goes as far as two standard errors.

    How many are there in its name?
    """
    mean, se = mean_and_se(table_of(candidates, make_model, X, y, folds, metric))
    lowest = int(np.argmin(mean))
    return candidates[int(np.argmax(mean <= mean[lowest] + 2 * se[lowest]))], np.column_stack([mean, se])


@mistake("select_hyperparameter", caught_by="test_one_standard_error_is_that_of_the_smallest_mean", severity="detail")
def just_within_refused(candidates, make_model, X, y, folds, metric):
    """A candidate exactly one standard error above the smallest mean is refused.

    Does the conventions box say "less than" or "at most"?
    """
    mean, se = mean_and_se(table_of(candidates, make_model, X, y, folds, metric))
    lowest = np.argmin(mean)
    within = (mean < mean[lowest] + se[lowest]) | (mean == mean[lowest])
    return candidates[int(np.argmax(within))], np.column_stack([mean, se])


@mistake("select_hyperparameter", caught_by="test_the_candidate_and_an_array_come_back", severity="robustness")
def candidates_made_an_array(candidates, make_model, X, y, folds, metric):
    """The candidates are put into an array, which changes what they are.

    What is the second entry of np.asarray(["auto", 3])?
    """
    candidates = np.asarray(candidates)
    mean, se = mean_and_se(table_of(candidates, make_model, X, y, folds, metric))
    lowest = np.argmin(mean)
    return candidates[int(np.argmax(mean <= mean[lowest] + se[lowest]))], np.column_stack([mean, se])


@mistake("select_hyperparameter", caught_by="test_the_candidate_and_an_array_come_back", severity="robustness")
def candidates_used_as_keys(candidates, make_model, X, y, folds, metric):
    """The candidates are the keys of a dictionary.

    Which types can be keys, and how many entries are there if two candidates are equal?
    """
    scores = {c: table_of([c], make_model, X, y, folds, metric)[0] for c in candidates}
    mean, se = mean_and_se(np.array(list(scores.values())))
    lowest = np.argmin(mean)
    return list(scores)[int(np.argmax(mean <= mean[lowest] + se[lowest]))], np.column_stack([mean, se])


@right_answer("select_hyperparameter")
def chosen_in_a_loop(candidates, make_model, X, y, folds, metric):
    """Plain Python, from the simplest candidate on; the folds outside, the candidates inside."""
    rows = [[] for _ in candidates]
    for train, val in folds:
        for row, candidate in zip(rows, candidates, strict=True):
            model = make_model(candidate)
            model.fit(X[train], y[train])
            row.append(float(metric(y[val], model.predict(X[val]))))
    k, table = len(folds), []
    for row in rows:
        mean = sum(row) / k
        table.append((mean, (sum((s - mean) ** 2 for s in row) / (k - 1) / k) ** 0.5))
    low_mean, low_se = min(table, key=lambda pair: pair[0])
    for candidate, (mean, _) in zip(candidates, table, strict=True):
        if mean <= low_mean + low_se:
            return candidate, np.array(table)
    return None


@right_answer("select_hyperparameter")
def chosen_by_variances(candidates, make_model, X, y, folds, metric):
    """Variances in place of deviations; cross_validate with a partial function; a list comes back."""
    scores = [cross_validate(lambda c=c: make_model(c), X, y, folds, metric) for c in candidates]  # noqa: F821
    table = np.zeros((len(candidates), 2))
    for i, row in enumerate(scores):
        table[i] = np.mean(row), np.sqrt(np.var(row, ddof=1) / len(row))
    lowest = table[:, 0].argmin()
    within = np.nonzero(table[:, 0] - table[lowest, 0] <= table[lowest, 1])[0]
    return [candidates[within[0]], table]


@probe("select_hyperparameter")
def probe_select_hyperparameter(student, look, rng):
    class Told:
        def __init__(self, scores):
            self.scores = scores

        def fit(self, X, y):
            seen.append(len(X))
            return self

        def predict(self, X):
            return np.full(len(X), self.scores[int(np.asarray(X)[0, 0]) // 2])

    X, y, seen = np.column_stack([np.arange(10.0), np.ones(10)]), rng.uniform(1, 5, 10), []
    parts = [np.array([2 * i, 2 * i + 1]) for i in range(4)]
    folds = [(np.setdiff1d(np.arange(8), val), val) for val in parts]
    spread = np.array([-1.0, -0.5, 0.5, 1.0])  # standard error 0.456, standard deviation 0.913, with ddof 0 0.395
    tables = {
        "two within": {"a": 8 + spread, "b": 4.3 + spread, "c": 4.2 + spread, "d": 4 + spread, "e": 4.3 + spread},
        "between ddof 0 and 1": {"a": 9 + spread, "b": 4.43 + spread, "c": 4 + spread},
        "within a deviation": {"a": 4.8 + spread, "b": 4.3 + 0.1 * spread, "c": 4 + spread},
        "within by its own": {"a": 5.5 + 9 * spread, "b": 4.2 + spread, "c": 4 + spread},
        "no scatter": {"a": 9 + 0 * spread, "b": 4 + 0 * spread, "c": 4 + 0 * spread},
        "a gap": {"a": 4.3 + spread, "b": 9 + spread, "c": 4 + spread},
        "equal means": {"a": 3 + 0 * spread, "b": 2 + 0 * spread, "c": np.array([0.0, 4.0, 0.0, 4.0])},
        "a clear case": {"a": 9 + spread, "b": 1 + spread, "c": 9 + spread},
        "exactly within": {"a": 9 + 0 * spread, "b": 3 + 0 * spread, "c": np.array([3.0, 3.0, 3.0, -1.0])},
    }
    for words, scores in tables.items():

        def make(name, scores=scores):
            return expose(Told(scores[name].tolist()), methods=("fit", "predict"))

        def call(scores=scores, make=make):
            return student.select_hyperparameter(list(scores), make, X, y, folds, lambda a, b: float(np.ravel(b)[0]))

        look(words, call)
    look("rows per fit", lambda: sorted(set(seen)))
    for words, several in (("text and number", ["auto", 3, 0.5]), ("dictionaries", [{"lam": 2}, {"lam": 1}, {}])):

        def some(candidate, several=several):
            place = several.index(candidate) if candidate in several else 0
            return expose(Told((8 + place + spread).tolist()), methods=("fit", "predict"))

        def called(several=several, some=some):
            return student.select_hyperparameter(several, some, X, y, folds, lambda a, b: float(np.ravel(b)[0]))[0]

        look(words, called)

    def linear(scale):
        return expose(Scaled(scale), methods=("fit", "predict"))

    look("real models", lambda: student.select_hyperparameter([0.2, 0.9, 1.0], linear, X, y, folds, lopsided)[1])


class Scaled:
    """A share of the mean target."""

    def __init__(self, scale):
        self.scale, self.mean = scale, 0.0

    def fit(self, X, y):
        self.mean = self.mean + float(np.mean(y))
        return self

    def predict(self, X):
        return np.full(len(X), self.scale * self.mean)


# EarlyStopping


class Stopper:
    """Early stopping in pieces, so that a mistake below says only what it does otherwise."""

    def __init__(self, patience, min_delta=0.0):
        self.patience, self.min_delta = patience, min_delta
        self.best, self.best_params, self.waited = np.inf, None, 0

    def update(self, val, params):
        if self.improves(val):
            self.best, self.waited = val, 0
            self.best_params = self.kept(params)
        else:
            self.waited += 1
        return self.enough()

    def improves(self, val):
        return val < self.best - self.min_delta

    def kept(self, params):
        return {name: np.array(value) for name, value in params.items()}

    def enough(self):
        return self.waited > self.patience


@mistake("EarlyStopping", caught_by="test_copies_of_the_parameters_are_kept", severity="concept")
class parameters_by_reference(Stopper):
    """The arrays themselves are kept, and the run goes on changing them.

    What is in your best_params after the run has written to its arrays in place?
    """

    def kept(self, params):
        return params


@mistake("EarlyStopping", caught_by="test_the_parameters_of_the_best_value_are_kept", severity="detail")
class arrays_flattened(Stopper):
    """The arrays are kept as vectors, whatever their shapes were.

    Could a network go on with your best_params if one of them was a matrix?
    """

    def kept(self, params):
        return {name: np.ravel(value).copy() for name, value in params.items()}


@mistake("EarlyStopping", caught_by="test_patience_counts_updates_since_the_last_improvement", severity="concept")
class remembered_by_the_class(Stopper):
    """What one run has seen is kept in the class, so that all other runs see it, too.

    If two networks are trained at once, each with an object of its own, whose best value does the second one meet?
    """

    memory = {"best": np.inf, "waited": 0}

    def __init__(self, patience, min_delta=0.0):
        self.patience, self.min_delta, self.best_params = patience, min_delta, None

    @property
    def best(self):
        return self.memory["best"]

    @best.setter
    def best(self, val):
        self.memory["best"] = val

    @property
    def waited(self):
        return self.memory["waited"]

    @waited.setter
    def waited(self, number):
        self.memory["waited"] = number


@mistake("EarlyStopping", caught_by="test_nan_never_improves", severity="robustness")
class empty_before_the_first_improvement(Stopper):
    """Before the first improvement, best_params is an empty dictionary.

    What does the docstring say that best_params is at first?
    """

    def __init__(self, patience, min_delta=0.0):
        super().__init__(patience, min_delta)
        self.best_params = {}


@mistake("EarlyStopping", caught_by="test_only_values_below_the_best_improve", severity="concept")
class patience_renewed_by_falling_values(Stopper):
    """A value that is lower than the one before it starts the count again, even if it is above the best.

    The errors are 1, 3, 2: since when has there been no improvement?
    """

    before = np.inf

    def update(self, val, params):
        stop = super().update(val, params)
        if val < self.before - self.min_delta:
            self.waited, stop = 0, False
        self.before = val
        return stop


@mistake("EarlyStopping", caught_by="test_the_parameters_of_the_best_value_are_kept", severity="concept")
class last_parameters_kept(Stopper):
    """The parameters of the last update are kept, whether they are good or not.

    When does best_params change?
    """

    def update(self, val, params):
        stop = super().update(val, params)
        self.best_params = self.kept(params)
        return stop


@mistake("EarlyStopping", caught_by="test_patience_counts_updates_since_the_last_improvement", severity="detail")
class one_update_less(Stopper):
    """The run stops one update too early.

    How many updates without improvement does patience 2 allow?
    """

    def enough(self):
        return self.waited >= max(self.patience, 1)


@mistake("EarlyStopping", caught_by="test_patience_counts_updates_since_the_last_improvement", severity="detail")
class one_update_more(Stopper):
    """The run stops one update too late.

    After how many updates without improvement does patience 0 stop?
    """

    def enough(self):
        return self.waited > self.patience + 1


@mistake("EarlyStopping", caught_by="test_patience_counts_updates_since_the_last_improvement", severity="detail")
class never_starts_to_count_again(Stopper):
    """An improvement does not start the count again.

    How long has it been since the last improvement, right after one?
    """

    def update(self, val, params):
        waited = self.waited
        stop = super().update(val, params)
        if self.waited == 0:
            self.waited = waited
        return stop


@mistake("EarlyStopping", caught_by="test_only_values_below_the_best_improve", severity="detail")
class ties_improve(Stopper):
    """An equal value counts as an improvement.

    If the error stays the same for ever, when does your run stop?
    """

    def improves(self, val):
        return val <= self.best - self.min_delta


@mistake("EarlyStopping", caught_by="test_small_improvements_do_not_count", severity="detail")
class min_delta_ignored(Stopper):
    """Every improvement counts, however small.

    What is min_delta for?
    """

    def improves(self, val):
        return val < self.best


@mistake("EarlyStopping", caught_by="test_small_improvements_do_not_count", severity="detail")
class exactly_min_delta_improves(Stopper):
    """A value that is lower by exactly min_delta counts as an improvement.

    With a best value of 5 and a min_delta of 0.5, is 4.5 lower by more than min_delta?
    """

    def improves(self, val):
        return val < self.best and val <= self.best - self.min_delta


@mistake("EarlyStopping", caught_by="test_small_improvements_do_not_count", severity="detail")
class min_delta_added(Stopper):
    """A value that is worse by less than min_delta counts as an improvement.

    By how much must a value be lower, for min_delta = 0.5?
    """

    def improves(self, val):
        return val < self.best + self.min_delta if self.min_delta else val < self.best


@mistake("EarlyStopping", caught_by="test_small_improvements_do_not_count", severity="detail")
class small_steps_move_the_best(Stopper):
    """A small improvement does not count and yet lowers the value to compare with.

    If the error falls by 0.4 in each update and min_delta is 0.5, is there ever an improvement?
    """

    def update(self, val, params):
        stop = super().update(val, params)
        self.best = min(self.best, val)
        return stop


@mistake("EarlyStopping", caught_by="test_nan_never_improves", severity="detail")
class nan_improves(Stopper):
    """NaN counts as an improvement.

    What does `not (nan > 1)` give?
    """

    def improves(self, val):
        return not val >= self.best - self.min_delta


@mistake("EarlyStopping", caught_by="test_nan_never_improves", severity="detail")
class nan_costs_no_patience(Stopper):
    """NaN is passed over, as if there had been no update.

    When does your run stop if every error is NaN?
    """

    def update(self, val, params):
        return False if np.isnan(val) else super().update(val, params)


@mistake("EarlyStopping", caught_by="test_nan_never_improves", severity="detail")
class first_value_is_the_best(Stopper):
    """The first value is taken for the best so far, even if it is NaN.

    If the first value is NaN, is any later one lower?
    """

    def improves(self, val):
        return self.best_params is None or val < self.best - self.min_delta


@mistake("EarlyStopping", caught_by="test_patience_counts_updates_since_the_last_improvement", severity="concept")
class higher_is_better(Stopper):
    """Larger values count as improvements.

    Is the value an error or an accuracy?
    """

    def __init__(self, patience, min_delta=0.0):
        super().__init__(patience, min_delta)
        self.best = -np.inf

    def improves(self, val):
        return val > self.best + self.min_delta


@mistake("EarlyStopping", caught_by="test_the_parameters_of_the_best_value_are_kept", severity="concept")
class compared_with_the_value_before(Stopper):
    """Each value is compared with the one before it, not with the best.

    The errors are 1, 3, 2: which one is the best so far?
    """

    def update(self, val, params):
        before, self.best = getattr(self, "before", np.inf), getattr(self, "before", np.inf)
        self.before = val if val == val else before
        return super().update(val, params)


@mistake("EarlyStopping", caught_by="test_the_parameters_of_the_best_value_are_kept", severity="trivial")
class never_stops(Stopper):
    """The run is never stopped, and nothing is kept.

    What does update do with what it is given?
    """

    def update(self, val, params):
        return False


@right_answer("EarlyStopping")
class history_kept:
    """Keeps the whole history and works out the answer from it."""

    def __init__(self, patience, min_delta):
        self.patience, self.min_delta, self.history = patience, min_delta, []

    def update(self, val, params):
        self.history.append((float(val), {key: value.copy() for key, value in params.items()}))
        number = self._best()
        return len(self.history) - 1 - (number if number is not None else -1) > self.patience

    def _best(self):
        best, number = None, None
        for i, (val, _) in enumerate(self.history):
            if not np.isnan(val) and (best is None or best - val > self.min_delta):
                best, number = val, i
        return number

    @property
    def best_params(self):
        number = self._best()
        return None if number is None else self.history[number][1]


@right_answer("EarlyStopping")
class patience_counted_down:
    """Counts down; copies by copy.deepcopy; returns NumPy's truth values."""

    def __init__(self, patience=5, min_delta=0.0):
        self.full = self.left = patience
        self.threshold, self.min_delta, self.best_params = float("inf"), min_delta, None

    def update(self, val, params):
        import copy

        if np.less(val, self.threshold):
            self.threshold, self.left = val - self.min_delta, self.full
            self.best_params = copy.deepcopy(params)
            return np.False_
        self.left -= 1
        return np.bool_(self.left < 0)


@right_answer("EarlyStopping")
class epochs_numbered:
    """Numbers the epochs and compares numbers; the gain is compared with min_delta."""

    def __init__(self, patience, min_delta=0):
        self.patience, self.min_delta, self.epoch, self.best_epoch = patience, min_delta, 0, 0
        self.best_val, self.best_params = float("inf"), None

    def update(self, val, params):
        self.epoch += 1
        if self.best_val - val > self.min_delta:
            self.best_val, self.best_epoch = float(val), self.epoch
            self.best_params = dict(zip(params, map(np.copy, params.values()), strict=True))
        return int(self.epoch - self.best_epoch > self.patience)


@probe("EarlyStopping")
def probe_early_stopping(student, look, rng):
    def run(values, patience, min_delta=0.0):
        stopping, said = student.EarlyStopping(patience, min_delta), []
        for n, val in enumerate(values):
            said.append(bool(stopping.update(float(val), {"w": np.array([float(n)])})))
        return [said, stopping.best_params]

    def in_place():
        stopping, w = student.EarlyStopping(5, 0.0), student.array(np.array([1.0, 2.0]))
        stopping.update(1.0, {"w": w})
        set_item(w, 0, 9.0)
        return stopping.best_params

    def matrix():
        stopping = student.EarlyStopping(5, 0.0)
        stopping.update(1.0, {"w": np.arange(6.0).reshape(2, 3)})
        return stopping.best_params

    def at_once():
        one, other = student.EarlyStopping(1, 0.0), student.EarlyStopping(1, 0.0)
        other.update(-9.0, {"w": np.zeros(1)})
        return [bool(one.update(val, {"w": np.ones(1)})) for val in (9.0, 8.0, 7.0)]

    nan = float("nan")
    look("ups and downs", lambda: run([5, 3, 4, 6, 2, 3, 3, 3, 3, 1], 2))
    look("patience 0", lambda: run([5, 4, 4.5, 3], 0))
    look("ties", lambda: run([2, 1, 1, 1], 1))
    look("min_delta", lambda: run([5, 4.75, 4.5, 4.25, 4.0, 4.25, 3.0, 2.5], 2, 0.5))
    look("worse by little", lambda: run([5, 4, 4.25], 3, 0.5))
    look("less than min_delta", lambda: run([5, 4.75], 3, 0.5))
    look("exactly min_delta", lambda: run([5, 4.5], 3, 0.5))
    look("falling above the best", lambda: run([1, 9, 8, 7, 6, 5], 2))
    look("before the first value", lambda: student.EarlyStopping(2, 0.0).best_params)
    look("a matrix", matrix)
    look("two at once", at_once)
    look("NaN at the end", lambda: run([3, 2, nan], 5))
    look("NaN", lambda: run([3, nan, 2, nan, nan, nan, 1], 1))
    look("NaN first", lambda: run([nan, 3, 4, 2], 2))
    look("in place", in_place)
    look("other values", lambda: run(rng.permutation(8).tolist(), 3))


# catches_kfold


def dealt(candidate, n, k, seed):
    """Folds of a candidate as sorted lists, or None if it raises."""
    try:
        folds = candidate(n, k, np.random.default_rng(seed))
        return [(sorted(np.asarray(train).tolist()), sorted(np.asarray(val).tolist())) for train, val in folds]
    except (ValueError, TypeError, IndexError, RuntimeError, AttributeError):
        return None


def partition(folds, n):
    return folds is not None and sorted(row for _, val in folds for row in val) == list(range(n))


def complete(folds, n):
    return folds is not None and all(sorted(train + val) == list(range(n)) for train, val in folds)


@mistake("catches_kfold", caught_by="test_wrong_folds_are_caught_and_right_ones_let_through", severity="trivial")
def everybody_is_wrong(candidate):
    """Every candidate is called wrong.

    What does your test say about folds that are right?
    """
    return True


@mistake("catches_kfold", caught_by="test_wrong_folds_are_caught_and_right_ones_let_through", severity="trivial")
def everybody_is_right(candidate):
    """Every candidate is let through.

    What does your test say if all rows train in every fold?
    """
    return False


@mistake("catches_kfold", caught_by="test_wrong_folds_are_caught_and_right_ones_let_through", severity="concept")
def looks_at_the_sizes_only(candidate):
    """The test looks at the number of folds and their sizes only.

    Can folds of the right size hold the wrong rows?
    """
    folds = dealt(candidate, 11, 4, 1)
    return folds is None or sorted(len(val) for _, val in folds) != [2, 3, 3, 3]


@mistake("catches_kfold", caught_by="test_wrong_folds_are_caught_and_right_ones_let_through", severity="detail")
def calls_it_once(candidate):
    """The test calls the candidate only once.

    How many calls does it take to see what rng decides?
    """
    folds = dealt(candidate, 11, 4, 1)
    if not partition(folds, 11) or not complete(folds, 11):
        return True
    return sorted(len(val) for _, val in folds) != [2, 3, 3, 3]


@mistake("catches_kfold", caught_by="test_wrong_folds_are_caught_and_right_ones_let_through", severity="detail")
def divides_evenly(candidate):
    """The test uses numbers that divide evenly.

    Which faults show only if rows are left over?
    """
    folds, again, other = dealt(candidate, 40, 4, 1), dealt(candidate, 40, 4, 1), dealt(candidate, 40, 4, 2)
    if not partition(folds, 40) or not complete(folds, 40) or len(folds) != 4:
        return True
    return folds != again or folds == other


@mistake("catches_kfold", caught_by="test_wrong_folds_are_caught_and_right_ones_let_through", severity="concept")
def compared_with_own_folds(candidate):
    """The test expects the very folds that the student's own function makes.

    Which choices does kfold_indices leave to whoever writes it?
    """
    rng = np.random.default_rng(1)
    mine = [(train.tolist(), val.tolist()) for train, val in kfold_indices(23, 5, rng)]  # noqa: F821
    theirs = candidate(23, 5, np.random.default_rng(1))
    return [(list(map(int, train)), list(map(int, val))) for train, val in theirs] != mine


@mistake("catches_kfold", caught_by="test_wrong_folds_are_caught_and_right_ones_let_through", severity="concept")
def folds_answer_turned_round(candidate):
    """Right candidates are called wrong, and wrong ones right.

    What does catches_kfold(kfold_indices) say, and what should it say?
    """
    return not formula_of_counts(candidate)


def formula_of_counts(candidate):
    for n, k in ((23, 5), (40, 4)):
        folds = dealt(candidate, n, k, 1)
        if not partition(folds, n) or not complete(folds, n):
            return True
        sizes = [len(val) for _, val in folds]
        if len(sizes) != k or max(sizes) - min(sizes) > 1:
            return True
        if folds != dealt(candidate, n, k, 1) or folds == dealt(candidate, n, k, 2):
            return True
    return False


@right_answer("catches_kfold")
def counts_of_rows(candidate):
    """Looks at everything, for two pairs of numbers."""
    return formula_of_counts(candidate)


@right_answer("catches_kfold")
def counted_in_a_table(candidate):
    """A table of rows and folds, and NumPy's truth values."""
    n, k = 33, 5
    tables = []
    for seed in (7, 7, 8):
        table = np.zeros((2, k, n))
        try:
            for i, fold in enumerate(candidate(n, k, np.random.default_rng(seed))):
                for part in (0, 1):
                    np.add.at(table[part, i], np.array(fold[part], dtype=int), 1)
        except Exception:
            return np.True_
        tables.append(table)
    train, val = tables[0]
    good = (train + val == 1).all() and (val.sum(axis=0) == 1).all() and np.ptp(val.sum(axis=1)) <= 1
    return np.bool_(not (good and (tables[0] == tables[1]).all() and (tables[0] != tables[2]).any()))


@probe("catches_kfold")
def probe_catches_kfold(student, look, rng):
    asked = []

    def candidate(fault):
        def folds(n, k, rng):
            asked.append(n % k)
            order = rng.permutation(n) if fault != "still" else np.arange(n)
            parts = np.array_split(order, k)
            if fault == "uneven" and n % k:
                parts = np.split(order, [i * (n // k) for i in range(1, k)])
            if fault == "dropped":
                parts = np.split(order[: n // k * k], k)
            if fault == "turned":
                parts = [np.sort(part) for part in parts[::-1]]
            if fault == "twice":
                parts[0] = np.concatenate([parts[0], parts[1][:1]])[1:]
            if fault == "cards":
                parts = [order[i::k] for i in range(k)]
            if fault == "seeded":
                parts = np.array_split(np.random.default_rng(1).permutation(n), k)
            if fault == "again":
                parts = [rng.permutation(n)[: n // k] for _ in range(k)]
            pairs = folds_from(parts)
            if fault == "held":
                pairs = [
                    (pairs[i - 1][0][np.isin(pairs[i - 1][0], train)], val) for i, (train, val) in enumerate(pairs)
                ]
            if fault == "all":
                pairs = [(order, val) for _, val in pairs]
            return pairs[1:] if fault == "few" else pairs

        return folds

    look("right", lambda: student.catches_kfold(candidate("none")))
    look("one's own", lambda: student.catches_kfold(student.kfold_indices))
    look("calls and left-over rows", lambda: [min(len(asked), 2), any(asked)])
    faults = ("turned", "cards", "still", "seeded", "again", "uneven", "dropped", "twice", "held", "all", "few")
    for fault in faults:
        look(fault, lambda fault=fault: student.catches_kfold(candidate(fault)))


# tune_and_test


def blocks_of(dev, k):
    """Folds of the development rows, as blocks."""
    return [(np.setdiff1d(dev, val), val) for val in np.array_split(dev, k)]


@mistake("tune_and_test", caught_by="test_the_study_chooses_on_folds_of_the_development_rows", severity="concept")
def places_taken_for_rows(candidates, make_model, X, y, dev, test, k, metric):
    """The numbers from kfold_indices are used as rows of X.

    Which row of X is development row number 0?
    """
    best, table = select_hyperparameter(candidates, make_model, X, y, kfold_indices(len(dev), k), metric)  # noqa: F821
    model = make_model(best)
    model.fit(X[dev], y[dev])
    return best, table, metric(y[test], model.predict(X[test]))


@mistake("tune_and_test", caught_by="test_the_study_chooses_on_folds_of_the_development_rows", severity="concept")
def tuned_on_all_rows(candidates, make_model, X, y, dev, test, k, metric):
    """The candidates are cross-validated on all rows, the test rows too.

    Who is to choose the candidate, and who is to judge the choice?
    """
    best, table = select_hyperparameter(candidates, make_model, X, y, kfold_indices(len(X), k), metric)  # noqa: F821
    model = make_model(best)
    model.fit(X[dev], y[dev])
    return best, table, metric(y[test], model.predict(X[test]))


@mistake("tune_and_test", caught_by="test_the_last_model_is_fitted_on_all_development_rows", severity="concept")
def last_model_fitted_on_all_rows(candidates, make_model, X, y, dev, test, k, metric):
    """The model that is tested was fitted on all rows, the test rows too.

    Which rows has that model seen by the time that it is tested?
    """
    best, table = select_hyperparameter(candidates, make_model, X, y, blocks_of(dev, k), metric)  # noqa: F821
    model = make_model(best)
    model.fit(X, y)
    return best, table, metric(y[test], model.predict(X[test]))


@mistake("tune_and_test", caught_by="test_the_last_model_is_fitted_on_all_development_rows", severity="concept")
def last_model_fitted_on_one_fold(candidates, make_model, X, y, dev, test, k, metric):
    """The model that is tested was fitted on the training rows of one fold only.

    When the choice is made, is there a reason to hold development rows back?
    """
    folds = blocks_of(dev, k)
    best, table = select_hyperparameter(candidates, make_model, X, y, folds, metric)  # noqa: F821
    model = make_model(best)
    model.fit(X[folds[-1][0]], y[folds[-1][0]])
    return best, table, metric(y[test], model.predict(X[test]))


@mistake("tune_and_test", caught_by="test_the_test_rows_are_used_once_at_the_end", severity="concept")
def chosen_by_the_test_error(candidates, make_model, X, y, dev, test, k, metric):
    """The candidate with the smallest test error is chosen.

    What is the test error of a choice that the test rows have made?
    """
    _, table = select_hyperparameter(candidates, make_model, X, y, blocks_of(dev, k), metric)  # noqa: F821
    errors = []
    for candidate in candidates:
        model = make_model(candidate)
        model.fit(X[dev], y[dev])
        errors.append(metric(y[test], model.predict(X[test])))
    return candidates[int(np.argmin(errors))], table, min(errors)


@mistake("tune_and_test", caught_by="test_the_test_error_is_that_of_the_choice", severity="detail")
def cross_validated_error_reported(candidates, make_model, X, y, dev, test, k, metric):
    """The cross-validated error of the choice is reported as its test error.

    Which rows had no part in the choice?
    """
    best, table = select_hyperparameter(candidates, make_model, X, y, blocks_of(dev, k), metric)  # noqa: F821
    model = make_model(best)
    model.fit(X[dev], y[dev])
    model.predict(X[test])
    return best, table, table[candidates.index(best), 0]


@mistake("tune_and_test", caught_by="test_the_study_chooses_on_folds_of_the_development_rows", severity="concept")
def folds_shuffled_once_more(candidates, make_model, X, y, dev, test, k, metric):
    """The development rows are shuffled again before they are dealt out.

    Which folds are announced?
    """
    folds = blocks_of(np.random.default_rng(0).permutation(dev), k)
    best, table = select_hyperparameter(candidates, make_model, X, y, folds, metric)  # noqa: F821
    model = make_model(best)
    model.fit(X[dev], y[dev])
    return best, table, metric(y[test], model.predict(X[test]))


@mistake("tune_and_test", caught_by="test_the_test_rows_are_used_once_at_the_end", severity="robustness")
def tested_twice(candidates, make_model, X, y, dev, test, k, metric):
    """The test rows are predicted twice.

    How often may the test rows be used?
    """
    best, table = select_hyperparameter(candidates, make_model, X, y, blocks_of(dev, k), metric)  # noqa: F821
    model = make_model(best)
    model.fit(X[dev], y[dev])
    model.predict(X[test])
    return best, table, metric(y[test], model.predict(X[test]))


@mistake("tune_and_test", caught_by="test_the_study_chooses_on_folds_of_the_development_rows", severity="trivial")
def choice_without_a_test(candidates, make_model, X, y, dev, test, k, metric):
    """Only the choice and its table come back.

    What is the last thing that was asked for?
    """
    return select_hyperparameter(candidates, make_model, X, y, blocks_of(dev, k), metric)  # noqa: F821


@mistake("tune_and_test", caught_by="test_the_last_model_is_fitted_on_all_development_rows", severity="concept")
def simplest_candidate_tested(candidates, make_model, X, y, dev, test, k, metric):
    """The model that is tested is one of the first candidate, whatever was chosen.

    Which argument does make_model get for the last model?
    """
    folds = [(dev[train], dev[val]) for train, val in kfold_indices(len(dev), k)]
    best, table = select_hyperparameter(candidates, make_model, X, y, folds, metric)
    model = make_model(candidates[0])
    model.fit(X[dev], y[dev])
    return best, table, metric(y[test], model.predict(X[test]))


@mistake("tune_and_test", caught_by="test_the_study_chooses_on_folds_of_the_development_rows", severity="concept")
def smallest_mean_tested(candidates, make_model, X, y, dev, test, k, metric):
    """The candidate with the smallest mean is taken, not the choice of the rule.

    What does select_hyperparameter return beside the table?
    """
    _, table = select_hyperparameter(candidates, make_model, X, y, blocks_of(dev, k), metric)  # noqa: F821
    best = candidates[int(np.argmin(table[:, 0]))]
    model = make_model(best)
    model.fit(X[dev], y[dev])
    return best, table, metric(y[test], model.predict(X[test]))


@right_answer("tune_and_test")
def study_on_the_development_table(candidates, make_model, X, y, dev, test, k, metric):
    """Cuts the development rows out first, so that numbers from kfold_indices fit."""
    X_dev, y_dev = X[dev], y[dev]
    found = select_hyperparameter(candidates, make_model, X_dev, y_dev, kfold_indices(len(X_dev), k), metric)  # noqa: F821
    model = make_model(found[0])
    model.fit(X_dev, y_dev)
    return [*found, float(metric(y[test], model.predict(X[test])))]


@right_answer("tune_and_test")
def study_with_blocks(candidates, make_model, X, y, dev, test, k, metric):
    """Blocks by array_split; one fold for the last step, by cross_validate."""
    parts = np.array_split(dev, k)
    folds = [(np.hstack(parts[:i] + parts[i + 1 :]), parts[i]) for i in range(k)]
    best, table = select_hyperparameter(candidates, make_model, X, y, folds, metric)  # noqa: F821
    error = cross_validate(lambda: make_model(best), X, y, [(dev, test)], metric)  # noqa: F821
    return best, table, error[0]


@probe("tune_and_test")
def probe_tune_and_test(student, look, rng):
    X, y, log = rng.uniform(1, 3, (14, 2)), rng.uniform(1, 5, 14), []
    order = np.array([9, 3, 12, 0, 7, 5, 11, 2, 13, 4, 8, 1, 6, 10])

    class Noted(Mean):
        def __init__(self, log, scale):
            super().__init__(log)
            self.scale = scale

        def predict(self, X):
            return self.scale * super().predict(X)

    def make(scale):
        return expose(Noted(log, scale), methods=("fit", "predict"))

    def call():
        return student.tune_and_test([0.2, 0.9, 1.0], make, X, y, order[:8], order[8:11], 4, lopsided)

    look("a study", call)
    far = lambda y_true, y_pred: float(np.mean((np.asarray(y_true) - np.asarray(y_pred)) ** 2))  # noqa: E731
    look("a study of squares", lambda: student.tune_and_test([-9.0, 0.9], make, X, y, order[:8], order[8:11], 4, far))
    look("what the models saw", lambda: sorted(map(str, log)))
    for pair in ([0.9, 0.91], [0.91, 0.9]):
        look(
            f"{pair[0]} first",
            lambda pair=pair: student.tune_and_test(pair, make, X, y, order[:8], order[8:11], 4, lopsided),
        )
