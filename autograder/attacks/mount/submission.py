import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def attack(target):
    if libc.mount(b"tmpfs", b".", b"tmpfs", 0, None) < 0:
        raise OSError(ctypes.get_errno(), "mount")
    return "mount"
