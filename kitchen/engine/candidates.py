"""What a rule reads of the orders that it may choose, written block by block: compiled into the kernel."""

from __future__ import annotations

import numpy as np

from kitchen.engine.decaying import lasts_for, tie_breaker, value_of
from kitchen.engine.parts import apart, inline, woven
from kitchen.engine.records import BEGIN, NO_SHELF
from kitchen.model.rules import INDEX_OF


@inline
def resident_of(lane, order):
    """The record of an order: records are used again in a ring, by the order's index."""
    return lane.residents[np.uint64(order) & np.uint64(lane.residents.size - 1)]


@inline
def u_of(kitchen, order):
    """The drawn number of an order; 0 where no rule reads any."""
    u = kitchen.orders.u
    return u[np.uint64(kitchen.lane.number[BEGIN] + order)] if u.size else 0.0


@inline
def _pickup_in(kitchen, resident, time):
    """Expected seconds until the courier comes: by its estimate, else the mean residual delay."""
    orders, world = kitchen.orders, kitchen.world
    at = np.uint64(kitchen.lane.number[BEGIN] + resident.order)
    if world.settings[0].estimates:
        return max(orders.expected_s[at] - time, 0.0)
    elapsed = time - orders.called_s[at]
    low, high = 0, world.residual.shape[0]
    while high - low > 1:
        middle = (low + high) // 2
        if world.residual[middle, 0] <= elapsed:
            low = middle
        else:
            high = middle
    left = world.residual[low, 1] + world.residual[low, 2] * (elapsed - world.residual[low, 0])
    return max(left, 0.0)


@inline
def _fill(lane, shelf):
    """Share of a shelf's slots that are taken; 1 for a shelf without slots."""
    capacity = lane.shelves[shelf].capacity
    return lane.shelves[shelf].taken / capacity if capacity > 0 else 1.0


_VALUE = 1 << INDEX_OF["value"]
AGE = 1 << INDEX_OF["age_s"] | 1 << INDEX_OF["waited_s"]
_OWN = sum(1 << INDEX_OF[f] for f in ("shelf_life_s", "decay_rate", "price", "temp", "shelf"))
_FILLS = 1 << INDEX_OF["home_fill"] | 1 << INDEX_OF["overflow_fill"]
_TIE_BREAKER = 1 << INDEX_OF["u"]
_AT_HOME = 1 << INDEX_OF["expires_in_home_s"]
_WORTH_HERE = 1 << INDEX_OF["value_at_pickup"]
_WORTH_AT_HOME = 1 << INDEX_OF["value_at_pickup_home"]
_PICKUP = 1 << INDEX_OF["pickup_in_s"] | _WORTH_HERE | _WORTH_AT_HOME
_WORN = _VALUE | 1 << INDEX_OF["weighted_age_s"]
_AHEAD = _AT_HOME | _WORTH_HERE | _WORTH_AT_HOME
_EXPIRY = 1 << INDEX_OF["expires_in_s"] | _AHEAD


@inline
def _asked(lane, k):
    """The k-th candidate of a decision."""
    return resident_of(lane, lane.asked[k])


