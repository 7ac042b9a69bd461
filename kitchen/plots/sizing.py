"""Figure of a sizing: waste over the cost of the shelves."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

from kitchen.model.measures import MEAN, Measure, measure_named
from kitchen.plots.axes import canvas, legend_below, note
from kitchen.plots.style import DOT, GREY, INK, PALE, styled
from kitchen.simulation.metrics import need
from kitchen.utils.formatting import plain

CHOSEN, FAILING = "#b04a00", "white"
CAPACITY = ("shelves.", ".capacity")
MOST_NAMED = 6
"""Largest number of shelves in the label of a layout."""


@styled
def sizing(curve: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Waste over the cost of a layout, with 95 % intervals and the chosen layout.

    Dots are filled where the target is held with confidence. The axis of the waste is logarithmic and
    starts at a thousandth of the target or at the least waste; a layout with less waste is drawn on
    the lower edge.

    Parameters
    ----------
    curve : DataFrame
        `Sizing.curve`: ``cost, mean, low, high, within, chosen, measure, target``, and a column of
        slots for each shelf.
    ax : Axes, optional

    Examples
    --------
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> result = kt.size(rush, "random", shelves={"overflow": range(0, 60, 10)}, target="2%")
    >>> kt.plots.sizing(result.curve).get_xlabel()
    'cost of the layout (slots)'
    """
    need(curve, ["cost", *MEAN, "within", "chosen", "measure", "target"], "sizing")
    rows = curve[curve["mean"].notna()].sort_values("cost", kind="stable")
    ax = canvas(ax, 3.8)
    if not len(rows):
        return note(ax, "no orders to show")
    quantity, target = measure_named(str(rows["measure"].iloc[0])), float(rows["target"].iloc[0])
    floor, top = _limits(rows, target)
    ax.set_yscale("log")
    ax.set_ylim(floor, top)
    x, y = rows["cost"].to_numpy(float), rows["mean"].to_numpy(float)
    low, high = (np.maximum(rows[key].to_numpy(float), floor) for key in MEAN[1:])
    held, chosen = rows["within"].to_numpy(bool), rows["chosen"].to_numpy(bool)
    shown = np.maximum(y, floor)
    ax.plot(x, shown, color=PALE, linewidth=1, zorder=1)
    ax.vlines(x, low, high, color=DOT, linewidth=1.4, zorder=2)
    ax.axhline(target, color=INK, linewidth=1, linestyle=(0, (4, 2)), zorder=1)
    size = 5.5 if len(x) <= 40 else 4
    dot = {"linestyle": "", "marker": "o", "color": DOT, "markersize": size, "clip_on": False}
    for some, face in ((held & ~chosen, DOT), (~held & ~chosen, FAILING)):
        ax.plot(x[some], shown[some], markerfacecolor=face, **dot)
    star = {"linestyle": "", "marker": "D", "color": CHOSEN, "markersize": 8, "clip_on": False}
    ax.plot(x[chosen], shown[chosen], **star)
    _x_axis(ax, x)
    _y_axis(ax, quantity)
    _say(ax, f"target {quantity.figure(target)}", 1.0, target, (-2, 3), ha="right", va="bottom")
    for at, height in zip(x[chosen], shown[chosen], strict=True):
        row = rows[chosen].iloc[0]
        right = at < sum(ax.get_xlim()) / 2
        side = {"ha": "left", "va": "bottom"} if right else {"ha": "right", "va": "top"}
        _label(ax, _layout(row), at, height, (11, 7) if right else (-11, -7), **side)
    slots = rows[_paths(rows)].sum(axis=1).to_numpy(float)
    unit = "slots" if len(slots) and (slots == x).all() else "as priced"
    ax.set_xlabel(f"cost of the layout ({unit})")
    ax.set_ylabel(f"{quantity.title}\n({quantity.unit})")
    ax.set_title(_title(quantity, rows, chosen, target))
    kinds = {
        "chosen": (star, CHOSEN, chosen),
        "holds the target": (dot, DOT, held & ~chosen),
        "fails, or not sure": (dot, FAILING, ~held & ~chosen),
    }
    used = {name: kind for name, kind in kinds.items() if kind[2].any()}
    handles = [Line2D([], [], markerfacecolor=face, **style) for style, face, _ in used.values()]
    legend_below(ax, handles, used)
    return ax


def _limits(rows: pd.DataFrame, target: float) -> tuple[float, float]:
    """Limits of the axis of the waste."""
    means = rows["mean"].to_numpy(float)
    some = means[means > 0]
    least = max(float(some.min()) if some.size else target, target / 1000)
    most = max(float(np.nanmax(rows[[*MEAN]].to_numpy(float))), target)
    return min(least, target) / 2, most * 1.5


def _x_axis(ax: Axes, x: np.ndarray) -> None:
    span = float(np.ptp(x)) or max(abs(float(x[0])), 1.0)
    ax.set_xlim(x.min() - 0.03 * span, x.max() + 0.03 * span)
    ax.xaxis.set_major_locator(MaxNLocator(8, integer=bool((x == x.round()).all())))


def _y_axis(ax: Axes, quantity: Measure) -> None:
    low, high = ax.get_ylim()
    steps = (1.0, 2.0, 5.0) if high / low < 2000 else (1.0,)
    ax.yaxis.set_major_locator(LogLocator(subs=steps, numticks=20))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_minor_formatter(NullFormatter())
    scale = quantity.scale
    ax.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{scale * v:,.4g}"))


def _title(quantity: Measure, rows: pd.DataFrame, chosen: np.ndarray, target: float) -> str:
    title = f"{quantity.title.capitalize()} by what the shelves cost"
    return (
        title if chosen.any() else f"{title}: no layout is shown to reach {quantity.figure(target)}"
    )


def _paths(rows: pd.DataFrame) -> list[str]:
    first, last = CAPACITY
    return [c for c in rows.columns if str(c).startswith(first) and str(c).endswith(last)]


def _layout(row: pd.Series) -> str:
    """Slots of each shelf as text, two shelves a line, and the number of shelves left out."""
    first, last = CAPACITY
    names = {path: path.removeprefix(first).removesuffix(last) for path in _paths(row.to_frame().T)}
    parts = [f"{plain(name, 20)} {row[path]:,}" for path, name in names.items()]
    if len(parts) > MOST_NAMED:
        parts = [*parts[: MOST_NAMED - 1], f"{len(parts) - MOST_NAMED + 1} more"]
    return ",\n".join(", ".join(parts[i : i + 2]) for i in range(0, len(parts), 2))


def _say(ax: Axes, text: str, x: float, y: float, offset, **where) -> None:
    """Write a text at a data height and a share of the width."""
    ax.annotate(
        text,
        (x, y),
        offset,
        ax.get_yaxis_transform(),
        textcoords="offset points",
        color=GREY,
        **where,
    )


def _label(ax: Axes, text: str, x: float, y: float, offset, **where) -> None:
    """Write a text beside a point."""
    ax.annotate(
        text,
        (x, y),
        offset,
        textcoords="offset points",
        color=CHOSEN,
        fontweight="bold",
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1},
        **where,
    )
