"""A class graded by the workers of a Dask cluster; only this module knows Dask, and only if it is asked for."""

from __future__ import annotations

import hashlib
import logging
import math
import uuid
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.classroom.chunk import Job, Parcel, end_pools, grade_chunk, level_here, pack, unpack
from autograder.classroom.task import Task
from autograder.config import ROOT, Course
from autograder.errors import RefusedError, UserError
from autograder.grading.seeds import course_secret, submission_seed
from autograder.intake import Unreadable
from autograder.intake.files import read_regular
from autograder.records import Result

CHUNK = 8  # submissions at most: Dask's 14 ms for each task become two, and Ctrl-C has little to wait for
CHUNK_BYTES = 4 << 20
CHUNKS_AHEAD = 2  # for each thread of the cluster: the one at work and the next
CONNECT_SECONDS = 30


class Cluster:
    """Grades submissions on a Dask cluster and yields results as they come.

    Parameters
    ----------
    course : Course
    address : str
        Of the scheduler, such as `tcp://head:8786`.
    unsafe : bool
        Whether to grade below the configured isolation level.

    Raises
    ------
    UserError
        If Dask is not installed, or no scheduler or no worker answers.
    """

    def __init__(self, course: Course, address: str, unsafe: bool = False) -> None:
        try:
            import distributed
        except ImportError:
            raise UserError("--scheduler needs Dask, the extra [cluster]: pip install distributed") from None
        logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # what goes wrong is said below, in words
        self.replaced = 0
        self._course = course
        self._address = address
        self._stopping = False
        self._queue: deque[list[Task]] = deque()
        self._suspects: deque[Task] = deque()
        self._alone: Task | None = None
        self._flying: dict[str, list[Task]] = {}
        self._job = Job(uuid.uuid4().hex, "" if course.root == ROOT else str(course.root), unsafe)
        self._as_completed = distributed.as_completed
        self._killed = distributed.KilledWorker
        try:
            self._client = distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise UserError(f"{address}: no Dask scheduler answers ({error}). Start one: dask scheduler") from error
        try:
            self._client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        except TimeoutError:
            self._client.close()
            raise UserError(f"{address}: no worker has joined. Start some: dask worker {address}") from None

    def level(self) -> str:
        """The isolation level of the workers.

        Raises
        ------
        RefusedError
            If they differ: their results would not agree.
        """
        levels: dict[str, str] = self._ask_all(level_here)
        if len(set(levels.values())) > 1:
            seen = ", ".join(f"{worker} {level}" for worker, level in sorted(levels.items()))
            raise RefusedError(f"the workers isolate students' code differently ({seen}). Use machines of one level.")
        return next(iter(levels.values()))

    def _ask_all(self, function: Any) -> Any:
        try:
            return self._client.run(function)
        except Exception as error:
            raise self._cannot_run(error) from error

    def _cannot_run(self, error: BaseException) -> UserError:
        return UserError(
            f"{self._address}: the workers cannot run the course's code ({type(error).__name__}: {error}). Start them "
            f"in a checkout of the same commit: PYTHONPATH=. .venv/bin/dask worker {self._address}"
        )

    def stop(self) -> None:
        """Hand out nothing more; what is in hand is still finished."""
        self._stopping = True

    def run(self, tasks: Sequence[Task]) -> Iterator[Result]:
        """Yield one result for each task, in the order in which they are finished."""
        size = min(CHUNK, math.ceil(len(tasks) / self._ahead())) or 1
        self._queue.extend(list(tasks[start : start + size]) for start in range(0, len(tasks), size))
        done = self._as_completed(loop=self._client.loop)
        self._hand_out(done)
        for future in done:
            yield from self._collect(future)
            self._hand_out(done)

    def _ahead(self) -> int:
        """How many chunks may be on their way, for the workers that there are now."""
        threads: int = sum(self._client.nthreads().values())
        return CHUNKS_AHEAD * max(threads, 1)

    def _hand_out(self, done: Any) -> None:
        if self._suspects and not self._queue and not self._flying:
            self._alone = self._suspects.popleft()
            self._queue.append([self._alone])
        most = self._ahead() if self._queue else 0
        while self._queue and len(self._flying) < most and not self._stopping:
            tasks = self._queue.popleft()
            parcels = [self._parcel(task) for task in tasks]
            while len(parcels) > 1 and sum(len(parcel.data) for parcel in parcels) > CHUNK_BYTES:
                parcels.pop()
                self._queue.appendleft([tasks[len(parcels)]])
            key = f"grade-{uuid.uuid4().hex}"
            future = self._client.submit(grade_chunk, pack(self._job, parcels), key=key, pure=False)
            self._flying[key] = tasks[: len(parcels)]
            done.add(future)

    def _parcel(self, task: Task) -> Parcel:
        """The file's bytes and the seed that belongs to exactly these, or why there are none."""
        if task.status:
            return Parcel(task, b"")
        try:
            data = read_regular(Path(task.path), self._course.limits.notebook_mb)
        except Unreadable as error:
            return Parcel(replace(task, status="unreadable", message=str(error)), b"")
        sha256 = hashlib.sha256(data).hexdigest()
        seed = submission_seed(course_secret(self._course.root), task.topic, task.student, sha256)
        return Parcel(replace(task, sha256=sha256, seed=seed), data)

    def _collect(self, future: Any) -> Iterator[Result]:
        tasks = self._flying.pop(future.key)
        if future.status == "finished":
            graded = unpack(future.result())
            self.replaced += graded.replaced
            yield from graded.results
            return
        error = future.exception() if future.status == "error" else None
        if error is None:
            raise UserError(f"{self._address}: the scheduler is gone. Run the same command again when it is back.")
        if not isinstance(error, self._killed):
            raise self._cannot_run(error)
        self._retry(tasks)

    def _retry(self, tasks: Sequence[Task]) -> None:
        """After the workers that had a chunk all died: each of its submissions alone, then a human has to look.

        Dask blames whatever was queued on a worker for its death, so only a submission that had the whole cluster for
        itself is known to be the culprit.
        """
        if tasks[0] is not self._alone:
            self._suspects.extend(tasks)
        elif not tasks[0].status:
            self._queue.append([tasks[0].given_up("the cluster's workers were killed whenever they graded it")])
        else:
            raise UserError(f"{self._address}: the workers die whatever they are given. Look at their memory and logs.")

    def close(self) -> None:
        """Let the workers end their grading processes, and leave the cluster."""
        with suppress(OSError, RuntimeError):  # a worker that is gone has taken them along
            self._client.run(end_pools)
        self._client.close()
