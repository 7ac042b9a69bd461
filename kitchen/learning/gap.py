"""The gap of a strategy to the clairvoyant bound, and the share of it that another one closes."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from kitchen.comparison.bound import bound
from kitchen.errors import KitchenError
from kitchen.learning.evaluator import Evaluator
from kitchen.learning.paired import score_of
from kitchen.model.measures import bound_of
from kitchen.model.strategy import Strategy

_LOSS_OF = {"value": "lost_per_order", "waste": "wasted_share", "revenue": "lost_revenue_share"}
"""Clairvoyant bound -> the measure in which the gap to it is told."""


class Gap(NamedTuple):
    """Distance of a strategy to the clairvoyant bound, and another one's part of it.

    Attributes
    ----------
    measure : str
        A share that is better when it is lower.
    gap : float
        Mean distance of the first strategy to the bound.
    closed : float
        Share of it by which the second is better; NaN where there is no distance.
    replications : int
        Replications of each scenario whose bound was computed.
    """

    measure: str
    gap: float
    closed: float
    replications: int


def gap_closed(test: Evaluator, first: Strategy, second: Strategy, replications: int) -> Gap | None:
    """The gap of a strategy to the bound, on the first replications of an evaluator.

    What the second strategy gains is measured on all of its replications.

    Parameters
    ----------
    test : Evaluator
        With orders that are kept.
    first, second : Strategy
    replications : int
        Of all scenarios together.

    Returns
    -------
    Gap or None
        None where there is no bound of this measure, or none is wanted.
    """
    try:
        kind = bound_of(test.measure)
    except KitchenError:
        return None
    number = min(max(replications // len(test.scenarios), 1), test.replications)
    if not replications:
        return None
    own = replace(test, measure=_LOSS_OF[kind], callback=None)
    values = own.encode([first, second]).values()
    least = []
    for scenario, kept in zip(own.scenarios, own.traces, strict=True):
        trace = kept.take(range(number))
        frame = bound(trace, scenario, measure=kind, threads=own.threads).frame
        value = kind == "value"
        least.append(1.0 - frame["value_per_order"] if value else frame[own.measure])
    gap = score_of(values[0, :number]) - score_of(np.mean(least, axis=0))
    gained = score_of(values[0]) - score_of(values[1])
    return Gap(own.measure, gap, gained / gap if gap > 1e-12 else np.nan, number)
