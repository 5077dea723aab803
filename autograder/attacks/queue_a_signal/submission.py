import ctypes
import signal

libc = ctypes.CDLL(None, use_errno=True)


def attack(target):
    if libc.sigqueue(target["victim"], int(signal.SIGKILL), None) < 0:
        raise OSError(ctypes.get_errno(), "sigqueue")
    return "killed"
