"""Encoding of scenario, strategy and trace as arrays: the one place where names become numbers.

Temps and shelves are counted in the order of `temps_of` and of the scenario.
"""

from __future__ import annotations

import logging
from functools import cache, lru_cache

import numpy as np

from kitchen.engine import records
from kitchen.engine.trace import Trace
from kitchen.errors import RuleError, ScenarioError, StrategyError, nearest, shown, unknown
from kitchen.model import rules
from kitchen.model.decay import Law, as_law, check_law, compiled_law
from kitchen.model.distributions import Residual
from kitchen.model.inspection import chance_in
from kitchen.model.menu import Menu
from kitchen.model.rules import BUILT_IN, INDEX_OF, rule_signature
from kitchen.model.scenario import Scenario
from kitchen.model.strategy import Strategy
from kitchen.utils.jit import kernel, surroundings

log = logging.getLogger("kitchen")


def temps_of(scenario: Scenario, menu: Menu) -> list[str]:
    """All temps, those that shelves name first.

    Raises
    ------
    ScenarioError
        If no shelf holds a temp of the menu, or if a modifier's temp looks misspelt.
    """
    named = scenario.named_temps()
    temps = list(dict.fromkeys([*named, *menu.temps]))
    alike = {temp.strip().casefold(): temp for temp in named}
    for temp in temps:
        twin = alike.get(temp.strip().casefold(), temp)
        if twin != temp or temp in ("", "share"):
            item = int(np.flatnonzero(menu.temp == temp)[0]) if temp not in named else None
            of = f", the temp of {menu.name[item]!r}" if item is not None else ""
            cure = f"Did you mean {twin!r}?" if twin != temp else "Call it something else."
            raise ScenarioError(f"{scenario.name}: {temp!r}{of}, will not do as a temp. {cure}")
        if not scenario.shelves_of(temp):
            item = int(np.flatnonzero(menu.temp == temp)[0])
            raise ScenarioError(
                f"{scenario.name}: no shelf holds {temp!r}, the temp of {menu.name[item]!r}. "
                f"Add {temp!r} to a shelf's holds, or a shelf that holds 'any'."
            )
    for shelf in scenario.shelves:
        table = shelf.modifier if isinstance(shelf.modifier, dict) else {}
        left_out = [temp for temp in temps if temp not in table]
        for temp in table:
            if temp not in temps and nearest(temp, left_out):  # else one the menu just has none of
                place = f"{scenario.name}: shelves.{shelf.name}.modifier: "
                raise ScenarioError(place + unknown("temp", temp, temps))
    for text in misspelt_temps(scenario, menu):
        _warn_once(text)
    return temps


def misspelt_temps(scenario: Scenario, menu: Menu) -> list[str]:
    """Warnings about temps of the menu that look like a misspelt temp of a shelf, a sentence each.

    Such a temp is named by no shelf, neither among those it holds nor in its modifiers, and resembles
    one that is: its orders stand on shelves for any temp alone.
    """
    named = scenario.named_temps()
    known = {t for s in scenario.shelves if isinstance(s.modifier, dict) for t in s.modifier}
    texts = []
    for temp in menu.temps:
        guess = nearest(temp, named) if temp not in named and temp not in known else None
        if guess:
            these = np.flatnonzero(menu.temp == temp)
            first = shown(str(menu.name[these[0]]))
            texts.append(
                f"{scenario.name}: no shelf names the temp {shown(temp)} of {first}"
                + (f" and {these.size - 1:,} more" if these.size > 1 else "")
                + f", so it stands on shelves for any temp only. Did you mean {shown(guess)}?"
            )
    return texts


@cache
def _warn_once(text: str) -> None:
    log.warning(text)


def build_world(
    scenario: Scenario,
    strategy: Strategy,
    menu: Menu,
    residual: Residual,
    temps: list[str],
    warm_up_s: float,
) -> records.World:
    """Menu, shelves and settings of a scenario as arrays for the kernel.

    Raises
    ------
    ScenarioError
        If there are more shelves or temps than the engine takes.
    """
    _refuse_too_many(scenario, temps)
    law = as_law(scenario.decay)
    check_law(law, menu.shelf_life_s, menu.decay_rate, scenario.waste_below)
    kinds = _kinds(menu, law, scenario.waste_below, tuple(temps))
    shelves = len(scenario.shelves)
    lists = tuple(tuple(scenario.shelves_of(temp)) for temp in temps)
    preferences = _lists(lists, shelves).copy()
    preferences["modifier"][:, :shelves] = modifiers(scenario, temps)
    settings = np.zeros(1, records.SETTINGS)
    settings["shape"] = law.shape
    settings["held"] = scenario.expired_orders == "held"
    settings["estimates"] = scenario.eta != "unknown"
    settings["pooled"] = strategy.issue is not None
    settings["eager"] = strategy.recall_when == "eager"
    settings["newcomer_may_go"] = strategy.discard_from != "overflow"
    settings["keeps_shelves"] = strategy.discard == BUILT_IN["discard"]["discard newcomer"]
    settings["age_pace"] = law.age_pace
    settings["waste_below"] = scenario.waste_below
    settings["warm_up_s"] = warm_up_s
    pieces = np.column_stack([residual.elapsed_s, residual.left_s, residual.slope])
    candidates = _candidates(lists, shelves, strategy.discard_from == "anywhere")
    return records.World(kinds, preferences, candidates, pieces, settings)


