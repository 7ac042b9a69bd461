"""Skewness of samples, and Hall's transformation of Student's t for skewed means.

g(t) = t + a t^2 / 3 + a^2 t^3 / 27 + a / 6 with a = skewness / sqrt(number) has nearly Student's
distribution; Hall, Journal of the Royal Statistical Society B 54 (1992), 221-228.
"""

from __future__ import annotations

import numpy as np


def transformed(t, a):
    """Hall's g: Student's t corrected for skewness, so that it has its distribution."""
    finite = np.where(np.isfinite(t), t, 0.0)
    g = finite + a * finite**2 / 3 + a**2 * finite**3 / 27 + a / 6
    return np.where(np.isfinite(t), g, t)


def untransformed(y, a):
    """The inverse of Hall's g, 3 / a ((1 + a (y - a / 6))^(1/3) - 1), without a division by a."""
    root = np.cbrt(1 + a * (y - a / 6))
    return 3 * (y - a / 6) / (root**2 + root + 1)


def skewnesses(values: np.ndarray) -> np.ndarray:
    """Skewness of each column, leaving out NaN; 0 where values are the same but for rounding.

    Examples
    --------
    >>> skewnesses(np.array([[0.0, 0.1], [0.0, 0.1], [3.0, 0.1]])).round(4).tolist()
    [0.7071, 0.0]
    """
    good = np.isfinite(values)
    number = np.maximum(good.sum(axis=0), 1)
    known = np.where(good, values, 0.0)
    rest = np.where(good, values - known.sum(axis=0) / number, 0.0)
    square = rest * rest
    square, cube = square.sum(axis=0) / number, (square * rest).sum(axis=0) / number
    return skewness_of(square, cube, np.abs(known).max(axis=0, initial=0.0))


def skewness_of(square, cube, largest) -> np.ndarray:
    """Skewness from central moments; `largest` absolute values tell spread from rounding errors."""
    varies = square > (1e-12 * largest) ** 2
    return np.divide(cube, square**1.5, out=np.zeros(square.shape), where=varies)
