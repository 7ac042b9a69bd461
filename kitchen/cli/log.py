"""The command `kitchen log`: what is wrong in an order log, and which evenings can be used."""

from __future__ import annotations

from functools import partial

import pandas as pd

from kitchen.cli import text_tables
from kitchen.cli.arguments import log_of
from kitchen.cli.formats import printed
from kitchen.errors import inline
from kitchen.io.tables import write_tables
from kitchen.utils.formatting import percent_text, plain


def run_log(args) -> str:
    """Read a log, write its tables into --out, and return what to print."""
    log = log_of(args)
    if args.out is not None:
        names = {"orders": "frame", "days": "days", "problems": "problems"}
        tables = {name: partial(getattr, log, attribute) for name, attribute in names.items()}
        write_tables(tables, args.out, reads=[args.log], force=args.force)
    parts = [text_tables.paragraph(inline(log.verdict))]
    if len(log.problems):
        parts.append(problems_table(log.problems))
    return printed(args, "\n\n".join([*parts, days_table(log.days)]), log.days)


def problems_table(problems: pd.DataFrame) -> str:
    """Table of what was found in a log, from `Log.problems`."""
    rows = [
        (
            plain(row.problem, 60), f"{row.rows:,}", percent_text(row.share), f"{row.first_row:,}",
            "" if pd.isna(row.example) else plain(row.example, 24), plain(row.done, 40),
        )
        for row in problems.itertuples()
    ]  # fmt: skip
    header = ("problem", "rows", "share", "first row", "example", "done")
    return text_tables.table(header, rows, "<>>><<")


def days_table(days: pd.DataFrame) -> str:
    """Table of the evenings of a log, from `Log.days`."""
    rows = [
        (
            str(row.date.date()), f"{row.orders:,}", percent_text(row.pickup_missing),
            "-" if pd.isna(row.delay_median_s) else f"{row.delay_median_s / 60:.1f}",
            row.use + (f": {row.why}" if row.why else ""),
        )
        for row in days.itertuples()
    ]  # fmt: skip
    header = ("evening", "orders", "no pickup", "median delay (min)", "use")
    return text_tables.table(header, rows, "<>>><")
