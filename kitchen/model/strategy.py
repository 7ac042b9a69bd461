"""Strategies: rules for the four decisions of a kitchen."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AllowInfNan, PlainValidator, ValidationError

from kitchen.errors import RuleError, StrategyError, inline, shown, unknown
from kitchen.io.read import Handed, as_file, read_toml
from kitchen.io.write import toml_text, write_text
from kitchen.model.rules import BUILT_IN, DECISIONS, NO_RULE, Rule, find_rule
from kitchen.model.scenario import valid_eta
from kitchen.model.templates import rule_in_file, shipped_template
from kitchen.utils import html
from kitchen.utils.schema import Several, Strict, Text, explain
from kitchen.utils.validation import as_path, is_text

if TYPE_CHECKING:
    import pandas as pd

DISCARD_FROM = ("overflow", "overflow+newcomer", "anywhere")
"""Candidates of the discard rule."""

RECALL_WHEN = ("eager", "blocked")
"""Times at which the recall rule is applied."""

SETTINGS = {
    "overflow": "Among the orders on the newcomer's overflow.",
    "overflow+newcomer": "Among the orders on the newcomer's overflow, and the newcomer.",
    "anywhere": "Among the orders on all of the newcomer's shelves, and the newcomer.",
    "eager": "At once when a slot comes free.",
    "blocked": "Only when an arrival is blocked, before anything is discarded.",
}
"""Meaning of each value of the two settings."""


class Strategy:
    """A strategy: where orders are placed and which are discarded, as four rules and two settings.

    Parameters
    ----------
    discard : str, function, Rule or mapping
        Chooses the order to discard when an arrival is blocked. A mapping names a shipped rule with
        parameters, as a file does: ``{"rule": "bid price", "params": [0.003, -0.5]}``; so for each
        of the four.
    recall : str, function, Rule or None
        Chooses the order that moves to a slot that came free on an earlier shelf; None never moves
        any.
    demote : str, function, Rule or None
        Chooses the order that goes to a later shelf when a newcomer's home is full; None or
        ``"nobody"`` sends the newcomer.
    issue : str, function, Rule or None
        ``"matched"`` or None: each courier takes its own order. With a rule, couriers are a pool: each
        takes the order that the rule chooses among all on shelves, or waits for the next arrival.
    recall_when : {"eager", "blocked"}
        Recall whenever a slot comes free, or only when an arrival is blocked.
    discard_from : {"overflow+newcomer", "overflow", "anywhere"}
        Candidates of `discard`.
    name : str, optional
        By default the discard rule's name and all settings that are not the defaults.
    learned_under : mapping, optional
        Settings of the scenario that the parameters were learned in, ``{"eta": 300.0}``: using the
        strategy under others logs a warning.

    Raises
    ------
    RuleError
        If a rule is unknown or not a rule.
    StrategyError
        If a setting is unknown.

    Examples
    --------
    >>> import kitchen as kt
    >>> kt.Strategy("latest pickup", recall=None)
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
        learned_under: Mapping | None = None,
    ):
        self.discard = _rule("discard", discard)
        self.recall = _rule("recall", recall)
        self.demote = _rule("demote", demote)
        self.issue = _rule("issue", issue)
        self.recall_when = _one_of("recall_when", recall_when, RECALL_WHEN)
        self.discard_from = _one_of("discard_from", discard_from, DISCARD_FROM)
        if name is not None and not (isinstance(name, str) and name.strip() and is_text(name)):
            raise StrategyError(f"name: must be a text that is not empty, got {shown(name)}.")
        self.name = name or self._readable_name()
        self.learned_under = _conditions(learned_under)

    @classmethod
    def load(cls, source: str | os.PathLike | Handed) -> Strategy:
        """Load a strategy from a TOML file, or by the name of one that ships or of a discard rule.

        Parameters
        ----------
        source : str or path
            A path that ends in ``.toml``, the name of a discard rule, or one of `shipped`. The file
            has one table, ``[strategy]``, whose keys are the arguments of `Strategy`, with rules by
            name and the same defaults. A rule with parameters is a table, ``[strategy.discard]``,
            with the keys ``rule`` and ``params``.

        Raises
        ------
        StrategyError
            If the file is not valid; the message names file, key, value and what is expected.
        FileError
            If the file cannot be read.
        """
        if isinstance(source, str) and source in BUILT_IN["discard"]:
            return cls(source)
        if isinstance(source, str) and source in (learned := _learned()):
            source = learned[source]
        if not isinstance(source, (str, os.PathLike, Handed)):
            raise StrategyError(f"a strategy goes by its name or path, got {shown(source)}.")
        path = as_file(source, "a strategy")
        if path.suffix != ".toml" and (isinstance(path, Handed) or not os.path.exists(path)):
            message = unknown("strategy", str(source), [*BUILT_IN["discard"], *_learned()])
            raise StrategyError(f"{message} A file's name ends in .toml.")
        data = read_toml(path)
        try:
            settings = _File.model_validate(data).strategy
        except ValidationError as error:
            hint = "" if "strategy" in data else " The settings stand below a line [strategy]."
            raise StrategyError(f"{path.name}: {explain(error, _File, {})}{hint}") from None
        return cls._made_of(settings, f"{path.name}: strategy.")

    @staticmethod
    def shipped() -> list[str]:
        """Names of the strategies that ship as files: those that were learned for a scenario."""
        return list(_learned())

    @classmethod
    def from_dict(cls, data: Mapping, where: str = "strategy") -> Strategy:
        """A strategy from a mapping of keys and values; error messages begin with `where`.

        Parameters
        ----------
        data : mapping
            Arguments of `Strategy`, all str.

        Raises
        ------
        StrategyError
            If a key or value is not valid.
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
        """The rules of demote, recall, discard and issue, in this order."""
        return self.demote, self.recall, self.discard, self.issue

    def __repr__(self):
        return f"Strategy({self.name!r})"

    def describe(self) -> dict[str, str]:
        """The rules and settings as words, by decision or setting, for reports and manifests."""
        words = {}
        for decision in DECISIONS:
            rule = getattr(self, decision)
            words[decision] = rule.name if rule else NO_RULE[decision][0]
            if rule and rule.params:
                words[decision] += f" {list(rule.params)}"
        return {**words, "recall_when": self.recall_when, "discard_from": self.discard_from}

    def to_toml(self) -> str:
        """The strategy as TOML text, which `load` reads back to the same strategy.

        A name that only repeats the settings is left out.

        Raises
        ------
        StrategyError
            If a rule is not a shipped one, which a file cannot hold.
        """
        words = {}
        for decision in ("discard", "recall", "demote", "issue"):
            rule = getattr(self, decision)
            written = rule_in_file(decision, rule) if rule else NO_RULE[decision][0]
            if written is None:
                raise StrategyError(
                    f"strategy {shown(self.name)}: a file names shipped {decision} rules only, and "
                    f"{shown(rule.name)} is none of them. Keep the strategy in a script."
                )
            words[decision] = written
        words |= {"recall_when": self.recall_when, "discard_from": self.discard_from}
        if self.name != self._readable_name():
            words["name"] = self.name
        if self.learned_under:
            words["learned_under"] = dict(self.learned_under)
        return toml_text(words, within="strategy")

    def save(self, path: str | os.PathLike) -> None:
        """Write the strategy to a TOML file that `load` reads; the file is replaced as a whole.

        Raises
        ------
        StrategyError
            If a rule is not a shipped one, or the file's name does not end in ``.toml``.
        FileError
            If the file cannot be written.
        """
        path = as_path(path, "a strategy's file")
        text = self.to_toml()
        if path.suffix != ".toml":
            raise StrategyError(f"{inline(path)}: the name of a strategy's file ends in .toml.")
        write_text(text, path)

    def _repr_html_(self) -> str:
        words = self.describe()
        meant = {key: SETTINGS[words[key]] for key in ("recall_when", "discard_from")}
        if self.recall is None:
            meant["recall_when"] = "Not used: there is no recall rule."
        for decision in DECISIONS:
            rule = getattr(self, decision)
            meant[decision] = rule.description if rule else _sentence(NO_RULE[decision][1])
        rows = []
        for key in sorted(words, key="discard".__ne__):
            called = html.strong(html.name(words[key]))
            meaning = html.quiet(meant[key])
            rows.append((key.replace("_", " "), html.joined(called, " ", meaning)))
        return html.block(html.heading("Strategy", self.name), html.facts(rows))


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _rule(decision: str, given) -> Rule | None:
    """The rule of a decision: by name, from a function, or with parameters from a mapping."""
    if not isinstance(given, Mapping):
        return find_rule(decision, given)
    try:
        spec = _Template.model_validate(dict(given))
    except ValidationError as error:
        raise RuleError(f"{decision}: {explain(error, _Template, {})}") from None
    return shipped_template(decision, spec.rule, spec.params)


def _conditions(given) -> dict[str, float | str]:
    """The conditions that a strategy was learned under; empty for one that was not learned."""
    if given is None:
        return {}
    try:
        return _LearnedUnder.model_validate(given).model_dump(exclude_unset=True)
    except ValidationError as error:
        raise StrategyError(f"learned_under: {explain(error, _LearnedUnder, {})}") from None


@cache
def _learned() -> dict[str, Path]:
    """Shipped files of learned strategies, by the strategies' names."""
    folder = Path(__file__).with_name("strategies")
    return {f"learned for {path.stem}": path for path in sorted(folder.glob("*.toml"))}


