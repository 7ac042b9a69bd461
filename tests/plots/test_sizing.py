"""Pictures of what shelves buy, checked by what they show."""

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from support.hostile_html import NASTY

from kitchen.errors import KitchenError
from kitchen.plots.axes import png
from kitchen.plots.sizing import sizing


def curve(
    means=(0.5, 0.1, 0.02, 0.008, 0.0), chosen=3, target=0.01, names=("hot", "top"), **changes
):
    """A trade-off: the first shelf has 2 slots, the second one more slot from row to row."""
    number = len(means)
    mean = np.array(means, float)
    slots = {f"shelves.{name}.capacity": np.full(number, 2) for name in names}
    slots[f"shelves.{names[-1]}.capacity"] = np.arange(number)
    frame = pd.DataFrame(slots).assign(
        cost=sum(slots.values()).astype(float),
        mean=mean,
        low=mean - 0.1 * mean,
        high=mean + 0.1 * mean,
        upper=mean + 0.08 * mean,
        replications=400,
        within=mean <= target,
        fails=mean > target,
        chosen=np.arange(number) == chosen,
        measure="wasted_share",
        target=target,
    )
    return frame.assign(**changes)


def title(ax):
    return ax.get_title(loc="left")


def words(ax):
    return [text.get_text() for text in ax.texts]


def names(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def dots(ax, colour, face):
    """Where dots of a colour and a filling stand."""
    lines = [
        line
        for line in ax.lines
        if line.get_marker() != "None"
        and to_hex(line.get_color()) == colour.lower()
        and to_hex(line.get_markerfacecolor()) == face.lower()
    ]
    return np.concatenate([line.get_xydata() for line in lines])


def test_waste_stands_over_cost_with_its_intervals():
    ax = sizing(curve())
    path = next(line for line in ax.lines if len(line.get_xdata()) == 5)
    assert path.get_xdata() == pytest.approx([2, 3, 4, 5, 6])
    assert path.get_ydata()[:4] == pytest.approx([0.5, 0.1, 0.02, 0.008])
    ends = [segment[:, 1] for segment in ax.collections[0].get_segments()]
    assert ends[0] == pytest.approx([0.45, 0.55])
    assert ax.get_yscale() == "log"
    assert ax.get_ylabel() == "wasted orders\n(% of orders)"
    assert ax.get_xlabel() == "cost of the layout (slots)"


def test_dots_tell_which_layouts_hold_the_target_and_which_was_chosen():
    ax = sizing(curve())
    assert dots(ax, "#0072b2", "#ffffff") == pytest.approx(
        np.array([[2, 0.5], [3, 0.1], [4, 0.02]])
    )
    assert dots(ax, "#b04a00", "#b04a00") == pytest.approx(np.array([[5, 0.008]]))
    assert dots(ax, "#0072b2", "#0072b2")[0, 0] == 6
    assert names(ax) == ["chosen", "holds the target", "fails, or not sure"]
    assert "hot 2, top 3" in words(ax)


def test_the_target_is_a_line_with_its_figure():
    ax = sizing(curve(target=0.015))
    line = next(line for line in ax.lines if len(set(line.get_ydata())) == 1 and line.is_dashed())
    assert line.get_ydata()[0] == 0.015
    assert "target 1.5 %" in words(ax)


def test_a_layout_that_wastes_nothing_stands_on_the_lower_edge():
    ax = sizing(curve())
    assert ax.get_ylim()[0] == pytest.approx(0.004)
    assert dots(ax, "#0072b2", "#0072b2")[0, 1] == ax.get_ylim()[0]


def test_shares_are_written_as_percentages():
    ax = sizing(curve())
    ax.figure.draw_without_rendering()
    labels = {
        label.get_text(): label.get_position()[1]
        for label in ax.get_yticklabels()
        if label.get_text()
    }
    assert labels["1"] == pytest.approx(0.01) and labels["10"] == pytest.approx(0.1)


def test_prices_have_their_unit_and_are_no_percentages():
    ax = sizing(curve(measure="waste_cost", target=0.01, cost=[1.5, 2.5, 4.0, 5.5, 7.0]))
    assert ax.get_ylabel().startswith("price of the wasted orders")
    assert ax.get_xlabel() == "cost of the layout (as priced)"
    assert "target 0.01" in words(ax)


def test_the_waste_of_one_temp_is_named():
    ax = sizing(curve(measure="wasted_share_hot"))
    assert ax.get_ylabel() == "wasted hot orders\n(% of hot orders)"


def test_where_nothing_reaches_the_target_the_title_says_so():
    ax = sizing(curve((0.5, 0.2, 0.1), chosen=None))
    assert title(ax).endswith("no layout is shown to reach 1 %")
    assert names(ax) == ["fails, or not sure"]
    assert ax.get_ylim()[0] < 0.01 < ax.get_ylim()[1]


@pytest.mark.parametrize("mean", [0.005, 0.0])
def test_one_layout_is_a_picture_too(mean):
    ax = sizing(curve((mean,), chosen=0))
    assert ax.get_xlim()[0] < 2 < ax.get_xlim()[1]
    png(ax.figure)


def test_no_layout_and_no_orders_say_so():
    for frame in (curve().iloc[:0], curve(mean=np.nan)):
        assert "no orders to show" in words(sizing(frame))


def test_many_shelves_are_counted_in_the_label():
    ax = sizing(curve(names=tuple("abcdefgh")))
    label = next(text for text in words(ax) if "a 2" in text)
    assert label == "a 2, b 2,\nc 2, d 2,\ne 2, 3 more"


@pytest.mark.parametrize("cost", [1.0, 1e-7, 1e7])
def test_the_label_stays_inside_the_picture(cost):
    for chosen in (0, 2, 4):
        frame = curve((0.009, 0.007, 0.005, 0.003, 0.002), chosen=chosen)
        ax = sizing(frame.assign(cost=frame["cost"] * cost))
        ax.figure.draw_without_rendering()
        label = next(text for text in ax.texts if "hot" in text.get_text())
        box, page = label.get_window_extent(), ax.figure.bbox
        assert page.x0 <= box.x0 and box.x1 <= page.x1 and page.y0 <= box.y0 and box.y1 <= page.y1


def test_given_axes_are_drawn_on_and_settings_stay_as_they_were():
    before = dict(matplotlib.rcParams)
    ax = Figure().add_subplot()
    assert sizing(curve(), ax=ax) is ax
    assert dict(matplotlib.rcParams) == before


def test_the_frame_is_left_as_it_was():
    frame = curve()
    kept = frame.copy()
    sizing(frame)
    pd.testing.assert_frame_equal(frame, kept)


def test_a_frame_without_the_columns_is_refused():
    with pytest.raises(KitchenError, match="sizing: the column 'target' is missing"):
        sizing(curve().drop(columns="target"))


@pytest.mark.parametrize("name", [*NASTY, "$x^2$", "two\nlines", "", "long " * 40])
def test_names_are_drawn_as_plain_text(name):
    ax = sizing(curve(names=(name, "top")))
    assert len(png(ax.figure)) > 1000
