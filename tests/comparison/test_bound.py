"""The bound: no strategy exceeds it, and on small kitchens an exhaustive search attains it."""

import itertools
import math
from unittest import mock

import numpy as np
import pandas as pd
import pytest
import support.strategies as drawn
from hypothesis import given, settings
from support.hostile_html import NASTY, harmless
from support.paths import DATA

import kitchen as kt
from kitchen.comparison import bound_lp
from kitchen.comparison.bound import BOUNDED
from kitchen.errors import KitchenError, RuleError, StrategyError
from kitchen.model.rules import BUILT_IN

NEAR = 1e-6
"""What the solver may be off, in orders."""

LAWS = ["linear", "weighted", "freshness", "exponential", "cliff", *drawn.OWN_LAWS]


# --- kitchens to try it on -----------------------------------------------------------------------


def kitchen(shelves, decay="weighted", **options):
    """A scenario from (name, holds, capacity, modifier)."""
    keys = ("name", "holds", "capacity", "modifier")
    return kt.Scenario.model_validate(
        {
            "name": "small",
            "decay": decay,
            "arrivals": {"process": "regular", "rate": 1.0},
            "couriers": {"delay": {"distribution": "constant", "value": 1.0}},
            "shelves": [dict(zip(keys, shelf, strict=True)) for shelf in shelves],
            **options,
        }
    )


def trace_of(*rows):
    """A replay from (ready, pickup, temp, shelf life, decay rate)."""
    columns = ["ready_s", "pickup_s", "temp", "shelf_life_s", "decay_rate"]
    return kt.Trace.from_frame(pd.DataFrame(rows, columns=columns))


def crowd(seed, orders=5, lanes=1, lives=(3.0, 12.0), temps=("hot", "cold")):
    """Orders that come in a heap, some with a preparation that their couriers wait for."""
    rng = np.random.default_rng(seed)
    number = orders * lanes
    received = np.concatenate([np.sort(rng.uniform(0.0, 4.0, orders)) for _ in range(lanes)])
    frame = pd.DataFrame(
        {
            "replication": np.repeat(np.arange(lanes), orders),
            "received_s": received,
            "ready_s": received + rng.choice([0.0, 0.0, 1.5], number),
            "pickup_s": received + rng.uniform(0.5, 7.0, number),
            "temp": rng.choice(temps, number),
            "shelf_life_s": rng.uniform(*lives, number),
            "decay_rate": rng.uniform(0.2, 1.0, number),
            "price": rng.uniform(1.0, 9.0, number),
        }
    )
    return kt.Trace.from_frame(frame)


SHELVES = {
    "classic": [("hot", ["hot"], 1, 1.0), ("cold", ["cold"], 1, 1.0), ("any", "any", 1, 2.0)],
    "chain": [("a", "any", 1, 1.0), ("b", "any", 1, 3.0), ("c", "any", 1, 5.0)],
    "better later": [("a", "any", 1, 3.0), ("b", ["hot"], 1, {"hot": 0.5}), ("c", "any", 1, 1.0)],
    "no slots": [("hot", ["hot"], 0, 1.0), ("cold", ["cold"], 1, 2.0), ("any", "any", 1, 2.0)],
    "open shelf": [("hot", ["hot"], 1, 1.0), ("any", "any", 2, {"hot": 2.0, "cold": 1.0})],
}


# --- no strategy beats it ------------------------------------------------------------------------


def bounds_of(trace, scenario, **options):
    """The bounds of value, waste and revenue."""
    return [kt.bound(trace, scenario, measure=measure, threads=1, **options) for measure in BOUNDED]


def revenue_of(run):
    """Price times value at pickup of what was delivered, by replication; summed over `orders`."""
    delivered = run.orders[run.orders["outcome"] == "delivered"]
    money = (delivered["price"] * delivered["value"]).groupby(delivered["replication"]).sum()
    return money.reindex(run.summary["replication"], fill_value=0.0).to_numpy()


