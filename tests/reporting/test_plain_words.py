"""The answer in plain words claims no more than the figures do."""

import pytest

import kitchen as kt
from kitchen.model.measures import measure_named
from kitchen.reporting.headline import headline
from kitchen.reporting.plain_words import most_that_rules_could, plain_answer

pytestmark = pytest.mark.usefixtures("compiled")


def test_it_says_what_is_lost_of_every_hundred_in_money_where_prices_differ(priced, best):
    table = kt.compare(priced, ["discard newcomer", best], replications=40)
    answer = plain_answer(table)
    lost = table.frame.query("measure == 'lost_revenue_share'").set_index("strategy")["mean"]
    assert f"loses {100 * lost['discard newcomer']:.3g} of every 100 EUR" in answer.level
    assert answer.answer == headline(table)
    gains = table.summaries.pivot(
        index="replication", columns="strategy", values="lost_revenue_share"
    )
    better = (gains[table.strategies[1].name] < gains["discard newcomer"]).sum()
    assert f"better in {better} of 40 replications" in answer.sure


def test_couriers_in_a_pool_are_no_free_rule(priced):
    pooled = kt.Strategy("lowest value", recall="largest gain", issue="soonest to expire")
    answer = plain_answer(kt.compare(priced, ["random", pooled], replications=40))
    assert "costs nothing" not in answer.sure


def test_without_a_significant_difference_nothing_is_said_of_how_sure():
    rush = kt.Scenario.load("rush")
    table = kt.compare(rush, ["latest pickup", "lowest value at pickup"], replications=30)
    assert plain_answer(table).sure == ""


def test_without_orders_there_is_no_level():
    empty = kt.Scenario.load("rush").replace({"orders.count": 0})
    assert plain_answer(kt.compare(empty, ["random"], replications=3, min_strategies=1)).level == ""


def test_the_most_that_rules_could_save_is_the_gap_of_todays_practice():
    rush = kt.Scenario.load("rush")
    table = kt.compare(rush, ["random", "oldest"], replications=3, bound=True)
    gap = table.regret.query("measure == 'regret' and strategy == 'random'")["mean"].iloc[0]
    text = most_that_rules_could(table.regret, measure_named(table.measure))
    assert f"{100 * gap:.1f} points" in text and "3 replications" in text
