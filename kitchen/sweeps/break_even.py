"""Break-even analysis: the values of a parameter at which one strategy begins to beat another."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kitchen.errors import KitchenError, inline, shown, unknown
from kitchen.model.measures import measure_named, primary_in
from kitchen.simulation.metrics import in_order, need
from kitchen.stats.intervals import widened
from kitchen.sweeps.sweep import FIGURES, PAIRED, Sweep
from kitchen.utils.validation import instance

UNSURE = "no significant difference"
"""In place of a winner where the interval of the difference covers 0, or where there is none."""

_KEYS = ("point", "strategy", "measure", "baseline", *FIGURES, *PAIRED)


def break_even(
    swept: Sweep | pd.DataFrame,
    x: str,
    one: str,
    other: str,
    measure: str | None = None,
) -> pd.DataFrame:
    """Find the break-even values of a parameter: where one strategy begins to beat another.

    Parameters
    ----------
    swept : Sweep or DataFrame
        A sweep in which several values of `x` were run for the same values of the other parameters,
        as in a grid; or its frame, or some of its rows.
    x : str
        A parameter whose values are numbers.
    one, other : str
        Names of strategies; one of the two is the baseline of the sweep, because only differences
        to the baseline have intervals.
    measure : str, optional
        A measure of the sweep; by default lost revenue where prices differ, else lost value.

    Returns
    -------
    DataFrame
        A row a crossing, for each combination of the other parameters, in the order of the sweep:

        - a column for each other parameter;
        - ``parameter``: `x`;
        - ``value``: where the difference is 0, between the nearest values of `x` by a straight line;
          NaN if it does not get there;
        - ``low, high``: the range in which the interval of the difference covers 0, also by
          straight lines; NaN where it reaches the end of the values;
        - ``below, above``: the winner on either side, where the difference is significant: `one`,
          `other`, or "no significant difference";
        - ``first, last, points``: ends and number of the values of `x`.

        Without a crossing there is one row: `value`, `low` and `high` are NaN, and both sides have
        the same winner. Values of `x` without orders are left out.

    Raises
    ------
    KitchenError
        If there is no such parameter, strategy or measure, if neither strategy is the baseline, if
        the values of `x` are words, or if `x` changes only together with other parameters.

    Notes
    -----
    A change of sign alone is no crossing: on one side at least the interval of the difference must
    leave out 0, and values at which it covers 0 belong to the crossing. The intervals of all values of
    `x` hold together (Bonferroni): where two strategies are equal, a winner is named at any of the
    values in at most 5 % of curves. That is held for each curve by itself, not over the combinations of
    the other parameters. Orders are the same at all values of `x`, so that differences change smoothly
    with it.

    Examples
    --------
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> grid = {"shelves.overflow.capacity": [5, 15]}
    >>> swept = kt.sweep(rush, grid, ["discard newcomer", "oldest"], replications=5)
    >>> table = kt.break_even(swept, "shelves.overflow.capacity", "oldest", "discard newcomer")
    >>> table[["parameter", "points"]].values.tolist()
    [['shelves.overflow.capacity', 2]]
    """
    frame = swept.frame if isinstance(swept, Sweep) else swept
    if not isinstance(frame, pd.DataFrame):
        raise KitchenError(f"break_even: must be given a sweep or its frame, got {shown(frame)}.")
    need(frame, ["strategy", "measure", "baseline", "replications", *PAIRED], "break_even")
    measure = primary_in(frame) if measure is None else measure
    for key, value in {"x": x, "one": one, "other": other, "measure": measure}.items():
        instance(f"break_even: {key}", value, str)
    rows = _differences(frame, one, other, measure)
    known = swept.parameters if isinstance(swept, Sweep) else frame.columns
    paths = [column for column in known if column not in _KEYS]
    if x not in paths:
        raise KitchenError(f"break_even: {unknown('parameter', x, paths)}")
    if not pd.api.types.is_numeric_dtype(rows[x]):
        raise KitchenError(
            f"break_even: the values of {shown(x)} are words, with nothing between them. See "
            "plots.sweep_map with against=."
        )
    others = [path for path in paths if path != x]
    groups = rows.groupby(others, sort=False, observed=True) if others else [((), rows)]
    if len(groups) > 1 and len(groups) == len(rows):
        raise KitchenError(
            f"break_even: {shown(x)} never changes while {', '.join(map(inline, others[:3]))} stay as "
            "they are. Sweep a grid."
        )
    result: list[dict] = []
    for key, own in groups if len(rows) else ():
        at = own.sort_values(x, kind="stable")
        if at[x].duplicated().any():
            twice = at[x][at[x].duplicated()].iloc[0]
            raise KitchenError(f"break_even: there is more than one row for {x} = {twice:g}.")
        place = at[x].to_numpy(float)
        extent = {"first": place[0], "last": place[-1], "points": len(place)}
        middle, low, high = at[list(PAIRED)].to_numpy(float).T
        ends = widened(middle, low, high, at["replications"].to_numpy(float), len(at))
        figures = np.column_stack([middle, *ends])
        for crossing in crossings(place, figures, one, other):
            result.append(
                {**dict(zip(others, key, strict=True)), "parameter": x, **crossing, **extent}
            )
    table = pd.DataFrame(
        result, columns=[*others, "parameter", *CROSSING, "first", "last", "points"]
    )
    for path in others:
        table[path] = table[path].astype(frame[path].dtype)
    for side in ("below", "above"):
        table[side] = pd.Categorical(table[side], [one, other, UNSURE])
    return table


CROSSING = ("value", "low", "high", "below", "above")
"""Columns that describe a crossing."""


def crossings(x: np.ndarray, figures: np.ndarray, one: str, other: str) -> list[dict]:
    """Where a difference changes its sign significantly, or ceases to be significant.

    Parameters
    ----------
    x : array, shape (values,)
        Rising.
    figures : array, shape (values, 3)
        The difference and its interval: positive where `other` wins, `one` where it is negative. Where
        there is no interval, nothing is known.
    one, other : str

    Returns
    -------
    list of dict
        ``value, low, high, below, above``; at least one.
    """
    figures = np.where(np.isnan(figures), [np.nan, -np.inf, np.inf], figures)
    sign = np.where(figures[:, 1] > 0, 1, np.where(figures[:, 2] < 0, -1, 0))
    sure = np.flatnonzero(sign)
    name = {1: other, -1: one, 0: UNSURE}
    if not len(sure):
        return [_row(np.nan, np.nan, np.nan, UNSURE, UNSURE)]
    result = []
    if sure[0] > 0:
        span = slice(0, sure[0] + 1)
        back = _zeros(-x[span][::-1], _inner(figures[span][::-1], sign[sure[0]]))
        value = _middle(_zeros(x[span], figures[span, 0]))
        result.append(_row(value, np.nan, -_first(back), UNSURE, name[sign[sure[0]]]))
    for left, right in zip(sure, sure[1:], strict=False):
        if sign[left] != sign[right]:
            span = slice(left, right + 1)
            low = _first(_zeros(x[span], _inner(figures[span], sign[left])))
            high = -_first(_zeros(-x[span][::-1], _inner(figures[span][::-1], sign[right])))
            value = _middle(_zeros(x[span], figures[span, 0]))
            result.append(_row(value, low, high, name[sign[left]], name[sign[right]]))
    if sure[-1] < len(x) - 1:
        span = slice(sure[-1], len(x))
        low = _first(_zeros(x[span], _inner(figures[span], sign[sure[-1]])))
        value = _middle(_zeros(x[span], figures[span, 0]))
        result.append(_row(value, low, np.nan, name[sign[sure[-1]]], UNSURE))
    winner = name[sign[sure[0]]]
    return result or [_row(np.nan, np.nan, np.nan, winner, winner)]


def _row(value: float, low: float, high: float, below: str, above: str) -> dict:
    return dict(zip(CROSSING, (value, low, high, below, above), strict=True))


def _inner(figures: np.ndarray, sign: int) -> np.ndarray:
    """The end of the interval that is nearer to 0 where the difference has this sign."""
    return figures[:, 1] if sign > 0 else figures[:, 2]


def _zeros(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Zeros of the line through the points, in rising order; a stretch at 0 counts where it begins."""
    at_zero = y == 0
    result = list(x[at_zero & ~np.r_[False, at_zero[:-1]]])
    for nth in np.flatnonzero(np.sign(y[:-1]) * np.sign(y[1:]) < 0):
        share = y[nth] / (y[nth] - y[nth + 1])
        result.append(x[nth] + share * (x[nth + 1] - x[nth]))
    return np.sort(result)


