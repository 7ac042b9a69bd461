"""Welch's picture: what is drawn is what the frame says."""

import numpy as np
import pytest

import kitchen as kt


@pytest.fixture(scope="module")
def advice():
    rush = kt.Scenario.load("rush").replace({"orders.count": 1000})
    return kt.warm_up(kt.simulate(rush, "oldest", replications=20))


def test_the_lines_are_the_average_and_its_moving_average(advice):
    ax = kt.plots.warm_up(advice.series, "lost_per_order")
    rows = advice.series.query("series == 'lost_per_order'")
    raw, smooth, cut = ax.lines
    np.testing.assert_array_equal(raw.get_ydata(), rows["mean"])
    np.testing.assert_array_equal(smooth.get_ydata(), rows["welch"])
    assert cut.get_xdata()[0] == rows["warm_up_s"].iloc[0]
    assert ax.get_ylabel() == "value lost (% of full value per order)"


def test_the_longest_warm_up_is_drawn_unless_another_is_asked_for(advice):
    assert kt.plots.warm_up(advice.series).lines[2].get_xdata()[0] == advice.warm_up_s


def test_a_series_that_does_not_settle_has_no_cut_and_says_so():
    advice = kt.warm_up(kt.simulate(kt.Scenario.load("dinner"), replications=5))
    ax = kt.plots.warm_up(advice.series)
    assert len(ax.lines) == 2 and ax.get_title(loc="left").endswith("not settled")


def test_an_unknown_series_and_a_frame_without_columns_are_refused(advice):
    with pytest.raises(kt.KitchenError, match="on_shelves"):
        kt.plots.warm_up(advice.series, "on_shelf")
    with pytest.raises(kt.KitchenError, match="'welch' is missing"):
        kt.plots.warm_up(advice.series.drop(columns="welch"))


def test_no_rows_are_a_note(advice):
    ax = kt.plots.warm_up(advice.series.iloc[:0])
    assert ax.texts[0].get_text() == "no orders to show"
