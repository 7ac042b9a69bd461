"""The simulation kernel: exact events of one replication after another, compiled by Numba.

Each lane is one kitchen. Arrivals and couriers are known beforehand and sorted, so the next of each
is looked up in a list; expiry times depend on where orders stand and wait in a heap. One step:

1. The next event is the earliest of expiry, courier and arrival; at equal times in this order, and
   within one kind by the order's index.
2. The order leaves (expiry, or its own courier), or is placed (arrival) on the first of its shelves
   with room. If that is not its home, the demote rule chooses who goes there. Without room, after a
   blocked recall where that is set, the discard rule chooses who is discarded, and so on until the
   newcomer has a place or is discarded itself.
3. A courier of a pool takes the order that the issue rule chooses, or waits for the next arrival.
   A slot that has come free is filled by recall, which may free another, and so on.

Each order in the kitchen has a *resident*: a record of its data, its weighted age up to `since_s`
(when it was put on its shelf) and the time at which it expires if it stays there. Only a move changes
these. There are as many records as slots, and one for the newcomer. A shelf lists the numbers of its
residents without gaps, in any order: choices do not depend on it, as ties go to the lower order index.

All rules are values of one function type, so the kernel is compiled once. A rule that is a single
field is read by the field's number, without a call. The kernel's helpers stay in this file, because
Numba's disk cache checks the date of this file alone. `kitchen.engine.records` has the dtypes.
"""

from __future__ import annotations

import math

import numba
import numpy as np

from kitchen.engine.records import (
    DELIVERED,
    DEMOTE_RULE,
    DISCARD_RULE,
    DISCARDED,
    EXPIRED,
    ISSUE_RULE,
    MOVE,
    NO_NUMBER,
    NO_SHELF,
    NOBODY,
    NONE,
    PICKUP,
    PLACE,
    RECALL_RULE,
    RECALL_WHEN_BLOCKED,
    SINGLE,
    empty_lane,
    kernel_examples,
)
from kitchen.model.decay import CUSTOM, EXPONENTIAL, LAW_SIGNATURE, STRAIGHT
from kitchen.model.rules import INDEX_OF, rule_signature
from kitchen.utils.jit import address_of, function_at, kernel

_jit = numba.njit(error_model="numpy", nogil=True, _nrt=False)
_inline = numba.njit(error_model="numpy", nogil=True, _nrt=False, forceinline=True)

# Decay


@_inline
def _value(settings, law, resident, age, weighted):
    """Normalised value of an order, in [0, 1]."""
    used = (settings.age_pace * age + resident.pace * weighted) / resident.shelf_life_s
    if settings.shape == STRAIGHT:
        return max(1.0 - used, 0.0)
    return _curved(settings.shape, law, resident, age, weighted, used)


@_jit
def _curved(shape, law, resident, age, weighted, used):
    """The value under a law that is not linear in the share of the shelf life used."""
    if shape == EXPONENTIAL:
        return math.exp(-used)
    if shape == CUSTOM:
        return min(max(law(age, weighted, resident.shelf_life_s, resident.decay_rate), 0.0), 1.0)
    return 1.0 if used < 1.0 else 0.0


@_inline
def _lasts(settings, law, resident, age, weighted, modifier):
    """Seconds until an order expires on a shelf with this modifier; 0 if it has, inf if never."""
    if settings.shape == CUSTOM:
        return _search(settings.waste_below, law, resident, age, weighted, modifier)
    left = resident.limit - (settings.age_pace * age + resident.pace * weighted)
    if left <= 0.0:
        return 0.0
    speed = settings.age_pace + resident.pace * modifier
    return left / speed if speed > 0.0 else math.inf


@_jit
def _search(waste_below, law, resident, age, weighted, modifier):
    """Seconds until a user's law reaches the threshold, by bisection to the last bit."""
    life, rate = resident.shelf_life_s, resident.decay_rate
    if law(age, weighted, life, rate) <= waste_below:
        return 0.0
    low, high = 0.0, life
    while law(age + high, weighted + modifier * high, life, rate) > waste_below:
        low, high = high, 2.0 * high
        if high > 1e9 * life:
            return math.inf
    while True:
        middle = 0.5 * (low + high)
        if middle <= low or middle >= high:
            return high
        if law(age + middle, weighted + modifier * middle, life, rate) > waste_below:
            low = middle
        else:
            high = middle


