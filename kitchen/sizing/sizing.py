"""Sizing: the cheapest shelves that keep waste below a target."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kitchen.engine.batches import BYTES_A_LANE, ORDERS_AT_ONCE
from kitchen.engine.encode import refuse_contradictions, temps_of
from kitchen.engine.source import Source, require_evenings
from kitchen.engine.trace import Trace
from kitchen.model.measures import holds_shares, measure_named, measures_to_size
from kitchen.model.scenario import Scenario, require_scenario
from kitchen.model.strategy import Strategy, as_strategy
from kitchen.simulation.simulate import simulate
from kitchen.sizing.layouts import PATH, Layout, grid_of
from kitchen.sizing.search import Evaluator, Row, Search, falling
from kitchen.sizing.verdict import NOTHING, figure, in_words
from kitchen.stats.intervals import within
from kitchen.stats.sequential import interim_sizes
from kitchen.utils import html
from kitchen.utils.formatting import DASH
from kitchen.utils.frames import frame_field
from kitchen.utils.system import require_memory, thread_count
from kitchen.utils.validation import (
    amount,
    check_callback,
    check_seed,
    number,
    one_of,
    share,
    whole,
)

ATTEMPTS = 6
"""Largest number of layouts that are put to the proof."""

FEWEST_EVENINGS = 4
"""Evenings of a trace below which there are not two to search on and two for the proof."""

HALVES = "half to search on, half for the proof. Give more, or draw from a scenario that is fitted to them."
"""What the evenings of a trace are for."""


@dataclass(frozen=True, eq=False)
class Sizing:
    """Cheapest shelf layout that keeps waste at or below a target, with the other layouts tried.

    Attributes
    ----------
    scenario : Scenario
        The scenario with that layout; the given one where no layout was shown to hold.
    strategy : Strategy
    measure : str
        A column of `Run.summary`.
    target, confidence : float
    layout : dict of str to int, or None
        Shelf -> slots, for the shelves whose capacities were to be chosen.
    cost : float
        Cost of the layout; NaN where there is none.
    frame : DataFrame
        A row a layout that was tried, by cost: its slots (``shelves.NAME.capacity``), ``cost, mean,
        low, high`` (the 95 % interval), ``upper`` (the limit that decides: see `size`),
        ``replications, within`` (the upper limit is at most the target), ``fails`` (the lower limit
        is above it; a layout can be neither) and ``chosen``.
    curve : DataFrame
        The trade-off between cost and waste: each row wastes less than every cheaper one, except
        that the chosen layout stands for all of its cost; with ``measure`` and ``target``.
    fewer : DataFrame
        ``shelf`` and the row of the layout that has the next smaller capacity there.
    verdict : str
        The result in a few sentences: how sure it is, and what one slot fewer would do.
    """

    scenario: Scenario
    strategy: Strategy
    measure: str
    target: float
    confidence: float
    layout: dict[str, int] | None
    cost: float
    frame: pd.DataFrame = frame_field()
    curve: pd.DataFrame = frame_field()
    fewer: pd.DataFrame = frame_field()
    verdict: str

    def __repr__(self):
        if self.layout is None:
            layout = "no layout"
        else:
            layout = ", ".join(f"{name} {slots:,}" for name, slots in self.layout.items())
        return (
            f"Sizing({layout} in {self.scenario.name!r}, {self.measure} at most "
            f"{figure(self.measure, self.target)})"
        )

    def _repr_html_(self) -> str:
        parts = [
            html.heading("Sizing", self.scenario.name),
            html.paragraph(self.verdict),
        ]
        if self.layout is not None:
            fewer = self.fewer.set_index("shelf")
            measure = measure_named(self.measure)
            scale, unit = measure.scale, ", %" if measure.is_share else ""
            header = ("shelf", "slots", f"{self.measure} with fewer there{unit}")
            rows = []
            for name, slots in self.layout.items():
                cell = DASH
                if name in fewer.index:
                    row = fewer.loc[name]
                    cell = html.measured(*(scale * row[key] for key in ("mean", "low", "high")))
                rows.append((html.name(name), f"{slots:,}", cell))
            parts.append(html.table(header, rows, "<>>"))
        parts.append(
            html.note("Frames: frame (a row a layout tried), curve (the trade-off), fewer.")
        )
        return html.block(*parts)


def size(
    scenario: Scenario,
    strategy: Strategy | str | Callable = "discard newcomer",
    *,
    shelves: Mapping[str, Iterable[int]] | None = None,
    target: float | str = 0.01,
    measure: str = "wasted_share",
    costs: Mapping[str, float | tuple[float, float]] | None = None,
    confidence: float | str = 0.95,
    replications: int = 100,
    max_replications: int = 20_000,
    seed: int = 1,
    trace: Trace | None = None,
    warm_up_s: float = 0.0,
    threads: int | None = None,
    callback: Callable[[int], object] | None = None,
) -> Sizing:
    """Find the cheapest shelf layout that keeps a measure of waste at or below a target.

    Parameters
    ----------
    scenario : Scenario
    strategy : Strategy, str or function
    shelves : mapping, optional
        Shelf -> capacities that may be chosen, as a range or a list; the others stay as they are.
        Left out: every shelf, from none to twice its slots.
    target : float or str
        0.01 and ``"1%"`` are a hundredth; for ``waste_cost`` an amount in the menu's prices.
    measure : str
        ``wasted_share``, ``discarded_share``, ``expired_share``, ``lost_per_order``,
        ``waste_cost``, or ``wasted_share_TEMP`` for the orders of one temp. The target is for its
        mean over replications.
    costs : mapping, optional
        Shelf -> cost of a slot, 1 if left out; or a pair, the cost of a slot and that of having the
        shelf at all.
    confidence : float or str
        Confidence that the layout holds: 0.95 or ``"95%"``.
    replications : int
        First interim size: replications of a layout before its limits are computed for the first
        time, at least 2. Each further interim size is twice the one before.
    max_replications : int
        Last interim size. A layout that is undecided then counts as failing.
    seed : int
        Seed of the draws.
    trace : Trace, optional
        Evenings to replay in place of draws: every second one for the search, the others for the
        proof. Replications and the seed are not used then.
    warm_up_s : float
        Orders that become ready before this are left out.
    threads : int, optional
        One a processor if left out. No result depends on it.
    callback : callable, optional
        Called with the number of replications done since the last call, from any thread. An
        exception in it ends the search.

    Returns
    -------
    Sizing

    Raises
    ------
    KitchenError
        A subclass for each kind of fault; nothing has run then, unless a rule fails as it runs.

    Examples
    --------
    >>> import kitchen as kt
    >>> steady = kt.Scenario.load("steady")
    >>> sizing = kt.size(steady, shelves={"overflow": [0, 15]}, target="90%", replications=5)
    >>> sizing.layout
    {'overflow': 0}

    Notes
    -----
    *The search* rests on more slots wasting less, which holds on average and not for every trace.
    Coarse steps go where they save most for what they cost (Fox, "Discrete optimization via
    marginal analysis", Management Science 13, 1966) until the target is crossed; then slots are
    taken away, and exchanged between shelves, as long as a cheaper layout holds. Last, branch and
    bound: a box of layouts is left out when its largest one fails or its smallest one costs too
    much, and is halved otherwise. When that comes to its end, every cheaper layout was tried or is
    nowhere larger than one that fails; when it stops at `MAX_EFFORT`, the verdict says so.

    All layouts are simulated on the same draws, replications 0 to `max_replications` - 1. One
    layout near the target is simulated on most of them, and serves as control variate of the
    others: the regression estimator of double sampling (Cochran, Sampling Techniques, 1977,
    chapter 12). Figures in the frame are these. A layout gets more replications until its lower
    limit is above the target or its upper limit is not: one-sided limits of 99.5 % each time.

    *The proof*: the layout is simulated on as many new replications, which took no part in the
    search, so that there is no bias from choosing the best of many (Cox, Biometrika 62, 1975). The nth
    layout put to the proof has an nth part of the error, 1/2, 1/4, and so on; of that, half is
    kept for the last interim size and the rest is spent evenly on the earlier ones (alpha spending:
    Lan and DeMets, Biometrika 70, 1983; the parts are simply added). So a layout that does not
    hold is chosen in at most 1 - `confidence` of cases, whatever the search did.

    *Limits* are Student's t, with Johnson's correction for skewness (JASA 73, 1978) where that is
    the careful side. Where few replications waste anything the upper limit is at least Fay and
    Feuer's gamma limit (Statistics in Medicine 16, 1997), which for none wasted is the rule of
    three.
    """
    require_scenario(scenario)
    strategy = as_strategy(strategy)
    refuse_contradictions(scenario, strategy)
    if trace is not None:
        require_evenings(trace, FEWEST_EVENINGS, HALVES)
    source = Source(scenario, check_seed(seed), None if trace is None else _halved(trace))
    menu = source.menu
    _check_measure(measure, temps_of(scenario, menu))
    grid = grid_of(scenario, shelves, costs)
    target = _target(target, measure)
    confidence = share("confidence", confidence, 0.5, example="0.95 or '95%'")
    replications = whole("replications", replications, at_least=2)
    max_replications = whole("max_replications", max_replications, at_least=replications)
    if trace is None:
        sizes = interim_sizes(replications, max_replications)
    else:  # all evenings at once: there are no more to be had
        sizes = [trace.replications.size // 2]
    warm_up_s, threads = amount("warm_up_s", warm_up_s), thread_count(threads)
    check_callback(callback)
    require_memory(2 * sizes[-1] * BYTES_A_LANE, f"{sizes[-1]:,} replications")
    each = source.orders_each

    def traces(start: int, stop: int) -> Iterator[Trace]:
        if trace is not None and stop == 2 * sizes[-1]:
            stop = trace.replications.size  # of an odd number the proof has one more
        portion = max(1, int(ORDERS_AT_ONCE / max(each, 1)))
        for first in range(start, stop, portion):
            part = source.take(first, min(first + portion, stop))
            part.pickup_order  # noqa: B018 - sorted here, once, and not by each thread
            yield part

    def summary(layout: Layout, trace: Trace, threads: int) -> pd.DataFrame:
        run = simulate(
            grid.world(scenario, layout),
            strategy,
            trace=trace,
            keep="summary",
            threads=threads,
            warm_up_s=warm_up_s,
            callback=callback,
        )
        return run.summary

    unit = _smallest(measure, menu, each)
    with ThreadPoolExecutor(threads) as pool:
        evaluator = Evaluator(
            summary,
            traces,
            measure,
            sizes,
            pool,
            threads,
            each,
        )
        try:
            search = Search(grid, evaluator, target, unit)
            return _answer(search, scenario, strategy, confidence, trace)
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


# Arguments


def _halved(trace: Trace) -> Trace:
    """The evenings to search on, which are every second one, before those for the proof."""
    number = trace.replications.size
    return trace.take([*range(1, number, 2), *range(0, number, 2)])


def _target(value, measure: str) -> float:
    if measure_named(measure).is_share:
        return share("target", value)
    wanted = f"a number above 0, in the menu's prices as {measure}"
    return number("target", value, above=0, wanted=wanted)


def _check_measure(measure, temps: list[str]) -> None:
    one_of("measure", measure, measures_to_size(temps))


def _smallest(measure: str, menu, each: float) -> float:
    """The smallest amount that one wasted order adds to the measure of a replication."""
    if measure_named(measure).is_share:
        return 1.0 / max(each, 1.0)
    return float(min((price for price in menu.price if price > 0), default=0.0))


# The answer


def _answer(
    search: Search, scenario: Scenario, strategy: Strategy, confidence: float, trace: Trace | None
) -> Sizing:
    grid, evaluator = search.grid, search.evaluator
    evaluator.reach([grid.smallest, grid.largest], evaluator.interim_sizes[0])
    come = bool(np.isfinite(evaluator.values[grid.largest]).any())
    proofs: dict[Layout, Row] = {}
    chosen = None
    if come:
        search.walk()
        search.decided(grid.smallest)
        search.decided(grid.largest)
        for nth in range(1, ATTEMPTS + 1):
            best = search.best()
            if best is None:
                break
            best = search.settle(best)
            proofs[best] = search.proof(best, (1 - confidence) / 2**nth)
            if proofs[best].upper <= search.target:
                chosen = best
                evaluator.reach(search.fewer(best), evaluator.interim_sizes[0])
                break
            search.refused.append(best)
    frame = _frame(search, proofs, chosen, evaluator.measure)
    fewer = _fewer(search, frame, chosen)
    result = Sizing(
        scenario=scenario if chosen is None else grid.world(scenario, chosen),
        strategy=strategy,
        measure=evaluator.measure,
        target=search.target,
        confidence=confidence,
        layout=None if chosen is None else grid.slots(chosen),
        cost=math.nan if chosen is None else grid.cost(chosen),
        frame=frame,
        curve=_curve(frame, evaluator.measure, search.target),
        fewer=fewer,
        verdict="",
    )
    text = in_words(result, search, proofs, chosen) if come else NOTHING
    if trace is not None:
        text += (
            f" Replayed were {trace.replications.size:,} evenings, every second one for the search and the "
            "others for the proof."
        )
    return replace(result, verdict=html.Sentences(text))


def _frame(
    search: Search, proofs: dict[Layout, Row], chosen: Layout | None, measure: str
) -> pd.DataFrame:
    """A row a layout tried, by cost; the figures of the proof for those put to it."""
    grid = search.grid
    rows = [proofs.get(row.layout, row) for row in search.rows()]
    rows.sort(key=lambda row: (grid.cost(row.layout), row.layout))
    places = np.array([row.layout for row in rows])
    columns: dict[str, object] = {
        PATH.format(name): np.array(own, np.int64)[places[:, i]]
        for i, (name, own) in enumerate(zip(grid.names, grid.levels, strict=True))
    }
    columns["cost"] = [grid.cost(row.layout) for row in rows]
    columns["mean"] = [row.estimate.mean for row in rows]
    ends = np.array([row.estimate.interval() for row in rows]).T
    columns["low"], columns["high"] = within(*ends, holds_shares(measure))
    columns["upper"] = [row.upper for row in rows]
    columns["replications"] = np.array([row.estimate.number for row in rows], np.int64)
    columns["within"] = [row.upper <= search.target for row in rows]
    columns["fails"] = [row.lower > search.target for row in rows]
    columns["chosen"] = [row.layout == chosen for row in rows]
    return pd.DataFrame(columns)


def _curve(frame: pd.DataFrame, measure: str, target: float) -> pd.DataFrame:
    """The trade-off: rows that waste less than every cheaper one, and the chosen row for its cost."""
    others = (
        frame["cost"] == frame["cost"][frame["chosen"]].max()
    )  # NaN, and so all False, without a chosen row
    ordered = frame[frame["chosen"] | ~others].sort_values(["cost", "mean"], kind="stable")
    rows = zip(ordered["cost"], ordered["mean"], ordered["chosen"], strict=True)
    kept = [chosen or least for chosen, least in falling(rows)]
    return ordered[kept].reset_index(drop=True).assign(measure=measure, target=target)


def _fewer(search: Search, frame: pd.DataFrame, chosen: Layout | None) -> pd.DataFrame:
    """The layouts with the next smaller capacity on one shelf, by shelf."""
    grid, names, rows = search.grid, [], []
    paths = [PATH.format(name) for name in grid.names]
    place = {slots: i for i, slots in enumerate(frame[paths].itertuples(index=False, name=None))}
    for i, name in enumerate(grid.names if chosen else ()):
        if chosen[i]:
            names.append(name)
            rows.append(place[tuple(grid.slots(grid.moved(chosen, i, -1)).values())])
    table = frame.iloc[rows].reset_index(drop=True)
    table.insert(0, "shelf", pd.Categorical(names, grid.names, ordered=True))
    return table