def beaten_by(run, value, waste, revenue):
    """The replications in which a run did better than the bounds."""
    summary = run.summary
    got = (summary["value_per_order"] * summary["orders"]).fillna(0.0)
    near = NEAR * max(run.orders["price"].max(), 1.0) if len(run.orders) else NEAR
    better = (
        (got > value.frame["bound"] + NEAR)
        | (summary["wasted"] < waste.frame["bound"])
        | (revenue_of(run) > revenue.frame["bound"] + near)
    )
    return summary.loc[better, "replication"].tolist()


def strategies_of(setting, issue):
    """Every rule that ships, for each decision in turn, the other decisions varied beside it."""
    recall_when, discard_from = setting
    recalls = itertools.cycle([*BUILT_IN["recall"], None])
    demotes = itertools.cycle([None, *BUILT_IN["demote"]])
    for discard, recall, demote in zip(BUILT_IN["discard"], recalls, demotes, strict=False):
        yield kt.Strategy(discard, recall, demote, issue, recall_when, discard_from)


SETTINGS = list(
    itertools.product(["eager", "blocked"], ["overflow", "overflow+newcomer", "anywhere"])
)


@pytest.mark.slow
@pytest.mark.parametrize("decay", LAWS, ids=kt.decay.law_name)
def test_no_shipped_strategy_beats_the_integer_bound(decay):
    """Four traces of ten orders in each of 20 kitchens, under every discard rule there is."""
    for nth, (shape, expired, below) in enumerate(
        itertools.product(SHELVES, ["removed", "held"], [0.0, 0.4])
    ):
        trace = crowd(nth, orders=10, lanes=4)
        scenario = kitchen(
            SHELVES[shape], decay, expired_orders=expired, waste_below=below, eta="exact"
        )
        bounds = bounds_of(trace, scenario, integral=True)
        for strategy in strategies_of(SETTINGS[nth % len(SETTINGS)], None):
            run = kt.simulate(scenario, strategy, trace=trace, threads=1)
            assert not beaten_by(run, *bounds), (shape, expired, below, strategy)


@pytest.mark.slow
@pytest.mark.parametrize("issue", BUILT_IN["issue"])
@pytest.mark.parametrize(
    "decay", ["linear", "exponential", "cliff", drawn.in_steps], ids=kt.decay.law_name
)
def test_no_issue_rule_beats_the_bound_of_a_pool(decay, issue):
    for nth, (shape, below) in enumerate(itertools.product(SHELVES, [0.0, 0.4])):
        trace = crowd(nth, orders=10, lanes=3)
        scenario = kitchen(SHELVES[shape], decay, waste_below=below)
        bounds = bounds_of(trace, scenario, issue=issue)
        for strategy in strategies_of(SETTINGS[nth % len(SETTINGS)], issue):
            run = kt.simulate(scenario, strategy, trace=trace, threads=1)
            assert not beaten_by(run, *bounds), (shape, below, strategy)


@given(case=drawn.cases())
@settings(max_examples=100)
def test_no_drawn_strategy_beats_the_bound_in_a_drawn_kitchen(case):
    """Users' rules and laws, ties, preparation, chains of shelves, shelves without slots."""
    bounds = bounds_of(case.trace, case.scenario, issue=case.strategy.issue)
    run = kt.simulate(  # of all orders: that of the case has a warm-up
        case.scenario, case.strategy, trace=case.trace, threads=1
    )
    assert not beaten_by(run, *bounds)


@given(case=drawn.cases())
@settings(max_examples=100)
def test_the_linear_bound_is_never_below_the_integer_one_nor_that_of_a_pool_below_either(case):
    for measure, sign in (("value", 1), ("waste", -1), ("revenue", 1)):
        options = {"measure": measure, "threads": 1}
        linear = kt.bound(case.trace, case.scenario, **options).frame
        whole = kt.bound(case.trace, case.scenario, integral=True, **options).frame
        assert (sign * (linear["bound"] - whole["bound"]) >= -NEAR).all()
        agree = linear["exact"]
        assert np.allclose(linear["bound"][agree], whole["bound"][agree], atol=NEAR)
        if case.scenario.expired_orders == "removed":
            pool = kt.bound(case.trace, case.scenario, issue="first in first out", **options).frame
            assert (sign * (pool["bound"] - linear["bound"]) >= -NEAR).all()


