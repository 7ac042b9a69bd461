"""The live kitchen without a browser: controls in, frames and pictures out."""

import math
from html import escape

import ipywidgets as widgets
import numpy as np
import pandas as pd
import pytest

import kitchen as kt
from kitchen.errors import KitchenError
from kitchen.simulation.snapshot import Snapshots, differing_orders, parting
from kitchen.widgets.app import offered
from kitchen.widgets.board import STYLE, board
from kitchen.widgets.live import INTERVAL_MS, LiveKitchen


@pytest.fixture
def live():
    return LiveKitchen("rush", ["discard newcomer", "oldest", "random"], seed=1)


def cheapest_dish(order):
    return order.price


def broken(order):
    return order.no_such_field


def value(live, name, to):
    live.controls[name].value = to


# What is shown


def test_the_orders_shown_are_those_that_simulate_has_at_that_tick(live, rush):
    trace = kt.draw(rush, 1, seed=1)
    for tick in (0, 60, 101, 140, 300):
        live.controls["slider"].value = tick
        time = tick * live.tick_s
        assert live.time_s == pytest.approx(time)
        wanted = []
        for name in ("discard newcomer", "oldest"):
            run = kt.simulate(rush, name, trace=trace, step_s=live.tick_s)
            contents = run.contents[np.isclose(run.contents["time_s"], time, atol=1e-9)]
            wanted.append(contents.astype({"strategy": object}))
        wanted = pd.concat(wanted, ignore_index=True)
        shown = live.frame.astype({"strategy": object})[wanted.columns]
        pd.testing.assert_frame_equal(shown, wanted, rtol=0, atol=1e-9, check_dtype=False)


def test_the_picture_is_the_board_of_the_moments(live):
    live.controls["slider"].value = 140
    assert live.board.value == board(*live.snapshots)
    assert [snapshot.time_s for snapshot in live.snapshots] == [140 * live.tick_s] * 2
    assert [snapshot.strategy for snapshot in live.snapshots] == ["discard newcomer", "oldest"]


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


def test_nobody_on_the_right_leaves_one_board(live):
    value(live, "right", "")
    assert len(live.snapshots) == len(live.runs) == 1
    assert live.controls["parting"].disabled
    assert live.board.value.count("<section") == 1
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


def test_two_strategies_differ_on_the_board_from_the_parting_on_and_not_before(live, rush):
    trace = kt.draw(rush, 1, seed=1)
    one, other = (
        Snapshots(kt.simulate(rush, n, trace=trace)) for n in ("discard newcomer", "oldest")
    )
    part = parting(one, other)
    assert live.parting_s == part
    for time in np.arange(0.0, part, 0.25):
        live.time_s = time
        assert differing_orders(*live.snapshots) == set()
        left, right = live.board.value.split("<section")[1:]
        shelves = [
            half[half.index("kt-counts") : half.index("</section>")] for half in (left, right)
        ]
        assert shelves[0] == shelves[1]
    live.controls["parting"].click()
    assert live.time_s == part
    left, right = live.board.value.split("<section")[1:]
    shelves = [half[half.index("kt-counts") : half.index("</section>")] for half in (left, right)]
    assert shelves[0] != shelves[1]


def test_the_page_says_when_they_part(live):
    assert live.note.value == f"they part at {live.parting_s:.2f} s"
    value(live, "right", live.controls["left"].value)
    assert live.note.value == "they never part"
    assert live.controls["parting"].disabled
    value(live, "right", "")
    assert live.note.value == ""


# Going through time


def test_stepping_goes_from_event_to_event_of_either_kitchen(live):
    times = np.unique(np.concatenate([run.ledger["time_s"] for run in live.runs]))
    seen = []
    for _ in range(40):
        live.controls["forward"].click()
        seen.append(live.time_s)
    assert seen == list(times[:40])
    for time in reversed(seen[:-1]):
        live.controls["back"].click()
        assert live.time_s == time
    live.controls["back"].click()
    assert live.time_s == 0.0
    live.controls["back"].click()
    assert live.time_s == 0.0


def test_after_a_step_its_event_is_the_newest_told(live):
    value(live, "right", "")
    ledger = live.runs[0].ledger
    for _ in range(20):
        live.controls["forward"].click()
        rows = ledger[ledger["time_s"] == live.time_s]
        assert live.snapshots[0].events[0].order == rows["order"].iloc[-1]


def test_stepping_past_the_last_event_stays_at_the_end(live):
    live.time_s = live.end_s - 1e-9
    for _ in range(3):
        live.controls["forward"].click()
        assert live.time_s == live.end_s
    assert len(live.frame) == 0


def test_to_the_start(live):
    live.time_s = 5.0
    live.controls["start"].click()
    assert (live.time_s, live.controls["slider"].value) == (0.0, 0)


def test_the_slider_follows_the_time_and_never_shows_less(live):
    for time in (0.0, 0.049, 5.0, 5.041232984748193, live.end_s):
        live.time_s = time
        assert live.time_s == time
        assert live.controls["slider"].value == math.ceil(time / live.tick_s)


def test_the_last_place_of_the_slider_is_the_end(live):
    live.controls["slider"].value = live.controls["slider"].max
    assert live.time_s == live.end_s
    assert [snapshot.standing for snapshot in live.snapshots] == [0, 0]


@pytest.mark.parametrize(("asked", "shown"), [(-5.0, 0.0), (1e9, None)])
def test_a_time_outside_of_the_run_is_its_nearest_end(live, asked, shown):
    live.time_s = asked
    assert live.time_s == (live.end_s if shown is None else shown)


@pytest.mark.parametrize("time", [math.nan, "soon", None])
def test_a_time_that_is_no_number_is_refused(live, time):
    with pytest.raises(KitchenError, match="time_s: must be a number of seconds, got"):
        live.time_s = time


