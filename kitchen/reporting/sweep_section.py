"""Report section on a sweep: verdict, table of strategies, figures."""

from __future__ import annotations

import base64
from typing import NamedTuple

import numpy as np
import pandas as pd

from kitchen import plots
from kitchen.errors import inline
from kitchen.model.measures import DIFFERENCE, PRIMARY_MEASURE, primary_in, unit_of
from kitchen.plots.axes import png
from kitchen.plots.style import in_style
from kitchen.stats.intervals import estimates, widened
from kitchen.sweeps.break_even import UNSURE, break_even
from kitchen.sweeps.designs import GRID, LATIN, POINTS, SALTELLI, SAMPLED, SOBOL
from kitchen.sweeps.sweep import Sweep
from kitchen.utils.formatting import counted, percent_text, quoted, quoted_list

NAMED = 4
"""Largest number of strategies in the verdict; the table has all."""

LISTED = 6
"""Largest number of values of a parameter that are listed."""

HEAD = [
    "Strategy", "Least lost", "Most lost",
    "Less than the baseline", "More than the baseline", "No significant difference",
]  # fmt: skip

SURE = (
    "Numbers of points at which a strategy loses significantly less or more than the baseline, with "
    "the error held over all points together (Bonferroni): where nothing differs, no point looks as if "
    "it did in 95 % of sweeps."
)

_KINDS = {
    GRID: "in a full grid",
    POINTS: "from a list",
    LATIN: "of a Latin hypercube",
    SOBOL: "of a Sobol sequence",
    SALTELLI: "of Saltelli's design",
}


def amount(swept: Sweep) -> str:
    """Amount of work of a sweep, as text."""
    points = f"{counted(swept.points, 'point')} {_KINDS[swept.spec['design']['kind']]}"
    number = len(swept.strategies)
    who = quoted(swept.strategies[0]) if number == 1 else f"{number:,} strategies"
    if "trace" in swept.spec:
        evenings = counted(swept.replications, "evening")
        return (
            f"Scenario {inline(swept.name)}: {who} at {points}, {evenings} replayed at every point."
        )
    return (
        f"Scenario {inline(swept.name)}: {who} at {points}, "
        f"{counted(swept.replications, 'replication')} each, with the same draws at every point."
    )


def varied(swept: Sweep) -> list[str]:
    """Values of each parameter, as text."""
    frame, lines = swept.frame, []
    for path in swept.parameters:
        values, unit = plots.values_of(frame[path]), unit_of(path)
        texts = plots.value_texts(values)
        if len(texts) <= LISTED:
            listed = ", ".join(texts)
        elif pd.api.types.is_numeric_dtype(values):
            listed = (
                f"{len(texts):,} values from {' to '.join(plots.value_texts(values.iloc[[0, -1]]))}"
            )
        else:
            listed = f"{', '.join(texts[:LISTED])}, ... ({len(texts):,})"
        lines.append(f"{inline(path)}: {listed}{'' if unit == 'as set' else f' {unit}'}")
    return lines


def verdict(swept: Sweep, paths: list[str]) -> str:
    """Where least is lost, and how the strategies compare with the baseline.

    Parameters
    ----------
    swept : Sweep
    paths : list of str
        Parameters that have several values.
    """
    rows = swept.table()
    if not rows["mean"].notna().any():
        return "No orders came at any point, so there are no figures."
    baseline, *others = swept.strategies
    sentences = [_least(rows, paths, lost_in(swept.frame))]
    if others and swept.replications == 1:
        sentences.append("One replication gives no interval: nothing is significant.")
        return " ".join(sentences)
    along = len(paths) == 1 and pd.api.types.is_numeric_dtype(rows[paths[0]])
    along = along and not rows.duplicated([*paths, "strategy"]).any()
    for other in others[:NAMED]:
        if along:
            both = f"{quoted(other)} and {quoted(baseline)}"
            crossings = break_even(swept, paths[0], other, baseline)
            sentences += [_crossing(row, both) for row in crossings.to_dict("records")]
        else:
            less, more, unsure = _significant_points(rows[rows["strategy"] == other])
            sentences.append(
                f"{quoted(other)} loses significantly less than {quoted(baseline)} at {less or 'none'} of "
                f"{less + more + unsure:,} points, and significantly more at {more or 'none'}."
            )
    return " ".join(sentences)


def lost_in(frame: pd.DataFrame) -> str:
    """What strategies lose by the measure that ranks them: "value", or "revenue" where prices differ."""
    return "value" if primary_in(frame) == PRIMARY_MEASURE else "revenue"


