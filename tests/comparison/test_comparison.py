"""Strategies side by side: the same orders for all, and a verdict that claims no more than it may."""

import re
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from support.hostile_html import NASTY, harmless

import kitchen as kt
from kitchen.comparison.comparison import Comparison
from kitchen.errors import KitchenError, ResourceError, RuleError, StrategyError
from kitchen.simulation.metrics import MEASURES


@pytest.fixture(scope="module")
def table(rush):
    return kt.compare(rush, ["oldest", "random", "discard newcomer"], replications=60, seed=5)


def with_losses(scenario, settings=None, **losses):
    """A comparison in which each strategy lost the given shares, one a replication."""
    frames = []
    for name, lost in losses.items():
        frame = pd.DataFrame({measure: np.zeros(len(lost)) for measure in MEASURES})
        frame["lost_per_order"] = np.asarray(lost, float)
        frames.append(frame.assign(strategy=name, replication=range(len(lost)), orders=10))
    summaries = pd.concat(frames, ignore_index=True)
    summaries["strategy"] = pd.Categorical(summaries["strategy"], list(losses), ordered=True)
    strategies = [kt.Strategy("random", name=n) for n in losses]
    return Comparison(scenario, strategies, summaries, **(settings or {}))


# Frames


def test_one_measure_alone_has_the_rows_that_it_has_among_all(table):
    for all_of_them, alone in (
        (table.frame, table.means_of),
        (table.paired, table.paired_of),
        (table.pairs, table.pairs_of),
    ):
        for measure in MEASURES:
            rows = all_of_them[all_of_them["measure"] == measure].reset_index(drop=True)
            own = alone(measure).reset_index(drop=True)
            pd.testing.assert_frame_equal(
                own.drop(columns="measure"), rows.drop(columns="measure"), rtol=1e-12
            )


def test_a_verdict_works_out_no_table_of_all_measures(rush):
    table = kt.compare(rush, ["oldest", "random"], replications=40)
    assert table.verdict and table.ranked and table.half_width > 0
    assert not {"frame", "paired", "pairs"} & set(vars(table))


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
    message = []
    kt.compare(rush, ["random", "oldest"], replications=9, callback=message.append)
    assert sum(message) == 18


def test_faults_in_strategies_are_refused_before_anything_runs(rush):
    message = []
    with pytest.raises(RuleError, match="Did you mean 'oldest'"):
        kt.compare(rush, ["random", "oldst"], callback=message.append)
    with pytest.raises(KitchenError, match="two strategies are named 'random'"):
        kt.compare(rush, ["random", "random"], callback=message.append)
    with pytest.raises(KitchenError, match="issue"):
        pooled = kt.Strategy("random", issue="first in first out")
        held = rush.replace({"expired_orders": "held"})
        kt.compare(held, ["oldest", pooled], callback=message.append)
    assert not message


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"replications": 0}, "replications: must be a whole number of at least 1, got 0"),
        (
            {"precision": "tight"},
            "precision: must be a share above 0 and below 1, as 0.005 or '0.5%', got 'tight'",
        ),
        ({"precision": "0.1"}, "precision: '0.1' has no unit. Write '0.1%' for percent."),
        ({"precision": 0}, "precision: must be a share above 0"),
        (
            {"precision": 1},
            "precision: must be a share above 0 and below 1, as 0.005 or '0.5%', got 1",
        ),
        ({"precision": True}, "precision: must be a share above 0"),
        ({"precision": "nan%"}, "precision: must be a share above 0"),
        ({"max_replications": 1}, "max_replications: must be a whole number of at least 2, got 1"),
        ({"cool_down_s": -1.0}, "cool_down_s: must be a number of at least 0"),
        ({"baseline": "oldst"}, "baseline 'oldst' is unknown. Did you mean 'oldest'"),
        ({"bound": True, "warm_up_s": 5.0}, "bound: is of all orders"),
        ({"seed": -1}, "seed: must be a whole number of at least 0"),
    ],
)
def test_what_makes_no_sense_is_refused(rush, options, said):
    message = []
    with pytest.raises(KitchenError, match=re.escape(said)):
        kt.compare(rush, ["random", "oldest"], callback=message.append, **options)
    assert not message


