"""What holds in every kitchen, whatever the strategy; and the same numbers however they are made."""

import hashlib
import math
import re
import subprocess
import sys
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import random as draw_lots

import numba
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.strategies import cases, same

import kitchen as kt
from kitchen.engine import kernel, records
from kitchen.engine.encode import misspelt_temps
from kitchen.errors import RuleError, ScenarioError
from kitchen.model.decay import as_law
from kitchen.model.rules import BUILT_IN

DISCARD = list(BUILT_IN["discard"])
FRAMES = ["orders", "ledger", "shelves", "contents", "summary"]
STEPS = st.sampled_from([0.25, 0.3, 1.0, 7.0])
A_POOL = kt.Strategy("random", demote="least harmed", issue="last in first out")
SEVERAL = ["discard newcomer", "random", "expires before pickup", A_POOL]


def stays(run):
    """A row a stay: replication, order, shelf, from and until when, weighted age at its begin."""
    rows = run.ledger.reset_index(names="row")
    rows["until_s"] = rows.groupby(["replication", "order"])["time_s"].shift(-1)
    rows = rows.dropna(subset=["to_shelf"]).merge(
        run.orders[["replication", "order", "temp"]], on=["replication", "order"]
    )
    shelves = {shelf.name: shelf for shelf in run.scenario.shelves}
    rows["modifier"] = [
        float(shelves[shelf].modifier_of(temp))
        for shelf, temp in zip(rows["to_shelf"], rows["temp"], strict=True)
    ]
    gained = rows["modifier"] * (rows["until_s"] - rows["time_s"])
    total = gained.groupby([rows["replication"], rows["order"]]).cumsum()
    rows["weighted_age_s"] = total - gained
    return rows.rename(columns={"time_s": "from_s", "to_shelf": "shelf"})


def worth(run, rows, time_s, weighted_age_s):
    """Value of orders (rows with replication and order) at these times and weighted ages."""
    keys = pd.MultiIndex.from_frame(rows[["replication", "order"]])
    of = run.orders.set_index(["replication", "order"]).loc[keys]
    age_s = np.asarray(time_s) - of["ready_s"].to_numpy()
    life_s, rate = of["shelf_life_s"].to_numpy(), of["decay_rate"].to_numpy()
    return as_law(run.scenario.decay).value(age_s, np.asarray(weighted_age_s), life_s, rate)


# --- what holds at every event -------------------------------------------------------------------


@given(case=cases())
@settings(max_examples=100)
def test_every_order_is_resolved_exactly_once_and_stands_in_one_place_at_a_time(case):
    run = case.run
    ends = run.ledger[run.ledger["event"].isin(["pickup", "expire", "discard"])]
    assert not ends.duplicated(["replication", "order"]).any()
    assert len(ends) == len(case.frame) == len(run.orders)
    for _, rows in run.ledger.groupby(["replication", "order"]):
        begins, ends = rows["from_shelf"].tolist(), rows["to_shelf"].tolist()
        assert pd.isna(begins[0])
        assert pd.isna(ends[-1])
        assert begins[1:] == ends[:-1]
        assert rows["time_s"].is_monotonic_increasing


@given(case=cases())
@settings(max_examples=100)
def test_no_shelf_ever_has_more_than_its_capacity_or_what_it_does_not_hold(case):
    run = case.run
    shelves = {shelf.name: shelf for shelf in run.scenario.shelves}
    temp = run.orders.set_index(["replication", "order"])["temp"]
    for replication, rows in run.ledger.groupby("replication"):
        taken = dict.fromkeys(shelves, 0)
        for row in rows.itertuples():
            if not pd.isna(row.from_shelf):
                taken[row.from_shelf] -= 1
            if not pd.isna(row.to_shelf):
                taken[row.to_shelf] += 1
                assert shelves[row.to_shelf].takes(temp[replication, row.order])
                assert taken[row.to_shelf] <= shelves[row.to_shelf].capacity
        assert not any(taken.values())


@given(case=cases())
@settings(max_examples=100)
def test_events_are_told_in_order_of_time_one_replication_after_another(case):
    ledger = case.run.ledger
    assert ledger["replication"].is_monotonic_increasing
    assert (ledger.groupby("replication")["time_s"].diff().dropna() >= 0).all()


