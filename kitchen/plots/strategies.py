"""Figures that compare strategies: ranking, paired differences, waste by cause and temp, regret."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from kitchen.model.measures import DIFFERENCE, MEAN, Measure, measure_named, primary_in, unit_of
from kitchen.plots.axes import (
    canvas,
    column,
    every,
    fit,
    label_lines,
    legend_below,
    note,
    percent,
    row_axes,
    whiskers,
)
from kitchen.plots.style import GREY, INK, PALE, Look, looks, styled
from kitchen.simulation.metrics import in_order, need
from kitchen.utils.formatting import folded, plain, plains

SURE, UNSURE = "#bcdcf0", "#f4f4f4"
"""Colours of pairs that differ significantly, and of pairs that do not."""

WRITTEN = 16
"""Largest number of strategies whose pairwise differences are written into the cells."""


# Strategies


@styled
def waste_by_cause(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Bar chart of the shares of orders that expired and were discarded, with 95 % intervals.

    Parameters
    ----------
    frame : DataFrame
        What `metrics.waste_by_cause` returns.
    ax : Axes, optional

    Examples
    --------
    >>> from kitchen.simulation import metrics
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> table = kt.compare(rush, ["random", "oldest"], replications=5)
    >>> kt.plots.waste_by_cause(metrics.waste_by_cause(table.summaries)).get_xlabel()
    'wasted orders (% of orders)'
    """
    need(frame, ["strategy", "cause", "mean", "low", "high"], "waste_by_cause")
    names, causes = in_order(frame["strategy"]), in_order(frame["cause"])
    ax = row_axes(ax, names.categories)
    if not frame["mean"].notna().any():
        return note(ax, "no orders to show")
    look, size = looks(causes.categories), len(causes.categories)
    for nth, cause in enumerate(causes.categories):
        rows, y = frame[causes == cause], names[causes == cause].codes
        y = y + ((nth + 0.5) / size - 0.5) * 0.8
        ax.barh(y, rows["mean"].fillna(0.0), 0.72 / size, **_area(look[cause]))
        whiskers(ax, rows, "mean", y, INK, 1.1)
        texts = [f"{100 * mean:.2f}" if mean == mean else "" for mean in rows["mean"]]
        column(ax, texts, 7 + 48 * nth, cause, look[cause].dark)
    fit(ax, frame, "mean", zero=True)
    ax.set_title("Waste by cause")
    ax.set_xlabel("wasted orders (% of orders)")
    percent(ax.xaxis)
    legend_below(ax, [Patch(**_area(look[c])) for c in look], look)
    return ax


