"""Second pictures of the explorer: what each shows of a comparison."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from kitchen import plots
from kitchen.comparison.comparison import Comparison, compare
from kitchen.errors import KitchenError
from kitchen.model.measures import BOUND_OF
from kitchen.plots.axes import fixed, png
from kitchen.plots.browser.dots import DotPlot, ranking_dots, regret_dots
from kitchen.reporting.plain_words import most_that_rules_could
from kitchen.simulation import metrics
from kitchen.simulation.simulate import simulate
from kitchen.widgets.background import Progress
from kitchen.widgets.explorer_settings import orders_each

DETAILED = 20
"""Replications simulated for the shelves over time and for the clairvoyant bound."""

MOST_LOOKED_AT = 2_000_000
"""Most orders whose shelves are followed over time, all replications together."""

MOST_BOUNDED = 10_000
"""Most orders of a replication for the clairvoyant bound: 1.4 s at 5,000 and 10 s at 20,000, in one go."""

WIDE, HIGH = 7.2, 3.5
"""Width and height of a picture that matplotlib draws, inches."""


class View(NamedTuple):
    """A second picture.

    Attributes
    ----------
    table : callable
        (comparison, seed, progress) -> the frame that it shows.
    draw : callable
        (frame, measure) -> the figure of matplotlib, for files and pages without a kernel.
    dots : callable or None
        (frame, measure, currency) -> the same as dots for the browser; None: the figure is shown.
    """

    table: Callable[[Comparison, int, Progress], pd.DataFrame]
    draw: Callable
    dots: Callable[[pd.DataFrame, str, str], DotPlot] | None = None


def as_image(ax) -> dict:
    """A figure of matplotlib as what an `Answer` shows."""
    figure = ax.figure
    wide, high = (int(size) for size in figure.get_size_inches() * figure.dpi)
    source = base64.b64encode(png(figure)).decode()
    return {
        "kind": "image",
        "title": ax.get_title(loc="left"),
        "source": f"data:image/png;base64,{source}",
        "wide": wide,
        "high": high,
    }


def canvas():
    """Axes of a figure of the usual size."""
    return fixed(WIDE, HIGH)


def _levels(table: Comparison, seed: int, progress: Progress) -> pd.DataFrame:
    return table.means_of(table.measure)


def _over_time(table: Comparison, seed: int, progress: Progress) -> pd.DataFrame:
    """How full the shelves are under the best strategy."""
    best = next(s for s in table.strategies if s.name == table.ranked[0])
    number = min(table.replications, DETAILED)
    _refuse("the shelves over time", number * orders_each(table.scenario), MOST_LOOKED_AT)
    progress.begin("looking at the shelves", number)
    trace = table.source.take(0, number)
    run = simulate(table.scenario, best, trace=trace, callback=progress.callback)
    last = run.ledger["time_s"].max() if len(run.ledger) else 0.0
    run = simulate(table.scenario, best, trace=trace, step_s=max(last / 300, 1e-3))
    return run.shelves


def _regret(table: Comparison, seed: int, progress: Progress) -> pd.DataFrame:
    """Gap of each strategy to the clairvoyant bound."""
    number = min(table.replications, DETAILED)
    _refuse("the clairvoyant bound", orders_each(table.scenario), MOST_BOUNDED, " a replication")
    progress.begin("clairvoyant bound", number)
    options = {"bound": True, "min_strategies": 1}
    if table.measure in BOUND_OF:
        options["measure"] = table.measure
    parts = []
    for nth in range(number):
        trace = table.source.take(nth, nth + 1)
        parts.append(compare(table.scenario, table.strategies, trace=trace, **options))
        progress.callback()
    summaries = pd.concat([one.summaries for one in parts], ignore_index=True)
    bounds = pd.concat([one.bounds for one in parts], ignore_index=True)
    return metrics.regret(summaries, bounds, table.strategies[0].name)


def most_possible(table: Comparison, seed: int, progress: Progress) -> str:
    """A sentence on the best that anybody could have done; empty where a page works out no bound."""
    if not (table.measured.is_share and table.measure in BOUND_OF):
        return ""
    today = replace(table, strategies=table.strategies[:1])
    try:
        return most_that_rules_could(_regret(today, seed, progress), table.measured)
    except KitchenError:  # too many orders, or a kitchen that has no bound
        return ""


def _refuse(what: str, orders: float, most: int, each: str = "") -> None:
    """Refuse a second picture that would not hear Cancel, or not fit, and say how large it is."""
    if orders > most:
        raise KitchenError(
            f"{what}: of {orders:,.0f} orders{each}; a page does up to {most:,}. "
            "Ask for fewer orders, or choose another second picture."
        )


VIEWS = {
    "the levels": View(
        _levels, lambda frame, measure: plots.ranking(frame, measure, ax=canvas()), ranking_dots
    ),
    "waste by cause": View(
        lambda table, *_: metrics.waste_by_cause(table.summaries),
        lambda frame, _: plots.waste_by_cause(frame, ax=canvas()),
    ),
    "waste by temp": View(
        lambda table, *_: metrics.waste_by_temp(table.summaries),
        lambda frame, _: plots.waste_by_temp(frame, ax=canvas()),
    ),
    "where the value went": View(
        lambda table, *_: metrics.value_split(table.summaries),
        lambda frame, _: plots.value_split(frame, ax=canvas()),
    ),
    "the shelves over time, under the best": View(
        _over_time, lambda frame, _: plots.shelves(frame, ax=canvas())
    ),
    "all pairs": View(
        lambda table, *_: table.pairs_of(table.measure),
        lambda frame, measure: plots.pairs(frame, measure, ax=canvas()),
    ),
    "gap to the clairvoyant bound": View(
        _regret,
        lambda frame, _: plots.regret(frame, ax=canvas()),
        lambda frame, measure, currency: regret_dots(frame),
    ),
}
