"""Selection of the best of many strategies: rounds that drop what is shown to be worse.

Ranking and selection with an indifference zone, on common random numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd

from kitchen.engine.trace import Trace
from kitchen.learning.arguments import called, measure_of, scenarios_of, titled
from kitchen.learning.evaluator import Encoded, Evaluator, seed_for
from kitchen.learning.paired import score_of
from kitchen.model.measures import MEASURES
from kitchen.model.rules import BUILT_IN
from kitchen.model.scenario import Scenario
from kitchen.model.strategy import Strategy, as_strategies
from kitchen.stats.intervals import LEVEL, interval
from kitchen.stats.skewness import skewnesses
from kitchen.utils import html
from kitchen.utils.formatting import number_text, points_text
from kitchen.utils.frames import frame_field
from kitchen.utils.system import thread_count
from kitchen.utils.validation import amount, check_callback, check_seed, instance, share, whole

INDIFFERENCE = 0.001
"""Default indifference: a tenth of a percentage point; of what is no share, this part of its mean."""

FIRST_ROUND = 32
"""Replications of the first round; each further round has twice as many in all."""

FEWEST_TO_STOP = 128
"""Replications before which no answer is given: rare differences have not been seen before."""


@dataclass(frozen=True, eq=False)
class Selection:
    """Result of selecting the best of many strategies.

    Attributes
    ----------
    scenarios : tuple of Scenario
    strategy : Strategy
        The best; of several that are alike, the one that was listed first.
    measure : str
    indifference : float
        Difference that was to be ignored, in the unit of the measure.
    reached : float
        No other strategy is better than the answer by more than this, with `confidence`; above
        `indifference` only where the replications did not suffice.
    confidence : float
    frame : DataFrame
        A row a strategy, the best first: ``strategy``, its decisions ``demote, recall, discard,
        discard_from``, ``mean`` of the measure, ``difference`` to the best with ``low`` and ``high``,
        ``replications`` that it met, and ``dropped``: "worse", "same" (as an earlier one in every
        replication), or "" for those that were left. Limits of all rows hold together.
    trace : Trace or None
        The evenings that were replayed; None for draws.

    Examples
    --------
    >>> import kitchen as kt
    >>> best = kt.select_best(kt.Scenario.load("classic"), ["discard newcomer", "oldest"])
    >>> best.strategy
    Strategy('discard newcomer')
    """

    scenarios: tuple[Scenario, ...]
    strategy: Strategy
    measure: str
    indifference: float
    reached: float
    confidence: float
    frame: pd.DataFrame = frame_field()
    trace: Trace | None = None

    def __repr__(self):
        number = len(self.frame)
        return f"Selection({self.strategy.name!r} of {number:,} strateg{'y' if number == 1 else 'ies'})"

    @cached_property
    def verdict(self) -> str:
        """The result in a few sentences: which strategy, and how sure that is."""
        return html.Sentences(_in_words(self))

    def _repr_html_(self) -> str:
        measure = MEASURES[self.measure]
        rows = [
            (html.name(name), measure.written(mean), f"{number:,}")
            for name, mean, number in zip(
                *(self.frame[key].head(10) for key in ("strategy", "mean", "replications")),
                strict=True,
            )
        ]
        return html.block(
            html.heading("Selection", titled(self.scenarios)),
            html.paragraph(self.verdict),
            html.table(("strategy", measure.title, "replications"), rows, "<>>"),
            html.note("Frame: frame (all strategies, the best first)."),
        )


def combinations() -> list[Strategy]:
    """All combinations of shipped rules: demote, recall, discard and the candidates to discard.

    Left out are couriers in a pool, which is no rule but another way to work; and recall only when an
    arrival is blocked, and discarding from the overflow alone, which have never been the best.
    """
    found = []
    for discard, demote, recall, discard_from in product(
        BUILT_IN["discard"],
        [None, *BUILT_IN["demote"]],
        [*BUILT_IN["recall"], None],
        ["overflow+newcomer", "anywhere"],
    ):
        if discard == "discard newcomer" and discard_from == "anywhere":
            continue  # the same as from the overflow: the newcomer goes
        found.append(Strategy(discard, recall, demote, discard_from=discard_from))
    return found


def select_best(
    scenario: Scenario | Sequence[Scenario],
    strategies: Iterable[Strategy | str | Callable] | None = None,
    *,
    measure: str | None = None,
    indifference: float | None = None,
    confidence: float | str = 0.95,
    max_replications: int = 2_048,
    seed: int = 1,
    trace: Trace | None = None,
    threads: int | None = None,
    callback: Callable[[int], object] | None = None,
) -> Selection:
    """Select the best of many strategies, by default of all combinations of shipped rules.

    Parameters
    ----------
    scenario : Scenario or list of Scenario
        Of several, the mean of the measure counts.
    strategies : list, optional
        By default every combination of the shipped rules.
    measure : str, optional
        One of `kt.plots.MEASURES`. By default that which ranks strategies.
    indifference : float, optional
        Difference in the measure that does not matter: a tenth of a percentage point, 0.001, for a
        share; a thousandth of the best mean otherwise.
    confidence : float or str
        Confidence that no other strategy is better by more than that: 0.95 or ``"95%"``.
    max_replications : int
        Largest number of replications of a strategy. Where these do not suffice, `Selection.reached`
        says what was shown.
    seed : int
        Its draws belong to this call alone: comparing with the same seed meets others.
    trace : Trace, optional
        Evenings to replay in place of draws. There are no more of them than there are, so that
        `Selection.reached` is often above the indifference. `max_replications` and `seed` are not used.
    threads : int, optional
        One a processor if left out. No result depends on it.
    callback : callable, optional
        Called with the number of replications done since the last call, from any thread.

    Returns
    -------
    Selection

    Raises
    ------
    KitchenError
        A subclass for each kind of fault.

    Examples
    --------
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush").replace({"eta": "exact"})
    >>> kt.select_best(rush, ["discard newcomer", "random", "latest pickup"]).strategy
    Strategy('latest pickup')

    Notes
    -----
    Rounds of 32, 64, 128 ... replications, as sequential halving has them. After each, a strategy
    is dropped when its difference to the best so far is above 0 at its lower limit, or when it has
    done the same as an earlier one in every replication. The answer stands when the upper limit of
    what any other may be better is at most the indifference. Limits are Student's or Hall's,
    whichever reach farther (`stats.intervals.interval`), with the error divided by the number of
    rounds and of strategies (Bonferroni), so that they hold together in every round: then the best
    is never dropped, and the answer is within the indifference of it, both at once with the
    confidence. Kim and Nelson, "A fully sequential procedure for indifference-zone selection in
    simulation", ACM TOMACS 11 (2001), 251-273, drop by the same comparison of pairs. Halving by
    rank alone has no such guarantee.
    """
    scenarios = scenarios_of(scenario)
    strategies = combinations() if strategies is None else as_strategies(strategies)
    if trace is not None:
        instance("trace", trace, Trace, "Make one with Trace.from_frame.")
    measure = measure_of(measure, scenarios, trace)
    if indifference is not None:
        indifference = amount("indifference", indifference, above=True)
    confidence = share("confidence", confidence, 0.5, example="0.95 or '95%'")
    most = whole("max_replications", max_replications, at_least=2)
    seed, threads = check_seed(seed), thread_count(threads)
    check_callback(callback)
    options = {"threads": threads, "callback": callback}
    if trace is None:
        evaluator = Evaluator(scenarios, measure, most, seed_for(seed, "select"), **options)
    else:
        evaluator = Evaluator.replaying(scenarios, measure, trace, **options)
    race = _Race(evaluator.encode(strategies), evaluator, confidence)
    reached = race.run(indifference)
    return Selection(
        scenarios=scenarios,
        strategy=strategies[race.leader],
        measure=measure,
        indifference=race.indifference,
        reached=reached,
        confidence=confidence,
        frame=_frame(race, strategies),
        trace=trace,
    )


class _Limits(NamedTuple):
    """Differences of strategies to the best, worse above 0, with limits that hold together."""

    difference: np.ndarray
    low: np.ndarray
    high: np.ndarray


class _Race:
    """The rounds of a selection: which strategies are left, and the values that they had.

    Attributes
    ----------
    values : list of array
        Of each strategy, in each replication that it met, less is better.
    left : list of int
        Places of the strategies that are neither shown to be worse nor the same as another.
    dropped : dict of int to str
        Why each of the others was dropped.
    """

    def __init__(self, encoded: Encoded, evaluator: Evaluator, confidence: float):
        self.encoded, self.evaluator = encoded, evaluator
        self.values = [np.empty(0) for _ in encoded.batches[0].lanes]
        self.left = list(range(len(self.values)))
        self.dropped: dict[int, str] = {}
        self.limits: dict[int, tuple[float, float, float]] = {}
        self.rounds = _rounds(evaluator.replications)
        self.error = (1 - confidence) / max(len(self.values) - 1, 1) / len(self.rounds)
        self.leader, self.indifference = 0, math.nan

    def run(self, indifference: float | None) -> float:
        """Go through the rounds; returns how much better another may be than the answer."""
        before = 0
        for number in self.rounds:
            new = self.encoded.chosen(self.left).values(before, number)
            for place, own in zip(self.left, self.evaluator.sign * new, strict=True):
                self.values[place] = np.concatenate([self.values[place], own])
            before = number
            reached = self._judge()
            self.indifference = indifference or self._default_indifference()
            if reached <= self.indifference and number >= min(FEWEST_TO_STOP, self.rounds[-1]):
                break
        return reached

    def _judge(self) -> float:
        """Drop what is the same as an earlier strategy, or worse than the best so far."""
        values = np.array([self.values[place] for place in self.left])
        means = np.array([score_of(own) for own in values])
        best = int(np.argmin(means))
        self.leader = self.left[best]
        difference, low, high = _limits(values - values[best], self.error)
        first = {}
        stay = []
        for nth, place in enumerate(self.left):
            self.limits[place] = difference[nth], low[nth], high[nth]
            twin = first.setdefault(values[nth].tobytes(), place)
            if twin != place:
                self.dropped[place] = "same"
            elif low[nth] > 0:
                self.dropped[place] = "worse"
            else:
                stay.append(nth)
        self.left = [self.left[nth] for nth in stay]
        return float(max(0.0, *(-low[stay]), 0.0))

    def _default_indifference(self) -> float:
        if MEASURES[self.evaluator.measure].is_share:
            return INDIFFERENCE
        return INDIFFERENCE * abs(score_of(self.values[self.leader]))


def _rounds(most: int) -> list[int]:
    """Replications after each round, in all."""
    rounds = []
    number = FIRST_ROUND
    while number < most:
        rounds.append(number)
        number *= 2
    return [*rounds, most]


def _limits(differences: np.ndarray, error: float) -> _Limits:
    """Limits of mean differences, each of which fails with probability `error` on either side.

    Parameters
    ----------
    differences : array, shape (strategies, replications)
        NaN where no orders came.
    """
    good = np.isfinite(differences).all(axis=0)
    rows = differences[:, good]
    number = rows.shape[1]
    mean = rows.mean(axis=1)
    if number < 2:
        unknown = np.full(mean.shape, np.inf)
        return _Limits(mean, -unknown, unknown)
    together = (1 - LEVEL) / (2 * error)
    ends = interval(mean, rows.std(axis=1, ddof=1), skewnesses(rows.T), number, together)
    return _Limits(mean, *ends)


def _frame(race: _Race, strategies: list[Strategy]) -> pd.DataFrame:
    """A row a strategy, the best first, then those that were left, then by how long they stayed."""
    sign = race.evaluator.sign
    rows = []
    for place, strategy in enumerate(strategies):
        difference, low, high = race.limits[place]
        ends = (sign * low, sign * high)
        words = strategy.describe()
        rows.append(
            {
                "strategy": strategy.name,
                **{key: words[key] for key in ("demote", "recall", "discard", "discard_from")},
                "mean": sign * score_of(race.values[place]),
                "difference": sign * difference,
                "low": min(ends),
                "high": max(ends),
                "replications": race.values[place].size,
                "dropped": race.dropped.get(place, ""),
            }
        )
    order = sorted(
        range(len(rows)),
        key=lambda place: (
            place != race.leader,
            -race.values[place].size,
            race.limits[place][0],
        ),
    )
    return pd.DataFrame([rows[place] for place in order])


# Words


def _in_words(result: Selection) -> str:
    measure, frame = MEASURES[result.measure], result.frame
    where, number, name = titled(result.scenarios), len(frame), called(result.strategy)
    level = f"{measure.written(frame['mean'].iloc[0])} of {measure.title}"
    most = f"{int(frame['replications'].max()):,} replications"
    if number == 1:
        return f"{name} is the only strategy: {level} in {where} ({most})."
    if (frame["dropped"] == "same").sum() == number - 1:
        return (
            f"All {number:,} strategies do the same in {where}, in every one of {most}: {level}. "
            "Nothing is at stake."
        )
    written = points_text if measure.is_share else number_text
    unit = " percentage points" if measure.is_share else ""
    shown = written(max(result.reached, result.indifference))
    text = (
        f"{name} is the best of {number:,} strategies in {where}: {level}. No other is better by "
        f"more than {shown}{unit}, with {100 * result.confidence:.4g} % confidence ({most})."
    )
    if result.reached > result.indifference:
        text += f" {written(result.indifference)}{unit} were wanted: "
        if result.trace is None:
            text += f"take more than max_replications={int(frame['replications'].max())}."
        else:
            text += "that would take more evenings."
    return text
