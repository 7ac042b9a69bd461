"""How long it takes to rank the levers of `friday`, with and without the clairvoyant bound."""

from __future__ import annotations

import statistics
import time

import kitchen as kt
from kitchen.utils.system import thread_count

LIMIT_S = 10.0
"""What all levers and the bound may take on two processors."""

RUNS = 3


def levers_of_friday() -> None:
    """Seconds of `kt.levers` with 200 replications, and what it found."""
    friday = kt.Scenario.load("friday")
    kt.levers(friday, replications=2)  # loads the engine and the solver
    print(f"levers of friday, 200 replications, {thread_count(None)} threads")
    for title, options in {"with the bound": {}, "without": {"bound_replications": 0}}.items():
        seconds = []
        for _ in range(RUNS):
            begin = time.perf_counter()
            result = kt.levers(friday, **options)
            seconds.append(time.perf_counter() - begin)
        print(
            f"  {title:16s}{statistics.median(seconds):6.1f} s ({min(seconds):.1f} to "
            f"{max(seconds):.1f}; at most {LIMIT_S:g} s wanted)"
        )
    print(f"  {result.verdict}")


if __name__ == "__main__":
    levers_of_friday()
