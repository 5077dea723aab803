"""Figures that everybody can read: colours for the colour-blind, line styles for grey print, a text for the ear.

Figures are made without pyplot, so nothing is global and a cell shows exactly what its last line returns.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from coursekit.check import describe_error

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's palette, so ordered that neighbours differ in lightness too; its yellow is too pale for lines.
COLOURS = ("#0072B2", "#E69F00", "#000000", "#009E73", "#D55E00", "#56B4E9", "#CC79A7")
LINES = ("-", "--", ":", "-.", (0, (5, 1)), (0, (1, 1)), (0, (3, 1, 1, 1, 1, 1)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
DOTS_PER_INCH = 160
MOST_MARKERS = 12


@dataclass(frozen=True)
class Picture:
    """A finished figure and its description; a notebook shows it when it ends a cell."""

    figure: Figure
    alt: str
    png: bytes

    def _repr_png_(self) -> bytes:
        return self.png

    def _repr_html_(self) -> str:
        image = base64.b64encode(self.png).decode("ascii")
        width = round(float(self.figure.get_figwidth()) * 96)
        return (
            f'<figure style="margin:4px 0"><img alt="{escape(self.alt)}" src="data:image/png;base64,{image}" '
            f'style="width:{width}px;max-width:100%;height:auto;background:#fff">'
            f"<figcaption>In words: {escape(self.alt)}</figcaption></figure>"
        )

    def __str__(self) -> str:
        return f"[figure] {self.alt}"

    __repr__ = __str__


@dataclass(frozen=True)
class Note:
    """A sentence in the place of a figure."""

    text: str

    def _repr_html_(self) -> str:
        return f'<div style="border-left:4px solid #999;padding:2px 12px;margin:4px 0">{escape(self.text)}</div>'

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__


@dataclass(frozen=True)
class Panel:
    """One plot of several lines.

    Parameters
    ----------
    title, x, y : str
        Title and names of the axes, with units where there are any.
    lines : mapping of str to (x values, y values)
        By the name that the legend shows.
    log : {"", "x", "y", "xy"}
        Axes with a logarithmic scale.
    dots : tuple of str
        Names of lines that are drawn as grey dots only: data behind the curves.
    bands : mapping of str to (lower values, upper values)
        Shaded ranges around lines of these names.
    """

    title: str
    x: str
    y: str
    lines: Mapping[str, tuple[Any, Any]]
    log: str = ""
    dots: tuple[str, ...] = ()
    bands: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)


def draw(*panels: Panel, alt: str) -> Picture:
    """Draw panels side by side.

    Parameters
    ----------
    *panels : Panel
    alt : str
        What there is to see, in one or two sentences, for readers who cannot see it.
    """
    fig, axes = figure(len(panels), width=7.5 if len(panels) == 1 else 10.5)
    for panel, ax in zip(panels, [axes] if len(panels) == 1 else axes, strict=True):
        curves = [name for name in panel.lines if name not in panel.dots]
        for name in panel.dots:
            ax.plot(*panel.lines[name], ".", color="#999999", label=name)
        for k, name in enumerate(curves):
            x, y = panel.lines[name]
            look = style(k, every=1 if len(x) < MOST_MARKERS else 1 / MOST_MARKERS)
            ax.plot(x, y, label=name, **look)
            if name in panel.bands:
                ax.fill_between(x, *panel.bands[name], color=look["color"], alpha=0.15, linewidth=0)
        _scale(ax, panel)
        label(ax, panel.title, panel.x, panel.y)
    return show(fig, alt)


def _scale(ax: Axes, panel: Panel) -> None:
    """Logarithmic axes with plain numbers, and no fractions where steps or epochs are counted."""
    from matplotlib.ticker import MaxNLocator

    for name in panel.log:
        getattr(ax, f"set_{name}scale")("log")
        getattr(ax, f"{name}axis").set_major_formatter(lambda value, _: f"{value:g}")
    counted = all(np.asarray(x).dtype.kind in "iu" for x, _ in panel.lines.values())
    if counted and "x" not in panel.log:
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))


def figure(columns: int = 1, *, width: float = 7.5, height: float = 3.8, **options: Any) -> tuple[Figure, Any]:
    """Make a figure.

    Parameters
    ----------
    columns : int
        Number of plots side by side.
    width, height : float
        Size of the whole figure in inches.
    **options
        Passed on to `Figure.subplots`, such as `sharey=True`.

    Returns
    -------
    fig : matplotlib Figure
    axes : Axes, or an array of them if there are several columns
    """
    from matplotlib.figure import Figure

    fig = Figure(figsize=(width, height), layout="constrained")
    return fig, fig.subplots(1, columns, **options)


def style(k: int, *, marker: bool = False, every: float | None = None) -> dict[str, Any]:
    """Colour and line style number `k`, to be passed on to `Axes.plot`.

    Parameters
    ----------
    k : int
        Lines with different numbers can be told apart in colour and in grey.
    marker : bool
        Also mark the points, each number in a shape of its own.
    every : float, optional
        Mark each `every`-th point, or points so far apart as a share of the plot; implies `marker`.
    """
    look: dict[str, Any] = {"color": COLOURS[k % 7], "linestyle": LINES[k % 7], "linewidth": 2}
    if marker or every:
        look |= {"marker": MARKERS[k % 7], "markersize": 5, "markevery": every}
    return look


def label(ax: Axes, title: str, x: str, y: str, *, legend: bool = True) -> None:
    """Give a plot its title, the names of its axes, a light grid and a legend."""
    ax.set_title(title, loc="left", fontsize=11)
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    ax.grid(True, color="#dddddd", linewidth=0.7)
    ax.set_axisbelow(True)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    if legend and ax.get_legend_handles_labels()[1]:
        ax.legend(edgecolor="none", framealpha=0.85)


def show(fig: Figure, alt: str) -> Picture:
    """Finish a figure. End the cell with it.

    Parameters
    ----------
    fig : matplotlib Figure
    alt : str
        What there is to see, in one or two sentences, for readers who cannot see it.
    """
    buffer = BytesIO()
    fig.savefig(buffer, format="png", dpi=DOTS_PER_INCH)
    return Picture(fig, alt, buffer.getvalue())


def see(draw: Callable[[], Any], prediction: object = ...) -> Any:
    """Draw, or say in a sentence why that is not possible yet. End the cell with it.

    Parameters
    ----------
    draw : callable
        Makes the figure with the student's own functions and returns a `Picture`.
    prediction : object, optional
        What the student predicted; `None` is reminded of. It is shown, not judged.
    """
    if prediction is None:
        return Note("Predict first, in the cell above. Any answer earns the point; then run this cell again.")
    try:
        picture = draw()
    except NotImplementedError as error:
        return Note(f"This is drawn with your own `{error}`. Write that first, then run this cell again.")
    except Exception as error:  # the checks say more; here the notebook only has to run on
        return Note(f"Nothing to draw yet: {type(error).__name__}: {describe_error(error)}. Do the checks pass?")
    return picture if prediction is ... else replace(picture, alt=f"You predicted {prediction!r}. {picture.alt}")