@given(case=cases())
@settings(max_examples=100)
def test_value_follows_the_weighted_age_that_an_order_carries_along(case):
    run, here = case.run, stays(case.run)
    told = run.ledger.loc[here["row"], "value"]
    assert same(told, worth(run, here, here["from_s"], here["weighted_age_s"]))
    # Just before a move the value is what it is just after.
    until = here["weighted_age_s"] + here["modifier"] * (here["until_s"] - here["from_s"])
    next_row = run.ledger.groupby(["replication", "order"], sort=False)["value"].shift(-1)
    fate = run.ledger.groupby(["replication", "order"], sort=False)["event"].shift(-1)
    kept = (fate.loc[here["row"]] != "expire").to_numpy()
    assert same(next_row.loc[here["row"]][kept], worth(run, here, here["until_s"], until)[kept])


@given(case=cases(), step_s=STEPS)
@settings(max_examples=100)
def test_no_value_ever_rises(case, step_s):
    run = replace(case.run, step_s=step_s)
    seen = pd.concat(
        [f[["replication", "order", "time_s", "value"]] for f in (run.ledger, run.contents)]
    )
    seen = seen.sort_values(["replication", "order", "time_s"], kind="stable")
    rise = seen.groupby(["replication", "order"])["value"].diff().dropna()
    assert (rise <= 1e-9).all()
    assert seen["value"].between(0.0, 1.0).all()


# --- ticks ---------------------------------------------------------------------------------------


@given(case=cases(), step_s=STEPS)
@settings(max_examples=100)
def test_a_tick_shows_the_kitchen_after_all_events_up_to_it(case, step_s):
    run, here = replace(case.run, step_s=step_s), stays(case.run)
    rows, seen = [], []
    opens = run.orders.groupby("replication")["opens_s"].first()
    for replication, end_s in run.ledger.groupby("replication")["time_s"].max().items():
        mine = here[here["replication"] == replication].sort_values(["order", "from_s"])
        begin, until = mine["from_s"].to_numpy(), mine["until_s"].to_numpy()
        number, step = int((end_s - opens[replication]) / step_s) + 2, Decimal(repr(step_s))
        ticks = np.array([float(nth * step) for nth in range(number)])  # three of 0.1 s are 0.3 s
        ticks += opens[replication]  # ticks count from the opening
        ticks = ticks[: np.argmax(ticks >= end_s) + 1]  # the last: the first at which all is over
        for time_s in ticks:
            on = mine[(begin <= time_s) & (until > time_s)]
            stand = on["shelf"].tolist()
            rows += [
                (replication, time_s, s.name, stand.count(s.name)) for s in run.scenario.shelves
            ]
            seen.append(on.assign(time_s=time_s))
    found = run.shelves[["replication", "time_s", "shelf", "orders"]]
    assert list(found.itertuples(index=False, name=None)) == rows
    assert run.shelves.groupby("replication")["orders"].last().eq(0).all()
    seen, contents = pd.concat(seen), run.contents
    for key in ("replication", "order", "time_s", "shelf"):
        assert contents[key].tolist() == seen[key].tolist()
    weighted = seen["weighted_age_s"] + seen["modifier"] * (seen["time_s"] - seen["from_s"])
    assert same(contents["value"], worth(run, seen, seen["time_s"], weighted))


@given(case=cases(), step_s=STEPS)
@settings(max_examples=100)
def test_shelves_are_what_their_contents_add_up_to(case, step_s):
    run = replace(case.run, step_s=step_s)
    shelves = run.shelves.set_index(["replication", "time_s", "shelf"])
    inside = run.contents.groupby(["replication", "time_s", "shelf"], observed=True)["value"]
    found = inside.agg(["size", "mean", "min"]).reindex(shelves.index)
    assert (shelves["orders"] == found["size"].fillna(0)).all()
    assert same(shelves["value_mean"], found["mean"])
    assert same(shelves["value_min"], found["min"])
    capacity = {shelf.name: shelf.capacity for shelf in run.scenario.shelves}
    slots = shelves.index.get_level_values("shelf").map(capacity).astype(float)
    assert same(shelves["fill"], shelves["orders"] / np.where(slots > 0, slots, np.nan))


@given(case=cases())
@settings(max_examples=50)
def test_what_is_seen_at_a_tick_is_of_the_order_it_is_said_to_be(case):
    seen = case.run.contents.merge(
        case.run.orders, on=["strategy", "replication", "order"], suffixes=("", "_of_order")
    )
    assert (seen["name"] == seen["name_of_order"]).all()
    assert (seen["temp"] == seen["temp_of_order"]).all()
    assert same(seen["age_s"], seen["time_s"] - seen["ready_s"])


