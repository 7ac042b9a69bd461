"""How often 95 % intervals of a difference are right: Student's t, Hall's, and the one in use.

The replications of one long run, cut into 2,000 comparisons, are 2,000 comparisons: replications are
independent. The true difference is that of another long run of as many. Prints the table of
docs/statistics.md, in about ten minutes::

    python -m benchmarks.coverage
"""

from __future__ import annotations

import numpy as np

import kitchen as kt
from kitchen.stats.intervals import all_pairs, interval, quantile, too_few
from kitchen.stats.skewness import skewnesses, untransformed

REPETITIONS = 2_000
SIZES, FEWER = (10, 20, 30, 50, 200), (10, 20, 30, 50)
TWO = ("discard newcomer", "oldest")


def _poisson(rate: float) -> dict:
    return {"arrivals.process": "poisson", "arrivals.rate": rate}


def lottery(number: int) -> kt.Strategy:
    """A random discard rule like any other, but with other luck."""

    def draw_lots(order, p):
        return (order.u * 2.0**20 + p[0]) % 1.0

    rule = kt.Rule(draw_lots, params=[0.6180339887498949 * number])
    return kt.Strategy(rule, name=f"lottery {number}")


SETTINGS = {
    "`rush`": ("rush", {}, TWO, SIZES),
    "`steady`, Poisson at 7.5/s": ("steady", _poisson(7.5), TWO, (50, 200)),
    "`steady`, Poisson at 8.5/s": ("steady", _poisson(8.5), TWO, SIZES),
    "`classic` at 9/s": ("classic", _poisson(9.0), TWO, SIZES),
    "`dinner`": ("dinner", {}, ("discard newcomer", "lowest value at pickup"), FEWER),
    "equal lotteries in `rush`": ("rush", {}, (lottery(0), lottery(1)), SIZES),
}
"""Scenario, its changes, the two strategies whose difference is covered or not, and replications."""


def differences(scenario, strategies, replications: int, seed: int) -> np.ndarray:
    """The difference in value lost, replication by replication."""
    table = kt.compare(scenario, strategies, replications=replications, seed=seed)
    lost = table.summaries.pivot(index="replication", columns="strategy", values="lost_per_order")
    baseline, other = (getattr(strategy, "name", strategy) for strategy in strategies)
    return (lost[other] - lost[baseline]).to_numpy()


def covered(values: np.ndarray, truth: float) -> tuple[list[float], float]:
    """Coverage by Student's t, by Hall's and by `interval`, and the width of the last over t's.

    Parameters
    ----------
    values : array, shape (replications, repetitions)
    """
    mean, deviation = values.mean(axis=0), values.std(axis=0, ddof=1)
    number, skewness = len(values), skewnesses(values)
    error, t = deviation / np.sqrt(number), quantile(number - 1)
    hall = [mean - untransformed(y, skewness / np.sqrt(number)) * error for y in (t, -t)]
    kinds = [
        (mean - t * error, mean + t * error),
        hall,
        interval(mean, deviation, skewness, number),
    ]
    right = [float(np.mean((low <= truth) & (truth <= high))) for low, high in kinds]
    wide = [np.mean(high - low) for low, high in kinds]
    return right, wide[-1] / wide[0]


def coverage() -> None:
    """Print the table."""
    print(
        "| difference in | skewness | replications | t | Hall | used | width over t's | withheld |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for name, (shipped, changes, strategies, sizes) in SETTINGS.items():
        scenario = kt.Scenario.load(shipped).replace(changes)
        known = differences(scenario, strategies, REPETITIONS * sizes[-1], seed=11)
        drawn = differences(scenario, strategies, REPETITIONS * sizes[-1], seed=12)
        equal = isinstance(strategies[0], kt.Strategy)  # lotteries: no difference but luck
        truth, skewness = 0.0 if equal else known.mean(), float(skewnesses(known[:, None])[0])
        for size in sizes:
            values = drawn[: REPETITIONS * size].reshape(REPETITIONS, size).T
            right, wide = covered(values, truth)
            withheld = np.mean(too_few((values != 0).sum(axis=0), size))
            print(
                f"| {name} | {skewness:.2g} | {size} | "
                f"{' | '.join(f'{share:.3f}' for share in right)} | {wide:.2f} | "
                f"{100 * withheld:.0f} % |",
                flush=True,
            )


def false_alarms() -> None:
    """Print how often no pair of equal lotteries in `rush` differs significantly."""
    rush, size, repetitions = kt.Scenario.load("rush"), 50, 500
    for number in (2, 6, 12):
        lotteries = [lottery(nth) for nth in range(number)]
        table = kt.compare(rush, lotteries, replications=repetitions * size, seed=3)
        parts = table.summaries.groupby(table.summaries["replication"] // size)
        wrong = [all_pairs(part, ["lost_per_order"])["significant"].any() for _, part in parts]
        print(f"{number} equal lotteries, none significant: {1 - np.mean(wrong):.3f}", flush=True)


if __name__ == "__main__":
    coverage()
    false_alarms()
