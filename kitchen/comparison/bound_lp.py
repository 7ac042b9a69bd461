"""Linear and integer programs behind the clairvoyant bound.

Each replication becomes prospects (the value of each order at pickup), stays (which orders compete
for a shelf, and when), and a sparse program, which `kitchen.comparison.bound_solver` solves.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kitchen.comparison.bound_solver import Optimum, Program, Solver
from kitchen.engine.encode import capacities, modifiers, temps_of
from kitchen.engine.trace import Trace
from kitchen.model.decay import CUSTOM, EXPONENTIAL, STRAIGHT, Law, as_law, check_law
from kitchen.model.scenario import Scenario
from kitchen.utils.system import require_memory

BISECTIONS = 60
"""Number of bisections of a time, enough for a float64."""

BYTES_A_PAIR = 400
"""Memory for one order in one interval while its program is built and solved, in bytes, roughly."""


# What is known beforehand


class House(NamedTuple):
    """The kitchen as numbers; shelves without slots hold no temp."""

    law: Law
    waste_below: float
    held: bool
    counts: bool  # orders count, not their value
    weight_of: np.ndarray  # what an order of each kind of the menu counts, in [0, 1]
    unit: float  # what an order of weight 1 counts
    capacity: np.ndarray  # shape (shelves,)
    holds: np.ndarray  # bool, shape (temps, shelves)
    modifier: np.ndarray  # shape (temps, shelves)
    temp_of: np.ndarray  # temp of each kind of the menu


class Orders(NamedTuple):
    """One replication's orders; all arrays have shape (orders,)."""

    ready_s: np.ndarray
    pickup_s: np.ndarray
    life_s: np.ndarray
    rate: np.ndarray
    temp: np.ndarray
    weight: np.ndarray


class _Prospects(NamedTuple):
    """What an order is worth at pickup, by where it stands; all arrays have shape (orders,)."""

    best: np.ndarray  # the least modifier among its shelves
    extra_s: np.ndarray  # weighted age on the worst of its shelves, beyond that on the best
    value: np.ndarray  # after its best shelf all the time, times its weight
    loss: np.ndarray  # of that for each second of weighted age more
    room_s: np.ndarray  # of weighted age more until it is waste; inf if never
    waits: np.ndarray  # bool: it stands on a shelf until its courier comes
    good: np.ndarray  # bool: it can be delivered


def house_of(scenario: Scenario, trace: Trace, measure: str) -> House:
    menu, law = trace.menu, as_law(scenario.decay)
    check_law(law, menu.shelf_life_s, menu.decay_rate, scenario.waste_below)
    temps, slots = temps_of(scenario, menu), capacities(scenario)
    holds = np.zeros((len(temps), slots.size), bool)
    for row, temp in zip(holds, temps, strict=True):
        row[scenario.shelves_of(temp)] = True
    weight_of, unit = np.ones(menu.price.size), 1.0
    if measure == "revenue":  # the solver's tolerances are absolute: gains are at most 1
        unit = float(menu.price.max(initial=0.0)) or 1.0
        weight_of = menu.price / unit
    return House(
        law=law,
        waste_below=scenario.waste_below,
        held=scenario.expired_orders == "held",
        counts=measure == "waste",
        weight_of=weight_of,
        unit=unit,
        capacity=slots,
        holds=holds & (slots > 0),
        modifier=modifiers(scenario, temps),
        temp_of=menu.temp_codes(temps),
    )


def orders_of(house: House, trace: Trace, nth: int) -> Orders:
    mine = slice(trace.first[nth], trace.first[nth + 1])
    kind = trace.item[mine]
    return Orders(
        trace.ready_s[mine],
        trace.pickup_s[mine],
        np.asarray(trace.menu.shelf_life_s, float)[kind],
        np.asarray(trace.menu.decay_rate, float)[kind],
        house.temp_of[kind],
        house.weight_of[kind],
    )


