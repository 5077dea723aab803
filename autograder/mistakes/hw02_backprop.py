"""Known mistakes and right answers of hw02: activations, differences, graphs, scalar differentiation, networks."""

import math
from itertools import pairwise

import numpy as np

from autograder.grading import expose, operate, set_attr
from autograder.grading.bank import mistake, probe, right_answer

ROOT = np.sqrt(2 / np.pi)


def squashed(z):
    """The sigmoid, whatever the size of z."""
    return np.exp(-np.logaddexp(0, -z))


def as_printed(name, z, alpha=None):
    """The activations as printed, so that a mistake below says only what it does otherwise."""
    if name in ("leaky_relu", "elu") and alpha is None:
        raise ValueError(name)
    table = {
        "sigmoid": lambda: squashed(z),
        "tanh": lambda: np.tanh(z),
        "relu": lambda: np.where(z > 0, z, 0),
        "leaky_relu": lambda: np.where(z > 0, z, alpha * z),
        "elu": lambda: np.where(z > 0, z, alpha * (np.exp(np.minimum(z, 0)) - 1)),
        "softplus": lambda: np.logaddexp(0, z),
        "gelu_tanh": lambda: z / 2 * (1 + np.tanh(ROOT * (z + 0.044715 * z**3))),
    }
    if name not in table:
        raise ValueError(name)
    return table[name]()


def slope_as_printed(name, z, alpha=None):
    """Their derivatives as printed."""
    if name in ("leaky_relu", "elu") and alpha is None:
        raise ValueError(name)
    u = ROOT * (z + 0.044715 * z**3)
    table = {
        "sigmoid": lambda: squashed(z) * squashed(-z),
        "tanh": lambda: 1 - np.tanh(z) ** 2,
        "relu": lambda: np.where(z > 0, 1.0, 0.0),
        "leaky_relu": lambda: np.where(z > 0, 1.0, alpha),
        "elu": lambda: np.where(z > 0, 1.0, alpha * np.exp(np.minimum(z, 0))),
        "softplus": lambda: squashed(z),
        "gelu_tanh": lambda: 0.5 * (1 + np.tanh(u)) + z / 2 * (1 - np.tanh(u) ** 2) * ROOT * (1 + 3 * 0.044715 * z**2),
    }
    if name not in table:
        raise ValueError(name)
    return table[name]()


# activation


@mistake("activation", caught_by="test_s_shaped_activations", severity="concept")
def exponents_turned_around(name, z, alpha=None):
    """Wherever an exponential stands, its exponent has the other sign.

    What should the sigmoid, the softplus and the ELU be for a large positive z?
    """
    if name in ("sigmoid", "softplus"):
        return as_printed(name, -z)
    if name == "elu" and alpha is not None:
        return np.where(z > 0, z, alpha * (np.exp(np.minimum(-z, 700)) - 1))
    return as_printed(name, z, alpha)


@mistake("activation", caught_by="test_s_shaped_activations", severity="detail")
def sigmoid_falls(name, z, alpha=None):
    """The sigmoid falls where it should rise.

    Is it near 0 or near 1 for a large z?
    """
    return as_printed("sigmoid", -z) if name == "sigmoid" else as_printed(name, z, alpha)


@mistake("activation", caught_by="test_activations_far_out", severity="robustness")
def softplus_overflows(name, z, alpha=None):
    """The softplus overflows for large z.

    How large may the argument of an exponential be, and which function of NumPy adds exponentials safely?
    """
    return np.log(1 + np.exp(z)) if name == "softplus" else as_printed(name, z, alpha)


@mistake("activation", caught_by="test_activations_far_out", severity="robustness")
def infinity_times_zero(name, z, alpha=None):
    """A branch that is multiplied by 0 is infinite, and the product is NaN.

    What is infinity times 0, and how can one choose between two branches without multiplying?
    """
    if name == "elu" and alpha is not None:
        return (z > 0) * z + (z <= 0) * alpha * (np.exp(z) - 1)
    return as_printed(name, z, alpha)


@mistake("activation", caught_by="test_activations_far_out", severity="robustness")
def tanh_of_exponentials(name, z, alpha=None):
    """The tanh is a quotient of exponentials that overflow.

    What are numerator and denominator for z = 800?
    """
    if name == "tanh":
        return (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))
    return as_printed(name, z, alpha)


@mistake("activation", caught_by="test_activations_with_unusual_alphas", severity="detail")
def larger_of_two_lines(name, z, alpha=None):
    """The leaky ReLU takes the larger of z and alpha z.

    Which of the two is larger if alpha is 1.5?
    """
    if name == "leaky_relu" and alpha is not None:
        return np.maximum(z, alpha * z)
    return as_printed(name, z, alpha)


@mistake("activation", caught_by="test_activations_with_unusual_alphas", severity="detail")
def alpha_of_zero_is_refused(name, z, alpha=None):
    """An alpha of 0 is taken for a missing one.

    What is the truth value of the number 0?
    """
    if name in ("leaky_relu", "elu") and not alpha:
        raise ValueError("alpha is missing")
    return as_printed(name, z, alpha)


@mistake("activation", caught_by="test_activations_with_alpha", severity="detail")
def elu_jumps_at_zero(name, z, alpha=None):
    """The ELU lacks its -1 and jumps at 0.

    What do both of its branches give at z = 0?
    """
    if name == "elu" and alpha is not None:
        return np.where(z > 0, z, alpha * np.exp(np.minimum(z, 0)))
    return as_printed(name, z, alpha)


@mistake("activation", caught_by="test_activations_with_alpha", severity="detail")
def alpha_of_elu_is_one(name, z, alpha=None):
    """The ELU does not use alpha.

    To which value does it tend far on the left?
    """
    return as_printed(name, z, 1.0 if name == "elu" and alpha is not None else alpha)


@mistake("activation", caught_by="test_activations_with_alpha", severity="detail")
def slope_of_one_hundredth(name, z, alpha=None):
    """The leaky ReLU has a slope of its own and not alpha.

    Where does the slope on the left come from?
    """
    return as_printed(name, z, 0.01 if name == "leaky_relu" and alpha is not None else alpha)


@mistake("activation", caught_by="test_gelu", severity="detail")
def gelu_with_the_normal_distribution(name, z, alpha=None):
    """The GELU is the one with the normal distribution and not the tanh form.

    Which of the two is printed in the conventions box?
    """
    if name == "gelu_tanh":
        return z / 2 * (1 + np.vectorize(math.erf, otypes=[float])(z / math.sqrt(2)))
    return as_printed(name, z, alpha)


@mistake("activation", caught_by="test_gelu", severity="detail")
def gelu_without_cube(name, z, alpha=None):
    """The GELU lacks the cubic term in its tanh.

    What stands beside z in the inner brackets?
    """
    if name == "gelu_tanh":
        return z / 2 * (1 + np.tanh(ROOT * z))
    return as_printed(name, z, alpha)


@mistake("activation", caught_by="test_gelu", severity="detail")
def root_of_half_pi(name, z, alpha=None):
    """The factor in the GELU is turned upside down.

    Is the root of 2/pi larger or smaller than 1?
    """
    if name == "gelu_tanh":
        return z / 2 * (1 + np.tanh(np.sqrt(np.pi / 2) * (z + 0.044715 * z**3)))
    return as_printed(name, z, alpha)


@mistake("activation", caught_by="test_relu_and_softplus", severity="detail")
def relu_of_the_size(name, z, alpha=None):
    """The ReLU turns negative numbers round instead of cutting them off.

    What should come out for z = -2?
    """
    return np.abs(z) if name == "relu" else as_printed(name, z, alpha)


@mistake("activation", caught_by="test_activations_refuse_what_they_do_not_know", severity="robustness")
def unknown_names_are_linear(name, z, alpha=None):
    """An unknown name gives z back.

    How does somebody notice a misspelt name?
    """
    try:
        return as_printed(name, z, alpha)
    except ValueError:
        if name in ("leaky_relu", "elu"):
            raise
        return z


@mistake("activation", caught_by="test_activations_refuse_what_they_do_not_know", severity="robustness")
def alpha_has_a_default(name, z, alpha=None):
    """A missing alpha is replaced by a default.

    What does the docstring say about leaky_relu and elu without alpha?
    """
    return as_printed(name, z, 0.01 if alpha is None else alpha)


@mistake("activation", caught_by="test_activations_of_every_kind", severity="robustness")
def integers_are_truncated(name, z, alpha=None):
    """Results are written into an array of the type of z, which cuts off what follows the point.

    What type has np.zeros_like of an array of integers?
    """
    out = np.zeros_like(z)
    out[...] = as_printed(name, z, alpha)
    return out


@mistake("activation", caught_by="test_activations_of_every_kind", severity="robustness")
def relu_in_place(name, z, alpha=None):
    """The ReLU overwrites the pre-activations that it was given.

    Who else still needs z, on the way back for instance?
    """
    if name == "relu":
        z[z < 0] = 0
        return z
    return as_printed(name, z, alpha)


@mistake("activation", caught_by="test_s_shaped_activations", severity="trivial")
def no_activation(name, z, alpha=None):
    """What comes back is z itself.

    What would a stack of such layers be able to compute?
    """
    return z


@mistake("activation", caught_by="test_gelu", severity="trivial")
def all_zero(name, z, alpha=None):
    """What comes back is 0 everywhere.

    What would the next layer learn from it?
    """
    return np.zeros(np.shape(z))


@mistake("activation", caught_by="test_activations_far_out", severity="detail")
def cut_off_at_twenty(name, z, alpha=None):
    """Pre-activations beyond 20 are cut off, so that large ones all give the same.

    What is the ReLU of 800?
    """
    return as_printed(name, np.clip(z, -20, 20), alpha)


@mistake("activation", caught_by="test_activations_of_every_kind", severity="detail")
def type_of_the_first_entry(name, z, alpha=None):
    """The leaky ReLU of integers is cut off, if the first of them is positive.

    How does np.vectorize decide which dtype its result has?
    """
    if name == "leaky_relu" and alpha is not None:
        return np.vectorize(lambda each: each if each > 0 else alpha * each)(z)
    return as_printed(name, z, alpha)


@mistake("activation", caught_by="test_gelu", severity="detail")
def root_rounded_to_six_digits(name, z, alpha=None):
    """The factor in the GELU is rounded to six digits.

    To how many digits do results count, and how many has 0.797885?
    """
    if name == "gelu_tanh":
        return z / 2 * (1 + np.tanh(0.797885 * (z + 0.044715 * z**3)))
    return as_printed(name, z, alpha)


@right_answer("activation")
def by_masks(name, z, alpha=None):
    """Fills a floating-point array branch by branch, and takes plain exponentials where they cannot harm."""
    z = np.asarray(z)
    if name == "sigmoid":
        with np.errstate(over="ignore"):
            return 1 / (1 + np.exp(-z))
    if name == "tanh":
        return 2 / (1 + np.exp(-2 * np.clip(z, -300, 300))) - 1
    if name == "softplus":
        return np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))
    if name == "gelu_tanh":
        return 0.5 * z + 0.5 * z * np.tanh(0.7978845608028654 * z * (1 + 0.044715 * z * z))
    if name not in ("relu", "leaky_relu", "elu") or (alpha is None and name != "relu"):
        raise ValueError("not like this")
    out = z.astype(float)
    low = z < 0
    if name == "relu":
        out[low] = 0
    elif name == "leaky_relu":
        out[low] *= alpha
    else:
        out[low] = alpha * (np.exp(out[low]) - 1)
    return out


@right_answer("activation")
def one_number_at_a_time(name, z, alpha=None):
    """Loops over the entries with the functions of the math module."""
    if name in ("leaky_relu", "elu") and alpha is None:
        raise ValueError("alpha?")
    functions = {
        "sigmoid": lambda v: 1 / (1 + math.exp(-v)) if v >= 0 else math.exp(v) / (1 + math.exp(v)),
        "tanh": math.tanh,
        "relu": lambda v: v if v > 0 else 0.0,
        "leaky_relu": lambda v: v if v > 0 else alpha * v,
        "elu": lambda v: v if v > 0 else alpha * math.expm1(v),
        "softplus": lambda v: max(v, 0.0) + math.log1p(math.exp(-abs(v))),
        "gelu_tanh": lambda v: v / 2 * (1 + math.tanh(math.sqrt(2 / math.pi) * (v + 0.044715 * v**3))),
    }
    if name not in functions:
        raise ValueError("name?")
    out = [functions[name](float(v)) for v in np.ravel(z)]
    return np.array(out).reshape(np.shape(z))


@right_answer("activation")
def branches_computed_twice(name, z, alpha=None):
    """Chooses with np.where between plain formulas, and lets the branch that is not used overflow."""
    if name in ("leaky_relu", "elu") and alpha is None:
        raise ValueError
    with np.errstate(all="ignore"):
        if name == "sigmoid":
            return np.where(z > 0, 1 / (1 + np.exp(-z)), np.exp(z) / (1 + np.exp(z)))
        if name == "elu":
            return np.where(z > 0, z, alpha * (np.exp(z) - 1))
        if name == "softplus":
            return np.where(z > 30, z, np.log(1 + np.exp(z)))
        if name == "leaky_relu":
            return np.maximum(z, 0) + alpha * np.minimum(z, 0)
        if name == "relu":
            return (z + np.abs(z)) / 2
        return as_printed(name, z)


def nine_digits(got, name, z):
    """Whether activations are right to nine digits."""
    return float(np.abs(got - as_printed(name, z)).max() < 1e-9)


@probe("activation")
def probe_activation(student, look, rng):
    z = np.array([-2.7, -1.0, 0.0, 0.4, 1.3]) + rng.uniform(0, 0.1)

    def of_integers(name, z, *alpha):
        return np.asarray(student.activation(name, np.array(z), *alpha), dtype=float)

    for name in ("sigmoid", "tanh", "relu", "softplus"):
        look(name, lambda name=name: student.activation(name, z.copy()))
    for alpha in (0.2, 1.5, -0.4, 0.0):
        for name in ("leaky_relu", "elu"):
            look(f"{name}, alpha {alpha}", lambda name=name, alpha=alpha: student.activation(name, z.copy(), alpha))
    look("gelu_tanh", lambda: student.activation("gelu_tanh", z.copy()))
    look("gelu_tanh, far left", lambda: student.activation("gelu_tanh", np.array([-2.7])))
    look("gelu_tanh to nine digits", lambda: nine_digits(student.activation("gelu_tanh", z.copy()), "gelu_tanh", z))
    for name in ("sigmoid", "tanh", "relu", "softplus", "gelu_tanh"):
        look(f"{name}, integers", lambda name=name: of_integers(name, [-2, 1, 0]))
        look(f"{name}, far out", lambda name=name: student.activation(name, np.array([-800.0, 800.0])))
        look(f"{name}, 0-d", lambda name=name: student.activation(name, np.array(0.0)))
    for name in ("leaky_relu", "elu"):
        look(f"{name}, integers", lambda name=name: of_integers(name, [-2, 1, 0], 0.3))
        look(f"{name}, a positive one first", lambda name=name: of_integers(name, [1, -2], 0.3))
        look(f"{name}, far out", lambda name=name: student.activation(name, np.array([-800.0, 800.0]), 0.3))
        look(f"{name} without alpha", lambda name=name: student.activation(name, z.copy()))
    look("an unknown name", lambda: student.activation("cubic", z.copy()))


# numerical_gradient


def moved(x, index, by):
    """A copy of x in floating-point numbers with one entry moved."""
    x = np.array(x, dtype=float)
    x[index] += by
    return x


def entry_by_entry(x, quotient):
    """quotient(index) for every entry of x."""
    gradient = np.zeros(np.shape(x))
    for index in np.ndindex(gradient.shape):
        gradient[index] = quotient(index)
    return gradient


@mistake("numerical_gradient", caught_by="test_differences_are_central", severity="concept")
def one_sided(f, x, h=1e-5):
    """The difference is one-sided.

    Which term of the Taylor series cancels only if x moves to both sides?
    """
    return entry_by_entry(x, lambda index: (f(moved(x, index, h)) - f(moved(x, index, 0.0))) / h)


