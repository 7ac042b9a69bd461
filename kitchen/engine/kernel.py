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
these. Records are used again in a ring. A shelf lists the numbers of its residents without gaps, in any
order: choices do not depend on it, as ties go to the lower order index.

All rules are values of one function type, so the kernel is compiled once. A rule scores a block of
candidates a call; one that is a single field is read by the field's number, without a call.
`kitchen.engine.records` has the dtypes, `candidates` what a rule reads, `decaying` what the decay law
says, `parts` and `by_reference` how all is compiled; Numba's disk cache minds these files, too.
"""

from __future__ import annotations

import math

import numba
import numpy as np

from kitchen.engine import by_reference as references
from kitchen.engine import candidates, decaying, parts, records
from kitchen.engine.by_reference import by_reference
from kitchen.engine.candidates import (
    AGE,
    forget_newcomer,
    look,
    overflow_of,
    resident_of,
    u_of,
    weighted_age,
)
from kitchen.engine.decaying import lasts_for, value_of
from kitchen.engine.parts import apart, inline, woven
from kitchen.engine.records import (
    BEGIN,
    BLOCK,
    DELIVERED,
    DEMOTE_RULE,
    DISCARD_RULE,
    DISCARDED,
    EXPIRED,
    HEAP,
    ISSUE_RULE,
    LACKS,
    MOVE,
    NEXT,
    NO_NUMBER,
    NO_SHELF,
    NOBODY,
    NONE,
    PICKUP,
    PLACE,
    RECALL_RULE,
    RECALL_WHEN_BLOCKED,
    RECORDS,
    ROWS,
    SINGLE,
    Kitchen,
    empty_lane,
    kernel_examples,
)  # fmt: skip
from kitchen.model.decay import LAW_SIGNATURE
from kitchen.model.rules import rule_signature
from kitchen.utils.jit import address_of, function_at, kernel

# Expiry events: a binary heap by time, then order index. An event is stale when its order has left
# or now expires at another time; it is removed when it reaches the top.

_TOP = np.int64(0)  # the place of the next event


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
def _push_expiry(kitchen, resident):
    """Add the expiry event of an order. A full heap is rebuilt with at most one event an order."""
    lane = kitchen.lane
    events, size = lane.expiry_events, lane.number[HEAP]
    if size < events.size:
        events[size].time_s = resident.expires_s
        events[size].order = resident.order
        k = size
        while k > 0 and _before(events[k], events[(k - 1) // 2]):
            _swap(events, k, (k - 1) // 2)
            k = (k - 1) // 2
        lane.number[HEAP] = size + 1
        return
    size = _TOP
    for temp in range(lane.stacks.shape[0]):
        for shelf in range(lane.stacks.shape[1]):
            stack = lane.stacks[temp, shelf]
            for k in range(stack.begin, stack.begin + stack.taken):
                other = resident_of(lane, lane.listed[k])
                if _will_expire(kitchen.world.settings[0], other):
                    events[size].time_s = other.expires_s
                    events[size].order = other.order
                    size += 1
    lane.number[HEAP] = size
    for k in range(size // 2 - 1, -1, -1):
        _sink(events, size, k)


@apart
def _pop_expiry(lane):
    """Remove the earliest expiry event."""
    events, size = lane.expiry_events, lane.number[HEAP] - 1
    lane.number[HEAP] = size
    events[0].time_s = events[size].time_s
    events[0].order = events[size].order
    _sink(events, size, _TOP)


@inline
def _expiry_due(lane, time):
    """Whether an order expires by `time`; the first event of the heap is then its."""
    while lane.number[HEAP] > 0 and lane.expiry_events[0].time_s <= time:
        order = lane.expiry_events[0].order
        resident = resident_of(lane, order)
        if _stands(resident, order) and resident.expires_s == lane.expiry_events[0].time_s:
            return True
        _pop_expiry(lane)
    return False


# Choosing

_rule_at = function_at(rule_signature)
_HOME = np.int64(0)  # the first place of a list of shelves
_NO_ORDER = np.uint32(0xFFFFFFFF)  # later than any


@inline
def _is_full(lane, shelf):
    return lane.shelves[np.uint64(shelf)].taken == lane.shelves[np.uint64(shelf)].capacity


@inline
def _first_with_room(kitchen, temp, place):
    """The first of a temp's shelves with room from this place of its list on, or `NO_SHELF`."""
    place, preferences = np.uint64(place), kitchen.world.preferences
    shelf = preferences[np.uint64(temp), place].nth
    while shelf != NO_SHELF and _is_full(kitchen.lane, shelf):
        place += np.uint64(1)
        shelf = preferences[np.uint64(temp), place].nth
    return shelf


