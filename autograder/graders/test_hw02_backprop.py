"""Hidden tests of hw02: activations, derivatives by differences, graphs, scalar differentiation, dense networks.

Derivatives are compared with the reference. Where they belong to a function of an earlier exercise that earned at least
half its points, central differences of the student's own function are as good. Layers are given weights of the tests'
choice, because zero biases and square matrices hide a lot.
"""

from contextlib import suppress
from itertools import pairwise

import numpy as np
import pytest

from autograder.grading import (
    Mismatch,
    assert_matches,
    assert_shape,
    assert_unchanged,
    assert_within_z,
    check,
    judge_catcher,
    operate,
    raises,
    set_attr,
)

SMOOTH = ("sigmoid", "tanh", "softplus")
NAMES = (*SMOOTH, "relu", "leaky_relu", "elu", "gelu_tanh")
NEEDS_ALPHA = ("leaky_relu", "elu")
CLOSE = {"rtol": 1e-9, "atol": 1e-12}
ROUGH = {"rtol": 1e-4, "atol": 1e-4}  # for inputs of float32
LOOSE = {"rtol": 1e-3, "atol": 1e-3}  # for kinds and sizes, where another test looks at the digits


def off_zero(rng, *shape):
    """Numbers of both signs, none of them near 0."""
    return rng.uniform(0.2, 3.0, shape) * rng.choice([-1.0, 1.0], shape)


def both_signs(rng, n=6):
    """As many positive as negative numbers, none of them near 0, in random order."""
    return rng.permutation(rng.uniform(0.2, 3.0, n) * np.resize([-1.0, 1.0], n))


def frozen(array):
    array.flags.writeable = False
    return array


def alpha_of(name, alpha=0.2):
    return (alpha,) if name in NEEDS_ALPHA else ()


# activation


def assert_activations(student, reference, rng, names, alphas=()):
    for name in names:
        z = np.concatenate([both_signs(rng, 8), [0.0, 6.0, -6.0]])
        for alpha in alphas or (None,):
            arguments = () if alpha is None else (alpha,)
            want = reference.activation(name, z, *arguments)
            words = name if alpha is None else f"{name} with alpha {alpha}"
            assert_matches(student.activation(name, z, *arguments), want, **CLOSE, loose_shape=True, case=words)


@pytest.mark.points(1.4, exercise="activation", spec="Apply an activation function of the conventions box")
def test_s_shaped_activations(student, reference, rng):
    """sigmoid and tanh are those of the conventions box."""
    assert_activations(student, reference, rng, ("sigmoid", "tanh"))


@pytest.mark.points(1.4, exercise="activation", spec="to every entry")
def test_relu_and_softplus(student, reference, rng):
    """relu and softplus are those of the conventions box."""
    assert_activations(student, reference, rng, ("relu", "softplus"))


@pytest.mark.points(0.7, exercise="activation", spec="Slope or scale below 0, used by leaky_relu and elu only.")
def test_activations_with_alpha(student, reference, rng):
    """leaky_relu and elu are those of the conventions box, for alpha between 0 and 1."""
    assert_activations(student, reference, rng, NEEDS_ALPHA, (0.2, 0.7))


@pytest.mark.points(0.7, exercise="activation", spec="Any number will do: negative, 0, or above 1.")
def test_activations_with_unusual_alphas(student, reference, rng):
    """leaky_relu and elu take any alpha: negative, 0, or above 1."""
    assert_activations(student, reference, rng, NEEDS_ALPHA, (-0.4, 1.5, 0.0))


@pytest.mark.points(0.7, exercise="activation", spec='"sigmoid", "tanh", "relu", "leaky_relu", "elu", "softplus"')
def test_gelu(student, reference, rng):
    """gelu_tanh is that of the conventions box."""
    assert_activations(student, reference, rng, ("gelu_tanh",))


@pytest.mark.points(0.7, exercise="activation", spec="Integers and 0-d arrays are fine. It is not modified.")
def test_activations_of_every_kind(student, reference, rng):
    """Tables, integers, 0-d and read-only arrays keep their shape and are not modified."""
    kinds = {
        "a table": off_zero(rng, 2, 3),
        "every second entry": off_zero(rng, 8)[::2],
        "integers": np.array([2, -3, -1, 0]),
        "0-d": np.array(-1.5),
        "read-only": frozen(both_signs(rng)),
    }
    for name in NAMES:
        for words, z in kinds.items():
            got = student.activation(name, z, *alpha_of(name))
            assert_unchanged(student, case=f"{name}, {words}")
            want = reference.activation(name, np.array(z, dtype=float), *alpha_of(name))
            assert_matches(got, want, **LOOSE, case=f"{name}, {words}")
        z = both_signs(rng).astype(np.float32)
        want = reference.activation(name, z.astype(float), *alpha_of(name))
        assert_matches(student.activation(name, z, *alpha_of(name)), want, **LOOSE, case=f"{name}, float32")


@pytest.mark.points(0.7, exercise="activation", spec="For z of -800 and of 800, too, they are right")
def test_activations_far_out(student, reference):
    """Very large entries of both signs give neither NaN nor infinity."""
    z = np.array([-800.0, 800.0])
    for name in NAMES:
        want = reference.activation(name, z, *alpha_of(name))
        assert_matches(student.activation(name, z, *alpha_of(name)), want, **LOOSE, loose_shape=True, case=name)


@pytest.mark.points(0.7, exercise="activation", spec="If there is no activation of that name, or if leaky_relu or elu")
def test_activations_refuse_what_they_do_not_know(student):
    """An unknown name, or leaky_relu and elu without alpha, raise ValueError."""
    assert_refusals(student.activation)


def assert_refusals(function):
    z = np.array([-1.0, 2.0])
    for name in NEEDS_ALPHA:
        with raises(ValueError, case=f"{name} without alpha"):
            function(name, z)
    with raises(ValueError, case="an unknown name"):
        function("no such activation", z)


# numerical_gradient


def curved(x):
    """A function whose central differences show h: cubic terms and products of unlike entries."""
    v = np.ravel(x)
    return float(np.sum(np.arange(1, v.size + 1) * v**3) + 0.5 * v[0] * v[-1] + np.sum(v**2))


def bent(x):
    """A function of second degree, whose central differences are the derivatives, whatever h is."""
    v = np.ravel(x)
    return float(np.sum(np.arange(1, v.size + 1) * v**2) + 0.5 * v[0] * v[-1])


def slopes_of_bent(x):
    """The derivatives of bent."""
    v = np.ravel(x).astype(float)
    found = 2 * np.arange(1, v.size + 1) * v
    found[0] += 0.5 * v[-1]
    found[-1] += 0.5 * v[0]
    return found.reshape(np.shape(x))


@pytest.mark.points(2.4, exercise="numerical_gradient", spec="entry i of the result is (f(x + h e_i) - f(x - h e_i))")
def test_differences_are_central(student, reference, rng):
    """With a large h, every entry is the central difference."""
    for h in (0.1, 0.3):
        x = off_zero(rng, 4)
        got, want = (module.numerical_gradient(curved, x, h) for module in (student, reference))
        assert_matches(got, want, rtol=1e-7, atol=1e-8, loose_shape=True, case=f"4 entries, h = {h}")


