"""Rows of a sweep that a figure shows, and the texts about them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kitchen.errors import KitchenError, unknown
from kitchen.model.measures import DIFFERENCE, MEAN, Measure, measure_named, primary_in
from kitchen.stats.intervals import in_order, need
from kitchen.utils.formatting import _value_text, plain, plains


def parameters(frame: pd.DataFrame) -> list[str]:
    """Columns of a sweep's frame that hold the varied parameters.

    Examples
    --------
    >>> import pandas as pd
    >>> parameters(pd.DataFrame(columns=["arrivals.rate", "strategy", "measure", "mean"]))
    ['arrivals.rate']
    """
    known = {"point", "strategy", "measure", "baseline", "replications", *MEAN, *DIFFERENCE}
    return [column for column in frame.columns if column not in known]


def values_of(column: pd.Series) -> pd.Series:
    """Distinct values of a parameter: numbers by size, words in their order.

    Examples
    --------
    >>> import pandas as pd
    >>> values_of(pd.Series([20, 5, 20])).tolist()
    [5, 20]
    """
    return positions(column, even=True)[0]


def rows_of(
    frame, what: str, measure: str | None, free: list[str], differences: bool
) -> tuple[Measure, pd.DataFrame]:
    """A measure and its rows; refused where a parameter other than the `free` ones still varies."""
    more = ("baseline", "replications", *DIFFERENCE) if differences else ()
    need(frame, ["strategy", "measure", *MEAN, *more], what)
    measure = primary_in(frame) if measure is None else measure
    quantity = measure_named(measure)
    there = parameters(frame)
    for name in free:
        if name not in there:
            raise KitchenError(f"{what}: {unknown('parameter', name, there)}")
    if len(set(free)) < len(free):
        raise KitchenError(f"{what}: {free[0]!r} is named twice. Name two parameters.")
    rows = frame[frame["measure"] == measure]
    for name in there:
        values = positions(rows[name])[0] if name not in free else ()
        if len(values) > 1:
            some = ", ".join(map(_value_text, values[:5])) + (", ..." if len(values) > 5 else "")
            first = values.iloc[0]
            first = repr(first.item() if isinstance(first, np.generic) else first)
            raise KitchenError(
                f"{what}: {name!r} still has {len(values)} values ({some}). Choose one: "
                f"frame[frame[{name!r}] == {first}]."
            )
    return quantity, rows


def require_one_strategy(rows: pd.DataFrame, what: str) -> None:
    names = list(in_order(rows["strategy"]).categories)
    if len(names) > 1:
        raise KitchenError(
            f"{what}: there are {len(names)} strategies ({', '.join(plains(names[:5], 30))}), and "
            f"by= shows one. Choose one: frame[frame['strategy'] == {names[0]!r}]."
        )


def refuse_twice(rows: pd.DataFrame, keys: list[str], what: str) -> None:
    """Refuse two rows for one place of a picture, as when frames were put together."""
    twice = rows.duplicated(keys)
    if twice.any():
        row = rows[twice].iloc[0]
        place = ", ".join(f"{key} = {_value_text(row[key])}" for key in keys)
        raise KitchenError(f"{what}: there is more than one row for {place}. Leave one out.")


def positions(values: pd.Series, even: bool = False) -> tuple[pd.Series, np.ndarray]:
    """Distinct values in order, and the position of each row: its number, or its index."""
    if pd.api.types.is_numeric_dtype(values):
        distinct = pd.Series(np.sort(values.dropna().unique()))
        if not even and len(distinct) > 1:
            return distinct, values.to_numpy(float)
        return distinct, distinct.searchsorted(values)
    words = in_order(values)
    return pd.Series(words.categories, dtype=object), np.asarray(words.codes)


def of_strategy(rows: pd.DataFrame, strategy: str | None, against: str | None) -> pd.DataFrame:
    """The rows of a strategy; with `against`, its differences to that one."""
    names = list(in_order(rows["strategy"]).categories)
    if not names:
        return rows
    baseline = baseline_of(rows) if against is not None else ""
    for name, there in ((strategy, names), (against, [*names, baseline])):
        if name is not None and name not in there:
            raise KitchenError(f"sweep_map: {unknown('strategy', name, names)}")
    if strategy is None:
        strategy = next((name for name in names if name != against), None)
    if strategy is None or against is None:
        return rows[rows["strategy"] == (against if strategy is None else strategy)]
    if strategy == against:
        raise KitchenError(f"sweep_map: {strategy!r} against itself has no difference.")
    if against == baseline:
        return rows[rows["strategy"] == strategy]
    if strategy != baseline:
        raise KitchenError(
            f"sweep_map: the frame has differences to {baseline!r} only. Sweep with {against!r} as "
            "the first strategy."
        )
    turned = rows[rows["strategy"] == against]
    middle, low, high = (-turned[column] for column in DIFFERENCE)
    turned = turned.assign(**dict(zip(DIFFERENCE, (middle, high, low), strict=True)))
    own = rows[rows["strategy"] == strategy]
    return own.drop(columns=[*DIFFERENCE]).merge(
        turned[[*parameters(rows), *DIFFERENCE]], on=parameters(rows), how="left"
    )


def baseline_of(rows: pd.DataFrame) -> str:
    return str(rows["baseline"].iloc[0]) if len(rows) else ""


def title_of(quantity: Measure, rows, free, one: bool, against: str | None, over: str = "") -> str:
    """Title: the measure, the strategies and the values of the fixed parameters."""
    who = f": {plain(rows['strategy'].iloc[0], 34)}" if one else ""
    if against is not None:
        who += f" minus {plain(against, 34)}" if one else f", difference to {plain(against, 34)}"
    fixed = [name for name in parameters(rows) if name not in free]
    values = [f"{plain(name, 34)} = {_value_text(rows[name].iloc[0])}" for name in fixed]
    at = "\nat " + ", ".join(values[:3]) if values else ""
    return f"{quantity.title.capitalize()}{who}{over}{at}"


def difference_label(quantity: Measure) -> str:
    unit = "percentage points" if quantity.is_share else quantity.unit
    return f"difference in {quantity.title}\n({unit}); {quantity.better}"


def line_rows(rows: pd.DataFrame, key: str) -> dict:
    """Rows of each line, by rising position; all strategies keep their looks."""
    values, codes = positions(rows[key], even=True)
    return {
        value: rows[codes == nth].sort_values("at", kind="stable")
        for nth, value in enumerate(values)
    }


def cells_as_data(plot, doubts: bool) -> list[dict]:
    """The cells of a map as plain numbers and texts for JSON; a missing figure is None.

    With `doubts`, cells that are not sure are marked.
    """
    cells = []
    for (line, column), text in plot.hover.items():
        figure = float(plot.figures[line, column])
        there = np.isfinite(figure)
        face, ink = plot.ink(line, column) if there else ("", "")
        cells.append(
            {
                "column": column,
                "line": line,
                "figure": figure if there else None,
                "colour": face,
                "ink": ink,
                "unsure": bool(doubts and there and not plot.sure[line, column]),
                "hover": text,
            }
        )
    return cells


# Texts


def hover_text(measure: Measure, rows: list[dict], x, y, paired, against=None) -> str:
    """Text of a hover box: the values of its parameters, and one line per figure."""
    strategies = list(dict.fromkeys(plain(row["strategy"], 40) for row in rows))
    lines = [f"{plain(x, 60)} = {_value_text(rows[0][x])}"]
    if len(rows) == 1 and y is not None:
        lines.append(f"{plain(y, 60)} = {_value_text(rows[0][y])}")
    if len(strategies) == 1:
        lines.append(strategies[0] + (f" minus {plain(against, 40)}" if against else ""))
    for row in rows:
        if len(strategies) > 1:
            name = plain(row["strategy"], 40)
        else:
            name = measure.title if len(rows) == 1 else f"{plain(y, 40)} = {_value_text(row[y])}"
        lines.append(f"{name}: {_figure(measure, row, paired)}")
    return "\n".join(lines)


def _figure(measure: Measure, row: dict, paired: bool) -> str:
    """A figure and its interval, with the unit."""
    middle, low, high = (row[column] for column in (DIFFERENCE if paired else MEAN))
    write = measure.difference if paired else lambda v: measure.written(v).removesuffix(" %")
    unit = (" points" if paired else " %") if measure.is_share else ""
    if np.isnan(middle):
        return "no orders"
    if np.isnan(low):
        return f"{write(middle)}{unit}"
    return f"{write(middle)}{unit} ({write(low)} to {write(high)})"
