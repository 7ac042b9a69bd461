"""The verdict on a fit in words."""

from __future__ import annotations

from kitchen.logs.delay_fit import ENOUGH, REJECTED
from kitchen.logs.evenings import Evenings
from kitchen.logs.fitted import Parts
from kitchen.model.scenario import Scenario
from kitchen.utils.formatting import counted, rate_text, share_text, span_text


def fit_in_words(evenings: Evenings, parts: Parts, scenario: Scenario) -> str:
    """What a fit found, in sentences."""
    arrivals, delays = parts.arrivals, parts.delays
    rates = arrivals.frame["rate_h"] / 3600
    pieces = len(rates)
    said = [
        f"{counted(evenings.orders, 'order')} of {counted(len(evenings), 'evening')}.",
        f"The rate of arrivals changes {counted(pieces - 1, 'time')}, between "
        f"{rate_text(rates.min(), rates.max())}.",
    ]
    if arrivals.overdispersion_p < REJECTED:
        said.append(
            f"Evenings differ more than chance does (variance of counts {arrivals.overdispersion:.1f} "
            f"times their mean): some are busier by {share_text(arrivals.busy)}."
        )
    elif len(evenings) > 1:
        said.append("Counts of orders differ no more than those of a Poisson process.")
    if arrivals.poisson_p < REJECTED:
        said.append(
            f"Within an evening arrivals are not those of a Poisson process (p = {arrivals.poisson_p:.2g}):"
            " they come in groups or at fixed distances, which the scenario does not have."
        )
    said.append(f"Couriers' delays: {scenario.couriers.delay.words()}{_why(delays)}.")
    if delays.censored:
        said.append(
            f"{counted(delays.censored, 'order')} without a pickup counted as waiting longer than seen."
        )
    if delays.slow:
        said.append(f"In some evenings all couriers are slower, by {share_text(delays.slow)}.")
    if factors := parts.half_hours.factors:
        said.append(
            f"Half hours of the evening differ (p = {parts.half_hours.p:.2g}): delays are {min(factors):.2g} "
            f"to {max(factors):.2g} times as long as in a usual one, which rules are not told."
        )
    if scenario.orders.prep is not None:
        said.append(f"Preparation: {scenario.orders.prep.words()}.")
        if scenario.couriers.delay_from == "received":
            said.append(
                "Delays count from receipt, so longer preparation leaves less time on shelves; let "
                "couriers.delay_from be 'ready' if couriers are called when food is ready."
            )
    without = sum(not evening.pickups_known for evening in evenings.each)
    if without:
        said.append(f"{counted(without, 'evening')} without pickups: used for arrivals only.")
    if len(evenings) < 2:
        said.append("One evening says nothing of how evenings differ: busy and slow are 0.")
    said.append(f"An evening lasts {span_text(evenings.duration_s)}.")
    return " ".join(said)


def _why(delays) -> str:
    if delays.family == "empirical":
        best = delays.frame["family"].iloc[0]
        return f" (quantiles of those observed, as the best family, {best}, is rejected)"
    p = delays.frame["p"].iloc[0] if "p" in delays.frame else 1.0
    if p < REJECTED and delays.number < ENOUGH:
        return f" (the best family, though rejected with p = {p:.2g}; too few values for quantiles)"
    return ""
