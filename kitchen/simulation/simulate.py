"""`simulate`: run a strategy in a scenario; `Run` holds the result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd

from kitchen.engine import records
from kitchen.engine.batches import Batches
from kitchen.engine.trace import Trace
from kitchen.errors import KitchenError
from kitchen.io.tables import write_tables
from kitchen.model.scenario import Scenario, require_scenario
from kitchen.model.strategy import Strategy, as_strategy
from kitchen.simulation import frames
from kitchen.stats.intervals import mean_intervals
from kitchen.utils import html
from kitchen.utils.frames import cached_frame
from kitchen.utils.system import thread_count
from kitchen.utils.validation import amount, check_callback, flag, instance, one_of, whole

KEEP = ("ledger", "summary")
"""What a run can keep: every event, or the summary only."""

FRAMES = {
    "orders": "an order",
    "ledger": "an event",
    "shelves": "a tick and shelf",
    "contents": "a tick and order on a shelf",
    "summary": "a replication",
}
"""Frames of a run -> what a row of each is."""

_MAIN_FIGURES = {
    "delivered_share": "delivered",
    "expired_share": "expired",
    "discarded_share": "discarded",
    "value_per_order": "value delivered",
    "lost_per_order": "value lost",
}


@dataclass(frozen=True, eq=False)
class Run:
    """Result of a simulation: one strategy in one scenario, all replications.

    The frames are built when they are first read; `kitchen.simulation.frames` has their columns.

    Attributes
    ----------
    scenario : Scenario
    strategy : Strategy
    trace : Trace or None
        None if only the summary was kept.
    step_s : float
        Time between ticks in `shelves` and `contents`, seconds; no result depends on it.
    warm_up_s : float
        Time from the opening that the summary leaves out, seconds.
    replications : int64 array, shape (replications,)
        Numbers of the replications.

    Examples
    --------
    >>> import kitchen as kt
    >>> run = kt.simulate(kt.Scenario.load("rush"), "oldest", seed=1)
    >>> run
    Run('oldest' in 'rush', 1 replications)
    >>> len(run.orders)
    132
    """

    scenario: Scenario
    strategy: Strategy
    trace: Trace | None
    step_s: float
    warm_up_s: float
    replications: np.ndarray
    temps: list[str]
    totals: records.Totals
    last_ready_s: np.ndarray
    events: records.Ledger | None

    def __repr__(self):
        return (
            f"Run({self.strategy.name!r} in {self.scenario.name!r}, "
            f"{self.replications.size:,} replications)"
        )

    def _repr_html_(self) -> str:
        size = self.replications.size
        one = size == 1
        figures_are = (
            "one replication" if one else f"means of {size:,} replications, 95 % intervals"
        )
        means = mean_intervals(self.summary, ["orders", *_MAIN_FIGURES]).set_index("measure")
        orders, *shares = means[["mean", "low", "high"]].itertuples(index=False, name=None)
        rows = [("orders", html.measured(*orders, ",.0f" if one else ",.1f"))]
        for called, figures in zip(_MAIN_FIGURES.values(), shares, strict=True):
            rows.append((f"{called}, %", html.measured(*(100 * figure for figure in figures))))
        there = {name: row for name, row in FRAMES.items() if name in self._frames()}
        listed = ", ".join(f"{name} (a row {row})" for name, row in there.items())
        return html.block(
            html.heading("Run", self.strategy.name),
            html.paragraph(html.joined("in ", html.name(self.scenario.name), ", ", figures_are)),
            html.facts(rows),
            html.note(f"Frames: {listed}."),
        )

    @cached_frame
    def summary(self) -> pd.DataFrame:
        """Counts, shares and values: a row per replication."""
        span_s = self.last_ready_s - self.warm_up_s
        return frames.summary(self.totals, span_s, self.replications, self._labels())

    @cached_frame
    def orders(self) -> pd.DataFrame:
        """Data and outcome of the orders: a row per order."""
        return frames.orders(self._kept(), self.trace, self._labels())

    @cached_frame
    def ledger(self) -> pd.DataFrame:
        """The ledger: a row per event, in order of time."""
        return frames.ledger(self._kept(), self.trace, self._labels())

    @cached_frame
    def shelves(self) -> pd.DataFrame:
        """Fill and value of the shelves: a row per tick and shelf."""
        return frames.shelves(self._kept(), self.trace, self._labels(), self.step_s)

    @cached_frame
    def contents(self) -> pd.DataFrame:
        """Contents of the shelves: a row per tick and order on a shelf."""
        return frames.contents(self._kept(), self.trace, self._labels(), self.step_s)

    def to_csv(self, folder, raw: bool = False, *, force: bool = False) -> list[Path]:
        """Write every frame as a CSV file that `kitchen.read_csv` reads back unchanged.

        Each has a schema with its types: `orders.csv.schema.json` for `orders.csv`.

        Parameters
        ----------
        folder : path
            Created if it does not exist; kitchen's own files of the same names are replaced, all
            or none.
        raw : bool
            Do not escape texts that a spreadsheet could read as a formula.
        force : bool
            Replace files of the same names that are not as kitchen wrote them, too. The menu of
            the scenario is never replaced.

        Returns
        -------
        list of Path
            The files of the frames.

        Raises
        ------
        FileError
            If a file cannot be written, or would be replaced and must not be.
        """
        flag("raw", raw)
        return self._write(folder, "csv", raw, force)

    def to_parquet(self, folder, *, force: bool = False) -> list[Path]:
        """Write every frame as a Parquet file; see `to_csv`."""
        return self._write(folder, "parquet", True, force)

    def play(self, replication: int | None = None, begin_s: float | None = None):
        """Play a replication in the browser: `kitchen.play` of this run.

        Parameters
        ----------
        replication : int, optional
            One of `replications`; the first if left out.
        begin_s : float, optional
            Instant that is shown first, seconds.

        Returns
        -------
        Playback
            A notebook shows it; ``save("play.html")`` writes a page that needs no kernel.
        """
        return import_module("kitchen.plots.browser.play").play(
            self, replication=replication, begin_s=begin_s
        )

    def _write(self, folder, kind: str, raw: bool, force: bool) -> list[Path]:
        tables = {name: partial(getattr, self, name) for name in self._frames()}
        menu = self.scenario.orders.file
        return write_tables(tables, folder, kind, raw=raw, reads=[menu], force=force)

    def _frames(self) -> tuple[str, ...]:
        """Names of the frames that this run has."""
        return tuple(FRAMES) if self.events is not None else ("summary",)

    def _labels(self) -> frames.Labels:
        return frames.Labels(self.scenario, self.strategy.name, self.temps)

    def _kept(self) -> records.Ledger:
        if self.events is None:
            raise KitchenError(
                "this run kept its summary only. Simulate with keep='ledger' for the other frames."
            )
        return self.events


def simulate(
    scenario: Scenario,
    strategy: Strategy | str | Callable = "discard newcomer",
    *,
    replications: int = 1,
    seed: int = 1,
    step_s: float = 1.0,
    trace: Trace | None = None,
    keep: str = "ledger",
    threads: int | None = None,
    warm_up_s: float = 0.0,
    callback: Callable[[int], object] | None = None,
) -> Run:
    """Simulate a strategy in a scenario.

    Parameters
    ----------
    scenario : Scenario
    strategy : Strategy, str or function
        A strategy; or a discard rule by name or as a function, with the defaults for the rest.
    replications, seed : int
        Number of replications, and the seed of their draws: see `draw`. Not used with `trace`.
    step_s : float
        Time between ticks in `shelves` and `contents`, seconds. No result depends on it.
    trace : Trace, optional
        Orders that have been drawn, or a replay.
    keep : {"ledger", "summary"}
        Every event, or one row per replication: then memory does not grow with the orders.
    threads : int, optional
        One per processor by default. No result depends on it.
    warm_up_s : float
        The summary leaves out the first seconds from the opening, and the orders that are ready then.
    callback : callable, optional
        Called now and then, from any thread, with the number of replications finished since the
        last call: 0 while orders are drawn.

    Returns
    -------
    Run

    Raises
    ------
    KitchenError
        A subclass for each kind of error: scenario, strategy, rule, seed, trace, memory.

    Examples
    --------
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> run = kt.simulate(rush, "discard newcomer", replications=200, seed=1, keep="summary")
    >>> int(run.summary["orders"].sum())
    26400
    """
    require_scenario(scenario)
    strategy = as_strategy(strategy)
    if trace is not None:
        instance("trace", trace, Trace, "Make one with Trace.from_frame.")
    one_of("keep", keep, KEEP)
    check_callback(callback)
    step_s, warm_up_s = amount("step_s", step_s, above=True), amount("warm_up_s", warm_up_s)
    threads = thread_count(threads)
    if trace is None:
        replications = whole("replications", replications, at_least=1, at_most=1e300)
        numbers = None
    else:
        replications, numbers = trace.replications.size, trace.replications
    ledger = keep == "ledger"
    batches = Batches.prepare(
        scenario, [strategy], seed=seed, trace=trace, warm_up_s=warm_up_s, callback=callback
    )
    if ledger:
        batches = batches.drawn(replications)
    outcomes = batches.run(0, replications, threads=threads, callback=callback, ledger=ledger)
    return Run(
        scenario=scenario,
        strategy=strategy,
        trace=batches.trace if ledger else None,
        step_s=step_s,
        warm_up_s=warm_up_s,
        replications=np.arange(replications) if numbers is None else numbers,
        temps=batches.temps,
        totals=outcomes.totals,
        last_ready_s=outcomes.last_ready_s,
        events=outcomes.ledger if ledger else None,
    )