@pytest.mark.parametrize("step_s", [0.01, 0.3, 60.0, 1e6])
def test_no_result_depends_on_the_step(rush, step_s):
    usual, other = (
        kt.simulate(rush, "random", replications=3, seed=5, step_s=s) for s in (1.0, step_s)
    )
    for name in ("orders", "ledger", "summary"):
        pd.testing.assert_frame_equal(getattr(usual, name), getattr(other, name), check_exact=True)
    shared = usual.shelves.merge(other.shelves, on=["strategy", "replication", "time_s", "shelf"])
    assert (shared["orders_x"] == shared["orders_y"]).all()
    assert len(shared) > 0


# --- the same numbers however they are made ------------------------------------------------------


def only(frame, replication):
    return frame[frame["replication"] == replication].reset_index(drop=True)


@pytest.mark.parametrize("scenario", ["rush", "heater", "classic"])
def test_replication_seven_is_the_same_alone_and_among_a_hundred(scenario):
    scenario = kt.Scenario.load(scenario)
    many = kt.simulate(scenario, "random", replications=100, seed=3)
    alone = kt.simulate(
        scenario, "random", trace=kt.draw(scenario, replications=1, seed=3, first=7)
    )
    for name in FRAMES:
        few = getattr(alone, name)
        assert (few["replication"] == 7).all()
        pd.testing.assert_frame_equal(only(getattr(many, name), 7), few, check_exact=True)


@pytest.mark.parametrize("keep", ["ledger", "summary"])
def test_threads_and_batches_change_nothing(rush, keep):
    """With more threads batches are smaller; a trace that is given is not drawn batch by batch."""
    one, *others = (
        kt.simulate(rush, "random", replications=300, seed=2, keep=keep, threads=threads)
        for threads in (1, 2, 5, 64)
    )
    drawn = kt.draw(rush, replications=300, seed=2)
    others += [
        kt.simulate(rush, "random", trace=drawn, keep=keep, threads=threads) for threads in (1, 3)
    ]
    for name in FRAMES if keep == "ledger" else ["summary"]:
        for other in others:
            pd.testing.assert_frame_equal(
                getattr(one, name), getattr(other, name), check_exact=True
            )


FINGERPRINT = """
import hashlib, kitchen as kt
run = kt.simulate(kt.Scenario.load("rush"), "random", replications=20, seed=9)
print(hashlib.sha256(run.ledger.to_csv().encode()).hexdigest())
"""


