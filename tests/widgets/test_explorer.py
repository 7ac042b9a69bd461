"""The explorer without a browser: controls in, comparison, pictures and files out."""

import importlib
import threading

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import kitchen as kt
from kitchen.reporting.plain_words import most_that_rules_could
from kitchen.widgets import explorer as module
from kitchen.widgets.answer import values_of
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


def controls_now(page):
    """Values of the controls, as a browser has them."""
    watched = [*page.controls.values(), *page.ticks.values()]
    return values_of(control for control in watched if control.has_trait("value"))


def faded(page, answer=None):
    """Whether a browser fades an answer: it is of other values than the controls have."""
    answer, now = answer or page.picture, controls_now(page)
    of = answer.shown["of"]
    return any(key not in answer.watch or now[key] != value for key, value in of.items())


def drawn(page):
    """The first picture's dots by strategy."""
    return {row["name"]: row["middle"] for row in page.picture.shown["rows"]}


def test_the_page_shows_what_compare_says(rush):
    page = opened("rush", BOTH, seed=3)
    assert_frame_equal(page.frame, kt.compare(rush, BOTH, replications=20, seed=3).frame)
    table = kt.compare(rush, BOTH, replications=20, seed=3)
    rows = table.paired[table.paired["measure"] == "lost_per_order"]
    assert drawn(page) == dict(zip(rows["strategy"], rows["difference"], strict=True))
    assert {row["name"] for row in page.more.shown["rows"]} == set(BOTH)
    assert page.verdict.shown["text"] == table.verdict


def test_turning_knobs_is_replacing_settings(rush):
    page = opened("rush", BOTH)
    before = drawn(page)
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
    assert drawn(page) != before


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
    page.more.data = ""
    turn(page, view=view)
    assert page.faults == []
    shown = page.more.shown
    assert (
        shown["rows"] if shown["kind"] == "dots" else shown["source"].startswith("data:image/png")
    )
    assert not faded(page, page.more)


def test_another_measure_compares_nothing_again(monkeypatch):
    page = opened("rush", BOTH)
    monkeypatch.setattr(module, "compare", None)
    before = drawn(page)
    turn(page, measure="wasted_share")
    assert page.faults == []
    assert drawn(page) != before


def test_twenty_fast_turns_end_at_the_last_and_compute_less_than_twenty_times():
    page = opened("rush", BOTH)
    before = page.work.started
    for capacity in range(20):
        page.controls["shelves.overflow.capacity"].value = capacity
    assert page.wait(60)
    assert page.work.started - before < 20
    assert page.table.scenario.shelves[-1].capacity == 19


# While a slider is held


def test_a_held_slider_gets_rough_estimates_without_a_verdict(rush):
    page = opened("rush", BOTH, replications=200)
    verdict, table = page.verdict.data, page.table
    page.picture.held = True
    turn(page, arrivals__rate=14.0)
    few = kt.compare(rush.replace({"arrivals.rate": 14.0}), BOTH, replications=module.ROUGH)
    rows = few.paired[few.paired["measure"] == "lost_per_order"]
    assert drawn(page) == dict(zip(rows["strategy"], rows["difference"], strict=True))
    assert page.picture.shown["rough"] and "rough: 50 replications" in page.picture.shown["tag"]
    assert page.verdict.data == verdict and faded(page, page.verdict)
    assert faded(page, page.more) and faded(page, page.files)
    assert page.table is table  # a rough estimate is the basis of nothing
    page.picture.held = False
    assert page.wait(60)
    assert page.table.replications == 200
    assert not page.picture.shown["rough"]
    assert not any(
        faded(page, each) for each in (page.picture, page.more, page.verdict, page.files)
    )


def test_a_slider_that_is_taken_and_let_go_where_it_was_computes_nothing():
    page = opened("rush", BOTH, replications=200)
    before = page.work.started
    page.picture.held = True
    page.picture.held = False
    assert page.wait(60)
    assert page.work.started == before


def test_where_fifty_replications_are_all_nothing_is_rough():
    page = opened("rush", BOTH, replications=50)
    page.picture.held = True
    turn(page, arrivals__rate=14.0)
    assert not page.picture.shown["rough"]
    assert not faded(page, page.verdict)


