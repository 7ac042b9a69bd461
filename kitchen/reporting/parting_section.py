"""What the best strategy does differently: the shelves at the instant at which two runs part."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from kitchen.engine.source import Source
from kitchen.model.strategy import Strategy
from kitchen.plots.browser.page import embedded
from kitchen.plots.browser.play import play
from kitchen.simulation.simulate import Run, simulate
from kitchen.simulation.snapshot import Snapshot, Snapshots, parting
from kitchen.utils.formatting import DASH, enumeration, plain, span_text, time_unit

MOST_SEARCHED = 20
"""Largest number of replications in which a difference is looked for."""

MOST_ROWS = 12
"""Largest number of orders in the table; those that are chosen are always among them."""

MOST_PLAYED = 5_000
"""Largest number of orders of a replication that the page carries to be played."""

STAYS = "stays"
"""What happens to an order that nothing is done to at that instant."""


class Parting(NamedTuple):
    """The instant at which two strategies on the same orders first do different things.

    Attributes
    ----------
    text : str
        When that is, what happened, and how full the shelves were.
    deeds : list of (str, str)
        Name of each strategy, and what it did.
    head : list of str
    rows : list of (list of str, bool)
        The orders that could be chosen: cells, and whether the strategies treat it differently.
    more : int
        Number of orders on these shelves that the table leaves out.
    frame : DataFrame
        All orders on the shelves before that instant: ``replication, time_s, shelf, order, name,
        temp, price, value, pickup_in_s`` and what each strategy does.
    runs : tuple of Run
        The replication under each strategy.
    """

    text: str
    deeds: list[tuple[str, str]]
    head: list[str]
    rows: list[tuple[list[str], bool]]
    more: int
    frame: pd.DataFrame
    runs: tuple[Run, ...] = ()

    @property
    def player(self) -> str:
        """Both kitchens, to be played on the page, from the instant at which they part."""
        if not self.runs or len(self.runs[0].orders) > MOST_PLAYED:
            return ""
        return embedded(play(*self.runs).data, theme="light")


def find_parting(
    source: Source, today: Strategy, best: Strategy, replications: int
) -> Parting | None:
    """The first instant of the first replication at which two strategies differ; None without one.

    Parameters
    ----------
    source : Source
    today, best : Strategy
    replications : int
        At most `MOST_SEARCHED` of them are searched.
    """
    for nth in range(min(replications, MOST_SEARCHED)):
        trace = source.take(nth, nth + 1)
        if not len(trace):
            continue
        runs = [simulate(source.scenario, own, trace=trace) for own in (today, best)]
        kitchens = [Snapshots(run) for run in runs]
        time_s = parting(*kitchens)
        if time_s is not None:
            return _described(runs, kitchens[0].at(math.nextafter(time_s, -math.inf)), time_s)
    return None


def _described(runs: list[Run], before: Snapshot, time_s: float) -> Parting:
    orders = runs[0].orders
    done = [_done(run, time_s) for run in runs]
    newcomers = orders.loc[orders["ready_s"] == time_s, "order"].tolist()
    frame = _frame(before, orders, newcomers, time_s, done, [run.strategy.name for run in runs])
    today, best = (run.strategy.name for run in runs)
    unit = time_unit(frame["pickup_in_s"].max() if frame["pickup_in_s"].notna().any() else 0.0)
    rows, more = _rows(frame, newcomers, unit[1])
    opens = float(runs[0].trace.opens_s[0])
    return Parting(
        text=_text(before, orders, newcomers, done, time_s - opens),
        deeds=[
            (run.strategy.name, _sentence(own, orders)) for run, own in zip(runs, done, strict=True)
        ],
        head=["Shelf", "Order", "Temp", "Price", "Value", f"Courier in, {unit[0]}", today, best],
        rows=rows,
        more=more,
        frame=frame,
        runs=tuple(runs),
    )


# What was done


def _done(run: Run, time_s: float) -> dict[int, str]:
    """What a strategy did at an instant, by order: its events there, in words."""
    rows = run.ledger[run.ledger["time_s"] == time_s]
    done: dict[int, str] = {}
    for row in rows.itertuples():
        words = {
            "place": f"placed on {row.to_shelf}",
            "move": f"moved to {row.to_shelf}",
            "pickup": "picked up",
            "expire": "expired",
            "discard": "discarded",
        }[row.event]
        done[row.order] = f"{done[row.order]}, {words}" if row.order in done else words
    return done


def _sentence(done: dict[int, str], orders: pd.DataFrame) -> str:
    """What a strategy did, as a sentence."""
    names = orders.set_index("order")["name"]
    said = [f"{plain(names[order], 40)} is {words}" for order, words in done.items()]
    return f"{enumeration(said)}." if said else "Nothing."


def _text(before: Snapshot, orders, newcomers, done, since_s: float) -> str:
    """When it was, what happened, and how full the shelves were."""
    own = orders.set_index("order")
    if newcomers:
        names = enumeration(
            f"{plain(own['name'][order], 40)} ({own['temp'][order]})" for order in newcomers
        )
        what = f"{names} is ready"
    else:
        ends = [
            order for order, words in done[0].items() if "picked" in words or "expired" in words
        ]
        names = enumeration(plain(own["name"][order], 40) for order in ends)
        what = f"{names} leaves its shelf" if ends else "a slot is free"
    full = ", ".join(
        f"{shelf.name} {len(shelf.orders):,} of {shelf.capacity:,}" for shelf in before.shelves
    )
    return (
        f"In replication {before.replication} both do the same for {span_text(float(f'{since_s:.3g}'))}. "
        f"Then {what}, and the shelves hold: {full}."
    )


# The shelves


def _frame(before: Snapshot, orders, newcomers, time_s: float, done, names) -> pd.DataFrame:
    """All orders on shelves, the newcomers first, and what each strategy does with them."""
    own = orders.set_index("order")
    standing = [
        (shelf.name, order.order, order.value) for shelf in before.shelves for order in shelf.orders
    ]
    where = [("", order, 1.0) for order in newcomers] + standing
    index = [order for _, order, _ in where]
    return pd.DataFrame(
        {
            "replication": before.replication,
            "time_s": time_s,
            "shelf": [shelf for shelf, *_ in where],
            "order": index,
            "name": own["name"].reindex(index).to_list(),
            "temp": own["temp"].astype(object).reindex(index).to_list(),
            "price": own["price"].reindex(index).to_numpy(float),
            "value": np.array([value for *_, value in where], float),
            "pickup_in_s": own["pickup_s"].reindex(index).to_numpy(float) - time_s,
            "today": [done[0].get(order, STAYS) for order in index],
            "best": [done[1].get(order, STAYS) for order in index],
        }
    )


def _rows(frame: pd.DataFrame, newcomers, unit_s: int) -> tuple[list, int]:
    """Rows of the table: what is treated differently, then what is worth least, on the shelves concerned."""
    differ = (frame["today"] != frame["best"]).to_numpy()
    new = frame["order"].isin(newcomers).to_numpy()
    concerned = frame["shelf"].isin(frame.loc[differ & ~new, "shelf"]).to_numpy()
    if not concerned.any():
        concerned = ~new
    shown = frame.assign(differ=differ, new=new, worth=frame["price"] * frame["value"])
    shown = shown[differ | new | concerned]
    shown = shown.sort_values(
        ["new", "differ", "worth"], ascending=[False, False, True], kind="stable"
    )
    more = max(len(shown) - MOST_ROWS, 0)
    rows = []
    for row in shown.head(MOST_ROWS).itertuples():
        late = max(row.pickup_in_s, 0.0) / unit_s
        courier = DASH if math.isnan(row.pickup_in_s) else f"{late:.1f}"
        cells = [
            "new" if row.new else row.shelf,
            plain(row.name, 30),
            row.temp,
            f"{row.price:,.4g}",
            f"{100 * row.value:.0f} %",
            courier,
            row.today,
            row.best,
        ]
        rows.append((cells, bool(row.differ)))
    return rows, more
