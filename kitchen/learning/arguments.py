"""Arguments that tuning, selecting and learning share: scenarios and the measure."""

from __future__ import annotations

from collections.abc import Sequence

from kitchen.engine.draw import menu_of
from kitchen.engine.trace import Trace
from kitchen.errors import KitchenError, inline
from kitchen.model.measures import MEASURES, PRIMARY_MEASURE, primary_measure
from kitchen.model.scenario import Scenario, require_scenario
from kitchen.model.strategy import Strategy
from kitchen.utils.formatting import quoted
from kitchen.utils.validation import one_of

LONGEST_NAME = 160
"""Characters of a name that a verdict writes in full: it tells the decisions of a combination."""


def scenarios_of(scenario: Scenario | Sequence[Scenario]) -> tuple[Scenario, ...]:
    """One scenario or several as a tuple.

    Raises
    ------
    KitchenError
        If there is none, or something else is among them.
    """
    several = tuple(scenario) if isinstance(scenario, (list, tuple)) else (scenario,)
    if not several:
        raise KitchenError("scenario: there must be at least one.")
    for own in several:
        require_scenario(own)
    return several


def measure_of(
    measure: str | None, scenarios: Sequence[Scenario], trace: Trace | None = None
) -> str:
    """The measure to improve: that which is asked for, else the one that ranks strategies.

    That is lost revenue where the prices of every scenario's menu differ, or those of the evenings of
    a trace, else lost value.

    Raises
    ------
    KitchenError
        If there is no such measure.
    """
    if measure is not None:
        return one_of("measure", measure, MEASURES)
    menus = map(menu_of, scenarios) if trace is None else [trace.menu]
    primary = set(map(primary_measure, menus))
    return primary.pop() if len(primary) == 1 else PRIMARY_MEASURE


def titled(scenarios: Sequence[Scenario]) -> str:
    """The scenarios' names for a sentence or a heading."""
    return ", ".join(scenario.name for scenario in scenarios)


def called(strategy: Strategy) -> str:
    """A strategy's name between quotes, whole unless it is longer than any of shipped rules."""
    name = strategy.name
    return f"'{inline(name)}'" if len(name) <= LONGEST_NAME else quoted(name)


def currency_of(scenarios: Sequence[Scenario]) -> str:
    """The currency of the scenarios; empty where they have none, or several."""
    currencies = {scenario.orders.currency for scenario in scenarios}
    return currencies.pop() if len(currencies) == 1 else ""
