"""Map of a discard rule: who is discarded, by seconds of shelf and money at pickup."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes

from kitchen.errors import KitchenError, unknown
from kitchen.plots.axes import canvas, note, percent, time_axis
from kitchen.plots.style import ink_on, styled
from kitchen.simulation.metrics import in_order, need
from kitchen.utils.formatting import nice_step, plain, signed

CELLS = 10
"""Cells along each axis, about."""

FEWEST = 30
"""Candidates below which a cell stays blank: its share could be off by ten points and more."""

SHOWN = 0.97
"""Share of the candidates, and of the discarded, that the two axes reach over."""


@styled
def policy_map(
    frame: pd.DataFrame,
    strategy: str | None = None,
    against: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Heat map of who is discarded, by the seconds that a candidate would hold its slot and its money.

    Parameters
    ----------
    frame : DataFrame
        `learning.behaviour.candidates` or `Learned.candidates`: a row a candidate.
    strategy : str, optional
        The strategy that is shown; the first other than `against` if left out.
    against : str, optional
        Draw the difference to this strategy instead, in percentage points: red where `strategy`
        discards more, blue where it discards less.
    ax : Axes, optional

    Raises
    ------
    KitchenError
        If columns are missing, or there is no such strategy.

    Examples
    --------
    >>> import kitchen as kt
    >>> from kitchen.learning.behaviour import candidates
    >>> frame = candidates(kt.Scenario.load("rush"), ["latest pickup", "oldest"], replications=3)
    >>> kt.plots.policy_map(frame, "latest pickup", against="oldest").get_ylabel()
    'money at pickup'
    """
    need(frame, ["strategy", "holds_s", "money_at_pickup", "discarded"], "policy_map")
    names = list(in_order(frame["strategy"]).categories)
    for name in (strategy, against):
        if name is not None and name not in names:
            raise KitchenError(unknown("strategy", name, names))
    ax = canvas(ax, 3.8)
    others = [name for name in names if name != against]
    if not others:
        return note(ax, "no order was ever discarded" if not names else "no other strategy to show")
    strategy = others[0] if strategy is None else strategy
    shown = frame[frame["strategy"].isin([strategy, against])]
    x = _edges(shown["holds_s"])
    y = _edges(shown["money_at_pickup"][shown["discarded"]])  # higher up nobody is discarded
    share = _shares(frame[frame["strategy"] == strategy], x, y)
    if against is not None:
        share = share - _shares(frame[frame["strategy"] == against], x, y)
    time_axis(ax, x[-1], "shelf that it would take until pickup or expiry")
    ax.set_ylabel("money at pickup")
    ax.set_title(_headed(strategy, against))
    ax.set_ylim(y[0], y[-1])
    ax.grid(False)
    if not np.isfinite(share).any():
        return note(ax, f"no cell has {FEWEST} candidates")
    most = float(np.nanmax(np.abs(share))) or 0.01
    colours = colormaps["viridis_r"] if against is None else colormaps["RdBu_r"]
    limits = (0.0, most) if against is None else (-most, most)
    mesh = ax.pcolormesh(
        x, y, np.ma.masked_invalid(share), cmap=colours, vmin=limits[0], vmax=limits[1]
    )
    _write(ax, mesh, share, x, y, against is not None)
    bar = ax.figure.colorbar(mesh, ax=ax, pad=0.02)
    bar.set_label("discarded (% of the candidates)" if against is None else "difference (points)")
    percent(bar.ax.yaxis)
    bar.outline.set_visible(False)
    return ax


def _headed(strategy: str, against: str | None) -> str:
    name = plain(strategy, 44)
    if against is None:
        return f"Who is discarded under {name}"
    return f"What {plain(strategy, 30)} discards more (red), less (blue)\nthan {plain(against, 50)}"


def _edges(values: pd.Series) -> np.ndarray:
    """Edges of even cells from 0, of a round size."""
    top = float(values.quantile(SHOWN)) or 1.0
    step = nice_step(top / CELLS)
    return step * np.arange(int(np.ceil(top / step)) + 1)


def _shares(rows: pd.DataFrame, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Share of the candidates of each cell that is discarded, shape (up, across); NaN with few."""

    rows = rows[(rows["holds_s"] < x[-1]) & (rows["money_at_pickup"] < y[-1])]

    def cell(values, edges):
        return np.searchsorted(edges, values, "right") - 1

    across, up = cell(rows["holds_s"], x), cell(rows["money_at_pickup"], y)
    place = up * (len(x) - 1) + across
    size = (len(x) - 1) * (len(y) - 1)
    number = np.bincount(place, minlength=size)
    discarded = np.bincount(place, rows["discarded"].to_numpy(float), size)
    shares = np.where(number >= FEWEST, discarded / np.maximum(number, 1), np.nan)
    return shares.reshape(len(y) - 1, len(x) - 1)


def _write(ax: Axes, mesh, share: np.ndarray, x: np.ndarray, y: np.ndarray, signs: bool) -> None:
    """Write the figures into the cells, in percent."""
    for (up, across), value in np.ndenumerate(share):
        if not np.isfinite(value):
            continue
        text = signed(100 * value, 0) if signs else f"{100 * value:.0f}"
        place = (x[across] + x[across + 1]) / 2, (y[up] + y[up + 1]) / 2
        ink = ink_on(mesh.cmap(mesh.norm(value)))
        ax.text(*place, text, ha="center", va="center", fontsize=7, color=ink)
