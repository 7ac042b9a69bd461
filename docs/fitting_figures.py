"""Measures the tables of docs/fitting.md: python docs/fitting_figures.py (about four minutes).

`python docs/fitting_figures.py coverage 200` measures one of them, on so many logs of each kind.
"""

import sys

import numpy as np
import pandas as pd

import kitchen as kt

STEPS_S = np.arange(0.0, 18000.0, 60.0)
"""Instants at which rates are compared, seconds."""

STRATEGIES = ["discard newcomer", "lowest revenue per shelf second", "oldest"]


def rate_at(starts, rates):
    """A piecewise constant rate at `STEPS_S`."""
    return np.asarray(rates)[np.searchsorted(starts, STEPS_S, side="right") - 1]


def rates(friday, evenings=(3, 7, 30), logs=60) -> pd.DataFrame:
    """How near fitted rates are to the true ones."""
    true = rate_at(friday.arrivals.from_s, friday.arrivals.rates) * 3600
    rows = []
    for number in evenings:
        for log in range(logs):
            fitted = kt.fit(kt.draw(friday, number, seed=1000 + log).frame(), kitchen=friday)
            table = fitted.arrivals
            off = rate_at(table["from_s"], table["rate_h"]) - true
            piece = np.searchsorted(table["from_s"], STEPS_S, side="right") - 1
            mean = pd.Series(true).groupby(piece).mean().to_numpy()
            inside = (table["low"] <= mean) & (mean <= table["high"])
            rows.append(
                {
                    "evenings": number,
                    "rms": np.sqrt(np.mean((off / true) ** 2)),
                    "rms_by_orders": np.sqrt(np.sum(off**2) / np.sum(true**2)),
                    "pieces": len(table),
                    "covered": inside.mean(),
                    "poisson_rejected": fitted.parts.arrivals.poisson_p < 0.05,
                    "busy": fitted.parts.arrivals.busy,
                    "slow": fitted.parts.delays.slow,
                }
            )
    return pd.DataFrame(rows).groupby("evenings").mean()


def spreads(friday, evenings=(7, 26), logs=40) -> pd.DataFrame:
    """Estimates of busy = 0.1 and slow = 0.08: mean and standard deviation."""
    world = friday.replace({"orders.busy": 0.1, "couriers.slow": 0.08})
    rows = []
    for number in evenings:
        for log in range(logs):
            fitted = kt.fit(kt.draw(world, number, seed=3000 + log).frame(), kitchen=friday)
            parts = fitted.parts
            rows.append((number, parts.arrivals.busy, parts.delays.slow))
    frame = pd.DataFrame(rows, columns=["evenings", "busy", "slow"])
    return frame.groupby("evenings").agg(["mean", "std"])


def envelopes(friday, evenings=26, logs=40) -> pd.DataFrame:
    """Share of held-out evenings inside 90 % envelopes."""
    rows = {}
    for name, keys in (
        ("friday", {}),
        ("busy 0.1, slow 0.08", {"orders.busy": 0.1, "couriers.slow": 0.08}),
    ):
        inside = []
        for log in range(logs):
            frame = kt.draw(friday.replace(keys), evenings, seed=2000 + log).frame()
            check = kt.fit(frame, kitchen=friday).check(splits=1)
            inside.append(check.frame.set_index("figure")["inside"])
        rows[name] = pd.DataFrame(inside).mean()
    return pd.DataFrame(rows).T


def coverage(friday, evenings=(7, 26), logs=30) -> pd.DataFrame:
    """Coverage of the true lost share and difference, with and without the data's uncertainty.

    Three levels and two differences a log: their coverage is the mean over them. Half-widths are means.
    """
    rows = []
    for name, keys in (
        ("friday", {}),
        ("busy 0.1, slow 0.08", {"orders.busy": 0.1, "couriers.slow": 0.08}),
    ):
        world = friday.replace(keys)
        truth = kt.compare(world, STRATEGIES, replications=8_000, seed=99)
        level = truth.frame.query("measure == @truth.measure")["mean"].to_numpy()
        for number in evenings:
            for log in range(logs):
                frame = kt.draw(world, number, seed=5000 + log).frame()
                table = kt.fit(frame, kitchen=friday).compare(STRATEGIES, seed=log)
                for kind, found, true, middle in (
                    ("level", table.frame, level, "mean"),
                    ("difference", table.paired, level[1:] - level[0], "difference"),
                ):
                    found = found.astype({"strategy": str})
                    own = found[middle].to_numpy()
                    alone = found["simulation"].to_numpy()
                    rows.append(
                        {
                            "world": name,
                            "evenings": number,
                            "kind": kind,
                            "with_data": np.mean((found["low"] <= true) & (true <= found["high"])),
                            "simulation_alone": np.mean(np.abs(own - true) <= alone),
                            "half_width": np.mean(found["high"] - found["low"]) / 2,
                        }
                    )
    return pd.DataFrame(rows).groupby(["world", "evenings", "kind"], sort=False).mean()


if __name__ == "__main__":
    friday = kt.Scenario.load("friday")
    tables = {"rates": rates, "spreads": spreads, "envelopes": envelopes, "coverage": coverage}
    wanted = [word for word in sys.argv[1:] if not word.isdecimal()] or list(tables)
    numbers = [int(word) for word in sys.argv[1:] if word.isdecimal()]
    logs = {"logs": numbers[0]} if numbers else {}
    for name in wanted:
        print(name, tables[name](friday, **logs).round(3).to_string(), sep="\n", end="\n\n")
