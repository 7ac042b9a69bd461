"""How fast the bounds of `rush` are found, and how far apart the linear and the integer ones are."""

from __future__ import annotations

import time

import kitchen as kt
from kitchen.utils.system import thread_count

REPLICATIONS = 200
LIMITS_S = {"linear programme": 20.0, "integer programme": 180.0}
"""What the bounds of all replications may take on two processors."""


def bounds_of_rush(replications: int = REPLICATIONS) -> None:
    """Seconds for all replications, the gap between both bounds, and what strategies leave."""
    rush = kt.Scenario.load("rush")
    trace = kt.draw(rush, replications, seed=1)
    kt.bound(kt.draw(rush), rush)  # loads the solver
    print(f"bounds of {replications} replications of rush, {thread_count(None)} threads")
    for measure, column in (("value", "value_per_order"), ("waste", "wasted_share")):
        frames = {}
        for name, limit_s in LIMITS_S.items():
            begin = time.perf_counter()
            found = kt.bound(trace, rush, measure=measure, integral=name.startswith("integer"))
            seconds = time.perf_counter() - begin
            frames[name] = found.frame
            print(
                f"  {measure}, {name:18s}{seconds:8.1f} s (at most {limit_s:g} s wanted); "
                f"{column} {found.frame[column].mean():.5f}, "
                f"{found.frame['exact'].sum()} of {replications} proven to be the optimum"
            )
        linear, whole = frames.values()
        gap = (linear["bound"] - whole["bound"]).abs()
        print(f"  {measure}, gap: mean {gap.mean():.2g} orders, largest {gap.max():.2g}")
        for strategy in ("discard newcomer", "latest pickup", "lowest value at pickup"):
            run = kt.simulate(rush, strategy, trace=trace, keep="summary")
            left = (whole[column] - run.summary[column]).abs().mean()
            print(f"    {strategy!r} is {left:.4f} of {column} away")


if __name__ == "__main__":
    bounds_of_rush()