@pytest.mark.points(1.2, exercise="numerical_gradient", spec="one entry of x at a time")
def test_differences_are_nearly_exact(student, reference, rng):
    """With the usual h, the gradient of a known function is nearly exact, and of a fast one that of 1e-5."""
    for words, n in (("one entry", 1), ("five entries", 5)):
        a, x = off_zero(rng, n), off_zero(rng, n)
        for h in ((), (1e-5,)):
            got = student.numerical_gradient(lambda v, a=a: float(np.sum(a * np.sin(v))), x, *h)
            assert_matches(got, a * np.cos(x), rtol=1e-7, atol=1e-9, loose_shape=True, case=words)
    x = rng.uniform(-1e-3, 1e-3, 3)
    got, want = (
        module.numerical_gradient(lambda v: float(np.sum(np.sin(300 * v))), x) for module in (student, reference)
    )
    assert_matches(got, want, rtol=3e-7, loose_shape=True, case="a fast function, no h given")


@pytest.mark.points(1.2, exercise="numerical_gradient", spec="ndarray of the shape of x")
def test_differences_of_tables(student, rng):
    """Tables of any number of axes give a gradient of the same shape."""
    for shape in ((2, 3), (2, 1, 2)):
        x = off_zero(rng, *shape)
        got = student.numerical_gradient(bent, x, 0.1)
        assert_matches(got, slopes_of_bent(x), rtol=1e-7, atol=1e-8, case=f"{len(shape)} axes")


@pytest.mark.points(0.6, exercise="numerical_gradient", spec="Integers, float32, 0-d and read-only arrays are")
def test_differences_of_every_kind(student, rng):
    """Integers, float32, 0-d, read-only and Fortran-ordered arrays are fine, and x is not changed, not even rounded."""
    kinds = {
        "integers": np.array([2, -1, 3]),
        "0-d": np.array(1.5),
        "read-only": frozen(off_zero(rng, 3)),
        "Fortran order": np.asfortranarray(off_zero(rng, 2, 3)),
    }
    for words, x in kinds.items():
        got = student.numerical_gradient(bent, x, 0.1)
        assert_matches(got, slopes_of_bent(x), rtol=1e-7, atol=1e-8, case=words)
    x = off_zero(rng, 3).astype(np.float32)
    assert_matches(student.numerical_gradient(bent, x, 1e-5), slopes_of_bent(x), **ROUGH, case="float32, the usual h")
    for x in (rng.uniform(1, 2, 6), rng.uniform(1, 2, (3, 2))):
        student.numerical_gradient(bent, x, 1e-5)
        assert_unchanged(student)


@pytest.mark.points(0.6, exercise="numerical_gradient", spec="It gets floating-point arrays of the shape of x.")
def test_the_function_gets_arrays_of_the_shape_of_x(student, rng):
    """f gets floating-point arrays of the shape of x, and nothing else."""
    shapes = []

    def noting(x):
        shapes.append((np.shape(x), np.asarray(x).dtype.kind))
        return float(np.sum(np.square(x)))

    got = student.numerical_gradient(noting, off_zero(rng, 2, 3), 0.1)
    check(
        set(shapes) == {((2, 3), "f")}, "the function got something else than floating-point arrays of the shape of x"
    )
    check(np.asarray(got).any(), "the gradient is 0")


# mended_gelu_grad


def assert_mended(student, reference, x, words, loose=True, atol=1e-4):
    want = reference.activation_grad("gelu_tanh", np.array(x, dtype=float))
    assert_matches(student.mended_gelu_grad(x), want, rtol=0, atol=atol, loose_shape=loose, case=words)


@pytest.mark.points(1.75, exercise="mended_gelu_grad", spec='The derivative of activation("gelu_tanh", x).')
def test_mended_derivative_of_positive_numbers(student, reference, rng):
    """For positive numbers it is the derivative of the tanh form."""
    assert_mended(student, reference, rng.uniform(0.4, 2.6, 8), "between 0.4 and 2.6")


@pytest.mark.points(1.75, exercise="mended_gelu_grad", spec="Derivative of the tanh form of GELU")
def test_mended_derivative_of_negative_numbers(student, reference, rng):
    """For negative numbers it is the derivative of the tanh form."""
    assert_mended(student, reference, rng.uniform(-2.6, -0.4, 8), "between -2.6 and -0.4")


@pytest.mark.points(1, exercise="mended_gelu_grad", spec="errors up to 2e-6 are accepted")
def test_digits_of_the_mended_derivative(student, reference, rng):
    """Its constants have the six digits of the slide: errors are below 2e-6."""
    assert_mended(student, reference, off_zero(rng, 8) * 0.8, "to 2e-6", atol=2e-6)


@pytest.mark.points(0.5, exercise="mended_gelu_grad", spec="Pre-activations. It is not modified.")
def test_mended_derivative_of_every_shape(student, reference, rng):
    """Tables, 0-d and read-only arrays keep their shape and are not modified."""
    for words, x in {
        "a table": off_zero(rng, 2, 3),
        "0-d": np.array(1.6),
        "read-only": frozen(off_zero(rng, 4)),
    }.items():
        assert_mended(student, reference, x, words, loose=False)
        assert_unchanged(student, case=words)


# activation_grad


def assert_derivatives(student, reference, earned, afresh, z, names, alphas=(None,)):
    """Agreement with the reference, or with central differences of a forward function that is mostly right."""
    for name in names:
        for alpha in alphas:
            arguments = () if alpha is None else (alpha,)
            words = name if alpha is None else f"{name} with alpha {alpha}"
            got = slopes_of(student, name, z, *arguments)
            close = {"rtol": 0.0, "atol": 2e-6} if name == "gelu_tanh" else CLOSE
            try:
                want = reference.activation_grad(name, z, *arguments)
                assert_matches(got, want, **close, loose_shape=True, case=words)
            except Mismatch:
                own = own_differences(afresh, name, z, arguments) if earned("activation") >= 0.5 else None
                if own is None or not follows(got, own):
                    raise


def slopes_of(student, name, z, *arguments):
    """The student's derivatives as numbers: truth values may stand for 1 and 0."""
    got = student.activation_grad(name, z, *arguments)
    return got.astype(float) if isinstance(got, np.ndarray | np.bool_) and got.dtype.kind == "b" else got


def own_differences(afresh, name, z, arguments):
    """Central differences of the student's own activation, or None if it cannot be used.

    Each end in a process of its own: a function that knows that it is looked at can have any derivative.
    """
    with suppress(Exception):
        ends = []
        for h in (1e-5, -1e-5):
            with afresh() as other:
                ends.append(np.asarray(other.activation(name, z + h, *arguments), dtype=float))
        found = (ends[0] - ends[1]) / 2e-5
        return found if found.shape == z.shape and np.isfinite(found).all() else None
    return None


def follows(got, own):
    with suppress(Exception):
        return np.shape(got) == own.shape and np.allclose(got, own, rtol=1e-5, atol=1e-7)
    return False


