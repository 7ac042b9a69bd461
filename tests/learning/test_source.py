"""A strategy as Python text."""

import pandas as pd
import pytest

import kitchen as kt
from kitchen.learning.source import python_of

OF_TEMPLATES = kt.Strategy(
    {"rule": "bid price with home", "params": [0.25, -0.5, 1.5, 0.75]},
    recall={"rule": "weighted revenue gain", "params": [3.0, -1.0, 0.01]},
    demote={"rule": "weighted revenue at risk", "params": [-0.1, 0.001, 0.002]},
    discard_from="anywhere",
    name="learned for rush",
)


@pytest.mark.parametrize(
    "strategy",
    [
        OF_TEMPLATES,
        kt.Strategy({"rule": "bid price", "params": [1e-5, 0.0]}, recall=None),
        kt.Strategy("oldest", issue="last in first out", recall_when="blocked"),
    ],
    ids=["all rules", "one rule", "shipped rules"],
)
def test_the_text_makes_a_strategy_with_the_same_ledger(strategy, rush):
    space = {}
    exec(python_of(strategy), space)
    again = space["strategy"]
    assert again.name == strategy.name
    assert not any(rule.params for rule in again.rules if rule)
    one, two = (kt.simulate(rush, own, replications=3, seed=2) for own in (strategy, again))
    pd.testing.assert_frame_equal(one.ledger, two.ledger)


def test_the_numbers_stand_in_the_text():
    text = python_of(OF_TEMPLATES)
    assert (
        "1.5 * waits_s" in text
        and "min(order.pickup_in_s, 1000000000.0)" in text
        and "p[" not in text
    )
    assert text.startswith("import kitchen as kt\n")
