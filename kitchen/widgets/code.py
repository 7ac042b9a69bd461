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
from kitchen.model.rules import BUILT_IN, Rule
from kitchen.model.scenario import SHIPPED, Scenario, menu_as_written
from kitchen.model.strategy import Strategy, as_strategies

WIDTH = 92
KINDS = ("compare", "simulate")
MOST_LINES = 60
"""Of the source of a function; a longer one is only named."""

MODULES = ("math", "numpy")
"""What the source of a function may import."""

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
    """The script that gives what a page shows.

    Parameters
    ----------
    scenario : Scenario
    base_name : str, path or None
        What `scenario` was made of: a shipped name or a path, as for `Scenario.load`; the script
        loads that and replaces what differs. None writes all of the scenario into the script.
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
        Python that needs nothing but `kitchen`, and the functions of one's own that it names. The
        source of such a function is there too if it can be had and needs nothing else.

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
kt.plots.ranking(table.frame)
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
    """What makes one scenario of another, as few paths as read well.

    Returns
    -------
    dict
        Path -> value, as `Scenario.replace` takes it: ``base.replace(differences(base, changed))``
        equals `changed`. Shelves go by their names; a distribution or the arrivals are whole where
        more than one of their numbers differs.
    """
    old, new = base.model_dump(), changed.model_dump()
    found = {}
    for key in old:
        if old[key] == new[key]:
            continue
        if key == "shelves":
            found |= _between_shelves(old[key], new[key])
        elif key == "arrivals":
            found |= _between_tables(key, old[key], new[key])
        elif key in ("orders", "couriers"):
            for inner in old[key]:
                if old[key][inner] != new[key][inner]:
                    path = f"{key}.{inner}"
                    found |= _between_tables(path, old[key][inner], new[key][inner])
        else:
            found[key] = new[key]
    if "orders.file" in found and found["orders.file"] is not None:
        found["orders.file"] = _menu(found["orders.file"])
    return found


def _between_tables(path: str, old, new) -> dict[str, object]:
    """One number of a table, or all of it."""
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        differing = [key for key in new if old[key] != new[key]]
        if len(differing) == 1 and differing[0] not in ("distribution", "process"):
            return {f"{path}.{differing[0]}": new[differing[0]]}
    return {path: new}


def _between_shelves(old: tuple, new: tuple) -> dict[str, object]:
    """Keys of single shelves; all of them where shelves came, went or cannot be told by name."""
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
    """A shipped menu by its bare name, which is found everywhere; any other as it is."""
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
    """A strategy as it is written in a list: its discard rule's name, or a call."""
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
    return arguments[0] if len(arguments) == 1 else f"kt.Strategy({', '.join(arguments)})"


def _rule(decision: str, rule: Rule | None, own: _Own) -> str:
    if rule is None:
        return "None"
    if BUILT_IN[decision].get(rule.name) == rule:
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
    """Functions of one's own that a script needs, each under a name that nothing else has."""

    def __init__(self):
        self.named: dict[Callable, str] = {}
        self.needed: dict[str, str] = {}  # global name -> the line that makes it
        self.texts: list[str] = []

    def name_of(self, function: Callable, called: str) -> str:
        """What the script calls `function`; its source, or a remark, goes to the top."""
        if function not in self.named:
            self.named[function] = name = self._free_name(function, called)
            self.texts.append(self._source(function, name) or _remark(name, called))
        return self.named[function]

    def written(self) -> str:
        needed = sorted(
            self.needed.values(), key=lambda line: (not line.startswith("import"), line)
        )
        lines = "".join(f"{line}\n" for line in needed)
        texts = "".join(f"\n{text}\n\n" for text in self.texts)
        return "".join([lines, "\n" * bool(lines), texts, "\n" * bool(texts)])

    def _free_name(self, function: Callable, called: str) -> str:
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
        """The source under its new name, if it needs nothing but a few modules and numbers."""
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
    told = "" if called == name else f" (it is called {shown(called)})"
    return f"# Define {name} above this line{told}: it is a function of your own."


def _definition(function: Callable) -> tuple[ast.FunctionDef | None, str]:
    """A function's definition and its source; None where it cannot be had, or is long."""
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
    """Lines that make the global names that a function reads; None if that cannot be done."""
    nodes = list(ast.walk(made))
    named = [node for node in nodes if isinstance(node, ast.Name)]
    local = {node.arg for node in nodes if isinstance(node, ast.arg)}
    local |= {node.id for node in named if not isinstance(node.ctx, ast.Load)}
    there = function.__globals__
    needed = {}
    for name in dict.fromkeys(node.id for node in named if node.id not in local):
        found = there.get(name)
        if name in function.__code__.co_freevars:
            return None
        if isinstance(found, ModuleType) and found.__name__ in MODULES:
            same = name == found.__name__
            needed[name] = f"import {found.__name__}" + ("" if same else f" as {name}")
        elif type(found) in (bool, int, float) and isfinite(found):
            needed[name] = f"{name} = {found!r}"
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
    """A value as Python, on one line if that fits behind what is `used` of it."""
    if isinstance(value, str):
        return _quoted(value)
    if callable(value):
        return own.name_of(value, law_name(value))
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
    """A number, or None, as Python has it and not as NumPy."""
    return repr(value.item() if hasattr(value, "item") else value)


def _quoted(text: str) -> str:
    """`repr`, between double quotes where it can be."""
    told = repr(str(text))
    return told if '"' in told else f'"{told[1:-1]}"'
