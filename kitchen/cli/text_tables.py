"""Plain-text tables for a terminal."""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest
from math import isnan
from shutil import get_terminal_size
from textwrap import fill

import pandas as pd
from wcwidth import wcswidth

from kitchen.errors import inline
from kitchen.model.measures import PRIMARY_MEASURE, measure_named
from kitchen.utils.formatting import decimal_text, fixed_point, percent_text, signed

WIDTH = 96
"""Longest line of a paragraph, columns."""

GAP, NARROWEST = 2, 12
"""Columns between two columns of a table, and those that a text keeps where it is wrapped."""

LOSSES = "share of the orders' value that is lost, least first"


def ranked_by(measure: str, scenario) -> str:
    """What a table is ranked by, for its title."""
    if measure == PRIMARY_MEASURE:
        return LOSSES
    quantity = measure_named(measure).in_currency(scenario.orders.currency or "")
    which = "most" if quantity.more_is_better else "least"
    return f"{quantity.title} ({quantity.unit}), {which} first"


def paragraph(text: str, hang: int = 0) -> str:
    """`text` in lines that fit, all but the first indented by `hang`."""
    wide = min(WIDTH, terminal_width() or WIDTH)
    return fill(text, wide, subsequent_indent=" " * hang, break_long_words=False)


def line(text: str) -> str:
    """`text` in one line, or in as many as the terminal makes of it."""
    return "\n".join(_wrapped(text, terminal_width() or _width(text)))


def table(header, rows, align: str) -> str:
    """A header, a rule below it, and the rows, in columns that fit the terminal.

    Parameters
    ----------
    header : sequence of str
    rows : iterable of sequences of str
        As long as the header.
    align : str
        ``<`` or ``>`` for each column.
    """
    first, *others = _fitted([header, *rows], align)
    wide = max(_width(line) for cells in (first, *others) for line in cells)
    return "\n".join([*first, "-" * wide, *(line for cells in others for line in cells)])


def columns(rows, align: str) -> list[str]:
    """A line a row, or more where a text is too long for the terminal; columns aligned left or right."""
    return [line for lines in _fitted(rows, align) for line in lines]


def terminal_width() -> int:
    """Columns of the terminal, or of the variable COLUMNS; 0 where nobody says: a pipe, a file."""
    return get_terminal_size((0, 0)).columns


def _fitted(rows, align: str) -> list[list[str]]:
    """The lines of each row. Where all is too wide, texts are wrapped, and headings above numbers."""
    rows = [tuple(row) for row in rows]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    limit = terminal_width()
    too_wide = sum(widths) + GAP * (len(widths) - 1) - limit if limit else 0
    if too_wide > 0:
        for nth, column in enumerate(zip(*rows, strict=True)):
            if align[nth] == ">" and len(column) > 1:
                words = column[0].split() or [""]
                narrow = max(*map(_width, words), *map(_width, column[1:]))
                too_wide -= widths[nth] - narrow
                widths[nth] = narrow
        while too_wide > 0:
            nth = max(range(len(widths)), key=lambda n: (align[n] == "<") * widths[n])
            if align[nth] == ">" or widths[nth] <= NARROWEST:
                break
            widths[nth], too_wide = widths[nth] - 1, too_wide - 1
    return [_lines(row, widths, align) for row in rows]


def _lines(row: tuple[str, ...], widths: list[int], align: str) -> list[str]:
    """The lines of one row."""
    cells = [_wrapped(cell, width) for cell, width in zip(row, widths, strict=True)]
    lines = []
    for parts in zip_longest(*cells, fillvalue=""):
        padded = [
            part + " " * (width - _width(part))
            if side == "<"
            else " " * (width - _width(part)) + part
            for part, width, side in zip(parts, widths, align, strict=True)
        ]
        lines.append((" " * GAP).join(padded).rstrip())
    return lines


def _wrapped(text: str, width: int) -> list[str]:
    """A text in lines of so many columns, broken between words where that can be."""
    if _width(text) <= width:
        return [text]
    lines = [""]
    for word in text.split():
        if _width(f"{lines[-1]} {word}".strip()) <= width:
            lines[-1] = f"{lines[-1]} {word}".strip()
            continue
        if lines[-1]:
            lines.append("")
        for character in word:
            if _width(lines[-1] + character) > width:
                lines.append("")
            lines[-1] += character
    return lines


def _width(text: str) -> int:
    """Columns that a text takes: a wide character takes two."""
    return max(wcswidth(text), 0)


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
        points = "points " * measure_named(measure).is_share
        header += [f"{points}against {inline(paired['baseline'].iloc[0])}", "95 % from", "to"]
        align += ">>>"
        deciding = paired[paired["measure"] == measure]
        differences = {row.strategy: row for row in deciding.itertuples()}
    rows = []
    for row in ranked.itertuples():
        wasted = percent_text(mean[row.strategy, "wasted_share"])
        cells = [inline(row.strategy), *map(text, (row.mean, row.low, row.high)), wasted]
        if other := differences.get(row.strategy):
            cells += [_difference(measure, x) for x in (other.difference, other.low, other.high)]
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
    return lambda number: "-" if isnan(number) else fixed_point(number, 2)


def _difference(measure: str, number: float) -> str:
    """A difference with its sign: of shares in percentage points."""
    if isnan(number):
        return "-"
    return signed(100.0 * number if measure_named(measure).is_share else number, 2)


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


def layouts(curve: pd.DataFrame, measure: str) -> str:
    """Table of layouts by their cost, from `Sizing.curve`, with the figures of a measure."""
    text = _figure_text(measure)
    shelves = [column for column in curve.columns if str(column).startswith("shelves.")]
    names = [
        inline(column.removeprefix("shelves.").removesuffix(".capacity")) for column in shelves
    ]
    header = ("cost", *names, "mean", "95 % from", "to", "")
    rows = [
        (
            decimal_text(row["cost"]),
            *(f"{row[column]:,}" for column in shelves),
            *(text(row[key]) for key in ("mean", "low", "high")),
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
