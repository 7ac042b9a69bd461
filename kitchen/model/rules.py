"""Rules: the fields that a rule may read, and the shipped rules.

Examples
--------
>>> import kitchen as kt
>>> list(kt.rules.BUILT_IN["issue"])
['first in first out', 'last in first out', 'lowest value', 'soonest to expire']
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property

import numpy as np

from kitchen.errors import RuleError, shown, unknown
from kitchen.model.inspection import fields_named, sole_field
from kitchen.utils.jit import first_class
from kitchen.utils.validation import instance, is_finite, is_text, plain_value

FIELDS = {
    "value": "normalised value now",
    "age_s": "seconds since it was ready",
    "weighted_age_s": "seconds, each counted as fast as its shelf ages food",
    "shelf_life_s": "seconds",
    "decay_rate": "of the order",
    "price": "of the order",
    "temp": "index of its temp",
    "shelf": "index of the shelf it stands on; -1 for a newcomer",
    "expires_in_s": "seconds until it expires where it is (a newcomer: where it would be put)",
    "expires_in_home_s": "the same, were it at home from now on",
    "pickup_in_s": "expected seconds until its courier comes",
    "value_at_pickup": "its value then, if it stays; 0 if expired",
    "value_at_pickup_home": "its value then, were it at home from now on; 0 if expired",
    "waited_s": "seconds since it was ready",
    "is_newcomer": "1 or 0",
    "home_fill": "share of the slots of its home that are taken",
    "overflow_fill": "share of the slots of its overflow that are taken",
    "u": "a uniform number, this order's at this decision",
}
"""Fields of a candidate order, in the order of the record -> their meaning and unit."""

INDEX_OF = {name: i for i, name in enumerate(FIELDS)}
"""Index of each field in the record."""

CANDIDATE = np.dtype(
    [(name, np.int64 if name in ("temp", "shelf") else np.float64) for name in FIELDS], align=True
)
"""Dtype of a candidate order."""

SHIPPED_IN = (__name__, "kitchen.model.templates")
"""Modules whose rules depend on their own file alone, and so are kept compiled on disk."""

DECISIONS = ("demote", "recall", "discard", "issue")
"""Decisions of a strategy, in the engine's order."""


@cache
def rule_signature() -> tuple:
    """Numba types of a rule's arguments: candidates, their scores, how many, and parameters."""
    import numba

    return numba.from_dtype(CANDIDATE)[::1], "float64[::1]", "int64", "float64[::1]"