def test_another_process_gets_the_same_numbers(rush):
    run = kt.simulate(rush, "random", replications=20, seed=9)
    mine = hashlib.sha256(run.ledger.to_csv().encode()).hexdigest()
    home = str(Path(kt.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", FINGERPRINT],
        capture_output=True,
        text=True,
        check=True,
        cwd=home,
    )
    assert done.stdout.strip() == mine


@pytest.mark.parametrize("strategy", SEVERAL, ids=str)
@pytest.mark.parametrize("warm_up_s", [0.0, 4.5])
def test_the_summary_is_the_same_whether_the_ledger_is_kept_or_not(rush, strategy, warm_up_s):
    kept, dropped = (
        kt.simulate(rush, strategy, replications=50, seed=4, keep=keep, warm_up_s=warm_up_s)
        for keep in ("ledger", "summary")
    )
    pd.testing.assert_frame_equal(kept.summary, dropped.summary, check_exact=True)


@given(case=cases(), warm_up_s=st.sampled_from([0.0, 0.5, 2.0, 100.0]))
@settings(max_examples=100)
def test_the_summary_is_what_the_other_frames_add_up_to(case, warm_up_s):
    run = kt.simulate(case.scenario, case.strategy, trace=case.trace, warm_up_s=warm_up_s)
    here = stays(run)
    for row in run.summary.to_dict("records"):
        orders = only(run.orders, row["replication"])
        end_s = orders["ready_s"].max()
        begin_s = orders["opens_s"].iloc[0] + warm_up_s
        orders = orders[orders["ready_s"] >= begin_s]
        check_counts(row, orders, "")
        for temp in run.orders["temp"].cat.categories:
            check_counts(row, orders[orders["temp"] == temp], f"_{temp}")
        mine = only(here, row["replication"])
        for shelf in run.scenario.shelves:
            on = mine[mine["shelf"] == shelf.name]
            stood = on["until_s"].clip(upper=end_s) - on["from_s"].clip(lower=begin_s)
            span_s = end_s - begin_s
            mean = stood.clip(lower=0).sum() / span_s if span_s > 0 else np.nan
            assert same(row[f"occupancy_{shelf.name}"], mean)


def check_counts(row, orders, of):
    """What a summary says of these orders: all of a replication, or those of a temp."""
    number = len(orders)
    delivered = orders[orders["outcome"] == "delivered"]
    wasted = orders[orders["outcome"] != "delivered"]
    expired, discarded = ((orders["outcome"] == o).sum() for o in ("expired", "discarded"))
    revenue = (delivered["price"] * delivered["value"]).sum()

    def per_order(amount):
        return amount / number if number else np.nan

    expected = {
        "orders": number,
        "expired": expired,
        "discarded": discarded,
        "wasted_share": per_order(expired + discarded),
        "value_per_order": per_order(delivered["value"].sum()),
        "revenue": revenue,
        "lost_revenue": orders["price"].sum() - revenue,
    }
    if not of:
        expected |= {
            "revenue_per_order": per_order(revenue),
            "full_revenue": orders["price"].sum(),
            "lost_revenue_share": 1.0 - revenue / orders["price"].sum() if number else np.nan,
            "expired_cost": orders["price"][orders["outcome"] == "expired"].sum(),
            "discarded_cost": orders["price"][orders["outcome"] == "discarded"].sum(),
            "delivered": len(delivered),
            "wasted": expired + discarded,
            "delivered_share": per_order(len(delivered)),
            "expired_share": per_order(expired),
            "discarded_share": per_order(discarded),
            "lost_per_order": 1.0 - per_order(delivered["value"].sum()),
            "waste_cost": wasted["price"].sum(),
            "wait_mean_s": delivered["waited_s"].mean(),
            "moves": orders["moves"].sum(),
        }
    for name, amount in expected.items():
        assert same(row[name + of], amount), name + of


# --- what changes with the world, and what does not ----------------------------------------------


@pytest.mark.parametrize("eta", ["unknown", "exact", 2.0])
@pytest.mark.parametrize("strategy", SEVERAL, ids=str)
def test_a_kitchen_at_half_the_pace_does_the_same_in_twice_the_time(tmp_path, rush, eta, strategy):
    scenarios = []
    for pace in (1.0, 2.0):
        menu = kt.read_orders(Path(kt.__file__).parents[1] / "data" / "orders.json").frame()
        menu["shelf_life_s"] *= pace / 8  # so that some of it expires
        path = tmp_path / f"menu_{pace:g}.parquet"
        menu.to_parquet(path)
        scenarios.append(
            rush.replace(
                {
                    "eta": eta if isinstance(eta, str) else eta * pace,
                    "orders.file": str(path),
                    "orders.prep": {"distribution": "uniform", "low": 0.0, "high": pace},
                    "arrivals.rate": 10.0 / pace,
                    "couriers.delay": {
                        "distribution": "uniform", "low": 2.0 * pace, "high": 16.0 * pace,
                    },
                }
            )
        )  # fmt: skip
    fast, slow = (kt.simulate(s, strategy, replications=5, seed=6) for s in scenarios)
    assert set(fast.orders["outcome"]) == {"delivered", "expired", "discarded"}
    for name, times in {
        "ledger": ["time_s"],
        "orders": ["shelf_life_s", "received_s", "ready_s", "pickup_s", "left_s",
                   "weighted_age_s", "waited_s"],
    }.items():  # fmt: skip
        doubled = getattr(fast, name).copy()
        doubled[times] *= 2.0
        pd.testing.assert_frame_equal(getattr(slow, name), doubled, check_exact=True)


def test_without_contention_all_strategies_keep_the_same_ledger(rush):
    changes = {f"shelves.{s.name}.capacity": 132 for s in rush.shelves}
    spacious = rush.replace(changes)
    strategies = [
        *DISCARD,
        kt.Strategy(recall=None),
        kt.Strategy("oldest", recall_when="blocked", discard_from="anywhere"),
        kt.Strategy("random", demote=lambda order: order.value, discard_from="overflow"),
    ]
    ledgers = [
        kt.simulate(spacious, s, replications=3, seed=8).ledger.drop(columns="strategy")
        for s in strategies
    ]
    for ledger in ledgers[1:]:
        pd.testing.assert_frame_equal(ledgers[0], ledger, check_exact=True)


@given(case=cases(), capacity=st.integers(0, 4), held=st.booleans())
@settings(max_examples=100)
def test_one_more_slot_on_one_shelf_alone_never_loses_more(case, capacity, held):
    delivered = []
    for slots in (capacity, capacity + 1):
        shelf = {"name": "only", "holds": "any", "capacity": slots, "modifier": 1.0}
        scenario = case.scenario.replace(
            {"shelves": [shelf], "expired_orders": "held" if held else "removed"}
        )
        orders = kt.simulate(scenario, "discard newcomer", trace=case.trace).orders
        good = orders[orders["outcome"] == "delivered"]
        delivered.append(set(zip(good["replication"], good["order"], strict=True)))
    assert delivered[0] <= delivered[1]


# --- a pool of couriers --------------------------------------------------------------------------


def pickups(run):
    """A row a delivery, in the order of happening: the ledger's, and when its own courier came."""
    rows = run.ledger[run.ledger["event"] == "pickup"]
    of = run.orders[["replication", "order", "ready_s", "pickup_s"]]
    return rows.merge(of, on=["replication", "order"])


@given(case=cases(pooled=True))
@settings(max_examples=100)
def test_each_courier_of_a_pool_takes_one_order_at_the_most_and_none_before_it_came(case):
    done = pickups(case.run)
    for replication, rows in done.groupby("replication"):
        couriers = np.sort(only(case.run.orders, replication)["pickup_s"])
        assert (rows["time_s"].to_numpy() >= couriers[: len(rows)]).all()
        on_shelf = rows["from_shelf"].notna()
        assert rows.loc[on_shelf, "time_s"].isin(couriers).all()
        assert (rows["time_s"] == rows["ready_s"])[~on_shelf].all()


@given(case=cases(pooled=True), issue=st.sampled_from(list(BUILT_IN["issue"])))
@settings(max_examples=100)
def test_no_courier_of_a_pool_waits_while_there_is_something_to_take(case, issue):
    """All shipped issue rules want everything."""
    strategy = case.strategy
    run = kt.simulate(
        case.scenario,
        kt.Strategy(strategy.discard, strategy.recall, strategy.demote, issue, name="pool"),
        trace=case.trace,
    )
    for replication, rows in run.ledger.groupby("replication"):
        couriers = np.sort(only(run.orders, replication)["pickup_s"])
        standing, served = 0, 0
        groups = list(rows.groupby("time_s"))
        for (time_s, now), (next_s, _) in zip(groups, [*groups[1:], (np.inf, None)], strict=True):
            standing += now["to_shelf"].notna().sum() - now["from_shelf"].notna().sum()
            served += (now["event"] == "pickup").sum()
            if standing:  # nobody waits now, and nobody comes in vain before the next event
                assert (couriers <= time_s).sum() <= served
                assert not ((couriers > time_s) & (couriers < next_s)).any()


def test_first_in_first_out_is_a_matched_kitchen_if_couriers_come_in_the_order_of_orders(rush):
    """With the same delay for all, nothing wasted and no moves, each courier finds its own order."""
    changes = {f"shelves.{s.name}.capacity": 132 for s in rush.shelves}
    delay = {"distribution": "constant", "value": 4.0}
    spacious = rush.replace({**changes, "couriers.delay": delay})
    matched, pooled, last_in = (
        kt.simulate(spacious, kt.Strategy(issue=issue), replications=5, seed=3).ledger
        for issue in ("matched", "first in first out", "last in first out")
    )
    plain = matched.drop(columns="strategy")
    pd.testing.assert_frame_equal(plain, pooled.drop(columns="strategy"), check_exact=True)
    assert not last_in["order"].equals(matched["order"])


@pytest.mark.parametrize("issue", ["last in first out", "first in first out"])
def test_what_is_taken_from_a_shelf_has_been_ready_for_longest_or_shortest(rush, issue):
    run = kt.simulate(rush, kt.Strategy(issue=issue), replications=5, seed=3)
    for replication, rows in run.ledger.groupby("replication"):
        ready = only(run.orders, replication)["ready_s"]
        standing = set()
        for row in rows.itertuples():
            if row.event == "place":
                standing.add(row.order)
            elif row.event == "pickup" and row.order in standing:
                extreme = max if issue == "last in first out" else min
                assert ready[row.order] == extreme(ready[order] for order in standing)
            if row.event not in ("place", "move"):
                standing.discard(row.order)


def test_held_orders_and_a_pool_are_refused_in_one_line(rush):
    with pytest.raises(kt.KitchenError, match="held") as caught:
        kt.simulate(rush.replace({"expired_orders": "held"}), A_POOL)
    assert len(str(caught.value).splitlines()) == 1
    assert "last in first out" in str(caught.value)


# --- what the kitchen knows of its couriers ------------------------------------------------------


@pytest.mark.parametrize("strategy", ["latest pickup", "expires before pickup", A_POOL], ids=str)
def test_an_estimate_without_noise_is_exact(rush, strategy):
    exact, without = (
        kt.simulate(rush.replace({"eta": eta}), strategy, replications=20, seed=4).ledger
        for eta in ("exact", 0.0)
    )
    pd.testing.assert_frame_equal(exact, without, check_exact=True)


def test_what_is_known_of_couriers_matters_only_to_rules_that_ask(rush):
    def ledgers(rule):
        return [
            kt.simulate(rush.replace({"eta": eta}), rule, replications=20, seed=4).ledger
            for eta in ("exact", 0.5, 5.0, "unknown")
        ]

    same_for_all, *others = ledgers("oldest")
    for other in others:
        pd.testing.assert_frame_equal(same_for_all, other, check_exact=True)
    told = [tuple(ledger["order"]) for ledger in ledgers("latest pickup")]
    assert len(set(told)) == 4


def test_the_less_the_noise_the_fewer_are_wasted_by_throwing_out_the_longest_to_go(rush):
    wasted = [
        kt.simulate(rush.replace({"eta": eta}), "latest pickup", replications=400, seed=4).summary
        for eta in ("exact", 1.0, 5.0, "unknown")
    ]
    shares = [summary["wasted_share"] for summary in wasted]
    for better, worse in zip(shares, shares[1:], strict=False):
        difference = worse - better
        standard_error = difference.std() / np.sqrt(difference.size)
        assert difference.mean() > -3.0 * standard_error
    assert (shares[-1] - shares[0]).mean() > 0.0


# --- fates ---------------------------------------------------------------------------------------


def test_changing_the_discard_rule_leaves_every_arrival_unchanged(rush):
    arrivals = [
        "replication", "order", "order_id", "name", "temp", "price", "shelf_life_s", "decay_rate",
        "received_s", "ready_s", "pickup_s",
    ]  # fmt: skip
    runs = [kt.simulate(rush, rule, replications=20, seed=1).orders for rule in DISCARD]
    for orders in runs[1:]:
        pd.testing.assert_frame_equal(runs[0][arrivals], orders[arrivals], check_exact=True)
    assert len({tuple(orders["outcome"]) for orders in runs}) > 4  # and yet fates differ


def one_order(**changes):
    """The fate of one order, ready at 0, that keeps for 4 s on a shelf of its own."""
    columns = {
        "ready_s": 0.0,
        "temp": "hot",
        "shelf_life_s": 4.0,
        "decay_rate": 0.0,
        "pickup_s": 4.0,
    }
    scenario = kt.Scenario.load("rush").replace(
        {
            "decay": "linear",
            "expired_orders": changes.pop("expired_orders", "removed"),
            "waste_below": changes.pop("waste_below", 0.0),
        }
    )
    trace = kt.Trace.from_frame(pd.DataFrame([columns | changes]))
    return kt.simulate(scenario, "discard newcomer", trace=trace).orders.iloc[0]


@pytest.mark.parametrize("expired_orders", ["removed", "held"])
def test_what_expires_at_the_very_instant_of_its_courier_is_waste(expired_orders):
    order = one_order(expired_orders=expired_orders)
    assert (order["outcome"], order["left_s"], order["value"]) == ("expired", 4.0, 0.0)
    in_time = one_order(pickup_s=np.nextafter(4.0, 0.0), expired_orders=expired_orders)
    assert in_time["outcome"] == "delivered"
    assert in_time["value"] == pytest.approx(0.0, abs=1e-15)


def test_an_order_is_waste_from_the_first_instant_at_the_threshold():
    assert one_order(waste_below=0.25, pickup_s=3.0)["outcome"] == "expired"
    assert one_order(waste_below=0.25, pickup_s=9.0)["left_s"] == 3.0
    assert one_order(waste_below=0.25, pickup_s=2.75)["value"] == 0.3125


def test_a_held_order_leaves_when_its_courier_comes_and_a_removed_one_at_once():
    assert one_order(pickup_s=9.0)["left_s"] == 4.0
    held = one_order(pickup_s=9.0, expired_orders="held")
    assert (held["outcome"], held["left_s"], held["value"]) == ("expired", 9.0, 0.0)
    assert held["shelf"] == "hot"


def test_a_move_at_the_very_instant_of_expiry_does_not_revive_an_order():
    """On paper nothing is left of it; in floating point a rounding error might be."""
    rng = np.random.default_rng(1)
    lanes = 2000
    life_s = rng.uniform(3.0, 30.0, lanes)
    rate, since_s = rng.uniform(0.1, 3.0, lanes), rng.uniform(0.0, 9.0, lanes)
    shelves = [
        {"name": "home", "holds": "any", "capacity": 1, "modifier": 0.0},  # nothing ages there
        {"name": "overflow", "holds": "any", "capacity": 1, "modifier": 0.7},
    ]
    scenario = kt.Scenario.load("rush").replace(
        {"decay": "weighted", "expired_orders": "held", "shelves": shelves}
    )
    expires_s = since_s + life_s / (rate * 0.7)
    rows = {
        "replication": np.repeat(np.arange(lanes), 2),
        "ready_s": np.column_stack([since_s, since_s]).ravel(),
        "pickup_s": np.column_stack([expires_s, np.full(lanes, 1e6)]).ravel(),
        "temp": "hot",
        "shelf_life_s": np.repeat(life_s, 2),
        "decay_rate": np.repeat(rate, 2),
    }
    orders = kt.simulate(scenario, trace=kt.Trace.from_frame(pd.DataFrame(rows))).orders
    moved = orders[orders["order"] == 1]
    assert (moved["moves"] == 1).all()
    # Its expiry is told by the engine's own sum, which may be a bit off ours, never by more.
    removed = kt.simulate(
        scenario.replace({"expired_orders": "removed", "shelves": shelves[1:]}),
        trace=kt.Trace.from_frame(pd.DataFrame(rows).query("index % 2 == 1")),
    ).orders["left_s"]
    due = removed.to_numpy() <= expires_s
    assert due.sum() > lanes / 2
    assert (moved["outcome"].to_numpy()[due] == "expired").all()


def test_an_order_that_never_expires_is_discarded_at_the_end_though_the_expiry_heap_is_rebuilt():
    """The heap of a shelf of 2 holds 6 expiry events: the 7th order that is placed rebuilds it."""
    kitchen = kt.Scenario.model_validate(
        {
            "name": "one shelf",
            "decay": "weighted",
            "arrivals": {"process": "regular", "rate": 1.0},
            "couriers": {"delay": {"distribution": "constant", "value": 0.5}},
            "shelves": [{"name": "shelf", "holds": "any", "capacity": 2}],
        }
    )
    ready = np.arange(12.0)
    trace = kt.Trace.from_frame(
        pd.DataFrame(
            {
                "ready_s": ready,
                "temp": "hot",
                "shelf_life_s": 1000.0,
                "decay_rate": np.where(ready == 0, 0.0, 1.0),
                "pickup_s": np.where(ready == 0, 99.0, ready + 0.5),
            }
        )
    )

    def only_what_spoils(order):
        return math.inf if order.decay_rate == 0.0 else order.age_s

    run = kt.simulate(kitchen, kt.Strategy(issue=only_what_spoils), trace=trace)
    assert list(run.orders["outcome"][1:]) == ["delivered"] * 11
    first = run.orders.iloc[0]
    assert (first["outcome"], first["left_s"], first["value"]) == ("discarded", 99.0, 1.0)


def test_an_order_that_never_spoils_does_not_expire_when_the_heap_is_full(rush):
    """A rebuilt heap of expiries must not hold those who never expire, although a pool never ends."""

    def all_that_spoils(order):
        return math.inf if order.decay_rate == 0.0 else order.age_s

    scenario = rush.replace(
        {"decay": "weighted", "shelves": [{"name": "one", "holds": "any", "capacity": 2}]}
    )
    log = pd.DataFrame(
        {
            "ready_s": np.arange(12.0),
            "pickup_s": [99.0, *np.arange(1.5, 12.0)],
            "temp": "hot",
            "shelf_life_s": 1000.0,
            "decay_rate": [0.0, *[1.0] * 11],
        }
    )
    strategy = kt.Strategy("discard newcomer", issue=all_that_spoils)
    run = kt.simulate(scenario, strategy, trace=kt.Trace.from_frame(log))
    first = run.orders.iloc[0]
    assert (first["outcome"], first["left_s"], first["value"]) == ("discarded", 99.0, 1.0)
    assert run.shelves["time_s"].max() == 99.0


def by_numpys_chance(order):
    return np.random.random() * order.value


@numba.njit
def _lots(value):
    return value * np.random.random()


def by_a_helpers_chance(order):
    return _lots(order.value)


def by_chance_of_its_own_name(order):
    return draw_lots() * order.value


def by_the_clock(order):
    return time.time()


WEIGHTS = np.array([1.0, 2.0])


@numba.njit
def _root(value):
    return math.sqrt(value)


def _scaled(factor):
    return lambda order: factor * order.value


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        (by_numpys_chance, "np.random"),
        (by_a_helpers_chance, "np.random"),
        (by_chance_of_its_own_name, "draw_lots"),
        (by_the_clock, "time"),
    ],
)
def test_a_rule_with_chance_of_its_own_is_refused_on_every_way(rush, rule, source):
    message = f"rule {rule.__name__!r} uses {source!r}, so that no two runs would be alike"
    ways = [
        lambda: kt.simulate(rush, rule),
        lambda: kt.simulate(rush, kt.Strategy("oldest", recall=rule)),
        lambda: kt.compare(rush, ["oldest", rule], replications=2),
        lambda: kt.sweep(rush, {"arrivals.rate": [8.0]}, ["oldest", rule], replications=2),
    ]
    for way in ways:
        with pytest.raises(RuleError, match=re.escape(message)) as refused:
            way()
        assert "order.u" in str(refused.value)
        assert "\n" not in str(refused.value)


