import numpy as np


def attack(target):
    return np.empty(target["memory_mb"] << 18).nbytes
