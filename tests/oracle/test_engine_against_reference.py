"""The engine against the second kitchen: both must tell the same story, event by event."""

import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from oracle.reference_kitchen import mean_orders, money
from support.strategies import WARM_UP_S, Case, cases, same

import kitchen as kt
from kitchen.engine.records import BLOCK


def told_by_the_reference(case):
    """The reference's ledgers as rows: replication, order, event, from, to; times; values."""
    names = [shelf.name for shelf in case.scenario.shelves]

    def shelf(index):
        return None if index is None else names[index]

    rows, times, values = [], [], []
    for replication, ledger in case.reference.items():
        for e in ledger:
            rows.append((replication, e.order, e.event, shelf(e.from_shelf), shelf(e.to_shelf)))
            times.append(e.time_s)
            values.append(e.value)
    return rows, times, values


def told_by_the_engine(case):
    ledger = case.run.ledger
    shelves = [
        [None if shelf != shelf else shelf for shelf in ledger[column].astype(object)]
        for column in ("from_shelf", "to_shelf")
    ]
    rows = zip(ledger["replication"], ledger["order"], ledger["event"], *shelves, strict=True)
    return list(rows), ledger["time_s"], ledger["value"]


def check(case):
    rows, times, values = told_by_the_reference(case)
    engine_rows, engine_times, engine_values = told_by_the_engine(case)
    for nth, (mine, other) in enumerate(zip(engine_rows, rows, strict=False)):
        assert mine == other, f"event {nth}"
    assert len(engine_rows) == len(rows)
    assert same(engine_times, times)
    assert same(engine_values, values)
    check_orders(case)
    check_means_over_time(case)
    check_money(case)


def openings(case):
    """When each replication opens: as its orders say, else at the first arrival."""
    first_arrival = case.frame.groupby("replication")["received_s"].min()
    said = case.frame.get("opens_s")
    if said is None:
        return first_arrival
    return said.groupby(case.frame["replication"]).first()


def check_money(case):
    """Revenue and the prices of all, of the expired and the discarded: by temp and in all."""
    summary, opens_s = case.run.summary.set_index("replication"), openings(case)
    for number, orders in case.orders().items():
        by_temp = money(orders, case.reference[number], opens_s[number], WARM_UP_S)
        row = summary.loc[number].drop("strategy").astype(float)
        revenue, full, expired, discarded = np.sum(list(by_temp.values()), axis=0)
        assert same(
            row[["revenue", "full_revenue", "lost_revenue", "expired_cost", "discarded_cost"]],
            [revenue, full, full - revenue, expired, discarded],
        )
        assert same(row["waste_cost"], expired + discarded)
        for temp, (brought, whole, _, _) in by_temp.items():
            assert same(row[f"revenue_{temp}"], brought)
            assert same(row[f"lost_revenue_{temp}"], whole - brought)


def check_means_over_time(case):
    """The mean number of orders on each shelf counts from the opening of a replication."""
    world, summary = case.world(), case.run.summary.set_index("replication")
    opening = openings(case)
    for number, orders in case.orders().items():
        opens_s = opening[number]
        means = mean_orders(world, orders, case.reference[number], opens_s, WARM_UP_S)
        mine = [summary.loc[number, f"occupancy_{shelf.name}"] for shelf in world.shelves]
        assert same(mine, means)


def check_orders(case):
    """What the orders frame says of the end of each order agrees with its last event."""
    orders = case.run.orders.set_index(["replication", "order"])
    assert tuple(orders["temp"].cat.categories) == case.temps
    for replication, ledger in case.reference.items():
        last = {e.order: e for e in ledger}
        moves = Counter(e.order for e in ledger if e.event == "move")
        mine = orders.loc[replication]
        assert same(mine["weighted_age_s"], [last[i].weighted_age_s for i in mine.index])
        assert same(mine["left_s"], [last[i].time_s for i in mine.index])
        assert list(mine["moves"]) == [moves[i] for i in mine.index]


KINDS = {
    "where ties abound": {"on_grid": True},
    "at continuous times": {"on_grid": False},
    "with recalls that wait": {"recall_when": "blocked"},
    "with a pool of couriers": {"pooled": True},
    "with noisy estimates": {"noisy": True},
    "with a full heap of expiries": {"pooled": True, "many": True, "missing": True},
    "where nobody comes for some": {"pooled": False, "missing": True},
}
"""What is left to chance, and what is not, in the cases of each test."""

