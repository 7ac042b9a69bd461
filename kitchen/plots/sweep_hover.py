"""Hover boxes of sweep figures: where the pointer shows which text."""

from __future__ import annotations

import warnings
from typing import NamedTuple

from matplotlib.axes import Axes

from kitchen.plots.style import styled


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


def add_hover_box(ax: Axes, box: tuple, text: str, transform) -> None:
    """Add a hover box; `box` is (x0, y0, x1, y1) in coordinates of the transform."""
    kept = getattr(ax, _HOVER_BOXES, [])
    kept.append((box, text, transform))
    setattr(ax, _HOVER_BOXES, kept)
