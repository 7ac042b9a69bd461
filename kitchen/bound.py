"""The best that anybody could have done: a bound that no strategy can beat.

Somebody who knows every order and every courier beforehand, and moves food for nothing, decides for
each replication which orders to keep and where each stands at each moment. No rule can do better on
the same trace, so the distance to this bound is all that a better rule could still win.

**The programme.** Order j becomes ready at ``a_j`` and its courier comes at ``p_j``. The instants at
which anybody comes or goes cut time into intervals i of length ``t_i``; within one of them nothing
changes, so it does not matter when in it an order stands where, only how long.

- ``y_j`` in {0, 1}: order j is delivered.
- ``z_jsi`` in [0, 1]: the share of interval i that order j stands on shelf s, one of its own.

Largest total of  ``v_j y_j - b_j * sum over s, i of (m_s - m_best) t_i z_jsi``  such that

1. ``sum over s of z_jsi = y_j`` for every interval between ``a_j`` and ``p_j``: somewhere all the time;
2. ``sum over j of z_jsi <= slots of s``: an order between two intervals' ends may change shelves as
   often as it likes, so shares that fit can always be lived;
3. ``sum over s, i of (m_s - m_best) t_i z_jsi <= room_j y_j``: a delivered order has not expired.

``v_j`` is the value at pickup after the best of its shelves all the time, ``m_best`` the modifier
there, ``b_j`` what a second of weighted age costs, ``room_j`` the weighted age beyond the best that
takes it to ``waste_below``. What is not delivered is taken to leave before it is in anybody's way.
An order whose courier is there before it is ready needs no slot; one that expires even on its best
shelf is left out. For the least waste ``v_j = 1`` and ``b_j = 0``.

With ``y_j`` anywhere in [0, 1] this is a linear programme. Its optimum is never below that of the
integer programme, so it is a bound by itself, and much quicker. Bounds hold to the solver's tolerance,
about 1e-6 of an order.

**Where it is exact, and where looser.** Value is linear in weighted age for the laws ``linear``,
``weighted`` and ``freshness``, and constant until the end for ``cliff``: there the integer programme
is the best plan itself. ``exponential`` is convex in weighted age, so it lies below its chord between
best and worst, which takes its place. A law of one's own counts as if the order stood on its best
shelf all the time. The least waste needs no value, and is exact for all of these. Expired orders that
are held take slots until their couriers come; here they take none. All of these can only raise the
bound.

**Couriers as a pool.** Order j may go to any courier k, who hands it over at ``h = max(a_j, p_k)``:
``x_jk`` in [0, 1], at most one k to a j and one j to a k, and at every instant no more orders standing
than there are slots among their shelves. An order counts as if it stood on its best shelf all the
time. This is looser, and holds with matched couriers too.

Nothing is solved that is not in doubt: whoever finds room on its best shelf, however all others are
placed, stands there; only the rest becomes a programme.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kitchen import markup
from kitchen.decay import EXPONENTIAL, STEP, STRAIGHT
from kitchen.errors import KitchenError, shown, unknown
from kitchen.programmes import (
    TOLERANCE,
    Found,
    House,
    Solver,
    house_of,
    matched,
    orders_of,
    pooled,
)
from kitchen.resources import thread_count
from kitchen.scenario import Scenario
from kitchen.strategies import Strategy
from kitchen.trace import Trace
from kitchen.world import refuse_contradictions

MEASURES = {"value": "value_per_order", "waste": "wasted_share"}
"""What is bounded -> the column of `Run.summary` that the bound is compared with."""


@dataclass(frozen=True, eq=False)
class Bound:
    """The best that anybody could have done on a trace.

    Attributes
    ----------
    scenario : Scenario
    measure : {"value", "waste"}
    words : str
        Which bound this is and why it holds.
    frame : DataFrame
        A row a replication: ``replication, orders, bound, value_per_order, exact, method``, with
        ``wasted_share`` in place of ``value_per_order`` for the waste. ``bound`` is the most value
        delivered, in fresh orders, or the fewest orders wasted; the column after it is that for
        each order, NaN where none came. ``exact`` says that it is the very optimum, ``method`` how
        it was found, and what makes it loose if it is.
    """

    scenario: Scenario
    measure: str
    words: str
    frame: pd.DataFrame

    def __repr__(self):
        column = MEASURES[self.measure]
        number = len(self.frame)
        mean = self.frame[column].mean()
        told = f"{column} {'at most' if self.measure == 'value' else 'at least'} {mean:.4g}, "
        return (
            f"Bound({self.scenario.name!r}, {told if mean == mean else ''}"
            f"{number:,} replication{'' if number == 1 else 's'})"
        )

    def _repr_html_(self) -> str:
        share, number = self.frame[MEASURES[self.measure]].mean(), len(self.frame)
        reached = "value per order, at most" if self.measure == "value" else "wasted, at least"
        exact = f"{int(self.frame['exact'].sum()):,} of {number:,} replications"
        facts = [(f"{reached}, %", markup.number(100 * share)), ("the very optimum in", exact)]
        return markup.block(
            markup.heading("Bound", self.scenario.name),
            markup.paragraph(self.words),
            markup.facts(facts),
        )


def bound(
    trace: Trace,
    scenario: Scenario,
    *,
    integral: bool = False,
    measure: str = "value",
    issue: str | Callable | None = "matched",
    threads: int | None = None,
    time_limit_s: float | None = None,
    advance: Callable[[int], object] | None = None,
) -> Bound:
    """The most value, or the least waste, that anybody could have reached, knowing the future.

    Parameters
    ----------
    trace : Trace
    scenario : Scenario
        Its shelves, decay law and threshold; its orders and couriers are those of the trace.
    integral : bool
        Solve the integer programme: tighter, and slower. Otherwise the linear one.
    measure : {"value", "waste"}
        The delivered value, or the number of wasted orders.
    issue : str, function or None
        ``"matched"`` or None, or any issue rule: then couriers are a pool, the bound is looser and
        holds for every issue rule.
    threads : int, optional
        One a processor if left out.
    time_limit_s : float, optional
        For each replication; what is proven by then is the bound.
    advance : callable, optional
        Told the number of replications done, now and then, from any thread.

    Returns
    -------
    Bound

    Raises
    ------
    KitchenError
        A subclass for each kind of fault.
    """
    if not isinstance(trace, Trace):
        raise KitchenError(f"trace: must be a Trace, got {shown(trace)}. Make one with draw.")
    if not isinstance(scenario, Scenario):
        raise KitchenError(
            f"scenario: must be a Scenario, got {shown(scenario)}. Load one with Scenario.load."
        )
    if not isinstance(measure, str) or measure not in MEASURES:
        raise KitchenError(unknown("measure", measure, MEASURES))
    is_number = isinstance(time_limit_s, (int, float)) and not isinstance(time_limit_s, bool)
    if time_limit_s is not None and not (is_number and time_limit_s > 0):
        raise KitchenError(f"time_limit_s: must be a number above 0, got {shown(time_limit_s)}.")
    strategy = Strategy(issue=issue)
    refuse_contradictions(scenario, strategy)
    is_pool = strategy.issue is not None
    house = house_of(scenario, trace, counts=measure == "waste")
    solve = pooled if is_pool else matched

    def one(nth: int) -> Found:
        best = solve(orders_of(house, trace, nth), house, Solver(integral, time_limit_s))
        if advance:
            advance(1)
        return best

    found = _in_threads(one, trace.replications.size, thread_count(threads))
    words = _words(house, scenario, integral, is_pool)
    return Bound(scenario, measure, words, _frame(trace, found, measure))


def _in_threads(one: Callable[[int], Found], number: int, threads: int) -> list[Found]:
    """All replications in order; the first fault stops what has not begun."""
    if threads == 1 or number < 2:
        return [one(nth) for nth in range(number)]
    with ThreadPoolExecutor(min(threads, number)) as pool:
        futures = [pool.submit(one, nth) for nth in range(number)]
        try:
            return [future.result() for future in futures]
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


# Tables and words


def _frame(trace: Trace, found: list[Found], measure: str) -> pd.DataFrame:
    number = np.diff(trace.first)
    best = np.array([f.total for f in found], float)
    if measure == "waste":
        best = number - np.floor(best + TOLERANCE)  # nobody wastes half an order
    share = np.divide(best, number, out=np.full(best.size, np.nan), where=number > 0)
    return pd.DataFrame(
        {
            "replication": trace.replications,
            "orders": number,
            "bound": best,
            MEASURES[measure]: share,
            "exact": np.array([f.exact for f in found], bool),
            "method": [f.method for f in found],
        }
    )


def _words(house: House, scenario: Scenario, integral: bool, is_pool: bool) -> str:
    what = "fewest orders wasted" if house.counts else "most value delivered"
    told = (
        f"The {what} by anybody who knows every order and courier beforehand and moves food for "
        "nothing. "
    )
    if integral:
        told += "Integer programme: each order is delivered or not."
    else:
        told += (
            "Linear programme: an order may be delivered in part, so the bound holds but may be out "
            "of reach."
        )
    if is_pool:
        return told + (
            " Looser, and still valid: any courier takes any order, each order counts as if on its "
            "best shelf, and only the slots of all its shelves together limit."
        )
    if house.held:
        told += " Expired orders that are held take no slots here, which can only raise the bound."
    if house.counts or house.law.shape in (STRAIGHT, STEP):
        return told
    name = f"Decay law {house.law.name!r}"
    if house.law.shape == EXPONENTIAL:
        return f"{told} {name} is convex in weighted age: its chord, which lies above it, is used."
    return f"{told} {name} is one's own: each order is worth what it would be on its best shelf."
