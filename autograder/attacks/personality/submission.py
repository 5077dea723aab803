import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def attack(target):
    if libc.personality(0x0040000) < 0:
        raise OSError(ctypes.get_errno(), "personality")
    return "personality"
