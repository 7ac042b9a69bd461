"""The waste report: one self-contained HTML page, its tables as CSV, and a manifest."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable, Iterable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from kitchen import plots
from kitchen.comparison.comparison import Comparison, compare
from kitchen.comparison.verdict import tied_best
from kitchen.engine.draw import draw, menu_of, orders_per_replication
from kitchen.engine.encode import misspelt_temps
from kitchen.io.outputs import MANIFEST, output_folder, refuse_overwriting, with_schemas
from kitchen.io.table_schema import write_csv
from kitchen.io.write import write_json, write_text
from kitchen.model.decay import law_name
from kitchen.model.measures import PRIMARY_MEASURE
from kitchen.model.menu import shipped_menu_path
from kitchen.model.rules import BUILT_IN, DECISIONS
from kitchen.model.scenario import Scenario, require_scenario
from kitchen.model.strategy import Strategy, as_strategies
from kitchen.plots.axes import own_figures, panels, png
from kitchen.reporting.chapters import Chapter, chapters, finished
from kitchen.reporting.sweep_section import Picture
from kitchen.simulation import metrics
from kitchen.simulation.simulate import Run, simulate
from kitchen.stats.intervals import too_few
from kitchen.utils.formatting import DASH, nice_step, percent_text, signed
from kitchen.utils.version import __version__

BOUNDED = 20
"""Largest number of replications for which the clairvoyant bound is computed."""

MOST_ORDERS, MOST_ORDERS_POOLED = 3_000, 200
"""Orders per replication up to which the bound takes seconds, without and with pooled couriers."""

DETAILED, MOST_DETAILED_ORDERS = 20, 1_000_000
"""Largest numbers of replications and orders in the figures over time."""

TICKS = 400
"""Largest number of ticks in a figure over time; there are at least half as many."""

TABLES = (
    *("ranking", "paired", "pairs", "regret", "waste_by_cause", "waste_by_temp", "value_split"),
    *("shelves", "value", "paths"),
)
"""Tables that a report may have, beside those of studies; a CSV file each."""

TEMPLATES = Path(__file__).parent / "templates"
"""Folder of the page's template and style sheet."""


def report(
    scenario: Scenario,
    strategies: Iterable[Strategy | str | Callable] | None = None,
    *,
    replications: int = 200,
    seed: int = 1,
    out: str | Path = "out",
    threads: int | None = None,
    callback: Callable[[int], object] | None = None,
    command: str | None = None,
    studies=(),
    force: bool = False,
) -> Path:
    """Compare strategies and write a self-contained report.

    Writes ``report.html`` (one file, no network needed), the CSV file behind each picture, and
    ``manifest.json`` (scenario, strategies, seed, versions, checksums of the files).

    Parameters
    ----------
    scenario : Scenario
    strategies : list, optional
        As for `compare`; the first is the baseline. All shipped discard rules if left out.
    replications, seed : int
    out : path
        A folder; made if it does not exist. Kitchen's own files of the same names are replaced.
    threads : int, optional
    callback : callable, optional
        Called with the number of replications that were just done; strategies x replications in
        total.
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
    ('report.html', 10)
    """
    strategies = as_strategies(BUILT_IN["discard"] if strategies is None else strategies)
    studies = finished(studies)
    reads = [require_scenario(scenario).orders.file]
    names = ["report.html", MANIFEST, *with_schemas(f"{name}.csv" for name in TABLES)]
    with output_folder(out, names, reads=reads, force=force) as folder:
        more = chapters(studies, scenario)
        theirs = with_schemas(f"{name}.csv" for chapter in more for name in chapter.frames)
        refuse_overwriting((Path(out) / name for name in theirs), reads=reads, force=force)
        table = compare(
            scenario,
            strategies,
            replications=replications,
            seed=seed,
            threads=threads,
            callback=callback,
            min_strategies=1,
            measure=PRIMARY_MEASURE,
        )
        tables = _tables(table, _detailed_runs(table, seed, threads))
        tables |= _bound_tables(table, seed, threads)
        manifest = _manifest(table, seed, command)
        if more:
            manifest["studies"] = {chapter.name: chapter.record for chapter in more}
        page = _page(table, tables, manifest, more)
        for chapter in more:
            tables |= chapter.frames
        _write(folder, page, tables, manifest)
    return Path(out) / "report.html"