@mistake("numerical_gradient", caught_by="test_differences_are_central", severity="concept")
def divided_by_h(f, x, h=1e-5):
    """The difference is divided by h.

    How far apart are the two points at which f is computed?
    """
    return entry_by_entry(x, lambda index: (f(moved(x, index, h)) - f(moved(x, index, -h))) / h)


@mistake("numerical_gradient", caught_by="test_differences_are_nearly_exact", severity="concept")
def all_entries_move(f, x, h=1e-5):
    """All entries of x move at once.

    Which derivative is it if everything changes together?
    """
    x = np.array(x, dtype=float)
    return np.full(x.shape, (f(x + h) - f(x - h)) / (2 * h))


@mistake("numerical_gradient", caught_by="test_differences_are_central", severity="concept")
def h_of_its_own(f, x, h=1e-5):
    """It goes its own way and not h.

    What happens to the result if somebody asks for h = 0.1?
    """
    return entry_by_entry(x, lambda index: (f(moved(x, index, 1e-5)) - f(moved(x, index, -1e-5))) / 2e-5)


@mistake("numerical_gradient", caught_by="test_differences_are_central", severity="concept")
def entries_stay_moved(f, x, h=1e-5):
    """An entry that was moved stays there while the next ones are tried.

    Where are the other entries of x when it is the turn of the last one?
    """
    x = np.array(x, dtype=float)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        x[index] += h
        up = f(x.copy())
        x[index] -= 2 * h
        gradient[index] = (up - f(x.copy())) / (2 * h)
    return gradient


@mistake("numerical_gradient", caught_by="test_differences_are_central", severity="concept")
def points_the_other_way(f, x, h=1e-5):
    """The gradient has the wrong sign.

    Which of the two values is subtracted from which?
    """
    return entry_by_entry(x, lambda index: (f(moved(x, index, -h)) - f(moved(x, index, h))) / (2 * h))


@mistake("numerical_gradient", caught_by="test_differences_of_tables", severity="detail")
def comes_back_flat(f, x, h=1e-5):
    """The gradient has a single axis, whatever the shape of x.

    Which shape has the derivative with respect to a matrix?
    """
    return entry_by_entry(x, lambda index: (f(moved(x, index, h)) - f(moved(x, index, -h))) / (2 * h)).ravel()


@mistake("numerical_gradient", caught_by="test_differences_of_tables", severity="detail")
def rows_move_together(f, x, h=1e-5):
    """In a table whole rows move at once.

    What does x[i] stand for if x has two axes?
    """
    x = np.array(x, dtype=float)
    if x.ndim == 0:
        return np.array((f(x + h) - f(x - h)) / (2 * h))
    gradient = np.zeros(x.shape)
    for i in range(len(x)):
        gradient[i] = (f(moved(x, i, h)) - f(moved(x, i, -h))) / (2 * h)
    return gradient


@mistake("numerical_gradient", caught_by="test_differences_of_every_kind", severity="robustness")
def integers_stay_integers(f, x, h=1e-5):
    """Integers stay integers, so that they do not move by a small h.

    What does an array of integers make of 2.1?
    """

    def changed(index, by):
        copy = x.copy()
        copy[index] = copy[index] + by
        return copy

    return entry_by_entry(x, lambda index: (f(changed(index, h)) - f(changed(index, -h))) / (2 * h))


@mistake("numerical_gradient", caught_by="test_differences_of_every_kind", severity="robustness")
def moves_x_itself(f, x, h=1e-5):
    """It moves the caller's own x and back again, which leaves rounding errors.

    Is x + h - h always x, and what if x may not be written to?
    """
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        x[index] += h
        up = f(x)
        x[index] -= 2 * h
        gradient[index] = (up - f(x)) / (2 * h)
        x[index] += h
    return gradient


@mistake("numerical_gradient", caught_by="test_the_function_gets_arrays_of_the_shape_of_x", severity="robustness")
def hands_over_flat_arrays(f, x, h=1e-5):
    """f gets arrays with a single axis, whatever the shape of x.

    Which shape does f expect its argument to have?
    """
    return entry_by_entry(x, lambda index: (f(moved(x, index, h).ravel()) - f(moved(x, index, -h).ravel())) / (2 * h))


@mistake("numerical_gradient", caught_by="test_differences_are_nearly_exact", severity="trivial")
def flat_everywhere(f, x, h=1e-5):
    """The gradient is 0 everywhere.

    Which functions have such a gradient?
    """
    return np.zeros(np.shape(x))


@mistake("numerical_gradient", caught_by="test_differences_of_every_kind", severity="detail")
def gradient_in_integers(f, x, h=1e-5):
    """The gradient stands in an array of the type of x, and is cut off if that holds integers.

    Which dtype has an array made by zeros_like, and what does it make of 0.6?
    """
    grad = np.zeros_like(x)
    for index in np.ndindex(np.shape(x)):
        grad[index] = (f(moved(x, index, h)) - f(moved(x, index, -h))) / (2 * h)
    return grad


@mistake("numerical_gradient", caught_by="test_differences_of_every_kind", severity="robustness")
def float32_stays_float32(f, x, h=1e-5):
    """Arrays of float32 stay float32, where x + h is hardly another number than x.

    How many digits has a float32, and how many of them does a small h change?
    """
    x = np.array(x * 1.0)
    gradient = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[index] += h
        down[index] -= h
        gradient[index] = (f(up) - f(down)) / (2 * h)
    return gradient


@right_answer("numerical_gradient")
def rows_of_the_identity(f, x, h=1e-5):
    """Moves along the rows of an identity matrix and collects a list."""
    x = np.asarray(x, dtype=np.float64)
    found = []
    for row in np.eye(x.size):
        step = (h * row).reshape(x.shape)
        found.append((float(f(x + step)) - float(f(x - step))) / (2.0 * h))
    return np.array(found).reshape(x.shape)


@right_answer("numerical_gradient")
def moves_a_copy_and_back(f, x, h=1e-5):
    """Changes a copy in place with an iterator, and puts the old number back."""
    x = np.array(x, dtype=float)
    gradient = np.zeros_like(x)
    it = np.nditer(x, flags=["multi_index"])
    while not it.finished:
        index = it.multi_index
        old = float(x[index])
        x[index] = old + h
        up = f(x)
        x[index] = old - h
        down = f(x)
        x[index] = old
        gradient[index] = up / (2 * h) - down / (2 * h)
        it.iternext()
    return gradient


@probe("numerical_gradient")
def probe_numerical_gradient(student, look, rng):
    def f(x):
        v = np.ravel(x)
        return float(np.sum(np.arange(1, v.size + 1) * v**3) + 2 * v[0] * v[-1])

    shapes = []

    def noting(x):
        shapes.append(list(np.shape(x)))
        return float(np.sum(np.square(x)))

    x = rng.uniform(0.5, 1.5, 3)
    look("three entries, large h", lambda: student.numerical_gradient(f, x.copy(), 0.2))
    look("a table, large h", lambda: student.numerical_gradient(f, rng.uniform(0.5, 1.5, (2, 3)), 0.3))
    look("a known gradient", lambda: student.numerical_gradient(lambda v: float(np.sum(v**2)), x.copy(), 1e-5))
    look("integers", lambda: student.numerical_gradient(f, np.array([2, -1]), 0.2))
    look("0-d", lambda: student.numerical_gradient(f, np.array(1.5), 0.2))
    few = np.array([1.3, -0.7], dtype=np.float32)
    look("float32", lambda: student.numerical_gradient(lambda v: float(np.sum(v)), few))
    look("modified?", lambda: student.numerical_gradient(f, rng.uniform(1, 2, 8), 1e-5))
    steep = rng.uniform(-1e-3, 1e-3, 2)
    look("the usual h", lambda: student.numerical_gradient(lambda v: float(np.sum(np.exp(3000 * v))), steep))
    look("shapes that f gets", lambda: student.numerical_gradient(noting, np.ones((2, 2)), 0.2))
    look("what they were", lambda: [str(shape) for shape in shapes[:2]])


# mended_gelu_grad


def gelu_slope(x, cubic, linear, inner=0.0356774, outer=0.797885):
    """The slide's formula with other constants."""
    u = inner * x**3 + outer * x
    return 0.5 * np.tanh(u) + (cubic * x**3 + linear * x) * (1 - np.tanh(u) ** 2) + 0.5


@mistake("mended_gelu_grad", caught_by="test_mended_derivative_of_positive_numbers", severity="trivial")
def slide_as_it_is(x):
    """It is still the slide's formula.

    Where is it farthest from central differences, and which term is largest there?
    """
    return gelu_slope(x, 0.535161, 0.398942)


@mistake("mended_gelu_grad", caught_by="test_mended_derivative_of_positive_numbers", severity="concept")
def mended_at_the_linear_term(x):
    """The coefficient of x was changed, and that of x cubed was not.

    What is the derivative near x = 0, where the cubic terms do not count?
    """
    return gelu_slope(x, 0.535161, 0.0398942)


@mistake("mended_gelu_grad", caught_by="test_mended_derivative_of_negative_numbers", severity="concept")
def both_terms_mended(x):
    """Both coefficients in front of the squared sech were changed.

    Which of the two is half of 0.797885, as the product rule wants it?
    """
    return gelu_slope(x, 0.0535161, 0.0398942)


@mistake("mended_gelu_grad", caught_by="test_mended_derivative_of_positive_numbers", severity="concept")
def mended_inside_the_tanh(x):
    """The argument of the tanh was changed as well.

    Is that argument the one of GELU itself?
    """
    return gelu_slope(x, 0.0535161, 0.398942, inner=0.00356774)


@mistake("mended_gelu_grad", caught_by="test_mended_derivative_of_positive_numbers", severity="concept")
def factor_three_forgotten(x):
    """The derivative of the cubic term lacks its factor 3.

    What is the derivative of 0.0356774 x**3?
    """
    return gelu_slope(x, 0.0178387, 0.398942)


@mistake("mended_gelu_grad", caught_by="test_mended_derivative_of_negative_numbers", severity="concept")
def cubic_term_dropped(x):
    """The cubic term in front of the squared sech is missing.

    What does the chain rule make of the cube inside the tanh?
    """
    return gelu_slope(x, 0.0, 0.398942)


@mistake("mended_gelu_grad", caught_by="test_mended_derivative_of_negative_numbers", severity="concept")
def sech_not_squared(x):
    """The derivative of tanh is taken as 1 - tanh.

    What is the derivative of tanh?
    """
    u = 0.0356774 * x**3 + 0.797885 * x
    return 0.5 * np.tanh(u) + (0.0535161 * x**3 + 0.398942 * x) * (1 - np.tanh(u)) + 0.5


@mistake("mended_gelu_grad", caught_by="test_digits_of_the_mended_derivative", severity="detail")
def rounded_to_four_digits(x):
    """The bug is found, but constants are rounded to three or four digits.

    Which errors does the docstring accept, and how many digits had the slide?
    """
    return gelu_slope(x, 0.0535, 0.3989)


@right_answer("mended_gelu_grad")
def product_and_chain_rule(x):
    """Derives it anew with exact constants, and the squared sech from cosh."""
    u = np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)
    du = np.sqrt(2 / np.pi) * (1 + 0.134145 * x**2)
    return (1 + np.tanh(u)) / 2 + x * du / (2 * np.cosh(np.clip(u, -300, 300)) ** 2)


@right_answer("mended_gelu_grad")
def by_central_differences(x):
    """Differentiates the activation by differences."""
    x = np.asarray(x, dtype=float)
    return (as_printed("gelu_tanh", x + 1e-5) - as_printed("gelu_tanh", x - 1e-5)) / 2e-5


@right_answer("mended_gelu_grad")
def with_a_logistic_function(x):
    """Writes the tanh form as z times a sigmoid of 2u and differentiates that."""
    s = squashed(2 * 0.7978845608 * (x + 0.044715 * x**3))
    return s + x * s * (1 - s) * 2 * 0.7978845608 * (1 + 3 * 0.044715 * x * x)


@probe("mended_gelu_grad")
def probe_mended_gelu_grad(student, look, rng):
    for x in (-2.0, -0.7, 0.3, 1.58):
        x += rng.uniform(0, 0.05)
        look(f"near {x:.1f}", lambda x=x: student.mended_gelu_grad(np.array([x])), band=3e-6)
    look("a table", lambda: student.mended_gelu_grad(np.zeros((2, 1))))


# activation_grad


@mistake("activation_grad", caught_by="test_derivative_of_the_sigmoid", severity="concept")
def of_the_output(name, z, alpha=None):
    """The formulas are those for the output of the activation, but z is what goes in.

    In sigma (1 - sigma), is sigma the number z or a function of it?
    """
    if name == "sigmoid":
        return z * (1 - z)
    if name == "tanh":
        return 1 - z**2
    return slope_as_printed(name, z, alpha)


@mistake("activation_grad", caught_by="test_derivative_of_tanh_and_softplus", severity="detail")
def tanh_not_squared(name, z, alpha=None):
    """The derivative of tanh lacks the square.

    Can the derivative of tanh be larger than 1?
    """
    return 1 - np.tanh(z) if name == "tanh" else slope_as_printed(name, z, alpha)


@mistake("activation_grad", caught_by="test_derivative_of_tanh_and_softplus", severity="detail")
def tanh_of_the_argument(name, z, alpha=None):
    """The derivative of tanh squares the argument instead of the output.

    What is squared in 1 - tanh(z)**2?
    """
    return 1 - z**2.0 if name == "tanh" else slope_as_printed(name, z, alpha)


@mistake("activation_grad", caught_by="test_derivative_of_tanh_and_softplus", severity="detail")
def softplus_like_the_sigmoid(name, z, alpha=None):
    """The derivative of the softplus is that of the sigmoid.

    How steep is the softplus far on the right?
    """
    return slope_as_printed("sigmoid" if name == "softplus" else name, z, alpha)


@mistake("activation_grad", caught_by="test_derivatives_at_exactly_0", severity="detail")
def relu_counts_zero_in(name, z, alpha=None):
    """The derivative of the ReLU is 1 at exactly 0.

    To which branch does 0 belong in the conventions box?
    """
    return np.where(z >= 0, 1.0, 0.0) if name == "relu" else slope_as_printed(name, z, alpha)


@mistake("activation_grad", caught_by="test_derivatives_at_exactly_0", severity="detail")
def kinks_count_zero_in(name, z, alpha=None):
    """The derivatives of leaky ReLU and ELU are 1 at exactly 0.

    To which branch does 0 belong in the conventions box?
    """
    if name in ("leaky_relu", "elu") and alpha is not None:
        return np.where(z >= 0, 1.0, slope_as_printed(name, z, alpha))
    return slope_as_printed(name, z, alpha)


@mistake("activation_grad", caught_by="test_derivatives_with_unusual_alphas", severity="detail")
def mask_from_the_output(name, z, alpha=None):
    """The leaky ReLU's branch is chosen by the sign of the output.

    Which sign has the output for a negative z if alpha is negative, too?
    """
    if name == "leaky_relu" and alpha is not None:
        return np.where(as_printed(name, z, alpha) > 0, 1.0, alpha)
    return slope_as_printed(name, z, alpha)


@mistake("activation_grad", caught_by="test_derivatives_of_the_kinked_ones", severity="detail")
def elu_with_a_constant_slope(name, z, alpha=None):
    """The ELU has the slope alpha on the whole left side.

    What is left of the derivative far on the left, where the ELU is flat?
    """
    return slope_as_printed("leaky_relu" if name == "elu" else name, z, alpha)


@mistake("activation_grad", caught_by="test_derivatives_of_the_kinked_ones", severity="detail")
def elu_without_alpha(name, z, alpha=None):
    """The derivative of the ELU lacks alpha.

    What becomes of a constant factor when one differentiates?
    """
    return slope_as_printed(name, z, 1.0 if name == "elu" and alpha is not None else alpha)


