"""A second, slow kitchen to compare the real one with.

One replication, plain Python, written from the rules of the kitchen alone. It knows nothing of
the package and shares no line with it, so that a mistake has to be made twice to go unseen.
Whatever can be derived is derived anew each time it is asked for: the weighted age is summed over
the stays of an order, the fill of a shelf is counted, and the candidates of a decision are looked
up one by one.

All times are seconds by one clock, whatever it shows at the start. A shelf is named by its index in `World.shelves`.

How one instant goes:

1. the heap gives the earliest event; at one time expiries come before pickups before arrivals, and
   within a kind the lower order index first;
2. an event that no longer holds (the order has left, or was moved and expires at another time) is
   dropped;
3. an expiry or a pickup takes an order off its shelf, and the freed slot starts a chain of recalls;
   the courier of a pool for whom there is nothing joins the queue of those who wait;
4. an arrival is handed over, or placed, or blocked; a blocked one asks the recall rule first (only
   if recalls wait for that), then the discard rule.

When no event is left, what still stands on a shelf is thrown away: what a pool of couriers left
behind, and what nobody comes for.
"""

import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

EXPIRY, PICKUP, ARRIVAL = 0, 1, 2
"""Kinds of events, in the order in which they happen at one instant."""

NEVER = math.inf


# --- what goes in --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shelf:
    """A shelf: the temps it holds (or "any"), its slots, and how fast food ages on it."""

    name: str
    holds: tuple[str, ...] | str
    capacity: int
    modifier: float | dict[str, float] = 1.0

    def takes(self, temp):
        return self.holds == "any" or temp in self.holds

    def modifier_for(self, temp):
        return self.modifier[temp] if isinstance(self.modifier, dict) else self.modifier


@dataclass(frozen=True)
class Order:
    """An order and its courier.

    `temp` is a name, `u` in [0, 1) the number drawn for its ties, and `expected_s` when the courier
    is believed to come, if the kitchen has no more than an estimate. `pickup_s` is inf if nobody comes.
    """

    index: int
    temp: str
    shelf_life_s: float
    decay_rate: float
    price: float
    received_s: float
    ready_s: float
    pickup_s: float
    u: float = 0.0
    expected_s: float | None = None


@dataclass(frozen=True)
class World:
    """Shelves in order of preference, and the rules that do not depend on the strategy.

    Parameters
    ----------
    shelves : sequence of Shelf
    temps : tuple of str
        The index of a temp is the code that rules see.
    decay : str or function
        A law by name, or `law(age_s, weighted_age_s, shelf_life_s, decay_rate)`, not rising in the
        first two.
    waste_below : float
        In [0, 1): an order is expired from the first instant its value is at most this.
    expired_orders : "removed" or "held"
        Off the shelf at that instant, or only when its courier comes.
    eta : "unknown", "noisy" or "exact"
        What a rule knows of the courier: how long couriers take, `Order.expected_s`, or the truth.
    residual : function, optional
        Mean seconds still to wait, given the seconds since the courier was called. Needed when the
        courier is unknown.
    delay_from : "received" or "ready"
        When the courier is called.

    Raises
    ------
    ValueError
        For an option that is none of the above.
    """

    shelves: tuple[Shelf, ...]
    temps: tuple[str, ...]
    decay: str | Callable = "linear"
    waste_below: float = 0.0
    expired_orders: str = "removed"
    eta: str = "unknown"
    residual: Callable | None = None
    delay_from: str = "received"

    def __post_init__(self):
        _one_of("delay_from", self.delay_from, ("received", "ready"))
        if not callable(self.decay):
            _one_of("decay", self.decay, tuple(CLOCKS))
        _one_of("expired_orders", self.expired_orders, ("removed", "held"))
        _one_of("eta", self.eta, ("unknown", "noisy", "exact"))
        if not 0.0 <= self.waste_below < 1.0:
            raise ValueError(f"waste_below must be in [0, 1), got {self.waste_below}")
        if self.eta == "unknown" and self.residual is None:
            raise ValueError("an unknown courier needs a residual function")


