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

    def summaries(self, start: int, stop: int) -> list[pd.DataFrame]:
        """Summaries of the replications from `start` to before `stop`, one of each strategy."""
        if self.cool_down_s:
            return [
                self._within(own, part)
                for part in self._parts(start, stop)
                for own in self.strategies
            ]
        done = self.batches.run(start, stop, threads=self.threads, callback=self.callback)
        trace = self.batches.trace
        numbers = np.arange(start, stop) if trace is None else trace.replications[start:stop]
        tables = []
        for strategy, own in zip(self.strategies, done.split(len(self.strategies)), strict=True):
            labels = frames.Labels(self.scenario, strategy.name, self.batches.temps)
            span_s = own.last_ready_s - self.warm_up_s
            tables.append(frames.summary(own.totals, span_s, numbers, labels))
        return tables

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
        ).assign(strategy=strategy.name)

    def gathered(self, parts: list[pd.DataFrame]) -> pd.DataFrame:
        """All summaries in one frame, by strategy, then replication."""
        each = len(self.strategies)
        names = [strategy.name for strategy in self.strategies]
        ordered = [part for nth in range(each) for part in parts[nth::each]]
        table = pd.concat([part.iloc[:, 1:] for part in ordered], ignore_index=True)
        rows = [sum(map(len, parts[nth::each])) for nth in range(each)]
        strategy = pd.Categorical.from_codes(np.repeat(np.arange(each), rows), names, ordered=True)
        table.insert(0, "strategy", strategy)
        return table
