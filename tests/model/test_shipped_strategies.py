"""The strategies that ship as files: those that were learned for a scenario."""

import pytest

import kitchen as kt
from kitchen.model.strategy import as_strategy

NAMES = kt.Strategy.shipped()


def test_the_one_for_friday_ships():
    assert "learned for friday" in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_it_goes_by_its_name_wherever_a_strategy_does(name):
    scenario = kt.Scenario.load(name.removeprefix("learned for "))
    loaded = kt.Strategy.load(name)
    assert loaded.name == name == as_strategy(name).name
    assert loaded.learned_under == {"eta": scenario.eta}
    by_name, as_object = (kt.simulate(scenario, own, seed=3).summary for own in (name, loaded))
    assert by_name.equals(as_object)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_better_in_its_scenario_than_the_best_that_ships(name):
    """On 60 replications of a seed that took no part; a gain of 0.3 points or more."""
    scenario = kt.Scenario.load(name.removeprefix("learned for "))
    best = kt.Strategy(
        "lowest revenue per shelf second",
        recall="largest revenue gain",
        demote="least revenue at risk",
        discard_from="anywhere",
    )
    paired = kt.compare(scenario, [best, name], replications=60, seed=11).paired
    row = paired[paired["measure"] == "lost_revenue_share"].iloc[0]
    assert row["difference"] < -0.003 and row["high"] < 0


def test_an_unknown_name_is_refused_with_those_there_are():
    with pytest.raises(kt.KitchenError, match="Did you mean 'learned for friday'"):
        kt.Strategy.load("learned for fryday")
