"""The simulation kernel: exact events of one replication after another, compiled by Numba.

Each lane is one kitchen. Arrivals and couriers are known beforehand and sorted, so the next of each
is a look at a list; the instants at which orders expire depend on where they stand and wait in a
heap. One step of a lane:

1. Take the earliest of next expiry, next courier, next arrival; at equal times in this order, and
   within one kind by the order's index. A courier takes its own order; one of a pool takes whom the
   issue rule chooses, and waits for the next arrival if there is nobody.
2. An order that leaves a shelf frees a slot; recall fills it, which may free another, and so on.
3. An arrival goes to the first of its shelves with room; if that is not its home, demote is asked who
   goes there. Without room (after a blocked recall, where that is the setting) discard is asked
   who is thrown away, and the arrival is tried again.

Each order in the house has a *guest*: a record of what is known of it, with its weighted age up to
`since`, when it came to stand where it is, and the instant at which it expires if it stays there.
Only a move changes these. There are as many guests as slots, and one for the newcomer. A shelf keeps
the numbers of its guests without gaps, in no order: who is chosen never depends on that, as ties go
to the lower order index.

All rules are values of one function type, so the kernel is compiled once. A rule that is a single
field is looked up by the field's number and costs no call. The kernel's helpers stay in this
file, because Numba's disk cache looks at the date of this file alone. See `kitchen.engine.records`
for what the kernel reads and writes.
"""

from __future__ import annotations

import math

import numba
import numpy as np

from kitchen.engine.records import (
    CELL,
    DELIVERED,
    DEMOTE_RULE,
    DISCARD_RULE,
    DISCARDED,
    EXPIRED,
    FACTS,
    ISSUE_RULE,
    KIND,
    MOVE,
    NO_NUMBER,
    NO_SHELF,
    NOBODY,
    NONE,
    PICKUP,
    PLACE,
    RECALL_RULE,
    RECALL_WHEN_BLOCKED,
    RULE,
    SINGLE,
    STAND,
    Orders,
    Rules,
    World,
    empty_lane,
    empty_ledger,
    empty_totals,
)
from kitchen.model.decay import CUSTOM, EXPONENTIAL, LAW_SIGNATURE, STRAIGHT
from kitchen.model.rules import INDEX_OF, rule_signature
from kitchen.utils.jit import address_of, function_at, kernel

_jit = numba.njit(error_model="numpy", nogil=True, _nrt=False)
_inline = numba.njit(error_model="numpy", nogil=True, _nrt=False, forceinline=True)

# Decay


@_inline
def _value(facts, law, guest, age, weighted):
    """Normalised value, in [0, 1]."""
    used = (facts.age_pace * age + guest.pace * weighted) / guest.shelf_life_s
    if facts.shape == STRAIGHT:
        return max(1.0 - used, 0.0)
    return _curved(facts.shape, law, guest, age, weighted, used)


@_jit
def _curved(shape, law, guest, age, weighted, used):
    """The value under a law that is no straight line."""
    if shape == EXPONENTIAL:
        return math.exp(-used)
    if shape == CUSTOM:
        return min(max(law(age, weighted, guest.shelf_life_s, guest.decay_rate), 0.0), 1.0)
    return 1.0 if used < 1.0 else 0.0


@_inline
def _lasts(facts, law, guest, age, weighted, modifier):
    """Seconds until the order expires on a shelf with this modifier; 0 if it has, inf if never."""
    if facts.shape == CUSTOM:
        return _search(facts.waste_below, law, guest, age, weighted, modifier)
    left = guest.limit - (facts.age_pace * age + guest.pace * weighted)
    if left <= 0.0:
        return 0.0
    speed = facts.age_pace + guest.pace * modifier
    return left / speed if speed > 0.0 else math.inf


@_jit
def _search(waste_below, law, guest, age, weighted, modifier):
    """The first instant at which a user's law is at the threshold, to the last bit."""
    life, rate = guest.shelf_life_s, guest.decay_rate
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


# Alarms: a heap, the earliest first, the lower index first among equals. An alarm is stale when its
# order has left or expires at another instant by now; it is dropped when it comes to the top.

_HEAP, _FREE, _ROWS = range(3)  # places in Lane.number


@_inline
def _before(a, b):
    return a.time_s < b.time_s or (a.time_s == b.time_s and a.order < b.order)


