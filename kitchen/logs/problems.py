"""Problems of a log: what was repaired or left out, counted, with the first row of each."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kitchen.utils.text import text_dtype

COLUMNS = ["problem", "rows", "share", "first_row", "example", "done"]


class Problems:
    """Counts of what is wrong in a log, in the order in which it was found.

    Parameters
    ----------
    size : int
        Number of rows of the file.
    """

    def __init__(self, size: int):
        self.size = max(size, 1)
        self._found: list[dict] = []

    def add(self, problem: str, rows, done: str, example=None) -> None:
        """Note a problem, if any row has it.

        Parameters
        ----------
        problem : str
        rows : array of int
            Numbers of the rows that have it, as the file counts them.
        done : str
            What was done about it.
        example : object, optional
            What stands in the first of them.
        """
        rows = np.asarray(rows)
        if rows.size:
            first = int(rows.min())
            if callable(example):
                example = example(first)
            text = None if example is None or pd.isna(example) else str(example)
            share = rows.size / self.size
            values = (problem, int(rows.size), share, first, text, done)
            self._found.append(dict(zip(COLUMNS, values, strict=True)))

    def frame(self) -> pd.DataFrame:
        """The problems, one a row; shares are of all rows of the file."""
        types = {"problem": text_dtype(), "rows": "int64", "share": "float64", "first_row": "int64"}
        types |= {"example": text_dtype(), "done": text_dtype()}
        return pd.DataFrame(self._found, columns=COLUMNS).astype(types)
