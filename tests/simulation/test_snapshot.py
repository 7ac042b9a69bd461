"""The kitchen at any instant: the same as the frames say, tick by tick, and where two kitchens part."""

import numpy as np
import pandas as pd
import pytest
from support.paths import DATA

import kitchen as kt
from kitchen.errors import KitchenError
from kitchen.simulation.snapshot import (
    EVENTS_LISTED,
    Snapshots,
    parting,
)

GOLDEN = DATA / "golden.csv"


def half_life(age, weighted_age, shelf_life, decay_rate):
    return 0.5 ** ((age + decay_rate * weighted_age) / shelf_life)


CASES = {
    "rush": ("rush", {}, "discard newcomer", 0.25),
    "rush, thrown away at random, anywhere": (
        "rush", {}, kt.Strategy("random", discard_from="anywhere"), 0.25,
    ),
    "moves in both directions": (
        "rush", {}, kt.Strategy("oldest", demote="slowest decaying", recall="largest gain"), 0.25,
    ),
    "a pool": ("rush", {}, kt.Strategy("oldest", issue="soonest to expire"), 0.25),
    "held until the courier comes": (
        "heater", {"couriers.delay.high": 40.0}, "oldest", 0.5,
    ),
    "an evening": ("dinner", {}, "random", 60.0),
    "a law of one's own": ("rush", {"decay": half_life}, "newest", 0.5),
    "all at once on the ticks": (
        "rush",
        {
            "arrivals": {"process": "regular", "rate": 4.0},
            "couriers.delay": {"distribution": "constant", "value": 3.0},
        },
        "oldest",
        0.25,
    ),
    "couriers that wait": (
        "rush", {"orders.prep": {"distribution": "uniform", "low": 0.0, "high": 5.0}}, "random", 0.5,
    ),
    "no slots": ("rush", {f"shelves.{i}.capacity": 0 for i in range(4)}, "oldest", 1.0),
    "no orders": ("rush", {"orders.count": 0}, "oldest", 1.0),
}  # fmt: skip


@pytest.fixture(scope="module", params=CASES, ids=str)
def moments(request):
    name, changes, strategy, step_s = CASES[request.param]
    scenario = kt.Scenario.load(name).replace(changes)
    return Snapshots(kt.simulate(scenario, strategy, seed=3, step_s=step_s))


def pair(scenario, one, other, seed=1):
    trace = kt.draw(scenario, 1, seed)
    return [Snapshots(kt.simulate(scenario, strategy, trace=trace)) for strategy in (one, other)]


# The same as the frames


def test_at_every_tick_the_orders_are_those_of_the_contents(moments):
    contents = moments.run.contents
    by_time = dict(list(contents.groupby("time_s")))
    for time in np.unique(moments.run.shelves["time_s"]):
        told = moments.at(time).frame()[contents.columns]
        wanted = by_time.get(time, contents.iloc[:0]).reset_index(drop=True)
        pd.testing.assert_frame_equal(told, wanted, rtol=0, atol=1e-9)


def test_at_every_tick_the_shelves_are_as_full_as_the_shelves_say(moments):
    for time, rows in moments.run.shelves.groupby("time_s"):
        shelves = moments.at(time).shelves
        assert [shelf.name for shelf in shelves] == list(rows["shelf"])
        assert [len(shelf.orders) for shelf in shelves] == list(rows["orders"])
        least = [min((o.value for o in s.orders), default=np.nan) for s in shelves]
        assert least == pytest.approx(list(rows["value_min"]), abs=1e-9, nan_ok=True)


def test_counters_are_those_of_the_orders_that_have_left(moments):
    orders, ledger = moments.run.orders, moments.run.ledger
    for time in [-1.0, 0.0, *moments.times[::7], moments.end_s]:
        now = moments.at(time)
        gone = orders[orders["left_s"] <= time]
        for outcome in ("delivered", "expired", "discarded"):
            assert getattr(now, outcome) == (gone["outcome"] == outcome).sum()
        worth = gone.loc[gone["outcome"] == "delivered", "value"].sum()
        assert now.value_delivered == pytest.approx(worth, abs=1e-9)
        assert now.value_lost == pytest.approx(len(gone) - worth, abs=1e-9)
        assert now.received == (orders["received_s"] <= time).sum()
        assert now.ready == (orders["ready_s"] <= time).sum() == len(gone) + now.standing
        assert now.moves == ((ledger["event"] == "move") & (ledger["time_s"] <= time)).sum()
        assert now.orders == len(orders)


def test_at_the_end_the_counters_are_those_of_the_summary(moments):
    (row,) = moments.run.summary.to_dict("records")
    end = moments.at(moments.end_s)
    assert end.standing == 0
    assert (end.delivered, end.expired, end.discarded, end.moves) == tuple(
        row[key] for key in ("delivered", "expired", "discarded", "moves")
    )
    assert end.lost_share == pytest.approx(row["lost_per_order"], abs=1e-9, nan_ok=True)


