"""Batches of replications: the kernel's input is prepared once, then any range is run.

`simulate`, `compare` and the points of a sweep all go this way: `Batches.prepare` reads the menu and
turns names into arrays, `Batches.run` draws a range of replications batch by batch and lets every
strategy meet the same orders.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import numba
import numpy as np

from kitchen.engine import kernel, records
from kitchen.engine.draw import draw, menu_of, orders_per_replication
from kitchen.engine.encode import (
    build_orders,
    build_rules,
    build_world,
    capacities,
    compiled_decay,
    refuse_chance,
    refuse_contradictions,
    temps_of,
    warn_of_other_conditions,
)
from kitchen.engine.threads import share_out
from kitchen.engine.trace import BYTES_PER_ORDER, Trace
from kitchen.errors import KitchenError, RuleError
from kitchen.model.menu import Menu
from kitchen.model.scenario import Scenario
from kitchen.model.strategy import Strategy
from kitchen.utils.jit import kernel as compiled_kernel
from kitchen.utils.jit import where_raised
from kitchen.utils.system import require_memory

ORDERS_A_BATCH = {"drawn": 50_000, "given": 500_000}
"""Orders of a batch. A batch that is drawn should fit the processor's cache; one of a given trace only
sets how often progress is reported."""

ORDERS_WORTH_A_THREAD = 10_000
"""Orders, of all strategies together, from which one more thread is faster than none: a batch costs
0.2 ms beside its orders, which are a thousandth of a second."""

BATCHES_A_THREAD = 2
"""Fewest batches for each of several threads where there are orders enough, so that none waits long
for the last. With 1 to 4 of them 132,000 orders took the same time, with 6 a fifteenth more."""

BYTES_A_LANE = 1_000
"""Memory of the totals and the summary of one replication, bytes, roughly."""

BYTES_A_ROW = 40
"""Memory of one event in the ledger, bytes."""

ORDERS_AT_ONCE = 500_000
"""Orders whose ledgers are kept at the same time where only their summaries are used."""


class Lane(NamedTuple):
    """One strategy in one scenario, encoded for the kernel; shared by all batches."""

    strategy: Strategy
    world: records.World
    rules: records.Rules
    compiled_rules: tuple
    law: Callable
    capacity: np.ndarray

    def run(self, trace: Trace, orders, start: int, stop: int, totals, ledger) -> None:
        """Run replications of a trace; fills their totals and, if it has room, their ledger.

        Raises
        ------
        RuleError
            If a rule raised something, or returned NaN.
        """
        try:
            kernel.run_lanes(
                (start, stop), self.compiled_rules, self.law, self.capacity, orders, self.world,
                self.rules, totals, ledger,
            )  # fmt: skip
        except (KitchenError, MemoryError, KeyboardInterrupt):
            raise
        except Exception as error:
            raise RuleError(
                f"strategy {self.strategy.name!r}: {type(error).__name__} was raised"
                f"{where_raised(error)}: {error}"
            ) from error
        self._refuse_faults(trace, start, totals)

    def _refuse_faults(self, trace: Trace, start: int, totals: records.Totals) -> None:
        """Report the first replication in which a rule returned NaN."""
        for row in np.flatnonzero(totals.faults["happened"])[:1]:
            _, order, decision, time = totals.faults[row]
            name = trace.menu.name[trace.item[trace.first[start + row] + order]]
            deciding = records.RECALL_RULE if decision == records.RECALL_WHEN_BLOCKED else decision
            rule = self.strategy.rules[deciding]
            raise RuleError(
                f"rule {rule.name!r} returned nan for order {order} ({name!r}) at "
                f"{time:.2f} s of replication {trace.replications[start + row]}."
            )


class Outcomes(NamedTuple):
    """Results of a range of replications, strategy after strategy.

    totals : rows of (strategies x replications); last_ready_s : array of that length, seconds from the
    opening of each until its last order is ready (NaN without orders); ledger : every event, or empty.
    """

    totals: records.Totals
    last_ready_s: np.ndarray
    ledger: records.Ledger


@dataclass(frozen=True, eq=False)
class Batches:
    """Strategies of one scenario, encoded for the kernel, and the source of their orders.

    Attributes
    ----------
    scenario : Scenario
    menu : Menu
    temps : list of str
        All temps, in the order of the kernel's numbers.
    lanes : list of Lane
        One for each strategy.
    trace : Trace or None
        Orders drawn or replayed beforehand; if None each batch draws its own.
    draws : callable
        (start, stop) -> the Trace of these replications.
    orders_each : float
        Orders of a replication, on average.
    """

    scenario: Scenario
    menu: Menu
    temps: list[str]
    lanes: list[Lane]
    trace: Trace | None
    draws: Callable[[int, int], Trace]
    orders_each: float

    @classmethod
    def prepare(
        cls,
        scenario: Scenario,
        strategies: Sequence[Strategy],
        *,
        seed: int = 1,
        trace: Trace | None = None,
        menu: Menu | None = None,
        warm_up_s: float = 0.0,
        draws: Callable[[int, int], Trace] | None = None,
        callback: Callable[[int], object] | None = None,
    ) -> Batches:
        """Read the menu and encode scenario and strategies; `callback` is that of `draw`.

        Raises
        ------
        KitchenError
            A subclass: the menu cannot be read, no shelf holds a temp, a strategy contradicts the
            scenario, a rule cannot be compiled.
        """
        for strategy in strategies:
            refuse_contradictions(scenario, strategy)
            refuse_chance(strategy)
            warn_of_other_conditions(scenario, strategy)
        if trace is not None:
            menu, residual = trace.menu, trace.residual
            orders_each = len(trace) / max(trace.replications.size, 1)
        else:
            menu = menu_of(scenario) if menu is None else menu
            residual = scenario.couriers.delay.residual()
            orders_each = orders_per_replication(scenario, menu)
        temps = temps_of(scenario, menu)
        law, capacity = compiled_decay(scenario), capacities(scenario)
        lanes = []
        for strategy in strategies:
            world = build_world(scenario, strategy, menu, residual, temps, warm_up_s)
            lanes.append(Lane(strategy, world, *build_rules(strategy), law, capacity))
        if draws is None:

            def draws(start: int, stop: int) -> Trace:
                return draw(scenario, stop - start, seed, start, menu, callback)

        return cls(scenario, menu, temps, lanes, trace, draws, orders_each)

    def drawn(self, replications: int) -> Batches:
        """A copy with all orders drawn at once; refused if their ledgers would not fit into memory."""
        self.require_ledgers(replications)
        return self if self.trace is not None else replace(self, trace=self.draws(0, replications))

    def require_ledgers(self, replications: int) -> None:
        """Refuse what would not fit into memory: the ledgers of all strategies."""
        orders = self.orders_each * replications if self.trace is None else len(self.trace)
        rows = sum(_rows_an_order(self.scenario, lane.strategy) for lane in self.lanes)
        need = orders * (BYTES_PER_ORDER + BYTES_A_ROW * rows)
        several = f" under {len(self.lanes)} strategies" if len(self.lanes) > 1 else ""
        require_memory(need, f"the ledger of {orders:,.0f} orders{several}")

    def run(
        self,
        start: int,
        stop: int,
        *,
        threads: int = 1,
        callback: Callable[[int], object] | None = None,
        ledger: bool = False,
    ) -> Outcomes:
        """Run the replications from `start` to before `stop` with every strategy.

        Parameters
        ----------
        start, stop : int
            Numbers of replications; with a trace, positions in it.
        threads : int
            Largest number of threads; no result depends on it.
        callback : callable, optional
            Called now and then, from any thread, with the number of replications finished since the
            last call; these sum to strategies x replications.
        ledger : bool
            Keep every event; only with one strategy and a trace.
        """
        number, drawn = stop - start, self.trace is None
        lanes = number * len(self.lanes)
        several = ", of all strategies together," if len(self.lanes) > 1 else ""
        require_memory(lanes * BYTES_A_LANE, f"{lanes:,} replications{several}")
        totals = records.empty_totals(lanes, len(self.temps), len(self.scenario.shelves))
        last_ready_s = np.full(lanes, np.nan)
        events = records.empty_ledger(self._ledger_rows() if ledger else [])
        given = [] if drawn else self._orders(self.trace)

        def batch(begin: int, end: int) -> None:
            trace = self.draws(begin, end) if drawn else self.trace
            place = (0, end - begin) if drawn else (begin, end)
            ready_s, orders = _last_ready(trace, *place), self._orders(trace) if drawn else given
            for nth, lane in enumerate(self.lanes):
                rows = slice(nth * number + begin - start, nth * number + end - start)
                last_ready_s[rows] = ready_s
                own = records.Totals(*(column[rows] for column in totals))
                first = events.first[begin - start : end - start + 1]
                counts = events.count[begin - start : end - start]
                lane.run(
                    trace, orders[nth], *place, own, records.Ledger(first, counts, events.rows)
                )
                if callback:
                    callback(end - begin)

        threads, batches = self._batches(number, threads)
        edges = [start + number * i // batches for i in range(batches + 1)]
        share_out(batch, list(pairwise(edges)), threads)
        if ledger:
            _close_gaps(events)
            events = events._replace(rows=events.rows[: events.first[-1]])
        return Outcomes(totals, last_ready_s, events)

    def _batches(self, number: int, threads: int) -> tuple[int, int]:
        """Number of threads that this many replications are worth, and of even batches for them."""
        orders = number * self.orders_each
        parts = int(orders * len(self.lanes) / ORDERS_WORTH_A_THREAD)
        threads = max(min(threads, parts), 1)
        rounds = math.ceil(
            orders / threads / ORDERS_A_BATCH["drawn" if self.trace is None else "given"]
        )
        if threads > 1:
            rounds = max(rounds, min(BATCHES_A_THREAD, parts // threads))
        return threads, min(max(rounds, 1) * threads, number)

    def _orders(self, trace: Trace) -> list[records.Orders]:
        return build_orders(self.scenario, [lane.strategy for lane in self.lanes], trace)

    def _ledger_rows(self) -> np.ndarray:
        """Room for each replication's events."""
        each = _rows_an_order(self.scenario, self.lanes[0].strategy)
        return np.diff(self.trace.first) * each