@dataclass(frozen=True)
class Strategy:
    """The decisions; each rule is a function of a `Candidate`, and the lowest score is chosen.

    `recall=None` moves nobody; `demote=None` always sends the newcomer; with `issue=None` each
    courier takes its own order, with a rule they are a pool.
    """

    discard: Callable
    recall: Callable | None = None
    demote: Callable | None = None
    issue: Callable | None = None
    recall_when: str = "eager"
    discard_from: str = "overflow+newcomer"

    def __post_init__(self):
        _one_of("recall_when", self.recall_when, ("eager", "blocked"))
        _one_of("discard_from", self.discard_from, ("overflow", "overflow+newcomer", "anywhere"))


def _one_of(name, got, options):
    if got not in options:
        raise ValueError(f"{name} must be one of {options}, got {got!r}")


# --- what comes out ------------------------------------------------------------------------------


class Event(NamedTuple):
    """A row of the ledger; `event` is place, move, pickup, expire or discard."""

    time_s: float
    order: int
    event: str
    from_shelf: int | None
    to_shelf: int | None
    value: float
    weighted_age_s: float


@dataclass(frozen=True)
class Candidate:
    """All that a rule may know of one order at one decision."""

    value: float
    age_s: float
    weighted_age_s: float
    shelf_life_s: float
    decay_rate: float
    price: float
    temp: int
    shelf: int
    expires_in_s: float
    expires_in_home_s: float
    pickup_in_s: float
    value_at_pickup: float
    value_at_pickup_home: float
    waited_s: float
    is_newcomer: int
    home_fill: float
    overflow_fill: float
    u: float


# --- decay ---------------------------------------------------------------------------------------

CLOCKS = {
    "linear": lambda decay_rate: (1.0, decay_rate),
    "weighted": lambda decay_rate: (0.0, decay_rate),
    "freshness": lambda decay_rate: (0.0, 1.0),
    "exponential": lambda decay_rate: (1.0, decay_rate),
    "cliff": lambda decay_rate: (1.0, decay_rate),
}
"""A named law looks at a clock that shows a * age + c * weighted age; these are (a, c)."""


def value_of(world, order, age_s, weighted_age_s):
    """The normalised value of an order, in [0, 1]; ValueError if the law returns NaN."""
    life = order.shelf_life_s
    if callable(world.decay):
        value = float(world.decay(age_s, weighted_age_s, life, order.decay_rate))
        if math.isnan(value):
            raise ValueError(f"the decay law returned nan for order {order.index}")
    else:
        a, c = CLOCKS[world.decay](order.decay_rate)
        clock = a * age_s + c * weighted_age_s
        if world.decay == "cliff":
            value = 1.0 if clock < life else 0.0
        elif world.decay == "exponential":
            value = math.exp(-clock / life)
        else:
            value = 1.0 - clock / life
    return min(1.0, max(0.0, value))


def expires_after(world, order, age_s, weighted_age_s, modifier):
    """Seconds until the order expires under this modifier; 0 if it has, inf if it never will."""
    if callable(world.decay):
        return _expires_after_by_bisection(world, order, age_s, weighted_age_s, modifier)
    a, c = CLOCKS[world.decay](order.decay_rate)
    clock = a * age_s + c * weighted_age_s
    speed = a + c * modifier
    left = _clock_at_expiry(world, order) - clock
    if left <= 0.0:
        return 0.0
    return left / speed if speed > 0.0 else NEVER


def _clock_at_expiry(world, order):
    """What the clock of a named law shows when the value reaches the threshold."""
    if world.decay == "cliff":
        return order.shelf_life_s
    if world.decay == "exponential":
        below = world.waste_below
        return -order.shelf_life_s * math.log(below) if below > 0.0 else NEVER
    return (1.0 - world.waste_below) * order.shelf_life_s


