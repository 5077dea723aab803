"""Known mistakes and right answers of hw06: dropout in both forms, its gradient, a network, and training it."""

from functools import cache

import numpy as np

from autograder.grading import expose, held_call, held_item, item, repeat, set_attr
from autograder.grading.bank import mistake, probe, right_answer


def refuse(rate):
    """No rate below 0, of 1 or above."""
    if not 0 <= rate < 1:
        raise ValueError("rate must be at least 0 and less than 1")


def factors(keep, rate):
    """0 or 1 / (1 - rate), which is what the reference's backward pass needs."""
    return keep / (1 - rate)


def untouched(x):
    """Evaluation as it should be."""
    return x, np.ones(x.shape)


# dropout_forward


@mistake("dropout_forward", caught_by="test_the_share_of_dropped_numbers_is_rate", severity="concept")
def rate_read_as_keep(x, rate, rng, training):
    """rate is taken for the probability of being kept, throughout.

    At rate 0.2, which share of the numbers should be 0, and which share is 0 in yours?
    """
    refuse(rate)
    if not training:
        return untouched(x)
    with np.errstate(all="ignore"):
        mask = (rng.random(x.shape) < rate) / np.float64(rate)
    return x * mask, mask


@mistake("dropout_forward", caught_by="test_the_share_of_dropped_numbers_is_rate", severity="concept")
def mask_turned_round(x, rate, rng, training):
    """The numbers that should be kept are dropped, and the others kept.

    How often is a uniform number between 0 and 1 less than 0.2?
    """
    refuse(rate)
    if not training:
        return untouched(x)
    mask = (rng.random(x.shape) < rate) / (1 - rate)
    return x * mask, mask


@mistake("dropout_forward", caught_by="test_every_number_is_0_or_divided_by_1_minus_rate", severity="concept")
def divided_by_rate(x, rate, rng, training):
    """What is kept is divided by rate.

    At rate 0.2, what does the mean of many ones become?
    """
    refuse(rate)
    if not training:
        return untouched(x)
    with np.errstate(all="ignore"):
        mask = (rng.random(x.shape) >= rate) / np.float64(rate)
    return x * mask, mask


@mistake("dropout_forward", caught_by="test_every_number_is_0_or_divided_by_1_minus_rate", severity="concept")
def not_rescaled(x, rate, rng, training):
    """What is kept is not rescaled, neither in training nor in evaluation.

    Does the next layer get as much in training as it will get in evaluation?
    """
    refuse(rate)
    if not training:
        return untouched(x)
    mask = (rng.random(x.shape) >= rate) * 1.0
    return x * mask, mask


@mistake("dropout_forward", caught_by="test_every_number_is_0_or_divided_by_1_minus_rate", severity="concept")
def classic_for_inverted(x, rate, rng, training):
    """This is the classic form: nothing is enlarged in training, everything is made smaller in evaluation.

    Which line of the table in the conventions box is dropout_forward?
    """
    refuse(rate)
    if not training:
        return x * (1 - rate), np.full(x.shape, 1 - rate)
    mask = (rng.random(x.shape) >= rate) * 1.0
    return x * mask, mask


@mistake("dropout_forward", caught_by="test_every_number_is_0_or_divided_by_1_minus_rate", severity="concept")
def slide_taken_literally(x, rate, rng, training):
    """What is kept is not rescaled, and evaluation is scaled by 1 / (1 - rate).

    In which of the two modes are units missing, and which of them has to be enlarged?
    """
    refuse(rate)
    if not training:
        return x / (1 - rate), np.full(x.shape, 1 / (1 - rate))
    mask = (rng.random(x.shape) >= rate) * 1.0
    return x * mask, mask


@mistake("dropout_forward", caught_by="test_every_number_is_0_or_divided_by_1_minus_rate", severity="concept")
def multiplied_by_1_minus_rate(x, rate, rng, training):
    """What is kept is multiplied by 1 - rate.

    If a part of the numbers is missing, must the others become smaller or larger?
    """
    refuse(rate)
    if not training:
        return untouched(x)
    mask = (rng.random(x.shape) >= rate) * (1 - rate)
    return x * mask, mask


@mistake("dropout_forward", caught_by="test_the_share_of_dropped_numbers_is_rate", severity="concept")
def normal_numbers_for_uniform(x, rate, rng, training):
    """The coins come from normal numbers, compared with rate.

    How often is a normal number less than 0.2?
    """
    refuse(rate)
    if not training:
        return untouched(x)
    mask = (rng.standard_normal(x.shape) >= rate) / (1 - rate)
    return x * mask, mask


@mistake("dropout_forward", caught_by="test_the_share_of_dropped_numbers_is_rate", severity="concept")
def fair_coins(x, rate, rng, training):
    """Half of the numbers are dropped, whatever the rate is.

    Where does rate come in when you draw?
    """
    refuse(rate)
    if not training:
        return untouched(x)
    mask = rng.integers(0, 2, x.shape) / (1 - rate)
    return x * mask, mask


@mistake("dropout_forward", caught_by="test_every_number_is_0_or_divided_by_1_minus_rate", severity="concept")
def expectation_for_sampling(x, rate, rng, training):
    """Nothing is dropped: every number is multiplied by the probability of being kept.

    Do units learn to do without each other if all are there, only weaker?
    """
    refuse(rate)
    if not training:
        return untouched(x)
    return x * (1 - rate), np.full(x.shape, 1 - rate)


@mistake("dropout_forward", caught_by="test_evaluation_changes_nothing", severity="concept")
def training_turned_round(x, rate, rng, training):
    """Numbers are dropped in evaluation, and left alone in training.

    What does training=True mean?
    """
    refuse(rate)
    if training:
        return untouched(x)
    mask = factors(rng.random(x.shape) >= rate, rate)
    return x * mask, mask


@mistake("dropout_forward", caught_by="test_evaluation_changes_nothing", severity="concept")
def deaf_to_training(x, rate, rng, training):
    """Numbers are dropped in evaluation too.

    What does the network answer if it is asked the same question twice?
    """
    refuse(rate)
    mask = factors(rng.random(x.shape) >= rate, rate)
    return x * mask, mask


@mistake("dropout_forward", caught_by="test_evaluation_changes_nothing", severity="concept")
def made_smaller_in_evaluation(x, rate, rng, training):
    """Training is rescaled, and evaluation is multiplied by 1 - rate as well.

    At which level is the output in training, on average, and at which in evaluation?
    """
    refuse(rate)
    if not training:
        return x * (1 - rate), np.full(x.shape, 1 - rate)
    mask = factors(rng.random(x.shape) >= rate, rate)
    return x * mask, mask


@mistake("dropout_forward", caught_by="test_evaluation_changes_nothing", severity="concept")
def enlarged_in_evaluation(x, rate, rng, training):
    """Training is rescaled, and evaluation is divided by 1 - rate as well.

    At which level is the output in training, on average, and at which in evaluation?
    """
    refuse(rate)
    if not training:
        return x / (1 - rate), np.full(x.shape, 1 / (1 - rate))
    mask = factors(rng.random(x.shape) >= rate, rate)
    return x * mask, mask


@mistake("dropout_forward", caught_by="test_numbers_are_dropped_independently", severity="concept")
def one_mask_for_all_rows(x, rate, rng, training):
    """All examples of a batch share one mask.

    How many coins does a batch of 300 examples with 200 features need?
    """
    refuse(rate)
    if not training:
        return untouched(x)
    mask = np.broadcast_to(factors(rng.random(x.shape[1:]) >= rate, rate), x.shape)
    return x * mask, mask


@mistake("dropout_forward", caught_by="test_numbers_are_dropped_independently", severity="concept")
def one_coin_for_each_row(x, rate, rng, training):
    """Whole examples are dropped: all features of an example share one coin.

    What can a network learn from an example of which nothing is left?
    """
    refuse(rate)
    if not training:
        return untouched(x)
    coins = rng.random((len(x), *[1] * (x.ndim - 1))) >= rate
    mask = np.broadcast_to(factors(coins, rate), x.shape)
    return x * mask, mask


@mistake("dropout_forward", caught_by="test_numbers_are_dropped_independently", severity="concept")
def exact_share(x, rate, rng, training):
    """Exactly the share rate of the numbers is dropped, so the coins are not independent.

    If all numbers but one have been decided, can you tell what becomes of the last one?
    """
    refuse(rate)
    if not training:
        return untouched(x)
    keep = np.arange(x.size) >= round(rate * x.size)
    mask = factors(rng.permutation(keep).reshape(x.shape), rate)
    return x * mask, mask


@mistake("dropout_forward", caught_by="test_numbers_are_dropped_independently", severity="concept")
def exact_share_of_each_row(x, rate, rng, training):
    """Every example loses exactly the share rate of its features, so the coins are not independent.

    Could a network count on how many of its units are there?
    """
    refuse(rate)
    if not training:
        return untouched(x)
    order = np.argsort(rng.random(x.shape), axis=-1)
    mask = factors(order >= round(rate * x.shape[-1]), rate)
    return x * mask, mask


@mistake("dropout_forward", caught_by="test_every_number_is_0_or_divided_by_1_minus_rate", severity="detail")
def divided_by_the_share_that_was_kept(x, rate, rng, training):
    """What is kept is divided by the share that happens to be kept in this call.

    Is that the same factor in every call, and what if hardly anything is kept?
    """
    refuse(rate)
    if not training:
        return untouched(x)
    keep = rng.random(x.shape) >= rate
    mask = keep / max(float(keep.mean()), 1e-9)
    return x * mask, mask


@mistake("dropout_forward", caught_by="test_all_draws_come_from_rng", severity="concept")
def seed_of_its_own(x, rate, rng, training):
    """The coins come from a generator of the function's own, always with the same seed.

    Which numbers are dropped in the second step of training?
    """
    refuse(rate)
    if not training:
        return untouched(x)
    mask = factors(np.random.default_rng(42).random(x.shape) >= rate, rate)
    return x * mask, mask


STORED = {}


@mistake("dropout_forward", caught_by="test_all_draws_come_from_rng", severity="concept")
def mask_stored_for_each_shape(x, rate, rng, training):
    """The mask of the first call is stored, and later calls with the same shape use it again.

    Which numbers are dropped in the second step of training?
    """
    refuse(rate)
    if not training:
        return untouched(x)
    if (x.shape, rate) not in STORED:
        STORED[x.shape, rate] = factors(rng.random(x.shape) >= rate, rate)
    mask = STORED[x.shape, rate]
    return x * mask, mask


@mistake("dropout_forward", caught_by="test_all_draws_come_from_rng", severity="concept")
def generator_copied(x, rate, rng, training):
    """The generator is copied, so that the one that was passed in never moves on.

    What does a second call with the same generator drop?
    """
    refuse(rate)
    if not training:
        return untouched(x)
    copy = np.random.Generator(type(rng.bit_generator)())
    copy.bit_generator.state = rng.bit_generator.state
    mask = factors(copy.random(x.shape) >= rate, rate)
    return x * mask, mask


@mistake("dropout_forward", caught_by="test_all_draws_come_from_rng", severity="concept")
def global_numbers(x, rate, rng, training):
    """The coins come from NumPy's global generator.

    If the same rng is passed in twice, are the same numbers dropped?
    """
    refuse(rate)
    if not training:
        return untouched(x)
    mask = factors(np.random.rand(*x.shape) >= rate, rate)
    return x * mask, mask


@mistake("dropout_forward", caught_by="test_the_global_generator_is_left_alone", severity="robustness")
def global_seed_set(x, rate, rng, training):
    """NumPy's global generator is seeded on the way.

    Who else may be drawing from that generator?
    """
    refuse(rate)
    np.random.seed(42)
    if not training:
        return untouched(x)
    mask = factors(rng.random(x.shape) >= rate, rate)
    return x * mask, mask


