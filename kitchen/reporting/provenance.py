"""All that is needed to reproduce a report: its manifest, the kitchen and the strategies as TOML."""

from __future__ import annotations

import hashlib
import platform
from importlib.metadata import version
from pathlib import Path

from kitchen.comparison.comparison import Comparison
from kitchen.engine.source import Source
from kitchen.errors import KitchenError
from kitchen.io.write import toml_text
from kitchen.model.decay import LAWS, law_name
from kitchen.model.menu import shipped_menu_path
from kitchen.model.scenario import Scenario
from kitchen.model.strategy import Strategy
from kitchen.reporting.anonymous import scenario_values
from kitchen.utils.version import __version__


def manifest(table: Comparison, source: Source, notes: list[str], command: str | None) -> dict:
    """Everything needed to reproduce the report, without the checksums of its files."""
    seed = source.seed
    return {
        "scenario": scenario_values(table.scenario),
        "menu": _menu(table.scenario),
        "strategies": [{"name": s.name, **s.describe()} for s in table.strategies],
        "baseline": table.strategies[0].name,
        "measure": table.measure,
        "replications": table.replications,
        "seed": int(seed),
        "replayed": source.trace is not None,
        "notes": notes,
        "command": command,
        "versions": {
            "python": platform.python_version(),
            "kitchen": __version__,
            **{name: version(name) for name in ("numpy", "pandas", "numba", "matplotlib")},
        },
    }


def _menu(scenario: Scenario) -> dict:
    """Name and digest of the menu's file; of one in memory the digest of its content."""
    orders = scenario.orders
    if orders.menu is not None:
        return {"file": None, "sha256": orders.menu.digest}
    path = Path(orders.file or shipped_menu_path())
    return {"file": path.name, "sha256": sha256(path)}


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def scenario_toml(scenario: Scenario) -> str:
    """A scenario as TOML that `Scenario.load` reads, with its menu by file name only."""
    values = scenario_values(scenario)
    values["orders"].pop("menu", None)
    for shelf in values["shelves"]:
        if shelf["modifier"] == 1.0:
            del shelf["modifier"]
    return toml_text(values)


def scenario_remark(scenario: Scenario) -> str:
    """What keeps the scenario from being run from its TOML alone; empty if nothing does."""
    remarks = []
    if law_name(scenario.decay) not in LAWS:
        remarks.append(
            f"Its decay law, {law_name(scenario.decay)}, is a Python function, which a file cannot hold: "
            "pass it in a script."
        )
    if scenario.orders.menu is not None:
        remarks.append(
            f"Its menu, a {scenario.orders.menu}, was given in a script and is not in this text: "
            "Fit.save writes the scenario with it."
        )
    return " ".join(remarks)


def strategy_toml(strategy: Strategy) -> str:
    """A strategy as TOML that `Strategy.load` reads; empty if a rule of it is none that ships."""
    try:
        return strategy.to_toml()
    except KitchenError:
        return ""
