"""Strategies: their settings, names and words."""

import pandas as pd
import pytest

import kitchen as kt
from kitchen.errors import RuleError, StrategyError
from kitchen.rules import BUILT_IN, Rule
from kitchen.strategies import as_strategies, as_strategy

DISCARD = list(BUILT_IN["discard"])


def my_rule(order):
    """Throw away what costs least."""
    return order.price


def test_a_discard_rule_by_name_is_that_rule_with_the_defaults():
    strategy = as_strategy("longest to go")
    assert strategy.name == strategy.discard.name == "longest to go"
    assert strategy.recall.name == "first in"
    assert strategy.demote is None
    assert strategy.issue is None
    assert (strategy.recall_when, strategy.discard_from) == ("eager", "overflow+newcomer")


def test_the_default_strategy_discards_the_newcomer():
    assert kt.Strategy().name == "discard newcomer"


@pytest.mark.parametrize(
    "strategy", ["my rule", my_rule, Rule(my_rule), kt.Strategy(my_rule)], ids=str
)
def test_a_strategy_may_be_given_as_a_function_a_rule_or_itself(strategy):
    if strategy == "my rule":
        strategy = lambda order: order.price  # noqa: E731
        assert as_strategy(strategy).discard.function is strategy
    else:
        assert as_strategy(strategy).discard.function is my_rule


def test_a_strategy_is_passed_on_as_it_is():
    strategy = kt.Strategy("oldest")
    assert as_strategy(strategy) is strategy


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({}, "discard newcomer"),
        ({"discard": "oldest"}, "oldest"),
        ({"discard": my_rule}, "my_rule"),
        ({"recall": None}, "discard newcomer, recall none"),
        ({"recall": "none"}, "discard newcomer, recall none"),
        ({"recall": "fastest decaying"}, "discard newcomer, recall fastest decaying"),
        ({"demote": my_rule}, "discard newcomer, demote my_rule"),
        ({"demote": "nobody"}, "discard newcomer"),
        ({"issue": "matched"}, "discard newcomer"),
        ({"recall_when": "blocked"}, "discard newcomer, recall when blocked"),
        ({"recall_when": "blocked", "recall": None}, "discard newcomer, recall none"),
        ({"discard_from": "anywhere"}, "discard newcomer, from anywhere"),
        ({"discard": "oldest", "name": "mine"}, "mine"),
        ({"discard": Rule(my_rule, "cheapest", ())}, "cheapest"),
    ],
)
def test_a_strategy_is_called_by_what_differs_from_the_defaults(settings, name):
    assert kt.Strategy(**settings).name == name
    assert repr(kt.Strategy(**settings)) == f"Strategy({name!r})"


def test_settings_that_differ_give_names_that_differ():
    strategies = [
        kt.Strategy(discard, recall, None, "matched", when, place)
        for discard in ("oldest", "random")
        for recall, when in (("first in", "eager"), ("first in", "blocked"), (None, "eager"))
        for place in ("overflow", "overflow+newcomer", "anywhere")
    ]
    assert len({strategy.name for strategy in strategies}) == len(strategies)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"recall_when": "blockd"}, "recall_when 'blockd' is unknown. Did you mean 'blocked'?"),
        ({"recall_when": None}, "recall_when "),
        ({"discard_from": "any where"}, "Did you mean 'anywhere'?"),
        ({"discard_from": "newcomer"}, "There are: overflow, overflow+newcomer, anywhere."),
        ({"name": ""}, "name: must be a text that is not empty, got ''."),
        ({"name": "  "}, "name: must be a text that is not empty"),
        ({"name": 3}, "name: must be a text that is not empty, got 3."),
    ],
)
def test_a_setting_that_is_unknown_is_refused(settings, message):
    with pytest.raises(StrategyError) as caught:
        kt.Strategy(**settings)
    assert message in str(caught.value)


def test_a_strategy_tells_its_settings_in_words():
    def by_weights(order, p):
        return p[0] * order.value

    strategy = kt.Strategy(Rule(by_weights, params=(0.5,)), recall=None)
    told = strategy.describe()
    assert told["discard"] == "by_weights [0.5]"
    assert told["recall"] == "none"
    assert told["demote"] == "nobody"
    assert told["issue"] == "matched"
    assert told["recall_when"] == "eager"
    assert told["discard_from"] == "overflow+newcomer"
    assert list(told) == ["demote", "recall", "discard", "issue", "recall_when", "discard_from"]


def test_several_strategies_are_made_of_names_functions_and_strategies():
    made = as_strategies(["random", my_rule, kt.Strategy("oldest", recall=None)])
    assert [s.name for s in made] == ["random", "my_rule", "oldest, recall none"]
    assert [s.name for s in as_strategies("random")] == ["random"]
    assert [s.name for s in as_strategies(my_rule)] == ["my_rule"]
    assert [s.name for s in as_strategies(kt.Strategy("oldest"))] == ["oldest"]


def test_two_strategies_of_one_name_cannot_be_told_apart():
    with pytest.raises(StrategyError, match="two strategies are named 'random'"):
        as_strategies(["random", "oldest", "random"])
    assert len(as_strategies(["random", kt.Strategy("random", name="again")])) == 2


def test_no_strategy_at_all_is_refused():
    with pytest.raises(StrategyError, match="at least one"):
        as_strategies([])


def test_an_unknown_strategy_among_several_is_refused():
    with pytest.raises(RuleError, match="Did you mean 'random'"):
        as_strategies(["oldest", "randm"])


def test_what_ships_is_told_a_line_each():
    table = kt.strategies()
    assert list(table.columns) == ["decision", "name", "description"]
    assert isinstance(table, pd.DataFrame)
    assert table.loc[table["decision"] == "discard", "name"].tolist() == DISCARD
    assert set(table["decision"]) == {"discard", "recall", "demote", "issue"}
    assert (table["description"].str.len() > 5).all()
    assert not table.duplicated(["decision", "name"]).any()


@pytest.mark.parametrize("name", DISCARD)
def test_every_shipped_strategy_runs_under_its_name(rush, name):
    run = kt.simulate(rush, name, seed=1)
    assert (run.orders["strategy"] == name).all()
    assert run.strategy.name == name


def test_nobody_is_moved_without_recall_and_demotion(rush):
    run = kt.simulate(rush, kt.Strategy(recall=None), replications=5)
    assert run.summary["moves"].sum() == 0
    assert not (run.ledger["event"] == "move").any()
