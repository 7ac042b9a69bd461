"""What the explorer's controls say, all together."""

from __future__ import annotations

import os
from typing import NamedTuple

from kitchen.errors import KitchenError
from kitchen.model.scenario import Scenario
from kitchen.model.strategy import Strategy
from kitchen.utils.formatting import MOST_NAMED, plain
from kitchen.widgets.app import SERVED
from kitchen.widgets.code import differences
from kitchen.widgets.explorer_files import script

MOST_ORDERS = 1_000_000_000
"""Largest comparison of the widget, orders x strategies: two minutes of one processor."""


class Settings(NamedTuple):
    """Values of the controls that the pictures depend on.

    `of` has those of the first picture and `of_more` those of the second, as the browser knows them;
    `rough` says that a slider is held.
    """

    base: str
    scenario: Scenario
    strategies: list[Strategy]
    replications: int
    seed: int
    measure: str
    view: str
    of: dict[str, list]
    of_more: dict[str, list]
    rough: bool

    @property
    def compared(self) -> tuple:
        """The part that the comparison itself depends on."""
        return self.scenario, self.strategies, self.replications, self.seed

    @property
    def script(self) -> str:
        """Python code that reproduces the figures."""
        return script(*self[: Settings._fields.index("view")])

    def about(self, base: Scenario) -> str:
        """What is compared, in a few words."""
        changes = [f"{path} = {value}" for path, value in differences(base, self.scenario).items()]
        more = f", and {len(changes) - MOST_NAMED} more" if len(changes) > MOST_NAMED else ""
        return plain(f"{self.base}{', '.join(['', *changes[:MOST_NAMED]])}{more}", 100)


def refuse_files(world: Scenario, made: Scenario) -> None:
    """Refuse another menu by its path on a page that is served: it would read this machine's files."""
    if os.environ.get(SERVED) and made.orders.file != world.orders.file:
        raise KitchenError(
            "orders.file: a page that is served reads no files by their paths. Upload the menu instead."
        )


def orders_each(scenario: Scenario) -> float:
    """Orders of a replication, as expected; 0 where only the drawing tells."""
    if scenario.orders.duration_s is not None:
        return scenario.arrivals.expected(scenario.orders.duration_s)
    return scenario.orders.count or 0


def refuse_too_large(settings: Settings) -> None:
    """Refuse a comparison that would keep the page busy for minutes, and say how large it is."""
    each = orders_each(settings.scenario)
    strategies = len(settings.strategies)
    total = each * strategies * settings.replications
    if total > MOST_ORDERS:
        raise KitchenError(
            f"this comparison would simulate {total:,.0f} orders ({strategies} strategies x "
            f"{settings.replications:,} replications x {each:,.0f} orders); a page does up to "
            f"{MOST_ORDERS:,}. Ask for fewer of them, or use kt.compare."
        )
