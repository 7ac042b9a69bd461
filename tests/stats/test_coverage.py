"""How often intervals are right, over 500 comparisons of which the true difference is known.

The replications of one long run, cut into 500 comparisons, are 500 comparisons: replications are
independent. A share of 0.95 of 500 has a standard error of 0.0097; the band of 0.93 to 0.98 is two
of them below and three above, as intervals reach to the farther of two ends. The figures of these
tests stand in `docs/statistics.md`.
"""

import numpy as np
import pytest
from oracle.settings import EVEN, EXPONENTIAL, FIGURES, TWO_EACH, Setting

import kitchen as kt
from kitchen.simulation import metrics

pytestmark = pytest.mark.long

REPETITIONS = 500
LOST = "lost_per_order"
TWO = ["discard newcomer", "oldest"]


def repetitions(summaries, size):
    """The summaries of each of the comparisons of `size` replications, one after another."""
    number = summaries["replication"] // size
    for _, part in summaries.groupby(number):
        yield part.reset_index(drop=True)


def coverage(summaries, size, truth, measure=LOST):
    """The share of the comparisons whose interval of the (only) difference covers the truth.

    Of those that have one: in short comparisons a replication or two may not differ.
    """
    rows = [
        metrics.paired_differences(part, measures=[measure]).iloc[0]
        for part in repetitions(summaries, size)
    ]
    assert len(rows) == REPETITIONS
    rows = [row for row in rows if row["low"] == row["low"]]
    assert len(rows) > 0.97 * REPETITIONS
    return np.mean([row["low"] <= truth <= row["high"] for row in rows])


@pytest.mark.parametrize("size", [10, 50, 200])
def test_intervals_cover_the_difference_of_two_exact_figures(tmp_path, size):
    """Overflow with eager recall (F1) and without recall (G1): the share discarded, in steady state."""
    setting = Setting(tmp_path, EVEN, TWO_EACH, EXPONENTIAL)
    table = kt.compare(
        setting.scenario(span_s=400.0, warm_up_s=60.0),
        ["discard newcomer", kt.Strategy("discard newcomer", recall=None)],
        replications=REPETITIONS * size,
        warm_up_s=60.0,
    )
    truth = FIGURES.loc["G1", "figure"] - FIGURES.loc["F1", "figure"]
    assert 0.93 <= coverage(table.summaries, size, truth, "discarded_share") <= 0.98


@pytest.fixture(scope="module")
def long_run(rush):
    """The difference in `rush`, on other replications than those of the comparisons."""
    table = kt.compare(rush, TWO, replications=400_000, seed=1)
    return float(table.paired.set_index("measure").loc[LOST, "difference"])


@pytest.mark.parametrize("size", [50, 200])
def test_intervals_cover_the_difference_of_a_long_run(rush, long_run, size):
    table = kt.compare(rush, TWO, replications=REPETITIONS * size, seed=2)
    assert 0.93 <= coverage(table.summaries, size, long_run) <= 0.98


def test_intervals_that_stopped_at_a_precision_cover_the_difference(rush, long_run):
    covered, sizes = [], []
    for seed in range(REPETITIONS):
        table = kt.compare(rush, TWO, precision="0.1%", replications=100, seed=1000 + seed)
        row = table.paired.set_index("measure").loc[LOST]
        covered.append(row["low"] <= long_run <= row["high"])
        sizes.append(table.replications)
        assert table.half_width <= 0.001
    assert np.mean(sizes) > 150  # or the precision would have been there from the start
    assert 0.93 <= np.mean(covered) <= 0.98


def lottery(number):
    """A random discard rule like any other, but with other luck."""
    step = 0.6180339887498949 * number

    def draw_lots(order, p):
        return (order.u * 2.0**20 + p[0]) % 1.0

    rule = kt.Rule(draw_lots, params=[step])
    return kt.Strategy(rule, name=f"lottery {number}")


@pytest.mark.parametrize("number", [2, 6, 12])
def test_strategies_that_are_equally_good_are_not_told_apart(rush, number):
    size = 50
    table = kt.compare(
        rush, [lottery(i) for i in range(number)], replications=REPETITIONS * size, seed=3
    )
    wrong = [
        metrics.all_pairs(part, [LOST])["significant"].any()
        for part in repetitions(table.summaries, size)
    ]
    lost = table.summaries.pivot(index="replication", columns="strategy", values=LOST)
    assert (lost.nunique(axis=1) > 1).mean() > 0.8  # equally good, and not the same
    assert 1 - np.mean(wrong) >= 0.93


def test_simultaneous_intervals_hold_together(rush):
    names = list(kt.rules.BUILT_IN["discard"])[:8]
    truth = kt.compare(rush, names, replications=100_000, seed=4).pairs
    truth = truth[truth["measure"] == LOST]["difference"].to_numpy()
    size = 50
    table = kt.compare(rush, names, replications=REPETITIONS * size, seed=5)
    held = []
    for part in repetitions(table.summaries, size):
        rows = metrics.all_pairs(part, [LOST])
        withheld = rows["low"].isna()  # too few replications differ
        held.append((((rows["low"] <= truth) & (truth <= rows["high"])) | withheld).all())
    assert np.mean(held) >= 0.93
