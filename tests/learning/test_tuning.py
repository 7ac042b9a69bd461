"""Tuning the parameters of rules."""

import math

import numpy as np
import pytest

import kitchen as kt
from kitchen.learning.evaluator import Evaluator, seed_for
from kitchen.learning.tuning import Tunable


def turned(order, p):
    """Between the latest pickup and the lowest value, by an angle."""
    return math.cos(p[0]) * order.value - math.sin(p[0]) * 0.1 * order.pickup_in_s


def keep(order, p):
    return order.decay_rate / order.shelf_life_s + p[0] * order.is_newcomer


@pytest.fixture(scope="module")
def crowded():
    """A kitchen in which the discard rule matters."""
    delay = {"distribution": "uniform", "low": 4.0, "high": 12.0}
    return kt.Scenario.load("rush").replace({"couriers.delay": delay, "eta": 1.0})


@pytest.fixture(scope="module")
def tuned(crowded):
    return kt.tune(crowded, turned, start=[0.0], replications=60, budget=60, threads=1)


def test_no_angle_of_a_fine_grid_is_better_than_the_tuned_one(crowded, tuned):
    evaluator = Evaluator.kept([crowded], "lost_per_order", 60, seed_for(1, "train"))
    angles = np.linspace(-math.pi, math.pi, 120)
    scores = [
        evaluator.values(kt.Strategy(kt.Rule(turned, params=[angle]))).mean() for angle in angles
    ]
    assert np.ptp(scores) > 0.05  # so that it matters
    assert tuned.score <= min(scores) + 0.0005


def test_the_score_is_that_of_a_comparison_on_the_same_orders(crowded, tuned):
    trace = kt.draw(crowded, 60, seed_for(1, "train"))
    table = kt.compare(crowded, [tuned.strategy], trace=trace, min_strategies=1)
    rows = table.frame[table.frame["measure"] == tuned.measure]
    assert tuned.score == pytest.approx(rows["mean"].iloc[0], rel=1e-12)
    assert tuned.score == tuned.history[tuned.history["replications"] == 60]["score"].min()


def test_the_answer_does_not_depend_on_the_number_of_threads(crowded):
    crowd = crowded.replace({"orders.count": 400})
    one, two = (
        kt.tune(crowd, turned, start=[0.0], replications=150, budget=12, threads=threads)
        for threads in (1, 3)
    )
    assert one.history.equals(two.history) and one.verdict == two.verdict


def test_what_it_gained_is_measured_on_other_orders(crowded, tuned):
    trace = kt.draw(crowded, 60, seed_for(1, "test"))
    start = kt.Strategy(kt.Rule(turned, params=[0.0]), name="start")
    best = kt.Strategy(tuned.strategy.discard, name="tuned")
    paired = kt.compare(crowded, [start, best], trace=trace).paired
    expected = paired[paired["measure"] == tuned.measure].reset_index(drop=True)
    for column in ("difference", "low", "high", "differing"):
        assert tuned.paired[column].iloc[0] == pytest.approx(expected[column].iloc[0])
    assert "better than the start by" in tuned.verdict


def test_the_numbers_of_all_rules_are_tuned_together(crowded):
    own = kt.Strategy(
        kt.Rule(turned, params=[0.0]), demote=kt.Rule(keep, params=[0.5]), discard_from="anywhere"
    )
    result = kt.tune(crowded, own, replications=20, budget=20)
    assert Tunable(own).names == ["demote[0]", "discard[0]"]
    assert result.strategy.demote.params == (result.params[0],)
    assert result.strategy.discard.params == (result.params[1],)
    assert result.strategy.discard_from == "anywhere"
    row = result.history.iloc[0]
    assert row[["demote[0]", "discard[0]"]].tolist() == [0.5, 0.0]


def test_where_more_is_better_the_score_rises(crowded):
    result = kt.tune(
        crowded, turned, start=[0.0], measure="value_per_order", replications=30, budget=30
    )
    whole = result.history[result.history["replications"] == 30]
    assert result.score == whole["score"].max() > whole["score"].iloc[0]


def test_an_interrupt_keeps_the_best_so_far_and_the_verdict_says_so(crowded):
    steps = []

    def callback(step):
        steps.append(step)
        if len(steps) > 75:
            raise KeyboardInterrupt

    result = kt.tune(
        crowded, turned, start=[0.0], replications=60, budget=60, threads=1, callback=callback
    )
    assert result.interrupted and "interrupted" in result.verdict
    assert result.paired is None
    whole = result.history[result.history["replications"] == 60]
    assert result.score == whole["score"].min()


def test_a_rule_that_fails_far_away_is_tuned_where_it_works(crowded):
    def root(order, p):
        return order.value * math.sqrt(p[0])  # nan below 0

    result = kt.tune(crowded, root, start=[0.5], replications=10, budget=20)
    assert result.history["score"].isna().any()
    assert result.params[0] >= 0


def test_with_a_trace_of_ones_own_there_is_nothing_fresh(crowded):
    trace = kt.draw(crowded, replications=10)
    result = kt.tune(crowded, turned, start=[0.0], trace=trace, budget=10)
    assert result.paired is None and "compare it on some" in result.verdict


def test_the_display_names_each_parameter(tuned):
    page = tuned._repr_html_()
    assert "discard[0]" in page and f"{tuned.params[0]:.6g}" in page
    assert repr(tuned).startswith("Tuning('turned', lost_per_order ")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"rule_or_strategy": "oldest"}, "no rule of it has parameters"),
        ({"start": [1.0, 2.0]}, "takes parameters|start"),
        ({"start": "x"}, "start: must be a list of finite numbers"),
        ({"start": [math.nan]}, "start: must be a list of finite numbers"),
        ({"scale": 0.0}, "scale: must be a number above 0 for each of 1 parameters"),
        ({"scale": [1.0, 2.0]}, "scale: must be a number above 0 for each of 1 parameters"),
        ({"measure": "joy"}, "measure 'joy' is unknown"),
        ({"budget": 3}, "budget: must be a whole number of at least 10"),
        ({"replications": 0}, "replications: must be a whole number"),
        ({"scenario": []}, "scenario: there must be at least one"),
    ],
)
def test_what_will_not_do_is_refused_in_one_line(crowded, arguments, text):
    good = {
        "scenario": crowded,
        "rule_or_strategy": kt.Strategy(kt.Rule(turned, params=[0.0])),
        "replications": 2,
        "budget": 10,
    }
    with pytest.raises(kt.KitchenError, match=text) as caught:
        kt.tune(**{**good, **arguments})
    assert "\n" not in str(caught.value)


def test_a_scenario_without_orders_is_refused(crowded):
    with pytest.raises(kt.KitchenError, match="no orders came"):
        kt.tune(crowded.replace({"orders.count": 0}), turned, start=[0.0])
