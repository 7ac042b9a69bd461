"""Tables to pictures.

Every function takes a frame and an optional ``ax``, and returns the Axes. Nothing is simulated or
shown here; a notebook shows the Axes that a cell ends with. Shares stay shares on the axes (0.05)
and are written as percentages (5). Names are drawn as plain text, whatever they hold.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter

from kitchen import metrics
from kitchen.drawing import (
    CROWDED,
    canvas,
    column,
    every,
    fit,
    label_lines,
    legend_below,
    note,
    percent,
    row_axes,
    signed,
    size_in,
    spread,
    time_axis,
    whiskers,
)
from kitchen.grids import Spot, parameters, spots, sweep_lines, sweep_map, value_texts, values_of
from kitchen.influence import sensitivity
from kitchen.looks import DOT, GREY, INK, PALE, Look, folded, looks, plain, plains, styled
from kitchen.measures import DIFFERENCE, MEAN, MEASURES, Measure, measure_named, unit_of
from kitchen.metrics import in_order, need
from kitchen.tradeoffs import sizing

__all__ = [
    "MEASURES",
    "Measure",
    "Spot",
    "measure_named",
    "paired",
    "pairs",
    "parameters",
    "paths",
    "ranking",
    "ranking_by_load",
    "regret",
    "sensitivity",
    "shelves",
    "sizing",
    "spots",
    "sweep_lines",
    "sweep_map",
    "value",
    "value_split",
    "value_texts",
    "values_of",
    "waste_by_cause",
    "waste_by_temp",
]

BARELY = 0.03
"""A shelf with less food than this share of the most it ever holds has no mean value to show."""


SURE, UNSURE = "#bcdcf0", "#f4f4f4"
"""Shades of a pair that can be told apart, and of one that cannot."""

WRITTEN = 14
"""With more strategies than this the differences of pairs are shaded, not written."""



# Strategies


@styled
def ranking(frame: pd.DataFrame, measure: str = "lost_per_order", ax: Axes | None = None) -> Axes:
    """Dots with 95 % intervals, a row a strategy, best on top.

    Parameters
    ----------
    frame : DataFrame
        `Comparison.frame`, or what `metrics.mean_intervals` returns.
    measure : str
    ax : Axes, optional
    """
    told, rows = _sorted_rows(frame, measure, "mean")
    ax = row_axes(ax, rows["strategy"])
    if not len(rows):
        return note(ax, "no strategies to show")
    y = np.arange(len(rows))
    whiskers(ax, rows, "mean", y, DOT)
    size = 6 if len(y) <= CROWDED else 3.5
    ax.plot(rows["mean"], y, "o", color=DOT, markersize=size, clip_on=False)
    fit(ax, rows, "mean")
    column(ax, map(told.written, rows["mean"]))
    number = int(rows["replications"].max()) if "replications" in rows else 0
    over = {0: "", 1: " (one replication: no interval)"}.get(
        number, f" (mean of {number:,} replications, 95 % interval)"
    )
    ax.set_title(f"{told.title.capitalize()}{over}")
    ax.set_xlabel(f"{told.title} ({told.unit}); {told.better}")
    if told.is_share:
        percent(ax.xaxis)
        ax.set_xlim(right=min(ax.get_xlim()[1], 1.0))
    return ax


@styled
def paired(frame: pd.DataFrame, measure: str = "lost_per_order", ax: Axes | None = None) -> Axes:
    """Differences to the baseline in the same replications; hollow where the interval covers 0.

    Parameters
    ----------
    frame : DataFrame
        `Comparison.paired`, or what `metrics.paired_differences` returns.
    measure : str
    ax : Axes, optional
    """
    told, rows = _sorted_rows(frame, measure, "difference")
    ax = row_axes(ax, rows["strategy"])
    if not len(rows):
        return note(ax, "one strategy: nothing to compare it with")
    y = np.arange(len(rows))
    sure = ((rows["low"] > 0) | (rows["high"] < 0)).to_numpy()
    ax.axvline(0.0, color=INK, linewidth=1)
    whiskers(ax, rows, "difference", y, DOT)
    dot = {"linestyle": "", "marker": "o", "color": DOT}
    dot["markersize"] = 6.5 if len(y) <= CROWDED else 3.5
    for some, face in ((sure, DOT), (~sure, "white")):
        ax.plot(rows["difference"][some], y[some], markerfacecolor=face, **dot)
    fit(ax, rows, "difference", zero=True)
    column(ax, map(told.difference, rows["difference"]))
    ax.set_title(f"Difference to the baseline, {plain(rows['baseline'].iloc[0], 32)}")
    unit = "percentage points" if told.is_share else told.unit
    ax.set_xlabel(f"difference in {told.title} ({unit}); {told.better}")
    scale = 100 if told.is_share else 1
    ax.xaxis.set_major_formatter(FuncFormatter(lambda v, _: signed(scale * v)))
    dots = [Line2D([], [], markerfacecolor=face, **dot) for face in (DOT, "white")]
    legend_below(ax, dots, ["95 % interval leaves out 0", "cannot be told apart"])
    return ax


@styled
def waste_by_cause(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Bars of the shares that expired and that were discarded, with 95 % intervals.

    Parameters
    ----------
    frame : DataFrame
        What `metrics.waste_by_cause` returns.
    ax : Axes, optional
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
    """Dots with 95 % intervals: the share of each temp's orders that was wasted.

    Parameters
    ----------
    frame : DataFrame
        What `metrics.waste_by_temp` returns.
    ax : Axes, optional
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
    """Bars to 100 %: what customers got, and how the rest was lost; the numbers beside them.

    Parameters
    ----------
    frame : DataFrame
        What `metrics.value_split` returns.
    ax : Axes, optional
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
    ax.set_title("Where the value went")
    ax.set_xlabel("share of the full value of all orders (%)")
    percent(ax.xaxis)
    legend_below(ax, [Patch(**_area(look[p])) for p in look], look)
    return ax


@styled
def pairs(frame: pd.DataFrame, measure: str = "lost_per_order", ax: Axes | None = None) -> Axes:
    """Every strategy against every worse one; shaded where the two can be told apart.

    Parameters
    ----------
    frame : DataFrame
        `Comparison.pairs`, or what `metrics.all_pairs` returns.
    measure : str
    ax : Axes, optional
    """
    told = measure_named(measure)
    need(frame, ["strategy", "other", "measure", "difference", "apart"], "pairs")
    names, differences, apart = _square(frame[frame["measure"] == measure], told)
    ax = row_axes(ax, [f"{nth + 1}  {plain(name, 44)}" for nth, name in enumerate(names)])
    if not len(names):
        return note(ax, "one strategy: nothing to compare it with")
    above = np.triu(np.ones(apart.shape, bool), 1)
    shade = np.ma.masked_where(~above, np.where(apart, 1.0, 0.0))
    colours = ListedColormap([UNSURE, SURE])
    ax.imshow(shade, colours, vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    ax.grid(False)
    for row, column_ in zip(*np.nonzero(above), strict=True) if len(names) <= WRITTEN else ():
        sure = apart[row, column_]
        ax.text(
            column_,
            row,
            told.difference(differences[row, column_]),
            ha="center",
            va="center",
            color=INK if sure else GREY,
            fontsize=8.5 if len(names) <= 9 else 6,
        )
    ax.set_xlim(0.5 if len(names) > 1 else -0.5, len(names) - 0.5)
    places = np.arange(1, len(names), 1 if len(names) <= WRITTEN else 1 + len(names) // 20)
    ax.set_xticks(places, [f"{place + 1}" for place in places])
    ax.tick_params(axis="x", length=0)
    ax.set_title(f"{told.title.capitalize()}: each strategy minus each worse one")
    unit = "percentage points" if told.is_share else told.unit
    ax.set_xlabel(f"row minus column ({unit}); {told.better}")
    patches = [Patch(facecolor=colour, edgecolor=PALE) for colour in (SURE, UNSURE)]
    legend_below(ax, patches, ["told apart, all pairs at once", "cannot be told apart"])
    return ax


@styled
def regret(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """How far each strategy stays below the best that anybody could have reached.

    Parameters
    ----------
    frame : DataFrame
        `Comparison.regret`, or what `metrics.regret` returns.
    ax : Axes, optional
    """
    need(frame, ["strategy", "baseline", "measure", "mean", "low", "high"], "regret")
    rows = frame[frame["measure"] == "regret"]
    rows = rows.sort_values("mean", kind="stable", na_position="last")
    captured = frame[frame["measure"] == "captured"].set_index("strategy")["mean"]
    ax = row_axes(ax, rows["strategy"])
    if not len(rows):
        return note(ax, "no strategies to show")
    y = np.arange(len(rows))
    ax.axvline(0.0, color=INK, linewidth=1)
    whiskers(ax, rows, "mean", y, DOT)
    size = 6 if len(y) <= CROWDED else 3.5
    ax.plot(rows["mean"], y, "o", color=DOT, markersize=size, clip_on=False)
    fit(ax, rows, "mean", zero=True)
    column(ax, [f"{100 * m:.2f}" if m == m else "no orders" for m in rows["mean"]], 7, "regret")
    shares = captured.reindex(rows["strategy"].astype(object)).to_numpy(float)
    baseline = (rows["strategy"].astype(object) == rows["baseline"].astype(object)).to_numpy()
    texts = [
        "baseline" if first else f"{_whole(100 * share)} %" if share == share else ""
        for share, first in zip(shares, baseline, strict=True)
    ]
    column(ax, texts, 52, "captured")
    ax.set_title("What is missing to the best possible")
    ax.set_xlabel("below the bound (% of full value per order); less is better")
    percent(ax.xaxis)
    return ax


@styled
def ranking_by_load(
    frame: pd.DataFrame,
    measure: str = "lost_per_order",
    ax: Axes | None = None,
    *,
    paired: bool = False,
) -> Axes:
    """A line a strategy over a setting that changes, with bands of 95 % intervals.

    Parameters
    ----------
    frame : DataFrame
        What `compare_over` returns.
    measure : str
    ax : Axes, optional
    paired : bool
        Draw the differences to the baseline, whose bands are narrower, instead of the means.
    """
    told = measure_named(measure)
    need(
        frame,
        ["setting", "value", "strategy", "measure", *(DIFFERENCE if paired else MEAN)],
        "frame",
    )
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
    unit = "percentage points" if told.is_share and paired else told.unit
    if told.is_share:
        percent(ax.yaxis)
    if paired:
        against = plain(rows["baseline"].iloc[0], 32)
        ax.set_title(f"Difference to the baseline, {against}, as {setting} changes")
        ax.set_ylabel(f"difference in {told.title}\n({unit})")
    else:
        ax.set_title(f"{told.title.capitalize()} as {setting} changes (95 % intervals)")
        ax.set_ylabel(f"{told.title}\n({unit})")
    ax.set_xlabel(f"{setting} ({unit_of(str(rows['setting'].iloc[0]))})")
    dark = {name: look[str(name)].dark for name in drawn}
    if len(drawn) > 6 or rows["x"].nunique() < 2 or not label_lines(ax, drawn, dark):
        legend_below(ax, lines, drawn)
    return ax

# Over time


@styled
def shelves(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """How full each shelf is over time, in % of its slots.

    Parameters
    ----------
    frame : DataFrame
        `Run.shelves` (averaged over its replications), or what `metrics.mean_fill` returns.
    ax : Axes, optional
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
    """Mean value of the food that stands on each shelf over time, in % of its value when fresh.

    Lines have gaps where a shelf holds hardly anything.

    Parameters
    ----------
    frame : DataFrame
        `Run.shelves`, `Run.contents`, or what `metrics.mean_value` returns.
    ax : Axes, optional
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
    """How single orders lose value while they stand on shelves and move between them.

    Parameters
    ----------
    frame : DataFrame
        What `metrics.order_paths` returns.
    ax : Axes, optional
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


