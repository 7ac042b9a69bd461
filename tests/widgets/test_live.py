"""The live kitchen without a browser: controls in, frames and what the browser is given out."""

import json
import math
from html import escape

import pandas as pd
import pytest

import kitchen as kt
from kitchen.errors import KitchenError
from kitchen.plots.browser.payload import MOST_ORDERS, payload
from kitchen.simulation.snapshot import Snapshots, parting
from kitchen.widgets.answer import values_of
from kitchen.widgets.app import offered
from kitchen.widgets.live import LiveKitchen


@pytest.fixture
def live():
    return LiveKitchen("rush", ["discard newcomer", "oldest", "random"], seed=1)


def cheapest_dish(order):
    return order.price


def broken(order):
    return order.no_such_field


def value(live, name, to):
    live.controls[name].value = to


def played(live):
    """What the browser was given."""
    return json.loads(live.player.data)


# What is shown


@pytest.mark.parametrize("time", [0.0, 2.4, 4.04, 5.6, 12.0])
def test_the_orders_shown_are_those_that_simulate_has_at_that_tick(live, rush, time):
    trace = kt.draw(rush, 1, seed=1)
    live.time_s = time
    wanted = []
    for name in ("discard newcomer", "oldest"):
        contents = kt.simulate(rush, name, trace=trace, step_s=time or 1.0).contents
        wanted.append(contents[contents["time_s"] == time].astype({"strategy": object}))
    wanted = pd.concat(wanted, ignore_index=True)
    shown = live.frame.astype({"strategy": object})[wanted.columns]
    pd.testing.assert_frame_equal(shown, wanted, rtol=0, atol=1e-9, check_dtype=False)


def test_the_browser_is_given_the_runs(live, rush):
    trace = kt.draw(rush, 1, seed=1)
    wanted = payload(
        *(kt.simulate(rush, name, trace=trace) for name in ("discard newcomer", "oldest"))
    )
    wanted["of"] = values_of(live.controls.values())
    assert played(live) == wanted


def test_it_opens_where_something_happens(live):
    assert live.time_s == played(live)["begin"] == live.parting_s > 0.0


def test_both_kitchens_meet_the_same_orders(live):
    one, other = live.runs
    assert one.trace is other.trace
    assert one.strategy.name != other.strategy.name


def test_replication_and_seed_are_those_of_draw(rush):
    live = LiveKitchen("rush", ["random"], replication=5, seed=9)
    live.time_s = 4.0
    trace = kt.draw(rush, 1, seed=9, first=5)
    wanted = Snapshots(kt.simulate(rush, "random", trace=trace)).at(4.0).frame()
    pd.testing.assert_frame_equal(live.frame, wanted)
    assert set(live.frame["replication"]) == {5}


def test_evenings_of_a_log_are_played_by_their_place(rush):
    trace = kt.draw(rush, 3, seed=9, first=5)
    live = LiveKitchen(rush, ["random", "oldest"], replication=1, trace=trace)
    wanted = kt.simulate(rush, "random", trace=trace.take([1]))
    assert live.runs[0].ledger.equals(wanted.ledger)
    assert live.controls["seed"].disabled
    value(live, "replication", "3")
    assert live.faults[0].startswith(
        "replication: must be a whole number of at least 0 and at most 2, got 3"
    )


def test_nobody_on_the_right_leaves_one_kitchen(live):
    value(live, "right", "")
    assert len(live.snapshots) == len(live.runs) == len(played(live)["kitchens"]) == 1
    assert live.parting_s is None
    value(live, "right", "random")
    assert [snapshot.strategy for snapshot in live.snapshots] == ["discard newcomer", "random"]


def test_one_strategy_alone_is_shown_alone():
    assert [run.strategy.name for run in LiveKitchen("rush", ["oldest"]).runs] == ["oldest"]


def test_a_strategy_may_stand_on_both_sides(live):
    value(live, "right", "discard newcomer")
    live.time_s = 6.0
    assert live.parting_s is None
    assert len(live.frame) == 2 * live.snapshots[0].standing
    assert list(live.frame["strategy"].cat.categories) == ["discard newcomer"]


def test_without_strategies_the_shipped_ones_are_offered():
    live = LiveKitchen()
    assert [key for _, key in live.controls["left"].options] == list(offered())
    assert len(live.runs) == 2


def test_functions_and_strategies_of_ones_own_are_offered(rush):
    mine = kt.Strategy("oldest", recall=None, name="mine")
    live = LiveKitchen(rush, [cheapest_dish, mine, "random"])
    assert [run.strategy.name for run in live.runs] == ["cheapest_dish", "mine"]


def test_a_scenario_of_ones_own_is_offered_first(rush):
    mine = rush.replace({"name": "mine", "shelves.hot.capacity": 3})
    live = LiveKitchen(mine, ["oldest"])
    assert live.controls["scenario"].value == "mine"
    assert [shelf.capacity for shelf in live.snapshots[0].shelves] == [3, 10, 10, 15]
    value(live, "scenario", "rush")
    assert [shelf.capacity for shelf in live.snapshots[0].shelves] == [10, 10, 10, 15]


# Where two part


def test_they_part_where_their_snapshots_do(live, rush):
    trace = kt.draw(rush, 1, seed=1)
    one, other = (
        Snapshots(kt.simulate(rush, n, trace=trace)) for n in ("discard newcomer", "oldest")
    )
    assert live.parting_s == parting(one, other)
    value(live, "right", "discard newcomer")
    assert live.parting_s is None


# Going through time


@pytest.mark.parametrize(("asked", "shown"), [(-5.0, 0.0), (1e9, None)])
def test_a_time_outside_of_the_run_is_its_nearest_end(live, asked, shown):
    live.time_s = asked
    assert live.time_s == (live.end_s if shown is None else shown)


