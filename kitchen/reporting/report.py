"""The waste report: one self-contained HTML page, its tables as CSV, and a manifest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from kitchen.advice.changes import COMBINATION
from kitchen.advice.levers import Levers, halves, levers
from kitchen.comparison.comparison import Comparison, compare
from kitchen.engine.encode import misspelt_temps, temps_of
from kitchen.engine.source import Source
from kitchen.engine.trace import Trace
from kitchen.io.outputs import MANIFEST, output_folder, refuse_overwriting, with_schemas
from kitchen.io.table_schema import write_csv
from kitchen.io.write import write_json, write_text
from kitchen.model.rules import BUILT_IN
from kitchen.model.scenario import Scenario, require_scenario
from kitchen.model.strategy import Strategy, as_strategies, as_strategy
from kitchen.reporting import front_page, provenance
from kitchen.reporting.chapters import chapters, finished
from kitchen.reporting.headline import standout, twins
from kitchen.reporting.learned import shipped_strategy
from kitchen.reporting.page import page
from kitchen.reporting.parting_section import find_parting
from kitchen.reporting.pictures import file_of, pictures_of
from kitchen.simulation import metrics
from kitchen.simulation.simulate import Run, simulate
from kitchen.utils.formatting import nice_step
from kitchen.utils.validation import instance, whole

TODAY = "discard newcomer"
"""Today's practice where no strategies are given."""

BOUNDED = ((300, 20), (3_000, 4))
"""Largest number of orders in a replication, and for how many replications the clairvoyant bound is then
computed: a linear programme of 1,000 orders takes a second or two."""

BOUNDED_POOLED = ((200, 20),)
"""The same where couriers are a pool."""

DETAILED, MOST_DETAILED_ORDERS = 20, 1_000_000
"""Largest numbers of replications and orders in the figures over time."""

TICKS = 400
"""Largest number of ticks in a figure over time; there are at least half as many."""

TABLES = (
    *("levers", "ranking", "paired", "pairs", "regret", "waste_by_cause", "waste_by_temp"),
    *("value_split", "revenue_split", "parting", "shelves", "value", "paths"),
)
"""Tables that a report may have, beside those of studies; a CSV file each."""


def report(
    scenario: Scenario,
    strategies: Iterable[Strategy | str | Callable] | None = None,
    *,
    measure: str | None = None,
    learned: Strategy | None = None,
    replications: int = 200,
    seed: int = 1,
    trace: Trace | None = None,
    notes: Sequence[str] = (),
    out: str | Path = "out",
    threads: int | None = None,
    callback: Callable[[int], object] | None = None,
    command: str | None = None,
    studies=(),
    force: bool = False,
) -> Path:
    """Compare strategies, rank what would help, and write a self-contained report.

    Writes ``report.html`` (one file, no network needed), the CSV file behind each table and picture,
    and ``manifest.json`` (scenario, strategies, seed, versions, checksums of the files).

    Parameters
    ----------
    scenario : Scenario
    strategies : list, optional
        As for `compare`; the first is today's practice. If left out: ``discard newcomer``, the other
        shipped discard rules, and the best combination of all shipped rules.
    measure : str, optional
        The measure that ranks strategies and levers; by default lost revenue where prices differ,
        else lost value.
    learned : Strategy, optional
        A learned strategy, which is compared with the others, too; by default the one that ships
        with the scenario, if there is one.
    replications, seed : int
        Not used with `trace`.
    trace : Trace, optional
        Evenings to replay in place of draws, for instance of a log. As in `levers`, every second one
        chooses the best combination, and the figures are those of the others.
    notes : list of str
        Sentences on the orders, for the page: which evenings these are, what was repaired.
    out : path
        A folder; made if it does not exist. Kitchen's own files of the same names are replaced.
    threads : int, optional
    callback : callable, optional
        Called with the number of replications that were just done.
    command : str, optional
        The command line of the report, which the page repeats.
    studies : list, optional
        Finished sweeps and results of `sensitivity` and `size`. Each has a section after the
        comparison, and a table in the same folder (``sweep_1.csv`` and so on).
    force : bool
        Replace files of the same names that are not as kitchen wrote them, too. The menu of the
        scenario is never replaced.

    Returns
    -------
    Path
        Path of ``report.html``.

    Raises
    ------
    KitchenError
        A subclass for each kind of fault; no file is changed.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = report(Scenario.load("rush"), ["random", "oldest"], replications=2, out=folder)
    ...     path.name, len(list(path.parent.glob("*.csv")))
    ('report.html', 11)
    """
    require_scenario(scenario)
    given = None if strategies is None else as_strategies(strategies)
    learned = shipped_strategy(scenario) if learned is None else as_strategy(learned)
    studies = finished(studies)
    replications = whole("replications", replications, at_least=1)
    reads = [scenario.orders.file]
    names = ["report.html", MANIFEST, *with_schemas(f"{name}.csv" for name in TABLES)]
    if trace is not None:
        instance("trace", trace, Trace, "Make one with Trace.from_frame.")
    notes = instance("notes", list(notes) if isinstance(notes, tuple) else notes, list)
    notes = [instance(f"notes[{nth}]", note, str) for nth, note in enumerate(notes)]
    options = {"replications": replications, "seed": seed, "threads": threads, "callback": callback}
    source = Source(scenario, seed, halves(trace)[0])
    with output_folder(out, names, reads=reads, force=force) as folder:
        more = chapters(studies, scenario)
        theirs = with_schemas(f"{name}.csv" for chapter in more for name in chapter.frames)
        refuse_overwriting((Path(out) / name for name in theirs), reads=reads, force=force)
        today = given[0] if given else Strategy(TODAY)
        result = levers(
            scenario,
            today,
            measure=measure,
            learned=learned,
            bound_replications=_bounded(source, today, replications),
            trace=trace,
            **options,
        )
        compared = _compared(given, learned, result)
        options |= {"trace": source.trace, "measure": result.measure, "min_strategies": 1}
        table = compare(scenario, compared, **options)
        tables, parting, detailed = _tables(table, result, source, threads)
        record = provenance.manifest(table, source, notes, command)
        if more:
            record["studies"] = {chapter.name: chapter.record for chapter in more}
        temps = temps_of(scenario, source.menu)
        same = twins(table)
        shown = [name for name in table.ranked if name not in same]
        any_orders = bool(table.summaries["orders"].sum())
        pictures = pictures_of(table, tables, temps, shown) if any_orders else {}
        warnings = misspelt_temps(scenario, source.menu)
        text = page(
            table, result, parting, tables, pictures, record, more, detailed, shown, warnings
        )
        tables = {file_of(name, tables): frame for name, frame in tables.items()}
        for chapter in more:
            tables |= chapter.frames
        _write(folder, text, tables, record)
    return Path(out) / "report.html"


