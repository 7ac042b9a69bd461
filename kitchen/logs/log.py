"""An order log that was read: its orders, evenings and problems."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from kitchen.engine.trace import Trace
from kitchen.logs.days import USED
from kitchen.logs.replay import replayed, require_missing
from kitchen.utils import html
from kitchen.utils.formatting import counted, percent_text, plain
from kitchen.utils.frames import frame_field
from kitchen.utils.validation import check_seed, whole

MOST_DRAWS = 10_000
"""Largest number of draws of missing pickups."""


@dataclass(frozen=True, eq=False)
class Log:
    """An order log: its orders by evening, with what was repaired and what was assumed.

    Make one with `kitchen.read_log`.

    Attributes
    ----------
    source : str
        Name of the file, without its folder.
    zone : str
        Time zone of the kitchen's clock.
    opens_s : float
        Local time at which evenings open, seconds after midnight.
    columns, guessed : dict
        Role -> column; those of them that were guessed.
    assumed : tuple of str
        What the log does not say and was assumed.
    frame : DataFrame
        A row an order, by evening and receipt: ``date`` of its service day, ``day`` (index of its
        row in `days`), ``row`` in the file, ``order_id``, ``name``, ``temp``, ``price``,
        ``shelf_life_s``, ``decay_rate``, ``received_s``, ``ready_s``, ``pickup_s`` (seconds from the
        opening; NaN where the pickup is missing) and ``collected``.
    days : DataFrame
        A row a service day: ``date``, ``orders``, ``pickup_missing`` (a share), ``delay_median_s``,
        ``use`` (yes, arrivals only, left out) and ``why``.
    problems : DataFrame
        A row a kind of problem: ``problem``, ``rows``, ``share``, ``first_row``, ``example`` and
        ``done``, what was done about it.

    Examples
    --------
    >>> import pandas as pd
    >>> import kitchen as kt
    >>> log = kt.read_log(pd.DataFrame({
    ...     "received": ["2025-11-03T18:00:10Z"], "pickup": ["2025-11-03T18:14:00Z"], "temp": ["hot"]}))
    >>> log.trace()
    Trace(1 orders in 1 replications, replay)
    """

    source: str
    zone: str
    opens_s: float
    columns: dict
    guessed: dict
    assumed: tuple[str, ...]
    frame: pd.DataFrame = frame_field()
    days: pd.DataFrame = frame_field()
    problems: pd.DataFrame = frame_field()

    def __repr__(self):
        orders, days, used = len(vars(self)["frame"]), len(vars(self)["days"]), self.evenings
        return f"Log({counted(orders, 'order')} on {counted(days, 'evening')}, {used:,} of them usable)"

    def _repr_html_(self) -> str:
        problems = self.problems
        rows = [
            (
                plain(row.problem, 60),
                f"{row.rows:,}",
                percent_text(row.share),
                row.first_row,
                "" if pd.isna(row.example) else plain(row.example),
                plain(row.done, 60),
            )
            for row in problems.itertuples()
        ]
        days = [
            (
                str(row.date.date()),
                f"{row.orders:,}",
                percent_text(row.pickup_missing),
                html.number(row.delay_median_s / 60, ".1f"),
                row.use,
                row.why,
            )
            for row in self.days.itertuples()
        ]
        header = ("problem", "rows", "share", "first row", "example", "done")
        evening = ("evening", "orders", "pickups missing", "median delay (min)", "use", "")
        return html.block(
            html.heading("Log", self.source),
            html.paragraph(html.text(self.verdict, 3000)),
            html.table(header, rows, "<>>><<") if rows else "",
            html.table(evening, days, "<>>><<"),
        )

    @property
    def evenings(self) -> int:
        """Number of evenings that can be replayed."""
        return int((vars(self)["days"]["use"] == USED).sum())

    @cached_property
    def verdict(self) -> str:
        """What was read, guessed, repaired and assumed, in a few sentences."""
        from kitchen.logs.verdict import in_words

        return html.Sentences(in_words(self))

    def trace(self, missing: str = "same hour", *, draws: int = 1, seed: int = 0) -> Trace:
        """The evenings as a trace: each is a replication, seconds from its opening.

        Parameters
        ----------
        missing : {"same hour", "leave out", "never"}
            What to do with an order whose pickup is missing: give it the delay of another order of
            the same hour; leave it out; let nobody come, so that it ages until it expires. Missing
            is not never: where couriers are just not recorded, the first is closest to the truth.
        draws : int
            How often missing delays are drawn, each time for a copy of all evenings: their spread
            shows how much it matters. Copies of an evening are no further evenings: intervals over
            all of them are too short.
        seed : int
            Of the drawn delays.

        Returns
        -------
        Trace
            Evening e of draw k is replication k x evenings + e.

        Raises
        ------
        LogError
            If no evening has pickups.
        """
        return Trace.from_frame(self.replay(missing, draws=draws, seed=seed))

    def replay(self, missing: str = "same hour", *, draws: int = 1, seed: int = 0) -> pd.DataFrame:
        """The frame behind `trace`, with ``collected``: False where a pickup was not in the log."""
        missing = require_missing(missing)
        draws = whole("draws", draws, at_least=1, at_most=MOST_DRAWS)
        kept = vars(self)
        return replayed(kept["frame"], kept["days"], missing, draws, check_seed(seed), self.source)

    def plot(self, ax=None):
        """Orders of each evening, and how many pickups are missing; returns the Axes."""
        from kitchen.plots.logs import log_days

        return log_days(self.days, ax)
