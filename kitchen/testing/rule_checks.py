"""Checks of users' rules and strategies: `check_rule` and `check_strategy`."""

from __future__ import annotations

import html
import inspect
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from kitchen.engine.draw import draw
from kitchen.errors import KitchenError, RuleError, shown, unknown
from kitchen.model.inspection import dependencies
from kitchen.model.rules import DECISIONS, FIELDS, NO_RULE, Rule, find_rule
from kitchen.model.scenario import Scenario
from kitchen.model.strategy import Strategy, as_strategy
from kitchen.simulation.simulate import simulate
from kitchen.testing.rule_cases import ORDINARY, fields_read, outcome_of, trial_orders
from kitchen.utils.jit import where_raised

TRIAL = 20
"""Replications of the trial in which `check_strategy` compares a strategy with and without each rule."""

_CHOOSES = {
    "demote": "sends away",
    "recall": "moves home",
    "discard": "discards",
    "issue": "hands over",
}
_NEVER = {
    "demote": "it never lets anyone give way, so the newcomer always does",
    "recall": "it never moves anyone; recall=None says so more plainly",
    "discard": "it never lets anyone go, so the newcomer always does",
    "issue": "it never gives an order to a courier",
}


@dataclass(frozen=True)
class Report:
    """Findings of a check of a rule or a strategy.

    Attributes
    ----------
    about : str
        The rule or strategy that was checked.
    findings : list of str
        Faults to correct, a sentence or two each.
    notes : list of str
        Remarks, none of them a fault.
    ok : bool
        Whether there are no findings.
    """

    about: str
    findings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.findings

    def __bool__(self):
        return self.ok

    @property
    def _verdict(self) -> str:
        count = len(self.findings)
        things = "one thing" if count == 1 else f"{count} things"
        return f"{self.about}: " + (
            f"{things} to put right" if count else "nothing wrong was found"
        )

    def __repr__(self):
        findings = [f"- {finding}" for finding in self.findings]
        notes = [f"  Note: {note}" for note in self.notes]
        return "\n".join([self._verdict, *findings, *notes])

    def _repr_html_(self):
        def listed(sentences):
            items = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in sentences)
            return f"<ul>{items}</ul>" if items else ""

        notes = f"<p>Notes</p>{listed(self.notes)}" if self.notes else ""
        verdict = f"<p><b>{html.escape(self._verdict)}</b></p>"
        return f"<div>{verdict}{listed(self.findings)}{notes}</div>"


def check_rule(rule: Callable | Rule | str, decision: str = "discard") -> Report:
    """Check a rule: try it on ordinary and extreme orders and report its faults.

    Parameters
    ----------
    rule : function, Rule or str
        ``function(order)``, a `Rule` where it has parameters, or a shipped rule's name.
    decision : {"discard", "recall", "demote", "issue"}
        The decision, which determines the orders on which it is tried.

    Returns
    -------
    Report
        Its ``ok``, ``findings`` and ``notes``. Faults of the rule are reported, not raised.

    Raises
    ------
    RuleError
        If there is no such decision.

    Examples
    --------
    >>> import kitchen as kt
    >>> kt.check_rule(lambda order: order.price / order.age_s).ok
    False
    """
    if not isinstance(decision, str) or decision not in DECISIONS:
        raise RuleError(unknown("decision", decision, DECISIONS))
    called = rule if isinstance(rule, str) else getattr(rule, "name", None)
    called = called or getattr(rule, "__name__", None) or shown(rule)
    report = Report(f"{decision} rule {called!r}")
    try:
        checked = find_rule(decision, rule)
    except RuleError as error:
        report.findings.append(str(error))
        return report
    if checked is None:
        report.notes.append(f"Without a rule {NO_RULE[decision][1]}.")
        return report
    if inspect.isgeneratorfunction(checked.function) or inspect.iscoroutinefunction(
        checked.function
    ):
        report.findings.append("It must return a number: use return, and neither yield nor async.")
        return report
    findings, notes = dependencies(checked.function)
    report.findings.extend(findings)
    report.notes.extend(notes)
    _try_out(checked, decision, report)
    return report