def test_one_strategy_alone_is_refused(rush):
    with pytest.raises(
        StrategyError, match="at least 2 to compare, got one .'random'.*use simulate"
    ):
        kt.compare(rush, "random", replications=3)


def test_precision_and_a_trace_do_not_go_together(rush):
    with pytest.raises(KitchenError, match="precision: a trace has as many replications as it has"):
        kt.compare(rush, ["random", "oldest"], trace=kt.draw(rush, 3), precision="1%")


def test_more_replications_than_memory_are_refused_before_they_run(rush):
    with pytest.raises(ResourceError, match="of all strategies together"):
        kt.compare(rush, ["random", "oldest"], replications=10**12)


def test_something_else_than_a_scenario_is_refused():
    with pytest.raises(KitchenError, match="scenario: must be a Scenario, got 'rush'"):
        kt.compare("rush", ["random", "oldest"])


def test_drawing_in_portions_changes_nothing(rush, monkeypatch):
    whole = kt.compare(rush, ["random", "oldest"], replications=23, seed=3)
    monkeypatch.setattr(sys.modules["kitchen.comparison.paired_runs"], "ORDERS_AT_ONCE", 500)
    parts = kt.compare(rush, ["random", "oldest"], replications=23, seed=3)
    pd.testing.assert_frame_equal(whole.summaries, parts.summaries)


def test_the_baseline_that_is_named_comes_first(rush, table):
    names = ["oldest", "random", "discard newcomer"]
    other = kt.compare(rush, names, replications=60, seed=5, baseline="random")
    assert [s.name for s in other.strategies] == ["random", "oldest", "discard newcomer"]
    assert set(other.paired["baseline"]) == {"random"}
    row = other.paired.set_index(["strategy", "measure"]).loc[("oldest", "moves")]
    assert (
        row["difference"]
        == -table.paired.set_index(["strategy", "measure"]).loc[("random", "moves"), "difference"]
    )


def test_all_pairs_are_there_and_agree_with_the_differences_to_the_baseline(table):
    assert len(table.pairs) == 3 * table.pairs["measure"].nunique()
    mine = table.pairs[table.pairs["strategy"] == "oldest"].set_index(["other", "measure"])
    paired = table.paired.set_index(["strategy", "measure"]).loc[mine.index]
    np.testing.assert_allclose(mine["difference"], -paired["difference"], atol=1e-12)
    assert mine["differing"].tolist() == paired["differing"].tolist()
    wide, narrow = mine["high"] - mine["low"], paired["high"] - paired["low"]
    assert (wide.isna() == narrow.isna()).all() and 0 < wide.isna().sum() < len(wide)
    assert (wide >= narrow)[wide.notna()].all()


def test_orders_on_each_shelf_are_a_measure(table, rush):
    rows = table.frame[table.frame["measure"] == "occupancy_overflow"]
    run = kt.simulate(rush, "random", replications=60, seed=5, keep="summary")
    own = rows.set_index("strategy").loc["random", "mean"]
    assert own == pytest.approx(run.summary["occupancy_overflow"].mean(), rel=1e-12)
    assert len(table.frame) == 3 * (len(MEASURES) + len(rush.shelves))


# Precision


def test_replications_are_added_until_the_intervals_are_narrow_enough(rush):
    names = ["discard newcomer", "random", "oldest"]
    first = kt.compare(rush, names, replications=100)
    asked = 0.5 * first.half_width
    table = kt.compare(rush, names, precision=asked, replications=50)
    assert table.half_width <= asked < first.half_width
    assert 200 < table.replications < 1600
    assert "Every interval against the baseline is at most" in table.verdict
    alone = kt.compare(rush, names, replications=table.replications)
    pd.testing.assert_frame_equal(table.summaries, alone.summaries)


def test_a_precision_in_words_is_in_percentage_points(rush):
    words = kt.compare(rush, ["random", "oldest"], precision="2 %", max_replications=400)
    number = kt.compare(rush, ["random", "oldest"], precision=0.02, max_replications=400)
    assert words.precision == number.precision == 0.02
    pd.testing.assert_frame_equal(words.summaries, number.summaries)


