"""Templates of learned strategies: which rules with parameters they have, and where to begin.

Parameters have units, money a second of shelf for a bid price; so starts and scales come from the
scenario: its mean price, its couriers' mean delay, and how fast its menu decays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from kitchen.engine.trace import Trace
from kitchen.model.strategy import Strategy
from kitchen.model.templates import shipped_template


class Units(NamedTuple):
    """Typical sizes in a scenario.

    Attributes
    ----------
    price : float
        Mean price of an order.
    delay_s : float
        Mean delay of the couriers, seconds.
    decay_per_s : float
        Median over the menu of decay rate by shelf life, 1 / seconds.
    """

    price: float
    delay_s: float
    decay_per_s: float

    @classmethod
    def of(cls, traces: Sequence[Trace]) -> Units:
        """The units of some traces, the mean over them; 1 where there are none."""
        prices, delays, decays = [], [], []
        for trace in traces:
            menu, delay = trace.menu, trace.pickup_s - trace.received_s
            prices.append(_mean(menu.price[trace.item]))
            delays.append(_mean(delay[np.isfinite(delay)]))
            decays.append(_mean(np.median(menu.decay_rate / menu.shelf_life_s, keepdims=True)))
        return cls(*(float(np.mean(part)) for part in (prices, delays, decays)))


def _mean(values: np.ndarray) -> float:
    mean = float(values.mean()) if values.size else 0.0
    return mean if mean > 0 else 1.0


class Template(NamedTuple):
    """A learned strategy without its numbers.

    Attributes
    ----------
    rules : dict of str to str
        Decision -> the shipped rule with parameters; the other decisions are those of the best
        shipped strategy.
    start, scale : callable
        `Units` -> the parameters of each decision to begin with, and how much a change of each may
        matter.
    """

    rules: dict[str, str]
    start: Callable[[Units], dict[str, list[float]]]
    scale: Callable[[Units], dict[str, list[float]]]

    def strategy(self, best: Strategy, units: Units) -> Strategy:
        """The strategy to begin with: the template's rules, and `best` for the other decisions."""
        others = {key: getattr(best, key) for key in ("demote", "recall", "discard", "issue")}
        start = self.start(units)
        rules = {key: shipped_template(key, name, start[key]) for key, name in self.rules.items()}
        return Strategy(**{**others, **rules}, discard_from="anywhere")

    def scales(self, units: Units) -> np.ndarray:
        """The scale of each parameter, in the order of `Strategy.rules`."""
        scale = self.scale(units)
        return np.array(
            [number for key in ("demote", "recall", "discard") for number in scale.get(key, [])]
        )


TEMPLATES = {
    "bid price": Template(
        {"discard": "bid price"},
        start=lambda at: {"discard": [0.15 * at.price / at.delay_s, 0.0]},
        scale=lambda at: {"discard": [0.3 * at.price / at.delay_s, 0.1 * at.price]},
    ),
    "joint": Template(
        {
            "demote": "weighted revenue at risk",
            "recall": "weighted revenue gain",
            "discard": "bid price with home",
        },
        start=lambda at: {
            "demote": [0.0, 0.0, 0.0],
            "recall": [0.0, 0.0, 0.0],
            "discard": [0.15 * at.price / at.delay_s, 0.0, 0.0, 0.0],
        },
        scale=lambda at: {
            "demote": [1.0 / at.delay_s, 0.3 * at.price * at.decay_per_s, 0.3 * at.decay_per_s],
            "recall": [0.5 * at.delay_s, 0.1, 0.1 * at.price / at.delay_s],
            "discard": [
                0.3 * at.price / at.delay_s,
                0.1 * at.price,
                0.1 * at.price / at.delay_s,
                0.2,
            ],
        },
    ),
}
"""Templates by name."""