@given(case=drawn.cases(pooled=False))
@settings(max_examples=150)
def test_stays_that_need_no_other_shelf_change_no_optimum(case):
    """Against programs in which every order may leave its best shelf at any time."""
    everyone = mock.patch.object(
        bound_lp, "_may_leave", lambda stays, *_: np.ones(stays.order.size, bool)
    )
    for measure, integral in itertools.product(BOUNDED, [False, True]):
        options = {"measure": measure, "integral": integral, "threads": 1}
        few = kt.bound(case.trace, case.scenario, **options).frame
        with everyone:
            full = kt.bound(case.trace, case.scenario, **options).frame
        np.testing.assert_allclose(few["bound"], full["bound"], rtol=1e-9, atol=10 * NEAR)


@pytest.mark.parametrize("measure", BOUNDED)
@pytest.mark.parametrize(("name", "share"), [("rush", 1.0), ("rush", 0.7), ("dinner", 1.0)])
def test_stays_that_need_no_other_shelf_change_no_optimum_of_a_shipped_kitchen(
    measure, name, share
):
    scenario = kt.Scenario.load(name)
    slots = {f"shelves.{s.name}.capacity": int(share * s.capacity) for s in scenario.shelves}
    scenario, sizes = scenario.replace(slots), []
    trace = kt.draw(scenario, 2, seed=3)

    def everyone(stays, *_):
        sizes.append(stays.order.size)
        return np.ones(stays.order.size, bool)

    few = kt.bound(trace, scenario, measure=measure, threads=1).frame
    with mock.patch.object(bound_lp, "_may_leave", everyone):
        full = kt.bound(trace, scenario, measure=measure, threads=1).frame
    assert min(sizes) > 1000
    np.testing.assert_allclose(few["bound"], full["bound"], rtol=1e-9)


# --- it is the optimum ---------------------------------------------------------------------------


def cheapest_minute(present, seconds, scenario, loss):
    """The least value lost in an interval beyond the best shelf, trying every place; inf if none."""
    least = math.inf
    for places in itertools.product(*(lists for _, lists, _ in present)):
        taken = [places.count(s) for s in range(len(scenario.shelves))]
        if all(n <= s.capacity for n, s in zip(taken, scenario.shelves, strict=True)):
            cost = sum(
                loss[j] * seconds * (pace[s] - min(pace.values()))
                for (j, _, pace), s in zip(present, places, strict=True)
            )
            least = min(least, cost)
    return least


def by_trying_everything(trace, scenario, priced=False):
    """The most value, or revenue, delivered by any set of orders, each in any place at any moment.

    For straight laws only.
    """
    frame = trace.frame()
    times = np.unique(frame[["ready_s", "pickup_s"]])
    law = {"linear": (1.0, 1), "weighted": (0.0, 1), "freshness": (0.0, 0)}[scenario.decay]
    worth, loss, lists, paces = [], [], [], []
    for row in frame.itertuples():
        mine = [s for s in scenario.shelves_of(row.temp) if scenario.shelves[s].capacity]
        pace = {s: float(scenario.shelves[s].modifier_of(row.temp)) for s in mine}
        seconds = max(row.pickup_s - row.ready_s, 0.0)
        rate = row.decay_rate if law[1] else 1.0
        best = min(pace.values(), default=math.inf) if seconds else 0.0
        price = row.price if priced else 1.0
        worth.append(price * (1.0 - seconds * (law[0] + rate * best) / row.shelf_life_s))
        loss.append(price * rate / row.shelf_life_s)
        lists.append(mine)
        paces.append(pace)
    best = 0.0
    for keep in itertools.product([False, True], repeat=len(frame)):
        total = sum(w for w, k in zip(worth, keep, strict=True) if k)
        if total <= best:
            continue
        for begin, end in itertools.pairwise(times):
            here = (frame["ready_s"] <= begin) & (frame["pickup_s"] >= end) & np.array(keep)
            present = [(j, lists[j], paces[j]) for j in np.flatnonzero(here)]
            total -= cheapest_minute(present, end - begin, scenario, loss)
            if total <= best:
                break
        best = max(best, total)
    return best


