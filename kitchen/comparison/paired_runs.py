"""Runs of several strategies on the same orders, as summaries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kitchen.engine.batches import ORDERS_AT_ONCE, Batches
from kitchen.engine.trace import Trace
from kitchen.model.scenario import Scenario
from kitchen.model.strategy import Strategy
from kitchen.simulation import frames
from kitchen.simulation.metrics import summary_within
from kitchen.simulation.simulate import simulate


@dataclass(frozen=True)
class PairedRuns:
    """Runs of several strategies on the same orders."""

    scenario: Scenario
    strategies: list[Strategy]
    batches: Batches
    threads: int
    warm_up_s: float
    cool_down_s: float
    callback: Callable[[int], object] | None

    def summaries(self, start: int, stop: int) -> pd.DataFrame:
        """Summaries of the replications from `start` to before `stop`, by strategy, then replication.

        They do not name the strategies, as two may have one name.
        """
        if self.cool_down_s:
            by_part = [
                [self._within(own, part) for own in self.strategies]
                for part in self._parts(start, stop)
            ]
            by_strategy = [table for own in zip(*by_part, strict=True) for table in own]
            return pd.concat(by_strategy, ignore_index=True).drop(columns="strategy")
        done = self.batches.run(start, stop, threads=self.threads, callback=self.callback)
        trace = self.batches.trace
        numbers = np.arange(start, stop) if trace is None else trace.replications[start:stop]
        shelves = [shelf.name for shelf in self.scenario.shelves]
        columns = frames.summed(
            done.totals, done.last_ready_s - self.warm_up_s, shelves, self.batches.temps
        )
        replication = np.tile(numbers, len(self.strategies))
        return pd.DataFrame({"replication": replication, **columns})

    def _parts(self, start: int, stop: int) -> Iterator[Trace]:
        """Traces of these replications, in portions whose ledgers fit memory."""
        if self.batches.trace is not None:
            yield self.batches.trace
            return
        size = max(1, int(ORDERS_AT_ONCE / max(self.batches.orders_each, 1)))
        for first in range(start, stop, size):
            yield self.batches.draws(first, min(first + size, stop))

    def _within(self, strategy: Strategy, trace: Trace) -> pd.DataFrame:
        """The summary of a strategy without the first and the last seconds."""
        options = {"threads": self.threads, "warm_up_s": self.warm_up_s, "callback": self.callback}
        run = simulate(self.scenario, strategy, trace=trace, **options)
        return summary_within(
            run.orders,
            run.ledger,
            self.scenario,
            warm_up_s=self.warm_up_s,
            cool_down_s=self.cool_down_s,
            replications=run.replications,
        )

    def gathered(self, parts: list[pd.DataFrame]) -> pd.DataFrame:
        """All summaries in one frame, by strategy, then replication."""
        each = np.arange(len(self.strategies))
        codes = np.concatenate([np.repeat(each, len(part) // each.size) for part in parts])
        table = pd.concat(parts, ignore_index=True)
        if len(parts) > 1:
            order = np.argsort(codes, kind="stable")
            table, codes = table.take(order).reset_index(drop=True), codes[order]
        names = [strategy.name for strategy in self.strategies]
        table.insert(0, "strategy", pd.Categorical.from_codes(codes, names, ordered=True))
        return table
