"""Pictures of a scenario fitted to a log: its rate, its delays, and its check on other evenings."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from kitchen.plots.axes import canvas, legend_below, note, time_axis
from kitchen.plots.style import DOT, GREY, INK, styled
from kitchen.simulation.metrics import need

BAND = "#cfe3f1"
"""Colour of intervals and envelopes, a pale blue that prints."""

LOOKS = {
    "lognormal": ("#0072B2", "-"),
    "gamma": ("#B04A00", (0, (5, 1.5))),
    "exponential": ("#007A5A", (0, (1, 1))),
    "uniform": ("#8C4A7D", (0, (4, 1.2, 1, 1.2))),
    "constant": ("#222222", "-"),
}
"""Colour and line of each family; they differ in both."""


@styled
def fit_arrivals(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Steps of the fitted rate of arrivals over an evening, with their 95 % intervals.

    Parameters
    ----------
    frame : DataFrame
        `Fit.arrivals`.
    ax : Axes, optional

    Examples
    --------
    >>> import kitchen as kt
    >>> fitted = kt.fit(kt.draw(kt.Scenario.load("friday"), 8).frame(), kt.Scenario.load("friday"))
    >>> kt.plots.fit_arrivals(fitted.arrivals).get_ylabel()
    'orders an hour'
    """
    need(frame, ["from_s", "to_s", "rate_h", "low", "high"], "arrivals")
    ax = canvas(ax, 3.2)
    edges = np.append(frame["from_s"], frame["to_s"].iloc[-1:])
    ax.fill_between(
        edges,
        np.append(frame["low"], frame["low"].iloc[-1:]),
        np.append(frame["high"], frame["high"].iloc[-1:]),
        step="post",
        color=BAND,
        linewidth=0,
    )
    ax.stairs(frame["rate_h"], edges, color=DOT, linewidth=1.8, baseline=None)
    ax.set_ylim(0.0, 1.08 * max(float(frame["high"].max()), 1e-9))
    time_axis(ax, float(edges[-1]), "time from opening")
    ax.set_ylabel("orders an hour")
    ax.set_title("Rate of arrivals in a usual evening")
    return ax


@styled
def fit_delays(quantiles: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """QQ picture of couriers' delays: each family's quantiles against those observed.

    A family that fits lies on the diagonal.

    Parameters
    ----------
    quantiles : DataFrame
        ``Fit.parts.delays.quantiles``.
    ax : Axes, optional

    Examples
    --------
    >>> import kitchen as kt
    >>> fitted = kt.fit(kt.draw(kt.Scenario.load("friday"), 8).frame(), kt.Scenario.load("friday"))
    >>> kt.plots.fit_delays(fitted.parts.delays.quantiles).get_xlabel()
    'observed delay (min)'
    """
    need(quantiles, ["probability", "observed_s"], "quantiles")
    ax = canvas(ax, 3.6)
    seen = quantiles["observed_s"].to_numpy() / 60
    end = 1.03 * max(float(seen.max()), 1e-9)
    ax.plot([0.0, end], [0.0, end], color=GREY, linewidth=1.0)
    handles, names = [], []
    for family, (colour, line) in LOOKS.items():
        if f"{family}_s" in quantiles:
            made = quantiles[f"{family}_s"].to_numpy() / 60
            handles += ax.plot(seen, made, color=colour, linestyle=line, linewidth=1.5)
            names.append(family)
    ax.set_xlim(0.0, end)
    ax.set_ylim(0.0, 1.3 * end)
    ax.set_xlabel("observed delay (min)")
    ax.set_ylabel("fitted delay (min)")
    ax.set_title("Couriers' delays: a family that fits lies on the diagonal")
    legend_below(ax, handles, names)
    return ax


@styled
def fit_check(evenings: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Held-out evenings (dots) against the 90 % envelopes of what was predicted (bands).

    All are relative to the prediction: at 1.2 an evening had 20 % more. Dots outside of the band of
    their own prediction are crosses.

    Parameters
    ----------
    evenings : DataFrame
        `Check.evenings`.
    ax : Axes, optional

    Examples
    --------
    >>> import kitchen as kt
    >>> import pandas as pd
    >>> rows = [("orders", 980.0, 1000.0, 900.0, 1100.0, True)]
    >>> columns = ["figure", "observed", "predicted", "low", "high", "inside"]
    >>> kt.plots.fit_check(pd.DataFrame(rows, columns=columns)).get_xlabel()
    'observed, relative to predicted'
    """
    need(evenings, ["figure", "observed", "predicted", "low", "high", "inside"], "evenings")
    figures = list(dict.fromkeys(evenings["figure"]))
    ax = canvas(ax, 1.2 + 0.5 * max(len(figures), 1))
    if not figures:
        return note(ax, "no evening was predicted")
    titles = {
        "orders": "orders",
        "busiest_hour": "busiest hour",
        "most_at_once": "most at once",
        "mean_at_once": "mean at once",
        "mean_delay_s": "mean delay",
    }
    labels = []
    for row, figure in enumerate(figures):
        own = evenings[evenings["figure"] == figure]
        relative = (own["observed"] / own["predicted"]).to_numpy()
        low, high = (float((own[end] / own["predicted"]).mean()) for end in ("low", "high"))
        ax.barh(row, high - low, 0.62, left=low, color=BAND, linewidth=0)
        inside = own["inside"].to_numpy(bool)
        offset = row + 0.22 * np.linspace(-1.0, 1.0, len(own))
        ax.plot(relative[inside], offset[inside], "o", color=DOT, markersize=3, alpha=0.6)
        ax.plot(relative[~inside], offset[~inside], "x", color=INK, markersize=4)
        labels.append(f"{titles.get(figure, figure)}\n{100 * inside.mean():.0f} % inside")
    ax.axvline(1.0, color=INK, linewidth=1)
    ax.set_yticks(range(len(figures)), labels, parse_math=False)
    ax.set_ylim(len(figures) - 0.5, -0.5)
    ax.grid(False, axis="y")
    ax.set_xlabel("observed, relative to predicted")
    ax.set_title("Evenings that were not fitted to, and 90 % envelopes")
    return ax
