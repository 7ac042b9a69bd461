"""Levers on evenings that are replayed: every second one chooses, the others judge."""

import numpy as np
import pytest

import kitchen as kt
from kitchen.advice.changes import sooner_trace, thinned_trace

pytestmark = pytest.mark.usefixtures("compiled")


@pytest.fixture(scope="module")
def busy():
    slots = {"hot": 5, "cold": 3, "frozen": 2, "overflow": 3}
    changes = {f"shelves.{name}.capacity": number for name, number in slots.items()}
    return kt.Scenario.load("friday").replace({**changes, "orders.duration_s": 4000.0})


@pytest.fixture(scope="module")
def evenings(busy):
    return kt.Trace.from_frame(kt.draw(busy, replications=9, seed=4).frame())


def test_each_row_is_what_two_runs_on_the_evenings_that_judge_say(busy, evenings):
    result = kt.levers(busy, trace=evenings, bound_replications=0)
    assert (result.replications, result.chosen_on) == (5, 4)
    judged = evenings.take([0, 2, 4, 6, 8])
    today = kt.simulate(busy, "discard newcomer", trace=judged).summary["lost_revenue_share"]
    rows = result.frame.set_index("lever")
    for lever in result.changes:
        trace = {
            "couriers 10 % sooner": sooner_trace(judged, 0.9),
            "10 % fewer arrivals": thinned_trace(judged, 0.9),
        }.get(lever.name, judged)
        own = kt.simulate(lever.scenario, lever.strategy, trace=trace).summary
        gain = today - own["lost_revenue_share"]
        assert rows.loc[lever.name, "gain"] == pytest.approx(gain.mean(), abs=1e-12)


def test_the_rules_are_those_that_the_other_evenings_choose(busy, evenings):
    again = kt.levers(busy, trace=evenings.take([0, 1, 2, 3, 4, 5, 6, 7]), bound_replications=0)
    whole = kt.levers(busy, trace=evenings, bound_replications=0)
    for one, other in ((again, whole), (whole, again)):
        named = {lever.name: lever.what for lever in one.changes}
        assert all(named[lever.name] == lever.what for lever in other.changes)


def test_a_few_evenings_choose_and_judge_and_it_is_said(busy, evenings):
    result = kt.levers(busy, trace=evenings.take([0, 1, 2]), bound_replications=0)
    assert result.replications == result.chosen_on == 3
    assert "chosen on 3 of the same replications" in result._repr_html_()
    assert "other replications" in kt.levers(busy, trace=evenings)._repr_html_()


def test_a_tenth_of_the_orders_does_not_come_and_nothing_else_changes(evenings):
    fewer, all_of_them = thinned_trace(evenings, 0.9).frame(), evenings.frame()
    keys = ["replication", "received_s"]
    both = fewer.merge(all_of_them, on=keys, suffixes=("", "_before"))
    assert len(both) == len(fewer)
    for column in ("pickup_s", "price", "opens_s", "u", "z"):
        assert np.array_equal(both[column], both[f"{column}_before"])
    number = all_of_them.groupby("replication").size()
    assert (abs(fewer.groupby("replication").size() - 0.9 * number) < 1).all()


def test_sooner_couriers_take_nine_tenths_of_the_time_and_who_never_comes_stays_away(evenings):
    frame = evenings.frame()
    frame.loc[3, "pickup_s"] = np.nan
    sooner = sooner_trace(kt.Trace.from_frame(frame), 0.9).frame()
    was = frame["pickup_s"] - frame["received_s"]
    now = sooner["pickup_s"] - sooner["received_s"]
    assert np.allclose(now, 0.9 * was, equal_nan=True) and np.isnan(now[3])
