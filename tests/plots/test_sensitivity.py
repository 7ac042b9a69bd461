"""Pictures of what matters, checked by what they show."""

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from kitchen import plots
from kitchen.errors import KitchenError
from kitchen.plots.axes import png


def shares(first=(0.1, 0.6, 0.0), total=(0.15, 0.75, 0.01), names=("a", "b", "c"), half=0.05):
    """A frame as of `Sensitivity`."""
    both = np.column_stack([first, total]).ravel()
    return pd.DataFrame(
        {
            "parameter": pd.Categorical(np.repeat(names, 2), list(names), ordered=True),
            "index": pd.Categorical(["first", "total"] * len(names), ["first", "total"]),
            "measure": "lost_per_order",
            "mean": both,
            "low": both - half,
            "high": both + half,
        }
    )


def rows(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


def marks(ax):
    return [line for line in ax.lines if line.get_marker() in ("o", "D")]


def test_parameters_stand_with_those_that_matter_most_on_top():
    ax = plots.sensitivity(shares())
    assert rows(ax) == ["b", "a", "c"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    first, total = marks(ax)
    assert first.get_xdata().tolist() == [0.6, 0.1, 0.0]
    assert total.get_xdata().tolist() == [0.75, 0.15, 0.01]
    assert (first.get_ydata() < total.get_ydata()).all()  # the dot above the diamond
    assert np.abs(first.get_ydata() - np.arange(3)).max() < 0.5


def test_the_two_indices_differ_in_more_than_their_colour():
    ax = plots.sensitivity(shares())
    first, total = marks(ax)
    assert (first.get_marker(), total.get_marker()) == ("o", "D")
    assert first.get_markerfacecolor() != "white" and total.get_markerfacecolor() == "white"
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == ["by itself", "with its interactions"]


def test_intervals_are_whiskers_and_figures_stand_beside_them():
    ax = plots.sensitivity(shares())
    ends = ax.collections[0].get_segments()[0][:, 0]
    assert ends == pytest.approx([0.55, 0.65])
    texts = {text.get_text() for text in ax.texts}
    assert {"alone", "in all", "60.0", "75.0", "0.0", "1.0"} <= texts
    assert ax.get_xlabel() == "share of the variance (%)"
    assert ax.get_title(loc="left") == "What matters for value lost"


def test_the_axis_goes_from_nothing_to_everything_and_further_where_intervals_do():
    assert plots.sensitivity(shares(half=0.0)).get_xlim() == (0.0, 1.0)
    low, high = plots.sensitivity(shares(half=0.4)).get_xlim()
    assert low < -0.4 and high > 1.15


def test_where_nothing_varies_the_picture_says_so():
    frame = shares().assign(mean=np.nan, low=np.nan, high=np.nan)
    (said,) = plots.sensitivity(frame).texts
    assert said.get_text() == "nothing varies: no parameter matters"
    (said,) = plots.sensitivity(frame.iloc[:0].assign(parameter=[], index=[])).texts
    assert said.get_text() == "no parameters"


def test_given_axes_are_drawn_on_and_frames_and_settings_stay_as_they_were():
    frame, settings = shares(), dict(matplotlib.rcParams)
    before, ax = frame.copy(deep=True), Figure().subplots()
    assert plots.sensitivity(frame, ax=ax) is ax
    pd.testing.assert_frame_equal(frame, before)
    assert dict(matplotlib.rcParams) == settings


def test_a_frame_of_several_measures_or_without_a_column_is_refused():
    both = pd.concat([shares(), shares().assign(measure="moves")])
    with pytest.raises(KitchenError, match="more than one row for 'a'. Choose one measure"):
        plots.sensitivity(both)
    with pytest.raises(KitchenError, match="'low' is missing"):
        plots.sensitivity(shares().drop(columns="low"))


@pytest.mark.parametrize("number", [1, 3, 40])
@pytest.mark.parametrize(
    "name", ["$\\frac{a}{b}$", "<script>", "long " * 60, "shelves.hot.capacity"]
)
def test_names_are_drawn_as_plain_text_and_nothing_overlaps(name, number):
    names = [f"{name}{nth}" for nth in range(number)]
    rising = np.linspace(0.01, 0.5, number)
    ax = plots.sensitivity(shares(rising, rising, names))
    assert png(ax.figure).startswith(b"\x89PNG")
    figure = ax.figure
    figure.draw_without_rendering()
    for text in figure.findobj(matplotlib.text.Text):
        assert not text.get_parse_math() or "$" not in text.get_text()
    boxes = [label.get_window_extent() for label in ax.get_yticklabels()]
    assert all(above.y0 >= below.y1 - 1 for above, below in zip(boxes, boxes[1:], strict=False))
    drawn, (wide, tall) = figure.get_tightbbox(), figure.get_size_inches()
    assert -0.01 <= drawn.x0 < drawn.x1 <= wide + 0.01
    assert -0.01 <= drawn.y0 < drawn.y1 <= tall + 0.01
