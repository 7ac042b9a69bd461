"""The evaluator of many strategies: the figures of `compare`, without its frames."""

import numpy as np
import pytest

import kitchen as kt
from kitchen.learning.evaluator import PURPOSES, Evaluator, seed_for
from kitchen.plots import MEASURES

STRATEGIES = [
    kt.Strategy(),
    kt.Strategy("random", discard_from="anywhere"),
    kt.Strategy("lowest revenue at pickup", recall="largest gain", demote="least harmed"),
]


def bid(order, p):
    return order.value_at_pickup - p[0] * min(order.pickup_in_s, order.expires_in_s)


@pytest.mark.parametrize("name", ["rush", "dinner"])
@pytest.mark.parametrize("measure", MEASURES)
def test_values_are_bit_for_bit_those_of_a_comparison(name, measure):
    scenario = kt.Scenario.load(name).replace({"eta": 1.0})
    trace = kt.draw(scenario, replications=12, seed=3)
    values = Evaluator((scenario,), measure, 12, traces=(trace,)).encode(STRATEGIES).values()
    table = kt.compare(scenario, STRATEGIES, trace=trace)
    expected = table.summaries[measure].to_numpy(float).reshape(len(STRATEGIES), -1)
    np.testing.assert_array_equal(values, expected)


def test_a_part_of_the_replications_and_strategies_is_a_part_of_all_values(rush):
    evaluator = Evaluator.kept([rush], "lost_per_order", 20, seed=3)
    encoded = evaluator.encode(STRATEGIES)
    part = encoded.chosen([2, 0]).values(5, 12)
    np.testing.assert_array_equal(part, encoded.values()[[2, 0], 5:12])


def test_orders_that_are_drawn_when_they_are_needed_are_the_same(rush):
    kept = Evaluator.kept([rush], "moves", 20, seed=3).encode(STRATEGIES)
    drawn = Evaluator((rush,), "moves", 20, 3).encode(STRATEGIES)
    np.testing.assert_array_equal(kept.values(3, 17), drawn.values(3, 17))


def test_other_parameters_are_the_same_as_a_strategy_encoded_with_them(rush):
    evaluator = Evaluator.kept([rush], "lost_per_order", 20, seed=3)
    encoded = evaluator.encode([kt.Strategy(kt.Rule(bid, params=[0.0]))])
    changed = encoded.with_params([[], [], [0.3], []]).values()[0]
    expected = evaluator.values(kt.Strategy(kt.Rule(bid, params=[0.3])))
    np.testing.assert_array_equal(changed, expected)
    assert (changed != encoded.values()[0]).any()


def test_of_several_scenarios_the_mean_counts(rush):
    busy = rush.replace({"arrivals.rate": 12.0})
    seeds = {"measure": "lost_per_order", "replications": 10, "seed": 3}
    alone = [Evaluator.kept([own], **seeds).values(STRATEGIES[0]) for own in (rush, busy)]
    both = Evaluator.kept([rush, busy], **seeds).values(STRATEGIES[0])
    np.testing.assert_allclose(both, (alone[0] + alone[1]) / 2, rtol=1e-15)


def test_no_purpose_shares_its_draws_with_another_or_with_small_seeds():
    seeds = [seed_for(seed, purpose) for seed in range(50) for purpose in PURPOSES]
    assert len(set(seeds)) == len(seeds)
    assert min(seeds) > 2**32  # nobody types it
    assert seed_for(2**70, "test") != seed_for(2**70 + 1, "test")
