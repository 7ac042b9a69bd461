"""Arrivals fitted to evenings: a piecewise-constant rate, busy evenings, and a test of the process."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from kitchen.logs.evenings import Evenings
from kitchen.model.demand import MOST_SPREAD
from kitchen.stats.intervals import LEVEL

BIN_S = 300.0
"""Width of the bins whose counts are partitioned, seconds."""

HALF_HOUR_S = 1800.0
"""Width of the pieces where there are too few orders to find them, seconds."""

FEW_ORDERS = 500
"""Orders of all evenings below which pieces are fixed half hours."""


class ArrivalsFit(NamedTuple):
    """Arrivals of some evenings.

    frame : a row a piece: ``from_s, to_s, orders, rate_h, low, high`` (an hour, an evening; 95 %)
    busy : coefficient of variation of an evening's rate
    overdispersion : variance over mean of the evenings' counts; NaN with one evening
    overdispersion_p : of the hypothesis that counts are Poisson (chi-square)
    poisson_p : of the hypothesis that arrivals within a piece are a Poisson process
    """

    frame: pd.DataFrame
    busy: float
    overdispersion: float
    overdispersion_p: float
    poisson_p: float

    def process(self) -> dict:
        """The arrivals as a scenario has them."""
        return {
            "process": "piecewise",
            "from_s": [float(start) for start in self.frame["from_s"]],
            "rates": [float(rate) / 3600 for rate in self.frame["rate_h"]],
        }


def fit_arrivals(evenings: Evenings, test: bool = True) -> ArrivalsFit:
    """Fit the rate of arrivals over an evening, and how much evenings differ.

    Parameters
    ----------
    evenings : Evenings
    test : bool
        Whether to test for a Poisson process; else its p value is NaN.

    Notes
    -----
    Pieces are the partition of 5-minute bins with the largest Poisson likelihood less (ln N) / 2 + ln
    bins for each piece: the description length of its rate and of its start (Rissanen 1978; the
    partition is exact, Jackson et al., IEEE Signal Processing Letters 12 (2005), 105-108). A factor of
    an evening's whole rate does not move it: given those factors, the summed counts are Poisson.

    The factor's variance is that by moments of the mixed Poisson number: variance less mean, over the
    mean squared.
    """
    number, end = len(evenings), evenings.duration_s
    times = np.concatenate([evening.received_s for evening in evenings.each])
    if times.size < FEW_ORDERS:
        starts = np.arange(0.0, end, HALF_HOUR_S)
    else:
        bins = max(math.ceil(end / BIN_S), 1)
        counts = np.bincount(np.minimum((times / BIN_S).astype(int), bins - 1), minlength=bins)
        penalty = 0.5 * math.log(times.size) + math.log(bins)
        starts = BIN_S * partition(counts, penalty)
    edges = np.append(starts, end)
    orders = np.histogram(times, edges)[0]
    busy, ratio, p = busy_evenings(evenings.counts)
    frame = _with_limits(edges, orders, number, busy)
    poisson_p = poisson_test(evenings, edges) if test else math.nan
    return ArrivalsFit(frame, busy, ratio, p, poisson_p)


def partition(counts: np.ndarray, penalty: float) -> np.ndarray:
    """First bins of the pieces of an optimal piecewise-constant rate, exact by dynamic programming.

    Parameters
    ----------
    counts : int array, shape (bins,)
        Events in bins of equal width.
    penalty : float
        Loss of logarithmic likelihood that one more piece must make up for.

    Examples
    --------
    >>> partition(np.array([5, 4, 6, 30, 28, 31]), penalty=4.0).tolist()
    [0, 3]
    """
    total = np.concatenate([[0], np.cumsum(counts)])
    best, last = np.zeros(total.size), np.zeros(total.size, np.int64)
    for stop in range(1, total.size):
        starts = np.arange(stop)
        events = total[stop] - total[starts]
        with np.errstate(divide="ignore", invalid="ignore"):
            gain = np.where(events > 0, events * np.log(events / (stop - starts)), 0.0)
        loss = best[:stop] - gain + penalty
        last[stop] = np.argmin(loss)
        best[stop] = loss[last[stop]]
    cuts = [total.size - 1]
    while cuts[-1]:
        cuts.append(int(last[cuts[-1]]))
    return np.array(cuts[:0:-1])


def busy_evenings(counts: np.ndarray) -> tuple[float, float, float]:
    """Coefficient of variation of an evening's rate, variance over mean of counts, and its p value."""
    from scipy.stats import chi2

    mean = counts.mean()
    if counts.size < 2 or not mean:
        return 0.0, math.nan, math.nan
    variance = counts.var(ddof=1)
    busy = math.sqrt(max(variance - mean, 0.0)) / mean
    p = float(chi2.sf((counts.size - 1) * variance / mean, counts.size - 1))
    return min(busy, MOST_SPREAD), float(variance / mean), p


