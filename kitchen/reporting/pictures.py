"""Pictures of a report, by the name of their table."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from kitchen import plots
from kitchen.comparison.comparison import Comparison
from kitchen.plots.axes import own_figures, panels, png
from kitchen.plots.style import one_look_a_temp
from kitchen.reporting.headline import standout
from kitchen.reporting.sweep_section import Picture
from kitchen.utils.formatting import DASH

ROW, ROW_OF_TEMPS, FRAME, TALLEST = 0.155, 0.2, 1.25, 8.0
"""Height of a row of strategies, of one with a mark for each temp, of what surrounds the rows, and of the
tallest picture, inches; two pictures of 15 strategies fit on a printed page."""

MOST_DRAWN = 20
"""Largest number of strategies in a picture: the best ones, beside today's practice."""

OVER_TIME = 1.8
"""Height of each panel over time, inches."""

NAMED = 12
"""Largest number of strategies in the description of a picture."""


@own_figures()
def pictures_of(
    table: Comparison, tables: dict, temps: list[str], names: list[str]
) -> dict[str, Picture]:
    """Pictures by the name of their table, where there is something to see.

    Parameters
    ----------
    table : Comparison
    tables : dict of str to DataFrame
        What the pictures draw; those whose table is missing are left out.
    temps : list of str
        All temps of the scenario and its menu: each has one look in all pictures.
    names : list of str
        Strategies that are shown, best first; of many the best, as `drawn` has them.
    """
    names = drawn(names, table.strategies[0].name)
    with one_look_a_temp(table.scenario, temps):
        made = {name: picture for name, picture in _strategies(table, tables, names)}
        return made | {name: picture for name, picture in _over_time(table, tables)}


def drawn(names: list[str], today: str) -> list[str]:
    """Strategies in the pictures: all, or of many the best and today's practice.

    Examples
    --------
    >>> names = [f"{number}" for number in range(30)]
    >>> len(drawn(names, "7")), drawn(names, "29")[-1]
    (20, '29')
    """
    if len(names) <= MOST_DRAWN:
        return names
    best = names[:MOST_DRAWN]
    return best if today in best else [*best[:-1], today]


def _strategies(table: Comparison, tables: dict, names: list[str]):
    """Pictures with a row a strategy."""
    measure, quantity = table.measure, table.measured
    baseline, number = table.strategies[0].name, len(names)
    title = quantity.title
    rows = tables["ranking"][tables["ranking"]["measure"] == measure].set_index("strategy")["mean"]
    means = ", ".join(
        f"{name} {DASH if np.isnan(rows[name]) else quantity.written(rows[name])}"
        for name in names[:NAMED]
    )
    paired = tables["paired"][tables["paired"]["measure"] == measure]
    several = number > 1 and bool(paired["low"].notna().any() or table.replications == 1)
    wasted = bool(table.summaries["wasted"].any())
    shown: dict[str, tuple[bool, Callable, str]] = {
        "paired": (
            several,
            lambda frame, ax: plots.paired(frame, measure, ax),
            f"Differences in {title} to today's practice, {baseline}.",
        ),
        "ranking": (
            several,
            lambda frame, ax: plots.ranking(frame, measure, ax),
            f"{title.capitalize()}, means with intervals: {means}.",
        ),
        "pairs": (
            several and number > 2,
            lambda frame, ax: plots.pairs(frame, measure, ax),
            "Differences of all pairs of strategies, and whether they are significant.",
        ),
        "split": (
            True,
            lambda frame, ax: plots.value_split(frame, ax),
            "What was delivered, and what was lost by decay, expired and discarded.",
        ),
        "waste_by_cause": (
            wasted,
            lambda frame, ax: plots.waste_by_cause(frame, ax),
            "Shares of orders expired and discarded.",
        ),
        "waste_by_temp": (
            wasted,
            lambda frame, ax: plots.waste_by_temp(frame, ax),
            "Share of the orders of each temp that was wasted.",
        ),
    }
    for name, (has_something, plot, alt) in shown.items():
        if has_something and name in tables:
            frame = _only(tables[name], names)
            row = ROW_OF_TEMPS if name == "waste_by_temp" else ROW
            drawn = frame["strategy"].nunique() + (name == "pairs")
            ax = panels(1, min(FRAME + row * max(drawn, 3), TALLEST))[0]
            plot(frame, ax)
            yield name, Picture(png(ax.figure), alt, f"{file_of(name, tables)}.csv")


def _only(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Rows of some strategies, with no other categories."""
    keys = [key for key in ("strategy", "other") if key in frame]
    some = frame[frame[keys].astype(object).isin(names).all(axis=1)]
    order = [name for name in some["strategy"].cat.categories if name in set(some["strategy"])]
    return some.assign(strategy=some["strategy"].cat.set_categories(order, ordered=True))


def file_of(name: str, tables: dict) -> str:
    """File of a table: a split of money, or of value."""
    if name != "split":
        return name
    return "revenue_split" if "money" in tables["split"] else "value_split"


def _over_time(table: Comparison, tables: dict):
    """Pictures of the best strategy and today's practice over time."""
    best, baseline = standout(table).name, table.strategies[0].name
    for name, plot, alt in (
        ("shelves", plots.shelves, "Slots taken on each shelf over time"),
        ("value", plots.value, "Mean value of the food on each shelf over time"),
    ):
        if name in tables:
            image = _panels(plot, tables[name], [best, baseline])
            yield name, Picture(image, f"{alt}, under {best} and {baseline}.", f"{name}.csv")
    if "paths" in tables:
        ax = panels(1, 3.4)[0]
        plots.paths(tables["paths"], ax)
        alt = f"Value of single orders over time under {best}, shelf by shelf."
        yield "paths", Picture(png(ax.figure), alt, "paths.csv")


def _panels(plot: Callable, frame: pd.DataFrame, names: list[str]) -> bytes:
    """One panel per strategy, all with the same limits."""
    names = list(dict.fromkeys(names))
    axes = panels(len(names), OVER_TIME * len(names) + 0.2)
    limits = []
    for ax, name in zip(axes, names, strict=True):
        plot(frame[frame["strategy"] == name], ax=ax)
        limits.append([*ax.get_xlim(), *ax.get_ylim()])
    left, right, low, high = np.transpose(limits)
    axes[0].set(xlim=(left.min(), right.max()), ylim=(low.min(), high.max()))
    return png(axes[0].figure)
