"""Building blocks of figures: axes, rows of names, legends, labels beside lines.

Where a script or notebook has imported pyplot, a plot without `ax` draws on pyplot's current Axes, so
that `plt.title`, `plt.savefig` and `plt.show` work. Elsewhere figures are made without pyplot: none
stays in memory or opens a window. pyplot is never imported here.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from io import BytesIO
from weakref import WeakSet

import matplotlib
import numpy as np
import pandas as pd
from matplotlib._pylab_helpers import Gcf
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import imsave
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator
from matplotlib.transforms import ScaledTranslation

from kitchen.plots.browser.dots import limits
from kitchen.plots.style import DPI, GREY, INK, PALE, STYLE, in_style, styled, title_as_outside
from kitchen.utils.formatting import folded, nice_step, plains

WIDTH = 7.2
"""Width of a figure, inches; it fits a printed page and a screen."""

CROWDED = 60
"""Largest number of rows in normal type; more are drawn smaller."""

TOO_CROWDED = 0.05
"""Largest mean overlap of a label with the lines, inches."""

MOST_TICKS = 8
"""Largest number of steps between ticks on a time axis."""

_HALO = [withStroke(linewidth=2.5, foreground="white")]
_CHARACTER, _LINE = 0.078, 0.17
"""Width of a character and height of a line of text of 9 points, inches."""


_own_figures: ContextVar[bool] = ContextVar("_own_figures", default=False)
"""Whether figures are made without pyplot, also where it is in use."""

_drawn: WeakSet[Axes] = WeakSet()
"""Axes of pyplot that hold a plot of ours; the next one goes to a new figure."""


class NotebookAxes(Axes):
    """Axes that a notebook displays as an image when a cell ends with them."""

    ours = True
    """Whether the figure may be made higher, as far as a legend needs."""

    def set_title(self, label, fontdict=None, loc=None, **more):
        """Set the title, which is on the left: `plt.title` replaces the one that was drawn."""
        return super().set_title(label, fontdict, "left" if loc is None else loc, **more)

    def _ipython_display_(self) -> None:
        """Nothing where pyplot displays the figure after the cell; else as an image."""
        if not (matplotlib.is_interactive() and _in_pyplot(self.figure)):
            raise NotImplementedError

    def _repr_png_(self) -> bytes:
        return png(self.figure)


@contextmanager
def own_figures() -> Iterator[None]:
    """Context manager or decorator in which plots leave the figures of pyplot alone."""
    token = _own_figures.set(True)
    try:
        yield
    finally:
        _own_figures.reset(token)


def canvas(ax: Axes | None, height: float) -> Axes:
    """The given Axes, else pyplot's current ones, else those of a new figure of a height in inches."""
    if ax is not None:
        return ax
    pyplot = None if _own_figures.get() else sys.modules.get("matplotlib.pyplot")
    return panels(1, height)[0] if pyplot is None else _current(pyplot, height)


def _current(pyplot, height: float) -> Axes:
    """pyplot's current Axes; new ones where there are none, or where they hold a plot of ours.

    Two plots on the same Axes would not be readable: their rows and titles differ.
    """
    figure = pyplot.gcf() if pyplot.get_fignums() else None
    if figure is not None and figure.axes:
        ax = pyplot.gca()
        if not (ax in _drawn and (ax.has_data() or ax.texts)):
            title_as_outside()
            _drawn.add(ax)
            return ax
        figure = None
    new = figure is None
    if new:
        figure = pyplot.figure(figsize=(WIDTH, height), dpi=DPI, layout="constrained")
    elif figure.get_layout_engine() is None:
        figure.set_layout_engine("constrained")  # or names and columns would be cut off
    ax = _ready(figure.add_subplot(axes_class=NotebookAxes))
    ax.ours = new
    _drawn.add(ax)
    return ax


def _in_pyplot(figure: Figure) -> bool:
    """Whether pyplot holds the figure, and has not closed it."""
    return any(manager.canvas.figure is figure for manager in Gcf.get_all_fig_managers())


def panels(number: int, height: float) -> list[Axes]:
    """Stacked Axes with shared limits in a new figure of a height in inches."""
    with in_style():
        figure = Figure(figsize=(WIDTH, height), dpi=DPI, layout="constrained")
        made: list[Axes] = []
        for place in range(number):
            shared = {"sharex": made[0], "sharey": made[0]} if made else {}
            ax = figure.add_subplot(number, 1, place + 1, axes_class=NotebookAxes, **shared)
            made.append(_ready(ax))
    return made


