"""Copies of evenings, in which what a log lacks was drawn several times: their mean and their spread."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kitchen.engine.trace import Trace
from kitchen.model.measures import Measure
from kitchen.utils.formatting import number_text, points_text, quoted, share_text


def are_there(trace: Trace | None) -> bool:
    """Whether some replications of a trace are copies of one evening."""
    if trace is None or trace.evening is None:
        return False
    return np.unique(trace.evening).size < trace.evening.size


def draw_of(evening: np.ndarray) -> np.ndarray:
    """Number of the draw of each replication: how many copies of its evening come before it.

    Examples
    --------
    >>> draw_of(np.array([0, 1, 0, 1, 1])).tolist()
    [0, 0, 1, 1, 2]
    """
    return pd.Series(evening).groupby(evening).cumcount().to_numpy()


def averaged(summaries: pd.DataFrame, trace: Trace) -> pd.DataFrame:
    """Summaries with a row an evening in place of a row a copy: the mean over its copies.

    The first copy gives the number of the replication. Rows are by strategy, if there is one, and then
    by evening; columns of text are left out.
    """
    keys = [key for key in ("strategy",) if key in summaries]
    evening = pd.Series(trace.evening, trace.replications)
    first = pd.Series(trace.replications).groupby(trace.evening).first()
    of = summaries["replication"].map(evening).rename("evening")
    by = [*(summaries[key] for key in keys), of]
    figures = summaries.drop(columns=[*keys, "replication"]).select_dtypes(["number", "bool"])
    table = figures.groupby(by, observed=True).mean()
    table = table.reset_index()
    table.insert(len(keys), "replication", table.pop("evening").map(first))
    return table


def by_draw(summaries: pd.DataFrame, trace: Trace) -> pd.DataFrame:
    """Mean over the evenings of each draw: ``strategy, draw`` and all measures, a row a draw."""
    number = pd.Series(draw_of(trace.evening), trace.replications)
    draw = summaries["replication"].map(number).rename("draw")
    rest = summaries.drop(columns=["strategy", "replication"])
    return rest.groupby([summaries["strategy"], draw], observed=True).mean().reset_index()


def in_words(draws: pd.DataFrame, measure: Measure, key: str, best: str, other: str | None) -> str:
    """A sentence on how far the figures of a draw are from those of another."""
    table = draws.pivot(index="draw", columns="strategy", values=key)
    own = table[best]

    def text(value: float) -> str:
        return share_text(value) if measure.is_share else number_text(value)

    said = (
        f"What the log lacks was drawn {len(table):,} times, and figures are means over these draws: of "
        f"one draw alone, {quoted(best)} has {text(own.min())} to {text(own.max())}"
    )
    if other is not None:
        gap = (own - table[other]) * (1 if measure.more_is_better else -1)
        low, high = (
            points_text(end) if measure.is_share else number_text(end)
            for end in (gap.min(), gap.max())
        )
        said += f"; its gain over {quoted(other)} is {low} to {high} {measure.step_unit}"
    return f"{said}. Intervals are over evenings, not over draws."