@woven
def _candidates(kitchen, decision, key):
    """List the orders, but for a newcomer, that a decision may choose; returns how many."""
    lane, count, nth = kitchen.lane, np.uint64(0), np.uint64(0)
    while True:
        source = kitchen.world.candidates[np.uint64(decision), np.uint64(key), nth]
        if source.shelf == NO_SHELF:
            return count
        nth += np.uint64(1)
        if _may_go(kitchen, decision, source.temp, source.shelf):
            stack = lane.stacks[source.temp, np.uint64(source.shelf)]
            for k in range(np.uint64(stack.begin), np.uint64(stack.begin + stack.taken)):
                lane.asked[count] = lane.listed[k]
                count += np.uint64(1)


@apart
def _choose(kitchen, decision, newcomer, trigger_u, time, target):
    """The order that the rule of a decision chooses, `NOBODY`, or `NO_NUMBER` if it returned NaN.

    `newcomer` is the newcomer's order and `target` the shelf on which it would be put. Without a
    newcomer it is `NOBODY`, and `target` is the shelf with the free slot, or 0 for a courier. Temp and
    shelf alone say whether orders can go anywhere, so candidates come by stack, the newcomer last.
    """
    world, lane = kitchen.world, kitchen.lane
    deciding = np.uint64(RECALL_RULE if decision == RECALL_WHEN_BLOCKED else decision)
    how = kitchen.rules.decisions[deciding]
    key = target
    if newcomer != NOBODY:
        resident = resident_of(lane, newcomer)
        key = np.int64(resident.temp)
        resident.modifier = world.preferences[resident.temp, np.uint64(target)].modifier
    count = _candidates(kitchen, decision, key)
    if decision == DEMOTE_RULE or (
        decision == DISCARD_RULE and kitchen.world.settings[0].newcomer_may_go
    ):
        lane.asked[count] = newcomer
        count += np.uint64(1)
    least, best = math.inf, _NO_ORDER
    for first in range(np.uint64(0), count, np.uint64(BLOCK)):
        size = min(count - first, np.uint64(BLOCK))
        look(kitchen, how.reads, first, size, trigger_u, time, target)
        if how.kind == SINGLE:
            sign, field = how.sign, np.uint64(how.field)
            for i in range(size):
                lane.scores[i] = sign * lane.fields[i, field]
        else:
            params = kitchen.rules.params[np.uint64(how.begin) : np.uint64(how.end)]
            _rule_at(kitchen.calls[deciding])(lane.candidates, lane.scores, np.int64(size), params)
        forget_newcomer(kitchen, size)
        # Without branches, as the processor could not predict which candidate wins: what the least
        # score is, then the least order that has it.
        before, all_numbers = least, True
        for i in range(size):
            score = lane.scores[i]
            least = score if score < least else least
            all_numbers &= score == score
        if not all_numbers:
            return _refuse(lane, decision, first, size, time)
        best = best if least == before else _NO_ORDER
        for i in range(size):
            order = lane.asked[first + i]
            best = min(best, order if lane.scores[i] == least else _NO_ORDER)
    return NOBODY if best == _NO_ORDER or least == math.inf else np.int64(best)


