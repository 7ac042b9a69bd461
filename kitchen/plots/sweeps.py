"""Figures of sweeps: lines over one parameter, heat maps over two."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import PatchCollection
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.patches import Patch, Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter

from kitchen.model.measures import Measure, unit_of
from kitchen.plots.axes import canvas, label_lines, legend_below, note, percent, size_in
from kitchen.plots.browser.sweep_best import BestMap
from kitchen.plots.browser.sweeps import LIGHTEST, HeatMap, LinePlot, heat_map, line_plot
from kitchen.plots.style import GREY, INK, PALE, styled
from kitchen.plots.sweep_hover import add_hover_box
from kitchen.utils.formatting import plain, signed, value_texts


@styled
def sweep_lines(
    frame: pd.DataFrame,
    x: str,
    by: str | None = None,
    measure: str | None = None,
    ax: Axes | None = None,
    *,
    paired: bool = False,
) -> Axes:
    """Line chart of a measure over one parameter of a sweep, with 95 % intervals.

    Parameters
    ----------
    frame : DataFrame
        `Sweep.frame`, or those of its rows that have one value of every parameter but `x` and `by`.
    x : str
        The parameter on the x axis. Numbers are drawn as lines with bands, words as dots.
    by : str, optional
        A parameter with one line per value, for one strategy. If left out, there is one line per
        strategy.
    measure : str, optional
        By default lost revenue where prices differ, else lost value.
    ax : Axes, optional
    paired : bool
        Draw the differences to the baseline, whose intervals are narrower, instead of the means.

    Raises
    ------
    KitchenError
        If there is no such parameter, or if another one still has several values.

    Examples
    --------
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> design = {"arrivals.rate": [8, 12], "shelves.overflow.capacity": [10, 15]}
    >>> result = kt.sweep(rush, design, ["random", "oldest"], replications=3)
    >>> rows = result.frame[result.frame["shelves.overflow.capacity"] == 15]
    >>> kt.plots.sweep_lines(rows, "arrivals.rate").get_xlabel()
    'arrivals.rate (orders per second)'
    """
    plot = line_plot(frame, x, by, measure, paired=paired)
    ax = canvas(ax, 3.8)
    ax.set_xlabel(plot.x)
    if plot.empty:
        return note(ax, plot.empty)
    ax.set_title(plot.title)
    ax.set_ylabel(plot.y)
    if plot.measure.is_share:
        percent(ax.yaxis)
    if paired:
        ax.yaxis.set_major_formatter(_signed_ticks(plot.measure))
        ax.axhline(0.0, color=INK, linewidth=1)
    _draw_lines(ax, plot, by)
    if plot.dots:
        _name_places(ax.xaxis, plot.values, size_in(ax)[0])
        ax.set_xlim(-0.5, len(plot.values) - 0.5)
    places = plot.places
    edges = [ax.get_xlim()[0], *(places[1:] + places[:-1]) / 2, ax.get_xlim()[1]]
    for begin, end, text in zip(edges, edges[1:], plot.hover, strict=False):
        add_hover_box(ax, (begin, 0.0, end, 1.0), text, ax.get_xaxis_transform())
    return ax


@styled
def sweep_map(
    frame: pd.DataFrame,
    x: str,
    y: str,
    measure: str | None = None,
    strategy: str | None = None,
    against: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Heat map of a measure over two parameters of a sweep, one cell per pair of values.

    Parameters
    ----------
    frame : DataFrame
        `Sweep.frame`, or those of its rows that have one value of every parameter but `x` and `y`.
    x, y : str
        Parameters. Cells are of one size, however far apart the values are.
    measure : str, optional
        By default lost revenue where prices differ, else lost value.
    strategy : str, optional
        The strategy that is shown; the first other than `against` if left out.
    against : str, optional
        Draw the differences to this strategy instead, blue where `strategy` is the better one:
        a map of where the two break even. Cells are dotted where the interval covers 0; those of
        all cells hold together (Bonferroni), so that where two strategies are equal no cell is
        without dots in 95 % of maps. One of the two must be the baseline of the sweep.
    ax : Axes, optional

    Raises
    ------
    KitchenError
        If there is no such parameter or strategy, if another parameter still has several values,
        or if the frame has no intervals of the difference.

    Examples
    --------
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> design = {"arrivals.rate": [8, 12], "shelves.overflow.capacity": [10, 15]}
    >>> result = kt.sweep(rush, design, ["random", "oldest"], replications=3)
    >>> kt.plots.sweep_map(result.frame, "arrivals.rate", "shelves.overflow.capacity").get_ylabel()
    'shelves.overflow.capacity (slots)'
    """
    plot = heat_map(frame, x, y, measure, strategy, against)
    ax = canvas(ax, float(np.clip(1.7 + 0.3 * len(plot.lines), 2.7, 7.0)))
    shade = draw_cells(ax, plot, np.ma.masked_invalid(plot.figures), plot.colours, plot.limits)
    if plot.empty:
        return ax
    cells = np.isfinite(plot.figures)
    marked = {"no significant difference": ("..", GREY)} if plot.signed else {}
    marked["no figures"] = ("////", PALE)
    where = {"no significant difference": cells & ~plot.sure, "no figures": ~cells}
    used = {name: kind for name, kind in marked.items() if where[name].any()}
    for name, (hatch, colour) in used.items():
        hatch_cells(ax, where[name], hatch, colour)
    write_cells(ax, plot)
    patches = [
        Patch(facecolor="white", edgecolor=c, hatch=h, linewidth=0) for h, c in used.values()
    ]
    legend_below(ax, patches, used)
    bar = ax.figure.colorbar(shade, ax=ax, pad=0.02, aspect=24)
    bar.set_label(plot.bar)
    bar.outline.set_visible(False)
    if plot.signed:
        bar.ax.yaxis.set_major_formatter(_signed_ticks(plot.measure))
    elif plot.measure.is_share:
        percent(bar.ax.yaxis)
    return ax


