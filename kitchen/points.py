"""What a sweep does at its points: a plan and some of its points in, tables of figures out.

Pure, and the same wherever it runs: in a thread, in another process, on another machine.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from itertools import groupby
from pathlib import Path

import numpy as np

from kitchen import arrays, frames
from kitchen.designs import POINTS, Design
from kitchen.errors import KitchenError, ResourceError, StrategyError, unknown
from kitchen.intervals import estimates, measures_in
from kitchen.orders import Menu
from kitchen.ranges import OF_STRATEGY, Between, Range, Steps, as_array, told
from kitchen.rules import DECISIONS, NO_RULE
from kitchen.run import ORDERS_A_BATCH, Lanes, cuts, in_threads, last_ready
from kitchen.scenario import Scenario
from kitchen.strategies import Strategy
from kitchen.trace import Trace, draw, orders_per_replication
from kitchen.world import build_orders, temps_of

SETTINGS = (*DECISIONS, "recall_when", "discard_from")
"""What can vary of a strategy."""

FIGURES = ("mean", "low", "high", "replications")
PAIRED = ("difference", "difference_low", "difference_high")

DECIDE = (
    "arrays", "checks", "compiling", "decay", "designs", "distributions", "engine", "frames",
    "intervals", "orders", "points", "ranges", "reading", "rules", "run", "scenario", "seeds",
    "strategies", "trace", "world",
)  # fmt: skip
"""Files of the package on which figures depend."""


class VersionError(KitchenError):
    """A worker has another version of the package."""


@dataclass(frozen=True)
class Plan:
    """All that the points of a sweep have in common.

    Attributes
    ----------
    scenario : Scenario
    design : Design
    strategies : list of Strategy
    menus : dict of (str or None) to Menu
        By the file that a scenario names, so that nobody has to read one again.
    replications, seed : int
    warm_up_s : float
    summaries : bool
        Whether a row a replication is asked for as well.
    source : str
        What `source` says where the plan was made.
    """

    scenario: Scenario
    design: Design
    strategies: list[Strategy]
    menus: dict[str | None, Menu]
    replications: int
    seed: int
    warm_up_s: float
    summaries: bool
    source: str

    def at(self, nth: int) -> tuple[Scenario, list[Strategy]]:
        """The scenario and the strategies of a point.

        Raises
        ------
        ScenarioError, StrategyError, RuleError
        """
        changes = self.design[nth]
        settings = {p: changes.pop(p) for p in self.design.paths if p.startswith(OF_STRATEGY)}
        world = self.scenario.replace(changes) if changes else self.scenario
        if not settings:
            return world, self.strategies
        settings = {p.removeprefix(OF_STRATEGY): value for p, value in settings.items()}
        return world, [_changed(strategy, settings) for strategy in self.strategies]

    def told(self, nth: int) -> str:
        """A point in words, for messages."""
        changes = self.design[nth]
        set_to = ", ".join(f"{path} = {told(value)}" for path, value in changes.items())
        return f"point {nth} ({set_to})" if set_to else f"point {nth}"

    @cached_property
    def columns(self) -> dict[str, str]:
        """The type of each path's column: "int64", "float64", or "string" for words."""
        kinds = {np.dtype(np.int64): "int64", np.dtype(float): "float64"}
        return {
            path: kinds.get(as_array(values).dtype, "string")
            for path, values in self._values.items()
        }

    @cached_property
    def words(self) -> dict[str, list[tuple[object, str]]]:
        """Of each path of words its values, each once, and what they are called in the frame.

        Values that differ have different names: a function that is called as another one gets a
        number.
        """
        words = (path for path, kind in self.columns.items() if kind == "string")
        return {path: _named(path, self._values[path]) for path in words}

    @cached_property
    def _values(self) -> dict[str, list]:
        """Of each path the values from which the type of its column can be told."""
        design = self.design
        if design.kind == POINTS:
            return {path: [row[i] for row in design.rows] for i, path in enumerate(design.names)}
        return {path: _examples(part) for path, part in design.parts}


def _examples(part: Range) -> list:
    """Values of a range: all choices; of numbers, one of their kind."""
    if isinstance(part, Between):
        return [float(part.low)]
    return [part.values[0]] if isinstance(part, Steps) else list(part.values)


