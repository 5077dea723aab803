"""Charts as inline SVG: drawn in the text's colour, so that they hold in dark mode, in print and without colour."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 640, 220, 40, 36, 20


def histogram(scores: Sequence[float], max_score: float, title: str) -> Markup:
    """How many submissions lie in each tenth of the points, with the counts on the bars.

    Parameters
    ----------
    scores : sequence of float
        Totals of the submissions.
    max_score : float
        Points of the topic.
    title : str
        What a screen reader says first; the counts follow it in words.
    """
    counts = tenths(scores, max_score)
    tallest = max([*counts, 1])
    step = (WIDTH - LEFT) / 10
    parts = []
    for place, count in enumerate(counts):
        height = (HEIGHT - BOTTOM - TOP) * count / tallest
        x, y = LEFT + place * step, HEIGHT - BOTTOM - height
        parts.append(f'<rect x="{x + 2:.1f}" y="{y:.1f}" width="{step - 4:.1f}" height="{height:.1f}" class="bar"/>')
        if count:
            parts.append(_label(x + step / 2, y - 5, str(count)))
        parts.append(_label(x + step / 2, HEIGHT - BOTTOM + 16, f"{10 * place}-{10 * place + 10}"))
    parts.append(_label(LEFT + (WIDTH - LEFT) / 2, HEIGHT - 4, "per cent of the points"))
    axis = f'<line x1="{LEFT}" y1="{HEIGHT - BOTTOM}" x2="{WIDTH}" y2="{HEIGHT - BOTTOM}" class="axis"/>'
    return _svg(title, describe(counts), HEIGHT, axis + "".join(parts))


def _label(x: float, y: float, text: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{escape(text)}</text>'


def tenths(scores: Sequence[float], max_score: float) -> list[int]:
    """Counts of the scores by tenths of the maximum; full marks belong to the last."""
    counts = [0] * 10
    for score in scores:
        share = score / max_score if max_score > 0 else 0.0
        counts[min(max(int(share * 10 + 1e-9), 0), 9)] += 1
    return counts


def describe(counts: Sequence[int]) -> str:
    """The histogram in words."""
    parts = [f"{10 * place} to {10 * place + 10} per cent: {count}" for place, count in enumerate(counts) if count]
    return "Submissions by share of the points. " + ("; ".join(parts) if parts else "None") + "."


def bars(shares: Sequence[tuple[str, float]], title: str) -> Markup:
    """One horizontal bar for each named share between 0 and 1, with the share as a number."""
    row, left = 26, 210
    parts = []
    for place, (name, share) in enumerate(shares):
        y = place * row
        width = (WIDTH - left - 60) * min(max(share, 0.0), 1.0)
        label = name if len(name) <= 28 else name[:27] + "\N{HORIZONTAL ELLIPSIS}"
        parts.append(f'<text x="{left - 8}" y="{y + 17}" text-anchor="end">{escape(label)}</text>')
        parts.append(f'<rect x="{left}" y="{y + 4}" width="{WIDTH - left - 60}" height="18" class="track"/>')
        parts.append(f'<rect x="{left}" y="{y + 4}" width="{width:.1f}" height="18" class="bar"/>')
        parts.append(f'<text x="{WIDTH - 50}" y="{y + 17}">{round(100 * share)} %</text>')
    words = "; ".join(f"{name}: {round(100 * share)} per cent" for name, share in shares) + "."
    return _svg(title, words, row * max(len(shares), 1), "".join(parts))


def _svg(title: str, words: str, height: int, body: str) -> Markup:
    return Markup(
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(f"{title}. {words}")}">'
        f"<title>{escape(title)}</title>{body}</svg>"
    )
