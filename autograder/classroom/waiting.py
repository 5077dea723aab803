"""Tasks that wait for a grading process, by topic."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable

from autograder.classroom.task import Task


class Waiting:
    """A queue for each topic.

    A grading process has one topic open at a time, so it goes on with that one, or begins one that no other process
    has: opening a topic costs as much as grading a few submissions of it, and naming its first mistakes much more.
    """

    def __init__(self) -> None:
        self._topics: dict[str, deque[Task]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._topics.values()))

    def add(self, task: Task) -> None:
        """Put a task at the end."""
        self._topics.setdefault(task.topic, deque()).append(task)

    def put_back(self, tasks: Iterable[Task]) -> None:
        """Put tasks that were handed out back to the front, in their order."""
        for task in reversed(list(tasks)):
            self._topics.setdefault(task.topic, deque()).appendleft(task)

    def take(self, topic: str, elsewhere: Collection[str]) -> Task:
        """The next task for a process.

        Parameters
        ----------
        topic : str
            What it has open.
        elsewhere : collection of str
            What other processes have open.

        Raises
        ------
        IndexError
            If nothing waits.
        """
        if not self._topics:
            raise IndexError("no task waits")
        if topic not in self._topics:
            alone = (each for each in self._topics if each not in elsewhere)
            topic = next(alone, max(self._topics, key=lambda each: len(self._topics[each])))
        task = self._topics[topic].popleft()
        if not self._topics[topic]:
            del self._topics[topic]
        return task

    def clear(self) -> None:
        """Forget them all."""
        self._topics.clear()