def test_the_cap_ends_the_search_and_the_verdict_says_so(rush):
    table = kt.compare(rush, ["random", "oldest"], precision=1e-9, max_replications=150)
    assert table.replications == 150
    assert "The cap of 150 replications came before" in table.verdict


def test_a_precision_is_not_reached_before_enough_replications_differ():
    """At 6/s the two differ in one of 1,000 replications: 100 of them, all alike, prove nothing."""
    steady = kt.Scenario.load("steady")
    rare = steady.replace({"arrivals.process": "poisson", "arrivals.rate": 6.0})
    names = ["oldest", "discard newcomer"]
    table = kt.compare(rare, names, precision="1%", max_replications=500)
    row = table.paired.set_index("measure").loc["lost_per_order"]
    assert table.replications == 500 and row["differing"] < 30
    assert table.half_width == np.inf
    assert "came before every strategy differed from the baseline in 30 of them" in table.verdict


def test_a_precision_that_no_orders_can_reach_is_not_waited_for(rush):
    empty = rush.replace({"orders.count": 0})
    assert kt.compare(empty, ["random", "oldest"], precision="1%").replications == 200


# Steady state


def test_a_cool_down_leaves_out_the_last_orders(rush):
    options = {"replications": 5, "seed": 2, "warm_up_s": 2.0}
    table = kt.compare(rush, ["random", "oldest"], cool_down_s=4.0, **options)
    orders = kt.simulate(rush, "random", replications=5, seed=2).orders
    ready = orders["ready_s"]
    last = orders.groupby("replication")["ready_s"].transform("max")
    kept = orders[(ready >= 2.0) & (ready <= last - 4.0)]
    mine = table.summaries[table.summaries["strategy"] == "random"]
    assert list(mine["orders"]) == list(kept.groupby("replication").size())
    assert list(mine["wasted"]) == list(
        kept.groupby("replication")["outcome"].agg(lambda x: (x != "delivered").sum())
    )
    assert "ready in the first 2 s or in the last 4 s are left out" in table.verdict


def test_a_cool_down_that_leaves_nothing_means_no_verdict(rush):
    table = kt.compare(rush, ["random", "oldest"], replications=3, cool_down_s=1e6)
    assert table.verdict == "No orders came, so there is nothing to compare."


# The bound


def test_regret_without_a_bound_is_refused(table):
    with pytest.raises(KitchenError, match="Compare with bound=True"):
        table.regret


def test_the_bound_is_asked_about_the_orders_that_the_strategies_met(rush, monkeypatch):
    asked = []

    class Found:
        frame = pd.DataFrame({"replication": range(4), "bound": "stub", "value_per_order": 1.0})

    def bound(trace, scenario, measure, issue, threads):
        assert measure == "value"
        asked.append((trace, scenario, issue))
        return Found

    monkeypatch.setitem(sys.modules, "kitchen.comparison.bound", SimpleNamespace(bound=bound))
    table = kt.compare(rush, ["random", "oldest"], replications=4, seed=9, bound=True)
    ((trace, scenario, issue),) = asked
    assert scenario is rush and issue is None
    np.testing.assert_array_equal(trace.pickup_s, kt.draw(rush, 4, 9).pickup_s)
    rows = table.regret[table.regret["measure"] == "regret"].set_index("strategy")
    lost = table.frame[table.frame["measure"] == "lost_per_order"].set_index("strategy")
    np.testing.assert_allclose(rows["mean"], lost["mean"])


def test_a_strategy_with_pooled_couriers_asks_for_a_bound_that_holds_for_it(rush):
    few = rush.replace({"orders.count": 40, "arrivals.rate": 20})
    pooled = kt.Strategy("oldest", issue="lowest value", name="pooled")
    table = kt.compare(few, ["random", pooled], replications=4, bound=True)
    regret = table.regret.set_index(["strategy", "measure"])["mean"]
    assert regret["pooled", "regret"] >= 0 and regret["random", "regret"] >= 0
    matched = kt.compare(few, ["random", "oldest"], replications=4, bound=True)
    mine, pool = (t.bounds["value_per_order"].to_numpy() for t in (matched, table))
    assert (pool >= mine - 1e-9).all()


