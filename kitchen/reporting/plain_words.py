"""The answer of a comparison for somebody who reads one line: what is lost, what helps, how sure."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from kitchen.advice.verdict import amount
from kitchen.comparison.comparison import Comparison
from kitchen.model.measures import PRIMARY_MONEY, Measure
from kitchen.reporting.headline import headline, standout
from kitchen.utils.formatting import counted, quoted


class PlainAnswer(NamedTuple):
    """An answer in plain words.

    Attributes
    ----------
    level : str
        What today's practice, the first strategy, loses; empty where no orders came.
    answer : str
        What the best strategy saves, as the headline of a report says it.
    sure : str
        In how many replications it is better and what it takes; empty where nothing is claimed.
    """

    level: str
    answer: str
    sure: str


def plain_answer(table: Comparison) -> PlainAnswer:
    """What is lost today, what would help and how sure that is, a sentence each.

    Parameters
    ----------
    table : Comparison

    Examples
    --------
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> plain_answer(kt.compare(rush, ["random", "oldest"], replications=20)).level
    "Today's practice, 'random', loses 5.24 of every 100 parts of the value of its orders."
    """
    today = table.strategies[0].name
    mean = table.means_of(table.measure).set_index("strategy")["mean"][today]
    if np.isnan(mean):
        return PlainAnswer("", headline(table), "")
    return PlainAnswer(_level(table, today, mean), headline(table), _sure(table))


def most_that_rules_could(regret: pd.DataFrame, measure: Measure) -> str:
    """A sentence on the best that anybody could have done, from the gaps to the clairvoyant bound.

    Parameters
    ----------
    regret : DataFrame
        `Comparison.regret`; its baseline is today's practice.
    measure : Measure
    """
    rows = regret[regret["measure"] == "regret"]
    rows = rows[rows["strategy"].astype(object) == rows["baseline"].astype(object)]
    if not len(rows) or np.isnan(rows["mean"].iloc[0]):
        return ""
    most = amount(max(float(rows["mean"].iloc[0]), 0.0), measure)
    number = counted(int(rows["replications"].iloc[0]), "replication")
    return (
        f"The best that anybody could have done, knowing every order and courier beforehand, saves "
        f"about {most} (clairvoyant bound, {number})."
    )


def _level(table: Comparison, today: str, mean: float) -> str:
    measure, who = table.measured, f"Today's practice, {quoted(today)}"
    if not measure.part_of:
        return f"{who}: {measure.title} {measure.figure(mean)}."
    hundredths = f"{100 * mean:.3g}"
    if table.measure != PRIMARY_MONEY:
        what = measure.part_of.format("its")
        return f"{who}, loses {hundredths} of every 100 parts of {what}."
    unit = table.scenario.orders.currency
    prices = (
        f"{unit} that its orders cost" if unit else "that its orders cost, in the menu's prices"
    )
    return f"{who}, loses {hundredths} of every 100 {prices}."


def _sure(table: Comparison) -> str:
    """In how many replications the best strategy is better than today's practice."""
    today, best = table.strategies[0], standout(table)
    if best is today or table.replications < 2:
        return ""
    values = table.summaries.pivot(index="replication", columns="strategy", values=table.measure)
    gain = values[best.name] - values[today.name]
    better = int((gain > 0 if table.measured.more_is_better else gain < 0).sum())
    pooled = best.issue and not today.issue
    costs = "It takes couriers in a pool." if pooled else "It costs nothing but another rule."
    number = counted(table.replications, "replication")
    return f"How sure: it is better in {better:,} of {number} on the same orders. {costs}"
