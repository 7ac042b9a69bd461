"""The kitchen as a SimPy model: what a modeller would write, one process for each order.

The world is that of `kitchen.c`: a home shelf for each temp, one overflow shelf, expired orders
removed, matched couriers, eager recall of the order that came first, a blocked newcomer discarded.

SimPy runs simultaneous events in the order in which they were scheduled, so on traces with ties
the outcomes can differ from the project's rules (expiry, pickup, arrival, then the lower index).
It reaches an instant by adding delays, so times and values agree up to rounding only.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from math import inf

import simpy


@dataclass(eq=False)
class Shelf:
    """Where orders stand, in order of arrival on it."""

    capacity: int
    modifier: float = 1.0
    orders: list[Order] = field(default_factory=list)

    @property
    def has_room(self) -> bool:
        return len(self.orders) < self.capacity


@dataclass(eq=False)
class Order:
    """One order: what is known of it, where it stands, and what became of it."""

    temp: int
    shelf_life_s: float
    decay_rate: float
    ready_s: float
    pickup_s: float

    process: simpy.Process | None = None
    shelf: Shelf | None = None
    since_s: float = 0.0
    weighted_age_s: float = 0.0

    outcome: str = ""
    left_s: float = inf
    value: float = 0.0


class Kitchen:
    """Shelves and the processes of the orders that stand on them.

    Parameters
    ----------
    env : simpy.Environment
    capacity : list of int
        Slots of each temp's home, by the temp's code.
    overflow_capacity, overflow_modifier : int, float
        Of the overflow shelf.
    age_weight : float
        How much plain age counts: 1 for the law linear, 0 for weighted.
    """

    def __init__(self, env, capacity, overflow_capacity, overflow_modifier, age_weight):
        self.env = env
        self.homes = [Shelf(slots) for slots in capacity]
        self.overflow = Shelf(overflow_capacity, overflow_modifier)
        self.age_weight = age_weight
        self.moves = 0

    def arrivals(self, orders: list[Order]) -> Generator:
        """Start the process of each order when it is ready."""
        for order in orders:
            yield self.env.timeout(order.ready_s - self.env.now)
            order.process = self.env.process(self.stay(order))

    def stay(self, order: Order) -> Generator:
        """An order from ready to gone."""
        if order.pickup_s <= order.ready_s:
            self.resolve(order, "delivered", 1.0)
            return
        home = self.homes[order.temp]
        shelf = home if home.has_room else self.overflow
        if not shelf.has_room:
            self.resolve(order, "discarded", 1.0)
            return
        self.put(order, shelf)

        while True:
            expires_in_s = self.expires_in_s(order)
            pickup_in_s = order.pickup_s - self.env.now
            try:
                yield self.env.timeout(max(0.0, min(expires_in_s, pickup_in_s)))
                break
            except simpy.Interrupt:
                continue  # moved: it ages at another speed from now on

        self.take(order)
        if expires_in_s <= pickup_in_s:
            self.resolve(order, "expired", 0.0)
        else:
            self.resolve(order, "delivered", max(0.0, self.value(order)))
        self.recall(home)

    def recall(self, home: Shelf) -> None:
        """Move to a home with room the order of its temp that came to overflow first."""
        if not home.has_room:
            return
        for order in self.overflow.orders:
            if self.homes[order.temp] is home:
                self.take(order)
                self.put(order, home)
                self.moves += 1
                order.process.interrupt("moved")
                return

    def put(self, order: Order, shelf: Shelf) -> None:
        shelf.orders.append(order)
        order.shelf = shelf
        order.since_s = self.env.now

    def take(self, order: Order) -> None:
        order.shelf.orders.remove(order)
        order.weighted_age_s += order.shelf.modifier * (self.env.now - order.since_s)

    def value(self, order: Order) -> float:
        """Value of an order that has just been taken from its shelf; negative once expired."""
        age_s = self.env.now - order.ready_s
        loss_s = self.age_weight * age_s + order.decay_rate * order.weighted_age_s
        return 1.0 - loss_s / order.shelf_life_s

    def expires_in_s(self, order: Order) -> float:
        """Seconds until an order that has just been put on its shelf expires there."""
        speed = self.age_weight + order.decay_rate * order.shelf.modifier
        return self.value(order) * order.shelf_life_s / speed if speed > 0.0 else inf

    def resolve(self, order: Order, outcome: str, value: float) -> None:
        order.outcome = outcome
        order.left_s = self.env.now
        order.value = value


def simulate(orders, capacity, overflow_capacity, overflow_modifier, age_weight) -> int:
    """Run one replication; writes `outcome`, `left_s`, `value` into the orders, returns the moves.

    Parameters
    ----------
    orders : list of Order
        In order of `ready_s`, seconds.
    capacity, overflow_capacity, overflow_modifier, age_weight
        As for `Kitchen`.
    """
    env = simpy.Environment()
    kitchen = Kitchen(env, capacity, overflow_capacity, overflow_modifier, age_weight)
    env.process(kitchen.arrivals(orders))
    env.run()
    return kitchen.moves
