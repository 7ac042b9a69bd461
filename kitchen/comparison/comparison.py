"""Paired comparison of strategies on common random numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from kitchen.comparison import copies
from kitchen.comparison.paired_runs import PairedRuns
from kitchen.comparison.tables import Tables, cell
from kitchen.comparison.verdict import in_words
from kitchen.engine.batches import Batches
from kitchen.engine.draw import draw
from kitchen.engine.source import Source
from kitchen.engine.trace import Trace
from kitchen.errors import KitchenError, StrategyError, TraceError, shown
from kitchen.model.measures import (
    MEASURES,
    PRIMARY_MEASURE,
    Measure,
    bound_of,
    measure_named,
    measures_in,
    primary_measure,
)
from kitchen.model.scenario import Scenario, require_scenario
from kitchen.model.strategy import Strategy, as_strategies
from kitchen.simulation.simulate import KEEP, Run, simulate
from kitchen.stats.intervals import (
    all_pairs,
    paired_differences,
    too_few,
)
from kitchen.stats.regret import regret
from kitchen.utils import html
from kitchen.utils.frames import cached_frame, frame_field
from kitchen.utils.system import thread_count
from kitchen.utils.validation import (
    amount,
    check_callback,
    flag,
    instance,
    one_of,
    plain_value,
    share,
    whole,
)

FIRST_CHECK = 100
"""Number of replications at which `precision` checks the intervals for the first time, at least."""


@dataclass(frozen=True, eq=False)
class Comparison(Tables):
    """Paired comparison of strategies on the same orders and couriers.

    Attributes
    ----------
    scenario : Scenario
    strategies : list of Strategy
        The first is the baseline.
    summaries : DataFrame
        `Run.summary` of every strategy under each other; ``strategy`` is an ordered categorical.
    measure : str
        The measure that ranks them, in the verdict and the page.
    precision : float or None
        The largest half-width of intervals that was allowed.
    max_replications : int
        Largest number of replications to reach it.
    warm_up_s, cool_down_s : float
        Seconds at the start, and before the last arrival, that the summaries leave out.
    bounds : DataFrame or None
        ``replication`` and the clairvoyant bound of each, in ``value_per_order``, ``wasted_share`` or
        ``lost_revenue_share``.
    runs : tuple of Run or None
        With keep="ledger", the run of each strategy.
    source : Source or None
        Where the orders came from.
    draws : DataFrame or None
        Where copies of evenings are replayed, the means of each draw: ``strategy, draw`` and measures.
        The other tables have the mean over its copies for each evening.
    """

    scenario: Scenario
    strategies: list[Strategy]
    summaries: pd.DataFrame = frame_field()
    measure: str = PRIMARY_MEASURE
    precision: float | None = None
    max_replications: int = 0
    warm_up_s: float = 0.0
    cool_down_s: float = 0.0
    bounds: pd.DataFrame | None = frame_field(None)
    runs: tuple[Run, ...] | None = None
    source: Source | None = None
    draws: pd.DataFrame | None = frame_field(None)

    def __repr__(self):
        return (
            f"Comparison({len(self.strategies)} strategies in {self.scenario.name!r}, "
            f"{self.replications:,} replications)"
        )

    def _repr_html_(self) -> str:
        baseline, alone = self.strategies[0].name, len(self.strategies) == 1
        means = self.frame.set_index(["strategy", "measure"])
        paired = self.paired.set_index(["strategy", "measure"])
        columns = {"strategy": [html.name(name) for name in self.ranked]}
        measure = self.measured
        columns[measure.heading] = [
            cell(means.loc[(name, self.measure), :], measure.scale) for name in self.ranked
        ]
        if not alone:
            unit = "points" if measure.is_share else measure.step_unit
            columns[f"difference to the baseline, {unit}"] = [
                "baseline"
                if name == baseline
                else cell(paired.loc[(name, self.measure), :], measure.scale, "+.2f")
                for name in self.ranked
            ]
        if self.bounds is not None:
            short = self.regret[self.regret["measure"] == "regret"].set_index("strategy")
            columns["gap to the clairvoyant bound, points"] = [
                cell(short.loc[name]) for name in self.ranked
            ]
        for cause in ("expired", "discarded"):
            columns[f"{cause}, %"] = [
                html.number(100 * means.loc[(name, f"{cause}_share"), "mean"])
                for name in self.ranked
            ]
        number = self.replications
        together = (
            ""
            if number == 1 or alone
            else "; each holds by itself, what is called significant for all pairs together"
        )
        times = "One replication" if number == 1 else f"{number:,} replications, 95 % intervals"
        return html.block(
            html.heading("Comparison", self.scenario.name),
            html.paragraph(self.verdict),
            html.table(columns, zip(*columns.values(), strict=True), "<".ljust(len(columns), ">")),
            html.note(f"{times}{together}. {measure.definition}".rstrip()),
        )

    @property
    def measured(self) -> Measure:
        """The measure that ranks the strategies, with its texts in the scenario's currency."""
        return measure_named(self.measure).in_currency(self.scenario.orders.currency or "")

    @property
    def replications(self) -> int:
        """Number of replications of each strategy."""
        return int(self.summaries["replication"].nunique())

    @cached_frame
    def frame(self) -> pd.DataFrame:
        """Means with intervals, a row a strategy and measure.

        Columns ``strategy, measure, mean, low, high, replications``; ``low`` and ``high`` are the
        95 % interval of the mean over replications, NaN with one replication and with fewer than 6
        evenings of a log; see `metrics.mean_intervals`.
        """
        return self.levels(measures_in(self.summaries))

    @cached_frame
    def paired(self) -> pd.DataFrame:
        """Paired differences to the baseline with intervals, a row a strategy and measure.

        Columns ``strategy, baseline, measure, difference, low, high, replications, differing``; the
        interval is much narrower than that of two separate means, because both had the same orders.
        ``differing`` is the number of replications in which the two differ; where fewer than 30 do
        and others do not differ at all, there is no interval: ``low`` and ``high`` are NaN.
        """
        name = self.strategies[0].name
        return paired_differences(self.summaries, name, measures_in(self.summaries))

    @cached_frame
    def pairs(self) -> pd.DataFrame:
        """Differences between all pairs of strategies, with the family-wise error controlled.

        Columns ``strategy, other, measure, difference, low, high, p, significant, replications,
        differing``; see `metrics.all_pairs`: Holm's p values and Bonferroni's intervals.
        """
        return all_pairs(self.summaries, measures_in(self.summaries))

    @cached_frame
    def regret(self) -> pd.DataFrame:
        """The gap of each strategy to the clairvoyant bound.

        Columns ``strategy, baseline, measure, mean, low, high, replications``, with the measures
        ``regret`` and ``gap_closed``; see `metrics.regret`.

        Raises
        ------
        KitchenError
            If the comparison was made without the bound.
        """
        if self.bounds is None:
            raise KitchenError(
                "regret: there is no bound to compare with. Compare with bound=True."
            )
        return regret(self.summaries, self.bounds, self.strategies[0].name)

    @cached_property
    def ranked(self) -> list[str]:
        """The strategies' names by the measure, the best first; ties in the order given."""
        rows = self.means_of(self.measure)
        rows = rows.assign(mean=rows["mean"] * (-1 if self.measured.more_is_better else 1))
        return list(rows.sort_values("mean", kind="stable", na_position="last")["strategy"])

    @cached_property
    def half_width(self) -> float:
        """Half of the widest 95 % interval of a difference to the baseline, by the measure.

        Infinite where too few replications differ for an interval.
        """
        rows = self.paired_of(self.measure)
        half = (rows["high"] - rows["low"]) / 2
        few = too_few(rows["differing"], rows["replications"])
        return float(half.mask(few, np.inf).max(skipna=False))

    @cached_property
    def verdict(self) -> str:
        """The result in a few sentences: which strategy is best, by how much, and how sure that is.

        Which strategies differ significantly comes from `pairs`, so that all such statements are
        right together in 95 % of comparisons; the intervals are those of `frame` and `paired`.
        """
        return html.Sentences(in_words(self))


