"""What the figures of sweeps show: lines over one parameter, heat maps over two.

A function takes a sweep's frame and returns all texts, numbers and colours of a picture; matplotlib
and the browser draw from it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.colors import Colormap, LinearSegmentedColormap, Normalize, to_hex

from kitchen.model.measures import DIFFERENCE, MEAN, Measure, unit_of
from kitchen.plots.browser.sweep_rows import (
    baseline_of,
    cells_as_data,
    difference_label,
    hover_text,
    line_rows,
    of_strategy,
    positions,
    refuse_twice,
    require_one_strategy,
    rows_of,
    title_of,
)
from kitchen.plots.style import Look, ink_on, looks
from kitchen.stats.intervals import widened
from kitchen.utils.formatting import _value_text, plain, value_texts

BEST, WORST = "#0b5c96", "#b04a00"
"""Ends of the colour scale of a difference: blue for better, brown for worse."""

_DIVERGING = LinearSegmentedColormap.from_list(
    "break even", [BEST, "#7db4d8", "#f7f7f7", "#eda779", WORST]
)

LIGHTEST = 0.88
"""Part of viridis that lines take: its yellow end is hard to see on white."""

SHADES = 24
"""Steps of a colour scale in the browser."""


class SweepLine(NamedTuple):
    """A line with its band, by rising position; arrays of shape (points,), NaN where nothing is."""

    name: str
    look: Look
    at: np.ndarray
    middle: np.ndarray
    low: np.ndarray
    high: np.ndarray


class LinePlot(NamedTuple):
    """Lines over one parameter.

    Attributes
    ----------
    title, x, y : str
        Texts above, below and beside the Axes.
    lines : list of SweepLine
    values : Series
        Values of the parameter, in order.
    places : array
        Where they are on the x axis: the numbers, or 0, 1, ... where there are words.
    hover : list of str
        What is told at each place.
    dots : bool
        Whether values are words, which no line connects.
    ordered : bool
        Whether each line stands for a number, and its colour for how large it is.
    measure : Measure
    signed : bool
        Whether differences are shown, around a line at 0.
    by_values : tuple
        What each line stands for.
    empty : str
        What is said in place of lines.
    """

    title: str
    x: str
    y: str
    lines: list[SweepLine]
    values: pd.Series
    places: np.ndarray
    hover: list[str]
    dots: bool
    ordered: bool
    measure: Measure
    signed: bool
    by_values: tuple = ()
    empty: str = ""

    def as_data(self) -> dict:
        """The plot as plain lists, numbers and texts for JSON; a missing number is None."""
        lines = [
            {
                "name": plain(line.name, 44),
                "colour": line.look.colour,
                "dash": [] if isinstance(line.look.dash, str) else list(line.look.dash[1]),
                **{key: _numbers(getattr(line, key)) for key in ("at", "middle", "low", "high")},
            }
            for line in self.lines
        ]
        return {
            "kind": "lines",
            **{key: getattr(self, key) for key in ("title", "x", "y", "dots", "signed", "empty")},
            "lines": lines,
            "places": _numbers(self.places),
            "texts": value_texts(self.values),
            "hover": self.hover,
            "scale": self.measure.scale,
        }


class HeatMap(NamedTuple):
    """A measure over two parameters, a cell for each pair of values.

    Attributes
    ----------
    title, x, y, bar : str
        Texts above, below and beside the Axes, and beside the colour scale.
    columns, lines : Series
        Values of the two parameters, in order.
    figures : array, shape (lines, columns)
        NaN where nothing is.
    sure : bool array, shape (lines, columns)
        Whether a difference is significant; false where none is shown.
    hover : dict
        (line, column) -> what is told there.
    colours : Colormap
    limits : tuple of float
        Ends of the colour scale.
    measure : Measure
    signed : bool
        Whether differences are shown.
    empty : str
        What is said in place of cells.
    """

    title: str
    x: str
    y: str
    bar: str
    columns: pd.Series
    lines: pd.Series
    figures: np.ndarray
    sure: np.ndarray
    hover: dict[tuple[int, int], str]
    colours: Colormap
    limits: tuple[float, float]
    measure: Measure
    signed: bool
    empty: str = ""

    def ink(self, line: int, column: int) -> tuple[str, str]:
        """Colour of a cell, and of what is written on it."""
        face = to_hex(self.colours(Normalize(*self.limits)(float(self.figures[line, column]))))
        return face, ink_on(face)

    def as_data(self) -> dict:
        """The map as plain lists, numbers and texts for JSON; a missing number is None."""
        return {
            "kind": "map",
            **{key: getattr(self, key) for key in ("title", "x", "y", "bar", "signed", "empty")},
            "columns": value_texts(self.columns),
            "lines": value_texts(self.lines),
            "cells": cells_as_data(self, doubts=self.signed),
            "limits": list(self.limits),
            "shades": [to_hex(self.colours(nth / (SHADES - 1))) for nth in range(SHADES)],
            "scale": self.measure.scale,
        }


def line_plot(
    frame: pd.DataFrame,
    x: str,
    by: str | None = None,
    measure: str | None = None,
    *,
    paired: bool = False,
) -> LinePlot:
    """What `kitchen.plots.sweep_lines` draws; its arguments and errors."""
    columns = DIFFERENCE if paired else MEAN
    middle, low, _ = columns
    quantity, rows = rows_of(frame, "sweep_lines", measure, [x] if by is None else [x, by], paired)
    one = by is not None or rows["strategy"].nunique() == 1
    if by is not None:
        require_one_strategy(rows, "sweep_lines")
    label = f"{plain(x, 40)} ({unit_of(x)})"
    if not rows[middle].notna().any():
        nothing = (pd.Series(dtype=float), np.array([]), [], False, False, quantity, paired)
        return LinePlot("", label, "", [], *nothing, empty="no orders to show")
    key = "strategy" if by is None else by
    refuse_twice(rows, [x, key], "sweep_lines")
    values, at = positions(rows[x])
    over = " (95 % intervals)" if rows[low].notna().any() else ""
    groups = line_rows(rows.assign(at=at), key)
    ordered = by is not None and not isinstance(next(iter(groups)), str)
    names = (
        [f"{by.rsplit('.', 1)[-1]} {_value_text(value)}" for value in groups]
        if by
        else [str(value) for value in groups]
    )
    lines = [
        SweepLine(name, look, *(own[c].to_numpy(float) for c in ("at", *columns)))
        for name, look, own in zip(
            names, _looks(rows, names, by is None, ordered), groups.values(), strict=True
        )
    ]
    dots = not pd.api.types.is_numeric_dtype(values) or len(values) == 1
    places = np.arange(len(values), dtype=float) if dots else values.to_numpy(float)
    hover = [
        hover_text(
            quantity,
            rows[at == (nth if dots else value)].to_dict("records"),
            x,
            by,
            paired,
        )
        for nth, value in enumerate(values)
    ]
    return LinePlot(
        title_of(quantity, rows, [x, by], one, baseline_of(rows) if paired else None, over),
        label,
        difference_label(quantity) if paired else f"{quantity.title}\n({quantity.unit})",
        lines,
        values,
        places,
        hover,
        dots,
        ordered,
        quantity,
        paired,
        tuple(groups),
    )


def heat_map(
    frame: pd.DataFrame,
    x: str,
    y: str,
    measure: str | None = None,
    strategy: str | None = None,
    against: str | None = None,
) -> HeatMap:
    """What `kitchen.plots.sweep_map` draws; its arguments and errors."""
    differs = against is not None
    quantity, rows = rows_of(frame, "sweep_map", measure, [x, y], differs)
    rows = of_strategy(rows, strategy, against)
    refuse_twice(rows, [x, y], "sweep_map")
    columns, across = positions(rows[x], even=True)
    lines, up = positions(rows[y], even=True)
    middle, low, high = DIFFERENCE if differs else MEAN
    figures = np.full((3, len(lines), len(columns)), np.nan)
    figures[:, up, across] = rows[[middle, low, high]].to_numpy(float).T
    empty = "" if rows[middle].notna().any() else "no orders to show"
    sure = np.zeros(figures[0].shape, bool)
    if differs and not empty:
        number = rows["replications"].to_numpy(float)
        family = int(np.isfinite(figures[0]).sum())
        ends = widened(*rows[[middle, low, high]].to_numpy(float).T, number, family)
        sure[up, across] = (ends[0] > 0) | (ends[1] < 0)
    records = zip(up.tolist(), across.tolist(), rows.to_dict("records"), strict=True)
    return HeatMap(
        "" if empty else title_of(quantity, rows, [x, y], True, against),
        f"{plain(x, 40)} ({unit_of(x)})",
        f"{plain(y, 40)} ({unit_of(y)})",
        difference_label(quantity) if differs else f"{quantity.title}\n({quantity.unit})",
        columns,
        lines,
        figures[0],
        sure,
        {
            (line, column): hover_text(quantity, [row], x, y, differs, against)
            for line, column, row in records
        },
        *_colours(figures[0], quantity, differs),
        quantity,
        differs,
        empty,
    )


# Looks and colours


def _looks(rows: pd.DataFrame, names: list[str], of_strategies: bool, ordered: bool) -> list[Look]:
    """Look of each line; all strategies keep theirs, numbers are coloured by their size."""
    known = looks(_every(rows["strategy"]) if of_strategies else names)
    made = [known[name] for name in names]
    if ordered and len(names) > 1:
        shades = colormaps["viridis"](np.linspace(0.0, LIGHTEST, len(names)))
        made = [look._replace(colour=to_hex(c)) for look, c in zip(made, shades, strict=True)]
    return made


def _every(names: pd.Series) -> list:
    """All categories, also unused ones, so that looks do not depend on the rows."""
    if isinstance(names.dtype, pd.CategoricalDtype):
        return list(names.cat.categories)
    return list(pd.unique(names.dropna()))


def _colours(figures: np.ndarray, quantity: Measure, diverging: bool):
    """Colour scale of a map, and its ends."""
    shown = figures[np.isfinite(figures)]
    if not shown.size:
        return colormaps["viridis_r"], (0.0, 1.0)
    if diverging:
        most = float(np.abs(shown).max()) or (0.001 if quantity.is_share else 1.0)
        colours = _DIVERGING.reversed() if quantity.more_is_better else _DIVERGING
        return colours, (-most, most)
    low, high = float(shown.min()), float(shown.max())
    pad = 0.0 if high > low else 0.1 * abs(high) or 0.01
    return colormaps["viridis_r"], (low - pad, high + pad)


def _numbers(values) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]
