"""What `kt.warm_up` advises, over 30 runs of each scenario: prints the table of docs/statistics.md.

In ten seconds or so::

    python -m benchmarks.warm_up
"""

from __future__ import annotations

import numpy as np

import kitchen as kt

SEEDS = range(30)
SETTINGS = {
    "`rush` with 500 orders": ("rush", {"orders.count": 500}),
    "`rush` with 1,000 orders": ("rush", {"orders.count": 1000}),
    "`rush` with 3,000 orders": ("rush", {"orders.count": 3000}),
    "`classic` at 9/s, 2,000 orders": ("classic", {"arrivals.rate": 9.0, "orders.count": 2000}),
}
REPLICATIONS = (5, 40)


def row(label: str, name: str, changes: dict, replications: int) -> str:
    """A row of the table."""
    scenario = kt.Scenario.load(name).replace(changes)
    runs = (kt.simulate(scenario, "oldest", replications=replications, seed=s) for s in SEEDS)
    seconds = np.array([kt.warm_up(run).warm_up_s for run in runs])
    known = seconds[np.isfinite(seconds)]
    middle, high = np.quantile(known, [0.5, 0.9])
    return (
        f"| {label} | {replications} | {middle:.1f} s | {high:.1f} s | "
        f"{100 * np.mean(np.isnan(seconds)):.0f} % |"
    )


if __name__ == "__main__":
    for label, (name, changes) in SETTINGS.items():
        for replications in REPLICATIONS:
            print(row(label, name, changes, replications), flush=True)
