"""Plain-text tables for a terminal."""

from __future__ import annotations

from collections.abc import Callable
from math import isnan
from textwrap import fill

import pandas as pd

from kitchen.errors import inline
from kitchen.model.measures import PRIMARY_MEASURE, measure_named
from kitchen.utils.formatting import decimal_text, percent_text, signed

WIDTH = 96
"""Longest line of a paragraph, characters."""

LOSSES = "share of the orders' value that is lost, least first"


def ranked_by(measure: str, scenario) -> str:
    """What a table is ranked by, for its title."""
    if measure == PRIMARY_MEASURE:
        return LOSSES
    quantity = measure_named(measure).in_currency(scenario.orders.currency or "")
    which = "most" if quantity.more_is_better else "least"
    return f"{quantity.title} ({quantity.unit}), {which} first"


def paragraph(text: str, hang: int = 0) -> str:
    """`text` in lines of at most `WIDTH`, all but the first indented by `hang`."""
    return fill(text, WIDTH, subsequent_indent=" " * hang, break_long_words=False)


def table(header, rows, align: str) -> str:
    """A header, a rule below it, and the rows, in columns.

    Parameters
    ----------
    header : sequence of str
    rows : iterable of sequences of str
        As long as the header.
    align : str
        ``<`` or ``>`` for each column.
    """
    first, *others = columns([header, *rows], align)
    return "\n".join([first, "-" * max(map(len, [first, *others])), *others])


def columns(rows, align: str) -> list[str]:
    """A line a row, with the cells of each column aligned to its left or right."""
    rows = [tuple(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map("{:{}{}}".format, row, align, widths)).rstrip() for row in rows]


def summary(means: pd.DataFrame) -> str:
    """Table of the means of a run, one row per measure, from `metrics.mean_intervals`."""
    rows = [
        (row.measure, *map(decimal_text, (row.mean, row.low, row.high)))
        for row in means.itertuples()
    ]
    return table(("measure", "mean", "95 % from", "to"), rows, "<>>>")


def ranking(
    frame: pd.DataFrame, paired: pd.DataFrame | None = None, measure: str = PRIMARY_MEASURE
) -> str:
    """Table of strategies by a measure, the best first.

    Parameters
    ----------
    frame, paired : DataFrame
        As in `Comparison`; with `paired`, also the differences to the baseline.
    measure : str
    """
    mean = frame.set_index(["strategy", "measure"])["mean"]
    ascending = not measure_named(measure).more_is_better
    ranked = frame[frame["measure"] == measure]
    ranked = ranked.sort_values("mean", kind="stable", ascending=ascending)
    text = _figure_text(measure)
    header, align = ["strategy", _short(measure), "95 % from", "to", "wasted"], "<>>>>"
    differences = {}
    if paired is not None and len(paired):
        header += [f"against {inline(paired['baseline'].iloc[0])}", "95 % from", "to"]
        align += ">>>"
        deciding = paired[paired["measure"] == measure]
        differences = {row.strategy: row for row in deciding.itertuples()}
    rows = []
    for row in ranked.itertuples():
        wasted = percent_text(mean[row.strategy, "wasted_share"])
        cells = [inline(row.strategy), *map(text, (row.mean, row.low, row.high)), wasted]
        if other := differences.get(row.strategy):
            cells += [text(x, "+") for x in (other.difference, other.low, other.high)]
        rows.append(cells + [""] * (len(header) - len(cells)))
    return table(header, rows, align)


def _short(measure: str) -> str:
    """Heading of the figures of a measure."""
    quantity = measure_named(measure)
    return "lost" if quantity.part_of else quantity.title


def _figure_text(measure: str) -> Callable[..., str]:
    """Writes a figure of a measure, or a difference with its sign: a share in percent."""
    if measure_named(measure).is_share:
        return percent_text
    return lambda number, sign="": "-" if isnan(number) else f"{number:{sign},.2f}"


