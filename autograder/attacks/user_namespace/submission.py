import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def attack(target):
    if libc.unshare(0x10000000) < 0:
        raise OSError(ctypes.get_errno(), "unshare")
    return "unshare"
