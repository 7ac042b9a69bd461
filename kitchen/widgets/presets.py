"""Presets of the explorer: several knobs moved together, from the scenario's own values."""

from __future__ import annotations

from typing import NamedTuple

from kitchen.widgets.sliders import Knob


class Preset(NamedTuple):
    """A preset: the begins of the paths that it moves, and the factor of their numbers."""

    begins: tuple[str, ...]
    ends: tuple[str, ...]
    factor: float


_TIMES = ("mean", "median", "low", "high", "value")

PRESETS = {
    "25 % more orders": Preset(("arrivals.",), ("rate", "rates"), 1.25),
    "25 % fewer orders": Preset(("arrivals.",), ("rate", "rates"), 0.75),
    "couriers 25 % later": Preset(("couriers.delay.",), _TIMES, 1.25),
    "couriers 25 % sooner": Preset(("couriers.delay.",), _TIMES, 0.75),
    "a quarter of the slots is broken": Preset(("shelves.",), ("capacity",), 0.75),
    "25 % more slots": Preset(("shelves.",), ("capacity",), 1.25),
}
"""By what they say."""


def preset_values(name: str, made: list[Knob]) -> dict[str, object]:
    """Values of the knobs that a preset moves, by their first path, within the knobs' ends.

    Examples
    --------
    >>> from kitchen.model.scenario import Scenario
    >>> from kitchen.widgets.sliders import knobs
    >>> preset_values("25 % more orders", knobs(Scenario.load("rush")))
    {'arrivals.rate': 12.5}
    """
    preset, values = PRESETS[name], {}
    for knob in made:
        path = knob.paths[0]
        if path.startswith(preset.begins) and path.rsplit(".", 1)[-1] in preset.ends:
            values[path] = _times(knob, preset.factor)
    return values


def _times(knob: Knob, factor: float):
    """A knob's value times a factor, within the knob's ends."""
    if isinstance(knob.value, tuple):
        return tuple(_within(knob, factor * number) for number in knob.value)
    return _within(knob, factor * knob.value)


def _within(knob: Knob, number: float):
    number = round(number) if knob.whole else float(f"{number:.6g}")
    return min(max(number, knob.low), knob.high)
