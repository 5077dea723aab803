"""The program of a grading process: `python -m autograder.classroom.serve DESCRIPTOR`.

It is told the course, then takes one task after the other and answers each with a frame: "result" and a record,
"failed" and a reason (it ends then, and another process takes over), or "error" and a message that ends the run. It
ends with the supervisor, however that ends: the kernel sees to it, and the connection closes.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from autograder.classroom.task import task_from_json
from autograder.classroom.worker import Graders
from autograder.config import load_course
from autograder.errors import RefusedError, UserError
from autograder.sandbox import ZygoteError
from autograder.sandbox.confine import harden_self
from autograder.sandbox.confine.kernel import die_with_parent

RESULT, FAILED, ERROR = b"result", b"failed", b"error"


def serve(connection: Connection) -> None:
    """Answer tasks until the connection closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the supervisor lets the submission in hand finish
    die_with_parent()
    setup = json.loads(connection.recv_bytes())
    if os.getppid() != setup["supervisor"]:
        return
    harden_self()
    graders = Graders(load_course(Path(setup["root"])), setup["unsafe"])
    try:
        while True:
            result = graders.do(task_from_json(connection.recv_bytes()))
            connection.send_bytes(RESULT + result.to_json().encode())
    finally:
        graders.close()


def main() -> int:
    """Serve, and say why if that comes to an end; the exit code is 0 if the supervisor wanted it so."""
    connection = Connection(int(sys.argv[1]))
    try:
        serve(connection)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return 0
    except (UserError, RefusedError) as error:
        told = {"refused": isinstance(error, RefusedError), "text": str(error)}
        _last_words(connection, ERROR + json.dumps(told).encode())
    except (ZygoteError, Exception) as error:
        _last_words(connection, FAILED + _where(error).encode("utf-8", "replace"))
    return 1


def _last_words(connection: Connection, words: bytes) -> None:
    with suppress(OSError):  # another process has ended the run already: nobody listens
        connection.send_bytes(words)


def _where(error: BaseException) -> str:
    """Type, text and the line of the engine that raised it: what a human needs to find it."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f", {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace is not None else ""
    return f"{type(error).__name__}: {str(error)[:300]}{place}"


if __name__ == "__main__":
    sys.exit(main())
