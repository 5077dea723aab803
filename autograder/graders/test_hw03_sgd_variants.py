"""Hidden tests of hw03: minibatches, descent, schedules, momentum, AdaGrad, RMSProp.

Optimisers are judged by the path of the parameters alone. What is not about the formula (keys, instances, memory
layouts) is tested against the student's own optimiser under plain conditions, once that has been seen to move as such
an optimiser must. Every optimiser gets key names of its own, so that state shared between optimisers costs its own test
and no other.
"""

from collections import Counter

import numpy as np
import pytest

from autograder.grading import (
    assert_matches,
    assert_shape,
    assert_unchanged,
    assert_within_z,
    check,
    expose,
    held_call,
    judge_catcher,
    raises,
    repeat,
    set_item,
    take,
    value,
)

FEW_EPOCHS, EPOCHS = 25, 275


def gradients(rng, shape, n):
    """Gradients of changing sign and size, none of them near 0."""
    return list(rng.uniform(0.3, 2.0, (n, *shape)) * rng.choice([-1.0, 1.0], (n, *shape)))


def step(optimiser, params, grads):
    """The parameters after one step, seen to be a dict with the right keys."""
    return with_keys(optimiser.step(params, grads), params)


def with_keys(moved, params):
    check(isinstance(moved, dict) and set(moved) == set(params), "step did not return a dict with the same keys")
    return moved


def walk(optimiser, start, grads):
    """The parameters after each step; `grads` are dicts."""
    path, params = [], start
    for each in grads:
        params = step(optimiser, params, each)
        path.append(params)
    return path


def named(key, grads):
    return [{key: g} for g in grads]


def unnamed(path):
    """The parameters of a path that has a single key."""
    values = [value for params in path for value in params.values()]
    check(all(np.asarray(value).dtype.kind in "biuf" for value in values), "step did not return arrays of numbers")
    return [np.asarray(value, dtype=float) for value in values]


def moves(optimiser, key, grads):
    """The single steps of an optimiser that starts from 0."""
    path = unnamed(walk(optimiser, {key: np.zeros(np.shape(grads[0]))}, named(key, grads)))
    check(all(np.size(each) == np.size(grads[0]) for each in path), "step did not keep the shape of the parameters")
    path = [np.reshape(each, np.shape(grads[0])) for each in path]
    return np.diff(np.array([np.zeros(np.shape(grads[0])), *path]), axis=0)


def assert_same_path(got, want, lr, words):
    """Paths agree; an axis of length 1 too many costs a test of its own."""
    for n, (one, other) in enumerate(zip(got, want, strict=True), start=1):
        assert_matches(one, other, rtol=0, atol=1e-5 * lr, loose_shape=True, case=f"{words}, step {n}")


def assert_formula(student, reference, rng, kind, settings, words):
    """Eight steps from a random start with changing gradients, against the reference."""
    shape, lr = (5,), settings[0]
    start, grads = {words: rng.uniform(-0.5, 0.5, shape)}, named(words, gradients(rng, shape, 8))
    got, want = (walk(getattr(each, kind)(*settings), start, grads) for each in (student, reference))
    assert_same_path(got, want, lr, words)


def frozen(array):
    array.flags.writeable = False
    return array


# What every optimiser is tested for beside its formula. `make` makes one; `lr` is its rate. A test that a wrong formula
# would pass by chance looks at the formula first, and says that it has not come to its own subject yet.

NOT_YET = "what this test is about was not looked at yet"


def assert_keys_are_apart(make, rng, lr):
    """Parameters of unlike shapes, and two of one shape, move as each would alone, in whatever order they come."""
    shapes = {"rows": (2, 3), "column": (4,), "single": (1,), "twin": (4,)}
    start = {key: rng.uniform(-0.5, 0.5, shape) for key, shape in shapes.items()}
    grads = {key: gradients(rng, shape, 5) for key, shape in shapes.items()}
    optimiser, params, together = make(), start, []
    for n in range(5):
        backwards = {key: grads[key][n] for key in sorted(shapes, reverse=n % 2 == 0)}
        params = step(optimiser, {key: params[key] for key in sorted(shapes, reverse=n > 2)}, backwards)
        together.append(params)
    for key in shapes:
        alone = f"{key} alone"
        want = unnamed(walk(make(), {alone: start[key]}, named(alone, grads[key])))
        path = [each[key] for each in together]
        assert_same_path(path, [w.reshape(start[key].shape) for w in want], lr, f"the parameter {key!r}")


def assert_keys_come_and_go(make, rng, lr):
    """A key that appears late starts afresh, and one that misses a step goes on from where it was."""
    old, new = gradients(rng, (2,), 6), gradients(rng, (3,), 6)
    optimiser, params, seen = make(), {"old": np.zeros(2), "new": np.zeros(3)}, {"old": [], "new": []}
    for n, keys in enumerate((("old",), ("old",), ("old", "new"), ("new",), ("old", "new"), ("old", "new"))):
        grads = {"old": old[n], "new": new[n]}
        params |= step(optimiser, {key: params[key] for key in keys}, {key: grads[key] for key in keys})
        for key in keys:
            seen[key].append(params[key])
    for key, of_key, words in (
        ("new", new[2:], "a key that appears late"),
        ("old", [*old[:3], *old[4:]], "a key that misses a step"),
    ):
        want = unnamed(walk(make(), {f"{key} alone": np.zeros(of_key[0].shape)}, named(f"{key} alone", of_key)))
        assert_same_path(seen[key], want, lr, words)


def assert_optimisers_are_apart(makes, rates, rng):
    """Two optimisers with settings of their own that take turns move as each would alone."""
    grads = gradients(rng, (2,), 4), gradients(rng, (2,), 4)
    both, params, turns = [make() for make in makes], [np.zeros(2), np.zeros(2)], ([], [])
    for n in range(4):
        for k in (0, 1):
            params[k] = step(both[k], {"shared": params[k]}, {"shared": grads[k][n]})["shared"]
            turns[k].append(params[k])
    for k, make in enumerate(makes):
        alone = f"number {k} alone"
        want = unnamed(walk(make(), {alone: np.zeros(2)}, named(alone, grads[k])))
        assert_same_path(turns[k], want, rates[k], "two optimisers that take turns")


def assert_arguments_are_left_alone(student, make, rng):
    """Parameters and gradients are not modified, and may be read-only; what comes back are new arrays."""
    optimiser, params = make(), {"kept": np.ones(3)}
    for n, g in enumerate(gradients(rng, (3,), 4)):
        given, grads = {"kept": np.array(params["kept"])}, {"kept": g}
        if n >= 2:
            given, grads = {"kept": frozen(given["kept"])}, {"kept": frozen(g)}
        params = step(optimiser, given, grads)
        assert_unchanged(student)
    params = {"at rest": student.array(np.ones(3))}
    held = held_call(make().step, params, {"at rest": np.zeros(3)})
    set_item(params["at rest"], 0, 9.0)
    (rest,) = unnamed([with_keys(value(held), params)])
    check(rest.ravel()[:1] != 9, "what step returned is no new array: it changes with the array that was passed in")


