"""How measures and settings are written: titles, units, and which way is better."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kitchen.drawing import signed
from kitchen.errors import KitchenError, unknown
from kitchen.intervals import OCCUPANCY
from kitchen.looks import plain

MEAN = ("mean", "low", "high")
DIFFERENCE = ("difference", "difference_low", "difference_high")


class Measure(NamedTuple):
    """How a measure is written."""

    title: str
    unit: str
    is_share: bool = False
    more_is_better: bool = False

    def written(self, number: float) -> str:
        if np.isnan(number):
            return "no orders"
        return f"{100 * number:.2f} %" if self.is_share else f"{number:,.4g}"

    def difference(self, number: float) -> str:
        if np.isnan(number):
            return "no orders"
        return signed(100 * number if self.is_share else number, 2)

    @property
    def better(self) -> str:
        return "more is better" if self.more_is_better else "less is better"


MEASURES = {
    "wasted_share": Measure("wasted orders", "% of orders", True),
    "expired_share": Measure("expired orders", "% of orders", True),
    "discarded_share": Measure("discarded orders", "% of orders", True),
    "value_per_order": Measure("value delivered", "% of full value per order", True, True),
    "lost_per_order": Measure("value lost", "% of full value per order", True),
    "waste_cost": Measure("price of the wasted orders", "in the menu's prices, per replication"),
    "wait_mean_s": Measure("mean wait of delivered orders", "s"),
    "moves": Measure("moves between shelves", "per replication"),
}


def measure_named(measure: str) -> Measure:
    """How a measure is written; the orders on a shelf are one for each shelf."""
    if measure.startswith(OCCUPANCY):
        return Measure(f"orders on {plain(measure.removeprefix(OCCUPANCY), 30)}", "mean number")
    if measure not in MEASURES:
        raise KitchenError(unknown("measure", measure, MEASURES))
    return MEASURES[measure]


def unit_of(setting: str) -> str:
    """What the numbers of a setting count."""
    last = setting.rsplit(".", 1)[-1]
    if setting == "arrivals.rate":
        return "orders per second"
    if last == "capacity":
        return "slots"
    if last.endswith("_s") or setting.startswith("couriers.delay."):
        return "s"
    return "orders" if last == "count" else "as set"
