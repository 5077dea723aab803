"""Print what the proof of a topic measured, as a table that is read top down: figures, then what breaks a rule."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from autograder.grading.measured import TopicProof, in_band, proof_problems, rejected


def render(proof: TopicProof) -> str:
    """The whole report of one topic."""
    lines = [
        *_summary(proof),
        *_exercises(proof),
        *_entries(proof),
        *_tolerances(proof),
        *_visible(proof),
        *_names(proof),
    ]
    problems = proof_problems(proof)
    lines += ["", *problems, f"{len(problems)} to mend."] if problems else ["", "Every rule holds."]
    return "\n".join(lines) + "\n"


def _summary(proof: TopicProof) -> Iterator[str]:
    mistakes, right = proof.mistakes(), proof.right_answers()
    accepted = sum(not each.failed for each in right)
    seeds = "1 seed" if proof.seeds == 1 else f"{proof.seeds} seeds"
    yield f"{proof.stem}: {proof.hidden} hidden tests, {seeds}, {proof.seconds:.1f} s"
    yield f"  mistakes rejected by the test they name   {sum(map(rejected, mistakes))} of {len(mistakes)}"
    yield f"  mistakes that lose what they should       {sum(map(in_band, mistakes))} of {len(mistakes)}"
    yield f"  right answers with full marks             {accepted} of {len(right)}"
    yield f"  tests failed by no mistake                {len(proof.unfailed())}"
    yield f"  tests announced in the notebook           {proof.hidden - len(proof.unannounced)} of {proof.hidden}"
    yield f"  pairs that look alike to the probe        {len(proof.alike)}"
    yield f"  verdicts that depend on the seed          {sum(bool(each.unsteady) for each in proof.graded)}"


def _exercises(proof: TopicProof) -> Iterator[str]:
    rows = []
    for name, points in proof.points.items():
        mistakes = [each for each in proof.mistakes() if each.entry.exercise == name]
        right = [each for each in proof.right_answers() if each.entry.exercise == name]
        rows.append((name, f"{points:g}", str(len(proof.tests[name])), str(len(mistakes)), str(len(right))))
    yield from _table(("exercise", "points", "tests", "mistakes", "right answers"), rows)


def _entries(proof: TopicProof) -> Iterator[str]:
    rows = []
    for each in proof.mistakes():
        points = proof.points[each.entry.exercise]
        keeps = f"{(1 - each.lost) * points:.3g} of {points:g}"
        rows.append((each.entry.name, each.entry.exercise, each.entry.severity, keeps, each.entry.caught_by))
    yield from _table(("mistake", "exercise", "severity", "keeps", "caught by"), rows)


def _tolerances(proof: TopicProof) -> Iterator[str]:
    rows = []
    for each in proof.tolerances:
        nearest = "fails otherwise" if math.isinf(each.nearest) else f"{each.nearest:.3g} ({each.mistake})"
        rows.append((each.test, f"{each.right:.2g}", nearest))
    yield from _table(("errors in units of the tolerance", "right answers", "nearest mistake"), rows)


def _visible(proof: TopicProof) -> Iterator[str]:
    rows = []
    for each in proof.visible:
        total = len(each.caught) + len(each.missed)
        rows.append((each.exercise, f"{len(each.caught)} of {total}", ", ".join(each.caught)))
    yield from _table(("visible checks", "caught", "which"), rows)


def _names(proof: TopicProof) -> Iterator[str]:
    rows = [(row.kind, str(row.tried), str(row.right), str(row.none), str(len(row.wrong))) for row in proof.names]
    if rows:
        yield from _table(("diagnosis by probe", "tried", "named right", "not named", "named wrong"), rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Columns as wide as they need to be, under an empty line."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    yield ""
    for row in (head, *rows):
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
