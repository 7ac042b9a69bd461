"""Frames to tables: figures worked out by hand, and inputs left as they were."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from support.versions import STUDENTS_T

import kitchen as kt
from kitchen.errors import KitchenError
from kitchen.simulation import metrics

T2 = 0.95 * np.sqrt(2 / (4 * 0.975 * 0.025))
"""The 97.5 % quantile of Student's t with 2 degrees of freedom, in closed form: 4.3027."""


def summaries(**columns):
    """Rows of a summary: strategies a and b, three replications each, 0 where nothing is said."""
    frame = pd.DataFrame(
        {
            "strategy": pd.Categorical(["b"] * 3 + ["a"] * 3, ["b", "a"], ordered=True),
            "replication": [0, 1, 2, 2, 1, 0],
            **{measure: np.zeros(6) for measure in metrics.MEASURES},
        }
    )
    return frame.assign(**columns)


@pytest.fixture
def unchanged():
    """Remember frames, and compare them with themselves when the test is over."""
    kept = []

    def remember(frame):
        kept.append((frame, frame.copy(deep=True)))
        return frame

    yield remember
    for frame, before in kept:
        pd.testing.assert_frame_equal(frame, before)


def row_of(frame, **keys):
    for key, value in keys.items():
        frame = frame[frame[key] == value]
    assert len(frame) == 1
    return frame.iloc[0]


# Means


def test_an_interval_is_students_t_over_the_replications(unchanged):
    frame = unchanged(summaries(waste_cost=[1.0, 3.0, 5.0, 4.0, 4.0, 4.0]))
    row = row_of(metrics.mean_intervals(frame), strategy="b", measure="waste_cost")
    half = T2 * np.std([1, 3, 5], ddof=1) / np.sqrt(3)
    assert (row["mean"], row["replications"]) == (3.0, 3)
    assert row["low"] == pytest.approx(3 - half, rel=STUDENTS_T)
    assert row["high"] == pytest.approx(3 + half, rel=STUDENTS_T)


def farther_ends(values, level=0.95):
    """Student's interval joined with Hall's (1992), as printed: ends = mean - g^-1(+-t) se."""
    n, a = len(values), stats.skew(values) / np.sqrt(len(values))
    t = stats.t.ppf(0.5 + level / 2, n - 1)
    hall = [3 / a * (np.cbrt(1 + a * (y - a / 6)) - 1) for y in (t, -t)]
    low, high = np.mean(values) - np.array(hall) * stats.sem(values)
    student = stats.t.interval(level, n - 1, np.mean(values), stats.sem(values))
    return min(low, student[0]), max(high, student[1])


def test_an_interval_reaches_to_the_farther_end_of_scipys_t_and_halls_formula(rush):
    frame = kt.simulate(rush, "random", replications=40, seed=3, keep="summary").summary
    row = row_of(metrics.mean_intervals(frame), measure="lost_per_order")
    values = frame["lost_per_order"]
    assert (row["low"], row["high"]) == pytest.approx(farther_ends(values), rel=1e-9)
    both = pd.concat([values, 0.2 - values])  # as far below the middle as above: no skewness
    row = row_of(metrics.mean_intervals(summaries_of(both)), measure="lost_per_order")
    low, high = stats.t.interval(0.95, 79, both.mean(), stats.sem(both))
    assert (row["low"], row["high"]) == pytest.approx((low, high), rel=1e-9)


def summaries_of(values, measure="lost_per_order"):
    frame = pd.DataFrame({name: np.zeros(len(values)) for name in metrics.MEASURES})
    return frame.assign(strategy="a", replication=range(len(values)), **{measure: np.array(values)})


def test_the_skewness_of_a_constant_is_zero_and_its_interval_has_no_width():
    row = row_of(metrics.mean_intervals(summaries_of([0.1] * 30)), measure="lost_per_order")
    assert (row["low"], row["high"]) == pytest.approx((0.1, 0.1), rel=1e-12)


