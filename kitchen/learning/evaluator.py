"""Evaluation of many strategies on the same orders, without building frames.

Scenario, orders and rules are encoded once; after that a strategy costs one call of the kernel, and
another value of a rule's parameters costs no encoding at all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from kitchen.engine.batches import Batches, Lane
from kitchen.engine.draw import draw
from kitchen.engine.trace import Trace
from kitchen.model.measures import MEASURES
from kitchen.model.scenario import Scenario
from kitchen.model.strategy import Strategy
from kitchen.simulation import frames

PURPOSES = ("select", "train", "validate", "test")
"""Uses of replications, each of which has draws of its own."""


def seed_for(seed: int, purpose: str) -> int:
    """A seed whose draws are shared neither with `seed` itself nor with another purpose.

    What was chosen because it did well on some replications would look better on these than it is;
    so the replications that a user compares on, with the seed 1 or 2, must not be among them.
    """
    sequence = np.random.SeedSequence([seed, PURPOSES.index(purpose)])
    return int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(1))


@dataclass(frozen=True, eq=False)
class Evaluator:
    """Values of one measure, a number a replication, of any strategy on the same orders.

    Attributes
    ----------
    scenarios : tuple of Scenario
    measure : str
        One of `MEASURES`.
    replications : int
        Of each scenario.
    seed : int
        Of their draws.
    traces : tuple of Trace or None
        The orders of each scenario, kept; if None they are drawn whenever they are needed, which
        takes less memory where many strategies run together.
    threads : int
        No value depends on it.
    callback : callable or None
        Called with the number of replications done since the last call.
    """

    scenarios: tuple[Scenario, ...]
    measure: str
    replications: int
    seed: int = 1
    traces: tuple[Trace, ...] | None = None
    threads: int = 1
    callback: Callable[[int], object] | None = None

    @classmethod
    def kept(
        cls, scenarios: Sequence[Scenario], measure: str, replications: int, seed: int, **options
    ) -> Evaluator:
        """An evaluator on orders that are drawn once and kept."""
        traces = tuple(draw(scenario, replications, seed) for scenario in scenarios)
        return cls(tuple(scenarios), measure, replications, seed, traces, **options)

    @classmethod
    def replaying(
        cls, scenarios: Sequence[Scenario], measure: str, trace: Trace, **options
    ) -> Evaluator:
        """An evaluator on the evenings of a trace, the same for each scenario."""
        traces = (trace,) * len(scenarios)
        return cls(tuple(scenarios), measure, trace.replications.size, traces=traces, **options)

    @property
    def sign(self) -> float:
        """1 where less of the measure is better, -1 where more is."""
        return -1.0 if MEASURES[self.measure].more_is_better else 1.0

    def encode(self, strategies: Sequence[Strategy]) -> Encoded:
        """Encode strategies for `Encoded.values`; those are then run together.

        Raises
        ------
        KitchenError
            A subclass: a strategy contradicts a scenario, or a rule cannot be compiled.
        """
        traces = self.traces or (None,) * len(self.scenarios)
        return Encoded(
            self,
            tuple(
                Batches.prepare(own, strategies, seed=self.seed, trace=trace)
                for own, trace in zip(self.scenarios, traces, strict=True)
            ),
        )

    def values(self, strategy: Strategy) -> np.ndarray:
        """The measure of a strategy in each replication, shape (replications,)."""
        return self.encode([strategy]).values()[0]


@dataclass(frozen=True, eq=False)
class Encoded:
    """Some strategies, encoded for the kernel in each scenario of an evaluator."""

    evaluator: Evaluator
    batches: tuple[Batches, ...]

    def chosen(self, places: Sequence[int]) -> Encoded:
        """The strategies in these places alone."""
        return replace(
            self,
            batches=tuple(
                replace(own, lanes=[own.lanes[place] for place in places]) for own in self.batches
            ),
        )

    def with_params(self, params: Sequence[np.ndarray]) -> Encoded:
        """The strategies with other parameters: an array for each rule of `Strategy.rules`."""

        def changed(lane: Lane) -> Lane:
            return lane._replace(rules=lane.rules.with_params(params))

        return replace(
            self,
            batches=tuple(
                replace(own, lanes=[changed(lane) for lane in own.lanes]) for own in self.batches
            ),
        )

    def values(self, start: int = 0, stop: int | None = None) -> np.ndarray:
        """The measure of each strategy in each replication from `start` to before `stop`.

        Returns
        -------
        array, shape (strategies, replications)
            The mean over the scenarios; NaN where no orders came.

        Raises
        ------
        RuleError
            If a rule raised something, or returned NaN.
        """
        stop = self.evaluator.replications if stop is None else stop
        return np.mean([self._values(own, start, stop) for own in self.batches], axis=0)

    def _values(self, batches: Batches, start: int, stop: int) -> np.ndarray:
        evaluator = self.evaluator
        outcomes = batches.run(start, stop, threads=evaluator.threads, callback=evaluator.callback)
        columns = frames.summed(outcomes.totals, outcomes.last_ready_s, [], [])
        return np.asarray(columns[evaluator.measure], float).reshape(len(batches.lanes), -1)
