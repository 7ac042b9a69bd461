"""Paired differences between strategies, from their values in each replication, and in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from kitchen.errors import KitchenError
from kitchen.model.measures import MEASURES, Measure
from kitchen.stats.intervals import paired_differences
from kitchen.utils.formatting import MINUS, fixed_point, number_text


def paired_values(names: Sequence[str], values: np.ndarray, measure: str) -> pd.DataFrame:
    """Differences of strategies to the first of them, as `Comparison.paired` has them.

    Parameters
    ----------
    names : sequence of str
    values : array, shape (strategies, replications)
    measure : str

    Returns
    -------
    DataFrame
        ``strategy, baseline, measure, difference, low, high, replications, differing``.
    """
    number = values.shape[1]
    strategy = pd.Categorical.from_codes(np.repeat(np.arange(len(names)), number), list(names))
    columns = {"strategy": strategy, "replication": np.tile(np.arange(number), len(names))}
    return paired_differences(pd.DataFrame({**columns, measure: values.ravel()}), None, [measure])


def is_gain(row: pd.Series) -> bool:
    """Whether a row of `paired_values` shows a gain: its 95 % interval lies on the good side of 0."""
    if MEASURES[row["measure"]].more_is_better:
        return bool(row["low"] > 0)
    return bool(row["high"] < 0)


def gain_of(row: pd.Series) -> tuple[float, float, float]:
    """The gain of a row of `paired_values` and its interval: above 0 is better."""
    if MEASURES[row["measure"]].more_is_better:
        return row["difference"], row["low"], row["high"]
    return -row["difference"], -row["high"], -row["low"]


def gain_text(row: pd.Series, currency: str = "") -> str:
    """A gain with its interval: "0.42 percentage points of value lost (95 % interval ...)"."""
    measure = MEASURES[row["measure"]].in_currency(currency)
    gain, low, high = (_written(measure, number) for number in gain_of(row))
    number = f"{row['replications']:,} replications"
    if row[["low", "high"]].isna().any():
        how_sure = f"the two differ in {row['differing']:,} of {number}: too few for an interval"
    else:
        how_sure = f"95 % interval {low} to {high}, {number}"
    return f"{gain} {measure.step_unit} of {measure.title} ({how_sure})"


def amount_text(row: pd.Series, currency: str = "") -> str:
    """A gain without its interval: "0.42 percentage points"."""
    measure = MEASURES[row["measure"]].in_currency(currency)
    return f"{_written(measure, gain_of(row)[0])} {measure.step_unit}"


def _written(measure: Measure, number: float) -> str:
    text = fixed_point(100 * number, 2) if measure.is_share else number_text(number)
    return text.replace("-", MINUS)


def score_of(values: np.ndarray) -> float:
    """Mean over the replications that have a value.

    Raises
    ------
    KitchenError
        If none has one.
    """
    known = values[np.isfinite(values)]
    if not known.size:
        raise KitchenError(
            "no orders came that this measure could count: there is nothing to improve."
        )
    return float(known.mean())
