"""What Hypothesis draws: small crowded kitchens, their orders, and strategies for them.

A `Case` is one scenario with the orders of a few replications and a strategy. It can be run in the
package and in the reference kitchen, and says itself how the two are compared.

Times come in two kinds. On the *grid* all numbers are dyadic, and all paces of spoilage are powers
of two, so that whatever is equal on paper is equal in the machine, in whatever order it is summed:
there ties are plenty and mean what they say. *Continuous* numbers are the same with noise, and no
two of them are equal.
"""

import math
import random
from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import oracle.reference_kitchen as reference
import pandas as pd
from hypothesis import strategies as st

import kitchen as kt
from kitchen.model.distributions import Constant, Exponential, Gamma, Lognormal, Uniform
from kitchen.model.rules import BUILT_IN, DECISIONS, FIELDS, Rule

TEMPS = ("hot", "cold", "frozen")

# --- rules of our own ----------------------------------------------------------------------------


def _written(name, line, arguments="order"):
    """A plain function of one line, as a user would have typed it."""
    scope = {"inf": math.inf}
    exec(f"def {name}({arguments}):\n    return {line}\n", scope)
    return scope[name]


FIELD_RULES = {
    sign + field: _written(f"{word}_{field}", f"{sign}order.{field}")
    for field in FIELDS
    for sign, word in (("", "least"), ("-", "most"))
}
"""Each field and minus each field: rules that the engine may look up without a call."""

CALLED_RULES = {
    field: _written(f"times_{field}", f"p[0] * order.{field}", "order, p") for field in FIELDS
}
"""The same fields as rules with a parameter, which the engine has to call."""


def nobody(order):
    return math.inf


def anyone(order):
    return 0.0


def minus_infinity_if_late(order):
    return -math.inf if order.waited_s > 1.0 else order.price


def none_that_is_hot(order):
    return math.inf if order.temp == 0 else order.age_s


def only_from_the_second_shelf(order):
    return order.value if order.shelf == 1 else math.inf


def by_what_home_would_save(order):
    return order.value_at_pickup - order.value_at_pickup_home


def hopeless_even_at_home(order):
    if order.expires_in_home_s <= order.pickup_in_s:
        return -1.0 - order.home_fill
    return order.overflow_fill


def of_many_kinds(order, p):
    if order.is_newcomer:
        return p[0]
    return p[1] * order.shelf + p[2] * order.temp + math.floor(order.age_s)


OWN_RULES = [
    nobody,
    anyone,
    minus_infinity_if_late,
    none_that_is_hot,
    only_from_the_second_shelf,
    by_what_home_would_save,
    hopeless_even_at_home,
]


SHIPPED_RULES = [rule for rules in BUILT_IN.values() for rule in rules.values()]


def rules():
    """A shipped rule of any decision, a rule that reads one field, or one of our own."""
    weights = [0.0, -1.0, 2.0]
    return st.one_of(
        st.sampled_from(SHIPPED_RULES),
        st.sampled_from(list(FIELD_RULES.values())),
        st.sampled_from(OWN_RULES),
        st.builds(
            lambda field, sign: Rule(CALLED_RULES[field], f"{sign:g} {field}", (sign,)),
            st.sampled_from(list(CALLED_RULES)),
            st.sampled_from([1.0, -1.0]),
        ),
        st.builds(
            lambda *p: Rule(of_many_kinds, "of many kinds", p),
            *3 * [st.sampled_from(weights)],
        ),
        st.just(Rule(FIELD_RULES["u"])),  # to each decision its own lots
    )


WATCHES_COURIERS = [
    FIELD_RULES["pickup_in_s"],
    FIELD_RULES["-pickup_in_s"],
    FIELD_RULES["value_at_pickup"],
    FIELD_RULES["-value_at_pickup_home"],
    hopeless_even_at_home,
    by_what_home_would_save,
]
"""Rules that decide by when a courier is expected."""


def rules_for(decision):
    """One that ships for this decision, one that watches the couriers, or any other."""
    shipped = list(BUILT_IN[decision].values())
    return st.one_of(st.sampled_from(shipped), st.sampled_from(WATCHES_COURIERS), rules())


def of_a_pool(order, p):
    """Couriers who pass over some of what stands there; such food may be left behind."""
    if order.temp == p[0] or order.shelf == p[1]:
        return math.inf
    return order.pickup_in_s