def fixed(width: float, height: float, place=None) -> Axes:
    """Axes of a new figure of a fixed size in inches.

    `place` is their box in fractions of the figure; computing the layout would take a third of the
    time of drawing.
    """
    with in_style():
        figure = Figure(figsize=(width, height), dpi=DPI, layout=None if place else "constrained")
        ax = _ready(figure.add_subplot())
        if place:
            ax.set_position(place)
        return ax


def _ready(ax: Axes) -> Axes:
    """Set ticks and grid explicitly: they are created after the style's context has ended."""
    ax.tick_params(labelsize=8.5, labelcolor=INK, color=PALE)
    ax.grid(True, color=STYLE["grid.color"], linewidth=STYLE["grid.linewidth"])
    return ax


@styled
def png(figure) -> bytes:
    """A figure as PNG bytes; characters without a font are drawn as boxes, without a warning.

    Drawn once: `savefig` would compute the layout twice.
    """
    target, own = BytesIO(), figure.canvas
    canvas = FigureCanvasAgg(figure)
    figure.set_dpi(DPI)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph .* missing from", UserWarning)
        canvas.draw()
    figure.set_canvas(own)
    pixels = np.asarray(canvas.buffer_rgba())
    imsave(target, pixels, format="png", dpi=DPI, pil_kwargs={"compress_level": 1})
    return target.getvalue()


def size_in(ax: Axes) -> np.ndarray:
    """Width and height of the Axes, inches."""
    return np.maximum(ax.get_window_extent().size / ax.figure.dpi, 0.1)


def note(ax: Axes, text: str) -> Axes:
    """Write a message in the middle of empty Axes."""
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", color=GREY)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    return ax


# Axes


def percent(axis) -> None:
    """Label shares of an axis in percent."""
    axis.set_major_formatter(FuncFormatter(lambda v, _: f"{round(100 * v, 9):g}"))


def time_axis(ax: Axes, last_s: float, label: str) -> None:
    """An x axis from 0 to `last_s`, in seconds, minutes or hours."""
    unit, size = ("s", 1) if last_s < 600 else ("min", 60) if last_s < 7200 else ("h", 3600)
    ax.set_xlim(0.0, last_s or 1.0)
    step = nice_step((last_s or 1.0) / size / MOST_TICKS)
    ax.xaxis.set_major_locator(MultipleLocator(size * step))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{round(v / size, 9):g}"))
    ax.set_xlabel(f"{label} ({unit})")


def legend_below(ax: Axes, handles, names) -> None:
    """Legend under the x axis; names are plain text, also those that matplotlib would hide."""
    names = plains(names, 34)
    if not names:
        return
    wide = [0.64 + 0.066 * len(name) for name in names]  # inches, with the sample line
    room = 1.05 * size_in(ax)[0]
    columns = len(names) if sum(wide) <= room else max(1, int(room / max(wide)))
    figure = ax.figure
    if getattr(ax, "ours", False) and len(figure.axes) == 1:  # a figure of ours can make room
        figure.set_figheight(figure.get_figheight() + 0.19 * -(-len(names) // columns))
    made = ax.legend(
        handles,
        [str(i) for i in range(len(names))],
        loc="upper left",
        bbox_to_anchor=(0.0, 0.0),
        bbox_transform=ax.transAxes + ScaledTranslation(0.0, -0.46, figure.dpi_scale_trans),
        ncols=columns,
        borderaxespad=0.0,
        handlelength=2.6,
    )
    for text, name in zip(made.get_texts(), names, strict=True):
        text.set(text=name, parse_math=False)


def every(names: pd.Series) -> list:
    """All categories, also unused ones, so that looks do not depend on the rows."""
    if isinstance(names.dtype, pd.CategoricalDtype):
        return list(names.cat.categories)
    return list(pd.unique(names.dropna()))


# Rows, one for each strategy


def row_axes(ax: Axes | None, names, inches: float = 0.36) -> Axes:
    """Axes with one row per name, first on top; a new figure is as high as the rows need."""
    names = list(names)
    row = 0.17 if len(names) > CROWDED else inches
    ax = canvas(ax, min(1.35 + row * max(len(names), 2), 400.0))
    if not names:
        return ax
    room = _points_a_row(ax, len(names))
    step = _labelled_every(room)
    labels = plains(names[::step], 48 if room >= 22 else 40)
    ax.set_yticks(
        np.arange(0, len(names), step),
        [folded(name) if room >= 22 else name for name in labels],
        fontsize=min(8.5, max(5.0, 0.8 * room)),
        parse_math=False,
    )
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    return ax


def _points_a_row(ax: Axes, rows: int) -> float:
    return 72 * size_in(ax)[1] / max(rows, 1)


def _labelled_every(room: float) -> int:
    """Number of rows per label: more than 1 where the Axes have no room for all names."""
    return max(1, int(np.ceil(6.5 / room)))


def whiskers(ax: Axes, rows: pd.DataFrame, middle: str, y, colour, linewidth=1.6) -> None:
    """Draw intervals as lines, where there are any."""
    good = rows[[middle, "low", "high"]].notna().all(axis=1).to_numpy()
    low, high = rows["low"].to_numpy(float)[good], rows["high"].to_numpy(float)[good]
    linewidth = min(linewidth, 0.6 * _points_a_row(ax, abs(np.diff(ax.get_ylim())[0])))
    ax.hlines(np.asarray(y)[good], low, high, color=colour, linewidth=linewidth)


def fit(ax: Axes, rows: pd.DataFrame, middle: str, zero: bool = False) -> None:
    """Set limits of the x axis that show all numbers, and 0 where it matters."""
    ax.set_xlim(limits(rows, middle, zero))
    ax.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))


