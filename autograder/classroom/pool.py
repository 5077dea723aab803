"""Several grading processes and one supervisor: a dead process is replaced and its submission tried again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from multiprocessing.connection import wait
from pathlib import Path

from autograder.classroom.process import IN_HAND, DiedError, GradingProcess
from autograder.classroom.task import Task
from autograder.classroom.waiting import Waiting
from autograder.errors import UserError
from autograder.records import Result
from autograder.sandbox import clock

TRIES = 3  # a submission on which its process died is tried twice more, then a human is asked
PATIENCE = 1800.0  # seconds: far beyond all limits of a submission together, so that only a stuck process gets there


class Pool:
    """Grades submissions with up to `jobs` processes and yields results as they come.

    Each process has at most two tasks in hand and answers one at a time, so nothing piles up anywhere, and whoever
    is in front when a process dies is the one to blame.

    Parameters
    ----------
    root : Path
        Folder of the course.
    jobs : int
        Most processes at a time.
    unsafe : bool
        Whether to grade below the configured isolation level.
    patience : float
        Seconds after which a process that says nothing is taken for dead.
    """

    def __init__(self, root: Path, jobs: int, unsafe: bool = False, patience: float = PATIENCE) -> None:
        self.root = root
        self.jobs = jobs
        self.unsafe = unsafe
        self.patience = patience
        self.replaced = 0
        self._processes: list[GradingProcess] = []
        self._queue = Waiting()
        self._tries: dict[Task, int] = {}
        self._stopping = False

    def stop(self) -> None:
        """Hand out nothing more; what is in hand is still finished."""
        self._stopping = True

    def run(self, tasks: Sequence[Task]) -> Iterator[Result]:
        """Yield one result for each task, in the order in which they are finished.

        Raises
        ------
        UserError, RefusedError
            If the course or the machine is at fault rather than a submission.
        """
        for task in tasks:
            self._queue.add(task)
        self._employ()
        while busy := {process.connection: process for process in self._processes if process.hand}:
            for connection in wait(list(busy), clock.LOOK_EVERY):
                result = self._hear(busy[connection])  # type: ignore[index]
                if result is not None:
                    yield result
            for process in [each for each in self._processes if each.seconds > self.patience]:
                self._replace(process, f"no answer for {self.patience:.0f} s")

    def _employ(self) -> None:
        """Give every process enough to do, and start more while there is something to do for them."""
        for process in self._processes:
            while self._queue and not self._stopping and len(process.hand) < self._most():
                self._give(process)
        while self._queue and len(self._processes) < self.jobs and not self._stopping:
            process = GradingProcess(self.root, self.unsafe)
            self._processes.append(process)
            self._give(process)

    def _give(self, process: GradingProcess) -> None:
        elsewhere = {other.topic for other in self._processes if other is not process}
        process.give(self._queue.take(process.topic, elsewhere))

    def _most(self) -> int:
        """How many tasks one process may have: at the end none waits behind a slow one while others are idle."""
        return IN_HAND if len(self._queue) >= self.jobs else 1

    def _hear(self, process: GradingProcess) -> Result | None:
        try:
            result = process.hear()
        except DiedError as death:
            self._replace(process, str(death))
            return None
        self._employ()
        return result

    def _replace(self, process: GradingProcess, reason: str) -> None:
        """Bury a process; try the submission that it was busy with again at the end, or have a human look at it."""
        suspect, *others = process.hand
        self._processes.remove(process)
        process.end()
        self.replaced += 1
        self._queue.put_back(others)
        tries = self._tries[suspect] = self._tries.get(suspect, 0) + 1
        if tries < TRIES:
            self._queue.add(suspect)
        elif not suspect.status:
            self._queue.add(suspect.given_up(f"the grading process died {tries} times on it, the last time: {reason}"))
        else:
            raise UserError(
                f"grading processes die before they run anything ({reason}). "
                "Look at memory and disk of this machine, and at ./course doctor; then run the same command again."
            )
        self._employ()

    def close(self) -> None:
        """End every process; their student processes end with them."""
        for process in self._processes:
            process.connection.close()
        for process in self._processes:
            process.end()
        self._processes.clear()
        self._queue.clear()
