"""Shipped rules with parameters, and the files that name them."""

import logging
import math

import numpy as np
import pandas as pd
import pytest

import kitchen as kt
from kitchen.engine import encode
from kitchen.errors import RuleError, StrategyError
from kitchen.model.rules import CANDIDATE, Rule
from kitchen.model.templates import PARAMETRISED, rule_in_file, shipped_template

FILE = """\
[strategy]
recall = "soonest to expire"
demote = "slowest decaying"
issue = "matched"
recall_when = "eager"
discard_from = "anywhere"
name = "mine"

[strategy.discard]
rule = "bid price"
params = [0.1, -0.25]

[strategy.learned_under]
eta = 300.0
"""


@pytest.fixture
def strategy(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(FILE)
    return kt.Strategy.load(path)


def order(**fields):
    """A candidate with these fields, 0 for the rest."""
    record = np.zeros(1, CANDIDATE).view(np.recarray)[0]
    for name, value in fields.items():
        record[name] = value
    return record


def test_a_file_with_parameters_loads_and_is_written_back_as_it_was(strategy):
    assert strategy.discard.params == (0.1, -0.25)
    assert strategy.to_toml() == FILE
    assert strategy.name == "mine" and strategy.learned_under == {"eta": 300.0}
    loaded = kt.Strategy.from_dict(
        {"discard": {"rule": "bid price", "params": [0.1, -0.25]}, "recall": "largest gain"}
    )
    assert loaded.discard == strategy.discard and loaded.recall.name == "largest gain"


@pytest.mark.parametrize("seed", range(3))
def test_a_strategy_with_parameters_comes_back_from_its_file_with_the_same_ledger(
    seed, tmp_path, rush
):
    drawn = np.random.default_rng(seed)
    rules = {
        decision: shipped_template(decision, name, drawn.normal(size=there[name].size))
        for decision, there in PARAMETRISED.items()
        for name in list(there)[-1:]
    }
    own = kt.Strategy(**rules, discard_from="anywhere", name="learned")
    own.save(tmp_path / "own.toml")
    again = kt.Strategy.load(tmp_path / "own.toml")
    assert again.to_toml() == own.to_toml()
    one, two = (kt.simulate(rush, s, replications=3, seed=seed) for s in (own, again))
    pd.testing.assert_frame_equal(one.ledger, two.ledger)


def test_a_bid_price_is_its_formula_by_hand(strategy):
    fields = {"price": 20.0, "value_at_pickup": 0.5, "pickup_in_s": 40.0, "expires_in_s": 30.0}
    stands = strategy.discard(order(**fields))
    arrives = strategy.discard(order(**fields, is_newcomer=1.0))
    assert stands == pytest.approx(20.0 * 0.5 - 0.1 * 30.0)
    assert arrives - stands == pytest.approx(0.25)


def test_with_all_weights_at_zero_the_wide_rules_are_their_plain_ones():
    fields = {"price": 20.0, "value_at_pickup": 0.5, "value_at_pickup_home": 0.8}
    fields |= {"shelf_life_s": 100.0, "decay_rate": 0.5, "pickup_in_s": 9.0, "expires_in_s": 30.0}
    one = order(**fields)
    assert shipped_template("discard", "bid price with home", [0] * 4)(one) == 10.0
    assert shipped_template("demote", "weighted revenue at risk", [0] * 3)(one) == 20 * 0.5 / 100
    recall = shipped_template("recall", "weighted revenue gain", [0] * 3)(one)
    assert recall == pytest.approx(-20 * 0.3)


@pytest.mark.parametrize("decision", PARAMETRISED)
def test_every_template_has_a_sentence_and_gives_numbers(decision):
    fields = {name: 0.5 for name in CANDIDATE.names if name not in ("temp", "shelf")}
    for name, (function, size) in PARAMETRISED[decision].items():
        rule = shipped_template(decision, name, [0.5] * size)
        assert math.isfinite(rule(order(**fields)))
        assert function.__name__.replace("_", " ") == name == rule.name
        assert rule.description.endswith(".")
        assert rule_in_file(decision, rule) == {"rule": name, "params": [0.5] * size}


@pytest.mark.parametrize("decision", PARAMETRISED)
def test_where_nobody_comes_and_nothing_spoils_a_score_is_still_a_number(decision):
    never = order(price=5.0, shelf_life_s=9.0, pickup_in_s=math.inf, expires_in_s=math.inf)
    for name, (_, size) in PARAMETRISED[decision].items():
        for params in ([0.0] * size, [0.5] * size):
            assert math.isfinite(shipped_template(decision, name, params)(never))


def test_a_rule_that_only_bears_the_name_of_a_template_goes_into_no_file():
    mine = Rule(lambda order, p: p[0], "bid price", (1.0, 2.0))
    assert rule_in_file("discard", mine) is None
    with pytest.raises(StrategyError, match="shipped discard rules only"):
        kt.Strategy(mine).to_toml()


@pytest.mark.parametrize(
    ("discard", "text"),
    [
        ('{ rule = "bid price", params = [1.0] }', "takes 2 params, got 1"),
        ('{ rule = "bid prise", params = [1.0, 2.0] }', "Did you mean 'bid price'"),
        ('{ rule = "oldest", params = [1.0] }', "takes no params. Write discard = 'oldest' alone"),
        ('{ rule = "bid price" }', "params: is missing"),
        ('{ rule = "bid price", params = ["x", 1] }', "must be a number"),
        ('{ rule = "bid price", params = [nan, 1.0] }', "must be a finite number"),
        ('{ rule = "bid price", params = [1.0, 2.0], p = 1 }', "key 'p' is unknown"),
        ("{}", "must not be empty"),
        ("5", "must be a text, got 5"),
    ],
)
def test_a_file_with_a_wrong_table_is_refused_in_one_line(discard, text, tmp_path):
    path = tmp_path / "wrong.toml"
    path.write_text(f"[strategy]\ndiscard = {discard}\n")
    with pytest.raises(StrategyError, match=text) as caught:
        kt.Strategy.load(path)
    assert str(caught.value).startswith("wrong.toml: strategy.discard") and "\n" not in str(
        caught.value
    )


@pytest.mark.parametrize(
    ("under", "text"),
    [({"eta": -1.0}, "eta: must be"), ({"eta": "x"}, "eta: must be"), ({"rate": 1}, "'rate' is")],
)
def test_conditions_that_will_not_do_are_refused(under, text):
    with pytest.raises(StrategyError, match=f"learned_under: .*{text}"):
        kt.Strategy(learned_under=under)
    with pytest.raises(RuleError, match="'bid prize' is unknown"):
        kt.Strategy({"rule": "bid prize", "params": [1.0]})


def test_a_warning_is_logged_where_it_is_used_under_another_eta(strategy, rush, caplog):
    encode._warn_once.cache_clear()
    with caplog.at_level(logging.WARNING, logger="kitchen"):
        kt.simulate(rush.replace({"eta": 300.0}), strategy)
        assert caplog.messages == []
        kt.simulate(rush, strategy)
        kt.simulate(rush, strategy)
    (message,) = caplog.messages
    assert "was learned with eta = 300.0 and is used with eta = 'unknown' in 'rush'" in message
