"""What a simulation costs around the kernel: drawing, threads, replays, frames, a first comparison.

`python -m benchmarks.engine_around --beside FOLDER` measures the same of another checkout, in processes
that take turns; `--long` runs as many orders as `LONG` says. Times are processor seconds of the thread,
but for what threads do together: that is by the clock. Each figure is the median of the runs, behind it
the least.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

import kitchen as kt

REPLICATIONS = 1_000
ORDERS = 132 * REPLICATIONS
RUNS = 15
ROUNDS = 3
LONG = (10_000, 100_000)  # replications and orders of each, 1,000,000,000 in all
TEN_MILLION = 75_758  # replications of 132 orders


def main() -> None:
    arguments = sys.argv[1:]
    if arguments[:1] == ["--one"]:
        print(json.dumps(TASKS[arguments[1]]()))
    elif arguments[:1] == ["--long"]:
        long_run(*LONG)
    else:
        around_the_kernel(*arguments[1:] if arguments[:1] == ["--beside"] else ())


def around_the_kernel(beside: str | None = None) -> None:
    """All figures of this checkout, and of another that takes turns with it."""
    here = Path(__file__).resolve().parents[1]
    for name in TASKS:
        runs: dict = {folder: [] for folder in (beside, here) if folder}
        for _ in range(ROUNDS):
            for folder, figures in runs.items():
                figures += _measured(name, folder)
        told = " -> ".join(_spread(np.array(figures)) for figures in runs.values())
        print(f"{name}: {told}")


def _measured(name: str, folder) -> list[float]:
    """Figures of one task, in a process of its own that imports the package from a folder."""
    done = subprocess.run(
        [sys.executable, "-P", __file__, "--one", name],
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def _times(task, each: float, runs: int = RUNS, clock=time.thread_time) -> list[float]:
    """Seconds of a task, times `each`, after two runs that are not counted."""
    times = []
    for run in range(runs + 2):
        begin = clock()
        task()
        if run > 1:
            times.append((clock() - begin) * each)
    return times


def _ratios(first, second, runs: int, clock=time.thread_time) -> list[float]:
    """Time of one task over that of another, in runs that take turns."""
    ratios = []
    for run in range(runs + 2):
        instants = [clock()]
        for task in (first, second):
            task()
            instants.append(clock())
        if run > 1:
            ratios.append((instants[1] - instants[0]) / (instants[2] - instants[1]))
    return ratios


def _rush() -> kt.Scenario:
    return kt.Scenario.load("rush")


def draw(sorted_too: bool = False) -> list[float]:
    rush = _rush()

    def task():
        trace = kt.draw(rush, REPLICATIONS, seed=1)
        return (trace.pickup_order, trace.u) if sorted_too else trace

    return _times(task, 1e9 / ORDERS)


def replay() -> list[float]:
    """A replay whose orders all have another name, over the same orders drawn."""
    rush = _rush()
    drawn = kt.draw(rush, REPLICATIONS, seed=1)
    replayed = kt.Trace.from_frame(drawn.frame().drop(columns=["order_id", "name"]))

    def task(trace):
        return lambda: kt.simulate(rush, trace=trace, keep="summary", threads=1)

    return _ratios(task(replayed), task(drawn), RUNS)


def reading_a_replay() -> list[float]:
    frame = kt.draw(_rush(), REPLICATIONS, seed=1).frame()
    return _times(lambda: kt.Trace.from_frame(frame), 1e3, 3)


def threads(replications: int, runs: int) -> list[float]:
    """Time of one thread over that of two, by the clock; drawn, simulated and summarised."""
    rush = _rush()

    def task(number):
        return lambda: kt.simulate(
            rush, "random", replications=replications, keep="summary", threads=number
        )

    return _ratios(task(1), task(2), runs, time.perf_counter)


def one_with_shelves() -> list[float]:
    rush = _rush()
    return _times(lambda: kt.simulate(rush).shelves, 1e3, 10 * RUNS)


def summary() -> list[float]:
    rush = _rush()
    trace = kt.draw(rush, REPLICATIONS)
    times = []
    for run in range(RUNS + 2):
        done = kt.simulate(rush, trace=trace, keep="summary", threads=1)
        begin = time.thread_time()
        done.summary  # noqa: B018 - made when it is first read
        if run > 1:
            times.append((time.thread_time() - begin) * 1e3)
    return times


def twelve(besides_the_kernel: bool = False) -> list[float]:
    """A comparison of 12 discard rules with its table; or all of it but the compiled kernel."""
    from kitchen.engine import kernel

    rush, rules = _rush(), list(kt.rules.BUILT_IN["discard"])[:12]
    inner, inside = kernel._run_lanes, [0.0]

    def timed(*arguments):
        begin = time.thread_time()
        inner(*arguments)
        inside[0] += time.thread_time() - begin

    kernel._run_lanes = timed
    times = []
    for run in range(RUNS + 2):
        begin, inside[0] = time.thread_time(), 0.0
        kt.compare(rush, rules, replications=REPLICATIONS, threads=1).frame  # noqa: B018
        if run > 1:
            spent = time.thread_time() - begin
            times.append((spent - inside[0] if besides_the_kernel else spent) * 1e3)
    return times


def first_comparison() -> list[float]:
    """Processor seconds of the first comparison of 12 strategies in a process that compiles nothing."""
    rush, rules = _rush(), list(kt.rules.BUILT_IN["discard"])[:12]
    begin = time.process_time()
    kt.compare(rush, rules, replications=30).frame  # noqa: B018
    return [time.process_time() - begin]


def long_run(replications: int, orders: int) -> None:
    """Rate and peak memory of many orders of which only the summary is kept."""
    import resource

    scenario = kt.Scenario.load("rush").replace({"orders.count": orders})
    kt.simulate(scenario, replications=2, keep="summary")  # compiled, and its memory taken
    before, begin = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    run = kt.simulate(scenario, replications=replications, keep="summary")
    seconds, total = time.perf_counter() - begin, int(run.summary["orders"].sum())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        f"{total:,} orders drawn and simulated with keep='summary': {seconds:.1f} s, "
        f"{total / seconds / 1e6:.3g} M orders/s with all threads; {peak / 1024:.0f} MB at the peak, "
        f"all told, {before / 1024:.0f} MB after the first {2 * orders:,}"
    )


TASKS = {
    "kt.draw, ns an order": draw,
    "kt.draw, couriers sorted and tie-breakers drawn too, ns an order": lambda: draw(True),
    "a replay of 132,000 rows, times a draw": replay,
    "reading that replay from a frame, ms": reading_a_replay,
    "two threads, times one, 132,000 orders": lambda: threads(REPLICATIONS, 2 * RUNS),
    "two threads, times one, 10,000,056 orders": lambda: threads(TEN_MILLION, 2),
    "one replication with its shelves frame, ms": one_with_shelves,
    "the summary of 1,000 replications, ms": summary,
    "12 strategies x 1,000 x 132 compared, one thread, ms": twelve,
    "the same without the kernel, ms": lambda: twelve(True),
    "first comparison of 12 strategies in a process, s": first_comparison,
}


def _spread(values) -> str:
    return f"{np.median(values):.3g} ({np.min(values):.3g})"


if __name__ == "__main__":
    main()
