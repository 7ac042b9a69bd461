"""Figures of a sweep's points: a plan and some points in, tables out.

A pure function: the same in a thread, in another process, or on another machine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from kitchen.engine import records
from kitchen.engine.batches import Batches
from kitchen.engine.draw import draw
from kitchen.engine.encode import temps_of
from kitchen.engine.trace import Trace
from kitchen.errors import KitchenError, ResourceError
from kitchen.model.measures import holds_shares, measures_in
from kitchen.model.menu import Menu
from kitchen.model.scenario import Scenario
from kitchen.simulation import frames
from kitchen.stats.intervals import counts_differing, estimates, too_few
from kitchen.sweeps.plan import Plan, code_digest
from kitchen.utils.version import __version__

FIGURES = ("mean", "low", "high", "replications")
PAIRED = ("difference", "difference_low", "difference_high")
"""Columns of the mean of a measure, and of its paired difference to the baseline, with intervals."""


class VersionError(KitchenError):
    """The code of a worker differs from that of the process that made the plan."""


# Running


@dataclass(frozen=True)
class _PointResult:
    """Totals of one point in each replication, strategy by strategy."""

    nth: int
    shelves: tuple[str, ...]
    temps: tuple[str, ...]
    totals: records.Totals
    last_ready_s: np.ndarray


class CachedDraws:
    """Draws traces and caches the last one, as neighbouring points often draw the same."""

    def __init__(self, seed: int):
        self.seed = seed
        self.last: tuple[tuple, Trace | None] = ((), None)

    def draw(self, world: Scenario, menu: Menu, start: int, stop: int) -> Trace:
        """The trace of the replications from `start` to before `stop`."""
        wanted = (world.orders, world.arrivals, world.couriers, start, stop)
        drawn_for, trace = self.last  # read in one step, as another thread may replace it
        if trace is None or wanted != drawn_for:
            trace = draw(world, stop - start, self.seed, first=start, menu=menu)
            self.last = wanted, trace
        return trace


def figures(
    plan: Plan,
    points: Sequence[int],
    *,
    threads: int = 1,
    callback: Callable[[int], object] | None = None,
) -> dict:
    """Compute the tables of some points.

    Parameters
    ----------
    plan : Plan
    points : sequence of int
        In rising order.
    threads : int
        Number of threads for each point.
    callback : callable, optional
        Called with the number of replications done since the last call.

    Returns
    -------
    dict of str to pyarrow.Table
        ``frame``: a row a point, strategy and measure; ``errors``: a row a point that failed, with
        the message; ``summaries``, if the plan asks for them: a row a point, strategy and
        replication.

    Raises
    ------
    VersionError
        If this is not the code that made the plan.
    ResourceError
        If there is not enough memory; any other fault of a point is recorded.
    """
    if plan.source != code_digest():
        raise VersionError(
            f"the code of this worker's kitchen {__version__} differs from that of the process that "
            "started the sweep. Install the same version everywhere."
        )
    results, errors, cached = [], {}, CachedDraws(plan.seed)
    for nth in points:
        try:
            results.append(_run_point(plan, nth, cached, threads, callback))
        except ResourceError:
            raise
        except KitchenError as error:
            errors[nth] = str(error)
            if callback:
                callback(len(plan.strategies) * plan.replications)
    return _tables(plan, results, errors)


def _run_point(plan: Plan, nth: int, cached: CachedDraws, threads: int, callback) -> _PointResult:
    """Run the strategies of a point."""
    world, strategies = plan.at(nth)
    menu = plan.menu(world)
    batches = Batches.prepare(
        world,
        strategies,
        trace=plan.trace,
        menu=menu,
        warm_up_s=plan.warm_up_s,
        draws=lambda start, stop: cached.draw(world, menu, start, stop),
    )
    done = batches.run(0, plan.replications, threads=threads, callback=callback)
    shelves = tuple(shelf.name for shelf in world.shelves)
    return _PointResult(nth, shelves, tuple(batches.temps), done.totals, done.last_ready_s)


# From sums to tables


def _tables(plan: Plan, results: list[_PointResult], errors: dict[int, str]) -> dict:
    import pyarrow as pa

    averaged, rows = [], []
    for _, some in groupby(results, lambda one: (one.shelves, one.temps)):
        some = list(some)
        columns = _summed(plan, some)
        averaged.append(_averaged(plan, [one.nth for one in some], columns))
        if plan.summaries:
            rows.append(_replications(plan, [one.nth for one in some], columns))
    failed = pa.table(
        {"point": list(errors), "error": list(errors.values())},
        schema=pa.schema([("point", pa.int64()), ("error", pa.string())]),
    )
    tables = {"frame": pa.concat_tables([_empty(plan), *averaged]), "errors": failed}
    if plan.summaries:
        tables["summaries"] = pa.concat_tables([_empty_rows(plan), *rows])
    return tables


def _summed(plan: Plan, some: list[_PointResult]) -> dict[str, np.ndarray]:
    """The columns of a summary, for several points under each other."""
    totals = records.Totals(*map(np.concatenate, zip(*(one.totals for one in some), strict=True)))
    span_s = np.concatenate([one.last_ready_s for one in some]) - plan.warm_up_s
    temps = some[0].temps if plan.summaries else []
    return frames.summed(totals, span_s, some[0].shelves, temps)


def _averaged(plan: Plan, points: list[int], columns: dict[str, np.ndarray]):
    """Figures of points, and those of the differences to the first strategy."""
    import pyarrow as pa

    measures = measures_in(columns)
    values = np.column_stack([columns[m] for m in measures])
    values = values.reshape(len(points), len(plan.strategies), -1, len(measures))
    means = _figures(values, [holds_shares(measure) for measure in measures])
    paired = _figures(values - values[:, :1], None)[..., : len(PAIRED)]
    paired[:, 0] = 0.0  # the baseline is as good as itself, whatever is known of it
    each = len(plan.strategies) * len(measures)
    names = [strategy.name for strategy in plan.strategies]
    made = _of_points(plan, points, each) | {
        "strategy": np.tile(np.repeat(np.array(names, object), len(measures)), len(points)),
        "measure": np.tile(np.array(measures, object), len(points) * len(names)),
    }
    made |= {key: means[..., i].ravel() for i, key in enumerate(FIGURES)}
    made["replications"] = made["replications"].astype(np.int64)
    made |= {key: paired[..., i].ravel() for i, key in enumerate(PAIRED)}
    return pa.table(made, schema=_empty(plan).schema)


def _figures(values: np.ndarray, shares: list[bool] | None) -> np.ndarray:
    """Mean, low, high and replications; values of shape (points, strategies, replications,
    measures), figures of shape (points, strategies, measures, 4).

    `shares` says which measures stay within 0 and 1; with None, values are differences, which have
    no interval where too few replications differ.
    """
    points, strategies, replications, number = values.shape
    groups = points * strategies
    rows = np.repeat(np.arange(groups), replications)
    values = values.reshape(-1, number)
    mean, low, high, counted = estimates(values, rows, groups, False if shares is None else shares)
    if shares is None:
        few = too_few(counts_differing(values, rows, groups), counted)
        low, high = (np.where(few, np.nan, end) for end in (low, high))
    figures = np.stack([mean, low, high, counted], axis=-1)
    return figures.reshape(points, strategies, number, len(FIGURES))


def _replications(plan: Plan, points: list[int], columns: dict[str, np.ndarray]):
    """A row a point, strategy and replication, with the columns of the scenario itself."""
    import pyarrow as pa

    schema = _empty_rows(plan).schema
    each, names = plan.replications, [strategy.name for strategy in plan.strategies]
    made = _of_points(plan, points, len(names) * each) | {
        "strategy": np.tile(np.repeat(np.array(names, object), each), len(points)),
        "replication": np.tile(_numbers(plan), len(points) * len(names)),
    }
    rows, nothing = len(made["point"]), np.full(len(made["point"]), np.nan)
    made |= {key: columns.get(key, nothing) for key in schema.names if key not in made}
    arrays_ = [
        pa.nulls(rows, field.type)
        if made[field.name] is nothing and pa.types.is_integer(field.type)
        else pa.array(made[field.name], field.type)
        for field in schema
    ]
    return pa.table(arrays_, schema=schema)


def _numbers(plan: Plan) -> np.ndarray:
    """Number of each replication."""
    return np.arange(plan.replications) if plan.trace is None else plan.trace.replications


def _of_points(plan: Plan, points: list[int], each: int) -> dict[str, np.ndarray]:
    """The key and the values of each point, repeated for its rows."""
    made = {"point": np.repeat(np.array(points, np.int64), each)}
    values = [plan.design.values(nth) for nth in points]
    for column, (path, kind) in enumerate(plan.columns.items()):
        own = [row[column] for row in values]
        if kind == "string":
            named = plan.words[path]
            own = [next(word for v, word in named if v is value or v == value) for value in own]
        made[path] = np.repeat(np.array(own, object if kind == "string" else kind), each)
    return made


def _empty(plan: Plan):
    """The frame without rows."""
    import pyarrow as pa

    fields = [
        *_keys(plan),
        ("measure", pa.string()),
        *((key, pa.float64()) for key in FIGURES[:-1]),
        ("replications", pa.int64()),
        *((key, pa.float64()) for key in PAIRED),
    ]
    return pa.schema(fields).empty_table()


def _empty_rows(plan: Plan):
    """The summaries without rows: the shelves and temps are those of the scenario itself."""
    import pyarrow as pa

    if plan.trace is not None:
        menu = plan.trace.menu
    else:
        menu = plan.menus.get(plan.scenario.orders.source) or next(iter(plan.menus.values()))
    temps = temps_of(plan.scenario, menu)
    shelves = [shelf.name for shelf in plan.scenario.shelves]
    none = records.empty_totals(0, len(temps), len(shelves))
    columns = frames.summed(none, np.empty(0), shelves, temps)
    fields = [(key, pa.from_numpy_dtype(column.dtype)) for key, column in columns.items()]
    return pa.schema([*_keys(plan), ("replication", pa.int64()), *fields]).empty_table()


def _keys(plan: Plan) -> list[tuple]:
    import pyarrow as pa

    types = {"int64": pa.int64(), "float64": pa.float64(), "string": pa.string()}
    of_paths = [(path, types[kind]) for path, kind in plan.columns.items()]
    return [("point", pa.int64()), *of_paths, ("strategy", pa.string())]
