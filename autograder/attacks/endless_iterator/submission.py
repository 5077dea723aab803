import itertools


def answer(a, b):
    return itertools.repeat(a + b)