def _refuse_too_many(scenario: Scenario, temps: list[str]) -> None:
    """Refuse more shelves or temps than the numbers of a resident can tell apart."""
    for what, there, most in (
        ("shelves", len(scenario.shelves), records.MOST_SHELVES),
        ("temps", len(temps), records.MOST_TEMPS),
    ):
        if there > most:
            raise ScenarioError(
                f"{scenario.name}: there are {there:,} {what}, and the engine takes at most {most:,}."
            )


@lru_cache(maxsize=16)
def _kinds(menu: Menu, law: Law, waste_below: float, temps: tuple[str, ...]) -> np.ndarray:
    """The menu under a decay law; cached, as many runs share it."""
    kinds = np.empty(len(menu), records.KIND)
    kinds["temp"] = menu.temp_codes(list(temps))
    kinds["shelf_life_s"] = menu.shelf_life_s
    kinds["decay_rate"] = menu.decay_rate
    kinds["price"] = menu.price
    kinds["limit"] = law.limits(menu.shelf_life_s, waste_below)
    kinds["pace"] = law.paces(menu.decay_rate)
    return kinds


@lru_cache(maxsize=64)
def _lists(lists: tuple[tuple[int, ...], ...], number: int) -> np.ndarray:
    """The shelves of each temp in order of preference; modifiers are filled in later."""
    preferences = np.empty((len(lists), number + 1), records.PREFERENCE)
    preferences["nth"], preferences["rank"], preferences["modifier"] = (
        records.NO_SHELF,
        number + 1,
        np.nan,
    )
    for row, held_by in zip(preferences, lists, strict=True):
        row["nth"][: len(held_by)] = held_by
        row["rank"][list(held_by)] = np.arange(len(held_by))
    return preferences


@lru_cache(maxsize=64)
def _candidates(lists: tuple[tuple[int, ...], ...], number: int, anywhere: bool) -> np.ndarray:
    """Sources of the candidates of each decision: see `records.World`. Cached, as many runs share them.

    `lists` are the shelves of each temp; there are `number` shelves in all.
    """
    shelves = range(number)

    def standing_on(*places):
        return [(s, t) for s in places for t, held_by in enumerate(lists) if s in held_by]

    def later_than(shelf):
        behind = [(t, set(x[x.index(shelf) + 1 :])) for t, x in enumerate(lists) if shelf in x]
        return [(s, t) for s in shelves for t, later in behind if s in later]

    decisions = {
        records.DEMOTE_RULE: [standing_on(x[0]) for x in lists],
        records.RECALL_RULE: [later_than(shelf) for shelf in shelves],
        records.DISCARD_RULE: [standing_on(*(x if anywhere else x[-1:])) for x in lists],
        records.ISSUE_RULE: [standing_on(*shelves)],
        records.RECALL_WHEN_BLOCKED: [standing_on(x[-1]) for x in lists],
    }
    keys = max(len(lists), number)
    longest = max(len(x) for lists in decisions.values() for x in lists)
    table = np.zeros((len(decisions), keys, longest + 1), records.SOURCE)
    table["shelf"] = records.NO_SHELF
    for decision, by_key in decisions.items():
        for key, places in enumerate(by_key):
            table[decision, key, : len(places)] = places
    return table


def capacities(scenario: Scenario) -> np.ndarray:
    """Slots of each shelf, int64, shape (shelves,)."""
    return np.array([shelf.capacity for shelf in scenario.shelves], np.int64)


def modifiers(scenario: Scenario, temps: list[str]) -> np.ndarray:
    """How fast each temp ages on each shelf, float64, shape (temps, shelves)."""
    table = [[float(shelf.modifier_of(t)) for shelf in scenario.shelves] for t in temps]
    return np.array(table, float).reshape(len(temps), len(scenario.shelves))


