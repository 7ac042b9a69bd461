"""`make bench`: how fast the kitchen is, beside the same kitchen in C and in SimPy.

Ratios are of medians of runs that take turns in one process, so that a busy machine slows all
alike; behind each median stands the spread of its runs. Everything that is timed side by side is
first checked to come to the same outcomes.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import time

import numpy as np

import kitchen as kt
from benchmarks import peers
from benchmarks.bounds import bounds_of_rush, programs_side_by_side
from benchmarks.engine import kernel_beside_c, wide_shelves
from benchmarks.engine_around import around_the_kernel
from benchmarks.learning import learning
from benchmarks.levers import levers_of_friday
from benchmarks.logs import logs
from benchmarks.sweeps import sweeps
from benchmarks.widgets import latency
from kitchen.engine.encode import temps_of
from kitchen.utils.system import thread_count

RUNS = 11
REPLICATIONS = 1_000
SIMPY_REPLICATIONS = 20
SETTINGS = {"couriers 2 to 6 s": (2.0, 6.0), "couriers 8 to 40 s": (8.0, 40.0)}


def main() -> None:
    print(machine(), end="\n\n")
    engine_beside_peers()
    kernel_beside_c(SETTINGS, bench_scenario, workload)
    wide_shelves(bench_scenario)
    trace_speed()
    one_replication()
    comparison()
    fields_that_are_read()
    sweeps()
    start_up()
    memory_of_ten_million_orders()
    print()
    around_the_kernel()
    print()
    bounds_of_rush(replications=200)
    programs_side_by_side()
    print()
    levers_of_friday()
    logs()
    print()
    learning()
    print()
    latency()


def machine() -> str:
    """Processor, its threads, Python and the libraries that matter."""
    names = ("numpy", "numba", "pandas")
    versions = ", ".join(f"{n} {sys.modules[n].__version__}" for n in names if n in sys.modules)
    return f"{_processor()}, {thread_count(None)} threads; Python {platform.python_version()}, {versions}"


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as lines:
            return next(x.split(":", 1)[1].strip() for x in lines if x.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def bench_scenario(low: float, high: float) -> kt.Scenario:
    """Poisson 3.25/s, shelves 10/10/10, overflow 15 with modifier 2, law linear."""
    slots = {"hot": 10, "cold": 10, "frozen": 10, "overflow": 15}
    changes = {f"shelves.{name}.capacity": n for name, n in slots.items()}
    delay = {"distribution": "uniform", "low": low, "high": high}
    return kt.Scenario.load("classic").replace({**changes, "couriers.delay": delay})


def workload(scenario: kt.Scenario, trace: kt.Trace) -> peers.Workload:
    """A trace as the peers take it."""
    temps = temps_of(scenario, trace.menu)
    return peers.Workload(
        first=trace.first,
        ready_s=trace.ready_s,
        pickup_s=trace.pickup_s,
        u=trace.u,
        item=trace.item,
        temp=np.array([temps.index(temp) for temp in trace.menu.temp]),
        shelf_life_s=np.array(trace.menu.shelf_life_s),
        decay_rate=np.array(trace.menu.decay_rate),
        capacity=np.array([shelf.capacity for shelf in scenario.shelves[:-1]]),
        overflow_capacity=scenario.shelves[-1].capacity,
        overflow_modifier=scenario.shelves[-1].modifier,
        law=scenario.decay,
    )


def engine_beside_peers() -> None:
    """Orders a second of the engine, of C and of SimPy on the same trace."""
    threads = thread_count(None)
    for title, (low, high) in SETTINGS.items():
        scenario = bench_scenario(low, high)
        trace = kt.draw(scenario, REPLICATIONS, seed=1)
        work = workload(scenario, trace)
        few = work.part(0, SIMPY_REPLICATIONS)

        def simulate(keep, threads, scenario=scenario, trace=trace):
            return kt.simulate(scenario, trace=trace, keep=keep, threads=threads)

        with peers.c_kitchen(calendar="scan") as c, peers.c_kitchen(calendar="sorted") as c_sorted:
            check_outcomes(simulate("ledger", 1).orders, c(work), peers.run_simpy(few))
            out, few_out = peers.Result.empty(work), peers.Result.empty(few)
            times = take_turns(
                {
                    "SimPy": lambda: peers.run_simpy(few, few_out),
                    "C, scanning": lambda: c(work, out),
                    "C, sorted": lambda: c_sorted(work, out),
                    "kitchen, 1 thread": lambda: simulate("summary", 1),
                    f"kitchen, {threads} threads": lambda: simulate("summary", threads),
                    "kitchen with ledger, 1 thread": lambda: simulate("ledger", 1),
                }
            )
        print(f"{title}: {len(trace):,} orders; the same outcomes, to 1e-9 s and 1e-9 of value")
        speeds = {
            name: (few.orders if name == "SimPy" else len(trace)) / np.array(seconds)
            for name, seconds in times.items()
        }
        median = {name: float(np.median(speed)) for name, speed in speeds.items()}
        for name, speed in speeds.items():
            ratios = "".join(
                f"{median[name] / median[peer]:9.3g} x {peer}" for peer in ("SimPy", "C, scanning")
            )
            low_, high_ = speed.min() / 1e6, speed.max() / 1e6
            print(
                f"  {name:30s}{median[name] / 1e6:8.3g} M orders/s"
                f" ({low_:.3g} to {high_:.3g}){ratios}"
            )
        print()


def check_outcomes(orders, in_c: peers.Result, in_simpy: peers.Result) -> None:
    """Refuse to time kitchens that do not agree on every order."""
    outcome = orders["outcome"].cat.codes.to_numpy()
    for peer in (in_c, in_simpy):
        size = peer.outcome.size
        same = (outcome[:size] == peer.outcome).all()
        for column, theirs in (("left_s", peer.left_s), ("value", peer.value)):
            ours = orders[column].to_numpy()[:size]
            same &= np.allclose(ours, theirs, rtol=0.0, atol=1e-9)
        if not same:
            raise SystemExit("bench: the kitchens do not agree; nothing is timed")


def take_turns(tasks: dict, runs: int = RUNS) -> dict[str, list[float]]:
    """Seconds of each task in each of the runs, after one that is not counted."""
    times = {name: [] for name in tasks}
    for run in range(runs + 1):
        for name, task in tasks.items():
            begin = time.perf_counter()
            task()
            if run:
                times[name].append(time.perf_counter() - begin)
    return times


def trace_speed() -> None:
    """Nanoseconds an order of drawing, couriers sorted and tie-breakers drawn included."""
    scenario = kt.Scenario.load("rush")

    def draw():
        trace = kt.draw(scenario, 10_000, seed=1)
        return trace.pickup_order, trace.u

    seconds = take_turns({"draw": draw}, runs=7)["draw"]
    each = np.array(seconds) / (10_000 * 132) * 1e9
    print(f"trace of 10,000 x 132 orders: {_spread(each)} ns an order, one thread\n")


def one_replication() -> None:
    """Milliseconds from scenario to the `shelves` frame of one replication."""
    scenario = kt.Scenario.load("rush")
    seconds = take_turns({"one": lambda: kt.simulate(scenario).shelves}, runs=51)["one"]
    print(
        f"one replication of 132 orders with its shelves frame: {_spread(np.array(seconds) * 1e3)} ms\n"
    )


def comparison() -> None:
    """Seconds to compare all shipped discard rules, and what a new rule of one's own adds."""
    scenario = kt.Scenario.load("rush")
    names = list(kt.rules.BUILT_IN["discard"])

    def compare(*own):
        return kt.compare(scenario, [*names, *own], replications=REPLICATIONS, seed=1).frame

    def with_a_new_rule():
        never_seen = float(len(made))  # another constant, so that it is compiled every time

        def own(order):
            return order.value * order.pickup_in_s + never_seen

        made.append(own)
        return compare(own)

    made: list = []
    times = take_turns({"shipped": compare, "one more": with_a_new_rule}, runs=7)
    shipped, more = np.array(times["shipped"]), np.array(times["one more"])
    print(
        f"{len(names)} strategies x {REPLICATIONS:,} x 132 orders compared: {_spread(shipped)} s; "
        f"a new rule of one's own adds {np.median(more) - np.median(shipped):.2g} s, compiled and run\n"
    )