# Expiry events: a binary heap by time, then order index. An event is stale when its order has left
# or now expires at another time; it is removed when it reaches the top.

_HEAP, _FREE, _ROWS = range(3)  # places in Lane.number


@_inline
def _before(a, b):
    return a.time_s < b.time_s or (a.time_s == b.time_s and a.order < b.order)


@_jit
def _swap(events, a, b):
    time, order = events[a].time_s, events[a].order
    events[a].time_s, events[a].order = (
        events[b].time_s,
        events[b].order,
    )
    events[b].time_s, events[b].order = time, order


@_jit
def _sink(events, size, k):
    while 2 * k + 1 < size:
        child = 2 * k + 1
        if child + 1 < size and _before(events[child + 1], events[child]):
            child += 1
        if not _before(events[child], events[k]):
            return
        _swap(events, child, k)
        k = child


@_inline
def _will_expire(settings, resident):
    """Whether an order expires before its courier comes, and leaves its shelf then."""
    expires_s = resident.expires_s
    return expires_s <= resident.until_s and expires_s < math.inf and not settings.held


@_jit
def _push_expiry(settings, lane, resident):
    """Add the expiry event of an order. A full heap is rebuilt with at most one event an order."""
    events, size = lane.expiry_events, lane.number[_HEAP]
    if size < events.size:
        events[size].time_s = resident.expires_s
        events[size].order = resident.order
        k = size
        while k > 0 and _before(events[k], events[(k - 1) // 2]):
            _swap(events, k, (k - 1) // 2)
            k = (k - 1) // 2
        lane.number[_HEAP] = size + 1
        return
    size = 0
    for number in range(lane.residents.size):
        other = lane.residents[number]
        if other.shelf != NO_SHELF and _will_expire(settings, other):
            events[size].time_s = other.expires_s
            events[size].order = other.order
            size += 1
    lane.number[_HEAP] = size
    for k in range(size // 2 - 1, -1, -1):
        _sink(events, size, k)


@_jit
def _pop_expiry(lane):
    """Remove the earliest expiry event."""
    events, size = lane.expiry_events, lane.number[_HEAP] - 1
    lane.number[_HEAP] = size
    events[0].time_s = events[size].time_s
    events[0].order = events[size].order
    _sink(events, size, 0)


@_inline
def _expiry_due(lane, time):
    """Whether an order expires by `time`; the first event of the heap is then its."""
    while lane.number[_HEAP] > 0 and lane.expiry_events[0].time_s <= time:
        number = lane.resident_of[lane.expiry_events[0].order]
        if number >= 0 and lane.residents[number].expires_s == lane.expiry_events[0].time_s:
            return True
        _pop_expiry(lane)
    return False


# The fields of a candidate


@_inline
def _mixed(z):
    z ^= z >> np.uint64(30)
    z *= np.uint64(0xBF58476D1CE4E5B9)
    z ^= z >> np.uint64(27)
    z *= np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@_inline
def _tie_breaker(u, trigger_u):
    """A uniform number of one order at one decision: a hash of two drawn numbers."""
    mine = np.uint64(u * 2.0**53) + np.uint64(0x9E3779B97F4A7C15)
    word = _mixed(_mixed(mine) ^ np.uint64(trigger_u * 2.0**53))
    return np.float64(word >> np.uint64(11)) * 2.0**-53


@_inline
def _pickup_in(world, settings, resident, time):
    """Expected seconds until the courier comes: by its estimate, else the mean residual delay."""
    if settings.estimates:
        return max(resident.expected_s - time, 0.0)
    elapsed = time - resident.called_s
    low, high = 0, world.residual.shape[0]
    while high - low > 1:
        middle = (low + high) // 2
        if world.residual[middle, 0] <= elapsed:
            low = middle
        else:
            high = middle
    left = world.residual[low, 1] + world.residual[low, 2] * (elapsed - world.residual[low, 0])
    return max(left, 0.0)


@_inline
def _fill(lane, shelf):
    """Share of a shelf's slots that are taken; 1 for a shelf without slots."""
    capacity = lane.shelves[shelf].capacity
    return lane.shelves[shelf].taken / capacity if capacity > 0 else 1.0


_VALUE = 1 << INDEX_OF["value"]
_AGE = 1 << INDEX_OF["age_s"] | 1 << INDEX_OF["waited_s"]
_OWN = sum(1 << INDEX_OF[f] for f in ("shelf_life_s", "decay_rate", "price", "temp", "shelf"))
_OWN |= 1 << INDEX_OF["is_newcomer"]
_FILLS = 1 << INDEX_OF["home_fill"] | 1 << INDEX_OF["overflow_fill"]
_TIE_BREAKER = 1 << INDEX_OF["u"]
_PICKUP = 1 << INDEX_OF["pickup_in_s"]
_HERE = 1 << INDEX_OF["expires_in_s"]
_AT_HOME = 1 << INDEX_OF["expires_in_home_s"]
_WORTH_HERE = 1 << INDEX_OF["value_at_pickup"]
_WORTH_AT_HOME = 1 << INDEX_OF["value_at_pickup_home"]


@_inline
def _look(reads, world, settings, law, lane, resident, trigger_u, time, spot):
    """Write the fields of the candidate that a rule reads; cheap ones in groups.

    `spot` is the shelf on which a newcomer would be put; it is not used for other orders.
    """
    seen = lane.candidate[0]
    if reads & _TIE_BREAKER:
        seen.u = _tie_breaker(resident.u, trigger_u)
    age = time - resident.ready_s
    if reads & _AGE:
        seen.age_s = age
        seen.waited_s = age
    if reads & _OWN:
        seen.shelf_life_s = resident.shelf_life_s
        seen.decay_rate = resident.decay_rate
        seen.price = resident.price
        seen.temp = resident.temp
        seen.shelf = resident.shelf
        seen.is_newcomer = 1.0 if resident.shelf < 0 else 0.0
    home = world.preferences[resident.temp, 0].nth
    if reads & _FILLS:
        seen.home_fill = _fill(lane, home)
        seen.overflow_fill = _fill(lane, _overflow(world, resident.temp))
    if not reads & ~(_TIE_BREAKER | _AGE | _OWN | _FILLS):
        return
    pickup_in = 0.0
    if reads & (_PICKUP | _WORTH_HERE | _WORTH_AT_HOME):
        pickup_in = _pickup_in(world, settings, resident, time)
        seen.pickup_in_s = pickup_in
    newcomer = resident.shelf < 0
    here = spot if newcomer else resident.shelf
    pace = world.preferences[resident.temp, spot].modifier if newcomer else resident.modifier
    weighted = 0.0 if newcomer else resident.weighted_age_s + pace * (time - resident.since_s)
    seen.weighted_age_s = weighted
    if reads & _VALUE:
        seen.value = _value(settings, law, resident, age, weighted)
    if not reads & (_HERE | _AT_HOME | _WORTH_HERE | _WORTH_AT_HOME):
        return
    if newcomer:
        lasts = _lasts(settings, law, resident, age, weighted, pace)
    else:
        lasts = max(resident.expires_s - time, 0.0)
    at_pickup = 0.0
    if reads & (_WORTH_HERE | _WORTH_AT_HOME) and lasts > pickup_in:
        at_pickup = _value(settings, law, resident, age + pickup_in, weighted + pace * pickup_in)
    seen.expires_in_s = lasts
    seen.value_at_pickup = at_pickup
    if here != home and reads & (_AT_HOME | _WORTH_AT_HOME):
        pace = world.preferences[resident.temp, home].modifier
        if newcomer or resident.expires_s > time:
            lasts = _lasts(settings, law, resident, age, weighted, pace)
        at_pickup = 0.0
        if reads & _WORTH_AT_HOME and lasts > pickup_in:
            worn = weighted + pace * pickup_in
            at_pickup = _value(settings, law, resident, age + pickup_in, worn)
    seen.expires_in_home_s = lasts
    seen.value_at_pickup_home = at_pickup


# Choosing


@_inline
def _first_with_room(world, lane, temp, after):
    """The first of a temp's shelves with room after place `after` of its list, or `NO_SHELF`."""
    place = after + 1
    shelf = world.preferences[temp, place].nth
    while shelf != NO_SHELF and lane.shelves[shelf].taken == lane.shelves[shelf].capacity:
        place += 1
        shelf = world.preferences[temp, place].nth
    return shelf


@_jit
def _overflow(world, temp):
    """The last shelf of a temp's list."""
    place = 1
    while world.preferences[temp, place].nth != NO_SHELF:
        place += 1
    return world.preferences[temp, place - 1].nth


@_inline
def _choose(
    decision, rule, params, world, settings, law, rules, lane, newcomer, trigger_u, time, target
):
    """The number of the resident that a rule chooses, `NOBODY`, or `NO_NUMBER` if it returned NaN.

    `newcomer` is the newcomer's number and `target` the shelf on which it would be put. Without a
    newcomer it is `NOBODY`, and `target` is the shelf with the free slot, or 0 for a courier. Temp and
    shelf alone say whether orders can go anywhere, so candidates come by stack, the newcomer last.
    """
    how = rules.decisions[RECALL_RULE if decision == RECALL_WHEN_BLOCKED else decision]
    key = target if newcomer == NOBODY else lane.residents[newcomer].temp
    newcomer_may_go = decision == DEMOTE_RULE
    newcomer_may_go |= decision == DISCARD_RULE and settings.newcomer_may_go != 0
    best_score, best, best_order, no_number = math.inf, NOBODY, NOBODY, NOBODY
    nth, done = 0, False
    while not done:
        source = world.candidates[decision, key, nth]
        nth += 1
        done = source.shelf == NO_SHELF
        if done:
            begin, end = 0, 1 if newcomer_may_go else 0
        elif _may_go(decision, world, lane, source.temp, source.shelf):
            stack = lane.stacks[source.temp, source.shelf]
            begin, end = stack.begin, stack.begin + stack.taken
        else:
            continue
        for k in range(begin, end):
            number = newcomer if done else lane.listed[k]
            resident = lane.residents[number]
            _look(how.reads, world, settings, law, lane, resident, trigger_u, time, target)
            if how.kind == SINGLE:
                score = how.sign * lane.fields[how.field]
            else:
                score = rule(lane.candidate[0], params)
            # Without branches, as the processor could not predict which candidate wins.
            order = resident.order
            wins = (score < best_score) | ((score == best_score) & (order < best_order))
            best_score = score if wins else best_score
            best = number if wins else best
            best_order = order if wins else best_order
            no_number = number if score != score else no_number
    if no_number != NOBODY:
        fault = lane.faults[0]
        fault.happened, fault.order, fault.decision = 1, lane.residents[no_number].order, decision
        fault.time_s = time
        return NO_NUMBER
    return best


@_inline
def _may_go(decision, world, lane, temp, shelf):
    """Whether orders of a temp on a shelf have a shelf to move to, where the decision is a move."""
    if decision == DISCARD_RULE or decision == RECALL_RULE or decision == ISSUE_RULE:
        return True
    rank = world.preferences[temp, shelf].rank
    if decision == DEMOTE_RULE:
        return _first_with_room(world, lane, temp, rank) != NO_SHELF
    better = _first_with_room(world, lane, temp, -1)
    return better != NO_SHELF and world.preferences[temp, better].rank < rank


# Moving


@_inline
def _write(lane, time, resident, event, from_shelf, to_shelf, value):
    """Append a row to the ledger."""
    row = lane.rows[lane.number[_ROWS]]
    lane.number[_ROWS] += 1
    row.time_s = time
    row.value = value
    row.weighted_age_s = resident.weighted_age_s
    row.order = resident.order
    row.event = event
    row.from_shelf = from_shelf
    row.to_shelf = to_shelf


@_inline
def _put(world, settings, law, lane, number, shelf, time):
    """Put a resident on a shelf with room; its expiry time is new unless it has expired."""
    resident = lane.residents[number]
    stack = lane.stacks[resident.temp, shelf]
    resident.position = stack.begin + stack.taken
    lane.listed[resident.position] = number
    stack.taken += 1
    lane.shelves[shelf].taken += 1
    resident.shelf = shelf
    resident.since_s = time
    resident.modifier = world.preferences[resident.temp, shelf].modifier
    if resident.expires_s > time:
        age = time - resident.ready_s
        lasts = _lasts(settings, law, resident, age, resident.weighted_age_s, resident.modifier)
        resident.expires_s = time + lasts
        if _will_expire(settings, resident):
            _push_expiry(settings, lane, resident)


@_inline
def _take(settings, lane, number, time, horizon):
    """Remove a resident from its shelf and bring its weighted age up to date."""
    resident = lane.residents[number]
    shelf = lane.shelves[resident.shelf]
    resident.weighted_age_s += resident.modifier * (time - resident.since_s)
    stayed = min(time, horizon) - max(resident.since_s, lane.counted_from_s[0])
    if stayed > 0.0:
        shelf.standing_s += stayed
    shelf.taken -= 1
    stack = lane.stacks[resident.temp, resident.shelf]
    stack.taken -= 1
    moved = lane.listed[stack.begin + stack.taken]
    lane.listed[resident.position] = moved
    lane.residents[moved].position = resident.position
    resident.shelf = NO_SHELF


@_inline
def _move(world, settings, law, lane, number, shelf, time, horizon):
    """Move a resident to another shelf."""
    resident = lane.residents[number]
    was = resident.shelf
    _take(settings, lane, number, time, horizon)
    _put(world, settings, law, lane, number, shelf, time)
    if resident.ready_s >= lane.counted_from_s[0]:
        lane.tallies[resident.temp].moves += 1
    if lane.rows.size:
        value = _value(settings, law, resident, time - resident.ready_s, resident.weighted_age_s)
        _write(lane, time, resident, MOVE, was, shelf, value)


@_inline
def _leave(settings, law, lane, number, was, time, outcome):
    """Count and record the last event of a resident, and free its record."""
    resident = lane.residents[number]
    value = 0.0
    if outcome != EXPIRED:
        value = _value(settings, law, resident, time - resident.ready_s, resident.weighted_age_s)
    if resident.ready_s >= lane.counted_from_s[0]:
        tally = lane.tallies[resident.temp]
        tally.outcomes[outcome] += 1
        tally.prices[outcome] += resident.price
        if outcome == DELIVERED:
            tally.worth += value
            tally.revenue += resident.price * value
            tally.wait_s += time - resident.ready_s
    if lane.rows.size:
        _write(lane, time, resident, PICKUP + outcome, was, NO_SHELF, value)
    lane.resident_of[resident.order] = NOBODY
    lane.free[lane.number[_FREE]] = number
    lane.number[_FREE] += 1


@_inline
def _depart(settings, law, lane, number, time, horizon, outcome):
    """Remove a resident from its shelf and from the kitchen."""
    was = lane.residents[number].shelf
    _take(settings, lane, number, time, horizon)
    _leave(settings, law, lane, number, was, time, outcome)


@_inline
def _enter(world, settings, orders, lane, begin, order):
    """The number of a new resident, for an order that has become ready."""
    at = begin + order
    lane.number[_FREE] -= 1
    number = lane.free[lane.number[_FREE]]
    lane.resident_of[order] = number
    resident, kind = lane.residents[number], world.kinds[orders.item[at]]
    resident.order = order
    resident.temp = kind.temp
    resident.shelf = NO_SHELF
    resident.called_s = orders.called_s[at]
    resident.ready_s = orders.ready_s[at]
    resident.until_s = math.inf if settings.pooled else orders.pickup_s[at]  # inf: nobody comes
    if orders.expected_s.size:
        resident.expected_s = orders.expected_s[at]
    resident.expires_s = math.inf
    resident.weighted_age_s = 0.0
    resident.shelf_life_s = kind.shelf_life_s
    resident.decay_rate = kind.decay_rate
    resident.price = kind.price
    resident.limit = kind.limit
    resident.pace = kind.pace
    if orders.u.size:
        resident.u = orders.u[at]
    return number


# One lane


@_jit
def _make_room(
    demote, recall, discard, world, settings, law, rules, lane, newcomer, shelf, time,
    horizon,
):  # fmt: skip
    """Decide who gives way to a newcomer whose home is full; `shelf` is the next with room, if any.

    Returns the shelf for the newcomer, with room made there; `NOBODY` if it is to be discarded;
    `NO_NUMBER` if a rule returned NaN.
    """
    resident = lane.residents[newcomer]
    temp, u = resident.temp, resident.u
    home = world.preferences[temp, 0].nth
    may_recall = rules.decisions[RECALL_RULE].kind != NONE and not settings.eager
    while True:
        if shelf == NO_SHELF and may_recall:
            decision, rule, params = RECALL_WHEN_BLOCKED, recall, rules.recall_params
        elif shelf == NO_SHELF and settings.keeps_shelves:
            return NOBODY
        elif shelf == NO_SHELF:
            decision, rule, params = DISCARD_RULE, discard, rules.discard_params
        elif shelf != home and rules.decisions[DEMOTE_RULE].kind != NONE:
            decision, rule, params = DEMOTE_RULE, demote, rules.demote_params
        else:
            return shelf
        spot = shelf if shelf != NO_SHELF else _overflow(world, temp)
        chosen = _choose(
            decision, rule, params, world, settings, law, rules, lane, newcomer, u, time, spot
        )
        if chosen == NO_NUMBER:
            return NO_NUMBER
        nobody_else = chosen == NOBODY or chosen == newcomer
        if decision == DEMOTE_RULE and nobody_else:
            return shelf
        if decision == DISCARD_RULE and nobody_else:
            return NOBODY
        if decision == DISCARD_RULE:
            _depart(settings, law, lane, chosen, time, horizon, DISCARDED)
        elif chosen != NOBODY:
            other = lane.residents[chosen].temp
            after = world.preferences[other, home].rank if decision == DEMOTE_RULE else -1
            target = _first_with_room(world, lane, other, after)
            _move(world, settings, law, lane, chosen, target, time, horizon)
        may_recall = False
        shelf = _first_with_room(world, lane, temp, -1)


@_inline
def _place(
    demote, recall, discard, world, settings, law, rules, lane, newcomer, time, horizon
):  # fmt: skip
    """Put a newcomer on a shelf; returns it, `NOBODY` if it is discarded, or `NO_NUMBER`."""
    resident = lane.residents[newcomer]
    shelf = world.preferences[resident.temp, 0].nth
    if lane.shelves[shelf].taken == lane.shelves[shelf].capacity:
        shelf = _first_with_room(world, lane, resident.temp, 0)
        recalls = rules.decisions[RECALL_RULE].kind != NONE and not settings.eager
        blocked = shelf == NO_SHELF and (recalls or not settings.keeps_shelves)
        if rules.decisions[DEMOTE_RULE].kind != NONE or blocked:
            shelf = _make_room(
                demote, recall, discard, world, settings, law, rules, lane, newcomer, shelf, time,
                horizon,
            )  # fmt: skip
    if shelf >= 0:
        _put(world, settings, law, lane, newcomer, shelf, time)
        if lane.rows.size:
            value = _value(settings, law, resident, 0.0, 0.0)
            _write(lane, time, resident, PLACE, NO_SHELF, shelf, value)
    return shelf


@_inline
def _may_be_fed(world, lane, shelf):
    """Whether any order stands where a free slot on `shelf` can be filled from."""
    nth = 0
    while world.candidates[RECALL_RULE, shelf, nth].shelf != NO_SHELF:
        source = world.candidates[RECALL_RULE, shelf, nth]
        if lane.stacks[source.temp, source.shelf].taken > 0:
            return True
        nth += 1
    return False


@_inline
def _issue_and_recall(
    decision, recall, issue, world, settings, law, rules, lane, shelf, trigger_u, time, horizon
):
    """Give a pooled courier an order if `decision` is issue, then fill each slot that comes free.

    Returns `NOBODY` if the courier found no order, `NO_NUMBER` if a rule returned NaN, else 0.
    """
    recalls = rules.decisions[RECALL_RULE].kind != NONE and settings.eager != 0
    rule, params = issue, rules.issue_params
    while True:
        if decision == RECALL_RULE:
            if not (recalls and _may_be_fed(world, lane, shelf)):
                return 0
            rule, params = recall, rules.recall_params
        chosen = _choose(
            decision, rule, params, world, settings, law, rules, lane, NOBODY, trigger_u, time, shelf
        )  # fmt: skip
        if chosen == NO_NUMBER:
            return NO_NUMBER
        if chosen == NOBODY:
            return NOBODY if decision == ISSUE_RULE else 0
        was = lane.residents[chosen].shelf
        if decision == ISSUE_RULE:
            trigger_u = lane.residents[chosen].u
            outcome = EXPIRED if lane.residents[chosen].expires_s <= time else DELIVERED
            _depart(settings, law, lane, chosen, time, horizon, outcome)
            decision = RECALL_RULE
        else:
            _move(world, settings, law, lane, chosen, shelf, time, horizon)
        shelf = was


@_inline
def _clear_tallies(lane):
    """Reset the counts and sums of the lane before; its shelves are empty already."""
    for shelf in range(lane.shelves.size):
        lane.shelves[shelf].standing_s = 0.0
    for temp in range(lane.tallies.size):
        tally = lane.tallies[temp]
        for outcome in range(3):
            tally.outcomes[outcome], tally.prices[outcome] = 0, 0.0
        tally.moves, tally.worth, tally.wait_s, tally.revenue = 0, 0.0, 0.0, 0.0


@_jit
def _discard_the_rest(settings, law, lane, size, time, horizon):
    """Discard, by order index, what no courier took and what does not leave by expiry."""
    for order in range(size):
        number = lane.resident_of[order]
        if number != NOBODY:
            _depart(settings, law, lane, number, time, horizon, DISCARDED)


@_inline
def _nth_ready(orders, begin, n):
    """The n-th order to become ready; `ready_order` is empty where orders keep their order."""
    return np.int64(orders.ready_order[begin + n]) if orders.ready_order.size else n


@_jit
def _run_lane(
    demote, recall, discard, issue, world, settings, law, rules, orders, lane, begin, size
):
    """Run all events of one kitchen, from empty until every order is resolved, or until a fault."""
    if size == 0:
        return
    horizon = orders.ready_s[begin + _nth_ready(orders, begin, size - 1)]
    next_arrival, next_courier, waiting = 0, 0, 0
    arrival_s = orders.ready_s[begin + _nth_ready(orders, begin, 0)]
    time = 0.0
    while True:
        # 1. The next event: its time, its outcome unless decided below, and the resident that it
        # concerns (`NOBODY`: a courier of the pool). A newcomer is on no shelf yet.
        courier, courier_s, arrives = 0, math.inf, False
        if next_courier < size:
            courier = np.int64(orders.pickup_order[begin + next_courier])
            courier_s = orders.pickup_s[begin + courier]
        if lane.number[_HEAP] and _expiry_due(lane, min(arrival_s, courier_s)):
            time, outcome = lane.expiry_events[0].time_s, EXPIRED
            number = lane.resident_of[lane.expiry_events[0].order]
            _pop_expiry(lane)
        elif courier_s == math.inf and arrival_s == math.inf:  # only couriers that never come
            break
        elif courier_s <= arrival_s:
            time, outcome = courier_s, DELIVERED
            next_courier += 1
            number = lane.resident_of[courier] if not settings.pooled else NOBODY
            if number == NOBODY and not settings.pooled:
                continue
        else:
            time, outcome, arrives = arrival_s, DELIVERED, True
            order = _nth_ready(orders, begin, next_arrival)
            number = _enter(world, settings, orders, lane, begin, order)
            next_arrival += 1
            arrival_s = math.inf
            if next_arrival < size:
                arrival_s = orders.ready_s[begin + _nth_ready(orders, begin, next_arrival)]

        # 2. What it does to that order: a newcomer is placed, discarded, or taken at once by a
        # courier that waits for it; any other order leaves its shelf.
        if arrives:
            if settings.pooled and waiting > 0:
                waiting -= 1
            elif lane.residents[number].until_s > time:
                shelf = _place(
                    demote, recall, discard, world, settings, law, rules, lane, number, time, horizon
                )  # fmt: skip
                if shelf == NO_NUMBER:
                    return
                if shelf >= 0:
                    continue
                outcome = DISCARDED
            _leave(settings, law, lane, number, NO_SHELF, time, outcome)
            continue
        decision, shelf, trigger_u = ISSUE_RULE, 0, 0.0
        if number != NOBODY:
            decision, shelf = RECALL_RULE, lane.residents[number].shelf
            trigger_u = lane.residents[number].u
            if lane.residents[number].expires_s <= time:
                outcome = EXPIRED
            _depart(settings, law, lane, number, time, horizon, outcome)
        elif orders.u.size:
            trigger_u = orders.u[begin + courier]

        # 3. What follows: a courier of the pool takes an order, and slots that came free are filled.
        followed = _issue_and_recall(
            decision, recall, issue, world, settings, law, rules, lane, shelf, trigger_u, time,
            horizon,
        )  # fmt: skip
        if followed == NO_NUMBER:
            return
        waiting += followed == NOBODY
    if settings.pooled or next_courier < size:
        _discard_the_rest(settings, law, lane, size, time, horizon)


_rule_at = function_at(rule_signature)
_law_at = function_at(lambda: LAW_SIGNATURE)


def _signature():
    """Numba types of the kernel's arguments."""
    return ("int64", "int64", "int64[::1]", *map(numba.typeof, kernel_examples()))


@kernel(_signature, counts_references=False)
def _run_lanes(start, stop, calls, orders, world, rules, totals, ledger, lane):
    demote, recall = _rule_at(calls[0]), _rule_at(calls[1])
    discard, issue, law = _rule_at(calls[2]), _rule_at(calls[3]), _law_at(calls[4])
    for number in range(start, stop):
        row = number - start
        begin = orders.first[number]
        size = orders.first[number + 1] - begin
        _clear_tallies(lane)
        lane.number[_HEAP] = 0
        lane.counted_from_s[0] = orders.opens_s[number] + world.settings[0].warm_up_s
        if ledger.count.size:
            lane.number[_ROWS] = ledger.first[row]
        _run_lane(
            demote, recall, discard, issue, world, world.settings[0], law, rules, orders, lane,
            begin, size,
        )  # fmt: skip
        if ledger.count.size:
            ledger.count[row] = lane.number[_ROWS] - ledger.first[row]
        for temp in range(lane.tallies.size):
            totals.tallies[row, temp] = lane.tallies[temp]
        for shelf in range(lane.shelves.size):
            totals.standing_s[row, shelf] = lane.shelves[shelf].standing_s
        if lane.faults[0].happened:
            totals.faults[row] = lane.faults[0]
            return


def run_lanes(lanes, compiled_rules, law, capacity, orders, world, rules, totals, ledger):
    """Run the lanes from `start` to before `stop`; row 0 of the totals is of the first.

    Stops at a rule that returns NaN and records it in ``totals.faults``. Without lanes in the ledger
    only the totals are kept.
    """
    start, stop = lanes
    most = int(np.max(np.diff(orders.first[start : stop + 1]), initial=0))
    lane = empty_lane(world.preferences["rank"], capacity, most, ledger.rows)
    rules_at = [address_of(rule, rule_signature()) for rule in compiled_rules]
    calls = np.array([*rules_at, address_of(law, LAW_SIGNATURE)])
    _run_lanes(start, stop, calls, orders, world, rules, totals, ledger, lane)