@pytest.mark.parametrize("shape", SHELVES)
@pytest.mark.parametrize("decay", ["linear", "weighted", "freshness"])
def test_the_integer_bound_is_what_trying_everything_finds(shape, decay):
    scenario = kitchen(SHELVES[shape], decay)
    for seed in range(4):
        trace = crowd(seed, orders=5)
        found = kt.bound(trace, scenario, integral=True).frame.iloc[0]
        assert found["exact"]
        assert found["bound"] == pytest.approx(by_trying_everything(trace, scenario), abs=NEAR)


@pytest.mark.parametrize("shape", SHELVES)
@pytest.mark.parametrize("decay", ["linear", "weighted", "freshness"])
def test_the_integer_bound_of_revenue_is_what_trying_everything_finds(shape, decay):
    scenario = kitchen(SHELVES[shape], decay)
    for seed in range(4):
        trace = crowd(seed, orders=5)
        found = kt.bound(trace, scenario, integral=True, measure="revenue").frame.iloc[0]
        most, full = (
            by_trying_everything(trace, scenario, priced=True),
            trace.frame()["price"].sum(),
        )
        assert found["exact"]
        assert found["bound"] == pytest.approx(most, abs=10 * NEAR)  # prices are below 9
        assert found["revenue_per_order"] == pytest.approx(most / 5, abs=10 * NEAR)
        assert found["lost_revenue_share"] == pytest.approx(1 - most / full, abs=NEAR)


def test_on_one_shelf_throwing_away_the_latest_courier_loses_exactly_the_fewest_orders():
    scenario = kitchen([("one", "any", 3, 1.0)], eta="exact")
    trace = crowd(1, orders=30, lanes=200, lives=(1e6, 1e7))
    latest_out = kt.Strategy("latest pickup", discard_from="overflow+newcomer")
    summary = kt.simulate(scenario, latest_out, trace=trace).summary
    fewest = kt.bound(trace, scenario, measure="waste", integral=True).frame
    assert summary["wasted"].tolist() == fewest["bound"].tolist()
    assert fewest["exact"].all() and fewest["bound"].min() > 0
    other = kt.simulate(scenario, "discard newcomer", trace=trace).summary
    assert (other["wasted"] > fewest["bound"]).any()


def test_the_golden_trace():
    """From 3 s to 5 s orders 0 to 3, two hot and two cold, are there and have three slots."""
    table = pd.read_csv(DATA / "golden.csv")
    trace = kt.Trace.from_frame(
        table.assign(
            pickup_s=table["ready_s"] + table["delay_s"], shelf_life_s=20.0, decay_rate=1.0
        )
    )
    shelves = [(temp, [temp], 1, 1.0) for temp in ("hot", "cold", "frozen")]
    scenario = kitchen([*shelves, ("overflow", "any", 1, 2.0)])
    run = kt.simulate(scenario, "discard newcomer", trace=trace).summary.iloc[0]
    assert run["value_per_order"] * 6 == pytest.approx(3.775)
    best = kt.bound(trace, scenario, integral=True).frame["bound"][0]
    assert best == pytest.approx(by_trying_everything(trace, scenario), abs=NEAR)
    assert best >= 3.775 - NEAR
    assert kt.bound(trace, scenario, measure="waste").frame["bound"][0] == 1 == run["wasted"]


# --- by hand -------------------------------------------------------------------------------------

HOME_AND_AWAY = [("home", ["hot"], 1, 1.0), ("away", "any", 1, 3.0)]


def best(trace, scenario, **options):
    return kt.bound(trace, scenario, integral=True, **options).frame.iloc[0]


def test_one_order_stands_at_home():
    found = best(trace_of((0, 4, "hot", 8.0, 0.5)), kitchen(HOME_AND_AWAY))
    assert found["bound"] == found["value_per_order"] == pytest.approx(0.75)
    assert found["exact"]