def test_no_interval_of_a_share_leaves_zero_to_one():
    """Three replications of 0, 0.5 and 1 give -0.74 to 1.74 by Student's t alone."""
    for measure, bounded in (("lost_per_order", True), ("wait_mean_s", False)):
        table = metrics.mean_intervals(summaries_of([0.0, 0.5, 1.0], measure))
        row = row_of(table, measure=measure)
        ends = (0.0, 1.0) if bounded else (0.5 - T2 / np.sqrt(12), 0.5 + T2 / np.sqrt(12))
        assert (row["low"], row["high"]) == pytest.approx(ends, rel=STUDENTS_T)
    frame = summaries_of([0.0, 0.5, 1.0], "wasted_share_hot")
    row = row_of(metrics.waste_by_temp(frame), temp="hot")
    assert (row["low"], row["high"]) == (0.0, 1.0)
    frame = summaries_of([0.0, 0.5, 1.0], "expired_share")
    row = row_of(metrics.waste_by_cause(frame), cause="expired")
    assert (row["low"], row["high"]) == (0.0, 1.0)


def test_strategies_stay_in_their_order_and_every_measure_has_a_row(unchanged):
    table = metrics.mean_intervals(unchanged(summaries()))
    assert list(table["strategy"].cat.categories) == ["b", "a"]
    assert table["strategy"].cat.ordered
    assert list(table["measure"]) == 2 * list(metrics.MEASURES)


def test_one_replication_gives_a_mean_and_no_interval():
    row = row_of(metrics.mean_intervals(summaries().iloc[:1]), measure="moves")
    assert row["mean"] == 0.0
    assert np.isnan([row["low"], row["high"]]).all()


def test_a_replication_without_a_value_does_not_count(unchanged):
    frame = unchanged(summaries(lost_per_order=[0.25, np.nan, 0.75, np.nan, np.nan, np.nan]))
    table = metrics.mean_intervals(frame)
    some = row_of(table, strategy="b", measure="lost_per_order")
    none = row_of(table, strategy="a", measure="lost_per_order")
    assert (some["mean"], some["replications"]) == (0.5, 2)
    assert (np.isnan(none["mean"]), none["replications"]) == (True, 0)


def test_summaries_without_rows_give_a_table_without_rows():
    table = metrics.mean_intervals(summaries().iloc[:0])
    assert list(table.columns) == ["strategy", "measure", "mean", "low", "high", "replications"]
    assert len(table) == 0


def test_a_missing_column_is_named_with_those_there_are():
    with pytest.raises(KitchenError, match=r"summaries: the column 'moves' is missing. There are:"):
        metrics.mean_intervals(summaries().drop(columns="moves"))


# Differences


def test_differences_are_taken_within_the_same_replication(unchanged):
    # b loses 1, 2, 6 in replications 0, 1, 2; a loses 4, 5, 9: exactly 3 more in each
    frame = unchanged(summaries(waste_cost=[1.0, 2.0, 6.0, 9.0, 5.0, 4.0]))
    table = metrics.paired_differences(frame)
    row = row_of(table, measure="waste_cost")
    assert (row["strategy"], row["baseline"]) == ("a", "b")
    assert (row["difference"], row["low"], row["high"], row["replications"]) == (3, 3, 3, 3)


def test_any_strategy_can_be_the_baseline_and_is_not_compared_with_itself():
    frame = summaries(waste_cost=[1.0, 2.0, 6.0, 9.0, 5.0, 4.0])
    table = metrics.paired_differences(frame, "a")
    assert set(table["strategy"]) == {"b"}
    assert row_of(table, measure="waste_cost")["difference"] == -3.0


def test_a_paired_interval_has_the_width_of_the_differences():
    frame = summaries(moves=[10.0, 20.0, 30.0, 33.0, 21.0, 12.0])
    row = row_of(metrics.paired_differences(frame), measure="moves")
    half = T2 * np.std([2, 1, 3], ddof=1) / np.sqrt(3)
    assert (row["low"], row["high"]) == pytest.approx((2 - half, 2 + half), rel=STUDENTS_T)


def test_one_strategy_has_nobody_to_differ_from():
    table = metrics.paired_differences(summaries().iloc[:3])
    assert len(table) == 0
    assert list(table.columns[:4]) == ["strategy", "baseline", "measure", "difference"]