def _rows_an_order(scenario: Scenario, strategy: Strategy) -> int:
    """Most events per order: placed, resolved, and moved.

    A recall moves an order to an earlier shelf of its list, so that without demotion it moves at
    most (places - 1) times. An arrival demotes at most one order, by at most (places - 1) places,
    and recalls may undo each of these.
    """
    temps = scenario.named_temps()
    places = max([len(scenario.shelves_of(t)) for t in temps] + [1])
    places = max(places, sum(shelf.holds == "any" for shelf in scenario.shelves))
    back = places - 1 if strategy.recall else 0
    return 2 + back + (1 + back if strategy.demote else 0)


def _last_ready(trace: Trace, start: int, stop: int) -> np.ndarray:
    """Seconds from the opening of each replication until its last order is ready; NaN without orders."""
    first = trace.first[start : stop + 1]
    last = np.full(stop - start, np.nan)
    full = np.flatnonzero(np.diff(first))
    if full.size:
        ready = trace.ready_s[first[0] : first[-1]]
        last[full] = np.maximum.reduceat(ready, first[full] - first[0])
    return last - trace.opens_s[start:stop]


@compiled_kernel(lambda: (numba.typeof(records.empty_ledger([1])),), counts_references=False)
def _close_gaps(ledger):
    """Close the gaps between the lanes' rows in place; `first` then holds where each begins."""
    end = 0
    for lane in range(ledger.count.size):
        begin = ledger.first[lane]
        ledger.first[lane] = end
        for row in range(begin, begin + ledger.count[lane]):
            ledger.rows[end] = ledger.rows[row]
            end += 1
    ledger.first[ledger.count.size] = end
