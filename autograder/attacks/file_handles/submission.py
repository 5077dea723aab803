import ctypes
import errno
import platform

libc = ctypes.CDLL(None, use_errno=True)
NUMBER = {"x86_64": 303, "aarch64": 264}[platform.machine()]


def attack(target):
    if libc.syscall(NUMBER, -100, b".", None, None, 0) < 0 and ctypes.get_errno() in (errno.EPERM, errno.EACCES):
        raise OSError(ctypes.get_errno(), "name_to_handle_at")
    return "the kernel looked at the arguments"
