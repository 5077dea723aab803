import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def attack(target):
    if libc.syscall(0x40000000 | 39) < 0:
        raise OSError(ctypes.get_errno(), "x32")
    return "allowed"