@styled
def waste_by_temp(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Dot plot of the wasted share of each temp's orders, with 95 % intervals.

    Parameters
    ----------
    frame : DataFrame
        What `metrics.waste_by_temp` returns.
    ax : Axes, optional

    Examples
    --------
    >>> from kitchen.simulation import metrics
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> table = kt.compare(rush, ["random", "oldest"], replications=5)
    >>> kt.plots.waste_by_temp(metrics.waste_by_temp(table.summaries)).get_xlabel()
    'wasted orders (% of the orders of that temp)'
    """
    need(frame, ["strategy", "temp", "mean", "low", "high"], "waste_by_temp")
    names, temps = in_order(frame["strategy"]), in_order(frame["temp"])
    ax = row_axes(ax, names.categories, max(0.36, 0.12 * len(temps.categories) + 0.08))
    if not frame["mean"].notna().any():
        return note(ax, "no orders to show")
    look, size = looks(temps.categories), len(temps.categories)
    for nth, temp in enumerate(temps.categories):
        rows, y = frame[temps == temp], names[temps == temp].codes
        y = y + ((nth + 0.5) / size - 0.5) * 0.8
        whiskers(ax, rows, "mean", y, look[temp].colour)
        dot = {"marker": look[temp].marker, "color": look[temp].colour, "linestyle": ""}
        ax.plot(rows["mean"], y, markersize=5, clip_on=False, **dot)
    fit(ax, frame, "mean", zero=True)
    for between in np.arange(1, len(names.categories)) - 0.5:
        ax.axhline(between, color="#d0d0d0", linewidth=0.6)
    ax.set_title("Waste by temp")
    ax.set_xlabel("wasted orders (% of the orders of that temp)")
    percent(ax.xaxis)
    dots = [Line2D([], [], color=look[t].colour, marker=look[t].marker) for t in look]
    legend_below(ax, dots, look)
    return ax


@styled
def value_split(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Stacked bars to 100 %: the delivered value, or the revenue, and what is lost by each cause.

    Parameters
    ----------
    frame : DataFrame
        What `metrics.value_split` or `metrics.revenue_split` returns.
    ax : Axes, optional

    Examples
    --------
    >>> from kitchen.simulation import metrics
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> table = kt.compare(rush, ["random", "oldest"], replications=5)
    >>> kt.plots.value_split(metrics.value_split(table.summaries)).get_xlabel()
    'share of the full value of all orders (%)'
    """
    need(frame, ["strategy", "part", "share"], "value_split")
    names, parts = in_order(frame["strategy"]), in_order(frame["part"])
    ax = row_axes(ax, names.categories)
    if not frame["share"].notna().any():
        return note(ax, "no orders to show")
    look = looks(parts.categories)
    begin = np.zeros(len(names.categories))
    for nth, part in enumerate(parts.categories):
        y = names[parts == part].codes
        share = frame["share"][parts == part].to_numpy(float)
        ax.barh(y, np.nan_to_num(share), 0.74, left=begin[y], **_area(look[part]))
        begin[y] += np.nan_to_num(share)
        texts = np.full(len(begin), "", object)
        texts[y] = [f"{100 * size:.1f}" if size == size else "" for size in share]
        column(ax, texts, 8 + 44 * nth, folded(part, 10), look[part].dark)
    ax.set_xlim(0.0, 1.0)
    ax.grid(False, axis="y")
    money = "revenue" in parts.categories
    ax.set_title("Where the money went" if money else "Where the value went")
    of = "prices" if money else "full value"
    ax.set_xlabel(f"share of the {of} of all orders (%)")
    percent(ax.xaxis)
    legend_below(ax, [Patch(**_area(look[p])) for p in look], look)
    return ax


@styled
def pairs(frame: pd.DataFrame, measure: str | None = None, ax: Axes | None = None) -> Axes:
    """Matrix of the differences of all pairs of strategies, shaded where significant.

    Parameters
    ----------
    frame : DataFrame
        `Comparison.pairs`, or what `metrics.all_pairs` returns.
    measure : str, optional
        By default lost revenue where prices differ, else lost value.
    ax : Axes, optional

    Examples
    --------
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> table = kt.compare(rush, ["random", "oldest"], replications=5)
    >>> kt.plots.pairs(table.pairs).get_title(loc="left")
    'Value lost: each strategy minus each worse one'
    """
    need(frame, ["strategy", "other", "measure", "difference", "significant"], "pairs")
    measure = primary_in(frame) if measure is None else measure
    quantity = measure_named(measure)
    names, differences, significant = _square(frame[frame["measure"] == measure], quantity)
    ax = row_axes(ax, [f"{nth + 1}  {plain(name, 44)}" for nth, name in enumerate(names)])
    if not len(names):
        return note(ax, "one strategy: nothing to compare it with")
    above = np.triu(np.ones(significant.shape, bool), 1)
    shade = np.ma.masked_where(~above, np.where(significant, 1.0, 0.0))
    colours = ListedColormap([UNSURE, SURE])
    ax.imshow(shade, colours, vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    ax.grid(False)
    for row, column_ in zip(*np.nonzero(above), strict=True) if len(names) <= WRITTEN else ():
        sure = significant[row, column_]
        ax.text(
            column_,
            row,
            quantity.difference(differences[row, column_]),
            ha="center",
            va="center",
            color=INK if sure else GREY,
            fontsize=8.5 if len(names) <= 9 else 6,
        )
    ax.set_xlim(0.5 if len(names) > 1 else -0.5, len(names) - 0.5)
    places = np.arange(1, len(names), 1 if len(names) <= WRITTEN else 1 + len(names) // 20)
    ax.set_xticks(places, [f"{place + 1}" for place in places])
    ax.tick_params(axis="x", length=0)
    ax.set_title(f"{quantity.title.capitalize()}: each strategy minus each worse one")
    unit = "percentage points" if quantity.is_share else quantity.unit
    ax.set_xlabel(f"row minus column ({unit}); {quantity.better}")
    patches = [Patch(facecolor=colour, edgecolor=PALE) for colour in (SURE, UNSURE)]
    legend_below(ax, patches, ["significant, all pairs at once", "no significant difference"])
    return ax


@styled
def ranking_by_load(
    frame: pd.DataFrame,
    measure: str | None = None,
    ax: Axes | None = None,
    *,
    paired: bool = False,
) -> Axes:
    """Line chart of each strategy over a setting that changes, with bands of 95 % intervals.

    Parameters
    ----------
    frame : DataFrame
        What `compare_over` returns.
    measure : str, optional
        By default lost revenue where prices differ, else lost value.
    ax : Axes, optional
    paired : bool
        Draw the differences to the baseline, whose bands are narrower, instead of the means.

    Examples
    --------
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> frame = kt.compare_over(rush, "arrivals.rate", [8, 12], ["random", "oldest"], replications=3)
    >>> kt.plots.ranking_by_load(frame).get_title(loc="left")
    'Value lost as arrivals.rate changes (95 % intervals)'
    """
    need(
        frame,
        ["setting", "value", "strategy", "measure", *(DIFFERENCE if paired else MEAN)],
        "frame",
    )
    measure = primary_in(frame) if measure is None else measure
    quantity = measure_named(measure)
    middle, low, high = DIFFERENCE if paired else MEAN
    rows = frame[(frame["measure"] == measure) & frame[middle].notna()]
    ax = canvas(ax, 3.6)
    if not len(rows):
        return note(ax, "no orders to show")
    rows = rows.assign(x=_positions(ax, rows["value"])).sort_values("x", kind="stable")
    look, lines, drawn = looks(every(rows["strategy"])), [], {}
    for name, own in rows.groupby("strategy", observed=True, sort=False):
        kind = look[str(name)]
        style = {"color": kind.colour, "linestyle": kind.dash, "marker": kind.marker}
        lines += ax.plot(own["x"], own[middle], markersize=4.5, **style)
        ax.fill_between(own["x"], own[low], own[high], color=kind.colour, alpha=0.2, linewidth=0)
        drawn[name] = (own["x"].to_numpy(float), own[middle].to_numpy(float))
    setting = plain(rows["setting"].iloc[0], 40)
    unit = "percentage points" if quantity.is_share and paired else quantity.unit
    if quantity.is_share:
        percent(ax.yaxis)
    if paired:
        against = plain(rows["baseline"].iloc[0], 32)
        ax.set_title(f"Difference to the baseline, {against}, as {setting} changes")
        ax.set_ylabel(f"difference in {quantity.title}\n({unit})")
    else:
        ax.set_title(f"{quantity.title.capitalize()} as {setting} changes (95 % intervals)")
        ax.set_ylabel(f"{quantity.title}\n({unit})")
    ax.set_xlabel(f"{setting} ({unit_of(str(rows['setting'].iloc[0]))})")
    dark = {name: look[str(name)].dark for name in drawn}
    if len(drawn) > 6 or rows["x"].nunique() < 2 or not label_lines(ax, drawn, dark):
        legend_below(ax, lines, drawn)
    return ax


# Shared


def _square(rows: pd.DataFrame, quantity: Measure) -> tuple[list, np.ndarray, np.ndarray]:
    """Names, best first, and the differences and significance of all pairs, row minus column."""
    names = list(dict.fromkeys([*rows["strategy"].astype(object), *rows["other"].astype(object)]))
    place = {name: nth for nth, name in enumerate(names)}
    differences, significant = np.zeros((len(names),) * 2), np.zeros((len(names),) * 2, bool)
    one = rows["strategy"].astype(object).map(place).to_numpy(int)
    two = rows["other"].astype(object).map(place).to_numpy(int)
    differences[one, two], significant[one, two] = rows["difference"], rows["significant"]
    differences[two, one], significant[two, one] = -rows["difference"], rows["significant"]
    total = np.nan_to_num(differences, nan=0.0).sum(axis=1)
    order = np.argsort(-total if quantity.more_is_better else total, kind="stable")
    return [names[nth] for nth in order], differences[order][:, order], significant[order][:, order]


def _positions(ax: Axes, values: pd.Series) -> np.ndarray:
    """Positions of values on the x axis; words are spaced evenly, in order of appearance."""
    numbers = pd.to_numeric(values, errors="coerce")
    if numbers.notna().all():
        return numbers.to_numpy(float)
    words = list(dict.fromkeys(map(str, values)))
    ax.set_xticks(range(len(words)), plains(words, 20), parse_math=False)
    return np.array([words.index(str(value)) for value in values], float)


def _area(look: Look) -> dict:
    """Style of a bar and its patch in the legend."""
    return {
        "facecolor": look.colour,
        "edgecolor": "white",
        "hatch": look.hatch,
        "linewidth": 0,
    }
