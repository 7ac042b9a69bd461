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

MOST_LOOKS = 1_200
"""What branch and bound may take: so many times the replications of a first look."""

STRIDES = 12
"""Steps from the fewest to the most slots of a shelf on the first way through."""

SEARCH_ERROR = 0.005
"""How often a look takes a layout that is right at the target for one above it, or one below."""

KEPT_ORDERS = 4_000_000
"""Of traces that are kept from layout to layout; beyond that they are drawn again."""

REFERENCE_ORDERS = 6_000_000
"""For the figures of the layout that the others are told against."""

TOGETHER = 8
"""Boxes looked at together. Not the number of threads: no result depends on that."""

Summary = Callable[[Layout, Trace, int], pd.DataFrame]
"""What a layout makes of a trace, on so many threads: a row a replication."""


class Met:
    """What each layout made of the replications, which are the same for all.

    Parameters
    ----------
    summary : function
        See `Summary`.
    traces : function
        The traces of the replications from one number to before another.
    measure : str
        A column of the summary.
    looks : list of int
        How many replications a layout can have met.
    pool : Executor
    threads : int
    each : float
        Orders in a replication.

    Attributes
    ----------
    values : dict of Layout to float array, shape (replications so far,)
        NaN where no orders came.
    done : int
        Replications, of all layouts together.
    """

    def __init__(
        self,
        summary: Summary,
        traces: Callable[[int, int], Iterable[Trace]],
        measure: str,
        looks: list[int],
        pool: Executor,
        threads: int,
        each: float,
    ):
        self.measure, self.looks, self.each = measure, looks, each
        self.values: dict[Layout, np.ndarray] = {}
        self.done = 0
        self._summary, self._traces = summary, traces
        self._pool, self._threads = pool, threads
        self._kept: dict[int, list[Trace]] = {}

    def reach(self, layouts: Iterable[Layout], number: int) -> None:
        """Let layouts meet replications until they have met so many: one of the looks."""
        layouts = list(dict.fromkeys(layouts))
        start = 0
        for stop in self.looks:
            some = [x for x in layouts if len(self.values.get(x, ())) == start]
            if some and stop <= number:
                found = self.meet(some, self._block(start, stop))
                for layout, new in zip(some, found, strict=True):
                    self.values[layout] = np.append(self.values.get(layout, ()), new)
                    self.done += new.size
            start = stop

    def meet(self, layouts: list[Layout], traces: Iterable[Trace]) -> list[np.ndarray]:
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
        """Traces of replications that the search never meets, counted from 0."""
        return self._traces(self.looks[-1] + start, self.looks[-1] + stop)

    def _block(self, start: int, stop: int) -> Iterable[Trace]:
        if stop * self.each > KEPT_ORDERS:
            return self._traces(start, stop)
        if start not in self._kept:
            self._kept[start] = list(self._traces(start, stop))
        return self._kept[start]


