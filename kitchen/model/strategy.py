"""Strategies: the four decisions of a kitchen under one name."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, ValidationError

from kitchen.errors import RuleError, StrategyError, inline, shown, unknown
from kitchen.io.read import read_toml
from kitchen.io.write import toml_text, write_text
from kitchen.model.rules import BUILT_IN, DECISIONS, NO_RULE, Rule, find_rule
from kitchen.utils import html
from kitchen.utils.schema import Strict, Text, explain

if TYPE_CHECKING:
    import pandas as pd

DISCARD_FROM = ("overflow", "overflow+newcomer", "anywhere")
RECALL_WHEN = ("eager", "blocked")
_SETTINGS = {
    "overflow": "Among the orders on the newcomer's overflow.",
    "overflow+newcomer": "Among the orders on the newcomer's overflow, and the newcomer.",
    "anywhere": "Among the orders on all of the newcomer's shelves, and the newcomer.",
    "eager": "At once when a slot comes free.",
    "blocked": "Only when an arrival is blocked, before anything is thrown away.",
}
"""What the settings mean."""


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
    >>> Strategy("latest pickup", recall=None)
    Strategy('latest pickup, recall none')
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

    @classmethod
    def load(cls, source: str | os.PathLike) -> Strategy:
        """A strategy from a TOML file, or a shipped discard rule with the defaults beside it.

        Parameters
        ----------
        source : str or path
            A path that ends in ``.toml``, or the name of a discard rule. The file has one table,
            ``[strategy]``, whose keys are the arguments of `Strategy`; rules go by their names, and
            what is left out is as it is in Python.

        Raises
        ------
        StrategyError
            File, key, what was found and what would do.
        FileError
            If the file cannot be read.
        """
        if isinstance(source, str) and source in BUILT_IN["discard"]:
            return cls(source)
        if not isinstance(source, (str, os.PathLike)):
            raise StrategyError(f"a strategy goes by its name or path, got {shown(source)}.")
        path = Path(source)
        if path.suffix != ".toml" and not path.exists():
            told = unknown("strategy", str(source), BUILT_IN["discard"])
            raise StrategyError(f"{told} A file's name ends in .toml.")
        data = read_toml(path)
        try:
            settings = _File.model_validate(data).strategy
        except ValidationError as error:
            hint = "" if "strategy" in data else " The settings stand below a line [strategy]."
            raise StrategyError(f"{path.name}: {explain(error, _File, {})}{hint}") from None
        return cls._made_of(settings, f"{path.name}: strategy.")

    @classmethod
    def from_dict(cls, data: Mapping, where: str = "strategy") -> Strategy:
        """A strategy from plain keys and values; faults are told with `where` in front.

        Parameters
        ----------
        data : mapping
            Arguments of `Strategy`, all of them texts.

        Raises
        ------
        StrategyError
        """
        if not isinstance(data, Mapping):
            raise StrategyError(f"{where}: must be a table of keys, got {shown(data)}.")
        try:
            settings = _Settings.model_validate(dict(data))
        except ValidationError as error:
            raise StrategyError(f"{where}: {explain(error, _Settings, {})}") from None
        return cls._made_of(settings, f"{where}: ")

    @classmethod
    def _made_of(cls, settings: _Settings, where: str) -> Strategy:
        try:
            return cls(**settings.model_dump(exclude_unset=True))
        except StrategyError as error:
            raise StrategyError(f"{where}{error}") from None

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

    def to_toml(self) -> str:
        """The text of a file that `load` reads back to the same strategy.

        All is written but a name that says no more than the settings do.

        Raises
        ------
        StrategyError
            If a rule is none of those that ship for its decision: a file names these only.
        """
        told = {}
        for decision in ("discard", "recall", "demote", "issue"):
            rule = getattr(self, decision)
            if rule and BUILT_IN[decision].get(rule.name) != rule:
                raise StrategyError(
                    f"strategy {shown(self.name)}: a file names shipped {decision} rules only, and "
                    f"{shown(rule.name)} is none of them. Keep the strategy in a script."
                )
            told[decision] = rule.name if rule else NO_RULE[decision][0]
        told |= {"recall_when": self.recall_when, "discard_from": self.discard_from}
        if self.name != self._readable_name():
            told["name"] = self.name
        return toml_text({"strategy": told})

    def save(self, path: str | os.PathLike) -> None:
        """Write a file that `load` reads: `to_toml`, all of it or nothing.

        Raises
        ------
        StrategyError
            If a rule is a function of one's own, or the file's name does not end in ``.toml``.
        FileError
            If the file cannot be written.
        """
        text = self.to_toml()
        if Path(path).suffix != ".toml":
            raise StrategyError(f"{inline(path)}: the name of a strategy's file ends in .toml.")
        write_text(text, path)

    def _repr_html_(self) -> str:
        told = self.describe()
        meant = {key: _SETTINGS[told[key]] for key in ("recall_when", "discard_from")}
        if self.recall is None:
            meant["recall_when"] = "Of no matter: nobody is moved."
        for decision in DECISIONS:
            rule = getattr(self, decision)
            meant[decision] = rule.description if rule else _sentence(NO_RULE[decision][1])
        rows = []
        for key in sorted(told, key="discard".__ne__):
            called = html.strong(html.name(told[key]))
            meaning = html.quiet(meant[key])
            rows.append((key.replace("_", " "), html.joined(called, " ", meaning)))
        return html.block(html.heading("Strategy", self.name), html.facts(rows))


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _named(decision: str, name: str) -> str:
    try:
        find_rule(decision, name)
    except RuleError as error:
        raise ValueError(str(error).rstrip(".")) from None
    return name


def _rule_of(decision: str) -> Any:
    """The type of a text that names a rule of `decision`."""
    return Annotated[Text, AfterValidator(partial(_named, decision))]


class _Settings(Strict):
    """The keys of a strategy in a file; what is left out is left to `Strategy`."""

    discard: _rule_of("discard") = ""
    recall: _rule_of("recall") = ""
    demote: _rule_of("demote") = ""
    issue: _rule_of("issue") = ""
    recall_when: Literal[RECALL_WHEN] = ""
    discard_from: Literal[DISCARD_FROM] = ""
    name: Text = ""


class _File(Strict):
    """A strategy's file."""

    strategy: _Settings


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


def strategies() -> pd.DataFrame:
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
