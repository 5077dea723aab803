"""The trusted end of the connection to one child: frames in and out against a deadline, printed text drained.

Nothing that arrives here is believed: sizes are checked before memory is taken, printed text beyond the cap is read
and dropped so that the child never blocks on it, and every wait ends at the deadline whatever the child does.
"""

from __future__ import annotations

import os
import re
import select
import socket
from contextlib import suppress

from autograder.sandbox import clock, wire

_CHUNK = 1 << 16
_TRACE_BYTES = 1 << 16
_FRAME = re.compile(r'^ *File "cell ([^"]*)", line (\d+)', re.MULTILINE)


class FatalError(Exception):
    """The conversation is over; `status` is one of the result statuses, or "ended" if the child closed its end."""

    def __init__(self, status: str, text: str = "") -> None:
        super().__init__(text)
        self.status, self.text = status, text


class Channel:
    """Call socket, output pipe and trace pipe of one child.

    Parameters
    ----------
    call
        Our end of the call socket.
    output, trace
        Descriptors to read printed text and the interpreter's last words from.
    frame_bytes, output_bytes
        Caps on one frame and on the text that is kept.
    """

    def __init__(self, call: socket.socket, output: int, trace: int, frame_bytes: int, output_bytes: int) -> None:
        self._call, self._output, self._trace = call, output, trace
        self._frame_bytes, self._output_bytes = frame_bytes, output_bytes
        self._text = bytearray()
        self._rest = b""
        self.dropped = 0
        call.setblocking(False)
        os.set_blocking(output, False)
        os.set_blocking(trace, False)
        self._poll = select.poll()
        self._poll.register(call, select.POLLIN)
        self._poll.register(output, select.POLLIN)

    @property
    def output(self) -> bytes:
        """What was printed so far, up to the cap."""
        self.drain()
        return bytes(self._text)

    def send(self, frame: bytes, deadline: float) -> None:
        """Send a frame. A child whose turn it is not must have sent nothing before.

        Raises
        ------
        FatalError
            At the deadline, if the child is gone, or if it has spoken out of turn.
        """
        try:
            early = self._rest or self._call.recv(1)
            raise FatalError("protocol_error" if early else "ended", "a message that nobody asked for")
        except BlockingIOError:
            pass
        except OSError:
            raise FatalError("ended") from None
        view = memoryview(frame)
        while view:
            try:
                view = view[self._call.send(view) :]
            except BlockingIOError:
                self._wait(deadline, select.POLLOUT)
            except OSError:
                raise FatalError("ended") from None

    def waits_until(self, deadline: float) -> bool:
        """Wait for something to come, nothing of it read; false if nothing has come by then.

        Raises
        ------
        FatalError
            If the child is gone.
        """
        try:
            self._wait(deadline, select.POLLIN)
        except FatalError as error:
            if error.status != "time_limit":
                raise
            return False
        return True

    def receive(self, deadline: float) -> bytearray:
        """The body of the next frame.

        Raises
        ------
        FatalError
            At the deadline, if the child is gone, or if the frame claims to be larger than the cap.
        """
        data = self._some(deadline)
        while len(data) < wire.HEADER.size:
            data += self._some(deadline)
        (size,) = wire.HEADER.unpack_from(data)
        if size > self._frame_bytes:
            raise FatalError("protocol_error", "a message of an impossible size")
        body = bytearray(memoryview(data)[wire.HEADER.size :])
        have = len(body)
        while have < size:
            if have == len(body):  # never far ahead of what has really come
                body += bytes(min(size, 4 * have + _CHUNK) - have)
            with memoryview(body) as view:
                have += self._read_into(view[have:], deadline)
        if have > size:
            raise FatalError("protocol_error", "two messages at once")
        return body

    def _some(self, deadline: float) -> bytes:
        """The first bytes of a frame; most frames come whole, and somebody has waited for them already."""
        while True:
            try:
                data = self._call.recv(_CHUNK)
            except BlockingIOError:
                self._wait(deadline, select.POLLIN)
                continue
            except OSError:
                data = b""
            if not data:
                raise FatalError("ended")
            return data

    def _read_into(self, view: memoryview, deadline: float) -> int:
        with view:
            while True:
                try:
                    count = self._call.recv_into(view)
                except BlockingIOError:
                    self._wait(deadline, select.POLLIN)
                    continue
                except OSError:
                    count = 0
                if not count:
                    raise FatalError("ended")
                if clock.now() > deadline:  # a stream that never pauses must not outlast the limit
                    raise FatalError("time_limit")
                return count

    def _wait(self, deadline: float, event: int) -> None:
        """Wait until the call socket is ready; drain printed text meanwhile."""
        if event == select.POLLOUT:
            self._poll.modify(self._call, select.POLLIN | select.POLLOUT)
        try:
            while True:
                left = deadline - clock.now()
                if left <= 0:
                    raise FatalError("time_limit")
                for fd, ready in self._poll.poll(min(left, clock.LOOK_EVERY) * 1000 + 1):
                    if fd == self._output:
                        self._drain_some()
                    elif ready & (event | select.POLLHUP | select.POLLERR):
                        return
        finally:
            if event == select.POLLOUT:
                self._poll.modify(self._call, select.POLLIN)

    def drain(self) -> None:
        """Read what has been printed up to now, for at most a moment: a child may print faster than we read."""
        until = clock.now() + 0.2
        while self._drain_some() and clock.now() < until:
            continue

    def _drain_some(self) -> bool:
        if self._output < 0:
            return False
        try:
            data = os.read(self._output, _CHUNK)
        except BlockingIOError:
            return False
        if not data:  # closed by the child: polling it further would spin
            self._poll.unregister(self._output)
            os.close(self._output)
            self._output = -1
            return False
        room = self._output_bytes - len(self._text)
        self._text += data[:room]
        self.dropped += max(0, len(data) - room)
        return True

    def last_words(self, seconds: float) -> tuple[tuple[str, int], ...]:
        """The student's frames in the interpreter's own traceback, outermost first, waiting this long for one."""
        waiter = select.poll()
        waiter.register(self._trace, select.POLLIN)
        data = b""
        until = clock.now() + seconds
        while len(data) < _TRACE_BYTES and waiter.poll(max(0.0, until - clock.now()) * 1000):
            with suppress(BlockingIOError):
                more = os.read(self._trace, _CHUNK)
                if not more:
                    break
                data += more
            until = min(until, clock.now() + 0.005)
        found = _FRAME.findall(data.decode("utf-8", "replace"))
        return tuple((cell[:100], int(line[:9])) for cell, line in found[:20][::-1])

    def close(self) -> None:
        """Close all descriptors, keeping the text."""
        self.drain()
        self._call.close()
        for fd in (self._output, self._trace):
            if fd >= 0:
                os.close(fd)
        self._output = self._trace = -1