def _named(path: str, values: list) -> list[tuple[object, str]]:
    decision = path.removeprefix(OF_STRATEGY) if path.startswith(OF_STRATEGY) else None
    nobody = NO_RULE.get(decision, ("null",))[0]
    found: list[tuple[object, str]] = []
    for value in values:
        if any(other is value or other == value for other, _ in found):
            continue
        word = nobody if value is None else told(value)
        taken, nth, whole = {other for _, other in found}, 1, word
        while whole in taken:
            nth += 1
            whole = f"{word} ({nth})"
        found.append((value, whole))
    return found


def _changed(strategy: Strategy, settings: dict) -> Strategy:
    """The strategy with other settings, under the same name."""
    for key in settings:
        if key not in SETTINGS:
            known = [OF_STRATEGY + setting for setting in SETTINGS]
            raise StrategyError(unknown("path", OF_STRATEGY + key, known))
    kept = {setting: getattr(strategy, setting) for setting in SETTINGS}
    return Strategy(**{**kept, **settings}, name=strategy.name)


@cache
def source() -> str:
    """A digest of the code on which figures depend."""
    folder, digest = Path(__file__).parent, sha256()
    for name in DECIDE:
        digest.update((folder / f"{name}.py").read_bytes())
    return digest.hexdigest()


# Running


@dataclass(frozen=True)
class _Met:
    """What a point comes to in each replication, strategy by strategy."""

    nth: int
    shelves: tuple[str, ...]
    temps: tuple[str, ...]
    totals: arrays.Totals
    last_ready_s: np.ndarray


class Alike:
    """Draws, the last of which is kept: points beside each other often draw the same."""

    def __init__(self, seed: int):
        self.seed = seed
        self.last: tuple[tuple, Trace | None] = ((), None)

    def draw(self, world: Scenario, menu: Menu, start: int, stop: int) -> Trace:
        """The trace of the replications from `start` to before `stop`."""
        wanted = (world.orders, world.arrivals, world.couriers, start, stop)
        drawn_for, trace = self.last  # may be another thread's by now; it is whole in any case
        if trace is None or wanted != drawn_for:
            trace = draw(world, stop - start, self.seed, first=start, menu=menu)
            self.last = wanted, trace
        return trace


def figures(
    plan: Plan,
    points: Sequence[int],
    *,
    threads: int = 1,
    advance: Callable[[int], object] | None = None,
) -> dict:
    """The tables of some points.

    Parameters
    ----------
    plan : Plan
    points : sequence of int
        In rising order.
    threads : int
        Inside of a point.
    advance : callable, optional
        Told how many replications are done, now and then.

    Returns
    -------
    dict of str to pyarrow.Table
        ``frame``: a row a point, strategy and measure; ``errors``: a row a point that failed, with
        what was wrong; ``summaries``, if the plan asks for them: a row a point, strategy and
        replication.

    Raises
    ------
    VersionError
        If this is not the code that the plan was made with.
    ResourceError
        If memory does not do here; any other fault of a point is recorded.
    """
    if plan.source != source():
        raise VersionError(
            f"this worker's kitchen {sys.modules['kitchen'].__version__} is not the one that asks: its "
            "code differs. Install the same version everywhere."
        )
    met, errors, alike = [], {}, Alike(plan.seed)
    for nth in points:
        try:
            met.append(_meet(plan, nth, alike, threads, advance))
        except ResourceError:
            raise
        except KitchenError as error:
            errors[nth] = str(error)
            if advance:
                advance(len(plan.strategies) * plan.replications)
    return _tables(plan, met, errors)


def _meet(plan: Plan, nth: int, alike: Alike, threads: int, advance) -> _Met:
    """Let the strategies of a point meet its orders."""
    world, strategies = plan.at(nth)
    menu, replications = plan.menus[world.orders.file], plan.replications
    temps, shelves = temps_of(world, menu), tuple(shelf.name for shelf in world.shelves)
    residual = world.couriers.delay.residual()
    lanes = [
        Lanes.of(world, strategy, menu, residual, temps, plan.warm_up_s) for strategy in strategies
    ]
    totals = arrays.empty_totals(len(lanes) * replications, len(temps), len(shelves))
    last_ready_s = np.empty(len(lanes) * replications)
    nothing = arrays.empty_ledger([])

    def batch(start: int, stop: int) -> None:
        trace = alike.draw(world, menu, start, stop)
        ready_s = last_ready(trace, 0, stop - start)
        for place, some in enumerate(lanes):
            rows = slice(place * replications + start, place * replications + stop)
            orders = build_orders(world, some.strategy, trace)
            last_ready_s[rows] = ready_s
            mine = arrays.Totals(*(column[rows] for column in totals))
            some.run(trace, orders, (0, stop - start), mine, nothing)
            if advance:
                advance(stop - start)

    expected = orders_per_replication(world, menu)
    in_threads(batch, cuts(replications, expected / ORDERS_A_BATCH["drawn"], threads), threads)
    return _Met(nth, shelves, tuple(temps), totals, last_ready_s)


