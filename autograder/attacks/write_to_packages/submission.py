import numpy as np


def attack(target):
    with open(np.__file__, "r+b"):
        return "open for writing"
