"""Evenings of a log as arrays, one set each, so that they can be split and resampled."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kitchen.engine.trace import Trace
from kitchen.errors import KitchenError, TraceError
from kitchen.model.menu import Menu
from kitchen.utils.text import as_text

KINDS_ON_A_MENU = 2000
"""Rows of a fitted menu: shares of dishes are then within 1 in 2,000 of those in the log."""

ROUND_S = 1800.0
"""An evening ends at the first multiple of this after its last order, seconds."""

LONGEST_S = 172_800.0
"""Longest evening, seconds: beyond, times are those of a calendar and not from each opening."""


@dataclass(frozen=True, eq=False)
class Evening:
    """One evening: arrays of shape (orders,), seconds from its opening.

    `pickup_s` is NaN where nobody came or nobody wrote it down; `seen_s` is then the last instant at
    which the order was seen waiting, or NaN. `kind` is the row of the orders' menu.
    """

    number: int
    received_s: np.ndarray
    ready_s: np.ndarray
    pickup_s: np.ndarray
    seen_s: np.ndarray
    kind: np.ndarray
    pickups_known: bool = True


@dataclass(frozen=True, eq=False)
class Evenings:
    """Evenings of one kitchen, the dishes of all their orders, and how long an evening lasts."""

    each: tuple[Evening, ...]
    dishes: Menu
    duration_s: float

    def __len__(self) -> int:
        return len(self.each)

    @property
    def orders(self) -> int:
        """Number of orders of all evenings."""
        return int(self.counts.sum())

    @property
    def counts(self) -> np.ndarray:
        """Orders of each evening, shape (evenings,)."""
        return np.array([evening.received_s.size for evening in self.each], np.int64)

    def chosen(self, positions: Sequence[int]) -> Evenings:
        """Some of the evenings, any of them several times."""
        return Evenings(tuple(self.each[i] for i in positions), self.dishes, self.duration_s)

    def menu(self) -> Menu:
        """The dishes in the proportion in which they were ordered.

        Each order is a row, sorted by dish; of more than `KINDS_ON_A_MENU` orders a systematic sample,
        which keeps proportions. So similar evenings draw similar dishes from the same numbers.
        """
        kind = np.sort(np.concatenate([evening.kind for evening in self.each]))
        if kind.size > KINDS_ON_A_MENU:
            at = (np.arange(KINDS_ON_A_MENU) + 0.5) / KINDS_ON_A_MENU * kind.size
            kind = kind[at.astype(np.int64)]
        dishes = self.dishes
        return Menu(
            order_id=np.array([str(i + 1) for i in range(kind.size)], dtype=object),
            **{
                column: getattr(dishes, column)[kind]
                for column in ("name", "temp", "price", "shelf_life_s", "decay_rate")
            },
        )


def evenings_of(log, duration_s: float | None = None) -> Evenings:
    """The evenings of a log or frame.

    Parameters
    ----------
    log : Log or DataFrame
        A row per order, as for `Trace.from_frame`, with ``received_s`` in seconds from the opening of
        its evening (or of the clock whose opening is ``opens_s``). The optional column ``seen_s``
        tells until when an order without pickup was seen waiting. Of a log, days that are left out
        are left out here, and days that are good for arrivals only have no pickups.
    duration_s : float, optional
        How long an evening lasts; by default until the first half hour after the last order of all.

    Raises
    ------
    TraceError, KitchenError
        If the frame is not valid, there are no orders, or an order comes after the end.
    """
    frame, arrivals_only = _usable(log)
    if not isinstance(frame, pd.DataFrame):
        raise TraceError(f"log: must be a log or a DataFrame, got {type(log).__name__}.")
    if "received_s" not in frame and "ready_s" in frame:
        frame = frame.assign(received_s=frame["ready_s"])
    if "received_s" in frame and "ready_s" in frame:
        frame = frame.assign(ready_s=frame["ready_s"].fillna(frame["received_s"]))
    keys = [key for key in ("replication", "received_s") if key in frame]
    frame = frame.sort_values(keys, kind="stable").reset_index(drop=True) if keys else frame
    if "name" not in frame and "temp" in frame:
        frame = frame.assign(name=frame["temp"])
    trace = Trace.from_frame(frame.drop(columns=["order_id"], errors="ignore"))
    if not len(trace):
        raise KitchenError("log: there are no orders.")
    opens = np.repeat(trace.opens_s, np.diff(trace.first)) if "opens_s" in frame else 0.0
    received = trace.received_s - opens
    last = float(received.max())
    if last > LONGEST_S:
        raise KitchenError(
            f"log: received_s reaches {last:,.0f} s after the opening of an evening. Count it from each "
            "evening's opening, with a replication for each, or give opens_s."
        )
    end = ROUND_S * (math.floor(last / ROUND_S) + 1) if duration_s is None else float(duration_s)
    if last > end:
        raise KitchenError(f"duration_s: an order comes at {last:,.0f} s, after {end:,.0f} s.")
    seen = (
        frame["seen_s"].to_numpy(float) - opens
        if "seen_s" in frame
        else np.full(len(trace), np.nan)
    )
    dishes, kind = _dishes(trace.menu)
    each = []
    for nth, number in enumerate(trace.replications):
        mine = slice(trace.first[nth], trace.first[nth + 1])
        known = int(number) not in arrivals_only
        shift = trace.opens_s[nth] if "opens_s" in frame else 0.0
        pickup = trace.pickup_s[mine] - shift
        each.append(
            Evening(
                int(number),
                received[mine],
                trace.ready_s[mine] - shift,
                pickup if known else np.full(pickup.size, np.nan),
                seen[mine] if known else np.full(pickup.size, np.nan),
                kind[mine],
                known and bool(np.isfinite(pickup).any()),
            )
        )
    return Evenings(tuple(each), dishes, end)


def resample(evenings: Evenings, generator: np.random.Generator) -> Evenings:
    """As many evenings, drawn with replacement, at least one of them with pickups."""
    while True:
        drawn = evenings.chosen(generator.integers(len(evenings), size=len(evenings)))
        if any(evening.pickups_known for evening in drawn.each):
            return drawn


def _usable(log) -> tuple[object, Iterable[int]]:
    """The frame of a log without the days that are left out, and the days without pickups."""
    if isinstance(log, pd.DataFrame) or not hasattr(log, "frame"):
        return log, ()
    frame, days = log.frame, getattr(log, "days", None)
    if "replication" not in frame and "day" in frame:
        frame = frame.rename(columns={"day": "replication"})
    if days is None or "use" not in days:
        return frame, ()
    key = next((key for key in ("replication", "day") if key in days), None)
    numbers = days[key].to_numpy() if key else days.index.to_numpy()
    use = days["use"].astype(str).to_numpy()
    left_out = [str(text).startswith("left out") for text in use]
    without = [int(n) for n, text in zip(numbers, use, strict=True) if text.startswith("arrivals")]
    return frame[~frame["replication"].isin(numbers[left_out])], without


def _dishes(menu: Menu) -> tuple[Menu, np.ndarray]:
    """The distinct dishes of a replay's menu, and the dish of each order.

    Names that differ in case only are one dish, spelt as most orders spell it.
    """
    columns = ["name", "temp", "price", "shelf_life_s", "decay_rate"]
    frame = pd.DataFrame({column: getattr(menu, column) for column in columns})
    keys = as_text(frame["name"]).str.strip().str.casefold()
    spellings = pd.DataFrame({"key": keys, "name": frame["name"]}).value_counts().reset_index()
    spellings = spellings.sort_values(["count", "name"], ascending=[False, True])
    frame["name"] = keys.map(spellings.drop_duplicates("key").set_index("key")["name"])
    kind = frame.groupby(columns, sort=True).ngroup().to_numpy()
    _, first = np.unique(kind, return_index=True)
    distinct = {column: getattr(menu, column)[first] for column in columns}
    distinct["name"] = frame["name"].to_numpy(object)[first]
    ids = np.array([str(i + 1) for i in range(first.size)], dtype=object)
    return Menu(order_id=ids, **distinct), kind