def _prospects(orders: Orders, house: House) -> _Prospects:
    law, wait = house.law, np.maximum(orders.pickup_s - orders.ready_s, 0.0)
    listed, modifier = house.holds[orders.temp], house.modifier[orders.temp]
    best = np.where(listed, modifier, np.inf).min(axis=1, initial=np.inf)
    worst = np.where(listed, modifier, -np.inf).max(axis=1, initial=-np.inf)
    waits, somewhere = wait > 0, np.isfinite(best)
    best, worst = np.where(somewhere, best, 0.0), np.where(somewhere, worst, 0.0)
    extra = (worst - best) * wait
    value = law.value(wait, best * wait, orders.life_s, orders.rate)
    limit = law.limits(orders.life_s, house.waste_below)
    if law.shape == CUSTOM:
        fresh, room = value > house.waste_below, _room(orders, house, wait, best * wait, extra)
    else:
        weighted_pace = law.paces(orders.rate)
        pace = law.age_pace + weighted_pace * best
        lasts = np.divide(limit, pace, out=np.full(wait.size, np.inf), where=pace > 0)
        fresh = orders.ready_s + lasts > orders.pickup_s
        left = np.where(np.isinf(limit), np.inf, limit - law.age_pace * wait)
        room = np.full(wait.size, np.inf)
        np.divide(left, weighted_pace, out=room, where=weighted_pace > 0)
        room = np.maximum(room - best * wait, 0.0)
    if house.counts:
        value, loss = np.ones(wait.size), np.zeros(wait.size)
    elif law.shape == STRAIGHT:
        loss = law.paces(orders.rate) / orders.life_s
    elif law.shape == EXPONENTIAL:
        span = np.minimum(extra, room)
        end = law.value(wait, best * wait + span, orders.life_s, orders.rate)
        loss = np.divide(value - end, span, out=np.zeros(wait.size), where=span > 0)
    else:
        loss = np.zeros(wait.size)
    good = np.isfinite(orders.pickup_s) & (~waits | (somewhere & fresh))  # else nobody comes
    value, loss = value * orders.weight, loss * orders.weight
    return _Prospects(best, extra, value, loss, room, waits, good)


def _room(orders: Orders, house: House, wait, weighted, extra) -> np.ndarray:
    """By bisection: weighted age more until an order is waste, at least; inf if never."""
    low, high = np.zeros(wait.size), extra.copy()
    law, below = house.law, house.waste_below
    never = law.value(wait, weighted + extra, orders.life_s, orders.rate) > below
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        kept = law.value(wait, weighted + middle, orders.life_s, orders.rate) > below
        low, high = np.where(kept, middle, low), np.where(kept, high, middle)
    return np.where(never, np.inf, high)


# Which order can stand where, and when


class _Stays(NamedTuple):
    """Orders in intervals in which there is not room for all; sorted by order, then interval."""

    order: np.ndarray
    interval: np.ndarray
    length_s: np.ndarray


def matched(orders: Orders, house: House, solver: Solver) -> Optimum:
    """The program for matched couriers, who take their own orders."""
    ahead = _prospects(orders, house)
    kept = ahead.good & ahead.waits
    tied = ahead.room_s < ahead.extra_s  # on a bad shelf it might expire
    loose = []
    if house.held and (ahead.waits & (tied | ~ahead.good)).any():
        loose.append("expired orders keep no slots")
    if house.law.shape == STRAIGHT and house.waste_below == 0 and not house.counts:
        tied[:] = False  # delivering an expired order gains nothing then
    stays, full = _stays(orders, house, ahead, kept, tied)
    disputed = np.unique(stays.order)
    certain = ahead.good.copy()
    certain[disputed] = False
    total = ahead.value[certain].sum()
    if not disputed.size:
        return solver.optimum(total, True, loose)
    if not house.counts and house.law.shape == EXPONENTIAL:
        loose.append("value along the chord of the law")
    if not house.counts and house.law.shape == CUSTOM:
        loose.append("value as on the best shelf")
    program = _program(orders, house, ahead, stays, full, disputed, tied)
    best, proven = solver.solve(program)
    return solver.optimum(total + best, proven, loose)


def _stays(orders, house, ahead, kept, tied) -> tuple[_Stays, np.ndarray]:
    """Where room is short: stays, and which shelves may be too full, (intervals, shelves).

    An order that fits on one of its best shelves, even if all orders that may stand there did, is put
    there and competes no more; this repeats until nothing changes.
    """
    waiting = np.flatnonzero(kept)
    times = np.unique(np.concatenate([orders.ready_s[waiting], orders.pickup_s[waiting]]))
    begin = np.searchsorted(times, orders.ready_s[waiting])
    number = np.searchsorted(times, orders.pickup_s[waiting]) - begin
    require_memory(float(number.sum()) * BYTES_A_PAIR, "the program of one replication")
    order = np.repeat(waiting, number)
    interval = np.arange(order.size) + np.repeat(begin - np.cumsum(number) + number, number)
    temp = orders.temp[order]
    may_stand = house.holds[temp]
    careless = (ahead.loss == 0) & ~tied
    as_good = may_stand & (
        (house.modifier[temp] <= ahead.best[order, None]) | careless[order, None]
    )
    disputed = np.ones(order.size, bool)
    while True:
        load = np.zeros((times.size, house.capacity.size))
        for shelf in range(house.capacity.size):
            load[:, shelf] = np.bincount(interval, may_stand[:, shelf], times.size)
        full = load > house.capacity
        free = as_good & ~full[interval] & disputed[:, None]
        settled = np.flatnonzero(free.any(axis=1))
        if not settled.size:
            break
        may_stand[settled] = False
        may_stand[settled, free[settled].argmax(axis=1)] = True
        disputed[settled] = False
    stays = _Stays(order[disputed], interval[disputed], np.diff(times)[interval[disputed]])
    return _merged(stays, full)


