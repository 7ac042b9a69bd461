"""Reading, repairing and replaying a log of a million orders: seconds, and memory at most."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

ORDERS, EVENINGS = 1_000_000, 1000
"""Size of the log: 1,000 orders an evening."""


def write_log(path: Path) -> None:
    """A CSV file of times with offsets, temps, prices, and the usual faults."""
    rng = np.random.default_rng(1)
    evening = np.sort(rng.integers(0, EVENINGS, ORDERS))
    opening = pd.Timestamp("2022-01-01 17:00", tz="Europe/London") + pd.to_timedelta(evening, "D")
    received = opening + pd.to_timedelta(rng.uniform(0, 18_000, ORDERS).round(3), "s")
    pickup = received + pd.to_timedelta(rng.lognormal(6.6, 0.6, ORDERS).round(3), "s")
    written = "%Y-%m-%dT%H:%M:%S.%f%z"
    frame = pd.DataFrame(
        {
            "Order ID": np.arange(ORDERS),
            "Placed at": received.strftime(written),
            "Collected at": pickup.strftime(written),
            "Dish": rng.choice(["Soup", "Pie ", "Salad", "Ice cream"], ORDERS),
            "Storage": rng.choice(["Hot", "Chilled", "Frozen"], ORDERS),
            "Price": rng.integers(5, 30, ORDERS),
        }
    )
    frame.loc[rng.random(ORDERS) < 0.2, "Collected at"] = "N/A"
    frame.to_csv(path, index=False)


def read_and_replay(path: str) -> None:
    """Read a log, replay it in `friday` and print what each took."""
    import kitchen as kt

    start = perf_counter()
    log = kt.read_log(path, tz="Europe/London", between=("17:00", "23:00"))
    read = perf_counter()
    trace = log.trace()
    traced = perf_counter()
    kt.simulate(kt.Scenario.load("friday"), trace=trace, keep="summary")
    ran = perf_counter()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"logs: {len(log.frame):,} orders on {log.evenings:,} evenings: read in {read - start:.1f} s, "
        f"made a trace in {traced - read:.1f} s, replayed in {ran - traced:.1f} s; {most:.2f} GiB at most"
    )


def logs() -> None:
    """Write the log and read it in a process of its own, whose memory is measured."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.csv"
        write_log(path)
        subprocess.run([sys.executable, "-m", "benchmarks.logs", path], check=True)


if __name__ == "__main__":
    read_and_replay(sys.argv[1]) if len(sys.argv) > 1 else logs()
