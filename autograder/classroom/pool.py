"""Several grading processes and one supervisor: a dead worker is replaced and its submission tried again."""

from __future__ import annotations

import json
import multiprocessing
import os
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path

from autograder.classroom.submissions import Handed
from autograder.classroom.worker import serve
from autograder.records import Result, result_from_json

TRIES = 3  # a submission whose worker died is tried twice more, then a human is asked


@dataclass
class Worker:
    """A grading process, the line to it and what it is doing."""

    process: SpawnProcess
    connection: Connection
    processor: int
    handed: Handed | None = None


@dataclass(frozen=True)
class Lost:
    """A submission whose worker died every time."""

    handed: Handed


class Pool:
    """Grades submissions with `jobs` processes, the largest first, and yields results as they come.

    Parameters
    ----------
    root : Path
        Folder of the course.
    jobs : int
        Number of grading processes.
    unsafe : bool
        Whether to grade below the configured isolation level.
    """

    def __init__(self, root: Path, jobs: int, unsafe: bool = False) -> None:
        self.root = root
        self.jobs = jobs
        self.unsafe = unsafe
        self.replaced = 0
        self._context = multiprocessing.get_context("spawn")
        self._workers: list[Worker] = []
        self._stopping = False

    def stop(self) -> None:
        """Hand out nothing more; what is in hand is still finished."""
        self._stopping = True

    def run(self, todo: Sequence[Handed]) -> Iterator[Result | Lost]:
        """Yield one result for each submission, in the order in which they are finished."""
        queue = deque(sorted(todo, key=lambda handed: (handed.topic, -handed.size)))
        tries: dict[Handed, int] = {}
        try:
            for _ in range(min(self.jobs, len(queue))):
                self._start(queue)
            while any(worker.handed for worker in self._workers):
                busy = {worker.connection: worker for worker in self._workers if worker.handed}
                for connection in wait(list(busy)):
                    answer = self._collect(busy[connection], queue, tries)  # type: ignore[index]
                    if answer is not None:
                        yield answer
        finally:
            self.close()

    def _start(self, queue: deque[Handed]) -> None:
        ours, theirs = self._context.Pipe()
        processor = self._free_processor()
        process = self._context.Process(target=serve, args=(theirs, str(self.root), self.unsafe, processor))
        process.start()
        theirs.close()
        worker = Worker(process, ours, processor)
        self._workers.append(worker)
        self._assign(worker, queue)

    def _free_processor(self) -> int:
        """The processor that the fewest workers have."""
        taken = [worker.processor for worker in self._workers]
        return min(sorted(os.sched_getaffinity(0)), key=taken.count)

    def _assign(self, worker: Worker, queue: deque[Handed]) -> None:
        worker.handed = None
        if queue and not self._stopping:
            worker.handed = queue.popleft()
            request = {
                "topic": worker.handed.topic,
                "student": worker.handed.student,
                "path": str(worker.handed.path),
            }
            worker.connection.send_bytes(json.dumps(request).encode())

    def _collect(self, worker: Worker, queue: deque[Handed], tries: dict[Handed, int]) -> Result | Lost | None:
        handed = worker.handed
        assert handed is not None
        try:
            result = result_from_json(worker.connection.recv_bytes())
        except (EOFError, OSError):
            return self._replace(worker, handed, queue, tries)
        self._assign(worker, queue)
        return result

    def _replace(self, worker: Worker, handed: Handed, queue: deque[Handed], tries: dict[Handed, int]) -> Lost | None:
        self._workers.remove(worker)
        _end(worker)
        self.replaced += 1
        tries[handed] = tries.get(handed, 1) + 1
        lost = tries[handed] > TRIES
        if not lost:
            queue.append(handed)
        if queue and not self._stopping:
            self._start(queue)
        return Lost(handed) if lost else None

    def close(self) -> None:
        """End every worker; their student processes end with them."""
        for worker in self._workers:
            worker.connection.close()
        for worker in self._workers:
            worker.process.join(5)
            _end(worker)
        self._workers.clear()


def _end(worker: Worker) -> None:
    if worker.process.is_alive():
        worker.process.kill()
    worker.process.join()
    worker.process.close()