def choosy():
    """Issue rules that want only some of what there is, or all of it."""
    unwanted = st.tuples(st.sampled_from([-1.0, 0.0, 1.0]), st.sampled_from([-1.0, 0.0, 2.0]))
    return unwanted.map(lambda p: Rule(of_a_pool, "of a pool", p))


# --- laws of our own -----------------------------------------------------------------------------


def slow_at_first(age_s, weighted_age_s, shelf_life_s, decay_rate):
    used = (age_s + decay_rate * weighted_age_s) / shelf_life_s
    return 1.0 - used * used


def full_for_a_while(age_s, weighted_age_s, shelf_life_s, decay_rate):
    return 1.5 - weighted_age_s / shelf_life_s


def in_steps(age_s, weighted_age_s, shelf_life_s, decay_rate):
    if weighted_age_s < 0.5 * shelf_life_s:
        return 1.0
    return 0.6 if age_s + weighted_age_s < shelf_life_s else 0.2


OWN_LAWS = [slow_at_first, full_for_a_while, in_steps]

WARM_UP_S = 0.5
"""Time from the opening that is left out of averages over time."""

# --- numbers -------------------------------------------------------------------------------------

SPEEDS = {
    "linear": ([0.0, 1.0], [0.0, 1.0, 3.0, 7.0]),
    "exponential": ([0.0, 1.0], [0.0, 1.0, 3.0, 7.0]),
    "cliff": ([0.0, 1.0], [0.0, 1.0, 3.0, 7.0]),
    "weighted": ([0.0, 0.5, 1.0, 2.0], [0.0, 0.5, 1.0, 2.0]),
    "freshness": ([0.0, 0.5, 1.0], [0.0, 0.5, 1.0, 2.0]),
}
"""Decay rates and modifiers whose pace of spoilage, such as 1 + d m, is 0 or a power of two."""

KNOWLEDGE = {
    None: ["unknown", "exact", 0.0, 1.0, 4.0],
    True: [1.0, 4.0, 16.0],
    False: ["unknown", "exact"],
}
"""What `eta` may be, by whether estimates shall be noisy."""

RESIDUALS = [
    None,  # what the replayed delays say
    Uniform(low=1.0, high=6.0).residual(),
    Exponential(mean=4.0).residual(),
    Constant(value=4.0).residual(),
    Lognormal(median=3.0, sigma=0.6).residual(),
    Gamma(mean=4.0, shape=2.0).residual(),
]


