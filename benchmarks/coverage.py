"""How often 95 % intervals of a difference are right: Student's t, and with Hall's correction.

The replications of one long run, cut into 2,000 comparisons, are 2,000 comparisons: replications are
independent. The true difference is that of another long run of as many. Prints the table of
docs/statistics.md, in about ten minutes::

    python -m benchmarks.coverage
"""

from __future__ import annotations

import numpy as np

import kitchen as kt
from kitchen.stats.intervals import interval, too_few
from kitchen.stats.skewness import skewnesses

REPETITIONS = 2_000
SIZES, FEWER = (10, 20, 30, 50, 200), (10, 20, 30, 50)
TWO = ("discard newcomer", "oldest")


def _poisson(rate: float) -> dict:
    return {"arrivals.process": "poisson", "arrivals.rate": rate}


SETTINGS = {
    "`rush`": ("rush", {}, TWO, SIZES),
    "`steady`, Poisson at 7.5/s": ("steady", _poisson(7.5), TWO, (50, 200)),
    "`steady`, Poisson at 8.5/s": ("steady", _poisson(8.5), TWO, SIZES),
    "`classic` at 9/s": ("classic", _poisson(9.0), TWO, SIZES),
    "`dinner`": ("dinner", {}, ("discard newcomer", "lowest value at pickup"), FEWER),
}
"""Scenario, its changes, the two strategies whose difference is covered or not, and replications."""


def differences(scenario, strategies, replications: int, seed: int) -> np.ndarray:
    """The difference in value lost, replication by replication."""
    table = kt.compare(scenario, strategies, replications=replications, seed=seed)
    lost = table.summaries.pivot(index="replication", columns="strategy", values="lost_per_order")
    return (lost[strategies[1]] - lost[strategies[0]]).to_numpy()


def covered(values: np.ndarray, truth: float) -> tuple[float, float, float]:
    """Coverage of both kinds of interval, and the width of the second over that of the first.

    Parameters
    ----------
    values : array, shape (replications, repetitions)
    """
    mean, deviation = values.mean(axis=0), values.std(axis=0, ddof=1)
    right, wide = [], []
    for skewness in (np.zeros(mean.shape), skewnesses(values)):
        low, high = interval(mean, deviation, skewness, len(values))
        right.append(float(np.mean((low <= truth) & (truth <= high))))
        wide.append(float(np.mean(high - low)))
    return *right, wide[1] / wide[0]


def coverage() -> None:
    """Print the table."""
    print("| difference in | skewness | replications | t | Hall | its width over t's | withheld |")
    print("|---|---|---|---|---|---|---|")
    for name, (shipped, changes, strategies, sizes) in SETTINGS.items():
        scenario = kt.Scenario.load(shipped).replace(changes)
        known = differences(scenario, strategies, REPETITIONS * sizes[-1], seed=11)
        drawn = differences(scenario, strategies, REPETITIONS * sizes[-1], seed=12)
        skewness = float(skewnesses(known[:, None])[0])
        for size in sizes:
            values = drawn[: REPETITIONS * size].reshape(REPETITIONS, size).T
            t, hall, wide = covered(values, known.mean())
            withheld = np.mean(too_few((values != 0).sum(axis=0), size))
            print(
                f"| {name} | {skewness:.2g} | {size} | {t:.3f} | {hall:.3f} | {wide:.2f} | "
                f"{100 * withheld:.0f} % |",
                flush=True,
            )


if __name__ == "__main__":
    coverage()
