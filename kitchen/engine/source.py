"""Source of the orders of replications: drawn from a scenario, or those of a given trace."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kitchen.engine.draw import draw, menu_of, orders_per_replication
from kitchen.engine.trace import Trace
from kitchen.errors import KitchenError
from kitchen.model.menu import Menu
from kitchen.model.scenario import Scenario
from kitchen.utils.formatting import counted
from kitchen.utils.validation import instance


@dataclass(frozen=True, eq=False)
class Source:
    """Where the orders of replications come from.

    Attributes
    ----------
    scenario : Scenario
        Drawn from, unless there is a trace.
    seed : int
        Of the draws.
    trace : Trace or None
        Evenings that are replayed instead.

    Examples
    --------
    >>> from kitchen.model.scenario import Scenario
    >>> drawn = Source(Scenario.load("rush"), seed=1)
    >>> drawn.take(2, 4).replications.tolist()
    [2, 3]
    >>> Source(drawn.scenario, trace=drawn.take(5, 8)).take(1, 3).replications.tolist()
    [6, 7]
    """

    scenario: Scenario
    seed: int = 1
    trace: Trace | None = None

    @cached_property
    def menu(self) -> Menu:
        """The kinds of order."""
        return menu_of(self.scenario) if self.trace is None else self.trace.menu

    @property
    def orders_each(self) -> float:
        """Orders of a replication, on average."""
        if self.trace is None:
            return orders_per_replication(self.scenario, self.menu)
        return len(self.trace) / max(self.trace.replications.size, 1)

    def take(self, start: int, stop: int) -> Trace:
        """The orders of the replications from `start` to before `stop`; of a trace, by position."""
        if self.trace is None:
            return draw(self.scenario, stop - start, self.seed, first=start, menu=self.menu)
        return self.trace.take(np.arange(start, stop))


def require_evenings(trace, fewest: int, what_for: str) -> None:
    """Refuse a trace of too few evenings to be divided; `what_for` says what each half is for.

    Raises
    ------
    KitchenError
        Also if it is no trace.
    """
    number = instance("trace", trace, Trace, "Make one with Trace.from_frame.").replications.size
    if number < fewest:
        raise KitchenError(
            f"trace: has {counted(number, 'evening')}, and at least {fewest} are needed: {what_for}"
        )