def test_a_law_with_chance_of_its_own_is_refused(rush):
    def by_chance(age_s, weighted_age_s, shelf_life_s, decay_rate):
        return 1.0 - np.random.random() * age_s / shelf_life_s

    with pytest.raises(ScenarioError, match="decay law 'by_chance' uses 'np.random'"):
        kt.simulate(rush.replace({"decay": by_chance}))


@pytest.mark.parametrize(
    "rule",
    [
        lambda order: WEIGHTS[1] * order.value + math.pi,
        lambda order: _root(order.price) + np.sqrt(order.value),
        lambda order: order.u,
        lambda order: order.u * order.value,
        _scaled(3.0),
        _scaled(np.float64(3.0)),
    ],
)
def test_a_rule_that_reads_constants_is_no_chance(rush, rule):
    assert len(kt.simulate(rush, rule).orders) == 132


def test_a_misspelt_temp_is_named_once(rush, tmp_path, caplog):
    menu = tmp_path / "menu.csv"
    rows = ["Soup,hot", "Ice,forzen", "Rice,room", "Cake,cold"]
    menu.write_text(
        "name,temp,shelf_life_s,decay_rate\n" + "".join(f"{row},300,0.5\n" for row in rows)
    )
    scenario = rush.replace({"name": "mine", "orders.file": str(menu), "orders.count": 4})
    text = (
        "mine: no shelf names the temp 'forzen' of 'Ice', so it stands on shelves for any temp only. "
        "Did you mean 'frozen'?"
    )
    assert misspelt_temps(scenario, kt.read_orders(menu)) == [text]
    for _ in range(2):
        kt.simulate(scenario)
    assert [record.getMessage() for record in caplog.records] == [text]
    named = scenario.replace({"shelves.overflow.modifier": {"forzen": 2.0}})
    assert misspelt_temps(named, kt.read_orders(menu)) == []
    assert misspelt_temps(rush, kt.draw(rush).menu) == []