@apart
def _refuse(lane, decision, first, size, time):
    """Record the fault of a rule that returned NaN for one of a block of candidates."""
    fault = lane.faults[0]
    fault.happened, fault.decision, fault.time_s = 1, decision, time
    for i in range(size):
        if lane.scores[i] != lane.scores[i]:
            fault.order = lane.asked[first + i]
    return NO_NUMBER


@inline
def _may_go(kitchen, decision, temp, shelf):
    """Whether orders of a temp on a shelf have a shelf to move to, where the decision is a move."""
    if decision == DISCARD_RULE or decision == RECALL_RULE or decision == ISSUE_RULE:
        return True
    preferences = kitchen.world.preferences
    rank = preferences[temp, np.uint64(shelf)].rank
    if decision == DEMOTE_RULE:
        return _first_with_room(kitchen, temp, rank + 1) != NO_SHELF
    better = _first_with_room(kitchen, temp, _HOME)
    return better != NO_SHELF and preferences[temp, np.uint64(better)].rank < rank


# Moving


@inline
def _write(lane, time, resident, event, from_shelf, to_shelf, value):
    """Append a row to the ledger."""
    row = lane.rows[lane.number[ROWS]]
    lane.number[ROWS] += 1
    row.time_s = time
    row.value = value
    row.weighted_age_s = resident.weighted_age_s
    row.order = resident.order
    row.event = event
    row.from_shelf = from_shelf
    row.to_shelf = to_shelf


@inline
def _put(kitchen, order, shelf, time):
    """Put a resident on a shelf with room; its expiry time is new unless it has expired."""
    world, lane = kitchen.world, kitchen.lane
    resident = resident_of(lane, order)
    stack = lane.stacks[resident.temp, np.uint64(shelf)]
    position = np.uint32(stack.begin + stack.taken)
    resident.position = position
    lane.listed[position] = order
    stack.taken += 1
    lane.shelves[np.uint64(shelf)].taken += 1
    resident.shelf = shelf
    resident.since_s = time
    resident.modifier = world.preferences[resident.temp, np.uint64(shelf)].modifier
    if resident.expires_s > time:
        kind, age = world.kinds[resident.kind], time - resident.ready_s
        lasts = lasts_for(kitchen, kind, age, resident.weighted_age_s, resident.modifier)
        resident.expires_s = time + lasts
        if _will_expire(kitchen.world.settings[0], resident):
            _push_expiry(kitchen, resident)


@inline
def _take(kitchen, order, time):
    """Remove a resident from its shelf and bring its weighted age up to date."""
    lane = kitchen.lane
    resident = resident_of(lane, order)
    was = np.uint64(resident.shelf)
    shelf = lane.shelves[was]
    resident.weighted_age_s = weighted_age(resident, time)
    stayed = min(time, lane.window_s[1]) - max(resident.since_s, lane.window_s[0])
    if stayed > 0.0:
        shelf.standing_s += stayed
    shelf.taken -= 1
    stack = lane.stacks[resident.temp, was]
    stack.taken -= 1
    moved = lane.listed[np.uint64(stack.begin + stack.taken)]
    lane.listed[resident.position] = moved
    resident_of(lane, moved).position = resident.position
    resident.shelf = NO_SHELF


@woven
def _move(kitchen, order, shelf, time):
    """Move an order to another shelf."""
    lane = kitchen.lane
    resident = resident_of(lane, order)
    was = np.int64(resident.shelf)
    _take(kitchen, order, time)
    _put(kitchen, order, shelf, time)
    if resident.ready_s >= lane.window_s[0]:
        lane.tallies[resident.temp].moves += 1
    if lane.rows.size:
        kind, age = kitchen.world.kinds[resident.kind], time - resident.ready_s
        value = value_of(kitchen, kind, age, resident.weighted_age_s)
        _write(lane, time, resident, MOVE, was, shelf, value)