@dataclass(frozen=True)
class Rule:
    """A rule: a function that scores one order, with its name and parameters; the lowest is chosen.

    Parameters
    ----------
    function : callable
        ``function(order)``, or ``function(order, p)`` with tunable numbers.
    name : str, optional
        By default that of the function.
    params : sequence of float
        Values of the array ``p``.

    Raises
    ------
    RuleError
        If the function does not take an order, or an order and parameters, or if the parameters
        are not finite numbers.

    Examples
    --------
    >>> import kitchen as kt
    >>> def mix(order, p):
    ...     return p[0] * order.value - p[1] * order.pickup_in_s
    >>> kt.Rule(mix, params=(1.0, 0.05))
    Rule(name='mix', params=(1.0, 0.05))
    """

    function: Callable = field(repr=False)
    name: str = ""
    params: tuple[float, ...] = ()
    description: str = field(default="", repr=False, compare=False)

    def __post_init__(self):
        for key in ("name", "description"):
            if not is_text(instance(key, getattr(self, key), str, error=RuleError)):
                raise RuleError(f"rule: {key}: holds half of a surrogate pair.")
        if not inspect.isfunction(self.function):
            raise RuleError(
                f"rule {shown(self.name or self.function)} must be a plain Python function "
                f"(def or lambda), got {type(self.function).__name__}."
            )
        if inspect.iscoroutinefunction(self.function) or inspect.isgeneratorfunction(self.function):
            raise RuleError(
                f"rule {self.name or self.function.__name__!r} must return a number: write it "
                "without yield and async."
            )
        object.__setattr__(self, "name", self.name or self.function.__name__)
        params = plain_value(self.params)
        if not isinstance(params, Iterable) or isinstance(params, (str, bytes, Mapping)):
            params = [math.nan]
        params = list(params)
        if not all(map(is_finite, params)):
            raise RuleError(
                f"rule {shown(self.name)}: params must be finite numbers. Give them in a list, "
                f"kt.Rule(f, params=[1.0, 0.5]), in place of {shown(self.params)}."
            )
        object.__setattr__(self, "params", tuple(map(float, params)))
        if not self.description:
            lines = (inspect.getdoc(self.function) or "").splitlines()
            object.__setattr__(self, "description", lines[0] if lines else "")
        self.takes_params  # noqa: B018 - refuse a wrong signature now, not in the engine

    @cached_property
    def takes_params(self) -> bool:
        """Whether the function takes parameters as well as the order."""
        signature = inspect.signature(self.function)
        for count in (1, 2):
            try:
                signature.bind(*range(count))
            except TypeError:
                continue
            if count == 2 and not self.params:
                name = self.function.__name__
                raise RuleError(
                    f"rule {shown(self.name)} takes parameters, {name}{signature}, and has none. "
                    f"Give their values: kt.Rule({name}, params=[...])."
                )
            if count == 2 or not self.params:
                return count == 2
        raise RuleError(
            f"rule {self.name!r} must take (order), or (order, p) with its parameters, "
            f"got {self.name}{signature} and {len(self.params)} parameters."
        )

    @cached_property
    def fields(self) -> frozenset[str]:
        """Fields of the candidate that the code may read; all if that cannot be determined."""
        named = fields_named(self.function)
        return frozenset(FIELDS) if named is None or named - FIELDS.keys() else named

    @cached_property
    def single(self) -> tuple[int, float] | None:
        """Index and sign of the field of a rule that is one field or minus one field, else None."""
        sole = None if self.takes_params else sole_field(self.function)
        if sole is None or sole[0] not in FIELDS or sole[0] in ("temp", "shelf"):
            return None
        return INDEX_OF[sole[0]], sole[1]

    @property
    def compiled(self):
        """The rule as a first-class compiled function that writes the scores of many candidates."""
        given = 2 if self.takes_params else 1
        ships = self.function.__module__ in SHIPPED_IN
        return first_class(self.function, rule_signature(), given, "rule", FIELDS, kept=ships)

    def scores(self, orders: np.ndarray, params: np.ndarray | None = None) -> np.ndarray:
        """Scores of candidates by the compiled rule, as the engine asks for them.

        Parameters
        ----------
        orders : records of dtype `CANDIDATE`, shape (orders,)
        params : float64 array, optional
            In place of the rule's own.

        Returns
        -------
        float64 array, shape (orders,)

        Examples
        --------
        >>> import numpy as np
        >>> import kitchen as kt
        >>> orders = np.zeros(3, kt.rules.CANDIDATE)
        >>> orders["age_s"] = [4.0, 9.0, 1.0]
        >>> kt.rules.BUILT_IN["discard"]["oldest"].scores(orders)
        array([-4., -9., -1.])
        """
        scores = np.empty(len(orders))
        self.compiled(
            orders, scores, len(orders), np.array(self.params) if params is None else params
        )
        return scores

    def __call__(self, order) -> float:
        """Score of one candidate, in plain Python."""
        if self.takes_params:
            return self.function(order, np.array(self.params))
        return self.function(order)


NEVER_S = 1e300
"""Seconds that stand for never where a rule must still choose: a score of inf means never this one."""


# Discard: which order is discarded when an arrival is blocked


def discard_newcomer(order):
    """The newcomer goes; nothing that stands on a shelf is touched."""
    return 0.0 if order.is_newcomer else math.inf


def random(order):
    """Anyone, drawn by lot."""
    return order.u


def oldest(order):
    """What has been ready for longest."""
    return -order.age_s


def newest(order):
    """Of those on the shelf, what came last; the newcomer is kept."""
    return math.inf if order.is_newcomer else order.age_s


def lowest_value(order):
    """What is worth least now."""
    return order.value


def soonest_to_expire(order):
    """What would spoil first where it stands; of what never spoils, the newcomer first."""
    return min(order.expires_in_s, NEVER_S if order.is_newcomer else 2.0 * NEVER_S)


def latest_pickup(order):
    """What its courier is expected for latest."""
    return -order.pickup_in_s


def expires_before_pickup(order):
    """What will spoil before its courier comes, the worst of it first; else the latest pickup."""
    if order.expires_in_s <= order.pickup_in_s:
        return order.value - 2.0
    return 1.0 / (1.0 + order.pickup_in_s)


def lowest_value_at_pickup(order):
    """What will be worth least when its courier comes."""
    return order.value_at_pickup


def lowest_value_per_shelf_second(order):
    """What brings least for the time that it will hold its slot."""
    holds_s = min(order.pickup_in_s, order.expires_in_s)
    return order.value_at_pickup / max(holds_s, 1e-6)


def cheapest(order):
    """What costs least."""
    return order.price


def lowest_revenue_at_pickup(order):
    """What will bring least money: its price times its value when its courier comes."""
    return order.price * order.value_at_pickup


