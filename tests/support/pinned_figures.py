"""Figures that all supported versions of the dependencies have to give, and the script that writes them.

Levels and differences of a few strategies in every shipped scenario, and in one whose delays are
gamma distributed (its quantiles are SciPy's). `tests/data/pinned.csv` has them as the versions in
constraints.txt gave them. Where a figure is meant to change, write them anew and say so in the
changelog::

    python tests/support/pinned_figures.py
"""

from pathlib import Path

import pandas as pd

import kitchen as kt

TABLE = Path(__file__).resolve().parents[1] / "data" / "pinned.csv"
KEYS = ["setting", "strategy", "baseline", "measure"]
MEASURES = ["wasted_share", "value_per_order", "revenue", "moves"]
SEED = 7
REPLICATIONS = {"rush": 3}
"""Of a comparison, 20 unless said: with 3, quantiles of Student's t are those that SciPy 1.14 has worst."""


def settings():
    """Each shipped scenario by its name, and the one of gamma distributed delays."""
    rush = kt.Scenario.load("rush")
    gamma = {"distribution": "gamma", "mean": 4.0, "shape": 2.5}
    shipped = {name: kt.Scenario.load(name) for name in kt.Scenario.shipped()}
    return {**shipped, "gamma": rush.replace({"couriers.delay": gamma})}


def strategies():
    """Two that decide differently everywhere: one of the defaults, one that says all there is to say."""
    busy = kt.Strategy("random", demote="slowest decaying", recall="largest gain", name="busy")
    return [kt.Strategy("discard newcomer", name="plain"), busy]


def figures() -> pd.DataFrame:
    """One row a setting, strategy and measure: a level, or its difference to a baseline."""
    rows = []
    for name, scenario in settings().items():
        table = kt.compare(
            scenario, strategies(), replications=REPLICATIONS.get(name, 20), seed=SEED
        )
        levels = table.frame.assign(baseline="")
        differences = table.paired.rename(columns={"difference": "mean"})
        for frame in (levels, differences):
            kept = frame[frame["measure"].isin(MEASURES)].assign(setting=name)
            rows.append(kept[[*KEYS, "mean", "low", "high"]].astype(dict.fromkeys(KEYS, object)))
    return pd.concat(rows, ignore_index=True)


if __name__ == "__main__":
    figures().to_csv(TABLE, index=False, lineterminator="\n")