@pytest.mark.points(
    1.6, exercise="activation_grad", spec="Derivative of an activation function at every pre-activation z."
)
def test_derivative_of_the_sigmoid(student, reference, earned, afresh, rng):
    """The derivative of the sigmoid is that of the conventions box."""
    assert_derivatives(student, reference, earned, afresh, both_signs(rng, 10), ("sigmoid",))


@pytest.mark.points(1.6, exercise="activation_grad", spec="the argument of the activation and not its value")
def test_derivative_of_tanh_and_softplus(student, reference, earned, afresh, rng):
    """The derivatives of tanh and softplus are those of the conventions box."""
    assert_derivatives(student, reference, earned, afresh, both_signs(rng, 10), ("tanh", "softplus"))


@pytest.mark.points(0.4, exercise="activation_grad", spec="Backpropagation multiplies by it at every unit")
def test_derivatives_of_the_kinked_ones(student, reference, earned, afresh, rng):
    """The derivatives of relu, leaky_relu and elu are those of the conventions box."""
    z = both_signs(rng, 10)
    assert_derivatives(student, reference, earned, afresh, z, ("relu",))
    assert_derivatives(student, reference, earned, afresh, z, NEEDS_ALPHA, (0.2, 0.7))


@pytest.mark.points(0.8, exercise="activation_grad", spec="At exactly 0 the derivative of relu is 0")
def test_derivatives_at_exactly_0(student, reference):
    """At exactly 0 the derivative of relu is 0, that of leaky_relu and elu is alpha."""
    z = np.array([0.0, 1.0, 0.0, -0.0])
    assert_matches(slopes_of(student, "relu", z), np.array([0.0, 1, 0, 0]), loose_shape=True, case="relu")
    for name in NEEDS_ALPHA:
        want = np.array([0.3, 1.0, 0.3, 0.3])
        assert_matches(slopes_of(student, name, z, 0.3), want, **CLOSE, loose_shape=True, case=f"{name} at 0")


@pytest.mark.points(0.8, exercise="activation_grad", spec="alpha may be any number here, too.")
def test_derivatives_with_unusual_alphas(student, reference, earned, afresh, rng):
    """The derivatives of leaky_relu and elu are right for any alpha: negative, 0, or above 1."""
    assert_derivatives(student, reference, earned, afresh, both_signs(rng, 8), NEEDS_ALPHA, (-0.4, 1.5, 0.0))


@pytest.mark.points(0.4, exercise="activation_grad", spec="For gelu_tanh errors up to 2e-6 are accepted.")
def test_derivative_of_gelu(student, reference, earned, afresh, rng):
    """The derivative of gelu_tanh is right to 2e-6."""
    assert_derivatives(
        student, reference, earned, afresh, np.append(both_signs(rng, 10), [1.58, -1.58]), ("gelu_tanh",)
    )


@pytest.mark.points(0.8, exercise="activation_grad", spec="Integers and 0-d arrays are fine. It is not modified.")
def test_derivatives_of_every_kind(student, reference, rng):
    """Tables, integers, 0-d and read-only arrays keep their shape and are not modified."""
    kinds = {
        "a table": off_zero(rng, 2, 3),
        "integers": np.array([2, -3, -1]),
        "0-d": np.array(-1.5),
        "read-only and positive": frozen(rng.uniform(0.2, 3.0, 4)),
    }
    for name in NAMES:
        for words, z in kinds.items():
            got = slopes_of(student, name, z, *alpha_of(name))
            assert_unchanged(student, case=f"{name}, {words}")
            want = reference.activation_grad(name, np.array(z, dtype=float), *alpha_of(name))
            assert_matches(got, want, rtol=0, atol=2e-6, case=f"{name}, {words}")


@pytest.mark.points(0.8, exercise="activation_grad", spec="For z of -800 and of 800, too, they are right")
def test_derivatives_far_out(student, reference):
    """Very large entries of both signs give neither NaN nor infinity."""
    z = np.array([-800.0, 800.0, 1.0])
    for name in NAMES:
        want = reference.activation_grad(name, z, *alpha_of(name))
        got = slopes_of(student, name, z, *alpha_of(name))
        assert_matches(got, want, rtol=0, atol=2e-6, loose_shape=True, case=name)


@pytest.mark.points(0.8, exercise="activation_grad", spec="As activation does.")
def test_derivatives_refuse_what_they_do_not_know(student):
    """An unknown name, or leaky_relu and elu without alpha, raise ValueError."""
    assert_refusals(student.activation_grad)


# predictions


def is_committed(student, name, letters):
    choice = getattr(student, name)
    words = f"choose one of the letters {', '.join(letters)}, as text"
    check(isinstance(choice, str) and choice.strip().lower() in letters, words)


@pytest.mark.points(1, exercise="predict_best_h", spec="a prediction: 1 for any answer")
def test_best_h_is_predicted(student):
    """A prediction is made; any of the letters counts."""
    is_committed(student, "predict_best_h", tuple("abcd"))


@pytest.mark.points(1, exercise="predict_steepest", spec="a prediction: 1 for any answer")
def test_steepest_slope_is_predicted(student):
    """A prediction is made; any of the letters counts."""
    is_committed(student, "predict_steepest", tuple("abc"))


@pytest.mark.points(1, exercise="predict_vanishing", spec="a prediction: 1 for any answer")
def test_vanishing_is_predicted(student):
    """A prediction is made; any of the letters counts."""
    is_committed(student, "predict_vanishing", tuple("abcd"))


# sigmoid_graph_gradients


def assert_gradients(student, reference, keys):
    got, want = student.sigmoid_graph_gradients(), reference.sigmoid_graph_gradients()
    check(isinstance(got, dict), "no dictionary came back")
    for key in keys:
        check(key in got, f"there is no entry {key!r}")
        assert_matches(got[key], want[key], rtol=0, atol=5e-3, loose_shape=True, case=f"the entry {key!r}")


@pytest.mark.points(0.8, exercise="sigmoid_graph_gradients", spec="errors up to 0.005 are accepted")
def test_gradient_that_passes_the_sigmoid(student, reference):
    """The gradient of w2, which is what passes from the sigmoid to the sum."""
    assert_gradients(student, reference, ["w2"])


@pytest.mark.points(
    1.6, exercise="sigmoid_graph_gradients", spec="with respect to all five inputs, at the values above"
)
def test_gradients_of_the_weights(student, reference):
    """The gradients of the weights w0 and w1."""
    assert_gradients(student, reference, ["w0", "w1"])


@pytest.mark.points(1.6, exercise="sigmoid_graph_gradients", spec='Under the keys "w0", "x0", "w1", "x1" and "w2".')
def test_gradients_of_the_inputs(student, reference):
    """The gradients of the inputs x0 and x1."""
    assert_gradients(student, reference, ["x0", "x1"])


# graphs


def random_graph(rng, n, most=3):
    """Parents of a graph in which every node is used by a later one, and their order is not sorted."""
    parents = [[], []]
    for child in range(2, n):
        others = rng.permutation(child - 1)[: int(rng.integers(0, most))].tolist() if child > 2 else [0]
        parents.append([int(each) for each in rng.permutation([child - 1, *others])])
    return parents


def random_local(rng, parents):
    """A local derivative for each edge."""
    edges = [(parent, child) for child, sources in enumerate(parents) for parent in sources]
    return {edge: float(value) for edge, value in zip(edges, off_zero(rng, len(edges)), strict=True)}


