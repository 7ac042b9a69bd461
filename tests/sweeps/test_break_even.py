"""Break-even: where a difference changes its sign, from where it is sure, and who wins where."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from kitchen.errors import KitchenError
from kitchen.sweeps.break_even import UNSURE, break_even
from kitchen.sweeps.sweep import sweep

SLOTS, RATE = "shelves.overflow.capacity", "arrivals.rate"


def swept(differences, x=None, half=0.5, measure="lost_per_order", **others):
    """A frame as of a sweep: `mine` minus `base` at each x, with intervals of half a width once they
    hold together (Bonferroni over the values of x that have a figure)."""
    x = list(range(len(differences))) if x is None else x
    known = max(int(np.isfinite(differences).sum()), 1)
    half *= stats.t.ppf(0.975, 8) / stats.t.ppf(1 - 0.025 / known, 8)
    rows = []
    for point, (at, difference) in enumerate(zip(x, differences, strict=True)):
        for name, own in (("base", 0.0), ("mine", difference)):
            wide = half if name == "mine" else 0.0
            rows.append(
                {"point": point, RATE: at, **others, "strategy": name, "measure": measure}
                | {"mean": 1 + own, "low": own, "high": own, "replications": 9}
                | {"baseline": "base", "difference": own}
                | {"difference_low": own - wide, "difference_high": own + wide}
            )
    frame = pd.DataFrame(rows)
    names = pd.CategoricalDtype(["base", "mine"], ordered=True)
    return frame.astype({"strategy": names, "baseline": names})


def only(table):
    (row,) = table.to_dict("records")
    return row


def test_a_crossing_lies_where_the_line_meets_zero():
    """Differences -3, -1, 3 at 0, 1, 2: 0 at 1.25; the upper end -0.5 at 1 is 0 at 1.125, the lower
    end -1.5 at 1 and 2.5 at 2 is 0 at 1.375."""
    row = only(break_even(swept([-3, -1, 3]), RATE, "mine", "base"))
    assert (row["value"], row["low"], row["high"]) == pytest.approx((1.25, 1.125, 1.375))
    assert (row["below"], row["above"]) == ("mine", "base")
    assert (row["parameter"], row["first"], row["last"], row["points"]) == (RATE, 0, 2, 3)


def test_the_two_strategies_can_be_named_either_way_round():
    frame = swept([-3, -1, 3])
    one = only(break_even(frame, RATE, "mine", "base"))
    assert only(break_even(frame, RATE, "base", "mine")) == one


def test_where_more_is_better_the_other_one_wins():
    frame = swept([-3, -1, 3], measure="value_per_order")
    row = only(break_even(frame, RATE, "mine", "base", "value_per_order"))
    assert (row["below"], row["above"]) == ("base", "mine")
    assert (row["value"], row["low"], row["high"]) == pytest.approx((1.25, 1.125, 1.375))


def test_values_without_a_significant_difference_belong_to_the_crossing():
    row = only(break_even(swept([-2, -0.2, 0.1, -0.1, 0.3, 2]), RATE, "mine", "base"))
    assert (row["below"], row["above"]) == ("mine", "base")
    assert row["low"] == pytest.approx(0 + 1.5 / 1.8) and row["high"] == pytest.approx(
        4 + 0.2 / 1.7
    )
    assert row["value"] == pytest.approx(2.5)  # the middle one of three


def test_a_change_of_sign_that_is_not_sure_on_either_side_is_no_crossing():
    row = only(break_even(swept([2, 1, -0.3, 1, 2]), RATE, "mine", "base"))
    assert np.isnan(row["value"]) and (row["below"], row["above"]) == ("base", "base")


def test_where_one_wins_everywhere_the_row_says_so():
    row = only(break_even(swept([-3, -2, -1]), RATE, "mine", "base"))
    assert np.isnan([row["value"], row["low"], row["high"]]).all()
    assert row["below"] == row["above"] == "mine"


@pytest.mark.parametrize("differences", [[0, 0, 0], [0.1, -0.1, 0.2], [np.nan] * 3])
def test_without_a_winner_the_row_says_so(differences):
    table = break_even(swept(differences), RATE, "mine", "base")
    if np.isnan(differences).all():
        assert not len(table)
        return
    assert only(table)["below"] == only(table)["above"] == UNSURE


def test_a_crossing_that_is_not_over_is_open_on_that_side():
    row = only(break_even(swept([-3, -1, 0.2]), RATE, "mine", "base"))
    assert row["value"] == pytest.approx(1 + 1 / 1.2)
    assert row["low"] == pytest.approx(1 + 0.5 / 1.2) and np.isnan(row["high"])
    assert (row["below"], row["above"]) == ("mine", UNSURE)
    turned = only(break_even(swept([0.2, -1, -3]), RATE, "mine", "base"))
    assert turned["value"] == pytest.approx(2 - row["value"])
    assert turned["high"] == pytest.approx(2 - row["low"]) and np.isnan(turned["low"])
    assert (turned["below"], turned["above"]) == (UNSURE, "mine")


def test_every_crossing_has_a_row():
    table = break_even(swept([3, -3, 3]), RATE, "mine", "base")
    assert table["value"].tolist() == [0.5, 1.5]
    assert table["below"].tolist() == ["base", "mine"] and table["above"].tolist() == [
        "mine",
        "base",
    ]


def test_one_replication_tells_nothing():
    frame = swept([-3, 3]).assign(difference_low=np.nan, difference_high=np.nan)
    assert only(break_even(frame, RATE, "mine", "base"))["below"] == UNSURE


def test_of_equal_strategies_a_winner_is_named_in_at_most_five_percent_of_sweeps():
    """At five rates that share half of their chance, as they share their draws.

    Five intervals of 95 %, each by itself, name one in 18 % of such sweeps."""
    rng, named, alone = np.random.default_rng(6), 0, 0
    for _ in range(400):
        values = rng.normal(0.0, 1.0, (60, 5)) + rng.normal(0.0, 1.0, (60, 1))
        half = stats.t.ppf(0.975, 59) * stats.sem(values)
        alone += bool((np.abs(values.mean(axis=0)) > half).any())
        rows = swept(list(values.mean(axis=0)), half=0.0).assign(replications=60)
        mine = (rows["strategy"] == "mine").to_numpy()
        rows.loc[mine, "difference_low"] -= half
        rows.loc[mine, "difference_high"] += half
        table = break_even(rows, RATE, "mine", "base")
        named += bool((table[["below", "above"]] != UNSURE).any(axis=None))
    assert named <= 0.05 * 400 < 0.12 * 400 < alone


def test_where_too_few_replications_differ_the_range_reaches_to_what_is_known():
    frame = swept([-3, -1, 3])
    middle = (frame["strategy"] == "mine") & (frame[RATE] == 1)
    frame.loc[middle, ["difference_low", "difference_high"]] = np.nan
    row = only(break_even(frame, RATE, "mine", "base"))
    assert (row["low"], row["high"]) == (0, 2) and row["value"] == pytest.approx(1.25)
    assert (row["below"], row["above"]) == ("mine", "base")


def test_rows_may_come_in_any_order_and_are_not_changed():
    frame = swept([-3, -1, 3]).sample(frac=1, random_state=1)
    before = frame.copy(deep=True)
    assert only(break_even(frame, RATE, "mine", "base"))["value"] == pytest.approx(1.25)
    pd.testing.assert_frame_equal(frame, before)


def test_every_combination_of_the_other_parameters_has_its_own_rows():
    parts = [
        swept([-3, 1], **{SLOTS: 5, "decay": "linear"}),
        swept([1, 3], **{SLOTS: 9, "decay": "cliff"}),
    ]
    frame = pd.concat(parts, ignore_index=True)
    frame["decay"] = pd.Categorical(frame["decay"], ["linear", "cliff"], ordered=True)
    table = break_even(frame, RATE, "mine", "base")
    assert list(table)[:3] == [SLOTS, "decay", "parameter"]
    assert table[SLOTS].tolist() == [5, 9] and table[SLOTS].dtype == np.int64
    assert table["decay"].tolist() == ["linear", "cliff"] and table["decay"].cat.ordered
    assert table["value"][0] == pytest.approx(0.75) and np.isnan(table["value"][1])
    assert table["above"].tolist() == ["base", "base"]


def test_a_kitchen_breaks_even_where_its_differences_change_sign(rush):
    """Food that ages fast on the overflow makes it worth throwing away the one of lowest value."""
    path = "shelves.overflow.modifier"
    names = ["discard newcomer", "lowest value"]
    found = sweep(rush, {path: [1, 4, 12, 16]}, names, replications=200, seed=1)
    row = only(break_even(found, path, "lowest value", "discard newcomer"))
    assert (row["below"], row["above"]) == ("discard newcomer", "lowest value")
    assert 4 < row["low"] < row["value"] < row["high"] < 12
    table = found.table()
    lines = table[table["strategy"] == "lowest value"].set_index(path)["difference"]
    assert np.interp(row["value"], lines.index, lines) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda f: break_even(f, "arrivals.rat", "mine", "base"), "Did you mean 'arrivals.rate'"),
        (lambda f: break_even(f, "mean", "mine", "base"), "parameter 'mean' is unknown"),
        (lambda f: break_even(f, RATE, "min", "base"), "Did you mean 'mine'"),
        (lambda f: break_even(f, RATE, "mine", "mine"), "against itself"),
        (lambda f: break_even(f, RATE, "mine", "base", "lost"), "measure 'lost' is unknown"),
        (lambda f: break_even([1], RATE, "mine", "base"), "must be given a sweep or its frame"),
        (lambda f: break_even(f.drop(columns="difference"), RATE, "mine", "base"), "difference"),
        (lambda f: break_even(pd.concat([f, f]), RATE, "mine", "base"), "more than one row for"),
        (
            lambda f: break_even(f.assign(**{RATE: f[RATE].map(str)}), RATE, "mine", "base"),
            "are words, with nothing between them",
        ),
        (
            lambda f: break_even(f.assign(**{SLOTS: f["point"]}), RATE, "mine", "base"),
            "never changes while shelves.overflow.capacity stay as they are. Sweep a grid",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(ask, message):
    with pytest.raises(KitchenError, match=message):
        ask(swept([-3, -1, 3]))


def test_one_of_the_two_must_be_the_baseline():
    frame = swept([-3, -1, 3])
    more = frame[frame["strategy"] == "mine"].assign(strategy="third")
    both = pd.concat([frame.astype({"strategy": str}), more], ignore_index=True)
    with pytest.raises(
        KitchenError, match="differences to 'base' only. Sweep with 'mine' or 'third'"
    ):
        break_even(both, RATE, "mine", "third")
