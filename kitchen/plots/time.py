"""Figures over time: fill of the shelves, value of their food, paths of single orders."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from kitchen.plots.axes import (
    canvas,
    every,
    label_lines,
    legend_below,
    note,
    percent,
    size_in,
    spread,
    time_axis,
)
from kitchen.plots.style import GREY, INK, looks, styled
from kitchen.simulation import metrics
from kitchen.simulation.metrics import in_order, need
from kitchen.utils.formatting import plain, plains

BARELY = 0.03
"""Smallest share of a shelf's largest content at which its mean value is drawn."""

# Over time


@styled
def shelves(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Line chart of the fill of each shelf over time, in % of its slots.

    Parameters
    ----------
    frame : DataFrame
        `Run.shelves` (averaged over its replications), or what `metrics.mean_fill` returns.
    ax : Axes, optional

    Examples
    --------
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> run = kt.simulate(rush, "random")
    >>> kt.plots.shelves(run.shelves).get_title(loc="left")
    'Shelves over time: random'
    """
    table = metrics.mean_fill(frame) if "replication" in frame else frame
    need(table, ["strategy", "time_s", "shelf", "fill"], "shelves")
    ax = canvas(ax, 3.3)
    table = table[table["fill"].notna()]
    if not table["fill"].any():
        return note(ax, "nothing ever stood on a shelf")
    ax.set_ylim(0.0, max(1.06, 1.06 * table["fill"].max()))
    ax.set_title(_over("Shelves over time", table))
    ax.set_ylabel("slots taken (% of capacity)")
    percent(ax.yaxis)
    _lines_over_time(ax, table, "fill")
    return ax


@styled
def value(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Line chart of the mean value of the food on each shelf over time, in % of fresh.

    Lines have gaps where a shelf is almost empty.

    Parameters
    ----------
    frame : DataFrame
        `Run.shelves`, `Run.contents`, or what `metrics.mean_value` returns.
    ax : Axes, optional

    Examples
    --------
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> run = kt.simulate(rush, "random")
    >>> kt.plots.value(run.shelves).get_title(loc="left")
    'Value of the food on the shelves: random'
    """
    table = metrics.mean_value(frame) if "replication" in frame else frame
    need(table, ["strategy", "time_s", "shelf", "orders", "value"], "value")
    ax = canvas(ax, 3.3)
    most = table.groupby(["strategy", "shelf"], observed=True)["orders"].transform("max")
    enough = table["orders"] > BARELY * most
    if not enough.any():
        return note(ax, "nothing ever stood on a shelf")
    span = max(1.0 - table["value"][enough].min(), 0.01)
    ax.set_ylim(max(-0.03, 1.0 - 1.08 * span), 1.0 + 0.04 * span)
    ax.set_title(_over("Value of the food on the shelves", table))
    ax.set_ylabel("mean value (% of fresh)")
    percent(ax.yaxis)
    _lines_over_time(ax, table.assign(value=table["value"].where(enough)), "value")
    return ax


@styled
def paths(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Line chart of the value of single orders over their age, with their moves between shelves.

    Parameters
    ----------
    frame : DataFrame
        What `metrics.order_paths` returns.
    ax : Axes, optional

    Examples
    --------
    >>> from kitchen.simulation import metrics
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> run = kt.simulate(rush, "random")
    >>> frame = metrics.order_paths(run.orders, run.ledger, rush)
    >>> kt.plots.paths(frame).get_title(loc="left")
    'Single orders losing value, from shelf to shelf'
    """
    need(frame, ["order", "name", "outcome", "stay", "shelf", "age_s", "value"], "paths")
    ax = canvas(ax, 4.2)
    if not len(frame):
        return note(ax, "no order stood on a shelf")
    look, ends = looks(every(frame["shelf"])), []
    keys = [key for key in ("strategy", "replication", "order") if key in frame]
    for _, order in frame.groupby(keys, observed=True, sort=False):
        for nth, stay in order.groupby("stay"):
            kind, first = look[stay["shelf"].iloc[0]], stay.iloc[0]
            ax.plot(stay["age_s"], stay["value"], color=kind.colour, linestyle=kind.dash)
            if nth:
                ax.plot(first["age_s"], first["value"], "o", color=INK, markersize=4.5)
        end = order.iloc[-1]
        fate = looks([end["outcome"]])[end["outcome"]]
        ax.plot(end["age_s"], end["value"], fate.marker, color=fate.dark, markersize=7)
        ends.append(end)
    span = max(1.0 - frame["value"].min(), 0.01)
    ax.set_ylim(max(-0.03, 1.0 - 1.08 * span), 1.0 + 0.02 * span)
    time_axis(ax, 1.02 * frame["age_s"].max(), "time since the order was ready")
    ax.set_title("Single orders losing value, from shelf to shelf")
    ax.set_ylabel("value (% of fresh)")
    percent(ax.yaxis)
    _name_ends(ax, ends)
    used = list(in_order(frame["shelf"]).categories)
    lines = [Line2D([], [], color=look[s].colour, linestyle=look[s].dash) for s in used]
    dot = Line2D([], [], color=INK, marker="o", linestyle="", markersize=4.5)
    legend_below(ax, [*lines, dot], [*(f"on {s}" for s in plains(used, 30)), "moved"])
    return ax


def _over(title: str, table: pd.DataFrame) -> str:
    names = in_order(table["strategy"]).categories
    return f"{title}: {plain(names[0], 46)}" if len(names) == 1 else title


def _lines_over_time(ax: Axes, table: pd.DataFrame, what: str) -> None:
    """Draw one labelled line per shelf, thinner for each further strategy."""
    time_axis(ax, float(table["time_s"].max()), "time")
    look = looks(every(table["shelf"]))
    strategies = list(in_order(table["strategy"]).categories)
    names, lines, darks = [], [], []
    for (strategy, shelf), rows in table.groupby(["strategy", "shelf"], observed=True):
        rows = rows.sort_values("time_s")
        if rows[what].notna().any():
            (line,) = ax.plot(
                rows["time_s"],
                rows[what],
                color=look[shelf].colour,
                linestyle=look[shelf].dash,
                linewidth=max(0.8, 1.8 - 0.7 * strategies.index(strategy)),
                marker=look[shelf].marker,
                markersize=4.5,
                markevery=(0.03 * (1 + len(lines) % 5), 0.16),
            )
            lines.append(line)
            darks.append(look[shelf].dark)
            names.append(shelf if len(strategies) == 1 else f"{plain(shelf, 16)}, {strategy}")
    drawn = {}
    for name, line in zip(names, lines, strict=True):
        points = np.column_stack([line.get_xdata(), line.get_ydata()]).astype(float)
        drawn[name] = tuple(points[np.isfinite(points).all(axis=1)].T)
    if len(drawn) > 8 or not label_lines(ax, drawn, dict(zip(names, darks, strict=True))):
        legend_below(ax, lines, names)


def _name_ends(ax: Axes, ends: list) -> None:
    """Label each path with its order and outcome, in a column on the right."""
    low, high = ax.get_ylim()
    at = np.array([(end["value"] - low) / (high - low) for end in ends])
    names = spread(at, min(0.33 / size_in(ax)[1], 1.0 / len(ends)), 0.04, 1.0)
    right = ax.get_xlim()[1]
    for end, own, beside in zip(ends, at, names, strict=True):
        ax.annotate(
            f"{plain(end['name'], 26)}\n#{end['order']}, {end['outcome']}",
            (end["age_s"] / right, own),
            (1.03, beside),
            xycoords="axes fraction",
            textcoords="axes fraction",
            va="center",
            fontsize=7.5,
            linespacing=1.1,
            arrowprops={
                "arrowstyle": "-",
                "color": GREY,
                "linewidth": 0.6,
                "relpos": (0.0, 0.5),
                "shrinkB": 4,
            },
            annotation_clip=False,
        )
