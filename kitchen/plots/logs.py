"""Figure of an order log: its evenings, and what each can be used for."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from kitchen.plots.axes import canvas, legend_below, note
from kitchen.plots.style import DOT, styled
from kitchen.simulation.metrics import need

USES = {
    "yes": ("replayed", {"facecolor": DOT}),
    "arrivals only": (
        "arrivals only",
        {"facecolor": "#E69F00", "hatch": "///"},
    ),
    "left out": ("left out as partial", {"facecolor": "#BBBBBB", "hatch": "..."}),
}
"""Label and look of the evenings of each use."""


@styled
def log_days(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Bar chart of the orders of each evening of a log, by what it can be used for.

    The darker foot of a bar are orders whose pickup is missing.

    Parameters
    ----------
    frame : DataFrame
        `Log.days`.
    ax : Axes, optional

    Examples
    --------
    >>> import pandas as pd
    >>> import kitchen as kt
    >>> log = kt.read_log(pd.DataFrame({
    ...     "received": ["2025-11-03T18:00:10Z"], "pickup": ["2025-11-03T18:14:00Z"]}))
    >>> kt.plots.log_days(log.days).get_title(loc="left")
    'Orders of each evening'
    """
    need(frame, ["date", "orders", "pickup_missing", "use"], "log_days")
    ax = canvas(ax, 3.3)
    ax.set_title("Orders of each evening")
    if not len(frame):
        return note(ax, "no evenings")
    place, orders = np.arange(len(frame)), frame["orders"].to_numpy(float)
    handles = []
    for use, (label, look) in USES.items():
        own = (frame["use"] == use).to_numpy()
        if own.any():
            ax.bar(place[own], orders[own], width=0.8, edgecolor="white", linewidth=0, **look)
            handles.append((Patch(**look), label))
    missing = orders * frame["pickup_missing"].to_numpy(float)
    if missing.any():
        ax.bar(place, missing, width=0.8, color="black", alpha=0.45)
        handles.append((Patch(facecolor="black", alpha=0.45), "pickup missing"))
    dates = [f"{date.day} {date:%b}" for date in frame["date"]]
    ax.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    ax.xaxis.set_major_formatter(
        FuncFormatter(lambda x, _: dates[int(x)] if x == int(x) and 0 <= x < len(dates) else "")
    )
    ax.set_xlim(-0.6, len(frame) - 0.4)
    ax.set_ylabel("orders")
    legend_below(ax, *map(list, zip(*handles, strict=True)))
    return ax
