"""`sweep`: compare strategies at every point of a design; `Sweep` holds the result.

The points are divided into parts, which an executor runs in any order. With a folder, finished parts
are kept.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event

import pandas as pd

from kitchen.engine.trace import Trace
from kitchen.errors import Cancelled, KitchenError, inline
from kitchen.io.write import folder_of
from kitchen.model.measures import primary_in
from kitchen.model.scenario import Scenario
from kitchen.model.strategy import Strategy
from kitchen.sweeps import executors, points, store
from kitchen.sweeps.designs import Design
from kitchen.sweeps.executors import PartExecutor
from kitchen.sweeps.in_folder import run_in_folder
from kitchen.sweeps.locks import job_of
from kitchen.sweeps.manifest import sweep_spec
from kitchen.sweeps.plan import Plan
from kitchen.sweeps.planning import KEEP, parts_of, plan_of
from kitchen.sweeps.points import FIGURES, PAIRED
from kitchen.utils import html
from kitchen.utils.frames import cached_frame
from kitchen.utils.system import bar, require_memory, thread_count
from kitchen.utils.validation import as_path, check_callback, flag, one_of

log = logging.getLogger("kitchen")

__all__ = ["FIGURES", "KEEP", "PAIRED", "Sweep", "read_sweep", "sweep"]

BYTES_A_ROW = 120
"""Memory for a row of the frame while it is built, in bytes."""


@dataclass(frozen=True, eq=False)
class Sweep:
    """Results of a sweep: paired comparisons of strategies at every point of a design.

    Attributes
    ----------
    name : str
        Name of the scenario that the design varies.
    strategies : list of str
        Names of the strategies; the first is the baseline.
    parameters : list of str
        Paths of the settings that vary: columns of the frame.
    points : int
        Number of points.
    replications, seed : int
    spec : dict
        All that is needed to reproduce the sweep, in values of JSON.
    folder : Path or None
        The folder that holds it, if any.
    """

    name: str
    strategies: list[str]
    parameters: list[str]
    points: int
    replications: int
    seed: int
    spec: dict
    folder: Path | None
    tables: dict | None

    def __repr__(self):
        return (
            f"Sweep({self.points:,} points x {len(self.strategies)} strategies in {self.name!r}, "
            f"{self.replications:,} replications)"
        )

    def _repr_html_(self) -> str:
        if self.tables is None and not store.is_finished(self.folder):
            text = f"{inline(self.folder)}: not finished; merge_sweep joins what all jobs wrote."
            return html.block(html.heading("Sweep", self.name), html.paragraph(text))
        frame = self.frame
        values = {path: frame[path].drop_duplicates() for path in self.parameters}
        rows = [(path, f"{len(result):,}", _listed(result)) for path, result in values.items()]
        text = (
            f"{repr(self).removeprefix('Sweep(').removesuffix(')')}: {', '.join(self.strategies)}"
        )
        failed = f"{len(self.errors):,} points failed: see errors. " if len(self.errors) else ""
        return html.block(
            html.heading("Sweep", self.name),
            html.paragraph(text),
            html.table(["parameter", "values", "which"], rows, "<><"),
            html.note(
                f"{failed}Frames: frame (a row a point, strategy and measure); table(measure)."
            ),
        )

    @cached_frame
    def frame(self) -> pd.DataFrame:
        """Means and paired differences, a row a point, strategy and measure.

        Columns ``point`` (int64, from 0), a parameter each under its path, ``strategy, measure,
        mean, low, high, replications``, and the paired differences to the baseline,
        ``baseline, difference, difference_low, difference_high``, 0 for the baseline itself.
        Numbers stay numbers; a parameter with other values is an ordered categorical of words, in
        the order of the design. A point that failed has no rows.
        """
        frame = self._frame("frame")
        frame["measure"] = _ordered(frame["measure"], list(dict.fromkeys(frame["measure"])))
        baseline = pd.Series([self.strategies[0]] * len(frame), dtype=object)
        frame.insert(
            frame.columns.get_loc(PAIRED[0]), "baseline", _ordered(baseline, self.strategies)
        )
        return frame

    @cached_frame
    def errors(self) -> pd.DataFrame:
        """Points that failed, a row each: ``point, error``."""
        return self._table("errors").to_pandas()

    @cached_frame
    def summaries(self) -> pd.DataFrame:
        """Summaries of all replications: `Run.summary` of every point and strategy, with the point's values.

        Raises
        ------
        KitchenError
            If the sweep was made without keep="summaries".
        """
        if self.spec["keep"] != "summaries":
            raise KitchenError("this sweep kept its means only. Sweep with keep='summaries'.")
        return self._frame("summaries")

    def table(self, measure: str | None = None) -> pd.DataFrame:
        """The rows of `frame` for one measure: a row a point and strategy.

        Without one, of lost revenue where prices differ, else of lost value.

        Raises
        ------
        KitchenError
            If there is no such measure.
        """
        frame = self.frame
        measure = primary_in(frame) if measure is None else measure
        one_of("measure", measure, frame["measure"].cat.categories)
        rows = frame[frame["measure"] == measure]
        return rows.drop(columns="measure").reset_index(drop=True)

    def _table(self, name: str):
        return self.tables[name] if self.tables is not None else store.final(self.folder, name)

    def _frame(self, name: str) -> pd.DataFrame:
        table = self._table(name)
        require_memory(table.num_rows * BYTES_A_ROW, f"the frame of {self.points:,} points")
        frame = table.to_pandas()
        frame["strategy"] = _ordered(frame["strategy"], self.strategies)
        for path in self.parameters:
            if not pd.api.types.is_numeric_dtype(frame[path]):
                frame[path] = _ordered(frame[path], self.spec["words"][path])
        return frame


def sweep(
    scenario: Scenario,
    design: Design | Mapping[str, Iterable] | Iterable[Mapping],
    strategies: Iterable[Strategy | str | Callable],
    *,
    replications: int = 200,
    seed: int = 1,
    trace: Trace | None = None,
    warm_up_s: float = 0.0,
    keep: str = "means",
    out: str | Path | None = None,
    part: str | tuple[int, int] | None = None,
    executor=None,
    workers: int | None = None,
    progress: bool = False,
    callback: Callable[[int], object] | None = None,
) -> Sweep:
    """Compare strategies at every point of a design.

    Parameters
    ----------
    scenario : Scenario
    design : Design, mapping, or list of mappings
        Path -> values is a full grid, whose last path changes fastest. A list of path -> value is a
        list of points, all with the same paths. See `designs` for samples of ranges. Paths are
        those of `Scenario.replace` (``"shelves.overflow.capacity"``), and ``strategy.discard``,
        ``.recall``, ``.demote``, ``.issue``, ``.recall_when`` and ``.discard_from``, which change
        every strategy; a strategy keeps its name then, and the parameter's column has the
        setting.
    strategies : list
        Strategies, names of discard rules, or functions; the first is the baseline.
    replications, seed : int
        The same draws at every point: figures change smoothly with a parameter. Not used with `trace`.
    trace : Trace, optional
        Evenings to replay at every point, as `compare` does. Paths of ``orders``, ``arrivals`` and
        ``couriers`` are refused then: the evenings have their own.
    warm_up_s : float
        As for `simulate`.
    keep : {"means", "summaries"}
        "summaries" keeps the summaries of all replications as well.
    out : path, optional
        A folder for finished points. The same sweep with the same folder runs only the missing
        points; another sweep is refused. Results are not held in memory then.
    part : str or pair, optional
        "3/10" runs the third of ten jobs only, while others write their parts into the same folder;
        `merge_sweep` joins them when all are done, and the frames cannot be read before.
    executor : {"threads", "processes", "serial"}, address, or Executor, optional
        What runs the points: threads by default, the address of a Dask scheduler, a
        ``dask.distributed.Client``, or any ``concurrent.futures.Executor``, as those of loky and
        mpi4py. No result depends on it, to the last bit.
    workers : int, optional
        Number of threads or processes; one a processor if left out.
    progress : bool
        Show a progress bar. After an interruption, finished points stay in the folder, if any.
    callback : callable, optional
        Called with the number of replications done since the last call, from any thread; they sum
        to points x strategies x replications. An exception in it ends the sweep.

    Returns
    -------
    Sweep

    Raises
    ------
    KitchenError
        A subclass for each kind of fault. Every point is checked before the first one runs. A
        point that fails as it runs is recorded in `Sweep.errors` and the others go on; if all
        fail, the first of their faults is raised.

    Notes
    -----
    The figures of a point are those of `compare` for the scenario and strategies of that point,
    exactly. Neighbouring points with the same orders, arrivals and couriers share their draws: put
    paths that change these first in a grid.

    Examples
    --------
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> grid = {"arrivals.rate": [8, 10]}
    >>> swept = kt.sweep(rush, grid, ["discard newcomer", "oldest"], replications=5)
    >>> swept
    Sweep(2 points x 2 strategies in 'rush', 5 replications)
    >>> swept.table("wasted_share")[["arrivals.rate", "strategy"]].values.tolist()
    [[8, 'discard newcomer'], [8, 'oldest'], [10, 'discard newcomer'], [10, 'oldest']]
    """
    folder, progress = None if out is None else folder_of(out), flag("progress", progress)
    job = None if part is None else job_of(part)
    if job is not None and folder is None:
        raise KitchenError("part: needs out=, the folder that all jobs write into.")
    check_callback(callback)
    plan, costs = plan_of(scenario, design, strategies, replications, seed, warm_up_s, keep, trace)
    parts = parts_of(plan, costs)
    spec = sweep_spec(plan, parts)
    with executors.part_executor(executor, workers) as runner:
        alone = len(parts) == 1 and (executor is None or executor == "threads")
        task = _Task(plan, parts, thread_count(workers, "workers") if alone else 1)
        with _bar(plan, progress, callback) as callback:
            if folder is None:
                tables = _in_memory(runner, task, callback)
            else:
                tables = None
                lanes = [_lanes(task, nth) for nth in range(len(parts))]
                run = partial(_done, runner, task, callback=callback)
                run_in_folder(run, lanes, spec, folder, callback, job)
    result = _of(spec, folder, tables)
    if job is None:
        _warn_of_errors(result)
    return result


def read_sweep(path: str | Path) -> Sweep:
    """Read a finished sweep from its folder.

    Raises
    ------
    FileError
        If the folder holds none, or one that is not finished, or a file is damaged.

    Examples
    --------
    >>> import tempfile
    >>> import kitchen as kt
    >>> rush = kt.Scenario.load("rush")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = kt.sweep(rush, {"arrivals.rate": [8, 10]}, ["random"], replications=5, out=folder)
    ...     swept = kt.read_sweep(folder)
    >>> swept.points
    2
    """
    spec = store.manifest(path)
    store.final(path, "errors")
    return _of(spec, as_path(path), None)


def _of(spec: dict, folder: Path | None, tables: dict | None) -> Sweep:
    return Sweep(
        name=spec["scenario"]["name"],
        strategies=[strategy["name"] for strategy in spec["strategies"]],
        parameters=list(spec["paths"]),
        points=spec["points"],
        replications=spec["replications"],
        seed=spec["seed"],
        spec=spec,
        folder=folder,
        tables=tables,
    )


# Running


@dataclass(frozen=True)
class _Task:
    """What each worker needs: the plan, its parts, and the number of threads for each point."""

    plan: Plan
    parts: list[range]
    threads: int


@contextmanager
def _bar(plan: Plan, progress: bool, callback):
    """Yields the progress callback: the given one, a bar, or both."""
    if not progress:
        yield callback
        return
    with bar(len(plan.design), " points", len(plan.strategies) * plan.replications) as shown_:

        def both(done: int) -> None:
            shown_(done)
            if callback is not None:
                callback(done)

        yield both


def _do(task: _Task, part: int, callback=None) -> dict:
    """The tables of a part; run by a worker."""
    return points.figures(task.plan, task.parts[part], threads=task.threads, callback=callback)


def _done(runner: PartExecutor, task: _Task, parts: list[int], callback):
    """Parts as they finish; progress is reported within parts if they run in this process."""
    stopped = Event()

    def report(done: int) -> None:
        if stopped.is_set():
            raise Cancelled
        if callback is not None:
            callback(done)

    work = partial(_do, callback=report) if runner.in_process else _do
    with closing(runner.run(work, task, parts, stopped.set)) as each:
        for part, tables in each:
            if callback is not None and not runner.in_process:
                callback(_lanes(task, part))
            yield part, tables


def _lanes(task: _Task, part: int) -> int:
    return len(task.parts[part]) * len(task.plan.strategies) * task.plan.replications


def _in_memory(runner: PartExecutor, task: _Task, callback) -> dict:
    import pyarrow as pa

    rows = len(task.plan.design) * len(task.plan.strategies) * (8 + len(task.plan.scenario.shelves))
    require_memory(rows * BYTES_A_ROW, f"the frame of {len(task.plan.design):,} points")
    result = dict(_done(runner, task, list(range(len(task.parts))), callback))
    return {
        name: pa.concat_tables([result[part][name] for part in range(len(task.parts))])
        for name in result[0]
    }


def _warn_of_errors(result: Sweep) -> None:
    """Warn that points failed; raise if all of them did."""
    errors = result.errors
    if not len(errors):
        return
    first = f"point {errors['point'].iloc[0]}: {errors['error'].iloc[0]}"
    if len(errors) == result.points:
        raise KitchenError(f"all {result.points:,} points failed; {first}")
    log.warning("%d of %d points failed; %s", len(errors), result.points, first)


# The frame


def _ordered(values: pd.Series, words: list[str]) -> pd.Categorical:
    return pd.Categorical(values.astype(object), words, ordered=True)


def _listed(values: pd.Series) -> str:
    """The first few values, for a short table."""
    texts = [str(value) for value in values.head(6)]
    return ", ".join(texts) + (", ..." if len(values) > 6 else "")
