"""The kernel alone beside C, on one thread, in processor time: the rules that C has, and wide shelves.

Both are given the same arrays; the runs take turns. What is timed is first checked to come to the same
outcomes, order by order.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack

import numpy as np

import kitchen as kt
from benchmarks import peers
from kitchen.engine import kernel

REPLICATIONS = 200
RUNS = 60
SETTLING = 5
SLOTS = (10, 1_000, 10_000)


def a_users(order):
    """A rule that the engine calls through a pointer, as C does its own."""
    return order.value * order.expires_in_s + 1.0


def kernel_beside_c(settings: dict, scenario_of: Callable, workload_of: Callable) -> None:
    """Nanoseconds an order of the kernel and of C with departures kept sorted, by discard rule."""
    for title, (low, high) in settings.items():
        scenario = scenario_of(low, high)
        trace = kt.draw(scenario, REPLICATIONS, seed=1)
        work = workload_of(scenario, trace)
        with ExitStack() as stack:
            scan = stack.enter_context(peers.c_kitchen(calendar="scan"))
            tasks = {"C, scanning": _of_c(scan, work)}
            for rule in peers.C_RULES:
                strategy = kt.Strategy(a_users, name=rule) if rule == peers.C_RULES[-1] else rule
                in_c = stack.enter_context(peers.c_kitchen(calendar="sorted", rule=rule))
                _check(kt.simulate(scenario, strategy, trace=trace).orders, in_c(work))
                tasks[f"C, {rule}"] = _of_c(in_c, work)
                tasks[rule] = _of_kernel(scenario, strategy, trace)
            times = take_turns(tasks, len(trace))
        print(
            f"the kernel beside C with departures kept sorted, {title}: ns an order, median (least)"
        )
        for rule in peers.C_RULES:
            c, own = times[f"C, {rule}"], times[rule]
            ratio = statistics.median(c) / statistics.median(own)
            print(f"  {rule:20s} C {_told(c)}, kernel {_told(own)}: {ratio:.2f} x C")
        c, own = times["C, scanning"], times[peers.C_RULES[0]]
        ratio = statistics.median(c) / statistics.median(own)
        print(f"  {'C that scans':20s} C {_told(c)}: the kernel is {ratio:.2f} x C\n")


def wide_shelves(scenario_of: Callable) -> None:
    """What an order costs with more slots on each shelf, busy but not full, and full under a rule."""
    tasks, sizes = {}, {}
    for slots in SLOTS:
        names = ("hot", "cold", "frozen", "overflow")
        changes = {f"shelves.{name}.capacity": slots for name in names}
        changes |= {"arrivals.rate": 0.5 * slots, "orders.count": 20 * slots}
        scenario = scenario_of(2.0, 6.0).replace(changes)
        trace = kt.draw(scenario, max(400_000 // (20 * slots), 1), seed=1)
        tasks[slots] = _of_kernel(scenario, "discard newcomer", trace)
        sizes[slots] = len(trace)
    times = {
        slots: take_turns({slots: task}, sizes[slots], 15)[slots] for slots, task in tasks.items()
    }
    base = statistics.median(times[SLOTS[0]])
    told = ", ".join(
        f"{slots:,} slots {_told(own)} ({statistics.median(own) / base:.2f} x)"
        for slots, own in times.items()
    )
    print(f"shelves that are busy, not full, ns an order: {told}")
    scenario = scenario_of(8.0, 40.0).replace(
        {"shelves.overflow.capacity": 1_000, "orders.count": 4_000, "arrivals.rate": 50.0}
    )
    trace = kt.draw(scenario, 5, seed=1)
    full, discarded = {}, {}
    for rule in ("discard newcomer", "lowest value"):
        full[rule] = _of_kernel(scenario, rule, trace)
        summary = kt.simulate(scenario, rule, trace=trace, keep="summary").summary
        discarded[rule] = summary["discarded"].sum() / len(trace)
    if min(discarded.values()) < 0.05:
        raise SystemExit("bench: the overflow of 1,000 is not full")
    for rule, own in take_turns(full, len(trace), 15).items():
        print(
            f"  an overflow of 1,000 that is full, {rule}, {discarded[rule]:.0%} discarded: "
            f"{_told(own)} ns an order"
        )
    print()


def take_turns(tasks: dict, orders: int, runs: int = RUNS) -> dict[str, np.ndarray]:
    """Nanoseconds an order of each task in each run, processor time of this thread."""
    times: dict = {name: [] for name in tasks}
    for run in range(runs + SETTLING):
        for name, task in tasks.items():
            begin = time.thread_time_ns()
            task()
            if run >= SETTLING:
                times[name].append((time.thread_time_ns() - begin) / orders)
    return {name: np.array(values) for name, values in times.items()}


def _of_c(run, work: peers.Workload) -> Callable:
    out = peers.Result.empty(work)
    return lambda: run(work, out)


def _of_kernel(scenario, strategy, trace) -> Callable:
    """The kernel's calls of a simulation, again, without what prepares them."""
    calls: list[tuple] = []
    run = kernel.run_lanes

    def noted(*given):
        calls.append(given)
        return run(*given)

    kernel.run_lanes = noted
    try:
        kt.simulate(scenario, strategy, trace=trace, keep="summary", threads=1)
    finally:
        kernel.run_lanes = run
    return lambda: [run(*given) for given in calls]


def _check(orders, in_c: peers.Result) -> None:
    """Refuse to time kitchens that do not agree on every order."""
    same = (orders["outcome"].cat.codes.to_numpy() == in_c.outcome).all()
    for column, theirs in (("left_s", in_c.left_s), ("value", in_c.value)):
        same &= np.allclose(orders[column].to_numpy(), theirs, rtol=0.0, atol=1e-9)
    if not same:
        raise SystemExit("bench: the kernel and C do not agree; nothing is timed")


def _told(times: np.ndarray) -> str:
    return f"{np.median(times):.1f} ({times.min():.1f})"