def lowest_revenue_per_shelf_second(order):
    """What brings least money for the time that it will hold its slot."""
    holds_s = min(order.pickup_in_s, order.expires_in_s)
    return order.price * order.value_at_pickup / max(holds_s, 1e-6)


# Recall: which order moves to an earlier shelf when a slot there comes free


def first_in(order):
    """What has been ready for longest."""
    return -order.age_s


def fastest_decaying(order):
    """What has the highest decay rate."""
    return -order.decay_rate


def largest_gain(order):
    """What gains most value until its courier comes."""
    return order.value_at_pickup - order.value_at_pickup_home


def largest_revenue_gain(order):
    """What gains most money until its courier comes: its price times the gain in value."""
    return order.price * (order.value_at_pickup - order.value_at_pickup_home)


# Demote: which order goes to a later shelf to make room for the newcomer at home


def slowest_decaying(order):
    """What a bad shelf harms least a second: low decay rate, long shelf life."""
    return order.decay_rate / order.shelf_life_s


def least_harmed(order):
    """What a good shelf helps least until its courier comes; whoever it helps most stays home."""
    if order.decay_rate == 0.0:  # whenever its courier comes, if ever
        return 0.0
    return order.decay_rate * order.pickup_in_s / order.shelf_life_s


def least_revenue_at_risk(order):
    """What a bad shelf costs least money a second: low price, low decay rate, long shelf life."""
    return order.price * order.decay_rate / order.shelf_life_s


# Issue: which order a courier of the pool takes


def first_in_first_out(order):
    """What has been ready for longest."""
    return -order.age_s


def last_in_first_out(order):
    """What became ready last."""
    return order.age_s


def _by_name(*functions) -> dict[str, Rule]:
    """Rules by name: the function's name with spaces."""
    rules = (Rule(function, function.__name__.replace("_", " ")) for function in functions)
    return {rule.name: rule for rule in rules}


BUILT_IN: dict[str, dict[str, Rule]] = {
    "demote": _by_name(slowest_decaying, least_harmed, least_revenue_at_risk),
    "recall": _by_name(
        first_in, fastest_decaying, soonest_to_expire, largest_gain, largest_revenue_gain
    ),
    "discard": _by_name(
        discard_newcomer,
        random,
        oldest,
        newest,
        lowest_value,
        soonest_to_expire,
        latest_pickup,
        expires_before_pickup,
        lowest_value_at_pickup,
        lowest_value_per_shelf_second,
        cheapest,
        lowest_revenue_at_pickup,
        lowest_revenue_per_shelf_second,
    ),
    "issue": _by_name(first_in_first_out, last_in_first_out, lowest_value, soonest_to_expire),
}
"""The shipped rules of each decision, by name."""

NO_RULE = {
    "demote": ("nobody", "the newcomer goes to the first of its shelves that has room"),
    "recall": ("none", "what stands on a later shelf stays there"),
    "issue": ("matched", "each courier takes exactly its own order"),
}
"""Name and meaning of a decision without a rule."""


def find_rule(decision: str, rule: str | Callable | Rule | None) -> Rule | None:
    """The rule of a decision, by name or from a function; None for no rule.

    Raises
    ------
    RuleError
        If the name is unknown for this decision, or the value is not a rule.

    Notes
    -----
    A name is looked up among the rules of that decision only: "oldest" to discard is "first in" to
    recall. A `Rule` or a function serves any decision.
    """
    absent = NO_RULE[decision][0] if decision in NO_RULE else None
    if isinstance(rule, Rule):
        return rule
    if isinstance(rule, str):
        if rule == absent:
            return None
        if rule not in BUILT_IN[decision]:
            raise RuleError(_no_such_rule(decision, rule))
        return BUILT_IN[decision][rule]
    if rule is None and absent:
        return None
    if callable(rule):
        return Rule(rule)
    raise RuleError(f"{decision} rule: must be a name or a function, got {shown(rule)}.")


def _no_such_rule(decision: str, name: str) -> str:
    """Message for an unknown rule: the closest name, or the decision that has such a rule."""

    def named(decision):
        return [*BUILT_IN[decision], *NO_RULE.get(decision, ())[:1]]

    elsewhere = [d for d in ("discard", "recall", "demote", "issue") if name in named(d)]
    if not elsewhere:
        return unknown(f"{decision} rule", name, named(decision))
    article = "an" if elsewhere[0] == "issue" else "a"
    return (
        f"{decision} rule {name!r} is unknown: it is {article} {' or '.join(elsewhere)} rule. "
        f"There are: {', '.join(named(decision))}."
    )
