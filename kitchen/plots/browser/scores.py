"""Why an order was discarded: the score that the rule gave to each candidate of a decision."""

from __future__ import annotations

import numpy as np

from kitchen.learning.behaviour import candidates_of
from kitchen.simulation.simulate import Run


def scores(run: Run) -> list[dict]:
    """The candidates of each discard of a replication, and their scores.

    Parameters
    ----------
    run : Run
        Of one replication, with its ledger.

    Returns
    -------
    list of dict
        ``row``, that of the discard in the ledger, and ``candidates``: pairs of an order and its
        score to four digits, None where the rule says never. Left out where the rule had no choice, as
        "discard newcomer" never has. Empty where the decisions of a strategy cannot be told apart
        (`discard_from` is "overflow").

    Notes
    -----
    A rule sees no order's number, so a candidate is found by what it sees: its age tells when it was
    ready, and price, shelf life and decay rate tell those apart that were ready at one instant.
    """
    if run.strategy.discard_from == "overflow" or not len(run.orders):
        return []
    frame = candidates_of(run.scenario, run.strategy, run.trace)
    ledger, orders = run.ledger, run.orders
    discards = ledger.index[(ledger["event"] == "discard").to_numpy()].to_numpy()
    time_s = ledger["time_s"].to_numpy()[discards]
    whose = ledger["order"].to_numpy()[discards]
    ready, price = orders["ready_s"].to_numpy(), orders["price"].to_numpy()
    kind = np.column_stack([price, orders["shelf_life_s"], orders["decay_rate"]])
    found, nth = [], 0
    for _, decision in frame.groupby("decision", sort=True):
        if nth == len(discards):
            break
        began = time_s[nth] - decision["age_s"].to_numpy()
        same = kind[:, None] == decision[["price", "shelf_life_s", "decay_rate"]].to_numpy()[None]
        off = np.where(same.all(axis=2), np.abs(ready[:, None] - began), np.inf)
        order = np.argmin(off, axis=0)
        chosen = order[decision["discarded"].to_numpy()]
        if not np.isfinite(off[order, np.arange(order.size)]).all() or whose[nth] not in chosen:
            continue  # a discard that no rule decided stands between
        listed = [
            [own, float(f"{value:.4g}") if np.isfinite(value) else None]
            for own, value in zip(order.tolist(), decision["score"].tolist(), strict=True)
        ]
        if sum(value is not None for _, value in listed) > 1:
            found.append({"row": int(discards[nth]), "candidates": listed})
        nth += 1
    return found
