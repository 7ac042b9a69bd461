"""Metrics of runs as tables: waste by cause and temp, split of value, fill, paths of orders."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kitchen.model.decay import as_law
from kitchen.model.measures import MEASURES
from kitchen.model.scenario import Scenario
from kitchen.simulation.frames import summary_frame
from kitchen.simulation.splits import PARTS, REVENUE_PARTS, revenue_split, value_split
from kitchen.stats.intervals import (
    LEVEL,
    all_pairs,
    in_order,
    mean_intervals,
    need,
    paired_differences,
    with_intervals,
)
from kitchen.stats.regret import regret

__all__ = [
    "CAUSES",
    "LEVEL",
    "MEASURES",
    "PARTS",
    "REVENUE_PARTS",
    "all_pairs",
    "in_order",
    "mean_fill",
    "mean_intervals",
    "mean_value",
    "need",
    "order_paths",
    "paired_differences",
    "regret",
    "revenue_split",
    "summary_within",
    "value_split",
    "waste_by_cause",
    "waste_by_temp",
]

CAUSES = ("expired", "discarded")
"""Causes of waste."""


def waste_by_cause(summaries: pd.DataFrame) -> pd.DataFrame:
    """Shares of orders wasted by expiry and by discarding, with confidence intervals.

    Parameters
    ----------
    summaries : DataFrame
        Rows of `Run.summary`, of one or several strategies.

    Returns
    -------
    DataFrame
        A row per strategy and cause: ``strategy, cause, mean, low, high, replications``.

    Raises
    ------
    KitchenError
        If a column is missing.

    Examples
    --------
    >>> import kitchen as kt
    >>> run = kt.simulate(kt.Scenario.load("rush"), "random", replications=20, keep="summary")
    >>> kt.metrics.waste_by_cause(run.summary)["cause"].tolist()
    ['expired', 'discarded']
    """
    need(summaries, ["strategy", *(f"{cause}_share" for cause in CAUSES)], "summaries")
    values = summaries[[f"{cause}_share" for cause in CAUSES]].astype(float)
    return with_intervals(values, in_order(summaries["strategy"]), "cause", CAUSES)


def waste_by_temp(summaries: pd.DataFrame) -> pd.DataFrame:
    """Share of wasted orders by temp, with confidence intervals.

    Parameters
    ----------
    summaries : DataFrame
        Rows of `Run.summary`, of one or several strategies.

    Returns
    -------
    DataFrame
        A row per strategy and temp: ``strategy, temp, mean, low, high, replications``.

    Raises
    ------
    KitchenError
        If a column is missing.

    Examples
    --------
    >>> import kitchen as kt
    >>> run = kt.simulate(kt.Scenario.load("rush"), "random", replications=20, keep="summary")
    >>> kt.metrics.waste_by_temp(run.summary)["temp"].tolist()
    ['hot', 'cold', 'frozen']
    """
    need(summaries, ["strategy"], "summaries")
    lead = "wasted_share_"
    temps = [str(c).removeprefix(lead) for c in summaries.columns if str(c).startswith(lead)]
    values = summaries[[lead + temp for temp in temps]].astype(float)
    return with_intervals(values, in_order(summaries["strategy"]), "temp", temps)


# Steady state


def summary_within(
    orders: pd.DataFrame,
    ledger: pd.DataFrame,
    scenario: Scenario,
    *,
    warm_up_s: float = 0.0,
    cool_down_s: float = 0.0,
    replications=None,
) -> pd.DataFrame:
    """Summary of a run in steady state: without orders of a warm-up and a cool-down.

    At the start the shelves are empty, and after the last orders no more arrivals compete with them;
    both make figures better than those of a kitchen that never closes.

    Parameters
    ----------
    orders, ledger : DataFrame
        Of one run. Without a column ``opens_s`` in the orders, replications open at 0.
    scenario : Scenario
        Of the same run, for the names of its shelves.
    warm_up_s : float
        Orders that are ready before this time, seconds from the opening, are left out.
    cool_down_s : float
        Orders that are ready within this time, seconds, before the last arrival of their replication
        are left out.
    replications : sequence of int, optional
        Numbers of the replications; those in `orders` by default.

    Returns
    -------
    DataFrame
        The columns of `Run.summary`; occupancy is averaged over the same time.

    Raises
    ------
    KitchenError
        If a column is missing.

    Examples
    --------
    >>> import kitchen as kt
    >>> run = kt.simulate(kt.Scenario.load("rush"), "random", replications=20)
    >>> steady = kt.metrics.summary_within(run.orders, run.ledger, run.scenario, warm_up_s=5.0)
    >>> bool((steady["orders"] < run.summary["orders"]).all())
    True
    """
    columns = ["replication", "temp", "price", "ready_s", "outcome", "value", "moves", "waited_s"]
    need(orders, ["strategy", *columns], "orders")
    need(ledger, ["replication", "time_s", "from_shelf", "to_shelf"], "ledger")
    lanes = np.unique(orders["replication"] if replications is None else replications)
    temps = list(orders["temp"].cat.categories)
    by_lane = orders.groupby("replication")
    end_s = by_lane["ready_s"].max().reindex(lanes).to_numpy() - cool_down_s
    begin_s = np.full(lanes.size, float(warm_up_s))
    if "opens_s" in orders:
        begin_s += by_lane["opens_s"].min().reindex(lanes).fillna(0.0).to_numpy()
    lane = np.searchsorted(lanes, orders["replication"])
    ready = orders["ready_s"].to_numpy()
    within = (ready >= begin_s[lane]) & (ready <= end_s[lane])
    some, lane = orders[within], lane[within]
    temp, outcome = (some[key].cat.codes.to_numpy(np.int64) for key in ("temp", "outcome"))
    shape = (lanes.size, len(temps), 3)

    def summed(weights=None, only=slice(None)):
        bins = ((lane * len(temps) + temp) * 3 + outcome)[only]
        weights = None if weights is None else weights.to_numpy(float)[only]
        return np.bincount(bins, weights, minlength=int(np.prod(shape))).reshape(shape)

    standing = _standing(ledger, lanes, begin_s, end_s)
    name = orders["strategy"].iloc[0] if len(orders) else ""
    return summary_frame(
        pd.Categorical([name] * lanes.size),
        lanes,
        counts=summed(),
        worth=summed(some["value"])[:, :, 0],
        wait_s=summed(some["waited_s"])[:, :, 0].sum(axis=1),
        revenue=summed(some["price"] * some["value"])[:, :, 0],
        prices=summed(some["price"]),
        moves=summed(some["moves"]).sum(axis=(1, 2)).astype(np.int64),
        standing={shelf.name: standing(shelf.name) for shelf in scenario.shelves},
        temps=temps,
    )


def _standing(ledger: pd.DataFrame, lanes: np.ndarray, begin_s: np.ndarray, end_s: np.ndarray):
    """A function from a shelf's name to the mean number of orders there in each replication."""
    lane = np.searchsorted(lanes, ledger["replication"])
    rest_s = end_s[lane] - np.clip(ledger["time_s"].to_numpy(), begin_s[lane], end_s[lane])

    def mean_orders(shelf: str) -> np.ndarray:
        comes, goes = ((ledger[key] == shelf).to_numpy(int) for key in ("to_shelf", "from_shelf"))
        standing_s = np.bincount(lane, (comes - goes) * rest_s, minlength=lanes.size)
        return np.where(end_s > begin_s, standing_s / (end_s - begin_s), np.nan)

    return mean_orders


