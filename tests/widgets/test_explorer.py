"""The explorer without a browser: controls in, comparison, pictures and files out."""

import base64
import re
import threading

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import kitchen as kt
from kitchen.widgets import explorer as module
from kitchen.widgets.explorer import VIEWS, Explorer

BOTH = ["discard newcomer", "oldest"]


def opened(*given, **options):
    page = Explorer(*given, **{"replications": 20, **options})
    assert page.wait(60)
    assert page.faults == []
    return page


@pytest.fixture(scope="module")
def page():
    return opened()


def turn(page, **values):
    """Turn several knobs by hand and wait for the pictures."""
    for name, value in values.items():
        page.controls[name.replace("__", ".")].value = value
    assert page.wait(60)


def links(page):
    """Name -> bytes of the files that the page hands out."""
    found = re.findall(r'download="([^"]+)" href="data:[^;]+;base64,([^"]*)"', page.take.value)
    return {name: base64.b64decode(data) for name, data in found}


def test_the_page_shows_what_compare_says(rush):
    page = opened("rush", BOTH, seed=3)
    assert_frame_equal(page.frame, kt.compare(rush, BOTH, replications=20, seed=3).frame)
    assert bytes(page.picture.value).startswith(b"\x89PNG")
    assert bytes(page.more.value).startswith(b"\x89PNG")
    assert page.table.verdict in page.verdict.value.replace("&#x27;", "'")


def test_turning_knobs_is_replacing_settings(rush):
    page = opened("rush", BOTH)
    before = bytes(page.picture.value)
    turn(
        page,
        arrivals__rate=14.0,
        shelves__overflow__capacity=4,
        couriers__delay__low=(3.0, 9.0),
        eta="exact",
    )
    changed = rush.replace(
        {
            "arrivals.rate": 14.0,
            "shelves.overflow.capacity": 4,
            "couriers.delay.low": 3.0,
            "couriers.delay.high": 9.0,
            "eta": "exact",
        }
    )
    assert page.scenario == changed
    assert_frame_equal(page.frame, kt.compare(changed, BOTH, replications=20, seed=1).frame)
    assert bytes(page.picture.value) != before


def test_settings_without_a_knob_are_typed(rush):
    page = opened("rush", BOTH)
    turn(page, settings="shelves.hot.modifier=1.5; orders.sampling=in order")
    assert page.scenario == rush.replace(
        {"shelves.hot.modifier": 1.5, "orders.sampling": "in order"}
    )


def test_ticking_a_strategy_puts_it_in_the_table():
    page = opened("rush", [*BOTH, "random"])
    page.ticks["oldest"].value = False
    assert page.wait(60)
    assert list(page.frame["strategy"].cat.categories) == ["discard newcomer", "random"]


def test_another_scenario_brings_its_own_knobs():
    page = opened("rush", BOTH)
    turn(page, scenario="dinner")
    assert "shelves.overflow.modifier.frozen" in page.controls
    assert "arrivals.rate" not in page.controls
    turn(page, **{"shelves__overflow__modifier__frozen": 1.0})
    assert page.scenario.shelves[-1].modifier["frozen"] == 1.0
    assert page.table.scenario == page.scenario


def test_the_way_back_to_the_scenario_as_it_was(rush):
    page = opened("rush", BOTH)
    turn(page, arrivals__rate=4.0, settings="decay=cliff")
    page.controls["reset"].click()
    assert page.wait(60)
    assert page.scenario == rush
    assert page.table.scenario == rush


@pytest.mark.parametrize("view", VIEWS)
def test_every_second_picture_is_drawn(page, view):
    with page.quietly():
        page.controls["view"].value = next(v for v in VIEWS if v != view)
    page.more.value = b""
    turn(page, view=view)
    assert page.faults == []
    assert bytes(page.more.value).startswith(b"\x89PNG")


def test_another_measure_compares_nothing_again(monkeypatch):
    page = opened("rush", BOTH)
    monkeypatch.setattr(module, "compare", None)
    before = bytes(page.picture.value)
    turn(page, measure="wasted_share")
    assert page.faults == []
    assert bytes(page.picture.value) != before


def test_twenty_fast_turns_end_at_the_last_and_compute_less_than_twenty_times():
    page = opened("rush", BOTH)
    before = page.work.started
    for capacity in range(20):
        page.controls["shelves.overflow.capacity"].value = capacity
    assert page.wait(60)
    assert page.work.started - before < 20
    assert page.table.scenario.shelves[-1].capacity == 19


# What goes wrong is told


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("seed", "seven", "seed: must be a whole number, got 'seven'."),
        ("seed", "-1", "seed"),
        ("settings", "shelves.ovrflow.capacity=3", "Did you mean"),
        ("settings", "capacity", "needs a path and a value"),
        ("settings", "arrivals.rate=-2", "arrivals.rate"),
        ("settings", "<img src=x onerror=hack()>=1", "there is no"),
    ],
)
def test_a_bad_value_is_told_on_the_page_and_the_old_picture_fades(name, value, told):
    page = opened("rush", BOTH)
    before = bytes(page.picture.value)
    turn(page, **{name: value})
    assert len(page.faults) == 1
    assert told in page.faults[0]
    assert "<img" not in page.alert.value
    assert bytes(page.picture.value) == before
    assert "kt-stale" in page.picture._dom_classes
    turn(page, **{name: "1" if name == "seed" else ""})
    assert page.faults == []
    assert "kt-stale" not in page.picture._dom_classes