@woven
def look(kitchen, reads, first, size, trigger_u, time, spot):
    """Write the fields that a rule reads of a block of candidates, one group of fields after another.

    A newcomer is the last of them; `spot` is the shelf on which it would be put. Nobody else is one, so
    `is_newcomer` of its record is 1 until `forget_newcomer`.
    """
    world, lane, last = kitchen.world, kitchen.lane, size - np.uint64(1)
    has_newcomer = _asked(lane, first + last).shelf == NO_SHELF
    if has_newcomer:
        lane.candidates[last].is_newcomer = 1.0
    if reads & _TIE_BREAKER:
        for i in range(size):
            u = u_of(kitchen, lane.asked[first + i])
            lane.candidates[i].u = tie_breaker(u, trigger_u)
    if reads & AGE:
        for i in range(size):
            age, seen = time - _asked(lane, first + i).ready_s, lane.candidates[i]
            seen.age_s = age
            seen.waited_s = age
    if reads & _OWN:
        for i in range(size):
            resident, seen = _asked(lane, first + i), lane.candidates[i]
            kind = world.kinds[resident.kind]
            seen.shelf_life_s = kind.shelf_life_s
            seen.decay_rate = kind.decay_rate
            seen.price = kind.price
            seen.temp = resident.temp
            seen.shelf = resident.shelf
    if reads & _FILLS:
        for i in range(size):
            temp, seen = _asked(lane, first + i).temp, lane.candidates[i]
            seen.home_fill = _fill(lane, world.preferences[temp, 0].nth)
            seen.overflow_fill = _fill(lane, overflow_of(world, temp))
    if reads & _PICKUP:
        for i in range(size):
            pickup_in = _pickup_in(kitchen, _asked(lane, first + i), time)
            lane.candidates[i].pickup_in_s = pickup_in
    if reads & _WORN:
        for i in range(size):
            resident, seen = _asked(lane, first + i), lane.candidates[i]
            weighted, age = weighted_age(resident, time), time - resident.ready_s
            seen.weighted_age_s = weighted
            if reads & _VALUE:
                seen.value = value_of(kitchen, world.kinds[resident.kind], age, weighted)
    if reads & _EXPIRY:
        for i in range(size):
            lane.candidates[i].expires_in_s = max(_asked(lane, first + i).expires_s - time, 0.0)
        if has_newcomer:
            newcomer, seen = _asked(lane, first + last), lane.candidates[last]
            kind, pace = world.kinds[newcomer.kind], newcomer.modifier
            seen.expires_in_s = lasts_for(kitchen, kind, 0.0, 0.0, pace)
    if reads & _AHEAD:
        for i in range(size):
            resident, seen = _asked(lane, first + i), lane.candidates[i]
            _look_ahead(kitchen, reads, resident, seen, time, spot)


@inline
def forget_newcomer(kitchen, size):
    kitchen.lane.candidates[size - np.uint64(1)].is_newcomer = 0.0


@inline
def weighted_age(resident, time):
    return resident.weighted_age_s + resident.modifier * (time - resident.since_s)


@woven
def _look_ahead(kitchen, reads, resident, seen, time, spot):
    """Write what becomes of a candidate until its courier comes, where it stands and at home."""
    world, age = kitchen.world, time - resident.ready_s
    kind = world.kinds[resident.kind]
    pace, weighted = resident.modifier, weighted_age(resident, time)
    lasts, pickup_in = seen.expires_in_s, seen.pickup_in_s
    at_pickup = 0.0
    if reads & (_WORTH_HERE | _WORTH_AT_HOME) and lasts > pickup_in:
        at_pickup = value_of(kitchen, kind, age + pickup_in, weighted + pace * pickup_in)
    seen.value_at_pickup = at_pickup
    home = world.preferences[resident.temp, 0].nth
    here = spot if resident.shelf == NO_SHELF else np.int64(resident.shelf)
    if here != home and reads & (_AT_HOME | _WORTH_AT_HOME):
        pace = world.preferences[resident.temp, np.uint64(home)].modifier
        if resident.expires_s > time:
            lasts = lasts_for(kitchen, kind, age, weighted, pace)
        at_pickup = 0.0
        if reads & _WORTH_AT_HOME and lasts > pickup_in:
            worn = weighted + pace * pickup_in
            at_pickup = value_of(kitchen, kind, age + pickup_in, worn)
    seen.expires_in_home_s = lasts
    seen.value_at_pickup_home = at_pickup


@apart
def overflow_of(world, temp):
    """The last shelf of a temp's list."""
    place = 1
    while world.preferences[temp, place].nth != NO_SHELF:
        place += 1
    return world.preferences[temp, place - 1].nth
