"""Tornado chart of levers: what each change gains against today's practice."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from kitchen.model.measures import measure_named
from kitchen.plots.axes import canvas, column, legend_below, note, whiskers
from kitchen.plots.style import DOT, GREY, INK, styled
from kitchen.simulation.metrics import need
from kitchen.utils.formatting import folded, plain, signed

KINDS = {
    "free": ("costs nothing: a rule", {"facecolor": DOT, "edgecolor": "white", "linewidth": 0}),
    "costs": (
        "costs something",
        {"facecolor": "#E69F00", "edgecolor": "white", "hatch": "///", "linewidth": 0},
    ),
}
"""Label and look of the bars of each kind."""

ROW = 0.36
"""Height of a row, inches."""

MONEY_WITHOUT_DECIMALS = 100
"""Money from which on it is written without decimals."""


@styled
def levers(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Tornado chart of the gain of each lever, with 95 % intervals, the largest on top.

    Bars to the right are better than today's practice. A dashed line stands at the clairvoyant
    bound, where there is one: no rule can gain more in the kitchen as it is.

    Parameters
    ----------
    frame : DataFrame
        `Levers.frame`.
    ax : Axes, optional

    Examples
    --------
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> result = kt.levers(rush, replications=5, bound_replications=0)
    >>> kt.plots.levers(result.frame).get_title(loc="left")
    "What would help, against today's practice"
    """
    need(frame, ["lever", "kind", "what", "measure", "gain", "low", "high"], "levers")
    rows = frame[frame["kind"] != "bound"]
    rows = rows.iloc[np.argsort(-rows["gain"].to_numpy(float), kind="stable")]
    ax = canvas(ax, min(1.3 + ROW * max(len(rows), 2), 400.0))
    if not rows["gain"].notna().any():
        return note(ax, "no orders, so there is nothing that could help")
    currency = str(rows["currency"].iloc[0]) if "currency" in rows else ""
    quantity = measure_named(str(rows["measure"].iloc[0])).in_currency(currency)
    y = np.arange(len(rows))
    for kind, (_, look) in KINDS.items():
        own = (rows["kind"] == kind).to_numpy()
        ax.barh(y[own], rows["gain"][own], 0.62, **look)
    whiskers(ax, rows, "gain", y, INK, 1.3)
    ax.axvline(0.0, color=INK, linewidth=1)
    limit = frame.loc[frame["kind"] == "bound", "gain"]
    _limits(ax, rows, limit)
    dashed = {"color": GREY, "linewidth": 1.4, "linestyle": (0, (4, 2))}
    if len(limit):
        ax.axvline(float(limit.iloc[0]), zorder=0.5, **dashed)
    _names(ax, rows)
    column(ax, [_gain(quantity, row) for row in rows.itertuples()], 7, "points" * quantity.is_share)
    if "money" in rows and rows["money"].notna().any():
        column(ax, map(_money, rows.itertuples()), 52, currency or "money")
    ax.set_title("What would help, against today's practice")
    unit = "percentage points" if quantity.is_share else quantity.unit
    direction = "more" if quantity.more_is_better else "less"
    ax.set_xlabel(f"gain: {direction} {quantity.title} ({unit}); to the right is better")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: signed(quantity.scale * v)))
    there = [kind for kind in KINDS if (rows["kind"] == kind).any()]
    handles = [Patch(**KINDS[kind][1]) for kind in there]
    names = [KINDS[kind][0] for kind in there]
    if len(limit):
        handles.append(Line2D([], [], **dashed))
        names.append("clairvoyant bound on rules")
    legend_below(ax, handles, names)
    return ax


def _names(ax: Axes, rows: pd.DataFrame) -> None:
    """The lever, and below it what it comes to."""
    ax.set_yticks(np.arange(len(rows)), [""] * len(rows))
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.grid(False, axis="y")
    texts = [
        f"{plain(row.lever, 46)}\n{folded(plain(row.what, 96), 48)}" for row in rows.itertuples()
    ]
    ax.set_yticklabels(texts, fontsize=7, linespacing=1.1, parse_math=False)


def _limits(ax: Axes, rows: pd.DataFrame, limit: pd.Series) -> None:
    ends = np.concatenate([rows[["gain", "low", "high"]].to_numpy(float).ravel(), limit, [0.0]])
    ends = ends[np.isfinite(ends)]
    span = (np.ptp(ends)) or 0.01
    ax.set_xlim(ends.min() - (0.04 * span if ends.min() < 0 else 0.0), ends.max() + 0.05 * span)
    ax.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))


def _is_same(row) -> bool:
    """Whether no replication came out differently."""
    return getattr(row, "differing", 1) == 0


def _gain(quantity, row) -> str:
    return "same" if _is_same(row) else quantity.difference(row.gain)


def _money(row) -> str:
    if _is_same(row) or np.isnan(row.money):
        return ""
    whole = abs(row.money) >= MONEY_WITHOUT_DECIMALS
    return signed(round(row.money) if whole else round(row.money, 1))
