"""Regret: how far strategies stay behind a bound, and the share of the gap that they close."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kitchen.errors import KitchenError, unknown
from kitchen.model.measures import MEASURES
from kitchen.stats.intervals import by_strategy, need, with_intervals

BOUNDED = ("lost_revenue_share", "wasted_share", "value_per_order")
"""Columns of a summary for which there are bounds."""


def regret(summaries: pd.DataFrame, bounds: pd.DataFrame, baseline: str | None = None):
    """Regret: how far each strategy is below a bound that no strategy can exceed.

    Parameters
    ----------
    summaries : DataFrame
        Rows of `Run.summary` of several strategies with the same orders.
    bounds : DataFrame
        ``replication`` and the bound for the orders of each, in one of the columns of `BOUNDED`.
    baseline : str, optional
        Name of a strategy; the first one by default.

    Returns
    -------
    DataFrame
        ``strategy, baseline, measure, mean, low, high, replications``, two rows per strategy.
        ``regret`` is the distance to the bound, 0 at best. ``gap_closed`` is the share of the way from
        the baseline to the bound that the strategy goes: the mean gain over the mean of the
        greatest gain possible, with the interval of a ratio of means (delta method); 0 for the
        baseline itself, NaN where the baseline reaches the bound.

    Raises
    ------
    KitchenError
        If there is no such baseline, or a replication is there twice or has no bound.

    Examples
    --------
    >>> import kitchen as kt
    >>> run = kt.simulate(kt.Scenario.load("rush"), "random", replications=20, keep="summary")
    >>> bounds = run.summary[["replication"]].assign(value_per_order=1.0)
    >>> kt.metrics.regret(run.summary, bounds)["measure"].tolist()
    ['regret', 'gap_closed']
    """
    column = next((name for name in BOUNDED if name in bounds), BOUNDED[-1])
    need(bounds, ["replication", column], "bounds")
    sign = 1.0 if MEASURES[column].more_is_better else -1.0
    values, names = by_strategy(summaries, [column])
    if baseline is None:
        baseline = names[0]
    elif baseline not in names:
        raise KitchenError(unknown("baseline", baseline, names))
    wide = sign * values[column].unstack(level=0).reindex(columns=names)
    if bounds["replication"].duplicated().any():
        raise KitchenError("bounds: a replication is there twice.")
    best = sign * bounds.set_index("replication")[column].reindex(wide.index)
    missing = wide.index[best.isna() & wide.notna().any(axis=1)]
    if len(missing):
        raise KitchenError(f"bounds: there is none for replication {missing[0]}.")
    short = wide.rsub(best, axis=0)
    most = (best - wide[baseline]).to_numpy()
    gain = wide.sub(wide[baseline], axis=0).to_numpy()
    room = np.nanmean(most) if np.isfinite(most).any() else np.nan
    room = room if room > 1e-12 else np.nan
    gap_closed = (
        np.nanmean(gain, axis=0) / room if np.isfinite(room) else np.full(len(names), np.nan)
    )
    # delta method: a ratio of means varies like the mean of each replication's residual
    varies = gap_closed + (gain - gap_closed * most[:, None]) / room
    long = np.stack([short.to_numpy(), varies], axis=2).transpose(1, 0, 2).reshape(-1, 2)
    strategy = pd.Categorical(np.repeat(names, len(wide)), names, ordered=True)
    columns = ["regret", "gap_closed"]
    table = with_intervals(pd.DataFrame(long, columns=columns), strategy, "measure", columns)
    table.insert(1, "baseline", pd.Categorical([baseline] * len(table), names, ordered=True))
    return table
