"""Search for the cheapest layout that keeps waste below a target."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from itertools import repeat
from typing import NamedTuple

import numpy as np
import pandas as pd

from kitchen.comparison.verdict import FEW
from kitchen.engine.trace import Trace
from kitchen.sizing.layouts import Grid, Layout
from kitchen.stats.sequential import Estimate, alpha_spent, estimated, quantile

MAX_EFFORT = 1_200
"""Replications that branch and bound may take, in multiples of the first interim size."""

STRIDES = 12
"""Number of steps from the fewest to the most slots of a shelf during `Search.walk`."""

SEARCH_ERROR = 0.005
"""Probability that one interim analysis puts a layout that is exactly at the target above or below it."""

KEPT_ORDERS = 4_000_000
"""Number of orders of the traces kept in memory from layout to layout; others are drawn again."""

REFERENCE_ORDERS = 6_000_000
"""Number of orders simulated for the layout that serves as control variate of the others."""

BOXES_AT_ONCE = 8
"""Boxes of branch and bound evaluated at once; not the number of threads, so that no result depends on it."""

Summary = Callable[[Layout, Trace, int], pd.DataFrame]
"""Function of a layout, a trace and a number of threads; returns the summary, a row a replication."""


class Evaluator:
    """Evaluates layouts on common replications and keeps the measure of each.

    Parameters
    ----------
    summary : function
        See `Summary`.
    traces : function
        The traces of the replications from one number to before another.
    measure : str
        A column of the summary.
    interim_sizes : list of int
        Numbers of replications at which limits are computed, rising.
    pool : Executor
    threads : int
    each : float
        Mean number of orders in a replication.

    Attributes
    ----------
    values : dict of Layout to float array, shape (replications so far,)
        The measure in each replication; NaN where no orders came.
    done : int
        Replications simulated so far, of all layouts together.
    """

    def __init__(
        self,
        summary: Summary,
        traces: Callable[[int, int], Iterable[Trace]],
        measure: str,
        interim_sizes: list[int],
        pool: Executor,
        threads: int,
        each: float,
    ):
        self.measure, self.interim_sizes, self.each = measure, interim_sizes, each
        self.values: dict[Layout, np.ndarray] = {}
        self.done = 0
        self._summary, self._traces = summary, traces
        self._pool, self._threads = pool, threads
        self._kept: dict[int, list[Trace]] = {}

    def reach(self, layouts: Iterable[Layout], number: int) -> None:
        """Simulate layouts until each has so many replications, which is one of the interim sizes."""
        layouts = list(dict.fromkeys(layouts))
        start = 0
        for stop in self.interim_sizes:
            some = [x for x in layouts if len(self.values.get(x, ())) == start]
            if some and stop <= number:
                new_values = self.evaluate(some, self._block(start, stop))
                for layout, new in zip(some, new_values, strict=True):
                    self.values[layout] = np.append(self.values.get(layout, ()), new)
                    self.done += new.size
            start = stop

    def evaluate(self, layouts: list[Layout], traces: Iterable[Trace]) -> list[np.ndarray]:
        """The measure of each layout in the replications of some traces."""
        inside = max(1, self._threads // len(layouts))
        alone = self._threads == 1 or len(layouts) == 1
        over = map if alone else self._pool.map
        parts: list[list[pd.DataFrame]] = [
            list(over(self._summary, layouts, repeat(trace), repeat(inside))) for trace in traces
        ]
        return [
            np.concatenate([summary[self.measure].to_numpy(float) for summary in own])
            for own in zip(*parts, strict=True)
        ]

    def fresh(self, start: int, stop: int) -> Iterable[Trace]:
        """Traces of replications that the search never uses, counted from 0."""
        return self._traces(self.interim_sizes[-1] + start, self.interim_sizes[-1] + stop)

    def _block(self, start: int, stop: int) -> Iterable[Trace]:
        if stop * self.each > KEPT_ORDERS:
            return self._traces(start, stop)
        if start not in self._kept:
            self._kept[start] = list(self._traces(start, stop))
        return self._kept[start]


class Search:
    """Search for the cheapest layout that holds: one whose measure is at most the target.

    Attributes
    ----------
    grid : Grid
    evaluator : Evaluator
    target : float
    reference : Layout or None
        The layout that serves as control variate of the others.
    refused : list of Layout
        Layouts that did not pass the proof; they count as failing.
    open : int or None
        Upper bound of the number of cheaper layouts not ruled out when branch and bound stopped;
        None if it came to its end.
    """

    def __init__(self, grid: Grid, evaluator: Evaluator, target: float, unit: float):
        self.grid, self.evaluator, self.target = grid, evaluator, target
        self.reference: Layout | None = None
        self.refused: list[Layout] = []
        self.open: int | None = None
        self._unit = unit
        self._failed = np.empty((0, len(grid.names)), int)
        self._held = np.empty((0, len(grid.names)), int)
        self._left = MAX_EFFORT * evaluator.interim_sizes[0]
        self._close: set[Layout] = set()
        self._known: dict[Layout, tuple] = {}

    def estimate(self, layout: Layout) -> Estimate:
        """Estimate from the replications of a layout, with the reference as control variate."""
        values = self.evaluator.values[layout]
        control = self.evaluator.values.get(self.reference) if self.reference != layout else None
        if control is not None and control.size <= values.size:
            control = None
        sizes = (values.size, 0 if control is None else control.size)
        if self._known.get(layout, (None,))[0] != sizes:
            self._known[layout] = (sizes, estimated(values, self._unit, control))
        return self._known[layout][1]

    def mean(self, layout: Layout) -> float:
        return self.estimate(layout).mean

    def limits(self, layout: Layout) -> tuple[float, float]:
        """Lower and upper confidence limit from the replications so far.

        Each layout that failed the proof raises the upper limit by a standard error, as others just
        like it would be put to the proof next.
        """
        estimate = self.estimate(layout)
        return estimate.lower(SEARCH_ERROR), estimate.upper(SEARCH_ERROR) + self._room(estimate)

    def _room(self, estimate: Estimate) -> float:
        refused = len(self.refused)
        cap = self.evaluator.interim_sizes[-1]
        return refused * estimate.deviation / math.sqrt(cap) if refused else 0.0

    def judged(self, layout: Layout) -> bool | None:
        """Whether a layout holds, from its replications so far; None if undecided."""
        lower, upper = self.limits(layout)
        if layout in self.refused:
            return False
        if upper <= self.target:
            if not (self._held <= layout).all(axis=1).any():
                self._held = np.vstack([self._held, layout])
            return True
        if lower > self.target:
            if not (self._failed >= layout).all(axis=1).any():
                self._failed = np.vstack([self._failed, layout])
            return False
        return None

    def decided(self, layout: Layout) -> bool | None:
        """Whether a layout holds, with more replications until that is decided or the cap is reached."""
        for number in self.evaluator.interim_sizes:
            self.evaluator.reach([layout], number)
            if len(self.evaluator.values[layout]) == number:
                judged = self.judged(layout)
                if judged is not None:
                    return judged
                if self._hopeless(layout):
                    break
        self._close.add(layout)
        return None

    def _hopeless(self, layout: Layout) -> bool:
        """Whether a layout is so near the target that the cap would hardly decide it either."""
        estimate, cap = self.estimate(layout), self.evaluator.interim_sizes[-1]
        if estimate.freedom < FEW:
            return False
        last = quantile(cap, SEARCH_ERROR) * estimate.deviation / math.sqrt(cap)
        last += self._room(estimate) if estimate.mean < self.target else 0.0
        return abs(estimate.mean - self.target) + estimate.spread < last

    def best(self) -> Layout | None:
        """The cheapest of the layouts that hold; among equals the one that wastes least."""
        holds = [x for x in self.evaluator.values if x not in self.refused and self._holds(x)]
        return min(holds, key=lambda x: (self.grid.cost(x), self.mean(x), x), default=None)

    def _holds(self, layout: Layout) -> bool:
        return self.limits(layout)[1] <= self.target

    def _try(self, layouts: Iterable[Layout], nth: int = 0) -> None:
        """Simulate layouts up to the nth interim size, or the last one."""
        sizes = self.evaluator.interim_sizes
        self.evaluator.reach(layouts, sizes[min(nth, len(sizes) - 1)])

    def walk(self) -> None:
        """Enlarge the smallest layout step by step until next to nothing is wasted; choose the reference.

        Each step enlarges the shelf that saves most waste for its cost.
        """
        grid, here, path = self.grid, self.grid.smallest, [self.grid.smallest]
        steps = [max(1, -(-(len(own) - 1) // STRIDES)) for own in grid.levels]
        self._try([here, grid.largest])
        while here != grid.largest and not self.mean(here) <= self.target / 20:
            nexts = [grid.moved(here, i, step) for i, step in enumerate(steps)]
            nexts = [x for x in nexts if x != here]
            self._try(nexts)
            here = min(nexts, key=lambda x, at=here: (-self._gain(at, x), x))
            path.append(here)
        crossed = next((x for x in path if self.mean(x) <= self.target), path[-1])
        sizes = self.evaluator.interim_sizes
        affordable = [n for n in sizes if n * self.evaluator.each <= REFERENCE_ORDERS]
        self.evaluator.reach([crossed], max(affordable, default=sizes[0]))
        self.reference = crossed
        for layout in path[path.index(crossed) :]:
            if self.decided(layout):
                break

    def _gain(self, here: Layout, there: Layout) -> float:
        saved = self.mean(here) - self.mean(there)
        more = self.grid.cost(there) - self.grid.cost(here)
        if saved <= 0:
            return saved if more == 0 else saved * more
        return math.inf if more == 0 else saved / more

    def descend(self, here: Layout) -> Layout:
        """Remove slots, or exchange them between shelves, as long as the result is cheaper and holds."""
        while True:
            below = self.grid.below(here)
            fewer = [x for x in self.fewer(here) if self.grid.cost(x) <= below]
            if not fewer:
                return here
            self._try(fewer)
            there = min(fewer, key=lambda x: (self.mean(x), x))
            if not self.judged(there):
                there = self.exchange(there, below)
            if not self.decided(there):
                return here
            here = there

    def fewer(self, layout: Layout) -> list[Layout]:
        """The layouts with the next smaller capacity on one shelf."""
        lower = [self.grid.moved(layout, i, -1) for i in range(len(layout))]
        return [x for x in lower if x != layout]

    def exchange(self, here: Layout, most: float) -> Layout:
        """Move slots between shelves at a cost of at most `most`, as long as less is wasted."""
        shelves, step = range(len(here)), 4
        self._try([here], 1)
        while step:
            lower = {x for i in shelves for x in [self.grid.moved(here, i, -step)]} | {here}
            others = {self.grid.raised(x, j, most) for x in lower for j in shelves} - {here}
            if not others:
                return here
            self._try(sorted(others), 1)
            there = min(others, key=lambda x: (self.mean(x), x))
            if self.mean(there) < self.mean(here):
                here = there
            else:
                step //= 2
        return here

    def rule_out(self, best: Layout) -> Layout:
        """Branch and bound: try to rule out every layout cheaper than `best`, or find one that holds.

        Boxes whose largest layout wastes least come first.
        """
        tick, boxes = 0, [(0.0, 0, self.grid.smallest, self.grid.largest)]
        self.open = None
        fresh_start = MAX_EFFORT * self.evaluator.interim_sizes[0] // 10
        self._left = max(self._left, fresh_start)  # replications kept from before cost nothing
        while boxes and self._left > 0:
            batch: list[tuple[Layout, Layout]] = []
            while boxes and len(batch) < BOXES_AT_ONCE:
                _, _, low, high = heapq.heappop(boxes)
                high = self._within_cost(low, high, best)
                if high is not None and not (self._failed >= high).all(axis=1).any():
                    batch.append((low, high))
            before = self.evaluator.done
            self._try(x for low, x in batch if not self._sure(low, x))
            for low, high in batch:
                holds = None
                if not self._sure(low, high):
                    holds = self.decided(high) if low == high else self.judged(high)
                if holds and self.grid.cost(high) < self.grid.cost(best):
                    best = high
                if holds is not False and low != high:
                    wasted = self.mean(high) if high in self.evaluator.values else 0.0
                    for half in _halves(low, high):
                        tick += 1
                        heapq.heappush(boxes, (wasted, tick, *half))
            self._left -= self.evaluator.done - before
        if boxes:
            self.open = self._count(boxes, best)
        return best

    def _sure(self, low: Layout, high: Layout) -> bool:
        """Whether the largest layout of a box need not be tried, as a smaller one holds."""
        return low != high and bool((self._held <= high).all(axis=1).any())

    def _within_cost(self, low: Layout, high: Layout, best: Layout) -> Layout | None:
        """The largest layout of the part of a box that can be cheaper; None if nothing can."""
        below = self.grid.below(best)
        if self.grid.cost(low) > below:
            return None
        most = (self.grid.raised(low, i, below)[i] for i in range(len(low)))
        return tuple(min(pair) for pair in zip(most, high, strict=True))

    def _count(self, boxes, best: Layout) -> int | None:
        left = 0
        for _, _, low, high in boxes:
            high = self._within_cost(low, high, best)
            if high is not None and not (self._failed >= high).all(axis=1).any():
                left += math.prod(b - a + 1 for a, b in zip(low, high, strict=True))
        return left or None

    def settle(self, here: Layout) -> Layout:
        """From a layout that holds to the cheapest one that can be found."""
        for _ in range(10):  # estimates move a little with more replications
            here = self.rule_out(self.descend(here))
            self.decided(self.exchange(here, self.grid.cost(here)))
            here = self.best() or here
            for layout in self.fewer(here):
                self.decided(layout)
            self.trade_off()
            best = self.best()
            if best is None or (self._holds(here) and self.grid.cost(best) >= self.grid.cost(here)):
                return here
            here = best
        return here

    def trade_off(self) -> None:
        """Give more replications to the layouts on the trade-off curve of cost and waste."""
        for _ in range(50):  # a layout that led by chance drops out, and others take its place
            rows = sorted((self.grid.cost(x), self.mean(x), x) for x in self.evaluator.values)
            points = [x for x, least in falling(rows) if least]
            before = sum(len(self.evaluator.values[x]) for x in points)
            self._try(points, 2)
            for layout in points:
                if self.mean(layout) <= self.target:
                    self.decided(layout)
            if sum(len(self.evaluator.values[x]) for x in points) == before:
                return

    def proof(self, layout: Layout, error: float) -> Row:
        """Limits of a layout from replications that the search has not used, until they decide."""
        interim_sizes, values, start = self.evaluator.interim_sizes, np.empty(0), 0
        for nth, stop in enumerate(interim_sizes):
            new = self.evaluator.evaluate([layout], self.evaluator.fresh(start, stop))[0]
            values, start = np.append(values, new), stop
            estimate = estimated(values, self._unit)
            alpha = alpha_spent(nth, len(interim_sizes), error)
            row = Row(layout, estimate, estimate.lower(alpha), estimate.upper(alpha))
            if row.upper <= self.target or row.lower > self.target:
                break
        return row

    def rows(self) -> list[Row]:
        return [Row(x, self.estimate(x), *self.limits(x)) for x in self.evaluator.values]

    def rising(self) -> tuple[Layout, Layout] | None:
        """Two layouts, the second nowhere smaller, yet wasting significantly more; None if there are none."""
        layouts = list(self.evaluator.values)
        places, means = np.array(layouts), np.array([self.mean(x) for x in layouts])
        more = (places[:, None] <= places[None, :]).all(axis=2)
        rises = np.where(more, means[None, :] - means[:, None], 0.0)
        pairs = np.argsort(-rises, axis=None, kind="stable")[:1000]
        for pair in pairs[rises.ravel()[pairs] > 0]:
            few, many = (layouts[i] for i in np.unravel_index(pair, rises.shape))
            common = min(len(self.evaluator.values[few]), len(self.evaluator.values[many]))
            by = self.evaluator.values[many][:common] - self.evaluator.values[few][:common]
            if estimated(by, 0.0).lower(SEARCH_ERROR / int(more.sum())) > 0:
                return few, many
        return None

    def undecided(self, best: Layout) -> list[Layout]:
        """Cheaper layouts that are still undecided at the cap."""
        cheaper = [x for x in self._close if self.grid.cost(x) < self.grid.cost(best)]
        return [x for x in cheaper if self.judged(x) is None]


class Row(NamedTuple):
    """A layout with its estimate and confidence limits at the interim size it has reached."""

    layout: Layout
    estimate: Estimate
    lower: float
    upper: float


def falling(rows: Iterable[tuple]) -> Iterator[tuple]:
    """The last item of each row, and whether its second is less than in all rows before it."""
    least = math.inf
    for _, wasted, item in rows:
        yield item, wasted < least
        least = min(least, wasted)


def _halves(low: Layout, high: Layout) -> list[tuple[Layout, Layout]]:
    """A box cut in two across its longest side."""
    spans = [b - a for a, b in zip(low, high, strict=True)]
    side = spans.index(max(spans))
    middle = (low[side] + high[side]) // 2
    return [
        (low, (*high[:side], middle, *high[side + 1 :])),
        ((*low[:side], middle + 1, *low[side + 1 :]), high),
    ]
