"""`simulate`, and the `Run` that it returns."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from kitchen import arrays, engine, frames, markup
from kitchen.compiling import where_raised
from kitchen.errors import KitchenError, RuleError, shown, unknown
from kitchen.files import write_parquet
from kitchen.folders import filled
from kitchen.intervals import mean_intervals
from kitchen.resources import require_memory, thread_count
from kitchen.scenario import Scenario
from kitchen.strategies import Strategy, as_strategy
from kitchen.tables import write_csv
from kitchen.trace import (
    BYTES_PER_ORDER,
    Trace,
    amount,
    draw,
    menu_of,
    orders_per_replication,
    whole,
)
from kitchen.world import (
    build_orders,
    build_rules,
    build_world,
    capacities,
    compiled_decay,
    refuse_contradictions,
    temps_of,
)

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
ORDERS_A_BATCH = {"drawn": 50_000, "given": 500_000}
"""Drawn as they are run, orders should fit the cache; for a given trace, only progress counts."""
ORDERS_WORTH_A_THREAD = 50_000
"""Fewer take less time than starting threads does."""

BYTES_A_LANE = 1_000
"""What the totals and the summary of one replication take, roughly."""

BYTES_A_ROW = 40
"""Of the ledger: what one event takes."""


@dataclass(frozen=True, eq=False)
class Run:
    """What happened: one strategy in one scenario, all replications.

    The frames are built when they are first asked for; see `kitchen.frames` for their columns.

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
    totals: arrays.Totals
    last_ready_s: np.ndarray
    book: arrays.Ledger | None

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
        rows = [("orders", markup.measured(*orders, ",.0f" if one else ",.1f"))]
        for called, figures in zip(_MAIN_FIGURES.values(), shares, strict=True):
            rows.append((f"{called}, %", markup.measured(*(100 * figure for figure in figures))))
        there = {name: row for name, row in FRAMES.items() if name in self._frames()}
        listed = ", ".join(f"{name} (a row {row})" for name, row in there.items())
        return markup.block(
            markup.heading("Run", self.strategy.name),
            markup.paragraph(markup.joined("in ", markup.name(self.scenario.name), ", ", told)),
            markup.facts(rows),
            markup.note(f"Frames: {listed}."),
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
        return tuple(FRAMES) if self.book is not None else ("summary",)

    def _labels(self) -> frames.Labels:
        return frames.Labels(self.scenario, self.strategy.name, self.temps)

    def _kept(self) -> arrays.Ledger:
        if self.book is None:
            raise KitchenError(
                "this run kept its summary only. Simulate with keep='ledger' for the other frames."
            )
        return self.book


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
    advance: Callable[[int], object] | None = None,
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
    advance : callable, optional
        Told the number of replications done, now and then, from any thread.

    Returns
    -------
    Run

    Raises
    ------
    KitchenError
        A subclass for each kind of fault: scenario, strategy, rule, seed, trace, memory.
    """
    strategy = as_strategy(strategy)
    if not isinstance(scenario, Scenario):
        raise KitchenError(
            f"scenario: must be a Scenario, got {shown(scenario)}. Load one with Scenario.load."
        )
    if trace is not None and not isinstance(trace, Trace):
        raise KitchenError(
            f"trace: must be a Trace, got {type(trace).__name__}. Make one with Trace.from_frame."
        )
    if keep not in KEEP:
        raise KitchenError(unknown("keep", keep, KEEP))
    step_s = amount("step_s", step_s, above=True)
    warm_up_s = amount("warm_up_s", warm_up_s)
    refuse_contradictions(scenario, strategy)
    threads = thread_count(threads)
    if trace is None:
        replications = whole("replications", replications, at_least=1, at_most=1e300)
        menu = menu_of(scenario)
        expected = orders_per_replication(scenario, menu)
        require_memory(replications * BYTES_A_LANE, f"{replications:,} replications")
        if keep == "ledger":
            _require_ledger_memory(scenario, strategy, expected * replications)
            trace = draw(scenario, replications, seed, menu=menu)
    else:
        menu, replications = trace.menu, trace.replications.size
        expected = len(trace) / max(replications, 1)
        if keep == "ledger":
            _require_ledger_memory(scenario, strategy, len(trace))
    residual = trace.residual if trace is not None else scenario.couriers.delay.residual()
    temps = temps_of(scenario, menu)
    if expected * replications < ORDERS_WORTH_A_THREAD:
        threads = 1
    lanes = Lanes.of(scenario, strategy, menu, residual, temps, warm_up_s)
    orders = build_orders(scenario, strategy, trace) if trace is not None else None

    totals = arrays.empty_totals(replications, len(temps), len(scenario.shelves))
    last_ready_s = np.full(replications, np.nan)
    sizes = np.diff(trace.first) if keep == "ledger" else np.empty(0, np.int64)
    book = arrays.empty_ledger(sizes * _rows_an_order(scenario, strategy))

    def batch(start: int, stop: int) -> None:
        part, orders_of, begin, end = trace, orders, start, stop
        if trace is None:
            part = draw(scenario, stop - start, seed, first=start, menu=menu)
            begin, end = 0, stop - start
            orders_of = build_orders(scenario, strategy, part)
        last_ready_s[start:stop] = last_ready(part, begin, end)
        lanes.run(
            part,
            orders_of,
            (begin, end),
            arrays.Totals(*(column[start:stop] for column in totals)),
            arrays.Ledger(book.first[start : stop + 1], book.count[start:stop], book.rows),
        )
        if advance:
            advance(stop - start)

    most = ORDERS_A_BATCH["drawn" if trace is None else "given"]
    in_threads(batch, cuts(replications, expected / most, threads), threads)
    engine.compact(book)
    return Run(
        scenario=scenario,
        strategy=strategy,
        trace=trace if keep == "ledger" else None,
        step_s=step_s,
        warm_up_s=warm_up_s,
        replications=np.arange(replications) if trace is None else trace.replications,
        temps=temps,
        totals=totals,
        last_ready_s=last_ready_s,
        book=book._replace(rows=book.rows[: book.first[-1]]) if keep == "ledger" else None,
    )


class Lanes(NamedTuple):
    """All that the engine needs beside the trace; shared by all batches."""

    world: arrays.World
    rules: tuple[arrays.Rules, tuple]
    law: Callable
    capacity: np.ndarray
    strategy: Strategy

    @classmethod
    def of(cls, scenario, strategy, menu, residual, temps, warm_up_s=0.0) -> Lanes:
        return cls(
            world=build_world(scenario, strategy, menu, residual, temps, warm_up_s),
            rules=build_rules(strategy),
            law=compiled_decay(scenario),
            capacity=capacities(scenario),
            strategy=strategy,
        )

    def run(self, trace, orders, lanes: tuple[int, int], totals, ledger) -> None:
        """Run the lanes from the first to before the second; fills their totals and ledger."""
        rules, compiled = self.rules
        try:
            engine.run_lanes(
                lanes, compiled, self.law, self.capacity, orders, self.world, rules, totals, ledger
            )
        except (KitchenError, MemoryError, KeyboardInterrupt):
            raise
        except Exception as error:
            raise RuleError(
                f"strategy {self.strategy.name!r}: {type(error).__name__} was raised"
                f"{where_raised(error)}: {error}"
            ) from error
        self._refuse_faults(trace, lanes[0], totals)

    def _refuse_faults(self, trace: Trace, start: int, totals: arrays.Totals) -> None:
        """Tell of the first lane in which a rule did not return a number."""
        for row in np.flatnonzero(totals.faults["happened"])[:1]:
            _, order, decision, time = totals.faults[row]
            name = trace.menu.name[trace.item[trace.first[start + row] + order]]
            deciding = engine.RECALL_RULE if decision == engine.RECALL_WHEN_BLOCKED else decision
            rule = self.strategy.rules[deciding]
            raise RuleError(
                f"rule {rule.name!r} returned nan for order {order} ({name!r}) at "
                f"{time:.2f} s of replication {trace.replications[start + row]}."
            )


def in_threads(work: Callable, batches: list[tuple[int, int]], threads: int) -> None:
    """Do `work` for all batches; the first fault stops what has not begun."""
    if threads == 1 or len(batches) == 1:
        for batch in batches:
            work(*batch)
        return
    with ThreadPoolExecutor(min(threads, len(batches))) as pool:
        futures = [pool.submit(work, *batch) for batch in batches]
        try:
            for future in futures:
                future.result()
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def cuts(replications: int, batches_each: float, threads: int) -> list[tuple[int, int]]:
    """Replications in even batches, as many for each thread; of a batch each is that part."""
    rounds = math.ceil(replications * batches_each / threads)
    batches = min(max(rounds, 1) * threads, replications)
    edges = [replications * i // batches for i in range(batches + 1)]
    return list(zip(edges, edges[1:], strict=False))


def _rows_an_order(scenario: Scenario, strategy: Strategy) -> int:
    """Most events per order: placed, resolved, and moved.

    A recall takes an order to an earlier place of its list, so that without demotion it moves at
    most (places - 1) times. An arrival demotes at most one order, by at most (places - 1) places,
    each of which a recall may take back.
    """
    temps = scenario.named_temps()
    places = max([len(scenario.shelves_of(t)) for t in temps] + [1])
    places = max(places, sum(shelf.holds == "any" for shelf in scenario.shelves))
    back = places - 1 if strategy.recall else 0
    return 2 + back + (1 + back if strategy.demote else 0)


def _require_ledger_memory(scenario: Scenario, strategy: Strategy, orders: float) -> None:
    need = orders * (BYTES_PER_ORDER + BYTES_A_ROW * _rows_an_order(scenario, strategy))
    require_memory(need, f"the ledger of {orders:,.0f} orders")


def last_ready(trace: Trace, start: int, stop: int) -> np.ndarray:
    """When the last order of each lane is ready; NaN for a lane without orders."""
    first = trace.first[start : stop + 1]
    last = np.full(stop - start, np.nan)
    full = np.flatnonzero(np.diff(first))
    if full.size:
        ready = trace.ready_s[first[0] : first[-1]]
        last[full] = np.maximum.reduceat(ready, first[full] - first[0])
    return last
