"""Levers: what would help a kitchen most, each change by itself against today's practice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from kitchen.advice import verdict
from kitchen.advice.changes import (
    COMBINATION,
    COSTS,
    FEWER,
    FREE,
    SOONER,
    Lever,
    gentle_overflow,
    informations,
    more_slots,
    scaled_arrivals,
    scaled_delay,
    sooner_trace,
    thinned_trace,
)
from kitchen.advice.choice import DISCARD_RULES, FINALISTS, Chooser, alternatives, combinations
from kitchen.comparison.paired_runs import PairedRuns
from kitchen.engine.batches import Batches
from kitchen.engine.encode import temps_of
from kitchen.engine.source import Source
from kitchen.engine.trace import Trace
from kitchen.model.measures import (
    BOUND_OF,
    MEASURES,
    PRIMARY_MONEY,
    Measure,
    measure_named,
    primary_measure,
)
from kitchen.model.scenario import Scenario, require_scenario
from kitchen.model.strategy import Strategy, as_strategy
from kitchen.stats.intervals import paired_differences
from kitchen.utils import html
from kitchen.utils.frames import frame_field
from kitchen.utils.system import thread_count
from kitchen.utils.validation import check_callback, check_seed, instance, one_of, whole

TODAY = "today's practice"
"""Name of the row that the others are compared with."""

BOUND = "clairvoyant bound"
"""Name of the row at the end of the axis."""

FEWEST_TO_HALVE = 4
"""Evenings of a trace below which rules are chosen on the same evenings that they are judged on."""

MOST_CHOSEN_ON = 100
"""Largest number of replications on which the best rules are chosen."""

COURIER_FIELDS = {"pickup_in_s", "value_at_pickup", "value_at_pickup_home"}
"""Fields of a rule that courier information changes."""


@dataclass(frozen=True, eq=False)
class Levers:
    """What would help a kitchen, ranked: one change a row, against today's practice.

    Attributes
    ----------
    scenario : Scenario
    strategy : Strategy
        Today's practice.
    measure : str
    changes : tuple of Lever
        The changes in the order of `frame`, with their scenarios and strategies: simulate one to see
        it closely.
    frame : DataFrame
        A row a lever, the largest gain first and the clairvoyant bound last. Columns ``lever, kind,
        what, measure, mean, gain, low, high, money, money_low, money_high, replications,
        differing, currency``. ``kind`` is "free" for a rule, which takes no more than a new habit,
        "costs" for what has to be paid for, and "bound" for the bound. ``mean`` is that of the
        measure with the change. ``gain`` is by how much that is better, with its paired 95 %
        interval (``low``, ``high``): above 0 is better whatever the measure, and 0.05 of a share
        are 5 points.
        ``money`` is the revenue that a replication brings more, NaN where all orders have one price
        and no currency is named. Intervals are NaN where fewer than
        30 replications differ and others do not; ``differing`` is their number.
    today : float
        Mean of the measure under today's practice.
    replications : int
        Number of replications on which the levers were judged.
    chosen_on : int
        Number of replications on which the best rules were chosen.
    seed : int
    bounds : DataFrame or None
        `Bound.frame` of the first replications, with today's couriers; None without a bound.
    chosen_elsewhere : bool
        Whether the rules were chosen on other replications than those of `frame`.

    Examples
    --------
    >>> import kitchen as kt
    >>> kt.levers(kt.Scenario.load("rush"), replications=5, bound_replications=0)
    Levers(15 against 'discard newcomer' in 'rush', 5 replications)
    """

    scenario: Scenario
    strategy: Strategy
    measure: str
    changes: tuple[Lever, ...]
    today: float
    replications: int
    chosen_on: int
    seed: int
    frame: pd.DataFrame = frame_field()
    bounds: pd.DataFrame | None = frame_field(None)
    chosen_elsewhere: bool = True

    def __repr__(self):
        return (
            f"Levers({len(self.changes)} against {self.strategy.name!r} in {self.scenario.name!r}, "
            f"{self.replications:,} replications)"
        )

    def _repr_html_(self) -> str:
        columns = verdict.columns(self)
        rows = zip(*columns.values(), strict=True)
        return html.block(
            html.heading("Levers", self.scenario.name),
            html.paragraph(html.text(self.verdict, verdict.MOST_CHARACTERS)),
            html.table(columns, rows, "<<<".ljust(len(columns), ">")),
            html.note(verdict.conditions(self)),
        )

    @property
    def quantity(self) -> Measure:
        """The measure with its texts, in the scenario's currency."""
        return measure_named(self.measure).in_currency(self.scenario.orders.currency or "")

    @cached_property
    def verdict(self) -> str:
        """The result in a few sentences: what helps most for nothing, what else does, what does not."""
        return html.Sentences(verdict.in_words(self))


