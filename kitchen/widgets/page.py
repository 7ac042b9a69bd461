"""Page with a tab for each widget, shown by `kitchen serve`."""

from __future__ import annotations

import os
from collections.abc import Callable

import ipywidgets as widgets

from kitchen.widgets.app import App
from kitchen.widgets.explorer import Explorer
from kitchen.widgets.live import LiveKitchen
from kitchen.widgets.sweeper import Sweeper

CHOSEN = "KITCHEN_SCENARIO"
"""Environment variable with the first scenario, a shipped name or a path."""

TOOLS: dict[str, Callable[..., App]] = {
    "Compare": Explorer,
    "Live kitchen": LiveKitchen,
    "Sweep": Sweeper,
}


class Page(App):
    """Tabs of the widgets, each made when its tab is first opened.

    Attributes
    ----------
    tools : dict of str to App
        Widgets that were opened, by the title of their tab.
    """

    def __init__(self, scenario=None):
        super().__init__()
        self._scenario = scenario
        self.tools: dict[str, App] = {}
        self._places = [widgets.VBox() for _ in TOOLS]
        self.tabs = widgets.Tab(self._places, titles=list(TOOLS))
        self.when(self.tabs, self._open, "selected_index")
        self.show(self.alert, self.tabs)
        self._open()

    def _open(self) -> None:
        place = self.tabs.selected_index or 0
        title = list(TOOLS)[place]
        if title not in self.tools:
            self.tools[title] = TOOLS[title](self._scenario)
            self._places[place].children = (self.tools[title],)

    def still(self) -> str:
        return next(iter(self.tools.values())).still()


def page(scenario=None) -> Page:
    """The page of `kitchen serve`.

    Parameters
    ----------
    scenario : Scenario or str, optional
        The first scenario; if left out, the one in the environment variable `KITCHEN_SCENARIO`,
        else ``"friday"``.

    Examples
    --------
    >>> page("rush").tabs.titles
    ('Compare', 'Live kitchen', 'Sweep')
    """
    return Page(scenario or os.environ.get(CHOSEN) or None)