# Data


def _detailed_runs(table: Comparison, seed: int, threads: int | None) -> list[Run]:
    """Runs of the best strategy and the baseline with their ledgers, the best first.

    Empty where a replication has too many orders.
    """
    expected = orders_per_replication(table.scenario, menu_of(table.scenario))
    number = min(
        table.summaries["replication"].nunique(),
        DETAILED,
        int(MOST_DETAILED_ORDERS / max(expected, 1)),
    )
    if not number:
        return []
    trace = draw(table.scenario, number, seed)
    named = {strategy.name: strategy for strategy in table.strategies}
    names = dict.fromkeys([table.ranked[0], table.strategies[0].name])
    runs = [simulate(table.scenario, named[n], trace=trace, threads=threads) for n in names]
    last = max((run.ledger["time_s"].max() for run in runs if len(run.ledger)), default=0.0)
    return [replace(run, step_s=_step_s(last)) for run in runs]


def _bound_tables(table: Comparison, seed: int, threads: int | None) -> dict[str, pd.DataFrame]:
    """Gap of the strategies to the clairvoyant bound, over the first replications.

    The bound takes one linear programme per replication; where that takes minutes it is left out.
    """
    number = table.summaries.groupby("strategy", observed=True)["orders"].mean().max()
    pooled = any(strategy.issue for strategy in table.strategies)
    few = min(BOUNDED, table.replications)
    if few < 2 or not 0 < number <= (MOST_ORDERS_POOLED if pooled else MOST_ORDERS):
        return {}
    near = compare(
        table.scenario,
        table.strategies,
        replications=few,
        seed=seed,
        threads=threads,
        bound=True,
        min_strategies=1,
        measure=PRIMARY_MEASURE,
    )
    return {"regret": near.regret}


def _step_s(last_s: float) -> float:
    """Time step of a figure over time: a round number of seconds."""
    if not last_s > 0:
        return 1.0
    return nice_step(last_s / TICKS, (1, 2, 4, 5, 8))


def _tables(table: Comparison, runs: list[Run]) -> dict[str, pd.DataFrame]:
    """Table behind each figure, by file name."""
    tables = {
        "ranking": table.frame,
        "paired": table.paired,
        **({"pairs": table.pairs} if len(table.strategies) > 1 else {}),
        "waste_by_cause": metrics.waste_by_cause(table.summaries),
        "waste_by_temp": metrics.waste_by_temp(table.summaries),
        "value_split": metrics.value_split(table.summaries),
    }
    if runs:
        seen = pd.concat(
            [run.shelves.astype({"strategy": object}) for run in runs], ignore_index=True
        )
        best = runs[0]
        tables["shelves"] = metrics.mean_fill(seen)
        tables["value"] = metrics.mean_value(seen)
        tables["paths"] = metrics.order_paths(best.orders, best.ledger, table.scenario)
    return tables


def _manifest(table: Comparison, seed: int, command: str | None) -> dict:
    """Everything needed to reproduce the report, without the checksums of its files."""
    scenario = table.scenario.model_dump()
    scenario["decay"] = law_name(table.scenario.decay)
    menu = Path(scenario["orders"]["file"] or shipped_menu_path())
    if scenario["orders"]["file"]:
        scenario["orders"]["file"] = menu.name
    return {
        "scenario": scenario,
        "menu": {"file": menu.name, "sha256": _sha256(menu)},
        "strategies": [{"name": s.name, **s.describe()} for s in table.strategies],
        "baseline": table.strategies[0].name,
        "replications": int(table.summaries["replication"].nunique()),
        "seed": int(seed),
        "command": command,
        "versions": {
            "python": platform.python_version(),
            "kitchen": __version__,
            **{name: version(name) for name in ("numpy", "pandas", "numba", "matplotlib")},
        },
    }