# Shared


def _square(rows: pd.DataFrame, told: Measure) -> tuple[list, np.ndarray, np.ndarray]:
    """Names with the best first, and the differences and verdicts of all pairs, row minus column."""
    names = list(dict.fromkeys([*rows["strategy"].astype(object), *rows["other"].astype(object)]))
    place = {name: nth for nth, name in enumerate(names)}
    differences, apart = np.zeros((len(names),) * 2), np.zeros((len(names),) * 2, bool)
    one = rows["strategy"].astype(object).map(place).to_numpy(int)
    two = rows["other"].astype(object).map(place).to_numpy(int)
    differences[one, two], apart[one, two] = rows["difference"], rows["apart"]
    differences[two, one], apart[two, one] = -rows["difference"], rows["apart"]
    total = np.nan_to_num(differences, nan=0.0).sum(axis=1)
    order = np.argsort(-total if told.more_is_better else total, kind="stable")
    return [names[nth] for nth in order], differences[order][:, order], apart[order][:, order]


def _positions(ax: Axes, values: pd.Series) -> np.ndarray:
    """Where values stand on the x axis; words stand evenly, in the order in which they came."""
    numbers = pd.to_numeric(values, errors="coerce")
    if numbers.notna().all():
        return numbers.to_numpy(float)
    words = list(dict.fromkeys(map(str, values)))
    ax.set_xticks(range(len(words)), plains(words, 20), parse_math=False)
    return np.array([words.index(str(value)) for value in values], float)


def _whole(number: float) -> str:
    """A number without decimals; a true minus."""
    return f"{round(number)}".replace("-", "\u2212")


def _sorted_rows(frame: pd.DataFrame, measure: str, number: str) -> tuple[Measure, pd.DataFrame]:
    """The measure, and its rows with the best first."""
    told = measure_named(measure)
    need(frame, ["strategy", "measure", number, "low", "high"], "frame")
    rows = frame[frame["measure"] == measure]
    ascending = not told.more_is_better
    return told, rows.sort_values(number, ascending=ascending, kind="stable", na_position="last")


def _area(look: Look) -> dict:
    """How a bar or its patch in the legend is filled."""
    return {
        "facecolor": look.colour,
        "edgecolor": "white",
        "hatch": look.hatch,
        "linewidth": 0,
    }


def _over(title: str, table: pd.DataFrame) -> str:
    names = in_order(table["strategy"]).categories
    return f"{title}: {plain(names[0], 46)}" if len(names) == 1 else title


def _lines_over_time(ax: Axes, table: pd.DataFrame, what: str) -> None:
    """A line a shelf (thinner for each further strategy), with markers and its name beside it."""
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
    """What each path was and came to, in a column on the right."""
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
