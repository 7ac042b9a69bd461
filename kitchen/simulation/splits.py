"""Splits of all orders' value, or of their prices, into what was delivered and what was lost."""

from __future__ import annotations

import pandas as pd

from kitchen.stats.intervals import in_order, need, with_intervals

PARTS = ("delivered value", "lost by decay", "expired", "discarded")
"""Parts into which the value of all orders is split."""

REVENUE_PARTS = ("revenue", "lost by decay", "expired", "discarded")
"""Parts into which the prices of all orders are split."""


def value_split(summaries: pd.DataFrame) -> pd.DataFrame:
    """Split of the value of all orders into delivered, lost by decay, expired and discarded.

    Parameters
    ----------
    summaries : DataFrame
        Rows of `Run.summary`, of one or several strategies.

    Returns
    -------
    DataFrame
        A row per strategy and part: ``strategy, part, share``. A fresh order counts 1. The shares sum
        to 1 (NaN for a strategy without orders).

    Raises
    ------
    KitchenError
        If a column is missing.

    Examples
    --------
    >>> import kitchen as kt
    >>> run = kt.simulate(kt.Scenario.load("rush"), "random", replications=20, keep="summary")
    >>> round(float(kt.metrics.value_split(run.summary)["share"].sum()), 9)
    1.0
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
    table = with_intervals(values, strategy, "part", PARTS)
    return table[["strategy", "part", "mean"]].rename(columns={"mean": "share"})


def revenue_split(summaries: pd.DataFrame) -> pd.DataFrame:
    """Split of the prices of all orders into revenue, lost by decay, expired and discarded.

    Parameters
    ----------
    summaries : DataFrame
        Rows of `Run.summary`, of one or several strategies.

    Returns
    -------
    DataFrame
        A row per strategy and part: ``strategy, part, money, share``. ``money`` is the mean over
        replications, in the menu's prices; ``share`` that of all prices. The shares sum to 1 (NaN
        where all prices are 0).

    Raises
    ------
    KitchenError
        If a column is missing.

    Examples
    --------
    >>> import kitchen as kt
    >>> run = kt.simulate(kt.Scenario.load("friday"), "random", replications=20, keep="summary")
    >>> kt.metrics.revenue_split(run.summary)["part"].tolist()
    ['revenue', 'lost by decay', 'expired', 'discarded']
    """
    need(
        summaries,
        ["strategy", "full_revenue", "revenue", "expired_cost", "discarded_cost"],
        "summaries",
    )
    full, *columns = (
        summaries[name].astype(float)
        for name in ("full_revenue", "revenue", "expired_cost", "discarded_cost")
    )
    decayed = (full - sum(columns)).clip(lower=0.0)
    values = pd.DataFrame(
        dict(zip(REVENUE_PARTS, (columns[0], decayed, *columns[1:]), strict=True))
    )
    strategy = in_order(summaries["strategy"])
    table = with_intervals(values, strategy, "part", REVENUE_PARTS)
    table = table[["strategy", "part", "mean"]].rename(columns={"mean": "money"})
    total = table.groupby("strategy", observed=True)["money"].transform("sum")
    return table.assign(share=(table["money"] / total).where(total > 0))
