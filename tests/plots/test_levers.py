"""The tornado of levers, checked by what it shows."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from kitchen import plots
from kitchen.errors import KitchenError
from kitchen.plots.axes import png
from kitchen.plots.levers import KINDS


def frame(gains=(0.01, 0.27, -0.02, 0.0), bound=0.09, money=(12.3, 3412.0, -25.0, 0.0)):
    """A frame as of `Levers`; the last lever changes nothing."""
    gains = np.array(gains)
    kinds = ["free", "costs", "costs", "free"]
    rows = pd.DataFrame(
        {
            "lever": ["best recall rule", "couriers in a pool", "10 % fewer arrivals", "same"],
            "kind": kinds,
            "what": ["largest gain", "issue oldest", "10 % fewer orders", "as today"],
            "measure": "lost_revenue_share",
            "gain": gains,
            "low": gains - 0.005,
            "high": gains + 0.004,
            "money": money,
            "replications": 40,
            "differing": [40, 40, 40, 0],
            "currency": "EUR",
        }
    )
    if bound is None:
        return rows
    end = rows.iloc[:1].assign(lever="clairvoyant bound", kind="bound", gain=bound)
    return pd.concat([rows, end], ignore_index=True)


def bars(ax):
    """Length, place and colour of each bar, the first on top."""
    found = [
        (p.get_y() + p.get_height() / 2, p.get_width(), to_hex(p.get_facecolor()))
        for p in ax.patches
    ]
    return sorted(found)


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_levers_stand_with_the_largest_gain_on_top_and_tell_what_costs_nothing():
    ax = plots.levers(frame())
    names = [label.get_text().partition("\n")[0] for label in ax.get_yticklabels()]
    assert names == ["couriers in a pool", "best recall rule", "same", "10 % fewer arrivals"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    assert [width for _, width, _ in bars(ax)] == [0.27, 0.01, 0.0, -0.02]
    free, costs = (to_hex(KINDS[kind][1]["facecolor"]) for kind in ("free", "costs"))
    assert [colour for *_, colour in bars(ax)] == [costs, free, free, costs]


def test_what_a_lever_comes_to_stands_below_its_name():
    label = plots.levers(frame()).get_yticklabels()[1].get_text()
    assert label == "best recall rule\nlargest gain"


def test_the_bound_is_a_line_and_no_bar():
    ax = plots.levers(frame())
    dashed = [line for line in ax.lines if line.get_linestyle() == "--"]
    assert [line.get_xdata()[0] for line in dashed] == [0.09]
    assert "clairvoyant bound on rules" in [t.get_text() for t in ax.get_legend().get_texts()]
    ax = plots.levers(frame(bound=None))
    assert not [line for line in ax.lines if line.get_linestyle() == "--"]
    assert len(ax.get_legend().get_texts()) == 2


def test_gains_and_money_stand_beside_the_bars():
    shown = texts(plots.levers(frame()))
    assert shown[:5] == ["+27.00", "+1.00", "same", "\u22122.00", "points"]
    assert shown[5:] == ["+3412", "+12.3", "", "\u221225", "EUR"]
    without = frame().assign(money=np.nan)
    assert len(texts(plots.levers(without))) == 5


def test_everything_lies_within_the_axes():
    for bound in (0.09, 0.4):
        ax = plots.levers(frame(bound=bound))
        left, right = ax.get_xlim()
        assert left < -0.025 and right > max(0.274, bound)


def test_whiskers_are_the_intervals():
    ax = plots.levers(frame())
    ends = [segment[:, 0] for segment in ax.collections[0].get_segments()]
    assert ends[0] == pytest.approx([0.265, 0.274])


def test_without_orders_there_is_a_remark():
    nothing = frame(gains=(np.nan,) * 4, bound=None)
    assert texts(plots.levers(nothing)) == ["no orders, so there is nothing that could help"]


def test_a_frame_of_something_else_is_refused():
    with pytest.raises(KitchenError, match="levers"):
        plots.levers(pd.DataFrame({"lever": ["x"]}))


def test_names_that_no_font_has_are_drawn():
    names = ["$x$\n", "\U0001f525", "a" * 300, " "]
    png(plots.levers(frame(bound=None).assign(lever=names, what="b" * 300)).figure)
