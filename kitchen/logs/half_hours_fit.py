"""Factors of couriers' delays by half hour of the evening, kept where a test finds them."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from kitchen.model.demand import HALF_HOUR_S

ENOUGH = 30
"""Fewest delays of a half hour for a factor of its own; with fewer it has that of the one before."""

REJECTED = 0.01
"""P value of Kruskal and Wallis's test below which half hours differ: without any difference one log in
a hundred gets factors, which are then close to 1."""


class HalfHours(NamedTuple):
    """Factors of delays by half hour from the opening, empty where they do not matter; p of the test."""

    factors: tuple[float, ...] = ()
    p: float = math.nan


def fit_half_hours(
    delays: list[np.ndarray], starts: list[np.ndarray], test: bool = True
) -> HalfHours:
    """Estimate factors of delays by half hour.

    Parameters
    ----------
    delays, starts : list of arrays
        Delays of each evening, and the instants from which they count, seconds from its opening.
    test : bool
        Whether there are factors only where Kruskal and Wallis's test rejects that half hours are alike.

    Returns
    -------
    HalfHours

    Notes
    -----
    Delays are divided by their evening's median first, so that a slow evening makes no half hour slow.
    A factor is the median of a half hour; their geometric mean over delays is 1. The test is that of
    Kruskal and Wallis, Journal of the American Statistical Association 47 (1952), 583-621.

    Examples
    --------
    >>> starts = np.arange(0.0, 3600.0, 10.0)
    >>> delay = 600.0 + starts % 100.0
    >>> fit_half_hours([delay], [starts]).factors
    ()
    >>> fit_half_hours([np.where(starts < 1800.0, delay, 1.44 * delay)], [starts]).factors
    (0.833, 1.2)
    """
    own = [(d, s, np.median(d)) for d, s in zip(delays, starts, strict=True) if d.size]
    own = [(d / median, s) for d, s, median in own if median > 0]
    if not own:
        return HalfHours()
    ratio, start = (np.concatenate(parts) for parts in zip(*own, strict=True))
    place = (start // HALF_HOUR_S).astype(np.int64)
    counts = np.bincount(place)
    full = np.flatnonzero(counts >= ENOUGH)
    if full.size < 2:
        return HalfHours()
    groups = [ratio[place == at] for at in full]
    if np.ptp(np.concatenate(groups)) == 0:
        return HalfHours()
    p = math.nan
    if test:
        from scipy.stats import kruskal

        p = float(kruskal(*groups).pvalue)
        if not p < REJECTED:
            return HalfHours((), p)
    medians = np.array([np.median(group) for group in groups])
    if not (medians > 0).all():
        return HalfHours((), p)
    before = np.maximum(np.searchsorted(full, np.arange(counts.size), side="right") - 1, 0)
    factors = medians[before]
    usual = np.exp(np.average(np.log(factors), weights=counts))
    return HalfHours(tuple(round(float(x), 3) for x in factors / usual), p)


def divided(
    values: list[np.ndarray], starts: list[np.ndarray], factors: tuple[float, ...]
) -> list[np.ndarray]:
    """Delays of each evening without the factor of their half hour."""
    if not factors:
        return values
    table = np.array(factors)
    return [
        own / table[np.minimum(start // HALF_HOUR_S, table.size - 1).astype(np.int64)]
        for own, start in zip(values, starts, strict=True)
    ]
