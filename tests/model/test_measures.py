"""The registry of measures: names, texts with their currency, and what ranks strategies."""

import pytest

import kitchen as kt
from kitchen.engine.draw import menu_of
from kitchen.model.measures import MEASURES, measure_named, primary_measure


@pytest.mark.parametrize("name", ["friday", "dinner", "heater"])
def test_revenue_ranks_strategies_where_prices_differ(name):
    menu = menu_of(kt.Scenario.load(name))
    assert len(set(menu.price)) > 1
    assert primary_measure(menu) == "lost_revenue_share"


@pytest.mark.parametrize("name", ["rush", "steady", "classic"])
def test_value_ranks_strategies_where_all_prices_are_one(name):
    assert primary_measure(menu_of(kt.Scenario.load(name))) == "lost_per_order"


def test_every_measure_is_a_column_of_the_summary(rush):
    run = kt.simulate(rush, "random", keep="summary")
    assert set(MEASURES) <= set(run.summary.columns)


def test_labels_are_unlike_each_other():
    assert len({measure.label for measure in MEASURES.values()}) == len(MEASURES)


def test_amounts_are_written_in_the_currency_of_the_scenario():
    cost = measure_named("waste_cost")
    assert cost.unit == "in the menu's prices, per replication"
    assert cost.written(2221.0) == "2,221"
    euros = cost.in_currency("EUR")
    assert euros.unit == "EUR, per replication"
    assert euros.written(2221.0) == "2,221 EUR"
    assert euros.text(2221.0) == "orders worth 2,221 EUR are wasted in a replication"


def test_a_share_or_a_time_has_no_currency():
    for name in ("lost_revenue_share", "wait_mean_s", "moves"):
        assert measure_named(name).in_currency("EUR") == measure_named(name)


def test_the_money_of_one_temp_is_a_measure_too():
    lost = measure_named("lost_revenue_hot")
    assert (lost.title, lost.more_is_better) == ("lost revenue, hot orders", False)
    assert measure_named("revenue_hot").more_is_better


def test_a_currency_is_a_short_text(rush):
    with pytest.raises(kt.errors.ScenarioError, match=r"orders\.currency: must be a shorter text"):
        rush.replace({"orders.currency": "Euro and cents"})