def assert_every_kind_is_taken(make, rng, lr):
    """Integer (small ones too), Fortran-ordered, strided, float32 and 0-d gradients give the same steps."""
    table = np.round(rng.uniform(0.5, 3.0, (4, 3, 4)) * rng.choice([-1.0, 1.0], (4, 3, 4)), 1)
    kinds = {
        "integers": [np.array([3, -2, 1]), np.array([100, -90, 3], np.int8), np.array([200, 1, 30], np.uint8)],
        "Fortran order": [np.asfortranarray(each) for each in table],
        "every second entry": [each[:, ::2] for each in table],
        "float32": [each.astype(np.float32) for each in table],
        "0-d": [np.array(each) for each in (0.5, -2.0, 1.0, 3.0)],
    }
    for words, grads in kinds.items():
        plain = [np.array(g, dtype=float, order="C") for g in grads]
        got, want = (
            unnamed(walk(make(), {key: np.zeros(grads[0].shape)}, named(key, each)))
            for key, each in ((words, grads), (f"plain {words}", plain))
        )
        for n, (one, other) in enumerate(zip(got, want, strict=True), start=1):
            check(np.shape(one) == np.shape(grads[0]), f"{words}: the parameters come back in another shape")
            assert_matches(one, other, rtol=1e-5, atol=1e-5 * lr, case=f"{words}, step {n}")


def assert_nothing_is_kept(student, make, rng, lr):
    """Each step starts from the parameters passed in, and keeps neither them nor the gradients."""
    one, other = make(), make()
    for n, g in enumerate(gradients(rng, (3,), 4), start=1):
        theta, lent, lent_theta = rng.uniform(-0.5, 0.5, 3), student.array(g), None
        lent_theta = student.array(theta)
        got = step(one, {"here": lent_theta} if n % 2 else {"here": theta}, {"here": lent})
        for i in range(3):
            set_item(lent, i, 9.0)
            set_item(lent_theta, i, 9.0)
        want = step(other, {"there": np.zeros(3)}, {"there": g})
        moved, wanted = np.ravel(unnamed([got])[0]) - theta, np.ravel(unnamed([want])[0])
        assert_matches(moved, wanted, rtol=0, atol=1e-5 * lr, case=f"step {n}")


# minibatches


def batches_of(student, *arguments):
    """The batches of one call as arrays, however many come."""
    return rows_of(student.minibatches(*arguments), most_of(*arguments[:2]))


def most_of(n, batch_size):
    """One more batch than any right answer has, and than some wrong ones."""
    return n // batch_size + 3


def rows_of(batches, most):
    batches = take(batches, most)
    check(len(batches) < most, "there are more batches than n examples can fill")
    rows = [np.asarray(batch) if isinstance(batch, np.ndarray | list | tuple) else np.array(None) for batch in batches]
    good = all(row.ndim == 1 and row.dtype.kind in "iuf" for row in rows)
    check(good, "the batches are not one-dimensional arrays of indices")
    return rows


def joined(batches):
    return np.concatenate([np.array([], dtype=int), *batches])


def fault_in_sizes(batches, n, batch_size):
    """What is wrong with the sizes of the batches of n examples, or ""."""
    sizes = [len(batch) for batch in batches]
    if any(size < batch_size for size in sizes[:-1]):
        return "a batch before the last is not full"
    if any(size > batch_size for size in sizes):
        return "a batch is larger than batch_size"
    if sum(sizes) != n:
        return f"the batches hold too {'few' if sum(sizes) < n else 'many'} indices together"
    return ""


@pytest.mark.points(1.75, exercise="minibatches", spec="Each of the indices 0, ..., n - 1 stands in exactly one batch")
def test_each_index_comes_once(student, rng):
    """In one epoch each index stands in exactly one batch."""
    for n, batch_size in ((12, 3), (7, 1), (24, 8), (9 * int(rng.integers(4, 10)), 9)):
        batches = batches_of(student, n, batch_size, np.random.default_rng(rng.integers(1 << 30)))
        words = f"{n} examples, batches of {batch_size}"
        check(len(batches) > 1, f"{words}: there is a single batch, or none")
        check(np.array_equal(np.sort(joined(batches)), np.arange(n)), f"{words}: some index comes twice or not at all")


@pytest.mark.points(1.25, exercise="minibatches", spec="the last one is shorter if n is no multiple of batch_size")
def test_batches_have_the_right_sizes(student, rng):
    """All batches are full but the last, which holds the rest; no example is lost."""
    for n, batch_size in ((10, 4), (12, 3), (23, 8), (6, 6)):
        batches = batches_of(student, n, batch_size, np.random.default_rng(rng.integers(1 << 30)))
        words = f"{n} examples in batches of {batch_size}"
        fault = fault_in_sizes(batches, n, batch_size)
        check(not fault, f"{words}: {fault}")
        check(len(np.unique(joined(batches))) == n, f"{words}: some index is missing")


@pytest.mark.points(0.25, exercise="minibatches", spec="it may be larger than n")
def test_a_batch_may_be_larger_than_all_examples(student, rng):
    """A batch size above n gives one batch with everything, or none with drop_last."""
    for n, batch_size in ((14, 20), (1, 2)):
        batches = batches_of(student, n, batch_size, np.random.default_rng(rng.integers(1 << 30)))
        check([sorted(batch.tolist()) for batch in batches] == [list(range(n))], "not one batch with every index")
        batches = batches_of(student, n, batch_size, np.random.default_rng(rng.integers(1 << 30)), True)
        check(not batches, "drop_last: a batch came back, though there are too few examples for a full one")


@pytest.mark.points(1, exercise="minibatches", spec="Leave the last batch out if it is smaller than batch_size.")
def test_drop_last_leaves_out_a_short_batch_only(student, rng):
    """drop_last leaves out a short last batch, and only that."""
    for n, batch_size in ((10, 4), (12, 3), (9, 8), (8, 8)):
        batches = batches_of(student, n, batch_size, np.random.default_rng(rng.integers(1 << 30)), True)
        words = f"{n} examples in batches of {batch_size}, without a short last one"
        fault = fault_in_sizes(batches, n - n % batch_size, batch_size)
        check(not fault, f"{words}: {fault}")
        seen = joined(batches)
        check(len(set(seen.tolist())) == len(seen) and np.isin(seen, np.arange(n)).all(), f"{words}: wrong indices")


@pytest.mark.points(1.25, exercise="minibatches", spec="Every call draws a new order from rng.")
def test_every_call_draws_a_new_order_from_rng(student, rng):
    """Each call draws a new order; generators in the same state give the same one, others another."""
    seed = int(rng.integers(1 << 30))
    one, same, other = (np.random.default_rng(each) for each in (seed, seed, seed + 1))
    first, second = (joined(batches_of(student, 42, 7, one)) for _ in range(2))
    check(len(first) == 42 and len(second) == 42, "six batches of 7 do not hold 42 indices together")
    check(not np.array_equal(first, second), "the second epoch has the order of the first")
    check(np.array_equal(first, joined(batches_of(student, 42, 7, same))), "the same state of rng gave another order")
    check(not np.array_equal(first, joined(batches_of(student, 42, 7, other))), "another seed gave the same order")


@pytest.mark.points(2.5, exercise="minibatches", spec="The n examples are put in a random order")
def test_who_shares_a_batch_changes(student, rng):
    """Who shares a batch with whom changes from epoch to epoch, and neighbours do not stay together."""
    source, together, partners = np.random.default_rng(rng.integers(1 << 30)), 0, set()
    for _ in range(FEW_EPOCHS):
        batches = batches_of(student, 60, 20, source)
        home = {int(i): k for k, batch in enumerate(batches) for i in batch}
        together += sum(i in home and home[i] == home.get(i + 1) for i in range(59))
        partners.add(tuple(sorted(i for i in home if home[i] == home.get(0))))
    check(len(partners) > 1, "the same examples share a batch in every epoch")
    # 19 of 59 pairs of neighbours share a batch on average, here with a standard error of 0.72
    check(together / FEW_EPOCHS < 27, "examples that stand side by side come in the same batch far too often")


