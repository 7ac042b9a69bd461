"""What ipywidgets leaves out for those who use keys or a screen reader: names, landmarks, few stops."""

from __future__ import annotations

from anywidget import AnyWidget
from traitlets import Bool

from kitchen.widgets.static_files import widget_module


class Reachable(AnyWidget):
    """Names the sliders of the app around it, and those that come later; it takes no room.

    A list of four boxes or more becomes one stop of the tab key; arrow keys go through it.

    Attributes
    ----------
    landmarks : bool
        Whether the app is a page of its own, with a head, tabs to go by and a main part.
    """

    _esm = widget_module("reachable.js")
    landmarks = Bool(False).tag(sync=True)
