"""What bn_forward_train keeps for bn_backward may be of any class, also one that the student made."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.config import load_course
from autograder.grading.trial import Trial

FORWARD = """
def bn_forward_train(x, gamma, beta, eps):
    root = np.sqrt(x.var(axis=0) + eps)
    x_hat = (x - x.mean(axis=0)) / root
    return gamma * x_hat + beta, Cache(x_hat, root, gamma)

def bn_backward(dout, cache):
    d = dout * cache.gamma
    dx = (d - d.mean(axis=0) - cache.x_hat * (d * cache.x_hat).mean(axis=0)) / cache.root
    return dx, (dout * cache.x_hat).sum(axis=0), dout.sum(axis=0)
"""
NAMED_TUPLE = """
from collections import namedtuple
Cache = namedtuple("Cache", "x_hat root gamma")
"""
CLASS = """
class Cache:
    def __init__(self, x_hat, root, gamma):
        self.x_hat, self.root, self.gamma = x_hat, root, gamma
"""
DATACLASS = """
from dataclasses import dataclass

@dataclass(frozen=True)
class Cache:
    x_hat: object
    root: object
    gamma: object
"""


@pytest.fixture(scope="module")
def trial() -> Iterator[Trial]:
    with Trial(load_course(), "hw07_batchnorm") as opened:
        yield opened


@pytest.mark.parametrize("cache", [NAMED_TUPLE, CLASS, DATACLASS], ids=["named tuple", "class", "dataclass"])
def test_a_cache_may_be_of_a_class_of_the_students_own(trial: Trial, cache: str) -> None:
    result = trial.grade("bn_backward", cache + FORWARD)
    assert result.score == result.max_score, [test for test in result.tests if test.state != "passed"]


def test_a_cache_that_backward_wears_out_is_noticed(trial: Trial) -> None:
    worn = FORWARD.replace("    return dx, (dout", "    cache.x_hat[:] = cache.x_hat * 1.5\n    return dx, (dout")
    result = trial.grade("bn_backward", CLASS + worn)
    assert "test_a_second_backward_pass_gives_the_same" in [t.name for t in result.tests if t.state == "failed"]