# The page


def _page(table: Comparison, tables: dict, manifest: dict, more: list[Chapter]) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    orders = table.summaries["orders"]
    return environment.get_template("report.html").render(
        scenario=table.scenario,
        verdict=table.verdict,
        warnings=misspelt_temps(table.scenario, menu_of(table.scenario)),
        words=table.scenario.words(),
        any_orders=bool(orders.sum()),
        orders_mean=f"{orders.mean():,.4g}",
        replications=manifest["replications"],
        baseline=manifest["baseline"],
        best=table.ranked[0],
        tied=len(tied_best(table)) > 1,
        ranked=_ranked_rows(table),
        split=_split_rows(tables["value_split"], table.ranked),
        strategies=_strategy_rows(table.strategies),
        shared=_shared_settings(table.strategies),
        pictures=_pictures(table, tables) if orders.sum() else {},
        detailed=min(DETAILED, manifest["replications"]),
        bounded=min(BOUNDED, manifest["replications"]),
        chapters=more,
        manifest=manifest,
        as_given=json.dumps(manifest["scenario"], indent=2, ensure_ascii=False),
    )


@own_figures()
def _pictures(table: Comparison, tables: dict) -> dict[str, Picture]:
    """Figures by the name of their table, where there is something to draw."""
    best, baseline = table.ranked[0], table.strategies[0].name
    lost = tables["ranking"][tables["ranking"]["measure"] == PRIMARY_MEASURE]
    means = ", ".join(
        f"{row.strategy} {percent_text(row.mean, none=DASH)}" for row in lost.head(12).itertuples()
    )
    shown = {
        "ranking": (plots.ranking, f"Value lost per order, means with intervals: {means}."),
        "paired": (plots.paired, f"Differences in value lost to the baseline, {baseline}."),
        "pairs": (
            plots.pairs,
            "Differences of all pairs of strategies, and whether they are significant.",
        ),
        "regret": (plots.regret, "Gap of each strategy to the clairvoyant bound."),
        "waste_by_cause": (plots.waste_by_cause, "Shares of orders expired and discarded."),
        "waste_by_temp": (plots.waste_by_temp, "Share of the orders of each temp that was wasted."),
        "value_split": (plots.value_split, "Value delivered, lost by decay, expired, discarded."),
        "paths": (plots.paths, f"Value of single orders over time under {best}, shelf by shelf."),
    }
    if len(table.strategies) == 1:
        del shown["paired"]
    pictures = {}
    for name, (plot, alt) in shown.items():
        if name in tables:
            pictures[name] = Picture(png(plot(tables[name]).figure), alt, f"{name}.csv")
    for name, plot, alt in (
        ("shelves", plots.shelves, "Slots taken on each shelf over time"),
        ("value", plots.value, "Mean value of the food on each shelf over time"),
    ):
        if name in tables:
            image = _over_time(plot, tables[name], [best, baseline])
            pictures[name] = Picture(image, f"{alt}, under {best} and {baseline}.", f"{name}.csv")
    return pictures


def _over_time(plot: Callable, frame: pd.DataFrame, names: list[str]) -> bytes:
    """One panel per strategy, all with the same limits."""
    names = list(dict.fromkeys(names))
    axes = panels(len(names), 3.0 * len(names) + 0.2)
    limits = []
    for ax, name in zip(axes, names, strict=True):
        plot(frame[frame["strategy"] == name], ax=ax)
        limits.append([*ax.get_xlim(), *ax.get_ylim()])
    left, right, low, high = np.transpose(limits)
    axes[0].set(xlim=(left.min(), right.max()), ylim=(low.min(), high.max()))
    return png(axes[0].figure)


