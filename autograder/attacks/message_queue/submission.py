import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


def attack(target):
    if libc.mq_open(b"/attack", os.O_CREAT | os.O_RDWR, 0o600, None) < 0:
        raise OSError(ctypes.get_errno(), "mq_open")
    libc.mq_unlink(b"/attack")
    return "a queue"