def disordered(local):
    """The same edges in an order that goes neither up nor down."""
    edges = list(local.items())
    return dict(edges[1::2] + edges[::2])


def assert_nearly(got, want, case=""):
    """Agreement to some digits of the largest entry; that there are nine of them is a test of its own."""
    assert_matches(got, want, rtol=1e-4, atol=1e-5 * float(np.abs(want).max()), loose_shape=True, case=case)


def steps_of(rng, parents, log=None):
    """A function for each node that treats its arguments unlike, and notes its calls."""

    def step(i, scale):
        def function(*values):
            if log is not None:
                log.append(i)
            return scale + sum((k + 1.0) * v / 3 for k, v in enumerate(values))

        return function

    return [step(i, float(scale)) for i, scale in enumerate(off_zero(rng, len(parents)))]


@pytest.mark.points(1, exercise="forward_dag", spec="The value of every node.")
def test_values_of_graphs(student, reference, rng):
    """Every node has the value that its function makes of its parents' values."""
    for n in (3, 6, 12):
        parents = random_graph(rng, n)
        parents = [sorted(each) for each in parents]
        functions = steps_of(rng, parents)
        got, want = (module.forward_dag(parents, functions) for module in (student, reference))
        assert_nearly(got, want, f"{n} nodes")


@pytest.mark.points(0.6, exercise="forward_dag", spec="as separate arguments, in the order of parents[i]")
def test_order_of_the_arguments(student, reference, rng):
    """A function gets its arguments in the order of the parents, sorted or not."""
    parents = [[], [], [], [2, 0, 1], [3, 1], [4, 2, 3]]
    functions = steps_of(rng, parents)
    got, want = (module.forward_dag(parents, functions) for module in (student, reference))
    assert_nearly(got, want)


@pytest.mark.points(1.6, exercise="forward_dag", spec="Each is called exactly once.")
def test_each_node_is_computed_once(student, rng):
    """Each function is called exactly once, also if its value is used often."""
    calls = []
    parents = [[], [0], *([k - 2, k - 1] for k in range(2, 8))]
    student.forward_dag(parents, steps_of(rng, parents, calls))
    check(sorted(calls) == list(range(len(parents))), "some functions are not called exactly once")


@pytest.mark.points(0.4, exercise="forward_dag", spec="Graphs may have thousands of nodes, one after the other.")
def test_values_of_a_long_chain(student):
    """A chain of 1,500 nodes is no problem."""
    chain = [[], *([k] for k in range(1499))]
    got = student.forward_dag(chain, [lambda: 2.5, *[student.np.negative] * 1499])
    check(np.shape(got) == (1500,), "there is not one value for each node")
    assert_matches(np.asarray(got, dtype=float), 2.5 * (-1.0) ** np.arange(1500), case="a long chain")


@pytest.mark.points(0.4, exercise="forward_dag", spec="ndarray of shape (n,)")
def test_values_are_an_array_of_shape_n(student):
    """The result is an array of shape (n,), right to nine digits, also if the inputs are integers."""
    got = student.forward_dag([[], [], [0, 1]], [lambda: 2, lambda: 3, lambda a, b: (a + b) / 3])
    check(isinstance(got, np.ndarray), "no array came back")
    assert_matches(got, np.array([2.0, 3.0, 5 / 3]), case="two integers and a third of their sum")


def gradients_of(student, reference, parents, local):
    return student.backprop_dag(parents, local), reference.backprop_dag(parents, local)


@pytest.mark.points(1.1, exercise="backprop_dag", spec="1 for the last node, which is the output")
def test_gradients_of_chains_and_trees(student, reference, rng):
    """Where every node has one consumer, the gradient is the product of what is local."""
    for parents in ([[], [0], [1], [2], [3]], [[], [], [0, 1], [], [3, 2]], [[]]):
        got, want = gradients_of(student, reference, parents, random_local(rng, parents))
        assert_nearly(got, want, f"{len(parents)} nodes")


@pytest.mark.points(1.1, exercise="backprop_dag", spec="The sum over all consumers, as printed above")
def test_contributions_of_all_consumers_add_up(student, reference, rng):
    """Nodes with several consumers get the sum of what comes from each."""
    for parents in ([[], [0], [0], [1, 2]], [[], [0], [1, 0]], [[], [], [0, 1], [1, 0], [2, 3]]):
        got, want = gradients_of(student, reference, parents, random_local(rng, parents))
        assert_nearly(got, want, f"{len(parents)} nodes")


@pytest.mark.points(1.1, exercise="backprop_dag", spec="finished from the last to the first")
def test_gradients_are_handed_on_when_they_are_complete(student, reference, rng):
    """With several levels of sharing, a node hands on its gradient when it is complete, in any order of local."""
    ladder = [[], [0], [0], [1, 2], [3], [3], [5, 4], [6], [6, 3], [7, 8]]
    for parents in (ladder, [[], [0], [0, 1], [2, 0, 1], [1, 3, 2]], random_graph(rng, 9), random_graph(rng, 15, 5)):
        got, want = gradients_of(student, reference, parents, disordered(random_local(rng, parents)))
        assert_nearly(got, want, f"{len(parents)} nodes, local in no order")


@pytest.mark.points(1.1, exercise="backprop_dag", spec="0 for nodes that the output does not depend on")
def test_nodes_beside_the_output(student, reference, rng):
    """Nodes that the output does not depend on get 0, whatever they are computed from."""
    for parents in ([[], [], [0], [0, 1], [0]], [[], [0], [1, 0], [], [3, 2], [2]]):
        got, want = gradients_of(student, reference, parents, random_local(rng, parents))
        assert_nearly(got, want, f"{len(parents)} nodes")


@pytest.mark.points(1.1, exercise="backprop_dag", spec="Results count to nine digits")
def test_gradients_have_nine_digits(student, reference, rng):
    """The gradients are right to nine digits."""
    parents = [[], [0], [1, 0], [2, 1], [3, 2]]
    local = {edge: abs(slope) for edge, slope in random_local(rng, parents).items()}
    got, want = gradients_of(student, reference, parents, local)
    assert_matches(got, want, rtol=1e-9, loose_shape=True, case="nine digits")


@pytest.mark.points(0.55, exercise="backprop_dag", spec="Chains of thousands of nodes")
def test_gradients_of_a_long_chain(student):
    """A chain of 3,000 nodes is no problem."""
    chain = [[], *([k] for k in range(2999))]
    got = student.backprop_dag(chain, {(k, k + 1): (2.0 if k % 2 else 0.5) for k in range(2999)})
    check(np.shape(got) == (3000,), "there is not one gradient for each node")
    assert_matches(np.asarray(got)[:3], np.array([0.5, 1.0, 0.5]), case="the first nodes of a chain")


@pytest.mark.points(0.55, exercise="backprop_dag", spec="an entry for each edge, in any order, and it is not modified")
def test_gradients_are_an_array_and_nothing_is_modified(student, rng):
    """The result is an array of shape (n,), and neither parents nor local are modified."""
    parents = [[], [], [0, 1], [2, 0]]
    got = student.backprop_dag(parents, random_local(rng, parents))
    assert_unchanged(student)
    check(isinstance(got, np.ndarray) and got.shape == (4,), "no array of shape (4,) came back")
    check(got.any(), "all gradients are 0")