def test_an_unknown_baseline_is_refused_with_a_guess():
    with pytest.raises(KitchenError, match="baseline 'bb' is unknown. Did you mean 'b'"):
        metrics.paired_differences(summaries(), "bb")


def test_a_replication_that_is_there_twice_is_refused():
    with pytest.raises(KitchenError, match="strategy 'b' has replication 1 twice"):
        metrics.paired_differences(summaries(replication=[0, 1, 1, 2, 1, 0]))


# All pairs


def family(*columns):
    """Rows of a summary in which each strategy has the given moves, one a replication."""
    names = [f"s{i}" for i in range(len(columns))]
    frames = [
        pd.DataFrame({"strategy": n, "replication": range(len(c)), "moves": np.asarray(c, float)})
        for n, c in zip(names, columns, strict=True)
    ]
    return pd.concat(frames, ignore_index=True)


def pairs_of(*columns):
    table = metrics.all_pairs(family(*columns), ["moves"])
    return table.set_index(["strategy", "other"])


def test_pairs_are_scipys_paired_t_tests_put_together_by_holm_and_bonferroni():
    rng = np.random.default_rng(3)
    noise = rng.normal(0.0, 1.0, (4, 12))
    noise = np.hstack([noise, np.zeros((4, 1)), -noise])  # no skewness: Student's t as it is
    values = np.array([[0.0], [0.3], [0.6], [2.0]]) + noise
    table = pairs_of(*values)
    tests = {
        (f"s{i}", f"s{j}"): stats.ttest_rel(values[i], values[j])
        for i in range(4) for j in range(i + 1, 4)
    }  # fmt: skip
    assert set(table.index) == set(tests)
    ordered = sorted(tests, key=lambda pair: tests[pair].pvalue)
    held = 0.0
    for rank, pair in enumerate(ordered):
        held = max(held, min((6 - rank) * tests[pair].pvalue, 1.0))
        assert table.loc[pair, "p"] == pytest.approx(held, rel=1e-9)
        interval = tests[pair].confidence_interval(1 - 0.05 / 6)
        assert tuple(table.loc[pair, ["low", "high"]]) == pytest.approx(interval, rel=1e-9)
    assert table["significant"].any() and not table["significant"].all()


def test_an_interval_that_leaves_out_zero_is_never_denied_by_holm():
    rng = np.random.default_rng(8)
    for _ in range(50):
        table = pairs_of(*rng.normal(rng.normal(0, 0.5, (5, 1)), 1.0, (5, 12)))
        leaves_out = (table["low"] > 0) | (table["high"] < 0)
        assert (table["significant"] | ~leaves_out).all()


def test_two_strategies_are_a_family_of_one(rush):
    frame = pd.concat(
        [kt.simulate(rush, s, replications=9, keep="summary").summary for s in ("random", "oldest")]
    )
    pair, paired = metrics.all_pairs(frame), metrics.paired_differences(frame, "oldest")
    for column in ("difference", "low", "high", "replications"):
        np.testing.assert_allclose(pair[column], paired[column], atol=1e-13)


def test_in_ninety_five_of_a_hundred_families_of_equals_none_is_told_apart():
    rng = np.random.default_rng(5)
    wrong = sum(pairs_of(*rng.normal(0.0, 1.0, (6, 15)))["significant"].any() for _ in range(400))
    assert wrong / 400 <= 0.05 + 4 * np.sqrt(0.05 * 0.95 / 400)


