"""The sweeper and the page of all tools, without a browser."""

from importlib import import_module

import pytest
from pandas.testing import assert_frame_equal

import kitchen as kt
from kitchen.io.csv_text import csv_bytes
from kitchen.widgets import serve
from kitchen.widgets.sweeper import NOTHING, Sweeper, parameters

page_module = import_module("kitchen.widgets.page")  # as an attribute it is the function

BOTH = ["discard newcomer", "oldest"]
SLOTS, RATE = "overflow (slots)", "arrivals (per s)"


@pytest.fixture
def page():
    made = Sweeper("rush", BOTH)
    put(made, one=RATE, two=SLOTS, replications="5")
    put(made, one_from="8", one_to="12", one_values="3", two_from="0", two_to="9", two_values="4")
    return made


def put(page, **values):
    for name, value in values.items():
        page.controls[name].value = value


def run(page):
    page.controls["run"].click()
    assert page.wait(60)


def test_the_sweep_is_that_of_the_controls(page, rush):
    run(page)
    assert page.faults == []
    design = {"arrivals.rate": [8.0, 10.0, 12.0], "shelves.overflow.capacity": [0, 3, 6, 9]}
    assert_frame_equal(page.sweep.frame, kt.sweep(rush, design, BOTH, replications=5, seed=1).frame)
    assert set(page.viewer.frame["strategy"]) <= set(BOTH)
    assert len(page.viewer.frame)


def test_one_number_alone_will_do(page):
    put(page, two=NOTHING)
    run(page)
    assert page.sweep.parameters == ["arrivals.rate"]


def test_the_frame_can_be_taken_along(page):
    run(page)
    assert page.files.shown["names"] == ["sweep.csv"]
    assert page.files.made("sweep.csv") == (csv_bytes(page.sweep.frame), "text/csv")


def test_an_end_of_a_courier_range_can_vary(rush):
    paths = {path for path, _ in parameters(rush).values()}
    assert {"couriers.delay.low", "couriers.delay.high"} <= paths
    page = Sweeper("rush", BOTH)
    put(page, one="courier after, at most (s)", two=NOTHING, replications="3", one_values="3")
    run(page)
    assert page.faults == []
    assert page.sweep.points == 3


def test_a_cancelled_sweep_goes_on_where_it_stopped(page, monkeypatch):
    monkeypatch.setattr(import_module("kitchen.sweeps.planning"), "POINTS_A_PART", 1)
    parts = import_module("kitchen.sweeps.sweep")
    done, figures = [], parts.points.figures

    def cancel_at_the_seventh(plan, points, **options):
        if len(done) == 6:
            page.work.cancel()
        found = figures(plan, points, **options)
        done.extend(points)
        return found

    monkeypatch.setattr(parts.points, "figures", cancel_at_the_seventh)
    monkeypatch.setattr("kitchen.sweeps.executors.thread_count", lambda *given: 1)
    run(page)
    assert page.faults == ["Cancelled. Nothing is shown yet."]
    assert page.sweep is None
    before = len(done)
    monkeypatch.setattr(
        parts.points, "figures", lambda *g, **o: (done.extend(g[1]), figures(*g, **o))[1]
    )
    run(page)
    assert page.faults == []
    assert before >= 6
    assert sorted(done) == list(range(12))  # each point once


@pytest.mark.parametrize("name", kt.Scenario.shipped())
def test_every_number_of_every_scenario_can_vary_as_suggested(name):
    page = Sweeper(name, BOTH)
    for label in parameters(page.scenario):
        put(page, one=label, two=NOTHING, one_values="2")
        for changes in page.design.items():
            for value in changes[1]:
                page.scenario.replace({changes[0]: value})


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ({"one_from": "many"}, "arrivals (per s): must be a number, got 'many'."),
        ({"one_from": "nan"}, "arrivals (per s): must be a number, got 'nan'."),
        (
            {"one_from": "12", "one_to": "8"},
            "must go from a lower to a higher number, got 12 to 8.",
        ),
        ({"one_values": "1"}, "takes 2 to 40 values, got 1."),
        ({"one_values": "1000000"}, "takes 2 to 40 values, got 1000000."),
        ({"two": RATE}, "is chosen twice"),
        ({"seed": "-1"}, "seed"),
        ({"replications": "0"}, "replications"),
        ({"replications": "9999999"}, "a page does up to 2,000,000"),
        ({"one_from": "-3"}, "arrivals.rate"),
    ],
)
def test_what_makes_no_sense_is_told_on_the_page(page, bad, told):
    put(page, **bad)
    run(page)
    assert len(page.faults) == 1
    assert told in page.faults[0]
    assert page.sweep is None


def test_without_a_strategy_there_is_nothing_to_sweep(page):
    for tick in page.ticks.values():
        tick.value = False
    run(page)
    assert page.faults == ["strategies: there must be at least one."]


def test_another_scenario_offers_its_own_numbers(page):
    put(page, scenario="dinner")
    assert "open for (s)" in page.controls["one"].options
    assert RATE not in page.controls["one"].options


# All tools on one page


def test_a_tool_is_made_when_its_tab_is_opened(monkeypatch):
    monkeypatch.delenv(page_module.CHOSEN, raising=False)
    page = page_module.page()
    assert list(page.tools) == ["Compare"]
    page.go_to("Sweep")
    assert list(page.tools) == ["Compare", "Sweep"]
    assert page.faults == []
    page.tools["Compare"].wait(60)


def test_the_page_reads_what_the_server_writes():
    assert page_module.CHOSEN == serve.SCENARIO


def test_the_environment_names_the_scenario(monkeypatch):
    monkeypatch.setenv(page_module.CHOSEN, "heater")
    page = page_module.page()
    assert page.tools["Compare"].scenario.name == "heater"
    page.tools["Compare"].wait(60)