class _Template(Strict):
    """A shipped rule with parameters, in a file."""

    rule: Text
    """Name of a shipped rule with parameters."""
    params: Several[Annotated[float, AllowInfNan(False)]]
    """Its numbers p."""


class _LearnedUnder(Strict):
    """Settings of the scenario that a strategy was learned in."""

    eta: Annotated[Any, PlainValidator(valid_eta)]
    """What was known of couriers; elsewhere a warning says that it differs."""


def _valid(decision: str, given):
    """A rule's name or table in a file, if there is such a rule."""
    if not isinstance(given, (str, dict)):
        raise ValueError(f"must be a text, got {shown(given)}")
    if not given:
        raise ValueError(f"must not be empty, got {shown(given)}")
    try:
        _rule(decision, given)
    except RuleError as error:
        raise ValueError(str(error).rstrip(".")) from None
    return given


def _rule_of(decision: str) -> Any:
    """Type of a str that names a rule of `decision`, or of a table with its parameters."""
    return Annotated[Any, PlainValidator(partial(_valid, decision))]


class _Settings(Strict):
    """Keys of a strategy in a file; those left out have the defaults of `Strategy`."""

    discard: _rule_of("discard") = ""
    """Rule that chooses who is discarded when an arrival is blocked: a name, or a table."""
    recall: _rule_of("recall") = ""
    """Rule that chooses who moves to an earlier shelf when a slot comes free there."""
    demote: _rule_of("demote") = ""
    """Rule that chooses who goes to a later shelf when a newcomer's home is full."""
    issue: _rule_of("issue") = ""
    """"matched", or the rule by which a courier of a pool takes an order."""
    recall_when: Literal[RECALL_WHEN] = ""
    """Whether recall is asked at once, or only when an arrival is blocked."""
    discard_from: Literal[DISCARD_FROM] = ""
    """Among whom the discard rule chooses."""
    name: Text = ""
    """Name of the strategy in tables and pictures."""
    learned_under: _LearnedUnder = _LearnedUnder.model_construct()
    """Settings that the strategy was learned in; written by `kitchen learn`."""