def _first(zeros: np.ndarray) -> float:
    return float(zeros[0]) if len(zeros) else np.nan


def _middle(zeros: np.ndarray) -> float:
    """The middle one of several; NaN if there is none."""
    return float(zeros[(len(zeros) - 1) // 2]) if len(zeros) else np.nan


def _differences(frame: pd.DataFrame, one, other, measure) -> pd.DataFrame:
    """Rows of a measure whose difference is one minus other, turned so that less is better."""
    rows = frame[frame["measure"] == measure]
    if not len(rows):
        measures = list(in_order(frame["measure"]).categories)
        raise KitchenError(f"break_even: {unknown('measure', measure, measures)}")
    names = list(in_order(rows["strategy"]).categories)
    for name in (one, other):
        if name not in names:
            raise KitchenError(f"break_even: {unknown('strategy', name, names)}")
    if one == other:
        raise KitchenError(f"break_even: {one!r} against itself has no difference.")
    baseline = str(rows["baseline"].iloc[0])
    if baseline not in (one, other):
        raise KitchenError(
            f"break_even: the sweep has differences to {baseline!r} only. Sweep with {one!r} or "
            f"{other!r} as the first strategy."
        )
    rows = rows[rows["strategy"] == (other if one == baseline else one)]
    turn = (one == baseline) != (measure_named(measure).more_is_better)
    if turn:
        middle, low, high = (-rows[column] for column in PAIRED)
        rows = rows.assign(**dict(zip(PAIRED, (middle, high, low), strict=True)))
    return rows[rows["difference"].notna()]
