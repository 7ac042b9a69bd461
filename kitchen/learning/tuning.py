"""Tuning: the numbers of a strategy's rules, fitted by direct search on common random numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from kitchen.engine.trace import Trace
from kitchen.errors import KitchenError, RuleError, StrategyError, listed, shown
from kitchen.learning.arguments import measure_of, scenarios_of, titled
from kitchen.learning.direct_search import Found, minimise
from kitchen.learning.evaluator import Evaluator, seed_for
from kitchen.learning.paired import gain_text, is_gain, paired_values, score_of
from kitchen.model.measures import MEASURES
from kitchen.model.rules import DECISIONS, Rule
from kitchen.model.scenario import Scenario
from kitchen.model.strategy import Strategy, as_strategy
from kitchen.utils import html
from kitchen.utils.formatting import counted
from kitchen.utils.frames import frame_field
from kitchen.utils.system import thread_count
from kitchen.utils.validation import (
    check_callback,
    check_seed,
    instance,
    is_finite,
    is_number,
    plain_value,
    whole,
)

FEWEST_EVALUATIONS = 10
"""Smallest budget, whole evaluations."""


class Tunable:
    """A strategy as a function of one array: the parameters of its rules, one after the other.

    Attributes
    ----------
    strategy : Strategy
    start : array, shape (parameters,)
        Its present parameters.
    names : list of str
        ``discard[0]`` and so on.

    Raises
    ------
    StrategyError
        If no rule has parameters.
    """

    def __init__(self, strategy: Strategy):
        self.strategy = strategy
        self.sizes = [len(rule.params) if rule else 0 for rule in strategy.rules]
        self.start = self._joined([rule.params if rule else () for rule in strategy.rules])
        self.names = [
            f"{decision}[{nth}]"
            for decision, size in zip(DECISIONS, self.sizes, strict=True)
            for nth in range(size)
        ]
        if not self.names:
            raise StrategyError(
                f"strategy {shown(strategy.name)}: no rule of it has parameters to tune. Give one: "
                "kt.Rule(f, params=[1.0, 0.0]), with f(order, p)."
            )

    @staticmethod
    def _joined(parts) -> np.ndarray:
        return np.array([number for part in parts for number in part], float)

    def split(self, params: np.ndarray) -> list[np.ndarray]:
        """The parameters of each rule of `Strategy.rules`."""
        return np.split(params, np.cumsum(self.sizes)[:-1])

    def with_params(self, params: np.ndarray, name: str | None = None) -> Strategy:
        """The strategy with other parameters."""
        rules = {
            decision: Rule(rule.function, rule.name, tuple(own), rule.description)
            if rule and rule.params
            else rule
            for decision, rule, own in zip(
                DECISIONS, self.strategy.rules, self.split(params), strict=True
            )
        }
        own = self.strategy
        return Strategy(
            **rules,
            recall_when=own.recall_when,
            discard_from=own.discard_from,
            name=own.name if name is None else name,
        )


@dataclass(frozen=True, eq=False)
class Tuning:
    """Result of tuning: the strategy with the best parameters that were found.

    Attributes
    ----------
    scenarios : tuple of Scenario
    strategy : Strategy
        With the tuned parameters.
    params : array, shape (parameters,)
        Those of all rules, in the order demote, recall, discard, issue.
    measure : str
    score : float
        Mean of the measure on the replications that it was tuned on.
    history : DataFrame
        A row an evaluation: ``evaluation, stage, replications, score``, and a column for each
        parameter. ``stage`` is "start", "race", "search", or "mean" for the last mean of CMA-ES.
    paired : DataFrame or None
        The tuned strategy against the one with the parameters at the start, on replications that were
        not tuned on, as `Comparison.paired`. None with a trace of one's own, or after an interrupt.
    interrupted : bool
        Whether Ctrl-C ended the search early.

    Examples
    --------
    >>> import kitchen as kt
    >>> mix = kt.Rule(lambda order, p: order.value - p[0] * order.price, "mix", (0.1,))
    >>> tuned = kt.tune(kt.Scenario.load("rush"), mix, replications=10, budget=10)
    >>> tuned.strategy.discard.params == tuple(tuned.params)
    True
    """

    scenarios: tuple[Scenario, ...]
    strategy: Strategy
    params: np.ndarray
    measure: str
    score: float
    history: pd.DataFrame = frame_field()
    paired: pd.DataFrame | None = frame_field()
    interrupted: bool = False

    def __repr__(self):
        return (
            f"Tuning({self.strategy.name!r}, {self.measure} {MEASURES[self.measure].figure(self.score)}, "
            f"{len(self.history):,} evaluations)"
        )

    @cached_property
    def verdict(self) -> str:
        """The result in a few sentences: what tuning gained on fresh replications."""
        return html.Sentences(_in_words(self))

    def _repr_html_(self) -> str:
        names = [name for name in self.history.columns if "[" in name]
        rows = list(zip(names, (f"{number:.6g}" for number in self.params), strict=True))
        return html.block(
            html.heading("Tuning", self.strategy.name),
            html.paragraph(self.verdict),
            html.table(("parameter", "value"), rows, "<>"),
            html.note("Frames: history (a row an evaluation), paired (on fresh replications)."),
        )


def tune(
    scenario: Scenario | Sequence[Scenario],
    rule_or_strategy: Strategy | Rule | Callable,
    start: Sequence[float] | None = None,
    scale: Sequence[float] | float | None = None,
    *,
    measure: str | None = None,
    replications: int = 500,
    budget: int = 500,
    seed: int = 1,
    trace: Trace | None = None,
    threads: int | None = None,
    callback: Callable[[int], object] | None = None,
) -> Tuning:
    """Tune the parameters of a strategy's rules: direct search on common random numbers.

    Parameters
    ----------
    scenario : Scenario or list of Scenario
        Of several, the mean of the measure counts.
    rule_or_strategy : function, Rule or Strategy
        A discard rule ``f(order, p)``, with the defaults for the rest; or a strategy, one or more of
        whose rules have parameters: these are tuned together.
    start : sequence of float, optional
        Parameters to begin with, those of all rules in the order demote, recall, discard, issue.
        Those that the rules have by default.
    scale : sequence of float, or float, optional
        How large a change of each parameter may matter; one number for all of them. By default the
        size of its start, or 1 where that is 0.
    measure : str, optional
        One of `kt.plots.MEASURES`. By default that which ranks strategies.
    replications, seed : int
        Replications that it is tuned on. Their draws belong to this seed alone: comparing with the
        same seed meets others. Not used with `trace`.
    budget : int
        Evaluations on all replications.
    trace : Trace, optional
        Orders that are drawn already, or a replay; then there are no fresh replications to say what
        was gained.
    threads : int, optional
        One a processor if left out. No result depends on it.
    callback : callable, optional
        Called with the number of replications done since the last call, from any thread.

    Returns
    -------
    Tuning

    Raises
    ------
    KitchenError
        A subclass for each kind of fault.

    Examples
    --------
    >>> import kitchen as kt
    >>> def mix(order, p):
    ...     return order.value_at_pickup - p[0] * order.is_newcomer
    >>> rush = kt.Scenario.load("rush")
    >>> tuned = kt.tune(rush, mix, start=[0.0], replications=20, budget=20)
    >>> tuned.history["stage"].unique().tolist()
    ['start', 'race', 'search', 'mean']

    Notes
    -----
    A race of 60 points around the start, itself among them, on a sixteenth of the replications finds
    a good region; CMA-ES goes on from there. All points meet the same orders, so that the score is a
    function without noise, and the answer depends on the seed alone. Multiplying all parameters of a
    rule that is linear in them changes nothing, as only the order of its scores counts: leave one
    weight out.

    Ctrl-C ends the search and keeps the best so far.
    """
    scenarios = scenarios_of(scenario)
    strategy = _with_start(rule_or_strategy, start)
    tunable = Tunable(strategy)
    scale = _scale(scale, tunable)
    if trace is not None:
        instance("trace", trace, Trace, "Make one with kt.draw(scenario, replications=200).")
    measure = measure_of(measure, scenarios, trace)
    replications = whole("replications", replications, at_least=1, error=KitchenError)
    budget = whole("budget", budget, at_least=FEWEST_EVALUATIONS, error=KitchenError)
    seed, threads = check_seed(seed), thread_count(threads)
    check_callback(callback)
    options = {"threads": threads, "callback": callback}
    if trace is not None:
        evaluator = Evaluator.replaying(scenarios, measure, trace, **options)
    else:
        evaluator = Evaluator.kept(
            scenarios, measure, replications, seed_for(seed, "train"), **options
        )
    found = search(evaluator, tunable, scale, budget, seed)
    tuned, paired = tunable.with_params(found.best), None
    if trace is None and not found.interrupted:
        test = seed_for(seed, "test")
        fresh = Evaluator.kept(scenarios, measure, replications, test, threads=threads)
        values = fresh.encode([strategy, tuned]).values()
        paired = paired_values(("start", "tuned"), values, measure)
    return Tuning(
        scenarios=scenarios,
        strategy=tuned,
        params=found.best,
        measure=measure,
        score=evaluator.sign * found.score,
        history=history_of(found, tunable, evaluator),
        paired=paired,
        interrupted=found.interrupted,
    )


def search(
    evaluator: Evaluator, tunable: Tunable, scale: np.ndarray, budget: int, seed: int
) -> Found:
    """Search for the parameters with the best mean of the measure over an evaluator's replications.

    Raises
    ------
    KitchenError
        If the rules fail at the start, or no orders came. Parameters at which a rule returns NaN
        later on count as worse than all others.
    """
    encoded, sign = evaluator.encode([tunable.strategy]), evaluator.sign
    score_of(encoded.values(0, min(evaluator.replications, FEWEST_EVALUATIONS))[0])

    def score(params: np.ndarray, replications: int) -> float:
        try:
            values = encoded.with_params(tunable.split(params)).values(0, replications)[0]
        except RuleError:
            return np.nan
        return sign * score_of(values)

    return minimise(
        score,
        tunable.start,
        scale,
        replications=evaluator.replications,
        budget=budget,
        seed=seed,
    )


def history_of(found: Found, tunable: Tunable, evaluator: Evaluator) -> pd.DataFrame:
    """The evaluations of a search as a frame; see `Tuning`."""
    done = found.history
    params = np.array([one.params for one in done]).reshape(len(done), len(tunable.names))
    return pd.DataFrame(
        {
            "evaluation": np.arange(len(done)),
            "stage": [one.stage for one in done],
            "replications": np.array([one.replications for one in done], np.int64),
            "score": evaluator.sign * np.array([one.score for one in done], float),
            **dict(zip(tunable.names, params.T, strict=True)),
        }
    )


# Arguments


def _with_start(rule_or_strategy, start) -> Strategy:
    """The strategy to tune, with the parameters at the start."""
    if start is not None:
        start = _numbers("start", start)
    given = rule_or_strategy
    if callable(given) and not isinstance(given, (Rule, Strategy)) and start is not None:
        return Strategy(Rule(given, params=start))
    strategy = as_strategy(given)
    if start is None:
        return strategy
    tunable = Tunable(strategy)
    if len(start) != tunable.start.size:
        raise KitchenError(
            f"start: must have a number for each of {tunable.start.size} parameters, got "
            f"{len(start)}. They are: {listed(tunable.names)}."
        )
    return tunable.with_params(start)


def _scale(scale, tunable: Tunable) -> np.ndarray:
    """The scale of each parameter."""
    if scale is None:
        return np.where(tunable.start == 0, 1.0, np.abs(tunable.start))
    scale = _numbers("scale", [scale] * tunable.start.size if is_number(scale) else scale)
    if len(scale) != tunable.start.size or min(scale) <= 0:
        raise KitchenError(
            f"scale: must be a number above 0 for each of {tunable.start.size} parameters, got "
            f"{shown(list(scale))}."
        )
    return np.array(scale)


def _numbers(key: str, given) -> tuple[float, ...]:
    """A list of finite numbers."""
    given = plain_value(given)
    if not isinstance(given, (list, tuple)) or not given or not all(map(is_finite, given)):
        raise KitchenError(f"{key}: must be a list of finite numbers, got {shown(given)}.")
    return tuple(map(float, given))


# Words


def _in_words(result: Tuning) -> str:
    measure, done = MEASURES[result.measure], len(result.history)
    where = titled(result.scenarios)
    text = (
        f"The best of {counted(done, 'evaluation')} in {where} has {measure.written(result.score)} of "
        f"{measure.title} on the replications that it was tuned on."
    )
    if result.interrupted:
        return f"{text} The search was interrupted: this is the best so far."
    if result.paired is None:
        return f"{text} On other orders it will do somewhat worse: compare it on some."
    ((_, row),) = result.paired.iterrows()
    if row["differing"] == 0:
        return f"{text} On fresh replications it is the same as the start in every one."
    if is_gain(row):
        return f"{text} On fresh replications it is better than the start by {gain_text(row)}."
    return (
        f"{text} On fresh replications it is not shown to be better than the start: "
        f"{gain_text(row)}."
    )