def fields_that_are_read() -> None:
    """What a decision costs by the fields that its rule reads; a third of the orders is blocked."""
    scenario = bench_scenario(8.0, 40.0)
    trace = kt.draw(scenario, REPLICATIONS, seed=1)

    def none(order):
        return 1.0

    def age(order):
        return order.age_s + 1.0

    def value(order):
        return order.value + 1.0

    def everything(order):
        return (
            order.value + order.value_at_pickup + order.value_at_pickup_home + order.u
            + order.expires_in_s + order.expires_in_home_s + order.pickup_in_s + order.home_fill
            + order.overflow_fill + order.age_s + order.price
        )  # fmt: skip

    def task(rule):
        strategy = kt.Strategy(rule, name=rule.__name__)
        return lambda: kt.simulate(scenario, strategy, trace=trace, keep="summary", threads=1)

    times = take_turns({rule.__name__: task(rule) for rule in (none, age, value, everything)})
    told = ", ".join(f"{name} {_spread(np.array(s) * 1e3)}" for name, s in times.items())
    print(f"{len(trace):,} orders by the fields that the discard rule reads, ms: {told}\n")


_FIRST = "import time; t = time.perf_counter(); import kitchen; a = time.perf_counter() - t; "
_FIRST += (
    "s = kitchen.Scenario.load('rush'); t = time.perf_counter(); kitchen.simulate(s, 'random'); "
)
_FIRST += "print(a, time.perf_counter() - t)"


