"""Variance-based sensitivity analysis: Sobol indices of the parameters of a scenario."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from kitchen.errors import KitchenError, StrategyError, inline, shown
from kitchen.model.measures import BY_SHELF, MEASURES, holds_shares, primary_in
from kitchen.model.scenario import Scenario, require_scenario
from kitchen.stats.intervals import LEVEL, within
from kitchen.sweeps.designs import Design, saltelli, seeded
from kitchen.sweeps.sweep import Sweep, sweep
from kitchen.utils import html
from kitchen.utils.formatting import whole_percent
from kitchen.utils.frames import cached_frame
from kitchen.utils.validation import one_of, share

INDICES = ("first", "total")
"""Kinds of Sobol index: a parameter by itself, and with all its interactions."""

RESAMPLES = 999
"""Number of bootstrap resamples."""

FEWEST = 8
"""Smallest `n`: with fewer points the bootstrap has nothing to resample."""

NUMBERS_AT_ONCE = 4_000_000
"""Number of outputs that the bootstrap holds in memory at once."""

HARDLY = 0.05
"""Share of the variance below which a parameter hardly matters."""

WIDE = 0.3
"""Width of intervals, as a share of the variance, above which the verdict suggests more points."""


class Shares(NamedTuple):
    """Sobol indices with intervals; each array has the rows estimate, low, high.

    Attributes
    ----------
    first, total : array, shape (3, paths)
    together : array, shape (3,)
        Share that no parameter explains by itself: 1 minus the sum of `first`.
    """

    first: np.ndarray
    total: np.ndarray
    together: np.ndarray


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """Sobol indices of a measure: the share of its variance that each parameter explains.

    Attributes
    ----------
    sweep : Sweep
        The runs at the points of `design`, with all measures.
    design : Design
        Saltelli sample: A, B, then A with each parameter's values from B.
    measure : str
    confidence : float
        Confidence level of the intervals.
    """

    sweep: Sweep
    design: Design
    measure: str
    confidence: float

    def __repr__(self):
        return (
            f"Sensitivity({self.measure} of {self.sweep.strategies[0]!r} in "
            f"{self.sweep.name!r}, {len(self.design.paths)} parameters, "
            f"{len(self.design):,} points)"
        )

    def _repr_html_(self) -> str:
        shares = self._shares
        rows = [
            (
                html.name(path),
                html.measured(*100 * shares.first[:, nth], ".1f"),
                html.measured(*100 * shares.total[:, nth], ".1f"),
                dict(self.design.parts)[path].words(),
            )
            for nth, path in self._ordered
        ]
        level, times = f"{100 * self.confidence:g} %", self.sweep.replications
        return html.block(
            html.heading("Sensitivity", self.sweep.name),
            html.paragraph(self.verdict),
            html.table(
                ["parameter", "by itself, %", "with interactions, %", "values"], rows, "<>><"
            ),
            html.note(
                f"Shares of the variance of {self.measure}, {self.sweep.strategies[0]}: "
                f"{len(self.design):,} points, {times:,} replications each, {level} intervals. "
                "Frame: frame; another measure: of(measure)."
            ),
        )

    def of(self, measure: str) -> Sensitivity:
        """Sobol indices of another measure, from the same runs.

        Raises
        ------
        KitchenError
            If there is no such measure.
        """
        self.sweep.table(measure)
        return Sensitivity(self.sweep, self.design, measure, self.confidence)

    @cached_property
    def outputs(self) -> np.ndarray:
        """The measure at each point, shape (paths + 2, n): at A, at B, and at each A_B.

        NaN where there is no figure.
        """
        table = self.sweep.table(self.measure)
        result = np.full(len(self.design), np.nan)
        result[table["point"].to_numpy()] = table["mean"].to_numpy(float)
        return result.reshape(-1, self.design.n)

    @cached_frame
    def frame(self) -> pd.DataFrame:
        """First and total Sobol indices, two rows a parameter.

        Columns ``parameter, index, measure, mean, low, high``. ``index`` is "first" (the parameter
        by itself) or "total" (with its interactions); ``mean`` is the estimate, a share of the
        variance, and ``low`` and ``high`` its interval. Estimates can be slightly below 0 or above 1,
        intervals stay within. All are NaN where nothing varies, or where points have no figure.
        """
        paths = self.design.paths
        shares = np.stack([self._shares.first, self._shares.total])  # index, figure, path
        figures = shares.transpose(2, 0, 1).reshape(-1, 3)
        nth = np.arange(len(figures))
        return pd.DataFrame(
            {
                "parameter": pd.Categorical.from_codes(nth // 2, paths, ordered=True),
                "index": pd.Categorical.from_codes(nth % 2, list(INDICES), ordered=True),
                "measure": self.measure,
                **dict(zip(("mean", "low", "high"), figures.T, strict=True)),
            }
        )

    @property
    def interactions(self) -> tuple[float, float, float]:
        """The share of the variance that no parameter explains by itself, and its interval."""
        estimate, low, high = map(float, self._shares.together)
        return estimate, low, high

    @cached_property
    def noise(self) -> float:
        """Upper bound of the share of the variance that is chance, as points have few replications.

        The mean squared standard error of a point over the variance between points. It is an upper
        bound: all points have the same draws, and an effect of chance that is the same at all points
        is no variance between them. NaN with one replication.
        """
        from scipy.stats import t

        table = self.sweep.table(self.measure)
        table = table[table["point"] < 2 * self.design.n]
        times = table["replications"].to_numpy(float)
        wide = t.ppf(0.5 + LEVEL / 2, np.where(times > 1, times - 1, np.nan))
        mean, low, high = table[["mean", "low", "high"]].to_numpy(float).T
        half = (high - low) / 2
        if holds_shares(self.measure):  # an end at 0 or 1 is cut off there
            half = np.where((low <= 0) | (high >= 1), np.maximum(mean - low, high - mean), half)
        error = half / wide
        varies = np.var(self.outputs[:2])
        return float(np.mean(error**2) / varies) if varies > 0 else np.nan

    @cached_property
    def verdict(self) -> str:
        """The result in a few sentences: which parameters matter, which do not, and which interact."""
        return html.Sentences(_in_words(self))

    @cached_property
    def _shares(self) -> Shares:
        return shares_of_variance(self.outputs, self.confidence, self.design.seed)

    @property
    def _ordered(self) -> list[tuple[int, str]]:
        """Parameters and their places, those that matter most first."""
        total = self._shares.total[0]
        return [(int(n), self.design.paths[n]) for n in np.argsort(-total, kind="stable")]


def sensitivity(
    scenario: Scenario,
    ranges: Mapping[str, object],
    strategy="discard newcomer",
    *,
    measure: str | None = None,
    n: int = 256,
    replications: int = 50,
    seed: int = 1,
    confidence: float = 0.95,
    workers: int | None = None,
    callback: Callable[[int], object] | None = None,
    **options,
) -> Sensitivity:
    """Estimate the Sobol indices of a scenario's parameters: which matter when all vary at once.

    Parameters
    ----------
    scenario : Scenario
    ranges : mapping
        Path -> range, as for `designs.latin_hypercube`: a pair of numbers, a ``range`` of whole
        numbers, or a list of choices. All values of a range are equally likely, and parameters are
        independent: the indices are about these ranges.
    strategy : Strategy, str or function
        A single one.
    measure : str, optional
        The measure to explain, by default lost revenue where prices differ, else lost value;
        `Sensitivity.of` gives others without running again.
    n : int
        A power of two, at least 8. ``n * (parameters + 2)`` points are run.
    replications : int
        Replications of each point.
    seed : int
        Seed of the design, of the runs, and of the bootstrap.
    confidence : float
        Confidence level of the intervals.
    workers, callback, **options
        As for `sweep`.

    Returns
    -------
    Sensitivity

    Raises
    ------
    KitchenError
        A subclass for each kind of fault; as many as possible are raised before the runs.

    Examples
    --------
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> ranges = {"arrivals.rate": (8.0, 12.0), "shelves.overflow.capacity": range(5, 21)}
    >>> kt.sensitivity(rush, ranges, n=8, replications=5)
    Sensitivity(lost_per_order of 'discard newcomer' in 'rush', 2 parameters, 32 points)

    Notes
    -----
    *First* index of a parameter: the share of the variance that would go if it were known; *total*
    index: the share that would be left if all others were. They are equal where a parameter acts
    alone. Saltelli et al., Computer Physics Communications 181 (2010), 259-270, estimators (b) and
    (f) of table 2; intervals from a BCa bootstrap of the points. They treat the points as independent draws,
    which are less even, and so are mostly too wide: for functions with known indices (Ishigami's,
    Sobol's g, a sum) the 95 % intervals covered 0.93 to 1.00 of a function's indices with 64 to 256
    points, and the worst single index in 0.76 of 50 designs.

    All points have the same draws (common random numbers): given the seed, the mean over
    replications is a deterministic function of the parameters, and the indices are those of this
    function. Another seed gives a slightly different function; `Sensitivity.noise` says how much
    that can matter. Chance looks like an interaction, since it belongs to no single parameter.
    """
    require_scenario(scenario)
    if isinstance(strategy, (list, tuple)):
        raise StrategyError(f"strategy: must be a single one, got {shown(strategy)}.")
    there = [*MEASURES, *(f"{BY_SHELF}{shelf.name}" for shelf in scenario.shelves)]
    if measure is not None:
        one_of("measure", measure, there)
    confidence = share("confidence", confidence, example="0.95 or '95%'")
    design = saltelli(ranges, n, seed)
    if design.n < FEWEST:
        raise KitchenError(f"n: must be at least {FEWEST}, got {design.n}.")
    options = {"replications": replications, "seed": seed, **options}
    result = sweep(scenario, design, [strategy], workers=workers, callback=callback, **options)
    return Sensitivity(result, design, measure or primary_in(result.frame), confidence)


def shares_of_variance(outputs: np.ndarray, confidence: float, seed: int) -> Shares:
    """Sobol indices of a function from its values at Saltelli's points, with intervals.

    Parameters
    ----------
    outputs : array, shape (paths + 2, n)
        The function at A, at B, and at A with each path's values from B.
    confidence : float
    seed : int
        Seed of the resampling.

    Returns
    -------
    Shares
        NaN where the function does not vary, or has no value somewhere. A single path explains
        everything by definition.

    Notes
    -----
    The estimates are those of `scipy.stats.sobol_indices`. Its own bootstrap draws from a generator
    that cannot be seeded, so the resampling is `scipy.stats.bootstrap`'s, of rows of A, B and A_B
    together. Where it has no BCa interval, as for a path that changes nothing, percentiles stand in.
    """
    from scipy.stats import bootstrap

    paths, n = outputs.shape[0] - 2, outputs.shape[1]
    if not np.isfinite(outputs).all() or np.ptp(outputs[:2]) == 0:
        return Shares(*(np.full(shape, np.nan) for shape in ((3, paths), (3, paths), (3,))))
    if paths == 1:
        return Shares(np.ones((3, 1)), np.ones((3, 1)), np.zeros(3))
    estimate = _saltelli(outputs)
    with warnings.catch_warnings(), np.errstate(invalid="ignore", divide="ignore"):
        warnings.simplefilter("ignore")  # without a BCa interval its ends are NaN
        result = bootstrap(
            (np.arange(n),),
            lambda rows, axis: _saltelli(outputs[:, rows]),
            n_resamples=RESAMPLES,
            batch=max(1, NUMBERS_AT_ONCE // outputs.size),
            vectorized=True,
            confidence_level=confidence,
            method="BCa",
            **seeded(bootstrap, np.random.default_rng(seed), "random_state"),
        )
        spread = np.array([(1 - confidence) / 2, (1 + confidence) / 2])
        plain = np.nanquantile(result.bootstrap_distribution, spread, axis=-1)
    ends = np.stack([result.confidence_interval.low, result.confidence_interval.high])
    figures = np.stack([estimate, *within(*np.where(np.isfinite(ends), ends, plain))])
    return Shares(figures[:, :paths], figures[:, paths:-1], figures[:, -1])


def _saltelli(outputs: np.ndarray) -> np.ndarray:
    """First indices, total indices, and 1 minus the sum of the first, under each other.

    Parameters
    ----------
    outputs : array, shape (paths + 2, ..., n)

    Returns
    -------
    array, shape (2 x paths + 1, ...)

    Notes
    -----
    Values are centred first: Sobol and Levitan, Computer Physics Communications 117 (1999), 52-61.
    """
    both = np.concatenate([outputs[0], outputs[1]], axis=-1)
    outputs = outputs - both.mean(axis=-1, keepdims=True)
    at_a, at_b, mixed = outputs[0], outputs[1], outputs[2:]
    with np.errstate(invalid="ignore", divide="ignore"):
        first = np.mean(at_b * (mixed - at_a), axis=-1) / both.var(axis=-1)
        total = np.mean((at_a - mixed) ** 2, axis=-1) / 2 / both.var(axis=-1)
    return np.concatenate([first, total, 1.0 - first.sum(axis=0, keepdims=True)])


# Words


def _in_words(result: Sensitivity) -> str:
    measure, outputs = result.measure, result.outputs
    gaps = int((~np.isfinite(outputs)).sum())
    if gaps:
        return (
            f"{measure} has no figure at {gaps:,} of {outputs.size:,} points, so there are no indices. "
            "Choose narrower ranges, or another measure."
        )
    mean, deviation = float(np.mean(outputs[:2])), float(np.std(outputs[:2]))
    if np.ptp(outputs[:2]) == 0:
        return f"{measure} is {mean:.4g} at every point: none of the parameters changes it."
    sentences = [
        f"Over these ranges {measure} is {mean:.3g} on average, with a standard deviation of "
        f"{deviation:.2g}."
    ]
    if len(result.design.paths) == 1:
        sentences.append(f"All of that comes from {result.design.paths[0]}: nothing else varies.")
        return " ".join([*sentences, *_conditions(result)])
    sentences += _on_parameters(result)
    sentences.append(_on_interactions(result._shares.together))
    return " ".join([*sentences, *_conditions(result)])


def _on_parameters(result: Sensitivity) -> list[str]:
    """Which parameters matter, most first, and which hardly do."""
    first, total = result._shares.first, result._shares.total
    hardly = [(nth, path) for nth, path in result._ordered if total[2, nth] < HARDLY]
    matter = [(nth, path) for nth, path in result._ordered if total[2, nth] >= HARDLY]
    sentences = []
    for nth, path in matter[:1]:
        lead = "Most of that comes from" if first[0, nth] > 0.5 else "It varies most with"
        sentences.append(
            f"{lead} {inline(path)}: {whole_percent(first[0, nth])} % of the variance by itself "
            f"({_span(first[:, nth])}), {whole_percent(total[0, nth])} % with its interactions "
            f"({_span(total[:, nth])})."
        )
    others = [
        f"{inline(path)}, {whole_percent(first[0, nth])} % ({_span(first[:, nth])}), with its interactions "
        f"{whole_percent(total[0, nth])} % ({_span(total[:, nth])})"
        for nth, path in matter[1:]
    ]
    if others:
        lead = "Then come" if others[1:] else "Then comes"
        sentences.append(f"{lead} {'; '.join(others)}.")
    if hardly:
        most = max(total[2, nth] for nth, _ in hardly)
        names = [inline(path) for _, path in hardly]
        listed = " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
        verb = "matter" if names[1:] else "matters"
        bound = f"at most {whole_percent(most, up=True)} %" if most > 0 else "nothing changes"
        sentences.append(f"{listed} hardly {verb} ({bound}).")
    return sentences


def _on_interactions(together: np.ndarray) -> str:
    estimate, low, high = together
    if low > 0:
        return (
            f"{whole_percent(estimate)} % of the variance ({_span(together)}) belong to no parameter alone: "
            "what one of them does depends on the others."
        )
    if high < HARDLY:
        return "What the parameters do adds up: they hardly depend on each other."
    return (
        "It is not clear whether they depend on each other: at most "
        f"{whole_percent(high, up=True)} % of the variance belong to no parameter alone."
    )


def _conditions(result: Sensitivity) -> list[str]:
    """What limits the result: chance, and the number of points."""
    shares, noise, sentences = result._shares, result.noise, []
    if not np.isfinite(noise):
        sentences.append("With one replication it is unknown how much of this is chance.")
    elif noise > HARDLY:
        much = (
            f"adds at most {whole_percent(noise, up=True)} %"
            if noise < 1
            else "may be most of that"
        )
        sentences.append(
            f"Chance {much} (less, as all points meet the same orders): take more replications than "
            f"{result.sweep.replications:,} to be sure."
        )
    widest = np.nanmax(
        np.hstack([shares.first[2] - shares.first[1], shares.total[2] - shares.total[1]])
    )
    if widest > WIDE:
        sentences.append(f"Intervals are wide: take more points, n={2 * result.design.n:,}.")
    return sentences


def _span(figures: np.ndarray) -> str:
    return f"{whole_percent(figures[1])} to {whole_percent(figures[2])}"