def _merged(stays: _Stays, full: np.ndarray) -> tuple[_Stays, np.ndarray]:
    """The same with neighbouring intervals joined where the same orders compete in both."""
    order, interval, length = stays
    if not order.size:
        return stays, full
    goes_on = (order[1:] == order[:-1]) & (interval[1:] == interval[:-1] + 1)
    there = np.bincount(interval, minlength=len(full))
    also_next = np.bincount(interval[:-1][goes_on], minlength=len(full))
    same = (also_next[:-1] == there[:-1]) & (there[1:] == there[:-1])
    joined = np.concatenate([[0], np.cumsum(~same)])
    interval = joined[interval]
    first = np.flatnonzero(
        np.concatenate([[True], (order[1:] != order[:-1]) | (interval[1:] != interval[:-1])])
    )
    of_joined = full[np.concatenate([[True], ~same])]
    return _Stays(order[first], interval[first], np.add.reduceat(length, first)), of_joined


# The programs


def _program(orders, house, ahead, stays, full, disputed, tied) -> Program:
    """Variables: y of the disputed orders, then z of each stay on each shelf but the best.

    The share on the best shelf is what is left of y, which saves its variable and its equation.
    """
    from scipy.sparse import csr_array

    keep = np.searchsorted(disputed, stays.order)  # the stay's y
    temp = orders.temp[stays.order]
    listed, modifier = house.holds[temp], house.modifier[temp]
    home = np.where(listed, modifier, np.inf).argmin(axis=1)
    at_home = np.zeros(listed.shape, bool)
    at_home[np.arange(home.size), home] = True
    may_leave = _may_leave(stays, temp, listed, home, house, ahead, tied)
    stay, shelf = np.nonzero(listed & ~at_home & may_leave[:, None])
    away = disputed.size + np.arange(stay.size)  # z
    slower = (modifier[stay, shelf] - ahead.best[stays.order[stay]]) * stays.length_s[stay]
    gain = np.concatenate([ahead.value[disputed], -ahead.loss[stays.order[stay]] * slower])
    shelves = house.capacity.size
    place = stays.interval * shelves  # + shelf: a row for slots
    triplets = [
        (place + home, keep, 1.0),
        (place[stay] + home[stay], away, -1.0),
        (place[stay] + shelf, away, 1.0),
    ]
    kinds = [_rows(triplets, np.tile(house.capacity.astype(float), len(full)), full.ravel())]
    going = np.unique(stay)
    nth = np.searchsorted(going, stay)
    triplets = [(nth, away, 1.0), (np.arange(going.size), keep[going], -1.0)]
    kinds.append(_rows(triplets, np.zeros(going.size)))
    bound_to = tied[disputed]
    if bound_to.any():
        slack = ahead.room_s[disputed]
        slack = np.where(bound_to, slack + 1e-9 * (slack + ahead.extra_s[disputed]), 0.0)
        triplets = [
            (keep[stay], away, slower),
            (np.arange(disputed.size), np.arange(disputed.size), -slack),
        ]
        kinds.append(_rows(triplets, np.zeros(disputed.size), bound_to))
    row, column, number, limit = _stacked(kinds)
    shape = (limit.size, gain.size)
    return Program(
        gain, csr_array((number, (row, column)), shape), limit, np.arange(gain.size) < disputed.size
    )