@mistake("dropout_forward", caught_by="test_the_global_generator_is_left_alone", severity="detail")
def global_generator_seeded_by_rng(x, rate, rng, training):
    """In training, NumPy's global generator is seeded on the way, if only with a number from rng.

    What becomes of the draws of others who use that generator?
    """
    refuse(rate)
    if not training:
        return untouched(x)
    np.random.seed(int(rng.integers(2**31)))
    mask = factors(np.random.rand(*x.shape) >= rate, rate)
    return x * mask, mask


@mistake("dropout_forward", caught_by="test_evaluation_draws_nothing", severity="robustness")
def draws_in_evaluation(x, rate, rng, training):
    """Coins are drawn in evaluation too, and then not used.

    Does it matter for what comes next in training how often the network was evaluated?
    """
    refuse(rate)
    mask = factors(rng.random(x.shape) >= rate, rate)
    return (x * mask, mask) if training else untouched(x)


@mistake("dropout_forward", caught_by="test_rates_that_are_no_rates_are_refused", severity="robustness")
def rates_not_checked(x, rate, rng, training):
    """Any number is accepted as a rate.

    What is divided by what at a rate of 1?
    """
    if not training:
        return untouched(x)
    with np.errstate(all="ignore"):
        mask = (rng.random(x.shape) >= rate) / np.float64(1 - rate)
        return x * mask, mask


@mistake("dropout_forward", caught_by="test_rates_that_are_no_rates_are_refused", severity="robustness")
def rate_of_1_accepted(x, rate, rng, training):
    """A rate of 1 is accepted.

    By what are the numbers divided that are kept?
    """
    if not 0 <= rate <= 1:
        raise ValueError("no probability")
    if not training:
        return untouched(x)
    mask = (rng.random(x.shape) >= rate) / max(1 - rate, 1e-12)
    return x * mask, mask


@mistake("dropout_forward", caught_by="test_rates_that_are_no_rates_are_refused", severity="robustness")
def rates_checked_in_training_only(x, rate, rng, training):
    """In evaluation, any number is accepted as a rate.

    When would somebody notice a misprint in the rate?
    """
    if not training:
        return untouched(x)
    refuse(rate)
    mask = factors(rng.random(x.shape) >= rate, rate)
    return x * mask, mask


@mistake("dropout_forward", caught_by="test_a_rate_of_0_drops_nothing", severity="robustness")
def rate_of_0_refused(x, rate, rng, training):
    """A rate of 0 raises an exception.

    How would you switch dropout off to compare?
    """
    if not 0 < rate < 1:
        raise ValueError("no rate")
    if not training:
        return untouched(x)
    mask = factors(rng.random(x.shape) >= rate, rate)
    return x * mask, mask


@mistake("dropout_forward", caught_by="test_arrays_of_every_kind_are_dropped_from", severity="robustness")
def kept_in_the_dtype_of_x(x, rate, rng, training):
    """The output is stored in an array of the dtype of x, and integers cut it off.

    What is left of 8.75 in an array of integers?
    """
    refuse(rate)
    if not training:
        return untouched(x)
    mask = factors(rng.random(x.shape) >= rate, rate)
    out = np.zeros_like(x)
    out[...] = x * mask
    return out, mask


@mistake("dropout_forward", caught_by="test_arrays_of_every_kind_are_dropped_from", severity="detail")
def tables_only(x, rate, rng, training):
    """Only arrays with two axes are accepted.

    What is the shape of a batch of images?
    """
    refuse(rate)
    n, d = x.shape
    if not training:
        return untouched(x)
    mask = factors(rng.random((n, d)) >= rate, rate)
    return x * mask, mask


@mistake("dropout_forward", caught_by="test_forward_leaves_x_alone", severity="robustness")
def x_overwritten(x, rate, rng, training):
    """x is overwritten by the output.

    Whose array is it, and may its owner still need it?
    """
    refuse(rate)
    if not training:
        return untouched(x)
    mask = factors(rng.random(x.shape) >= rate, rate)
    if x.dtype.kind == "f" and x.flags.writeable:
        x *= mask
        return x, mask
    return x * mask, mask


@mistake("dropout_forward", caught_by="test_the_share_of_dropped_numbers_is_rate", severity="robustness")
def coins_in_tenths(x, rate, rng, training):
    """The coins come from ten integers, so that the probability is rate rounded up to tenths.

    At rate 0.65, how many of the ten integers lead to a 0?
    """
    refuse(rate)
    if not training:
        return untouched(x)
    mask = factors(rng.integers(0, 10, x.shape) >= 10 * rate, rate)
    return x * mask, mask


@mistake("dropout_forward", caught_by="test_numbers_are_dropped_independently", severity="detail")
def one_mask_for_all_images(x, rate, rng, training):
    """Of a batch of images, all channels of all images share one mask: it has the last two axes only.

    How many coins does an array of shape (5, 4, 7, 8) need?
    """
    refuse(rate)
    if not training:
        return untouched(x)
    mask = np.broadcast_to(factors(rng.random(x.shape[-2:]) >= rate, rate), x.shape)
    return x * mask, mask


@mistake("dropout_forward", caught_by="test_numbers_are_dropped_independently", severity="detail")
def images_share_a_mask(x, rate, rng, training):
    """All images of a batch share one mask, although the rows of a table do not.

    How many coins does an array of shape (5, 4, 7, 8) need?
    """
    refuse(rate)
    if not training:
        return untouched(x)
    shape = (1, *x.shape[1:]) if x.ndim > 2 else x.shape
    mask = np.broadcast_to(factors(rng.random(shape) >= rate, rate), x.shape)
    return x * mask, mask


@mistake("dropout_forward", caught_by="test_numbers_are_dropped_independently", severity="detail")
def channels_share_a_mask(x, rate, rng, training):
    """The channels of an image share one mask.

    How many coins does an array of shape (5, 4, 7, 8) need?
    """
    refuse(rate)
    if not training:
        return untouched(x)
    shape = (len(x), 1, *x.shape[2:]) if x.ndim > 2 else x.shape
    mask = np.broadcast_to(factors(rng.random(shape) >= rate, rate), x.shape)
    return x * mask, mask


@mistake("dropout_forward", caught_by="test_numbers_are_dropped_independently", severity="detail")
def rows_of_an_image_share_a_mask(x, rate, rng, training):
    """The rows of an image share one mask.

    How many coins does an array of shape (5, 4, 7, 8) need?
    """
    refuse(rate)
    if not training:
        return untouched(x)
    shape = (*x.shape[:2], 1, x.shape[3]) if x.ndim == 4 else x.shape
    mask = np.broadcast_to(factors(rng.random(shape) >= rate, rate), x.shape)
    return x * mask, mask


@mistake("dropout_forward", caught_by="test_numbers_are_dropped_independently", severity="detail")
def whole_channels(x, rate, rng, training):
    """Of a batch of images, whole channels are dropped.

    Of how many numbers is a coin in charge, and of how many should it be?
    """
    refuse(rate)
    if not training:
        return untouched(x)
    shape = (*x.shape[:2], 1, 1) if x.ndim == 4 else x.shape
    mask = np.broadcast_to(factors(rng.random(shape) >= rate, rate), x.shape)
    return x * mask, mask


@mistake("dropout_forward", caught_by="test_every_number_is_0_or_divided_by_1_minus_rate", severity="trivial")
def nothing_dropped(x, rate, rng, training):
    """x comes back as it was, in training too.

    Which numbers are 0?
    """
    return untouched(x)


@mistake("dropout_forward", caught_by="test_every_number_is_0_or_divided_by_1_minus_rate", severity="trivial")
def everything_dropped(x, rate, rng, training):
    """Everything is dropped.

    What does the next layer learn from zeros?
    """
    return np.zeros(x.shape), np.zeros(x.shape)


@right_answer("dropout_forward")
def by_binomial(x, rate, rng, training):
    """Coins from the binomial distribution; the cache is a dict."""
    if rate < 0 or rate >= 1:
        raise ValueError(rate)
    keep = rng.binomial(1, 1 - rate, size=np.shape(x)) if training else 1
    out = x * keep / (1.0 - rate) if training else x
    return out, {"keep": keep, "rate": rate, "training": training}


@right_answer("dropout_forward")
def by_choice(x, rate, rng, training):
    """Coins by a weighted choice between the two factors; the output is a list of two things."""
    if not (rate >= 0 and rate < 1):
        raise ValueError("rate")
    if training:
        mask = rng.choice([0.0, 1.0 / (1.0 - rate)], p=[rate, 1.0 - rate], size=x.shape)
        return [np.multiply(x, mask), mask]
    return [np.array(x, dtype=float), np.ones_like(x, dtype=float)]


@right_answer("dropout_forward")
def drawn_transposed(x, rate, rng, training):
    """Draws the axes in the opposite order, keeps what lies below 1 - rate, and works by selection."""
    refuse(rate)
    if training is False:
        return x.copy(), (None, 1.0)
    dropped = np.transpose(rng.uniform(size=x.shape[::-1])) > 1 - rate
    out = np.array(x, dtype=np.float64) / (1 - rate)
    out[dropped] = 0
    return out, (dropped, 1 - rate)


@right_answer("dropout_forward")
def single_precision_mask(x, rate, rng, training):
    """Draws and scales in single precision."""
    refuse(rate)
    if not training:
        return x + 0, np.float32(1)
    mask = (rng.random(x.shape, dtype=np.float32) >= np.float32(rate)).astype(np.float32)
    mask *= np.float32(1 / (1 - rate))
    return x * mask, mask


@right_answer("dropout_forward")
def row_by_row(x, rate, rng, training):
    """A loop over rows, last one first, with np.where; drops what lies above 1 - rate."""
    refuse(rate)
    out, kept = np.empty(x.shape, dtype=float), np.ones(x.shape, dtype=bool)
    for i in reversed(range(len(x))):
        if training:
            kept[i] = rng.random(np.shape(x[i])) < 1 - rate
            out[i] = np.where(kept[i], x[i] / (1 - rate), 0.0)
        else:
            out[i] = x[i]
    return out, (kept, rate if training else 0.0)


@right_answer("dropout_forward")
def by_waiting_times(x, rate, rng, training):
    """Draws how many numbers lie between one that is dropped and the next."""
    refuse(rate)
    out = np.array(x, dtype=float).ravel()
    if training and rate > 0:
        places = np.cumsum(rng.geometric(rate, size=int(out.size * rate + 40 + 12 * np.sqrt(out.size)))) - 1
        out /= 1 - rate
        out[places[places < out.size]] = 0.0
    return out.reshape(x.shape), None


@right_answer("dropout_forward")
def by_integers(x, rate, rng, training):
    """Compares random integers, and draws at any rate, 0 included."""
    refuse(rate)
    if not training:
        return x, ()
    keep = rng.integers(0, 2**53, x.shape) >= rate * 2.0**53
    return np.where(keep, np.true_divide(x, 1 - rate), np.zeros(())), np.flatnonzero(keep)


@right_answer("dropout_forward")
def count_first_then_places(x, rate, rng, training):
    """Draws how many numbers are dropped, then which; the cache is a class of its own."""

    class Cache:
        mask = np.ones(np.shape(x))

    refuse(rate)
    if training:
        places = rng.permutation(Cache.mask.size)[: rng.binomial(Cache.mask.size, rate)]
        Cache.mask = Cache.mask / (1 - rate)
        Cache.mask.flat[places] = 0.0
    return np.einsum("...,...->...", x, Cache.mask), Cache


def verdict(counts, n, p):
    """Whether counts vary as chance will have it, as a word."""
    ratio = np.var(counts) / (n * p * (1 - p))
    return "as chance" if 0.25 < ratio < 2.2 else "hardly" if ratio <= 0.25 else "too much"