def levers(
    scenario: Scenario,
    strategy: Strategy | str | Callable = "discard newcomer",
    *,
    measure: str | None = None,
    learned: Strategy | None = None,
    replications: int = 200,
    bound_replications: int = 4,
    seed: int = 1,
    trace: Trace | None = None,
    threads: int | None = None,
    callback: Callable[[int], object] | None = None,
) -> Levers:
    """What would help a kitchen most: one change at a time against today's practice, ranked.

    The changes are the best shipped discard, recall and demote rule, the best combination of them,
    a learned strategy, couriers in a pool, courier information, more slots, an overflow that ages
    food as slowly as home, couriers 10 % sooner and arrivals 10 % fewer. All meet the same orders
    and couriers as today's practice: the draws belong to the orders. The clairvoyant bound says how
    much rules could gain at most.

    Parameters
    ----------
    scenario : Scenario
    strategy : Strategy, str or function
        Today's practice.
    measure : str, optional
        A measure of `plots.MEASURES`; by default the one that ranks strategies.
    learned : Strategy, optional
        Another strategy to judge, as `learn` finds it.
    replications : int
        On which the changes are judged: replications 0 to `replications` - 1 of the seed. The best
        rules are chosen on others, those that follow, at most 100.
    bound_replications : int
        Replications of the clairvoyant bound, which takes about a second each: the first of them; 0
        leaves the bound out.
    seed : int
    trace : Trace, optional
        Evenings to replay in place of draws: the best rules are chosen on every second one, and the
        changes are judged on the others; on all of them where there are fewer than 4.
    threads : int, optional
        One a processor if left out. No result depends on it.
    callback : callable, optional
        Called with the number of replications done since the last call.

    Returns
    -------
    Levers

    Raises
    ------
    KitchenError
        A subclass for each kind of fault.

    Examples
    --------
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> result = kt.levers(rush, replications=5, bound_replications=0)
    >>> result.frame.set_index("lever")["kind"][["couriers in a pool", "best recall rule"]].tolist()
    ['costs', 'free']
    """
    require_scenario(scenario)
    strategy = as_strategy(strategy)
    if trace is not None:
        instance("trace", trace, Trace, "Make one with Trace.from_frame.")
    judged, others = halves(trace)
    source = Source(scenario, check_seed(seed), judged)
    menu = source.menu
    if measure is None:
        measure = primary_measure(menu)
    one_of("measure", measure, MEASURES)
    if learned is not None:
        learned = as_strategy(learned)
    replications = whole("replications", replications, at_least=1)
    bound_replications = whole("bound_replications", bound_replications, at_least=0)
    seed, threads = source.seed, thread_count(threads)
    check_callback(callback)
    if trace is None:
        chosen_on = min(replications, MOST_CHOSEN_ON)
        chosen = (replications, replications + chosen_on)
    else:
        replications, chosen_on = judged.replications.size, others.replications.size
        chosen = (0, chosen_on)
    chooser = Chooser(scenario, measure, *chosen, seed, threads, callback, others)
    temps = temps_of(scenario, menu)
    changes = [
        *_of_rules(scenario, strategy, learned, chooser),
        *_of_the_kitchen(scenario, strategy, temps, judged),
    ]
    practice = Lever(TODAY, FREE, strategy.name, scenario, strategy)
    summaries = _judged([practice, *changes], source, replications, threads, callback)
    today = summaries[TODAY]
    frame = pd.concat([_row(lever, today, summaries[lever.name], measure) for lever in changes])
    order = np.argsort(-frame["gain"].to_numpy(), kind="stable")
    parts, bounds = [frame.iloc[order]], None
    few = min(bound_replications, replications)
    if few and measure in BOUND_OF and today["orders"].sum():
        bounds = _bounds(source, strategy, few, measure, threads)
        limit = _as_summary(bounds, today.head(few))
        row = Lever(BOUND, "bound", "the most that rules could gain", scenario, strategy)
        parts.append(_row(row, today.head(few), limit, measure))
    frame = pd.concat(parts, ignore_index=True)
    in_money = measure_named(measure).is_money or PRIMARY_MONEY in (measure, primary_measure(menu))
    if not (in_money or scenario.orders.currency):
        frame[["money", "money_low", "money_high"]] = np.nan
    return Levers(
        scenario=scenario,
        strategy=strategy,
        measure=measure,
        changes=tuple(changes[nth] for nth in order),
        frame=frame.assign(currency=scenario.orders.currency or ""),
        today=float(today[measure].mean()),
        replications=replications,
        bounds=bounds,
        chosen_on=chosen_on,
        seed=seed,
        chosen_elsewhere=trace is None or others is not trace,
    )