@mistake("activation_grad", caught_by="test_derivative_of_gelu", severity="detail")
def gelu_from_the_slide(name, z, alpha=None):
    """The derivative of GELU has the slide's fault: one coefficient is ten times too large.

    What does your numerical gradient say near 1.6?
    """
    return gelu_slope(z, 0.535161, 0.398942) if name == "gelu_tanh" else slope_as_printed(name, z, alpha)


@mistake("activation_grad", caught_by="test_derivative_of_gelu", severity="detail")
def gelu_of_the_normal_distribution(name, z, alpha=None):
    """The derivative of GELU is that of the form with the normal distribution.

    Which GELU does your activation compute?
    """
    if name == "gelu_tanh":
        cumulative = (1 + np.vectorize(math.erf, otypes=[float])(z / math.sqrt(2))) / 2
        return cumulative + z * np.exp(-(np.asarray(z, dtype=float) ** 2) / 2) / math.sqrt(2 * math.pi)
    return slope_as_printed(name, z, alpha)


@mistake("activation_grad", caught_by="test_derivative_of_gelu", severity="detail")
def gelu_without_inner_derivative(name, z, alpha=None):
    """The derivative of GELU lacks the derivative of what stands inside the tanh.

    Which rule applies to a function of a function?
    """
    if name == "gelu_tanh":
        t = np.tanh(ROOT * (z + 0.044715 * z**3))
        return 0.5 * (1 + t) + z / 2 * (1 - t**2)
    return slope_as_printed(name, z, alpha)


@mistake("activation_grad", caught_by="test_derivatives_at_exactly_0", severity="detail")
def differences_at_the_kink(name, z, alpha=None):
    """The derivatives are central differences, which average both sides of a kink.

    What do they give for the ReLU at exactly 0?
    """
    return (as_printed(name, z + 1e-5, alpha) - as_printed(name, z - 1e-5, alpha)) / 2e-5


@mistake("activation_grad", caught_by="test_derivatives_far_out", severity="robustness")
def sigmoid_slope_overflows(name, z, alpha=None):
    """The derivative of the sigmoid is a quotient of exponentials that overflow.

    What are numerator and denominator for z = -800?
    """
    return np.exp(-z) / (1 + np.exp(-z)) ** 2 if name == "sigmoid" else slope_as_printed(name, z, alpha)


@mistake("activation_grad", caught_by="test_derivatives_far_out", severity="robustness")
def softplus_slope_overflows(name, z, alpha=None):
    """The derivative of the softplus is a quotient of exponentials that overflow.

    What are numerator and denominator for z = 800?
    """
    return np.exp(z) / (1 + np.exp(z)) if name == "softplus" else slope_as_printed(name, z, alpha)


@mistake("activation_grad", caught_by="test_derivatives_of_every_kind", severity="robustness")
def slopes_are_truncated(name, z, alpha=None):
    """Derivatives are written into an array of the type of z, which cuts off what follows the point.

    What type has np.ones_like of an array of integers?
    """
    out = np.ones_like(z)
    out[...] = slope_as_printed(name, z, alpha)
    return out


@mistake("activation_grad", caught_by="test_derivatives_of_every_kind", severity="robustness")
def overwrites_its_argument(name, z, alpha=None):
    """The ReLU's derivative is written into z itself.

    Who else still needs z?
    """
    if name == "relu":
        z[...] = z > 0
        return z
    return slope_as_printed(name, z, alpha)


@mistake("activation_grad", caught_by="test_derivatives_refuse_what_they_do_not_know", severity="robustness")
def slope_of_unknown_names(name, z, alpha=None):
    """An unknown name gives the derivative 1.

    How does somebody notice a misspelt name?
    """
    try:
        return slope_as_printed(name, z, alpha)
    except ValueError:
        if name in ("leaky_relu", "elu"):
            raise
        return np.ones(np.shape(z))


@mistake("activation_grad", caught_by="test_derivatives_refuse_what_they_do_not_know", severity="robustness")
def slope_has_a_default(name, z, alpha=None):
    """A missing alpha is replaced by a default.

    What does the docstring of activation say about a missing alpha?
    """
    return slope_as_printed(name, z, 0.01 if alpha is None else alpha)


@mistake("activation_grad", caught_by="test_derivative_of_the_sigmoid", severity="trivial")
def slope_of_one(name, z, alpha=None):
    """The derivative is 1 everywhere.

    Which function has that derivative?
    """
    return np.ones(np.shape(z))


@mistake("activation_grad", caught_by="test_derivative_of_the_sigmoid", severity="trivial")
def the_activation_itself(name, z, alpha=None):
    """It returns the activation and not its derivative.

    How steep is each curve, as opposed to how high?
    """
    return as_printed(name, z, alpha)


@mistake("activation_grad", caught_by="test_derivatives_of_every_kind", severity="robustness")
def shape_lost_on_one_side(name, z, alpha=None):
    """Where all entries are positive, the derivative of the leaky ReLU is a single number.

    Which shape does the caller expect, whatever the signs are?
    """
    slope = slope_as_printed(name, z, alpha)
    return 1.0 if name == "leaky_relu" and np.all(np.asarray(z) > 0) else slope


@right_answer("activation_grad")
def from_the_outputs(name, z, alpha=None):
    """Computes the output first and the derivative from it, with masks from z."""
    a = as_printed(name, z, alpha)
    if name == "sigmoid":
        return a - a**2
    if name == "tanh":
        return (1 - a) * (1 + a)
    if name == "relu":
        return (a > 0) * 1.0
    if name == "leaky_relu":
        return (z > 0) + alpha * (z <= 0)
    if name == "elu":
        return np.where(z > 0, 1, a + alpha)
    if name == "softplus":
        return 1 - np.exp(-a)
    return gelu_slope(z, 0.0535161, 0.398942)


@right_answer("activation_grad")
def slopes_one_at_a_time(name, z, alpha=None):
    """Loops over the entries with the functions of the math module."""
    if name in ("leaky_relu", "elu") and alpha is None:
        raise ValueError("alpha?")

    def sigmoid(v):
        return 0.5 * (1 + math.tanh(v / 2))

    def gelu(v):
        u = math.sqrt(2 / math.pi) * (v + 0.044715 * v**3)
        du = math.sqrt(2 / math.pi) * (1 + 0.134145 * v**2)
        return 0.5 * (1 + math.tanh(u)) + 0.5 * v * (1 - math.tanh(u) ** 2) * du

    functions = {
        "sigmoid": lambda v: sigmoid(v) * (1 - sigmoid(v)),
        "tanh": lambda v: 1 - math.tanh(v) ** 2,
        "relu": lambda v: 1 if v > 0 else 0,
        "leaky_relu": lambda v: 1 if v > 0 else alpha,
        "elu": lambda v: 1 if v > 0 else alpha * math.exp(v),
        "softplus": sigmoid,
        "gelu_tanh": gelu,
    }
    if name not in functions:
        raise ValueError("name?")
    return np.array([functions[name](float(v)) for v in np.ravel(z)], dtype=float).reshape(np.shape(z))


@right_answer("activation_grad")
def hyperbolic_slopes(name, z, alpha=None):
    """Uses hyperbolic functions, truth values for masks, and the parts of the earlier exercises."""
    if name == "tanh":
        return 1 / np.cosh(np.clip(z, -350, 350)) ** 2
    if name == "sigmoid":
        return 1 / (2 + 2 * np.cosh(np.clip(z, -700, 700)))
    if name == "relu":
        return z > 0
    if name == "softplus":
        return activation("sigmoid", z)  # noqa: F821
    return slope_as_printed(name, z, alpha)


@probe("activation_grad")
def probe_activation_grad(student, look, rng):
    z = np.array([-2.1, -0.6, 0.5, 1.3]) + rng.uniform(0, 0.1)
    for name in ("sigmoid", "tanh", "softplus", "relu"):
        look(name, lambda name=name: np.asarray(student.activation_grad(name, z.copy()), dtype=float).round(8))
        look(
            f"{name} at 0",
            lambda name=name: np.asarray(student.activation_grad(name, np.zeros(2)), dtype=float).round(8),
        )
    for alpha in (0.2, 1.5, -0.4, 0.0):
        for name in ("leaky_relu", "elu"):
            look(
                f"{name}, alpha {alpha}",
                lambda name=name, alpha=alpha: np.asarray(student.activation_grad(name, z.copy(), alpha)).round(8),
            )
    for name in ("leaky_relu", "elu"):
        look(f"{name} at 0", lambda name=name: np.asarray(student.activation_grad(name, np.zeros(2), 0.3)).round(8))
        look(f"{name} without alpha", lambda name=name: student.activation_grad(name, z.copy()))
        look(
            f"{name}, far out",
            lambda name=name: np.asarray(student.activation_grad(name, np.array([-800.0, 800.0]), 0.3)).round(5),
        )
        look(
            f"{name}, integers",
            lambda name=name: np.asarray(student.activation_grad(name, np.array([-2, 1]), 0.3)).round(5),
        )
    look("gelu_tanh", lambda: student.activation_grad("gelu_tanh", z.copy()), band=3e-6)
    look("gelu_tanh, right", lambda: student.activation_grad("gelu_tanh", np.array([2.2])), band=3e-6)
    for name in ("sigmoid", "tanh", "softplus", "relu"):
        integers, far = np.array([-2, 1]), np.array([-800.0, 800.0])
        look(
            f"{name}, integers",
            lambda name=name, z=integers: np.asarray(student.activation_grad(name, z), dtype=float).round(5),
        )
        look(
            f"{name}, far out",
            lambda name=name, z=far: np.asarray(student.activation_grad(name, z), dtype=float).round(5),
        )
    look("all positive", lambda: student.activation_grad("leaky_relu", np.array([0.5, 2.0]), 0.3))
    look("an unknown name", lambda: student.activation_grad("cubic", z.copy()))


# sigmoid_graph_gradients


def unit_gradients(dz, w0=2.0, x0=-1.0, w1=-3.0, x1=-2.0):
    """The five gradients for a given gradient of the sum."""
    return {"w0": dz * x0, "x0": dz * w0, "w1": dz * x1, "x1": dz * w1, "w2": dz}


@mistake("sigmoid_graph_gradients", caught_by="test_gradient_that_passes_the_sigmoid", severity="concept")
def sigmoid_left_out():
    """The gradient passes the sigmoid unchanged.

    What is the local derivative of the sigmoid at z = 1?
    """
    return unit_gradients(1.0)


@mistake("sigmoid_graph_gradients", caught_by="test_gradient_that_passes_the_sigmoid", severity="concept")
def value_of_the_sigmoid():
    """The gradient is multiplied by the value of the sigmoid instead of its derivative.

    How do you get sigma'(1) from sigma(1) = 0.73?
    """
    return unit_gradients(0.7311)


@mistake("sigmoid_graph_gradients", caught_by="test_gradients_of_the_weights", severity="concept")
def own_factor():
    """A product hands its gradient on times the factor itself, not the other one.

    What is the derivative of w x with respect to w?
    """
    dz = 0.1966
    return {"w0": dz * 2, "x0": -dz, "w1": -dz * 3, "x1": -dz * 2, "w2": dz}


@mistake("sigmoid_graph_gradients", caught_by="test_gradients_of_the_inputs", severity="detail")
def sign_lost_at_an_input():
    """The gradient of x1 has the wrong sign.

    Which sign has w1?
    """
    return unit_gradients(0.1966, w1=3.0)


@mistake("sigmoid_graph_gradients", caught_by="test_gradient_that_passes_the_sigmoid", severity="trivial")
def nothing_flows():
    """All gradients are 0.

    With which gradient does the way back begin?
    """
    return dict.fromkeys(("w0", "x0", "w1", "x1", "w2"), 0.0)


@mistake("sigmoid_graph_gradients", caught_by="test_gradients_of_the_weights", severity="concept")
def forward_values():
    """These are the values of the inputs, not their gradients.

    What was to be written on the graph from right to left?
    """
    return {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "w2": -3.0}


@mistake("sigmoid_graph_gradients", caught_by="test_gradients_of_the_inputs", severity="detail")
def only_weights_count():
    """The inputs x0 and x1 have the gradient 0.

    Do x0 and x1 change the output as well, if they change?
    """
    dz = 0.1966
    return {"w0": -dz, "x0": 0.0, "w1": -2 * dz, "x1": 0.0, "w2": dz}


@right_answer("sigmoid_graph_gradients")
def worked_out_on_paper():
    """Numbers worked out with 0.73 for the sigmoid."""
    return {"w0": -0.197, "w1": -0.394, "w2": 0.197, "x0": 0.394, "x1": -0.591}


@right_answer("sigmoid_graph_gradients")
def with_the_exact_sigmoid():
    """Computes the sigmoid's derivative from exponentials, as 0-d arrays."""
    dz = np.exp(-np.array(1.0)) / (1 + np.exp(-np.array(1.0))) ** 2
    return {key: np.asarray(value) for key, value in unit_gradients(dz).items()}


@right_answer("sigmoid_graph_gradients")
def by_differences():
    """Moves each input a little."""
    start = {"w0": 2.0, "x0": -1.0, "w1": -3.0, "x1": -2.0, "w2": -3.0}

    def f(v):
        return 1 / (1 + math.exp(-(v["w0"] * v["x0"] + v["w1"] * v["x1"] + v["w2"])))

    return {key: (f({**start, key: old + 1e-4}) - f({**start, key: old - 1e-4})) / 2e-4 for key, old in start.items()}


@probe("sigmoid_graph_gradients")
def probe_sigmoid_graph_gradients(student, look, rng):
    for key in ("w0", "x0", "w1", "x1", "w2"):
        look(key, lambda key=key: float(student.sigmoid_graph_gradients()[key]), band=0.006)


# forward_dag


@mistake("forward_dag", caught_by="test_order_of_the_arguments", severity="detail")
def parents_sorted(parents, functions):
    """A function gets its arguments in the order of their numbers.

    For which operations does it matter which argument comes first?
    """
    values = []
    for sources, function in zip(parents, functions):
        values.append(function(*[values[source] for source in sorted(sources)]))
    return np.array(values, dtype=float)


@mistake("forward_dag", caught_by="test_values_of_graphs", severity="concept")
def values_in_a_list(parents, functions):
    """A function gets all its parents' values in one list.

    What do separate arguments look like in a call?
    """
    values = []
    for sources, function in zip(parents, functions):
        values.append(function([values[source] for source in sources]) if sources else function())
    return np.array(values, dtype=float)


@mistake("forward_dag", caught_by="test_values_of_graphs", severity="concept")
def all_earlier_nodes(parents, functions):
    """Each function gets the values of all earlier nodes.

    Which nodes is a node computed from?
    """
    values = []
    for sources, function in zip(parents, functions):
        values.append(function(*values) if sources else function())
    return np.array(values, dtype=float)


@mistake("forward_dag", caught_by="test_values_of_graphs", severity="concept")
def only_the_output(parents, functions):
    """Only the value of the last node comes back.

    Which values does the way back need?
    """
    values = []
    for sources, function in zip(parents, functions):
        values.append(function(*[values[source] for source in sources]))
    return values[-1]


@mistake("forward_dag", caught_by="test_values_of_graphs", severity="concept")
def counts_from_one(parents, functions):
    """The numbers of the parents are counted from 1.

    Which number has the first node?
    """
    values = []
    for sources, function in zip(parents, functions):
        values.append(function(*[values[source - 1] for source in sources]))
    return np.array(values, dtype=float)


@mistake("forward_dag", caught_by="test_each_node_is_computed_once", severity="concept")
def computed_again_for_each_consumer(parents, functions):
    """A node is computed again for each of its consumers.

    How often is the first node computed if every node is used by two others?
    """

    def value(i):
        return functions[i](*[value(source) for source in parents[i]])

    return np.array([value(i) for i in range(len(parents))], dtype=float)


@mistake("forward_dag", caught_by="test_values_of_a_long_chain", severity="robustness")
def starts_at_the_output(parents, functions):
    """It starts at the output and calls itself for each parent, node below node.

    How deep may a function call itself, and which order needs no such calls?
    """
    known = {}

    def value(i):
        if i not in known:
            known[i] = functions[i](*[value(source) for source in parents[i]])
        return known[i]

    value(len(parents) - 1)
    return np.array([value(i) for i in range(len(parents))], dtype=float)


