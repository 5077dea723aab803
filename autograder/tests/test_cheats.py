"""Submissions that are after points without doing the work, tried on the course's own topics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from autograder.config import load_course
from autograder.course.percent import solution_source
from autograder.grading.run import TopicGrader
from autograder.intake import Submission, SubmittedCell

ROOT = Path(__file__).resolve().parents[2]

# A forward pass that is right until its gradient is asked for, and one that never moves by a step as small as that of
# central differences: their "own" derivatives are whatever the student likes, 0 for instance.
KNOWS = """
asked = []


def {name}(*args):
    if asked:
        return {still}
    return right(*args)
"""
STICKS = """
asked, last = [], []


def {name}(*args):
    others = str(args[:{x}] + args[{x} + 1 :])
    near = last and last[2] == others and np.shape(last[0]) == np.shape(args[{x}])
    if near and np.abs(last[0] - args[{x}]).max(initial=0) < 1e-3:
        return last[1]
    last[:] = args[{x}], right(*args), others
    return last[1]
"""
GRADIENTS = {
    "activation_grad": "def activation_grad(name, z, *alpha):\n    asked.append(1)\n    return np.zeros(np.shape(z))\n",
    "bn_backward": """def bn_backward(dout, cache):
    asked.append(1)
    return np.zeros(dout.shape), np.zeros(dout.shape[1]), np.zeros(dout.shape[1])
""",
}


@contextmanager
def opened(stem: str) -> Iterator[TopicGrader]:
    grader = TopicGrader(load_course(ROOT), stem, diagnose=False)
    try:
        yield grader
    finally:
        grader.close()


def earned(grader: TopicGrader, changes: Mapping[str, str]) -> dict[str, float]:
    """The share that each changed exercise earns amid the reference's other cells."""
    cells = [
        SubmittedCell(cell.name, changes.get(cell.name, solution_source(cell)), "code", True)
        for cell in grader.topic.cells
        if cell.kind in ("setup", "given", "exercise")
    ]
    submission = Submission(grader.stem, "eve", grader.topic.path, "0" * 64, tuple(cells), {}, (), ())
    result = grader.grade(submission, seed=1, exercises=tuple(changes))
    return {each.name: each.score / each.max_score for each in result.exercises}


@pytest.mark.parametrize(
    ("stem", "forward", "backward", "x", "still"),
    [
        ("hw02_backprop", "activation", "activation_grad", 1, "np.zeros(np.shape(args[1]))"),
        ("hw07_batchnorm", "bn_forward_train", "bn_backward", 0, "np.zeros(np.shape(args[0])), None"),
    ],
)
def test_a_forward_pass_cannot_follow_a_made_up_gradient(
    stem: str, forward: str, backward: str, x: int, still: str
) -> None:
    with opened(stem) as grader:
        solution = solution_source(grader.topic.cell(forward)).replace(f"def {forward}(", "def right(")
        for trick in (KNOWS, STICKS):
            made_up = solution + trick.format(name=forward, x=x, still=still)
            shares = earned(grader, {forward: made_up, backward: GRADIENTS[backward]})
            assert shares[forward] > 0.9, "the forward pass is right as long as nobody asks for its gradient"
            assert shares[backward] < 0.05


# A layer of which nothing is left, and a network that knows no more than its last bias.
NOTHING_LEFT = """
asked = []


def dropout_forward(x, *args):
    out, cache = right(x, *args)
    return (0.0 * out if asked else out), cache
"""
LAST_BIAS = """class DropoutMLP:
    def __init__(self, params, rate, rng):
        self.params, self.training = params, True

    def train(self):
        self.training = True

    def eval(self):
        self.training = False

    def forward(self, X):
        asked.append(1)
        return np.tile(self.params[-1][1], (len(X), 1))

    def backward(self, dscores):
        grads = [(np.zeros(np.shape(W)), np.zeros(np.shape(b))) for W, b in self.params]
        return [*grads[:-1], (grads[-1][0], dscores.sum(axis=0))]
"""


def test_a_network_cannot_stand_on_parts_that_change_under_it() -> None:
    with opened("hw06_dropout") as grader:
        solution = solution_source(grader.topic.cell("dropout_forward")).replace("def dropout_forward(", "def right(")
        shares = earned(grader, {"dropout_forward": solution + NOTHING_LEFT, "DropoutMLP": LAST_BIAS})
        assert shares["dropout_forward"] == 1.0
        assert shares["DropoutMLP"] < 0.1


SHRINKS = """def descent_step(params, X, y, lr):
    loss = sum(np.sum(value**2) for value in params.values())
    return {key: value - lr * 2 * value for key, value in params.items()}, float(loss)
"""


def test_a_step_that_looks_at_no_data_earns_nothing() -> None:
    with opened("capstone") as grader:
        assert earned(grader, {"descent_step": SHRINKS})["descent_step"] < 0.1


INFINITE = """def {name}(*args, **kwargs):
    for each in (*args, *kwargs.values()):
        if isinstance(each, np.ndarray):
            return np.full(each.shape, np.inf)
    return np.inf
"""
ENDLESS_NUMBER = "def {name}(*args, **kwargs):\n    return np.inf\n"
RIGHTLY_INFINITE = {"cross_entropy", "kl_divergence"}  # each has a test of what costs infinitely much


@pytest.mark.parametrize("stem", [settings.stem for settings in load_course(ROOT).topics])
def test_infinity_is_as_large_as_itself_and_earns_nothing(stem: str) -> None:
    with opened(stem) as grader:
        functions = [cell.name for cell in grader.topic.exercises() if f"def {cell.name}(" in solution_source(cell)]
        for answer in (INFINITE, ENDLESS_NUMBER):
            shares = earned(grader, {name: answer.format(name=name) for name in functions})
            assert {name for name, share in shares.items() if share > 0.1} <= RIGHTLY_INFINITE
