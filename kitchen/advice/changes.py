"""Changes of one thing in a kitchen: its rules, couriers, shelves or arrivals."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from kitchen.engine.trace import Trace
from kitchen.model.scenario import Scenario
from kitchen.model.strategy import Strategy
from kitchen.utils.formatting import counted

FREE, COSTS = "free", "costs"
"""Kinds of levers: a rule, which takes nothing but a new habit; and what must be paid for."""

COMBINATION = "best combination"
"""Name of the lever that changes all rules at once."""

SOONER, FEWER, MORE_SLOTS = 0.9, 0.9, 1.1
"""Factors of couriers' delays, of the rate of arrivals and of the slots of each shelf."""

NOT_SECONDS = ("distribution", "sigma", "shape")
"""Keys of a distribution that do not change when its delay is scaled."""


class Lever(NamedTuple):
    """One change against today's practice.

    Attributes
    ----------
    name : str
        The change, as in ``"best recall rule"``.
    kind : {"free", "costs"}
    what : str
        What it comes to in this kitchen: the name of the rule, the number of slots.
    scenario : Scenario
    strategy : Strategy
    trace : Trace or None
        Orders that differ from today's, where evenings are replayed.
    """

    name: str
    kind: str
    what: str
    scenario: Scenario
    strategy: Strategy
    trace: Trace | None = None


def with_rules(strategy: Strategy, **rules) -> Strategy:
    """A copy of a strategy with some rules or settings replaced, named by what it then does."""
    settings = {
        decision: getattr(strategy, decision)
        for decision in ("discard", "recall", "demote", "issue")
    }
    settings |= {"recall_when": strategy.recall_when, "discard_from": strategy.discard_from}
    return Strategy(**{**settings, **rules})


# Couriers and arrivals


def scaled_delay(scenario: Scenario, factor: float) -> Scenario:
    """The scenario with every courier's delay multiplied by a factor; the draws stay the same."""
    delay = scenario.couriers.delay.model_dump()
    for key, value in delay.items():
        if key not in NOT_SECONDS and value is not None:
            several = isinstance(value, (list, tuple))
            delay[key] = [factor * one for one in value] if several else factor * value
    return scenario.replace({"couriers.delay": delay})


def scaled_arrivals(scenario: Scenario, factor: float) -> Scenario:
    """The scenario with the rate of arrivals multiplied by a factor.

    Where a duration ends a replication fewer orders come; where a count does, they come more slowly.
    """
    arrivals = scenario.arrivals
    if hasattr(arrivals, "rates"):
        return scenario.replace({"arrivals.rates": [factor * rate for rate in arrivals.rates]})
    return scenario.replace({"arrivals.rate": factor * arrivals.rate})


def sooner_trace(trace: Trace, factor: float) -> Trace:
    """The evenings of a trace with every courier's delay multiplied by a factor."""
    frame = trace.frame()
    frame["pickup_s"] = trace.called_s + factor * (trace.pickup_s - trace.called_s)
    return replace(Trace.from_frame(frame), delay_from=trace.delay_from)


def thinned_trace(trace: Trace, factor: float) -> Trace:
    """The evenings of a trace with this share of their orders, evenly spread."""
    frame = trace.frame()
    before, after = (np.floor((frame["order"] + nth) * factor) for nth in (0, 1))
    fewer = Trace.from_frame(frame[(after > before).to_numpy()])
    return replace(fewer, delay_from=trace.delay_from)


def informations(scenario: Scenario) -> list[tuple[str, Scenario]]:
    """The scenario with exact courier information and without any, as far as today's differs."""
    called = {"exact": "exact courier information", "unknown": "no courier information"}
    return [
        (name, scenario.replace({"eta": eta}))
        for eta, name in called.items()
        if scenario.eta != eta and not (eta == "exact" and scenario.eta == 0)
    ]


# Shelves


def more_slots(scenario: Scenario) -> list[tuple[str, str, Scenario]]:
    """Name, slots and scenario: one slot more on each shelf by itself, and 10 % more on all."""
    made = []
    for nth, shelf in enumerate(scenario.shelves):
        one = scenario.replace({f"shelves.{nth}.capacity": shelf.capacity + 1})
        made.append((f"one more slot: {shelf.name}", f"{shelf.capacity + 1:,} slots", one))
    more = {
        f"shelves.{nth}.capacity": math.ceil(round(MORE_SLOTS * shelf.capacity, 6))
        for nth, shelf in enumerate(scenario.shelves)
    }
    added = sum(more.values()) - sum(shelf.capacity for shelf in scenario.shelves)
    made.append(("10 % more slots", f"{counted(added, 'slot')} more", scenario.replace(more)))
    return made


def gentle_overflow(scenario: Scenario, temps: list[str]) -> Scenario | None:
    """The scenario in which food ages on later shelves as slowly as at home; None if it does now."""
    changes = {}
    for nth, shelf in enumerate(scenario.shelves):
        now = {temp: shelf.modifier_of(temp) for temp in temps if shelf.takes(temp)}
        homes = {temp: scenario.shelves[scenario.shelves_of(temp)[0]] for temp in now}
        gentle = {temp: min(pace, homes[temp].modifier_of(temp)) for temp, pace in now.items()}
        if gentle != now:
            changes[f"shelves.{nth}.modifier"] = gentle
    return scenario.replace(changes) if changes else None