def _expires_after_by_bisection(world, order, age_s, weighted_age_s, modifier):
    """The same for a law of which nothing is known but that it does not rise."""

    def expired_after(seconds):
        value = value_of(world, order, age_s + seconds, weighted_age_s + modifier * seconds)
        return value <= world.waste_below

    if expired_after(0.0):
        return 0.0
    alive, expired = 0.0, 1.0
    while not expired_after(expired):
        alive, expired = expired, 2.0 * expired
        if expired > 2.0**60:  # far longer than any evening
            return NEVER
    while alive < (middle := (alive + expired) / 2.0) < expired:
        if expired_after(middle):
            expired = middle
        else:
            alive = middle
    return expired


# --- ties ----------------------------------------------------------------------------------------

_64_BITS = 2**64 - 1


def mix(z):
    """The finaliser of SplitMix64: every bit of 64 depends on all of them."""
    z ^= z >> 30
    z = z * 0xBF58476D1CE4E5B9 & _64_BITS
    z ^= z >> 27
    z = z * 0x94D049BB133111EB & _64_BITS
    return z ^ z >> 31


def tie_breaker(u_candidate, u_asker):
    """A number in [0, 1) for this candidate at the decision that the asker has brought about."""
    candidate = int(u_candidate * 2**53)
    asker = int(u_asker * 2**53)
    mixed = mix(mix(candidate + 0x9E3779B97F4A7C15 & _64_BITS) ^ asker)
    return (mixed >> 11) * 2.0**-53


# --- the kitchen ---------------------------------------------------------------------------------


@dataclass
class _Plate:
    """An order in the kitchen: its shelves in order of preference and where it has stood."""

    order: Order
    shelves: list[int]
    past_stays: list[tuple[int, float, float]] = field(default_factory=list)  # shelf, from_s, to_s
    shelf: int | None = None  # where it stands; None before it is placed and once it has left
    since_s: float = NEVER
    expires_s: float = NEVER

    @property
    def index(self):
        return self.order.index

    @property
    def home(self):
        return self.shelves[0]

    @property
    def overflow(self):
        return self.shelves[-1]

    def later_than(self, shelf):
        """Its shelves after this one; none if this one is not among them."""
        return self.shelves[self.shelves.index(shelf) + 1 :] if shelf in self.shelves else []

    def earlier_than(self, shelf):
        """Its shelves before this one; none if this one is not among them."""
        return self.shelves[: self.shelves.index(shelf)] if shelf in self.shelves else []


def simulate(world, orders, strategy):
    """Everything that happens to these orders under this strategy.

    Parameters
    ----------
    world : World
    orders : iterable of Order
        Of one replication, each index once; in any order.
    strategy : Strategy

    Returns
    -------
    list of Event
        In the order of happening.

    Raises
    ------
    ValueError
        If a rule or a decay law returns NaN, an index comes twice, a temp is unknown to the world,
        no shelf holds it, an estimate is missing, or held orders meet a pool of couriers.
    """
    return _Kitchen(world, orders, strategy).run()


def mean_orders(world, orders, ledger, opens_s, warm_up_s=0.0):
    """Mean number of orders on each shelf, from the end of the warm-up to the last arrival.

    The warm-up counts from the opening. NaN where there is no time to average over.
    """
    from_s, to_s = opens_s + warm_up_s, max(order.ready_s for order in orders)
    stood_s = [0.0] * len(world.shelves)
    since_s = {}
    for event in ledger:
        if event.from_shelf is not None:
            stay_s = min(event.time_s, to_s) - max(since_s[event.order], from_s)
            stood_s[event.from_shelf] += max(0.0, stay_s)
        since_s[event.order] = event.time_s
    return [s / (to_s - from_s) if to_s > from_s else math.nan for s in stood_s]


def money(orders, ledger, opens_s, warm_up_s=0.0):
    """What orders that became ready after the warm-up cost and brought, by temp.

    A dict from each temp to (revenue, price of all, price of the expired, price of the discarded).
    """
    by_index = {order.index: order for order in orders}
    totals = {order.temp: [0.0, 0.0, 0.0, 0.0] for order in orders}
    for event in ledger:
        order = by_index[event.order]
        if event.event in ("place", "move") or order.ready_s < opens_s + warm_up_s:
            continue
        total = totals[order.temp]
        total[1] += order.price
        if event.event == "pickup":
            total[0] += order.price * event.value
        else:
            total[2 if event.event == "expire" else 3] += order.price
    return totals


