"""Whom a rule discards among which candidates, and which fields it needs."""

import numpy as np
import pytest

import kitchen as kt
from kitchen.learning.behaviour import candidates, field_losses

BID = {"rule": "bid price", "params": [0.01, 0.0]}


@pytest.fixture(scope="module")
def crowded():
    """A kitchen in which the discard rule matters."""
    delay = {"distribution": "uniform", "low": 4.0, "high": 12.0}
    return kt.Scenario.load("rush").replace({"couriers.delay": delay, "eta": 1.0})


STRATEGIES = [
    kt.Strategy("lowest value at pickup", discard_from="anywhere", name="by value"),
    kt.Strategy(BID, discard_from="anywhere", recall="largest gain", name="bid"),
    kt.Strategy("latest pickup", name="latest"),
]


@pytest.fixture(scope="module")
def frame(crowded):
    return candidates(crowded, STRATEGIES, replications=4, seed=3)


@pytest.mark.parametrize("strategy", STRATEGIES, ids=lambda strategy: strategy.name)
def test_the_discarded_candidates_are_the_discarded_orders_of_a_run(crowded, frame, strategy):
    own = frame[(frame["strategy"] == strategy.name) & frame["discarded"]]
    orders = kt.simulate(crowded, strategy, replications=4, seed=3).orders
    gone = orders[orders["outcome"] == "discarded"]
    assert len(own) == len(gone) > 50
    for column in ("shelf_life_s", "decay_rate", "price"):
        assert sorted(own[column]) == sorted(gone[column])
    np.testing.assert_allclose(sorted(own["value"]), sorted(gone["value"]))


def test_each_decision_has_one_newcomer_and_discards_the_lowest_score(frame):
    for _, rows in frame.groupby(["strategy", "decision"]):
        assert rows["is_newcomer"].sum() == rows["discarded"].sum() == 1
        assert rows["score"][rows["discarded"]].iloc[0] == rows["score"].min()


def test_money_and_seconds_are_those_of_the_fields(frame):
    np.testing.assert_array_equal(
        frame["money_at_pickup"], frame["price"] * frame["value_at_pickup"]
    )
    np.testing.assert_array_equal(
        frame["holds_s"], frame[["pickup_in_s", "expires_in_s"]].min(axis=1)
    )
    bid = frame[frame["strategy"] == "bid"]
    np.testing.assert_allclose(bid["score"], bid["money_at_pickup"] - 0.01 * bid["holds_s"])


def test_a_kitchen_with_room_has_no_candidates():
    roomy = kt.Scenario.load("classic").replace({"arrivals.rate": 0.1})
    assert len(candidates(roomy, ["latest pickup"])) == 0


def test_a_field_that_decides_costs_much_when_it_is_shuffled(crowded):
    losses = field_losses(crowded, STRATEGIES[1], replications=60).set_index("strategy")
    assert list(losses.index) == ["price", "expires_in_s", "pickup_in_s", "value_at_pickup"]
    assert losses.loc["value_at_pickup", "low"] > 0
    assert losses.loc["price", "differing"] == 0  # all prices are the same


def test_shuffling_the_only_field_is_as_good_as_chance(crowded):
    """Newcomers aside, who are no candidates here, a shuffled rule is the rule `random`."""
    losses = field_losses(crowded, "latest pickup", replications=200).iloc[0]
    table = kt.compare(crowded, ["latest pickup", "random"], replications=200, seed=1)
    chance = table.paired[table.paired["measure"] == "lost_per_order"].iloc[0]
    assert losses["difference"] == pytest.approx(chance["difference"], abs=0.002)


@pytest.mark.parametrize(
    ("strategy", "text"),
    [
        (kt.Strategy("oldest", discard_from="overflow"), "nothing tells its decisions apart"),
        ("discard newcomer", "there is no field to shuffle"),
        (eval("lambda order: order.value + order.age_s"), "its source is not to be found"),
    ],
)
def test_what_will_not_do_is_refused_in_one_line(crowded, strategy, text):
    with pytest.raises(kt.KitchenError, match=text) as caught:
        field_losses(crowded, strategy, replications=2)
    assert "\n" not in str(caught.value)
