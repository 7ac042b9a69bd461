"""How fast sweeps are, what of that is overhead, and what they take of memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np

import kitchen as kt
from kitchen.engine import kernel
from kitchen.sweeps import points

STRATEGIES = ["discard newcomer", "oldest"]
REPLICATIONS, ORDERS, RUNS = 100, 132, 5
POINTS = 2_000


def design(number: int) -> kt.designs.Design:
    """Arrival rates x slots on the overflow, so many points of which 40 draw alike."""
    rates = np.linspace(5, 15, number // 40).tolist()
    return kt.designs.grid({"arrivals.rate": rates, "shelves.overflow.capacity": range(40)})


def sweeps() -> None:
    """Time, orders a second and overhead of 2,000 points; memory as the points grow."""
    times = _in_turns()
    orders = POINTS * len(STRATEGIES) * REPLICATIONS * ORDERS
    print(
        f"sweep of {POINTS:,} points x 2 strategies x {REPLICATIONS} x {ORDERS} orders ({orders:,}):"
    )
    for number, seconds in times.items():
        speed = orders / np.array(seconds) / 1e6
        print(
            f"  {number} thread{'s' * (number > 1)}: {statistics.median(seconds):.2f} s "
            f"({min(seconds):.2f} to {max(seconds):.2f}), {np.median(speed):.3g} M orders/s"
        )
    ratios = [one / two for one, two in zip(times[1], times[2], strict=True)]
    print(
        f"  two threads are {statistics.median(ratios):.2f} times one "
        f"({min(ratios):.2f} to {max(ratios):.2f}, run by run)"
    )
    shares = [_overhead() for _ in range(3)]
    print(
        f"  overhead, all but drawing and simulating, one thread: {statistics.median(shares):.0%} "
        f"({min(shares):.0%} to {max(shares):.0%})"
    )
    _memory()


def _swept(number: int = POINTS, **options):
    rush = kt.Scenario.load("rush")
    return kt.sweep(rush, design(number), STRATEGIES, replications=REPLICATIONS, seed=1, **options)


def _in_turns() -> dict[int, list[float]]:
    times: dict[int, list[float]] = {1: [], 2: []}
    for run in range(RUNS + 1):
        for workers, found in times.items():
            begin = time.perf_counter()
            _swept(workers=workers)
            if run:
                found.append(time.perf_counter() - begin)
    return times


def _overhead() -> float:
    """The share of a sweep's time that is spent outside of drawing and the engine."""
    inside = [0.0]

    def timed(function):
        def call(*given, **options):
            begin = time.perf_counter()
            try:
                return function(*given, **options)
            finally:
                inside[0] += time.perf_counter() - begin

        return call

    kept = kernel.run_lanes, points.draw
    kernel.run_lanes, points.draw = map(timed, kept)
    try:
        begin = time.perf_counter()
        _swept(workers=1)
        return 1.0 - inside[0] / (time.perf_counter() - begin)
    finally:
        kernel.run_lanes, points.draw = kept


_KEPT = "import sys, kitchen as kt; from benchmarks.sweeps import design, STRATEGIES; "
_KEPT += "kt.sweep(kt.Scenario.load('rush'), design(int(sys.argv[1])), STRATEGIES, replications=4, "
_KEPT += "seed=1, out=sys.argv[2]); "
_KEPT += "print(*(x.split()[1] for x in open('/proc/self/status') if x.startswith('VmHWM')))"


def _memory() -> None:
    """Peak memory of a process that sweeps into a folder."""
    if not os.path.exists("/proc/self/status"):
        print("  memory: not measured on this system")
        return
    told = []
    with tempfile.TemporaryDirectory() as folder:
        for number in (200, 2_000, 20_000):
            done = subprocess.run(
                [sys.executable, "-c", _KEPT, str(number), f"{folder}/{number}"],
                capture_output=True,
                text=True,
                check=True,
            )
            told.append(f"{number:,} points {int(done.stdout) / 1024:.0f} MB")
    print(f"  memory at the peak, into a folder: {', '.join(told)}\n")


if __name__ == "__main__":
    sweeps()
