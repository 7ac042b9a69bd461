"""The manifest of a sweep: all that is needed to reproduce it, in values of JSON."""

from __future__ import annotations

import platform
from collections.abc import Callable
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from kitchen.errors import KitchenError
from kitchen.model.decay import law_name
from kitchen.model.inspection import fingerprint
from kitchen.model.menu_in_memory import MenuInMemory
from kitchen.model.rules import DECISIONS
from kitchen.model.scenario import SHIPPED
from kitchen.model.templates import rule_in_file
from kitchen.sweeps.plan import Plan
from kitchen.utils.version import __version__


def sweep_spec(plan: Plan, parts: list[range]) -> dict:
    """The specification of a sweep: all that is needed to reproduce it, in values of JSON."""
    scenario = plan.scenario.model_dump(mode="python")
    scenario["decay"] = _decay(plan.scenario.decay)
    scenario["orders"]["file"] = _menu_name(plan.scenario.orders.file)
    menu = scenario["orders"].pop("menu")
    if menu is not None:
        scenario["orders"]["menu"] = str(menu)
    strategies = [
        {"name": strategy.name, **strategy.describe(), **_own_rules(strategy)}
        for strategy in plan.strategies
    ]
    return {
        "kitchen": __version__,
        "code": plan.source,
        "versions": {
            "python": ".".join(platform.python_version_tuple()[:2]),
            **{name: version(name) for name in ("numpy", "numba", "scipy", "pandas", "pyarrow")},
        },
        "scenario": scenario,
        "menus": {str(_menu_name(source)): menu.digest() for source, menu in plan.menus.items()},
        "design": _design_values(plan),
        "points": len(plan.design),
        "paths": plan.design.paths,
        "words": {path: [word for _, word in named] for path, named in plan.words.items()},
        "strategies": strategies,
        "replications": plan.replications,
        "seed": plan.seed,
        "warm_up_s": plan.warm_up_s,
        "keep": "summaries" if plan.summaries else "means",
        "parts": len(parts),
        **({} if plan.trace is None else {"trace": plan.trace.digest()}),
    }


def _menu_name(file: str | MenuInMemory | None) -> str | None:
    """The bare name of a shipped menu, which is independent of the installation; else the path."""
    if isinstance(file, MenuInMemory):
        return str(file)
    return file if file is None or Path(file).parent != SHIPPED else Path(file).name


def _decay(decay) -> str:
    return decay if isinstance(decay, str) else f"{law_name(decay)} {fingerprint(decay)}"


def _own_rules(strategy) -> dict[str, dict]:
    """Digests of the rules that are not built in."""
    own = {}
    for decision in DECISIONS:
        rule = getattr(strategy, decision)
        if rule is not None and rule_in_file(decision, rule) is None:
            own[decision] = fingerprint(rule.function)
    return {"code": own} if own else {}


def _design_values(plan: Plan) -> dict:
    """The design as a file holds it; users' functions are replaced by a digest."""
    try:
        return plan.design.to_dict()
    except KitchenError:
        design, places, digest = plan.design, _places(plan), sha256()
        for nth in range(len(design)):
            values = zip(design.paths, design.values(nth), strict=True)
            digest.update(repr([places(path, value) for path, value in values]).encode())
        words = {
            path: [_value_text(value) for value, _ in named] for path, named in plan.words.items()
        }
        drawn = {"n": design.n, "seed": design.seed}
        return {"kind": design.kind, **drawn, "values": words, "points": digest.hexdigest()}


def _places(plan: Plan) -> Callable:
    """(path, value) -> the value if it is a number, else its index among the values of its path."""

    def place(path: str, value):
        if path not in plan.words:
            return value
        named = plan.words[path]
        return next(n for n, (v, _) in enumerate(named) if v is value or v == value)

    return place


def _value_text(value) -> str:
    function = getattr(value, "function", value)
    if not callable(function):
        return repr(value)
    return f"{fingerprint(function)} {list(getattr(value, 'params', ()))}"