def shared_axes(out):
    """The axes along which all slices have the same mask."""
    slices = [[each.tobytes() for each in np.moveaxis(out == 0, axis, 0)] for axis in range(out.ndim)]
    return [axis for axis, masks in enumerate(slices) if len(set(masks)) == 1]


def as_asked(share, rate):
    """A share as a word, or to tenths if it is another one."""
    return "as asked" if abs(share - rate) < 0.02 else round(share, 1)


@probe("dropout_forward")
def probe_dropout_forward(student, look, rng):
    def out(x, rate, seed, training=True):
        got = student.dropout_forward(x, rate, np.random.default_rng(seed), training)
        return np.asarray(got[0], dtype=float) if isinstance(got, tuple | list) and len(got) == 2 else np.array(np.nan)

    table, x, usual, apart = np.full((300, 200), 2.0), rng.uniform(1, 5, (6, 5)), True, True
    part = table[:60, :50]
    drawn = cache(lambda rate: out(table, rate, 3))  # a journey with so many numbers takes its time
    for rate in (0.2, 0.7):
        share = look(f"zeros, rate {rate}", lambda r=rate: round(float(np.mean(drawn(r) == 0)), 1))
        factor = look(f"largest factor, rate {rate}", lambda r=rate: float(drawn(r).max() / 2))
        usual = usual and share == rate and factor is not None and abs(factor * (1 - rate) - 1) < 0.01
        look(f"mean, rate {rate}", lambda r=rate: round(float(drawn(r).mean()), 1))
        rows = look(f"rows, rate {rate}", lambda r=rate: verdict((drawn(r) == 0).sum(axis=1), 200, r))
        columns = look(f"columns, rate {rate}", lambda r=rate: verdict((drawn(r) == 0).sum(axis=0), 300, r))
        apart = apart and rows == columns == "as chance"
    dropping = look("zeros in evaluation", lambda: bool((out(part, 0.2, 7, False) == 0).any()))
    if not dropping:  # what is dropped is for the draws to say
        for rate in (0.2, 0.7):
            look(f"evaluation, rate {rate}", lambda r=rate: out(x, r, 7, False))
    look("share at rate 0.65", lambda: as_asked(float(np.mean(out(table, 0.65, 3) == 0)), 0.65))
    if apart:  # otherwise what a mask for other shapes is made of may be left open
        look("slices with one mask", lambda: shared_axes(out(np.ones((5, 4, 6, 7)), 0.2, 3)))
        look("one axis", lambda: round(float(np.mean(out(np.ones(5000), 0.2, 14) == 0)), 1))
    draws = np.random.default_rng(0)

    def zeros():
        calls = repeat(student.dropout_forward, 40, table[:8, :8], 0.2, draws, True)
        return [int(np.sum(np.asarray(call[0]) == 0)) for call in calls]

    look("calls", lambda: verdict(zeros(), 64, 0.2))
    look("equal generators", lambda: bool(np.array_equal(out(part, 0.2, 8), out(part, 0.2, 8))))
    look("other generators", lambda: bool(np.array_equal(out(part, 0.2, 8), out(part, 0.2, 9))))
    stream, new = np.random.default_rng(10), table[:31, :17]  # the first call with that shape
    look("use in training", lambda: len(student.dropout_forward(new, 0.2, stream, True)), generator=stream)
    look("use in evaluation", lambda: len(student.dropout_forward(part, 0.2, stream, False)), generator=stream)
    if usual:  # at rate 0, others divide by 0, or have met that by a rule of their own
        look("rate 0", lambda: out(x, 0.0, 11))
    for rate in (-0.1, 1.0, 1.5):
        look(f"rate {rate}", lambda r=rate: bool(np.isfinite(out(x, r, 12)).all()))
        look(f"rate {rate} in evaluation", lambda r=rate: bool(np.isfinite(out(x, r, 12, False)).all()))
    for k, (rate, value) in enumerate(rng.uniform(0.1, 0.6, (12, 2))):
        same = np.full((9, 9), value)
        look(f"kept at a random rate, {k}", lambda r=rate, c=same: float(out(c, r, 15).max()))
        look(f"evaluation at a random rate, {k}", lambda r=rate, c=same: float(out(c, r, 15, False).max()))
    look("integers", lambda: float(out(np.full((30, 30), 7), 0.2, 13).max()))


# dropout_classic_forward


@mistake("dropout_classic_forward", caught_by="test_classic_evaluation_multiplies_by_1_minus_rate", severity="concept")
def inverted_after_all(x, rate, rng, training):
    """This is the inverted form again.

    Which line of the table in the conventions box is asked for here?
    """
    refuse(rate)
    return x * factors(rng.random(x.shape) >= rate, rate) if training else x


@mistake("dropout_classic_forward", caught_by="test_classic_evaluation_multiplies_by_1_minus_rate", severity="concept")
def left_alone_in_evaluation(x, rate, rng, training):
    """Evaluation is not scaled.

    What does the next layer get on average in training, and what in evaluation?
    """
    refuse(rate)
    return x * (rng.random(x.shape) >= rate) if training else x


@mistake("dropout_classic_forward", caught_by="test_classic_evaluation_multiplies_by_1_minus_rate", severity="concept")
def scaled_by_rate(x, rate, rng, training):
    """Evaluation is multiplied by rate.

    Which share of the numbers is there in training: rate, or the rest?
    """
    refuse(rate)
    return x * (rng.random(x.shape) >= rate) if training else x * rate


@mistake("dropout_classic_forward", caught_by="test_classic_evaluation_multiplies_by_1_minus_rate", severity="concept")
def enlarged_in_classic_evaluation(x, rate, rng, training):
    """Evaluation is divided by 1 - rate.

    In which mode do more numbers reach the next layer, and which mode must be made smaller?
    """
    refuse(rate)
    return x * (rng.random(x.shape) >= rate) if training else x / (1 - rate)


@mistake("dropout_classic_forward", caught_by="test_classic_evaluation_multiplies_by_1_minus_rate", severity="concept")
def drops_in_classic_evaluation(x, rate, rng, training):
    """Numbers are dropped in evaluation as in training.

    What does the network answer if it is asked the same question twice?
    """
    refuse(rate)
    return x * (rng.random(x.shape) >= rate)


@mistake("dropout_classic_forward", caught_by="test_the_share_that_the_classic_form_drops_is_rate", severity="concept")
def classic_rate_read_as_keep(x, rate, rng, training):
    """rate is taken for the probability of being kept, in both modes.

    At rate 0.2, which share of the numbers should be 0?
    """
    refuse(rate)
    return x * (rng.random(x.shape) < rate) if training else x * rate


@mistake("dropout_classic_forward", caught_by="test_the_share_that_the_classic_form_drops_is_rate", severity="concept")
def classic_mask_turned_round(x, rate, rng, training):
    """In training, the numbers that should be kept are dropped, and the others kept.

    How often is a uniform number between 0 and 1 less than 0.2?
    """
    refuse(rate)
    return x * (rng.random(x.shape) < rate) if training else x * (1 - rate)


@mistake(
    "dropout_classic_forward", caught_by="test_classic_training_leaves_kept_numbers_as_they_are", severity="concept"
)
def scaled_in_both_modes(x, rate, rng, training):
    """Training is enlarged, although evaluation is made smaller.

    At which level is the output in training, on average, and at which in evaluation?
    """
    refuse(rate)
    return x * factors(rng.random(x.shape) >= rate, rate) if training else x * (1 - rate)


@mistake(
    "dropout_classic_forward", caught_by="test_classic_training_leaves_kept_numbers_as_they_are", severity="concept"
)
def made_smaller_in_both_modes(x, rate, rng, training):
    """What is kept is multiplied by 1 - rate in training too.

    At rate 0.2, what is left of the mean of many ones in training, and what in evaluation?
    """
    refuse(rate)
    return x * (rng.random(x.shape) >= rate) * (1 - rate) if training else x * (1 - rate)


@mistake(
    "dropout_classic_forward", caught_by="test_the_classic_form_has_numbers_dropped_independently", severity="concept"
)
def classic_exact_share(x, rate, rng, training):
    """Exactly the share rate of the numbers is dropped, so the coins are not independent.

    If all numbers but one have been decided, can you tell what becomes of the last one?
    """
    refuse(rate)
    if not training:
        return x * (1 - rate)
    keep = np.arange(x.size) >= round(rate * x.size)
    return x * rng.permutation(keep).reshape(x.shape)


@mistake(
    "dropout_classic_forward", caught_by="test_the_classic_form_has_numbers_dropped_independently", severity="concept"
)
def classic_mask_for_all_rows(x, rate, rng, training):
    """All examples of a batch share one mask.

    How many coins does a batch of 300 examples with 200 features need?
    """
    refuse(rate)
    return x * (rng.random(x.shape[1:]) >= rate) if training else x * (1 - rate)


@mistake(
    "dropout_classic_forward", caught_by="test_the_classic_form_has_numbers_dropped_independently", severity="detail"
)
def classic_mask_for_all_images(x, rate, rng, training):
    """Of a batch of images, all channels of all images share one mask: it has the last two axes only.

    How many coins does an array of shape (5, 4, 7, 8) need?
    """
    refuse(rate)
    return x * (rng.random(x.shape[-2:]) >= rate) if training else x * (1 - rate)


@mistake(
    "dropout_classic_forward", caught_by="test_the_classic_form_draws_from_rng_in_training_only", severity="concept"
)
def classic_seed_of_its_own(x, rate, rng, training):
    """The coins come from a generator of the function's own, always with the same seed.

    Which numbers are dropped in the second step of training?
    """
    refuse(rate)
    return x * (np.random.default_rng(42).random(x.shape) >= rate) if training else x * (1 - rate)


@mistake(
    "dropout_classic_forward", caught_by="test_the_classic_form_draws_from_rng_in_training_only", severity="concept"
)
def classic_global_numbers(x, rate, rng, training):
    """The coins come from NumPy's global generator.

    If the same rng is passed in twice, are the same numbers dropped?
    """
    refuse(rate)
    return x * (np.random.rand(*x.shape) >= rate) if training else x * (1 - rate)


@mistake(
    "dropout_classic_forward", caught_by="test_the_classic_form_draws_from_rng_in_training_only", severity="robustness"
)
def classic_draws_in_evaluation(x, rate, rng, training):
    """Coins are drawn in evaluation too, and then not used.

    Does it matter for what comes next in training how often the network was evaluated?
    """
    refuse(rate)
    keep = rng.random(x.shape) >= rate
    return x * keep if training else x * (1 - rate)


@mistake("dropout_classic_forward", caught_by="test_the_classic_form_returns_the_output_only", severity="robustness")
def pair_returned(x, rate, rng, training):
    """A pair comes back, although only the output is asked for.

    What does the docstring list under Returns?
    """
    refuse(rate)
    keep = rng.random(x.shape) >= rate if training else np.full(x.shape, 1 - rate)
    return x * keep, keep


@mistake("dropout_classic_forward", caught_by="test_the_classic_form_takes_arrays_of_every_kind", severity="robustness")
def classic_in_the_dtype_of_x(x, rate, rng, training):
    """The output is stored in an array of the dtype of x, and integers cut it off.

    What is left of 5.6 in an array of integers?
    """
    refuse(rate)
    out = np.zeros_like(x)
    out[...] = x * (rng.random(x.shape) >= rate) if training else x * (1 - rate)
    return out


@mistake("dropout_classic_forward", caught_by="test_the_classic_form_takes_arrays_of_every_kind", severity="robustness")
def classic_x_overwritten(x, rate, rng, training):
    """x is overwritten by the output.

    Whose array is it?
    """
    refuse(rate)
    factor = (rng.random(x.shape) >= rate) * 1.0 if training else 1 - rate
    if x.dtype.kind == "f" and x.flags.writeable:
        x *= factor
        return x
    return x * factor


