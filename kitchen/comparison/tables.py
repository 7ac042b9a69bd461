"""Tables of a comparison: the frames of all strategies under each other, and files of them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd

from kitchen.comparison.one_measure import OneMeasure
from kitchen.errors import KitchenError
from kitchen.io.tables import write_tables

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
