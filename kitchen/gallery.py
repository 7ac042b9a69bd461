"""Which pictures of a sweep the report has, and what to say of them."""

from __future__ import annotations

import base64
from typing import NamedTuple

import numpy as np
import pandas as pd

from kitchen import plots
from kitchen.designs import GRID, SAMPLED
from kitchen.drawing import png
from kitchen.intervals import DECIDING, half_width
from kitchen.looks import in_style
from kitchen.standings import quoted, share
from kitchen.sweep import Sweep

LINES = 4
"""Parameters that have a picture each, where more than two vary: those that change most."""

PARTS, FEWEST = 10, 8
"""Into how many parts a range is cut at most, and about how many sampled points a part has at least."""


class Picture(NamedTuple):
    """A picture of the report: its image, what it shows in words, and the table behind it."""

    png: bytes
    alt: str
    table: str
    caption: str = ""

    @property
    def source(self) -> str:
        return f"data:image/png;base64,{base64.b64encode(self.png).decode()}"


def sweep_pictures(swept: Sweep, varied: list[str], file: str) -> list[Picture]:
    """Lines over one parameter, maps over two, and means over all points where there are more.

    None where no picture would be true: points of a list that have little in common.

    Parameters
    ----------
    swept : Sweep
        With figures at some points at least.
    varied : list of str
        The parameters that have several values.
    file : str
        The name of its table.
    """
    rows = swept.frame[swept.frame["measure"] == DECIDING]
    kind = swept.asked["design"]["kind"]
    once = not rows.duplicated([*varied, "strategy"]).any()
    combined = int(np.prod([rows[path].nunique() for path in varied]))
    full = once and (kind == GRID or rows["point"].nunique() == combined)
    if len(varied) == 1 and once:
        return _lines(swept, rows, varied[0], file)
    if len(varied) == 2 and full:
        return _maps(swept, rows, varied, file)
    if kind in SAMPLED:  # bands of several strategies, which met the same points, would mislead
        return _means(rows[rows["strategy"] == swept.strategies[0]], varied, True, file)
    return _means(rows, varied, False, file) if full else []


def _lines(swept: Sweep, rows: pd.DataFrame, path: str, file: str) -> list[Picture]:
    made = [
        Picture(
            png(plots.sweep_lines(rows, path).figure),
            f"Value lost per order over {path}: {_spans(rows)}.",
            file,
            f"How much value each strategy loses as {path} changes.",
        )
    ]
    baseline, *others = swept.strategies
    if others and swept.replications > 1:
        made.append(
            Picture(
                png(plots.sweep_lines(rows, path, paired=True).figure),
                f"Differences in value lost to the baseline, {baseline}, over {path}.",
                file,
                f"The same as differences to the baseline, {baseline}, which are far more certain: "
                "below 0 a strategy loses less, and where its band covers 0 the two cannot be told "
                "apart.",
            )
        )
    return made


def _maps(swept: Sweep, rows: pd.DataFrame, varied: list[str], file: str) -> list[Picture]:
    x, y = varied
    first, *others = swept.strategies
    made = [
        Picture(
            png(plots.sweep_map(rows, x, y, strategy=first).figure),
            f"Value lost per order over {x} and {y}: {_spans(rows[rows['strategy'] == first])}.",
            file,
            f"How much value {quoted(first)} loses at each pair of values.",
        )
    ]
    if others:
        more = " The table has the other strategies, too." if others[1:] else ""
        made.append(
            Picture(
                png(plots.sweep_map(rows, x, y, strategy=others[0], against=first).figure),
                f"Where {others[0]} loses less than {first} and where more, over {x} and {y}.",
                file,
                f"Where {quoted(others[0])} breaks even with {quoted(first)}: blue where it loses "
                f"less, brown where it loses more, dotted where the two cannot be told apart.{more}",
            )
        )
    return made


def _means(rows: pd.DataFrame, varied: list[str], sampled: bool, file: str) -> list[Picture]:
    """For each of a few parameters the mean over all points, whatever the others are."""
    averaged = {path: _averaged(rows, path, sampled) for path in varied}
    change = {
        path: table.groupby("strategy", observed=True)["mean"].agg(np.ptp).max()
        for path, table in averaged.items()
    }
    ordered, made = sorted(varied, key=lambda path: -change[path]), []
    who = f"{quoted(rows['strategy'].iloc[0])} loses" if sampled else "each strategy loses"
    told = (
        "The interval is wide where these points differ much, or are few."
        if sampled
        else "Every combination was run, so that which points these are is no matter of chance."
    )
    for path in ordered[:LINES]:
        ax = plots.sweep_lines(averaged[path], path)
        with in_style():
            ax.set_title(f"{ax.get_title(loc='left')}, mean over points")
        cut = rows[path].nunique() > averaged[path][path].nunique()
        which = f"in the same part of the range of {path}" if cut else f"with the same {path}"
        made.append(
            Picture(
                png(ax.figure),
                f"Mean value lost per order over {path}: {_spans(averaged[path])}.",
                file,
                f"How much value {who} on average over all points {which}, whatever the other "
                f"settings are. {told}",
            )
        )
    if ordered[LINES:]:
        more = f" Without a picture, as they change less: {', '.join(ordered[LINES:])}."
        made[-1] = made[-1]._replace(caption=made[-1].caption + more)
    return made


def _averaged(rows: pd.DataFrame, path: str, sampled: bool) -> pd.DataFrame:
    """Rows as `plots.sweep_lines` takes them: the mean of all points with a value, or near it.

    With intervals where points were sampled: they are draws then, those of a full grid are not.
    """
    at = rows[path]
    parts = int(np.clip(rows["point"].nunique() // FEWEST, 2, PARTS))
    if sampled and pd.api.types.is_numeric_dtype(at) and at.nunique() > parts:
        ends = np.linspace(at.min(), at.max(), parts + 1)
        nth = np.clip(np.searchsorted(ends, at, "right") - 1, 0, parts - 1)
        at = pd.Series(((ends[1:] + ends[:-1]) / 2)[nth], at.index)
    keys = [path, "strategy"]
    means = rows.assign(**{path: at}).groupby(keys, observed=True)["mean"]
    found = means.agg(mean="mean", deviation="std", number="count").reset_index()
    number = found["number"].to_numpy(float)
    half = np.full(len(found), np.nan)
    if sampled:
        half = half_width(found["deviation"].to_numpy(float), number)
    return found.assign(measure=DECIDING, low=found["mean"] - half, high=found["mean"] + half)[
        [*keys, "measure", "mean", "low", "high"]
    ]


def _spans(rows: pd.DataFrame) -> str:
    """From where to where each strategy goes; the first few."""
    found = rows.groupby("strategy", observed=True)["mean"].agg(["min", "max"])
    told = [f"{row.Index} {share(row.min)} to {share(row.max)}" for row in found.itertuples()]
    return ", ".join(told[:8])
