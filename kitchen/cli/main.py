"""The command line: one function a command."""

from __future__ import annotations

import logging
import os
import re
import shlex
import sys
from contextlib import contextmanager, nullcontext
from itertools import chain, count
from pathlib import Path

from kitchen.cli.parser import (
    amount_of,
    capacities_of,
    costs_of,
    executor_of,
    parser,
    scenario_of,
    strategies_of,
)
from kitchen.errors import KitchenError, inline
from kitchen.io.write import filled

INTERRUPTED, PIPE_CLOSED, REFUSED = 130, 141, 2


def main(argv: list[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    argv : list of str, optional
        Without the name of the program; the process's own arguments if left out.

    Returns
    -------
    int
        0; 2 for anything the user can put right; 130 after Ctrl-C; 141 if the reader of the
        output has gone.
    """
    argv = sys.argv[1:] if argv is None else list(argv)
    try:
        args = parser().parse_args(argv)
        args.command_line = shlex.join(["kitchen", *argv])
        with _notices(args.quiet):
            told = COMMANDS[args.command](args)
            return 0 if told is None else _print(told + "\n")
    except SystemExit:  # after --help and --version, which may be read through a pipe, too
        return _print("")
    except KitchenError as error:
        return _refuse(str(error))
    except MemoryError:
        return _refuse("there is not enough memory for this. Ask for fewer replications or orders.")
    except KeyboardInterrupt:
        return INTERRUPTED


# --- The commands ------------------------------------------------------------------------------


def _report(args) -> str:
    from kitchen.cli import text_tables
    from kitchen.io.table_schema import read_csv
    from kitchen.reporting.report import report
    from kitchen.sweeps.sweep import read_sweep

    scenario, strategies = scenario_of(args), strategies_of(args)
    replications, seed = amount_of(args)
    sweeps = [read_sweep(folder) for folder in args.sweep]
    total = len(strategies) * replications
    with filled(args.out) as folder, _progress(args, total) as callback:
        path = report(
            scenario,
            strategies,
            replications=replications,
            seed=seed,
            out=folder,
            threads=args.threads,
            callback=callback,
            command=args.command_line,
            studies=sweeps,
        )
        table = text_tables.ranking(read_csv(folder / "ranking.csv"))
    place = inline(Path(args.out) / path.name)
    return f"{_title(scenario, args, LOSSES)}\n\n{table}\n\nThe report is {place}"


def _run(args) -> str:
    from kitchen.cli import text_tables
    from kitchen.io.table_schema import write_csv
    from kitchen.simulation.metrics import mean_intervals
    from kitchen.simulation.simulate import simulate

    scenario, strategies = scenario_of(args), strategies_of(args)
    replications, seed = amount_of(args)
    if len(strategies) > 1:
        raise KitchenError(
            f"run takes one strategy, got {len(strategies)}. Use compare for several."
        )
    with _filled(args.out) as folder, _progress(args, replications) as callback:
        run = simulate(
            scenario,
            strategies[0],
            replications=replications,
            seed=seed,
            keep="summary",
            threads=args.threads,
            callback=callback,
        )
        if folder:
            write_csv(run.summary, folder / "summary.csv")
    measures = [name for name in run.summary.columns if name not in ("strategy", "replication")]
    table = text_tables.summary(mean_intervals(run.summary, measures))
    told = f"{inline(run.strategy.name)}, means over the replications"
    return f"{_title(scenario, args, told)}\n\n{table}"


def _compare(args) -> str:
    from kitchen.cli import text_tables
    from kitchen.comparison.comparison import compare
    from kitchen.io.table_schema import write_csv

    scenario, strategies = scenario_of(args), strategies_of(args)
    replications, seed = amount_of(args)
    total = len(strategies) * replications
    with _filled(args.out) as folder, _progress(args, total) as callback:
        table = compare(
            scenario,
            strategies,
            replications=replications,
            seed=seed,
            threads=args.threads,
            callback=callback,
            baseline=args.baseline,
            precision=args.precision,
            bound=args.bound,
        )
        if folder:
            write_csv(table.frame, folder / "ranking.csv")
            write_csv(table.paired, folder / "paired.csv")
            write_csv(table.pairs, folder / "pairs.csv")
            write_csv(table.summaries, folder / "summaries.csv")
            if args.bound:
                write_csv(table.regret, folder / "regret.csv")
    told = [_title(scenario, args, LOSSES), text_tables.ranking(table.frame, table.paired)]
    told.append(text_tables.paragraph(table.verdict))
    if args.bound:
        told.append(text_tables.regret(table.regret))
    return "\n\n".join(told)


def _export(args) -> str:
    from kitchen.simulation.simulate import simulate
    from kitchen.sweeps import store

    if args.scenario is not None and store.holds_sweep(args.scenario):
        return _export_sweep(args)

    scenario, strategies = scenario_of(args), strategies_of(args)
    replications, seed = amount_of(args)
    total = len(strategies) * replications
    places = _places([strategy.name for strategy in strategies])
    lines = []
    with filled(args.out) as folder, _progress(args, total) as callback:
        for strategy, place in zip(strategies, places, strict=True):
            (folder / place).mkdir(exist_ok=True)
            run = simulate(
                scenario,
                strategy,
                replications=replications,
                seed=seed,
                step_s=args.step,
                threads=args.threads,
                callback=callback,
            )
            if args.format == "csv":
                paths = run.to_csv(folder / place, raw=args.raw)
            else:
                paths = run.to_parquet(folder / place)
            names = ", ".join(path.name for path in paths)
            lines.append(f"{inline(strategy.name)}, in {inline(Path(args.out) / place)}: {names}")
    return "\n".join(lines)


def _serve(args) -> None:
    from kitchen.widgets.serve import serve

    def ready(address: str) -> None:
        _print(f"The kitchen is open at {address} and closes with Ctrl-C.\n")
        if not args.no_browser:
            from threading import Thread
            from webbrowser import open_new_tab

            Thread(target=open_new_tab, args=(address,), daemon=True).start()

    serve(args.scenario, host=args.host, port=args.port, ready=ready)


def _export_sweep(args) -> str:
    """All tables of a sweep that is kept in a folder."""
    from kitchen.io.table_schema import write_csv
    from kitchen.io.write import write_parquet
    from kitchen.sweeps import store
    from kitchen.sweeps.sweep import read_sweep

    if store.holds_sweep(args.out):
        raise KitchenError(f"{inline(args.out)}: holds a sweep. Give another --out.")
    found = read_sweep(args.scenario)
    names = ["frame", "errors", *(["summaries"] if found.spec["keep"] == "summaries" else [])]
    with filled(args.out) as folder:
        for name in names:
            path = folder / f"{name}.{args.format}"
            if args.format == "csv":
                write_csv(getattr(found, name), path, raw=args.raw)
            else:
                write_parquet(getattr(found, name), path)
    listed = ", ".join(f"{name}.{args.format}" for name in names)
    return f"{inline(repr(found))}, in {inline(args.out)}: {listed}"


def _sweep(args) -> str:
    from kitchen.cli import text_tables
    from kitchen.sweeps.study_file import read_study

    study = read_study(args.study)
    out = _kept_in(args)
    each = study.replications / study.points
    with _kept(out), _progress(args, study.points, " points", each) as callback:
        found = study.sweep(
            out=out, executor=executor_of(args), workers=args.workers, callback=callback
        )
    told = [f"{inline(repr(found))}: {LOSSES}", text_tables.swept(found.table(), found.parameters)]
    if len(found.errors):
        told.append(
            f"{len(found.errors):,} of {found.points:,} points failed; the first: "
            f"{inline(found.errors['error'].iloc[0])}"
        )
    told.append(
        f"The figures are in {inline(out)}. As CSV: kitchen export {shlex.quote(out)} --out FOLDER"
    )
    return "\n\n".join(told)


def _sensitivity(args) -> str:
    from kitchen.cli import text_tables
    from kitchen.sweeps.study_file import read_study

    study = read_study(args.study)
    out = f"{_kept_in(args)}_sensitivity" if args.out is None else args.out
    points, each = study.analysed
    with _kept(out), _progress(args, points, " points", each) as callback:
        found = study.sensitivity(
            out=out, executor=executor_of(args), workers=args.workers, callback=callback
        )
    told = [
        inline(repr(found)),
        text_tables.paragraph(found.verdict),
        text_tables.indices(found.frame),
    ]
    return "\n\n".join([*told, f"The runs are in {inline(out)}."])


def _size(args) -> str:
    from kitchen.cli import text_tables
    from kitchen.io.table_schema import write_csv
    from kitchen.sizing.sizing import size

    scenario, strategies = scenario_of(args), strategies_of(args)
    if len(strategies) > 1:
        raise KitchenError(f"size takes one strategy, got {len(strategies)}.")
    replications, seed = amount_of(args)
    with _filled(args.out) as folder, _progress(args, None) as callback:
        found = size(
            scenario,
            strategies[0],
            shelves=capacities_of(args),
            target=args.target,
            measure=args.measure,
            costs=costs_of(args),
            replications=replications,
            max_replications=args.max_replications,
            seed=seed,
            threads=args.threads,
            callback=callback,
        )
        if folder:
            write_csv(found.frame, folder / "layouts.csv")
            write_csv(found.curve, folder / "curve.csv")
    return "\n\n".join(
        [
            inline(repr(found)),
            text_tables.paragraph(found.verdict),
            text_tables.layouts(found.curve),
        ]
    )


@contextmanager
def _kept(out: str):
    """Say after Ctrl-C that what is done is not lost."""
    try:
        yield
    except KeyboardInterrupt:
        told = (
            f"stopped. What is done is kept in {inline(out)}; the same command goes on from there."
        )
        print(f"kitchen: {told}", file=sys.stderr)
        raise


def _kept_in(args) -> str:
    """The folder of a study's results."""
    return str(Path("out") / Path(args.study).stem) if args.out is None else args.out


def _scenarios(args) -> str:
    from kitchen.cli import text_tables
    from kitchen.model.scenario import DEFAULT, Scenario

    if args.scenario or args.set or args.orders:
        return "\n".join(
            text_tables.paragraph(sentence, 2) for sentence in scenario_of(args).words()
        )
    rows = []
    for name in Scenario.shipped():
        scenario = Scenario.load(name)
        orders = scenario.words()[0].split(";")[0]
        slots = ", ".join(f"{shelf.name} {shelf.capacity}" for shelf in scenario.shelves)
        rows += [(name + " (default)" * (name == DEFAULT), orders), ("", f"slots: {slots}")]
    more = "kitchen scenarios NAME describes one of them."
    return "\n".join([*text_tables.columns(rows, "<<"), "", more])


def _strategies(args) -> str:
    from kitchen.cli import text_tables
    from kitchen.model.strategy import strategies

    rows = strategies().itertuples(index=False, name=None)
    more = text_tables.paragraph(
        "The name of a discard rule is also the name of a strategy: that rule, with recall "
        "'first in', demote 'nobody' and issue 'matched'. Other combinations stand in a .toml file, "
        'below a line [strategy]: discard = "oldest", recall = "none" and so on; --strategies takes '
        "its path. In Python any function can be a rule: see kitchen.Strategy."
    )
    return text_tables.table(("decision", "rule", "who is chosen"), rows, "<<<") + "\n\n" + more


def _doctor(args) -> str:
    from kitchen.cli import text_tables
    from kitchen.cli.doctor import checkup

    return "\n".join(text_tables.columns(checkup(), "<<"))


COMMANDS = {
    "report": _report,
    "run": _run,
    "compare": _compare,
    "export": _export,
    "sweep": _sweep,
    "sensitivity": _sensitivity,
    "size": _size,
    "serve": _serve,
    "scenarios": _scenarios,
    "strategies": _strategies,
    "doctor": _doctor,
}

LOSSES = "share of the orders' value that is lost, least first"


def _title(scenario, args, what: str) -> str:
    copies = f"{args.replications:,} replication{'s' * (args.replications > 1)}"
    return f"{inline(scenario.name)}, {copies}, seed {args.seed}: {what}"


def _filled(out: str | None):
    """A folder to fill, or None where none was asked for."""
    return nullcontext() if out is None else filled(out)


def _places(names: list[str]) -> list[str]:
    """A folder for each strategy, by names that every system accepts; one needs none."""
    if len(names) == 1:
        return [""]
    places = []
    for name in names:
        plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:60] or "strategy"
        options = chain([plain], (f"{plain}_{number}" for number in count(2)))
        places.append(next(option for option in options if option not in places))
    return places


# --- Streams -----------------------------------------------------------------------------------


def _print(text: str) -> int:
    """Write to stdout, all of it, and return the exit code."""
    out = sys.stdout
    try:
        if hasattr(out, "reconfigure"):
            out.reconfigure(errors="backslashreplace")
        print(text, end="", flush=True)
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())  # or the exit would try once more
        if isinstance(error, BrokenPipeError):
            return PIPE_CLOSED
        return _refuse(f"the output cannot be written: {error.strerror}.")
    return 0


def _refuse(message: str) -> int:
    line = " ".join(message.splitlines())
    harmless = "".join(c if c.isprintable() else repr(c)[1:-1] for c in line)
    print("kitchen:", harmless, file=sys.stderr)
    return REFUSED


class _Notice(logging.Handler):
    """Lines of the package's logger on stderr, beside a progress bar, each of them once."""

    def __init__(self):
        super().__init__()
        self.said = set()

    def emit(self, record):
        from tqdm import tqdm

        message = record.getMessage()
        if message not in self.said:
            self.said.add(message)
            tqdm.write(f"kitchen: {message}", file=sys.stderr)


@contextmanager
def _notices(quiet: bool):
    log, handler = logging.getLogger("kitchen"), _Notice()
    handler.setLevel(logging.ERROR if quiet else logging.INFO)
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)


@contextmanager
def _progress(args, total: float | None, unit: str = " replications", each: float = 1):
    """Yields `callback`, which moves a bar on stderr; None where nobody would see it.

    `each` is how many replications make one of the bar's units.
    """
    if args.quiet or not sys.stderr or not sys.stderr.isatty():
        yield None
        return
    from kitchen.utils.system import bar

    with bar(total, unit, each) as callback:
        yield callback
