"""The headline says what is saved, in money where prices differ, and no more than the figures allow."""

import pytest

import kitchen as kt
from kitchen.reporting.headline import deeds, headline, nothing_differs, standout, twins

pytestmark = pytest.mark.usefixtures("compiled")


def compared(scenario, strategies, replications=40, **options):
    return kt.compare(scenario, strategies, replications=replications, min_strategies=1, **options)


def test_a_better_strategy_saves_money_of_what_is_lost(priced, best):
    table = compared(priced, ["discard newcomer", best])
    row = table.paired.query("measure == 'lost_revenue'").iloc[0]
    lost = table.frame.query("measure == 'lost_revenue'").set_index("strategy")["mean"]
    text = headline(table)
    assert text.startswith("Discarding ") and "in place of 'discard newcomer'" in text
    gain, low, high = (f"{-row[key]:,.0f}" for key in ("difference", "high", "low"))
    saved = f"saves {gain} of {lost['discard newcomer']:,.0f} EUR of lost revenue a replication"
    assert f"{saved} (95 % interval {low} to {high})." in text
    assert standout(table) is table.strategies[1]


def test_where_all_orders_have_one_price_it_speaks_of_value():
    rush = kt.Scenario.load("rush")
    best = kt.Strategy(recall="largest gain", demote="least harmed")
    text = headline(compared(rush, ["discard newcomer", best], replications=60))
    assert text.startswith(
        "Moving home by 'largest gain' and sending to the overflow by 'least harmed'"
    )
    assert "lowers value lost from " in text and "points (95 % interval" in text


@pytest.mark.parametrize(
    ("measure", "words"),
    [
        ("revenue", "adds"),
        ("wasted_share", "lowers wasted orders from"),
        ("value_per_order", "raises value delivered from"),
        ("wait_mean_s", "min of mean wait of delivered orders"),
        ("waste_cost", "EUR of price of the wasted orders a replication"),
    ],
)
def test_it_speaks_of_the_measure_that_was_asked_for(priced, best, measure, words):
    text = headline(compared(priced, ["discard newcomer", best], measure=measure))
    assert words in text


def test_a_currency_that_has_no_name_is_the_menus_prices(priced, best):
    nameless = priced.replace({"orders.currency": None})
    text = headline(compared(nameless, ["discard newcomer", best]))
    assert "of lost revenue a replication, in the menu's prices (95 % interval" in text


def test_without_a_significant_difference_nothing_is_claimed():
    rush = kt.Scenario.load("rush")
    table = compared(rush, ["latest pickup", "lowest value at pickup"], replications=30)
    text = headline(table)
    assert "significantly better than 'latest pickup', today's practice" in text or (
        "is better than 'latest pickup', today's practice" in text
    )
    assert standout(table) is table.strategies[0]


def test_todays_practice_may_be_the_best(priced, best):
    table = compared(priced, [best, "discard newcomer"])
    assert headline(table).startswith("No strategy that was compared is better than")


def test_strategies_that_differ_in_nothing_are_one():
    steady = kt.Scenario.load("classic")
    table = compared(steady, ["discard newcomer", "oldest", "random"])
    assert nothing_differs(table) and twins(table) == ["oldest", "random"]
    assert headline(table).startswith("It makes no difference which of the 3 strategies is used")


def test_twins_are_those_of_todays_practice_only(priced):
    def newcomer(order):
        return 0.0 if order.is_newcomer else float("inf")

    same = kt.Strategy(newcomer, name="same")
    assert twins(compared(priced, ["discard newcomer", "oldest", same])) == ["same"]


def test_no_orders_and_one_strategy_alone(priced):
    nothing = priced.replace({"orders.duration_s": 0.0})
    assert headline(compared(nothing, ["random"])) == (
        "No orders came, so there is nothing to compare."
    )
    alone = headline(compared(priced, ["random"]))
    assert alone.startswith("'random', today's practice: lost revenue") and "EUR" in alone


def test_one_replication_says_nothing_of_how_sure_it_is(priced, best):
    text = headline(compared(priced, ["discard newcomer", best], replications=1))
    assert text.endswith("one replication says nothing about how sure that is.")


def test_what_a_strategy_does_is_told_where_it_differs():
    today = kt.Strategy()
    other = kt.Strategy(
        "oldest", recall=None, demote="least harmed", issue="first in first out",
        discard_from="anywhere",
    )  # fmt: skip
    assert deeds(other, today) == [
        "discarding from all shelves by 'oldest'",
        "moving nothing home",
        "sending to the overflow by 'least harmed'",
        "pooling couriers by 'first in first out'",
    ]
    assert deeds(today, today) == []
    blocked = kt.Strategy(recall_when="blocked")
    assert deeds(blocked, today) == ["moving home when blocked"]
