"""Shipped rules with tunable parameters, by name: what a learned strategy is made of.

A file names such a rule and gives its numbers, ``discard = { rule = "bid price", params = [0.003,
-0.5] }``, so that it runs no code.

Examples
--------
>>> shipped_template("discard", "bid price", [0.003, -0.5])
Rule(name='bid price', params=(0.003, -0.5))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from kitchen.errors import RuleError, shown, unknown
from kitchen.model.rules import BUILT_IN, Rule
from kitchen.utils.validation import plain_value

LONGEST_S = 1e9
"""Seconds that stand for never: a score must be a number even where nobody comes and nothing spoils."""


def bid_price(order, p):
    """What brings least once each second of its slot is paid for: p[0] a second, p[1] to enter."""
    holds_s = min(order.pickup_in_s, order.expires_in_s, LONGEST_S)
    return order.price * order.value_at_pickup - p[0] * holds_s - p[1] * order.is_newcomer


def bid_price_with_home(order, p):
    """A bid price also for each second until pickup, p[2], with what home could still save, p[3]."""
    waits_s = min(order.pickup_in_s, LONGEST_S)
    holds_s = min(waits_s, order.expires_in_s)
    brings = order.price * (order.value_at_pickup + p[3] * order.value_at_pickup_home)
    return brings - p[0] * holds_s - p[1] * order.is_newcomer - p[2] * waits_s


def weighted_revenue_at_risk(order, p):
    """What a bad shelf costs least a second: also by its time there, its revenue, and being new."""
    holds_s = min(order.pickup_in_s, order.expires_in_s, LONGEST_S)
    risk = order.price * order.decay_rate / order.shelf_life_s * (1.0 + p[0] * holds_s)
    return risk + p[1] * order.is_newcomer + p[2] * order.price * order.value_at_pickup


def weighted_revenue_gain(order, p):
    """What gains most revenue at home: also by its risk a second, its revenue, and its time there."""
    gain = order.price * (order.value_at_pickup_home - order.value_at_pickup)
    risk = order.price * order.decay_rate / order.shelf_life_s
    holds_s = min(order.pickup_in_s, order.expires_in_s, LONGEST_S)
    weight = gain + p[0] * risk + p[1] * order.price * order.value_at_pickup - p[2] * holds_s
    return -weight


class Parametrised(NamedTuple):
    """A shipped function of an order and `size` parameters."""

    function: Callable
    size: int


def _by_name(sizes: Mapping[Callable, int]) -> dict[str, Parametrised]:
    """Functions by name: the function's name with spaces."""
    return {f.__name__.replace("_", " "): Parametrised(f, size) for f, size in sizes.items()}


PARAMETRISED: dict[str, dict[str, Parametrised]] = {
    "demote": _by_name({weighted_revenue_at_risk: 3}),
    "recall": _by_name({weighted_revenue_gain: 3}),
    "discard": _by_name({bid_price: 2, bid_price_with_home: 4}),
    "issue": {},
}
"""The shipped rules with parameters of each decision, by name."""


def shipped_template(decision: str, name: str, params) -> Rule:
    """A shipped rule with these parameters.

    Raises
    ------
    RuleError
        If there is no such rule for this decision, or it takes another number of parameters.
    """
    there = PARAMETRISED[decision]
    if name not in there:
        if name in BUILT_IN[decision]:
            raise RuleError(
                f"{decision} rule {shown(name)} takes no params. Write {decision} = {name!r} alone."
            )
        raise RuleError(unknown(f"{decision} rule with params", name, there))
    function, size = there[name]
    rule = Rule(function, name, plain_value(params))
    if len(rule.params) != size:
        raise RuleError(f"{decision} rule {name!r} takes {size} params, got {len(rule.params)}.")
    return rule


def rule_in_file(decision: str, rule: Rule) -> str | dict | None:
    """A rule as a file names it, with its parameters if it has any; None if it does not ship."""
    if BUILT_IN[decision].get(rule.name) == rule:
        return rule.name
    template = PARAMETRISED[decision].get(rule.name)
    if template and template.function is rule.function and template.size == len(rule.params):
        return {"rule": rule.name, "params": list(rule.params)}
    return None