@pytest.mark.points(1.5, exercise="minibatches", spec="all orders being equally likely")
def test_all_orders_are_equally_likely(student, rng):
    """Over many epochs, who comes first, who keeps its place and who moves forward is up to chance."""
    source, orders = np.random.default_rng(rng.integers(1 << 30)), []
    most = most_of(60, 20)
    for batches in repeat(student.minibatches, EPOCHS, 60, 20, source, most=most):
        orders.append(joined(rows_of(batches, most)))
        check(len(orders[-1]) == 60, "three batches of 20 do not hold 60 indices together")
    check(len({tuple(order.tolist()) for order in orders}) > EPOCHS - 3, "the same orders come again and again")
    orders, places = np.array(orders), np.arange(60)
    # z = 6: a right answer fails in 6 of 10**9 submissions
    case = "index 0 at the beginning"
    assert_within_z(np.mean(orders[:, 0] == 0), 1 / 60, np.sqrt(59) / 60, EPOCHS, case=case)
    assert_within_z(np.sum(orders == places) / EPOCHS, 1, 1, EPOCHS, case="indices that keep their place")
    case = "indices that move forward"
    assert_within_z(np.sum(orders > places) / EPOCHS, 59 / 2, np.sqrt(61 / 12), EPOCHS, case=case)


@pytest.mark.points(0.25, exercise="minibatches", spec="Integer arrays of shape (batch_size,)")
def test_batches_are_integer_arrays(student, rng):
    """The batches are integer arrays, fit to index with."""
    batches = take(student.minibatches(9, 4, np.random.default_rng(rng.integers(1 << 30))), 5)
    check(batches, "there are no batches")
    for batch in batches:
        good = isinstance(batch, np.ndarray) and batch.dtype.kind in "iu" and batch.ndim == 1
        check(good, "a batch is no one-dimensional array of integers")


@pytest.mark.points(0.25, exercise="minibatches", spec="The only source of randomness")
def test_the_global_generator_is_left_alone(student, rng):
    """NumPy's global generator is neither used nor seeded."""
    found = student.minibatches(9, 4, np.random.default_rng(rng.integers(1 << 30)))
    touched = getattr(getattr(student, "last", None), "global_random", False)
    check(take(found, 5), "there are no batches")
    touched |= getattr(getattr(student, "last", None), "global_random", False)
    check(not touched, "the global generator of NumPy was used or seeded")


# predictions


def is_committed(student, name):
    choice = getattr(student, name)
    words = "choose one of the letters a, b, c, as text"
    check(isinstance(choice, str) and choice.strip().lower() in tuple("abc"), words)


@pytest.mark.points(1, exercise="predict_noise", spec="a prediction: 1 for any answer")
def test_noise_is_predicted(student):
    """A prediction is made; any of the letters counts."""
    is_committed(student, "predict_noise")


@pytest.mark.points(1, exercise="predict_limit", spec="a prediction: 1 for any answer")
def test_limit_is_predicted(student):
    """A prediction is made; any of the letters counts."""
    is_committed(student, "predict_limit")


@pytest.mark.points(1, exercise="predict_average_path", spec="a prediction: 1 for any answer")
def test_average_path_is_predicted(student):
    """A prediction is made; any of the letters counts."""
    is_committed(student, "predict_average_path")


@pytest.mark.points(1, exercise="predict_ravine", spec="a prediction: 1 for any answer")
def test_ravine_is_predicted(student):
    """A prediction is made; any of the letters counts."""
    is_committed(student, "predict_ravine")


@pytest.mark.points(1, exercise="predict_saddle", spec="a prediction: 1 for any answer")
def test_saddle_is_predicted(student):
    """A prediction is made; any of the letters counts."""
    is_committed(student, "predict_saddle")


@pytest.mark.points(1, exercise="predict_roots", spec="a prediction: 1 for any answer")
def test_roots_are_predicted(student):
    """A prediction is made; any of the letters counts."""
    is_committed(student, "predict_roots")


# SGD


def descent(student, key):
    """Makes SGD, once it has been seen to move and to go by the gradient."""
    moved = moves(student.SGD(0.2), key, [np.array([1.0, -2.0])])[0]
    check(np.abs(moved).min() > 0.05, f"{NOT_YET}: a step hardly moves the parameters")
    return lambda: student.SGD(0.2)


@pytest.mark.points(2.25, exercise="SGD", spec="Stochastic gradient descent with a constant rate")
def test_descent_follows_the_formula(student, reference, rng):
    """Eight steps with changing gradients lead where the formula leads; large gradients count in full."""
    for lr in (0.2, 0.7):
        assert_formula(student, reference, rng, "SGD", (lr,), f"rate {lr}")
    moved = moves(student.SGD(0.2), "large", [np.array([5e3, -0.5])])[0]
    assert_matches(moved, np.array([-1e3, 0.1]), rtol=1e-5, case="a large gradient and a small one")


@pytest.mark.points(1, exercise="SGD", spec="New arrays under the same keys.")
def test_descent_treats_every_key_alike(student, rng):
    """Several parameters move as each would alone, in whatever order they and their gradients come."""
    assert_keys_are_apart(descent(student, "keys of SGD"), rng, 0.2)


@pytest.mark.points(0.5, exercise="SGD", spec="Two optimisers share nothing, not even their rate.")
def test_two_descents_share_nothing(student, rng):
    """Two optimisers with rates of their own that take turns move as each would alone."""
    descent(student, "turns of SGD")
    assert_optimisers_are_apart([lambda lr=lr: student.SGD(lr) for lr in (0.2, 0.7)], (0.2, 0.7), rng)


@pytest.mark.points(0.5, exercise="SGD", spec="Nothing that was passed in is modified.")
def test_descent_leaves_its_arguments_alone(student, rng):
    """Parameters and gradients are not modified, and may be read-only; what comes back are new arrays."""
    assert_arguments_are_left_alone(student, descent(student, "untouched by SGD"), rng)


@pytest.mark.points(0.25, exercise="SGD", spec="gradients of any real dtype and memory layout")
def test_descent_takes_gradients_of_every_kind(student, rng):
    """Integer (small ones too), Fortran-ordered, strided, float32 and 0-d gradients give the same steps."""
    assert_every_kind_is_taken(descent(student, "kinds for SGD"), rng, 0.2)


@pytest.mark.points(0.5, exercise="SGD", spec="Each step starts from the parameters that are passed in.")
def test_descent_starts_from_what_is_passed_in(student, rng):
    """Each step starts from the parameters passed in, and keeps neither them nor the gradients."""
    assert_nothing_is_kept(student, descent(student, "lent to SGD"), rng, 0.2)


# lr_schedule

NAMES = ("constant", "linear", "exponential", "cosine", "inverse_sqrt")
ROUGH, ROUNDED = 1e-4, 1e-5  # the digits of a formula are a test of their own


