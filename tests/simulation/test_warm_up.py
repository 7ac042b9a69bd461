"""The warm-up of a run: against a queue with a known transient, and the words of its advice."""

import math

import numpy as np
import pytest

import kitchen as kt
from kitchen.errors import KitchenError


def endless(**changes):
    """A kitchen with room for everything: orders on its shelves are an M/M/infinity queue."""
    rush = kt.Scenario.load("rush")
    room = {f"shelves.{shelf.name}.capacity": 1000 for shelf in rush.shelves}
    courier = {"distribution": "exponential", "mean": 4.0}
    return rush.replace(
        {**room, "couriers.delay": courier, "arrivals.rate": 5.0, "orders.count": 3000, **changes}
    )


@pytest.fixture(scope="module")
def run():
    return kt.simulate(endless(), replications=200)


def test_the_orders_that_an_arrival_finds_rise_as_in_a_queue_with_a_server_each(run):
    rows = kt.warm_up(run).series.query("series == 'on_shelves'")
    # Tagged arrivals see time averages (PASTA): 5 a second x 4 s, less what expired before.
    early, late = rows.iloc[10], rows["mean"].iloc[200:].mean()
    lasting = run.orders["left_s"] - run.orders["ready_s"]
    assert late == pytest.approx(5.0 * lasting.mean(), rel=0.01)
    assert early["mean"] < 10 and rows["mean"].iloc[0] == 0


def test_the_warm_up_is_where_the_shelves_lack_one_standard_deviation_of_the_average(run):
    # The content lacks 20 exp(-t / 4); the average of 200 varies by sqrt(20 / 200).
    expected = 4.0 * math.log(20.0 / math.sqrt(20.0 / 200))
    frame = kt.warm_up(run).frame.set_index("series")
    assert frame.loc["on_shelves", "settled"]
    assert frame.loc["on_shelves", "warm_up_s"] == pytest.approx(expected, rel=0.35)


def test_more_is_lost_after_the_warm_up_than_from_the_opening_on():
    rush = kt.Scenario.load("rush").replace({"orders.count": 2000})
    run = kt.simulate(rush, "oldest", replications=40)
    advice = kt.warm_up(run)
    after = advice.frame.set_index("series").loc["lost_per_order"]
    assert advice.warm_up_s > 2.0
    assert run.summary["lost_per_order"].mean() < after["mean"]
    later = kt.simulate(rush, "oldest", replications=40, warm_up_s=advice.warm_up_s)
    assert after["mean"] == pytest.approx(later.summary["lost_per_order"].mean(), rel=0.02)


def test_the_mean_after_the_warm_up_is_that_of_the_orders_after_it(run):
    advice = kt.warm_up(run)
    left_out, orders = int(advice.frame["orders"].max()), run.orders
    ordered = orders.sort_values(["replication", "ready_s"])
    lost = (1 - ordered["value"]).where(ordered["outcome"] == "delivered", 1.0).to_numpy()
    expected = lost.reshape(200, -1)[:, left_out : advice.orders].mean()
    found = advice.frame.set_index("series").loc["lost_per_order"]
    assert found["mean"] == pytest.approx(expected)
    assert found["low"] < expected < found["high"]


def test_replications_as_advised_have_the_precision_that_was_asked_for():
    scenario = endless(**{"orders.count": 2000})
    first = kt.warm_up(kt.simulate(scenario, replications=40), precision="1%")
    needed = int(first.frame.set_index("series").loc["lost_per_order", "needed"])
    then = kt.warm_up(kt.simulate(scenario, replications=needed, seed=2), precision="1%")
    row = then.frame.set_index("series").loc["lost_per_order"]
    assert (row["high"] - row["low"]) / 2 / row["mean"] == pytest.approx(0.01, rel=0.3)


def test_an_evening_has_no_steady_state_and_the_verdict_says_so():
    advice = kt.warm_up(kt.simulate(kt.Scenario.load("friday"), replications=5))
    assert advice.changing and advice.verdict.startswith("Arrivals change over the evening")
    assert np.isnan(advice.warm_up_s)


def test_a_replay_on_another_clock_counts_from_its_opening(run):
    scenario = endless(**{"orders.count": 300})
    drawn = kt.simulate(scenario, replications=6)
    frame = drawn.trace.frame()
    shifted = frame.assign(**{c: frame[c] + 1e6 for c in ("received_s", "ready_s", "pickup_s")})
    trace = kt.Trace.from_frame(shifted.assign(opens_s=1e6))
    replay = kt.warm_up(kt.simulate(scenario, trace=trace))
    own = kt.warm_up(drawn)
    np.testing.assert_allclose(replay.series["time_s"], own.series["time_s"], atol=1e-6)
    assert replay.changing and not own.changing


def test_one_replication_is_not_trusted():
    advice = kt.warm_up(kt.simulate(endless()))
    assert "this is a run of 1 replication." in advice.verdict
    assert advice.frame["needed"].isna().all() and advice.frame["low"].isna().all()


def test_a_short_run_is_told_to_be_longer():
    advice = kt.warm_up(kt.simulate(kt.Scenario.load("rush"), "oldest", replications=40))
    assert "make replications longer" in advice.verdict


def test_a_run_without_its_orders_and_one_that_is_too_short_are_refused():
    rush = kt.Scenario.load("rush")
    with pytest.raises(KitchenError, match="keep='ledger'"):
        kt.warm_up(kt.simulate(rush, keep="summary"))
    with pytest.raises(KitchenError, match="at least 50 orders.*orders.count"):
        kt.warm_up(kt.simulate(rush.replace({"orders.count": 60}), replications=5))
    with pytest.raises(KitchenError, match="run: must be a Run"):
        kt.warm_up(rush)


def test_the_table_shows_units_and_the_advice(run):
    html = kt.warm_up(run)._repr_html_()
    assert "value lost, %" in html and "Leave out the first" in html
    assert repr(kt.warm_up(run)).startswith("WarmUp(")
