"""Dot plots of strategies: ranking, paired differences, gap to the clairvoyant bound."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from kitchen.plots.axes import CROWDED, column, legend_below, note, percent, row_axes, whiskers
from kitchen.plots.browser.dots import DotPlot, paired_dots, ranking_dots, regret_dots
from kitchen.plots.style import DOT, INK, styled
from kitchen.utils.formatting import signed

SECOND_COLUMN = 52
"""Distance of the second column of texts from the Axes, points."""


@styled
def ranking(frame: pd.DataFrame, measure: str | None = None, ax: Axes | None = None) -> Axes:
    """Dot plot of means with 95 % intervals, one row per strategy, best on top.

    Parameters
    ----------
    frame : DataFrame
        `Comparison.frame`, or what `metrics.mean_intervals` returns.
    measure : str, optional
        By default lost revenue where prices differ, else lost value.
    ax : Axes, optional

    Examples
    --------
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> table = kt.compare(rush, ["random", "oldest"], replications=5)
    >>> kt.plots.ranking(table.frame).get_title(loc="left")
    'Value lost (mean of 5 replications, 95 % interval)'
    """
    return _drawn(ranking_dots(frame, measure), ax)


@styled
def paired(frame: pd.DataFrame, measure: str | None = None, ax: Axes | None = None) -> Axes:
    """Dot plot of paired differences to the baseline; hollow where the interval covers 0.

    Parameters
    ----------
    frame : DataFrame
        `Comparison.paired`, or what `metrics.paired_differences` returns.
    measure : str, optional
        By default lost revenue where prices differ, else lost value.
    ax : Axes, optional

    Examples
    --------
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> table = kt.compare(rush, ["random", "oldest"], replications=5)
    >>> kt.plots.paired(table.paired).get_title(loc="left")
    'Difference to the baseline, random'
    """
    return _drawn(paired_dots(frame, measure), ax)


@styled
def regret(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Dot plot of the gap of each strategy to the clairvoyant bound, with the share of gap closed.

    Parameters
    ----------
    frame : DataFrame
        `Comparison.regret`, or what `metrics.regret` returns.
    ax : Axes, optional

    Examples
    --------
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> table = kt.compare(rush, ["random", "oldest"], replications=3, bound=True)
    >>> kt.plots.regret(table.regret).get_title(loc="left")
    'Gap to the clairvoyant bound'
    """
    return _drawn(regret_dots(frame), ax)


def _drawn(plot: DotPlot, ax: Axes | None) -> Axes:
    """A dot plot on Axes."""
    ax = row_axes(ax, plot.names)
    if plot.empty:
        return note(ax, plot.empty)
    y = np.arange(len(plot.rows))
    middle = np.array([row.middle for row in plot.rows])
    solid = np.array([row.solid for row in plot.rows])
    if plot.zero:
        ax.axvline(0.0, color=INK, linewidth=1)
    whiskers(ax, pd.DataFrame(plot.rows), "middle", y, DOT)
    dot = {"linestyle": "", "marker": "o", "color": DOT, "clip_on": plot.zero}
    dot["markersize"] = 6 if len(y) <= CROWDED else 3.5
    for some, face in ((solid, DOT), (~solid, "white")):
        if some.any():
            ax.plot(middle[some], y[some], markerfacecolor=face, **dot)
    ax.set_xlim(plot.limits)
    ax.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    for nth, header in enumerate(plot.headers):
        texts = [row.texts[nth] for row in plot.rows]
        column(ax, texts, SECOND_COLUMN if nth else 7, header)
    ax.set_title(plot.title)
    ax.set_xlabel(plot.axis)
    if plot.signed:
        ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: signed(plot.scale * v)))
    elif plot.scale == 100:
        percent(ax.xaxis)
    if plot.legend:
        dots = [Line2D([], [], markerfacecolor=face, **dot) for face in (DOT, "white")]
        legend_below(ax, dots, ["95 % interval leaves out 0", "no significant difference"])
    return ax
