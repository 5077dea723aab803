import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
NUMBER = {"x86_64": 250, "aarch64": 219}[platform.machine()]


def attack(target):
    result = libc.syscall(NUMBER, 0, -3, 1)
    if result < 0:
        raise OSError(ctypes.get_errno(), "keyctl")
    return "allowed"