def test_pairs_that_never_differ_are_equal_and_pairs_that_always_differ_are_not():
    table = pairs_of([1.0, 2.0, 4.0], [1.0, 2.0, 4.0], [2.0, 3.0, 5.0])
    assert table.loc[("s0", "s1"), ["difference", "differing"]].tolist() == [0, 0]
    assert table.loc[("s0", "s1"), ["low", "high", "p"]].isna().all()
    assert table.loc[("s0", "s2"), ["difference", "low", "high", "p"]].tolist() == [-1, -1, -1, 0]
    assert table["significant"].tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("differing", "number", "known"),
    [(0, 200, False), (7, 200, False), (29, 200, False), (30, 200, True), (5, 5, True)],
)
def test_where_a_few_of_many_replications_differ_there_is_no_interval(differing, number, known):
    moves = np.arange(number, dtype=float)
    other = moves + np.where(moves < differing, 1.0 + moves % 3, 0.0)
    pair = pairs_of(moves, other).iloc[0]
    paired = metrics.paired_differences(family(moves, other), "s0", ["moves"]).iloc[0]
    for row in (pair, paired):
        assert row["differing"] == differing
        assert row[["low", "high"]].notna().all() == known
    assert pair["significant"] == known


def test_a_significant_pair_is_one_whose_own_interval_leaves_out_zero():
    """Both take Student's t and Hall's, whichever says less."""
    rng = np.random.default_rng(4)
    both = 0
    for _ in range(200):
        frame = family(np.zeros(12), rng.exponential(1.0, 12) - 0.6)
        pair = metrics.all_pairs(frame, ["moves"]).iloc[0]
        row = metrics.paired_differences(frame, "s0", ["moves"]).iloc[0]
        assert pair["significant"] == (row["low"] > 0 or row["high"] < 0)
        both += pair["significant"]
    assert 10 < both < 190


def test_one_replication_tells_nothing_apart():
    table = pairs_of([1.0], [2.0])
    assert table["difference"].tolist() == [-1.0]
    assert table[["low", "high", "p"]].isna().all(axis=None)
    assert not table["significant"].any()


def test_pairs_without_a_value_are_no_part_of_the_family():
    table = pairs_of([1.0, 2.0, 4.0], [2.0, 4.0, 5.0], [np.nan] * 3)
    alone = pairs_of([1.0, 2.0, 4.0], [2.0, 4.0, 5.0])
    for column in ("difference", "low", "high", "p", "replications"):
        assert table.loc[("s0", "s1"), column] == alone.loc[("s0", "s1"), column]
    assert table["replications"].tolist() == [3, 0, 0]


def test_one_strategy_makes_no_pair():
    assert len(metrics.all_pairs(family([1.0, 2.0]), ["moves"])) == 0


# Regret


def valued(**strategies):
    frames = [
        pd.DataFrame({"strategy": n, "replication": range(len(v)), "value_per_order": v})
        for n, v in strategies.items()
    ]
    return pd.concat(frames, ignore_index=True)


def test_regret_is_what_is_missing_and_captured_is_the_share_of_the_way(unchanged):
    frame = unchanged(valued(base=[0.5, 0.6, 0.7], mine=[0.6, 0.6, 0.9], best=[0.9, 0.8, 1.0]))
    bounds = unchanged(pd.DataFrame({"replication": [2, 0, 1], "value_per_order": [1.0, 0.9, 0.8]}))
    table = metrics.regret(frame, bounds).set_index(["strategy", "measure"])["mean"]
    assert table["base", "regret"] == pytest.approx((0.4 + 0.2 + 0.3) / 3)
    assert table["mine", "regret"] == pytest.approx((0.3 + 0.2 + 0.1) / 3)
    assert table["mine", "gap_closed"] == pytest.approx(0.3 / 0.9)
    assert (table["base", "gap_closed"], table["best", "regret"]) == (0.0, 0.0)
    assert table["best", "gap_closed"] == pytest.approx(1.0)


def test_the_interval_of_the_share_captured_is_that_of_the_bootstrap():
    rng = np.random.default_rng(2)
    room = rng.uniform(0.2, 0.6, 200)
    gain = 0.4 * room + rng.normal(0, 0.05, 200)
    bounds = pd.DataFrame({"replication": range(200), "value_per_order": 0.3 + room})
    table = metrics.regret(valued(base=np.full(200, 0.3), mine=0.3 + gain), bounds)
    row = row_of(table, strategy="mine", measure="gap_closed")
    again = rng.integers(0, 200, (4000, 200))
    found = np.quantile(gain[again].mean(axis=1) / room[again].mean(axis=1), [0.025, 0.975])
    assert (row["low"], row["high"]) == pytest.approx(found, abs=0.003)


