"""Small stand-ins that visible checks and plots try a student's parts with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Arrays = dict[str, Any]


class Descent:
    """Plain gradient descent with the settings of Adam, of which it uses only the rate."""

    def __init__(self, lr: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-7) -> None:
        self.lr = lr

    def step(self, params: Arrays, grads: Arrays) -> Arrays:
        """New parameters, `params - lr * grads` key by key."""
        return {name: old - self.lr * grads[name] for name, old in params.items()}


def late_start(kind: Callable[..., Any]) -> Callable[..., Any]:
    """Optimisers that have taken a step with zero gradients before the first real one."""

    class LateStart:
        def __init__(self, **settings: float) -> None:
            self.optimiser = kind(**settings)
            self.begun = False

        def step(self, params: Arrays, grads: Arrays) -> Arrays:
            if not self.begun:
                self.begun = True
                self.optimiser.step(params, {name: 0.0 * g for name, g in grads.items()})
            moved: Arrays = self.optimiser.step(params, grads)
            return moved

    return LateStart


def squares_loss(params: Arrays, X: np.ndarray, y: np.ndarray) -> tuple[float, Arrays]:
    """The loss `0.5 * mean (X @ w - y)**2` and its gradient, for `params = {"w": w}`."""
    error = X @ params["w"] - y
    return float(0.5 * np.mean(error**2)), {"w": X.T @ error / len(y)}
