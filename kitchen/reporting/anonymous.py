"""Studies without local paths: a menu is called by its name, not by where it lies on this machine."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from kitchen.model.decay import law_name
from kitchen.model.scenario import Scenario
from kitchen.sweeps.sweep import Sweep

MENU = "orders.file"
"""The path of a scenario's menu."""


def scenario_values(scenario: Scenario) -> dict:
    """A scenario in values of JSON, with its menu's and its law's name only."""
    values = scenario.model_dump()
    return with_menu_name({**values, "decay": law_name(scenario.decay)})


def with_menu_name(values: dict) -> dict:
    """A scenario's values, with its menu's name for its path."""
    file = values["orders"]["file"]
    return {**values, "orders": {**values["orders"], "file": file and Path(file).name}}


def anonymous_spec(swept: Sweep) -> dict:
    """`Sweep.spec`, with names of menus for their paths; the same from a folder or from memory."""
    names = _names(swept)
    quoted = {repr(file): repr(name) for file, name in names.items()}
    return _renamed(swept.spec, names | quoted)


def anonymous_frame(swept: Sweep) -> pd.DataFrame:
    """`Sweep.frame`, with names of menus for their paths."""
    made = swept.frame
    if MENU not in swept.spec["words"]:
        return made
    return made.assign(**{MENU: made[MENU].cat.rename_categories(_names(swept))})


def anonymous_errors(swept: Sweep) -> pd.DataFrame:
    """`Sweep.errors`, with names of menus for their paths."""
    told = swept.errors
    for file, name in _names(swept).items():
        told = told.assign(error=told["error"].str.replace(file, name, regex=False))
    return told


def _names(swept: Sweep) -> dict[str, str]:
    """Path of a menu -> its name, with a number where another one has that name already."""
    names: dict[str, str] = {}
    for file in dict.fromkeys([*swept.spec["menus"], *swept.spec["words"].get(MENU, [])]):
        plain = name = Path(file).name
        nth = 1
        while name in names.values():
            nth += 1
            name = f"{nth} {plain}"
        names[file] = name
    return names


def _renamed(value, names: dict[str, str]):
    """Values of JSON with other names for some of their texts."""
    if isinstance(value, dict):
        return {names.get(key, key): _renamed(item, names) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_renamed(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value
