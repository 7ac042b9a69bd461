"""Choice of the best shipped rules, by successive halving on common random numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from kitchen.advice.changes import with_rules
from kitchen.learning.evaluator import Evaluator
from kitchen.model.rules import BUILT_IN
from kitchen.model.scenario import Scenario
from kitchen.model.strategy import DISCARD_FROM, Strategy

FIRST_ROUND, KEPT = 8, 8
"""Replications of the first round of a choice among many, and how many are in for each that goes on."""

DISCARD_RULES = 5
"""Discard rules that the search for a combination considers: the best by themselves."""

FINALISTS = 8
"""Combinations that are tried again where courier information changes."""


@dataclass(frozen=True)
class Chooser:
    """Chooses strategies on replications that nothing is judged on.

    Attributes
    ----------
    scenario : Scenario
    measure : str
    start, stop : int
        Numbers of the replications of `seed`, from `start` to before `stop`.
    seed : int
    threads : int
    callback : callable or None
        Called with the number of replications done since the last call.
    """

    scenario: Scenario
    measure: str
    start: int
    stop: int
    seed: int
    threads: int
    callback: Callable[[int], object] | None = None

    def best(self, strategies: Sequence[Strategy], scenario: Scenario | None = None) -> Strategy:
        """The strategy with the best mean; the first of equals, and the first without orders."""
        return self.ordered(strategies, scenario)[0]

    def ordered(
        self, strategies: Sequence[Strategy], scenario: Scenario | None = None
    ) -> list[Strategy]:
        """The strategies that came to the last round, best first."""
        left = list(strategies)
        begin, size = self.start, FIRST_ROUND
        losses = np.zeros((len(left), 0))
        while True:
            last = len(left) <= FINALISTS or begin + size >= self.stop
            end = self.stop if last else begin + size
            losses = np.hstack([losses, self._losses(scenario or self.scenario, left, begin, end)])
            order = np.argsort(_means(losses), kind="stable")
            if last:
                return [left[nth] for nth in order]
            kept = np.sort(order[: max(FINALISTS, len(left) // KEPT)])
            left, losses = [left[nth] for nth in kept], losses[kept]
            begin, size = end, size * KEPT

    def _losses(self, scenario, strategies, start: int, stop: int) -> np.ndarray:
        """The measure, less is better, shape (strategies, replications)."""
        evaluator = Evaluator(
            (scenario,), self.measure, stop, self.seed, threads=self.threads, callback=self.callback
        )
        return evaluator.sign * evaluator.encode(strategies).values(start, stop)


def _means(losses: np.ndarray) -> np.ndarray:
    """Mean of each row over the replications that have a figure; infinite where none has."""
    number = np.isfinite(losses).sum(axis=1)
    total = np.where(np.isfinite(losses), losses, 0.0).sum(axis=1)
    return np.divide(total, number, out=np.full(number.size, np.inf), where=number > 0)


def alternatives(strategy: Strategy, decision: str) -> list[Strategy]:
    """A strategy and its copies with each other shipped rule of one decision; itself first."""
    own = getattr(strategy, decision)
    rules = [rule for rule in BUILT_IN[decision].values() if rule != own]
    if decision in ("recall", "demote") and own is not None:
        rules.append(None)
    return [strategy, *(with_rules(strategy, **{decision: rule}) for rule in rules)]


def combinations(strategy: Strategy, discards: Sequence) -> list[Strategy]:
    """A strategy and all combinations of some discard rules with the other shipped rules.

    Those that change least come first, so that of equals the one nearest to the strategy is chosen.
    Couriers stay as they are: a pool is not a matter of the kitchen alone.
    """
    settings = strategy.describe()
    froms = sorted(DISCARD_FROM, key=strategy.discard_from.__ne__)
    made = [
        with_rules(
            strategy, discard=discard, recall=recall, demote=demote, discard_from=discard_from
        )
        for discard in discards
        for recall in _rules(strategy, "recall")
        for demote in _rules(strategy, "demote")
        for discard_from in froms
    ]

    def changes(other: Strategy) -> int:
        own = other.describe()
        return sum(own[key] != settings[key] for key in settings)

    return [strategy, *sorted(made, key=changes)]


def _rules(strategy: Strategy, decision: str) -> list:
    """Today's rule of a decision, every shipped one, and none."""
    own = getattr(strategy, decision)
    return [own, *(rule for rule in [*BUILT_IN[decision].values(), None] if rule != own)]
