"""Demand of a scenario: its orders and its couriers, and how replications differ in both."""

from __future__ import annotations

import os
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AllowInfNan, Field, PlainValidator, model_validator

from kitchen.model.distributions import Distribution, Gamma, Lognormal
from kitchen.model.measures import MOST_CURRENCY
from kitchen.model.menu_in_memory import MenuInMemory, valid_menu
from kitchen.utils.formatting import span_text, whole_percent
from kitchen.utils.schema import Count, NonNegative, Strict, Text

MOST_SPREAD = 1.0
"""Largest `busy` and `slow`: with more, one replication in six is twice as slow or hardly opens."""

Spread = Annotated[float, AllowInfNan(False), Field(ge=0, le=MOST_SPREAD)]


class Orders(Strict):
    """Orders of a scenario: their menu, their number or duration, and their preparation time.

    `busy` is the coefficient of variation of a replication's rate of arrivals: busy and quiet days.
    `currency` is that of the menu's prices, for texts and axes.
    `file` becomes a full path at once, so that a later change of the working folder changes nothing.
    `menu` is a `Menu` in place of a file, for scripts: it goes wherever the scenario goes, but a TOML
    file cannot hold it.
    """

    file: Annotated[Text, AfterValidator(os.path.abspath)] | None = None
    count: Count | None = None
    duration_s: NonNegative | None = None
    sampling: Literal["random", "in order"] = "random"
    prep: Distribution | None = None
    busy: Spread = 0.0
    currency: Annotated[Text, Field(max_length=MOST_CURRENCY)] | None = None
    menu: Annotated[Any, PlainValidator(valid_menu)] = None

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
    """Couriers of a scenario: the delay to pickup, seconds, and from when it counts.

    `slow` is the standard deviation of the logarithm of a factor of all delays of a replication.
    """

    delay: Distribution
    delay_from: Literal["received", "ready"] = "received"
    slow: Spread = 0.0

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
        return text