def test_a_pinned_answer_stands_beside_others_by_the_measure_that_is_shown(rush):
    page = opened("rush", BOTH)
    assert page.picture.shown["pinned"] is None
    before = drawn(page)
    page.pin.value = True
    turn(page, arrivals__rate=14.0)
    pinned = page.picture.shown["pinned"]
    assert {row["name"]: row["middle"] for row in pinned["rows"]} == before
    assert pinned["about"] == "rush" and page.picture.shown["rows"] != pinned["rows"]
    turn(page, measure="moves")
    table = kt.compare(rush, BOTH, replications=20, seed=1)
    moves = table.paired[table.paired["measure"] == "moves"]["difference"]
    assert [row["middle"] for row in page.picture.shown["pinned"]["rows"]] == list(moves)
    page.pin.value = False
    assert page.wait(60)
    assert page.picture.shown["pinned"] is None


def test_a_pinned_answer_says_what_it_is_of():
    page = opened("rush", BOTH)
    turn(page, arrivals__rate=14.0, shelves__hot__capacity=3)
    page.pin.value = True
    assert page.wait(60)
    about = page.picture.shown["pinned"]["about"]
    assert about == "rush, arrivals.rate = 14.0, shelves.hot.capacity = 3"


def test_the_differences_are_told_in_money_where_prices_differ():
    page = opened("friday", BOTH)
    shown, table = page.picture.shown, page.table
    money = table.paired[table.paired["measure"] == "lost_revenue"]["difference"].iloc[0]
    assert shown["headers"] == ["points", "EUR"]
    assert shown["rows"][0]["texts"][1] == f"{money:+.2f}".replace("-", "\u2212")


def test_one_strategy_alone_is_shown_by_its_level():
    page = opened("rush", ["random"])
    assert [row["name"] for row in page.picture.shown["rows"]] == ["random"]
    assert page.picture.shown["rows"][0]["middle"] > 0


# Typed settings and sliders are one state


def test_a_typed_setting_moves_its_slider_which_says_so(rush):
    page = opened("rush", BOTH)
    hot = page.controls["shelves.hot.capacity"]
    turn(page, settings="shelves.0.capacity=12; decay=cliff")
    assert hot.value == 12 and "typed below" in hot.description
    assert page.controls["decay"].value == "cliff"
    assert page.scenario == rush.replace({"shelves.hot.capacity": 12, "decay": "cliff"})
    turn(page, settings="")
    assert hot.value == 10 and "typed" not in hot.description
    assert page.scenario == rush


def test_a_slider_that_is_moved_takes_the_typed_setting_back(rush):
    page = opened("rush", BOTH)
    turn(page, settings="shelves.hot.capacity=12; waste_below=0.2")
    turn(page, shelves__hot__capacity=7)
    assert page.controls["settings"].value == "waste_below=0.2"
    assert "typed" not in page.controls["shelves.hot.capacity"].description
    assert page.scenario == rush.replace({"shelves.hot.capacity": 7, "waste_below": 0.2})


def test_a_browser_that_answers_with_a_slider_off_by_its_last_bits_has_moved_nothing(rush):
    page = opened("rush", BOTH)
    turn(page, settings="arrivals.rate=12")
    rate = page.controls["arrivals.rate"]
    turn(page, arrivals__rate=12.000000000000002)  # 0.2 and 59 steps of 0.2
    assert page.controls["settings"].value == "arrivals.rate=12"
    assert "typed below" in rate.description
    assert page.scenario == rush.replace({"arrivals.rate": 12.0})
    turn(page, settings="")
    turn(page, arrivals__rate=12.000000000000002)
    assert page.scenario == rush.replace({"arrivals.rate": 12.0})


@pytest.mark.parametrize(
    ("typed", "name", "value"),
    [
        ("shelves.hot.capacity=500", "shelves.hot.capacity", 500),  # beyond the end of the slider
        ("arrivals.rate=7.77", "arrivals.rate", 7.77),  # between its steps
        ("couriers.delay.high=7.5", "couriers.delay.low", (2.0, 7.5)),
        ("eta=2.5", "eta", 2.5),  # not on its list
    ],
)
def test_a_control_follows_wherever_a_typed_setting_leads(typed, name, value):
    page = opened("rush", BOTH)
    turn(page, settings=typed)
    assert page.faults == [] and page.controls[name].value == value