def test_a_trace_without_orders():
    found = best(trace_of(), kitchen(HOME_AND_AWAY))
    assert found["orders"] == found["bound"] == 0 and math.isnan(found["value_per_order"])
    assert found["exact"]
    pool = best(trace_of(), kitchen(HOME_AND_AWAY), issue="lowest value", measure="waste")
    assert pool["bound"] == 0
    money = best(trace_of(), kitchen(HOME_AND_AWAY), measure="revenue")
    assert money["bound"] == 0
    assert math.isnan(money["revenue_per_order"]) and math.isnan(money["lost_revenue_share"])


def test_a_courier_who_is_there_first_takes_the_order_at_full_value_and_no_slot():
    frame = pd.DataFrame({"received_s": 0.0, "ready_s": [2.0] * 3, "pickup_s": [2.0, 1.0, 3.0]})
    trace = kt.Trace.from_frame(frame.assign(temp="hot", shelf_life_s=2.0, decay_rate=1.0))
    assert best(trace, kitchen([("home", "any", 0, 1.0)]))["bound"] == 2.0
    assert best(trace, kitchen([("home", "any", 1, 1.0)]))["bound"] == pytest.approx(2.5)


def test_the_second_of_two_orders_stands_away_until_the_first_has_left():
    trace = trace_of((0, 2, "hot", 10.0, 1.0), (0, 5, "hot", 10.0, 1.0))
    assert best(trace, kitchen(HOME_AND_AWAY))["bound"] == pytest.approx(0.8 + 0.1)


def priced(trace, prices):
    """The same orders with other prices."""
    return kt.Trace.from_frame(trace.frame().assign(price=prices))


def test_the_dear_order_keeps_the_only_slot_though_the_other_is_worth_more():
    """Both want the slot from 0 to 2 s; then one of 0.8 is worth 8 and one of 0.9 is worth 0.9."""
    both = trace_of((0, 2, "hot", 10.0, 1.0), (0, 2, "hot", 20.0, 1.0))
    one_slot = kitchen([("home", "any", 1, 1.0)])
    assert best(both, one_slot)["bound"] == pytest.approx(0.9)
    found = best(priced(both, [10.0, 1.0]), one_slot, measure="revenue")
    assert found["bound"] == pytest.approx(8.0) and found["revenue_per_order"] == pytest.approx(4.0)
    assert found["lost_revenue_share"] == pytest.approx(3 / 11)
    free = best(priced(both, 0.0), one_slot, measure="revenue")
    assert free["bound"] == free["revenue_per_order"] == 0
    assert math.isnan(free["lost_revenue_share"])


def test_the_dear_order_stays_home_though_the_other_decays_faster():
    two = priced(trace_of((0, 2, "hot", 10.0, 1.0), (0, 2, "hot", 10.0, 0.5)), [2.0, 8.0])
    assert best(two, kitchen(HOME_AND_AWAY))["bound"] == pytest.approx(0.8 + 0.7)
    found = best(two, kitchen(HOME_AND_AWAY), measure="revenue")
    assert found["bound"] == pytest.approx(2.0 * 0.4 + 8.0 * 0.9)


@pytest.mark.parametrize("issue", [None, "lowest value"])
@pytest.mark.parametrize("decay", LAWS, ids=kt.decay.law_name)
def test_revenue_at_equal_prices_is_value_and_all_prices_scale_it(decay, issue):
    scenario = kitchen(SHELVES["classic"], decay, waste_below=0.2)
    trace = crowd(5, orders=12, lanes=3)
    options = {"issue": issue, "threads": 1}
    value = kt.bound(trace, scenario, **options).frame
    even = kt.bound(priced(trace, 1.0), scenario, measure="revenue", **options).frame
    pd.testing.assert_series_equal(even["bound"], value["bound"])
    np.testing.assert_allclose(even["lost_revenue_share"], 1 - value["value_per_order"])
    prices = trace.frame()["price"]
    money = kt.bound(trace, scenario, measure="revenue", **options).frame
    for scale in (1e-3, 1024.0, 1e6):
        scaled = priced(trace, scale * prices)
        found = kt.bound(scaled, scenario, measure="revenue", **options).frame
        np.testing.assert_allclose(found["bound"], scale * money["bound"])
        np.testing.assert_allclose(found["lost_revenue_share"], money["lost_revenue_share"])