# One setting, changed


def test_a_comparison_over_a_setting_is_a_comparison_at_each_value(rush):
    frame = kt.compare_over(rush, "arrivals.rate", [8, 10], ["random", "oldest"], replications=6)
    assert list(frame.columns[:2]) == ["setting", "value"]
    alone = kt.compare(rush.replace({"arrivals.rate": 8}), ["random", "oldest"], replications=6)
    mine = frame[frame["value"] == 8].reset_index(drop=True)
    pd.testing.assert_frame_equal(mine[alone.frame.columns], alone.frame)
    base, other = (mine[mine["strategy"] == name] for name in ("random", "oldest"))
    figures = ["difference", "difference_low", "difference_high"]
    np.testing.assert_array_equal(other[figures], alone.paired[["difference", "low", "high"]])
    assert (base[figures] == 0).all(axis=None)
    assert set(mine["baseline"]) == {"random"}
    assert set(frame["setting"]) == {"arrivals.rate"}


def test_an_unknown_setting_or_no_value_is_refused(rush):
    with pytest.raises(KitchenError, match="rat"):
        kt.compare_over(rush, "arrivals.rat", [8], ["random", "oldest"])
    with pytest.raises(KitchenError, match="values: there must be at least one"):
        kt.compare_over(rush, "arrivals.rate", [], ["random", "oldest"])


# The verdict


def test_the_verdict_names_the_strategy_that_loses_least(rush):
    message = with_losses(rush, worse=[0.30, 0.34, 0.32], best=[0.10, 0.14, 0.12]).verdict
    assert message.startswith(
        "'best' loses least: 12.0 % of the value of its orders (95 % interval "
    )
    assert (
        "That is 20 percentage points less than the baseline 'worse', 95 % interval 20 to 20"
        in message
    )
    assert "The other one loses more." in message
    assert "significantly different" not in message


def test_few_replications_are_said_to_be_few(rush):
    lost = 0.2 + 0.05 * np.random.default_rng(1).standard_normal((2, 30))
    assert "fewer than 30 replications" not in with_losses(rush, a=lost[0], b=lost[1]).verdict
    assert "fewer than 30 replications" in with_losses(rush, a=lost[0, 1:], b=lost[1, 1:]).verdict


def test_the_verdict_says_where_the_interval_of_the_difference_covers_zero(rush):
    message = with_losses(rush, a=[0.1, 0.2, 0.3], b=[0.3, 0.21, 0.11], c=[0.5, 0.6, 0.7]).verdict
    assert "'a' loses least" in message
    assert (
        "The two best, 'a' and 'b', are not significantly different; the other one loses more."
        in message
    )
    assert "That is" not in message


def test_the_verdict_says_where_too_few_replications_differ_for_an_interval(rush):
    lost = np.full(200, 0.2)
    other = lost + np.where(np.arange(200) < 7, 0.1, 0.0)
    table = with_losses(rush, a=lost, b=other, c=lost + np.linspace(0.01, 0.02, 200))
    message = table.verdict
    assert "It differs from 'b' in 7 of 200 replications: too few for an interval." in message
    assert "One other loses more." in message
    paired = table.paired.set_index(["strategy", "measure"]).loc[("b", "lost_per_order")]
    assert paired["differing"] == 7 and paired[["low", "high"]].isna().all()
    assert table.half_width == np.inf
    assert "(differs in 7 of 200)" in cells(table)[2]


def test_the_verdict_prints_the_interval_of_the_table(rush):
    """Bonferroni's interval of the best and the baseline covers 0 here, Holm finds a difference."""
    rng = np.random.default_rng(1)
    base = 0.3 + 0.05 * rng.standard_normal(60)
    noise = 0.02 * rng.standard_normal(60)
    losses = {"base": base, "best": base - 0.0059 + noise - noise.mean()}
    losses |= {f"s{i}": base + 0.2 + 0.01 * i + 0.001 * rng.standard_normal(60) for i in range(3)}
    table = with_losses(rush, **losses)
    keys = ["strategy", "other", "measure"]
    pair = table.pairs.set_index(keys).loc[("base", "best", "lost_per_order")]
    assert pair["low"] < 0 < pair["high"] and pair["significant"]
    row = table.paired.set_index(["strategy", "measure"]).loc[("best", "lost_per_order")]
    ends = f"{-100 * row['high']:.2g} to {-100 * row['low']:.2g}"
    assert f"less than the baseline 'base', 95 % interval {ends}." in table.verdict
    assert "all pairs together" in cells(table)[2]