@mistake(
    "dropout_classic_forward", caught_by="test_the_classic_form_refuses_rates_that_are_none", severity="robustness"
)
def classic_rates_not_checked(x, rate, rng, training):
    """Any number is accepted as a rate.

    What does a rate of 1.3 do to the signs in evaluation?
    """
    return x * (rng.random(x.shape) >= rate) if training else x * (1 - rate)


@mistake(
    "dropout_classic_forward", caught_by="test_classic_training_leaves_kept_numbers_as_they_are", severity="trivial"
)
def nothing_dropped_here_either(x, rate, rng, training):
    """x comes back as it was.

    Which numbers are 0?
    """
    return x


@right_answer("dropout_classic_forward")
def from_the_inverted_form(x, rate, rng, training):
    """The inverted form, brought down to the level of training."""
    return dropout_forward(x, rate, rng, training)[0] * (1 - rate)  # noqa: F821


@right_answer("dropout_classic_forward")
def classic_by_binomial(x, rate, rng, training):
    """Coins from the binomial distribution; evaluation by subtraction."""
    if rate < 0 or rate >= 1:
        raise ValueError(rate)
    if training:
        return np.where(rng.binomial(1, rate, x.shape) == 1, 0.0, x)
    return x - rate * x


@right_answer("dropout_classic_forward")
def classic_by_selection(x, rate, rng, training):
    """Copies x and sets numbers to 0 one by one, from the last to the first."""
    refuse(rate)
    flat = np.array(x, dtype=np.float64, order="C").reshape(-1)
    if not training:
        return np.true_divide(flat, 1 / (1 - rate)).reshape(x.shape)
    for k in np.flatnonzero(rng.random(flat.size) < rate)[::-1]:
        flat[k] = 0.0
    return flat.reshape(x.shape)


@probe("dropout_classic_forward")
def probe_dropout_classic_forward(student, look, rng):
    def out(x, rate, seed, training=True):
        got = student.dropout_classic_forward(x, rate, np.random.default_rng(seed), training)
        return np.asarray(got[0] if isinstance(got, tuple | list) else got, dtype=float)

    table, x, apart = np.full((300, 200), 2.0), rng.uniform(1, 5, (6, 5)), True
    part = table[:60, :50]
    drawn = cache(lambda rate: out(table, rate, 3))
    for rate in (0.2, 0.7):
        look(f"zeros, rate {rate}", lambda r=rate: round(float(np.mean(drawn(r) == 0)), 1))
        look(f"largest factor, rate {rate}", lambda r=rate: float(drawn(r).max() / 2))
        zeros = look(f"zeros in evaluation, rate {rate}", lambda r=rate: bool((out(part, r, 5, False) == 0).any()))
        if not zeros:
            look(f"evaluation, rate {rate}", lambda r=rate: out(x, r, 7, False))
        rows = look(f"rows, rate {rate}", lambda r=rate: verdict((drawn(r) == 0).sum(axis=1), 200, r))
        columns = look(f"columns, rate {rate}", lambda r=rate: verdict((drawn(r) == 0).sum(axis=0), 300, r))
        apart = apart and rows == columns == "as chance"
    if apart:
        look("slices with one mask", lambda: shared_axes(out(np.ones((5, 4, 6, 7)), 0.2, 3)))
    look("other generators", lambda: bool(np.array_equal(out(part, 0.2, 8), out(part, 0.2, 9))))
    look("calls", lambda: verdict([int(np.sum(out(table[:8, :8], 0.2, k) == 0)) for k in range(40)], 64, 0.2))
    look("equal generators", lambda: bool(np.array_equal(out(part, 0.2, 8), out(part, 0.2, 8))))
    look("kind", lambda: type(student.dropout_classic_forward(x, 0.2, np.random.default_rng(8), True)).__name__)
    stream = np.random.default_rng(10)
    look("use in training", lambda: np.shape(out(x, 0.2, 1)), generator=stream)
    look("use in evaluation", lambda: len(student.dropout_classic_forward(x, 0.2, stream, False)), generator=stream)
    for rate in (-0.1, 1.0, 1.5):
        look(f"rate {rate}", lambda r=rate: bool(np.isfinite(out(x, r, 12)).all()))
    look("rate 0", lambda: out(x, 0.0, 11))
    for k, (rate, value) in enumerate(rng.uniform(0.1, 0.6, (12, 2))):
        same = np.full((9, 9), value)
        look(f"kept at a random rate, {k}", lambda r=rate, c=same: float(out(c, r, 15).max()))
        look(f"evaluation at a random rate, {k}", lambda r=rate, c=same: float(out(c, r, 15, False).max()))
    look("integers", lambda: float(out(np.full((30, 30), 7), 0.2, 13, False).max()))


# dropout_backward

LATEST = {}


def noting_forward(x, rate, rng, training):
    """A right forward pass that notes more than the reference's."""
    refuse(rate)
    keep = rng.random(x.shape) >= rate if training else np.ones(x.shape, dtype=bool)
    scale = 1 / (1 - rate) if training else 1.0
    LATEST.update(keep=keep, scale=scale)
    note = {"x": np.array(x, dtype=float), "keep": keep, "rate": rate, "scale": scale, "training": training}
    return x * keep * scale, note


def with_notes(backward):
    """For backward passes that need such notes: puts that forward pass in the place of the reference's."""
    globals()["dropout_forward"] = noting_forward
    return backward


@mistake("dropout_backward", caught_by="test_gradients_of_kept_numbers_are_divided_by_1_minus_rate", severity="concept")
def factor_forgotten(dout, cache):
    """The gradient is masked, but not divided by 1 - rate.

    If x grows by 1, by how much does the output grow where x is kept?
    """
    return dout * (cache != 0)


@mistake("dropout_backward", caught_by="test_gradients_of_kept_numbers_are_divided_by_1_minus_rate", severity="concept")
def factor_twice(dout, cache):
    """The gradient is divided by 1 - rate twice.

    How often does the forward pass divide?
    """
    return dout * cache * cache


@mistake("dropout_backward", caught_by="test_gradients_of_kept_numbers_are_divided_by_1_minus_rate", severity="concept")
def multiplied_where_forward_divides(dout, cache):
    """The gradient is multiplied by 1 - rate, where the forward pass divides.

    What is the derivative of 5 x with respect to x?
    """
    return np.divide(dout, cache, out=np.zeros(dout.shape), where=np.asarray(cache) != 0)


@mistake("dropout_backward", caught_by="test_gradients_of_kept_numbers_are_divided_by_1_minus_rate", severity="concept")
@with_notes
def gradient_divided_by_rate(dout, cache):
    """The gradient is divided by rate.

    By what does the forward pass divide?
    """
    return dout * cache["keep"] / (cache["rate"] if cache["training"] else 1)


@mistake("dropout_backward", caught_by="test_dropped_numbers_get_no_gradient_and_no_others", severity="concept")
def mask_drawn_anew(dout, cache):
    """The backward pass draws a mask of its own.

    Which units have had a say in the output?
    """
    scale = np.max(cache) if np.size(cache) else 1.0
    if np.all(cache == 1):
        return dout * 1.0
    return dout * (np.random.default_rng(1).random(dout.shape) >= 1 - 1 / scale) * scale


@mistake("dropout_backward", caught_by="test_dropped_numbers_get_no_gradient_and_no_others", severity="concept")
def gradient_of_the_dropped(dout, cache):
    """The gradient goes to the numbers that were dropped, and not to the others.

    Which of the numbers does the output depend on?
    """
    return dout * (cache == 0) * np.max(cache) if np.any(cache != 1) else dout * 1.0


@mistake("dropout_backward", caught_by="test_gradients_have_the_factors_of_the_forward_pass", severity="concept")
def only_rescaled(dout, cache):
    """The gradient is divided by 1 - rate, but not masked.

    Does the output change if a number changes that was dropped?
    """
    return dout * np.max(cache)


@mistake("dropout_backward", caught_by="test_gradients_have_the_factors_of_the_forward_pass", severity="concept")
@with_notes
def multiplied_by_the_output(dout, cache):
    """The gradient is multiplied by the output of the forward pass.

    What is the derivative of a product of x and a constant with respect to x?
    """
    out = cache["x"] * cache["keep"] * cache["scale"]
    return dout * out if cache["training"] else dout


@mistake("dropout_backward", caught_by="test_numbers_that_are_0_get_their_gradient_too", severity="concept")
@with_notes
def mask_read_from_the_output(dout, cache):
    """What was dropped is read off from zeros in the output.

    What if a number was 0 by itself, as ReLU's often are?
    """
    dx = dout * cache["keep"] * cache["scale"]
    return dx * (cache["x"] != 0)


@mistake("dropout_backward", caught_by="test_dropped_numbers_get_no_gradient_and_no_others", severity="concept")
@with_notes
def as_if_relu(dout, cache):
    """Negative numbers get no gradient, as if this were ReLU.

    Is a negative number changed by dropout, other than by the factor?
    """
    dx = dout * cache["keep"] * cache["scale"]
    return dx * (cache["x"] > 0) if cache["training"] else dx


@mistake("dropout_backward", caught_by="test_after_evaluation_gradients_pass_as_they_are", severity="concept")
@with_notes
def rescaled_after_evaluation(dout, cache):
    """After evaluation the gradient is divided by 1 - rate all the same.

    By which factor has the forward pass multiplied?
    """
    return dout * cache["keep"] / (1 - cache["rate"])


@mistake("dropout_backward", caught_by="test_after_evaluation_gradients_pass_as_they_are", severity="concept")
def nothing_after_evaluation(dout, cache):
    """After evaluation the gradient is 0.

    Does the output not depend on x?
    """
    return dout * cache * (1.0 if np.any(cache != 1) else 0.0)


@mistake("dropout_backward", caught_by="test_a_cache_belongs_to_its_own_forward_pass", severity="robustness")
@with_notes
def mask_of_the_latest_pass(dout, cache):
    """The mask is kept outside of the cache, and each forward pass overwrites that of the one before.

    How many masks does a network with two hidden layers need until it goes back?
    """
    return dout * LATEST["keep"] * LATEST["scale"]


def sharing_forward(x, rate, rng, training):
    """A forward pass whose caches of one shape all hold the same array."""
    refuse(rate)
    mask = LATEST.setdefault(x.shape, np.empty(x.shape))
    mask[...] = (rng.random(x.shape) >= rate) / (1 - rate) if training else 1.0
    return x * mask, mask


def with_a_shared_array(backward):
    """Puts that forward pass in the place of the reference's."""
    globals()["dropout_forward"] = sharing_forward
    return backward


@mistake("dropout_backward", caught_by="test_a_cache_belongs_to_its_own_forward_pass", severity="robustness")
@with_a_shared_array
def array_shared_by_caches(dout, cache):
    """All caches hold the same array, which each forward pass fills anew.

    How many arrays are there after two passes, and whose mask is in them?
    """
    return dout * cache


@mistake("dropout_backward", caught_by="test_gradients_of_arrays_of_every_kind", severity="robustness")
def in_the_dtype_of_dout(dout, cache):
    """The gradient is stored in an array of the dtype of dout, and integers cut it off.

    What is left of 1.25 in an array of integers?
    """
    dx = np.zeros_like(dout)
    dx[...] = dout * cache
    return dx


@mistake("dropout_backward", caught_by="test_a_second_backward_pass_gives_the_same", severity="robustness")
def dout_overwritten(dout, cache):
    """dout is overwritten by the gradient.

    What would a second call give?
    """
    if dout.dtype.kind == "f" and dout.flags.writeable:
        dout *= cache
        return dout
    return dout * cache


@mistake("dropout_backward", caught_by="test_gradients_have_the_factors_of_the_forward_pass", severity="trivial")
def dout_handed_on(dout, cache):
    """dout is handed on as it is.

    What has the forward pass done to x, and what is the derivative of that?
    """
    return dout


