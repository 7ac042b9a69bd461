"""A sweep in words and rows of text: what was varied, where least is lost, who loses less where."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kitchen import plots
from kitchen.breakeven import UNSURE, break_even
from kitchen.designs import GRID, LATIN, POINTS, SALTELLI, SOBOL
from kitchen.errors import inline
from kitchen.intervals import DECIDING
from kitchen.measures import MEASURES, unit_of
from kitchen.sweep import Sweep

NAMED = 4
"""Strategies that the verdict tells of; the rows have all."""

LISTED = 6
"""Values of a parameter that are listed; of more the ends are told, or the first."""

HEAD = [
    "Strategy", "Least lost", "Most lost",
    "Less than the baseline", "More than the baseline", "Cannot be told apart",
]  # fmt: skip

SURE = (
    "Numbers of points at which a strategy loses less or more than the baseline for sure: the 95 % "
    "interval of the difference leaves out 0. Where nothing differs, one point in twenty looks as if "
    "it did."
)

_KINDS = {
    GRID: "in a full grid",
    POINTS: "from a list",
    LATIN: "of a Latin hypercube",
    SOBOL: "of a Sobol sequence",
    SALTELLI: "of Saltelli's design",
}


def amount(swept: Sweep) -> str:
    """How much was run."""
    points = f"{counted(swept.points, 'point')} {_KINDS[swept.asked['design']['kind']]}"
    number = len(swept.strategies)
    who = quoted(swept.strategies[0]) if number == 1 else f"{number:,} strategies"
    return (
        f"Scenario {inline(swept.name)}: {who} at {points}, "
        f"{counted(swept.replications, 'replication')} each, with the same draws at every point."
    )


def varied(swept: Sweep) -> list[str]:
    """Of each parameter, over which values it was varied."""
    told = []
    for path in swept.parameters:
        values, unit = plots.values_of(swept.frame[path]), unit_of(path)
        texts = plots.value_texts(values)
        if len(texts) <= LISTED:
            listed = ", ".join(texts)
        elif pd.api.types.is_numeric_dtype(values):
            listed = (
                f"{len(texts):,} values from {' to '.join(plots.value_texts(values.iloc[[0, -1]]))}"
            )
        else:
            listed = f"{', '.join(texts[:LISTED])}, ... ({len(texts):,})"
        told.append(f"{inline(path)}: {listed}{'' if unit == 'as set' else f' {unit}'}")
    return told


def verdict(swept: Sweep, paths: list[str]) -> str:
    """Where least value is lost, and how the strategies stand to the baseline.

    Parameters
    ----------
    swept : Sweep
    paths : list of str
        The parameters that have several values.
    """
    rows = swept.table()
    if not rows["mean"].notna().any():
        return "No orders came at any point, so there are no figures."
    best, (baseline, *others) = rows.loc[rows["mean"].idxmin()], swept.strategies
    at = f" at {place(best, paths)}" if paths else ""
    told = [f"Least value is lost{at} with {quoted(best['strategy'])}: {share(best['mean'])}."]
    if others and swept.replications == 1:
        told.append("One replication gives no interval: nothing is sure.")
        return " ".join(told)
    along = len(paths) == 1 and pd.api.types.is_numeric_dtype(rows[paths[0]])
    along = along and not rows.duplicated([*paths, "strategy"]).any()
    for other in others[:NAMED]:
        if along:
            both = f"{quoted(other)} and {quoted(baseline)}"
            found = break_even(swept, paths[0], other, baseline)
            told += [_crossing(row, both) for row in found.to_dict("records")]
        else:
            less, more, unsure = _told_apart(rows[rows["strategy"] == other])
            told.append(
                f"{quoted(other)} loses less than {quoted(baseline)} for sure at {less or 'none'} of "
                f"{less + more + unsure:,} points, and more at {more or 'none'}."
            )
    return " ".join(told)


def table(swept: Sweep, paths: list[str]) -> tuple[list[str], list[list[tuple[str, str]]], str]:
    """A row a strategy: the heads, the rows and a note.

    A cell is a text and what stands small under it.
    """
    rows, lines = swept.table(), []
    compared = len(swept.strategies) > 1 and swept.replications > 1
    for name in swept.strategies:
        own = rows[(rows["strategy"] == name) & rows["mean"].notna()]
        cells = [(name, "")]
        for nth in (own["mean"].idxmin(), own["mean"].idxmax()):
            at = place(own.loc[nth], paths) if len(paths) == 1 else ""
            cells.append((share(own.loc[nth, "mean"]), at))
        if compared and name == swept.strategies[0]:
            cells += [("baseline", ""), ("", ""), ("", "")]
        elif compared:
            cells += [(f"{number:,}", "") for number in _told_apart(own)]
        lines.append(cells)
    if compared:
        return HEAD, lines, SURE
    return HEAD[:3], lines, f"Of the means at {counted(rows['point'].nunique(), 'point')}."


def _told_apart(rows: pd.DataFrame) -> tuple[int, int, int]:
    """At how many points a strategy loses less than the baseline, more, and neither for sure."""
    less = int((rows["difference_high"] < 0).sum())
    more = int((rows["difference_low"] > 0).sum())
    return less, more, int(rows["difference"].notna().sum()) - less - more


def _crossing(row: dict, both: str) -> str:
    """Who loses less on either side of a row of `break_even`."""
    path, below, above = inline(row["parameter"]), row["below"], row["above"]
    low, high = f"about {row['low']:.4g}", f"about {row['high']:.4g}"
    if below == above == UNSURE:
        return f"{both} cannot be told apart at any value of {path}."
    if below == above:
        return f"Of {both}, {quoted(below)} loses less wherever they can be told apart."
    if below == UNSURE:
        return (
            f"{both} cannot be told apart up to {path} = {high}; from there on {quoted(above)} loses "
            "less."
        )
    if above == UNSURE:
        return (
            f"{quoted(below)} loses less up to {path} = {low}; from there on {both} cannot be told "
            "apart."
        )
    even = "" if np.isnan(row["value"]) else f"; they break even at about {row['value']:.4g}"
    return (
        f"{quoted(below)} loses less for sure up to {path} = {low}, {quoted(above)} from {high} "
        f"on{even}."
    )


# Words


def place(row: pd.Series, paths: list[str]) -> str:
    """Where a row stands: the values of parameters, the first few."""
    values = [
        f"{inline(path)} = {plots.value_texts(pd.Series([row[path]]))[0]}" for path in paths[:3]
    ]
    return ", ".join(values) + (", ..." if paths[3:] else "")


def share(mean: float) -> str:
    return MEASURES[DECIDING].written(mean)


def quoted(name: str) -> str:
    name = str(name)
    name = name if len(name) <= 60 else f"{name[:57]}..."
    return f"'{name}'" if name.isprintable() else repr(name)


def counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
