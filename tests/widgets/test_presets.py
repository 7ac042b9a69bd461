"""Presets move several knobs from the scenario's own values; a knob that is moved can be put back."""

import pytest

import kitchen as kt
from kitchen.widgets.explorer import Explorer
from kitchen.widgets.knob_rows import meaning
from kitchen.widgets.presets import PRESETS, preset_values
from kitchen.widgets.sliders import knobs

pytestmark = pytest.mark.usefixtures("compiled")


@pytest.mark.parametrize("name", PRESETS)
@pytest.mark.parametrize("scenario", ["rush", "friday"])
def test_a_preset_moves_something_and_stays_within_the_knobs(name, scenario):
    made = {knob.paths[0]: knob for knob in knobs(kt.Scenario.load(scenario))}
    values = preset_values(name, list(made.values()))
    assert values
    for path, value in values.items():
        ends = value if isinstance(value, tuple) else (value,)
        assert all(made[path].low <= end <= made[path].high for end in ends)
        assert value != made[path].value


def test_a_preset_is_the_same_as_moving_its_knobs(rush):
    explorer = Explorer("rush", ["random", "oldest"], replications=10)
    explorer.controls["waste_below"].value = 0.3
    explorer.controls["preset"].value = "25 % more orders"
    assert explorer.wait(60) and explorer.faults == []
    assert explorer.scenario == rush.replace({"arrivals.rate": 1.25 * rush.arrivals.rate})
    explorer.controls["reset"].click()
    assert explorer.wait(60) and explorer.scenario == rush
    assert explorer.controls["preset"].value == "..."


def test_a_knob_that_is_moved_shows_a_button_that_puts_it_back(rush):
    explorer = Explorer("rush", ["random", "oldest"], replications=10)
    slider = explorer.controls["arrivals.rate"]
    row = next(r for r in explorer._turnable.children if slider in getattr(r, "children", ()))
    back = row.children[1]
    assert back.layout.visibility == "hidden"
    slider.value = 12.0
    assert back.layout.visibility == "visible"
    back.click()
    assert explorer.wait(60) and explorer.scenario == rush
    assert back.layout.visibility == "hidden"


@pytest.mark.parametrize("name", kt.Scenario.shipped())
def test_every_knob_says_what_it_means(name):
    scenario = kt.Scenario.load(name)
    for knob in knobs(scenario):
        assert meaning(knob.paths[0], scenario).endswith("."), knob


def test_todays_practice_is_chosen_and_compared_first():
    explorer = Explorer("rush", ["random", "oldest", "newest"], replications=10)
    explorer.controls["today"].value = "newest"
    assert explorer.wait(60)
    assert [own.name for own in explorer.table.strategies] == ["newest", "random", "oldest"]
    assert "<b>newest</b>" in explorer.ticked.value
