"""Which of several submissions of a student counts where the best one does: each is graded, and its lateness counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from autograder.intake.choose import Candidate
from autograder.intake.place import Place
from autograder.intake.records import Unreadable
from autograder.late import late_of

Score = Callable[[str, bytes], float | None]
"""The points of a student's notebook, or None if the grader could not say."""


@dataclass(frozen=True)
class Choice:
    """The file that counts, or None if what is in place stays; and for each other one why it does not."""

    first: Candidate | None
    others: tuple[tuple[Candidate, str], ...]


def best_of(mine: Sequence[Candidate], place: Place, score: Score) -> Choice:
    """Choose among a student's files, given with the latest first, and what is in place already.

    Of equal ones the latest counts. Where the grader could not say what one of them is worth, the latest counts, too:
    nothing is lost by a fault of ours, and the grades say that a person has to look.
    """
    readable: list[tuple[Candidate, bytes]] = []
    broken: list[tuple[Candidate, str]] = []
    for item in mine:
        try:
            readable.append((item, item.found.entry.read(place.most_mb)))
        except Unreadable as error:
            broken.append((item, str(error)))
    held = place.notebook.read_bytes() if place.notebook.is_file() and not place.notebook.is_symlink() else None
    if held in [raw for _, raw in readable]:
        held = None  # it competes as the file that it was made from
    if len(readable) + (held is not None) < 2:
        return Choice(readable[0][0] if readable else None, tuple(broken))
    points = [_net(score(item.student, raw), place, place.seconds_late(item)) for item, raw in readable]
    in_place = None if held is None else _net(score(mine[0].student, held), place, _held_late(place))
    return _compared([item for item, _ in readable], points, held is not None, in_place, broken)


def _compared(
    items: Sequence[Candidate],
    points: Sequence[float | None],
    has_held: bool,
    in_place: float | None,
    broken: Sequence[tuple[Candidate, str]],
) -> Choice:
    known = [value for value in points if value is not None]
    if len(known) < len(points) or (has_held and in_place is None):
        why = f"{items[0].found.file} counts: the latest, because the grader could not compare them; see ./course grade"
        return Choice(items[0], (*broken, *((item, why) for item in items[1:])))
    best = max(known)
    if has_held and in_place is not None and in_place > best:
        stays = [
            (item, f"what is in place earns more: {in_place:g} against {value:g}")
            for item, value in _with(items, known)
        ]
        return Choice(None, (*broken, *stays))
    first = known.index(best)
    others = [
        (item, f"{items[first].found.file} counts: it earns {best:g}, this one {value:g}")
        for number, (item, value) in enumerate(_with(items, known))
        if number != first
    ]
    return Choice(items[first], (*broken, *others))


def _with(items: Sequence[Candidate], points: Sequence[float]) -> list[tuple[Candidate, float]]:
    return list(zip(items, points, strict=True))


def _net(points: float | None, place: Place, seconds: float) -> float | None:
    late = late_of(place.rule, seconds)
    return points if points is None or late is None else points - late.penalty(points)


def _held_late(place: Place) -> float:
    handed_in = place.handed_in()
    if handed_in is None or place.due is None:
        return 0.0
    return max((handed_in - place.due).total_seconds(), 0.0)