# --- What a rule does ----------------------------------------------------------------------------


def _try_out(rule: Rule, decision: str, report: Report) -> None:
    """Score all trial orders with the rule, in plain Python and compiled."""
    orders, labels = trial_orders(decision)
    read = fields_read(rule, orders)

    def described(i: int) -> str:
        values = ", ".join(f"{name} = {shown(orders[i][name])}" for name in FIELDS if name in read)
        return f"for {labels[i]}" + (f" ({values})" if values else "")

    params = np.array(rule.params)
    before = orders.tobytes(), params.tobytes()
    plain = [outcome_of(rule, order) for order in orders]
    again = [outcome_of(rule, order) for order in orders]
    _check_types(plain, described, report)
    _check_unseen_fields(rule, read, report)
    try:
        rule.compiled  # noqa: B018 - compile it now
    except Exception as error:  # a closure may be in any state
        why = str(error) if isinstance(error, RuleError) else f"It cannot be compiled: {error}."
        if report.findings:
            why = "It cannot be compiled, so the kitchen cannot use it, because of what is said above."
        report.findings.append(why)
        return
    fast, fast_again = (
        [
            outcome_of(lambda i: rule.scores(orders[i : i + 1], params)[0], i)
            for i in range(len(orders))
        ]
        for _ in range(2)
    )
    if (orders.tobytes(), params.tobytes()) != before:
        report.findings.append(
            "It changes the order, or the parameters, that it is given; it should only read them."
        )
        return
    if rule.takes_params and not rule.params:
        report.findings.append(
            "It wants parameters, and there are none: give them as in "
            f"Rule({rule.function.__name__}, params=(0.5, 1.0))."
        )
        return
    steady = _check_determinism([(plain, again), (fast, fast_again)], described, report)
    if steady and not any(outcome.odd for outcome in plain):
        _check_errors(plain, fast, described, report)
        _check_compilation(plain, fast, described, report)
    _check_nan(fast, described, report)
    scores = [o.score for o in fast if o.score is not None and not math.isnan(o.score)]
    if report.ok and scores:
        _check_distinction(scores, read, decision, report)
        directions = _directions(rule, orders, read, decision)
        report.notes.extend([directions] if directions else [])


def _first(outcomes, wanted: Callable) -> int | None:
    return next((i for i, outcome in enumerate(outcomes) if wanted(outcome)), None)


def _check_types(plain, described, report) -> None:
    """Report results that are not numbers: True, text, None."""
    i = _first(plain, lambda o: o.odd)
    if i is None:
        return
    if plain[i].score is not None:
        report.findings.append(
            "It returns True or False, which count as 1 and 0. The lowest score is chosen: whatever it "
            "says False of goes first, in the order in which it came in. Return a number that says how "
            "much."
        )
    elif plain[i].odd.startswith("nothing"):
        report.findings.append(
            f"It returns nothing {described(i)}: a way through it has no return."
        )
    else:
        report.findings.append(f"It {plain[i]} {described(i)}, which is no number.")


def _check_unseen_fields(rule: Rule, read: set[str], report) -> None:
    """Report fields read without being named in the code, which the engine does not fill in."""
    try:
        unseen = [name for name in FIELDS if name in read - rule.fields]
    except ValueError:  # a closure that is not complete
        return
    if unseen:
        report.findings.append(
            f"It reads {' and '.join(unseen)} by position, or by a name that is kept elsewhere, which "
            f"the kitchen does not see, so that it reads nothing. Write order.{unseen[0]}."
        )


def _check_errors(plain, fast, described, report) -> None:
    """Report the first call that raised, with its line from plain Python."""
    i = _first(fast, lambda o: o.error is not None)
    if i is not None:
        known = plain[i] if plain[i].error is not None else fast[i]
        report.findings.append(f"It {known}{where_raised(known.error)}, {described(i)}.")


def _check_determinism(pairs, described, report) -> bool:
    """Report two calls for one order with different results; returns whether there are none."""
    for first, second in pairs:
        for i, (one, other) in enumerate(zip(first, second, strict=True)):
            if one.differs(other):
                report.findings.append(
                    f"It is not deterministic: asked twice {described(i)}, it {one}, and then it {other}."
                )
                return False
    return True