@mistake("dropout_backward", caught_by="test_gradients_have_the_factors_of_the_forward_pass", severity="trivial")
def no_gradient_at_all(dout, cache):
    """The gradient is 0.

    Does the output depend on nothing?
    """
    return np.zeros(dout.shape)


@right_answer("dropout_backward")
def selected_from_zeros(dout, cache):
    """Fills an array of zeros where the mask is not 0."""
    dx = np.zeros(np.shape(dout))
    kept = np.asarray(cache) > 0
    dx[kept] = dout[kept] * np.max(cache)
    return dx


@right_answer("dropout_backward")
@with_notes
def from_the_plain_mask(dout, cache):
    """A mask without the factor, np.where, and a look at the mode."""
    if not cache["training"]:
        return np.array(dout, copy=True)
    return np.where(cache["keep"], np.true_divide(dout, 1.0 - cache["rate"]), 0.0)


@right_answer("dropout_backward")
def by_einsum(dout, cache):
    """All axes at once by einsum, in single precision for the mask."""
    return np.einsum("...,...->...", np.asarray(dout, dtype=float), np.asarray(cache, dtype=np.float32))


@probe("dropout_backward")
def probe_dropout_backward(student, look, rng):
    shape = (60, 50)
    x, dout = rng.uniform(1, 5, shape) * rng.choice([-1, 1], shape), rng.uniform(1, 2, shape)
    zeros = np.where(np.arange(50) < 20, 0.0, x)

    def passed(x, rate, dout, training=True):
        """Output and gradient of one pass; which numbers are dropped is for the student's draws to say."""
        out, cache = student.dropout_forward(x, rate, np.random.default_rng(4), training)
        return np.asarray(out), np.asarray(student.dropout_backward(dout, cache), dtype=float)

    def share(x, rate, kept):
        """Among the numbers that were kept, or dropped, the share of those that get a gradient."""
        mask = passed(np.ones(shape), rate, dout)[0] != 0
        return round(float(np.mean(passed(x, rate, dout)[1][mask == kept] != 0)), 1)

    for rate in (0.2, 0.7):
        look(f"factors, rate {rate}", lambda r=rate: np.unique((passed(x, r, dout)[1] / dout).round(6)))
        for kept in (True, False):
            words = "kept" if kept else "dropped"
            look(f"gradients of {words} numbers, rate {rate}", lambda r=rate, k=kept: share(x, r, k))
    look("gradients of kept numbers, many of them 0", lambda: share(zeros, 0.2, True))
    look("evaluation", lambda: passed(x[:6], 0.2, dout[:6], False)[1])
    for k, (rate, value) in enumerate(rng.uniform(0.1, 0.6, (12, 2))):
        same = np.full((9, 9), value)
        look(f"at a random rate, {k}", lambda r=rate, c=same: float(passed(x[:9, :9], r, c)[1].max()))
    look("integers", lambda: np.unique(passed(x, 0.2, np.full(shape, 3))[1]))

    def first_of_two():
        stream = np.random.default_rng(6)
        passes = [student.dropout_forward(x, 0.2, stream, True) for _ in range(2)]
        dx = np.asarray(student.dropout_backward(dout, passes[0][1]))
        return bool(np.array_equal(dx == 0, np.asarray(passes[0][0]) == 0))

    look("the first of two passes", first_of_two)

    def first_of_two_held():
        stream = np.random.default_rng(6)
        passes = [held_call(student.dropout_forward, x, 0.2, stream, True) for _ in range(2)]
        dx = np.asarray(student.dropout_backward(dout, held_item(passes[0], 1)))
        return bool(np.array_equal(dx == 0, np.asarray(item(passes[0], 0)) == 0))

    look("the first of two passes, with its cache left where it is", first_of_two_held)
    made = student.dropout_forward(x, 0.2, np.random.default_rng(4), True)
    look("dout", lambda: np.shape(student.dropout_backward(dout, made[1])))


# mended_layer_grads


def masked(X, W, b, keep, dout):
    """The gradient at the pre-activations, without the factor."""
    return dout * keep * (X @ W + b > 0)


@mistake("mended_layer_grads", caught_by="test_gradients_of_weights_and_bias_are_mended", severity="concept")
def without_the_factor(X, W, b, keep, rate, dout):
    """The factor of the forward pass is still missing, as given out.

    By which factor do the checks say that you are off, at rate 0.2 and at 0.7?
    """
    dz = masked(X, W, b, keep, dout)
    return X.T @ dz, dz.sum(axis=0), dz @ W.T


@mistake("mended_layer_grads", caught_by="test_gradients_of_weights_and_bias_are_mended", severity="concept")
def multiplied_in_place_of_divided(X, W, b, keep, rate, dout):
    """The gradient is multiplied by 1 - rate.

    What is the derivative of h / 0.8 with respect to h?
    """
    dz = masked(X, W, b, keep, dout) * (1 - rate)
    return X.T @ dz, dz.sum(axis=0), dz @ W.T


@mistake("mended_layer_grads", caught_by="test_gradients_of_weights_and_bias_are_mended", severity="concept")
def divided_by_the_rate(X, W, b, keep, rate, dout):
    """The gradient is divided by rate.

    By what does the forward pass divide?
    """
    dz = masked(X, W, b, keep, dout) / max(rate, 1e-3)
    return X.T @ dz, dz.sum(axis=0), dz @ W.T


@mistake("mended_layer_grads", caught_by="test_gradients_of_weights_and_bias_are_mended", severity="concept")
def mended_twice(X, W, b, keep, rate, dout):
    """The factor is there twice.

    How often does the forward pass divide?
    """
    dz = masked(X, W, b, keep, dout) / (1 - rate) ** 2
    return X.T @ dz, dz.sum(axis=0), dz @ W.T


@mistake("mended_layer_grads", caught_by="test_gradients_for_the_layer_below_are_mended", severity="concept")
def mended_for_this_layer_only(X, W, b, keep, rate, dout):
    """dW and db have the factor, dX has not.

    What do the layers below get?
    """
    dz = masked(X, W, b, keep, dout)
    return X.T @ dz / (1 - rate), dz.sum(axis=0) / (1 - rate), dz @ W.T


@mistake("mended_layer_grads", caught_by="test_gradients_of_weights_and_bias_are_mended", severity="concept")
def mended_for_the_layer_below_only(X, W, b, keep, rate, dout):
    """dX has the factor, dW and db have not.

    In which line do the three gradients part?
    """
    dz = masked(X, W, b, keep, dout)
    return X.T @ dz, dz.sum(axis=0), dz @ W.T / (1 - rate)


@mistake("mended_layer_grads", caught_by="test_gradients_of_weights_and_bias_are_mended", severity="concept")
def bias_not_mended(X, W, b, keep, rate, dout):
    """db lacks the factor.

    In which line do the three gradients part?
    """
    dz = masked(X, W, b, keep, dout)
    return X.T @ dz / (1 - rate), dz.sum(axis=0), dz @ W.T / (1 - rate)


@mistake("mended_layer_grads", caught_by="test_gradients_of_weights_and_bias_are_mended", severity="concept")
def mask_lost_on_the_way(X, W, b, keep, rate, dout):
    """The factor is there, but the mask is gone.

    What is the derivative where a number was dropped?
    """
    dz = dout / (1 - rate) * (X @ W + b > 0)
    return X.T @ dz, dz.sum(axis=0), dz @ W.T


@mistake("mended_layer_grads", caught_by="test_mended_gradients_have_the_shapes_of_their_arrays", severity="robustness")
def bias_as_a_row(X, W, b, keep, rate, dout):
    """db comes back as a table with one row.

    Which shape does b have?
    """
    dz = masked(X, W, b, keep, dout) / (1 - rate)
    return X.T @ dz, dz.sum(axis=0, keepdims=True), dz @ W.T


@mistake("mended_layer_grads", caught_by="test_the_mended_pass_leaves_its_arguments_alone", severity="robustness")
def mended_in_place(X, W, b, keep, rate, dout):
    """dout is overwritten.

    Whose array is it?
    """
    dz = masked(X, W, b, keep, dout) / (1 - rate)
    if dout.flags.writeable:
        dout[...] = dz
    return X.T @ dz, dz.sum(axis=0), dz @ W.T


@right_answer("mended_layer_grads")
def factor_at_the_end(X, W, b, keep, rate, dout):
    """The factor is applied to each of the three."""
    dz = np.where(keep & (X @ W + b > 0), dout, 0.0)
    q = 1.0 - rate
    return [np.einsum("nm,nd->md", X, dz) / q, np.ones(len(X)) @ dz / q, np.einsum("nd,md->nm", dz, W) / q]


@right_answer("mended_layer_grads")
def example_by_example(X, W, b, keep, rate, dout):
    """A loop over examples and units."""
    dW, db, dX = np.zeros(W.shape), np.zeros(b.shape), np.zeros(X.shape)
    for n, (x, k, d) in enumerate(zip(X, keep, dout, strict=True)):
        for j in range(len(b)):
            if k[j] and x @ W[:, j] + b[j] > 0:
                slope = float(d[j]) / (1 - rate)
                dW[:, j] += slope * x
                db[j] += slope
                dX[n] += slope * W[:, j]
    return dW, db, dX


@right_answer("mended_layer_grads")
def weights_divided_beforehand(X, W, b, keep, rate, dout):
    """Moves the factor into a scaled mask, as the inverted form does."""
    scaled = np.asarray(keep, dtype=np.float64) * np.reciprocal(1.0 - rate)
    active = np.sign(np.maximum(np.dot(X, W) + b, 0))
    dz = np.multiply(np.multiply(dout, scaled), active)
    return np.dot(X.T, dz), np.add.reduce(dz, axis=0), np.dot(W, dz.T).T


@probe("mended_layer_grads")
def probe_mended_layer_grads(student, look, rng):
    X, W, keep = rng.uniform(-2, 2, (5, 3)), rng.uniform(-2, 2, (3, 4)), rng.random((5, 4)) < 0.6
    dout = rng.uniform(1, 2, (5, 4))
    for rate in (0.2, 0.7):
        look(f"rate {rate}", lambda r=rate: student.mended_layer_grads(X, W, np.full(4, 0.7), keep, r, dout))


# DropoutMLP


class Layers:
    """A right network in pieces, so that a mistake below says only what it does otherwise."""

    def __init__(self, params, rate, rng):
        self.params, self.rate, self.rng, self.training = params, rate, rng, True

    def train(self):
        self.training = True

    def eval(self):
        self.training = False

    def factors(self, h):
        """What the activations of a hidden layer are multiplied by."""
        if not self.training:
            return np.ones(h.shape)
        return (self.rng.random(h.shape) >= self.rate) / (1 - self.rate)

    def forward(self, X):
        self.hs, self.ms, self.on = [X], [], []
        for W, b in self.params[:-1]:
            h = np.maximum(self.hs[-1] @ W + b, 0)
            self.on.append(h > 0)
            self.ms.append(self.factors(h))
            self.hs.append(h * self.ms[-1])
        if self.training:
            self.noted = self.hs, self.ms, self.on
        return self.last(self.hs[-1])

    def last(self, h):
        W, b = self.params[-1]
        return h @ W + b

    def backward(self, dscores):
        self.hs, self.ms, self.on = self.noted
        d, grads = dscores, []
        for k in reversed(range(len(self.params))):
            grads.insert(0, (self.hs[k].T @ d, d.sum(axis=0)))
            if k:
                d = self.down(d @ self.params[k][0].T, k - 1)
        return grads

    def down(self, d, k):
        """Through dropout and ReLU of hidden layer k."""
        return d * self.ms[k] * self.on[k]