def column(ax: Axes, texts, right: float = 7.0, header: str = "", colour=INK) -> None:
    """Write texts to the right of the rows, `right` points from the edge of the Axes."""
    texts = list(texts)
    room = _points_a_row(ax, len(texts))
    size = min(8.5, max(5.0, 0.8 * room))
    where = {
        "textcoords": "offset points",
        "color": colour,
        "fontsize": size,
        "annotation_clip": False,
    }
    at = ("axes fraction", "data")
    for row in range(0, len(texts), _labelled_every(room)):
        ax.annotate(texts[row], (1.0, row), (right, 0), at, va="center", **where)
    if header:
        ax.annotate(header, (1.0, 1.0), (right, 3), "axes fraction", va="bottom", **where)


# Names beside lines


def label_lines(ax: Axes, lines: dict[str, tuple], colour: dict) -> bool:
    """Write the name of each line beside it, where it overlaps least with lines and labels.

    Parameters
    ----------
    ax : Axes
        With its limits set.
    lines : dict
        Name -> (x, y) arrays, x rising, without NaN.
    colour : dict
        Name -> colour of the text.

    Returns
    -------
    bool
        False, and nothing is written, where there is no room for the names.
    """
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    wide, tall = size_in(ax)
    inches = [
        ((x - left) / (right - left) * wide, (y - low) / (high - low) * tall)
        for x, y in lines.values()
    ]
    placed: list[tuple] = []
    texts = plains(lines, 30)
    for (x, y), text in zip(inches, texts, strict=True):
        half = len(text) * _CHARACTER / 2
        candidates = [
            (_crowding(at, middle, half, inches, placed, tall), at, middle)
            for at in np.linspace(half + 0.1, max(half, wide - half) - 0.1, 60)
            if x.min() <= at <= x.max()
            for middle in np.interp(at, x, y) + np.array([0.145, -0.145])
        ]
        cost, at, middle = min(candidates, default=(np.inf, 0.0, 0.0))
        if cost > TOO_CROWDED:
            return False
        placed.append((at, middle, half))
    for name, text, (at, middle, _) in zip(lines, texts, placed, strict=True):
        ax.text(
            left + at / wide * (right - left),
            low + middle / tall * (high - low),
            text,
            ha="center",
            va="center",
            color=colour[name],
            fontweight="bold",
            path_effects=_HALO,
        )
    return True


def _crowding(at, middle, half, lines, placed, tall) -> float:
    """Overlap of a label of half-width `half` at (at, middle), inches."""
    cost = 10.0 * max(0.0, _LINE / 2 - middle, middle + _LINE / 2 - tall)
    for x, y in lines:
        under = np.interp(np.linspace(at - half, at + half, 9), x, y)
        cost += np.maximum(0.0, _LINE - np.abs(under - middle)).mean()
    for other_at, other_middle, other_half in placed:
        if abs(other_at - at) < half + other_half + 0.1:
            cost += 10.0 * max(0.0, _LINE - abs(other_middle - middle))
    return cost


def spread(wanted: np.ndarray, gap: float, low: float, high: float) -> np.ndarray:
    """Positions nearest to the wanted ones, in their order, at least `gap` apart, within limits.

    Where the limits are too narrow, `high` is exceeded.
    """
    order = np.argsort(wanted, kind="stable")
    steps = gap * np.arange(len(wanted))
    blocks: list[tuple[float, int]] = []  # the nearest rising sequence: pool what falls
    for value in np.asarray(wanted, float)[order] - steps:
        mean, size = value, 1
        while blocks and blocks[-1][0] > mean:
            other, others = blocks.pop()
            mean, size = (mean * size + other * others) / (size + others), size + others
        blocks.append((mean, size))
    even = np.repeat([b[0] for b in blocks], [b[1] for b in blocks])
    out = np.empty(len(wanted))
    out[order] = np.clip(even, low, max(low, high - steps[-1])) + steps
    return out