@mistake("forward_dag", caught_by="test_values_are_an_array_of_shape_n", severity="robustness")
def values_as_a_list(parents, functions):
    """The values come back as a list.

    Which type does the docstring promise?
    """
    values = []
    for sources, function in zip(parents, functions):
        values.append(function(*[values[source] for source in sources]))
    return values


@mistake("forward_dag", caught_by="test_values_of_graphs", severity="trivial")
def all_nodes_are_zero(parents, functions):
    """All values are 0.

    Who calls the functions?
    """
    return np.zeros(len(parents))


@mistake("forward_dag", caught_by="test_values_are_an_array_of_shape_n", severity="detail")
def values_in_float32(parents, functions):
    """Values are kept in float32, which has seven digits.

    To how many digits do results count?
    """
    values = np.zeros(len(parents), dtype=np.float32)
    for i, function in enumerate(functions):
        values[i] = function(*values[list(parents[i])])
    return values


@mistake("forward_dag", caught_by="test_values_are_an_array_of_shape_n", severity="robustness")
def type_of_the_first_value(parents, functions):
    """All values get the type of the first one, which cuts off fractions if that is an integer.

    What is 4 divided by 3, if both were typed as integers?
    """
    values = []
    for sources, function in zip(parents, functions):
        values.append(function(*[values[source] for source in sources]))
    return np.array(values, dtype=np.asarray(values[0]).dtype)


@right_answer("forward_dag")
def into_an_array(parents, functions):
    """Writes into an array that was made before."""
    u = np.empty(len(parents))
    for i in range(len(u)):
        u[i] = functions[i](*u[list(parents[i])])
    return u


@right_answer("forward_dag")
def from_a_dictionary(parents, functions):
    """Collects values in a dictionary by number."""
    u = {}
    for i, function in enumerate(functions):
        u[i] = function(*map(u.get, parents[i]))
    return np.fromiter(u.values(), dtype=float)


@right_answer("forward_dag")
def with_a_stack(parents, functions):
    """Starts at the last node and keeps what is still to do on a stack."""
    values = [None] * len(parents)
    waiting = list(range(len(parents)))[::-1]
    while waiting:
        missing = [each for each in parents[waiting[-1]] if values[each] is None]
        if missing:
            waiting += missing
            continue
        node = waiting.pop()
        if values[node] is None:
            values[node] = functions[node](*map(values.__getitem__, parents[node]))
    return np.array(values, dtype=float)


@probe("forward_dag")
def probe_forward_dag(student, look, rng):
    a, b = rng.uniform(0.5, 2.0, 2)
    calls = []

    def noting(*values):
        calls.append(1)
        return 1.0 + sum((k + 1) * float(v) for k, v in enumerate(values))

    three = [[], [], [0, 1]]
    look("a difference", lambda: student.forward_dag(three, [lambda: a, lambda: b, lambda x, y: x - y]))
    look("turned round", lambda: student.forward_dag([[], [], [1, 0]], [lambda: a, lambda: b, lambda x, y: x - y]))
    look("a chain", lambda: student.forward_dag([[], [0], [1]], [lambda: a, lambda x: x * b, lambda x: x + 1]))
    look("shared", lambda: student.forward_dag([[], [0], [1, 0], [0, 2]], [noting] * 4))
    look("calls", lambda: len(calls))
    ratio = [lambda: 7, lambda: 3, lambda x, y: x / y]
    look("a quotient of integers", lambda: student.forward_dag(three, ratio))
    look("its digits", lambda: float(abs(float(student.forward_dag(three, ratio)[2]) - 7 / 3) < 1e-9))
    long = [[], *([k] for k in range(1100))]
    functions = [lambda: 2.0, *[student.np.negative] * 1100]
    look("a long chain", lambda: np.asarray(student.forward_dag(long, functions))[:3])


# backprop_dag


@mistake("backprop_dag", caught_by="test_contributions_of_all_consumers_add_up", severity="concept")
def last_consumer_wins(parents, local):
    """A node keeps only what comes from one of its consumers.

    What becomes of the contributions of the others?
    """
    gradient = np.zeros(len(parents))
    gradient[-1] = 1
    for child in reversed(range(len(parents))):
        for parent in parents[child]:
            gradient[parent] = gradient[child] * local[(parent, child)]
    return gradient


@mistake("backprop_dag", caught_by="test_gradients_are_handed_on_when_they_are_complete", severity="concept")
def hands_on_too_early(parents, local):
    """A node hands on what it has so far, and all of it again when more arrives.

    When is the gradient of a node complete?
    """
    gradient = np.zeros(len(parents))
    gradient[-1] = 1
    waiting = [len(parents) - 1]
    while waiting:
        child = waiting.pop()
        for parent in parents[child]:
            gradient[parent] += gradient[child] * local[(parent, child)]
            waiting.append(parent)
    return gradient


@mistake("backprop_dag", caught_by="test_gradients_of_chains_and_trees", severity="concept")
def from_the_first_to_the_last(parents, local):
    """Nodes are finished from the first to the last.

    Whose gradient is known at the beginning?
    """
    gradient = np.zeros(len(parents))
    gradient[-1] = 1
    for child in range(len(parents)):
        for parent in parents[child]:
            gradient[parent] += gradient[child] * local[(parent, child)]
    return gradient


@mistake("backprop_dag", caught_by="test_gradients_of_chains_and_trees", severity="concept")
def upstream_taken_for_one(parents, local):
    """The local derivatives are not multiplied by the gradient that comes from above.

    Which two numbers does the chain rule multiply?
    """
    gradient = np.zeros(len(parents))
    gradient[-1] = 1
    for child in reversed(range(len(parents))):
        for parent in parents[child]:
            gradient[parent] += local[(parent, child)]
    return gradient


@mistake("backprop_dag", caught_by="test_gradients_of_chains_and_trees", severity="concept")
def added_along_the_way(parents, local):
    """Gradient and local derivative are added instead of multiplied.

    What does the chain rule do with the derivatives along a path?
    """
    gradient = np.zeros(len(parents))
    gradient[-1] = 1
    for child in reversed(range(len(parents))):
        for parent in parents[child]:
            gradient[parent] += gradient[child] + local[(parent, child)]
    return gradient


@mistake("backprop_dag", caught_by="test_gradients_of_chains_and_trees", severity="concept")
def first_parent_only(parents, local):
    """Only the first parent of each node gets a gradient.

    How many parents can a node have?
    """
    gradient = np.zeros(len(parents))
    gradient[-1] = 1
    for child in reversed(range(len(parents))):
        for parent in parents[child][:1]:
            gradient[parent] += gradient[child] * local[(parent, child)]
    return gradient


@mistake("backprop_dag", caught_by="test_gradients_of_chains_and_trees", severity="concept")
def key_the_other_way_round(parents, local):
    """The derivatives are looked up with child and parent exchanged.

    In which order do the two numbers stand in a key of local?
    """
    gradient = np.zeros(len(parents))
    gradient[-1] = 1
    for child in reversed(range(len(parents))):
        for parent in parents[child]:
            gradient[parent] += gradient[child] * local[(child, parent)]
    return gradient


@mistake("backprop_dag", caught_by="test_nodes_beside_the_output", severity="detail")
def every_sink_is_an_output(parents, local):
    """Every node without consumers starts with 1, not only the last one.

    Of which node are these the derivatives?
    """
    used = {parent for sources in parents for parent in sources}
    gradient = np.array([0.0 if i in used else 1.0 for i in range(len(parents))])
    for child in reversed(range(len(parents))):
        for parent in parents[child]:
            gradient[parent] += gradient[child] * local[(parent, child)]
    return gradient


@mistake("backprop_dag", caught_by="test_nodes_beside_the_output", severity="detail")
def one_where_nothing_arrives(parents, local):
    """Nodes that the output does not depend on get 1.

    How does the output change with a node that it does not use?
    """
    gradient = np.zeros(len(parents))
    touched = {len(parents) - 1}
    gradient[-1] = 1
    for child in reversed(range(len(parents))):
        for parent in parents[child]:
            if child in touched:
                gradient[parent] += gradient[child] * local[(parent, child)]
                touched.add(parent)
    for i in range(len(parents)):
        if i not in touched:
            gradient[i] = 1
    return gradient


@mistake("backprop_dag", caught_by="test_every_edge_of_many_paths_is_used_once", severity="concept")
def along_every_path(parents, local):
    """It walks along every path from the output.

    How many paths are there if forty nodes in a row can each be reached in two ways?
    """
    gradient = np.zeros(len(parents))
    waiting = [(len(parents) - 1, 1.0)]
    while waiting:
        node, arriving = waiting.pop()
        gradient[node] += arriving
        waiting += [(parent, arriving * local[(parent, node)]) for parent in parents[node]]
    return gradient


@mistake("backprop_dag", caught_by="test_gradients_of_a_long_chain", severity="robustness")
def calls_itself_for_each_consumer(parents, local):
    """It calls itself from node to node, which ends with a long chain.

    How deep may a function call itself, and which order of the nodes needs no such calls?
    """
    consumers = [[child for child, sources in enumerate(parents) if i in sources] for i in range(len(parents))]
    known = {}

    def gradient(i):
        if i not in known:
            start = 1.0 if i == len(parents) - 1 else 0.0
            known[i] = start + sum(gradient(child) * local[(i, child)] for child in consumers[i])
        return known[i]

    return np.array([gradient(i) for i in range(len(parents))])


@mistake("backprop_dag", caught_by="test_gradients_are_an_array_and_nothing_is_modified", severity="robustness")
def edges_are_used_up(parents, local):
    """The local derivatives are taken out of the caller's dictionary.

    Who may want to use local again?
    """
    gradient = np.zeros(len(parents))
    gradient[-1] = 1
    for child in reversed(range(len(parents))):
        for parent in parents[child]:
            gradient[parent] += gradient[child] * local.pop((parent, child))
    return gradient


@mistake("backprop_dag", caught_by="test_gradients_are_an_array_and_nothing_is_modified", severity="robustness")
def gradients_as_a_list(parents, local):
    """The gradients come back as a list.

    Which type does the docstring promise?
    """
    gradient = [0.0] * len(parents)
    gradient[-1] = 1.0
    for child in reversed(range(len(parents))):
        for parent in parents[child]:
            gradient[parent] += gradient[child] * local[(parent, child)]
    return gradient


@mistake("backprop_dag", caught_by="test_gradients_of_chains_and_trees", severity="trivial")
def no_gradient_anywhere(parents, local):
    """All gradients are 0.

    What is the derivative of the output with respect to itself?
    """
    return np.zeros(len(parents))


@mistake("backprop_dag", caught_by="test_every_edge_of_many_paths_is_used_once", severity="concept")
def nearest_to_the_output_first(parents, local):
    """Nodes are finished in the order of their distance from the output, counted along the shortest way.

    Can a node whose shortest way is short still wait for something that takes a longer one?
    """
    gradient = np.zeros(len(parents))
    gradient[-1] = 1
    queue, seen = [len(parents) - 1], {len(parents) - 1}
    while queue:
        node = queue.pop(0)
        for parent in parents[node]:
            gradient[parent] += gradient[node] * local[(parent, node)]
            if parent not in seen:
                seen.add(parent)
                queue.append(parent)
    return gradient


@mistake("backprop_dag", caught_by="test_every_edge_of_many_paths_is_used_once", severity="concept")
def order_of_the_dictionary(parents, local):
    """Edges are used from the last to the first as they stand in local, in whatever order that is.

    Who promises that the edges of later nodes stand behind those of earlier ones?
    """
    gradient = np.zeros(len(parents))
    gradient[-1] = 1
    for (parent, child), slope in reversed(local.items()):
        gradient[parent] += gradient[child] * slope
    return gradient


@mistake("backprop_dag", caught_by="test_gradients_have_nine_digits", severity="detail")
def gradients_in_float32(parents, local):
    """Gradients are kept in float32, which has seven digits.

    To how many digits do results count?
    """
    gradient = np.zeros(len(parents), dtype=np.float32)
    gradient[-1] = 1
    for child in reversed(range(len(parents))):
        for parent in parents[child]:
            gradient[parent] += gradient[child] * local[(parent, child)]
    return gradient


@right_answer("backprop_dag")
def sums_over_consumers(parents, local):
    """Sums over the consumers of each node, as the formula is printed."""
    n = len(parents)
    consumers = {i: [] for i in range(n)}
    for child, sources in enumerate(parents):
        for parent in sources:
            consumers[parent].append(child)
    g = np.zeros(n)
    g[n - 1] = 1.0
    for i in range(n - 2, -1, -1):
        g[i] = sum(g[j] * local[i, j] for j in consumers[i])
    return g


@right_answer("backprop_dag")
def edges_sorted_by_child(parents, local):
    """Goes through the edges, those with the largest child first."""
    g = [0.0] * len(parents)
    g[-1] = 1.0
    for (parent, child), slope in sorted(local.items(), key=lambda edge: -edge[0][1]):
        g[parent] += slope * g[child]
    return np.array(g)


@right_answer("backprop_dag")
def when_all_consumers_are_done(parents, local):
    """Counts unfinished consumers and finishes a node when none is left."""
    left = [0] * len(parents)
    for sources in parents:
        for parent in sources:
            left[parent] += 1
    g = np.zeros(len(parents), dtype=np.float64)
    g[-1] += 1
    ready = [i for i, count in enumerate(left) if count == 0]
    while ready:
        node = ready.pop()
        for parent in parents[node]:
            g[parent] += g[node] * local[(parent, node)]
            left[parent] -= 1
            if left[parent] == 0:
                ready.append(parent)
    return g


class Counted(dict):
    """Local derivatives that count how often they are asked for."""

    asked = 0

    def __getitem__(self, key):
        self.asked += 1
        return super().__getitem__(key)


@probe("backprop_dag")
def probe_backprop_dag(student, look, rng):
    def local(parents):
        return {(parent, child): float(rng.uniform(0.5, 2.0)) for child, each in enumerate(parents) for parent in each}

    graphs = {
        "a single node": [[]],
        "a chain": [[], [0], [1], [2]],
        "a tree": [[], [], [0, 1]],
        "a diamond": [[], [0], [0], [2, 1]],
        "two diamonds": [[], [0], [0], [1, 2], [3], [3], [4, 5]],
        "a dense graph": [[], [0], [1, 0], [0, 2, 1], [3, 1, 2]],
        "beside": [[], [], [0], [0, 1], [0]],
        "alone": [[], [], [1]],
        "a short way and a long one": [[], [0], [0], [2], [1, 3]],
        "and what comes before it": [[], [0], [1], [1], [3], [2, 4]],
    }
    for words, parents in graphs.items():
        edges = local(parents)
        look(words, lambda parents=parents, edges=edges: student.backprop_dag(parents, edges))
    dense = graphs["a dense graph"]
    edges_of_dense = list(local(dense).items())
    mixed = dict(edges_of_dense[1::2] + edges_of_dense[::2])
    look("edges in no order", lambda: student.backprop_dag(dense, mixed))
    thirds = {(0, 1): 1 / 3, (1, 2): 1.0}
    look("digits", lambda: float(abs(float(student.backprop_dag([[], [0], [1]], thirds)[0]) - 1 / 3) < 1e-9))
    chain = [[], *([k] for k in range(1499))]
    look("a long chain", lambda: student.backprop_dag(chain, {(k, k + 1): 1.0 for k in range(1499)})[0])
    rungs = [[]]
    for k in range(8):
        rungs += [[3 * k], [3 * k], [3 * k + 1, 3 * k + 2]]
    edges = {(parent, child): 0.6 for child, sources in enumerate(rungs) for parent in sources}
    look("many paths", lambda: student.backprop_dag(rungs, edges)[0])
    counted = Counted(edges)
    lent = expose(
        counted, methods=("__getitem__", "__len__", "__iter__", "__contains__", "get", "items", "keys", "pop")
    )

    def looked_up():
        student.backprop_dag(rungs, lent)
        return counted.asked > 4 * len(edges)

    look("far more look-ups than edges", looked_up)


