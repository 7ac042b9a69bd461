"""Strategies side by side, in the same replications of one scenario."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from kitchen.metrics import mean_intervals, paired_differences
from kitchen.run import simulate
from kitchen.scenario import Scenario
from kitchen.strategies import Strategy, as_strategies
from kitchen.trace import Trace

DECIDING = "lost_per_order"
"""The measure by which strategies are ranked."""

NAMED = 4
"""How many strategies a sentence names before it counts the rest."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """What several strategies made of the same orders.

    Attributes
    ----------
    scenario : Scenario
    strategies : list of Strategy
        The first is the baseline.
    summaries : DataFrame
        `Run.summary` of every strategy under each other; ``strategy`` is an ordered categorical.
    """

    scenario: Scenario
    strategies: list[Strategy]
    summaries: pd.DataFrame

    def __repr__(self):
        return (
            f"Comparison({len(self.strategies)} strategies in {self.scenario.name!r}, "
            f"{self.summaries['replication'].nunique():,} replications)"
        )

    @cached_property
    def frame(self) -> pd.DataFrame:
        """A row a strategy and measure: ``strategy, measure, mean, low, high, replications``.

        ``low`` and ``high`` are the 95 % Student-t interval of the mean over replications, NaN
        with one replication.
        """
        return mean_intervals(self.summaries)

    @cached_property
    def paired(self) -> pd.DataFrame:
        """Differences to the first strategy, replication by replication.

        Columns ``strategy, baseline, measure, difference, low, high, replications``; the interval
        is much narrower than that of two separate means, because both met the same orders.
        """
        return paired_differences(self.summaries, self.strategies[0].name)

    @cached_property
    def ranked(self) -> list[str]:
        """The strategies' names by the value they lose, least first; ties in the order given."""
        lost = self.frame[self.frame["measure"] == DECIDING]
        return list(lost.sort_values("mean", kind="stable", na_position="last")["strategy"])

    @cached_property
    def against_best(self) -> pd.DataFrame:
        """Rows of `paired` for the value lost, but with the best strategy as the baseline."""
        return paired_differences(self.summaries, self.ranked[0], [DECIDING])

    @cached_property
    def verdict(self) -> str:
        """In a sentence or two: which strategy loses least, and how sure that is."""
        return _verdict(self)


def compare(
    scenario: Scenario,
    strategies,
    *,
    replications: int = 200,
    seed: int = 0,
    trace: Trace | None = None,
    threads: int | None = None,
    warm_up_s: float = 0.0,
    advance: Callable[[int], object] | None = None,
) -> Comparison:
    """Let several strategies meet the same orders and couriers.

    Parameters
    ----------
    scenario : Scenario
    strategies : list
        Strategies, names of discard rules, or functions; the first is the baseline.
    replications, seed : int
        Not used with `trace`.
    trace : Trace, optional
        Orders that are drawn or replayed already.
    threads, warm_up_s
        See `simulate`.
    advance : callable, optional
        Told how many replications are done, now and then; in all it is told strategies x
        replications.

    Returns
    -------
    Comparison

    Raises
    ------
    KitchenError
        A subclass for each kind of fault.
    """
    strategies = as_strategies(strategies)
    runs = [
        simulate(
            scenario,
            strategy,
            replications=replications,
            seed=seed,
            trace=trace,
            keep="summary",
            threads=threads,
            warm_up_s=warm_up_s,
            advance=advance,
        )
        for strategy in strategies
    ]
    names = [strategy.name for strategy in strategies]
    summaries = pd.concat(
        [run.summary.assign(strategy=run.strategy.name) for run in runs], ignore_index=True
    )
    summaries["strategy"] = pd.Categorical(summaries["strategy"], names, ordered=True)
    return Comparison(scenario, strategies, summaries)


# The verdict


def _verdict(table: Comparison) -> str:
    best = table.ranked[0]
    lost = table.frame[table.frame["measure"] == DECIDING].set_index("strategy").loc[best]
    if np.isnan(lost["mean"]):
        return "No orders came, so there is nothing to compare."
    amount = f"{_share(lost['mean'])} of the value of its orders"
    alone = len(table.strategies) == 1
    subject = f"{_quoted(best)} loses" + ("" if alone else " least:")
    if lost["replications"] < 2:
        return (
            f"{subject} {amount}. This is one replication, which gives no interval: nothing can be "
            "said about how sure it is."
        )
    how_sure = (
        f"(95 % interval {_share(lost['low'])[:-2]} to {_share(lost['high'])}, "
        f"{lost['replications']:,} replications)"
    )
    if not alone and (table.against_best[["difference", "low", "high"]] == 0).all(axis=None):
        return (
            f"All {len(table.strategies)} strategies lose {amount} {how_sure}: they cannot be told "
            "apart, each loses the same in every replication."
        )
    told = f"{subject} {amount} {how_sure}."
    return told if alone else f"{told} {_others(table)}"


def _others(table: Comparison) -> str:
    """How the best compares with each of the others, replication by replication."""
    rows = table.against_best.set_index("strategy")
    unsure = rows[(rows["low"] <= 0) & (rows["high"] >= 0)]
    twins = unsure[(unsure["low"] == 0) & (unsure["high"] == 0)]
    close = unsure.drop(twins.index)
    clear = len(rows) - len(unsure)
    told = ""
    if len(twins):
        told = f"It cannot be told apart from {_listed(twins.index)}"
        told += " (the same in every replication)"
        told += f", nor from {_listed(close.index)}" if len(close) else ""
    elif len(close):
        told = f"It cannot be told apart from {_listed(close.index)}"
    if not told:
        told = "The other one loses" if clear == 1 else f"The other {clear} lose"
        return f"{told} more, judged by differences in the same replications{_baseline(table)}."
    if clear:
        told += "; the other one loses" if clear == 1 else f"; the other {clear} lose"
        told += f" more{_baseline(table)}"
    return told + "."


def _baseline(table: Comparison) -> str:
    """How much more the baseline loses, if it is not among the best."""
    name = table.strategies[0].name
    rows = table.against_best.set_index("strategy")
    if name not in rows.index or not rows.loc[name, "low"] > 0:
        return ""
    row = rows.loc[name]
    return (
        f" (the baseline {_quoted(name)} by {100 * row['difference']:.2g} percentage points, "
        f"95 % interval {100 * row['low']:.2g} to {100 * row['high']:.2g})"
    )


def _share(value: float) -> str:
    percent = 100 * max(value, 0.0)
    return f"{percent:.{1 if percent >= 9.95 else 2}f} %"


def _quoted(name: str) -> str:
    name = name if len(name) <= 60 else f"{name[:57]}..."
    return f"'{name}'" if name.isprintable() else repr(name)


def _listed(names) -> str:
    """Names in a sentence; the rest of many are counted."""
    names = [_quoted(name) for name in names]
    if len(names) > NAMED + 1:
        names = [*names[:NAMED], f"{len(names) - NAMED} more"]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
