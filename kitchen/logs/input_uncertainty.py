"""Comparison of strategies in a fitted scenario, with the uncertainty of the data in its intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kitchen.comparison.comparison import Comparison, compare
from kitchen.comparison.one_measure import EVENINGS_FOR_LEVELS
from kitchen.comparison.paired_runs import PairedRuns
from kitchen.engine.batches import Batches
from kitchen.errors import KitchenError
from kitchen.logs.evenings import Evenings, resample
from kitchen.logs.fitted import Parts, fit_parts
from kitchen.model.measures import Measure, measure_named
from kitchen.model.scenario import Scenario
from kitchen.model.strategy import Strategy, as_strategies
from kitchen.stats.intervals import LEVEL, too_few
from kitchen.utils import html
from kitchen.utils.formatting import points_text, quoted, whole_percent
from kitchen.utils.frames import frame_field
from kitchen.utils.system import thread_count
from kitchen.utils.validation import check_seed, whole

REPLICATIONS_A_REFIT = 20
"""Replications of each refitted scenario: their noise is taken off what refits differ. All refits have
the same random numbers: with numbers of its own each had 15 times as much noise as the data leave open
in 26 evenings of `friday`."""

CAUTION = "few evenings: this interval may be too short"
"""What is said of differences with fewer than `EVENINGS_FOR_LEVELS` evenings."""


@dataclass(frozen=True, eq=False)
class InputComparison:
    """Strategies compared in a fitted scenario; intervals hold simulation and data.

    Attributes
    ----------
    frame : DataFrame
        A row a strategy: ``strategy, measure, mean, low, high, simulation, inputs``; the last two are
        the half-widths of 95 % that either would have alone. NaN with fewer than 6 evenings.
    paired : DataFrame
        A row a strategy but the first: ``strategy, baseline, measure, difference, low, high,
        simulation, inputs, replications, differing, significant, caution``.
    simulation : Comparison
        The comparison in the fitted scenario, whose intervals are of the simulation alone.
    evenings, inputs : int
        Evenings of the log, and refits.
    measure : str
    """

    frame: pd.DataFrame = frame_field()
    paired: pd.DataFrame = frame_field()
    simulation: Comparison | None = None
    evenings: int = 0
    inputs: int = 0
    measure: str = ""

    def __repr__(self):
        return (
            f"InputComparison({len(self.frame)} strategies, {self.evenings} evenings, "
            f"{self.inputs} refits)"
        )

    @property
    def verdict(self) -> str:
        """What was found, in sentences."""
        measure = measure_named(self.measure)
        said = [
            f"Fitted to {self.evenings} evenings and {self.inputs} resamples of them; intervals of 95 % "
            "hold what the simulation and what the data leave open."
        ]
        for row in self.paired.itertuples():
            if np.isnan(row.low):
                said.append(f"{quoted(row.strategy)}: differs too rarely for an interval.")
                continue
            ends = [_text(measure, x) for x in (row.difference, row.low, row.high)]
            share = row.inputs**2 / max(row.inputs**2 + row.simulation**2, 1e-300)
            said.append(
                f"{quoted(row.strategy)} against {quoted(row.baseline)}: {measure.title} differs by "
                f"{ends[0]} ({ends[1]} to {ends[2]}), {whole_percent(share)} % of the variance from the "
                "data."
            )
        if self.evenings < EVENINGS_FOR_LEVELS:
            said.append(
                f"With fewer than {EVENINGS_FOR_LEVELS} evenings levels have no intervals, and those of "
                "differences may be too short."
            )
        return html.Sentences(" ".join(said))


def compare_with_inputs(
    evenings: Evenings,
    kitchen: Scenario,
    parts: Parts,
    strategies,
    *,
    scenario: Scenario,
    inputs: int,
    replications: int,
    seed: int,
    measure: str | None,
    threads: int | None,
) -> InputComparison:
    """Compare strategies in a fitted scenario and in refits to resampled evenings; see `Fit.compare`.

    Notes
    -----
    The variance between the means of refits, less their simulation's (analysis of variance of refits
    and replications, whose random numbers are common to all refits), times
    n / (n - 1) for n evenings, is that of the data; it is added to that of the simulation of the
    fitted scenario. Degrees of freedom are Welch and Satterthwaite's, n - 1 for the data. Resampled
    evenings, refitted families: Barton, Lam and Song, Handbook of the Winter Simulation Conference:
    Input Uncertainty in Stochastic Simulation (2022), section 3.
    """
    inputs = whole("inputs", inputs, at_least=10, at_most=100_000)
    replications = whole("replications", replications, at_least=2, at_most=10_000_000)
    seed = check_seed(seed)
    chosen = as_strategies(strategies)
    if len(evenings) < 2:
        raise KitchenError(
            "compare: one evening says nothing of how evenings differ. Give at least 2, better 6, or "
            "compare in fit.scenario with kt.compare."
        )
    fitted = compare(
        scenario, chosen, replications=replications, seed=seed, measure=measure, threads=threads
    )
    measured = fitted.measure
    refits = _refits(
        evenings,
        kitchen,
        parts,
        chosen,
        measured,
        inputs,
        replications,
        seed,
        thread_count(threads),
    )
    own = fitted.summaries.pivot(index="replication", columns="strategy", values=measured)
    own = own[[strategy.name for strategy in chosen]].to_numpy()
    names, number = [strategy.name for strategy in chosen], len(evenings)
    quantity = measure_named(measured)
    levels = [_split(own[:, k], refits[:, :, k], number) for k in range(len(chosen))]
    frame = pd.DataFrame(levels, columns=["mean", "low", "high", "simulation", "inputs"])
    frame.insert(0, "strategy", pd.Categorical(names, names, ordered=True))
    frame.insert(1, "measure", measured)
    if number < EVENINGS_FOR_LEVELS:
        frame[["low", "high", "simulation", "inputs"]] = np.nan
    elif quantity.is_share:
        frame[["low", "high"]] = frame[["low", "high"]].clip(0.0, 1.0)
    return InputComparison(
        frame, _paired(names, measured, own, refits, number), fitted, number, inputs, measured
    )


def _refits(
    evenings, kitchen, parts, chosen: list[Strategy], measure, inputs, after, seed, threads
) -> np.ndarray:
    """The measure in each refit, replication and strategy, shape (inputs, replications, strategies).

    Replications are numbered on from those of the fitted scenario, and are the same in each refit.
    """
    generator, each = np.random.default_rng(seed), REPLICATIONS_A_REFIT
    made = np.empty((inputs, each, len(chosen)))
    for nth in range(inputs):
        drawn = resample(evenings, generator)
        fitted = fit_parts(drawn, kitchen, like=parts)
        scenario = fitted.scenario(kitchen, evenings.duration_s)
        batches = Batches.prepare(scenario, chosen, seed=seed, menu=drawn.menu())
        runs = PairedRuns(scenario, chosen, batches, threads, 0.0, 0.0, None)
        figures = runs.summaries(after, after + each)[measure].to_numpy()
        made[nth] = figures.reshape(len(chosen), each).T
    return made


def _split(own: np.ndarray, refits: np.ndarray, evenings: int):
    """Mean, ends of its interval, and half-widths of the simulation's and the data's intervals."""
    from scipy.special import stdtrit

    own_error = np.nanvar(own, ddof=1) / own.size
    rows, columns = np.nanmean(refits, axis=1), np.nanmean(refits, axis=0)
    rest = refits - rows[:, None] - columns + np.nanmean(refits)
    noise = np.nansum(rest**2) / np.prod(np.array(refits.shape) - 1) / refits.shape[1]
    data = max(np.nanvar(rows, ddof=1) - noise, 0.0) * evenings / (evenings - 1)
    both, free = own_error + data, (own.size - 1, evenings - 1)
    freedom = both**2 / (own_error**2 / free[0] + data**2 / free[1]) if both > 0 else free[0]
    tail = (1 + LEVEL) / 2
    half = stdtrit(freedom, tail) * np.sqrt(both)
    mean = float(np.nanmean(own))
    simulation = stdtrit(free[0], tail) * np.sqrt(own_error)
    inputs = stdtrit(free[1], tail) * np.sqrt(data)
    return mean, mean - half, mean + half, float(simulation), float(inputs)


def _paired(names, measure, own, refits, evenings: int) -> pd.DataFrame:
    """Differences to the first strategy."""
    rows = []
    for k, name in enumerate(names[1:], 1):
        differences = own[:, k] - own[:, 0]
        found = _split(differences, refits[:, :, k] - refits[:, :, 0], evenings)
        differing = int(np.count_nonzero(np.nan_to_num(differences)))
        row = dict(zip(("difference", "low", "high", "simulation", "inputs"), found, strict=True))
        if too_few(differing, differences.size):
            row |= dict.fromkeys(("low", "high", "simulation", "inputs"), np.nan)
        rows.append(
            {
                "strategy": name,
                "baseline": names[0],
                "measure": measure,
                **row,
                "replications": differences.size,
                "differing": differing,
                "significant": bool(row["low"] > 0 or row["high"] < 0),
                "caution": CAUTION if evenings < EVENINGS_FOR_LEVELS else "",
            }
        )
    columns = [
        "strategy", "baseline", "measure", "difference", "low", "high", "simulation", "inputs",
        "replications", "differing", "significant", "caution",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _text(measure: Measure, difference: float) -> str:
    sign = "-" if difference < 0 else "+"
    if measure.is_share:
        return f"{sign}{points_text(abs(difference))} points"
    return f"{sign}{measure.scale * abs(difference):.3g}"
