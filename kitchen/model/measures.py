"""Registry of measures: the quantities by which strategies are compared.

A measure is a column of `Run.summary`; its title, unit and direction are here and nowhere else. To
add one, compute its column in `simulation/frames.py` and describe it in `MEASURES`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kitchen.errors import KitchenError, unknown
from kitchen.utils.formatting import number_text, plain, signed

MEAN = ("mean", "low", "high")
"""Columns of a mean and its confidence interval."""

DIFFERENCE = ("difference", "difference_low", "difference_high")
"""Columns of a difference to the baseline and its confidence interval."""


class Measure(NamedTuple):
    """A quantity by which strategies are compared.

    Attributes
    ----------
    title, unit : str
        Texts for axes and tables.
    is_share : bool
        Whether it is between 0 and 1, and written in percent.
    more_is_better : bool
        Whether more of it is better; otherwise less is.
    sentence : str
        A sentence with ``{}`` for the figure; empty if shelves cannot be sized by it.
    is_money : bool
        Whether it is an amount in the menu's prices.
    currency : str
        Of the amounts; empty if none is named.
    part_of : str
        What a share is a part of, in a sentence with ``{}`` for "its" or "their", where strategies
        lose it; else empty.
    definition : str
        What the measure is, for the notes below a table; empty where the title says all.

    Examples
    --------
    >>> import kitchen as kt
    >>> kt.plots.measure_named("wasted_share").text(0.125)
    '12.5 % of the orders are wasted'
    """

    title: str
    unit: str
    is_share: bool = False
    more_is_better: bool = False
    sentence: str = ""
    is_money: bool = False
    currency: str = ""
    part_of: str = ""
    definition: str = ""

    def in_currency(self, currency: str) -> Measure:
        """The same measure with its amounts in a currency; unchanged if it is no amount of money."""
        if not (self.is_money and currency):
            return self
        unit = self.unit.replace("in the menu's prices", plain(currency, MOST_CURRENCY))
        return self._replace(unit=unit, currency=plain(currency, MOST_CURRENCY))

    @property
    def better(self) -> str:
        """Direction of the measure, in words."""
        return "more is better" if self.more_is_better else "less is better"

    @property
    def label(self) -> str:
        """Title with the whole unit: unlike that of any other measure."""
        return f"{self.title} ({self.unit})"

    @property
    def heading(self) -> str:
        """Title with the unit, for the column of a table."""
        return f"{self.title}, {'%' if self.is_share else self.currency or self.unit}"

    @property
    def step_unit(self) -> str:
        """Unit of a difference of two figures: percentage points, a currency or the unit."""
        if self.is_share:
            return "percentage points"
        return self.currency or self.unit.removesuffix(", per replication")

    @property
    def scale(self) -> int:
        """Factor of figures in text: 100 for percent, else 1."""
        return 100 if self.is_share else 1

    def written(self, number: float) -> str:
        """Text of a figure with its unit, for a table."""
        if np.isnan(number):
            return "no orders"
        return f"{100 * number:.2f} %" if self.is_share else self.figure(number)

    def difference(self, number: float) -> str:
        """Text of a signed difference; in percentage points for a share."""
        return "no orders" if np.isnan(number) else signed(self.scale * number, 2)

    def figure(self, number: float) -> str:
        """Text of a figure with three or four digits, for a sentence."""
        if self.is_share:
            return f"{100 * max(number, 0.0):.3g} %"
        return f"{number_text(number)} {self.currency}".rstrip()

    def text(self, number: float) -> str:
        """The measure's sentence with a figure."""
        return self.sentence.replace("{}", self.figure(number), 1)


_A_REPLICATION = "in the menu's prices, per replication"

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
        sentence="{} of the value of the orders is lost", part_of="the value of {} orders",
        definition="Value lost: 1 minus the value at pickup for a delivered order, 1 for a wasted one.",
    ),
    "revenue": Measure("revenue", _A_REPLICATION, False, True, is_money=True),
    "revenue_per_order": Measure(
        "revenue per order", "in the menu's prices", False, True, is_money=True
    ),
    "lost_revenue": Measure(
        "lost revenue", _A_REPLICATION, is_money=True,
        sentence="revenue of {} is lost in a replication",
    ),
    "lost_revenue_share": Measure(
        "lost revenue", "% of the prices of all orders", True,
        sentence="{} of the revenue of the orders is lost", part_of="the revenue of {} orders",
        definition="Lost revenue: the prices of all orders minus price x value at pickup of the "
        "delivered ones.",
    ),
    "expired_cost": Measure(
        "price of the expired orders", _A_REPLICATION, is_money=True,
        sentence="orders worth {} expire in a replication",
    ),
    "discarded_cost": Measure(
        "price of the discarded orders", _A_REPLICATION, is_money=True,
        sentence="orders worth {} are discarded in a replication",
    ),
    "waste_cost": Measure(
        "price of the wasted orders", _A_REPLICATION, is_money=True,
        sentence="orders worth {} are wasted in a replication",
    ),
    "wait_mean_s": Measure("mean wait of delivered orders", "s"),
    "moves": Measure("moves between shelves", "per replication"),
}  # fmt: skip
"""Measures of all orders together, by their column in `Run.summary`."""

