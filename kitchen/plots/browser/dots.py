"""Rows of dot plots, from which matplotlib and the browser draw the same picture.

A function takes a result frame and returns a `DotPlot`: every text, number and limit of the picture.
Nothing here knows matplotlib.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from kitchen.model.measures import Measure, measure_named, primary_in
from kitchen.stats.intervals import need
from kitchen.utils.formatting import MINUS, plain, plains

LONGEST_LABEL = 48
"""Longest label of a row, characters."""


class DotRow(NamedTuple):
    """A dot with its interval.

    Attributes
    ----------
    name : str
        Name of the strategy.
    middle, low, high : float
        The dot and the ends of its interval; NaN where there is none.
    texts : tuple of str
        What stands to the right, a text for each column.
    solid : bool
        Whether the dot is filled; a hollow one means no significant difference.
    """

    name: str
    middle: float
    low: float
    high: float
    texts: tuple[str, ...]
    solid: bool = True


class DotPlot(NamedTuple):
    """All that a dot plot shows.

    Attributes
    ----------
    title, axis : str
        Texts above the rows and below the axis.
    rows : list of DotRow
        The best first.
    limits : tuple of float
        Ends of the axis.
    headers : tuple of str
        Texts above the columns to the right.
    scale : int
        Factor of the numbers on the axis: 100 for percent, else 1.
    signed : bool
        Whether numbers on the axis have a sign.
    zero : bool
        Whether there is a line at 0.
    legend : bool
        Whether solid and hollow dots are explained.
    empty : str
        What is said in place of rows.
    """

    title: str
    axis: str
    rows: list[DotRow]
    limits: tuple[float, float] = (0.0, 1.0)
    headers: tuple[str, ...] = ("",)
    scale: int = 1
    signed: bool = False
    zero: bool = False
    legend: bool = False
    empty: str = ""

    @property
    def names(self) -> list[str]:
        """Names of the rows."""
        return [row.name for row in self.rows]

    def as_data(self) -> dict:
        """The plot as plain lists, numbers and texts for JSON; a missing number is None."""
        labels = plains(self.names, LONGEST_LABEL)
        rows = [
            {
                "name": row.name,
                "label": label,
                **{key: _number(getattr(row, key)) for key in ("middle", "low", "high")},
                "texts": list(row.texts),
                "solid": bool(row.solid),
            }
            for row, label in zip(self.rows, labels, strict=True)
        ]
        return {**self._asdict(), "kind": "dots", "rows": rows, "limits": list(self.limits)}


def ranking_dots(frame: pd.DataFrame, measure: str | None = None, currency: str = "") -> DotPlot:
    """Means with intervals, a row a strategy, best first; see `kitchen.plots.ranking`.

    Parameters
    ----------
    frame : DataFrame
        `Comparison.frame`, or what `metrics.mean_intervals` returns.
    measure : str, optional
        By default lost revenue where prices differ, else lost value.
    currency : str
        Of amounts of money.
    """
    quantity, rows = best_first(frame, measure, "mean", currency)
    number = int(rows["replications"].max()) if "replications" in rows and len(rows) else 0
    over = {0: "", 1: " (one replication: no interval)"}.get(
        number, f" (mean of {number:,} replications, 95 % interval)"
    )
    low, high = limits(rows, "mean")
    return DotPlot(
        f"{quantity.title.capitalize()}{over}",
        f"{quantity.title} ({quantity.unit}); {quantity.better}",
        _rows(rows, "mean", [[quantity.written(mean)] for mean in rows["mean"]]),
        (low, min(high, 1.0) if quantity.is_share else high),
        scale=quantity.scale,
        empty="" if len(rows) else "no strategies to show",
    )


def paired_dots(
    frame: pd.DataFrame,
    measure: str | None = None,
    currency: str = "",
    beside: str | None = None,
) -> DotPlot:
    """Paired differences to the baseline, hollow where the interval covers 0; see `plots.paired`.

    Parameters
    ----------
    frame : DataFrame
        `Comparison.paired`, or what `metrics.paired_differences` returns.
    measure : str, optional
        By default lost revenue where prices differ, else lost value.
    currency : str
        Of amounts of money.
    beside : str, optional
        Another measure of the frame, whose differences stand in a second column.
    """
    quantity, rows = best_first(frame, measure, "difference", currency)
    unit = "percentage points" if quantity.is_share else quantity.unit
    texts = [[quantity.difference(number)] for number in rows["difference"]]
    headers = [""]
    if beside is not None:
        other = measure_named(beside).in_currency(currency)
        own = frame[frame["measure"] == beside].set_index("strategy")["difference"]
        for text, name in zip(texts, rows["strategy"], strict=True):
            text.append(other.difference(own.get(name, math.nan)))
        headers = ["points" if quantity.is_share else "", other.step_unit]
    baseline = plain(rows["baseline"].iloc[0], 32) if len(rows) else ""
    sure = (rows["low"] > 0) | (rows["high"] < 0)
    return DotPlot(
        f"Difference to the baseline, {baseline}",
        f"difference in {quantity.title} ({unit}); {quantity.better}",
        _rows(rows, "difference", texts, sure),
        limits(rows, "difference", zero=True),
        tuple(headers),
        quantity.scale,
        signed=True,
        zero=True,
        legend=True,
        empty="" if len(rows) else "one strategy: nothing to compare it with",
    )


def regret_dots(frame: pd.DataFrame) -> DotPlot:
    """Gap of each strategy to the clairvoyant bound, with the share closed; see `plots.regret`.

    Parameters
    ----------
    frame : DataFrame
        `Comparison.regret`, or what `metrics.regret` returns.
    """
    need(frame, ["strategy", "baseline", "measure", "mean", "low", "high"], "regret")
    rows = frame[frame["measure"] == "regret"]
    rows = rows.sort_values("mean", kind="stable", na_position="last")
    closed = frame[frame["measure"] == "gap_closed"].set_index("strategy")["mean"]
    shares = closed.reindex(rows["strategy"].astype(object)).to_numpy(float)
    first = (rows["strategy"].astype(object) == rows["baseline"].astype(object)).to_numpy()
    texts = [
        [
            f"{100 * mean:.2f}" if mean == mean else "no orders",
            "baseline" if is_first else f"{_whole(100 * share)} %" if share == share else "",
        ]
        for mean, share, is_first in zip(rows["mean"], shares, first, strict=True)
    ]
    return DotPlot(
        "Gap to the clairvoyant bound",
        "distance to the bound (percentage points); less is better",
        _rows(rows, "mean", texts),
        limits(rows, "mean", zero=True),
        ("regret", "gap closed"),
        100,
        zero=True,
        empty="" if len(rows) else "no strategies to show",
    )


# Shared with the figures of matplotlib


def best_first(
    frame: pd.DataFrame, measure: str | None, number: str, currency: str = ""
) -> tuple[Measure, pd.DataFrame]:
    """The measure, and its rows in the order of a column, best first."""
    need(frame, ["strategy", "measure", number, "low", "high"], "frame")
    measure = primary_in(frame) if measure is None else measure
    quantity = measure_named(measure).in_currency(currency)
    rows = frame[frame["measure"] == measure]
    ascending = not quantity.more_is_better
    return quantity, rows.sort_values(
        number, ascending=ascending, kind="stable", na_position="last"
    )


def limits(rows: pd.DataFrame, middle: str, zero: bool = False) -> tuple[float, float]:
    """Ends of an axis that shows all numbers and their intervals, and 0 where it matters.

    Parameters
    ----------
    rows : DataFrame
        With columns `middle`, ``low`` and ``high``.
    middle : str
        A mean that is never negative begins its axis at 0 where that is near.
    zero : bool
        Whether 0 is shown wherever the numbers are.

    Examples
    --------
    >>> limits(pd.DataFrame({"mean": [0.4], "low": [0.3], "high": [0.5]}), "mean")
    (0.288, 0.512)
    """
    numbers = rows[[middle, "low", "high"]].to_numpy(float)
    numbers = np.append(numbers[np.isfinite(numbers)], [0.0] if zero else [])
    low, high = (numbers.min(), numbers.max()) if numbers.size else (0.0, 0.0)
    span = (high - low) or 0.1 * abs(high) or 0.01
    cut = middle == "mean" and not (rows[middle] < 0).any() and low < 0.06 * span
    high = span if cut and high == 0.0 else high
    return float(0.0 if cut else low - 0.06 * span), float(high + 0.06 * span)


def _rows(rows: pd.DataFrame, middle: str, texts: list[list[str]], solid=None) -> list[DotRow]:
    solid = [True] * len(rows) if solid is None else solid.tolist()
    numbers = (rows[key].to_numpy(float).tolist() for key in (middle, "low", "high"))
    return [
        DotRow(str(name), *figures, tuple(text), is_solid)
        for name, *figures, text, is_solid in zip(
            rows["strategy"], *numbers, texts, solid, strict=True
        )
    ]


def _number(number: float) -> float | None:
    return number if math.isfinite(number) else None


def _whole(number: float) -> str:
    """A number without decimals; a true minus."""
    return f"{round(number)}".replace("-", MINUS)
