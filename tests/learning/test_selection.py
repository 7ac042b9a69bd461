"""Selecting the best of many strategies."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

import kitchen as kt
from kitchen.learning.evaluator import Evaluator
from kitchen.learning.selection import _limits, _Race, combinations
from kitchen.model.rules import BUILT_IN

FEW = ["discard newcomer", "random", "latest pickup", "lowest value"]


@pytest.fixture(scope="module")
def crowded():
    """A kitchen in which the discard rule matters."""
    delay = {"distribution": "uniform", "low": 4.0, "high": 12.0}
    return kt.Scenario.load("rush").replace({"couriers.delay": delay, "eta": 1.0})


@pytest.fixture(scope="module")
def selected(crowded):
    return kt.select_best(crowded, FEW)


def test_the_answer_is_the_best_of_a_long_comparison(crowded, selected):
    table = kt.compare(crowded, FEW, replications=3_000, seed=9)
    assert selected.strategy.name == table.ranked[0]
    assert selected.reached <= selected.indifference == 0.001


def test_the_limits_of_all_strategies_hold_the_true_differences(crowded, selected):
    table = kt.compare(crowded, [selected.strategy, *FEW[:2], FEW[3]], replications=3_000, seed=9)
    true = table.paired[table.paired["measure"] == "lost_per_order"].set_index("strategy")
    for row in selected.frame.iloc[1:].itertuples():
        assert row.low <= true.loc[row.strategy, "difference"] <= row.high
        assert row.difference > 0


def test_every_combination_of_shipped_rules_is_among_the_default_ones():
    names = [strategy.name for strategy in combinations()]
    sizes = {decision: len(rules) for decision, rules in BUILT_IN.items()}
    others = (sizes["demote"] + 1) * (sizes["recall"] + 1)
    assert len(set(names)) == len(names) == others * (2 * sizes["discard"] - 1)
    assert len(names) >= 345
    for decision in ("demote", "recall", "discard"):
        there = {getattr(s, decision).name for s in combinations() if getattr(s, decision)}
        assert there == set(BUILT_IN[decision])


def test_where_nothing_is_ever_short_all_are_the_same_and_the_first_is_named():
    roomy = kt.Scenario.load("classic").replace({"arrivals.rate": 0.1})
    result = kt.select_best(roomy, FEW)
    assert result.strategy.name == "discard newcomer"
    assert (result.frame["dropped"] == "same").sum() == 3
    assert "Nothing is at stake" in result.verdict


def test_the_answer_does_not_depend_on_the_number_of_threads(crowded):
    crowd = crowded.replace({"orders.count": 600})
    one, two = (kt.select_best(crowd, FEW, threads=threads) for threads in (1, 3))
    assert one.frame.equals(two.frame)


def test_where_more_is_better_the_same_strategy_is_the_best(crowded, selected):
    result = kt.select_best(crowded, FEW, measure="value_per_order")
    assert result.frame["strategy"].tolist() == selected.frame["strategy"].tolist()
    np.testing.assert_allclose(
        result.frame["difference"], -selected.frame["difference"], atol=1e-12
    )
    assert (result.frame["low"] <= result.frame["difference"]).all()


def test_the_verdict_says_what_was_shown_where_replications_do_not_suffice(crowded):
    pair = ["lowest value per shelf second", "lowest value at pickup", "latest pickup"]
    result = kt.select_best(crowded, pair, indifference=1e-6, max_replications=40)
    assert result.reached > 1e-6
    assert "were wanted: take more than max_replications=40" in result.verdict
    assert result.frame["replications"].max() == 40


def test_of_several_scenarios_the_mean_decides(crowded):
    calm = crowded.replace({"arrivals.rate": 1.0})
    both = kt.select_best([crowded, calm], FEW)
    assert both.frame["mean"].iloc[0] < kt.select_best(crowded, FEW).frame["mean"].iloc[0]
    assert both.strategy.name == "latest pickup"


def test_what_is_dropped_early_met_fewer_replications(selected):
    left = selected.frame[selected.frame["dropped"] == ""]["replications"]
    worse = selected.frame[selected.frame["dropped"] == "worse"]["replications"]
    assert left.nunique() == 1 and worse.max() <= left.iloc[0]


def test_without_skewness_the_limits_are_students():
    values = np.array([np.r_[-1.0, 1.0, -2.0, 2.0, -3.0, 3.0] + 0.5])
    difference, low, high = _limits(values, 0.01)
    expected = stats.t.interval(0.98, 5, 0.5, values.std(ddof=1) / np.sqrt(6))
    assert (low[0], difference[0], high[0]) == pytest.approx((expected[0], 0.5, expected[1]))


class Drawn:
    """Stands in for encoded strategies: normal values with given means and common noise."""

    def __init__(self, means, seed, places=None):
        self.means, self.seed = np.asarray(means, float), seed
        self.places = range(len(means)) if places is None else places
        self.batches = [SimpleNamespace(lanes=[None] * len(self.places))]

    def chosen(self, places):
        return Drawn(self.means, self.seed, places)

    def values(self, start, stop):
        drawn = np.random.default_rng(self.seed).normal(size=(stop, 1 + len(self.means)))
        rows = drawn[start:]
        return np.array([self.means[p] + rows[:, 0] + 0.5 * rows[:, 1 + p] for p in self.places])


@pytest.mark.parametrize("gap", [0.05, 0.2])
def test_the_best_of_normal_values_is_within_the_indifference_in_95_of_100_cases(gap):
    """All others are worse by the gap, the hardest case; 100 seeds, the indifference is 0.1."""
    evaluator = Evaluator((), "lost_per_order", 4_096)
    means, good = np.r_[0.0, np.full(19, gap)], 0
    for seed in range(100):
        race = _Race(Drawn(means, seed), evaluator, 0.95)
        reached = race.run(0.1)
        good += means[race.leader] <= 0.1
        assert reached <= 0.1
    assert good >= 95


@pytest.mark.long
def test_of_all_combinations_the_best_or_one_within_the_indifference_is_found_with_100_seeds():
    """In `friday`; truth from 4,000 replications of those that are ever near the best."""
    friday = kt.Scenario.load("friday")
    results = [kt.select_best(friday, seed=seed) for seed in range(100)]
    near = {}
    for result in results:
        for row in result.frame.head(12).itertuples():
            near[row.strategy] = near.get(row.strategy, 0) + 1
    strategies = [s for s in combinations() if s.name in near]
    truth = Evaluator((friday,), results[0].measure, 4_000, seed=123)
    means = dict(zip(near, [np.nan] * len(near), strict=True))
    values = truth.encode(strategies).values().mean(axis=1)
    means.update(zip((s.name for s in strategies), values, strict=True))
    best = min(means.values())
    good = [means[r.strategy.name] <= best + max(r.indifference, r.reached) for r in results]
    assert sum(good) >= 95


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"strategies": []}, "there must be at least one"),
        ({"strategies": ["oldst"]}, "Did you mean 'oldest'"),
        ({"measure": "joy"}, "measure 'joy' is unknown"),
        ({"indifference": 0}, "indifference: must be a number above 0"),
        ({"confidence": 1.0}, "confidence: must be a share"),
        ({"max_replications": 1}, "max_replications: must be a whole number of at least 2"),
        ({"seed": -1}, "seed: must be a whole number"),
    ],
)
def test_what_will_not_do_is_refused_in_one_line(crowded, arguments, text):
    with pytest.raises(kt.KitchenError, match=text) as caught:
        kt.select_best(**{"scenario": crowded, "strategies": FEW, **arguments})
    assert "\n" not in str(caught.value)


def test_the_best_on_some_evenings_is_that_of_a_comparison_on_them(crowded):
    evenings = kt.draw(crowded, replications=20, seed=4)
    selected = kt.select_best(crowded, FEW, trace=evenings)
    table = kt.compare(crowded, FEW, trace=evenings)
    assert selected.strategy.name == table.ranked[0]
    means = table.frame[table.frame["measure"] == "lost_per_order"].set_index("strategy")["mean"]
    for row in selected.frame.itertuples():
        assert row.mean == pytest.approx(means[row.strategy], rel=1e-12)
        assert row.replications == 20
    if selected.reached > selected.indifference:
        assert selected.verdict.endswith("were wanted: that would take more evenings.")
