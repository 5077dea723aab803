"""Measure with several processes, each of which opens the grader of a topic and works off what it is handed."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing.synchronize import Lock
from multiprocessing.util import Finalize
from pathlib import Path
from typing import TypeVar

from autograder.config import Course, load_course
from autograder.grading.trial import Trial
from autograder.sandbox.confine.kernel import die_with_parent
from autograder.sandbox.processor import keep_on_one_processor

T = TypeVar("T")
R = TypeVar("R")

JOBS = os.cpu_count() or 1


def in_parallel(
    course: Course, work: Callable[[Trial, T], R], items: Sequence[tuple[str, T]], jobs: int = JOBS, chunk: int = 1
) -> Iterator[R]:
    """Apply `work(trial, item)` to each (stem, item) and yield what it returns, in order.

    Parameters
    ----------
    course : Course
    work : callable
        A function at the top level of a module; what goes in and comes out travels between processes.
    items : sequence of (stem, item)
        Those of one topic together, so that its grader is opened once by each process.
    jobs : int
        Processes; with 1 everything happens in this one.
    chunk : int
        How many items a process takes at a time.
    """
    if jobs == 1 or len(items) == 1:
        bench = _Bench(course)
        try:
            yield from (work(bench.trial(stem), item) for stem, item in items)
        finally:
            bench.close()
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context, _start, (str(course.root), context.Lock())) as pool:
        yield from pool.map(partial(_do, work), items, chunksize=chunk)


class _Bench:
    """The open grader of a process; a new topic takes the place of the one before."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._open: dict[str, Trial] = {}

    def trial(self, stem: str) -> Trial:
        if stem not in self._open:
            self.close()
            self._open[stem] = Trial(self._course, stem)
        return self._open[stem]

    def close(self) -> None:
        for trial in self._open.values():
            trial.close()
        self._open.clear()


_benches: list[_Bench] = []  # the one bench of a process of the pool


def _start(root: str, choosing: Lock) -> None:
    die_with_parent()  # who is killed cannot tell anybody to stop
    with choosing:  # one after the other, or all would find the same processor free
        keep_on_one_processor(os.getpid())
    _benches.append(_Bench(load_course(Path(root))))
    Finalize(None, _benches[0].close, exitpriority=10)


def _do(work: Callable[[Trial, T], R], item: tuple[str, T]) -> R:
    return work(_benches[0].trial(item[0]), item[1])
