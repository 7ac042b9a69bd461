"""Where a series that starts out of its steady state settles: MSER-5, and Welch's moving average."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

BATCH = 5
"""Number of observations in a batch: the 5 of MSER-5."""

LAST = 5
"""Number of batches at the end at which no cut is made: a handful of values can be alike by chance."""

FEWEST = 10 * BATCH
"""Smallest number of observations for which a cut is sought."""


class Cut(NamedTuple):
    """Where a series is cut.

    Attributes
    ----------
    observations : int
        Number of observations at the start that are left out, a multiple of `BATCH`.
    settled : bool
        Whether the cut is in the first half of the series. Where it is not, the series is too short to
        tell.
    statistic : array, shape (possible cuts,)
        The squared marginal standard error after 0, 1, 2, ... batches are left out.
    """

    observations: int
    settled: bool
    statistic: np.ndarray


def mser5(values: np.ndarray) -> Cut:
    """The initial transient of a series, by MSER-5.

    Parameters
    ----------
    values : array, shape (observations,)
        At least `FEWEST`, in order of time; an average over replications, or one long run.

    Returns
    -------
    Cut

    Examples
    --------
    >>> level = 5.0 + 0.1 * (-1.0) ** np.arange(200)
    >>> mser5(np.r_[np.zeros(20), level]).observations
    20

    Notes
    -----
    The observations are averaged in batches of five, and the cut is after the ``d`` batches that
    minimise the marginal standard error, the sum over the rest of ``(Z_j - mean)^2 / (k - d)^2``:
    White, Simulation 69 (1997), 323-334; White, Cobb and Spratt, "A comparison of five steady-state
    truncation heuristics for simulation", Proceedings of the Winter Simulation Conference 2000,
    755-760. It comes close to minimising the mean squared error of the mean that is left (White and
    Robinson, "The problem of the initial transient (again), or why MSER works", Journal of Simulation 4
    (2010), 268-272). A cut in the second half is no answer, and the last five batches are not
    considered: Hoad, Robinson and Davies, "Automating warm-up length estimation", Journal of the
    Operational Research Society 61 (2010), 1389-1403, who chose MSER-5 out of 44 methods.
    """
    batches = np.asarray(values, float)[: len(values) // BATCH * BATCH].reshape(-1, BATCH).mean(1)
    centred = batches - batches.mean()
    left = np.arange(len(batches), 0, -1)
    sums, squares = (np.cumsum(x[::-1])[::-1] for x in (centred, centred**2))
    around = np.maximum(squares - sums**2 / left, 0.0)
    around[around < 1e-12 * squares[0]] = 0.0  # a rest that does not vary, but for rounding
    statistic = (around / left.astype(float) ** 2)[: max(1, len(batches) - LAST)]
    best = int(np.argmin(statistic))
    return Cut(BATCH * best, best <= len(batches) // 2, statistic)


def welch(values: np.ndarray, window: int) -> np.ndarray:
    """Welch's moving average of a series.

    Parameters
    ----------
    values : array, shape (observations,)
    window : int
        Observations to either side; near the start only as many as there are.

    Returns
    -------
    array, shape (observations,)
        NaN for the last `window` observations.

    Examples
    --------
    >>> welch(np.array([0.0, 3.0, 6.0, 3.0]), 1).tolist()
    [0.0, 3.0, 4.0, nan]

    Notes
    -----
    Welch, "The statistical analysis of simulation results", in The Computer Performance Modeling
    Handbook, Academic Press 1983, 268-328.
    """
    values = np.asarray(values, float)
    nth = np.arange(len(values))
    half = np.minimum(nth, window)
    sums = np.r_[0.0, np.cumsum(values)]
    last = np.minimum(nth + half, len(values) - 1)
    average = (sums[last + 1] - sums[nth - half]) / (2 * half + 1)
    return np.where(nth + window < len(values), average, np.nan)


def replications_for(mean: float, deviation: float, precision: float, most: int) -> float:
    """Replications whose 95 % interval of a mean reaches at most a share of it to either side.

    Parameters
    ----------
    mean, deviation : float
        Of the values of the replications that there are.
    precision : float
        The half-width of the interval as a share of the mean.
    most : int
        Where more are needed, the answer is infinite.

    Returns
    -------
    float
        A whole number, at least 2; NaN where the mean is 0 or the deviation unknown.

    Examples
    --------
    >>> replications_for(10.0, 2.0, 0.05, 10**6)
    64.0

    Notes
    -----
    The confidence interval method: Hoad, Robinson and Davies, "Automated selection of the number of
    replications for a discrete-event simulation", Journal of the Operational Research Society 61
    (2010), 1632-1644.
    """
    from kitchen.stats.intervals import quantile

    if not mean or math.isnan(mean) or math.isnan(deviation):
        return math.nan
    wanted = precision * abs(mean)

    def enough(number: int) -> bool:
        return float(quantile(number - 1)) * deviation / math.sqrt(number) <= wanted

    if enough(2):
        return 2.0
    if not enough(most):
        return math.inf
    too_few, number = 2, most  # the half-width falls with the number
    while number - too_few > 1:
        middle = (too_few + number) // 2
        too_few, number = (too_few, middle) if enough(middle) else (middle, number)
    return float(number)
