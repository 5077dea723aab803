"""A grading process as its supervisor sees it: started, handed tasks, heard, ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import deque
from contextlib import suppress
from multiprocessing import Pipe
from pathlib import Path

import autograder
from autograder.classroom.serve import ERROR, FAILED, RESULT
from autograder.classroom.task import Task
from autograder.errors import RefusedError, UserError
from autograder.records import Result, result_from_json
from autograder.sandbox import clock
from autograder.sandbox.processor import keep_on_one_processor

IN_HAND = 2  # the one being graded and the next, so that no process waits for its supervisor
PROGRAM = "autograder.classroom.serve"
CLOSING_SECONDS = 5.0


class DiedError(Exception):
    """The process is gone, or as good as gone; the message says why."""


class GradingProcess:
    """One process that grades; a program of its own, so that it can be started from any thread of any program.

    Parameters
    ----------
    root : Path
        Folder of the course.
    unsafe : bool
        Whether to grade below the configured isolation level.
    """

    def __init__(self, root: Path, unsafe: bool) -> None:
        self.connection, theirs = Pipe()
        package = str(Path(autograder.__file__).parents[1])
        paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
        threads = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL")}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", PROGRAM, str(theirs.fileno())],
            env={**os.environ, **threads, "PYTHONPATH": os.pathsep.join(paths)},
            stdin=subprocess.DEVNULL,
            pass_fds=(theirs.fileno(),),
            process_group=0,  # Ctrl-C is for the supervisor
        )
        theirs.close()
        keep_on_one_processor(self.pid)
        self.hand: deque[Task] = deque()
        self.topic = ""
        self._since = clock.now()
        self._reason = ""
        setup = {"root": str(root), "unsafe": unsafe, "supervisor": os.getpid()}
        self._send(json.dumps(setup).encode())

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    @property
    def seconds(self) -> float:
        """How long it has been busy with the task in front."""
        return clock.now() - self._since if self.hand else 0.0

    def give(self, task: Task) -> None:
        """Hand it a task; one that has died is noticed when it is heard."""
        if not self.hand:
            self._since = clock.now()
        self.hand.append(task)
        self.topic = task.topic
        self._send(task.to_json())

    def _send(self, data: bytes) -> None:
        with suppress(OSError):  # its end of the line is closed: hearing it says so, and why
            self.connection.send_bytes(data)

    def hear(self) -> Result:
        """The result of the task in front.

        Raises
        ------
        DiedError
            If it died instead.
        UserError, RefusedError
            What it found wrong with the course, the configuration or the machine: no other process would do better.
        """
        while True:
            try:
                frame = self.connection.recv_bytes()
            except (EOFError, OSError):
                raise DiedError(self._reason or self._how_it_ended()) from None
            if frame.startswith(RESULT):
                self.hand.popleft()
                self._since = clock.now()
                return result_from_json(frame[len(RESULT) :])
            if frame.startswith(ERROR):
                error = json.loads(frame[len(ERROR) :])
                raise RefusedError(error["text"]) if error["refused"] else UserError(error["text"])
            self._reason = frame[len(FAILED) :].decode()

    def _how_it_ended(self) -> str:
        try:
            code = self._process.wait(CLOSING_SECONDS)
        except subprocess.TimeoutExpired:
            return "it closed its connection"
        try:
            return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        except ValueError:
            return f"killed by signal {-code}"

    def end(self) -> None:
        """End it: at once if it is busy, else when it has tidied up. Its student processes end with it."""
        self.connection.close()
        if self.hand:
            self._process.kill()
        try:
            self._process.wait(CLOSING_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