def _least(rows: pd.DataFrame, paths: list[str], lost: str) -> str:
    """Sentence on where and with which strategy least is lost; a tie names all of them."""
    ties = rows[_equal(rows["mean"], rows["mean"].min())]
    here = ties[ties["point"] == ties["point"].iloc[0]]
    at = f" at {place(here.iloc[0], paths)}" if paths else ""
    names = quoted_list(here["strategy"])
    who = names if len(here) == 1 else f"{names}, which lose the same"
    text = f"Least {lost} is lost{at} with {who}: {share(here['mean'].iloc[0])}."
    if more := ties["point"].nunique() - 1:
        text += f" As little is lost at {counted(more, 'other point')}."
    return text


def _equal(means: pd.Series, mean: float) -> np.ndarray:
    """Which means are the same but for rounding."""
    return np.isclose(means, mean, rtol=1e-12, atol=0.0)


def table(swept: Sweep, paths: list[str]) -> tuple[list[str], list[list[tuple[str, str]]], str]:
    """Table of strategies: its head, one row per strategy, and a note.

    A cell is a pair of a text and a smaller text under it.
    """
    rows, lines = swept.table(), []
    compared = len(swept.strategies) > 1 and swept.replications > 1
    for name in swept.strategies:
        own = rows[(rows["strategy"] == name) & rows["mean"].notna()]
        cells = [(name, "")]
        for mean in (own["mean"].min(), own["mean"].max()):
            there = own[_equal(own["mean"], mean)]
            more = f" and {len(there) - 1:,} more" if len(there) > 1 else ""
            at = place(there.iloc[0], paths) + more if len(paths) == 1 else ""
            cells.append((share(mean), at))
        if compared and name == swept.strategies[0]:
            cells += [("baseline", ""), ("", ""), ("", "")]
        elif compared:
            cells += [(f"{number:,}", "") for number in _significant_points(own)]
        lines.append(cells)
    if compared:
        return HEAD, lines, SURE
    return HEAD[:3], lines, f"Of the means at {counted(rows['point'].nunique(), 'point')}."


def _significant_points(rows: pd.DataFrame) -> tuple[int, int, int]:
    """Numbers of points with a significantly smaller loss, a larger one, and no difference."""
    figures = (rows[column].to_numpy(float) for column in (*DIFFERENCE, "replications"))
    low, high = widened(*figures, int(rows["difference"].notna().sum()))
    less, more = int((high < 0).sum()), int((low > 0).sum())
    return less, more, int(rows["difference"].notna().sum()) - less - more


def _crossing(row: dict, both: str) -> str:
    """Sentence on a row of `break_even`: which strategy loses less on either side."""
    path, below, above = inline(row["parameter"]), row["below"], row["above"]
    low, high = f"about {row['low']:.4g}", f"about {row['high']:.4g}"
    if below == above == UNSURE:
        return f"There is no significant difference between {both} at any value of {path}."
    if below == above:
        return f"Of {both}, {quoted(below)} loses less wherever they are significantly different."
    if below == UNSURE:
        return (
            f"There is no significant difference between {both} up to {path} = {high}; from there on "
            f"{quoted(above)} loses less."
        )
    if above == UNSURE:
        return (
            f"{quoted(below)} loses less up to {path} = {low}; from there on there is no significant "
            f"difference between {both}."
        )
    even = "" if np.isnan(row["value"]) else f"; they break even at about {row['value']:.4g}"
    return (
        f"{quoted(below)} loses significantly less up to {path} = {low}, {quoted(above)} from {high} "
        f"on{even}."
    )


# Words


def place(row: pd.Series, paths: list[str]) -> str:
    """Values of the first parameters of a row, as text."""
    values = [
        f"{inline(path)} = {plots.value_texts(pd.Series([row[path]]))[0]}" for path in paths[:3]
    ]
    return ", ".join(values) + (", ..." if paths[3:] else "")


def share(mean: float) -> str:
    return percent_text(mean, none="no orders")


LINES = 4
"""Largest number of figures where more than two parameters vary: those with most effect."""

PARTS, FEWEST = 10, 8
"""Largest number of parts of a range, and smallest number of sampled points per part, roughly."""


class Picture(NamedTuple):
    """Figure of the report: its image, a description in words, and the file of its table."""

    png: bytes
    alt: str
    table: str
    caption: str = ""

    @property
    def source(self) -> str:
        return f"data:image/png;base64,{base64.b64encode(self.png).decode()}"