@woven
def _leave(kitchen, order, was, time, outcome):
    """Count and record the last event of an order; its record may be used again."""
    lane = kitchen.lane
    resident = resident_of(lane, order)
    kind = kitchen.world.kinds[resident.kind]
    value = 0.0
    if outcome != EXPIRED:
        value = value_of(kitchen, kind, time - resident.ready_s, resident.weighted_age_s)
    if resident.ready_s >= lane.window_s[0]:
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
def _depart(kitchen, order, time, outcome):
    """Remove an order from its shelf and from the kitchen."""
    was = np.int64(resident_of(kitchen.lane, order).shelf)
    _take(kitchen, order, time)
    _leave(kitchen, order, was, time, outcome)


@inline
def _enter(kitchen, order):
    """Begin the record of an order that has become ready; False if it is still another's."""
    orders, lane = kitchen.orders, kitchen.lane
    resident, at = resident_of(lane, order), np.uint64(lane.number[BEGIN] + order)
    if resident.shelf != NO_SHELF:
        return False
    kind = np.uint32(orders.item[at])
    resident.order = order
    resident.kind = kind
    resident.temp = kitchen.world.kinds[kind].temp
    resident.ready_s = orders.ready_s[at]
    pooled = kitchen.world.settings[0].pooled
    resident.until_s = math.inf if pooled else orders.pickup_s[at]  # inf: nobody comes
    resident.expires_s = math.inf
    resident.weighted_age_s = 0.0
    resident.since_s = orders.ready_s[at]
    return True


@inline
def _lowest(kitchen, shelf):
    """The lowest order that can be recalled to a shelf: who is first in where nobody is overtaken."""
    lane, nth, lowest = kitchen.lane, np.uint64(0), _NO_ORDER
    while True:
        source = kitchen.world.candidates[np.uint64(RECALL_RULE), np.uint64(shelf), nth]
        if source.shelf == NO_SHELF:
            return NOBODY if lowest == _NO_ORDER else np.int64(lowest)
        stack = lane.stacks[source.temp, np.uint64(source.shelf)]
        for k in range(np.uint64(stack.begin), np.uint64(stack.begin + stack.taken)):
            lowest = min(lowest, lane.listed[k])
        nth += np.uint64(1)


# One lane


@apart
def _make_room(kitchen, newcomer, shelf, time):
    """Decide who gives way to a newcomer whose home is full; `shelf` is the next with room, if any.

    Returns the shelf for the newcomer, with room made there; `NOBODY` if it is to be discarded;
    `NO_NUMBER` if a rule returned NaN.
    """
    world, settings, lane = kitchen.world, kitchen.world.settings[0], kitchen.lane
    temp, u = resident_of(lane, newcomer).temp, u_of(kitchen, newcomer)
    home = np.uint64(world.preferences[temp, 0].nth)
    demotes = kitchen.rules.decisions[DEMOTE_RULE].kind != NONE
    may_recall = kitchen.rules.decisions[RECALL_RULE].kind != NONE and not settings.eager
    while True:
        spot = shelf if shelf != NO_SHELF else overflow_of(world, temp)
        if shelf == NO_SHELF and may_recall:
            chosen = _choose(kitchen, RECALL_WHEN_BLOCKED, newcomer, u, time, spot)
            place = _HOME
        elif shelf == NO_SHELF and settings.keeps_shelves:
            return NOBODY
        elif shelf == NO_SHELF:
            chosen = _choose(kitchen, DISCARD_RULE, newcomer, u, time, spot)
            if chosen == NO_NUMBER:
                return NO_NUMBER
            if chosen == NOBODY or chosen == newcomer:
                return NOBODY
            _depart(kitchen, chosen, time, DISCARDED)
            chosen = NOBODY
        elif shelf != np.int64(home) and demotes:
            chosen = _choose(kitchen, DEMOTE_RULE, newcomer, u, time, spot)
            if chosen == NOBODY or chosen == newcomer:
                return shelf
            place = world.preferences[resident_of(lane, chosen).temp, home].rank + 1
        else:
            return shelf
        if chosen == NO_NUMBER:
            return NO_NUMBER
        if chosen != NOBODY:
            target = _first_with_room(kitchen, resident_of(lane, chosen).temp, place)
            _move(kitchen, chosen, target, time)
        may_recall = False
        shelf = _first_with_room(kitchen, temp, _HOME)