def test_a_baseline_at_the_bound_leaves_nothing_to_capture():
    bounds = pd.DataFrame({"replication": [0, 1], "value_per_order": [0.5, 0.5]})
    table = metrics.regret(valued(base=[0.5, 0.5], mine=[0.4, 0.3]), bounds)
    assert table[table["measure"] == "gap_closed"]["mean"].isna().all()


def test_a_replication_without_a_bound_is_refused():
    frame = valued(base=[0.5, 0.6])
    few = pd.DataFrame({"replication": [0], "value_per_order": [1.0]})
    with pytest.raises(KitchenError, match="bounds: there is none for replication 1"):
        metrics.regret(frame, few)
    with pytest.raises(KitchenError, match="a replication is there twice"):
        metrics.regret(frame, pd.concat([few, few]))


# Steady state


@pytest.mark.parametrize("warm_up_s", [0.0, 3.0, 1e6])
@pytest.mark.parametrize("scenario", ["rush", "heater"])
def test_without_a_cool_down_the_summary_is_the_engines(scenario, warm_up_s):
    scenario = kt.Scenario.load(scenario).replace({"orders.count": 60})
    strategy = kt.Strategy("random", demote="slowest decaying")
    run = kt.simulate(scenario, strategy, replications=6, seed=4, warm_up_s=warm_up_s)
    mine = metrics.summary_within(run.orders, run.ledger, scenario, warm_up_s=warm_up_s)
    pd.testing.assert_frame_equal(mine, run.summary, check_dtype=False, rtol=1e-9, atol=1e-9)


def test_a_cool_down_ends_the_average_of_the_shelves_too(unchanged, rush):
    run = kt.simulate(rush, "random", seed=4)
    orders, ledger = unchanged(run.orders), unchanged(run.ledger)
    row = metrics.summary_within(orders, ledger, rush, warm_up_s=2.0, cool_down_s=3.0).iloc[0]
    end = orders["ready_s"].max() - 3.0
    grid = np.linspace(2.0, end, 20_001)[:-1]
    change = (ledger["to_shelf"] == "hot").astype(int) - (ledger["from_shelf"] == "hot").astype(int)
    count = np.concatenate([[0], np.cumsum(change)])
    seen = count[np.searchsorted(ledger["time_s"], grid, side="right")]
    assert row["occupancy_hot"] == pytest.approx(seen.mean(), abs=0.01)
    assert row["orders"] == ((orders["ready_s"] >= 2.0) & (orders["ready_s"] <= end)).sum()


# Waste and value


def test_waste_by_cause_has_a_row_for_each_cause(unchanged):
    frame = unchanged(summaries(expired_share=0.125, discarded_share=[0.5, 0.25, 0.0, 1, 1, 1]))
    table = metrics.waste_by_cause(frame)
    assert list(table["cause"]) == ["expired", "discarded"] * 2
    assert list(table["mean"]) == [0.125, 0.25, 0.125, 1.0]
    assert (table["high"] - table["low"] > 0).tolist() == [False, True, False, False]


def test_waste_by_temp_reads_whatever_temps_there_are(unchanged):
    columns = {"wasted_share_hot": 0.5, "wasted_share_$x$ y": [0.0, np.nan, 1.0, 1, 1, 1]}
    table = metrics.waste_by_temp(unchanged(summaries(**columns)))
    assert list(table["temp"].cat.categories) == ["hot", "$x$ y"]
    assert list(table["mean"]) == [0.5, 0.5, 0.5, 1.0]
    assert list(table["replications"]) == [3, 2, 3, 3]


def test_the_parts_of_the_value_sum_to_one(unchanged):
    frame = unchanged(
        summaries(
            delivered_share=[0.8, 0.5, np.nan, 1, 1, 1],
            value_per_order=[0.6, 0.5, np.nan, 1, 1, 1],
            expired_share=[0.15, 0.2, np.nan, 0, 0, 0],
            discarded_share=[0.05, 0.3, np.nan, 0, 0, 0],
        )
    )
    table = metrics.value_split(frame)
    assert list(table["part"].unique()) == list(metrics.PARTS)
    assert list(table["share"][:4]) == pytest.approx([0.55, 0.1, 0.175, 0.175])
    assert list(table["share"][4:]) == [1.0, 0.0, 0.0, 0.0]