def test_no_strategy_at_all_is_told():
    page = opened("rush", BOTH)
    for tick in page.ticks.values():
        tick.value = False
    assert page.wait(60)
    assert page.faults == ["strategies: there must be at least one."]


def test_a_rule_that_fails_is_told():
    def broken(order):
        return (1.0 - order.value) / order.age_s

    page = Explorer("rush", ["discard newcomer", broken], replications=20)
    assert page.wait(60)
    assert "rule 'broken' returned nan" in page.faults[0]


@pytest.mark.parametrize("view", VIEWS)
def test_a_fault_while_drawing_is_told(page, monkeypatch, view):
    def fail(*given):
        raise ZeroDivisionError("on purpose")

    monkeypatch.setitem(VIEWS, view, fail)
    with page.quietly():
        page.controls["view"].value = next(v for v in VIEWS if v != view)
    turn(page, view=view)
    assert page.faults == ["A fault of kitchen itself: ZeroDivisionError: on purpose"]
    monkeypatch.undo()
    turn(page, view=next(v for v in VIEWS if v != view))
    assert page.faults == []


def test_whatever_a_control_does_goes_through_the_guard(page):
    """No callback is registered but through `when` and `on_click`, which show what is raised."""
    watched = [*page.controls.values(), *page.ticks.values(), page.work.button]
    for control in watched:
        own = (
            control._trait_notifiers.get("value", {}).get("change", [])
            if control.has_trait("value")
            else []
        )
        calls = [c for c in own if getattr(c, "__self__", None) is not control]
        if hasattr(control, "_click_handlers"):
            calls += control._click_handlers.callbacks
        assert calls, control
        for call in calls:
            if getattr(call, "__module__", "").startswith("kitchen"):
                assert call.shows_faults


def test_long_work_is_cancelled_by_its_button(monkeypatch):
    page = opened("rush", BOTH)
    begun, go_on = threading.Event(), threading.Event()

    def compare(*given, callback, **options):
        begun.set()
        assert go_on.wait(60)
        callback(1)
        raise AssertionError("it should have been left")

    monkeypatch.setattr(module, "compare", compare)
    before = bytes(page.picture.value)
    page.controls["arrivals.rate"].value = 13.0
    assert begun.wait(60)
    page.work.button.click()
    go_on.set()
    assert page.wait(60)
    assert page.faults == ["Cancelled. What is shown is of the settings before."]
    assert bytes(page.picture.value) == before
    assert "kt-stale" in page.picture._dom_classes


# What one takes along


def test_the_files_are_the_frames_that_are_shown(tmp_path):
    page = opened("rush", BOTH)
    for name, frame in (("ranking", page.table.frame), ("paired", page.table.paired)):
        path = tmp_path / "a.csv"
        path.write_bytes(links(page)[f"{name}.csv"])
        assert_frame_equal(
            pd.read_csv(path),
            frame.astype({c: object for c in frame.columns[frame.dtypes == "category"]}),
            check_dtype=False,
        )


def test_the_scenario_file_loads_as_what_is_shown(tmp_path):
    page = opened("rush", BOTH)
    turn(page, arrivals__rate=12.0, decay="exponential")
    path = tmp_path / "mine.toml"
    path.write_bytes(links(page)["rush.toml"])
    assert kt.Scenario.load(path) == page.scenario


def test_the_script_gives_the_same_figures():
    page = opened("rush", BOTH)
    turn(page, arrivals__rate=12.0, shelves__hot__capacity=3)
    names = {}
    exec(page.script, names)
    assert_frame_equal(names["table"].frame, page.frame)


def test_names_with_markup_stay_text(rush):
    nasty = "<img src=x onerror=window.hacked=1>"
    mine = rush.replace({"name": nasty, "shelves.hot.name": "<script>window.hacked=1</script>"})
    page = opened(mine, [kt.Strategy("random", name=nasty), "oldest"])
    for told in (page.take.value, page.verdict.value, page.alert.value):
        assert "<img" not in told
        assert "<script>" not in told


def test_without_a_kernel_the_pictures_are_still_there(page):
    assert page.still().count("<img src=") == 2


def test_a_scenario_without_orders_is_shown_as_that(rush):
    page = opened(rush.replace({"orders.count": 0}), BOTH)
    assert bytes(page.picture.value).startswith(b"\x89PNG")


def test_a_decay_law_of_ones_own_stays_chosen(rush):
    def slow(age_s, weighted_age_s, shelf_life_s, decay_rate):
        return 1.0 - (decay_rate * weighted_age_s / shelf_life_s) ** 2

    page = opened(rush.replace({"decay": slow}), BOTH)
    turn(page, arrivals__rate=12.0)
    assert page.faults == []
    assert page.table.scenario.decay is slow


def test_revenue_ranks_where_prices_differ_and_the_verdict_follows_the_measure():
    explorer = Explorer("heater", ["discard newcomer", "oldest"], replications=10)
    assert explorer.wait()
    assert explorer.controls["measure"].value == explorer.table.measure == "lost_revenue_share"
    assert "of the revenue of" in explorer.table.verdict
    before = explorer.table.summaries
    explorer.controls["measure"].value = "wait_mean_s"
    assert explorer.wait()
    assert explorer.table.measure == "wait_mean_s"
    assert explorer.table.summaries.equals(before)
    assert 'measure="wait_mean_s"' in explorer.script
    explorer.controls["scenario"].value = "rush"
    assert explorer.wait()
    assert explorer.table.measure == "lost_per_order"
