"""Follow-through in hw04: a mistake is paid for once, and handing on an earlier answer earns nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from autograder.config import load_course
from autograder.grading.bank import submission_with
from autograder.grading.run import TopicGrader
from autograder.records import ExerciseResult

WRONG = {
    "ema_weights": "def ema_weights(beta, t):\n    return beta ** np.arange(t)\n",
    "ema_weight_sum": "def ema_weight_sum(beta, t):\n    return beta**t\n",
    "mended_step": (
        "def mended_step(x, g, v, cache, t, lr, gamma, beta, eps):\n"
        "    v, cache = gamma * v + (1 - gamma) * g, beta * cache + (1 - beta) * g**2\n"
        "    return x - lr * v / (cache + eps), v, cache\n"
    ),
}
SUM_OF_WEIGHTS = "def ema_weight_sum(beta, t):\n    return float(np.sum(ema_weights(beta, t)))\n"
MEANS_BY_WEIGHTS = (
    "def bias_corrected_ema(g, beta):\n"
    "    rows = [np.average(g[:t], axis=0, weights=ema_weights(beta, t)) for t in range(1, len(g) + 1)]\n"
    "    return np.array(rows)\n"
)
MEANS_BY_SUMS = (
    "def bias_corrected_ema(g, beta):\n"
    "    s, rows = 0.0, []\n"
    "    for t, value in enumerate(np.asarray(g, dtype=float), start=1):\n"
    "        s = beta * s + (1 - beta) * value\n"
    "        rows.append(s / ema_weight_sum(beta, t))\n"
    "    return np.array(rows)\n"
)
ADAM_BY_STEPS = (
    "class Adam:\n"
    "    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7):\n"
    "        self.settings, self.t, self.memory = (lr, beta1, beta2, eps), 0, {}\n"
    "    def step(self, params, grads):\n"
    "        self.t, new = self.t + 1, {}\n"
    "        for key, x in params.items():\n"
    "            g = np.asarray(grads[key], dtype=float)\n"
    "            v, cache = self.memory.get(key, (np.zeros(np.shape(x)), np.zeros(np.shape(x))))\n"
    "            new[key], v, cache = mended_step(x, g, v, cache, self.t, *self.settings)\n"
    "            self.memory[key] = v, cache\n"
    "        return new\n"
)
SUM_HANDED_ON = "def ema_weight_sum(beta, t):\n    return ema_weights(beta, t)\n"
MEANS_HANDED_ON = "def bias_corrected_ema(g, beta):\n    return ema_weights(beta, len(g))\n"
STEP_HANDED_ON = (
    "class Adam:\n"
    "    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-7):\n"
    "        self.settings = lr, beta1, beta2, eps\n"
    "    def step(self, params, grads):\n"
    "        return {k: mended_step(x, grads[k], 0 * x, 0 * x, 1, *self.settings) for k, x in params.items()}\n"
)


@pytest.fixture(scope="module")
def grader() -> Iterator[TopicGrader]:
    grader = TopicGrader(load_course(), "hw04_adam", diagnose=False)
    yield grader
    grader.close()


def later(grader: TopicGrader, earlier: str, exercise: str, source: str | None) -> ExerciseResult:
    """The result of one exercise on top of a wrong earlier one."""
    submission = submission_with(grader.topic, exercise, source)
    ids = {cell.name: cell.id for cell in grader.topic.exercises()}
    cells = tuple(replace(c, source=WRONG[earlier]) if c.name == ids[earlier] else c for c in submission.cells)
    result = grader.grade(replace(submission, cells=cells), seed=1, exercises=(earlier, exercise))
    found = {each.name: each for each in result.exercises}
    assert found[earlier].score < found[earlier].max_score
    return found[exercise]


@pytest.mark.parametrize(
    ("earlier", "exercise", "source"),
    [
        ("ema_weights", "ema_weight_sum", SUM_OF_WEIGHTS),
        ("ema_weights", "bias_corrected_ema", MEANS_BY_WEIGHTS),
        ("ema_weight_sum", "bias_corrected_ema", MEANS_BY_SUMS),
        ("ema_weight_sum", "Adam", None),
        ("mended_step", "Adam", ADAM_BY_STEPS),
    ],
)
def test_a_right_answer_on_top_of_a_wrong_one_gets_all_its_points(
    grader: TopicGrader, earlier: str, exercise: str, source: str | None
) -> None:
    result = later(grader, earlier, exercise, source)
    assert result.score == result.max_score


@pytest.mark.parametrize(
    ("earlier", "exercise", "source", "most"),
    [
        ("ema_weights", "ema_weight_sum", SUM_HANDED_ON, 0.1),
        ("ema_weights", "bias_corrected_ema", MEANS_HANDED_ON, 0.1),
        ("mended_step", "Adam", STEP_HANDED_ON, 0.6),  # without memory: a mistake of concept, whoever makes the step
    ],
)
def test_handing_on_the_earlier_answer_does_not_pass(
    grader: TopicGrader, earlier: str, exercise: str, source: str, most: float
) -> None:
    result = later(grader, earlier, exercise, source)
    assert result.score <= most * result.max_score
