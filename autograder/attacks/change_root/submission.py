import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def attack(target):
    if libc.chroot(b".") < 0:
        raise OSError(ctypes.get_errno(), "chroot")
    return "chroot"
