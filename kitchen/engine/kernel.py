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
field is read by the field's number, without a call. `kitchen.engine.records` has the dtypes,
`kitchen.engine.decaying` what the decay law says; Numba's disk cache minds both files.
"""

from __future__ import annotations

import math

import numba
import numpy as np

from kitchen.engine import decaying, records
from kitchen.engine.decaying import apart, inline, lasts_for, tie_breaker, value_of
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
    RECORDS,
    SINGLE,
    empty_lane,
    kernel_examples,
)  # fmt: skip
from kitchen.model.decay import LAW_SIGNATURE
from kitchen.model.rules import INDEX_OF, rule_signature
from kitchen.utils.jit import address_of, function_at, kernel

# Expiry events: a binary heap by time, then order index. An event is stale when its order has left
# or now expires at another time; it is removed when it reaches the top.

_HEAP, _ROWS, _BEGIN, _NEXT, _LACKS = range(5)  # places in Lane.number


@inline
def _resident(lane, order):
    """The record of an order: records are used again in a ring, by the order's index."""
    return lane.residents[np.uint64(order) & np.uint64(lane.residents.size - 1)]


@inline
def _stands(resident, order):
    """Whether the record is of this order, and it is on a shelf."""
    return resident.order == order and resident.shelf != NO_SHELF


@inline
def _before(a, b):
    return a.time_s < b.time_s or (a.time_s == b.time_s and a.order < b.order)


@apart
def _swap(events, a, b):
    time, order = events[a].time_s, events[a].order
    events[a].time_s, events[a].order = events[b].time_s, events[b].order
    events[b].time_s, events[b].order = time, order


@apart
def _sink(events, size, k):
    while 2 * k + 1 < size:
        child = 2 * k + 1
        if child + 1 < size and _before(events[child + 1], events[child]):
            child += 1
        if not _before(events[child], events[k]):
            return
        _swap(events, child, k)
        k = child


@inline
def _will_expire(settings, resident):
    """Whether an order expires before its courier comes, and leaves its shelf then."""
    expires_s = resident.expires_s
    return expires_s <= resident.until_s and expires_s < math.inf and not settings.held