# What is compared


def _compared(given: list[Strategy] | None, learned: Strategy | None, result: Levers):
    """The strategies of the report; by default today's practice, discard rules, best combination."""
    if given is None:
        rules = [name for name in BUILT_IN["discard"] if name != TODAY]
        found = next(lever.strategy for lever in result.changes if lever.name == COMBINATION)
        given = as_strategies([result.strategy, *rules])
        if (
            found.rules not in [own.rules for own in given]
            or found.discard_from != result.strategy.discard_from
        ):
            given = [*given, _renamed(found, COMBINATION)]
    if learned is not None and learned.name not in [own.name for own in given]:
        given = [*given, learned]
    return given


def _renamed(strategy: Strategy, name: str) -> Strategy:
    demote, recall, discard, issue = strategy.rules
    return Strategy(
        discard, recall, demote, issue, strategy.recall_when, strategy.discard_from, name=name
    )


def _bounded(source: Source, today: Strategy, replications: int) -> int:
    """For how many replications the clairvoyant bound is computed; 0 where it takes minutes."""
    for most, number in BOUNDED_POOLED if today.issue else BOUNDED:
        if source.orders_each <= most:
            return min(number, replications)
    return 0


# Data


def _tables(table: Comparison, result: Levers, source: Source, threads: int | None):
    """Tables by name, strategies in the order of the ranking; the parting; the replications in detail."""
    ordered = table.summaries.assign(
        strategy=table.summaries["strategy"].cat.reorder_categories(table.ranked, ordered=True)
    )
    tables = {
        "levers": result.frame,
        "ranking": table.frame,
        "paired": table.paired,
        **({"pairs": table.pairs} if len(table.strategies) > 1 else {}),
        "split": front_page.split(replace(table, summaries=ordered)),
        "waste_by_cause": metrics.waste_by_cause(ordered),
        "waste_by_temp": metrics.waste_by_temp(ordered),
    }
    if result.bounds is not None and _share_a_bound(table.strategies):
        some = table.summaries["replication"].isin(result.bounds["replication"])
        baseline = table.strategies[0].name
        tables["regret"] = metrics.regret(table.summaries[some], result.bounds, baseline)
    runs = _detailed_runs(table, source, threads)
    if runs:
        seen = pd.concat(
            [run.shelves.astype({"strategy": object}) for run in runs], ignore_index=True
        )
        tables["shelves"], tables["value"] = metrics.mean_fill(seen), metrics.mean_value(seen)
        tables["paths"] = metrics.order_paths(runs[0].orders, runs[0].ledger, table.scenario)
    today, best = table.strategies[0], standout(table)
    parting = None
    if runs and best is not today:
        parting = find_parting(source, today, best, table.replications)
    if parting is not None:
        tables["parting"] = parting.frame
    return tables, parting, runs[0].replications.size if runs else 0


def _share_a_bound(strategies: list[Strategy]) -> bool:
    """Whether the bound with the first strategy's couriers limits all of them."""
    return len({strategy.issue is None for strategy in strategies}) == 1


def _detailed_runs(table: Comparison, source: Source, threads: int | None) -> list[Run]:
    """Runs of the best strategy and today's practice with their ledgers, the best first.

    Empty where a replication has too many orders, or none.
    """
    most = int(MOST_DETAILED_ORDERS / max(source.orders_each, 1))
    number = min(table.replications, DETAILED, most)
    if not number:
        return []
    trace = source.take(0, number)
    strategies = dict.fromkeys([standout(table), table.strategies[0]])
    runs = [simulate(table.scenario, own, trace=trace, threads=threads) for own in strategies]
    last = max((run.ledger["time_s"].max() for run in runs if len(run.ledger)), default=0.0)
    return [replace(run, step_s=_step_s(last)) for run in runs]


def _step_s(last_s: float) -> float:
    """Time step of a figure over time: a round number of seconds."""
    if not last_s > 0:
        return 1.0
    return nice_step(last_s / TICKS, (1, 2, 4, 5, 8))


# Files


def _write(folder: Path, text: str, tables: dict[str, pd.DataFrame], record: dict) -> None:
    for name, frame in tables.items():
        write_csv(frame, folder / f"{name}.csv")
    write_text(text, folder / "report.html")
    checksums = {path.name: provenance.sha256(path) for path in sorted(folder.iterdir())}
    write_json({**record, "files": checksums}, folder / MANIFEST)
