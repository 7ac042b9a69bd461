"""A part of a page that is opened by a button."""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets as widgets


class Folded(widgets.VBox):
    """A button, and below it some widgets that are there once it is pressed.

    The header of an `ipywidgets.Accordion` cannot be reached with the tab key; a button can.

    Parameters
    ----------
    title : str
        What the button says.
    inside : sequence of widget

    Examples
    --------
    >>> part = Folded("More", [widgets.Label("there")])
    >>> part.inside.layout.display
    'none'
    >>> part.toggle.value = True   # like a click
    >>> part.inside.layout.display
    'flex'
    """

    def __init__(self, title: str, inside: Sequence[widgets.Widget]):
        self.toggle = widgets.ToggleButton(
            description=title, icon="caret-right", layout=widgets.Layout(width="auto")
        )
        self.inside = widgets.VBox(inside)
        super().__init__([self.toggle, self.inside])
        shown = {False: "none", True: "flex"}
        icons = {False: "caret-right", True: "caret-down"}
        pressed = (self.toggle, "value")
        widgets.dlink(pressed, (self.inside.layout, "display"), shown.get)
        widgets.dlink(pressed, (self.toggle, "icon"), icons.get)
