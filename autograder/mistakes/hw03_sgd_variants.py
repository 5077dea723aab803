"""Known mistakes and right answers of hw03: minibatches, descent, schedules, momentum, AdaGrad, RMSProp."""

import numpy as np

from autograder.grading import expose, held_call, set_item, take, value
from autograder.grading.bank import mistake, probe, right_answer

# minibatches


@mistake("minibatches", caught_by="test_each_index_comes_once", severity="concept")
def drawn_with_replacement(n, batch_size, rng, drop_last=False):
    """Every batch is drawn anew from all examples.

    How often does each example come in one epoch?
    """
    for start in range(0, n, batch_size):
        size = min(batch_size, n - start)
        if size == batch_size or not drop_last:
            yield rng.integers(0, n, size)


@mistake("minibatches", caught_by="test_each_index_comes_once", severity="concept")
def each_batch_without_the_others(n, batch_size, rng, drop_last=False):
    """Within a batch no example comes twice, but two batches may share one.

    Do your batches know of each other?
    """
    for start in range(0, n, batch_size):
        size = min(batch_size, n - start)
        if size == batch_size or not drop_last:
            yield rng.permutation(n)[:size]


@mistake("minibatches", caught_by="test_every_call_draws_a_new_order_from_rng", severity="concept")
def seeded_inside(n, batch_size, rng, drop_last=False):
    """The order is the same in every epoch, as a generator is made with a seed of its own.

    What is rng for?
    """
    order = np.random.default_rng(0).permutation(n)
    for start in range(0, n - n % batch_size if drop_last else n, batch_size):
        yield order[start : start + batch_size]


@mistake("minibatches", caught_by="test_every_call_draws_a_new_order_from_rng", severity="concept")
def unshuffled(n, batch_size, rng, drop_last=False):
    """The examples are used in the order in which they stand.

    If the data were sorted by class, what would the first batch hold?
    """
    order = np.arange(n)
    for start in range(0, n - n % batch_size if drop_last else n, batch_size):
        yield order[start : start + batch_size]


@mistake("minibatches", caught_by="test_who_shares_a_batch_changes", severity="concept")
def batches_shuffled_as_blocks(n, batch_size, rng, drop_last=False):
    """Only the order of the batches is random, not who is in which.

    Can the examples 0 and n - 1 ever meet in one batch?
    """
    batches = np.split(np.arange(n), range(batch_size, n, batch_size))
    if drop_last and len(batches[-1]) < batch_size:
        batches.pop()
    return [batches[k] for k in rng.permutation(len(batches))]


@mistake("minibatches", caught_by="test_who_shares_a_batch_changes", severity="concept")
def shuffled_inside_the_batches(n, batch_size, rng, drop_last=False):
    """Each batch is shuffled for itself, so it always holds the same examples.

    Can the examples 0 and n - 1 ever meet in one batch?
    """
    for start in range(0, n - n % batch_size if drop_last else n, batch_size):
        yield rng.permutation(np.arange(start, min(start + batch_size, n)))


@mistake("minibatches", caught_by="test_who_shares_a_batch_changes", severity="concept")
def order_turned_round(n, batch_size, rng, drop_last=False):
    """The examples come in the order in which they stand, only the one to begin with is random.

    How many different orders can an epoch have in your function, and which examples share a batch with example 7?
    """
    order = np.roll(np.arange(n), rng.integers(n))
    for start in range(0, n - n % batch_size if drop_last else n, batch_size):
        yield order[start : start + batch_size]


@mistake("minibatches", caught_by="test_all_orders_are_equally_likely", severity="detail")
def each_place_swapped_with_any(n, batch_size, rng, drop_last=False):
    """Every place is swapped with a random one among all n, which makes some orders likelier than others.

    With n = 3: how many equally likely ways are there through your loop, and can 6 orders share them evenly?
    """
    order = np.arange(n)
    for i in range(n):
        j = rng.integers(0, n)
        order[i], order[j] = order[j], order[i]
    for start in range(0, n - n % batch_size if drop_last else n, batch_size):
        yield order[start : start + batch_size]


@mistake("minibatches", caught_by="test_all_orders_are_equally_likely", severity="detail")
def seed_out_of_sixteen(n, batch_size, rng, drop_last=False):
    """The order comes from one of a few seeds, so there are only a few orders.

    How many different epochs can there be, and how many orders have n examples?
    """
    order = np.random.default_rng(rng.integers(16)).permutation(n)
    for start in range(0, n - n % batch_size if drop_last else n, batch_size):
        yield order[start : start + batch_size]


@mistake("minibatches", caught_by="test_batches_have_the_right_sizes", severity="detail")
def short_batch_always_dropped(n, batch_size, rng, drop_last=False):
    """The short last batch is left out even if nobody asks for that.

    With 10 examples in batches of 4, how many examples does an epoch use?
    """
    order = rng.permutation(n)
    for start in range(0, n - n % batch_size, batch_size):
        yield order[start : start + batch_size]


@mistake("minibatches", caught_by="test_drop_last_leaves_out_a_short_batch_only", severity="detail")
def short_batch_never_dropped(n, batch_size, rng, drop_last=False):
    """drop_last changes nothing.

    Where does your code look at drop_last?
    """
    order = rng.permutation(n)
    for start in range(0, n, batch_size):
        yield order[start : start + batch_size]


@mistake("minibatches", caught_by="test_drop_last_leaves_out_a_short_batch_only", severity="detail")
def last_batch_dropped_though_it_is_full(n, batch_size, rng, drop_last=False):
    """drop_last leaves out the last batch even if it is full.

    With 12 examples in batches of 3, what is there to drop?
    """
    order = rng.permutation(n)
    batches = [order[start : start + batch_size] for start in range(0, n, batch_size)]
    yield from batches[:-1] if drop_last else batches


@mistake("minibatches", caught_by="test_batches_have_the_right_sizes", severity="detail")
def equal_parts(n, batch_size, rng, drop_last=False):
    """The order is cut into parts of about equal size, not into full batches and a rest.

    Which sizes should 10 examples in batches of 4 have?
    """
    count = n // batch_size if drop_last else -(-n // batch_size)
    yield from np.array_split(rng.permutation(n), count) if count else ()


