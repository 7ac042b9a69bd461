"""How fast the clairvoyant bound is found, and how far apart the linear and the integer ones are."""

from __future__ import annotations

import statistics
import time
from unittest import mock

import numpy as np

import kitchen as kt
from kitchen.comparison import bound_lp
from kitchen.comparison.bound_solver import Optimum, Program, Solver
from kitchen.utils.system import thread_count

REPLICATIONS = 200
LIMITS_S = {"linear program": 10.0, "integer program": 90.0}
"""What the bounds of all replications may take on two processors."""

SHELVES = 0.75
"""Share of the slots of `dinner` in the kitchen that is short of them."""


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


# How programs are written and solved


class Collector(list):
    """In place of a solver: keeps the programs and solves none."""

    def solve(self, program: Program) -> tuple[float, bool]:
        self.append(program)
        return 0.0, True

    def optimum(self, *_) -> Optimum:
        return Optimum(0.0, True, "")


def programs_side_by_side(replications: int = 10) -> None:
    """Milliseconds for a linear program, one thread, beside other ways that have the same optimum.

    As it is: stays that need no other shelf are left out, without presolve. Beside it: with presolve,
    and with all stays with and without presolve.
    """
    dinner = kt.Scenario.load("dinner")
    slots = {f"shelves.{s.name}.capacity": int(SHELVES * s.capacity) for s in dinner.shelves}
    places = {
        "rush": kt.Scenario.load("rush"),
        "dinner": dinner,
        f"dinner, {SHELVES:.0%} of the shelves": dinner.replace(slots),
    }
    print(f"medians of {replications} linear programs, ms for one, one thread")
    for name, place in places.items():
        trace = kt.draw(place, replications, seed=1)
        for measure in ("value", "revenue", "waste"):
            few = _programs(place, trace, measure)
            everyone = lambda stays, *_: np.ones(stays.order.size, bool)  # noqa: E731
            with mock.patch.object(bound_lp, "_may_leave", everyone):
                full = _programs(place, trace, measure)
            ways = {
                "as it is": (few, False),
                "with presolve": (few, True),
                "all stays": (full, False),
                "all stays, with presolve": (full, True),
            }
            times, optima = {way: [] for way in ways}, {way: [] for way in ways}
            for nth in range(replications):  # they take turns
                for way, (programs, presolve) in ways.items():
                    begin = time.perf_counter()
                    best, _ = Solver(False, None, presolve).solve(programs[nth])
                    times[way].append(1e3 * (time.perf_counter() - begin))
                    optima[way].append(best)
            apart = max(
                np.abs(np.divide(found, optima["as it is"]) - 1).max() for found in optima.values()
            )
            told = ", ".join(f"{way} {statistics.median(ms):.0f}" for way, ms in times.items())
            print(f"  {name}, {measure}: {told}; optima differ by at most {apart:.1g}")


def _programs(scenario: kt.Scenario, trace: kt.Trace, measure: str) -> list[Program]:
    house, kept = bound_lp.house_of(scenario, trace, measure), Collector()
    for nth in range(trace.replications.size):
        bound_lp.matched(bound_lp.orders_of(house, trace, nth), house, kept)
    return kept


if __name__ == "__main__":
    bounds_of_rush()
    programs_side_by_side()
