"""Demand of a scenario: its orders and its couriers, and how replications differ in both."""

from __future__ import annotations

import os
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator, AllowInfNan, Field, PlainValidator, model_validator

from kitchen.model.distributions import Distribution, Gamma, Lognormal
from kitchen.model.measures import MOST_CURRENCY
from kitchen.model.menu_in_memory import MenuInMemory, valid_menu
from kitchen.utils.formatting import span_text, whole_percent
from kitchen.utils.schema import Count, NonNegative, Positive, Several, Strict, Text

MOST_SPREAD = 1.0
"""Largest `busy` and `slow`: with more, one replication in six is twice as slow or hardly opens."""

HALF_HOUR_S = 1800.0
"""Width of the steps of `by_half_hour`, seconds."""

MOST_STEPS = 336
"""Most steps of `by_half_hour`: a week."""

Spread = Annotated[float, AllowInfNan(False), Field(ge=0, le=MOST_SPREAD)]


class Orders(Strict):
    """Orders of a scenario: their menu, their number or duration, and their preparation time.

    `file` becomes a full path at once, so that a later change of the working folder changes nothing.
    """

    file: Annotated[Text, AfterValidator(os.path.abspath)] | None = None
    """Menu: a JSON, CSV or Parquet file of dishes. The shipped menu if left out."""
    count: Count | None = None
    """Number of orders of a replication. Without it and `duration_s`, each dish comes once."""
    duration_s: NonNegative | None = None
    """Seconds for which orders arrive; their number is then random. Not together with `count`."""
    sampling: Literal["random", "in order"] = "random"
    """Whether dishes are drawn from the menu with replacement, or taken one after another."""
    prep: Distribution | None = None
    """Seconds from received to ready, a distribution; 0 if left out."""
    busy: Spread = 0.0
    """Coefficient of variation of a replication's rate of arrivals: busy and quiet days."""
    currency: Annotated[Text, Field(max_length=MOST_CURRENCY)] | None = None
    """Currency of the menu's prices, for texts and axes."""
    menu: Annotated[Any, PlainValidator(valid_menu)] = None
    """In scripts only, in place of `file`: a `Menu`. It goes with the scenario; no file can hold it."""

    @model_validator(mode="after")
    def _one_of_each(self):
        if self.count is not None and self.duration_s is not None:
            raise ValueError("give count or duration_s, not both")
        if self.menu is not None and self.file is not None:
            raise ValueError("give file or menu, not both; set the other to None")
        return self

    @property
    def source(self) -> MenuInMemory | str | None:
        """Where the menu comes from: memory, a file, or the shipped one (None)."""
        return self.menu or self.file

    @property
    def rate_factor(self) -> Gamma | None:
        """Distribution of the factor of a replication's rate: gamma with mean 1; None if always 1.

        Notes
        -----
        The number of orders of a duration is then negative binomial, with mean m and variance
        m + (busy m)^2: a Poisson number whose mean is gamma; Law, Simulation Modeling and Analysis,
        section 6.2.3.
        """
        return Gamma(mean=1.0, shape=self.busy**-2) if self.busy else None

    def words(self, arrivals: str) -> list[str]:
        """The orders in sentences; `arrivals` is their process in words."""
        if self.duration_s is not None:
            amount = f"Orders come for {span_text(self.duration_s)}"
        elif self.count is not None:
            amount = f"{self.count:,} orders come"
        else:
            amount = "Each order of the menu comes once"
        drawn = "drawn with replacement" if self.sampling == "random" else "in the order given"
        sentences = [f"{amount}, {arrivals}; dishes are {drawn} from the menu."]
        if self.busy:
            sentences.append(
                "Some replications are busier than others: the rate of a whole replication varies "
                f"with a standard deviation of {whole_percent(self.busy)} %."
            )
        if self.prep:
            sentences.append(f"Preparation takes {self.prep.words()}.")
        return sentences


class Couriers(Strict):
    """Couriers of a scenario: the delay to pickup, seconds, and from when it counts."""

    delay: Distribution
    """Seconds until an order's courier comes, a distribution."""
    delay_from: Literal["received", "ready"] = "received"
    """Whether the delay counts from receipt of the order or from when it is ready."""
    slow: Spread = 0.0
    """Standard deviation of the logarithm of a factor of all delays of a replication: on some days
    all couriers are slower, on others faster."""
    by_half_hour: Annotated[Several[Positive], Field(max_length=MOST_STEPS)] = ()
    """Factors of the delay by time of day: the first for delays that count from an instant in the first
    half hour after the opening, and so on; the last holds to the end. None if left out. Rules are
    not told: what they know of the distribution is `delay` at all hours."""

    def factor_at(self, called_s: np.ndarray) -> np.ndarray:
        """Factor of the delays that count from these instants, seconds from the opening.

        Examples
        --------
        >>> couriers = Couriers(
        ...     delay={"distribution": "constant", "value": 60.0}, by_half_hour=[1.0, 1.3])
        >>> couriers.factor_at(np.array([0.0, 1799.0, 1800.0, 9000.0])).tolist()
        [1.0, 1.0, 1.3, 1.3]
        """
        factors = np.array(self.by_half_hour or (1.0,))
        last = HALF_HOUR_S * (factors.size - 1)
        return factors[(np.minimum(called_s, last) // HALF_HOUR_S).astype(np.int64)]

    @property
    def delay_factor(self) -> Lognormal | None:
        """Distribution of the factor of a replication's delays: lognormal with median 1; None if always 1.

        Its median is 1, not its mean: as many replications are slower as faster, and the mean delay
        is exp(slow^2 / 2) times that of `delay`.
        """
        return Lognormal(median=1.0, sigma=self.slow) if self.slow else None

    def words(self) -> str:
        """The couriers in sentences."""
        start = "received" if self.delay_from == "received" else "ready"
        text = (
            f"Each order's courier comes after a delay, counted from when the order is {start}: "
            f"{self.delay.words()}."
        )
        if self.slow:
            text += (
                " In some replications all couriers are slower, in others faster, by about "
                f"{whole_percent(self.slow)} %."
            )
        if self.by_half_hour:
            text += (
                " By time of day it takes "
                f"{min(self.by_half_hour):.3g} to {max(self.by_half_hour):.3g} times as long."
            )
        return text