@mistake("minibatches", caught_by="test_batches_have_the_right_sizes", severity="detail")
def equal_parts_unless_dropped(n, batch_size, rng, drop_last=False):
    """The order is cut into parts of about equal size: full batches come only with drop_last.

    Which sizes should 10 examples in batches of 4 have?
    """
    order, count = rng.permutation(n), n // batch_size
    if drop_last:
        return [order[k * batch_size : (k + 1) * batch_size] for k in range(count)]
    return np.array_split(order, -(-n // batch_size))


@mistake("minibatches", caught_by="test_batches_have_the_right_sizes", severity="detail")
def equal_parts_and_the_last_dropped(n, batch_size, rng, drop_last=False):
    """The order is cut into parts of about equal size, and drop_last looks at the last of them only.

    Which sizes should 10 examples in batches of 4 have?
    """
    batches = np.array_split(rng.permutation(n), -(-n // batch_size))
    return batches[:-1] if drop_last and len(batches[-1]) < batch_size else batches


@mistake("minibatches", caught_by="test_every_call_draws_a_new_order_from_rng", severity="detail")
class order_kept_and_shuffled_on:
    """The order of the last epoch is kept and shuffled again, so that it depends on more than rng.

    If rng starts from the same state twice, from what does your shuffle start?
    """

    orders = {}

    def __new__(cls, n, batch_size, rng, drop_last=False):
        order = cls.orders.setdefault(n, np.arange(n))
        rng.shuffle(order)
        return [order[k : k + batch_size].copy() for k in range(0, n - n % batch_size if drop_last else n, batch_size)]


@mistake("minibatches", caught_by="test_the_global_generator_is_left_alone", severity="detail")
def order_from_the_global_generator(n, batch_size, rng, drop_last=False):
    """The order comes from NumPy's global generator, not from rng.

    Can you repeat yesterday's run if you have only rng's seed?
    """
    order = np.random.permutation(n)
    for start in range(0, n - n % batch_size if drop_last else n, batch_size):
        yield order[start : start + batch_size]


@mistake("minibatches", caught_by="test_batches_are_integer_arrays", severity="robustness")
def batches_of_floats(n, batch_size, rng, drop_last=False):
    """The indices are floating-point numbers.

    What does NumPy say to X[np.array([1.0, 3.0])]?
    """
    order = rng.permutation(n) * 1.0
    for start in range(0, n - n % batch_size if drop_last else n, batch_size):
        yield order[start : start + batch_size]


@mistake("minibatches", caught_by="test_a_batch_may_be_larger_than_all_examples", severity="robustness")
def nothing_when_there_are_few_examples(n, batch_size, rng, drop_last=False):
    """With fewer examples than fit in one batch there is no batch at all.

    What should an epoch of 5 examples with batch_size 8 be?
    """
    order = rng.permutation(n)
    if n < batch_size:
        return
    for start in range(0, n - n % batch_size if drop_last else n, batch_size):
        yield order[start : start + batch_size]


@mistake("minibatches", caught_by="test_each_index_comes_once", severity="trivial")
def no_batches(n, batch_size, rng, drop_last=False):
    """There are no batches.

    How many batches do 10 examples make in batches of 4?
    """
    return iter(())


@mistake("minibatches", caught_by="test_each_index_comes_once", severity="concept")
def one_batch_with_everything(n, batch_size, rng, drop_last=False):
    """All examples come in a single batch.

    What does batch_size do in your function?
    """
    return [rng.permutation(n)]


@right_answer("minibatches")
def a_list_of_slices(n, batch_size, rng, drop_last=False):
    """Returns a list of arrays, cut by np.split."""
    order = np.arange(n)
    rng.shuffle(order)
    batches = np.split(order, range(batch_size, n, batch_size))
    return [batch for batch in batches if len(batch) == batch_size or not drop_last]


@right_answer("minibatches")
def by_sorting_random_keys(n, batch_size, rng, drop_last=False):
    """Orders by random keys, takes the batches from the end, and draws at once rather than when asked."""
    rest = np.argsort(rng.random(n)).astype(np.int32)
    batches = []
    while len(rest):
        batches.append(rest[:batch_size])
        rest = rest[batch_size:]
    if drop_last and len(batches[-1]) < batch_size:
        batches.pop()
    return iter(batches)


@right_answer("minibatches")
def index_by_index(n, batch_size, rng, drop_last=False):
    """Draws one index after the other from those that are left."""
    left, batch = list(range(n)), []
    while left:
        batch.append(left.pop(int(rng.integers(len(left)))))
        if len(batch) == batch_size:
            yield np.array(batch)
            batch = []
    if batch and not drop_last:
        yield np.asarray(batch, dtype=np.int64)


@probe("minibatches")
def probe_minibatches(student, look, rng):
    draws = np.random.default_rng(17)

    def epoch(*arguments):
        return [np.asarray(batch) for batch in take(student.minibatches(*arguments), 30)]

    def facts(*arguments):
        batches = epoch(*arguments)
        flat = np.concatenate([np.array([]), *batches])
        sizes = sorted((len(batch) for batch in batches), reverse=True)
        return [sizes, len(set(flat.tolist())), sorted({b.dtype.kind for b in batches})]

    def sorted_out():
        epochs = [epoch(12, 3, draws) for _ in range(8)]
        numbered = [(k, batch) for batches in epochs for k, batch in enumerate(batches)]
        return [
            all(len(set(batch.tolist())) == len(batch) for _, batch in numbered),
            all((np.diff(np.sort(batch)) == 1).all() for _, batch in numbered),
            all((np.diff(batch) == 1).all() for _, batch in numbered),
            all(batch.max() < 3 * k + 3 and batch.min() >= 3 * k for k, batch in numbered),
            all((np.diff(np.concatenate(batches)) % 12 == 1).all() for batches in epochs),
        ]

    def orders():
        seen = {tuple(np.concatenate(epoch(9, 3, draws)).tolist()) for _ in range(40)}
        return ["few" if len(seen) <= 20 else "many", min(len(seen), 2)]

    def drift():
        order, places = np.concatenate(epoch(12000, 12000, draws)), np.arange(12000)
        z = (np.sum(order > places) - 6000) / np.sqrt(1000)
        return ["none" if abs(z) < 6 else "forward" if z > 0 else "back", abs(np.corrcoef(order, places)[0, 1]) < 0.2]

    look("10 by 4", lambda: facts(10, 4, draws), generator=draws)
    look("10 by 4, dropped", lambda: facts(10, 4, draws, True))
    look("12 by 3, dropped", lambda: facts(12, 3, draws, True))
    look("21 by 4, dropped", lambda: facts(21, 4, draws, True))
    look("5 by 8", lambda: facts(5, 8, draws))
    look("what a batch holds", sorted_out, generator=draws)
    look("60 by 20", lambda: facts(60, 20, draws))
    look("orders of nine", orders)
    look("drift in a long epoch", drift)

    def again():
        flat = [np.concatenate([np.array([0.5]), *epoch(40, 7, draws)]).tolist() for _ in range(2)]
        return flat[0] == flat[1]

    def same_state():
        flat = [np.concatenate(epoch(20, 5, np.random.default_rng(5))).tolist() for _ in range(2)]
        return flat[0] == flat[1]

    look("twice the same", again)
    look("from the same state", same_state)


# SGD


class Descent:
    """Descent cut into pieces, so that a mistake below says only what it does otherwise."""

    def __init__(self, lr):
        self.lr = lr

    def step(self, params, grads):
        return {key: self.moved(key, theta, grads[key]) for key, theta in params.items()}

    def moved(self, key, theta, g):
        return theta - self.lr * g


@mistake("SGD", caught_by="test_descent_follows_the_formula", severity="concept")
class uphill(Descent):
    """The parameters move with the gradient.

    Does the loss fall in that direction?
    """

    def moved(self, key, theta, g):
        return theta + self.lr * g


@mistake("SGD", caught_by="test_descent_follows_the_formula", severity="concept")
class rate_of_its_own(Descent):
    """The rate is a fixed number, whatever is passed in.

    What does SGD(0.7) do differently from SGD(0.2) in your class?
    """

    def moved(self, key, theta, g):
        return theta - 0.1 * g


@mistake("SGD", caught_by="test_descent_follows_the_formula", severity="concept")
class rate_left_out(Descent):
    """The step is the gradient itself.

    What is lr for?
    """

    def moved(self, key, theta, g):
        return theta - g


@mistake("SGD", caught_by="test_descent_follows_the_formula", severity="concept")
class signs_of_the_gradient(Descent):
    """Every step is lr long, whatever the size of the gradient.

    Where the slope is gentle, should the step be as long as where it is steep?
    """

    def moved(self, key, theta, g):
        return theta - self.lr * np.sign(g)


@mistake("SGD", caught_by="test_descent_follows_the_formula", severity="concept")
class mean_of_the_gradient(Descent):
    """All entries of a parameter move by the mean of their gradients.

    Over what has the mean been taken already before the gradient comes to you?
    """

    def moved(self, key, theta, g):
        return theta - self.lr * np.mean(g)


@mistake("SGD", caught_by="test_descent_treats_every_key_alike", severity="detail")
class first_key_only(Descent):
    """Only the first parameter moves.

    What happens to the second key of the dict?
    """

    def step(self, params, grads):
        first = next(iter(params))
        return {**params, first: self.moved(first, params[first], grads[first])}


@mistake("SGD", caught_by="test_descent_treats_every_key_alike", severity="detail")
class gradients_by_position(Descent):
    """Parameters and gradients are paired by their order, not by their keys.

    What happens if the gradients are listed from the last layer to the first, as backpropagation finds them?
    """

    def step(self, params, grads):
        return super().step(params, dict(zip(params, grads.values(), strict=True)))


@mistake("SGD", caught_by="test_descent_treats_every_key_alike", severity="detail")
class flat_parameters(Descent):
    """The new parameters come back flat, whatever their shape was.

    What is the shape of a parameter before the step, and after it?
    """

    def moved(self, key, theta, g):
        return np.ravel(super().moved(key, theta, g))


@mistake("SGD", caught_by="test_descent_takes_gradients_of_every_kind", severity="robustness")
class an_axis_too_many(Descent):
    """The parameters come back with an axis more than they had.

    What is the shape of a parameter before the step, and after it?
    """

    def moved(self, key, theta, g):
        return np.atleast_2d(super().moved(key, theta, g))


@mistake("SGD", caught_by="test_two_descents_share_nothing", severity="detail")
class rate_of_the_newest(Descent):
    """The rate belongs to the class, so that all optimisers have that of the one made last.

    What is the rate of the first SGD after a second one was made with another?
    """

    rates = [0.0]

    def __init__(self, lr):
        self.rates[0] = lr

    def step(self, params, grads):
        self.lr = self.rates[0]
        return super().step(params, grads)


@mistake("SGD", caught_by="test_descent_leaves_its_arguments_alone", severity="robustness")
class parameters_overwritten(Descent):
    """The parameters that were passed in are changed.

    If the caller keeps the old parameters to compare with, what will it find?
    """

    def step(self, params, grads):
        for key in params:
            params[key] -= self.lr * grads[key]
        return params


@mistake("SGD", caught_by="test_descent_takes_gradients_of_every_kind", severity="robustness")
class steps_in_the_dtype_of_the_gradient(Descent):
    """The step is stored in the dtype of the gradient.

    What is left of 0.6 in an array of integers?
    """

    def moved(self, key, theta, g):
        return theta - (self.lr * g).astype(g.dtype)


@mistake("SGD", caught_by="test_descent_follows_the_formula", severity="concept")
class clipped_gradients(Descent):
    """Gradients are clipped before the step.

    How far does a gradient of 1000 move the parameters, and how far should it?
    """

    def moved(self, key, theta, g):
        return theta - self.lr * np.clip(g, -10, 10)


@mistake("SGD", caught_by="test_descent_takes_gradients_of_every_kind", severity="robustness")
class sign_changed_in_the_dtype_of_the_gradient(Descent):
    """The sign of the gradient is changed while it has its own dtype, which may know no negative numbers.

    What is -np.array([3], dtype=np.uint8)?
    """

    def moved(self, key, theta, g):
        return theta + self.lr * -g


@mistake("SGD", caught_by="test_descent_leaves_its_arguments_alone", severity="robustness")
class parameters_back_where_nothing_moves(Descent):
    """Where the gradient is 0, the array that was passed in comes back itself, not a new one.

    If the caller changes its old parameters after the step, what happens to the new ones?
    """

    def moved(self, key, theta, g):
        return super().moved(key, theta, g) if np.any(g) else theta


@mistake("SGD", caught_by="test_descent_starts_from_what_is_passed_in", severity="robustness")
class own_parameters(Descent):
    """Later steps start from the optimiser's own parameters, not from those passed in.

    What happens if the caller clips the parameters between two steps?
    """

    def moved(self, key, theta, g):
        own = self.__dict__.setdefault("own", {})
        own[key] = own.get(key, theta) - self.lr * g
        return own[key]


@mistake("SGD", caught_by="test_descent_follows_the_formula", severity="trivial")
class no_step(Descent):
    """The parameters come back as they were.

    Which line of your class changes them?
    """

    def moved(self, key, theta, g):
        return theta


@right_answer("SGD")
class copies_changed_in_place(Descent):
    """Changes copies with ufuncs."""

    def step(self, params, grads):
        new = {key: np.array(value, dtype=float) for key, value in params.items()}
        for key in grads:
            np.subtract(new[key], np.multiply(self.lr, grads[key]), out=new[key])
        return new


@right_answer("SGD")
class single_precision(Descent):
    """Computes in float32, and goes through the keys in another order."""

    def step(self, params, grads):
        rate = np.float32(self.lr)
        return {k: np.asarray(params[k], np.float32) - rate * np.asarray(grads[k], np.float32) for k in sorted(grads)}


@right_answer("SGD")
class entries_one_by_one(Descent):
    """Plain Python numbers."""

    def moved(self, key, theta, g):
        flat = [float(a) - self.lr * float(b) for a, b in zip(np.ravel(theta), np.ravel(g), strict=True)]
        return np.array(flat).reshape(np.shape(theta))


def probe_optimiser(make, other, student, look, rng):
    """Looks that tell apart what is known of optimisers; `make` and `other` make one with different settings."""
    grads = rng.uniform(0.3, 2.0, (8, 2)) * rng.choice([-1.0, 1.0], (8, 2))

    def walk(words, optimiser, each):
        params = {key: np.zeros(np.shape(g)) for key, g in each[0].items()}
        for n, g in enumerate(each, start=1):
            got = look(f"{words}, step {n}", lambda params=params, g=g: optimiser.step(params, g))
            if not isinstance(got, dict) or not set(got) >= set(g):
                return
            params = {key: got[key] for key in g}

    walk("one key", make(), [{"probe a": g} for g in grads[:5]])
    walk("other settings", other(), [{"probe b": g} for g in grads[:4]])
    walk("two keys", make(), [{"probe c": g, "probe d": -0.5 * g} for g in grads[:3]])
    walk("unlike shapes", make(), [{"probe e": g, "probe f": g[:1]} for g in grads[:3]])
    twins = make()
    for n, (g, h) in enumerate(zip(grads[:3], grads[3:6], strict=True), start=1):
        given, backwards = {"probe p": np.zeros(2), "probe q": np.zeros(2)}, {"probe q": h, "probe p": g}
        look(f"gradients backwards, step {n}", lambda given=given, each=backwards: twins.step(given, each))
    look("one of two keys", lambda: twins.step({"probe p": np.zeros(2)}, {"probe p": grads[6]}))
    look("two axes", lambda: make().step({"probe r": np.zeros((2, 2))}, {"probe r": grads[:2]}))
    first, _ = make(), other()
    look("after another was made", lambda: first.step({"probe s": np.zeros(2)}, {"probe s": grads[0]}))
    optimiser = make()
    walk("before the late key", optimiser, [{"probe g": grads[0]}, {"probe g": grads[1]}])
    look("late key", lambda: optimiser.step({"probe h": np.zeros(2)}, {"probe h": grads[2]}))
    look("key that is back", lambda: optimiser.step({"probe g": np.zeros(2)}, {"probe g": grads[2]}))
    one, two = make(), make()
    look("first of two", lambda: one.step({"probe i": np.zeros(2)}, {"probe i": grads[0]}))
    look("second of two", lambda: two.step({"probe i": np.zeros(2)}, {"probe i": grads[1]}))
    look("from elsewhere", lambda: one.step({"probe i": np.ones(2)}, {"probe i": grads[1]}))
    walk("integers", make(), [{"probe j": np.array([3, -2])}, {"probe j": np.array([1, 4])}])

    def like_floats(small):
        one, two = (make().step({"probe t": np.zeros(2)}, {"probe t": g}) for g in (small, small.astype(float)))
        return bool(np.allclose(one["probe t"], two["probe t"]))

    look("small integers", lambda: like_floats(np.array([100, -90], dtype=np.int8)))
    look("unsigned integers", lambda: like_floats(np.array([3, 200], dtype=np.uint8)))
    walk("zeros", make(), [{"probe k": np.zeros(2)}, {"probe k": grads[1]}])
    walk("large", make(), [{"probe l": 100.0 * grads[2]}])
    lent, third = student.array(grads[3]), make()
    look("with a lent gradient", lambda: third.step({"probe m": np.zeros(2)}, {"probe m": lent}))
    for i in (0, 1):
        set_item(lent, i, 7.0)
    look("after its change", lambda: third.step({"probe m": np.zeros(2)}, {"probe m": grads[4]}))
    walk("constant", make(), [{"probe n": grads[5]}] * 6)
    walk("gradients below eps", other(), [{"probe u": 0.02 * g} for g in grads[:2]])
    walk("huge, then small", make(), [{"probe v": scale * g} for scale, g in zip((1e4, 1.0), grads, strict=False)])

    def at_rest():
        theta = student.array(np.ones(2))
        held = held_call(make().step, {"probe w": theta}, {"probe w": np.zeros(2)})
        set_item(theta, 0, 9.0)
        return value(held)

    if not getattr(getattr(student, "last", None), "modified", ()):
        look("after a change of the old parameters", at_rest)


@probe("SGD")
def probe_sgd(student, look, rng):
    probe_optimiser(lambda: student.SGD(0.2), lambda: student.SGD(0.7), student, look, rng)


# lr_schedule


def by_table(name, t, T, lr0, **other):
    """The schedules, with some of them replaced."""
    table = {
        "constant": lambda: lr0,
        "linear": lambda: lr0 * (1 - t / T),
        "exponential": lambda: lr0 * 0.01 ** (t / T),
        "cosine": lambda: 0.5 * lr0 * (1 + np.cos(np.pi * t / T)),
        "inverse_sqrt": lambda: lr0 / np.sqrt(t + 1),
    } | other
    if name not in table:
        raise ValueError("there is no such schedule")
    return table[name]()


@mistake("lr_schedule", caught_by="test_the_linear_schedule", severity="concept")
def whole_fractions(name, t, T, lr0):
    """The fraction t / T is rounded down to an integer.

    What is 3 // 10 in Python?
    """
    return by_table(name, t, T, lr0) if name == "inverse_sqrt" else by_table(name, t // T, 1, lr0)


@mistake("lr_schedule", caught_by="test_the_cosine_schedule", severity="detail")
def cosine_of_degrees(name, t, T, lr0):
    """The angle of the cosine is in degrees.

    Which unit does np.cos want?
    """
    return by_table(name, t, T, lr0, cosine=lambda: lr0 / 2 * (1 + np.cos(180 * t / T)))


@mistake("lr_schedule", caught_by="test_the_cosine_schedule", severity="detail")
def cosine_without_half(name, t, T, lr0):
    """The cosine schedule starts at twice the rate.

    What is 1 + cos(0)?
    """
    return by_table(name, t, T, lr0, cosine=lambda: lr0 * (1 + np.cos(np.pi * t / T)))


@mistake("lr_schedule", caught_by="test_the_cosine_schedule", severity="detail")
def whole_wave(name, t, T, lr0):
    """The cosine goes through a whole wave and comes up again.

    Where should the rate be at t = T?
    """
    return by_table(name, t, T, lr0, cosine=lambda: lr0 / 2 * (1 + np.cos(2 * np.pi * t / T)))


@mistake("lr_schedule", caught_by="test_the_inverse_square_root_schedule", severity="detail")
def root_of_t_itself(name, t, T, lr0):
    """The inverse square root divides by 0 at the first step.

    What is t before the first step, and what is its root?
    """
    with np.errstate(all="ignore"):
        return by_table(name, t, T, lr0, inverse_sqrt=lambda: lr0 / np.sqrt(np.float64(t)))


@mistake("lr_schedule", caught_by="test_the_inverse_square_root_schedule", severity="detail")
def inverse_without_root(name, t, T, lr0):
    """The rate falls like 1 / (t + 1).

    By how much has the rate fallen after 3 steps, and by how much should it?
    """
    return by_table(name, t, T, lr0, inverse_sqrt=lambda: lr0 / (t + 1))


@mistake("lr_schedule", caught_by="test_the_inverse_square_root_schedule", severity="detail")
def root_clipped_at_one(name, t, T, lr0):
    """The inverse square root uses max(t, 1), so that the first two steps are alike.

    What does the table say for t = 1?
    """
    return by_table(name, t, T, lr0, inverse_sqrt=lambda: lr0 / np.sqrt(max(t, 1)))


@mistake("lr_schedule", caught_by="test_the_exponential_schedule", severity="detail")
def exponential_per_step(name, t, T, lr0):
    """The exponential schedule multiplies by 0.01 in every step.

    After how many steps should a hundredth be left?
    """
    return by_table(name, t, T, lr0, exponential=lambda: lr0 * 0.01**t)


@mistake("lr_schedule", caught_by="test_the_exponential_schedule", severity="detail")
def product_for_power(name, t, T, lr0):
    """The exponential schedule multiplies by t / T where it should raise to that power.

    What should the rate be at t = 0?
    """
    return by_table(name, t, T, lr0, exponential=lambda: lr0 * (1 - 0.99 * t / T))


@mistake("lr_schedule", caught_by="test_the_exponential_schedule", severity="detail")
def exponential_of_e(name, t, T, lr0):
    """The exponential schedule ends at 1/e of the first rate.

    What is the base of the power in the table?
    """
    return by_table(name, t, T, lr0, exponential=lambda: lr0 * np.exp(-t / T))


@mistake("lr_schedule", caught_by="test_the_linear_schedule", severity="detail")
def linear_upwards(name, t, T, lr0):
    """The linear schedule rises.

    At which end should the rate be 0?
    """
    return by_table(name, t, T, lr0, linear=lambda: lr0 * t / T)


@mistake("lr_schedule", caught_by="test_the_linear_schedule", severity="concept")
def counted_from_one(name, t, T, lr0):
    """Every schedule is one step ahead.

    How many steps are finished before the first one?
    """
    return by_table(name, t + 1, T, lr0)


@mistake("lr_schedule", caught_by="test_rates_are_not_rounded", severity="detail")
def rates_rounded(name, t, T, lr0):
    """The rates are rounded.

    How many digits has your rate near the end of the exponential schedule?
    """
    return round(float(by_table(name, t, T, lr0)), 5)


@mistake("lr_schedule", caught_by="test_an_unknown_schedule_is_an_error", severity="robustness")
def unknown_is_a_key_error(name, t, T, lr0):
    """An unknown name raises another error than the docstring says.

    Which exception does a dictionary raise for a key that it has not, and which does the docstring name?
    """
    try:
        return by_table(name, t, T, lr0)
    except ValueError:
        raise KeyError(name) from None


@mistake("lr_schedule", caught_by="test_an_unknown_schedule_is_an_error", severity="robustness")
def unknown_is_constant(name, t, T, lr0):
    """An unknown name gives the constant schedule.

    How would somebody notice a typing error in the name?
    """
    try:
        return by_table(name, t, T, lr0)
    except ValueError:
        return lr0


@mistake("lr_schedule", caught_by="test_schedules_start_at_lr0_and_fall", severity="trivial")
def always_lr0(name, t, T, lr0):
    """The rate never changes.

    Where do name and t come in?
    """
    return lr0


@right_answer("lr_schedule")
def squares_and_logarithms(name, t, T, lr0):
    """The cosine as a square, powers by exp, in one dictionary."""
    done = t / T
    share = {
        "constant": 1.0,
        "linear": (T - t) / T,
        "exponential": np.exp(np.log(0.01) * done),
        "cosine": np.cos(np.pi / 2 * done) ** 2,
        "inverse_sqrt": (1 + t) ** -0.5,
    }
    try:
        return float(lr0 * share[name])
    except KeyError:
        raise ValueError(name) from None


@right_answer("lr_schedule")
def with_match(name, t, T, lr0):
    """A match statement, the factor c per step, and 0-d arrays."""
    t, T = np.array(t, dtype=float), np.array(T, dtype=float)
    match name:
        case "constant":
            share = np.ones(())
        case "linear":
            share = 1 - np.divide(t, T)
        case "exponential":
            share = np.power(0.01 ** (1 / T), t)
        case "cosine":
            share = 1 - np.sin(np.pi * t / (2 * T)) ** 2
        case "inverse_sqrt":
            share = np.sqrt(1 / (1 + t))
        case _:
            raise ValueError("unknown")
    return np.asarray(lr0 * share)


def is_rounded(number):
    return float(number) == round(float(number), 8)


@probe("lr_schedule")
def probe_lr_schedule(student, look, rng):
    lr0 = float(rng.uniform(1000, 9000))  # so large that rounding shows in the last look only
    for name in ("constant", "linear", "exponential", "cosine", "inverse_sqrt", "none"):
        for t in (0, 1, 7, 20):
            look(f"{name} at {t}", lambda name=name, t=t: student.lr_schedule(name, t, 20, lr0))
    look("whether it rounds", lambda: is_rounded(student.lr_schedule("exponential", 7, 20, 0.123456789)))


# Momentum


class Rolling:
    """Momentum cut into pieces, so that a mistake below says only what it does otherwise."""

    def __init__(self, lr, momentum):
        self.lr, self.momentum, self.v = lr, momentum, {}

    def step(self, params, grads):
        return {key: self.moved(key, theta, grads[key]) for key, theta in params.items()}

    def moved(self, key, theta, g):
        self.v[key] = self.velocity(self.v.get(key, 0.0), g)
        return theta + self.v[key]

    def velocity(self, v, g):
        return self.momentum * v - self.lr * g


@mistake("Momentum", caught_by="test_momentum_follows_the_formula", severity="concept")
class average_of_gradients(Rolling):
    """The gradient enters with a share of 1 - momentum, so that all steps are too short.

    How long is your very first step, in units of lr times the gradient?
    """

    def velocity(self, v, g):
        return self.momentum * v - (1 - self.momentum) * self.lr * g


@mistake("Momentum", caught_by="test_steps_grow_where_gradients_agree", severity="trivial")
class no_velocity(Rolling):
    """This is plain descent.

    What is left of the last velocity in the next step?
    """

    def velocity(self, v, g):
        return -self.lr * g


@mistake("Momentum", caught_by="test_the_first_step_of_momentum_is_that_of_descent", severity="concept")
class climbing(Rolling):
    """The parameters move against the velocity, and so uphill.

    Which of the two signs of the conventions box is the other way round in your class?
    """

    def moved(self, key, theta, g):
        return theta - (super().moved(key, theta, g) - theta)


@mistake("Momentum", caught_by="test_momentum_follows_the_formula", severity="concept")
class velocity_one_step_late(Rolling):
    """The parameters move by the old velocity, before the gradient has changed it.

    In which order do the two assignments of the conventions box come?
    """

    def moved(self, key, theta, g):
        old = self.v.get(key, 0.0)
        super().moved(key, theta, g)
        return theta + old


@mistake("Momentum", caught_by="test_momentum_follows_the_formula", severity="concept")
class look_ahead_form(Rolling):
    """This is Nesterov's momentum, in the form that keeps the look-ahead point.

    How long is your first step, in units of lr times the gradient?
    """

    def moved(self, key, theta, g):
        old = self.v.get(key, 0.0)
        super().moved(key, theta, g)
        return theta - self.momentum * old + (1 + self.momentum) * self.v[key]


@mistake("Momentum", caught_by="test_momentum_follows_the_formula", severity="concept")
class velocity_turned_round(Rolling):
    """The old velocity changes its sign in every step, so that it brakes where it should carry on.

    On a constant gradient, should the steps grow or shrink?
    """

    def velocity(self, v, g):
        return -self.momentum * v - self.lr * g


@mistake("Momentum", caught_by="test_momentum_follows_the_formula", severity="concept")
class velocity_never_fades(Rolling):
    """The old velocity is kept in full.

    Where does momentum stand in your class, and how long do steps get on a constant gradient?
    """

    def velocity(self, v, g):
        return v - self.lr * g


@mistake("Momentum", caught_by="test_momentum_follows_the_formula", severity="concept")
class fixed_momentum(Rolling):
    """The share of the velocity is a fixed number, whatever is passed in.

    What does Momentum(0.1, 0.4) do differently from Momentum(0.1, 0.9) in your class?
    """

    def velocity(self, v, g):
        return 0.9 * v - self.lr * g


@mistake("Momentum", caught_by="test_momentum_follows_the_formula", severity="concept")
class settings_exchanged(Rolling):
    """lr and momentum have changed places.

    Which of the two multiplies the gradient?
    """

    def velocity(self, v, g):
        return self.lr * v - self.momentum * g


@mistake("Momentum", caught_by="test_momentum_follows_the_formula", severity="concept")
class momentum_of_the_whole_step(Rolling):
    """The share of the velocity multiplies the new gradient as well.

    How long is your first step, in units of lr times the gradient?
    """

    def velocity(self, v, g):
        return self.momentum * (v - self.lr * g)


@mistake("Momentum", caught_by="test_momentum_follows_the_formula", severity="concept")
class rate_counted_twice(Rolling):
    """The velocity holds the rate, and the step multiplies by it once more.

    In which form of momentum is the rate inside the velocity, and in which outside?
    """

    def moved(self, key, theta, g):
        return theta + self.lr * (super().moved(key, theta, g) - theta)


@mistake("Momentum", caught_by="test_momentum_follows_the_formula", severity="concept")
class velocity_of_the_last_gradient(Rolling):
    """Only the last gradient is remembered, not the velocity.

    What is left of the gradient of three steps ago?
    """

    def moved(self, key, theta, g):
        last = self.v.get(key, 0.0)
        self.v[key] = np.array(g, dtype=float)
        return theta - self.lr * (self.momentum * last + g)


@mistake("Momentum", caught_by="test_steps_grow_where_gradients_agree", severity="detail")
class gradients_clipped_first(Rolling):
    """Gradients are clipped before they push the velocity.

    How far does a first gradient of 1000 move the parameters, and how far should it?
    """

    def velocity(self, v, g):
        return super().velocity(v, np.clip(g, -10, 10))


@mistake("Momentum", caught_by="test_every_key_has_its_own_velocity", severity="detail")
class velocity_for_all_keys(Rolling):
    """All keys share one velocity.

    Whose gradient is in v when the second key moves?
    """

    def moved(self, key, theta, g):
        return super().moved("all", theta, g)


@mistake("Momentum", caught_by="test_every_key_has_its_own_velocity", severity="detail")
class velocity_forgotten_by_key(Rolling):
    """Only the key that was moved last remembers its velocity.

    How many velocities does your optimiser hold after a step with three keys?
    """

    def moved(self, key, theta, g):
        self.v = {key: self.v[key]} if key in self.v else {}
        return super().moved(key, theta, g)


@mistake("Momentum", caught_by="test_every_key_has_its_own_velocity", severity="detail")
class velocities_by_position(Rolling):
    """Velocities are kept by the place of a parameter in the dict, not by its key.

    Whose velocity is used if the same parameters come in another order?
    """

    def step(self, params, grads):
        return {key: self.moved(place, params[key], grads[key]) for place, key in enumerate(params)}


@mistake("Momentum", caught_by="test_every_key_has_its_own_velocity", severity="detail")
class velocities_by_shape(Rolling):
    """Parameters of the same shape share their velocity.

    Two layers of one shape: whose gradients are in v?
    """

    def moved(self, key, theta, g):
        return super().moved(np.shape(theta), theta, g)


@mistake("Momentum", caught_by="test_velocities_wait_for_their_key", severity="robustness")
class velocity_lost_in_a_missed_step(Rolling):
    """A key that misses a step has lost its velocity when it is back.

    Which keys are in your dict of velocities after a step without this one?
    """

    def step(self, params, grads):
        new = super().step(params, grads)
        self.v = {key: self.v[key] for key in params}
        return new


@mistake("Momentum", caught_by="test_two_momenta_share_nothing", severity="detail")
class settings_of_the_newest(Rolling):
    """The settings belong to the class, so that all optimisers have those of the one made last.

    What is the rate of the first Momentum after a second one was made with another?
    """

    common = {}

    def __init__(self, lr, momentum):
        super().__init__(lr, momentum)
        self.common.update(lr=lr, momentum=momentum)

    def step(self, params, grads):
        self.__dict__.update(self.common)
        return super().step(params, grads)


@mistake("Momentum", caught_by="test_velocities_wait_for_their_key", severity="robustness")
class late_key_unknown(Rolling):
    """Velocities are made in the first step only, so a key that comes later has none.

    What does your step do with a key that it has not seen before?
    """

    def step(self, params, grads):
        if not self.v:
            self.v = dict.fromkeys(params, 0.0)
        return super().step({key: params[key] for key in params if self.v[key] is not None}, grads)


@mistake("Momentum", caught_by="test_two_momenta_share_nothing", severity="detail")
class velocities_of_all_optimisers(Rolling):
    """All optimisers write to the same velocities.

    What does a second Momentum(...) know about the steps of the first, and when is your dict of velocities made?
    """

    shared = {}

    def __init__(self, lr, momentum):
        super().__init__(lr, momentum)
        self.v = self.shared


@mistake("Momentum", caught_by="test_momentum_leaves_its_arguments_alone", severity="robustness")
class rolled_in_place(Rolling):
    """The parameters that were passed in are changed.

    If the caller keeps the old parameters to compare with, what will it find?
    """

    def step(self, params, grads):
        for key in params:
            params[key] += self.moved(key, 0.0, grads[key])
        return params


@mistake("Momentum", caught_by="test_momentum_takes_gradients_of_every_kind", severity="robustness")
class velocity_in_the_dtype_of_the_gradient(Rolling):
    """The velocity is stored in the dtype of the gradient.

    What is left of 0.6 in an array of integers?
    """

    def velocity(self, v, g):
        return super().velocity(v, g).astype(g.dtype) if np.asarray(g).dtype.kind in "iu" else super().velocity(v, g)


@mistake("Momentum", caught_by="test_momentum_starts_from_what_is_passed_in", severity="robustness")
class gradient_kept_without_a_copy(Rolling):
    """The gradient array itself is kept as velocity, and changes when the caller changes it.

    What does your velocity hold after the caller has used its gradient array again?
    """

    def moved(self, key, theta, g):
        self.v[key] = self.momentum * self.v[key] + g if key in self.v else g
        return theta - self.lr * self.v[key]


@mistake("Momentum", caught_by="test_momentum_starts_from_what_is_passed_in", severity="robustness")
class rolls_from_own_parameters(Rolling):
    """Later steps start from the optimiser's own parameters, not from those passed in.

    What happens if the caller clips the parameters between two steps?
    """

    def moved(self, key, theta, g):
        own = self.__dict__.setdefault("own", {})
        own[key] = super().moved(key, own.get(key, theta), g)
        return own[key]


@mistake("Momentum", caught_by="test_the_first_step_of_momentum_is_that_of_descent", severity="trivial")
class at_rest(Rolling):
    """The parameters come back as they were.

    Which line of your class changes them?
    """

    def moved(self, key, theta, g):
        return theta


@right_answer("Momentum")
class in_gradient_units(Rolling):
    """Form M-B: the velocity is a sum of gradients, and the rate comes in last."""

    def moved(self, key, theta, g):
        self.v[key] = np.add(np.multiply(self.momentum, self.v.get(key, 0.0)), g)
        return theta - self.lr * self.v[key]


@right_answer("Momentum")
class float32_inside:
    """Single precision throughout, with buffers made by zeros_like."""

    def __init__(self, lr, momentum):
        self.lr, self.momentum, self.buffers = np.float32(lr), np.float32(momentum), {}

    def step(self, params, grads):
        out = {}
        for key, g in grads.items():
            g = np.asarray(g, dtype=np.float32)
            if key not in self.buffers:
                self.buffers[key] = np.zeros_like(g)
            self.buffers[key] = self.momentum * self.buffers[key] - self.lr * g
            out[key] = np.asarray(params[key], dtype=np.float32) + self.buffers[key]
        return out


@right_answer("Momentum")
class from_the_last_move:
    """Remembers how far it moved last, as a difference of parameters."""

    def __init__(self, lr, momentum):
        self.lr, self.momentum, self.last = lr, momentum, {}

    def step(self, params, grads):
        new = {}
        for key in sorted(params):
            theta = np.array(params[key], dtype=float)
            new[key] = theta - self.lr * np.asarray(grads[key]) + self.momentum * self.last.get(key, 0.0 * theta)
            self.last[key] = new[key] - theta
        return new


@right_answer("Momentum")
class sums_over_all_gradients:
    """Keeps copies of all gradients and sums them with powers of the momentum."""

    def __init__(self, lr, momentum):
        self.lr, self.momentum, self.past = lr, momentum, {}

    def step(self, params, grads):
        new = {}
        for key, theta in params.items():
            past = self.past.setdefault(key, [])
            past.append(np.array(grads[key], dtype=float))
            powers = self.momentum ** np.arange(len(past) - 1, -1, -1.0)
            new[key] = theta - self.lr * np.einsum("i,i...->...", powers, np.stack(past))
        return new


@right_answer("Momentum")
class averages_with_a_larger_rate:
    """Form M-C with the converted rate, on buffers of its own that are changed in place."""

    def __init__(self, lr, momentum):
        self.share, self.momentum, self.v = lr / (1 - momentum), momentum, {}

    def step(self, params, grads):
        result = {}
        for key, theta in params.items():
            v = self.v.setdefault(key, np.zeros(np.shape(theta)))
            v *= self.momentum
            v += (1 - self.momentum) * np.asarray(grads[key], dtype=float)
            result[key] = np.asarray(theta) - self.share * v
        return result


@probe("Momentum")
def probe_momentum(student, look, rng):
    probe_optimiser(lambda: student.Momentum(0.2, 0.7), lambda: student.Momentum(0.5, 0.0), student, look, rng)


# convert_lr


@mistake("convert_lr", caught_by="test_conversions_between_parameter_units_and_averages", severity="concept")
def the_wrong_way_round(lr, momentum, source, target):
    """The rate is changed in the wrong direction.

    Which form makes the shorter first step at the same rate, and which needs the larger rate?
    """
    share = {"M-A": 1.0, "M-B": 1.0, "M-C": 1 - momentum}
    if source not in share or target not in share:
        raise ValueError("unknown form")
    return lr * share[target] / share[source]


@mistake("convert_lr", caught_by="test_conversions_between_parameter_units_and_averages", severity="concept")
def momentum_for_its_complement(lr, momentum, source, target):
    """The factor is the momentum, not 1 - momentum.

    With which factor does the gradient enter the average?
    """
    share = {"M-A": 1.0, "M-B": 1.0, "M-C": momentum}
    if source not in share or target not in share:
        raise ValueError("unknown form")
    with np.errstate(all="ignore"):
        return np.float64(lr * share[source]) / share[target]


@mistake("convert_lr", caught_by="test_two_forms_share_their_rate_and_the_third_does_not", severity="concept")
def opposite_sign(lr, momentum, source, target):
    """Between M-A and the other two the rate changes its sign.

    The velocities have opposite signs. Do the parameters move in opposite directions, too?
    """
    share = {"M-A": -1.0, "M-B": 1.0, "M-C": 1 - momentum}
    if source not in share or target not in share:
        raise ValueError("unknown form")
    return lr * share[source] / share[target]


@mistake("convert_lr", caught_by="test_two_forms_share_their_rate_and_the_third_does_not", severity="concept")
def b_taken_for_c(lr, momentum, source, target):
    """M-B and M-C are taken for the same form.

    Which of the two has 1 - rho in front of the gradient?
    """
    share = {"M-A": 1.0, "M-B": 1 - momentum, "M-C": 1 - momentum}
    if source not in share or target not in share:
        raise ValueError("unknown form")
    return lr * share[source] / share[target]


@mistake("convert_lr", caught_by="test_all_nine_conversions", severity="detail")
def form_b_left_out(lr, momentum, source, target):
    """Between M-B and M-C the rate stays as it is.

    Which two forms walk alike, and what follows for the third?
    """
    share = {"M-A": 1.0, "M-B": 1.0, "M-C": 1 - momentum}
    if source not in share or target not in share:
        raise ValueError("unknown form")
    return lr if "M-B" in (source, target) else lr * share[source] / share[target]


@mistake("convert_lr", caught_by="test_all_nine_conversions", severity="detail")
def average_to_itself(lr, momentum, source, target):
    """Even from M-C to M-C the rate is changed.

    What has to be changed if source and target are the same form?
    """
    if {source, target} - {"M-A", "M-B", "M-C"}:
        raise ValueError("unknown form")
    if target == "M-C":
        return lr / (1 - momentum)
    return lr * (1 - momentum) if source == "M-C" else lr


@mistake("convert_lr", caught_by="test_an_unknown_form_is_an_error", severity="robustness")
def unknown_forms_pass(lr, momentum, source, target):
    """An unknown form is treated like M-A.

    How would somebody notice a typing error in the name?
    """
    share = {"M-C": 1 - momentum}
    return lr * share.get(source, 1.0) / share.get(target, 1.0)


@mistake("convert_lr", caught_by="test_an_unknown_form_is_an_error", severity="robustness")
def equal_names_pass(lr, momentum, source, target):
    """Two equal names pass, known or not.

    What does your function say to "M-D" as source and as target, and in which order does it ask?
    """
    if source == target:
        return lr
    share = {"M-A": 1.0, "M-B": 1.0, "M-C": 1 - momentum}
    if source not in share or target not in share:
        raise ValueError("unknown form")
    return lr * share[source] / share[target]


@mistake("convert_lr", caught_by="test_an_unknown_form_is_an_error", severity="robustness")
def pieces_of_names_pass(lr, momentum, source, target):
    """The name is looked for inside a text, so a piece of a name passes, too.

    What is "M" in "M-A M-B M-C", and what is "" in it?
    """
    if source not in "M-A M-B M-C" or target not in "M-A M-B M-C":
        raise ValueError("unknown form")
    share = {"M-C": 1 - momentum}
    return lr * share.get(source, 1.0) / share.get(target, 1.0)


@mistake("convert_lr", caught_by="test_rates_are_converted_exactly", severity="detail")
def converted_rate_rounded(lr, momentum, source, target):
    """The rate is rounded.

    How many digits are left of a rate of 0.00123456789 in your function?
    """
    share = {"M-A": 1.0, "M-B": 1.0, "M-C": 1 - momentum}
    if source not in share or target not in share:
        raise ValueError("unknown form")
    return round(lr * share[source] / share[target], 6)


@mistake("convert_lr", caught_by="test_all_nine_conversions", severity="trivial")
def rate_as_it_is(lr, momentum, source, target):
    """The rate is never changed.

    How long are the first steps of the three forms, for g = 1?
    """
    return lr


@right_answer("convert_lr")
def by_way_of_the_first_step(lr, momentum, source, target):
    """Computes the first step of each form for g = 1 and divides."""

    def first_step(form):
        if form in ("M-A", "M-B"):
            return 1.0
        if form == "M-C":
            return 1.0 - momentum
        raise ValueError(f"unknown form {form}")

    return np.float64(lr) * (first_step(source) / first_step(target))


@right_answer("convert_lr")
def case_by_case(lr, momentum, source, target):
    """Conditions for all pairs, with 0-d arrays."""
    for form in (source, target):
        if form not in {"M-A", "M-B", "M-C"}:
            raise ValueError("M-A, M-B or M-C")
    result = np.array(lr, dtype=float)
    if source == "M-C" != target:
        result = result - result * momentum
    if target == "M-C" != source:
        result = result / (1.0 - momentum)
    return result


@probe("convert_lr")
def probe_convert_lr(student, look, rng):
    lr, rho = float(rng.uniform(50, 1000)), float(rng.uniform(0.1, 0.4))
    for source in ("M-A", "M-B", "M-C", "M-X"):
        for target in ("M-A", "M-B", "M-C", "M-X"):
            look(f"{source} to {target}", lambda s=source, t=target: student.convert_lr(lr, rho, s, t))
    look("a piece of a name", lambda: student.convert_lr(lr, rho, "M-A", "M"))
    look("whether it rounds", lambda: is_rounded(student.convert_lr(0.123456789, rho, "M-A", "M-C")))


# catches_momentum


def follows(candidate, keys, steps, atol, same_gradient=False, settings=(0.2, 0.7)):
    """Whether a candidate follows the formula for some steps."""
    (lr, rho), rng = settings, np.random.default_rng(5)
    optimiser, v = candidate(lr, rho), dict.fromkeys(keys, 0.0)
    for _ in range(steps):
        grads = {key: np.full(2, 1.5) if same_gradient else rng.uniform(-2, 2, 2) for key in keys}
        got = optimiser.step({key: np.zeros(2) for key in keys}, grads)
        for key in keys:
            v[key] = rho * v[key] - lr * grads[key]
            if not np.allclose(got[key], v[key], rtol=0, atol=atol):
                return False
    return True


@mistake("catches_momentum", caught_by="test_wrong_momenta_are_caught_and_right_ones_let_through", severity="trivial")
def everybody_is_wrong(candidate):
    """Every candidate is called wrong.

    What does your test say about a momentum that is right?
    """
    return True


@mistake("catches_momentum", caught_by="test_wrong_momenta_are_caught_and_right_ones_let_through", severity="trivial")
def everybody_is_right(candidate):
    """Every candidate is let through.

    What does your test say about plain gradient descent?
    """
    return False


@mistake("catches_momentum", caught_by="test_wrong_momenta_are_caught_and_right_ones_let_through", severity="concept")
def looks_at_the_first_step_only(candidate):
    """The test looks at the first step only.

    What is the velocity before the first step, and which faults does that hide?
    """
    return not follows(candidate, ("a",), 1, 2e-5)


@mistake("catches_momentum", caught_by="test_wrong_momenta_are_caught_and_right_ones_let_through", severity="detail")
def looks_at_one_key_only(candidate):
    """The test uses a single key.

    Which faults show only if there are two keys?
    """
    return not follows(candidate, ("a",), 6, 2e-5)


@mistake("catches_momentum", caught_by="test_wrong_momenta_are_caught_and_right_ones_let_through", severity="concept")
def answer_turned_round(candidate):
    """Right candidates are called wrong, and wrong ones right.

    What does catches_momentum(Momentum) say, and what should it say?
    """
    return follows(candidate, ("a", "b"), 6, 2e-5)


@mistake("catches_momentum", caught_by="test_wrong_momenta_are_caught_and_right_ones_let_through", severity="detail")
def no_room_for_rounding(candidate):
    """The test calls right candidates wrong that compute in float32.

    How many digits does a number in float32 have?
    """
    return not follows(candidate, ("a", "b"), 6, 1e-13)


@mistake("catches_momentum", caught_by="test_wrong_momenta_are_caught_and_right_ones_let_through", severity="detail")
def settings_of_the_others(candidate):
    """The test tries a momentum of 0.9 only.

    Would it notice a class in which 0.9 is written down?
    """
    return not follows(candidate, ("a", "b"), 6, 1e-4, settings=(0.1, 0.9))


@right_answer("catches_momentum")
def formula_written_out(candidate):
    """Two keys, one step at a time from zero, against the formula."""
    return not follows(candidate, ("first", "second"), 6, 2e-5)


@right_answer("catches_momentum")
def compared_with_own_momentum(candidate):
    """Walks beside the student's own Momentum, with two keys of unlike shape."""
    mine, theirs = Momentum(0.1, 0.6), candidate(0.1, 0.6)  # noqa: F821
    params = other = {"w": np.zeros((2, 2)), "b": np.zeros(3)}
    for n in range(8):
        grads = {
            key: np.cos(np.arange(1.0, 1 + value.size) * (n + 1)).reshape(value.shape) for key, value in params.items()
        }
        try:
            params, other = mine.step(params, grads), theirs.step(other, grads)
        except (ValueError, KeyError, RuntimeError):
            return np.True_
        if not all(np.max(np.abs(params[key] - other[key])) < 5e-5 for key in params):
            return np.True_
    return np.False_


@probe("catches_momentum")
def probe_catches_momentum(student, look, rng):
    asked = []

    class Stand:
        def __init__(self, lr, momentum, fixed=0.0, noise=0.0, forgets=False, shared=False):
            self.lr, self.momentum, self.v = lr, fixed or momentum, {}
            self.noise, self.forgets, self.shared = noise, forgets, shared

        def step(self, params, grads):
            asked.append(1)
            new = {}
            for key, theta in params.items():
                name = "one" if self.shared else key
                old = 0.0 if self.forgets else self.v.get(name, 0.0)
                self.v[name] = self.momentum * old - self.lr * np.ravel(grads[key])[: np.size(theta)].reshape(
                    np.shape(theta)
                )
                new[key] = theta + self.v[name] + self.noise
            return new

    def made(**faults):
        return lambda lr, momentum: expose(Stand(lr, momentum, **faults), methods=("step",))

    look("a right one", lambda: student.catches_momentum(made()))
    look("rounding", lambda: student.catches_momentum(made(noise=1e-9)))
    look("all too far", lambda: student.catches_momentum(made(noise=0.05)))
    look("no memory", lambda: student.catches_momentum(made(forgets=True)))
    look("a fixed momentum", lambda: student.catches_momentum(made(fixed=0.9)))
    look("one velocity", lambda: student.catches_momentum(made(shared=True)))
    look("whether it asked at all", lambda: bool(asked))


# nesterov_step


@mistake("nesterov_step", caught_by="test_the_gradient_is_asked_at_the_look_ahead_point", severity="concept")
def gradient_where_it_stands(x, v, grad_fn, lr, momentum):
    """The gradient is asked at x, so this is ordinary momentum.

    Where will the velocity have carried x before the gradient acts?
    """
    v = momentum * v - lr * grad_fn(x)
    return x + v, v


@mistake("nesterov_step", caught_by="test_nesterov_follows_the_formula", severity="concept")
def starts_from_the_look_ahead_point(x, v, grad_fn, lr, momentum):
    """The step starts from the look-ahead point, so the velocity moves x twice.

    What is the look-ahead point for, once the gradient is known?
    """
    ahead = x + momentum * v
    v = momentum * v - lr * grad_fn(ahead)
    return ahead + v, v


@mistake("nesterov_step", caught_by="test_the_gradient_is_asked_at_the_look_ahead_point", severity="concept")
def looks_too_far_ahead(x, v, grad_fn, lr, momentum):
    """The gradient is asked at x + v, further ahead than the velocity will carry x.

    How much of the velocity survives the step?
    """
    v = momentum * v - lr * grad_fn(x + v)
    return x + v, v


@mistake("nesterov_step", caught_by="test_the_gradient_is_asked_at_the_look_ahead_point", severity="concept")
def looks_back(x, v, grad_fn, lr, momentum):
    """The gradient is asked behind x, where it comes from.

    Is the velocity added or subtracted when x moves?
    """
    v = momentum * v - lr * grad_fn(x - momentum * v)
    return x + v, v


@mistake("nesterov_step", caught_by="test_nesterov_follows_the_formula", severity="concept")
def leaps_uphill(x, v, grad_fn, lr, momentum):
    """The velocity grows with the gradient, uphill.

    Which sign has the gradient in the conventions box?
    """
    v = momentum * v + lr * grad_fn(x + momentum * v)
    return x + v, v


@mistake("nesterov_step", caught_by="test_the_velocity_is_the_move", severity="detail")
def velocity_of_another_form(x, v, grad_fn, lr, momentum):
    """The velocity is a sum of gradients, as in form M-B.

    By how much has x moved, and what do you return as its velocity?
    """
    v = momentum * v + grad_fn(x - lr * momentum * v)
    return x - lr * v, v


@mistake("nesterov_step", caught_by="test_nesterov_follows_the_formula", severity="concept")
def gradient_only(x, v, grad_fn, lr, momentum):
    """The velocity forgets its past; only the gradient is looked up ahead.

    What is left of v in the new velocity?
    """
    v = -lr * grad_fn(x + momentum * v)
    return x + v, v


@mistake("nesterov_step", caught_by="test_nesterov_follows_the_formula", severity="trivial")
def plain_descent(x, v, grad_fn, lr, momentum):
    """This is plain descent: neither the step nor where it asks for the gradient depends on the velocity.

    What do momentum and v do in your function?
    """
    v = -lr * grad_fn(x)
    return x + v, v


@mistake("nesterov_step", caught_by="test_the_gradient_is_asked_at_the_look_ahead_point", severity="detail")
def asks_twice(x, v, grad_fn, lr, momentum):
    """The gradient is asked more than once per step.

    On a large network, what does a call of grad_fn cost?
    """
    grad_fn(x)
    v = momentum * v - lr * grad_fn(x + momentum * v)
    return x + v, v


@mistake("nesterov_step", caught_by="test_the_velocity_is_the_move", severity="concept")
def old_velocity_returned(x, v, grad_fn, lr, momentum):
    """The old velocity comes back.

    With which velocity does the next step have to begin?
    """
    return x + momentum * v - lr * grad_fn(x + momentum * v), v


@mistake("nesterov_step", caught_by="test_nesterov_leaves_its_arguments_alone", severity="robustness")
def velocity_overwritten(x, v, grad_fn, lr, momentum):
    """The new velocity is written over the old one that was passed in.

    Whose array is it, and may its owner still need it?
    """
    v *= momentum
    v -= lr * grad_fn(x + v)
    return x + v, v


@mistake("nesterov_step", caught_by="test_nesterov_in_every_shape", severity="robustness")
def flattened(x, v, grad_fn, lr, momentum):
    """The new parameters come back flat, whatever their shape was.

    Can they go into the next step?
    """
    v = momentum * v - lr * grad_fn(x + momentum * v)
    return np.atleast_1d(x + v) if np.ndim(x) == 0 else x + v, v


@mistake("nesterov_step", caught_by="test_the_first_step_of_nesterov_is_that_of_descent", severity="trivial")
def stays_where_it_is(x, v, grad_fn, lr, momentum):
    """Nothing moves.

    Where does the gradient come in?
    """
    return x, v


@right_answer("nesterov_step")
def four_lines(x, v, grad_fn, lr, momentum):
    """Moves a copy to the look-ahead point, asks there, and goes on by the gradient alone."""
    theta = np.array(x, dtype=float)
    theta += momentum * v
    g = np.asarray(grad_fn(theta.copy()))
    new_v = np.multiply(momentum, v) - lr * g
    theta -= lr * g
    return theta, new_v


@right_answer("nesterov_step")
def velocity_as_a_difference(x, v, grad_fn, lr, momentum):
    """Computes the new point first and the velocity as the way from x; returns a list."""
    ahead = np.add(x, np.multiply(momentum, v))
    new = ahead - lr * grad_fn(ahead)
    return [new, new - x]


@probe("nesterov_step")
def probe_nesterov_step(student, look, rng):
    points = []

    def slope(point):
        points.append(np.array(point, dtype=float))
        return 1.5 * point + 0.5 * np.sin(point)

    x, v = rng.uniform(0.5, 2.0, 2), np.zeros(2)
    for n in (1, 2, 3):
        got = look(f"step {n}", lambda x=x, v=v: student.nesterov_step(x, v, slope, 0.2, 0.7))
        look(f"points after step {n}", lambda: list(points))
        if not isinstance(got, tuple | list) or len(got) != 2:
            return
        x, v = got
    look("0-d", lambda: student.nesterov_step(np.array(1.5), np.array(0.25), slope, 0.2, 0.7))


# critical_lr


def limit_of(factor, curvature, method):
    if method not in ("momentum", "nesterov"):
        raise ValueError("unknown method")
    return factor / curvature


@mistake("critical_lr", caught_by="test_the_limit_of_momentum", severity="concept")
def smallest_curvature(hessian, momentum, method):
    """The limit is set by the flattest direction.

    In which direction does the path turn over first?
    """
    look_ahead = 1 + 2 * momentum if method == "nesterov" else 1
    curvatures = np.linalg.eigvalsh(hessian)
    return limit_of(2 * (1 + momentum) / look_ahead, curvatures[curvatures > 0].min(), method)


@mistake("critical_lr", caught_by="test_the_limit_of_momentum", severity="concept")
def largest_diagonal_entry(hessian, momentum, method):
    """The largest entry of the diagonal is taken for the largest curvature.

    Which direction of [[5, 4], [4, 5]] is the steepest, and how steep is it?
    """
    look_ahead = 1 + 2 * momentum if method == "nesterov" else 1
    return limit_of(2 * (1 + momentum) / look_ahead, np.max(np.diag(hessian)), method)


@mistake("critical_lr", caught_by="test_the_limit_of_momentum", severity="concept")
def sum_of_curvatures(hessian, momentum, method):
    """All curvatures are added up.

    Do two directions that both stay below their limits disturb each other?
    """
    look_ahead = 1 + 2 * momentum if method == "nesterov" else 1
    return limit_of(2 * (1 + momentum) / look_ahead, np.trace(hessian), method)


@mistake("critical_lr", caught_by="test_the_limit_of_momentum", severity="concept")
def best_rate_for_the_limit(hessian, momentum, method):
    """The rate divides by the sum of the largest and the smallest curvature, as the best rate of SGD does.

    Is that the rate at which the path turns over, or the one at which it is fastest?
    """
    look_ahead = 1 + 2 * momentum if method == "nesterov" else 1
    curvatures = np.linalg.eigvalsh(hessian)
    return limit_of(2 * (1 + momentum) / look_ahead, curvatures[0] + curvatures[-1], method)


@mistake("critical_lr", caught_by="test_matrices_of_every_kind_have_a_limit", severity="robustness")
def power_iteration_from_ones(hessian, momentum, method):
    """The largest curvature is looked for from (1, ..., 1) by power iteration, which may miss it.

    What is [[4, -2], [-2, 4]] times (1, 1), and can repeating it ever lead to another direction?
    """
    look_ahead, x = 1 + 2 * momentum if method == "nesterov" else 1, np.ones(len(hessian))
    for _ in range(1000):
        x = hessian @ x
        x = x / np.linalg.norm(x)
    return limit_of(2 * (1 + momentum) / look_ahead, x @ hessian @ x, method)


@mistake("critical_lr", caught_by="test_the_limit_of_momentum", severity="concept")
def limit_of_descent(hessian, momentum, method):
    """Momentum plays no part in the limit.

    What is the coefficient A in the formula of the path?
    """
    return limit_of(2.0, np.linalg.eigvalsh(hessian).max(), method)


@mistake("critical_lr", caught_by="test_the_limit_without_momentum", severity="concept")
def half_the_limit(hessian, momentum, method):
    """The limit is half as large as it should be.

    At which factor does the path of SGD turn over: 0 or -1?
    """
    look_ahead = 1 + 2 * momentum if method == "nesterov" else 1
    return limit_of((1 + momentum) / look_ahead, np.linalg.eigvalsh(hessian).max(), method)


@mistake("critical_lr", caught_by="test_the_limit_of_momentum", severity="concept")
def methods_exchanged(hessian, momentum, method):
    """The limits of the two methods have changed places.

    Which of the two survives the rate 0.1 on the ravine with momentum 0.9?
    """
    look_ahead = 1 + 2 * momentum if method == "momentum" else 1
    return limit_of(2 * (1 + momentum) / look_ahead, np.linalg.eigvalsh(hessian).max(), method)


@mistake("critical_lr", caught_by="test_the_limit_of_nesterov", severity="concept")
def nesterov_like_momentum(hessian, momentum, method):
    """Nesterov has the limit of momentum.

    At which point is the gradient asked, and how much larger is it there?
    """
    return limit_of(2 * (1 + momentum), np.linalg.eigvalsh(hessian).max(), method)


@mistake("critical_lr", caught_by="test_the_limit_of_nesterov", severity="concept")
def one_look_ahead_too_few(hessian, momentum, method):
    """The limit of Nesterov is too large: the gradient ahead is not counted in full.

    What do you get from (1 - c) ((1 + rho) z - rho) for z = -1?
    """
    look_ahead = 1 + momentum if method == "nesterov" else 1
    return limit_of(2 * (1 + momentum) / look_ahead, np.linalg.eigvalsh(hessian).max(), method)


@mistake("critical_lr", caught_by="test_the_limit_of_momentum", severity="detail")
def braked_by_momentum(hessian, momentum, method):
    """The limit of momentum is too small: as if momentum made every step longer for good.

    On the zigzag, do the pushes add up or cancel?
    """
    factor = 2 * (1 + momentum) / (1 + 2 * momentum) if method == "nesterov" else 2 * (1 - momentum)
    return limit_of(factor, np.linalg.eigvalsh(hessian).max(), method)


@mistake("critical_lr", caught_by="test_matrices_of_every_kind_have_a_limit", severity="robustness")
def limit_in_an_array(hessian, momentum, method):
    """The limit stands in an array with one entry.

    What is the shape of what you return, and what does the docstring say?
    """
    if method not in ("momentum", "nesterov"):
        raise ValueError("there is no such method")
    steepest = np.linalg.eigvalsh(hessian)[-1:]
    return 2 * (1 + momentum) / steepest / (1 + 2 * momentum if method == "nesterov" else 1)


@mistake("critical_lr", caught_by="test_an_unknown_method_is_an_error", severity="robustness")
def unknown_methods_pass(hessian, momentum, method):
    """An unknown method is treated like momentum.

    How would somebody notice a typing error in the name?
    """
    look_ahead = 1 + 2 * momentum if method == "nesterov" else 1
    return 2 * (1 + momentum) / look_ahead / np.linalg.eigvalsh(hessian).max()


@mistake("critical_lr", caught_by="test_matrices_of_every_kind_have_a_limit", severity="robustness")
def inverse_matrix(hessian, momentum, method):
    """The matrix is inverted, which fails if some direction is flat.

    What is the inverse of a matrix with the eigenvalue 0?
    """
    look_ahead = 1 + 2 * momentum if method == "nesterov" else 1
    if abs(np.linalg.det(hessian)) < 1e-12:
        raise ValueError("the matrix has no inverse")
    return limit_of(2 * (1 + momentum) / look_ahead, 1 / np.linalg.eigvalsh(np.linalg.inv(hessian)).min(), method)


@mistake("critical_lr", caught_by="test_the_limit_without_momentum", severity="trivial")
def always_one(hessian, momentum, method):
    """The limit is always 1.

    What is the limit of SGD on the ravine?
    """
    return 1.0


@right_answer("critical_lr")
def by_singular_values(hessian, momentum, method):
    """The largest singular value of the matrix, and 1 + 1 / (1 + 2 rho) for Nesterov."""
    if method == "nesterov":
        factor = 1 + 1 / (1 + 2 * momentum)
    elif method == "momentum":
        factor = 2 + 2 * momentum
    else:
        raise ValueError(method)
    return float(factor / np.linalg.norm(np.asarray(hessian, dtype=float), 2))


@right_answer("critical_lr")
def by_bisection(hessian, momentum, method):
    """Searches the rate at which the companion matrix has a root on the unit circle."""
    if method not in {"momentum", "nesterov"}:
        raise ValueError("momentum or nesterov")
    curvature = max(np.linalg.eigvals(hessian).real)

    def grows(c):
        if method == "momentum":
            roots = np.roots([1, -(1 + momentum - c), momentum])
        else:
            roots = np.roots([1, -(1 - c) * (1 + momentum), (1 - c) * momentum])
        return max(abs(roots)) > 1

    low, high = 1e-9, 4.1
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if grows(middle) else (middle, high)
    return np.float64(high / curvature)


@probe("critical_lr")
def probe_critical_lr(student, look, rng):
    a, b = float(rng.uniform(3, 6)), float(rng.uniform(1, 2))
    H, rho = np.array([[a, b, 0.0], [b, 2.0, 0.5], [0.0, 0.5, 1.5]]), float(rng.uniform(0.2, 0.8))
    for method in ("momentum", "nesterov", "other"):
        look(f"{method}", lambda method=method: student.critical_lr(H, rho, method))
        look(f"{method}, no momentum", lambda method=method: student.critical_lr(H, 0.0, method))
    look("a flat direction", lambda: student.critical_lr(np.array([[2.0, 2.0], [2.0, 2.0]]), rho, "momentum"))
    look("negative entries", lambda: student.critical_lr(np.array([[4.0, -2.0], [-2.0, 4.0]]), rho, "momentum"))


# AdaGrad and RMSProp


class Adaptive:
    """Both adaptive optimisers cut into pieces, so that a mistake says only what it does otherwise."""

    def step(self, params, grads):
        return {key: self.moved(key, theta, grads[key]) for key, theta in params.items()}

    def moved(self, key, theta, g):
        self.r[key] = self.memory(self.r.get(key, 0.0), np.asarray(g, dtype=float))
        return theta - self.update(np.asarray(g, dtype=float), self.r[key])

    def update(self, g, r):
        return self.lr * g / (np.sqrt(r) + self.eps)


class Summing(Adaptive):
    """AdaGrad."""

    def __init__(self, lr, eps):
        self.lr, self.eps, self.r = lr, eps, {}

    def memory(self, r, g):
        return r + g**2


class Averaging(Adaptive):
    """RMSProp."""

    def __init__(self, lr, beta, eps):
        self.lr, self.beta, self.eps, self.r = lr, beta, eps, {}

    def memory(self, r, g):
        return self.beta * r + (1 - self.beta) * g**2


@mistake("AdaGrad", caught_by="test_adagrad_does_not_depend_on_the_scale", severity="concept")
class sum_without_root(Summing):
    """The gradient is divided by the sum of squares itself.

    If all gradients were ten times as large, how would your steps change?
    """

    def update(self, g, r):
        return self.lr * g / (r + self.eps)


@mistake("AdaGrad", caught_by="test_adagrad_decays_like_one_over_root_t", severity="concept")
class newest_square_only(Summing):
    """The sum holds the newest square only, so every step is lr long.

    What is left in r of the gradient of the step before?
    """

    def memory(self, r, g):
        return g**2


@mistake("AdaGrad", caught_by="test_adagrad_decays_like_one_over_root_t", severity="concept")
class average_for_the_sum(Summing):
    """Squares are averaged and forgotten, as in RMSProp.

    Does AdaGrad ever forget a gradient?
    """

    def memory(self, r, g):
        return 0.9 * r + 0.1 * g**2


@mistake("AdaGrad", caught_by="test_adagrad_decays_like_one_over_root_t", severity="concept")
class mean_for_the_sum(Summing):
    """The sum is divided by the number of steps, so that steps do not get shorter.

    On a constant gradient, how long should the fourth step be?
    """

    def moved(self, key, theta, g):
        self.count = {**getattr(self, "count", {}), key: getattr(self, "count", {}).get(key, 0) + 1}
        self.now = key
        return super().moved(key, theta, g)

    def update(self, g, r):
        return super().update(g, r / self.count[self.now])


@mistake("AdaGrad", caught_by="test_adagrad_decays_like_one_over_root_t", severity="concept")
class sum_of_sizes(Summing):
    """The sum holds sizes, not squares, and there is no root.

    After 3 and 4, what is the root of the sum of squares, and what is the sum of sizes?
    """

    def memory(self, r, g):
        return r + np.abs(g)

    def update(self, g, r):
        return self.lr * g / (r + self.eps)


@mistake("AdaGrad", caught_by="test_adagrad_decays_like_one_over_root_t", severity="concept")
class sum_of_the_whole_array(Summing):
    """All entries of a parameter share one sum, the square of the gradient's length.

    Should a large gradient of one entry shorten the step of another?
    """

    def memory(self, r, g):
        return r + np.sum(g**2)


@mistake("AdaGrad", caught_by="test_adagrad_follows_the_formula", severity="concept")
class sum_one_step_late(Summing):
    """The step divides by the sum from before the present gradient.

    What is the sum before the first gradient, and how long does your first step get?
    """

    def moved(self, key, theta, g):
        before = self.r.get(key, 0.0)
        super().moved(key, theta, g)
        return theta - self.update(np.asarray(g, dtype=float), before)


@mistake("AdaGrad", caught_by="test_adagrad_follows_the_formula", severity="concept")
class uphill_with_root(Summing):
    """The update is added, so the parameters move with the gradient.

    Does the loss fall in that direction?
    """

    def update(self, g, r):
        return -super().update(g, r)


@mistake("AdaGrad", caught_by="test_adagrad_follows_the_formula", severity="concept")
class sum_starts_at_one(Summing):
    """The sum starts at 1, not at 0.

    How long is your first step for a gradient of 0.1?
    """

    def memory(self, r, g):
        return (1.0 if np.ndim(r) == 0 and np.ndim(g) and not np.any(r) else r) + g**2


@mistake("AdaGrad", caught_by="test_adagrad_adds_eps_outside_the_root", severity="detail")
class eps_under_the_root(Summing):
    """eps is added before the root is taken.

    Where does eps stand in the conventions box?
    """

    def update(self, g, r):
        return self.lr * g / np.sqrt(r + self.eps)


@mistake("AdaGrad", caught_by="test_adagrad_adds_eps_outside_the_root", severity="detail")
class eps_without_effect(Summing):
    """The eps that is passed in has no effect: it is left out, or a fixed number stands in its place.

    What does AdaGrad(0.1, 0.3) do differently from AdaGrad(0.1, 1e-7) in your class?
    """

    def update(self, g, r):
        return self.lr * g / (np.sqrt(r) + 1e-10)


@mistake("AdaGrad", caught_by="test_adagrad_adds_eps_outside_the_root", severity="detail")
class eps_as_a_lower_bound(Summing):
    """The root is kept from falling below eps; nothing is added to it.

    With eps = 0.3 and a root of 2, by what does your class divide, and by what does the conventions box?
    """

    def update(self, g, r):
        return self.lr * g / np.maximum(np.sqrt(r), self.eps)


@mistake("AdaGrad", caught_by="test_adagrad_with_zero_gradients", severity="detail")
class no_eps(Summing):
    """Nothing is added to the root.

    What happens to a parameter whose gradient has always been 0?
    """

    def update(self, g, r):
        with np.errstate(all="ignore"):
            return self.lr * g / np.sqrt(r)


@mistake("AdaGrad", caught_by="test_every_key_has_its_own_sum", severity="detail")
class sum_for_all_keys(Summing):
    """All keys share one sum.

    Whose gradient is in r when the second key moves?
    """

    def moved(self, key, theta, g):
        return super().moved("all", theta, g)


@mistake("AdaGrad", caught_by="test_two_adagrads_share_nothing", severity="detail")
class sums_of_all_optimisers(Summing):
    """All optimisers add to the same sums.

    What does a second AdaGrad(...) know about the steps of the first, and when is your dict of sums made?
    """

    shared = {}

    def __init__(self, lr, eps):
        super().__init__(lr, eps)
        self.r = self.shared


@mistake("AdaGrad", caught_by="test_sums_wait_for_their_key", severity="robustness")
class sum_lost_in_a_missed_step(Summing):
    """A key that misses a step has lost its sum when it is back.

    Which keys are in your dict of sums after a step without this one?
    """

    def step(self, params, grads):
        new = super().step(params, grads)
        self.r = {key: self.r[key] for key in params}
        return new


@mistake("AdaGrad", caught_by="test_sums_wait_for_their_key", severity="robustness")
class sums_made_once(Summing):
    """Sums are made in the first step only, so a key that comes later has none.

    What does your step do with a key that it has not seen before?
    """

    def step(self, params, grads):
        if not self.r:
            self.r = dict.fromkeys(params, 0.0)
        return super().step({key: params[key] for key in params if self.r[key] is not None}, grads)


@mistake("AdaGrad", caught_by="test_adagrad_leaves_its_arguments_alone", severity="robustness")
class moved_in_place(Summing):
    """The parameters that were passed in are changed.

    If the caller keeps the old parameters to compare with, what will it find?
    """

    def step(self, params, grads):
        for key in params:
            params[key] += self.moved(key, 0.0, grads[key])
        return params


@mistake("AdaGrad", caught_by="test_adagrad_leaves_its_arguments_alone", severity="robustness")
class sums_from_own_parameters(Summing):
    """Later steps start from the optimiser's own parameters, not from those passed in.

    What happens if the caller clips the parameters between two steps?
    """

    def moved(self, key, theta, g):
        own = self.__dict__.setdefault("own", {})
        own[key] = super().moved(key, own.get(key, theta), g)
        return own[key]


@mistake("AdaGrad", caught_by="test_adagrad_takes_gradients_of_every_kind", severity="robustness")
class steps_cut_to_integers(Summing):
    """The step is stored in the dtype of the gradient.

    What is left of 0.1 in an array of integers?
    """

    def moved(self, key, theta, g):
        return theta + (super().moved(key, 0.0 * theta, g)).astype(np.asarray(g).dtype)


@mistake("AdaGrad", caught_by="test_adagrad_takes_gradients_of_every_kind", severity="robustness")
class squares_in_the_dtype_of_the_gradient(Summing):
    """The gradient is squared while it has its own dtype, which may be too small for the square.

    What is np.array([100], dtype=np.int8) ** 2?
    """

    def moved(self, key, theta, g):
        self.r[key] = self.r.get(key, 0.0) + np.asarray(g) ** 2
        with np.errstate(all="ignore"):
            return theta - self.update(g, self.r[key])


@mistake("AdaGrad", caught_by="test_adagrad_leaves_its_arguments_alone", severity="robustness")
class parameters_back_where_all_is_quiet(Summing):
    """Where the gradient is 0, the array that was passed in comes back itself, not a new one.

    If the caller changes its old parameters after the step, what happens to the new ones?
    """

    def moved(self, key, theta, g):
        return super().moved(key, theta, g) if np.any(g) else theta


@mistake("AdaGrad", caught_by="test_adagrad_does_not_depend_on_the_scale", severity="detail")
class large_gradients_clipped(Summing):
    """Large gradients are clipped before they are squared.

    If all gradients were ten thousand times as large, how would your steps change?
    """

    def moved(self, key, theta, g):
        return super().moved(key, theta, np.clip(g, -1000, 1000))


@mistake("AdaGrad", caught_by="test_adagrad_does_not_depend_on_the_scale", severity="trivial")
class plain_steps(Summing):
    """This is plain descent.

    What does your class do with the squares of the gradients?
    """

    def update(self, g, r):
        return self.lr * g


@mistake("AdaGrad", caught_by="test_adagrad_does_not_depend_on_the_scale", severity="trivial")
class asleep(Summing):
    """The parameters come back as they were.

    Which line of your class changes them?
    """

    def update(self, g, r):
        return 0.0 * g


@right_answer("AdaGrad")
class history_of_squares:
    """Keeps all squares and takes the norm of the whole history."""

    def __init__(self, lr, eps):
        self.settings, self.past = (lr, eps), {}

    def step(self, params, grads):
        lr, eps = self.settings
        new = {}
        for key in sorted(params):
            past = self.past.setdefault(key, [])
            past.append(np.array(grads[key], dtype=np.float64))
            new[key] = params[key] - lr * past[-1] / (np.linalg.norm(np.stack(past), axis=0) + eps)
        return new


@right_answer("AdaGrad")
class single_precision_sums:
    """Single precision, with buffers made by zeros."""

    def __init__(self, lr, eps):
        self.lr, self.eps, self.buffers = np.float32(lr), np.float32(eps), {}

    def step(self, params, grads):
        out = {}
        for key, g in grads.items():
            g = np.asarray(g, dtype=np.float32)
            buffer = self.buffers.setdefault(key, np.zeros(g.shape, np.float32))
            buffer += g * g
            out[key] = np.asarray(params[key], np.float32) - g * (self.lr / (buffer**0.5 + self.eps))
        return out


@right_answer("AdaGrad")
class roots_carried_along:
    """Carries the root along by hypot, entry by entry of a copy."""

    def __init__(self, lr, eps):
        self.lr, self.eps, self.root = lr, eps, {}

    def step(self, params, grads):
        result = {key: np.array(value, dtype=float) for key, value in params.items()}
        for key, theta in result.items():
            g = np.array(grads[key], dtype=float)
            self.root[key] = np.hypot(self.root[key], g) if key in self.root else np.abs(g)
            theta -= self.lr * np.divide(g, self.root[key] + self.eps)
        return result


@probe("AdaGrad")
def probe_adagrad(student, look, rng):
    probe_optimiser(lambda: student.AdaGrad(0.2, 1e-3), lambda: student.AdaGrad(0.5, 0.3), student, look, rng)


@mistake("RMSProp", caught_by="test_rmsprop_does_not_depend_on_the_scale", severity="trivial")
class slide_as_typed:
    """This is still what was given out.

    How does the step change if all gradients become ten times as large, and if there are two keys?
    """

    def __init__(self, lr, beta, eps):
        self.lr, self.beta, self.eps, self.cache = lr, beta, eps, 0.0

    def step(self, params, grads):
        new = {}
        for key, x in params.items():
            g = np.asarray(grads[key], dtype=float)
            self.cache = self.beta * self.cache + (1 - self.beta) * g**2
            new[key] = x - self.lr * g / (self.cache + self.eps)
        return new


@mistake("RMSProp", caught_by="test_every_key_has_its_own_average", severity="concept")
class only_the_root_mended(Averaging):
    """All keys still share one cache.

    Whose gradient is in the cache when the second key moves?
    """

    def moved(self, key, theta, g):
        return super().moved("all", theta, g)


@mistake("RMSProp", caught_by="test_rmsprop_does_not_depend_on_the_scale", severity="concept")
class only_the_cache_mended(Averaging):
    """The step still depends on the size of the gradients.

    If g has a unit, which unit has the cache, and which has the step?
    """

    def update(self, g, r):
        return self.lr * g / (r + self.eps)


@mistake("RMSProp", caught_by="test_rmsprop_follows_the_formula", severity="concept")
class root_of_the_gradient_too(Averaging):
    """The root is taken of the whole fraction, gradient included.

    Which part of the fraction stands under the root in the conventions box?
    """

    def update(self, g, r):
        return self.lr * np.sign(g) * np.sqrt(np.abs(g) / (r + self.eps))


@mistake("RMSProp", caught_by="test_the_first_step_of_rmsprop", severity="concept")
class corrected_for_the_start(Averaging):
    """The average is divided by the sum of its weights, as Adam does it.

    Is there a bias correction in the conventions box?
    """

    def moved(self, key, theta, g):
        self.count = {**getattr(self, "count", {}), key: getattr(self, "count", {}).get(key, 0) + 1}
        self.now = key
        return super().moved(key, theta, g)

    def update(self, g, r):
        return super().update(g, r / (1 - self.beta ** self.count[self.now]))


@mistake("RMSProp", caught_by="test_the_first_step_of_rmsprop", severity="concept")
class shares_exchanged(Averaging):
    """The old average gets the share of the new square, and the other way round.

    With beta = 0.9, how much of the old average is kept?
    """

    def memory(self, r, g):
        return (1 - self.beta) * r + self.beta * g**2


@mistake("RMSProp", caught_by="test_late_steps_of_rmsprop_are_lr_long", severity="concept")
class square_in_full(Averaging):
    """The new square enters in full, so the cache is a sum rather than an average.

    On a constant gradient of 1, where should the cache end up?
    """

    def memory(self, r, g):
        return self.beta * r + g**2


@mistake("RMSProp", caught_by="test_late_steps_of_rmsprop_are_lr_long", severity="concept")
class sum_for_the_average(Averaging):
    """Squares are summed up and never forgotten, as in AdaGrad.

    What does beta do in your class?
    """

    def memory(self, r, g):
        return r + g**2


@mistake("RMSProp", caught_by="test_rmsprop_follows_the_formula", severity="concept")
class beta_written_down(Averaging):
    """The share is always 0.9, whatever is passed in.

    What does RMSProp with beta = 0.5 do differently in your class?
    """

    def memory(self, r, g):
        return 0.9 * r + 0.1 * g**2


@mistake("RMSProp", caught_by="test_rmsprop_follows_the_formula", severity="concept")
class average_of_the_whole_array(Averaging):
    """All entries of a parameter share one average, the square of the gradient's length.

    Should a large gradient of one entry shorten the step of another?
    """

    def memory(self, r, g):
        return self.beta * r + (1 - self.beta) * np.sum(g**2)


@mistake("RMSProp", caught_by="test_rmsprop_follows_the_formula", severity="concept")
class average_of_sizes(Averaging):
    """Sizes are averaged in place of squares, and there is no root.

    What is averaged before the root is taken?
    """

    def memory(self, r, g):
        return self.beta * r + (1 - self.beta) * np.abs(g)

    def update(self, g, r):
        return self.lr * g / (r + self.eps)


@mistake("RMSProp", caught_by="test_rmsprop_follows_the_formula", severity="concept")
class root_kept_in_the_cache(Averaging):
    """The root is kept in the cache, so that the next average mixes roots with squares.

    What does the recursion of the conventions box go on with, r or its root?
    """

    def memory(self, r, g):
        return np.sqrt(super().memory(r, g))

    def update(self, g, r):
        return self.lr * g / (r + self.eps)


@mistake("RMSProp", caught_by="test_rmsprop_adds_eps_outside_the_root", severity="detail")
class eps_beneath_the_root(Averaging):
    """eps is added before the root is taken.

    Where does eps stand in the conventions box?
    """

    def update(self, g, r):
        return self.lr * g / np.sqrt(r + self.eps)


@mistake("RMSProp", caught_by="test_rmsprop_adds_eps_outside_the_root", severity="detail")
class eps_for_small_roots(Averaging):
    """The root is kept from falling below eps; nothing is added to it.

    With eps = 0.3 and a root of 2, by what does your class divide, and by what does the conventions box?
    """

    def update(self, g, r):
        return self.lr * g / np.maximum(np.sqrt(r), self.eps)


@mistake("RMSProp", caught_by="test_rmsprop_takes_gradients_of_every_kind", severity="robustness")
class small_integers_squared(Averaging):
    """The gradient is squared while it has its own dtype, which may be too small for the square.

    What is np.array([100], dtype=np.int8) ** 2?
    """

    def moved(self, key, theta, g):
        self.r[key] = self.beta * self.r.get(key, 0.0) + (1 - self.beta) * np.asarray(g) ** 2
        with np.errstate(all="ignore"):
            return theta - self.update(g, self.r[key])


@mistake("RMSProp", caught_by="test_two_rmsprops_share_nothing", severity="detail")
class averages_of_all_optimisers(Averaging):
    """All optimisers write to the same averages.

    What does a second RMSProp(...) know about the steps of the first, and when is your dict of averages made?
    """

    shared = {}

    def __init__(self, lr, beta, eps):
        super().__init__(lr, beta, eps)
        self.r = self.shared


@mistake("RMSProp", caught_by="test_averages_wait_for_their_key", severity="robustness")
class average_lost_in_a_missed_step(Averaging):
    """A key that misses a step has lost its average when it is back.

    Which keys are in your dict of averages after a step without this one?
    """

    def step(self, params, grads):
        new = super().step(params, grads)
        self.r = {key: self.r[key] for key in params}
        return new


@mistake("RMSProp", caught_by="test_rmsprop_leaves_its_arguments_alone", severity="robustness")
class gradients_squared_in_place(Averaging):
    """The gradients that were passed in are changed.

    Whose arrays are they, and may their owner still need them?
    """

    def moved(self, key, theta, g):
        new = super().moved(key, theta, g)
        if g.flags.writeable and g.ndim:
            g *= g
        return new


@mistake("RMSProp", caught_by="test_rmsprop_takes_gradients_of_every_kind", severity="robustness")
class averages_cut_to_integers(Averaging):
    """The average is stored in the dtype of the gradient.

    What is left of 0.8 in an array of integers?
    """

    def moved(self, key, theta, g):
        g = np.asarray(g)
        self.r[key] = self.memory(self.r.get(key, 0.0), g.astype(float)).astype(
            g.dtype if g.dtype.kind == "i" else float
        )
        with np.errstate(all="ignore"):
            return theta - self.update(g, self.r[key])


@mistake("RMSProp", caught_by="test_rmsprop_does_not_depend_on_the_scale", severity="trivial")
class steps_of_descent(Averaging):
    """This is plain descent.

    What does your class do with the cache?
    """

    def update(self, g, r):
        return self.lr * g


@right_answer("RMSProp")
class moved_averages:
    """Moves the average towards the square, in place on buffers of its own."""

    def __init__(self, lr, beta, eps):
        self.lr, self.keep, self.eps, self.buffers = lr, beta, eps, {}

    def step(self, params, grads):
        new = {key: np.array(value, dtype=float) for key, value in params.items()}
        for key in grads:
            g = np.array(grads[key], dtype=float)
            buffer = self.buffers.setdefault(key, np.zeros(g.shape))
            buffer += (1 - self.keep) * (np.square(g) - buffer)
            new[key] -= np.multiply(self.lr / (np.power(buffer, 0.5) + self.eps), g)
        return new


@right_answer("RMSProp")
class weights_over_all_squares:
    """Keeps all squares and sums them with their weights."""

    def __init__(self, lr, beta, eps):
        self.lr, self.beta, self.eps, self.past = lr, beta, eps, {}

    def step(self, params, grads):
        moved = {}
        for key, theta in params.items():
            past = self.past.setdefault(key, [])
            past.append(np.square(np.asarray(grads[key], dtype=float)))
            weights = (1 - self.beta) * self.beta ** np.arange(len(past) - 1, -1, -1.0)
            r = np.tensordot(weights, np.stack(past), axes=1)
            moved[key] = theta - self.lr * np.asarray(grads[key], dtype=float) / (r**0.5 + self.eps)
        return moved


@right_answer("RMSProp")
class float32_averages:
    """Single precision, entry of a pair per key, tuple keys."""

    def __init__(self, lr, beta, eps):
        self.values = tuple(np.float32(value) for value in (lr, beta, 1 - beta, eps))
        self.state = {}

    def step(self, params, grads):
        lr, beta, rest, eps = self.values
        for key in grads:
            g = np.asarray(grads[key], dtype=np.float32)
            self.state["r", key] = beta * self.state.get(("r", key), np.float32(0)) + rest * g * g
        return {
            key: np.asarray(theta, np.float32)
            - lr * np.asarray(grads[key], np.float32) / (np.sqrt(self.state["r", key]) + eps)
            for key, theta in params.items()
        }


@probe("RMSProp")
def probe_rmsprop(student, look, rng):
    probe_optimiser(lambda: student.RMSProp(0.2, 0.8, 1e-3), lambda: student.RMSProp(0.5, 0.6, 0.3), student, look, rng)


# train_layers


def to_dict(pairs):
    return {f"{name} {k}": array for k, pair in enumerate(pairs) for name, array in zip("Wb", pair, strict=True)}


def to_layers(params):
    return [(params[f"W {k}"], params[f"b {k}"]) for k in range(len(params) // 2)]


@mistake("train_layers", caught_by="test_training_makes_successive_steps_of_all_layers", severity="concept")
def new_layers_not_taken_over(optimiser, layers, loss_and_grads, X, y, epochs, batches):
    """The new parameters are not taken over from step.

    What does step return, and what does it do to the arrays that it is given?
    """
    losses = []
    for _ in range(epochs):
        for batch in batches():
            optimiser.step(to_dict(layers), to_dict(loss_and_grads(layers, X[batch], y[batch])[1]))
        losses.append(loss_and_grads(layers, X, y)[0])
    return layers, losses


@mistake("train_layers", caught_by="test_training_makes_successive_steps_of_all_layers", severity="concept")
def last_layer_only(optimiser, layers, loss_and_grads, X, y, epochs, batches):
    """Only the last layer learns: all layers go under the same two keys.

    How many entries has your dict for a network of two layers?
    """
    losses = []
    for _ in range(epochs):
        for batch in batches():
            grads = loss_and_grads(layers, X[batch], y[batch])[1]
            new = optimiser.step(to_dict(layers[-1:]), to_dict(grads[-1:]))
            layers = [*layers[:-1], *to_layers(new)]
        losses.append(loss_and_grads(layers, X, y)[0])
    return layers, losses


@mistake("train_layers", caught_by="test_training_makes_successive_steps_of_all_layers", severity="concept")
def biases_left_out(optimiser, layers, loss_and_grads, X, y, epochs, batches):
    """The biases keep their first values.

    Which arrays of a layer does your dict hold?
    """
    losses = []
    for _ in range(epochs):
        for batch in batches():
            grads = loss_and_grads(layers, X[batch], y[batch])[1]
            weights, slopes = ({f"W{k}": pair[0] for k, pair in enumerate(pairs)} for pairs in (layers, grads))
            new = optimiser.step(weights, slopes)
            layers = [(new[f"W{k}"], pair[1]) for k, pair in enumerate(layers)]
        losses.append(loss_and_grads(layers, X, y)[0])
    return layers, losses


@mistake("train_layers", caught_by="test_training_makes_successive_steps_of_all_layers", severity="concept")
def shapes_for_keys(optimiser, layers, loss_and_grads, X, y, epochs, batches):
    """The keys are shapes, so that of two arrays of one shape only the last gets into the dict.

    How many entries has your dict for a network of three layers, each with 4 inputs and 4 outputs?
    """
    losses = []
    for _ in range(epochs):
        for batch in batches():
            grads = loss_and_grads(layers, X[batch], y[batch])[1]
            flat, slopes = ({str(a.shape): a for pair in pairs for a in pair} for pairs in (layers, grads))
            new = optimiser.step(flat, slopes)
            layers = [(new[str(W.shape)], new[str(b.shape)]) for W, b in layers]
        losses.append(loss_and_grads(layers, X, y)[0])
    return layers, losses


@mistake("train_layers", caught_by="test_each_batch_makes_one_step", severity="concept")
def whole_data_in_every_step(optimiser, layers, loss_and_grads, X, y, epochs, batches):
    """Every step uses all examples, whatever the batch is.

    Where do you use the indices of a batch?
    """
    losses = []
    for _ in range(epochs):
        for _ in batches():
            new = optimiser.step(to_dict(layers), to_dict(loss_and_grads(layers, X, y)[1]))
            layers = to_layers(new)
        losses.append(loss_and_grads(layers, X, y)[0])
    return layers, losses


@mistake("train_layers", caught_by="test_each_batch_makes_one_step", severity="concept")
def targets_left_behind(optimiser, layers, loss_and_grads, X, y, epochs, batches):
    """The examples are taken from their batch, the targets from the beginning of y.

    Which target belongs to the first row of your batch?
    """
    losses = []
    for _ in range(epochs):
        for batch in batches():
            grads = loss_and_grads(layers, X[batch], y[: len(batch)])[1]
            layers = to_layers(optimiser.step(to_dict(layers), to_dict(grads)))
        losses.append(loss_and_grads(layers, X, y)[0])
    return layers, losses


@mistake("train_layers", caught_by="test_each_batch_makes_one_step", severity="concept")
def batches_drawn_once(optimiser, layers, loss_and_grads, X, y, epochs, batches):
    """All epochs go through the same batches, drawn once.

    How often is batches to be called for five epochs?
    """
    losses, drawn = [], list(batches())
    for _ in range(epochs):
        for batch in drawn:
            new = optimiser.step(to_dict(layers), to_dict(loss_and_grads(layers, X[batch], y[batch])[1]))
            layers = to_layers(new)
        losses.append(loss_and_grads(layers, X, y)[0])
    return layers, losses


@mistake("train_layers", caught_by="test_each_batch_makes_one_step", severity="concept")
def one_step_per_layer(optimiser, layers, loss_and_grads, X, y, epochs, batches):
    """Every layer makes a step of its own.

    How many steps of the optimiser does a batch make with three layers?
    """
    losses = []
    for _ in range(epochs):
        for batch in batches():
            grads = loss_and_grads(layers, X[batch], y[batch])[1]
            pairs = zip(layers, grads, strict=True)
            steps = [
                optimiser.step({f"W{k}": w, f"b{k}": b}, {f"W{k}": dw, f"b{k}": db})
                for k, ((w, b), (dw, db)) in enumerate(pairs)
            ]
            layers = [(new[f"W{k}"], new[f"b{k}"]) for k, new in enumerate(steps)]
        losses.append(loss_and_grads(layers, X, y)[0])
    return layers, losses


@mistake("train_layers", caught_by="test_losses_are_of_all_examples_after_each_epoch", severity="concept")
def loss_of_the_last_batch(optimiser, layers, loss_and_grads, X, y, epochs, batches):
    """The loss is that of the last batch, before its step.

    Of which examples, and at which moment, is the loss to be noted?
    """
    losses, loss = [], 0.0
    for _ in range(epochs):
        for batch in batches():
            loss, grads = loss_and_grads(layers, X[batch], y[batch])
            layers = to_layers(optimiser.step(to_dict(layers), to_dict(grads)))
        losses.append(loss)
    return layers, losses


@mistake("train_layers", caught_by="test_losses_are_of_all_examples_after_each_epoch", severity="concept")
def loss_before_the_epoch(optimiser, layers, loss_and_grads, X, y, epochs, batches):
    """The loss is noted before each epoch.

    Which loss belongs to the layers that you return?
    """
    losses = []
    for _ in range(epochs):
        losses.append(loss_and_grads(layers, X, y)[0])
        for batch in batches():
            grads = loss_and_grads(layers, X[batch], y[batch])[1]
            layers = to_layers(optimiser.step(to_dict(layers), to_dict(grads)))
    return layers, losses


@mistake("train_layers", caught_by="test_losses_are_of_all_examples_after_each_epoch", severity="detail")
def mean_loss_of_the_batches(optimiser, layers, loss_and_grads, X, y, epochs, batches):
    """The loss is the mean over the batches as they went by, while the layers changed.

    Do all of those losses belong to the same layers?
    """
    losses = []
    for _ in range(epochs):
        seen = []
        for batch in batches():
            loss, grads = loss_and_grads(layers, X[batch], y[batch])
            seen.append(loss)
            layers = to_layers(optimiser.step(to_dict(layers), to_dict(grads)))
        losses.append(float(np.mean(seen)) if len(seen) > 1 else loss_and_grads(layers, X, y)[0])
    return layers, losses


@mistake("train_layers", caught_by="test_training_leaves_what_it_is_given_alone", severity="robustness")
def layers_overwritten(optimiser, layers, loss_and_grads, X, y, epochs, batches):
    """The new arrays are written over those that were passed in.

    Can the caller train a second optimiser from the same start?
    """
    losses = []
    for _ in range(epochs):
        for batch in batches():
            grads = loss_and_grads(layers, X[batch], y[batch])[1]
            new = optimiser.step(to_dict(layers), to_dict(grads))
            for old, pair in zip(layers, to_layers(new), strict=True):
                old[0][...], old[1][...] = pair
        losses.append(loss_and_grads(layers, X, y)[0])
    return layers, losses


@mistake("train_layers", caught_by="test_each_batch_makes_one_step", severity="trivial")
def no_training(optimiser, layers, loss_and_grads, X, y, epochs, batches):
    """Nothing is trained.

    Where is step called?
    """
    return layers, [0.0] * epochs


@right_answer("train_layers")
def numbered_arrays(optimiser, layers, loss_and_grads, X, y, epochs, batches):
    """A flat list of arrays with numbers for keys; losses in an array, layers in a tuple."""
    flat, losses = [array for pair in layers for array in pair], np.empty(epochs)
    pairs = lambda arrays: [(arrays[k], arrays[k + 1]) for k in range(0, len(arrays), 2)]  # noqa: E731
    for epoch in range(epochs):
        for batch in batches():
            grads = loss_and_grads(pairs(flat), X[batch, :], y[batch])[1]
            slopes = {str(k): grads[k // 2][k % 2] for k in range(len(flat))}
            new = optimiser.step({str(k): array for k, array in enumerate(flat)}, slopes)
            flat = [new[str(k)] for k in range(len(flat))]
        losses[epoch] = loss_and_grads(pairs(flat), X, y)[0]
    return tuple(pairs(flat)), losses


@right_answer("train_layers")
def dict_all_the_way(optimiser, layers, loss_and_grads, X, y, epochs, batches):
    """Keeps the dict and makes layers of it when they are needed; returns a list."""
    params, losses = to_dict(layers), ()
    for _ in range(epochs):
        order = [np.asarray(batch) for batch in batches()]
        while order:
            rows = order.pop(0)
            grads = to_dict(loss_and_grads(to_layers(params), X[rows], y[rows])[1])
            params = optimiser.step(params, grads)
        losses += (loss_and_grads(to_layers(params), X, y)[0],)
    return [to_layers(params), list(losses)]


@probe("train_layers")
def probe_train_layers(student, look, rng):
    asked, steps = [], []

    class Slower:
        """Gradient descent whose rate falls."""

        def step(self, params, grads):
            steps.append(len(params))
            return {key: theta - 0.2 / len(steps) * grads[key] for key, theta in params.items()}

    def loss(layers, X, y):
        asked.append(len(y))
        (W1, b1), (W2, b2) = layers
        hidden = X @ W1 + b1
        d = (hidden @ W2 + b2 - np.outer(y, [1.0, 0.5, -1.0])) / len(y)
        back = d @ W2.T
        value = float(np.sum(d**2) * len(y))
        return value, [(X.T @ back, back.sum(axis=0)), (hidden.T @ d, d.sum(axis=0))]

    X, y = rng.uniform(-1, 1, (7, 3)), rng.uniform(-1, 1, 7)
    start = [
        (rng.uniform(-1, 1, (3, 3)), rng.uniform(-1, 1, 3)),
        (rng.uniform(-1, 1, (3, 3)), rng.uniform(-1, 1, 3)),
    ]
    calls = []

    def batches():
        calls.append(1)
        order = np.roll(np.arange(7), len(calls))
        return [order[:3], order[3:6], order[6:]]

    def train(epochs, source):
        optimiser = expose(Slower(), methods=("step",))
        layers, losses = student.train_layers(optimiser, start, loss, X, y, epochs, source)
        return [array for pair in layers for array in pair], [float(each) for each in losses]

    look("three epochs", lambda: train(3, batches))
    look("calls", lambda: [len(calls), steps])
    look("one batch", lambda: train(2, lambda: [np.arange(7)]))