# Over time


def mean_fill(shelves: pd.DataFrame) -> pd.DataFrame:
    """Mean fill of the shelves over time, averaged over replications.

    Parameters
    ----------
    shelves : DataFrame
        `Run.shelves`, of one or several strategies with the same ticks.

    Returns
    -------
    DataFrame
        A row per strategy, tick and shelf: ``strategy, time_s, shelf, orders, fill, replications``.
        Where replications open at different times, ``time_s`` counts from each one's opening. A
        replication that has ended counts as empty. ``fill`` is NaN for a shelf without slots.

    Raises
    ------
    KitchenError
        If a column is missing.

    Examples
    --------
    >>> import kitchen as kt
    >>> run = kt.simulate(kt.Scenario.load("rush"), "random", replications=20)
    >>> kt.metrics.mean_fill(run.shelves)["replications"].unique().tolist()
    [20]
    """
    need(shelves, ["strategy", "replication", "time_s", "shelf", "orders", "fill"], "shelves")
    strategy = in_order(shelves["strategy"])
    lanes = shelves["replication"].groupby(strategy, observed=True).nunique()
    by = [strategy, _common_time(shelves), in_order(shelves["shelf"])]
    sums = shelves[["orders", "fill"]].groupby(by, observed=True).sum(min_count=1)
    sums.index.names = ["strategy", "time_s", "shelf"]
    table = sums.reset_index()
    table["replications"] = table["strategy"].map(lanes).astype(np.int64)
    table["orders"] = table["orders"] / table["replications"]
    table["fill"] = table["fill"] / table["replications"]
    return table


