import fcntl

import numpy as np


def attack(target):
    with open(np.__file__, "rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return "locked"