def test_the_parts_of_the_value_of_a_real_run_sum_to_one(rush):
    crowded = rush.replace({"arrivals.rate": 30})
    run = kt.simulate(crowded, "oldest", replications=5, keep="summary")
    assert metrics.value_split(run.summary)["share"].sum() == pytest.approx(1.0, abs=1e-12)


def test_the_parts_of_the_revenue_are_all_prices(unchanged):
    frame = unchanged(
        summaries(
            full_revenue=[100.0, 60.0, 20.0, 0.0, 0.0, 0.0],
            revenue=[50.0, 30.0, 10.0, 0.0, 0.0, 0.0],
            expired_cost=[20.0, 0.0, 4.0, 0.0, 0.0, 0.0],
            discarded_cost=[10.0, 20.0, 0.0, 0.0, 0.0, 0.0],
        )
    )
    table = metrics.revenue_split(frame)
    assert list(table["part"].unique()) == list(metrics.REVENUE_PARTS)
    assert list(table["money"][:4]) == pytest.approx([30.0, 12.0, 8.0, 10.0])
    assert list(table["share"][:4]) == pytest.approx([0.5, 0.2, 2 / 15, 1 / 6])
    assert table["share"][4:].isna().all() and (table["money"][4:] == 0).all()


def test_the_parts_of_the_revenue_of_a_real_run_are_its_money():
    run = kt.simulate(kt.Scenario.load("friday"), "oldest", replications=3, keep="summary")
    money = metrics.revenue_split(run.summary).set_index("part")["money"]
    assert money.sum() == pytest.approx(run.summary["full_revenue"].mean())
    assert money["revenue"] == pytest.approx(run.summary["revenue"].mean())
    assert money[["expired", "discarded"]].sum() == pytest.approx(run.summary["waste_cost"].mean())


# Over time


def looks_at(*rows):
    """Rows of (replication, time, shelf, orders, fill, mean value)."""
    columns = ["replication", "time_s", "shelf", "orders", "fill", "value_mean"]
    frame = pd.DataFrame(rows, columns=columns).assign(strategy="a")
    frame["shelf"] = pd.Categorical(frame["shelf"], ["hot", "cold"], ordered=True)
    return frame


def test_a_replication_that_is_over_counts_as_empty(unchanged):
    frame = unchanged(
        looks_at(
            (0, 0.0, "hot", 2, 0.5, 1.0),
            (1, 0.0, "hot", 4, 1.0, 1.0),
            (1, 1.0, "hot", 2, 0.5, 0.5),
        )
    )
    table = metrics.mean_fill(frame)
    assert list(table["orders"]) == [3.0, 1.0]
    assert list(table["fill"]) == [0.75, 0.25]
    assert list(table["replications"]) == [2, 2]


def test_a_shelf_without_slots_has_no_fill(unchanged):
    frame = unchanged(looks_at((0, 0.0, "cold", 0, np.nan, np.nan), (0, 0.0, "hot", 1, 0.1, 1.0)))
    table = metrics.mean_fill(frame)
    assert list(table["shelf"]) == ["hot", "cold"]
    assert table["fill"].tolist() == pytest.approx([0.1, np.nan], nan_ok=True)


def test_mean_value_weighs_every_order_alike(unchanged):
    frame = unchanged(
        looks_at(
            (0, 0.0, "hot", 3, 0.3, 0.5),
            (1, 0.0, "hot", 1, 0.1, 0.9),
            (2, 0.0, "hot", 0, 0.0, np.nan),
            (0, 0.0, "cold", 0, 0.0, np.nan),
        )
    )
    table = metrics.mean_value(frame)
    assert list(table["orders"]) == [4, 0]
    assert table["value"].tolist() == pytest.approx([0.6, np.nan], nan_ok=True)


