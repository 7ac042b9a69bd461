"""Hover boxes of sweep figures: where the pointer shows which text."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes

from kitchen.model.measures import DIFFERENCE, MEAN, Measure
from kitchen.plots.style import styled
from kitchen.utils.formatting import _value_text, plain


class HoverBox(NamedTuple):
    """Rectangle of a figure with a hover text, in fractions of the figure from its upper left."""

    left: float
    top: float
    width: float
    height: float
    text: str


@styled
def hover_boxes(ax: Axes) -> list[HoverBox]:
    """Hover boxes of a figure of `sweep_lines` or `sweep_map`, with their texts.

    Parameters
    ----------
    ax : Axes
        Returned by one of the two functions; any other Axes have no hover boxes.

    Returns
    -------
    list of HoverBox
        Without overlaps; a text has one line per figure.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> hover_boxes(Figure().subplots())
    []
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph .* missing from", UserWarning)
        ax.figure.draw_without_rendering()
    wide, tall = ax.figure.bbox.size
    boxes = []
    for (x0, y0, x1, y1), text, transform in getattr(ax, _HOVER_BOXES, ()):
        (left, bottom), (right, top) = transform.transform([(x0, y0), (x1, y1)])
        size = ((right - left) / wide, (top - bottom) / tall)
        boxes.append(HoverBox(left / wide, 1.0 - top / tall, *size, text))
    return boxes


_HOVER_BOXES = "_kitchen_hover_boxes"
"""Attribute of Axes that keeps the boxes in data coordinates until the layout is final."""


def hover_text(measure: Measure, rows: list[dict], x, y, paired, against=None) -> str:
    """Text of a hover box: the values of its parameters, and one line per figure."""
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
            name = measure.title if len(rows) == 1 else f"{plain(y, 40)} = {_value_text(row[y])}"
        lines.append(f"{name}: {_figure(measure, row, paired)}")
    return "\n".join(lines)


def _figure(measure: Measure, row: dict, paired: bool) -> str:
    """A figure and its interval, with the unit."""
    middle, low, high = (row[column] for column in (DIFFERENCE if paired else MEAN))
    write = measure.difference if paired else lambda v: measure.written(v).removesuffix(" %")
    unit = (" points" if paired else " %") if measure.is_share else ""
    if np.isnan(middle):
        return "no orders"
    if np.isnan(low):
        return f"{write(middle)}{unit}"
    return f"{write(middle)}{unit} ({write(low)} to {write(high)})"


def add_hover_box(ax: Axes, box: tuple, text: str, transform) -> None:
    """Add a hover box; `box` is (x0, y0, x1, y1) in coordinates of the transform."""
    kept = getattr(ax, _HOVER_BOXES, [])
    kept.append((box, text, transform))
    setattr(ax, _HOVER_BOXES, kept)
