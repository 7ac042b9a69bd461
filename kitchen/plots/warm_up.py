"""Figure of a warm-up: Welch's picture, with the cut of MSER-5."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from kitchen.errors import KitchenError, unknown
from kitchen.model.measures import MEASURES, measure_named
from kitchen.plots.axes import canvas, legend_below, note, percent, time_axis
from kitchen.plots.style import DOT, INK, styled
from kitchen.simulation.metrics import need
from kitchen.utils.formatting import span_text

FAINT = "#c4c4c4"


@styled
def warm_up(series: pd.DataFrame, which: str | None = None, ax: Axes | None = None) -> Axes:
    """Line chart of a series from the opening on, averaged over replications, with its warm-up.

    The thin line is the average over replications, the thick one Welch's moving average, and the
    dashed one the cut of MSER-5.

    Parameters
    ----------
    series : DataFrame
        `WarmUp.series`.
    which : str, optional
        One of its series; by default the one with the longest warm-up.
    ax : Axes, optional

    Raises
    ------
    KitchenError
        If columns are missing, or there is no such series.

    Examples
    --------
    >>> import kitchen as kt
    >>> steady = kt.Scenario.load("steady").replace({"orders.count": 400})
    >>> advice = kt.warm_up(kt.simulate(steady, "random", replications=20))
    >>> kt.plots.warm_up(advice.series, "on_shelves").get_ylabel()
    'orders on the shelves'
    """
    need(series, ["series", "time_s", "mean", "welch", "warm_up_s"], "warm_up")
    names = list(dict.fromkeys(series["series"].astype(str)))
    if which is not None and which not in names:
        raise KitchenError(f"warm_up: {unknown('series', which, names)}")
    ax = canvas(ax, 3.3)
    if not names:
        return note(ax, "no orders to show")
    cuts = series.groupby("series", observed=True, sort=False)["warm_up_s"].first()
    if which is None:
        which = str(cuts.fillna(np.inf).idxmax())
    rows, cut_s = series[(series["series"] == which).to_numpy()], float(cuts[which])
    ax.plot(rows["time_s"], rows["mean"], color=FAINT, linewidth=0.7)
    ax.plot(rows["time_s"], rows["welch"], color=DOT, linewidth=2.2)
    time_axis(ax, float(rows["time_s"].max()), "time since the opening")
    ax.set_ylim(0.0, max(1.08 * float(rows["mean"].max()), 1e-3))
    ax.yaxis.set_major_locator(MaxNLocator(6))
    handles = [
        Line2D([], [], color=FAINT, linewidth=0.7),
        Line2D([], [], color=DOT, linewidth=2.2),
    ]
    labels = ["average over replications", "its moving average"]
    if cut_s == cut_s:
        dash: dict = {"color": INK, "linewidth": 1.2, "linestyle": (0, (4, 2))}
        ax.axvline(cut_s, **dash)
        handles.append(Line2D([], [], **dash))
        labels.append(f"warm-up: {span_text(float(f'{cut_s:.3g}'))}")
    ended = "" if cut_s == cut_s else ": not settled"
    if which in MEASURES:
        measure = measure_named(which)
        ax.set_ylabel(measure.label)
        percent(ax.yaxis)
        ax.set_title(f"Warm-up of {measure.title}{ended}")
    else:
        ax.set_ylabel("orders on the shelves")
        ax.set_title(f"Warm-up of the orders on the shelves{ended}")
    legend_below(ax, handles, labels)
    return ax
