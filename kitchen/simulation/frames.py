"""Data frames of a run, built from the engine's arrays."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from kitchen.engine import records
from kitchen.engine.encode import modifiers
from kitchen.engine.trace import Trace
from kitchen.errors import ResourceError
from kitchen.model.decay import as_law
from kitchen.model.scenario import Scenario
from kitchen.utils.system import require_memory
from kitchen.utils.text import text_dtype

OUTCOMES = ("delivered", "expired", "discarded")
EVENTS = ("place", "move", "pickup", "expire", "discard")
MOST_DECIMALS = 15
"""Decimals of a step up to which its multiples are rounded; powers of ten are exact up to 22."""

BYTES_PER_OBSERVATION = 150
"""Memory of one order at one tick while the frames are built, bytes."""


class Labels(NamedTuple):
    """Names for the engine's codes of strategy, shelves and temps."""

    scenario: Scenario
    strategy: str
    temps: list[str]

    def strategies(self, rows: int) -> pd.Categorical:
        return _named(np.zeros(rows, np.int8), (self.strategy,), ordered=False)

    def shelves(self, codes) -> pd.Categorical:
        """Shelf names of codes, as categories; -1 is none."""
        return _named(codes, tuple(shelf.name for shelf in self.scenario.shelves))

    def temps_of(self, trace: Trace) -> np.ndarray:
        """Index of each kind's temp, int64, shape (kinds,)."""
        return trace.menu.temp_codes(self.temps)

    def temp_column(self, codes) -> pd.Categorical:
        return _named(codes, tuple(self.temps))


def _named(codes, names: tuple[str, ...], ordered: bool = True) -> pd.Categorical:
    """Names of codes, as categories; -1 is none."""
    return pd.Categorical.from_codes(codes, dtype=_names(names, ordered))


@lru_cache(maxsize=256)
def _names(names: tuple[str, ...], ordered: bool) -> pd.CategoricalDtype:
    return pd.CategoricalDtype(list(names), ordered)


def ledger(events: records.Ledger, trace: Trace, labels: Labels) -> pd.DataFrame:
    """The ledger: a row per event, in order of time.

    Columns ``strategy, replication, order, time_s, event, from_shelf, to_shelf, value``; the shelves
    are null where an order came from, or went to, no shelf.
    """
    rows = events.rows
    return pd.DataFrame(
        {
            "strategy": labels.strategies(rows["time_s"].size),
            "replication": np.repeat(trace.replications, events.count),
            "order": rows["order"].astype(np.int64),
            "time_s": rows["time_s"],
            "event": _named(rows["event"], EVENTS),
            "from_shelf": labels.shelves(rows["from_shelf"]),
            "to_shelf": labels.shelves(rows["to_shelf"]),
            "value": rows["value"],
        }
    )


def orders(events: records.Ledger, trace: Trace, labels: Labels) -> pd.DataFrame:
    """The orders: a row per order, with its data and its outcome.

    ``value`` is the value when it left: what the customer got, 0 if expired, what was lost if
    discarded. ``shelf`` is its last shelf, ``waited_s`` the seconds from ready to then.
    """
    rows = events.rows
    size, menu, item = len(trace), trace.menu, trace.item
    whose = _whose(events, trace)
    ends = np.flatnonzero(rows["event"] >= records.PICKUP)
    last = np.empty(size, np.int64)
    last[whose[ends]] = ends
    return pd.DataFrame(
        {
            "strategy": labels.strategies(size),
            "replication": trace.replication_of,
            "order": trace.index,
            "order_id": _texts(menu.order_id, item),
            "name": _texts(menu.name, item),
            "temp": labels.temp_column(labels.temps_of(trace)[item]),
            "price": menu.price[item],
            "shelf_life_s": menu.shelf_life_s[item],
            "decay_rate": menu.decay_rate[item],
            "opens_s": np.repeat(trace.opens_s, np.diff(trace.first)),
            "received_s": trace.received_s,
            "ready_s": trace.ready_s,
            "pickup_s": trace.pickup_s,
            "outcome": _named(rows["event"][last] - records.PICKUP, OUTCOMES),
            "left_s": rows["time_s"][last],
            "value": rows["value"][last],
            "shelf": labels.shelves(rows["from_shelf"][last]),
            "weighted_age_s": rows["weighted_age_s"][last],
            "moves": np.bincount(whose[rows["event"] == records.MOVE], minlength=size),
            "waited_s": rows["time_s"][last] - trace.ready_s,
        }
    )