# Value


class Pieces:
    """Value cut into pieces, so that a mistake below says only what it does otherwise."""

    def __init__(self, data, sources=()):
        self.data, self.grad, self.sources = data, 0.0, sources

    def of(self, number):
        return number if isinstance(number, Pieces) else type(self)(number)

    def made(self, data, *sources):
        return type(self)(data, sources)

    def __add__(self, other):
        other = self.of(other)
        return self.made(self.data + other.data, (self, 1.0), (other, 1.0))

    def __radd__(self, other):
        return self + other

    def __mul__(self, other):
        other = self.of(other)
        return self.made(self.data * other.data, (self, other.data), (other, self.data))

    def __rmul__(self, other):
        return self * other

    def __sub__(self, other):
        other = self.of(other)
        return self.made(self.data - other.data, (self, 1.0), (other, -1.0))

    def __rsub__(self, other):
        return self.of(other) - self

    def __truediv__(self, other):
        other = self.of(other)
        ratio = self.data / other.data
        return self.made(ratio, (self, 1 / other.data), (other, -ratio / other.data))

    def __rtruediv__(self, other):
        return self.of(other) / self

    def __neg__(self):
        return self.made(-self.data, (self, -1.0))

    def __pow__(self, p):
        return self.made(self.data**p, (self, p * self.data ** (p - 1)))

    def exp(self):
        return self.made(math.exp(self.data), (self, math.exp(self.data)))

    def log(self):
        return self.made(math.log(self.data), (self, 1 / self.data))

    def relu(self):
        return self.made(max(self.data, 0.0), (self, float(self.data > 0)))

    def ordered(self):
        """All that this was computed from, itself last, sources before what is made from them."""
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            node, done = stack.pop()
            if done:
                order.append(node)
            elif id(node) not in seen:
                seen.add(id(node))
                stack.append((node, True))
                stack += [(source, False) for source, _ in node.sources]
        return order

    def backward(self, gradient=1.0):
        flow = {id(self): gradient}
        for node in reversed(self.ordered()):
            arrived = flow.get(id(node), 0.0)
            node.grad += arrived
            for source, slope in node.sources:
                flow[id(source)] = flow.get(id(source), 0.0) + arrived * slope


@mistake("Value", caught_by="test_values_that_are_used_several_times", severity="concept")
class last_use_wins(Pieces):
    """A Value keeps only the gradient that came from one of its uses.

    What becomes of the contribution of the other use in v * v + v?
    """

    def backward(self, gradient=1.0):
        self.grad = gradient
        for node in reversed(self.ordered()):
            for source, slope in node.sources:
                source.grad = node.grad * slope


@mistake("Value", caught_by="test_many_paths_of_values", severity="concept")
class sends_on_what_it_has_so_far(Pieces):
    """A Value sends on its gradient each time that something arrives, what was sent before included.

    When has a Value heard of all its uses?
    """

    def backward(self, gradient=1.0):
        self.grad += gradient
        waiting = [self]
        while waiting:
            node = waiting.pop()
            for source, slope in node.sources:
                source.grad += node.grad * slope
                waiting.append(source)


@mistake("Value", caught_by="test_values_that_are_used_several_times", severity="concept")
class local_derivatives_only(Pieces):
    """Local derivatives are added up without the gradient that comes from above.

    Which two numbers does the chain rule multiply?
    """

    def backward(self, gradient=1.0):
        self.grad += gradient
        for node in reversed(self.ordered()):
            for source, slope in node.sources:
                source.grad += slope


@mistake("Value", caught_by="test_several_calls_of_backward_add_up", severity="detail")
class sends_old_gradients_again(Pieces):
    """The second call sends on the gradients that the first call has left in between.

    Which part of a node's grad belongs to this call?
    """

    def backward(self, gradient=1.0):
        self.grad += gradient
        for node in reversed(self.ordered()):
            for source, slope in node.sources:
                source.grad += node.grad * slope


@mistake("Value", caught_by="test_several_calls_of_backward_add_up", severity="detail")
class starts_from_zero_again(Pieces):
    """Each call of backward forgets what earlier calls have found.

    What is to be in grad after two calls?
    """

    def backward(self, gradient=1.0):
        for node in self.ordered():
            node.grad = 0.0
        super().backward(gradient)


@mistake("Value", caught_by="test_a_gradient_from_above", severity="detail")
class gradient_from_above_ignored(Pieces):
    """The gradient that backward is given plays no part.

    What is the derivative of 3 y with respect to x, if that of y is known?
    """

    def backward(self, gradient=1.0):
        super().backward(1.0)


@mistake("Value", caught_by="test_long_chains_of_values", severity="robustness")
class order_by_recursion(Pieces):
    """The order of the nodes is found by a function that calls itself, which ends with a long chain.

    How deep may a function call itself, and what could a list of nodes do instead?
    """

    def ordered(self):
        order, seen = [], set()

        def visit(node):
            if id(node) not in seen:
                seen.add(id(node))
                for source, _ in node.sources:
                    visit(source)
                order.append(node)

        visit(self)
        return order


@mistake("Value", caught_by="test_gradients_of_operations_with_two_operands", severity="detail")
class sign_lost_in_a_quotient(Pieces):
    """The gradient of a denominator has the wrong sign.

    Does a quotient grow or fall when its denominator grows?
    """

    def __truediv__(self, other):
        other = self.of(other)
        ratio = self.data / other.data
        return self.made(ratio, (self, 1 / other.data), (other, ratio / other.data))


@mistake("Value", caught_by="test_gradients_of_operations_with_two_operands", severity="concept")
class own_factor_in_a_product(Pieces):
    """A product hands its gradient on times the factor itself, not the other one.

    What is the derivative of a b with respect to a?
    """

    def __mul__(self, other):
        other = self.of(other)
        if other is self:
            return self**2
        return self.made(self.data * other.data, (self, self.data), (other, other.data))

    def __rmul__(self, other):
        return super().__mul__(other)


@mistake("Value", caught_by="test_gradients_of_operations_with_two_operands", severity="detail")
class difference_like_a_sum(Pieces):
    """Both sides of a difference get the same gradient.

    What happens to a - b when b grows?
    """

    def __sub__(self, other):
        other = self.of(other)
        return self.made(self.data - other.data, (self, 1.0), (other, 1.0))


@mistake("Value", caught_by="test_plain_numbers_on_either_side", severity="detail")
class reflected_like_the_plain_ones(Pieces):
    """A number on the left of - and / is treated as if it stood on the right.

    Is 2 - v the same as v - 2?
    """

    def __rsub__(self, other):
        return self - other

    def __rtruediv__(self, other):
        return self / other


@mistake("Value", caught_by="test_plain_numbers_on_either_side", severity="detail")
class no_numbers_on_the_left(Pieces):
    """Plain numbers on the left of an operator are not understood.

    Which method does Python call for 2 - v?
    """

    __radd__ = __rsub__ = __rmul__ = __rtruediv__ = None


@mistake("Value", caught_by="test_gradients_of_operations_with_one_operand", severity="detail")
class power_without_its_factor(Pieces):
    """The derivative of a power lacks the exponent as a factor.

    What is the derivative of v**3?
    """

    def __pow__(self, p):
        return self.made(self.data**p, (self, self.data ** (p - 1)))


@mistake("Value", caught_by="test_gradients_of_operations_with_one_operand", severity="detail")
class logarithm_with_slope_of_its_value(Pieces):
    """The derivative of the logarithm is one over its value, not over its argument.

    What is the derivative of log(v)?
    """

    def log(self):
        return self.made(math.log(self.data), (self, 1 / math.log(self.data)))


@mistake("Value", caught_by="test_gradients_of_operations_with_one_operand", severity="detail")
class relu_of_zero_has_slope_one(Pieces):
    """The derivative of relu is 1 at exactly 0.

    What does the docstring of relu say about 0?
    """

    def relu(self):
        return self.made(max(self.data, 0.0), (self, float(self.data >= 0)))


@mistake("Value", caught_by="test_gradients_of_operations_with_one_operand", severity="detail")
class exponential_with_slope_of_its_argument(Pieces):
    """The derivative of exp is its argument and not its value.

    Which function is its own derivative?
    """

    def exp(self):
        return self.made(math.exp(self.data), (self, self.data))


@mistake("Value", caught_by="test_values_that_are_used_several_times", severity="concept")
class sum_in_place(Pieces):
    """A sum changes its left operand instead of making a new Value.

    What is v after v + 1?
    """

    def __add__(self, other):
        other = self.of(other)
        self.data += other.data
        self.sources = (*self.sources, (other, 1.0))
        return self

    def backward(self, gradient=1.0):
        super().backward(gradient)


@mistake("Value", caught_by="test_gradients_of_operations_with_two_operands", severity="concept")
class backward_does_nothing(Pieces):
    """backward leaves every gradient at 0.

    What does a Value know about where it came from?
    """

    def backward(self, gradient=1.0):
        self.grad = 0.0


@mistake("Value", caught_by="test_gradients_of_operations_with_two_operands", severity="concept")
class one_level_deep(Pieces):
    """backward stops at the Values that this one was directly made from.

    Who hands the gradient on to what those were made from?
    """

    def __sub__(self, other):
        return self + self.of(other) * -1.0

    def __truediv__(self, other):
        return self * self.of(other) ** -1

    def backward(self, gradient=1.0):
        self.grad += gradient
        for source, slope in self.sources:
            source.grad += gradient * slope


@mistake("Value", caught_by="test_many_paths_of_values", severity="concept")
class every_path_on_its_own(Pieces):
    """backward calls itself for every operand, and so walks along every path.

    How many paths are there, if forty Values in a row are each used twice by the next one?
    """

    def backward(self, gradient=1.0):
        self.grad += gradient
        for source, slope in self.sources:
            source.backward(gradient * slope)


@mistake("Value", caught_by="test_many_paths_of_values", severity="concept")
class nearest_first(Pieces):
    """Values are finished in the order of their distance from the result, counted along the shortest way.

    Can a Value whose shortest way is short still wait for something that takes a longer one?
    """

    def backward(self, gradient=1.0):
        flow, queue, seen = {id(self): gradient}, [self], {id(self)}
        while queue:
            node = queue.pop(0)
            node.grad += flow[id(node)]
            for source, slope in node.sources:
                flow[id(source)] = flow.get(id(source), 0.0) + flow[id(node)] * slope
                if id(source) not in seen:
                    seen.add(id(source))
                    queue.append(source)


@mistake("Value", caught_by="test_many_paths_of_values", severity="concept")
class operands_in_a_set(Pieces):
    """An operand that stands on both sides of one operation is counted once.

    How many operands has v * v, and how many elements has a set of them?
    """

    def backward(self, gradient=1.0):
        flow = {id(self): gradient}
        for node in reversed(self.ordered()):
            arrived = flow.get(id(node), 0.0)
            node.grad += arrived
            for source, slope in dict(node.sources).items():
                flow[id(source)] = flow.get(id(source), 0.0) + arrived * slope


@mistake("Value", caught_by="test_values_that_are_used_several_times", severity="concept")
class factor_of_itself_counted_once(Pieces):
    """A product of a Value with itself hands on one contribution and not two.

    Through how many factors does v * v depend on v, and how many entries has a dictionary of them?
    """

    def __mul__(self, other):
        other = self.of(other)
        factors = {id(self): (self, other.data), id(other): (other, self.data)}
        return self.made(self.data * other.data, *factors.values())


@mistake("Value", caught_by="test_gradients_of_operations_with_one_operand", severity="detail")
class power_divided_by_its_base(Pieces):
    """The derivative of a power divides by the number itself, which may be 0.

    What is the derivative of v**2 at 0, and can it be written without dividing by v?
    """

    def __pow__(self, p):
        return self.made(self.data**p, (self, p * self.data**p / self.data))


@mistake("Value", caught_by="test_values_have_nine_digits", severity="robustness")
class numbers_in_float32(Pieces):
    """Numbers are kept in float32, which has seven digits.

    To how many digits do results count, and how many has an ordinary number of Python?
    """

    def __init__(self, data, sources=()):
        super().__init__(np.float32(data), sources)


@right_answer("Value")
class numbered_in_order(Pieces):
    """Gives each Value a number when it is made, and goes back from the largest number."""

    made_so_far = 0

    def __init__(self, data, sources=()):
        super().__init__(np.asarray(data, dtype=float), sources)
        Pieces.count = getattr(Pieces, "count", 0) + 1
        self.number = Pieces.count

    def backward(self, gradient=1.0):
        nodes, todo = {self.number: self}, [self]
        while todo:
            for source, _ in todo.pop().sources:
                if source.number not in nodes:
                    nodes[source.number] = source
                    todo.append(source)
        flow = dict.fromkeys(nodes, 0.0)
        flow[self.number] = gradient
        for number in sorted(nodes, reverse=True):
            nodes[number].grad = nodes[number].grad + flow[number]
            for source, slope in nodes[number].sources:
                flow[source.number] += flow[number] * slope


@right_answer("Value")
class built_from_a_few:
    """Has closures for the way back, and makes every operator from sum, product and power."""

    def __init__(self, data):
        self.data = float(data)
        self.grad = 0.0
        self._from = ()
        self._push = lambda arrived, send: None

    def _result(self, data, sources, push):
        result = type(self)(data)
        result._from, result._push = sources, push
        return result

    def _lift(self, other):
        return other if isinstance(other, type(self)) else type(self)(other)

    def __add__(self, other):
        other = self._lift(other)

        def push(arrived, send):
            send(self, arrived)
            send(other, arrived)

        return self._result(self.data + other.data, (self, other), push)

    def __mul__(self, other):
        other = self._lift(other)

        def push(arrived, send):
            send(self, arrived * other.data)
            send(other, arrived * self.data)

        return self._result(self.data * other.data, (self, other), push)

    def __pow__(self, p):
        return self._result(self.data**p, (self,), lambda arrived, send: send(self, arrived * p * self.data ** (p - 1)))

    def exp(self):
        e = np.exp(self.data)
        return self._result(e, (self,), lambda arrived, send: send(self, arrived * e))

    def log(self):
        return self._result(np.log(self.data), (self,), lambda arrived, send: send(self, arrived / self.data))

    def relu(self):
        on = self.data > 0
        return self._result(self.data if on else 0.0, (self,), lambda arrived, send: send(self, arrived if on else 0.0))

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + (-self._lift(other))

    def __truediv__(self, other):
        return self * self._lift(other) ** -1

    def __radd__(self, other):
        return self + other

    def __rmul__(self, other):
        return self * other

    def __rsub__(self, other):
        return self._lift(other) - self

    def __rtruediv__(self, other):
        return self._lift(other) / self

    def backward(self, gradient=1.0):
        order, seen, stack = [], set(), [self]
        while stack:
            node = stack[-1]
            fresh = [each for each in node._from if each not in seen] if node not in seen else []
            seen.add(node)
            if fresh:
                stack.extend(fresh)
            else:
                stack.pop()
                if node not in order[-1:] and not getattr(node, "_listed", False):
                    node._listed = True
                    order.append(node)
        arrived = {node: 0.0 for node in order}
        arrived[self] = gradient

        def send(node, amount):
            arrived[node] += amount

        for node in reversed(order):
            node._listed = False
            node.grad += arrived[node]
            node._push(arrived[node], send)


@right_answer("Value")
class carries_all_derivatives(Pieces):
    """Keeps a sorted tape of everything that was ever made and goes through it from the back."""

    tape = []  # noqa: RUF012

    def __init__(self, data, sources=()):
        super().__init__(data, tuple(sources))
        self.place = len(self.tape)
        self.tape.append(self)

    def backward(self, gradient=1.0):
        flow = np.zeros(self.place + 1)
        flow[self.place] = gradient
        for place in range(self.place, -1, -1):
            if flow[place]:
                node = self.tape[place]
                node.grad += float(flow[place])
                for source, slope in node.sources:
                    flow[source.place] += flow[place] * slope