def test_a_slider_whose_table_is_typed_cannot_be_moved_until_the_text_is_gone(rush):
    page = opened("rush", BOTH)
    turn(page, settings='couriers.delay={distribution="constant", value=4.0}')
    delay = page.controls["couriers.delay.low"]
    assert delay.disabled and "typed" in delay.description
    assert page.faults == [] and page.scenario.couriers.delay.value == 4.0
    turn(page, settings="")
    assert not delay.disabled and page.scenario == rush


@pytest.mark.parametrize("name", kt.Scenario.shipped())
def test_a_slider_stands_exactly_where_the_scenario_does(name):
    """A browser draws a value between two steps at one of them, and writes that number."""
    page = opened(name, BOTH, replications=2)
    for path, control in page.controls.items():
        if control.has_trait("step"):
            steps = (np.atleast_1d(control.value) - control.min) / control.step
            assert steps == pytest.approx(np.round(steps), abs=1e-6), path
        if control.has_trait("readout_format") and control.readout_format.startswith("."):
            for value in np.atleast_1d(control.value):
                assert float(format(value, control.readout_format)) == pytest.approx(
                    value, abs=1e-9
                )


# What goes wrong is told


def test_what_is_too_large_is_refused_with_its_size():
    page = opened("rush", BOTH)
    before = page.work.started
    turn(page, settings="orders.count=200000000")
    (fault,) = page.faults
    assert "would simulate 8,000,000,000 orders (2 strategies x 20 replications x" in fault
    assert page.work.started == before and faded(page)


def test_cancel_is_heard_while_orders_are_drawn(monkeypatch):
    page = opened("rush", BOTH)
    orders = importlib.import_module("kitchen.engine.draw")
    items = orders.items

    def cancelled(*given):
        page.work.button.click()
        return items(*given)

    monkeypatch.setattr(orders, "items", cancelled)
    turn(page, arrivals__rate=13.0)
    assert page.faults == ["Cancelled. What is shown is of the settings before."]
    assert page.table.scenario.arrivals.rate == 10.0


@pytest.mark.parametrize(
    ("view", "size"),
    [
        ("the shelves over time, under the best", "2,400,000 orders;"),
        ("gap to the clairvoyant bound", "120,000 orders a replication;"),
    ],
)
def test_a_second_picture_that_is_too_large_is_refused_with_its_size(view, size):
    page = opened("rush", BOTH)
    page.controls["view"].value = view
    assert page.wait(60)
    second = page.more.data
    turn(page, settings="orders.count=120000")
    [fault] = page.faults
    assert size in fault
    assert page.more.data == second  # faded, as it is of other settings
    assert (
        page.table.scenario.orders.count == 120_000
    )  # the first picture and the verdict are there
    turn(page, settings="")
    assert page.faults == []


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
    before = page.picture.data
    turn(page, **{name: value})
    assert len(page.faults) == 1
    assert told in page.faults[0]
    assert "<img" not in page.alert.value
    assert page.picture.data == before
    assert faded(page)
    turn(page, **{name: "1" if name == "seed" else ""})
    assert page.faults == []
    assert not faded(page)


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

    monkeypatch.setitem(VIEWS, view, VIEWS[view]._replace(table=fail))
    with page.quietly():
        page.controls["view"].value = next(v for v in VIEWS if v != view)
    turn(page, view=view)
    assert page.faults == ["A fault of kitchen itself: ZeroDivisionError: on purpose"]
    monkeypatch.undo()
    turn(page, view=next(v for v in VIEWS if v != view))
    assert page.faults == []


def test_whatever_a_control_does_goes_through_the_guard(page):
    """No callback is registered but through `when` and `on_click`, which show what is raised."""
    watched = [*page.controls.values(), *page.ticks.values(), page.work.button, page.pin]
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
                assert call.shows_faults, control


def test_long_work_is_cancelled_by_its_button(monkeypatch):
    page = opened("rush", BOTH)
    begun, go_on = threading.Event(), threading.Event()

    def compare(*given, callback, **options):
        begun.set()
        assert go_on.wait(60)
        callback(1)
        raise AssertionError("it should have been left")

    monkeypatch.setattr(module, "compare", compare)
    before = page.picture.data
    page.controls["arrivals.rate"].value = 13.0
    assert begun.wait(60)
    page.work.button.click()
    go_on.set()
    assert page.wait(60)
    assert page.faults == ["Cancelled. What is shown is of the settings before."]
    assert page.picture.data == before
    assert faded(page)


