"""Python code that reproduces what a page shows: the same scenario, strategies, seed and figures."""

from __future__ import annotations

import ast
import builtins
import inspect
import keyword
import os
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping
from math import isfinite
from numbers import Number
from types import CodeType, ModuleType

from kitchen.errors import KitchenError, shown, unknown
from kitchen.model import rules
from kitchen.model.decay import law_name
from kitchen.model.menu_in_memory import MenuInMemory
from kitchen.model.rules import Rule
from kitchen.model.scenario import SHIPPED, Scenario, menu_as_written
from kitchen.model.strategy import Strategy, as_strategies
from kitchen.model.templates import rule_in_file

WIDTH = 92
"""Longest line of a script, characters."""

KINDS = ("compare", "simulate")
MOST_LINES = 60
"""Longest source of a function that a script contains, lines; a longer one is only named."""

MODULES = ("math", "numpy")
"""Modules that the source of a function in a script may use."""

_TAKEN = {"kt", "scenario", "strategy", "strategies", "table", "run", "runs"}


def as_python(
    scenario: Scenario,
    base_name: str | os.PathLike | None,
    strategies: Iterable,
    *,
    replications: int,
    seed: int,
    what: str = "compare",
    **options,
) -> str:
    """Python script that reproduces what a page shows.

    Parameters
    ----------
    scenario : Scenario
    base_name : str, path or None
        Scenario that `scenario` was derived from: a shipped name or a path, as for
        `Scenario.load`; the script loads it and replaces what differs. None writes all of the
        scenario into the script.
    strategies : list
        As for `compare`.
    replications, seed : int
    what : {"compare", "simulate"}
        A comparison with its verdict and ranking, or a run of each strategy with its shelves.
    **options
        Further arguments of `compare` or `simulate`: texts and numbers. None is left out.

    Returns
    -------
    str
        Python that needs only `kitchen` and the user's functions that it names. The source of such
        a function is included if it is available and needs nothing else.

    Examples
    --------
    >>> from kitchen.model.scenario import Scenario
    >>> print(as_python(Scenario.load("rush"), "rush", ["oldest"], replications=20, seed=1,
    ...                 what="simulate"))
    import kitchen as kt
    <BLANKLINE>
    scenario = kt.Scenario.load("rush")
    strategy = "oldest"
    run = kt.simulate(scenario, strategy, replications=20, seed=1)
    print(run.summary.T)
    kt.plots.shelves(run.shelves)
    <BLANKLINE>

    Raises
    ------
    KitchenError
        If `what` is unknown, an option is no text or number, or the base cannot be loaded.
    """
    if what not in KINDS:
        raise KitchenError(unknown("kind of script", what, KINDS))
    strategies = as_strategies(strategies)
    own = _Own()
    world = _world(scenario, base_name, own)
    written = [_strategy(strategy, own) for strategy in strategies]
    listed = "".join(["[\n", *(f"    {strategy},\n" for strategy in written), "]"])
    given = {"replications": replications, "seed": seed, **options}
    arguments = "".join(f", {key}={_option(key, v)}" for key, v in given.items() if v is not None)
    alone = len(strategies) == 1
    if what == "compare":
        lone = ", min_strategies=1" if alone and "min_strategies" not in given else ""
        rest = f"""\
strategies = {listed}
table = kt.compare(scenario, strategies{arguments}{lone})
print(table.verdict)
kt.plots.ranking(table.frame, table.measure)
"""
    elif alone:
        rest = f"""\
strategy = {written[0]}
run = kt.simulate(scenario, strategy{arguments})
print(run.summary.T)
kt.plots.shelves(run.shelves)
"""
    else:
        rest = f"""\
strategies = {listed}
runs = [
    kt.simulate(scenario, strategy{arguments})
    for strategy in strategies
]
for run in runs:
    print(run.strategy.name, run.summary.T, sep="\\n")
kt.plots.shelves(runs[0].shelves)
"""
    return f"import kitchen as kt\n\n{own.written()}{world}{rest}"


