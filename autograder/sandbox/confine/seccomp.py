"""The filter on system calls: an allow list in the kernel's own filter language, refused by default with EPERM.

Landlock decides *which* files; this decides *what kind of thing* a child may ask for at all. It also covers what
Landlock cannot see: chmod, sockets, signals, processes, memory outside the address-space limit.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import socket
import struct
import termios
from functools import lru_cache

from . import kernel, tables

_MODE_FILTER = 2
_LOAD, _AND, _JUMP, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x54, 0x05, 0x15, 0x35, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_REFUSE = _ERRNO | errno.EPERM
_X32_BIT = 0x40000000
_NUMBER, _ARCH = 0, 4  # offsets in struct seccomp_data
_OWN_PID = object()

_IOCTLS = (termios.TCGETS, termios.FIONREAD, termios.FIOCLEX, termios.FIONCLEX, termios.FIONBIO, termios.TIOCGWINSZ)
# Locks, signal owners and notifications reach other processes; duplicating and flags do not.
_FCNTLS = (fcntl.F_DUPFD, fcntl.F_GETFD, fcntl.F_SETFD, fcntl.F_GETFL, fcntl.F_SETFL, fcntl.F_DUPFD_CLOEXEC)

# A check is a conjunction of (argument, mask, allowed values); 32-bit arguments need the low word only.
Check = tuple[tuple[int, int, tuple[object, ...]], ...]
_ALL_BITS = 0xFFFFFFFF
_CHECKS: dict[str, Check] = {
    "kill": ((0, _ALL_BITS, (_OWN_PID,)),),
    "tgkill": ((0, _ALL_BITS, (_OWN_PID,)),),
    "ioctl": ((1, _ALL_BITS, _IOCTLS),),
    "fcntl": ((1, _ALL_BITS, _FCNTLS),),
    "sched_getaffinity": ((0, _ALL_BITS, (0, _OWN_PID)),),
    # A datagram pair could send to any socket's path in spite of the refused connect(); a stream pair cannot.
    "socketpair": ((0, _ALL_BITS, (int(socket.AF_UNIX),)), (1, 0xF, (int(socket.SOCK_STREAM),))),
}
# Pointers that must be null, both words: the address of sendto, the new limits of prlimit64.
_NULL_POINTERS = {"sendto": 4, "prlimit64": 2}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def supported() -> bool:
    """Whether the tables cover this processor."""
    return kernel.machine() in tables.ARCHITECTURES


def install() -> None:
    """Filter this process for good (and whatever it would start).

    Raises
    ------
    OSError
        If the kernel has no filters, or the processor is not in the tables.
    """
    if not supported():
        raise OSError(f"seccomp: no table for {kernel.machine()}, only for {', '.join(tables.ARCHITECTURES)}")
    code = program(kernel.machine(), os.getpid())
    buffer = ctypes.create_string_buffer(code, len(code))
    described = _Program(len(code) // 8, ctypes.addressof(buffer))
    kernel.prctl(kernel.PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(described))


def program(machine: str, pid: int) -> bytes:
    """The filter as the kernel reads it, 8 bytes per instruction.

    Parameters
    ----------
    machine
        "x86_64" or "aarch64".
    pid
        The only process that may be sent a signal.
    """
    checked = tables.numbers(tables.CHECKED, machine)
    parts = [_prologue(machine)]
    for name, number in checked.items():
        body = _body(name, pid)
        parts.append(_op(_EQUAL, number, 0, len(body) // 8) + body)
    parts.append(_op(_RETURN, _REFUSE))
    return b"".join(parts)


@lru_cache(maxsize=2)
def _prologue(machine: str) -> bytes:
    """Refuse foreign calling conventions, then allow the plain calls; what is left goes on to the checked ones."""
    allowed = sorted(tables.numbers(tables.ALLOWED, machine).values())
    code = [_op(_LOAD, _ARCH), _op(_EQUAL, tables.ARCHITECTURES[machine], 1, 0), _op(_RETURN, _KILL)]
    code.append(_op(_LOAD, _NUMBER))
    if machine == "x86_64":
        code += [_op(_AT_LEAST, _X32_BIT, 0, 1), _op(_RETURN, _ERRNO | errno.ENOSYS)]
    left = len(allowed)
    code += [_op(_EQUAL, number, left - place, 0) for place, number in enumerate(allowed)]
    code += [_op(_JUMP, 1), _op(_RETURN, _ALLOW)]
    return b"".join(code)


def _body(name: str, pid: int) -> bytes:
    """Instructions for one checked call; each way through them ends in a return."""
    if name == "clone3":
        return _op(_RETURN, _ERRNO | errno.ENOSYS)  # libc then falls back to clone, which is refused
    words: Check
    if name in _NULL_POINTERS:
        offset = 16 + 8 * _NULL_POINTERS[name]
        words = ((offset, _ALL_BITS, (0,)), (offset + 4, _ALL_BITS, (0,)))
    else:
        words = tuple((16 + 8 * argument, mask, values) for argument, mask, values in _CHECKS[name])
    code = b""
    for offset, mask, values in words:
        code += _op(_LOAD, offset) + _op(_AND, mask)
        wanted = [pid if value is _OWN_PID else value for value in values]
        for place, value in enumerate(wanted):
            assert isinstance(value, int)
            code += _op(_EQUAL, value, len(wanted) - place, 0)
        code += _op(_RETURN, _REFUSE)
    return code + _op(_RETURN, _ALLOW)


def _op(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)