def compare(
    scenario: Scenario,
    strategies: Iterable[Strategy | str | Callable],
    *,
    measure: str | None = None,
    replications: int = 200,
    precision: str | float | None = None,
    max_replications: int = 20_000,
    seed: int = 1,
    trace: Trace | None = None,
    baseline: str | None = None,
    bound: bool = False,
    threads: int | None = None,
    warm_up_s: float = 0.0,
    cool_down_s: float = 0.0,
    callback: Callable[[int], object] | None = None,
    min_strategies: int = 2,
    keep: str = "summary",
    step_s: float = 1.0,
) -> Comparison:
    """Compare strategies on the same orders and couriers (common random numbers).

    Parameters
    ----------
    scenario : Scenario
    strategies : list
        Strategies, names of discard rules, or functions; the first is the baseline.
    measure : str, optional
        What ranks the strategies, one of `metrics.MEASURES`: by default ``lost_revenue_share`` where
        the menu's prices differ, else ``lost_per_order``.
    replications, seed : int
        Not used with `trace`.
    precision : str or float, optional
        Add replications until the 95 % interval of every difference to the baseline, by the
        measure, is at most so wide to either side: ``"0.5%"`` and 0.005 are half a percentage
        point. A text needs its "%"; a number is a share, or an amount in the unit of a measure that
        is none. Not before 30 replications differ, if others
        do not. Intervals are checked after `replications` first, at least 100; each further check
        comes after a quarter more at least, up to four times as many.
    max_replications : int
        Largest number of replications for `precision`; the verdict says when it was not enough.
    trace : Trace, optional
        Orders that are drawn already, or a replay.
    baseline : str, optional
        The name of the strategy to compare the others with; it is put first.
    bound : bool
        Also compute the clairvoyant bound of each replication, for `regret`: of value, revenue or
        waste, as the measure is.
    threads : int, optional
        One a processor if left out. No result depends on it.
    warm_up_s, cool_down_s : float
        Seconds left out for steady-state figures: orders that become ready in the first
        `warm_up_s`, or in the last `cool_down_s` before the last arrival of their replication, do
        not count.
    callback : callable, optional
        Called with the number of replications done since the last call; they sum to strategies x
        replications. Also called with 0 while orders are drawn.
    min_strategies : int
        Smallest number of strategies; a report on a single one needs 1.
    keep : {"summary", "ledger"}
        One row per replication and strategy; or every event too, for `orders`, `ledger`, `shelves`
        and `contents` of all strategies. What would not fit into memory is refused first.
    step_s : float
        Time between ticks in `shelves` and `contents`, seconds. No result depends on it.

    Returns
    -------
    Comparison

    Raises
    ------
    KitchenError
        A subclass for each kind of fault; nothing has run then, unless a rule fails as it runs.

    Notes
    -----
    All strategies run on one trace. Stopping at a precision makes intervals slightly too narrow on
    average, as it comes sooner where replications happen to differ little; checking after 100
    replications first, and seldom then, keeps that below what can be measured.

    Examples
    --------
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> table = kt.compare(rush, ["discard newcomer", "oldest"], replications=5)
    >>> table.frame.columns.to_list()
    ['strategy', 'measure', 'mean', 'low', 'high', 'replications']
    >>> table.paired.loc[0, ["strategy", "baseline"]].to_list()
    ['oldest', 'discard newcomer']
    """
    strategies = _checked(scenario, strategies, baseline, min_strategies)
    replications = whole("replications", replications, at_least=1)
    if measure is not None:
        one_of("measure", measure, MEASURES)
    max_replications = whole("max_replications", max_replications, at_least=2)
    cool_down_s, bound = amount("cool_down_s", cool_down_s), flag("bound", bound)
    check_callback(callback)
    if precision is not None and trace is not None:
        raise TraceError("precision: a trace has as many replications as it has. Leave one out.")
    if bound and (warm_up_s or cool_down_s):
        raise KitchenError(
            "bound: is of all orders of a replication. Leave out warm_up_s and cool_down_s."
        )
    if trace is not None:
        instance("trace", trace, Trace, "Make one with Trace.from_frame.")
    one_of("keep", keep, KEEP)
    step_s = amount("step_s", step_s, above=True)
    warm_up_s, threads = amount("warm_up_s", warm_up_s), thread_count(threads)
    batches = Batches.prepare(
        scenario, strategies, seed=seed, trace=trace, warm_up_s=warm_up_s, callback=callback
    )
    measure = primary_measure(batches.menu) if measure is None else measure
    if precision is not None:
        precision = _precision(precision, measure)
    bounded = bound_of(measure) if bound else ""
    if keep == "ledger":
        batches.require_ledgers(replications)
    runs = PairedRuns(scenario, strategies, batches, threads, warm_up_s, cool_down_s, callback)

    def table(parts: list[pd.DataFrame]) -> Comparison:
        return Comparison(
            scenario,
            strategies,
            runs.gathered(parts),
            measure,
            precision,
            max_replications,
            warm_up_s,
            cool_down_s,
            source=Source(scenario, seed, trace),
        )

    several = copies.are_there(trace)
    if trace is not None:
        result = table([runs.summaries(0, trace.replications.size)])
        if several:
            each = result.summaries
            means, draws = copies.averaged(each, trace), copies.by_draw(each, trace)
            result = replace(result, summaries=means, draws=draws)
    else:
        done = min(max(replications, FIRST_CHECK), max_replications) if precision else replications
        parts = [runs.summaries(0, done)]
        result = table(parts)
        while precision and done < max_replications and result.half_width > precision:
            times = min(max(1.05 * (result.half_width / precision) ** 2, 1.25), 4.0)
            done, before = min(math.ceil(done * times), max_replications), done
            parts.append(runs.summaries(before, done))
            result = table(parts)
    if bound or keep == "ledger":
        batches.require_ledgers(result.replications if keep == "ledger" else 0)
        trace = draw(scenario, result.replications, seed) if trace is None else trace
    if keep == "ledger":
        options = {"step_s": step_s, "threads": threads, "warm_up_s": warm_up_s}
        kept = tuple(simulate(scenario, own, trace=trace, **options) for own in strategies)
        result = replace(result, runs=kept)
    if bound:
        bounds = _bounds(trace, scenario, strategies, threads, bounded)
        result = replace(result, bounds=copies.averaged(bounds, trace) if several else bounds)
    return result


