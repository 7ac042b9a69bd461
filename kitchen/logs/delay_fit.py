"""Distributions fitted to couriers' delays and preparation times, chosen by AIC."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from kitchen.errors import KitchenError
from kitchen.model.demand import MOST_SPREAD

KNOTS = 512
"""Quantiles of an empirical distribution that is fitted."""

ENOUGH = 200
"""Values from which on an empirical distribution takes the place of a family that is rejected."""

REJECTED = 0.05
"""P value of Kolmogorov and Smirnov's test below which a family is rejected."""

SHORTEST_S = 0.5
"""What a delay of 0 counts as, seconds: half of the unit to which most logs are rounded."""


class DelayFit(NamedTuple):
    """A distribution fitted to delays.

    distribution : the chosen one, as a scenario has it
    family : its name
    frame : a row a family, best first: ``family, aic, ks, p, mean_s, q50_s, q90_s``, with those of
        the observed values in a row named "observed"
    quantiles : ``probability, observed_s`` and a column a family, for a QQ picture
    slow : standard deviation of the logarithm of a factor that all delays of an evening share
    number : number of delays; censored : number of those that are only known to be longer
    """

    distribution: dict
    family: str
    frame: pd.DataFrame
    quantiles: pd.DataFrame
    slow: float
    number: int
    censored: int


class _Family(NamedTuple):
    """A family of distributions: SciPy's name, parameters that are free, and how a scenario has it."""

    scipy: str
    free: int
    fixed: dict
    written: Callable


FAMILIES = {
    "lognormal": _Family(
        "lognorm", 2, {"floc": 0.0}, lambda s, _, scale: {"median": scale, "sigma": s}
    ),
    "gamma": _Family(
        "gamma", 2, {"floc": 0.0}, lambda a, _, scale: {"mean": a * scale, "shape": a}
    ),
    "exponential": _Family("expon", 1, {"floc": 0.0}, lambda _, scale: {"mean": scale}),
    "uniform": _Family("uniform", 2, {}, lambda low, width: {"low": low, "high": low + width}),
}
"""Families with a density, by their name in a scenario."""


def fit_delays(
    groups: list[np.ndarray],
    censored: list[np.ndarray] | None = None,
    family: str | None = None,
    slow: bool = True,
) -> DelayFit:
    """Fit a distribution to delays of several evenings.

    Parameters
    ----------
    groups : list of arrays
        Delays of each evening, seconds, >= 0.
    censored : list of arrays, optional
        Seconds that orders of each evening had waited when they were seen last, without a courier.
    family : str, optional
        Fit this one only, without tests: for refits. By default the best by AIC.
    slow : bool
        Whether evenings may be slower or faster as a whole; else it is 0.

    Raises
    ------
    KitchenError
        If there are no delays.

    Notes
    -----
    Delays are divided by their evening's factor first (its estimate, shrunken to 1 as far as it is
    noise), so that the distribution is that of a usual evening and nothing is counted twice. P values
    are too large, as the parameters are fitted to the same values: a family that is rejected is wrong.
    """
    censored = [np.empty(0)] * len(groups) if censored is None else censored
    if not sum(group.size for group in groups):
        raise KitchenError("log: no order has a pickup, so there are no delays to fit.")
    spread, factors = slow_evenings(groups) if slow else (0.0, np.ones(len(groups)))
    values = np.concatenate([g / f for g, f in zip(groups, factors, strict=True)])
    late = np.concatenate([c / f for c, f in zip(censored, factors, strict=True)])
    late = late[late > 0]
    if np.ptp(values) <= 1e-9 * max(values.max(), 1.0) and not late.size:
        return _constant(float(values[0]), values, spread)
    if family in FAMILIES:
        made = {family: _parameters(family, values, late)}
        distribution = _written(family, made[family])
        return DelayFit(distribution, family, *_nothing(), spread, values.size, late.size)
    if family == "empirical":
        return DelayFit(
            empirical(values, late), family, *_nothing(), spread, values.size, late.size
        )
    rows, fitted = [], {}
    for name in FAMILIES:
        fitted[name] = _parameters(name, values, late)
        rows.append(_row(name, fitted[name], values, late))
    frame = pd.DataFrame(rows).sort_values("aic", kind="stable").reset_index(drop=True)
    best = str(frame["family"][0])
    rejected = frame["p"][0] < REJECTED
    use = "empirical" if rejected and values.size >= ENOUGH else best
    distribution = empirical(values, late) if use == "empirical" else _written(use, fitted[use])
    chance = (np.arange(KNOTS) + 0.5) / KNOTS
    seen = observed_quantiles(values, late, chance)
    quantiles = pd.DataFrame({"probability": chance, "observed_s": seen})
    for name in frame["family"]:
        quantiles[f"{name}_s"] = _frozen(name, fitted[name]).ppf(chance)
    observed = {"family": "observed", "mean_s": float(values.mean())}
    observed |= dict(zip(("q50_s", "q90_s"), np.interp((0.5, 0.9), chance, seen), strict=True))
    frame = pd.concat([frame, pd.DataFrame([observed])], ignore_index=True)
    return DelayFit(distribution, use, frame, quantiles, spread, values.size, late.size)