def test_mean_value_is_the_same_from_shelves_and_from_contents(rush):
    run = kt.simulate(rush, "oldest", replications=4, seed=2, step_s=0.5)
    shelves, contents = run.shelves, run.contents
    before = shelves.copy(deep=True), contents.copy(deep=True)
    seen = metrics.mean_value(shelves).dropna(ignore_index=True)
    pd.testing.assert_frame_equal(seen, metrics.mean_value(contents), rtol=1e-12)
    pd.testing.assert_frame_equal(shelves, before[0])
    pd.testing.assert_frame_equal(contents, before[1])


# Single orders


def test_a_path_carries_its_weighted_age_from_shelf_to_shelf(rush, unchanged):
    scenario = rush.replace({"decay": "weighted"})
    orders = unchanged(
        pd.DataFrame(
            {
                "strategy": ["a"], "replication": [0], "order": [5], "name": ["Soup"],
                "temp": ["hot"], "shelf_life_s": [20.0], "decay_rate": [0.63], "ready_s": [10.0],
                "outcome": ["delivered"], "value": [0.685], "shelf": ["hot"], "moves": [1],
            }
        )
    )  # fmt: skip
    ledger = unchanged(
        pd.DataFrame(
            {
                "replication": 0,
                "order": 5,
                "time_s": [10.0, 14.0, 16.0],
                "to_shelf": ["overflow", "hot", None],
            }
        )
    )
    path = metrics.order_paths(orders, ledger, scenario, points=5)
    assert list(path["stay"]) == [0] * 5 + [1] * 5
    assert list(path["shelf"]) == ["overflow"] * 5 + ["hot"] * 5
    assert list(path["age_s"][[0, 4, 5, 9]]) == [0.0, 4.0, 4.0, 6.0]
    assert list(path["value"][[0, 4, 5, 9]]) == pytest.approx([1.0, 0.748, 0.748, 0.685])


@pytest.mark.parametrize("decay", ["linear", "exponential", "cliff", "own"])
def test_paths_end_at_the_values_of_the_ledger(rush, decay):
    def own(age, weighted, life, rate):
        return 1.0 - (weighted / life) ** 2

    scenario = rush.replace({"decay": own if decay == "own" else decay, "arrivals.rate": 20})
    run = kt.simulate(scenario, "random", replications=2, seed=4)
    paths = metrics.order_paths(run.orders, run.ledger, scenario, count=8)
    assert paths["order"].nunique() == 8
    ends = paths.groupby("order").tail(1)
    left = run.orders[run.orders["replication"] == paths["replication"].iloc[0]]
    told = left.set_index("order").loc[ends["order"], ["left_s", "value"]]
    np.testing.assert_allclose(ends[["time_s", "value"]], told, atol=1e-9)
    falls = paths.groupby("order")["value"].diff().dropna()
    assert (falls <= 1e-12).all()


def test_paths_show_orders_that_moved_each_outcome_in_turn(rush):
    scenario = rush.replace({"decay": "linear", "arrivals.rate": 40, "couriers.delay.high": 400})
    run = kt.simulate(scenario, "random", seed=1)
    paths = metrics.order_paths(run.orders, run.ledger, scenario, count=6)
    chosen = run.orders.set_index("order").loc[paths["order"].unique()]
    assert (chosen["moves"] > 0).all()
    assert set(chosen["outcome"]) == set(run.orders["outcome"][run.orders["moves"] > 0])


def test_paths_of_a_run_without_moves_show_what_stood_on_a_shelf(rush):
    run = kt.simulate(rush, kt.Strategy("random", recall=None), seed=1)
    paths = metrics.order_paths(run.orders, run.ledger, rush, count=3)
    assert paths["order"].nunique() == 3
    assert set(paths["stay"]) == {0}


def test_paths_of_no_orders_are_an_empty_table(rush):
    empty = rush.replace({"orders.count": 0})
    run = kt.simulate(empty, "random")
    paths = metrics.order_paths(run.orders, run.ledger, empty)
    assert len(paths) == 0
    assert "value" in paths
