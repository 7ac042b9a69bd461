"""`simulate`: run a strategy in a scenario; `Run` holds the result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from kitchen.engine import records
from kitchen.engine.batches import Batches
from kitchen.engine.trace import Trace
from kitchen.errors import KitchenError, unknown
from kitchen.io.table_schema import write_csv
from kitchen.io.write import filled, write_parquet
from kitchen.model.scenario import Scenario, require_scenario
from kitchen.model.strategy import Strategy, as_strategy
from kitchen.simulation import frames
from kitchen.stats.intervals import mean_intervals
from kitchen.utils import html
from kitchen.utils.system import thread_count
from kitchen.utils.validation import amount, instance, whole

KEEP = ("ledger", "summary")
FRAMES = {
    "orders": "an order",
    "ledger": "an event",
    "shelves": "a tick and shelf",
    "contents": "a tick and order on a shelf",
    "summary": "a replication",
}
"""The frames of a run, and what a row is."""

_MAIN_FIGURES = {
    "delivered_share": "delivered",
    "expired_share": "expired",
    "discarded_share": "discarded",
    "value_per_order": "value delivered",
    "lost_per_order": "value lost",
}


@dataclass(frozen=True, eq=False)
class Run:
    """What happened: one strategy in one scenario, all replications.

    The frames are built when they are first asked for; see `kitchen.simulation.frames` for their columns.

    Attributes
    ----------
    scenario : Scenario
    strategy : Strategy
    trace : Trace or None
        None where only the summary was kept.
    step_s : float
        Seconds from tick to tick in `shelves` and `contents`; no result depends on it.
    warm_up_s : float
        Seconds at the start that the summary leaves out.
    replications : int64 array, shape (replications,)
        The replications' numbers.
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
        told = "one replication" if one else f"means of {size:,} replications, 95 % intervals"
        means = mean_intervals(self.summary, ["orders", *_MAIN_FIGURES]).set_index("measure")
        orders, *shares = means[["mean", "low", "high"]].itertuples(index=False, name=None)
        rows = [("orders", html.measured(*orders, ",.0f" if one else ",.1f"))]
        for called, figures in zip(_MAIN_FIGURES.values(), shares, strict=True):
            rows.append((f"{called}, %", html.measured(*(100 * figure for figure in figures))))
        there = {name: row for name, row in FRAMES.items() if name in self._frames()}
        listed = ", ".join(f"{name} (a row {row})" for name, row in there.items())
        return html.block(
            html.heading("Run", self.strategy.name),
            html.paragraph(html.joined("in ", html.name(self.scenario.name), ", ", told)),
            html.facts(rows),
            html.note(f"Frames: {listed}."),
        )

    @cached_property
    def summary(self) -> pd.DataFrame:
        """A row a replication."""
        span_s = self.last_ready_s - self.warm_up_s
        return frames.summary(self.totals, span_s, self.replications, self._labels())

    @cached_property
    def orders(self) -> pd.DataFrame:
        """A row an order."""
        return frames.orders(self._kept(), self.trace, self._labels())

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """A row an event, in the order in which they happened."""
        return frames.ledger(self._kept(), self.trace, self._labels())

    @cached_property
    def shelves(self) -> pd.DataFrame:
        """A row a tick and shelf."""
        return frames.shelves(self._kept(), self.trace, self._labels(), self.step_s)

    @cached_property
    def contents(self) -> pd.DataFrame:
        """A row a tick and order that stands on a shelf then."""
        return frames.contents(self._kept(), self.trace, self._labels(), self.step_s)

    def to_csv(self, folder, raw: bool = False) -> list[Path]:
        """Write every frame as a CSV file that `kitchen.read_csv` reads back as it was.

        A schema stands beside each: `orders.csv.schema.json` tells the types of `orders.csv`.

        Parameters
        ----------
        folder : path
            Made if it does not exist; files of the same names are replaced, all of them or none.
        raw : bool
            Leave texts that a spreadsheet might take for a formula as they are.

        Raises
        ------
        FileError
        """
        return self._write(folder, ".csv", lambda frame, path: write_csv(frame, path, raw=raw))

    def to_parquet(self, folder) -> list[Path]:
        """Write every frame as a Parquet file; see `to_csv`."""
        return self._write(folder, ".parquet", write_parquet)

    def _write(self, folder, suffix: str, write: Callable) -> list[Path]:
        names = self._frames()
        with filled(folder) as new:
            for name in names:
                write(getattr(self, name), new / (name + suffix))
        return [Path(folder) / (name + suffix) for name in names]

    def _frames(self) -> tuple[str, ...]:
        """Names of the frames that can be asked for."""
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
    seed: int = 0,
    step_s: float = 1.0,
    trace: Trace | None = None,
    keep: str = "ledger",
    threads: int | None = None,
    warm_up_s: float = 0.0,
    callback: Callable[[int], object] | None = None,
) -> Run:
    """Run a strategy in a scenario.

    Parameters
    ----------
    scenario : Scenario
    strategy : Strategy, str or function
        A strategy; or a discard rule by name or as a function, with the defaults beside it.
    replications, seed : int
        How many copies of the world, and which: see `draw`. Not used with `trace`.
    step_s : float
        Seconds from tick to tick of the frames that look at the shelves. No result depends on it.
    trace : Trace, optional
        Orders that are drawn or replayed already.
    keep : {"ledger", "summary"}
        Everything, or only a row a replication: then memory does not grow with the orders.
    threads : int, optional
        One a processor if left out. No result depends on it.
    warm_up_s : float
        Orders that become ready before this are left out of the summary, and so is the time before.
    callback : callable, optional
        Told the number of replications done, now and then, from any thread.

    Returns
    -------
    Run

    Raises
    ------
    KitchenError
        A subclass for each kind of fault: scenario, strategy, rule, seed, trace, memory.
    """
    require_scenario(scenario)
    strategy = as_strategy(strategy)
    if trace is not None:
        instance("trace", trace, Trace, "Make one with Trace.from_frame.")
    if keep not in KEEP:
        raise KitchenError(unknown("keep", keep, KEEP))
    step_s, warm_up_s = amount("step_s", step_s, above=True), amount("warm_up_s", warm_up_s)
    threads = thread_count(threads)
    if trace is None:
        replications = whole("replications", replications, at_least=1, at_most=1e300)
        numbers = None
    else:
        replications, numbers = trace.replications.size, trace.replications
    ledger = keep == "ledger"
    batches = Batches.prepare(scenario, [strategy], seed=seed, trace=trace, warm_up_s=warm_up_s)
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
