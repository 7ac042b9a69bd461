"""The commands `kitchen sweep` and `kitchen sensitivity`: studies, run whole or by several jobs."""

from __future__ import annotations

import shlex
import sys
from contextlib import contextmanager
from pathlib import Path

from kitchen.cli import text_tables
from kitchen.cli.arguments import executor_of, log_of
from kitchen.cli.formats import printed
from kitchen.cli.streams import progress
from kitchen.errors import inline
from kitchen.logs.in_scenario import log_in_words, trace_of
from kitchen.model.measures import measure_named, primary_in
from kitchen.sweeps.locks import job_of
from kitchen.sweeps.merging import merge_sweep
from kitchen.sweeps.study_file import read_study


def run_sweep(args) -> str:
    """Run a study's sweep, or one job of it, or merge what its jobs have written; the text to print."""
    study = read_study(args.study)
    if args.measure is not None:
        measure_named(args.measure)
    out, log = _kept_in(args), log_of(args)
    trace = trace_of(log, study.scenario)
    each = study.replications / study.points
    if trace is not None:
        each = len(study.strategies) * trace.replications.size
    if args.part is not None:
        with _kept(out):
            return _run_job(args, study, out, trace=trace)
    if args.merge:
        result = merge_sweep(out)
    else:
        with _kept(out), progress(args, study.points, " points", each) as callback:
            result = study.sweep(
                trace=trace,
                out=out,
                executor=executor_of(args),
                workers=args.workers,
                callback=callback,
            )
    measure = args.measure or primary_in(result.frame)
    parts = [
        f"{inline(repr(result))}: {text_tables.ranked_by(measure, study.scenario)}",
        *map(text_tables.paragraph, log_in_words(log, study.scenario)),
        text_tables.swept(result.table(measure), result.parameters, measure),
    ]
    if len(result.errors):
        parts.append(
            f"{len(result.errors):,} of {result.points:,} points failed; the first: "
            f"{inline(result.errors['error'].iloc[0])}"
        )
    parts.append(
        f"The figures are in {inline(out)}. As CSV: kitchen export {shlex.quote(out)} --out FOLDER"
    )
    return printed(args, "\n\n".join(parts), result.table(measure))


def run_sensitivity(args) -> str:
    """Run a study's sensitivity analysis; the text to print."""
    study = read_study(args.study)
    out = f"{_kept_in(args)}_sensitivity" if args.out is None else args.out
    points, each = study.analysed
    with _kept(out), progress(args, points, " points", each) as callback:
        result = study.sensitivity(
            out=out, executor=executor_of(args), workers=args.workers, callback=callback
        )
    parts = [
        inline(repr(result)),
        text_tables.paragraph(result.verdict),
        text_tables.indices(result.frame),
    ]
    text = "\n\n".join([*parts, f"The runs are in {inline(out)}."])
    return printed(args, text, result.frame)


def _run_job(args, study, out: str, trace) -> str:
    """Run one job of a sweep; the text to print."""
    job = job_of(args.part)
    with progress(args, None) as callback:
        study.sweep(
            out=out,
            part=args.part,
            executor=executor_of(args),
            workers=args.workers,
            callback=callback,
            trace=trace,
        )
    again = f"kitchen sweep {shlex.quote(args.study)} --merge"
    if args.out is not None:
        again += f" --out {shlex.quote(args.out)}"
    return f"Job {job} is done, in {inline(out)}. When all {job.of:,} are: {again}"


@contextmanager
def _kept(out: str):
    """After Ctrl-C, print that the finished points are kept."""
    try:
        yield
    except KeyboardInterrupt:
        text = (
            f"stopped. What is done is kept in {inline(out)}; the same command goes on from there."
        )
        print(f"kitchen: {text}", file=sys.stderr)
        raise


def _kept_in(args) -> str:
    """Folder of a study's results."""
    return str(Path("out") / Path(args.study).stem) if args.out is None else args.out