@dataclass(frozen=True)
class Case:
    """A scenario, the orders of some replications as a frame, and a strategy."""

    scenario: kt.Scenario
    frame: pd.DataFrame
    strategy: kt.Strategy
    residual: object = None
    """None, or a residual delay in place of that of the frame's own delays."""
    delay_from: str = "received"
    """When a courier is called, from which on a rule counts how long it has waited for it."""

    def __repr__(self):
        frame = self.frame.drop(columns=["price", "decay_rate"]).to_string()
        return f"{self.scenario.model_dump()}\n{self.strategy!r}\n{frame}"

    @cached_property
    def trace(self):
        trace = replace(kt.Trace.from_frame(self.frame), delay_from=self.delay_from)
        return trace if self.residual is None else replace(trace, residual=self.residual)

    @cached_property
    def run(self):
        return kt.simulate(
            self.scenario, self.strategy, trace=self.trace, threads=1, warm_up_s=WARM_UP_S
        )

    @property
    def temps(self):
        """Named by shelves first, then as they come."""
        named = [t for s in self.scenario.shelves if s.holds != "any" for t in s.holds]
        return tuple(dict.fromkeys([*named, *self.frame["temp"]]))

    @cached_property
    def reference(self):
        """Replication -> the reference kitchen's ledger."""
        return self.told()

    def told(self, **changes):
        """The reference kitchen's ledgers, with the strategy or what is known of couriers changed."""
        scenario, strategy = self.scenario, self.strategy
        eta = changes.pop("eta", scenario.eta)
        known = {"unknown": "unknown", "exact": "exact"}.get(eta, "noisy")
        world = self.world(known, changes.pop("delay_from", self.delay_from))
        rules = reference.Strategy(
            **{
                "discard": strategy.discard,
                "recall": strategy.recall,
                "demote": strategy.demote,
                "issue": strategy.issue,
                "recall_when": strategy.recall_when,
                "discard_from": strategy.discard_from,
                **changes,
            }
        )
        off_s = eta * self.trace.z if known == "noisy" else np.zeros(len(self.frame))
        return {
            number: reference.simulate(world, orders, rules)
            for number, orders in self.orders(off_s).items()
        }

    def orders(self, off_s=0.0):
        """Replication -> the reference kitchen's orders, with estimates that are off by so much."""
        pickup_s = self.frame["pickup_s"].fillna(math.inf)
        frame = self.frame.assign(pickup_s=pickup_s, expected_s=pickup_s + off_s)
        return {number: _orders(rows) for number, rows in frame.groupby("replication")}

    def world(self, known="exact", delay_from="received"):
        """The reference kitchen's world, with so much known of couriers, who are called then."""
        scenario = self.scenario
        return reference.World(
            shelves=tuple(
                reference.Shelf(
                    s.name,
                    s.holds,
                    s.capacity,
                    {t: s.modifier.get(t, 1.0) for t in self.temps}
                    if isinstance(s.modifier, dict)
                    else s.modifier,
                )
                for s in scenario.shelves
            ),
            temps=self.temps,
            decay=scenario.decay,
            waste_below=scenario.waste_below,
            expired_orders=scenario.expired_orders,
            eta=known,
            residual=lambda elapsed_s: float(self.trace.residual(elapsed_s)),
            delay_from=delay_from,
        )

    def counts(self):
        """How often each kind of thing happened in the reference kitchen."""
        seen = Counter()
        for number, ledger in self.reference.items():
            orders = self.orders()[number]
            slots = sum(min(s.capacity, len(orders)) for s in self.scenario.shelves)
            stays = sum(row.to_shelf is not None for row in ledger)
            never = any(row.value == 1.0 and self._stayed(row) for row in ledger)
            seen["never spoilt in a pool of many stays"] += never and stays > 2 * (slots + 1)
            around = zip([None, *ledger], ledger, [*ledger[1:], None], strict=False)
            for before, row, after in around:
                seen.update(self._kinds(before, row, after, orders))
        noisy = self.scenario.eta not in ("unknown", "exact")
        seen["noise that changed the story"] += noisy and self.told(eta="exact") != self.reference
        late = self.scenario.eta == "unknown" and self.delay_from == "ready"
        other = self.told(delay_from="received") if late else self.reference
        seen["calls at readiness that changed the story"] += other != self.reference
        pooled = self.strategy.issue is not None
        seen["a pool that changed the story"] += pooled and self.told(issue=None) != self.reference
        without = self.told(demote=None) if self.strategy.demote else self.reference
        seen["demotions that changed the story"] += without != self.reference
        return seen

    def _stayed(self, row):
        """Whether an order was left behind by a pool."""
        return self.strategy.issue is not None and row.event == "discard" and row.weighted_age_s > 0

    def _kinds(self, before, row, after, orders):
        """What kinds of thing this row of a ledger is, after one row and before another."""
        strategy, order = self.strategy, orders[row.order]
        pooled = strategy.issue is not None
        at_once = before is not None and before.time_s == row.time_s
        off = row.from_shelf is not None
        picked, moved = row.event == "pickup", row.event == "move"
        expired, discarded = row.event == "expire", row.event == "discard"
        back = moved and row.to_shelf < row.from_shelf
        by_a_pool = pooled and picked and off
        home, *_, overflow = 2 * self._shelves_of(order)
        named = {
            row.event: True,
            "at one instant": at_once and before.order != row.order,
            "handed over": picked and not off,
            "held expiry": expired and self.scenario.expired_orders == "held",
            "discarded from a shelf": discarded and off,
            "recall": back and strategy.recall_when == "eager",
            "blocked recall": back and strategy.recall_when == "blocked",
            "demotion": moved and not back,
            "cascade": moved
            and at_once
            and before.event == "move"
            and before.from_shelf == row.to_shelf,
            "expired one moved": moved and row.value <= self.scenario.waste_below,
            "handed to a waiting courier": pooled and picked and not off,
            "taken by another's courier": by_a_pool and row.time_s != order.pickup_s,
            "taken from overflow by a pool": by_a_pool and home != row.from_shelf == overflow,
            "expired despite a pool": pooled and expired,
            "recall after a pool's pickup": pooled
            and back
            and at_once
            and before.event == "pickup",
            "nobody came": discarded and off and order.pickup_s == math.inf,
            "left behind": pooled
            and discarded
            and off
            and (after is None or after.event == "discard"),
        }
        return [name for name, so in named.items() if so]

    def _shelves_of(self, order):
        shelves = self.scenario.shelves
        return [i for i, s in enumerate(shelves) if s.holds == "any" or order.temp in s.holds]


