import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def attack(target):
    segment = libc.shmget(0, 1 << 20, 0o1600)
    if segment < 0:
        raise OSError(ctypes.get_errno(), "shmget")
    libc.shmctl(segment, 0, None)
    return "memory outside the limit"
