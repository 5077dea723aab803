import ctypes
import platform

libc = ctypes.CDLL(None, use_errno=True)
NUMBER = {"x86_64": 323, "aarch64": 282}[platform.machine()]


def attack(target):
    result = libc.syscall(NUMBER, 1)
    if result < 0:
        raise OSError(ctypes.get_errno(), "userfaultfd")
    return "allowed"
