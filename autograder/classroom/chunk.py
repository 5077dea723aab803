"""The part of a cluster's work that its workers do: a chunk of submissions in, their results out, both as JSON.

The submissions travel with their seeds; what a worker needs of its own is a checkout of the course, not the class and
not the course's secret. Each thread of a worker has a pool of one grading process, as on a single machine, so that a
submission that kills its process touches nothing of the cluster.
"""

from __future__ import annotations

import base64
import json
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from autograder.classroom.pool import Pool
from autograder.classroom.task import Task
from autograder.config import ROOT
from autograder.errors import RefusedError, UserError
from autograder.records import Result, result_from_json


@dataclass(frozen=True)
class Job:
    """What the chunks of one run have in common; `root` is empty where a worker's own checkout is meant."""

    run: str
    root: str
    unsafe: bool


@dataclass(frozen=True)
class Parcel:
    """A task with the bytes of its file."""

    task: Task
    data: bytes


@dataclass(frozen=True)
class Answer:
    """What came back for a chunk: its results, and how many grading processes died meanwhile."""

    results: tuple[Result, ...]
    replaced: int


def pack(job: Job, parcels: Sequence[Parcel]) -> bytes:
    """A chunk as it travels to a worker."""
    tasks = [{**asdict(parcel.task), "data": base64.b64encode(parcel.data).decode()} for parcel in parcels]
    return json.dumps({"job": asdict(job), "tasks": tasks}).encode()


def grade_chunk(chunk: bytes) -> bytes:
    """Grade a chunk; this is what a cluster's worker is asked to run."""
    message = json.loads(chunk)
    pool = _pool(Job(**message["job"]))
    before = pool.replaced
    with tempfile.TemporaryDirectory(prefix="course-chunk-", dir=_own_folder()) as folder:
        tasks = [_unpacked(task, Path(folder) / str(number)) for number, task in enumerate(message["tasks"])]
        try:
            records = [result.to_json() for result in pool.run(tasks)]
        except (UserError, RefusedError) as error:
            pool.close()
            head = {"refused": isinstance(error, RefusedError), "error": str(error)}
            return json.dumps(head).encode()
    return "\n".join([json.dumps({"replaced": pool.replaced - before}), *records]).encode()


def _own_folder() -> str:
    """The folder of this worker, which Dask clears after a killed one."""
    import distributed

    return str(distributed.get_worker().local_directory)


def unpack(answer: bytes) -> Answer:
    """What a worker answered.

    Raises
    ------
    UserError, RefusedError
        What it found wrong with its checkout or its machine.
    """
    first, *records = answer.split(b"\n")
    head = json.loads(first)
    if "error" in head:
        raise RefusedError(head["error"]) if head["refused"] else UserError(head["error"])
    return Answer(tuple(result_from_json(record) for record in records), head["replaced"])


def _unpacked(fields: Mapping[str, Any], folder: Path) -> Task:
    plain = dict(fields)
    data = base64.b64decode(plain.pop("data"))
    task = Task(**plain)
    path = folder / f"{task.topic}.ipynb"
    folder.mkdir()
    path.write_bytes(data)
    return replace(task, path=str(path))


_pools: dict[int, tuple[Job, Pool]] = {}
_lock = threading.Lock()


def _pool(job: Job) -> Pool:
    """This thread's grading process; one of an earlier run may know an older course, so it is ended."""
    thread = threading.get_ident()
    with _lock:
        known, pool = _pools.pop(thread, (job, None))
        if pool is not None and known != job:
            pool.close()
            pool = None
        if pool is None:
            pool = Pool(Path(job.root or ROOT), 1, job.unsafe)
        _pools[thread] = (job, pool)
        return pool


def end_pools() -> None:
    """End the grading processes of this worker, busy or not."""
    with _lock:
        for _, pool in _pools.values():
            pool.stop()
            pool.close()
        _pools.clear()


def level_here() -> str:
    """The isolation level of this worker's machine."""
    from autograder.sandbox.confine.levels import observed_level

    return observed_level()
