"""Worlds that make no sense, or nearly none: one line each, and never a wrong answer."""

import numpy as np
import pandas as pd
import pytest

import kitchen as kt
from kitchen.errors import KitchenError, ResourceError, ScenarioError, TraceError


@pytest.fixture
def rush():
    return kt.Scenario.load("rush")


@pytest.mark.parametrize(
    "changes",
    [
        {"arrivals.rate": 1e-308},
        {"arrivals": {"process": "regular", "rate": 5e-324}},
        {"arrivals": {"process": "piecewise", "from_s": [0.0], "rates": [1e-308]}},
        {"couriers.delay": {"distribution": "exponential", "mean": 1e308}},
    ],
)
def test_times_beyond_every_number_are_refused(rush, changes):
    with pytest.raises(TraceError, match="times grow beyond every number"):
        kt.draw(rush.replace(changes), 200)


def test_a_replay_with_times_beyond_every_number_is_refused():
    log = pd.DataFrame(
        {
            "received_s": [1e308],
            "prep_s": [1e308],
            "pickup_s": [1.5e308],
            "temp": ["hot"],
            "shelf_life_s": [9.0],
            "decay_rate": [0.0],
        }
    )
    with pytest.raises(TraceError, match="ready_s: times grow"):
        kt.Trace.from_frame(log)


def with_holds(scenario, holds):
    data = scenario.model_dump()
    data["shelves"] = [dict(shelf) for shelf in data["shelves"]]
    data["shelves"][0]["holds"] = holds
    return kt.Scenario.from_dict(data)


def test_any_stands_alone(rush):
    with pytest.raises(ScenarioError, match="'any' stands alone"):
        with_holds(rush, ["any"])


def test_a_temp_that_differs_from_a_shelfs_by_case_is_refused(rush):
    with pytest.raises(ScenarioError, match="Did you mean 'Hot'"):
        kt.simulate(with_holds(rush, ["Hot"]))


def test_a_temp_may_not_be_named_like_a_column_of_the_summary(rush):
    with pytest.raises(ScenarioError, match="'share' will not do|'share', will not do"):
        kt.simulate(with_holds(rush, ["share"]))


def test_a_step_too_short_to_count_ticks_is_refused(rush):
    with pytest.raises(ResourceError, match="ticks"):
        _ = kt.simulate(rush, step_s=1e-300).shelves


@pytest.mark.parametrize("changes", [5, "x", None])
def test_changes_and_tables_are_dicts(rush, changes):
    with pytest.raises(ScenarioError, match="must be a"):
        rush.replace(changes)
    with pytest.raises(ScenarioError, match="must be a table of keys"):
        kt.Scenario.from_dict(changes)


def test_what_is_no_scenario_is_not_drawn():
    with pytest.raises(KitchenError, match="must be a Scenario"):
        kt.draw("rush")


def test_a_replay_is_the_same_alone_and_among_others(rush):
    noisy = rush.replace({"eta": 20.0, "arrivals.rate": 14.0})
    log = kt.draw(noisy, 20, seed=1).frame().drop(columns=["u", "z"])
    alone = kt.Trace.from_frame(log[log["replication"] == 7])
    together = kt.simulate(noisy, "latest pickup", trace=kt.Trace.from_frame(log)).orders
    seventh = together[together["replication"] == 7]
    orders = kt.simulate(noisy, "latest pickup", trace=alone).orders
    assert (orders["outcome"].to_numpy() == seventh["outcome"].to_numpy()).all()
    assert np.array_equal(orders["left_s"], seventh["left_s"])
    assert (seventh["outcome"] == "discarded").any()


def test_a_log_may_stand_in_the_order_in_which_orders_were_ready(rush):
    log = kt.draw(rush.replace({"orders.prep": {"distribution": "uniform", "low": 0, "high": 3}}))
    frame = log.frame().sort_values("ready_s", kind="stable")
    assert (frame["received_s"].diff() < 0).any()
    ours = kt.simulate(rush, trace=kt.Trace.from_frame(frame)).orders.set_index("received_s")
    theirs = kt.simulate(rush, trace=log).orders.set_index("received_s")
    assert (ours["left_s"].sort_index() == theirs["left_s"].sort_index()).all()


def test_a_law_is_tried_on_a_few_of_very_many_kinds_of_order(rush):
    orders = 5_000
    log = pd.DataFrame(
        {
            "received_s": np.arange(orders) / 5,
            "pickup_s": np.arange(orders) / 5 + 4,
            "temp": "hot",
            "shelf_life_s": np.linspace(20, 600, orders),
            "decay_rate": np.linspace(0.05, 0.9, orders),
        }
    )
    calls = []

    def law(age_s, weighted_age_s, shelf_life_s, decay_rate):
        return 1.0 - weighted_age_s / shelf_life_s

    from kitchen.model import decay

    each, decay._each = decay._each, lambda *a: calls.append(np.size(a[1])) or each(*a)
    try:
        for strategy in ("random", "oldest"):
            trace = kt.Trace.from_frame(log)
            kt.simulate(rush.replace({"decay": law}), strategy, trace=trace, keep="summary")
    finally:
        decay._each = each
    assert sum(calls) <= 200 * 50 * 50
