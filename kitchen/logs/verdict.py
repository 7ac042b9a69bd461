"""The verdict on a log in words: what was read, guessed, repaired, assumed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kitchen.errors import listed
from kitchen.logs.days import ARRIVALS, LEFT_OUT
from kitchen.utils.formatting import counted, plain, share_text

if TYPE_CHECKING:
    from kitchen.logs.log import Log

MOST_PROBLEMS = 5
"""Problems that the verdict names; the others are counted."""

MOST_DATES = 100
"""Characters of the dates that the verdict names; the others are counted."""


def in_words(log: Log) -> str:
    """A few sentences on a log."""
    days, problems, frame = log.days, log.problems, log.frame
    first, last = (f"{date.day} {date:%B %Y}" for date in (days["date"].min(), days["date"].max()))
    span = f"on {first}" if len(days) == 1 else f"from {first} to {last}"
    opening = f"{int(log.opens_s // 3600):02}:{int(log.opens_s % 3600 // 60):02}"
    said = [
        f"{plain(log.source)}: {counted(len(frame), 'order')} on {counted(len(days), 'evening')}, {span}.",
        f"{counted(log.evenings, 'evening')} can be replayed, from {opening} ({log.zone}).",
    ]
    for use, what in ((LEFT_OUT, "left out as partial"), (ARRIVALS, "used for arrivals only")):
        dates = days["date"][days["use"] == use]
        if count := len(dates):
            which = listed([f"{date.day} {date:%B}" for date in dates], MOST_DATES)
            said.append(
                f"{counted(count, 'evening')} {'is' if count == 1 else 'are'} {what}: {which}."
            )
    missing = 1.0 - frame["collected"].mean()
    if missing:
        said.append(
            f"{share_text(missing)} of the pickups are missing; a replay gives these orders the delay of "
            "another one of the same hour, unless `missing` says otherwise."
        )
    if log.guessed:
        pairs = (f"{role} = {_column(column)}" for role, column in log.guessed.items())
        said.append(f"Columns guessed by their names: {', '.join(pairs)}.")
    repaired = problems[~problems["problem"].str.startswith(("day ", "pickup: missing"))]
    if len(repaired):
        most = repaired.sort_values("rows", ascending=False, kind="stable").head(MOST_PROBLEMS)
        texts = [
            f"{plain(row.problem, 60)} ({row.rows:,}: {row.done})" for row in most.itertuples()
        ]
        more = len(repaired) - len(most)
        said.append("Found: " + "; ".join(texts) + (f"; and {more} kinds more." if more else "."))
    if log.assumed:
        said.append(f"Assumed: {'; '.join(dict.fromkeys(log.assumed))}.")
    return " ".join(said)


def _column(column) -> str:
    parts = column if isinstance(column, tuple) else (column,)
    return " and ".join(repr(plain(part)) for part in parts)