def test_a_later_shelf_that_is_better_is_used():
    shelves = [("open", "any", 1, 2.0), ("cool", "any", 1, 0.0)]
    assert best(trace_of((0, 4, "hot", 8.0, 1.0)), kitchen(shelves))["bound"] == 1.0


@pytest.mark.parametrize(
    "decay", ["weighted", "cliff", "exponential", drawn.slow_at_first], ids=kt.decay.law_name
)
def test_an_order_that_would_expire_away_may_go_there_only_for_a_while(decay):
    """Two with one slot at home: both are saved if each can stand away for half of the time."""
    law = kt.decay.as_law(decay)
    saved = set()
    for life in (6.0, 8.0, 9.0, 9.8, 10.2, 11.0, 12.2, 13.0, 15.0, 20.0):
        two = trace_of((0, 4, "hot", life, 1.0), (0, 4, "hot", life, 1.0))
        scenario = kitchen(HOME_AND_AWAY, decay, waste_below=0.2)
        found = best(two, scenario, measure="waste")
        at_home = law.value(4.0, 4.0, life, 1.0) > 0.2
        taking_turns = law.value(4.0, 8.0, life, 1.0) > 0.2
        assert found["bound"] == (0 if taking_turns else 1 if at_home else 2)
        assert found["exact"]
        saved.add((bool(at_home), bool(taking_turns)))
    assert {(True, False), (True, True)} <= saved


def test_an_order_that_expires_as_its_courier_comes_is_waste():
    found = best(trace_of((0, 8, "hot", 8.0, 1.0)), kitchen(HOME_AND_AWAY), measure="waste")
    assert found["bound"] == found["wasted_share"] == 1
    found = best(trace_of((0, 7.99, "hot", 8.0, 1.0)), kitchen(HOME_AND_AWAY), measure="waste")
    assert found["bound"] == 0


def test_a_pool_of_couriers_may_swap_their_orders():
    """The courier of the second could take the first, which spoils before its own comes."""
    trace = trace_of((0, 9, "hot", 4.0, 1.0), (1, 2, "hot", 100.0, 1.0))
    assert best(trace, kitchen(HOME_AND_AWAY))["bound"] == pytest.approx(0.99)
    found = best(trace, kitchen(HOME_AND_AWAY), issue="first in first out")
    assert found["bound"] == pytest.approx(0.5 + 0.92)
    assert "pool" in found["method"] and not found["exact"]


def test_the_linear_bound_can_be_out_of_reach_and_then_does_not_call_itself_exact():
    gaps = []
    for seed in range(60):
        trace, scenario = crowd(seed, orders=12), kitchen(SHELVES["better later"], waste_below=0.4)
        linear = kt.bound(trace, scenario).frame.iloc[0]
        whole = kt.bound(trace, scenario, integral=True).frame.iloc[0]
        gaps.append(linear["bound"] - whole["bound"])
        assert whole["exact"]
        assert not (linear["exact"] and gaps[-1] > NEAR)
    assert max(gaps) > 0.001


# --- what it says, and how it is asked -----------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "issue", "said"),
    [
        ({"decay": "exponential"}, None, "chord"),
        ({"decay": drawn.slow_at_first}, None, "best shelf"),
        ({"expired_orders": "held"}, None, "held|expired orders"),
        ({}, "last in first out", "couriers|courier"),
    ],
    ids=["convex", "user's", "held", "pool"],
)
def test_a_loose_bound_says_so_and_why(changes, issue, said):
    scenario = kitchen(SHELVES["classic"]).replace(changes)
    found = kt.bound(crowd(3, orders=12), scenario, integral=True, issue=issue)
    method = found.frame["method"][0]
    assert not found.frame["exact"][0]
    assert "loose" in method and any(word in method for word in said.split("|"))
    assert any(word in found.words for word in said.split("|"))