@pytest.mark.points(
    4.4, exercise="backprop_dag", spec="every edge is used *once*, although there may be billions of paths"
)
def test_every_edge_of_many_paths_is_used_once(student):
    """In a graph of short and long ways with billions of paths, every edge is used once, in any order of local."""
    paths, n, local = [[]], 40, {}
    for k in range(0, 4 * n, 4):
        paths += [[k], [k], [k + 2], [k + 1, k + 3]]
        local |= {(k, k + 1): 0.8, (k, k + 2): 2.0, (k + 2, k + 3): 0.35, (k + 1, k + 4): 0.5, (k + 3, k + 4): 0.8}
    got = student.backprop_dag(paths, disordered(local))
    check(np.shape(got) == (4 * n + 1,), "there is not one gradient for each node")
    want = 0.96 ** (n - 1) * np.array([0.96, 0.5, 0.28, 0.8, 1.0])
    assert_nearly(np.asarray(got)[:5], want, "many paths, local in no order")


# Value


def plain(x):
    """A student's number as a float; anything else as it is."""
    with suppress(TypeError, ValueError):
        return float(np.asarray(x, dtype=float).reshape(()))
    return x


def assert_close(got, want, case):
    assert_matches(plain(got), want, rtol=1e-4, atol=1e-6, case=case)


def assert_value(student, build, numbers, want, slopes, case, gradient=None):
    """Data of an expression, and the gradient of each number in it."""
    leaves = [student.Value(number) for number in numbers]
    result = build(*leaves)
    assert_close(result.data, want, case)
    result.backward(*(() if gradient is None else (gradient,)))
    for leaf, slope in zip(leaves, slopes, strict=True):
        assert_close(leaf.grad, slope, f"{case}, the gradient of an operand")


def add(a, b):
    return operate("add", a, b)


def mul(a, b):
    return operate("mul", a, b)


@pytest.mark.points(0.26, exercise="Value", spec="Each of them returns a new Value and leaves its operands alone.")
def test_values_of_operations(student, rng):
    """The data of every operation is the number that it computes."""
    a, b = (float(each) for each in rng.uniform(0.5, 3.0, 2))
    x, y = student.Value(a), student.Value(-b)
    found = {
        "a sum": (add(x, y), a - b),
        "a difference": (operate("sub", x, y), a + b),
        "a product": (mul(x, y), -a * b),
        "a quotient": (operate("truediv", x, y), -a / b),
        "a minus sign": (operate("neg", x), -a),
        "the power of 3": (operate("pow", y, 3), (-b) ** 3),
        "exp": (x.exp(), np.exp(a)),
        "log": (x.log(), np.log(a)),
        "relu": (x.relu(), a),
        "relu of a negative number": (y.relu(), 0.0),
    }
    for case, (got, want) in found.items():
        assert_close(got.data, float(want), case)
    assert_close(x.data, a, "an operand, afterwards")


@pytest.mark.points(1.3, exercise="Value", spec="gradient times the derivative of this Value with respect to v")
def test_gradients_of_operations_with_two_operands(student, rng):
    """Sums, differences, products and quotients hand on the right gradients."""
    a, b = (float(each) for each in off_zero(rng, 2))
    assert_value(student, add, (a, b), a + b, (1.0, 1.0), "a sum")
    assert_value(student, lambda x, y: operate("sub", x, y), (a, b), a - b, (1.0, -1.0), "a difference")
    assert_value(student, mul, (a, b), a * b, (b, a), "a product")
    assert_value(student, lambda x, y: operate("truediv", x, y), (a, b), a / b, (1 / b, -a / b**2), "a quotient")


@pytest.mark.points(1.3, exercise="Value", spec="and v ** p for a plain number p")
def test_gradients_of_operations_with_one_operand(student, rng):
    """Powers, exp, log, relu and the minus sign hand on the right gradients."""
    a = float(rng.uniform(0.5, 2.5))
    assert_value(student, lambda x: operate("pow", x, 3), (-a,), -(a**3), (3 * a**2,), "the power of 3")
    assert_value(student, lambda x: operate("pow", x, 2), (0.0,), 0.0, (0.0,), "the power of 2, of 0")
    assert_value(student, lambda x: operate("pow", x, -0.5), (a,), a**-0.5, (-0.5 * a**-1.5,), "the power of -0.5")
    assert_value(student, lambda x: x.exp(), (a,), float(np.exp(a)), (float(np.exp(a)),), "exp")
    assert_value(student, lambda x: x.log(), (a,), float(np.log(a)), (1 / a,), "log")
    assert_value(student, lambda x: operate("neg", x), (a,), -a, (-1.0,), "a minus sign")
    for number, slope in ((a, 1.0), (-a, 0.0), (0.0, 0.0)):
        words = f"relu of {'a positive number' if number > 0 else 'a negative number' if number < 0 else '0'}"
        assert_value(student, lambda x: x.relu(), (number,), max(number, 0.0), (slope,), words)


@pytest.mark.points(1.3, exercise="Value", spec="with another Value or a plain number on either side")
def test_plain_numbers_on_either_side(student, rng):
    """Plain numbers may stand on either side of + - * and /."""
    a, c = float(rng.uniform(0.5, 2.5)), float(rng.uniform(2.0, 4.0))
    cases = {
        "add": (a + c, 1.0),
        "radd": (c + a, 1.0),
        "sub": (a - c, 1.0),
        "rsub": (c - a, -1.0),
        "mul": (a * c, c),
        "rmul": (c * a, c),
        "truediv": (a / c, 1 / c),
        "rtruediv": (c / a, -c / a**2),
    }
    for name, (want, slope) in cases.items():
        sign = {"add": "+", "sub": "-", "mul": "*", "truediv": "/"}[name.removeprefix("r")]
        words = f"a plain number on the {'left' if name[0] == 'r' else 'right'} of {sign}"
        assert_value(student, lambda x, name=name: operate(name, x, c), (a,), want, (slope,), words)
    assert_value(student, lambda x: operate("radd", x, 2), (a,), a + 2, (1.0,), "an integer on the left of +")


@pytest.mark.points(0.39, exercise="Value", spec="Add the derivatives of this Value to the `grad`")
def test_values_that_are_used_several_times(student, rng):
    """A Value that is used several times collects what comes from each use."""
    a, b = (float(each) for each in rng.uniform(0.5, 2.5, 2))
    assert_value(student, lambda x: add(mul(x, x), x), (a,), a * a + a, (2 * a + 1,), "the sum x x + x")
    assert_value(student, lambda x: add(add(x, x), x), (a,), 3 * a, (3.0,), "the sum x + x + x")
    assert_value(student, lambda x, y: mul(add(x, y), x), (a, b), (a + b) * a, (2 * a + b, a), "the product (x + y) x")

    def shared(x):
        p = mul(x, 2.0)
        q = add(p, mul(p, p))
        r = mul(q, p)
        return add(add(r, q), mul(r, q))

    p, q = 2 * a, 2 * a + 4 * a * a
    dq = 2 + 8 * a
    r, dr = q * p, dq * p + q * 2
    assert_value(student, shared, (a,), r + q + r * q, (dr + dq + dr * q + r * dq,), "a shared part of a shared part")