MOST_LABELLED = 6
"""Largest number of lines with labels beside them; more have a legend or a colour bar."""


def _signed_ticks(quantity: Measure) -> FuncFormatter:
    return FuncFormatter(lambda v, _: signed(100 * v if quantity.is_share else v))


def _draw_lines(ax: Axes, plot: LinePlot, by: str | None) -> None:
    """Draw lines with bands, or dots with whiskers side by side, and label them."""
    many, number = len(plot.lines) > MOST_LABELLED, len(plot.lines)
    lines, drawn = [], {}
    for nth, line in enumerate(plot.lines):
        kind, at = line.look, line.at
        style = {"color": kind.colour, "marker": kind.marker, "markersize": 4.5}
        if plot.dots:
            at = at + ((nth + 0.5) / number - 0.5) * min(0.6, 0.12 * number)
            good = np.isfinite(line.low)
            ax.vlines(at[good], line.low[good], line.high[good], color=kind.colour, linewidth=1.6)
            lines += ax.plot(at, line.middle, linestyle="", **style)
        else:
            dash = "-" if plot.ordered and many else kind.dash
            if plot.ordered and many:
                style["markersize"] = 2.5
            lines += ax.plot(at, line.middle, linestyle=dash, **style)
            alpha = 0.06 if many else 0.2
            ax.fill_between(at, line.low, line.high, color=kind.colour, alpha=alpha, linewidth=0)
            there = np.isfinite(line.middle)
            if there.any():
                drawn[line.name] = (at[there], line.middle[there])
    names = [line.name for line in plot.lines]
    dark = {line.name: line.look.dark for line in plot.lines}
    if plot.ordered and number > 2 * MOST_LABELLED:
        numbers = list(plot.by_values)
        scale = ScalarMappable(Normalize(numbers[0], numbers[-1]), _VIRIDIS)
        ax.figure.colorbar(scale, ax=ax, pad=0.02, aspect=24, label=f"{plain(by)} ({unit_of(by)})")
    elif plot.dots or many or not label_lines(ax, drawn, dark):
        legend_below(ax, lines, names)


