"""Text shown where one points at a picture of a sweep."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes

from kitchen.model.measures import DIFFERENCE, MEAN, Measure
from kitchen.plots.style import styled
from kitchen.utils.formatting import _value_text, plain


class Spot(NamedTuple):
    """A part of a picture with something to say: fractions of the picture, from its upper left."""

    left: float
    top: float
    width: float
    height: float
    text: str


@styled
def spots(ax: Axes) -> list[Spot]:
    """Where a picture of `sweep_lines` or `sweep_map` has figures to tell, and the figures.

    Parameters
    ----------
    ax : Axes
        What the two functions return; of any other Axes there are no spots.

    Returns
    -------
    list of Spot
        The parts do not overlap. A text has a line for each fact.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph .* missing from", UserWarning)
        ax.figure.draw_without_rendering()
    wide, tall = ax.figure.bbox.size
    found = []
    for (x0, y0, x1, y1), text, transform in getattr(ax, _SPOTS, ()):
        (left, bottom), (right, top) = transform.transform([(x0, y0), (x1, y1)])
        size = ((right - left) / wide, (top - bottom) / tall)
        found.append(Spot(left / wide, 1.0 - top / tall, *size, text))
    return found


# Parts

_SPOTS = "_kitchen_spots"
"""The attribute of Axes under which spots wait for the layout."""


def _spot_text(told: Measure, rows: list[dict], x, y, paired, against=None) -> str:
    """What a spot tells: the values of its parameters, and a line for each figure."""
    strategies = list(dict.fromkeys(plain(row["strategy"], 40) for row in rows))
    lines = [f"{plain(x, 60)} = {_value_text(rows[0][x])}"]
    if len(rows) == 1 and y is not None:
        lines.append(f"{plain(y, 60)} = {_value_text(rows[0][y])}")
    if len(strategies) == 1:
        lines.append(strategies[0] + (f" minus {plain(against, 40)}" if against else ""))
    for row in rows:
        if len(strategies) > 1:
            name = plain(row["strategy"], 40)
        else:
            name = told.title if len(rows) == 1 else f"{plain(y, 40)} = {_value_text(row[y])}"
        lines.append(f"{name}: {_figure(told, row, paired)}")
    return "\n".join(lines)


def _figure(told: Measure, row: dict, paired: bool) -> str:
    """A figure and its interval, with the unit."""
    middle, low, high = (row[column] for column in (DIFFERENCE if paired else MEAN))
    write = told.difference if paired else lambda v: told.written(v).removesuffix(" %")
    unit = (" points" if paired else " %") if told.is_share else ""
    if np.isnan(middle):
        return "no orders"
    if np.isnan(low):
        return f"{write(middle)}{unit}"
    return f"{write(middle)}{unit} ({write(low)} to {write(high)})"


def keep_spot(ax: Axes, box: tuple, text: str, transform) -> None:
    """Keep a spot until the layout is known; `box` is (x0, y0, x1, y1) of the transform."""
    kept = getattr(ax, _SPOTS, [])
    kept.append((box, text, transform))
    setattr(ax, _SPOTS, kept)
