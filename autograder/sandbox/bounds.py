"""What the grader's own functions may cost when a student's code calls them: the student chooses the input."""

from __future__ import annotations

import resource
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from autograder.sandbox.channel import FatalError

_AGAIN = 5.0  # seconds: an alarm that came while Python could raise nothing is followed by another one


class _Alarm:
    """Whether it is set; call-backs within call-backs share the outermost one's."""

    is_set = False


@contextmanager
def bounded(seconds: float, address_bytes: int) -> Iterator[None]:
    """Run the block within this time and address space, in the main thread of a program; elsewhere without bounds.

    Raises
    ------
    FatalError
        When the time is up. Memory that is not to be had is a MemoryError, as always.
    """
    if _Alarm.is_set or threading.current_thread() is not threading.main_thread():
        yield
        return
    limits = resource.getrlimit(resource.RLIMIT_AS)
    before = signal.signal(signal.SIGALRM, _time_is_up)
    _Alarm.is_set = True
    try:
        _limit_memory(address_bytes, limits)
        signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        _Alarm.is_set = False
        resource.setrlimit(resource.RLIMIT_AS, limits)
        signal.signal(signal.SIGALRM, before)


def _limit_memory(most: int, limits: tuple[int, int]) -> None:
    soft = min([most, *(limit for limit in limits if limit != resource.RLIM_INFINITY)])
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (soft, limits[1]))


def _time_is_up(_signal: int, _frame: FrameType | None) -> None:
    raise FatalError("time_limit", "a function that was passed to it was given more than it could do")
