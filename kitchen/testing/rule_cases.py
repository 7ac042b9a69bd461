"""Test cases for rules: ordinary and extreme orders, and the outcome of a call."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from kitchen.errors import shown
from kitchen.model.rules import CANDIDATE, FIELDS, Rule

ORDINARY = 48
"""Number of ordinary orders, which come first."""


@cache
def _ordinary(decision: str) -> np.ndarray:
    """Ordinary candidates: shelves 0 to 2 are the homes of three temps, 3 is their overflow."""
    rng = np.random.default_rng(0)
    orders = np.zeros(ORDINARY, CANDIDATE)
    temp, life = rng.integers(0, 3, ORDINARY), rng.uniform(20.0, 600.0, ORDINARY)
    decay, age = rng.uniform(0.05, 0.9, ORDINARY), rng.uniform(0.1, 30.0, ORDINARY)
    new = np.zeros(ORDINARY, bool)
    if decision in ("demote", "discard"):
        new[::4] = True
    home = {"demote": True, "recall": False}.get(decision, rng.random(ORDINARY) < 0.5)
    pace = decay / life * np.where(home, 1.0, 2.0)
    age[new] = 0.0
    value = 1.0 - age * pace
    pickup = rng.uniform(0.1, 40.0, ORDINARY)
    pickup[1::5] *= 20.0  # some that will spoil before their couriers come
    orders["value"] = np.maximum(value, 0.05)
    orders["age_s"] = orders["waited_s"] = age
    orders["weighted_age_s"] = age * np.where(home, 1.0, 2.0)
    orders["shelf_life_s"], orders["decay_rate"] = life, decay
    orders["price"] = rng.uniform(3.0, 30.0, ORDINARY)
    orders["temp"], orders["shelf"] = temp, np.where(new, -1, np.where(home, temp, 3))
    orders["expires_in_s"] = orders["value"] / pace
    orders["expires_in_home_s"] = orders["value"] / (decay / life)
    orders["pickup_in_s"] = pickup
    orders["value_at_pickup"] = np.maximum(orders["value"] - pickup * pace, 0.0)
    orders["value_at_pickup_home"] = np.maximum(orders["value"] - pickup * (decay / life), 0.0)
    orders["is_newcomer"] = new
    orders["home_fill"], orders["overflow_fill"] = 1.0, rng.uniform(0.3, 1.0, ORDINARY)
    orders["u"] = rng.random(ORDINARY)
    return orders


_NO_DECAY = {
    "decay_rate": 0.0,
    "value": 1.0,
    "expires_in_s": math.inf,
    "expires_in_home_s": math.inf,
    "value_at_pickup": 1.0,
    "value_at_pickup_home": 1.0,
}
_SPOILED = dict.fromkeys(
    ("value", "expires_in_s", "expires_in_home_s", "value_at_pickup", "value_at_pickup_home"), 0.0
)
_JUST_READY = {"age_s": 0.0, "waited_s": 0.0, "weighted_age_s": 0.0, "value": 1.0}
_EDGES: dict[str, Mapping[str, float]] = {
    "an order that has just become ready": _JUST_READY,
    "an order that never expires": _NO_DECAY,
    "an order that has expired and keeps its slot": _SPOILED,
    "an order whose courier is due": {"pickup_in_s": 0.0},
    "an order that costs nothing": {"price": 0.0},
    "an order with the lowest tie-breaker": {"u": 0.0},
    "an order with the highest tie-breaker": {"u": 1.0 - 2.0**-53},
    "an order in an empty kitchen": {"home_fill": 0.0, "overflow_fill": 0.0},
    "an order in a full kitchen": {"home_fill": 1.0, "overflow_fill": 1.0},
    "an order of tiny numbers": {
        "shelf_life_s": 1e-6,
        "decay_rate": 1e-9,
        "age_s": 1e-9,
        "waited_s": 1e-9,
        "weighted_age_s": 1e-9,
        "price": 1e-9,
        "expires_in_s": 1e-9,
        "expires_in_home_s": 1e-9,
        "pickup_in_s": 1e-9,
        "value": 1e-12,
        "value_at_pickup": 1e-12,
        "value_at_pickup_home": 1e-12,
    },
    "an order of huge numbers": {
        "shelf_life_s": 1e9,
        "decay_rate": 1e6,
        "age_s": 1e7,
        "waited_s": 1e7,
        "weighted_age_s": 1e8,
        "price": 1e9,
        "expires_in_s": 1e9,
        "expires_in_home_s": 1e9,
        "pickup_in_s": 1e7,
    },
}


@cache
def _with_edges(decision: str) -> tuple[np.ndarray, tuple[str, ...]]:
    ordinary = _ordinary(decision)
    rows, labels = [ordinary], []
    for order in ordinary:
        labels.append("an ordinary newcomer" if order["is_newcomer"] else "an ordinary order")
    for base in (ordinary[1:2], ordinary[:1][ordinary["is_newcomer"][:1] == 1.0]):
        for label, changes in _EDGES.items() if base.size else ():
            row = base.copy()
            for name, value in changes.items():
                row[name] = value
            rows.append(row)
            new = base["is_newcomer"][0] == 1.0
            labels.append(label.replace("an order", "a newcomer", 1) if new else label)
    return np.concatenate(rows), tuple(labels)


def trial_orders(decision: str) -> tuple[np.recarray, tuple[str, ...]]:
    """Candidate orders of a decision, ordinary ones first, and a description of each."""
    orders, labels = _with_edges(decision)
    return orders.copy().view(np.recarray), labels


@dataclass(frozen=True)
class Outcome:
    """Outcome of one call of a rule: a score, an error, or a result that is not a number."""

    score: float | None = None
    error: Exception | None = None
    odd: str = ""

    def differs(self, other: Outcome) -> bool:
        """Whether two outcomes differ by more than rounding."""
        if self.score is None or other.score is None:
            return (self.score is None) != (other.score is None)
        if self.score == other.score or (math.isnan(self.score) and math.isnan(other.score)):
            return False
        return not math.isclose(self.score, other.score, rel_tol=1e-9)

    def __str__(self):
        if self.error is not None:
            return f"raises {type(self.error).__name__}: {self.error}"
        return f"returns {self.odd or shown(self.score)}"


def outcome_of(function: Callable, order) -> Outcome:
    """Call a rule for one order and return the outcome."""
    try:
        with np.errstate(all="ignore"):
            value = function(order)
    except Exception as error:
        return Outcome(error=error)
    if isinstance(value, (bool, np.bool_)):
        return Outcome(score=float(value), odd=str(bool(value)))
    if isinstance(value, (int, float, np.number)) and not isinstance(value, np.complexfloating):
        try:
            return Outcome(score=float(value))
        except OverflowError:
            return Outcome(score=math.inf if value > 0 else -math.inf)
    return Outcome(
        odd="nothing (None)" if value is None else f"{type(value).__name__} {shown(value)}"
    )


class _Watch:
    """A candidate that records which of its fields are read."""

    def __init__(self, order, read: set[str]):
        object.__setattr__(self, "_order", order)
        object.__setattr__(self, "_read", read)

    def __getattr__(self, name):
        self._read.add(name)
        return getattr(self._order, name)

    def __getitem__(self, name):
        self._read.add(list(FIELDS)[name] if isinstance(name, int) else name)
        return self._order[name]


def fields_read(rule: Rule, orders) -> set[str]:
    """Fields that a rule reads when it scores the candidates."""
    read: set[str] = set()
    for order in orders:
        outcome_of(rule, _Watch(order.copy(), read))
    return read & set(FIELDS)