_VIRIDIS = ListedColormap(colormaps["viridis"](np.linspace(0.0, LIGHTEST, 256)))
"""Viridis without its yellow end, which is hard to see on white."""


def draw_cells(ax: Axes, plot: HeatMap | BestMap, cells, colours, limits: tuple[float, float]):
    """Draw the cells of a map, with its texts and what each cell tells; the image, None if it is empty."""
    ax.set_xlabel(plot.x)
    ax.set_ylabel(plot.y)
    if plot.empty:
        note(ax, plot.empty)
        return None
    ax.set_title(plot.title)
    image = ax.imshow(
        cells,
        colours,
        vmin=limits[0],
        vmax=limits[1],
        aspect="auto",
        origin="lower",
        interpolation="nearest",
    )
    ax.grid(False)
    ax.tick_params(length=0)
    _name_places(ax.xaxis, plot.columns, size_in(ax)[0])
    _name_places(ax.yaxis, plot.lines, size_in(ax)[1])
    for (line, column), text in plot.hover.items():
        add_hover_box(ax, (column - 0.5, line - 0.5, column + 0.5, line + 0.5), text, ax.transData)
    return image


def _name_places(axis, values: pd.Series, inches: float) -> None:
    """Label the positions 0, 1, ... of an axis with their values, as many as fit."""
    texts = value_texts(values)
    flat = axis.axis_name == "y"
    need_ = 0.17 if flat else 0.072 * max(map(len, texts)) + 0.12
    words = not pd.api.types.is_numeric_dtype(values)
    lean = words and not flat and need_ * len(texts) > inches
    step = max(1, int(np.ceil(len(texts) * (0.2 if lean else need_) / inches)))
    axis.set_ticks(range(0, len(texts), step), texts[::step], parse_math=False)
    if lean:
        for label in axis.get_ticklabels():
            label.set(rotation=30, ha="right", rotation_mode="anchor")


def hatch_cells(ax: Axes, where: np.ndarray, hatch: str, colour: str) -> None:
    cells = [Rectangle((column_ - 0.5, line - 0.5), 1, 1) for line, column_ in np.argwhere(where)]
    ax.add_collection(
        PatchCollection(cells, facecolor="none", edgecolor=colour, hatch=hatch, linewidth=0)
    )


def write_cells(ax: Axes, plot: HeatMap | BestMap) -> None:
    """Write the figures into the cells, with as many decimals as fit."""
    figures, scale = plot.figures, plot.measure.scale
    wide, tall = 72 * size_in(ax) / np.array(figures.shape[::-1]) * (0.88, 0.95)  # points a cell
    cells = [tuple(cell) for cell in np.argwhere(np.isfinite(figures))]
    for decimals, size in ((2, 8.5), (2, 7.0), (1, 7.0), (0, 6.5)):
        write = (
            (lambda v, d=decimals: signed(v, d))
            if plot.signed
            else (lambda v, d=decimals: f"{v:.{d}f}")
        )
        texts = [write(scale * figures[cell]) for cell in cells]
        if max(map(len, texts)) * 0.66 * size < wide and 1.5 * size < tall:
            break
    else:
        return
    if not decimals and len(set(texts)) < 3 <= len(np.unique(figures[np.isfinite(figures)])):
        return  # all the same when rounded: the colours tell more
    for (line, column), text in zip(cells, texts, strict=True):
        ground, ink = plot.ink(line, column)
        ax.text(
            column,
            line,
            text,
            ha="center",
            va="center",
            color=ink,
            fontsize=size,
            path_effects=[withStroke(linewidth=6.0, foreground=ground)],  # keeps the dots off
        )