@pytest.mark.parametrize("time", [math.nan, "soon", None])
def test_a_time_that_is_no_number_is_refused(live, time):
    with pytest.raises(KitchenError, match="time_s: must be a number of seconds, got"):
        live.time_s = time


def test_changing_a_strategy_goes_on_at_the_same_instant(live):
    live.time_s = 6.125
    for name in ("random", "oldest", ""):
        value(live, "right", name)
        assert live.time_s == 6.125
        assert played(live)["begin"] is None  # the browser's own instant
    value(live, "left", "random")
    assert live.snapshots[0].time_s == 6.125


def test_changing_the_seed_keeps_the_time_and_changes_the_orders(live):
    live.time_s = 6.125
    before = live.frame
    value(live, "seed", "2")
    assert live.time_s == 6.125
    assert not live.frame.equals(before)
    value(live, "seed", "1")
    pd.testing.assert_frame_equal(live.frame, before)


def test_another_scenario_opens_where_something_happens_in_it(live):
    live.time_s = 1.0
    value(live, "scenario", "dinner")
    assert live.runs[0].scenario.name == "dinner"
    assert live.time_s == played(live)["begin"] == live.parting_s


def test_an_instant_after_the_end_of_another_seed_is_its_end(live):
    live.time_s = live.end_s
    later = live.end_s
    for seed in range(2, 12):
        value(live, "seed", str(seed))
        assert live.time_s == min(later, live.end_s)


def test_where_the_browsers_clock_stands_is_what_is_shown(live):
    live.player.set_state({"time_s": 3.5})
    assert [snapshot.time_s for snapshot in live.snapshots] == [3.5, 3.5]


def test_a_kitchen_without_orders_is_shown_empty(rush):
    live = LiveKitchen(rush.replace({"name": "idle", "orders.count": 0}), ["oldest", "random"])
    assert (live.end_s, live.time_s, live.parting_s) == (0.0, 0.0, None)
    assert live.faults == []
    assert len(live.frame) == 0


# Faults


@pytest.mark.parametrize("name", ["seed", "replication"])
@pytest.mark.parametrize("text", ["-1", "1.5", "", "one", "<script>"])
def test_a_bad_number_shows_its_message_and_the_old_picture_as_stale(live, name, text):
    before = live.player.data
    value(live, name, text)
    (told,) = live.faults
    assert told.startswith(f"{name}: must be a whole number")
    assert escape(told) in live.alert.value
    assert "<script" not in live.alert.value
    assert live.player.data == before
    assert played(live)["of"] != values_of(live.controls.values())  # the browser fades it
    value(live, name, "3")
    assert live.faults == []
    assert played(live)["of"] == values_of(live.controls.values())
    assert live.player.data != before


def test_more_orders_than_a_browser_holds_are_refused_before_they_are_drawn(rush, monkeypatch):
    many = rush.replace({"name": "many", "orders.count": 20_000_000})
    live = LiveKitchen(rush, ["oldest"])
    live._worlds["dinner"] = many
    monkeypatch.setattr("kitchen.engine.source.draw", lambda *a, **k: pytest.fail("drawn"))
    value(live, "scenario", "dinner")
    assert live.faults == [
        f"play: shows at most {MOST_ORDERS:,} orders, and a replication has 20,000,000 here. "
        "Play a shorter one."
    ]


def test_a_strategy_that_does_not_go_with_the_scenario_says_so():
    pool = kt.Strategy("oldest", issue="soonest to expire", name="pool")
    live = LiveKitchen("rush", ["oldest", pool])
    value(live, "scenario", "heater")
    assert "does not go with expired_orders = 'held'" in live.faults[0]
    value(live, "right", "")
    assert live.faults == []
    assert live.runs[0].scenario.name == "heater"


def test_a_rule_that_cannot_be_compiled_says_so(live):
    live = LiveKitchen("rush", ["oldest", "random", broken])
    value(live, "right", "broken")
    assert "no_such_field" in live.faults[0]
    value(live, "right", "random")
    assert live.faults == []


def test_what_cannot_be_begun_is_refused_at_once():
    with pytest.raises(KitchenError, match="scenario 'rsh' is unknown. Did you mean 'rush'"):
        LiveKitchen("rsh")
    with pytest.raises(KitchenError, match="seed: must be"):
        LiveKitchen(seed=-1)


def test_no_observer_goes_unguarded(live):
    """ipywidgets logs what an observer raises where nobody looks; ours show it on the page."""
    for control in live.controls.values():
        heard = [
            h for names in control._trait_notifiers.values() for hs in names.values() for h in hs
        ]
        ours = [h for h in heard if getattr(h, "__module__", "").startswith("kitchen")]
        assert ours and all(getattr(handler, "shows_faults", False) for handler in ours)


# Names, and pages without a kernel


def test_nasty_names_stay_text(rush):
    name = "<img src=x onerror=alert(1)>"
    nasty = rush.replace({"name": name, "shelves.hot.name": "<script>hot</script>"})
    live = LiveKitchen(nasty, [kt.Strategy("oldest", name="<script>x</script>"), "random"])
    for text in ("<script>x", "<script>hot", "<img"):
        assert text not in live.still()
    assert played(live)["kitchens"][0]["strategy"] == "<script>x</script>"
    assert live.controls["scenario"].value == name


def test_a_page_without_a_kernel_plays_the_same_from_the_same_instant(live):
    live.time_s = 6.0
    still = live.still()
    assert still == kt.play(*live.runs, begin_s=6.0)._repr_html_()
    assert live._repr_mimebundle_()["text/html"] == still