def test_a_tight_bound_does_not_call_itself_loose():
    found = kt.bound(crowd(3, orders=12), kitchen(SHELVES["classic"]), integral=True)
    assert found.frame["method"][0] == "integer program"
    assert found.frame["exact"][0]
    assert repr(found).startswith("Bound('small', value_per_order at most 0.")
    money = kt.bound(crowd(3, orders=12), kitchen(SHELVES["classic"]), measure="revenue")
    assert repr(money).startswith("Bound('small', revenue_per_order at most ")
    assert "most revenue" in money.words


def test_threads_change_nothing_and_progress_is_told(rush):
    trace = kt.draw(rush, 6, seed=1)
    message = []
    one = kt.bound(trace, rush, threads=1, callback=message.append)
    two = kt.bound(trace, rush, threads=2)
    pd.testing.assert_frame_equal(one.frame, two.frame)
    assert sum(message) == 6
    assert one.frame.columns.tolist() == (
        "replication orders bound value_per_order exact method".split()
    )
    assert kt.bound(trace, rush, measure="revenue").frame.columns.tolist() == (
        "replication orders bound revenue_per_order lost_revenue_share exact method".split()
    )


def test_a_replication_has_the_same_bound_alone_as_among_others(rush):
    many = kt.bound(kt.draw(rush, 4, seed=2), rush).frame
    alone = kt.bound(kt.draw(rush, 1, seed=2, first=3), rush).frame
    assert alone["replication"][0] == 3
    assert alone["bound"][0] == many["bound"][3]


@pytest.mark.parametrize("integral", [False, True])
def test_a_bound_cut_short_still_holds(rush, integral):
    trace = kt.draw(rush, 2, seed=1)
    cut = kt.bound(trace, rush, integral=integral, time_limit_s=1e-6).frame
    full = kt.bound(trace, rush, integral=True).frame
    assert (cut["bound"] >= full["bound"] - NEAR).all()


def test_what_cannot_be_bounded_is_refused(rush):
    trace = kt.draw(rush)
    with pytest.raises(KitchenError, match="Did you mean 'waste'"):
        kt.bound(trace, rush, measure="wast")
    with pytest.raises(KitchenError, match="must be a Trace"):
        kt.bound(rush, trace)
    with pytest.raises(KitchenError, match="must be a Scenario"):
        kt.bound(trace, "rush")
    with pytest.raises(KitchenError, match="time_limit_s"):
        kt.bound(trace, rush, time_limit_s=0)
    with pytest.raises(RuleError, match="issue rule 'first'"):
        kt.bound(trace, rush, issue="first")
    with pytest.raises(StrategyError, match="held"):
        kt.bound(trace, rush.replace({"expired_orders": "held"}), issue="lowest value")


# --- in a notebook -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("measure", "message"),
    [
        ("value", "value per order, at most, %"),
        ("waste", "wasted, at least, %"),
        ("revenue", "lost revenue, at least, %"),
    ],
)
def test_a_notebook_shows_the_bound_and_why_it_holds(rush, measure, message):
    found = kt.bound(kt.draw(rush.replace({"name": NASTY[0]}), 2), rush, measure=measure)
    page = harmless(found._repr_html_())
    assert found.words in page.text
    column = "lost_revenue_share" if measure == "revenue" else BOUNDED[measure]
    mean = 100 * found.frame[column].mean()
    assert page.text.index(message) < page.text.index(f"{mean:.2f}")
    assert "of 2 replications" in page.text


def test_a_notebook_shows_the_bound_of_no_orders(rush):
    empty = rush.replace({"orders.count": 0, "name": NASTY[1]})
    page = harmless(kt.bound(kt.draw(empty, 2), empty)._repr_html_())
    assert NASTY[1] in page.text and "\u2013" in page.text
    assert "nan" not in page.text.replace(NASTY[1], "")
