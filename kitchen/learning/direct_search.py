"""Direct search for numbers that minimise a noisy score: a race of random points, then CMA-ES."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

RACERS = 60
"""Points of the race, the start among them."""

RACE_SHARE = 16
"""The race uses one replication in so many; it finds a good region, not the best point."""

RACE_LEAST = 8
"""Fewest replications of the race."""

NO_SCORE = 1e300
"""Stands for a score that is NaN where scores are ordered."""

FIRST_STEP = 0.5
"""First step of CMA-ES, in the scales of the parameters."""

LEAST_SPREAD = 1e-3
"""CMA-ES has converged when its points are no further apart, in the scales of the parameters."""


class Evaluation(NamedTuple):
    """One evaluation: stage, replications used, mean score (less is better) and the parameters."""

    stage: str
    replications: int
    score: float
    params: np.ndarray


class Found(NamedTuple):
    """Result of a search.

    Attributes
    ----------
    best : array
        The parameters with the least score on all replications.
    score : float
        That score.
    mean : array
        The last mean of CMA-ES, less fitted to the replications than the best.
    history : list of Evaluation
    interrupted : bool
        Whether Ctrl-C ended the search.
    """

    best: np.ndarray
    score: float
    mean: np.ndarray
    history: list[Evaluation]
    interrupted: bool


def minimise(
    score: Callable[[np.ndarray, int], float],
    start: np.ndarray,
    scale: np.ndarray,
    *,
    replications: int,
    budget: int,
    seed: int,
) -> Found:
    """Minimise a score by direct search.

    Parameters
    ----------
    score : callable
        (parameters, number of replications) -> mean score over the first so many replications; NaN
        where these parameters will not do.
    start, scale : array, shape (parameters,)
        Where to begin, and how large a change of each parameter may matter, > 0.
    replications : int
        Of a whole evaluation.
    budget : int
        Whole evaluations to spend, the race included: there a racer counts its share.
    seed : int
        Of the random points.

    Returns
    -------
    Found

    Raises
    ------
    KeyboardInterrupt
        If it is interrupted before the start itself is evaluated.

    Notes
    -----
    Hansen, "The CMA evolution strategy: a tutorial", 2016 (arXiv 1604.00772), as in the package
    cmaes. Points are evaluated one after the other, so nothing depends on the number of threads.
    """
    search = _Search(score, replications, budget, [])
    search.evaluate("start", start)
    mean = start
    try:
        centre = _race(search, start, scale, seed)
        mean = _evolve(search, centre, scale, seed)
        interrupted = False
    except KeyboardInterrupt:
        interrupted = True
    return Found(search.best.params, search.best.score, mean, search.history, interrupted)


class _Search(NamedTuple):
    """What has been evaluated, and what may still be."""

    score: Callable[[np.ndarray, int], float]
    replications: int
    budget: int
    history: list[Evaluation]

    def evaluate(self, stage: str, params: np.ndarray, replications: int | None = None) -> float:
        """The score of some parameters, which is added to the history."""
        number = self.replications if replications is None else replications
        score = self.score(params, number)
        self.history.append(Evaluation(stage, number, score, params))
        return score

    @property
    def left(self) -> float:
        """Whole evaluations that are left of the budget."""
        return self.budget - sum(done.replications for done in self.history) / self.replications

    @property
    def best(self) -> Evaluation:
        """The evaluation with the least score on all replications, the first of equals."""
        whole = [done for done in self.history if done.replications == self.replications]
        return min(whole, key=lambda done: _comparable(done.score))


def _race(search: _Search, start: np.ndarray, scale: np.ndarray, seed: int) -> np.ndarray:
    """The best of some random points around the start on few replications.

    The start takes part, and keeps its place unless another is better on all replications.
    """
    few = min(max(search.replications // RACE_SHARE, RACE_LEAST), search.replications)
    number = min(RACERS - 1, int((search.left - 2) * search.replications / few))
    if number < 1:
        return start
    away = np.random.Generator(np.random.PCG64(seed)).standard_normal((number, start.size))
    racers = [start, *(start + scale * away)]
    scores = [search.evaluate("race", racer, few) for racer in racers]
    winner = racers[int(np.argmin([_comparable(score) for score in scores]))]
    if winner is not start:
        search.evaluate("search", winner)
    return search.best.params


def _evolve(search: _Search, centre: np.ndarray, scale: np.ndarray, seed: int) -> np.ndarray:
    """The last mean of CMA-ES, begun at `centre`; ends with the budget or when it has converged."""
    from cmaes import CMA

    size = centre.size
    # CMA-ES takes two dimensions at least: of one parameter the second does nothing
    evolution = CMA(np.zeros(max(size, 2)), FIRST_STEP, seed=seed % 2**32)

    def params(point: np.ndarray) -> np.ndarray:
        return centre + scale * point[:size]

    spread = np.inf
    while search.left > evolution.population_size and spread > LEAST_SPREAD:
        points = [evolution.ask() for _ in range(evolution.population_size)]
        spread = np.ptp(points, axis=0).max()
        scores = [search.evaluate("search", params(point)) for point in points]
        evolution.tell(list(zip(points, map(_comparable, scores), strict=True)))
    mean = params(evolution.mean)
    search.evaluate("mean", mean)
    return mean


def _comparable(score: float) -> float:
    """A score that can be ordered: what has none comes last."""
    return score if score == score else NO_SCORE