def _ranked_rows(table: Comparison) -> list[dict]:
    """Rows of the table of strategies, best first, as text."""
    means = table.frame.set_index(["strategy", "measure"])
    paired = table.paired.set_index(["strategy", "measure"])
    lost = table.frame[table.frame["measure"] == PRIMARY_MEASURE].set_index("strategy")["mean"]
    place = lost.round(12).rank(method="min")  # a tie is the same but for rounding
    rows = []
    for name in table.ranked:
        own = means.loc[name]["mean"]
        loss = means.loc[(name, PRIMARY_MEASURE)]
        row = {
            "place": f"{place[name]:.0f}" if place[name] == place[name] else DASH,
            "name": name,
            "lost": percent_text(loss["mean"], none=DASH),
            "interval": _interval(loss["low"], loss["high"], lambda v: f"{100 * v:.2f}"),
            "difference": "baseline",
            "difference_interval": "",
            "wasted": percent_text(own["wasted_share"], none=DASH),
            "expired": percent_text(own["expired_share"], none=DASH),
            "discarded": percent_text(own["discarded_share"], none=DASH),
            "cost": _number(own["waste_cost"], ",.1f"),
            "wait": _number(own["wait_mean_s"], ",.1f"),
        }
        if (name, PRIMARY_MEASURE) in paired.index:
            difference = paired.loc[(name, PRIMARY_MEASURE)]
            row["difference"] = _number(100 * difference["difference"], None)
            row["difference_interval"] = _interval(
                difference["low"], difference["high"], lambda v: signed(100 * v, 2)
            )
            few = too_few(difference["differing"], difference["replications"])
            if few and difference["replications"] > 1:
                row["difference_interval"] = (
                    f"differs in {difference['differing']:,} of {difference['replications']:,}: no interval"
                )
        rows.append(row)
    return rows


def _split_rows(split: pd.DataFrame, ranked: list[str]) -> list[tuple]:
    """Rows of the table of value: strategy and four parts, best first, as text."""
    wide = split.pivot(index="strategy", columns="part", values="share")
    return [
        (name, *(percent_text(wide.loc[name, part], none=DASH) for part in metrics.PARTS))
        for name in ranked
    ]


def _strategy_rows(strategies: list[Strategy]) -> list[dict]:
    """Name and rules of each strategy, and the settings in which strategies differ."""
    shared = _shared_settings(strategies)
    rows = []
    for strategy in strategies:
        settings = strategy.describe()
        lines = []
        for decision in sorted(DECISIONS, key="discard".__ne__):
            rule = getattr(strategy, decision)
            if decision == "discard" or (rule and decision not in shared):
                lines.append((decision, settings[decision], rule.description))
            elif decision not in shared:
                lines.append((decision, settings[decision], ""))
        for setting in ("recall_when", "discard_from"):
            if setting not in shared:
                lines.append((setting.replace("_", " "), settings[setting], ""))
        rows.append({"name": strategy.name, "lines": lines})
    return rows


def _shared_settings(strategies: list[Strategy]) -> dict[str, str]:
    """Settings that all strategies share, except the discard rule."""
    settings = [strategy.describe() for strategy in strategies]
    return {
        key: value
        for key, value in settings[0].items()
        if key != "discard" and all(other[key] == value for other in settings)
    }


def _number(value: float, form: str | None) -> str:
    if np.isnan(value):
        return DASH
    return signed(value, 2) if form is None else f"{value:{form}}"


def _interval(low: float, high: float, written: Callable) -> str:
    """An interval as text; without width, no replication differed."""
    if np.isnan(low):
        return "no interval"
    return "always" if low == high else f"{written(low)} to {written(high)}"


# Files


def _write(folder: Path, page: str, tables: dict[str, pd.DataFrame], manifest: dict) -> None:
    for name, frame in tables.items():
        write_csv(frame, folder / f"{name}.csv")
    write_text(page, folder / "report.html")
    checksums = {path.name: _sha256(path) for path in sorted(folder.iterdir())}
    write_json({**manifest, "files": checksums}, folder / MANIFEST)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
