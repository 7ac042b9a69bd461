"""The oldest and the newest versions of the dependencies give the same figures."""

import numpy as np
import pandas as pd
import pytest
from support.pinned_figures import KEYS, MEASURES, REPLICATIONS, TABLE, figures
from support.versions import TO_LAST_BIT

MEANS = 1e-12
"""Of the size of the measure in its setting."""

ENDS = 1e-10
"""Of intervals, likewise: SciPy 1.14 has quantiles of Student's t to 5e-11 only (`STUDENTS_T`)."""


@pytest.fixture(scope="module")
def pinned():
    return pd.read_csv(
        TABLE, keep_default_na=False, na_values={"low": "", "high": ""}, **TO_LAST_BIT
    )


@pytest.fixture(scope="module")
def now():
    return figures()


def error(now, pinned, column):
    """The largest, relative to the largest mean of the same measure in the same setting."""
    size = pinned["mean"].abs().groupby([pinned["setting"], pinned["measure"]]).transform("max")
    size = np.maximum(size, pinned[column].abs())
    apart = (now[column] - pinned[column]).abs()
    return (apart / size.where(size > 0, 1.0)).max()


def test_the_table_has_a_row_for_every_figure(now, pinned):
    assert pinned[KEYS].to_numpy().tolist() == now[KEYS].to_numpy().tolist()
    assert set(pinned["measure"]) == set(MEASURES) and set(REPLICATIONS) <= set(pinned["setting"])
    assert pinned["mean"].notna().all() and pinned["low"].notna().sum() > len(pinned) / 2


def test_means_are_those_of_the_tested_versions(now, pinned):
    assert error(now, pinned, "mean") <= MEANS


@pytest.mark.parametrize("end", ["low", "high"])
def test_ends_of_intervals_are_those_of_the_tested_versions(now, pinned, end):
    assert now[end].isna().tolist() == pinned[end].isna().tolist()
    assert error(now, pinned, end) <= ENDS


def test_one_move_more_in_one_replication_is_seen(now, pinned):
    moved = now.copy()
    row = moved.index[(moved["setting"] == "friday") & (moved["measure"] == "moves")][0]
    moved.loc[row, "mean"] += 1 / 20
    assert error(moved, pinned, "mean") > 5e-5  # friday has the most moves; elsewhere it is more