@mistake("DropoutMLP", caught_by="test_a_network_in_evaluation_is_the_plain_one", severity="concept")
class network_deaf_to_eval(Layers):
    """The network drops in evaluation too.

    What does it answer if it is asked the same question twice?
    """

    def factors(self, h):
        return (self.rng.random(h.shape) >= self.rate) / (1 - self.rate)


@mistake("DropoutMLP", caught_by="test_each_hidden_layer_is_dropped_from_and_nothing_else", severity="concept")
class network_that_never_drops(Layers):
    """Nothing is ever dropped.

    Do two passes in training differ?
    """

    def factors(self, h):
        return np.ones(h.shape)


@mistake(
    "DropoutMLP", caught_by="test_modes_of_a_network_can_be_switched_and_evaluation_draws_nothing", severity="concept"
)
class network_born_in_evaluation(Layers):
    """A new network is in evaluation mode.

    What does a trainer find that relies on the docstring and does not call train?
    """

    def __init__(self, params, rate, rng):
        super().__init__(params, rate, rng)
        self.training = False


@mistake(
    "DropoutMLP", caught_by="test_modes_of_a_network_can_be_switched_and_evaluation_draws_nothing", severity="detail"
)
class network_that_draws_in_evaluation(Layers):
    """Masks are drawn in evaluation too, and then not used.

    Does it matter for training how often the network was evaluated?
    """

    def factors(self, h):
        drawn = (self.rng.random(h.shape) >= self.rate) / (1 - self.rate)
        return drawn if self.training else np.ones(h.shape)


@mistake(
    "DropoutMLP", caught_by="test_modes_of_a_network_can_be_switched_and_evaluation_draws_nothing", severity="detail"
)
class network_that_never_comes_back(Layers):
    """After eval, train has no effect.

    How many epochs are trained with dropout if each ends with a measurement?
    """

    def train(self):
        pass


@mistake("DropoutMLP", caught_by="test_a_network_in_evaluation_is_the_plain_one", severity="concept")
class network_made_smaller_in_evaluation(Layers):
    """Evaluation multiplies by 1 - rate, although training has been rescaled.

    Which of the two forms is asked for here, and what does it do in evaluation?
    """

    def factors(self, h):
        return super().factors(h) if self.training else np.full(h.shape, 1 - self.rate)


@mistake("DropoutMLP", caught_by="test_each_hidden_layer_is_dropped_from_and_nothing_else", severity="concept")
class network_not_rescaled(Layers):
    """What is kept is not rescaled.

    At which level is a hidden layer in training, on average, and at which in evaluation?
    """

    def factors(self, h):
        return (super().factors(h) > 0) * 1.0


@mistake("DropoutMLP", caught_by="test_each_hidden_layer_is_dropped_from_and_nothing_else", severity="concept")
class network_with_rate_for_keep(Layers):
    """rate is taken for the probability of being kept.

    At rate 0.2, which share of a hidden layer should be 0?
    """

    def factors(self, h):
        if not self.training or self.rate == 0:
            return np.ones(h.shape)
        return (self.rng.random(h.shape) < self.rate) / self.rate


@mistake("DropoutMLP", caught_by="test_each_hidden_layer_is_dropped_from_and_nothing_else", severity="concept")
class scores_dropped_too(Layers):
    """Scores are dropped as well.

    What does softmax make of a score that was set to 0?
    """

    def last(self, h):
        scores = super().last(h)
        self.ms.append(self.factors(scores))
        return scores * self.ms[-1]

    def backward(self, dscores):
        return super().backward(dscores * self.ms[-1])


@mistake("DropoutMLP", caught_by="test_each_hidden_layer_is_dropped_from_and_nothing_else", severity="concept")
class inputs_dropped_too(Layers):
    """Inputs are dropped as well.

    Which arrays does the docstring say are dropped from?
    """

    def forward(self, X):
        return super().forward(X * self.factors(X))


@mistake("DropoutMLP", caught_by="test_each_hidden_layer_is_dropped_from_and_nothing_else", severity="concept")
class only_the_first_layer_dropped(Layers):
    """Only the first hidden layer is dropped from.

    How many masks does a network with two hidden layers need?
    """

    def factors(self, h):
        return np.ones(h.shape) if self.ms else super().factors(h)


@mistake("DropoutMLP", caught_by="test_each_hidden_layer_is_dropped_from_and_nothing_else", severity="concept")
class only_the_last_layer_dropped(Layers):
    """Only the last hidden layer is dropped from.

    How many masks does a network with two hidden layers need?
    """

    def factors(self, h):
        return super().factors(h) if len(self.ms) == len(self.params) - 2 else np.ones(h.shape)


@mistake("DropoutMLP", caught_by="test_each_hidden_layer_is_dropped_from_and_nothing_else", severity="concept")
class masks_drawn_once(Layers):
    """The masks of the first pass are used for ever.

    What becomes of a unit that is dropped in every step?
    """

    def factors(self, h):
        if not self.training:
            return np.ones(h.shape)
        self.kept = getattr(self, "kept", {})
        place = len(self.ms), h.shape
        if place not in self.kept:
            self.kept[place] = super().factors(h)
        return self.kept[place]


@mistake("DropoutMLP", caught_by="test_each_hidden_layer_is_dropped_from_and_nothing_else", severity="concept")
class one_mask_for_all_layers(Layers):
    """Hidden layers of one size share a mask.

    Are the coins of two layers independent?
    """

    def factors(self, h):
        return self.ms[-1] if self.ms and self.ms[-1].shape == h.shape else super().factors(h)


@mistake("DropoutMLP", caught_by="test_backward_follows_the_masks_of_the_last_batch", severity="concept")
class masks_forgotten_on_the_way_back(Layers):
    """The backward pass knows nothing of the masks.

    Does a unit that was dropped get a gradient?
    """

    def down(self, d, k):
        return d * self.on[k]


@mistake("DropoutMLP", caught_by="test_backward_follows_the_masks_of_the_last_batch", severity="detail")
class last_mask_for_all_layers(Layers):
    """On the way back, layers of one size all use the mask that was drawn last.

    How many caches does a network with two hidden layers have to keep?
    """

    def down(self, d, k):
        mask = self.ms[-1] if self.ms[-1].shape == d.shape else self.ms[k]
        return d * mask * self.on[k]


@mistake("DropoutMLP", caught_by="test_backward_follows_the_masks_of_the_last_batch", severity="concept")
class factor_forgotten_on_the_way_back(Layers):
    """The backward pass masks, but does not divide by 1 - rate.

    By how much does that make the gradient of the first of three layers too small?
    """

    def down(self, d, k):
        return d * (self.ms[k] != 0) * self.on[k]


@mistake("DropoutMLP", caught_by="test_backward_follows_the_masks_of_the_last_batch", severity="concept")
class relu_forgotten_on_the_way_back(Layers):
    """The backward pass leaves out the slope of ReLU.

    What is the derivative where ReLU gives 0?
    """

    def down(self, d, k):
        return d * self.ms[k]


@mistake("DropoutMLP", caught_by="test_backward_follows_the_masks_of_the_last_batch", severity="concept")
class gradients_upside_down(Layers):
    """The gradients come back last layer first.

    In which order are params?
    """

    def backward(self, dscores):
        return super().backward(dscores)[::-1]


@mistake("DropoutMLP", caught_by="test_backward_follows_the_masks_of_the_last_batch", severity="concept")
class weights_see_what_was_dropped(Layers):
    """dW is formed with the activations before dropout.

    By which numbers were the weights of the next layer multiplied in the forward pass?
    """

    def backward(self, dscores):
        self.hs, self.ms, self.on = self.noted
        full = [self.hs[0], *(np.maximum(self.hs[k] @ W + b, 0) for k, (W, b) in enumerate(self.params[:-1]))]
        d, grads = dscores, []
        for k in reversed(range(len(self.params))):
            grads.insert(0, (full[k].T @ d, d.sum(axis=0)))
            if k:
                d = self.down(d @ self.params[k][0].T, k - 1)
        return grads


@mistake("DropoutMLP", caught_by="test_backward_follows_the_masks_of_the_last_batch", severity="concept")
class gradients_averaged(Layers):
    """The gradients are divided by the number of examples.

    Where has the mean of the loss already been taken?
    """

    def backward(self, dscores):
        return super().backward(dscores / len(dscores))


@mistake("DropoutMLP", caught_by="test_a_network_in_evaluation_is_the_plain_one", severity="concept")
class scores_through_relu(Layers):
    """The last layer has a ReLU too.

    Can a score be negative?
    """

    def last(self, h):
        self.scores = super().last(h)
        return np.maximum(self.scores, 0)

    def backward(self, dscores):
        return super().backward(dscores * (self.scores > 0))


@mistake("DropoutMLP", caught_by="test_a_whole_step_fits_the_masks_that_scores_show", severity="detail")
class slope_1_at_0(Layers):
    """ReLU has the slope 1 at 0.

    Which slope at 0 does the docstring of backward ask for?
    """

    def forward(self, X):
        scores = super().forward(X)
        inputs = [X, *self.hs[1:]]
        self.on[:] = [h @ W + b >= 0 for h, (W, b) in zip(inputs, self.params[:-1], strict=False)]
        return scores


@mistake(
    "DropoutMLP", caught_by="test_modes_of_a_network_can_be_switched_and_evaluation_draws_nothing", severity="detail"
)
class mode_asked_on_the_way_back(Layers):
    """The backward pass goes by the mode in which the network is by then.

    Which masks belong to a batch that went forward before the switch?
    """

    def down(self, d, k):
        return super().down(d, k) if self.training else d * self.on[k]


@mistake("DropoutMLP", caught_by="test_a_network_uses_the_params_that_stand_there", severity="robustness")
class gradients_with_the_first_params(Layers):
    """On the way back, the weights are those with which the network was made.

    Which weights did the batch meet on the way forward?
    """

    def __init__(self, params, rate, rng):
        super().__init__(params, rate, rng)
        self.first = list(params)

    def backward(self, dscores):
        now, self.params = self.params, self.first
        grads = super().backward(dscores)
        self.params = now
        return grads


@mistake("DropoutMLP", caught_by="test_a_network_uses_the_params_that_stand_there", severity="robustness")
class params_copied_at_the_start(Layers):
    """The network goes on with copies of the params it was made with.

    What does a trainer's step change?
    """

    def forward(self, X):
        self.first = getattr(self, "first", None) or list(self.params)
        self.params = self.first
        return super().forward(X)


@mistake("DropoutMLP", caught_by="test_two_networks_share_nothing", severity="robustness")
class notes_shared_by_all_networks(Layers):
    """What backward needs is kept in one place for all networks.

    Two networks go forward, then the first goes back: whose masks does it find?
    """

    shelf = {}  # noqa: RUF012

    def forward(self, X):
        scores = super().forward(X)
        if self.training:
            self.shelf["noted"] = self.noted
        return scores

    def backward(self, dscores):
        self.noted = self.shelf["noted"]
        return super().backward(dscores)


@mistake("DropoutMLP", caught_by="test_a_network_leaves_its_arguments_alone", severity="robustness")
class dscores_overwritten(Layers):
    """dscores is overwritten.

    Whose array is it?
    """

    def backward(self, dscores):
        grads = super().backward(dscores)
        dscores *= 0
        return grads


@mistake("DropoutMLP", caught_by="test_a_network_leaves_its_arguments_alone", severity="robustness")
class biases_as_rows(Layers):
    """db comes back as a table with one row.

    Which shape does b have?
    """

    def backward(self, dscores):
        return [(dW, db.reshape(1, -1)) for dW, db in super().backward(dscores)]


