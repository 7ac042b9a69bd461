"""The picture of regions: points where they are, boxes as their limits say."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle

import kitchen as kt

POINTS = pd.DataFrame(
    {
        "point": range(6),
        "arrivals.rate": [4.0, 6.0, 8.0, 9.0, 10.0, 12.0],
        "slots": [5, 10, 15, 5, 10, 15],
        "decay": pd.Categorical(["linear", "cliff"] * 3),
        "figure": [0.1] * 6,
        "fails": [False, False, False, True, True, False],
        "region": [0, 0, 0, 1, 1, 0],
    }
)
LIMITS = pd.DataFrame(
    {
        "region": [1, 1],
        "parameter": ["arrivals.rate", "slots"],
        "low": [8.5, np.nan],
        "high": [np.nan, 12.0],
        "values": ["above 8.5", "at most 12"],
    }
)


def boxes(ax):
    return [p for p in ax.patches if isinstance(p, Rectangle) and p.get_facecolor()[3] == 0]


def test_failing_points_and_the_others_are_drawn_apart():
    ax = kt.plots.regions(POINTS, LIMITS)
    others, failing = ax.lines
    assert others.get_xdata().tolist() == [4.0, 6.0, 8.0, 12.0]
    assert failing.get_xdata().tolist() == [9.0, 10.0] and failing.get_ydata().tolist() == [5, 10]
    assert others.get_marker() != failing.get_marker()
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["fails (2 points)", "does not (4)", "region"]


def test_a_box_reaches_from_its_limits_to_the_edge_of_the_axes():
    ax = kt.plots.regions(POINTS, LIMITS, x="arrivals.rate", y="slots")
    (box,) = boxes(ax)
    assert box.get_x() == 8.5 and box.get_x() + box.get_width() == ax.get_xlim()[1]
    assert box.get_y() == ax.get_ylim()[0]
    assert box.get_y() + box.get_height() == 12.5  # 12 slots are inside
    assert box.get_linestyle() == "-"


def test_a_box_that_another_setting_bounds_has_a_dashed_edge():
    ax = kt.plots.regions(POINTS, LIMITS, x="arrivals.rate", y="decay")
    (box,) = boxes(ax)
    assert box.get_linestyle() == "--"
    assert [label.get_text() for label in ax.get_yticklabels()] == ["cliff", "linear"]


def test_one_parameter_and_no_region_can_be_drawn():
    points = POINTS.drop(columns=["slots", "decay"])
    ax = kt.plots.regions(points, LIMITS.iloc[:1])
    assert ax.get_yticks().tolist() == [] and boxes(ax)[0].get_x() == 8.5
    ax = kt.plots.regions(POINTS.assign(region=0), LIMITS.iloc[:0])
    assert ax.get_title(loc="left") == "Where it fails: no region found"


def test_an_unknown_parameter_is_refused_with_those_there_are():
    with pytest.raises(kt.KitchenError, match=r"parameter 'rate' is unknown.*arrivals\.rate"):
        kt.plots.regions(POINTS, LIMITS, x="rate")
