"""The parts of a scenario that evenings determine, fitted, and the scenario made of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kitchen.logs.arrivals_fit import ArrivalsFit, fit_arrivals
from kitchen.logs.delay_fit import DelayFit, fit_delays
from kitchen.logs.evenings import Evenings
from kitchen.logs.half_hours_fit import HalfHours, divided, fit_half_hours
from kitchen.model.demand import MOST_SPREAD
from kitchen.model.menu import Menu
from kitchen.model.scenario import Scenario


class Parts(NamedTuple):
    """Arrivals, couriers' delays and preparation times that are fitted; no preparation is None.

    The delays are those of a usual half hour: they are divided by the factor of theirs.
    """

    arrivals: ArrivalsFit
    delays: DelayFit
    preps: DelayFit | None
    half_hours: HalfHours = HalfHours()

    def with_spread(self, factor: float) -> Parts:
        """A copy whose evenings differ by so much more."""
        return self._replace(
            arrivals=self.arrivals._replace(busy=min(factor * self.arrivals.busy, MOST_SPREAD)),
            delays=self.delays._replace(slow=min(factor * self.delays.slow, MOST_SPREAD)),
        )

    def scenario(self, kitchen: Scenario, duration_s: float, menu: Menu | None = None) -> Scenario:
        """The kitchen with these parts, and with this menu in place of its own."""
        changes = {
            "name": f"{kitchen.name}, fitted",
            "arrivals": self.arrivals.process(),
            "orders.count": None,
            "orders.duration_s": duration_s,
            "orders.sampling": "random",
            "orders.busy": self.arrivals.busy,
            "orders.prep": None if self.preps is None else self.preps.distribution,
            "couriers.delay": self.delays.distribution,
            "couriers.slow": self.delays.slow,
            "couriers.by_half_hour": list(self.half_hours.factors),
        }
        if menu is not None:
            changes |= {"orders.file": None, "orders.menu": menu}
        data = kitchen.model_dump()
        if data["orders"]["count"] is not None:  # not both, not even for an instant
            kitchen = kitchen.replace({"orders.count": None})
        return kitchen.replace(changes)


def fit_parts(evenings: Evenings, kitchen: Scenario, like: Parts | None = None) -> Parts:
    """Fit arrivals, delays and preparation.

    Parameters
    ----------
    evenings : Evenings
    kitchen : Scenario
        Says from when delays count.
    like : Parts, optional
        Take its families of distributions and test nothing: for refits to other evenings.
    """
    groups, censored, starts, starts_censored = delays_of(evenings, kitchen.couriers.delay_from)
    half_hours = HalfHours()
    if like is None or like.half_hours.factors:
        half_hours = fit_half_hours(groups, starts, test=like is None)
        groups = divided(groups, starts, half_hours.factors)
        censored = divided(censored, starts_censored, half_hours.factors)
    preps = [evening.ready_s - evening.received_s for evening in evenings.each]
    has_preps = any(prep.any() for prep in preps)
    prep_family = like.preps.family if like is not None and like.preps is not None else None
    return Parts(
        fit_arrivals(evenings, test=like is None),
        fit_delays(groups, censored, None if like is None else like.delays.family),
        fit_delays(preps, None, prep_family, slow=False) if has_preps else None,
        half_hours,
    )


def delays_of(evenings: Evenings, delay_from: str) -> tuple[list[np.ndarray], ...]:
    """Delays of each evening with pickups, and how long orders without one were seen waiting.

    Then the instants from which the former and the latter count, seconds from the evening's opening.
    Counted from readiness, a courier who was there first has a delay of 0.
    """
    groups, censored, starts, starts_censored = [], [], [], []
    for evening in evenings.each:
        if not evening.pickups_known:
            continue
        start = evening.received_s if delay_from == "received" else evening.ready_s
        came = np.isfinite(evening.pickup_s)
        starts.append(start[came])
        groups.append(np.maximum(evening.pickup_s[came] - start[came], 0.0))
        waited = evening.seen_s[~came] - start[~came]
        is_known = np.isfinite(waited) & (waited > 0)
        censored.append(waited[is_known])
        starts_censored.append(start[~came][is_known])
    return groups, censored, starts, starts_censored