def compare_over(
    scenario: Scenario,
    path: str,
    values: Iterable,
    strategies: Iterable[Strategy | str | Callable],
    **options,
) -> pd.DataFrame:
    """Compare strategies at several values of one setting of the scenario.

    Parameters
    ----------
    scenario : Scenario
    path : str
        The setting, as for `Scenario.replace`: ``"arrivals.rate"``.
    values : sequence
        Values of the setting. All use the same draws, so that figures change smoothly.
    strategies : list
    **options
        As for `compare`.

    Returns
    -------
    DataFrame
        The rows of `Comparison.frame` for each value: ``setting, value, strategy, measure, mean,
        low, high, replications``, joined with those of `Comparison.paired`: ``baseline,
        difference, difference_low, difference_high``, 0 for the baseline itself.

    Raises
    ------
    KitchenError
        A subclass for each kind of fault.

    Examples
    --------
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> strategies = ["discard newcomer", "oldest"]
    >>> frame = kt.compare_over(rush, "arrivals.rate", [8, 10], strategies, replications=5)
    >>> frame["value"].unique().tolist()
    [8, 10]
    """
    require_scenario(scenario)
    values = plain_value(values)
    if not isinstance(values, Iterable) or isinstance(values, (str, bytes, Mapping, pd.DataFrame)):
        raise KitchenError(f"values: must be a list of values, got {shown(values)}.")
    values = [plain_value(value) for value in values]
    if not values:
        raise KitchenError("values: there must be at least one.")
    if not isinstance(path, str):
        raise KitchenError(f"path: must be the path of a setting, got {shown(path)}.")
    worlds = [scenario.replace({path: value}) for value in values]
    tables = []
    for value, world in zip(values, worlds, strict=True):
        table = compare(world, strategies, **options)
        frame = table.frame.assign(baseline=table.strategies[0].name)
        frame.insert(0, "setting", path)
        frame.insert(1, "value", value)
        columns = ["difference", "low", "high"]
        keys = ["strategy", "measure"]
        own = table.paired.set_index(keys)[columns]
        own = own.reindex(pd.MultiIndex.from_frame(frame[keys])).to_numpy(copy=True)
        own[(frame["strategy"] == table.strategies[0].name).to_numpy()] = 0.0
        frame[["difference", "difference_low", "difference_high"]] = own
        tables.append(frame)
    return pd.concat(tables, ignore_index=True)


