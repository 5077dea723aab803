import ctypes
import errno

libc = ctypes.CDLL(None, use_errno=True)


def attack(target):
    buffer = ctypes.create_string_buffer(8)
    vector = (ctypes.c_void_p * 2)(ctypes.addressof(buffer), 8)
    libc.process_vm_readv(target["victim"], vector, 1, (ctypes.c_void_p * 2)(0, 8), 1, 0)
    if ctypes.get_errno() != errno.EFAULT:  # the address is wrong on purpose; all else was allowed
        raise OSError(ctypes.get_errno(), "process_vm_readv")
    return "allowed"
