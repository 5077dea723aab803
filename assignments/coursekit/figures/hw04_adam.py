"""Figures of hw04: bias of the moving average, length of Adam's steps, two Adams on digits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from coursekit import data, plot

Run = tuple[list[float], float]  # training loss after each epoch, test accuracy at the end
EPOCHS = 5
RACERS = (("corrected", 0.003), ("uncorrected", 0.003), ("corrected", 0.015))


def bias_of_the_average(
    ema_weights: Callable[..., Any], ema_weight_sum: Callable[..., Any], bias_corrected_ema: Callable[..., Any]
) -> plot.Picture:
    """Left, what an average remembers; right, what it says about noise around 1, corrected and not."""
    t, g = np.arange(1, 41), 1 + 0.3 * np.random.default_rng(4).standard_normal(40)
    corrected = np.asarray(bias_corrected_ema(g, 0.9))
    share = np.array([ema_weight_sum(0.9, int(i)) for i in t])
    weights = {}
    for n in (2, 7, 30):
        weights[f"after {n} steps: sum {ema_weight_sum(0.9, n):.2f}"] = np.arange(1, n + 1), ema_weights(0.9, n)
    averages = {"corrected": corrected, "uncorrected": corrected * share, "1 - 0.9**t": share, "gradients": g}
    return plot.draw(
        plot.Panel(
            "What the average remembers (beta = 0.9)", "number of the gradient", "weight of the gradient", weights
        ),
        plot.Panel(
            "Averages of noise around 1",
            "step t",
            "value",
            {name: (t, y) for name, y in averages.items()},
            dots=("gradients",),
        ),
        alt="Left: the newest gradient weighs 0.1, each older one 0.9 times as much as the next; after 2, 7 and 30 "
        "steps the weights add up to 0.19, 0.52 and 0.96. Right: the corrected average is near 1 from the start; the "
        "uncorrected one starts near 0.1 and follows the curve 1 - 0.9**t for some 20 steps.",
    )


def step_length(kinds: Mapping[str, Callable[..., Any]], steps: int = 5000) -> plot.Picture:
    """How long each step on a constant gradient is, in units of the learning rate."""
    lines = {}
    for name, kind in kinds.items():
        optimiser, lengths = kind(lr=1.0), []
        for _ in range(steps):
            moved = optimiser.step({"w": np.zeros(1)}, {"w": np.array([5.0])})
            lengths.append(float(abs(moved["w"][0])))
        lines[name] = np.arange(1, steps + 1), lengths
    return plot.draw(
        plot.Panel("Steps on a constant gradient", "step t", "length / learning rate", lines, log="x"),
        alt="With correction every step is one learning rate long. Without it the first step is 3.2 long, steps 10 to "
        "20 are about 6.5 long, and it takes some 3000 steps until the two agree.",
    )


def run(
    kind: Callable[..., Any], lr: float, seed: int, train: Callable[..., Any], network: Any, loss: Callable[..., Any]
) -> Run:
    """Train the small network on digits once.

    The seed draws the first weights and after them the orders of the examples, so that all optimisers start alike.
    """
    X, y, X_test, y_test = data.split(data.load("digits"))
    rng = np.random.default_rng(seed)
    params, losses = train(kind(lr=lr), network(rng), loss, X, y, EPOCHS, 32, rng)
    hidden = np.maximum(X_test @ params["W1"] + params["b1"], 0)
    return losses, float(np.mean((hidden @ params["W2"] + params["b2"]).argmax(axis=1) == y_test))


def race(
    kinds: Mapping[str, Callable[..., Any]],
    train: Callable[..., Any],
    network: Any,
    loss: Callable[..., Any],
    seeds: int = 5,
) -> plot.Picture:
    """Training loss by epoch of each racer, mean and range over some seeds."""
    lines, bands = {}, {}
    epochs = np.arange(1, EPOCHS + 1)
    for kind, lr in RACERS:
        runs = [run(kinds[kind], lr, seed, train, network, loss) for seed in range(seeds)]
        losses = np.array([each[0] for each in runs])
        name = f"{kind}, lr {lr}: test accuracy {np.mean([each[1] for each in runs]):.3f}"
        lines[name] = epochs, losses.mean(axis=0)
        bands[name] = losses.min(axis=0), losses.max(axis=0)
    title = f"Digits: mean and range of {seeds} seeds"
    return plot.draw(
        plot.Panel(title, "epoch", "training loss", lines, log="y", bands=bands),
        alt="Training loss over five epochs. Corrected Adam at the rate 0.003 is slowest by far. Uncorrected, it is "
        "ahead after one epoch already. Corrected and with five times the rate, it is as fast.",
    )