@woven
def _place(kitchen, newcomer, time):
    """Put a newcomer on a shelf; returns it, `NOBODY` if it is discarded, or `NO_NUMBER`."""
    world, settings, lane = kitchen.world, kitchen.world.settings[0], kitchen.lane
    resident = resident_of(lane, newcomer)
    shelf = world.preferences[resident.temp, 0].nth
    if _is_full(lane, shelf):
        shelf = _first_with_room(kitchen, resident.temp, _HOME + 1)
        recalls = kitchen.rules.decisions[RECALL_RULE].kind != NONE and not settings.eager
        blocked = shelf == NO_SHELF and (recalls or not settings.keeps_shelves)
        if kitchen.rules.decisions[DEMOTE_RULE].kind != NONE or blocked:
            shelf = _make_room(kitchen, newcomer, shelf, time)
    if shelf >= 0:
        _put(kitchen, newcomer, shelf, time)
        if lane.rows.size:
            value = value_of(kitchen, world.kinds[resident.kind], 0.0, 0.0)
            _write(lane, time, resident, PLACE, NO_SHELF, shelf, value)
    return shelf


@woven
def _recall_in_turn(kitchen, first_in, shelf, trigger_u, time):
    """Fill a slot that has come free, then the one from where its order came, and so on.

    Returns `NO_NUMBER` if a rule returned NaN, else 0.
    """
    while True:
        chosen = _lowest(kitchen, shelf)
        if not first_in and chosen != NOBODY:
            chosen = _choose(kitchen, RECALL_RULE, NOBODY, trigger_u, time, shelf)
        if chosen == NO_NUMBER:
            return NO_NUMBER
        if chosen == NOBODY:
            return 0
        was = np.int64(resident_of(kitchen.lane, chosen).shelf)
        _move(kitchen, chosen, shelf, time)
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
def _discard_the_rest(kitchen, size, time):
    """Discard, by order index, what no courier took and what does not leave by expiry."""
    for order in range(size):
        if _stands(resident_of(kitchen.lane, order), order):
            _depart(kitchen, order, time, DISCARDED)


@inline
def _nth_ready(orders, begin, n):
    """The n-th order to become ready; `ready_order` is empty where orders keep their order."""
    return np.int64(orders.ready_order[np.uint64(begin + n)]) if orders.ready_order.size else n


@inline
def _nth_courier(orders, begin, size, n):
    """The order whose courier comes n-th, and when."""
    if n >= size:
        return 0, math.inf
    order = np.int64(orders.pickup_order[np.uint64(begin + n)])
    return order, orders.pickup_s[np.uint64(begin + order)]