BOUND_OF = {
    **dict.fromkeys(("value_per_order", "lost_per_order"), "value"),
    "wasted_share": "waste",
    **dict.fromkeys(
        ("lost_revenue_share", "lost_revenue", "revenue_per_order", "revenue"), "revenue"
    ),
}
"""Measures that a clairvoyant bound limits -> the measure of that bound."""

PRIMARY_MEASURE = "lost_per_order"
"""The measure that ranks strategies by default where all orders have one price."""

PRIMARY_MONEY = "lost_revenue_share"
"""The measure that ranks strategies by default where prices differ."""

MOST_CURRENCY = 8
"""Largest number of letters of a currency's name."""

BY_TEMP = "wasted_share_"
"""Prefix of the columns of one temp's orders."""

MONEY_BY_TEMP = ("revenue_", "lost_revenue_")
"""Prefixes of the columns with the money of one temp's orders."""

BY_SHELF = "occupancy_"
"""Prefix of the columns with the mean number of orders on one shelf."""


def measure_named(measure: str) -> Measure:
    """The measure of a column's name, also for one temp or one shelf.

    Raises
    ------
    KitchenError
        If there is no such measure.

    Examples
    --------
    >>> import kitchen as kt
    >>> kt.plots.measure_named("wait_mean_s").unit
    's'
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
    for prefix in MONEY_BY_TEMP:
        if measure.startswith(prefix):
            whole, temp = MEASURES[prefix[:-1]], plain(measure.removeprefix(prefix), 24)
            return whole._replace(title=f"{whole.title}, {temp} orders", sentence="")
    raise KitchenError(unknown("measure", measure, MEASURES))


def primary_measure(menu) -> str:
    """The measure that ranks strategies by default: lost revenue where prices differ, else value.

    Parameters
    ----------
    menu : Menu

    Examples
    --------
    >>> from kitchen.engine.draw import menu_of
    >>> from kitchen.model.scenario import Scenario
    >>> [primary_measure(menu_of(Scenario.load(name))) for name in ("rush", "friday")]
    ['lost_per_order', 'lost_revenue_share']
    """
    differ = menu.price.size > 0 and menu.price.min() < menu.price.max()
    return PRIMARY_MONEY if differ else PRIMARY_MEASURE


def primary_in(frame) -> str:
    """The measure that ranks strategies by default, as the rows of a long table show it.

    Where all orders have one price, lost revenue and lost value are the same share of all.

    Parameters
    ----------
    frame : DataFrame
        With a column ``measure``, and ``mean`` or ``difference``.
    """
    figures = "mean" if "mean" in frame else "difference"
    if "measure" not in frame or figures not in frame:
        return PRIMARY_MEASURE
    money, value = (
        np.sort(frame[figures][(frame["measure"] == name).to_numpy()].to_numpy(float))
        for name in (PRIMARY_MONEY, PRIMARY_MEASURE)
    )
    same = money.size == value.size and np.allclose(money, value, 1e-9, 1e-12, equal_nan=True)
    return PRIMARY_MEASURE if same or not money.size else PRIMARY_MONEY


def bound_of(measure: str) -> str:
    """The clairvoyant bound that limits a measure: of value, waste or revenue.

    Raises
    ------
    KitchenError
        If there is none.

    Examples
    --------
    >>> bound_of("lost_per_order"), bound_of("revenue")
    ('value', 'revenue')
    """
    if measure in BOUND_OF:
        return BOUND_OF[measure]
    raise KitchenError(
        f"bound: there is none of {measure!r}. There is one of {', '.join(BOUND_OF)}."
    )


def holds_shares(column: str) -> bool:
    """Whether a column of a summary holds shares, which lie between 0 and 1.

    Examples
    --------
    >>> [holds_shares(name) for name in ("wasted_share_hot", "delivered_share", "moves")]
    [True, True, False]
    """
    if column in MEASURES:
        return MEASURES[column].is_share
    return str(column).startswith(BY_TEMP) or str(column).endswith("_share")


def measures_in(columns) -> list[str]:
    """The measures among the columns of a summary: `MEASURES`, and each shelf's occupancy."""
    return [*MEASURES, *(c for c in columns if str(c).startswith(BY_SHELF))]


def measures_to_size(temps) -> list[str]:
    """Names of the measures by which shelves can be sized."""
    return [
        *(name for name, measure in MEASURES.items() if measure.sentence),
        *(BY_TEMP + temp for temp in temps),
    ]


def unit_of(setting: str) -> str:
    """Unit of a setting of a scenario, by its path."""
    last = setting.rsplit(".", 1)[-1]
    if setting == "arrivals.rate":
        return "orders per second"
    if last == "capacity":
        return "slots"
    if last.endswith("_s") or setting.startswith("couriers.delay."):
        return "s"
    return "orders" if last == "count" else "as set"
