"""What the map of the best strategy shows: over two parameters, who does best in each cell."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from kitchen.errors import KitchenError
from kitchen.model.measures import DIFFERENCE, MEAN, Measure, unit_of
from kitchen.plots.browser.sweep_rows import (
    baseline_of,
    cells_as_data,
    hover_text,
    positions,
    refuse_twice,
    rows_of,
    title_of,
)
from kitchen.plots.style import COLOURS, PALE, ink_on, looks
from kitchen.stats.intervals import in_order, widened
from kitchen.utils.formatting import _value_text, plain, value_texts

OTHERS = PALE
"""Colour of strategies for which no colour is left."""

MOST_TOLD = 6
"""Largest number of strategies that a cell tells of."""


class BestMap(NamedTuple):
    """The best strategy over two parameters, a cell for each pair of values.

    Attributes
    ----------
    title, x, y : str
        Texts above, below and beside the Axes.
    columns, lines : Series
        Values of the two parameters, in order.
    names : list of str
        Strategies, the baseline first.
    colours : list of str
        Theirs; see `colours_of`.
    best : int array, shape (lines, columns)
        Index among `names`; -1 where nothing is.
    figures : array, shape (lines, columns)
        The measure of the best; NaN where nothing is.
    sure : bool array, shape (lines, columns)
        Whether the best differs significantly from the baseline; where it is the baseline, from
        all others.
    hover : dict
        (line, column) -> what is told there.
    measure : Measure
    empty : str
        What is said in place of cells.
    """

    title: str
    x: str
    y: str
    columns: pd.Series
    lines: pd.Series
    names: list[str]
    colours: list[str]
    best: np.ndarray
    figures: np.ndarray
    sure: np.ndarray
    hover: dict[tuple[int, int], str]
    measure: Measure
    empty: str = ""

    signed = False

    @property
    def keys(self) -> dict[str, str]:
        """Names of the strategies that are best somewhere, and their colours, for a legend."""
        there = [nth for nth in range(len(self.names)) if (self.best == nth).any()]
        others = [nth for nth in there if self.colours[nth] == OTHERS]
        named = there if len(others) == 1 else [nth for nth in there if nth not in others]
        made = {plain(self.names[nth], 44): self.colours[nth] for nth in named}
        return made | ({f"{len(others)} others": OTHERS} if len(others) > 1 else {})

    def ink(self, line: int, column: int) -> tuple[str, str]:
        """Colour of a cell, and of what is written on it."""
        colour = self.colours[self.best[line, column]]
        return colour, ink_on(colour)

    def as_data(self) -> dict:
        """The map as plain lists, numbers and texts for JSON."""
        return {
            "kind": "map",
            **{key: getattr(self, key) for key in ("title", "x", "y", "signed", "empty")},
            "columns": value_texts(self.columns),
            "lines": value_texts(self.lines),
            "cells": cells_as_data(self, doubts=True),
            "keys": [{"name": name, "colour": colour} for name, colour in self.keys.items()],
            "scale": self.measure.scale,
        }


def best_map(frame: pd.DataFrame, x: str, y: str, measure: str | None = None) -> BestMap:
    """What `kitchen.plots.sweep_best` draws; its arguments and errors."""
    quantity, rows = rows_of(frame, "sweep_best", measure, [x, y], True)
    labels = f"{plain(x, 40)} ({unit_of(x)})", f"{plain(y, 40)} ({unit_of(y)})"
    every = [str(name) for name in in_order(rows["strategy"]).categories]
    if len(every) == 1:
        raise KitchenError(f"sweep_best: the sweep has one strategy, {every[0]!r}. Sweep several.")
    refuse_twice(rows, [x, y, "strategy"], "sweep_best")
    baseline = baseline_of(rows)
    names = sorted(every, key=baseline.__ne__)
    columns, across = positions(rows[x], even=True)
    lines, up = positions(rows[y], even=True)
    if not rows[MEAN[0]].notna().any():
        none = np.full((len(lines), len(columns)), -1)
        nothing = (names, [], none, none * np.nan, none > 0, {}, quantity)
        return BestMap("", *labels, columns, lines, *nothing, empty="no orders to show")
    who = rows["strategy"].astype(object).map(names.index).to_numpy(int)
    means, equal = _means_and_ties(rows, who, up, across, (len(names), len(lines), len(columns)))
    worse = np.where(np.isnan(means), np.inf, -means if quantity.more_is_better else means)
    best = np.where(np.isinf(worse).all(axis=0), -1, worse.argmin(axis=0))
    sure = ~np.where(best == 0, equal[1:].any(axis=0), np.take_along_axis(equal, best[None], 0)[0])
    records, told = rows.to_dict("records"), {}
    for nth in np.lexsort(
        (worse[who, up, across], across, up)
    ).tolist():  # the best of a cell first
        told.setdefault((int(up[nth]), int(across[nth])), []).append(records[nth])
    hover = {
        cell: _told(quantity, own[:MOST_TOLD], x, y)
        for cell, own in told.items()
        if best[cell] >= 0
    }
    figures = np.take_along_axis(means, np.maximum(best, 0)[None], 0)[0]
    return BestMap(
        f"The best strategy by {title_of(quantity, rows, [x, y], False, None).lower()}",
        *labels,
        columns,
        lines,
        names,
        colours_of(names, best),
        best,
        figures,
        sure & (best >= 0),
        hover,
        quantity,
    )


def colours_of(names: list[str], best: np.ndarray) -> list[str]:
    """A colour of each strategy: no two that are best somewhere share one, but for the grey of the rest.

    A strategy has the colour that it has in other pictures, unless one that wins more cells has it.
    There are as many colours as can be told apart; those that win the fewest cells are grey.
    """
    cells = np.bincount(best[best >= 0], minlength=len(names))
    usual, made = looks(names), dict.fromkeys(names, OTHERS)
    winners = [names[nth] for nth in np.argsort(-cells, kind="stable") if cells[nth]]
    without = []
    for name in winners:
        colour = usual[name].colour
        if colour in made.values():
            without.append(name)
        else:
            made[name] = colour
    free = [colour for colour in COLOURS if colour not in made.values()]
    made |= zip(without, free, strict=False)
    return list(made.values())


def _told(quantity: Measure, rows: list[dict], x: str, y: str) -> str:
    """What a cell tells: the values of its two parameters, and its strategies, the best first."""
    at, *figures = hover_text(quantity, rows, x, None, False).split("\n")
    return "\n".join([at, f"{plain(y, 60)} = {_value_text(rows[0][y])}", *figures])


def _means_and_ties(rows, who, up, across, shape) -> tuple[np.ndarray, np.ndarray]:
    """Means, and whether the interval of the difference to the baseline covers 0 or is missing.

    The intervals of all cells and strategies hold together (Bonferroni).
    """
    means, equal = np.full(shape, np.nan), np.zeros(shape, bool)
    means[who, up, across] = rows[MEAN[0]].to_numpy(float)
    other = who > 0
    difference = rows.loc[other, [*DIFFERENCE]].to_numpy(float)
    family = int(np.isfinite(difference[:, 0]).sum())
    number = rows.loc[other, "replications"].to_numpy(float)
    low, high = widened(*difference.T, number, max(family, 1))
    equal[who[other], up[other], across[other]] = ~((low > 0) | (high < 0))
    return means, equal
