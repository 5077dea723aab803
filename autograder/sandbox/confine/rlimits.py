"""Resource limits of one child: memory, CPU time, file size, processes."""

from __future__ import annotations

import contextlib
import mmap
import resource

_PAGE = resource.getpagesize()


def address_space() -> int:
    """Bytes of address space in use now: RLIMIT_AS counts what the child has inherited too."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[0]) * _PAGE
    except OSError:
        return _address_space_by_trying()


def _address_space_by_trying() -> int:
    """The same where a view has no /proc: the smallest limit under which a mapping still succeeds."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    low, high = 0, 64 << 30
    try:
        while high - low > 1 << 20:
            middle = (low + high) // 2
            resource.setrlimit(resource.RLIMIT_AS, (middle, before[1]))
            try:
                mmap.mmap(-1, _PAGE).close()
                high = middle
            except (OSError, MemoryError):
                low = middle
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
    return high


def _limit(which: int, soft: int, hard: int) -> None:
    """Lower a limit; one that is already lower stays."""
    _, ceiling = resource.getrlimit(which)
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    with contextlib.suppress(ValueError, OSError):  # a limit that this kernel lacks must not stop the others
        resource.setrlimit(which, (soft, hard))


def apply(memory_bytes: int, cpu_seconds: float, file_bytes: int) -> None:
    """Lower this process's limits for good.

    Parameters
    ----------
    memory_bytes
        What the child may take beyond what it has now.
    cpu_seconds
        Rounded up; SIGXCPU comes then, SIGKILL (which cannot be ignored) a second later.
    file_bytes
        Largest size of one file.
    """
    memory = address_space() + memory_bytes
    seconds = max(1, -int(-cpu_seconds // 1))
    _limit(resource.RLIMIT_CORE, 0, 0)
    _limit(resource.RLIMIT_FSIZE, file_bytes, file_bytes)
    _limit(resource.RLIMIT_NOFILE, 128, 128)
    _limit(resource.RLIMIT_MEMLOCK, 0, 0)
    _limit(resource.RLIMIT_NPROC, 0, 0)
    _limit(resource.RLIMIT_CPU, seconds, seconds + 1)
    for name in ("RLIMIT_MSGQUEUE", "RLIMIT_SIGPENDING", "RLIMIT_NICE", "RLIMIT_RTPRIO"):
        if hasattr(resource, name):
            _limit(getattr(resource, name), 64 if name == "RLIMIT_SIGPENDING" else 0, 64)
    _limit(resource.RLIMIT_AS, memory, memory)
