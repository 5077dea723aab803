import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def attack(target):
    if libc.prctl(4, 1, 0, 0, 0) < 0:
        raise OSError(ctypes.get_errno(), "prctl")
    return "prctl"
