import ctypes
import errno
import platform

libc = ctypes.CDLL(None, use_errno=True)
NUMBER = {"x86_64": 321, "aarch64": 280}[platform.machine()]


def attack(target):
    if libc.syscall(NUMBER, 99, None, 0) < 0 and ctypes.get_errno() in (errno.EPERM, errno.EACCES):
        raise OSError(ctypes.get_errno(), "bpf")
    return "the kernel looked at the arguments"
