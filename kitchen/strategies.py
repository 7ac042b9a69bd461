"""A strategy: the four decisions of a kitchen under one name."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kitchen.errors import StrategyError, unknown
from kitchen.rules import BUILT_IN, DECISIONS, NO_RULE, Rule, find_rule

DISCARD_FROM = ("overflow", "overflow+newcomer", "anywhere")
RECALL_WHEN = ("eager", "blocked")


class Strategy:
    """What to do with food that has no room: four rules and two settings.

    Parameters
    ----------
    discard : str, function or Rule
        Who is thrown away when an arrival is blocked.
    recall : str, function, Rule or None
        Who moves to a slot that came free on an earlier shelf; None moves nobody, ever.
    demote : str, function, Rule or None
        Who gives way when a newcomer's home is full and a later shelf has room; None or
        ``"nobody"`` sends the newcomer.
    issue : str, function, Rule or None
        ``"matched"`` or None: each courier takes its own order. A rule makes couriers a pool: each
        takes whom the rule chooses among all on the shelves, or waits for the next that is ready.
    recall_when : {"eager", "blocked"}
        At once when a slot comes free, or only when an arrival is blocked.
    discard_from : {"overflow+newcomer", "overflow", "anywhere"}
        Among whom `discard` chooses.
    name : str, optional
        The discard rule's name and whatever differs from the defaults, if left out.

    Raises
    ------
    RuleError
        If a rule is unknown, or is no rule.
    StrategyError
        If a setting is unknown.

    Examples
    --------
    >>> Strategy("longest to go", recall=None)
    Strategy('longest to go, recall none')
    """

    def __init__(
        self,
        discard: str | Callable | Rule = "discard newcomer",
        recall: str | Callable | Rule | None = "first in",
        demote: str | Callable | Rule | None = None,
        issue: str | Callable | Rule | None = "matched",
        recall_when: str = "eager",
        discard_from: str = "overflow+newcomer",
        name: str | None = None,
    ):
        self.discard = find_rule("discard", discard)
        self.recall = find_rule("recall", recall)
        self.demote = find_rule("demote", demote)
        self.issue = find_rule("issue", issue)
        self.recall_when = _one_of("recall_when", recall_when, RECALL_WHEN)
        self.discard_from = _one_of("discard_from", discard_from, DISCARD_FROM)
        if name is not None and not (isinstance(name, str) and name.strip()):
            raise StrategyError(f"name: must be a text that is not empty, got {name!r}.")
        self.name = name or self._readable_name()

    def _readable_name(self) -> str:
        parts = [self.discard.name]
        defaults = (("recall", "first in"), ("demote", "nobody"), ("issue", "matched"))
        for decision, default in defaults:
            rule = getattr(self, decision)
            called = rule.name if rule else NO_RULE[decision][0]
            if called != default:
                parts.append(f"{decision} {called}")
        if self.recall and self.recall_when != "eager":
            parts.append(f"recall when {self.recall_when}")
        if self.discard_from != "overflow+newcomer":
            parts.append(f"from {self.discard_from}")
        return ", ".join(parts)

    @property
    def rules(self) -> tuple[Rule | None, Rule | None, Rule, Rule | None]:
        """The rules of demote, recall, discard and issue, in the engine's order."""
        return self.demote, self.recall, self.discard, self.issue

    def __repr__(self):
        return f"Strategy({self.name!r})"

    def describe(self) -> dict[str, str]:
        """The six settings as words, for reports and manifests."""
        told = {}
        for decision in DECISIONS:
            rule = getattr(self, decision)
            told[decision] = rule.name if rule else NO_RULE[decision][0]
            if rule and rule.params:
                told[decision] += f" {list(rule.params)}"
        return {**told, "recall_when": self.recall_when, "discard_from": self.discard_from}


def as_strategy(strategy: Strategy | str | Callable | Rule) -> Strategy:
    """A strategy as it is, or the one whose discard rule is named or given, else the defaults."""
    return strategy if isinstance(strategy, Strategy) else Strategy(discard=strategy)


def as_strategies(strategies: Iterable) -> list[Strategy]:
    """Several strategies, each under a name of its own.

    Raises
    ------
    StrategyError
        If there are none, or if two have the same name.
    """
    if isinstance(strategies, (str, Strategy)) or callable(strategies):
        strategies = [strategies]
    found = [as_strategy(s) for s in strategies]
    if not found:
        raise StrategyError("strategies: there must be at least one.")
    names = [s.name for s in found]
    for name in names:
        if names.count(name) > 1:
            raise StrategyError(
                f"two strategies are named {name!r}. Leave one out, or give it a name= of its own."
            )
    return found


def strategies():
    """What ships, a line each.

    Returns
    -------
    DataFrame
        Columns ``decision``, ``name``, ``description``; a row a rule. A discard rule's name is
        also the name of a strategy.
    """
    import pandas as pd

    rows = []
    for decision in ("discard", "recall", "demote", "issue"):
        rows += [(decision, rule.name, rule.description) for rule in BUILT_IN[decision].values()]
        if decision in NO_RULE:
            rows.append((decision, *NO_RULE[decision]))
    return pd.DataFrame(rows, columns=["decision", "name", "description"])


def _one_of(key: str, got, options: tuple[str, ...]) -> str:
    if not isinstance(got, str) or got not in options:
        raise StrategyError(unknown(key, got, options))
    return got

