"""Follow-through: an exercise that builds on an earlier one is not marked down for the earlier one's mistake.

Where a header says `uses=` and an exercise named there did not earn everything, a second process runs the cells with
the reference's functions in place of the student's, as counted call-backs. It grades the later exercise only: no
test of the earlier one sees it, it keeps no files, and it ends afterwards. The better of the two whole results counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import FunctionType, ModuleType
from typing import Any

from autograder.course.percent import Cell
from autograder.grading import messages
from autograder.grading.marking import Marked


def replaceable(cell: Cell, exercises: Sequence[Cell], marked: Mapping[str, Marked]) -> tuple[str, ...]:
    """The earlier exercises to replace for a fair second look at one exercise, or none.

    Those that it uses, directly or through others, and that did not earn everything; none if the exercise has all
    its points anyway or no code of its own.
    """
    own = marked[cell.name]
    if own.full or not own.started:
        return ()
    uses = {each.name: each.uses for each in exercises}
    wanted: list[str] = []
    todo = list(cell.uses)
    while todo:
        name = todo.pop()
        if name in uses and name != cell.name and name not in wanted:
            wanted.append(name)
            todo += uses[name]
    lost = [name for name in wanted if name in marked and not marked[name].full]
    return tuple(each.name for each in exercises if each.name in lost)


def stand_ins(names: Sequence[str], reference: ModuleType) -> Mapping[str, Callable[..., Any]]:
    """The reference's functions under these names; a class has a state of its own and is never lent out."""
    found = {name: getattr(reference, name, None) for name in names}
    return {name: function for name, function in found.items() if isinstance(function, FunctionType)}


def better(first: Marked, second: Marked, replaced: Sequence[str]) -> Marked:
    """The better of two whole results, never a mixture; tests gained by the second say so."""
    if second.result.score <= first.result.score:
        return first
    before = {test.name: test for test in first.result.tests}
    tests = tuple(
        replace(test, message=messages.with_reference(replaced))
        if test.state == "passed" and before[test.name].state != "passed"
        else test
        for test in second.result.tests
    )
    return replace(second, result=replace(second.result, tests=tests))