def test_the_events_told_are_the_last_of_the_ledger(moments):
    ledger = moments.run.ledger
    for time in moments.times[:: max(moments.times.size // 30, 1)]:
        told = moments.at(time).events
        rows = ledger[ledger["time_s"] <= time].tail(EVENTS_LISTED).iloc[::-1]
        for key in ("time_s", "event", "order", "value"):
            assert [getattr(event, key) for event in told] == list(rows[key])
        for key in ("from_shelf", "to_shelf"):
            wanted = [None if pd.isna(shelf) else shelf for shelf in rows[key]]
            assert [getattr(event, key) for event in told] == wanted


def test_no_two_orders_share_a_slot_and_an_order_keeps_its_own(moments):
    slots = {}
    for time in moments.times:
        for shelf in moments.at(time).shelves:
            taken = [order.slot for order in shelf.orders]
            assert taken == sorted(set(taken))
            assert not taken or 0 <= taken[0] <= taken[-1] < shelf.capacity
            for order in shelf.orders:
                stay = order.order, shelf.name, order.since_s
                assert slots.setdefault(stay, order.slot) == order.slot


def test_moves_and_origins_are_those_of_the_ledger(moments):
    ledger = moments.run.ledger
    for time in moments.times[:: max(moments.times.size // 20, 1)]:
        for shelf in moments.at(time).shelves:
            for order in shelf.orders:
                mine = ledger[(ledger["order"] == order.order) & (ledger["time_s"] <= time)]
                last = mine.iloc[-1]
                assert order.moves == (mine["event"] == "move").sum()
                assert order.since_s == last["time_s"]
                assert (order.came_from is None) == (last["event"] == "place")
                assert order.came_from is None or order.came_from == last["from_shelf"]


def test_value_drains_without_jumps(rush):
    weighted = rush.replace({"decay": "linear"})
    moments = Snapshots(
        kt.simulate(weighted, kt.Strategy("oldest", demote="slowest decaying"), seed=2)
    )
    step = 0.01
    steepest = (
        (1 + 2 * moments.run.orders["decay_rate"]) / moments.run.orders["shelf_life_s"]
    ).max()
    before = {}
    for time in np.arange(2.0, 8.0, step):
        now = {o.order: o.value for shelf in moments.at(time).shelves for o in shelf.orders}
        for order in now.keys() & before.keys():
            assert 0.0 < before[order] - now[order] < 1.0001 * steepest * step
        before = now


def test_held_waste_is_told_and_stays_until_its_courier_comes():
    slow = kt.Scenario.load("heater").replace({"couriers.delay.high": 60.0})
    moments = Snapshots(kt.simulate(slow, "discard newcomer", seed=1))
    seen = [o for t in moments.times for s in moments.at(t).shelves for o in s.orders if o.spoilt]
    assert seen
    assert {order.value for order in seen} == {0.0}
    outcomes = moments.run.orders["outcome"]
    assert {outcomes[order.order] for order in seen} <= {"expired", "discarded"}


# By hand


def golden_moments(strategy):
    """One slot each for hot, cold, frozen and overflow; overflow counts double; 20 s to live."""
    table = pd.read_csv(GOLDEN)
    trace = kt.Trace.from_frame(
        table.assign(
            shelf_life_s=20.0, decay_rate=1.0, pickup_s=table["ready_s"] + table["delay_s"]
        ).drop(columns=["order", "delay_s"])
    )
    shelves = [{"name": t, "holds": [t], "capacity": 1} for t in ("hot", "cold", "frozen")]
    shelves.append({"name": "overflow", "holds": "any", "capacity": 1, "modifier": 2.0})
    scenario = kt.Scenario.load("rush").replace({"shelves": shelves, "decay": "freshness"})
    return Snapshots(kt.simulate(scenario, strategy, trace=trace))


def seen(moment):
    return {s.name: [(o.order, round(o.value, 9)) for o in s.orders] for s in moment.shelves}


def test_the_golden_trace_by_hand():
    moments = golden_moments("discard newcomer")
    # order 0 has the hot shelf, so order 1 ages twice as fast on overflow; 2 is cold
    assert seen(moments.at(2.0)) == {
        "hot": [(0, 0.9)], "cold": [(2, 1.0)], "frozen": [], "overflow": [(1, 0.9)],
    }  # fmt: skip
    # order 3 finds cold and overflow taken, and is thrown away
    now = moments.at(3.0)
    assert (now.ready, now.discarded, now.standing, now.value_lost) == (4, 1, 3, 1.0)
    assert now.events[0][:3] == (3.0, "discard", 3)
    assert (now.events[0].from_shelf, now.events[0].to_shelf) == (None, None)
    # order 1 is fetched at 5 s: 4 s at double pace; order 4 finds overflow free at 5.5 s
    assert seen(moments.at(5.5))["overflow"] == [(4, 1.0)]
    assert moments.at(5.5).value_delivered == pytest.approx(0.6)
    # order 0 leaves at 6 s and order 4 moves home, after half a second at double pace
    now = moments.at(6.0)
    assert seen(now)["hot"] == [(4, 0.95)]
    (moved,) = now.shelves[0].orders
    assert (moved.came_from, moved.moves, moved.since_s, moved.age_s) == ("overflow", 1, 6.0, 0.5)
    assert moments.at(moments.end_s).value_delivered == pytest.approx(3.775)


def test_between_two_events_only_value_and_age_change():
    moments = golden_moments("discard newcomer")
    early, late = moments.at(3.0), moments.at(np.nextafter(5.0, 0))
    assert [[o.order for o in s.orders] for s in early.shelves] == [
        [o.order for o in s.orders] for s in late.shelves
    ]
    assert seen(late)["overflow"] == [(1, 0.6)]
    assert early.events == late.events


def test_on_the_golden_trace_strategies_part_where_the_first_order_finds_no_room():
    newcomer, oldest = (
        golden_moments("discard newcomer"),
        golden_moments(kt.Strategy("oldest", discard_from="overflow")),
    )
    assert parting(newcomer, oldest) == 3.0


# Where two part


def histories(moments, times):
    """Who stands where, and who left how, after each of the times; from the ledger alone."""
    ledger = moments.run.ledger[["time_s", "order", "event", "to_shelf"]].astype(object)
    rows, now = list(ledger.itertuples(index=False)), {}
    for time in times:
        while rows and rows[0].time_s <= time:
            row = rows.pop(0)
            now[row.order] = row.event if pd.isna(row.to_shelf) else f"on {row.to_shelf}"
        yield time, dict(now)


@pytest.mark.parametrize("scenario", ["rush", "dinner", "heater"])
@pytest.mark.parametrize("other", ["oldest", "random", "latest pickup"])
def test_two_strategies_part_where_the_ledgers_first_differ(scenario, other):
    world = kt.Scenario.load(scenario)
    if scenario == "heater":
        world = world.replace({"couriers.delay.high": 20.0})
    one, two = pair(world, "discard newcomer", other)
    times = np.unique(np.concatenate([one.times, two.times]))
    both = zip(histories(one, times), histories(two, times), strict=True)
    wanted = next((time for (time, mine), (_, yours) in both if mine != yours), None)
    assert parting(one, two) == parting(two, one) == wanted


def test_strategies_part_in_a_rush_but_not_from_themselves(rush):
    one, other = pair(rush, "discard newcomer", "oldest")
    assert parting(one, other) is not None
    assert parting(one, one) is None


def test_a_strategy_under_another_name_never_parts(rush):
    one, other = pair(rush, "oldest", kt.Strategy("oldest", name="by another name"))
    assert parting(one, other) is None


def test_kitchens_that_met_other_orders_cannot_part(rush):
    one, other = Snapshots(kt.simulate(rush, seed=1)), Snapshots(kt.simulate(rush, seed=2))
    with pytest.raises(KitchenError, match="did not meet the same orders in the same kitchen"):
        parting(one, other)


# What is refused, and settings


def test_several_replications_are_refused(rush):
    with pytest.raises(KitchenError, match="snapshots are of one replication, and this run has 2"):
        Snapshots(kt.simulate(rush, replications=2))


def test_a_run_without_its_ledger_is_refused(rush):
    with pytest.raises(KitchenError, match="kept its summary only"):
        Snapshots(kt.simulate(rush, keep="summary"))


@pytest.mark.parametrize("time", [np.nan, "soon", None])
def test_a_time_that_is_no_number_is_refused(rush, time):
    with pytest.raises(KitchenError, match="time_s: must be a number of seconds"):
        Snapshots(kt.simulate(rush)).at(time)


def test_the_replication_is_the_one_that_was_drawn(rush):
    moments = Snapshots(kt.simulate(rush, trace=kt.draw(rush, 1, 1, first=7)))
    assert set(moments.at(5.0).frame()["replication"]) == {7}


def test_the_run_is_left_as_it_was(rush):
    run = kt.simulate(rush, "random", seed=1)
    before = [getattr(run, name).copy(deep=True) for name in ("orders", "ledger")]
    moments = Snapshots(run)
    for time in moments.times[::20]:
        moments.at(time).frame()
    for name, frame in zip(("orders", "ledger"), before, strict=True):
        pd.testing.assert_frame_equal(getattr(run, name), frame)
