"""Frames to tables: what the comparisons, the plots and the report show.

Every function is pure: frames in, a new frame out. An interval is the 95 % Student-t interval of a
mean over replications; a replication in which a measure has no value (no orders came, none of that
temp) does not count for it, and ``replications`` says how many did.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from kitchen.decay import as_law
from kitchen.errors import KitchenError, unknown
from kitchen.scenario import Scenario

MEASURES = (
    "wasted_share",
    "expired_share",
    "discarded_share",
    "value_per_order",
    "lost_per_order",
    "waste_cost",
    "wait_mean_s",
    "moves",
)
"""What strategies are compared by: columns of `Run.summary`."""

CAUSES = ("expired", "discarded")
PARTS = ("delivered value", "lost by decay", "expired", "discarded")
LEVEL = 0.95


def mean_intervals(summaries: pd.DataFrame, measures=MEASURES) -> pd.DataFrame:
    """Means over replications with their intervals.

    Parameters
    ----------
    summaries : DataFrame
        Rows of `Run.summary`, of one or several strategies.
    measures : sequence of str
        Columns to average.

    Returns
    -------
    DataFrame
        A row a strategy and measure: ``strategy, measure, mean, low, high, replications``. ``low``
        and ``high`` are NaN with fewer than two replications, the mean with none.
    """
    measures = list(measures)
    need(summaries, ["strategy", *measures], "summaries")
    strategy = in_order(summaries["strategy"])
    values = summaries[measures].astype(float)
    return _with_intervals(values, strategy, "measure", measures)


def paired_differences(
    summaries: pd.DataFrame, baseline: str | None = None, measures=MEASURES
) -> pd.DataFrame:
    """Mean differences to a baseline in the same replications, with their intervals.

    Parameters
    ----------
    summaries : DataFrame
        Rows of `Run.summary` of several strategies that met the same orders.
    baseline : str, optional
        A strategy's name; the first strategy if left out.
    measures : sequence of str

    Returns
    -------
    DataFrame
        A row a strategy other than the baseline and measure: ``strategy, baseline, measure,
        difference, low, high, replications``; the difference is the strategy minus the baseline.

    Raises
    ------
    KitchenError
        If there is no such baseline, or a strategy has a replication twice.
    """
    measures = list(measures)
    need(summaries, ["strategy", "replication", *measures], "summaries")
    strategy = in_order(summaries["strategy"])
    names = list(strategy.categories)
    if baseline is None:
        baseline = names[0] if names else ""
    elif baseline not in names:
        raise KitchenError(unknown("baseline", baseline, names))
    keys = pd.MultiIndex.from_arrays([strategy, summaries["replication"]])
    if keys.has_duplicates:
        twice = keys[keys.duplicated()][0]
        raise KitchenError(f"summaries: strategy {twice[0]!r} has replication {twice[1]} twice.")
    values = summaries[measures].astype(float).set_axis(keys)
    others = values[keys.get_level_values(0) != baseline]
    if len(others):
        against = values.xs(baseline, level=0).reindex(others.index.get_level_values(1))
        others = others - against.to_numpy()
    strategy = pd.Categorical(others.index.get_level_values(0), names, ordered=True)
    table = _with_intervals(others.reset_index(drop=True), strategy, "measure", measures)
    table = table[table["strategy"] != baseline].reset_index(drop=True)
    table.insert(1, "baseline", pd.Categorical([baseline] * len(table), names, ordered=True))
    return table.rename(columns={"mean": "difference"})


def waste_by_cause(summaries: pd.DataFrame) -> pd.DataFrame:
    """Shares of the orders that expired and that were discarded.

    Returns
    -------
    DataFrame
        A row a strategy and cause: ``strategy, cause, mean, low, high, replications``.
    """
    need(summaries, ["strategy", *(f"{cause}_share" for cause in CAUSES)], "summaries")
    values = summaries[[f"{cause}_share" for cause in CAUSES]].astype(float)
    return _with_intervals(values, in_order(summaries["strategy"]), "cause", CAUSES)


def waste_by_temp(summaries: pd.DataFrame) -> pd.DataFrame:
    """Share of each temp's orders that was wasted, averaged over replications.

    Returns
    -------
    DataFrame
        A row a strategy and temp: ``strategy, temp, mean, low, high, replications``.
    """
    need(summaries, ["strategy"], "summaries")
    lead = "wasted_share_"
    temps = [str(c).removeprefix(lead) for c in summaries.columns if str(c).startswith(lead)]
    values = summaries[[lead + temp for temp in temps]].astype(float)
    return _with_intervals(values, in_order(summaries["strategy"]), "temp", temps)


def value_split(summaries: pd.DataFrame) -> pd.DataFrame:
    """Where the value of all orders went.

    Returns
    -------
    DataFrame
        A row a strategy and part: ``strategy, part, share``. A fresh order counts 1; the parts
        are what customers got, what delivered orders had lost by then, and the orders that expired
        and that were discarded. They sum to 1 (NaN for a strategy that met no orders).
    """
    need(
        summaries,
        ["strategy", "value_per_order", "delivered_share", "expired_share", "discarded_share"],
        "summaries",
    )
    strategy = in_order(summaries["strategy"])
    worth = summaries["value_per_order"].astype(float)
    decayed = (summaries["delivered_share"].astype(float) - worth).clip(lower=0.0)
    columns = (worth, decayed, summaries["expired_share"], summaries["discarded_share"])
    values = pd.DataFrame({part: c.astype(float) for part, c in zip(PARTS, columns, strict=True)})
    table = _with_intervals(values, strategy, "part", PARTS)
    return table[["strategy", "part", "mean"]].rename(columns={"mean": "share"})


# Over time


def mean_fill(shelves: pd.DataFrame) -> pd.DataFrame:
    """How full the shelves are over time, averaged over replications.

    Parameters
    ----------
    shelves : DataFrame
        `Run.shelves`, of one or several strategies with the same ticks.

    Returns
    -------
    DataFrame
        A row a strategy, tick and shelf: ``strategy, time_s, shelf, orders, fill, replications``.
        A replication that is over counts as empty. ``fill`` is NaN for a shelf without slots.
    """
    need(shelves, ["strategy", "replication", "time_s", "shelf", "orders", "fill"], "shelves")
    strategy = in_order(shelves["strategy"])
    lanes = shelves["replication"].groupby(strategy, observed=True).nunique()
    by = [strategy, shelves["time_s"], in_order(shelves["shelf"])]
    sums = shelves[["orders", "fill"]].groupby(by, observed=True).sum(min_count=1)
    sums.index.names = ["strategy", "time_s", "shelf"]
    table = sums.reset_index()
    table["replications"] = table["strategy"].map(lanes).astype(np.int64)
    table["orders"] = table["orders"] / table["replications"]
    table["fill"] = table["fill"] / table["replications"]
    return table


def mean_value(frame: pd.DataFrame) -> pd.DataFrame:
    """Mean value of the food that stands on each shelf over time.

    Parameters
    ----------
    frame : DataFrame
        `Run.shelves` or `Run.contents`, of one or several strategies with the same ticks.

    Returns
    -------
    DataFrame
        A row a strategy, tick and shelf: ``strategy, time_s, shelf, orders, value``: the mean over
        all orders that stand there in any replication, and how many they are. Where none does,
        `shelves` give a row with NaN and `contents` give none.
    """
    if "value_mean" in frame:
        need(frame, ["strategy", "time_s", "shelf", "orders", "value_mean"], "shelves")
        number = frame["orders"].astype(np.int64)
        worth = (frame["value_mean"] * number).where(number > 0, 0.0)
    else:
        need(frame, ["strategy", "time_s", "shelf", "value"], "contents")
        number = pd.Series(np.ones(len(frame), np.int64), frame.index)
        worth = frame["value"].astype(float)
    by = [in_order(frame["strategy"]), frame["time_s"], in_order(frame["shelf"])]
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
    """How the value of a few orders falls while they stand on shelves and move between them.

    The orders shown moved, if any did: of each outcome in turn, the one that lost most. Without
    moves they are those that lost most on any shelf.

    Parameters
    ----------
    orders, ledger : DataFrame
        Of one run.
    scenario : Scenario
        Of the same run: for its decay law and its shelves' modifiers.
    replication : int, optional
        The first in which an order moved, if left out.
    count : int
        How many orders to show, at most.
    points : int
        Rows for each stay on a shelf, evenly spaced, at least 2.

    Returns
    -------
    DataFrame
        Rows in order of time for each order: ``strategy, replication, order, name, temp, outcome,
        stay, shelf, time_s, age_s, value``. Stay 0 ends at the instant stay 1 begins, with the
        same value; an order's last row is the instant at which it left.
    """
    columns = ["replication", "order", "name", "temp", "shelf_life_s", "decay_rate"]
    need(orders, ["strategy", *columns, "ready_s", "outcome", "value", "shelf", "moves"], "orders")
    need(ledger, ["replication", "order", "time_s", "to_shelf"], "ledger")
    chosen = _worth_a_look(orders, replication, count)
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


def _worth_a_look(orders: pd.DataFrame, replication: int | None, count: int) -> pd.DataFrame:
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
    """Paths under each other, with what is known of their orders."""
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


# Shared


def need(frame: pd.DataFrame, columns, what: str) -> None:
    """Refuse a frame that lacks columns.

    Raises
    ------
    KitchenError
    """
    missing = [column for column in columns if column not in frame]
    if missing:
        raise KitchenError(
            f"{what}: the column {missing[0]!r} is missing. There are: "
            f"{', '.join(map(str, frame.columns))}."
        )


def in_order(names: pd.Series) -> pd.Categorical:
    """The names that occur, as ordered categories: in their order if they have one, else as first
    met."""
    if isinstance(names.dtype, pd.CategoricalDtype):
        return names.array.remove_unused_categories().as_ordered()
    return pd.Categorical(names, pd.unique(names.dropna()), ordered=True)


def _with_intervals(values: pd.DataFrame, strategy, key: str, labels) -> pd.DataFrame:
    """Mean and interval of each column for each strategy, as rows; `labels` name the columns."""
    names = list(strategy.categories)
    groups = values.groupby(strategy, observed=False)
    number, mean = groups.count().to_numpy(), groups.mean().to_numpy()
    half = _half_width(groups.std(ddof=1).to_numpy(), number)
    labels = list(labels)
    return pd.DataFrame(
        {
            "strategy": pd.Categorical(np.repeat(names, len(labels)), names, ordered=True),
            key: pd.Categorical(np.tile(labels, len(names)), labels, ordered=True),
            "mean": mean.ravel(),
            "low": (mean - half).ravel(),
            "high": (mean + half).ravel(),
            "replications": number.ravel().astype(np.int64),
        }
    )


def _half_width(deviation: np.ndarray, number: np.ndarray) -> np.ndarray:
    """Half of the Student-t interval of a mean; NaN with fewer than two values."""
    from scipy.special import stdtrit  # the quantile of Student's t, without all of scipy.stats

    enough = np.where(number > 1, number, 2)
    half = stdtrit(enough - 1, (1 + LEVEL) / 2) * deviation / np.sqrt(enough)
    return np.where(number > 1, half, np.nan)
