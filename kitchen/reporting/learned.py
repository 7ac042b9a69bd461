"""The learned strategy of a report: the one that ships with a scenario, unless another is given."""

from __future__ import annotations

from pathlib import Path

from kitchen.model.scenario import Scenario
from kitchen.model.strategy import Strategy

FOLDER = Path(__file__).parents[1] / "model" / "strategies"
"""Folder of the strategies that were learned for shipped scenarios, by the scenario's name."""


def shipped_strategy(scenario: Scenario) -> Strategy | None:
    """The learned strategy that ships with a scenario; None for any other, also for a changed one.

    It was learned on draws that no report uses.
    """
    path = FOLDER / f"{scenario.name}.toml"
    if scenario.name not in Scenario.shipped() or not path.exists():
        return None
    return Strategy.load(path) if scenario == Scenario.load(scenario.name) else None