# What one takes along


@pytest.mark.parametrize(
    ("name", "begin"),
    [
        ("differences.png", b"\x89PNG"),
        ("second picture.png", b"\x89PNG"),
        ("pictures.pdf", b"%PDF"),
    ],
)
def test_pictures_are_made_when_they_are_asked_for(page, name, begin):
    assert name in page.files.shown["names"]
    assert page.files.made(name)[0].startswith(begin)


def test_a_click_in_the_browser_is_answered_with_the_file(page, monkeypatch):
    sent = []
    monkeypatch.setattr(
        page.files, "send", lambda message, buffers=None: sent.append((message, buffers))
    )
    page.files._asked(page.files, {"make": "ranking.csv"}, [])
    assert sent == [
        ({"name": "ranking.csv", "type": "text/csv"}, [page.files.made("ranking.csv")[0]])
    ]
    for other in ("../secret", None, 7, {"make": "x"}):
        page.files._asked(page.files, {"make": str(other)}, [])
    page.files._asked(page.files, "ranking.csv", [])
    assert len(sent) == 1


def test_an_update_sends_no_file():
    page = opened("rush", BOTH, replications=200)
    assert (
        sum(len(each.data) for each in (page.picture, page.more, page.verdict, page.files)) < 12_000
    )


def test_the_files_are_the_frames_that_are_shown(tmp_path):
    page = opened("rush", BOTH)
    for name, frame in (("ranking", page.table.frame), ("paired", page.table.paired)):
        path = tmp_path / "a.csv"
        path.write_bytes(page.files.made(f"{name}.csv")[0])
        assert_frame_equal(
            pd.read_csv(path),
            frame.astype({c: object for c in frame.columns[frame.dtypes == "category"]}),
            check_dtype=False,
        )


def test_the_scenario_file_loads_as_what_is_shown(tmp_path):
    page = opened("rush", BOTH)
    turn(page, arrivals__rate=12.0, decay="exponential")
    path = tmp_path / "mine.toml"
    path.write_bytes(page.files.made("rush.toml")[0])
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
    for told in (page.alert.value, page.still()):
        assert "<img src=x" not in told
        assert "<script>" not in told
    assert nasty in [
        row["name"] for row in page.more.shown["rows"]
    ]  # which the browser takes for text


def test_without_a_kernel_the_pictures_are_still_there(page):
    assert page.still().count("<img src=") == 2


def test_a_scenario_without_orders_is_shown_as_that(rush):
    page = opened(rush.replace({"orders.count": 0}), BOTH)
    assert [row["middle"] for row in page.picture.shown["rows"]] == [None]
    assert "No orders came" in page.verdict.shown["text"]


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


@pytest.mark.parametrize(
    "typed", ["orders.file=/etc/passwd", 'orders={file = "other.json", count = 5}']
)
def test_a_page_that_is_served_reads_no_file_by_its_path(monkeypatch, typed):
    monkeypatch.setenv("VOILA_REQUEST_URL", "http://127.0.0.1/")
    explorer = Explorer("rush", ["oldest"], replications=5)
    explorer.wait(60)
    explorer.controls["settings"].value = typed
    explorer.wait(60)
    assert (
        "orders.file: a page that is served reads no files by their paths." in explorer.alert.value
    )


def test_the_best_that_anybody_could_have_done_is_told_last():
    page = opened("rush", BOTH, replications=5)
    bounded = kt.compare(kt.Scenario.load("rush"), BOTH, replications=5, seed=1, bound=True)
    told = most_that_rules_could(bounded.regret, bounded.measured)
    assert "clairvoyant bound, 5 replications" in told and page.verdict.shown["most"] == told


def test_a_measure_without_a_bound_has_no_such_sentence():
    page = opened("rush", BOTH, replications=5)
    turn(page, measure="wait_mean_s")
    assert page.faults == [] and page.verdict.shown["most"] == ""


def test_another_second_picture_works_out_no_bound_again(monkeypatch):
    page = opened("rush", BOTH, replications=5)
    told = page.verdict.shown["most"]
    monkeypatch.setattr(module, "most_possible", lambda *_: "again")
    turn(page, view="waste by cause")
    assert page.faults == [] and page.verdict.shown["most"] == told
    turn(page, seed="2")
    assert page.verdict.shown["most"] == "again"
