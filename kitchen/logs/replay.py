"""Replay of a log: its evenings as the replications of a trace, missing pickups imputed or not."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from kitchen.engine import draw as drawing
from kitchen.errors import LogError, shown
from kitchen.logs.days import USED
from kitchen.model.menu import Menu
from kitchen.model.scenario import Scenario
from kitchen.utils.text import as_text

MISSING = ("same hour", "leave out", "never")
"""What to do with an order whose pickup is missing: give it the delay of another order of the same
hour, leave it out, or let nobody come."""

POOL = 20
"""Fewest delays of an hour among which one is drawn; with fewer, among those of all hours."""

HOUR_S = 3600.0

DISH = ("name", "temp", "price", "shelf_life_s", "decay_rate")
"""What a menu says of an order."""


class Items(NamedTuple):
    """What orders are drawn from, where a log does not say what was ordered.

    `known` are the roles that the log has: they stay as they are.
    """

    scenario: Scenario
    menu: Menu
    known: frozenset[str]


def replayed(
    frame: pd.DataFrame,
    days: pd.DataFrame,
    missing: str,
    items: Items | None,
    draws: int,
    seed: int,
    name: str,
) -> pd.DataFrame:
    """The orders of the usable evenings with what was done about missing pickups.

    Parameters
    ----------
    frame, days : DataFrame
        Of a `Log`.
    missing : str
        One of `MISSING`.
    items : Items or None
        Draw each order's dish from these.
    draws : int
        How many times missing delays and dishes are drawn: each is a copy of all evenings.
    seed : int
    name : str
        Of the log, for messages.

    Returns
    -------
    DataFrame
        As `Trace.from_frame` takes it, with ``collected``, False where the pickup is missing in the
        log, ``draw`` and ``evening``. Evening e of draw k is replication k x evenings + e.

    Raises
    ------
    LogError
        If no evening has pickups.
    """
    used = (
        days.index[days["use"] == USED]
        if missing != "never"
        else days.index[days["use"] != "left out"]
    )
    orders = frame[frame["day"].isin(used)].copy()
    known = orders["collected"].to_numpy()
    if missing != "never" and not known.any():
        raise LogError(
            f"{name}: no evening has its pickups recorded, so nothing can be replayed. Let nobody "
            "come with missing='never', or give the column: columns={'pickup': ...}, --column pickup=..."
        )
    if missing == "leave out":
        orders, known = orders[known], known[known]
    evening = np.searchsorted(used.to_numpy(), orders["day"].to_numpy())
    orders["opens_s"] = 0.0
    copies = []
    imputes = missing == "same hour" and not known.all()
    offsets = np.searchsorted(evening, np.arange(len(used) + 1))
    for draw in range(draws if imputes or items is not None else 1):
        own = orders.assign(draw=draw, evening=evening, replication=draw * len(used) + evening)
        if items is not None:
            dish = drawing.items(items.scenario, items.menu, seed, offsets, draw * len(used))
            for key in DISH:
                if key not in items.known:
                    own[key] = getattr(items.menu, key)[dish]
        if imputes:
            own["pickup_s"] = _imputed(orders, known, np.random.default_rng([seed, draw]))
        copies.append(own)
    made = (
        pd.concat(copies, ignore_index=True)
        if len(copies) > 1
        else copies[0].reset_index(drop=True)
    )
    if "order_id" in made:
        made["order_id"] = as_text(made["order_id"]).fillna("none")
    return made


def _imputed(orders: pd.DataFrame, known: np.ndarray, rng) -> np.ndarray:
    """Pickups with those that are missing drawn from the delays of the same hour."""
    received, pickup = orders["received_s"].to_numpy(), orders["pickup_s"].to_numpy().copy()
    delay, hour = pickup - received, (received // HOUR_S).astype(int)
    u = rng.random(len(orders))  # one number an order, so that none depends on how many are missing
    everyone = np.sort(delay[known])
    for own in np.unique(hour[~known]):
        pool = np.sort(delay[known & (hour == own)])
        pool = pool if pool.size >= POOL else everyone
        rows = ~known & (hour == own)
        pickup[rows] = received[rows] + pool[(u[rows] * pool.size).astype(int)]
    return pickup


def require_missing(value) -> str:
    """One of `MISSING`.

    Raises
    ------
    LogError
    """
    if not isinstance(value, str) or value not in MISSING:
        options = ", ".join(map(repr, MISSING))
        raise LogError(f"missing: must be one of {options}, got {shown(value)}.")
    return value
