"""Check of a fit on evenings that it has not seen: envelopes of what it predicts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kitchen.engine.draw import draw
from kitchen.errors import KitchenError
from kitchen.logs.evenings import Evening, Evenings, resample
from kitchen.logs.fitted import Parts, fit_parts
from kitchen.model.scenario import Scenario
from kitchen.utils import html
from kitchen.utils.formatting import counted
from kitchen.utils.frames import frame_field
from kitchen.utils.validation import check_seed, whole

ENVELOPE = 0.90
"""Share of evenings that an envelope should hold."""

HOUR_S = 3600.0

FEWEST = 4
"""Evenings with pickups that can be split: two to fit to and two to predict."""

FIGURES = {
    "orders": "orders",
    "busiest_hour": "orders in the busiest hour",
    "most_at_once": "most orders waiting at once",
    "mean_at_once": "mean orders waiting at once",
    "mean_delay_s": "mean delay, seconds",
}
"""Figures of an evening that are predicted, and their titles."""

RESAMPLES = 25
"""Resamples of the evenings for each envelope."""

POOR = 0.75
"""Share inside the envelopes below which the verdict warns."""


@dataclass(frozen=True, eq=False)
class Check:
    """Predictions of evenings that were not fitted to.

    Attributes
    ----------
    frame : DataFrame
        A row a figure: ``figure, title, predicted, observed, error, inside, evenings``: means over
        all predictions, the predicted relative to the observed less 1, and the share of held-out
        evenings inside the 90 % envelope of drawn evenings.
    evenings : DataFrame
        A row a prediction, evening and figure: ``split, evening, figure, observed, predicted, low,
        high, inside``.
    splits : int
    """

    frame: pd.DataFrame = frame_field()
    evenings: pd.DataFrame = frame_field()
    splits: int = 0

    def __repr__(self):
        return f"Check({self.splits} splits, {self.frame['inside'].mean():.2f} inside)"

    @property
    def verdict(self) -> str:
        """What the check found, in sentences."""
        rows = self.frame.itertuples()
        parts = [f"{row.title} {100 * row.inside:.0f} %" for row in rows]
        text = (
            f"Fitted to half of the evenings, {counted(self.splits, 'split')} both ways: of the other "
            f"evenings these shares are inside the {100 * ENVELOPE:.0f} % envelopes: {', '.join(parts)}."
        )
        poor = self.frame.loc[self.frame["inside"] < POOR, "title"].tolist()
        if poor:
            text += f" Do not trust the fit in what depends on: {', '.join(poor)}."
        return html.Sentences(text)

    def plot(self, ax=None):
        """Picture of held-out evenings against their envelopes."""
        from kitchen.plots.fits import fit_check

        return fit_check(self.evenings, ax)


def check_parts(
    evenings: Evenings,
    kitchen: Scenario,
    parts: Parts,
    splits: int,
    replications: int,
    seed: int,
) -> Check:
    """Fit on random halves and predict the others; see `Fit.check`."""
    splits = whole("splits", splits, at_least=1, at_most=10_000)
    replications = whole("replications", replications, at_least=20, at_most=100_000)
    seed = check_seed(seed)
    known = sum(evening.pickups_known for evening in evenings.each)
    if known < FEWEST:
        raise KitchenError(
            f"check: needs at least {FEWEST} evenings with pickups, there are {known}. Fit to more."
        )
    generator = np.random.default_rng(seed)
    rows = []
    for split in range(splits):
        halves = np.array_split(generator.permutation(len(evenings)), 2)
        for nth, (mine, others) in enumerate((halves, halves[::-1])):
            own = evenings.chosen(mine)
            if not any(evening.pickups_known for evening in own.each):
                continue
            drawn = _predicted(own, kitchen, parts, replications, generator)
            rows += _predictions(
                2 * split + nth, drawn, evenings.chosen(others), kitchen, generator
            )
    detail = pd.DataFrame(rows)
    mean = detail.groupby("figure", sort=False)[["predicted", "observed", "inside"]].mean()
    table = mean.reindex([key for key in FIGURES if key in mean.index]).reset_index()
    table.insert(1, "title", table["figure"].map(FIGURES))
    table.insert(4, "error", table["predicted"] / table["observed"] - 1)
    table["evenings"] = table["figure"].map(detail.groupby("figure").size())
    return Check(table, detail, splits)


def _predicted(own: Evenings, kitchen, parts, replications: int, generator) -> pd.DataFrame:
    """Figures of evenings that are drawn from refits to resamples of some evenings, a row each.

    So an envelope holds what so few evenings leave open. A resample has less spread between its
    evenings by (n - 1) / n, which is given back.
    """
    number = len(own)
    back = number / (number - 1)
    tables = []
    for part in np.array_split(np.arange(replications), min(RESAMPLES, replications)):
        drawn = resample(own, generator)
        fitted = fit_parts(drawn, kitchen, like=parts).with_spread(back**0.5)
        scenario = fitted.scenario(kitchen, own.duration_s)
        seed = int(generator.integers(2**62))
        tables.append(_drawn(scenario, drawn, part.size, seed))
    return pd.concat(tables, ignore_index=True)


def _drawn(scenario: Scenario, evenings: Evenings, replications: int, seed: int) -> pd.DataFrame:
    """Figures of drawn evenings, a row each."""
    trace = draw(scenario, replications, seed, menu=evenings.menu())
    rows = []
    for begin, end in zip(trace.first[:-1], trace.first[1:], strict=True):
        mine = slice(begin, end)
        times = trace.received_s[mine], trace.ready_s[mine], trace.pickup_s[mine]
        called = trace.called_s[mine]
        rows.append(figures(*times, called, evenings.duration_s))
    return pd.DataFrame(rows)


def _predictions(split, drawn: pd.DataFrame, others: Evenings, kitchen, generator) -> list[dict]:
    """Each held-out evening against the envelopes of the drawn ones."""
    tail = (1 - ENVELOPE) / 2
    low, high, mean = drawn.quantile(tail), drawn.quantile(1 - tail), drawn.mean()
    rows = []
    for evening in others.each:
        seen = _observed(evening, others.duration_s, kitchen.couriers.delay_from, generator)
        for figure, value in seen.items():
            if np.isfinite(value):
                rows.append(
                    {
                        "split": split,
                        "evening": evening.number,
                        "figure": figure,
                        "observed": value,
                        "predicted": mean[figure],
                        "low": low[figure],
                        "high": high[figure],
                        "inside": bool(low[figure] <= value <= high[figure]),
                    }
                )
    return rows


def _observed(evening: Evening, duration_s, delay_from, generator) -> dict[str, float]:
    """Figures of an evening; missing pickups have a delay of another order of it, drawn."""
    called = evening.received_s if delay_from == "received" else evening.ready_s
    pickup, missing = evening.pickup_s.copy(), np.isnan(evening.pickup_s)
    if evening.pickups_known and missing.any():
        delays = (pickup - called)[~missing]
        pickup[missing] = called[missing] + generator.choice(delays, missing.sum())
    return figures(evening.received_s, evening.ready_s, pickup, called, duration_s)


def figures(received_s, ready_s, pickup_s, called_s, duration_s: float) -> dict[str, float]:
    """Figures of one evening, as in `FIGURES`; NaN where they need pickups and there are none.

    Examples
    --------
    >>> t = np.array([0.0, 10.0, 4000.0])
    >>> figures(t, t, t + 100.0, t, 7200.0)["busiest_hour"]
    2.0
    """
    times = np.sort(received_s)
    within = np.searchsorted(times, times + HOUR_S) - np.arange(times.size)
    found = {"orders": float(times.size), "busiest_hour": float(within.max(initial=0))}
    if not times.size or np.isnan(pickup_s).any():
        return found | dict.fromkeys(("most_at_once", "mean_at_once", "mean_delay_s"), np.nan)
    waits = pickup_s > ready_s
    change = np.concatenate([np.ones(waits.sum()), -np.ones(waits.sum())])
    at = np.concatenate([ready_s[waits], pickup_s[waits]])
    waiting = np.cumsum(change[np.lexsort((change, at))])
    return found | {
        "most_at_once": float(waiting.max(initial=0.0)),
        "mean_at_once": float((pickup_s - ready_s)[waits].sum() / duration_s),
        "mean_delay_s": float(np.mean(np.maximum(pickup_s - called_s, 0.0))),
    }
