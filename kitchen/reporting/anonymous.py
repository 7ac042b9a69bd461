"""Anonymised studies: file names of menus in place of their local paths."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from kitchen.model.decay import law_name
from kitchen.model.scenario import Scenario
from kitchen.sweeps.sweep import Sweep

MENU = "orders.file"
"""Key of a scenario's menu file."""


def scenario_values(scenario: Scenario) -> dict:
    """JSON values of a scenario, with the names of its menu and decay law only."""
    values = scenario.model_dump()
    return with_menu_name({**values, "decay": law_name(scenario.decay)})


def with_menu_name(values: dict) -> dict:
    """Values of a scenario, with the file name of its menu in place of the path."""
    orders = dict(values["orders"])
    file, menu = orders["file"], orders.pop("menu", None)
    own = {} if menu is None else {"menu": str(menu)}
    return {**values, "orders": {**orders, "file": file and Path(file).name, **own}}


def anonymous_spec(swept: Sweep) -> dict:
    """`Sweep.spec`, with file names of menus in place of paths; the same from a folder and from memory."""
    names = _names(swept)
    quoted = {repr(file): repr(name) for file, name in names.items()}
    return _renamed(swept.spec, names | quoted)


def anonymous_frame(swept: Sweep) -> pd.DataFrame:
    """`Sweep.frame`, with file names of menus in place of paths."""
    made = swept.frame
    if MENU not in swept.spec["words"]:
        return made
    return made.assign(**{MENU: made[MENU].cat.rename_categories(_names(swept))})


def anonymous_errors(swept: Sweep) -> pd.DataFrame:
    """`Sweep.errors`, with file names of menus in place of paths."""
    errors = swept.errors
    for file, name in _names(swept).items():
        errors = errors.assign(error=errors["error"].str.replace(file, name, regex=False))
    return errors


def _names(swept: Sweep) -> dict[str, str]:
    """File name of each menu by its path, with a number where two menus share a name."""
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
    """JSON values with some of their texts renamed."""
    if isinstance(value, dict):
        return {names.get(key, key): _renamed(item, names) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_renamed(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value
