"""Uploads into the explorer: an order log to replay, a menu, a scenario, a strategy."""

from __future__ import annotations

import os
from html import escape

import ipywidgets as widgets

from kitchen.errors import KitchenError, inline, shown
from kitchen.io.read import Handed, read_toml
from kitchen.logs.in_scenario import log_in_words, trace_of
from kitchen.logs.mapping import KEYWORDS, read_mapping
from kitchen.logs.read_log import read_log
from kitchen.model.menu import Menu, read_orders
from kitchen.model.scenario import SHIPPED, Scenario
from kitchen.model.strategy import Strategy
from kitchen.utils.formatting import enumeration
from kitchen.widgets.folded import Folded

MOST_BYTES = 8_000_000
"""Largest file that a browser hands over in one message."""

BUTTONS = {
    "log": (
        "replay your own orders",
        "an export of orders: CSV, JSON, Parquet or Excel",
        ".csv,.tsv,.txt,.json,.jsonl,.parquet,.xlsx",
    ),
    "menu": ("a menu", "the dishes: CSV, JSON or Parquet", ".csv,.json,.parquet"),
    "settings": (
        "a scenario, strategy or mapping",
        "a file of settings: TOML; a mapping says how a log is to be read",
        ".toml",
    ),
}
"""What each button says, its tooltip, and the endings that it takes."""


class Uploads(Folded):
    """Buttons that take files of one's own, and what was read, repaired and assumed.

    For an order log and a menu the kitchen is as the controls say: a log without dishes has them
    from its menu. A scenario may name a menu that was uploaded before it, or one that ships; no file
    of this machine is read by its path.

    Parameters
    ----------
    explorer : Explorer

    Attributes
    ----------
    buttons : dict of str to FileUpload
        ``log``, ``menu`` and ``settings``: a scenario, a strategy, or a mapping for the log.
    zone : Text
        Time zone of the kitchen, for a log whose times do not say it.
    told : HTML
        The verdict on what was taken last.
    """

    def __init__(self, explorer):
        self._explorer = explorer
        self._menus: dict[str, Menu] = {}
        self._mapping: dict = {}
        self.buttons = {what: _button(*words) for what, words in BUTTONS.items()}
        self.zone = widgets.Text(
            description="time zone",
            placeholder="as Europe/London",
            continuous_update=False,
            layout=widgets.Layout(width="260px"),
        )
        self.told = widgets.HTML()
        log, *others = self.buttons.values()
        super().__init__("your own data", [log, self.zone, *others, self.told])
        for control, take in (
            (log, self._take_log),
            (self.zone, self._take_log),
            (self.buttons["menu"], self._take_menu),
            (self.buttons["settings"], self._take_settings),
        ):
            explorer.when(control, take)

    def _take_log(self) -> None:
        """Offer the evenings of a log, and show them."""
        if (file := _handed(self.buttons["log"])) is None:
            return
        zone = self.zone.value.strip()
        log = read_log(file, **self._mapping | ({"tz": zone} if zone else {}))
        world = self._explorer.scenario
        trace, words = trace_of(log, world), " ".join(log_in_words(log, world))
        self._explorer.offer_world(world.replace({"name": inline(file.name)}), trace=trace)
        self._tell(words)

    def _take_menu(self) -> None:
        """Offer the kitchen of the controls with another menu."""
        if (file := _handed(self.buttons["menu"])) is None:
            return
        menu = read_orders(file)
        own = {"name": inline(file.name), "orders.file": None, "orders.menu": None}
        world = self._explorer.scenario.replace(own).replace({"orders.menu": menu})
        self._menus[file.name] = menu
        self._explorer.offer_world(world)
        dishes = "1 dish" if len(menu) == 1 else f"{len(menu):,} dishes"
        what = (
            f"{dishes}, {enumeration(menu.temps)}" if len(menu) else "no dishes, so nothing comes"
        )
        self._tell(f"{inline(file.name)}: {what}.")

    def _take_settings(self) -> None:
        """Take a scenario, a strategy or a mapping, by what its file holds."""
        if (file := _handed(self.buttons["settings"])) is None:
            return
        if file.suffix.lower() != ".toml":
            raise KitchenError(
                f"{inline(file.name)}: the name of a file of settings ends in .toml."
            )
        data = read_toml(file)
        if "strategy" in data:
            self._take_strategy(file)
        elif data.keys() & set(KEYWORDS):
            self._take_mapping(file)
        else:
            self._take_scenario(data, inline(file.name))

    def _take_strategy(self, file: Handed) -> None:
        strategy = Strategy.load(file)
        self._explorer.add(strategy)
        self._tell(f"{inline(file.name)}: the strategy {shown(strategy.name)} is compared.")

    def _take_mapping(self, file: Handed) -> None:
        """Read the log again as a mapping says; without one, the next."""
        mapping = read_mapping(file)
        if isinstance(mapping.get("menu"), str):
            mapping["menu"] = self._uploaded(mapping["menu"], f"{inline(file.name)}: menu")
        self._mapping = mapping
        self._tell(f"{inline(file.name)}: logs are read as it says.")
        self._take_log()

    def _take_scenario(self, data: dict, name: str) -> None:
        orders = data.get("orders")
        file = orders.get("file") if isinstance(orders, dict) else None
        menu = None
        if isinstance(file, str) and file in os.listdir(SHIPPED):
            data["orders"] = {**orders, "file": str(SHIPPED / file)}
        elif isinstance(file, str):
            menu = self._uploaded(file, f"{name}: orders.file")
            data["orders"] = {key: value for key, value in orders.items() if key != "file"}
        scenario = Scenario.from_dict(data, where=name)
        if menu is not None:
            scenario = scenario.replace({"orders.menu": menu})
        self._explorer.offer_world(scenario)
        self._tell(f"{name}: the scenario {shown(scenario.name)} is shown.")

    def _uploaded(self, file: str, where: str) -> Menu:
        """A menu that was uploaded, by the name of its file."""
        menu = self._menus.get(os.path.basename(file))
        if menu is None:
            raise KitchenError(
                f"{where}: {shown(file)} is a file that this page does not have. Upload the menu first."
            )
        return menu

    def _tell(self, words: str) -> None:
        self.told.value = f'<p class="kt-verdict">{escape(words)}</p>'


def _button(words: str, tooltip: str, endings: str) -> widgets.FileUpload:
    return widgets.FileUpload(
        accept=endings,
        multiple=False,
        description=words,
        tooltip=tooltip,
        layout=widgets.Layout(width="auto"),
    )


def _handed(button: widgets.FileUpload) -> Handed | None:
    """The file of a button, if there is one.

    Raises
    ------
    KitchenError
        If it is too large.
    """
    if not button.value:
        return None
    (file,) = button.value
    content = bytes(file["content"])
    if len(content) > MOST_BYTES:
        raise KitchenError(
            f"{inline(file['name'])}: has {len(content) / 1e6:,.1f} MB, and a page takes up to "
            f"{MOST_BYTES / 1e6:,.0f}. The command line takes more."
        )
    return Handed(os.path.basename(file["name"]), content)
