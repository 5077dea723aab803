import ctypes
import errno
import platform

libc = ctypes.CDLL(None, use_errno=True)
NUMBER = {"x86_64": 298, "aarch64": 241}[platform.machine()]


def attack(target):
    if libc.syscall(NUMBER, None, 0, -1, -1, 0) < 0 and ctypes.get_errno() in (errno.EPERM, errno.EACCES):
        raise OSError(ctypes.get_errno(), "perf_event_open")
    return "the kernel looked at the arguments"