@right_answer("Value")
class grads_put_aside(Pieces):
    """Works in the grads themselves, from 0, and adds what was there before at the end."""

    def backward(self, gradient=1.0):
        order = self.ordered()
        before = [node.grad for node in order]
        for node in order:
            node.grad = 0.0
        self.grad = gradient
        for node in order[::-1]:
            for source, slope in node.sources:
                source.grad += node.grad * slope
        for node, old in zip(order, before, strict=True):
            node.grad += old


@probe("Value")
def probe_value(student, look, rng):
    a, b = (float(each) for each in rng.uniform(0.6, 1.6, 2))

    def tried(words, build, *numbers, gradient=None, calls=1):
        leaves = []

        def run():
            leaves[:] = [student.Value(number) for number in numbers]
            result = build(*leaves)
            for _ in range(calls):
                result.backward(*(() if gradient is None else (gradient,)))
            return [float(np.asarray(each)) for each in (result.data, *(leaf.grad for leaf in leaves))]

        look(words, run)

    for name in ("add", "sub", "mul", "truediv"):
        tried(name, lambda x, y, name=name: operate(name, x, y), a, -b)
        for side in (name, f"r{name}"):
            tried(f"{side} with a number", lambda x, side=side: operate(side, x, 2.5), a)
    tried("pow", lambda x: operate("pow", x, 3), -a)
    tried("pow of 0", lambda x: operate("pow", x, 2), 0.0)
    tried("neg", lambda x: operate("neg", x), a)
    tried("exp", lambda x: x.exp(), a)
    tried("log", lambda x: x.log(), a + 1)
    for number in (a, -a, 0.0):
        tried("relu", lambda x: x.relu(), number)

    def square(x):
        return operate("mul", x, x)

    tried("used twice", lambda x: operate("add", square(x), x), a)
    tried("used twice, deeper", lambda x: square(operate("add", square(operate("mul", x, 2.0)), x)), a)
    tried("from above", square, a, gradient=3.0)
    tried("twice", lambda x: square(operate("mul", x, 3.0)), a, calls=2)

    def wide(x, n=12):
        for _ in range(n):
            x = operate("add", operate("mul", x, 0.4), operate("mul", x, 0.5))
        return x

    def long(x):
        return student.np.sum([x] * 1050)

    def in_between():
        x = student.Value(a)
        y = operate("mul", x, 2.0)
        z = square(y)
        z.backward()
        return [float(np.asarray(each.grad)) for each in (x, y, z)]

    def crowded(first):
        """A large gradient and thousands of tiny ones: added one by one to it, they are lost."""
        x = student.Value(1.0)
        y = wide(operate("mul", x, 1e-16 / 0.45**12))
        operate("add", *((x, y) if first else (y, x))).backward()
        return round((float(np.asarray(x.grad)) - 1) * 1e13, 1)

    tried("many paths", wide, a)
    tried("a long chain", long, a)
    for first in (True, False):
        look(f"crumbs, {first}", lambda first=first: crowded(first))
    look("in between", in_between)

    def operand_afterwards():
        x = student.Value(a)
        operate("add", x, 1.0)
        return float(np.asarray(x.data))

    look("an operand afterwards", operand_afterwards)
    look("digits", lambda: float(abs(float(np.asarray(operate("add", student.Value(a), b).data)) - a - b) < 1e-9))


# Dense


class Layer:
    """Dense cut into pieces."""

    def __init__(self, n_in, n_out, rng):
        self.W, self.b = self.drawn(n_in, n_out, rng), np.zeros(n_out)

    def drawn(self, n_in, n_out, rng):
        return rng.normal(0, 1 / np.sqrt(n_in), (n_in, n_out))

    def forward(self, X):
        self.X = X
        return X @ self.W + self.b

    def backward(self, dout):
        self.dW, self.db = self.of_the_weights(dout), self.of_the_biases(dout)
        return self.of_the_inputs(dout)

    def of_the_weights(self, dout):
        return self.X.T @ dout

    def of_the_biases(self, dout):
        return dout.sum(axis=0)

    def of_the_inputs(self, dout):
        return dout @ self.W.T


@mistake("Dense", caught_by="test_what_backward_returns", severity="concept")
class back_through_w_itself(Layer):
    """The gradient goes back through W as it went forward.

    Which shape has dout, and which product with W gives the shape of X?
    """

    def of_the_inputs(self, dout):
        return dout @ self.W


@mistake("Dense", caught_by="test_gradient_of_the_biases", severity="detail")
class biases_averaged(Layer):
    """db is the mean over the examples and not the sum.

    Where does the 1/N of the mean loss stand already?
    """

    def of_the_biases(self, dout):
        return dout.mean(axis=0)


@mistake("Dense", caught_by="test_gradient_of_the_biases", severity="detail")
class biases_not_summed(Layer):
    """db has a row for every example.

    How many consumers has a bias in a batch of N examples?
    """

    def of_the_biases(self, dout):
        return dout


@mistake("Dense", caught_by="test_gradient_of_the_biases", severity="detail")
class biases_summed_over_outputs(Layer):
    """db is summed over the outputs and not over the examples.

    Which axis of dout counts the examples?
    """

    def of_the_biases(self, dout):
        return dout.sum(axis=1)


@mistake("Dense", caught_by="test_gradient_of_the_weights", severity="detail")
class weights_averaged(Layer):
    """dW is divided by the number of examples.

    Where does the 1/N of the mean loss stand already?
    """

    def of_the_weights(self, dout):
        return self.X.T @ dout / len(dout)


@mistake("Dense", caught_by="test_gradient_of_the_weights", severity="concept")
class everything_averaged(Layer):
    """dW and db are divided by the number of examples.

    Where does the 1/N of the mean loss stand already?
    """

    def of_the_weights(self, dout):
        return self.X.T @ dout / len(dout)

    def of_the_biases(self, dout):
        return dout.mean(axis=0)


@mistake("Dense", caught_by="test_gradient_of_the_weights", severity="detail")
class weights_transposed(Layer):
    """dW has the shape of the transpose of W.

    Which of the two products of X and dout has the shape of W?
    """

    def of_the_weights(self, dout):
        return dout.T @ self.X


@mistake("Dense", caught_by="test_backward_overwrites", severity="detail")
class gradients_accumulate(Layer):
    """dW and db add up from call to call.

    What does the docstring of backward say about several calls?
    """

    def __init__(self, n_in, n_out, rng):
        super().__init__(n_in, n_out, rng)
        self.dW, self.db = np.zeros((n_in, n_out)), np.zeros(n_out)

    def backward(self, dout):
        self.dW = self.dW + self.X.T @ dout
        self.db = self.db + dout.sum(axis=0)
        return dout @ self.W.T


@mistake("Dense", caught_by="test_backward_overwrites", severity="detail")
class first_input_kept(Layer):
    """backward uses the X of the first forward.

    Which X belongs to the dout that comes in?
    """

    def forward(self, X):
        if not hasattr(self, "X"):
            self.X = X
        return X @ self.W + self.b

    def of_the_weights(self, dout):
        return self.X.T[:, : len(dout)] @ dout[: len(self.X)]


@mistake("Dense", caught_by="test_forward_is_affine", severity="detail")
class bias_left_out(Layer):
    """The bias is not added.

    What does the layer return for an X of zeros?
    """

    def forward(self, X):
        self.X = X
        return X @ self.W


@mistake("Dense", caught_by="test_forward_is_affine", severity="concept")
class weights_as_out_by_in(Layer):
    """W has the shape (n_out, n_in).

    Which shape of W does X W need if examples are rows?
    """

    def drawn(self, n_in, n_out, rng):
        return rng.normal(0, 1 / np.sqrt(n_in), (n_out, n_in))

    def forward(self, X):
        self.X = X
        return X @ self.W.T + self.b

    def of_the_inputs(self, dout):
        return dout @ self.W

    def of_the_weights(self, dout):
        return dout.T @ self.X


@mistake("Dense", caught_by="test_weights_are_drawn_as_announced", severity="detail")
class variance_for_standard_deviation(Layer):
    """The variance is passed on where NumPy expects the standard deviation.

    What is the second argument of rng.normal?
    """

    def drawn(self, n_in, n_out, rng):
        return rng.normal(0, 1 / n_in, (n_in, n_out))


@mistake("Dense", caught_by="test_weights_are_drawn_as_announced", severity="detail")
class scaled_by_the_outputs(Layer):
    """The variance of W is 1 / n_out.

    How many terms does each entry of X W add up?
    """

    def drawn(self, n_in, n_out, rng):
        return rng.normal(0, 1 / np.sqrt(n_out), (n_in, n_out))


@mistake("Dense", caught_by="test_weights_are_drawn_as_announced", severity="detail")
class uniform_weights(Layer):
    """W is uniform and not normal, with the right mean and variance.

    Which distribution does the docstring name?
    """

    def drawn(self, n_in, n_out, rng):
        return rng.uniform(-1, 1, (n_in, n_out)) * np.sqrt(3 / n_in)


@mistake("Dense", caught_by="test_weights_are_drawn_as_announced", severity="detail")
class standard_normal_weights(Layer):
    """The variance of W is 1, whatever the number of inputs.

    How does the size of X W grow with the number of inputs?
    """

    def drawn(self, n_in, n_out, rng):
        return rng.standard_normal((n_in, n_out))


@mistake("Dense", caught_by="test_weights_are_drawn_as_announced", severity="detail")
class one_unit_for_all(Layer):
    """All outputs start with the same weights.

    What do two units learn that start alike?
    """

    def drawn(self, n_in, n_out, rng):
        return np.repeat(rng.normal(0, 1 / np.sqrt(n_in), (n_in, 1)), n_out, axis=1)


@mistake("Dense", caught_by="test_weights_come_from_the_generator", severity="robustness")
class generator_of_its_own(Layer):
    """W comes from a generator that the layer makes itself, always with the same seed.

    What do two layers of the same shape look like at the start?
    """

    def drawn(self, n_in, n_out, rng):
        return np.random.default_rng(0).normal(0, 1 / np.sqrt(n_in), (n_in, n_out))


@mistake("Dense", caught_by="test_weights_come_from_the_generator", severity="robustness")
class global_generator(Layer):
    """W comes from NumPy's global generator and not from rng.

    What does the caller expect who passes the same rng again?
    """

    def drawn(self, n_in, n_out, rng):
        return np.random.normal(0, 1 / np.sqrt(n_in), (n_in, n_out))


@mistake("Dense", caught_by="test_shapes_of_parameters_and_gradients", severity="robustness")
class biases_in_a_row(Layer):
    """db is a table with one row.

    Which shape has b?
    """

    def of_the_biases(self, dout):
        return dout.sum(axis=0, keepdims=True)


@mistake("Dense", caught_by="test_layers_share_nothing", severity="robustness")
class input_shared_by_all_layers(Layer):
    """The remembered X belongs to the class and not to the layer.

    What does the first of two layers find when backward comes to it?
    """

    def forward(self, X):
        type(self).X = X
        return X @ self.W + self.b


@mistake("Dense", caught_by="test_what_backward_returns", severity="detail")
class nothing_returned(Layer):
    """backward does not return the gradient of its input.

    What does the layer below work with?
    """

    def backward(self, dout):
        self.dW, self.db, self.dX = self.X.T @ dout, dout.sum(axis=0), dout @ self.W.T


@mistake("Dense", caught_by="test_what_backward_returns", severity="concept")
class silent_layer(Layer):
    """Everything that comes back is 0.

    What does a layer compute?
    """

    def forward(self, X):
        self.shape = X.shape
        return np.zeros((len(X), len(self.b)))

    def backward(self, dout):
        self.dW, self.db = np.zeros(self.W.shape), np.zeros(self.b.shape)
        return np.zeros(self.shape)


@mistake("Dense", caught_by="test_shapes_of_parameters_and_gradients", severity="robustness")
class axes_of_length_one_dropped(Layer):
    """Axes of length 1 are dropped, so that a layer with one output has gradients of another shape.

    Which shape has W, if there is one output, and which should its gradient have?
    """

    def backward(self, dout):
        self.dW, self.db = np.squeeze(self.of_the_weights(dout)), np.squeeze(self.of_the_biases(dout))
        return np.squeeze(self.of_the_inputs(dout))


@right_answer("Dense")
class written_with_einsum(Layer):
    """Writes the sums with einsum, keeps a copy of X and draws standard normal numbers first."""

    def drawn(self, n_in, n_out, rng):
        return rng.standard_normal((n_in, n_out)) * n_in**-0.5

    def forward(self, X):
        self.kept = np.array(X)
        return np.einsum("ni,ij->nj", self.kept, self.W) + self.b[None]

    def of_the_weights(self, dout):
        return np.einsum("ni,nj->ij", self.kept, dout)

    def of_the_biases(self, dout):
        return np.einsum("nj->j", dout)

    def of_the_inputs(self, dout):
        return np.einsum("nj,ij->ni", dout, self.W)


@right_answer("Dense")
class one_example_at_a_time:
    """Loops over the examples and adds up outer products."""

    def __init__(self, n_in, n_out, rng):
        self.W = np.array([rng.normal(scale=math.sqrt(1 / n_in), size=n_out) for _ in range(n_in)])
        self.b = np.array([0.0] * n_out)
        self.dW = self.db = None

    def forward(self, X):
        self.rows = [np.array(row, dtype=float) for row in X]
        return np.array([row.dot(self.W) + self.b for row in self.rows])

    def backward(self, dout):
        dW, db, dX = np.zeros(self.W.shape), np.zeros(len(self.b)), []
        for row, d in zip(self.rows, dout):
            dW += np.outer(row, d)
            db += d
            dX.append(self.W.dot(d))
        self.dW, self.db = dW, db
        return np.array(dX)


@right_answer("Dense")
class biases_as_one_more_input(Layer):
    """Has a column of ones beside X, and splits the gradient of the larger table."""

    def forward(self, X):
        self.wide = np.column_stack([X, np.ones(len(X))])
        return self.wide @ np.vstack([self.W, self.b])

    def backward(self, dout):
        both = self.wide.T @ dout
        self.dW, self.db = both[:-1], both[-1]
        return np.array([self.W @ row for row in dout])


@probe("Dense")
def probe_dense(student, look, rng):
    X, dout = rng.uniform(0.5, 2.0, (4, 3)), rng.uniform(0.5, 2.0, (4, 2))
    W, b = rng.uniform(-1, 1, (3, 2)), rng.uniform(0.5, 1.0, 2)

    def layer():
        made = student.Dense(3, 2, np.random.default_rng(3))
        set_attr(made, "W", W)
        set_attr(made, "b", b)
        return made

    def backward(*batches):
        made = layer()
        for each, gradient in batches:
            made.forward(each)
            returned = made.backward(gradient)
        return made, returned

    def two_layers():
        first, second = layer(), layer()
        first.forward(X)
        second.forward(X[::-1] + 1)
        first.backward(dout)
        return first.dW

    both = (X, dout), (X[1:3] + 1, dout[2:])

    def statistics(seed):
        big = np.asarray(student.Dense(150, 60, np.random.default_rng(seed)).W)
        spread = max(float(np.mean(big**2)), 1e-300)
        return [
            spread,
            float(np.mean(big**4)) / spread**2,
            float(np.ptp(big, axis=1).max() > 0),
        ]

    look("shapes", lambda: [list(np.shape(getattr(layer(), name))) for name in ("W", "b")])
    look("shape of W as made", lambda: list(np.shape(student.Dense(3, 2, np.random.default_rng(3)).W)))
    look("variance", lambda: statistics(5)[0] * 150, band=0.1)
    look("kurtosis", lambda: statistics(5)[1], band=0.3)
    look("units differ", lambda: statistics(5)[2])
    generator = np.random.default_rng(4)
    look("generator", lambda: np.shape(student.Dense(3, 2, generator).W)[0], generator=generator)
    look("forward", lambda: layer().forward(X))
    look("what backward returns", lambda: backward((X, dout))[1])
    look("dW", lambda: backward((X, dout))[0].dW)
    look("db", lambda: backward((X, dout))[0].db)
    look("dW of a second pass", lambda: backward(*both)[0].dW)
    look("db of a second pass", lambda: backward(*both)[0].db)
    look("two layers", two_layers)

    def single():
        made = student.Dense(3, 1, np.random.default_rng(3))
        made.forward(X)
        made.backward(dout[:, :1])
        return [list(np.shape(made.dW)), list(np.shape(made.db))]

    look("shapes with one output", single)