def _with_limits(edges, orders, evenings: int, busy: float) -> pd.DataFrame:
    """Rates of the pieces with 95 % intervals.

    Exact for a Poisson number (Garwood 1936), widened by what evenings differ: the squares of both
    distances are added.
    """
    from scipy.stats import gamma, t

    hours = np.diff(edges) / 3600 * evenings
    rate, tail = orders / hours, (1 - LEVEL) / 2
    low = np.where(orders > 0, gamma.ppf(tail, np.maximum(orders, 1)), 0.0) / hours
    high = gamma.isf(tail, orders + 1) / hours
    between = t.isf(tail, max(evenings - 1, 1)) * busy * rate / math.sqrt(evenings)
    return pd.DataFrame(
        {
            "from_s": edges[:-1],
            "to_s": edges[1:],
            "orders": orders,
            "rate_h": rate,
            "low": np.maximum(rate - np.hypot(rate - low, between), 0.0),
            "high": rate + np.hypot(high - rate, between),
        }
    )


def poisson_test(evenings: Evenings, edges: np.ndarray, seed: int = 0) -> float:
    """P value of the hypothesis that arrivals are Poisson with a constant rate between the edges.

    Notes
    -----
    Given their number, arrivals of an evening within a piece are uniform, whatever that evening's
    rate; Lewis's transformation of their gaps makes them uniform again with more power against gaps
    that are not exponential; Kim and Whitt, Manufacturing & Service Operations Management 16 (2014),
    464-480. Times that are rounded are spread evenly over the unit to which they are.
    """
    from scipy.stats import kstest

    unit = _rounded_to(np.concatenate([evening.received_s for evening in evenings.each]))
    generator, pooled = np.random.default_rng(seed), []
    for evening in evenings.each:
        times = np.sort(evening.received_s + unit * generator.random(evening.received_s.size))
        for start, stop in zip(edges[:-1], edges[1:], strict=True):
            inside = times[(times >= start) & (times < stop)]
            if inside.size > 1:
                pooled.append(lewis((inside - start) / (stop - start)))
    return float(kstest(np.concatenate(pooled), "uniform").pvalue) if pooled else math.nan


def lewis(u: np.ndarray) -> np.ndarray:
    """Lewis's transformation of sorted uniform numbers: uniform again, sorted.

    Gaps are sorted; their normalised differences are distributed as gaps are (Durbin, Biometrika 48
    (1961), 41-55; Lewis, Journal of the Royal Statistical Society B 27 (1965), 34-48).
    """
    gaps = np.sort(np.diff(np.concatenate([[0.0], u, [1.0]])))
    left = np.arange(gaps.size, 0, -1)
    return np.cumsum(left * np.diff(gaps, prepend=0.0))[:-1]


def _rounded_to(times: np.ndarray) -> float:
    """The unit, seconds, to which all times are rounded: a minute, a second, or 0."""
    return next((unit for unit in (60.0, 1.0) if (times % unit == 0).all()), 0.0)
