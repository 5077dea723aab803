import ctypes
import errno
import platform

libc = ctypes.CDLL(None, use_errno=True)
NUMBER = {"x86_64": 300, "aarch64": 262}[platform.machine()]


def attack(target):
    if libc.syscall(NUMBER, 0, 0) < 0 and ctypes.get_errno() in (errno.EPERM, errno.EACCES):
        raise OSError(ctypes.get_errno(), "fanotify_init")
    return "the kernel looked at the arguments"
