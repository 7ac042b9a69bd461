"""Figure of a sensitivity analysis: Sobol indices with their intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from kitchen.errors import KitchenError
from kitchen.model.measures import measure_named
from kitchen.plots.axes import CROWDED, column, legend_below, note, percent, row_axes, whiskers
from kitchen.plots.style import DOT, INK, PALE, styled
from kitchen.simulation.metrics import in_order, need
from kitchen.utils.formatting import fixed_point, plain

_LOOK = {
    "first": ("by itself", {"marker": "o", "color": DOT, "markerfacecolor": DOT}),
    "total": ("with its interactions", {"marker": "D", "color": "#B04A00"}),
}
"""Label and marker of each index; they differ in shape and filling, not only in colour."""


@styled
def sensitivity(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Dot plot of first-order and total Sobol indices, one row per parameter, largest on top.

    An index is the share of the variance that a parameter explains, alone (dots) or together with its
    interactions (hollow diamonds); the figures are written beside them in percent.

    Parameters
    ----------
    frame : DataFrame
        `Sensitivity.frame`.
    ax : Axes, optional

    Raises
    ------
    KitchenError
        If columns are missing, or a parameter has more than one row of an index.

    Examples
    --------
    >>> import kitchen as kt
    >>> import pandas as pd
    >>> rows = [("rate", "first", 0.6, 0.5, 0.7), ("rate", "total", 0.7, 0.6, 0.8)]
    >>> frame = pd.DataFrame(rows, columns=["parameter", "index", "mean", "low", "high"])
    >>> kt.plots.sensitivity(frame).get_xlabel()
    'share of the variance (%)'
    """
    need(frame, ["parameter", "index", "mean", "low", "high"], "sensitivity")
    twice = frame.duplicated(["parameter", "index"])
    if twice.any():
        name = frame["parameter"][twice].iloc[0]
        raise KitchenError(
            f"sensitivity: there is more than one row for {plain(name, 40)!r}. Choose one measure: "
            "frame[frame['measure'] == 'lost_per_order']."
        )
    names = in_order(frame["parameter"])
    both = {
        index: frame[(frame["index"] == index).to_numpy()]
        .assign(parameter=lambda rows: rows["parameter"].astype(object))
        .set_index("parameter")
        .reindex(list(names.categories))
        for index in _LOOK
    }
    order = np.argsort(-both["total"]["mean"].to_numpy(float), kind="stable")
    both = {index: rows.iloc[order] for index, rows in both.items()}
    ax = row_axes(ax, both["total"].index, 0.46)
    if not frame["mean"].notna().any():
        return note(ax, "nothing varies: no parameter matters" if len(frame) else "no parameters")
    ax.set_title(_headed(frame))
    ax.set_xlabel("share of the variance (%)")
    ax.axvline(0.0, color=INK, linewidth=1)
    ends = frame[["mean", "low", "high"]].to_numpy(float)
    low, high = min(0.0, np.nanmin(ends)), max(1.0, np.nanmax(ends))
    pad = 0.02 * (high - low)
    ax.set_xlim(low - (pad if low < 0 else 0), high + (pad if high > 1 else 0))
    ax.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    percent(ax.xaxis)
    if high > 1:
        ax.axvline(1.0, color=PALE, linewidth=1)
    handles, y = [], np.arange(len(order))
    size = 6 if len(y) <= CROWDED else 3.5
    for nth, (index, rows) in enumerate(both.items()):
        look = _LOOK[index][1]
        look = {"markerfacecolor": "white", "markersize": size, "linestyle": "", **look}
        at = y + (nth - 0.5) * 0.34
        whiskers(ax, rows, "mean", at, look["color"])
        ax.plot(rows["mean"], at, clip_on=False, **look)
        handles.append(Line2D([], [], **look))
        texts = [fixed_point(100 * mean, 1) if mean == mean else "" for mean in rows["mean"]]
        column(ax, texts, 9 + 42 * nth, ("alone", "in all")[nth])
    for between in y[1:] - 0.5:
        ax.axhline(between, color="#d0d0d0", linewidth=0.6)
    legend_below(ax, handles, [label for label, _ in _LOOK.values()])
    return ax


def _headed(frame: pd.DataFrame) -> str:
    """Title, with the measure where the frame has one."""
    if "measure" not in frame or frame["measure"].nunique() != 1:
        return "What matters"
    return f"What matters for {measure_named(str(frame['measure'].iloc[0])).title}"