def contents(events: records.Ledger, trace: Trace, labels: Labels, step_s: float) -> pd.DataFrame:
    """The contents of the shelves: a row per tick and order on a shelf after all events up to it.

    Columns ``strategy, replication, order, time_s, shelf, name, temp, age_s, value``. Ticks are
    counted from the opening of each replication; ``time_s`` is by the clock of its orders.
    """
    stays = _stays(events, trace, labels, step_s)
    seen = _observations(stays, trace, labels, step_s)
    seen = seen.take(np.lexsort((stays.order[seen.stay], seen.tick, stays.lane[seen.stay])))
    order = stays.order[seen.stay]
    item = trace.item[order]
    return pd.DataFrame(
        {
            "strategy": labels.strategies(order.size),
            "replication": trace.replication_of[order],
            "order": trace.index[order],
            "time_s": _tick_s(seen.tick, step_s, trace.opens_s[stays.lane[seen.stay]]),
            "shelf": labels.shelves(stays.shelf[seen.stay]),
            "name": _texts(trace.menu.name, item),
            "temp": labels.temp_column(labels.temps_of(trace)[item]),
            "age_s": seen.age_s,
            "value": seen.value,
        }
    )


def shelves(events: records.Ledger, trace: Trace, labels: Labels, step_s: float) -> pd.DataFrame:
    """Fill and value of the shelves: a row per tick and shelf, from the opening to the first tick after
    the end.

    Columns ``strategy, replication, time_s, shelf, orders, fill, value_mean, value_min``. ``fill``
    is the share of the slots that are taken, NaN for a shelf without slots; values are NaN for an
    empty shelf.
    """
    rows = events.rows
    stays = _stays(events, trace, labels, step_s)
    ends = trace.opens_s.copy()
    full = np.flatnonzero(events.count)
    ends[full] = rows["time_s"][events.first[full + 1] - 1]
    ticks = _tick_from(ends, step_s, trace.opens_s) + 1
    names = len(labels.scenario.shelves)
    first_bin = np.concatenate([[0], np.cumsum(ticks * names)])
    bins = int(first_bin[-1])
    require_memory(
        bins * BYTES_PER_OBSERVATION, f"looking at {names} shelves at {int(ticks.sum()):,} ticks"
    )
    count, total, least = np.zeros(bins, np.int64), np.zeros(bins), np.full(bins, np.inf)
    for some in _portions(stays.observations):
        seen = _observations(stays, trace, labels, step_s, some)
        bin_ = first_bin[stays.lane[seen.stay]] + seen.tick * names + stays.shelf[seen.stay]
        np.add.at(count, bin_, 1)
        np.add.at(total, bin_, seen.value)
        np.minimum.at(least, bin_, seen.value)
    shelf = np.arange(bins) % names
    tick = (np.arange(bins) - np.repeat(first_bin[:-1], ticks * names)) // names
    capacity = np.array([s.capacity for s in labels.scenario.shelves], float)
    with np.errstate(divide="ignore", invalid="ignore"):
        return pd.DataFrame(
            {
                "strategy": labels.strategies(bins),
                "replication": np.repeat(trace.replications, ticks * names),
                "time_s": _tick_s(tick, step_s, np.repeat(trace.opens_s, ticks * names)),
                "shelf": labels.shelves(shelf),
                "orders": count,
                "fill": np.where(capacity[shelf] > 0, count / capacity[shelf], np.nan),
                "value_mean": total / count,
                "value_min": np.where(count > 0, least, np.nan),
            }
        )


def summary(
    totals: records.Totals, span_s: np.ndarray, replications: np.ndarray, labels: Labels
) -> pd.DataFrame:
    """Summary of a run: a row per replication, with counts, shares, values, money and occupancy.

    Parameters
    ----------
    totals : Totals
    span_s : array, shape (replications,)
        Seconds from the end of the warm-up to the last arrival, over which occupancy is averaged.
    replications : array, shape (replications,)
    labels : Labels

    Returns
    -------
    DataFrame
        Shares and values per order are NaN in a replication without orders, as is the occupancy
        where there is no time to average over.
    """
    columns = summed(
        totals, span_s, [shelf.name for shelf in labels.scenario.shelves], labels.temps
    )
    return _framed(labels.strategies(replications.size), replications, columns)


