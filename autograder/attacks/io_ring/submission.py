import ctypes
import errno
import platform

libc = ctypes.CDLL(None, use_errno=True)
NUMBER = {"x86_64": 425, "aarch64": 425}[platform.machine()]


def attack(target):
    if libc.syscall(NUMBER, 1, None) < 0 and ctypes.get_errno() in (errno.EPERM, errno.EACCES):
        raise OSError(ctypes.get_errno(), "io_uring_setup")
    return "the kernel looked at the arguments"