def _check_compilation(plain, fast, described, report) -> None:
    """Report results that differ between Python and compiled code (division by zero, overflow)."""
    i = _first(range(len(plain)), lambda i: plain[i].differs(fast[i]))
    if i is not None and fast[i].error is None:
        where = where_raised(plain[i].error) if plain[i].error else ""
        report.findings.append(
            f"Plain Python and compiled code disagree {described(i)}: plain it {plain[i]}{where}; compiled, "
            f"as the kitchen runs it, it {fast[i]}."
        )


def _check_nan(fast, described, report) -> None:
    bad = [i for i, o in enumerate(fast) if o.score is not None and math.isnan(o.score)]
    if bad:
        others = f" The same goes for {len(bad) - 1} more of {len(fast)} orders tried."
        report.findings.append(
            f"It returns nan (not a number) {described(bad[0])}; a run in which that happens stops there."
            + (others if len(bad) > 1 else "")
        )


def _check_distinction(scores: list[float], read: set[str], decision: str, report: Report) -> None:
    """Report rules that do not distinguish the candidates."""
    different = sorted(set(scores))
    if different == [math.inf]:
        report.findings.append(f"It returns inf for every order: {_NEVER[decision]}.")
    elif len(different) == 1:
        blind = "" if read else "reads no field of the order and "
        report.findings.append(
            f"It {blind}returns {shown(different[0])} for every order: it does not distinguish candidates, "
            "and of several the one that came in first is chosen."
        )
    elif len(different) <= 3 and len([s for s in different if math.isfinite(s)]) > 1:
        listed = ", ".join(map(shown, different))
        report.notes.append(
            f"It knows {len(different)} scores only ({listed}); of orders of one score the one that "
            "came in first is chosen."
        )
    if read == {"u"}:
        report.notes.append("It reads u only: it chooses by lot.")
    if decision in ("recall", "issue") and "is_newcomer" in read:
        report.notes.append(f"It reads is_newcomer, which is always 0 when {decision} is decided.")


def _directions(rule: Rule, orders, read: set[str], decision: str) -> str:
    """Direction in which each field acts, all else being equal; empty if the rule reads none."""
    parts = []
    for name in FIELDS:
        if name not in read or name in ("temp", "shelf", "is_newcomer", "u"):
            continue
        signs = set()
        for order in orders[:ORDINARY]:
            low, high = order.copy(), order.copy()
            low[name], high[name] = 0.9 * order[name], 1.1 * order[name]
            a, b = outcome_of(rule, low).score, outcome_of(rule, high).score
            if a is not None and b is not None and a != b:
                signs.add(a < b)
        if len(signs) == 1:
            parts.append(f"the {'lower' if signs.pop() else 'higher'} {name}")
        elif signs:
            parts.append(f"now the lower, now the higher {name}")
    if not parts:
        return ""
    return f"All else being equal it {_CHOOSES[decision]} the order with {', '.join(parts)}."


# --- Strategies ----------------------------------------------------------------------------------


def check_strategy(
    strategy: Strategy | str | Callable | Rule | Mapping, scenario: Scenario | None = None
) -> Report:
    """Check the rules of a strategy and their combination.

    Parameters
    ----------
    strategy : Strategy, str, function, Rule or mapping
        As for `simulate`; or the arguments of `Strategy` as a mapping, whose faults are then
        reported, not raised.
    scenario : Scenario, optional
        If given, the strategy is also simulated in it for a few replications, with and without each
        of its rules.

    Returns
    -------
    Report
        Its ``ok``, ``findings`` and ``notes``.

    Raises
    ------
    KitchenError
        If `scenario` is not a Scenario.

    Examples
    --------
    >>> import kitchen as kt
    >>> kt.check_strategy(kt.Strategy("oldest", recall=None, recall_when="blocked")).notes[-1]
    'recall_when does nothing: without a recall rule nobody is ever moved.'
    """
    if scenario is not None and not isinstance(scenario, Scenario):
        raise KitchenError(f"scenario: must be a Scenario, got {shown(scenario)}.")
    report = Report("strategy")
    try:
        made = Strategy(**strategy) if isinstance(strategy, Mapping) else as_strategy(strategy)
    except (KitchenError, TypeError) as error:  # a TypeError: an argument that there is not
        message = str(error).removeprefix("Strategy.__init__() ")
        report.findings.append(message[0].upper() + message[1:])
        return report
    report = Report(f"strategy {made.name!r}")
    for decision in ("discard", "recall", "demote", "issue"):
        if rule := getattr(made, decision):
            checked = check_rule(rule, decision)
            report.findings.extend(f"{checked.about}: {finding}" for finding in checked.findings)
            report.notes.extend(f"{checked.about}: {note}" for note in checked.notes)
    if report.ok:
        report.notes.extend(_combinations(made))
        if scenario is not None:
            _try_strategy(made, scenario, report)
    return report


