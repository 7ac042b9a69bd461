"""Learning a strategy: a template is tuned, and tested against the best that ships."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from kitchen.engine.source import require_evenings
from kitchen.engine.trace import Trace
from kitchen.learning.arguments import measure_of, scenarios_of, titled
from kitchen.learning.behaviour import candidates, field_losses
from kitchen.learning.evaluator import Evaluator, seed_for
from kitchen.learning.gap import Gap, gap_closed
from kitchen.learning.learn_verdict import sentences
from kitchen.learning.paired import is_gain, paired_values, score_of
from kitchen.learning.selection import Selection, select_best
from kitchen.learning.source import python_of
from kitchen.learning.templates import TEMPLATES, Units
from kitchen.learning.tuning import FEWEST_EVALUATIONS, Tunable, history_of, search
from kitchen.model.scenario import Scenario
from kitchen.model.strategy import Strategy
from kitchen.utils import html
from kitchen.utils.frames import frame_field
from kitchen.utils.system import thread_count
from kitchen.utils.validation import check_callback, check_seed, one_of, whole

SELECTED, VALIDATED, TESTED = 8, 2, 4
"""Most replications that select the best shipped strategy, replications that validate, and that test,
for each that trains."""

FEWEST_EVENINGS = 8
"""Evenings of a trace below which learning and testing have too few of their own."""

HALVES = "half to learn from, half for the test. Give more, or learn in a scenario that is fitted to them."
"""What the evenings of a trace are for."""

DIGITS = 5
"""Significant digits of a learned parameter: what is tested is what a file holds."""

TODAY = "discard newcomer"
"""Practice that the learned strategy is compared with, beside the best that ships."""


@dataclass(frozen=True, eq=False)
class Learned:
    """Result of learning: a strategy, and what it gains on replications it has never met.

    Attributes
    ----------
    scenarios : tuple of Scenario
    template : str
    strategy : Strategy
        The answer: the learned strategy if its gain is shown, else the best shipped one.
    learned : Strategy
        The learned strategy in either case.
    selection : Selection
        The best shipped strategy, which it is compared with.
    measure : str
    gains : bool
        Whether the 95 % interval of the gain leaves out 0.
    paired : DataFrame
        As `Comparison.paired`, on the test's replications: the learned strategy against the best
        shipped one, and against "discard newcomer"; and the best shipped one with exact courier
        information against itself without.
    history : DataFrame
        The evaluations of the search; see `Tuning`.
    gap : Gap or None
        None where there is no bound of this measure, or none was wanted.
    interrupted : bool
        Whether Ctrl-C ended the search early.
    trace : Trace or None
        The evenings that were replayed; None for draws.

    Examples
    --------
    >>> import kitchen as kt
    >>> learned = kt.learn(kt.Scenario.load("classic"), replications=10, budget=10)
    >>> learned.gains, learned.strategy is learned.selection.strategy
    (False, True)
    """

    scenarios: tuple[Scenario, ...]
    template: str
    strategy: Strategy
    learned: Strategy
    selection: Selection
    measure: str
    gains: bool
    paired: pd.DataFrame = frame_field()
    history: pd.DataFrame = frame_field()
    gap: Gap | None = None
    interrupted: bool = False
    trace: Trace | None = None

    def __repr__(self):
        what = "" if self.gains else ", no gain over what ships"
        return f"Learned({self.strategy.name!r}, template {self.template!r}{what})"

    @cached_property
    def verdict(self) -> str:
        """The result in a few sentences: the gain, how sure it is, and what else would help."""
        return html.Sentences(" ".join(sentences(self)))

    def candidates(self, *, replications: int = 10, seed: int = 1) -> pd.DataFrame:
        """The candidates of every discard, for `kt.plots.policy_map`, of the first scenario.

        Of the learned strategy and of the best shipped one: see `behaviour.candidates`. If it was
        learned from evenings, of these.
        """
        both = [self.learned, self.selection.strategy]
        options = {"replications": replications, "seed": seed, "trace": self.trace}
        return candidates(self.scenarios[0], both, **options)

    def field_losses(self, *, replications: int = 200, seed: int = 1) -> pd.DataFrame:
        """What the learned strategy loses when a field of its discard rule is shuffled.

        In the first scenario: see `behaviour.field_losses`.
        """
        options = {"measure": self.measure, "replications": replications, "seed": seed}
        options |= {"trace": self.trace}
        return field_losses(self.scenarios[0], self.learned, **options)

    @property
    def source(self) -> str:
        """The strategy as plain Python, with its numbers filled in."""
        return python_of(self.strategy)

    def save(self, path: str | os.PathLike) -> None:
        """Write the strategy to a TOML file that `Strategy.load` reads.

        Raises
        ------
        StrategyError
            If the file's name does not end in ``.toml``.
        FileError
            If the file cannot be written.
        """
        self.strategy.save(path)

    def _repr_html_(self) -> str:
        return html.block(
            html.heading("Learned", self.strategy.name),
            *map(html.paragraph, sentences(self)),
            html.note(
                "strategy, source (as Python), save('learned.toml'); frames: paired (the test), "
                "history (a row an evaluation)."
            ),
        )


def learn(
    scenario: Scenario | Sequence[Scenario],
    template: str = "bid price",
    *,
    measure: str | None = None,
    replications: int = 150,
    budget: int = 500,
    seed: int = 1,
    trace: Trace | None = None,
    bound_replications: int = 16,
    threads: int | None = None,
    callback: Callable[[int], object] | None = None,
) -> Learned:
    """Learn a strategy for a scenario, and test it against the best that ships.

    Parameters
    ----------
    scenario : Scenario or list of Scenario
        Of several, the mean of the measure counts.
    template : {"bid price", "joint"}
        What is learned: 2 numbers of a discard rule, with the other decisions of the best shipped
        strategy; or 10 numbers, of discard, recall and demote together.
    measure : str, optional
        One of `kt.plots.MEASURES`. By default that which ranks strategies.
    replications : int
        Replications to train on; twice as many validate, four times as many test, and up to eight
        times as many select the best that ships.
    budget : int
        Evaluations on all replications that train.
    seed : int
        Its draws belong to this call alone: comparing with the same seed meets others.
    trace : Trace, optional
        Evenings to replay in place of draws, at least 8: every second one for the test. Of the
        others all select the best that ships, two of three train and one of three validates.
        `replications` is not used then; the seed is that of the search.
    bound_replications : int
        Replications of the test of which the clairvoyant bound is computed, which is slow; 0 for none.
    threads : int, optional
        One a processor if left out. No result depends on it.
    callback : callable, optional
        Called with the number of replications done since the last call, from any thread.

    Returns
    -------
    Learned

    Raises
    ------
    KitchenError
        A subclass for each kind of fault.

    Examples
    --------
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> kt.learn(rush, "bid price", replications=10, budget=20, bound_replications=0).paired.shape[0]
    3

    Notes
    -----
    Three sets of replications, none of which a user meets by a seed of his own. *Train*: `tune` from
    the template's start. *Validate*: the best seen, the last mean of CMA-ES and the best of
    `select_best` are compared, and the best goes on, as the best seen is fitted to the replications
    that it was seen on. *Test*: once, paired, against the best of `select_best`, which had
    replications of its own. If the interval of that gain includes 0, the answer is the shipped
    strategy.

    Ctrl-C during the search keeps the best so far, which is then tested.
    """
    scenarios = scenarios_of(scenario)
    one_of("template", template, TEMPLATES)
    if trace is not None:
        require_evenings(trace, FEWEST_EVENINGS, HALVES)
    measure = measure_of(measure, scenarios, trace)
    replications = whole("replications", replications, at_least=2)
    budget = whole("budget", budget, at_least=FEWEST_EVALUATIONS)
    bounds = whole("bound_replications", bound_replications, at_least=0)
    seed, threads = check_seed(seed), thread_count(threads)
    check_callback(callback)
    options = {"threads": threads, "callback": callback}
    evenings = {} if trace is None else _divided(trace)
    selection = select_best(
        scenarios,
        measure=measure,
        max_replications=SELECTED * replications,
        seed=seed,
        trace=evenings.get("select"),
        **options,
    )

    def evaluator(purpose: str, times: int) -> Evaluator:
        if evenings:
            return Evaluator.replaying(scenarios, measure, evenings[purpose], **options)
        draws = seed_for(seed, purpose)
        return Evaluator.kept(scenarios, measure, times * replications, draws, **options)

    # Train and validate: which parameters, if any.
    train = evaluator("train", 1)
    units = Units.of(train.traces)
    tunable = Tunable(TEMPLATES[template].strategy(selection.strategy, units))
    found = search(train, tunable, TEMPLATES[template].scales(units), budget, seed)
    under = {"eta": scenarios[0].eta} if len({own.eta for own in scenarios}) == 1 else None
    tried = [
        _named(tunable.with_params(_rounded(params)), f"learned for {titled(scenarios)}", under)
        for params in (found.best, found.mean)
    ]
    validate = evaluator("validate", VALIDATED)
    best, mean, shipped = _scores(validate, [*tried, selection.strategy])
    learned = tried[0] if best <= mean else tried[1]

    # Test: once.
    test = evaluator("test", TESTED)
    paired = _tested(test, learned, selection.strategy)
    gains = bool(min(best, mean) < shipped and is_gain(paired.iloc[0]))
    return Learned(
        scenarios=scenarios,
        template=template,
        strategy=learned if gains else selection.strategy,
        learned=learned,
        selection=selection,
        measure=measure,
        gains=gains,
        paired=paired,
        history=history_of(found, tunable, train),
        gap=gap_closed(test, selection.strategy, learned, bounds) if gains else None,
        interrupted=found.interrupted,
        trace=trace,
    )


def _divided(trace: Trace) -> dict[str, Trace]:
    """The evenings of each purpose: every second one tests, every third of the others validates."""
    places = np.arange(trace.replications.size)
    others = places[1::2]
    validate = np.arange(others.size) % 3 == 2
    divided = {"test": places[::2], "select": others}
    divided |= {"train": others[~validate], "validate": others[validate]}
    return {purpose: trace.take(own) for purpose, own in divided.items()}


def _rounded(params: np.ndarray) -> np.ndarray:
    return np.array([float(f"{number:.{DIGITS}g}") for number in params])


def _named(strategy: Strategy, name: str, learned_under: dict | None) -> Strategy:
    """A strategy with a name and the conditions that it was learned under."""
    return Strategy(
        strategy.discard,
        strategy.recall,
        strategy.demote,
        strategy.issue,
        strategy.recall_when,
        strategy.discard_from,
        name,
        learned_under,
    )


def _scores(evaluator: Evaluator, strategies: list[Strategy]) -> list[float]:
    """Mean of the measure of each, less is better."""
    return [evaluator.sign * score_of(own) for own in evaluator.encode(strategies).values()]


def _tested(test: Evaluator, learned: Strategy, shipped: Strategy) -> pd.DataFrame:
    """The paired differences of `Learned.paired`."""
    today = Strategy(TODAY)
    values = test.encode([shipped, learned, today]).values()
    names = [_different(shipped.name, learned.name), learned.name, today.name]
    rows = [paired_values(names[:2], values[:2], test.measure)]
    if today.name != shipped.name:
        rows.append(paired_values(names[:0:-1], values[:0:-1], test.measure))
    if any(own.eta != "exact" for own in test.scenarios):
        told = replace(
            test, scenarios=tuple(own.replace({"eta": "exact"}) for own in test.scenarios)
        )
        both = np.array([values[0], told.values(shipped)])
        named = (names[0], f"{names[0]}, couriers known exactly")
        rows.append(paired_values(named, both, test.measure))
    frames = [own.astype({"strategy": object, "baseline": object}) for own in rows]
    return pd.concat(frames, ignore_index=True)


def _different(name: str, other: str) -> str:
    return name if name != other else f"{name} (shipped)"
