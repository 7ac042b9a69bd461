"""How long selecting, tuning and learning take, and what one evaluation costs."""

from __future__ import annotations

import statistics
import time

import numpy as np

import kitchen as kt
from kitchen.learning.evaluator import Evaluator
from kitchen.utils.system import thread_count

LIMITS_S = {"friday": ("joint", 60.0), "rush": ("bid price", 10.0)}
"""What `learn` with the default budget may take on two processors, by scenario."""

EVALUATIONS = 50


def learning() -> None:
    """Times of `learn` by its defaults, of `select_best`, and of one evaluation."""
    print(f"learning, {thread_count(None)} threads")
    print(f"  one evaluation of 500 x 132 orders: {1000 * _evaluation():.1f} ms")
    for name, (template, limit) in LIMITS_S.items():
        scenario = kt.Scenario.load(name)
        begun = time.perf_counter()
        best = kt.select_best(scenario)
        seconds = time.perf_counter() - begun
        print(f"  select_best in {name}: {seconds:.1f} s, {len(best.frame)} strategies")
        begun = time.perf_counter()
        learned = kt.learn(scenario, template)
        seconds = time.perf_counter() - begun
        slow = "" if seconds < limit else f", slower than {limit:g} s"
        print(f"  learn {template!r} in {name}: {seconds:.1f} s{slow}; {learned!r}")


def _evaluation() -> float:
    """Seconds of one evaluation of a rule with parameters, the median of some."""

    def mix(order, p):
        return order.value_at_pickup - p[0] * min(order.pickup_in_s, order.expires_in_s)

    rush = kt.Scenario.load("rush")
    strategy = kt.Strategy(kt.Rule(mix, params=(0.1,)), discard_from="anywhere")
    evaluator = Evaluator.kept([rush], "lost_per_order", 500, 1, threads=thread_count(None))
    encoded, times = evaluator.encode([strategy]), []
    for number in np.linspace(0.0, 0.2, EVALUATIONS):
        begun = time.perf_counter()
        encoded.with_params([[], [], [number], []]).values()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)
