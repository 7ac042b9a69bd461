"""Arrival processes of orders."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

import numpy as np
from pydantic import model_validator

from kitchen.utils.formatting import rate_text, span_text
from kitchen.utils.schema import NonNegative, Positive, Several, Strict


class Poisson(Strict):
    """Poisson arrivals at a constant rate, orders per second."""

    is_random: ClassVar[bool] = True

    process: Literal["poisson"] = "poisson"
    """At random, independently of each other, at a constant rate."""
    rate: Positive
    """Orders a second, on average."""

    def words(self) -> str:
        """The process in words."""
        return f"at random, {rate_text(self.rate)} on average"

    def expected(self, until_s: float) -> float:
        """Expected number of arrivals up to a time, seconds: the integral of the rate."""
        return self.rate * until_s

    def times(self, unit_times: np.ndarray) -> np.ndarray:
        """Arrival times, seconds, from those of a Poisson process of rate 1."""
        return unit_times / self.rate


class Regular(Strict):
    """Regular arrivals: an order every 1 / rate seconds, the first at 0; rate in orders per second."""

    is_random: ClassVar[bool] = False

    process: Literal["regular"] = "regular"
    """One after another at a fixed distance, the first at 0."""
    rate: Positive
    """Orders a second."""

    def words(self) -> str:
        """The process in words."""
        return f"one each {span_text(1 / self.rate)}"

    def expected(self, until_s: float) -> float:
        """Number of arrivals up to a time, seconds."""
        return math.floor(until_s * self.rate) + 1

    def times(self, index: np.ndarray) -> np.ndarray:
        """Arrival times, seconds, from the order's index in its replication."""
        return index / self.rate


class Piecewise(Strict):
    """Poisson arrivals at a piecewise constant rate: `rates[i]`, orders per second, from `from_s[i]`."""

    is_random: ClassVar[bool] = True

    process: Literal["piecewise"] = "piecewise"
    """At random, at a rate that changes over the evening."""
    from_s: Several[NonNegative]
    """Seconds from the opening at which each rate begins; the first is 0, and they rise."""
    rates: Several[NonNegative]
    """Orders a second from each of these instants on; the last rate holds to the end."""

    @model_validator(mode="after")
    def _steps(self):
        starts = self.from_s
        if not starts or starts[0] != 0:
            raise ValueError(f"from_s must begin with 0, got {list(starts)[:3]}")
        if len(starts) != len(self.rates):
            raise ValueError(
                f"from_s and rates must be of one length, got {len(starts)} and {len(self.rates)}"
            )
        if any(b <= a for a, b in zip(starts, starts[1:], strict=False)):
            raise ValueError("from_s must rise from each number to the next")
        return self

    def words(self) -> str:
        """The process in words."""
        return (
            f"at random, at a rate that changes {len(self.rates) - 1} times between "
            f"{rate_text(min(self.rates), max(self.rates))}"
        )

    def expected(self, until_s: float) -> float:
        """Expected number of arrivals up to a time, seconds: the integral of the rate."""
        ends = np.minimum(np.append(self.from_s[1:], np.inf), until_s)
        lengths = np.maximum(ends - np.array(self.from_s), 0.0)
        return float(np.sum(lengths * self.rates))

    def times(self, unit_times: np.ndarray) -> np.ndarray:
        """Arrival times, seconds, from those of a Poisson process of rate 1.

        Notes
        -----
        Times at which the integral of the rate reaches `unit_times`: inversion of the
        cumulative rate function; Law, Simulation Modeling and Analysis, section 8.6.2.
        """
        starts, rates = np.array(self.from_s), np.array(self.rates)
        reached = np.concatenate([[0.0], np.cumsum(np.diff(starts) * rates[:-1])])
        piece = np.searchsorted(reached, unit_times, side="right") - 1
        over = unit_times - reached[piece]
        late = np.divide(over, rates[piece], out=np.zeros_like(over), where=over > 0)
        return starts[piece] + late
