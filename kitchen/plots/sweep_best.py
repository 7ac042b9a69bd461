"""Figure of the best strategy over two parameters of a sweep."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.patches import Patch

from kitchen.plots.axes import canvas, legend_below
from kitchen.plots.browser.sweep_best import best_map
from kitchen.plots.style import GREY, styled
from kitchen.plots.sweeps import draw_cells, hatch_cells, write_cells


@styled
def sweep_best(
    frame: pd.DataFrame, x: str, y: str, measure: str | None = None, ax: Axes | None = None
) -> Axes:
    """Map of the best strategy over two parameters of a sweep, with its figure in each cell.

    Cells are dotted where the best is not significantly better than the baseline or, where the
    baseline is the best, where another may be as good; the intervals of all cells and strategies
    hold together (Bonferroni).

    Parameters
    ----------
    frame : DataFrame
        `Sweep.frame` of several strategies, or those of its rows that have one value of every
        parameter but `x` and `y`.
    x, y : str
        Parameters. Cells are of one size, however far apart the values are.
    measure : str, optional
        By default lost revenue where prices differ, else lost value.
    ax : Axes, optional

    Raises
    ------
    KitchenError
        If there is no such parameter, if another parameter still has several values, or if the
        frame has one strategy only.

    Examples
    --------
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> design = {"arrivals.rate": [8, 12], "shelves.overflow.capacity": [10, 15]}
    >>> result = kt.sweep(rush, design, ["random", "oldest"], replications=3)
    >>> kt.plots.sweep_best(result.frame, "arrivals.rate", "shelves.overflow.capacity").get_ylabel()
    'shelves.overflow.capacity (slots)'
    """
    plot = best_map(frame, x, y, measure)
    ax = canvas(ax, float(np.clip(1.9 + 0.3 * len(plot.lines), 2.9, 7.0)))
    ends = (-0.5, len(plot.names) - 0.5)
    draw_cells(ax, plot, np.ma.masked_less(plot.best, 0), ListedColormap(plot.colours), ends)
    if plot.empty:
        return ax
    patches = {name: Patch(facecolor=colour) for name, colour in plot.keys.items()}
    unsure = (plot.best >= 0) & ~plot.sure
    if unsure.any():
        hatch_cells(ax, unsure, "..", GREY)
        dots = Patch(facecolor="white", edgecolor=GREY, hatch="..", linewidth=0)
        patches["no sure winner"] = dots
    write_cells(ax, plot)
    legend_below(ax, list(patches.values()), list(patches))
    return ax
