"""Figure of scenario discovery: the points at which a strategy fails, and the regions around them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from kitchen.errors import KitchenError, unknown
from kitchen.model.measures import unit_of
from kitchen.plots.axes import canvas, legend_below, note
from kitchen.plots.style import INK, PALE, styled
from kitchen.simulation.metrics import in_order, need
from kitchen.utils.formatting import plain, plains

FAILS, REGION = "#b04a00", "#e8a06a"
_OWN = ("point", "figure", "fails", "region")


@styled
def regions(
    points: pd.DataFrame,
    limits: pd.DataFrame,
    x: str | None = None,
    y: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Scatter plot of the points of a sweep over two parameters, with the regions of failure.

    Crosses fail, hollow dots do not. A region that another parameter bounds, too, has a dashed
    edge: not all of what is inside of it belongs to it.

    Parameters
    ----------
    points, limits : DataFrame
        `Regions.points` and `Regions.limits`.
    x, y : str, optional
        Parameters; by default those that bound most of the regions, the largest first.
    ax : Axes, optional

    Raises
    ------
    KitchenError
        If columns are missing, or there is no such parameter.

    Examples
    --------
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> grid = {"arrivals.rate": range(4, 13), "shelves.overflow.capacity": [5, 10, 15]}
    >>> found = kt.regions(kt.sweep(rush, grid, ["oldest"], replications=20), limit="5%")
    >>> kt.plots.regions(found.points, found.limits).get_xlabel()
    'arrivals.rate (orders per second)'
    """
    need(points, list(_OWN), "regions")
    need(limits, ["region", "parameter", "low", "high", "values"], "regions")
    x, y = _axes(points, limits, x, y)
    ax = canvas(ax, 4.4)
    if x is None or not len(points):
        return note(ax, "no points to show")
    at = {path: _places(points[path]) for path in (x, y) if path is not None}
    left = at[x]
    up = at[y] if y is not None else np.zeros(len(points))
    fails = points["fails"].to_numpy(bool)
    ax.plot(left[~fails], up[~fails], "o", color=PALE, markerfacecolor="none", markersize=4)
    ax.plot(left[fails], up[fails], "x", color=FAILS, markersize=5, markeredgewidth=1.4)
    for path, axis in ((x, ax.xaxis), (y, ax.yaxis)):
        if path is None:
            ax.set(ylim=(-1, 1), yticks=[])
            continue
        low, high = at[path].min(), at[path].max()
        pad = 0.04 * (high - low) or 0.5
        (ax.set_xlim if axis is ax.xaxis else ax.set_ylim)(low - pad, high + pad)
        if not pd.api.types.is_numeric_dtype(points[path]):
            names = list(in_order(points[path]).categories)
            axis.set_ticks(range(len(names)), plains(names, 20), parse_math=False)
            axis.set_label_text(plain(path, 40))
        else:
            axis.set_label_text(f"{plain(path, 40)} ({unit_of(path)})")
    also = False
    for region, own in limits.groupby("region", sort=True):
        also |= _draw(ax, int(region), own, points, x, y)
    ax.set_title("Where it fails" if len(limits) else "Where it fails: no region found")
    handles = [
        Line2D([], [], linestyle="", marker="x", color=FAILS, markeredgewidth=1.4),
        Line2D([], [], linestyle="", marker="o", color=PALE, markerfacecolor="none"),
    ]
    labels = [f"fails ({int(fails.sum()):,} points)", f"does not ({int((~fails).sum()):,})"]
    if len(limits):
        handles.append(Patch(facecolor=REGION, edgecolor=FAILS, alpha=0.4))
        labels.append("region")
    if also:
        handles.append(Patch(facecolor="none", edgecolor=FAILS, linestyle="--"))
        labels.append("bounded by more settings")
    legend_below(ax, handles, labels)
    return ax


def _axes(points: pd.DataFrame, limits: pd.DataFrame, x, y):
    """The parameters of the two axes; None for one that there is not."""
    paths = [column for column in points.columns if column not in _OWN]
    for path in (x, y):
        if path is not None and path not in paths:
            raise KitchenError(f"regions: {unknown('parameter', path, paths)}")
    bounding = limits["parameter"].astype(str).value_counts(sort=True).index
    ranked = list(dict.fromkeys([*bounding, *paths]))
    x = x or next((path for path in ranked if path != y), None)
    y = y or next((path for path in ranked if path != x), None)
    return x, y


def _places(values: pd.Series) -> np.ndarray:
    """Numbers as they are; words at 0, 1, 2, ..., spread a little so that points can be told apart."""
    if pd.api.types.is_numeric_dtype(values):
        return values.to_numpy(float)
    nth = np.arange(len(values))
    return in_order(values).codes + 0.5 * ((nth * 0.6180339887498949) % 1.0 - 0.5)


def _draw(ax: Axes, region: int, own: pd.DataFrame, points: pd.DataFrame, x, y) -> bool:
    """Draw a region; True if other parameters bound it, too."""
    bounds = own.set_index("parameter")
    inside = points[points["region"] == region]
    spans = []
    for path, whole in ((x, ax.get_xlim()), (y, ax.get_ylim())):
        low, high = whole
        if path in bounds.index:
            if pd.api.types.is_numeric_dtype(points[path]):
                ends = bounds.loc[path, ["low", "high"]].to_numpy(float)
                half = 0.5 if pd.api.types.is_integer_dtype(points[path]) else 0.0
                low = max(low, ends[0] - half) if ends[0] == ends[0] else low
                high = min(high, ends[1] + half) if ends[1] == ends[1] else high
            else:
                codes = in_order(points[path]).codes[inside.index]
                low, high = codes.min() - 0.4, codes.max() + 0.4
        spans.append((low, high))
    (left, right), (bottom, top) = spans
    also = bool(set(bounds.index) - {x, y})
    edge = {"edgecolor": FAILS, "linestyle": "--" if also else "-", "linewidth": 1.2}
    box = (left, bottom), right - left, top - bottom
    ax.add_patch(Rectangle(*box, facecolor=REGION, alpha=0.1 if also else 0.25, zorder=0.5))
    ax.add_patch(Rectangle(*box, facecolor="none", zorder=1.5, **edge))
    ax.annotate(
        str(region),
        (right, top),
        (-4, -4),
        textcoords="offset points",
        ha="right",
        va="top",
        color=INK,
        fontweight="bold",
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.5},
    )
    return also
