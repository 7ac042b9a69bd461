"""Tables of a comparison: the frames of all strategies under each other, and files of them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd

from kitchen.comparison.one_measure import OneMeasure
from kitchen.errors import KitchenError
from kitchen.io.tables import write_tables
from kitchen.simulation.simulate import simulate
from kitchen.stats.intervals import too_few
from kitchen.utils import html
from kitchen.utils.validation import one_of, position

PER_RUN = ("orders", "ledger", "shelves", "contents")
"""Frames of a run that a comparison has of all strategies, if it kept its ledgers."""

FILES = {"ranking": "frame", "paired": "paired", "pairs": "pairs", "summaries": "summaries"}
"""File of each table that every comparison has -> its attribute."""


class Tables(OneMeasure):
    """What `Comparison` can hand out as tables and files; `strategy` is an ordered categorical."""

    @property
    def orders(self) -> pd.DataFrame:
        """`Run.orders` of all strategies under each other; needs keep="ledger", built when read."""
        return self._stacked("orders")

    @property
    def ledger(self) -> pd.DataFrame:
        """`Run.ledger` of all strategies under each other; needs keep="ledger", built when read."""
        return self._stacked("ledger")

    @property
    def shelves(self) -> pd.DataFrame:
        """`Run.shelves` of all strategies under each other; needs keep="ledger", built when read."""
        return self._stacked("shelves")

    @property
    def contents(self) -> pd.DataFrame:
        """`Run.contents` of all strategies under each other; needs keep="ledger", built when read."""
        return self._stacked("contents")

    def play(self, strategies=None, replication: int | None = None):
        """Play two strategies on one replication in the browser; see `kitchen.play`.

        Parameters
        ----------
        strategies : list of str, optional
            Names of one or two; by default the baseline and the best.
        replication : int, optional
            By default the one whose difference is nearest to the mean difference.

        Returns
        -------
        Playback
            A notebook shows it; ``save("play.html")`` writes a page that needs no kernel.

        Raises
        ------
        KitchenError
            If there is no such strategy or replication.
        """
        known = {own.name: own for own in self.strategies}
        if strategies is None:
            first = self.strategies[0].name
            strategies = [first, *[name for name in self.ranked if name != first][:1]]
        names = [one_of("strategy", name, known) for name in strategies]
        values = self.summaries.pivot(index="replication", columns="strategy", values=self.measure)[
            names
        ]
        if replication is None:
            off = values.iloc[:, -1] - values.iloc[:, 0]
            replication = int((off - off.mean()).abs().fillna(np.inf).idxmin())
        nth = position("replication", replication, values.index)
        trace = self.source.take(nth, nth + 1)
        runs = [simulate(self.scenario, known[name], trace=trace) for name in names]
        return import_module("kitchen.plots.browser.play").play(*runs)

    def to_csv(self, folder, raw: bool = False, *, force: bool = False) -> list[Path]:
        """Write every table as a CSV file that `kitchen.read_csv` reads back unchanged.

        These are ``ranking`` (`frame`), ``paired``, ``pairs`` and ``summaries``; ``regret`` with the
        bound; and with keep="ledger" ``orders``, ``ledger``, ``shelves`` and ``contents`` of all
        strategies.

        Parameters
        ----------
        folder : path
            Created if it does not exist; kitchen's own files of the same names are replaced, all
            or none.
        raw : bool
            Do not escape texts that a spreadsheet could read as a formula.
        force : bool
            Replace files of the same names that are not as kitchen wrote them, too. The menu of
            the scenario is never replaced.

        Returns
        -------
        list of Path
            The files of the tables.

        Raises
        ------
        FileError
            If a file cannot be written, or would be replaced and must not be.
        """
        return self._write(folder, "csv", raw, force)

    def to_parquet(self, folder, *, force: bool = False) -> list[Path]:
        """Write every table as a Parquet file; see `to_csv`."""
        return self._write(folder, "parquet", True, force)

    def _write(self, folder, kind: str, raw: bool, force: bool) -> list[Path]:
        named = dict(FILES)
        if self.bounds is not None:
            named["regret"] = "regret"
        if self.runs is not None:
            named |= {name: name for name in PER_RUN}
        tables = {file: partial(getattr, self, name) for file, name in named.items()}
        menu = self.scenario.orders.file
        return write_tables(tables, folder, kind, raw=raw, reads=[menu], force=force)

    def _stacked(self, name: str) -> pd.DataFrame:
        """A frame of all runs under each other."""
        if self.runs is None:
            raise KitchenError(
                f"{name}: this comparison kept its summaries only. Compare with keep='ledger'."
            )
        # a copy of each run builds the frame, so that no run keeps it as well
        frame = pd.concat([getattr(replace(run), name) for run in self.runs], ignore_index=True)
        names = [strategy.name for strategy in self.strategies]
        frame["strategy"] = pd.Categorical(frame["strategy"], names, ordered=True)
        return frame


def cell(row: pd.Series, scale: float = 100, form: str = ".2f") -> html.Html:
    """A mean, or a difference, and its interval; shares in hundredths."""
    middle = "difference" if "difference" in row else "mean"
    differing, number = row.get("differing", np.inf), row["replications"]
    if number > 1 and too_few(differing, number):
        said = f"(differs in {differing:,} of {number:,})"
        return html.joined(html.number(scale * row[middle], form), " ", html.quiet(said))
    return html.measured(*(scale * row[key] for key in (middle, "low", "high")), form)