def _common_time(shelves: pd.DataFrame) -> pd.Series:
    """Times of the ticks; where replications open at different times, from each one's opening."""
    opens_s = shelves.groupby("replication")["time_s"].transform("min")
    if opens_s.nunique() <= 1:
        return shelves["time_s"]
    return (shelves["time_s"] - opens_s).round(6)  # a clock of 1.7e9 s resolves a quarter of 1e-6 s


def mean_value(frame: pd.DataFrame) -> pd.DataFrame:
    """Mean value of the orders on each shelf over time.

    Parameters
    ----------
    frame : DataFrame
        `Run.shelves` or `Run.contents`, of one or several strategies with the same ticks.

    Returns
    -------
    DataFrame
        A row per strategy, tick and shelf: ``strategy, time_s, shelf, orders, value``: the number of
        orders there in all replications, and their mean value. For an empty shelf, `shelves` give a
        row with NaN and `contents` give none.

    Raises
    ------
    KitchenError
        If a column is missing.

    Examples
    --------
    >>> import kitchen as kt
    >>> run = kt.simulate(kt.Scenario.load("rush"), "random", replications=20)
    >>> kt.metrics.mean_value(run.shelves).columns.tolist()
    ['strategy', 'time_s', 'shelf', 'orders', 'value']
    """
    if "value_mean" in frame:
        need(frame, ["strategy", "time_s", "shelf", "orders", "value_mean"], "shelves")
        times = _common_time(frame) if "replication" in frame else frame["time_s"]
        number = frame["orders"].astype(np.int64)
        worth = (frame["value_mean"] * number).where(number > 0, 0.0)
    else:
        need(frame, ["strategy", "time_s", "shelf", "value"], "contents")
        times = frame["time_s"]
        number = pd.Series(np.ones(len(frame), np.int64), frame.index)
        worth = frame["value"].astype(float)
    by = [in_order(frame["strategy"]), times, in_order(frame["shelf"])]
    sums = pd.DataFrame({"orders": number, "value": worth}).groupby(by, observed=True).sum()
    sums.index.names = ["strategy", "time_s", "shelf"]
    table = sums.reset_index()
    table["value"] = table["value"] / table["orders"].where(table["orders"] > 0)
    return table


# Single orders


