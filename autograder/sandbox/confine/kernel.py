"""The few kernel calls that Python does not offer, through ctypes; a failure is an `OSError` that names the call."""

from __future__ import annotations

import ctypes
import os
import platform
import signal

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_KEEPCAPS = 8
PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4

CAP_DAC_READ_SEARCH = 2
CAP_SYS_ADMIN = 21
_CAPABILITY_VERSION = 0x20080522

CLONE_NEWNS = 0x00020000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REC, MS_PRIVATE = 2, 4, 8, 0x4000, 0x40000

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def machine() -> str:
    """The processor's name as the tables here spell it: "x86_64", "aarch64", or whatever the kernel says."""
    name = platform.machine()
    return {"amd64": "x86_64", "arm64": "aarch64"}.get(name.lower(), name)


def checked(name: str, result: int) -> int:
    """Turn a negative result into an `OSError` with the call's name, so that a log line says what was refused."""
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")
    return result


def syscall(name: str, number: int, *arguments: object) -> int:
    """Make a system call by number.

    Parameters
    ----------
    name
        For the message.
    number
        On this machine.
    arguments
        Integers (widened to 64 bits), ctypes pointers or None.
    """
    wide = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    return checked(name, int(_libc.syscall(ctypes.c_long(number), *wide)))


def prctl(option: int, *arguments: object) -> int:
    """`prctl(2)` with the unused arguments zero, as the kernel insists for the newer options."""
    wide = [ctypes.c_ulong(value) if isinstance(value, int) else value for value in arguments]
    wide += [ctypes.c_ulong(0)] * (4 - len(wide))
    return checked(f"prctl({option})", int(_libc.prctl(ctypes.c_int(option), *wide)))


def no_new_privs() -> None:
    """Give up set-uid programs and file capabilities for good; Landlock and seccomp ask for it."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)


def harden_self() -> None:
    """Close this process's `/proc` entry and memory to others of the same user.

    Without it, a student's process of the same uid reads the grader's environment and memory through `/proc`.
    Debuggers, coverage and pytest look at their own process only, which stays allowed.
    """
    prctl(PR_SET_DUMPABLE, 0)


def die_with_parent() -> None:
    """End when the zygote ends, however that happens. A change of user makes the kernel forget it, so say it after."""
    prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))


def capabilities() -> int:
    """The effective capabilities of this process as a bit set (0 for an ordinary user)."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    data = (ctypes.c_uint32 * 6)()
    checked("capget", int(_libc.capget(header, data)))
    return int(data[0]) | int(data[3]) << 32


def set_capabilities(bits: int) -> None:
    """Keep exactly these capabilities (of those held), and none for programs started later."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    low, high = bits & 0xFFFFFFFF, bits >> 32
    data = (ctypes.c_uint32 * 6)(low, low, 0, high, high, 0)
    checked("capset", int(_libc.capset(header, data)))


def clear_ambient() -> None:
    """Forget ambient capabilities, which would survive a change of user (kernels before 4.3 have none)."""
    try:
        prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    except OSError:
        return


def private_mounts() -> None:
    """Give this process its own list of mounts, from which nothing travels back to the machine."""
    checked("unshare", int(_libc.unshare(CLONE_NEWNS)))
    checked("mount(private)", int(_libc.mount(None, b"/", None, ctypes.c_ulong(MS_REC | MS_PRIVATE), None)))


def mount_tmpfs(folder: str, options: str) -> None:
    """Mount an empty memory file system on a folder; nothing in it can be a device or gain privileges."""
    flags = ctypes.c_ulong(MS_NOSUID | MS_NODEV | MS_NOEXEC)
    target = os.fsencode(folder)
    checked(f"mount({folder})", int(_libc.mount(b"tmpfs", target, b"tmpfs", flags, options.encode())))