# The changes


def _of_rules(scenario, strategy, learned, chooser: Chooser) -> list[Lever]:
    """Changes of what the kitchen and the couriers do, with the best rules for each."""
    made = []
    discards = chooser.ordered(alternatives(strategy, "discard"))
    for decision in ("discard", "recall", "demote"):
        options = discards if decision == "discard" else alternatives(strategy, decision)
        best = discards[0] if decision == "discard" else chooser.best(options)
        made.append(
            Lever(f"best {decision} rule", FREE, _called(best, decision, strategy), scenario, best)
        )
    first = list(dict.fromkeys([own.discard for own in discards[:DISCARD_RULES]]))
    found = chooser.ordered(combinations(strategy, first))
    made.append(Lever(COMBINATION, FREE, _named(found[0], strategy), scenario, found[0]))
    if learned is not None:
        made.append(Lever("learned strategy", FREE, learned.name, scenario, learned))
    if scenario.expired_orders == "removed":
        pools = alternatives(strategy, "issue")
        if strategy.issue is None:
            best = chooser.best(pools[1:])
            made.append(
                Lever("couriers in a pool", COSTS, f"issue {best.issue.name}", scenario, best)
            )
        else:
            best = chooser.best(pools)
            made.append(
                Lever("best issue rule", FREE, _called(best, "issue", strategy), scenario, best)
            )
    for name, world in informations(scenario):
        used = any(rule and rule.fields & COURIER_FIELDS for rule in strategy.rules)
        what = "for today's rules" if used else "today's rules do not use it"
        made.append(Lever(name, COSTS, what, world, strategy))
        best = chooser.best(found[:FINALISTS], world)
        made.append(Lever(f"{COMBINATION}, {name}", COSTS, _named(best, strategy), world, best))
    return made


def _called(best: Strategy, decision: str, today: Strategy) -> str:
    """Name of the chosen rule of a decision."""
    rule = getattr(best, decision)
    name = rule.name if rule else best.describe()[decision]
    return f"{name}, as today" if best is today else name


def _named(best: Strategy, today: Strategy) -> str:
    return f"{best.name}, as today" if best is today else best.name


def _of_the_kitchen(scenario, strategy, temps, trace) -> list[Lever]:
    """Changes of shelves, couriers and arrivals, under today's rules."""
    made = [Lever(name, COSTS, what, world, strategy) for name, what, world in more_slots(scenario)]
    gentle = gentle_overflow(scenario, temps)
    if gentle is not None:
        made.append(
            Lever(
                "gentle overflow", COSTS, "food ages there as slowly as at home", gentle, strategy
            )
        )
    if trace is None:
        sooner = scaled_delay(scenario, SOONER), strategy
        fewer = scaled_arrivals(scenario, FEWER), strategy
    else:
        sooner = scenario, strategy, sooner_trace(trace, SOONER)
        fewer = scenario, strategy, thinned_trace(trace, FEWER)
    same_time = trace is not None or scenario.orders.duration_s is not None
    ends = "in the same time" if same_time else "a second, as many in all"
    made.append(Lever("couriers 10 % sooner", COSTS, "every delay 10 % shorter", *sooner))
    made.append(Lever("10 % fewer arrivals", COSTS, f"10 % fewer orders {ends}", *fewer))
    return made


