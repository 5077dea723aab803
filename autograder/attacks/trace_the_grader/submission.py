import ctypes

libc = ctypes.CDLL(None, use_errno=True)


def attack(target):
    if libc.ptrace(0x4206, target["victim"], None, None) < 0:
        raise OSError(ctypes.get_errno(), "ptrace")
    return "ptrace"