@pytest.mark.points(0.39, exercise="Value", spec="Results count to nine digits")
def test_values_have_nine_digits(student, rng):
    """Numbers and gradients are right to nine digits."""
    a, b = (float(each) for each in rng.uniform(0.5, 2.5, 2))
    x, y = student.Value(a), student.Value(b)
    result = mul(add(x, y), y)
    result.backward()
    for words, got, want in (
        ("the product (x + y) y", result.data, (a + b) * b),
        ("its gradient for x", x.grad, b),
        ("its gradient for y", y.grad, a + 2 * b),
    ):
        assert_matches(plain(got), want, rtol=1e-9, case=f"nine digits, {words}")


@pytest.mark.points(1.3, exercise="Value", spec="What comes from above")
def test_a_gradient_from_above(student, rng):
    """backward multiplies by the gradient that it is given."""
    a, g = float(rng.uniform(0.5, 2.5)), float(rng.uniform(2.0, 5.0))
    assert_value(
        student,
        lambda x: add(mul(x, x), x),
        (a,),
        a * a + a,
        (g * (2 * a + 1),),
        "x x + x with a gradient from above",
        g,
    )


@pytest.mark.points(1.3, exercise="Value", spec="So two calls, of the same Value or of two that share a part, add up")
def test_several_calls_of_backward_add_up(student, rng):
    """Two calls of backward add up, also if the Values share a part."""
    a = float(rng.uniform(0.5, 2.5))
    x = student.Value(a)
    middle = mul(x, 3.0)
    first, second = mul(middle, middle), add(middle, 1.0)
    check(abs(plain(x.grad)) < 1e-12, "the attribute grad is not 0 at first")
    first.backward()
    once = 18 * a
    assert_close(x.grad, once, "after one call")
    first.backward()
    assert_close(x.grad, 2 * once, "after two calls of the same Value")
    second.backward()
    assert_close(x.grad, 2 * once + 3.0, "after a call of another Value that shares a part")
    assert_close(middle.grad, 2 * 6 * a + 1, "a Value in between")
    assert_close(first.grad, 2.0, "the Value itself")


@pytest.mark.points(0.26, exercise="Value", spec="Chains of thousands of Values")
def test_long_chains_of_values(student):
    """A chain of 3,000 Values is no problem."""
    x = student.Value(0.5)
    student.np.sum([x] * 3000).backward()
    assert_close(x.grad, 3000.0, "a long chain")


@pytest.mark.points(5.2, exercise="Value", spec="graphs with billions of paths are no problem")
def test_many_paths_of_values(student):
    """In a graph of short and long ways with billions of paths, each Value hands on its whole gradient once."""
    x = student.Value(1.0)
    y = x
    for _ in range(26):
        short, long, square = mul(y, 0.2), mul(mul(mul(mul(y, 0.6), 0.8), 2.0), 0.5), mul(mul(y, y), 0.05)
        y = add(add(add(add(short, short), long), square), 0.07)  # 1 again, with the slope 0.98
    y.backward()
    assert_close(x.grad, 0.98**26, "many paths")


# Dense


def layer_with(student, rng, n_in, n_out):
    """A layer with weights and biases of the test's choice."""
    layer = student.Dense(n_in, n_out, np.random.default_rng(1))
    W, b = off_zero(rng, n_in, n_out), off_zero(rng, n_out)
    set_attr(layer, "W", W)
    set_attr(layer, "b", b)
    return layer, W, b


def passed(student, rng, n, n_in, n_out):
    """A layer after one forward and one backward pass: it, what came back, and what should have."""
    layer, W, _ = layer_with(student, rng, n_in, n_out)
    X, dout = off_zero(rng, n, n_in), off_zero(rng, n, n_out)
    layer.forward(X)
    return layer, layer.backward(dout), (dout @ W.T, X.T @ dout, dout.sum(axis=0))


SHAPES = ((4, 3, 2), (3, 2, 5), (1, 4, 3), (5, 1, 1))


@pytest.mark.points(
    1.6, exercise="Dense", spec="They may be replaced from outside, and forward and backward use what is"
)
def test_forward_is_affine(student, rng):
    """forward computes X W + b with the weights and biases that are there."""
    for n, n_in, n_out in SHAPES:
        layer, W, b = layer_with(student, rng, n_in, n_out)
        X = off_zero(rng, n, n_in)
        words = f"{n} examples, {n_in} inputs, {n_out} outputs"
        assert_matches(layer.forward(X), X @ W + b, **CLOSE, loose_shape=True, case=words)


@pytest.mark.points(1, exercise="Dense", spec="W has independent normal entries of mean 0 and variance 1 / n_in")
def test_weights_are_drawn_as_announced(student):
    """W has independent normal entries of mean 0 and variance 1 / n_in; b is 0."""
    for seed, (n_in, n_out) in enumerate(((200, 300), (300, 100))):
        layer = student.Dense(n_in, n_out, np.random.default_rng(1000 + seed))
        W = np.asarray(layer.W, dtype=float)
        check(W.shape == (n_in, n_out), "the weights W have not the shape (n_in, n_out)")
        u, words = W * np.sqrt(n_in), f"{n_in} inputs, {n_out} outputs"
        assert_within_z((u**2).mean(), 1.0, np.sqrt(2.0), u.size, case=f"variance, {words}")
        assert_within_z(u.mean(), 0.0, 1.0, u.size, case=f"mean, {words}")
        assert_within_z((u**4).mean(), 3.0, np.sqrt(96.0), u.size, case=f"shape of the distribution, {words}")
        for axis in (0, 1):
            neighbours = np.take(u, range(1, u.shape[axis]), axis) * np.take(u, range(u.shape[axis] - 1), axis)
            assert_within_z(neighbours.mean(), 0.0, 1.0, neighbours.size, case=f"independence, {words}")
        check(not np.asarray(layer.b, dtype=float).any(), "the biases b are not 0 at first")


@pytest.mark.points(1, exercise="Dense", spec="drawn from rng")
def test_weights_come_from_the_generator(student):
    """The same generator gives the same W, another one another W, and it is used up as it goes."""
    first, again, other = (np.asarray(student.Dense(3, 4, np.random.default_rng(s)).W, dtype=float) for s in (7, 7, 8))
    assert_matches(again, first, case="the same generator")
    check(not np.allclose(first, other), "another generator gives the same W")
    rng = np.random.default_rng(7)
    one, two = (np.asarray(student.Dense(3, 4, rng).W, dtype=float) for _ in range(2))
    check(not np.allclose(one, two), "two layers from one generator have the same W")
    check(not student.last.global_random, "NumPy's global generator was used")


@pytest.mark.points(1.8, exercise="Dense", spec="Derivatives of the loss with respect to X.")
def test_what_backward_returns(student, rng):
    """backward returns the derivatives with respect to X."""
    for n, n_in, n_out in SHAPES:
        _, got, (dX, _, _) = passed(student, rng, n, n_in, n_out)
        words = f"{n} examples, {n_in} inputs, {n_out} outputs"
        assert_matches(got, dX, **CLOSE, loose_shape=True, case=words)