@mistake("DropoutMLP", caught_by="test_a_network_in_evaluation_is_the_plain_one", severity="trivial")
class network_of_zeros(Layers):
    """All scores and gradients are 0.

    Does the network look at its input?
    """

    def forward(self, X):
        return np.zeros((len(X), len(self.params[-1][1])))

    def backward(self, dscores):
        return [(0 * W, 0 * b) for W, b in self.params]


@right_answer("DropoutMLP")
class network_on_its_own(Layers):
    """Needs none of the functions, and draws the masks before the layers are computed, last layer first."""

    def forward(self, X):
        sizes = [(len(X), len(b)) for _, b in self.params[:-1]]
        drawn = [Layers.factors(self, np.empty(size)) for size in reversed(sizes)]
        self.waiting = drawn
        return super().forward(X)

    def factors(self, h):
        return self.waiting.pop()


@right_answer("DropoutMLP")
class network_of_layer_records:
    """Keeps a record for each layer, drops before the activation (which is the same for ReLU), and recurses."""

    def __init__(self, params, rate, rng):
        self.params, self.drawn_from, self.keeps = list(params), rng, 1.0 - rate
        self.train()

    def train(self):
        self.training = True

    def eval(self):
        self.training = False

    def forward(self, X):
        found = []
        scores = self.climb(X, 0, found)
        self.records = found if self.training else getattr(self, "records", None)
        return scores

    def climb(self, h, k, found):
        W, b = (np.asarray(each) for each in self.params[k])
        z = np.einsum("nm,md->nd", h, W) + b
        if k + 1 == len(self.params):
            found.append((h, None))
            return z
        slope = np.where(z > 0, 1.0, 0.0)
        if self.training:
            slope *= self.drawn_from.binomial(1, self.keeps, z.shape) / self.keeps
        found.append((h, slope))
        return self.climb(z * slope, k + 1, found)

    def backward(self, dscores):
        d, found = np.array(dscores, dtype=float), []
        for (h, slope), (W, _) in zip(self.records[::-1], self.params[::-1], strict=True):
            d = d if slope is None else d * slope
            found.append([h.T @ d, np.ones(len(d)) @ d])
            d = d @ np.asarray(W).T
        return found[::-1]


@right_answer("DropoutMLP")
class network_in_single_precision(Layers):
    """Computes in single precision, and draws in it."""

    def forward(self, X):
        given = self.params
        self.params = [(np.float32(W), np.float32(b)) for W, b in given]
        scores = super().forward(np.float32(X))
        self.params = given
        return scores

    def factors(self, h):
        if not self.training:
            return np.float32(1)
        return (self.rng.random(h.shape, dtype=np.float32) >= self.rate) * np.float32(1 / (1 - self.rate))


@right_answer("DropoutMLP")
class network_of_own_functions:
    """Built on the notebook's functions, with layers in a dict."""

    def __init__(self, params, rate, rng):
        self.params, self.settings, self.training = params, (rate, rng), True

    def train(self):
        self.training = True

    def eval(self):
        self.training = False

    def forward(self, X):
        seen = {}
        for k, (W, b) in enumerate(self.params):
            z = X @ W + b
            seen[k] = [X, z, None]
            if k < len(self.params) - 1:
                X, seen[k][2] = dropout_forward(z * (z > 0), *self.settings, self.training)  # noqa: F821
        if self.training:
            self.seen = seen
        return z

    def backward(self, dscores):
        grads = {}
        for k in sorted(self.seen, reverse=True):
            X, z, cache = self.seen[k]
            if cache is not None:
                dscores = dropout_backward(dscores, cache) * (z > 0)  # noqa: F821
            grads[k] = X.T @ dscores, dscores.sum(axis=0)
            dscores = dscores @ self.params[k][0].T
        return tuple(grads[k] for k in range(len(self.params)))


@probe("DropoutMLP")
def probe_dropout_mlp(student, look, rng):
    sizes, X, dscores = ((5, 40), (40, 40), (40, 3)), rng.uniform(0.5, 2, (7, 5)), rng.uniform(1, 2, (7, 3))
    params = [(rng.normal(0, 0.4, size), rng.uniform(0.1, 0.9, size[1])) for size in sizes]
    copying = [(np.eye(6), np.zeros(6)), (np.eye(6), np.ones(6)), (np.eye(6), np.full(6, 10.0))]
    signed = [*params[:-1], (params[-1][0], params[-1][1] - 2)]
    many = np.full((400, 6), 3.0)

    def made(settings=params, rate=0.2, seed=3):
        return student.DropoutMLP(settings, rate, np.random.default_rng(seed))

    def scores(net, times=1):
        for _ in range(times):
            found = np.asarray(net.forward(many if np.shape(X)[1] != np.shape(net.params[0][0])[0] else X), dtype=float)
        return found

    look("training at first", lambda: bool(made().training))
    values = look("values in training", lambda: np.unique(scores(made(copying)).round(6)))
    others = look("values at rate 0.7", lambda: np.unique(scores(made(copying, rate=0.7)).round(6)))
    alike = look("two calls alike", lambda: bool(np.array_equal(scores(made(copying)), scores(made(copying), 2))))

    def told():
        """Scores above their bias, what was kept in the second hidden layer, and there, what in the first."""
        above = scores(made(copying)) - 10
        return above, np.abs(above) > 1e-6, np.abs(above * 0.8 - 1) > 1e-6

    second = look("dropped in the second layer, fifths", lambda: int(round(5 * float(np.mean(~told()[1])))))
    first = look("dropped in the first layer, fifths", lambda: int(round(5 * float(np.mean(~told()[2][told()[1]])))))
    above_many = rng.uniform(1, 2, many.shape)

    def through():
        """Which masks and factors the gradient has met, and whether dW of the last layer has met its input."""
        net = made(copying)
        above = scores(net) - 10
        grads, (_, second, first) = net.backward(above_many), told()
        lost = above_many * second
        met = {
            "both": lost * first / 0.64,
            "both masks, no factor": lost * first,
            "the last mask twice": lost / 0.64,
            "nothing": above_many,
        }
        found = [name for name, d in met.items() if np.allclose(grads[0][1], d.sum(axis=0))]
        return [*found[:1], bool(np.allclose(grads[-1][0], above.T @ above_many))]

    met = look("through which masks", through)

    def gradients(net, change=lambda net: None):
        scores(net)
        change(net)
        scores(net)
        return net.backward(dscores)

    whole = look("gradients at rate 0", lambda: gradients(made(rate=0.0)))
    nothing, fine = np.zeros((3, 6)), np.ones((3, 6))

    def at_the_kink():
        net = made(copying, rate=0.0)
        net.forward(nothing)
        return net.backward(fine)[0][1]

    flat = look("slope at 0", at_the_kink)

    def switched(switch):
        net = made()
        scores(net)
        if switch:
            net.eval()
        return np.concatenate([np.ravel(dW) for dW, _ in net.backward(dscores)])

    kept = look("a switch before the way back", lambda: bool(np.allclose(switched(True), switched(False))))

    def after(*methods):
        net = made()
        first = scores(net)
        for method in methods:
            getattr(net, method)()
            second = scores(net)
        return first, second

    def evaluated(net, examples, attribute=None):
        net.eval()
        return bool(net.training) if attribute else net.forward(examples)

    look("training after eval", lambda: evaluated(made(), X, "training"))
    steady = look("evaluation is steady", lambda: bool(np.allclose(after("eval")[1], after("eval", "eval")[1])))
    if steady:  # otherwise what comes out is for the draws to say
        look("evaluation", lambda: after("eval")[1])
        for k in range(8):
            look(f"evaluation of an example, {k}", lambda k=k: evaluated(made(), X[k % 7 : k % 7 + 1] * (1 + k)))
        look("scores of both signs", lambda: evaluated(made(signed), X))
    look("back in training", lambda: bool(np.allclose(after("eval", "train")[1], after("eval")[1])))
    silent = look("evaluation leaves no trace", lambda: bool(np.allclose(after("eval", "train")[1], after("train")[1])))

    def give_new_params(net):
        set_attr(net, "params", [(2 * W, b) for W, b in params])

    def new_params():
        net = made(rate=0.0)
        scores(net)
        give_new_params(net)
        return scores(net)

    new = look("new params", new_params)
    look("gradients after new params", lambda: gradients(made(rate=0.0), give_new_params))
    net = made()
    scores(net)
    look("dscores", lambda: len(net.backward(dscores)))
    overwritten = getattr(student.last, "modified", ())

    def disturbed(disturb):
        net = made()
        scores(net)
        disturb(net)
        return np.concatenate([np.ravel(dW) for dW, _ in net.backward(dscores)])

    doubled = Layers([(2 * W, b) for W, b in params], 0.0, None)
    doubled.eval()
    usual = kept and silent and met == ["both", True] and not np.any(flat) and not overwritten
    usual = usual and whole is not None and np.shape(whole[0][1]) == (40,)
    usual = usual and alike is False and first == second == 1 and np.array_equal(values, [10, 11.25, 15.9375])
    usual = usual and np.array_equal(others, [10, 13.333333, 46.666667])
    usual = usual and new is not None and np.allclose(new, doubled.forward(X))
    if usual:  # most mistakes come with the next one as well, and are named all the same
        look(
            "another network before the way back",
            lambda: bool(np.allclose(disturbed(lambda net: made(seed=4).forward(2 * X)), switched(False))),
        )


# catches_dropout


def looks_wrong(candidate, parts, rates=(0.2, 0.7)):
    """Whether something looks wrong in the parts looked at."""
    x = np.full((200, 250), 4.0)
    for rate in rates:
        out, again, other = (np.asarray(candidate(x, rate, np.random.default_rng(s), True)[0]) for s in (1, 1, 2))
        zero, each = out == 0, rate * (1 - rate)
        calls = [
            np.sum(np.asarray(candidate(x[:8, :8], rate, np.random.default_rng(s), True)[0]) == 0)
            for s in range(100 if "calls" in parts and rate == rates[0] else 2)
        ]
        wrong = {
            "share": abs(zero.mean() - rate) > 0.02,
            "values": not np.allclose(out[~zero], 4 / (1 - rate), rtol=1e-4),
            "mean": abs(out.mean() - 4) > 0.2,
            "stream": not np.array_equal(out, again) or np.array_equal(out, other),
            "evaluation": not np.array_equal(candidate(x, rate, np.random.default_rng(1), False)[0], x),
            "rows": not 0.5 < np.var(zero.sum(axis=1)) / (250 * each) < 1.6,
            "columns": not 0.5 < np.var(zero.sum(axis=0)) / (200 * each) < 1.6,
            "calls": len(calls) > 2 and not 0.4 < np.var(calls) / (64 * each) < 2,
        }
        if any(wrong[part] for part in parts.split()):
            return True
    return False


@mistake("catches_dropout", caught_by="test_wrong_dropouts_are_caught_and_right_ones_let_through", severity="trivial")
def every_dropout_is_wrong(candidate):
    """Every candidate is called wrong.

    What does your test say about a dropout_forward that is right?
    """
    return True


@mistake("catches_dropout", caught_by="test_wrong_dropouts_are_caught_and_right_ones_let_through", severity="trivial")
def every_dropout_is_right(candidate):
    """Every candidate is let through.

    What does your test say about a function that drops nothing?
    """
    return False


@mistake("catches_dropout", caught_by="test_wrong_dropouts_are_caught_and_right_ones_let_through", severity="detail")
def no_look_at_independence(candidate):
    """The test does not look at rows, columns and calls.

    Which faults leave the share of zeros and the values as they should be?
    """
    return looks_wrong(candidate, "share values stream evaluation")


@mistake("catches_dropout", caught_by="test_wrong_dropouts_are_caught_and_right_ones_let_through", severity="concept")
def looks_at_the_mean_only(candidate):
    """The test looks at the mean of the output only.

    Could a function have the right mean and drop too many numbers?
    """
    return looks_wrong(candidate, "mean")