def build_rules(strategy: Strategy) -> tuple[records.Rules, tuple]:
    """The decisions of a strategy as arrays, and its compiled rules, in the order of `Strategy.rules`."""
    chosen = strategy.rules
    decisions = np.zeros(len(chosen), records.RULE)
    compiled, no_call = [], _no_call.compile()
    for i, rule in enumerate(chosen):
        call = no_call
        if rule is not None:
            decisions["reads"][i] = sum(1 << INDEX_OF[name] for name in rule.fields)
            decisions["kind"][i] = records.SINGLE if rule.single else records.CALL
            if rule.single:
                decisions["field"][i], decisions["sign"][i] = rule.single
            else:
                call = rule.compiled
        compiled.append(call)
    params = [rule.params if rule else () for rule in chosen]
    return records.Rules(decisions, np.empty(0)).with_params(params), tuple(compiled)


def build_orders(scenario: Scenario, strategies, trace: Trace) -> list[records.Orders]:
    """A trace as arrays for the kernel, for each strategy; they share all but the tie-breakers.

    Tie-breakers and estimates are drawn only if they are used.
    """
    shared = records.Orders(
        first=trace.first,
        opens_s=trace.opens_s,
        item=trace.item,
        called_s=trace.called_s,
        ready_s=trace.ready_s,
        pickup_s=trace.courier_s,
        expected_s=expected_pickups(scenario, trace),
        ready_order=trace.ready_order if trace.is_overtaken else np.empty(0, np.int32),
        pickup_order=trace.pickup_order,
        u=np.empty(0),
    )
    return [shared._replace(u=trace.u) if _reads_u(own) else shared for own in strategies]


def _reads_u(strategy: Strategy) -> bool:
    return any("u" in rule.fields for rule in strategy.rules if rule is not None)


def expected_pickups(scenario: Scenario, trace: Trace) -> np.ndarray:
    """Estimated pickup time of each order, seconds, inf where nobody comes; empty without estimates."""
    if scenario.eta == "unknown":
        return np.empty(0)
    if scenario.eta == "exact":
        return trace.courier_s
    return trace.courier_s + float(scenario.eta) * trace.z


def compiled_decay(scenario: Scenario):
    """The scenario's decay law as a first-class function.

    Raises
    ------
    ScenarioError
        If its values depend on chance.
    """
    law = as_law(scenario.decay)
    if law.function and (source := _chance_in(law.function)):
        raise ScenarioError(
            f"decay law {law.name!r} uses {source!r}: it must give the same value for the same order "
            "each time. Use its four arguments and numbers."
        )
    return compiled_law(law.function)


def refuse_chance(strategy: Strategy) -> None:
    """Refuse a strategy with a rule that has random numbers, a clock or a memory of its own.

    Raises
    ------
    RuleError
        With the rule and what it uses.
    """
    for rule in strategy.rules:
        if rule is not None and not rule.single and (source := _chance_in(rule.function)):
            raise RuleError(
                f"rule {rule.name!r} uses {source!r}, so that no two runs would be alike. For chance "
                "use order.u: a uniform number, the same in every run and under every strategy."
            )


_chance: dict = {}
"""What was found in functions, by their code and what it depends on."""


def _chance_in(function) -> str | None:
    if function.__module__ == rules.__name__:
        return None
    try:
        key = surroundings(function)
    except (TypeError, ValueError):  # a closure that is not complete
        return chance_in(function)
    if key not in _chance:
        _chance[key] = chance_in(function)
    return _chance[key]


def refuse_contradictions(scenario: Scenario, strategy: Strategy) -> None:
    """Refuse a strategy that contradicts the scenario.

    Raises
    ------
    StrategyError
        If it has an issue rule where expired orders are held.
    """
    if strategy.issue is not None and scenario.expired_orders == "held":
        raise StrategyError(
            f"strategy {strategy.name!r}: issue rule {strategy.issue.name!r} does not go with "
            f"expired_orders = 'held' of {scenario.name!r}: held orders wait for their own courier. "
            "Use issue = 'matched', or expired_orders = 'removed'."
        )


def warn_of_other_conditions(scenario: Scenario, strategy: Strategy) -> None:
    """Log a warning, once, where a learned strategy is used under another `eta` than it was learned."""
    eta = strategy.learned_under.get("eta", scenario.eta)
    if eta != scenario.eta:
        _warn_once(
            f"strategy {strategy.name!r} was learned with eta = {eta!r} and is used with eta = "
            f"{scenario.eta!r} in {scenario.name!r}: there it can be worse than a shipped one. Learn "
            "it again."
        )


@kernel(rule_signature)
def _no_call(candidates, scores, size, params):
    """Stands in for a rule that is never called; cached on disk, unlike a user's rule."""
    return 0.0
