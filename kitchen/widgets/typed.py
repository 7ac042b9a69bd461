"""Settings that are typed, and the sliders that they move: both are one state."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from kitchen.model.scenario import Scenario, path_steps, setting
from kitchen.widgets.sliders import Knob


class Entry(NamedTuple):
    """A typed setting: its text, as ``shelves.hot.capacity=12``, its path and its value."""

    text: str
    path: str
    value: Any


def entries(text: str) -> list[Entry]:
    """Settings of a text, separated by semicolons.

    Raises
    ------
    ScenarioError
        If one has no path or no value.

    Examples
    --------
    >>> [entry[1:] for entry in entries("shelves.hot.capacity=12; decay=cliff")]
    [('shelves.hot.capacity', 12), ('decay', 'cliff')]
    """
    parts = [part.strip() for part in text.split(";")]
    return [Entry(part, *setting(part)) for part in parts if part]


def without(text: str, path: str, scenario: Scenario) -> str:
    """The text without its settings of exactly one path, however that is written.

    Examples
    --------
    >>> without("shelves.0.capacity=12; decay=cliff", "shelves.hot.capacity", Scenario.load("rush"))
    'decay=cliff'
    """
    steps = _steps(path, scenario)
    kept = [entry.text for entry in entries(text) if _steps(entry.path, scenario) != steps]
    return "; ".join(kept)


def is_set(path: str, typed: Iterable[Entry], scenario: Scenario) -> str:
    """Whether typed settings set a path: ``"itself"``, ``"with others"`` by a table, or ``""``.

    Examples
    --------
    >>> rush = Scenario.load("rush")
    >>> is_set("decay", entries("decay=cliff"), rush)
    'itself'
    >>> delay = 'couriers.delay={distribution = "constant", value = 3.0}'
    >>> is_set("couriers.delay.low", entries(delay), rush)
    'with others'
    """
    steps = _steps(path, scenario)
    found = ""
    for entry in typed:
        own = _steps(entry.path, scenario)
        if own == steps:
            found = found or "itself"
        elif steps[: len(own)] == own:
            found = "with others"
    return found


def value_in(scenario: Scenario, knob: Knob):
    """The number, or the range, that a slider stands for in a scenario; None if it has no such."""
    numbers = [_value_at(scenario.model_dump(), _steps(path, scenario)) for path in knob.paths]
    if knob.times:
        values = numbers[0]
        if not isinstance(values, (list, tuple)) or len(values) != len(knob.times):
            return None
        ratios = {
            round(value / base, 9) for value, base in zip(values, knob.times, strict=True) if base
        }
        return ratios.pop() if len(ratios) == 1 else None
    if not all(isinstance(number, (int, float)) for number in numbers):
        return None
    return tuple(numbers) if len(numbers) > 1 else numbers[0]


def _value_at(data, steps: list[str]):
    """What stands at the end of some steps; None if there is nothing."""
    for step in steps:
        if isinstance(data, (list, tuple)):
            data = data[int(step)] if step.isdecimal() and int(step) < len(data) else None
        elif isinstance(data, dict):
            data = data.get(step)
        else:
            return None
    return data


def _steps(path: str, scenario: Scenario) -> list[str]:
    """The steps of a path, with a shelf by its index."""
    steps = path_steps(path)
    names = [shelf.name for shelf in scenario.shelves]
    if steps[0] == "shelves" and len(steps) > 1 and steps[1] in names:
        steps[1] = str(names.index(steps[1]))
    return steps
