"""Strategies side by side: the same orders for all, and a verdict that claims no more than it may."""

import numpy as np
import pandas as pd
import pytest

import kitchen as kt
from kitchen.compare import Comparison
from kitchen.errors import KitchenError, RuleError
from kitchen.metrics import MEASURES


@pytest.fixture(scope="module")
def table(rush):
    return kt.compare(rush, ["oldest", "random", "discard newcomer"], replications=60, seed=5)


def with_losses(scenario, **losses):
    """A comparison in which each strategy lost the given shares, one a replication."""
    frames = []
    for name, lost in losses.items():
        frame = pd.DataFrame({measure: np.zeros(len(lost)) for measure in MEASURES})
        frame["lost_per_order"] = np.asarray(lost, float)
        frames.append(frame.assign(strategy=name, replication=range(len(lost)), orders=10))
    summaries = pd.concat(frames, ignore_index=True)
    summaries["strategy"] = pd.Categorical(summaries["strategy"], list(losses), ordered=True)
    return Comparison(scenario, [kt.Strategy("random", name=n) for n in losses], summaries)


# Frames


def test_summaries_are_those_of_simulate_under_each_other(table, rush):
    for name in ("oldest", "random", "discard newcomer"):
        alone = kt.simulate(rush, name, replications=60, seed=5, keep="summary").summary
        mine = table.summaries[table.summaries["strategy"] == name]
        pd.testing.assert_frame_equal(
            mine.drop(columns="strategy").reset_index(drop=True), alone.drop(columns="strategy")
        )


def test_strategies_are_ordered_as_they_were_given(table):
    for frame in (table.summaries, table.frame, table.paired):
        assert frame["strategy"].cat.ordered
        assert list(frame["strategy"].cat.categories) == ["oldest", "random", "discard newcomer"]


def test_every_strategy_meets_the_same_orders(table):
    wide = table.summaries.pivot(index="replication", columns="strategy", values="orders_hot")
    assert (wide.nunique(axis=1) == 1).all()
    assert wide["oldest"].nunique() > 1


def test_paired_differences_are_differences_of_the_means(table):
    mean = table.frame.pivot(index="strategy", columns="measure", values="mean")
    for row in table.paired.itertuples():
        expected = mean.loc[row.strategy, row.measure] - mean.loc["oldest", row.measure]
        assert row.difference == pytest.approx(expected, abs=1e-12)
        assert row.baseline == "oldest"


def test_pairing_makes_the_interval_narrower_than_two_separate_ones(table):
    paired = table.paired.set_index(["strategy", "measure"]).loc[("random", "lost_per_order")]
    alone = table.frame.set_index(["strategy", "measure"]).loc[("random", "lost_per_order")]
    assert paired["high"] - paired["low"] < 0.5 * (alone["high"] - alone["low"])


def test_a_trace_gives_what_its_seed_gives(rush):
    trace = kt.draw(rush, replications=7, seed=11)
    replayed = kt.compare(rush, ["random", "oldest"], trace=trace)
    drawn = kt.compare(rush, ["random", "oldest"], replications=7, seed=11)
    pd.testing.assert_frame_equal(replayed.summaries, drawn.summaries)


def test_a_warm_up_is_left_out_for_every_strategy(rush):
    table = kt.compare(rush, ["random", "oldest"], replications=3, warm_up_s=5.0)
    assert (table.summaries["orders"] < 132).all()


def test_advance_is_told_of_every_replication_of_every_strategy(rush):
    told = []
    kt.compare(rush, ["random", "oldest"], replications=9, advance=told.append)
    assert sum(told) == 18


def test_faults_in_strategies_are_refused_before_anything_runs(rush):
    told = []
    with pytest.raises(RuleError, match="Did you mean 'oldest'"):
        kt.compare(rush, ["random", "oldst"], advance=told.append)
    with pytest.raises(KitchenError, match="two strategies are named 'random'"):
        kt.compare(rush, ["random", "random"], advance=told.append)
    assert not told


# The verdict


def test_the_verdict_names_the_strategy_that_loses_least(rush):
    told = with_losses(rush, worse=[0.30, 0.34, 0.32], best=[0.10, 0.14, 0.12]).verdict
    assert told.startswith("'best' loses least: 12.0 % of the value of its orders (95 % interval ")
    assert "The other one loses more" in told
    assert "the baseline 'worse' by 20 percentage points" in told
    assert "told apart" not in told


def test_the_verdict_says_where_the_interval_of_the_difference_covers_zero(rush):
    told = with_losses(rush, a=[0.1, 0.2, 0.3], b=[0.3, 0.2, 0.11], c=[0.5, 0.6, 0.7]).verdict
    assert "'a' loses least" in told
    assert "cannot be told apart from 'b'; the other one loses more" in told


def test_the_verdict_sees_through_noise_that_strategies_share(rush):
    lost = np.array([0.1, 0.5, 0.9, 0.3])
    told = with_losses(rush, a=lost, b=lost + [0.01, 0.011, 0.009, 0.01]).verdict
    assert "told apart" not in told


def test_the_verdict_says_which_strategies_come_out_the_same(rush):
    told = with_losses(rush, a=[0.1, 0.2], twin=[0.1, 0.2], c=[0.5, 0.6]).verdict
    assert "cannot be told apart from 'twin' (the same in every replication); the other" in told


def test_the_verdict_on_strategies_that_are_all_the_same(rush):
    told = with_losses(rush, a=[0.1, 0.2], b=[0.1, 0.2]).verdict
    assert told.startswith("All 2 strategies lose 15.0 %")
    assert "cannot be told apart" in told


def test_one_replication_gives_no_interval_and_the_verdict_says_so(rush):
    table = kt.compare(rush, ["random", "oldest"], replications=1)
    assert table.frame[["low", "high"]].isna().all(axis=None)
    assert table.paired[["low", "high"]].isna().all(axis=None)
    assert "one replication, which gives no interval" in table.verdict


def test_one_strategy_is_not_called_the_best(rush):
    table = kt.compare(rush, "random", replications=3)
    assert table.verdict.startswith("'random' loses ")
    assert "least" not in table.verdict
    assert len(table.paired) == 0


def test_no_orders_means_no_verdict(rush):
    table = kt.compare(rush.replace({"orders.count": 0}), ["random", "oldest"], replications=3)
    assert table.verdict == "No orders came, so there is nothing to compare."
    assert table.frame[table.frame["measure"] == "lost_per_order"]["mean"].isna().all()


def test_many_equals_are_counted_rather_than_named(rush):
    lost = {f"s{i}": [0.1 + 0.01 * (i % 2), 0.12 - 0.01 * (i % 3)] for i in range(12)}
    told = with_losses(rush, **lost).verdict
    assert "more" in told
    assert told.count("'s") < 12
    assert "\n" not in told


def test_a_name_with_a_line_break_stays_on_one_line(rush):
    assert "\n" not in with_losses(rush, **{"a\nb": [0.1, 0.2], "c": [0.1, 0.3]}).verdict
