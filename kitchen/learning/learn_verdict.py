"""The verdict of learning in words; it claims no more than the test shows."""

from __future__ import annotations

from kitchen.learning.arguments import called, currency_of, titled
from kitchen.learning.paired import amount_text, gain_text, is_gain
from kitchen.model.measures import MEASURES
from kitchen.utils.formatting import quoted, whole_percent

MOST_CLOSED = 1.0
"""Largest share of the gap that is told: above it the gap is too small to speak of."""


def sentences(result) -> list[str]:
    """The verdict: the gain over the best that ships, its share of what is possible, what else helps.

    Parameters
    ----------
    result : Learned
    """
    told = _gained(result) if result.gains else [_nothing(result)]
    if result.trace is not None:
        number = result.trace.replications.size
        tested = int(result.paired["replications"].iloc[0])
        told.append(
            f"Tested on {tested:,} of {number:,} evenings; what it learned from are the others."
        )
    if result.interrupted:
        told.append("The search was interrupted: this is the best so far.")
    return [*told, *_known(result)]


def _gained(result) -> list[str]:
    where, currency = titled(result.scenarios), currency_of(result.scenarios)
    shipped, number = called(result.selection.strategy), len(result.selection.frame)
    rows = result.paired
    text = (
        f"In {where} the learned strategy is better than the best of {number:,} shipped combinations, "
        f"{shipped}, by {gain_text(rows.iloc[0], currency)} on orders that it had never met."
    )
    today = rows[(rows["strategy"] == result.learned.name) & (rows.index > 0)]
    if len(today) and is_gain(today.iloc[0]):
        text += (
            f" Over {quoted(today['baseline'].iloc[0])} that is "
            f"{amount_text(today.iloc[0], currency)}."
        )
    return [text, *_possible(result)]


def _possible(result) -> list[str]:
    """The share of the gap to the clairvoyant bound that is closed."""
    gap = result.gap
    if gap is None or not gap.closed <= MOST_CLOSED:
        return []
    points = f"{100 * gap.gap:.2g} percentage points of {MEASURES[gap.measure].title}"
    return [
        f"It closes {whole_percent(gap.closed)} % of the gap between that best and the clairvoyant "
        f"bound, {points} (bound of {gap.replications} replications)."
    ]


def _nothing(result) -> str:
    where, currency = titled(result.scenarios), currency_of(result.scenarios)
    row = result.paired.iloc[0]
    shipped, number = called(result.selection.strategy), len(result.selection.frame)
    text = f"In {where} there is nothing to win by learning this template: "
    if row["differing"] == 0:
        what = (
            "the learned strategy did the same as the best that ships in every one of "
            f"{row['replications']:,} replications."
        )
    else:
        what = (
            "the learned strategy is not shown to be better than the best that ships, "
            f"{gain_text(row, currency)}."
        )
    return f"{text}{what} The answer is that best of {number:,} combinations, {shipped}."


def _known(result) -> list[str]:
    """What it would be worth to know exactly when couriers come."""
    rows = result.paired[result.paired["strategy"].str.endswith("couriers known exactly")]
    if not len(rows):
        return []
    row = rows.iloc[0]
    if row["differing"] == 0 or not is_gain(row):
        return ["To know exactly when each courier comes would not help the best that ships."]
    worth = gain_text(row, currency_of(result.scenarios))
    return [
        f"To know exactly when each courier comes would be worth {worth} to the best that ships."
    ]