def test_an_exact_tie_names_no_winner(rush):
    steady = kt.Scenario.load("steady")
    message = kt.compare(steady, ["oldest", "random"], replications=1).verdict
    assert message.startswith("'oldest' and 'random' lose the same: ")
    assert "least" not in message
    message = with_losses(rush, a=[0.1, 0.2, 0.1], twin=[0.1, 0.2, 0.1], c=[0.5, 0.6, 0.52]).verdict
    assert message.startswith("'a' and 'twin' lose the same, least of all: 13.3 %")


def test_the_verdict_says_once_what_all_strategies_do_alike(rush):
    shared = (
        "All strategies move food home (recall 'first in'), demote nobody and let each courier take "
        "its own order."
    )
    table = kt.compare(rush, ["oldest", "random"], replications=2)
    assert table.verdict.count(shared) == 1 and cells(table)[2].count(shared) == 1
    stay = kt.Strategy("random", recall=None)
    message = kt.compare(rush, ["oldest", stay], replications=2).verdict
    assert "All strategies demote nobody and let each courier take its own order." in message
    both = [kt.Strategy(name, recall=None) for name in ("oldest", "random")]
    assert "All strategies move no food home, " in kt.compare(rush, both, replications=2).verdict
    alone = kt.compare(rush, "random", replications=2, min_strategies=1)
    assert "All strategies" not in alone.verdict


def test_the_verdict_holds_for_all_pairs_at_once(rush):
    rng = np.random.default_rng(1)
    lost = {f"s{i}": 0.2 + 0.05 * rng.standard_normal(12) for i in range(12)}
    lost["b"] = lost["s0"] + 0.02 + 0.025 * rng.standard_normal(12)
    two = with_losses(rush, s0=lost["s0"], b=lost["b"])
    many = with_losses(rush, **lost)
    named = many.pairs[many.pairs["measure"] == "lost_per_order"].set_index(["strategy", "other"])
    assert two.pairs["significant"].any() and not named.loc[("s0", "b"), "significant"]
    assert "not significantly different" in many.verdict
    assert "significantly different" not in two.verdict


def test_the_verdict_sees_through_noise_that_strategies_share(rush):
    lost = np.array([0.1, 0.5, 0.9, 0.3])
    message = with_losses(rush, a=lost, b=lost + [0.01, 0.011, 0.009, 0.01]).verdict
    assert "significantly different" not in message


def test_the_verdict_says_which_strategies_come_out_the_same(rush):
    message = with_losses(rush, a=[0.1, 0.2, 0.1], twin=[0.1, 0.2, 0.1], c=[0.5, 0.6, 0.52]).verdict
    assert (
        "'a' and 'twin', are not significantly different (the same in every replication); the other"
        in message
    )


def test_the_verdict_on_strategies_that_are_all_the_same(rush):
    message = with_losses(rush, a=[0.1, 0.2], b=[0.1, 0.2]).verdict
    assert message.startswith("All 2 strategies lose 15.0 %")
    assert "there is no difference, each loses the same" in message


def test_one_replication_gives_no_interval_and_the_verdict_says_so(rush):
    table = kt.compare(rush, ["random", "oldest"], replications=1)
    assert table.frame[["low", "high"]].isna().all(axis=None)
    assert table.paired[["low", "high"]].isna().all(axis=None)
    assert "one replication, which gives no interval" in table.verdict
    assert not table.pairs["significant"].any()
    assert "nan" not in (table.verdict + table._repr_html_()).lower()


