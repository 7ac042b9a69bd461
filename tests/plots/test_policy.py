"""The map of a discard rule, checked by what it shows."""

import numpy as np
import pandas as pd
import pytest

from kitchen.errors import KitchenError
from kitchen.plots.axes import png
from kitchen.plots.policy import FEWEST, policy_map


def frame(names=("one", "other")):
    """Candidates on a grid of 4 x 4 blocks, half of whom go: the cheap and slow ones under the first."""
    rows = []
    for nth, name in enumerate(names):
        for i in range(4):
            for j in range(4):
                goes = (i >= 2 and j < 2) if nth == 0 else i >= 2
                for k in range(400):
                    place = 10 * i + (k % 20) / 2 + 0.2, 10 * j + (k // 20) / 2 + 0.2
                    rows.append((name, *place, goes and (k + k // 20) % 2 == 0))
    columns = ["strategy", "holds_s", "money_at_pickup", "discarded"]
    return pd.DataFrame(rows, columns=columns)


def cells(ax):
    """The shares that are drawn, by the middle of their cell."""
    (mesh,) = ax.collections
    shares = np.ma.filled(mesh.get_array(), np.nan)
    corners = mesh.get_coordinates()
    x = (corners[0, :-1, 0] + corners[0, 1:, 0]) / 2
    y = (corners[:-1, 0, 1] + corners[1:, 0, 1]) / 2
    return pd.DataFrame(shares, index=y, columns=x)


def share_at(ax, x, y):
    shares = cells(ax)
    return shares.iloc[np.abs(shares.index - y).argmin(), np.abs(shares.columns - x).argmin()]


def test_a_cell_shows_the_share_of_its_candidates_that_is_discarded():
    ax = policy_map(frame())
    assert share_at(ax, 5, 5) == 0.0
    assert share_at(ax, 25, 15) == 0.5
    assert ax.get_title(loc="left") == "Who is discarded under one"
    assert "50" in [text.get_text() for text in ax.texts]


def test_against_another_strategy_the_difference_is_shown():
    ax = policy_map(frame(), "one", against="other")
    assert share_at(ax, 25, 15) == 0.0
    assert share_at(ax, 25, 25) == -0.5
    assert "\N{MINUS SIGN}50" in [text.get_text() for text in ax.texts]
    (mesh,) = ax.collections
    assert mesh.norm.vmin == -mesh.norm.vmax


def test_axes_say_what_they_are_and_reach_from_0():
    ax = policy_map(frame())
    assert ax.get_xlabel() == "shelf that it would take until pickup or expiry (s)"
    assert ax.get_ylabel() == "money at pickup"
    assert ax.get_xlim()[0] == ax.get_ylim()[0] == 0.0


def test_a_cell_with_few_candidates_stays_blank():
    table = frame(["one"])
    here = (table["holds_s"] < 5) & (table["money_at_pickup"] < 2)
    few = table[here].head(FEWEST - 1)
    ax = policy_map(pd.concat([table[~here], few]))
    assert np.isnan(share_at(ax, 2, 1)) and share_at(ax, 7, 1) == 0.0


def test_where_nobody_was_discarded_it_says_so():
    ax = policy_map(frame().head(0))
    assert [text.get_text() for text in ax.texts] == ["no order was ever discarded"]


def test_it_can_be_drawn_with_any_name():
    table = frame().replace({"strategy": {"one": "$a_b$ <b> \n" * 9}})
    assert png(policy_map(table).figure).startswith(b"\x89PNG")


def test_an_unknown_strategy_is_refused_with_the_names_there_are():
    with pytest.raises(KitchenError, match="'on' is unknown. Did you mean 'one'"):
        policy_map(frame(), "on")
    with pytest.raises(KitchenError, match="'discarded' is missing"):
        policy_map(frame().drop(columns="discarded"))