class _File(Strict):
    """Content of a strategy's file."""

    strategy: _Settings
    """The four decisions and two settings."""


def as_strategy(strategy: Strategy | str | Callable | Rule) -> Strategy:
    """A strategy unchanged, a shipped one by name, or this discard rule and the defaults for the rest."""
    if isinstance(strategy, str) and strategy in _learned():
        return Strategy.load(strategy)
    return strategy if isinstance(strategy, Strategy) else Strategy(discard=strategy)


def as_strategies(strategies: Iterable) -> list[Strategy]:
    """Convert each item to a strategy, with unique names.

    Raises
    ------
    StrategyError
        If there are none, or if two have the same name.
    """
    if isinstance(strategies, (str, Strategy)) or callable(strategies):
        strategies = [strategies]
    table = type(strategies).__module__.partition(".")[0] == "pandas"
    if not isinstance(strategies, Iterable) or isinstance(strategies, bytes) or table:
        raise StrategyError(
            "strategies: must be a list of strategies, names of discard rules or functions, got "
            f"{shown(strategies)}."
        )
    converted = [as_strategy(s) for s in strategies]
    if not converted:
        raise StrategyError("strategies: there must be at least one.")
    names = [s.name for s in converted]
    for name in names:
        if names.count(name) > 1:
            raise StrategyError(
                f"two strategies are named {name!r}. Leave one out, or give it a name= of its own."
            )
    return converted


def strategies() -> pd.DataFrame:
    """Table of the shipped rules.

    Returns
    -------
    DataFrame
        Columns ``decision``, ``name``, ``description``; a row per rule. The name of a discard
        rule is also that of a strategy.

    Examples
    --------
    >>> import kitchen as kt
    >>> kt.strategies()["decision"].unique().tolist()
    ['discard', 'recall', 'demote', 'issue']
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
