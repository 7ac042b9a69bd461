"""Command line of the package: one function per command."""

from __future__ import annotations

import os
import shlex
import sys
from contextlib import nullcontext
from functools import partial
from pathlib import Path

from kitchen.cli.arguments import (
    amount_of,
    capacities_of,
    costs_of,
    learned_of,
    log_of,
    scenario_of,
    strategies_of,
)
from kitchen.cli.formats import printed
from kitchen.cli.parser import parser
from kitchen.cli.streams import notices, progress
from kitchen.errors import KitchenError, inline, shortened
from kitchen.io import files_read
from kitchen.logs.in_scenario import log_in_words, trace_of
from kitchen.utils.environment import check_environment

DRAWS = 10
"""How often `kitchen compare` draws dishes and pickups that a log lacks."""

INTERRUPTED, PIPE_CLOSED, REFUSED = 130, 141, 2
"""Exit codes after Ctrl-C, after a closed pipe, and for errors that the user can correct."""


def main(argv: list[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    argv : list of str, optional
        Without the name of the program; those of the process if left out.

    Returns
    -------
    int
        0; 2 for errors that the user can correct; 130 after Ctrl-C; 141 if the reader of the
        output has gone.

    Examples
    --------
    >>> main(["--version"])
    kitchen 0.1.0
    0
    """
    argv = sys.argv[1:] if argv is None else list(argv)
    try:
        made = parser()
        if "_ARGCOMPLETE" in os.environ:  # a shell asks what may come next
            import argcomplete

            argcomplete.autocomplete(made)
        args = made.parse_args(argv)
        args.command_line = shlex.join(["kitchen", *argv])
        with notices(args.quiet), files_read.noted():
            if args.command != "doctor":  # which reports such problems
                check_environment()
            text = COMMANDS[args.command](args)
            return 0 if text is None else _print(text + "\n")
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

    scenario = scenario_of(args)
    strategies = None if args.strategies is None else strategies_of(args)
    replications, seed = amount_of(args)
    sweeps = [read_sweep(folder) for folder in args.sweep]
    log = log_of(args)
    with progress(args, None) as callback:
        learned = learned_of(args, scenario, callback)
        path = report(
            scenario,
            strategies,
            measure=args.measure,
            learned=learned,
            replications=replications,
            seed=seed,
            trace=trace_of(log, scenario),
            notes=log_in_words(log, scenario),
            out=args.out,
            threads=args.threads,
            callback=callback,
            command=args.command_line,
            studies=sweeps,
            force=args.force,
        )
    frame = read_csv(path.with_name("ranking.csv"))
    measure = str(read_csv(path.with_name("levers.csv"))["measure"].iloc[0])
    table, place = text_tables.ranking(frame, None, measure), inline(path)
    evenings = None if log is None else int(frame["replications"].max())
    title = _title(scenario, args, text_tables.ranked_by(measure, scenario), evenings)
    return printed(args, f"{title}\n\n{table}\n\nThe report is {place}", frame)


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
    with _output(args, scenario, ["summary"]) as folder, progress(args, replications) as callback:
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
    means = mean_intervals(run.summary, measures)
    what = f"{inline(run.strategy.name)}, means over the replications"
    return printed(args, f"{_title(scenario, args, what)}\n\n{text_tables.summary(means)}", means)


def _compare(args) -> str:
    from kitchen.cli import text_tables
    from kitchen.comparison.comparison import compare
    from kitchen.comparison.tables import FILES

    scenario, strategies = scenario_of(args), strategies_of(args)
    replications, seed = amount_of(args)
    log = log_of(args)
    trace = trace_of(log, scenario, draws=DRAWS)
    total = len(strategies) * (replications if trace is None else trace.replications.size)
    with _output(args, scenario, [*FILES, "regret"]) as folder, progress(args, total) as callback:
        table = compare(
            scenario,
            strategies,
            replications=replications,
            seed=seed,
            trace=trace,
            threads=args.threads,
            callback=callback,
            baseline=args.baseline,
            precision=args.precision,
            bound=args.bound,
            measure=args.measure,
        )
        if folder:
            table.to_csv(folder)
    ranking = text_tables.ranking(table.frame, table.paired, table.measure)
    evenings = None if log is None else table.replications
    parts = [_title(scenario, args, text_tables.ranked_by(table.measure, scenario), evenings)]
    parts += map(text_tables.paragraph, log_in_words(log, scenario))
    parts += [ranking, text_tables.paragraph(table.verdict)]
    if args.bound:
        parts.append(text_tables.regret(table.regret))
    return printed(args, "\n\n".join(parts), table.frame)


def _export(args) -> str:
    from kitchen.comparison.comparison import compare
    from kitchen.io.tables import write_tables
    from kitchen.simulation.simulate import FRAMES, simulate
    from kitchen.sweeps import store

    if args.scenario is not None and store.holds_sweep(args.scenario):
        return _export_sweep(args)

    scenario, strategies = scenario_of(args), strategies_of(args)
    replications, seed = amount_of(args)
    options = {"replications": replications, "seed": seed, "step_s": args.step}
    options |= {"threads": args.threads, "keep": "ledger"}
    names = [f"{name}.{args.format}" for name in FRAMES]
    total = len(strategies) * replications
    with _output(args, scenario, FRAMES, args.format) as folder, progress(args, total) as callback:
        if len(strategies) == 1:
            run = simulate(scenario, strategies[0], callback=callback, **options)
        else:
            run = compare(scenario, strategies, callback=callback, **options)
        attributes = {"summary": "summaries"} if len(strategies) > 1 else {}
        tables = {name: partial(getattr, run, attributes.get(name, name)) for name in FRAMES}
        write_tables(tables, folder, args.format, raw=args.raw)
    listed = ", ".join(inline(strategy.name) for strategy in strategies)
    return f"{listed}, in {inline(args.out)}: {', '.join(names)}"


def _serve(args) -> None:
    from kitchen.widgets.serve import serve

    def ready(address: str) -> None:
        _print(f"The kitchen is open at {address} and closes with Ctrl-C.\n")
        if not args.no_browser:
            from threading import Thread
            from webbrowser import open_new_tab

            Thread(target=open_new_tab, args=(address,), daemon=True).start()

    import kitchen.plots  # noqa: F401  # the page needs figures: refuse a wrong backend here

    serve(args.scenario, host=args.host, port=args.port, pages=args.pages, ready=ready)


def _export_sweep(args) -> str:
    """Write all tables of a sweep in a folder."""
    from kitchen.io.tables import write_tables
    from kitchen.sweeps import store
    from kitchen.sweeps.sweep import read_sweep

    if store.holds_sweep(args.out):
        raise KitchenError(f"{inline(args.out)}: holds a sweep. Give another --out.")
    result = read_sweep(args.scenario)
    names = ["frame", "errors", *(["summaries"] if result.spec["keep"] == "summaries" else [])]
    tables = {name: partial(getattr, result, name) for name in names}
    reads = [Path(args.scenario) / f"{name}.parquet" for name in names]
    write_tables(tables, args.out, args.format, raw=args.raw, reads=reads, force=args.force)
    listed = ", ".join(f"{name}.{args.format}" for name in names)
    return f"{inline(repr(result))}, in {inline(args.out)}: {listed}"


def _sweep(args) -> str:
    from kitchen.cli.studies import run_sweep

    return run_sweep(args)


def _sensitivity(args) -> str:
    from kitchen.cli.studies import run_sensitivity

    return run_sensitivity(args)


def _size(args) -> str:
    from kitchen.cli import text_tables
    from kitchen.io.table_schema import write_csv
    from kitchen.sizing.sizing import size

    scenario, strategies = scenario_of(args), strategies_of(args)
    if len(strategies) > 1:
        raise KitchenError(f"size takes one strategy, got {len(strategies)}.")
    replications, seed = amount_of(args)
    names, log = ["layouts", "curve"], log_of(args)
    with _output(args, scenario, names) as folder, progress(args, None) as callback:
        result = size(
            scenario,
            strategies[0],
            shelves=capacities_of(args),
            target=args.target,
            measure=args.measure,
            costs=costs_of(args),
            replications=replications,
            max_replications=args.max_replications,
            seed=seed,
            trace=trace_of(log, scenario),
            threads=args.threads,
            callback=callback,
        )
        if folder:
            write_csv(result.frame, folder / "layouts.csv")
            write_csv(result.curve, folder / "curve.csv")
    parts = [
        inline(repr(result)),
        *map(text_tables.paragraph, log_in_words(log, scenario)),
        text_tables.paragraph(result.verdict),
        text_tables.layouts(result.curve, result.measure),
    ]
    return printed(args, "\n\n".join(parts), result.curve)


def _fit(args) -> str:
    from kitchen.cli.fit import run_fit

    return run_fit(args)


def _learn(args) -> str:
    from kitchen.cli.learn import run_learn

    return run_learn(args)


def _levers(args) -> str:
    from kitchen.cli.levers import run_levers

    title = partial(_title, what="gain of each change by itself, best first")
    return run_levers(args, title, _output, progress)


def _play(args) -> str:
    from kitchen.cli.play import run_play

    return run_play(args)


def _log(args) -> str:
    from kitchen.cli.log import run_log

    return run_log(args)


def _scenarios(args) -> str:
    import pandas as pd

    from kitchen.cli import text_tables
    from kitchen.model.scenario import DEFAULT, Scenario

    if args.scenario or args.set or args.orders:
        words = scenario_of(args).words()
        text = "\n".join(text_tables.paragraph(sentence, 2) for sentence in words)
        return printed(args, text, pd.DataFrame({"words": words}))
    rows = []
    for name in Scenario.shipped():
        scenario = Scenario.load(name)
        orders = scenario.words()[0].split(";")[0]
        slots = ", ".join(f"{shelf.name} {shelf.capacity}" for shelf in scenario.shelves)
        rows += [(name + " (default)" * (name == DEFAULT), orders), ("", f"slots: {slots}")]
    more = "kitchen scenarios NAME describes one of them."
    frame = pd.DataFrame({"scenario": list(Scenario.shipped())})
    return printed(args, "\n".join([*text_tables.columns(rows, "<<"), "", more]), frame)


def _strategies(args) -> str:
    from kitchen.cli import text_tables
    from kitchen.model.strategy import Strategy, strategies

    frame = strategies()
    rows = frame.itertuples(index=False, name=None)
    more = text_tables.paragraph(
        "The name of a discard rule is also the name of a strategy: that rule, with recall "
        "'first in', demote 'nobody' and issue 'matched'. Other combinations stand in a .toml file, "
        'below a line [strategy]: discard = "oldest", recall = "none" and so on; --strategies takes '
        "its path. In Python any function can be a rule: see kitchen.Strategy. Strategies that were "
        f"learned and ship: {', '.join(Strategy.shipped())}."
    )
    text = text_tables.table(("decision", "rule", "who is chosen"), rows, "<<<") + "\n\n" + more
    return printed(args, text, frame)


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
    "learn": _learn,
    "fit": _fit,
    "levers": _levers,
    "log": _log,
    "play": _play,
    "serve": _serve,
    "scenarios": _scenarios,
    "strategies": _strategies,
    "doctor": _doctor,
}


def _title(scenario, args, what: str, evenings: int | None = None) -> str:
    """Scenario, replications and seed, or evenings of a log, and what is shown of them."""
    from kitchen.cli.text_tables import line
    from kitchen.utils.formatting import counted

    of = f"{counted(args.replications, 'replication')}, seed {args.seed}"
    if evenings is not None:
        of = f"{counted(evenings, 'evening')} of {inline(args.log)}"
    return line(f"{inline(scenario.name)}, {of}: {what}")


def _output(args, scenario, tables, kind: str = "csv"):
    """Context manager of the folder --out, in which tables are written; None without one."""
    from kitchen.io.outputs import output_folder, with_schemas

    if args.out is None:
        return nullcontext()
    names = with_schemas(f"{name}.{kind}" for name in tables)
    return output_folder(args.out, names, reads=[scenario.orders.file], force=args.force)


# --- Streams -----------------------------------------------------------------------------------


def _print(text: str) -> int:
    """Write all of a text to stdout and return the exit code."""
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
    print("kitchen:", shortened(harmless), file=sys.stderr)
    return REFUSED
