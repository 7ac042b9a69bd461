"""Sliders of a scenario: the numbers that can be changed, with their ranges and steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kitchen.model.arrivals import Piecewise
from kitchen.model.demand import MOST_SPREAD
from kitchen.model.scenario import Scenario
from kitchen.utils.formatting import nice_step

_WORDS = {
    "low": "at least",
    "high": "at most",
    "mean": "mean",
    "median": "median",
    "value": "always",
    "sigma": "sigma",
    "shape": "shape",
}
_PURE = ("sigma", "shape")
"""Parameters of a distribution without a unit; the others are seconds."""


MOST_STEPS = 200
"""Largest number of steps from 0 to the end of a slider."""


@dataclass(frozen=True)
class Knob:
    """Slider of a number of a scenario, or of two numbers that form a range.

    Attributes
    ----------
    group : str
        Section of the page: "orders", "couriers", "shelves" or "food".
    label, unit : str
    value : float, int or tuple of two floats
        As in the scenario.
    low, high, step : float
        Ends and step of the slider; `value` is within them and met by the steps.
    paths : tuple of str
        Keys that it sets, as for `Scenario.replace`: one path, two for a range.
    times : tuple of float
        Base values of several numbers that the slider multiplies; empty for a single number.
    """

    group: str
    label: str
    unit: str
    value: object
    low: float
    high: float
    step: float
    paths: tuple[str, ...]
    times: tuple[float, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether the number is an integer."""
        return isinstance(self.value, int)

    def changes(self, value) -> dict:
        """Changes for `Scenario.replace` that set the slider's number to `value`."""
        value = near(value)
        if value == near(self.value):
            return {}
        if self.times:
            return {self.paths[0]: tuple(round(value * number, 9) for number in self.times)}
        values = value if len(self.paths) > 1 else (value,)
        return dict(zip(self.paths, values, strict=True))


def knobs(scenario: Scenario) -> list[Knob]:
    """Sliders of a scenario, in the order of the page."""
    return [
        *_orders(scenario),
        *_delay(scenario.couriers.delay, "couriers", "courier after", "couriers.delay"),
        *(_delay(scenario.orders.prep, "orders", "preparation", "orders.prep")),
        *_spreads(scenario),
        *_shelves(scenario),
        _number("food", "waste below", "", "waste_below", scenario.waste_below, 0.9),
    ]


def turned(made: list[Knob], values: Mapping[str, object]) -> dict:
    """Changes for `Scenario.replace` from slider values, given by the first path of each slider."""
    changes: dict = {}
    for knob in made:
        if knob.paths[0] in values:
            changes |= knob.changes(values[knob.paths[0]])
    return changes


def _orders(scenario: Scenario) -> list[Knob]:
    arrivals, orders = scenario.arrivals, scenario.orders
    made = []
    if isinstance(arrivals, Piecewise):
        made.append(
            Knob("orders", "load", "x", 1.0, 0.1, 3.0, 0.05,
                 ("arrivals.rates",), tuple(arrivals.rates))
        )  # fmt: skip
    else:
        rate = arrivals.rate
        made.append(_number("orders", "arrivals", "per s", "arrivals.rate", rate, 3 * rate, True))
    if orders.count is not None:
        top = max(4 * orders.count, 200)
        made.append(_number("orders", "orders", "", "orders.count", orders.count, top))
    elif orders.duration_s is not None:
        top = 2 * orders.duration_s or 3600.0
        made.append(_number("orders", "open for", "s", "orders.duration_s", orders.duration_s, top))
    return made


def _delay(delay, group: str, label: str, path: str) -> list[Knob]:
    """Sliders of a distribution; a uniform one is one range."""
    if delay is None:
        return []
    numbers = {
        key: value
        for key, value in delay.model_dump().items()
        if isinstance(value, float) and key in _WORDS
    }
    if numbers.keys() == {"low", "high"}:
        low, high = numbers["low"], numbers["high"]
        top = _round_up(3 * high or 10.0)
        step = step_through(_step(top), low, high)
        paths = (f"{path}.low", f"{path}.high")
        return [Knob(group, label, "s", (low, high), 0.0, top, step, paths)]
    made = []
    for key, value in numbers.items():
        unit = "" if key in _PURE else "s"
        words = f"{label}, {_WORDS[key]}"
        top, positive = 3 * value or 10.0, key != "value"
        made.append(_number(group, words, unit, f"{path}.{key}", value, top, positive))
    return made