def _orders(rows):
    """The reference kitchen's orders of one replication; estimates only if there are any."""
    names = (
        "temp",
        "shelf_life_s",
        "decay_rate",
        "price",
        "received_s",
        "ready_s",
        "pickup_s",
        "u",
        "expected_s",
    )
    columns = [rows[name].tolist() for name in names if name in rows]
    return [reference.Order(i, *row) for i, row in enumerate(zip(*columns, strict=True))]


# --- drawing -------------------------------------------------------------------------------------


def _some_of(temps):
    return st.lists(st.sampled_from(temps), min_size=1, max_size=len(temps), unique=True)


@st.composite
def scenarios(draw, on_grid, shapes=("classic", "chain", "mixed"), pooled=False, noisy=None):
    """A kitchen of one to four small shelves in which every temp has a place."""
    shape = draw(st.sampled_from(shapes))
    temps = TEMPS[: draw(st.integers(2, 3) if shape == "classic" else st.integers(1, 3))]
    named = list(SPEEDS)
    law = draw(st.sampled_from(named if on_grid else named + OWN_LAWS))
    waste_below = draw(st.sampled_from([0.0, 0.0, 0.25, 0.5]))
    if on_grid and law == "exponential":
        waste_below = 0.0  # a logarithm is on no grid
    speeds = st.sampled_from(SPEEDS.get(law, SPEEDS["linear"])[1])
    shelves = []
    if shape == "classic":  # a shelf for each temp, and something for all at the end
        lists = [st.just([temp]) for temp in temps] + [st.just("any")]
    elif shape == "chain":  # everything may go everywhere
        lists = [st.just("any")] * draw(st.integers(2, 4))
    else:
        lists = [st.one_of(st.just("any"), _some_of(temps))] * draw(st.integers(1, 4))
    for i, holds in enumerate(lists):
        holds = draw(holds)
        modifier = draw(
            st.one_of(
                speeds, st.dictionaries(st.sampled_from(temps if holds == "any" else holds), speeds)
            )
        )
        capacity = draw(st.sampled_from([1, 2, 1, 3, 0]))
        shelves.append(
            {"name": f"shelf {i}", "holds": holds, "capacity": capacity, "modifier": modifier}
        )
    if not all(any(s["holds"] == "any" or t in s["holds"] for s in shelves) for t in temps):
        shelves[-1]["holds"] = "any"
    return temps, kt.Scenario.model_validate(
        {
            "name": "drawn",
            "decay": law,
            "waste_below": waste_below,
            "expired_orders": "removed" if pooled else draw(st.sampled_from(["removed", "held"])),
            "eta": draw(st.sampled_from(KNOWLEDGE[noisy])),
            "arrivals": {"process": "regular", "rate": 1.0},
            "couriers": {"delay": {"distribution": "constant", "value": 1.0}},
            "shelves": shelves,
        }
    )


def frames(temps, law, on_grid, many=False, missing=False):
    """Orders of one to three replications, as `Trace.from_frame` wants them.

    With `many` orders, most of them live for long and have couriers that come soon, so that events of
    orders that have left fill the engine's heap. Some couriers are `missing`.
    """
    rates = SPEEDS.get(law, SPEEDS["linear"])[0]
    some, most = (20, 40) if many else (1, 20)
    late = [2, 4] if many else [24, 48, 96]
    late = [*late, None] if missing else late  # None: nobody comes
    lives = [32.0, 64.0, 64.0, 64.0] if many else [1.0, 2.0, 4.0, 8.0, 16.0, 32.0]
    an_order = st.tuples(
        st.sampled_from([0.25, 0.5, 0.0, 1.0]),  # since the last was received
        st.sampled_from([0.0, 0.0, 0.0, 0.5, 1.0, 2.5]),  # preparation
        st.integers(0, 16) | st.sampled_from(late),  # delay of the courier, in halves
        st.sampled_from(temps),
        st.sampled_from(lives),  # shelf life
        st.sampled_from(rates),
        st.sampled_from([1.0, 2.0]),  # price
        st.sampled_from([0.0, 0.5, 1.0 - 2.0**-53, None, None, None]),  # u
    )
    lane = st.integers(some, most).flatmap(lambda n: st.lists(an_order, min_size=n, max_size=n))
    lanes = st.lists(lane, min_size=1, max_size=3)
    return st.builds(lambda lanes, seed: _frame(lanes, seed, on_grid), lanes, st.integers(0, 2**32))