@apart
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
    for temp in range(lane.stacks.shape[0]):
        for shelf in range(lane.stacks.shape[1]):
            stack = lane.stacks[temp, shelf]
            for k in range(stack.begin, stack.begin + stack.taken):
                other = _resident(lane, lane.listed[k])
                if _will_expire(settings, other):
                    events[size].time_s = other.expires_s
                    events[size].order = other.order
                    size += 1
    lane.number[_HEAP] = size
    for k in range(size // 2 - 1, -1, -1):
        _sink(events, size, k)


@apart
def _pop_expiry(lane):
    """Remove the earliest expiry event."""
    events, size = lane.expiry_events, lane.number[_HEAP] - 1
    lane.number[_HEAP] = size
    events[0].time_s = events[size].time_s
    events[0].order = events[size].order
    _sink(events, size, 0)


@inline
def _expiry_due(lane, time):
    """Whether an order expires by `time`; the first event of the heap is then its."""
    while lane.number[_HEAP] > 0 and lane.expiry_events[0].time_s <= time:
        order = lane.expiry_events[0].order
        resident = _resident(lane, order)
        if _stands(resident, order) and resident.expires_s == lane.expiry_events[0].time_s:
            return True
        _pop_expiry(lane)
    return False


# The fields of a candidate


@inline
def _u_of(orders, lane, order):
    """The drawn number of an order; 0 where no rule reads any."""
    return orders.u[np.uint64(lane.number[_BEGIN] + order)] if orders.u.size else 0.0


@inline
def _pickup_in(world, settings, orders, lane, resident, time):
    """Expected seconds until the courier comes: by its estimate, else the mean residual delay."""
    at = np.uint64(lane.number[_BEGIN] + resident.order)
    if settings.estimates:
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


@inline
def _look(reads, world, settings, law, orders, lane, resident, trigger_u, time, spot):
    """Write the fields of the candidate that a rule reads; cheap ones in groups.

    `spot` is the shelf on which a newcomer would be put; it is not used for other orders.
    """
    seen = lane.candidate[0]
    kind = world.kinds[resident.kind]
    if reads & _TIE_BREAKER:
        seen.u = tie_breaker(_u_of(orders, lane, resident.order), trigger_u)
    age = time - resident.ready_s
    if reads & _AGE:
        seen.age_s = age
        seen.waited_s = age
    if reads & _OWN:
        seen.shelf_life_s = kind.shelf_life_s
        seen.decay_rate = kind.decay_rate
        seen.price = kind.price
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
        pickup_in = _pickup_in(world, settings, orders, lane, resident, time)
        seen.pickup_in_s = pickup_in
    newcomer = resident.shelf < 0
    here = spot if newcomer else resident.shelf
    pace = world.preferences[resident.temp, np.uint64(here)].modifier
    weighted = 0.0 if newcomer else resident.weighted_age_s + pace * (time - resident.since_s)
    seen.weighted_age_s = weighted
    if reads & _VALUE:
        seen.value = value_of(settings, law, kind, age, weighted)
    if not reads & (_HERE | _AT_HOME | _WORTH_HERE | _WORTH_AT_HOME):
        return
    if newcomer:
        lasts = lasts_for(settings, law, kind, age, weighted, pace)
    else:
        lasts = max(resident.expires_s - time, 0.0)
    at_pickup = 0.0
    if reads & (_WORTH_HERE | _WORTH_AT_HOME) and lasts > pickup_in:
        at_pickup = value_of(settings, law, kind, age + pickup_in, weighted + pace * pickup_in)
    seen.expires_in_s = lasts
    seen.value_at_pickup = at_pickup
    if here != home and reads & (_AT_HOME | _WORTH_AT_HOME):
        pace = world.preferences[resident.temp, home].modifier
        if newcomer or resident.expires_s > time:
            lasts = lasts_for(settings, law, kind, age, weighted, pace)
        at_pickup = 0.0
        if reads & _WORTH_AT_HOME and lasts > pickup_in:
            worn = weighted + pace * pickup_in
            at_pickup = value_of(settings, law, kind, age + pickup_in, worn)
    seen.expires_in_home_s = lasts
    seen.value_at_pickup_home = at_pickup


# Choosing


@inline
def _first_with_room(world, lane, temp, after):
    """The first of a temp's shelves with room after place `after` of its list, or `NO_SHELF`."""
    place = after + 1
    shelf = world.preferences[temp, place].nth
    while shelf != NO_SHELF and lane.shelves[shelf].taken == lane.shelves[shelf].capacity:
        place += 1
        shelf = world.preferences[temp, place].nth
    return shelf


@apart
def _overflow(world, temp):
    """The last shelf of a temp's list."""
    place = 1
    while world.preferences[temp, place].nth != NO_SHELF:
        place += 1
    return world.preferences[temp, place - 1].nth


@inline
def _choose(
    decision, rule, params, world, settings, law, rules, orders, lane, newcomer, trigger_u, time,
    target,
):  # fmt: skip
    """The order that a rule chooses, `NOBODY`, or `NO_NUMBER` if it returned NaN.

    `newcomer` is the newcomer's order and `target` the shelf on which it would be put. Without a
    newcomer it is `NOBODY`, and `target` is the shelf with the free slot, or 0 for a courier. Temp and
    shelf alone say whether orders can go anywhere, so candidates come by stack, the newcomer last.
    """
    how = rules.decisions[RECALL_RULE if decision == RECALL_WHEN_BLOCKED else decision]
    single, sign, field, reads = how.kind == SINGLE, how.sign, np.uint64(how.field), how.reads
    key = target if newcomer == NOBODY else np.int64(_resident(lane, newcomer).temp)
    newcomer_may_go = decision == DEMOTE_RULE
    newcomer_may_go |= decision == DISCARD_RULE and settings.newcomer_may_go != 0
    best_score, best, no_number = math.inf, NOBODY, NOBODY
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
            order = newcomer if done else np.int64(lane.listed[np.uint64(k)])
            resident = _resident(lane, order)
            _look(reads, world, settings, law, orders, lane, resident, trigger_u, time, target)
            if single:
                score = sign * lane.fields[field]
            else:
                score = rule(lane.candidate[0], params)
            # Without branches, as the processor could not predict which candidate wins.
            wins = (score < best_score) | ((score == best_score) & (order < best))
            best_score = score if score < best_score else best_score
            best = order if wins else best
            no_number = order if score != score else no_number
    if no_number != NOBODY:
        fault = lane.faults[0]
        fault.happened, fault.order, fault.decision = 1, no_number, decision
        fault.time_s = time
        return NO_NUMBER
    return best


@inline
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


@inline
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


@inline
def _put(world, settings, law, lane, order, shelf, time):
    """Put a resident on a shelf with room; its expiry time is new unless it has expired."""
    resident = _resident(lane, order)
    stack = lane.stacks[resident.temp, np.uint64(shelf)]
    position = np.uint32(stack.begin + stack.taken)
    resident.position = position
    lane.listed[position] = order
    stack.taken += 1
    lane.shelves[np.uint64(shelf)].taken += 1
    resident.shelf = shelf
    resident.since_s = time
    if resident.expires_s > time:
        kind, age = world.kinds[resident.kind], time - resident.ready_s
        modifier = world.preferences[resident.temp, np.uint64(shelf)].modifier
        lasts = lasts_for(settings, law, kind, age, resident.weighted_age_s, modifier)
        resident.expires_s = time + lasts
        if _will_expire(settings, resident):
            _push_expiry(settings, lane, resident)


@inline
def _take(world, lane, order, time, horizon):
    """Remove a resident from its shelf and bring its weighted age up to date."""
    resident = _resident(lane, order)
    was = np.uint64(resident.shelf)
    shelf = lane.shelves[was]
    modifier = world.preferences[resident.temp, was].modifier
    resident.weighted_age_s += modifier * (time - resident.since_s)
    stayed = min(time, horizon) - max(resident.since_s, lane.counted_from_s[0])
    if stayed > 0.0:
        shelf.standing_s += stayed
    shelf.taken -= 1
    stack = lane.stacks[resident.temp, was]
    stack.taken -= 1
    moved = lane.listed[np.uint64(stack.begin + stack.taken)]
    lane.listed[resident.position] = moved
    _resident(lane, moved).position = resident.position
    resident.shelf = NO_SHELF


@inline
def _move(world, settings, law, lane, order, shelf, time, horizon):
    """Move an order to another shelf."""
    resident = _resident(lane, order)
    was = resident.shelf
    _take(world, lane, order, time, horizon)
    _put(world, settings, law, lane, order, shelf, time)
    if resident.ready_s >= lane.counted_from_s[0]:
        lane.tallies[resident.temp].moves += 1
    if lane.rows.size:
        kind, age = world.kinds[resident.kind], time - resident.ready_s
        value = value_of(settings, law, kind, age, resident.weighted_age_s)
        _write(lane, time, resident, MOVE, was, shelf, value)


@inline
def _leave(world, settings, law, lane, order, was, time, outcome):
    """Count and record the last event of an order; its record may be used again."""
    resident = _resident(lane, order)
    kind = world.kinds[resident.kind]
    value = 0.0
    if outcome != EXPIRED:
        value = value_of(settings, law, kind, time - resident.ready_s, resident.weighted_age_s)
    if resident.ready_s >= lane.counted_from_s[0]:
        tally = lane.tallies[resident.temp]
        tally.outcomes[outcome] += 1
        tally.prices[outcome] += kind.price
        if outcome == DELIVERED:
            tally.worth += value
            tally.revenue += kind.price * value
            tally.wait_s += time - resident.ready_s
    if lane.rows.size:
        _write(lane, time, resident, PICKUP + outcome, was, NO_SHELF, value)


@inline
def _depart(world, settings, law, lane, order, time, horizon, outcome):
    """Remove an order from its shelf and from the kitchen."""
    was = _resident(lane, order).shelf
    _take(world, lane, order, time, horizon)
    _leave(world, settings, law, lane, order, was, time, outcome)


@inline
def _enter(world, settings, orders, lane, order):
    """Begin the record of an order that has become ready; False if it is still another's."""
    resident, at = _resident(lane, order), np.uint64(lane.number[_BEGIN] + order)
    if resident.shelf != NO_SHELF:
        return False
    kind = np.uint32(orders.item[at])
    resident.order = order
    resident.kind = kind
    resident.temp = world.kinds[kind].temp
    resident.ready_s = orders.ready_s[at]
    resident.until_s = math.inf if settings.pooled else orders.pickup_s[at]  # inf: nobody comes
    resident.expires_s = math.inf
    resident.weighted_age_s = 0.0
    return True


@apart
def _whom(
    decision, rule, params, world, settings, law, rules, orders, lane, newcomer, u, time, spot
):
    """Who moves, or is taken by a courier of the pool: `_choose` in a loop apart, for each decision.

    Only a discard is decided in place: it is what most decisions are where there is no room.
    """
    return _choose(
        decision, rule, params, world, settings, law, rules, orders, lane, newcomer, u, time, spot
    )


@inline
def _lowest(world, lane, shelf):
    """The lowest order that can be recalled to a shelf: who is first in where nobody is overtaken."""
    nth, lowest = 0, np.uint32(0xFFFFFFFF)
    while True:
        source = world.candidates[RECALL_RULE, np.uint64(shelf), np.uint64(nth)]
        if source.shelf == NO_SHELF:
            return NOBODY if lowest == np.uint32(0xFFFFFFFF) else np.int64(lowest)
        stack = lane.stacks[np.uint64(source.temp), np.uint64(source.shelf)]
        for k in range(np.uint64(stack.begin), np.uint64(stack.begin + stack.taken)):
            lowest = min(lowest, lane.listed[k])
        nth += 1


# One lane


@inline
def _make_room(
    demote, recall, discard, world, settings, law, rules, orders, lane, newcomer, shelf, time,
    horizon,
):  # fmt: skip
    """Decide who gives way to a newcomer whose home is full; `shelf` is the next with room, if any.

    Returns the shelf for the newcomer, with room made there; `NOBODY` if it is to be discarded;
    `NO_NUMBER` if a rule returned NaN.
    """
    temp, u = _resident(lane, newcomer).temp, _u_of(orders, lane, newcomer)
    home = world.preferences[temp, 0].nth
    may_recall = rules.decisions[RECALL_RULE].kind != NONE and not settings.eager
    while True:
        spot = shelf if shelf != NO_SHELF else _overflow(world, temp)
        if shelf == NO_SHELF and may_recall:
            chosen = _whom(
                RECALL_WHEN_BLOCKED, recall, rules.recall_params, world, settings, law, rules, orders,
                lane, newcomer, u, time, spot,
            )  # fmt: skip
            after = -1
        elif shelf == NO_SHELF and settings.keeps_shelves:
            return NOBODY
        elif shelf == NO_SHELF:
            chosen = _choose(
                DISCARD_RULE, discard, rules.discard_params, world, settings, law, rules, orders, lane,
                newcomer, u, time, spot,
            )  # fmt: skip
            if chosen == NO_NUMBER:
                return NO_NUMBER
            if chosen == NOBODY or chosen == newcomer:
                return NOBODY
            _depart(world, settings, law, lane, chosen, time, horizon, DISCARDED)
            chosen = NOBODY
        elif shelf != home and rules.decisions[DEMOTE_RULE].kind != NONE:
            chosen = _whom(
                DEMOTE_RULE, demote, rules.demote_params, world, settings, law, rules, orders, lane,
                newcomer, u, time, spot,
            )  # fmt: skip
            if chosen == NOBODY or chosen == newcomer:
                return shelf
            after = world.preferences[_resident(lane, chosen).temp, home].rank
        else:
            return shelf
        if chosen == NO_NUMBER:
            return NO_NUMBER
        if chosen != NOBODY:
            target = _first_with_room(world, lane, _resident(lane, chosen).temp, after)
            _move(world, settings, law, lane, chosen, target, time, horizon)
        may_recall = False
        shelf = _first_with_room(world, lane, temp, -1)


@inline
def _place(
    demote, recall, discard, world, settings, law, rules, orders, lane, newcomer, time, horizon
):  # fmt: skip
    """Put a newcomer on a shelf; returns it, `NOBODY` if it is discarded, or `NO_NUMBER`."""
    resident = _resident(lane, newcomer)
    shelf = world.preferences[resident.temp, 0].nth
    if lane.shelves[np.uint64(shelf)].taken == lane.shelves[np.uint64(shelf)].capacity:
        shelf = _first_with_room(world, lane, resident.temp, 0)
        recalls = rules.decisions[RECALL_RULE].kind != NONE and not settings.eager
        blocked = shelf == NO_SHELF and (recalls or not settings.keeps_shelves)
        if rules.decisions[DEMOTE_RULE].kind != NONE or blocked:
            shelf = _make_room(
                demote, recall, discard, world, settings, law, rules, orders, lane, newcomer, shelf,
                time, horizon,
            )  # fmt: skip
    if shelf >= 0:
        _put(world, settings, law, lane, newcomer, shelf, time)
        if lane.rows.size:
            value = value_of(settings, law, world.kinds[resident.kind], 0.0, 0.0)
            _write(lane, time, resident, PLACE, NO_SHELF, shelf, value)
    return shelf


@inline
def _recall_in_turn(
    recall, first_in, world, settings, law, rules, orders, lane, shelf, trigger_u, time, horizon
):
    """Fill a slot that has come free, then the one from where its order came, and so on.

    Returns `NO_NUMBER` if a rule returned NaN, else 0.
    """
    while True:
        chosen = _lowest(world, lane, shelf)
        if not first_in and chosen != NOBODY:
            chosen = _whom(
                RECALL_RULE, recall, rules.recall_params, world, settings, law, rules, orders, lane,
                NOBODY, trigger_u, time, shelf,
            )  # fmt: skip
        if chosen == NO_NUMBER:
            return NO_NUMBER
        if chosen == NOBODY:
            return 0
        was = np.int64(_resident(lane, chosen).shelf)
        _move(world, settings, law, lane, chosen, shelf, time, horizon)
        shelf = was


@inline
def _clear_tallies(lane):
    """Reset the counts and sums of the lane before; its shelves are empty already."""
    for shelf in range(lane.shelves.size):
        lane.shelves[shelf].standing_s = 0.0
    for temp in range(lane.tallies.size):
        tally = lane.tallies[temp]
        for outcome in range(3):
            tally.outcomes[outcome], tally.prices[outcome] = 0, 0.0
        tally.moves, tally.worth, tally.wait_s, tally.revenue = 0, 0.0, 0.0, 0.0


@apart
def _discard_the_rest(world, settings, law, lane, size, time, horizon):
    """Discard, by order index, what no courier took and what does not leave by expiry."""
    for order in range(size):
        if _stands(_resident(lane, order), order):
            _depart(world, settings, law, lane, order, time, horizon, DISCARDED)


@inline
def _nth_ready(orders, begin, n):
    """The n-th order to become ready; `ready_order` is empty where orders keep their order."""
    return np.int64(orders.ready_order[np.uint64(begin + n)]) if orders.ready_order.size else n


@apart
def _run_lane(
    demote, recall, discard, issue, world, settings, law, rules, orders, lane, begin, size
):
    """Run all events of one kitchen, from empty until every order is resolved, or until a fault."""
    if size == 0:
        return
    how = rules.decisions[RECALL_RULE]
    recalls = how.kind != NONE and settings.eager != 0
    first_in = how.kind == SINGLE and not how.reads & ~_AGE and how.sign < 0.0
    first_in = first_in and orders.ready_order.size == 0
    horizon = orders.ready_s[begin + _nth_ready(orders, begin, size - 1)]
    next_arrival, next_courier, waiting = 0, 0, 0
    arrival_s = orders.ready_s[begin + _nth_ready(orders, begin, 0)]
    time = 0.0
    while True:
        # 1. The next event: its time, its outcome unless decided below, and the order that it
        # concerns (`NOBODY`: a courier of the pool). A newcomer is on no shelf yet.
        courier, courier_s = 0, math.inf
        if next_courier < size:
            courier = np.int64(orders.pickup_order[np.uint64(begin + next_courier)])
            courier_s = orders.pickup_s[np.uint64(begin + courier)]
        if lane.number[_HEAP] and _expiry_due(lane, min(arrival_s, courier_s)):
            time, outcome = lane.expiry_events[0].time_s, EXPIRED
            order = lane.expiry_events[0].order
            _pop_expiry(lane)
        elif courier_s == math.inf and arrival_s == math.inf:  # only couriers that never come
            break
        elif courier_s <= arrival_s:
            time, outcome, order = courier_s, DELIVERED, courier
            next_courier += 1
            if settings.pooled:
                order = NOBODY
            elif not _stands(_resident(lane, courier), courier):
                continue
        else:
            # 2. A newcomer is placed, discarded, or taken at once by a courier that waits for it.
            time, outcome = arrival_s, DELIVERED
            order = _nth_ready(orders, begin, next_arrival)
            if not _enter(world, settings, orders, lane, order):
                lane.number[_LACKS] = 1
                return
            next_arrival += 1
            arrival_s = math.inf
            if next_arrival < size:
                arrival_s = orders.ready_s[
                    np.uint64(begin + _nth_ready(orders, begin, next_arrival))
                ]
            if settings.pooled and waiting > 0:
                waiting -= 1
            elif _resident(lane, order).until_s > time:
                shelf = _place(
                    demote, recall, discard, world, settings, law, rules, orders, lane, order, time,
                    horizon,
                )  # fmt: skip
                if shelf == NO_NUMBER:
                    return
                if shelf >= 0:
                    continue
                outcome = DISCARDED
            _leave(world, settings, law, lane, order, NO_SHELF, time, outcome)
            continue

        # 3. An order leaves its shelf: its own, or the one that a courier of the pool takes.
        if order == NOBODY:
            u = _u_of(orders, lane, courier)
            order = _whom(
                ISSUE_RULE, issue, rules.issue_params, world, settings, law, rules, orders, lane,
                NOBODY, u, time, 0,
            )  # fmt: skip
            if order == NO_NUMBER:
                return
            if order == NOBODY:
                waiting += 1
                continue
        resident = _resident(lane, order)
        shelf = np.int64(resident.shelf)
        if resident.expires_s <= time:
            outcome = EXPIRED
        _depart(world, settings, law, lane, order, time, horizon, outcome)

        # 4. The slot that has come free is filled.
        if recalls:
            u = _u_of(orders, lane, order)
            followed = _recall_in_turn(
                recall, first_in, world, settings, law, rules, orders, lane, shelf, u, time, horizon
            )
            if followed == NO_NUMBER:
                return
    if settings.pooled or next_courier < size:
        _discard_the_rest(world, settings, law, lane, size, time, horizon)


_rule_at = function_at(rule_signature)
_law_at = function_at(lambda: LAW_SIGNATURE)


def _signature():
    """Numba types of the kernel's arguments."""
    return ("int64", "int64", "int64[::1]", *map(numba.typeof, kernel_examples()))


@kernel(_signature, counts_references=False, parts=(decaying, records))
def _run_lanes(start, stop, calls, orders, world, rules, totals, ledger, lane):
    demote, recall = _rule_at(calls[0]), _rule_at(calls[1])
    discard, issue, law = _rule_at(calls[2]), _rule_at(calls[3]), _law_at(calls[4])
    for number in range(lane.number[_NEXT], stop):
        row = number - start
        begin = orders.first[number]
        size = orders.first[number + 1] - begin
        _clear_tallies(lane)
        lane.number[_HEAP], lane.number[_BEGIN], lane.number[_NEXT] = 0, begin, number
        lane.counted_from_s[0] = orders.opens_s[number] + world.settings[0].warm_up_s
        if ledger.count.size:
            lane.number[_ROWS] = ledger.first[row]
        _run_lane(
            demote, recall, discard, issue, world, world.settings[0], law, rules, orders, lane,
            begin, size,
        )  # fmt: skip
        if lane.number[_LACKS]:
            return
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
    rules_at = [address_of(rule, rule_signature()) for rule in compiled_rules]
    calls = np.array([*rules_at, address_of(law, LAW_SIGNATURE)])
    room, done = RECORDS, start
    while True:
        lane = empty_lane(world.preferences["rank"], capacity, most, room, ledger.rows)
        lane.number[_NEXT] = done
        _run_lanes(start, stop, calls, orders, world, rules, totals, ledger, lane)
        if not lane.number[_LACKS]:
            return
        room, done = 2 * lane.residents.size, int(lane.number[_NEXT])