# From sums to tables


def _tables(plan: Plan, met: list[_Met], errors: dict[int, str]) -> dict:
    import pyarrow as pa

    averaged, rows = [], []
    for _, some in groupby(met, lambda one: (one.shelves, one.temps)):
        some = list(some)
        columns = _summed(plan, some)
        averaged.append(_averaged(plan, [one.nth for one in some], columns))
        if plan.summaries:
            rows.append(_replications(plan, [one.nth for one in some], columns))
    told = pa.table(
        {"point": list(errors), "error": list(errors.values())},
        schema=pa.schema([("point", pa.int64()), ("error", pa.string())]),
    )
    tables = {"frame": pa.concat_tables([_empty(plan), *averaged]), "errors": told}
    if plan.summaries:
        tables["summaries"] = pa.concat_tables([_empty_rows(plan), *rows])
    return tables


def _summed(plan: Plan, some: list[_Met]) -> dict[str, np.ndarray]:
    """The columns of a summary, for several points under each other."""
    totals = arrays.Totals(*map(np.concatenate, zip(*(one.totals for one in some), strict=True)))
    span_s = np.concatenate([one.last_ready_s for one in some]) - plan.warm_up_s
    temps = some[0].temps if plan.summaries else []
    return frames.summed(totals, span_s, some[0].shelves, temps)


def _averaged(plan: Plan, points: list[int], columns: dict[str, np.ndarray]):
    """Figures of points, and those of the differences to the first strategy."""
    import pyarrow as pa

    measures = measures_in(columns)
    values = np.column_stack([columns[m] for m in measures])
    values = values.reshape(len(points), len(plan.strategies), -1, len(measures))
    means = _figures(values)
    paired = _figures(values - values[:, :1])[..., : len(PAIRED)]
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


def _figures(values: np.ndarray) -> np.ndarray:
    """Mean, low, high and replications; values of shape (points, strategies, replications,
    measures), figures of shape (points, strategies, measures, 4)."""
    points, strategies, replications, number = values.shape
    groups = points * strategies
    rows = np.repeat(np.arange(groups), replications)
    mean, half, counted = estimates(values.reshape(-1, number), rows, groups)
    figures = np.stack([mean, mean - half, mean + half, counted], axis=-1)
    return figures.reshape(points, strategies, number, len(FIGURES))


def _replications(plan: Plan, points: list[int], columns: dict[str, np.ndarray]):
    """A row a point, strategy and replication, with the columns that the first world has."""
    import pyarrow as pa

    schema = _empty_rows(plan).schema
    each, names = plan.replications, [strategy.name for strategy in plan.strategies]
    made = _of_points(plan, points, len(names) * each) | {
        "strategy": np.tile(np.repeat(np.array(names, object), each), len(points)),
        "replication": np.tile(np.arange(each), len(points) * len(names)),
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

    menu = plan.menus.get(plan.scenario.orders.file) or next(iter(plan.menus.values()))
    temps = temps_of(plan.scenario, menu)
    shelves = [shelf.name for shelf in plan.scenario.shelves]
    none = arrays.empty_totals(0, len(temps), len(shelves))
    columns = frames.summed(none, np.empty(0), shelves, temps)
    fields = [(key, pa.from_numpy_dtype(column.dtype)) for key, column in columns.items()]
    return pa.schema([*_keys(plan), ("replication", pa.int64()), *fields]).empty_table()


def _keys(plan: Plan) -> list[tuple]:
    import pyarrow as pa

    types = {"int64": pa.int64(), "float64": pa.float64(), "string": pa.string()}
    of_paths = [(path, types[kind]) for path, kind in plan.columns.items()]
    return [("point", pa.int64()), *of_paths, ("strategy", pa.string())]