def regret(frame: pd.DataFrame) -> str:
    """Gap of each strategy to the clairvoyant bound, least first."""
    wide = frame.pivot(index="strategy", columns="measure", values="mean").astype(float)
    ends = frame[frame["measure"] == "regret"].set_index("strategy")
    rows = [
        (str(name), percent_text(row.regret), percent_text(ends.low[name]), percent_text(ends.high[name]),
         percent_text(row.gap_closed))
        for name, row in wide.sort_values("regret").iterrows()
    ]  # fmt: skip
    header = ("strategy", "gap to the clairvoyant bound", "95 % from", "to", "gap closed")
    return table(header, rows, "<>>>>")


BEST = 10
"""Largest number of points of a sweep that are listed."""


def swept(points: pd.DataFrame, parameters: list[str], measure: str = PRIMARY_MEASURE) -> str:
    """Table of the best points by a measure, from `Sweep.table`."""
    ascending = not measure_named(measure).more_is_better
    good = points.dropna(subset="mean").sort_values("mean", kind="stable", ascending=ascending)
    text_of, title = _figure_text(measure), _short(measure)
    header = (*(inline(path) for path in parameters), "strategy", title, "95 % from", "to")
    rows = [
        (
            *(_value(row[path]) for path in parameters),
            inline(row["strategy"]),
            *(text_of(row[key]) for key in ("mean", "low", "high")),
        )
        for _, row in good.head(BEST).iterrows()
    ]
    more = len(good) - len(rows)
    text = table(header, rows, ">" * len(parameters) + "<>>>")
    return f"{text}\n... and {more:,} rows more" if more else text


def indices(frame: pd.DataFrame) -> str:
    """Table of the Sobol indices of each parameter, most important first."""
    wide = frame.pivot(index="parameter", columns="index", values=["mean", "low", "high"])
    wide = wide.sort_values(("mean", "total"), ascending=False)
    header = ("parameter", "by itself", "95 % from", "to", "with interactions", "95 % from", "to")
    rows = [
        (
            inline(name),
            *(
                percent_text(row[(key, index)])
                for index in ("first", "total")
                for key in ("mean", "low", "high")
            ),
        )
        for name, row in wide.iterrows()
    ]
    return table(header, rows, "<>>>>>>")


def layouts(curve: pd.DataFrame) -> str:
    """Table of layouts by their cost, from `Sizing.curve`."""
    shelves = [column for column in curve.columns if str(column).startswith("shelves.")]
    names = [
        inline(column.removeprefix("shelves.").removesuffix(".capacity")) for column in shelves
    ]
    header = ("cost", *names, "mean", "95 % from", "to", "")
    rows = [
        (
            decimal_text(row["cost"]),
            *(f"{row[column]:,}" for column in shelves),
            *(decimal_text(row[key]) for key in ("mean", "low", "high")),
            "chosen" if row["chosen"] else "",
        )
        for _, row in curve.iterrows()
    ]
    return table(header, rows, ">" * (len(shelves) + 4) + "<")


def levers(frame: pd.DataFrame) -> str:
    """Table of levers by what they gain, from `Levers.frame`."""
    measure, currency = measure_named(str(frame["measure"].iloc[0])), frame["currency"].iloc[0]
    header, keys = ["lever", "kind", "gain", "95 % from", "to"], ["gain", "low", "high"]
    if with_money := bool(frame["money"].notna().any()):
        header.append(inline(currency or "money"))
    rows = []
    for _, row in frame.iterrows():
        cells = [measure.difference(row[key]) if row[key] == row[key] else "-" for key in keys]
        if row["differing"] == 0:
            cells = ["same", "", ""]
        if with_money:
            none = row["differing"] == 0 or row["money"] != row["money"]
            cells.append("" if none else signed(row["money"], 1))
        rows.append((inline(row["lever"]), row["kind"], *cells, inline(row["what"])))
    return table([*header, "what"], rows, "<<>>>" + ">" * with_money + "<")


def _value(value) -> str:
    return inline(value) if isinstance(value, str) else decimal_text(float(value))
