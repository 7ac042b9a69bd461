"""Strategies side by side at many points: settings of the scenario and of the strategies that vary.

A design says which points there are; `sweep` compares the strategies at each of them, on the same
draws, and returns one long frame with a column a setting.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice, product
from typing import NamedTuple

import numpy as np
import pandas as pd

from kitchen import markup
from kitchen.compare import DECIDING, ORDERS_AT_ONCE
from kitchen.errors import KitchenError, ScenarioError, StrategyError, shown, unknown
from kitchen.intervals import measures_in, with_intervals
from kitchen.orders import Menu
from kitchen.resources import require_memory, thread_count
from kitchen.rules import DECISIONS, NO_RULE, Rule, find_rule
from kitchen.run import BYTES_A_LANE, simulate
from kitchen.scenario import Scenario
from kitchen.seeds import check_seed
from kitchen.strategies import Strategy, as_strategies
from kitchen.trace import draw, menu_of, orders_per_replication, whole
from kitchen.world import refuse_contradictions, temps_of

MOST_POINTS = 10**7
"""A design of more points is refused before it is built."""

OF_STRATEGY = "strategy."
"""How the path of a strategy's setting begins."""

SETTINGS = (*DECISIONS, "recall_when", "discard_from")
"""What can vary of a strategy."""

FIGURES = ("mean", "low", "high", "replications")
PAIRED = ("difference", "difference_low", "difference_high")

ROWS_AT_ONCE = 100_000
"""Replications, of all points and strategies together, that are averaged in one go."""

BYTES_A_ROW = 120
"""Of the frame, with what it takes to build it."""


@dataclass(frozen=True, eq=False)
class Sweep:
    """What several strategies made of the same orders, point by point.

    Attributes
    ----------
    scenario : Scenario
        Before anything was changed.
    strategies : list of Strategy
        Before anything was changed; the first is the baseline.
    parameters : list of str
        Paths of the settings that vary: columns of the frame.
    frame : DataFrame
        A row a point, strategy and measure: ``point`` (int64, from 0), a column a parameter under
        its path, ``strategy, measure, mean, low, high, replications``, and beside them the paired
        differences to the baseline, ``baseline, difference, difference_low, difference_high``, 0
        for the baseline itself. Numbers stay numbers; a parameter of any other values is an ordered
        categorical of words, in the order in which they came.
    replications, seed : int
    """

    scenario: Scenario
    strategies: list[Strategy]
    parameters: list[str]
    frame: pd.DataFrame
    replications: int
    seed: int

    def __repr__(self):
        return (
            f"Sweep({self.points:,} points x {len(self.strategies)} strategies in "
            f"{self.scenario.name!r}, {self.replications:,} replications)"
        )

    def _repr_html_(self) -> str:
        values = {path: self.frame[path].drop_duplicates() for path in self.parameters}
        rows = [(path, f"{len(found):,}", _listed(found)) for path, found in values.items()]
        names = ", ".join(strategy.name for strategy in self.strategies)
        return markup.block(
            markup.heading("Sweep", self.scenario.name),
            markup.paragraph(f"{repr(self).removeprefix('Sweep(').removesuffix(')')}: {names}"),
            markup.table(["parameter", "values", "which"], rows, "<><"),
            markup.note("Frames: frame (a row a point, strategy and measure); table(measure)."),
        )

    @property
    def points(self) -> int:
        """How many points there are."""
        return int(self.frame["point"].iloc[-1]) + 1

    def table(self, measure: str = DECIDING) -> pd.DataFrame:
        """The rows of one measure: a row a point and strategy.

        Raises
        ------
        KitchenError
            If there is no such measure.
        """
        measures = self.frame["measure"].cat.categories
        if measure not in measures:
            raise KitchenError(unknown("measure", measure, measures))
        rows = self.frame[self.frame["measure"] == measure]
        return rows.drop(columns="measure").reset_index(drop=True)


