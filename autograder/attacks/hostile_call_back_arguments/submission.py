import contextlib

import numpy as np


def use(function):
    for value in (10**5000, [[]] * 1000, np.zeros((0, 2**40)), object(), "\ud800", b"x" * 10**6, np.array([None])):
        with contextlib.suppress(Exception):
            function(value)
