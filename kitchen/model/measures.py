"""The registry of measures: what strategies are compared by, with title, unit and direction.

A measure is a column of `Run.summary`. Everything that is said of one stands here and nowhere else:
to add one, compute its column in `simulation/frames.py` and describe it in `MEASURES`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kitchen.errors import KitchenError, unknown
from kitchen.utils.formatting import number_text, plain, signed

MEAN = ("mean", "low", "high")
"""Columns of a mean and its interval."""

DIFFERENCE = ("difference", "difference_low", "difference_high")
"""Columns of a difference to the baseline and its interval."""


class Measure(NamedTuple):
    """A quantity by which strategies are compared.

    Attributes
    ----------
    title, unit : str
        For axes and tables.
    is_share : bool
        Between 0 and 1, written in percent.
    more_is_better : bool
        Otherwise less is better.
    sentence : str
        What it says, with ``{}`` for the figure; empty where shelves are not sized for it.
    """

    title: str
    unit: str
    is_share: bool = False
    more_is_better: bool = False
    sentence: str = ""

    @property
    def better(self) -> str:
        return "more is better" if self.more_is_better else "less is better"

    @property
    def scale(self) -> int:
        """By what figures are multiplied before they are written: 100 for percent."""
        return 100 if self.is_share else 1

    def written(self, number: float) -> str:
        """A figure with its unit, for a table."""
        if np.isnan(number):
            return "no orders"
        return f"{100 * number:.2f} %" if self.is_share else f"{number:,.4g}"

    def difference(self, number: float) -> str:
        """A signed difference; percentage points for a share."""
        return "no orders" if np.isnan(number) else signed(self.scale * number, 2)

    def figure(self, number: float) -> str:
        """A figure in three or four digits, for a sentence."""
        return f"{100 * max(number, 0.0):.3g} %" if self.is_share else number_text(number)

    def told(self, number: float) -> str:
        """The sentence with its figure."""
        return self.sentence.replace("{}", self.figure(number), 1)


MEASURES = {
    "wasted_share": Measure(
        "wasted orders", "% of orders", True, sentence="{} of the orders are wasted"
    ),
    "expired_share": Measure(
        "expired orders", "% of orders", True, sentence="{} of the orders expire"
    ),
    "discarded_share": Measure(
        "discarded orders", "% of orders", True, sentence="{} of the orders are discarded"
    ),
    "value_per_order": Measure("value delivered", "% of full value per order", True, True),
    "lost_per_order": Measure(
        "value lost", "% of full value per order", True,
        sentence="{} of the value of the orders is lost",
    ),
    "waste_cost": Measure(
        "price of the wasted orders", "in the menu's prices, per replication",
        sentence="orders worth {} are wasted in a replication",
    ),
    "wait_mean_s": Measure("mean wait of delivered orders", "s"),
    "moves": Measure("moves between shelves", "per replication"),
}  # fmt: skip
"""Name of the column in `Run.summary` -> what it means; those of all orders together."""

PRIMARY_MEASURE = "lost_per_order"
"""The measure that ranks strategies unless another one is asked for."""

BY_TEMP = "wasted_share_"
"""Prefix of the columns about the orders of one temp."""

BY_SHELF = "occupancy_"
"""Prefix of the columns with the mean number of orders on one shelf."""


def measure_named(measure: str) -> Measure:
    """The description of a measure; of one temp's orders or of one shelf too.

    Raises
    ------
    KitchenError
        If there is no such measure.
    """
    if measure in MEASURES:
        return MEASURES[measure]
    if measure.startswith(BY_SHELF):
        shelf = plain(measure.removeprefix(BY_SHELF), 30)
        return Measure(f"orders on {shelf}", "mean number")
    if measure.startswith(BY_TEMP):
        temp = plain(measure.removeprefix(BY_TEMP), 24)
        sentence = f"{{}} of the {temp} orders are wasted"
        return Measure(f"wasted {temp} orders", f"% of {temp} orders", True, sentence=sentence)
    raise KitchenError(unknown("measure", measure, MEASURES))


def measures_in(columns) -> list[str]:
    """The measures among the columns of a summary: `MEASURES`, and each shelf's occupancy."""
    return [*MEASURES, *(c for c in columns if str(c).startswith(BY_SHELF))]


def measures_to_size(temps) -> list[str]:
    """The measures for which shelves can be sized."""
    return [
        *(name for name, measure in MEASURES.items() if measure.sentence),
        *(BY_TEMP + temp for temp in temps),
    ]


def unit_of(setting: str) -> str:
    """What the numbers of a setting of a scenario count."""
    last = setting.rsplit(".", 1)[-1]
    if setting == "arrivals.rate":
        return "orders per second"
    if last == "capacity":
        return "slots"
    if last.endswith("_s") or setting.startswith("couriers.delay."):
        return "s"
    return "orders" if last == "count" else "as set"
