"""Shelf layouts: how many slots each shelf has, which are allowed, what they cost."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import NamedTuple

import numpy as np

from kitchen.errors import KitchenError, shown, unknown
from kitchen.model.scenario import Scenario
from kitchen.utils.validation import amount, whole

MOST_CAPACITIES = 10_000
"""Largest number of capacities to choose from, for one shelf."""

MOST_SLOTS = 2**40
"""Largest capacity of one shelf, in slots: far above that of any kitchen."""

MOST_LAYOUTS = 10**12
"""Largest number of layouts to choose from; they are never listed, so this only guards against slips."""

PATH = "shelves.{}.capacity"
"""Setting of a shelf's capacity, and its column in frames."""

Layout = tuple[int, ...]
"""Index of the capacity of each shelf that is chosen; 0 is the smallest capacity."""


class Grid(NamedTuple):
    """All allowed layouts: the capacities of each shelf and what they cost."""

    names: list[str]
    levels: list[list[int]]
    costs: list[np.ndarray]
    """Cost of each shelf at each of its capacities."""

    @property
    def smallest(self) -> Layout:
        return (0,) * len(self.names)

    @property
    def largest(self) -> Layout:
        return tuple(len(own) - 1 for own in self.levels)

    @property
    def number(self) -> int:
        return math.prod(map(len, self.levels))

    def cost(self, layout: Layout) -> float:
        total = sum(float(own[i]) for own, i in zip(self.costs, layout, strict=True))
        return float(f"{total:.12g}")  # sums of the same numbers in any order are equal

    def below(self, layout: Layout) -> float:
        """The largest cost of a cheaper layout; a difference of less than a billionth does not count."""
        return self.cost(layout) - 1e-9 * self.cost(self.largest)

    def slots(self, layout: Layout) -> dict[str, int]:
        pairs = zip(self.names, self.levels, layout, strict=True)
        return {name: own[i] for name, own, i in pairs}

    def world(self, scenario: Scenario, layout: Layout) -> Scenario:
        slots = self.slots(layout)
        shelves = [
            shelf.model_copy(update={"capacity": slots.get(shelf.name, shelf.capacity)})
            for shelf in scenario.shelves
        ]
        return scenario.model_copy(update={"shelves": type(scenario.shelves)(shelves)})

    def moved(self, layout: Layout, shelf: int, steps: int) -> Layout:
        """The layout with one shelf so many capacities larger or smaller, within its range."""
        place = min(max(layout[shelf] + steps, 0), len(self.levels[shelf]) - 1)
        return (*layout[:shelf], place, *layout[shelf + 1 :])

    def raised(self, layout: Layout, shelf: int, most: float) -> Layout:
        """The layout with one shelf as large as a total cost of at most `most` allows."""
        rest = (
            self.cost(layout) - self.costs[shelf][layout[shelf]] - 1e-10 * self.cost(self.largest)
        )
        place = int(np.searchsorted(self.costs[shelf], most - rest, side="right")) - 1
        return (*layout[:shelf], max(place, layout[shelf]), *layout[shelf + 1 :])


def grid_of(scenario: Scenario, shelves, costs) -> Grid:
    """The capacities that may be chosen, and what they cost."""
    given = {shelf.name: shelf.capacity for shelf in scenario.shelves}
    if shelves is None:
        shelves = {name: range(2 * slots + 1) for name, slots in given.items()}
    shelves = _by_shelf("shelves", shelves, given, "capacities")
    if not shelves:
        raise KitchenError("shelves: names no shelf. Leave it out to choose the slots of all.")
    prices = _by_shelf("costs", {} if costs is None else costs, given, "the cost of a slot")
    levels = [_capacities(name, own) for name, own in shelves.items()]
    number = math.prod(map(len, levels))
    if number > MOST_LAYOUTS:
        raise KitchenError(
            f"shelves: there are {number:.3g} layouts, and at most {MOST_LAYOUTS:.0e} will do. Leave "
            "out shelves, or take larger steps: range(0, 101, 5)."
        )
    return Grid(
        list(shelves),
        levels,
        [_costs(n, own, prices.get(n, 1.0)) for n, own in zip(shelves, levels, strict=True)],
    )


def _by_shelf(key: str, table, given, what: str) -> dict:
    if not isinstance(table, Mapping):
        raise KitchenError(f"{key}: must be a table of shelves and {what}, got {shown(table)}.")
    for name in table:
        if name not in given:
            raise KitchenError(f"{key}: {unknown('shelf', name, given)}")
    return dict(table)


def _capacities(name: str, values) -> list[int]:
    key = f"shelves: {shown(name)}"
    listed = isinstance(values, Iterable) and not isinstance(values, (str, bytes, Mapping))
    if not listed:
        raise KitchenError(
            f"{key}: must have a range or list of capacities, got {shown(values)}. A single one goes "
            f"in a list: [{shown(values)}]."
        )
    capacities = list(islice(values, MOST_CAPACITIES + 1))
    if not capacities:
        raise KitchenError(f"{key}: has no capacities. Give at least one.")
    if len(capacities) > MOST_CAPACITIES:
        raise KitchenError(
            f"{key}: has more than {MOST_CAPACITIES:,} capacities. Say which ones may be chosen: "
            f"shelves={{{shown(name)}: range(0, 101)}}."
        )
    return sorted({whole(key, value, 0, MOST_SLOTS) for value in capacities})


def _costs(name: str, levels: list[int], price) -> np.ndarray:
    """The cost of a shelf at each of its capacities; never falls."""
    key = f"costs: {shown(name)}"
    pair = tuple(price) if isinstance(price, (tuple, list)) else (price, 0.0)
    if len(pair) != 2:
        raise KitchenError(
            f"{key}: must be the cost of a slot, or that and the cost of the shelf, got {shown(price)}."
        )
    slot, shelf = (amount(key, number) for number in pair)
    counts = np.array(levels, float)
    total = slot * counts + shelf * (counts > 0)
    if not np.isfinite(total).all():
        raise KitchenError(f"{key}: {shown(price)} is too much for {levels[-1]:,} slots.")
    return total
