"""Estimates of a comparison for one measure alone, worked out when first asked for."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from kitchen.stats.intervals import all_pairs, mean_intervals, paired_differences

EVENINGS_FOR_LEVELS = 6
"""Evenings of a log below which only differences have intervals, with a caution."""


class OneMeasure:
    """What `Comparison` says by one measure; its verdict and a picture need no other.

    The tables of all measures take five times as long as those of one.
    """

    @property
    def has_few_evenings(self) -> bool:
        """Whether evenings are replayed, at least two, but too few for intervals of levels."""
        trace = None if self.source is None else self.source.trace
        replayed = trace is not None and trace.seed is None
        return replayed and 1 < self.replications < EVENINGS_FOR_LEVELS

    def levels(self, measures) -> pd.DataFrame:
        """Means with intervals, which are NaN where evenings are too few; see `mean_intervals`."""
        table = mean_intervals(self.summaries, measures)
        if self.has_few_evenings:
            table[["low", "high"]] = float("nan")
        return table

    def means_of(self, measure: str) -> pd.DataFrame:
        """The rows of `frame` of one measure: means with intervals, a row a strategy."""
        return self._kept("means", measure, lambda s, m: self.levels(m))

    def paired_of(self, measure: str) -> pd.DataFrame:
        """The rows of `paired` of one measure: differences to the baseline, a row a strategy."""
        name = self.strategies[0].name
        return self._kept("paired", measure, lambda s, m: paired_differences(s, name, m))

    def pairs_of(self, measure: str) -> pd.DataFrame:
        """The rows of `pairs` of one measure: differences between all pairs, a row a pair."""
        return self._kept("pairs", measure, all_pairs)

    def _kept(self, what: str, measure: str, make: Callable) -> pd.DataFrame:
        """A table that is made once; each reader gets a copy."""
        kept = vars(self).setdefault("_by_one_measure", {})
        if (what, measure) not in kept:
            kept[what, measure] = make(self.summaries, [measure])
        return kept[what, measure].copy()