def _combinations(strategy: Strategy) -> Iterator[str]:
    """Notes on settings that have no effect together, or that work against each other."""
    if strategy.recall is None and strategy.recall_when != "eager":
        yield "recall_when does nothing: without a recall rule nobody is ever moved."
    if strategy.recall is None and strategy.demote is not None:
        yield "An order that gives way to a newcomer never comes back: there is no recall rule."
    never = _never_chosen(strategy.discard)
    wide = strategy.discard_from != "overflow+newcomer"
    if never["standing"] and wide:
        yield (
            f"discard_from = {strategy.discard_from!r} does nothing: {strategy.discard.name!r} "
            "chooses the newcomer only."
        )
    if never["newcomer"] and not wide:
        yield (
            f"{strategy.discard.name!r} never chooses the newcomer: discard_from = 'overflow' would do "
            "the same."
        )
    if strategy.demote and strategy.recall and strategy.demote.function is strategy.recall.function:
        yield (
            "demote and recall are the same rule: whom it sends away first, it also brings back first. "
            "Mostly one wants them to be opposites."
        )
    if strategy.issue is not None:
        yield "An issue rule needs a scenario with expired_orders = 'removed'."
        for decision in ("demote", "recall", "discard", "issue"):
            rule = getattr(strategy, decision)
            if rule and rule.fields & {"pickup_in_s", "value_at_pickup", "value_at_pickup_home"}:
                yield (
                    f"{decision} rule {rule.name!r} goes by pickup_in_s, which speaks of the order's own "
                    "courier; in a pool another one may come for it."
                )


def _never_chosen(rule: Rule) -> dict[str, bool]:
    """Whether a discard rule never chooses a newcomer, or never an order on a shelf."""
    orders, _ = trial_orders("discard")
    out = [outcome_of(rule, order).score == math.inf for order in orders]
    new = orders["is_newcomer"] == 1.0
    return {"newcomer": bool(np.all(out, where=new)), "standing": bool(np.all(out, where=~new))}


def _try_strategy(strategy: Strategy, scenario: Scenario, report: Report) -> None:
    """Simulate the strategy for a few replications, and again without each of its rules."""
    settings = {
        name: getattr(strategy, name) for name in (*DECISIONS, "recall_when", "discard_from")
    }
    without = {"demote": None, "recall": None, "issue": None, "discard": "discard newcomer"}
    trace = None

    def ledger(**changes):
        run = simulate(scenario, Strategy(**{**settings, **changes}), trace=trace)
        return run.ledger.drop(columns="strategy")

    try:
        trace = draw(scenario, TRIAL)
        with_all = ledger()
        if not (with_all["event"] == "discard").any():
            report.notes.append(
                f"In {scenario.name!r} nothing had to be discarded in {TRIAL} replications: there the "
                "discard rule decides nothing."
            )
            del without["discard"]
        for decision, other in without.items():
            rule = settings[decision]
            if rule and rule.name != other and ledger(**{decision: other}).equals(with_all):
                instead = other or NO_RULE[decision][0]
                report.notes.append(
                    f"In {scenario.name!r} {decision} rule {rule.name!r} made no difference to "
                    f"{instead!r} in {TRIAL} replications."
                )
    except KitchenError as error:
        report.findings.append(f"In {scenario.name!r}: {error}")