def test_changing_a_strategy_keeps_the_time(live):
    live.time_s = 6.125
    for name in ("random", "oldest", ""):
        value(live, "right", name)
        assert live.time_s == 6.125
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


def test_another_scenario_begins_at_the_start(live):
    live.time_s = 6.0
    value(live, "scenario", "dinner")
    assert live.time_s == 0.0
    assert live.runs[0].scenario.name == "dinner"


# Playing


@pytest.mark.parametrize("name", ["rush", "dinner", "heater", "steady"])
def test_at_first_a_whole_run_plays_in_half_a_minute_to_a_minute(name):
    live = LiveKitchen(name, ["oldest"])
    pictures = live.controls["slider"].max / live.controls["play"].step
    assert 30.0 <= pictures * INTERVAL_MS / 1000 <= 60.0


def test_speed_says_how_many_seconds_pass_in_one(live):
    for label, step in live.controls["speed"].options:
        value(live, "speed", step)
        assert live.controls["play"].step == step
        passed = step * live.tick_s * 1000 / INTERVAL_MS
        assert float(label.split()[0].replace(",", "")) == pytest.approx(passed)


def test_a_chosen_speed_stays_while_the_scenario_does(live):
    value(live, "speed", 4)
    value(live, "right", "random")
    value(live, "seed", "3")
    assert live.controls["speed"].value == live.controls["play"].step == 4


def test_player_and_slider_have_the_same_places(live):
    for name in ("rush", "dinner", "heater"):
        value(live, "scenario", name)
        play, slider = live.controls["play"], live.controls["slider"]
        assert (play.min, play.max) == (slider.min, slider.max)
        assert (slider.max - 1) * live.tick_s < live.end_s <= slider.max * live.tick_s


def test_playing_that_stops_at_less_than_a_step_from_the_end_shows_the_end(live):
    play, slider = live.controls["play"], live.controls["slider"]
    value(live, "speed", 4)
    play.playing = True
    slider.value = slider.max - 2
    assert live.time_s < live.end_s
    play.playing = False
    assert live.time_s == live.end_s
    assert slider.value == slider.max


def test_a_pause_in_between_changes_nothing(live):
    live.controls["play"].playing = True
    live.controls["slider"].value = 100
    live.controls["play"].playing = False
    assert live.time_s == 100 * live.tick_s


@pytest.mark.parametrize("button", ["forward", "back", "start", "parting"])
def test_stepping_stops_the_player(live, button):
    live.time_s = 3.0
    live.controls["play"].playing = True
    live.controls[button].click()
    assert not live.controls["play"].playing


@pytest.mark.parametrize("factor", [1e-5, 1e-2, 1e3, 1e8])
def test_very_short_and_very_long_runs_have_a_usable_slider(rush, factor):
    scenario = rush.replace(
        {
            "name": "scaled",
            "arrivals.rate": 10.0 / factor,
            "couriers.delay": {"distribution": "uniform", "low": 2 * factor, "high": 6 * factor},
        }
    )
    live = LiveKitchen(scenario, ["oldest"])
    assert 300 <= live.controls["slider"].max <= 10_000_001
    pictures = live.controls["slider"].max / live.controls["play"].step
    assert 15.0 <= pictures * INTERVAL_MS / 1000 <= 100.0


def test_a_kitchen_without_orders_is_shown_empty(rush):
    live = LiveKitchen(rush.replace({"name": "idle", "orders.count": 0}), ["oldest", "random"])
    assert (live.end_s, live.time_s, live.parting_s) == (0.0, 0.0, None)
    for name in ("forward", "back", "start"):
        live.controls[name].click()
    live.controls["slider"].value = live.controls["slider"].max
    assert live.time_s == 0.0
    assert live.faults == []
    assert len(live.frame) == 0


# Faults


@pytest.mark.parametrize("name", ["seed", "replication"])
@pytest.mark.parametrize("text", ["-1", "1.5", "", "one", "<script>"])
def test_a_bad_number_shows_its_message_and_the_old_picture_as_stale(live, name, text):
    before = live.board.value
    value(live, name, text)
    (told,) = live.faults
    assert told.startswith(f"{name}: must be a whole number")
    assert escape(told) in live.alert.value
    assert "<script" not in live.alert.value
    assert live.board.value == before
    assert "kt-stale" in live.board._dom_classes
    value(live, name, "3")
    assert live.faults == []
    assert "kt-stale" not in live.board._dom_classes
    assert live.board.value != before


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
        assert all(getattr(handler, "shows_faults", False) for handler in ours)
        if isinstance(control, widgets.Button):
            assert all(h.shows_faults for h in control._click_handlers.callbacks)


# Names, and pages without a kernel


def test_nasty_names_stay_text(rush):
    name = "<img src=x onerror=alert(1)>"
    nasty = rush.replace({"name": name, "shelves.hot.name": "<script>hot</script>"})
    live = LiveKitchen(nasty, [kt.Strategy("oldest", name="<script>x</script>"), "random"])
    live.time_s = 6.0
    for html in (live.board.value, live.still(), live.note.value):
        assert "<script" not in html and "<img" not in html
    assert escape("<script>x</script>") in live.board.value
    assert live.controls["scenario"].value == name


def test_a_page_without_a_kernel_shows_the_board(live):
    live.time_s = 6.0
    assert live.still() == STYLE + board(*live.snapshots)
    assert live._repr_mimebundle_()["text/html"] == live.still()


def test_the_player_drives_the_slider_in_the_browser(live):
    play, slider = live.controls["play"], live.controls["slider"]
    assert (live.link.source, live.link.target) == ((play, "value"), (slider, "value"))
