"""Page with a tab for each widget, shown by `kitchen serve`."""

from __future__ import annotations

import os
from collections.abc import Callable

import ipywidgets as widgets

from kitchen.errors import KitchenError
from kitchen.widgets.address import LONGEST, AddressBar, restore, written
from kitchen.widgets.advisor import Advisor
from kitchen.widgets.app import SERVED, App
from kitchen.widgets.explorer import Explorer
from kitchen.widgets.live import LiveKitchen
from kitchen.widgets.sweeper import Sweeper

CHOSEN = "KITCHEN_SCENARIO"
"""Environment variable with the first scenario, a shipped name or a path."""

QUERY = "QUERY_STRING"
"""Environment variable in which Voila hands over what stands behind the address's question mark."""

TOOLS: dict[str, Callable[[Page], widgets.Widget]] = {
    "Compare": lambda page: page.explorer,
    "Live kitchen": lambda page: LiveKitchen(page.first),
    "What would help": lambda page: Advisor(page.first),
    "Sweep": lambda page: Sweeper(page.first, open_point=page.open_point),
}
"""What makes the tool of a tab, by the title."""

TOO_LONG = "length of the address"
"""What a fault of a state is filed under that no address holds."""

HEADER = """<div class="kt-header"><h1>Kitchen</h1><p>What a delivery kitchen loses when its shelves
are full, and which rule loses least.</p></div>"""


class Page(App):
    """Tabs of the widgets, each made when its tab is first opened.

    Parameters
    ----------
    scenario : Scenario or str, optional
    query : str
        State of the page, as behind the question mark of its address.

    Attributes
    ----------
    explorer : Explorer
    first : Scenario, str or None
        The scenario that the tools begin with.
    tools : dict of str to widget
        Widgets that were opened, by the title of their tab.
    address : AddressBar
    """

    def __init__(self, scenario=None, query: str = ""):
        super().__init__()
        self.first = scenario
        self.explorer = Explorer(scenario)
        self.tools: dict[str, widgets.Widget] = {}
        self.address = AddressBar()
        self._places = [widgets.VBox() for _ in TOOLS]
        self.tabs = widgets.Tab(self._places, titles=list(TOOLS))
        self.when(self.tabs, self._open, "selected_index")
        top = widgets.HBox([widgets.HTML(HEADER), self.address])
        top.add_class("kt-top")
        self.show(top, self.alert, self.tabs, landmarks=True)
        self._restore(query)
        self._write()
        self._open()
        for answer in (self.explorer.verdict, self.explorer.more):
            self.when(answer, self._write, "data")

    def go_to(self, title: str) -> None:
        """Open a tab by its title."""
        self.tabs.selected_index = list(TOOLS).index(title)

    def open_point(
        self, world: str, point: dict, names: list[str], replications: int, seed: int
    ) -> None:
        """Show a point of a sweep in the comparison, with the same strategies on the same orders."""
        amounts = self.explorer.controls["replications"].options
        enough = next((amount for amount in amounts if amount >= replications), amounts[-1])
        values = {"today": names[0], "seed": str(seed), "replications": enough}
        settings = "; ".join(f"{path}={_written(value)}" for path, value in point.items())
        self.explorer.take_state(world, [], names, values, settings)
        self.go_to("Compare")

    def _restore(self, query: str) -> None:
        try:
            restore(self.explorer, query)
        except KitchenError as error:
            self.show_fault(error, "address")

    def _write(self) -> None:
        """The address says what is shown; what is too long for one is told, and is in none."""
        query = written(self.explorer)
        self.clear_fault(TOO_LONG)
        if len(query) > LONGEST:
            self.show_fault(
                KitchenError(
                    f"the address: what is shown takes {len(query):,} letters, and a link holds "
                    f"{LONGEST:,}. It is in no link, and a reload forgets it."
                ),
                TOO_LONG,
            )
            query = ""
        self.address.query = query

    def _open(self) -> None:
        place = self.tabs.selected_index or 0
        title = list(TOOLS)[place]
        if title not in self.tools:
            self.tools[title] = TOOLS[title](self)
            heading = widgets.HTML(f"<h2>{title}</h2>")
            heading.add_class("kt-unseen")
            self._places[place].children = (heading, self.tools[title])

    def still(self) -> str:
        return self.explorer.still()


def _written(value) -> str:
    """A value as it is typed in "more settings"."""
    value = value.item() if hasattr(value, "item") else value
    return value if isinstance(value, str) else repr(value)


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
    ('Compare', 'Live kitchen', 'What would help', 'Sweep')
    """
    query = os.environ.get(QUERY, "") if os.environ.get(SERVED) else ""
    return Page(scenario or os.environ.get(CHOSEN) or None, query)