class _Kitchen:
    def __init__(self, world, orders, strategy):
        if strategy.issue is not None and world.expired_orders == "held":
            raise ValueError("held orders wait for their own couriers: they need matched ones")
        self.world = world
        self.strategy = strategy
        self.ledger = []
        self.heap = []  # (time_s, kind, order index)
        self.plates = {}
        self.waiting = 0  # couriers of a pool who found nothing
        for order in orders:
            if order.index in self.plates:
                raise ValueError(f"order {order.index} comes twice")
            if world.eta == "noisy" and order.expected_s is None:
                raise ValueError(f"order {order.index}: a noisy estimate needs expected_s")
            self.plates[order.index] = _Plate(order, self.shelves_of(order))
            heapq.heappush(self.heap, (order.ready_s, ARRIVAL, order.index))
            if order.pickup_s < NEVER:  # a courier comes whatever has become of the order
                heapq.heappush(self.heap, (order.pickup_s, PICKUP, order.index))

    @property
    def pooled(self):
        return self.strategy.issue is not None

    def shelves_of(self, order):
        if order.temp not in self.world.temps:
            raise ValueError(f"order {order.index}: temp {order.temp!r} is unknown to the world")
        shelves = [i for i, shelf in enumerate(self.world.shelves) if shelf.takes(order.temp)]
        if not shelves:
            raise ValueError(f"order {order.index}: no shelf holds {order.temp!r}")
        return shelves

    def run(self):
        last_s = 0.0
        while self.heap:
            now, kind, index = heapq.heappop(self.heap)
            plate = self.plates[index]
            # Stale if the order has left, or was moved since and expires at another time.
            if kind == EXPIRY and (plate.shelf is None or plate.expires_s != now):
                continue
            last_s = now
            if kind == EXPIRY:
                self.leave(plate, now, "expire", asker=plate)
            elif kind == ARRIVAL:
                self.arrive(plate, now)
            elif self.pooled:
                self.courier_of_the_pool_comes(plate, now)
            else:
                self.courier_comes(plate, now)
        for plate in sorted(self.standing(), key=lambda p: p.index):
            self.record(plate, last_s, "discard", self.take_off(plate, last_s), None)
        return self.ledger

    # events

    def arrive(self, newcomer, now):
        if self.handed_over(newcomer):
            self.record(newcomer, now, "pickup", None, None)
        elif self.first_with_room(newcomer.shelves) is not None or self.recall_for(newcomer, now):
            self.place(newcomer, now)
        else:
            self.discard_for(newcomer, now)

    def handed_over(self, newcomer):
        """Is a courier there already, so that the order never touches a shelf?"""
        if not self.pooled:
            return newcomer.order.pickup_s <= newcomer.order.ready_s
        found = self.waiting > 0
        self.waiting -= found
        return found

    def courier_comes(self, plate, now):
        """A courier takes its own order, or nothing if that is gone."""
        if plate.shelf is None:
            return
        # Only a held order can be expired here: others left before, even at this very instant.
        self.leave(plate, now, "expire" if plate.expires_s <= now else "pickup", asker=plate)

    def courier_of_the_pool_comes(self, caller, now):
        """It was called for `caller`, but takes whom the rule wants of all that stand there."""
        taken = self.choose(self.strategy.issue, self.standing(), now, asker=caller)
        if taken is None:
            self.waiting += 1
        else:
            self.leave(taken, now, "pickup", asker=taken)

    def leave(self, plate, now, event, asker):
        """Off the shelf by a pickup or an expiry; the slot is free for others."""
        freed = self.take_off(plate, now)
        self.record(plate, now, event, freed, None)
        if self.strategy.recall is not None and self.strategy.recall_when == "eager":
            self.recall_to(freed, now, asker)

    # decisions

    def recall_to(self, freed, now, asker):
        """One decision for each slot that comes free, until one stays empty."""
        while freed is not None:
            candidates = [p for p in self.standing() if freed in p.earlier_than(p.shelf)]
            chosen = self.choose(self.strategy.recall, candidates, now, asker)
            freed = None if chosen is None else self.put(chosen, freed, now)

    def recall_for(self, newcomer, now):
        """The recall of a blocked arrival: has somebody made room on its overflow?"""
        if self.strategy.recall is None or self.strategy.recall_when != "blocked":
            return False

        def better(plate):
            return self.first_with_room(plate.earlier_than(plate.shelf))

        candidates = [p for p in self.standing(newcomer.overflow) if better(p) is not None]
        chosen = self.choose(self.strategy.recall, candidates, now, asker=newcomer)
        if chosen is None:
            return False
        self.put(chosen, better(chosen), now)
        return True

    def discard_for(self, newcomer, now):
        """Nobody has room for the newcomer: somebody is thrown away."""
        where = self.strategy.discard_from
        shelves = newcomer.shelves if where == "anywhere" else [newcomer.overflow]
        candidates = [p for p in self.standing() if p.shelf in shelves]
        if where != "overflow":
            candidates.append(newcomer)
        victim = self.choose(self.strategy.discard, candidates, now, newcomer, newcomer.overflow)
        if victim is None or victim is newcomer:
            self.record(newcomer, now, "discard", None, None)
        else:
            freed = self.take_off(victim, now)
            self.record(victim, now, "discard", freed, None)
            self.place(newcomer, now)

    def place(self, newcomer, now):
        """Put an arrival where there is room, after asking who makes way if its home is full."""
        home, elsewhere = newcomer.home, self.first_with_room(newcomer.later_than(newcomer.home))
        if self.has_room(home):
            target = home
        elif self.strategy.demote is None:
            target = elsewhere
        else:

            def worse(plate):
                return self.first_with_room(plate.later_than(home))

            candidates = [newcomer] + [p for p in self.standing(home) if worse(p) is not None]
            chosen = self.choose(self.strategy.demote, candidates, now, newcomer, elsewhere)
            if chosen is None or chosen is newcomer:
                target = elsewhere
            else:
                target = self.put(chosen, worse(chosen), now)
        self.put(newcomer, target, now)

    def choose(self, rule, candidates, now, asker, newcomer_shelf=None):
        """The candidate with the lowest score, the lower index in a tie; None if all are inf."""
        best = None
        for plate in sorted(candidates, key=lambda p: p.index):
            score = float(rule(self.seen(plate, now, asker, newcomer_shelf)))
            if math.isnan(score):
                name = getattr(rule, "__name__", repr(rule))
                raise ValueError(f"rule {name!r} returned nan for order {plate.index} at {now} s")
            if score < NEVER and (best is None or score < best[0]):
                best = score, plate
        return None if best is None else best[1]

    def seen(self, plate, now, asker, newcomer_shelf):
        """What a rule sees; a newcomer is looked at as if it stood on `newcomer_shelf`."""
        order = plate.order
        is_newcomer = plate.shelf is None
        here = newcomer_shelf if is_newcomer else plate.shelf
        pickup_in_s = self.pickup_in(order, now)
        expires_in_s = max(0.0, self.expiry_on(plate, here, now) - now)
        expires_in_home_s = max(0.0, self.expiry_on(plate, plate.home, now) - now)
        return Candidate(
            value=self.value(plate, now),
            age_s=now - order.ready_s,
            weighted_age_s=self.weighted_age(plate, now),
            shelf_life_s=order.shelf_life_s,
            decay_rate=order.decay_rate,
            price=order.price,
            temp=self.world.temps.index(order.temp),
            shelf=-1 if is_newcomer else plate.shelf,
            expires_in_s=expires_in_s,
            expires_in_home_s=expires_in_home_s,
            pickup_in_s=pickup_in_s,
            value_at_pickup=self.value_after(plate, now, pickup_in_s, here, expires_in_s),
            value_at_pickup_home=self.value_after(
                plate, now, pickup_in_s, plate.home, expires_in_home_s
            ),
            waited_s=now - order.ready_s,
            is_newcomer=int(is_newcomer),
            home_fill=self.fill(plate.home),
            overflow_fill=self.fill(plate.overflow),
            u=tie_breaker(order.u, asker.order.u),
        )

    def pickup_in(self, order, now):
        if self.world.eta == "unknown":
            from_ready = self.world.delay_from == "ready"
            return self.world.residual(now - (order.ready_s if from_ready else order.received_s))
        noisy = self.world.eta == "noisy"
        return max(0.0, (order.expected_s if noisy else order.pickup_s) - now)

    # shelves

    def standing(self, shelf=None):
        """The orders on this shelf, or on any."""
        return [
            p
            for p in self.plates.values()
            if p.shelf is not None and (shelf is None or p.shelf == shelf)
        ]

    def has_room(self, shelf):
        return len(self.standing(shelf)) < self.world.shelves[shelf].capacity

    def first_with_room(self, shelves):
        return next((shelf for shelf in shelves if self.has_room(shelf)), None)

    def fill(self, shelf):
        capacity = self.world.shelves[shelf].capacity
        return len(self.standing(shelf)) / capacity if capacity > 0 else 1.0

    def put(self, plate, shelf, now):
        """Place a newcomer or move an order; returns the shelf that has a free slot now, if any."""
        plate.expires_s = self.expiry_on(plate, shelf, now)
        freed = None if plate.shelf is None else self.take_off(plate, now)
        plate.shelf, plate.since_s = shelf, now
        if plate.expires_s < NEVER and self.world.expired_orders == "removed":
            heapq.heappush(self.heap, (plate.expires_s, EXPIRY, plate.index))
        self.record(plate, now, "place" if freed is None else "move", freed, shelf)
        return freed

    def take_off(self, plate, now):
        """Clear its slot and say on which shelf that was."""
        freed = plate.shelf
        plate.past_stays.append((freed, plate.since_s, now))
        plate.shelf = None
        return freed

    # ageing

    def modifier(self, plate, shelf):
        return self.world.shelves[shelf].modifier_for(plate.order.temp)

    def weighted_age(self, plate, now):
        """The integral of the modifier over all its stays until now, seconds."""
        stays = list(plate.past_stays)
        if plate.shelf is not None:
            stays.append((plate.shelf, plate.since_s, now))
        total = 0.0  # not sum(), whose rounding depends on the version of Python
        for shelf, from_s, to_s in stays:
            total += self.modifier(plate, shelf) * (to_s - from_s)
        return total

    def value(self, plate, now):
        age_s = now - plate.order.ready_s
        return value_of(self.world, plate.order, age_s, self.weighted_age(plate, now))

    def expiry_on(self, plate, shelf, now):
        """The instant at which it expires if it stands on this shelf from now on."""
        if plate.shelf is not None:
            has_expired = plate.expires_s <= now  # a move does not revive it
            if has_expired or plate.shelf == shelf:
                return plate.expires_s
        age_s, weighted_age_s = now - plate.order.ready_s, self.weighted_age(plate, now)
        modifier = self.modifier(plate, shelf)
        return now + expires_after(self.world, plate.order, age_s, weighted_age_s, modifier)

    def value_after(self, plate, now, seconds, shelf, expires_in_s):
        """Its value after so many seconds on this shelf; 0 if it is expired by then."""
        if expires_in_s <= seconds:
            return 0.0
        age_s = now - plate.order.ready_s + seconds
        weighted_age_s = self.weighted_age(plate, now) + self.modifier(plate, shelf) * seconds
        return value_of(self.world, plate.order, age_s, weighted_age_s)

    def record(self, plate, now, event, from_shelf, to_shelf):
        value = 0.0 if event == "expire" else self.value(plate, now)
        weighted_age_s = self.weighted_age(plate, now)
        self.ledger.append(
            Event(now, plate.index, event, from_shelf, to_shelf, value, weighted_age_s)
        )
