"""Snapshots of a replication at any time, and the first difference between two runs.

Only frames of the run are read. An order's *stay* on a shelf begins with the row of the ledger that
puts it there and ends with the order's next row. Each stay gets a *slot*, the lowest that is free
when it begins, so that an order keeps its place in a picture while it is on a shelf.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from kitchen.errors import KitchenError, shown
from kitchen.model.decay import as_law
from kitchen.simulation.simulate import Run
from kitchen.utils.text import text_dtype

EVENTS_LISTED = 12
"""Largest number of recent events in a snapshot."""

_NOWHERE = -1


class Standing(NamedTuple):
    """An order on a shelf.

    `slot` counts from 0; `since_s` is the begin of its stay on this shelf, `came_from` the shelf it was
    moved from (None if it was placed here), `spoilt` whether it has expired and is held.
    """

    order: int
    order_id: str
    name: str
    temp: str
    value: float
    age_s: float
    since_s: float
    came_from: str | None
    moves: int
    slot: int
    spoilt: bool


class Shelf(NamedTuple):
    """A shelf and the orders on it, by slot."""

    name: str
    capacity: int
    orders: list[Standing]


class Event(NamedTuple):
    """An event of the ledger; a shelf is None if the order came from, or went to, no shelf."""

    time_s: float
    event: str
    order: int
    name: str
    temp: str
    from_shelf: str | None
    to_shelf: str | None
    value: float


@dataclass(frozen=True)
class Snapshot:
    """State of a kitchen after all events up to a time.

    Attributes
    ----------
    strategy : str
    replication : int
    time_s, end_s : float
        Time of the snapshot and of the last event of the run, seconds, by the clock of the orders.
    temps : list of str
        All temps, in the order of the frames.
    shelves : list of Shelf
        In the scenario's order.
    events : list of Event
        The latest events, at most `EVENTS_LISTED`, newest first.
    orders, received, ready : int
        Number in the whole run, received so far, ready so far.
    delivered, expired, discarded, moves : int
        Numbers so far.
    value_delivered, value_lost : float
        Sums so far; a delivered order loses 1 - value, a wasted one 1.
    """

    strategy: str
    replication: int
    time_s: float
    end_s: float
    temps: list[str]
    shelves: list[Shelf]
    events: list[Event]
    orders: int
    received: int
    ready: int
    delivered: int
    expired: int
    discarded: int
    moves: int
    value_delivered: float
    value_lost: float

    @property
    def standing(self) -> int:
        """Number of orders on shelves."""
        return sum(len(shelf.orders) for shelf in self.shelves)

    @property
    def lost_share(self) -> float:
        """Share of the value of the orders resolved so far that was lost; NaN before the first."""
        resolved = self.delivered + self.expired + self.discarded
        return self.value_lost / resolved if resolved else math.nan

    def frame(self) -> pd.DataFrame:
        """The orders on shelves: the columns of `Run.contents`, then ``order_id, since_s, moves``."""
        rows = [(shelf.name, order) for shelf in self.shelves for order in shelf.orders]
        rows.sort(key=lambda row: row[1].order)
        names, orders = [row[0] for row in rows], [row[1] for row in rows]

        def column(key, kind=None):
            return pd.array([getattr(order, key) for order in orders], dtype=kind or "float64")

        return pd.DataFrame(
            {
                "strategy": pd.Categorical([self.strategy] * len(rows), [self.strategy]),
                "replication": np.full(len(rows), self.replication, np.int64),
                "order": column("order", np.int64).to_numpy(),
                "time_s": np.full(len(rows), self.time_s),
                "shelf": pd.Categorical(names, [s.name for s in self.shelves], ordered=True),
                "name": column("name", text_dtype()),
                "temp": pd.Categorical([o.temp for o in orders], self.temps, ordered=True),
                "age_s": column("age_s").to_numpy(),
                "value": column("value").to_numpy(),
                "order_id": column("order_id", text_dtype()),
                "since_s": column("since_s").to_numpy(),
                "moves": column("moves", np.int64).to_numpy(),
            }
        )


class Snapshots:
    """Snapshots of one replication at any time.

    Parameters
    ----------
    run : Run
        With exactly one replication, and its ledger.

    Attributes
    ----------
    run : Run
    opens_s, end_s : float
        Times of the opening and of the last event, seconds; without events they are equal.
    times : float64 array
        Times of the events, seconds, each once, rising.

    Raises
    ------
    KitchenError
        If the run has several replications, or kept its summary only.
    """

    def __init__(self, run: Run):
        if run.replications.size != 1:
            raise KitchenError(
                f"snapshots are of one replication, and this run has {run.replications.size:,}. "
                "Draw one with kt.draw(scenario, 1, seed, first=...) and simulate it."
            )
        self.run = run
        self._read_orders(run.orders)
        self._read_ledger(run.ledger)
        self._find_stays(run.scenario)
        self.times = np.unique(self._time_s)
        self.opens_s = float(run.trace.opens_s[0])
        self.end_s = float(self.times[-1]) if self.times.size else self.opens_s

    def __repr__(self):
        return f"Snapshots({self.run.strategy.name!r}, {self.times.size:,} instants)"

    def at(self, time_s: float) -> Snapshot:
        """The kitchen after all events at or before `time_s`.

        Parameters
        ----------
        time_s : float
            Seconds; before the opening and after `end_s` the shelves are empty.

        Raises
        ------
        KitchenError
            If the time is not a number.
        """
        try:
            time_s = float(time_s)
        except (TypeError, ValueError):
            time_s = math.nan
        if math.isnan(time_s):
            raise KitchenError("time_s: must be a number of seconds.")
        past = int(np.searchsorted(self._time_s, time_s, side="right"))
        delivered, expired, discarded, moves, worth, lost = (c[past] for c in self._so_far)
        return Snapshot(
            strategy=self.run.strategy.name,
            replication=int(self.run.replications[0]),
            time_s=time_s,
            end_s=self.end_s,
            temps=self._temps,
            shelves=self._shelves_at(time_s),
            events=[self._event(i) for i in range(past - 1, max(past - EVENTS_LISTED, 0) - 1, -1)],
            orders=len(self._name),
            received=int(np.searchsorted(self._received_s, time_s, side="right")),
            ready=int(np.searchsorted(self._sorted_ready_s, time_s, side="right")),
            delivered=int(delivered),
            expired=int(expired),
            discarded=int(discarded),
            moves=int(moves),
            value_delivered=float(worth),
            value_lost=float(lost),
        )

    def _read_orders(self, orders: pd.DataFrame) -> None:
        self._order_id, self._name = orders["order_id"].to_list(), orders["name"].to_list()
        self._temps = list(orders["temp"].cat.categories)
        self._temp = [self._temps[code] for code in orders["temp"].cat.codes]
        self._ready_s = orders["ready_s"].to_numpy()
        self._pickup_s = orders["pickup_s"].to_numpy()
        self._life_s, self._rate = (orders[c].to_numpy() for c in ("shelf_life_s", "decay_rate"))
        self._received_s = np.sort(orders["received_s"].to_numpy())
        self._sorted_ready_s = np.sort(self._ready_s)

    def _read_ledger(self, ledger: pd.DataFrame) -> None:
        self._time_s, self._value = ledger["time_s"].to_numpy(), ledger["value"].to_numpy()
        self._order = ledger["order"].to_numpy()
        self._from, self._to = (
            ledger[key].cat.codes.to_numpy().astype(np.int64) for key in ("from_shelf", "to_shelf")
        )
        kind = ledger["event"].astype(object).to_numpy()
        self._kind = kind
        goes = {event: kind == event for event in ("pickup", "expire", "discard", "move")}
        worth = np.where(goes["pickup"], self._value, 0.0)
        gone = goes["pickup"] | goes["expire"] | goes["discard"]
        steps = [*goes.values(), worth, gone - worth]
        self._so_far = [np.concatenate([[0], np.cumsum(step)]) for step in steps]

    def _find_stays(self, scenario) -> None:
        """Every stay, sorted by shelf and slot."""
        self._shelf_names = [shelf.name for shelf in scenario.shelves]
        self._capacities = [shelf.capacity for shelf in scenario.shelves]
        self._law, self._waste_below = as_law(scenario.decay), scenario.waste_below
        self._held = scenario.expired_orders == "held"
        by_order = np.argsort(self._order, kind="stable")
        starts = np.flatnonzero(self._to[by_order] != _NOWHERE)
        begin, end = by_order[starts], by_order[starts + 1]
        order, shelf = self._order[begin], self._to[begin]
        begin_s, end_s = self._time_s[begin], self._time_s[end]
        pace_of = [{t: s.modifier_of(t) for t in self._temps} for s in scenario.shelves]
        temps = [self._temp[o] for o in order]
        pace = np.array([pace_of[s][t] for s, t in zip(shelf, temps, strict=True)], float)
        nth = np.arange(order.size) - np.searchsorted(order, order)
        weighted = np.zeros(order.size)
        for k in range(1, int(nth.max(initial=0)) + 1):  # as the engine adds up: stay after stay
            now = np.flatnonzero(nth == k)
            weighted[now] = weighted[now - 1] + pace[now - 1] * (end_s[now - 1] - begin_s[now - 1])
        slot_of_row = self._slots()
        rank = np.lexsort((begin, slot_of_row[begin], shelf))
        self._stay_order, self._stay_shelf = order[rank], shelf[rank]
        self._stay_begin_s, self._stay_end_s = begin_s[rank], end_s[rank]
        self._stay_weighted_s, self._stay_pace = weighted[rank], pace[rank]
        self._stay_nth, self._stay_slot = nth[rank], slot_of_row[begin][rank]
        self._stay_from = self._from[begin][rank]

    def _slots(self) -> np.ndarray:
        """The slot that each row of the ledger takes; 0 for a row that takes none."""
        free: list[list[int]] = [[] for _ in self._shelf_names]
        used = [0] * len(free)
        slot_of: dict[int, int] = {}
        taken = np.zeros(self._order.size, np.int64)
        rows = zip(self._order.tolist(), self._from.tolist(), self._to.tolist(), strict=True)
        for row, (order, from_, to) in enumerate(rows):
            if from_ != _NOWHERE:
                heapq.heappush(free[from_], slot_of.pop(order))
            if to != _NOWHERE:
                if not free[to]:
                    free[to].append(used[to])
                    used[to] += 1
                slot_of[order] = taken[row] = heapq.heappop(free[to])
        return taken

    def _shelves_at(self, time_s: float) -> list[Shelf]:
        here = np.flatnonzero((self._stay_begin_s <= time_s) & (time_s < self._stay_end_s))
        order, begin_s = self._stay_order[here], self._stay_begin_s[here]
        age = time_s - self._ready_s[order]
        weighted = self._stay_weighted_s[here] + self._stay_pace[here] * (time_s - begin_s)
        value = self._law.value(age, weighted, self._life_s[order], self._rate[order])
        spoilt = (value <= self._waste_below) & self._held
        shelves = [
            Shelf(name, capacity, [])
            for name, capacity in zip(self._shelf_names, self._capacities, strict=True)
        ]
        columns = (
            self._stay_shelf[here], order, value, age, begin_s, self._stay_from[here],
            self._stay_nth[here], self._stay_slot[here], spoilt,
        )  # fmt: skip
        for s, o, worth, old, since, from_, moves, slot, bad in zip(
            *(column.tolist() for column in columns), strict=True
        ):
            shelves[s].orders.append(
                Standing(
                    o,
                    self._order_id[o],
                    self._name[o],
                    self._temp[o],
                    worth,
                    old,
                    since,
                    self._named(from_),
                    moves,
                    slot,
                    bad,
                )
            )
        return shelves

    def _event(self, row: int) -> Event:
        order = int(self._order[row])
        return Event(
            float(self._time_s[row]), self._kind[row], order, self._name[order], self._temp[order],
            self._named(self._from[row]), self._named(self._to[row]), float(self._value[row]),
        )  # fmt: skip

    def _named(self, shelf: int) -> str | None:
        return None if shelf == _NOWHERE else self._shelf_names[shelf]

    def _changes(self) -> list[tuple[float, int, str | int]]:
        """Net changes at each time: (time, order, shelf or the event by which it left), sorted."""
        now: dict[tuple[float, int], str | int] = {}
        rows = zip(
            self._time_s.tolist(), self._order.tolist(), self._to.tolist(), self._kind, strict=True
        )
        for time, order, to, kind in rows:
            now[time, order] = kind if to == _NOWHERE else to
        where: dict[int, str | int] = {}
        changes = []
        for (time, order), state in sorted(now.items(), key=lambda item: item[0]):
            if where.get(order) != state:
                changes.append((time, order, state))
                where[order] = state
        return changes


def parting(one: Snapshots, other: Snapshots) -> float | None:
    """The first time at which two kitchens differ in their orders, shelves or outcomes.

    Parameters
    ----------
    one, other : Snapshots
        Of two strategies with the same orders in the same scenario.

    Returns
    -------
    float or None
        Seconds; None if they never differ.

    Raises
    ------
    KitchenError
        If their orders or shelves are not the same.
    """
    same = one._shelf_names == other._shelf_names and all(
        np.array_equal(getattr(one, key), getattr(other, key), equal_nan=True)
        for key in ("_ready_s", "_pickup_s", "_life_s", "_rate")
    )
    if not same:
        raise KitchenError(
            f"{shown(one.run.strategy.name)} and {shown(other.run.strategy.name)} did not meet the "
            "same orders in the same kitchen. Give both runs the same trace."
        )
    mine, yours = one._changes(), other._changes()
    for a, b in zip(mine, yours, strict=False):
        if a != b:
            return min(a[0], b[0])
    rest = mine[len(yours) :] or yours[len(mine) :]
    return rest[0][0] if rest else None