def _frame(lanes, seed, on_grid):
    noise = random.Random(seed)

    def noisy(number):
        return number if on_grid else number * noise.uniform(0.75, 1.25)

    rows = []
    early = noise.choice([None, 0.0, 0.25, 2.0])  # seconds from the opening to the first gap
    for replication, lane in enumerate(lanes):
        opens = received = noise.choice([2.0, 64.0, 4096.0])  # what the log's clock shows
        received += early or 0.0
        for gap, prep, delay, temp, life, rate, price, u in lane:
            received += gap if on_grid else gap + noise.uniform(0.0, 0.25)
            ready = received + noisy(prep)
            pickup = math.nan if delay is None else received + noisy(delay / 2)
            drawn = noise.randrange(2**53) / 2**53
            rows.append(
                (replication, received, ready, pickup, temp, noisy(life), noisy(rate), price)
                + (drawn if u is None else u, opens)
            )
    names = "replication received_s ready_s pickup_s temp shelf_life_s decay_rate price u opens_s"
    frame = pd.DataFrame(rows, columns=names.split())
    frame["replication"] = frame["replication"] * 3 + 1
    return frame.drop(columns="opens_s") if early is None else frame


@st.composite
def strategies(draw, recall_when="eager", pooled=False, noisy=None):
    """All six settings that there are, with rules of all kinds."""
    if noisy:  # a rule that does not watch the couriers is not disturbed
        a_rule = dict.fromkeys(DECISIONS, st.sampled_from(WATCHES_COURIERS))
    else:
        a_rule = {decision: rules_for(decision) for decision in DECISIONS}
    recall = a_rule["recall"]
    return kt.Strategy(
        discard=draw(a_rule["discard"]),
        recall=draw(recall if recall_when == "blocked" else st.one_of(recall, st.none())),
        demote=draw(st.one_of(st.none(), a_rule["demote"])),
        issue=draw(st.one_of(a_rule["issue"], choosy())) if pooled else "matched",
        recall_when=recall_when,
        discard_from=draw(st.sampled_from(["overflow+newcomer", "anywhere", "overflow"])),
        name="drawn",
    )


@st.composite
def cases(draw, on_grid=None, pooled=None, noisy=None, recall_when=None, many=False, missing=False):
    """A crowded kitchen with its orders and a strategy; None leaves it to chance."""
    if on_grid is None:
        on_grid = draw(st.booleans())
    if pooled is None:
        pooled = draw(st.sampled_from([False, False, True]))
    if recall_when is None:
        recall_when = draw(st.sampled_from(["eager", "blocked"]))
    shapes = ("classic", "chain", "mixed")
    if recall_when == "blocked":  # few others ever have a better place free
        shapes = ("classic", "classic", "classic", "mixed")
    temps, scenario = draw(scenarios(on_grid, shapes, pooled, noisy))
    if many:  # laws under which some orders never expire, and others do
        scenario = scenario.replace({"decay": draw(st.sampled_from(["weighted", "freshness"]))})
    return Case(
        scenario=scenario,
        frame=draw(frames(temps, scenario.decay, on_grid, many, missing)),
        strategy=draw(strategies(recall_when, pooled, noisy)),
        residual=draw(st.sampled_from(RESIDUALS)),
        delay_from=draw(st.sampled_from(["received", "ready"])),
    )


def same(a, b, tolerance=1e-9):
    """Equal within the tolerance, infinities and NaN included."""
    return np.allclose(a, b, rtol=tolerance, atol=tolerance, equal_nan=True)
