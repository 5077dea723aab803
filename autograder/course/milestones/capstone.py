"""The five runs of the capstone as handed out and mended: the figures that the logs in the notebook stand for."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator

import numpy as np

from autograder.config import ROOT
from autograder.course.cells import Topic
from autograder.course.percent import read_topic
from autograder.course.reference import is_variable, load_reference
from autograder.course.stubs import stub_source

MENDED_RATE = 0.4  # in run 1 the rate means something else once gradients are means


def measure(seeds: Iterable[int] = range(20)) -> dict[str, dict[str, float]]:
    """Run everything with the code as handed out and with the reference.

    Parameters
    ----------
    seeds : iterable of int
        Each draws the first weights, the orders, and whatever else a run leaves to chance.

    Returns
    -------
    dict of str to dict of str to float
        For each figure its mean, std (ddof 1), min and max over the seeds.
    """
    topic, seeds = read_topic(ROOT / "solutions" / "capstone.py"), tuple(seeds)
    found: dict[str, list[float]] = {}
    for state, module, rate in (
        ("handed out", as_handed_out(topic), 0.02),
        ("mended", load_reference(topic), MENDED_RATE),
    ):
        for seed in seeds:
            with np.errstate(all="ignore"):  # a run that explodes is part of the experiment
                for name, value in _figures(module, rate, seed):
                    found.setdefault(f"{name}, {state}", []).append(value)
    return {name: _summary(found[name]) for name in sorted(found)}


def as_handed_out(topic: Topic) -> types.ModuleType:
    """The notebook's code as students get it, faults and all."""
    module = load_reference(topic)
    for cell in topic.exercises():
        if not is_variable(cell):
            exec(stub_source(cell), module.__dict__)
    return module


def _figures(module: types.ModuleType, rate: float, seed: int) -> Iterator[tuple[str, float]]:
    for size in (8, 32, 128):
        yield f"run 1, batches of {size}: loss of epoch 8", module.run_1(size, rate, seed=seed)[-1]
    losses, spread = module.log_run_2(seed)
    for depth in losses:
        yield f"run 2, {depth} hidden: loss of epoch 6", losses[depth][-1]
        yield f"run 2, {depth} hidden: spread of the scores", spread[depth]
    for n, hits in enumerate(module.log_run_3(seed), start=1):
        yield f"run 3, test {n}: accuracy", float(hits.mean())
    for part, (loss, accuracy) in zip(("training", "validation", "test"), module.run_4(seed=seed)[-1], strict=True):
        yield f"run 4, {part}: loss", float(loss)
        yield f"run 4, {part}: accuracy", float(accuracy)
    validation, again, accuracy = module.run_5(seed)
    yield "run 5, lowest loss", min(validation)
    yield "run 5, epoch of the lowest loss", float(np.argmin(validation)) + 1
    yield "run 5, loss of what came back", float(again)
    yield "run 5, test accuracy of it", float(accuracy)


def _summary(values: list[float]) -> dict[str, float]:
    array = np.array(values)
    return {
        "mean": float(array.mean()),
        "std": float(array.std(ddof=1)),
        "min": float(array.min()),
        "max": float(array.max()),
    }