def _spreads(scenario: Scenario) -> list[Knob]:
    """Sliders of how much replications differ, where they do."""
    spreads = [
        ("orders", "busy", scenario.orders.busy),
        ("couriers", "slow", scenario.couriers.slow),
    ]
    return [
        Knob(
            group, f"{key} replications, sd", "", value, 0.0, MOST_SPREAD, 0.01, (f"{group}.{key}",)
        )
        for group, key, value in spreads
        if value
    ]


def _shelves(scenario: Scenario) -> list[Knob]:
    slots, paces = [], []
    for place, shelf in enumerate(scenario.shelves):
        by_name = "." not in shelf.name and not shelf.name.isdecimal()
        path = f"shelves.{shelf.name if by_name else place}"
        top = max(2 * shelf.capacity, 20)
        slots.append(
            _number("shelves", shelf.name, "slots", f"{path}.capacity", shelf.capacity, top)
        )
        is_table = isinstance(shelf.modifier, dict)
        for temp, pace in (shelf.modifier if is_table else {"": shelf.modifier}).items():
            if "." in temp or not (is_table or pace != 1.0 or shelf.holds == "any"):
                continue
            where = f"{path}.modifier.{temp}" if is_table else f"{path}.modifier"
            label = f"{shelf.name} ages {temp}".rstrip()
            paces.append(_number("food", label, "x", where, pace, max(5.0, 2 * pace)))
    return slots + paces


def _number(group, label, unit, path, value, top, positive: bool = False) -> Knob:
    """Slider from 0, or one step above it, to about `top`."""
    if isinstance(value, int):
        high = int(_round_up(top))
        step = 1 if high <= 1000 else round(_step(high))
        return Knob(group, label, unit, value, value % step, high, step, (path,))
    high = 0.95 if path == "waste_below" else _round_up(top)
    step = 0.05 if path == "waste_below" else _step(high)
    if not positive:
        return Knob(group, label, unit, value, 0.0, high, step_through(step, value), (path,))
    low = round(value - step * round(value / step - 0.5), 12)  # so that a step meets the value
    return Knob(group, label, unit, value, low if 0 < low < step else step, high, step, (path,))


def near(value):
    """A slider's value without the last bits that adding up steps in a browser leaves.

    Examples
    --------
    >>> near(12.000000000000002), near((0.30000000000000004, 6.0)), near(10)
    (12.0, (0.3, 6.0), 10)
    """
    if isinstance(value, tuple):
        return tuple(map(near, value))
    return float(f"{value:.12g}") if isinstance(value, float) else value


def step_through(step: float, *values: float) -> float:
    """A step from 0 that meets all values: 1, 2 or 5 times a power of ten, at most `step`.

    A slider draws what its step cannot meet beside its true place. Six digits are enough for every
    number that somebody typed.

    Examples
    --------
    >>> step_through(5.0, 437.0), step_through(0.05, 0.125), step_through(20.0, 740.0)
    (1.0, 0.005, 20.0)
    """
    smallest = 1e-6 * max(abs(step), *map(abs, values))
    while step > smallest and any(abs(v / step - round(v / step)) > 1e-6 for v in values):
        step = nice_step(0.99 * step, round_down=True)
    return step


def _round_up(number: float) -> float:
    """The end of a slider: a round number at or above `number`."""
    return nice_step(number, (1, 1.5, 2, 3, 4, 5, 6, 8))


def _step(high: float) -> float:
    """The step of a slider from 0 to `high`: 1, 2 or 5 times a power of ten, for 80 to 200 steps."""
    return nice_step(high / MOST_STEPS)
