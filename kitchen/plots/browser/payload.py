"""What the player in the browser needs of runs: their orders, ledgers, shelves and decay law."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd

from kitchen.errors import KitchenError
from kitchen.model.decay import CUSTOM, Law, as_law
from kitchen.model.measures import primary_measure
from kitchen.plots.browser.marks import marks
from kitchen.plots.browser.scores import scores
from kitchen.plots.style import looks
from kitchen.simulation.frames import EVENTS
from kitchen.simulation.simulate import Run
from kitchen.simulation.snapshot import Snapshots, parting
from kitchen.utils.formatting import plain

MOST_KITCHENS = 2
"""Kitchens that are played side by side."""

MOST_ORDERS = 50_000
"""Orders of a replication that a browser is given."""

SAME = ["ready_s", "pickup_s", "shelf_life_s", "decay_rate", "price"]
"""Columns of the orders that two runs side by side share."""

KNOTS = 33
"""Values of an order's stay on a shelf that stand for a law of one's own."""


def payload(*runs: Run, begin_s: float | None = None) -> dict:
    """The data of the player.

    Parameters
    ----------
    *runs : Run
        One or two runs of the same replication, with their ledgers.
    begin_s : float, optional
        Instant that is shown first, seconds; by default where two kitchens part, else where
        something is wasted first, else where the shelves are fullest.

    Returns
    -------
    dict
        Of plain numbers, texts and lists, for JSON.

    Raises
    ------
    KitchenError
        If there are too many runs or orders, several replications, or different orders.

    Examples
    --------
    >>> import kitchen as kt
    >>> run = kt.simulate(kt.Scenario.load("rush"), "random", seed=1)
    >>> len(payload(run)["orders"]["ready"])
    132
    """
    _check(runs)
    scenario, orders = runs[0].scenario, runs[0].orders
    temps = list(orders["temp"].cat.categories)
    law = as_law(scenario.decay)
    return {
        "scenario": plain(scenario.name),
        "replication": int(runs[0].replications[0]),
        "opens": float(runs[0].trace.opens_s[0]),
        "begin": eventful_s(*runs) if begin_s is None else begin_s,
        "money": primary_measure(runs[0].trace.menu).startswith("lost_revenue"),
        "currency": scenario.orders.currency or "",
        "waste_below": scenario.waste_below,
        "held": scenario.expired_orders == "held",
        "law": {
            "shape": law.shape,
            "age_pace": law.age_pace,
            "weighted_pace": law.weighted_pace,
            "by_rate": law.by_rate,
        },
        "temps": [
            {"name": plain(temp), "letter": mark.letter, "colour": mark.colour, "ink": mark.ink}
            for temp, mark in marks(temps).items()
        ],
        "shelves": _shelves(scenario, temps),
        "orders": _orders(orders),
        "kitchens": [_kitchen(run, law) for run in runs],
    }


def eventful_s(*runs: Run) -> float:
    """An instant at which something happens, seconds by the clock of the orders."""
    apart = parting(*map(Snapshots, runs)) if len(runs) == 2 else None
    if apart is not None:
        return apart
    ledger = runs[0].ledger
    if not len(ledger):
        return float(runs[0].trace.opens_s[0])
    waste = ledger["event"].isin(["expire", "discard"]).to_numpy()
    stands = ledger["to_shelf"].notna().astype(int) - ledger["from_shelf"].notna().astype(int)
    nth = int(np.argmax(waste)) if waste.any() else int(np.argmax(np.cumsum(stands)))
    return float(ledger["time_s"].iloc[nth])


def check_amount(orders: float) -> None:
    """Refuse a replication of more orders than a browser is given.

    Raises
    ------
    KitchenError
    """
    if orders > MOST_ORDERS:
        raise KitchenError(
            f"play: shows at most {MOST_ORDERS:,} orders, and a replication has {orders:,.0f} here. "
            "Play a shorter one."
        )


def text_of(data: dict) -> str:
    """The data as JSON, which holds no infinity and no NaN."""
    return json.dumps(data, separators=(",", ":"), allow_nan=False, ensure_ascii=False)


def _check(runs: tuple[Run, ...]) -> None:
    if not 1 <= len(runs) <= MOST_KITCHENS:
        raise KitchenError(f"play: takes one or two runs, got {len(runs)}.")
    for run in runs:
        if run.replications.size != 1:
            raise KitchenError(
                f"play: shows one replication, and this run has {run.replications.size:,}. Simulate one "
                "with kt.simulate(scenario, strategy, replications=1, seed=...)."
            )
    first, *others = (run.orders for run in runs)
    check_amount(len(first))
    for other in others:
        if len(other) != len(first) or not first[SAME].equals(other[SAME]):
            raise KitchenError(
                "play: the runs have different orders. Draw them once with kt.draw and pass trace= to both."
            )
    if any(run.scenario.shelves != runs[0].scenario.shelves for run in runs):
        raise KitchenError("play: the runs have different shelves.")


def _shelves(scenario, temps: list[str]) -> list[dict]:
    look = looks([shelf.name for shelf in scenario.shelves])
    return [
        {
            "name": plain(shelf.name),
            "capacity": shelf.capacity,
            "colour": look[shelf.name].colour,
            "pace": [float(shelf.modifier_of(temp)) for temp in temps],
        }
        for shelf in scenario.shelves
    ]


def _orders(orders: pd.DataFrame) -> dict:
    """Columns of the orders; a dish is named once."""
    number, names = pd.factorize(orders["name"])
    return {
        "names": [plain(name, 400) for name in names],
        "name": number.tolist(),
        "temp": orders["temp"].cat.codes.tolist(),
        "price": _numbers(orders["price"]),
        "ready": _numbers(orders["ready_s"]),
        "pickup": _numbers(orders["pickup_s"]),
        "life": _numbers(orders["shelf_life_s"]),
        "rate": _numbers(orders["decay_rate"]),
    }


def _numbers(column) -> list[float | None]:
    """Numbers of a column; None where there is none, or which is infinite."""
    return [value if np.isfinite(value) else None for value in np.asarray(column, float).tolist()]


def _kitchen(run: Run, law: Law) -> dict:
    """The ledger of a run; the values that were delivered, and the scores of candidates."""
    ledger = run.ledger
    kinds = {name: code for code, name in enumerate(EVENTS)}
    event = ledger["event"].astype(object).map(kinds).to_numpy()
    made = {
        "strategy": plain(run.strategy.name, 80),
        "time": _numbers(ledger["time_s"]),
        "event": event.tolist(),
        "order": ledger["order"].tolist(),
        "from": ledger["from_shelf"].cat.codes.tolist(),
        "to": ledger["to_shelf"].cat.codes.tolist(),
        "worth": _numbers(ledger["value"][event == kinds["pickup"]]),
        "why": scores(run),
    }
    return made | ({"knots": _knots(run, law)} if law.shape == CUSTOM else {})


def _knots(run: Run, law: Law) -> list[list[float]]:
    """Values over each stay on a shelf, evenly spaced, in the order in which stays begin."""
    orders, ledger = run.orders, run.ledger
    order, time_s = ledger["order"].to_numpy(), ledger["time_s"].to_numpy()
    to = ledger["to_shelf"].cat.codes.to_numpy()
    temps, shelves = orders["temp"].cat.categories, run.scenario.shelves
    pace = np.array([[shelf.modifier_of(temp) for temp in temps] for shelf in shelves])
    temp, ready = orders["temp"].cat.codes.to_numpy(), orders["ready_s"].to_numpy()
    life, rate = orders["shelf_life_s"].to_numpy(), orders["decay_rate"].to_numpy()
    by_order = np.argsort(order, kind="stable")
    until = np.empty(len(order))
    until[by_order[:-1]] = time_s[by_order[1:]]
    weighted_of: dict[int, float] = {}
    knots, share = [], np.linspace(0.0, 1.0, KNOTS)
    for row in np.flatnonzero(to >= 0):
        own, own_pace = int(order[row]), pace[to[row], temp[order[row]]]
        at = time_s[row] + share * (until[row] - time_s[row])
        weighted = weighted_of.get(own, 0.0) + own_pace * (at - time_s[row])
        weighted_of[own] = float(weighted[-1])
        value = law.value(at - ready[own], weighted, life[own], rate[own])
        knots.append([round(float(v), 6) for v in value])
    return knots