# mlp_loss_and_grads


def there_and_back(params, X, y, activation, loss_of=None, through=None, at=None, of_w=None, of_b=None, last=False):
    """The whole network in pieces; each option replaces one of them."""
    loss_of = loss_of or softmax_loss  # noqa: F821
    through = through or (lambda dout, W: dout @ W.T)
    at = at or (lambda z, depth: act_grad(activation, z))  # noqa: F821
    of_w = of_w or (lambda a, dout: a.T @ dout)
    of_b = of_b or (lambda dout: dout.sum(axis=0))
    inputs, zs = [X], []
    for W, b in params[:-1]:
        zs.append(inputs[-1] @ W + b)
        inputs.append(act(activation, zs[-1]))  # noqa: F821
    W, b = params[-1]
    scores = inputs[-1] @ W + b
    loss, dout = loss_of(act(activation, scores) if last else scores, y)  # noqa: F821
    if last:
        dout = dout * act_grad(activation, scores)  # noqa: F821
    grads = []
    for k in range(len(params) - 1, -1, -1):
        grads.insert(0, (of_w(inputs[k], dout), of_b(dout)))
        if k:
            dout = through(dout, params[k][0]) * at(zs[k - 1], len(params) - k)
    return loss, grads


@mistake("mlp_loss_and_grads", caught_by="test_loss_of_networks", severity="concept")
def summed_over_the_examples(params, X, y, activation):
    """Loss and gradients are sums over the examples and not means.

    What happens to the loss if every example appears twice?
    """

    def summed(Z, y):
        loss, dZ = softmax_loss(Z, y)  # noqa: F821
        return loss * len(y), dZ * len(y)

    return there_and_back(params, X, y, activation, loss_of=summed)


@mistake("mlp_loss_and_grads", caught_by="test_gradients_of_the_last_layer", severity="concept")
def divided_by_n_twice(params, X, y, activation):
    """The gradients are divided by the number of examples once more.

    Where does the 1/N stand already?
    """
    n = len(X)
    return there_and_back(
        params, X, y, activation, of_w=lambda a, dout: a.T @ dout / n, of_b=lambda dout: dout.mean(axis=0)
    )


@mistake("mlp_loss_and_grads", caught_by="test_loss_of_networks", severity="detail")
def loss_divided_by_classes_too(params, X, y, activation):
    """The loss is divided by the number of classes as well, and the gradients are not.

    Do loss and gradients agree when you check them by differences?
    """
    loss, grads = there_and_back(params, X, y, activation)
    return loss / len(params[-1][1]), grads


@mistake("mlp_loss_and_grads", caught_by="test_gradients_of_a_hidden_layer", severity="concept")
def activation_not_differentiated(params, X, y, activation):
    """On the way back, activations are passed as if they were not there.

    Which factor does a unit with the activation phi put into the chain?
    """
    return there_and_back(params, X, y, activation, at=lambda z, depth: 1.0)


@mistake("mlp_loss_and_grads", caught_by="test_gradients_of_a_hidden_layer", severity="concept")
def derivative_at_the_output(params, X, y, activation):
    """The derivative of the activation is taken at its output and not at the pre-activation.

    Which argument does activation_grad expect?
    """
    return there_and_back(
        params,
        X,
        y,
        activation,
        at=lambda z, depth: act_grad(activation, act(activation, z)),  # noqa: F821
    )


@mistake("mlp_loss_and_grads", caught_by="test_gradients_of_a_hidden_layer", severity="concept")
def multiplied_by_the_activation(params, X, y, activation):
    """On the way back it is multiplied by the activation and not by its derivative.

    Which factor does the chain rule put where phi stood?
    """
    return there_and_back(params, X, y, activation, at=lambda z, depth: act(activation, z))  # noqa: F821


@mistake("mlp_loss_and_grads", caught_by="test_gradients_of_deep_networks", severity="detail")
def only_the_last_hidden_layer_bends(params, X, y, activation):
    """The derivative of the activation is used in the last hidden layer only.

    What lies between the second-last hidden layer and the one above it?
    """
    return there_and_back(
        params,
        X,
        y,
        activation,
        at=lambda z, depth: act_grad(activation, z) if depth == 1 else 1.0,  # noqa: F821
    )


@mistake("mlp_loss_and_grads", caught_by="test_gradients_of_deep_networks", severity="detail")
def only_two_layers_learn(params, X, y, activation):
    """Only the last two layers get a gradient, all others get 0.

    How many turns does the way back take if there are three layers, or five?
    """
    loss, grads = there_and_back(params, X, y, activation)
    return loss, [(dW * 0, db * 0) if k < len(params) - 2 else (dW, db) for k, (dW, db) in enumerate(grads)]


@mistake("mlp_loss_and_grads", caught_by="test_gradients_of_a_hidden_layer", severity="concept")
def stepped_before_going_down(params, X, y, activation):
    """The weights are changed before the gradient has passed through them.

    Which W does the chain rule want, the one that made the scores or the next one?
    """
    inputs, zs = [X], []
    for W, b in params[:-1]:
        zs.append(inputs[-1] @ W + b)
        inputs.append(act(activation, zs[-1]))  # noqa: F821
    loss, dout = softmax_loss(inputs[-1] @ params[-1][0] + params[-1][1], y)  # noqa: F821
    grads = []
    for k in range(len(params) - 1, -1, -1):
        dW = inputs[k].T @ dout
        grads.insert(0, (dW, dout.sum(axis=0)))
        if k:
            W = params[k][0] - 0.5 * dW
            dout = dout @ W.T * act_grad(activation, zs[k - 1])  # noqa: F821
    return loss, grads


@mistake("mlp_loss_and_grads", caught_by="test_networks_with_every_activation", severity="concept")
def always_relu(params, X, y, activation):
    """The hidden units are ReLUs, whatever is asked for.

    What is the argument activation for?
    """
    return there_and_back(params, X, y, "relu")


@mistake("mlp_loss_and_grads", caught_by="test_gradients_of_a_hidden_layer", severity="concept")
def mask_for_every_activation(params, X, y, activation):
    """On the way back every activation is treated as a ReLU.

    Is the derivative of tanh a mask of zeros and ones?
    """
    return there_and_back(params, X, y, activation, at=lambda z, depth: (z > 0) * 1.0)


@mistake("mlp_loss_and_grads", caught_by="test_networks_with_every_activation", severity="detail")
def knows_tanh_and_relu_only(params, X, y, activation):
    """Whatever is not tanh is taken for a ReLU.

    Which other names can be passed?
    """
    return there_and_back(params, X, y, activation if activation == "tanh" else "relu")


@mistake("mlp_loss_and_grads", caught_by="test_loss_of_networks", severity="concept")
def scores_are_activated(params, X, y, activation):
    """The last layer has an activation, too.

    What does the docstring say about the last layer?
    """
    return there_and_back(params, X, y, activation, last=True)


@mistake("mlp_loss_and_grads", caught_by="test_gradients_of_the_last_layer", severity="concept")
def climbs(params, X, y, activation):
    """All gradients have the wrong sign.

    Prediction minus target, or target minus prediction?
    """
    loss, grads = there_and_back(params, X, y, activation)
    return loss, [(-dW, -db) for dW, db in grads]


@mistake("mlp_loss_and_grads", caught_by="test_gradients_of_the_last_layer", severity="concept")
def mean_of_bias_gradients(params, X, y, activation):
    """The gradients of the biases are means over the examples.

    Where does the 1/N stand already?
    """
    return there_and_back(params, X, y, activation, of_b=lambda dout: dout.mean(axis=0))


@mistake("mlp_loss_and_grads", caught_by="test_gradients_of_the_last_layer", severity="concept")
def last_layer_first(params, X, y, activation):
    """The gradients come back in the order in which they were found.

    Which entry of grads belongs to params[0]?
    """
    loss, grads = there_and_back(params, X, y, activation)
    return loss, grads[::-1]


@mistake("mlp_loss_and_grads", caught_by="test_loss_of_networks", severity="concept")
def squared_error_of_the_probabilities(params, X, y, activation):
    """The loss is the squared error of the probabilities and not the cross-entropy.

    Which loss belongs to a softmax?
    """

    def squares(Z, y):
        p = np.exp(Z - np.logaddexp.reduce(Z, axis=1, keepdims=True))
        error = p - np.eye(Z.shape[1])[y]
        dp = 2 * error / len(y)
        return float((error**2).sum() / len(y)), p * (dp - (dp * p).sum(axis=1, keepdims=True))

    return there_and_back(params, X, y, activation, loss_of=squares)


@mistake("mlp_loss_and_grads", caught_by="test_single_layers_single_examples_and_unusual_labels", severity="robustness")
def as_many_classes_as_met(params, X, y, activation):
    """The number of classes is read off the labels.

    What if the last class does not occur in a batch?
    """

    def one_hot(Z, y):
        log_p = Z - np.logaddexp.reduce(Z, axis=1, keepdims=True)
        target = np.eye(int(y.max()) + 1)[y]
        return -(target * log_p).sum() / len(y), (np.exp(log_p) - target) / len(y)

    return there_and_back(params, X, y, activation, loss_of=one_hot)


@mistake("mlp_loss_and_grads", caught_by="test_gradients_have_the_shapes_of_the_parameters", severity="robustness")
def rows_for_biases(params, X, y, activation):
    """The gradients of the biases are tables with one row.

    Which shape has b?
    """
    return there_and_back(params, X, y, activation, of_b=lambda dout: dout.sum(axis=0, keepdims=True))


@mistake("mlp_loss_and_grads", caught_by="test_gradients_of_a_hidden_layer", severity="trivial")
def no_gradients(params, X, y, activation):
    """Loss and gradients are 0.

    What does a network do that gives every class the same score?
    """
    return 0.0, [(0 * W, 0 * b) for W, b in params]


@mistake("mlp_loss_and_grads", caught_by="test_gradients_of_deep_networks", severity="concept")
def derivative_one_layer_too_high(params, X, y, activation):
    """The derivative of the activation is taken at the pre-activation of the layer above.

    Which Z went into the activation that you are passing?
    """
    above = []

    def at(z, depth):
        above.append(z)
        return act_grad(activation, above[-2] if depth > 1 else z)  # noqa: F821

    return there_and_back(params, X, y, activation, at=at)


@mistake("mlp_loss_and_grads", caught_by="test_loss_of_networks", severity="detail")
def small_number_in_the_loss(params, X, y, activation):
    """A small number inside the logarithm changes the loss.

    To how many digits does a result count, and what did you add?
    """

    def protected(Z, y):
        _, dZ = softmax_loss(Z, y)  # noqa: F821
        p = np.exp(Z - Z.max(axis=1, keepdims=True))
        p = p / p.sum(axis=1, keepdims=True)
        return -np.mean(np.log(p[np.arange(len(y)), y] + 1e-8)), dZ

    return there_and_back(params, X, y, activation, loss_of=protected)


@mistake("mlp_loss_and_grads", caught_by="test_gradients_of_deep_networks", severity="concept")
def always_the_slope_of_tanh(params, X, y, activation):
    """On the way back every activation is treated as a tanh.

    Whose derivative belongs to the activation that is asked for?
    """
    return there_and_back(params, X, y, activation, at=lambda z, depth: act_grad("tanh", z))  # noqa: F821


@mistake("mlp_loss_and_grads", caught_by="test_gradients_of_a_hidden_layer", severity="detail")
def mask_counts_zero_in(params, X, y, activation):
    """On the way back the derivative of the ReLU is 1 at exactly 0.

    To which branch does 0 belong in the conventions box?
    """

    def at(z, depth):
        return (z >= 0) * 1.0 if activation == "relu" else act_grad(activation, z)  # noqa: F821

    return there_and_back(params, X, y, activation, at=at)


@mistake("mlp_loss_and_grads", caught_by="test_gradients_have_the_shapes_of_the_parameters", severity="robustness")
def single_unit_without_axis(params, X, y, activation):
    """For a layer with one unit, the gradient of the bias is a single number.

    Which shape has b if there is one unit?
    """
    return there_and_back(params, X, y, activation, of_b=lambda dout: np.squeeze(dout.sum(axis=0)))


@right_answer("mlp_loss_and_grads")
def with_layers(params, X, y, activation):
    """Builds the network from Dense layers and hands back tuples."""
    layers = [Dense(*W.shape, np.random.default_rng(0)) for W, _ in params]  # noqa: F821
    zs, a = [], X
    for layer, (W, b) in zip(layers, params):
        layer.W, layer.b = W, b
        if zs:
            a = act(activation, zs[-1])  # noqa: F821
        zs.append(layer.forward(a))
    loss, dout = softmax_loss(zs[-1], y)  # noqa: F821
    for layer, z in zip(layers[:0:-1], zs[-2::-1]):
        dout = layer.backward(dout) * act_grad(activation, z)  # noqa: F821
    layers[0].backward(dout)
    return float(loss), tuple((layer.dW, layer.db) for layer in layers)


@right_answer("mlp_loss_and_grads")
def by_recursion(params, X, y, activation):
    """Calls itself for the layers above, with one-hot targets and an einsum."""

    def above(a, rest):
        W, b = rest[0]
        z = a @ W + b
        if len(rest) == 1:
            p = np.exp(z - z.max(axis=1, keepdims=True))
            p /= p.sum(axis=1, keepdims=True)
            target = np.arange(z.shape[1]) == np.asarray(y)[:, None]
            loss, dz, grads = np.mean(-np.log(p[target])), (p - target) / len(a), []
        else:
            loss, grads, da = above(act(activation, z), rest[1:])  # noqa: F821
            dz = da * act_grad(activation, z)  # noqa: F821
        return loss, [[np.einsum("ni,nj->ij", a, dz), dz.sum(0)], *grads], np.einsum("nj,ij->ni", dz, W)

    loss, grads, _ = above(X, list(params))
    return np.array(loss), grads


@right_answer("mlp_loss_and_grads")
def each_example_for_itself(params, X, y, activation):
    """One example at a time, with outer products; the loss as a 0-d array, the pairs as lists."""
    total, grads = 0.0, [[np.zeros(W.shape), np.zeros(b.shape)] for W, b in params]
    for x, label in zip(X, y):
        inputs, zs = [x], []
        for W, b in params:
            zs.append(inputs[-1] @ W + b)
            inputs.append(act(activation, zs[-1]))  # noqa: F821
        log_p = zs[-1] - np.logaddexp.reduce(zs[-1])
        total -= log_p[label] / len(X)
        d = (np.exp(log_p) - (np.arange(len(log_p)) == label)) / len(X)
        for k in range(len(params) - 1, -1, -1):
            grads[k][0] += np.multiply.outer(inputs[k], d)
            grads[k][1] += d
            if k:
                d = params[k][0] @ d * act_grad(activation, zs[k - 1])  # noqa: F821
    return np.asarray(total), grads


@probe("mlp_loss_and_grads")
def probe_mlp(student, look, rng):
    def problem(*sizes, n=5, labels=None):
        params = [(rng.normal(size=(i, o)), rng.uniform(0.2, 0.9, o)) for i, o in pairwise(sizes)]
        y = np.resize(np.arange(sizes[-1]), n) if labels is None else np.array(labels)
        return params, rng.normal(size=(n, sizes[0])), y

    for words, data, activation in (
        ("one hidden layer, tanh", problem(3, 4, 2), "tanh"),
        ("one hidden layer, relu", problem(3, 4, 2), "relu"),
        ("three layers", problem(2, 3, 4, 3), "tanh"),
        ("four layers", problem(3, 3, 3, 3, 3), "sigmoid"),
        ("softplus", problem(2, 3, 2), "softplus"),
        ("a single layer", problem(3, 2), "tanh"),
        ("a missing class", problem(2, 3, 3, labels=[0, 1, 0, 1, 1]), "tanh"),
    ):
        look(words, lambda data=data, activation=activation: student.mlp_loss_and_grads(*data, activation))
    params, X, y = problem(3, 4, 2)
    still = [(params[0][0], np.zeros(4)), params[1]], np.concatenate([np.zeros((1, 3)), X[1:]]), y
    look("relu at exactly 0", lambda: student.mlp_loss_and_grads(*still, "relu"))
    narrow = problem(2, 1, 2)
    look("a single unit", lambda: student.mlp_loss_and_grads(*narrow, "tanh"))
    wide_apart = [(np.array([[25.0, -25.0]]), np.zeros(2))]
    look("sure and wrong", lambda: student.mlp_loss_and_grads(wide_apart, np.ones((2, 1)), np.array([1, 0]), "tanh")[0])