USUAL = {
    "place": 6.0,
    "pickup": 3.0,
    "expire": 1.5,
    "discard": 2.0,
    "discarded from a shelf": 1.0,
    "demotion": 0.4,
    "at one instant": 3.0,
    "handed over": 0.3,
}
OTHERWISE = {
    "where ties abound": {
        "recall": 0.2,
        "cascade": 0.02,
        "held expiry": 0.3,
        "expired one moved": 0.03,
        "demotions that changed the story": 0.1,
    },
    "at continuous times": {"recall": 0.2, "cascade": 0.02, "held expiry": 0.3},
    "with recalls that wait": {"blocked recall": 0.02},
    "with a pool of couriers": {
        "handed to a waiting courier": 0.2,
        "taken by another's courier": 2.0,
        "taken from overflow by a pool": 0.4,
        "expired despite a pool": 1.0,
        "recall after a pool's pickup": 0.1,
        "left behind": 0.04,
        "a pool that changed the story": 0.4,
    },
    "with noisy estimates": {"noise that changed the story": 0.08},
    "with a full heap of expiries": {"never spoilt in a pool of many stays": 0.04, "expire": 0.2},
    "where nobody comes for some": {"nobody came": 0.5},
}
"""How often a thing happens in a drawn case, on average, at the least."""


@pytest.mark.parametrize("kind", KINDS)
def test_both_kitchens_keep_the_same_ledger(kind):
    seen, drawn = Counter(), []

    @given(case=cases(**KINDS[kind]))
    @settings(max_examples=200)
    def compare(case):
        check(case)
        drawn.append(len(case.frame))
        seen.update(case.counts())

    compare()
    least = USUAL | OTHERWISE[kind]
    too_rare = {k: seen[k] / len(drawn) for k, v in least.items() if seen[k] < v * len(drawn)}
    assert not too_rare  # else the comparison means little
    assert np.mean(drawn) > 8


def test_calls_at_readiness_change_the_story_of_some_cases():
    """Else no case above would tell an engine that takes no notice of them."""
    seen, drawn = Counter(), []

    def called_when_ready(case):
        unknown = case.scenario.replace({"eta": "unknown"})
        return replace(case, scenario=unknown, delay_from="ready")

    @given(case=cases(on_grid=False, pooled=False).map(called_when_ready))
    @settings(max_examples=200)
    def count(case):
        drawn.append(case)
        seen.update(case.counts())

    count()
    assert seen["calls at readiness that changed the story"] >= 0.05 * len(drawn)


@pytest.mark.long
@given(case=cases())
@settings(max_examples=10_000)
def test_both_kitchens_keep_the_same_ledger_in_ten_thousand_cases(case):
    check(case)


@pytest.mark.long
@given(case=cases(pooled=True, many=True, missing=True))
@settings(max_examples=2_000)
def test_both_kitchens_keep_the_same_ledger_of_two_thousand_pools_with_full_heaps(case):
    check(case)


def by_lot(order):
    return order.u


LARGER = [
    kt.Strategy("random", recall=by_lot, demote=by_lot, discard_from="anywhere"),
    kt.Strategy("expires before pickup", demote=lambda order: -order.expires_in_s),
    kt.Strategy("oldest", recall=by_lot, recall_when="blocked", discard_from="overflow"),
    kt.Strategy("lowest value", recall="fastest decaying"),
    kt.Strategy("latest pickup", recall="largest gain", demote="least harmed"),
    kt.Strategy("lowest revenue at pickup", issue="first in first out"),
    kt.Strategy(
        "lowest revenue per shelf second",
        recall="largest revenue gain",
        demote="least revenue at risk",
        discard_from="anywhere",
    ),
    kt.Strategy("random", recall=by_lot, issue=by_lot, discard_from="anywhere"),
    kt.Strategy("cheapest", demote="slowest decaying", issue="lowest value", recall_when="blocked"),
]