@_jit
def _swap(alarms, a, b):
    time, order = alarms[a].time_s, alarms[a].order
    alarms[a].time_s, alarms[a].order = alarms[b].time_s, alarms[b].order
    alarms[b].time_s, alarms[b].order = time, order


@_jit
def _sink(alarms, size, k):
    while 2 * k + 1 < size:
        child = 2 * k + 1
        if child + 1 < size and _before(alarms[child + 1], alarms[child]):
            child += 1
        if not _before(alarms[child], alarms[k]):
            return
        _swap(alarms, child, k)
        k = child


@_jit
def _set_alarm(lane, guest):
    """Wake up when this order expires. A full heap is made anew: at most one alarm a guest."""
    size = lane.number[_HEAP]
    if size < lane.alarms.size:
        lane.alarms[size].time_s = guest.expires_s
        lane.alarms[size].order = guest.order
        k = size
        while k > 0 and _before(lane.alarms[k], lane.alarms[(k - 1) // 2]):
            _swap(lane.alarms, k, (k - 1) // 2)
            k = (k - 1) // 2
        lane.number[_HEAP] = size + 1
        return
    size = 0
    for number in range(lane.guests.size):
        other = lane.guests[number]
        if other.shelf != NO_SHELF and other.expires_s <= other.until_s:
            lane.alarms[size].time_s = other.expires_s
            lane.alarms[size].order = other.order
            size += 1
    lane.number[_HEAP] = size
    for k in range(size // 2 - 1, -1, -1):
        _sink(lane.alarms, size, k)


@_jit
def _drop_alarm(lane):
    """Take the first alarm off the heap."""
    size = lane.number[_HEAP] - 1
    lane.number[_HEAP] = size
    lane.alarms[0].time_s = lane.alarms[size].time_s
    lane.alarms[0].order = lane.alarms[size].order
    _sink(lane.alarms, size, 0)


@_inline
def _rings(lane, time):
    """Whether an order expires by `time`; it is then that of the first alarm."""
    while lane.number[_HEAP] > 0 and lane.alarms[0].time_s <= time:
        number = lane.guest_of[lane.alarms[0].order]
        if number >= 0 and lane.guests[number].expires_s == lane.alarms[0].time_s:
            return True
        _drop_alarm(lane)
    return False


# What a rule sees


@_inline
def _mixed(z):
    z ^= z >> np.uint64(30)
    z *= np.uint64(0xBF58476D1CE4E5B9)
    z ^= z >> np.uint64(27)
    z *= np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@_inline
def _lot(u, u_of_asker):
    """A uniform number for one order at one decision: a hash of two drawn numbers."""
    mine = np.uint64(u * 2.0**53) + np.uint64(0x9E3779B97F4A7C15)
    word = _mixed(_mixed(mine) ^ np.uint64(u_of_asker * 2.0**53))
    return np.float64(word >> np.uint64(11)) * 2.0**-53


@_inline
def _pickup_in(world, facts, guest, time):
    """Expected seconds until the courier comes, by what is known of it."""
    if facts.estimates:
        return max(guest.expected_s - time, 0.0)
    elapsed = time - guest.received_s
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
    """Share of a shelf's slots that are taken; a shelf without slots is full."""
    capacity = lane.shelves[shelf].capacity
    return lane.shelves[shelf].taken / capacity if capacity > 0 else 1.0


_VALUE = 1 << INDEX_OF["value"]
_AGE = 1 << INDEX_OF["age_s"] | 1 << INDEX_OF["waited_s"]
_WEIGHTED_AGE = 1 << INDEX_OF["weighted_age_s"]
_OWN = sum(1 << INDEX_OF[f] for f in ("shelf_life_s", "decay_rate", "price", "temp", "shelf"))
_OWN |= 1 << INDEX_OF["is_newcomer"]
_FILLS = 1 << INDEX_OF["home_fill"] | 1 << INDEX_OF["overflow_fill"]
_LOT = 1 << INDEX_OF["u"]
_PICKUP = 1 << INDEX_OF["pickup_in_s"]
_HERE = 1 << INDEX_OF["expires_in_s"]
_AT_HOME = 1 << INDEX_OF["expires_in_home_s"]
_WORTH_HERE = 1 << INDEX_OF["value_at_pickup"]
_WORTH_AT_HOME = 1 << INDEX_OF["value_at_pickup_home"]


@_inline
def _look(reads, world, facts, law, lane, guest, asker_u, time, spot):
    """Write those fields of the candidate that a rule reads; groups that cost little go together.

    `spot` is where a newcomer would be put; everybody else stands somewhere.
    """
    seen = lane.candidate[0]
    if reads & _LOT:
        seen.u = _lot(guest.u, asker_u)
    age = time - guest.ready_s
    if reads & _AGE:
        seen.age_s = age
        seen.waited_s = age
    if reads & _OWN:
        seen.shelf_life_s = guest.shelf_life_s
        seen.decay_rate = guest.decay_rate
        seen.price = guest.price
        seen.temp = guest.temp
        seen.shelf = guest.shelf
        seen.is_newcomer = 1.0 if guest.shelf < 0 else 0.0
    home = world.cells[guest.temp, 0].nth
    if reads & _FILLS:
        seen.home_fill = _fill(lane, home)
        seen.overflow_fill = _fill(lane, _overflow(world, guest.temp))
    if not reads & ~(_LOT | _AGE | _OWN | _FILLS):
        return
    pickup_in = 0.0
    if reads & (_PICKUP | _WORTH_HERE | _WORTH_AT_HOME):
        pickup_in = _pickup_in(world, facts, guest, time)
        seen.pickup_in_s = pickup_in
    newcomer = guest.shelf < 0
    here = spot if newcomer else guest.shelf
    pace = world.cells[guest.temp, spot].modifier if newcomer else guest.modifier
    weighted = 0.0 if newcomer else guest.weighted_age_s + pace * (time - guest.since_s)
    seen.weighted_age_s = weighted
    if reads & _VALUE:
        seen.value = _value(facts, law, guest, age, weighted)
    if not reads & (_HERE | _AT_HOME | _WORTH_HERE | _WORTH_AT_HOME):
        return
    if newcomer:
        lasts = _lasts(facts, law, guest, age, weighted, pace)
    else:
        lasts = max(guest.expires_s - time, 0.0)
    at_pickup = 0.0
    if reads & (_WORTH_HERE | _WORTH_AT_HOME) and lasts > pickup_in:
        at_pickup = _value(facts, law, guest, age + pickup_in, weighted + pace * pickup_in)
    seen.expires_in_s = lasts
    seen.value_at_pickup = at_pickup
    if here != home and reads & (_AT_HOME | _WORTH_AT_HOME):
        pace = world.cells[guest.temp, home].modifier
        if newcomer or guest.expires_s > time:
            lasts = _lasts(facts, law, guest, age, weighted, pace)
        at_pickup = 0.0
        if reads & _WORTH_AT_HOME and lasts > pickup_in:
            at_pickup = _value(facts, law, guest, age + pickup_in, weighted + pace * pickup_in)
    seen.expires_in_home_s = lasts
    seen.value_at_pickup_home = at_pickup


# Choosing


@_inline
def _first_with_room(world, lane, temp, after):
    """The first of a temp's shelves that has room, beyond place `after` of its list; or none."""
    place = after + 1
    shelf = world.cells[temp, place].nth
    while shelf != NO_SHELF and lane.shelves[shelf].taken == lane.shelves[shelf].capacity:
        place += 1
        shelf = world.cells[temp, place].nth
    return shelf


@_jit
def _overflow(world, temp):
    """The last shelf of a temp's list."""
    place = 1
    while world.cells[temp, place].nth != NO_SHELF:
        place += 1
    return world.cells[temp, place - 1].nth


@_inline
def _choose(decision, rule, params, world, facts, law, rules, lane, asker, asker_u, time, target):
    """The number of the guest whom a rule chooses, `NOBODY`, or `NO_NUMBER` if it said none.

    Parameters: `asker` is the newcomer's number and `target` where it would be put. Without a newcomer
    `asker` is `NOBODY` and `target` the shelf with a free slot, or 0 for a courier. Whether somebody has
    where to go depends on temp and shelf alone, so candidates come in whole stacks, the newcomer
    last.
    """
    how = rules.decisions[RECALL_RULE if decision == RECALL_WHEN_BLOCKED else decision]
    key = target if asker == NOBODY else lane.guests[asker].temp
    newcomer_may_go = decision == DEMOTE_RULE or (
        decision == DISCARD_RULE and facts.newcomer_may_go != 0
    )
    best_score, best, best_order, no_number = math.inf, NOBODY, NOBODY, NOBODY
    nth, done = 0, False
    while not done:
        stand = world.candidates[decision, key, nth]
        nth += 1
        done = stand.shelf == NO_SHELF
        if done:
            begin, end = 0, 1 if newcomer_may_go else 0
        elif _may_go(decision, world, lane, stand.temp, stand.shelf):
            stack = lane.stacks[stand.temp, stand.shelf]
            begin, end = stack.begin, stack.begin + stack.taken
        else:
            continue
        for k in range(begin, end):
            number = asker if done else lane.listed[k]
            guest = lane.guests[number]
            _look(how.reads, world, facts, law, lane, guest, asker_u, time, target)
            if how.kind == SINGLE:
                score = how.sign * lane.fields[how.field]
            else:
                score = rule(lane.candidate[0], params)
            # Without branches: which candidate wins cannot be foretold, by the processor either.
            order = guest.order
            wins = (score < best_score) | ((score == best_score) & (order < best_order))
            best_score = score if wins else best_score
            best = number if wins else best
            best_order = order if wins else best_order
            no_number = number if score != score else no_number
    if no_number != NOBODY:
        fault = lane.faults[0]
        fault.happened, fault.order, fault.decision = 1, lane.guests[no_number].order, decision
        fault.time_s = time
        return NO_NUMBER
    return best


@_inline
def _may_go(decision, world, lane, temp, shelf):
    """Whether orders of a temp on a shelf have a place to go to, where the decision is to move."""
    if decision == DISCARD_RULE or decision == RECALL_RULE or decision == ISSUE_RULE:
        return True
    rank = world.cells[temp, shelf].rank
    if decision == DEMOTE_RULE:
        return _first_with_room(world, lane, temp, rank) != NO_SHELF
    better = _first_with_room(world, lane, temp, -1)
    return better != NO_SHELF and world.cells[temp, better].rank < rank


# Moving


@_inline
def _write(lane, time, guest, event, from_shelf, to_shelf, value):
    """One row of the ledger."""
    row = lane.rows[lane.number[_ROWS]]
    lane.number[_ROWS] += 1
    row.time_s = time
    row.value = value
    row.weighted_age_s = guest.weighted_age_s
    row.order = guest.order
    row.event = event
    row.from_shelf = from_shelf
    row.to_shelf = to_shelf


@_inline
def _put(world, facts, law, lane, number, shelf, time):
    """Stand a guest on a shelf that has room; what has expired by now stays expired."""
    guest = lane.guests[number]
    stack = lane.stacks[guest.temp, shelf]
    guest.position = stack.begin + stack.taken
    lane.listed[guest.position] = number
    stack.taken += 1
    lane.shelves[shelf].taken += 1
    guest.shelf = shelf
    guest.since_s = time
    guest.modifier = world.cells[guest.temp, shelf].modifier
    if guest.expires_s > time:
        age = time - guest.ready_s
        lasts = _lasts(facts, law, guest, age, guest.weighted_age_s, guest.modifier)
        guest.expires_s = time + lasts
        if guest.expires_s <= guest.until_s and guest.expires_s < math.inf and not facts.held:
            _set_alarm(lane, guest)


@_inline
def _take(facts, lane, number, time, horizon):
    """Take a guest off its shelf, with its age brought up to date."""
    guest = lane.guests[number]
    shelf = lane.shelves[guest.shelf]
    guest.weighted_age_s += guest.modifier * (time - guest.since_s)
    stayed = min(time, horizon) - max(guest.since_s, facts.warm_up_s)
    if stayed > 0.0:
        shelf.standing_s += stayed
    shelf.taken -= 1
    stack = lane.stacks[guest.temp, guest.shelf]
    stack.taken -= 1
    moved = lane.listed[stack.begin + stack.taken]
    lane.listed[guest.position] = moved
    lane.guests[moved].position = guest.position
    guest.shelf = NO_SHELF


@_inline
def _move(world, facts, law, lane, number, shelf, time, horizon):
    """Move a guest to another shelf."""
    guest = lane.guests[number]
    was = guest.shelf
    _take(facts, lane, number, time, horizon)
    _put(world, facts, law, lane, number, shelf, time)
    if guest.ready_s >= facts.warm_up_s:
        lane.tallies[guest.temp].moves += 1
    if lane.rows.size:
        value = _value(facts, law, guest, time - guest.ready_s, guest.weighted_age_s)
        _write(lane, time, guest, MOVE, was, shelf, value)


@_inline
def _leave(facts, law, lane, number, was, time, outcome):
    """A guest's last event, counted and written down; its record is free again."""
    guest = lane.guests[number]
    value = 0.0
    if outcome != EXPIRED:
        value = _value(facts, law, guest, time - guest.ready_s, guest.weighted_age_s)
    if guest.ready_s >= facts.warm_up_s:
        tally = lane.tallies[guest.temp]
        tally.outcomes[outcome] += 1
        if outcome == DELIVERED:
            tally.worth += value
            tally.wait_s += time - guest.ready_s
        else:
            tally.cost += guest.price
    if lane.rows.size:
        _write(lane, time, guest, PICKUP + outcome, was, NO_SHELF, value)
    lane.guest_of[guest.order] = NOBODY
    lane.free[lane.number[_FREE]] = number
    lane.number[_FREE] += 1


@_inline
def _depart(facts, law, lane, number, time, horizon, outcome):
    """A guest leaves its shelf and the house."""
    was = lane.guests[number].shelf
    _take(facts, lane, number, time, horizon)
    _leave(facts, law, lane, number, was, time, outcome)


@_inline
def _enter(world, facts, orders, lane, begin, order):
    """A guest for an order that is ready: nothing has happened to it yet."""
    at = begin + order
    lane.number[_FREE] -= 1
    number = lane.free[lane.number[_FREE]]
    lane.guest_of[order] = number
    guest, kind = lane.guests[number], world.kinds[orders.item[at]]
    guest.order = order
    guest.temp = kind.temp
    guest.shelf = NO_SHELF
    guest.received_s = orders.received_s[at]
    guest.ready_s = orders.ready_s[at]
    guest.until_s = math.inf if facts.pooled else orders.pickup_s[at]
    if orders.expected_s.size:
        guest.expected_s = orders.expected_s[at]
    guest.expires_s = math.inf
    guest.weighted_age_s = 0.0
    guest.shelf_life_s = kind.shelf_life_s
    guest.decay_rate = kind.decay_rate
    guest.price = kind.price
    guest.limit = kind.limit
    guest.pace = kind.pace
    if orders.u.size:
        guest.u = orders.u[at]
    return number


# One lane


@_jit
def _make_room(
    demote, recall, discard, world, facts, law, rules, lane, newcomer, shelf, time,
    horizon,
):  # fmt: skip
    """Ask the rules where a newcomer goes whose home is full; `shelf` is the next with room, if any.

    Returns the shelf for it, with room made there; `NOBODY` if it is the one to be thrown away;
    `NO_NUMBER` if a rule said no number.
    """
    guest = lane.guests[newcomer]
    temp, u = guest.temp, guest.u
    home = world.cells[temp, 0].nth
    may_recall = rules.decisions[RECALL_RULE].kind != NONE and not facts.eager
    while True:
        if shelf == NO_SHELF and may_recall:
            decision, rule, params = RECALL_WHEN_BLOCKED, recall, rules.recall_params
        elif shelf == NO_SHELF and facts.keeps_shelves:
            return NOBODY
        elif shelf == NO_SHELF:
            decision, rule, params = DISCARD_RULE, discard, rules.discard_params
        elif shelf != home and rules.decisions[DEMOTE_RULE].kind != NONE:
            decision, rule, params = DEMOTE_RULE, demote, rules.demote_params
        else:
            return shelf
        spot = shelf if shelf != NO_SHELF else _overflow(world, temp)
        chosen = _choose(
            decision, rule, params, world, facts, law, rules, lane, newcomer, u, time, spot
        )
        if chosen == NO_NUMBER:
            return NO_NUMBER
        nobody_else = chosen == NOBODY or chosen == newcomer
        if decision == DEMOTE_RULE and nobody_else:
            return shelf
        if decision == DISCARD_RULE and nobody_else:
            return NOBODY
        if decision == DISCARD_RULE:
            _depart(facts, law, lane, chosen, time, horizon, DISCARDED)
        elif chosen != NOBODY:
            other = lane.guests[chosen].temp
            after = world.cells[other, home].rank if decision == DEMOTE_RULE else -1
            target = _first_with_room(world, lane, other, after)
            _move(world, facts, law, lane, chosen, target, time, horizon)
        may_recall = False
        shelf = _first_with_room(world, lane, temp, -1)


@_inline
def _nth_ready(orders, begin, n):
    """The order that becomes ready as the n-th; nobody is overtaken where nothing is prepared."""
    return np.int64(orders.ready_order[begin + n]) if orders.ready_order.size else n


@_inline
def _may_be_fed(world, lane, shelf):
    """Whether anybody stands where a free slot on `shelf` might be filled from."""
    nth = 0
    while world.candidates[RECALL_RULE, shelf, nth].shelf != NO_SHELF:
        stand = world.candidates[RECALL_RULE, shelf, nth]
        if lane.stacks[stand.temp, stand.shelf].taken > 0:
            return True
        nth += 1
    return False


@_inline
def _clear_tallies(lane):
    """Forget what the lane before came to; its kitchen is empty by itself."""
    for shelf in range(lane.shelves.size):
        lane.shelves[shelf].standing_s = 0.0
    for temp in range(lane.tallies.size):
        tally = lane.tallies[temp]
        for outcome in range(3):
            tally.outcomes[outcome] = 0
        tally.moves, tally.worth, tally.wait_s, tally.cost = 0, 0.0, 0.0, 0.0


@_jit
def _throw_away_the_rest(facts, law, lane, size, time, horizon):
    """What no courier would take and what never expires; the lower index first."""
    for order in range(size):
        number = lane.guest_of[order]
        if number != NOBODY:
            _depart(facts, law, lane, number, time, horizon, DISCARDED)


@_jit
def _run_lane(demote, recall, discard, issue, world, facts, law, rules, orders, lane, begin, size):
    """All events of one kitchen, from empty until every order is resolved, or until a fault."""
    if size == 0:
        return
    recalls, eager = rules.decisions[RECALL_RULE].kind != NONE, facts.eager != 0
    asks_arrivals = rules.decisions[DEMOTE_RULE].kind != NONE
    asks_blocked = (recalls and not eager) or not facts.keeps_shelves
    horizon = orders.ready_s[begin + _nth_ready(orders, begin, size - 1)]
    next_arrival, next_courier, waiting = 0, 0, 0
    arrival_s = orders.ready_s[begin + _nth_ready(orders, begin, 0)]
    time = 0.0
    while True:
        courier, courier_s = 0, math.inf
        if next_courier < size:
            courier = np.int64(orders.pickup_order[begin + next_courier])
            courier_s = orders.pickup_s[begin + courier]
        if lane.number[_HEAP] and _rings(lane, min(arrival_s, courier_s)):
            time, outcome = lane.alarms[0].time_s, EXPIRED
            number = lane.guest_of[lane.alarms[0].order]
            _drop_alarm(lane)
        elif next_courier == size and next_arrival == size:
            break
        elif courier_s <= arrival_s:
            time, outcome = courier_s, DELIVERED
            next_courier += 1
            number = lane.guest_of[courier] if not facts.pooled else NOBODY
            if number == NOBODY and not facts.pooled:
                continue
        else:
            time, outcome = arrival_s, DELIVERED
            order = _nth_ready(orders, begin, next_arrival)
            number = _enter(world, facts, orders, lane, begin, order)
            next_arrival += 1
            arrival_s = math.inf
            if next_arrival < size:
                arrival_s = orders.ready_s[begin + _nth_ready(orders, begin, next_arrival)]
            guest = lane.guests[number]
            if facts.pooled and waiting > 0:
                waiting -= 1
            elif guest.until_s > time:
                shelf = world.cells[guest.temp, 0].nth
                if lane.shelves[shelf].taken == lane.shelves[shelf].capacity:
                    shelf = _first_with_room(world, lane, guest.temp, 0)
                    if asks_arrivals or (shelf == NO_SHELF and asks_blocked):
                        shelf = _make_room(
                            demote, recall, discard, world, facts, law, rules, lane, number,
                            shelf, time, horizon,
                        )  # fmt: skip
                if shelf >= 0:
                    _put(world, facts, law, lane, number, shelf, time)
                    if lane.rows.size:
                        value = _value(facts, law, guest, 0.0, 0.0)
                        _write(lane, time, guest, PLACE, NO_SHELF, shelf, value)
                    continue
                if shelf == NO_NUMBER:
                    return
                outcome = DISCARDED
        decision, rule, params = ISSUE_RULE, issue, rules.issue_params
        shelf, u = 0, 0.0
        if number != NOBODY:
            decision = RECALL_RULE
            shelf, u = lane.guests[number].shelf, lane.guests[number].u
            if shelf == NO_SHELF:
                _leave(facts, law, lane, number, NO_SHELF, time, outcome)
                continue
            if lane.guests[number].expires_s <= time:
                outcome = EXPIRED
            _depart(facts, law, lane, number, time, horizon, outcome)
        elif orders.u.size:
            u = orders.u[begin + courier]
        while True:
            if decision == RECALL_RULE:
                if not (recalls and eager and _may_be_fed(world, lane, shelf)):
                    break
                rule, params = recall, rules.recall_params
            chosen = _choose(
                decision, rule, params, world, facts, law, rules, lane, NOBODY, u, time, shelf
            )
            if chosen == NO_NUMBER:
                return
            if chosen == NOBODY:
                waiting += decision == ISSUE_RULE
                break
            was = lane.guests[chosen].shelf
            if decision == ISSUE_RULE:
                u = lane.guests[chosen].u
                outcome = EXPIRED if lane.guests[chosen].expires_s <= time else DELIVERED
                _depart(facts, law, lane, chosen, time, horizon, outcome)
                decision = RECALL_RULE
            else:
                _move(world, facts, law, lane, chosen, shelf, time, horizon)
            shelf = was
    if facts.pooled:
        _throw_away_the_rest(facts, law, lane, size, time, horizon)


_rule_at = function_at(rule_signature)
_law_at = function_at(lambda: LAW_SIGNATURE)


@kernel(lambda: _signature(), counts_references=False)
def _run_lanes(start, stop, calls, orders, world, rules, totals, ledger, lane):
    demote, recall = _rule_at(calls[0]), _rule_at(calls[1])
    discard, issue, law = _rule_at(calls[2]), _rule_at(calls[3]), _law_at(calls[4])
    for number in range(start, stop):
        row = number - start
        begin = orders.first[number]
        size = orders.first[number + 1] - begin
        _clear_tallies(lane)
        lane.number[_HEAP] = 0
        if ledger.count.size:
            lane.number[_ROWS] = ledger.first[row]
        _run_lane(
            demote,
            recall,
            discard,
            issue,
            world,
            world.facts[0],
            law,
            rules,
            orders,
            lane,
            begin,
            size,
        )
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
    """Run the `lanes` from the first number to before the second, which row 0 of totals is of.

    All stops at a rule that says no number, which ``totals.faults`` then tells of. Without lanes in
    the ledger only the totals are kept.
    """
    start, stop = lanes
    most = int(np.max(np.diff(orders.first[start : stop + 1]), initial=0))
    lane = empty_lane(world.cells["rank"], capacity, most, ledger.rows)
    rules_at = [address_of(rule, rule_signature()) for rule in compiled_rules]
    calls = np.array([*rules_at, address_of(law, LAW_SIGNATURE)])
    _run_lanes(start, stop, calls, orders, world, rules, totals, ledger, lane)


def _signature():
    """Types of the kernel's arguments, taken from small examples of them."""
    whole, short, number = np.zeros(1, np.int64), np.zeros(1, np.int32), np.zeros(1)
    table, ledger = np.zeros((1, 2), CELL), empty_ledger([1])
    examples = (
        Orders(whole, short, number, number, number, number, short, short, number),
        World(
            np.zeros(1, KIND),
            table,
            np.zeros((1, 1, 1), STAND),
            np.zeros((1, 3)),
            np.zeros(1, FACTS),
        ),
        Rules(np.zeros(4, RULE), number, number, number, number),
        empty_totals(1, 1, 1),
        ledger,
        empty_lane(table["rank"], whole, 1, ledger.rows),
    )
    return ("int64", "int64", "int64[::1]", *map(numba.typeof, examples))


@kernel(lambda: (numba.typeof(empty_ledger([1])),), counts_references=False)
def compact(ledger):
    """Close the gaps between the lanes' rows, in place; `first` then tells where they begin."""
    end = 0
    for lane in range(ledger.count.size):
        begin = ledger.first[lane]
        ledger.first[lane] = end
        for row in range(begin, begin + ledger.count[lane]):
            ledger.rows[end] = ledger.rows[row]
            end += 1
    ledger.first[ledger.count.size] = end