def test_one_strategy_is_not_called_the_best(rush):
    table = kt.compare(rush, "random", replications=3, min_strategies=1)
    assert table.verdict.startswith("'random' loses ")
    assert "least" not in table.verdict
    assert len(table.paired) == len(table.pairs) == 0


def test_no_orders_means_no_verdict(rush):
    table = kt.compare(rush.replace({"orders.count": 0}), ["random", "oldest"], replications=3)
    assert table.verdict == "No orders came, so there is nothing to compare."
    assert table.frame[table.frame["measure"] == "lost_per_order"]["mean"].isna().all()


def test_many_equals_are_counted_rather_than_named(rush):
    lost = {f"s{i}": [0.1 + 0.01 * (i % 2), 0.12 - 0.01 * (i % 3)] for i in range(12)}
    message = with_losses(rush, **lost).verdict
    assert "more" in message
    assert message.count("'s") < 12
    assert "\n" not in message


def test_a_name_with_a_line_break_stays_on_one_line(rush):
    assert "\n" not in with_losses(rush, **{"a\nb": [0.1, 0.2], "c": [0.1, 0.3]}).verdict


# In a notebook


def cells(table):
    """Header and rows of the page of a comparison, each cell as text, and its whole text."""
    page = harmless(table._repr_html_())
    header, *rows = table._repr_html_().split("<tr>")[1:]
    texts = [
        [harmless(f"<{cell}").text for cell in re.findall(r"<(t[hd] .*?</t[hd]>)", row)]
        for row in (header, *rows)
    ]
    return texts[0], texts[1:], page.text


def test_a_notebook_shows_the_verdict_and_the_ranking(rush):
    table = with_losses(rush, a=[0.3, 0.34, 0.32], best=[0.1, 0.14, 0.13])
    header, rows, text = cells(table)
    assert table.verdict in text
    assert header[:3] == ["strategy", "value lost, %", "difference to the baseline, points"]
    assert [row[0] for row in rows] == ["best", "a"]
    lost = table.frame[table.frame["measure"] == "lost_per_order"].set_index("strategy").loc["best"]
    assert rows[0][1] == f"12.33 ({100 * lost['low']:.2f} to {100 * lost['high']:.2f})"
    assert rows[0][2].startswith("\u221219.67 (\u2212") and " to \u2212" in rows[0][2]
    assert rows[1][1].startswith("32.00 (")
    assert rows[1][2] == "baseline"
    assert "3 replications, 95 % intervals" in text


def test_a_notebook_shows_what_is_left_to_gain_if_there_is_a_bound(rush):
    table = kt.compare(rush, ["random", "oldest"], replications=3, bound=True)
    header, rows, _ = cells(table)
    place = header.index("gap to the clairvoyant bound, points")
    regret = table.regret[table.regret["measure"] == "regret"].set_index("strategy")["mean"]
    for row in rows:
        assert row[place].startswith(f"{100 * regret[row[0]]:.2f} (")


def test_a_notebook_shows_one_replication_without_intervals(rush):
    _, rows, text = cells(kt.compare(rush, ["random", "oldest"], replications=1, seed=3))
    assert all(re.fullmatch(r"\d+\.\d\d", row[1]) for row in rows)
    assert "One replication." in text


def test_a_notebook_shows_one_strategy_without_differences(rush):
    header, rows, _ = cells(kt.compare(rush, "random", replications=3, min_strategies=1))
    assert header == ["strategy", "value lost, %", "expired, %", "discarded, %"]
    assert len(rows) == 1


def test_a_notebook_shows_that_no_orders_came(rush):
    table = kt.compare(rush.replace({"orders.count": 0}), ["random", "oldest"], replications=3)
    _, rows, text = cells(table)
    assert [row[1:] for row in rows] == [
        ["no orders", "baseline", "\u2013", "\u2013"],
        ["no orders", "no orders", "\u2013", "\u2013"],
    ]
    assert table.verdict in text


@pytest.mark.parametrize("name", NASTY)
def test_names_in_a_comparison_stay_text(rush, name):
    table = with_losses(rush.replace({"name": name}), **{name: [0.1, 0.2], "b": [0.3, 0.5]})
    _, rows, text = cells(table)
    assert rows[0][0] == name
    assert text.count(name) >= 3