@pytest.mark.parametrize("strategy", LARGER, ids=lambda strategy: strategy.name)
@pytest.mark.parametrize(("expired_orders", "eta"), [("removed", "unknown"), ("held", 5.0)])
def test_both_kitchens_keep_the_same_ledger_of_a_larger_kitchen(
    rush, strategy, expired_orders, eta
):
    """Hundreds of orders, dozens of slots, an extra shelf, and more alarms than the house holds."""
    changes = {
        "expired_orders": "removed" if strategy.issue else expired_orders,
        "eta": eta,
        "orders.count": 250,
        "arrivals.rate": 4.0,
        "orders.prep": {"distribution": "uniform", "low": 0.0, "high": 3.0},
        "couriers.delay": {"distribution": "lognormal", "median": 10.0, "sigma": 1.0},
        "shelves": [
            {"name": "hot", "holds": ["hot"], "capacity": 6},
            {
                "name": "cool",
                "holds": ["cold", "frozen"],
                "capacity": 8,
                "modifier": {"frozen": 0.5},
            },
            {"name": "spare", "holds": "any", "capacity": 5, "modifier": 1.5},
            {"name": "overflow", "holds": "any", "capacity": 7, "modifier": 2.0},
        ],
    }
    scenario = rush.replace(changes)
    frame = kt.draw(scenario, replications=1, seed=1).frame()
    frame["shelf_life_s"] /= 8.0
    case = Case(scenario, frame, strategy)
    check(case)
    events = case.run.ledger["event"].value_counts()
    assert events["pickup"] > 50
    assert events["expire"] + events["discard"] > 25  # a pool wastes less


def by_few_prices(order):
    return order.price if order.price < 3.0 else math.inf


WIDE = [
    *LARGER,
    kt.Strategy(by_few_prices, recall=by_few_prices, demote=by_few_prices, name="mostly ties"),
    kt.Strategy("cheapest", issue=by_few_prices, discard_from="anywhere", name="ties in a pool"),
]


@pytest.mark.parametrize("strategy", WIDE, ids=lambda strategy: strategy.name)
def test_both_kitchens_keep_the_same_ledger_where_many_wait(rush, strategy):
    """The engine looks at so many candidates at a time, and equals may be far apart."""
    changes = {
        "expired_orders": "removed",
        "eta": 5.0,
        "orders.count": 220,
        "arrivals.rate": 8.0,
        "couriers.delay": {"distribution": "lognormal", "median": 25.0, "sigma": 1.0},
        "shelves.hot.capacity": 6,
        "shelves.overflow.capacity": 2 * BLOCK + 5,
    }
    scenario = rush.replace(changes)
    frame = kt.draw(scenario, replications=1, seed=2).frame()
    frame["price"] = frame["order"] % 4.0
    case = Case(scenario, frame, strategy)
    check(case)
    ledger = case.run.ledger
    on_overflow = (ledger["to_shelf"] == "overflow") * 1 - (ledger["from_shelf"] == "overflow")
    assert on_overflow.cumsum().max() > 2 * BLOCK or strategy.issue


@pytest.mark.parametrize("eta", ["unknown", "exact"])
@pytest.mark.parametrize("strategy", LARGER[:6], ids=lambda strategy: strategy.name)
def test_both_kitchens_keep_the_same_ledger_of_busy_and_slow_days(rush, strategy, eta):
    """Rules take a slow day for a usual one: they know `couriers.delay` alone, from when it counts."""
    changes = {
        "eta": eta,
        "orders.count": None,
        "orders.duration_s": 50.0,
        "orders.busy": 0.4,
        "orders.prep": {"distribution": "uniform", "low": 0.0, "high": 6.0},
        "arrivals.rate": 4.0,
        "couriers.delay": {"distribution": "lognormal", "median": 5.0, "sigma": 1.0},
        "couriers.delay_from": "ready",
        "couriers.slow": 0.4,
        "shelves.hot.capacity": 6,
        "shelves.overflow.capacity": 5,
    }
    data = rush.replace({"orders.count": None}).replace(changes)
    drawn = kt.draw(data, replications=4, seed=3)
    counts = np.diff(drawn.first)
    assert counts.std() > 0.2 * counts.mean()  # busy and quiet days
    residual = data.couriers.delay.residual()
    case = Case(data, drawn.frame(), strategy, residual=residual, delay_from="ready")
    check(case)
    alone = kt.simulate(data, strategy, replications=4, seed=3, warm_up_s=WARM_UP_S)
    assert alone.ledger.equals(case.run.ledger)
