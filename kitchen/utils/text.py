"""Columns of text, for all versions of pandas: "str" from pandas 3 on, objects before."""

from __future__ import annotations

from functools import cache


@cache
def text_dtype():
    """What pandas itself takes for a column of text.

    Examples
    --------
    >>> import pandas as pd
    >>> from kitchen.utils.text import text_dtype
    >>> pd.Series(["soup"]).dtype == text_dtype()
    True
    """
    import pandas as pd

    return pd.Series([""]).dtype


def as_text(column):
    """A column, each value as text; what is missing is NaN, where pandas 2 writes "None" or "nan".

    Examples
    --------
    >>> import pandas as pd
    >>> from kitchen.utils.text import as_text
    >>> as_text(pd.Series([1.5, None])).tolist()
    ['1.5', nan]
    """
    import pandas as pd

    if isinstance(text_dtype(), pd.StringDtype):
        return column.astype(text_dtype())
    return column.astype(str).astype(object).where(column.notna(), float("nan"))