def differences(base: Scenario, changed: Scenario) -> dict[str, object]:
    """Changes that turn one scenario into another, in few and readable paths.

    Returns
    -------
    dict
        Path -> value, as `Scenario.replace` takes it: ``base.replace(differences(base, changed))``
        equals `changed`. Shelves go by their names; a distribution or the arrivals are whole where
        more than one of their numbers differs.
    """
    old, new = base.model_dump(), changed.model_dump()
    changes = {}
    for key in old:
        if old[key] == new[key]:
            continue
        if key == "shelves":
            changes |= _between_shelves(old[key], new[key])
        elif key == "arrivals":
            changes |= _between_tables(key, old[key], new[key])
        elif key in ("orders", "couriers"):
            for inner in old[key]:
                if old[key][inner] != new[key][inner]:
                    path = f"{key}.{inner}"
                    changes |= _between_tables(path, old[key][inner], new[key][inner])
        else:
            changes[key] = new[key]
    if "orders.file" in changes and changes["orders.file"] is not None:
        changes["orders.file"] = _menu(changes["orders.file"])
    return changes


def _between_tables(path: str, old, new) -> dict[str, object]:
    """The changed number of a table, or the whole table."""
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        differing = [key for key in new if old[key] != new[key]]
        if len(differing) == 1 and differing[0] not in ("distribution", "process"):
            return {f"{path}.{differing[0]}": new[differing[0]]}
    return {path: new}


def _between_shelves(old: tuple, new: tuple) -> dict[str, object]:
    """Changed keys of shelves; all shelves where some came, went or have ambiguous names."""
    names = [shelf["name"] for shelf in old]
    if names != [shelf["name"] for shelf in new] or any("." in name for name in names):
        return {"shelves": [_without_defaults(shelf) for shelf in new]}
    return {
        f"shelves.{name}.{key}": after[key]
        for name, before, after in zip(names, old, new, strict=True)
        for key in before
        if before[key] != after[key]
    }


def _without_defaults(shelf: dict) -> dict:
    return {key: value for key, value in shelf.items() if (key, value) != ("modifier", 1.0)}


def _menu(file: str) -> str:
    """A shipped menu by its bare name, which works on every machine; other paths as given."""
    return menu_as_written(file) if os.path.abspath(file).startswith(str(SHIPPED)) else file


# The parts of a script


def _world(scenario: Scenario, base_name, own: _Own) -> str:
    if base_name is None:
        data = scenario.model_dump()
        data["orders"] = {k: v for k, v in data["orders"].items() if v is not None}
        if "file" in data["orders"]:
            data["orders"]["file"] = _menu(data["orders"]["file"])
        data["shelves"] = [_without_defaults(shelf) for shelf in data["shelves"]]
        return f"scenario = kt.Scenario.from_dict({_value(data, own)})\n"
    loaded = f"scenario = kt.Scenario.load({_quoted(os.fspath(base_name))})"
    changes = differences(Scenario.load(base_name), scenario)
    if not changes:
        return f"{loaded}\n"
    return f"{loaded}.replace({_value(changes, own, used=len(loaded) + 10)})\n"


def _strategy(strategy: Strategy, own: _Own) -> str:
    """A strategy as Python: the name of its discard rule, or a call of `kt.Strategy`."""
    plain = Strategy(strategy.discard)
    arguments = [_rule("discard", strategy.discard, own)]
    for decision in ("recall", "demote", "issue"):
        rule = getattr(strategy, decision)
        if rule != getattr(plain, decision):
            arguments.append(f"{decision}={_rule(decision, rule, own)}")
    for setting in ("recall_when", "discard_from"):
        if getattr(strategy, setting) != getattr(plain, setting):
            arguments.append(f"{setting}={_quoted(getattr(strategy, setting))}")
    bare = Strategy(
        *(getattr(strategy, d) for d in ("discard", "recall", "demote", "issue")),
        strategy.recall_when,
        strategy.discard_from,
    )
    if strategy.name != bare.name:
        arguments.append(f"name={_quoted(strategy.name)}")
    if strategy.learned_under:
        arguments.append(f"learned_under={strategy.learned_under!r}")
    alone = len(arguments) == 1 and not arguments[0].startswith("{")
    return arguments[0] if alone else f"kt.Strategy({', '.join(arguments)})"