def order_paths(
    orders: pd.DataFrame,
    ledger: pd.DataFrame,
    scenario: Scenario,
    *,
    replication: int | None = None,
    count: int = 6,
    points: int = 40,
) -> pd.DataFrame:
    """Value of a few orders over time, from shelf to shelf.

    Orders that moved are preferred: of each outcome in turn, the one that lost most value. Without
    moves, the orders that lost most on any shelf.

    Parameters
    ----------
    orders, ledger : DataFrame
        Of one run.
    scenario : Scenario
        Of the same run, for its decay law and its shelves' modifiers.
    replication : int, optional
        By default the first in which an order moved.
    count : int
        Largest number of orders.
    points : int
        Rows per stay on a shelf, evenly spaced, at least 2.

    Returns
    -------
    DataFrame
        Rows in order of time for each order: ``strategy, replication, order, name, temp, outcome,
        stay, shelf, time_s, age_s, value``. Stay 0 ends when stay 1 begins, with the same
        value; an order's last row is at the time at which it left.

    Raises
    ------
    KitchenError
        If a column is missing.

    Examples
    --------
    >>> import kitchen as kt
    >>> run = kt.simulate(kt.Scenario.load("rush"), "random")
    >>> paths = kt.metrics.order_paths(run.orders, run.ledger, run.scenario, count=2)
    >>> paths["order"].nunique()
    2
    """
    columns = ["replication", "order", "name", "temp", "shelf_life_s", "decay_rate"]
    need(orders, ["strategy", *columns, "ready_s", "outcome", "value", "shelf", "moves"], "orders")
    need(ledger, ["replication", "order", "time_s", "to_shelf"], "ledger")
    chosen = _orders_to_show(orders, replication, count)
    law = as_law(scenario.decay)
    shelf_named = {shelf.name: shelf for shelf in scenario.shelves}
    paths = []
    for order in chosen.itertuples():
        mine = (ledger["replication"] == order.replication) & (ledger["order"] == order.order)
        events = ledger[mine]
        times, shelves = events["time_s"].to_numpy(), events["to_shelf"].astype(object).to_list()
        weighted = 0.0
        for stay, (begin, end, shelf) in enumerate(zip(times, times[1:], shelves, strict=False)):
            time = np.linspace(begin, end, max(points, 2))
            pace = float(shelf_named[shelf].modifier_of(str(order.temp)))
            value = law.value(
                time - order.ready_s,
                weighted + pace * (time - begin),
                order.shelf_life_s,
                order.decay_rate,
            )
            weighted += pace * (end - begin)
            paths.append(
                pd.DataFrame(
                    {
                        "replication": order.replication,
                        "order": order.order,
                        "stay": stay,
                        "shelf": shelf,
                        "time_s": time,
                        "age_s": time - order.ready_s,
                        "value": value,
                    }
                )
            )
    return _labelled(paths, chosen, scenario)


def _orders_to_show(orders: pd.DataFrame, replication: int | None, count: int) -> pd.DataFrame:
    """The orders to show, worst first within each outcome, outcomes in turn."""
    stood = orders[orders["shelf"].notna()]
    moved = stood[stood["moves"] > 0]
    if replication is not None:
        stood = stood[stood["replication"] == replication]
        moved = moved[moved["replication"] == replication]
    some = moved if len(moved) else stood
    if not len(some):
        return some
    some = some[some["replication"] == some["replication"].iloc[0]]
    some = some.sort_values(["value", "order"], kind="stable")
    turn = some.groupby("outcome", observed=True).cumcount()
    return some.assign(turn=turn).sort_values(["turn", "outcome"], kind="stable").head(count)


def _labelled(paths: list, chosen: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """One table of all paths, with the names, temps and outcomes of their orders."""
    keys = ["replication", "order"]
    known = chosen[["strategy", *keys, "name", "temp", "outcome"]]
    if paths:
        table = pd.concat(paths, ignore_index=True).merge(known, on=keys, how="left")
    else:
        table = known.assign(stay=0, shelf="", time_s=0.0, age_s=0.0, value=0.0).iloc[:0]
    shelves = [shelf.name for shelf in scenario.shelves]
    table["shelf"] = pd.Categorical(table["shelf"], shelves, ordered=True)
    first = ["strategy", *keys, "name", "temp", "outcome", "stay", "shelf"]
    return table[[*first, "time_s", "age_s", "value"]]