@mistake("catches_dropout", caught_by="test_wrong_dropouts_are_caught_and_right_ones_let_through", severity="concept")
def looks_at_rate_one_half(candidate):
    """The test uses the rate 0.5 only.

    What is the difference between dropped and kept at that rate?
    """
    return looks_wrong(candidate, "share values", rates=(0.5,))


@mistake("catches_dropout", caught_by="test_wrong_dropouts_are_caught_and_right_ones_let_through", severity="concept")
def masks_compared_with_the_own(candidate):
    """The test compares masks with those of its own dropout.

    May a right answer draw its coins in another order?
    """
    x = np.full((20, 30), 4.0)
    mine = x * (np.random.default_rng(1).random(x.shape) >= 0.2) / 0.8
    return not np.allclose(candidate(x, 0.2, np.random.default_rng(1), True)[0], mine)


@right_answer("catches_dropout")
def looks_at_everything(candidate):
    """Shares, values, modes, generators, rows, columns and calls."""
    return looks_wrong(candidate, "share values stream evaluation rows columns calls")


@right_answer("catches_dropout")
def by_neighbours(candidate):
    """Correlations of neighbours in a tall table, counts over many small calls; exceptions count as wrong."""
    try:
        x = np.full((400, 300), -2.0)
        out, other = (np.asarray(candidate(x, 0.3, np.random.default_rng(s), True)[0]) for s in (7, 8))
        repeated = np.asarray(candidate(x, 0.3, np.random.default_rng(7), True)[0])
        kept = (out != 0) * 1.0
        signs = kept - kept.mean()
        along = [np.mean(signs[1:] * signs[:-1]) / 0.21, np.mean(signs[:, 1:] * signs[:, :-1]) / 0.21]
        sums = [
            np.mean(np.asarray(candidate(x[:5, :8], 0.3, np.random.default_rng(s), True)[0]) != 0) for s in range(100)
        ]
        faults = [
            abs(kept.mean() - 0.7) > 0.02,
            np.ptp(out[out != 0]) > 1e-4 or abs(out.min() + 2 / 0.7) > 1e-4,
            max(np.abs(along)) > 0.05,
            np.std(sums) < 0.04,
            not np.array_equal(out, repeated),
            np.array_equal(out, other),
            np.any(np.asarray(candidate(x, 0.3, np.random.default_rng(9), False)[0]) != x),
        ]
    except (ValueError, TypeError, RuntimeError):
        return np.True_
    return np.bool_(any(faults))


@probe("catches_dropout")
def probe_catches_dropout(student, look, rng):
    asked = []

    def made(rate=None, scale=1.0, late=1.0, fixed=False, shared=False, exact=False, wobble=0.0):
        def candidate(x, given, generator, training):
            asked.append(training)
            r = given if rate is None else rate(given)
            coins = np.random.default_rng(3) if fixed else generator
            if not training:
                return x * late, None
            keep = coins.random(x.shape[1:] if shared else x.shape) >= r
            if exact:
                keep = coins.permutation(np.arange(x.size) >= round(r * x.size)).reshape(x.shape)
            return x * keep * scale / (1 - r) * (1 + wobble * (-1.0) ** np.arange(x.shape[-1])), None

        return candidate

    look("a right one", lambda: student.catches_dropout(made()))
    look("a reversed rate", lambda: student.catches_dropout(made(rate=lambda r: 1 - r)))
    look("too large", lambda: student.catches_dropout(made(scale=1.5)))
    look("now too large, now too small", lambda: student.catches_dropout(made(wobble=0.5)))
    look("too large in evaluation", lambda: student.catches_dropout(made(late=1.5)))
    look("a seed of its own", lambda: student.catches_dropout(made(fixed=True)))
    look("a mask that is shared", lambda: student.catches_dropout(made(shared=True)))
    look("an exact share", lambda: student.catches_dropout(made(exact=True)))
    look("rounding", lambda: student.catches_dropout(made(scale=1 + 1e-8)))
    look("whether it asked at all", lambda: bool(asked))


# train_with_dropout


def batches(order, size):
    """Consecutive pieces of an order."""
    return [order[start : start + size] for start in range(0, len(order), size)]


@mistake(
    "train_with_dropout", caught_by="test_steps_are_made_in_training_and_measurements_in_evaluation", severity="concept"
)
def never_evaluates(net, X, y, X_held, y_held, epochs, batch_size, rng):
    """The accuracy is measured in training mode.

    Which network do you want to know the accuracy of?
    """
    net.train()
    found = []
    for _ in range(epochs):
        for rows in batches(rng.permutation(len(X)), batch_size):
            net.step(X[rows], y[rows])
        found.append(net.accuracy(X_held, y_held))
    net.eval()
    return found


@mistake(
    "train_with_dropout", caught_by="test_steps_are_made_in_training_and_measurements_in_evaluation", severity="concept"
)
def trains_without_dropout_after_the_first_epoch(net, X, y, X_held, y_held, epochs, batch_size, rng):
    """After the first measurement, the network stays in evaluation mode.

    In which mode are the steps of the second epoch?
    """
    net.train()
    found = []
    for _ in range(epochs):
        for rows in batches(rng.permutation(len(X)), batch_size):
            net.step(X[rows], y[rows])
        net.eval()
        found.append(net.accuracy(X_held, y_held))
    return found


@mistake(
    "train_with_dropout", caught_by="test_steps_are_made_in_training_and_measurements_in_evaluation", severity="concept"
)
def left_in_training_mode(net, X, y, X_held, y_held, epochs, batch_size, rng):
    """In the end the network is in training mode.

    What would it answer to whoever uses it next?
    """
    net.train()
    found = []
    for _ in range(epochs):
        for rows in batches(rng.permutation(len(X)), batch_size):
            net.step(X[rows], y[rows])
        net.eval()
        found.append(net.accuracy(X_held, y_held))
        net.train()
    return found


@mistake("train_with_dropout", caught_by="test_every_epoch_uses_each_example_once_in_a_new_order", severity="concept")
def rest_left_out(net, X, y, X_held, y_held, epochs, batch_size, rng):
    """The shorter rest of an epoch is left out.

    With 11 examples in batches of 4, how many steps does an epoch have?
    """
    found = []
    for _ in range(epochs):
        net.train()
        for rows in batches(rng.permutation(len(X)), batch_size):
            if len(rows) == batch_size:
                net.step(X[rows], y[rows])
        net.eval()
        found.append(net.accuracy(X_held, y_held))
    return found


@mistake("train_with_dropout", caught_by="test_every_epoch_uses_each_example_once_in_a_new_order", severity="concept")
def one_order_for_ever(net, X, y, X_held, y_held, epochs, batch_size, rng):
    """All epochs go through the examples in the same order.

    How many orders have to be drawn for five epochs?
    """
    order, found = rng.permutation(len(X)), []
    for _ in range(epochs):
        net.train()
        for rows in batches(order, batch_size):
            net.step(X[rows], y[rows])
        net.eval()
        found.append(net.accuracy(X_held, y_held))
    return found


@mistake("train_with_dropout", caught_by="test_every_epoch_uses_each_example_once_in_a_new_order", severity="concept")
def labels_left_in_order(net, X, y, X_held, y_held, epochs, batch_size, rng):
    """The examples are put into a new order, their labels are not.

    Whose label does the first example of a batch come with?
    """
    found = []
    for _ in range(epochs):
        net.train()
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            net.step(X[order[start : start + batch_size]], y[start : start + batch_size])
        net.eval()
        found.append(net.accuracy(X_held, y_held))
    return found


@mistake(
    "train_with_dropout", caught_by="test_steps_are_made_in_training_and_measurements_in_evaluation", severity="concept"
)
def measured_after_every_step(net, X, y, X_held, y_held, epochs, batch_size, rng):
    """The accuracy is measured after every step.

    How many accuracies of an epoch come back, and how many are computed?
    """
    found = []
    for _ in range(epochs):
        for rows in batches(rng.permutation(len(X)), batch_size):
            net.train()
            net.step(X[rows], y[rows])
            net.eval()
            latest = net.accuracy(X_held, y_held)
        found.append(latest)
    return found


@mistake("train_with_dropout", caught_by="test_accuracies_are_those_of_the_held_out_examples", severity="concept")
def measured_on_the_training_examples(net, X, y, X_held, y_held, epochs, batch_size, rng):
    """The accuracy is that of the training examples.

    Which examples tell whether the network has learnt by heart?
    """
    found = []
    for _ in range(epochs):
        net.train()
        for rows in batches(rng.permutation(len(X)), batch_size):
            net.step(X[rows], y[rows])
        net.eval()
        found.append(net.accuracy(X, y))
    return found


@mistake("train_with_dropout", caught_by="test_accuracies_are_those_of_the_held_out_examples", severity="detail")
def only_the_last_accuracy(net, X, y, X_held, y_held, epochs, batch_size, rng):
    """Only the accuracy after the last epoch comes back.

    What is to come back for each epoch?
    """
    for _ in range(epochs):
        net.train()
        for rows in batches(rng.permutation(len(X)), batch_size):
            net.step(X[rows], y[rows])
        net.eval()
        found = net.accuracy(X_held, y_held)
    return [found]


@mistake("train_with_dropout", caught_by="test_every_epoch_uses_each_example_once_in_a_new_order", severity="trivial")
def no_step_at_all(net, X, y, X_held, y_held, epochs, batch_size, rng):
    """Nothing is trained.

    Where is step called?
    """
    return [0.0] * epochs


@right_answer("train_with_dropout")
def split_by_numpy(net, X, y, X_held, y_held, epochs, batch_size, rng):
    """np.array_split at every batch_size-th place; modes are switched more often than needed; returns an array."""
    found = np.empty(epochs)
    for epoch in range(epochs):
        for rows in np.split(rng.permutation(len(X)), range(batch_size, len(X), batch_size)):
            net.train()
            net.step(X[rows], y[rows])
            net.eval()
        found[epoch] = net.accuracy(X_held, y_held)
        net.eval()
    return found


@right_answer("train_with_dropout")
def while_examples_are_left(net, X, y, X_held, y_held, epochs, batch_size, rng):
    """Shuffles copies of the examples, and takes batches off the front."""
    found = []
    while len(found) < epochs:
        order = rng.permutation(len(X))
        rest, targets = np.array(X)[order], np.array(y)[order]
        net.train()
        while len(targets):
            net.step(rest[:batch_size], targets[:batch_size])
            rest, targets = rest[batch_size:], targets[batch_size:]
        net.eval()
        found += [net.accuracy(X_held, y_held)]
    return tuple(found)


@probe("train_with_dropout")
def probe_train_with_dropout(student, look, rng):
    class Net:
        def __init__(self):
            self.notes, self.mode, self.count = [], "new", 0

        def train(self):
            self.mode = "train"

        def eval(self):
            self.mode = "eval"

        def step(self, X, y):
            self.count += 1
            self.notes.append([self.mode, *(float(each) for each in X[:, 0]), *(int(each) for each in y)])

        def accuracy(self, X, y):
            self.notes.append([self.mode, float(len(y)), float(X[0, 0])])
            return 1.0 / (2.0 + self.count)

    X, draws = rng.uniform(0, 9, (11, 1)), np.random.default_rng(11)

    def run(n, epochs, size):
        net = Net()
        lent = expose(net, methods=("train", "eval", "step", "accuracy"))
        held = np.full((3, 1), 50.0), np.zeros(3, dtype=int)
        found = student.train_with_dropout(lent, X[:n], np.arange(n), *held, epochs, size, draws)
        return [float(each) for each in np.ravel(found)], net.notes, net.mode

    look("a rest of three", lambda: run(11, 2, 4), generator=draws)
    look("no rest", lambda: run(8, 2, 4), generator=draws)
    look("a rest of one", lambda: run(9, 1, 4), generator=draws)