def _rule(decision: str, rule: Rule | None, own: _Own) -> str:
    if rule is None:
        return "None"
    shipped = rule_in_file(decision, rule)
    if isinstance(shipped, dict):
        return f'{{"rule": {_quoted(rule.name)}, "params": {list(rule.params)}}}'
    if shipped is not None:
        return _quoted(rule.name)
    function = rule.function
    if getattr(rules, function.__name__, None) is function:
        called, natural = f"kt.rules.{function.__name__}", function.__name__
    else:
        called = natural = own.name_of(function, rule.name)
    arguments = [called]
    if rule.params or rule.name != natural:
        arguments.append(_quoted(rule.name))
    if rule.params:
        arguments.append(f"({', '.join(map(repr, rule.params))},)")
    return called if len(arguments) == 1 else f"kt.Rule({', '.join(arguments)})"


class _Own:
    """The user's functions in a script, each under a unique name."""

    def __init__(self):
        self.named: dict[object, str] = {}
        self.needed: dict[str, str] = {}  # global name -> the line that makes it
        self.texts: list[str] = []

    def name_of(self, function: Callable, called: str) -> str:
        """Name of `function` in the script; its source, or a remark, goes to the top."""
        if function not in self.named:
            self.named[function] = name = self._free_name(function, called)
            self.texts.append(self._source(function, name) or _remark(name, called))
        return self.named[function]

    def name_of_menu(self, menu: MenuInMemory) -> str:
        """Name of a menu that no file has; a remark goes to the top."""
        if menu not in self.named:
            self.named[menu] = name = self._free_name(menu, "menu")
            self.texts.append(f"# Define {name} above this line: a {menu}, as fit.menu of kt.fit.")
        return self.named[menu]

    def written(self) -> str:
        needed = sorted(
            self.needed.values(), key=lambda line: (not line.startswith("import"), line)
        )
        lines = "".join(f"{line}\n" for line in needed)
        texts = "".join(f"\n{text}\n\n" for text in self.texts)
        return "".join([lines, "\n" * bool(lines), texts, "\n" * bool(texts)])

    def _free_name(self, function: object, called: str) -> str:
        wanted = getattr(function, "__name__", "")
        if not wanted.isidentifier():
            wanted = re.sub(r"\W+", "_", called).strip("_")
        if not wanted.isidentifier():
            wanted = "my_function"
        taken = {*_TAKEN, *keyword.kwlist, *dir(builtins), *self.named.values(), *self.needed}
        name, nth = wanted, 1
        while name in taken:
            nth += 1
            name = f"{wanted}_{nth}"
        return name

    def _source(self, function: Callable, name: str) -> str | None:
        """Source of a function under its new name, if it needs only known modules and numbers."""
        made, source = _definition(function)
        if made is None:
            return None
        needed = _needs(function, made)
        if needed is None or not _is_made_by(function, source, needed.values()):
            return None
        if any(
            key in _TAKEN or key in self.named.values() or self.needed.get(key, line) != line
            for key, line in needed.items()
        ):
            return None
        self.needed |= needed
        renamed = re.sub(rf"\bdef(\s+){made.name}\b", rf"def\g<1>{name}", source, count=1)
        return renamed.rstrip("\n")


def _remark(name: str, called: str) -> str:
    alias = "" if called == name else f" (it is called {shown(called)})"
    return f"# Define {name} above this line{alias}: it is a function of your own."