# Judging them


def halves(trace: Trace | None) -> tuple[Trace | None, Trace | None]:
    """The evenings to judge on, and those to choose on: every second one, if there are four."""
    number = 0 if trace is None else trace.replications.size
    if number < FEWEST_TO_HALVE:
        return trace, trace
    return trace.take(np.arange(0, number, 2)), trace.take(np.arange(1, number, 2))


def _judged(changes: list[Lever], source, replications, threads, callback) -> dict:
    """Summary of each change by its name; changes that share a scenario share its orders."""
    worlds: dict[tuple, list[Lever]] = {}
    for lever in changes:
        worlds.setdefault((id(lever.scenario), id(lever.trace)), []).append(lever)
    made = {}
    for together in worlds.values():
        scenario, strategies = together[0].scenario, [lever.strategy for lever in together]
        trace = source.trace if together[0].trace is None else together[0].trace
        batches = Batches.prepare(scenario, strategies, seed=source.seed, trace=trace)
        runs = PairedRuns(scenario, strategies, batches, threads, 0.0, 0.0, callback)
        table = runs.summaries(0, replications)
        for nth, lever in enumerate(together):
            made[lever.name] = table.iloc[nth * replications : (nth + 1) * replications]
    return made


def _bounds(source: Source, strategy, few: int, measure: str, threads: int) -> pd.DataFrame:
    """The clairvoyant bound of the first replications."""
    from kitchen.comparison.bound import bound  # and all of scipy.optimize with it

    options = {"measure": BOUND_OF[measure], "issue": strategy.issue, "threads": threads}
    return bound(source.take(0, few), source.scenario, **options).frame


def _as_summary(bounds: pd.DataFrame, today: pd.DataFrame) -> pd.DataFrame:
    """Today's summary with the figures of the bound in the columns that it limits."""
    best, full = bounds["bound"].to_numpy(), today["full_revenue"].to_numpy()
    if "wasted_share" in bounds:
        return today.assign(wasted_share=bounds["wasted_share"].to_numpy(), revenue=np.nan)
    if "value_per_order" in bounds:
        value = bounds["value_per_order"].to_numpy()
        return today.assign(value_per_order=value, lost_per_order=1.0 - value, revenue=np.nan)
    with np.errstate(invalid="ignore"):
        return today.assign(
            revenue=best,
            revenue_per_order=best / today["orders"].to_numpy(),
            lost_revenue=full - best,
            lost_revenue_share=(full - best) / full,
        )


def _row(lever: Lever, today: pd.DataFrame, own: pd.DataFrame, measure: str) -> pd.DataFrame:
    """The row of one lever: its mean, and its paired gain over today's practice."""
    both = pd.concat([today.assign(strategy=TODAY), own.assign(strategy=lever.name)])
    paired = paired_differences(both, TODAY, dict.fromkeys((measure, "revenue")))
    paired = paired.set_index("measure")
    gain, money = paired.loc[measure], paired.loc["revenue"]
    ends = (gain["difference"], gain["low"], gain["high"])
    if not measure_named(measure).more_is_better:
        ends = (-gain["difference"], -gain["high"], -gain["low"])
    return pd.DataFrame(
        {
            "lever": [lever.name],
            "kind": [lever.kind],
            "what": [lever.what],
            "measure": [measure],
            "mean": [own[measure].mean()],
            **{key: [end + 0.0] for key, end in zip(("gain", "low", "high"), ends, strict=True)},
            "money": [money["difference"]],
            "money_low": [money["low"]],
            "money_high": [money["high"]],
            "replications": [int(gain["replications"])],
            "differing": [int(gain["differing"])],
        }
    )
