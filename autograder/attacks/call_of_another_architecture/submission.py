import ctypes
import mmap

GETPID_OF_32_BITS = b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"


def attack(target):
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(GETPID_OF_32_BITS)
    return ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
