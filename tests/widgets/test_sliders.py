"""The knobs of a scenario: what they set, and that everything within their ends is a scenario."""

import pytest

import kitchen as kt
from kitchen.widgets.sliders import knobs, turned

SHIPPED = kt.Scenario.shipped()


def by_path(scenario):
    return {knob.paths[0]: knob for knob in knobs(scenario)}


@pytest.mark.parametrize("name", SHIPPED)
def test_knobs_as_they_are_change_nothing(name):
    scenario = kt.Scenario.load(name)
    made = knobs(scenario)
    assert turned(made, {knob.paths[0]: knob.value for knob in made}) == {}


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("end", ["low", "high"])
def test_every_knob_may_be_turned_to_either_end(name, end):
    scenario = kt.Scenario.load(name)
    for knob in knobs(scenario):
        at = getattr(knob, end)
        at = int(at) if knob.whole else at
        changed = scenario.replace(knob.changes((at, at) if isinstance(knob.value, tuple) else at))
        assert changed != scenario or knob.value == at


@pytest.mark.parametrize("name", SHIPPED)
def test_a_knob_stands_within_its_ends(name):
    for knob in knobs(kt.Scenario.load(name)):
        values = knob.value if isinstance(knob.value, tuple) else (knob.value,)
        assert all(knob.low <= value <= knob.high for value in values)
        assert 10 <= (knob.high - knob.low) / knob.step <= 1000


def test_each_shelf_has_a_knob_for_its_slots_and_the_overflow_one_for_its_pace(rush):
    paths = by_path(rush)
    assert [
        paths[f"shelves.{s}.capacity"].value for s in ("hot", "cold", "frozen", "overflow")
    ] == [10, 10, 10, 15]
    assert paths["shelves.overflow.modifier"].value == 2.0
    assert "shelves.hot.modifier" not in paths


def test_a_table_of_modifiers_has_a_knob_for_each_temp():
    dinner = kt.Scenario.load("dinner")
    knob = by_path(dinner)["shelves.overflow.modifier.frozen"]
    assert knob.value == 3.0
    assert dinner.replace(knob.changes(1.25)).shelves[-1].modifier == {
        "hot": 2.0,
        "cold": 1.5,
        "frozen": 1.25,
    }


def test_a_uniform_delay_is_one_range(rush):
    knob = by_path(rush)["couriers.delay.low"]
    assert knob.value == (2.0, 6.0)
    assert knob.changes((3.0, 9.0)) == {"couriers.delay.low": 3.0, "couriers.delay.high": 9.0}


def test_the_load_of_an_evening_turns_all_of_its_rates():
    dinner = kt.Scenario.load("dinner")
    knob = by_path(dinner)["arrivals.rates"]
    doubled = dinner.replace(knob.changes(2.0))
    assert doubled.arrivals.rates == tuple(2 * rate for rate in dinner.arrivals.rates)


@pytest.mark.parametrize("shelf", ["a.b", "7", "<script>", "capacity"])
def test_a_shelf_with_an_odd_name_is_still_turned(rush, shelf):
    odd = rush.replace({"shelves.hot.name": shelf})
    knob = next(k for k in knobs(odd) if k.label == shelf)
    assert odd.replace(knob.changes(3)).shelves[0].capacity == 3


def test_a_scenario_without_anything_that_is_no_zero_has_knobs_of_some_length(rush):
    empty = rush.replace(
        {
            "orders.count": 0,
            "couriers.delay": {"distribution": "constant", "value": 0.0},
            "shelves.overflow.capacity": 0,
            "shelves.overflow.modifier": 0.0,
        }
    )
    assert all(knob.low < knob.high for knob in knobs(empty))


def test_spreads_have_a_knob_where_replications_differ(rush):
    changed = rush.replace({"orders.busy": 0.1, "couriers.slow": 0.08})
    extra = by_path(changed).keys() - by_path(rush).keys()
    assert extra == {"orders.busy", "couriers.slow"}
    assert changed.replace(by_path(changed)["orders.busy"].changes(0.2)).orders.busy == 0.2