def sweep_pictures(swept: Sweep, varied: list[str], file: str) -> list[Picture]:
    """Figures of a sweep: lines over one parameter, maps over two, means over all points for more.

    Empty for lists of points that share too few values.

    Parameters
    ----------
    swept : Sweep
        With figures at some points at least.
    varied : list of str
        Parameters that have several values.
    file : str
        File name of its table.
    """
    rows = swept.frame
    rows = rows[rows["measure"] == primary_in(rows)]
    kind = swept.spec["design"]["kind"]
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
            f"{lost_in(rows).capitalize()} lost over {path}: {_spans(rows)}.",
            file,
            f"How much {lost_in(rows)} each strategy loses as {path} changes.",
        )
    ]
    baseline, *others = swept.strategies
    if others and swept.replications > 1:
        made.append(
            Picture(
                png(plots.sweep_lines(rows, path, paired=True).figure),
                f"Differences in {lost_in(rows)} lost to the baseline, {baseline}, over {path}.",
                file,
                f"The same as differences to the baseline, {baseline}, which are far more certain: "
                "below 0 a strategy loses less, and where its band covers 0 there is no significant "
                "difference.",
            )
        )
    return made


def _maps(swept: Sweep, rows: pd.DataFrame, varied: list[str], file: str) -> list[Picture]:
    x, y = varied
    first, *others = swept.strategies
    made = [
        Picture(
            png(plots.sweep_map(rows, x, y, strategy=first).figure),
            f"{lost_in(rows).capitalize()} lost over {x} and {y}: {_spans(rows[rows['strategy'] == first])}.",
            file,
            f"How much {lost_in(rows)} {quoted(first)} loses at each pair of values.",
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
                f"less, brown where it loses more, dotted where there is no significant difference.{more}",
            )
        )
    return made


def _means(rows: pd.DataFrame, varied: list[str], sampled: bool, file: str) -> list[Picture]:
    """One figure per parameter: the mean over all points, whatever the others are."""
    averaged = {path: _averaged(rows, path, sampled) for path in varied}
    change = {
        path: table.groupby("strategy", observed=True)["mean"].agg(np.ptp).max()
        for path, table in averaged.items()
    }
    ordered, made = sorted(varied, key=lambda path: -change[path]), []
    who = f"{quoted(rows['strategy'].iloc[0])} loses" if sampled else "each strategy loses"
    remark = (
        "The interval is wide where these points differ much, or are few."
        if sampled
        else "Every combination was run, so no point was chosen by chance."
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
                f"Mean {lost_in(rows)} lost over {path}: {_spans(averaged[path])}.",
                file,
                f"How much {lost_in(rows)} {who} on average over all points {which}, whatever the other "
                f"settings are. {remark}",
            )
        )
    if ordered[LINES:]:
        more = f" Without a picture, as they change less: {', '.join(ordered[LINES:])}."
        made[-1] = made[-1]._replace(caption=made[-1].caption + more)
    return made


def _averaged(rows: pd.DataFrame, path: str, sampled: bool) -> pd.DataFrame:
    """Rows for `plots.sweep_lines`: the mean of all points with a value, or near it.

    With intervals if the points were sampled; those of a full grid are no random draws.
    """
    at = rows[path]
    parts = int(np.clip(rows["point"].nunique() // FEWEST, 2, PARTS))
    if sampled and pd.api.types.is_numeric_dtype(at) and at.nunique() > parts:
        ends = np.linspace(at.min(), at.max(), parts + 1)
        nth = np.clip(np.searchsorted(ends, at, "right") - 1, 0, parts - 1)
        at = pd.Series(((ends[1:] + ends[:-1]) / 2)[nth], at.index)
    keys = [path, "strategy"]
    grouped = rows.assign(**{path: at}).groupby(keys, observed=True)
    table = grouped["mean"].mean().reset_index()
    low = high = np.full(len(table), np.nan)
    if sampled:
        values = rows[["mean"]].to_numpy(float)
        _, low, high, _ = estimates(values, grouped.ngroup().to_numpy(), len(table), True)
    return table.assign(measure=primary_in(rows), low=np.ravel(low), high=np.ravel(high))[
        [*keys, "measure", "mean", "low", "high"]
    ]


def _spans(rows: pd.DataFrame) -> str:
    """Range of the means of the first strategies, as text."""
    ranges = rows.groupby("strategy", observed=True)["mean"].agg(["min", "max"])
    texts = [f"{row.Index} {share(row.min)} to {share(row.max)}" for row in ranges.itertuples()]
    return ", ".join(texts[:8])