# Running


def _bounds(trace, scenario, strategies, threads, measure) -> pd.DataFrame:
    """The clairvoyant bound of each replication, valid for pooled couriers if any strategy pools them."""
    from kitchen.comparison.bound import bound  # and all of scipy.optimize with it

    issue = next((strategy.issue for strategy in strategies if strategy.issue), None)
    return bound(trace, scenario, issue=issue, threads=threads, measure=measure).frame


# Arguments


def _precision(precision, measure: str) -> float:
    """The half-width that is wanted, in the unit of the measure."""
    if MEASURES[measure].is_share:
        return share("precision", precision, example="0.005 or '0.5%'", needs_unit=True)
    return amount("precision", precision, above=True)


def _checked(scenario, strategies, baseline, min_strategies) -> list[Strategy]:
    """The strategies with the baseline first; faults are raised before anything runs."""
    require_scenario(scenario)
    strategies = as_strategies(strategies)
    min_strategies = whole("min_strategies", min_strategies, at_least=1, error=StrategyError)
    if len(strategies) < min_strategies:
        raise StrategyError(
            f"strategies: there must be at least {min_strategies} to compare, got one "
            f"({strategies[0].name!r}). Add one, or use simulate."
        )
    names = [strategy.name for strategy in strategies]
    if baseline is not None:
        one_of("baseline", baseline, names, error=StrategyError)
        strategies = sorted(strategies, key=lambda strategy: strategy.name != baseline)
    return strategies