class Search:
    """Looks for layouts that hold, cheap ones first.

    Attributes
    ----------
    grid : Grid
    met : Met
    target : float
    reference : Layout or None
        The layout that the others are told against.
    refused : list of Layout
        They did not pass the proof, and count as failing.
    open : int or None
        At most so many cheaper layouts were not ruled out when branch and bound stopped; None if it
        came to its end.
    """

    def __init__(self, grid: Grid, met: Met, target: float, unit: float):
        self.grid, self.met, self.target = grid, met, target
        self.reference: Layout | None = None
        self.refused: list[Layout] = []
        self.open: int | None = None
        self._unit = unit
        self._failed = np.empty((0, len(grid.names)), int)
        self._held = np.empty((0, len(grid.names)), int)
        self._left = MOST_LOOKS * met.looks[0]
        self._close: set[Layout] = set()
        self._known: dict[Layout, tuple] = {}

    def estimate(self, layout: Layout) -> Estimate:
        """By the replications that a layout has met, and the reference beyond them."""
        values = self.met.values[layout]
        control = self.met.values.get(self.reference) if self.reference != layout else None
        if control is not None and control.size <= values.size:
            control = None
        met = (values.size, 0 if control is None else control.size)
        if self._known.get(layout, (None,))[0] != met:
            self._known[layout] = (met, estimated(values, self._unit, control))
        return self._known[layout][1]

    def mean(self, layout: Layout) -> float:
        return self.estimate(layout).mean

    def limits(self, layout: Layout) -> tuple[float, float]:
        """The lower and the upper limit, by the replications that the layout has met; each layout
        that was refused puts the upper one a standard error higher, or its likes would follow."""
        found = self.estimate(layout)
        return found.lower(SEARCH_ERROR), found.upper(SEARCH_ERROR) + self._room(found)

    def _room(self, found: Estimate) -> float:
        refused = len(self.refused)
        return refused * found.deviation / math.sqrt(self.met.looks[-1]) if refused else 0.0

    def judged(self, layout: Layout) -> bool | None:
        """Whether a layout holds, by the replications that it has met; None if undecided."""
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
        """The same, meeting more replications until it is decided, or the cap."""
        for number in self.met.looks:
            self.met.reach([layout], number)
            if len(self.met.values[layout]) == number:
                judged = self.judged(layout)
                if judged is not None:
                    return judged
                if self._hopeless(layout):
                    break
        self._close.add(layout)
        return None

    def _hopeless(self, layout: Layout) -> bool:
        """Whether a layout is so near the target that the cap would hardly decide it either."""
        found, cap = self.estimate(layout), self.met.looks[-1]
        if found.freedom < FEW:
            return False
        last = quantile(cap, SEARCH_ERROR) * found.deviation / math.sqrt(cap)
        last += self._room(found) if found.mean < self.target else 0.0
        return abs(found.mean - self.target) + found.spread < last

    def best(self) -> Layout | None:
        """The cheapest of the layouts tried that hold; of several, the one that wastes least."""
        holds = [x for x in self.met.values if x not in self.refused and self._holds(x)]
        return min(holds, key=lambda x: (self.grid.cost(x), self.mean(x), x), default=None)

    def _holds(self, layout: Layout) -> bool:
        return self.limits(layout)[1] <= self.target

    def _try(self, layouts: Iterable[Layout], look: int = 0) -> None:
        """Let layouts meet as many replications as at a look, where they have not."""
        self.met.reach(layouts, self.met.looks[min(look, len(self.met.looks) - 1)])

    def walk(self) -> None:
        """From the smallest layout upwards, always where it saves most for what it costs, until
        next to nothing is wasted; then choose the reference."""
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
        few = [n for n in self.met.looks if n * self.met.each <= REFERENCE_ORDERS]
        self.met.reach([crossed], max(few, default=self.met.looks[0]))
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
        """Take slots away, and exchange them, as long as that is cheaper and holds."""
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
        self._left = max(self._left, MOST_LOOKS * self.met.looks[0] // 10)  # what was tried is free
        while boxes and self._left > 0:
            batch: list[tuple[Layout, Layout]] = []
            while boxes and len(batch) < TOGETHER:
                _, _, low, high = heapq.heappop(boxes)
                high = self._within_cost(low, high, best)
                if high is not None and not (self._failed >= high).all(axis=1).any():
                    batch.append((low, high))
            before = self.met.done
            self._try(x for low, x in batch if not self._sure(low, x))
            for low, high in batch:
                holds = None
                if not self._sure(low, high):
                    holds = self.decided(high) if low == high else self.judged(high)
                if holds and self.grid.cost(high) < self.grid.cost(best):
                    best = high
                if holds is not False and low != high:
                    wasted = self.mean(high) if high in self.met.values else 0.0
                    for half in _halves(low, high):
                        tick += 1
                        heapq.heappush(boxes, (wasted, tick, *half))
            self._left -= self.met.done - before
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
        for _ in range(10):  # figures move a little as layouts meet more replications
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
        """Let the layouts that waste least for what they cost meet somewhat more replications."""
        for _ in range(50):  # what looks best by few replications gives way to others
            rows = sorted((self.grid.cost(x), self.mean(x), x) for x in self.met.values)
            points = [x for x, least in falling(rows) if least]
            before = sum(len(self.met.values[x]) for x in points)
            self._try(points, 2)
            for layout in points:
                if self.mean(layout) <= self.target:
                    self.decided(layout)
            if sum(len(self.met.values[x]) for x in points) == before:
                return

    def proof(self, layout: Layout, error: float) -> Row:
        """What a layout makes of replications that the search has not met, until it is decided."""
        looks, values, start = self.met.looks, np.empty(0), 0
        for nth, stop in enumerate(looks):
            new = self.met.meet([layout], self.met.fresh(start, stop))[0]
            values, start = np.append(values, new), stop
            found, own = estimated(values, self._unit), alpha_spent(nth, len(looks), error)
            row = Row(layout, found, found.lower(own), found.upper(own))
            if row.upper <= self.target or row.lower > self.target:
                break
        return row

    def rows(self) -> list[Row]:
        return [Row(x, self.estimate(x), *self.limits(x)) for x in self.met.values]

    def rising(self) -> tuple[Layout, Layout] | None:
        """Two layouts of which the one that is nowhere smaller surely wastes more, if there are."""
        layouts = list(self.met.values)
        places, means = np.array(layouts), np.array([self.mean(x) for x in layouts])
        more = (places[:, None] <= places[None, :]).all(axis=2)
        rises = np.where(more, means[None, :] - means[:, None], 0.0)
        pairs = np.argsort(-rises, axis=None, kind="stable")[:1000]
        for pair in pairs[rises.ravel()[pairs] > 0]:
            few, many = (layouts[i] for i in np.unravel_index(pair, rises.shape))
            common = min(len(self.met.values[few]), len(self.met.values[many]))
            by = self.met.values[many][:common] - self.met.values[few][:common]
            if estimated(by, 0.0).lower(SEARCH_ERROR / int(more.sum())) > 0:
                return few, many
        return None

    def undecided(self, best: Layout) -> list[Layout]:
        """Cheaper layouts that the cap left undecided."""
        cheaper = [x for x in self._close if self.grid.cost(x) < self.grid.cost(best)]
        return [x for x in cheaper if self.judged(x) is None]


class Row(NamedTuple):
    """A layout, its figures, and its limits at the look that it has reached."""

    layout: Layout
    found: Estimate
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
