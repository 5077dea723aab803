import numpy as np


def answer(a, b):
    return np.array([a + b, None], dtype=object)