def test_records_that_are_used_again_change_no_result(monkeypatch):
    """A lane begins anew with more records where an order stands while as many others become ready."""
    scenario = kt.Scenario.load("rush").replace({"shelves.overflow.capacity": 8})
    strategies = ["random", kt.Strategy(issue="lowest value", name="pool")]
    usual = [kt.simulate(scenario, each, replications=20, seed=4) for each in strategies]
    sizes = []
    lane_of = kernel.empty_lane

    def noted(rank, capacity, most, room, rows):
        lane = lane_of(rank, capacity, most, room, rows)
        sizes.append(lane.residents.size)
        return lane

    monkeypatch.setattr(kernel, "empty_lane", noted)
    monkeypatch.setattr(kernel, "RECORDS", 4)
    for each, before in zip(strategies, usual, strict=True):
        run = kt.simulate(scenario, each, replications=20, seed=4)
        assert run.summary.equals(before.summary)
        assert run.ledger.equals(before.ledger)
    assert min(sizes) == 4 and max(sizes) > 16


def test_more_temps_than_the_engine_can_tell_apart_are_refused(rush):
    orders = 65_536
    frame = kt.draw(rush, replications=1, seed=1).frame().head(1)
    frame = frame.loc[frame.index.repeat(orders)].assign(
        order=range(orders), temp=[f"temp {i}" for i in range(orders)]
    )
    one = rush.replace({"shelves": [{"name": "shelf", "holds": "any", "capacity": 3}]})
    with pytest.raises(ScenarioError, match="65,536 temps, .* at most 65,535"):
        kt.simulate(one, trace=kt.Trace.from_frame(frame))


def test_more_shelves_than_the_engine_can_tell_apart_are_refused(rush, monkeypatch):
    monkeypatch.setattr(records, "MOST_SHELVES", 3)
    with pytest.raises(ScenarioError, match="4 shelves, .* at most 3"):
        kt.simulate(rush)