# train_network


def trained_by(params, X, y, activation, epochs, lr, orders, losses_of=None):
    """Descent over the batches that orders(epoch) gives."""
    losses = []
    for epoch in range(epochs):
        for batch in orders(epoch):
            grads = mlp_loss_and_grads(params, X[batch], y[batch], activation)[1]  # noqa: F821
            params = [(W - lr * dW, b - lr * db) for (W, b), (dW, db) in zip(params, grads)]
        whole = slice(None) if losses_of is None else batch
        losses.append(float(mlp_loss_and_grads(params, X[whole], y[whole], activation)[0]))  # noqa: F821
    return params, losses


def pieces(order, size):
    return [order[k : k + size] for k in range(0, len(order), size)]


@mistake("train_network", caught_by="test_batches_are_cut_from_a_new_order_in_every_epoch", severity="concept")
def same_order_in_every_epoch(params, X, y, activation, epochs, batch_size, lr, rng):
    """All epochs use the same order.

    How often is an order drawn?
    """
    order = rng.permutation(len(X))
    return trained_by(params, X, y, activation, epochs, lr, lambda epoch: pieces(order, batch_size))


@mistake("train_network", caught_by="test_batches_are_cut_from_a_new_order_in_every_epoch", severity="concept")
def short_batch_dropped(params, X, y, activation, epochs, batch_size, lr, rng):
    """The short last batch is left out.

    Are all examples seen in every epoch?
    """

    def orders(epoch):
        return [batch for batch in pieces(rng.permutation(len(X)), batch_size) if len(batch) == batch_size]

    return trained_by(params, X, y, activation, epochs, lr, orders)


@mistake("train_network", caught_by="test_batches_are_cut_from_a_new_order_in_every_epoch", severity="concept")
def order_of_the_file(params, X, y, activation, epochs, batch_size, lr, rng):
    """The examples are used in the order in which they come.

    What is rng for?
    """
    return trained_by(params, X, y, activation, epochs, lr, lambda epoch: pieces(np.arange(len(X)), batch_size))


@mistake("train_network", caught_by="test_losses_are_those_of_all_examples", severity="detail")
def loss_of_the_last_batch(params, X, y, activation, epochs, batch_size, lr, rng):
    """The loss noted is that of the last batch.

    Whose mean loss is asked for after each epoch?
    """

    def orders(epoch):
        return pieces(rng.permutation(len(X)), batch_size)

    return trained_by(params, X, y, activation, epochs, lr, orders, losses_of="batch")


@mistake("train_network", caught_by="test_steps_of_whole_batches", severity="concept")
def goes_uphill(params, X, y, activation, epochs, batch_size, lr, rng):
    """The steps go along the gradient and not against it.

    What does the loss do?
    """
    return trained_by(params, X, y, activation, epochs, -lr, lambda epoch: pieces(rng.permutation(len(X)), batch_size))


@mistake("train_network", caught_by="test_steps_of_whole_batches", severity="concept")
def weights_without_biases(params, X, y, activation, epochs, batch_size, lr, rng):
    """The biases are never changed.

    What does one step change besides the weights?
    """
    losses = []
    for _ in range(epochs):
        for batch in pieces(rng.permutation(len(X)), batch_size):
            grads = mlp_loss_and_grads(params, X[batch], y[batch], activation)[1]  # noqa: F821
            params = [(W - lr * dW, b) for (W, b), (dW, _) in zip(params, grads)]
        losses.append(mlp_loss_and_grads(params, X, y, activation)[0])  # noqa: F821
    return params, losses


@mistake("train_network", caught_by="test_training_leaves_its_arguments_alone", severity="robustness")
def first_parameters_overwritten(params, X, y, activation, epochs, batch_size, lr, rng):
    """The steps are made in the caller's own arrays.

    From where would a second run start?
    """
    losses = []
    for _ in range(epochs):
        for batch in pieces(rng.permutation(len(X)), batch_size):
            grads = mlp_loss_and_grads(params, X[batch], y[batch], activation)[1]  # noqa: F821
            for (W, b), (dW, db) in zip(params, grads):
                W -= lr * dW
                b -= lr * db
        losses.append(mlp_loss_and_grads(params, X, y, activation)[0])  # noqa: F821
    return params, losses


@mistake("train_network", caught_by="test_steps_of_whole_batches", severity="trivial")
def never_trained(params, X, y, activation, epochs, batch_size, lr, rng):
    """The parameters come back as they were.

    What is to change in every step?
    """
    return params, [0.0] * epochs


@mistake("train_network", caught_by="test_losses_are_those_of_all_examples", severity="detail")
def mean_of_the_batch_losses(params, X, y, activation, epochs, batch_size, lr, rng):
    """The loss noted is the mean of the losses of the batches, before each step.

    With which parameters should the loss after an epoch be computed?
    """
    losses = []
    for _ in range(epochs):
        order, noted = rng.permutation(len(X)), []
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            loss, grads = mlp_loss_and_grads(params, X[batch], y[batch], activation)  # noqa: F821
            noted.append(float(loss))
            params = [(W - lr * dW, b - lr * db) for (W, b), (dW, db) in zip(params, grads)]
        losses.append(sum(noted) / len(noted))
    return params, losses


@mistake("train_network", caught_by="test_batches_are_cut_from_a_new_order_in_every_epoch", severity="concept")
def gradients_of_the_first_parameters(params, X, y, activation, epochs, batch_size, lr, rng):
    """All steps use gradients at the parameters that training started from.

    Where are you after the first step, and what is the gradient there?
    """
    first, losses = params, []
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            grads = mlp_loss_and_grads(first, X[batch], y[batch], activation)[1]  # noqa: F821
            params = [(W - lr * dW, b - lr * db) for (W, b), (dW, db) in zip(params, grads)]
        losses.append(float(mlp_loss_and_grads(params, X, y, activation)[0]))  # noqa: F821
    return params, losses


@right_answer("train_network")
def with_copies_and_split(params, X, y, activation, epochs, batch_size, lr, rng):
    """Copies the parameters, changes the copies in place and splits the order at its cuts."""
    params = [[W.copy(), b.copy()] for W, b in params]
    losses = np.zeros(epochs)
    for epoch in range(epochs):
        order = rng.permutation(len(X))
        for batch in np.split(order, range(batch_size, len(X), batch_size)):
            _, grads = mlp_loss_and_grads([tuple(p) for p in params], X[batch], y[batch], activation)  # noqa: F821
            for layer, pair in zip(params, grads):
                for k in (0, 1):
                    layer[k] -= lr * pair[k]
        losses[epoch], _ = mlp_loss_and_grads([tuple(p) for p in params], X, y, activation)  # noqa: F821
    return [tuple(p) for p in params], list(losses)


@right_answer("train_network")
def with_shuffled_copies(params, X, y, activation, epochs, batch_size, lr, rng):
    """Shuffles copies of the examples and walks through them with a while loop."""
    losses = []
    while len(losses) < epochs:
        order, done = rng.permutation(len(X)), 0
        Xs, ys = X[order], y[order]
        while done < len(X):
            batch = Xs[done : done + batch_size], ys[done : done + batch_size]
            grads = mlp_loss_and_grads(params, *batch, activation)[1]  # noqa: F821
            new = []
            for k in range(len(params)):
                new.append(tuple(old - lr * grad for old, grad in zip(params[k], grads[k])))
            params, done = new, done + batch_size
        losses.append(mlp_loss_and_grads(params, X, y, activation)[0])  # noqa: F821
    return tuple(params), tuple(losses)


@probe("train_network")
def probe_train_network(student, look, rng):
    params = [(rng.normal(size=(2, 3)), rng.normal(size=3)), (rng.normal(size=(3, 2)), rng.normal(size=2))]
    X, y = rng.normal(size=(7, 2)), np.array([0, 1, 1, 0, 1, 0, 0])
    for words, epochs, size in (("whole batches", 2, 7), ("short last batch", 3, 3)):
        look(
            words,
            lambda epochs=epochs, size=size: student.train_network(
                params, X, y, "tanh", epochs, size, 0.3, np.random.default_rng(11)
            ),
        )


# catches_mlp


def random_problem(*sizes, n=6):
    """A network, examples and classes that are always the same."""
    rng = np.random.default_rng(4)
    params = [(rng.normal(size=pair), rng.normal(size=pair[1])) for pair in pairwise(sizes)]
    return params, rng.normal(size=(n, sizes[0])), np.resize(np.arange(sizes[-1]), n)[::-1].copy()


def right_network(params, X, y, activation):
    """Loss and gradients from this file's own parts."""
    inputs, zs = [X], []
    for W, b in params:
        zs.append(inputs[-1] @ W + b)
        inputs.append(as_printed(activation, zs[-1]))
    log_p = zs[-1] - np.logaddexp.reduce(zs[-1], axis=1, keepdims=True)
    dout = (np.exp(log_p) - np.eye(log_p.shape[1])[y]) / len(y)
    grads = []
    for k in range(len(params) - 1, -1, -1):
        grads.insert(0, (inputs[k].T @ dout, dout.sum(axis=0)))
        if k:
            dout = dout @ params[k][0].T * slope_as_printed(activation, zs[k - 1])
    return -log_p[np.arange(len(y)), y].mean(), grads


def all_numbers(result):
    return [np.asarray(result[0]), *(np.asarray(each) for pair in result[1] for each in pair)]


def agrees(candidate, problem, activation, atol=1e-6):
    """Whether a candidate's loss and gradients are those of the right network."""
    try:
        got = all_numbers(candidate(*problem, activation))
    except (ValueError, TypeError, IndexError, RuntimeError):
        return False
    want = all_numbers(right_network(*problem, activation))
    same = len(got) == len(want) and all(a.shape == b.shape for a, b in zip(got, want))
    return same and all(np.abs(a - b).max() <= atol for a, b in zip(got, want))


@mistake("catches_mlp", caught_by="test_wrong_networks_are_caught_and_right_ones_let_through", severity="trivial")
def everybody_is_wrong(candidate):
    """Every candidate is called wrong.

    What does your test say about a network that is right?
    """
    return True


@mistake("catches_mlp", caught_by="test_wrong_networks_are_caught_and_right_ones_let_through", severity="trivial")
def everybody_is_right(candidate):
    """Every candidate is let through.

    What does your test say about a network without any gradient?
    """
    return False


@mistake("catches_mlp", caught_by="test_wrong_networks_are_caught_and_right_ones_let_through", severity="concept")
def looks_at_the_loss_only(candidate):
    """The test looks at the loss only.

    Which of the faults in the list leave the loss as it is?
    """
    problem = random_problem(3, 4, 5, 2)
    return bool(abs(candidate(*problem, "tanh")[0] - right_network(*problem, "tanh")[0]) > 1e-6)


@mistake("catches_mlp", caught_by="test_wrong_networks_are_caught_and_right_ones_let_through", severity="detail")
def believes_the_candidates_own_loss(candidate):
    """The gradients are compared with differences of the candidate's own loss, and nothing else.

    What if loss and gradients are wrong together, both of them sums for instance?
    """
    params, X, y = random_problem(2, 3, 3, 2)
    try:
        grads = candidate(params, X, y, "tanh")[1]
        for k, (W, b) in enumerate(params):
            for part, old in enumerate((W, b)):
                changed = list(params)

                def loss(new):
                    changed[k] = (new, b) if part == 0 else (W, new)  # noqa: B023
                    return candidate(changed, X, y, "tanh")[0]  # noqa: B023

                if np.abs(grads[k][part] - numerical_gradient(loss, old)).max() > 1e-6:  # noqa: F821
                    return True
    except (ValueError, TypeError, IndexError, RuntimeError):
        return True
    return False


@mistake("catches_mlp", caught_by="test_wrong_networks_are_caught_and_right_ones_let_through", severity="detail")
def one_hidden_layer_is_enough(candidate):
    """The test uses networks with one hidden layer only.

    Which faults show only if the gradient has to pass two activations?
    """
    return not all(agrees(candidate, random_problem(3, 4, 2), name) for name in ("tanh", "relu", "softplus"))


@mistake("catches_mlp", caught_by="test_wrong_networks_are_caught_and_right_ones_let_through", severity="concept")
def answer_turned_round(candidate):
    """Right candidates are called wrong, and wrong ones right.

    What does catches_mlp say about your own network, and what should it say?
    """
    return agrees(candidate, random_problem(3, 4, 5, 2), "tanh")


@mistake("catches_mlp", caught_by="test_wrong_networks_are_caught_and_right_ones_let_through", severity="detail")
def no_room_for_rounding(candidate):
    """The test demands that every digit agrees.

    In which order does somebody else add the same numbers?
    """
    return not agrees(candidate, random_problem(3, 4, 5, 2), "tanh", atol=0.0)


@right_answer("catches_mlp")
def compared_with_another_network(candidate):
    """Compares several networks and activations with a network of its own."""
    problems = [(random_problem(3, 4, 5, 2), "tanh"), (random_problem(2, 6, 3, 4, 3), "softplus")]
    return np.bool_(not all(agrees(candidate, problem, name) for problem, name in problems))


@right_answer("catches_mlp")
def loss_by_hand_and_differences(candidate):
    """Computes the loss by hand for two activations, and differentiates that loss numerically."""

    def loss_of(params, X, y, name):
        a = X
        for W, b in params[:-1]:
            a = as_printed(name, a @ W + b)
        Z = a @ params[-1][0] + params[-1][1]
        return float(np.mean(np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(y)), y]))

    params, X, y = random_problem(2, 3, 4, 2)
    for name in ("sigmoid", "tanh"):
        try:
            loss, grads = candidate(params, X, y, name)
            if abs(loss - loss_of(params, X, y, name)) > 1e-6 or len(grads) != len(params):
                return True
            for k in range(len(params)):
                for part in (0, 1):

                    def moved_loss(new):
                        pair = [new if i == part else each for i, each in enumerate(params[k])]  # noqa: B023
                        return loss_of([*params[:k], tuple(pair), *params[k + 1 :]], X, y, name)  # noqa: B023

                    want = numerical_gradient(moved_loss, params[k][part])  # noqa: F821
                    if np.shape(grads[k][part]) != want.shape or np.abs(grads[k][part] - want).max() > 1e-6:
                        return True
        except (ValueError, TypeError, IndexError, RuntimeError):
            return True
    return False


@probe("catches_mlp")
def probe_catches_mlp(student, look, rng):
    def faulty(change):
        def network(params, X, y, activation):
            return change(*right_network(params, X, y, activation), params)

        return network

    def summed(loss, grads, params):
        return 5 * loss, [(5 * dW, 5 * db) for dW, db in grads]

    def deep_only(loss, grads, params):
        return loss, [(dW * (1 if k >= len(params) - 2 else 2), db) for k, (dW, db) in enumerate(grads)]

    faults = {
        "right": lambda loss, grads, params: (loss, grads),
        "rounded": lambda loss, grads, params: (loss + 1e-12, [(dW + 1e-12, db) for dW, db in grads]),
        "another loss": lambda loss, grads, params: (loss + 1, grads),
        "summed": summed,
        "bias": lambda loss, grads, params: (loss, [(dW, 2 * db) for dW, db in grads]),
        "deep only": deep_only,
    }
    for words, change in faults.items():
        look(words, lambda change=change: bool(student.catches_mlp(faulty(change))))
