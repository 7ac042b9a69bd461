"""The plan of a sweep: scenario, design, strategies and options; the scenario of each point."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path

import numpy as np

from kitchen.engine.trace import Trace
from kitchen.errors import StrategyError, unknown
from kitchen.model.menu import Menu
from kitchen.model.menu_in_memory import MenuInMemory
from kitchen.model.rules import DECISIONS, NO_RULE
from kitchen.model.scenario import Scenario
from kitchen.model.strategy import Strategy
from kitchen.sweeps.designs import POINTS, Design
from kitchen.sweeps.ranges import OF_STRATEGY, Between, Range, Steps, as_array, value_text

SETTINGS = (*DECISIONS, "recall_when", "discard_from")
"""Settings of a strategy that a design can vary."""


@dataclass(frozen=True)
class Plan:
    """Plan of a sweep: all that its points have in common.

    Attributes
    ----------
    scenario : Scenario
    design : Design
    strategies : list of Strategy
    menus : dict of (str, MenuInMemory or None) to Menu
        Menus by their source, as `Orders.source` tells it, so that each is read once.
    replications, seed : int
    warm_up_s : float
    summaries : bool
        Whether the summaries of all replications are kept as well.
    source : str
        `code_digest` of the process that made the plan.
    trace : Trace or None
        Evenings that are replayed at every point, in place of draws.
    """

    scenario: Scenario
    design: Design
    strategies: list[Strategy]
    menus: dict[str | MenuInMemory | None, Menu]
    replications: int
    seed: int
    warm_up_s: float
    summaries: bool
    source: str
    trace: Trace | None = None

    def menu(self, world: Scenario) -> Menu:
        """The kinds of order of a point."""
        return self.menus[world.orders.source] if self.trace is None else self.trace.menu

    def at(self, nth: int) -> tuple[Scenario, list[Strategy]]:
        """The scenario and the strategies of a point.

        Raises
        ------
        ScenarioError, StrategyError, RuleError
        """
        changes = self.design[nth]
        settings = {p: changes.pop(p) for p in self.design.paths if p.startswith(OF_STRATEGY)}
        world = self.scenario.replace(changes) if changes else self.scenario
        if not settings:
            return world, self.strategies
        settings = {p.removeprefix(OF_STRATEGY): value for p, value in settings.items()}
        return world, [_changed(strategy, settings) for strategy in self.strategies]

    def label(self, nth: int) -> str:
        """Number and values of a point, for messages."""
        changes = self.design[nth]
        set_to = ", ".join(f"{path} = {value_text(value)}" for path, value in changes.items())
        return f"point {nth} ({set_to})" if set_to else f"point {nth}"

    @cached_property
    def columns(self) -> dict[str, str]:
        """The type of each path's column: "int64", "float64", or "string" for words."""
        kinds = {np.dtype(np.int64): "int64", np.dtype(float): "float64"}
        return {
            path: kinds.get(as_array(values).dtype, "string")
            for path, values in self._values.items()
        }

    @cached_property
    def words(self) -> dict[str, list[tuple[object, str]]]:
        """The distinct values of each path that is not numeric, with their names in the frame.

        Names are unique: a second function of the same name gets a number.
        """
        words = (path for path, kind in self.columns.items() if kind == "string")
        return {path: _named(path, self._values[path]) for path in words}

    @cached_property
    def _values(self) -> dict[str, list]:
        """Values of each path that determine the type of its column."""
        design = self.design
        if design.kind == POINTS:
            return {path: [row[i] for row in design.rows] for i, path in enumerate(design.names)}
        return {path: _examples(part) for path, part in design.parts}


FOLDERS = ("utils", "model", "stats", "engine", "simulation", "sweeps")
"""Folders of the package whose code determines the figures."""


@cache
def code_digest() -> str:
    """Digest of the code that determines the figures."""
    package, digest = Path(__file__).parents[1], sha256()
    for path in sorted(path for folder in FOLDERS for path in (package / folder).rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _examples(part: Range) -> list:
    """Values that show the type of a range: all choices, or one of the numbers."""
    if isinstance(part, Between):
        return [float(part.low)]
    return [part.values[0]] if isinstance(part, Steps) else list(part.values)


def _named(path: str, values: list) -> list[tuple[object, str]]:
    decision = path.removeprefix(OF_STRATEGY) if path.startswith(OF_STRATEGY) else None
    no_rule = NO_RULE.get(decision, ("null",))[0]
    result: list[tuple[object, str]] = []
    for value in values:
        if any(other is value or other == value for other, _ in result):
            continue
        word = no_rule if value is None else value_text(value)
        taken, nth, whole = {other for _, other in result}, 1, word
        while whole in taken:
            nth += 1
            whole = f"{word} ({nth})"
        result.append((value, whole))
    return result


def _changed(strategy: Strategy, settings: dict) -> Strategy:
    """The strategy with other settings, under the same name."""
    for key in settings:
        if key not in SETTINGS:
            known = [OF_STRATEGY + setting for setting in SETTINGS]
            raise StrategyError(unknown("path", OF_STRATEGY + key, known))
    kept = {setting: getattr(strategy, setting) for setting in SETTINGS}
    return Strategy(**{**kept, **settings}, name=strategy.name)