def _definition(function: Callable) -> tuple[ast.FunctionDef | None, str]:
    """Definition and source of a function; None where the source is unavailable or long."""
    try:
        source = textwrap.dedent(inspect.getsource(function))
        statements = ast.parse(source).body
    except (OSError, TypeError, SyntaxError, ValueError):
        return None, ""
    made = statements[0] if len(statements) == 1 else None
    if not isinstance(made, ast.FunctionDef) or made.decorator_list:
        return None, ""
    if made.name != function.__name__ or len(source.splitlines()) > MOST_LINES:
        return None, ""
    return made, source


def _is_made_by(function: Callable, source: str, lines: Iterable[str]) -> bool:
    """Whether `source` still says what `function` does: its file may have changed since.

    Python compiles a call to an imported module differently where the import is in the same text, so
    both with the `lines` before it and without them will do.
    """

    def traits(code):
        return code.co_code, code.co_names, code.co_varnames, code.co_consts

    texts = (source, "\n".join([*lines, source]))
    modules = [compile(text, "<source>", "exec", dont_inherit=True) for text in texts]
    made = [c for module in modules for c in module.co_consts if isinstance(c, CodeType)]
    return traits(function.__code__) in map(traits, made)


def _needs(function: Callable, made: ast.FunctionDef) -> dict[str, str] | None:
    """Lines that define the global names a function reads; None where that is impossible."""
    nodes = list(ast.walk(made))
    named = [node for node in nodes if isinstance(node, ast.Name)]
    local = {node.arg for node in nodes if isinstance(node, ast.arg)}
    local |= {node.id for node in named if not isinstance(node.ctx, ast.Load)}
    there = function.__globals__
    needed = {}
    for name in dict.fromkeys(node.id for node in named if node.id not in local):
        value = there.get(name)
        if name in function.__code__.co_freevars:
            return None
        if isinstance(value, ModuleType) and value.__name__ in MODULES:
            same = name == value.__name__
            needed[name] = f"import {value.__name__}" + ("" if same else f" as {name}")
        elif type(value) in (bool, int, float) and isfinite(value):
            needed[name] = f"{name} = {value!r}"
        elif name in there or not hasattr(builtins, name):
            return None
    return needed


# Values


def _option(key: str, value) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, Number):
        return _number(value)
    raise KitchenError(f"{key}: a script can hold texts and numbers only, got {shown(value)}.")


def _value(value, own: _Own, indent: int = 0, used: int = 0) -> str:
    """A value as Python, on one line if it fits after `used` characters."""
    if isinstance(value, str):
        return _quoted(value)
    if callable(value):
        return own.name_of(value, law_name(value))
    if isinstance(value, MenuInMemory):
        return own.name_of_menu(value)
    if not isinstance(value, (Mapping, list, tuple)):
        return _number(value)
    deeper = indent + 4
    if isinstance(value, Mapping):
        begin, end = "{}"
        keys = [f"{_quoted(key)}: " for key in value]
        items = [
            key + _value(inner, own, deeper, deeper + len(key))
            for key, inner in zip(keys, value.values(), strict=True)
        ]
    else:
        begin, end = "[]"
        items = [_value(inner, own, deeper, deeper) for inner in value]
    line = ", ".join(items)
    if used + len(line) <= WIDTH and "\n" not in line:
        return f"{begin}{line}{end}"
    if all(isinstance(inner, Number) for inner in value):
        lines = textwrap.wrap(line, WIDTH - deeper, break_long_words=False, break_on_hyphens=False)
        items = [line.rstrip(",") for line in lines]
    inside = "".join(f"{' ' * deeper}{item},\n" for item in items)
    return f"{begin}\n{inside}{' ' * indent}{end}"


def _number(value) -> str:
    """A number, or None, as a plain Python literal."""
    return repr(value.item() if hasattr(value, "item") else value)


def _quoted(text: str) -> str:
    """`repr` of a text, in double quotes where possible."""
    literal = repr(str(text))
    return literal if '"' in literal else f'"{literal[1:-1]}"'