def summed(totals: records.Totals, span_s: np.ndarray, shelves, temps) -> dict[str, np.ndarray]:
    """The columns of `summary` without its keys; temps that are not in `temps` are left out."""
    tallies = totals.tallies
    with np.errstate(divide="ignore", invalid="ignore"):
        standing = np.where(span_s[:, None] > 0, totals.standing_s / span_s[:, None], np.nan)
    return _columns(
        counts=tallies["outcomes"].astype(np.int64),
        worth=tallies["worth"],
        wait_s=tallies["wait_s"].sum(axis=1),
        revenue=tallies["revenue"],
        prices=tallies["prices"],
        moves=tallies["moves"].sum(axis=1, dtype=np.int64),
        standing={name: standing[:, s] for s, name in enumerate(shelves)},
        temps=temps,
    )


def summary_frame(
    strategy, replications, *, counts, worth, wait_s, revenue, prices, moves, standing, temps
) -> pd.DataFrame:
    """A summary, a row per replication, from counts and sums.

    Parameters
    ----------
    strategy : Categorical, shape (replications,)
    replications : array, shape (replications,)
    counts : int64 array, shape (replications, temps, outcomes)
    worth : array, shape (replications, temps)
        Sum of the values of delivered orders.
    wait_s, moves : arrays, shape (replications,)
        Sum of the waits of delivered orders, seconds; moves.
    revenue : array, shape (replications, temps)
        Sum of price x value of delivered orders, in the menu's prices.
    prices : array, shape (replications, temps, outcomes)
        Sum of the prices of the orders of each outcome.
    standing : dict of str to array
        Mean number of orders on each shelf.
    temps : list of str
    """
    columns = _columns(counts, worth, wait_s, revenue, prices, moves, standing, temps)
    return _framed(strategy, replications, columns)


def _framed(strategy, replications, columns: dict) -> pd.DataFrame:
    keys = {"strategy": strategy, "replication": replications}
    return pd.DataFrame({**keys, **columns})