@woven
def _run_lane(kitchen, begin, size):
    """Run all events of one kitchen, from empty until every order is resolved, or until a fault."""
    if size == 0:
        return
    orders, settings, lane = kitchen.orders, kitchen.world.settings[0], kitchen.lane
    how = kitchen.rules.decisions[RECALL_RULE]
    recalls = how.kind != NONE and settings.eager != 0
    first_in = how.kind == SINGLE and not how.reads & ~AGE and how.sign < 0.0
    first_in = first_in and orders.ready_order.size == 0
    lane.window_s[1] = orders.ready_s[begin + _nth_ready(orders, begin, size - 1)]
    next_arrival, next_courier, waiting, came = 0, 0, 0, 0
    arrival_s = orders.ready_s[begin + _nth_ready(orders, begin, next_arrival)]
    courier, courier_s = _nth_courier(orders, begin, size, next_courier)
    time = 0.0
    while True:
        # 1. The next event: its time, its outcome unless decided below, and the order that it
        # concerns (`NOBODY`: a courier of the pool). A newcomer is on no shelf yet.
        if lane.number[HEAP] and _expiry_due(lane, min(arrival_s, courier_s)):
            time, outcome = lane.expiry_events[0].time_s, EXPIRED
            order = lane.expiry_events[0].order
            _pop_expiry(lane)
        elif courier_s == math.inf and arrival_s == math.inf:  # only couriers that never come
            break
        elif courier_s <= arrival_s:
            time, outcome, order, came = courier_s, DELIVERED, courier, courier
            next_courier += 1
            courier, courier_s = _nth_courier(orders, begin, size, next_courier)
            if settings.pooled:
                order = NOBODY
            elif not _stands(resident_of(lane, order), order):
                continue
        else:
            # 2. A newcomer is placed, discarded, or taken at once by a courier that waits for it.
            time, outcome = arrival_s, DELIVERED
            order = _nth_ready(orders, begin, next_arrival)
            if not _enter(kitchen, order):
                lane.number[LACKS] = 1
                return
            next_arrival += 1
            arrival_s = math.inf
            if next_arrival < size:
                arrival_s = orders.ready_s[
                    np.uint64(begin + _nth_ready(orders, begin, next_arrival))
                ]
            if settings.pooled and waiting > 0:
                waiting -= 1
            elif resident_of(lane, order).until_s > time:
                shelf = _place(kitchen, order, time)
                if shelf == NO_NUMBER:
                    return
                if shelf >= 0:
                    continue
                outcome = DISCARDED
            _leave(kitchen, order, NO_SHELF, time, outcome)
            continue

        # 3. An order leaves its shelf: its own, or the one that a courier of the pool takes.
        if order == NOBODY:
            order = _choose(kitchen, ISSUE_RULE, NOBODY, u_of(kitchen, came), time, _HOME)
            if order == NO_NUMBER:
                return
            if order == NOBODY:
                waiting += 1
                continue
        resident = resident_of(lane, order)
        shelf = np.int64(resident.shelf)
        if resident.expires_s <= time:
            outcome = EXPIRED
        _depart(kitchen, order, time, outcome)

        # 4. The slot that has come free is filled.
        if not recalls:
            continue
        if _recall_in_turn(kitchen, first_in, shelf, u_of(kitchen, order), time) == NO_NUMBER:
            return
    if settings.pooled or next_courier < size:
        _discard_the_rest(kitchen, size, time)


def _signature():
    """Numba types of the kernel's arguments."""
    return ("int64", "int64", *map(numba.typeof, kernel_examples()))


@kernel(
    _signature, counts_references=False, parts=(references, parts, candidates, decaying, records)
)
def _run_lanes(start, stop, kitchen, totals, ledger):
    kitchen = by_reference(kitchen)
    orders, lane = kitchen.orders, kitchen.lane
    for number in range(lane.number[NEXT], stop):
        row = number - start
        begin = orders.first[number]
        size = orders.first[number + 1] - begin
        _clear_tallies(lane)
        lane.number[HEAP], lane.number[BEGIN], lane.number[NEXT] = 0, begin, number
        lane.window_s[0] = orders.opens_s[number] + kitchen.world.settings[0].warm_up_s
        if ledger.count.size:
            lane.number[ROWS] = ledger.first[row]
        _run_lane(kitchen, begin, size)
        if lane.number[LACKS]:
            return
        if ledger.count.size:
            ledger.count[row] = lane.number[ROWS] - ledger.first[row]
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
        lane.number[NEXT] = done
        _run_lanes(start, stop, Kitchen(orders, world, rules, calls, lane), totals, ledger)
        if not lane.number[LACKS]:
            return
        room, done = 2 * lane.residents.size, int(lane.number[NEXT])