def slow_evenings(groups: list[np.ndarray]) -> tuple[float, np.ndarray]:
    """Standard deviation of the logarithm of evenings' factors, and each evening's estimated factor.

    The variance of the logarithms of evenings' mean delays, less what the spread within evenings
    makes of it (moments); a factor is its estimate times the share of its variance that is no noise.
    Evenings with fewer than two delays have the factor 1.
    """
    factors = np.ones(len(groups))
    usable = [i for i, g in enumerate(groups) if g.size > 1 and g.mean() > 0]
    if len(usable) < 2:
        return 0.0, factors
    means = np.log([groups[i].mean() for i in usable])
    noise = np.array(
        [groups[i].var(ddof=1) / groups[i].size / groups[i].mean() ** 2 for i in usable]
    )
    variance = max(float(means.var(ddof=1) - noise.mean()), 0.0)
    if variance:
        factors[usable] = np.exp((means - means.mean()) * variance / (variance + noise))
    return min(math.sqrt(variance), MOST_SPREAD), factors


def empirical(values: np.ndarray, censored: np.ndarray) -> dict:
    """The empirical distribution of 512 quantiles, as a scenario has it."""
    chance = (np.arange(KNOTS) + 0.5) / KNOTS
    found = observed_quantiles(values, censored, chance)
    return {"distribution": "empirical", "values": [float(x) for x in np.round(found, 3)]}


def observed_quantiles(values, censored, chance) -> np.ndarray:
    """Quantiles of delays; of Kaplan and Meier's estimate where some are censored.

    Beyond the last delay, where that estimate ends, the last delay.
    """
    if not censored.size:
        return np.quantile(values, chance)
    from scipy.stats import CensoredData, ecdf

    curve = ecdf(CensoredData(uncensored=values, right=censored)).cdf
    place = np.searchsorted(curve.probabilities, chance)
    seen = np.minimum(place, np.searchsorted(curve.quantiles, values.max()))
    return curve.quantiles[seen]


def _parameters(name: str, values, censored) -> tuple:
    """Maximum likelihood by SciPy."""
    from scipy import stats

    family = FAMILIES[name]
    positive = values if name == "uniform" else np.maximum(values, SHORTEST_S)
    data = positive
    if censored.size:
        if name == "uniform":  # its likelihood has its maximum at the ends of what was seen
            low, high = values.min(), max(values.max(), censored.max())
            return (float(low), float(high - low))
        data = stats.CensoredData(uncensored=positive, right=np.maximum(censored, SHORTEST_S))
    return tuple(float(x) for x in getattr(stats, family.scipy).fit(data, **family.fixed))


def _frozen(name: str, parameters: tuple):
    from scipy import stats

    return getattr(stats, FAMILIES[name].scipy)(*parameters)


def _written(name: str, parameters: tuple) -> dict:
    return {"distribution": name, **FAMILIES[name].written(*parameters)}


def _row(name: str, parameters: tuple, values, censored) -> dict:
    """AIC, distance and quantiles of a fitted family."""
    from scipy.stats import ecdf, kstest

    frozen = _frozen(name, parameters)
    kept = values if name == "uniform" else np.maximum(values, SHORTEST_S)
    likelihood = float(frozen.logpdf(kept).sum())
    distance, p = math.nan, math.nan
    if censored.size:
        from scipy.stats import CensoredData, kstwo

        likelihood += float(frozen.logsf(censored).sum())
        curve = ecdf(CensoredData(uncensored=kept, right=censored)).cdf
        distance = float(np.max(np.abs(curve.probabilities - frozen.cdf(curve.quantiles))))
        p = float(kstwo.sf(distance, kept.size))
    else:
        distance, p = map(float, kstest(kept, frozen.cdf))
    return {
        "family": name,
        "aic": 2 * FAMILIES[name].free - 2 * likelihood,
        "ks": distance,
        "p": p,
        "mean_s": float(frozen.mean()),
        "q50_s": float(frozen.ppf(0.5)),
        "q90_s": float(frozen.ppf(0.9)),
    }


def _constant(value: float, values, spread: float) -> DelayFit:
    frame = pd.DataFrame(
        {"family": ["constant", "observed"], "mean_s": value, "q50_s": value, "q90_s": value}
    )
    distribution = {"distribution": "constant", "value": value}
    quantiles = pd.DataFrame({"probability": [0.5], "observed_s": [value], "constant_s": [value]})
    return DelayFit(distribution, "constant", frame, quantiles, spread, values.size, 0)


def _nothing() -> tuple[pd.DataFrame, pd.DataFrame]:
    return pd.DataFrame(), pd.DataFrame()