def assert_schedule(student, reference, name, rng):
    """Some steps of one schedule, in no particular order."""
    for T, lr0 in ((40, 0.2), (7, 0.7), (int(rng.integers(50, 400)), float(rng.uniform(0.2, 2.0)))):
        for t in (T // 3, 0, T - 1, T, 1, T // 2):
            want = reference.lr_schedule(name, t, T, lr0)
            got = student.lr_schedule(name, t, T, lr0)
            assert_matches(got, want, rtol=ROUGH, atol=ROUNDED, case=f"{name}, {t} of {T} steps done")


@pytest.mark.points(0.25, exercise="lr_schedule", spec="by one of the schedules of the conventions box")
def test_the_constant_schedule(student, reference, rng):
    """The constant schedule stays at lr0, and the linear one does not."""
    assert_schedule(student, reference, "constant", rng)
    check(student.lr_schedule("linear", 20, 40, 0.8) != 0.8, "the linear schedule is constant, too")


@pytest.mark.points(1.5, exercise="lr_schedule", spec='| `"linear"` |')
def test_the_linear_schedule(student, reference, rng):
    """The linear schedule falls to 0 at t = T."""
    assert_schedule(student, reference, "linear", rng)


@pytest.mark.points(1.25, exercise="lr_schedule", spec='| `"exponential"` |')
def test_the_exponential_schedule(student, reference, rng):
    """The exponential schedule falls to a hundredth at t = T."""
    assert_schedule(student, reference, "exponential", rng)


@pytest.mark.points(1.5, exercise="lr_schedule", spec='| `"cosine"` |')
def test_the_cosine_schedule(student, reference, rng):
    """The cosine schedule falls along half a wave."""
    assert_schedule(student, reference, "cosine", rng)


@pytest.mark.points(1.25, exercise="lr_schedule", spec='| `"inverse_sqrt"` |')
def test_the_inverse_square_root_schedule(student, reference, rng):
    """The inverse square root schedule starts at lr0."""
    assert_schedule(student, reference, "inverse_sqrt", rng)


@pytest.mark.points(0.75, exercise="lr_schedule", spec="so the first step uses")
def test_schedules_start_at_lr0_and_fall(student, rng):
    """Every schedule gives lr0 at t = 0 and less in the end, the constant one excepted."""
    lr0 = float(rng.uniform(0.1, 0.9))
    for name in NAMES:
        assert_matches(student.lr_schedule(name, 0, 30, lr0), lr0, rtol=ROUGH, case=f"{name}, the first step")
        if name != "constant":
            last = student.lr_schedule(name, 29, 30, lr0)
            good = isinstance(last, float | int | np.number | np.ndarray) and np.size(last) == 1
            check(good and float(np.squeeze(last)) < 0.5 * lr0, f"{name}: the rate does not fall")


def is_near(got, want, tolerance):
    number = isinstance(got, float | int | np.number | np.ndarray) and np.size(got) == 1
    number = number and np.asarray(got).dtype.kind in "iuf"
    return number and bool(np.abs(np.squeeze(got) - want) <= tolerance * abs(want))


@pytest.mark.points(1, exercise="lr_schedule", spec="Formulas count to nine digits")
def test_rates_are_not_rounded(student, reference, rng):
    """Rates are right to nine digits, wherever they are right at all."""
    lr0 = float(rng.uniform(0.2, 0.9)) / 7
    pairs = {name: [each.lr_schedule(name, 7, 20, lr0) for each in (student, reference)] for name in NAMES[1:]}
    near = {name: pair for name, pair in pairs.items() if is_near(*pair, 1e-3)}
    check(len(near) >= 2, "digits were not looked at, as most schedules are wrong")
    for name, (got, want) in near.items():
        check(is_near(got, want, 1e-9), f"{name}: the first digits of the rate are right, the later ones are not")


@pytest.mark.points(0.5, exercise="lr_schedule", spec="If there is no schedule of that name.")
def test_an_unknown_schedule_is_an_error(student):
    """An unknown name raises ValueError."""
    for name in ("quadratic", ""):
        with raises(ValueError, case="an unknown schedule"):
            student.lr_schedule(name, 3, 10, 0.2)


# Momentum


def rolling(student, key):
    """Makes Momentum, once its second step has been seen to be longer than its first."""
    first, second = moves(student.Momentum(0.2, 0.7), key, [np.array([1.0, -2.0])] * 2)
    check(np.abs(first).min() > 0.01, f"{NOT_YET}: the first step hardly moves the parameters")
    words = "the second step on a constant gradient is no longer than the first"
    check((np.abs(second) > 1.2 * np.abs(first)).all(), f"{NOT_YET}: {words}")
    return lambda: student.Momentum(0.2, 0.7)


@pytest.mark.points(3.75, exercise="Momentum", spec="Gradient descent with momentum, as printed in the conventions box")
def test_momentum_follows_the_formula(student, reference, rng):
    """Eight steps with changing gradients lead where the formula leads."""
    for settings in ((0.2, 0.7), (0.7, 0.4)):
        words = f"rate {settings[0]}, momentum {settings[1]}"
        assert_formula(student, reference, rng, "Momentum", settings, words)


@pytest.mark.points(1, exercise="Momentum", spec="Before the first step")
def test_the_first_step_of_momentum_is_that_of_descent(student, rng):
    """The first step is lr times the gradient, downhill."""
    for lr, rho in ((0.2, 0.7), (0.7, 0.9)):
        g = gradients(rng, (4,), 1)
        moved = moves(student.Momentum(lr, rho), f"first step {rho}", g)[0]
        assert_matches(moved, -lr * g[0], rtol=0, atol=1e-5 * lr, case="first step")


@pytest.mark.points(2.25, exercise="Momentum", spec="steps grow up to lr / (1 - momentum) times the gradient")
def test_steps_grow_where_gradients_agree(student):
    """On a constant gradient the steps grow up to lr / (1 - momentum) times the gradient."""
    g = np.array([3e4, -0.2])
    for lr, rho in ((0.2, 0.7), (0.05, 0.4)):
        late = moves(student.Momentum(lr, rho), f"constant {rho}", [g] * 45)[-1]
        assert_matches(late, -lr / (1 - rho) * g, rtol=1e-3, case=f"step 45, momentum {rho}")


@pytest.mark.points(0.5, exercise="Momentum", spec="With 0 it is plain SGD.")
def test_without_momentum_it_is_descent(student, rng):
    """With momentum 0 every step is lr times the gradient."""
    rolling(student, "rolls")
    g = gradients(rng, (3,), 5)
    assert_matches(moves(student.Momentum(0.3, 0.0), "zero", g), -0.3 * np.array(g), rtol=0, atol=3e-6)


@pytest.mark.points(1.25, exercise="Momentum", spec="Every key has a velocity of its own")
def test_every_key_has_its_own_velocity(student, rng):
    """Several parameters, of unlike shapes or of one, move as each would alone, in whatever order they come."""
    assert_keys_are_apart(rolling(student, "keys of Momentum"), rng, 0.2)


@pytest.mark.points(0.25, exercise="Momentum", spec="and kept in a step that comes without the key")
def test_velocities_wait_for_their_key(student, rng):
    """A key that appears late starts with velocity 0; one that misses a step keeps its velocity."""
    assert_keys_come_and_go(rolling(student, "come and go"), rng, 0.2)


@pytest.mark.points(1.25, exercise="Momentum", spec="key. Two optimisers share nothing. All else, and")
def test_two_momenta_share_nothing(student, rng):
    """Two optimisers with settings of their own that take turns move as each would alone."""
    makes = [rolling(student, "private"), lambda: student.Momentum(0.5, 0.4)]
    assert_optimisers_are_apart(makes, (0.2, 0.5), rng)


@pytest.mark.points(0.25, exercise="Momentum", spec="Nothing that was passed in is modified.")
def test_momentum_leaves_its_arguments_alone(student, rng):
    """Parameters and gradients are not modified, and may be read-only; what comes back are new arrays."""
    assert_arguments_are_left_alone(student, rolling(student, "untouched by Momentum"), rng)


@pytest.mark.points(0.25, exercise="Momentum", spec="Parameters of any shapes and their gradients, as for `SGD.step`.")
def test_momentum_takes_gradients_of_every_kind(student, rng):
    """Integer (small ones too), Fortran-ordered, strided, float32 and 0-d gradients give the same steps."""
    assert_every_kind_is_taken(rolling(student, "kinds for Momentum"), rng, 0.2)


@pytest.mark.points(0.25, exercise="Momentum", spec="Each step starts from the parameters that are passed in.")
def test_momentum_starts_from_what_is_passed_in(student, rng):
    """Each step starts from the parameters passed in, and keeps neither them nor the gradients."""
    assert_nothing_is_kept(student, rolling(student, "lent to Momentum"), rng, 0.2)


# convert_lr

FORMS = ("M-A", "M-B", "M-C")


@pytest.mark.points(1.75, exercise="convert_lr", spec="The rate with which `target` visits the same parameters")
def test_all_nine_conversions(student, reference, rng):
    """All nine pairs of forms, with several rates and momenta."""
    for lr, rho in ((0.2, 0.9), (0.05, 0.6), (0.7, 0.0), (float(rng.uniform(0.1, 2)), float(rng.uniform(0.1, 0.9)))):
        for source in FORMS:
            for target in FORMS:
                want = reference.convert_lr(lr, rho, source, target)
                got = student.convert_lr(lr, rho, source, target)
                assert_matches(got, want, rtol=ROUGH, atol=ROUNDED, case=f"from {source} to {target}")


@pytest.mark.points(1.75, exercise="convert_lr", spec='"M-A", "M-B" or "M-C", the forms of momentum')
def test_conversions_between_parameter_units_and_averages(student, rng):
    """Between M-A and M-C, in both directions, the rate changes so that the first steps agree."""
    for lr, rho in ((0.2, 0.9), (0.3, float(rng.uniform(0.2, 0.8)))):
        assert_matches(student.convert_lr(lr, rho, "M-A", "M-C") * (1 - rho), lr, rtol=ROUGH, case="from M-A to M-C")
        assert_matches(student.convert_lr(lr, rho, "M-C", "M-A"), (1 - rho) * lr, rtol=ROUGH, case="from M-C to M-A")


@pytest.mark.points(1.25, exercise="convert_lr", spec="and both move $\\theta$ alike")
def test_two_forms_share_their_rate_and_the_third_does_not(student, rng):
    """M-A and M-B walk the same path at the same rate, M-C does not."""
    for lr, rho in ((0.2, 0.9), (float(rng.uniform(0.1, 1)), 0.6)):
        for source, target in (("M-A", "M-B"), ("M-B", "M-A")):
            got = student.convert_lr(lr, rho, source, target)
            assert_matches(got, lr, rtol=ROUGH, case=f"from {source} to {target}")
        other = student.convert_lr(lr, rho, "M-A", "M-C")
        good = isinstance(other, float | int | np.number | np.ndarray) and np.size(other) == 1
        check(good and abs(float(np.squeeze(other)) - lr) > 0.1 * lr, "M-C is given the rate of M-A")


@pytest.mark.points(0.75, exercise="convert_lr", spec="Formulas count to nine digits")
def test_rates_are_converted_exactly(student, rng):
    """The rate is right to nine digits."""
    lr = float(rng.uniform(1, 9)) / 7000
    for source, target, want in (("M-A", "M-C", 4 * lr), ("M-C", "M-A", lr / 4)):
        assert_matches(student.convert_lr(lr, 0.75, source, target), want, rtol=1e-9, case=f"from {source} to {target}")


@pytest.mark.points(0.5, exercise="convert_lr", spec="If source or target is none of the three.")
def test_an_unknown_form_is_an_error(student):
    """An unknown form raises ValueError, as source, as target and as both."""
    forms = {"target": ("M-A", "M-D"), "source": ("EMA", "M-B"), "source and target": ("M-D", "M-D")}
    forms |= {"source, an empty text": ("", "M-B"), "target, a piece of a name": ("M-A", "M")}
    for words, (source, target) in forms.items():
        with raises(ValueError, case=f"an unknown form as {words}"):
            student.convert_lr(0.2, 0.9, source, target)


# catches_momentum

# Every fault that the docstring names, and right ones that keep other velocities or round otherwise.
WRONG_MOMENTA = (
    "average_of_gradients",
    "no_velocity",
    "velocity_one_step_late",
    "climbing",
    "look_ahead_form",
    "velocity_for_all_keys",
    "velocity_turned_round",
    "fixed_momentum",
    "velocity_forgotten_by_key",
    "momentum_of_the_whole_step",
)
RIGHT_MOMENTA = ("in_gradient_units", "float32_inside", "from_the_last_move")


@pytest.mark.points(8, exercise="catches_momentum", spec="accusing right ones takes points away again")
def test_wrong_momenta_are_caught_and_right_ones_let_through(student, candidates, award):
    """Your test tells wrong momenta from right ones that it has not seen."""
    found = judge_catcher(student.catches_momentum, candidates("Momentum", (*WRONG_MOMENTA, *RIGHT_MOMENTA)))
    award(found.fraction, found.words)


# nesterov_step


FLOAT32 = 3e-6  # what six steps in float32 are off by, and a little more


class Slope:
    """The gradient of a smooth, uneven landscape; it notes where it was asked."""

    def __init__(self, rng, shape):
        self.curvature, self.bend = rng.uniform(0.5, 3.0, shape), rng.uniform(0.2, 0.8, shape)
        self.points = []

    def __call__(self, point):
        self.points.append(np.array(point, dtype=float))
        return self.curvature * point + self.bend * np.sin(point)


def nesterov_walk(module, slope, x, lr, momentum, steps=6):
    """States (x, v) after each step, from velocity 0."""
    v, states = np.zeros(np.shape(x)), []
    for _ in range(steps):
        state = module.nesterov_step(x, v, slope, lr, momentum)
        check(isinstance(state, tuple | list) and len(state) == 2, "not two things came back: x and v")
        x, v = state
        check(np.shape(x) == np.shape(slope.curvature), "x does not come back in its shape")
        states.append((x, v))
    return states


def twice(student, reference, rng, shape=(3,), lr=0.2, momentum=0.7):
    """Walks and slopes of student and reference on the same landscape from the same start."""
    slope, x = Slope(rng, shape), rng.uniform(0.5, 2.0, shape)
    want = nesterov_walk(reference, slope, x, lr, momentum)
    asked, slope.points = slope.points, []
    return nesterov_walk(student, slope, x, lr, momentum), want, slope.points, asked


@pytest.mark.points(
    3.25, exercise="nesterov_step", spec="One step of Nesterov's momentum, as printed in the conventions box"
)
def test_nesterov_follows_the_formula(student, reference, rng):
    """Six steps down an uneven landscape lead where the formula leads."""
    for lr, momentum in ((0.2, 0.7), (0.1, 0.9)):
        got, want, _, _ = twice(student, reference, rng, (3,), lr, momentum)
        for n, (one, other) in enumerate(zip(got, want, strict=True), start=1):
            assert_matches(one[0], other[0], rtol=1e-6, atol=FLOAT32, loose_shape=True, case=f"x after step {n}")


@pytest.mark.points(1.75, exercise="nesterov_step", spec="it is called exactly once, at the point x + momentum * v")
def test_the_gradient_is_asked_at_the_look_ahead_point(student, reference, rng):
    """In every step the gradient is asked once, at the look-ahead point."""
    _, _, points, asked = twice(student, reference, rng)
    check(len(points) == len(asked), "grad_fn is not called exactly once per step")
    for n, (one, other) in enumerate(zip(points, asked, strict=True), start=1):
        words = f"where the gradient is asked, step {n}"
        assert_matches(one, other, rtol=1e-6, atol=FLOAT32, loose_shape=True, case=words)


@pytest.mark.points(0.75, exercise="nesterov_step", spec="the velocity is 0 before the first one")
def test_the_first_step_of_nesterov_is_that_of_descent(student, rng):
    """From velocity 0, x moves by lr times the gradient at x, downhill."""
    slope, x = Slope(rng, (4,)), rng.uniform(0.5, 2.0, 4)
    ((got, _),) = nesterov_walk(student, slope, x, 0.3, 0.8, steps=1)
    assert_matches(got, x - 0.3 * slope(x), rtol=1e-6, atol=FLOAT32, loose_shape=True, case="first step")


@pytest.mark.points(1.25, exercise="nesterov_step", spec="the new velocity, by which they have moved")
def test_the_velocity_is_the_move(student, reference, rng):
    """The velocity that comes back is the one of the formula, by which x has moved."""
    x, v, slope = rng.uniform(0.5, 2.0, 3), rng.uniform(-0.5, -0.1, 3), Slope(rng, (3,))
    want = reference.nesterov_step(x, v, slope, 0.2, 0.7)
    got = student.nesterov_step(x, v, slope, 0.2, 0.7)
    check(isinstance(got, tuple | list) and len(got) == 2, "not two things came back: x and v")
    assert_matches(got[1], want[1], rtol=1e-6, atol=FLOAT32, loose_shape=True, case="the velocity")


def assert_has_velocity(student, rng):
    """What no answer without momentum passes: from another velocity, the step leads elsewhere."""
    x, slope = rng.uniform(0.5, 2.0, 3), Slope(rng, (3,))
    first, second = (np.asarray(student.nesterov_step(x, v, slope, 0.2, 0.7)[0]) for v in (np.zeros(3), np.ones(3)))
    check(not np.allclose(first, second), f"{NOT_YET}: the velocity plays no part in the step")


@pytest.mark.points(0.5, exercise="nesterov_step", spec="Neither is modified.")
def test_nesterov_leaves_its_arguments_alone(student, rng):
    """Parameters and velocity are not modified, and may be read-only."""
    for wrap in (np.array, frozen):
        x, v = (wrap(each) for each in rng.uniform(0.5, 1.0, (2, 3)))
        got = student.nesterov_step(x, v, Slope(rng, (3,)), 0.2, 0.7)
        assert_unchanged(student)
        check(isinstance(got, tuple | list) and len(got) == 2, "not two things came back: x and v")
        check((np.abs(np.asarray(got[0], dtype=float) - x) > 1e-3).any(), "the step does not move x")
    assert_has_velocity(student, rng)


@pytest.mark.points(0.5, exercise="nesterov_step", spec="ndarrays of one shape")
def test_nesterov_in_every_shape(student, rng):
    """Arrays of any shape take the first step, 0-d too."""
    assert_has_velocity(student, rng)
    for x in (rng.uniform(0.5, 2.0, (2, 3)), np.array(1.5), np.asfortranarray(np.ones((3, 2)))):
        slope = Slope(rng, x.shape)
        got = student.nesterov_step(x, np.zeros(x.shape), slope, 0.3, 0.8)
        check(isinstance(got, tuple | list) and len(got) == 2, "not two things came back: x and v")
        assert_shape(got[0], x.shape)
        assert_matches(got[0], x - 0.3 * slope(x), rtol=1e-6, atol=FLOAT32, case="first step")


# critical_lr


def hessian(rng, d):
    """A random symmetric matrix with eigenvalues between 0.1 and 9, far from diagonal."""
    basis, _ = np.linalg.qr(rng.standard_normal((d, d)))
    return (basis * np.linspace(0.1, 9.0, d) * rng.uniform(0.9, 1.1)) @ basis.T


def assert_limit(student, reference, rng, method, momenta):
    for d in (2, 3, 5):
        H = hessian(rng, d)
        H = (H + H.T) / 2
        for momentum in momenta:
            got, want = (each.critical_lr(H, momentum, method) for each in (student, reference))
            assert_matches(got, want, rtol=1e-6, loose_shape=True, case=f"{method} {momentum:.2g}, {d} dimensions")


@pytest.mark.points(1.75, exercise="critical_lr", spec='"momentum" or "nesterov", as in the conventions box.')
def test_the_limit_of_momentum(student, reference, rng):
    """The limit of momentum, for several momenta and matrices."""
    assert_limit(student, reference, rng, "momentum", (0.9, 0.4, float(rng.uniform(0.1, 0.99))))


@pytest.mark.points(2.5, exercise="critical_lr", spec="Below it every start leads to the minimum")
def test_the_limit_of_nesterov(student, reference, rng):
    """The limit of Nesterov's momentum, for several momenta and matrices."""
    assert_limit(student, reference, rng, "nesterov", (0.9, 0.4, float(rng.uniform(0.1, 0.99))))


@pytest.mark.points(1, exercise="critical_lr", spec="With momentum = 0 both are SGD.")
def test_the_limit_without_momentum(student, reference, rng):
    """Without momentum the limit of both is that of SGD."""
    for method in ("momentum", "nesterov"):
        assert_limit(student, reference, rng, method, (0.0,))


@pytest.mark.points(0.25, exercise="critical_lr", spec="it may hold integers, and it is not modified")
def test_matrices_of_every_kind_have_a_limit(student):
    """Integers, negative entries, a single dimension, a flat direction, and read-only matrices."""
    flat = frozen(np.array([[2.0, 2.0], [2.0, 2.0]]))
    kinds = {"integers": (np.array([[5, 4], [4, 5]]), 9), "one dimension": (np.array([[3.0]]), 3), "flat": (flat, 4)}
    kinds["negative entries"] = (np.array([[4.0, -2.0], [-2.0, 4.0]]), 6)
    for words, (H, largest) in kinds.items():
        assert_matches(student.critical_lr(H, 0.5, "momentum"), 3 / largest, rtol=1e-6, case=words)
        assert_unchanged(student)


@pytest.mark.points(0.5, exercise="critical_lr", spec="If method is neither of the two.")
def test_an_unknown_method_is_an_error(student):
    """An unknown method raises ValueError."""
    for method in ("newton", ""):
        with raises(ValueError, case="an unknown method"):
            student.critical_lr(np.eye(2), 0.5, method)


# AdaGrad and RMSProp

TINY, LARGE = 1e-9, 0.3


def first_steps(student, kind, settings, key):
    """Three steps on some gradients, and on the same gradients ten thousand times as large."""
    grads = [np.array([0.5, -2.0]), np.array([-1.0, -0.6]), np.array([1.5, 0.4])]
    return [
        moves(getattr(student, kind)(*settings), f"{key}, {scale}", [scale * g for g in grads]) for scale in (1, 10_000)
    ]


def assert_scale_free(student, kind, settings, key, before=""):
    """The scale of the gradients plays no part; `before` are the words of a test about something else."""
    small, large = first_steps(student, kind, settings, key)
    check(np.abs(small[0]).min() > 0.03, f"{before}the very first step hardly moves")
    assert_matches(large, small, rtol=0, atol=1e-3, case=f"{before}the same gradients, ten thousand times as large")


def adaptive(student, kind, settings, key):
    """Makes an adaptive optimiser, once it has been seen to move and not to be plain descent."""
    small, large = first_steps(student, kind, settings, key)
    check(np.abs(small[0]).min() > 0.03, f"{NOT_YET}: the very first step hardly moves")
    words = "ten thousand times the gradients make steps many times as long, as in plain descent"
    check(np.abs(large[0]).max() < 5 * np.abs(small[0]).max(), f"{NOT_YET}: {words}")
    return lambda: getattr(student, kind)(*settings)


def steady(student, key):
    return adaptive(student, "AdaGrad", (0.2, TINY), key)


def forgetting(student, key):
    return adaptive(student, "RMSProp", (0.2, 0.8, TINY), key)


@pytest.mark.points(2, exercise="AdaGrad", spec="AdaGrad, as printed in the conventions box")
def test_adagrad_follows_the_formula(student, reference, rng):
    """Eight steps with changing gradients lead where the formula leads."""
    for lr in (0.2, 0.7):
        assert_formula(student, reference, rng, "AdaGrad", (lr, TINY), f"rate {lr}")


@pytest.mark.points(1.25, exercise="AdaGrad", spec="ten times the gradients give the same steps")
def test_adagrad_does_not_depend_on_the_scale(student):
    """Gradients ten thousand times as large give the same steps."""
    assert_scale_free(student, "AdaGrad", (0.2, TINY), "scale of AdaGrad")


@pytest.mark.points(1.5, exercise="AdaGrad", spec="On a constant gradient step t is lr / sqrt(t) long")
def test_adagrad_decays_like_one_over_root_t(student):
    """On a constant gradient step t is lr / sqrt(t) long, in every entry."""
    path = moves(student.AdaGrad(0.3, TINY), "decay", [np.array([3.0, -0.2, 40.0])] * 25)
    for t in (1, 2, 4, 9, 25):
        want = -0.3 / np.sqrt(t) * np.array([1, -1, 1])
        assert_matches(path[t - 1], want, rtol=0, atol=3e-6, case=f"step {t}")


@pytest.mark.points(1, exercise="AdaGrad", spec="eps is added outside the square root.")
def test_adagrad_adds_eps_outside_the_root(student, reference, rng):
    """With a large eps, the steps show where eps is added."""
    for lr, eps in ((0.2, LARGE), (0.7, 0.1)):
        assert_formula(student, reference, rng, "AdaGrad", (lr, eps), f"eps {eps}")


@pytest.mark.points(1.25, exercise="AdaGrad", spec="Every key has a sum r of its own")
def test_every_key_has_its_own_sum(student, rng):
    """Several parameters, of unlike shapes or of one, move as each would alone, in whatever order they come."""
    assert_keys_are_apart(steady(student, "keys of AdaGrad"), rng, 0.2)


@pytest.mark.points(0.25, exercise="AdaGrad", spec="and kept in a step that comes without the key")
def test_sums_wait_for_their_key(student, rng):
    """A key that appears late starts with a sum of 0; one that misses a step keeps its sum."""
    assert_keys_come_and_go(steady(student, "sums come and go"), rng, 0.2)


@pytest.mark.points(1, exercise="AdaGrad", spec="Two optimisers share nothing. Where all")
def test_two_adagrads_share_nothing(student, rng):
    """Two optimisers with settings of their own that take turns move as each would alone."""
    makes = [steady(student, "private sums"), lambda: student.AdaGrad(0.5, LARGE)]
    assert_optimisers_are_apart(makes, (0.2, 0.5), rng)


@pytest.mark.points(0.25, exercise="AdaGrad", spec="Where all gradients were 0 nothing moves.")
def test_adagrad_with_zero_gradients(student):
    """Zero gradients move nothing, and a real one after them moves by lr."""
    steady(student, "loud sums")
    path = moves(student.AdaGrad(0.2, TINY), "quiet sums", [np.zeros(2), np.zeros(2), np.array([2.0, 0.0])])
    assert_matches(path, np.array([[0, 0], [0, 0], [-0.2, 0]]), rtol=0, atol=2e-6, case="zeros, then 2")


@pytest.mark.points(0.25, exercise="AdaGrad", spec="Nothing that was passed in is modified.")
def test_adagrad_leaves_its_arguments_alone(student, rng):
    """Nothing passed in is modified, kept or given back; each step starts from the parameters passed in."""
    assert_arguments_are_left_alone(student, steady(student, "untouched sums"), rng)
    assert_nothing_is_kept(student, steady(student, "lent sums"), rng, 0.2)


@pytest.mark.points(0.25, exercise="AdaGrad", spec="Parameters of any shapes and their gradients, as for `SGD.step`.")
def test_adagrad_takes_gradients_of_every_kind(student, rng):
    """Integer (small ones too), Fortran-ordered, strided, float32 and 0-d gradients give the same steps."""
    assert_every_kind_is_taken(steady(student, "kinds of sums"), rng, 0.2)


@pytest.mark.points(2.2, exercise="RMSProp", spec="RMSProp, as printed in the conventions box")
def test_rmsprop_follows_the_formula(student, reference, rng):
    """Eight steps with changing gradients lead where the formula leads."""
    for lr, beta in ((0.2, 0.8), (0.7, 0.6)):
        assert_formula(student, reference, rng, "RMSProp", (lr, beta, TINY), f"rate {lr}, beta {beta}")


@pytest.mark.points(0.2, exercise="RMSProp", spec="later ones tend to lr, whatever the scale of the gradient")
def test_rmsprop_does_not_depend_on_the_scale(student):
    """Gradients ten thousand times as large give the same steps."""
    assert_scale_free(student, "RMSProp", (0.2, 0.8, TINY), "scale of RMSProp")


@pytest.mark.points(0.2, exercise="RMSProp", spec="the first step is lr / sqrt(1 - beta) long")
def test_the_first_step_of_rmsprop(student, rng):
    """The first step is lr / sqrt(1 - beta) long, in every entry: there is no bias correction."""
    for beta in (0.9, 0.6):
        g = 5 * gradients(rng, (4,), 1)[0]
        moved = moves(student.RMSProp(0.3, beta, TINY), f"first {beta}", [g])[0]
        assert_matches(moved, -0.3 / np.sqrt(1 - beta) * np.sign(g), rtol=0, atol=3e-6, case=f"beta {beta}")


@pytest.mark.points(0.2, exercise="RMSProp", spec="later ones tend to lr")
def test_late_steps_of_rmsprop_are_lr_long(student):
    """On a constant gradient late steps are lr long, in every entry."""
    for beta in (0.8, 0.6):
        late = moves(student.RMSProp(0.3, beta, TINY), f"late {beta}", [np.array([3.0, -0.2, 40.0])] * 50)[-1]
        assert_matches(late, np.array([-0.3, 0.3, -0.3]), rtol=0, atol=1e-4, case=f"step 50, beta {beta}")


@pytest.mark.points(0.8, exercise="RMSProp", spec="eps is added outside the square root.")
def test_rmsprop_adds_eps_outside_the_root(student, reference, rng):
    """With a large eps, the steps show where eps is added."""
    for lr, eps in ((0.2, LARGE), (0.7, 0.1)):
        assert_formula(student, reference, rng, "RMSProp", (lr, 0.8, eps), f"eps {eps}")


@pytest.mark.points(3, exercise="RMSProp", spec="Every key has an average of its own")
def test_every_key_has_its_own_average(student, rng):
    """Several parameters, of unlike shapes or of one, move as each would alone, in whatever order they come."""
    assert_keys_are_apart(forgetting(student, "keys of RMSProp"), rng, 0.2)


@pytest.mark.points(0.2, exercise="RMSProp", spec="and kept in a step that comes without the key")
def test_averages_wait_for_their_key(student, rng):
    """A late key starts with an average of 0, one that misses a step keeps its average, zeros move nothing."""
    assert_keys_come_and_go(forgetting(student, "averages come and go"), rng, 0.2)
    path = moves(student.RMSProp(0.2, 0.75, TINY), "quiet averages", [np.zeros(2), np.array([2.0, 0.0])])
    assert_matches(path[0], np.zeros(2), rtol=0, atol=2e-6, case="zeros")
    check(path[1][0] != 0 and path[1][1] == 0, "after zeros, a gradient moves what it should not, or nothing")


@pytest.mark.points(0.8, exercise="RMSProp", spec="Two optimisers share nothing. Where all")
def test_two_rmsprops_share_nothing(student, rng):
    """Two optimisers with settings of their own that take turns move as each would alone."""
    makes = [forgetting(student, "private averages"), lambda: student.RMSProp(0.5, 0.6, LARGE)]
    assert_optimisers_are_apart(makes, (0.2, 0.5), rng)


@pytest.mark.points(0.2, exercise="RMSProp", spec="Nothing that was passed in is modified.")
def test_rmsprop_leaves_its_arguments_alone(student, rng):
    """Nothing passed in is modified, kept or given back; each step starts from the parameters passed in."""
    assert_scale_free(student, "RMSProp", (0.2, 0.8, TINY), "scale, untouched", f"{NOT_YET}: ")
    assert_arguments_are_left_alone(student, forgetting(student, "untouched averages"), rng)
    assert_nothing_is_kept(student, forgetting(student, "lent averages"), rng, 0.2)


@pytest.mark.points(0.2, exercise="RMSProp", spec="Parameters of any shapes and their gradients, as for `SGD.step`.")
def test_rmsprop_takes_gradients_of_every_kind(student, rng):
    """Integer (small ones too), Fortran-ordered, strided, float32 and 0-d gradients give the same steps."""
    assert_scale_free(student, "RMSProp", (0.2, 0.8, TINY), "scale, all kinds", f"{NOT_YET}: ")
    assert_every_kind_is_taken(forgetting(student, "kinds of averages"), rng, 0.2)


# train_layers


class Lesson:
    """A small task: three layers, two of one shape, and squared errors; it notes who was asked for what.

    It is the optimiser, too, one whose rate falls.
    """

    def __init__(self, rng, n, batches):
        self.X = np.column_stack([np.arange(n), rng.uniform(-1, 1, (n, 3))])
        self.y = self.X[:, 1:] @ np.array([1.5, -0.7, 0.4]) + 0.3 * rng.standard_normal(n)
        self.layers = [(rng.uniform(-1, 1, (3, width)), rng.uniform(-1, 1, width)) for width in (3, 3, 1)]
        self.cut, self.epochs, self.asked, self.seen, self.keys, self.paired = batches, 0, [], [], [], True

    def loss_and_grads(self, layers, X, y):
        rows = np.asarray(X)[:, 0].astype(int)
        self.asked.append(rows.tolist())
        self.paired &= np.array_equal(self.y[rows], y)
        seen, grads = [X[:, 1:]], []
        for W, b in layers:
            seen.append(seen[-1] @ W + b)
        error = seen[-1][:, 0] - y
        d = (error / len(y))[:, None]
        for k in (2, 1, 0):
            grads.insert(0, (seen[k].T @ d, d.sum(axis=0)))
            d = d @ np.transpose(layers[k][0])
        return float(np.mean(error**2) / 2), grads

    def step(self, params, grads):
        self.seen.append(self.asked[-1] if self.asked else [])
        self.keys.append((sorted(params), sorted(grads)))
        return {key: theta - 0.2 / len(self.seen) * grads[key] for key, theta in params.items()}

    def batches(self):
        self.epochs += 1
        return self.cut[(self.epochs - 1) % len(self.cut)]

    def train(self, module, epochs):
        optimiser = expose(self, methods=("step",))
        result = module.train_layers(optimiser, self.layers, self.loss_and_grads, self.X, self.y, epochs, self.batches)
        check(isinstance(result, tuple | list) and len(result) == 2, "not two things came back: layers and losses")
        return result


def cuts(rng, n, size, epochs):
    orders = (rng.permutation(n) for _ in range(epochs))
    return [[order[k : k + size] for k in range(0, n, size)] for order in orders]


def two_lessons(rng, n, batches):
    seed = int(rng.integers(1 << 30))
    return tuple(Lesson(np.random.default_rng(seed), n, batches) for _ in range(2))


@pytest.mark.points(2, exercise="train_layers", spec="with one dict that holds all arrays of all layers")
def test_training_makes_successive_steps_of_all_layers(student, reference, rng):
    """With one batch per epoch, layers and losses are those of successive steps."""
    mine, other = two_lessons(rng, 6, [[np.arange(6)]])
    got, want = mine.train(student, 4), other.train(reference, 4)
    pairs = isinstance(got[0], tuple | list) and all(isinstance(pair, tuple | list) for pair in got[0])
    check(pairs, "the layers are no list of tuples (W, b)")
    flat = [[array for pair in result[0] for array in pair] for result in (got, want)]
    assert_matches(flat[0], flat[1], rtol=1e-8, atol=1e-10, loose_shape=True, case="the arrays of the layers")
    assert_matches(list(got[1]), list(want[1]), rtol=1e-8, loose_shape=True, case="the losses")


@pytest.mark.points(1.5, exercise="train_layers", spec="Each batch makes one step of the optimiser")
def test_each_batch_makes_one_step(student, rng):
    """Every batch makes one step, with the examples that it names; batches is called once per epoch."""
    for n, size in ((11, 4), (7, 3)):
        batches = cuts(rng, n, size, 3)
        lesson = Lesson(rng, n, batches)
        lesson.train(student, 3)
        check(lesson.epochs == 3, "batches is not called once for each epoch")
        wanted = [batch.tolist() for epoch in batches for batch in epoch]
        check(len(lesson.seen) == len(wanted), "the number of steps in three epochs is not as expected")
        check(lesson.seen == wanted, "some steps have not seen the examples of their batch")
        check(lesson.paired, "some examples have met the targets of others")
        check(
            all(params == grads == lesson.keys[0][0] for params, grads in lesson.keys),
            "the keys change or do not agree",
        )


@pytest.mark.points(1.25, exercise="train_layers", spec="after each epoch the mean loss of all of X and y")
def test_losses_are_of_all_examples_after_each_epoch(student, reference, rng):
    """With several batches per epoch, each loss is that of all examples after the epoch."""
    mine, other = two_lessons(rng, 10, cuts(rng, 10, 4, 3))
    got, want = mine.train(student, 3), other.train(reference, 3)
    assert_matches(list(got[1]), list(want[1]), rtol=1e-8, loose_shape=True, case="the losses")


@pytest.mark.points(0.25, exercise="train_layers", spec="The arrays are not modified.")
def test_training_leaves_what_it_is_given_alone(student, rng):
    """Neither the first layers nor the examples are modified."""
    lesson = Lesson(rng, 8, cuts(rng, 8, 3, 2))
    lesson.train(student, 2)
    assert_unchanged(student)
    counts = Counter(map(len, lesson.seen))
    check(counts == Counter({3: 4, 2: 2}), "the steps are not those of the batches")
