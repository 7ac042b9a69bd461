"""Columns of text are the same for every version of pandas, but for their type."""

import numpy as np
import pandas as pd
import pytest

from kitchen.utils.text import as_text, text_dtype

DAYS = pd.to_datetime(["2025-01-01", None])
MISSING = None  # what is missing, in the tables of these tests


@pytest.mark.parametrize(
    ("column", "texts"),
    [
        (pd.Series(["soup", None]), ["soup", MISSING]),
        (pd.Series([1.5, None]), ["1.5", MISSING]),
        (pd.Series([1e16, 0.1 + 0.2]), ["1e+16", "0.30000000000000004"]),
        (pd.Series([1, 20]), ["1", "20"]),
        (pd.Series([1, None], dtype="Int64"), ["1", MISSING]),
        (pd.Series([True, False]), ["True", "False"]),
        (pd.Series([True, None], dtype="boolean"), ["True", MISSING]),
        (pd.Series(["a", None], dtype="category"), ["a", MISSING]),
        (pd.Series([1, None], dtype="string"), ["1", MISSING]),
        (pd.Series(DAYS), ["2025-01-01", MISSING]),
        (pd.Series(DAYS.tz_localize("UTC")), ["2025-01-01 00:00:00+00:00", MISSING]),
        (pd.Series(DAYS + pd.Timedelta("9h")), ["2025-01-01 09:00:00", MISSING]),
        (
            pd.Series([1, 1.5, None, np.nan, pd.NA, pd.NaT], dtype=object),
            ["1", "1.5"] + [MISSING] * 4,
        ),
        (pd.Series([np.nan, np.nan]), [MISSING, MISSING]),
        (pd.Series([], dtype=float), []),
    ],
)
def test_a_column_as_text_is_the_same_on_every_pandas(column, texts):
    before = column.copy()
    found = as_text(column)
    assert found.dtype == text_dtype() and found.index.equals(column.index)
    assert [MISSING if pd.isna(value) else value for value in found] == texts
    gone = found[found.isna()]
    assert all(isinstance(value, float) for value in gone)  # one kind of missing: NaN
    pd.testing.assert_series_equal(column, before)


def test_the_type_of_text_is_what_pandas_gives_to_texts():
    assert pd.Series(["soup", "tea"]).dtype == text_dtype()
    assert pd.DataFrame({"name": ["soup"]})["name"].dtype == text_dtype()
    assert pd.api.types.is_string_dtype(pd.Series(["soup"], dtype=text_dtype()))