def _may_leave(stays, temp, listed, home, house, ahead, tied) -> np.ndarray:
    """Stays that need a place other than the best shelf, bool, shape (stays,).

    The others may be left out without changing the optimum. Call the excess of a shelf in an
    interval the orders that may stand there beyond its slots. Some optimum sends no order elsewhere
    while its best shelf has room, so no more than the excess leave. Of two orders of one temp, the
    one that loses less a second can take the place that the other has elsewhere, which costs nothing.
    So only the orders that lose least leave, as many of each temp as the excess: an order that is not
    delivered makes the excess smaller by one, too. Orders that might expire elsewhere are not
    exchanged, and may always leave.
    """
    load = np.zeros((stays.interval.max() + 1, house.capacity.size))
    for shelf in range(house.capacity.size):
        load[:, shelf] = np.bincount(stays.interval, listed[:, shelf], len(load))
    excess = load[stays.interval, home] - house.capacity[home]
    free = np.flatnonzero(~tied[stays.order])
    group = stays.interval[free] * len(house.holds) + temp[free]
    ranked = np.lexsort([stays.order[free], ahead.loss[stays.order[free]], group])
    group = group[ranked]
    rank = np.arange(group.size) - np.searchsorted(group, group)
    may_leave = np.ones(stays.order.size, bool)
    may_leave[free[ranked]] = rank < excess[free[ranked]]
    return may_leave


def pooled(orders: Orders, house: House, solver: Solver) -> Optimum:
    """The program for pooled couriers."""
    from scipy.sparse import csr_array

    ready, number = orders.ready_s, orders.ready_s.size
    require_memory(float(number) ** 2 * BYTES_A_PAIR, "the program of one replication")
    order, courier = (x.ravel() for x in np.indices((number, number)))
    handed = np.maximum(ready[order], orders.pickup_s[courier])
    paired = Orders(
        ready[order],
        handed,
        orders.life_s[order],
        orders.rate[order],
        orders.temp[order],
        orders.weight[order],
    )
    ahead = _prospects(paired, house)
    good = np.flatnonzero(ahead.good)
    order, courier, handed, value = order[good], courier[good], handed[good], ahead.value[good]
    loose = ["couriers are a pool, value as on the best shelf"]
    if not good.size:
        return solver.optimum(0.0, True, [])
    pair, variables = np.arange(good.size), good.size
    once = np.ones(number)
    kinds = [_rows([(order, pair, 1.0)], once), _rows([(courier, pair, 1.0)], once)]
    stands = handed > ready[order]
    times = np.unique(np.concatenate([ready, handed[stands]]))
    for shelves in np.unique(np.vstack([house.holds, house.holds.any(axis=0)]), axis=0):
        # orders that have no shelf but these; how many stand there is carried from time to time
        mine = stands & ~(house.holds[orders.temp[order]] & ~shelves).any(axis=1)
        slots = float(house.capacity[shelves].sum())
        if not mine.any() or slots >= np.unique(order[mine]).size:
            continue
        here = variables + np.arange(times.size)  # the share of slots taken
        variables += times.size
        at = np.arange(times.size)
        triplets = [  # before + orders that come - orders that go - now <= 0
            (at, here, -slots),
            (at[1:], here[:-1], slots),
            (np.searchsorted(times, ready[order[mine]]), pair[mine], 1.0),
            (np.searchsorted(times, handed[mine]), pair[mine], -1.0),
        ]
        kinds.append(_rows(triplets, np.zeros(times.size)))
    row, column, number, limit = _stacked(kinds)
    gain = np.concatenate([value, np.zeros(variables - good.size)])
    rows = csr_array((number, (row, column)), (limit.size, variables))
    best, proven = solver.solve(Program(gain, rows, limit, np.arange(variables) < good.size))
    return solver.optimum(best, proven, loose)


def _rows(triplets, limit, wanted=None):
    """Row, column, number and limit of one kind of rows; of those that are wanted, renumbered."""
    row = np.concatenate([r for r, _, _ in triplets])
    column = np.concatenate([c for _, c, _ in triplets])
    number = np.concatenate(
        [np.broadcast_to(np.asarray(n, float), r.shape) for r, _, n in triplets]
    )
    if wanted is not None:
        here = wanted[row]
        row, column, number = (np.cumsum(wanted) - 1)[row[here]], column[here], number[here]
        limit = limit[wanted]
    return row, column, number, limit


def _stacked(kinds):
    """Several kinds of rows under each other."""
    offsets = np.cumsum([0] + [kind[3].size for kind in kinds[:-1]])
    row = np.concatenate([kind[0] + offset for kind, offset in zip(kinds, offsets, strict=True)])
    return row, *(np.concatenate([kind[i] for kind in kinds]) for i in (1, 2, 3))
