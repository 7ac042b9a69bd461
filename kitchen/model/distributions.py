"""Probability distributions of a delay: quantile function and mean residual life."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Literal, Union

import numpy as np
from pydantic import AllowInfNan, Field, model_validator

from kitchen.utils.formatting import span_text
from kitchen.utils.schema import NonNegative, Positive, Several, Strict

KNOTS = 4096
"""Linear pieces that approximate the mean residual delay of a lognormal or gamma distribution."""


@dataclass(frozen=True)
class Residual:
    """Mean residual delay E[D - e | D > e] as a piecewise linear function of the elapsed time e.

    Piece k holds from ``elapsed_s[k]`` on: ``left_s[k] + slope[k] * (e - elapsed_s[k])``.
    Exact for uniform, exponential, constant and empirical delays; elsewhere the pieces are chords.
    """

    elapsed_s: np.ndarray
    left_s: np.ndarray
    slope: np.ndarray

    def __call__(self, elapsed_s):
        """Mean residual delay after `elapsed_s` seconds, seconds, element by element; at least 0."""
        elapsed = np.asarray(elapsed_s, float)
        piece = np.maximum(np.searchsorted(self.elapsed_s, elapsed, side="right") - 1, 0)
        left = self.left_s[piece] + self.slope[piece] * (elapsed - self.elapsed_s[piece])
        return np.maximum(left, 0.0)


def _pieces(*corners: tuple[float, float, float]) -> Residual:
    return Residual(*(np.array(column, float) for column in zip(*corners, strict=True)))


class Uniform(Strict):
    """Uniform distribution of a delay between `low` and `high`, seconds."""

    distribution: Literal["uniform"] = "uniform"
    """Every delay between two bounds is equally likely."""
    low: NonNegative
    """Shortest delay, seconds."""
    high: NonNegative
    """Longest delay, seconds."""

    @model_validator(mode="after")
    def _ordered(self):
        if self.high < self.low:
            raise ValueError(f"high must be at least low ({self.low:g}), got {self.high:g}")
        return self

    def quantile(self, u):
        """Inverse distribution function, seconds; `u` in [0, 1)."""
        return self.low + (self.high - self.low) * u

    def expected_s(self) -> float:
        """Mean delay, seconds."""
        return (self.low + self.high) / 2

    def residual(self) -> Residual:
        """Mean residual delay."""
        middle = (self.high - self.low) / 2
        return _pieces(
            (0.0, self.expected_s(), -1.0), (self.low, middle, -0.5), (self.high, 0.0, 0.0)
        )

    def words(self) -> str:
        """The distribution in words."""
        return f"uniform from {span_text(self.low, self.high)}"


class Exponential(Strict):
    """Exponential distribution of a delay; mean in seconds."""

    distribution: Literal["exponential"] = "exponential"
    """Memoryless: however long it has not come, the expected rest is the same."""
    mean: Positive
    """Mean delay, seconds."""

    def quantile(self, u):
        """Inverse distribution function, seconds; `u` in [0, 1)."""
        return -self.mean * np.log1p(-u)

    def expected_s(self) -> float:
        """Mean delay, seconds."""
        return self.mean

    def residual(self) -> Residual:
        """Mean residual delay."""
        return _pieces((0.0, self.mean, 0.0))

    def words(self) -> str:
        """The distribution in words."""
        return f"exponential with a mean of {span_text(self.mean)}"


class Constant(Strict):
    """Constant delay of `value` seconds."""

    distribution: Literal["constant"] = "constant"
    """Always the same delay."""
    value: NonNegative
    """The delay, seconds."""

    def quantile(self, u):
        """Inverse distribution function, seconds; `u` in [0, 1)."""
        return np.full_like(np.asarray(u, float), self.value)

    def expected_s(self) -> float:
        """Mean delay, seconds."""
        return self.value

    def residual(self) -> Residual:
        """Mean residual delay."""
        return _pieces((0.0, self.value, -1.0), (self.value, 0.0, 0.0))

    def words(self) -> str:
        """The distribution in words."""
        return f"always {span_text(self.value)}"


class Lognormal(Strict):
    """Lognormal distribution of a delay; median in seconds, sigma of its logarithm."""

    distribution: Literal["lognormal"] = "lognormal"
    """Skewed, with a long tail, as courier times often are."""
    median: Positive
    """Median delay, seconds: half of the couriers come sooner."""
    sigma: Annotated[float, AllowInfNan(False), Field(gt=0, le=20)]
    """Standard deviation of the logarithm of the delay."""

    def quantile(self, u):
        """Inverse distribution function, seconds; `u` in [0, 1)."""
        from scipy.special import ndtri

        return self.median * np.exp(self.sigma * ndtri(np.maximum(u, 2.0**-54)))

    def expected_s(self) -> float:
        """Mean delay, seconds."""
        return self.median * math.exp(self.sigma**2 / 2)

    def residual(self) -> Residual:
        """Mean residual delay."""
        from scipy.special import log_ndtr

        def beyond(elapsed_s):  # E[D; D > e] / P(D > e) - e, both tails as logarithms
            z = np.log(elapsed_s / self.median) / self.sigma
            ratio = np.exp(log_ndtr(self.sigma - z) - log_ndtr(-z))
            return self.expected_s() * ratio - elapsed_s

        z = np.linspace(-9.0, 9.0, KNOTS)
        return _chords(self.median * np.exp(self.sigma * z), self.expected_s(), beyond)

    def words(self) -> str:
        """The distribution in words."""
        high = self.median * math.exp(self.sigma * 1.2815515655446004)
        return f"lognormal with a median of {span_text(self.median)} and a 90 % point of {span_text(high)}"


class Gamma(Strict):
    """Gamma distribution of a delay; mean in seconds."""

    distribution: Literal["gamma"] = "gamma"
    """Skewed, with a lighter tail than the lognormal's."""
    mean: Positive
    """Mean delay, seconds."""
    shape: Positive
    """Shape: the coefficient of variation is one over its square root; 1 is exponential."""

    def quantile(self, u):
        """Inverse distribution function, seconds; `u` in [0, 1)."""
        from scipy.special import gammaincinv

        return self.mean / self.shape * gammaincinv(self.shape, u)

    def expected_s(self) -> float:
        """Mean delay, seconds."""
        return self.mean

    def residual(self) -> Residual:
        """Mean residual delay."""
        from scipy.special import gammaincc, gammainccinv, gammaincinv, ndtr

        scale = self.mean / self.shape

        def beyond(elapsed_s):
            x = elapsed_s / scale
            return self.mean * gammaincc(self.shape + 1, x) / gammaincc(self.shape, x) - elapsed_s

        z = np.linspace(0.0, 9.0, KNOTS // 2)
        below = gammaincinv(self.shape, ndtr(-z))
        above = gammainccinv(self.shape, np.r_[ndtr(-z), np.geomspace(1e-19, 1e-250, 256)])
        return _chords(np.unique(np.r_[below, above]) * scale, self.mean, beyond)

    def words(self) -> str:
        """The distribution in words."""
        return f"gamma with a mean of {span_text(self.mean)} and shape {self.shape:g}"


class Empirical(Strict):
    """Empirical distribution of a delay: each of `values`, seconds, is equally likely."""

    distribution: Literal["empirical"] = "empirical"
    """One of given delays, each equally likely."""
    values: Several[NonNegative] = Field(min_length=1)
    """The delays, seconds."""

    def quantile(self, u):
        """Inverse distribution function, seconds; `u` in [0, 1)."""
        values = np.sort(np.asarray(self.values, float))
        return values[(np.asarray(u) * values.size).astype(np.int64)]

    def expected_s(self) -> float:
        """Mean delay, seconds."""
        return float(np.mean(self.values))

    def residual(self) -> Residual:
        """Mean residual delay."""
        return residual_of_sample(np.asarray(self.values, float))

    def words(self) -> str:
        """The distribution in words."""
        values = self.values
        kinds = "value" if len(values) == 1 else "values"
        return f"one of {len(values):,} {kinds} from {span_text(min(values), max(values))}"


Distribution = Annotated[
    Union[Uniform, Exponential, Constant, Lognormal, Gamma, Empirical],  # noqa: UP007
    Field(discriminator="distribution"),
]


def residual_of_sample(values: np.ndarray) -> Residual:
    """Mean residual delay of a sample: exact, with a jump at each value.

    Parameters
    ----------
    values : array, shape (delays,), seconds, >= 0; not empty
    """
    knots, counts = np.unique(values, return_counts=True)
    more = np.cumsum((knots * counts)[::-1])[::-1]
    there = np.cumsum(counts[::-1])[::-1]
    start = np.r_[0.0, knots]
    mean_beyond = np.r_[more / there, 0.0]
    slope = np.r_[np.full(knots.size, -1.0), 0.0]
    left = np.where(slope < 0, mean_beyond - start, 0.0)
    if knots[0] == 0.0:
        start, left, slope = start[1:], left[1:], slope[1:]
    return Residual(start, left, slope)


def _chords(knots: np.ndarray, mean: float, beyond) -> Residual:
    """Linear interpolation between the exact values at `knots`; constant after the last."""
    with np.errstate(all="ignore"):
        left = np.r_[mean, beyond(knots)]
    start = np.r_[0.0, knots]
    good = np.isfinite(left) & (left >= 0) & (np.diff(start, prepend=-1.0) > 0)
    start, left = start[good], left[good]
    slope = np.r_[np.diff(left) / np.diff(start), 0.0]
    return Residual(start, left, slope)
