"""Group-sequential one-sided confidence limits for a mean."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from kitchen.stats.intervals import half_width

FEW_WASTED = 30
"""With fewer replications that waste anything Student's t knows too little of rare events."""


def looks_of(first: int, cap: int) -> list[int]:
    """Replications at each look: doubling, and the cap last."""
    sizes = []
    while first < cap:
        sizes.append(first)
        first *= 2
    return [*sizes, cap]


def spent(look: int, looks: int, error: float) -> float:
    """The part of the error that a look has: half for the last one, the rest evenly."""
    if looks == 1:
        return error
    return error / 2 if look == looks - 1 else error / (2 * (looks - 1))


class Estimate(NamedTuple):
    """A mean over replications, and what its limits need."""

    mean: float
    deviation: float
    """Of the values, whatever the control tells of them."""
    spread: float
    """The standard error of what the control does not tell."""
    error: float
    """The standard error of the mean; NaN with too few replications."""
    skew: float
    freedom: int
    number: int
    weights: tuple[float, float, float]
    """Sum, sum of squares and largest of the values; NaN where enough replications waste."""

    def upper(self, error: float) -> float:
        """What the mean is above in `error` of cases."""
        if not self.number:
            return math.nan
        limit = math.nan
        if self.freedom > 0:
            t = quantile(self.freedom, error)
            skewed = max(self.skew, 0.0) * (1 + 2 * t * t) / (6 * math.sqrt(self.number))
            limit = self.mean + self.error * (t + skewed)
        if not math.isnan(self.weights[0]):
            limit = max(limit, _rare(*self.weights, self.number, error))
        return limit

    def lower(self, error: float) -> float:
        """What the mean is below in `error` of cases."""
        if self.freedom <= 0:
            return math.nan
        t = quantile(self.freedom, error)
        skewed = max(-self.skew, 0.0) * (1 + 2 * t * t) / (6 * math.sqrt(self.number))
        return self.mean - self.error * (t + skewed)

    def interval(self) -> tuple[float, float]:
        """The 95 % interval."""
        half = half_width(np.array(self.error * math.sqrt(self.freedom + 1)), self.freedom + 1)
        return self.mean - float(half), self.mean + float(half)


def estimated(values: np.ndarray, unit: float, control: np.ndarray | None = None) -> Estimate:
    """The mean of values, one a replication; with a control, that of the regression on it.

    Parameters
    ----------
    values : array, shape (replications,)
        NaN where there is none.
    unit : float
        What a replication has at least that has anything.
    control : array, shape (more replications,), optional
        Another layout's values, which begin with the same replications.
    """
    good = np.isfinite(values)
    if control is not None:
        good &= np.isfinite(control[: values.size])
    x = values[good]
    number = x.size
    wasted = int(np.count_nonzero(x))
    weights = (math.nan,) * 3
    if number and wasted < FEW_WASTED:
        weights = (float(x.sum()), float(x @ x), float(x.max()) if wasted else unit)
    if number < 2:
        mean = float(x.mean()) if number else math.nan
        return Estimate(mean, math.nan, math.nan, math.nan, 0.0, 0, number, weights)
    mean, freedom, rest, more = float(x.mean()), number - 1, x - x.mean(), 0.0
    deviation = math.sqrt(float(rest @ rest) / freedom)
    if control is not None and number > 2:
        known, c = control[np.isfinite(control)], control[: values.size][good]
        away = c - c.mean()
        square = float(away @ away)
        if square > 0:
            slope = float(away @ rest) / square
            mean -= slope * float(c.mean() - known.mean())
            rest, freedom = rest - slope * away, number - 2
            more = slope**2 * float(known.var(ddof=1)) / known.size
    variance = float(rest @ rest) / freedom
    cubes = float(np.mean(rest**3))
    skew = cubes / (float(rest @ rest) / number) ** 1.5 if variance > 1e-24 else 0.0
    spread = math.sqrt(variance / number)
    error = math.sqrt(variance / number + more)
    return Estimate(mean, deviation, spread, error, skew, freedom, number, weights)


def quantile(freedom: int, error: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 1 - error))


def _rare(total: float, squares: float, largest: float, number: int, error: float) -> float:
    """Fay and Feuer's upper limit of a mean of rare events of several sizes."""
    from scipy.special import gammaincinv

    mean, variance = total + largest, squares + largest**2
    if not variance:
        return 0.0
    return float(gammaincinv(mean**2 / variance, 1 - error)) * variance / mean / number
