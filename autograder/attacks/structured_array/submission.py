import numpy as np


def answer(a, b):
    return np.zeros(3, dtype=[("x", "f8"), ("y", "O")])