@pytest.mark.points(1.6, exercise="Dense", spec="Derivatives of the loss, there after backward.")
def test_gradient_of_the_weights(student, rng):
    """dW adds up the contributions of all examples."""
    for n, n_in, n_out in SHAPES:
        layer, _, (_, dW, _) = passed(student, rng, n, n_in, n_out)
        words = f"{n} examples, {n_in} inputs, {n_out} outputs"
        assert_matches(layer.dW, dW, **CLOSE, loose_shape=True, case=f"the gradient dW, {words}")


@pytest.mark.points(1.2, exercise="Dense", spec="nothing is divided by N here")
def test_gradient_of_the_biases(student, rng):
    """db adds up the contributions of all examples."""
    for n, n_in, n_out in SHAPES:
        layer, _, (_, _, db) = passed(student, rng, n, n_in, n_out)
        words = f"{n} examples, {n_in} inputs, {n_out} outputs"
        assert_matches(layer.db, db, **CLOSE, loose_shape=True, case=f"the gradient db, {words}")


@pytest.mark.points(1, exercise="Dense", spec="Every call overwrites dW and db.")
def test_backward_overwrites(student, rng):
    """A second pass overwrites dW and db, and uses the last X."""
    layer, _, _ = layer_with(student, rng, 3, 2)
    for n in (4, 2, 5):
        X, dout = off_zero(rng, n, 3), off_zero(rng, n, 2)
        layer.forward(X)
        layer.backward(dout)
        assert_matches(layer.dW, X.T @ dout, **CLOSE, loose_shape=True, case=f"the gradient dW, {n} examples")
        assert_matches(layer.db, dout.sum(axis=0), **CLOSE, loose_shape=True, case=f"the gradient db, {n} examples")


@pytest.mark.points(0.5, exercise="Dense", spec="W, b : ndarrays of shape (n_in, n_out) and (n_out,)")
def test_shapes_of_parameters_and_gradients(student, rng):
    """Shapes are as announced for one output too, X may be of any kind, and nothing is modified."""
    for n, n_in, n_out in ((1, 3, 1), (4, 1, 1)):
        layer, got, (dX, dW, db) = passed(student, rng, n, n_in, n_out)
        words = f"{n} examples, {n_in} inputs, {n_out} outputs"
        assert_matches([got, layer.dW, layer.db], [dX, dW, db], **CLOSE, case=words)
        assert_shape(layer.forward(off_zero(rng, n, n_in)), (n, n_out), case=words)
    layer, W, b = layer_with(student, rng, 3, 2)
    X = rng.integers(-3, 4, (5, 3))
    kinds = {"integers": X, "Fortran order": np.asfortranarray(X * 1.0), "float32": X.astype(np.float32)}
    for words, each in kinds.items():
        assert_matches(layer.forward(each), X @ W + b, **(ROUGH if words == "float32" else CLOSE), case=words)
    layer = student.Dense(3, 2, np.random.default_rng(2))
    check(np.shape(layer.b) == (2,), "the biases b have not the shape (n_out,)")
    X, dout = off_zero(rng, 4, 3), off_zero(rng, 4, 2)
    layer.forward(frozen(X))
    assert_unchanged(student)
    layer.backward(frozen(dout))
    assert_unchanged(student)
    check(
        np.shape(layer.dW) == (3, 2) and np.shape(layer.db) == (2,),
        "the gradients dW and db have not the shapes of W and b",
    )


@pytest.mark.points(0.3, exercise="Dense", spec="Send a gradient back through the last call of this layer's forward.")
def test_layers_share_nothing(student, rng):
    """Two layers share nothing: each goes back with its own X and W."""
    (one, W, _), (other, _, _) = (layer_with(student, rng, 3, 2) for _ in range(2))
    X, dout = off_zero(rng, 4, 3), off_zero(rng, 4, 2)
    one.forward(X)
    other.forward(off_zero(rng, 4, 3))
    got, words = one.backward(dout), "after the forward of another layer"
    assert_matches(got, dout @ W.T, **CLOSE, loose_shape=True, case=f"what backward returns, {words}")
    assert_matches(one.dW, X.T @ dout, **CLOSE, loose_shape=True, case=f"the gradient dW, {words}")


# mlp_loss_and_grads


def network(rng, *sizes, n=5):
    """Parameters, examples and classes, every class among them."""
    params = [
        (rng.normal(0, 0.8, pair), rng.uniform(0.2, 0.9, pair[1]) * rng.choice([-1.0, 1.0], pair[1]))
        for pair in pairwise(sizes)
    ]
    y = rng.permutation(np.resize(np.arange(sizes[-1]), n))
    return params, rng.normal(size=(n, sizes[0])), y


def results(student, reference, problem, activation):
    got, want = (module.mlp_loss_and_grads(*problem, activation) for module in (student, reference))
    check(isinstance(got, list | tuple) and len(got) == 2, "not the two things, loss and grads, came back")
    return got, want


def assert_layer(student, reference, problem, activation, layers, words):
    got, want = results(student, reference, problem, activation)
    check(
        isinstance(got[1], list | tuple) and len(got[1]) == len(want[1]),
        "there is not one pair of gradients for each layer",
    )
    for k in layers:
        pair = got[1][k]
        check(isinstance(pair, list | tuple) and len(pair) == 2, "an entry of grads is no pair")
        assert_matches(list(pair), list(want[1][k]), rtol=1e-7, atol=1e-9, loose_shape=True, case=words)


@pytest.mark.points(1.5, exercise="mlp_loss_and_grads", spec="Mean softmax cross-entropy of a multi-layer network")
def test_loss_of_networks(student, reference, rng):
    """The loss is the mean cross-entropy of the scores."""
    for sizes, activation in (((3, 4, 2), "tanh"), ((2, 3, 4, 3), "relu"), ((4, 3), "relu")):
        got, want = results(student, reference, network(rng, *sizes), activation)
        assert_matches(got[0], want[0], rtol=1e-9, loose_shape=True, case=f"{len(sizes) - 1} layers, {activation}")


@pytest.mark.points(1, exercise="mlp_loss_and_grads", spec="the last layer is linear, and what it returns are the")
def test_gradients_of_the_last_layer(student, reference, rng):
    """The gradients of the last layer are right."""
    for sizes, activation in (((3, 4, 2), "tanh"), ((2, 3, 4, 3), "tanh")):
        assert_layer(
            student,
            reference,
            network(rng, *sizes),
            activation,
            [-1],
            f"{len(sizes) - 1} layers, dW and db of the last one",
        )


@pytest.mark.points(1.5, exercise="mlp_loss_and_grads", spec="the derivatives of the mean loss with respect to W and b")
def test_gradients_of_a_hidden_layer(student, reference, rng):
    """With one hidden layer, the gradients below the activation are right."""
    for activation, at in (("tanh", ""), ("relu", ""), ("relu", " at exactly 0")):
        params, X, y = network(rng, 3, 4, 2)
        if at:
            X[0], params[0][1][:] = 0.0, 0.0
        words = f"one hidden layer, {activation}{at}, dW and db below it"
        assert_layer(student, reference, (params, X, y), activation, [0], words)