def start_up() -> None:
    """Seconds to import, and to the first result: never compiled, and compiled before."""
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "NUMBA_CACHE_DIR": cache}
        told = [
            subprocess.run(
                [sys.executable, "-c", _FIRST],
                env=environment, capture_output=True, text=True, check=True,
            ).stdout.split()
            for _ in range(6)
        ]  # fmt: skip
    imports, firsts = np.array(told, float).T
    print(
        f"import kitchen: {_spread(imports * 1e3)} ms; first result {firsts[0]:.3g} s on a new machine, "
        f"{_spread(firsts[1:])} s from the cache\n"
    )


_MANY = "import kitchen, time; s = kitchen.Scenario.load('rush'); t = time.perf_counter(); "
_MANY += "r = kitchen.simulate(s, 'random', replications=75_758, keep='summary'); "
_MANY += "print(int(r.summary.orders.sum()), time.perf_counter() - t); "
_MANY += "print(*(x.split()[1] for x in open('/proc/self/status') if x.startswith('VmHWM')))"


def memory_of_ten_million_orders() -> None:
    """Peak memory of a process that draws and simulates 10^7 orders and keeps the summary."""
    if not os.path.exists("/proc/self/status"):
        print("memory of 10^7 orders: not measured on this system")
        return
    told = subprocess.run(
        [sys.executable, "-c", _MANY], capture_output=True, text=True, check=True
    ).stdout.split()
    orders, seconds, peak = int(told[0]), float(told[1]), float(told[2]) / 1024
    print(
        f"{orders:,} orders drawn and simulated with keep='summary': {seconds:.2f} s "
        f"({orders / seconds / 1e6:.3g} M orders/s, all threads), {peak:.0f} MB at the peak, all told"
    )


def _spread(values) -> str:
    return f"{np.median(values):.3g} ({np.min(values):.3g} to {np.max(values):.3g})"


if __name__ == "__main__":
    main()
