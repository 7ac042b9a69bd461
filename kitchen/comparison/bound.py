"""The clairvoyant bound: what a strategy that knew the future could reach at most."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kitchen.comparison.bound_lp import House, house_of, matched, orders_of, pooled
from kitchen.comparison.bound_solver import TOLERANCE, Optimum, Solver
from kitchen.engine.draw import draw
from kitchen.engine.encode import refuse_contradictions
from kitchen.engine.threads import share_out
from kitchen.engine.trace import Trace
from kitchen.errors import KitchenError
from kitchen.model.decay import EXPONENTIAL, STEP, STRAIGHT
from kitchen.model.scenario import Scenario, require_scenario
from kitchen.model.strategy import Strategy
from kitchen.utils import html
from kitchen.utils.frames import frame_field
from kitchen.utils.system import thread_count
from kitchen.utils.validation import amount, check_callback, flag, instance, one_of

BOUNDED = {"value": "value_per_order", "waste": "wasted_share", "revenue": "revenue_per_order"}
"""Measure of the bound -> the column of `Run.summary` to compare it with."""


@dataclass(frozen=True, eq=False)
class Bound:
    """The clairvoyant bound of a trace: what no strategy can exceed, even knowing the future.

    Attributes
    ----------
    scenario : Scenario
    measure : {"value", "waste", "revenue"}
    words : str
        Which bound this is and why it holds.
    frame : DataFrame
        A row a replication: ``replication, orders, bound, value_per_order, exact, method``, with
        ``wasted_share`` in place of ``value_per_order`` for the waste, and ``revenue_per_order,
        lost_revenue_share`` for the revenue. ``bound`` is the most value delivered, in fresh
        orders, the fewest orders wasted, or the most revenue, in the menu's prices; the column
        after it is that per order, NaN where none came. ``lost_revenue_share`` is the least share
        of the orders' prices that is lost, NaN where these come to nothing. ``exact`` says that
        it is the optimum itself, ``method`` how it was computed, and what makes it loose if it is.
    """

    scenario: Scenario
    measure: str
    words: str
    frame: pd.DataFrame = frame_field()

    def __repr__(self):
        column = BOUNDED[self.measure]
        number = len(self.frame)
        mean = self.frame[column].mean()
        text = f"{column} {'at least' if self.measure == 'waste' else 'at most'} {mean:.4g}, "
        return (
            f"Bound({self.scenario.name!r}, {text if mean == mean else ''}"
            f"{number:,} replication{'' if number == 1 else 's'})"
        )

    def _repr_html_(self) -> str:
        mean = self.frame[BOUNDED[self.measure]].mean()
        exact = f"{int(self.frame['exact'].sum()):,} of {len(self.frame):,} replications"
        if self.measure == "revenue":
            lost = self.frame["lost_revenue_share"].mean()
            facts = [
                ("revenue per order, at most", html.number(mean)),
                ("lost revenue, at least, %", html.number(100 * lost)),
            ]
        else:
            reached = "value per order, at most" if self.measure == "value" else "wasted, at least"
            facts = [(f"{reached}, %", html.number(100 * mean))]
        facts.append(("the optimum itself in", exact))
        return html.block(
            html.heading("Bound", self.scenario.name),
            html.paragraph(self.words),
            html.facts(facts),
        )


def bound(
    trace: Trace | Scenario,
    scenario: Scenario | None = None,
    *,
    replications: int | None = None,
    seed: int = 1,
    integral: bool = False,
    measure: str = "value",
    issue: str | Callable | None = "matched",
    threads: int | None = None,
    time_limit_s: float | None = None,
    callback: Callable[[int], object] | None = None,
) -> Bound:
    """The clairvoyant bound: the most value or revenue, or the least waste, with the future known.

    Parameters
    ----------
    trace : Trace or Scenario
        A scenario alone, ``bound(scenario, replications=5)``, is drawn from first.
    scenario : Scenario
        Its shelves, decay law and threshold; its orders and couriers are those of the trace.
    replications, seed : int
        Of the trace that is drawn, 1 and 0 if left out. Not used with a trace.
    integral : bool
        Solve the integer program: tighter, and slower. Otherwise its linear relaxation.
    measure : {"value", "waste", "revenue"}
        The delivered value, the number of wasted orders, or the revenue: the sum of price x value
        at pickup over the delivered orders.
    issue : str, function or None
        ``"matched"`` or None, or any issue rule: then couriers are a pool, the bound is looser and
        holds for every issue rule.
    threads : int, optional
        One a processor if left out.
    time_limit_s : float, optional
        Seconds for each replication; what is proven by then is the bound.
    callback : callable, optional
        Called with the number of replications done since the last call, from any thread.

    Returns
    -------
    Bound

    Raises
    ------
    KitchenError
        A subclass for each kind of fault.

    Examples
    --------
    >>> import kitchen as kt
    >>> steady = kt.Scenario.load("steady")
    >>> best = kt.bound(kt.draw(steady, replications=5), steady)
    >>> run = kt.simulate(steady, "oldest", replications=5)
    >>> bool((best.frame["value_per_order"] >= run.summary["value_per_order"] - 1e-6).all())
    True
    """
    if isinstance(trace, Scenario) and scenario is None:
        scenario = trace
        trace = draw(scenario, 1 if replications is None else replications, seed)
    elif replications is not None:
        raise KitchenError("replications: a trace has as many as it has. Leave it out.")
    instance("trace", trace, Trace, "Make one with kt.draw(scenario, replications=200).")
    require_scenario(scenario)
    one_of("measure", measure, BOUNDED)
    integral = flag("integral", integral)
    check_callback(callback)
    if time_limit_s is not None:
        time_limit_s = amount("time_limit_s", time_limit_s, above=True)
    strategy = Strategy(issue=issue)
    refuse_contradictions(scenario, strategy)
    is_pool = strategy.issue is not None
    house = house_of(scenario, trace, measure)
    solve = pooled if is_pool else matched

    optima: list = [None] * trace.replications.size

    def one(nth: int) -> None:
        optima[nth] = solve(orders_of(house, trace, nth), house, Solver(integral, time_limit_s))
        if callback:
            callback(1)

    share_out(one, [(nth,) for nth in range(len(optima))], thread_count(threads))
    words = _words(house, scenario, measure, integral, is_pool)
    return Bound(scenario, measure, words, _frame(trace, optima, measure, house.unit))


# Tables and words


def _frame(trace: Trace, optima: list[Optimum], measure: str, unit: float) -> pd.DataFrame:
    number = np.diff(trace.first)
    best = np.array([f.total for f in optima], float) * unit
    if measure == "waste":
        best = number - np.floor(best + TOLERANCE)  # half an order cannot be wasted
    columns = {BOUNDED[measure]: _ratio(best, number)}
    if measure == "revenue":
        replication = np.repeat(np.arange(number.size), number)
        full = np.bincount(replication, trace.menu.price[trace.item], number.size)
        columns["lost_revenue_share"] = np.maximum(1.0 - _ratio(best, full), 0.0)
    return pd.DataFrame(
        {
            "replication": trace.replications,
            "orders": number,
            "bound": best,
            **columns,
            "exact": np.array([f.exact for f in optima], bool),
            "method": [f.method for f in optima],
        }
    )


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Part by whole, NaN where the whole is 0."""
    return np.divide(part, whole, out=np.full(part.size, np.nan), where=whole > 0)


def _words(house: House, scenario: Scenario, measure: str, integral: bool, is_pool: bool) -> str:
    what = {
        "value": "most value delivered",
        "waste": "fewest orders wasted",
        "revenue": "most revenue, price times value at pickup,",
    }[measure]
    text = (
        f"The clairvoyant bound: the {what} by a strategy that knows every order and courier "
        "beforehand and may move food at any time. "
    )
    if integral:
        text += "Integer program: each order is delivered or not."
    else:
        text += (
            "Linear program: an order may be delivered in part, so the bound holds but may be out "
            "of reach."
        )
    if is_pool:
        return text + (
            " Looser, and still valid: any courier takes any order, each order counts as if on its "
            "best shelf, and only the slots of all its shelves together limit."
        )
    if house.held:
        text += " Expired orders that are held take no slots here, which can only raise the bound."
    if house.counts or house.law.shape in (STRAIGHT, STEP):
        return text
    name = f"Decay law {house.law.name!r}"
    if house.law.shape == EXPONENTIAL:
        return f"{text} {name} is convex in weighted age: its chord, which lies above it, is used."
    return f"{text} {name} is a user's function: each order is worth what it would be on its best shelf."
