"""`kitchen sweep --part I/N` and `--merge`: one sweep, written by several jobs."""

from __future__ import annotations

import shlex

from kitchen.cli.arguments import executor_of
from kitchen.cli.streams import progress
from kitchen.errors import inline


def run_job(args, study, out: str, **more) -> str:
    """Run one job of a sweep; `more` are further arguments of `sweep`.

    Raises
    ------
    KitchenError
    """
    from kitchen.sweeps.locks import job_of

    job = job_of(args.part)
    with progress(args, None) as callback:
        study.sweep(
            out=out,
            part=args.part,
            executor=executor_of(args),
            workers=args.workers,
            callback=callback,
            **more,
        )
    again = f"kitchen sweep {shlex.quote(args.study)} --merge"
    if args.out is not None:
        again += f" --out {shlex.quote(args.out)}"
    return f"Job {job} is done, in {inline(out)}. When all {job.of:,} are: {again}"