def sweep(
    scenario: Scenario,
    design: Mapping[str, Iterable] | Iterable[Mapping],
    strategies,
    *,
    replications: int = 200,
    seed: int = 0,
    threads: int | None = None,
    advance: Callable[[int], object] | None = None,
) -> Sweep:
    """Compare strategies at every point of a design.

    Parameters
    ----------
    scenario : Scenario
    design : mapping, or list of mappings
        Path -> values is a full grid, whose last path changes fastest. A list of path -> value is a
        list of points, all with the same paths. Paths are those of `Scenario.replace`
        (``"shelves.overflow.capacity"``), and ``strategy.discard``, ``.recall``, ``.demote``,
        ``.issue``, ``.recall_when`` and ``.discard_from``, which change every strategy; a strategy
        keeps its name then, and the parameter's column tells what it was set to.
    strategies : list
        Strategies, names of discard rules, or functions; the first is the baseline.
    replications, seed : int
        The same draws at every point: figures change smoothly with a parameter.
    threads : int, optional
        One a processor if left out. No result depends on it.
    advance : callable, optional
        Told how many replications are done, now and then, from any thread; in all it is told
        points x strategies x replications. What it raises ends the sweep.

    Returns
    -------
    Sweep

    Raises
    ------
    KitchenError
        A subclass for each kind of fault. Every point is checked before the first one runs.

    Notes
    -----
    The figures of a point are those of `compare` for the scenario and strategies of that point,
    exactly. They are averaged for many points at once, which is most of what `compare` takes for a
    few replications.
    """
    if not isinstance(scenario, Scenario):
        raise ScenarioError(
            f"scenario: must be a Scenario, got {shown(scenario)}. Load one with Scenario.load."
        )
    strategies = as_strategies(strategies)
    replications = whole("replications", replications, at_least=1)
    seed, threads = check_seed(seed), thread_count(threads)
    points = _points(design)
    lanes = len(strategies) * replications
    require_memory(lanes * BYTES_A_LANE * threads, f"{lanes:,} replications a point")
    rows = len(points.rows) * len(strategies) * (8 + len(scenario.shelves))
    require_memory(rows * BYTES_A_ROW, f"the frame of {len(points.rows):,} points")
    menus = _checked(points, scenario, strategies)
    within = max(1, threads // len(points.rows))  # few points: also threads inside of each

    def values(nth: int) -> _Values:
        world, changed = points.at(nth, scenario, strategies)
        menu = menus[world.orders.file]
        try:
            return _met(world, changed, menu, replications, seed, within, advance)
        except KitchenError as error:
            raise type(error)(f"{points.told(nth)}: {error}") from error

    size = max(ROWS_AT_ONCE // lanes, 4 * threads)
    parts: list[_Part] = []
    for batch in _in_batches(values, len(points.rows), size, threads):
        parts += _averaged(batch, len(strategies))
    frame = _frame(points, strategies, parts)
    return Sweep(scenario, strategies, list(points.paths), frame, replications, seed)


# The design


class _Points(NamedTuple):
    """The paths that vary, and the value of each at every point."""

    paths: list[str]
    rows: Sequence[tuple]

    def at(self, nth: int, scenario: Scenario, strategies: list[Strategy]):
        """The scenario and the strategies of a point.

        Raises
        ------
        ScenarioError, StrategyError
        """
        changes = dict(zip(self.paths, self.rows[nth], strict=True))
        settings = {p: changes.pop(p) for p in self.paths if p.startswith(OF_STRATEGY)}
        world = scenario.replace(changes) if changes else scenario
        if settings:
            settings = {p.removeprefix(OF_STRATEGY): value for p, value in settings.items()}
            strategies = [_changed(strategy, settings) for strategy in strategies]
        return world, strategies

    def told(self, nth: int) -> str:
        """A point in words, for messages."""
        pairs = zip(self.paths, self.rows[nth], strict=True)
        set_to = ", ".join(f"{path} = {_told(value)}" for path, value in pairs)
        return f"point {nth} ({set_to})" if set_to else f"point {nth}"

    def columns(self) -> dict[str, pd.Series]:
        """The values of each path, a row a point: numbers, or ordered words."""
        by_path = zip(*self.rows, strict=True) if self.paths else ()
        return {p: _column(p, list(v)) for p, v in zip(self.paths, by_path, strict=True)}


def _points(design) -> _Points:
    """The design, checked for all that can be told without the scenario; nothing large is built
    before its size is known."""
    if isinstance(design, Mapping):
        listed = {str(path): _listed_values(path, values) for path, values in design.items()}
        number = math.prod(map(len, listed.values()))
        _refuse_size(number)
        return _Points(list(listed), list(product(*listed.values())))
    good = isinstance(design, Iterable) and not isinstance(design, (str, bytes))
    rows = list(islice(design, MOST_POINTS + 1)) if good else []
    if not good or not all(isinstance(row, Mapping) for row in rows):
        wrong = next((row for row in rows if not isinstance(row, Mapping)), design)
        raise KitchenError(
            "design: must be a table of paths and their values, or a list of tables of paths and a "
            f"value, got {shown(wrong)}."
        )
    if not rows:
        raise KitchenError("design: has no points. Give at least one.")
    _refuse_size(len(design) if hasattr(design, "__len__") else len(rows))
    paths = list(rows[0])
    for nth, row in enumerate(rows):
        odd = sorted(map(str, row.keys() ^ set(paths)))
        if odd:
            where = "has" if odd[0] in map(str, row) else "lacks"
            raise KitchenError(
                f"design: point {nth} {where} {odd[0]!r}, unlike point 0. All must have the same "
                "paths."
            )
    known: dict[str, dict] = {str(path): {} for path in paths}
    return _Points(
        list(known),
        [tuple(_value(str(path), row[path], known[str(path)]) for path in paths) for row in rows],
    )


def _listed_values(path, values) -> list:
    """The values of a path of a grid, in their order."""
    ordered = isinstance(values, Iterable) and not isinstance(values, (str, bytes, Mapping, set))
    if not ordered:
        raise KitchenError(
            f"{path}: must have a list of values, got {shown(values)}. A single one goes in a list: "
            f"[{shown(values)}]."
        )
    if hasattr(values, "__len__"):
        _refuse_size(len(values), path)
    found = list(islice(values, MOST_POINTS + 1))
    _refuse_size(len(found), path)
    known: dict = {}
    return [_value(str(path), value, known) for value in found]


def _refuse_size(number: int, path=None) -> None:
    if number < 1:
        raise KitchenError(f"{path or 'design'}: has no values. Give at least one.")
    if number > MOST_POINTS:
        raise KitchenError(
            f"{path or 'design'}: has {number:,} points, and at most {MOST_POINTS:,} will do. "
            "Leave out values, or give a list of points."
        )


def _value(path: str, value, known: dict):
    """A value as a scenario takes it; a rule is looked up once, so that it is compiled once."""
    if isinstance(value, np.generic):
        value = value.item()
    decision = path.removeprefix(OF_STRATEGY)
    if not path.startswith(OF_STRATEGY):
        return value
    if decision not in SETTINGS:
        raise StrategyError(unknown("path", path, [OF_STRATEGY + setting for setting in SETTINGS]))
    if decision not in DECISIONS or isinstance(value, Rule):
        return value
    key = value if isinstance(value, str) or callable(value) else repr(value)
    if key not in known:
        known[key] = find_rule(decision, value)
    return _NO_RULE[decision] if known[key] is None else known[key]


_NO_RULE = {decision: told[0] for decision, told in NO_RULE.items()}


def _changed(strategy: Strategy, settings: dict) -> Strategy:
    """The strategy with other settings, under the same name."""
    kept = {setting: getattr(strategy, setting) for setting in SETTINGS}
    return Strategy(**{**kept, **settings}, name=strategy.name)


def _checked(points: _Points, scenario: Scenario, strategies) -> dict[str | None, Menu]:
    """The menus that points draw from, by their files; every fault of any point is told here."""
    menus: dict[str | None, Menu] = {}
    for nth in range(len(points.rows)):
        world, changed = points.at(nth, scenario, strategies)
        file = world.orders.file
        if file not in menus:
            menus[file] = menu_of(world)
        temps_of(world, menus[file])
        for strategy in changed:
            refuse_contradictions(world, strategy)
    return menus


def _column(path: str, values: list) -> pd.Series:
    """The values of a parameter: whole numbers, numbers, or ordered words."""
    kinds = {type(value) for value in values}
    if kinds <= {int} and all(abs(value) < 2**63 for value in values):
        return pd.Series(values, dtype=np.int64, name=path)
    if kinds <= {int, float}:
        return pd.Series(values, dtype=float, name=path)
    words = _words(values)
    order = list(dict.fromkeys(words))
    return pd.Series(pd.Categorical(words, order, ordered=True), name=path)


def _words(values: list) -> list[str]:
    """Each value in words; values that differ have different words."""
    same: dict[str, list] = {}
    words = []
    for value in values:
        told = _told(value)
        others = same.setdefault(told, [])
        nth = next((i for i, other in enumerate(others) if other is value or other == value), None)
        if nth is None:
            nth = len(others)
            others.append(value)
        words.append(f"{told} ({nth + 1})" if nth else told)
    return words


def _told(value) -> str:
    """A value in words: a rule and a function by their names."""
    if isinstance(value, Rule):
        return f"{value.name} {list(value.params)}" if value.params else value.name
    if isinstance(value, str):
        return value
    if callable(value):
        return str(getattr(value, "__name__", value))
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_told(inner)}" for key, inner in value.items())
    return str(value).lower() if value is None or isinstance(value, bool) else str(value)


def _listed(values: pd.Series) -> str:
    """Some values, for a table that must stay short."""
    told = [str(value) for value in values.head(6)]
    return ", ".join(told) + (", ..." if len(values) > 6 else "")


# Running


class _Values(NamedTuple):
    """The measures of a point in each replication, strategy by strategy."""

    measures: tuple[str, ...]
    values: np.ndarray  # shape (strategies x replications, measures)


class _Part(NamedTuple):
    """The figures of points that have the same measures."""

    measures: tuple[str, ...]
    figures: np.ndarray  # shape (points, strategies, measures, 4)
    paired: np.ndarray  # shape (points, strategies, measures, 3)


def _met(world, strategies, menu, replications, seed, threads, advance) -> _Values:
    """Let the strategies of a point meet its orders."""
    each = orders_per_replication(world, menu)
    size = max(1, int(ORDERS_AT_ONCE / max(each, 1)))
    parts: list[list[np.ndarray]] = [[] for _ in strategies]
    measures: tuple[str, ...] = ()
    for first in range(0, replications, size):
        trace = draw(world, min(size, replications - first), seed, first=first, menu=menu)
        for strategy, found in zip(strategies, parts, strict=True):
            run = simulate(
                world, strategy, trace=trace, keep="summary", threads=threads, advance=advance
            )
            summary = run.summary
            measures = measures or tuple(measures_in(summary))
            # column by column: a frame of some columns would take half as long as the run
            found.append(np.column_stack([summary[m].to_numpy(float) for m in measures]))
    return _Values(measures, np.concatenate([one for found in parts for one in found]))


def _in_batches(work: Callable, number: int, size: int, threads: int) -> Iterator[list]:
    """Results of ``work(0)``, ``work(1)`` and so on, `size` at a time; the first fault ends it."""
    threads = min(threads, number)
    pool = ThreadPoolExecutor(threads) if threads > 1 else None
    try:
        for first in range(0, number, size):
            some = range(first, min(first + size, number))
            yield list(pool.map(work, some) if pool else map(work, some))
    finally:
        if pool:
            pool.shutdown(wait=True, cancel_futures=True)


def _averaged(batch: list[_Values], strategies: int) -> Iterator[_Part]:
    """Figures of a batch, and those of the differences to the first strategy."""
    first = 0
    while first < len(batch):
        measures = batch[first].measures
        last = next(
            (n for n in range(first, len(batch)) if batch[n].measures != measures), len(batch)
        )
        values = np.stack([point.values for point in batch[first:last]])
        first = last
        shape = (len(values), strategies, -1, len(measures))
        by_strategy = values.reshape(shape)
        paired = _figures(by_strategy - by_strategy[:, :1], measures)[..., :3]
        paired[:, 0] = 0.0  # the baseline is as good as itself, whatever is known of it
        yield _Part(measures, _figures(by_strategy, measures), paired)


def _figures(values: np.ndarray, measures: tuple[str, ...]) -> np.ndarray:
    """Mean, low, high and replications; values of shape (points, strategies, replications,
    measures), figures of shape (points, strategies, measures, 4)."""
    points, strategies, replications, number = values.shape
    groups = np.arange(points * strategies)
    rows = pd.Categorical.from_codes(np.repeat(groups, replications), groups)
    table = with_intervals(
        pd.DataFrame(values.reshape(-1, number), columns=list(measures)), rows, "measure", measures
    )
    return table[list(FIGURES)].to_numpy(float).reshape(points, strategies, number, len(FIGURES))


# The frame


def _frame(points: _Points, strategies: list[Strategy], parts: list[_Part]) -> pd.DataFrame:
    """All figures under each other: point by point, strategy by strategy."""
    names = [strategy.name for strategy in strategies]
    measures = list(dict.fromkeys(measure for part in parts for measure in part.measures))
    codes, of_point, of_strategy = [], [], []
    first = 0
    for part in parts:
        number = len(part.figures)
        own = [measures.index(measure) for measure in part.measures]
        nth = np.arange(first, first + number)
        of_point.append(np.repeat(nth, len(names) * len(own)))
        of_strategy.append(np.tile(np.repeat(np.arange(len(names)), len(own)), number))
        codes.append(np.tile(own, number * len(names)))
        first += number
    point = np.concatenate(of_point)
    columns: dict[str, object] = {"point": point}
    for path, column in points.columns().items():
        columns[path] = column.array.take(point)
    columns["strategy"] = pd.Categorical.from_codes(
        np.concatenate(of_strategy), names, ordered=True
    )
    columns["measure"] = pd.Categorical.from_codes(np.concatenate(codes), measures, ordered=True)
    figures = np.concatenate([part.figures.reshape(-1, len(FIGURES)) for part in parts])
    columns |= {key: figures[:, i] for i, key in enumerate(FIGURES)}
    columns["replications"] = figures[:, -1].astype(np.int64)
    columns["baseline"] = pd.Categorical.from_codes(np.zeros(len(point), int), names, ordered=True)
    paired = np.concatenate([part.paired.reshape(-1, len(PAIRED)) for part in parts])
    columns |= {key: paired[:, i] for i, key in enumerate(PAIRED)}
    return pd.DataFrame(columns)