def _columns(counts, worth, wait_s, revenue, prices, moves, standing, temps) -> dict:
    delivered, expired, discarded = counts.sum(axis=1).T
    number, value = delivered + expired + discarded, worth.sum(axis=1)
    brought, expired_cost, discarded_cost = (
        revenue.sum(axis=1), *prices.sum(axis=1)[:, records.EXPIRED :].T,
    )  # fmt: skip
    full, full_by_temp = prices.sum(axis=(1, 2)), prices.sum(axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        columns = {
            "orders": number,
            "delivered": delivered,
            "expired": expired,
            "discarded": discarded,
            "wasted": expired + discarded,
            "delivered_share": delivered / number,
            "expired_share": expired / number,
            "discarded_share": discarded / number,
            "wasted_share": (expired + discarded) / number,
            "value_per_order": value / number,
            "lost_per_order": 1.0 - value / number,
            "revenue": brought,
            "revenue_per_order": brought / number,
            "full_revenue": full,
            "lost_revenue": full - brought,
            "lost_revenue_share": 1.0 - brought / full,
            "expired_cost": expired_cost,
            "discarded_cost": discarded_cost,
            "waste_cost": expired_cost + discarded_cost,
            "wait_mean_s": wait_s / delivered,
            "moves": moves,
        }
        columns |= {f"occupancy_{shelf}": orders for shelf, orders in standing.items()}
        for t, temp in enumerate(temps):
            here = counts[:, t].sum(axis=1)
            columns[f"orders_{temp}"] = here
            columns[f"expired_{temp}"] = counts[:, t, records.EXPIRED]
            columns[f"discarded_{temp}"] = counts[:, t, records.DISCARDED]
            columns[f"wasted_share_{temp}"] = counts[:, t, 1:].sum(axis=1) / here
            columns[f"value_per_order_{temp}"] = worth[:, t] / here
            columns[f"revenue_{temp}"] = revenue[:, t]
            columns[f"lost_revenue_{temp}"] = full_by_temp[:, t] - revenue[:, t]
    return columns


# Stays on shelves, and their observation at ticks


class _Stays(NamedTuple):
    """Stays of orders on shelves; arrays of shape (stays,), `order` counted over the whole trace."""

    order: np.ndarray
    lane: np.ndarray
    shelf: np.ndarray
    begin_s: np.ndarray
    weighted_age_s: np.ndarray
    first_tick: np.ndarray
    observations: np.ndarray


class _Observations(NamedTuple):
    """Orders on shelves at ticks; arrays of shape (observations,)."""

    stay: np.ndarray
    tick: np.ndarray
    age_s: np.ndarray
    value: np.ndarray

    def take(self, rows) -> _Observations:
        return _Observations(*(column[rows] for column in self))


def _whose(events: records.Ledger, trace: Trace) -> np.ndarray:
    """Index of each row's order, counted over the whole trace."""
    return np.repeat(trace.first[:-1], events.count) + events.rows["order"]


def _stays(events: records.Ledger, trace: Trace, labels: Labels, step_s: float) -> _Stays:
    """All stays, and the ticks within each: from the first at or after its begin to the last
    before its end."""
    rows = events.rows
    whose = _whose(events, trace)
    by_order = np.argsort(whose, kind="stable")
    starts = np.flatnonzero(rows["event"][by_order] <= records.MOVE)
    begin, end = by_order[starts], by_order[starts + 1]
    lanes = np.repeat(np.arange(events.count.size), events.count)
    opens_s = trace.opens_s[lanes[begin]]
    first_tick = _tick_from(rows["time_s"][begin], step_s, opens_s)
    return _Stays(
        order=whose[begin],
        lane=lanes[begin],
        shelf=rows["to_shelf"][begin].astype(np.int64),
        begin_s=rows["time_s"][begin],
        weighted_age_s=rows["weighted_age_s"][begin],
        first_tick=first_tick,
        observations=_tick_from(rows["time_s"][end], step_s, opens_s) - first_tick,
    )


def _observations(stays: _Stays, trace, labels, step_s, some=slice(None)) -> _Observations:
    """Age and value at every tick of some of the stays."""
    count = stays.observations[some]
    size = int(count.sum())
    require_memory(
        size * BYTES_PER_OBSERVATION, f"looking at {size:,} orders on shelves, tick by tick"
    )
    stay = np.repeat(np.arange(stays.order.size)[some], count)
    nth = np.arange(size) - np.repeat(np.cumsum(count) - count, count)
    tick = stays.first_tick[stay] + nth
    order, time = stays.order[stay], _tick_s(tick, step_s, trace.opens_s[stays.lane[stay]])
    item, age = trace.item[order], time - trace.ready_s[order]
    pace = modifiers(labels.scenario, labels.temps)[labels.temps_of(trace)[item], stays.shelf[stay]]
    weighted = stays.weighted_age_s[stay] + pace * (time - stays.begin_s[stay])
    life, rate = trace.menu.shelf_life_s[item], trace.menu.decay_rate[item]
    value = as_law(labels.scenario.decay).value(age, weighted, life, rate)
    return _Observations(stay, tick, age, value)


def _tick_s(tick: np.ndarray, step_s: float, opens_s: np.ndarray) -> np.ndarray:
    """Times of ticks, seconds: k steps after the opening, k x step being the shortest decimal.

    Three steps of 0.1 s are 0.3 s, and not 0.30000000000000004.
    """
    digits = -Decimal(repr(step_s)).as_tuple().exponent  # decimals of the step as it is written
    after_s = tick * step_s
    if 0 < digits <= MOST_DECIMALS:
        scale = 10.0**digits
        whole = np.rint(after_s * scale)
        after_s = np.where(np.abs(whole) < 2.0**53, whole / scale, after_s)
    return opens_s + after_s


def _tick_from(time_s: np.ndarray, step_s: float, opens_s: np.ndarray) -> np.ndarray:
    """The first tick at or after a time, to the last bit; int64."""
    with np.errstate(over="ignore"):
        tick = np.ceil((time_s - opens_s) / step_s)
    if np.max(tick, initial=0.0) > 2.0**53:
        raise ResourceError(
            f"step_s: {step_s:g} s are too short for a run of {np.max(time_s - opens_s):g} s: there "
            f"would be {np.max(tick):.3g} ticks."
        )
    tick -= _tick_s(tick - 1, step_s, opens_s) >= time_s
    tick += _tick_s(tick, step_s, opens_s) < time_s
    return tick.astype(np.int64)


def _portions(observations: np.ndarray, size: int = 2_000_000):
    """Slices of the stays with about `size` observations each."""
    total = np.cumsum(observations)
    begin = 0
    while begin < observations.size:
        before = total[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(total, before + size)))
        yield slice(begin, end)
        begin = end


def _texts(of_kinds: np.ndarray, item: np.ndarray):
    """A text column: each order's text, taken from its kind."""
    return pd.array(of_kinds, dtype=text_dtype()).take(item)