@pytest.mark.points(4, exercise="mlp_loss_and_grads", spec="any number of layers, also a single one")
def test_gradients_of_deep_networks(student, reference, rng):
    """With several hidden layers, the gradients of all layers are right."""
    for sizes, activation in (((3, 4, 5, 2), "tanh"), ((2, 5, 3, 4, 3), "relu"), ((3, 3, 3, 3), "tanh")):
        n, problem = len(sizes) - 1, network(rng, *sizes)
        assert_layer(student, reference, problem, activation, range(n), f"{n} layers, {activation}, dW and db")


@pytest.mark.points(1, exercise="mlp_loss_and_grads", spec="Name of phi, one that needs no alpha.")
def test_networks_with_every_activation(student, reference, rng):
    """Loss and gradients follow the activation that is asked for."""
    for activation in ("sigmoid", "softplus", "gelu_tanh"):
        problem = network(rng, 3, 4, 3)
        got, want = results(student, reference, problem, activation)
        assert_matches(got[0], want[0], rtol=1e-3, loose_shape=True, case=f"{activation}, the loss")
        pair = list(got[1][0]) if isinstance(got[1], list | tuple) and got[1] else got[1]
        assert_matches(
            pair,
            list(want[1][0]),
            rtol=1e-5,
            atol=1e-5,
            loose_shape=True,
            case=f"{activation}, dW and db of the first layer",
        )


@pytest.mark.points(0.5, exercise="mlp_loss_and_grads", spec="Not every class need occur.")
def test_single_layers_single_examples_and_unusual_labels(student, reference, rng):
    """A single layer, a single example, labels of any integer type and missing classes are fine."""
    for words, sizes, y in (
        ("a single layer", (3, 4), np.array([3, 0, 3, 1, 0])),
        ("a single example", (3, 2, 4), np.array([1])),
        ("labels of type uint8", (3, 4, 3), np.array([0, 0, 1, 0, 0], dtype=np.uint8)),
    ):
        params, X, _ = network(rng, *sizes, n=len(y))
        got, want = results(student, reference, (params, X, y), "tanh")
        assert_matches(got[0], want[0], rtol=1e-9, loose_shape=True, case=words)
        assert_matches(list(got[1][-1]), list(want[1][-1]), rtol=1e-7, atol=1e-9, loose_shape=True, case=words)


@pytest.mark.points(0.5, exercise="mlp_loss_and_grads", spec="in the order and the shapes of params")
def test_gradients_have_the_shapes_of_the_parameters(student, rng):
    """grads has the shapes of params, also for a single unit, and nothing that was passed in is modified."""
    params, X, y = network(rng, 3, 1, 2)
    frozen_params = [(frozen(W), frozen(b)) for W, b in params]
    _, grads = student.mlp_loss_and_grads(frozen_params, frozen(X), frozen(y), "tanh")
    assert_unchanged(student)
    shapes = [tuple(np.shape(each) for each in pair) for pair in grads]
    check(
        shapes == [tuple(np.shape(each) for each in pair) for pair in params],
        "the gradients have not the shapes of params (the first layer has one unit)",
    )
    check(any(np.any(each) for pair in grads for each in pair), "all gradients are 0")


# catches_mlp

WRONG_NETWORKS = (
    "summed_over_the_examples",
    "loss_divided_by_classes_too",
    "squared_error_of_the_probabilities",
    "scores_are_activated",
    "always_relu",
    "activation_not_differentiated",
    "derivative_at_the_output",
    "only_the_last_hidden_layer_bends",
    "only_two_layers_learn",
    "mean_of_bias_gradients",
    "last_layer_first",
)
RIGHT_NETWORKS = ("with_layers", "by_recursion")


@pytest.mark.points(8, exercise="catches_mlp", spec="accusing right ones takes points away again")
def test_wrong_networks_are_caught_and_right_ones_let_through(student, candidates, award):
    """Your test tells wrong networks from right ones that it has not seen."""
    found = judge_catcher(student.catches_mlp, candidates("mlp_loss_and_grads", (*WRONG_NETWORKS, *RIGHT_NETWORKS)))
    award(found.fraction, found.words)


# train_network


def trained(module, problem, activation, epochs, batch_size, seed):
    return module.train_network(*problem, activation, epochs, batch_size, 0.2, np.random.default_rng(seed))


@pytest.mark.points(0.9, exercise="train_network", spec="Each batch makes one step for all layers.")
def test_steps_of_whole_batches(student, reference, rng):
    """With one batch per epoch, the parameters are those of successive steps."""
    problem = network(rng, 3, 4, 2, n=6)
    got, want = (trained(module, problem, "tanh", 3, 6, 1) for module in (student, reference))
    assert_matches(got[0], want[0], rtol=1e-7, atol=1e-9, loose_shape=True)


@pytest.mark.points(1.2, exercise="train_network", spec="Every epoch draws one new order, rng.permutation(len(X))")
def test_batches_are_cut_from_a_new_order_in_every_epoch(student, reference, rng):
    """Every epoch cuts one new order from rng into batches, and uses the short last one too."""
    seed = int(rng.integers(1_000_000))
    for n, batch_size in ((11, 4), (7, 3)):
        problem = network(rng, 3, 4, 2, n=n)
        got, want = (trained(module, problem, "tanh", 3, batch_size, seed) for module in (student, reference))
        assert_matches(got[0], want[0], rtol=1e-7, atol=1e-9, loose_shape=True, case=f"{n} examples")


@pytest.mark.points(0.6, exercise="train_network", spec="the mean loss of all of X and y after each epoch")
def test_losses_are_those_of_all_examples(student, reference, rng):
    """After each epoch, the loss is that of all examples with the parameters of that moment."""
    problem = network(rng, 3, 4, 2, n=10)
    runs = [trained(student, problem, "tanh", epochs, 4, 5) for epochs in (1, 2, 3)]
    check(all(isinstance(run, list | tuple) and len(run) == 2 for run in runs), "not params and losses came back")
    losses = [np.asarray(run[1], dtype=float) for run in runs]
    check([loss.shape for loss in losses] == [(1,), (2,), (3,)], "there is not one loss for each epoch")
    check(np.ptp(losses[2]) > 1e-6, "the loss is the same after every epoch")
    for epochs, ((params, _), loss) in enumerate(zip(runs, losses, strict=True), 1):
        want = reference.mlp_loss_and_grads([tuple(pair) for pair in params], *problem[1:], "tanh")[0]
        assert_matches(loss[-1], want, rtol=1e-7, case=f"the loss after {epochs} epochs")


@pytest.mark.points(0.3, exercise="train_network", spec="The arrays are not modified.")
def test_training_leaves_its_arguments_alone(student, rng):
    """Neither the first parameters nor the examples are modified."""
    problem = network(rng, 3, 4, 2, n=6)
    params, losses = trained(student, problem, "tanh", 2, 4, 3)
    assert_unchanged(student)
    check(len(losses) == 2, "there is not one loss for each epoch")
    moved = any(
        not np.array_equal(new, old)
        for pair, first in zip(params, problem[0], strict=True)
        for new, old in zip(pair, first, strict=True)
    )
    check(moved, "the parameters are those that it started from")
