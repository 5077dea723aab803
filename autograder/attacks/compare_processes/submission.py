import ctypes
import os
import platform

libc = ctypes.CDLL(None, use_errno=True)
KCMP = {"x86_64": 312, "aarch64": 272}[platform.machine()]


def attack(target):
    if libc.syscall(KCMP, os.getpid(), target["victim"], 1, 0, 0) < 0:
        raise OSError(ctypes.get_errno(), "kcmp")
    return "compared"
